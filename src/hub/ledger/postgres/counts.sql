-- Until when everything that a device had done is here, by the hub's clock: it said so itself, and what it handed in with
-- that was taken whole. A contact alone says nothing of the kind.
ALTER TABLE device ADD COLUMN drained_us bigint NOT NULL DEFAULT 0;

-- The end of each location's count: one for each line that was counted. Written with its fact, and gone when that is taken
-- back.
CREATE TABLE location_count (
    site text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    -- 0 where the fact names no line.
    number bigint NOT NULL,
    location text COLLATE "C" NOT NULL,
    -- The item that alone was counted; empty for all that lies there.
    item text COLLATE "C" NOT NULL,
    -- The fact that ended it.
    journal bigint NOT NULL,
    device text COLLATE "C" NOT NULL,
    worker text COLLATE "C" NOT NULL,
    PRIMARY KEY (site, task, number, location)
);
CREATE INDEX location_count_place ON location_count (site, location, journal);

-- The last entry that was looked at for facts that belong before a count which has ended.
ALTER TABLE site ADD COLUMN late_entry bigint NOT NULL DEFAULT 0;
UPDATE site SET late_entry = entry_last;

-- Counts that somebody made: cycle counts and physical inventories.
CREATE TABLE inventory (
    site text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    -- What its tasks are called by.
    name text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL CHECK (scope IN ('cycle', 'physical_inventory')),
    -- What is counted, in words.
    what text COLLATE "C" NOT NULL,
    -- The moment the book is to be true for.
    cut_off_us bigint NOT NULL,
    -- The last place of the journal when it was made: counts behind it are counts of it.
    journal bigint NOT NULL,
    made_us bigint NOT NULL,
    made_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (site, number)
);

CREATE TABLE inventory_task (
    site text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (site, task),
    FOREIGN KEY (site, number) REFERENCES inventory (site, number)
);
CREATE INDEX inventory_task_number ON inventory_task (site, number);

-- Which tasks have a line at a place.
CREATE INDEX line_location ON line (site, location);
