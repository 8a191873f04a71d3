//! What is written down is played back the same. Every step of every table and property of this room is, see
//! [`crate::cases::Floor::step`]; here is what these do not show.

use std::sync::Arc;

use proptest::prelude::*;

use super::replay::Answers;
use super::said::Known;
use super::{
    Asked, CannotReplay, Glimpse, Noted, Recorder, Recording, Replay, ReplaySays, Replayed, Sameness,
    explain, without_secret,
};
use crate::cases::tags::piece;
use crate::cases::{Floor, label, lines, task};
use crate::catalogue::Catalogue;
use crate::event::Event;
use crate::ids::{HandlingUnitId, LineNumber, LocationId, TaskId, WorkerId};
use crate::plan::PickPlan;
use crate::progress::{LineProgress, Progress};
use crate::quantity::Quantity;
use crate::rfid::Class;
use crate::session::stage::Open;
use crate::site::{Hold, Holds, Location, Worker};
use crate::swept::{SweepFigures, Swept};
use crate::task::TaskKind;
use crate::verdict::Question;
use crate::wire::trace::{EventBody, StepBody};

/// A recorder, and a replay that reads what it writes.
#[derive(Debug, Clone)]
pub(crate) struct Traced {
    recorder: Recorder,
    replay: Replay,
    pub entries: Vec<Arc<str>>,
}

impl Default for Traced {
    fn default() -> Self {
        Self {
            recorder: Recorder::new("test"),
            replay: Replay::default(),
            entries: Vec::new(),
        }
    }
}

impl Traced {
    /// Writes a step down and plays it back: the same verdict, screen, facts and session.
    pub(crate) fn check(&mut self, asked: Asked, catalogue: &impl Catalogue, noted: Noted<'_>) {
        let text = self.recorder.note(asked, catalogue, noted).text;
        let replayed = self
            .replay
            .play(&text)
            .unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(replayed.step, *noted.step, "{text}");
        assert_eq!(replayed.after, *without_secret(noted.after), "{text}");
        assert_eq!(replayed.sameness, Sameness::Same, "{text}");
        self.entries.push(text.into());
    }
}

fn floor() -> Floor {
    let into = Some(HandlingUnitId::from("T-1"));
    let pick = task(
        "P",
        TaskKind::Pick(PickPlan {
            into,
            ..PickPlan::default()
        }),
        lines(&["bolt 3 @A-01-01", "milk 2 @A-01-02"]),
    );
    Floor::new(vec![pick])
}

fn played(entries: &[Arc<str>]) -> Vec<Result<Replayed, CannotReplay>> {
    let mut replay = Replay::default();
    entries.iter().map(|entry| replay.play(entry)).collect()
}

fn picked() -> Vec<Arc<str>> {
    let mut floor = floor();
    floor.play(
        "
        scan DOC-P   -> go task P
        scan A-01-01 -> go location A-01-01
        scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
        scan NUT     -> reject item nut, wanted bolt
        scan BOLT    -> accept picked 1 bolt from A-01-01 to T-1 line 1
        ",
    );
    floor.traced.entries
}

fn changed(entry: &str, change: impl FnOnce(&mut StepBody)) -> Arc<str> {
    let mut body: StepBody = serde_json::from_str(entry).unwrap();
    change(&mut body);
    body.sealed().into()
}

#[test]
fn a_step_is_told_to_people() {
    let entries = picked();
    let played = played(&entries);
    let accepted = explain(&entries[2], &played[2]);
    assert_eq!(accepted.replay, ReplaySays::Same);
    assert_eq!(
        accepted.scanned[0].elements,
        [("01".to_owned(), "04006381333931".to_owned())]
    );
    let stood = accepted.stood.unwrap();
    assert_eq!(
        (
            stood.title.as_deref(),
            stood.line,
            stood.location.as_deref(),
            stood.handling_unit.as_deref()
        ),
        (Some("Pick DOC-P"), Some(1), Some("A-01-01"), Some("T-1"))
    );
    assert_eq!(accepted.confirmations[0].act, "picked");
    assert_eq!(accepted.sentences, ["1 each Hex bolt M8 picked."]);
    let rejected = explain(&entries[3], &played[3]);
    assert!(rejected.confirmations.is_empty());
    assert_eq!(rejected.sentences.len(), 3, "{:?}", rejected.sentences);
}

