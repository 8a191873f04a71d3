//! Whole handling units: one scan for all that is in it, where all of that is known.

use crate::confirmation::{Act, Draft, Goods, Place, StockStatus};
use crate::ids::HandlingUnitId;
use crate::quantity::Quantity;
use crate::session::work::{Outcome, Work};
use crate::task::Line;
use crate::verdict::{Reason, Where};

use super::passes;

/// Lines that one scan records at most: every one is a fact, and is kept until it can no longer be taken back. A fuller
/// pallet is taken piece by piece.
const WHOLE_UNIT_LINES_MAX: usize = 60;

/// A handling unit was scanned. It is received whole where the list says all that has to be recorded of it, and nothing
/// of it was received before; else it is opened, and the next pieces are on it.
pub(super) fn scanned(work: &mut Work<'_>, unit: HandlingUnitId) -> Outcome {
    let opens = std::mem::take(&mut work.stage.opens_unit);
    if !opens && is_done(work, &unit) {
        return Outcome::reject(Reason::UnitDone { unit });
    }
    if !opens && let Some(drafts) = whole(work, &unit) {
        for draft in &drafts {
            work.standing.apply(draft);
        }
        passes::looked_at(work, unit.as_str(), None);
        let last = drafts.last().and_then(|draft| draft.work.as_ref());
        work.stage.line = last.and_then(|work| work.line);
        work.stage.unit = None;
        return Outcome::accept(drafts);
    }
    passes::looked_at(work, unit.as_str(), None);
    work.stage.unit = Some(unit.clone());
    Outcome::go(Where::Tote(unit.to_string()))
}

/// Whether a handling unit of the list was received to the end.
pub(super) fn is_done(work: &Work<'_>, unit: &HandlingUnitId) -> bool {
    let mut lines = lines_of(work, unit).peekable();
    lines.peek().is_some() && lines.all(|line| work.standing.is_done(line))
}

pub(super) fn lines_of<'w>(work: &'w Work<'_>, unit: &HandlingUnitId) -> impl Iterator<Item = &'w Line> {
    let unit = unit.clone();
    let lines = work.task.lines.iter();
    lines.filter(move |line| line.handling_unit.as_ref() == Some(&unit))
}

/// What is recorded of a unit as a whole; `None` where it is to be opened.
pub(super) fn whole(work: &Work<'_>, unit: &HandlingUnitId) -> Option<Vec<Draft>> {
    let lines: Vec<_> = lines_of(work, unit).take(WHOLE_UNIT_LINES_MAX + 1).collect();
    if lines.is_empty() || lines.len() > WHOLE_UNIT_LINES_MAX {
        return None;
    }
    lines.into_iter().map(|line| received(work, line, unit)).collect()
}

/// A line received as the list has it; `None` where something of it is not known, or in doubt.
fn received(work: &Work<'_>, line: &Line, unit: &HandlingUnitId) -> Option<Draft> {
    let item = work.desk.catalogue.item(line.item.as_ref()?)?;
    let quantity = line
        .expected
        .filter(|expected| expected.is_positive() && *expected <= Quantity::MAX)?;
    let tracking = item.tracking;
    let is_known = !tracking.serial && !tracking.weight && !tracking.expiry && line.expiry_min.is_none();
    let is_lot_known = !tracking.lot || line.lot.is_some();
    let progress = work.standing.line(line.number);
    let is_untouched = progress.quantity.is_zero() && !progress.closed;
    if !(is_known && is_lot_known && is_untouched) || work.doubt(Some(line.number)).is_some() {
        return None;
    }
    let holds = work.desk.catalogue.holds();
    let is_on_hold = holds.is_some_and(|holds| holds.of(&item.id, line.lot.as_deref()).is_some());
    let goods = Goods {
        item: Some(item.id.clone()),
        code: unit.to_string(),
        quantity,
        unit: item.unit.clone(),
        pack: Quantity::ONE,
        lot: line.lot.clone(),
        serials: Vec::new(),
        expiry: None,
        weight: None,
        handling_unit: Some(unit.clone()),
        status: match is_on_hold {
            true => StockStatus::Hold,
            false => StockStatus::Available,
        },
        owner: line.owner.clone().or_else(|| item.owner.clone()),
    };
    Some(Draft {
        goods: Some(goods),
        from: Some(Place::Supplier),
        to: super::dock(work).cloned().map(Place::Location),
        ..work.draft(Act::Received, Some(line.number))
    })
}
