//! Setting a store file aside, when a person says so: the file stays, under another name.
//!
//! The agent never does this by itself. A journal that cannot be opened may still hold what a worker was told is
//! safe, and an empty one in its place would look as if nothing were missing.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tallyman_platform::sqlite::{LockError, OwnerLock};

/// Why a store could not be set aside.
#[derive(Debug, thiserror::Error)]
pub enum SetAsideError {
    /// There is no store.
    #[error("there is no store at {}; nothing was set aside", .0.display())]
    Missing(PathBuf),
    /// An agent uses it.
    #[error("the store is in use: {0}; stop the agent first")]
    InUse(#[from] LockError),
    /// The system refused a renaming.
    #[error("{} could not be renamed: {cause}", .path.display())]
    Rename {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// Renames the store with its log, so that the next start makes a new one. Answers the new name.
///
/// # Errors
/// [`SetAsideError`]; nothing was renamed then, or the log alone, which is said.
pub fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, SetAsideError> {
    if !path.exists() {
        return Err(SetAsideError::Missing(path.to_path_buf()));
    }
    let _lock = OwnerLock::take(path)?;
    let stamp = now.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
    let aside = with_suffix(path, &format!(".aside-{stamp}"));
    // The file goes first: a log without its file is not mistaken for the log of a new one, because SQLite checks the
    // salt, while a file without its log would be opened short of its newest rows.
    for suffix in ["", "-wal", "-shm"] {
        let from = with_suffix(path, suffix);
        if !from.exists() {
            continue;
        }
        std::fs::rename(&from, with_suffix(&aside, suffix))
            .map_err(|cause| SetAsideError::Rename { path: from, cause })?;
    }
    Ok(aside)
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
