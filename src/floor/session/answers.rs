//! Answers to open questions: by key, by typing, or by scanning a label that carries what was asked for.

use jiff::civil::Date;
use tallyman_codes::date::resolve_yymmdd;

use crate::confirmation::{ExceptionCode, ExceptionReport, StockStatus};
use crate::ids::{HandlingUnitId, LocationId};
use crate::kinds::exceptions::ask_reason;
use crate::kinds::{judge_of, left_to_other};
use crate::plan::Check;
use crate::quantity::Quantity;
use crate::verdict::{MenuEntry, Question, Reason, Scanned, Verdict, Wanted, Where};

use super::Session;
use super::events::in_task;
use super::linking::item_typed;
use super::pieces::{advance, packs};
use super::pull::{Code, Label, completed, is_text};
use super::stage::{Open, Piece};
use super::work::{Desk, Note, Outcome};

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// By a number.
    Number,
    /// By text that is typed or scanned.
    Text,
    /// By yes or no.
    YesNo,
    /// By one of so many choices, each with its digit.
    Choice(usize),
    /// By digits that nobody else is to read.
    Secret,
    /// By whether it is still to do.
    ToDo,
    /// By nothing: it is only shown.
    Notice,
}

pub(super) const fn form(question: &Question) -> Form {
    match question {
        Question::Quantity { .. }
        | Question::HowMuch { .. }
        | Question::Weight { .. }
        | Question::LinkPack { .. } => Form::Number,
        Question::Lot { .. }
        | Question::Expiry { .. }
        | Question::Serial { .. }
        | Question::Observe { .. }
        | Question::LookUp
        | Question::LinkItem { .. }
        | Question::WhichItem { .. }
        | Question::Begin { .. } => Form::Text,
        Question::Exception { codes } => Form::Choice(codes.len()),
        Question::Reason { reasons, .. } => Form::Choice(reasons.len()),
        Question::Condition { conditions, .. } => Form::Choice(conditions.len()),
        Question::State { .. } => Form::Choice(StockStatus::ALL.len()),
        Question::Menu { entries } => Form::Choice(entries.len()),
        Question::Missing { pieces, .. } => Form::Choice(pieces.len()),
        Question::Pin { .. } => Form::Secret,
        Question::MaybeDone { .. } => Form::ToDo,
        Question::HandOver { .. } | Question::Figures => Form::Notice,
        Question::Over { .. }
        | Question::Empty { .. }
        | Question::CountComplete { .. }
        | Question::EndTask { .. }
        | Question::Found { .. }
        | Question::TagMissing { .. }
        | Question::Unsure { .. }
        | Question::Locate { .. }
        | Question::Substitute { .. }
        | Question::ShelfLife { .. }
        | Question::StaleHolds { .. }
        | Question::Interrupt { .. }
        | Question::TakeOver { .. }
        | Question::NewUnit
        | Question::TwoInView { .. } => Form::YesNo,
    }
}

/// Whether a question is answered by a code or number of an item.
const fn names_an_item(question: &Question) -> bool {
    matches!(question, Question::LinkItem { .. } | Question::WhichItem { .. })
}

/// What a question wants, for the answer to something else.
const fn wanted(question: &Question) -> Wanted {
    match question {
        Question::Quantity { .. } => Wanted::Quantity,
        Question::Lot { .. } => Wanted::Lot,
        Question::Expiry { .. } => Wanted::Date,
        Question::Serial { .. } => Wanted::Serial,
        Question::HowMuch { .. } | Question::LinkPack { .. } => Wanted::Quantity,
        Question::Weight { .. } => Wanted::Weight,
        Question::Observe { check, .. } => Wanted::Check(*check),
        Question::LinkItem { .. } | Question::WhichItem { .. } | Question::LookUp => Wanted::AnyItem,
        Question::Pin { .. } => Wanted::Pin,
        Question::Begin {
            entry: MenuEntry::FoundUnit,
        } => Wanted::AnyUnit,
        Question::Begin { .. } => Wanted::AnyPlace,
        _ => Wanted::Answer,
    }
}

/// Characters of a lot or serial number at most: GS1 allows 20, and some suppliers twice that.
const TEXT_CHARS_MAX: usize = 40;

