//! Loading: the door or the truck is confirmed, then every handling unit of the list goes onto it, in any order. What
//! is missing is told, and what the carrier wants checked is asked, before the doors close.

use std::sync::Arc;

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Observation, Place};
use crate::ids::{HandlingUnitId, LocationId};
use crate::plan::{Check, LoadPlan};
use crate::quantity::Quantity;
use crate::session::pieces::blocked;
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work, scanned};
use crate::task::{Line, TaskKind};
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted, Where};
use crate::words::{Instruction, Label};

use super::exceptions::reported_at;
use super::{BigThing, Judge, Movement, Picture, close_open_lines, end_task, has_more, skip_line};

pub(crate) struct Load;

/// For how many minutes a list of what is on hold counts as fresh. A hub that can be reached confirms it every minute
/// or two; a device that was away for longer than a loading takes may put recalled goods onto the truck.
const HOLDS_FRESH_MINUTES: i64 = 60;

/// Missing units that a screen lists by name.
const MISSING_SHOWN_MAX: usize = 6;

impl Judge for Load {
    fn opened(&self, work: &mut Work<'_>) {
        self.go_on(work);
    }

    /// The list that was about to be ended is another one now.
    fn changed(&self, work: &mut Work<'_>) {
        let question = work.stage.open.as_ref().map(|open| &open.question);
        if matches!(question, Some(Question::Observe { .. })) {
            work.stage.drop_question();
        }
        self.go_on(work);
    }

    fn wanted(&self, work: &Work<'_>) -> Wanted {
        match (plan_of(work), work.line_wanted()) {
            (Some(plan), _) if !work.stage.vehicle_confirmed => Wanted::Vehicle(plan.vehicle.clone()),
            (_, Some(_)) => Wanted::AnyUnit,
            (_, None) => Wanted::Done,
        }
    }

    fn place_wanted(&self, work: &Work<'_>) -> Option<LocationId> {
        let plan = plan_of(work).filter(|_| !work.stage.vehicle_confirmed)?;
        Some(plan.door.clone())
    }

