//! Totes of a pick: the one of the task, those of a cart, what happens when one is full, and where they are put down.

use crate::confirmation::{Act, Draft, ExceptionReport, Place};
use crate::ids::{HandlingUnitId, LocationId};
use crate::quantity::Quantity;
use crate::session::pieces::advance;
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work};
use crate::task::{Line, TaskKind};
use crate::verdict::{Reason, Scanned, Verdict, Wanted, Where};

use super::super::Judge;
use super::{Pick, end_task};

/// The tote that the hub chose for the whole task, or the one that took its place.
pub(super) fn of_task(work: &Work<'_>) -> Option<HandlingUnitId> {
    now(work, planned_of_task(work)?)
}

fn planned_of_task<'w>(work: &'w Work<'_>) -> Option<&'w HandlingUnitId> {
    match &work.task.kind {
        TaskKind::Pick(plan) => plan.into.as_ref(),
        _ => None,
    }
}

/// The tote that stands for a planned one now; `None` where that is full and no other was scanned so far.
fn now(work: &Work<'_>, planned: &HandlingUnitId) -> Option<HandlingUnitId> {
    let closed = work.stage.closed.iter().find(|(known, _)| known == planned);
    closed.map_or_else(|| Some(planned.clone()), |(_, other)| other.clone())
}

/// The tote that the goods of a line go into; `None` where one has to be scanned first.
pub(super) fn of_line(work: &Work<'_>, line: &Line) -> Option<HandlingUnitId> {
    match &line.into {
        Some(planned) => now(work, planned),
        None => work.stage.unit.clone(),
    }
}

/// Whether the goods of a line can go into a tote only after it was scanned for them.
pub(super) fn is_unconfirmed(work: &Work<'_>, line: &Line) -> bool {
    line.into.is_some() && (work.stage.into.is_none() || work.stage.into != of_line(work, line))
}

/// Keeps a piece in hand until its tote is scanned.
pub(super) fn in_hand(work: &mut Work<'_>, piece: &Piece, quantity: Quantity) -> Option<Outcome> {
    let line = work.task.line(piece.line?)?;
    if !is_unconfirmed(work, line) {
        return None;
    }
    let tote = of_line(work, line);
    work.stage.last = None;
    work.stage.in_hand = Some(Piece {
        quantity: Some(quantity),
        ..piece.clone()
    });
    Some(Outcome::go(Where::PutInto(tote)))
}

/// Goods in hand of a line that is gone, done, or goes elsewhere by now are not in hand any more.
pub(super) fn drop_what_is_gone(work: &mut Work<'_>) {
    let line = work.stage.in_hand.as_ref().and_then(|piece| piece.line);
    let line = line.and_then(|number| work.task.line(number));
    let is_wanted = line.is_some_and(|line| !work.standing.is_done(line) && line.into.is_some());
    if !is_wanted {
        work.stage.in_hand = None;
    }
}

/// A tote was scanned: for the goods in hand, for the line that is wanted, or for the task.
pub(super) fn scanned(work: &mut Work<'_>, pick: &Pick, scanned: HandlingUnitId) -> Outcome {
    let in_hand = work.stage.in_hand.clone();
    let line = match &in_hand {
        Some(piece) => piece.line.and_then(|number| work.task.line(number)),
        None => work.line_wanted(),
    };
    let Some(line) = line else {
        let wanted = pick.wanted(work);
        return Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), wanted);
    };
    let is_of_cart = line.into.is_some();
    let planned = line.into.clone().or_else(|| planned_of_task(work).cloned());
    if let Some(planned) = planned {
        match now(work, &planned) {
            Some(wanted) if wanted != scanned => {
                return Outcome::reject(Reason::WrongUnit { scanned, wanted });
            }
            None if is_known(work, &scanned) => {
                return Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), Wanted::Tote);
            }
            None => stand_for(work, planned, Some(scanned.clone())),
            Some(_) => {}
        }
    }
    match is_of_cart {
        true => work.stage.into = Some(scanned.clone()),
        false => work.stage.unit = Some(scanned.clone()),
    }
    match in_hand {
        None => Outcome::go(Where::Tote(scanned.to_string())),
        Some(piece) => {
            work.stage.in_hand = None;
            advance(work, pick, piece)
        }
    }
}

