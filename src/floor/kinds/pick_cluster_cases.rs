//! Picking into the totes of a cart, whole pallets, the hand-over between zones, and lines that are left for later, row by
//! row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, entering, lines, task};
use crate::confirmation::ExceptionCode;
use crate::ids::{HandlingUnitId, LineNumber, LocationId};
use crate::plan::PickPlan;
use crate::site::{Hold, Holds, Location};
use crate::task::{Task, TaskKind};

fn pick(plan: PickPlan, texts: &[&str]) -> Task {
    task("P1", TaskKind::Pick(plan), lines(texts))
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-P1 -> go task P1");
    floor
}

fn cluster(texts: &[&str]) -> Floor {
    opened(pick(PickPlan::default(), texts))
}

fn by_zone(texts: &[&str]) -> Floor {
    let plan = PickPlan {
        into: Some(HandlingUnitId::from("T-7")),
        hand_over: Some(LocationId::from("Z-01-01")),
    };
    opened(pick(plan, texts))
}

#[test]
fn each_piece_goes_into_the_tote_of_its_line() {
    cluster(&[
        "bolt 2 @A-01-01 into T-1",
        "bolt 1 @A-01-01 into T-2",
        "nut 1 @A-01-02 into T-1",
    ])
    .play(
        "scan BOLT      -> reject item bolt, wanted A-01-01
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> go put into T-1
         # The tote first: neither goods nor places go before it.
         scan BOLT      -> reject item bolt, wanted unit T-1
         scan NUT       -> reject item nut, wanted unit T-1
         scan A-01-01   -> reject place A-01-01, wanted unit T-1
         scan T-2       -> reject unit T-2, wanted T-1
         scan T-9       -> reject unit T-9, wanted T-1
         scan T-1       -> accept picked 1 bolt from A-01-01 to T-1 line 1
         # The tote of this line was scanned just before: not again.
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         # Another line, another tote.
         scan BOLT      -> go put into T-2
         scan T-1       -> reject unit T-1, wanted T-2
         scan T-2       -> accept picked 1 bolt from A-01-01 to T-2 line 2
         scan A-01-02   -> go location A-01-02
         scan NUT       -> go put into T-1
         scan T-1       -> accept picked 1 nut from A-01-02 to T-1 line 3
         scan T-1       -> reject unit T-1, wanted done
         key done       -> accept task closed",
    );
}

#[test]
fn the_tote_may_be_scanned_before_the_goods() {
    cluster(&["bolt 2 @A-01-01 into T-1", "nut 2 @A-01-01 into T-1"]).play(
        "scan A-01-01   -> go location A-01-01
         scan T-2       -> reject unit T-2, wanted T-1
         scan T-1       -> go tote T-1
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         # The same tote, but other goods: it is scanned for them, too.
         scan NUT       -> go put into T-1
         scan T-1       -> accept picked 1 nut from A-01-01 to T-1 line 2",
    );
}

#[test]
fn a_number_is_asked_before_the_tote() {
    opened(entering(pick(
        PickPlan::default(),
        &["bolt 5 @A-01-01 into T-1", "milk 2 @A-01-01 into T-2"],
    )))
    .play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> ask how many bolt, 5
         keys 6 enter   -> reject 6 bolt, open 5
         keys 3 enter   -> go put into T-1
         scan T-1       -> accept picked 3 bolt from A-01-01 to T-1 line 1
         scan BOLT      -> ask how many bolt, 2
         key enter      -> accept picked 2 bolt from A-01-01 to T-1 line 1
         scan (01)MILK(10)L1(17)271231 -> ask how many milk, 2
         key enter      -> go put into T-2
         scan T-2       -> accept picked 2 milk lot L1 exp 2027-12-31 from A-01-01 to T-2 line 2",
    );
}

