//! Drivers against virtual modules, over a line that damages and loses, in virtual time.

mod world;

use std::collections::BTreeSet;

use tallyman_codes::{EpcBytes, Moment};
use tallyman_drivers::{Command, Inventory};
use world::{Damage, Shelf, World};

use crate::air::shelf::{self, Hand, ShelfPlan};

use super::{ChafonReader, M100Module, Module, R2000Reader, ThingMagicModule};

/// How long a shelf is read.
const READ_MS: u64 = 12_000;
/// How long a reader has to stop and to get its own settings back, over a line that loses commands.
const REST_MS: u64 = 12_000;
const SEEDS: u64 = 8;

/// The power that the work asks for, in hundredths of a dBm.
const WORK_POWER: u16 = 1_800;

/// What is done with a driver, its settings, a reader, and what a line may do to it.
type Run<'a> = dyn FnMut(&str, &[(&str, &str)], Box<dyn Module>, Damage) + 'a;

/// Every reader there is, with its driver, settings, and what a line may do to it.
fn each(run: &mut Run<'_>) {
    run("uhf_m100", &[], Box::<M100Module>::default(), Damage::Any);
    // Its reports have a sum of 8 bits and no CRC of the tag: a lost byte makes a wrong tag once in 256 times.
    run("uhf_r2000", &[], Box::new(R2000Reader::new(false)), Damage::Flips);
    run(
        "uhf_r2000",
        &[("antennas", "1,3")],
        Box::new(R2000Reader::new(true)),
        Damage::Flips,
    );
    run("uhf_chafon", &[], Box::new(ChafonReader::new(true)), Damage::Any);
    run(
        "uhf_chafon",
        &[("model", "18")],
        Box::new(ChafonReader::new(false)),
        Damage::Any,
    );
    run(
        "thingmagic",
        &[],
        Box::new(ThingMagicModule::new(true)),
        Damage::Any,
    );
}

fn work() -> Command {
    Command::StartInventory(Inventory {
        power_centi_dbm: Some(WORK_POWER),
        ..Inventory::default()
    })
}

#[test]
fn a_thousand_tags_on_a_bad_line_are_neither_lost_nor_doubled_nor_made_up() {
    for seed in 0..SEEDS {
        each(&mut |driver, settings, device, damage| {
            let mut world = World::new(driver, settings, device, Shelf::new(1_000), damage, seed);
            world.open();
            world.command(work());
            world.run_until(Moment::from_ms(READ_MS));
            world.finish();
            let place = format!("{driver} {settings:?} with seed {seed}");
            assert!(world.damaged > 10, "{place}: the line did nothing");
            assert!(
                world.whole.len() > 1_000,
                "{place}: {} tags only",
                world.whole.len()
            );
            assert_eq!(world.read.len(), world.whole.len(), "{place}");
            assert_eq!(world.read, world.whole, "{place}");
        });
    }
}

#[test]
fn a_stop_is_obeyed_over_a_bad_line_and_the_readers_own_settings_come_back() {
    for seed in 0..SEEDS {
        each(&mut |driver, settings, device, damage| {
            let mut world = World::new(driver, settings, device, Shelf::new(50), damage, seed);
            world.open();
            let own = world.device.power_centi_dbm();
            world.command(work());
            world.run_until(Moment::from_ms(4_000));
            let place = format!("{driver} {settings:?} with seed {seed}");
            assert_eq!(world.device.power_centi_dbm(), WORK_POWER, "{place}");
            assert!(!world.read.is_empty(), "{place}: nothing was read");
            world.command(Command::StopInventory);
            let read = world.read.len();
            world.run_until(Moment::from_ms(4_000 + REST_MS));
            assert_eq!(world.read.len(), read, "{place}: tags after the stop");
            assert!(!world.device.is_looking(), "{place}: it looks for tags still");
            assert_eq!(world.device.power_centi_dbm(), own, "{place}");
            assert_eq!(world.told_running, Some(false), "{place}");
        });
    }
}

