//! The kinds of work, one file each: what a judge of the kind answers to codes and keys.
//!
//! A further kind is a variant of [`TaskKind`](crate::TaskKind), a file here that implements [`Judge`], a row in
//! [`judge_of`], and what the compiler then asks for: its form on the wire and its words.

mod count;
pub(crate) mod exceptions;
mod fetching;
mod inspect;
mod lines_for;
mod load;
mod moving;
mod pack;
mod pick;
mod putaway;
pub(crate) mod receive;
mod relocate;
mod replenish;
mod returns;
mod set_down;
mod tagged;

#[cfg(test)]
mod count_cases;
#[cfg(test)]
mod count_swept_cases;
#[cfg(test)]
mod inspect_cases;
#[cfg(test)]
mod load_cases;
#[cfg(test)]
mod move_cases;
#[cfg(test)]
mod pack_cases;
#[cfg(test)]
mod pick_cases;
#[cfg(test)]
mod pick_cluster_cases;
#[cfg(test)]
mod pick_problem_cases;
#[cfg(test)]
mod putaway_cases;
#[cfg(test)]
mod receive_cases;
#[cfg(test)]
mod replenish_cases;
#[cfg(test)]
mod returns_cases;

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place};
use crate::ids::{HandlingUnitId, LineNumber, LocationId, WorkerId};
use crate::passed::Passed;
use crate::plan::Check;
use crate::quantity::Quantity;
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work};
use crate::swept::SweepFigures;
use crate::task::{Task, TaskKind};
use crate::verdict::{Question, Reason, Verdict, Wanted, Where};
use crate::words::{Instruction, Label};

