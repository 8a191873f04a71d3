//! Inspections, row by row. See [`crate::cases`] for how to read the tables. An answer to what came of looking at goods
//! is 1 released, 2 on hold, 3 damaged.

use crate::cases::{Floor, entering, line, lines, task};
use crate::confirmation::{ExceptionCode, StockStatus};
use crate::ids::{ItemId, LocationId, TaskId};
use crate::plan::InspectPlan;
use crate::site::{Hold, Holds, Location};
use crate::task::{Task, TaskKind, TaskState};

fn inspect(texts: &[&str]) -> Task {
    let plan = InspectPlan {
        status: StockStatus::Hold,
    };
    task("Q1", TaskKind::Inspect(plan), lines(texts))
}

/// A device with the task open, at a site that has reasons for what is put on hold.
fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor
        .catalogue
        .put_reasons(ExceptionCode::Blocked, &["quality", "papers"]);
    floor.play("scan DOC-Q1 -> go task Q1");
    floor
}

fn hold_milk(floor: &mut Floor, lot: &str) {
    floor.catalogue.put_holds(Holds {
        version: 1,
        heard: None,
        entries: vec![Hold {
            item: ItemId::from("milk"),
            lot: Some(lot.to_owned()),
            reason: "recall".to_owned(),
        }],
    });
}

#[test]
fn each_piece_is_released_or_blocked() {
    let mut floor = opened(inspect(&["bolt 3 @A-01-01", "nut 1 @A-01-02"]));
    assert!(
        floor
            .screen()
            .contains("Go there and scan the place | [A-01-01 ]"),
        "{}",
        floor.screen()
    );
    floor.play(
        "scan BOLT      -> reject item bolt, wanted A-01-01
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt from A-01-01 line 1
         scan BOLT      -> ask state of bolt
         key 3          -> ask why damaged
         key 2          -> accept inspected 1 bolt damaged from A-01-01 line 1 damaged 1 wet
         scan BOLT      -> ask state of bolt
         key 2          -> ask why blocked
         key 1          -> accept inspected 1 bolt hold from A-01-01 line 1 blocked 1 quality
         scan A-01-02   -> go location A-01-02
         scan NUT       -> ask state of nut
         key 1          -> accept inspected 1 nut from A-01-02 line 2
         scan A-01-03   -> reject place A-01-03, wanted done
         key short      -> reject key unused
         key done       -> accept task closed",
    );
}

#[test]
fn what_came_of_it_is_asked_in_the_words_of_the_exceptions() {
    let mut floor = opened(inspect(&["bolt 3 @A-01-01"]));
    floor.play(
        "scan A-01-01 -> go location A-01-01
         scan BOLT    -> ask state of bolt",
    );
    let question = floor.view.question.as_ref().unwrap();
    let choices = question.choices.iter().map(|choice| choice.label.as_str());
    assert_eq!(choices.collect::<Vec<_>>(), ["Released", "On hold", "Damaged"]);
    floor.play("key 1 -> accept inspected 1 bolt from A-01-01 line 1");
    assert!(
        floor.screen().contains("1 each Hex bolt M8 released."),
        "{}",
        floor.screen()
    );
}

#[test]
fn a_question_is_answered_by_its_own_answer_alone() {
    opened(inspect(&["bolt 3 @A-01-01"])).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask state of bolt
         scan BOLT      -> reject item bolt, wanted an answer
         scan A-01-01   -> reject place A-01-01, wanted an answer
         scan T-1       -> reject unit T-1, wanted an answer
         key enter      -> reject key unused
         key 4          -> reject key unused
         key 3          -> ask why damaged
         key 9          -> reject key unused
         key escape     -> quiet
         scan BOLT      -> ask state of bolt
         key escape     -> quiet
         key done       -> ask end with 1 open",
    );
}

