//! The way of facts from a device to the hub, with everything that can go wrong on it.
//!
//! The rules are those of the code, in [`device`] and [`hub`], with numbers in place of bytes: a fact is a number, and a
//! record's hash is the whole story of its epoch up to it. The world around them loses and delays messages, pulls
//! batteries, puts old copies of stores back, and restores the hub from backups; [`World`] is all of it at one moment.

mod device;
mod hub;
mod rules;

use device::{Asking, Device, Row, Store};
use hub::{Answer, Hub, Receipt, Request};
pub use rules::{DeltaMark, Rules};
use stateright::{Model, Property};

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

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    device: Device,
    hub: Hub,
    /// The hub's backups, oldest first.
    backups: Vec<Hub>,
    /// So many of them are of the life that goes on. Those after them were given up by a restore from an older one, and
    /// nobody goes back to them.
    current_backups: u8,
    /// Requests that the device has given up, and the network has not.
    stray: Option<Request>,
    /// A copy of the device's store, from earlier.
    copy: Option<Store>,
    /// What may still happen.
    left: Budget,
    /// Facts so far: each was sounded.
    sounded: Fact,
    /// Facts that nobody can be blamed for: the device's store did not survive, or the hub was restored from another
    /// backup than the one that has them.
    excused: Vec<Fact>,
    /// Facts that were on the device when its store was replaced by a copy without them.
    unprotected: Vec<Fact>,
    /// Lives of the hub so far.
    generations: u8,
    /// The last receipt: life, epoch, applied.
    seen: Option<(u8, u8, u8)>,
    /// A mark went back within one life.
    went_back: bool,
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

impl World {
    fn take(&mut self, step: Step, rules: &Rules) {
        match step {
            Step::Scan => {
                self.left.facts -= 1;
                self.sounded += 1;
                self.device.confirm(self.sounded, rules);
            }
            Step::Ask => self.device.asking = Some(self.device.ask()),
            Step::Answer => {
                if let Some(Asking { request, answer, .. }) = &mut self.device.asking {
                    *answer = Some(self.hub.take(request, rules));
                }
            }
            Step::Hear => self.hear(rules),
            Step::Lose => {
                self.left.losses -= 1;
                self.device.asking = None;
            }
            Step::Delay => {
                self.left.losses -= 1;
                self.stray = self.device.asking.take().map(|asking| asking.request);
            }
            Step::Arrive => {
                if let Some(request) = self.stray.take() {
                    self.hub.take(&request, rules);
                }
            }
            Step::Restart { flushed } => {
                self.left.restarts -= 1;
                if flushed {
                    self.device.flush(rules);
                }
                self.device = Device::start(self.device.store.clone());
            }
            Step::Forget => {
                self.left.weeks -= 1;
                self.device.forget(rules);
                self.excuse_what_is_elsewhere();
            }
            Step::BackUp => {
                self.left.backups -= 1;
                self.back_up(rules);
            }
            Step::RestoreHub(backup) => self.restore_hub(usize::from(backup), rules),
            Step::CopyStore => self.copy = Some(self.device.store.clone()),
            Step::RestoreStore => self.restore_store(),
            Step::Stranger => {
                self.left.strangers -= 1;
                self.be_strange();
            }
        }
    }

    fn hear(&mut self, rules: &Rules) {
        let answer = self
            .device
            .asking
            .as_ref()
            .and_then(|asking| asking.answer.as_ref());
        if let Some(Answer::Receipt(receipt)) = answer {
            let now = (receipt.generation, receipt.epoch, receipt.applied);
            if let Some((generation, epoch, applied)) = self.seen {
                self.went_back |= (generation, epoch) == (now.0, now.1) && now.2 < applied;
            }
            self.seen = Some(now);
        }
        let epoch = self.device.store.epoch;
        self.device.hear(rules);
        if self.device.store.epoch != epoch && !self.left.old_copies {
            self.copy = None;
        }
    }

    fn back_up(&mut self, rules: &Rules) {
        let mut copy = self.hub.back_up();
        if !rules.fresh_generation {
            self.generations += 1;
            copy.generation = self.generations;
        }
        self.backups.insert(usize::from(self.current_backups), copy);
        self.current_backups += 1;
    }