#[test]
fn one_scan_and_the_rest_typed_in_a_cluster() {
    cluster(&["bolt 5 @A-01-01 into T-1"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> go put into T-1
         key 4          -> reject key unused
         scan T-1       -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key 4          -> ask how many bolt
         key enter      -> accept picked 4 bolt from A-01-01 to T-1 line 1",
    );
}

#[test]
fn goods_in_hand_are_put_back_by_undo() {
    cluster(&["bolt 2 @A-01-01 into T-1", "drill 1 @A-01-01 into T-2"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> go put into T-1
         key undo       -> go back
         scan T-1       -> go tote T-1
         key undo       -> go back
         scan BOLT      -> go put into T-1
         scan T-1       -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key undo       -> accept reversed #1 picked 1 bolt from A-01-01 to T-1 line 1
         # The piece is in hand again.
         scan BOLT      -> reject item bolt, wanted unit T-1
         scan T-1       -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan (01)DRILL(21)S1 -> go put into T-2
         scan T-2       -> accept picked 1 drill serial S1 from A-01-01 to T-2 line 2",
    );
}

#[test]
fn keys_wait_for_the_goods_in_hand() {
    cluster(&["bolt 2 @A-01-01 into T-1", "nut 1 @A-01-02 into T-2"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> go put into T-1
         key short      -> reject item bolt, wanted unit T-1
         key skip       -> reject item bolt, wanted unit T-1
         key done       -> reject item bolt, wanted unit T-1
         key exception  -> ask which exception unit_full
         key escape     -> quiet
         restart        -> quiet
         type T-1       -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
}

#[test]
fn goods_in_hand_of_a_line_that_changed_are_put_back() {
    let mut floor = cluster(&["bolt 2 @A-01-01 into T-1", "nut 1 @A-01-02 into T-2"]);
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> go put into T-1",
    );
    let mut task = pick(
        PickPlan::default(),
        &["bolt 2 @A-01-01 into T-3", "nut 1 @A-01-02 into T-2"],
    );
    task.revision = 2;
    floor.catalogue.put_task(task.clone());
    floor.play(
        "changed P1     -> quiet
         # Still wanted, only elsewhere.
         scan T-1       -> reject unit T-1, wanted T-3",
    );
    task.revision = 3;
    task.lines.retain(|line| line.number != LineNumber(1));
    floor.catalogue.put_task(task);
    floor.play(
        "changed P1     -> quiet
         scan T-3       -> reject unit T-3, wanted T-2
         scan A-01-02   -> go location A-01-02
         scan NUT       -> go put into T-2",
    );
}

#[test]
fn a_full_tote_of_the_cart_is_replaced_for_all_its_lines() {
    cluster(&["bolt 2 @A-01-01 into T-1", "nut 1 @A-01-01 into T-1", "nut 1 @A-01-01 into T-2"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> go put into T-1
         scan T-1       -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key exception  -> ask which exception short damaged wrong_goods expired blocked location_empty unit_full unreadable
         key 7          -> accept unit_closed from T-1 line 1 unit_full
         scan BOLT      -> reject item bolt, wanted a tote
         # Not the one that is full, and no other of the cart.
         scan T-1       -> reject unit T-1, wanted a tote
         scan T-2       -> reject unit T-2, wanted a tote
         scan T-9       -> go tote T-9
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-9 line 1
         scan NUT       -> go put into T-9
         scan T-1       -> reject unit T-1, wanted T-9
         scan T-9       -> accept picked 1 nut from A-01-01 to T-9 line 2
         scan NUT       -> go put into T-2
         scan T-2       -> accept picked 1 nut from A-01-01 to T-2 line 3",
    );
}

#[test]
fn a_tote_that_fills_with_goods_in_hand() {
    cluster(&["bolt 2 @A-01-01 into T-1"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> go put into T-1
         key exception  -> ask which exception unit_full
         key 1          -> accept unit_closed from T-1 line 1 unit_full
         scan BOLT      -> reject item bolt, wanted a tote
         scan T-8       -> accept picked 1 bolt from A-01-01 to T-8 line 1
         key undo       -> accept reversed #2 picked 1 bolt from A-01-01 to T-8 line 1
         key undo       -> accept reversed #1 unit_closed from T-1 line 1
         scan T-1       -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
}

#[test]
fn a_full_tote_of_the_task_is_one_key_and_the_next_tote() {
    opened(pick(PickPlan::default(), &["bolt 3 @A-01-01"])).play(
        "scan T-1       -> go tote T-1
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         keys exception 7 -> accept unit_closed from T-1 line 1 unit_full
         scan BOLT      -> reject item bolt, wanted a tote
         keys exception 7 -> reject key unused
         scan T-2       -> go tote T-2
         # The place is still the right one.
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-2 line 1",
    );
}

#[test]
fn a_full_tote_that_the_hub_chose_is_replaced_as_well() {
    by_zone(&["bolt 2 @A-01-01"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-7 line 1
         keys exception 7 -> accept unit_closed from T-7 line 1 unit_full
         scan T-7       -> reject unit T-7, wanted a tote
         scan T-8       -> go tote T-8
         changed P1     -> quiet
         scan T-9       -> reject unit T-9, wanted T-8
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-8 line 1
         scan Z-01-01   -> accept handed_over from T-8 to Z-01-01; task closed",
    );
}

#[test]
fn the_tote_is_put_down_for_the_next_zone() {
    by_zone(&["bolt 1 @A-01-01", "nut 1 @A-01-02"]).play(
        "scan Z-01-01   -> reject at Z-01-01, wanted A-01-01
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-7 line 1
         scan A-01-02   -> go location A-01-02
         scan NUT       -> accept picked 1 nut from A-01-02 to T-7 line 2
         key done       -> reject key unused
         key short      -> reject key unused
         key exception  -> reject key unused
         scan NUT       -> reject item nut, wanted Z-01-01
         scan T-7       -> reject unit T-7, wanted Z-01-01
         scan Z-01-01   -> accept handed_over from T-7 to Z-01-01; task closed
         key undo       -> reject nothing to undo",
    );
}

#[test]
fn another_place_to_put_it_down_has_a_reason() {
    let mut floor = by_zone(&["bolt 1 @A-01-01"]);
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-7 line 1
         scan Z-01-02   -> ask why other_place
         key escape     -> quiet
         scan Z-01-03   -> ask why other_place
         scan Z-01-01   -> reject place Z-01-01, wanted an answer
         key 1          -> accept handed_over from T-7 to Z-01-03 other_place full; task closed",
    );
    let mut strict = by_zone(&["bolt 1 @A-01-01"]);
    strict.catalogue.put_reasons(ExceptionCode::OtherPlace, &[]);
    strict.play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-7 line 1
         scan Z-01-03   -> reject at Z-01-03, wanted Z-01-01",
    );
}

#[test]
fn an_early_end_closes_the_lines_and_the_tote_is_still_put_down() {
    by_zone(&["bolt 2 @A-01-01", "nut 1 @A-01-02"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-7 line 1
         key done       -> ask end with 2 open
         key enter      -> accept closed from A-01-01 line 1 short 1; closed from A-01-02 line 2 short 1
         key undo       -> accept reversed #3 line_closed from A-01-02 line 2; reversed #2 line_closed from A-01-01 line 1
         keys done enter -> accept closed from A-01-01 line 1 short 1; closed from A-01-02 line 2 short 1
         scan Z-01-01   -> accept handed_over from T-7 to Z-01-01; task closed",
    );
}

#[test]
fn every_tote_of_a_cart_is_put_down() {
    let plan = PickPlan {
        into: None,
        hand_over: Some(LocationId::from("Z-01-01")),
    };
    let planned = [
        "bolt 1 @A-01-01 into T-1",
        "nut 1 @A-01-01 into T-2",
        "milk 4 @A-01-01 #T-50",
    ];
    let mut floor = opened(pick(plan, &planned));
    floor.catalogue.put_location(Location {
        id: LocationId::from("Z-01-01"),
        check_digits: Some("47".to_owned()),
        zone: None,
    });
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan T-1       -> go tote T-1
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan T-2       -> go tote T-2
         scan NUT       -> accept picked 1 nut from A-01-01 to T-2 line 2
         scan T-50      -> accept picked 4 milk on T-50 from A-01-01 to T-50 line 3
         keys 12 enter  -> reject check digits of Z-01-01
         keys 47 enter  -> accept handed_over from T-1 to Z-01-01; handed_over from T-2 to Z-01-01; handed_over from T-50 to Z-01-01; task closed",
    );
}

#[test]
fn a_whole_pallet_is_one_scan() {
    cluster(&[
        "bolt 480 @A-01-01 #095212345678912347",
        "nut 96 @A-01-02 #T-50",
        "milk 24 @A-01-02 #T-50 lot L1",
        "nut 2 @A-01-02",
    ])
    .play(
        "scan (00)095212345678912347 -> reject unit 095212345678912347, wanted A-01-01
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> reject item bolt, wanted unit 095212345678912347
         scan T-50      -> reject unit T-50, wanted 095212345678912347
         scan T-77      -> reject unit T-77, wanted 095212345678912347
         scan (00)095212345678912347 -> accept picked 480 bolt on 095212345678912347 from A-01-01 to 095212345678912347 line 1
         scan (00)095212345678912347 -> reject unit 095212345678912347 done already
         scan A-01-02   -> go location A-01-02
         # A mixed pallet: one scan for all lines that lie on it.
         scan T-50      -> accept picked 96 nut on T-50 from A-01-02 to T-50 line 2; picked 24 milk lot L1 on T-50 from A-01-02 to T-50 line 3
         key undo       -> accept reversed #3 picked 24 milk lot L1 on T-50 from A-01-02 to T-50 line 3; reversed #2 picked 96 nut on T-50 from A-01-02 to T-50 line 2
         scan T-50      -> accept picked 96 nut on T-50 from A-01-02 to T-50 line 2; picked 24 milk lot L1 on T-50 from A-01-02 to T-50 line 3
         # Single pieces want a tote of their own.
         scan NUT       -> reject item nut, wanted a tote
         scan T-50      -> reject unit T-50 done already
         scan T-1       -> go tote T-1
         # The place is still the right one.
         scan NUT       -> accept picked 1 nut from A-01-02 to T-1 line 4",
    );
}

#[test]
fn a_pallet_label_that_says_what_is_on_it_is_the_pallet() {
    cluster(&["bolt 480 @A-01-01 #095212345678912347"]).play(
        "scan A-01-01   -> go location A-01-01
         scan (00)095212345678912347(02)BOLT(37)480 -> accept picked 480 bolt on 095212345678912347 from A-01-01 to 095212345678912347 line 1",
    );
}

#[test]
fn a_pallet_with_goods_on_hold_stays() {
    let mut floor = cluster(&["milk 24 @A-01-01 #T-50 lot L1", "nut 96 @A-01-01 #T-51"]);
    floor.catalogue.put_holds(Holds {
        version: 1,
        heard: None,
        entries: vec![Hold {
            item: "milk".into(),
            lot: Some("L1".to_owned()),
            reason: "recall 14".to_owned(),
        }],
    });
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan T-50      -> reject milk lot L1 blocked: recall 14
         key exception  -> ask which exception short damaged wrong_goods blocked location_empty unreadable
         key 4          -> accept reported from A-01-01 line 1 blocked
         key skip       -> go skipped
         scan T-51      -> accept picked 96 nut on T-51 from A-01-01 to T-51 line 2
         keys short 3   -> accept closed from A-01-01 line 1 short 24 not_found
         key done       -> accept task closed",
    );
}

#[test]
fn a_line_is_skipped_and_comes_back() {
    opened(pick(
        PickPlan::default(),
        &["bolt 1 @A-01-01", "nut 1 @A-01-02", "bolt 1 @A-01-03"],
    ))
    .play(
        "scan T-1       -> go tote T-1
         key skip       -> go skipped
         scan A-01-01   -> reject at A-01-01, wanted A-01-02
         key undo       -> go back
         scan A-01-01   -> go location A-01-01
         key skip       -> go skipped
         scan A-01-02   -> go location A-01-02
         scan CMD-skip  -> go skipped
         scan A-01-03   -> go location A-01-03
         restart        -> quiet
         scan BOLT      -> accept picked 1 bolt from A-01-03 to T-1 line 3
         # The others are done: back to what was left, the first one first.
         scan A-01-02   -> reject at A-01-02, wanted A-01-01
         key skip       -> go skipped
         scan A-01-01   -> reject at A-01-01, wanted A-01-02
         scan A-01-02   -> go location A-01-02
         scan NUT       -> accept picked 1 nut from A-01-02 to T-1 line 2
         # Nothing else to go on with.
         key skip       -> reject key unused
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key skip       -> reject key unused
         key undo       -> accept reversed #3 picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key done       -> accept task closed",
    );
}

#[test]
fn a_skipped_line_that_is_half_done_keeps_what_it_has() {
    opened(pick(PickPlan::default(), &["bolt 2 @A-01-01", "nut 1 @A-01-01"])).play(
        "scan T-1       -> go tote T-1
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key skip       -> go skipped
         # The same place: it is not scanned again.
         scan BOLT      -> reject item bolt, wanted nut
         scan NUT       -> accept picked 1 nut from A-01-01 to T-1 line 2
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT      -> reject bolt full",
    );
}

#[test]
fn a_skipped_line_that_the_hub_takes_away_is_forgotten() {
    let texts = ["bolt 1 @A-01-01", "nut 1 @A-01-02"];
    let mut floor = opened(pick(PickPlan::default(), &texts));
    floor.play(
        "scan T-1       -> go tote T-1
         key skip       -> go skipped",
    );
    let mut task = pick(PickPlan::default(), &texts);
    task.revision = 2;
    task.lines.remove(0);
    floor.catalogue.put_task(task);
    floor.play(
        "changed P1     -> quiet
         scan A-01-02   -> go location A-01-02
         key skip       -> reject key unused
         scan NUT       -> accept picked 1 nut from A-01-02 to T-1 line 2
         scan A-01-01   -> reject place A-01-01, wanted done",
    );
}

/// The worker scans on without a look at the screen: each expected code is taken directly after the last one.
#[test]
fn scans_come_ahead_of_the_screen() {
    cluster(&[
        "bolt 1 @A-01-01 into T-1",
        "nut 2 @A-01-02 into T-2",
        "milk 4 @A-01-03 #T-50",
    ])
    .play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> go put into T-1
         scan T-1       -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan A-01-02   -> go location A-01-02
         scan NUT       -> go put into T-2
         scan T-2       -> accept picked 1 nut from A-01-02 to T-2 line 2
         scan NUT       -> accept picked 1 nut from A-01-02 to T-2 line 2
         scan A-01-03   -> go location A-01-03
         scan T-50      -> accept picked 4 milk on T-50 from A-01-03 to T-50 line 3
         scan CMD-done  -> accept task closed",
    );
}

#[test]
fn goods_and_tote_in_one_trigger_pull() {
    cluster(&["bolt 2 @A-01-01 into T-1"]).play(
        "scan A-01-01 + T-1     -> go location A-01-01
         scan T-1 + T-2         -> ask two in view T-1 T-2
         scan BOLT + T-1        -> go put into T-1
         scan BOLT + T-1        -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan A-01-01 + A-01-02 -> ask two in view A-01-01 A-01-02",
    );
}

#[test]
fn screens_of_a_cart_say_which_tote() {
    let mut floor = by_zone(&["bolt 2 @A-01-01 into T-1", "nut 4 @A-01-02 #T-50"]);
    floor.play("scan A-01-01 -> go location A-01-01");
    assert_eq!(
        floor.screen(),
        "Pick DOC-P1 | Scan the item | [0 / 2 each] | Item: Hex bolt M8 | Number: bolt | Take: 2 each | Into: T-1 | \
         A-01-01 is right. | Then A-01-02",
    );
    floor.play("scan BOLT -> go put into T-1");
    assert_eq!(
        floor.screen(),
        "Pick DOC-P1 | Put it in there and scan the tote | [T-1 ] | Item: Hex bolt M8 | Number: bolt | Take: 1 each | \
         Into: T-1 | Put it into T-1. | Then A-01-02",
    );
}

#[test]
fn a_line_that_names_a_pallet_and_no_quantity_is_the_pallet_with_whatever_is_on_it() {
    cluster(&["@A-01-01 #095212345678912347", "nut 2 @A-01-02"]).play(
        "scan A-01-01   -> go location A-01-01
         scan (00)095212345678912347 -> accept picked 1 ?095212345678912347 on 095212345678912347 from A-01-01 to 095212345678912347 line 1; closed line 1
         scan (00)095212345678912347 -> reject unit 095212345678912347 done already
         key undo       -> accept reversed #2 line_closed line 1; reversed #1 picked 1 ?095212345678912347 on 095212345678912347 from A-01-01 to 095212345678912347 line 1
         scan (00)095212345678912347 -> accept picked 1 ?095212345678912347 on 095212345678912347 from A-01-01 to 095212345678912347 line 1; closed line 1",
    );
}
