//! Receiving against an ASN, a purchase order, or blind: scan what comes, in any order, and it is put to the line that
//! wants it. More than expected, what nobody expected and what expires too soon is asked about once, and recorded.

mod checks;
mod end;
mod labels;
pub(super) mod lines;
mod passes;
mod units;

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place, StockStatus};
use crate::ids::{HandlingUnitId, ItemId, LocationId};
use crate::passed::Passed;
use crate::plan::{Against, Check, ReceivePlan};
use crate::quantity::Quantity;
use crate::session::linking;
use crate::session::pieces::whole_packs;
use crate::session::reporting::{report_goods, status_of};
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work};
use crate::task::TaskKind;
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted, Where};
use crate::words::Instruction;

use super::{BigThing, Judge, Movement, Picture};

#[allow(unused_imports, reason = "the menu's entry")]
pub(crate) use labels::print_label;

pub(crate) struct Receive;

impl Judge for Receive {
    fn opened(&self, work: &mut Work<'_>) {
        passes::forget_known(work);
    }

    fn wanted(&self, work: &Work<'_>) -> Wanted {
        checks::pending(work).map_or(Wanted::AnyItem, Wanted::Check)
    }

    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        if dock(work) == Some(&scanned) {
            return work.go_to(scanned);
        }
        Outcome::not_wanted(Scanned::Location(scanned), self.wanted(work))
    }

    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        match checks::pending(work) {
            Some(check) => work.ask(Question::Observe { check, unit: None }, None),
            None => units::scanned(work, scanned),
        }
    }

    fn entered(&self, work: &mut Work<'_>) -> Outcome {
        if let Some(check) = checks::pending(work) {
            return work.ask(Question::Observe { check, unit: None }, None);
        }
        match work.desk.catalogue.next_handling_unit() {
            Some(_) => work.ask(Question::NewUnit, None),
            None => Outcome::quiet(),
        }
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        if let Some(check) = checks::pending(work) {
            return Err(Verdict::Ask(Question::Observe { check, unit: None }));
        }
        if piece.item.is_none() {
            return Err(Verdict::Reject(linking::unknown(piece)));
        }
        if let Some(unit) = piece
            .unit_on_label
            .clone()
            .filter(|unit| units::is_done(work, unit))
            && piece.reported.is_none()
        {
            return Err(Verdict::Reject(Reason::UnitDone { unit }));
        }
        piece.line = lines::line_for(work, piece).map(|line| line.number);
        let is_taken = piece.line.is_some() || is_blind(work) || piece.reported.is_some();
        if is_taken || piece.has_agreed(ExceptionCode::Found) {
            return Ok(());
        }
        let code = piece.code.clone();
        Err(Verdict::Ask(Question::Found { code }))
    }

    /// A piece whose tag or label was recorded is recorded. Where tags are read, a label has to tell its serial number: without
    /// one nobody could know. What was reported has its status from that; what expires too soon is asked about, and taken as on hold.
    fn look_at(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        if let Some(reported) = piece.reported {
            piece.status = status_of(reported);
            return Ok(());
        }
        passes::look_at(work, piece)?;
        let Some(expiry) = piece
            .expiry
            .filter(|expiry| *expiry < lines::earliest_expiry(work, piece))
        else {
            return Ok(());
        };
        if piece.has_agreed(ExceptionCode::Expired) {
            piece.status = StockStatus::Hold;
            return Ok(());
        }
        let item = piece.called();
        Err(Verdict::Ask(Question::ShelfLife { item, expiry }))
    }

    fn proposed(&self, work: &Work<'_>, piece: &Piece) -> Option<Quantity> {
        match piece.times {
            Some(times) => Quantity::whole(times).filter(|times| times.is_positive()),
            None if is_blind(work) => None,
            None => whole_packs(work.standing.open(lines::line_of(work, piece)?), piece.pack),
        }
    }

    fn limit(
        &self,
        work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        let report = |code, quantity| {
            Some(ExceptionReport {
                code,
                reason: piece.reason.clone(),
                quantity: Some(quantity),
            })
        };
        if let Some(reported) = piece.reported {
            return Ok(report(reported, quantity));
        }
        let over = lines::over(work, piece, quantity, over_tolerance(work)).filter(|_| !is_blind(work));
        match over {
            Some(by) if !piece.has_agreed(ExceptionCode::Over) => {
                let item = piece.called();
                Err(Verdict::Ask(Question::Over { item, by }))
            }
            _ if piece.has_agreed(ExceptionCode::Expired) => Ok(report(ExceptionCode::Expired, quantity)),
            Some(by) => Ok(report(ExceptionCode::Over, by)),
            None if piece.line.is_none() && !is_blind(work) => Ok(report(ExceptionCode::Found, quantity)),
            None => Ok(None),
        }
    }

    /// From the supplier to the dock. What is reported of goods that were all recorded before gives those another
    /// status: they are not received twice.
    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement {
        let dock = dock(work).cloned().map(Place::Location);
        let unit = piece.unit_on_label.clone().or_else(|| work.stage.unit.clone());
        let line = lines::line_of(work, piece);
        match piece.reported.is_some() && is_recorded(work, piece) {
            true => Movement {
                act: Act::StatusChanged,
                from: dock.clone(),
                to: dock,
                handling_unit: unit.or_else(|| line?.handling_unit.clone()),
            },
            false => Movement {
                act: Act::Received,
                from: Some(Place::Supplier),
                to: dock,
                handling_unit: unit,
            },
        }
    }

    fn reports_what_is_recorded(&self) -> bool {
        true
    }

    fn recorded(&self, work: &mut Work<'_>, piece: &Piece, quantity: Quantity) -> bool {
        work.stage.line = piece.line;
        passes::looked_at(work, &piece.code, piece.serial.as_deref());
        let is_expected = lines::line_of(work, piece).is_some_and(|line| line.expected.is_some());
        if !is_expected {
            work.stage.tally.add(&piece.called(), quantity);
        }
        true
    }

    /// What is to be looked at next is left for later. Else the next pallet or carton is opened and taken piece by piece, though all of it is known.
    fn skip(&self, work: &mut Work<'_>) -> Outcome {
        if work.stage.portal.checks.len() > 1 {
            work.stage.portal.checks.rotate_left(1);
            return Outcome::go(Where::Skipped);
        }
        if !work.task.lines.iter().any(|line| line.handling_unit.is_some()) {
            return Outcome::reject(Reason::KeyUnused);
        }
        work.stage.opens_unit = true;
        Outcome::go(Where::Opening)
    }

    fn short(&self, work: &mut Work<'_>) -> Outcome {
        end::done(work)
    }

    fn exceptions(&self, _work: &Work<'_>) -> Vec<ExceptionCode> {
        vec![
            ExceptionCode::Short,
            ExceptionCode::Damaged,
            ExceptionCode::WrongGoods,
            ExceptionCode::Expired,
            ExceptionCode::Blocked,
            ExceptionCode::Unreadable,
        ]
    }

    fn exception(&self, work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
        match report.code {
            ExceptionCode::Damaged | ExceptionCode::Expired | ExceptionCode::Blocked => {
                let piece = Piece {
                    reported: Some(report.code),
                    reason: report.reason,
                    ..in_hand(work)
                };
                report_goods(work, self, piece)
            }
            ExceptionCode::Unreadable => match checks::pending(work) {
                Some(check) => checks::cannot_be_told(work, check),
                None => {
                    let print = labels::of_goods(work);
                    Outcome {
                        print: print.into_iter().collect(),
                        ..reported(work, report)
                    }
                }
            },
            _ => reported(work, report),
        }
    }

    fn observed(&self, work: &mut Work<'_>, check: Check, value: String) -> Outcome {
        checks::told(work, check, value)
    }

    fn done(&self, work: &mut Work<'_>) -> Outcome {
        end::done(work)
    }

    fn agreed(&self, work: &mut Work<'_>, question: &Question) -> Outcome {
        match question {
            Question::EndTask { .. } => end::ended(work),
            Question::Unsure { .. } => {
                work.stage.portal.are_left = true;
                end::done(work)
            }
            Question::NewUnit => labels::new_unit(work),
            _ => Outcome::quiet(),
        }
    }

    fn passed(&self, work: &mut Work<'_>, passed: &Passed) -> Outcome {
        passes::passed(work, passed)
    }

    fn picture(&self, work: &Work<'_>) -> Picture {
        let line = work.line();
        let newest = work
            .stage
            .tally
            .newest()
            .filter(|_| line.is_none_or(|line| line.expected.is_none()));
        let big = match (newest, line) {
            (Some((_, quantity)), _) => Some(BigThing::Number(*quantity)),
            (None, Some(line)) => {
                let received = work.standing.line(line.number).quantity;
                line.expected.map(|expected| BigThing::Of(received, expected))
            }
            (None, None) => None,
        };
        let piece = match (newest, line) {
            (Some((item, _)), _) => Some(piece_of(Some(item.clone()), None)),
            (None, Some(line)) => Some(piece_of(line.item.clone(), line.lot.clone())),
            (None, None) => None,
        };
        let is_complete = work.done_lines == work.task.lines.len() && !is_blind(work);
        let others = work
            .stage
            .tally
            .counted
            .iter()
            .skip(usize::from(newest.is_some()));
        let picture = Picture {
            big,
            piece,
            counted: others.cloned().collect(),
            more: end::missing(work),
            short: !is_blind(work),
            done: true,
            open_unit: lines::has_units(work),
            ..Picture::of(match (checks::pending(work), is_complete) {
                (Some(_), _) => Instruction::CheckFirst,
                (None, true) => Instruction::Complete,
                (None, false) => Instruction::ScanAnyItem,
            })
        };
        match passes::figures(work) {
            Some(figures) => passes::picture(work, figures, picture),
            None => picture,
        }
    }
}

