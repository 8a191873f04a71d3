//! Counting places, blind: whatever lies there is counted, and what is expected is nowhere to be seen.
//!
//! A line names a place, and where it names an item too, only that item is counted there. A place is ended as a whole,
//! with all its lines.

mod places;
mod reports;
mod swept;

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Goods, Place, StockStatus};
use crate::ids::{HandlingUnitId, ItemId, LocationId, WorkerId};
use crate::label::Inquiry;
use crate::plan::{CountPlan, CountScope};
use crate::quantity::Quantity;
use crate::session::stage::{LookUp, Piece, Tally};
use crate::session::work::{Outcome, Work, scanned};
use crate::task::{Task, TaskKind};
use crate::verdict::{MissingPiece, Question, Reason, Scanned, Verdict, Wanted, Where};
use crate::words::Instruction;

use super::{BigThing, Judge, Movement, Picture, done_or_ask, end_task};
use places::{lines_at, next_line, open_at, put_off};

pub(crate) struct Count;

/// Why a count ended with places left: the word of the exception report.
const NOT_COUNTED: &str = "not_counted";

impl Judge for Count {
    fn opened(&self, _work: &mut Work<'_>) {}

    /// A recount is for somebody who did not count before.
    fn may_work(&self, task: &Task, worker: Option<&WorkerId>) -> Result<(), Reason> {
        let not_by = plan(task).map(|plan| plan.not_by.as_slice()).unwrap_or_default();
        match worker {
            None if !not_by.is_empty() => Err(Reason::NoWorker),
            Some(worker) if not_by.contains(worker) => Err(Reason::CountedBefore {
                task: task.id.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn wanted(&self, work: &Work<'_>) -> Wanted {
        let Some(location) = &work.stage.location else {
            return match work.line_wanted() {
                Some(_) => Wanted::AnyLocation,
                None => Wanted::Done,
            };
        };
        let mut open = open_at(work, location);
        match (open.next().and_then(|line| line.item.clone()), open.next()) {
            (Some(item), None) => Wanted::Item(item),
            _ => Wanted::AnyItem,
        }
    }

    /// A place of the task; any order, but one is ended before the next begins.
    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        if let Some(current) = work.stage.location.clone()
            && current != scanned
            && (!work.stage.tally.is_empty()
                || swept::figures(work, &current).is_some_and(|figures| figures.sure > 0))
        {
            let wanted = current;
            return Outcome::reject(Reason::WrongLocation { scanned, wanted });
        }
        if lines_at(work, &scanned).next().is_none() {
            let wanted = self.wanted(work);
            return Outcome::not_wanted(Scanned::Location(scanned), wanted);
        }
        let Some(number) = open_at(work, &scanned).next().map(|line| line.number) else {
            return Outcome::reject(Reason::PlaceCounted { location: scanned });
        };
        if work.stage.location.as_ref() != Some(&scanned) {
            work.stage.tally = Tally::default();
        }
        work.stage.line = Some(number);
        work.stage.marked = None;
        work.stage.closed_place = None;
        if is(work, CountScope::ZeroStock) && !places::is_begun(work, &scanned) {
            work.stage.location = Some(scanned.clone());
            return work.ask(Question::Empty { location: scanned }, None);
        }
        work.go_to(scanned)
    }

    /// What is in it is not known here: it is recorded that it stands in this place, and the hub knows the rest.
    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        let Some(location) = work.stage.location.clone() else {
            return Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), self.wanted(work));
        };
        // Damaged goods were announced: they are told apart by their labels, not as a unit.
        if work.stage.marked.is_some() {
            return Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), self.wanted(work));
        }
        let called = ItemId::from(scanned.as_str());
        if work.stage.tally.has(&called) {
            return Outcome::reject(Reason::UnitDone { unit: scanned });
        }
        work.stage.tally.add(&called, Quantity::ONE);
        let draft = Draft {
            from: Some(Place::HandlingUnit(scanned)),
            to: Some(Place::Location(location)),
            exception: Some(ExceptionReport {
                code: ExceptionCode::Found,
                reason: None,
                quantity: None,
            }),
            ..work.draft(Act::Reported, work.stage.line)
        };
        Outcome::accept(vec![draft])
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        let Some(location) = &work.stage.location else {
            let (scanned, wanted) = (scanned(piece), self.wanted(work));
            return Err(Verdict::Reject(Reason::NotWanted { scanned, wanted }));
        };
        if let Some(marked) = &work.stage.marked {
            piece.status = StockStatus::Damaged;
            piece.reason.clone_from(&marked.reason);
        }
        let line = places::line_for(work, location, piece.item.as_ref());
        piece.line = line.map(|line| line.number);
        let is_foreign = piece.item.is_none() || line.is_none();
        if is_foreign && !piece.has_agreed(ExceptionCode::Found) {
            let code = piece.code.clone();
            return Err(Verdict::Ask(Question::Found { code }));
        }
        swept::look_at(work, location, piece)
    }

    /// Nothing: who is told a number counts that number.
    fn proposed(&self, _work: &Work<'_>, _piece: &Piece) -> Option<Quantity> {
        None
    }

    fn limit(
        &self,
        _work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        let is_found = piece.item.is_none() || piece.line.is_none();
        let code = match piece.status {
            StockStatus::Damaged => ExceptionCode::Damaged,
            _ if is_found => ExceptionCode::Found,
            _ if piece.has_agreed(ExceptionCode::TagMissing) => ExceptionCode::TagMissing,
            _ => return Ok(None),
        };
        Ok(Some(ExceptionReport {
            code,
            reason: piece.reason.clone(),
            quantity: Some(quantity),
        }))
    }

    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement {
        Movement {
            act: Act::Counted,
            from: None,
            to: work.stage.location.clone().map(Place::Location),
            handling_unit: piece.unit_on_label.clone(),
        }
    }

    fn recorded(&self, work: &mut Work<'_>, piece: &Piece, quantity: Quantity) -> bool {
        work.stage.tally.add(&piece.called(), quantity);
        work.stage.marked = None;
        // How many more are damaged is not typed: each says so of its own.
        piece.status != StockStatus::Damaged
    }

    fn short(&self, _work: &mut Work<'_>) -> Outcome {
        Outcome::reject(Reason::KeyUnused)
    }

    fn exceptions(&self, work: &Work<'_>) -> Vec<ExceptionCode> {
        reports::codes(work)
    }

    fn exception(&self, work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
        reports::report(work, self, report)
    }

    /// The place shown is left for later, or the one in hand where nothing was counted there.
    fn skip(&self, work: &mut Work<'_>) -> Outcome {
        if !work.stage.tally.is_empty() {
            return Outcome::reject(Reason::KeyUnused);
        }
        let shown = next_line(work).and_then(|line| line.location.clone());
        let Some(location) = work.stage.location.clone().or(shown) else {
            return Outcome::reject(Reason::KeyUnused);
        };
        put_off(work, &location);
        work.stage.location = None;
        Outcome::go(Where::Skipped)
    }

    fn place_wanted(&self, work: &Work<'_>) -> Option<LocationId> {
        if work.stage.location.is_some() {
            return None;
        }
        next_line(work)?.location.clone()
    }

    /// The place is counted; without a place, the task is. A physical inventory does not end before every place was
    /// looked at, or reported.
    fn done(&self, work: &mut Work<'_>) -> Outcome {
        let Some(location) = work.stage.location.clone() else {
            return match is(work, CountScope::PhysicalInventory) && work.line_wanted().is_some() {
                true => places_open(work),
                false => done_or_ask(work),
            };
        };
        if open_at(work, &location).next().is_none() {
            work.stage.location = None;
            work.stage.tally = Tally::default();
            return Outcome::reject(Reason::PlaceCounted { location });
        }
        let swept = swept_there(work, &location);
        if let Some(question) = swept.as_ref().and_then(|swept| swept.unsure(&location)) {
            return work.ask(question, None);
        }
        let is_whole = open_at(work, &location).any(|line| line.item.is_none());
        let has_tags = swept.is_some_and(|swept| !swept.is_empty());
        let is_empty = is_whole && !has_tags && !places::is_begun(work, &location);
        let question = match is_empty {
            true => Question::Empty { location },
            false => Question::CountComplete { location },
        };
        work.ask(question, None)
    }

    fn agreed(&self, work: &mut Work<'_>, question: &Question) -> Outcome {
        match question {
            Question::Empty { location }
            | Question::CountComplete { location }
            | Question::Unsure { location, .. } => counted(work, location),
            Question::Locate { piece } => located(work, piece),
            Question::EndTask { .. } if is(work, CountScope::PhysicalInventory) => places_open(work),
            // Places nobody went to are not empty: they stay uncounted, and the hub is told.
            Question::EndTask { .. } => {
                let exception = ExceptionReport {
                    code: ExceptionCode::Short,
                    reason: Some(NOT_COUNTED.to_owned()),
                    quantity: None,
                };
                end_task(work, Vec::new(), Some(exception))
            }
            _ => Outcome::quiet(),
        }
    }

    /// Nothing is in hand: what was not found in the place that was swept last can be looked for.
    fn entered(&self, work: &mut Work<'_>) -> Outcome {
        match (&work.stage.location, work.stage.closed_place.clone()) {
            (None, Some(location)) => missing(work, location),
            _ => Outcome::quiet(),
        }
    }

    fn picture(&self, work: &Work<'_>) -> Picture {
        let in_hand = work.stage.tally.newest();
        let next = next_line(work);
        let wanted = self.wanted(work);
        let sweep = work.stage.location.as_ref();
        let sweep = sweep.and_then(|location| swept::figures(work, location));
        let sweep = sweep.filter(|figures| figures.sure + figures.maybe > 0 && work.stage.marked.is_none());
        let (instruction, big) = match &wanted {
            Wanted::Done => (Instruction::Complete, None),
            Wanted::AnyLocation => {
                let place = next.and_then(|line| line.location.clone());
                (Instruction::ScanLocation, place.map(BigThing::Location))
            }
            _ => {
                let number = match &sweep {
                    Some(figures) => Some(BigThing::Tags(figures.sure)),
                    None => in_hand.map(|(_, quantity)| BigThing::Number(*quantity)),
                };
                let instruction = match (&work.stage.marked, &wanted) {
                    (Some(_), _) => Instruction::ScanDamaged,
                    // The worker is told why so much is asked about.
                    _ if sweep.is_some_and(|figures| figures.is_done && figures.maybe > figures.sure) => {
                        Instruction::TooCloseToTell
                    }
                    _ if sweep.is_some_and(|figures| figures.is_done) => Instruction::SweepDone,
                    _ if sweep.is_some() => Instruction::KeepSweeping,
                    (None, Wanted::Item(_)) => Instruction::ScanItem,
                    _ => Instruction::ScanAnyItem,
                };
                (instruction, number)
            }
        };
        let named = match wanted {
            Wanted::Item(item) => Some(item),
            Wanted::AnyLocation => next.and_then(|line| line.item.clone()),
            _ => None,
        };
        let shown = in_hand.map(|(item, _)| item.clone()).or(named);
        let counted = work.stage.tally.counted.iter();
        // The big number is that of the tags, so that what was counted by barcode is listed whole.
        let is_shown_big = in_hand.is_some() && sweep.is_none();
        let shown = shown.filter(|_| sweep.is_none());
        Picture {
            big,
            piece: shown.map(|item| Piece {
                item: Some(item),
                ..Piece::default()
            }),
            counted: counted.skip(usize::from(is_shown_big)).cloned().collect(),
            sweep,
            missing: work.stage.location.is_none() && work.stage.closed_place.is_some(),
            skip: work.stage.tally.is_empty() && next.is_some(),
            done: true,
            ..Picture::of(instruction)
        }
    }
}

