//! The worker's state, and the one function that changes it.

use crate::catalogue::Catalogue;
use crate::event::{Effect, Event, Now, Step};
use crate::ids::{TaskId, WorkerId};
use crate::verdict::Verdict;
use crate::view::View;

/// The worker's state on one device: who works, on which task, at which step, which question is open, and what
/// can be taken back. Cloning it is cheap; the agent steps a clone and keeps it once the commit is through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    pub(crate) worker: Option<WorkerId>,
    pub(crate) task: Option<TaskId>,
}

impl Session {
    /// A session nobody has used yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges one event to the end and says what to do about it.
    pub fn step(&mut self, _event: Event, _now: &Now, _catalogue: &impl Catalogue) -> Step {
        Step {
            verdict: Verdict::Quiet,
            effects: vec![Effect::Show(View::default())],
        }
    }

    /// Who is logged in.
    pub const fn worker(&self) -> Option<&WorkerId> {
        self.worker.as_ref()
    }

    /// The task that is open.
    pub const fn task(&self) -> Option<&TaskId> {
        self.task.as_ref()
    }
}
