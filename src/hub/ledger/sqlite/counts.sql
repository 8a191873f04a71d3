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
