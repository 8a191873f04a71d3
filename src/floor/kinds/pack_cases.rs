//! Packing, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, entering, lines, task};
use crate::event::{Effect, Event, Key};
use crate::ids::HandlingUnitId;
use crate::label::LabelOrder;
use crate::plan::PackPlan;
use crate::site::{Hold, Holds};
use crate::task::{Task, TaskKind};

fn pack(plan: PackPlan, texts: &[&str]) -> Task {
    task("K1", TaskKind::Pack(plan), lines(texts))
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-K1 -> go task K1");
    floor
}

fn from_tote(weigh: bool) -> PackPlan {
    PackPlan {
        from: Some(HandlingUnitId::from("T-1")),
        weigh,
    }
}

/// At the table, with the tote known and a carton taken.
fn ready(texts: &[&str]) -> Floor {
    let mut floor = opened(pack(from_tote(false), texts));
    floor.play("scan T-100 -> go tote T-100");
    floor
}

fn weighing(texts: &[&str]) -> Floor {
    let mut floor = opened(pack(from_tote(true), texts));
    floor.play("scan T-100 -> go tote T-100");
    floor
}

fn with_numbers(mut floor: Floor) -> Floor {
    for number in ["095212345678912347", "095212345678912354"] {
        floor.catalogue.put_handling_unit(HandlingUnitId::from(number));
    }
    floor
}

#[test]
fn an_order_from_tote_to_carton() {
    opened(pack(PackPlan::default(), &["bolt 3", "nut 1"])).play(
        "scan BOLT      -> reject item bolt, wanted a tote
         scan A-01-01   -> reject place A-01-01, wanted a tote
         key enter      -> quiet
         scan T-1       -> go tote T-1
         scan BOLT      -> reject item bolt, wanted a carton
         scan A-01-01   -> reject place A-01-01, wanted a carton
         scan T-1       -> reject unit T-1, wanted a carton
         scan T-100     -> go tote T-100
         scan T-100     -> go tote T-100
         # In any order.
         scan NUT       -> accept packed 1 nut from T-1 to T-100 line 2
         scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         scan A-01-01   -> reject place A-01-01, wanted an item
         scan MILK      -> reject milk not on list
         scan GHOST     -> reject unknown 09999999999994
         scan NUT       -> reject nut full
         scan CASE      -> reject 12 bolt, open 2
         scan (01)BOLT(30)2 -> accept packed 2 bolt from T-1 to T-100 line 1
         scan BOLT      -> reject bolt full
         scan MILK      -> reject milk not on list
         # With the last carton the task ends.
         key done       -> accept unit_closed from T-100; task closed
         key undo       -> reject nothing to undo",
    );
}

#[test]
fn a_tote_that_the_hub_knows_is_not_scanned() {
    ready(&["bolt 2"]).play(
        "scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         scan T-1       -> reject unit T-1, wanted an item
         scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         scan CMD-done  -> accept unit_closed from T-100; task closed",
    );
}

#[test]
fn a_carton_is_filled_closed_and_followed_by_the_next() {
    ready(&["bolt 3", "nut 1"]).play(
        "scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         # Closed before the next begins.
         scan T-101     -> reject unit T-101, wanted T-100
         key done       -> accept unit_closed from T-100
         scan BOLT      -> reject item bolt, wanted a carton
         scan T-100     -> reject unit T-100 done already
         scan T-101     -> go tote T-101
         # Nothing is in it so far: another one may be taken.
         scan T-102     -> go tote T-102
         scan BOLT      -> accept packed 1 bolt from T-1 to T-102 line 1
         key exception  -> ask which exception short damaged wrong_goods found unit_full unreadable
         key 5          -> accept unit_closed from T-102
         scan T-103     -> go tote T-103
         scan BOLT      -> accept packed 1 bolt from T-1 to T-103 line 1
         scan NUT       -> accept packed 1 nut from T-1 to T-103 line 2
         keys exception 1 -> accept unit_closed from T-103; task closed",
    );
}

