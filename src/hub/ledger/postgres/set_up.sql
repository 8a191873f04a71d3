-- Step 12: codes for groups of devices, devices that wait for approval, what a device says of its battery and its oldest
-- confirmation, and pictures of screens.

-- So many devices may enrol with the code, and so many did.
ALTER TABLE enrolment_code ADD COLUMN uses_max bigint NOT NULL DEFAULT 1;
ALTER TABLE enrolment_code ADD COLUMN uses bigint NOT NULL DEFAULT 0;
-- Whether an administrator has to say yes to each.
ALTER TABLE enrolment_code ADD COLUMN approval boolean NOT NULL DEFAULT false;
ALTER TABLE enrolment_code ADD COLUMN profile text COLLATE "C" NOT NULL DEFAULT '';
-- Since when it works no more because somebody ended it.
ALTER TABLE enrolment_code ADD COLUMN ended_us bigint;
UPDATE enrolment_code SET uses = 1 WHERE used_by <> '';

-- The code that it enrolled with last, so that a lost answer can be given again.
ALTER TABLE device ADD COLUMN code_hash bytea;
UPDATE device SET code_hash = (
    SELECT code_hash FROM enrolment_code WHERE used_by = device.device AND enrolment_code.site = device.site LIMIT 1
);
-- Since when it waits for approval; NULL for one that belongs here. Nothing is told to it meanwhile.
ALTER TABLE device ADD COLUMN awaits_us bigint;
ALTER TABLE device ADD COLUMN profile text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN battery_percent bigint;
ALTER TABLE device ADD COLUMN oldest_seconds bigint;

-- The newest wish to see a device's screen, and the picture until somebody looked at it.
CREATE TABLE device_screen (
    site text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    asked_us bigint NOT NULL,
    -- NULL while the device has not answered.
    taken_us bigint,
    -- NULL before, and again once it was shown.
    picture bytea,
    PRIMARY KEY (site, device)
);
