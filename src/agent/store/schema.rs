//! The tables, and how the file is opened.

use tallyman_platform::sqlite::{FileKind, Migration, Options};

/// Bytes in a page of a new store, the least that SQLite has. A step touches a leaf of the journal, of the trace and the
/// session, and each is written whole: with pages of 1024 a scan writes half as much again, with SQLite's usual 4096 more
/// than three times as much (`cargo bench --bench durable`). A store keeps the pages it was created with.
const PAGE_BYTES: u32 = 512;

/// Page cache of the writer. It appends and looks little up.
const CACHE_BYTES: u32 = 1 << 20;

/// The log is cut back to this size: it is what a bit error could take.
const JOURNAL_SIZE_LIMIT_BYTES: u32 = 1 << 20;

/// Every step the file has gone through. A released step is never changed.
const SCHEMA: &[Migration] = &[FIRST, LOCATION_DETAILS, SESSION, SWEEPS, PASSES];

const LOCATION_DETAILS: Migration = Migration {
    version: 2,
    name: "what is known of a location beside its address",
    sql: "
        CREATE TABLE location_detail (
            id           TEXT PRIMARY KEY,
            check_digits TEXT NOT NULL,
            zone         TEXT NOT NULL,
            round        INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
    ",
};

const SESSION: Migration = Migration {
    version: 3,
    name: "the session in a row of its own, packed",
    sql: "
        CREATE TABLE session (
            only   INTEGER PRIMARY KEY CHECK (only = 1),
            packed BLOB NOT NULL,
            hash   BLOB NOT NULL
        ) STRICT;
        INSERT INTO session (only, packed, hash)
            SELECT 1, CAST(body AS BLOB), hash FROM state WHERE name = 'session';
        DELETE FROM state WHERE name = 'session';
    ",
};

const SWEEPS: Migration = Migration {
    version: 4,
    name: "sweeps of places by RFID",
    sql: "
        CREATE TABLE sweep (
            sweep    INTEGER PRIMARY KEY,
            task     TEXT NOT NULL,
            location TEXT NOT NULL,
            head     BLOB NOT NULL,
            tags     INTEGER NOT NULL,
            UNIQUE (task, location)
        ) STRICT;
        CREATE TABLE swept_tag (
            sweep    INTEGER NOT NULL,
            epc      BLOB NOT NULL,
            evidence BLOB NOT NULL,
            PRIMARY KEY (sweep, epc)
        ) STRICT, WITHOUT ROWID;
    ",
};

const PASSES: Migration = Migration {
    version: 5,
    name: "passes through portals",
    sql: "
        CREATE TABLE pass (
            pass   INTEGER PRIMARY KEY AUTOINCREMENT,
            portal TEXT NOT NULL,
            task   TEXT NOT NULL,
            head   BLOB NOT NULL
        ) STRICT;
        CREATE TABLE passed_tag (
            pass     INTEGER NOT NULL,
            epc      BLOB NOT NULL,
            evidence BLOB NOT NULL,
            PRIMARY KEY (pass, epc)
        ) STRICT, WITHOUT ROWID;
    ",
};

const FIRST: Migration = Migration {
    version: 1,
    name: "journal, state, trace and cache",
    sql: "
        CREATE TABLE journal (
            epoch INTEGER NOT NULL,
            seq   INTEGER NOT NULL,
            hash  BLOB NOT NULL,
            body  TEXT NOT NULL,
            PRIMARY KEY (epoch, seq)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE moved (
            epoch     INTEGER NOT NULL,
            seq       INTEGER NOT NULL,
            epoch_new INTEGER NOT NULL,
            seq_new   INTEGER NOT NULL,
            PRIMARY KEY (epoch, seq)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE state (
            name TEXT PRIMARY KEY,
            body TEXT NOT NULL,
            hash BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE stable_day (
            day   TEXT PRIMARY KEY,
            epoch INTEGER NOT NULL,
            seq   INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE trace (
            number INTEGER PRIMARY KEY,
            input  TEXT NOT NULL
        ) STRICT;

        CREATE TABLE task (
            id         TEXT PRIMARY KEY,
            reference  TEXT NOT NULL,
            open       INTEGER NOT NULL,
            priority   INTEGER NOT NULL,
            base_epoch INTEGER NOT NULL,
            base_seq   INTEGER NOT NULL,
            round      INTEGER NOT NULL,
            body       TEXT NOT NULL
        ) STRICT;
        CREATE INDEX task_urgency ON task (priority DESC, reference, id) WHERE open = 1;
        CREATE INDEX task_reference ON task (reference COLLATE NOCASE) WHERE open = 1;

        CREATE TABLE item (
            id    TEXT PRIMARY KEY,
            round INTEGER NOT NULL,
            body  TEXT NOT NULL
        ) STRICT;
        CREATE TABLE item_code (
            code TEXT NOT NULL,
            item TEXT NOT NULL,
            PRIMARY KEY (code, item)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX item_code_item ON item_code (item);

        CREATE TABLE location (
            id    TEXT PRIMARY KEY,
            round INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
    ",
};

/// How the store is opened, by the daemon and by those who only look.
pub fn options() -> Options {
    let mut options = Options::new(FileKind::AGENT_STORE, SCHEMA);
    options.page_bytes = PAGE_BYTES;
    options.cache_bytes = CACHE_BYTES;
    options.journal_size_limit_bytes = JOURNAL_SIZE_LIMIT_BYTES;
    options
}
