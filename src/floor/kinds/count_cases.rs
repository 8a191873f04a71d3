//! Counting, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, entering, lines, task};
use crate::catalogue::Catalogue;
use crate::ids::{LocationId, TaskId, WorkerId};
use crate::plan::{CountPlan, CountScope};
use crate::site::Location;
use crate::task::{Task, TaskKind};

fn count(texts: &[&str]) -> Task {
    task("C1", TaskKind::Count(CountPlan::default()), lines(texts))
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-C1 -> go task C1");
    floor
}

#[test]
fn a_count_from_place_to_place() {
    opened(count(&["@A-01-01", "@A-01-02", "@A-01-03"])).play(
        "scan BOLT      -> reject item bolt, wanted a place
         scan B-09-09   -> reject place B-09-09, wanted a place
         scan T-1       -> reject unit T-1, wanted a place
         scan WHAT      -> reject text WHAT, wanted a place
         scan A-01-02   -> go location A-01-02
         scan BOLT      -> accept counted 1 bolt to A-01-02 line 2
         scan BOLT      -> accept counted 1 bolt to A-01-02 line 2
         scan CASE      -> accept counted 12 bolt to A-01-02 line 2
         scan NUT       -> accept counted 1 nut to A-01-02 line 2
         scan A-01-01   -> reject at A-01-01, wanted A-01-02
         scan A-01-02   -> go location A-01-02
         key short      -> reject key unused
         key done       -> ask is A-01-02 complete
         scan NUT       -> reject item nut, wanted an answer
         key escape     -> quiet
         scan CMD-done  -> ask is A-01-02 complete
         scan CMD-yes   -> accept place counted to A-01-02 line 2
         scan A-01-02   -> reject A-01-02 counted already
         scan NUT       -> reject item nut, wanted a place
         scan A-01-01   -> go location A-01-01
         scan A-01-03   -> go location A-01-03
         key done       -> ask is A-01-03 empty
         key enter      -> accept place counted to A-01-03 line 3
         key done       -> ask end with 1 open
         key escape     -> quiet
         scan A-01-01   -> go location A-01-01
         key done       -> ask is A-01-01 empty
         key enter      -> accept place counted to A-01-01 line 1
         scan NUT       -> reject item nut, wanted done
         key done       -> accept task closed",
    );
}

#[test]
fn found_goods_are_kept() {
    let mut floor = opened(count(&["@A-01-01"]));
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan GHOST     -> ask found 09999999999994
         key escape     -> quiet
         scan GHOST     -> ask found 09999999999994
         key enter      -> accept counted 1 ?09999999999994 to A-01-01 line 1 found 1
         scan XYZ-1     -> ask found XYZ-1
         scan CMD-yes   -> accept counted 1 ?XYZ-1 to A-01-01 line 1 found 1
         keys 3 enter   -> ask found XYZ-1
         key enter      -> accept counted 3 ?XYZ-1 to A-01-01 line 1 found 3",
    );
    assert!(floor.screen().contains("[4 ]"), "{}", floor.screen());
}

#[test]
fn tracked_goods_are_told_apart() {
    opened(count(&["@A-01-01", "@A-01-02"])).play(
        "scan A-01-01   -> go location A-01-01
         scan (01)DRILL(21)S1 -> accept counted 1 drill serial S1 to A-01-01 line 1
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         scan DRILL     -> ask serial of drill
         keys S1 enter  -> reject serial S1 repeated
         keys S2 enter  -> accept counted 1 drill serial S2 to A-01-01 line 1
         scan MILK      -> ask lot of milk
         scan (10)L1(17)250101 -> accept counted 1 milk lot L1 exp 2025-01-01 to A-01-01 line 1
         keys 5 enter   -> accept counted 5 milk lot L1 exp 2025-01-01 to A-01-01 line 1
         key undo       -> accept reversed #4 counted 5 milk lot L1 exp 2025-01-01 to A-01-01 line 1
         key undo       -> accept reversed #3 counted 1 milk lot L1 exp 2025-01-01 to A-01-01 line 1
         key undo       -> accept reversed #2 counted 1 drill serial S2 to A-01-01 line 1
         scan (01)DRILL(21)S2 -> accept counted 1 drill serial S2 to A-01-01 line 1
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         scan A-01-02   -> go location A-01-02
         scan (01)DRILL(21)S2 -> reject serial S2 repeated
         key undo       -> go back
         key undo       -> accept reversed #9 location_counted to A-01-01 line 1
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1",
    );
}

