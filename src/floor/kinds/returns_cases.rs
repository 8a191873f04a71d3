//! Returns, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, entering, lines, task};
use crate::confirmation::StockStatus;
use crate::ids::LocationId;
use crate::plan::{Disposition, ReturnPlan};
use crate::site::{Hold, Holds};
use crate::task::{Task, TaskKind};

fn disposition(condition: &str, status: StockStatus, to: &str) -> Disposition {
    Disposition {
        condition: condition.to_owned(),
        status,
        to: LocationId::from(to),
    }
}

fn returned(dispositions: Vec<Disposition>, texts: &[&str]) -> Task {
    let kind = TaskKind::Return(ReturnPlan {
        dock: LocationId::from("DOCK-2"),
        dispositions,
    });
    task("B1", kind, lines(texts))
}

/// As new back into stock, opened ones to the shop for seconds, broken ones stay at the dock.
fn usual() -> Vec<Disposition> {
    vec![
        disposition("as new", StockStatus::Available, "A-01-01"),
        disposition("opened", StockStatus::Hold, "B-01-01"),
        disposition("broken", StockStatus::Damaged, "DOCK-2"),
    ]
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-B1 -> go task B1");
    floor
}

#[test]
fn the_condition_says_where_it_goes() {
    let mut floor = opened(returned(usual(), &["bolt 3", "milk 1"]));
    floor.play(
        "scan BOLT      -> ask condition of bolt: as new, opened, broken
         key 1          -> accept returned 1 bolt from customer to A-01-01 line 1 condition as new",
    );
    assert_eq!(
        floor.screen(),
        "Return DOC-B1 | Bring it there and scan the place | [A-01-01 ] | Item: Hex bolt M8 | Number: bolt | 1 each Hex bolt M8 taken back."
    );
    floor.play(
        "scan B-01-01   -> reject at B-01-01, wanted A-01-01
         scan A-01-01   -> go location A-01-01
         scan A-01-01   -> reject place A-01-01, wanted an item
         scan BOLT      -> ask condition of bolt: as new, opened, broken
         key 2          -> accept returned 1 bolt hold from customer to B-01-01 line 1 condition opened
         # Nobody has to bring it before the next piece is looked at.
         scan BOLT      -> ask condition of bolt: as new, opened, broken
         key 3          -> accept returned 1 bolt damaged from customer to DOCK-2 line 1 condition broken
         scan DOCK-2    -> go location DOCK-2
         scan (01)MILK(10)L1(17)271231 -> ask condition of milk: as new, opened, broken
         key 1          -> accept returned 1 milk lot L1 exp 2027-12-31 from customer to A-01-01 line 2 condition as new
         key done       -> accept task closed",
    );
}

#[test]
fn the_question_takes_its_digits_only() {
    opened(returned(usual(), &["bolt 3"])).play(
        "scan BOLT      -> ask condition of bolt: as new, opened, broken
         key 4          -> reject key unused
         key 0          -> reject key unused
         key enter      -> reject key unused
         key x          -> reject key unused
         key done       -> reject key unused
         scan BOLT      -> reject item bolt, wanted an answer
         scan A-01-01   -> reject place A-01-01, wanted an answer
         restart        -> quiet
         key escape     -> quiet
         scan BOLT      -> ask condition of bolt: as new, opened, broken
         key undo       -> quiet
         scan BOLT      -> ask condition of bolt: as new, opened, broken
         key 1          -> accept returned 1 bolt from customer to A-01-01 line 1 condition as new
         key undo       -> accept reversed #1 returned 1 bolt from customer to A-01-01 line 1 condition as new
         key undo       -> go back
         key undo       -> reject nothing to undo",
    );
}

#[test]
fn a_single_disposition_asks_nothing() {
    let only = vec![disposition("unchecked", StockStatus::Hold, "B-01-01")];
    opened(returned(only, &["bolt 2"])).play(
        "scan BOLT      -> accept returned 1 bolt hold from customer to B-01-01 line 1 condition unchecked
         key 1          -> ask how many bolt
         key enter      -> accept returned 1 bolt hold from customer to B-01-01 line 1 condition unchecked
         scan A-01-01   -> reject at A-01-01, wanted B-01-01
         key undo       -> accept reversed #2 returned 1 bolt hold from customer to B-01-01 line 1 condition unchecked
         scan B-01-01   -> go location B-01-01
         key undo       -> go back
         scan B-01-01   -> go location B-01-01",
    );
}

#[test]
fn without_dispositions_goods_wait_at_the_dock() {
    opened(returned(Vec::new(), &["bolt 1"])).play(
        "scan BOLT      -> accept returned 1 bolt hold from customer to DOCK-2 line 1
         key done       -> accept task closed",
    );
}

#[test]
fn what_nobody_announced_is_taken_back() {
    opened(returned(usual(), &[])).play(
        "scan CASE      -> ask condition of bolt: as new, opened, broken
         key 1          -> accept returned 12 bolt from customer to A-01-01 condition as new
         key 2          -> ask how many bolt
         key enter      -> accept returned 24 bolt from customer to A-01-01 condition as new
         scan NUT       -> ask condition of nut: as new, opened, broken
         key 3          -> accept returned 1 nut damaged from customer to DOCK-2 condition broken
         scan GHOST     -> reject unknown 09999999999994, link it
         scan NOISE     -> reject unknown NOISE, link it
         key done       -> ask end with 0 open
         key escape     -> quiet
         key done       -> ask end with 0 open
         key enter      -> accept task closed",
    );
}

