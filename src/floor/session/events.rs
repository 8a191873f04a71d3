//! What an event means: a change of the task, a code, or a key; and who is to judge it.

use crate::event::Event;
use crate::ids::{HandlingUnitId, LocationId, TaskId, WorkerId};
use crate::kinds::judge_of;
use crate::plan::Check;
use crate::task::TaskState;
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted};

use super::Session;
use super::pieces::advance;
use super::pull::{self, Code, Label, Seen};
use super::work::{Desk, Note, Outcome, Work};

impl Session {
    /// Judges one event. A task that is gone is told first: nothing can be done in it any more.
    pub(super) fn judge(&mut self, event: Event, desk: &Desk<'_>) -> Outcome {
        if let Some(gone) = self.leave_what_is_gone(desk) {
            return gone;
        }
        match event {
            Event::Refresh => Outcome {
                recount: true,
                ..Outcome::quiet()
            },
            Event::TaskChanged(task) => self.task_changed(&task, desk),
            Event::Scans(scans) => match pull::read(scans, desk) {
                Ok(seen) => self.pull(seen, desk),
                Err(outcome) => outcome,
            },
            Event::Key(key) => self.key(key, desk),
            Event::Told(answer) => self.told(answer, desk),
            Event::Passed(passed) => match self.work(desk) {
                Some(mut work) => judge_of(&work.task.kind).passed(&mut work, &passed),
                None => Outcome::quiet(),
            },
        }
    }

    /// Goes back to the list where the open task was withdrawn or is done. What is confirmed stays confirmed.
    fn leave_what_is_gone(&mut self, desk: &Desk<'_>) -> Option<Outcome> {
        let id = self.stage.task.clone()?;
        let state = desk
            .catalogue
            .task(&id)
            .map_or(TaskState::Cancelled, |task| task.state);
        let is_done = state == TaskState::Done || desk.catalogue.progress(&id).task_closed();
        let reason = match state {
            TaskState::Cancelled => Reason::TaskWithdrawn { task: id },
            _ if is_done => Reason::TaskDone { task: id },
            _ => return None,
        };
        self.stage.leave();
        Some(Outcome::reject(reason))
    }

    /// Keeps the place by the line's number; a question about a line that is gone is dropped, and one about the end, for
    /// what is open may be something else now.
    fn task_changed(&mut self, changed: &TaskId, desk: &Desk<'_>) -> Outcome {
        let Some(mut work) = self.work(desk).filter(|work| work.task.id == *changed) else {
            return Outcome::quiet();
        };
        let is_gone = |number| work.task.line(number).is_none();
        let asked = work.stage.open.as_ref().and_then(|open| open.piece.as_ref());
        if asked.and_then(|piece| piece.line).is_some_and(is_gone) {
            work.stage.drop_question();
        }
        let is_about_end = matches!(
            work.stage.open.as_ref().map(|open| &open.question),
            Some(Question::EndTask { .. })
        );
        if is_about_end {
            work.stage.drop_question();
        }
        if work.stage.line.is_some_and(is_gone) {
            if work.stage.open.as_ref().is_some_and(|open| open.piece.is_none()) {
                work.stage.drop_question();
            }
            work.stage.line = None;
            work.stage.location = None;
            work.stage.last = None;
        }
        judge_of(&work.task.kind).changed(&mut work);
        Outcome {
            recount: true,
            ..Outcome::quiet().with_note(Note::TaskChanged)
        }
    }

    /// Judges the codes of one trigger pull: the first that counts ends it, and a later one may improve a reject.
    fn pull(&mut self, mut seen: Vec<Seen>, desk: &Desk<'_>) -> Outcome {
        if seen.len() == 1
            && let Some(only) = seen.pop()
        {
            return self.code(only, desk);
        }
        let mut best: Option<(Self, Outcome)> = None;
        for code in seen {
            let mut attempt = self.clone();
            let outcome = attempt.code(code, desk);
            let is_better = best
                .as_ref()
                .is_none_or(|(_, known)| rank(&outcome.verdict) < rank(&known.verdict));
            if is_better {
                let is_good = rank(&outcome.verdict) == 0;
                best = Some((attempt, outcome));
                if is_good {
                    break;
                }
            }
        }
        let Some((after, outcome)) = best else {
            return Outcome::quiet();
        };
        *self = after;
        outcome
    }

