//! Setting a store file aside, when a person says so: the file stays, under another name.
//!
//! The agent never does this by itself. A journal that cannot be opened may still hold what a worker was told is
//! safe, and an empty one in its place would look as if nothing were missing.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tallyman_platform::files;
use tallyman_platform::sqlite::{LockError, OwnerLock};

/// What SQLite calls the log of a file.
const LOG: &str = "-wal";

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

/// Renames the store with its log, so that the next start makes a new one. Answers the new name. A power cut leaves the
/// store whole, under the old name or the new one.
///
/// # Errors
/// [`SetAsideError`]; the store is whole then, and the message names the file that could not be renamed.
pub fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, SetAsideError> {
    if !path.exists() {
        return Err(SetAsideError::Missing(path.to_path_buf()));
    }
    let _lock = OwnerLock::take(path)?;
    let stamp = now.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
    let aside = with_suffix(path, &format!(".aside-{stamp}"));
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |cause| SetAsideError::Rename { path, cause }
    };
    // The log is there under both names before the file has its new one. Between the two renamings a power cut would
    // leave a file without its newest rows, or a log without its file, which the next start removes.
    let (log, log_aside) = (with_suffix(path, LOG), with_suffix(&aside, LOG));
    if log.exists() {
        name_twice(&log, &log_aside).map_err(failed(&log))?;
    }
    if let Err(cause) = std::fs::rename(path, &aside) {
        let _ = std::fs::remove_file(&log_aside);
        return Err(failed(path)(cause));
    }
    files::sync_folder_of(path).map_err(failed(path))?;
    for left in [&log, &with_suffix(path, "-shm")] {
        match std::fs::remove_file(left) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(failed(left)(cause)),
            _ => {}
        }
    }
    Ok(aside)
}

/// Gives a file a second name, or makes a synced copy where the file system knows no such thing.
fn name_twice(file: &Path, other: &Path) -> io::Result<()> {
    if std::fs::hard_link(file, other).is_ok() {
        return Ok(());
    }
    std::fs::copy(file, other)?;
    File::open(other)?.sync_all()
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