/// What one kind of work says to what a worker does. The session has found out what a code is, asks for what an
/// item demands, and keeps what can be taken back; the rest is the kind's.
pub(crate) trait Judge: Sync {
    /// The task was opened.
    fn opened(&self, work: &mut Work<'_>);

    /// The hub changed the task.
    fn changed(&self, _work: &mut Work<'_>) {}

    /// What is wanted next.
    fn wanted(&self, work: &Work<'_>) -> Wanted;

    /// A location was scanned.
    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome;

    /// A tote, carton or pallet was scanned.
    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome;

    /// Enter was pressed and nothing is asked.
    fn entered(&self, _work: &mut Work<'_>) -> Outcome {
        Outcome::quiet()
    }

    /// Judges a piece of which all is known that its item demands, and asks what the kind wants to know of it besides.
    fn look_at(&self, _work: &Work<'_>, _piece: &mut Piece) -> Result<(), Verdict> {
        Ok(())
    }

    /// Finds the line a piece is for, and judges what is known of the piece so far.
    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict>;

    /// The number proposed where the worker enters it, in the packaging scanned.
    fn proposed(&self, work: &Work<'_>, piece: &Piece) -> Option<Quantity>;

    /// Judges the quantity of a piece: the exception to record with it, if any.
    fn limit(
        &self,
        work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict>;

    /// Whether goods that are on hold may be recorded here, as such: where they come in, are found, or are put away. They
    /// are not picked, packed or loaded.
    fn takes_what_is_on_hold(&self) -> bool {
        true
    }

    /// A piece is known whole: whether something has to be scanned before it is recorded, and it stays in hand.
    fn holds_back(&self, _work: &mut Work<'_>, _piece: &Piece, _quantity: Quantity) -> Option<Outcome> {
        None
    }

    /// Whether goods may be reported that were recorded before: those are given another status.
    fn reports_what_is_recorded(&self) -> bool {
        false
    }

    /// What was done with a piece, from where to where.
    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement;

    /// A piece was recorded: where the work goes on. Answers whether more of the same may follow.
    fn recorded(&self, work: &mut Work<'_>, piece: &Piece, quantity: Quantity) -> bool;

    /// There is less than expected: the key for the exception that is met most.
    fn short(&self, work: &mut Work<'_>) -> Outcome;

    /// The exception codes that mean something now, in the order of their keys.
    fn exceptions(&self, _work: &Work<'_>) -> Vec<ExceptionCode> {
        exceptions::USUAL.to_vec()
    }

    /// An exception code was chosen, and a reason where the site has some for it. Called again with the quantity where
    /// the judge asked for one.
    fn exception(&self, work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
        exceptions::reported(work, report)
    }

    /// The line in hand is left for later.
    fn skip(&self, _work: &mut Work<'_>) -> Outcome {
        Outcome::reject(Reason::KeyUnused)
    }

    /// What was asked to be looked at or measured was told: a number that is checked already, or text.
    fn observed(&self, _work: &mut Work<'_>, _check: Check, _value: String) -> Outcome {
        Outcome::quiet()
    }

    /// Goods went through a portal.
    fn passed(&self, _work: &mut Work<'_>, _passed: &Passed) -> Outcome {
        Outcome::quiet()
    }

    /// A text was scanned that is no item's code: what the kind makes of it, if anything.
    fn text(&self, _work: &mut Work<'_>, _text: &str) -> Option<Outcome> {
        None
    }

    /// The place that is wanted, for the digits painted beside it.
    fn place_wanted(&self, work: &Work<'_>) -> Option<LocationId> {
        match self.wanted(work) {
            Wanted::Location(location) => Some(location),
            _ => None,
        }
    }

    /// Digits were typed at rest where a place is wanted: whether they are those painted beside it.
    fn check_digits(&self, work: &mut Work<'_>, typed: &str) -> Outcome {
        check_digits(self.place_wanted(work), work, typed)
    }

    /// Whether a worker may work on a task, or nobody who is logged in.
    fn may_work(&self, _task: &Task, _worker: Option<&WorkerId>) -> Result<(), Reason> {
        Ok(())
    }

    /// The place or the task is done.
    fn done(&self, work: &mut Work<'_>) -> Outcome;

    /// A question about the work was answered with yes.
    fn agreed(&self, work: &mut Work<'_>, question: &Question) -> Outcome;

    /// What the screen says.
    fn picture(&self, work: &Work<'_>) -> Picture;
}

/// The judge of a kind of work.
pub(crate) fn judge_of(kind: &TaskKind) -> &'static dyn Judge {
    match kind {
        TaskKind::Receive(_) => &receive::Receive,
        TaskKind::Return(_) => &returns::Return,
        TaskKind::Putaway => &putaway::Putaway,
        TaskKind::Replenish => &replenish::Replenish,
        TaskKind::Move => &relocate::Move,
        TaskKind::Pick(_) => &pick::Pick,
        TaskKind::Pack(_) => &pack::Pack,
        TaskKind::Load(_) => &load::Load,
        TaskKind::Count(_) => &count::Count,
        TaskKind::Inspect(_) => &inspect::Inspect,
    }
}

/// What was done with goods.
pub(crate) struct Movement {
    pub act: Act,
    pub from: Option<Place>,
    pub to: Option<Place>,
    /// The handling unit the goods are in.
    pub handling_unit: Option<HandlingUnitId>,
}

/// What a screen shows of the work, before it is put into words.
pub(crate) struct Picture {
    pub instruction: Instruction,
    /// The one big thing.
    pub big: Option<BigThing>,
    /// The item in hand or wanted, and how it is to be.
    pub piece: Option<Piece>,
    /// The place after this one.
    pub next: Option<LocationId>,
    /// What was counted in this place, the newest first.
    pub counted: Vec<(crate::ids::ItemId, Quantity)>,
    /// What else is worth a line, with what it is.
    pub more: Vec<(Label, String)>,
    /// Whether the keys for a short line, for skipping a line, and for the end are of use now.
    pub short: bool,
    pub skip: bool,
    pub done: bool,
    /// Whether a handling unit can be opened and taken piece by piece.
    pub open_unit: bool,
    /// What the handling unit in hand is: what goods go into, or what they come from; not shown where `None`.
    pub unit: Option<Label>,
    /// Whether Enter makes a new carton.
    pub new_unit: bool,
    /// How far the sweep of the place is.
    pub sweep: Option<SweepFigures>,
    /// Whether Enter asks what is missing in the place that was closed last.
    pub missing: bool,
}

impl Picture {
    /// A screen with nothing but an instruction.
    pub const fn of(instruction: Instruction) -> Self {
        Self {
            instruction,
            big: None,
            piece: None,
            next: None,
            counted: Vec::new(),
            more: Vec::new(),
            short: false,
            skip: false,
            done: false,
            open_unit: false,
            unit: Some(Label::Tote),
            new_unit: false,
            sweep: None,
            missing: false,
        }
    }
}

/// The one big thing on a screen.
pub(crate) enum BigThing {
    /// A place.
    Location(LocationId),
    /// A tote, carton or pallet.
    HandlingUnit(HandlingUnitId),
    /// So many of so many.
    Of(Quantity, Quantity),
    /// So many.
    Number(Quantity),
    /// So many tags.
    Tags(u32),
    /// A piece, by its serial number and its item.
    Serial(String, crate::ids::ItemId),
}

/// Leaves the line in hand for later, where there is another one to go on with.
fn skip_line(work: &mut Work<'_>) -> Outcome {
    match work.leave_line() {
        true => Outcome::go(Where::Skipped),
        false => Outcome::reject(Reason::KeyUnused),
    }
}

/// Whether more than one line is open: there is something to skip to.
fn has_more(work: &Work<'_>) -> bool {
    work.task.lines.len() > work.done_lines + 1
}

/// Takes a place for confirmed whose check digits were typed: the one that is wanted, and no other.
fn check_digits(wanted: Option<LocationId>, work: &mut Work<'_>, typed: &str) -> Outcome {
    let Some(location) = wanted else {
        return Outcome::reject(Reason::KeyUnused);
    };
    let known = work.desk.catalogue.location(&location);
    match known.and_then(|known| known.check_digits.clone()) {
        None => Outcome::reject(Reason::KeyUnused),
        Some(digits) if digits == typed => judge_of(&work.task.kind).location(work, location),
        Some(_) => Outcome::reject(Reason::WrongCheckDigits { location }),
    }
}

/// Ends the task, or asks where lines are open.
fn done_or_ask(work: &mut Work<'_>) -> Outcome {
    let lines = &work.task.lines;
    let open_lines = lines.iter().filter(|line| !work.standing.is_done(line)).count();
    if open_lines > 0 {
        return work.ask(Question::EndTask { open_lines }, None);
    }
    end_task(work, Vec::new(), None)
}

/// Ends the task: first what closes its lines, then the end itself. The session goes back to the task that was kept
/// meanwhile, or to the list.
fn end_task(work: &mut Work<'_>, mut drafts: Vec<Draft>, exception: Option<ExceptionReport>) -> Outcome {
    drafts.push(Draft {
        exception,
        ..work.draft(Act::TaskClosed, None)
    });
    work.stage.leave();
    Outcome::accept(drafts)
}

/// What closes each open line as short; the places as the kind says them.
fn close_open_lines(work: &Work<'_>, from: impl Fn(&crate::Line) -> Option<Place>) -> Vec<Draft> {
    let open = work.task.lines.iter().filter(|line| !work.standing.is_done(line));
    let close = |line: &crate::Line| {
        let from = from(line);
        short_line(work, line, from, None)
    };
    open.map(close).collect()
}

/// Leaves a line to the records of the device that held the task before: it is closed here, and a supervisor waits for
/// them.
pub(crate) fn left_to_other(work: &mut Work<'_>, number: LineNumber) -> Outcome {
    let Some(line) = work.task.line(number) else {
        return Outcome::quiet();
    };
    let open = work.standing.open(line);
    let draft = Draft {
        from: line.location.clone().map(Place::Location),
        exception: Some(ExceptionReport {
            code: ExceptionCode::Elsewhere,
            reason: None,
            quantity: Some(open).filter(|open| open.is_positive()),
        }),
        ..work.draft(Act::LineClosed, Some(number))
    };
    work.standing.apply(&draft);
    work.stage.line = None;
    work.stage.location = None;
    work.stage.tally = Default::default();
    judge_of(&work.task.kind).changed(work);
    Outcome::accept(vec![draft])
}

/// Ends a line with less than expected.
fn short_line(work: &Work<'_>, line: &crate::Line, from: Option<Place>, reason: Option<&str>) -> Draft {
    let missing = work.standing.open(line);
    Draft {
        from,
        exception: Some(ExceptionReport {
            code: ExceptionCode::Short,
            reason: reason.map(str::to_owned),
            quantity: Some(missing).filter(|missing| missing.is_positive()),
        }),
        ..work.draft(Act::LineClosed, Some(line.number))
    }
}
