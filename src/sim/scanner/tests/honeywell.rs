//! The virtual Honeywell scanner against the driver `honeywell`.

use tallyman_drivers::{Command, Signal};

use super::world::World;
use crate::scanner::{Beep, HoneywellScanner, Label, Manner, Manners, Scanner as _, Tones, Travel};

const EAN: &str = "]E04006381333931";

fn ready(manners: Manners) -> World<HoneywellScanner> {
    World::set_up("honeywell", HoneywellScanner::new(manners))
}

#[test]
fn the_set_up_ends_with_the_right_settings_or_the_right_notice() {
    const DONE: (bool, bool) = (false, true);
    const NOT_DONE: (bool, bool) = (true, false);
    let good = Manners::good;
    // The commands are question, change, question again, revision. Then whether it beeps by itself, and whether codes
    // come with metadata.
    let table = [
        ("by the book", good(), DONE, &["settings_changed"][..]),
        (
            "question late",
            good().answer(0, Manner::Late(2_500)),
            DONE,
            &["settings_changed"],
        ),
        (
            "change late",
            good().answer(1, Manner::Late(2_500)),
            DONE,
            &["settings_changed"],
        ),
        (
            "check late",
            good().answer(2, Manner::Late(2_500)),
            DONE,
            &["settings_changed"],
        ),
        (
            "revision late",
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
            "question unanswered",
            good().answer(0, Manner::Never),
            DONE,
            &["settings_changed"],
        ),
        (
            "change unanswered",
            good().answer(1, Manner::Never),
            DONE,
            &["settings_changed"],
        ),
        (
            "check unanswered",
            good().answer(2, Manner::Never),
            DONE,
            &["settings_changed"],
        ),
        (
            "revision unanswered",
            good().answer(3, Manner::Never),
            DONE,
            &["settings_changed"],
        ),
        (
            "never answers",
            good().answers(Manner::Never),
            NOT_DONE,
            &["no_answer"],
        ),
        (
            "answers twice",
            good().answers(Manner::Twice),
            DONE,
            &["settings_changed"],
        ),
        (
            "question lost",
            good().command(0, Travel::Lost),
            DONE,
            &["settings_changed"],
        ),
        (
            "change lost",
            good().command(1, Travel::Lost),
            DONE,
            &["settings_changed"],
        ),
        (
            "change arrives twice",
            good().command(1, Travel::Doubled),
            DONE,
            &["settings_changed"],
        ),
        (
            "question refused",
            good().answer(0, Manner::Refuse),
            NOT_DONE,
            &["refused", "refused"],
        ),
        (
            "change refused",
            good().answer(1, Manner::Refuse),
            NOT_DONE,
            &["refused", "refused", "settings_refused"],
        ),
        (
            "refuses all",
            good().answers(Manner::Refuse),
            NOT_DONE,
            &["refused", "refused"],
        ),
    ];
    for (what, manners, settings, notices) in table {
        let mut world = ready(manners);
        let menu = world.scanner.menu();
        assert_eq!(
            (menu.is_on("BEPBEP"), menu.is_on("DECHDR")),
            settings,
            "{what}: {:#?}",
            world.trace
        );
        assert_eq!(world.notice_codes(), notices, "{what}: {:#?}", world.notices);
        assert_eq!(
            world.texts(),
            [""; 0],
            "{what}: nobody scanned, and an answer is no code"
        );
        world.scan(EAN);
        world.run_ms(5_000);
        let wanted = if settings == DONE { EAN } else { "4006381333931" };
        assert_eq!(world.texts(), [wanted], "{what}");
        assert_eq!(
            world.scanner.face().own_beeps(),
            usize::from(settings.0),
            "{what}"
        );
    }
}

#[test]
fn settings_that_do_not_change_or_are_not_there_are_told() {
    let stubborn = HoneywellScanner::new(Manners::good()).holding_on_to("BEPBEP");
    let world = World::set_up("honeywell", stubborn);
    assert_eq!(
        world.notice_codes(),
        ["refused", "settings_changed", "settings_refused"]
    );
    assert!(
        world
            .notices
            .iter()
            .filter(|(code, _)| code != "settings_changed")
            .all(|(_, sentence)| sentence.contains("BEPBEP0") || sentence.contains("beep"))
    );

    let old = HoneywellScanner::new(Manners::good()).without("DECHDR");
    let mut world = World::set_up("honeywell", old);
    assert_eq!(
        world.texts(),
        [""; 0],
        "without metadata no question is asked whose answer could be a code"
    );
    world.scan(EAN);
    world.run_ms(1_000);
    assert_eq!(world.texts(), ["4006381333931"]);
    assert_eq!(
        world.scanner.face().own_beeps(),
        0,
        "the beep is off all the same"
    );
}

