//! The whole house under everything that goes wrong at once, with real processes: agents with virtual scanners, hubs on
//! a file and on a database, and a network between them.
//!
//! While operators scan as fast as they are answered, the network delays, cuts, swallows, doubles and refuses; batteries are
//! pulled; hubs are killed; the database is restarted; clocks of devices jump by years; disks fill up and are freed; and the
//! hub is put back from a backup. What was sounded is written down outside of the agents. At the end all faults stop,
//! every outbox has to become empty, and a check that shares no code with agent or hub counts what is lost, doubled or out of
//! order. Then the same check is shown stores that were tampered with, and has to say so.
//!
//! `TALLYMAN_ENDURANCE` sets how many confirmations there have to be at least, `TALLYMAN_SEED` what happens by chance:
//!
//! ```text
//! TALLYMAN_ENDURANCE=100000 cargo test --release --test endurance -- --nocapture --test-threads 1
//! ```

mod check;
mod clock;
mod database;
mod devices;
mod disk;
mod hubs;
#[path = "../postgres/server.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod server;
mod troubles;
mod work;

use std::time::Instant;

use tallyman_platform::entropy::SeededEntropy;
use tallyman_sim::network::Network;

use check::Evidence;
use devices::{Floor, Operator};
use hubs::{Hubs, Ledger};
use server::Server;

/// Confirmations of one run, unless `TALLYMAN_ENDURANCE` says otherwise.
const CONFIRMATIONS: u64 = 2_500;
/// From this many on a run has more devices.
const LONG_RUN: u64 = 20_000;
/// What happens by chance, unless `TALLYMAN_SEED` says otherwise.
const SEED: u64 = 7;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[tokio::test]
async fn one_hub_on_a_file() {
    run(Ledger::File).await;
}

#[tokio::test]
async fn two_hubs_on_one_database() {
    if Server::shared().is_some() {
        run(Ledger::Database).await;
    }
}

/// One run, from the first scan to the last check.
async fn run(ledger: Ledger) {
    let (wanted, seed) = (
        number("TALLYMAN_ENDURANCE", CONFIRMATIONS),
        number("TALLYMAN_SEED", SEED),
    );
    let devices = if wanted >= LONG_RUN { 12 } else { 8 };
    println!("seed {seed}, {wanted} confirmations, {devices} devices, {ledger:?}");
    let folder = tempfile::Builder::new().prefix("tm").tempdir().expect("a folder");
    let begun = Instant::now();

    let plan = work::plan(devices);
    let (mut hubs, codes) = Hubs::open(ledger, &folder.path().join("h"), &plan).await;
    let network = Network::open_seeded(hubs.addresses(), seed)
        .await
        .expect("a network");
    let floor = Floor::new(wanted);
    let mut chance = SeededEntropy::new(seed);
    let mut working = Vec::new();
    for (work, code) in plan.into_iter().zip(codes) {
        let place = folder.path().join(&work.name);
        let operator = Operator::start(work, code, &place, &network, &floor, &mut chance).await;
        working.push(tokio::spawn(operator.work()));
    }

    let troubled = troubles::make(&floor, &network, &mut hubs, &mut chance, wanted >= LONG_RUN).await;
    let mut operators = Vec::new();
    for operator in working {
        operators.push(operator.await.expect("an operator"));
    }
    let scanned = begun.elapsed();

    // Nothing goes wrong any more: everything has to arrive.
    for operator in &operators {
        operator.wait_until_sent().await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    for operator in &mut operators {
        operator.stop().await;
    }
    let counts = network.counts();
    hubs.stop().await;
    hubs.verify();

    let evidence = Evidence::of(&hubs, &operators, folder.path());
    let findings = evidence.findings();
    println!(
        "{} confirmations in {seconds:.1} s (scanned in {:.1} s); lost {}, doubled {}, out of order {}, ledger_sum {}",
        findings.confirmations,
        scanned.as_secs_f64(),
        findings.lost,
        findings.doubled,
        findings.out_of_order,
        findings.ledger_sum
    );
    println!("{troubled:?}\n{counts:?}");
    for operator in &operators {
        println!("{}: {:?}", operator.name(), operator.record);
    }
    assert!(findings.hold(), "the independent check: {findings:#?}");
    assert!(
        findings.confirmations as u64 >= wanted,
        "{} are too few",
        findings.confirmations
    );
    evidence.check_against_operators(&operators);
    troubled.check(&operators, &counts, ledger);
    evidence.check_that_tampering_is_found();
}
