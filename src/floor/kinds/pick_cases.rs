//! Picking, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, entering, lines, task};
use crate::ids::HandlingUnitId;
use crate::plan::PickPlan;
use crate::task::{Task, TaskKind};

fn pick(texts: &[&str]) -> Task {
    task("P1", TaskKind::Pick(PickPlan::default()), lines(texts))
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-P1 -> go task P1");
    floor
}

fn ready(texts: &[&str]) -> Floor {
    let mut floor = opened(pick(texts));
    floor.play("scan T-1 -> go tote T-1");
    floor
}

#[test]
fn a_pick_from_tote_to_end() {
    opened(pick(&["bolt 3 @A-01-01", "nut 1 @A-01-02"])).play(
        "scan A-01-01   -> reject place A-01-01, wanted a tote
         scan BOLT      -> reject item bolt, wanted a tote
         scan T-1       -> go tote T-1
         scan BOLT      -> reject item bolt, wanted A-01-01
         scan A-01-02   -> reject at A-01-02, wanted A-01-01
         scan A-01-01   -> go location A-01-01
         scan A-01-01   -> go location A-01-01
         scan NUT       -> reject item nut, wanted bolt
         scan GHOST     -> reject unknown 09999999999994
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan A-01-02   -> reject at A-01-02, wanted A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT      -> reject item bolt, wanted A-01-02
         scan A-01-02   -> go location A-01-02
         scan NUT       -> accept picked 1 nut from A-01-02 to T-1 line 2
         scan NUT       -> reject nut full
         scan MILK      -> reject milk not on list
         scan A-01-02   -> reject place A-01-02, wanted done
         key short      -> reject key unused
         key done       -> accept task closed
         scan BOLT      -> reject no task
         scan DOC-P1    -> reject P1 done",
    );
}

#[test]
fn packs_count_what_they_hold_and_never_too_much() {
    ready(&["bolt 18 @A-01-01"]).play(
        "scan A-01-01          -> go location A-01-01
         scan CASE             -> accept picked 12 bolt from A-01-01 to T-1 line 1
         scan CASE             -> reject 12 bolt, open 6
         scan BAG-OF-BOLTS     -> accept picked 5 bolt from A-01-01 to T-1 line 1
         scan BAG-OF-BOLTS     -> reject 5 bolt, open 1
         scan (01)BOLT(30)2    -> reject 2 bolt, open 1
         scan (01)BOLT(30)0    -> reject entry \"0\", wanted a number
         scan BOLT             -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan CASE             -> reject bolt full",
    );
}

#[test]
fn scan_one_and_type_the_rest() {
    ready(&["bolt 10 @A-01-01", "nut 1 @A-01-01"]).play(
        "key 4                 -> reject key unused
         scan A-01-01          -> go location A-01-01
         key 4                 -> reject key unused
         scan BOLT             -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key 1                 -> ask how many bolt
         keys 2 enter          -> reject 12 bolt, open 9
         keys 0 enter          -> reject entry \"0\", wanted a number
         keys 9 back 4 enter   -> accept picked 4 bolt from A-01-01 to T-1 line 1
         key 2                 -> ask how many bolt
         key escape            -> quiet
         key 2                 -> reject key unused
         scan BOLT             -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan NUT              -> reject item nut, wanted bolt
         key 2                 -> reject key unused
         scan BAG-OF-BOLTS     -> reject 5 bolt, open 4
         scan BOLT             -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key undo              -> accept reversed #4 picked 1 bolt from A-01-01 to T-1 line 1
         key 3                 -> reject key unused
         scan BOLT             -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key 3                 -> ask how many bolt
         key enter             -> accept picked 3 bolt from A-01-01 to T-1 line 1
         key 3                 -> reject key unused
         scan NUT              -> accept picked 1 nut from A-01-01 to T-1 line 2
         key done              -> accept task closed",
    );
}

