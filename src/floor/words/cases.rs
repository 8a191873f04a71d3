//! Every text of every language: there, whole sentences, and not the other language's.

use jiff::Timestamp;
use jiff::civil::date;

use super::*;
use crate::catalogue::MapCatalogue;
use crate::confirmation::{Act, ExceptionCode, ExceptionReport, Goods, Place, Reverses, StockStatus, Times};
use crate::ids::{HandlingUnitId, LocationId, SiteId, TaskId, WorkerId};
use crate::label_fault::{LabelFault, LabelFaultKind};
use crate::plan::{Check, CountPlan, InspectPlan, LoadPlan, PackPlan, PickPlan, ReceivePlan, ReturnPlan};
use crate::quantity::Quantity;
use crate::verdict::{MissingPiece, Scanned, Wanted};

fn item() -> ItemId {
    ItemId::from("B-1")
}

fn place() -> LocationId {
    LocationId::from("A-01-01")
}

fn questions() -> Vec<Question> {
    let (two, none) = (Quantity::from_micro(2_000_000), Quantity::ZERO);
    let mut questions = vec![
        Question::Quantity {
            item: item(),
            proposed: None,
        },
        Question::Lot { item: item() },
        Question::Expiry { item: item() },
        Question::Serial { item: item() },
        Question::Over {
            item: item(),
            by: two,
        },
        Question::Exception { codes: Vec::new() },
        why(ExceptionCode::Short, Some(two)),
        why(ExceptionCode::Short, Some(none)),
        why(ExceptionCode::OtherPlace, None),
        Question::HowMuch {
            item: item(),
            code: ExceptionCode::Damaged,
            reason: None,
        },
        Question::Weight { item: item() },
        Question::Substitute {
            item: item(),
            wanted: ItemId::from("B-2"),
        },
        Question::ShelfLife {
            item: item(),
            expiry: date(2026, 12, 1),
        },
        Question::Condition {
            item: item(),
            conditions: Vec::new(),
        },
        Question::State { item: item() },
        Question::StaleHolds { minutes: Some(90) },
        Question::StaleHolds { minutes: None },
        Question::LinkItem { code: "X".to_owned() },
        Question::LinkPack {
            code: "X".to_owned(),
            item: item(),
        },
        Question::Menu { entries: Vec::new() },
        Question::Pin {
            worker: WorkerId::from("W"),
        },
        Question::Interrupt {
            task: TaskId::from("T"),
        },
        Question::Empty { location: place() },
        Question::CountComplete { location: place() },
        Question::EndTask { open_lines: 0 },
        Question::EndTask { open_lines: 1 },
        Question::EndTask { open_lines: 2 },
        Question::EndTask { open_lines: 25 },
        Question::Found { code: "X".to_owned() },
        Question::TakeOver {
            task: TaskId::from("T"),
            holder: "H2".to_owned(),
            silent_minutes: Some(14),
        },
        Question::TakeOver {
            task: TaskId::from("T"),
            holder: "H2".to_owned(),
            silent_minutes: None,
        },
        Question::MaybeDone {
            line: crate::ids::LineNumber(1),
            holder: "H2".to_owned(),
        },
        Question::TwoInView {
            seen: vec!["X".to_owned(), "Y".to_owned()],
        },
        Question::WhichItem {
            code: ExceptionCode::Damaged,
        },
        Question::NewUnit,
        Question::LookUp,
        Question::HandOver { code: "X".to_owned() },
        Question::Figures,
        Question::TagMissing { item: item() },
        Question::Unsure {
            location: place(),
            tags: 12_345,
            items: vec![(item(), 12_345)],
        },
        Question::Missing {
            location: place(),
            pieces: vec![missing()],
            more: 0,
        },
        Question::Missing {
            location: place(),
            pieces: vec![missing()],
            more: 12_345,
        },
        Question::Locate { piece: missing() },
    ];
    let begun = [MenuEntry::Move, MenuEntry::FoundUnit, MenuEntry::Count];
    questions.extend(begun.map(|entry| Question::Begin { entry }));
    for check in Check::ALL {
        for unit in [None, Some(HandlingUnitId::from("T-1"))] {
            questions.push(Question::Observe { check, unit });
        }
    }
    questions
}

fn missing() -> MissingPiece {
    MissingPiece {
        item: item(),
        serial: "12345678901234567890".to_owned(),
        lot: None,
    }
}

fn why(code: ExceptionCode, quantity: Option<Quantity>) -> Question {
    let reasons = Vec::new();
    Question::Reason {
        code,
        reasons,
        quantity,
    }
}

fn everything_scanned() -> Vec<Scanned> {
    let text = || "X-1".to_owned();
    vec![
        Scanned::Location(place()),
        Scanned::Item(item()),
        Scanned::HandlingUnit(text()),
        Scanned::Badge,
        Scanned::Reference(text()),
        Scanned::Text(text()),
    ]
}

