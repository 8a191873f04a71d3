//! From a piece in hand to a fact: what is missing is asked for, one thing at a time, and then it is recorded.

use crate::confirmation::{Act, Draft, Goods, Observation, StockStatus};
use crate::ids::{HandlingUnitId, ItemId};
use crate::item::Tracking;
use crate::kinds::Judge;
use crate::plan::Check;
use crate::quantity::Quantity;
use crate::task::{Line, QuantityEntry};
use crate::verdict::{Question, Reason, Verdict, Wanted};

use super::linking;
use super::stage::Piece;
use super::work::{Outcome, Work};

/// Takes a piece as far as it goes: to a question, a reject, or a fact. Called again with each answer.
pub(crate) fn advance(work: &mut Work<'_>, judge: &dyn Judge, mut piece: Piece) -> Outcome {
    match judged(work, judge, &mut piece) {
        Ok((quantity, draft)) => {
            work.stage.drop_question();
            if let Some(outcome) = judge.holds_back(work, &piece, quantity) {
                return outcome;
            }
            work.standing.apply(&draft);
            let may_follow =
                judge.recorded(work, &piece, quantity) && piece.serial.is_none() && piece.reported.is_none();
            work.stage.last = may_follow.then(|| piece.more_of_the_same());
            let link = piece.is_linked.then(|| linking::link(work, &piece));
            Outcome::accept(link.into_iter().chain([draft]).collect())
        }
        Err(Verdict::Reject(Reason::LinkableCode { code })) => {
            work.stage.unknown = Some(piece);
            Outcome::reject(Reason::LinkableCode { code })
        }
        // What is to be looked at is no question about the piece.
        Err(Verdict::Ask(question @ Question::Observe { .. })) => work.ask(question, None),
        Err(Verdict::Ask(question)) => work.ask(question, Some(piece)),
        Err(verdict) => Outcome::of(verdict),
    }
}

fn judged(work: &Work<'_>, judge: &dyn Judge, piece: &mut Piece) -> Result<(Quantity, Draft), Verdict> {
    judge.place(work, piece)?;
    if let Some(question) = work.doubt(piece.line) {
        return Err(Verdict::Ask(question));
    }
    let tracking = tracking(work, piece);
    ask_for_what_is_missing(work, judge, tracking, piece)?;
    judge.look_at(work, piece)?;
    look_at_holds(work, judge, piece)?;
    let quantity = quantity_of(work, judge, tracking, piece)?;
    if tracking.weight && piece.weight.is_none() {
        let item = piece.called();
        return Err(Verdict::Ask(Question::Weight { item }));
    }
    let exception = judge.limit(work, piece, quantity)?;
    let movement = judge.movement(work, piece);
    let line = piece.line.and_then(|number| work.task.line(number));
    let goods = goods_of(piece, line, quantity, movement.handling_unit);
    let draft = Draft {
        goods: Some(goods),
        from: movement.from,
        to: movement.to,
        observed: piece.condition.clone().map(|value| Observation {
            check: Check::Condition,
            value,
        }),
        exception,
        raw: piece.raw.clone(),
        ..work.draft(movement.act, piece.line)
    };
    debug_assert!(
        draft.act != Act::Reversed && draft.act.moves_goods(),
        "a piece is goods"
    );
    Ok((quantity, draft))
}

/// So much of a piece as goods. Whose they are the line says first.
pub(crate) fn goods_of(
    piece: &Piece,
    line: Option<&Line>,
    quantity: Quantity,
    handling_unit: Option<HandlingUnitId>,
) -> Goods {
    let owner = line
        .and_then(|line| line.owner.clone())
        .or_else(|| piece.owner.clone());
    Goods {
        item: piece.item.clone(),
        code: piece.code.clone(),
        quantity,
        unit: piece.unit.clone(),
        pack: piece.pack,
        lot: piece.lot.clone(),
        serials: piece.serial.iter().cloned().collect(),
        expiry: piece.expiry,
        weight: piece.weight,
        handling_unit,
        status: piece.status,
        owner,
    }
}

/// What has to be recorded of the piece: what its item demands, and the lot, the serial number and the date that its line
/// is particular about.
fn tracking(work: &Work<'_>, piece: &Piece) -> Tracking {
    let item = piece
        .item
        .as_ref()
        .and_then(|item| work.desk.catalogue.item(item));
    let Some(item) = item else {
        return Tracking::default();
    };
    let line = piece.line.and_then(|number| work.task.line(number));
    Tracking {
        lot: item.tracking.lot || line.is_some_and(|line| line.lot.is_some()),
        expiry: item.tracking.expiry || line.is_some_and(|line| line.expiry_min.is_some()),
        serial: item.tracking.serial || line.is_some_and(|line| line.serial.is_some()),
        weight: item.tracking.weight,
        tag: item.tracking.tag,
    }
}

