//! The way of facts from a device to the hub, with everything that can go wrong on it.
//!
//! The rules are those of the code, in [`device`] and [`hub`], with numbers in place of bytes: a fact is a number, and a
//! record's hash is the whole story of its epoch up to it. The world around them loses and delays messages, pulls
//! batteries, puts old copies of stores back, and restores the hub from backups; [`World`] is all of it at one moment.

mod device;
mod hub;
mod rules;
mod world;

use device::Device;
use hub::{Hub, Request};
pub use rules::{DeltaMark, Rules};
use stateright::{Model, Property};
pub use world::World;

/// Something that a worker did, once. From 1.
pub type Fact = u8;
/// The story of an epoch up to a record.
pub type Hash = u32;
/// Before the first record.
pub const START: Hash = 0;

/// Facts there may be; a hash holds one in an octal digit.
const FACTS_MAX: u8 = 7;

/// The hash of a record: the one before it, and what it says.
pub fn link(previous: Hash, fact: Fact) -> Hash {
    debug_assert!(fact <= FACTS_MAX, "a digit for each fact");
    previous << 3 | Hash::from(fact)
}

/// Which record a fact was first: its epoch and its hash, which is the whole story up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct First {
    pub epoch: u8,
    pub hash: Hash,
}

/// A place in the device's journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mark {
    pub epoch: u8,
    pub seq: u8,
}

/// How much of everything there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Budget {
    pub facts: u8,
    /// Requests or answers that are lost or delayed.
    pub losses: u8,
    pub restarts: u8,
    pub backups: u8,
    pub hub_restores: u8,
    pub store_restores: u8,
    /// Weeks in which the device forgets.
    pub weeks: u8,
    /// Answers of somebody who is not the hub: "a fork", and nothing else.
    pub strangers: u8,
    /// Copies of the device's store are put back that are older than the epoch its journal is in.
    pub old_copies: bool,
}

/// The rules, and how much may happen.
#[derive(Debug, Clone)]
pub struct Sync {
    pub rules: Rules,
    pub budget: Budget,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// A worker scans; it is committed and sounded.
    Scan,
    /// The device asks the hub what it has to ask.
    Ask,
    /// The hub does it and answers.
    Answer,
    /// The device hears the answer.
    Hear,
    /// The request or its answer is lost; the device gives up.
    Lose,
    /// The device gives up a request that is still on its way.
    Delay,
    /// A request that was given up arrives.
    Arrive,
    /// The battery is pulled. The marks were written before, or not.
    Restart { flushed: bool },
    /// A week passes.
    Forget,
    /// The hub makes a backup.
    BackUp,
    /// The hub loses its disk and starts from this backup.
    RestoreHub(u8),
    /// Somebody copies the device's store.
    CopyStore,
    /// Somebody puts the copy back.
    RestoreStore,
    /// Somebody who is not the hub answers a batch.
    Stranger,
}

impl Model for Sync {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            device: Device::new(),
            hub: Hub::new(),
            backups: Vec::new(),
            current_backups: 0,
            stray: None,
            copy: None,
            left: self.budget,
            sounded: 0,
            excused: Vec::new(),
            unprotected: Vec::new(),
            generations: 1,
            seen: None,
            went_back: false,
        }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        let left = &world.left;
        let mut can = |possible: bool, step: Step| steps.extend(possible.then_some(step));
        let asking = world.device.asking.as_ref();
        let answered = asking.is_some_and(|asking| asking.answer.is_some());
        let is_batch = asking.is_some_and(|asking| matches!(asking.request, Request::Batch { .. }));
        can(left.facts > 0, Step::Scan);
        can(asking.is_none(), Step::Ask);
        can(asking.is_some() && !answered, Step::Answer);
        can(answered, Step::Hear);
        can(left.losses > 0 && asking.is_some(), Step::Lose);
        can(
            left.losses > 0 && asking.is_some() && !answered && world.stray.is_none(),
            Step::Delay,
        );
        can(world.stray.is_some(), Step::Arrive);
        for flushed in [false, true] {
            can(left.restarts > 0, Step::Restart { flushed });
        }
        can(left.weeks > 0, Step::Forget);
        can(left.backups > 0, Step::BackUp);
        for backup in 0..world.current_backups {
            can(left.hub_restores > 0, Step::RestoreHub(backup));
        }
        can(left.store_restores > 0 && world.copy.is_none(), Step::CopyStore);
        can(
            left.store_restores > 0 && world.copy.is_some(),
            Step::RestoreStore,
        );
        can(left.strangers > 0 && is_batch && !answered, Step::Stranger);
    }

    fn next_state(&self, before: &World, step: Step) -> Option<World> {
        let mut world = before.clone();
        world.take(step, &self.rules);
        (world != *before).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONCE, |_, world: &World| world.doubled().is_none()),
            Property::always(ARRIVES, |model: &Self, world: &World| {
                world.clone().after_the_faults(&model.rules)
            }),
            Property::always(FORWARD, |_, world: &World| !world.went_back),
            Property::always(SHOWN, |model: &Self, world: &World| {
                world.hidden(&model.rules).is_none()
            }),
            Property::sometimes("an epoch begins", |_, world: &World| world.device.store.epoch > 1),
            Property::sometimes("a restored hub has everything again", |_, world: &World| {
                world.hub.generation > 1
                    && world.sounded > 1
                    && (1..=world.sounded).all(|fact| world.hub.has(fact))
            }),
        ]
    }
}

/// No fact is applied twice, whatever happens.
pub const ONCE: &str = "applied once";
/// When nothing goes wrong any more, every fact arrives, and nothing waits.
pub const ARRIVES: &str = "arrives";
/// A mark goes back only in another life of the hub.
pub const FORWARD: &str = "forward";
/// A delta hides none of the device's own facts that wait.
pub const SHOWN: &str = "shown";