#[test]
fn a_new_carton_gets_a_number_and_a_label() {
    let mut floor = with_numbers(opened(pack(from_tote(false), &["bolt 2"])));
    let step = floor.step(Event::Key(Key::Enter));
    let printed: Vec<_> = step
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Print(LabelOrder::HandlingUnit { unit, text }) => Some((unit.as_str(), text.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(printed, [("095212345678912347", "DOC-K1")]);
    assert!(
        matches!(step.effects.last(), Some(Effect::Print(_))),
        "facts and sound come first"
    );
    floor.play(
        "key enter      -> quiet
         key undo       -> go back
         scan CMD-yes   -> go tote 095212345678912347
         scan BOLT      -> accept packed 1 bolt from T-1 to 095212345678912347 line 1
         key done       -> accept unit_closed from 095212345678912347",
    );
    let used = HandlingUnitId::from("095212345678912347");
    floor.catalogue.use_handling_unit(&used);
    floor.play(
        "key enter      -> go tote 095212345678912354
         scan BOLT      -> accept packed 1 bolt from T-1 to 095212345678912354 line 1
         key done       -> accept unit_closed from 095212345678912354; task closed",
    );
}

#[test]
fn a_device_without_numbers_wants_a_carton_with_a_label() {
    opened(pack(from_tote(false), &["bolt 1"])).play(
        "key enter      -> reject no number for a unit
         scan (00)095212345678912347 -> go tote 095212345678912347
         scan BOLT      -> accept packed 1 bolt from T-1 to 095212345678912347 line 1",
    );
}

#[test]
fn a_carton_is_weighed_before_it_is_closed() {
    weighing(&["bolt 2"]).play(
        "scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         key done       -> ask weight of T-100
         key enter      -> reject entry \"\", wanted a weight
         keys 0 enter   -> reject entry \"0\", wanted a weight
         keys - 2 enter -> reject entry \"-2\", wanted a weight
         keys x enter   -> reject entry \"x\", wanted a weight
         # Nothing is closed without it.
         key escape     -> quiet
         scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         key undo       -> accept reversed #2 packed 1 bolt from T-1 to T-100 line 1
         key done       -> ask weight of T-100
         restart        -> quiet
         keys 12.5 enter -> accept observed from T-100 weight 12.5; unit_closed from T-100
         scan T-101     -> go tote T-101
         scan BOLT      -> accept packed 1 bolt from T-1 to T-101 line 1
         key done       -> ask weight of T-101
         keys 3 enter   -> accept observed from T-101 weight 3; unit_closed from T-101; task closed",
    );
}

#[test]
fn the_weight_may_be_on_a_label() {
    weighing(&["bolt 4"]).play(
        "scan BOLT             -> accept packed 1 bolt from T-1 to T-100 line 1
         key done              -> ask weight of T-100
         scan (3302)001250     -> accept observed from T-100 weight 12.5; unit_closed from T-100
         key undo              -> accept reversed #3 unit_closed from T-100; reversed #2 observed from T-100 weight 12.5
         # A scale that prints the figure alone.
         key done              -> ask weight of T-100
         scan 12.75            -> accept observed from T-100 weight 12.75; unit_closed from T-100
         scan (00)095212345678912347 -> go tote 095212345678912347
         scan BOLT             -> accept packed 1 bolt from T-1 to 095212345678912347 line 1
         key done              -> ask weight of 095212345678912347
         # The label of another carton says nothing about this one.
         scan (00)095212345678912354(3302)001250 -> reject unit 095212345678912354, wanted 095212345678912347
         scan T-100            -> reject unit T-100, wanted 095212345678912347
         scan BOLT             -> reject item bolt, wanted a weight
         scan A-01-01          -> reject place A-01-01, wanted a weight
         scan (00)095212345678912347 -> reject unit 095212345678912347, wanted a weight
         scan (00)095212345678912347(3303)001250 -> accept observed from 095212345678912347 weight 1.25; unit_closed from 095212345678912347",
    );
}

#[test]
fn lots_and_serials_are_checked_against_the_list() {
    ready(&["milk 2 lot L1", "milk 1 lot L2", "drill 2"]).play(
        "scan (01)MILK(10)L3(17)271231 -> reject lot L3, wanted L1
         scan (01)MILK(10)L2(17)271231 -> accept packed 1 milk lot L2 exp 2027-12-31 from T-1 to T-100 line 2
         scan (01)MILK(10)L2(17)271231 -> reject milk full
         scan MILK              -> ask lot of milk
         scan (10)L1            -> ask expiry of milk
         keys 311227 escape     -> quiet
         scan MILK + (10)L1 + (17)271231 -> accept packed 1 milk lot L1 exp 2027-12-31 from T-1 to T-100 line 1
         scan DRILL             -> ask serial of drill
         scan S-1               -> accept packed 1 drill serial S-1 from T-1 to T-100 line 3
         scan (01)DRILL(21)S-1  -> reject serial S-1 repeated
         scan (01)DRILL(21)S-2  -> accept packed 1 drill serial S-2 from T-1 to T-100 line 3",
    );
}

#[test]
fn numbers_are_typed_where_the_task_wants_it() {
    let mut floor = opened(entering(pack(from_tote(false), &["bolt 30", "oil 5"])));
    floor.play(
        "scan T-100             -> go tote T-100
         scan BOLT              -> ask how many bolt, 30
         keys 31 enter          -> reject 31 bolt, open 30
         keys 6 enter           -> accept packed 6 bolt from T-1 to T-100 line 1
         scan CASE              -> ask how many bolt, 2
         key enter              -> accept packed 24 bolt from T-1 to T-100 line 1
         scan OIL               -> ask how many oil, 2
         key enter              -> accept packed 5 oil from T-1 to T-100 line 2",
    );
}

#[test]
fn one_scan_and_the_rest_typed() {
    ready(&["bolt 6"]).play(
        "scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         key 5          -> ask how many bolt
         key enter      -> accept packed 5 bolt from T-1 to T-100 line 1",
    );
}

#[test]
fn the_end_asks_for_what_is_missing() {
    ready(&["bolt 3", "nut 1"]).play(
        "key done       -> ask end with 2 open
         key escape     -> quiet
         scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         key done       -> accept unit_closed from T-100
         key done       -> ask end with 2 open
         key enter      -> accept closed from T-1 line 1 short 2; closed from T-1 line 2 short 1; task closed",
    );
}

#[test]
fn what_is_wrong_at_the_table() {
    ready(&["bolt 3", "nut 1", "milk 2"]).play(
        "keys short 3             -> accept closed from T-1 line 1 short 3 not_found
         scan BOLT                -> reject bolt full
         key undo                 -> accept reversed #1 line_closed from T-1 line 1
         key skip                 -> go skipped
         keys short 2             -> accept closed from T-1 line 2 short 1 damaged
         keys exception 2 1 1 enter -> accept status_changed 1 milk damaged from T-1 line 3 damaged 1 broken
         keys exception 3 1       -> accept reported from T-1 line 3 wrong_goods other_item
         keys exception 4         -> accept reported from T-1 line 3 found
         keys exception 6         -> accept reported from T-1 line 3 unreadable
         scan BOLT                -> accept packed 1 bolt from T-1 to T-100 line 1",
    );
}

#[test]
fn goods_on_hold_are_not_packed() {
    let mut floor = ready(&["milk 2", "bolt 1"]);
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
        "scan (01)MILK(10)L1(17)271231 -> reject milk lot L1 blocked: recall 14
         scan (01)MILK(10)L2(17)271231 -> accept packed 1 milk lot L2 exp 2027-12-31 from T-1 to T-100 line 1",
    );
}

#[test]
fn goods_that_are_planned_for_another_carton() {
    opened(pack(
        from_tote(false),
        &["bolt 1 into T-100", "nut 1 into T-200", "oil 5"],
    ))
    .play(
        "scan T-100     -> go tote T-100
         scan NUT       -> reject unit T-100, wanted T-200
         scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         key done       -> accept unit_closed from T-100
         scan T-200     -> go tote T-200
         scan NUT       -> accept packed 1 nut from T-1 to T-200 line 2
         # What has no carton planned goes into any.
         scan OIL       -> accept packed 2.5 oil from T-1 to T-200 line 3",
    );
    let mut planned = with_numbers(opened(pack(from_tote(false), &["bolt 1 into T-100"])));
    planned.play(
        "scan T-300     -> reject unit T-300, wanted T-100
         key enter      -> reject unit 095212345678912347, wanted T-100
         scan T-100     -> go tote T-100",
    );
}

#[test]
fn goods_of_several_totes() {
    opened(pack(PackPlan::default(), &["bolt 1 #T-1", "nut 1 #T-2"])).play(
        "scan T-100     -> go tote T-100
         scan NUT       -> accept packed 1 nut from T-2 to T-100 line 2
         scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         scan T-1       -> go tote T-1
         key done       -> accept unit_closed from T-100; task closed",
    );
}

#[test]
fn a_carton_that_was_left_is_taken_up_and_closed() {
    ready(&["bolt 1"]).play(
        "scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         key escape     -> go left K1
         scan DOC-K1    -> go task K1
         scan T-100     -> go tote T-100
         key done       -> accept unit_closed from T-100; task closed",
    );
}

#[test]
fn a_task_that_changes_at_the_table() {
    let mut floor = ready(&["bolt 1", "nut 1"]);
    floor.play(
        "scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1
         key done       -> accept unit_closed from T-100
         key done       -> ask end with 1 open",
    );
    let mut task = pack(from_tote(false), &["bolt 1", "nut 1", "oil 5"]);
    task.revision = 2;
    floor.catalogue.put_task(task);
    floor.play(
        "changed K1     -> quiet
         # More is open than was asked about: the answer counts for nothing.
         key enter      -> reject no number for a unit
         key done       -> ask end with 2 open",
    );
}

#[test]
fn screens_say_what_is_in_the_carton() {
    let mut floor = with_numbers(opened(pack(from_tote(false), &["bolt 3", "nut 1"])));
    assert_eq!(
        floor.screen(),
        "Pack DOC-K1 | Scan the carton to pack into | Item: Hex bolt M8 | Number: bolt | Take: 3 each | From: T-1 | Task opened."
    );
    let keys = floor.view.keys.iter().map(|hint| hint.label.as_str());
    assert!(
        keys.clone().any(|label| label == "New carton"),
        "{:?}",
        keys.collect::<Vec<_>>()
    );
    floor.play(
        "scan T-100     -> go tote T-100
         scan BOLT      -> accept packed 1 bolt from T-1 to T-100 line 1",
    );
    assert_eq!(
        floor.screen(),
        "Pack DOC-K1 | Scan an item | [1 / 3 each] | Item: Hex bolt M8 | Number: bolt | Take: 2 each | Carton: T-100 | 1: Hex bolt M8 | \
         From: T-1 | 1 each Hex bolt M8 packed."
    );
}