#[test]
fn one_scan_and_then_the_number() {
    opened(entering(inspect(&["bolt 24 @A-01-01", "oil 5 @A-01-01"]))).play(
        "scan A-01-01   -> go location A-01-01
         scan CASE      -> ask state of bolt
         key 1          -> ask how many bolt, 2
         keys 1 enter   -> accept inspected 12 bolt from A-01-01 line 1
         scan BOLT      -> ask state of bolt
         key 3          -> ask why damaged
         key 1          -> ask how many bolt, 12
         keys 0 enter   -> reject entry \"0\", wanted a number
         keys 2 enter   -> accept inspected 2 bolt damaged from A-01-01 line 1 damaged 2 broken
         scan BOLT      -> ask state of bolt
         key 2          -> ask why blocked
         key 2          -> ask how many bolt, 10
         key enter      -> accept inspected 10 bolt hold from A-01-01 line 1 blocked 10 papers
         scan OIL       -> ask state of oil
         key 1          -> ask how many oil, 2
         key enter      -> accept inspected 5 oil from A-01-01 line 2
         key done       -> accept task closed",
    );
}

#[test]
fn of_more_that_is_typed_it_is_asked_again() {
    opened(inspect(&["bolt 12 @A-01-01"])).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask state of bolt
         key 3          -> ask why damaged
         key 1          -> accept inspected 1 bolt damaged from A-01-01 line 1 damaged 1 broken
         keys 11 enter  -> ask state of bolt
         key 1          -> accept inspected 11 bolt from A-01-01 line 1",
    );
}

#[test]
fn a_site_without_reasons_asks_for_none() {
    let mut floor = opened(inspect(&["bolt 2 @A-01-01"]));
    floor.catalogue.put_reasons(ExceptionCode::Blocked, &[]);
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask state of bolt
         key 2          -> accept inspected 1 bolt hold from A-01-01 line 1 blocked 1",
    );
}

#[test]
fn more_than_was_said_is_asked_about() {
    opened(inspect(&["bolt 2 @A-01-01", "nut 1 @A-01-02"])).play(
        "scan A-01-01   -> go location A-01-01
         scan CASE      -> ask state of bolt
         key 1          -> ask over bolt by 10
         key escape     -> quiet
         scan BAG-OF-BOLTS -> ask state of bolt
         key 1          -> ask over bolt by 3
         key enter      -> accept inspected 5 bolt from A-01-01 line 1 over 3
         scan BOLT      -> reject item bolt, wanted A-01-02
         # Back at a place that is done, for one more.
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask state of bolt
         key 3          -> ask why damaged
         key 1          -> ask over bolt by 4
         key enter      -> accept inspected 1 bolt damaged from A-01-01 line 1 damaged 1 broken
         scan BOLT      -> ask state of bolt
         key 1          -> ask over bolt by 5
         key enter      -> accept inspected 1 bolt from A-01-01 line 1 over 5
         key undo       -> accept reversed #3 inspected 1 bolt from A-01-01 line 1
         scan NUT       -> reject item nut, wanted A-01-02
         scan A-01-02   -> go location A-01-02
         scan NUT       -> ask state of nut
         key 1          -> accept inspected 1 nut from A-01-02 line 2",
    );
}

#[test]
fn less_than_was_said() {
    opened(inspect(&["bolt 3 @A-01-01", "nut 2 @A-01-02", "oil 5 @A-01-03"])).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt from A-01-01 line 1
         key short      -> ask why short 2
         restart        -> quiet
         key 3          -> accept closed from A-01-01 line 1 short 2 not_found
         key undo       -> accept reversed #2 line_closed from A-01-01 line 1
         key exception  -> ask which exception short location_empty wrong_goods not_reachable unreadable
         key 1          -> ask why short 2
         key 3          -> accept closed from A-01-01 line 1 short 2 not_found
         scan A-01-02   -> go location A-01-02
         key done       -> ask end with 2 open
         key escape     -> quiet
         key done       -> ask end with 2 open
         key enter      -> accept closed from A-01-02 line 2 short 2; closed from A-01-03 line 3 short 5; task closed",
    );
}

