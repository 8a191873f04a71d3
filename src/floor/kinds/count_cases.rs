//! Counting, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, entering, lines, task};
use crate::plan::CountPlan;
use crate::task::{Task, TaskKind};

fn count(texts: &[&str]) -> Task {
    task("C1", TaskKind::Count(CountPlan::default()), lines(texts))
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-C1 -> go task C1");
    floor
}

#[test]
fn a_count_from_place_to_place() {
    opened(count(&["@A-01-01", "@A-01-02", "@A-01-03"])).play(
        "scan BOLT      -> reject item bolt, wanted a place
         scan B-09-09   -> reject place B-09-09, wanted a place
         scan T-1       -> reject unit T-1, wanted a place
         scan WHAT      -> reject text WHAT, wanted a place
         scan A-01-02   -> go location A-01-02
         scan BOLT      -> accept counted 1 bolt to A-01-02 line 2
         scan BOLT      -> accept counted 1 bolt to A-01-02 line 2
         scan CASE      -> accept counted 12 bolt to A-01-02 line 2
         scan NUT       -> accept counted 1 nut to A-01-02 line 2
         scan A-01-01   -> reject at A-01-01, wanted A-01-02
         scan A-01-02   -> go location A-01-02
         scan T-1       -> reject unit T-1, wanted an item
         key short      -> reject key unused
         key done       -> ask is A-01-02 complete
         scan NUT       -> reject item nut, wanted an answer
         key escape     -> quiet
         scan CMD-done  -> ask is A-01-02 complete
         scan CMD-yes   -> accept place counted to A-01-02 line 2
         scan A-01-02   -> reject A-01-02 counted already
         scan NUT       -> reject item nut, wanted a place
         scan A-01-01   -> go location A-01-01
         scan A-01-03   -> go location A-01-03
         key done       -> ask is A-01-03 empty
         key enter      -> accept place counted to A-01-03 line 3
         key done       -> ask end with 1 open
         key escape     -> quiet
         scan A-01-01   -> go location A-01-01
         key done       -> ask is A-01-01 empty
         key enter      -> accept place counted to A-01-01 line 1
         scan NUT       -> reject item nut, wanted done
         key done       -> accept task closed",
    );
}

#[test]
fn found_goods_are_kept() {
    let mut floor = opened(count(&["@A-01-01"]));
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan GHOST     -> ask found 09999999999994
         key escape     -> quiet
         scan GHOST     -> ask found 09999999999994
         key enter      -> accept counted 1 ?09999999999994 to A-01-01 line 1 found 1
         scan XYZ-1     -> ask found XYZ-1
         scan CMD-yes   -> accept counted 1 ?XYZ-1 to A-01-01 line 1 found 1
         keys 3 enter   -> ask found XYZ-1
         key enter      -> accept counted 3 ?XYZ-1 to A-01-01 line 1 found 3",
    );
    assert!(floor.screen().contains("[4 ]"), "{}", floor.screen());
}

#[test]
fn tracked_goods_are_told_apart() {
    opened(count(&["@A-01-01", "@A-01-02"])).play(
        "scan A-01-01   -> go location A-01-01
         scan (01)DRILL(21)S1 -> accept counted 1 drill serial S1 to A-01-01 line 1
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         scan DRILL     -> ask serial of drill
         keys S1 enter  -> reject serial S1 repeated
         keys S2 enter  -> accept counted 1 drill serial S2 to A-01-01 line 1
         scan MILK      -> ask lot of milk
         scan (10)L1(17)250101 -> accept counted 1 milk lot L1 exp 2025-01-01 to A-01-01 line 1
         keys 5 enter   -> accept counted 5 milk lot L1 exp 2025-01-01 to A-01-01 line 1
         key undo       -> accept reversed #4 counted 5 milk lot L1 exp 2025-01-01 to A-01-01 line 1
         key undo       -> accept reversed #3 counted 1 milk lot L1 exp 2025-01-01 to A-01-01 line 1
         key undo       -> accept reversed #2 counted 1 drill serial S2 to A-01-01 line 1
         scan (01)DRILL(21)S2 -> accept counted 1 drill serial S2 to A-01-01 line 1
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         scan A-01-02   -> go location A-01-02
         scan (01)DRILL(21)S2 -> reject serial S2 repeated
         key undo       -> go back
         key undo       -> accept reversed #9 location_counted to A-01-01 line 1
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1",
    );
}

#[test]
fn a_blind_count_proposes_nothing_and_shows_its_own_figures_only() {
    let mut floor = opened(entering(count(&["@A-01-01"])));
    floor.play(
        "scan A-01-01   -> go location A-01-01
         scan CASE      -> ask how many bolt
         key enter      -> reject entry \"\", wanted a number
         keys 2 enter   -> accept counted 24 bolt to A-01-01 line 1
         scan NUT       -> ask how many nut
         keys 7 enter   -> accept counted 7 nut to A-01-01 line 1
         scan BOLT      -> ask how many bolt
         keys 1 enter   -> accept counted 1 bolt to A-01-01 line 1
         scan GHOST     -> ask found 09999999999994
         key enter      -> ask how many 09999999999994
         keys 2 enter   -> accept counted 2 ?09999999999994 to A-01-01 line 1 found 2
         scan BOLT      -> ask how many bolt
         key escape     -> quiet",
    );
    assert_eq!(
        floor.screen(),
        "Count DOC-C1 | Scan an item | [2 ] | Item: 09999999999994 | 25: Hex bolt M8 | 7: Hex nut M8 | Nothing was recorded.",
    );
}

#[test]
fn a_count_goes_on_after_a_restart_and_after_a_break() {
    opened(count(&["@A-01-01", "@A-01-02"])).play(
        "scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         restart        -> quiet
         keys 4 enter   -> accept counted 4 bolt to A-01-01 line 1
         key escape     -> go left C1
         key 1          -> go task C1
         scan A-01-01   -> go location A-01-01
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         key done       -> ask end with 1 open
         key enter      -> accept task closed short not_counted",
    );
}

/// Beyond the items whose figures are kept, no wrong figure is shown.
#[test]
fn a_place_with_very_many_items_is_still_counted() {
    let mut floor = opened(count(&["@A-01-01"]));
    floor.play("scan A-01-01 -> go location A-01-01");
    for number in 0..12 {
        floor.play(&format!("scan X-{number} -> ask found X-{number}"));
        floor.play(&format!(
            "key enter -> accept counted 1 ?X-{number} to A-01-01 line 1 found 1"
        ));
    }
    assert!(floor.screen().contains("[1 ] | Item: X-11"), "{}", floor.screen());
    floor.play("scan BOLT -> accept counted 1 bolt to A-01-01 line 1");
    assert!(!floor.screen().contains('['), "{}", floor.screen());
    floor.play("key undo -> accept reversed #13 counted 1 bolt to A-01-01 line 1");
    assert!(floor.screen().contains("[1 ] | Item: X-11"), "{}", floor.screen());
    floor.play("scan X-3 -> ask found X-3");
    floor.play("key enter -> accept counted 1 ?X-3 to A-01-01 line 1 found 1");
    assert!(floor.screen().contains("[2 ] | Item: X-3"), "{}", floor.screen());
}
