//! The trace of the steps since the last commit: bounded, written with the next commit, kept to answer "why was this
//! accepted".

use std::collections::VecDeque;

use tallyman_floor::trace::{Asked, Entry, Noted, Recorder};
use tallyman_floor::{Catalogue, Event};

/// Entries kept between two commits. A worker who is refused so often in a row has other problems.
const ENTRIES_MAX: usize = 256;

/// Bytes of them; one entry has a quarter of it at most.
const BYTES_MAX: usize = 1 << 20;

/// Entries that wait, after which another run is begun. What falls out falls out by runs, for the later entries of a run
/// say nothing without the first.
const RUN_WAITING_MAX: usize = 64;

/// The entries since the last commit.
#[derive(Debug)]
pub(super) struct Trace {
    recorder: Recorder,
    entries: VecDeque<Entry>,
    bytes: usize,
    since_run: usize,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            recorder: Recorder::new(env!("CARGO_PKG_VERSION")),
            entries: VecDeque::new(),
            bytes: 0,
            since_run: 0,
        }
    }
}

impl Trace {
    /// Notes a step, and what it asked.
    pub(super) fn note(&mut self, asked: Asked, catalogue: &impl Catalogue, noted: Noted<'_>) {
        // It repeats what is known, and the session after it is not kept.
        if *noted.event == Event::Refresh {
            return;
        }
        if self.since_run >= RUN_WAITING_MAX {
            self.recorder.begin_run();
            self.since_run = 0;
        }
        let entry = self.recorder.note(asked, catalogue, noted);
        self.since_run += 1;
        self.bytes += entry.text.len();
        self.entries.push_back(entry);
        while self.entries.len() > ENTRIES_MAX || self.bytes > BYTES_MAX {
            self.drop_oldest_run();
        }
    }

    fn drop_oldest_run(&mut self) {
        let Some(oldest) = self.entries.front().map(|entry| entry.run) else {
            return;
        };
        while self.entries.front().is_some_and(|entry| entry.run == oldest) {
            let dropped = self.entries.pop_front();
            self.bytes -= dropped.map_or(0, |entry| entry.text.len());
        }
        if self.entries.is_empty() {
            self.recorder.begin_run();
        }
    }

    /// What the next commit writes.
    pub(super) fn entries(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.text.clone()).collect()
    }

    /// The commit is through.
    pub(super) fn written(&mut self) {
        self.entries.clear();
        self.bytes = 0;
        self.since_run = 0;
    }
}
