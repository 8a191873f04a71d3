//! A disk as POSIX lets it be: what was synced is there after a power cut, and of the rest anything may be.
//!
//! A sync of a file makes its bytes and its size certain, a sync of a folder the names in it, and neither does the
//! other's work. Names of one folder change in their order (every file system in use keeps a log of them or writes
//! them in order); bytes that were not synced may arrive in any order, in part, or not at all.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::trace::Act;

/// What a disk does with syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Honesty {
    /// What a sync covers is certain when it returns.
    Honest,
    /// Syncs do nothing: a drive with a volatile cache that answers "done". A control, which must lose facts.
    IgnoresSyncs,
    /// As if SQLite ran with `synchronous=NORMAL`, which syncs its log at checkpoints only. A control, which must lose
    /// facts.
    LogSyncedAtCheckpoints,
}

/// A change of a file's content.
#[derive(Debug, Clone)]
pub enum Change {
    /// Bytes at an offset.
    Write(u64, Arc<[u8]>),
    /// This size from now on.
    Resize(u64),
    /// At least this size from now on.
    Allocate(u64),
}

impl Change {
    /// Makes the change.
    pub fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write(offset, data) => put(content, place_in_memory(*offset), data),
            Self::Resize(size) => content.resize(place_in_memory(*size), 0),
            Self::Allocate(size) => content.resize(content.len().max(place_in_memory(*size)), 0),
        }
    }
}

/// Puts bytes at an offset; what lies between the end and the offset is zero.
pub fn put(content: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(data);
}

/// A number of the recording as a place in memory.
pub fn place_in_memory(number: u64) -> usize {
    usize::try_from(number).expect("a file that fits into memory")
}

/// A file: what is certain, and what came since.
#[derive(Debug, Default)]
pub struct File {
    /// What the last sync made certain.
    pub certain: Vec<u8>,
    /// What came since, in order.
    pub open: Vec<Change>,
    /// It is SQLite's log.
    is_log: bool,
    /// Changes since the program last asked for a sync, whatever the disk made of it.
    asked_for: usize,
    /// They are the header of a log that begins anew, and nothing else.
    only_header: bool,
}

impl File {
    fn change(&mut self, change: Change) {
        self.only_header =
            self.asked_for == 0 && matches!(&change, Change::Write(0, data) if data.len() == 32);
        self.asked_for += 1;
        self.open.push(change);
    }

    fn sync(&mut self, honesty: Honesty) {
        // A sync of the log without a write since the last one is a checkpoint's, and one after the header alone begins
        // the log anew. SQLite makes both in either mode; the others are those of COMMIT.
        let is_commit = self.is_log && self.asked_for > 0 && !self.only_header;
        self.asked_for = 0;
        match honesty {
            Honesty::Honest => {}
            Honesty::LogSyncedAtCheckpoints if !is_commit => {}
            Honesty::LogSyncedAtCheckpoints | Honesty::IgnoresSyncs => return,
        }
        for change in self.open.drain(..) {
            change.apply(&mut self.certain);
        }
    }
}

/// What a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// A file, by its number on this disk.
    File(usize),
    /// A folder, known by its place.
    Folder,
}

/// The names in a folder.
pub type Names = BTreeMap<String, Node>;

/// A change of names in one folder.
#[derive(Debug, Clone)]
pub enum Naming {
    /// A name leads to this from now on.
    Put(String, Node),
    /// A name is gone.
    Remove(String),
    /// A name is another one; what had that name is gone.
    Rename(String, String),
    /// What has the first name has the second one too.
    Link(String, String),
}

impl Naming {
    /// Makes the change.
    pub fn apply(&self, names: &mut Names) {
        match self {
            Self::Put(name, node) => {
                names.insert(name.clone(), *node);
            }
            Self::Remove(name) => {
                names.remove(name);
            }
            Self::Rename(from, to) => {
                if let Some(node) = names.remove(from) {
                    names.insert(to.clone(), node);
                }
            }
            Self::Link(from, to) => {
                if let Some(node) = names.get(from) {
                    names.insert(to.clone(), *node);
                }
            }
        }
    }
}

/// A folder: names that are certain, and their changes since.
#[derive(Debug, Default)]
pub struct Folder {
    /// What the last sync made certain.
    pub certain: Names,
    /// What came since, in order.
    pub open: Vec<Naming>,
}