    /// The door that the truck stands at, or another one.
    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        let is_right = plan_of(work).is_some_and(|plan| plan.door == scanned);
        confirm(work, scanned.as_str(), is_right)
    }

    /// The truck by its plate or label, or another one.
    fn text(&self, work: &mut Work<'_>, text: &str) -> Option<Outcome> {
        let is_right = is_vehicle(work, text);
        (is_right || !work.stage.vehicle_confirmed).then(|| confirm(work, text, is_right))
    }

    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        if is_vehicle(work, scanned.as_str()) {
            return confirm(work, scanned.as_str(), true);
        }
        if !work.stage.vehicle_confirmed {
            let wanted = self.wanted(work);
            return Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), wanted);
        }
        self.load(work, &scanned)
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        let (scanned, wanted) = (scanned(piece), self.wanted(work));
        Err(Verdict::Reject(Reason::NotWanted { scanned, wanted }))
    }

    fn proposed(&self, _work: &Work<'_>, _piece: &Piece) -> Option<Quantity> {
        None
    }

    fn limit(
        &self,
        _work: &Work<'_>,
        _piece: &Piece,
        _quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        Ok(None)
    }

    fn takes_what_is_on_hold(&self) -> bool {
        false
    }

    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement {
        Movement {
            act: Act::Loaded,
            from: piece.unit_on_label.clone().map(Place::HandlingUnit),
            to: vehicle_of(work),
            handling_unit: None,
        }
    }

    fn recorded(&self, _work: &mut Work<'_>, _piece: &Piece, _quantity: Quantity) -> bool {
        false
    }

    fn short(&self, work: &mut Work<'_>) -> Outcome {
        match work.line_wanted() {
            Some(_) => self.done(work),
            None => Outcome::reject(Reason::KeyUnused),
        }
    }

    fn exceptions(&self, work: &Work<'_>) -> Vec<ExceptionCode> {
        match work.line_wanted() {
            Some(_) => vec![
                ExceptionCode::Damaged,
                ExceptionCode::WrongGoods,
                ExceptionCode::Found,
                ExceptionCode::Unreadable,
            ],
            None => vec![ExceptionCode::Damaged, ExceptionCode::Found],
        }
    }

    /// What is reported is about the unit on the screen; what was found, and what is said after the last one, about the
    /// door.
    fn exception(&self, work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
        let line = work.line().or_else(|| work.line_wanted());
        let line = line.filter(|_| report.code != ExceptionCode::Found && work.line_wanted().is_some());
        let number = line.map(|line| line.number);
        let unit = line.and_then(unit_of);
        let door = plan_of(work).map(|plan| Place::Location(plan.door.clone()));
        reported_at(work, report, unit.or(door), number)
    }

    fn skip(&self, work: &mut Work<'_>) -> Outcome {
        skip_line(work)
    }

    /// What is missing is told first, and then what the carrier wants is checked. The right truck is the first check.
    fn done(&self, work: &mut Work<'_>) -> Outcome {
        if !work.stage.vehicle_confirmed {
            return Outcome::reject(Reason::KeyUnused);
        }
        let lines = &work.task.lines;
        let open_lines = lines.iter().filter(|line| !work.standing.is_done(line)).count();
        match open_lines {
            0 => finish(work),
            _ => work.ask(Question::EndTask { open_lines }, None),
        }
    }

    fn observed(&self, work: &mut Work<'_>, check: Check, value: String) -> Outcome {
        work.stage.told.retain(|(known, _)| *known != check);
        work.stage.told.push((check, value));
        finish(work)
    }

    fn agreed(&self, work: &mut Work<'_>, question: &Question) -> Outcome {
        match question {
            Question::EndTask { .. } => finish(work),
            Question::StaleHolds { .. } => confirmed(work),
            _ => Outcome::quiet(),
        }
    }

    fn picture(&self, work: &Work<'_>) -> Picture {
        let line = work.line_wanted();
        let plan = plan_of(work);
        let is_confirmed = work.stage.vehicle_confirmed;
        let (instruction, big) = match (is_confirmed, line) {
            (false, _) => {
                let door = plan.map(|plan| BigThing::Location(plan.door.clone()));
                (Instruction::ScanVehicle, door)
            }
            (true, None) => (Instruction::Complete, None),
            (true, Some(line)) => {
                let unit = line.handling_unit.clone().map(BigThing::HandlingUnit);
                (Instruction::ScanUnit, unit)
            }
        };
        let vehicle = plan.map(|plan| (Label::Vehicle, plan.vehicle.clone()));
        Picture {
            big,
            more: vehicle.into_iter().chain(missing(work)).collect(),
            short: is_confirmed && line.is_some(),
            skip: line.is_some() && has_more(work),
            done: is_confirmed,
            ..Picture::of(instruction)
        }
    }
}

impl Load {
    fn go_on(&self, work: &mut Work<'_>) {
        work.stage.line = work.line_wanted().map(|line| line.number);
    }

    /// A unit goes onto the truck, with every line that lies on it: the fact of the first tells that it was loaded, and
    /// the others end with it.
    fn load(&self, work: &mut Work<'_>, scanned: &HandlingUnitId) -> Outcome {
        let task = Arc::clone(&work.task);
        let is_on_it = |line: &&Line| line.handling_unit.as_ref() == Some(scanned);
        let unit = || scanned.clone();
        if !task.lines.iter().any(|line| is_on_it(&line)) {
            return Outcome::reject(Reason::UnitNotOnList { unit: unit() });
        }
        let open = task.lines.iter().filter(is_on_it);
        let open: Vec<_> = open.filter(|line| !work.standing.is_done(line)).collect();
        let Some((first, others)) = open.split_first() else {
            return Outcome::reject(Reason::UnitDone { unit: unit() });
        };
        let on_hold = |line: &&Line| blocked(work, line.item.as_ref()?, line.lot.as_deref());
        if let Some(reason) = open.iter().find_map(on_hold) {
            return Outcome::reject(reason);
        }
        if let Some(question) = open.iter().find_map(|line| work.doubt(Some(line.number))) {
            return work.ask(question, None);
        }
        let fact = |line: &Line, act, to| Draft {
            from: Some(Place::HandlingUnit(unit())),
            to,
            ..work.draft(act, Some(line.number))
        };
        let others = others.iter().map(|line| fact(line, Act::LineClosed, None));
        let mut drafts: Vec<_> = others.collect();
        drafts.push(fact(first, Act::Loaded, vehicle_of(work)));
        for draft in &drafts {
            work.standing.apply(draft);
        }
        self.go_on(work);
        Outcome::accept(drafts)
    }
}

