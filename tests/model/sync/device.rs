//! The device's half, as `src/agent/sync/upload.rs`, its lane and `src/agent/store` have it: rows, marks, epochs.

use super::hub::{Answer, EpochMark, Receipt, Record, Request};
use super::rules::Rules;
use super::{Fact, First, Hash, Mark, START, link};

/// Records in one batch at most.
const BATCH_RECORDS_MAX: usize = 2;

/// A row of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Row {
    pub at: Mark,
    pub fact: Fact,
    pub hash: Hash,
    /// Which record it was before it moved here.
    pub first: Option<First>,
    /// A later epoch has it.
    pub moved: bool,
}

impl Row {
    fn first(&self) -> First {
        self.first.unwrap_or(First {
            epoch: self.at.epoch,
            hash: self.hash,
        })
    }
}

/// What sync has learned from the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Marks {
    pub generation: u8,
    pub applied: Mark,
    pub stable: Mark,
}

/// What is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Store {
    pub epoch: u8,
    pub rows: Vec<Row>,
    pub marks: Marks,
    /// What the hub called stable on some day; a week later it may be forgotten.
    pub stable_day: Mark,
}

impl Store {
    fn row(&self, at: Mark) -> Option<&Row> {
        self.rows.iter().find(|row| row.at == at)
    }

    fn hash_of(&self, at: Mark) -> Option<Hash> {
        if at.seq == 0 {
            Some(START)
        } else {
            self.row(at).map(|row| row.hash)
        }
    }

    fn last_seq(&self) -> u8 {
        let mut own = self.rows.iter().filter(|row| row.at.epoch == self.epoch);
        own.next_back().map_or(0, |row| row.at.seq)
    }

    pub fn has(&self, fact: Fact) -> bool {
        self.rows.iter().any(|row| row.fact == fact)
    }

    fn append(&mut self, fact: Fact, first: Option<First>) -> Mark {
        let last = Mark {
            epoch: self.epoch,
            seq: self.last_seq(),
        };
        let at = Mark {
            seq: last.seq + 1,
            ..last
        };
        let previous = self.hash_of(last).unwrap_or(START);
        self.rows.push(Row {
            at,
            fact,
            hash: link(previous, fact),
            first,
            moved: false,
        });
        at
    }

    fn has_earlier_epochs(&self) -> bool {
        self.rows
            .iter()
            .any(|row| row.at.epoch < self.epoch && !row.moved)
    }
}

/// What the device waits for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A batch made with these marks, of so many records.
    Batch { marks: Marks, sent: u8 },
    /// Whether the hub has a record that is not here.
    Missing { marks: Marks },
    /// Another epoch; what comes after the mark is written again.
    Epoch { after: Mark, generation: u8 },
}

/// A request under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asking {
    pub purpose: Purpose,
    pub request: Request,
    pub answer: Option<Answer>,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Device {
    pub store: Store,
    /// The marks as noted last; they are written with the next step.
    pub marks: Marks,
    /// The marks as the writer believes them to be written.
    pub written: Marks,
    /// Another epoch is wanted: from where on records are written again, and the hub's life that it is wanted of.
    pub wanted: Option<(Mark, u8)>,
    pub asking: Option<Asking>,
}

impl Device {
    /// A device that has just enrolled.
    pub fn new() -> Self {
        let begin = Mark { epoch: 1, seq: 0 };
        let marks = Marks {
            generation: 1,
            applied: begin,
            stable: begin,
        };
        Self {
            store: Store {
                epoch: 1,
                rows: Vec::new(),
                marks,
                stable_day: Mark::default(),
            },
            marks,
            written: marks,
            wanted: None,
            asking: None,
        }
    }

    /// Starts on a store: what was under way is unknown.
    pub fn start(store: Store) -> Self {
        let mut marks = store.marks;
        if marks.applied.epoch != store.epoch || marks.applied.seq > store.last_seq() {
            marks.applied = Mark {
                epoch: store.epoch,
                seq: 0,
            };
        }
        Self {
            store,
            marks,
            written: marks,
            wanted: None,
            asking: None,
        }
    }

    /// A scan is committed, the marks with it.
    pub fn confirm(&mut self, fact: Fact, rules: &Rules) {
        self.store.append(fact, None);
        self.flush(rules);
    }

    /// Writes the marks where they changed.
    pub fn flush(&mut self, rules: &Rules) {
        if self.marks.applied.epoch != self.store.epoch || self.marks == self.written {
            return;
        }
        self.store.marks = self.marks;
        let stable = self.marks.stable;
        if stable > self.written.stable {
            // The beginning of an epoch says nothing of those before it.
            if stable.seq > 0 || !rules.only_facts_are_stable {
                self.store.stable_day = stable;
            }
        } else if stable < self.written.stable {
            self.store.stable_day = self.store.stable_day.min(stable);
        }
        self.written = self.marks;
    }

    pub fn waiting(&self) -> u8 {
        self.store.last_seq().saturating_sub(self.marks.applied.seq)
    }

    /// What it asks next.
    pub fn ask(&self) -> Asking {
        if let Some((after, generation)) = self.wanted {
            return Asking {
                purpose: Purpose::Epoch { after, generation },
                request: Request::Epoch {
                    epoch: self.store.epoch,
                },
                answer: None,
            };
        }
        let marks = self.marks;
        let records = self.records_after(marks.applied);
        let previous = self.store.hash_of(marks.applied);
        let missing = previous.is_none() || (records.is_empty() && self.waiting() > 0);
        let purpose = if missing {
            Purpose::Missing { marks }
        } else {
            Purpose::Batch {
                marks,
                sent: records.len() as u8,
            }
        };
        Asking {
            purpose,
            request: Request::Batch {
                epoch: marks.applied.epoch,
                previous: previous.unwrap_or(START),
                records,
            },
            answer: None,
        }
    }

