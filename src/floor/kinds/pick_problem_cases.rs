//! What does not go to plan in a pick, code by code, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, entering, lines, task};
use crate::confirmation::ExceptionCode;
use crate::ids::ItemId;
use crate::item::Item;
use crate::plan::PickPlan;
use crate::site::{Hold, Holds};
use crate::task::{Task, TaskKind};

/// The exception codes of a pick, as the key asks for them.
const CODES: &str =
    "ask which exception short damaged wrong_goods expired blocked location_empty unit_full unreadable";

fn pick(texts: &[&str]) -> Task {
    task("P1", TaskKind::Pick(PickPlan::default()), lines(texts))
}

fn floor_of(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-P1 -> go task P1");
    floor.play("scan T-1 -> go tote T-1");
    floor
}

fn ready(texts: &[&str]) -> Floor {
    let mut floor = floor_of(pick(texts));
    floor.play("scan A-01-01 -> go location A-01-01");
    floor
}

fn cluster(texts: &[&str]) -> Floor {
    let mut floor = Floor::new(vec![pick(texts)]);
    floor.play("scan DOC-P1 -> go task P1");
    floor.play("scan A-01-01 -> go location A-01-01");
    floor
}

fn with_substitutes(floor: &mut Floor, item: &str, substitutes: &[&str]) {
    let known = crate::Catalogue::item(&floor.catalogue, &ItemId::from(item)).unwrap();
    floor.catalogue.put_item(Item {
        substitutes: substitutes.iter().map(|&id| ItemId::from(id)).collect(),
        ..Item::clone(&known)
    });
}

fn on_hold(floor: &mut Floor, item: &str, lot: Option<&str>) {
    floor.catalogue.put_holds(Holds {
        version: 1,
        heard: None,
        entries: vec![Hold {
            item: ItemId::from(item),
            lot: lot.map(str::to_owned),
            reason: "recall 14".to_owned(),
        }],
    });
}

