//! Cuts the power at every step of a recording, in many ways, and opens what is left with the real code.
//!
//! The rule for what may be found is strict: exactly the state after one of the commits, not an earlier one than the
//! last that somebody was told of, and not a later one than the commit under way. The facts that were promised are
//! looked for one by one besides.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tallyman_floor::wire::chain::ChainHash;
use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

use super::disk::{Disk, Honesty};
use super::found::{Found, Promise, Stream};
use super::image::{Bytes, Fate, Image, NamesKept};
use super::talk::{Message, Talk};
use super::trace::{Act, Record};

/// Findings that are kept with their words.
const EXAMPLES_MAX: usize = 8;

/// What is recorded: how its promises are heard, and how its store is opened.
pub trait Subject: Sync {
    /// Whether a place below the recorded folder is looked at.
    fn is_followed(place: &str) -> bool;
    /// What a message promises.
    fn promises(&mut self, message: &Message) -> Vec<Promise>;
    /// Opens the store in a folder with the real code, and says what is in it.
    ///
    /// # Errors
    /// What whoever opened it was told.
    fn open(&self, folder: &Path) -> Result<Found, String>;
}

/// A recording with everything that is known of it.
pub struct History {
    records: Vec<Record>,
    /// What was promised after which record.
    promises: Vec<(usize, Promise)>,
    /// The states that were ever committed, each with the record after which it was certain.
    states: Vec<(usize, Arc<Found>)>,
    /// What was once written under each number.
    facts: HashMap<(Stream, u64), ChainHash>,
    /// Records that changed something or made it certain.
    changes: u64,
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
            promises: Vec::new(),
            states: Vec::new(),
            facts: HashMap::new(),
            changes: 0,
        };
        for (step, record) in records.iter().enumerate() {
            for message in talk.take(record) {
                let promises = subject.promises(&message);
                history
                    .promises
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
        for (step, promise) in &history.promises {
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
            .states
            .last()
            .is_none_or(|(_, last)| last.digest != found.digest)
        {
            self.states.push((step, Arc::new(found)));
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
        self.states.iter().map(|(_, state)| state.as_ref())
    }

    /// What was promised.
    pub fn promises(&self) -> impl Iterator<Item = &Promise> {
        self.promises.iter().map(|(_, promise)| promise)
    }

    /// The states that a power cut after this record may leave: from the last one that somebody was told of to the one
    /// under way.
    fn window(&self, step: usize, promised_at: Option<usize>) -> std::ops::Range<usize> {
        let certain_at = |step: usize| self.states.partition_point(|(at, _)| *at <= step);
        let from = promised_at.map_or(0, |promised_at| certain_at(promised_at).saturating_sub(1));
        from..(certain_at(step) + 1).min(self.states.len())
    }
}

/// How an exploration goes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What the disk does with syncs.
    pub honesty: Honesty,
    /// One way of losing bytes in place of all that an honest disk has.
    pub only: Option<Bytes>,
    /// About so many images, spread over all steps.
    pub images: u64,
    /// Decides where chance does.
    pub seed: u64,
    /// Where images stay in which something is wrong, for somebody to look at.
    pub keep: Option<PathBuf>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Figures for each way of losing bytes.
    pub by_bytes: BTreeMap<Bytes, Figures>,
    /// Images that were not the same as an earlier one.
    pub distinct: u64,
    /// The first few findings.
    pub examples: Vec<String>,
}

/// Counted images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// All of them.
    pub images: u64,
    /// Not opened, or found damaged.
    pub unopenable: u64,
    /// Something is missing that was promised.
    pub lost: u64,
    /// A number that was promised holds something else, or a fact is there twice.
    pub altered: u64,
    /// A state that was never committed.
    pub torn: u64,
}

impl Figures {
    /// Nothing is wrong.
    pub const fn hold(&self) -> bool {
        self.unopenable == 0 && self.lost == 0 && self.altered == 0 && self.torn == 0
    }
}

