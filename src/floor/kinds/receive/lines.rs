//! Which line goods that come in are for, and how much of it they make.

use jiff::Span;
use jiff::civil::Date;

use crate::ids::HandlingUnitId;
use crate::quantity::Quantity;
use crate::session::pieces::scanned_quantity;
use crate::session::stage::Piece;
use crate::session::work::Work;
use crate::task::Line;

pub(in crate::kinds) fn line_of<'w>(work: &'w Work<'_>, piece: &Piece) -> Option<&'w Line> {
    work.task.line(piece.line?)
}

/// The line a piece belongs to: the one that names its serial number before others, one that is still open before one that is
/// not, one of the handling unit in hand before others, one that wants as much before one that wants less. A line that is particular about the lot takes no other,
/// and goods in one handling unit of the list are not put to another one's line.
pub(in crate::kinds) fn line_for<'w>(work: &'w Work<'_>, piece: &Piece) -> Option<&'w Line> {
    let quantity = piece
        .quantity
        .or_else(|| scanned_quantity(piece))
        .unwrap_or(Quantity::ONE);
    let unit = piece.unit_on_label.as_ref().or(work.stage.unit.as_ref());
    let all = &work.task.lines;
    let is_listed =
        |unit: &&HandlingUnitId| all.iter().any(|line| line.handling_unit.as_ref() == Some(*unit));
    let unit = unit.filter(is_listed);
    let mut best: Option<([bool; 4], &Line)> = None;
    for line in all.iter().filter(|line| takes(line, piece, unit)) {
        let wants_less = line.expected.is_some() && work.standing.open(line) < quantity;
        let is_elsewhere = line.handling_unit.as_ref() != unit;
        let is_for_any = piece.serial.is_some() && line.serial.is_none();
        let place = [is_for_any, work.standing.is_done(line), is_elsewhere, wants_less];
        if place == [false; 4] {
            return Some(line);
        }
        if best.is_none_or(|(known, _)| place < known) {
            best = Some((place, line));
        }
    }
    best.map(|(_, line)| line)
}

fn takes(line: &Line, piece: &Piece, unit: Option<&HandlingUnitId>) -> bool {
    let is_lot_right = match (&line.lot, &piece.lot) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => true,
    };
    let is_unit_right = match (&line.handling_unit, unit) {
        (Some(listed), Some(unit)) => listed == unit,
        _ => true,
    };
    let is_serial_right = match (&line.serial, &piece.serial) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => true,
    };
    line.item == piece.item && is_lot_right && is_unit_right && is_serial_right
}

/// By how much a line would be exceeded beyond so many percent; `None` where it would not.
pub(in crate::kinds) fn over(
    work: &Work<'_>,
    piece: &Piece,
    quantity: Quantity,
    percent: u32,
) -> Option<Quantity> {
    let line = line_of(work, piece)?;
    let expected = line.expected?;
    let after = work.standing.line(line.number).quantity + quantity;
    (after > expected + share(expected, percent)).then(|| after - expected)
}

/// So many percent of a quantity.
pub(in crate::kinds) fn share(quantity: Quantity, percent: u32) -> Quantity {
    let share = i128::from(quantity.micro()) * i128::from(percent) / 100;
    Quantity::from_micro(i64::try_from(share).unwrap_or(i64::MAX))
}

/// The earliest expiry date that is taken without a question: today, or as many days later as the item wants.
pub(super) fn earliest_expiry(work: &Work<'_>, piece: &Piece) -> Date {
    let today = work.desk.now.today;
    let item = piece
        .item
        .as_ref()
        .and_then(|item| work.desk.catalogue.item(item));
    match item.and_then(|item| item.shelf_life_min_days) {
        None => today,
        Some(days) => {
            let span = Span::new().try_days(i64::from(days));
            let earliest = span.and_then(|span| today.checked_add(span));
            earliest.unwrap_or(Date::MAX)
        }
    }
}

/// Whether the list names handling units, as far as its ends tell: the screen does not look through all of it.
pub(super) fn has_units(work: &Work<'_>) -> bool {
    let lines = &work.task.lines;
    let ends = lines.first().into_iter().chain(lines.last());
    ends.into_iter().any(|line| line.handling_unit.is_some())
}
