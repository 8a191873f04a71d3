//! What a disk may hold after a power cut: one of many images, told by its [`Fate`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

use super::disk::{Change, Disk, File, Folder, Names, Node, place_in_memory, put};

/// Bytes that a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// What becomes of bytes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bytes {
    /// All are lost.
    Lost,
    /// All are kept.
    Kept,
    /// Each write by itself is lost or kept, so that a later one may be there without an earlier one.
    Some,
    /// The same, and each sector of a write by itself.
    Torn,
    /// The same, and lost sectors hold noise where they were being written: they are neither old nor new.
    Noise,
    /// Some are kept, and files are as long as if all were: what is missing is zero.
    LongFiles,
    /// All are kept, and files are cut somewhere beyond what was certain.
    ShortFiles,
    /// A disk that was writing a sector spoils the whole of it, bytes included that were certain before. A control:
    /// such disks are excluded in docs/durability.md, and must lose facts.
    SpoilsNeighbours,
}

/// What becomes of names that were not synced. Those of one folder change in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamesKept {
    /// None of the changes.
    None,
    /// All of them.
    All,
    /// In each folder the first few.
    Some,
}

/// What a power cut leaves, of all that it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// What becomes of bytes.
    pub bytes: Bytes,
    /// What becomes of names.
    pub names: NamesKept,
    /// Decides where chance does.
    pub seed: u64,
}

impl Fate {
    /// Everything that was not synced is lost.
    pub const LOST: Self = Self {
        bytes: Bytes::Lost,
        names: NamesKept::None,
        seed: 0,
    };

    /// Everything is kept, as by a program that is killed while the machine goes on.
    pub const KEPT: Self = Self {
        bytes: Bytes::Kept,
        names: NamesKept::All,
        seed: 0,
    };

    /// Each fate of names, with bytes that are lost and bytes that are kept.
    pub fn of_names(chance: &mut SeededEntropy) -> Vec<Self> {
        let all = [NamesKept::None, NamesKept::All, NamesKept::Some];
        let pairs = all
            .into_iter()
            .flat_map(|names| [(names, Bytes::Lost), (names, Bytes::Kept)]);
        let fate = |(names, bytes)| Self {
            bytes,
            names,
            seed: chance.u64(),
        };
        pairs.map(fate).collect()
    }

    /// Any fate of an honest disk.
    pub fn any(chance: &mut SeededEntropy) -> Self {
        const BYTES: [Bytes; 7] = [
            Bytes::Lost,
            Bytes::Kept,
            Bytes::Some,
            Bytes::Torn,
            Bytes::Noise,
            Bytes::LongFiles,
            Bytes::ShortFiles,
        ];
        const NAMES: [NamesKept; 3] = [NamesKept::None, NamesKept::All, NamesKept::Some];
        Self {
            bytes: BYTES[chance.below(BYTES.len() as u64) as usize],
            names: NAMES[chance.below(NAMES.len() as u64) as usize],
            seed: chance.u64(),
        }
    }
}

/// Files and folders as they would be found. Places are below the recorded folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// The files by their place.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The folders but the first.
    pub folders: BTreeSet<String>,
}

impl Image {
    /// What this disk holds after a power cut of this fate.
    pub fn of(disk: &Disk, fate: &Fate) -> Self {
        let mut image = Self::default();
        let mut chance = SeededEntropy::new(fate.seed);
        let mut folders = vec![String::new()];
        while let Some(place) = folders.pop() {
            let Some(folder) = disk.folders.get(&place) else {
                continue;
            };
            for (name, node) in names_of(folder, fate.names, &mut chance) {
                let below = if place.is_empty() {
                    name
                } else {
                    format!("{place}/{name}")
                };
                match node {
                    Node::File(index) => {
                        let content = content_of(&disk.files[index], fate.bytes, &mut chance);
                        image.files.insert(below, content);
                    }
                    Node::Folder => {
                        image.folders.insert(below.clone());
                        folders.push(below);
                    }
                }
            }
        }
        image
    }

