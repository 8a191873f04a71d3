-- The hub's store in PostgreSQL, step 1. The same tables as in SQLite, with the site first in every key: rows of two
-- sites never meet, so that each of the tables but those marked "house" can be partitioned by site, or lie in another
-- cluster.
--
-- Whoever changes rows of a site holds the site's row: commits of one site come one after the other, in the order of
-- its numbers, and no two transactions can wait for each other. Numbers (of changes, places, entries, exceptions,
-- documents) are taken from that row, never from a sequence: a sequence gives numbers before it is known in which
-- order they will be seen.
--
-- Quantities are millionths of the item's base unit. Moments are microseconds since 1970-01-01 UTC by a hub's clock;
-- they are for people and never order anything. What is not known is the empty text where it is part of a key. Texts
-- compare by their bytes, as in SQLite. Large tables carry no foreign keys: a check of each row would write to the row
-- it points to, and `tallyman verify` proves more.

-- House: one row.
CREATE TABLE hub (
    id smallint PRIMARY KEY CHECK (id = 1),
    -- Another one after every restore: devices then ask where the hub stands.
    generation text NOT NULL,
    -- Counts the generations, so that the older of two is known.
    life bigint NOT NULL,
    -- The database that this life was seen in: see ledger/postgres/life.rs.
    system_identifier bigint NOT NULL,
    timeline bigint NOT NULL,
    database_oid bigint NOT NULL,
    table_oid bigint NOT NULL,
    created_us bigint NOT NULL,
    -- When stable marks were last moved, and because of what; NULL before the first time.
    backup_us bigint,
    backup_file text
);

-- House: a row for each site.
CREATE TABLE site (
    site text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    -- Counts changes of items, tasks, locations and rules. Every changed row takes a number of its own, in commit
    -- order, so that a device's cursor never skips one.
    change_seq bigint NOT NULL DEFAULT 0,
    rules_change_seq bigint NOT NULL DEFAULT 0,
    -- The last numbers that are given away.
    journal_last bigint NOT NULL DEFAULT 0,
    entry_last bigint NOT NULL DEFAULT 0,
    exception_last bigint NOT NULL DEFAULT 0,
    document_last bigint NOT NULL DEFAULT 0
-- The row changes with every transaction: a page of it has room for many of its versions.
) WITH (fillfactor = 10);

CREATE TABLE site_rule (
    site text COLLATE "C" NOT NULL REFERENCES site (site),
    number integer NOT NULL,
    pattern text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    PRIMARY KEY (site, number)
);

CREATE TABLE item (
    site text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    lot boolean NOT NULL,
    serial boolean NOT NULL,
    expiry boolean NOT NULL,
    owner text COLLATE "C" NOT NULL,
    change_seq bigint NOT NULL,
    PRIMARY KEY (site, item)
);
CREATE INDEX item_change ON item (site, change_seq);

CREATE TABLE item_code (
    site text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    pack_micro bigint NOT NULL CHECK (pack_micro > 0),
    PRIMARY KEY (site, code),
    FOREIGN KEY (site, item) REFERENCES item (site, item)
);
CREATE INDEX item_code_item ON item_code (site, item);

CREATE TABLE location (
    site text COLLATE "C" NOT NULL,
    location text COLLATE "C" NOT NULL,
    zone text COLLATE "C" NOT NULL,
    change_seq bigint NOT NULL,
    PRIMARY KEY (site, location)
);
CREATE INDEX location_change ON location (site, change_seq);

CREATE TABLE task (
    site text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('receive', 'pick', 'count')),
    revision bigint NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    reference text COLLATE "C" NOT NULL,
    priority integer NOT NULL,
    assigned_to text COLLATE "C" NOT NULL,
    quantity_entry text COLLATE "C" NOT NULL,
    -- A receipt's dock.
    dock text COLLATE "C" NOT NULL,
    over_tolerance_percent bigint NOT NULL,
    -- A pick's tote.
    into_unit text COLLATE "C" NOT NULL,
    created_us bigint NOT NULL,
    changed_us bigint NOT NULL,
    change_seq bigint NOT NULL,
    PRIMARY KEY (site, task)
) WITH (fillfactor = 70);
CREATE INDEX task_change ON task (site, change_seq);

CREATE TABLE line (
    site text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    item text COLLATE "C" NOT NULL,
    -- NULL in a count, where the device must not know it.
    expected_micro bigint,
    location text COLLATE "C" NOT NULL,
    lot text COLLATE "C" NOT NULL,
    expiry_min text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    PRIMARY KEY (site, task, number),
    FOREIGN KEY (site, task) REFERENCES task (site, task)
);

-- The fold of the journal over the tasks; recomputed by every check. Lines that no task has are here too: what was
-- confirmed against them is not forgotten.
CREATE TABLE line_progress (
    site text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    quantity_micro bigint NOT NULL,
    closed boolean NOT NULL,
    -- Who added last, and whether another device did before: that tells two devices on one line from one that goes
    -- too far.
    last_device text COLLATE "C" NOT NULL,
    shared boolean NOT NULL,
    PRIMARY KEY (site, task, number)
) WITH (fillfactor = 70);

-- House: found by the code alone.
CREATE TABLE enrolment_code (
    code_hash bytea PRIMARY KEY,
    site text COLLATE "C" NOT NULL REFERENCES site (site),
    name text COLLATE "C" NOT NULL,
    expires_us bigint NOT NULL,
    -- The device that used it; empty while it may be used.
    used_by text COLLATE "C" NOT NULL DEFAULT ''
);

