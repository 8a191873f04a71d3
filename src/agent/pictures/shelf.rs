//! The folder of pictures: bounded, and what was not looked at for longest goes first.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tallyman_floor::PictureId;
use tallyman_floor::wire::picture::{PICTURE_BYTES_MAX, id_of};
use tallyman_platform::disk;

use crate::seams::pictures::PictureFault;

/// What the end of a picture's file is called.
const ENDING: &str = "png";

/// The end of one that is being written.
const UNFINISHED: &str = "part";

/// Files of the folder that are looked at when the program starts; more than any bound lets it hold.
const FILES_MAX: usize = 50_000;

/// A file takes whole blocks of a disk.
const BLOCK_BYTES: u64 = 4_096;

/// The folder.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    bytes_max: u64,
    /// So much room on the disk is left alone.
    free_bytes_min: u64,
    kept: HashMap<PictureId, Kept>,
    bytes: u64,
    /// Counts looks, so that the least recent one is known.
    looks: u64,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    bytes: u64,
    looked_at: u64,
}

/// How much is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShelfFigures {
    /// Pictures.
    pub count: usize,
    /// Bytes that they take on the disk.
    pub bytes: u64,
}

impl Shelf {
    /// Looks into a folder. One that is not there, or cannot be read, has nothing in it; it is made with the first picture.
    pub fn open(folder: &Path, bytes_max: u64, free_bytes_min: u64) -> Self {
        let mut shelf = Self {
            folder: folder.to_path_buf(),
            bytes_max,
            free_bytes_min,
            kept: HashMap::new(),
            bytes: 0,
            looks: 0,
        };
        let mut found = shelf.found();
        // The clock may be wrong: then some go too early, and come again.
        found.sort_by_key(|(_, _, at)| *at);
        for (picture, bytes, _) in found {
            shelf.note(picture, bytes);
        }
        shelf.make_room(0);
        shelf
    }

