//! Chance: from the system for real, from a seed for tests and the simulator.

/// Where random numbers come from. Everything that needs one is given one of these.
pub trait Entropy: Send {
    /// Fills the buffer with random bytes.
    fn fill(&mut self, bytes: &mut [u8]);

    /// A random number of 64 bits.
    fn u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A random number below `n`, each equally likely; 0 where `n` is 0.
    ///
    /// Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29(1), 2019, algorithm 5: the high
    /// half of a wide product, with the few values drawn again that would make some results likelier.
    fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let uneven = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.u64()) * u128::from(n);
            // Truncation is meant: the low half decides, the high half is the result.
            if product as u64 >= uneven {
                return (product >> 64) as u64;
            }
        }
    }

    /// How long to wait before try number `attempt` (0 is the first retry), in milliseconds: anything from 0
    /// to `base_ms` doubled with each attempt, `cap_ms` at most, each equally likely ("full jitter"). Devices
    /// that lost the same server together so do not come back together.
    fn full_jitter(&mut self, base_ms: u64, attempt: u32, cap_ms: u64) -> u64 {
        let factor = 1_u64.checked_shl(attempt).unwrap_or(u64::MAX);
        let ceiling_ms = base_ms.saturating_mul(factor).min(cap_ms);
        self.below(ceiling_ms.saturating_add(1))
    }
}

/// The system's generator: for tokens, boot-to-boot identities and jitter.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    ///
    /// If the kernel has no generator, which no Linux since 3.17 lacks: to go on with a guessable token would
    /// be worse.
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the kernel gives random bytes");
    }
}

/// The same numbers for the same seed, on every machine and in every version: never for secrets.
///
/// xoshiro256** 1.0 by Blackman and Vigna, its state filled by SplitMix64 as they advise
/// (<https://prng.di.unimi.it>).
#[derive(Debug, Clone)]
pub struct SeededEntropy {
    state: [u64; 4],
}

impl SeededEntropy {
    /// A generator for this seed.
    pub fn new(seed: u64) -> SeededEntropy {
        let mut mixer = seed;
        SeededEntropy {
            state: std::array::from_fn(|_| split_mix_64(&mut mixer)),
        }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.u64().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }

    fn u64(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }
}

fn split_mix_64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn split_mix_gives_its_published_numbers() {
        // The first outputs for seed 1234567, from the authors' reference implementation.
        let mut state = 1_234_567;
        assert_eq!(split_mix_64(&mut state), 6_457_827_717_110_365_317);
        assert_eq!(split_mix_64(&mut state), 3_203_168_211_198_807_973);
        assert_eq!(split_mix_64(&mut state), 9_817_491_932_198_370_423);
    }

    #[test]
    fn xoshiro_gives_its_published_numbers() {
        // The first outputs for the state 1, 2, 3, 4, from the authors' reference implementation.
        let mut generator = SeededEntropy { state: [1, 2, 3, 4] };
        let outputs: [u64; 6] = std::array::from_fn(|_| generator.u64());
        assert_eq!(
            outputs,
            [
                11520,
                0,
                1_509_978_240,
                1_215_971_899_390_074_240,
                1_216_172_134_540_287_360,
                607_988_272_756_665_600
            ]
        );
    }

    #[test]
    fn the_system_does_not_repeat_itself() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        SystemEntropy.fill(&mut first);
        SystemEntropy.fill(&mut second);
        assert_ne!(first, second);
    }

    #[test]
    fn each_of_ten_comes_up_about_as_often() {
        let mut generator = SeededEntropy::new(7);
        let mut counts = [0_u32; 10];
        for _ in 0..100_000 {
            counts[usize::try_from(generator.below(10)).unwrap()] += 1;
        }
        // Five standard deviations of a binomial with p = 1/10 are about 475.
        assert!(
            counts.iter().all(|count| count.abs_diff(10_000) < 475),
            "{counts:?}"
        );
    }

    #[test]
    fn waits_grow_to_the_cap_and_use_their_whole_range() {
        let mut generator = SeededEntropy::new(7);
        for (attempt, ceiling_ms) in [
            (0, 100),
            (1, 200),
            (3, 800),
            (4, 1_000),
            (63, 1_000),
            (64, 1_000),
            (u32::MAX, 1_000),
        ] {
            let waits: Vec<u64> = (0..20_000)
                .map(|_| generator.full_jitter(100, attempt, 1_000))
                .collect();
            assert_eq!(waits.iter().max(), Some(&ceiling_ms), "attempt {attempt}");
            assert_eq!(waits.iter().min(), Some(&0), "attempt {attempt}");
        }
        assert_eq!(generator.full_jitter(0, 5, 1_000), 0);
        let _ = generator.full_jitter(u64::MAX, 5, u64::MAX);
    }

    proptest! {
        #[test]
        fn below_is_below(seed: u64, n in 1_u64..) {
            let mut generator = SeededEntropy::new(seed);
            for _ in 0..20 {
                prop_assert!(generator.below(n) < n);
            }
            prop_assert_eq!(generator.below(0), 0);
        }

        #[test]
        fn the_same_seed_gives_the_same_bytes(seed: u64, length in 0_usize..100) {
            let bytes = |mut generator: SeededEntropy| {
                let mut bytes = vec![0; length];
                generator.fill(&mut bytes);
                bytes
            };
            prop_assert_eq!(bytes(SeededEntropy::new(seed)), bytes(SeededEntropy::new(seed)));
        }
    }
}
