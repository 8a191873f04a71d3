//! Who works: badges, PINs, languages, greetings, and a worker's own figures. See [`crate::cases`] for how to read the
//! tables.

use crate::cases::{Floor, entering, lines, task};
use crate::ids::WorkerId;
use crate::plan::{CountPlan, PickPlan, ReceivePlan};
use crate::session::figures::{Figures, hours_and_minutes};
use crate::site::Worker;
use crate::task::TaskKind;
use crate::words::Language;

/// Anna has the badge 1 and the PIN 4719, Jan speaks German, Eva has both; the badge 9 is nobody's.
pub(super) fn with_people(mut floor: Floor) -> Floor {
    for (id, name, language, pin) in [
        ("1", "Anna", None, Some("4719")),
        ("2", "Jan", Some(Language::German), None),
        ("3", "Eva", Some(Language::German), Some("0000")),
    ] {
        let worker = Worker {
            id: WorkerId::from(id),
            name: name.to_owned(),
            language,
            has_pin: pin.is_some(),
        };
        floor.catalogue.put_worker(worker, pin);
    }
    floor
}

fn floor() -> Floor {
    with_people(Floor::new(vec![
        task(
            "P1",
            TaskKind::Pick(PickPlan::default()),
            lines(&["bolt 2 @A-01-01", "milk 2 @A-01-02", "drill 3 @A-01-02"]),
        ),
        task("C1", TaskKind::Count(CountPlan::default()), lines(&["@A-01-01"])),
        task(
            "R1",
            TaskKind::Receive(ReceivePlan::at("DOCK-1".into())),
            lines(&["bolt 5", "drill 3"]),
        ),
    ]))
}

#[test]
fn a_badge_without_a_pin_logs_in_and_one_with_a_pin_asks() {
    let mut floor = floor();
    floor.play("scan BADGE-9 -> go logged in");
    assert!(floor.screen().contains("Welcome."), "{}", floor.screen());
    floor.play("scan BADGE-1 -> ask pin of 1");
    assert!(floor.screen().ends_with("? Type your PIN"), "{}", floor.screen());
    floor.play("keys 471 -> quiet");
    let typed = floor.view.question.as_ref().unwrap().typed.clone();
    assert_eq!(typed.as_deref(), Some("•••"));
    assert_eq!(
        floor.session.worker(),
        Some(&WorkerId::from("9")),
        "not before the PIN"
    );
    floor.play(
        "keys 8 enter     -> reject wrong pin
         key enter        -> reject wrong pin
         keys 1 x         -> reject key unused
         keys back 4719   -> quiet
         key enter        -> go logged in",
    );
    assert!(floor.screen().contains("Welcome, Anna."), "{}", floor.screen());
    floor.play("scan BADGE-1 -> go logged in");
}

#[test]
fn the_screen_speaks_the_language_of_whoever_is_logged_in() {
    let mut floor = floor();
    floor.play("scan BADGE-2 -> go logged in");
    assert!(floor.screen().starts_with("Aufträge"), "{}", floor.screen());
    assert!(floor.screen().contains("Willkommen, Jan."), "{}", floor.screen());
    floor.play(
        "scan DOC-P1  -> go task P1
         scan A-01-01 -> reject place A-01-01, wanted a tote",
    );
    assert!(floor.screen().contains("Gebraucht wird ein Behälter."));
    floor.play("restart -> quiet");
    assert!(floor.screen().contains("Kommissionieren"), "{}", floor.screen());
    // Anna has no language of her own: the device's is shown.
    floor.play("scan BADGE-1 -> ask pin of 1\n keys 4719 enter -> go logged in");
    assert!(floor.screen().starts_with("Pick"), "{}", floor.screen());
    floor.play(
        "key escape   -> go left P1
         scan BADGE-3 -> ask pin of 3",
    );
    assert!(floor.screen().contains("Type your PIN"), "nobody is Eva yet");
    floor.play("keys 0000 enter -> go logged in\n key escape -> go logged out");
    assert!(floor.screen().starts_with("Tasks"), "{}", floor.screen());
}

#[test]
fn after_five_wrong_pins_the_badge_is_scanned_again() {
    let mut floor = floor();
    floor.play(
        "scan BADGE-1    -> ask pin of 1
         keys 1 enter    -> reject wrong pin
         keys 2 enter    -> reject wrong pin
         keys 3 enter    -> reject wrong pin
         keys 4 enter    -> reject wrong pin
         keys 5 enter    -> reject pin refused
         keys 4 enter    -> quiet",
    );
    assert_eq!(floor.session.worker(), None);
    floor.play(
        "scan BADGE-1    -> ask pin of 1
         keys 1 enter    -> reject wrong pin
         scan BADGE-1    -> ask pin of 1
         keys 2 enter    -> reject wrong pin
         keys 3 enter    -> reject wrong pin
         keys 4 enter    -> reject wrong pin
         keys 5 enter    -> reject wrong pin
         keys 4719 enter -> go logged in",
    );
}