#[test]
fn a_reader_that_restarts_in_the_middle_is_set_up_and_read_again() {
    for seed in 0..SEEDS {
        each(&mut |driver, settings, device, damage| {
            let mut world = World::new(driver, settings, device, Shelf::new(50), damage, seed);
            world.open();
            world.command(work());
            world.run_until(Moment::from_ms(3_000));
            world.device.restart();
            let before = world.read.len();
            world.run_until(Moment::from_ms(16_000));
            let place = format!("{driver} {settings:?} with seed {seed}");
            assert!(world.read.len() > before + 50, "{place}: it is not read any more");
            assert_eq!(world.device.power_centi_dbm(), WORK_POWER, "{place}");
        });
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let mut traces = vec![];
    for _ in 0..2 {
        let mut trace = vec![];
        each(&mut |driver, settings, device, damage| {
            let mut world = World::new(driver, settings, device, Shelf::new(200), damage, 7);
            world.open();
            world.command(work());
            world.run_until(Moment::from_ms(3_000));
            trace.append(&mut world.trace);
        });
        traces.push(trace);
    }
    assert!(traces[0].len() > 1_000);
    assert!(traces[0] == traces[1], "two runs differ");
}

#[test]
fn a_filter_is_obeyed_by_readers_that_have_one_and_kept_by_the_driver_for_the_others() {
    // The shelf's serials are odd and even in turn: the filter takes the first 8 of 16.
    let filter = Shelf::filter_of_first(8);
    each(&mut |driver, settings, device, _| {
        let mut world = World::new(driver, settings, device, Shelf::new(16), Damage::None, 1);
        world.open();
        world.command(Command::StartInventory(Inventory {
            filter: Some(filter),
            ..Inventory::default()
        }));
        world.run_until(Moment::from_ms(4_000));
        let place = format!("{driver} {settings:?}");
        assert!(!world.read.is_empty(), "{place}");
        assert!(
            world.read.iter().all(|epc| filter.takes(epc)),
            "{place}: a tag that was not asked for"
        );
        let others = world.whole.iter().any(|epc| !filter.takes(epc));
        let has_filter = driver == "uhf_m100" || (driver == "uhf_chafon" && settings.is_empty());
        assert_eq!(others, !has_filter, "{place}");
    });
}

/// Of a shelf in modelled air each driver reads tags that stand there and no others, most of those in the bay, and the same
/// again from the same seed.
#[test]
fn a_shelf_in_modelled_air_is_read_through_every_driver() {
    let plan = ShelfPlan {
        pieces: 60,
        neighbour_metres: Some(0.6),
        behind: false,
        hand: Hand::CAREFUL,
    };
    let sweep = |driver: &str, settings: &[(&str, &str)], device, seed| {
        let scene = shelf::scene(&plan, seed);
        let seconds = scene.seconds;
        let mut world = World::new(driver, settings, device, scene.air, Damage::None, seed);
        world.open();
        world.command(work());
        world.run_until(Moment::from_ms((seconds * 1_000.0) as u64));
        world.finish();
        let read: BTreeSet<EpcBytes> = world.read.into_iter().collect();
        (read, scene.inside, scene.elsewhere)
    };
    for seed in 0..SEEDS / 2 {
        let mut again = Vec::new();
        each(&mut |driver, settings, device, _| {
            let place = format!("{driver} {settings:?} with seed {seed}");
            let (read, inside, elsewhere) = sweep(driver, settings, device, seed);
            let stands = |epc: &EpcBytes| inside.contains(epc) || elsewhere.contains(epc);
            assert!(read.iter().all(stands), "{place}: tags that do not stand there");
            let of_bay = inside.iter().filter(|epc| read.contains(*epc)).count();
            assert!(
                of_bay * 10 >= inside.len() * 8,
                "{place}: {of_bay} of {} tags",
                inside.len()
            );
            again.push(read);
        });
        let mut first = again.into_iter();
        each(&mut |driver, settings, device, _| {
            let (read, ..) = sweep(driver, settings, device, seed);
            assert_eq!(Some(read), first.next(), "{driver} {settings:?} with seed {seed}");
        });
    }
}
