//! Small files that are replaced whole: whoever opens one, even after a power cut, finds the old text or the
//! new. And folders that are there after a power cut.
//!
//! Not for anything that grows or that must agree with something else: that belongs into a store.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Replaces the file at `path`, or creates it with these permission bits (a replaced file gets them too), and
/// returns when the change is on disk.
///
/// The text goes into a new file beside it, which is synced, renamed over the old one, and the folder synced
/// (rename(2), fsync(2)). The folder must exist. Two writers at once each succeed, and one of the texts
/// stays.
///
/// # Errors
///
/// What the system says; the old file is then still there.
pub fn replace(path: impl AsRef<Path>, content: &[u8], mode: u32) -> io::Result<()> {
    let path = path.as_ref();
    let folder = folder_of(path);
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let (mut file, temporary) = create_beside(folder, name, mode)?;
    let written = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&temporary, path))
        .and_then(|()| sync_folder_of(path));
    if written.is_err() {
        // Gone already where the rename succeeded; otherwise nobody wants half a file.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// Makes a folder with these permission bits, and those above it, and returns when their names are on disk. One that
/// is there stays as it is.
///
/// A file that is synced is only as safe as the name of the folder it lies in, and that is written in the folder above
/// (fsync(2)).
///
/// # Errors
///
/// What the system says, as where a file is in the way.
pub fn create_folder(folder: &Path, mode: u32) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder_of(folder);
    if above != folder {
        create_folder(above, mode)?;
    }
    match DirBuilder::new().mode(mode).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    sync_folder_of(folder)
}

/// Returns when the name of this file or folder is on disk, or that it is gone.
///
/// # Errors
///
/// What the system says.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// The folder that a path's last name is written in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// A new file with a name that nobody has.
fn create_beside(folder: &Path, name: &std::ffi::OsStr, mode: u32) -> io::Result<(File, PathBuf)> {
    // Left-overs of a power cut are at most as many as there were cuts.
    const ATTEMPTS_MAX: u32 = 10_000;
    for attempt in 0..ATTEMPTS_MAX {
        let mut temporary = name.to_owned();
        temporary.push(format!(".{}.{attempt}.new", std::process::id()));
        let temporary = folder.join(temporary);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&temporary)
        {
            Ok(file) => return Ok((file, temporary)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        "too many left-over files beside the file to replace",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn names(folder: &Path) -> Vec<String> {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_file_is_created_and_replaced_with_its_permissions_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        replace(&path, b"old", 0o600).unwrap();
        replace(&path, b"new", 0o600).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["token"]);
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        // A folder that is not empty cannot be renamed over.
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("inside"), b"old").unwrap();
        replace(&path, b"new", 0o600).unwrap_err();
        assert_eq!(names(folder.path()), ["token"]);
        assert_eq!(std::fs::read(path.join("inside")).unwrap(), b"old");
        assert_eq!(
            replace("/", b"new", 0o600).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
    }

    #[test]
    fn a_folder_is_made_with_those_above_it_and_one_that_is_there_stays() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("a/b");
        create_folder(&folder, 0o750).unwrap();
        std::fs::write(folder.join("inside"), b"").unwrap();
        create_folder(&folder, 0o700).unwrap();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o750);
        assert_eq!(names(&folder), ["inside"]);
        create_folder(&folder.join("inside"), 0o700).unwrap_err();
        create_folder(&folder.join("inside/deeper"), 0o700).unwrap_err();
    }

    #[test]
    fn what_a_power_cut_left_is_stepped_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let left = folder.path().join(format!("token.{}.0.new", std::process::id()));
        std::fs::write(&left, b"half").unwrap();
        replace(&path, b"new", 0o600).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }
}
