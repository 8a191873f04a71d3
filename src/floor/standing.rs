//! How a task stands within a step: the catalogue's progress and the facts that the step itself adds.

use std::collections::HashMap;
use std::sync::Arc;

use crate::confirmation::Draft;
use crate::ids::{ItemId, LineNumber};
use crate::progress::{LineProgress, Progress};
use crate::quantity::Quantity;
use crate::task::{Line, Task};

/// A task with its progress. Nothing of either is copied; the step's own facts lie over it.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    task: Arc<Task>,
    progress: Arc<Progress>,
    touched: HashMap<LineNumber, LineProgress>,
}

impl Standing {
    pub fn new(task: Arc<Task>, progress: Arc<Progress>) -> Self {
        Self {
            task,
            progress,
            touched: HashMap::new(),
        }
    }

    /// What is confirmed of a line.
    pub fn line(&self, number: LineNumber) -> LineProgress {
        let touched = self.touched.get(&number).copied();
        touched.unwrap_or_else(|| self.progress.line(number))
    }

    /// Whether nothing is left to do for a line.
    pub fn is_done(&self, line: &Line) -> bool {
        let progress = self.line(line.number);
        progress.closed
            || line
                .expected
                .is_some_and(|expected| progress.quantity >= expected)
    }

    /// How much of a line is still to be done; none where the quantity is nobody's business.
    pub fn open(&self, line: &Line) -> Quantity {
        let expected = line.expected.unwrap_or_default();
        let open = expected - self.line(line.number).quantity;
        if open.is_positive() { open } else { Quantity::ZERO }
    }

    /// Whether the piece with this serial number is confirmed already.
    pub fn has_serial(&self, item: &ItemId, serial: &str) -> bool {
        self.progress.has_serial(item, serial)
    }

    /// Whether any piece of an item is confirmed already with its serial number.
    pub fn has_serials_of(&self, item: &ItemId) -> bool {
        self.progress.has_serials_of(item)
    }

    /// The next line with something left to do that is none of those: from the line in hand on, and round to the first.
    pub fn next_open(&self, from: Option<LineNumber>, but: &[LineNumber]) -> Option<&Line> {
        let start = from.and_then(|number| self.task.position(number)).unwrap_or(0);
        let (before, after) = self.task.lines.split_at_checked(start)?;
        let is_next = |line: &&Line| !but.contains(&line.number) && !self.is_done(line);
        after.iter().chain(before).find(is_next)
    }

    /// How many lines are done: a pass over the task, for when it is opened or was changed.
    pub fn done_lines(&self) -> usize {
        self.task.lines.iter().filter(|line| self.is_done(line)).count()
    }

    /// Adds a fact of the step. Answers by how much the number of done lines changes.
    pub fn apply(&mut self, draft: &Draft) -> isize {
        let of_task = draft.work.as_ref().filter(|work| work.task == self.task.id);
        let number = of_task.and_then(|work| work.line);
        let task = Arc::clone(&self.task);
        let Some(line) = number.and_then(|number| task.line(number)) else {
            return 0;
        };
        let was_done = self.is_done(line);
        let mut progress = self.line(line.number);
        let (act, forward) = draft.progress_act();
        let quantity = draft
            .goods
            .as_ref()
            .map_or(Quantity::ZERO, |goods| goods.quantity);
        progress.count(act, quantity, forward);
        self.touched.insert(line.number, progress);
        isize::from(self.is_done(line)) - isize::from(was_done)
    }
}
