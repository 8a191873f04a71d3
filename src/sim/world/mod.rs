//! A world on virtual time: several real agents and a real hub on one thread, with workers, and everything that breaks.
//!
//! Nothing in it waits for real time, opens a socket or starts a thread: stores write inline, clocks follow the runtime's
//! paused time, messages travel through [`post`], and chance comes from the seed, from a stream of its own for everything
//! that draws. So a seed gives the same trace, byte for byte. What a disk does wrong is up to whoever runs the world, see
//! [`disk::Disk`].
//!
//! A world has three parts: troubles and work; then quiet, in which everything that waits must arrive; then the check,
//! [`crate::checker::history`].

pub mod chance;
pub mod clock;
mod courier;
pub mod device;
pub mod disk;
pub mod hub;
mod interleaving;
mod lead;
mod play;
pub mod post;
mod stores;
pub mod trace;
pub mod weather;
pub mod wire;
pub mod witness;
mod work;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tallyman_floor::wire::v1::Receipt;

use crate::checker::history::Violation;

use clock::VirtualClock;
use disk::{Disk, Loss, Node};
use hub::HubMachine;
use post::Post;
use trace::{Trace, Traced};
use witness::Account;

pub use play::run;

/// What a world is made from.
#[derive(Clone)]
pub struct Options {
    /// The seed of everything.
    pub seed: u64,
    /// The disks.
    pub disk: Arc<dyn Disk>,
    /// Something that breaks a promise, which the check must find.
    pub sabotage: Option<Sabotage>,
    /// Nothing goes wrong but one operation of one disk.
    pub sweep: Option<Sweep>,
    /// Whether the whole trace is kept.
    pub whole_trace: bool,
}

/// A part that is broken on purpose: a control of the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// The network changes what a record says.
    ChangedRecord,
    /// The hub tells an older mark than before, in the same life.
    MarkGoesBack,
    /// A device's batches are never answered, not even in the end.
    NeverAnswered,
    /// A device's disk answers syncs that it does not do.
    LyingDisk,
    /// The hub has applied a fact twice.
    AppliedTwice,
    /// The hub has lost one of the two entries of a fact.
    LostEntry,
    /// The hub took two facts of a device in another order.
    Swapped,
    /// The hub has a fact that nobody made.
    Invented,
    /// A fact is left out where the same ones arrive in another order.
    LeftOut,
}

impl Sabotage {
    /// Every one, with the invariants of which at least one must be reported.
    pub const ALL: [(Self, &'static [&'static str]); 9] = [
        (Self::ChangedRecord, &["I1", "I5"]),
        (Self::MarkGoesBack, &["I4"]),
        (Self::NeverAnswered, &["I6"]),
        (Self::LyingDisk, &["I1"]),
        (Self::AppliedTwice, &["I1"]),
        (Self::LostEntry, &["I2"]),
        (Self::Swapped, &["I3"]),
        (Self::Invented, &["I5"]),
        (Self::LeftOut, &["I7"]),
    ];
}

/// One operation of one disk that goes wrong, while one device works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweep {
    /// Whose disk.
    pub node: Node,
    /// After how many operations, counted from when the device is enrolled.
    pub operations: u64,
    /// What goes wrong.
    pub how: How,
}

/// How an operation goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It fails.
    Fails,
    /// The power goes in its place.
    Cut(Loss),
}

impl How {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Fails,
        Self::Cut(Loss::None),
        Self::Cut(Loss::All),
        Self::Cut(Loss::LaterHalf),
        Self::Cut(Loss::LastTorn),
    ];
}

/// What became of a world.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What was broken.
    pub violations: Vec<Violation>,
    /// What happened.
    pub traced: Traced,
    /// Facts in the hub's journal.
    pub facts: usize,
}

/// What all parts of a world share.
pub struct World {
    /// The seed of everything.
    pub seed: u64,
    /// What happens.
    pub trace: Arc<Trace>,
    /// The disks.
    pub disk: Arc<dyn Disk>,
    /// The order of messages.
    pub post: Arc<Post>,
    /// The hub.
    pub hub: HubMachine,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) sweep: Option<Sweep>,
    truth: Arc<VirtualClock>,
    calm: AtomicBool,
    accounts: Mutex<Vec<Arc<Mutex<Account>>>>,
    told: Mutex<Told>,
}

/// What receipts have said: the marks by life of the hub, device and epoch, and where they went back.
#[derive(Default)]
struct Told {
    marks: BTreeMap<(String, String, u32), (u64, u64)>,
    wrong: Vec<Violation>,
}

impl World {
    /// Whether nothing goes wrong any more.
    pub fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// Whether things go wrong by chance.
    fn has_troubles(&self) -> bool {
        self.sweep.is_none() && !self.is_calm()
    }

    /// Arms what goes wrong in a sweep.
    fn arm(&self) {
        let Some(Sweep {
            node,
            operations,
            how,
        }) = self.sweep
        else {
            return;
        };
        self.trace.note(
            "world",
            format_args!("{how:?} after {operations} operations of machine {node}"),
        );
        match how {
            How::Fails => self.disk.fail_after(node, operations),
            How::Cut(loss) => self.disk.cut_after(node, operations, loss),
        }
    }

    /// The time as it really is.
    pub fn true_time(&self) -> Timestamp {
        use tallyman_platform::clock::Clock as _;
        self.truth.wall()
    }

    fn accounts(&self) -> Vec<Arc<Mutex<Account>>> {
        self.accounts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A receipt leaves the hub: its marks never go back within one life.
    fn marks(&self, device: &str, body: &[u8]) {
        let Ok(receipt) = serde_json::from_slice::<Receipt>(body) else {
            return;
        };
        let mut told = self.told();
        let key = (receipt.generation.clone(), device.to_owned(), receipt.epoch);
        let now = (receipt.applied_seq, receipt.stable_seq);
        let before = told.marks.insert(key, now).unwrap_or_default();
        if now.0 < before.0 || now.1 < before.1 || now.1 > now.0 {
            let what = format!(
                "{device}, epoch {}: the marks went from {before:?} to {now:?}",
                receipt.epoch
            );
            told.wrong.push(Violation::of("I4", what));
        }
        if now.1 > before.1 {
            self.trace.count("hub: stable mark moved");
        }
    }
}
