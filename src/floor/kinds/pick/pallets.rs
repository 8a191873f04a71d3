//! Whole pallets and cartons: one scan takes every line that lies on it, and it is its own tote.

use std::sync::Arc;

use crate::confirmation::{Act, Draft, Goods, Place};
use crate::ids::HandlingUnitId;
use crate::quantity::Quantity;
use crate::session::pieces::blocked;
use crate::session::work::{Outcome, Work};
use crate::task::Line;
use crate::verdict::{Reason, Scanned, Wanted};

use super::super::exceptions::goods_of_line;
use super::super::set_down::WHOLE_UNIT;
use super::{Pick, place_of};

/// Whether a handling unit is meant as a whole by a line of the task, or one is wanted.
pub(super) fn is_meant(work: &Work<'_>, scanned: &HandlingUnitId) -> bool {
    let in_hand = work.stage.in_hand.is_some();
    let is_wanted = work
        .line_wanted()
        .is_some_and(|line| line.handling_unit.is_some());
    !in_hand && (is_wanted || lines_on(&work.task.lines, scanned).next().is_some())
}

fn lines_on<'l>(lines: &'l [Line], unit: &HandlingUnitId) -> impl Iterator<Item = &'l Line> {
    lines
        .iter()
        .filter(move |line| line.handling_unit.as_ref() == Some(unit))
}

/// Takes a unit with all that lies on it.
pub(super) fn scanned(work: &mut Work<'_>, pick: &Pick, scanned: HandlingUnitId, wanted: Wanted) -> Outcome {
    let task = Arc::clone(&work.task);
    let mut on_it = lines_on(&task.lines, &scanned).peekable();
    let is_on_list = on_it.peek().is_some();
    let open: Vec<_> = on_it.filter(|line| !work.standing.is_done(line)).collect();
    if is_on_list && open.is_empty() {
        return Outcome::reject(Reason::UnitDone { unit: scanned });
    }
    match wanted {
        Wanted::HandlingUnit(unit) if unit == scanned => {}
        Wanted::HandlingUnit(wanted) => return Outcome::reject(Reason::WrongUnit { scanned, wanted }),
        wanted => return Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), wanted),
    }
    let on_hold = |line: &&Line| blocked(work, line.item.as_ref()?, line.lot.as_deref());
    if let Some(reason) = open.iter().find_map(on_hold) {
        return Outcome::reject(reason);
    }
    let doubt = open.iter().find_map(|line| work.doubt(Some(line.number)));
    if let Some(question) = doubt {
        return work.ask(question, None);
    }
    let drafts: Vec<_> = open.iter().flat_map(|line| taken(work, line, &scanned)).collect();
    for draft in &drafts {
        work.standing.apply(draft);
    }
    pick.go_on(work);
    Outcome::accept(drafts)
}

/// The line's part of the unit leaves its place with the unit. A line without a quantity means the unit with whatever is
/// in it, and ends with it.
fn taken(work: &Work<'_>, line: &Line, unit: &HandlingUnitId) -> Vec<Draft> {
    let goods = match line.expected {
        Some(_) => goods_of_line(work, line, work.standing.open(line)),
        None => Goods {
            item: None,
            code: unit.to_string(),
            unit: WHOLE_UNIT.to_owned(),
            lot: None,
            ..goods_of_line(work, line, Quantity::ONE)
        },
    };
    let picked = Draft {
        goods: Some(Goods {
            handling_unit: Some(unit.clone()),
            ..goods
        }),
        from: place_of(line),
        to: Some(Place::HandlingUnit(unit.clone())),
        ..work.draft(Act::Picked, Some(line.number))
    };
    let ends = line.expected.is_none();
    let closed = ends.then(|| work.draft(Act::LineClosed, Some(line.number)));
    [picked].into_iter().chain(closed).collect()
}