fn everything_wanted() -> Vec<Wanted> {
    vec![
        Wanted::AnyLocation,
        Wanted::Location(place()),
        Wanted::AnyItem,
        Wanted::Item(item()),
        Wanted::Tote,
        Wanted::AnyUnit,
        Wanted::HandlingUnit(HandlingUnitId::from("T-1")),
        Wanted::Carton,
        Wanted::Destination,
        Wanted::Vehicle("TRUCK-1".to_owned()),
        Wanted::Weight,
        Wanted::Pin,
        Wanted::Badge,
        Wanted::Check(Check::Seal),
        Wanted::Check(Check::Temperature),
        Wanted::Check(Check::Weight),
        Wanted::Check(Check::Signature),
        Wanted::Check(Check::Condition),
        Wanted::Quantity,
        Wanted::Lot,
        Wanted::Date,
        Wanted::Serial,
        Wanted::Answer,
        Wanted::Done,
        Wanted::AnyPlace,
    ]
}

fn bad_labels() -> impl Iterator<Item = Reason> {
    LabelFaultKind::ALL.into_iter().flat_map(|kind| {
        [None, Some("17".to_owned())].map(|ai| Reason::BadLabel {
            fault: LabelFault { kind, ai },
        })
    })
}

fn reasons() -> Vec<Reason> {
    let text = || "X-1".to_owned();
    let task = || TaskId::from("T");
    let one = Quantity::ONE;
    let mut reasons = vec![
        Reason::NoWorker,
        Reason::NoTask,
        Reason::UnknownCode { code: text() },
        Reason::WrongLocation {
            scanned: place(),
            wanted: LocationId::from("A-01-02"),
        },
        Reason::WrongItem {
            scanned: item(),
            wanted: ItemId::from("B-2"),
        },
        Reason::NotOnList { scanned: item() },
        Reason::WrongLot {
            scanned: text(),
            wanted: text(),
        },
        Reason::Expired {
            expiry: date(2026, 11, 1),
        },
        Reason::LineFull { item: item() },
        Reason::TooMany {
            item: item(),
            quantity: one,
            open: one,
        },
        Reason::Blocked {
            item: item(),
            lot: None,
            reason: text(),
        },
        Reason::Blocked {
            item: item(),
            lot: Some(text()),
            reason: text(),
        },
        Reason::MayNotRelease {
            item: item(),
            lot: None,
            reason: text(),
        },
        Reason::MayNotRelease {
            item: item(),
            lot: Some(text()),
            reason: text(),
        },
        Reason::WrongUnit {
            scanned: HandlingUnitId::from("T-1"),
            wanted: HandlingUnitId::from("T-2"),
        },
        Reason::UnitNotOnList {
            unit: HandlingUnitId::from("T-1"),
        },
        Reason::UnitDone {
            unit: HandlingUnitId::from("T-1"),
        },
        Reason::WrongVehicle {
            scanned: text(),
            wanted: text(),
        },
        Reason::WrongCheckDigits { location: place() },
        Reason::WrongPin,
        Reason::CountedBefore { task: task() },
        Reason::NoHandlingUnitNumber,
        Reason::CodeKnown {
            code: text(),
            item: item(),
        },
        Reason::HubUnreachable,
        Reason::PlaceCounted { location: place() },
        Reason::SerialRepeated { serial: text() },
        Reason::CountedByTag { serial: text() },
        Reason::NothingToUndo,
        Reason::KeyUnused,
        Reason::TaskWithdrawn { task: task() },
        Reason::TaskDone { task: task() },
        Reason::LinkableCode { code: text() },
        Reason::PlacesOpen { open_lines: 1 },
        Reason::PlacesOpen { open_lines: 2 },
        Reason::PinRefused,
        Reason::HandOverUnreadable,
        Reason::HandOverUnknown,
    ];
    for wanted in everything_wanted() {
        reasons.push(Reason::BadEntry {
            typed: text(),
            wanted: wanted.clone(),
        });
        for scanned in everything_scanned() {
            let wanted = wanted.clone();
            reasons.push(Reason::NotWanted { scanned, wanted });
        }
    }
    reasons.extend(bad_labels());
    reasons
}

fn goods() -> Goods {
    Goods {
        item: Some(item()),
        code: "X-1".to_owned(),
        quantity: Quantity::ONE,
        unit: "each".to_owned(),
        pack: Quantity::ONE,
        lot: None,
        serials: Vec::new(),
        expiry: None,
        weight: None,
        handling_unit: None,
        status: StockStatus::Available,
        owner: None,
    }
}

