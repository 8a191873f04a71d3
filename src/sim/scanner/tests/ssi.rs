//! The virtual Zebra scanner against the driver `zebra_ssi`: set-up, beeps and lights.

use tallyman_drivers::{Command, Signal};

use super::world::World;
use crate::scanner::ssi::parameters::{
    BEEP_AFTER_GOOD_DECODE, BOOT_EVENT, DECODE_DATA_PACKET_FORMAT, POWER_MODE, Stubborn, TRIGGER_MODE,
};
use crate::scanner::{Beep, Label, Lights, Manner, Manners, Scanner as _, SsiScanner, Tones, Travel};

pub const EAN: &str = "]E04006381333931";
pub const OTHER_EAN: &str = "]E09521101530001";

pub fn ssi(manners: Manners) -> SsiScanner {
    SsiScanner::new(manners)
}

/// A scanner that was set up without trouble; what is scripted for codes and acknowledgements begins behind that.
pub fn ready(manners: Manners) -> World<SsiScanner> {
    let kept = [(238, 1), (56, 0), (94, 1), (236, 0), (45, 1)];
    let scanner = kept.iter().fold(ssi(manners), |scanner, (number, value)| {
        scanner.programmed(*number, *value)
    });
    let world = World::set_up("zebra_ssi", scanner);
    assert_eq!(world.notice_codes(), [""; 0], "nothing is to be changed");
    world
}

#[test]
fn the_set_up_ends_with_the_right_settings_or_the_right_notice() {
    const DONE: (u8, u8) = (1, 0);
    const NOT_DONE: (u8, u8) = (0, 1);
    let good = Manners::good;
    // The commands are revision, question, change, question again.
    let table = [
        ("by the book", good(), DONE, &["settings_changed"][..]),
        (
            "revision late",
            good().answer(0, Manner::Late(2_500)),
            DONE,
            &["settings_changed"],
        ),
        (
            "question late",
            good().answer(1, Manner::Late(2_500)),
            DONE,
            &["settings_changed"],
        ),
        (
            "change late",
            good().answer(2, Manner::Late(2_500)),
            DONE,
            &["settings_changed"],
        ),
        (
            "check late",
            good().answer(3, Manner::Late(2_500)),
            DONE,
            &["settings_changed"],
        ),
        (
            "always late",
            good().answers(Manner::Late(2_500)),
            DONE,
            &["settings_changed"],
        ),
        (
            "always slow",
            good().answers(Manner::Late(1_900)),
            DONE,
            &["settings_changed"],
        ),
        (
            "question unanswered",
            good().answer(1, Manner::Never),
            DONE,
            &["settings_changed"],
        ),
        (
            "change unanswered",
            good().answer(2, Manner::Never),
            DONE,
            &["settings_changed"],
        ),
        (
            "check unanswered",
            good().answer(3, Manner::Never),
            DONE,
            &["settings_changed"],
        ),
        (
            "never answers",
            good().answers(Manner::Never),
            NOT_DONE,
            &["no_answer", "no_answer"],
        ),
        (
            "answers twice",
            good().answers(Manner::Twice),
            DONE,
            &["settings_changed"],
        ),
        (
            "revision damaged",
            good().answer(0, Manner::Damaged),
            DONE,
            &["settings_changed"],
        ),
        (
            "question damaged",
            good().answer(1, Manner::Damaged),
            DONE,
            &["settings_changed"],
        ),
        (
            "change damaged",
            good().answer(2, Manner::Damaged),
            DONE,
            &["settings_changed"],
        ),
        (
            "revision lost",
            good().command(0, Travel::Lost),
            DONE,
            &["settings_changed"],
        ),
        (
            "change lost",
            good().command(2, Travel::Lost),
            DONE,
            &["settings_changed"],
        ),
        (
            "change arrives damaged",
            good().command(2, Travel::Damaged),
            DONE,
            &["settings_changed"],
        ),
        (
            "change arrives twice",
            good().command(2, Travel::Doubled),
            DONE,
            &["settings_changed"],
        ),
        (
            "acknowledgement lost",
            good().acknowledgement(1, Travel::Lost),
            DONE,
            &["settings_changed"],
        ),
        (
            "revision refused",
            good().answer(0, Manner::Refuse),
            DONE,
            &["refused", "settings_changed"],
        ),
        (
            "question refused",
            good().answer(1, Manner::Refuse),
            DONE,
            &["settings_changed"],
        ),
        // It may be one setting that the scanner does not like; they are asked and sent one by one then.
        (
            "change refused",
            good().answer(2, Manner::Refuse),
            DONE,
            &["settings_changed"],
        ),
        (
            "each change refused",
            (2..8).fold(good(), |manners, number| manners.answer(number, Manner::Refuse)),
            NOT_DONE,
            &[
                "refused",
                "refused",
                "refused",
                "refused",
                "refused",
                "settings_refused",
            ],
        ),
        (
            "refuses all",
            good().answers(Manner::Refuse),
            NOT_DONE,
            // The revision, and each of the six settings.
            &["refused"; 7],
        ),
    ];
    for (what, manners, settings, notices) in table {
        let world = World::set_up("zebra_ssi", ssi(manners));
        let parameters = world.scanner.parameters();
        let is = (
            parameters.get(DECODE_DATA_PACKET_FORMAT),
            parameters.get(BEEP_AFTER_GOOD_DECODE),
        );
        assert_eq!(is, settings, "{what}: {:#?}", world.trace);
        assert_eq!(world.notice_codes(), notices, "{what}: {:#?}", world.notices);
        assert_eq!(world.texts(), [""; 0], "{what}: nobody scanned");
        assert_eq!(world.scanner.face().beeps_all(), 0, "{what}: a set-up is silent");
    }
}

