//! When to try again: full jitter, so that the devices of a site do not come back in step
//! (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).

use tallyman_platform::entropy::Entropy;

/// Ceiling of the first wait.
const BASE_MS: u64 = 500;

/// Ceiling of every wait: a hub that is back is found within a minute.
const CAP_MS: u64 = 60_000;

/// Counts failures in a row.
#[derive(Debug, Clone, Copy, Default)]
pub struct Retry {
    failures: u32,
}

impl Retry {
    /// Notes a failure and says how many milliseconds to wait; never less than the hub asked for.
    pub fn failed(&mut self, entropy: &mut dyn Entropy, asked_ms: Option<u64>) -> u64 {
        let wait_ms = entropy.full_jitter(BASE_MS, self.failures, CAP_MS);
        self.failures = self.failures.saturating_add(1);
        wait_ms.max(asked_ms.unwrap_or(0).min(CAP_MS))
    }

    /// Notes a success.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// How many failures there were in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyman_platform::entropy::SeededEntropy;

    #[test]
    fn waits_stay_below_a_ceiling_that_doubles_up_to_a_minute() {
        let mut entropy = SeededEntropy::new(7);
        for _ in 0..200 {
            let mut retry = Retry::default();
            for ceiling_ms in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
                assert!(retry.failed(&mut entropy, None) <= ceiling_ms);
            }
        }
    }

    #[test]
    fn the_hub_is_given_the_time_it_asks_for_within_reason() {
        let mut entropy = SeededEntropy::new(7);
        let mut retry = Retry::default();
        assert!(retry.failed(&mut entropy, Some(5_000)) >= 5_000);
        assert_eq!(
            retry.failed(&mut entropy, Some(u64::MAX)),
            CAP_MS,
            "nobody sends a device to sleep for good"
        );
        retry.succeeded();
        assert!(retry.failed(&mut entropy, None) <= BASE_MS);
    }
}
