//! The hub's half, as `src/hub/ledger/sqlite/apply.rs` and `devices.rs` have it: journals by epoch, forks, grants.

use super::rules::{DeltaMark, Rules};
use super::{Fact, First, Hash, Mark, START};

/// One record on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Record {
    pub seq: u8,
    pub fact: Fact,
    pub hash: Hash,
    /// Which record it was before it moved here.
    pub first: Option<First>,
}

/// What a device asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Request {
    /// `POST /v1/confirmations`; without records a heartbeat.
    Batch {
        epoch: u8,
        previous: Hash,
        records: Vec<Record>,
    },
    /// `POST /v1/device/epoch`.
    Epoch { epoch: u8 },
}

/// What a hub answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Answer {
    Receipt(Receipt),
    Granted {
        epoch: u8,
        /// What the hub has of the epoch that the request named, and since when it tells more: of every epoch.
        marks: Vec<EpochMark>,
        /// What it has of records that moved, by what they were first.
        moved: Vec<First>,
    },
}

/// See `wire::v1::Receipt`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receipt {
    pub generation: u8,
    pub epoch: u8,
    pub applied: u8,
    pub stable: u8,
    pub expected: Option<u8>,
    pub fork: bool,
}

/// How far the hub is in an epoch, and the hash of the last record there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EpochMark {
    pub epoch: u8,
    pub applied: u8,
    pub last_hash: Hash,
}

/// The journal of the device in one epoch: what is applied, in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Journal {
    pub epoch: u8,
    pub facts: Vec<(Fact, Hash)>,
    /// Those of them that moved here, by what they were first.
    pub moved: Vec<First>,
    pub stable: u8,
    /// It takes nothing more.
    pub forked: bool,
}

impl Journal {
    fn applied(&self) -> u8 {
        self.facts.len() as u8
    }

    fn last_hash(&self) -> Hash {
        self.facts.last().map_or(START, |(_, hash)| *hash)
    }

    fn known(&self, seq: u8) -> Option<Hash> {
        let place = usize::from(seq).checked_sub(1)?;
        self.facts.get(place).map(|(_, hash)| *hash)
    }

    fn first_different(&self, records: &[Record]) -> Option<u8> {
        let different = records
            .iter()
            .find(|record| self.known(record.seq) != Some(record.hash));
        different
            .map(|record| record.seq)
            .or_else(|| records.last().map(|record| record.seq + 1))
    }
}

/// The hub, as one device sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hub {
    pub generation: u8,
    /// The epoch it expects of the device.
    pub expects: u8,
    pub journals: Vec<Journal>,
}

impl Hub {
    /// A hub at which the device has just enrolled.
    pub fn new() -> Self {
        let mut hub = Self {
            generation: 1,
            expects: 1,
            journals: Vec::new(),
        };
        hub.journal(1);
        hub
    }

    /// Every fact it has applied, as often as it has.
    pub fn facts(&self) -> impl Iterator<Item = Fact> {
        self.journals
            .iter()
            .flat_map(|journal| &journal.facts)
            .map(|(fact, _)| *fact)
    }

    pub fn has(&self, fact: Fact) -> bool {
        self.facts().any(|known| known == fact)
    }

    /// The hash of the record at a place.
    pub fn at(&self, place: Mark) -> Option<Hash> {
        let journal = self.journals.iter().find(|journal| journal.epoch == place.epoch);
        journal.and_then(|journal| journal.known(place.seq))
    }

    /// Does what is asked.
    pub fn take(&mut self, request: &Request, rules: &Rules) -> Answer {
        match request {
            Request::Batch {
                epoch,
                previous,
                records,
            } => {
                let (expected, fork) = self.take_batch(*epoch, *previous, records, rules);
                let journal = self.journal(*epoch);
                let (applied, stable) = (journal.applied(), journal.stable);
                Answer::Receipt(Receipt {
                    generation: self.generation,
                    epoch: *epoch,
                    applied,
                    stable,
                    expected,
                    fork,
                })
            }
            Request::Epoch { epoch } => self.grant(*epoch, rules),
        }
    }