#[test]
fn entries_are_found_by_what_they_made_and_by_what_was_scanned() {
    let glimpses: Vec<_> = picked().iter().map(|entry| Glimpse::of(entry).unwrap()).collect();
    let made = |seq| glimpses.iter().position(|glimpse| glimpse.has_made(1, seq));
    assert_eq!((made(1), made(2), made(3)), (Some(2), Some(4), None));
    let scanned = glimpses
        .iter()
        .filter(|glimpse| glimpse.has_scanned("4012345678901"));
    assert_eq!(scanned.map(|glimpse| glimpse.at).collect::<Vec<_>>(), [3]);
}

#[test]
fn what_is_said_once_is_not_said_again() {
    let entries = picked();
    let first = entries[0].len();
    assert!(first > 1_000, "the task is said: {first}");
    for entry in &entries[3..] {
        assert!(entry.len() < 700, "{entry}");
    }
    assert!(!entries[4].contains("Hex bolt"), "{}", entries[4]);
}

#[test]
fn another_rule_gives_another_verdict() {
    let mut entries = picked();
    // Had the lot of bolts been recorded, it would have been asked for.
    let says_bolt = |body: &StepBody| body.said.items.iter().any(|item| item.id == "bolt");
    let first = entries
        .iter()
        .position(|entry| says_bolt(&serde_json::from_str(entry).unwrap()));
    let first = first.unwrap();
    entries[first] = changed(&entries[first], |body| {
        body.said.items.iter_mut().for_each(|item| item.lot = true);
    });
    let played = played(&entries);
    assert_eq!(played[1].as_ref().unwrap().sameness, Sameness::Same);
    let asks = Sameness::Another {
        given: "Accept".to_owned(),
        replayed: "Ask(Lot { item: ItemId(bolt) })".to_owned(),
    };
    assert_eq!(played[2].as_ref().unwrap().sameness, asks);
    // From there on the worker is elsewhere, and nothing is concluded.
    assert_eq!(played[3].as_ref().unwrap_err(), &CannotReplay::OtherSession);

    let mut entries = picked();
    entries[1] = changed(&entries[1], |body| body.verdict = "Quiet".to_owned());
    let played = self::played(&entries);
    let Sameness::Another { given, replayed } = &played[1].as_ref().unwrap().sameness else {
        panic!("it is another one");
    };
    assert_eq!(
        (given.as_str(), replayed.as_str()),
        ("Quiet", "Go(Location(LocationId(A-01-01)))")
    );
}

#[test]
fn what_is_lost_or_damaged_is_said_and_not_guessed() {
    let whole = picked();
    let outcome = |entries: &[Arc<str>]| played(entries).pop().unwrap().err();
    assert_eq!(outcome(&whole), None);

    assert_eq!(
        outcome(&whole[1..]),
        Some(CannotReplay::Incomplete),
        "the first is gone"
    );
    let gap = [&whole[..2], &whole[3..]].concat();
    assert_eq!(
        outcome(&gap),
        Some(CannotReplay::Incomplete),
        "one in the middle is gone"
    );

    let mut damaged = whole.clone();
    damaged[2] = damaged[2].replace("\"at\":2", "\"at\":").into();
    let played = self::played(&damaged);
    assert!(
        matches!(played[2], Err(CannotReplay::Damaged(_))),
        "{:?}",
        played[2]
    );
    assert!(matches!(played[3], Err(CannotReplay::Incomplete)));

    let mut elsewhere = whole.clone();
    elsewhere[2] = changed(&elsewhere[2], |body| {
        body.event = EventBody::Key("escape".to_owned())
    });
    assert_eq!(outcome(&elsewhere), Some(CannotReplay::OtherSession));

    let mut silent = whole.clone();
    silent[2] = changed(&silent[2], |body| body.said.codes.clear());
    let missing = &self::played(&silent)[2];
    assert_eq!(
        missing.as_ref().unwrap_err().to_string(),
        "these rules ask for what those of then did not: the code 04006381333931"
    );

    let older = r#"{"v":1,"boot":"b","boottime_us":1,"wall":"2026-11-23T09:00:00Z","today":"2026-11-23","program":"0.1.0",
        "event":{"scans":[{"scanner":"s","raw":"4006381333931"}]},"verdict":"accept"}"#;
    let error = Replay::default().play(older);
    assert!(matches!(error, Err(CannotReplay::Older(1))));
    let told = explain(older, &error);
    assert_eq!(
        (told.scanned[0].raw.as_str(), told.verdict.as_str()),
        ("4006381333931", "accept")
    );
    assert!(matches!(
        Replay::default().play(r#"{"v":99}"#),
        Err(CannotReplay::Newer(99))
    ));
    for text in ["", "{}", "null", r#"{"v":2}"#] {
        assert!(
            matches!(Replay::default().play(text), Err(CannotReplay::Damaged(_))),
            "{text}"
        );
    }
}

