//! Putting away, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, entering, lines, task};
use crate::confirmation::ExceptionCode;
use crate::ids::{ItemId, LocationId};
use crate::site::{Hold, Holds, Location};
use crate::task::{Task, TaskKind};

const PALLET: &str = "#095212345678912347";

fn putaway(texts: &[&str]) -> Task {
    task("P1", TaskKind::Putaway, lines(texts))
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-P1 -> go task P1");
    floor
}

#[test]
fn goods_are_taken_in_hand_and_set_down_where_they_are_proposed() {
    let mut floor = opened(putaway(&["bolt 3 @DOCK-1 >A-01-01", "nut 1 @DOCK-1 >A-01-02"]));
    floor.play(
        "scan A-01-01   -> reject place A-01-01, wanted an item
         scan DOCK-1    -> go location DOCK-1
         scan BOLT      -> go in hand 1 bolt
         scan BOLT      -> go in hand 2 bolt
         scan NUT       -> reject item nut, wanted A-01-01
         scan BOLT      -> go in hand 3 bolt",
    );
    assert_eq!(
        floor.screen(),
        "Put away DOC-P1 | Bring it there and scan the place | [A-01-01 ] | Item: Hex bolt M8 | Number: bolt | In hand: 3 | \
         From: DOCK-1 | 3 each Hex bolt M8 in hand."
    );
    floor.play(
        "key done       -> reject item bolt, wanted A-01-01
         scan DOCK-1    -> reject place DOCK-1, wanted A-01-01
         scan A-01-01   -> accept moved 3 bolt from DOCK-1 to A-01-01 line 1
         scan NUT       -> go in hand 1 nut
         scan A-01-02   -> accept moved 1 nut from DOCK-1 to A-01-02 line 2
         scan BOLT      -> ask over bolt by 1
         key escape     -> quiet
         key done       -> accept task closed
         scan DOC-P1    -> reject P1 done",
    );
}

#[test]
fn the_screen_says_why_a_place_is_proposed() {
    let mut task = putaway(&["bolt 3 @DOCK-1 >A-01-01"]);
    task.lines[0].why = Some("same item there".to_owned());
    let mut floor = opened(task);
    assert!(floor.screen().contains("To: A-01-01"), "{}", floor.screen());
    floor.play("scan BOLT -> go in hand 1 bolt");
    assert!(
        floor.screen().contains("Because: same item there"),
        "{}",
        floor.screen()
    );
}

#[test]
fn another_place_is_taken_with_its_reason() {
    opened(putaway(&["bolt 30 @DOCK-1 >A-01-01", "nut 1 @DOCK-1"])).play(
        "scan CASE      -> go in hand 12 bolt
         scan A-01-02   -> ask why other_place
         scan A-01-01   -> reject place A-01-01, wanted an answer
         key escape     -> quiet
         scan A-01-02   -> ask why other_place
         key 9          -> reject key unused
         key 1          -> accept moved 12 bolt from DOCK-1 to A-01-02 line 1 other_place full
         scan CASE      -> go in hand 12 bolt
         scan A-01-02   -> ask why other_place
         restart        -> quiet
         key 4          -> accept moved 12 bolt from DOCK-1 to A-01-02 line 1 other_place better_place
         key undo       -> accept reversed #2 moved 12 bolt from DOCK-1 to A-01-02 line 1
         scan A-01-01   -> accept moved 12 bolt from DOCK-1 to A-01-01 line 1
         scan NUT       -> go in hand 1 nut
         scan A-05-05   -> accept moved 1 nut from DOCK-1 to A-05-05 line 2",
    );
}

