//! A scene played as a reader hears it: round after round, reads to sightings, sightings to a sweep or pass.

use std::collections::HashSet;

use tallyman_codes::{EpcBytes, Moment, Sighting};
use tallyman_drivers::{Burst, BurstSettings};
use tallyman_floor::rfid::{Class, GrowthSays, Judged, Known, Pass, PassSummary, Rules, Sweep};

use super::door::DoorScene;
use super::score::Confusion;
use super::shelf::ShelfScene;
use super::{Air, Trouble};

/// From one antenna to the next, in microseconds.
const SWITCH_US: u64 = 3_000;

/// A reader goes round its antennas from one moment to another; `hears` is given each window's sightings, and ends it early by
/// saying so.
fn read(
    air: &mut Air,
    power_centi_dbm: i32,
    (from, to): (f64, f64),
    mut hears: impl FnMut(Moment, &[Sighting]) -> bool,
) {
    let mut now = Moment::from_us((from * 1e6) as u64);
    let end = Moment::from_us((to * 1e6) as u64);
    let mut burst = Burst::new(BurstSettings::default());
    let antennas = air.antennas.len() as u16;
    let mut heard = Vec::new();
    let mut antenna = 0;
    while now < end {
        antenna = antenna % antennas.max(1) + 1;
        let took_us = air.round(antenna, power_centi_dbm, now, &mut heard);
        now.us += took_us + SWITCH_US;
        for heard in heard.drain(..) {
            burst.fold(&heard.to_tag(), heard.at);
        }
        while let Some(window) = burst.take_window(now) {
            if hears(now, &window.sightings) {
                return;
            }
        }
    }
    while let Some(window) = burst.take_rest(end) {
        let _ = hears(end, &window.sightings);
    }
}

/// Plays a pass through a door, from one photo eye to the other.
pub fn pass(scene: &mut DoorScene, trouble: &Trouble, rules: Rules) -> Pass {
    scene.air.disturb(trouble);
    let mut pass = Pass::new(rules, scene.sides);
    let power = scene.power_centi_dbm + (trouble.power_db * 100.0) as i32;
    pass.advance(Moment::from_us((scene.pass_seconds.0 * 1e6) as u64));
    read(&mut scene.air, power, scene.pass_seconds, |at, sightings| {
        pass.take(at, sightings);
        false
    });
    pass
}

/// Plays the sweep of a bay until it says "done" or the worker has been everywhere twice.
pub fn sweep(scene: &mut ShelfScene, trouble: &Trouble, rules: Rules) -> Sweep {
    scene.air.disturb(trouble);
    let mut sweep = Sweep::new(rules);
    let power = scene.power_centi_dbm + (trouble.power_db * 100.0) as i32;
    // A worker looks at the screen at the end of a stroke; before everything was swept once "done" means nothing to them.
    let once_ms = (scene.seconds * 500.0) as u32;
    read(&mut scene.air, power, (0.0, scene.seconds), |at, sightings| {
        sweep.take(at, sightings);
        sweep.time_ms() >= once_ms && sweep.judge(|_| Known::Nothing).growth.says == GrowthSays::Done
    });
    sweep
}

/// Plays a pass and says how well its tags were told apart.
pub fn scored_pass(scene: &mut DoorScene, trouble: &Trouble, rules: Rules) -> (Confusion, PassSummary) {
    let pass = pass(scene, trouble, rules);
    let judged = pass.judge(|_| Known::Nothing);
    let through: HashSet<EpcBytes> = scene.through.iter().copied().collect();
    let mut confusion = Confusion::default();
    let mut heard = 0;
    for (tag, says) in pass.tags().zip(&judged.tags) {
        if !through.contains(&tag.epc) {
            confusion.elsewhere(says.class);
            continue;
        }
        heard += 1;
        confusion.belongs(Some(says.class));
        confusion.wrong_way += u64::from(says.class == Class::Sure && says.direction != scene.direction);
    }
    (heard..through.len()).for_each(|_| confusion.belongs(None));
    (confusion, judged.summary)
}

/// Plays a sweep and says how well its tags were told apart; `known` says what the device knows of a tag.
pub fn scored_sweep(
    scene: &mut ShelfScene,
    trouble: &Trouble,
    rules: Rules,
    known: impl Fn(&EpcBytes) -> Known,
) -> (Confusion, Judged) {
    let sweep = sweep(scene, trouble, rules);
    let judged = sweep.judge(known);
    let inside: HashSet<EpcBytes> = scene.inside.iter().copied().collect();
    let mut confusion = Confusion::default();
    let mut heard = 0;
    for (tag, class) in sweep.tags().zip(&judged.classes) {
        if inside.contains(&tag.epc) {
            heard += 1;
            confusion.belongs(Some(*class));
        } else {
            confusion.elsewhere(*class);
        }
    }
    (heard..inside.len()).for_each(|_| confusion.belongs(None));
    (confusion, judged)
}
