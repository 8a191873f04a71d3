//! A set-up code in a file on a USB stick: in the configured folder, or in one right below it, where sticks are mounted.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use tallyman_floor::wire::set_up::{SetUpCode, SetUpFault, is_meant};

/// The name of the file.
const FILE_NAME: &str = "tallyman-set-up.txt";

/// Most bytes of it that are read: a code, and what somebody wrote around it.
const FILE_BYTES_MAX: u64 = 8 << 10;

/// Folders below the configured one that are looked into.
const FOLDERS_MAX: usize = 32;

/// The code of the first file that has one; a damaged one is told.
pub(super) fn find(folder: &Path) -> Option<Result<SetUpCode, SetUpFault>> {
    let mut folders = vec![folder.to_path_buf()];
    let below = std::fs::read_dir(folder).ok().into_iter().flatten().flatten();
    let mut below: Vec<PathBuf> = below
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    below.sort();
    folders.extend(below.into_iter().take(FOLDERS_MAX));
    folders.iter().find_map(|folder| read(&folder.join(FILE_NAME)))
}

fn read(path: &Path) -> Option<Result<SetUpCode, SetUpFault>> {
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(FILE_BYTES_MAX)
        .read_to_end(&mut bytes)
        .ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // Some programs write a mark before the text.
    let mut lines = text.lines().map(|line| line.trim_start_matches('\u{feff}'));
    lines.find(|line| is_meant(line)).map(SetUpCode::read)
}
