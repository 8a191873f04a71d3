//! Taking steps back: by key or command code only, one step at a time, and never an undo itself.
//!
//! What is durable is not deleted: each fact of the step is taken back by a reversal, and the session returns to
//! where it stood before the step.

use std::sync::Arc;

use crate::confirmation::{Act, Draft, Reverses};
use crate::verdict::{Reason, Verdict, Where};

use super::Session;
use super::stage::{Stage, UNDO_SERIALS_MAX, UNDO_STEPS_MAX, Undo};
use super::work::{Desk, Note, Outcome};

impl Session {
    /// Notes how to take a step back. What belongs to a task that was left or done, or to another worker, stays.
    pub(super) fn keep_undo(&mut self, before: Stage, outcome: &Outcome, desk: &Desk<'_>) {
        match &outcome.verdict {
            Verdict::Go(Where::LoggedIn) if self.worker == desk.worker => {}
            Verdict::Go(Where::LoggedIn | Where::LoggedOut | Where::LeftTask(_)) => self.undo.clear(),
            Verdict::Accept if outcome.drafts.iter().any(|draft| draft.act == Act::TaskStarted) => {
                self.push_undo(before, outcome, desk);
            }
            Verdict::Accept if self.stage.task.is_none() || self.stage.task != before.task => {
                self.undo.clear();
            }
            Verdict::Reject(_) if self.stage.task.is_none() || self.stage.task != before.task => {
                self.undo.clear();
            }
            Verdict::Go(Where::Back) => {}
            Verdict::Accept if outcome.drafts.iter().any(|draft| draft.act == Act::Reversed) => {}
            Verdict::Accept | Verdict::Go(_) => {
                let is_nothing = outcome.drafts.is_empty() && before == self.stage.at_rest();
                if !is_nothing {
                    self.push_undo(before, outcome, desk);
                }
            }
            Verdict::Ask(_) | Verdict::Reject(_) | Verdict::Quiet => {}
        }
    }

    fn push_undo(&mut self, before: Stage, outcome: &Outcome, desk: &Desk<'_>) {
        let is_large = |step: &Arc<Undo>| {
            let serials = step.reversals.iter().filter_map(|draft| draft.goods.as_ref());
            serials.map(|goods| goods.serials.len()).sum::<usize>() > UNDO_SERIALS_MAX
        };
        if let Some(place) = self.undo.iter().rposition(is_large) {
            self.undo.drain(..=place);
        }
        let (epoch, first) = desk.catalogue.next_confirmation();
        let written = outcome.drafts.iter().enumerate().rev();
        let seq = |place: usize| first.saturating_add(place as u64);
        let reversals = written
            .map(|(place, draft)| reversal(draft, epoch, seq(place)))
            .collect();
        if self.undo.len() >= UNDO_STEPS_MAX {
            self.undo.remove(0);
        }
        self.undo.push(Arc::new(Undo { before, reversals }));
    }

    /// Takes the last step back; with a question open, that is the scan or key that led to it.
    pub(super) fn undo(&mut self, desk: &Desk<'_>) -> Outcome {
        let is_half_done = self.stage.typing || self.stage.digits || self.stage.marked.is_some();
        if self.stage.open.is_some() || is_half_done {
            self.stage.marked = None;
            self.stage.drop_question();
            return Outcome::quiet().with_note(Note::NothingRecorded);
        }
        let Some(step) = self.undo.pop() else {
            return Outcome::reject(Reason::NothingToUndo);
        };
        let step = Arc::unwrap_or_clone(step);
        self.stage = step.before;
        if step.reversals.is_empty() {
            return Outcome {
                recount: true,
                ..Outcome::go(Where::Back)
            };
        }
        let now = |draft: Draft| Draft {
            worker: desk.worker.clone(),
            raw: desk.raw.clone(),
            times: desk.now.times.clone(),
            ..draft
        };
        Outcome::accept(step.reversals.into_iter().map(now).collect())
    }
}

/// The fact that takes another one back: it repeats work, goods and places, so that it can be read without it.
fn reversal(draft: &Draft, epoch: u32, seq: u64) -> Draft {
    Draft {
        act: Act::Reversed,
        exception: None,
        raw: None,
        reverses: Some(Reverses {
            epoch,
            seq,
            act: draft.act,
        }),
        ..draft.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{Floor, lines, task};
    use crate::ids::LineNumber;
    use crate::plan::PickPlan;
    use crate::task::TaskKind;

    #[test]
    fn several_facts_of_one_step_are_taken_back_in_reverse() {
        let mut floor = Floor::new(vec![task(
            "P1",
            TaskKind::Pick(PickPlan::default()),
            lines(&["nut 1", "nut 1"]),
        )]);
        floor.play("scan DOC-P1 -> go task P1");
        floor.catalogue.put_next_confirmation(3, 40);
        let now = floor.now();
        let desk = Desk {
            now: &now,
            catalogue: &floor.catalogue,
            worker: None,
            raw: None,
            begun: None,
            gross_weight: None,
        };
        let mut session = floor.session.clone();
        let work = session.work(&desk).unwrap();
        let closed = [1, 2].map(|number| work.draft(Act::LineClosed, Some(LineNumber(number))));
        session.keep_undo(session.stage.clone(), &Outcome::accept(closed.to_vec()), &desk);
        let reversals = session.undo(&desk).drafts;
        let told = reversals.iter().map(|draft| {
            let reverses = draft.reverses.unwrap();
            (reverses.epoch, reverses.seq, draft.work.as_ref().unwrap().line)
        });
        let line = |number| Some(LineNumber(number));
        assert_eq!(told.collect::<Vec<_>>(), [(3, 41, line(2)), (3, 40, line(1))]);
    }
}
