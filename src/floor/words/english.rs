//! English.

use super::{Instruction, KeyUse, Label, Names, Words};
use crate::confirmation::{Act, Draft, ExceptionCode, Place};
use crate::kinds::ShortReason;
use crate::session::work::Note;
use crate::task::TaskKind;
use crate::verdict::{Question, Reason, Scanned, Wanted, Where};

pub(super) struct English;

impl Words for English {
    fn tasks(&self) -> &'static str {
        "Tasks"
    }

    fn which_task(&self) -> &'static str {
        "Which task?"
    }

    fn title(&self, kind: &TaskKind, reference: &str) -> String {
        let kind = match kind {
            TaskKind::Receive { .. } => "Receive",
            TaskKind::Pick { .. } => "Pick",
            TaskKind::Count => "Count",
        };
        format!("{kind} {reference}")
    }

    fn instruction(&self, instruction: Instruction) -> &'static str {
        match instruction {
            Instruction::ChooseTask => "Scan a document or press a number",
            Instruction::NoTasks => "No tasks. Scan a document when you have one",
            Instruction::ScanTote => "Scan the tote",
            Instruction::GoTo => "Go there and scan the place",
            Instruction::ScanLocation => "Scan a place to count",
            Instruction::ScanItem => "Scan the item",
            Instruction::ScanAnyItem => "Scan an item",
            Instruction::Complete => "All done. Press Done",
        }
    }

    fn type_label(&self) -> &'static str {
        "Type the code on the label"
    }

    fn question(&self, question: &Question, names: &Names<'_>) -> String {
        match question {
            Question::Quantity { item, .. } => format!("How many of {}?", names.item(item)),
            Question::Lot { item } => format!("Scan or type the lot of {}", names.item(item)),
            Question::Expiry { item } => {
                format!(
                    "Scan or type the expiry date of {}, as 31.12.27",
                    names.item(item)
                )
            }
            Question::Serial { item } => format!("Scan or type the serial number of {}", names.item(item)),
            Question::Over { item, by } => {
                format!("That is {by} more {} than expected. Record it?", names.item(item))
            }
            Question::ShortReason { missing } if missing.is_zero() => "Why is there less?".to_owned(),
            Question::ShortReason { missing } => format!("{missing} missing. Why?"),
            Question::Empty { location } => format!("Nothing counted in {location}. Is it empty?"),
            Question::CountComplete { location } => format!("Is the count of {location} complete?"),
            Question::EndTask { open_lines: 1 } => "1 line is still open. End the task?".to_owned(),
            Question::EndTask { open_lines } => {
                format!("{open_lines} lines are still open. End the task?")
            }
            Question::Found { code } => {
                format!("{} is not on the list. Record it as found?", names.code(code))
            }
            Question::TakeOver {
                holder,
                silent_minutes: Some(minutes @ 1..),
                ..
            } => format!("{holder} has this task and has not been heard of for {minutes} min. Take it over?"),
            Question::TakeOver { holder, .. } => format!("{holder} has this task. Work on it all the same?"),
            Question::MaybeDone { holder, .. } => {
                format!("{holder} may have done this. Is it still to do?")
            }
            Question::TwoInView { seen } => {
                format!("Two codes in view: {}. Aim at one.", seen.join(" and "))
            }
        }
    }

    fn short_reason(&self, reason: ShortReason) -> &'static str {
        match reason {
            ShortReason::Empty => "Place is empty",
            ShortReason::Damaged => "Damaged",
            ShortReason::NotFound => "Not found",
        }
    }

    fn rejected(&self, reason: &Reason, names: &Names<'_>) -> Vec<String> {
        match reason {
            Reason::NoWorker => say(&[
                "Nobody is logged in.",
                "This task is for a certain person.",
                "Scan your badge.",
            ]),
            Reason::NoTask => say(&[
                "No task is open.",
                "Scan a document, or press the number of a task.",
            ]),
            Reason::UnknownCode { code } => vec![
                format!("Nothing here has the code {code}."),
                "Scan the item's own label, or press Type.".to_owned(),
            ],
            Reason::BadLabel { message } => {
                vec![message.clone(), "Scan another label, or press Type.".to_owned()]
            }
            Reason::NotWanted { scanned, wanted } => vec![
                format!("This is {}.", scanned_words(scanned, names)),
                format!("Wanted is {}.", wanted_words(wanted, names)),
                wanted_action(wanted).to_owned(),
            ],
            Reason::WrongLocation { scanned, wanted } => vec![
                format!("This is {scanned}."),
                format!("Wanted is {wanted}."),
                format!("Go to {wanted}, or press Done or Short if you are through there."),
            ],
            Reason::WrongItem { scanned, wanted } => vec![
                format!("This is {}.", names.item(scanned)),
                format!("Wanted is {}.", names.item(wanted)),
                "Put it back and scan the right one.".to_owned(),
            ],
            Reason::NotOnList { scanned } => vec![
                format!("This is {}.", names.item(scanned)),
                "It is not on the list.".to_owned(),
                "Put it back. Press Done when you are through.".to_owned(),
            ],
            Reason::WrongLot { scanned, wanted } => vec![
                format!("This is lot {scanned}."),
                format!("Wanted is lot {wanted}."),
                "Put it back and scan one of the right lot, or press Short.".to_owned(),
            ],
            Reason::Expired { expiry } => vec![
                format!("This expires on {}.", expiry.strftime("%d %b %Y")),
                "That is too soon.".to_owned(),
                "Set it aside and scan another one, or press Short.".to_owned(),
            ],
            Reason::LineFull { item } => vec![
                format!("This is {}.", names.item(item)),
                "The list has all of it.".to_owned(),
                "Put it back. Press Done when you are through.".to_owned(),
            ],
            Reason::TooMany { item, quantity, open } => vec![
                format!(
                    "That would be {quantity} {} {}.",
                    names.unit(item),
                    names.item(item)
                ),
                format!("Only {open} more are wanted."),
                "Take fewer, and scan single pieces if you have to.".to_owned(),
            ],
            Reason::PlaceCounted { location } => vec![
                format!("{location} is counted already."),
                "Scan the next place. Press Undo if it was a mistake.".to_owned(),
            ],
            Reason::SerialRepeated { serial } => vec![
                format!("Serial number {serial} is counted already."),
                "Scan the next piece.".to_owned(),
            ],
            Reason::BadEntry { typed, wanted } => vec![
                format!("\"{typed}\" does not fit."),
                format!("Wanted is {}.", wanted_words(wanted, names)),
                "Type it again, or press Escape.".to_owned(),
            ],
            Reason::NothingToUndo => say(&["There is nothing to take back."]),
            Reason::KeyUnused => say(&["This key does nothing here."]),
            Reason::TaskWithdrawn { .. } => say(&[
                "The office has withdrawn this task.",
                "What you did is safe.",
                "Choose another task.",
            ]),
            Reason::TaskDone { .. } => say(&["This task is done.", "Choose another one."]),
        }
    }

    fn recorded(&self, draft: &Draft, names: &Names<'_>) -> Vec<String> {
        let (act, forward) = draft.progress_act();
        if !forward {
            return match act.moves_goods() {
                true => vec![format!("Taken back: {}.", names.goods(draft))],
                false => say(&["Taken back."]),
            };
        }
        let goods = names.goods(draft);
        let done = match act {
            Act::Received => format!("{goods} received."),
            Act::Picked => format!("{goods} picked."),
            Act::Counted => format!("{goods} counted."),
            Act::LocationCounted => match &draft.to {
                Some(Place::Location(place)) => format!("{place} is counted."),
                _ => "The place is counted.".to_owned(),
            },
            Act::LineClosed if is_left(draft) => "The line is left.".to_owned(),
            Act::LineClosed => "The line is closed as short.".to_owned(),
            Act::TaskClosed => "The task is done.".to_owned(),
            Act::Reversed => "Taken back.".to_owned(),
        };
        let noted = draft.exception.as_ref().and_then(|report| match report.code {
            ExceptionCode::Over => Some("Recorded as more than expected."),
            ExceptionCode::Found => Some("Recorded as found."),
            ExceptionCode::Damaged => Some("Recorded as damaged."),
            ExceptionCode::Elsewhere => Some("Left to the records of the other device."),
            ExceptionCode::Short => None,
        });
        std::iter::once(done).chain(noted.map(str::to_owned)).collect()
    }

    fn went(&self, place: &Where, _names: &Names<'_>) -> Vec<String> {
        match place {
            Where::LoggedIn => say(&["Welcome."]),
            Where::LoggedOut => say(&["You are logged out."]),
            Where::Task(_) => say(&["Task opened."]),
            Where::LeftTask(_) => say(&["Task left. What you did is safe."]),
            Where::Location(location) => vec![format!("{location} is right.")],
            Where::Tote(unit) => vec![format!("Into {unit} from now on.")],
            Where::Back => say(&["One step back."]),
        }
    }

    fn note(&self, note: Note) -> String {
        match note {
            Note::NothingRecorded => "Nothing was recorded.",
            Note::AimAtOne => "Aim at one code.",
            Note::TaskChanged => "The office has changed this task.",
        }
        .to_owned()
    }

    fn lease_ends(&self, minutes: u32) -> String {
        match minutes {
            0 => "has ended".to_owned(),
            minutes => format!("ends in {minutes} min"),
        }
    }

    fn then(&self, place: &str) -> String {
        format!("Then {place}")
    }

    fn key(&self, key: KeyUse) -> &'static str {
        match key {
            KeyUse::Yes => "Yes",
            KeyUse::No => "No",
            KeyUse::Enter => "OK",
            KeyUse::Backspace => "Delete",
            KeyUse::Cancel => "Cancel",
            KeyUse::Undo => "Undo",
            KeyUse::Done => "Done",
            KeyUse::Short => "Short",
            KeyUse::Type => "Type",
            KeyUse::Leave => "Leave",
            KeyUse::LogOut => "Log out",
            KeyUse::StillToDo => "Still to do",
            KeyUse::DoneAlready => "Done already",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Item => "Item",
            Label::Number => "Number",
            Label::Lot => "Lot",
            Label::Take => "Take",
            Label::Tote => "Into",
            Label::HeldBy => "Held by",
            Label::MaybeDoneBy => "Maybe done by",
            Label::Lease => "Lease",
        }
    }
}

