//! Room on a disk, to ask for before work starts rather than in the middle of it.

use std::io;
use std::path::Path;

/// The room on a file system, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What this user can still write; less than what is free, where some is kept for root.
    pub free_bytes: u64,
    /// The size of the file system.
    pub total_bytes: u64,
}

/// The room on the file system that holds `path`, which must exist (statvfs(3)).
///
/// # Errors
///
/// What the system says, such as that `path` does not exist.
pub fn space(path: impl AsRef<Path>) -> io::Result<Space> {
    let stat = rustix::fs::statvfs(path.as_ref())?;
    Ok(Space {
        free_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
        total_bytes: stat.f_blocks.saturating_mul(stat.f_frsize),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_room_and_a_missing_one_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let space_there = space(folder.path()).unwrap();
        assert!(space_there.free_bytes > 0 && space_there.free_bytes <= space_there.total_bytes);
        assert_eq!(
            space(folder.path().join("no")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
