//! Loading, row by row. See [`crate::cases`] for how to read the tables.

use jiff::{SignedDuration, Timestamp};

use crate::cases::{Floor, lines, task};
use crate::event::HubTime;
use crate::ids::LocationId;
use crate::plan::{Check, LoadPlan};
use crate::site::{Hold, Holds, Location};
use crate::task::{Task, TaskKind};

const TRUCK: &str = "TRUCK-7";

fn load(checks: &[Check], texts: &[&str]) -> Task {
    let plan = LoadPlan {
        door: LocationId::from("DOCK-1"),
        vehicle: TRUCK.to_owned(),
        checks: checks.to_vec(),
    };
    task("L1", TaskKind::Load(plan), lines(texts))
}

/// A device whose list of what is on hold the hub confirmed so many minutes ago.
fn heard_before(floor: &mut Floor, minutes: i64, entries: Vec<Hold>) {
    let now = Timestamp::from_second(1_795_000_000).unwrap();
    floor.hub = Some(HubTime { now, heard: now });
    floor.catalogue.put_holds(Holds {
        version: 1,
        heard: Some(now - SignedDuration::from_mins(minutes)),
        entries,
    });
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    heard_before(&mut floor, 2, Vec::new());
    floor.play("scan DOC-L1 -> go task L1");
    floor
}

fn ready(checks: &[Check], texts: &[&str]) -> Floor {
    let mut floor = opened(load(checks, texts));
    floor.play("scan DOCK-1 -> go vehicle TRUCK-7");
    floor
}

#[test]
fn a_truck_from_door_to_end() {
    opened(load(&[], &["#095212345678912347", "#T-2", "#T-3"])).play(
        "scan T-2       -> reject unit T-2, wanted vehicle TRUCK-7
         scan BOLT      -> reject item bolt, wanted vehicle TRUCK-7
         scan DOCK-2    -> reject vehicle DOCK-2, wanted TRUCK-7
         scan A-01-01   -> reject vehicle A-01-01, wanted TRUCK-7
         key done       -> reject key unused
         scan DOCK-1    -> go vehicle TRUCK-7
         # In any order.
         scan T-3       -> accept loaded from T-3 to TRUCK-7 line 3
         scan T-3       -> reject unit T-3 done already
         scan T-4       -> reject unit T-4 not on list
         scan BOLT      -> reject item bolt, wanted a unit
         scan GHOST     -> reject text 09999999999994, wanted a unit
         scan (00)095212345678912347 -> accept loaded from 095212345678912347 to TRUCK-7 line 1
         # The label of a pallet says what is on it, and is the pallet all the same.
         scan (00)095212345678912347(02)BOLT(37)4 -> reject unit 095212345678912347 done already
         scan DOCK-1    -> go vehicle TRUCK-7
         scan DOCK-2    -> reject vehicle DOCK-2, wanted TRUCK-7
         scan T-2       -> accept loaded from T-2 to TRUCK-7 line 2
         scan T-2       -> reject unit T-2 done already
         key short      -> reject key unused
         key done       -> accept task closed",
    );
}

#[test]
fn the_truck_is_confirmed_by_its_plate() {
    opened(load(&[], &["#T-1"])).play(
        "scan TRUCK-8   -> reject vehicle TRUCK-8, wanted TRUCK-7
         type TRUCK-8   -> reject vehicle TRUCK-8, wanted TRUCK-7
         type truck-7   -> go vehicle TRUCK-7
         scan TRUCK-7   -> go vehicle TRUCK-7
         scan TRUCK-8   -> reject text TRUCK-8, wanted a unit
         scan T-1       -> accept loaded from T-1 to TRUCK-7 line 1",
    );
}

#[test]
fn a_trailer_with_a_label_like_a_unit_s() {
    let plan = LoadPlan {
        door: LocationId::from("DOCK-1"),
        vehicle: "T-900".to_owned(),
        checks: Vec::new(),
    };
    opened(task("L1", TaskKind::Load(plan), lines(&["#T-1"]))).play(
        "scan T-901     -> reject unit T-901, wanted vehicle T-900
         scan T-900     -> go vehicle T-900
         scan T-900     -> go vehicle T-900
         scan T-1       -> accept loaded from T-1 to T-900 line 1",
    );
}

#[test]
fn the_door_is_confirmed_by_the_digits_beside_it() {
    let mut floor = opened(load(&[], &["#T-1"]));
    floor.catalogue.put_location(Location {
        id: LocationId::from("DOCK-1"),
        check_digits: Some("58".to_owned()),
        zone: None,
    });
    floor.play(
        "keys 85 enter  -> reject check digits of DOCK-1
         keys 58 enter  -> go vehicle TRUCK-7
         key 5          -> reject key unused",
    );
}

