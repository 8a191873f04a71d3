-- Step 12: codes for groups of devices, devices that wait for approval, what a device says of its battery and its oldest
-- confirmation, and pictures of screens.

-- So many devices may enrol with the code, and so many did.
ALTER TABLE enrolment_code ADD COLUMN uses_max INTEGER NOT NULL DEFAULT 1;
ALTER TABLE enrolment_code ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;
-- Whether an administrator has to say yes to each.
ALTER TABLE enrolment_code ADD COLUMN approval INTEGER NOT NULL DEFAULT 0;
ALTER TABLE enrolment_code ADD COLUMN profile TEXT NOT NULL DEFAULT '';
-- Since when it works no more because somebody ended it.
ALTER TABLE enrolment_code ADD COLUMN ended_us INTEGER;
UPDATE enrolment_code SET uses = 1 WHERE used_by <> '';

-- The code that it enrolled with last, so that a lost answer can be given again.
ALTER TABLE device ADD COLUMN code_hash BLOB;
UPDATE device SET code_hash = (SELECT code_hash FROM enrolment_code WHERE used_by = device.device LIMIT 1);
-- Since when it waits for approval; NULL for one that belongs here. Nothing is told to it meanwhile.
ALTER TABLE device ADD COLUMN awaits_us INTEGER;
ALTER TABLE device ADD COLUMN profile TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN battery_percent INTEGER;
ALTER TABLE device ADD COLUMN oldest_seconds INTEGER;

-- The newest wish to see a device's screen, and the picture until somebody looked at it.
CREATE TABLE device_screen (
    site TEXT NOT NULL,
    device TEXT NOT NULL,
    asked_us INTEGER NOT NULL,
    -- NULL while the device has not answered.
    taken_us INTEGER,
    -- NULL before, and again once it was shown.
    picture BLOB,
    PRIMARY KEY (site, device)
) STRICT, WITHOUT ROWID;
