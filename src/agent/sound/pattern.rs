//! The patterns as plain numbers, and as sound for a browser or a loudspeaker.
//!
//! Patterns differ in rhythm as well as in pitch, so that they are told apart through noise that swallows one of
//! the two.

use std::f64::consts::TAU;

use serde::Serialize;

use super::Cue;

/// A note and the silence after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The pitch, in hertz.
    pub hz: u16,
    /// How long it sounds, in milliseconds.
    pub ms: u16,
    /// The silence after it, in milliseconds.
    pub pause_ms: u16,
}

/// The notes of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pattern {
    /// The outcome.
    pub cue: Cue,
    /// Its notes, in order.
    pub notes: &'static [Note],
}

impl Pattern {
    /// From the first sound to the last silence, in milliseconds.
    pub fn total_ms(&self) -> u32 {
        self.notes
            .iter()
            .map(|note| u32::from(note.ms) + u32::from(note.pause_ms))
            .sum()
    }
}

const fn note(hz: u16, ms: u16, pause_ms: u16) -> Note {
    Note { hz, ms, pause_ms }
}

/// A fifth up, short: heard hundreds of times an hour.
const GOOD: &[Note] = &[note(659, 60, 15), note(988, 110, 0)];

/// Low and long, twice.
const BAD: &[Note] = &[note(196, 220, 80), note(196, 340, 0)];

/// Twice the same and up: the tune of a question.
const ASK: &[Note] = &[note(587, 90, 60), note(587, 90, 60), note(880, 200, 0)];

/// One soft note.
const CALM: &[Note] = &[note(523, 140, 0)];

/// A dull tick.
const DUPLICATE: &[Note] = &[note(330, 35, 0)];

/// A click, hardly heard: it comes several times a second while a shelf is swept.
const TAG: &[Note] = &[note(1245, 12, 0)];

/// A short high note, which comes the oftener the nearer it is.
const NEAR: &[Note] = &[note(1319, 50, 0)];

/// High and low in turn, until it cannot be overheard.
const STORAGE_FAILURE: &[Note] = &[
    note(932, 180, 20),
    note(466, 180, 20),
    note(932, 180, 20),
    note(466, 180, 20),
    note(932, 180, 20),
    note(466, 360, 0),
];

/// The notes of an outcome.
pub const fn pattern(cue: Cue) -> Pattern {
    let notes = match cue {
        Cue::Good => GOOD,
        Cue::Bad => BAD,
        Cue::Ask => ASK,
        Cue::Calm => CALM,
        Cue::Duplicate => DUPLICATE,
        Cue::StorageFailure => STORAGE_FAILURE,
        Cue::Tag => TAG,
        Cue::Near => NEAR,
    };
    Pattern { cue, notes }
}

/// Samples in a second of [`wav`].
const RATE: u32 = 22_050;

/// How long a note takes to swell and to fade, in seconds: without, each begins and ends with a click.
const RAMP_SECONDS: f64 = 0.006;

/// How loud, of 1: loud, and below where small loudspeakers rattle.
const LOUDNESS: f64 = 0.6;

/// How strong each harmonic is. With the ground tone alone a small loudspeaker hardly gives the low notes.
const HARMONICS: [f64; 4] = [0.60, 0.22, 0.12, 0.06];

/// An outcome as a WAV file: one channel, 16 bits.
pub fn wav(cue: Cue) -> Vec<u8> {
    let samples: Vec<u8> = pattern(cue)
        .notes
        .iter()
        .flat_map(samples)
        .flat_map(i16::to_le_bytes)
        .collect();
    let length = samples.len() as u32;
    let mut file = Vec::with_capacity(samples.len() + 44);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + length).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16u32.to_le_bytes());
    // Linear samples, one channel.
    file.extend_from_slice(&[1, 0, 1, 0]);
    file.extend_from_slice(&RATE.to_le_bytes());
    file.extend_from_slice(&(RATE * 2).to_le_bytes());
    // Bytes a frame, bits a sample.
    file.extend_from_slice(&[2, 0, 16, 0]);
    file.extend_from_slice(b"data");
    file.extend_from_slice(&length.to_le_bytes());
    file.extend_from_slice(&samples);
    file
}

