//! What the hub said that changes the world of a step.

use jiff::Timestamp;
use tallyman_floor::InquiryAnswer;
use tallyman_floor::wire::v1::Delta;
use tokio::sync::oneshot;

use super::neighbours::{Heard, NeighbourAsks};
use super::set_up::EnrolTrouble;
use super::store::{HubStory, Identity, Place, StoreError};

/// News of the hub. They go through the floor loop, which answers when they are stored; so nothing changes under a
/// step, and the store has one user at a time.
#[derive(Debug)]
pub enum FromHub {
    /// Who this device is.
    Enrolled(Identity, Done),
    /// A new epoch, and what the hub has of the old one.
    Epoch {
        /// The epoch.
        epoch: u32,
        /// Records after it are written again.
        after: Place,
        /// What the hub has, where it says so.
        story: HubStory,
        /// Answers when it has begun.
        done: Done,
    },
    /// What changed.
    Delta(Box<Delta>, Done),
    /// What the hub has in stock, or that it cannot be asked.
    Stock(InquiryAnswer),
    /// Why the device has no identity yet.
    NotEnrolled(EnrolTrouble),
    /// An administrator looks at the screen; answers when it says so.
    LookedAt(Done),
    /// What neighbours of a portal heard while its pass with this number went on; those that are silent are not among them.
    NeighboursHeard(u64, Vec<Heard>),
    /// A neighbour of a portal asks what was heard here.
    NeighbourAsks(NeighbourAsks),
    /// The hub told the time.
    Time(Timestamp),
    /// At this time of the hub's clock everything that it had to tell was told.
    UpToDate(Timestamp),
}

/// Where the floor loop answers.
pub type Done = oneshot::Sender<Result<(), StoreError>>;
