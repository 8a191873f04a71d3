//! How strong the strong tags are: what each single one is compared with, so that the power of a reader and how far it is held
//! from the goods cancel out.

/// Strengths by whole dBm, from -128 to 0 and above.
const STEPS: usize = 129;

/// Counts of strengths; quantiles of them in hundredths of a dBm.
#[derive(Debug, Clone)]
pub(super) struct Levels {
    counts: [u32; STEPS],
    all: u32,
}

impl Levels {
    pub(super) const fn new() -> Self {
        Self {
            counts: [0; STEPS],
            all: 0,
        }
    }

    pub(super) fn of(strengths_centi_dbm: impl IntoIterator<Item = i16>) -> Self {
        let mut levels = Self::new();
        for strength in strengths_centi_dbm {
            levels.add(strength);
        }
        levels
    }

    pub(super) fn add(&mut self, centi_dbm: i16) {
        let step = (i32::from(centi_dbm).div_euclid(100) + 128).clamp(0, STEPS as i32 - 1);
        if let Some(count) = self.counts.get_mut(step as usize) {
            *count += 1;
            self.all += 1;
        }
    }

    /// The strength that `per_mille` of all are above, at least that of the strongest. `None` where there are none.
    pub(super) fn strongest(&self, per_mille: u32) -> Option<i16> {
        let rank = u64::from(self.all) * u64::from(per_mille) / 1_000;
        let mut above = 0u64;
        for (step, &count) in self.counts.iter().enumerate().rev() {
            above += u64::from(count);
            if count > 0 && above > rank {
                return Some(((step as i32 - 128) * 100 + 50) as i16);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_from_the_strongest_down() {
        let levels = Levels::of((1..=100).map(|n| -n * 100));
        for (per_mille, level) in [(0, -50), (100, -1_050), (500, -5_050), (999, -9_950)] {
            assert_eq!(levels.strongest(per_mille), Some(level), "{per_mille} per mille");
        }
        assert_eq!(Levels::new().strongest(0), None);
        assert_eq!(Levels::of([i16::MIN, i16::MAX]).strongest(600), Some(-12_750));
    }
}
