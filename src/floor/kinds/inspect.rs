//! Quality inspection: place by place, scan the goods where they lie, and say of each what came of looking at it. They
//! are released, or blocked with a status and one of the site's reasons; nothing moves.
//!
//! Where a line names a handling unit, that is confirmed like a place before its goods are looked at.

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place};
use crate::ids::{HandlingUnitId, LocationId};
use crate::quantity::Quantity;
use crate::session::pieces::{blocked, label_or_rest};
use crate::session::reporting::code_of;
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work, scanned};
use crate::task::Line;
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted, Where};
use crate::words::Instruction;

use super::exceptions::{ask_reason, reported_at};
use super::lines_for::{best, is_lot_right};
use super::{
    BigThing, Judge, Movement, Picture, close_open_lines, done_or_ask, end_task, fetching, has_more, moving,
    short_line, skip_line,
};

pub(crate) struct Inspect;

impl Judge for Inspect {
    fn opened(&self, work: &mut Work<'_>) {
        go_on(work);
    }

    fn changed(&self, work: &mut Work<'_>) {
        go_on(work);
    }

    /// The place of the line that is wanted, the unit it names, then its goods.
    fn wanted(&self, work: &Work<'_>) -> Wanted {
        let Some(line) = work.line_wanted() else {
            return Wanted::Done;
        };
        match (&line.location, &work.stage.location) {
            (Some(place), confirmed) if confirmed.as_ref() != Some(place) => {
                return Wanted::Location(place.clone());
            }
            (None, None) => return Wanted::AnyPlace,
            _ => {}
        }
        match &line.handling_unit {
            Some(unit) if work.stage.unit.as_ref() != Some(unit) => Wanted::HandlingUnit(unit.clone()),
            _ => line.item.clone().map_or(Wanted::AnyItem, Wanted::Item),
        }
    }

