//! Why a store file could not be opened, each message with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ffi;

use super::LockError;

/// Why a store file could not be opened. Nothing was changed in the file in any of these cases, unless said
/// otherwise.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The SQLite library has a known defect that can corrupt files.
    #[error(
        "the SQLite library is version {found}, which can corrupt files in WAL mode; {required} or newer is needed. \
         Use the program as built, with its own SQLite."
    )]
    LibraryTooOld {
        /// The version in use.
        found: String,
        /// The oldest version that will do.
        required: String,
    },

    /// The folder the file should be in does not exist.
    #[error("the folder {} does not exist. Create it, or set another path.", .folder.display())]
    FolderMissing {
        /// The folder.
        folder: PathBuf,
    },

    /// A reader found no file, or an empty one.
    #[error("there is no {kind} at {}. Start the program that owns it once, or set another path.", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// What was wanted.
        kind: &'static str,
    },

    /// The file is no SQLite database, or its first page is destroyed.
    #[error(
        "{} is no {kind}: it is no SQLite database, or its header is destroyed. Move it aside and keep it; then \
         restore a backup or set another path.",
        .path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What was wanted.
        kind: &'static str,
    },

    /// The file is a sound database, but not one of this kind.
    #[error("{} is no {kind}: it is {found}. It was left as it is; set another path.", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was wanted.
        kind: &'static str,
        /// What it is.
        found: String,
    },

    /// A newer program has written the file.
    #[error(
        "{} has schema version {found}, and this program knows versions up to {known}. Install the newer program \
         again; going back is not possible.",
        .path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        found: u32,
        /// The last version this program knows.
        known: u32,
    },

    /// A reader found a file that its owner has yet to migrate.
    #[error(
        "{} has schema version {found}, and version {needed} is needed to read it. Start the program that owns it \
         once.",
        .path.display()
    )]
    OlderSchema {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        found: u32,
        /// The version a reader needs.
        needed: u32,
    },

    /// SQLite found the file malformed.
    #[error(
        "{} is damaged ({}). Stop the program, copy the file together with its -wal file to a safe place, then \
         restore a backup or recover with `sqlite3 .recover`.",
        .path.display(),
        .findings.join("; ")
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the check said, in SQLite's words.
        findings: Vec<String>,
    },

    /// There is no room on the file system, not even for SQLite's shared memory.
    #[error("the disk that holds {} is full. Free some space and start again; nothing stored was lost.", .path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },

    /// The system refuses this user.
    #[error(
        "this user may not open {}: {reason}. The file, its -wal, -shm and .lock files and its folder must belong to \
         the user who runs the program.",
        .path.display()
    )]
    Permission {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },

    /// The file or its file system cannot be written to.
    #[error(
        "{} is read-only. Make it writable for the user who runs the program, or mount its file system writable (a \
         kernel that met errors mounts it read-only: look at the kernel's log).",
        .path.display()
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },

    /// Another process owns the file.
    #[error("{} is in use: {source}. Stop the other one, or give this one a path of its own.", .path.display())]
    Owned {
        /// The file.
        path: PathBuf,
        /// Who holds it.
        source: LockError,
    },

    /// Someone who is not the owner keeps the file locked, such as a database browser.
    #[error("{} is locked by another program for longer than {waited_ms} ms. Close that program and try again.", .path.display())]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long was waited, in milliseconds.
        waited_ms: u32,
    },

    /// The file system cannot keep a write-ahead log.
    #[error("{} cannot use a write-ahead log here (the journal mode stayed {mode:?}). Use a local file system.", .path.display())]
    NoWriteAheadLog {
        /// The file.
        path: PathBuf,
        /// The journal mode SQLite fell back to.
        mode: String,
    },

    /// A migration failed; the file is as it was before.
    #[error(
        "{} could not be brought to schema version {version} ({name}): {source}. The file is as it was before; keep \
         it and report this.",
        .path.display()
    )]
    Migration {
        /// The file.
        path: PathBuf,
        /// The version that could not be reached.
        version: u32,
        /// The migration's name.
        name: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },

    /// The system failed in some other way.
    #[error("{} cannot be opened: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// SQLite failed in some other way.
    #[error("{} cannot be opened: {doing} failed: {source}", .path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The step that failed.
        doing: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

