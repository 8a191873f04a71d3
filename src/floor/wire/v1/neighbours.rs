//! What portals of several devices tell each other through the hub before any of them records a pass.
//!
//! Devices have no common clock that could be believed. So every time here is how long ago something was when the message
//! was sent, and whoever takes it counts back on a clock of its own that only runs forward.

use serde::{Deserialize, Serialize};

/// Portals in one request at most.
pub const NEIGHBOURS_MAX: usize = 8;

/// Tags in one answer at most: a pass keeps no more.
pub const NEIGHBOUR_TAGS_MAX: usize = 20_000;

/// Bytes of a portal's name at most.
pub const PORTAL_NAME_BYTES_MAX: usize = 64;

/// The longest that a pass waits for its neighbours, in milliseconds.
pub const SETTLE_MS_MAX: u64 = 30_000;

/// A pass is over: what did the neighbours hear while it went on?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeighbourRequest {
    /// The portal that asks.
    pub portal: String,
    /// The number of its pass. Asked again with the same number, the question is the same.
    pub pass: u64,
    /// The portals that are asked, of other devices of the site; at most [`NEIGHBOURS_MAX`].
    pub neighbours: Vec<String>,
    /// How many milliseconds ago the pass began.
    pub began_ms_ago: u64,
    /// How many milliseconds ago it ended.
    pub ended_ms_ago: u64,
    /// How many milliseconds the device waits for the answer, at most [`SETTLE_MS_MAX`].
    pub wait_ms: u64,
}

/// What came of a [`NeighbourRequest`]: at once when all have answered, else when the time is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct NeighbourAnswers {
    /// Those that answered.
    #[serde(default)]
    pub answers: Vec<NeighbourHeard>,
    /// Those that did not.
    #[serde(default)]
    pub silent: Vec<SilentNeighbour>,
}

/// A portal that did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilentNeighbour {
    /// Which.
    pub portal: String,
    /// How many milliseconds ago its device was heard last; left out where no device of the site has a portal of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_ms_ago: Option<u64>,
}

/// What a portal heard while a neighbour's pass went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeighbourHeard {
    /// The portal.
    pub portal: String,
    /// Whether it knows what it heard in all of that time: not where its program was started in it.
    pub knows_all: bool,
    /// The tags of its passes that it does not take for strays; at most [`NEIGHBOUR_TAGS_MAX`].
    #[serde(default)]
    pub tags: Vec<HeardTagBody>,
}

/// See [`crate::rfid::HeardTag`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardTagBody {
    /// The EPC in hexadecimal, padded to whole bytes.
    pub epc: String,
    /// The strongest read, in hundredths of a dBm; left out where the reader tells no strength.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_centi_dbm: Option<i16>,
    /// `sure` or `maybe`.
    pub class: String,
    /// Whether the pass goes on in which it was heard: it may be heard more strongly yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub goes_on: bool,
}

/// Waits for questions about portals of this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalWatch {
    /// Its portals that have neighbours on other devices; at most [`NEIGHBOURS_MAX`].
    pub portals: Vec<String>,
    /// The run of the hub that numbered the questions seen so far, as it said; left out at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The last question that was seen of that run: only later ones are wanted.
    #[serde(default)]
    pub after: u64,
    /// How many milliseconds the hub is to wait for one.
    #[serde(default)]
    pub wait_ms: u64,
}

/// Questions about portals of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeighbourQuestions {
    /// This run of the hub: numbers of questions begin anew with each.
    pub run: String,
    /// The questions, oldest first.
    #[serde(default)]
    pub questions: Vec<NeighbourQuestion>,
}

/// One question: what did this portal hear in that time?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeighbourQuestion {
    /// Its number in this run of the hub.
    pub number: u64,
    /// The portal that is asked.
    pub portal: String,
    /// The portal that asks.
    pub by: String,
    /// How many milliseconds ago the pass began that is asked about.
    pub began_ms_ago: u64,
    /// How many milliseconds ago it ended.
    pub ended_ms_ago: u64,
    /// How many milliseconds the answer is waited for.
    pub wait_ms: u64,
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeighbourReply {
    /// The run of the hub.
    pub run: String,
    /// The question.
    pub number: u64,
    /// The answer.
    pub heard: NeighbourHeard,
}
