//! What a worker reports while counting: damaged goods, places that cannot be reached, and what moves nothing.

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place, StockStatus};
use crate::ids::LocationId;
use crate::kinds::Judge;
use crate::kinds::exceptions::reported;
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work};
use crate::verdict::Reason;

use super::places::{is_begun, leave, next_line, open_at};

/// The exception codes that mean something now.
pub(super) fn codes(work: &Work<'_>) -> Vec<ExceptionCode> {
    let Some(location) = &work.stage.location else {
        return match next_line(work) {
            Some(_) => vec![ExceptionCode::NotReachable, ExceptionCode::Unreadable],
            None => Vec::new(),
        };
    };
    let mut codes = vec![
        ExceptionCode::Damaged,
        ExceptionCode::WrongGoods,
        ExceptionCode::NotReachable,
        ExceptionCode::Unreadable,
    ];
    if !is_begun(work, location) {
        codes.push(ExceptionCode::LocationEmpty);
    }
    codes
}

pub(super) fn report(work: &mut Work<'_>, judge: &dyn Judge, report: ExceptionReport) -> Outcome {
    match (report.code, work.stage.location.clone()) {
        // Damaged goods are counted as such, apart from the others: the next scan says which.
        (ExceptionCode::Damaged, Some(_)) => {
            work.stage.marked = Some(Piece {
                status: StockStatus::Damaged,
                reason: report.reason,
                ..Piece::default()
            });
            Outcome::quiet()
        }
        (ExceptionCode::LocationEmpty, Some(_)) => judge.done(work),
        (ExceptionCode::NotReachable, in_hand) => {
            let shown = || next_line(work)?.location.clone();
            match in_hand.or_else(shown) {
                Some(location) => not_reachable(work, &location, &report),
                None => Outcome::reject(Reason::KeyUnused),
            }
        }
        _ => reported(work, report),
    }
}

/// Ends a place that cannot be counted. What was counted there is kept; nothing is said about what was not.
fn not_reachable(work: &mut Work<'_>, location: &LocationId, report: &ExceptionReport) -> Outcome {
    let numbers: Vec<_> = open_at(work, location).map(|line| line.number).collect();
    let mut drafts = Vec::with_capacity(numbers.len());
    for number in numbers {
        let draft = Draft {
            from: Some(Place::Location(location.clone())),
            exception: Some(report.clone()),
            ..work.draft(Act::LineClosed, Some(number))
        };
        work.standing.apply(&draft);
        drafts.push(draft);
    }
    leave(work);
    match drafts.is_empty() {
        true => Outcome::reject(Reason::KeyUnused),
        false => Outcome::accept(drafts),
    }
}
