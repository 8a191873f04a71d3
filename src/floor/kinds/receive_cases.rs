//! Receiving, row by row. See [`crate::cases`] for how to read the tables.

mod passes;
mod reports;
mod units;

use crate::cases::{Floor, entering, lines, task};
use crate::ids::LocationId;
use crate::plan::{Against, ReceivePlan};
use crate::task::{Task, TaskKind};

fn receive(over_tolerance_percent: u32, texts: &[&str]) -> Task {
    let kind = TaskKind::Receive(ReceivePlan {
        over_tolerance_percent,
        ..ReceivePlan::at(LocationId::from("DOCK-1"))
    });
    task("R1", kind, lines(texts))
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-R1 -> go task R1");
    floor
}

#[test]
fn goods_come_in_any_order() {
    let mut floor = opened(receive(0, &["bolt 13", "nut 2"]));
    floor.play(
        "scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 2
         scan CASE      -> accept received 12 bolt from supplier to DOCK-1 line 1
         scan BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1
         scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 2",
    );
    assert_eq!(floor.screen().split(" | ").nth(1), Some("All done. Press Done"));
    floor.play(
        "key done       -> accept task closed
         key undo       -> reject nothing to undo",
    );
}

#[test]
fn what_is_tracked_is_taken_from_the_label_or_asked_for() {
    opened(receive(0, &["milk 9", "drill 3"])).play(
        "scan (01)MILK(10)L1(17)271231   -> accept received 1 milk lot L1 exp 2027-12-31 from supplier to DOCK-1 line 1
         scan (01)MILK(10)L1             -> ask expiry of milk
         scan (01)BOLT(17)271231         -> reject item bolt, wanted milk
         scan T-1                        -> reject unit T-1, wanted a date
         scan (17)271231                 -> accept received 1 milk lot L1 exp 2027-12-31 from supplier to DOCK-1 line 1
         scan MILK                       -> ask lot of milk
         keys L7 back 8 enter            -> ask expiry of milk
         keys 280100 enter               -> accept received 1 milk lot L8 exp 2028-01-31 from supplier to DOCK-1 line 1
         scan MILK                       -> ask lot of milk
         scan LOT-9                      -> ask expiry of milk
         key escape                      -> quiet
         scan (01)MILK(10)L1(17)271231(30)6 -> accept received 6 milk lot L1 exp 2027-12-31 from supplier to DOCK-1 line 1
         scan DRILL                      -> ask serial of drill
         keys SN-5 enter                 -> accept received 1 drill serial SN-5 from supplier to DOCK-1 line 2
         scan (01)DRILL(21)SN-5          -> reject serial SN-5 repeated
         key undo                        -> accept reversed #5 received 1 drill serial SN-5 from supplier to DOCK-1 line 2
         scan (01)DRILL(21)SN-5          -> accept received 1 drill serial SN-5 from supplier to DOCK-1 line 2
         key 2                           -> reject key unused",
    );
}

#[test]
fn more_than_expected_is_asked_about_beyond_the_tolerance() {
    opened(receive(10, &["bolt 20"])).play(
        "scan CASE      -> accept received 12 bolt from supplier to DOCK-1 line 1
         scan CASE      -> ask over bolt by 4
         scan BOLT      -> reject item bolt, wanted an answer
         key escape     -> quiet
         scan BAG-OF-BOLTS -> accept received 5 bolt from supplier to DOCK-1 line 1
         scan BAG-OF-BOLTS -> accept received 5 bolt from supplier to DOCK-1 line 1
         scan BOLT      -> ask over bolt by 3
         key enter      -> accept received 1 bolt from supplier to DOCK-1 line 1 over 3
         scan CASE      -> ask over bolt by 15
         scan CMD-yes   -> accept received 12 bolt from supplier to DOCK-1 line 1 over 15
         key undo       -> accept reversed #5 received 12 bolt from supplier to DOCK-1 line 1",
    );
}

