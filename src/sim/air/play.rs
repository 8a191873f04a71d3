//! A scene played as a reader hears it: round after round, reads to sightings, sightings to a sweep or pass.

use tallyman_codes::Moment;
use tallyman_drivers::{Burst, BurstSettings};
use tallyman_floor::rfid::{GrowthSays, Known, Pass, Rules, Sweep};

use super::door::DoorScene;
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
    mut hears: impl FnMut(Moment, &[tallyman_codes::Sighting]) -> bool,
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
