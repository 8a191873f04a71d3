//! Several open tasks: one is kept while another is worked on, by the worker's wish or because it is more urgent.
//!
//! A more urgent task is offered once a line is done and nothing is in hand, beside the answer to the step that did it.
//! Whatever the worker scans or presses next but yes and no goes on with the work: no scan ahead of the screen is lost.

use std::sync::Arc;

use crate::ids::TaskId;
use crate::task::Task;
use crate::verdict::{Question, Reason, Verdict, Where};

use super::Session;
use super::list::holder_of;
use super::stage::Stage;
use super::work::{Desk, Outcome};

/// So much higher is the priority of a task that may interrupt another one. Planners number what is to be done in what
/// order in small steps; a step as large as this is no order but an alarm.
pub(crate) const URGENCY_MIN: i32 = 100;

/// Declined tasks that are remembered: more than are offered in a shift that goes well.
const DECLINED_MAX: usize = 16;

/// Whether a question is shown beside the work: anything but yes and no goes on with the work.
pub(super) const fn is_aside(question: &Question) -> bool {
    matches!(
        question,
        Question::Interrupt { .. } | Question::HandOver { .. } | Question::Figures
    )
}

impl Session {
    /// Puts away what is shown beside the work.
    pub(super) fn put_aside(&mut self) {
        let open = self.stage.open.as_ref();
        if open.is_some_and(|open| is_aside(&open.question)) {
            self.stage.drop_question();
        }
    }

    /// Whether the open task can be kept for another one: one at a time, and with nothing in hand.
    pub(super) fn may_keep(&self) -> bool {
        let stage = &self.stage;
        stage.task.is_some() && stage.kept.is_none() && stage.has_free_hands()
    }

    /// Keeps the open task, and shows the list.
    pub(super) fn keep_open_task(&mut self) -> Outcome {
        let Some(task) = self.stage.task.clone().filter(|_| self.may_keep()) else {
            return Outcome::reject(Reason::KeyUnused);
        };
        let kept = Some(Box::new(self.stage.at_rest()));
        self.stage = Stage {
            kept,
            ..Stage::default()
        };
        Outcome::go(Where::Kept(task))
    }

    /// Back to the task that was kept, from the list.
    pub(super) fn back_to_kept(&mut self) -> Option<Outcome> {
        let kept = self.stage.kept.take()?;
        self.stage = *kept;
        let task = self.stage.task.clone()?;
        Some(Outcome::go(Where::Task(task)))
    }

    /// Asks beside the answer to a step that ended a line whether to change to a more urgent task.
    pub(super) fn offer_more_urgent(&mut self, outcome: &Outcome, desk: &Desk<'_>) {
        let is_free = self.stage.open.is_none() && self.may_keep() && !self.stage.begun_here;
        if outcome.verdict != Verdict::Accept || !is_free {
            return;
        }
        let open = self.stage.task.as_ref().and_then(|id| desk.catalogue.task(id));
        // Where all is done, the list comes next anyway.
        let Some(open) = open.filter(|task| self.done_lines < task.lines.len()) else {
            return;
        };
        let floor = open.priority.saturating_add(URGENCY_MIN);
        let is_offered = |task: &&Arc<Task>| {
            task.priority >= floor
                && task.id != open.id
                && holder_of(task, desk).is_none()
                && !self.shift.declined.contains(&task.id)
        };
        let choices = self.choices(&outcome.drafts, desk);
        if let Some(urgent) = choices.iter().find(is_offered) {
            let task = urgent.id.clone();
            self.stage.ask(Question::Interrupt { task }, None);
        }
    }

    /// The worker changes to the more urgent task.
    pub(super) fn change_to(&mut self, id: &TaskId, desk: &Desk<'_>) -> Outcome {
        self.stage.drop_question();
        let Some(task) = desk.catalogue.task(id).filter(|task| task.is_open()) else {
            return Outcome::reject(Reason::TaskDone { task: id.clone() });
        };
        let before = self.stage.clone();
        let kept = self.keep_open_task();
        if matches!(kept.verdict, Verdict::Reject(_)) {
            return kept;
        }
        let opened = self.open(&task, desk);
        if matches!(opened.verdict, Verdict::Reject(_)) {
            self.stage = before;
        }
        opened
    }

    /// The worker goes on with the open task.
    pub(super) fn decline(&mut self, task: TaskId) -> Outcome {
        self.stage.drop_question();
        if self.shift.declined.len() >= DECLINED_MAX {
            self.shift.declined.remove(0);
        }
        self.shift.declined.push(task);
        Outcome::quiet()
    }
}