impl Tally {
    /// The sum over all ways.
    pub fn all(&self) -> Figures {
        let mut all = Figures::default();
        for figures in self.by_bytes.values() {
            all.images += figures.images;
            all.unopenable += figures.unopenable;
            all.lost += figures.lost;
            all.altered += figures.altered;
            all.torn += figures.torn;
        }
        all
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |formatter: &mut fmt::Formatter<'_>, name: String, figures: &Figures| {
            writeln!(
                formatter,
                "  {name:<16} {:>8} images, {:>6} unopenable, {:>6} lost, {:>6} altered, {:>6} torn",
                figures.images, figures.unopenable, figures.lost, figures.altered, figures.torn
            )
        };
        for (bytes, figures) in &self.by_bytes {
            line(formatter, format!("{bytes:?}"), figures)?;
        }
        line(formatter, format!("all, {} distinct", self.distinct), &self.all())?;
        self.examples
            .iter()
            .try_for_each(|example| writeln!(formatter, "  {example}"))
    }
}

/// What is owed after the promises so far.
#[derive(Debug, Default)]
struct Owed {
    /// The record after which something was promised last.
    at: Option<usize>,
    /// The first and the last number that was promised; those between were never left out.
    facts: BTreeMap<Stream, (u64, u64)>,
    backed_up: BTreeMap<Stream, u64>,
    may_forget: BTreeMap<Stream, u64>,
}

impl Owed {
    fn take(&mut self, step: usize, promise: &Promise) {
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

/// Cuts the power as the plan says. `work` is a folder for images, best in memory.
pub fn explore<S: Subject>(subject: &S, history: &History, plan: &Plan, work: &Path) -> Tally {
    let mut chance = SeededEntropy::new(plan.seed);
    let mut disk = Disk::new(plan.honesty, S::is_followed);
    let mut owed = Owed::default();
    let mut explorer = Explorer {
        subject,
        history,
        work,
        keep: plan.keep.as_deref(),
        known: HashMap::new(),
        tally: Tally::default(),
    };
    let mut promises = history.promises.iter().peekable();
    for (step, record) in history.records.iter().enumerate() {
        let changed = disk.take(&record.act);
        let mut promised = false;
        while let Some((_, promise)) = promises.next_if(|(at, _)| *at == step) {
            owed.take(step, promise);
            promised = true;
        }
        // Moments that are few and matter most are cut whatever chance says.
        if promised {
            explorer.cut(&disk, &Fate::LOST, step, &owed);
        }
        if changed && record.act.changes_names() && plan.only.is_none() {
            for fate in Fate::of_names(&mut chance) {
                explorer.cut(&disk, &fate, step, &owed);
            }
        }
        if changed {
            for _ in 0..images_here(plan.images, history.changes, &mut chance) {
                let fate = fate_of(plan, &mut chance);
                explorer.cut(&disk, &fate, step, &owed);
            }
        }
    }
    explorer.tally
}

/// So many images after this change that all changes together have about as many as planned.
fn images_here(planned: u64, changes: u64, chance: &mut SeededEntropy) -> u64 {
    planned / changes + u64::from(chance.below(changes) < planned % changes)
}

fn fate_of(plan: &Plan, chance: &mut SeededEntropy) -> Fate {
    let fate = Fate::any(chance);
    match plan.only {
        Some(bytes) => Fate {
            bytes,
            names: NamesKept::All,
            ..fate
        },
        None => fate,
    }
}

struct Explorer<'a, S> {
    subject: &'a S,
    history: &'a History,
    work: &'a Path,
    keep: Option<&'a Path>,
    /// What was found in images that were opened, by their content.
    known: HashMap<blake3::Hash, Result<Arc<Found>, Arc<str>>>,
    tally: Tally,
}

impl<S: Subject> Explorer<'_, S> {
    fn cut(&mut self, disk: &Disk, fate: &Fate, step: usize, owed: &Owed) {
        let image = Image::of(disk, fate);
        let digest = image.digest();
        let found = match self.known.get(&digest) {
            Some(found) => found.clone(),
            None => {
                self.tally.distinct += 1;
                image.write_to(self.work);
                let found = self.open();
                self.known.insert(digest, found.clone());
                found
            }
        };
        let mut faults = Figures {
            images: 1,
            ..Figures::default()
        };
        let mut told = Vec::new();
        match &found {
            Ok(found) => self.judge(found, step, owed, &mut faults, &mut told),
            Err(damage) => {
                faults.unopenable = 1;
                told.push(damage.to_string());
            }
        }
        let figures = self.tally.by_bytes.entry(fate.bytes).or_default();
        figures.images += 1;
        figures.unopenable += faults.unopenable;
        figures.lost += faults.lost;
        figures.altered += faults.altered;
        figures.torn += faults.torn;
        if !told.is_empty() && self.tally.examples.len() < EXAMPLES_MAX {
            let act = short(&self.history.records[step].act);
            let mut example = format!("after record {step} ({act}), {fate:?}: {}", told.join("; "));
            if let Some(keep) = self.keep {
                let folder = keep.join(self.tally.examples.len().to_string());
                image.write_to(&folder);
                example.push_str(&format!(" See {}", folder.display()));
            }
            self.tally.examples.push(example);
        }
    }

