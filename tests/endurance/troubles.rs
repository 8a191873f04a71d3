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

/// A hub is killed each time so many thousandths of the work are done, in a short run and in a long one.
const KILL_EVERY: [usize; 2] = [120, 16];

/// What the network does all the while, in ten-thousandths of exchanges: in a long run one in five goes wrong.
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

/// In a short run, which has few exchanges, four in ten.
const SHORT_STORM: Chances = Chances {
    delay: 600,
    cut_request: 600,
    cut_answer: 600,
    swallow_answer: 600,
    half_close: 500,
    duplicate: 600,
    black_hole: 200,
    refuse: 300,
    ..STORM
};

/// So many exchanges show each kind of fault, or the network is at fault.
const EXCHANGES_ENOUGH: u64 = 2_000;

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

/// Makes all of it, and ends it. The operators go home when this returns.
pub async fn make(
    floor: &Floor,
    network: &Network,
    hubs: &mut Hubs,
    chance: &mut SeededEntropy,
    is_long: bool,
) -> Troubled {
    let every = KILL_EVERY[usize::from(is_long)];
    let kills = (every as u64..1_000).step_by(every);
    let mut plan: Vec<(u64, Trouble)> = kills.map(|at| (at, Trouble::KillHub)).chain(PLAN).collect();
    plan.sort_by_key(|(at, _)| *at);
    network.set_chances(if is_long { STORM } else { SHORT_STORM });
    let mut troubled = Troubled::default();
    let mut before = 0;
    for (at, trouble) in plan {
        floor.reached(at, at - before).await;
        before = at;
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
            Trouble::FreeDisks => {
                floor.scan_refused().await;
                floor.set_disks_full(false);
            }
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
    floor.reached(1_000, 0).await;
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
            ("exchanges that went wrong", network.struck() as usize),
        ] {
            assert!(count > 0, "{what}: there were none");
        }
        if network.exchanges < EXCHANGES_ENOUGH {
            return;
        }
        for (what, count) in [
            ("requests delayed", network.delayed),
            ("requests cut", network.requests_cut),
            ("answers cut", network.answers_cut),
            ("answers swallowed", network.answers_swallowed),
            ("connections half closed", network.half_closed),
            ("requests doubled", network.duplicated),
            ("black holes", network.black_holes),
            ("connections refused", network.refused),
        ] {
            assert!(count > 0, "{what}: there were none");
        }
    }
}
