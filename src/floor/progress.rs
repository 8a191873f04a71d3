//! Progress: what is confirmed of a task so far, always the fold of confirmations, never stored by hand.

use std::collections::HashMap;

use crate::confirmation::{Act, Draft};
use crate::ids::LineNumber;
use crate::quantity::Quantity;

/// What is confirmed of one task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    lines: HashMap<LineNumber, LineProgress>,
    task_closed: bool,
}

/// What is confirmed of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineProgress {
    /// Confirmed so far, in base units, reversals taken off.
    pub quantity: Quantity,
    /// Whether the line was ended before its quantity was reached (a short line, a location counted).
    pub closed: bool,
}

impl Progress {
    /// The progress the hub told: what all devices confirmed, this one included, up to its mark.
    pub fn from_lines(lines: impl IntoIterator<Item = (LineNumber, LineProgress)>) -> Self {
        Self {
            lines: lines.into_iter().collect(),
            task_closed: false,
        }
    }

    /// What is confirmed of a line.
    pub fn line(&self, number: LineNumber) -> LineProgress {
        self.lines.get(&number).copied().unwrap_or_default()
    }

    /// Whether a worker ended the task.
    pub const fn task_closed(&self) -> bool {
        self.task_closed
    }

    /// Adds one fact of this task; a reversal takes off what it reverses.
    pub fn apply(&mut self, draft: &Draft) {
        let Some(work) = &draft.work else { return };
        let quantity = draft
            .goods
            .as_ref()
            .map_or(Quantity::ZERO, |goods| goods.quantity);
        match draft.reverses {
            Some(reverses) => self.count(work.line, reverses.act, quantity, false),
            None => self.count(work.line, draft.act, quantity, true),
        }
    }

    /// Adds the part of a fact that progress is made of, or takes it off where `forward` is false. A device with
    /// thousands of confirmations on the way keeps no more of each than this.
    pub fn count(&mut self, line: Option<LineNumber>, act: Act, quantity: Quantity, forward: bool) {
        if act == Act::TaskClosed {
            self.task_closed = forward;
            return;
        }
        let Some(number) = line else { return };
        let line = self.lines.entry(number).or_default();
        match act {
            Act::LineClosed | Act::LocationCounted => line.closed = forward,
            _ => line.quantity += if forward { quantity } else { -quantity },
        }
    }
}