impl OpenError {
    /// Says what an SQLite error means that was met while reading the first rows of a store.
    pub fn while_reading(path: &Path, source: rusqlite::Error) -> Self {
        let subject = Subject {
            path,
            kind: "store",
            busy_timeout_ms: 0,
        };
        subject.explain("reading", source)
    }
}

/// The file that is being opened, for the messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) path: &'a Path,
    pub(super) kind: &'static str,
    pub(super) busy_timeout_ms: u32,
}

impl Subject<'_> {
    /// Says what an SQLite error means for the one who opens this file.
    pub(super) fn explain(&self, doing: &'static str, source: rusqlite::Error) -> OpenError {
        let path = self.path.to_path_buf();
        let Some(error) = code_of(&source) else {
            return OpenError::Sqlite { path, doing, source };
        };
        match error.code {
            ffi::ErrorCode::NotADatabase => OpenError::NotADatabase {
                path,
                kind: self.kind,
            },
            ffi::ErrorCode::DatabaseCorrupt => OpenError::Damaged {
                path,
                findings: vec![source.to_string()],
            },
            ffi::ErrorCode::DiskFull => OpenError::DiskFull { path },
            // The -shm file is made with its full size at once: this is how a full disk shows when opening.
            ffi::ErrorCode::SystemIoFailure if error.extended_code == ffi::SQLITE_IOERR_SHMSIZE => {
                OpenError::DiskFull { path }
            }
            ffi::ErrorCode::ReadOnly => OpenError::ReadOnly { path },
            ffi::ErrorCode::PermissionDenied => OpenError::Permission {
                path,
                reason: source.to_string(),
            },
            ffi::ErrorCode::CannotOpen => self.explain_cannot_open(doing, source),
            ffi::ErrorCode::DatabaseBusy | ffi::ErrorCode::DatabaseLocked => OpenError::Busy {
                path,
                waited_ms: self.busy_timeout_ms,
            },
            _ => OpenError::Sqlite { path, doing, source },
        }
    }

    /// SQLite says "unable to open database file" for everything; the system knows more, and
    /// faccessat(2) asks it without opening the file.
    fn explain_cannot_open(&self, doing: &'static str, source: rusqlite::Error) -> OpenError {
        use rustix::fs::{Access, AtFlags, CWD, accessat};
        use rustix::io::Errno;

        let path = self.path.to_path_buf();
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        let ask = |path: &Path, access| accessat(CWD, path, access, AtFlags::EACCESS);
        let asked = ask(self.path, Access::READ_OK | Access::WRITE_OK)
            .and_then(|()| ask(folder, Access::WRITE_OK | Access::EXEC_OK));
        match asked {
            Err(errno @ (Errno::ACCESS | Errno::PERM)) => OpenError::Permission {
                path,
                reason: errno.to_string(),
            },
            Err(Errno::ROFS) => OpenError::ReadOnly { path },
            Err(errno) if errno != Errno::NOENT => OpenError::Io {
                path,
                source: errno.into(),
            },
            _ => OpenError::Sqlite { path, doing, source },
        }
    }

    pub(super) fn explain_lock(&self, source: LockError) -> OpenError {
        let path = self.path.to_path_buf();
        match source {
            LockError::Held { .. } => OpenError::Owned { path, source },
            LockError::Io { lock, source } => self.explain_io(lock, source),
        }
    }

    /// Says what a system error about the store, or a file beside it, means.
    pub(super) fn explain_io(&self, about: PathBuf, source: io::Error) -> OpenError {
        let path = self.path.to_path_buf();
        match source.kind() {
            io::ErrorKind::PermissionDenied => OpenError::Permission {
                path,
                reason: format!("{}: {source}", about.display()),
            },
            io::ErrorKind::ReadOnlyFilesystem => OpenError::ReadOnly { path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OpenError::DiskFull { path },
            _ => OpenError::Io { path: about, source },
        }
    }
}

/// SQLite's own error behind an error of rusqlite, or behind any error that has one as its source.
pub(super) fn code_of(error: &(dyn std::error::Error + 'static)) -> Option<ffi::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(code) = error.downcast_ref::<ffi::Error>() {
            return Some(*code);
        }
        next = error.source();
    }
    None
}
