//! Opening a store file: what it is, whether this program may use it, and every setting spelt out.
//!
//! Nothing is left to defaults, because defaults differ between builds of SQLite: WAL with `synchronous=FULL`
//! makes a commit one `fdatasync` that has happened when COMMIT returns
//! (<https://www.sqlite.org/pragma.html#pragma_synchronous>); with NORMAL a power cut takes the last commits.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::Subject;
use super::{FileKind, Migration, OpenError, OwnerLock, migrate};

/// The oldest SQLite that may write here, as `sqlite3_libversion_number()`: 3.51.3 fixed a race of two
/// connections that could corrupt a file in WAL mode (<https://www.sqlite.org/wal.html#walresetbug>).
pub const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Checkpoints that SQLite starts by itself, until a [`super::Writer`] takes them over; SQLite's own default.
const AUTOCHECKPOINT_PAGES: u32 = 1000;

/// Findings of a check that are kept for the message; one is enough to stop, a few help to judge.
const FINDINGS_MAX: u32 = 5;

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

    fn schema_version(&self) -> u32 {
        migrate::latest(self.schema)
    }
}

/// A store file, open for writing and owned by this process until dropped.
#[derive(Debug)]
pub struct Database {
    // First, so that the connection is closed before ownership is given up.
    connection: Connection,
    path: PathBuf,
    options: Options,
    created: bool,
    _lock: OwnerLock,
}

impl Database {
    /// Opens the file at `path`, creating it where there is none, and brings it to the last schema version.
    ///
    /// The folder must exist. Besides SQLite's `-wal` and `-shm` a `.lock` file stands beside the store; it
    /// says that one process owns the store, and stays when the process has gone.
    ///
    /// # Errors
    ///
    /// Every way this can fail is one [`OpenError`] whose text says what to do. A file that is not ours, or
    /// is newer than this program, is left as it is.
    pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<Database, OpenError> {
        check_library(rusqlite::version_number())?;
        let path = resolve(path.as_ref())?;
        let subject = subject(&path, options);
        if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
            return Err(OpenError::FolderMissing {
                folder: folder.to_path_buf(),
            });
        }
        let lock = OwnerLock::take(&path).map_err(|source| subject.explain_lock(source))?;
        create_private(&path).map_err(|source| subject.explain_io(path.clone(), source))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = connect(subject, flags, options)?;
        // Until it is known whose file this is, closing it must not move its log into it.
        no_checkpoint_on_close(&connection, true).map_err(|source| subject.explain("configuring", source))?;
        let created = identify(&connection, subject, options)? == Identity::New;
        // SQLite opens what it may not write as read-only, and says nothing.
        if connection
            .is_readonly("main")
            .map_err(|source| subject.explain("asking for write access", source))?
        {
            return Err(OpenError::ReadOnly { path });
        }
        prepare(&connection, created, subject, options)?;
        no_checkpoint_on_close(&connection, false)
            .map_err(|source| subject.explain("configuring", source))?;
        migrate::apply(
            &mut connection,
            options.kind,
            options.schema,
            options.schema_version(),
        )
        .map_err(|failure| migration_error(failure, subject))?;
        if let Some(pages_max) = options.pages_max {
            set(&connection, subject, "max_page_count", pages_max)?;
        }
        Ok(Database {
            connection,
            path,
            options: options.clone(),
            created,
            _lock: lock,
        })
    }

    /// The connection, for reading before a [`super::Writer`] takes the file over.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection, for transactions before a [`super::Writer`] takes the file over.
    pub fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The absolute path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The options it was opened with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// True where this opening made the file.
    pub fn was_created(&self) -> bool {
        self.created
    }

    /// Leaves the log as it is when the connection closes: for a file whose disk has failed.
    pub(super) fn abandon_log(&self) {
        // Cannot fail for a valid connection, and there is nothing left to do if it does.
        let _ = no_checkpoint_on_close(&self.connection, true);
    }
}

/// Opens a store file for reading only. Any number of readers may be open, in the owner's process or another;
/// each should keep its transactions short, since the log cannot start again while one is open.
///
/// # Errors
///
/// As [`Database::open`]; besides, [`OpenError::Missing`] where there is no store yet and
/// [`OpenError::OlderSchema`] where its owner has yet to migrate it.
pub fn open_reader(path: impl AsRef<Path>, options: &Options) -> Result<Connection, OpenError> {
    check_library(rusqlite::version_number())?;
    let path = resolve(path.as_ref())?;
    let subject = subject(&path, options);
    let missing = || OpenError::Missing {
        path: path.clone(),
        kind: options.kind.name,
    };
    match path.metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(missing()),
        _ => {}
    }
    let connection = connect(
        subject,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        options,
    )?;
    if identify(&connection, subject, options)? == Identity::New {
        return Err(missing());
    }
    let found = migrate::schema_version(&connection)
        .map_err(|source| subject.explain("reading the version", source))?;
    let needed = options.schema_version();
    if found < needed {
        return Err(OpenError::OlderSchema { path, found, needed });
    }
    set_for_all(&connection, subject, options)?;
    set(&connection, subject, "query_only", true)?;
    Ok(connection)
}