    fn take_batch(
        &mut self,
        epoch: u8,
        previous: Hash,
        records: &[Record],
        rules: &Rules,
    ) -> (Option<u8>, bool) {
        let journal = self.journal(epoch);
        if let Some(window) = rules.hub_remembers {
            // The rule of message brokers: what is among the last few is known, everything else is new.
            for record in records {
                let mut recent = journal.facts.iter().rev().take(window);
                if !recent.any(|(_, hash)| *hash == record.hash) {
                    journal.facts.push((record.fact, record.hash));
                }
            }
            return (None, false);
        }
        if journal.forked {
            return (journal.first_different(records), true);
        }
        let first = match records.first() {
            Some(first) if first.seq <= journal.applied() => first.seq,
            _ => journal.applied() + 1,
        };
        for (index, (record, expected)) in records.iter().zip(first..).enumerate() {
            if record.seq != expected {
                return (Some(journal.applied() + 1), false);
            }
            if record.seq <= journal.applied() {
                if rules.hub_compares && journal.known(record.seq) != Some(record.hash) {
                    journal.forked = true;
                    return (journal.first_different(&records[index..]), true);
                }
                continue;
            }
            if rules.hub_compares && index == 0 && previous != journal.last_hash() {
                journal.forked = true;
                return (journal.first_different(records), true);
            }
            journal.facts.push((record.fact, record.hash));
            journal.moved.extend(record.first);
        }
        (None, false)
    }

    fn grant(&mut self, asked: u8, rules: &Rules) -> Answer {
        let epoch = self.expects.max(asked) + 1;
        let mark = |journal: &Journal| EpochMark {
            epoch: journal.epoch,
            applied: journal.applied(),
            last_hash: journal.last_hash(),
        };
        let told = |journal: &&Journal| rules.grant_tells_all || journal.epoch == asked;
        let marks = self.journals.iter().filter(told).map(mark).collect();
        let moved = self.journals.iter().filter(|_| rules.grant_tells_moves);
        let moved = moved.flat_map(|journal| &journal.moved).copied().collect();
        if rules.grant_closes {
            let until = if rules.grant_closes_all { epoch } else { asked };
            let closed = self.journals.iter_mut().filter(|journal| journal.epoch <= until);
            closed.for_each(|journal| journal.forked = true);
        }
        self.journal(epoch);
        Answer::Granted { epoch, marks, moved }
    }

    /// The journal of an epoch. One that the hub does not know starts at nothing.
    fn journal(&mut self, epoch: u8) -> &mut Journal {
        self.expects = self.expects.max(epoch);
        let place = self.journals.partition_point(|journal| journal.epoch < epoch);
        if self
            .journals
            .get(place)
            .is_none_or(|journal| journal.epoch != epoch)
        {
            self.journals.insert(
                place,
                Journal {
                    epoch,
                    facts: Vec::new(),
                    moved: Vec::new(),
                    stable: 0,
                    forked: false,
                },
            );
        }
        &mut self.journals[place]
    }

    /// The mark in a delta: the device's facts up to here are in its figures.
    pub fn delta_mark(&self, rules: &Rules) -> Mark {
        let with_facts = self.journals.iter().rev().find(|journal| journal.applied() > 0);
        let expected = self.journals.iter().find(|journal| journal.epoch == self.expects);
        let journal = match rules.delta_mark {
            DeltaMark::OfEpochExpected => expected,
            DeltaMark::OfNewestFact => with_facts,
        };
        journal.map_or(Mark::default(), |journal| Mark {
            epoch: journal.epoch,
            seq: journal.applied(),
        })
    }

    /// Makes a checked backup, and moves the stable marks to what is in it.
    pub fn back_up(&mut self) -> Self {
        let copy = self.clone();
        for journal in &mut self.journals {
            journal.stable = journal.applied();
        }
        copy
    }
}
