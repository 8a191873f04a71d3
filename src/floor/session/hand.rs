//! What a worker has in hand on the way from one place to another. It is no fact before it is set down.

use serde::{Deserialize, Serialize};

use crate::confirmation::StockStatus;
use crate::ids::{HandlingUnitId, LineNumber, LocationId};
use crate::quantity::Quantity;

use super::stage::{Piece, is_default};

/// Goods in hand: a whole handling unit, or pieces that go the same way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Hand {
    /// The handling unit, with everything in it.
    #[serde(skip_serializing_if = "is_default")]
    pub unit: Option<HandlingUnitId>,
    /// The pieces, the newest last; each knows its quantity.
    #[serde(skip_serializing_if = "is_default")]
    pub pieces: Vec<Piece>,
    /// The place that was scanned for it, while the reason for another place is asked for.
    #[serde(skip_serializing_if = "is_default")]
    pub to: Option<LocationId>,
}

/// Different pieces in hand at most: as many serial numbers as a worker carries, and little to store with each step.
pub(crate) const HAND_PIECES_MAX: usize = 24;

impl Hand {
    /// Whether nothing is in hand.
    pub const fn is_empty(&self) -> bool {
        self.unit.is_none() && self.pieces.is_empty()
    }

    /// How much of all pieces.
    pub fn quantity(&self) -> Quantity {
        self.pieces.iter().filter_map(|piece| piece.quantity).sum()
    }

    /// How much of it was taken for a line.
    pub fn of_line(&self, line: LineNumber) -> Quantity {
        let of_line = self.pieces.iter().filter(|piece| piece.line == Some(line));
        of_line.filter_map(|piece| piece.quantity).sum()
    }

    /// Whether it is set aside as broken.
    pub fn is_damaged(&self) -> bool {
        let mut pieces = self.pieces.iter();
        pieces.any(|piece| piece.status == StockStatus::Damaged)
    }

    /// The serial number of a piece, where that piece is in hand already.
    pub fn serial_of(&self, piece: &Piece) -> Option<String> {
        let serial = piece.serial.as_ref()?;
        let is_it = |known: &Piece| known.item == piece.item && known.serial.as_ref() == Some(serial);
        self.pieces.iter().any(is_it).then(|| serial.clone())
    }

    /// Whether a code that no item has was linked with a piece in hand; the piece is of that item then.
    pub fn knows(&self, piece: &mut Piece) -> bool {
        let is_it = |known: &&Piece| known.is_linked && known.code == piece.code;
        let Some(known) = self.pieces.iter().find(is_it) else {
            return false;
        };
        piece.item.clone_from(&known.item);
        piece.owner.clone_from(&known.owner);
        piece.unit.clone_from(&known.unit);
        piece.pack = known.pack;
        true
    }

    /// Whether a piece can be added.
    pub fn has_room_for(&self, piece: &Piece) -> bool {
        let is_same = self.pieces.last().is_some_and(|last| is_same_kind(last, piece));
        let fits = self.quantity() + piece.quantity.unwrap_or(piece.pack) <= Quantity::MAX;
        fits && (is_same || self.pieces.len() < HAND_PIECES_MAX)
    }

    /// Takes a piece in hand; more of the same is one piece with the one before. Pieces taken off a unit leave it.
    pub fn add(&mut self, piece: &Piece, quantity: Quantity) {
        self.unit = None;
        match self.pieces.last_mut().filter(|last| is_same_kind(last, piece)) {
            Some(last) => last.quantity = Some(last.quantity.unwrap_or_default() + quantity),
            None => self.pieces.push(Piece {
                quantity: Some(quantity),
                times: None,
                ..piece.clone()
            }),
        }
    }

    /// So much of what was taken last, as broken goods; `None` where less is in hand, or a single piece would be
    /// divided.
    pub fn broken(&self, quantity: Quantity) -> Option<Vec<Piece>> {
        let mut missing = quantity;
        let mut broken = Vec::new();
        for piece in self.pieces.iter().rev() {
            if !missing.is_positive() {
                break;
            }
            let all = piece.quantity.unwrap_or_default();
            let part = all.min(missing);
            if part < all && (piece.serial.is_some() || piece.weight.is_some()) {
                return None;
            }
            missing -= part;
            broken.push(Piece {
                quantity: Some(part),
                status: StockStatus::Damaged,
                ..piece.clone()
            });
        }
        missing.is_zero().then_some(broken)
    }

    /// The same with no place asked about.
    pub fn at_rest(&self) -> Self {
        Self {
            to: None,
            ..self.clone()
        }
    }
}

/// Whether two pieces differ in nothing but their quantity and the read that led to them.
fn is_same_kind(one: &Piece, other: &Piece) -> bool {
    let stripped = |piece: &Piece| Piece {
        raw: None,
        times: None,
        ..piece.more_of_the_same()
    };
    let is_single = |piece: &Piece| piece.serial.is_some() || piece.weight.is_some();
    !is_single(one) && !is_single(other) && stripped(one) == stripped(other)
}