    /// A number that is the same for the same content, and for no other.
    pub fn digest(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for folder in &self.folders {
            hasher.update(folder.as_bytes()).update(b"/");
        }
        for (place, content) in &self.files {
            hasher.update(place.as_bytes()).update(b"=");
            hasher
                .update(&(content.len() as u64).to_le_bytes())
                .update(content);
        }
        hasher.finalize()
    }

    /// Puts the image into a folder, in place of what is there.
    pub fn write_to(&self, folder: &Path) {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).expect("a folder for the image");
        for place in &self.folders {
            std::fs::create_dir_all(folder.join(place)).expect("a folder of the image");
        }
        for (place, content) in &self.files {
            std::fs::write(folder.join(place), content).expect("a file of the image");
        }
    }
}

fn names_of(folder: &Folder, kept: NamesKept, chance: &mut SeededEntropy) -> Names {
    let open = folder.open.len();
    let first = match kept {
        NamesKept::None => 0,
        NamesKept::All => open,
        NamesKept::Some => chance.below(open as u64 + 1) as usize,
    };
    let mut names = folder.certain.clone();
    folder
        .open
        .iter()
        .take(first)
        .for_each(|naming| naming.apply(&mut names));
    names
}

fn content_of(file: &File, fate: Bytes, chance: &mut SeededEntropy) -> Vec<u8> {
    let mut content = file.certain.clone();
    if file.open.is_empty() || fate == Bytes::Lost {
        return content;
    }
    for change in &file.open {
        match (fate, change) {
            (Bytes::Kept | Bytes::ShortFiles, _) => change.apply(&mut content),
            (Bytes::Torn | Bytes::Noise | Bytes::SpoilsNeighbours, Change::Write(offset, data)) => {
                tear(&mut content, place_in_memory(*offset), data, fate, chance);
            }
            _ if chance.below(2) == 0 => change.apply(&mut content),
            _ => {}
        }
    }
    match fate {
        Bytes::LongFiles => {
            let mut whole = file.certain.clone();
            file.open.iter().for_each(|change| change.apply(&mut whole));
            content.resize(whole.len(), 0);
        }
        Bytes::ShortFiles => {
            let grown = content.len().saturating_sub(file.certain.len()) as u64;
            let cut = chance.below(grown + 1) as usize;
            content.truncate(content.len() - cut);
        }
        _ => {}
    }
    content
}

/// Writes some sectors of a write, and of the others what the fate makes of them.
fn tear(content: &mut Vec<u8>, offset: usize, data: &[u8], fate: Bytes, chance: &mut SeededEntropy) {
    let mut done = 0;
    while done < data.len() {
        let at = offset + done;
        let sector = at - at % SECTOR_BYTES;
        let length = (sector + SECTOR_BYTES - at).min(data.len() - done);
        let piece = &data[done..done + length];
        match (chance.below(4), fate) {
            (0 | 1, _) => put(content, at, piece),
            (2, Bytes::Noise) => put(content, at, &noise(length, chance)),
            (2, Bytes::SpoilsNeighbours) => {
                let end = (sector + SECTOR_BYTES).min(content.len().max(at + length));
                put(content, sector, &noise(end - sector, chance));
            }
            _ => {}
        }
        done += length;
    }
}