#[test]
fn what_is_missing_is_told_before_the_doors_close() {
    let mut floor = ready(&[], &["#T-1", "#T-2", "#T-3"]);
    floor.play(
        "scan T-2       -> accept loaded from T-2 to TRUCK-7 line 2
         key done       -> ask end with 2 open",
    );
    assert!(
        floor.screen().contains("Missing: T-1 | Missing: T-3"),
        "{}",
        floor.screen()
    );
    floor.play(
        "scan T-1       -> reject unit T-1, wanted an answer
         key escape     -> quiet
         scan T-1       -> accept loaded from T-1 to TRUCK-7 line 1
         key short      -> ask end with 1 open
         key enter      -> accept closed from T-3 line 3 short; task closed",
    );
}

#[test]
fn a_long_list_of_what_is_missing_is_cut() {
    let texts: Vec<_> = (1..=9).map(|number| format!("#T-{number}")).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let mut floor = ready(&[], &texts);
    floor.play("key done -> ask end with 9 open");
    assert_eq!(
        floor.screen().matches("Missing: ").count(),
        7,
        "{}",
        floor.screen()
    );
    assert!(
        floor.screen().contains("Missing: T-6 | Missing: …"),
        "{}",
        floor.screen()
    );
}

#[test]
fn what_the_carrier_wants_is_checked_before_the_doors_close() {
    ready(&[Check::Temperature, Check::Seal, Check::Signature], &["#T-1"]).play(
        "scan T-1       -> accept loaded from T-1 to TRUCK-7 line 1
         key done       -> ask temperature
         key enter      -> reject entry \"\", wanted a temperature
         keys x enter   -> reject entry \"x\", wanted a temperature
         keys - 18.5 enter -> ask seal
         scan T-1       -> reject unit T-1, wanted a seal
         scan DOCK-1    -> reject place DOCK-1, wanted a seal
         scan BOLT      -> reject item bolt, wanted a seal
         scan SEAL-4711 -> ask signature
         key escape     -> quiet
         # What was told is kept.
         key done       -> ask signature
         scan BADGE-12  -> accept observed from TRUCK-7 temperature -18.5; observed from TRUCK-7 seal SEAL-4711; observed from TRUCK-7 signature 12; task closed",
    );
}

#[test]
fn the_one_who_signs_is_not_the_one_who_works() {
    let mut floor = ready(&[Check::Signature], &["#T-1"]);
    floor.play(
        "scan BADGE-1   -> go logged in
         scan T-1       -> accept loaded from T-1 to TRUCK-7 line 1
         key done       -> ask signature
         scan BADGE-99  -> accept observed from TRUCK-7 signature 99; task closed",
    );
    assert_eq!(floor.session.worker().unwrap().as_str(), "1");
}

#[test]
fn checks_follow_what_is_missing() {
    ready(&[Check::Seal], &["#T-1", "#T-2"]).play(
        "scan T-1       -> accept loaded from T-1 to TRUCK-7 line 1
         key done       -> ask end with 1 open
         key enter      -> ask seal
         keys 12 enter  -> accept closed from T-2 line 2 short; observed from TRUCK-7 seal 12; task closed",
    );
}

#[test]
fn a_unit_that_comes_late_to_the_list_is_not_closed_unasked() {
    let mut floor = ready(&[Check::Seal], &["#T-1"]);
    floor.play(
        "scan T-1       -> accept loaded from T-1 to TRUCK-7 line 1
         key done       -> ask seal",
    );
    let mut task = load(&[Check::Seal], &["#T-1", "#T-2"]);
    task.revision = 2;
    floor.catalogue.put_task(task);
    floor.play(
        "changed L1     -> quiet
         key enter      -> quiet
         key done       -> ask end with 1 open
         key escape     -> quiet
         scan T-2       -> accept loaded from T-2 to TRUCK-7 line 2
         keys done 1 2 enter -> accept observed from TRUCK-7 seal 12; task closed",
    );
}

#[test]
fn a_unit_with_several_lines_is_one_scan() {
    ready(&[], &["bolt 4 #T-1", "nut 2 #T-1", "#T-2"]).play(
        "scan T-1       -> accept closed from T-1 line 2; loaded from T-1 to TRUCK-7 line 1
         scan T-1       -> reject unit T-1 done already
         key undo       -> accept reversed #2 loaded from T-1 to TRUCK-7 line 1; reversed #1 line_closed from T-1 line 2
         scan T-1       -> accept closed from T-1 line 2; loaded from T-1 to TRUCK-7 line 1
         scan T-2       -> accept loaded from T-2 to TRUCK-7 line 3
         key done       -> accept task closed",
    );
}

#[test]
fn a_unit_that_is_taken_off_again_is_undone() {
    ready(&[], &["#T-1", "#T-2"]).play(
        "scan T-1       -> accept loaded from T-1 to TRUCK-7 line 1
         scan T-2       -> accept loaded from T-2 to TRUCK-7 line 2
         restart        -> quiet
         key undo       -> accept reversed #2 loaded from T-2 to TRUCK-7 line 2
         key undo       -> accept reversed #1 loaded from T-1 to TRUCK-7 line 1
         scan T-2       -> accept loaded from T-2 to TRUCK-7 line 2
         key undo       -> accept reversed #5 loaded from T-2 to TRUCK-7 line 2
         key undo       -> go back
         scan T-2       -> reject unit T-2, wanted vehicle TRUCK-7",
    );
}

