//! What a judge works with: the surroundings of one step, the open task, and the outcome it answers.

use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::claim::Claim;
use crate::confirmation::{Act, Draft, RawScan, WorkReference};
use crate::event::Now;
use crate::ids::{ItemId, LineNumber, LocationId, TaskId, WorkerId};
use crate::label::{Inquiry, LabelOrder};
use crate::passed::Light;
use crate::quantity::Quantity;
use crate::standing::Standing;
use crate::task::{Line, Task};
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted, Where};

use super::Session;
use super::stage::{Piece, Stage};

/// The surroundings of one step.
#[derive(Clone)]
pub(crate) struct Desk<'a> {
    pub now: &'a Now,
    pub catalogue: &'a dyn Catalogue,
    pub worker: Option<WorkerId>,
    /// The read that is judged, for facts that are not about a piece with a read of its own.
    pub raw: Option<RawScan>,
    /// The gross weight on the label that is judged, in kilograms.
    pub gross_weight: Option<Quantity>,
    /// The task that this step begins: the catalogue has it once the step is committed.
    pub begun: Option<Arc<Task>>,
}

impl Desk<'_> {
    /// The task with this identity.
    pub fn task(&self, id: &TaskId) -> Option<Arc<Task>> {
        let begun = self.begun.as_ref().filter(|task| task.id == *id);
        begun.cloned().or_else(|| self.catalogue.task(id))
    }
}

/// The open task within a step.
pub(crate) struct Work<'a> {
    pub desk: &'a Desk<'a>,
    pub task: Arc<Task>,
    pub standing: Standing,
    /// Lines that were done before the step.
    pub done_lines: usize,
    pub stage: &'a mut Stage,
}

impl Work<'_> {
    /// The line in hand.
    pub fn line(&self) -> Option<&Line> {
        self.task.line(self.stage.line?)
    }

    /// The line that is worked on: the one in hand while something is left to do for it, else the next; what was left
    /// for later comes when nothing else is open.
    pub fn line_wanted(&self) -> Option<&Line> {
        let in_hand = self.line().filter(|line| !self.standing.is_done(line));
        in_hand.or_else(|| self.next_line())
    }

    /// The line after the one in hand that was not left for later, else the first that was.
    fn next_line(&self) -> Option<&Line> {
        let skipped = &self.stage.skipped;
        let next = self.standing.next_open(self.stage.line, skipped);
        next.or_else(|| self.open_lines(skipped).next())
    }

    fn open_lines<'w>(&'w self, numbers: &'w [LineNumber]) -> impl Iterator<Item = &'w Line> {
        let lines = numbers.iter().filter_map(|number| self.task.line(*number));
        lines.filter(|line| !self.standing.is_done(line))
    }

    /// Leaves the line that is wanted for later. Answers whether there is another one to go on with.
    pub fn leave_line(&mut self) -> bool {
        let Some(number) = self.line_wanted().map(|line| line.number) else {
            return false;
        };
        let mut skipped: Vec<_> = self
            .open_lines(&self.stage.skipped)
            .map(|line| line.number)
            .collect();
        skipped.retain(|known| *known != number);
        let is_only = skipped.is_empty() && {
            let without = [number];
            self.standing.next_open(Some(number), &without).is_none()
        };
        if is_only {
            return false;
        }
        skipped.push(number);
        self.stage.skipped = skipped;
        let next = self.standing.next_open(Some(number), &self.stage.skipped);
        let next = next.map(|line| line.number);
        self.stage.line = next.or_else(|| self.stage.skipped.first().copied());
        true
    }

    /// Who holds the task, and what is in doubt about it.
    pub fn claim(&self) -> Option<Arc<Claim>> {
        self.desk.catalogue.claim(&self.task.id)
    }

    /// What to ask before a line is done that another device may have done: once, and not where something of it was
    /// confirmed by this worker.
    pub fn doubt(&self, line: Option<LineNumber>) -> Option<Question> {
        let line = line?;
        let claim = self.claim()?;
        let holder = claim.in_doubt(line)?.to_owned();
        let is_done = self
            .task
            .line(line)
            .is_none_or(|line| self.standing.is_done(line));
        (!is_done && !self.stage.settled.contains(&line)).then_some(Question::MaybeDone { line, holder })
    }

    /// A fact of this task, without goods and places so far.
    pub fn draft(&self, act: Act, line: Option<LineNumber>) -> Draft {
        Draft {
            site: self.desk.catalogue.site().clone(),
            worker: self.desk.worker.clone(),
            work: Some(WorkReference {
                task: self.task.id.clone(),
                revision: self.task.revision,
                line,
                fence: self.claim().and_then(|claim| claim.fence()),
            }),
            act,
            goods: None,
            from: None,
            to: None,
            observed: None,
            started: None,
            exception: None,
            reverses: None,
            raw: self.desk.raw.clone(),
            pass: None,
            times: self.desk.now.times.clone(),
        }
    }

    /// Asks about the work, or about a piece.
    pub fn ask(&mut self, question: Question, piece: Option<Piece>) -> Outcome {
        self.stage.ask(question.clone(), piece);
        Outcome::of(Verdict::Ask(question))
    }

    /// Confirms a place.
    pub fn go_to(&mut self, location: LocationId) -> Outcome {
        self.stage.location = Some(location.clone());
        Outcome::of(Verdict::Go(Where::Location(location)))
    }
}

