//! What a scanner has to say, and when.

use std::collections::VecDeque;

use tallyman_codes::Moment;

/// Frames that wait to be sent. Answers leave in the order of their commands; codes may pass a late answer.
#[derive(Debug, Default)]
pub(super) struct Mouth {
    now: VecDeque<Vec<u8>>,
    late: VecDeque<(Moment, Vec<u8>)>,
}

impl Mouth {
    /// Says something now.
    pub(super) fn say(&mut self, bytes: Vec<u8>) {
        self.now.push_back(bytes);
    }

    /// Answers at a moment, and not before the answers to earlier commands.
    pub(super) fn answer(&mut self, bytes: Vec<u8>, at: Moment, now: Moment) {
        if at <= now && self.late.is_empty() {
            return self.say(bytes);
        }
        let after = self.late.back().map_or(at, |(before, _)| at.max(*before));
        self.late.push_back((after, bytes));
    }

    /// The next bytes that are due.
    pub(super) fn take(&mut self, at: Moment) -> Option<Vec<u8>> {
        while self.late.front().is_some_and(|(due, _)| *due <= at) {
            self.now.extend(self.late.pop_front().map(|(_, bytes)| bytes));
        }
        self.now.pop_front()
    }

    /// When something late is due.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.late.front().map(|(due, _)| *due)
    }

    /// The power is gone.
    pub(super) fn silence(&mut self) {
        *self = Self::default();
    }
}
