//! What the agent asks of its store, as meaningful operations: commit a step, read the outbox, move a mark.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tallyman_floor::Draft;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{Delta, Mark};

/// A place in this device's journal.
pub type Place = Mark;

/// The store of one device: the journal with its outbox, the session, the cached tasks, the marks of sync.
///
/// Every operation that answers `Ok` is on disk when it answers, except [`Store::note`]. An operation that fails has
/// stored nothing of what it was asked.
pub trait Store: Send + Sync {
    /// Appends the confirmations of one step with the session as it is after it, in one synced transaction.
    /// Answers the places they got.
    fn commit(&self, step: StepCommit) -> BoxFuture<'_, Result<Vec<Place>, StoreError>>;

    /// Stores who this device is. The journal of an identity that is new begins at its epoch with seq 1.
    fn enrol(&self, identity: Identity) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Begins an epoch. Records after `after` are in no journal of the hub and are written again under the new epoch,
    /// in their order. `story` is what the hub says it has, and outweighs `after` where it is the same; with it
    /// records of earlier epochs that the hub lacks are written again as well. Answers how many.
    fn begin_epoch(
        &self,
        epoch: u32,
        after: Place,
        story: HubStory,
    ) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Whether records of earlier epochs lie here that no later epoch has.
    fn has_earlier_epochs(&self) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// Takes a part of a delta into the cache. Answers whether what an ended round did not bring was forgotten.
    fn cache(&self, change: CacheChange) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// The records after `after` in the current epoch, at most so many. A damaged one is among them as it lies.
    fn outbox(&self, after: u64, records_max: usize) -> BoxFuture<'_, Result<OutboxSlice, StoreError>>;

    /// Trace entries after a number, at most so many.
    fn traces(&self, after: u64, entries_max: usize) -> BoxFuture<'_, Result<Vec<TraceRow>, StoreError>>;

    /// Remembers marks. They are written with the next step, or by [`Store::flush`]: losing them costs a repeated
    /// batch that the hub skips, and writing them at once would cost a sync for every answer.
    fn note(&self, marks: SyncMarks);

    /// The marks as noted last.
    fn marks(&self) -> SyncMarks;

    /// Writes what was only noted, where there is something.
    fn flush(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Forgets records that have been in a checked backup of the hub for longer than the retention, at most one
    /// batch of them. Answers how many; as many as fit a batch mean that there may be more.
    fn prune(&self) -> BoxFuture<'_, Result<usize, StoreError>>;

    /// Copies the log into the file, in an idle moment.
    fn checkpoint(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Answers when the writer has come to it, and stores nothing: one that hangs never answers.
    fn ping(&self) -> BoxFuture<'_, ()>;

    /// Whether there is room for the confirmations of a whole task, so that a worker is not stopped in the middle of one.
    ///
    /// # Errors
    /// [`StoreError::Full`] says how much is free and how much is wanted.
    fn check_room(&self) -> Result<(), StoreError>;

    /// The place the next confirmation will get.
    fn next_place(&self) -> Place;

    /// Facts for `status`: bytes of the file and its log, commits so far.
    fn figures(&self) -> StoreFigures;
}

/// Everything a step leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepCommit {
    /// The place the session was told its next confirmation would get; another one refuses the commit.
    pub expected: Place,
    /// The confirmations, in order.
    pub drafts: Vec<Draft>,
    /// The session after the step, as [`tallyman_floor::wire::saved`] writes it.
    pub session: String,
    /// Trace entries since the last commit, oldest first, see [`tallyman_floor::wire::trace`].
    pub trace: Vec<String>,
}

/// Who this device is, as the hub said at enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The device.
    pub device: String,
    /// The site it works in.
    pub site: String,
    /// The epoch of its journal.
    pub epoch: u32,
}

