//! What can be seen of a device from outside, for `status` and `devices`.

use tallyman_codes::Moment;

use crate::contract::OwnBeep;

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
    /// The longest a report of this device has waited for the program, in microseconds.
    pub worst_wait_us: u64,
    /// Trigger pulls, where the device tells them.
    pub pulls: u64,
    /// The node that is or was open, as `/dev/ttyACM0`; `None` where there is none.
    pub node: Option<String>,
    /// Its own decode beep, as far as it was asked since the link was opened.
    pub own_beep: OwnBeep,
    /// What the device said about itself and its work, the newest of each kind, with how often it was said.
    pub notices: Vec<Noticed>,
    /// Why the link was lost or could not be opened the last time, as a sentence.
    pub last_error: Option<String>,
    /// How often the decoder panicked and was started anew.
    pub panics: u64,
    /// The answers the device gave to questions about itself, as `("revision", "PAAABS00-007")`; the newest of
    /// each name.
    pub answers: Vec<(String, String)>,
}

/// What a device said about itself or its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    /// The stable word, as `no_read` or `settings_changed`.
    pub code: String,
    /// The newest sentence.
    pub message: String,
    /// When it was said last.
    pub at: Moment,
    /// How often it was said since the program started.
    pub count: u64,
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
/// How many kinds of notices are kept; drivers know a dozen.
const NOTICES_MAX: usize = 32;

fn is_about_settings(code: &str) -> bool {
    matches!(code, "settings_changed" | "settings_refused" | "no_answer")
}

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
            worst_wait_us: 0,
            pulls: 0,
            node: None,
            own_beep: OwnBeep::Unknown,
            notices: Vec::new(),
            last_error: None,
            panics: 0,
            answers: Vec::new(),
        }
    }

    pub(super) fn enter(&mut self, phase: Phase, at: Moment) {
        self.phase = phase;
        self.since = at;
    }

    /// The link is open. What is set in the device must be asked anew.
    pub(super) fn opened_at(&mut self, node: Option<String>) {
        self.opened += 1;
        self.node = node;
        self.own_beep = OwnBeep::Unknown;
        self.notices.retain(|noticed| !is_about_settings(&noticed.code));
    }

    /// Whether this is the newest notice of its kind.
    pub(super) fn says(&self, code: &str, message: &str) -> bool {
        self.notices
            .iter()
            .any(|noticed| noticed.code == code && noticed.message == message)
    }

    pub(super) fn noticed(&mut self, code: &str, message: &str, at: Moment) {
        // Each setting that was refused is worth its sentence; of the rest the newest is.
        let known = self
            .notices
            .iter_mut()
            .find(|noticed| noticed.code == code && (!is_about_settings(code) || noticed.message == message));
        if let Some(known) = known {
            message.clone_into(&mut known.message);
            known.at = at;
            known.count += 1;
        } else if self.notices.len() < NOTICES_MAX {
            self.notices.push(Noticed {
                code: code.to_owned(),
                message: message.to_owned(),
                at,
                count: 1,
            });
        }
    }

    pub(super) fn answered(&mut self, name: &str, text: &str) {
        if let Some(known) = self.answers.iter_mut().find(|(known, _)| known == name) {
            text.clone_into(&mut known.1);
        } else if self.answers.len() < ANSWERS_MAX {
            self.answers.push((name.to_owned(), text.to_owned()));
        }
    }
}
