//! English.

use super::locale::Locale;
use super::{
    Instruction, KeyUse, Label, Names, PassWords, Words, is_left, is_out_of_reach, is_released, say,
};
use crate::confirmation::{Act, Draft, ExceptionCode, Place};
use crate::label_fault::{LabelFault, LabelFaultKind};
use crate::plan::Check;
use crate::session::work::Note;
use crate::task::TaskKind;
use crate::verdict::{MenuEntry, Question, Reason, Scanned, Wanted, Where};

pub(super) struct English;

impl Words for English {
    fn locale(&self) -> Locale {
        Locale {
            decimal_mark: '.',
            date_pattern: "%-d %b %Y",
        }
    }

    fn tasks(&self) -> &'static str {
        "Tasks"
    }

    fn which_task(&self) -> &'static str {
        "Which task?"
    }

    fn title(&self, kind: &TaskKind, reference: &str) -> String {
        let kind = match kind {
            TaskKind::Receive(_) => "Receive",
            TaskKind::Putaway => "Put away",
            TaskKind::Replenish => "Replenish",
            TaskKind::Move => "Move",
            TaskKind::Pick(_) => "Pick",
            TaskKind::Pack(_) => "Pack",
            TaskKind::Load(_) => "Load",
            TaskKind::Count(_) => "Count",
            TaskKind::Return(_) => "Return",
            TaskKind::Inspect(_) => "Inspect",
        };
        format!("{kind} {reference}")
    }

    fn instruction(&self, instruction: Instruction) -> &'static str {
        match instruction {
            Instruction::ChooseTask => "Scan a document or press a number",
            Instruction::NoTasks => "No tasks. Scan a document when you have one",
            Instruction::ScanTote => "Scan the tote",
            Instruction::GoTo => "Go there and scan the place",
            Instruction::ScanPlace => "Scan the place where it lies",
            Instruction::ScanLocation => "Scan a place to count",
            Instruction::ScanItem => "Scan the item",
            Instruction::ScanAnyItem => "Scan an item",
            Instruction::ScanUnit => "Scan the tote, carton or pallet",
            Instruction::ScanCarton => "Scan the carton to pack into",
            Instruction::BringTo => "Bring it there and scan the place",
            Instruction::PutInto => "Put it in there and scan the tote",
            Instruction::ScanVehicle => "Scan the door or the truck",
            Instruction::ScanSource => "Scan the place you take it from",
            Instruction::ScanDestination => "Scan the place where it goes",
            Instruction::HandOver => "Put the tote down there and scan the place",
            Instruction::Complete => "All done. Press Done",
            Instruction::CheckFirst => "Look at the truck first: press OK",
            Instruction::ScanDamaged => "Scan the damaged goods",
            Instruction::ScanToLookUp => "Scan an item, a place or a tote",
            Instruction::Asking => "Asking the hub …",
            Instruction::NothingInStock => "Nothing of it in stock",
            Instruction::InStock => "In stock",
            Instruction::KeepSweeping => "Keep sweeping along the goods",
            Instruction::SweepDone => "Nothing new comes. Press Done",
            Instruction::TooCloseToTell => "Goods too close to tell. Scan labels",
            Instruction::NothingMissing => "Nothing is missing here",
            Instruction::AskAgain => "The hub has not told it yet. Press OK to ask again",
            Instruction::ChooseMissing => "Press the number of what you look for",
            Instruction::FollowSignal => "Go where the signal grows",
            Instruction::DriveThrough => "Drive the goods through the portal, or scan them",
            Instruction::Passing => "Goods pass the portal",
            Instruction::CheckLabel => "Look for this piece and scan its label",
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
                format!(
                    "That is {} more {} than expected. Record it?",
                    names.quantity(*by),
                    names.item(item)
                )
            }
            Question::Exception { .. } => "What is wrong?".to_owned(),
            Question::Reason { code, quantity, .. } => {
                match quantity.filter(|quantity| !quantity.is_zero()) {
                    Some(quantity) if *code == ExceptionCode::Short => {
                        format!("{} missing. Why?", names.quantity(quantity))
                    }
                    _ => format!("{}. Why?", self.exception(*code)),
                }
            }
            Question::HowMuch { item, code, .. } => {
                format!("{}: how much of {}?", self.exception(*code), names.item(item))
            }
            Question::Weight { item } => format!("What does {} weigh, in kg?", names.item(item)),
            Question::Observe { check, unit } => {
                check_question(*check, unit.as_ref().map(|unit| unit.as_str()))
            }
            Question::Substitute { item, wanted } => {
                format!(
                    "Give {} in the place of {}?",
                    names.item(item),
                    names.item(wanted)
                )
            }
            Question::ShelfLife { item, expiry } => format!(
                "{} expires on {}. That is too soon. Take it all the same?",
                names.item(item),
                names.date(*expiry)
            ),
            Question::Condition { item, .. } | Question::State { item } => {
                format!("In which condition is {}?", names.item(item))
            }
            Question::StaleHolds {
                minutes: Some(minutes),
            } => format!("What is on hold was last heard {minutes} min ago. Load all the same?"),
            Question::StaleHolds { minutes: None } => {
                "Nobody knows what is on hold since this device started. Load all the same?".to_owned()
            }
            Question::LinkItem { code } => {
                format!("Nothing has the code {code}. Scan or type the item it is on.")
            }
            Question::LinkPack { code, item } => {
                format!(
                    "How many {} {} are in one {code}?",
                    names.unit(item),
                    names.item(item)
                )
            }
            Question::Menu { .. } => "What do you want to do?".to_owned(),
            Question::Pin { .. } => "Type your PIN".to_owned(),
            Question::Interrupt { .. } => "Something more urgent waits. Change to it?".to_owned(),
            Question::Empty { location } => format!("Nothing counted in {location}. Is it empty?"),
            Question::CountComplete { location } => format!("Is the count of {location} complete?"),
            Question::EndTask { open_lines: 0 } => "Is that all? End the task?".to_owned(),
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
            Question::WhichItem { code } => {
                format!("{}: scan the item or type its number", self.exception(*code))
            }
            Question::NewUnit => "Begin a new pallet and print its label?".to_owned(),
            Question::Begin { entry } => match entry {
                MenuEntry::Move => "Scan the place you take it from",
                MenuEntry::FoundUnit => "Scan the tote, carton or pallet you found",
                MenuEntry::Count => "Scan the place to count",
                _ => "Scan its label",
            }
            .to_owned(),
            Question::LookUp => "What do you want to look up?".to_owned(),
            Question::HandOver { .. } => {
                "Scan or type this code on the other device. What is not sent yet is asked there.".to_owned()
            }
            Question::Figures => "Your figures since you logged in".to_owned(),
            Question::TagMissing { item } => {
                format!("{} is counted by its tag. Is the tag missing?", names.item(item))
            }
            Question::Unsure { location, tags, .. } => {
                format!("Not sure: {tags}. Scan their labels, or close {location} without them?")
            }
            Question::Missing {
                location, more: 0, ..
            } => format!("Missing in {location}"),
            Question::Missing { location, more, .. } => format!("Missing in {location}, and {more} more"),
            Question::Locate { piece } => format!("Is {} found?", piece.serial),
        }
    }

    fn type_check_digits(&self) -> &'static str {
        "Type the digits beside the place"
    }

    fn exception(&self, code: ExceptionCode) -> &'static str {
        match code {
            ExceptionCode::Short => "Less than expected",
            ExceptionCode::Over => "More than expected",
            ExceptionCode::Damaged => "Damaged",
            ExceptionCode::Found => "Found",
            ExceptionCode::WrongGoods => "Wrong goods here",
            ExceptionCode::Expired => "Expired or too old",
            ExceptionCode::Blocked => "On hold",
            ExceptionCode::LocationFull => "Place is full",
            ExceptionCode::LocationEmpty => "Place is empty",
            ExceptionCode::OtherPlace => "Another place",
            ExceptionCode::UnitFull => "Tote is full",
            ExceptionCode::Unreadable => "Label unreadable",
            ExceptionCode::Substitute => "Substitute",
            ExceptionCode::Elsewhere => "Done elsewhere",
            ExceptionCode::NotReachable => "Cannot be reached",
            ExceptionCode::TagMissing => "Tag missing",
            ExceptionCode::Unsure => "Tag not sure",
        }
    }

    fn released(&self) -> &'static str {
        "Released"
    }

    fn reason(&self, word: &str) -> String {
        match word {
            "empty" => "Place is empty",
            "damaged" => "Damaged",
            "not_found" => "Not found",
            "broken" => "Broken",
            "wet" => "Wet",
            "dirty" => "Dirty",
            "packaging" => "Packaging damaged",
            "full" => "Full",
            "blocked" => "Blocked",
            "does_not_fit" => "Does not fit",
            "better_place" => "Better place",
            "other_item" => "Another item",
            "other_lot" => "Another lot",
            "mixed" => "Mixed goods",
            "not_counted" => "Not counted",
            "too_high" => "Too high",
            "locked" => "Locked",
            other => other,
        }
        .to_owned()
    }

    fn menu(&self, entry: MenuEntry) -> &'static str {
        match entry {
            MenuEntry::Inquiry => "Look up stock",
            MenuEntry::Move => "Move goods",
            MenuEntry::FoundUnit => "Found a pallet",
            MenuEntry::Count => "Count a place",
            MenuEntry::OtherTask => "Another task",
            MenuEntry::HandOver => "Hand over",
            MenuEntry::Figures => "My figures",
            MenuEntry::PrintLabel => "Print label",
        }
    }

    fn label_fault(&self, fault: &LabelFault) -> String {
        use LabelFaultKind as Kind;
        let field = fault.ai.as_ref().map(|ai| format!("({ai})"));
        let what = field.unwrap_or_else(|| "The code".to_owned());
        match fault.kind {
            Kind::Empty => "Nothing was scanned.".to_owned(),
            Kind::Length => format!("{what} has the wrong length."),
            Kind::Character => format!("{what} has a character that it may not have."),
            Kind::CheckDigit => format!("{what} has a wrong check digit."),
            Kind::Date => format!("{what} is no date of the calendar."),
            Kind::Value => format!("{what} has a value that does not exist."),
            Kind::Fields => format!("{what} cannot be taken apart into its fields."),
            Kind::Twice => format!("{what} stands there twice, with different values."),
            Kind::Together => format!("{what} may not stand with the other fields."),
            Kind::Missing => {
                format!("{what} lacks a field that belongs to it. Scan the label's other code too.")
            }
            Kind::Ambiguous => format!("{what} can be read in two ways."),
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
            Reason::BadLabel { fault } => vec![
                self.label_fault(fault),
                "Scan another label, or press Type.".to_owned(),
            ],
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
                format!("This expires on {}.", names.date(*expiry)),
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
                    "That would be {} {} {}.",
                    names.quantity(*quantity),
                    names.unit(item),
                    names.item(item)
                ),
                format!("Only {} more are wanted.", names.quantity(*open)),
                "Take fewer, and scan single pieces if you have to.".to_owned(),
            ],
            Reason::Blocked { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("This is {} of lot {lot}.", names.item(item)),
                    None => format!("This is {}.", names.item(item)),
                },
                format!("It is on hold: {reason}."),
                "Leave it where it is and take another one, or press Short.".to_owned(),
            ],
            Reason::MayNotRelease { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("This is {} of lot {lot}.", names.item(item)),
                    None => format!("This is {}.", names.item(item)),
                },
                format!("It is on hold: {reason}."),
                "The office alone can release it. Choose another answer.".to_owned(),
            ],
            Reason::WrongUnit { scanned, wanted } => vec![
                format!("This is {scanned}."),
                format!("Wanted is {wanted}."),
                format!("Scan {wanted}."),
            ],
            Reason::UnitNotOnList { unit } => vec![
                format!("This is {unit}."),
                "It is not on the list.".to_owned(),
                "Leave it, or press Problem if it should be here.".to_owned(),
            ],
            Reason::UnitDone { unit } => vec![
                format!("{unit} is done already."),
                "Scan the next one. Press Undo if it was a mistake.".to_owned(),
            ],
            Reason::WrongVehicle { scanned, wanted } => vec![
                format!("This is {scanned}."),
                format!("Wanted is {wanted}."),
                "Do not load. Go to the right door.".to_owned(),
            ],
            Reason::WrongCheckDigits { location } => vec![
                "These digits belong to another place.".to_owned(),
                format!("Wanted is {location}."),
                "Look at the address, then type the digits beside it.".to_owned(),
            ],
            Reason::WrongPin => say(&["That is not your PIN.", "Type it again, or press Escape."]),
            Reason::CountedBefore { .. } => say(&[
                "You counted this before.",
                "Somebody else has to count it again.",
                "Choose another task.",
            ]),
            Reason::NoHandlingUnitNumber => say(&[
                "This device has no number left for a new carton or pallet.",
                "Scan one with a label, or go where the hub can be reached.",
            ]),
            Reason::CodeKnown { code, item } => vec![
                format!("The code {code} means {} already.", names.item(item)),
                "Ask the office if that is wrong.".to_owned(),
            ],
            Reason::HubUnreachable => say(&[
                "The hub cannot be asked now.",
                "Try again where there is a network.",
            ]),
            Reason::PlaceCounted { location } => vec![
                format!("{location} is counted already."),
                "Scan the next place. Press Undo if it was a mistake.".to_owned(),
            ],
            Reason::CountedByTag { serial } => vec![
                format!("Serial number {serial} is counted by its tag."),
                "Scan the next piece.".to_owned(),
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
            Reason::PinRefused => say(&["The PIN was wrong too often.", "Scan your badge again."]),
            Reason::WrongWay => say(&[
                "The goods went out, not in.",
                "Nothing was recorded. Drive them in, or scan them.",
            ]),
            Reason::HandOverUnreadable => say(&[
                "The code was not read whole.",
                "Scan it again, or type it as it stands there.",
            ]),
            Reason::HandOverUnknown => say(&[
                "This device does not have the task of this code.",
                "Go where the hub can be reached, or let the other device go on with it.",
            ]),
            Reason::LinkableCode { code } => vec![
                format!("Nothing here has the code {code}."),
                "Scan the item's own label, or press Problem to say what it is.".to_owned(),
            ],
            Reason::PlacesOpen { open_lines } => vec![
                match open_lines {
                    1 => "1 place is not counted yet.".to_owned(),
                    open_lines => format!("{open_lines} places are not counted yet."),
                },
                "Count it, or press Problem if it cannot be reached.".to_owned(),
            ],
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
            Act::Moved => format!("{goods} moved."),
            Act::Packed => format!("{goods} packed."),
            Act::Returned => format!("{goods} taken back."),
            Act::Inspected if is_released(draft) => format!("{goods} released."),
            Act::StatusChanged | Act::Inspected => format!("{goods}: recorded."),
            Act::Loaded => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} is on the truck."),
                _ => "It is on the truck.".to_owned(),
            },
            Act::UnitClosed => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} is closed."),
                _ => "It is closed.".to_owned(),
            },
            Act::HandedOver => "Handed over.".to_owned(),
            Act::Observed | Act::Reported => "Recorded.".to_owned(),
            Act::CodeLinked => match &draft.goods {
                Some(linked) => format!("{} means {goods} from now on.", linked.code),
                None => "The code is linked.".to_owned(),
            },
            Act::TaskStarted => "The task has begun.".to_owned(),
            Act::LocationCounted => match &draft.to {
                Some(Place::Location(place)) => format!("{place} is counted."),
                _ => "The place is counted.".to_owned(),
            },
            Act::LineClosed if draft.exception.is_none() => "The line is closed.".to_owned(),
            Act::LineClosed if is_left(draft) => "The line is left.".to_owned(),
            Act::LineClosed if is_out_of_reach(draft) => "The place is left as it is.".to_owned(),
            Act::LineClosed => "The line is closed as short.".to_owned(),
            Act::TaskClosed => "The task is done.".to_owned(),
            Act::Reversed => "Taken back.".to_owned(),
        };
        let noted = draft.exception.as_ref().and_then(|report| match report.code {
            ExceptionCode::Over => Some("Recorded as more than expected."),
            ExceptionCode::Found => Some("Recorded as found."),
            ExceptionCode::Damaged => Some("Recorded as damaged."),
            ExceptionCode::Elsewhere => Some("Left to the records of the other device."),
            ExceptionCode::NotReachable => Some("The office is told that the place cannot be reached."),
            ExceptionCode::TagMissing => Some("The office is told that the tag is missing."),
            ExceptionCode::Unsure => Some("The office is told about tags that are not sure."),
            ExceptionCode::WrongGoods => Some("The office is told about the wrong goods."),
            ExceptionCode::Expired => Some("Recorded as too old."),
            ExceptionCode::Blocked => Some("Recorded as on hold."),
            ExceptionCode::LocationFull => Some("The office is told that the place is full."),
            ExceptionCode::LocationEmpty => Some("The office is told that the place is empty."),
            ExceptionCode::OtherPlace => Some("Recorded with the other place."),
            ExceptionCode::Substitute => Some("Recorded as a substitute."),
            ExceptionCode::Unreadable => Some("The office is told about the label."),
            ExceptionCode::UnitFull | ExceptionCode::Short => None,
        });
        std::iter::once(done).chain(noted.map(str::to_owned)).collect()
    }

    fn pass_words(&self) -> PassWords {
        PassWords {
            recorded: "Pass {pass}: {n} recorded.",
            nothing: "Pass {pass}: nothing new.",
            units: "Whole pallets: {n}.",
            checks: "To check: {n}. Scan their labels.",
            too_many: "Too many tags: drive the goods through in parts.",
            incomplete: "Part of a pallet is missing.",
        }
    }

    fn went(&self, place: &Where, names: &Names<'_>) -> Vec<String> {
        match place {
            Where::LoggedIn => match names.worker() {
                Some(name) => vec![format!("Welcome, {name}.")],
                None => say(&["Welcome."]),
            },
            Where::LoggedOut => say(&["You are logged out."]),
            Where::Task(_) => say(&["Task opened."]),
            Where::LeftTask(_) => say(&["Task left. What you did is safe."]),
            Where::Location(location) => vec![format!("{location} is right.")],
            Where::Unit(unit) => vec![format!("{unit} is right.")],
            Where::Tote(unit) => vec![format!("Into {unit} from now on.")],
            Where::Vehicle(vehicle) => vec![format!("{vehicle} is right.")],
            Where::Skipped => say(&["Left for later."]),
            Where::Kept(_) => say(&["The task is kept. What you did is safe."]),
            Where::Back => say(&["One step back."]),
            Where::Opening => say(&["The next pallet is taken piece by piece."]),
            Where::InHand { item, quantity } => vec![format!(
                "{} {} {} in hand.",
                names.quantity(*quantity),
                names.unit(item),
                names.item(item)
            )],
            Where::UnitInHand(unit) => vec![format!("{unit} in hand, with all that is in it.")],
            Where::PutInto(Some(unit)) => vec![format!("Put it into {unit}.")],
            Where::PutInto(None) => say(&["Put it into a new tote."]),
        }
    }

    fn note(&self, note: Note) -> String {
        match note {
            Note::NothingRecorded => "Nothing was recorded.",
            Note::AimAtOne => "Aim at one code.",
            Note::TaskChanged => "The office has changed this task.",
            Note::LabelOrdered => "The label is being printed.",
        }
        .to_owned()
    }

    fn lease_ends(&self, minutes: u32) -> String {
        match minutes {
            0 => "has ended".to_owned(),
            minutes => format!("ends in {minutes} min"),
        }
    }

    fn being_counted(&self) -> &'static str {
        "Being counted"
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
            KeyUse::Skip => "Skip",
            KeyUse::Exception => "Problem",
            KeyUse::Menu => "Menu",
            KeyUse::Type => "Type",
            KeyUse::Leave => "Leave",
            KeyUse::LogOut => "Log out",
            KeyUse::StillToDo => "Still to do",
            KeyUse::DoneAlready => "Done already",
            KeyUse::OpenUnit => "Open pallet",
            KeyUse::NewUnit => "New carton",
            KeyUse::Missing => "What is missing?",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Item => "Item",
            Label::Number => "Number",
            Label::Lot => "Lot",
            Label::Take => "Take",
            Label::Tote => "Into",
            Label::From => "From",
            Label::To => "To",
            Label::Why => "Because",
            Label::Carton => "Carton",
            Label::Vehicle => "Truck",
            Label::Missing => "Missing",
            Label::HeldBy => "Held by",
            Label::MaybeDoneBy => "Maybe done by",
            Label::Lease => "Lease",
            Label::InHand => "In hand",
            Label::Code => "Code",
            Label::LinesDone => "Lines",
            Label::LinesPerHour => "Lines an hour",
            Label::Walking => "Walking",
            Label::Scanning => "Scanning",
            Label::Waiting => "Waiting for the device",
            Label::Pauses => "Pauses",
            Label::Tags => "Tags",
            Label::MaybeNext => "Maybe next bay",
            Label::Kept => "Safe",
            Label::Signal => "Signal",
            Label::Serial => "Serial number",
            Label::Matched => "Matched",
            Label::Surplus => "Surplus",
            Label::Stray => "Stray tags",
            Label::ToCheck => "To check",
        }
    }
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
        Wanted::AnyUnit => "a tote, carton or pallet".to_owned(),
        Wanted::HandlingUnit(unit) => format!("the tote or pallet {unit}"),
        Wanted::Carton => "a carton".to_owned(),
        Wanted::Destination => "the place where it goes".to_owned(),
        Wanted::Vehicle(vehicle) => format!("the truck {vehicle}"),
        Wanted::Weight => "a weight in kg".to_owned(),
        Wanted::Check(check) => check_words(*check).to_owned(),
        Wanted::Pin => "your PIN".to_owned(),
        Wanted::Badge => "a badge".to_owned(),
        Wanted::Quantity => "a number above 0".to_owned(),
        Wanted::Lot => "a lot".to_owned(),
        Wanted::Date => "a date, as 31.12.27".to_owned(),
        Wanted::Serial => "a serial number".to_owned(),
        Wanted::Answer => "an answer to the question".to_owned(),
        Wanted::Done => "nothing more: all lines are done".to_owned(),
        Wanted::AnyPlace => "a place".to_owned(),
    }
}

