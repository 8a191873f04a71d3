//! A batch as it is read before any database is asked: each record's hash checked, its body understood, or the reason
//! why it steps aside. And what of it is new, once the database has said where the device stands.
//!
//! How a record steps aside: its chain hash is compared with what its bytes give. Where they differ the record is
//! kept as it came, marked, and not posted; the hash that the device stated still carries the chain, so that the
//! records behind it are taken as usual. A record before the mark whose hash is another one is a second story (a
//! fork): the epoch takes nothing more, and the device has to ask for a new one.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::value::RawValue;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{Batch, ClockReading, ConfirmationBody, Heartbeat, Outcome, Record};

use crate::ledger::DeviceIdentity;
use crate::ledger::interpret::Fact;

/// Records of second stories that are kept for one device: enough to see what happened, too few to fill a disk.
pub const FORK_RECORDS_MAX: u64 = 10_000;

/// Characters of a text that should be a hash and is kept where it is another one: twice what a hash has.
pub const HASH_CHARACTERS_MAX: usize = 64;

/// A batch, read.
#[derive(Debug)]
pub struct ReadBatch {
    /// Who sent it.
    pub from: DeviceIdentity,
    /// The epoch of its records.
    pub epoch: u32,
    /// What the first record says stood before it; `None` where that is no hash.
    pub previous: Option<ChainHash>,
    /// The records.
    pub records: Vec<ReadRecord>,
    /// The device's clocks.
    pub clock: ClockReading,
    /// How the device is.
    pub heartbeat: Heartbeat,
}

/// A record, read.
#[derive(Debug)]
pub struct ReadRecord {
    /// Its place in the device's journal.
    pub seq: u64,
    /// The hash as it came, at most [`HASH_CHARACTERS_MAX`] of it.
    pub hash_text: String,
    /// The hash it states; `None` where the text is none.
    pub stated: Option<ChainHash>,
    /// What the next record builds on and the journal keeps: the stated hash, else what the bytes give.
    pub hash: ChainHash,
    /// Its body, byte for byte.
    pub body: Box<RawValue>,
    /// What it says.
    pub content: Content,
}

/// What a record says.
#[derive(Debug)]
pub enum Content {
    /// A confirmation that [`Fact::read`] understands.
    Fact(Box<ConfirmationBody>),
    /// Something that is kept as it came and not posted.
    Aside(Aside),
}

/// Why a record steps aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// The word in the journal: `hash`, `form`, `site` or `ledger`.
    pub why: &'static str,
    /// A sentence for people.
    pub sentence: String,
}

impl Aside {
    /// Because of `why`, in words.
    pub fn new(why: &'static str, sentence: impl Into<String>) -> Self {
        Self {
            why,
            sentence: sentence.into(),
        }
    }

    /// Because the ledger, or the database under it, has no room for a figure or a text of it.
    pub fn ledger(cause: impl std::fmt::Display) -> Self {
        Self::new("ledger", format!("The ledger cannot hold it: {cause}."))
    }
}

impl ReadBatch {
    /// Reads a batch of a device that has proved itself.
    pub fn read(from: DeviceIdentity, batch: Batch) -> Self {
        let previous = ChainHash::from_hex(&batch.previous_hash);
        let mut before = previous.unwrap_or(ChainHash::START);
        let mut records = Vec::with_capacity(batch.records.len());
        for record in batch.records {
            let record = read_record(&from, batch.epoch, before, record);
            before = record.hash;
            records.push(record);
        }
        Self {
            from,
            epoch: batch.epoch,
            previous,
            records,
            clock: batch.clock,
            heartbeat: batch.heartbeat,
        }
    }

    /// Records of one epoch as the journal has them, to be posted later than they came. That they follow each other was
    /// checked when they came.
    pub fn of_journal(
        from: DeviceIdentity,
        epoch: u32,
        records: impl IntoIterator<Item = (u64, ChainHash, String)>,
    ) -> Self {
        let records = records.into_iter().filter_map(|(seq, hash, body)| {
            let body = RawValue::from_string(body).ok()?;
            Some(ReadRecord {
                content: what_it_says(&from, body.get().as_bytes()),
                seq,
                hash_text: hash.to_string(),
                stated: Some(hash),
                hash,
                body,
            })
        });
        let records = records.collect();
        Self {
            from,
            epoch,
            previous: None,
            records,
            clock: ClockReading {
                boot: String::new(),
                boottime_us: 0,
                wall: jiff::Timestamp::UNIX_EPOCH,
            },
            heartbeat: Heartbeat {
                version: String::new(),
                waiting: 0,
                worker: None,
                task: None,
                scanners: Vec::new(),
                ..Heartbeat::default()
            },
        }
    }

