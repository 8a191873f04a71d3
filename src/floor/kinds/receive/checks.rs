//! What the carrier's profile wants looked at: seal and temperature before the first goods, who hands over at the end.

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Observation, Place};
use crate::plan::Check;
use crate::session::work::{Outcome, Work};

use super::{dock, plan, reported};

/// What is to be looked at before the first goods; nothing once some came in.
pub(super) fn pending(work: &Work<'_>) -> Option<Check> {
    let checks = &plan(work)?.checks;
    let is_pending = |check: &&Check| **check != Check::Signature && !work.stage.observed.contains(check);
    let check = checks.iter().find(is_pending)?;
    let is_begun = |line: &crate::Line| work.standing.line(line.number).quantity.is_positive();
    let has_begun = !work.stage.tally.is_empty() || work.task.lines.iter().any(is_begun);
    (!has_begun).then_some(*check)
}

/// Whether somebody still has to say that they hand over.
pub(super) fn wants_signature(work: &Work<'_>) -> bool {
    let is_wanted = plan(work).is_some_and(|plan| plan.checks.contains(&Check::Signature));
    is_wanted && !work.stage.observed.contains(&Check::Signature)
}

/// What was looked at, as it was told.
pub(super) fn told(work: &Work<'_>, check: Check, value: String) -> Outcome {
    let draft = Draft {
        to: dock(work).cloned().map(Place::Location),
        observed: Some(Observation { check, value }),
        ..work.draft(Act::Observed, None)
    };
    Outcome::accept(vec![draft])
}

/// There is no seal, or nothing to measure with: that is recorded, and the goods can come in.
pub(super) fn cannot_be_told(work: &mut Work<'_>, check: Check) -> Outcome {
    work.stage.observed.push(check);
    let report = ExceptionReport {
        code: ExceptionCode::Unreadable,
        reason: Some(check.word().to_owned()),
        quantity: None,
    };
    reported(work, report)
}
