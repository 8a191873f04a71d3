//! The time of a reading: milliseconds while sightings come, without the pauses between.

use tallyman_codes::Moment;

/// A wait between sightings that counts as reading at most, in milliseconds: who pauses longer does not sweep.
const GAP_MS_MAX: u64 = 1_000;

/// Time since the reading began. Goes on after a restart where it was kept; monotonic moments of another life of the program
/// mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ReadingTime {
    elapsed_us: u64,
    latest: Option<Moment>,
}

impl ReadingTime {
    /// Time that was kept.
    pub(super) const fn kept(elapsed_ms: u32) -> Self {
        Self {
            elapsed_us: elapsed_ms as u64 * 1_000,
            latest: None,
        }
    }

    /// Goes on to a moment and says the time of it. A moment before the latest is the latest.
    pub(super) fn advance(&mut self, at: Moment) -> u32 {
        let gap_us = self.latest.map_or(0, |latest| at.since_us(latest));
        self.elapsed_us = self.elapsed_us.saturating_add(gap_us.min(GAP_MS_MAX * 1_000));
        self.latest = Some(self.latest.map_or(at, |latest| latest.max(at)));
        self.ms()
    }

    /// The time reached, in milliseconds.
    pub(super) fn ms(&self) -> u32 {
        u32::try_from(self.elapsed_us / 1_000).unwrap_or(u32::MAX)
    }
}
