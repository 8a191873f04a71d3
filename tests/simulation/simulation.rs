//! Agents and hub on virtual time: workers, and everything that breaks, from a seed. `src/sim/world` is the world,
//! `src/sim/checker/history.rs` says whether a promise was broken.

mod disk;
mod failed_hub;
mod runs;

use std::collections::BTreeMap;

use runs::{Kind, Run, report};
use tallyman_sim::world::Sabotage;

/// Seeds of one run; `TALLYMAN_SIMULATION_SEEDS` sets another number.
const SEEDS: u64 = 64;
/// The first of them; `TALLYMAN_SEED` sets another one.
const FIRST_SEED: u64 = 1;
/// Seeds that are run again to see whether they repeat themselves.
const REPEATED: u64 = 6;
/// Seeds in which a control must be found at least once.
const SEEDS_OF_CONTROL: u64 = 4;
/// Operations of a disk in the work of one device, about: each of them goes wrong once in every way.
const SWEEP_OPERATIONS: u64 = 320;
/// So far apart are those that are tried; `TALLYMAN_SIMULATION_STEP=1` tries them all.
const SWEEP_STEP: u64 = 40;
/// Two machines, and five ways in which an operation goes wrong.
const SWEEP_WAYS: u64 = 10;
/// Processes side by side.
const PROCESSES: u64 = 2;

/// What must have happened somewhere in the usual seeds.
const MUST_HAPPEN: &[&str] = &[
    "network: refused",
    "network: request lost",
    "network: silent",
    "network: answer swallowed",
    "network: request late",
    "network: answer late",
    "network: request doubled",
    "network: second delivery arrived",
    "network: half closed",
    "network: request cut short",
    "network: answer cut short",
    "network: outage",
    "proxy: 413",
    "proxy: 415",
    "proxy: 429",
    "proxy: 502",
    "proxy: 503",
    "answer: 200",
    "answer: 204",
    "answer: 413",
    "answer: 415",
    "answer: 422",
    "answer: 429",
    "answer: 500",
    "answer: 502",
    "answer: 503",
    "answer: none in time",
    "answer: fork",
    "answer: expected seq",
    "answer: epoch granted",
    "answer: claims",
    "clock: jumped",
    "clock: booted in 1970",
    "device: power lost",
    "device: restarted",
    "device: the store failed",
    "disk: full",
    "disk: no room for an operation",
    "disk: operation failed",
    "disk: power cut in an operation",
    "disk: unsynced writes lost",
    "facts: delivered again in another order",
    "hub: away for long",
    "hub: backup",
    "hub: clock jumped",
    "hub: disk full",
    "hub: no room for an operation",
    "hub: operation failed",
    "hub: power cut in an operation",
    "hub: power lost",
    "hub: restarted",
    "hub: restored from a backup",
    "hub: stable mark moved",
    "hub: the store failed",
    "store: a copy of an earlier epoch put back",
    "store: an older copy put back",
    "store: copied",
    "store: set aside",
    "task: cancelled",
    "task: changed",
    "verdict: accept",
    "verdict: ask",
    "verdict: failed",
    "verdict: go",
    "verdict: reject",
];