    fn restore_hub(&mut self, backup: usize, rules: &Rules) {
        self.left.hub_restores -= 1;
        let mut hub = self.backups[backup].clone();
        if rules.fresh_generation {
            self.generations += 1;
            hub.generation = self.generations;
        }
        self.hub = hub;
        // Connections end with the process that had them.
        self.stray = None;
        self.current_backups = backup as u8 + 1;
        self.excuse_what_is_elsewhere();
    }

    /// A fact that neither device nor hub has is nobody's fault where a backup has it that was passed over, or the
    /// device's store did not survive.
    fn excuse_what_is_elsewhere(&mut self) {
        for fact in 1..=self.sounded {
            let is_gone = !self.hub.has(fact) && !self.device.store.has(fact);
            let elsewhere = self.backups.iter().any(|backup| backup.has(fact));
            if is_gone && (elsewhere || self.unprotected.contains(&fact)) {
                self.excuse(fact);
            }
        }
    }

    fn restore_store(&mut self) {
        self.left.store_restores -= 1;
        let Some(copy) = self.copy.take() else { return };
        for fact in 1..=self.sounded {
            if self.device.store.has(fact) && !copy.has(fact) {
                self.unprotected.push(fact);
                if !self.hub.has(fact) {
                    self.excuse(fact);
                }
            }
        }
        self.device = Device::start(copy);
    }

    fn excuse(&mut self, fact: Fact) {
        if !self.excused.contains(&fact) {
            self.excused.push(fact);
            self.excused.sort_unstable();
        }
    }

    /// The answer of somebody who knows nothing and says that the stories differ.
    fn be_strange(&mut self) {
        if let Some(Asking {
            request: Request::Batch { epoch, .. },
            answer,
            ..
        }) = &mut self.device.asking
        {
            *answer = Some(Answer::Receipt(Receipt {
                generation: self.device.marks.generation,
                epoch: *epoch,
                applied: 0,
                stable: 0,
                expected: None,
                fork: true,
            }));
            self.seen = None;
        }
    }

    /// A fact that the hub has applied twice.
    fn doubled(&self) -> Option<Fact> {
        (1..=self.sounded).find(|fact| self.hub.facts().filter(|known| known == fact).count() > 1)
    }

    /// A fact of the device that waits, and that a delta of this moment would hide.
    ///
    /// Two cases are left out, in which the device has to begin another epoch first: the stories differ, because its
    /// store is not the one that it was, or it has not heard yet that the hub has another life.
    fn hidden(&self, rules: &Rules) -> Option<Fact> {
        let mark = self.hub.delta_mark(rules);
        let rows = || self.device.store.rows.iter().filter(|row| !row.moved);
        let differs = |row: &Row| row.at <= mark && self.hub.at(row.at).is_some_and(|hash| hash != row.hash);
        if rows().any(differs) || self.device.marks.generation != self.hub.generation {
            return None;
        }
        let hidden = rows().find(|row| row.at <= mark && !self.hub.has(row.fact));
        hidden.map(|row| row.fact)
    }

    /// Nothing goes wrong any more: whether every fact is at the hub once in the end, and nothing waits.
    fn after_the_faults(mut self, rules: &Rules) -> bool {
        self.settle(rules);
        if self.stray.is_some() {
            self.take(Step::Arrive, rules);
            self.settle(rules);
        }
        let all_there = (1..=self.sounded)
            .filter(|fact| !self.excused.contains(fact))
            .all(|fact| self.hub.has(fact));
        self.device.waiting() == 0 && self.device.wanted.is_none() && all_there && self.doubled().is_none()
    }

    /// Asks and hears until that changes nothing any more.
    fn settle(&mut self, rules: &Rules) {
        /// Each round brings a fact, or another epoch, or ends it.
        const ROUNDS_MAX: usize = 24;
        for _ in 0..ROUNDS_MAX {
            let is_fresh = self.device.asking.is_none();
            let before = self.device.clone();
            if is_fresh {
                self.take(Step::Ask, rules);
            }
            if self
                .device
                .asking
                .as_ref()
                .is_some_and(|asking| asking.answer.is_none())
            {
                self.take(Step::Answer, rules);
            }
            self.take(Step::Hear, rules);
            if is_fresh && self.device == before {
                return;
            }
        }
    }
}
