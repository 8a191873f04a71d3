//! What can be seen of a device from outside, for `status` and `devices`.

use tallyman_codes::Moment;

/// How a device is doing. Kept in a watch channel: a reader sees the newest state and wakes on changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceState {
    /// What it is doing.
    pub phase: Phase,
    /// Since when.
    pub since: Moment,
    /// How often the link was opened.
    pub opened: u64,
    /// Bytes received since the program started.
    pub bytes: u64,
    /// Codes and tags since the program started.
    pub reads: u64,
    /// When the last of them came.
    pub last_read_at: Option<Moment>,
    /// Bytes that belonged to no good frame.
    pub garbage_bytes: u64,
    /// Reports of this device that wait because the program is busy, and since when the oldest does.
    pub waiting: usize,
    /// See `waiting`.
    pub waiting_since: Option<Moment>,
    /// Why the link was lost or could not be opened the last time, as a sentence.
    pub last_error: Option<String>,
    /// How often the decoder panicked and was started anew.
    pub panics: u64,
    /// The answers the device gave to questions about itself, as `("revision", "PAAABS00-007")`; the newest of
    /// each name.
    pub answers: Vec<(String, String)>,
}

/// The station in a device's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The link is being opened, or a listener waits for its device.
    Opening,
    /// Bytes can come.
    Open,
    /// The link was lost; it is opened again after `retry_ms` milliseconds, or earlier when the kernel says that
    /// a device came.
    Waiting {
        /// The wait.
        retry_ms: u64,
    },
    /// The program ends.
    Stopped,
}

impl Phase {
    /// The word for people and programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Open => "open",
            Self::Waiting { .. } => "waiting",
            Self::Stopped => "stopped",
        }
    }
}

/// How many different answers of a device are kept.
const ANSWERS_MAX: usize = 32;

impl DeviceState {
    pub(super) fn new(since: Moment) -> Self {
        Self {
            phase: Phase::Opening,
            since,
            opened: 0,
            bytes: 0,
            reads: 0,
            last_read_at: None,
            garbage_bytes: 0,
            waiting: 0,
            waiting_since: None,
            last_error: None,
            panics: 0,
            answers: Vec::new(),
        }
    }

    pub(super) fn enter(&mut self, phase: Phase, at: Moment) {
        self.phase = phase;
        self.since = at;
    }

    pub(super) fn answered(&mut self, name: &str, text: &str) {
        if let Some(known) = self.answers.iter_mut().find(|(known, _)| known == name) {
            text.clone_into(&mut known.1);
        } else if self.answers.len() < ANSWERS_MAX {
            self.answers.push((name.to_owned(), text.to_owned()));
        }
    }
}
