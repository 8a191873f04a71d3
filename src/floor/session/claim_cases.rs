//! Tasks that another device holds, or held: what is asked before it is done twice. See [`crate::cases`] for how to read
//! the tables.

use jiff::Timestamp;

use crate::cases::{Floor, lines, task};
use crate::claim::{Claim, Doubt, Holder, Lease};
use crate::event::HubTime;
use crate::ids::{LineNumber, TaskId};
use crate::plan::{CountPlan, PickPlan, ReceivePlan};
use crate::task::{Task, TaskKind};

fn pick(id: &str, texts: &[&str]) -> Task {
    task(id, TaskKind::Pick(PickPlan::default()), lines(texts))
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + minute * 60).unwrap()
}

fn lease(fence: u64) -> Lease {
    Lease {
        fence,
        until: at(15),
        renewed_ms: 15 * 60_000,
    }
}

fn held() -> Claim {
    Claim {
        holder: Some(Holder {
            name: "H2 (BOB)".to_owned(),
            heard: at(0),
            lease: lease(4),
        }),
        ..Claim::default()
    }
}

/// Ours by lease 7, and H2 may have done these lines.
fn taken_over(in_doubt: &[u32]) -> Claim {
    Claim {
        own: Some(lease(7)),
        doubts: vec![Doubt {
            name: "H2".to_owned(),
            lines: in_doubt.iter().copied().map(LineNumber).collect(),
        }],
        ..Claim::default()
    }
}

fn two_picks() -> Floor {
    let mut floor = Floor::new(vec![
        pick("P1", &["bolt 2 @A-01-01"]),
        pick("P2", &["nut 1 @A-01-02"]),
    ]);
    floor.catalogue.put_claim(TaskId::from("P1"), held());
    floor
}

