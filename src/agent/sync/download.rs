//! When to ask for task changes: the pure half of the download.
//!
//! A hub that can holds the request until something changes, which costs nothing while nothing does. One that
//! answers at once is asked in intervals. The engine tells the two apart by how long an empty answer took.

use tallyman_codes::Moment;
use tallyman_platform::entropy::Entropy;

use crate::seams::Fault;

use super::retry::Retry;

/// A hub that wants a newer program hands out no tasks until it is installed; it is asked this often.
const OUTDATED_MS: u64 = 600_000;

/// Pause between answers of a hub that holds requests, so that a busy site costs no more than this many a second.
const BUSY_MS: u64 = 250;

/// The download's memory.
#[derive(Debug)]
pub struct Download {
    wait_ms: u64,
    interval_ms: u64,
    not_before: Moment,
    holds: bool,
    out_of_reach: bool,
    retry: Retry,
}

impl Download {
    /// A fresh engine: asks the hub to hold requests for `wait_ms`, and one that cannot every `interval_ms`.
    pub fn new(wait_ms: u64, interval_ms: u64) -> Self {
        Self {
            wait_ms,
            interval_ms,
            not_before: Moment::default(),
            holds: false,
            out_of_reach: false,
            retry: Retry::default(),
        }
    }

    /// The moment before which nothing is asked.
    pub fn not_before(&self) -> Moment {
        self.not_before
    }

    /// How long the hub is asked to hold the request.
    pub fn wait_ms(&self) -> u64 {
        self.wait_ms
    }

    /// An answer came after `took_us`: whether it brought something, and whether more is to come at once.
    pub fn answered(
        &mut self,
        now: Moment,
        took_us: u64,
        empty: bool,
        more: bool,
        entropy: &mut dyn Entropy,
    ) {
        self.retry.succeeded();
        self.out_of_reach = false;
        if empty && !more {
            self.holds = took_us >= self.wait_ms.saturating_mul(1_000) / 2 && self.wait_ms > 0;
        }
        let pause_ms = match (more, self.holds) {
            (true, _) => 0,
            (false, true) if empty => 0,
            (false, true) => BUSY_MS,
            // Between half and one and a half intervals, so that devices do not ask in step.
            (false, false) => self.interval_ms / 2 + entropy.below(self.interval_ms.saturating_add(1)),
        };
        self.not_before = now.plus_ms(pause_ms);
    }

    /// No answer to go by.
    pub fn failed(&mut self, now: Moment, fault: &Fault, entropy: &mut dyn Entropy) {
        self.out_of_reach = fault.is_out_of_reach();
        let asked_ms = match fault {
            Fault::Busy { retry_after_ms } => *retry_after_ms,
            _ => None,
        };
        let wait_ms = match fault {
            Fault::Outdated => OUTDATED_MS,
            _ => self.retry.failed(entropy, asked_ms),
        };
        self.not_before = now.plus_ms(wait_ms);
    }

    /// Nothing more for a while: the store has to be looked at first.
    pub fn pause(&mut self, now: Moment, pause_ms: u64) {
        self.not_before = now.plus_ms(pause_ms);
    }

    /// The hub answered the other lane.
    pub fn hub_is_back(&mut self, now: Moment) {
        if self.out_of_reach {
            self.not_before = self.not_before.min(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyman_platform::entropy::SeededEntropy;

    const NOW: Moment = Moment::from_ms(1_000_000);

    fn pause_ms(download: &Download) -> u64 {
        download.not_before().since_us(NOW) / 1_000
    }

    #[test]
    fn a_hub_that_holds_is_asked_again_at_once_and_one_that_does_not_in_intervals() {
        let mut entropy = SeededEntropy::new(7);
        let mut download = Download::new(25_000, 5_000);
        download.answered(NOW, 3_000, false, true, &mut entropy);
        assert_eq!(pause_ms(&download), 0, "there is more");
        download.answered(NOW, 3_000, true, false, &mut entropy);
        assert!(
            (2_500..=7_500).contains(&pause_ms(&download)),
            "an empty answer came at once"
        );
        download.answered(NOW, 24_900_000, true, false, &mut entropy);
        assert_eq!(pause_ms(&download), 0, "the hub held the request");
        download.answered(NOW, 3_000, false, false, &mut entropy);
        assert_eq!(
            pause_ms(&download),
            BUSY_MS,
            "it holds, and something changed at once"
        );
    }

    #[test]
    fn failures_wait_and_a_sign_of_life_ends_the_wait() {
        let mut entropy = SeededEntropy::new(7);
        let mut download = Download::new(25_000, 5_000);
        download.failed(
            NOW,
            &Fault::Busy {
                retry_after_ms: Some(9_000),
            },
            &mut entropy,
        );
        download.hub_is_back(NOW);
        assert!(pause_ms(&download) >= 9_000, "a hub that asks for time is there");
        download.failed(NOW, &Fault::Timeout(30_000), &mut entropy);
        download.hub_is_back(NOW);
        assert_eq!(pause_ms(&download), 0);
        download.answered(NOW, 1, true, false, &mut entropy);
        download.hub_is_back(NOW);
        assert!(
            pause_ms(&download) > 0,
            "an interval is no wait for the hub to come back"
        );
        download.failed(NOW, &Fault::Outdated, &mut entropy);
        assert_eq!(pause_ms(&download), OUTDATED_MS);
    }
}