#[test]
fn what_is_on_the_line_arrives_and_what_is_not_the_scanner_cannot_know() {
    for (travel, arrivals) in [(Travel::Whole, 1), (Travel::Lost, 0), (Travel::Doubled, 2)] {
        let mut world = ready(Manners::good().code(0, travel));
        world.scan(EAN);
        world.scan("]C0NEXT");
        world.run_ms(5_000);
        let mut wanted = vec![EAN; arrivals];
        wanted.push("]C0NEXT");
        assert_eq!(world.texts(), wanted, "{travel:?}");
        assert_eq!(
            world.scanner.tally().delivered,
            2,
            "{travel:?}: nobody acknowledges"
        );
    }
}

#[test]
fn every_symbol_arrives_with_its_identifier() {
    for printed in [
        "]E04006381333931",
        "]E00012345678905",
        "]E496385074",
        "]C0LOC-A-01",
        "]C1010952110153000117271231\u{1d}10L1",
        "]d20109521101530001",
        "]Q3010952110153000110L1",
        "]e0010952110153000110L1",
        "]A4Hello",
        "]I119521101530008",
    ] {
        let mut world = ready(Manners::good());
        world.scan(printed);
        assert_eq!(world.texts(), [printed]);
    }
}

#[test]
fn the_beep_follows_the_verdict() {
    let beep = Beep::Ordered(Tones::Row {
        count: 1,
        is_long: false,
        is_high: true,
    });
    for (signal, count) in [
        (Signal::Good, 1),
        (Signal::Ask, 2),
        (Signal::NotCounted, 2),
        (Signal::Bad, 3),
    ] {
        let mut world = ready(Manners::good());
        world.verdict = Some((signal, 7));
        world.scan(EAN);
        let durable_at = world.now.plus_ms(7);
        world.run_ms(1_000);
        let beeps: Vec<_> = world.scanner.face().beeps().collect();
        assert_eq!(beeps.len(), count, "{signal:?}");
        assert!(
            beeps
                .iter()
                .all(|beeped| beeped.beep == beep && beeped.at == durable_at),
            "{signal:?}: {beeps:?}"
        );
    }
}

#[test]
fn the_host_can_pull_the_trigger() {
    let mut world = ready(Manners::good());
    world.command(Command::TriggerOn);
    world.run_ms(1_000);
    world.at_scanner(|scanner, at| scanner.lay_before(Some(Label::of(EAN)), at));
    assert_eq!(world.texts(), [EAN], "it looks until something lies there");
    world.command(Command::TriggerOn);
    assert_eq!(world.texts(), [EAN, EAN]);
    world.at_scanner(|scanner, at| scanner.lay_before(None, at));
    world.command(Command::TriggerOn);
    world.command(Command::TriggerOff);
    world.command(Command::TriggerOn);
    world.run_ms(40_000);
    assert_eq!((world.scanner.tally().misses, world.reads.len()), (2, 2));
}

#[test]
fn what_is_set_until_power_down_is_set_again_after_it() {
    let mut world = ready(Manners::good());
    world.replug();
    world.run_ms(1_000);
    assert!(world.scanner.is_set_up());
    assert_eq!(world.notice_codes(), ["settings_changed", "settings_changed"]);
    world.scan(EAN);
    assert_eq!(world.texts(), [EAN]);
}

#[test]
fn half_a_command_is_given_up() {
    let mut scanner = HoneywellScanner::new(Manners::good());
    scanner.hear(b"\x16M\rDECHDR1", Default::default());
    let deadline = scanner.deadline().expect("it waits for the rest");
    scanner.idle(deadline);
    scanner.hear(b"!\x16\x07\r", deadline);
    assert_eq!((scanner.said(deadline), scanner.is_set_up()), (None, false));
    assert_eq!(scanner.face().beeps_all(), 1);
}
