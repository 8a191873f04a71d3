//! Chance of a world: from one seed a stream of its own for everything that draws, so that nothing depends on who draws
//! first.

use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

/// A stream of draws.
#[derive(Debug, Clone)]
pub struct Chance(SeededEntropy);

impl Chance {
    /// The stream of this seed and name.
    pub fn of(seed: u64, name: &str) -> Self {
        Self(SeededEntropy::new(seed_of(seed, name)))
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0.below(n)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True so many times in a thousand.
    pub fn permille(&mut self, times: u64) -> bool {
        self.below(1_000) < times
    }

    /// One of these; `None` where there are none.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        let place = self.below(among.len() as u64);
        among.get(usize::try_from(place).unwrap_or(0))
    }

    /// One of these by weight; `None` where all weigh nothing.
    pub fn weighed<T: Copy>(&mut self, among: &[(u64, T)]) -> Option<T> {
        let total = among.iter().map(|(weight, _)| weight).sum();
        let mut drawn = self.below(total);
        among.iter().find_map(|(weight, thing)| {
            let is_it = drawn < *weight;
            drawn = drawn.saturating_sub(*weight);
            is_it.then_some(*thing)
        })
    }

    /// Puts things into chance order.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        crate::warehouse::shuffle(&mut self.0, things);
    }

    /// A source for a program, drawn from this one.
    pub fn entropy(&mut self) -> SeededEntropy {
        SeededEntropy::new(self.0.u64())
    }
}

/// The seed of something with a name, in the world of a seed.
pub fn seed_of(seed: u64, name: &str) -> u64 {
    let mut hasher = blake3::Hasher::new_derive_key("tallyman simulated chance v1");
    hasher.update(&seed.to_le_bytes());
    hasher.update(name.as_bytes());
    let mut bytes = [0; 8];
    hasher.finalize_xof().fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
