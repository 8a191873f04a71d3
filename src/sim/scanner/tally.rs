//! What became of the codes that a scanner read, by its own account.

use super::label::Label;

/// Codes that are remembered as undelivered: far more than a shift loses. The count goes on.
const UNDELIVERED_MAX: usize = 10_000;

/// A scanner's own account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Codes that it read.
    pub decoded: u64,
    /// Codes that the host has acknowledged. Where nobody acknowledges: codes that were sent.
    pub delivered: u64,
    /// Codes that it gave up: never acknowledged, taken out of the queue, or lost with the power.
    pub undelivered: u64,
    /// Pulls of the trigger that did nothing: it was off or disabled, or too many codes waited.
    pub ignored: u64,
    /// Pulls of the trigger that found nothing.
    pub misses: u64,
    given_up: Vec<Label>,
}

impl Tally {
    /// The codes that it gave up, in their order.
    pub fn given_up(&self) -> &[Label] {
        &self.given_up
    }

    pub(super) fn gave_up(&mut self, label: Label) {
        self.undelivered += 1;
        if self.given_up.len() < UNDELIVERED_MAX {
            self.given_up.push(label);
        }
    }
}