/// What sync has learned from the hub.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncMarks {
    /// The hub's life.
    pub generation: Option<String>,
    /// Everything up to here the hub has.
    pub applied: Place,
    /// Everything up to here is in a checked backup of the hub.
    pub stable: Place,
    /// Trace entries up to this number were uploaded.
    pub trace_sent: u64,
    /// The hub's clock when it last answered.
    pub hub_time: Option<Timestamp>,
    /// The first record that the hub knows only in part, because it or a proxy refused the whole: it and those behind it
    /// are never forgotten here.
    pub withheld: Option<Place>,
}

/// How far the hub is in one epoch of this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubMark {
    /// Everything up to here it has.
    pub place: Place,
    /// The hash of its record there.
    pub last_hash: ChainHash,
}

/// A record that the hub has under a later place than its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubMoved {
    /// The hash it had first.
    pub first: ChainHash,
    /// Where the hub has it.
    pub place: Place,
}

/// What the hub says it has of this device, when it grants an epoch. Empty from hubs that do not say it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HubStory {
    /// How far it is in each epoch.
    pub marks: Vec<HubMark>,
    /// Records that were written again in a later epoch.
    pub moved: Vec<HubMoved>,
}

/// A part of a delta, small enough that a scan need not wait for the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheChange {
    /// The part. Its `reset` begins a new round, its cursor counts only in the last part.
    pub part: Delta,
    /// The last part of its delta: the cursor moves on, and where there is no more to come after a reset, what the
    /// round did not bring is forgotten.
    pub last: bool,
}

/// Records on their way to the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxSlice {
    /// The hash before the first record.
    pub previous: ChainHash,
    /// The records, by seq without gaps.
    pub records: Vec<OutboxRecord>,
    /// Those of them whose bytes no longer match their hash; the hub keeps them aside.
    pub damaged: Vec<u64>,
    /// The record after them, or the one before them, is not there.
    pub missing: bool,
}

impl OutboxSlice {
    /// No records, at the start of the chain.
    pub const fn empty() -> Self {
        Self {
            previous: ChainHash::START,
            records: Vec::new(),
            damaged: Vec::new(),
            missing: false,
        }
    }
}

/// One record, byte for byte as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRecord {
    /// Its place in the epoch.
    pub seq: u64,
    /// Its hash.
    pub hash: ChainHash,
    /// Its body.
    pub body: String,
}

/// One entry of the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceRow {
    /// Its number, from 1.
    pub number: u64,
    /// The entry, JSON.
    pub input: String,
}

/// What was found in the store when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Who this device is; `None` before enrolment.
    pub identity: Option<Identity>,
    /// The session as it was saved; `None` where there is none or its hash does not match.
    pub session: Option<String>,
    /// The saved session was damaged and is not used.
    pub session_damaged: bool,
    /// Where the cache of tasks stands.
    pub cursor: Option<String>,
    /// Records that wait for the hub and whose bytes no longer match their hash.
    pub damaged: u64,
    /// This opening made the file.
    pub created: bool,
}

/// Facts about the store, for `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreFigures {
    /// Commits since the start.
    pub commits: u64,
    /// How long the last commit took, its sync included, in microseconds.
    pub last_commit_us: u64,
    /// The number of the newest trace entry, 0 where there is none.
    pub trace_last: u64,
    /// Records that were found damaged since the start.
    pub damaged: u64,
    /// The disk has failed; nothing is stored until the program is started again.
    pub dead: bool,
}

/// Why the store did not do what it was asked. Nothing of it is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No room.
    #[error("the storage of this device is full; free some space, nothing stored was lost ({0})")]
    Full(String),
    /// The disk failed, or lies read-only; the process has to start again before it stores anything.
    #[error("the storage of this device has failed: {0}")]
    Dead(String),
    /// The journal stood elsewhere than the step expected: the step is judged again.
    #[error("the journal is at epoch {} seq {}, not where the step expected it", .0.epoch, .0.seq)]
    Elsewhere(Place),
    /// The device has no identity yet.
    #[error("this device is not enrolled at a hub yet")]
    NotEnrolled,
    /// What is stored cannot be read.
    #[error("the store cannot be read: {0}")]
    Unreadable(String),
    /// It may work the next time: the file is locked by another program, or memory ran out.
    #[error("the store is busy: {0}")]
    Busy(String),
}
