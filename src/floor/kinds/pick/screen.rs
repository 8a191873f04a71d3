//! What the screen of a pick says.

use crate::ids::LocationId;
use crate::session::stage::Piece;
use crate::session::work::Work;
use crate::task::Line;
use crate::verdict::Wanted;
use crate::words::{Instruction, Label};

use super::super::{BigThing, Picture, has_more};
use super::totes;

/// What the screen says, with what is wanted next.
pub(super) fn picture(work: &Work<'_>, wanted: Wanted) -> Picture {
    let in_hand = work.stage.in_hand.as_ref();
    let line = match in_hand.and_then(|piece| piece.line) {
        Some(number) => work.task.line(number),
        None => work.line_wanted(),
    };
    let (instruction, big) = asked(work, wanted, line);
    let tote = line.filter(|line| line.into.is_some());
    let is_of_cart = tote.is_some();
    let tote = tote.and_then(|line| totes::of_line(work, line));
    Picture {
        big,
        piece: line.map(|line| Piece {
            item: line.item.clone(),
            lot: line.lot.clone(),
            quantity: in_hand
                .and_then(|piece| piece.quantity)
                .or_else(|| Some(work.standing.open(line))),
            ..Piece::default()
        }),
        next: line.and_then(|line| after(work, line)),
        more: tote
            .map(|tote| (Label::Tote, tote.to_string()))
            .into_iter()
            .collect(),
        short: line.is_some() && in_hand.is_none(),
        skip: line.is_some() && in_hand.is_none() && has_more(work),
        done: in_hand.is_none() && totes::hand_over(work).is_none(),
        unit: Some(Label::Tote).filter(|_| !is_of_cart),
        ..Picture::of(instruction)
    }
}

/// What the screen asks for, and the one big thing.
fn asked(work: &Work<'_>, wanted: Wanted, line: Option<&Line>) -> (Instruction, Option<BigThing>) {
    match wanted {
        Wanted::Done => (Instruction::Complete, None),
        Wanted::Tote => (Instruction::ScanTote, None),
        Wanted::Location(place) => {
            let instruction = match line {
                Some(_) => Instruction::GoTo,
                None => Instruction::HandOver,
            };
            (instruction, Some(BigThing::Location(place)))
        }
        Wanted::HandlingUnit(unit) => {
            let instruction = match work.stage.in_hand {
                Some(_) => Instruction::PutInto,
                None => Instruction::ScanUnit,
            };
            (instruction, Some(BigThing::HandlingUnit(unit)))
        }
        _ => {
            let progress = line.and_then(|line| {
                let picked = work.standing.line(line.number).quantity;
                Some(BigThing::Of(picked, line.expected?))
            });
            (Instruction::ScanItem, progress)
        }
    }
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