impl Session {
    /// The open task with its progress, as the catalogue has them.
    pub(super) fn standing(&self, desk: &Desk<'_>) -> Option<Standing> {
        let task = desk.task(self.stage.task.as_ref()?)?;
        let progress = desk.catalogue.progress(&task.id);
        Some(Standing::new(task, progress))
    }

    /// The open task, to be worked on.
    pub(crate) fn work<'a>(&'a mut self, desk: &'a Desk<'a>) -> Option<Work<'a>> {
        let task = desk.task(self.stage.task.as_ref()?)?;
        let standing = self.standing(desk)?;
        Some(Work {
            desk,
            task,
            standing,
            done_lines: self.done_lines,
            stage: &mut self.stage,
        })
    }
}

/// What a judge answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub verdict: Verdict,
    /// The facts to be written; some exactly where the verdict is [`Verdict::Accept`].
    pub drafts: Vec<Draft>,
    /// What the screen says beside the verdict.
    pub note: Option<Note>,
    /// The labels to be printed, after the sound.
    pub print: Vec<LabelOrder>,
    /// The task may be another one than before: what was derived from it is derived anew.
    pub recount: bool,
    /// What the hub is asked.
    pub inquire: Option<Inquiry>,
    /// Whether a place was confirmed: the worker had walked there.
    pub at_place: bool,
    /// What the lights of a portal show from now on.
    pub light: Option<Light>,
    /// What a pass came to.
    pub pass: Option<PassTold>,
}

/// What a pass came to, for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PassTold {
    /// The number of the pass.
    pub number: u64,
    /// Pieces that were recorded by their tags.
    pub pieces: u32,
    /// Handling units that were recorded as a whole.
    pub units: u32,
    /// What is to be looked at.
    pub checks: u32,
    /// Tags heard from elsewhere.
    pub stray: u32,
    /// Whether every tag that was heard is among those.
    pub is_whole: bool,
    /// Whether a handling unit came in and lacks something of what is announced on it.
    pub is_incomplete: bool,
}

impl PassTold {
    /// Whether somebody has to look.
    pub const fn is_in_doubt(self) -> bool {
        self.checks > 0 || !self.is_whole || self.is_incomplete
    }
}

/// What a screen says where the verdict alone does not tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    /// A question was left without an answer.
    NothingRecorded,
    /// The question is not open: the next scan answers it.
    AimAtOne,
    /// The hub changed the task.
    TaskChanged,
    /// A label is being printed.
    LabelOrdered,
}

impl Outcome {
    pub const fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            drafts: Vec::new(),
            note: None,
            print: Vec::new(),
            recount: false,
            inquire: None,
            at_place: false,
            light: None,
            pass: None,
        }
    }

    pub const fn quiet() -> Self {
        Self::of(Verdict::Quiet)
    }

    pub const fn go(place: Where) -> Self {
        Self::of(Verdict::Go(place))
    }

    pub const fn reject(reason: Reason) -> Self {
        Self::of(Verdict::Reject(reason))
    }

    pub const fn not_wanted(scanned: Scanned, wanted: Wanted) -> Self {
        Self::reject(Reason::NotWanted { scanned, wanted })
    }

    /// Facts to be written. There is at least one.
    pub fn accept(drafts: Vec<Draft>) -> Self {
        debug_assert!(!drafts.is_empty(), "what is accepted is a fact");
        Self {
            drafts,
            ..Self::of(Verdict::Accept)
        }
    }

    pub fn with_print(mut self, label: LabelOrder) -> Self {
        self.print.push(label);
        self
    }

    /// The outcome of a place that was scanned, or whose digits were typed.
    pub fn of_place(mut self) -> Self {
        self.at_place = !matches!(self.verdict, Verdict::Reject(_) | Verdict::Quiet);
        self
    }

    pub const fn with_note(mut self, note: Note) -> Self {
        self.note = Some(note);
        self
    }
}

/// What a piece is called where it was not wanted.
pub(crate) fn scanned(piece: &Piece) -> Scanned {
    match &piece.item {
        Some(item) => Scanned::Item(ItemId::clone(item)),
        None => Scanned::Text(piece.code.clone()),
    }
}
