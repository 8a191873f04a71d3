-- Until when everything that a device had done is here, by the hub's clock: it said so itself, and what it handed in with
-- that was taken whole. A contact alone says nothing of the kind.
ALTER TABLE device ADD COLUMN drained_us INTEGER NOT NULL DEFAULT 0;

-- The end of each location's count: one for each line that was counted. Written with its fact, and gone when that is taken
-- back.
CREATE TABLE location_count (
    site TEXT NOT NULL REFERENCES site (site),
    task TEXT NOT NULL,
    -- 0 where the fact names no line.
    number INTEGER NOT NULL,
    location TEXT NOT NULL,
    -- The item that alone was counted; empty for all that lies there.
    item TEXT NOT NULL,
    -- The fact that ended it.
    journal INTEGER NOT NULL,
    device TEXT NOT NULL,
    worker TEXT NOT NULL,
    PRIMARY KEY (site, task, number, location)
) STRICT, WITHOUT ROWID;
CREATE INDEX location_count_place ON location_count (site, location, journal);

-- The last entry that was looked at for facts that belong before a count which has ended.
ALTER TABLE site ADD COLUMN late_entry INTEGER NOT NULL DEFAULT 0;
UPDATE site SET late_entry = coalesce((SELECT max(entry) FROM entry), 0);

-- Counts that somebody made: cycle counts and physical inventories.
CREATE TABLE inventory (
    site TEXT NOT NULL REFERENCES site (site),
    number INTEGER NOT NULL,
    -- What its tasks are called by.
    name TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('cycle', 'physical_inventory')),
    -- What is counted, in words.
    what TEXT NOT NULL,
    -- The moment the book is to be true for.
    cut_off_us INTEGER NOT NULL,
    -- The last place of the journal when it was made: counts behind it are counts of it.
    journal INTEGER NOT NULL,
    made_us INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    PRIMARY KEY (site, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE inventory_task (
    site TEXT NOT NULL,
    task TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (site, task),
    FOREIGN KEY (site, number) REFERENCES inventory (site, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX inventory_task_number ON inventory_task (site, number);

-- Which tasks have a line at a place.
CREATE INDEX line_location ON line (site, location);
