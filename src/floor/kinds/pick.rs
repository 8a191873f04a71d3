//! Picking into a tote: place by place in the order of the list, each confirmed by its label, then its goods.

use crate::confirmation::{Act, ExceptionCode, ExceptionReport, Place};
use crate::ids::{HandlingUnitId, LocationId};
use crate::quantity::Quantity;
use crate::session::pieces::whole_packs;
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work, scanned};
use crate::task::{Line, TaskKind};
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted, Where};
use crate::words::Instruction;

use super::exceptions::{ask_reason, reported};
use super::{BigThing, Judge, Movement, Picture, close_open_lines, done_or_ask, end_task, short_line};

pub(crate) struct Pick;

impl Judge for Pick {
    fn opened(&self, work: &mut Work<'_>) {
        work.stage.unit = tote_of_task(work);
        work.stage.line = work.line_wanted().map(|line| line.number);
    }

    fn changed(&self, work: &mut Work<'_>) {
        if let Some(tote) = tote_of_task(work) {
            work.stage.unit = Some(tote);
        }
        self.go_on(work);
    }

    fn wanted(&self, work: &Work<'_>) -> Wanted {
        let line = work.line_wanted();
        match (line, line.and_then(|line| line.location.clone())) {
            (None, _) => Wanted::Done,
            (Some(_), _) if work.stage.unit.is_none() => Wanted::Tote,
            (Some(_), Some(location)) if work.stage.location.as_ref() != Some(&location) => {
                Wanted::Location(location)
            }
            (Some(line), _) => line.item.clone().map_or(Wanted::AnyItem, Wanted::Item),
        }
    }

    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        let place = work.line_wanted().and_then(|line| line.location.clone());
        match (self.wanted(work), place) {
            (Wanted::Location(_) | Wanted::Item(_) | Wanted::AnyItem, Some(wanted)) => {
                if scanned != wanted {
                    return Outcome::reject(Reason::WrongLocation { scanned, wanted });
                }
                self.go_on(work);
                work.go_to(scanned)
            }
            (wanted, _) => Outcome::not_wanted(Scanned::Location(scanned), wanted),
        }
    }

    /// The tote; another one may take its place, unless the hub chose it.
    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        let is_other = |tote: HandlingUnitId| tote != scanned;
        if tote_of_task(work).is_some_and(is_other) {
            let wanted = self.wanted(work);
            return Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), wanted);
        }
        work.stage.unit = Some(scanned.clone());
        Outcome::go(Where::Tote(scanned.to_string()))
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        let reject = |reason| Err(Verdict::Reject(reason));
        let wanted = self.wanted(work);
        match (&piece.item, &wanted) {
            (None, Wanted::Item(_) | Wanted::AnyItem) => {
                let code = piece.code.clone();
                return reject(Reason::UnknownCode { code });
            }
            (_, Wanted::Item(_) | Wanted::AnyItem) => {}
            (Some(item), Wanted::Done) => {
                let scanned = item.clone();
                let is_listed = work
                    .task
                    .lines
                    .iter()
                    .any(|line| line.item.as_ref() == Some(item));
                return reject(match is_listed {
                    true => Reason::LineFull { item: scanned },
                    false => Reason::NotOnList { scanned },
                });
            }
            _ => {
                let scanned = scanned(piece);
                return reject(Reason::NotWanted { scanned, wanted });
            }
        }
        let Some(line) = work.line_wanted() else {
            return Ok(());
        };
        piece.line = Some(line.number);
        is_right(work, line, piece).map_or(Ok(()), reject)
    }

    fn proposed(&self, work: &Work<'_>, piece: &Piece) -> Option<Quantity> {
        let open = work.standing.open(work.task.line(piece.line?)?);
        let on_label = piece.times.and_then(Quantity::whole);
        let rest = whole_packs(open, piece.pack);
        on_label
            .filter(|times| rest.is_some_and(|rest| *times <= rest))
            .or(rest)
    }

    /// More than the line wants is not taken: it would be missing elsewhere.
    fn limit(
        &self,
        work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        let Some(line) = piece.line.and_then(|number| work.task.line(number)) else {
            return Ok(None);
        };
        let open = work.standing.open(line);
        if line.expected.is_none() || quantity <= open {
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
            act: Act::Picked,
            from: line.and_then(place_of),
            to: work.stage.unit.clone().map(Place::HandlingUnit),
            handling_unit: None,
        }
    }

    fn recorded(&self, work: &mut Work<'_>, piece: &Piece, _quantity: Quantity) -> bool {
        self.go_on(work);
        work.stage.line == piece.line
    }

    fn short(&self, work: &mut Work<'_>) -> Outcome {
        let Some(line) = work.line_wanted() else {
            return Outcome::reject(Reason::KeyUnused);
        };
        let missing = work.standing.open(line);
        ask_reason(work, self, ExceptionCode::Short, Some(missing))
    }

    fn exception(&self, work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
        if report.code != ExceptionCode::Short {
            return reported(work, report);
        }
        let Some(line) = work.line_wanted() else {
            return Outcome::reject(Reason::KeyUnused);
        };
        let draft = short_line(work, line, place_of(line), report.reason.as_deref());
        work.standing.apply(&draft);
        self.go_on(work);
        Outcome::accept(vec![draft])
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
        let (instruction, big) = match self.wanted(work) {
            Wanted::Done => (Instruction::Complete, None),
            Wanted::Tote => (Instruction::ScanTote, None),
            Wanted::Location(location) => (Instruction::GoTo, Some(BigThing::Location(location))),
            _ => {
                let progress = line.and_then(|line| {
                    let picked = work.standing.line(line.number).quantity;
                    Some(BigThing::Of(picked, line.expected?))
                });
                (Instruction::ScanItem, progress)
            }
        };
        Picture {
            big,
            piece: line.map(|line| Piece {
                item: line.item.clone(),
                lot: line.lot.clone(),
                quantity: Some(work.standing.open(line)),
                ..Piece::default()
            }),
            next: line.and_then(|line| after(work, line)),
            short: line.is_some(),
            done: true,
            ..Picture::of(instruction)
        }
    }
}

