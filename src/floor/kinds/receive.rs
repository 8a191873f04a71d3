//! Receiving against an ASN or purchase order: scan what comes, in any order, and it is put to the line that wants
//! it. More than expected and what nobody expected is asked about once, and recorded.

use crate::confirmation::{Act, ExceptionCode, ExceptionReport, Place};
use crate::ids::{HandlingUnitId, LocationId};
use crate::quantity::Quantity;
use crate::session::pieces::{scanned_quantity, whole_packs};
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work};
use crate::task::{Line, TaskKind};
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted, Where};
use crate::words::Instruction;

use super::{BigThing, Judge, Movement, Picture, close_open_lines, done_or_ask, end_task};

pub(crate) struct Receive;

impl Judge for Receive {
    fn opened(&self, _work: &mut Work<'_>) {}

    fn wanted(&self, _work: &Work<'_>) -> Wanted {
        Wanted::AnyItem
    }

    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        if dock(work) == Some(&scanned) {
            return work.go_to(scanned);
        }
        Outcome::not_wanted(Scanned::Location(scanned), Wanted::AnyItem)
    }

    /// The pallet or carton that the next pieces are on.
    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        work.stage.unit = Some(scanned.clone());
        Outcome::go(Where::Tote(scanned.to_string()))
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        if piece.item.is_none() {
            let code = piece.code.clone();
            return Err(Verdict::Reject(Reason::UnknownCode { code }));
        }
        piece.line = line_for(work, piece).map(|line| line.number);
        if piece.line.is_some() || piece.agreed == Some(ExceptionCode::Found) {
            return Ok(());
        }
        let code = piece.code.clone();
        Err(Verdict::Ask(Question::Found { code }))
    }

    fn proposed(&self, work: &Work<'_>, piece: &Piece) -> Option<Quantity> {
        match piece.times {
            Some(times) => Quantity::whole(times).filter(|times| times.is_positive()),
            None => whole_packs(work.standing.open(line_of(work, piece)?), piece.pack),
        }
    }

    fn limit(
        &self,
        work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        let report = |code, quantity| ExceptionReport {
            code,
            reason: None,
            quantity: Some(quantity),
        };
        let Some(line) = line_of(work, piece) else {
            return Ok(Some(report(ExceptionCode::Found, quantity)));
        };
        let Some(expected) = line.expected else {
            return Ok(None);
        };
        let after = work.standing.line(line.number).quantity + quantity;
        if after <= tolerated(work, expected) {
            return Ok(None);
        }
        let by = after - expected;
        if piece.agreed == Some(ExceptionCode::Over) {
            return Ok(Some(report(ExceptionCode::Over, by)));
        }
        let item = piece.called();
        Err(Verdict::Ask(Question::Over { item, by }))
    }

    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement {
        Movement {
            act: Act::Received,
            from: Some(Place::Supplier),
            to: dock(work).cloned().map(Place::Location),
            handling_unit: piece.unit_on_label.clone().or_else(|| work.stage.unit.clone()),
        }
    }

    fn recorded(&self, work: &mut Work<'_>, piece: &Piece, _quantity: Quantity) -> bool {
        work.stage.line = piece.line;
        true
    }

    fn short(&self, work: &mut Work<'_>) -> Outcome {
        done_or_ask(work)
    }

    fn done(&self, work: &mut Work<'_>) -> Outcome {
        done_or_ask(work)
    }

    fn agreed(&self, work: &mut Work<'_>, question: &Question) -> Outcome {
        match question {
            Question::EndTask { .. } => {
                let drafts = close_open_lines(work, |_| None);
                end_task(work, drafts, None)
            }
            _ => Outcome::quiet(),
        }
    }

    fn picture(&self, work: &Work<'_>) -> Picture {
        let line = work.line();
        let big = line.and_then(|line| {
            let received = work.standing.line(line.number).quantity;
            Some(BigThing::Of(received, line.expected?))
        });
        let piece = line.map(|line| Piece {
            item: line.item.clone(),
            lot: line.lot.clone(),
            ..Piece::default()
        });
        let is_complete = work.done_lines == work.task.lines.len();
        Picture {
            big,
            piece,
            short: true,
            done: true,
            ..Picture::of(match is_complete {
                true => Instruction::Complete,
                false => Instruction::ScanAnyItem,
            })
        }
    }
}

fn dock<'w>(work: &'w Work<'_>) -> Option<&'w LocationId> {
    match &work.task.kind {
        TaskKind::Receive(plan) => Some(&plan.dock),
        _ => None,
    }
}

fn line_of<'w>(work: &'w Work<'_>, piece: &Piece) -> Option<&'w Line> {
    work.task.line(piece.line?)
}

/// The line a piece belongs to: one that still wants as much, else one that wants some, else any of the item. A line
/// that is particular about the lot takes no other.
fn line_for<'w>(work: &'w Work<'_>, piece: &Piece) -> Option<&'w Line> {
    let quantity = piece
        .quantity
        .or_else(|| scanned_quantity(piece))
        .unwrap_or(Quantity::ONE);
    let mut wants_some = None;
    let mut any = None;
    for line in work.task.lines.iter().filter(|line| takes(line, piece)) {
        let open = work.standing.open(line);
        let is_done = work.standing.is_done(line);
        if !is_done && (open >= quantity || line.expected.is_none()) {
            return Some(line);
        }
        if !is_done {
            wants_some = wants_some.or(Some(line));
        }
        any = any.or(Some(line));
    }
    wants_some.or(any)
}

fn takes(line: &Line, piece: &Piece) -> bool {
    let is_lot_right = match (&line.lot, &piece.lot) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => true,
    };
    line.item == piece.item && is_lot_right
}

/// The expected quantity with so many percent more.
fn tolerated(work: &Work<'_>, expected: Quantity) -> Quantity {
    let percent = match &work.task.kind {
        TaskKind::Receive(plan) => plan.over_tolerance_percent,
        _ => 0,
    };
    let more = i128::from(expected.micro()) * i128::from(percent) / 100;
    expected + Quantity::from_micro(i64::try_from(more).unwrap_or(i64::MAX))
}
