//! What did not go to plan, where a kind of work has nothing of its own to say about it: it is recorded with the place
//! and the item in hand, and a supervisor sees it.

use std::sync::Arc;

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Goods, Place, StockStatus};
use crate::ids::{HandlingUnitId, ItemId, LineNumber};
use crate::quantity::Quantity;
use crate::session::work::{Outcome, Work};
use crate::task::Line;
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

/// Records a report that moves nothing, about a line and a place.
pub(super) fn reported_at(
    work: &Work<'_>,
    report: ExceptionReport,
    place: Option<Place>,
    line: Option<LineNumber>,
) -> Outcome {
    let draft = Draft {
        from: place,
        exception: Some(report),
        ..work.draft(Act::Reported, line)
    };
    Outcome::accept(vec![draft])
}

/// Records that goods of a line may not be used as they are where they lie; how much of them is asked first. The line
/// goes on: others may be there.
pub(super) fn unusable(
    work: &mut Work<'_>,
    number: LineNumber,
    place: Option<Place>,
    status: StockStatus,
    report: ExceptionReport,
) -> Outcome {
    let task = Arc::clone(&work.task);
    let Some((line, item)) = task
        .line(number)
        .and_then(|line| Some((line, line.item.clone()?)))
    else {
        return reported_at(work, report, place, Some(number));
    };
    let Some(quantity) = report.quantity else {
        let (code, reason) = (report.code, report.reason);
        return work.ask(Question::HowMuch { item, code, reason }, None);
    };
    let draft = Draft {
        goods: Some(Goods {
            status,
            ..goods_of_line(work, line, quantity)
        }),
        from: place,
        exception: Some(report),
        ..work.draft(Act::StatusChanged, Some(number))
    };
    Outcome::accept(vec![draft])
}

/// Goods of a line as the line has them, where no label of theirs was scanned.
pub(super) fn goods_of_line(work: &Work<'_>, line: &Line, quantity: Quantity) -> Goods {
    let known = line.item.as_ref();
    let known = known.and_then(|item| work.desk.catalogue.item(item));
    let named = line.item.as_ref().map(ItemId::as_str);
    let unit = line.handling_unit.as_ref().map(HandlingUnitId::as_str);
    Goods {
        item: line.item.clone(),
        code: named.or(unit).unwrap_or_default().to_owned(),
        quantity,
        unit: known.as_ref().map(|item| item.unit.clone()).unwrap_or_default(),
        pack: Quantity::ONE,
        lot: line.lot.clone(),
        serials: Vec::new(),
        expiry: None,
        weight: None,
        handling_unit: None,
        status: StockStatus::Available,
        owner: line
            .owner
            .clone()
            .or_else(|| known.and_then(|item| item.owner.clone())),
    }
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
