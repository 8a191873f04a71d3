//! A recording, read back: what a program did to its files, in order, and what it said and heard meanwhile.
//!
//! The form of the file is told in `recorder.c`. Each life of the recorded program wrote a file of its own; the end of
//! one that was killed may be torn off.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes before the path and the data of a record.
const HEAD_BYTES: usize = 23;

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Record {
    /// Which life of the program, from 0.
    pub life: usize,
    /// What happened.
    pub act: Act,
}

/// What happened. A file is named by its number, which stays when its name changes; places are below the recorded
/// folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A file was made, empty.
    Created { file: u64, place: String },
    /// Bytes were written.
    Written {
        file: u64,
        place: String,
        offset: u64,
        data: Arc<[u8]>,
    },
    /// A file was cut or lengthened to this size.
    Resized { file: u64, place: String, size: u64 },
    /// A file was made at least this long.
    Allocated { file: u64, place: String, size: u64 },
    /// A file was synced.
    Synced { file: u64, place: String },
    /// A folder was synced: the names in it.
    FolderSynced { place: String },
    /// Everything was synced.
    AllSynced,
    /// A name was changed.
    Renamed { from: String, to: String },
    /// A file got another name besides.
    Linked { from: String, to: String },
    /// A name was removed.
    Unlinked { place: String },
    /// A folder was made.
    FolderMade { place: String },
    /// A folder was removed.
    FolderRemoved { place: String },
    /// Something that the recorder does not follow was done to a file.
    Foreign { place: String, what: String },
    /// Bytes were said through a socket.
    Said { socket: u64, data: Arc<[u8]> },
    /// Bytes were heard through a socket.
    Heard { socket: u64, data: Arc<[u8]> },
    /// A socket was closed.
    Closed { socket: u64 },
}

impl Act {
    /// Whether names of files or folders change.
    pub const fn changes_names(&self) -> bool {
        matches!(
            self,
            Self::Created { .. }
                | Self::Renamed { .. }
                | Self::Linked { .. }
                | Self::Unlinked { .. }
                | Self::FolderMade { .. }
                | Self::FolderRemoved { .. }
        )
    }
}

/// Reads all lives of a recording. `record` is what the recorder was given as the name of its files.
pub fn load(record: &Path) -> Vec<Record> {
    let mut records = Vec::new();
    for life in 0.. {
        let Ok(bytes) = std::fs::read(life_path(record, life)) else {
            break;
        };
        read_life(life, &bytes, &mut records);
    }
    assert!(!records.is_empty(), "{} holds no record", record.display());
    records
}

/// The file of one life.
fn life_path(record: &Path, life: usize) -> PathBuf {
    let mut name = record.as_os_str().to_owned();
    name.push(format!(".{life:03}"));
    PathBuf::from(name)
}

fn read_life(life: usize, mut bytes: &[u8], records: &mut Vec<Record>) {
    while let Some(head) = bytes.get(..HEAD_BYTES) {
        let number = |range: std::ops::Range<usize>| {
            let digits = head[range].iter().rev();
            digits.fold(0_u64, |sum, digit| sum << 8 | u64::from(*digit))
        };
        let (file, offset) = (number(1..9), number(9..17));
        let path_end = HEAD_BYTES + number(17..19) as usize;
        let end = path_end + number(19..23) as usize;
        let Some(rest) = bytes.get(HEAD_BYTES..end) else {
            // The program was killed while it wrote this one down; what it did then is not in the files either, or
            // the comparison at the end says so.
            return;
        };
        let (place, data) = rest.split_at(path_end - HEAD_BYTES);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let place = text(place);
        let act = match head[0] {
            b'c' => Act::Created { file, place },
            b'w' => Act::Written {
                file,
                place,
                offset,
                data: data.into(),
            },
            b't' => Act::Resized {
                file,
                place,
                size: offset,
            },
            b'a' => Act::Allocated {
                file,
                place,
                size: offset,
            },
            b's' => Act::Synced { file, place },
            b'd' => Act::FolderSynced { place },
            b'S' => Act::AllSynced,
            b'r' => Act::Renamed {
                from: place,
                to: text(data),
            },
            b'l' => Act::Linked {
                from: place,
                to: text(data),
            },
            b'u' => Act::Unlinked { place },
            b'm' => Act::FolderMade { place },
            b'k' => Act::FolderRemoved { place },
            b'x' => Act::Foreign {
                place,
                what: text(data),
            },
            b'O' => Act::Said {
                socket: file,
                data: data.into(),
            },
            b'I' => Act::Heard {
                socket: file,
                data: data.into(),
            },
            b'Z' => Act::Closed { socket: file },
            other => panic!("the recorder wrote a record of kind {other:?}"),
        };
        records.push(Record { life, act });
        bytes = &bytes[end..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, file: u64, offset: u64, place: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind];
        bytes.extend(file.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        bytes.extend((place.len() as u16).to_le_bytes());
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(place.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn a_recording_is_read_life_by_life_and_a_torn_end_is_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("record");
        let mut first = record(b'c', 7, 0, "a.db", b"");
        let whole = record(b'w', 7, 512, "a.db", b"four");
        first.extend(&whole);
        first.extend(&whole[..whole.len() - 1]);
        std::fs::write(folder.path().join("record.000"), first).expect("written");
        std::fs::write(folder.path().join("record.001"), record(b's', 7, 0, "a.db", b"")).expect("written");
        let records = load(&path);
        let acts: Vec<_> = records
            .iter()
            .map(|record| (record.life, record.act.clone()))
            .collect();
        let (file, place) = (7, "a.db".to_owned());
        let created = Act::Created {
            file,
            place: place.clone(),
        };
        let written = Act::Written {
            file,
            place: place.clone(),
            offset: 512,
            data: b"four".as_slice().into(),
        };
        assert_eq!(
            acts,
            [(0, created), (0, written), (1, Act::Synced { file, place })]
        );
    }
}
