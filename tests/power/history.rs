//! A recording, understood: which states were ever committed and when they were certain, and what was promised when.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use tallyman_floor::wire::chain::ChainHash;

use super::disk::{Disk, Honesty};
use super::explorer::Subject;
use super::found::{Found, Promise, Stream};
use super::image::{Fate, Image};
use super::talk::Talk;
use super::trace::{Act, Record};

/// A recording with everything that is known of it.
pub struct History {
    /// What happened.
    pub records: Vec<Record>,
    /// What was promised after which record.
    pub promises_at: Vec<(usize, Promise)>,
    /// The states that were ever committed, each with the record after which it was certain.
    pub states_at: Vec<(usize, Arc<Found>)>,
    /// What was once written under each number.
    pub facts: HashMap<(Stream, u64), ChainHash>,
    /// Records that changed something or made it certain.
    pub changes: u64,
}

impl History {
    /// Reads what happened, with an honest disk.
    ///
    /// # Panics
    /// Where a state that was never cut is not sound, or a number was used twice.
    pub fn of<S: Subject>(subject: &mut S, records: Vec<Record>, work: &Path) -> Self {
        let mut disk = Disk::new(Honesty::Honest, S::is_followed);
        let mut talk = Talk::default();
        let mut history = Self {
            records: Vec::new(),
            promises_at: Vec::new(),
            states_at: Vec::new(),
            facts: HashMap::new(),
            changes: 0,
        };
        for (step, record) in records.iter().enumerate() {
            for message in talk.take(record) {
                let promises = subject.promises(&message);
                history
                    .promises_at
                    .extend(promises.into_iter().map(|promise| (step, promise)));
            }
            let changed = disk.take(&record.act);
            history.changes += u64::from(changed);
            let ends_something = matches!(
                record.act,
                Act::Synced { .. } | Act::FolderSynced { .. } | Act::Unlinked { .. } | Act::Renamed { .. }
            );
            if changed && ends_something {
                history.note_state(subject, step, &Image::of(&disk, &Fate::KEPT), work);
            }
        }
        history.records = records;
        for (step, promise) in &history.promises_at {
            if let Promise::Fact(stream, seq, stated) = promise {
                let written = history.facts.get(&(stream.clone(), *seq));
                assert!(
                    written.is_some_and(|written| stated.is_none_or(|stated| stated == *written)),
                    "after record {step}: {stream:?}: {seq} was promised, and {written:?} was written"
                );
            }
        }
        history
    }

    fn note_state<S: Subject>(&mut self, subject: &S, step: usize, image: &Image, work: &Path) {
        image.write_to(work);
        let found = subject.open(work);
        let found = found.unwrap_or_else(|told| panic!("what the program left after record {step}: {told}"));
        assert_eq!(
            found.findings,
            Vec::<String>::new(),
            "after record {step}, without any power cut"
        );
        for (stream, chain) in &found.chains {
            for (seq, hash) in (chain.first..).zip(&chain.hashes) {
                let known = self.facts.insert((stream.clone(), seq), *hash);
                assert!(
                    known.is_none_or(|known| known == *hash),
                    "{stream:?}: the number {seq} was used twice"
                );
            }
        }
        if self
            .states_at
            .last()
            .is_none_or(|(_, last)| last.digest != found.digest)
        {
            self.states_at.push((step, Arc::new(found)));
        }
    }

    /// How many facts were promised.
    pub fn facts_promised(&self) -> usize {
        let facts = self.promises().filter_map(|promise| match promise {
            Promise::Fact(stream, seq, _) => Some((stream, seq)),
            _ => None,
        });
        facts.collect::<BTreeSet<_>>().len()
    }

    /// The states that were ever committed.
    pub fn states(&self) -> impl Iterator<Item = &Found> {
        self.states_at.iter().map(|(_, state)| state.as_ref())
    }

    /// What was promised.
    pub fn promises(&self) -> impl Iterator<Item = &Promise> {
        self.promises_at.iter().map(|(_, promise)| promise)
    }

    /// The states that a power cut after this record may leave: from the last one that somebody was told of to the one
    /// under way.
    pub fn window(&self, step: usize, promised_at: Option<usize>) -> std::ops::Range<usize> {
        let certain_at = |step: usize| self.states_at.partition_point(|(at, _)| *at <= step);
        let from = promised_at.map_or(0, |promised_at| certain_at(promised_at).saturating_sub(1));
        from..(certain_at(step) + 1).min(self.states_at.len())
    }
}

/// What is owed after the promises so far.
#[derive(Debug, Default)]
pub struct Owed {
    /// The record after which something was promised last.
    pub at: Option<usize>,
    /// The first and the last number that was promised; those between were never left out.
    pub facts: BTreeMap<Stream, (u64, u64)>,
    /// How far each stream was called safe in a backup.
    pub backed_up: BTreeMap<Stream, u64>,
    /// How far each stream may be forgotten.
    pub may_forget: BTreeMap<Stream, u64>,
}

impl Owed {
    /// Takes one more promise, made after this record.
    pub fn take(&mut self, step: usize, promise: &Promise) {
        let raise = |marks: &mut BTreeMap<Stream, u64>, stream: &Stream, seq: u64| {
            let mark = marks.entry(stream.clone()).or_default();
            *mark = seq.max(*mark);
        };
        match promise {
            Promise::Done => self.at = Some(step),
            Promise::Fact(stream, seq, _) => {
                let (first, last) = self.facts.entry(stream.clone()).or_insert((*seq, *seq));
                (*first, *last) = ((*first).min(*seq), (*last).max(*seq));
            }
            Promise::BackedUp(stream, seq) => raise(&mut self.backed_up, stream, *seq),
            Promise::MayForget(stream, seq) => raise(&mut self.may_forget, stream, *seq),
        }
    }
}
