//! Facts of pieces whose tags were read, many at once: what one fact can say of several, and how many it may be.

use crate::confirmation::{Goods, RawScan, Source, StockStatus};
use crate::ids::{ItemId, LineNumber};
use crate::quantity::Quantity;
use crate::session::pieces::{blocked, goods_of};
use crate::session::stage::Piece;
use crate::session::work::Work;
use crate::swept::SweptTag;

/// Serial numbers of one confirmation at most, so that none is larger than a page of the hub's journal is read for.
pub(super) const SERIALS_MAX: usize = 200;

/// What pieces of one fact have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Goodly {
    pub line: Option<LineNumber>,
    pub item: Option<ItemId>,
    pub gtin: String,
    pub lot: Option<String>,
}

impl Goodly {
    /// What to call it: the item, or the GTIN where no item has it.
    pub fn called(&self) -> ItemId {
        let item = self.item.clone();
        item.unwrap_or_else(|| ItemId::from(self.gtin.as_str()))
    }
}

/// The piece that a tag stands for, as its label would be read.
pub(super) fn piece_of(work: &Work<'_>, goodly: &Goodly) -> Piece {
    let found = work.desk.catalogue.find_code(&goodly.gtin);
    let (unit, pack, owner) = match found {
        Some((item, code)) => (code.unit, code.pack, item.owner.clone()),
        None => ("each".to_owned(), Quantity::ONE, None),
    };
    let is_blocked = goodly.item.as_ref();
    let is_blocked = is_blocked.is_some_and(|item| blocked(work, item, goodly.lot.as_deref()).is_some());
    Piece {
        item: goodly.item.clone(),
        code: goodly.gtin.clone(),
        unit,
        pack,
        owner,
        lot: goodly.lot.clone(),
        line: goodly.line,
        status: match is_blocked {
            true => StockStatus::Hold,
            false => StockStatus::Available,
        },
        ..Piece::default()
    }
}

/// Pieces of one fact: not so many that their quantity is more than a fact may carry.
pub(super) fn chunk_max(piece: &Piece) -> usize {
    let fits = Quantity::MAX.micro().checked_div(piece.pack.micro());
    let fits = fits.and_then(|fits| usize::try_from(fits).ok()).unwrap_or(1);
    fits.clamp(1, SERIALS_MAX)
}

/// The goods of one fact; `None` where they are more than it may carry.
pub(super) fn goods(work: &Work<'_>, piece: &Piece, pieces: &[(String, SweptTag)]) -> Option<Goods> {
    let times = i64::try_from(pieces.len()).ok()?;
    let quantity = piece.pack.times(times)?;
    let line = piece.line.and_then(|number| work.task.line(number));
    Some(Goods {
        serials: pieces.iter().map(|(serial, _)| serial.clone()).collect(),
        ..goods_of(piece, line, quantity, None)
    })
}

/// The tags themselves, so that anybody can read them again. `reader` stands for the scanner: the tags may be from several.
pub(super) fn raw<'a>(reader: &str, tags: impl Iterator<Item = &'a SweptTag>) -> RawScan {
    let tags: Vec<String> = tags.map(|tag| tag.epc.to_string()).collect();
    RawScan {
        scanner: reader.to_owned(),
        text: tags.join(" "),
        symbology: None,
        source: Source::Rfid,
    }
}
