//! Opening a store file: what it is, and whether this program may use it.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::Subject;
use super::settings::{no_checkpoint_on_close, set, set_for_all, set_for_writing};
use super::{FileKind, OpenError, Options, OwnerLock, lock, migrate};

/// The oldest SQLite that may write here, as `sqlite3_libversion_number()`: 3.51.3 fixed a race of two
/// connections that could corrupt a file in WAL mode (<https://www.sqlite.org/wal.html#walresetbug>).
pub const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Findings of a check that are kept for the message; one is enough to stop, a few help to judge.
const FINDINGS_MAX: u32 = 5;

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
        let path = resolved(path.as_ref())?;
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
        set_for_writing(&connection, created, subject, options)?;
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
    let path = resolved(path.as_ref())?;
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

fn resolved(path: &Path) -> Result<PathBuf, OpenError> {
    lock::resolve(path).map_err(|source| OpenError::Io {
        path: path.to_path_buf(),
        source,
    })
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