fn facts() -> Vec<Draft> {
    let plain = Draft {
        site: SiteId::from("north"),
        worker: None,
        work: None,
        act: Act::TaskClosed,
        goods: None,
        from: None,
        to: Some(Place::Location(place())),
        observed: None,
        started: None,
        exception: None,
        reverses: None,
        raw: None,
        pass: None,
        times: Times {
            boot: String::new(),
            boottime_us: 0,
            wall: Timestamp::UNIX_EPOCH,
        },
    };
    let mut facts = Vec::new();
    for act in Act::ALL {
        let reverses = Some(Reverses {
            epoch: 1,
            seq: 1,
            act,
        });
        let goods = act.moves_goods().then(goods);
        let plain = Draft {
            goods,
            ..plain.clone()
        };
        facts.push(Draft { act, ..plain.clone() });
        facts.push(Draft {
            act: Act::Reversed,
            reverses,
            ..plain.clone()
        });
        for code in ExceptionCode::ALL {
            let (reason, quantity) = (None, None);
            let exception = Some(ExceptionReport {
                code,
                reason,
                quantity,
            });
            facts.push(Draft {
                act,
                exception,
                ..plain.clone()
            });
        }
    }
    facts
}

/// Every text of a language, each with what it is for. A kind's own texts come through its words.
fn texts(language: Language) -> Vec<(String, Vec<String>)> {
    let words = words(language);
    let mut catalogue = MapCatalogue::new(SiteId::from("north"));
    catalogue.put_language(language);
    let names = Names::new(&catalogue);
    let mut texts = vec![
        ("tasks".to_owned(), vec![words.tasks().to_owned()]),
        ("which task".to_owned(), vec![words.which_task().to_owned()]),
        ("type label".to_owned(), vec![words.type_label().to_owned()]),
        ("then".to_owned(), vec![words.then("A-01-02")]),
        ("being counted".to_owned(), vec![words.being_counted().to_owned()]),
        (
            "lease".to_owned(),
            [0, 4]
                .map(|minutes| format!("X {}", words.lease_ends(minutes)))
                .to_vec(),
        ),
    ];
    let mut add = |what: String, text: Vec<String>| texts.push((what, text));
    let kinds = [
        TaskKind::Receive(ReceivePlan::at(place())),
        TaskKind::Putaway,
        TaskKind::Replenish,
        TaskKind::Move,
        TaskKind::Pick(PickPlan::default()),
        TaskKind::Pack(PackPlan::default()),
        TaskKind::Load(LoadPlan {
            door: place(),
            vehicle: String::new(),
            checks: Vec::new(),
        }),
        TaskKind::Count(CountPlan::default()),
        TaskKind::Return(ReturnPlan {
            dock: place(),
            dispositions: Vec::new(),
        }),
        TaskKind::Inspect(InspectPlan::default()),
    ];
    assert_eq!(kinds.each_ref().map(TaskKind::word), TaskKind::WORDS);
    for kind in kinds {
        add(format!("title {kind:?}"), vec![words.title(&kind, "X-1")]);
    }
    add(
        "check digits".to_owned(),
        vec![words.type_check_digits().to_owned()],
    );
    for code in ExceptionCode::ALL {
        add(
            format!("exception {code:?}"),
            vec![words.exception(code).to_owned()],
        );
        for word in crate::site::usual_reasons(code) {
            add(format!("reason {word}"), vec![words.reason(&word)]);
        }
    }
    for status in StockStatus::ALL {
        add(
            format!("status {status:?}"),
            vec![words.status(status).to_owned()],
        );
    }
    for entry in MenuEntry::ALL {
        add(format!("menu {entry:?}"), vec![words.menu(entry).to_owned()]);
    }
    for instruction in Instruction::ALL {
        add(
            format!("{instruction:?}"),
            vec![words.instruction(instruction).to_owned()],
        );
    }
    for key in KeyUse::ALL {
        add(format!("key {key:?}"), vec![words.key(key).to_owned()]);
    }
    for label in Label::ALL {
        add(format!("label {label:?}"), vec![words.label(label).to_owned()]);
    }
    for note in [
        Note::NothingRecorded,
        Note::AimAtOne,
        Note::TaskChanged,
        Note::LabelOrdered,
    ] {
        add(format!("{note:?}"), vec![words.note(note)]);
    }
    for question in questions() {
        add(format!("{question:?}"), vec![words.question(&question, &names)]);
    }
    for place in [
        Where::LoggedIn,
        Where::LoggedOut,
        Where::Task(TaskId::from("T")),
        Where::LeftTask(TaskId::from("T")),
        Where::Location(place()),
        Where::Tote("T-1".to_owned()),
        Where::Unit(HandlingUnitId::from("T-1")),
        Where::Vehicle("TRUCK-1".to_owned()),
        Where::Skipped,
        Where::Kept(TaskId::from("T")),
        Where::Back,
        Where::Opening,
        Where::PutInto(Some(HandlingUnitId::from("T-1"))),
        Where::PutInto(None),
    ] {
        add(format!("{place:?}"), words.went(&place, &names));
    }
    for draft in facts() {
        add(
            format!("{:?} {:?}", draft.act, draft.exception),
            words.recorded(&draft, &names),
        );
    }
    texts
}

