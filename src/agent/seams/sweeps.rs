//! What the agent keeps of the sweeps of places, beside the session: thousands of tags, and not one of them a fact yet.

use futures_util::future::BoxFuture;
use tallyman_floor::rfid::KeptTag;
use tallyman_floor::{LocationId, TaskId};

use super::StoreError;

/// Where sweeps are kept. What a step closes is forgotten in the same transaction as its facts are written.
pub trait SweepStore: Send + Sync {
    /// Keeps what changed of a sweep, in one synced transaction. Answers how many of its tags are kept now.
    fn keep_sweep(&self, part: SweepPart) -> BoxFuture<'_, Result<u32, StoreError>>;

    /// The sweep of a place as it was kept; `None` where none was.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    fn kept_sweep(&self, place: &SweptPlace) -> Result<Option<KeptSweep>, StoreError>;
}

/// A count and the place that is swept for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptPlace {
    /// The count.
    pub task: TaskId,
    /// The place.
    pub location: LocationId,
}

/// What changed of a sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepPart {
    /// Of which place.
    pub place: SweptPlace,
    /// What was kept of it before cannot be read, and is forgotten.
    pub anew: bool,
    /// The figures of the whole sweep, packed; they replace those kept before.
    pub head: Vec<u8>,
    /// Tags with their evidence; each replaces what was kept of the same tag.
    pub tags: Vec<KeptTag>,
}

/// A sweep as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSweep {
    /// The figures of the whole sweep.
    pub head: Vec<u8>,
    /// Each tag's EPC and its evidence.
    pub tags: Vec<(Vec<u8>, Vec<u8>)>,
}
