//! Which line a piece belongs to: contents are checked against what was picked.

use crate::ids::{ItemId, LineNumber};
use crate::quantity::Quantity;
use crate::session::pieces::scanned_quantity;
use crate::session::stage::Piece;
use crate::session::work::Work;
use crate::task::Line;
use crate::verdict::Reason;

/// The line a piece is for: one that still wants as much, else one that wants some; one that is particular about the
/// lot before one that is not.
pub(super) fn line_for(work: &Work<'_>, item: &ItemId, piece: &Piece) -> Result<LineNumber, Reason> {
    let lines = || {
        let lines = work.task.lines.iter();
        lines.filter(|line| line.item.as_ref() == Some(item))
    };
    if lines().next().is_none() {
        let scanned = item.clone();
        return Err(Reason::NotOnList { scanned });
    }
    if let (Some(scanned), Some(wanted)) = (&piece.lot, other_lot(work, lines(), piece)) {
        let scanned = scanned.clone();
        return Err(Reason::WrongLot { scanned, wanted });
    }
    let of_lot = || lines().filter(|line| is_lot_right(line, piece) && !work.standing.is_done(line));
    if of_lot().next().is_none() {
        let item = item.clone();
        return Err(Reason::LineFull { item });
    }
    best(work, of_lot(), piece).ok_or_else(|| {
        // Open lines of the item are for other cartons.
        let planned = of_lot().find_map(|line| line.into.clone());
        match (planned, work.stage.into.clone()) {
            (Some(wanted), Some(scanned)) => Reason::WrongUnit { scanned, wanted },
            _ => Reason::LineFull { item: item.clone() },
        }
    })
}

fn best<'l>(work: &Work<'_>, open: impl Iterator<Item = &'l Line>, piece: &Piece) -> Option<LineNumber> {
    let quantity = piece.quantity.or_else(|| scanned_quantity(piece));
    let quantity = quantity.unwrap_or(Quantity::ONE);
    let is_for_carton = |line: &&Line| line.into.is_none() || line.into == work.stage.into;
    let rank = |line: &&Line| {
        let has_room = line.expected.is_none() || work.standing.open(line) >= quantity;
        (!has_room, line.lot.is_none())
    };
    open.filter(is_for_carton)
        .min_by_key(rank)
        .map(|line| line.number)
}

/// A lot that is wanted, where no line takes the one of the piece.
fn other_lot<'l>(
    work: &Work<'_>,
    lines: impl Iterator<Item = &'l Line> + Clone,
    piece: &Piece,
) -> Option<String> {
    if lines.clone().any(|line| is_lot_right(line, piece)) {
        return None;
    }
    let is_open = |line: &&Line| !work.standing.is_done(line);
    let open = lines.clone().filter(is_open).find_map(|line| line.lot.clone());
    open.or_else(|| lines.clone().find_map(|line| line.lot.clone()))
}

fn is_lot_right(line: &Line, piece: &Piece) -> bool {
    match (&line.lot, &piece.lot) {
        (Some(wanted), Some(scanned)) => wanted == scanned,
        _ => true,
    }
}