const fn wanted_action(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::AnyLocation => "Scan the label of the place first.",
        Wanted::Location(_) => "Go there and scan its label.",
        Wanted::AnyItem | Wanted::Item(_) => "Scan the item, or press Type.",
        Wanted::Tote => "Scan the tote first.",
        Wanted::AnyUnit | Wanted::HandlingUnit(_) => "Scan its label.",
        Wanted::Carton => "Scan the carton first.",
        Wanted::Destination => "Bring it there and scan the place.",
        Wanted::Vehicle(_) => "Scan the door or the truck first.",
        Wanted::Weight => "Type the weight and press Enter, or press Escape.",
        Wanted::Check(_) => "Type or scan it, or press Escape.",
        Wanted::Pin => "Type it and press Enter, or press Escape.",
        Wanted::Badge => "Scan a badge, or press Escape.",
        Wanted::Quantity => "Type the number and press Enter, or press Escape.",
        Wanted::Lot | Wanted::Date | Wanted::Serial => "Scan or type it, or press Escape.",
        Wanted::Answer => "Press Enter for yes, Escape for no.",
        Wanted::Done => "Press Done.",
        Wanted::AnyPlace => "Scan the label of the place.",
    }
}

/// What is to be looked at, as it is asked for.
fn check_question(check: Check, unit: Option<&str>) -> String {
    let of = unit.map_or_else(String::new, |unit| format!(" of {unit}"));
    match check {
        Check::Seal => format!("Scan or type the number of the seal{of}"),
        Check::Temperature => format!("What is the temperature{of}, in °C?"),
        Check::Weight => format!("What is the gross weight{of}, in kg?"),
        Check::Signature => "Who hands over? Scan the badge or type the name".to_owned(),
        Check::Condition => format!("What is the condition{of}?"),
    }
}

const fn check_words(check: Check) -> &'static str {
    match check {
        Check::Seal => "the number of a seal",
        Check::Temperature => "a temperature in °C, as -18.5",
        Check::Weight => "a gross weight in kg",
        Check::Signature => "a name",
        Check::Condition => "a condition",
    }
}