#[test]
fn the_key_asks_what_is_wrong() {
    let mut floor = ready(&["bolt 3 @A-01-01"]);
    floor.play(&format!("key exception -> {CODES}"));
    floor.play(
        "key 9          -> reject key unused
         key 0          -> reject key unused
         key enter      -> reject key unused
         key done       -> reject key unused
         scan BOLT      -> reject item bolt, wanted an answer
         key escape     -> quiet
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
}

#[test]
fn short_by_the_exception_key_is_short_by_its_own() {
    ready(&["bolt 3 @A-01-01", "nut 1 @A-01-02"]).play(
        "scan BOLT                -> accept picked 1 bolt from A-01-01 to T-1 line 1
         keys exception 1         -> ask why short 2
         key escape               -> quiet
         keys exception 1 3       -> accept closed from A-01-01 line 1 short 2 not_found
         scan BOLT                -> reject item bolt, wanted A-01-02
         key undo                 -> accept reversed #2 line_closed from A-01-01 line 1
         scan BOLT                -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
}

#[test]
fn damaged_goods_stay_where_they_are_and_the_line_goes_on() {
    ready(&["bolt 3 @A-01-01", "oil 5 @A-01-01"]).play(
        "keys exception 2         -> ask why damaged
         key 5                    -> reject key unused
         key 2                    -> ask how much bolt damaged
         scan BOLT                -> reject item bolt, wanted a number
         key enter                -> reject entry \"\", wanted a number
         keys 0 enter             -> reject entry \"0\", wanted a number
         keys 1 + 1 enter         -> accept status_changed 2 bolt damaged from A-01-01 line 1 damaged 2 wet
         scan BOLT                -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key undo                 -> accept reversed #2 picked 1 bolt from A-01-01 to T-1 line 1
         key undo                 -> accept reversed #1 status_changed 2 bolt damaged from A-01-01 line 1
         # More may be broken than the line wants.
         keys exception 2 1 8 enter -> accept status_changed 8 bolt damaged from A-01-01 line 1 damaged 8 broken
         keys short 2             -> accept closed from A-01-01 line 1 short 3 damaged
         keys exception 2 1 0.5 enter -> accept status_changed 0.5 oil damaged from A-01-01 line 2 damaged 0.5 broken",
    );
}

#[test]
fn damaged_goods_of_a_lot_and_an_owner() {
    let mut floor = ready(&["milk 3 @A-01-01 lot L1", "oil 5 @A-01-01"]);
    floor.play(
        "keys exception 2 1       -> ask how much milk damaged
         restart                  -> quiet
         keys 2 escape            -> quiet
         keys exception 2 1 2 enter -> accept status_changed 2 milk lot L1 damaged from A-01-01 line 1 damaged 2 broken
         key skip                 -> go skipped
         keys exception 2 4 1 enter -> accept status_changed 1 oil damaged from A-01-01 line 2 damaged 1 packaging",
    );
    let owner = floor.journal[1].goods.as_ref().unwrap().owner.clone();
    assert_eq!(owner.unwrap().as_str(), "shell");
}

#[test]
fn a_site_without_reasons_is_asked_for_none() {
    let mut floor = ready(&["bolt 3 @A-01-01", "nut 1 @A-01-01"]);
    for code in [
        ExceptionCode::Short,
        ExceptionCode::Damaged,
        ExceptionCode::WrongGoods,
    ] {
        floor.catalogue.put_reasons(code, &[]);
    }
    floor
        .catalogue
        .put_reasons(ExceptionCode::Unreadable, &["torn", "wet"]);
    floor.play(
        "keys exception 2         -> ask how much bolt damaged
         keys 1 enter             -> accept status_changed 1 bolt damaged from A-01-01 line 1 damaged 1
         keys exception 3         -> accept reported from A-01-01 line 1 wrong_goods
         keys exception 8         -> ask why unreadable
         key 1                    -> accept reported from A-01-01 line 1 unreadable torn
         key short                -> accept closed from A-01-01 line 1 short 3",
    );
}

#[test]
fn wrong_goods_in_the_bin_are_told_and_the_worker_decides() {
    ready(&["bolt 3 @A-01-01", "nut 1 @A-01-02"]).play(
        "scan NUT                 -> reject item nut, wanted bolt
         keys exception 3         -> ask why wrong_goods
         key 1                    -> accept reported from A-01-01 line 1 wrong_goods other_item
         # For later …
         key skip                 -> go skipped
         scan A-01-02             -> go location A-01-02
         scan NUT                 -> accept picked 1 nut from A-01-02 to T-1 line 2
         scan A-01-01             -> go location A-01-01
         # … or short.
         keys short 3             -> accept closed from A-01-01 line 1 short 3 not_found
         key done                 -> accept task closed",
    );
}

#[test]
fn expired_goods_are_refused_and_put_on_hold() {
    ready(&["milk 2 @A-01-01 from 2027-01-01"]).play(
        "scan (01)MILK(10)L1(17)261231 -> reject expired 2026-12-31
         scan (01)MILK(10)L1(17)261101 -> reject expired 2026-11-01
         keys exception 4         -> ask how much milk expired
         keys 6 enter             -> accept status_changed 6 milk hold from A-01-01 line 1 expired 6
         # A later date than the rest has is no mistake.
         scan (01)MILK(10)L2(17)290101 -> accept picked 1 milk lot L2 exp 2029-01-01 from A-01-01 to T-1 line 1
         scan (01)MILK(10)L1(17)270101 -> accept picked 1 milk lot L1 exp 2027-01-01 from A-01-01 to T-1 line 1",
    );
}

#[test]
fn a_blocked_lot_stays_and_another_one_goes() {
    let mut floor = ready(&["milk 2 @A-01-01"]);
    on_hold(&mut floor, "milk", Some("L1"));
    floor.play(
        "scan (01)MILK(10)L1(17)271231 -> reject milk lot L1 blocked: recall 14
         keys exception 5         -> accept reported from A-01-01 line 1 blocked
         scan MILK                -> ask lot of milk
         keys L1 enter            -> ask expiry of milk
         scan (17)271231          -> reject milk lot L1 blocked: recall 14
         key escape               -> quiet
         scan (01)MILK(10)L2(17)271231 -> accept picked 1 milk lot L2 exp 2027-12-31 from A-01-01 to T-1 line 1",
    );
    let mut floor = ready(&["bolt 2 @A-01-01", "nut 1 @A-01-01"]);
    on_hold(&mut floor, "bolt", None);
    floor.play(
        "scan BOLT                -> reject bolt blocked: recall 14
         scan CASE                -> reject bolt blocked: recall 14
         keys short 3             -> accept closed from A-01-01 line 1 short 2 not_found
         scan NUT                 -> accept picked 1 nut from A-01-01 to T-1 line 2",
    );
}

#[test]
fn a_hold_that_comes_between_goods_and_tote_is_obeyed() {
    let mut floor = cluster(&["bolt 2 @A-01-01 into T-2", "nut 1 @A-01-01 into T-2"]);
    floor.play("scan BOLT -> go put into T-2");
    on_hold(&mut floor, "bolt", None);
    floor.play(
        "scan T-2                 -> reject bolt blocked: recall 14
         key skip                 -> go skipped
         scan T-2                 -> go tote T-2
         scan NUT                 -> accept picked 1 nut from A-01-01 to T-2 line 2",
    );
}

#[test]
fn an_empty_place_closes_the_line_and_is_told_as_empty() {
    ready(&["bolt 3 @A-01-01", "nut 1 @A-01-02"]).play(
        "scan BOLT                -> accept picked 1 bolt from A-01-01 to T-1 line 1
         keys exception 6         -> accept closed from A-01-01 line 1 location_empty 2
         scan A-01-02             -> go location A-01-02
         key undo                 -> go back
         key undo                 -> accept reversed #2 line_closed from A-01-01 line 1
         scan BOLT                -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
}

#[test]
fn an_unreadable_label_is_told_and_typed() {
    let mut floor = ready(&["bolt 2 @A-01-01", "milk 1 @A-01-01"]);
    floor.play(
        "keys exception 8         -> accept reported from A-01-01 line 1 unreadable
         # The check digit of a typed code is checked.
         type 4006381333932       -> reject unknown 4006381333932
         type (01)04006381333932  -> reject bad label
         type BOLT                -> accept picked 1 bolt from A-01-01 to T-1 line 1
         type (01)04006381333931  -> accept picked 1 bolt from A-01-01 to T-1 line 1
         type MILK                -> ask lot of milk
         keys L7 enter            -> ask expiry of milk
         keys 31.12.27 enter      -> accept picked 1 milk lot L7 exp 2027-12-31 from A-01-01 to T-1 line 2",
    );
    let sources = floor
        .journal
        .iter()
        .map(|draft| Some(draft.raw.as_ref()?.source.word()));
    let typed = Some("typed");
    assert_eq!(sources.collect::<Vec<_>>(), [None, typed, typed, typed]);
}

#[test]
fn a_substitute_is_asked_for_once_and_counts_for_the_line() {
    let mut floor = ready(&["nut 4 @A-01-01", "nut 1 @A-01-01"]);
    with_substitutes(&mut floor, "nut", &["bolt"]);
    floor.play(
        "scan MILK                -> reject item milk, wanted nut
         scan BOLT                -> ask bolt for nut
         key escape               -> quiet
         scan BOLT                -> ask bolt for nut
         scan BOLT                -> reject item bolt, wanted an answer
         key enter                -> accept picked 1 bolt from A-01-01 to T-1 line 1 substitute 1
         # Agreed for this line: not asked for each piece.
         scan BOLT                -> accept picked 1 bolt from A-01-01 to T-1 line 1 substitute 1
         scan CASE                -> reject 12 bolt, open 2
         key undo                 -> accept reversed #2 picked 1 bolt from A-01-01 to T-1 line 1
         scan NUT                 -> accept picked 1 nut from A-01-01 to T-1 line 1
         restart                  -> quiet
         scan BOLT                -> accept picked 1 bolt from A-01-01 to T-1 line 1 substitute 1
         key 1                    -> ask how many bolt
         key enter                -> accept picked 1 bolt from A-01-01 to T-1 line 1 substitute 1
         scan BOLT                -> ask bolt for nut
         scan CMD-yes             -> accept picked 1 bolt from A-01-01 to T-1 line 2 substitute 1",
    );
}

#[test]
fn a_substitute_is_judged_as_any_goods_are() {
    let mut floor = floor_of(entering(pick(&[
        "bolt 4 @A-01-01",
        "milk 1 @A-01-01 lot L1 from 2027-01-01",
    ])));
    with_substitutes(&mut floor, "bolt", &["drill", "milk"]);
    with_substitutes(&mut floor, "milk", &["bolt"]);
    on_hold(&mut floor, "milk", Some("L9"));
    floor.play(
        "scan A-01-01             -> go location A-01-01
         scan DRILL               -> ask drill for bolt
         key enter                -> ask serial of drill
         scan (21)S1              -> accept picked 1 drill serial S1 from A-01-01 to T-1 line 1 substitute 1
         scan (01)DRILL(21)S1     -> reject serial S1 repeated
         scan (01)MILK(10)L9(17)271231 -> ask milk for bolt
         key enter                -> reject milk lot L9 blocked: recall 14
         key escape               -> quiet
         scan (01)MILK(10)L2(17)261101 -> ask milk for bolt
         key enter                -> reject expired 2026-11-01
         key escape               -> quiet
         scan (01)MILK(10)L2(17)271231 -> ask milk for bolt
         key enter                -> ask how many milk, 3
         keys 4 enter             -> reject 4 milk, open 3
         keys 3 enter             -> accept picked 3 milk lot L2 exp 2027-12-31 from A-01-01 to T-1 line 1 substitute 3",
    );
}

#[test]
fn a_substitute_goes_into_the_tote_of_the_cart() {
    let mut floor = cluster(&["nut 2 @A-01-01 into T-2"]);
    with_substitutes(&mut floor, "nut", &["bolt"]);
    floor.play(
        "scan BOLT                -> ask bolt for nut
         key enter                -> go put into T-2
         scan T-2                 -> accept picked 1 bolt from A-01-01 to T-2 line 1 substitute 1
         scan BOLT                -> accept picked 1 bolt from A-01-01 to T-2 line 1 substitute 1",
    );
}

#[test]
fn what_is_reported_before_the_place_is_about_its_line() {
    floor_of(pick(&["bolt 3 @A-01-01", "nut 1 @A-01-02"])).play(
        "keys exception 6         -> accept closed from A-01-01 line 1 location_empty 3
         keys exception 3 3       -> accept reported from A-01-02 line 2 wrong_goods mixed
         keys exception 2 1 1 enter -> accept status_changed 1 nut damaged from A-01-02 line 2 damaged 1 broken",
    );
}

#[test]
fn nothing_is_wrong_when_all_is_done() {
    ready(&["bolt 1 @A-01-01"]).play(
        "scan BOLT                -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key exception            -> reject key unused
         key skip                 -> reject key unused
         key short                -> reject key unused
         key done                 -> accept task closed",
    );
}

#[test]
fn a_question_about_a_line_that_is_done_meanwhile_is_not_answered_by_chance() {
    let mut floor = ready(&["bolt 1 @A-01-01", "nut 2 @A-01-02"]);
    floor.play("keys exception 2 1 -> ask how much bolt damaged");
    let mut task = pick(&["bolt 1 @A-01-01", "nut 2 @A-01-02"]);
    task.revision = 2;
    task.lines.remove(0);
    floor.catalogue.put_task(task);
    floor.play(
        "changed P1               -> quiet
         key 1                    -> reject key unused
         scan A-01-02             -> go location A-01-02",
    );
}

#[test]
fn screens_ask_in_the_worker_s_words() {
    let mut floor = ready(&["bolt 3 @A-01-01"]);
    floor.play("keys exception 2 1 -> ask how much bolt damaged");
    assert!(
        floor.screen().contains("? Damaged: how much of Hex bolt M8?"),
        "{}",
        floor.screen()
    );
    floor.play("keys 1 enter -> accept status_changed 1 bolt damaged from A-01-01 line 1 damaged 1 broken");
    assert!(
        floor.screen().contains("Recorded as damaged."),
        "{}",
        floor.screen()
    );
}
