//! The battery is pulled, again and again: what sounded good is there afterwards, once.
//!
//! SIGKILL proves order and not durability, for the kernel keeps what was written. That each good sound comes after a
//! sync of what it stands for is therefore recorded apart, by a library preloaded into the agent.

use std::time::Duration;

use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

use crate::house::{BOLT, House, preloaded_program};

/// Pulled batteries in one run; `TALLYMAN_KILLS` sets another number.
const KILLS: u64 = 400;
/// The seed of the moments; `TALLYMAN_SEED` sets another one.
const SEED: u64 = 7;
/// The battery holds at most so long after a trigger pull: within it the agent reads, commits and sounds.
const BATTERY_US_MAX: u64 = 6_000;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[tokio::test]
async fn no_sounded_scan_is_lost_and_none_is_doubled_over_hundreds_of_pulled_batteries() {
    let (kills, seed) = (number("TALLYMAN_KILLS", KILLS), number("TALLYMAN_SEED", SEED));
    println!("seed {seed}, {kills} pulled batteries");
    let mut chance = SeededEntropy::new(seed);
    let house = House::open().await;
    let mut counter = house.device("counter").await;
    counter.scans(&["]C0CS-1", "]C0LOC-A-01"], "go").await;
    let (mut answered, mut cut_off) = (0_u64, 0_u64);
    for _ in 0..kills {
        for _ in 0..chance.below(3) {
            counter.scans(&[BOLT], "accept").await;
            answered += 1;
        }
        let patience = Duration::from_micros(chance.below(BATTERY_US_MAX));
        match counter.scan_within(BOLT, patience).await {
            Some(_) => answered += 1,
            None => cut_off += 1,
        }
        counter.station.kill().await.expect("killed");
        counter.station.restart().await.expect("started again");
    }
    assert!(
        cut_off > 0,
        "no battery was pulled between a scan and its sound: nothing was tried"
    );
    let counted = counter.station.last_seq().await.expect("a status");
    println!("{answered} sounds, {cut_off} scans cut off, {counted} facts");
    assert!(
        (answered..=answered + cut_off).contains(&counted),
        "seed {seed}: {answered} sounds and {cut_off} scans cut off cannot make {counted} facts"
    );
    house.close(vec![counter]).await;
}

/// What the preloaded library saw, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// Something was written to the store's log.
    Written,
    /// The log was synced.
    Synced,
    /// An accept was said to whoever listens.
    Sounded,
}

/// The number of sounds, each of which must come after a write and its sync. Otherwise the place of the sound that came
/// too early.
fn sounds_after_syncs(seen: &[Seen]) -> Result<usize, usize> {
    let (mut is_written, mut is_synced, mut sounds) = (false, false, 0);
    for (place, what) in seen.iter().enumerate() {
        match what {
            Seen::Written => (is_written, is_synced) = (true, false),
            Seen::Synced => is_synced = is_written,
            Seen::Sounded if !(is_written && is_synced) => return Err(place),
            Seen::Sounded => {
                sounds += 1;
                (is_written, is_synced) = (false, false);
            }
        }
    }
    Ok(sounds)
}

#[test]
fn a_sound_before_its_sync_is_noticed() {
    use Seen::{Sounded, Synced, Written};
    assert_eq!(
        sounds_after_syncs(&[Written, Synced, Sounded, Written, Written, Synced, Sounded]),
        Ok(2)
    );
    assert_eq!(sounds_after_syncs(&[Written, Sounded, Synced]), Err(1));
    assert_eq!(sounds_after_syncs(&[Written, Synced, Sounded, Sounded]), Err(3));
    assert_eq!(sounds_after_syncs(&[Written, Synced, Written, Sounded]), Err(3));
}

#[tokio::test]
async fn every_good_sound_comes_after_a_sync_of_what_it_stands_for() {
    const SCANS: usize = 25;
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("recorded");
    let house = House::open().await;
    let mut counter = house
        .device_with(
            "counter",
            preloaded_program(folder.path(), "recorder.c", &[("TALLYMAN_RECORD", &log)]),
        )
        .await;
    counter.scans(&["]C0CS-1", "]C0LOC-A-01"], "go").await;
    // Without a network nothing else is written: neither marks nor tasks.
    house.network().cut();
    counter.scans(&[BOLT], "accept").await;
    let before = std::fs::read_to_string(&log).expect("a record").lines().count();
    for _ in 0..SCANS {
        counter.scans(&[BOLT], "accept").await;
    }
    let record = std::fs::read_to_string(&log).expect("a record");
    let seen: Vec<Seen> = record
        .lines()
        .skip(before)
        .map(|line| match line {
            "written" => Seen::Written,
            "synced" => Seen::Synced,
            "sounded" => Seen::Sounded,
            other => panic!("the record says {other:?}"),
        })
        .collect();
    assert_eq!(sounds_after_syncs(&seen), Ok(SCANS), "{seen:?}");
    house.network().mend();
    house.close(vec![counter]).await;
}
