//! Putting away what came in: scan what is in hand, in any order, and bring it to the place the screen proposes.

use crate::confirmation::ExceptionCode;
use crate::ids::{HandlingUnitId, LineNumber, LocationId};
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work};
use crate::task::Line;
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted};

use super::lines_for::{best, is_lot_right};
use super::moving::{Carry, unit_lines};

pub(crate) struct Putaway;

impl Carry for Putaway {
    fn wanted_next(&self, work: &Work<'_>) -> Wanted {
        match work.line_wanted() {
            None => Wanted::Done,
            Some(line) if line.item.is_none() => Wanted::AnyUnit,
            Some(_) => Wanted::AnyItem,
        }
    }

    /// The dock, where the goods stand: it needs no scan, and may be told.
    fn source(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        let comes_from = |line: &Line| line.location.as_ref() == Some(&scanned);
        let is_unknown = work.task.lines.iter().any(|line| line.location.is_none());
        if is_unknown || work.task.lines.iter().any(comes_from) {
            return work.go_to(scanned);
        }
        Outcome::not_wanted(Scanned::Location(scanned), self.wanted_next(work))
    }

    fn line_for(&self, work: &Work<'_>, piece: &Piece) -> Result<Option<LineNumber>, Verdict> {
        let takes = |line: &&Line| line.item == piece.item && is_lot_right(line, piece);
        let lines = work.task.lines.iter().filter(takes);
        if let Some(line) = best(work, lines, piece) {
            return Ok(Some(line.number));
        }
        if piece.agreed == Some(ExceptionCode::Found) {
            return Ok(None);
        }
        let code = piece.code.clone();
        Err(Verdict::Ask(Question::Found { code }))
    }

    fn line_of_unit(&self, work: &Work<'_>, unit: &HandlingUnitId) -> Result<LineNumber, Reason> {
        open_line_of(work, unit)
    }

    /// What came in with labels of the supplier's own is put away piece by piece before anybody has listed them.
    fn links_codes(&self) -> bool {
        true
    }

    fn exceptions_at_rest(&self) -> Vec<ExceptionCode> {
        vec![
            ExceptionCode::Short,
            ExceptionCode::WrongGoods,
            ExceptionCode::Found,
            ExceptionCode::Unreadable,
        ]
    }
}

/// The first open line that names a handling unit, or why there is none.
pub(super) fn open_line_of(work: &Work<'_>, unit: &HandlingUnitId) -> Result<LineNumber, Reason> {
    if let Some(line) = unit_lines(work, unit).next() {
        return Ok(line.number);
    }
    let unit = unit.clone();
    let mut lines = work.task.lines.iter();
    match lines.any(|line| line.handling_unit.as_ref() == Some(&unit)) {
        true => Err(Reason::UnitDone { unit }),
        false => Err(Reason::UnitNotOnList { unit }),
    }
}