    /// The records after a mark, up to the first that is not here.
    fn records_after(&self, after: Mark) -> Vec<Record> {
        if self.store.hash_of(after).is_none() {
            return Vec::new();
        }
        let wanted = (after.seq + 1..).map(|seq| Mark { seq, ..after });
        let rows = wanted.map_while(|at| self.store.row(at));
        rows.take(BATCH_RECORDS_MAX)
            .map(|row| Record {
                seq: row.at.seq,
                fact: row.fact,
                hash: row.hash,
                first: row.first,
            })
            .collect()
    }

    /// Takes the answer to what it asked.
    pub fn hear(&mut self, rules: &Rules) {
        let Some(Asking {
            purpose,
            answer: Some(answer),
            ..
        }) = self.asking.take()
        else {
            return;
        };
        match (purpose, answer) {
            (Purpose::Batch { marks, sent }, Answer::Receipt(receipt)) => {
                self.answered(marks, sent, &receipt, rules);
            }
            (Purpose::Missing { mut marks }, Answer::Receipt(receipt)) => {
                let has = receipt.applied.min(self.store.last_seq());
                if receipt.epoch == marks.applied.epoch && !receipt.fork && has > marks.applied.seq {
                    marks.applied.seq = has;
                    self.marks = marks;
                } else {
                    self.wanted = Some((marks.applied, receipt.generation));
                }
            }
            (Purpose::Epoch { after, generation }, Answer::Granted { epoch, marks, moved }) => {
                self.begin_epoch(epoch, after, &marks, &moved, rules);
                if rules.restore_renews {
                    self.marks.generation = generation;
                }
            }
            (purpose, answer) => unreachable!("{purpose:?} was answered by {answer:?}"),
        }
    }

    fn answered(&mut self, marks: Marks, sent: u8, receipt: &Receipt, rules: &Rules) {
        if receipt.fork && receipt.expected.is_none() && sent > 0 && rules.nameless_fork_is_nonsense {
            return;
        }
        let before = marks.applied;
        let (sent_last, last) = (before.seq + sent, self.store.last_seq());
        let mut next = Marks {
            generation: receipt.generation,
            ..marks
        };
        let wants_epoch = |seq: u8| Some((Mark { seq, ..before }, receipt.generation));
        if receipt.fork {
            let same = receipt
                .expected
                .map_or(before.seq, |seq| seq.saturating_sub(1))
                .min(sent_last);
            if same == sent_last && sent_last < last && receipt.expected.is_some() {
                next.applied.seq = sent_last;
            } else {
                self.wanted = wants_epoch(same);
            }
        } else if let Some(expected) = receipt.expected {
            next.applied.seq = expected.saturating_sub(1).min(sent_last);
        } else if receipt.applied > sent_last && sent_last == last {
            self.wanted = wants_epoch(last);
        } else {
            next.applied.seq = receipt.applied.min(sent_last);
        }
        next.stable = Mark {
            seq: receipt.stable.min(next.applied.seq),
            ..before
        };
        let restored = marks.generation != receipt.generation;
        if restored && rules.restore_renews && self.store.has_earlier_epochs() {
            // The hub may lack facts of earlier epochs, which are sent no more. Its new name is learned when the next
            // epoch has begun, so that a device that restarts before asks again.
            next.generation = marks.generation;
            if self.wanted.is_none() {
                self.wanted = wants_epoch(next.applied.seq);
            }
        }
        self.marks = next;
    }

    /// Begins an epoch and writes again what the hub lacks.
    fn begin_epoch(&mut self, epoch: u8, after: Mark, marks: &[EpochMark], moved: &[First], rules: &Rules) {
        if epoch <= self.store.epoch {
            // Cannot happen at a hub that knows the device; the store refuses it.
            return;
        }
        let of_epoch = |epoch: u8| marks.iter().find(|mark| mark.epoch == epoch);
        let has = |row: &Row| {
            let told = of_epoch(row.at.epoch);
            let applied = told.map_or(0, |mark| mark.applied);
            if row.at.epoch < after.epoch {
                return !rules.grant_tells_all || row.at.seq <= applied;
            }
            let same_story = rules.grant_tells_all
                && told.is_some_and(|mark| {
                    let at = Mark {
                        seq: mark.applied,
                        ..after
                    };
                    self.store.hash_of(at) == Some(mark.last_hash)
                });
            if same_story {
                row.at.seq <= applied
            } else {
                row.at.seq <= after.seq.min(applied)
            }
        };
        let lacking: Vec<usize> = (0..self.store.rows.len())
            .filter(|place| {
                let row = &self.store.rows[*place];
                !row.moved && row.at.epoch <= after.epoch && !has(row)
            })
            .collect();
        self.store.epoch = epoch;
        for place in lacking {
            let row = &mut self.store.rows[place];
            row.moved = true;
            let (fact, first) = (row.fact, row.first());
            // The hub may have it already, of a copy of this store that went on.
            if !moved.contains(&first) {
                self.store.append(fact, Some(first));
            }
        }
        let begin = Mark { epoch, seq: 0 };
        for marks in [&mut self.marks, &mut self.written] {
            marks.applied = begin;
            marks.stable = begin;
        }
        self.wanted = None;
    }

    /// A week passes: what was stable then is forgotten, but for the stable record itself, which begins the chain.
    pub fn forget(&mut self, rules: &Rules) {
        self.flush(rules);
        let until = if rules.forgets_at_applied {
            self.written.applied
        } else {
            self.store.stable_day.min(self.written.applied)
        };
        self.store.rows.retain(|row| row.at >= until);
    }
}
