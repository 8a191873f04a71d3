//! Replenishing, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, entering, lines, task};
use crate::ids::{ItemId, LocationId};
use crate::site::{Hold, Holds, Location};
use crate::task::{Task, TaskKind};

fn replenish(texts: &[&str]) -> Task {
    task("N1", TaskKind::Replenish, lines(texts))
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-N1 -> go task N1");
    floor
}

#[test]
fn from_the_reserve_to_the_pick_place() {
    let mut floor = opened(replenish(&[
        "bolt 24 @R-01-01 >A-01-01",
        "nut 2 @R-01-02 >A-01-02",
    ]));
    assert!(
        floor
            .screen()
            .contains("Go there and scan the place | [R-01-01 ]"),
        "{}",
        floor.screen()
    );
    floor.play(
        "scan BOLT      -> reject item bolt, wanted R-01-01
         scan A-01-01   -> reject at A-01-01, wanted R-01-01
         scan R-01-01   -> go location R-01-01
         scan NUT       -> reject item nut, wanted bolt
         scan GHOST     -> reject unknown 09999999999994
         scan CASE      -> go in hand 12 bolt
         scan CASE      -> go in hand 24 bolt
         scan R-01-01   -> reject place R-01-01, wanted A-01-01
         scan A-01-01   -> accept moved 24 bolt from R-01-01 to A-01-01 line 1
         scan BOLT      -> reject item bolt, wanted R-01-02
         scan R-01-02   -> go location R-01-02
         scan NUT       -> go in hand 1 nut
         scan A-01-02   -> accept moved 1 nut from R-01-02 to A-01-02 line 2
         scan NUT       -> go in hand 1 nut
         scan A-01-02   -> accept moved 1 nut from R-01-02 to A-01-02 line 2
         scan NUT       -> reject nut full
         scan MILK      -> reject milk not on list
         scan R-01-01   -> reject place R-01-01, wanted done
         key short      -> reject key unused
         key done       -> accept task closed",
    );
}

#[test]
fn another_place_of_the_list_may_be_first() {
    opened(replenish(&[
        "bolt 2 @R-01-01 >A-01-01",
        "nut 2 @R-01-02 >A-01-02",
        "nut 1 @R-01-01 >A-01-02",
    ]))
    .play(
        "scan R-01-02   -> go location R-01-02
         scan NUT       -> go in hand 1 nut
         key enter      -> ask how many nut, 1
         key enter      -> go in hand 2 nut
         scan A-01-02   -> accept moved 2 nut from R-01-02 to A-01-02 line 2
         scan R-01-03   -> reject at R-01-03, wanted R-01-01
         scan R-01-01   -> go location R-01-01
         scan BOLT      -> go in hand 1 bolt
         scan NUT       -> reject item nut, wanted A-01-01
         scan A-01-01   -> accept moved 1 bolt from R-01-01 to A-01-01 line 1
         scan NUT       -> go in hand 1 nut
         scan A-01-02   -> accept moved 1 nut from R-01-01 to A-01-02 line 3",
    );
}

#[test]
fn a_line_may_be_left_for_later() {
    opened(replenish(&[
        "bolt 1 @R-01-01 >A-01-01",
        "nut 1 @R-01-02 >A-01-02",
    ]))
    .play(
        "key skip       -> go skipped
         scan R-01-02   -> go location R-01-02
         scan NUT       -> go in hand 1 nut
         key skip       -> reject key unused
         scan A-01-02   -> accept moved 1 nut from R-01-02 to A-01-02 line 2
         key skip       -> reject key unused
         scan R-01-01   -> go location R-01-01
         scan BOLT      -> go in hand 1 bolt
         scan A-01-01   -> accept moved 1 bolt from R-01-01 to A-01-01 line 1
         key done       -> accept task closed",
    );
}

#[test]
fn skipping_can_be_taken_back() {
    opened(replenish(&[
        "bolt 1 @R-01-01 >A-01-01",
        "nut 1 @R-01-01 >A-01-02",
    ]))
    .play(
        "scan R-01-01   -> go location R-01-01
         key skip       -> go skipped
         key undo       -> go back
         restart        -> quiet
         scan BOLT      -> go in hand 1 bolt",
    );
}