#[test]
fn a_pin_is_asked_for_over_the_question_that_is_open() {
    let mut floor = floor();
    floor.play(
        "scan BADGE-2    -> go logged in
         scan DOC-P1     -> go task P1
         scan T-1        -> go tote T-1
         scan A-01-01    -> go location A-01-01
         scan BOLT       -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT       -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan A-01-02    -> go location A-01-02
         scan MILK       -> ask lot of milk
         scan BADGE-1    -> ask pin of 1
         scan A-01-02    -> reject place A-01-02, wanted a pin
         scan (10)L1     -> reject text (10)L1, wanted a pin
         scan CMD-done   -> reject key unused
         scan BADGE-3    -> ask pin of 3
         scan BADGE-1    -> ask pin of 1
         keys 4719 enter -> go logged in
         keys L1 enter   -> ask expiry of milk
         scan BADGE-3    -> ask pin of 3
         key escape      -> quiet
         scan (17)271231 -> accept picked 1 milk lot L1 exp 2027-12-31 from A-01-02 to T-1 line 2",
    );
    let workers: Vec<_> = floor
        .journal
        .iter()
        .map(|fact| fact.worker.clone().unwrap())
        .collect();
    assert_eq!(
        workers.iter().map(WorkerId::as_str).collect::<Vec<_>>(),
        ["2", "2", "1"]
    );
    floor.play(
        "scan BADGE-3    -> ask pin of 3
         key undo        -> quiet
         scan BADGE-3    -> ask pin of 3
         scan BADGE-2    -> go logged in
         key undo        -> reject nothing to undo",
    );
}

#[test]
fn a_pin_is_nowhere_in_what_is_stored() {
    let mut floor = floor();
    floor.play(
        "scan BADGE-1 -> ask pin of 1
         keys 4719    -> quiet",
    );
    assert!(
        !floor.session.to_saved().contains("47"),
        "{}",
        floor.session.to_saved()
    );
    for entry in &floor.traced.entries {
        assert!(!entry.contains("4719") && !entry.contains("\"4\""), "{entry}");
    }
    floor.play(
        "restart         -> quiet
         keys 4719 enter -> go logged in",
    );
    assert!(!floor.session.to_saved().contains("4719"));
    assert!(floor.traced.entries.iter().all(|entry| !entry.contains("4719")));
}

#[test]
fn a_serial_is_counted_once_and_a_gtin_again_only_undo_takes_back() {
    let mut floor = floor();
    floor.play(
        "# Picking.
         scan DOC-P1          -> go task P1
         scan T-1             -> go tote T-1
         scan A-01-01         -> go location A-01-01
         scan BOLT            -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT            -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan CMD-undo        -> accept reversed #2 picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT            -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key skip             -> go skipped
         scan A-01-02         -> go location A-01-02
         scan (01)DRILL(21)S1 -> accept picked 1 drill serial S1 from A-01-02 to T-1 line 3
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         scan (01)DRILL(21)S2 -> accept picked 1 drill serial S2 from A-01-02 to T-1 line 3
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         key undo             -> accept reversed #6 picked 1 drill serial S2 from A-01-02 to T-1 line 3
         scan (01)DRILL(21)S2 -> accept picked 1 drill serial S2 from A-01-02 to T-1 line 3
         key escape           -> go left P1
         # Receiving.
         scan DOC-R1          -> go task R1
         scan BOLT            -> accept received 1 bolt from supplier to DOCK-1 line 1
         scan BOLT            -> accept received 1 bolt from supplier to DOCK-1 line 1
         scan (01)DRILL(21)S5 -> accept received 1 drill serial S5 from supplier to DOCK-1 line 2
         scan (01)DRILL(21)S5 -> reject serial S5 repeated
         key undo             -> accept reversed #11 received 1 drill serial S5 from supplier to DOCK-1 line 2
         scan (01)DRILL(21)S5 -> accept received 1 drill serial S5 from supplier to DOCK-1 line 2
         key escape           -> go left R1
         # Counting.
         scan DOC-C1          -> go task C1
         scan A-01-01         -> go location A-01-01
         scan BOLT            -> accept counted 1 bolt to A-01-01 line 1
         scan BOLT            -> accept counted 1 bolt to A-01-01 line 1
         scan (01)DRILL(21)S9 -> accept counted 1 drill serial S9 to A-01-01 line 1
         scan (01)DRILL(21)S9 -> reject serial S9 repeated
         scan CMD-undo        -> accept reversed #16 counted 1 drill serial S9 to A-01-01 line 1
         scan (01)DRILL(21)S9 -> accept counted 1 drill serial S9 to A-01-01 line 1",
    );
}

