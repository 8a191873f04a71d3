//! What is the same in every kind of work: choosing a task, logging in, the hub changing a task under the worker's
//! hands, and what is stored. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, TODAY, lines, task};
use crate::catalogue::Catalogue;
use crate::event::{Event, Key};
use crate::ids::{LineNumber, LocationId, TaskId, WorkerId};
use crate::plan::{CountPlan, PickPlan};
use crate::progress::{LineProgress, Progress};
use crate::quantity::Quantity;
use crate::task::{Task, TaskKind, TaskState};
use crate::verdict::{Reason, Verdict};
use crate::words::Language;

fn pick(id: &str, texts: &[&str]) -> Task {
    task(id, TaskKind::Pick(PickPlan::default()), lines(texts))
}

fn three() -> Floor {
    let urgent = Task {
        priority: 9,
        ..pick("P2", &["nut 1 @A-01-01"])
    };
    let mine = Task {
        assigned_to: Some(WorkerId::from("7")),
        ..task("C3", TaskKind::Count(CountPlan::default()), lines(&["@A-01-01"]))
    };
    Floor::new(vec![pick("P1", &["bolt 2 @A-01-01"]), urgent, mine])
}

#[test]
fn without_a_task_nothing_is_guessed() {
    three().play(
        "scan BOLT      -> reject no task
         scan A-01-01   -> reject no task
         scan T-1       -> reject no task
         scan (10)L1    -> reject no task
         scan GHOST     -> reject no task
         scan SOMETHING -> reject unknown SOMETHING
         key done       -> reject no task
         key short      -> reject no task
         key x          -> reject no task
         key undo       -> reject nothing to undo
         key enter      -> quiet
         key back       -> quiet
         key escape     -> quiet
         key 0          -> reject key unused
         key 9          -> reject key unused
         scan CMD-dance -> reject unknown CMD-dance
         scan DOC-P1    -> go task P1
         scan DOC-P2    -> reject document DOC-P2, wanted a tote
         key escape     -> go left P1
         scan doc-p2    -> go task P2
         key undo       -> go back
         type DOC-P1    -> go task P1",
    );
}

#[test]
fn the_list_has_what_is_for_this_worker_most_urgent_first() {
    let mut floor = three();
    let choices = |floor: &Floor| {
        let question = floor.view.question.as_ref().unwrap();
        question
            .choices
            .iter()
            .map(|choice| choice.label.clone())
            .collect::<Vec<_>>()
            .join(", ")
    };
    floor.play("refresh -> quiet");
    assert_eq!(choices(&floor), "Pick DOC-P2, Pick DOC-P1");
    floor.play(
        "scan DOC-C3    -> reject no worker
         scan BADGE-7   -> go logged in",
    );
    assert_eq!(choices(&floor), "Pick DOC-P2, Count DOC-C3, Pick DOC-P1");
    floor.play(
        "key 2          -> go task C3
         key done       -> ask end with 1 open
         key enter      -> accept task closed short not_counted",
    );
    // At once, although no progress holds the task's end before it is committed.
    assert_eq!(choices(&floor), "Pick DOC-P2, Pick DOC-P1");
    floor.play(
        "key 2          -> go task P1
         key escape     -> go left P1
         key escape     -> go logged out
         key 3          -> reject key unused",
    );
    assert_eq!(choices(&floor), "Pick DOC-P2, Pick DOC-P1");
    assert_eq!(floor.journal[0].worker, Some(WorkerId::from("7")));
}

#[test]
fn a_device_without_tasks_says_so() {
    let mut floor = Floor::new(Vec::new());
    floor.play("refresh -> quiet");
    assert_eq!(
        floor.screen(),
        "Tasks | No tasks. Scan a document when you have one"
    );
}

fn put_changed(floor: &mut Floor, id: &str, change: impl FnOnce(&mut Task)) {
    let mut task = Task::clone(&floor.catalogue.task(&TaskId::from(id)).unwrap());
    task.revision += 1;
    change(&mut task);
    floor.catalogue.put_task(task);
}