#[test]
fn a_blind_count_proposes_nothing_and_shows_its_own_figures_only() {
    let mut floor = opened(entering(count(&["@A-01-01"])));
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan CASE      -> ask how many bolt
         key enter      -> reject entry \"\", wanted a number
         keys 2 enter   -> accept counted 24 bolt to A-01-01 line 1
         scan NUT       -> ask how many nut
         keys 7 enter   -> accept counted 7 nut to A-01-01 line 1
         scan BOLT      -> ask how many bolt
         keys 1 enter   -> accept counted 1 bolt to A-01-01 line 1
         scan GHOST     -> ask found 09999999999994
         key enter      -> ask how many 09999999999994
         keys 2 enter   -> accept counted 2 ?09999999999994 to A-01-01 line 1 found 2
         scan BOLT      -> ask how many bolt
         key escape     -> quiet",
    );
    assert_eq!(
        floor.screen(),
        "Count DOC-C1 | Scan an item | [2 ] | Item: 09999999999994 | 25: Hex bolt M8 | 7: Hex nut M8 | Nothing was recorded.",
    );
}

#[test]
fn a_count_goes_on_after_a_restart_and_after_a_break() {
    opened(count(&["@A-01-01", "@A-01-02"])).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         restart        -> quiet
         keys 4 enter   -> accept counted 4 bolt to A-01-01 line 1
         key escape     -> go left C1
         key 1          -> go task C1
         scan A-01-01   -> go location A-01-01
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         key done       -> ask end with 1 open
         key enter      -> accept task closed short not_counted",
    );
}

/// Beyond the items whose figures are kept, no wrong figure is shown.
#[test]
fn a_place_with_very_many_items_is_still_counted() {
    let mut floor = opened(count(&["@A-01-01"]));
    floor.play("scan A-01-01 -> go location A-01-01");
    for number in 0..12 {
        floor.play(&format!("scan X-{number} -> ask found X-{number}"));
        floor.play(&format!(
            "key enter -> accept counted 1 ?X-{number} to A-01-01 line 1 found 1"
        ));
    }
    assert!(floor.screen().contains("[1 ] | Item: X-11"), "{}", floor.screen());
    floor.play("scan BOLT -> accept counted 1 bolt to A-01-01 line 1");
    assert!(!floor.screen().contains('['), "{}", floor.screen());
    floor.play("key undo -> accept reversed #13 counted 1 bolt to A-01-01 line 1");
    assert!(floor.screen().contains("[1 ] | Item: X-11"), "{}", floor.screen());
    floor.play("scan X-3 -> ask found X-3");
    floor.play("key enter -> accept counted 1 ?X-3 to A-01-01 line 1 found 1");
    assert!(floor.screen().contains("[2 ] | Item: X-3"), "{}", floor.screen());
}

fn of_scope(scope: CountScope, texts: &[&str]) -> Task {
    let plan = CountPlan {
        scope,
        ..CountPlan::default()
    };
    task("C1", TaskKind::Count(plan), lines(texts))
}

#[test]
fn only_the_named_item_is_counted_and_others_are_found_when_the_worker_says_so() {
    let mut floor = opened(count(&["bolt @A-01-01", "nut @A-01-02"]));
    assert_eq!(
        floor.screen(),
        "Count DOC-C1 | Scan a place to count | [A-01-01 ] | Item: Hex bolt M8 | Number: bolt | Task opened."
    );
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         scan CASE      -> accept counted 12 bolt to A-01-01 line 1
         scan NUT       -> ask found 04012345678901
         key escape     -> quiet
         scan NUT       -> ask found 04012345678901
         scan BOLT      -> reject item bolt, wanted an answer
         key enter      -> accept counted 1 nut to A-01-01 found 1
         keys 4 enter   -> ask found 04012345678901
         key enter      -> accept counted 4 nut to A-01-01 found 4
         key undo       -> accept reversed #4 counted 4 nut to A-01-01
         scan GHOST     -> ask found 09999999999994
         key enter      -> accept counted 1 ?09999999999994 to A-01-01 found 1
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         scan A-01-01   -> reject A-01-01 counted already
         scan A-01-02   -> go location A-01-02
         scan BOLT      -> ask found 04006381333931
         key escape     -> quiet
         key done       -> ask is A-01-02 complete
         key enter      -> accept place counted to A-01-02 line 2
         key done       -> accept task closed",
    );
}

