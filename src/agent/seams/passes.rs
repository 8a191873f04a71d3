//! What the agent keeps of passes through its portals until they are recorded: thousands of tags, and not one of them a fact
//! yet.

use futures_util::future::BoxFuture;
use tallyman_floor::TaskId;
use tallyman_floor::rfid::KeptTag;

use super::StoreError;

/// Where passes are kept. What a step records of one is written and its evidence forgotten in the same transaction.
pub trait PassStore: Send + Sync {
    /// Keeps what changed of a pass, in one synced transaction. Answers its number; a pass that had none gets one, and no
    /// number is given twice.
    fn keep_pass(&self, part: PassPart) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// The passes of a receipt that were kept and not recorded, by their numbers.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    fn kept_passes(&self, task: &TaskId) -> Result<Vec<KeptPass>, StoreError>;

    /// Forgets a pass that nothing was recorded of.
    fn forget_pass(&self, number: u64) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// What changed of a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassPart {
    /// Its number, once it has one.
    pub number: Option<u64>,
    /// The portal.
    pub portal: String,
    /// The receipt.
    pub task: TaskId,
    /// The figures of the whole pass, packed; they replace those kept before.
    pub head: Vec<u8>,
    /// Tags with their evidence; each replaces what was kept of the same tag.
    pub tags: Vec<KeptTag>,
}

/// A pass as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPass {
    /// Its number.
    pub number: u64,
    /// The portal.
    pub portal: String,
    /// The figures of the whole pass.
    pub head: Vec<u8>,
    /// Each tag's EPC and its evidence.
    pub tags: Vec<(Vec<u8>, Vec<u8>)>,
}