/// Whether goods were recorded before: a piece by its serial number, others where nothing more of them is to come.
fn is_recorded(work: &Work<'_>, piece: &Piece) -> bool {
    if let Some(serial) = &piece.serial {
        return work.standing.has_serial(&piece.called(), serial);
    }
    lines::line_of(work, piece).is_some_and(|line| {
        let received = work.standing.line(line.number).quantity;
        line.expected.is_some_and(|expected| received >= expected)
    })
}

fn piece_of(item: Option<ItemId>, lot: Option<String>) -> Piece {
    Piece {
        item,
        lot,
        ..Piece::default()
    }
}

fn plan<'w>(work: &'w Work<'_>) -> Option<&'w ReceivePlan> {
    match &work.task.kind {
        TaskKind::Receive(plan) => Some(plan),
        _ => None,
    }
}

fn dock<'w>(work: &'w Work<'_>) -> Option<&'w LocationId> {
    plan(work).map(|plan| &plan.dock)
}

fn is_blind(work: &Work<'_>) -> bool {
    plan(work).is_some_and(|plan| plan.against == Against::Blind)
}

fn over_tolerance(work: &Work<'_>) -> u32 {
    plan(work).map_or(0, |plan| plan.over_tolerance_percent)
}

/// The goods that were recorded last, as far as they are of a kind with those that are reported: the item, and the lot
/// its line is particular about.
fn in_hand(work: &Work<'_>) -> Piece {
    let line = work.line();
    let newest = work.stage.tally.newest().map(|(item, _)| item);
    let item = line.and_then(|line| line.item.as_ref()).or(newest);
    let Some(item) = item.and_then(|item| work.desk.catalogue.item(item)) else {
        return Piece::default();
    };
    Piece {
        item: Some(item.id.clone()),
        code: item.id.to_string(),
        unit: item.unit.clone(),
        pack: Quantity::ONE,
        lot: line.and_then(|line| line.lot.clone()),
        owner: item.owner.clone(),
        ..Piece::default()
    }
}

/// Records a report that moves nothing, at the dock.
fn reported(work: &Work<'_>, report: ExceptionReport) -> Outcome {
    let draft = Draft {
        to: dock(work).cloned().map(Place::Location),
        exception: Some(report),
        ..work.draft(Act::Reported, work.stage.line)
    };
    Outcome::accept(vec![draft])
}