fn plan(task: &Task) -> Option<&CountPlan> {
    match &task.kind {
        TaskKind::Count(plan) => Some(plan),
        _ => None,
    }
}

fn is(work: &Work<'_>, scope: CountScope) -> bool {
    plan(&work.task).is_some_and(|plan| plan.scope == scope)
}

fn places_open(work: &Work<'_>) -> Outcome {
    let open_lines = work
        .task
        .lines
        .iter()
        .filter(|line| !work.standing.is_done(line))
        .count();
    Outcome::reject(Reason::PlacesOpen { open_lines })
}

/// What the tags of a place come to, where there are some.
fn swept_there(work: &Work<'_>, location: &LocationId) -> Option<swept::Read> {
    let figures = swept::figures(work, location)?;
    (figures.sure + figures.maybe > 0).then(|| swept::Read::of(work, location))
}

/// Ends a place with all its lines, and counts the tags that are sure. A look at a place that should be empty ends with
/// it.
fn counted(work: &mut Work<'_>, location: &LocationId) -> Outcome {
    let swept = swept_there(work, location);
    let mut drafts = swept.map_or_else(Vec::new, |swept| swept.drafts(work, location));
    let is_swept = !drafts.is_empty();
    let numbers: Vec<_> = open_at(work, location).map(|line| line.number).collect();
    if numbers.is_empty() {
        places::leave(work);
        return Outcome::quiet();
    }
    for number in numbers {
        drafts.push(Draft {
            to: Some(Place::Location(location.clone())),
            ..work.draft(Act::LocationCounted, Some(number))
        });
    }
    for draft in &drafts {
        work.standing.apply(draft);
    }
    places::leave(work);
    work.stage.closed_place = is_swept.then(|| location.clone());
    match is(work, CountScope::ZeroStock) && work.line_wanted().is_none() {
        true => end_task(work, drafts, None),
        false => Outcome::accept(drafts),
    }
}

