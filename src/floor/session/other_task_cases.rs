//! Several open tasks: kept by the menu, and interrupted by a more urgent one. See [`crate::cases`] for how to read the
//! tables.

use crate::cases::{Floor, lines, task};
use crate::catalogue::Catalogue;
use crate::ids::TaskId;
use crate::plan::{CountPlan, PickPlan};
use crate::task::{Task, TaskKind, TaskState};

fn pick(id: &str, priority: i32, texts: &[&str]) -> Task {
    Task {
        priority,
        ..task(id, TaskKind::Pick(PickPlan::default()), lines(texts))
    }
}

fn floor() -> Floor {
    let mut floor = Floor::new(vec![
        pick("P1", 5, &["bolt 2 @A-01-01", "nut 2 @A-01-02", "nut 1 @A-01-01"]),
        task("C1", TaskKind::Count(CountPlan::default()), lines(&["@A-01-01"])),
    ]);
    floor.play(
        "scan DOC-P1  -> go task P1
         scan T-1     -> go tote T-1
         scan A-01-01 -> go location A-01-01
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
    floor
}

fn planned(floor: &Floor) -> &str {
    floor.session.planned_task().map_or("", TaskId::as_str)
}

#[test]
fn a_task_is_kept_while_another_one_is_done() {
    let mut floor = floor();
    floor.play("keys menu 4 -> go kept P1");
    assert_eq!((floor.session.task(), planned(&floor)), (None, "P1"));
    floor.play("scan DOC-C1 -> go task C1");
    assert_eq!(planned(&floor), "C1");
    floor.play(
        "key menu     -> ask menu move found_unit count hand_over inquiry
         key escape   -> quiet
         scan A-01-01 -> go location A-01-01
         scan NUT     -> accept counted 1 nut to A-01-01 line 1
         restart      -> quiet
         key done     -> ask is A-01-01 complete
         key enter    -> accept place counted to A-01-01 line 1
         key done     -> accept task closed
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
    assert_eq!(planned(&floor), "P1");
}

#[test]
fn leaving_the_second_task_goes_back_to_the_first() {
    let mut floor = floor();
    floor.play(
        "keys menu 4  -> go kept P1
         key escape   -> go task P1
         keys menu 4  -> go kept P1
         scan DOC-P1  -> go task P1
         keys menu 4  -> go kept P1
         key undo     -> go back
         keys menu 4  -> go kept P1
         scan DOC-C1  -> go task C1
         key undo     -> go back
         scan DOC-C1  -> go task C1
         scan DOC-P1  -> reject document DOC-P1, wanted a place
         key escape   -> go left C1
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
}

#[test]
fn nobody_logs_out_over_a_kept_task_and_a_move_may_be_begun_above_two() {
    let mut floor = floor();
    floor.play(
        "scan BADGE-9 -> go logged in
         keys menu 4  -> go kept P1
         keys menu 3  -> ask begin count
         scan A-01-02 -> accept task_started count A-01-02 2
         key escape   -> go left D1-1-2
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
         keys menu 4  -> go kept P1
         scan DOC-C1  -> go task C1
         keys menu 1  -> ask begin move
         scan A-01-02 -> accept task_started move A-01-02 4
         key menu     -> ask menu figures inquiry
         key escape   -> quiet",
    );
    assert_eq!(planned(&floor), "C1");
    floor.play(
        "key escape   -> go left D1-1-4
         key escape   -> go left C1
         key escape   -> go left P1
         key escape   -> go logged out",
    );
}

#[test]
fn a_more_urgent_task_is_offered_when_a_line_ends() {
    let mut floor = floor();
    floor.catalogue.put_task(pick("U1", 105, &["nut 1 @A-01-02"]));
    floor.catalogue.put_task(pick("U2", 104, &["nut 1 @A-01-02"]));
    floor.play("refresh -> quiet\n key undo -> accept reversed #1 picked 1 bolt from A-01-01 to T-1 line 1");
    floor.play("scan BOLT -> accept picked 1 bolt from A-01-01 to T-1 line 1");
    assert!(
        floor.view.question.is_none(),
        "in the middle of a line nobody is disturbed"
    );
    floor.play("scan BOLT -> accept picked 1 bolt from A-01-01 to T-1 line 1");
    let screen = floor.screen();
    assert!(
        screen.contains("1 each Hex bolt M8 picked."),
        "the answer stays: {screen}"
    );
    assert!(
        screen.contains("? Pick DOC-U1: Something more urgent waits."),
        "{screen}"
    );
    floor.play(
        "restart      -> quiet
         key enter    -> go task U1
         scan T-2     -> go tote T-2
         scan A-01-02 -> go location A-01-02
         scan NUT     -> accept picked 1 nut from A-01-02 to T-2 line 1
         key done     -> accept task closed
         scan A-01-02 -> go location A-01-02
         scan NUT     -> accept picked 1 nut from A-01-02 to T-1 line 2
         scan NUT     -> accept picked 1 nut from A-01-02 to T-1 line 2",
    );
    assert!(floor.view.question.is_none(), "99 more is not urgent enough");
}

#[test]
fn a_declined_task_is_not_offered_again_and_no_scan_ahead_is_lost() {
    let mut floor = floor();
    floor.catalogue.put_task(pick("U1", 500, &["nut 1 @A-01-02"]));
    floor.play(
        "scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
         # Ahead of the screen: the scan goes on with the work, and the question comes back with the next line.
         scan A-01-02 -> go location A-01-02
         scan NUT     -> accept picked 1 nut from A-01-02 to T-1 line 2",
    );
    assert!(floor.view.question.is_none());
    floor.play("scan NUT -> accept picked 1 nut from A-01-02 to T-1 line 2");
    assert!(floor.screen().contains("Something more urgent"));
    floor.play("key undo -> accept reversed #4 picked 1 nut from A-01-02 to T-1 line 2");
    assert!(floor.view.question.is_none());
    floor.play("scan NUT -> accept picked 1 nut from A-01-02 to T-1 line 2");
    assert!(floor.screen().contains("Something more urgent"));
    floor.play(
        "key escape   -> quiet
         key undo     -> accept reversed #6 picked 1 nut from A-01-02 to T-1 line 2
         scan NUT     -> accept picked 1 nut from A-01-02 to T-1 line 2",
    );
    assert!(floor.view.question.is_none(), "no is remembered");
    floor.play(
        "key escape   -> go left P1
         scan DOC-U1  -> go task U1",
    );
}

#[test]
fn what_was_withdrawn_meanwhile_is_not_changed_to() {
    let mut floor = floor();
    floor.catalogue.put_task(pick("U1", 500, &["nut 1 @A-01-02"]));
    floor.play("scan BOLT -> accept picked 1 bolt from A-01-01 to T-1 line 1");
    let withdrawn = Task {
        state: TaskState::Cancelled,
        ..Task::clone(&floor.catalogue.task(&TaskId::from("U1")).unwrap())
    };
    floor.catalogue.put_task(withdrawn);
    floor.play(
        "key enter    -> reject U1 done
         scan A-01-02 -> go location A-01-02",
    );
}