    /// Any place of the list: one that is done may hold more than was said.
    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        let wanted = self.wanted(work);
        let mut there = work
            .task
            .lines
            .iter()
            .filter(|line| line.location.as_ref().is_none_or(|place| *place == scanned))
            .peekable();
        if there.peek().is_none() {
            return match wanted {
                Wanted::Location(wanted) => Outcome::reject(Reason::WrongLocation { scanned, wanted }),
                wanted => Outcome::not_wanted(Scanned::Location(scanned), wanted),
            };
        }
        if work.desk.catalogue.has_location(&scanned) == Some(false) {
            let code = scanned.to_string();
            return Outcome::reject(Reason::UnknownCode { code });
        }
        let is_there = |line: &&Line| line.location.as_ref() == Some(&scanned);
        let is_wanted = |line: &&Line| work.line_wanted().map(|wanted| wanted.number) == Some(line.number);
        let open = || there.clone().filter(|line| !work.standing.is_done(line));
        let next = open()
            .find(is_wanted)
            .or_else(|| open().find(is_there))
            .or_else(|| open().next());
        work.stage.line = next.map(|line| line.number).or(work.stage.line);
        work.stage.unit = None;
        work.go_to(scanned)
    }

    /// A unit of the place whose goods are looked at next.
    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        let names = |line: &&Line| line.handling_unit.as_ref() == Some(&scanned);
        let Some(named) = work.task.lines.iter().find(names) else {
            return match self.wanted(work) {
                Wanted::HandlingUnit(wanted) => Outcome::reject(Reason::WrongUnit { scanned, wanted }),
                _ => Outcome::reject(Reason::UnitNotOnList { unit: scanned }),
            };
        };
        let here = || {
            work.task
                .lines
                .iter()
                .filter(names)
                .filter(|line| is_in_place(work, line))
        };
        if here().next().is_none() {
            let place = named.location.clone().map_or(Wanted::AnyPlace, Wanted::Location);
            return Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), place);
        }
        let open = here().find(|line| !work.standing.is_done(line));
        work.stage.line = open.map(|line| line.number).or(work.stage.line);
        work.stage.unit = Some(scanned.clone());
        Outcome::go(Where::Unit(scanned))
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        if piece.item.is_none() {
            let code = piece.code.clone();
            return Err(Verdict::Reject(Reason::UnknownCode { code }));
        }
        let takes = |line: &&Line| line.item.is_none() || line.item == piece.item;
        let listed = || {
            work.task
                .lines
                .iter()
                .filter(|line| is_in_place(work, line))
                .filter(takes)
        };
        let here = || listed().filter(|line| is_in_unit(work, line, piece));
        if let Some(line) = best(work, here().filter(|line| is_lot_right(line, piece)), piece) {
            piece.line = Some(line.number);
            return Ok(());
        }
        Err(Verdict::Reject(self.not_here(
            work,
            piece,
            here().next(),
            listed().next(),
        )))
    }

    /// What came of looking at it, and the reason where it is blocked. What the office holds stays on hold.
    fn look_at(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        let Some(state) = piece.state else {
            let item = piece.called();
            return Err(Verdict::Ask(Question::State { item }));
        };
        match code_of(state) {
            None => may_be_released(work, piece)?,
            Some(code) => {
                let reasons = work.desk.catalogue.reasons(code);
                if piece.reason.is_none() && !reasons.is_empty() {
                    let quantity = None;
                    return Err(Verdict::Ask(Question::Reason {
                        code,
                        reasons,
                        quantity,
                    }));
                }
            }
        }
        piece.status = state;
        Ok(())
    }

    fn proposed(&self, work: &Work<'_>, piece: &Piece) -> Option<Quantity> {
        label_or_rest(piece, work.standing.open(work.task.line(piece.line?)?))
    }

    /// More than was said is asked about. The exception of a fact is why the goods are blocked; how much more it is than was
    /// said the hub sees by itself.
    fn limit(
        &self,
        work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        let over = excess(work, piece, quantity);
        if let Some(by) = over.filter(|_| !piece.has_agreed(ExceptionCode::Over)) {
            let item = piece.called();
            return Err(Verdict::Ask(Question::Over { item, by }));
        }
        let is_blocked = code_of(piece.status).map(|code| (code, quantity));
        let report = is_blocked.or_else(|| over.map(|by| (ExceptionCode::Over, by)));
        Ok(report.map(|(code, quantity)| ExceptionReport {
            code,
            reason: piece.reason.clone(),
            quantity: Some(quantity),
        }))
    }

    /// Where they lie; they go nowhere.
    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement {
        Movement {
            act: Act::Inspected,
            from: work.stage.location.clone().map(Place::Location),
            to: None,
            handling_unit: work.stage.unit.clone().or_else(|| piece.unit_on_label.clone()),
        }
    }

    /// The place is left with its last line; where more is found in it than was said, it is not.
    fn recorded(&self, work: &mut Work<'_>, piece: &Piece, quantity: Quantity) -> bool {
        let line = piece.line.and_then(|number| work.task.line(number));
        let is_beyond = line.is_some_and(|line| {
            let before = work.standing.line(line.number).quantity - quantity;
            let is_done = |expected: Quantity| before >= expected;
            line.expected.is_some_and(is_done)
        });
        if !is_beyond {
            go_on(work);
        }
        work.stage.location.is_some() && (is_beyond || work.stage.line == piece.line)
    }

    fn short(&self, work: &mut Work<'_>) -> Outcome {
        let Some(line) = work.line_wanted() else {
            return Outcome::reject(Reason::KeyUnused);
        };
        let missing = Some(work.standing.open(line)).filter(|missing| missing.is_positive());
        ask_reason(work, self, ExceptionCode::Short, missing)
    }

    fn exceptions(&self, work: &Work<'_>) -> Vec<ExceptionCode> {
        match work.line_wanted() {
            Some(_) => vec![
                ExceptionCode::Short,
                ExceptionCode::LocationEmpty,
                ExceptionCode::WrongGoods,
                ExceptionCode::NotReachable,
                ExceptionCode::Unreadable,
            ],
            None => Vec::new(),
        }
    }

    fn exception(&self, work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
        // The line that was asked about: another device may have done it meanwhile.
        let Some(line) = work.line().or_else(|| work.line_wanted()) else {
            return Outcome::reject(Reason::KeyUnused);
        };
        let (number, location) = (line.number, line.location.clone());
        match report.code {
            ExceptionCode::Short => close_lines(work, &report, |line| line.number == number),
            ExceptionCode::LocationEmpty | ExceptionCode::NotReachable => {
                close_lines(work, &report, |line| line.location == location)
            }
            _ => reported_at(work, report, location.map(Place::Location), Some(number)),
        }
    }

    fn skip(&self, work: &mut Work<'_>) -> Outcome {
        let outcome = skip_line(work);
        if matches!(outcome.verdict, Verdict::Go(_)) {
            go_on(work);
        }
        outcome
    }

    fn done(&self, work: &mut Work<'_>) -> Outcome {
        done_or_ask(work)
    }

    fn agreed(&self, work: &mut Work<'_>, question: &Question) -> Outcome {
        match question {
            Question::EndTask { .. } => {
                let drafts = close_open_lines(work, place_of);
                end_task(work, drafts, None)
            }
            _ => Outcome::quiet(),
        }
    }

    fn picture(&self, work: &Work<'_>) -> Picture {
        let line = work.line_wanted();
        let figures = line.and_then(|line| {
            let seen = work.standing.line(line.number).quantity;
            Some(BigThing::Of(seen, line.expected?))
        });
        let (instruction, big) = match self.wanted(work) {
            Wanted::Done => (Instruction::Complete, None),
            Wanted::Location(place) => (Instruction::GoTo, Some(BigThing::Location(place))),
            Wanted::AnyPlace => (Instruction::ScanPlace, None),
            Wanted::HandlingUnit(unit) => (Instruction::ScanUnit, Some(BigThing::HandlingUnit(unit))),
            Wanted::Item(_) => (Instruction::ScanItem, figures),
            _ => (Instruction::ScanAnyItem, figures),
        };
        Picture {
            big,
            piece: line.map(|line| Piece {
                item: line.item.clone(),
                lot: line.lot.clone(),
                ..Piece::default()
            }),
            short: line.is_some(),
            skip: has_more(work),
            done: true,
            ..Picture::of(instruction)
        }
    }
}

