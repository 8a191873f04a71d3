//! Filling up the places that goods are picked from: from the reserve place to the pick place, as planned.

use crate::confirmation::ExceptionCode;
use crate::ids::{HandlingUnitId, LineNumber, LocationId};
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work};
use crate::verdict::{Reason, Verdict, Wanted};

use super::fetching;
use super::moving::Carry;

pub(crate) struct Replenish;

impl Carry for Replenish {
    fn wanted_next(&self, work: &Work<'_>) -> Wanted {
        fetching::wanted(work)
    }

    fn source(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        fetching::source(work, scanned)
    }

    fn line_for(&self, work: &Work<'_>, piece: &Piece) -> Result<Option<LineNumber>, Verdict> {
        fetching::line_for(work, piece)
    }

    fn line_of_unit(&self, work: &Work<'_>, unit: &HandlingUnitId) -> Result<LineNumber, Reason> {
        fetching::line_of_unit(work, unit)
    }

    fn exceptions_at_rest(&self) -> Vec<ExceptionCode> {
        fetching::exceptions()
    }

    fn skip_line(&self, work: &mut Work<'_>) -> Outcome {
        fetching::skip(work)
    }

    fn may_skip(&self) -> bool {
        true
    }
}
