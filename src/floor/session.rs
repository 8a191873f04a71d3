//! The worker's state, and the one function that changes it.
//!
//! An event is judged to the end: [`Session::step`] finds what it means (a code, a key, an answer), asks the judge
//! of the task's kind, and makes effects of the outcome. Nothing outside is touched, so the agent steps a clone
//! and keeps it once its commit is through.

mod answers;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod claim_cases;
mod events;
pub(crate) mod figures;
pub(crate) mod hand;
pub(crate) mod hand_over;
#[cfg(test)]
mod hand_over_cases;
mod inquiry;
#[cfg(test)]
mod inquiry_cases;
mod keys;
pub(crate) mod linking;
#[cfg(test)]
mod linking_cases;
mod list;
pub(crate) mod login;
#[cfg(test)]
mod login_cases;
mod menu;
mod missing;
mod other_task;
#[cfg(test)]
mod other_task_cases;
#[cfg(test)]
mod picture_cases;
pub(crate) mod pieces;
mod pull;
pub(crate) mod radio;
pub(crate) mod reporting;
mod show;
pub(crate) mod stage;
mod undo;
pub(crate) mod work;

use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::confirmation::Act;
use crate::event::{Effect, Event, Now, Step};
use crate::ids::{TaskId, WorkerId};
use crate::task::Task;
use crate::verdict::{Verdict, Where};
use crate::view::{Message, Tone};
use crate::words::{Language, Names, words};

use login::{Shift, language_of};
use stage::{LeftChecks, Stage, Undo};
use work::{Desk, Note, Outcome};

/// The worker's state on one device: who works, on which task, at which step, which question is open, and what
/// can be taken back. Cloning it is cheap; the agent steps a clone and keeps it once the commit is through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    pub(crate) worker: Option<WorkerId>,
    pub(crate) stage: Stage,
    /// Steps that can be taken back, the newest last.
    pub(crate) undo: Vec<Arc<Undo>>,
    /// Lines of the open task that are done. It follows from progress; counting it anew with each step would be a
    /// pass over the task, so it is counted when the task or its figures change, and carried on between.
    pub(crate) done_lines: usize,
    /// The answer to the last event.
    pub(crate) message: Option<Message>,
    /// What is kept from log-in to log-out.
    pub(crate) shift: Shift,
    /// The receipt that was left last while something of its passes was still to be looked at.
    pub(crate) left_checks: Option<LeftChecks>,
}

impl Session {
    /// A session nobody has used yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges one event to the end and says what to do about it.
    pub fn step(&mut self, event: Event, now: &Now, catalogue: &impl Catalogue) -> Step {
        let desk = Desk {
            now,
            catalogue,
            worker: self.worker.clone(),
            raw: None,
            begun: None,
            gross_weight: None,
        };
        let before = self.stage.at_rest();
        let is_from_outside = matches!(event, Event::Refresh | Event::TaskChanged(_) | Event::Told(_));
        let is_of_worker = matches!(event, Event::Scans(_) | Event::Key(_));
        let outcome = self.judge(event, &desk);
        let is_other_task = before.task != self.stage.task;
        self.keep_undo(before, &outcome, &desk);
        let desk = Desk {
            begun: begun(&outcome),
            ..desk
        };
        let lines = self.follow(&outcome, is_other_task, &desk);
        if is_of_worker {
            self.count_figures(&outcome, lines, now);
        }
        if lines > 0 {
            self.offer_more_urgent(&outcome, &desk);
        }
        // The answer to what the worker did stays until the worker does something.
        let is_unnoticed =
            outcome.verdict == Verdict::Quiet && outcome.note.is_none() && outcome.pass.is_none();
        if !(is_from_outside && is_unnoticed) {
            self.message = message(&outcome, self.worker.as_ref(), &desk);
        }
        let mut effects: Vec<Effect> = outcome.drafts.iter().cloned().map(Effect::Persist).collect();
        if effects.is_empty() && matches!(outcome.verdict, Verdict::Go(_)) {
            effects.push(Effect::SaveSession);
        }
        effects.push(Effect::Show(self.view(&outcome, &desk)));
        effects.extend(tone(&outcome.verdict).map(Effect::Sound));
        effects.extend(outcome.light.map(Effect::Light));
        effects.extend(outcome.print.into_iter().map(Effect::Print));
        effects.extend(outcome.inquire.map(Effect::Inquire));
        Step {
            verdict: outcome.verdict,
            effects,
        }
    }

