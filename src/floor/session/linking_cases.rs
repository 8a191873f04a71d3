//! Codes that no item has, linked on the spot, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, entering, lines, task};
use crate::confirmation::{Act, Source};
use crate::ids::{ItemId, LocationId};
use crate::item::ItemCode;
use crate::plan::{CountPlan, PickPlan, ReceivePlan, ReturnPlan};
use crate::quantity::Quantity;
use crate::task::TaskKind;

fn receiving(texts: &[&str]) -> Floor {
    let kind = TaskKind::Receive(ReceivePlan::at(LocationId::from("DOCK-1")));
    let mut floor = Floor::new(vec![task("R1", kind, lines(texts))]);
    floor.play("scan DOC-R1 -> go task R1");
    floor
}

#[test]
fn a_code_is_linked_and_the_piece_goes_on() {
    let mut floor = receiving(&["bolt 30", "nut 1"]);
    floor.play(
        "scan GHOST     -> reject unknown 09999999999994, link it
         key exception  -> ask item of 09999999999994
         scan BOLT      -> ask how many bolt in 09999999999994
         keys 10 enter  -> accept code_linked 10 bolt; received 10 bolt from supplier to DOCK-1 line 1
         # It is known from now on.
         scan GHOST     -> accept received 10 bolt from supplier to DOCK-1 line 1
         key undo       -> accept reversed #3 received 10 bolt from supplier to DOCK-1 line 1
         # Undo takes the link back, too.
         key undo       -> accept reversed #2 received 10 bolt from supplier to DOCK-1 line 1; reversed #1 code_linked 10 bolt
         scan GHOST     -> reject unknown 09999999999994, link it",
    );
    let link = &floor.journal[0];
    let goods = link.goods.as_ref().unwrap();
    assert_eq!(
        (link.act, goods.code.as_str(), goods.unit.as_str()),
        (Act::CodeLinked, "09999999999994", "pack")
    );
    assert_eq!(
        (goods.quantity, goods.pack),
        (Quantity::whole(10).unwrap(), Quantity::whole(10).unwrap())
    );
    assert_eq!(link.raw.as_ref().unwrap().source, Source::Scan);
}

#[test]
fn the_item_can_be_typed_by_number_or_code() {
    receiving(&["bolt 30", "nut 2"]).play(
        "scan NEW-LABEL -> reject unknown NEW-LABEL, link it
         key exception  -> ask item of NEW-LABEL
         keys bolts enter -> reject entry \"bolts\", wanted an item
         scan A-01-01   -> reject place A-01-01, wanted an item
         scan OTHER     -> reject text OTHER, wanted an item
         restart        -> quiet
         keys nut enter -> ask how many nut in NEW-LABEL
         key enter      -> reject entry \"\", wanted a number
         keys 0 enter   -> reject entry \"0\", wanted a number
         scan NUT       -> reject item nut, wanted a number
         keys 1 enter   -> accept code_linked 1 nut; received 1 nut from supplier to DOCK-1 line 2
         scan NEW-LABEL -> accept received 1 nut from supplier to DOCK-1 line 2
         scan ANOTHER   -> reject unknown ANOTHER, link it
         key exception  -> ask item of ANOTHER
         keys BAG-OF-BOLTS enter -> ask how many bolt in ANOTHER
         keys 2*6 enter -> accept code_linked 12 bolt; received 12 bolt from supplier to DOCK-1 line 1",
    );
}

#[test]
fn nobody_is_led_into_it_by_chance() {
    receiving(&["bolt 30"]).play(
        "scan NOISE     -> reject unknown NOISE, link it
         key enter      -> quiet
         key exception  -> ask which exception short damaged wrong_goods expired blocked unreadable
         key escape     -> quiet
         scan NOISE     -> reject unknown NOISE, link it
         scan BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1
         key exception  -> ask which exception short damaged wrong_goods expired blocked unreadable
         key escape     -> quiet
         scan NOISE     -> reject unknown NOISE, link it
         key exception  -> ask item of NOISE
         key escape     -> quiet
         key exception  -> ask which exception short damaged wrong_goods expired blocked unreadable
         key escape     -> quiet
         scan NOISE     -> reject unknown NOISE, link it
         scan CMD-exception -> ask item of NOISE
         key undo       -> quiet
         key undo       -> accept reversed #1 received 1 bolt from supplier to DOCK-1 line 1",
    );
}

