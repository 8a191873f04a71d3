//! Moving, planned and begun on the floor, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, lines, task};
use crate::catalogue::Catalogue;
use crate::ids::{DeviceId, LocationId, TaskId};
use crate::plan::PickPlan;
use crate::task::{Task, TaskKind};

fn moving(texts: &[&str]) -> Task {
    task("M1", TaskKind::Move, lines(texts))
}

fn opened(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play("scan DOC-M1 -> go task M1");
    floor
}

#[test]
fn a_planned_move() {
    opened(moving(&["bolt 2 @A-01-01 >B-01-01", "#T-5 @A-01-02 >B-01-02", "nut 2 @A-01-03"])).play(
        "scan B-01-01   -> reject at B-01-01, wanted A-01-01
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> go in hand 1 bolt
         key 1          -> ask how many bolt
         key enter      -> go in hand 2 bolt
         scan B-01-01   -> accept moved 2 bolt from A-01-01 to B-01-01 line 1
         scan T-5       -> reject unit T-5, wanted A-01-02
         scan A-01-02   -> go location A-01-02
         scan BOLT      -> reject item bolt, wanted unit T-5
         scan T-5       -> go in hand T-5
         scan B-01-03   -> ask why other_place
         key 2          -> accept moved 1 ?T-5 on T-5 from A-01-02 to B-01-03 line 2 other_place blocked; closed line 2
         scan A-01-03   -> go location A-01-03
         scan NUT       -> go in hand 1 nut
         scan A-01-03   -> reject place A-01-03, wanted where it goes
         scan C-01-01   -> accept moved 1 nut from A-01-03 to C-01-01 line 3
         scan NUT       -> go in hand 1 nut
         key short      -> reject key unused
         scan C-01-02   -> accept moved 1 nut from A-01-03 to C-01-02 line 3
         key done       -> accept task closed",
    );
}

#[test]
fn the_menu_offers_what_means_something() {
    let mut floor = opened(moving(&["bolt 2 @A-01-01 >B-01-01"]));
    floor.play(
        "key menu       -> ask menu move found_unit count other_task hand_over inquiry
         key escape     -> quiet
         scan CMD-menu  -> ask menu move found_unit count other_task hand_over inquiry
         key 9          -> reject key unused
         key enter      -> reject key unused
         scan BOLT      -> reject item bolt, wanted an answer
         key undo       -> quiet
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> go in hand 1 bolt
         key menu       -> ask menu inquiry
         key escape     -> quiet
         scan B-01-01   -> accept moved 1 bolt from A-01-01 to B-01-01 line 1
         key menu       -> ask menu move found_unit count other_task hand_over inquiry",
    );
    floor.catalogue.put_device(DeviceId::from(""));
    floor.play(
        "key escape     -> quiet
         key menu       -> ask menu other_task hand_over inquiry
         key escape     -> quiet",
    );
}

#[test]
fn an_unplanned_move_from_the_list() {
    let mut floor = Floor::new(Vec::new());
    floor.play(
        "key menu       -> ask menu move found_unit count inquiry
         key 1          -> ask begin move
         scan BOLT      -> reject item bolt, wanted any place
         scan T-1       -> reject unit T-1, wanted any place
         scan GHOST     -> reject text 09999999999994, wanted any place
         scan A-01-01   -> accept task_started move A-01-01 1",
    );
    assert_eq!(floor.session.task(), Some(&TaskId::from("D1-1-1")));
    assert_eq!(
        floor.screen(),
        "Move A-01-01 1 | Scan an item | The task has begun."
    );
    floor.play(
        "scan BOLT      -> go in hand 1 bolt
         scan NUT       -> go in hand 2 nut
         scan A-01-01   -> reject place A-01-01, wanted where it goes
         restart        -> quiet
         scan B-01-01   -> accept moved 1 bolt from A-01-01 to B-01-01 line 1; moved 1 nut from A-01-01 to B-01-01 line 1
         scan T-3       -> go in hand T-3
         scan B-01-02   -> accept moved 1 ?T-3 on T-3 from A-01-01 to B-01-02 line 1
         key undo       -> accept reversed #4 moved 1 ?T-3 on T-3 from A-01-01 to B-01-02 line 1
         scan B-01-03   -> accept moved 1 ?T-3 on T-3 from A-01-01 to B-01-03 line 1
         key short      -> reject key unused
         key done       -> accept task closed
         key undo       -> reject nothing to undo
         scan BOLT      -> reject no task",
    );
    assert!(floor.view.question.is_none(), "the list is empty again");
    let places = floor
        .journal
        .iter()
        .map(|draft| draft.work.as_ref().unwrap().task.clone());
    assert!(places.into_iter().all(|task| task == TaskId::from("D1-1-1")));
}

