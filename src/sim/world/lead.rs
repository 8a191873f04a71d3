//! Whoever keeps the hub running, and changes the plan meanwhile: backups, restarts, restores, tasks that change or are
//! cancelled. And what happens to the hub's machine.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tallyman_hub::{ImportKind, Opening};
use tallyman_platform::clock::Clock as _;

use super::World;
use super::chance::Chance;
use super::disk::Loss;
use super::hub::HUB;
use super::witness::at_hub;

/// What happens to the hub, by weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Backup,
    Restart,
    PowerCut,
    PowerCutAtAnOperation,
    OperationFails,
    DiskFull,
    Restore,
    ClockJumps,
    Cancel,
    Change,
    Away,
}

const TURNS: [(u64, Turn); 11] = [
    (30, Turn::Backup),
    (6, Turn::Restart),
    (5, Turn::PowerCut),
    (12, Turn::PowerCutAtAnOperation),
    (8, Turn::OperationFails),
    (5, Turn::DiskFull),
    (7, Turn::Restore),
    (4, Turn::ClockJumps),
    (8, Turn::Cancel),
    (30, Turn::Change),
    (3, Turn::Away),
];

/// Seconds between two looks at the hub.
const LOOK_SECONDS: u64 = 3;

/// Milliseconds between backups where nothing happens by chance.
const SWEEP_BACKUP_MS: u64 = 40_000;

/// The one who leads.
pub struct Lead {
    world: Arc<World>,
    chance: Chance,
    /// Sites with the tasks that may be changed, as rows of a file with its header.
    plans: Vec<(String, Vec<String>)>,
}

impl Lead {
    /// A lead who knows these tasks, by site.
    pub fn new(world: &Arc<World>, plans: Vec<(String, Vec<String>)>) -> Self {
        Self {
            chance: Chance::of(world.seed, "lead"),
            world: Arc::clone(world),
            plans,
        }
    }