#[test]
fn what_nobody_expected_is_recorded_as_found() {
    opened(receive(0, &["bolt 1"])).play(
        "scan NUT       -> ask found 04012345678901
         key escape     -> quiet
         scan NUT       -> ask found 04012345678901
         key enter      -> accept received 1 nut from supplier to DOCK-1 found 1
         scan MILK      -> ask found 04000417025005
         key enter      -> ask lot of milk
         keys L1 enter  -> ask expiry of milk
         keys 27-12-31 enter   -> reject entry \"27-12-31\", wanted a date
         keys 2027-12-31 enter -> accept received 1 milk lot L1 exp 2027-12-31 from supplier to DOCK-1 found 1
         scan GHOST     -> reject unknown 09999999999994, link it
         scan SOMETHING -> reject unknown SOMETHING, link it
         scan DOC-R1    -> reject document DOC-R1, wanted an item
         scan A-01-01   -> reject place A-01-01, wanted an item
         scan (10)L5    -> reject text (10)L5, wanted an item
         scan DOCK-1    -> go location DOCK-1",
    );
}

#[test]
fn lines_of_one_item_fill_in_turn_and_by_lot() {
    opened(receive(0, &["bolt 5", "bolt 12", "milk 1 lot L1", "milk 1 lot L2"])).play(
        "scan CASE      -> accept received 12 bolt from supplier to DOCK-1 line 2
         scan BAG-OF-BOLTS -> accept received 5 bolt from supplier to DOCK-1 line 1
         scan (01)MILK(10)L2(17)271231 -> accept received 1 milk lot L2 exp 2027-12-31 from supplier to DOCK-1 line 4
         scan (01)MILK(10)L3(17)271231 -> ask found 04000417025005
         key enter      -> accept received 1 milk lot L3 exp 2027-12-31 from supplier to DOCK-1 found 1
         scan MILK      -> ask lot of milk
         keys L1 enter  -> ask expiry of milk
         keys 271231 enter -> accept received 1 milk lot L1 exp 2027-12-31 from supplier to DOCK-1 line 3
         scan BOLT      -> ask over bolt by 1
         key enter      -> accept received 1 bolt from supplier to DOCK-1 line 1 over 1",
    );
}

#[test]
fn a_pallet_holds_the_pieces_that_follow() {
    opened(receive(0, &["bolt 30", "nut 1"])).play(
        "scan (00)095212345678912347 -> go tote 095212345678912347
         scan CASE      -> accept received 12 bolt on 095212345678912347 from supplier to DOCK-1 line 1
         scan T-4       -> go tote T-4
         scan BOLT      -> accept received 1 bolt on T-4 from supplier to DOCK-1 line 1
         key undo       -> accept reversed #2 received 1 bolt on T-4 from supplier to DOCK-1 line 1
         key undo       -> go back
         scan BOLT      -> accept received 1 bolt on 095212345678912347 from supplier to DOCK-1 line 1
         scan (00)095212345678912347(02)BOLT(37)4 -> accept received 4 bolt on 095212345678912347 from supplier to DOCK-1 line 1",
    );
}

#[test]
fn entered_numbers_are_packs_of_what_was_scanned() {
    opened(entering(receive(0, &["bolt 30", "drill 2"]))).play(
        "scan CASE      -> ask how many bolt, 2
         key enter      -> accept received 24 bolt from supplier to DOCK-1 line 1
         scan CASE      -> ask how many bolt
         key enter      -> reject entry \"\", wanted a number
         keys 1 enter   -> ask over bolt by 6
         key escape     -> quiet
         scan BOLT      -> ask how many bolt, 6
         key a          -> reject key unused
         key short      -> reject key unused
         keys 5 enter   -> accept received 5 bolt from supplier to DOCK-1 line 1
         key 5          -> reject key unused
         scan (01)BOLT(37)3 -> ask how many bolt, 3
         key escape     -> quiet
         scan (01)DRILL(21)S1 -> accept received 1 drill serial S1 from supplier to DOCK-1 line 2
         scan BOLT      -> ask how many bolt, 1
         keys 2000000000 enter -> reject entry \"2000000000\", wanted a number
         keys 99999999999999999999 enter -> reject entry \"99999999999999999999\", wanted a number
         keys 1 enter   -> accept received 1 bolt from supplier to DOCK-1 line 1",
    );
}

#[test]
fn the_end_closes_what_did_not_come() {
    opened(receive(0, &["bolt 5", "nut 2", "milk 1"])).play(
        "scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 2
         scan BAG-OF-BOLTS -> accept received 5 bolt from supplier to DOCK-1 line 1
         key short      -> ask end with 2 open
         key escape     -> quiet
         key done       -> ask end with 2 open
         key enter      -> accept closed line 2 short 1; closed line 3 short 1; task closed
         scan NUT       -> reject no task",
    );
}