#[test]
fn scan_then_enter_proposes_the_rest() {
    let mut floor = opened(entering(pick(&[
        "bolt 30 @A-01-01",
        "oil 5 @A-01-01",
        "bolt 5 @A-01-01",
    ])));
    floor.play(
        "scan T-1              -> go tote T-1
         scan A-01-01          -> go location A-01-01
         scan BOLT             -> ask how many bolt, 30
         scan BOLT             -> reject item bolt, wanted a number
         scan A-01-01          -> reject place A-01-01, wanted a number
         keys 31 enter         -> reject 31 bolt, open 30
         keys 10 enter         -> accept picked 10 bolt from A-01-01 to T-1 line 1
         scan CASE             -> ask how many bolt, 1
         key enter             -> accept picked 12 bolt from A-01-01 to T-1 line 1
         scan CASE             -> ask how many bolt
         keys 1 enter          -> reject 12 bolt, open 8
         key escape            -> quiet
         scan (01)BOLT(30)3    -> ask how many bolt, 3
         keys 8 enter          -> accept picked 8 bolt from A-01-01 to T-1 line 1
         scan OIL              -> ask how many oil, 2
         keys 1.5 enter        -> accept picked 3.75 oil from A-01-01 to T-1 line 2
         scan OIL              -> ask how many oil
         keys .5 enter         -> accept picked 1.25 oil from A-01-01 to T-1 line 2
         scan BOLT             -> ask how many bolt, 5
         key enter             -> accept picked 5 bolt from A-01-01 to T-1 line 3
         key done              -> accept task closed",
    );
    let owner = floor
        .journal
        .iter()
        .filter_map(|draft| draft.goods.as_ref()?.owner.clone());
    assert_eq!(owner.count(), 2, "the oil belongs to somebody");
}

#[test]
fn a_short_line_gets_its_reason_and_the_next_line_follows() {
    ready(&["bolt 3 @A-01-01", "nut 2 @A-01-02", "nut 1 @A-01-03"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key short      -> ask why short 2
         scan BOLT      -> reject item bolt, wanted an answer
         key 0          -> reject key unused
         key 4          -> reject key unused
         key escape     -> quiet
         key short      -> ask why short 2
         key 1          -> accept closed from A-01-01 line 1 short 2 empty
         scan BOLT      -> reject item bolt, wanted A-01-02
         scan CMD-short -> ask why short 2
         key 2          -> accept closed from A-01-02 line 2 short 2 damaged
         key short      -> ask why short 1
         key 3          -> accept closed from A-01-03 line 3 short 1 not_found
         key done       -> accept task closed",
    );
}

#[test]
fn one_place_serves_its_lines_and_is_left_behind() {
    ready(&[
        "bolt 1 @A-01-01",
        "nut 1 @A-01-01",
        "bolt 1 @A-01-02",
        "nut 1 @A-01-01",
    ])
    .play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan NUT       -> accept picked 1 nut from A-01-01 to T-1 line 2
         scan NUT       -> reject item nut, wanted A-01-02
         scan A-01-02   -> go location A-01-02
         scan BOLT      -> accept picked 1 bolt from A-01-02 to T-1 line 3
         scan A-01-01   -> go location A-01-01
         scan NUT       -> accept picked 1 nut from A-01-01 to T-1 line 4",
    );
}

#[test]
fn lots_dates_and_serials_are_asked_for_and_judged() {
    ready(&["milk 2 @A-01-01 lot L1 from 2026-12-24", "drill 2 @A-01-01", "milk 1 @A-01-01"]).play(
        "scan A-01-01                   -> go location A-01-01
         scan (01)MILK(10)L2(17)271231  -> reject lot L2, wanted L1
         scan (01)MILK(10)L1(17)261223  -> reject expired 2026-12-23
         scan (01)MILK(10)L1(17)271231  -> accept picked 1 milk lot L1 exp 2027-12-31 from A-01-01 to T-1 line 1
         scan MILK                      -> ask lot of milk
         keys L2 enter                  -> reject lot L2, wanted L1
         scan (10)L1                    -> ask expiry of milk
         keys 31.02.27 enter            -> reject entry \"31.02.27\", wanted a date
         keys 1.12.26 enter             -> reject expired 2026-12-01
         scan (15)270131                -> accept picked 1 milk lot L1 exp 2027-01-31 from A-01-01 to T-1 line 1
         scan DRILL                     -> ask serial of drill
         key enter                      -> reject entry \"\", wanted a serial
         scan S-1                       -> accept picked 1 drill serial S-1 from A-01-01 to T-1 line 2
         scan (01)DRILL(21)S-1          -> reject serial S-1 repeated
         scan DRILL                     -> ask serial of drill
         scan (01)DRILL(21)S-1          -> reject serial S-1 repeated
         scan NUT                       -> reject item nut, wanted drill
         scan A-01-01                   -> reject place A-01-01, wanted a serial
         scan (01)DRILL(21)S-2          -> accept picked 1 drill serial S-2 from A-01-01 to T-1 line 2
         scan (01)MILK(10)L9(17)261122  -> reject expired 2026-11-22
         scan (01)MILK(10)L9(17)261123  -> accept picked 1 milk lot L9 exp 2026-11-23 from A-01-01 to T-1 line 3",
    );
}

