//! Cuts the power at every step of a recording, in many ways, and opens what is left with the real code.
//!
//! The rule for what may be found is strict: exactly the state after one of the commits, not an earlier one than the
//! last that somebody was told of, and not a later one than the commit under way. The facts that were promised are
//! looked for one by one besides.

use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

use super::disk::{Disk, Honesty};
use super::found::{Found, Promise};
use super::history::{History, Owed};
use super::image::{Bytes, Fate, Image, NamesKept};
use super::talk::Message;
use super::tally::{Figures, Tally};
use super::trace::Act;

/// Findings that are kept with their words.
const EXAMPLES_MAX: usize = 8;

/// Bytes of an index that a power cut left behind.
const INDEX_BYTES: usize = 32 << 10;

/// What is recorded: how its promises are heard, and how its store is opened.
pub trait Subject: Sync {
    /// SQLite's index of the log, below the recorded folder. It is a memory map that is never synced, so that after a
    /// power cut it may hold anything.
    const INDEX: &'static str;

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
    let mut promises = history.promises_at.iter().peekable();
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
                self.leave_an_index(&image, &digest);
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
        *self.tally.by_bytes.entry(fate.bytes).or_default() += faults;
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

    /// In every fourth image an index of noise is left behind.
    fn leave_an_index(&self, image: &Image, digest: &blake3::Hash) {
        let store = S::INDEX.trim_end_matches("-shm");
        if digest.as_bytes()[0].is_multiple_of(4) && image.files.contains_key(store) {
            let mut noise = vec![0; INDEX_BYTES];
            SeededEntropy::new(u64::from(digest.as_bytes()[1])).fill(&mut noise);
            std::fs::write(self.work.join(S::INDEX), noise).expect("an index");
        }
    }

    fn open(&self) -> Result<Arc<Found>, Arc<str>> {
        let found = self.subject.open(self.work)?;
        if !found.findings.is_empty() {
            return Err(found.findings.join("; ").into());
        }
        // Most images hold one of few states; one copy of each is enough.
        let states = self.history.states_at.iter();
        let mut same =
            states.filter(|(_, state)| state.digest == found.digest && same_backups(state, &found));
        Ok(same
            .next()
            .map_or_else(|| Arc::new(found.clone()), |(_, state)| Arc::clone(state)))
    }

    fn judge(&self, found: &Found, step: usize, owed: &Owed, faults: &mut Figures, told: &mut Vec<String>) {
        let window = self.history.window(step, owed.at);
        let is_among =
            |states: &[(usize, Arc<Found>)]| states.iter().any(|(_, state)| state.digest == found.digest);
        if is_among(&self.history.states_at[..window.start])
            && !is_among(&self.history.states_at[window.clone()])
        {
            faults.lost = 1;
            told.push("a state from before what was promised last".to_owned());
        } else if !is_among(&self.history.states_at[window]) {
            faults.torn = 1;
            told.push("a state that was not committed by then".to_owned());
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

/// The answer of a store that works on this thread: it is there when it is asked for.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("a store that works inline answers at once"),
    }
}
