//! Everything that happens in a world, in its order, with its virtual time: the evidence that a seed repeats itself, and
//! what a failure shows.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Display;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Lines that a failure shows.
const TAIL_LINES: usize = 60;

/// The trace of one world.
#[derive(Debug)]
pub struct Trace {
    start: Instant,
    /// Whether every line is kept, and not the last ones alone.
    is_whole: bool,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    hasher: blake3::Hasher,
    lines: u64,
    tail: VecDeque<String>,
    tally: BTreeMap<&'static str, u64>,
}

/// A finished trace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traced {
    /// The hash over every line, in hexadecimal.
    pub hash: String,
    /// How many lines there were.
    pub lines: u64,
    /// The last of them, or all.
    pub tail: Vec<String>,
    /// How often each kind of thing happened.
    pub tally: BTreeMap<&'static str, u64>,
}

impl Trace {
    /// A trace that begins now.
    pub fn begin(is_whole: bool) -> Self {
        Self {
            start: Instant::now(),
            is_whole,
            inner: Mutex::default(),
        }
    }

    /// Milliseconds since the beginning.
    pub fn now_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Writes a line.
    pub fn note(&self, who: &str, what: impl Display) {
        let line = format!("{:>9} {who}: {what}", self.now_ms());
        let mut inner = self.inner();
        inner.hasher.update(line.as_bytes());
        inner.hasher.update(b"\n");
        inner.lines += 1;
        if !self.is_whole && inner.tail.len() >= TAIL_LINES {
            inner.tail.pop_front();
        }
        inner.tail.push_back(line);
    }

    /// Counts one more of these.
    pub fn count(&self, what: &'static str) {
        self.count_many(what, 1);
    }

    /// Counts several more of these.
    pub fn count_many(&self, what: &'static str, more: u64) {
        *self.inner().tally.entry(what).or_default() += more;
    }

    /// Writes a line and counts it.
    pub fn happened(&self, who: &str, what: &'static str) {
        self.count(what);
        self.note(who, what);
    }

    /// What was written so far.
    pub fn finish(&self) -> Traced {
        let inner = self.inner();
        Traced {
            hash: inner.hasher.finalize().to_hex().to_string(),
            lines: inner.lines,
            tail: inner.tail.iter().cloned().collect(),
            tally: inner.tally.clone(),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message without what is another one in every run: the name of a folder, and the process that holds a lock.
pub fn of_every_run(text: &str, folder: &Path) -> String {
    let process = format!("process {}", std::process::id());
    text.replace(&folder.display().to_string(), "")
        .replace(&process, "this process")
}