#[test]
fn a_place_is_typed_where_its_label_is_gone() {
    let mut floor = Floor::new(Vec::new());
    floor.catalogue.put_locations(vec![LocationId::from("A-01-01")]);
    floor.play("key menu -> ask menu move found_unit count inquiry\n key 1 -> ask begin move");
    for character in "Z-09-09".chars() {
        floor.step(crate::Event::Key(crate::Key::Character(character)));
    }
    floor.play(
        "key enter      -> reject unknown Z-09-09
         key enter      -> reject bad label
         key escape     -> quiet
         key menu       -> ask menu move found_unit count inquiry
         key 1          -> ask begin move
         scan Z-09-09   -> reject unknown Z-09-09
         scan A-01-01   -> accept task_started move A-01-01 1",
    );
}

#[test]
fn a_task_begun_in_vain_is_taken_back() {
    let mut floor = Floor::new(Vec::new());
    floor.play(
        "keys menu 1    -> ask begin move
         key undo       -> quiet
         keys menu 1    -> ask begin move
         scan A-01-01   -> accept task_started move A-01-01 1
         key undo       -> accept reversed #1 task_started move A-01-01 1
         key undo       -> reject nothing to undo
         key 1          -> reject key unused
         scan BOLT      -> reject no task",
    );
    assert!(floor.catalogue.progress(&TaskId::from("D1-1-1")).task_closed());
    floor.play(
        "keys menu 1    -> ask begin move
         scan A-01-01   -> accept task_started move A-01-01 3
         key done       -> ask end with 1 open
         key enter      -> accept closed from A-01-01 line 1 short; task closed",
    );
}

#[test]
fn a_task_that_was_begun_is_left_and_taken_up_again() {
    Floor::new(Vec::new()).play(
        "keys menu 1    -> ask begin move
         scan A-01-01   -> accept task_started move A-01-01 1
         scan BOLT      -> go in hand 1 bolt
         key escape     -> go left D1-1-1
         key 1          -> go task D1-1-1
         scan BOLT      -> reject item bolt, wanted A-01-01
         scan A-01-01   -> go location A-01-01
         scan CASE      -> go in hand 12 bolt
         scan B-01-01   -> accept moved 12 bolt from A-01-01 to B-01-01 line 1
         key done       -> accept task closed
         key 1          -> reject key unused",
    );
}

#[test]
fn the_task_that_was_open_goes_on_afterwards() {
    let pick = task(
        "P1",
        TaskKind::Pick(PickPlan::default()),
        lines(&["bolt 2 @A-01-01", "nut 1 @A-01-02"]),
    );
    let mut floor = Floor::new(vec![pick]);
    floor.play(
        "scan DOC-P1    -> go task P1
         scan T-1       -> go tote T-1
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         keys menu 1    -> ask begin move
         scan A-01-02   -> accept task_started move A-01-02 2",
    );
    let held = floor.session.planned_task().map(TaskId::as_str);
    assert_eq!(held, Some("P1"), "nobody else is to have it meanwhile");
    floor.play(
        "key menu       -> ask menu inquiry
         key escape     -> quiet
         scan MILK      -> ask lot of milk
         key escape     -> quiet
         scan NUT       -> go in hand 1 nut
         scan C-01-01   -> accept moved 1 nut from A-01-02 to C-01-01 line 1
         restart        -> quiet
         key done       -> accept task closed
         key undo       -> reject nothing to undo
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan A-01-02   -> go location A-01-02",
    );
    assert_eq!(floor.view.done_of, Some((1, 2)));
    floor.play(
        "keys menu 1    -> ask begin move
         scan A-01-02   -> accept task_started move A-01-02 6
         key undo       -> accept reversed #6 task_started move A-01-02 6
         scan NUT       -> accept picked 1 nut from A-01-02 to T-1 line 2
         keys menu 1    -> ask begin move
         scan A-01-02   -> accept task_started move A-01-02 9
         key escape     -> go left D1-1-9
         key done       -> accept task closed
         key 1          -> go task D1-1-9",
    );
}

