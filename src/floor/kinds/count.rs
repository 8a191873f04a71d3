//! Counting places, blind: whatever lies there is counted, and what is expected is nowhere to be seen.

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place};
use crate::ids::{HandlingUnitId, LocationId};
use crate::quantity::Quantity;
use crate::session::stage::{Piece, Tally};
use crate::session::work::{Outcome, Work, scanned};
use crate::task::Line;
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted};
use crate::words::Instruction;

use super::{BigThing, Judge, Movement, Picture, done_or_ask, end_task};

pub(crate) struct Count;

/// Why a count ended with places left: the word of the exception report.
const NOT_COUNTED: &str = "not_counted";

impl Judge for Count {
    fn opened(&self, _work: &mut Work<'_>) {}

    fn wanted(&self, work: &Work<'_>) -> Wanted {
        match (&work.stage.location, work.line_wanted()) {
            (Some(_), _) => Wanted::AnyItem,
            (None, Some(_)) => Wanted::AnyLocation,
            (None, None) => Wanted::Done,
        }
    }

    /// A place of the task; any order, but one is ended before the next begins.
    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        if let Some(current) = work.stage.location.clone()
            && current != scanned
            && !work.stage.tally.is_empty()
        {
            let wanted = current;
            return Outcome::reject(Reason::WrongLocation { scanned, wanted });
        }
        let Some(line) = line_at(work, &scanned) else {
            let wanted = self.wanted(work);
            return Outcome::not_wanted(Scanned::Location(scanned), wanted);
        };
        if work.standing.is_done(line) {
            return Outcome::reject(Reason::PlaceCounted { location: scanned });
        }
        let number = line.number;
        if work.stage.location.as_ref() != Some(&scanned) {
            work.stage.tally = Tally::default();
        }
        work.stage.line = Some(number);
        work.go_to(scanned)
    }

    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), self.wanted(work))
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        if work.stage.location.is_none() {
            let (scanned, wanted) = (scanned(piece), self.wanted(work));
            return Err(Verdict::Reject(Reason::NotWanted { scanned, wanted }));
        }
        piece.line = work.stage.line;
        if piece.item.is_none() && piece.agreed != Some(ExceptionCode::Found) {
            let code = piece.code.clone();
            return Err(Verdict::Ask(Question::Found { code }));
        }
        Ok(())
    }

    /// Nothing: who is told a number counts that number.
    fn proposed(&self, _work: &Work<'_>, _piece: &Piece) -> Option<Quantity> {
        None
    }

    fn limit(
        &self,
        _work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        let found = ExceptionReport {
            code: ExceptionCode::Found,
            reason: None,
            quantity: Some(quantity),
        };
        Ok(Some(found).filter(|_| piece.item.is_none()))
    }

    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement {
        Movement {
            act: Act::Counted,
            from: None,
            to: work.stage.location.clone().map(Place::Location),
            handling_unit: piece.unit_on_label.clone(),
        }
    }

    fn recorded(&self, work: &mut Work<'_>, piece: &Piece, quantity: Quantity) -> bool {
        work.stage.tally.add(&piece.called(), quantity);
        true
    }

    fn short(&self, _work: &mut Work<'_>) -> Outcome {
        Outcome::reject(Reason::KeyUnused)
    }

    /// The place is counted; without a place, the task is.
    fn done(&self, work: &mut Work<'_>) -> Outcome {
        let Some(location) = work.stage.location.clone() else {
            return done_or_ask(work);
        };
        let counted = work.line().map(|line| work.standing.line(line.number).quantity);
        let is_empty = work.stage.tally.is_empty() && counted.unwrap_or_default().is_zero();
        let question = match is_empty {
            true => Question::Empty { location },
            false => Question::CountComplete { location },
        };
        work.ask(question, None)
    }

    fn agreed(&self, work: &mut Work<'_>, question: &Question) -> Outcome {
        match question {
            Question::Empty { location } | Question::CountComplete { location } => {
                let draft = Draft {
                    to: Some(Place::Location(location.clone())),
                    ..work.draft(Act::LocationCounted, work.stage.line)
                };
                work.stage.location = None;
                work.stage.tally = Tally::default();
                Outcome::accept(vec![draft])
            }
            // Places nobody went to are not empty: they stay uncounted, and the hub is told.
            Question::EndTask { .. } => {
                let exception = ExceptionReport {
                    code: ExceptionCode::Short,
                    reason: Some(NOT_COUNTED.to_owned()),
                    quantity: None,
                };
                end_task(work, Vec::new(), Some(exception))
            }
            _ => Outcome::quiet(),
        }
    }

    fn picture(&self, work: &Work<'_>) -> Picture {
        let in_hand = work.stage.tally.newest();
        let wanted_place = work.line_wanted().and_then(|line| line.location.clone());
        let (instruction, big) = match self.wanted(work) {
            Wanted::Done => (Instruction::Complete, None),
            Wanted::AnyLocation => (Instruction::ScanLocation, wanted_place.map(BigThing::Location)),
            _ => {
                let number = in_hand.map(|(_, quantity)| BigThing::Number(*quantity));
                (Instruction::ScanAnyItem, number)
            }
        };
        Picture {
            big,
            piece: in_hand.map(|(item, _)| Piece {
                item: Some(item.clone()),
                ..Piece::default()
            }),
            counted: work
                .stage
                .tally
                .counted
                .iter()
                .skip(usize::from(in_hand.is_some()))
                .cloned()
                .collect(),
            done: true,
            ..Picture::of(instruction)
        }
    }
}

fn line_at<'w>(work: &'w Work<'_>, location: &LocationId) -> Option<&'w Line> {
    let mut at = work
        .task
        .lines
        .iter()
        .filter(|line| line.location.as_ref() == Some(location));
    let first = at.clone().next();
    at.find(|line| !work.standing.is_done(line)).or(first)
}