#[test]
fn a_withdrawn_task_sends_the_worker_back_to_the_list() {
    let mut floor = three();
    floor.play(
        "scan DOC-P1    -> go task P1
         scan T-1       -> go tote T-1
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key 1          -> ask how many bolt",
    );
    put_changed(&mut floor, "P1", |task| task.state = TaskState::Cancelled);
    floor.play(
        "changed P2     -> reject P1 withdrawn
         key undo       -> reject nothing to undo
         changed P1     -> quiet
         scan DOC-P2    -> go task P2",
    );
    assert_eq!(floor.journal.len(), 1, "what is done stays done");
    put_changed(&mut floor, "P2", |task| task.state = TaskState::Done);
    floor.play("scan T-1 -> reject P2 done");
}

#[test]
fn a_changed_list_keeps_the_place_by_the_lines_number() {
    let mut floor = Floor::new(vec![pick(
        "P1",
        &["bolt 2 @A-01-01", "nut 2 @A-01-02", "nut 1 @A-01-03"],
    )]);
    floor.play(
        "scan DOC-P1    -> go task P1
         scan T-1       -> go tote T-1
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         scan A-01-02   -> go location A-01-02
         scan NUT       -> accept picked 1 nut from A-01-02 to T-1 line 2",
    );
    put_changed(&mut floor, "P1", |task| task.lines.swap(0, 2));
    floor.play(
        "changed P1     -> quiet
         scan NUT       -> accept picked 1 nut from A-01-02 to T-1 line 2
         key undo       -> accept reversed #4 picked 1 nut from A-01-02 to T-1 line 2",
    );
    assert_eq!(floor.journal[3].work.as_ref().unwrap().revision, 2);
    put_changed(&mut floor, "P1", |task| {
        task.lines.retain(|line| line.number != LineNumber(2))
    });
    floor.play(
        "changed P1     -> quiet
         scan NUT       -> reject item nut, wanted A-01-03
         key undo       -> accept reversed #3 picked 1 nut from A-01-02 to T-1 line 2
         scan A-01-03   -> go location A-01-03
         scan NUT       -> accept picked 1 nut from A-01-03 to T-1 line 3
         key done       -> accept task closed",
    );
}

#[test]
fn a_question_about_a_line_that_is_gone_is_dropped() {
    let mut floor = Floor::new(vec![pick("P1", &["milk 2 @A-01-01", "nut 2 @A-01-01"])]);
    floor.play(
        "scan DOC-P1    -> go task P1
         scan T-1       -> go tote T-1
         scan A-01-01   -> go location A-01-01
         scan MILK      -> ask lot of milk",
    );
    put_changed(&mut floor, "P1", |task| {
        task.lines.retain(|line| line.number != LineNumber(1))
    });
    floor.play(
        "changed P1     -> quiet
         scan A-01-01   -> go location A-01-01
         scan NUT       -> accept picked 1 nut from A-01-01 to T-1 line 2",
    );
}

#[test]
fn a_place_that_is_no_longer_to_be_counted_is_left() {
    let mut floor = Floor::new(vec![task(
        "C1",
        TaskKind::Count(CountPlan::default()),
        lines(&["@A-01-01", "@A-01-02"]),
    )]);
    floor.play(
        "scan DOC-C1    -> go task C1
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept counted 1 bolt to A-01-01 line 1",
    );
    put_changed(&mut floor, "C1", |task| {
        task.lines.retain(|line| line.number != LineNumber(1))
    });
    floor.play(
        "changed C1     -> quiet
         scan BOLT      -> reject item bolt, wanted a place
         scan A-01-01   -> reject place A-01-01, wanted a place
         scan A-01-02   -> go location A-01-02",
    );
}

#[test]
fn what_others_did_counts_as_soon_as_the_hub_tells() {
    let mut floor = Floor::new(vec![pick("P1", &["bolt 5 @A-01-01", "nut 1 @A-01-02"])]);
    floor.play(
        "scan DOC-P1    -> go task P1
         scan T-1       -> go tote T-1
         scan A-01-01   -> go location A-01-01",
    );
    let told = |quantity: i64| {
        let quantity = Quantity::whole(quantity).unwrap();
        Progress::from_lines([(
            LineNumber(1),
            LineProgress {
                quantity,
                closed: false,
            },
        )])
    };
    floor.catalogue.put_progress(TaskId::from("P1"), told(3));
    floor.play(
        "refresh             -> quiet
         scan BAG-OF-BOLTS   -> reject 5 bolt, open 2",
    );
    floor.catalogue.put_progress(TaskId::from("P1"), told(5));
    floor.play(
        "refresh        -> quiet
         scan BOLT      -> reject item bolt, wanted A-01-02",
    );
    assert_eq!(floor.view.done_of, Some((1, 2)));
}