#[test]
fn a_site_without_reasons_is_not_asked_for_one() {
    let mut floor = opened(putaway(&["bolt 3 @DOCK-1 >A-01-01"]));
    floor.catalogue.put_reasons(ExceptionCode::OtherPlace, &[]);
    floor.catalogue.put_reasons(ExceptionCode::LocationFull, &[]);
    floor.play(
        "scan BOLT      -> go in hand 1 bolt
         scan A-01-02   -> accept moved 1 bolt from DOCK-1 to A-01-02 line 1 other_place
         scan BOLT      -> go in hand 1 bolt
         key exception  -> ask which exception location_full damaged short unreadable
         key 1          -> accept reported to A-01-01 line 1 location_full
         scan A-01-03   -> accept moved 1 bolt from DOCK-1 to A-01-03 line 1 other_place",
    );
}

#[test]
fn a_place_that_the_site_does_not_have_takes_nothing() {
    let mut floor = opened(putaway(&["bolt 3 @DOCK-1 >A-01-01"]));
    let places = ["DOCK-1", "A-01-01"].map(LocationId::from);
    floor.catalogue.put_locations(places.to_vec());
    floor.play(
        "scan BOLT      -> go in hand 1 bolt
         scan Z-99-99   -> reject unknown Z-99-99
         scan A-01-01   -> accept moved 1 bolt from DOCK-1 to A-01-01 line 1
         scan Z-99-99   -> reject unknown Z-99-99",
    );
}

#[test]
fn a_line_is_split_by_typing_a_smaller_number() {
    opened(putaway(&["bolt 30 @DOCK-1 >A-01-01"])).play(
        "scan BOLT      -> go in hand 1 bolt
         key 9          -> ask how many bolt
         key enter      -> go in hand 10 bolt
         scan A-01-01   -> accept moved 10 bolt from DOCK-1 to A-01-01 line 1
         key 5          -> reject key unused
         scan BOLT      -> go in hand 1 bolt
         key enter      -> ask how many bolt, 19
         key enter      -> go in hand 20 bolt
         key enter      -> ask how many bolt
         key escape     -> quiet
         scan A-01-02   -> ask why other_place
         key 2          -> accept moved 20 bolt from DOCK-1 to A-01-02 line 1 other_place blocked
         key done       -> accept task closed",
    );
    opened(entering(putaway(&["bolt 30 @DOCK-1 >A-01-01"]))).play(
        "scan CASE      -> ask how many bolt, 2
         keys 1 enter   -> go in hand 12 bolt
         scan A-01-01   -> accept moved 12 bolt from DOCK-1 to A-01-01 line 1
         scan BOLT      -> ask how many bolt, 18
         scan A-01-01   -> reject place A-01-01, wanted a number
         keys 2*4+1 enter -> go in hand 9 bolt
         scan BOLT      -> ask how many bolt, 9
         key enter      -> go in hand 18 bolt
         scan A-01-01   -> accept moved 18 bolt from DOCK-1 to A-01-01 line 1
         key done       -> accept task closed",
    );
}

