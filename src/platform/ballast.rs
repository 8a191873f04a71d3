//! A reserve on the disk, to be given up when it is full.
//!
//! On a full disk a store can neither delete nor mark rows, and a store in WAL mode cannot even be opened:
//! its shared memory is a file too. Removing one file that was written in better times makes all of that work
//! again.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::entropy::{Entropy as _, SeededEntropy};

/// What a device should keep: room for SQLite's shared memory, a checkpoint and a day of confirmations.
pub const RESERVE_BYTES: u64 = 4 << 20;

/// Written piece by piece, so that filling needs little memory.
const PIECE_BYTES: usize = 64 << 10;

/// A file whose only purpose is its size.
#[derive(Debug, Clone)]
pub struct Ballast {
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    /// The ballast at `path`, which must be on the file system whose fullness is feared, of this size.
    /// Nothing is written yet.
    pub fn new(path: impl Into<PathBuf>, bytes: u64) -> Ballast {
        Ballast {
            path: path.into(),
            bytes,
        }
    }

    /// Makes sure that the reserve is there, whole and on disk. Costs nothing where it is.
    ///
    /// The bytes are noise: file systems that compress, or leave holes for zeros, would reserve nothing.
    ///
    /// # Errors
    ///
    /// What the system says. Where there is no room for the whole reserve (`StorageFull`), none is kept: a
    /// part would only make the disk fuller.
    pub fn hold(&self) -> io::Result<()> {
        match self.path.metadata() {
            Ok(there) if there.len() == self.bytes => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let filled = self.fill();
        if filled.is_err() {
            let _ = std::fs::remove_file(&self.path);
        }
        filled
    }

    /// Gives the reserve up. True where there was one.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn release(&self) -> io::Result<bool> {
        match std::fs::remove_file(&self.path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn fill(&self) -> io::Result<()> {
        let mut file: File = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&self.path)?;
        let mut noise = SeededEntropy::new(self.bytes);
        let mut piece = vec![0; PIECE_BYTES];
        let mut missing = self.bytes;
        while missing > 0 {
            let length = missing.min(PIECE_BYTES as u64) as usize;
            noise.fill(&mut piece[..length]);
            file.write_all(&piece[..length])?;
            missing -= length as u64;
        }
        file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn the_reserve_takes_room_and_gives_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::new(folder.path().join("ballast"), 300_001);
        assert!(!ballast.release().unwrap());
        ballast.hold().unwrap();
        let metadata = ballast.path().metadata().unwrap();
        assert_eq!(metadata.len(), 300_001);
        assert!(
            metadata.blocks() * 512 >= 300_001,
            "a file with holes reserves nothing"
        );
        assert!(ballast.release().unwrap());
        assert!(!ballast.path().exists());
    }

    #[test]
    fn half_a_reserve_is_made_whole_and_a_whole_one_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::new(folder.path().join("ballast"), 100_000);
        std::fs::write(ballast.path(), b"half").unwrap();
        ballast.hold().unwrap();
        assert_eq!(ballast.path().metadata().unwrap().len(), 100_000);
        // Another text of the right size shows that nothing is written again.
        std::fs::write(ballast.path(), vec![7; 100_000]).unwrap();
        ballast.hold().unwrap();
        assert_eq!(std::fs::read(ballast.path()).unwrap(), vec![7; 100_000]);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::new(folder.path().join("no/ballast"), 1);
        assert_eq!(ballast.hold().unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