    /// Whether the device has nothing left that the hub lacks, given the marks behind this batch: it says that nothing
    /// else waits, and what it says of the past is what the hub has.
    pub fn drains(&self, marks: &Marks) -> bool {
        let carried = u64::try_from(self.records.len()).unwrap_or(u64::MAX);
        let is_at_mark = match self.records.last() {
            Some(last) => last.seq == marks.applied_seq,
            None => self.previous == Some(marks.last_hash),
        };
        self.heartbeat.waiting <= carried && is_at_mark && !marks.forked
    }

    /// The facts of these records.
    pub fn facts(&self, range: Range<usize>) -> impl Iterator<Item = &ConfirmationBody> {
        let records = self.records.get(range).unwrap_or_default();
        records.iter().filter_map(|record| match &record.content {
            Content::Fact(body) => Some(body.as_ref()),
            Content::Aside(_) => None,
        })
    }
}

fn read_record(from: &DeviceIdentity, epoch: u32, previous: ChainHash, record: Record) -> ReadRecord {
    let body = record.body.get().as_bytes();
    let computed = ChainHash::of_record(previous, &from.device, epoch, record.seq, body);
    let stated = ChainHash::from_hex(&record.hash);
    ReadRecord {
        content: content(from, stated, computed, body),
        seq: record.seq,
        hash_text: record.hash.chars().take(HASH_CHARACTERS_MAX).collect(),
        stated,
        hash: stated.unwrap_or(computed),
        body: record.body,
    }
}

fn content(from: &DeviceIdentity, stated: Option<ChainHash>, computed: ChainHash, body: &[u8]) -> Content {
    let aside = |why, sentence: &str| Content::Aside(Aside::new(why, sentence));
    if stated.is_none() {
        return aside("form", "It comes with no hash.");
    }
    if stated != Some(computed) {
        return aside(
            "hash",
            "Its hash does not fit its content: it was changed after it was written.",
        );
    }
    what_it_says(from, body)
}

/// What the bytes of a record say.
fn what_it_says(from: &DeviceIdentity, body: &[u8]) -> Content {
    let aside = |why, sentence: &str| Content::Aside(Aside::new(why, sentence));
    match serde_json::from_slice::<Box<ConfirmationBody>>(body) {
        Err(error) => aside("form", &format!("It is no confirmation: {error}.")),
        Ok(body) if body.site != from.site => aside(
            "site",
            "It was written for another site than the device belongs to.",
        ),
        Ok(body) => match Fact::read(&body) {
            Err(sentence) => aside("form", &sentence),
            Ok(_) => Content::Fact(body),
        },
    }
}

/// The hub's side of one device's journal in one epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// Everything up to here is journalled.
    pub applied_seq: u64,
    /// Everything up to here is in a backup.
    pub stable_seq: u64,
    /// The hash of the record at the mark.
    pub last_hash: ChainHash,
    /// Whether the device told two stories: nothing more is applied in this epoch.
    pub forked: bool,
}

impl Marks {
    /// Of an epoch that is new to the hub.
    pub const START: Self = Self {
        applied_seq: 0,
        stable_seq: 0,
        last_hash: ChainHash::START,
        forked: false,
    };
}

/// What the journal holds under a number that a batch brings again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its hash.
    pub hash: ChainHash,
    /// What its sender was told about it.
    pub outcome: Option<Outcome>,
}

/// Where the hub stands with the sender of a batch.
#[derive(Debug)]
pub struct Standing {
    /// The marks of the batch's epoch.
    pub marks: Marks,
    /// What is there already of the batch's numbers.
    pub earlier: HashMap<u64, Earlier>,
    /// Whether its facts are set aside.
    pub hold: Hold,
}

/// Whether the facts of a device are set aside: while it is revoked, and behind that for as long as a supervisor has not
/// decided about those that were. So they stay in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hold {
    /// They are posted.
    #[default]
    None,
    /// They are set aside, and nobody was told yet.
    Begins,
    /// They are set aside as others before them.
    GoesOn,
}