#[test]
fn several_items_of_one_place_are_ended_together() {
    let mut floor = opened(count(&["bolt @A-01-01", "nut @A-01-02", "nut @A-01-01"]));
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan NUT       -> accept counted 1 nut to A-01-01 line 3
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         scan MILK      -> ask found 04000417025005
         key escape     -> quiet
         scan A-01-02   -> reject at A-01-02, wanted A-01-01
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1; place counted to A-01-01 line 3
         key undo       -> accept reversed #4 location_counted to A-01-01 line 3; reversed #3 location_counted to A-01-01 line 1
         scan NUT       -> accept counted 1 nut to A-01-01 line 3
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1; place counted to A-01-01 line 3
         scan A-01-01   -> reject A-01-01 counted already",
    );
    assert_eq!(floor.view.done_of, Some((2, 3)));
}

#[test]
fn a_place_with_a_line_of_its_own_takes_every_item() {
    opened(count(&["@A-01-01", "bolt @A-01-01"])).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 2
         scan NUT       -> accept counted 1 nut to A-01-01 line 1
         scan GHOST     -> ask found 09999999999994
         key enter      -> accept counted 1 ?09999999999994 to A-01-01 line 1 found 1
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1; place counted to A-01-01 line 2",
    );
}

#[test]
fn damaged_goods_are_counted_apart() {
    let mut floor = opened(count(&["@A-01-01"]));
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         key exception  -> ask which exception damaged wrong_goods not_reachable unreadable
         key 1          -> ask why damaged
         key 2          -> quiet",
    );
    assert!(
        floor.screen().contains("Scan the damaged goods"),
        "{}",
        floor.screen()
    );
    floor.play(
        "restart        -> quiet
         scan BOLT      -> accept counted 1 bolt damaged to A-01-01 line 1 damaged 1 wet
         key 3          -> reject key unused
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         key undo       -> accept reversed #3 counted 1 bolt to A-01-01 line 1
         key undo       -> accept reversed #2 counted 1 bolt damaged to A-01-01 line 1
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1",
    );
}

#[test]
fn a_mark_for_damaged_goods_is_taken_back() {
    opened(count(&["@A-01-01", "@A-01-02"])).play(
        "scan A-01-01   -> go location A-01-01
         keys exception 1 1 -> quiet
         key escape     -> quiet
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         keys exception 1 1 -> quiet
         key undo       -> quiet
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         keys exception 1 1 -> quiet
         scan MILK      -> ask lot of milk
         keys L1 enter  -> ask expiry of milk
         keys 271231 enter -> accept counted 1 milk lot L1 exp 2027-12-31 damaged to A-01-01 line 1 damaged 1 broken
         keys exception 1 1 -> quiet
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         scan A-01-02   -> go location A-01-02
         scan BOLT      -> accept counted 1 bolt to A-01-02 line 2
         keys exception 1 4 -> quiet
         scan GHOST     -> ask found 09999999999994
         key enter      -> accept counted 1 ?09999999999994 damaged to A-01-02 line 2 damaged 1 packaging",
    );
}

/// A mark that a unit left standing would have to be taken back before the unit could be.
#[test]
fn a_unit_is_not_what_was_announced_as_damaged() {
    opened(count(&["@A-01-01"])).play(
        "scan A-01-01   -> go location A-01-01
         keys exception 1 1 -> quiet
         scan T-1       -> reject unit T-1, wanted an item
         scan BOLT      -> accept counted 1 bolt damaged to A-01-01 line 1 damaged 1 broken
         scan T-1       -> accept reported from T-1 to A-01-01 line 1 found
         key undo       -> accept reversed #2 reported from T-1 to A-01-01 line 1",
    );
}