#[test]
fn a_beep_that_cannot_be_switched_off_is_told() {
    for (how, notices) in [
        (Stubborn::Pretends, &["settings_changed", "settings_refused"][..]),
        (
            Stubborn::Denies,
            &["refused", "settings_changed", "settings_refused"],
        ),
    ] {
        let scanner = ssi(Manners::good()).holding_on_to(BEEP_AFTER_GOOD_DECODE, how);
        let mut world = World::set_up("zebra_ssi", scanner);
        assert_eq!(world.notice_codes(), notices, "{how:?}: {:?}", world.notices);
        let told = world.notices.last().map(|(_, sentence)| sentence.as_str());
        let is_named = told.is_some_and(|sentence| sentence.contains("beep_after_good_decode from 1 to 0"));
        assert!(is_named, "{how:?}: {told:?}");
        // The other settings are as wanted: codes come in packets.
        world.scan(EAN);
        assert_eq!(world.texts(), [EAN], "{how:?}");
        assert_eq!(world.scanner.face().own_beeps(), 1, "{how:?}");
    }
}

#[test]
fn the_beep_follows_the_verdict() {
    let row = |count, is_long, is_high| {
        Beep::Ordered(Tones::Row {
            count,
            is_long,
            is_high,
        })
    };
    for (signal, beep) in [
        (Signal::Good, row(1, false, true)),
        (Signal::Ask, row(2, false, true)),
        (Signal::Bad, row(4, true, false)),
        (Signal::NotCounted, row(1, false, false)),
    ] {
        let mut world = World::set_up("zebra_ssi", ssi(Manners::good()));
        world.verdict = Some((signal, 7));
        world.scan(EAN);
        let scanned_at = world.now;
        world.run_ms(5_000);
        let beeps: Vec<_> = world.scanner.face().beeps().collect();
        assert_eq!(beeps.len(), 1, "{signal:?}: {beeps:?}");
        assert_eq!(beeps[0].beep, beep, "{signal:?}");
        assert_eq!(
            beeps[0].at,
            scanned_at.plus_ms(7),
            "{signal:?}: not before it is durable"
        );
        assert_eq!(world.scanner.face().lights(), Lights::default(), "{signal:?}");
    }
}

#[test]
fn from_the_factory_it_beeps_by_itself_and_sends_text() {
    let mut scanner = ssi(Manners::good());
    scanner.pull(Some(&Label::of(EAN)), Default::default());
    assert_eq!(
        scanner.said(Default::default()).as_deref(),
        Some(&b"4006381333931\r"[..])
    );
    assert_eq!(scanner.face().own_beeps(), 1);
    assert!(!scanner.is_set_up());
}

#[test]
fn one_light_burns_at_a_time_and_goes_out() {
    let mut world = ready(Manners::good());
    let verdicts = [
        Signal::Good,
        Signal::Bad,
        Signal::Bad,
        Signal::Good,
        Signal::Ask,
        Signal::Good,
    ];
    for (number, signal) in verdicts.into_iter().enumerate() {
        world.verdict = Some((signal, 2));
        world.scan(&format!("]C0{number}"));
        world.run_ms(200);
        let lights = world.scanner.face().lights();
        assert!(!(lights.green && lights.red), "after {signal:?} both burn");
        assert!(
            signal != Signal::Good || lights.green,
            "after {signal:?}: {lights:?}"
        );
        assert!(
            signal != Signal::Bad || lights.red,
            "after {signal:?}: {lights:?}"
        );
    }
    world.run_ms(2_000);
    assert_eq!(world.scanner.face().lights(), Lights::default());
}