#[test]
fn a_whole_pallet_stands_for_all_its_lines() {
    let lines = [
        format!("bolt 30 @DOCK-1 >B-01-01 {PALLET}"),
        format!("nut 4 @DOCK-1 >B-01-01 {PALLET}"),
        "milk 2 @DOCK-1 >C-01-01".to_owned(),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let mut floor = opened(putaway(&lines));
    floor.play(
        "scan T-9       -> reject unit T-9 not on list
         scan (00)095212345678912347 -> go in hand 095212345678912347
         scan (00)095212345678912347 -> go in hand 095212345678912347
         scan T-9       -> reject unit T-9, wanted B-01-01
         scan MILK      -> reject item milk, wanted B-01-01",
    );
    assert!(floor.screen().contains("[B-01-01 ]"), "{}", floor.screen());
    floor.play(
        "key short      -> reject key unused
         scan B-01-01   -> accept moved 30 bolt on 095212345678912347 from DOCK-1 to B-01-01 line 1; moved 4 nut on 095212345678912347 from DOCK-1 to B-01-01 line 2
         scan (00)095212345678912347 -> reject unit 095212345678912347 done already
         key undo       -> accept reversed #2 moved 4 nut on 095212345678912347 from DOCK-1 to B-01-01 line 2; reversed #1 moved 30 bolt on 095212345678912347 from DOCK-1 to B-01-01 line 1
         restart        -> quiet
         scan B-01-02   -> ask why other_place
         key 3          -> accept moved 30 bolt on 095212345678912347 from DOCK-1 to B-01-02 line 1 other_place does_not_fit; moved 4 nut on 095212345678912347 from DOCK-1 to B-01-02 line 2 other_place does_not_fit",
    );
}

#[test]
fn pieces_taken_off_a_pallet_leave_it() {
    let line = format!("bolt 30 @DOCK-1 >B-01-01 {PALLET}");
    opened(putaway(&[line.as_str()])).play(
        "scan (00)095212345678912347 -> go in hand 095212345678912347
         scan CASE      -> go in hand 12 bolt
         scan (00)095212345678912347 -> reject unit 095212345678912347, wanted B-01-01
         scan B-01-01   -> accept moved 12 bolt from DOCK-1 to B-01-01 line 1
         scan (00)095212345678912347 -> go in hand 095212345678912347
         scan B-01-01   -> accept moved 18 bolt on 095212345678912347 from DOCK-1 to B-01-01 line 1
         key done       -> accept task closed",
    );
}

#[test]
fn a_label_that_names_its_pallet_moves_it_along() {
    opened(putaway(&["bolt 8 @DOCK-1 >B-01-01"])).play(
        "scan (00)095212345678912347(02)BOLT(37)4 -> go in hand 4 bolt
         scan B-01-01   -> accept moved 4 bolt on 095212345678912347 from DOCK-1 to B-01-01 line 1",
    );
}

#[test]
fn a_pallet_whose_contents_nobody_said_is_moved_as_it_is() {
    let line = format!("@DOCK-1 >B-01-01 {PALLET}");
    opened(putaway(&[line.as_str()])).play(
        "scan BOLT      -> ask found 04006381333931
         key escape     -> quiet
         scan (00)095212345678912347 -> go in hand 095212345678912347
         scan B-01-01   -> accept moved 1 ?095212345678912347 on 095212345678912347 from DOCK-1 to B-01-01 line 1; closed line 1
         key undo       -> accept reversed #2 line_closed line 1; reversed #1 moved 1 ?095212345678912347 on 095212345678912347 from DOCK-1 to B-01-01 line 1
         scan B-01-01   -> accept moved 1 ?095212345678912347 on 095212345678912347 from DOCK-1 to B-01-01 line 1; closed line 1
         key done       -> accept task closed",
    );
}

#[test]
fn lots_dates_and_serials_are_kept_apart_in_hand() {
    opened(putaway(&["milk 3 @DOCK-1 >A-01-01", "drill 2 @DOCK-1 >A-01-02"])).play(
        "scan (01)MILK(10)L1(17)271231 -> go in hand 1 milk
         scan (01)MILK(10)L1(17)271231 -> go in hand 2 milk
         scan (01)MILK(10)L2(17)271231 -> go in hand 3 milk
         scan A-01-01   -> accept moved 2 milk lot L1 exp 2027-12-31 from DOCK-1 to A-01-01 line 1; moved 1 milk lot L2 exp 2027-12-31 from DOCK-1 to A-01-01 line 1
         scan DRILL     -> ask serial of drill
         keys S1 enter  -> go in hand 1 drill
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         scan (01)DRILL(21)S2 -> go in hand 2 drill
         scan A-01-02   -> accept moved 1 drill serial S1 from DOCK-1 to A-01-02 line 2; moved 1 drill serial S2 from DOCK-1 to A-01-02 line 2
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         key undo       -> accept reversed #4 moved 1 drill serial S2 from DOCK-1 to A-01-02 line 2; reversed #3 moved 1 drill serial S1 from DOCK-1 to A-01-02 line 2
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         key undo       -> go back
         scan (01)DRILL(21)S2 -> go in hand 2 drill",
    );
}

#[test]
fn a_lot_of_the_list_is_its_own_line() {
    opened(putaway(&[
        "milk 1 @DOCK-1 >A-01-01 lot L1",
        "milk 1 @DOCK-1 >A-01-02 lot L2",
    ]))
    .play(
        "scan (01)MILK(10)L2(17)271231 -> go in hand 1 milk
         scan (01)MILK(10)L1(17)271231 -> reject item milk, wanted A-01-02
         scan A-01-02   -> accept moved 1 milk lot L2 exp 2027-12-31 from DOCK-1 to A-01-02 line 2
         scan (01)MILK(10)L3(17)271231 -> ask found 04000417025005",
    );
}

#[test]
fn more_than_the_list_says_is_asked_about_and_recorded() {
    opened(putaway(&["bolt 13 @DOCK-1 >A-01-01"])).play(
        "scan CASE      -> go in hand 12 bolt
         scan CASE      -> ask over bolt by 11
         key escape     -> quiet
         scan BOLT      -> go in hand 13 bolt
         scan BOLT      -> ask over bolt by 1
         scan CMD-yes   -> go in hand 14 bolt
         scan A-01-01   -> accept moved 12 bolt from DOCK-1 to A-01-01 line 1; moved 2 bolt from DOCK-1 to A-01-01 line 1 over 1
         scan BOLT      -> ask over bolt by 2
         key enter      -> go in hand 1 bolt
         scan A-01-02   -> ask why other_place
         key 1          -> accept moved 1 bolt from DOCK-1 to A-01-02 line 1 over 2; reported to A-01-02 line 1 other_place full",
    );
}

#[test]
fn goods_on_no_list_are_put_away_as_found() {
    opened(putaway(&["bolt 1 @DOCK-1 >A-01-01"])).play(
        "scan GHOST     -> reject unknown 09999999999994, link it
         scan NUT       -> ask found 04012345678901
         key escape     -> quiet
         scan DOCK-1    -> go location DOCK-1
         scan NUT       -> ask found 04012345678901
         key enter      -> go in hand 1 nut
         scan BOLT      -> reject item bolt, wanted where it goes
         scan DOCK-1    -> reject place DOCK-1, wanted where it goes
         scan A-07-01   -> accept moved 1 nut from DOCK-1 to A-07-01 found 1
         key undo       -> accept reversed #1 moved 1 nut from DOCK-1 to A-07-01",
    );
}

#[test]
fn a_full_place_is_reported_and_another_one_taken() {
    opened(putaway(&["bolt 5 @DOCK-1 >A-01-01"])).play(
        "key exception  -> ask which exception short wrong_goods found unreadable
         key escape     -> quiet
         scan BAG-OF-BOLTS -> go in hand 5 bolt
         key exception  -> ask which exception location_full damaged short unreadable
         key 1          -> ask why location_full
         key 2          -> accept reported to A-01-01 line 1 location_full blocked
         restart        -> quiet
         key exception  -> ask which exception damaged short unreadable
         key escape     -> quiet
         scan DOCK-1    -> reject place DOCK-1, wanted where it goes
         scan A-01-02   -> accept moved 5 bolt from DOCK-1 to A-01-02 line 1 other_place blocked
         key undo       -> accept reversed #2 moved 5 bolt from DOCK-1 to A-01-02 line 1
         scan A-01-01   -> accept moved 5 bolt from DOCK-1 to A-01-01 line 1",
    );
}

#[test]
fn broken_goods_are_told_apart_and_go_anywhere() {
    opened(putaway(&["bolt 12 @DOCK-1 >A-01-01"])).play(
        "scan CASE      -> go in hand 12 bolt
         key exception  -> ask which exception location_full damaged short unreadable
         key 2          -> ask why damaged
         key 2          -> ask how much bolt damaged
         keys 13 enter  -> reject 13 bolt, open 12
         keys 0 enter   -> reject entry \"0\", wanted a number
         keys 3 enter   -> accept status_changed 3 bolt damaged from DOCK-1 to DOCK-1 line 1 damaged 3 wet
         scan BOLT      -> reject item bolt, wanted where it goes
         scan DOCK-1    -> reject place DOCK-1, wanted where it goes
         scan A-09-09   -> accept moved 3 bolt damaged from DOCK-1 to A-09-09 line 1
         scan BAG-OF-BOLTS -> go in hand 5 bolt
         scan A-01-01   -> accept moved 5 bolt from DOCK-1 to A-01-01 line 1
         scan BOLT      -> go in hand 1 bolt
         key exception  -> ask which exception location_full damaged short unreadable
         key 2          -> ask why damaged
         key 1          -> accept status_changed 1 bolt damaged from DOCK-1 to DOCK-1 line 1 damaged 1 broken
         key undo       -> accept reversed #4 status_changed 1 bolt damaged from DOCK-1 to DOCK-1 line 1
         scan BOLT      -> go in hand 2 bolt",
    );
}

#[test]
fn what_is_missing_closes_the_line() {
    opened(putaway(&["bolt 12 @DOCK-1 >A-01-01", "nut 2 @DOCK-1 >A-01-01", "milk 1 @DOCK-1"])).play(
        "scan BAG-OF-BOLTS -> go in hand 5 bolt
         key short      -> ask why short 7
         key 3          -> accept closed from DOCK-1 line 1 short 7 not_found
         key short      -> reject key unused
         scan A-01-01   -> accept moved 5 bolt from DOCK-1 to A-01-01 line 1
         key exception  -> ask which exception short wrong_goods found unreadable
         key 1          -> ask why short 2
         key escape     -> quiet
         key done       -> ask end with 2 open
         key enter      -> accept closed from DOCK-1 line 2 short 2; closed from DOCK-1 line 3 short 1; task closed
         key undo       -> reject nothing to undo",
    );
}

#[test]
fn what_only_the_office_has_to_know_is_reported() {
    opened(putaway(&["bolt 12 @DOCK-1 >A-01-01"])).play(
        "key exception  -> ask which exception short wrong_goods found unreadable
         key 2          -> ask why wrong_goods
         key 1          -> accept reported from DOCK-1 line 1 wrong_goods other_item
         key exception  -> ask which exception short wrong_goods found unreadable
         key 3          -> accept reported from DOCK-1 line 1 found
         key exception  -> ask which exception short wrong_goods found unreadable
         key 4          -> accept reported from DOCK-1 line 1 unreadable
         type BOLT      -> go in hand 1 bolt
         key exception  -> ask which exception location_full damaged short unreadable
         key 4          -> accept reported from DOCK-1 line 1 unreadable
         key undo       -> accept reversed #4 reported from DOCK-1 line 1
         scan A-01-01   -> accept moved 1 bolt from DOCK-1 to A-01-01 line 1",
    );
}

#[test]
fn a_place_is_confirmed_by_the_digits_beside_it() {
    let mut floor = opened(putaway(&["bolt 12 @DOCK-1 >A-01-01"]));
    floor.catalogue.put_location(Location {
        id: LocationId::from("A-01-01"),
        check_digits: Some("47".to_owned()),
        zone: None,
    });
    floor.play(
        "key 4          -> reject key unused
         scan BOLT      -> go in hand 1 bolt
         key enter      -> ask how many bolt, 11
         keys 4 enter   -> go in hand 5 bolt
         keys 48 enter  -> reject check digits of A-01-01
         keys 4 back enter -> quiet
         keys 47 enter  -> accept moved 5 bolt from DOCK-1 to A-01-01 line 1",
    );
    let typed = floor.journal.last().unwrap();
    assert!(typed.raw.is_some(), "the read of the goods");
}

#[test]
fn goods_on_hold_are_put_away_as_such() {
    let line = format!("bolt 30 @DOCK-1 >B-01-01 {PALLET}");
    let mut floor = opened(putaway(&["nut 2 @DOCK-1 >A-01-01", line.as_str()]));
    let hold = |item: &str| Hold {
        item: ItemId::from(item),
        lot: None,
        reason: "recall".to_owned(),
    };
    floor.catalogue.put_holds(Holds {
        version: 1,
        heard: None,
        entries: vec![hold("nut"), hold("bolt")],
    });
    floor.play(
        "scan NUT       -> go in hand 1 nut
         scan A-01-01   -> accept moved 1 nut hold from DOCK-1 to A-01-01 line 1
         scan (00)095212345678912347 -> go in hand 095212345678912347
         scan B-01-01   -> accept moved 30 bolt on 095212345678912347 hold from DOCK-1 to B-01-01 line 2",
    );
}

#[test]
fn a_line_without_a_dock_says_nothing_of_it_until_it_is_scanned() {
    opened(putaway(&["bolt 5 >A-01-01"])).play(
        "scan BOLT      -> go in hand 1 bolt
         scan A-01-01   -> accept moved 1 bolt to A-01-01 line 1
         scan DOCK-2    -> go location DOCK-2
         scan BOLT      -> go in hand 1 bolt
         scan A-01-01   -> accept moved 1 bolt from DOCK-2 to A-01-01 line 1",
    );
}

#[test]
fn codes_in_one_pull_are_never_chosen_between() {
    opened(putaway(&["bolt 5 @DOCK-1 >A-01-01", "milk 1 @DOCK-1 >A-01-01"])).play(
        "scan BOLT + NUT -> ask two in view 04006381333931 04012345678901
         scan MILK + (10)L1 + (17)271231 -> go in hand 1 milk
         scan A-01-01 + A-01-02 -> ask two in view A-01-01 A-01-02
         scan NOISE + A-01-01 -> accept moved 1 milk lot L1 exp 2027-12-31 from DOCK-1 to A-01-01 line 2
         scan NOISE     -> reject unknown NOISE, link it
         scan (10)L5    -> reject text (10)L5, wanted an item
         scan DOC-P1    -> reject document DOC-P1, wanted an item",
    );
}

#[test]
fn leaving_puts_back_what_is_in_hand() {
    opened(putaway(&["bolt 5 @DOCK-1 >A-01-01"])).play(
        "scan BOLT      -> go in hand 1 bolt
         key escape     -> go left P1
         scan DOC-P1    -> go task P1
         scan BOLT      -> go in hand 1 bolt
         key undo       -> go back
         key skip       -> reject key unused
         scan A-01-01   -> reject place A-01-01, wanted an item
         key undo       -> go back
         key undo       -> reject nothing to undo",
    );
}

#[test]
fn a_task_that_changes_keeps_what_is_in_hand() {
    let mut floor = opened(putaway(&["bolt 5 @DOCK-1 >A-01-01", "nut 5 @DOCK-1 >A-01-02"]));
    floor.play("scan NUT -> go in hand 1 nut");
    let mut changed = putaway(&["bolt 5 @DOCK-1 >A-01-01", "nut 5 @DOCK-1 >A-01-07"]);
    changed.revision = 2;
    floor.catalogue.put_task(changed.clone());
    floor.play("changed P1 -> quiet");
    assert!(floor.screen().contains("[A-01-07 ]"), "{}", floor.screen());
    changed.lines.truncate(1);
    changed.revision = 3;
    floor.catalogue.put_task(changed);
    floor.play(
        "changed P1     -> quiet
         scan A-01-07   -> accept moved 1 nut to A-01-07 found 1
         scan BOLT      -> go in hand 1 bolt",
    );
}