#[test]
fn a_label_that_breaks_its_rules_is_told_unless_another_one_helps() {
    let mut floor = three();
    floor.play(
        "scan DOC-P1    -> go task P1
         scan T-1       -> go tote T-1
         scan A-01-01   -> go location A-01-01",
    );
    let broken = floor.scanning("(01)04006381333930");
    assert!(broken.scan.is_err());
    let step = floor.step(Event::Scans(vec![broken.clone()]));
    assert!(
        matches!(step.verdict, Verdict::Reject(Reason::BadLabel { .. })),
        "{step:?}"
    );
    let good = floor.scanning("BOLT");
    assert_eq!(
        floor.step(Event::Scans(vec![broken, good])).verdict,
        Verdict::Accept
    );
    assert_eq!(floor.step(Event::Scans(Vec::new())).verdict, Verdict::Quiet);
}

#[test]
fn a_site_without_rules_knows_its_places_by_their_names() {
    let mut floor = three();
    floor.catalogue.put_rules(tallyman_codes::Rules::new(TODAY));
    floor.catalogue.put_locations(vec![LocationId::from("A-01-01")]);
    floor.play(
        "scan DOC-P1                  -> go task P1
         scan (00)095212345678912347  -> go tote 095212345678912347
         scan A-01-09                 -> reject text A-01-09, wanted A-01-01
         scan A-01-01                 -> go location A-01-01",
    );
}

#[test]
fn screens_speak_the_workers_language() {
    let mut floor = three();
    floor.catalogue.put_language(Language::German);
    floor.play(
        "scan DOC-P1    -> go task P1
         scan A-01-01   -> reject place A-01-01, wanted a tote",
    );
    assert_eq!(
        floor.screen(),
        "Kommissionieren DOC-P1 | Behälter scannen | Artikel: Hex bolt M8 | Nummer: bolt | Menge: 2 each | Das ist der \
         Platz A-01-01. | Gebraucht wird ein Behälter. | Zuerst den Behälter scannen.",
    );
}

#[test]
fn the_answer_stays_on_the_screen_until_the_worker_acts() {
    let mut floor = three();
    floor.play(
        "scan DOC-P1    -> go task P1
         scan BOLT      -> reject item bolt, wanted a tote",
    );
    let answered = floor.view.message.clone();
    assert!(answered.is_some());
    floor.play(
        "refresh        -> quiet
         changed P2     -> quiet",
    );
    assert_eq!(floor.view.message, answered);
    floor.play("changed P1 -> quiet");
    assert!(floor.screen().contains("The office has changed this task."));
    floor.play("key enter -> quiet");
    assert_eq!(floor.view.message, None);
}

#[test]
fn typing_is_bounded() {
    let mut floor = three();
    floor.step(Event::Key(Key::Type));
    for _ in 0..90 {
        assert_eq!(
            floor.step(Event::Key(Key::Character('x'))).verdict,
            Verdict::Quiet
        );
    }
    let full = floor.step(Event::Key(Key::Digit(1)));
    assert_eq!(full.verdict, Verdict::Reject(Reason::KeyUnused));
    let control = floor.step(Event::Key(Key::Character('\u{7}')));
    assert_eq!(control.verdict, Verdict::Reject(Reason::KeyUnused));
}

/// The session is written with every commit, so what it grows to is what every scan costs.
#[test]
fn the_stored_session_stays_small() {
    let mut floor = Floor::new(vec![task(
        "C1",
        TaskKind::Count(CountPlan::default()),
        lines(&["@A-01-01"]),
    )]);
    floor.play("scan DOC-C1 -> go task C1");
    floor.play("scan A-01-01 -> go location A-01-01");
    let mut largest = 0;
    for number in 0..40 {
        floor.step(Event::Scans(vec![
            floor.scanning(&format!("(01)DRILL(21)SERIAL-{number}")),
        ]));
        largest = largest.max(floor.session.to_saved().len());
    }
    assert_eq!(floor.journal.len(), 40);
    assert!(largest < 4_096, "{largest} bytes");
}