fn samples(note: &Note) -> impl Iterator<Item = i16> {
    let count = |ms: u16| u32::from(ms) * RATE / 1000;
    let (sounding, silent) = (count(note.ms), count(note.pause_ms));
    let (hz, seconds) = (f64::from(note.hz), f64::from(sounding) / f64::from(RATE));
    let wave = move |index: u32| {
        let at = f64::from(index) / f64::from(RATE);
        let swell = (at.min(seconds - at) / RAMP_SECONDS).clamp(0.0, 1.0);
        let tone: f64 = (1..)
            .zip(HARMONICS)
            .map(|(nth, part)| part * (TAU * hz * f64::from(nth) * at).sin())
            .sum();
        (tone * swell * LOUDNESS * f64::from(i16::MAX)) as i16
    };
    (0..sounding).map(wave).chain((0..silent).map(|_| 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pitch of the beepers in hand scanners, from their manuals: about 1.5 to 3 kHz, one note.
    const SCANNER_HZ: std::ops::Range<u16> = 1_400..3_200;

    #[test]
    fn our_good_sound_is_not_a_scanners_beep() {
        let good = pattern(Cue::Good);
        assert!(
            good.notes.len() > 1 && good.notes[0].hz < good.notes[1].hz,
            "{good:?}"
        );
        for cue in Cue::ALL {
            assert!(
                pattern(cue)
                    .notes
                    .iter()
                    .all(|note| !SCANNER_HZ.contains(&note.hz)),
                "{cue:?}"
            );
        }
    }

    #[test]
    fn outcomes_are_told_apart_by_rhythm_alone_and_good_from_bad_by_pitch_alone() {
        let rhythm = |cue| {
            pattern(cue)
                .notes
                .iter()
                .map(|note| (note.ms, note.pause_ms))
                .collect::<Vec<_>>()
        };
        for (index, &one) in Cue::ALL.iter().enumerate() {
            for &other in &Cue::ALL[index + 1..] {
                let (a, b) = (pattern(one).total_ms(), pattern(other).total_ms());
                let lengths_differ = a.max(b) * 10 >= a.min(b) * 13;
                let counts_differ = rhythm(one).len() != rhythm(other).len();
                assert!(lengths_differ || counts_differ, "{one:?} and {other:?}");
            }
        }
        let highest = |cue| pattern(cue).notes.iter().map(|note| note.hz).max();
        let lowest = |cue| pattern(cue).notes.iter().map(|note| note.hz).min();
        assert!(lowest(Cue::Good) > highest(Cue::Bad).map(|hz| hz * 2));
    }

    #[test]
    fn what_is_heard_often_is_short() {
        assert!(pattern(Cue::Good).total_ms() <= 200);
        assert!(pattern(Cue::Duplicate).total_ms() <= 50);
        assert!(Cue::ALL.into_iter().all(|cue| pattern(cue).total_ms() <= 1_500));
    }

    #[test]
    fn a_wav_has_the_length_of_its_pattern_and_begins_and_ends_without_a_click() {
        for cue in Cue::ALL {
            let file = wav(cue);
            assert_eq!(
                (&file[..4], &file[8..16], &file[36..40]),
                (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..])
            );
            let number = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]);
            assert_eq!(
                (number(4) as usize, number(40) as usize),
                (file.len() - 8, file.len() - 44)
            );
            let samples: Vec<i16> = file[44..]
                .chunks_exact(2)
                .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            let ms = samples.len() as u32 * 1000 / RATE;
            assert!(
                ms.abs_diff(pattern(cue).total_ms()) <= pattern(cue).notes.len() as u32 * 2,
                "{cue:?}: {ms}"
            );
            assert!(
                samples[0].abs() < 400 && samples[samples.len() - 1].abs() < 400,
                "{cue:?} clicks"
            );
            assert!(
                samples.iter().any(|sample| sample.abs() > 10_000),
                "{cue:?} is too quiet"
            );
        }
    }

    #[test]
    fn a_browser_gets_the_pattern_as_numbers() {
        let json = serde_json::to_string(&pattern(Cue::Good)).expect("numbers");
        assert_eq!(
            json,
            r#"{"cue":"good","notes":[{"hz":659,"ms":60,"pause_ms":15},{"hz":988,"ms":110,"pause_ms":0}]}"#
        );
    }
}