#[test]
fn what_somebody_else_holds_is_offered_last_and_asked_about() {
    let mut floor = two_picks();
    floor.act("refresh");
    let choices = &floor.view.question.as_ref().unwrap().choices;
    let labels: Vec<&str> = choices.iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(labels, ["Pick DOC-P2", "Pick DOC-P1 · H2 (BOB)"]);
    floor.play(
        "key 2        -> ask take over P1 from H2 (BOB)
         scan BOLT    -> reject item bolt, wanted an answer
         key escape   -> quiet
         key 1        -> go task P2
         key escape   -> go left P2
         scan DOC-P1  -> ask take over P1 from H2 (BOB)
         restart      -> quiet
         key undo     -> quiet
         scan DOC-P1  -> ask take over P1 from H2 (BOB)
         key enter    -> go task P1",
    );
    assert!(floor.session.takes_over());
    assert!(floor.screen().contains("Held by: H2 (BOB)"), "{}", floor.screen());
    floor.play(
        "scan T-1     -> go tote T-1
         scan A-01-01 -> go location A-01-01
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
    let work = floor.journal[0].work.clone().unwrap();
    assert_eq!(work.fence, None, "work goes on without a lease");
    floor.play("key escape -> go left P1\nkey 1 -> go task P2");
    assert!(!floor.session.takes_over(), "it is said of one task only");
}

#[test]
fn the_question_says_how_long_nobody_heard_of_the_other_device() {
    let mut floor = two_picks();
    floor.hub = Some(HubTime {
        now: at(14),
        heard: at(14),
    });
    floor.act("scan DOC-P1");
    assert!(
        floor
            .screen()
            .contains("has not been heard of for 14 min. Take it over?"),
        "{}",
        floor.screen()
    );
}

#[test]
fn facts_carry_the_number_of_their_lease() {
    let mut floor = Floor::new(vec![pick("P1", &["bolt 2 @A-01-01"])]);
    floor.catalogue.put_claim(TaskId::from("P1"), taken_over(&[]));
    floor.play(
        "scan DOC-P1  -> go task P1
         scan T-1     -> go tote T-1
         scan A-01-01 -> go location A-01-01
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key undo     -> accept reversed #1 picked 1 bolt from A-01-01 to T-1 line 1",
    );
    let fences = floor
        .journal
        .iter()
        .map(|draft| draft.work.as_ref().unwrap().fence);
    assert_eq!(fences.collect::<Vec<_>>(), [Some(7), Some(7)]);
}

#[test]
fn a_lease_that_ends_soon_is_told_and_stops_nothing() {
    for (now, told) in [
        (5, None),
        (12, Some("Lease: ends in 3 min")),
        (40, Some("Lease: has ended")),
    ] {
        let mut floor = Floor::new(vec![pick("P1", &["bolt 2 @A-01-01"])]);
        floor.catalogue.put_claim(TaskId::from("P1"), taken_over(&[]));
        floor.hub = Some(HubTime {
            now: at(now),
            heard: at(0),
        });
        floor.play(
            "scan DOC-P1  -> go task P1
             scan T-1     -> go tote T-1
             scan A-01-01 -> go location A-01-01
             scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1",
        );
        let screen = floor.screen();
        assert_eq!(screen.contains("Lease:"), told.is_some(), "{screen}");
        assert!(told.is_none_or(|told| screen.contains(told)), "{screen}");
    }
}

#[test]
fn a_line_that_may_be_done_is_asked_about_at_its_place() {
    let mut floor = Floor::new(vec![pick(
        "P1",
        &["bolt 2 @A-01-01", "nut 1 @A-01-02", "bolt 1 @A-01-02"],
    )]);
    floor.catalogue.put_claim(TaskId::from("P1"), taken_over(&[1, 2]));
    floor.play("scan DOC-P1 -> go task P1\nscan T-1 -> go tote T-1");
    assert!(
        floor.screen().contains("Maybe done by: H2"),
        "before the way: {}",
        floor.screen()
    );
    floor.play(
        "scan A-01-01 -> ask is line 1 done by H2
         key escape   -> quiet
         scan BOLT    -> ask is line 1 done by H2
         key 3        -> reject key unused
         restart      -> quiet
         key 1        -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan A-01-02 -> ask is line 2 done by H2
         key 2        -> accept closed from A-01-02 line 2 elsewhere 1
         scan A-01-02 -> go location A-01-02
         scan BOLT    -> accept picked 1 bolt from A-01-02 to T-1 line 3
         key done     -> accept task closed",
    );
}

#[test]
fn still_to_do_is_said_once_and_an_undo_asks_again() {
    let mut floor = Floor::new(vec![pick("P1", &["bolt 2 @A-01-01"])]);
    floor.catalogue.put_claim(TaskId::from("P1"), taken_over(&[1]));
    floor.play(
        "scan DOC-P1  -> go task P1
         scan T-1     -> go tote T-1
         scan A-01-01 -> ask is line 1 done by H2
         key enter    -> go location A-01-01
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
         restart      -> quiet
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key undo     -> accept reversed #2 picked 1 bolt from A-01-01 to T-1 line 1
         key undo     -> accept reversed #1 picked 1 bolt from A-01-01 to T-1 line 1
         key undo     -> go back
         scan BOLT    -> ask is line 1 done by H2
         key 2        -> accept closed from A-01-01 line 1 elsewhere 2
         key undo     -> accept reversed #5 line_closed from A-01-01 line 1",
    );
}

#[test]
fn records_that_came_meanwhile_end_the_question() {
    let mut floor = Floor::new(vec![pick("P1", &["bolt 2 @A-01-01"])]);
    floor.catalogue.put_claim(TaskId::from("P1"), taken_over(&[1]));
    floor.play(
        "scan DOC-P1  -> go task P1
         scan T-1     -> go tote T-1
         scan A-01-01 -> ask is line 1 done by H2",
    );
    floor.catalogue.put_claim(TaskId::from("P1"), taken_over(&[]));
    floor.play(
        "key 2        -> quiet
         scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
}

#[test]
fn received_and_counted_lines_are_asked_about_as_well() {
    let receipt = TaskKind::Receive(ReceivePlan::at("DOCK-1".into()));
    let mut floor = Floor::new(vec![
        task("R1", receipt, lines(&["bolt 2", "nut 1"])),
        task(
            "C1",
            TaskKind::Count(CountPlan::default()),
            lines(&["@A-01-01", "@A-01-02"]),
        ),
    ]);
    floor.catalogue.put_claim(TaskId::from("R1"), taken_over(&[1]));
    floor.catalogue.put_claim(TaskId::from("C1"), taken_over(&[2]));
    floor.play(
        "scan DOC-R1  -> go task R1
         scan NUT     -> accept received 1 nut from supplier to DOCK-1 line 2
         scan BOLT    -> ask is line 1 done by H2
         key 1        -> accept received 1 bolt from supplier to DOCK-1 line 1
         key escape   -> go left R1
         scan DOC-C1  -> go task C1
         scan A-01-01 -> go location A-01-01
         scan BOLT    -> accept counted 1 bolt to A-01-01 line 1
         key done     -> ask is A-01-01 complete
         key enter    -> accept place counted to A-01-01 line 1
         scan A-01-02 -> ask is line 2 done by H2
         key 2        -> accept closed from A-01-02 line 2 elsewhere
         key done     -> accept task closed",
    );
}