#[test]
fn loading_wants_the_list_of_holds_fresh() {
    let mut floor = opened(load(&[], &["#T-1", "#T-2"]));
    heard_before(&mut floor, 75, Vec::new());
    floor.play(
        "scan DOCK-1    -> ask holds of 75 min ago
         scan T-1       -> reject unit T-1, wanted an answer
         key escape     -> quiet
         scan T-1       -> reject unit T-1, wanted vehicle TRUCK-7
         scan TRUCK-7   -> ask holds of 75 min ago
         key enter      -> go vehicle TRUCK-7
         # Once in a task.
         scan T-1       -> accept loaded from T-1 to TRUCK-7 line 1
         scan DOCK-1    -> go vehicle TRUCK-7
         scan T-2       -> accept loaded from T-2 to TRUCK-7 line 2",
    );
    for (minutes, answer) in [
        (59, "go vehicle TRUCK-7"),
        (60, "ask holds of 60 min ago"),
        (-5, "go vehicle TRUCK-7"),
    ] {
        let mut floor = opened(load(&[], &["#T-1"]));
        heard_before(&mut floor, minutes, Vec::new());
        floor.play(&format!("scan DOCK-1 -> {answer}"));
    }
}

#[test]
fn a_list_of_holds_that_nobody_heard_of_is_asked_about() {
    let mut floor = Floor::new(vec![load(&[], &["#T-1"])]);
    floor.play(
        "scan DOC-L1    -> go task L1
         scan DOCK-1    -> ask holds of nobody knows when
         key enter      -> go vehicle TRUCK-7",
    );
    let mut floor = opened(load(&[], &["#T-1"]));
    floor.hub = None;
    floor.play("scan DOCK-1 -> ask holds of nobody knows when");
}

#[test]
fn goods_on_hold_do_not_go_onto_the_truck() {
    let mut floor = opened(load(&[], &["milk 4 #T-1 lot L1", "milk 4 #T-2 lot L2", "#T-3"]));
    let hold = Hold {
        item: "milk".into(),
        lot: Some("L1".to_owned()),
        reason: "recall 14".to_owned(),
    };
    heard_before(&mut floor, 1, vec![hold]);
    floor.play(
        "scan DOCK-1    -> go vehicle TRUCK-7
         scan T-1       -> reject milk lot L1 blocked: recall 14
         scan T-2       -> accept loaded from T-2 to TRUCK-7 line 2
         scan T-3       -> accept loaded from T-3 to TRUCK-7 line 3
         keys done enter -> accept closed from T-1 line 1 short 4; task closed",
    );
}

#[test]
fn what_is_wrong_at_the_door() {
    ready(&[], &["#T-1", "#T-2"]).play(
        "key exception            -> ask which exception damaged wrong_goods found unreadable
         key 1                    -> ask why damaged
         key 3                    -> accept reported from T-1 line 1 damaged dirty
         key skip                 -> go skipped
         keys exception 4         -> accept reported from T-2 line 2 unreadable
         keys exception 3         -> accept reported from DOCK-1 found
         keys exception 2 1       -> accept reported from T-2 line 2 wrong_goods other_item
         type T-2                 -> accept loaded from T-2 to TRUCK-7 line 2
         key skip                 -> reject key unused
         scan T-1                 -> accept loaded from T-1 to TRUCK-7 line 1
         keys exception 1 1       -> accept reported from DOCK-1 damaged broken",
    );
}

#[test]
fn two_units_in_view_are_never_chosen_between() {
    ready(&[], &["#T-1", "#T-2"]).play(
        "scan T-1 + T-2           -> ask two in view T-1 T-2
         scan T-1 + T-1           -> accept loaded from T-1 to TRUCK-7 line 1
         scan DOCK-1 + DOCK-2     -> ask two in view DOCK-1 DOCK-2
         scan T-2 + NOISE         -> accept loaded from T-2 to TRUCK-7 line 2",
    );
}

#[test]
fn the_right_truck_is_confirmed_anew_when_the_task_is_opened_again() {
    ready(&[], &["#T-1"]).play(
        "key escape     -> go left L1
         scan DOC-L1    -> go task L1
         scan T-1       -> reject unit T-1, wanted vehicle TRUCK-7",
    );
}

#[test]
fn screens_say_which_truck_and_which_unit() {
    let mut floor = opened(load(&[], &["#T-1", "#T-2"]));
    assert_eq!(
        floor.screen(),
        "Load DOC-L1 | Scan the door or the truck | [DOCK-1 ] | Truck: TRUCK-7 | Task opened."
    );
    floor.play("scan DOCK-1 -> go vehicle TRUCK-7");
    assert_eq!(
        floor.screen(),
        "Load DOC-L1 | Scan the tote, carton or pallet | [T-1 ] | Truck: TRUCK-7 | TRUCK-7 is right."
    );
    floor.play("scan T-1 -> accept loaded from T-1 to TRUCK-7 line 1");
    assert!(floor.screen().contains("[T-2 ]"), "{}", floor.screen());
}