impl Inspect {
    /// Why a piece is not wanted: no line that is looked at here takes it. `here` is a line that takes another lot of it,
    /// `listed` one of this place that names a unit.
    fn not_here(&self, work: &Work<'_>, piece: &Piece, here: Option<&Line>, listed: Option<&Line>) -> Reason {
        let wanted = self.wanted(work);
        let is_at_place = !matches!(wanted, Wanted::Location(_) | Wanted::AnyPlace);
        if here.is_some() {
            return fetching::wrong(work, here, piece);
        }
        let unit = listed.and_then(|line| line.handling_unit.clone());
        match (unit, wanted) {
            (Some(unit), _) if work.stage.unit.as_ref() != Some(&unit) => Reason::NotWanted {
                scanned: scanned(piece),
                wanted: Wanted::HandlingUnit(unit),
            },
            (_, Wanted::Done) => fetching::wrong(work, None, piece),
            (_, wanted) if !is_at_place || matches!(wanted, Wanted::HandlingUnit(_)) => Reason::NotWanted {
                scanned: scanned(piece),
                wanted,
            },
            _ => fetching::wrong(work, work.line_wanted(), piece),
        }
    }
}

/// Goes to the line that is wanted now. A confirmed place stays confirmed while its lines last, and a unit while its own do.
fn go_on(work: &mut Work<'_>) {
    moving::go_on(work);
    let unit = work.line_wanted().and_then(|line| line.handling_unit.clone());
    if work.stage.location.is_none() || work.stage.unit != unit {
        work.stage.unit = None;
    }
}

/// Whether a line is about the place that was confirmed.
fn is_in_place(work: &Work<'_>, line: &Line) -> bool {
    let confirmed = work.stage.location.as_ref();
    confirmed.is_some() && (line.location.is_none() || line.location.as_ref() == confirmed)
}

/// Whether a line is about the unit that was confirmed or that the label names; one without a unit, about goods that lie
/// loose.
fn is_in_unit(work: &Work<'_>, line: &Line, piece: &Piece) -> bool {
    match &line.handling_unit {
        Some(unit) => [&work.stage.unit, &piece.unit_on_label].contains(&&Some(unit.clone())),
        None => work.stage.unit.is_none(),
    }
}

/// What the office holds, nobody on the floor releases.
fn may_be_released(work: &Work<'_>, piece: &Piece) -> Result<(), Verdict> {
    let item = piece.item.as_ref();
    match item.and_then(|item| blocked(work, item, piece.lot.as_deref())) {
        Some(Reason::Blocked { item, lot, reason }) => {
            Err(Verdict::Reject(Reason::MayNotRelease { item, lot, reason }))
        }
        _ => Ok(()),
    }
}

/// By how much a line would hold more than was said.
fn excess(work: &Work<'_>, piece: &Piece, quantity: Quantity) -> Option<Quantity> {
    let line = work.task.line(piece.line?)?;
    let over = work.standing.line(line.number).quantity + quantity - line.expected?;
    Some(over).filter(|over| over.is_positive())
}

/// Ends lines of which nothing more will be looked at: nothing is said about what was not seen.
fn close_lines(work: &mut Work<'_>, report: &ExceptionReport, is_meant: impl Fn(&Line) -> bool) -> Outcome {
    let open = work.task.lines.iter().filter(|line| !work.standing.is_done(line));
    let close = |line: &Line| {
        let short = short_line(work, line, place_of(line), report.reason.as_deref());
        let code = report.code;
        let exception = short.exception.clone();
        Draft {
            exception: exception.map(|known| ExceptionReport { code, ..known }),
            ..short
        }
    };
    let drafts: Vec<_> = open.filter(|line| is_meant(line)).map(close).collect();
    if drafts.is_empty() {
        return Outcome::reject(Reason::KeyUnused);
    }
    for draft in &drafts {
        work.standing.apply(draft);
    }
    go_on(work);
    Outcome::accept(drafts)
}

fn place_of(line: &Line) -> Option<Place> {
    line.location.clone().map(Place::Location)
}