    /// Leads until the world is calm, and keeps the hub running after that.
    pub async fn lead(mut self) {
        let mut next_ms = self.chance.between(5_000, 60_000);
        loop {
            tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)).await;
            self.look_after().await;
            if self.world.is_calm() || self.world.trace.now_ms() < next_ms {
                continue;
            }
            if self.world.has_troubles() {
                self.turn().await;
                next_ms = self.world.trace.now_ms() + self.chance.between(10_000, 110_000);
            } else {
                // Copying a store is work for its disk, too.
                self.world.hub.back_up().await;
                next_ms += SWEEP_BACKUP_MS;
            }
        }
    }

    /// Starts the hub again where it has failed, as a supervisor of services does.
    async fn look_after(&self) {
        let hub = &self.world.hub;
        if hub.is_well() {
            return;
        }
        if self.world.disk.is_cut(HUB) {
            self.world.trace.happened("hub", "hub: power lost");
            hub.lose_power(Loss::None).await;
        } else {
            self.world.trace.happened("hub", "hub: the store failed");
            hub.stop().await;
        }
        hub.start_until_it_runs(Opening::AsBefore).await;
    }

    async fn turn(&mut self) {
        let Some(turn) = self.chance.weighed(&TURNS) else {
            return;
        };
        let (world, hub) = (Arc::clone(&self.world), &self.world.hub);
        let loss = *self.chance.pick(&Loss::ALL).unwrap_or(&Loss::All);
        let operations = self.chance.below(60);
        let seconds = self.chance.between(5, 90);
        match turn {
            Turn::Backup => hub.back_up().await,
            Turn::Restart => {
                world.trace.happened("hub", "hub: restarted");
                hub.stop().await;
                self.pass(seconds / 10).await;
                hub.start_until_it_runs(Opening::AsBefore).await;
            }
            Turn::Away => {
                world.trace.happened("hub", "hub: away for long");
                hub.stop().await;
                self.pass(seconds * 8).await;
                hub.start_until_it_runs(Opening::AsBefore).await;
            }
            Turn::PowerCut => {
                world.trace.happened("hub", "hub: power lost");
                hub.lose_power(loss).await;
                self.pass(seconds).await;
                hub.start_until_it_runs(Opening::AsBefore).await;
            }
            Turn::PowerCutAtAnOperation => {
                world.trace.note(
                    "hub",
                    format_args!("the power will go after {operations} operations"),
                );
                world.disk.cut_after(HUB, operations, loss);
            }
            Turn::OperationFails => {
                world.trace.note(
                    "hub",
                    format_args!("the disk will fail after {operations} operations"),
                );
                world.disk.fail_after(HUB, operations);
            }
            Turn::DiskFull => {
                world.trace.happened("hub", "hub: disk full");
                world.disk.fill(HUB, true);
                self.pass(seconds).await;
                world.disk.fill(HUB, false);
            }
            Turn::Restore => self.restore().await,
            Turn::ClockJumps => {
                let jump = *self.chance.pick(&[3_600_i64, -3_600, 300]).unwrap_or(&300);
                world.trace.happened("hub", "hub: clock jumped");
                let wall = hub.clock().wall().saturating_add(SignedDuration::from_secs(jump));
                hub.clock().set_wall(wall.unwrap_or(world.true_time()));
            }
            Turn::Cancel => self.cancel().await,
            Turn::Change => self.change().await,
        }
    }

    /// Lets time pass, until the world is calm at most.
    async fn pass(&self, seconds: u64) {
        for _ in 0..seconds {
            if self.world.is_calm() {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// The hub is put back from one of its backups; who holds what nobody else has is excused from nothing.
    async fn restore(&mut self) {
        let back = usize::try_from(self.chance.below(4)).unwrap_or(0);
        if !self.world.hub.restore(back).await {
            return;
        }
        self.world.trace.happened("hub", "hub: restored from a backup");
        let at_hub = at_hub(&self.world.hub.store()).unwrap_or_default();
        for account in self.world.accounts() {
            account
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .excuse(&at_hub);
        }
    }

    async fn cancel(&mut self) {
        let Some((site, task)) = self.some_task() else {
            return;
        };
        let Some(hub) = self.world.hub.hub() else { return };
        let now = self.world.hub.clock().wall();
        match hub.ledger().cancel_task(site, task.clone(), now).await {
            Ok(_) => {
                self.world.trace.happened("lead", "task: cancelled");
                self.world.trace.note("lead", format_args!("cancelled {task}"));
            }
            Err(error) => self
                .world
                .trace
                .note("lead", self.world.hub.without_folder(&error.to_string())),
        }
    }

    /// A task is imported again with other quantities, under its own number or as a new one.
    async fn change(&mut self) {
        let Some((site, task)) = self.some_task() else {
            return;
        };
        let more = self.chance.between(1, 3);
        let is_new = self.chance.permille(600);
        let name = if is_new {
            format!("{task}-{}", self.world.trace.now_ms())
        } else {
            task.clone()
        };
        let Some((_, plan)) = self.plans.iter().find(|(known, _)| *known == site) else {
            return;
        };
        let mut file = plan.first().cloned().unwrap_or_default();
        file.push('\n');
        for row in plan
            .iter()
            .skip(1)
            .filter(|row| row.split(',').next() == Some(&task))
        {
            let mut cells: Vec<String> = row.split(',').map(str::to_owned).collect();
            if let Some(first) = cells.first_mut() {
                first.clone_from(&name);
            }
            if let Some(quantity) = cells.get_mut(6).filter(|quantity| !quantity.is_empty()) {
                let was: u64 = quantity.parse().unwrap_or(1);
                *quantity = (was + more).to_string();
            }
            file.push_str(&cells.join(","));
            file.push('\n');
        }
        match self.world.hub.import(&site, ImportKind::Tasks, &file).await {
            Ok(()) => {
                self.world.trace.happened("lead", "task: changed");
                self.world.trace.note("lead", format_args!("changed {name}"));
            }
            Err(why) => self.world.trace.note("lead", why),
        }
    }

    fn some_task(&mut self) -> Option<(String, String)> {
        let (site, plan) = self.chance.pick(&self.plans)?.clone();
        let rows = plan.get(1..)?;
        let row = self.chance.pick(rows)?;
        Some((site, row.split(',').next()?.to_owned()))
    }
}
