//! The single-owner lock: two agents on one store, or two hubs, are refused with a text that names the file.
//!
//! The lock is an advisory `flock` on a file of its own, `<store>.lock`, never on the store itself. The
//! kernel lets go of it when the process ends, however it ends, so a lock file that is left behind means
//! nothing. The file is never removed: between unlinking and creating it again two processes could each hold
//! "the" lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A process id has at most 10 digits; what is longer is not from us.
const HOLDER_BYTES_MAX: u64 = 16;

/// How often a lock is tried for.
const TRIES: u32 = 50;

/// Between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// Holds the ownership of one store file until dropped.
#[derive(Debug)]
pub struct OwnerLock {
    // Open for as long as the lock is held.
    _file: File,
    path: PathBuf,
}

/// Why ownership of a store file could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process (or another place in this one) owns the file.
    #[error("{} is held{}", .lock.display(), .holder.map_or(String::new(), |pid| format!(" by process {pid}")))]
    Held {
        /// The lock file.
        lock: PathBuf,
        /// The process that holds it, where it could be read.
        holder: Option<u32>,
    },
    /// The lock file could not be made or locked.
    #[error("{} cannot be used as a lock file: {source}", .lock.display())]
    Io {
        /// The lock file.
        lock: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl OwnerLock {
    /// Takes the ownership of `store`, whichever of its names is given: links are followed. The file itself need not
    /// exist. An owner that has just let go is waited for, for a moment; see [`try_for_a_moment`].
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] where someone owns it, [`LockError::Io`] where the lock file cannot be written.
    pub fn take(store: &Path) -> Result<OwnerLock, LockError> {
        let unresolved = |source| LockError::Io {
            lock: store.to_path_buf(),
            source,
        };
        let mut name = resolve(store).map_err(unresolved)?.into_os_string();
        name.push(".lock");
        let path = PathBuf::from(name);
        let failed = |source| LockError::Io {
            lock: path.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match try_for_a_moment(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held {
                    holder: holder(&mut file),
                    lock: path,
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // The process id is a courtesy for the message above. On a full disk it cannot be written, and that
        // must not keep the owner from opening its store and making room.
        let _ = note_holder(&mut file);
        Ok(OwnerLock { _file: file, path })
    }

    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Tries to lock, again and again for half a second. A process that this one (or the owner before) is just starting holds
/// a copy of every open file until its own program begins, and so a lock that its owner has let go of.
#[expect(
    clippy::disallowed_methods,
    reason = "a lock tells nobody when it is free; only a store that is in use is waited for"
)]
fn try_for_a_moment(file: &File) -> Result<(), TryLockError> {
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
            done => return done,
        }
    }
    file.try_lock()
}

/// The one absolute path of a file, whatever links lead to it: two names of a store must have one lock. It
/// also keeps SQLite from taking a name such as `file:x?mode=memory` for an address.
pub(super) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
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

fn note_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(HOLDER_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_owner_is_refused_and_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        let first = OwnerLock::take(&store).unwrap();
        match OwnerLock::take(&store) {
            Err(LockError::Held { lock, holder }) => {
                assert_eq!(lock, first.path());
                assert_eq!(holder, Some(std::process::id()));
            }
            other => panic!("expected to be refused, got {other:?}"),
        }
        drop(first);
        OwnerLock::take(&store).unwrap();
    }

    #[test]
    fn a_lock_file_left_behind_means_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        std::fs::write(
            folder.path().join("store.db.lock"),
            "4294967295 garbage that is long",
        )
        .unwrap();
        OwnerLock::take(&store).unwrap();
    }

    #[test]
    fn a_folder_that_is_missing_is_an_input_output_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            OwnerLock::take(&folder.path().join("no/store.db")),
            Err(LockError::Io { .. })
        ));
    }
}
