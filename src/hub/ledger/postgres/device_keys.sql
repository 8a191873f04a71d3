-- Step 2: a device proves itself with a key of its own, and gets tokens that end. What it had before proves nothing any
-- more: it enrols again, and keeps its journal.

-- Marks what hubs give devices to sign; drawn when it is first wanted.
ALTER TABLE hub ADD COLUMN challenge_key bytea;

ALTER TABLE device DROP COLUMN secret_hash;
-- Ed25519; empty for a device that has none yet.
ALTER TABLE device ADD COLUMN public_key bytea NOT NULL DEFAULT '';
-- Since when its facts are set aside and it is told nothing; NULL while it may work.
ALTER TABLE device ADD COLUMN revoked_us bigint;

-- The device that the code enrols again; empty for a new one.
ALTER TABLE enrolment_code ADD COLUMN device text COLLATE "C" NOT NULL DEFAULT '';

-- House: the few tokens of a device that may still work.
CREATE TABLE device_token (
    device text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL,
    expires_us bigint NOT NULL,
    PRIMARY KEY (device, token_hash)
);

-- Records that wait for a supervisor because their device is revoked.
CREATE INDEX journal_set_aside ON journal (site, device, place) WHERE quarantined = 'revoked';
CREATE INDEX exception_set_aside ON exception (site, device) WHERE kind = 'revoked' AND state = 'open';
CREATE INDEX device_key ON device (public_key);
