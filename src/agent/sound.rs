//! What a worker hears: one pattern of notes per outcome, and the outputs that play it.
//!
//! A scanner beeps when it has decoded something, which says nothing about the work. Our good sound means that the
//! confirmation is on disk, so it must not be taken for that beep: it is two rising notes, well below a scanner's
//! single high one.

mod bell;
mod lines;
mod pattern;

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tallyman_floor::Tone;
use thiserror::Error;

pub use bell::Bell;
pub use lines::Lines;
pub use pattern::{Note, Pattern, pattern, wav};

/// An outcome that can be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cue {
    /// It is done and safe.
    Good,
    /// It does not count.
    Bad,
    /// An answer is wanted.
    Ask,
    /// For information.
    Calm,
    /// The scanner sent the same code twice in one moment; the second was dropped.
    Duplicate,
    /// It could not be stored: nothing counts until somebody has helped.
    StorageFailure,
}

impl Cue {
    /// Every outcome.
    pub const ALL: [Self; 6] = [
        Self::Good,
        Self::Bad,
        Self::Ask,
        Self::Calm,
        Self::Duplicate,
        Self::StorageFailure,
    ];

    /// The word that files and pages use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Ask => "ask",
            Self::Calm => "calm",
            Self::Duplicate => "duplicate",
            Self::StorageFailure => "storage_failure",
        }
    }
}

impl From<Tone> for Cue {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Good => Self::Good,
            Tone::Bad => Self::Bad,
            Tone::Ask => Self::Ask,
            Tone::Calm => Self::Calm,
        }
    }
}

/// Plays outcomes. It never makes the work wait: it returns before the last note has sounded, and a newer outcome
/// ends an older one.
pub trait Sounder: Send {
    /// Plays an outcome.
    ///
    /// # Errors
    /// When the output cannot be written. The outcome is lost then; the next one may be heard.
    fn sound(&mut self, cue: Cue) -> Result<(), SoundError>;
}

/// Why something is not heard.
#[derive(Debug, Error)]
pub enum SoundError {
    /// The output cannot be opened or written.
    #[error("the sound output {} cannot be written: {source}. Check `path` under `sound` and its permissions.", path.display())]
    Output {
        /// The output.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Where outcomes are played.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SoundConfig {
    /// Which kind of output.
    pub output: Output,
    /// The terminal of a bell, or the file or pipe of lines. Not used with `none`.
    pub path: PathBuf,
}

/// The kinds of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Nothing is heard.
    #[default]
    None,
    /// The bell of a terminal, as `/dev/tty1`.
    Bell,
    /// A line of JSON for each outcome, appended to a file or written to a pipe: for whoever listens outside.
    Lines,
}

/// Opens the configured output.
///
/// # Errors
/// When it cannot be opened.
pub fn open(config: &SoundConfig) -> Result<Box<dyn Sounder>, SoundError> {
    Ok(match config.output {
        Output::None => Box::new(Silence),
        Output::Bell => Box::new(Bell::open(&config.path)?),
        Output::Lines => Box::new(Lines::open(&config.path)?),
    })
}

/// No output.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silence;

impl Sounder for Silence {
    fn sound(&mut self, _: Cue) -> Result<(), SoundError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_says_which_output_and_a_mistake_is_refused() {
        let read = serde_json::from_str::<SoundConfig>;
        let bell = read(r#"{"output":"bell","path":"/dev/tty1"}"#).expect("a good configuration");
        assert_eq!(
            bell,
            SoundConfig {
                output: Output::Bell,
                path: "/dev/tty1".into()
            }
        );
        assert_eq!(read("{}").expect("the default"), SoundConfig::default());
        for wrong in [r#"{"output":"loud"}"#, r#"{"volume":3}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_output_that_cannot_be_opened_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        for output in [Output::Bell, Output::Lines] {
            let path = folder.path().join("missing").join("out");
            let error = open(&SoundConfig {
                output,
                path: path.clone(),
            })
            .err()
            .expect("no such folder");
            let text = error.to_string();
            assert!(
                text.contains(&*path.to_string_lossy()) && text.contains("Check"),
                "{text}"
            );
        }
        let mut silence = open(&SoundConfig::default()).expect("silence needs nothing");
        assert!(Cue::ALL.into_iter().all(|cue| silence.sound(cue).is_ok()));
    }

    #[test]
    fn the_words_are_those_of_the_wire() {
        for cue in Cue::ALL {
            assert_eq!(serde_json::to_value(cue).expect("a word"), cue.word());
        }
    }
}
