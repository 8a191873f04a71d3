//! Goods that a worker reports by the exception key: which item, how much of it, and then they are a piece like any
//! other, with what was reported.

use crate::confirmation::{ExceptionCode, StockStatus};
use crate::kinds::Judge;
use crate::verdict::Question;

use super::pieces::advance;
use super::stage::Piece;
use super::work::{Outcome, Work};

/// Asks what is not known of goods that were reported: the item where the piece has none, and how much. The piece says
/// what was reported, and why.
pub(crate) fn report_goods(work: &mut Work<'_>, judge: &dyn Judge, piece: Piece) -> Outcome {
    let Some(code) = piece.reported else {
        return Outcome::quiet();
    };
    let Some(item) = piece.item.clone() else {
        return work.ask(Question::WhichItem { code }, Some(piece));
    };
    let known = work.desk.catalogue.item(&item);
    if known.is_some_and(|item| item.tracking.serial) {
        return advance(work, judge, piece);
    }
    let reason = piece.reason.clone();
    work.ask(Question::HowMuch { item, code, reason }, Some(piece))
}

/// The exception code that goods of a stock status are reported under; none for those that may be used.
pub(crate) const fn code_of(status: StockStatus) -> Option<ExceptionCode> {
    match status {
        StockStatus::Available => None,
        StockStatus::Hold => Some(ExceptionCode::Blocked),
        StockStatus::Damaged => Some(ExceptionCode::Damaged),
    }
}

/// The stock status of goods that were reported.
pub(crate) const fn status_of(reported: ExceptionCode) -> StockStatus {
    match reported {
        ExceptionCode::Damaged => StockStatus::Damaged,
        _ => StockStatus::Hold,
    }
}