#[test]
fn a_place_is_empty_or_cannot_be_reached() {
    opened(inspect(&[
        "bolt 3 @A-01-01",
        "nut 2 @A-01-01",
        "bolt 1 @A-01-02",
        "nut 1 @A-01-02",
        "oil 5 @A-01-03",
    ]))
    .play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt from A-01-01 line 1
         key exception  -> ask which exception short location_empty wrong_goods not_reachable unreadable
         key 2          -> accept closed from A-01-01 line 1 location_empty 2; closed from A-01-01 line 2 location_empty 2
         key exception  -> ask which exception short location_empty wrong_goods not_reachable unreadable
         key 4          -> ask why not_reachable
         key 2          -> accept closed from A-01-02 line 3 not_reachable 1 too_high; closed from A-01-02 line 4 not_reachable 1 too_high
         key undo       -> accept reversed #5 line_closed from A-01-02 line 4; reversed #4 line_closed from A-01-02 line 3
         scan A-01-02   -> go location A-01-02
         scan BOLT      -> ask state of bolt",
    );
}

#[test]
fn wrong_everything() {
    opened(inspect(&["bolt 2 @A-01-01", "nut 2 @A-01-02"])).play(
        "scan A-09-09   -> reject at A-09-09, wanted A-01-01
         scan T-5       -> reject unit T-5 not on list
         scan A-01-01   -> go location A-01-01
         scan NUT       -> reject item nut, wanted bolt
         scan DRILL     -> reject item drill, wanted bolt
         scan GHOST     -> reject unknown 09999999999994
         scan BOLT + NUT -> ask two in view 04006381333931 04012345678901
         scan T-5       -> reject unit T-5 not on list
         key exception  -> ask which exception short location_empty wrong_goods not_reachable unreadable
         key 3          -> ask why wrong_goods
         key 1          -> accept reported from A-01-01 line 1 wrong_goods other_item
         key exception  -> ask which exception short location_empty wrong_goods not_reachable unreadable
         key 5          -> accept reported from A-01-01 line 1 unreadable
         type BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt from A-01-01 line 1",
    );
}

#[test]
fn places_may_be_taken_in_another_order_and_left_for_later() {
    opened(inspect(&["bolt 1 @A-01-01", "nut 1 @A-01-02", "oil 5 @A-01-03"])).play(
        "key skip       -> go skipped
         scan A-01-03   -> go location A-01-03
         scan OIL       -> ask state of oil
         key 1          -> accept inspected 2.5 oil from A-01-03 line 3
         key skip       -> go skipped
         key undo       -> go back
         scan OIL       -> ask state of oil
         key 1          -> accept inspected 2.5 oil from A-01-03 line 3
         scan A-01-02   -> go location A-01-02
         scan NUT       -> ask state of nut
         key 1          -> accept inspected 1 nut from A-01-02 line 2
         key skip       -> reject key unused
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt from A-01-01 line 1
         key done       -> accept task closed",
    );
}

#[test]
fn lots_are_held_to_and_asked_for() {
    opened(inspect(&[
        "milk 2 @A-01-01 lot L1",
        "milk 1 @A-01-01 lot L2",
        "bolt 1 @A-01-01 lot B7",
    ]))
    .play(
        "scan A-01-01   -> go location A-01-01
         scan (01)MILK(10)L3(17)271231 -> reject lot L3, wanted L1
         scan (01)MILK(10)L2(17)271231 -> ask state of milk
         key 1          -> accept inspected 1 milk lot L2 exp 2027-12-31 from A-01-01 line 2
         scan (01)MILK(17)271231 -> ask lot of milk
         keys L1 enter  -> ask state of milk
         key 1          -> accept inspected 1 milk lot L1 exp 2027-12-31 from A-01-01 line 1
         scan BOLT      -> ask lot of bolt
         scan (10)B8    -> reject lot B8, wanted B7
         scan (10)B7    -> ask state of bolt
         key 2          -> ask why blocked
         key 1          -> accept inspected 1 bolt lot B7 hold from A-01-01 line 3 blocked 1 quality",
    );
}

