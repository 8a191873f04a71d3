//! Every setting of a connection, spelt out.
//!
//! Nothing is left to defaults, because defaults differ between builds of SQLite: WAL with `synchronous=FULL`
//! makes a commit one `fdatasync` that has happened when COMMIT returns
//! (<https://www.sqlite.org/pragma.html#pragma_synchronous>); with NORMAL a power cut takes the last commits.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::error::Subject;
use super::{FileKind, Migration, OpenError, migrate};

/// Checkpoints that SQLite starts by itself, until a [`super::Writer`] takes them over; SQLite's own default.
const AUTOCHECKPOINT_PAGES: u32 = 1000;

/// How free pages go back to the file system. Fixed when the file is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoVacuum {
    /// They do not; they are used again. Fewest writes, for a device's flash.
    None,
    /// On request (`PRAGMA incremental_vacuum`), at the price of pointer pages.
    Incremental,
}

/// How a store file is opened. [`Options::new`] fills in what suits a handheld; every field may be changed.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the file must be.
    pub kind: FileKind,
    /// The schema, from version 1 to the one this program works with.
    pub schema: &'static [Migration],
    /// Bytes in a page, 512 to 65536 and a power of two; only a new file takes it. Smaller pages mean less
    /// flash written for each confirmation.
    pub page_bytes: u32,
    /// What is done with free pages; only a new file takes it.
    pub auto_vacuum: AutoVacuum,
    /// Most bytes of page cache for this connection.
    pub cache_bytes: u32,
    /// How long to wait for another connection's lock, in milliseconds.
    pub busy_timeout_ms: u32,
    /// The write-ahead log is cut back to this size when it starts again.
    pub journal_size_limit_bytes: u32,
    /// Most pages the file may have; beyond that a write fails as on a full disk. `None` leaves SQLite's
    /// limit.
    pub pages_max: Option<u32>,
    /// Prepared statements kept by `prepare_cached`.
    pub statements_cached_max: u16,
}

impl Options {
    /// Options for a file of this kind: 4096-byte pages, 2 MiB of cache, 5 seconds of patience, a log cut
    /// back to 4 MiB, 64 cached statements, no vacuum, no quota.
    pub fn new(kind: FileKind, schema: &'static [Migration]) -> Options {
        Options {
            kind,
            schema,
            page_bytes: 4096,
            auto_vacuum: AutoVacuum::None,
            cache_bytes: 2 << 20,
            busy_timeout_ms: 5_000,
            journal_size_limit_bytes: 4 << 20,
            pages_max: None,
            statements_cached_max: 64,
        }
    }

    pub(super) fn schema_version(&self) -> u32 {
        migrate::latest(self.schema)
    }
}

/// Settings of a connection that writes.
pub(super) fn set_for_writing(
    connection: &Connection,
    created: bool,
    subject: Subject<'_>,
    options: &Options,
) -> Result<(), OpenError> {
    if created {
        // Both only count before the first page is written.
        set(connection, subject, "page_size", options.page_bytes)?;
        let auto_vacuum = match options.auto_vacuum {
            AutoVacuum::None => 0,
            AutoVacuum::Incremental => 2,
        };
        set(connection, subject, "auto_vacuum", auto_vacuum)?;
    }
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(|source| subject.explain("switching to a write-ahead log", source))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(OpenError::NoWriteAheadLog {
            path: subject.path.to_path_buf(),
            mode,
        });
    }
    set_for_all(connection, subject, options)?;
    set(connection, subject, "synchronous", "FULL")?;
    set(connection, subject, "foreign_keys", true)?;
    set(
        connection,
        subject,
        "journal_size_limit",
        options.journal_size_limit_bytes,
    )?;
    set(connection, subject, "wal_autocheckpoint", AUTOCHECKPOINT_PAGES)?;
    // Overwriting deleted rows would double the wear of the flash.
    set(connection, subject, "secure_delete", false)?;
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        // Text in double quotes is a misspelt column, not a string.
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
    ] {
        connection
            .set_db_config(config, on)
            .map_err(|source| subject.explain("configuring", source))?;
    }
    Ok(())
}

/// Settings of every connection, readers too.
pub(super) fn set_for_all(
    connection: &Connection,
    subject: Subject<'_>,
    options: &Options,
) -> Result<(), OpenError> {
    // A damaged page or a schema made by someone else must be an error, never a crash or a surprise.
    set(connection, subject, "cell_size_check", true)?;
    set(connection, subject, "trusted_schema", false)?;
    // A disk error under a memory map is a signal that ends the process.
    set(connection, subject, "mmap_size", 0)?;
    set(connection, subject, "temp_store", "MEMORY")?;
    // Negative means KiB instead of pages.
    set(
        connection,
        subject,
        "cache_size",
        -i64::from(options.cache_bytes / 1024),
    )
}

pub(super) fn set(
    connection: &Connection,
    subject: Subject<'_>,
    pragma: &'static str,
    value: impl rusqlite::ToSql,
) -> Result<(), OpenError> {
    // Some settings answer with a row, and some do not.
    connection
        .pragma_update(None, pragma, value)
        .or_else(|error| {
            if matches!(error, rusqlite::Error::ExecuteReturnedResults) {
                Ok(())
            } else {
                Err(error)
            }
        })
        .map_err(|source| subject.explain(pragma, source))
}

pub(super) fn no_checkpoint_on_close(connection: &Connection, on: bool) -> rusqlite::Result<bool> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on)
}