-- House: which site a device works in; a token says only the device.
CREATE TABLE device_site (
    device text COLLATE "C" PRIMARY KEY,
    site text COLLATE "C" NOT NULL REFERENCES site (site)
);

CREATE TABLE device (
    site text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    secret_hash bytea NOT NULL,
    -- The epoch the hub expects.
    epoch bigint NOT NULL,
    enrolled_us bigint NOT NULL,
    contact_us bigint NOT NULL,
    version text COLLATE "C" NOT NULL,
    waiting bigint NOT NULL,
    worker text COLLATE "C" NOT NULL,
    open_task text COLLATE "C" NOT NULL,
    -- One line each.
    scanners text COLLATE "C" NOT NULL,
    -- The device's wall clock at the last contact, to show how wrong it is.
    wall_us bigint NOT NULL,
    PRIMARY KEY (site, device)
) WITH (fillfactor = 50);

CREATE TABLE device_epoch (
    site text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    applied_seq bigint NOT NULL,
    stable_seq bigint NOT NULL,
    last_hash bytea NOT NULL,
    -- The device told two stories: nothing more is applied in this epoch.
    forked boolean NOT NULL,
    PRIMARY KEY (site, device, epoch)
) WITH (fillfactor = 50);

-- Every fact, byte for byte as it came, in the order the hub took it.
CREATE TABLE journal (
    site text COLLATE "C" NOT NULL,
    place bigint NOT NULL,
    device text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    body bytea NOT NULL,
    received_us bigint NOT NULL,
    -- Why it is not in the ledger: 'hash', 'form', 'site', 'ledger'; empty when it is.
    quarantined text COLLATE "C" NOT NULL,
    -- The task it names, to find the facts of a task; empty for none.
    task text COLLATE "C" NOT NULL,
    PRIMARY KEY (site, place)
);
CREATE UNIQUE INDEX journal_identity ON journal (site, device, epoch, seq);
CREATE INDEX journal_task ON journal (site, task, place) WHERE task <> '';

-- Second stories: records whose place in the journal holds something else.
CREATE TABLE fork (
    site text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    body bytea NOT NULL,
    received_us bigint NOT NULL,
    PRIMARY KEY (site, device, epoch, seq, hash)
);

-- What the hub itself posts: opening stock, and what a supervisor decides.
CREATE TABLE document (
    site text COLLATE "C" NOT NULL,
    document bigint NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('opening', 'adjustment')),
    reason text COLLATE "C" NOT NULL,
    posted_us bigint NOT NULL,
    PRIMARY KEY (site, document)
);

-- The stock ledger. Never changed, never deleted: what was wrong is posted back.
CREATE TABLE entry (
    site text COLLATE "C" NOT NULL,
    entry bigint NOT NULL,
    -- Exactly one of the two says where it comes from.
    journal bigint,
    document bigint,
    account text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    lot text COLLATE "C" NOT NULL,
    serial text COLLATE "C" NOT NULL,
    expiry text COLLATE "C" NOT NULL,
    handling_unit text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    quantity_micro bigint NOT NULL CHECK (quantity_micro <> 0),
    PRIMARY KEY (site, entry),
    CHECK ((journal IS NULL) <> (document IS NULL))
);
CREATE INDEX entry_journal ON entry (site, journal) WHERE journal IS NOT NULL;

-- The sum of the entries; recomputed by every check. The expiry date and the handling unit at a location are
-- remarks on an entry and not part of the key, because a pick does not always read them.
CREATE TABLE balance (
    site text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    lot text COLLATE "C" NOT NULL,
    serial text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    quantity_micro bigint NOT NULL,
    PRIMARY KEY (site, account, place, item, lot, serial, status, owner)
) WITH (fillfactor = 70);
CREATE INDEX balance_item ON balance (site, item);
CREATE INDEX balance_serial ON balance (site, serial) WHERE serial <> '';

-- Which facts were taken back, and by which.
CREATE TABLE reversal (
    site text COLLATE "C" NOT NULL,
    original bigint NOT NULL,
    reversal bigint NOT NULL,
    PRIMARY KEY (site, original)
);

CREATE TABLE exception (
    site text COLLATE "C" NOT NULL,
    exception bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'resolved', 'withdrawn')),
    raised_us bigint NOT NULL,
    -- The fact that raised it; NULL for a fork, whose records have no place.
    journal bigint,
    device text COLLATE "C" NOT NULL,
    worker text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    line bigint,
    location text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    lot text COLLATE "C" NOT NULL,
    serial text COLLATE "C" NOT NULL,
    -- What the figures mean is said by the kind: found and wanted, counted and in the book.
    found_micro bigint,
    wanted_micro bigint,
    reason text COLLATE "C" NOT NULL,
    message text COLLATE "C" NOT NULL,
    resolution text COLLATE "C" NOT NULL,
    resolved_us bigint,
    document bigint,
    PRIMARY KEY (site, exception)
);
CREATE INDEX exception_state ON exception (site, state, exception);
CREATE INDEX exception_journal ON exception (site, journal) WHERE journal IS NOT NULL;
CREATE INDEX exception_task ON exception (site, task) WHERE state = 'open';
CREATE INDEX exception_bin ON exception (site, location, item, lot) WHERE state = 'open' AND kind = 'negative_bin';

-- Inputs of sessions, for "why was this accepted". The oldest of a device are dropped.
CREATE TABLE trace (
    site text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    input bytea NOT NULL,
    PRIMARY KEY (site, device, number)
);