#[test]
fn what_moves_nothing_is_reported() {
    opened(count(&["@A-01-01"])).play(
        "key short      -> reject key unused
         key exception  -> ask which exception not_reachable unreadable
         key 9          -> reject key unused
         key 2          -> accept reported from A-01-01 line 1 unreadable
         scan A-01-01   -> go location A-01-01
         key exception  -> ask which exception damaged wrong_goods not_reachable unreadable location_empty
         keys 2 3       -> accept reported from A-01-01 line 1 wrong_goods mixed
         keys exception 4 -> accept reported from A-01-01 line 1 unreadable
         key undo       -> accept reversed #3 reported from A-01-01 line 1
         keys exception 5 -> ask is A-01-01 empty
         key enter      -> accept place counted to A-01-01 line 1
         key exception  -> reject key unused
         key skip       -> reject key unused
         key done       -> accept task closed",
    );
}

#[test]
fn a_place_that_cannot_be_reached_is_left_with_a_reason() {
    opened(count(&["@A-01-01", "@A-01-02", "bolt @A-01-03", "nut @A-01-03"])).play(
        "key exception  -> ask which exception not_reachable unreadable
         key 1          -> ask why not_reachable
         key 2          -> accept closed from A-01-01 line 1 not_reachable too_high
         scan A-01-01   -> reject A-01-01 counted already
         key undo       -> accept reversed #1 line_closed from A-01-01 line 1
         keys exception 1 1 -> accept closed from A-01-01 line 1 not_reachable blocked
         scan A-01-02   -> go location A-01-02
         scan BOLT      -> accept counted 1 bolt to A-01-02 line 2
         keys exception 3 3 -> accept closed from A-01-02 line 2 not_reachable locked
         scan BOLT      -> reject item bolt, wanted a place
         keys exception 1 1 -> accept closed from A-01-03 line 3 not_reachable blocked; closed from A-01-03 line 4 not_reachable blocked
         key done       -> accept task closed",
    );
}

#[test]
fn a_physical_inventory_covers_every_place() {
    opened(of_scope(
        CountScope::PhysicalInventory,
        &["@A-01-01", "@A-01-02", "@A-01-03"],
    ))
    .play(
        "key done       -> reject 3 places open
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         key done       -> reject 2 places open
         scan A-01-02   -> go location A-01-02
         key done       -> ask is A-01-02 empty
         key enter      -> accept place counted to A-01-02 line 2
         key done       -> reject 1 places open
         keys exception 1 2 -> accept closed from A-01-03 line 3 not_reachable too_high
         key done       -> accept task closed",
    );
}

#[test]
fn a_place_that_should_be_empty_is_one_question() {
    let zero = || of_scope(CountScope::ZeroStock, &["@A-01-01"]);
    opened(zero()).play(
        "scan BOLT      -> reject item bolt, wanted a place
         scan A-01-01   -> ask is A-01-01 empty
         scan A-01-02   -> reject place A-01-02, wanted an answer
         key enter      -> accept place counted to A-01-01 line 1; task closed",
    );
    let mut floor = opened(zero());
    floor.play(
        "scan A-01-01   -> ask is A-01-01 empty
         restart        -> quiet
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         scan A-01-01   -> go location A-01-01
         scan CASE      -> accept counted 12 bolt to A-01-01 line 1
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1; task closed",
    );
    assert_eq!(floor.session.task(), None);
    opened(zero()).play(
        "scan A-01-01   -> ask is A-01-01 empty
         scan T-1       -> accept reported from T-1 to A-01-01 line 1 found
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1; task closed",
    );
    opened(zero()).play(
        "scan A-01-01   -> ask is A-01-01 empty
         scan GHOST     -> ask found 09999999999994
         key escape     -> quiet
         key done       -> ask is A-01-01 empty
         key escape     -> quiet
         scan NUT       -> accept counted 1 nut to A-01-01 line 1
         key undo       -> accept reversed #1 counted 1 nut to A-01-01 line 1
         key done       -> ask is A-01-01 empty
         scan (10)L1    -> reject text (10)L1, wanted an answer
         scan MILK      -> ask lot of milk
         key escape     -> quiet
         key done       -> ask is A-01-01 empty
         key enter      -> accept place counted to A-01-01 line 1; task closed",
    );
    let mut floor = opened(of_scope(CountScope::ZeroStock, &["@A-01-01", "@A-01-02"]));
    floor.play(
        "scan A-01-02   -> ask is A-01-02 empty
         key enter      -> accept place counted to A-01-02 line 2
         scan A-01-01   -> ask is A-01-01 empty
         key enter      -> accept place counted to A-01-01 line 1; task closed",
    );
}