impl Session {
    /// A code was scanned while a question is open: it answers it, or it is not what was wanted.
    pub(super) fn answer_by_scan(&mut self, code: Code, desk: &Desk<'_>) -> Outcome {
        let Some(open) = self.stage.open.clone() else {
            return Outcome::quiet();
        };
        if open.question == Question::LookUp {
            return self.look_up(code, desk);
        }
        if let Question::Empty { .. } | Question::Unsure { .. } = open.question
            && matches!(code, Code::Label(Label::Goods(_)) | Code::Unit(_))
        {
            return self.answer_by_what_is_there(open, code, desk);
        }
        if let (Question::Locate { piece }, Code::Label(Label::Goods(label))) = (&open.question, &code)
            && label.item.as_ref() == Some(&piece.item)
            && label.serial.as_ref() == Some(&piece.serial)
        {
            return self.answer_by_enter(desk);
        }
        let wanted = wanted(&open.question);
        if let Question::Begin { entry } = open.question {
            return self.begin_with(entry, &code, wanted, desk);
        }
        if let Question::Observe { check, unit } = &open.question {
            if let Some(refused) = says_nothing_of(unit.as_ref(), &code, desk, &wanted) {
                return refused;
            }
            self.stage.typed = told_by_scan(*check, &code, desk);
            return self.answer_about_work(&open.question, desk);
        }
        let label = match code {
            Code::Label(Label::Goods(label) | Label::Addition(label)) => label,
            Code::Location(place) => {
                return Outcome::not_wanted(Scanned::Location(LocationId::new(place)), wanted);
            }
            Code::Unit(unit) => return Outcome::not_wanted(Scanned::HandlingUnit(unit), wanted),
            Code::HandOver(text) => return Outcome::not_wanted(Scanned::Text(text), wanted),
            Code::Badge(_) | Code::Key(_) => return Outcome::not_wanted(Scanned::Badge, wanted),
        };
        let what = match &label.item {
            Some(item) => Scanned::Item(item.clone()),
            None => Scanned::Text(label.code.clone()),
        };
        let is_item_wanted = |piece: &Piece| match open.question {
            Question::HowMuch { .. } => piece.reported.is_some(),
            _ => names_an_item(&open.question),
        };
        if let Some(piece) = open.piece.clone().filter(is_item_wanted) {
            return match label.item.is_some() {
                true => self.item_told(&open.question, piece, label, desk),
                false => Outcome::not_wanted(what, wanted),
            };
        }
        let Some(piece) = open.piece.filter(|_| form(&open.question) == Form::Text) else {
            return Outcome::not_wanted(what, wanted);
        };
        if let (Some(scanned), Some(in_hand)) = (&label.item, &piece.item)
            && scanned != in_hand
        {
            let (scanned, wanted) = (scanned.clone(), in_hand.clone());
            return Outcome::reject(Reason::WrongItem { scanned, wanted });
        }
        let label = if is_text(&label) {
            plain_text(&open.question, &label.code, desk)
        } else {
            label
        };
        match completed(&piece, &label)
            .ok()
            .filter(|piece| is_answered(&open.question, piece))
        {
            Some(piece) => self.go_on(piece, desk),
            None => Outcome::not_wanted(what, wanted),
        }
    }

    /// Whether a place is empty is answered by what is scanned there: it is not. A tag that is not sure is one as soon as
    /// somebody has its label in hand.
    fn answer_by_what_is_there(&mut self, open: Open, code: Code, desk: &Desk<'_>) -> Outcome {
        self.stage.drop_question();
        let Some(mut work) = self.work(desk) else {
            return Outcome::quiet();
        };
        let outcome = in_task(&mut work, code);
        if matches!(outcome.verdict, Verdict::Reject(_)) {
            self.stage.open = Some(open);
        }
        outcome
    }