/// Whether a line was left to the records of another device.
fn is_left(draft: &Draft) -> bool {
    let report = draft.exception.as_ref();
    report.is_some_and(|report| report.code == ExceptionCode::Elsewhere)
}

fn say(sentences: &[&str]) -> Vec<String> {
    sentences.iter().map(|&sentence| sentence.to_owned()).collect()
}

fn scanned_words(scanned: &Scanned, names: &Names<'_>) -> String {
    match scanned {
        Scanned::Location(location) => format!("the place {location}"),
        Scanned::Item(item) => names.item(item),
        Scanned::HandlingUnit(unit) => format!("the tote or pallet {unit}"),
        Scanned::Badge => "a badge or card".to_owned(),
        Scanned::Reference(reference) => format!("the document {reference}"),
        Scanned::Text(text) => format!("the code {text}"),
    }
}

fn wanted_words(wanted: &Wanted, names: &Names<'_>) -> String {
    match wanted {
        Wanted::AnyLocation => "a place of this task".to_owned(),
        Wanted::Location(location) => format!("the place {location}"),
        Wanted::AnyItem => "an item".to_owned(),
        Wanted::Item(item) => names.item(item),
        Wanted::Tote => "a tote".to_owned(),
        Wanted::Quantity => "a number above 0".to_owned(),
        Wanted::Lot => "a lot".to_owned(),
        Wanted::Date => "a date, as 31.12.27".to_owned(),
        Wanted::Serial => "a serial number".to_owned(),
        Wanted::Answer => "an answer to the question".to_owned(),
        Wanted::Done => "nothing more: all lines are done".to_owned(),
    }
}

const fn wanted_action(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::AnyLocation => "Scan the label of the place first.",
        Wanted::Location(_) => "Go there and scan its label.",
        Wanted::AnyItem | Wanted::Item(_) => "Scan the item, or press Type.",
        Wanted::Tote => "Scan the tote first.",
        Wanted::Quantity => "Type the number and press Enter, or press Escape.",
        Wanted::Lot | Wanted::Date | Wanted::Serial => "Scan or type it, or press Escape.",
        Wanted::Answer => "Press Enter for yes, Escape for no.",
        Wanted::Done => "Press Done.",
    }
}
