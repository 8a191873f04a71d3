//! A pass through a portal within its receipt: what is sure and announced is recorded, once, whichever way it was seen
//! before; everything else that went through is a barcode check, and never a fact by itself.

mod matching;
mod screen;

use std::collections::BTreeMap;

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place};
use crate::ids::{HandlingUnitId, ItemId};
use crate::passed::{Light, Passed};
use crate::rfid::Direction;
use crate::session::pieces::goods_of;
use crate::session::stage::{PassCheck, Piece};
use crate::session::work::{Outcome, PassTold, Work};
use crate::swept::SweepFigures;
use crate::verdict::{Question, Reason, Verdict};

use super::super::tagged::{Goodly, piece_of};
use super::{checks, dock, units};
use matching::{Heard, Read};

pub(super) use screen::picture;

/// Barcode checks that are kept at most: each is stored with every step. Goods with more of them pass again.
pub(super) const CHECKS_MAX: usize = 60;

/// The figures of the portal; `None` where none takes part.
pub(super) fn figures(work: &Work<'_>) -> Option<SweepFigures> {
    work.desk.catalogue.sweep(&work.task.id, dock(work)?)
}

/// Goods went through.
pub(super) fn passed(work: &mut Work<'_>, passed: &Passed) -> Outcome {
    let stop = Some(Light::Stop);
    if let Some(check) = checks::pending(work) {
        let outcome = work.ask(Question::Observe { check, unit: None }, None);
        return Outcome {
            light: stop,
            ..outcome
        };
    }
    if passed.way == Some(Direction::Out) {
        return Outcome {
            light: stop,
            ..Outcome::reject(Reason::WrongWay)
        };
    }
    let read = Read::of(work, &Heard::of(work));
    let drafts = read.drafts(work, passed);
    for draft in &drafts {
        work.standing.apply(draft);
    }
    let new_checks = keep_checks(work, &read, passed);
    let is_incomplete = is_incomplete(work, &drafts);
    let told = PassTold {
        number: passed.pass.number,
        pieces: count(read.sure.values().map(Vec::len).sum()),
        units: count(read.units.len()),
        checks: count(new_checks),
        stray: read.stray,
        is_whole: passed.is_whole,
        is_incomplete,
    };
    work.stage.portal.stray = read.stray;
    // Green says that nothing is left to look at, of earlier passes neither.
    let is_left = !work.stage.portal.checks.is_empty() || work.stage.portal.more > 0;
    let light = match told.is_in_doubt() || is_left {
        true => Light::Doubt,
        false if drafts.is_empty() && read.known == 0 => Light::Ready,
        false => Light::Good,
    };
    let outcome = match drafts.is_empty() {
        true => Outcome::quiet(),
        false => Outcome::accept(drafts),
    };
    Outcome {
        light: Some(light),
        pass: Some(told),
        ..outcome
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A handling unit of which something came in lacks the rest of what is announced on it.
fn is_incomplete(work: &Work<'_>, drafts: &[Draft]) -> bool {
    let came = drafts.iter().filter_map(|draft| draft.goods.as_ref());
    let mut units: Vec<&HandlingUnitId> = came.filter_map(|goods| goods.handling_unit.as_ref()).collect();
    units.sort_unstable();
    units.dedup();
    units.into_iter().any(|unit| !units::is_done(work, unit))
}

/// Puts what is to be looked at behind what is already. Answers how much of it there is.
fn keep_checks(work: &mut Work<'_>, read: &Read, passed: &Passed) -> usize {
    for (goodly, pieces) in &read.sure {
        for (serial, _) in pieces {
            looked_at(work, &goodly.gtin, Some(serial));
        }
    }
    for (unit, _) in &read.units {
        looked_at(work, unit, None);
    }
    let mut new = 0;
    for found in &read.checks {
        new += 1;
        work.stage.portal.are_left = false;
        let check = PassCheck {
            pass: passed.pass.clone(),
            ..found.clone()
        };
        let portal = &mut work.stage.portal;
        let is_same = |known: &PassCheck| known.is_of(&found.code, found.serial.as_deref());
        if let Some(known) = portal.checks.iter_mut().find(|known| is_same(known)) {
            *known = check;
        } else if portal.checks.len() < CHECKS_MAX {
            portal.checks.push(check);
        } else {
            portal.more = portal.more.saturating_add(1);
        }
    }
    new
}

/// A piece or unit was recorded: it needs no look any more.
pub(super) fn looked_at(work: &mut Work<'_>, code: &str, serial: Option<&str>) {
    work.stage
        .portal
        .checks
        .retain(|check| !check.is_of(code, serial));
}

/// What is left unlooked at when the receipt ends is told with all that its tags say, and moves nothing.
pub(super) fn reports(work: &mut Work<'_>) -> Vec<Draft> {
    let checks = std::mem::take(&mut work.stage.portal.checks);
    work.stage.portal.more = 0;
    checks.into_iter().map(|check| report(work, check)).collect()
}

fn report(work: &Work<'_>, check: PassCheck) -> Draft {
    let dock = dock(work).cloned().map(Place::Location);
    let (from, to, goods) = match &check.serial {
        None => {
            let unit = HandlingUnitId::from(check.code.as_str());
            (Some(Place::HandlingUnit(unit)), dock, None)
        }
        Some(serial) => {
            let goodly = Goodly {
                line: None,
                item: item_of(work, &check.code),
                gtin: check.code.clone(),
                lot: None,
            };
            let piece = Piece {
                serial: Some(serial.clone()),
                ..piece_of(work, &goodly)
            };
            (dock, None, Some(goods_of(&piece, None, piece.pack, None)))
        }
    };
    let quantity = goods.as_ref().map(|goods| goods.quantity);
    Draft {
        goods,
        from,
        to,
        exception: Some(ExceptionReport {
            code: ExceptionCode::Unsure,
            reason: Some(check.why.word().to_owned()),
            quantity,
        }),
        pass: Some(check.pass),
        ..work.draft(Act::Reported, None)
    }
}

/// The receipt is opened again: what another device has recorded meanwhile needs no look any more.
pub(super) fn forget_known(work: &mut Work<'_>) {
    let checks = std::mem::take(&mut work.stage.portal.checks);
    let is_known = |check: &PassCheck| {
        let Some(serial) = &check.serial else {
            return units::is_done(work, &HandlingUnitId::from(check.code.as_str()));
        };
        let called = item_of(work, &check.code).unwrap_or_else(|| ItemId::from(check.code.as_str()));
        work.standing.has_serial(&called, serial)
    };
    let open: Vec<PassCheck> = checks.into_iter().filter(|check| !is_known(check)).collect();
    work.stage.portal.checks = open;
}

/// The question about what was not looked at, where there is something and the worker has not agreed to leave it.
pub(super) fn unsure(work: &Work<'_>) -> Option<Question> {
    let portal = &work.stage.portal;
    if portal.are_left {
        return None;
    }
    let mut items: BTreeMap<ItemId, u32> = BTreeMap::new();
    for check in &portal.checks {
        let called = item_of(work, &check.code).unwrap_or_else(|| ItemId::from(check.code.as_str()));
        *items.entry(called).or_default() += 1;
    }
    let mut items: Vec<(ItemId, u32)> = items.into_iter().collect();
    items.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    items.truncate(UNSURE_ITEMS_MAX);
    let tags = count(portal.checks.len()).saturating_add(portal.more);
    let location = dock(work)?.clone();
    (tags > 0).then_some(Question::Unsure {
        location,
        tags,
        items,
    })
}

/// Articles that are named when it is asked about tags that are not sure.
const UNSURE_ITEMS_MAX: usize = 3;

fn item_of(work: &Work<'_>, gtin: &str) -> Option<ItemId> {
    let found = work.desk.catalogue.find_code(gtin);
    found.map(|(item, _)| item.id.clone())
}

/// Judges a piece whose label was scanned: its tag may have recorded it.
pub(super) fn look_at(work: &Work<'_>, piece: &Piece) -> Result<(), Verdict> {
    let called = piece.called();
    if let Some(serial) = &piece.serial {
        return match work.standing.has_serial(&called, serial) {
            true => Err(Verdict::Reject(Reason::SerialRepeated {
                serial: serial.clone(),
            })),
            false => Ok(()),
        };
    }
    let known = work.desk.catalogue.item(&called);
    let is_tagged = || known.is_some_and(|item| item.tracking.tag) || work.standing.has_serials_of(&called);
    if figures(work).is_some() && is_tagged() {
        return Err(Verdict::Ask(Question::Serial { item: called }));
    }
    Ok(())
}