    /// Enter was pressed with a question open.
    pub(super) fn answer_by_enter(&mut self, desk: &Desk<'_>) -> Outcome {
        let Some(Open { question, piece }) = self.stage.open.clone() else {
            return Outcome::quiet();
        };
        if let Question::TakeOver { task, .. } = &question {
            return self.open_held(task, desk);
        }
        match &question {
            Question::Begin { .. } => return self.begin_by_typing(desk),
            Question::Pin { worker } => return self.pin_typed(worker, desk),
            Question::Interrupt { task } => return self.change_to(task, desk),
            Question::Missing { .. } => return self.ask_what_is_missing(desk),
            _ => {}
        }
        if question == Question::LookUp {
            return self.look_up_typed(desk);
        }
        match (form(&question), piece) {
            (Form::ToDo, _) => self.answer_to_do(true, desk),
            (Form::Number | Form::Text, None) => self.answer_about_work(&question, desk),
            (Form::Number, Some(piece)) => self.answer_number(&question, piece, desk),
            (Form::Text, Some(piece)) => self.answer_text(&question, piece, desk),
            (Form::YesNo, Some(piece)) => {
                let agreed = match question {
                    Question::Over { .. } => ExceptionCode::Over,
                    Question::Substitute { .. } => ExceptionCode::Substitute,
                    Question::ShelfLife { .. } => ExceptionCode::Expired,
                    Question::TagMissing { .. } => ExceptionCode::TagMissing,
                    _ => ExceptionCode::Found,
                };
                self.go_on(piece.agreeing(agreed), desk)
            }
            (Form::YesNo, None) => {
                self.stage.drop_question();
                match self.work(desk) {
                    Some(mut work) => judge_of(&work.task.kind).agreed(&mut work, &question),
                    None => Outcome::quiet(),
                }
            }
            (Form::Notice, _) => {
                self.stage.drop_question();
                Outcome::quiet()
            }
            (Form::Choice(_) | Form::Secret, _) => Outcome::reject(Reason::KeyUnused),
        }
    }

    /// Escape was pressed with a question open: nothing is recorded.
    pub(super) fn answer_by_escape(&mut self, question: &Question) -> Outcome {
        if let Question::Interrupt { task } = question {
            return self.decline(task.clone());
        }
        self.stage.drop_question();
        if form(question) == Form::Notice {
            return Outcome::quiet();
        }
        Outcome::quiet().with_note(Note::NothingRecorded)
    }

    /// A digit chose one of several answers, counted from 1.
    pub(super) fn answer_choice(&mut self, digit: u8, desk: &Desk<'_>) -> Outcome {
        let Some(Open { question, piece }) = self.stage.open.clone() else {
            return Outcome::quiet();
        };
        let place = usize::from(digit).checked_sub(1);
        let Some(place) =
            place.filter(|place| matches!(form(&question), Form::Choice(count) if *place < count))
        else {
            return Outcome::reject(Reason::KeyUnused);
        };
        self.stage.drop_question();
        if let Question::Missing { pieces, .. } = &question {
            return match pieces.get(place) {
                Some(piece) => self.locate(piece.clone()),
                None => Outcome::quiet(),
            };
        }
        if let Question::Menu { entries } = &question {
            return match entries.get(place) {
                Some(entry) => self.chosen(*entry, desk),
                None => Outcome::quiet(),
            };
        }
        let Some(mut work) = self.work(desk) else {
            return Outcome::quiet();
        };
        let judge = judge_of(&work.task.kind);
        match question {
            Question::Exception { codes } => match codes.get(place) {
                Some(ExceptionCode::Short) => judge.short(&mut work),
                Some(code) => ask_reason(&mut work, judge, *code, None),
                None => Outcome::quiet(),
            },
            Question::Reason {
                code,
                reasons,
                quantity,
            } => {
                let reason = reasons.get(place).cloned();
                match piece {
                    Some(piece) => self.go_on(Piece { reason, ..piece }.agreeing(code), desk),
                    None => judge.exception(
                        &mut work,
                        ExceptionReport {
                            code,
                            reason,
                            quantity,
                        },
                    ),
                }
            }
            Question::Condition { conditions, .. } => match piece {
                Some(piece) => {
                    let condition = conditions.get(place).cloned();
                    self.go_on(Piece { condition, ..piece }, desk)
                }
                None => Outcome::quiet(),
            },
            Question::State { .. } => match piece {
                Some(piece) => {
                    let state = StockStatus::ALL.get(place).copied();
                    // Where it may not be released, the question stays open, to be answered otherwise.
                    self.stage.ask(question, Some(piece.clone()));
                    self.go_on(Piece { state, ..piece }, desk)
                }
                None => Outcome::quiet(),
            },
            _ => Outcome::quiet(),
        }
    }

    /// A number or text was told that is about the work and no piece.
    fn answer_about_work(&mut self, question: &Question, desk: &Desk<'_>) -> Outcome {
        let typed = self.stage.typed.trim().to_owned();
        let told = match question {
            Question::Observe { check, .. } => observed(*check, &typed),
            Question::HowMuch { .. } => Quantity::evaluate(&typed)
                .filter(|quantity| quantity.is_positive() && *quantity <= Quantity::MAX)
                .map(|_| typed),
            _ => None,
        };
        let Some(told) = told else {
            return self.bad_entry(wanted(question));
        };
        self.stage.drop_question();
        let Some(mut work) = self.work(desk) else {
            return Outcome::quiet();
        };
        let judge = judge_of(&work.task.kind);
        match question {
            Question::Observe { check, .. } => {
                if !work.stage.observed.contains(check) {
                    work.stage.observed.push(*check);
                }
                judge.observed(&mut work, *check, told)
            }
            Question::HowMuch { code, reason, .. } => {
                let report = ExceptionReport {
                    code: *code,
                    reason: reason.clone(),
                    quantity: Quantity::evaluate(&told),
                };
                judge.exception(&mut work, report)
            }
            _ => Outcome::quiet(),
        }
    }