impl Pick {
    /// Goes to the line that is wanted now; a confirmed place stays confirmed while its lines last.
    fn go_on(&self, work: &mut Work<'_>) {
        let wanted = work.line_wanted();
        let (number, place) = (
            wanted.map(|line| line.number),
            wanted.and_then(|line| line.location.clone()),
        );
        work.stage.line = number;
        if work.stage.location != place {
            work.stage.location = None;
        }
    }
}

fn tote_of_task(work: &Work<'_>) -> Option<HandlingUnitId> {
    match &work.task.kind {
        TaskKind::Pick(plan) => plan.into.clone(),
        _ => None,
    }
}

fn place_of(line: &Line) -> Option<Place> {
    line.location.clone().map(Place::Location)
}

/// What is wrong with a piece for a line, as far as it is known.
fn is_right(work: &Work<'_>, line: &Line, piece: &Piece) -> Option<Reason> {
    if let (Some(wanted), Some(scanned)) = (&line.item, &piece.item)
        && wanted != scanned
    {
        return Some(Reason::WrongItem {
            scanned: scanned.clone(),
            wanted: wanted.clone(),
        });
    }
    if let (Some(wanted), Some(scanned)) = (&line.lot, &piece.lot)
        && wanted != scanned
    {
        return Some(Reason::WrongLot {
            scanned: scanned.clone(),
            wanted: wanted.clone(),
        });
    }
    let earliest = line.expiry_min.unwrap_or(work.desk.now.today);
    piece
        .expiry
        .filter(|expiry| *expiry < earliest.max(work.desk.now.today))
        .map(|expiry| Reason::Expired { expiry })
}

/// The place after this line's, where it is another one. Only the next line is looked at.
fn after(work: &Work<'_>, line: &Line) -> Option<LocationId> {
    let place = work.task.position(line.number)?;
    let next = work
        .task
        .lines
        .get(place + 1)
        .filter(|next| !work.standing.is_done(next))?;
    next.location
        .clone()
        .filter(|location| line.location.as_ref() != Some(location))
}