    fn open(&self) -> Result<Arc<Found>, Arc<str>> {
        let found = self.subject.open(self.work)?;
        if !found.findings.is_empty() {
            return Err(found.findings.join("; ").into());
        }
        // Most images hold one of few states; one copy of each is enough.
        let states = self.history.states.iter();
        let mut same =
            states.filter(|(_, state)| state.digest == found.digest && same_backups(state, &found));
        Ok(same
            .next()
            .map_or_else(|| Arc::new(found.clone()), |(_, state)| Arc::clone(state)))
    }

    fn judge(&self, found: &Found, step: usize, owed: &Owed, faults: &mut Figures, told: &mut Vec<String>) {
        let window = self.history.window(step, owed.at);
        let is_state = |(_, state): &&(usize, Arc<Found>)| state.digest == found.digest;
        let is_allowed = self.history.states[window.clone()]
            .iter()
            .any(|state| is_state(&state));
        if !is_allowed {
            if self.history.states[..window.start]
                .iter()
                .any(|state| is_state(&state))
            {
                faults.lost = 1;
                told.push("a state from before what was promised last".to_owned());
            } else {
                faults.torn = 1;
                told.push("a state that was not committed by then".to_owned());
            }
        }
        for (stream, (first, last)) in &owed.facts {
            let may_forget = owed.may_forget.get(stream).copied().unwrap_or(0);
            let chain = found.chains.get(stream);
            let wanted = self.history.facts.get(&(stream.clone(), *last));
            match chain.and_then(|chain| chain.hash(*last)) {
                // The chain was proved from its first fact on, so this one hash stands for all before it.
                Some(hash) if Some(&hash) == wanted => {}
                Some(_) => {
                    faults.altered = 1;
                    told.push(format!(
                        "{stream:?}: {last} holds something else than was promised"
                    ));
                }
                None => {
                    faults.lost = 1;
                    told.push(format!("{stream:?}: {last} was promised and is not there"));
                }
            }
            if let Some(chain) = chain.filter(|chain| chain.first > *first && chain.first > may_forget + 1) {
                faults.lost = 1;
                told.push(format!("{stream:?}: what comes before {} is gone", chain.first));
            }
        }
        for (stream, seq) in &owed.backed_up {
            let has = found.backed_up.get(stream).copied().unwrap_or(0);
            if has < *seq {
                faults.lost = 1;
                told.push(format!(
                    "{stream:?}: {seq} was called safe in a backup, and {has} is"
                ));
            }
        }
    }
}

fn same_backups(one: &Found, other: &Found) -> bool {
    one.backed_up == other.backed_up
}

/// An act without its bytes.
fn short(act: &Act) -> String {
    match act {
        Act::Written {
            place, offset, data, ..
        } => format!("{} bytes at {offset} of {place}", data.len()),
        Act::Said { data, .. } => format!("{} bytes said", data.len()),
        Act::Heard { data, .. } => format!("{} bytes heard", data.len()),
        other => format!("{other:?}"),
    }
}