    /// Who is logged in.
    pub const fn worker(&self) -> Option<&WorkerId> {
        self.worker.as_ref()
    }

    /// The language of whoever is logged in, else the device's.
    pub fn language(&self, catalogue: &dyn Catalogue) -> Language {
        language_of(catalogue, self.worker.as_ref())
    }

    /// The task that is open.
    pub const fn task(&self) -> Option<&TaskId> {
        self.stage.task.as_ref()
    }

    /// Whether nothing is half done: no question is open, nothing is typed, and nothing is in hand.
    pub fn is_at_rest(&self) -> bool {
        self.stage == self.stage.at_rest() && self.stage.in_hand.is_none() && self.stage.hand.is_empty()
    }

    /// The task that the device holds for its worker: the open one, or the one that was kept while the floor itself began
    /// another, which nobody else can have.
    pub fn planned_task(&self) -> Option<&TaskId> {
        self.planned().task.as_ref()
    }

    /// Whether the worker was told who else holds that task, and works on it all the same.
    pub fn takes_over(&self) -> bool {
        self.planned().take_over
    }

    fn planned(&self) -> &Stage {
        let mut stages = std::iter::successors(Some(&self.stage), |stage| stage.kept.as_deref());
        let planned = stages.find(|stage| stage.task.is_some() && !stage.begun_here);
        planned.unwrap_or(&self.stage)
    }

    /// Carries the number of done lines on, or counts it where the task may be another one. Answers how many lines the step
    /// has done.
    fn follow(&mut self, outcome: &Outcome, is_other_task: bool, desk: &Desk<'_>) -> u32 {
        let Some(mut standing) = self.standing(desk) else {
            self.done_lines = 0;
            return 0;
        };
        if outcome.recount || is_other_task || matches!(outcome.verdict, Verdict::Go(Where::Task(_))) {
            self.done_lines = standing.done_lines();
        }
        let mut lines = 0;
        for draft in &outcome.drafts {
            let change = standing.apply(draft);
            self.done_lines = self.done_lines.saturating_add_signed(change);
            if draft.act != Act::Reversed && change > 0 {
                lines += 1;
            }
        }
        lines
    }
}

/// The task that the floor itself began with this step.
fn begun(outcome: &Outcome) -> Option<Arc<Task>> {
    let mut drafts = outcome.drafts.iter();
    let first = drafts.find(|draft| draft.act == Act::TaskStarted)?;
    first.started.clone()
}

/// How a verdict sounds; a quiet one does not.
const fn tone(verdict: &Verdict) -> Option<Tone> {
    match verdict {
        Verdict::Accept | Verdict::Go(_) => Some(Tone::Good),
        Verdict::Reject(_) => Some(Tone::Bad),
        Verdict::Ask(_) => Some(Tone::Ask),
        Verdict::Quiet => None,
    }
}

/// What the screen answers. A question that stays open is shown as such, not as an answer.
fn message(outcome: &Outcome, worker: Option<&WorkerId>, desk: &Desk<'_>) -> Option<Message> {
    let words = words(language_of(desk.catalogue, worker));
    let names = Names::new(desk.catalogue).of_worker(worker);
    if let Some(pass) = outcome.pass {
        return Some(Message {
            tone: if pass.is_in_doubt() { Tone::Ask } else { Tone::Good },
            sentences: words.passed(&pass, &names),
        });
    }
    let sentences = match &outcome.verdict {
        Verdict::Accept => words.recorded(outcome.drafts.last()?, &names),
        Verdict::Go(place) => words.went(place, &names),
        Verdict::Reject(reason) => words.rejected(reason, &names),
        Verdict::Ask(_) if outcome.note != Some(Note::AimAtOne) => return None,
        Verdict::Ask(question) => vec![words.question(question, &names)],
        Verdict::Quiet => vec![words.note(outcome.note?)],
    };
    Some(Message {
        tone: tone(&outcome.verdict).unwrap_or(Tone::Calm),
        sentences,
    })
}