#[test]
fn an_empty_place_is_answered_by_what_is_scanned_there() {
    opened(count(&["@A-01-01"])).play(
        "scan A-01-01   -> go location A-01-01
         key done       -> ask is A-01-01 empty
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         key done       -> ask is A-01-01 complete",
    );
}

#[test]
fn a_recount_is_for_somebody_else() {
    let plan = CountPlan {
        recount_of: Some(TaskId::from("C0")),
        not_by: vec![WorkerId::from("7"), WorkerId::from("8")],
        ..CountPlan::default()
    };
    let recount = || task("C1", TaskKind::Count(plan.clone()), lines(&["@A-01-01"]));
    let mut floor = Floor::new(vec![recount()]);
    floor.play(
        "scan DOC-C1    -> reject no worker
         key 1          -> reject no worker
         scan BADGE-7   -> go logged in
         scan DOC-C1    -> reject counted C1 before
         key 1          -> reject key unused
         scan BADGE-8   -> go logged in
         scan DOC-C1    -> reject counted C1 before
         scan BADGE-9   -> go logged in
         key 1          -> go task C1
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         scan BADGE-7   -> reject counted C1 before
         scan BADGE-5   -> go logged in
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         key done       -> accept task closed",
    );
    assert_eq!(floor.journal[1].worker, Some(WorkerId::from("5")));
}

#[test]
fn handling_units_are_recorded_where_they_stand() {
    let mut floor = opened(count(&["@A-01-01", "@A-01-02"]));
    floor.play(
        "scan T-1       -> reject unit T-1, wanted a place
         scan A-01-01   -> go location A-01-01
         scan T-1       -> accept reported from T-1 to A-01-01 line 1 found
         scan T-1       -> reject unit T-1 done already
         scan (00)095212345678912347 -> accept reported from 095212345678912347 to A-01-01 line 1 found
         scan T-2 + T-3 -> ask two in view T-2 T-3
         key undo       -> accept reversed #2 reported from 095212345678912347 to A-01-01 line 1
         scan (00)095212345678912347 -> accept reported from 095212345678912347 to A-01-01 line 1 found
         scan (00)095212345678912347(02)BOLT(37)4 -> accept counted 4 bolt on 095212345678912347 to A-01-01 line 1
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         scan A-01-02   -> go location A-01-02
         scan T-1       -> accept reported from T-1 to A-01-02 line 2 found
         scan A-01-01   -> reject at A-01-01, wanted A-01-02",
    );
}

#[test]
fn two_codes_of_a_kind_in_one_pull_are_a_question() {
    opened(count(&["@A-01-01", "@A-01-02"])).play(
        "scan A-01-01 + A-01-02 -> ask two in view A-01-01 A-01-02
         scan A-01-01 + BOLT    -> go location A-01-01
         scan BOLT + NUT        -> ask two in view 04006381333931 04012345678901
         scan A-01-01 + BOLT    -> go location A-01-01
         scan NOISE + BOLT      -> accept counted 1 bolt to A-01-01 line 1
         scan (01)MILK(10)L1(17)271231 -> accept counted 1 milk lot L1 exp 2027-12-31 to A-01-01 line 1
         scan MILK + (10)L2 + (17)271231 -> accept counted 1 milk lot L2 exp 2027-12-31 to A-01-01 line 1
         scan (10)L1 + (10)L2   -> ask two in view L1 L2
         scan BOLT + T-1        -> accept counted 1 bolt to A-01-01 line 1",
    );
}

#[test]
fn digits_beside_the_place_that_is_shown_confirm_it() {
    let mut floor = opened(count(&["@A-01-01", "@A-01-02"]));
    for (id, digits) in [("A-01-01", "417"), ("A-01-02", "052")] {
        floor.catalogue.put_location(Location {
            id: LocationId::from(id),
            check_digits: Some(digits.to_owned()),
            zone: None,
        });
    }
    floor.play(
        "keys 052 enter -> reject check digits of A-01-01
         keys 417 enter -> go location A-01-01
         key 4          -> reject key unused
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         keys 2 enter   -> accept counted 2 bolt to A-01-01 line 1
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         keys 05 back 52 enter -> go location A-01-02
         key done       -> ask is A-01-02 empty
         key enter      -> accept place counted to A-01-02 line 2
         key 4          -> reject key unused",
    );
}