#[test]
fn a_task_that_is_too_long_is_not_noted_and_says_so() {
    let bolts = vec!["bolt 1 @A-01-01"; super::TASK_LINES_MAX + 1];
    let long = task("P", TaskKind::Pick(PickPlan::default()), lines(&bolts));
    let mut floor = Floor::new(vec![long]);
    let done = (1..=super::TASK_LINES_MAX as u32).map(|number| {
        let line = LineProgress {
            quantity: Quantity::ONE,
            closed: false,
        };
        (LineNumber(number), line)
    });
    floor
        .catalogue
        .put_progress(TaskId::from("P"), Progress::from_lines(done));
    let (mut recorder, mut replay) = (Recorder::new("test"), Replay::default());
    let mut session = floor.session.clone();
    for what in ["DOC-P", "T-1"] {
        let before = session.clone();
        let event = Event::Scans(vec![floor.scanning(what)]);
        let recording = Recording::of(&floor.catalogue);
        let step = session.step(event.clone(), &floor.now(), &recording);
        let noted = Noted {
            before: &before,
            event: &event,
            now: &floor.now(),
            after: &session,
            step: &step,
        };
        let text = recorder.note(recording.asked(), &floor.catalogue, noted).text;
        assert!(text.len() < 4_000, "{} bytes", text.len());
        let error = replay.play(&text).unwrap_err();
        let lines = format!("{} lines", super::TASK_LINES_MAX + 1);
        assert!(error.to_string().contains(&lines), "{error}");
    }
}

#[test]
fn a_new_run_says_everything_again() {
    let mut floor = floor();
    floor.act("scan DOC-P");
    floor.act("scan A-01-01");
    floor.traced.recorder.begin_run();
    floor.act("scan BOLT");
    let entries = floor.traced.entries;
    let replayed = played(&entries[2..]).remove(0).unwrap();
    assert_eq!((replayed.entry.at, replayed.sameness), (0, Sameness::Same));
}

#[test]
fn a_run_ends_by_itself() {
    let mut floor = floor();
    floor.act("scan DOC-P");
    for _ in 0..400 {
        floor.act("scan NUT");
    }
    let begun = floor
        .traced
        .entries
        .iter()
        .filter(|entry| entry.contains("\"at\":0,"));
    assert_eq!(begun.count(), 2);
}

proptest! {
    /// Whatever came over the wire, reading it is no panic.
    #[test]
    fn any_entry_is_read_or_refused(cut in 0..2_000_usize, put in "[ -~]{0,5}") {
        let mut replay = Replay::default();
        for entry in picked() {
            let cut = cut.min(entry.len());
            let entry = format!("{}{put}{}", &entry[..cut], &entry[cut..]);
            let replayed = replay.play(&entry);
            explain(&entry, &replayed);
        }
    }
}

