-- The hub's store, version 1. The site comes first in every key: rows of two sites never meet, and a larger database
-- can be partitioned by it.
--
-- Quantities are millionths of the item's base unit. Moments are microseconds since 1970-01-01 UTC by the hub's
-- clock; they are for people and never order anything. What is not known is the empty text where it is part of a key.

CREATE TABLE hub (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Another one after every restore: devices then ask where the hub stands. Empty in a backup.
    generation TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    -- The last checked backup; NULL before the first.
    backup_us INTEGER,
    backup_file TEXT
) STRICT;

CREATE TABLE site (
    site TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Counts changes of items, tasks, locations and rules. Every changed row takes a number of its own, in commit
    -- order, so that a device's cursor never skips one.
    change_seq INTEGER NOT NULL DEFAULT 0,
    rules_change_seq INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE site_rule (
    site TEXT NOT NULL REFERENCES site (site),
    number INTEGER NOT NULL,
    pattern TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (site, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE item (
    site TEXT NOT NULL REFERENCES site (site),
    item TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    lot INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    expiry INTEGER NOT NULL,
    owner TEXT NOT NULL,
    change_seq INTEGER NOT NULL,
    PRIMARY KEY (site, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_change ON item (site, change_seq);

CREATE TABLE item_code (
    site TEXT NOT NULL,
    code TEXT NOT NULL,
    item TEXT NOT NULL,
    unit TEXT NOT NULL,
    pack_micro INTEGER NOT NULL CHECK (pack_micro > 0),
    PRIMARY KEY (site, code),
    FOREIGN KEY (site, item) REFERENCES item (site, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_code_item ON item_code (site, item);

CREATE TABLE location (
    site TEXT NOT NULL REFERENCES site (site),
    location TEXT NOT NULL,
    zone TEXT NOT NULL,
    change_seq INTEGER NOT NULL,
    PRIMARY KEY (site, location)
) STRICT, WITHOUT ROWID;
CREATE INDEX location_change ON location (site, change_seq);

CREATE TABLE task (
    site TEXT NOT NULL REFERENCES site (site),
    task TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('receive', 'pick', 'count')),
    revision INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    reference TEXT NOT NULL,
    priority INTEGER NOT NULL,
    assigned_to TEXT NOT NULL,
    quantity_entry TEXT NOT NULL,
    -- A receipt's dock.
    dock TEXT NOT NULL,
    over_tolerance_percent INTEGER NOT NULL,
    -- A pick's tote.
    into_unit TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    change_seq INTEGER NOT NULL,
    PRIMARY KEY (site, task)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_change ON task (site, change_seq);

CREATE TABLE line (
    site TEXT NOT NULL,
    task TEXT NOT NULL,
    number INTEGER NOT NULL,
    item TEXT NOT NULL,
    -- NULL in a count, where the device must not know it.
    expected_micro INTEGER,
    location TEXT NOT NULL,
    lot TEXT NOT NULL,
    expiry_min TEXT NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (site, task, number),
    FOREIGN KEY (site, task) REFERENCES task (site, task)
) STRICT, WITHOUT ROWID;

-- The fold of the journal over the tasks; recomputed by every check. Lines that no task has are here too: what was
-- confirmed against them is not forgotten.
CREATE TABLE line_progress (
    site TEXT NOT NULL,
    task TEXT NOT NULL,
    number INTEGER NOT NULL,
    quantity_micro INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    -- Who added last, and whether another device did before: that tells two devices on one line from one that goes
    -- too far.
    last_device TEXT NOT NULL,
    shared INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (site, task, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment_code (
    code_hash BLOB PRIMARY KEY,
    site TEXT NOT NULL REFERENCES site (site),
    name TEXT NOT NULL,
    expires_us INTEGER NOT NULL,
    -- The device that used it; empty while it may be used.
    used_by TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    site TEXT NOT NULL REFERENCES site (site),
    device TEXT NOT NULL,
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    -- The epoch the hub expects.
    epoch INTEGER NOT NULL,
    enrolled_us INTEGER NOT NULL,
    contact_us INTEGER NOT NULL,
    version TEXT NOT NULL,
    waiting INTEGER NOT NULL,
    worker TEXT NOT NULL,
    open_task TEXT NOT NULL,
    -- A JSON array of lines.
    scanners TEXT NOT NULL,
    -- The device's wall clock at the last contact, to show how wrong it is.
    wall_us INTEGER NOT NULL,
    PRIMARY KEY (site, device)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX device_identity ON device (device);

CREATE TABLE device_epoch (
    site TEXT NOT NULL,
    device TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    applied_seq INTEGER NOT NULL,
    stable_seq INTEGER NOT NULL,
    last_hash BLOB NOT NULL,
    -- The device told two stories, or a later epoch has what comes after: nothing more is applied in this one.
    forked INTEGER NOT NULL,
    PRIMARY KEY (site, device, epoch),
    FOREIGN KEY (site, device) REFERENCES device (site, device)
) STRICT, WITHOUT ROWID;

-- Every fact, byte for byte as it came, in the order the hub took it.
CREATE TABLE journal (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    device TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    body BLOB NOT NULL,
    received_us INTEGER NOT NULL,
    -- Why it is not in the ledger: 'hash', 'form', 'site', 'ledger'; empty when it is.
    quarantined TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX journal_identity ON journal (site, device, epoch, seq);

-- Second stories: records whose place in the journal holds something else.
CREATE TABLE fork (
    site TEXT NOT NULL,
    device TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    body BLOB NOT NULL,
    received_us INTEGER NOT NULL,
    PRIMARY KEY (site, device, epoch, seq, hash)
) STRICT, WITHOUT ROWID;

-- What the hub itself posts: opening stock, and what a supervisor decides.
CREATE TABLE document (
    document INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL REFERENCES site (site),
    kind TEXT NOT NULL CHECK (kind IN ('opening', 'adjustment')),
    reason TEXT NOT NULL,
    posted_us INTEGER NOT NULL
) STRICT;

-- The stock ledger. Never changed, never deleted: what was wrong is posted back.
CREATE TABLE entry (
    entry INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    -- Exactly one of the two says where it comes from.
    journal INTEGER REFERENCES journal (place),
    document INTEGER REFERENCES document (document),
    account TEXT NOT NULL,
    place TEXT NOT NULL,
    item TEXT NOT NULL,
    lot TEXT NOT NULL,
    serial TEXT NOT NULL,
    expiry TEXT NOT NULL,
    handling_unit TEXT NOT NULL,
    status TEXT NOT NULL,
    owner TEXT NOT NULL,
    quantity_micro INTEGER NOT NULL CHECK (quantity_micro <> 0),
    CHECK ((journal IS NULL) <> (document IS NULL))
) STRICT;
CREATE INDEX entry_journal ON entry (journal) WHERE journal IS NOT NULL;

-- The sum of the entries; recomputed by every check. The expiry date and the handling unit at a location are
-- remarks on an entry and not part of the key, because a pick does not always read them.
CREATE TABLE balance (
    site TEXT NOT NULL,
    account TEXT NOT NULL,
    place TEXT NOT NULL,
    item TEXT NOT NULL,
    lot TEXT NOT NULL,
    serial TEXT NOT NULL,
    status TEXT NOT NULL,
    owner TEXT NOT NULL,
    quantity_micro INTEGER NOT NULL,
    PRIMARY KEY (site, account, place, item, lot, serial, status, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX balance_item ON balance (site, item);
CREATE INDEX balance_serial ON balance (site, serial) WHERE serial <> '';

-- Which facts were taken back, and by which.
CREATE TABLE reversal (
    original INTEGER PRIMARY KEY REFERENCES journal (place),
    reversal INTEGER NOT NULL REFERENCES journal (place)
) STRICT;

CREATE TABLE exception (
    exception INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL REFERENCES site (site),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'withdrawn')),
    raised_us INTEGER NOT NULL,
    -- The fact that raised it; NULL for a fork, whose records have no place.
    journal INTEGER REFERENCES journal (place),
    device TEXT NOT NULL,
    worker TEXT NOT NULL,
    task TEXT NOT NULL,
    line INTEGER,
    location TEXT NOT NULL,
    item TEXT NOT NULL,
    lot TEXT NOT NULL,
    serial TEXT NOT NULL,
    -- What the figures mean is said by the kind: found and wanted, counted and in the book.
    found_micro INTEGER,
    wanted_micro INTEGER,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    resolution TEXT NOT NULL,
    resolved_us INTEGER,
    document INTEGER REFERENCES document (document)
) STRICT;
CREATE INDEX exception_state ON exception (site, state, exception);
CREATE INDEX exception_journal ON exception (journal);

-- Inputs of sessions, for "why was this accepted". The oldest of a device are dropped.
CREATE TABLE trace (
    site TEXT NOT NULL,
    device TEXT NOT NULL,
    number INTEGER NOT NULL,
    input BLOB NOT NULL,
    PRIMARY KEY (site, device, number)
) STRICT, WITHOUT ROWID;