    /// The pictures in the folder, and when each was last looked at. What is left of one that was not finished is removed.
    fn found(&self) -> Vec<(PictureId, u64, SystemTime)> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for entry in entries.flatten().take(FILES_MAX) {
            let path = entry.path();
            let (name, ending) = (path.file_stem(), path.extension());
            let picture = name.and_then(|name| name.to_str()).and_then(PictureId::named);
            let Some(picture) = picture else { continue };
            if ending.is_some_and(|ending| ending == UNFINISHED) {
                let _ = fs::remove_file(&path);
            } else if ending.is_some_and(|ending| ending == ENDING)
                && let Ok(about) = entry.metadata()
                && about.is_file()
            {
                let at = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.push((picture, blocks(about.len()), at));
            }
        }
        found
    }

    /// How much is there.
    pub fn figures(&self) -> ShelfFigures {
        ShelfFigures {
            count: self.kept.len(),
            bytes: self.bytes,
        }
    }

    /// So many pictures fit at least, however large they are.
    pub fn pictures_max(&self) -> usize {
        let each = blocks(PICTURE_BYTES_MAX as u64);
        usize::try_from(self.bytes_max / each).unwrap_or(usize::MAX)
    }

    /// Those of these that are not here. The others count as looked at, the first of them last: what is wanted stays.
    pub fn missing(&mut self, wanted: &[PictureId]) -> Vec<PictureId> {
        for picture in wanted.iter().rev() {
            self.look_at(picture);
        }
        let missing = wanted.iter().filter(|picture| !self.kept.contains_key(*picture));
        missing.cloned().collect()
    }

    /// A picture, where it is here and what its name says. One that is not is removed, and wanted again.
    pub fn get(&mut self, picture: &PictureId) -> Option<Vec<u8>> {
        self.kept.get(picture)?;
        let path = self.path(picture, ENDING);
        let png = fs::metadata(&path)
            .ok()
            .filter(|about| about.len() <= PICTURE_BYTES_MAX as u64)
            .and_then(|_| fs::read(&path).ok())
            .filter(|png| id_of(png) == *picture);
        if png.is_none() {
            tracing::warn!(%picture, "a picture is damaged or gone, and is fetched again");
            self.remove(picture);
            return None;
        }
        self.look_at(picture);
        // Which one goes first is remembered beyond this run, as far as the clock is right.
        if let Ok(file) = File::options().write(true).open(&path) {
            let _ = file.set_modified(SystemTime::now());
        }
        png
    }

    /// Keeps a picture, and lets go of others for it. Nothing is synced: after a power cut it is here whole, or is fetched
    /// again.
    ///
    /// # Errors
    /// Why it is not here. Where the disk is nearly full, no other picture is either.
    pub fn keep(&mut self, picture: &PictureId, png: &[u8]) -> Result<(), PictureFault> {
        let bytes = blocks(png.len() as u64);
        if bytes > self.bytes_max {
            return Err(PictureFault::NoRoom);
        }
        fs::create_dir_all(&self.folder)?;
        if disk::space(&self.folder)?.free_bytes < self.free_bytes_min.saturating_add(bytes) {
            self.clear();
            return Err(PictureFault::NoRoom);
        }
        self.make_room(bytes);
        let (part, whole) = (self.path(picture, UNFINISHED), self.path(picture, ENDING));
        let written = write(&part, png).and_then(|()| fs::rename(&part, &whole));
        if let Err(error) = written {
            let _ = fs::remove_file(&part);
            return Err(error.into());
        }
        self.note(picture.clone(), bytes);
        Ok(())
    }

    /// Removes all of them.
    fn clear(&mut self) {
        for picture in self.kept.keys().cloned().collect::<Vec<_>>() {
            self.remove(&picture);
        }
    }

    fn note(&mut self, picture: PictureId, bytes: u64) {
        self.looks += 1;
        let kept = Kept {
            bytes,
            looked_at: self.looks,
        };
        let before = self.kept.insert(picture, kept);
        self.bytes = self.bytes + bytes - before.map_or(0, |before| before.bytes);
    }

    fn look_at(&mut self, picture: &PictureId) {
        if let Some(kept) = self.kept.get_mut(picture) {
            self.looks += 1;
            kept.looked_at = self.looks;
        }
    }

    fn make_room(&mut self, bytes: u64) {
        while self.bytes.saturating_add(bytes) > self.bytes_max {
            let least = self.kept.iter().min_by_key(|(_, kept)| kept.looked_at);
            let Some(picture) = least.map(|(picture, _)| picture.clone()) else {
                return;
            };
            self.remove(&picture);
        }
    }

    fn remove(&mut self, picture: &PictureId) {
        if let Some(kept) = self.kept.remove(picture) {
            self.bytes -= kept.bytes;
        }
        let path = self.path(picture, ENDING);
        if let Err(error) = fs::remove_file(path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::debug!(%error, %picture, "a picture cannot be removed");
        }
    }

    fn path(&self, picture: &PictureId, ending: &str) -> PathBuf {
        self.folder.join(format!("{picture}.{ending}"))
    }
}

fn write(path: &Path, png: &[u8]) -> io::Result<()> {
    File::create(path)?.write_all(png)
}