#[test]
fn every_text_is_there_and_readable() {
    const SENTENCE_CHARS_MAX: usize = 90;
    for language in Language::ALL {
        for (what, text) in texts(language) {
            assert!(
                !text.is_empty() && text.len() <= 3,
                "{language:?} {what}: {text:?}"
            );
            for sentence in &text {
                assert!(!sentence.trim().is_empty(), "{language:?} {what}");
                assert_eq!(sentence.trim(), sentence, "{language:?} {what}");
                assert!(
                    sentence.chars().count() <= SENTENCE_CHARS_MAX,
                    "{language:?} {sentence}"
                );
                let first = sentence.chars().next().unwrap();
                assert!(!first.is_lowercase(), "{language:?} {sentence}");
            }
        }
    }
}

#[test]
fn a_reject_says_in_whole_sentences_what_was_wrong_and_what_to_press() {
    let catalogue = MapCatalogue::new(SiteId::from("north"));
    let names = Names::new(&catalogue);
    for language in Language::ALL {
        for reason in reasons() {
            let text = words(language).rejected(&reason, &names);
            let is_simple = matches!(reason, Reason::NothingToUndo | Reason::KeyUnused);
            let least = if is_simple { 1 } else { 2 };
            assert!(
                (least..=3).contains(&text.len()),
                "{language:?} {reason:?}: {text:?}"
            );
            for sentence in text {
                assert!(
                    sentence.ends_with(['.', '。']),
                    "{language:?} {reason:?}: {sentence}"
                );
            }
        }
    }
}

#[test]
fn the_languages_differ_where_they_should() {
    // Words that a language shares with English.
    const SHARED: [(Language, &str); 10] = [
        (Language::German, "key Enter"),
        (Language::German, "key Exception"),
        (Language::Spanish, "key Enter"),
        (Language::Spanish, "key No"),
        (Language::Polish, "key Enter"),
        (Language::Polish, "key Exception"),
        (Language::Polish, "key Menu"),
        (Language::Romanian, "key Enter"),
        (Language::Romanian, "label Lot"),
        (Language::Romanian, "label Carton"),
    ];
    let english = texts(Language::English);
    for language in Language::ALL.into_iter().skip(1) {
        let other = texts(language);
        assert_eq!(english.len(), other.len());
        for ((what, english), (_, other)) in english.iter().zip(&other) {
            assert_eq!(
                english == other,
                SHARED.contains(&(language, what)),
                "{language:?} {what}: {english:?}"
            );
        }
    }
}

/// All sentences of a language, rejects with them.
fn sentences(language: Language) -> Vec<String> {
    let catalogue = MapCatalogue::new(SiteId::from("north"));
    let names = Names::new(&catalogue);
    let texts = texts(language).into_iter().flat_map(|(_, text)| text);
    let rejected = reasons()
        .into_iter()
        .flat_map(|reason| words(language).rejected(&reason, &names));
    texts.chain(rejected).collect()
}

#[test]
fn a_key_in_quotes_is_one_of_the_keys() {
    for (language, open, close) in [(Language::Ukrainian, '«', '»'), (Language::Chinese, '“', '”')] {
        let keys = KeyUse::ALL.map(|key| words(language).key(key));
        for sentence in sentences(language) {
            for part in sentence.split(open).skip(1) {
                let (quoted, _) = part.split_once(close).unwrap();
                // What was typed stands in quotes, too.
                assert!(
                    keys.contains(&quoted) || quoted == "X-1",
                    "{language:?} {sentence}"
                );
            }
        }
    }
}

#[test]
fn no_word_mixes_letters_that_look_alike() {
    let is_cyrillic = |character: char| ('\u{400}'..='\u{52f}').contains(&character);
    for language in Language::ALL {
        for sentence in sentences(language) {
            for word in sentence.split(|character: char| !character.is_alphabetic()) {
                let cyrillic = word.chars().filter(|&character| is_cyrillic(character)).count();
                let is_whole = cyrillic == 0 || cyrillic == word.chars().count();
                assert!(is_whole, "{language:?} {sentence}: {word}");
            }
        }
    }
}

#[test]
fn languages_are_found_by_their_code() {
    for language in Language::ALL {
        assert_eq!(Language::of_code(language.code()), Some(language));
    }
    assert_eq!(Language::of_code("tlh"), None);
}