#[test]
fn places_are_put_off_and_come_again() {
    let mut floor = opened(count(&["@A-01-01", "@A-01-02", "@A-01-03"]));
    let shown = |floor: &Floor| {
        floor
            .view
            .big
            .as_ref()
            .map(|big| big.text.clone())
            .unwrap_or_default()
    };
    floor.play("key skip -> go skipped");
    assert_eq!(shown(&floor), "A-01-02");
    floor.play("key skip -> go skipped");
    assert_eq!(shown(&floor), "A-01-03");
    floor.play("key skip -> go skipped");
    assert_eq!(shown(&floor), "A-01-01");
    floor.play("key skip -> go skipped");
    assert_eq!(shown(&floor), "A-01-02");
    floor.play("key undo -> go back");
    assert_eq!(shown(&floor), "A-01-01");
    floor.play(
        "scan A-01-01   -> go location A-01-01
         key skip       -> go skipped
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         key skip       -> reject key unused
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1",
    );
    assert_eq!(shown(&floor), "A-01-02");
}

#[test]
fn a_place_that_another_device_counted_meanwhile_is_left() {
    let mut floor = opened(count(&["@A-01-01", "@A-01-02"]));
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1",
    );
    let told = crate::progress::Progress::from_lines([(
        crate::ids::LineNumber(1),
        crate::progress::LineProgress {
            quantity: crate::quantity::Quantity::whole(4).unwrap(),
            closed: true,
        },
    )]);
    floor.catalogue.put_progress(TaskId::from("C1"), told);
    floor.play(
        "refresh        -> quiet
         scan A-01-01   -> reject A-01-01 counted already
         key done       -> reject A-01-01 counted already
         scan A-01-02   -> go location A-01-02",
    );
    assert!(
        floor
            .catalogue
            .progress(&TaskId::from("C1"))
            .line(crate::ids::LineNumber(1))
            .closed
    );
}

#[test]
fn typed_codes_count_like_scanned_ones() {
    let mut floor = opened(count(&["@A-01-01"]));
    floor.play(
        "type A-01-01   -> go location A-01-01
         type BOLT      -> accept counted 1 bolt to A-01-01 line 1
         type (01)04000417025005(10)L1(17)271231 -> accept counted 1 milk lot L1 exp 2027-12-31 to A-01-01 line 1
         type T-1       -> accept reported from T-1 to A-01-01 line 1 found
         keys type escape -> quiet
         scan (01)BOLT(30)3 -> accept counted 3 bolt to A-01-01 line 1
         scan (01)BOLT(37)99999999 -> accept counted 99999999 bolt to A-01-01 line 1
         key undo       -> accept reversed #5 counted 99999999 bolt to A-01-01 line 1
         scan OIL       -> accept counted 2.5 oil to A-01-01 line 1
         keys 3*2+1 enter -> accept counted 17.5 oil to A-01-01 line 1
         keys 1 enter   -> accept counted 2.5 oil to A-01-01 line 1
         keys 0 enter   -> reject entry \"0\", wanted a number",
    );
    let typed = floor.journal[0].raw.as_ref().map(|raw| raw.source);
    assert_eq!(typed, Some(crate::confirmation::Source::Typed));
}

#[test]
fn goods_on_hold_are_counted_as_such() {
    let mut floor = opened(count(&["@A-01-01"]));
    floor.catalogue.put_holds(crate::site::Holds {
        version: 1,
        heard: None,
        entries: vec![crate::site::Hold {
            item: crate::ids::ItemId::from("bolt"),
            lot: None,
            reason: "recall 2026-14".to_owned(),
        }],
    });
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt hold to A-01-01 line 1
         scan NUT       -> accept counted 1 nut to A-01-01 line 1",
    );
}

#[test]
fn a_plan_that_changes_under_the_counter() {
    let mut floor = opened(of_scope(CountScope::Cycle, &["@A-01-01", "@A-01-02"]));
    floor.play("key done -> ask end with 2 open");
    let mut changed = of_scope(CountScope::PhysicalInventory, &["@A-01-01", "@A-01-02"]);
    changed.revision = 2;
    floor.catalogue.put_task(changed);
    floor.play(
        "changed C1     -> quiet
         key enter      -> quiet
         key done       -> reject 2 places open",
    );
}