#[test]
fn a_found_pallet_with_its_place() {
    Floor::new(Vec::new()).play(
        "keys menu 2    -> ask begin found_unit
         scan A-01-01   -> reject place A-01-01, wanted a unit
         scan (00)095212345678912347 -> accept task_started move 095212345678912347 1
         scan BOLT      -> reject item bolt, wanted where it goes
         scan T-1       -> reject unit T-1, wanted where it goes
         scan B-07-01   -> accept moved 1 ?095212345678912347 on 095212345678912347 to B-07-01 line 1 found
         key done       -> accept task closed",
    );
}

#[test]
fn the_contents_of_a_found_pallet() {
    let mut floor = Floor::new(Vec::new());
    floor.play(
        "keys menu 2    -> ask begin found_unit
         scan T-7       -> accept task_started move T-7 1
         restart        -> quiet
         scan B-07-01   -> accept moved 1 ?T-7 on T-7 to B-07-01 line 1 found
         scan BOLT      -> accept moved 1 bolt on T-7 to B-07-01 line 1 found 1
         key 1          -> ask how many bolt
         keys 1 enter   -> accept moved 11 bolt on T-7 to B-07-01 line 1 found 11
         scan GHOST     -> ask found 09999999999994
         key enter      -> accept moved 1 ?09999999999994 on T-7 to B-07-01 line 1 found 1
         scan (01)MILK(10)L1(17)271231 -> accept moved 1 milk lot L1 exp 2027-12-31 on T-7 to B-07-01 line 1 found 1
         scan T-7       -> reject unit T-7 done already
         key undo       -> accept reversed #6 moved 1 milk lot L1 exp 2027-12-31 on T-7 to B-07-01 line 1
         key escape     -> go left D1-1-1
         key 1          -> go task D1-1-1
         scan BOLT      -> reject item bolt, wanted any place
         scan B-07-01   -> go location B-07-01
         scan NUT       -> accept moved 1 nut on T-7 to B-07-01 line 1 found 1
         key done       -> accept task closed",
    );
}

#[test]
fn a_found_pallet_left_before_it_has_a_place() {
    Floor::new(Vec::new()).play(
        "keys menu 2    -> ask begin found_unit
         scan T-7       -> accept task_started move T-7 1
         key escape     -> go left D1-1-1
         key 1          -> go task D1-1-1
         scan B-07-01   -> reject place B-07-01, wanted unit T-7
         scan BOLT      -> reject item bolt, wanted unit T-7
         scan T-8       -> reject unit T-8 not on list
         scan T-7       -> go in hand T-7
         scan B-07-01   -> accept moved 1 ?T-7 on T-7 to B-07-01 line 1 found
         key undo       -> accept reversed #2 moved 1 ?T-7 on T-7 to B-07-01 line 1
         key undo       -> go back
         key done       -> ask end with 1 open
         key enter      -> accept closed line 1 short; task closed",
    );
}

#[test]
fn a_count_begun_on_the_floor() {
    Floor::new(Vec::new()).play(
        "keys menu 3    -> ask begin count
         scan T-1       -> reject unit T-1, wanted any place
         scan A-01-01   -> accept task_started count A-01-01 1
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1
         key done       -> ask is A-01-01 complete
         key enter      -> accept place counted to A-01-01 line 1
         key done       -> accept task closed",
    );
}
