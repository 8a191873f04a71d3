//! What was in hand lies somewhere now: the facts of it; and what did not go to plan on the way.

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Goods, Place, StockStatus};
use crate::ids::{HandlingUnitId, LocationId};
use crate::quantity::Quantity;
use crate::session::hand::Hand;
use crate::session::linking;
use crate::session::pieces::goods_of;
use crate::session::stage::{Full, Piece};
use crate::session::work::{Outcome, Work, scanned};
use crate::task::Line;
use crate::verdict::{Question, Reason, Scanned};

use super::moving::{go_on, hand_line, is_found, proposed_place, source_of, unit_lines};

/// Records what is in hand in the place where it was put. `other` is given where that is another place than proposed:
/// with the reason, where the site asks for one.
pub(super) fn set_down(work: &mut Work<'_>, to: LocationId, other: Option<Option<String>>) -> Outcome {
    let other = other.map(|reason| ExceptionReport {
        code: ExceptionCode::OtherPlace,
        reason,
        quantity: None,
    });
    let hand = std::mem::take(&mut work.stage.hand);
    let mut drafts = Vec::new();
    let is_unit_found = match &hand.unit {
        Some(unit) => set_unit_down(work, unit, &to, other.as_ref(), &mut drafts),
        None => false,
    };
    for piece in &hand.pieces {
        set_piece_down(work, piece, &to, other.as_ref(), &mut drafts);
    }
    work.stage.last = None;
    match is_unit_found {
        true => work.stage.location = Some(to),
        false => go_on(work),
    }
    Outcome::accept(drafts)
}

/// Every line of a whole handling unit. Answers whether it was one that no list had.
fn set_unit_down(
    work: &mut Work<'_>,
    unit: &HandlingUnitId,
    to: &LocationId,
    other: Option<&ExceptionReport>,
    drafts: &mut Vec<Draft>,
) -> bool {
    let mut lines: Vec<Line> = unit_lines(work, unit).cloned().collect();
    if lines.is_empty() {
        lines.extend(work.line().cloned());
    }
    let mut is_any_found = false;
    for line in &lines {
        let own = is_found(line).then(|| found(None));
        is_any_found |= own.is_some();
        let draft = Draft {
            goods: Some(goods_of_unit(work, line, unit)),
            from: source_of(work, Some(line)).map(Place::Location),
            to: Some(Place::Location(to.clone())),
            ..work.draft(Act::Moved, Some(line.number))
        };
        write(work, draft, own, other, drafts);
        // A line that says no quantity ends with its unit; one for anything goes on.
        let ends = line.handling_unit.is_some() && line.expected.is_none() && !is_found(line);
        if ends {
            let draft = work.draft(Act::LineClosed, Some(line.number));
            write(work, draft, None, None, drafts);
        }
    }
    is_any_found
}

fn set_piece_down(
    work: &mut Work<'_>,
    piece: &Piece,
    to: &LocationId,
    other: Option<&ExceptionReport>,
    drafts: &mut Vec<Draft>,
) {
    // Its code was linked on the way: that is told first.
    drafts.extend(piece.is_linked.then(|| linking::link(work, piece)));
    let line = piece.line.and_then(|number| work.task.line(number)).cloned();
    let quantity = piece.quantity.unwrap_or(piece.pack);
    let own = match &line {
        None => Some(found(Some(quantity))),
        Some(line) => over(work, line, quantity),
    };
    let draft = Draft {
        to: Some(Place::Location(to.clone())),
        ..draft_of_piece(work, piece, Act::Moved)
    };
    write(work, draft, own, other, drafts);
}

/// A fact about a piece in hand, where it came from.
fn draft_of_piece(work: &Work<'_>, piece: &Piece, act: Act) -> Draft {
    let line = piece.line.and_then(|number| work.task.line(number));
    let quantity = piece.quantity.unwrap_or(piece.pack);
    // Taken off the pallet that its line names, unless the label says that all of it moves along. The book has what is on
    // a pallet at the pallet's place, where that is known.
    let off = line.and_then(|line| line.handling_unit.clone());
    let off = off.filter(|unit| piece.unit_on_label.as_ref() != Some(unit));
    let from = source_of(work, line)
        .map(Place::Location)
        .or_else(|| off.map(Place::HandlingUnit));
    Draft {
        goods: Some(goods_of(piece, line, quantity, piece.unit_on_label.clone())),
        from,
        raw: piece.raw.clone(),
        ..work.draft(act, piece.line)
    }
}

