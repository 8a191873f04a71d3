//! What goes wrong, and when: a plan by the progress of the work, so that a fast machine and a slow one see the same.

use tallyman_platform::entropy::SeededEntropy;
use tallyman_sim::network::{Chances, Counts, Network};

use super::devices::{Floor, Operator};
use super::hubs::{Hubs, Ledger};

/// Something that goes wrong, or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    KillHub,
    RestartDatabase { orderly: bool },
    JumpClocks,
    FillDisks,
    FreeDisks,
    Cut,
    Mend,
    BackUp,
    Restore,
}

/// Everything but the killed hubs, by thousandths of the work.
const PLAN: [(u64, Trouble); 20] = [
    (60, Trouble::JumpClocks),
    (100, Trouble::RestartDatabase { orderly: false }),
    (150, Trouble::JumpClocks),
    (200, Trouble::FillDisks),
    (230, Trouble::Cut),
    (260, Trouble::FreeDisks),
    (290, Trouble::Mend),
    (300, Trouble::RestartDatabase { orderly: true }),
    (350, Trouble::JumpClocks),
    (400, Trouble::BackUp),
    (470, Trouble::RestartDatabase { orderly: false }),
    (500, Trouble::JumpClocks),
    (530, Trouble::Restore),
    (600, Trouble::FillDisks),
    (640, Trouble::Cut),
    (660, Trouble::FreeDisks),
    (680, Trouble::Mend),
    (700, Trouble::RestartDatabase { orderly: true }),
    (750, Trouble::JumpClocks),
    (900, Trouble::RestartDatabase { orderly: false }),
];

/// A hub is killed each time so many thousandths of the work are done.
const KILL_EVERY: usize = 40;

/// What the network does all the while, in ten-thousandths of exchanges: about one in five goes wrong.
const STORM: Chances = Chances {
    delay: 400,
    cut_request: 250,
    cut_answer: 250,
    swallow_answer: 250,
    half_close: 200,
    duplicate: 400,
    black_hole: 100,
    refuse: 200,
    delay_ms_max: 200,
    black_hole_ms_max: 1_500,
};

/// What was done to the house.
#[derive(Debug, Clone, Copy, Default)]
pub struct Troubled {
    hubs_killed: usize,
    database_restarts: usize,
    clock_jumps: usize,
    disks_filled: usize,
    cuts: u64,
    restores: usize,
}

/// Makes all of it, and ends it. The operators have gone home when this returns.
pub async fn make(floor: &Floor, network: &Network, hubs: &mut Hubs, chance: &mut SeededEntropy) -> Troubled {
    let kills = (KILL_EVERY as u64..1_000).step_by(KILL_EVERY);
    let mut plan: Vec<(u64, Trouble)> = kills.map(|at| (at, Trouble::KillHub)).chain(PLAN).collect();
    plan.sort_by_key(|(at, _)| *at);
    network.set_chances(STORM);
    let mut troubled = Troubled::default();
    for (at, trouble) in plan {
        floor.reached(at).await;
        match trouble {
            Trouble::KillHub => {
                hubs.kill_one().await;
                network.lead_to(hubs.addresses());
                troubled.hubs_killed += 1;
            }
            Trouble::RestartDatabase { orderly } => {
                if let Some(database) = hubs.database() {
                    database.restart(orderly).await;
                    troubled.database_restarts += 1;
                }
            }
            Trouble::JumpClocks => {
                floor.jump_clocks(chance);
                troubled.clock_jumps += 1;
            }
            Trouble::FillDisks => {
                floor.set_disks_full(true);
                troubled.disks_filled += 1;
            }
            Trouble::FreeDisks => floor.set_disks_full(false),
            Trouble::Cut => network.cut(),
            Trouble::Mend => network.mend(),
            Trouble::BackUp => hubs.back_up().await,
            Trouble::Restore => {
                network.lead_to(Vec::new());
                hubs.restore().await;
                network.lead_to(hubs.addresses());
                troubled.restores += 1;
            }
        }
    }
    floor.reached(1_000).await;
    network.set_chances(Chances::default());
    troubled.cuts = network.cuts();
    floor.end();
    troubled
}

impl Troubled {
    /// A run in which something did not go wrong has shown nothing about it.
    pub fn check(&self, operators: &[Operator], network: &Counts, ledger: Ledger) {
        let pulled: usize = operators.iter().map(|operator| operator.record.pulled).sum();
        let failed: usize = operators.iter().map(|operator| operator.record.failed).sum();
        let restarts = if ledger == Ledger::Database {
            self.database_restarts
        } else {
            1
        };
        for (what, count) in [
            ("batteries pulled", pulled),
            ("scans on a full disk", failed),
            ("hubs killed", self.hubs_killed),
            ("restarts of the database", restarts),
            ("clock jumps", self.clock_jumps),
            ("restores", self.restores),
            ("requests delayed", network.delayed as usize),
            ("requests cut", network.requests_cut as usize),
            ("answers cut", network.answers_cut as usize),
            ("answers swallowed", network.answers_swallowed as usize),
            ("connections half closed", network.half_closed as usize),
            ("requests doubled", network.duplicated as usize),
            ("black holes", network.black_holes as usize),
            ("connections refused", network.refused as usize),
        ] {
            assert!(count > 0, "{what}: there were none");
        }
    }
}