/// Each step of a table is a minute after the one before.
#[test]
fn time_is_walking_scanning_waiting_or_a_pause() {
    let mut floor = floor();
    floor.play(
        "scan BADGE-2 -> go logged in
         scan DOC-P1  -> go task P1
         scan T-1     -> go tote T-1
         scan A-01-01 -> go location A-01-01
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
    floor.waited_us = 2_000_000;
    floor.play("scan BOLT -> accept picked 1 bolt from A-01-01 to T-1 line 1");
    floor.waited_us = 0;
    floor.pass(10);
    floor.play("scan A-01-02 -> go location A-01-02\n key undo -> go back");
    let figures = &floor.session.shift.figures;
    let seconds = |us: u64| us / 1_000_000;
    assert_eq!(figures.lines, 1);
    assert_eq!(seconds(figures.walking_us), 60, "the walk to A-01-01");
    assert_eq!(seconds(figures.waiting_us), 2);
    assert_eq!(seconds(figures.pause_us), 11 * 60, "no walk takes that long");
    assert_eq!(seconds(figures.scanning_us), 5 * 60 - 2);
    assert_eq!(figures.lines_per_hour(), 10);
    let before = figures.clone();
    floor.play("changed P1 -> quiet\n restart -> quiet");
    assert_eq!(floor.session.shift.figures, before, "the office is no worker");
}

/// Each step of a table is a minute after the one before.
#[test]
fn what_was_done_since_log_in_is_told_and_a_rate_only_when_it_says_something() {
    let mut floor = floor();
    let told = |floor: &Floor| {
        let told = floor.session.since_log_in();
        told.map(|told| (told.lines, told.lines_per_hour))
    };
    assert_eq!(told(&floor), None, "nobody is logged in");
    floor.play(
        "scan BADGE-2 -> go logged in
         scan DOC-P1  -> go task P1
         scan T-1     -> go tote T-1
         scan A-01-01 -> go location A-01-01
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
    assert_eq!(told(&floor), Some((0, None)));
    floor.play("scan BOLT -> accept picked 1 bolt from A-01-01 to T-1 line 1");
    assert_eq!(told(&floor), Some((1, None)), "after five minutes");
    floor.pass(3);
    floor.play("scan A-01-02 -> go location A-01-02");
    assert_eq!(told(&floor), Some((1, None)), "after nine");
    floor.play("key undo -> go back");
    assert_eq!(told(&floor), Some((1, Some(6))), "after ten");
}

#[test]
fn own_figures_are_shown_beside_the_work_and_end_with_the_log_out() {
    let mut floor = floor();
    floor.play(
        "scan DOC-P1  -> go task P1
         scan T-1     -> go tote T-1
         scan BADGE-9 -> go logged in
         scan A-01-01 -> go location A-01-01
         key menu     -> ask menu move found_unit count other_task hand_over figures inquiry
         key 6        -> ask figures",
    );
    let screen = floor.screen();
    assert!(
        screen.contains("Lines: 0 | Lines an hour: 0 | Walking: 1 min"),
        "{screen}"
    );
    floor.play(
        "scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
         keys menu 6  -> ask figures
         key enter    -> quiet
         keys menu 6  -> ask figures
         key escape   -> quiet
         keys menu 6  -> ask figures
         key undo     -> accept reversed #1 picked 1 bolt from A-01-01 to T-1 line 1
         key escape   -> go left P1
         key menu     -> ask menu move found_unit count figures inquiry
         key escape   -> quiet
         key escape   -> go logged out
         key menu     -> ask menu move found_unit count inquiry",
    );
    assert_eq!(floor.session.shift.figures, Figures::default());
}

#[test]
fn figures_are_whole_numbers_and_never_overflow() {
    let mut floor = floor();
    floor.waited_us = u64::MAX;
    floor.play("scan BADGE-9 -> go logged in");
    let mut now = floor.now();
    let mut figures = Figures::since(&now);
    now.times.boottime_us = u64::MAX;
    figures.count(&now, u32::MAX, true);
    figures.count(&now, u32::MAX, true);
    assert_eq!(figures.lines, u32::MAX);
    figures.lines_per_hour();
    now.times.boot = "another start".to_owned();
    let before = figures.clone();
    figures.count(&now, 0, true);
    assert_eq!(
        figures.walking_us, before.walking_us,
        "nobody measured the restart"
    );
    assert_eq!(hours_and_minutes(59 * 60_000_000), "59 min");
    assert_eq!(hours_and_minutes(125 * 60_000_000), "2 h 05 min");
}

#[test]
fn numbers_half_typed_are_not_lost_to_a_badge() {
    let mut floor = with_people(Floor::new(vec![entering(task(
        "P1",
        TaskKind::Pick(PickPlan::default()),
        lines(&["bolt 5 @A-01-01"]),
    ))]));
    floor.play(
        "scan DOC-P1     -> go task P1
         scan T-1        -> go tote T-1
         scan A-01-01    -> go location A-01-01
         scan BOLT       -> ask how many bolt, 5
         scan BADGE-1    -> ask pin of 1
         keys 4719 enter -> go logged in
         keys 3 enter    -> accept picked 3 bolt from A-01-01 to T-1 line 1",
    );
}
