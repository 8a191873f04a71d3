//! What a person sees and hears of a scanner: its beeper and its light.

use std::collections::VecDeque;
use std::fmt;

use tallyman_codes::Moment;

/// Beeps and changes of the light that are remembered, the newest ones. A scan makes a handful.
const REMEMBERED_MAX: usize = 16_384;

/// Tones that follow each other within this time are heard as one row.
const ROW_MS_MAX: u64 = 250;

/// What a scanner beeped and lit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Face {
    beeps: VecDeque<Beeped>,
    beeps_all: u64,
    lit: VecDeque<(Moment, Lights)>,
    lights: Lights,
}

/// One beep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beeped {
    /// When.
    pub at: Moment,
    /// Which.
    pub beep: Beep,
}

/// Why it beeps, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Beep {
    /// Its own beep: it read a code. It knows nothing of the verdict.
    Decoded,
    /// The host ordered it.
    Ordered(Tones),
    /// A transmission was given up: four low ones.
    GaveUp,
}

/// A row of tones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tones {
    /// So many alike.
    Row {
        /// 1 to 5.
        count: u8,
        /// Long ones.
        is_long: bool,
        /// High ones.
        is_high: bool,
    },
    /// A tune, by its number at the scanner.
    Tune(u8),
}

/// The scanner's light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Lights {
    /// The green one burns.
    pub green: bool,
    /// The red one burns.
    pub red: bool,
}

impl Face {
    /// The beeps that are remembered, the oldest first.
    pub fn beeps(&self) -> impl DoubleEndedIterator<Item = Beeped> + '_ {
        self.beeps.iter().copied()
    }

    /// How often it beeped.
    pub const fn beeps_all(&self) -> u64 {
        self.beeps_all
    }

    /// The last beep, as an ear takes it: single tones close together are one row.
    pub fn last_beep(&self) -> Option<Beep> {
        let last = self.beeps.back()?;
        let is_of_row =
            |beeped: &&Beeped| beeped.beep == last.beep && last.at.since_us(beeped.at) <= ROW_MS_MAX * 1_000;
        let times = self.beeps.iter().rev().take_while(is_of_row).count();
        Some(match last.beep {
            Beep::Ordered(Tones::Row {
                count: 1,
                is_long,
                is_high,
            }) => Beep::Ordered(Tones::Row {
                count: u8::try_from(times).unwrap_or(u8::MAX),
                is_long,
                is_high,
            }),
            other => other,
        })
    }

    /// How often it beeped by itself because it read a code, among the beeps that are remembered.
    pub fn own_beeps(&self) -> usize {
        self.beeps().filter(|beeped| beeped.beep == Beep::Decoded).count()
    }

    /// What burns now.
    pub const fn lights(&self) -> Lights {
        self.lights
    }

    /// The changes of the light that are remembered, the oldest first.
    pub fn lit(&self) -> impl Iterator<Item = (Moment, Lights)> + '_ {
        self.lit.iter().copied()
    }

    pub(super) fn beep(&mut self, beep: Beep, at: Moment) {
        remember(&mut self.beeps, Beeped { at, beep });
        self.beeps_all += 1;
    }

    pub(super) fn light(&mut self, lights: Lights, at: Moment) {
        if self.lights != lights {
            self.lights = lights;
            remember(&mut self.lit, (at, lights));
        }
    }
}

fn remember<T>(memory: &mut VecDeque<T>, new: T) {
    if memory.len() == REMEMBERED_MAX {
        memory.pop_front();
    }
    memory.push_back(new);
}

impl fmt::Display for Beep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decoded => formatter.write_str("its own, for a code that it read"),
            Self::Ordered(tones) => write!(formatter, "{tones}, ordered by the program"),
            Self::GaveUp => formatter.write_str("four short low, because nobody took the code"),
        }
    }
}

impl fmt::Display for Tones {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row {
                count,
                is_long,
                is_high,
            } => {
                let count = ["no", "one", "two", "three", "four", "five"]
                    .get(usize::from(*count))
                    .unwrap_or(&"many");
                let length = if *is_long { "long" } else { "short" };
                let pitch = if *is_high { "high" } else { "low" };
                write!(formatter, "{count} {length} {pitch}")
            }
            Self::Tune(number) => write!(formatter, "tune {number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_tones_close_together_are_heard_as_a_row() {
        let one = Beep::Ordered(Tones::Row {
            count: 1,
            is_long: false,
            is_high: true,
        });
        let mut face = Face::default();
        let heard = |face: &Face| face.last_beep().map(|beep| beep.to_string());
        assert_eq!(heard(&face), None);
        for (at_ms, told) in [
            (0, "one short high, ordered by the program"),
            (5_000, "one short high, ordered by the program"),
            (5_000, "two short high, ordered by the program"),
            (5_020, "three short high, ordered by the program"),
        ] {
            face.beep(one, Moment::from_ms(at_ms));
            assert_eq!(heard(&face).as_deref(), Some(told));
        }
        face.beep(Beep::GaveUp, Moment::from_ms(5_030));
        assert_eq!(
            heard(&face).as_deref(),
            Some("four short low, because nobody took the code")
        );
        assert_eq!((face.beeps_all(), face.own_beeps()), (5, 0));
    }
}