#[test]
fn more_than_ordered_and_other_items_are_asked_about_once() {
    opened(returned(usual(), &["bolt 1"])).play(
        "scan BOLT      -> ask condition of bolt: as new, opened, broken
         key 1          -> accept returned 1 bolt from customer to A-01-01 line 1 condition as new
         scan BOLT      -> ask condition of bolt: as new, opened, broken
         key 2          -> ask over bolt by 1
         key escape     -> quiet
         scan BOLT      -> ask condition of bolt: as new, opened, broken
         key 2          -> ask over bolt by 1
         key enter      -> accept returned 1 bolt hold from customer to B-01-01 line 1 condition opened over 1
         scan NUT       -> ask found 04012345678901
         key enter      -> ask condition of nut: as new, opened, broken
         key 1          -> accept returned 1 nut from customer to A-01-01 condition as new found 1
         scan NUT       -> ask found 04012345678901
         key escape     -> quiet",
    );
}

#[test]
fn serials_lots_and_weights_are_recorded_as_the_item_demands() {
    opened(returned(usual(), &["drill 2", "milk 1", "cheese 1"])).play(
        "scan (01)DRILL(21)S1 -> ask condition of drill: as new, opened, broken
         key 1          -> accept returned 1 drill serial S1 from customer to A-01-01 line 1 condition as new
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         scan DRILL     -> ask serial of drill
         keys S2 enter  -> ask condition of drill: as new, opened, broken
         key 2          -> accept returned 1 drill serial S2 hold from customer to B-01-01 line 1 condition opened
         scan MILK      -> ask lot of milk
         scan (10)L1    -> ask expiry of milk
         # Old milk comes back all the same.
         keys 1.1.26 enter -> ask condition of milk: as new, opened, broken
         key 3          -> accept returned 1 milk lot L1 exp 2026-01-01 damaged from customer to DOCK-2 line 2 condition broken
         scan (01)CHEESE(10)C -> ask condition of cheese: as new, opened, broken
         key 2          -> ask weight of cheese
         keys 1.5 enter -> accept returned 1 cheese lot C weighing 1.5 hold from customer to B-01-01 line 3 condition opened",
    );
}

#[test]
fn what_is_recalled_comes_back_on_hold() {
    let mut floor = opened(returned(usual(), &["nut 2"]));
    let hold = Hold {
        item: "nut".into(),
        lot: None,
        reason: "recall".to_owned(),
    };
    floor.catalogue.put_holds(Holds {
        version: 1,
        heard: None,
        entries: vec![hold],
    });
    floor.play(
        "scan NUT       -> ask condition of nut: as new, opened, broken
         key 1          -> accept returned 1 nut hold from customer to A-01-01 line 1 condition as new
         scan NUT       -> ask condition of nut: as new, opened, broken
         key 3          -> accept returned 1 nut damaged from customer to DOCK-2 line 1 condition broken",
    );
}

#[test]
fn numbers_are_entered_and_a_tote_holds_them() {
    opened(entering(returned(usual(), &["bolt 30"]))).play(
        "scan T-4       -> go tote T-4
         scan CASE      -> ask condition of bolt: as new, opened, broken
         key 1          -> ask how many bolt, 2
         key enter      -> accept returned 24 bolt on T-4 from customer to A-01-01 line 1 condition as new
         scan BOLT      -> ask condition of bolt: as new, opened, broken
         key 3          -> ask how many bolt, 6
         keys 2*2 enter -> accept returned 4 bolt on T-4 damaged from customer to DOCK-2 line 1 condition broken
         key short      -> ask end with 1 open
         key enter      -> accept closed line 1 short 2; task closed",
    );
}

#[test]
fn exceptions_are_told_with_the_place() {
    opened(returned(usual(), &["bolt 3"])).play(
        "scan BOLT      -> ask condition of bolt: as new, opened, broken
         key 1          -> accept returned 1 bolt from customer to A-01-01 line 1 condition as new
         key exception  -> ask which exception short wrong_goods location_full unreadable
         key 3          -> ask why location_full
         key 1          -> accept reported to A-01-01 line 1 location_full full
         keys exception 4 -> accept reported to A-01-01 line 1 unreadable
         keys exception 2 3 -> accept reported to A-01-01 line 1 wrong_goods mixed
         keys exception 1 -> ask end with 1 open
         key escape     -> quiet
         key skip       -> reject key unused
         key enter      -> quiet
         scan DOC-B1    -> reject document DOC-B1, wanted A-01-01
         scan (10)L1    -> reject text (10)L1, wanted A-01-01
         scan BOLT + NUT -> ask two in view 04006381333931 04012345678901",
    );
}

#[test]
fn a_return_changes_while_a_question_is_open() {
    let mut floor = opened(returned(usual(), &["bolt 3", "nut 1"]));
    floor.play("scan NUT -> ask condition of nut: as new, opened, broken");
    let mut changed = returned(usual(), &["bolt 3"]);
    changed.revision = 2;
    floor.catalogue.put_task(changed);
    floor.play(
        "changed B1     -> quiet
         key 1          -> reject key unused
         scan NUT       -> ask found 04012345678901",
    );
}