/// What is on hold or recalled does not leave its place; where it comes in or is found, it is recorded as on hold.
fn look_at_holds(work: &Work<'_>, judge: &dyn Judge, piece: &mut Piece) -> Result<(), Verdict> {
    let item = piece.item.as_ref();
    let Some(blocked) = item.and_then(|item| blocked(work, item, piece.lot.as_deref())) else {
        return Ok(());
    };
    if judge.takes_what_is_on_hold() {
        if piece.status == StockStatus::Available {
            piece.status = StockStatus::Hold;
        }
        return Ok(());
    }
    Err(Verdict::Reject(blocked))
}

/// Why goods may not be used, where they are on hold.
pub(crate) fn blocked(work: &Work<'_>, item: &ItemId, lot: Option<&str>) -> Option<Reason> {
    let holds = work.desk.catalogue.holds()?;
    let hold = holds.of(item, lot)?;
    Some(Reason::Blocked {
        item: item.clone(),
        lot: hold.lot.clone(),
        reason: hold.reason.clone(),
    })
}

fn ask_for_what_is_missing(
    work: &Work<'_>,
    judge: &dyn Judge,
    tracking: Tracking,
    piece: &Piece,
) -> Result<(), Verdict> {
    let item = piece.called();
    if tracking.lot && piece.lot.is_none() {
        return Err(Verdict::Ask(Question::Lot { item }));
    }
    if tracking.expiry && piece.expiry.is_none() {
        return Err(Verdict::Ask(Question::Expiry { item }));
    }
    if !tracking.serial {
        return Ok(());
    }
    let may_be_known = piece.reported.is_some() && judge.reports_what_is_recorded();
    match &piece.serial {
        None => Err(Verdict::Ask(Question::Serial { item })),
        Some(serial) if !may_be_known && work.standing.has_serial(&item, serial) => {
            let serial = serial.clone();
            Err(Verdict::Reject(Reason::SerialRepeated { serial }))
        }
        Some(_) => Ok(()),
    }
}

/// How much it is, in base units. A piece with a serial number of its own is one, whatever the task says.
fn quantity_of(
    work: &Work<'_>,
    judge: &dyn Judge,
    tracking: Tracking,
    piece: &Piece,
) -> Result<Quantity, Verdict> {
    if let Some(quantity) = piece.quantity {
        return Ok(quantity);
    }
    if work.task.quantity_entry == QuantityEntry::ScanThenEnter && !tracking.serial {
        let item = piece.called();
        let proposed = judge.proposed(work, piece);
        return Err(Verdict::Ask(Question::Quantity { item, proposed }));
    }
    let times = piece.times.unwrap_or(1);
    scanned_quantity(piece).ok_or_else(|| {
        Verdict::Reject(Reason::BadEntry {
            typed: times.to_string(),
            wanted: Wanted::Quantity,
        })
    })
}

/// What one scan of the label stands for; `None` where that is none, or more than a fact may carry.
pub(crate) fn scanned_quantity(piece: &Piece) -> Option<Quantity> {
    let quantity = piece.pack.times(piece.times.unwrap_or(1))?;
    (quantity.is_positive() && quantity <= Quantity::MAX).then_some(quantity)
}

/// So many packagings in base units; `None` where that is none, no exact figure, or more than a fact may carry.
pub(crate) fn packs(number: Quantity, pack: Quantity) -> Option<Quantity> {
    const MICRO: i128 = 1_000_000;
    let product = i128::from(number.micro()) * i128::from(pack.micro());
    if product % MICRO != 0 {
        return None;
    }
    let quantity = Quantity::from_micro(i64::try_from(product / MICRO).ok()?);
    (quantity.is_positive() && quantity <= Quantity::MAX).then_some(quantity)
}

/// The number proposed where so much is open, in the packaging scanned: what the label says, where that is not more than
/// the rest; else the rest.
pub(crate) fn label_or_rest(piece: &Piece, open: Quantity) -> Option<Quantity> {
    let rest = whole_packs(open, piece.pack);
    let on_label = piece.times.and_then(Quantity::whole);
    on_label
        .filter(|times| rest.is_some_and(|rest| *times <= rest))
        .or(rest)
}

/// How many whole packagings so much is; `None` where it is less than one.
pub(crate) fn whole_packs(quantity: Quantity, pack: Quantity) -> Option<Quantity> {
    let packs = quantity.micro().checked_div(pack.micro())?;
    Quantity::whole(packs).filter(|packs| packs.is_positive())
}
