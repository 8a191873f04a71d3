//! Cartons: scanned or made, filled, weighed and closed.

use crate::confirmation::{Act, Draft, Observation};
use crate::ids::HandlingUnitId;
use crate::label::LabelOrder;
use crate::plan::Check;
use crate::session::work::{Outcome, Work};
use crate::task::{Line, TaskKind};
use crate::verdict::{Question, Reason, Scanned, Wanted, Where};

use super::super::end_task;
use super::of_carton;

/// Closed cartons of a task that are known as such: a carton of this morning is not at the table any more.
const CLOSED_MAX: usize = 20;

/// A tote to pack from, or a carton to pack into, was scanned.
pub(super) fn scanned(work: &mut Work<'_>, scanned: HandlingUnitId, wanted: Wanted) -> Outcome {
    let is_source = |line: &Line| line.handling_unit.as_ref() == Some(&scanned);
    if wanted == Wanted::Tote || work.task.lines.iter().any(is_source) {
        work.stage.unit = Some(scanned.clone());
        return Outcome::go(Where::Tote(scanned.to_string()));
    }
    if work.stage.unit.as_ref() == Some(&scanned) {
        return Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), wanted);
    }
    if work.stage.closed.iter().any(|(closed, _)| *closed == scanned) {
        return Outcome::reject(Reason::UnitDone { unit: scanned });
    }
    match &work.stage.into {
        Some(open) if *open == scanned => {}
        Some(open) if !work.stage.tally.is_empty() => {
            let wanted = open.clone();
            return Outcome::reject(Reason::WrongUnit { scanned, wanted });
        }
        _ => {
            if let Some(wanted) = planned_instead_of(work, &scanned) {
                return Outcome::reject(Reason::WrongUnit { scanned, wanted });
            }
        }
    }
    take(work, scanned)
}

fn take(work: &mut Work<'_>, carton: HandlingUnitId) -> Outcome {
    if work.stage.into.as_ref() != Some(&carton) {
        work.stage.tally = Default::default();
    }
    work.stage.into = Some(carton.clone());
    Outcome::go(Where::Tote(carton.to_string()))
}

/// The carton that the next goods are planned for, where none of those that are open goes into this one.
fn planned_instead_of(work: &Work<'_>, carton: &HandlingUnitId) -> Option<HandlingUnitId> {
    let planned = work.line_wanted()?.into.clone()?;
    let fits = |line: &Line| line.into.as_ref().is_none_or(|into| into == carton);
    let mut open = work.task.lines.iter().filter(|line| !work.standing.is_done(line));
    let is_right = open.any(fits);
    (!is_right).then_some(planned)
}

/// A carton gets the next number of this device, and its label is printed.
pub(super) fn new(work: &mut Work<'_>) -> Outcome {
    let Some(unit) = work.desk.catalogue.next_handling_unit() else {
        return Outcome::reject(Reason::NoHandlingUnitNumber);
    };
    if let Some(wanted) = planned_instead_of(work, &unit) {
        let scanned = unit;
        return Outcome::reject(Reason::WrongUnit { scanned, wanted });
    }
    let text = work.task.reference.clone();
    let print = LabelOrder::HandlingUnit {
        unit: unit.clone(),
        text,
    };
    Outcome {
        print: vec![print],
        ..take(work, unit)
    }
}

/// The carton is full or all is in it: it is weighed where the task says so, and closed.
pub(super) fn close(work: &mut Work<'_>) -> Outcome {
    let Some(carton) = work.stage.into.clone() else {
        return Outcome::reject(Reason::KeyUnused);
    };
    let is_weighed = matches!(&work.task.kind, TaskKind::Pack(plan) if plan.weigh);
    if !is_weighed {
        return closed(work, carton, Vec::new());
    }
    let question = Question::Observe {
        check: Check::Weight,
        unit: Some(carton),
    };
    work.ask(question, None)
}

/// The gross weight of the carton was told.
pub(super) fn weighed(work: &mut Work<'_>, value: String) -> Outcome {
    let Some(carton) = work.stage.into.clone() else {
        return Outcome::quiet();
    };
    let check = Check::Weight;
    let weight = Draft {
        observed: Some(Observation { check, value }),
        ..of_carton(work, Act::Observed, &carton)
    };
    closed(work, carton, vec![weight])
}

/// With the last carton the task ends.
fn closed(work: &mut Work<'_>, carton: HandlingUnitId, mut drafts: Vec<Draft>) -> Outcome {
    drafts.push(of_carton(work, Act::UnitClosed, &carton));
    work.stage.into = None;
    work.stage.tally = Default::default();
    if work.stage.closed.len() >= CLOSED_MAX {
        work.stage.closed.remove(0);
    }
    work.stage.closed.push((carton, None));
    match work.line_wanted() {
        Some(_) => Outcome::accept(drafts),
        None => end_task(work, drafts, None),
    }
}