/// Reads the whole file and checks its structure (`PRAGMA quick_check`). Takes time in proportion to the
/// file's size. A sound answer does not mean that no byte has changed: rows that matter carry their own hash.
///
/// # Errors
///
/// [`OpenError::Damaged`] with what was found, or why the file cannot be read.
pub fn quick_check(connection: &Connection) -> Result<(), OpenError> {
    let path = PathBuf::from(connection.path().unwrap_or_default());
    let subject = Subject {
        path: &path,
        kind: "store",
        busy_timeout_ms: 0,
    };
    let findings: Vec<String> = connection
        .prepare(&format!("PRAGMA quick_check({FINDINGS_MAX})"))
        .and_then(|mut check| check.query_map([], |row| row.get(0))?.collect())
        .map_err(|source| subject.explain("checking", source))?;
    if findings == ["ok"] {
        Ok(())
    } else {
        Err(OpenError::Damaged { path, findings })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Identity {
    /// An empty file, or one that was being created when the power went.
    New,
    /// A file of the kind that was asked for.
    Ours,
}

fn identify(connection: &Connection, subject: Subject<'_>, options: &Options) -> Result<Identity, OpenError> {
    let failed = |source| subject.explain("reading the header", source);
    let application_id: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(failed)?;
    let found = migrate::schema_version(connection).map_err(failed)?;
    let foreign = |found| OpenError::Foreign {
        path: subject.path.to_path_buf(),
        kind: subject.kind,
        found,
    };
    if application_id == options.kind.application_id {
        let known = options.schema_version();
        if found > known {
            return Err(OpenError::NewerSchema {
                path: subject.path.to_path_buf(),
                found,
                known,
            });
        }
        return Ok(Identity::Ours);
    }
    if application_id != 0 {
        return Err(foreign(FileKind::describe(application_id)));
    }
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(failed)?;
    if tables == 0 && found == 0 {
        Ok(Identity::New)
    } else {
        Err(foreign("a SQLite database of another program".to_owned()))
    }
}

fn connect(subject: Subject<'_>, flags: OpenFlags, options: &Options) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(subject.path, flags)
        .map_err(|source| subject.explain("opening", source))?;
    connection
        .busy_timeout(Duration::from_millis(u64::from(options.busy_timeout_ms)))
        .map_err(|source| subject.explain("setting the busy timeout", source))?;
    connection.set_prepared_statement_cache_capacity(usize::from(options.statements_cached_max));
    Ok(connection)
}

/// Settings of a connection that writes.
fn prepare(
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
fn set_for_all(connection: &Connection, subject: Subject<'_>, options: &Options) -> Result<(), OpenError> {
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

fn set(
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

fn no_checkpoint_on_close(connection: &Connection, on: bool) -> rusqlite::Result<bool> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on)
}

fn migration_error(failure: migrate::MigrationFailure, subject: Subject<'_>) -> OpenError {
    let migrate::MigrationFailure {
        version,
        name,
        source,
    } = failure;
    match subject.explain("migrating", source) {
        OpenError::Sqlite { path, source, .. } => OpenError::Migration {
            path,
            version,
            name,
            source,
        },
        told => told,
    }
}

fn subject<'a>(path: &'a Path, options: &Options) -> Subject<'a> {
    Subject {
        path,
        kind: options.kind.name,
        busy_timeout_ms: options.busy_timeout_ms,
    }
}

/// The one absolute path of a file, whatever links lead to it: two names of a store must have one lock. It
/// also keeps SQLite from taking a name such as `file:x?mode=memory` for an address.
fn resolve(path: &Path) -> Result<PathBuf, OpenError> {
    let failed = |source| OpenError::Io {
        path: path.to_path_buf(),
        source,
    };
    let absolute = std::path::absolute(path).map_err(failed)?;
    if let Ok(canonical) = absolute.canonicalize() {
        return Ok(canonical);
    }
    // Not there yet: then its folder counts, where there is one.
    match (
        absolute.parent().and_then(|folder| folder.canonicalize().ok()),
        absolute.file_name(),
    ) {
        (Some(folder), Some(name)) => Ok(folder.join(name)),
        _ => Ok(absolute),
    }
}

/// Makes a missing file, for its owner alone; SQLite gives its log the same permissions. Nobody has the file
/// open: it is not there.
fn create_private(path: &Path) -> std::io::Result<()> {
    match std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn check_library(found: i32) -> Result<(), OpenError> {
    let written = |number: i32| {
        format!(
            "{}.{}.{}",
            number / 1_000_000,
            number / 1_000 % 1_000,
            number % 1_000
        )
    };
    if found >= SQLITE_VERSION_MIN {
        return Ok(());
    }
    Err(OpenError::LibraryTooOld {
        found: written(found),
        required: written(SQLITE_VERSION_MIN),
    })
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