/// Asks the hub what the book has in a place that nobody counted there. Before the place was closed nobody may know.
fn missing(work: &mut Work<'_>, location: LocationId) -> Outcome {
    let inquiry = Inquiry::Missing {
        task: work.task.id.clone(),
        location: location.clone(),
    };
    let question = Question::Missing {
        location,
        pieces: Vec::new(),
        more: 0,
    };
    let outcome = work.ask(question, None);
    work.stage.look_up = Some(LookUp {
        inquiry: inquiry.clone(),
        answer: None,
    });
    Outcome {
        inquire: Some(inquiry),
        ..outcome
    }
}

/// A piece was found in a place that is closed: it is recorded beside the count, and who decides about the difference
/// sees it.
fn located(work: &mut Work<'_>, piece: &MissingPiece) -> Outcome {
    let Some(location) = work.stage.closed_place.clone() else {
        return Outcome::quiet();
    };
    let called = &piece.item;
    if work.standing.has_serial(called, &piece.serial) {
        let serial = piece.serial.clone();
        return Outcome::reject(Reason::SerialRepeated { serial });
    }
    let item = work.desk.catalogue.item(called);
    let code = item
        .as_ref()
        .and_then(|item| Some(item.codes.first()?.code.clone()));
    let goods = Goods {
        item: Some(called.clone()),
        code: code.unwrap_or_else(|| called.to_string()),
        quantity: Quantity::ONE,
        unit: item.as_ref().map(|item| item.unit.clone()).unwrap_or_default(),
        pack: Quantity::ONE,
        lot: piece.lot.clone(),
        serials: vec![piece.serial.clone()],
        expiry: None,
        weight: None,
        handling_unit: None,
        status: StockStatus::Available,
        owner: item.and_then(|item| item.owner.clone()),
    };
    let draft = Draft {
        goods: Some(goods),
        to: Some(Place::Location(location)),
        exception: Some(ExceptionReport {
            code: ExceptionCode::Found,
            reason: None,
            quantity: Some(Quantity::ONE),
        }),
        ..work.draft(Act::Counted, None)
    };
    work.standing.apply(&draft);
    Outcome::accept(vec![draft])
}