#[test]
fn an_empty_reserve_closes_its_line() {
    opened(replenish(&[
        "bolt 24 @R-01-01 >A-01-01",
        "nut 2 @R-01-02 >A-01-02",
    ]))
    .play(
        "scan R-01-01   -> go location R-01-01
         scan CASE      -> go in hand 12 bolt
         scan A-01-01   -> accept moved 12 bolt from R-01-01 to A-01-01 line 1
         key exception  -> ask which exception short location_empty wrong_goods found unreadable
         key 2          -> accept closed from R-01-01 line 1 location_empty 12
         key undo       -> accept reversed #2 line_closed from R-01-01 line 1
         key short      -> ask why short 12
         restart        -> quiet
         key 1          -> accept closed from R-01-01 line 1 short 12 empty
         scan R-01-02   -> go location R-01-02
         key exception  -> ask which exception short location_empty wrong_goods found unreadable
         key 3          -> ask why wrong_goods
         key 3          -> accept reported from R-01-02 line 2 wrong_goods mixed
         key done       -> ask end with 1 open
         key enter      -> accept closed from R-01-02 line 2 short 2; task closed",
    );
}

#[test]
fn a_full_pick_place_takes_no_more() {
    opened(replenish(&["bolt 24 @R-01-01 >A-01-01"])).play(
        "scan R-01-01   -> go location R-01-01
         scan CASE      -> go in hand 12 bolt
         scan A-01-01   -> accept moved 12 bolt from R-01-01 to A-01-01 line 1
         scan CASE      -> go in hand 12 bolt
         key exception  -> ask which exception location_full damaged short unreadable
         key 1          -> ask why location_full
         key 1          -> accept reported to A-01-01 line 1 location_full full
         scan R-01-01   -> reject place R-01-01, wanted where it goes
         scan A-02-01   -> accept moved 12 bolt from R-01-01 to A-02-01 line 1 other_place full",
    );
}

#[test]
fn more_than_planned_is_asked_about() {
    opened(replenish(&["bolt 12 @R-01-01 >A-01-01"])).play(
        "scan R-01-01   -> go location R-01-01
         scan (01)BOLT(30)13 -> ask over bolt by 1
         key escape     -> quiet
         scan BAG-OF-BOLTS -> go in hand 5 bolt
         scan CASE      -> ask over bolt by 5
         key enter      -> go in hand 17 bolt
         scan A-01-01   -> accept moved 5 bolt from R-01-01 to A-01-01 line 1; moved 12 bolt from R-01-01 to A-01-01 line 1 over 5
         scan CASE      -> reject bolt full",
    );
}

#[test]
fn lots_and_dates_of_the_list_are_held_to() {
    opened(replenish(&[
        "milk 2 @R-01-01 >A-01-01 lot L1",
        "milk 2 @R-01-02 >A-01-01 from 2027-06-01",
    ]))
    .play(
        "scan R-01-01   -> go location R-01-01
         scan (01)MILK(10)L2(17)271231 -> reject lot L2, wanted L1
         scan (01)MILK(10)L1(17)271231 -> go in hand 1 milk
         scan (01)MILK(10)L2(17)271231 -> reject lot L2, wanted L1
         key enter      -> quiet
         scan A-01-01   -> accept moved 1 milk lot L1 exp 2027-12-31 from R-01-01 to A-01-01 line 1
         scan R-01-02   -> go location R-01-02
         scan (01)MILK(10)L9(17)270101 -> reject expired 2027-01-01
         scan (01)MILK(10)L9(17)270601 -> go in hand 1 milk
         scan A-01-01   -> accept moved 1 milk lot L9 exp 2027-06-01 from R-01-02 to A-01-01 line 2",
    );
}

#[test]
fn entered_numbers_and_serials() {
    opened(entering(replenish(&[
        "bolt 24 @R-01-01 >A-01-01",
        "drill 1 @R-01-01 >A-01-02",
        "oil 5 @R-01-01 >A-01-03",
    ])))
    .play(
        "scan R-01-01   -> go location R-01-01
         scan CASE      -> ask how many bolt, 2
         keys 3 enter   -> ask over bolt by 12
         key escape     -> quiet
         scan CASE      -> ask how many bolt, 2
         key enter      -> go in hand 24 bolt
         scan A-01-01   -> accept moved 24 bolt from R-01-01 to A-01-01 line 1
         scan (01)DRILL(21)S1 -> go in hand 1 drill
         scan A-01-02   -> accept moved 1 drill serial S1 from R-01-01 to A-01-02 line 2
         scan OIL       -> ask how many oil, 2
         keys 1 enter   -> go in hand 2.5 oil
         scan A-01-03   -> accept moved 2.5 oil from R-01-01 to A-01-03 line 3",
    );
}

