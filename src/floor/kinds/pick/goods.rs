//! Whether goods are right for a line: the item or a substitute, the lot, the date.

use crate::confirmation::ExceptionCode;
use crate::session::stage::Piece;
use crate::session::work::Work;
use crate::task::Line;
use crate::verdict::{Question, Reason, Verdict};

/// Whether a piece is another item than its line wants.
pub(super) fn is_other_item(line: &Line, piece: &Piece) -> bool {
    matches!((&line.item, &piece.item), (Some(wanted), Some(scanned)) if wanted != scanned)
}

/// What is wrong with a piece for a line, or to be asked, as far as it is known.
pub(super) fn is_right(work: &Work<'_>, line: &Line, piece: &Piece) -> Result<(), Verdict> {
    let reject = |reason| Err(Verdict::Reject(reason));
    if let (Some(wanted), Some(scanned)) = (&line.item, &piece.item)
        && wanted != scanned
    {
        let (scanned, wanted) = (scanned.clone(), wanted.clone());
        let known = work.desk.catalogue.item(&wanted);
        if !known.is_some_and(|item| item.substitutes.contains(&scanned)) {
            return reject(Reason::WrongItem { scanned, wanted });
        }
        let agreed = piece.has_agreed(ExceptionCode::Substitute)
            || work.stage.substitute.as_ref() == Some(&(line.number, scanned.clone()));
        if !agreed {
            let item = scanned;
            return Err(Verdict::Ask(Question::Substitute { item, wanted }));
        }
    } else if let (Some(wanted), Some(scanned)) = (&line.lot, &piece.lot)
        && wanted != scanned
    {
        let (scanned, wanted) = (scanned.clone(), wanted.clone());
        return reject(Reason::WrongLot { scanned, wanted });
    }
    let earliest = line.expiry_min.unwrap_or(work.desk.now.today);
    let too_old = piece
        .expiry
        .filter(|expiry| *expiry < earliest.max(work.desk.now.today));
    too_old.map_or(Ok(()), |expiry| reject(Reason::Expired { expiry }))
}
