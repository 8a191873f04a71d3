//! A task goes from one device to another by a code on the screen. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, line, lines, task};
use crate::claim::{Claim, Doubt, Holder, Lease};
use crate::ids::{LineNumber, TaskId, WorkerId};
use crate::plan::{CountPlan, PickPlan};
use crate::session::hand_over::{HandOver, task_key};
use crate::task::{Task, TaskKind};

fn tasks() -> Vec<Task> {
    vec![
        task(
            "P1",
            TaskKind::Pick(PickPlan::default()),
            lines(&["bolt 2 @A-01-01", "nut 2 @A-01-02", "nut 1 @A-01-01"]),
        ),
        task(
            "C1",
            TaskKind::Count(CountPlan::default()),
            lines(&["@A-01-01", "@A-01-02"]),
        ),
        task("M1", TaskKind::Move, vec![line(1, "bolt 1 @A-01-01 >B-01-01")]),
    ]
}

/// The code on the screen.
fn code(floor: &Floor) -> String {
    floor.view.big.as_ref().unwrap().text.clone()
}

/// A device that has picked one bolt and hands the rest over, and the code it shows.
fn handed() -> String {
    let mut first = Floor::new(tasks());
    first.play(
        "scan DOC-P1  -> go task P1
         scan T-1     -> go tote T-1
         scan A-01-01 -> go location A-01-01
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan A-01-02 -> go location A-01-02
         key menu     -> ask menu move found_unit count other_task hand_over inquiry
         key 5        -> go left P1",
    );
    assert_eq!(first.session.planned_task(), None, "it is left");
    let screen = first.screen();
    assert!(
        screen.contains("[HANDOVER-") && screen.contains("Task left."),
        "{screen}"
    );
    let code = code(&first);
    assert_eq!(
        first.view.code.as_ref(),
        Some(&code),
        "another device can scan it"
    );
    first.play("restart -> quiet");
    assert_eq!(
        first.view.big.as_ref().unwrap().text,
        code,
        "it stays until somebody does something"
    );
    first.play("scan DOC-C1 -> go task C1");
    assert_eq!(first.view.code, None);
    code
}

#[test]
fn another_device_goes_on_at_the_line_with_the_tote() {
    let code = handed();
    assert_eq!(
        HandOver::read(&code),
        Some(HandOver {
            task: task_key(&TaskId::from("P1")),
            line: Some(LineNumber(2)),
            place: Some("A-01-02".to_owned()),
            unit: Some("T-1".to_owned()),
        })
    );
    let mut second = Floor::new(tasks());
    second.play(&format!(
        "scan {code}  -> go task P1
         scan NUT     -> accept picked 1 nut from A-01-02 to T-1 line 2
         scan {code}  -> reject text {code}, wanted nut
         key undo     -> accept reversed #1 picked 1 nut from A-01-02 to T-1 line 2
         key undo     -> go back
         type {code}  -> go task P1
         scan NUT     -> accept picked 1 nut from A-01-02 to T-1 line 2"
    ));
}

#[test]
fn what_the_hub_has_not_heard_of_is_asked_about() {
    let code = handed();
    let mut second = Floor::new(tasks());
    let lease = Lease {
        fence: 1,
        until: jiff::Timestamp::UNIX_EPOCH,
        renewed_ms: 1,
    };
    let claim = Claim {
        own: None,
        holder: Some(Holder {
            name: "H1".to_owned(),
            heard: jiff::Timestamp::UNIX_EPOCH,
            lease,
        }),
        doubts: vec![Doubt {
            name: "H1".to_owned(),
            lines: vec![LineNumber(1), LineNumber(2)],
        }],
    };
    second.catalogue.put_claim(TaskId::from("P1"), claim);
    second.play(&format!(
        "scan {code}  -> go task P1
         scan NUT     -> ask is line 2 done by H1
         key 1        -> accept picked 1 nut from A-01-02 to T-1 line 2"
    ));
    assert!(second.session.takes_over(), "who holds it has just given it");
}

#[test]
fn a_code_that_is_wrong_or_means_nothing_here_is_told() {
    let code = handed();
    let broken = code.replace("A-01-02", "A-01-03");
    let mut second = Floor::new(vec![task(
        "C1",
        TaskKind::Count(CountPlan::default()),
        lines(&["@A-01-01"]),
    )]);
    second.play(&format!(
        "scan {code}             -> reject hand-over unknown
         scan {broken}           -> reject hand-over unreadable
         scan HANDOVER-          -> reject hand-over unreadable
         scan HANDOVER-1-2-3-4-5 -> reject hand-over unreadable
         type {}                 -> reject hand-over unknown
         scan {code} + BOLT      -> reject hand-over unknown",
        code.to_lowercase()
    ));
}

#[test]
fn a_task_of_a_certain_person_wants_to_know_who_works() {
    let code = handed();
    let mut mine = tasks();
    mine[0].assigned_to = Some(WorkerId::from("7"));
    let mut second = Floor::new(mine);
    second.play(&format!(
        "scan {code}  -> reject no worker
         scan BADGE-7 -> go logged in
         scan {code}  -> go task P1"
    ));
}

#[test]
fn a_count_goes_on_in_the_same_place() {
    let mut first = Floor::new(tasks());
    first.play(
        "scan DOC-C1  -> go task C1
         scan A-01-02 -> go location A-01-02
         scan NUT     -> accept counted 1 nut to A-01-02 line 2
         keys menu 5  -> go left C1",
    );
    let code = code(&first);
    first.play("key enter -> quiet");
    assert!(first.view.big.is_none());
    let mut second = Floor::new(tasks());
    second.play(&format!(
        "scan {code}  -> go task C1
         scan NUT     -> accept counted 1 nut to A-01-02 line 2"
    ));
}

#[test]
fn goods_in_hand_are_set_down_first() {
    let mut first = Floor::new(tasks());
    first.play(
        "scan DOC-M1  -> go task M1
         scan A-01-01 -> go location A-01-01
         scan BOLT    -> go in hand 1 bolt
         key menu     -> ask menu inquiry",
    );
}
