//! Returns: scan what came back, say in which condition it is, and bring it where that leads.

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place, StockStatus};
use crate::ids::{HandlingUnitId, LocationId};
use crate::plan::{Disposition, ReturnPlan};
use crate::quantity::Quantity;
use crate::session::linking;
use crate::session::pieces::whole_packs;
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work};
use crate::task::TaskKind;
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted, Where};
use crate::words::Instruction;

use super::receive::lines;
use super::{BigThing, Judge, Movement, Picture, close_open_lines, end_task};

pub(crate) struct Return;

/// Conditions to choose from: as many as there are digits.
const CONDITIONS_MAX: usize = 9;

impl Judge for Return {
    fn opened(&self, _work: &mut Work<'_>) {}

    fn wanted(&self, work: &Work<'_>) -> Wanted {
        let to = work.stage.to.clone();
        to.map_or(Wanted::AnyItem, Wanted::Location)
    }

    /// The place where the goods in hand go, and no other; with nothing in hand, the dock.
    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        match work.stage.to.clone() {
            Some(wanted) if wanted != scanned => Outcome::reject(Reason::WrongLocation { scanned, wanted }),
            Some(_) => {
                work.stage.to = None;
                Outcome::go(Where::Location(scanned))
            }
            None if plan(work).is_some_and(|plan| plan.dock == scanned) => work.go_to(scanned),
            None => Outcome::not_wanted(Scanned::Location(scanned), Wanted::AnyItem),
        }
    }

    /// The tote that the next pieces are put into.
    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        work.stage.unit = Some(scanned.clone());
        Outcome::go(Where::Tote(scanned.to_string()))
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        if piece.item.is_none() {
            return Err(Verdict::Reject(linking::unknown(piece)));
        }
        piece.line = lines::line_for(work, piece).map(|line| line.number);
        let is_taken = piece.line.is_some() || is_blind(work);
        if is_taken || piece.has_agreed(ExceptionCode::Found) {
            return Ok(());
        }
        let code = piece.code.clone();
        Err(Verdict::Ask(Question::Found { code }))
    }

    /// The condition says where the goods go, and whether they may be used. Where nobody said what follows from a
    /// condition, they stay at the dock until somebody has looked at them.
    fn look_at(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        let all = plan(work).map_or(&[][..], |plan| &plan.dispositions);
        let chosen = match (all, &piece.condition) {
            ([], _) => {
                piece.status = StockStatus::Hold;
                piece.to = plan(work).map(|plan| plan.dock.clone());
                return Ok(());
            }
            ([only], _) => only,
            (all, condition) => {
                let known = all
                    .iter()
                    .find(|known| Some(&known.condition) == condition.as_ref());
                known.ok_or_else(|| condition_of(piece, all))?
            }
        };
        piece.condition = Some(chosen.condition.clone());
        piece.status = chosen.status;
        piece.to = Some(chosen.to.clone());
        Ok(())
    }

    fn proposed(&self, work: &Work<'_>, piece: &Piece) -> Option<Quantity> {
        match piece.times {
            Some(times) => Quantity::whole(times).filter(|times| times.is_positive()),
            None => whole_packs(work.standing.open(lines::line_of(work, piece)?), piece.pack),
        }
    }

    fn limit(
        &self,
        work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        let report = |code, quantity| {
            Some(ExceptionReport {
                code,
                reason: None,
                quantity: Some(quantity),
            })
        };
        match lines::over(work, piece, quantity, 0) {
            Some(by) if !piece.has_agreed(ExceptionCode::Over) => {
                let item = piece.called();
                Err(Verdict::Ask(Question::Over { item, by }))
            }
            Some(by) => Ok(report(ExceptionCode::Over, by)),
            None if piece.line.is_none() && !is_blind(work) => Ok(report(ExceptionCode::Found, quantity)),
            None => Ok(None),
        }
    }

    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement {
        Movement {
            act: Act::Returned,
            from: Some(Place::Customer),
            to: piece.to.clone().map(Place::Location),
            handling_unit: piece.unit_on_label.clone().or_else(|| work.stage.unit.clone()),
        }
    }

    fn recorded(&self, work: &mut Work<'_>, piece: &Piece, quantity: Quantity) -> bool {
        let is_to_bring = |to: &LocationId| plan(work).is_none_or(|plan| plan.dock != *to);
        let to = piece.to.clone().filter(is_to_bring);
        work.stage.to = to;
        work.stage.line = piece.line;
        if piece.line.is_none() {
            work.stage.tally.add(&piece.called(), quantity);
        }
        true
    }

    fn short(&self, work: &mut Work<'_>) -> Outcome {
        self.done(work)
    }

    fn exceptions(&self, _work: &Work<'_>) -> Vec<ExceptionCode> {
        vec![
            ExceptionCode::Short,
            ExceptionCode::WrongGoods,
            ExceptionCode::LocationFull,
            ExceptionCode::Unreadable,
        ]
    }

    /// Recorded with the place that was wanted, or the dock.
    fn exception(&self, work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
        let dock = plan(work).map(|plan| plan.dock.clone());
        let place = work.stage.to.clone().or(dock);
        let draft = Draft {
            to: place.map(Place::Location),
            exception: Some(report),
            ..work.draft(Act::Reported, work.stage.line)
        };
        Outcome::accept(vec![draft])
    }

    /// A return that nobody announced has no end of its own: that is asked, too.
    fn done(&self, work: &mut Work<'_>) -> Outcome {
        let lines = &work.task.lines;
        let open_lines = lines.iter().filter(|line| !work.standing.is_done(line)).count();
        match open_lines > 0 || is_blind(work) {
            true => work.ask(Question::EndTask { open_lines }, None),
            false => end_task(work, Vec::new(), None),
        }
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
        let newest = work.stage.tally.newest().filter(|_| line.is_none());
        let returned = |line: &crate::Line| work.standing.line(line.number).quantity;
        let figures = match (line, newest) {
            (Some(line), _) => line
                .expected
                .map(|expected| BigThing::Of(returned(line), expected)),
            (None, newest) => newest.map(|(_, quantity)| BigThing::Number(*quantity)),
        };
        let item = match line {
            Some(line) => line.item.clone(),
            None => newest.map(|(item, _)| item.clone()),
        };
        let is_complete = work.done_lines == work.task.lines.len() && !is_blind(work);
        let (instruction, big) = match (work.stage.to.clone(), is_complete) {
            (Some(to), _) => (Instruction::BringTo, Some(BigThing::Location(to))),
            (None, true) => (Instruction::Complete, figures),
            (None, false) => (Instruction::ScanAnyItem, figures),
        };
        Picture {
            big,
            piece: item.map(|item| Piece {
                item: Some(item),
                ..Piece::default()
            }),
            done: true,
            short: !is_blind(work),
            ..Picture::of(instruction)
        }
    }
}

fn condition_of(piece: &Piece, all: &[Disposition]) -> Verdict {
    let conditions = all.iter().take(CONDITIONS_MAX);
    Verdict::Ask(Question::Condition {
        item: piece.called(),
        conditions: conditions.map(|known| known.condition.clone()).collect(),
    })
}

fn plan<'w>(work: &'w Work<'_>) -> Option<&'w ReturnPlan> {
    match &work.task.kind {
        TaskKind::Return(plan) => Some(plan),
        _ => None,
    }
}

/// Whether nobody said what would come back.
fn is_blind(work: &Work<'_>) -> bool {
    work.task.lines.is_empty()
}
