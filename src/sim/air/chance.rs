//! Chance in the shapes that radio and warehouses have.

use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

/// Seeded chance.
#[derive(Debug, Clone)]
pub struct Chance(SeededEntropy);

impl Chance {
    /// The same numbers for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    /// Any number from one to another, each equally likely.
    pub fn between(&mut self, least: f64, most: f64) -> f64 {
        let share = (self.0.u64() >> 11) as f64 / (1u64 << 53) as f64;
        least + (most - least) * share
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0.below(n as u64) as usize
    }

    /// Whether something of this probability happens.
    pub fn is(&mut self, probability: f64) -> bool {
        self.between(0.0, 1.0) < probability
    }

    /// A number around 0 with this standard deviation (the sum of twelve, which never goes beyond six deviations).
    pub fn around(&mut self, deviation: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| self.between(0.0, 1.0)).sum();
        (sum - 6.0) * deviation
    }

    /// A seed for something else.
    pub fn branch_seed(&mut self) -> u64 {
        self.0.u64()
    }

    /// Another source of chance, which does not shift when this one is used more or less.
    pub fn branch(&mut self) -> Self {
        Self::new(self.0.u64())
    }
}
