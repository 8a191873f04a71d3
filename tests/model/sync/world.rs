//! Everything at one moment, and what each step makes of it.

use super::device::{Asking, Device, Row, Store};
use super::hub::{Answer, Hub, Receipt, Request};
use super::{Budget, Fact, Rules, Step};

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub device: Device,
    pub hub: Hub,
    /// The hub's backups, oldest first.
    pub backups: Vec<Hub>,
    /// So many of them are of the life that goes on. Those after them were given up by a restore from an older one, and
    /// nobody goes back to them.
    pub current_backups: u8,
    /// Requests that the device has given up, and the network has not.
    pub stray: Option<Request>,
    /// A copy of the device's store, from earlier.
    pub copy: Option<Store>,
    /// What may still happen.
    pub left: Budget,
    /// Facts so far: each was sounded.
    pub sounded: Fact,
    /// Facts that nobody can be blamed for: the device's store did not survive, or the hub was restored from another
    /// backup than the one that has them.
    pub excused: Vec<Fact>,
    /// Facts that were on the device when its store was replaced by a copy without them.
    pub unprotected: Vec<Fact>,
    /// Lives of the hub so far.
    pub generations: u8,
    /// The last receipt: life, epoch, applied.
    pub seen: Option<(u8, u8, u8)>,
    /// A mark went back within one life.
    pub went_back: bool,
}

impl World {
    pub fn take(&mut self, step: Step, rules: &Rules) {
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
    pub fn doubled(&self) -> Option<Fact> {
        (1..=self.sounded).find(|fact| self.hub.facts().filter(|known| known == fact).count() > 1)
    }

    /// A fact of the device that waits, and that a delta of this moment would hide.
    ///
    /// Two cases are left out, in which the device has to begin another epoch first: the stories differ, because its
    /// store is not the one that it was, or it has not heard yet that the hub has another life.
    pub fn hidden(&self, rules: &Rules) -> Option<Fact> {
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
    pub fn after_the_faults(mut self, rules: &Rules) -> bool {
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