    /// Judges one code, scanned or typed.
    pub(super) fn code(&mut self, seen: Seen, desk: &Desk<'_>) -> Outcome {
        let desk = &Desk {
            raw: Some(seen.raw),
            gross_weight: seen.gross_weight,
            ..desk.clone()
        };
        if !matches!(seen.code, Code::Key(_)) {
            self.put_aside();
        }
        self.stage.typing = false;
        self.stage.digits = false;
        if self.stage.open.is_none() {
            self.stage.typed.clear();
        }
        match seen.code {
            Code::Key(key) => self.key(key, desk),
            // Who hands over may say so by badge; nobody logs in by that.
            code @ Code::Badge(_) if self.wants_signature() => self.answer_by_scan(code, desk),
            Code::Badge(worker) => match self.may_go_on(&worker, desk) {
                Ok(()) => self.log_in(worker, desk),
                Err(reason) => Outcome::reject(reason),
            },
            code if self.stage.open.is_some() => self.answer_by_scan(code, desk),
            code => {
                self.stage.last = None;
                self.stage.unknown = None;
                match (self.work(desk), &code) {
                    (Some(mut work), _) => in_task(&mut work, code),
                    (None, Code::HandOver(text)) => self.take_up(text, desk),
                    (None, _) => self.scan_without_task(&code, desk),
                }
            }
        }
    }

    fn wants_signature(&self) -> bool {
        let question = self.stage.open.as_ref().map(|open| &open.question);
        let check = Check::Signature;
        matches!(question, Some(Question::Observe { check: asked, .. }) if *asked == check)
    }

    /// Whether a worker who comes to an open task may work on it.
    fn may_go_on(&self, worker: &WorkerId, desk: &Desk<'_>) -> Result<(), Reason> {
        let open = self.stage.task.as_ref().and_then(|id| desk.catalogue.task(id));
        match open {
            Some(task) => judge_of(&task.kind).may_work(&task, Some(worker)),
            None => Ok(()),
        }
    }
}

/// The better the smaller.
const fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Accept | Verdict::Go(_) => 0,
        Verdict::Ask(_) => 1,
        Verdict::Quiet => 2,
        Verdict::Reject(_) => 3,
    }
}

pub(super) fn in_task(work: &mut Work<'_>, code: Code) -> Outcome {
    let judge = judge_of(&work.task.kind);
    match code {
        Code::Location(location) => {
            let outcome = judge.location(work, LocationId::new(location));
            let line = work
                .stage
                .line
                .or_else(|| work.line_wanted().map(|line| line.number));
            match work.doubt(line) {
                Some(question) if matches!(outcome.verdict, Verdict::Go(_)) => work.ask(question, None),
                _ => outcome,
            }
            .of_place()
        }
        Code::Unit(unit) => judge.handling_unit(work, HandlingUnitId::new(unit)),
        Code::Label(Label::Goods(piece)) => {
            // The label of a pallet says what is on it as well; where a unit is wanted, it is the unit.
            if let (Wanted::HandlingUnit(_) | Wanted::AnyUnit, Some(unit)) =
                (judge.wanted(work), &piece.unit_on_label)
            {
                return judge.handling_unit(work, unit.clone());
            }
            if piece.item.is_none()
                && let Some(outcome) = judge.text(work, &piece.code)
            {
                return outcome;
            }
            if piece.item.is_none() && work.desk.catalogue.find_reference(&piece.code).is_some() {
                return Outcome::not_wanted(Scanned::Reference(piece.code), judge.wanted(work));
            }
            advance(work, judge, piece)
        }
        Code::Label(Label::Addition(addition)) => {
            Outcome::not_wanted(Scanned::Text(addition.code), judge.wanted(work))
        }
        Code::HandOver(text) => Outcome::not_wanted(Scanned::Text(text), judge.wanted(work)),
        Code::Key(_) | Code::Badge(_) => Outcome::not_wanted(Scanned::Badge, Wanted::Answer),
    }
}
