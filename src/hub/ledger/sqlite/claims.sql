-- Step 2: leases on tasks, what is left in doubt when one is taken over, and what a supervisor's decision says.

-- The newest lease of each task that ever had one. Its number only grows; nothing is deleted here.
CREATE TABLE claim (
    site TEXT NOT NULL REFERENCES site (site),
    task TEXT NOT NULL,
    fence INTEGER NOT NULL CHECK (fence > 0),
    -- Who holds it; empty for nobody.
    device TEXT NOT NULL,
    worker TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    -- It ends then, or so long after the last contact of the device, whichever is later.
    until_us INTEGER NOT NULL,
    ahead INTEGER NOT NULL,
    PRIMARY KEY (site, task)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_device ON claim (site, device) WHERE device <> '';

-- Lines that a device may have done before its task was taken over. A row goes when the device has handed in all it had.
CREATE TABLE doubt (
    site TEXT NOT NULL,
    task TEXT NOT NULL,
    device TEXT NOT NULL,
    worker TEXT NOT NULL,
    -- A JSON array of numbers.
    lines TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    PRIMARY KEY (site, task, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX doubt_device ON doubt (site, device);

-- How much of the line was confirmed under a lease that was not the newest any more, and whether the line was left to
-- another device's records.
ALTER TABLE line_progress ADD COLUMN late_micro INTEGER NOT NULL DEFAULT 0;
ALTER TABLE line_progress ADD COLUMN awaited INTEGER NOT NULL DEFAULT 0;

-- Who decided, and what was put in place of what nobody knew.
ALTER TABLE exception ADD COLUMN resolved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE exception ADD COLUMN resolved_as TEXT NOT NULL DEFAULT '';
CREATE INDEX entry_document ON entry (document) WHERE document IS NOT NULL;
