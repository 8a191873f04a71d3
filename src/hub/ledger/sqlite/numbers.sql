-- Numbers of handling units that devices give by themselves: each block that was ever leased or passed over. Rows of one
-- form never overlap, and none is ever removed: the next number of a range is behind the highest of them.
CREATE TABLE number_lease (
    -- What the numbers have in common, as "sscc 3 4012345" or "lpn 8 LPN-".
    form TEXT NOT NULL,
    first INTEGER NOT NULL CHECK (first >= 0),
    last INTEGER NOT NULL CHECK (last >= first),
    site TEXT NOT NULL,
    device TEXT NOT NULL,
    -- What the device called its request; empty where it asked for none of it.
    request TEXT NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('lease', 'told', 'gap')),
    -- The life of the hub that wrote it.
    generation TEXT NOT NULL,
    made_us INTEGER NOT NULL,
    PRIMARY KEY (form, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX number_request ON number_lease (site, device, request) WHERE request <> '';

-- The life in which leases began to be kept: in a later one something may be missing.
CREATE TABLE number_origin (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    generation TEXT NOT NULL
) STRICT;
