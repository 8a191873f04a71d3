//! What did not go to plan, where a kind of work has nothing of its own to say about it: it is recorded with the place
//! and the item in hand, and a supervisor sees it.

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place};
use crate::quantity::Quantity;
use crate::session::work::{Outcome, Work};
use crate::verdict::Question;

/// The exception codes that mean something nearly everywhere, in the order of their keys.
pub(super) const USUAL: [ExceptionCode; 5] = [
    ExceptionCode::Short,
    ExceptionCode::Damaged,
    ExceptionCode::WrongGoods,
    ExceptionCode::Found,
    ExceptionCode::Unreadable,
];

/// Records a report that moves nothing, about the line and the place in hand.
pub(super) fn reported(work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
    let line = work.line_wanted();
    let place = work
        .stage
        .location
        .clone()
        .or_else(|| line.and_then(|line| line.location.clone()));
    let draft = Draft {
        from: place.map(Place::Location),
        exception: Some(report),
        ..work.draft(Act::Reported, line.map(|line| line.number))
    };
    Outcome::accept(vec![draft])
}

/// Asks for the reason of an exception, or goes on without one where the site has none for it.
pub(crate) fn ask_reason(
    work: &mut Work<'_>,
    judge: &dyn super::Judge,
    code: ExceptionCode,
    quantity: Option<Quantity>,
) -> Outcome {
    let reasons = work.desk.catalogue.reasons(code);
    if reasons.is_empty() {
        let reason = None;
        return judge.exception(
            work,
            ExceptionReport {
                code,
                reason,
                quantity,
            },
        );
    }
    let question = Question::Reason {
        code,
        reasons,
        quantity,
    };
    work.ask(question, None)
}