/// What a file of so many bytes takes.
const fn blocks(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK_BYTES) * BLOCK_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something of so many blocks, and what it is called.
    fn picture(nth: u8, blocks: usize) -> (PictureId, Vec<u8>) {
        let png = vec![nth; blocks * BLOCK_BYTES as usize];
        (id_of(&png), png)
    }

    fn shelf(folder: &Path, blocks_max: u64) -> Shelf {
        Shelf::open(folder, blocks_max * BLOCK_BYTES, 0)
    }

    fn count(shelf: &Shelf) -> (usize, u64) {
        (shelf.figures().count, shelf.figures().bytes / BLOCK_BYTES)
    }

    #[test]
    fn what_was_not_looked_at_for_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = shelf(&folder.path().join("pictures"), 4);
        let [a, b, c, d] = [1, 2, 3, 4].map(|nth| picture(nth, if nth == 4 { 2 } else { 1 }));
        for (id, png) in [&a, &b, &c] {
            shelf.keep(id, png).unwrap();
        }
        assert_eq!(count(&shelf), (3, 3));
        assert_eq!(shelf.get(&a.0).as_ref(), Some(&a.1));
        shelf.keep(&d.0, &d.1).unwrap();
        assert_eq!(count(&shelf), (3, 4), "one had to go");
        assert_eq!(shelf.get(&b.0), None, "nobody looked at it");
        // What is wanted stays, though nobody has looked at it.
        assert_eq!(
            shelf.missing(&[c.0.clone(), b.0.clone(), a.0.clone()]),
            std::slice::from_ref(&b.0)
        );
        shelf.keep(&b.0, &b.1).unwrap();
        assert_eq!(shelf.get(&d.0), None);
        assert!([&a, &b, &c].iter().all(|(id, _)| shelf.get(id).is_some()));
        let files = fs::read_dir(folder.path().join("pictures")).unwrap().count();
        assert_eq!(
            (files, count(&shelf)),
            (3, (3, 3)),
            "the folder holds what is counted"
        );
    }

    #[test]
    fn one_that_is_too_large_for_the_folder_is_not_kept_and_takes_no_room() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = shelf(folder.path(), 1);
        let (small, large) = (picture(1, 1), picture(2, 2));
        shelf.keep(&small.0, &small.1).unwrap();
        assert!(matches!(
            shelf.keep(&large.0, &large.1),
            Err(PictureFault::NoRoom)
        ));
        assert!(shelf.get(&small.0).is_some());
        shelf.keep(&small.0, &small.1).unwrap();
        assert_eq!(count(&shelf), (1, 1), "kept twice it counts once");
    }

    #[test]
    fn a_damaged_cut_or_missing_file_is_removed_and_wanted_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = |id: &PictureId| folder.path().join(format!("{id}.png"));
        let pictures = [1, 2, 3, 4].map(|nth| picture(nth, 1));
        let ids = pictures.each_ref().map(|(id, _)| id.clone());
        let mut first = shelf(folder.path(), 100);
        for (id, png) in &pictures {
            first.keep(id, png).unwrap();
        }
        let harm = |shelf: &mut Shelf| {
            // A flipped bit, half of a file as after a power cut, nothing at all, and a file that is gone.
            let mut png = pictures[0].1.clone();
            png[7] ^= 1;
            fs::write(path(&ids[0]), png).unwrap();
            fs::write(path(&ids[1]), &pictures[1].1[..100]).unwrap();
            fs::write(path(&ids[2]), b"").unwrap();
            let _ = fs::remove_file(path(&ids[3]));
            for id in &ids {
                assert_eq!(shelf.get(id), None);
                assert!(!path(id).exists());
            }
            assert_eq!(shelf.missing(&ids), ids);
            assert_eq!(count(shelf), (0, 0));
        };
        harm(&mut first);
        for (id, png) in &pictures {
            first.keep(id, png).unwrap();
        }
        // The same for one that starts anew, which also finds what was not finished.
        let part = folder.path().join(format!("{}.part", ids[0]));
        fs::write(&part, b"half").unwrap();
        fs::write(folder.path().join("README.txt"), b"not ours").unwrap();
        let mut second = shelf(folder.path(), 100);
        assert_eq!(count(&second), (4, 4));
        assert!(!part.exists() && folder.path().join("README.txt").exists());
        harm(&mut second);
    }

    #[test]
    fn a_folder_that_is_larger_than_it_may_be_is_made_smaller() {
        let folder = tempfile::tempdir().unwrap();
        let mut large = shelf(folder.path(), 100);
        for nth in 0..10 {
            let (id, png) = picture(nth, 1);
            large.keep(&id, &png).unwrap();
        }
        assert_eq!(count(&shelf(folder.path(), 3)), (3, 3));
        assert_eq!(count(&shelf(folder.path(), 0)), (0, 0));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_disk_without_room_to_spare_gets_its_room_back() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (picture(1, 1), picture(2, 1));
        shelf(folder.path(), 10).keep(&a.0, &a.1).unwrap();
        let mut full = Shelf::open(folder.path(), 10 * BLOCK_BYTES, u64::MAX);
        assert_eq!(full.figures().count, 1);
        assert!(matches!(full.keep(&b.0, &b.1), Err(PictureFault::NoRoom)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error_and_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        let mut shelf = shelf(&file.join("pictures"), 10);
        let (id, png) = picture(1, 1);
        assert!(matches!(shelf.keep(&id, &png), Err(PictureFault::Folder(_))));
        assert_eq!(
            (shelf.get(&id), shelf.missing(std::slice::from_ref(&id))),
            (None, vec![id])
        );
    }
}
