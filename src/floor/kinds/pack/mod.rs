//! Packing: what was picked goes from its tote into cartons, in any order, and is checked against the list on the way.

mod carton;
mod contents;

use std::sync::Arc;

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place, StockStatus};
use crate::ids::{HandlingUnitId, LocationId};
use crate::plan::Check;
use crate::quantity::Quantity;
use crate::session::pieces::label_or_rest;
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work, scanned};
use crate::task::{Line, TaskKind};
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted};
use crate::words::{Instruction, Label};

use super::exceptions::{ask_reason, reported_at, unusable};
use super::{
    BigThing, Judge, Movement, Picture, close_open_lines, done_or_ask, end_task, has_more, short_line,
    skip_line,
};

pub(crate) struct Pack;

impl Judge for Pack {
    fn opened(&self, work: &mut Work<'_>) {
        work.stage.unit = tote_of_task(work);
        work.stage.line = work.line_wanted().map(|line| line.number);
    }

    fn changed(&self, work: &mut Work<'_>) {
        if let Some(tote) = tote_of_task(work) {
            work.stage.unit = Some(tote);
        }
        work.stage.line = work.line_wanted().map(|line| line.number);
    }

    fn wanted(&self, work: &Work<'_>) -> Wanted {
        match work.line_wanted() {
            None => Wanted::Done,
            Some(line) if line.handling_unit.is_none() && work.stage.unit.is_none() => Wanted::Tote,
            Some(_) if work.stage.into.is_none() => Wanted::Carton,
            Some(_) => Wanted::AnyItem,
        }
    }

    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        Outcome::not_wanted(Scanned::Location(scanned), self.wanted(work))
    }

    /// The tote to pack from, or a carton with a label of its own.
    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        carton::scanned(work, scanned, self.wanted(work))
    }

    /// A new carton.
    fn entered(&self, work: &mut Work<'_>) -> Outcome {
        match self.wanted(work) {
            Wanted::Carton => carton::new(work),
            _ => Outcome::quiet(),
        }
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        let reject = |reason| Err(Verdict::Reject(reason));
        let Some(item) = &piece.item else {
            let code = piece.code.clone();
            return reject(Reason::UnknownCode { code });
        };
        let wanted = self.wanted(work);
        if !matches!(wanted, Wanted::AnyItem | Wanted::Done) {
            let scanned = scanned(piece);
            return reject(Reason::NotWanted { scanned, wanted });
        }
        match contents::line_for(work, item, piece) {
            Ok(line) => piece.line = Some(line),
            Err(reason) => return reject(reason),
        }
        Ok(())
    }

    fn proposed(&self, work: &Work<'_>, piece: &Piece) -> Option<Quantity> {
        label_or_rest(piece, work.standing.open(work.task.line(piece.line?)?))
    }

    /// More than was picked is a mistake.
    fn limit(
        &self,
        work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        let line = piece.line.and_then(|number| work.task.line(number));
        let Some(line) = line.filter(|line| line.expected.is_some()) else {
            return Ok(None);
        };
        let open = work.standing.open(line);
        if quantity <= open {
            return Ok(None);
        }
        let item = piece.called();
        Err(Verdict::Reject(Reason::TooMany { item, quantity, open }))
    }

    fn takes_what_is_on_hold(&self) -> bool {
        false
    }

    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement {
        let line = piece.line.and_then(|number| work.task.line(number));
        Movement {
            act: Act::Packed,
            from: line.and_then(|line| source_of(work, line)),
            to: work.stage.into.clone().map(Place::HandlingUnit),
            handling_unit: None,
        }
    }

    fn recorded(&self, work: &mut Work<'_>, piece: &Piece, quantity: Quantity) -> bool {
        work.stage.tally.add(&piece.called(), quantity);
        work.stage.line = piece.line;
        work.stage.line = work.line_wanted().map(|line| line.number);
        true
    }

    fn short(&self, work: &mut Work<'_>) -> Outcome {
        let Some(line) = work.line_wanted() else {
            return Outcome::reject(Reason::KeyUnused);
        };
        let missing = work.standing.open(line);
        ask_reason(work, self, ExceptionCode::Short, Some(missing))
    }

    fn exceptions(&self, work: &Work<'_>) -> Vec<ExceptionCode> {
        use ExceptionCode::{Damaged, Found, Short, UnitFull, Unreadable, WrongGoods};
        match (work.line_wanted(), &work.stage.into) {
            (Some(_), None) => vec![Short, Damaged, WrongGoods, Found, Unreadable],
            (Some(_), Some(_)) => vec![Short, Damaged, WrongGoods, Found, UnitFull, Unreadable],
            (None, Some(_)) => vec![UnitFull],
            (None, None) => Vec::new(),
        }
    }

    fn exception(&self, work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
        if report.code == ExceptionCode::UnitFull {
            return carton::close(work);
        }
        let task = Arc::clone(&work.task);
        // The line that was asked about: another device may have done it meanwhile.
        let line = work.line().or_else(|| work.line_wanted());
        let number = line.map(|line| line.number);
        let Some(line) = number.and_then(|number| task.line(number)) else {
            return Outcome::reject(Reason::KeyUnused);
        };
        let place = source_of(work, line);
        match report.code {
            ExceptionCode::Short if work.standing.is_done(line) => Outcome::reject(Reason::KeyUnused),
            ExceptionCode::Short => {
                let draft = short_line(work, line, place, report.reason.as_deref());
                work.standing.apply(&draft);
                work.stage.line = work.line_wanted().map(|line| line.number);
                Outcome::accept(vec![draft])
            }
            ExceptionCode::Damaged => unusable(work, line.number, place, StockStatus::Damaged, report),
            _ => reported_at(work, report, place, number),
        }
    }

    fn skip(&self, work: &mut Work<'_>) -> Outcome {
        skip_line(work)
    }

    fn observed(&self, work: &mut Work<'_>, check: Check, value: String) -> Outcome {
        match check {
            Check::Weight => carton::weighed(work, value),
            _ => Outcome::quiet(),
        }
    }

    /// The carton is full; without one, the task is done.
    fn done(&self, work: &mut Work<'_>) -> Outcome {
        let is_used = !work.stage.tally.is_empty() || work.line_wanted().is_none();
        match work.stage.into.is_some() && is_used {
            true => carton::close(work),
            false => done_or_ask(work),
        }
    }

    fn agreed(&self, work: &mut Work<'_>, question: &Question) -> Outcome {
        match question {
            Question::EndTask { .. } => {
                let drafts = close_open_lines(work, |line| source_of(work, line));
                end_task(work, drafts, None)
            }
            _ => Outcome::quiet(),
        }
    }

    fn picture(&self, work: &Work<'_>) -> Picture {
        let line = work.line_wanted();
        let wanted = self.wanted(work);
        let of = line.and_then(|line| {
            let packed = work.standing.line(line.number).quantity;
            Some(BigThing::Of(packed, line.expected?))
        });
        let carton = work.stage.into.as_ref();
        Picture {
            big: of.filter(|_| wanted == Wanted::AnyItem),
            piece: line.map(|line| Piece {
                item: line.item.clone(),
                lot: line.lot.clone(),
                quantity: Some(work.standing.open(line)),
                ..Piece::default()
            }),
            counted: work.stage.tally.counted.clone(),
            more: carton
                .map(|carton| (Label::Carton, carton.to_string()))
                .into_iter()
                .collect(),
            short: line.is_some(),
            skip: line.is_some() && has_more(work),
            done: true,
            unit: Some(Label::From),
            new_unit: wanted == Wanted::Carton,
            ..Picture::of(match wanted {
                Wanted::Done => Instruction::Complete,
                Wanted::Tote => Instruction::ScanTote,
                Wanted::Carton => Instruction::ScanCarton,
                _ => Instruction::ScanAnyItem,
            })
        }
    }
}

fn tote_of_task(work: &Work<'_>) -> Option<HandlingUnitId> {
    match &work.task.kind {
        TaskKind::Pack(plan) => plan.from.clone(),
        _ => None,
    }
}

/// What the goods of a line are taken from.
fn source_of(work: &Work<'_>, line: &Line) -> Option<Place> {
    let tote = line.handling_unit.as_ref().or(work.stage.unit.as_ref());
    tote.cloned().map(Place::HandlingUnit)
}

/// A fact about the carton in hand.
fn of_carton(work: &Work<'_>, act: Act, carton: &HandlingUnitId) -> Draft {
    Draft {
        from: Some(Place::HandlingUnit(carton.clone())),
        ..work.draft(act, None)
    }
}
