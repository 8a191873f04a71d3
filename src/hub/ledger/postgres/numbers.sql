-- Numbers of handling units that devices give by themselves: each block that was ever leased or passed over. Rows of one
-- form never overlap, and none is ever removed: the next number of a range is behind the highest of them.
CREATE TABLE number_lease (
    -- What the numbers have in common, as "sscc 3 4012345" or "lpn 8 LPN-".
    form text COLLATE "C" NOT NULL,
    first bigint NOT NULL CHECK (first >= 0),
    last bigint NOT NULL CHECK (last >= first),
    site text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    -- What the device called its request; empty where it asked for none of it.
    request text COLLATE "C" NOT NULL,
    why text COLLATE "C" NOT NULL CHECK (why IN ('lease', 'told', 'gap')),
    -- The life of the hub that wrote it.
    generation text COLLATE "C" NOT NULL,
    made_us bigint NOT NULL,
    PRIMARY KEY (form, first)
);
CREATE INDEX number_request ON number_lease (site, device, request) WHERE request <> '';

-- The life in which leases began to be kept: in a later one something may be missing. Whoever leases holds the row.
CREATE TABLE number_origin (
    id integer PRIMARY KEY CHECK (id = 1),
    generation text COLLATE "C" NOT NULL
);
