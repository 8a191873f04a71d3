//! Which of several lines a piece is taken for.

use crate::quantity::Quantity;
use crate::session::pieces::scanned_quantity;
use crate::session::stage::Piece;
use crate::session::work::Work;
use crate::task::Line;

use super::moving::left;

/// The line for a piece: the one in hand while it has room, else one with room for as much, else one with some room,
/// else one that is open, else any.
pub(super) fn best<'w>(
    work: &Work<'_>,
    lines: impl Iterator<Item = &'w Line>,
    piece: &Piece,
) -> Option<&'w Line> {
    let quantity = piece
        .quantity
        .or_else(|| scanned_quantity(piece))
        .unwrap_or(Quantity::ONE);
    let rank = |line: &&Line| {
        let left = left(work, line);
        let is_open = !work.standing.is_done(line);
        let takes_all = is_open && (left >= quantity || line.expected.is_none());
        let is_in_hand = work.stage.line == Some(line.number);
        match (takes_all, left.is_positive(), is_open) {
            (true, ..) => u8::from(!is_in_hand),
            (false, true, _) => 2 + u8::from(!is_in_hand),
            (false, false, true) => 4,
            (false, false, false) => 5,
        }
    };
    lines.min_by_key(rank)
}

/// Whether a line takes a lot: one that is particular about it takes no other.
pub(super) fn is_lot_right(line: &Line, piece: &Piece) -> bool {
    match (&line.lot, &piece.lot) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => true,
    }
}
