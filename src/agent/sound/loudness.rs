//! How loud outcomes are by the time of day, and all outputs as one.

use jiff::civil::Time;
use serde::{Deserialize, Deserializer};

use super::{Cue, SoundError, Sounder};

/// The time of day, where the clock is to be believed.
pub type TimeOfDay = Box<dyn Fn() -> Option<Time> + Send>;

/// A part of the day, as `22:00-06:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: Time,
    to: Time,
}

impl Period {
    /// Reads a period: two times of day with a dash between them.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
        Some(Self {
            from: time(from)?,
            to: time(to)?,
        })
    }

    /// Whether a time is in it: its begin is, its end is not. It may go over midnight; one that ends when it begins is
    /// the whole day.
    pub fn has(&self, time: Time) -> bool {
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }
}

/// A period of the configuration; empty for none.
pub(super) fn period<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Period>, D::Error> {
    let text = String::deserialize(source)?;
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || {
        serde::de::Error::custom(format!(
            "{text:?} is no part of a day; write it as \"22:00-06:00\""
        ))
    };
    Period::parse(&text).map(Some).ok_or_else(wrong)
}

/// How loud it is when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loudness {
    /// Usually, of 100.
    pub volume: u8,
    /// When it is quieter.
    pub quiet: Option<Period>,
    /// How loud it is then.
    pub quiet_volume: u8,
}

impl Loudness {
    /// How loud an outcome is now. That nothing counts any more is never quieter; nor is anything where the time is not
    /// known.
    pub fn of(&self, cue: Cue, now: Option<Time>) -> u8 {
        let is_quiet = self
            .quiet
            .is_some_and(|quiet| now.is_some_and(|now| quiet.has(now)));
        if is_quiet && cue != Cue::StorageFailure {
            self.quiet_volume
        } else {
            self.volume
        }
    }
}

/// Several outputs that tell each outcome.
pub struct Together {
    pub(super) outputs: Vec<Box<dyn Sounder>>,
    pub(super) loudness: Loudness,
    pub(super) time: TimeOfDay,
}

impl Sounder for Together {
    fn sound(&mut self, cue: Cue) -> Result<(), SoundError> {
        let volume = self.loudness.of(cue, (self.time)());
        let mut first = Ok(());
        for output in &mut self.outputs {
            output.set_volume(volume);
            // One that fails keeps no other from telling.
            first = first.and(output.sound(cue));
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    fn at(text: &str) -> Time {
        Time::strptime("%H:%M", text).unwrap()
    }

    #[test]
    fn a_period_may_go_over_midnight() {
        for (period, time, wanted) in [
            ("22:00-06:00", "21:59", false),
            ("22:00-06:00", "22:00", true),
            ("22:00-06:00", "00:00", true),
            ("22:00-06:00", "05:59", true),
            ("22:00-06:00", "06:00", false),
            ("12:00 - 13:30", "13:29", true),
            ("12:00-13:30", "13:30", false),
            ("08:00-08:00", "07:00", true),
        ] {
            let period = Period::parse(period).unwrap();
            assert_eq!(period.has(at(time)), wanted, "{period:?} {time}");
        }
        for wrong in ["", "22:00", "22-06", "22:00-25:00", "a-b"] {
            assert_eq!(Period::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn it_is_quieter_in_its_period_but_for_what_must_be_heard() {
        let loudness = Loudness {
            volume: 80,
            quiet: Period::parse("22:00-06:00"),
            quiet_volume: 20,
        };
        for (cue, now, wanted) in [
            (Cue::Good, Some("12:00"), 80),
            (Cue::Good, Some("23:00"), 20),
            (Cue::Bad, Some("23:00"), 20),
            (Cue::StorageFailure, Some("23:00"), 80),
            (Cue::Good, None, 80),
        ] {
            assert_eq!(loudness.of(cue, now.map(at)), wanted, "{cue:?} {now:?}");
        }
    }

    /// An output that notes what it is told, and may fail.
    struct Noting(Arc<Mutex<Vec<(u8, Cue)>>>, u8, bool);

    impl Sounder for Noting {
        fn sound(&mut self, cue: Cue) -> Result<(), SoundError> {
            self.0.lock().unwrap().push((self.1, cue));
            if self.2 {
                return Err(SoundError::Output {
                    path: "/dev/twin".into(),
                    source: std::io::ErrorKind::NotFound.into(),
                });
            }
            Ok(())
        }

        fn set_volume(&mut self, percent: u8) {
            self.1 = percent;
        }
    }

    #[test]
    fn an_output_that_fails_keeps_no_other_from_telling() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let output = |fails| -> Box<dyn Sounder> { Box::new(Noting(Arc::clone(&told), 0, fails)) };
        let mut together = Together {
            outputs: vec![output(true), output(false)],
            loudness: Loudness {
                volume: 80,
                quiet: None,
                quiet_volume: 0,
            },
            time: Box::new(|| None),
        };
        assert!(together.sound(Cue::Good).is_err());
        assert_eq!(*told.lock().unwrap(), [(80, Cue::Good); 2]);
    }
}