#[test]
fn a_pallet_is_brought_as_a_whole() {
    opened(replenish(&["bolt 48 @R-01-01 >A-01-01 #T-5", "nut 9 @R-01-01 >A-01-01 #T-5"])).play(
        "scan T-5       -> reject unit T-5, wanted R-01-01
         scan R-01-01   -> go location R-01-01
         scan T-6       -> reject unit T-6 not on list
         scan T-5       -> go in hand T-5
         scan A-01-01   -> accept moved 48 bolt on T-5 from R-01-01 to A-01-01 line 1; moved 9 nut on T-5 from R-01-01 to A-01-01 line 2
         scan T-5       -> reject unit T-5 done already
         key done       -> accept task closed",
    );
}

#[test]
fn both_places_by_their_digits() {
    let mut floor = opened(replenish(&["bolt 2 @R-01-01 >A-01-01"]));
    for (place, digits) in [("R-01-01", "11"), ("A-01-01", "22")] {
        floor.catalogue.put_location(Location {
            id: LocationId::from(place),
            check_digits: Some(digits.to_owned()),
            zone: None,
        });
    }
    floor.play(
        "keys 22 enter  -> reject check digits of R-01-01
         keys 11 enter  -> go location R-01-01
         key 1          -> reject key unused
         scan BOLT      -> go in hand 1 bolt
         keys 11 enter  -> reject check digits of A-01-01
         keys 22 enter  -> accept moved 1 bolt from R-01-01 to A-01-01 line 1",
    );
}

#[test]
fn goods_on_hold_are_brought_as_such() {
    let mut floor = opened(replenish(&["milk 2 @R-01-01 >A-01-01"]));
    floor.catalogue.put_holds(Holds {
        version: 1,
        heard: None,
        entries: vec![Hold {
            item: ItemId::from("milk"),
            lot: Some("L1".to_owned()),
            reason: "recall".to_owned(),
        }],
    });
    floor.play(
        "scan R-01-01   -> go location R-01-01
         scan (01)MILK(10)L1(17)271231 -> go in hand 1 milk
         scan (01)MILK(10)L2(17)271231 -> go in hand 2 milk
         scan A-01-01   -> accept moved 1 milk lot L1 exp 2027-12-31 hold from R-01-01 to A-01-01 line 1; moved 1 milk lot L2 exp 2027-12-31 from R-01-01 to A-01-01 line 1",
    );
}

#[test]
fn broken_goods_in_the_reserve() {
    opened(replenish(&["drill 3 @R-01-01 >A-01-01"])).play(
        "scan R-01-01   -> go location R-01-01
         scan (01)DRILL(21)S1 -> go in hand 1 drill
         scan (01)DRILL(21)S2 -> go in hand 2 drill
         key exception  -> ask which exception location_full damaged short unreadable
         key 2          -> ask why damaged
         key 1          -> ask how much drill damaged
         keys 0.5 enter -> reject 0.5 drill, open 2
         keys 1 enter   -> accept status_changed 1 drill serial S2 damaged from R-01-01 to R-01-01 line 1 damaged 1 broken
         scan Q-01-01   -> accept moved 1 drill serial S2 damaged from R-01-01 to Q-01-01 line 1
         scan (01)DRILL(21)S1 -> go in hand 1 drill",
    );
}

#[test]
fn undo_goes_back_step_by_step() {
    opened(replenish(&["bolt 2 @R-01-01 >A-01-01"])).play(
        "scan R-01-01   -> go location R-01-01
         scan BOLT      -> go in hand 1 bolt
         scan BOLT      -> go in hand 2 bolt
         scan A-01-01   -> accept moved 2 bolt from R-01-01 to A-01-01 line 1
         scan CMD-undo  -> accept reversed #1 moved 2 bolt from R-01-01 to A-01-01 line 1
         scan CMD-undo  -> go back
         scan A-01-01   -> accept moved 1 bolt from R-01-01 to A-01-01 line 1
         scan CMD-undo  -> accept reversed #3 moved 1 bolt from R-01-01 to A-01-01 line 1
         scan CMD-undo  -> go back
         scan CMD-undo  -> go back
         scan CMD-undo  -> go back
         scan CMD-undo  -> reject nothing to undo",
    );
}
