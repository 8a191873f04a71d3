//! What portals of several devices have to tell each other through the hub before one of them records a pass.

use tallyman_codes::Moment;
use tallyman_floor::rfid::HeardTag;
use tokio::sync::oneshot;

/// A pass is over, and its portal has neighbours on other devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeighbourInquiry {
    /// The portal.
    pub portal: String,
    /// The number of the pass.
    pub pass: u64,
    /// The neighbours that are asked.
    pub neighbours: Vec<String>,
    /// When the pass began.
    pub began: Moment,
    /// When it ended.
    pub ended: Moment,
    /// By when the answer is there, or of no use.
    pub by: Moment,
}

/// What a portal heard while a neighbour's pass went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The portal.
    pub portal: String,
    /// Whether it knows what it heard in all of that time.
    pub knows_all: bool,
    /// The tags of its passes that it does not take for strays.
    pub tags: Vec<HeardTag>,
}

/// A device asks what a portal of this one heard.
#[derive(Debug)]
pub struct NeighbourAsks {
    /// The portal that is asked.
    pub portal: String,
    /// When the pass began that is asked about, by this device's clock.
    pub began: Moment,
    /// When it ended.
    pub ended: Moment,
    /// Until when a pass that goes on can be waited for.
    pub by: Moment,
    /// Takes the answer.
    pub answer: oneshot::Sender<Heard>,
}