#[test]
fn a_second_receiver_and_late_goods_are_still_taken() {
    let mut floor = opened(receive(0, &["bolt 2"]));
    floor.play(
        "scan BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1
         key escape     -> go left R1
         scan BADGE-12  -> go logged in
         scan BADGE-12  -> go logged in
         scan doc-r1    -> go task R1
         scan BADGE-13  -> go logged in
         key undo       -> reject nothing to undo
         scan BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1
         key escape     -> go left R1
         key escape     -> go logged out
         key escape     -> quiet",
    );
    let workers: Vec<_> = floor
        .journal
        .iter()
        .map(|draft| draft.worker.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(workers, [None, Some("13".to_owned())]);
}

fn plan(plan: ReceivePlan, texts: &[&str]) -> Floor {
    opened(task("R1", TaskKind::Receive(plan), lines(texts)))
}

fn dock() -> ReceivePlan {
    ReceivePlan::at(LocationId::from("DOCK-1"))
}

fn blind(texts: &[&str]) -> Floor {
    plan(
        ReceivePlan {
            against: Against::Blind,
            ..dock()
        },
        texts,
    )
}

/// Two pallets of an ASN by their SSCC, one of them with goods whose lot is not told, and a loose line.
#[test]
fn a_blind_receipt_takes_whatever_comes() {
    let mut floor = blind(&[]);
    floor.play(
        "scan CASE      -> accept received 12 bolt from supplier to DOCK-1
         scan BOLT      -> accept received 1 bolt from supplier to DOCK-1
         key 4          -> ask how many bolt
         key enter      -> accept received 4 bolt from supplier to DOCK-1
         scan (01)MILK(10)L1(17)271231 -> accept received 1 milk lot L1 exp 2027-12-31 from supplier to DOCK-1
         scan (01)DRILL(21)S1 -> accept received 1 drill serial S1 from supplier to DOCK-1
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         scan GHOST     -> reject unknown 09999999999994, link it
         scan (00)095212345678912347 -> go tote 095212345678912347
         scan NUT       -> accept received 1 nut on 095212345678912347 from supplier to DOCK-1
         key short      -> ask end with 0 open
         key escape     -> quiet",
    );
    assert_eq!(
        floor.screen(),
        "Receive DOC-R1 | Scan an item | [1 each] | Item: Hex nut M8 | Number: nut | 1: Drill | 1: Milk 1 l | 17: Hex bolt M8 \
         | Into: 095212345678912347 | Nothing was recorded."
    );
    floor.play(
        "key done       -> ask end with 0 open
         key enter      -> accept task closed
         scan NUT       -> reject no task",
    );
}

#[test]
fn a_blind_receipt_does_not_say_what_is_open() {
    let mut floor = blind(&["bolt", "nut"]);
    floor.play(
        "scan BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1
         scan MILK      -> ask lot of milk
         key escape     -> quiet
         scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 2
         scan BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1",
    );
    assert_eq!(
        floor.screen(),
        "Receive DOC-R1 | Scan an item | [2 each] | Item: Hex bolt M8 | Number: bolt | 1: Hex nut M8 | 1 each Hex bolt M8 received."
    );
    floor.play(
        "key done       -> ask end with 0 open
         key enter      -> accept task closed",
    );
    let mut entered = opened(entering(task(
        "R1",
        TaskKind::Receive(ReceivePlan {
            against: Against::Blind,
            ..dock()
        }),
        Vec::new(),
    )));
    entered.play(
        "scan CASE      -> ask how many bolt
         key enter      -> reject entry \"\", wanted a number
         keys 2+1 enter -> accept received 36 bolt from supplier to DOCK-1
         scan BOLT      -> ask how many bolt
         keys 3*12+4 enter -> accept received 40 bolt from supplier to DOCK-1
         scan OIL       -> ask how many oil
         keys 1,5 enter -> accept received 3.75 oil from supplier to DOCK-1",
    );
}

#[test]
fn a_purchase_order_has_tolerances() {
    let tolerant = || {
        plan(
            ReceivePlan {
                against: Against::PurchaseOrder,
                over_tolerance_percent: 10,
                under_tolerance_percent: 10,
                ..dock()
            },
            &["bolt 20", "nut 10", "oil 10"],
        )
    };
    let mut floor = tolerant();
    floor.play(
        "scan CASE      -> accept received 12 bolt from supplier to DOCK-1 line 1
         key 6          -> ask how many bolt
         key escape     -> quiet
         scan (01)BOLT(37)6 -> accept received 6 bolt from supplier to DOCK-1 line 1
         scan (01)NUT(37)11 -> accept received 11 nut from supplier to DOCK-1 line 2
         scan NUT       -> ask over nut by 2
         key escape     -> quiet
         scan (01)OIL(37)3 -> accept received 7.5 oil from supplier to DOCK-1 line 3
         key done       -> ask end with 1 open",
    );
    assert!(
        floor.screen().contains("Missing: 2.5 kg Oil"),
        "{}",
        floor.screen()
    );
    floor.play(
        "key escape     -> quiet
         scan OIL       -> accept received 2.5 oil from supplier to DOCK-1 line 3
         # 18 of 20 are within 10 percent.
         key done       -> accept closed line 1; task closed",
    );
    tolerant().play(
        "scan CASE      -> accept received 12 bolt from supplier to DOCK-1 line 1
         scan (01)BOLT(37)6 -> accept received 6 bolt from supplier to DOCK-1 line 1
         key done       -> ask end with 2 open
         key enter      -> accept closed line 1; closed line 2 short 10; closed line 3 short 10; task closed",
    );
}

#[test]
fn the_shortage_list_fits_the_screen() {
    let texts = ["bolt 1", "nut 2", "milk 3", "drill 4", "oil 5", "cheese 6"];
    let mut floor = opened(receive(0, &texts));
    floor.play("key done -> ask end with 6 open");
    let missing: Vec<_> = floor
        .view
        .lines
        .iter()
        .filter(|line| line.label == "Missing")
        .collect();
    let texts: Vec<_> = missing.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "1 each Hex bolt M8",
            "2 each Hex nut M8",
            "3 each Milk 1 l",
            "4 each Drill",
            "+ 2"
        ]
    );
    floor.play("key escape -> quiet");
    assert!(!floor.screen().contains("Missing"));
}

