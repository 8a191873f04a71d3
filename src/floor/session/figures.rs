//! A worker's own figures: lines, and where the time went, from log-in to log-out.
//!
//! The time between two of the worker's scans or keys is of one sort: a walk where the second one confirms a place, a
//! pause where it is long, handling else. What the worker waited for the answer to the first is the system's, and never
//! the worker's.

use serde::{Deserialize, Serialize};

use crate::event::Now;
use crate::verdict::{Question, Verdict};

use super::Session;
use super::stage::is_default;
use super::work::Outcome;

/// From here on nobody walks or handles: it is a pause.
const PAUSE_US: u64 = 5 * 60 * 1_000_000;

const HOUR_US: u64 = 60 * 60 * 1_000_000;

/// As long as a worker has not worked for so long, lines in an hour are a guess, and nobody is told one.
const RATE_AFTER_US: u64 = 10 * 60 * 1_000_000;

/// Characters of the boot's name that tell one system start from the next.
const BOOT_CHARS: usize = 8;

/// The figures of one worker.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Figures {
    /// The system start that `at_us` counts from.
    boot: String,
    /// When the worker last did something.
    at_us: u64,
    /// Lines done.
    #[serde(skip_serializing_if = "is_default")]
    pub lines: u32,
    /// Until a place was confirmed.
    #[serde(skip_serializing_if = "is_default")]
    pub walking_us: u64,
    /// With goods, labels and questions.
    #[serde(skip_serializing_if = "is_default")]
    pub scanning_us: u64,
    /// For the answers of this device.
    #[serde(skip_serializing_if = "is_default")]
    pub waiting_us: u64,
    /// In pauses.
    #[serde(skip_serializing_if = "is_default")]
    pub pause_us: u64,
}

impl Figures {
    /// Nothing was done so far.
    pub fn since(now: &Now) -> Self {
        let mut figures = Self::default();
        figures.mark(now);
        figures
    }

    fn mark(&mut self, now: &Now) {
        self.boot = boot(now);
        self.at_us = now.times.boottime_us;
    }

    /// The worker did something. What was before a restart of the device nobody measured.
    pub fn count(&mut self, now: &Now, lines: u32, at_place: bool) {
        if self.boot == boot(now) {
            let passed = now.times.boottime_us.saturating_sub(self.at_us);
            let waited = now.waited_us.min(passed);
            let rest = passed - waited;
            self.waiting_us = self.waiting_us.saturating_add(waited);
            let sort = match rest {
                PAUSE_US.. => &mut self.pause_us,
                _ if at_place => &mut self.walking_us,
                _ => &mut self.scanning_us,
            };
            *sort = sort.saturating_add(rest);
        }
        self.lines = self.lines.saturating_add(lines);
        self.mark(now);
    }

    /// For how long it was worked, pauses left out.
    fn worked_us(&self) -> u64 {
        let moved = self.walking_us.saturating_add(self.scanning_us);
        moved.saturating_add(self.waiting_us)
    }

    /// Lines in an hour of work, pauses left out.
    pub fn lines_per_hour(&self) -> u64 {
        let worked = self.worked_us();
        let lines = u64::from(self.lines).saturating_mul(HOUR_US);
        lines.checked_div(worked).unwrap_or(0)
    }
}

fn boot(now: &Now) -> String {
    now.times.boot.chars().take(BOOT_CHARS).collect()
}

/// A time as people read it.
pub(crate) fn hours_and_minutes(us: u64) -> String {
    let minutes = us / 60_000_000;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

/// What whoever is logged in has done since log-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinceLogIn {
    /// Lines done.
    pub lines: u32,
    /// Lines in an hour of work, pauses left out; `None` as long as that says nothing.
    pub lines_per_hour: Option<u64>,
}

impl Session {
    /// What whoever is logged in has done since log-in; `None` where nobody is.
    pub fn since_log_in(&self) -> Option<SinceLogIn> {
        self.worker.as_ref()?;
        let figures = &self.shift.figures;
        let says_something = figures.worked_us() >= RATE_AFTER_US;
        Some(SinceLogIn {
            lines: figures.lines,
            lines_per_hour: says_something.then(|| figures.lines_per_hour()),
        })
    }

    /// Shows the worker's own figures.
    pub(super) fn show_figures(&mut self) -> Outcome {
        self.stage.ask(Question::Figures, None);
        Outcome::of(Verdict::Ask(Question::Figures))
    }

    /// Counts what the worker did with this step; nobody's figures are kept where nobody is logged in.
    pub(super) fn count_figures(&mut self, outcome: &Outcome, lines: u32, now: &Now) {
        if self.worker.is_some() {
            self.shift.figures.count(now, lines, outcome.at_place);
        }
    }
}