#[test]
fn what_its_item_demands_is_asked_before_anything_is_written() {
    let mut floor = receiving(&["milk 3", "drill 1"]);
    floor.play(
        "scan (01)GHOST(10)L1 -> reject unknown 09999999999994, link it
         key exception  -> ask item of 09999999999994
         keys milk enter -> ask how many milk in 09999999999994
         keys 2 enter   -> ask expiry of milk
         key escape     -> quiet
         scan GHOST     -> reject unknown 09999999999994, link it
         keys exception milk enter -> ask how many milk in 09999999999994
         keys 1 enter   -> ask lot of milk
         keys L1 enter  -> ask expiry of milk
         keys 271231 enter -> accept code_linked 1 milk; received 1 milk lot L1 exp 2027-12-31 from supplier to DOCK-1 line 1
         scan SHELL     -> reject unknown SHELL, link it
         keys exception cream enter 1 enter -> ask found SHELL
         key enter      -> ask expiry of cream
         keys 1.12.26 enter -> ask shelf life of cream 2026-12-01
         key enter      -> accept code_linked 1 cream; received 1 cream exp 2026-12-01 hold from supplier to DOCK-1 expired 1",
    );
    assert_eq!(floor.journal.len(), 4);
}

#[test]
fn a_code_that_means_something_by_now_is_not_linked() {
    let mut floor = receiving(&["bolt 3"]);
    let code = ItemCode {
        code: "NEW".to_owned(),
        unit: "each".to_owned(),
        pack: Quantity::ONE,
    };
    floor.play("scan NEW -> reject unknown NEW, link it");
    let unlinked = floor.clone();
    floor.catalogue.put_code(&ItemId::from("nut"), code.clone());
    floor.play(
        "key exception  -> reject NEW is nut
         scan NEW       -> ask found NEW
         key escape     -> quiet",
    );
    let mut floor = unlinked;
    floor.play("keys exception bolt enter -> ask how many bolt in NEW");
    floor.catalogue.put_code(&ItemId::from("nut"), code);
    floor.play(
        "keys 1 enter   -> reject NEW is nut
         key enter      -> quiet",
    );
}

#[test]
fn a_count_links_instead_of_finding() {
    let kind = TaskKind::Count(CountPlan::default());
    let mut floor = Floor::new(vec![task("C1", kind, lines(&["@A-01-01"]))]);
    floor.play(
        "scan DOC-C1    -> go task C1
         scan A-01-01   -> go location A-01-01
         scan GHOST     -> ask found 09999999999994
         key exception  -> ask item of 09999999999994
         scan NUT       -> ask how many nut in 09999999999994
         keys 6 enter   -> accept code_linked 6 nut; counted 6 nut to A-01-01 line 1
         scan GHOST     -> accept counted 6 nut to A-01-01 line 1
         scan OTHER     -> ask found OTHER
         key enter      -> accept counted 1 ?OTHER to A-01-01 line 1 found 1
         key done       -> ask is A-01-01 complete
         key exception  -> reject key unused
         key enter      -> accept place counted to A-01-01 line 1",
    );
}

#[test]
fn a_return_links_and_numbers_are_entered_after_it() {
    let kind = TaskKind::Return(ReturnPlan {
        dock: LocationId::from("DOCK-2"),
        dispositions: Vec::new(),
    });
    let mut floor = Floor::new(vec![entering(task("B1", kind, lines(&["nut 24"])))]);
    floor.play(
        "scan DOC-B1    -> go task B1
         scan GHOST     -> reject unknown 09999999999994, link it
         key exception  -> ask item of 09999999999994
         keys nut enter -> ask how many nut in 09999999999994
         keys 12 enter  -> ask how many nut, 2
         keys 2 enter   -> accept code_linked 12 nut; returned 24 nut hold from customer to DOCK-2 line 1",
    );
}

#[test]
fn a_pick_links_nothing() {
    let kind = TaskKind::Pick(PickPlan::default());
    let mut floor = Floor::new(vec![task("P1", kind, lines(&["nut 24 @A-01-01"]))]);
    floor.play(
        "scan DOC-P1    -> go task P1
         scan T-1       -> go tote T-1
         scan A-01-01   -> go location A-01-01
         scan GHOST     -> reject unknown 09999999999994",
    );
    let answer = floor.act("key exception");
    assert!(answer.starts_with("ask which exception"), "{answer}");
}

#[test]
fn putting_away_links_what_is_in_hand() {
    let task = task("P1", TaskKind::Putaway, lines(&["bolt 12 @DOCK-1 >A-01-01"]));
    let mut floor = Floor::new(vec![task]);
    floor.play(
        "scan DOC-P1    -> go task P1
         scan GHOST     -> reject unknown 09999999999994, link it
         key exception  -> ask item of 09999999999994
         scan BOLT      -> ask how many bolt in 09999999999994
         keys 5 enter   -> go in hand 5 bolt
         # It is known with what is in hand, and told when that is set down.
         scan GHOST     -> go in hand 10 bolt
         scan A-01-01   -> accept code_linked 5 bolt; moved 10 bolt from DOCK-1 to A-01-01 line 1
         scan BOLT      -> go in hand 1 bolt",
    );
    let linked = floor
        .journal
        .iter()
        .filter(|draft| draft.act == Act::CodeLinked)
        .count();
    assert_eq!(linked, 1);
}
