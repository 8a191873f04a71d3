-- Step 2: leases on tasks, what is left in doubt when one is taken over, and what a supervisor's decision says. The same
-- tables as in SQLite.

-- The newest lease of each task that ever had one. Its number only grows; nothing is deleted here.
CREATE TABLE claim (
    site text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    fence bigint NOT NULL CHECK (fence > 0),
    -- Who holds it; empty for nobody.
    device text COLLATE "C" NOT NULL,
    worker text COLLATE "C" NOT NULL,
    since_us bigint NOT NULL,
    -- It ends then, or so long after the last contact of the device, whichever is later.
    until_us bigint NOT NULL,
    ahead boolean NOT NULL,
    PRIMARY KEY (site, task)
) WITH (fillfactor = 70);
CREATE INDEX claim_device ON claim (site, device) WHERE device <> '';

-- Lines that a device may have done before its task was taken over. A row goes when the device has handed in all it had.
CREATE TABLE doubt (
    site text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    worker text COLLATE "C" NOT NULL,
    -- A JSON array of numbers.
    lines text COLLATE "C" NOT NULL,
    since_us bigint NOT NULL,
    PRIMARY KEY (site, task, device)
);
CREATE INDEX doubt_device ON doubt (site, device);

-- How much of the line was confirmed under a lease that was not the newest any more, and whether the line was left to
-- another device's records.
ALTER TABLE line_progress ADD COLUMN late_micro bigint NOT NULL DEFAULT 0;
ALTER TABLE line_progress ADD COLUMN awaited boolean NOT NULL DEFAULT false;

-- Who decided, and what was put in place of what nobody knew.
ALTER TABLE exception ADD COLUMN resolved_by text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE exception ADD COLUMN resolved_as text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX entry_document ON entry (site, document) WHERE document IS NOT NULL;
