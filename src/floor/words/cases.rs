//! Every text of every language: there, whole sentences, and not the other language's.

use jiff::Timestamp;
use jiff::civil::date;

use super::*;
use crate::catalogue::MapCatalogue;
use crate::confirmation::{Act, ExceptionCode, ExceptionReport, Goods, Place, Reverses, StockStatus, Times};
use crate::ids::{LocationId, SiteId, TaskId};
use crate::quantity::Quantity;
use crate::verdict::{Scanned, Wanted};

fn item() -> ItemId {
    ItemId::from("B-1")
}

fn place() -> LocationId {
    LocationId::from("A-01-01")
}

fn questions() -> Vec<Question> {
    let (two, none) = (Quantity::from_micro(2_000_000), Quantity::ZERO);
    vec![
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
        Question::ShortReason { missing: two },
        Question::ShortReason { missing: none },
        Question::Empty { location: place() },
        Question::CountComplete { location: place() },
        Question::EndTask { open_lines: 1 },
        Question::EndTask { open_lines: 2 },
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
    ]
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
        Wanted::Quantity,
        Wanted::Lot,
        Wanted::Date,
        Wanted::Serial,
        Wanted::Answer,
        Wanted::Done,
    ]
}

fn reasons() -> Vec<Reason> {
    let text = || "X-1".to_owned();
    let task = || TaskId::from("T");
    let one = Quantity::ONE;
    let mut reasons = vec![
        Reason::NoWorker,
        Reason::NoTask,
        Reason::UnknownCode { code: text() },
        Reason::BadLabel {
            message: "The check digit is wrong.".to_owned(),
        },
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
        Reason::PlaceCounted { location: place() },
        Reason::SerialRepeated { serial: text() },
        Reason::NothingToUndo,
        Reason::KeyUnused,
        Reason::TaskWithdrawn { task: task() },
        Reason::TaskDone { task: task() },
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
        exception: None,
        reverses: None,
        raw: None,
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
    let catalogue = MapCatalogue::new(SiteId::from("north"));
    let names = Names::new(&catalogue);
    let mut texts = vec![
        ("tasks".to_owned(), vec![words.tasks().to_owned()]),
        ("which task".to_owned(), vec![words.which_task().to_owned()]),
        ("type label".to_owned(), vec![words.type_label().to_owned()]),
        ("then".to_owned(), vec![words.then("A-01-02")]),
        (
            "lease".to_owned(),
            [0, 4]
                .map(|minutes| format!("X {}", words.lease_ends(minutes)))
                .to_vec(),
        ),
    ];
    let mut add = |what: String, text: Vec<String>| texts.push((what, text));
    let receive = TaskKind::Receive {
        dock: place(),
        over_tolerance_percent: 0,
    };
    for kind in [receive, TaskKind::Pick { into: None }, TaskKind::Count] {
        add(format!("title {kind:?}"), vec![words.title(&kind, "X-1")]);
    }
    for reason in ShortReason::ALL {
        add(
            format!("short {reason:?}"),
            vec![words.short_reason(reason).to_owned()],
        );
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
    for note in [Note::NothingRecorded, Note::AimAtOne, Note::TaskChanged] {
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
        Where::Back,
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
                assert!(sentence.ends_with('.'), "{language:?} {reason:?}: {sentence}");
            }
        }
    }
}

#[test]
fn the_languages_differ_where_they_should() {
    // Words that both languages share.
    const SHARED: [&str; 1] = ["key Enter"];
    let english = texts(Language::English);
    let german = texts(Language::German);
    assert_eq!(english.len(), german.len());
    for ((what, english), (_, german)) in english.iter().zip(&german) {
        assert_eq!(
            english == german,
            SHARED.contains(&what.as_str()),
            "{what}: {english:?}"
        );
    }
}

#[test]
fn languages_are_found_by_their_code() {
    for language in Language::ALL {
        assert_eq!(Language::of_code(language.code()), Some(language));
    }
    assert_eq!(Language::of_code("tlh"), None);
}