#[test]
fn the_host_can_pull_the_trigger() {
    let scanner = ssi(Manners::good()).programmed(TRIGGER_MODE, 8);
    let mut world = World::set_up("zebra_ssi", scanner);
    world.at_scanner(|scanner, at| scanner.lay_before(Some(Label::of(EAN)), at));
    world.command(Command::TriggerOn);
    world.run_ms(100);
    assert_eq!(world.texts(), [EAN]);
    world.at_scanner(|scanner, at| scanner.lay_before(None, at));
    world.notices.clear();
    world.command(Command::TriggerOn);
    world.run_ms(100);
    world.run_ms(9_000);
    assert_eq!(world.notice_codes(), [""; 0]);
    world.run_ms(1_000);
    assert_eq!(world.notice_codes(), ["no_read"], "after 9.9 s");
    world.command(Command::TriggerOn);
    world.run_ms(100);
    world.command(Command::TriggerOff);
    world.run_ms(100);
    assert_eq!(world.notice_codes(), ["no_read", "no_read"]);

    let mut world = ready(Manners::good());
    world.command(Command::TriggerOn);
    world.run_ms(100);
    assert_eq!(world.notice_codes(), ["refused"], "in another trigger mode");
}

#[test]
fn a_command_that_is_sent_again_is_done_once() {
    for (what, manners) in [
        ("its answer lost", Manners::good().answer(2, Manner::Never)),
        ("its answer damaged", Manners::good().answer(2, Manner::Damaged)),
        ("its answer late", Manners::good().answer(2, Manner::Late(2_500))),
        ("itself lost", Manners::good().command(2, Travel::Lost)),
        ("itself damaged", Manners::good().command(2, Travel::Damaged)),
    ] {
        let mut world = ready(manners);
        world.command(Command::Signal(Signal::Bad));
        world.run_ms(10_000);
        assert_eq!(world.scanner.face().beeps_all(), 1, "{what}");
        assert_eq!(world.scanner.face().lights(), Lights::default(), "{what}");
    }
}

#[test]
fn what_is_set_until_power_down_is_set_again_after_it() {
    let mut world = World::set_up("zebra_ssi", ssi(Manners::good().acknowledgement(3, Travel::Lost)));
    world.scan(EAN);
    world.scan(OTHER_EAN);
    world.replug();
    assert!(!world.scanner.is_set_up(), "temporary settings");
    let tally = world.scanner.tally();
    assert_eq!(
        (tally.decoded, tally.undelivered),
        (2, 2),
        "what waits is lost with the power"
    );
    world.run_ms(1_000);
    assert!(world.scanner.is_set_up());
    assert_eq!(world.notice_codes(), ["settings_changed", "settings_changed"]);
    world.scan("]C0A");
    assert_eq!(world.texts(), [EAN, "]C0A"]);
}

#[test]
fn a_scanner_that_says_that_it_started_is_set_up_again_on_the_same_line() {
    let mut world = World::set_up("zebra_ssi", ssi(Manners::good()).programmed(BOOT_EVENT, 1));
    world.at_scanner(|scanner, at| {
        scanner.power_off(at);
        scanner.power_on(at);
    });
    assert!(!world.scanner.is_set_up(), "temporary settings");
    world.run_ms(1_000);
    assert_eq!(
        world.notice_codes(),
        ["settings_changed", "booted", "settings_changed"]
    );
    world.scan(EAN);
    assert_eq!(world.texts(), [EAN]);
    world.at_scanner(|scanner, at| scanner.pull(None, at));
    assert_eq!(world.notice_codes().last(), Some(&"no_read"));
}

#[test]
fn a_sleeping_scanner_is_woken_before_it_is_spoken_to() {
    // What goes wrong with the questions of the set-up, and with the beep and light after it.
    for (what, manners) in [
        ("nothing", Manners::good()),
        ("a question lost", Manners::good().command(1, Travel::Lost)),
        ("an answer damaged", Manners::good().answer(1, Manner::Damaged)),
        ("a command lost", Manners::good().command(5, Travel::Lost)),
    ] {
        let scanner = ssi(manners).programmed(POWER_MODE, 1);
        assert!(scanner.sleeps(tallyman_codes::Moment::from_ms(5_000)));
        let mut world = World::set_up("zebra_ssi", scanner);
        assert!(world.scanner.is_set_up(), "{what}: {:?}", world.notices);
        assert!(world.scanner.sleeps(world.now));
        world.command(Command::Disable);
        world.run_ms(10_000);
        world.command(Command::Enable);
        world.run_ms(10_000);
        world.verdict = Some((Signal::Good, 2));
        world.scan(EAN);
        world.run_ms(10_000);
        assert_eq!(world.texts(), [EAN], "{what}");
        assert_eq!(world.scanner.face().beeps_all(), 1, "{what}");
        assert_eq!(world.scanner.face().lights(), Lights::default(), "{what}");
        assert_eq!(world.notice_codes(), ["settings_changed"], "{what}");
    }
}