fn number(variable: &str, default: u64) -> u64 {
    let set = std::env::var(variable).ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn seeds() -> std::ops::Range<u64> {
    let first = number("TALLYMAN_SEED", FIRST_SEED);
    first..first + number("TALLYMAN_SIMULATION_SEEDS", SEEDS)
}

#[test]
fn every_promise_holds_whatever_breaks() {
    let runs = runs::run(seeds(), PROCESSES, Kind::Worlds);
    let tally = tally(&runs);
    let facts: u64 = runs.iter().map(|run| run.facts).sum();
    println!(
        "{} seeds from {}, {facts} facts at the hub",
        runs.len(),
        seeds().start
    );
    for (what, times) in &tally {
        println!("{times:>9} {what}");
    }
    let broken: Vec<&Run> = runs.iter().filter(|run| !run.violations.is_empty()).collect();
    if let Some(first) = broken.first() {
        let which: Vec<u64> = broken.iter().map(|run| run.seed).collect();
        panic!(
            "{} of {} seeds break a promise: {which:?}\n{}",
            broken.len(),
            runs.len(),
            report(first)
        );
    }
    if runs.len() as u64 >= SEEDS {
        let missing: Vec<&&str> = MUST_HAPPEN
            .iter()
            .filter(|what| !tally.contains_key(**what))
            .collect();
        assert!(
            missing.is_empty(),
            "these never happened, so nothing is known about them: {missing:?}"
        );
    }
}

#[test]
fn every_operation_of_a_disk_may_go_wrong() {
    let step = number("TALLYMAN_SIMULATION_STEP", SWEEP_STEP).max(1);
    let numbers = SWEEP_OPERATIONS / step * SWEEP_WAYS;
    let runs = runs::run(0..numbers, PROCESSES, Kind::Sweep(step));
    let happened = [
        "disk: power cut in an operation",
        "disk: operation failed",
        "hub: power cut in an operation",
        "hub: operation failed",
    ];
    let tally = tally(&runs);
    println!("{} operations went wrong, every {step}th", runs.len());
    for what in happened {
        let times = tally.get(what).copied().unwrap_or(0);
        println!("{times:>9} {what}");
        assert!(times > 0, "{what} never happened");
    }
    let broken: Vec<&Run> = runs.iter().filter(|run| !run.violations.is_empty()).collect();
    if let Some(first) = broken.first() {
        panic!(
            "{} of {} operations break a promise\n{}",
            broken.len(),
            runs.len(),
            report(first)
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_in_any_process() {
    let seeds = FIRST_SEED..FIRST_SEED + REPEATED;
    // In one process one after the other, and in two at the same time.
    let once = runs::run(seeds.clone(), 1, Kind::Worlds);
    let again = runs::run(seeds, PROCESSES, Kind::Worlds);
    for (once, again) in once.iter().zip(&again) {
        assert!(
            once.lines > 100,
            "seed {}: {} lines are no trace",
            once.seed,
            once.lines
        );
        let ends = format!("{}\n---\n{}", once.tail.join("\n"), again.tail.join("\n"));
        assert_eq!(
            once.hash, again.hash,
            "seed {} goes another way the second time:\n{ends}",
            once.seed
        );
    }
    let mut hashes: Vec<&str> = once.iter().map(|run| run.hash.as_str()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len() as u64, REPEATED, "another seed is another world");
}

#[test]
fn what_is_broken_on_purpose_is_reported() {
    for (sabotage, invariants) in Sabotage::ALL {
        let runs = runs::run(
            FIRST_SEED..FIRST_SEED + SEEDS_OF_CONTROL,
            PROCESSES,
            Kind::Control(sabotage),
        );
        let found = runs.iter().flat_map(|run| &run.violations);
        let found = found
            .filter(|told| invariants.iter().any(|invariant| told.starts_with(invariant)))
            .count();
        println!("{sabotage:?}: {found} findings of {invariants:?}");
        let told: Vec<&String> = runs.iter().flat_map(|run| &run.violations).collect();
        assert!(
            found > 0,
            "{sabotage:?} must be reported as one of {invariants:?}; reported was {told:?}"
        );
    }
}

#[test]
fn a_hub_whose_disk_has_failed_ends_and_can_be_started_again() {
    runs::run_apart("ends_a_hub_for_another_test");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn ends_a_hub_for_another_test() {
    failed_hub::ends_and_starts_again();
}

#[test]
#[ignore = "run by the other tests, in a process of its own"]
fn runs_seeds_for_another_test() {
    runs::run_here();
}

fn tally(runs: &[Run]) -> BTreeMap<&str, u64> {
    let mut tally = BTreeMap::new();
    for (what, times) in runs.iter().flat_map(|run| &run.tally) {
        *tally.entry(what.as_str()).or_default() += times;
    }
    tally.retain(|_, times| *times > 0);
    tally
}
