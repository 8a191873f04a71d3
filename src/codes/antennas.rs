//! The antennas that read a tag, each with the best signal it had of it.

/// Antennas that are told apart. Portals have 4 to 16; behind a multiplexer there may be more, and reads by those count
/// without an antenna.
pub const ANTENNAS_MAX: usize = 16;

/// A set of antennas, each with the best signal it had of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Antennas {
    /// Bit 0 is antenna 1.
    seen: u16,
    /// [`NO_SIGNAL`] where an antenna read without telling a strength.
    best_centi_dbm: [i16; ANTENNAS_MAX],
}

/// No strength was told.
const NO_SIGNAL: i16 = i16::MIN;

impl Default for Antennas {
    fn default() -> Self {
        Self {
            seen: 0,
            best_centi_dbm: [NO_SIGNAL; ANTENNAS_MAX],
        }
    }
}

impl Antennas {
    /// One antenna, 1-based, with its signal. Empty for those that are not told apart.
    pub fn of(antenna: Option<u16>, signal_centi_dbm: Option<i16>) -> Self {
        let mut antennas = Self::default();
        if let Some(antenna) = antenna {
            antennas.add(antenna, signal_centi_dbm);
        }
        antennas
    }

    /// Adds an antenna, 1-based. One beyond [`ANTENNAS_MAX`] is left out.
    pub fn add(&mut self, antenna: u16, signal_centi_dbm: Option<i16>) {
        let index = usize::from(antenna).wrapping_sub(1);
        if let Some(best) = self.best_centi_dbm.get_mut(index) {
            self.seen |= 1 << index;
            *best = (*best).max(signal_centi_dbm.unwrap_or(NO_SIGNAL));
        }
    }

    /// Adds up with another set.
    pub fn merge(&mut self, other: &Self) {
        self.seen |= other.seen;
        for (best, other) in self.best_centi_dbm.iter_mut().zip(other.best_centi_dbm) {
            *best = (*best).max(other);
        }
    }

    /// The set as bits, bit 0 for antenna 1.
    pub const fn bits(&self) -> u16 {
        self.seen
    }

    /// How many antennas.
    pub const fn len(&self) -> usize {
        self.seen.count_ones() as usize
    }

    /// Whether no antenna is known.
    pub const fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// Whether this antenna, 1-based, is among them.
    pub const fn contains(&self, antenna: u16) -> bool {
        antenna >= 1 && antenna <= ANTENNAS_MAX as u16 && self.seen >> (antenna - 1) & 1 == 1
    }

    /// Each antenna, 1-based, with its best signal where one was told.
    pub fn iter(&self) -> impl Iterator<Item = (u16, Option<i16>)> + '_ {
        (1..)
            .zip(self.best_centi_dbm)
            .filter(|(antenna, _)| self.contains(*antenna))
            .map(|(antenna, best)| (antenna, (best != NO_SIGNAL).then_some(best)))
    }

    /// The antenna with the best signal, the lowest of those that are equal.
    pub fn best(&self) -> Option<(u16, Option<i16>)> {
        self.iter()
            .max_by_key(|&(antenna, signal)| (signal, std::cmp::Reverse(antenna)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn antennas_that_are_not_told_apart_are_left_out() {
        let mut antennas = Antennas::default();
        for antenna in [0, 17, 65_535] {
            antennas.add(antenna, Some(-5_000));
            assert!(
                antennas.is_empty() && !antennas.contains(antenna),
                "antenna {antenna}"
            );
        }
        antennas.add(16, None);
        antennas.add(1, Some(-6_000));
        assert_eq!((antennas.bits(), antennas.len()), (0x8001, 2));
        assert_eq!(
            antennas.iter().collect::<Vec<_>>(),
            [(1, Some(-6_000)), (16, None)]
        );
    }
}
