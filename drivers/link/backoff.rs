//! How long to wait before a link is opened again.

use super::Entropy;

/// Ceilings of the first waits. A USB device that re-enumerates is back within a second; a reader that is
/// switched off is asked every few seconds for as long as the program runs.
const CEILINGS_MS: [u64; 5] = [250, 500, 1_000, 2_000, 5_000];

/// Shortest wait, so that a device that fails at once costs next to nothing.
const WAIT_MS_MIN: u64 = 20;

/// Waits that grow to a cap, with full jitter: anything between the shortest wait and the current ceiling, so that
/// devices that failed together do not come back together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Backoff {
    failures: usize,
}

impl Backoff {
    /// The next wait in milliseconds.
    pub fn next_ms(&mut self, entropy: &mut dyn Entropy) -> u64 {
        let ceiling = CEILINGS_MS[self.failures.min(CEILINGS_MS.len() - 1)];
        self.failures = self.failures.saturating_add(1);
        WAIT_MS_MIN + entropy.next_u64() % (ceiling - WAIT_MS_MIN + 1)
    }

    /// The link stood for a while: begin with short waits again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_begin_again() {
        let mut longest = || u64::MAX - u64::MAX % 4_981 - 1;
        let mut backoff = Backoff::default();
        for _ in 0..100 {
            assert!((WAIT_MS_MIN..=5_000).contains(&backoff.next_ms(&mut longest)));
        }
        let mut shortest = || 0;
        assert_eq!(backoff.next_ms(&mut shortest), WAIT_MS_MIN);
        backoff.reset();
        let mut first_ceiling = || 230;
        assert_eq!(backoff.next_ms(&mut first_ceiling), 250);
    }
}