/// Adds a fact with its exception. A fact carries one: that goods went elsewhere is a report of its own beside another.
fn write(
    work: &mut Work<'_>,
    draft: Draft,
    own: Option<ExceptionReport>,
    other: Option<&ExceptionReport>,
    drafts: &mut Vec<Draft>,
) {
    let beside = own.as_ref().and(other).cloned();
    let draft = Draft {
        exception: own.or_else(|| other.cloned()),
        ..draft
    };
    work.standing.apply(&draft);
    let report = beside.map(|exception| Draft {
        goods: None,
        from: None,
        act: Act::Reported,
        exception: Some(exception),
        ..draft.clone()
    });
    drafts.push(draft);
    drafts.extend(report);
}

/// What a line of a handling unit moves with it; the unit itself where nobody said what is in it.
fn goods_of_unit(work: &Work<'_>, line: &Line, unit: &HandlingUnitId) -> Goods {
    let item = line.item.as_ref().and_then(|item| work.desk.catalogue.item(item));
    let known = line.item.as_ref().zip(line.expected);
    let piece = Piece {
        item: known.map(|(item, _)| item.clone()),
        code: unit.to_string(),
        unit: match (&item, known) {
            (Some(item), Some(_)) => item.unit.clone(),
            _ => WHOLE_UNIT.to_owned(),
        },
        pack: Quantity::ONE,
        lot: line.lot.clone(),
        owner: item.and_then(|item| item.owner.clone()),
        status: status_of(work, line),
        ..Piece::default()
    };
    let quantity = known.map_or(Quantity::ONE, |_| work.standing.open(line));
    goods_of(&piece, Some(line), quantity, Some(unit.clone()))
}

/// What one of a handling unit is called whose contents nobody said.
pub(super) const WHOLE_UNIT: &str = "each";

/// What is on hold is moved as such.
fn status_of(work: &Work<'_>, line: &Line) -> StockStatus {
    let holds = work.desk.catalogue.holds();
    let hold = holds.as_ref().zip(line.item.as_ref());
    match hold.and_then(|(holds, item)| holds.of(item, line.lot.as_deref())) {
        Some(_) => StockStatus::Hold,
        None => StockStatus::Available,
    }
}

/// The report that nobody expected it.
pub(super) const fn found(quantity: Option<Quantity>) -> ExceptionReport {
    ExceptionReport {
        code: ExceptionCode::Found,
        reason: None,
        quantity,
    }
}

fn over(work: &Work<'_>, line: &Line, quantity: Quantity) -> Option<ExceptionReport> {
    let by = work.standing.line(line.number).quantity + quantity - line.expected?;
    by.is_positive().then_some(ExceptionReport {
        code: ExceptionCode::Over,
        reason: None,
        quantity: Some(by),
    })
}

/// The proposed place takes no more: it is reported, and what is in hand goes elsewhere for that reason.
pub(super) fn full(work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
    let Some(place) = proposed_place(work) else {
        return Outcome::reject(Reason::KeyUnused);
    };
    let draft = Draft {
        to: Some(Place::Location(place.clone())),
        exception: Some(report.clone()),
        ..work.draft(Act::Reported, hand_line(work).map(|line| line.number))
    };
    let reason = report.reason;
    work.stage.full = Some(Full { place, reason });
    Outcome::accept(vec![draft])
}

/// Some of what is in hand is broken: it is another stock status where it lies, and what stays in hand, to be put
/// wherever the worker brings it.
pub(super) fn damaged(work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
    let hand = &work.stage.hand;
    let Some(item) = hand.pieces.first().map(Piece::called) else {
        return Outcome::reject(Reason::KeyUnused);
    };
    let in_hand = hand.quantity();
    let only_one = Some(in_hand).filter(|quantity| *quantity == Quantity::ONE);
    let question = Question::HowMuch {
        item: item.clone(),
        code: report.code,
        reason: report.reason.clone(),
    };
    let Some(quantity) = report.quantity.or(only_one) else {
        return work.ask(question, None);
    };
    let Some(broken) = hand.broken(quantity) else {
        work.stage.ask(question, None);
        let open = in_hand;
        return Outcome::reject(Reason::TooMany { item, quantity, open });
    };
    let mut drafts = Vec::new();
    for piece in &broken {
        let draft = draft_of_piece(work, piece, Act::StatusChanged);
        let exception = ExceptionReport {
            quantity: piece.quantity,
            ..report.clone()
        };
        drafts.push(Draft {
            to: draft.from.clone(),
            exception: Some(exception),
            ..draft
        });
    }
    work.stage.hand = Hand {
        pieces: broken,
        ..Hand::default()
    };
    Outcome::accept(drafts)
}

/// What is in hand, for the answer to something that has to wait for it.
pub(super) fn told(work: &Work<'_>) -> Scanned {
    let hand = &work.stage.hand;
    match (&hand.unit, hand.pieces.first()) {
        (Some(unit), _) => Scanned::HandlingUnit(unit.to_string()),
        (None, Some(piece)) => scanned(piece),
        (None, None) => Scanned::Text(String::new()),
    }
}