impl Hold {
    /// Of a device that may be revoked, about which an exception may be open.
    pub const fn of(is_revoked: bool, is_open: bool) -> Self {
        match (is_revoked, is_open) {
            (_, true) => Self::GoesOn,
            (true, false) => Self::Begins,
            (false, false) => Self::None,
        }
    }
}

/// What is to be done with a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sifted {
    /// Records that are new and follow what is there.
    pub new: Range<usize>,
    /// What the repeated ones were told.
    pub repeated: Vec<Outcome>,
    /// Wanted next, where the batch cannot be taken whole.
    pub expected_seq: Option<u64>,
    /// From this record on it is a second story.
    pub second_story: Option<usize>,
}

impl Standing {
    /// Says which records are new, which are repeated, and where the batch breaks off.
    pub fn sift(&self, batch: &ReadBatch) -> Sifted {
        let records = &batch.records;
        if self.marks.forked {
            return self.fork(records, 0);
        }
        let mut sifted = Sifted::default();
        let mut applied = self.marks.applied_seq;
        let first = match records.first() {
            Some(first) if first.seq <= applied => first.seq,
            _ => applied.saturating_add(1),
        };
        for (index, (record, expected)) in records.iter().zip(first..).enumerate() {
            if record.seq != expected {
                sifted.expected_seq = Some(applied.saturating_add(1));
                break;
            }
            if record.seq <= self.marks.applied_seq {
                if self.known_hash(record.seq) != record.stated {
                    return Sifted {
                        repeated: sifted.repeated,
                        ..self.fork(records, index)
                    };
                }
                let earlier = self.earlier.get(&record.seq);
                sifted
                    .repeated
                    .extend(earlier.and_then(|earlier| earlier.outcome.clone()));
                continue;
            }
            // The first record says what stood before it; the others stand behind each other.
            if index == 0 && batch.previous != Some(self.marks.last_hash) {
                return self.fork(records, 0);
            }
            if sifted.new.is_empty() {
                sifted.new.start = index;
            }
            sifted.new.end = index + 1;
            applied = record.seq;
        }
        sifted
    }

    fn known_hash(&self, seq: u64) -> Option<ChainHash> {
        self.earlier.get(&seq).map(|earlier| earlier.hash)
    }

    fn fork(&self, records: &[ReadRecord], from: usize) -> Sifted {
        Sifted {
            second_story: Some(from),
            expected_seq: self.first_different(records.get(from..).unwrap_or_default()),
            ..Sifted::default()
        }
    }

    /// The first of these records that is not the one the hub has under its number; the number after the last where
    /// all are. What stands before it the device need not write again in its next epoch.
    fn first_different(&self, records: &[ReadRecord]) -> Option<u64> {
        let differs = |record: &&ReadRecord| !self.has(record);
        match records.iter().find(differs) {
            Some(record) => Some(record.seq),
            None => records.last().map(|record| record.seq.saturating_add(1)),
        }
    }

    /// Whether the journal has this very record.
    fn has(&self, record: &ReadRecord) -> bool {
        self.known_hash(record.seq)
            .is_some_and(|known| Some(known) == record.stated)
    }

