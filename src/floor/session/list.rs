//! Without a task: choosing one, by its document or from the list.

use std::sync::Arc;

use crate::claim::Holder;
use crate::confirmation::{Act, Draft};
use crate::ids::TaskId;
use crate::kinds::judge_of;
use crate::task::Task;
use crate::verdict::{Question, Reason, Verdict, Where};

use super::Session;
use super::pull::{Code, Label, is_text};
use super::stage::Stage;
use super::work::{Desk, Outcome};

/// Tasks that can be chosen by a digit key, 1 to 9.
pub(super) const CHOICES_MAX: usize = 9;

impl Session {
    /// The tasks a worker may choose from: those meant for them or for anyone, and not ended on this device. `facts`
    /// are those of the step that is being judged, which no progress holds yet.
    pub(super) fn choices(&self, facts: &[Draft], desk: &Desk<'_>) -> Vec<Arc<Task>> {
        let tasks = desk.catalogue.open_tasks().into_iter();
        let is_for_us = |task: &Arc<Task>| task.assigned_to.is_none() || task.assigned_to == self.worker;
        let ends_now = |task: &Arc<Task>| {
            let of_task = |fact: &&Draft| fact.work.as_ref().is_some_and(|work| work.task == task.id);
            facts.iter().filter(of_task).any(|fact| {
                matches!(
                    fact.progress_act(),
                    (Act::TaskClosed, true) | (Act::TaskStarted, false)
                )
            })
        };
        let may_work = |task: &Arc<Task>| {
            let answer = judge_of(&task.kind).may_work(task, self.worker.as_ref());
            !matches!(answer, Err(Reason::CountedBefore { .. }))
        };
        let (held, mut ours): (Vec<_>, Vec<_>) = tasks
            .filter(|task| is_for_us(task) && may_work(task) && !ends_now(task))
            .partition(|task| is_held(task, desk));
        // What somebody else works on is not offered before what nobody does.
        ours.extend(held);
        ours.truncate(CHOICES_MAX);
        ours
    }

    /// A digit chose a task from the list.
    pub(super) fn choose(&mut self, digit: u8, desk: &Desk<'_>) -> Outcome {
        let place = usize::from(digit).checked_sub(1);
        let chosen = place.and_then(|place| self.choices(&[], desk).get(place).cloned());
        match chosen {
            Some(task) => self.open(&task, desk),
            None => Outcome::reject(Reason::KeyUnused),
        }
    }

    /// Something was scanned: a document opens its task, anything else needs a task first.
    pub(super) fn scan_without_task(&mut self, code: &Code, desk: &Desk<'_>) -> Outcome {
        let text = desk.raw.as_ref().map(|raw| raw.text.as_str()).unwrap_or_default();
        let by_code = match code {
            Code::Label(Label::Goods(piece)) => desk.catalogue.find_reference(&piece.code),
            _ => None,
        };
        if let Some(task) = by_code.or_else(|| desk.catalogue.find_reference(text)) {
            return self.open(&task, desk);
        }
        match code {
            Code::Label(Label::Goods(piece)) if is_text(piece) => Outcome::reject(Reason::UnknownCode {
                code: piece.code.clone(),
            }),
            _ => Outcome::reject(Reason::NoTask),
        }
    }

    /// Why a task cannot be opened. One that is meant for a certain person wants to know who works.
    pub(super) fn refused(&self, task: &Arc<Task>, desk: &Desk<'_>) -> Option<Outcome> {
        if task.assigned_to.is_some() && self.worker.is_none() {
            return Some(Outcome::reject(Reason::NoWorker));
        }
        if let Err(reason) = judge_of(&task.kind).may_work(task, self.worker.as_ref()) {
            return Some(Outcome::reject(reason));
        }
        let is_closed = desk.catalogue.progress(&task.id).task_closed();
        is_closed.then(|| {
            let task = task.id.clone();
            Outcome::reject(Reason::TaskDone { task })
        })
    }

    /// Whether a task is kept below the list.
    pub(super) fn keeps(&self, task: &TaskId) -> bool {
        let kept = self.stage.kept.as_ref();
        kept.is_some_and(|kept| kept.task.as_ref() == Some(task))
    }

    /// Opens a task.
    pub(super) fn open(&mut self, task: &Arc<Task>, desk: &Desk<'_>) -> Outcome {
        if let Some(refused) = self.refused(task, desk) {
            return refused;
        }
        if self.keeps(&task.id) {
            return self.begin(task, false, desk);
        }
        if let Some(holder) = holder_of(task, desk) {
            let question = Question::TakeOver {
                task: task.id.clone(),
                silent_minutes: holder.silent_minutes(desk.now.hub),
                holder: holder.name,
            };
            self.stage.ask(question.clone(), None);
            return Outcome::of(Verdict::Ask(question));
        }
        self.begin(task, false, desk)
    }

    /// The worker was told who holds a task, and takes it over.
    pub(super) fn open_held(&mut self, id: &TaskId, desk: &Desk<'_>) -> Outcome {
        self.stage.drop_question();
        match desk.catalogue.task(id).filter(|task| task.is_open()) {
            Some(task)
                if judge_of(&task.kind)
                    .may_work(&task, self.worker.as_ref())
                    .is_err() =>
            {
                Outcome::reject(Reason::CountedBefore { task: id.clone() })
            }
            Some(task) => self.begin(&task, true, desk),
            None => Outcome::reject(Reason::TaskDone { task: id.clone() }),
        }
    }

    /// Begins a task, or goes back to the one that was kept.
    pub(super) fn begin(&mut self, task: &Arc<Task>, take_over: bool, desk: &Desk<'_>) -> Outcome {
        if self.keeps(&task.id)
            && let Some(outcome) = self.back_to_kept()
        {
            return outcome;
        }
        self.stage = Stage {
            task: Some(task.id.clone()),
            take_over,
            kept: self.stage.kept.take(),
            ..Stage::default()
        };
        if let Some(left) = self.left_checks.take_if(|left| left.task == task.id) {
            self.stage.portal = left.portal;
        }
        if let Some(mut work) = self.work(desk) {
            judge_of(&task.kind).opened(&mut work);
        }
        Outcome::go(Where::Task(task.id.clone()))
    }
}

/// The other device that holds a task.
pub(super) fn holder_of(task: &Task, desk: &Desk<'_>) -> Option<Holder> {
    desk.catalogue.claim(&task.id)?.holder.clone()
}

fn is_held(task: &Arc<Task>, desk: &Desk<'_>) -> bool {
    holder_of(task, desk).is_some()
}