fn plan_of<'w>(work: &'w Work<'_>) -> Option<&'w LoadPlan> {
    match &work.task.kind {
        TaskKind::Load(plan) => Some(plan),
        _ => None,
    }
}

fn vehicle_of(work: &Work<'_>) -> Option<Place> {
    plan_of(work).map(|plan| Place::Vehicle(plan.vehicle.clone()))
}

fn is_vehicle(work: &Work<'_>, text: &str) -> bool {
    plan_of(work).is_some_and(|plan| plan.vehicle.eq_ignore_ascii_case(text))
}

fn unit_of(line: &Line) -> Option<Place> {
    line.handling_unit.clone().map(Place::HandlingUnit)
}

/// A door or truck was scanned. Before the first unit the worker is told where the list of what is on hold is old.
fn confirm(work: &mut Work<'_>, scanned: &str, is_right: bool) -> Outcome {
    if !is_right {
        let wanted = plan_of(work).map(|plan| plan.vehicle.clone());
        return Outcome::reject(Reason::WrongVehicle {
            scanned: scanned.to_owned(),
            wanted: wanted.unwrap_or_default(),
        });
    }
    match stale_holds(work) {
        Some(question) if !work.stage.vehicle_confirmed => work.ask(question, None),
        _ => confirmed(work),
    }
}

fn confirmed(work: &mut Work<'_>) -> Outcome {
    work.stage.vehicle_confirmed = true;
    let vehicle = plan_of(work).map(|plan| plan.vehicle.clone());
    Outcome::go(Where::Vehicle(vehicle.unwrap_or_default()))
}

fn stale_holds(work: &Work<'_>) -> Option<Question> {
    let heard = work.desk.catalogue.holds().and_then(|holds| holds.heard);
    let minutes = heard
        .zip(work.desk.now.hub)
        .map(|(heard, hub)| hub.now.duration_since(heard).as_mins());
    let is_fresh = minutes.is_some_and(|minutes| minutes < HOLDS_FRESH_MINUTES);
    let minutes = minutes.map(|minutes| u32::try_from(minutes).unwrap_or(u32::MAX));
    (!is_fresh).then_some(Question::StaleHolds { minutes })
}

/// Asks the next check of the carrier; after the last one, the doors close: all of it is recorded together.
fn finish(work: &mut Work<'_>) -> Outcome {
    let checks = plan_of(work).map(|plan| plan.checks.clone()).unwrap_or_default();
    let is_told = |check: &Check| work.stage.told.iter().any(|(told, _)| told == check);
    if let Some(check) = checks.into_iter().find(|check| !is_told(check)) {
        return work.ask(Question::Observe { check, unit: None }, None);
    }
    let mut drafts = close_open_lines(work, unit_of);
    let observed = |(check, value): &(Check, String)| Draft {
        from: vehicle_of(work),
        observed: Some(Observation {
            check: *check,
            value: value.clone(),
        }),
        ..work.draft(Act::Observed, None)
    };
    drafts.extend(work.stage.told.iter().map(observed));
    end_task(work, drafts, None)
}

/// What is missing, while the worker is asked whether the truck goes without it.
fn missing(work: &Work<'_>) -> Vec<(Label, String)> {
    let question = work.stage.open.as_ref().map(|open| &open.question);
    if !matches!(question, Some(Question::EndTask { .. })) {
        return Vec::new();
    }
    let mut units: Vec<&HandlingUnitId> = Vec::new();
    for line in work.task.lines.iter().filter(|line| !work.standing.is_done(line)) {
        let unit = line.handling_unit.as_ref();
        units.extend(unit.filter(|unit| !units.contains(unit)));
        if units.len() > MISSING_SHOWN_MAX {
            break;
        }
    }
    let more = units.len() > MISSING_SHOWN_MAX;
    let shown = units.into_iter().take(MISSING_SHOWN_MAX).map(ToString::to_string);
    let shown = shown.chain(more.then(|| "…".to_owned()));
    shown.map(|unit| (Label::Missing, unit)).collect()
}