#[test]
fn weights_are_taken_from_the_label_or_typed() {
    opened(receive(0, &["cheese 4"])).play(
        "scan (01)CHEESE(10)C1(3103)001250 -> accept received 1 cheese lot C1 weighing 1.25 from supplier to DOCK-1 line 1
         scan (01)CHEESE(10)C1 -> ask weight of cheese
         key enter      -> reject entry \"\", wanted a weight
         keys 1.3 enter -> accept received 1 cheese lot C1 weighing 1.3 from supplier to DOCK-1 line 1
         scan CHEESE    -> ask lot of cheese
         scan (10)C2    -> ask weight of cheese
         keys 0.7+0.65 enter -> accept received 1 cheese lot C2 weighing 1.35 from supplier to DOCK-1 line 1
         scan CHEESE + (10)C2 + (3102)000123 -> accept received 1 cheese lot C2 weighing 1.23 from supplier to DOCK-1 line 1",
    );
}

#[test]
fn a_receipt_changes_while_it_is_worked_on() {
    let mut floor = opened(receive(0, &["bolt 2", "nut 2"]));
    floor.play(
        "scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 2
         scan (01)BOLT(37)3 -> ask over bolt by 1",
    );
    let mut changed = receive(0, &["bolt 5"]);
    changed.revision = 2;
    floor.catalogue.put_task(changed);
    floor.play(
        "changed R1     -> quiet
         key enter      -> accept received 3 bolt from supplier to DOCK-1 line 1
         scan NUT       -> ask found 04012345678901
         key enter      -> accept received 1 nut from supplier to DOCK-1 found 1",
    );
    let mut gone = receive(0, &["bolt 5"]);
    gone.state = crate::TaskState::Cancelled;
    floor.catalogue.put_task(gone);
    floor.play("scan BOLT -> reject R1 withdrawn");
}

#[test]
fn two_labels_of_one_pull_belong_together() {
    opened(receive(0, &["milk 2", "bolt 1"])).play(
        "scan MILK + (10)L1 + (17)271231 -> accept received 1 milk lot L1 exp 2027-12-31 from supplier to DOCK-1 line 1
         scan MILK + BOLT -> ask two in view 04000417025005 04006381333931
         scan T-1 + T-2 -> ask two in view T-1 T-2
         scan NOISE + BOLT -> accept received 1 bolt from supplier to DOCK-1 line 2
         scan T-1 + NOISE -> go tote T-1",
    );
}