    /// The records of a second story that are kept, where `kept` of the device are there already. A number beyond what
    /// a journal can ever reach is nonsense and kept nowhere.
    pub fn to_keep<'a>(
        &self,
        batch: &'a ReadBatch,
        from: usize,
        kept: u64,
    ) -> impl Iterator<Item = &'a ReadRecord> {
        let room = usize::try_from(FORK_RECORDS_MAX.saturating_sub(kept)).unwrap_or(0);
        let records = batch.records.get(from..).unwrap_or_default();
        let possible = |record: &&ReadRecord| i64::try_from(record.seq).is_ok();
        let records = records.iter().take(room).filter(possible);
        records.filter(|record| !self.has(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records with these numbers; a hash of 0 is no hash.
    fn batch(previous: u8, records: &[(u64, u8)]) -> ReadBatch {
        let from = DeviceIdentity {
            site: "main".to_owned(),
            device: "one".to_owned(),
        };
        let hash = |byte: u8| ChainHash::from_slice(&[byte; ChainHash::BYTES]);
        ReadBatch {
            from,
            epoch: 1,
            previous: hash(previous),
            records: records
                .iter()
                .map(|(seq, byte)| ReadRecord {
                    seq: *seq,
                    hash_text: String::new(),
                    stated: hash(*byte).filter(|_| *byte != 0),
                    hash: hash(*byte).unwrap(),
                    body: RawValue::from_string("{}".to_owned()).unwrap(),
                    content: Content::Aside(Aside::new("form", "")),
                })
                .collect(),
            clock: ClockReading {
                boot: String::new(),
                boottime_us: 0,
                wall: jiff::Timestamp::UNIX_EPOCH,
            },
            heartbeat: Heartbeat {
                version: String::new(),
                waiting: 0,
                worker: None,
                task: None,
                scanners: Vec::new(),
                ..Heartbeat::default()
            },
        }
    }

    /// A hub that has the records 1 to `applied`, each with its number as its hash.
    fn standing(applied: u8) -> Standing {
        let hash = |byte: u8| ChainHash::from_slice(&[byte; ChainHash::BYTES]).unwrap();
        let outcome = |seq: u64| Outcome {
            seq,
            kind: "exception".to_owned(),
            code: "short".to_owned(),
            message: String::new(),
        };
        Standing {
            marks: Marks {
                applied_seq: applied.into(),
                stable_seq: 0,
                last_hash: hash(applied),
                forked: false,
            },
            earlier: (1..=applied)
                .map(|seq| {
                    let outcome = (seq == 2).then(|| outcome(seq.into()));
                    (
                        u64::from(seq),
                        Earlier {
                            hash: hash(seq),
                            outcome,
                        },
                    )
                })
                .collect(),
            hold: Hold::None,
        }
    }

    #[test]
    fn what_is_new_is_told_from_what_is_repeated_missing_or_another_story() {
        // Previous, records, applied: new, repeated outcomes, expected, second story from.
        type Row = (
            u8,
            &'static [(u64, u8)],
            u8,
            Range<usize>,
            usize,
            Option<u64>,
            Option<usize>,
        );
        let rows: &[Row] = &[
            (0, &[(1, 1), (2, 2)], 0, 0..2, 0, None, None),
            (3, &[(4, 4)], 3, 0..1, 0, None, None),
            (0, &[(1, 1), (2, 2), (3, 3), (4, 4)], 3, 3..4, 1, None, None),
            (0, &[(1, 1), (2, 2)], 3, 0..0, 1, None, None),
            (0, &[], 3, 0..0, 0, None, None),
            // Holes.
            (4, &[(5, 5)], 3, 0..0, 0, Some(4), None),
            (3, &[(4, 4), (6, 6)], 3, 0..1, 0, Some(5), None),
            (0, &[(2, 2), (4, 4)], 3, 0..0, 1, Some(4), None),
            (3, &[(u64::MAX, 9)], 3, 0..0, 0, Some(4), None),
            // Second stories: another hash, another past, no hash under a known number.
            (0, &[(1, 1), (2, 9), (3, 3)], 3, 0..0, 0, Some(2), Some(1)),
            (9, &[(4, 4)], 3, 0..0, 0, Some(4), Some(0)),
            (0, &[(1, 0)], 3, 0..0, 0, Some(1), Some(0)),
        ];
        for (previous, records, applied, new, repeated, expected, second) in rows.iter().cloned() {
            let sifted = standing(applied).sift(&batch(previous, records));
            let found = (
                sifted.new.clone(),
                sifted.repeated.len(),
                sifted.expected_seq,
                sifted.second_story,
            );
            assert_eq!(
                found,
                (new, repeated, expected, second),
                "{records:?} on {applied}"
            );
        }
    }

    #[test]
    fn a_forked_epoch_takes_nothing_and_keeps_what_is_not_there_yet() {
        let mut standing = standing(3);
        standing.marks.forked = true;
        let batch = batch(0, &[(1, 1), (2, 9), (4, 4), (u64::MAX, 5)]);
        let sifted = standing.sift(&batch);
        assert_eq!(
            (sifted.new.len(), sifted.expected_seq, sifted.second_story),
            (0, Some(2), Some(0))
        );
        let kept = |kept| {
            let records = standing.to_keep(&batch, 0, kept);
            records.map(|record| record.seq).collect::<Vec<_>>()
        };
        assert_eq!(kept(0), [2, 4]);
        assert_eq!(kept(FORK_RECORDS_MAX - 2), [2]);
        assert_eq!(kept(FORK_RECORDS_MAX), [0; 0]);
    }
}
