//! What replenish and move have in common: the place where the goods lie is confirmed first, line by line in the order
//! of the list, and any other place of the list may be taken before.

use crate::confirmation::ExceptionCode;
use crate::ids::{HandlingUnitId, LineNumber, LocationId};
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work, scanned};
use crate::task::Line;
use crate::verdict::{Reason, Scanned, Verdict, Wanted, Where};

use super::lines_for::{best, is_lot_right};
use super::putaway::open_line_of;

/// What is wanted for the next line: its place, then its goods.
pub(super) fn wanted(work: &Work<'_>) -> Wanted {
    let Some(line) = work.line_wanted() else {
        return Wanted::Done;
    };
    match (&line.location, &line.item, &line.handling_unit) {
        (Some(place), ..) if work.stage.location.as_ref() != Some(place) => Wanted::Location(place.clone()),
        (_, _, Some(unit)) => Wanted::HandlingUnit(unit.clone()),
        (_, Some(item), None) => Wanted::Item(item.clone()),
        (_, None, None) => Wanted::AnyItem,
    }
}

/// A place was scanned: one of an open line, or any where the list names none.
pub(super) fn source(work: &mut Work<'_>, scanned: LocationId) -> Outcome {
    let Some(line) = work.line_wanted() else {
        return Outcome::not_wanted(Scanned::Location(scanned), Wanted::Done);
    };
    let Some(wanted) = line.location.clone() else {
        return work.go_to(scanned);
    };
    if scanned != wanted {
        let is_there =
            |line: &&Line| line.location.as_ref() == Some(&scanned) && !work.standing.is_done(line);
        let other = work.task.lines.iter().find(is_there).map(|line| line.number);
        if other.is_none() {
            return Outcome::reject(Reason::WrongLocation { scanned, wanted });
        }
        work.stage.line = other;
    }
    work.go_to(scanned)
}

/// The line that a piece is taken for: one of the place that was confirmed.
pub(super) fn line_for(work: &Work<'_>, piece: &Piece) -> Result<Option<LineNumber>, Verdict> {
    let wanted = wanted(work);
    let Some(line) = work.line_wanted() else {
        return Err(Verdict::Reject(nothing_open(work, piece)));
    };
    let is_unit_alone = line.item.is_none() && line.handling_unit.is_some();
    if is_unit_alone || matches!(wanted, Wanted::Location(_)) {
        let scanned = scanned(piece);
        return Err(Verdict::Reject(Reason::NotWanted { scanned, wanted }));
    }
    let is_here = |line: &&Line| line.location.is_none() || line.location == work.stage.location;
    let takes = |line: &&Line| line.item.is_none() && line.handling_unit.is_none() || line.item == piece.item;
    let lines = work.task.lines.iter().filter(is_here).filter(takes);
    let open = lines.filter(|line| !work.standing.is_done(line));
    let Some(found) = best(work, open.clone().filter(|line| is_lot_right(line, piece)), piece) else {
        return Err(Verdict::Reject(wrong(work, open.chain([line]).next(), piece)));
    };
    let earliest = found.expiry_min.zip(piece.expiry);
    match earliest.filter(|(earliest, expiry)| expiry < earliest) {
        Some((_, expiry)) => Err(Verdict::Reject(Reason::Expired { expiry })),
        None => Ok(Some(found.number)),
    }
}

/// Why a piece is not wanted where every line is done.
fn nothing_open(work: &Work<'_>, piece: &Piece) -> Reason {
    let item = piece.called();
    match work
        .task
        .lines
        .iter()
        .any(|line| line.item.as_ref() == Some(&item))
    {
        true => Reason::LineFull { item },
        false => Reason::NotOnList { scanned: item },
    }
}

/// What is wrong with a piece that no line of the place takes.
pub(super) fn wrong(work: &Work<'_>, line: Option<&Line>, piece: &Piece) -> Reason {
    let scanned = piece.called();
    match line.map(|line| (&line.item, &line.lot, &piece.lot)) {
        Some((Some(item), Some(wanted), Some(lot))) if *item == scanned => Reason::WrongLot {
            scanned: lot.clone(),
            wanted: wanted.clone(),
        },
        Some((Some(item), ..)) if *item != scanned => Reason::WrongItem {
            scanned,
            wanted: item.clone(),
        },
        _ => nothing_open(work, piece),
    }
}

/// The line of a whole handling unit: its place is confirmed first, where it has one.
pub(super) fn line_of_unit(work: &Work<'_>, unit: &HandlingUnitId) -> Result<LineNumber, Reason> {
    let number = open_line_of(work, unit)?;
    let place = work.task.line(number).and_then(|line| line.location.clone());
    match place.filter(|place| work.stage.location.as_ref() != Some(place)) {
        Some(place) => Err(Reason::NotWanted {
            scanned: Scanned::HandlingUnit(unit.to_string()),
            wanted: Wanted::Location(place),
        }),
        None => Ok(number),
    }
}

/// Leaves the line for later: the next one that is open, and this one comes round again.
pub(super) fn skip(work: &mut Work<'_>) -> Outcome {
    let current = work.line_wanted().map(|line| line.number);
    let place = current.and_then(|number| work.task.position(number)).unwrap_or(0);
    let (before, after) = work.task.lines.split_at(place.min(work.task.lines.len()));
    let mut open = after
        .iter()
        .chain(before)
        .filter(|line| !work.standing.is_done(line));
    let Some(next) = open.nth(1) else {
        return Outcome::reject(Reason::KeyUnused);
    };
    let (number, location) = (next.number, next.location.clone());
    work.stage.line = Some(number);
    if location.is_some() && location != work.stage.location {
        work.stage.location = None;
    }
    Outcome::go(Where::Skipped)
}

/// The exception codes that mean something with nothing in hand.
pub(super) fn exceptions() -> Vec<ExceptionCode> {
    vec![
        ExceptionCode::Short,
        ExceptionCode::LocationEmpty,
        ExceptionCode::WrongGoods,
        ExceptionCode::Found,
        ExceptionCode::Unreadable,
    ]
}