#[test]
fn a_serial_number_is_one_piece_and_looked_at_once() {
    opened(entering(inspect(&["drill 2 @A-01-01"]))).play(
        "scan A-01-01   -> go location A-01-01
         scan DRILL     -> ask serial of drill
         keys S1 enter  -> ask state of drill
         key 3          -> ask why damaged
         key 1          -> accept inspected 1 drill serial S1 damaged from A-01-01 line 1 damaged 1 broken
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         scan (01)DRILL(21)S2 -> ask state of drill
         key 1          -> accept inspected 1 drill serial S2 from A-01-01 line 1
         key undo       -> accept reversed #2 inspected 1 drill serial S2 from A-01-01 line 1
         scan (01)DRILL(21)S2 -> ask state of drill",
    );
}

#[test]
fn weighed_goods_are_weighed() {
    opened(inspect(&["cheese 2 @A-01-01"])).play(
        "scan A-01-01   -> go location A-01-01
         scan (01)CHEESE(10)C1 -> ask state of cheese
         key 1          -> ask weight of cheese
         keys 1.5 enter -> accept inspected 1 cheese lot C1 weighing 1.5 from A-01-01 line 1",
    );
}

#[test]
fn a_unit_is_confirmed_like_a_place() {
    let mut floor = opened(inspect(&[
        "bolt 2 @A-01-01 #T-5",
        "nut 1 @A-01-01 #T-5",
        "bolt 1 @A-01-01",
        "nut 1 @A-01-02 #T-6",
    ]));
    floor.play(
        "scan T-5       -> reject unit T-5, wanted A-01-01
         scan A-01-01   -> go location A-01-01
         scan NUT       -> reject item nut, wanted unit T-5
         scan T-9       -> reject unit T-9, wanted T-5
         scan T-6       -> reject unit T-6, wanted A-01-02
         scan T-5       -> go unit T-5",
    );
    assert!(floor.screen().contains("T-5 is right."), "{}", floor.screen());
    floor.play(
        "scan NUT       -> ask state of nut
         key 3          -> ask why damaged
         key 4          -> accept inspected 1 nut on T-5 damaged from A-01-01 line 2 damaged 1 packaging
         restart        -> quiet
         scan BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt on T-5 from A-01-01 line 1
         scan BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt on T-5 from A-01-01 line 1
         # What lies loose is another line.
         scan BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt from A-01-01 line 3
         scan A-01-02   -> go location A-01-02
         key undo       -> go back
         key undo       -> accept reversed #4 inspected 1 bolt from A-01-01 line 3
         key undo       -> accept reversed #3 inspected 1 bolt on T-5 from A-01-01 line 1
         scan BOLT      -> ask state of bolt
         key 2          -> ask why blocked
         key 1          -> accept inspected 1 bolt on T-5 hold from A-01-01 line 1 blocked 1 quality",
    );
}

#[test]
fn loose_goods_are_not_taken_for_those_of_a_unit() {
    opened(inspect(&["bolt 1 @A-01-01", "bolt 1 @A-01-01 #T-5"])).play(
        "scan A-01-01   -> go location A-01-01
         scan T-5       -> go unit T-5
         scan BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt on T-5 from A-01-01 line 2
         scan BOLT      -> ask state of bolt
         key 3          -> ask why damaged
         key 1          -> accept inspected 1 bolt damaged from A-01-01 line 1 damaged 1 broken",
    );
}

