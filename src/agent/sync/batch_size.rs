//! How many records go into one batch: more while answers come quickly, fewer when they do not come.

use tallyman_floor::wire::v1::BATCH_RECORDS_MAX;

/// The first batch of a connection.
const START: usize = 64;

/// An answer that took longer does not ask for larger batches.
const QUICK_US: u64 = 1_000_000;

/// The current size.
#[derive(Debug, Clone, Copy)]
pub struct BatchSize {
    records: usize,
    records_max: usize,
}

impl Default for BatchSize {
    fn default() -> Self {
        Self {
            records: START,
            records_max: BATCH_RECORDS_MAX,
        }
    }
}

impl BatchSize {
    /// Records in the next batch at most.
    pub fn records(&self) -> usize {
        self.records.min(self.records_max)
    }

    /// A batch of `sent` records was taken after so many microseconds; the hub wants no more than `records_max`.
    pub fn succeeded(&mut self, sent: usize, took_us: u64, records_max: usize) {
        self.records_max = records_max.clamp(1, BATCH_RECORDS_MAX);
        if sent >= self.records() && took_us < QUICK_US {
            self.records = self.records.saturating_mul(2);
        }
        self.records = self.records.clamp(1, self.records_max);
    }

    /// A batch failed.
    pub fn failed(&mut self) {
        self.records = (self.records() / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_on_quick_full_batches_and_halves_on_failures() {
        let mut size = BatchSize::default();
        assert_eq!(size.records(), 64);
        size.succeeded(64, 10_000, 1_000);
        assert_eq!(size.records(), 128);
        size.succeeded(3, 10_000, 1_000);
        assert_eq!(
            size.records(),
            128,
            "a batch that was not full says nothing about size"
        );
        size.succeeded(128, 2_000_000, 1_000);
        assert_eq!(size.records(), 128, "a slow answer asks for no more");
        for _ in 0..10 {
            size.succeeded(size.records(), 1, 1_000);
        }
        assert_eq!(size.records(), 1_000);
        size.succeeded(1_000, 1, 100);
        assert_eq!(size.records(), 100, "the hub's wish counts");
        for expected in [50, 25, 12, 6, 3, 1, 1] {
            size.failed();
            assert_eq!(size.records(), expected);
        }
        size.succeeded(1, 1, 0);
        assert_eq!(size.records(), 1, "a hub that wants none is given one");
    }
}