fn noise(length: usize, chance: &mut SeededEntropy) -> Vec<u8> {
    let mut bytes = vec![0; length];
    chance.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Honesty;
    use crate::trace::Act;

    const PLACE: &str = "a";

    fn written(offset: u64, data: &[u8]) -> Act {
        Act::Written {
            file: 1,
            place: PLACE.to_owned(),
            offset,
            data: data.into(),
        }
    }

    fn synced() -> Act {
        Act::Synced {
            file: 1,
            place: PLACE.to_owned(),
        }
    }

    fn folder_synced() -> Act {
        Act::FolderSynced { place: String::new() }
    }

    fn created() -> Act {
        Act::Created {
            file: 1,
            place: PLACE.to_owned(),
        }
    }

    fn disk(honesty: Honesty, acts: &[Act]) -> Disk {
        let mut disk = Disk::new(honesty, |_| true);
        for act in acts {
            disk.take(act);
        }
        disk
    }

    /// Every content that the file may have after these acts; nothing where it may be missing.
    fn found(disk: &Disk) -> BTreeSet<Option<Vec<u8>>> {
        let mut chance = SeededEntropy::new(7);
        let fates = (0..2_000).map(|_| Fate::any(&mut chance));
        fates
            .map(|fate| Image::of(disk, &fate).files.remove(PLACE))
            .collect()
    }

    #[test]
    fn what_is_synced_is_there_and_its_name_only_when_that_is_synced_too() {
        let acts = [created(), written(0, b"old"), synced(), folder_synced()];
        let old = Some(b"old".to_vec());
        assert_eq!(found(&disk(Honesty::Honest, &acts)), [old.clone()].into());
        assert_eq!(found(&disk(Honesty::Honest, &acts[..3])), [None, old].into());
        let nothing = found(&disk(Honesty::IgnoresSyncs, &acts));
        assert!(
            nothing.contains(&None) && nothing.contains(&Some(Vec::new())),
            "{nothing:?}"
        );
    }

    #[test]
    fn a_write_that_is_not_synced_may_be_anything_and_what_was_certain_stays() {
        let acts = [
            created(),
            written(0, &[1; 1024]),
            synced(),
            folder_synced(),
            written(512, &[2; 1024]),
        ];
        for content in found(&disk(Honesty::Honest, &acts)) {
            let content = content.expect("its name is certain");
            assert_eq!(content[..512], [1; 512], "nobody wrote there");
            assert!(content.len() >= 1024, "{} bytes were certain", content.len());
        }
        let sectors: BTreeSet<_> = found(&disk(Honesty::Honest, &acts))
            .into_iter()
            .flatten()
            .map(|content| (content.get(512).copied(), content.get(1024).copied()))
            .collect();
        for wanted in [
            (Some(1), None),
            (Some(2), Some(2)),
            (Some(1), Some(2)),
            (Some(2), None),
            (Some(1), Some(0)),
        ] {
            assert!(sectors.contains(&wanted), "{wanted:?} is not among {sectors:?}");
        }
    }

    #[test]
    fn a_rename_keeps_either_name_and_never_loses_the_file() {
        let renamed = Act::Renamed {
            from: PLACE.to_owned(),
            to: "b".to_owned(),
        };
        let disk = disk(Honesty::Honest, &[created(), folder_synced(), renamed]);
        let mut chance = SeededEntropy::new(7);
        let names: BTreeSet<Vec<String>> = (0..200)
            .map(|_| {
                Image::of(&disk, &Fate::any(&mut chance))
                    .files
                    .into_keys()
                    .collect()
            })
            .collect();
        assert_eq!(names, [vec!["a".to_owned()], vec!["b".to_owned()]].into());
    }

    #[test]
    fn only_a_disk_that_spoils_neighbours_changes_what_was_certain() {
        let acts = [
            created(),
            written(0, &[1; 600]),
            synced(),
            folder_synced(),
            written(600, &[2; 24]),
        ];
        let disk = disk(Honesty::Honest, &acts);
        let spoilt = (0..100).filter(|seed| {
            let fate = Fate {
                bytes: Bytes::SpoilsNeighbours,
                names: NamesKept::All,
                seed: *seed,
            };
            Image::of(&disk, &fate).files[PLACE][..600] != [1; 600]
        });
        assert!(spoilt.count() > 10);
        assert!(
            found(&disk)
                .into_iter()
                .flatten()
                .all(|content| content[..600] == [1; 600])
        );
    }
}