impl Folder {
    fn sync(&mut self) {
        for naming in self.open.drain(..) {
            naming.apply(&mut self.certain);
        }
    }
}

/// Everything below the recorded folder, which is there from the start and is called "".
pub struct Disk {
    honesty: Honesty,
    is_followed: fn(&str) -> bool,
    /// The files, those without a name included.
    pub files: Vec<File>,
    /// The folders by their place.
    pub folders: BTreeMap<String, Folder>,
    by_number: HashMap<u64, usize>,
}

impl Disk {
    /// An empty disk. Places that are not followed are passed over, as logs for people.
    pub fn new(honesty: Honesty, is_followed: fn(&str) -> bool) -> Self {
        Self {
            honesty,
            is_followed,
            files: Vec::new(),
            folders: BTreeMap::from([(String::new(), Folder::default())]),
            by_number: HashMap::new(),
        }
    }

    /// Does what the program did. Answers whether it was anything about followed files, names or syncs.
    pub fn take(&mut self, act: &Act) -> bool {
        let honesty = self.honesty;
        match act {
            Act::Created { file, place } if (self.is_followed)(place) => {
                let node = Node::File(self.files.len());
                self.by_number.insert(*file, self.files.len());
                self.files.push(File {
                    is_log: place.ends_with("-wal"),
                    ..File::default()
                });
                self.name(place, |name| Naming::Put(name, node))
            }
            Act::Created { .. } => false,
            Act::Written {
                file,
                place,
                offset,
                data,
            } => {
                let change = Change::Write(*offset, Arc::clone(data));
                self.with_file(*file, place, |file| file.change(change))
            }
            Act::Resized { file, place, size } => {
                self.with_file(*file, place, |file| file.change(Change::Resize(*size)))
            }
            Act::Allocated { file, place, size } => {
                self.with_file(*file, place, |file| file.change(Change::Allocate(*size)))
            }
            Act::Synced { file, place } => self.with_file(*file, place, |file| file.sync(honesty)),
            Act::FolderSynced { place } => self.sync_folder(place),
            Act::AllSynced => {
                self.files.iter_mut().for_each(|file| file.sync(honesty));
                let places: Vec<_> = self.folders.keys().cloned().collect();
                places.iter().all(|place| self.sync_folder(place))
            }
            Act::Renamed { from, to } => self.name_again(from, to, Naming::Rename),
            Act::Linked { from, to } => self.name_again(from, to, Naming::Link),
            Act::Unlinked { place } | Act::FolderRemoved { place } => self.name(place, Naming::Remove),
            Act::FolderMade { place } => {
                self.folders.insert(place.clone(), Folder::default());
                self.name(place, |name| Naming::Put(name, Node::Folder))
            }
            Act::Foreign { place, what } => panic!("{what} on {place}: the recorder does not follow it"),
            Act::Said { .. } | Act::Heard { .. } | Act::Closed { .. } => false,
        }
    }

    fn with_file(&mut self, number: u64, place: &str, change: impl FnOnce(&mut File)) -> bool {
        if !(self.is_followed)(place) {
            return false;
        }
        let index = self.by_number.get(&number);
        change(&mut self.files[*index.unwrap_or_else(|| panic!("{place} was there before the recording"))]);
        true
    }

    fn sync_folder(&mut self, place: &str) -> bool {
        if self.honesty != Honesty::IgnoresSyncs {
            let folder = self.folders.get_mut(place);
            folder
                .unwrap_or_else(|| panic!("the folder {place} was never made"))
                .sync();
        }
        true
    }

    fn name_again(&mut self, from: &str, to: &str, naming: fn(String, String) -> Naming) -> bool {
        let (folder, name) = split(to);
        assert_eq!(
            split(from).0,
            folder,
            "{from} changes its folder, which is not followed"
        );
        self.name(from, |from| naming(from, name.to_owned()))
    }

    fn name(&mut self, place: &str, naming: impl FnOnce(String) -> Naming) -> bool {
        if !(self.is_followed)(place) {
            return false;
        }
        let (folder, name) = split(place);
        let found = self.folders.get_mut(folder);
        let found = found.unwrap_or_else(|| panic!("the folder {folder} was never made"));
        found.open.push(naming(name.to_owned()));
        true
    }
}

/// Folder and name of a place.
fn split(place: &str) -> (&str, &str) {
    place.rsplit_once('/').unwrap_or(("", place))
}