/// Whether a tote is one of the task's, in use or full: it cannot take the place of another.
fn is_known(work: &Work<'_>, scanned: &HandlingUnitId) -> bool {
    let is_planned = planned_of_task(work) == Some(scanned)
        || work
            .task
            .lines
            .iter()
            .any(|line| line.into.as_ref() == Some(scanned));
    let closed = &work.stage.closed;
    is_planned || closed.iter().any(|(_, other)| other.as_ref() == Some(scanned))
}

fn stand_for(work: &mut Work<'_>, planned: HandlingUnitId, other: Option<HandlingUnitId>) {
    let closed = &mut work.stage.closed;
    closed.retain(|(known, _)| *known != planned);
    closed.push((planned, other));
}

/// The tote of the line in hand is full: it is closed, and another one is wanted in its place.
pub(super) fn full(work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
    let in_hand = work.stage.in_hand.as_ref().and_then(|piece| piece.line);
    let line = match in_hand {
        Some(number) => work.task.line(number),
        None => work.line_wanted(),
    };
    let Some((line, tote)) = line.and_then(|line| Some((line, of_line(work, line)?))) else {
        return Outcome::reject(Reason::KeyUnused);
    };
    let draft = Draft {
        from: Some(Place::HandlingUnit(tote)),
        exception: Some(report),
        ..work.draft(Act::UnitClosed, Some(line.number))
    };
    let planned = match &line.into {
        Some(planned) => Some(planned.clone()),
        None => planned_of_task(work).cloned(),
    };
    let is_of_cart = line.into.is_some();
    if let Some(planned) = planned {
        stand_for(work, planned, None);
    }
    match is_of_cart {
        true => work.stage.into = None,
        false => work.stage.unit = None,
    }
    Outcome::accept(vec![draft])
}

/// Where the totes are put down for the next zone, once nothing is left to pick in this one.
pub(super) fn hand_over(work: &Work<'_>) -> Option<LocationId> {
    let TaskKind::Pick(plan) = &work.task.kind else {
        return None;
    };
    let place = plan.hand_over.clone()?;
    (work.line_wanted().is_none() && !in_use(work).is_empty()).then_some(place)
}

/// The totes of the task, and the pallets that were taken as they are.
fn in_use(work: &Work<'_>) -> Vec<HandlingUnitId> {
    let mut totes: Vec<_> = work.stage.unit.iter().cloned().collect();
    for line in &work.task.lines {
        let is_picked = work.standing.line(line.number).quantity.is_positive();
        let pallet = line.handling_unit.clone().filter(|_| is_picked);
        let tote = line.into.as_ref().and_then(|planned| now(work, planned));
        for unit in pallet.into_iter().chain(tote) {
            if !totes.contains(&unit) {
                totes.push(unit);
            }
        }
    }
    totes
}

/// The totes are put down: the task ends here for this zone.
pub(super) fn put_down(work: &mut Work<'_>, place: &LocationId, report: Option<ExceptionReport>) -> Outcome {
    let draft = |tote| Draft {
        from: Some(Place::HandlingUnit(tote)),
        to: Some(Place::Location(place.clone())),
        exception: report.clone(),
        ..work.draft(Act::HandedOver, None)
    };
    let drafts = in_use(work).into_iter().map(draft).collect();
    end_task(work, drafts, None)
}

/// What is wanted for goods in hand.
pub(super) fn wanted_in_hand(work: &Work<'_>) -> Option<Wanted> {
    let piece = work.stage.in_hand.as_ref()?;
    let line = piece.line.and_then(|number| work.task.line(number));
    let tote = line.and_then(|line| of_line(work, line));
    Some(tote.map_or(Wanted::Tote, Wanted::HandlingUnit))
}

/// Whether the work cannot go on as a key wishes: goods are in hand, and go into their tote first.
pub(super) fn hands_are_full(work: &Work<'_>) -> Option<Outcome> {
    let wanted = wanted_in_hand(work)?;
    let piece = work.stage.in_hand.as_ref()?;
    let scanned = Scanned::Item(piece.called());
    Some(Outcome::of(Verdict::Reject(Reason::NotWanted {
        scanned,
        wanted,
    })))
}