    /// Whether a line that another device may have done is still to do. Where it is not, it is left to the records of
    /// that device.
    pub(super) fn answer_to_do(&mut self, to_do: bool, desk: &Desk<'_>) -> Outcome {
        let Some(Open {
            question: Question::MaybeDone { line, .. },
            piece,
        }) = self.stage.open.take()
        else {
            return Outcome::quiet();
        };
        self.stage.drop_question();
        if to_do {
            self.stage.settled.push(line);
            return match (piece, self.stage.location.clone()) {
                (Some(piece), _) => self.go_on(piece, desk),
                (None, Some(location)) => Outcome::go(Where::Location(location)),
                (None, None) => Outcome::quiet(),
            };
        }
        let Some(mut work) = self.work(desk) else {
            return Outcome::quiet();
        };
        // The other device's records may have come meanwhile.
        if work.doubt(Some(line)).is_none() {
            return Outcome::quiet();
        }
        left_to_other(&mut work, line)
    }

    fn answer_number(&mut self, question: &Question, piece: Piece, desk: &Desk<'_>) -> Outcome {
        let proposed = match question {
            Question::Quantity { proposed, .. } if self.stage.typed.is_empty() => *proposed,
            _ => Quantity::evaluate(&self.stage.typed),
        };
        if let Question::LinkPack { item, .. } = question {
            return match proposed.filter(|pack| pack.is_positive() && *pack <= Quantity::MAX) {
                Some(pack) => self.link_pack(item, pack, piece, desk),
                None => self.bad_entry(Wanted::Quantity),
            };
        }
        if matches!(question, Question::Weight { .. }) {
            return match proposed.filter(|weight| weight.is_positive() && *weight <= Quantity::MAX) {
                Some(weight) => {
                    let weight = Some(weight);
                    self.go_on(Piece { weight, ..piece }, desk)
                }
                None => self.bad_entry(Wanted::Weight),
            };
        }
        match proposed.and_then(|number| packs(number, piece.pack)) {
            Some(quantity) => {
                let quantity = Some(quantity);
                self.go_on(Piece { quantity, ..piece }, desk)
            }
            None => self.bad_entry(Wanted::Quantity),
        }
    }

    fn answer_text(&mut self, question: &Question, piece: Piece, desk: &Desk<'_>) -> Outcome {
        if names_an_item(question) {
            return match item_typed(self.stage.typed.trim(), desk) {
                Some(label) => self.item_told(question, piece, label, desk),
                None => self.bad_entry(Wanted::AnyItem),
            };
        }
        let addition = plain_text(question, self.stage.typed.trim(), desk);
        match completed(&piece, &addition)
            .ok()
            .filter(|piece| is_answered(question, piece))
        {
            Some(piece) => self.go_on(piece, desk),
            None => self.bad_entry(wanted(question)),
        }
    }

    /// The question stays open, and typing starts anew.
    fn bad_entry(&mut self, wanted: Wanted) -> Outcome {
        let typed = std::mem::take(&mut self.stage.typed);
        Outcome::reject(Reason::BadEntry { typed, wanted })
    }

    /// Takes an answered piece further. Where it is rejected the question stays open, to be answered otherwise.
    pub(super) fn go_on(&mut self, piece: Piece, desk: &Desk<'_>) -> Outcome {
        let open = self.stage.open.take();
        self.stage.typed.clear();
        let Some(mut work) = self.work(desk) else {
            return Outcome::quiet();
        };
        let judge = judge_of(&work.task.kind);
        let outcome = advance(&mut work, judge, piece);
        if matches!(outcome.verdict, Verdict::Reject(_)) {
            self.stage.open = open;
        }
        outcome
    }
}