#[test]
fn undo_takes_back_one_step_at_a_time() {
    ready(&["bolt 2 @A-01-01", "nut 1 @A-01-02"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan CMD-undo  -> accept reversed #2 picked 1 bolt from A-01-01 to T-1 line 1
         key 1          -> reject key unused
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key short      -> ask why short 1
         key 1          -> accept closed from A-01-02 line 2 short 1 empty
         key undo       -> accept reversed #5 line_closed from A-01-02 line 2
         key undo       -> accept reversed #4 picked 1 bolt from A-01-01 to T-1 line 1
         restart        -> quiet
         key undo       -> accept reversed #1 picked 1 bolt from A-01-01 to T-1 line 1
         key undo       -> go back
         scan BOLT      -> reject item bolt, wanted A-01-01
         key undo       -> go back
         scan A-01-01   -> reject place A-01-01, wanted a tote
         key undo       -> go back
         key undo       -> reject nothing to undo
         scan BOLT      -> reject no task",
    );
}

#[test]
fn undo_ends_with_the_task_and_leaves_open_questions_first() {
    ready(&["bolt 2 @A-01-01"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key short      -> ask why short 1
         key undo       -> quiet
         key escape     -> go left P1
         key undo       -> reject nothing to undo
         key 1          -> go task P1
         scan T-2       -> go tote T-2
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-2 line 1
         key done       -> accept task closed
         key undo       -> reject nothing to undo",
    );
}

#[test]
fn undo_reaches_back_a_bounded_number_of_steps() {
    let mut floor = ready(&["bolt 20 @A-01-01"]);
    floor.play("scan A-01-01 -> go location A-01-01");
    for _ in 0..12 {
        floor.play("scan BOLT -> accept picked 1 bolt from A-01-01 to T-1 line 1");
    }
    for seq in (7..=12).rev() {
        floor.play(&format!(
            "key undo -> accept reversed #{seq} picked 1 bolt from A-01-01 to T-1 line 1"
        ));
    }
    floor.play("key undo -> reject nothing to undo");
}

#[test]
fn a_tote_that_the_hub_chose_is_the_tote() {
    let kind = TaskKind::Pick(PickPlan {
        into: Some(HandlingUnitId::from("T-7")),
        ..PickPlan::default()
    });
    opened(task("P1", kind, lines(&["bolt 1 @A-01-01"]))).play(
        "scan T-1       -> reject unit T-1, wanted T-7
         scan T-7       -> go tote T-7
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-7 line 1",
    );
}

#[test]
fn an_sscc_is_a_tote_too_and_a_full_tote_is_replaced() {
    opened(pick(&["bolt 2 @A-01-01"])).play(
        "scan (00)095212345678912347   -> go tote 095212345678912347
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to 095212345678912347 line 1
         scan T-2       -> go tote T-2
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-2 line 1",
    );
}

#[test]
fn an_early_end_closes_each_open_line() {
    ready(&["bolt 2 @A-01-01", "nut 1 @A-01-02"]).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key done       -> ask end with 2 open
         scan CMD-no    -> quiet
         scan CMD-done  -> ask end with 2 open
         key 1          -> reject key unused
         scan CMD-yes   -> accept closed from A-01-01 line 1 short 1; closed from A-01-02 line 2 short 1; task closed",
    );
}

#[test]
fn the_codes_of_one_trigger_pull_belong_together() {
    ready(&["milk 3 @A-01-01", "bolt 2 @A-01-01"]).play(
        "scan A-01-01 + A-01-02                   -> ask two in view A-01-01 A-01-02
         scan A-01-01 + MILK                      -> go location A-01-01
         scan MILK + (10)L1 + (17)271231          -> accept picked 1 milk lot L1 exp 2027-12-31 from A-01-01 to T-1 line 1
         scan (10)L1(17)271231 + MILK             -> accept picked 1 milk lot L1 exp 2027-12-31 from A-01-01 to T-1 line 1
         scan MILK + (10)L1 + (10)L2              -> ask two in view L1 L2
         scan MILK + BOLT                         -> ask two in view 04000417025005 04006381333931
         scan MILK + CARRIER-77                   -> ask lot of milk
         key escape                               -> quiet
         scan CARRIER-77 + STICKER-3              -> ask two in view CARRIER-77 STICKER-3
         scan (01)MILK(10)L1(17)271231 + T-9      -> accept picked 1 milk lot L1 exp 2027-12-31 from A-01-01 to T-1 line 1
         scan BOLT + BOLT                         -> accept picked 1 bolt from A-01-01 to T-1 line 2
         scan BOLT + CASE                         -> ask two in view 04006381333931 14006381333938
         scan A-01-09 + BOLT                      -> accept picked 1 bolt from A-01-01 to T-1 line 2",
    );
}

#[test]
fn a_label_that_cannot_be_scanned_is_typed() {
    let mut floor = ready(&["bolt 2 @A-01-01", "milk 1 @A-01-01"]);
    floor.play(
        "type A-01-01                     -> go location A-01-01
         type A-01-O1                     -> reject unknown A-01-O1
         type BOLT                        -> accept picked 1 bolt from A-01-01 to T-1 line 1
         keys type done                   -> reject key unused
         key escape                       -> quiet
         keys type enter                  -> quiet
         keys type 123 back back escape   -> quiet
         keys type 123 undo               -> quiet
         keys type 1                      -> quiet
         scan BOLT                        -> accept picked 1 bolt from A-01-01 to T-1 line 1
         type (01)04000417025004          -> reject bad label
         type (01)04000417025005(10)L1(17)270101 -> accept picked 1 milk lot L1 exp 2027-01-01 from A-01-01 to T-1 line 2",
    );
    let sources: Vec<_> = floor
        .journal
        .iter()
        .filter_map(|draft| Some(draft.raw.as_ref()?.source.word()))
        .collect();
    assert_eq!(sources, ["typed", "scan", "typed"]);
}

#[test]
fn screens_say_where_to_go_and_what_to_do() {
    let mut floor = opened(pick(&["bolt 3 @A-01-01", "nut 1 @A-01-02"]));
    let mut says = |row: &str, wanted: &str| {
        floor.play(row);
        assert_eq!(floor.screen(), wanted);
    };
    says(
        "refresh -> quiet",
        "Pick DOC-P1 | Scan the tote | Item: Hex bolt M8 | Number: bolt | Take: 3 each | Task opened. | Then A-01-02",
    );
    says(
        "scan T-1 -> go tote T-1",
        "Pick DOC-P1 | Go there and scan the place | [A-01-01 ] | Item: Hex bolt M8 | Number: bolt | Take: 3 each | \
         Into: T-1 | Into T-1 from now on. | Then A-01-02",
    );
    says(
        "scan A-01-02 -> reject at A-01-02, wanted A-01-01",
        "Pick DOC-P1 | Go there and scan the place | [A-01-01 ] | Item: Hex bolt M8 | Number: bolt | Take: 3 each | \
         Into: T-1 | This is A-01-02. | Wanted is A-01-01. | Go to A-01-01, or press Done or Short if you are through \
         there. | Then A-01-02",
    );
    floor.play("scan A-01-01 -> go location A-01-01");
    floor.play("scan BOLT -> accept picked 1 bolt from A-01-01 to T-1 line 1");
    assert_eq!(
        floor.screen(),
        "Pick DOC-P1 | Scan the item | [1 / 3 each] | Item: Hex bolt M8 | Number: bolt | Take: 2 each | Into: T-1 | \
         1 each Hex bolt M8 picked. | Then A-01-02",
    );
    floor.play("restart -> quiet");
    assert!(
        floor.screen().contains("1 each Hex bolt M8 picked."),
        "{}",
        floor.screen()
    );
    floor.play("key short -> ask why short 2");
    assert!(floor.screen().contains("? 2 missing. Why?"), "{}", floor.screen());
}