#[test]
fn what_the_office_holds_nobody_releases() {
    let mut floor = opened(inspect(&["milk 3 @A-01-01"]));
    hold_milk(&mut floor, "L1");
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan (01)MILK(10)L2(17)271231 -> ask state of milk
         key 1          -> accept inspected 1 milk lot L2 exp 2027-12-31 from A-01-01 line 1
         scan (01)MILK(10)L1(17)271231 -> ask state of milk
         key 1          -> reject milk lot L1 may not be released: recall
         key 2          -> ask why blocked
         key 1          -> accept inspected 1 milk lot L1 exp 2027-12-31 hold from A-01-01 line 1 blocked 1 quality
         scan (01)MILK(10)L1(17)271231 -> ask state of milk
         key 3          -> ask why damaged
         key 1          -> accept inspected 1 milk lot L1 exp 2027-12-31 damaged from A-01-01 line 1 damaged 1 broken",
    );
}

#[test]
fn a_line_without_a_place_is_looked_at_where_it_is_found() {
    let mut floor = opened(inspect(&["bolt 1"]));
    assert!(
        floor.screen().contains("Scan the place where it lies"),
        "{}",
        floor.screen()
    );
    floor.play(
        "scan BOLT      -> reject item bolt, wanted any place
         scan A-02-02   -> go location A-02-02
         scan BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt from A-02-02 line 1",
    );
}

#[test]
fn a_line_without_a_quantity_takes_whatever_is_there() {
    opened(inspect(&["bolt @A-01-01"])).play(
        "scan A-01-01   -> go location A-01-01
         scan CASE      -> ask state of bolt
         key 1          -> accept inspected 12 bolt from A-01-01 line 1
         scan CASE      -> ask state of bolt
         key 3          -> ask why damaged
         key 1          -> accept inspected 12 bolt damaged from A-01-01 line 1 damaged 12 broken
         key done       -> ask end with 1 open
         key enter      -> accept closed from A-01-01 line 1 short; task closed",
    );
}

#[test]
fn the_place_by_its_digits() {
    let mut floor = opened(inspect(&["bolt 1 @A-01-01"]));
    floor.catalogue.put_location(Location {
        id: LocationId::from("A-01-01"),
        check_digits: Some("11".to_owned()),
        zone: None,
    });
    floor.play(
        "keys 22 enter  -> reject check digits of A-01-01
         keys 11 enter  -> go location A-01-01
         scan BOLT      -> ask state of bolt",
    );
}

#[test]
fn undo_goes_back_step_by_step_also_after_a_restart() {
    opened(inspect(&["bolt 1 @A-01-01", "nut 1 @A-01-02"])).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask state of bolt
         key undo       -> quiet
         scan BOLT      -> ask state of bolt
         restart        -> quiet
         key 3          -> ask why damaged
         restart        -> quiet
         key 1          -> accept inspected 1 bolt damaged from A-01-01 line 1 damaged 1 broken
         restart        -> quiet
         scan CMD-undo  -> accept reversed #1 inspected 1 bolt damaged from A-01-01 line 1
         scan BOLT      -> ask state of bolt
         key 1          -> accept inspected 1 bolt from A-01-01 line 1
         scan CMD-undo  -> accept reversed #3 inspected 1 bolt from A-01-01 line 1
         scan CMD-undo  -> go back
         scan CMD-undo  -> go back
         scan CMD-undo  -> reject nothing to undo",
    );
}

#[test]
fn the_task_changes_meanwhile() {
    let mut floor = opened(inspect(&["bolt 2 @A-01-01", "nut 1 @A-01-02"]));
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask state of bolt",
    );
    let mut changed = inspect(&["bolt 2 @A-01-01", "nut 1 @A-01-02"]);
    changed.revision = 2;
    changed.lines = vec![line(2, "nut 1 @A-01-02")];
    floor.catalogue.put_task(changed.clone());
    floor.play(
        "changed Q1     -> quiet
         scan BOLT      -> reject item bolt, wanted A-01-02
         scan A-01-02   -> go location A-01-02
         scan NUT       -> ask state of nut
         key 1          -> accept inspected 1 nut from A-01-02 line 2",
    );
    changed.state = TaskState::Cancelled;
    floor.catalogue.put_task(changed);
    assert_eq!(floor.session.task(), Some(&TaskId::from("Q1")));
    floor.play("changed Q1     -> reject Q1 withdrawn");
}
