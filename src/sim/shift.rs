//! One scripted shift: three devices, more than 200 lines, every kind of work, goods with tags, a worker's mistakes and everything
//! that breaks, played without waiting for people; then an independent check that nothing was lost or doubled.
//!
//! The same seed makes the same work, mistakes and troubles, and so the same confirmations, exceptions and faults.
//! Moments are not part of it: processes and networks are real. What readers hear of tags follows the steps of the operators
//! ([`crate::scripted`]), and so does not depend on moments either.

mod radio;
mod report;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

use crate::checker::{self, CheckError, Findings, Piece, Witness};
use crate::house::{House, HouseError, Seat};
use crate::network::Network;
use crate::operator::{Answer, Operator, Record, Trouble, WorkError};
use crate::scanner::ScannerKind;
use crate::station::{Station, StationError};
use crate::warehouse::{Order, SHIFT, Warehouse};

use radio::Radio;

pub use report::{Desk, ShiftReport};

/// What a shift needs to know.
#[derive(Debug, Clone)]
pub struct ShiftOptions {
    /// The program that devices run: `tallyman` itself.
    pub program: PathBuf,
    /// What everything is made from.
    pub seed: u64,
}

/// Why a shift came to no result.
#[derive(Debug, thiserror::Error)]
pub enum ShiftError {
    /// The house could not be opened.
    #[error(transparent)]
    House(#[from] HouseError),
    /// A device did not do what it must.
    #[error("{cause}\nThe stores and logs are kept in {}.", .kept.display())]
    Work {
        /// What happened.
        cause: Box<WorkError>,
        /// Where everything is.
        kept: PathBuf,
    },
    /// A store could not be checked.
    #[error(transparent)]
    Check(#[from] CheckError),
}

/// The devices of the shift.
const SEATS: [Seat; 3] = [
    Seat {
        name: "dock",
        screen: (800, 480),
        duplicate_ms: DUPLICATE_MS,
        scanner: ScannerKind::Text,
        more: String::new(),
    },
    Seat {
        name: "picker",
        screen: (480, 800),
        duplicate_ms: DUPLICATE_MS,
        scanner: ScannerKind::ZebraSsi,
        more: String::new(),
    },
    Seat {
        name: "stocktaker",
        screen: (240, 320),
        duplicate_ms: DUPLICATE_MS,
        scanner: ScannerKind::Honeywell,
        more: String::new(),
    },
];

/// Milliseconds between two equal scans. Shorter than in the field, because virtual operators are faster than people.
const DUPLICATE_MS: u64 = 40;

/// How long devices may take to be rid of what waits: retries back off up to a minute.
const DRAIN: Duration = Duration::from_secs(180);

/// Time between two looks at how much waits.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// Lines of the shared order that the second device works as well.
const SHARED_TWICE: usize = 3;

/// A shift that was played to its end and is to be checked. Its files are gone with it.
#[derive(Debug)]
pub struct Played {
    seed: u64,
    began: Instant,
    house: House,
    desks: Vec<Desk>,
    witnesses: Vec<Witness>,
}

/// Plays a shift and checks it.
///
/// # Errors
/// [`ShiftError`] where the shift could not be played to its end. What was lost or doubled is no error: it is in the
/// report.
pub async fn play(options: ShiftOptions) -> Result<ShiftReport, ShiftError> {
    play_unchecked(options).await?.report()
}

/// Plays a shift; the check is left to the caller.
///
/// # Errors
/// [`ShiftError`] where the shift could not be played to its end.
pub async fn play_unchecked(options: ShiftOptions) -> Result<Played, ShiftError> {
    let began = Instant::now();
    let warehouse = Warehouse::new(options.seed, SHIFT);
    let mut house = House::open(options.program, &warehouse).await?;
    let radio = Radio::open(&house, &warehouse).await?;
    let mut operators = Vec::with_capacity(SEATS.len());
    for (number, seat) in (1..).zip(SEATS) {
        let seat = radio.with(seat);
        let (station, network) = house.seat(seat.clone()).await?;
        let mut chance = SeededEntropy::new(
            options
                .seed
                .wrapping_mul(SEATS.len() as u64 + 1)
                .wrapping_add(number),
        );
        let troubles = troubles(&mut chance);
        operators.push(Operator::new(
            station,
            network,
            chance,
            troubles,
            seat.duplicate_ms,
        ));
    }
    let played = work(&warehouse, &mut operators, &radio).await;
    if let Err(cause) = played {
        let cause = Box::new(cause);
        // The processes first, so that what is kept does not change any more.
        drop(operators);
        let kept = house.keep_files();
        return Err(ShiftError::Work { cause, kept });
    }
    let desks = operators.iter().map(desk).collect();
    house.close().await?;
    Ok(Played {
        seed: options.seed,
        began,
        house,
        desks,
        witnesses: operators.iter().map(witness).collect(),
    })
}

impl Played {
    /// The hub's store. It is closed.
    pub fn hub_store(&self) -> PathBuf {
        self.house.hub_store()
    }

    /// Holds what the devices have and the operators were told against a hub's store: the shift's own, or a copy of it that somebody has
    /// tampered with.
    ///
    /// # Errors
    /// [`CheckError`] where a store cannot be read.
    pub fn check(&self, hub_store: &Path) -> Result<Findings, CheckError> {
        checker::check(hub_store, &self.witnesses)
    }

    /// What was told as recorded of pieces with tags, over all devices.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.witnesses
            .iter()
            .flat_map(|witness| &witness.pieces)
            .flatten()
    }

    /// Checks, and tells what happened.
    ///
    /// # Errors
    /// [`ShiftError::Check`]
    pub fn report(self) -> Result<ShiftReport, ShiftError> {
        let findings = self.check(&self.hub_store())?;
        let mut report = ShiftReport {
            seed: self.seed,
            seconds: self.began.elapsed().as_secs_f64(),
            desks: self.desks,
            findings,
            kept: None,
        };
        if !report.holds() {
            report.kept = Some(self.house.keep_files());
        }
        Ok(report)
    }
}

/// What goes wrong on one device, and before which of its lines.
fn troubles(chance: &mut SeededEntropy) -> Vec<(usize, Trouble)> {
    let mut around = |line: usize, more: u64| line + chance.below(more) as usize;
    let cut = around(4, 8);
    let swallow = around(20, 8);
    vec![
        (cut, Trouble::Cut),
        (around(cut + 3, 6), Trouble::Mend),
        (swallow, Trouble::Swallow(1 + around(0, 2) as u32)),
        (around(32, 8), Trouble::Battery),
        (around(46, 8), Trouble::Battery),
        (around(56, 6), Trouble::BatteryBeforeAcknowledgement),
    ]
}

async fn work(warehouse: &Warehouse, operators: &mut [Operator], radio: &Radio) -> Result<(), WorkError> {
    let [dock, picker, stocktaker] = operators else {
        unreachable!("there are as many operators as seats");
    };
    for (operator, badge) in [(&mut *dock, "ANNA"), (picker, "BEN"), (stocktaker, "CLEO")] {
        wait_for_tasks(&operator.station, warehouse.tasks()).await?;
        operator.log_in(badge).await?;
    }
    let Some((shared, orders)) = warehouse.orders.split_last() else {
        unreachable!("a shift has a shared order");
    };
    let Some(rounds) = &warehouse.rounds else {
        unreachable!("a shift has a round of each kind of work");
    };
    let Some(zone) = &warehouse.tagged else {
        unreachable!("goods of a shift carry tags");
    };
    tokio::try_join!(
        async {
            for receipt in &warehouse.receipts {
                dock.receive(warehouse, receipt).await?;
            }
            dock.transport(warehouse, &rounds.putaway).await?;
            dock.take_back(warehouse, &rounds.returned).await?;
            dock.inspect(warehouse, &rounds.inspection).await?;
            dock.receive_through_door(zone, &radio.door).await
        },
        async {
            for order in orders {
                picker.pick(warehouse, order).await?;
            }
            picker.pick_cart(warehouse, &rounds.cart).await?;
            picker.pack(warehouse, &rounds.pack).await?;
            picker.load(&rounds.load).await
        },
        async {
            for sheet in &warehouse.counts {
                stocktaker.count(warehouse, sheet).await?;
            }
            stocktaker.transport(warehouse, &rounds.replenish).await?;
            stocktaker.transport(warehouse, &rounds.relocate).await?;
            stocktaker.move_unplanned(warehouse, &rounds.unplanned).await?;
            stocktaker.count_unplanned(&rounds.empty_place).await?;
            stocktaker.sweep_zone(zone, &radio.shelf).await
        },
    )?;
    share(warehouse, shared, picker, stocktaker).await?;
    for operator in [dock, picker, stocktaker] {
        operator.network.mend();
        wait_until_sent(&operator.station).await?;
        swallowed(&operator.network, &operator.station).await?;
        operator.station.stop().await?;
    }
    Ok(())
}

/// Two devices on one task. The second one holds it when its network goes, and works on without knowing that the first
/// one, asked, does the same lines: both have moved goods, so both are posted, and a supervisor is told.
async fn share(
    warehouse: &Warehouse,
    order: &Order,
    first: &mut Operator,
    second: &mut Operator,
) -> Result<(), WorkError> {
    second.begin_order(order).await?;
    wait_until_sent(&second.station).await?;
    let holder = second.station.name().to_owned();
    let is_held = |screen: &crate::heard::Screen| {
        let choices = screen.question.iter().flat_map(|question| &question.choices);
        choices
            .into_iter()
            .any(|choice| choice.label.contains(&order.reference) && choice.label.contains(&holder))
    };
    first.station.screen_that("who holds the order", is_held).await?;
    second.network.cut();
    first.begin_held_order(order).await?;
    first.pick_some(warehouse, order, order.lines.len()).await?;
    first.press(&["done"], Answer::Accept(1)).await?;
    wait_until_sent(&first.station).await?;
    second.pick_some(warehouse, order, SHARED_TWICE).await?;
    second.network.mend();
    wait_until_sent(&second.station).await?;
    let left = |screen: &crate::heard::Screen| !screen.title.ends_with(&order.reference);
    second
        .station
        .screen_that("the end of the shared order", left)
        .await?;
    Ok(())
}

/// Waits until a device has its tasks.
async fn wait_for_tasks(station: &Station, tasks: usize) -> Result<(), StationError> {
    let listed = |screen: &crate::heard::Screen| {
        screen
            .question
            .as_ref()
            .is_some_and(|question| question.choices.len() >= tasks)
    };
    station.screen_that("the list of tasks", listed).await.map(drop)
}

/// Waits until nothing waits for the hub any more.
async fn wait_until_sent(station: &Station) -> Result<(), StationError> {
    let sent = async {
        while station.waiting().await? > 0 {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    };
    let sent = tokio::time::timeout(DRAIN, sent).await;
    sent.unwrap_or_else(|_| {
        Err(StationError::TooLate {
            station: station.name().to_owned(),
            what: "an empty outbox".to_owned(),
            screen: station.screen().as_text(),
        })
    })
}

/// Waits until every answer that was to be swallowed is.
async fn swallowed(network: &Network, station: &Station) -> Result<(), StationError> {
    let swallowed = tokio::time::timeout(DRAIN, network.all_swallowed()).await;
    swallowed.map_err(|_| StationError::TooLate {
        station: station.name().to_owned(),
        what: "an answer to swallow".to_owned(),
        screen: station.screen().as_text(),
    })
}

fn desk(operator: &Operator) -> Desk {
    Desk {
        name: operator.station.name().to_owned(),
        record: operator.record.clone(),
        restarts: operator.station.restarts(),
        network_cuts: operator.network.cuts(),
        answers_swallowed: operator.network.swallowed(),
    }
}

fn witness(operator: &Operator) -> Witness {
    let Record {
        facts, moved, pieces, ..
    } = &operator.record;
    let moved = moved
        .iter()
        .map(|((act, article), pieces)| ((act.word().to_owned(), (*article).to_owned()), *pieces));
    Witness {
        name: operator.station.name().to_owned(),
        store: operator.station.store_path(),
        sounded: operator.station.sounded(),
        facts: Some(*facts),
        moved: Some(moved.collect()),
        pieces: Some(pieces.clone()),
    }
}

impl ShiftReport {
    /// Whether every promise held.
    pub fn holds(&self) -> bool {
        self.findings.hold()
    }
}