#[test]
fn a_pin_is_nowhere_in_the_trace() {
    let mut floor = floor();
    floor.session.stage.open = Some(Open {
        question: Question::Pin { worker: "7".into() },
        piece: None,
    });
    for digit in ["4", "7", "1", "9"] {
        floor.act(&format!("key {digit}"));
    }
    assert_eq!(floor.session.stage.typed, "4719");
    let Traced { entries, replay, .. } = &floor.traced;
    assert_eq!(entries.len(), 4);
    for entry in entries {
        assert!(entry.contains("\"event\":{\"key\":\"0\"}"), "{entry}");
        assert!(!entry.contains("47"), "{entry}");
    }
    assert!(!format!("{replay:?}").contains("4719"));
    // Nor where a run begins in the middle of it.
    floor.traced.recorder.begin_run();
    floor.act("key 5");
    let entry = floor.traced.entries.last().unwrap();
    assert!(entry.contains("\\\"typed\\\":\\\"0000\\\""), "{entry}");

    let mut catalogue = floor.catalogue.clone();
    catalogue.put_worker(
        Worker {
            id: "7".into(),
            name: "Anna".to_owned(),
            language: None,
            has_pin: true,
        },
        Some("4719"),
    );
    let recording = Recording::of(&catalogue);
    assert!(recording.is_pin_of(&"7".into(), "4719"));
    let asked = format!("{:?}", recording.asked());
    assert!(asked.contains("true") && !asked.contains("4719"), "{asked}");
}

#[test]
fn everything_that_a_catalogue_answers_is_written_and_read() {
    let mut catalogue = floor().catalogue;
    let (worker, location) = (WorkerId::from("7"), LocationId::from("A-01-01"));
    catalogue.put_worker(
        Worker {
            id: worker.clone(),
            name: "Anna".to_owned(),
            language: Some(crate::Language::German),
            has_pin: true,
        },
        Some("1"),
    );
    catalogue.put_location(Location {
        id: location.clone(),
        check_digits: Some("42".to_owned()),
        zone: Some("A".to_owned()),
    });
    catalogue.put_holds(Holds {
        version: 3,
        heard: Some(jiff::Timestamp::UNIX_EPOCH),
        entries: vec![Hold {
            item: "bolt".into(),
            lot: None,
            reason: "recall".to_owned(),
        }],
    });
    catalogue.put_handling_unit("U-1".into());
    let tags = [
        piece("COAT", "7", Class::Maybe),
        piece("COAT", "S-7", Class::Sure),
        piece("NUT", "8", Class::Stray),
    ];
    let swept = Swept {
        figures: SweepFigures {
            sure: 1,
            maybe: 2,
            stray: 3,
            kept: 4,
            is_done: true,
        },
        tags: tags.into(),
    };
    let count = TaskId::from("C");
    catalogue.put_sweep(count.clone(), location.clone(), swept);
    catalogue.put_signal(Some(73));
    let ask = |catalogue: &dyn Catalogue| {
        let site = (
            catalogue.location(&location),
            catalogue.location(&"B".into()),
            catalogue.worker(&worker),
            catalogue.worker(&"8".into()),
            catalogue.is_pin_of(&worker, "1"),
        );
        let lists = (
            catalogue.reasons(crate::ExceptionCode::Short),
            catalogue.holds(),
            catalogue.next_handling_unit(),
        );
        let gtin = label("COAT");
        let elsewhere = LocationId::from("B");
        let tags = (
            catalogue.sweep(&count, &location),
            catalogue.sweep(&count, &elsewhere),
            catalogue.swept_piece(&count, &location, &gtin, "S-7"),
            catalogue.swept_piece(&count, &location, &gtin, "8"),
            catalogue.swept_tags(&count, &location),
            catalogue.signal(),
        );
        (site, lists, tags)
    };
    let recording = Recording::of(&catalogue);
    let answers = ask(&recording);
    let (said, whole) = Known::default().note(recording.asked(), &catalogue);
    assert_eq!(whole, Ok(()));
    let said = serde_json::from_str(&serde_json::to_string(&said).unwrap()).unwrap();
    let mut known = Known::default();
    known.learn(said).unwrap();
    let body: StepBody = serde_json::from_str(&picked()[0]).unwrap();
    let replayed = Answers::of(&known, &body);
    assert_eq!(ask(&replayed), answers);
}
