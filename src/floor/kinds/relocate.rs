//! Moving goods from place to place: as planned, or as the floor itself began it, with any item and any handling unit of
//! a place, or with a handling unit that was found.

use crate::confirmation::ExceptionCode;
use crate::ids::{HandlingUnitId, LineNumber, LocationId};
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work};
use crate::verdict::{Reason, Scanned, Verdict, Wanted};

use super::fetching;
use super::moving::{Carry, is_found, unit_found};

pub(crate) struct Move;

impl Carry for Move {
    /// A unit that was found is set down first; then its contents may be told, where it stands.
    fn wanted_next(&self, work: &Work<'_>) -> Wanted {
        match unit_found(work) {
            Some(_) if work.stage.location.is_none() => Wanted::AnyPlace,
            Some(_) => Wanted::AnyItem,
            None => fetching::wanted(work),
        }
    }

    fn source(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        if unit_found(work).is_none() && work.line_wanted().is_some_and(is_found) {
            return Outcome::not_wanted(Scanned::Location(scanned), self.wanted_next(work));
        }
        fetching::source(work, scanned)
    }

    fn line_for(&self, work: &Work<'_>, piece: &Piece) -> Result<Option<LineNumber>, Verdict> {
        fetching::line_for(work, piece)
    }

    /// A line that names nothing takes any unit of its place.
    fn line_of_unit(&self, work: &Work<'_>, unit: &HandlingUnitId) -> Result<LineNumber, Reason> {
        if unit_found(work).is_some_and(|line| line.handling_unit.as_ref() == Some(unit)) {
            return Err(Reason::UnitDone { unit: unit.clone() });
        }
        match fetching::line_of_unit(work, unit) {
            Err(Reason::UnitNotOnList { unit }) => {
                let wanted = fetching::wanted(work);
                let line = work.line_wanted().filter(|_| wanted == Wanted::AnyItem);
                line.map(|line| line.number).ok_or(Reason::UnitNotOnList { unit })
            }
            known => known,
        }
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
