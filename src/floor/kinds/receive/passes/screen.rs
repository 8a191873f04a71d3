//! What the screen of a receipt says of its portal.

use crate::ids::{HandlingUnitId, ItemId};
use crate::quantity::Quantity;
use crate::session::stage::CheckWhy;
use crate::session::work::Work;
use crate::swept::SweepFigures;
use crate::words::{Instruction, Label, Names};

use super::super::super::{BigThing, Picture};
use super::super::is_blind;
use super::{count, item_of};

/// Lines of a longer list whose figures are shown: the screen does not look through more with each step.
const SUMMED_LINES_MAX: usize = 2_000;

/// The screen where a portal takes part.
pub(in crate::kinds::receive) fn picture(
    work: &Work<'_>,
    figures: SweepFigures,
    picture: Picture,
) -> Picture {
    let names = Names::new(work.desk.catalogue);
    let portal = &work.stage.portal;
    let of =
        |why: &dyn Fn(CheckWhy) -> bool| count(portal.checks.iter().filter(|check| why(check.why)).count());
    let surplus = of(&|why| why == CheckWhy::Surplus);
    let doubts = of(&|why| why != CheckWhy::Surplus).saturating_add(portal.more);
    // What somebody has to do comes first: a small screen has no room for all of it.
    let mut more: Vec<(Label, String)> = Vec::new();
    let told = |more: &mut Vec<(Label, String)>, label: Label, found: u32| {
        if found > 0 {
            more.push((label, names.count(found)));
        }
    };
    told(&mut more, Label::ToCheck, doubts);
    told(&mut more, Label::Surplus, surplus);
    if work.task.lines.len() <= SUMMED_LINES_MAX && !is_blind(work) {
        let (matched, missing) = sums(work);
        more.push((Label::Matched, names.quantity(matched)));
        if missing.is_positive() {
            more.push((Label::Missing, names.quantity(missing)));
        }
    }
    told(&mut more, Label::Stray, portal.stray);
    let (instruction, big, piece) = match portal.checks.first().filter(|_| figures.is_done) {
        _ if !figures.is_done => (Instruction::Passing, Some(BigThing::Tags(heard(figures))), None),
        Some(check) => {
            let item = item_of(work, &check.code).unwrap_or_else(|| ItemId::from(check.code.as_str()));
            let big = match &check.serial {
                Some(serial) => BigThing::Serial(serial.clone(), item),
                None => BigThing::HandlingUnit(HandlingUnitId::from(check.code.as_str())),
            };
            (Instruction::CheckLabel, Some(big), None)
        }
        None if picture.instruction == Instruction::ScanAnyItem => {
            (Instruction::DriveThrough, picture.big, picture.piece)
        }
        None => (picture.instruction, picture.big, picture.piece),
    };
    // What is missing while the end is asked about stands before the sums.
    let more = match picture.more.is_empty() {
        true => more,
        false => picture.more,
    };
    Picture {
        instruction,
        big,
        piece,
        more,
        skip: portal.checks.len() > 1,
        open_unit: picture.open_unit && portal.checks.len() <= 1,
        ..picture
    }
}

const fn heard(figures: SweepFigures) -> u32 {
    figures
        .sure
        .saturating_add(figures.maybe)
        .saturating_add(figures.stray)
}

/// How much of what is announced has come, and how much has not.
fn sums(work: &Work<'_>) -> (Quantity, Quantity) {
    let mut sums = (Quantity::ZERO, Quantity::ZERO);
    for line in &work.task.lines {
        let Some(expected) = line.expected else { continue };
        let open = work.standing.open(line);
        sums = (sums.0 + (expected - open), sums.1 + open);
    }
    sums
}