/// What a bare text says as the answer to a question.
fn plain_text(question: &Question, text: &str, desk: &Desk<'_>) -> Piece {
    let fits = !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX;
    let text = fits.then(|| text.to_owned());
    match question {
        Question::Lot { .. } => Piece {
            lot: text,
            ..Piece::default()
        },
        Question::Serial { .. } => Piece {
            serial: text,
            ..Piece::default()
        },
        Question::Expiry { .. } => Piece {
            expiry: text.and_then(|text| typed_date(&text, desk.now.today)),
            ..Piece::default()
        },
        _ => Piece::default(),
    }
}

/// Why a scanned code is no answer to a check: it is a place, goods, or a handling unit, and says no weight of the one
/// that is asked about.
fn says_nothing_of(
    unit: Option<&HandlingUnitId>,
    code: &Code,
    desk: &Desk<'_>,
    wanted: &Wanted,
) -> Option<Outcome> {
    let weight = desk
        .gross_weight
        .filter(|_| *wanted == Wanted::Check(Check::Weight));
    let scanned = match code {
        Code::Unit(scanned) => {
            let scanned = HandlingUnitId::from(scanned.as_str());
            match unit {
                Some(asked) if *asked != scanned => {
                    let wanted = asked.clone();
                    return Some(Outcome::reject(Reason::WrongUnit { scanned, wanted }));
                }
                Some(_) if weight.is_some() => return None,
                _ => Scanned::HandlingUnit(scanned.to_string()),
            }
        }
        Code::Location(place) => Scanned::Location(LocationId::from(place.as_str())),
        Code::Label(Label::Goods(goods)) if weight.is_none() => Scanned::Item(goods.item.clone()?),
        _ => return None,
    };
    Some(Outcome::not_wanted(scanned, wanted.clone()))
}

/// What a scanned code says of a check: a label its gross weight, a badge who it belongs to, anything else its text.
fn told_by_scan(check: Check, code: &Code, desk: &Desk<'_>) -> String {
    match (check, code, desk.gross_weight) {
        (Check::Weight, _, Some(weight)) => weight.to_string(),
        (_, Code::Badge(worker), _) => worker.to_string(),
        _ => desk.raw.as_ref().map(|raw| raw.text.clone()).unwrap_or_default(),
    }
}

/// What was told of a check in the form that is recorded: numbers are checked, texts are bounded.
fn observed(check: Check, typed: &str) -> Option<String> {
    let (sign, number) = match typed.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", typed),
    };
    let figure = || Quantity::parse(number).filter(|number| *number <= Quantity::MAX);
    match check {
        Check::Temperature => figure().map(|figure| format!("{sign}{figure}")),
        Check::Weight => figure()
            .filter(|weight| sign.is_empty() && weight.is_positive())
            .map(|figure| figure.to_string()),
        Check::Seal | Check::Signature | Check::Condition => {
            let fits = !typed.is_empty() && typed.chars().count() <= TEXT_CHARS_MAX;
            fits.then(|| typed.to_owned())
        }
    }
}

const fn is_answered(question: &Question, piece: &Piece) -> bool {
    match question {
        Question::Lot { .. } => piece.lot.is_some(),
        Question::Serial { .. } => piece.serial.is_some(),
        Question::Expiry { .. } => piece.expiry.is_some(),
        _ => false,
    }
}

/// A date as people type it: `271231` and `20271231` as on labels, `31.12.2027`, `31.12.27`, `2027-12-31`.
fn typed_date(text: &str, today: Date) -> Option<Date> {
    if text.contains('.') {
        let mut parts = text.split('.');
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || day.len() > 2 || month.len() > 2 {
            return None;
        }
        return match year.len() {
            2 => resolve_yymmdd(&format!("{year}{month:0>2}{day:0>2}"), today),
            4 => Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok(),
            _ => None,
        };
    }
    match text.len() {
        6 => resolve_yymmdd(text, today),
        8 => Date::strptime("%Y%m%d", text).ok(),
        10 => Date::strptime("%Y-%m-%d", text).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_are_understood_as_people_type_them() {
        let today = date(2026, 11, 23);
        for text in [
            "271231",
            "20271231",
            "31.12.2027",
            "31.12.27",
            "2027-12-31",
            "271200",
        ] {
            assert_eq!(typed_date(text, today), Some(date(2027, 12, 31)), "{text}");
        }
        assert_eq!(typed_date("1.2.27", today), Some(date(2027, 2, 1)));
        for text in [
            "",
            "27",
            "32.1.27",
            "1.2",
            "1.2.3.4",
            "1.2.027",
            "20271332",
            "2027-13-01",
            "äöüäöü",
            "1..27",
        ] {
            assert_eq!(typed_date(text, today), None, "{text}");
        }
    }
}
