//! What a worker hears: one pattern of notes per outcome, and the outputs that play it.
//!
//! A scanner beeps when it has decoded something, which says nothing about the work. Our good sound means that the
//! confirmation is on disk, so it must not be taken for that beep: it is two rising notes, well below a scanner's
//! single high one.

mod bell;
pub mod devices;
mod lines;
pub mod loudness;
mod pattern;
mod player;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tallyman_floor::Tone;
use thiserror::Error;

pub use bell::Bell;
pub use lines::Lines;
pub use loudness::{Loudness, Period, TimeOfDay, Together};
pub use pattern::{Note, Pattern, pattern, wav};
pub use player::{OpenVoice, Player, Voice};

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
    /// New tags were heard in a sweep. It promises nothing.
    Tag,
    /// The tag that is looked for was heard: the nearer, the oftener.
    Near,
}

impl Cue {
    /// Every outcome.
    pub const ALL: [Self; 8] = [
        Self::Good,
        Self::Bad,
        Self::Ask,
        Self::Calm,
        Self::Duplicate,
        Self::StorageFailure,
        Self::Tag,
        Self::Near,
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
            Self::Tag => "tag",
            Self::Near => "near",
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

    /// How loud the next outcomes are, of 100, where the output knows more than on and off.
    fn set_volume(&mut self, _percent: u8) {}
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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SoundConfig {
    /// Which kind of output.
    pub output: Output,
    /// The terminal of a bell, or the file or pipe of lines. Not used with `none`.
    pub path: PathBuf,
    /// The beeper: an input device by path, USB ids or name, or `auto`; empty for none.
    pub beeper: String,
    /// The vibrator; the same.
    pub vibrator: String,
    /// Lights of `/sys/class/leds`, by the word of the outcome.
    pub lights: BTreeMap<String, String>,
    /// How loud, of 100.
    pub volume: u8,
    /// When it is quieter; `None` for never.
    #[serde(deserialize_with = "loudness::period")]
    pub quiet: Option<Period>,
    /// How loud it is then.
    pub quiet_volume: u8,
}

impl Default for SoundConfig {
    fn default() -> Self {
        Self {
            output: Output::None,
            path: PathBuf::new(),
            beeper: String::new(),
            vibrator: String::new(),
            lights: BTreeMap::new(),
            volume: 100,
            quiet: None,
            quiet_volume: 30,
        }
    }
}

impl SoundConfig {
    /// Checks what the text's form does not.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub fn check(&self) -> Result<(), String> {
        for (key, value) in [("volume", self.volume), ("quiet_volume", self.quiet_volume)] {
            if value > 100 {
                return Err(format!("`sound.{key}` is {value}; it must be from 0 to 100"));
            }
        }
        let words = Cue::ALL.map(Cue::word);
        for (cue, light) in &self.lights {
            if !words.contains(&cue.as_str()) {
                return Err(format!(
                    "`sound.lights` has {cue:?}; there are {}",
                    words.join(", ")
                ));
            }
            if light.is_empty() || light.contains('/') || light.starts_with('.') {
                return Err(format!(
                    "`sound.lights.{cue}` is {light:?}; write a name of /sys/class/leds"
                ));
            }
        }
        Ok(())
    }

    /// What the outputs of the kernel are opened with, by what they are called.
    pub fn voices(&self) -> Vec<(&'static str, OpenVoice)> {
        let mut voices: Vec<(&'static str, OpenVoice)> = Vec::new();
        if !self.beeper.is_empty() {
            let name = self.beeper.clone();
            let open = move || Ok(Box::new(devices::Beeper::open(&name)?) as Box<dyn Voice>);
            voices.push(("beeper", Box::new(open)));
        }
        if !self.vibrator.is_empty() {
            let name = self.vibrator.clone();
            let open = move || Ok(Box::new(devices::Vibrator::open(&name)?) as Box<dyn Voice>);
            voices.push(("vibrator", Box::new(open)));
        }
        if !self.lights.is_empty() {
            let names = self.lights.clone();
            let open = move || {
                let lights = devices::Lights::open(Path::new(devices::LEDS), &names)?;
                Ok(Box::new(lights) as Box<dyn Voice>)
            };
            voices.push(("lights", Box::new(open)));
        }
        voices
    }
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

/// Opens the configured outputs. `time` says when it is to be quieter. Devices of the kernel may be missing now: they are
/// opened when they are used, again and again.
///
/// # Errors
/// When the bell or the lines cannot be opened.
pub fn open(config: &SoundConfig, time: TimeOfDay) -> Result<Box<dyn Sounder>, SoundError> {
    let mut outputs: Vec<Box<dyn Sounder>> = vec![match config.output {
        Output::None => Box::new(Silence),
        Output::Bell => Box::new(Bell::open(&config.path)?),
        Output::Lines => Box::new(Lines::open(&config.path)?),
    }];
    for (name, open) in config.voices() {
        outputs.push(Box::new(Player::start(name, open)?));
    }
    Ok(Box::new(Together {
        outputs,
        loudness: Loudness {
            volume: config.volume,
            quiet: config.quiet,
            quiet_volume: config.quiet_volume,
        },
        time,
    }))
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
                path: "/dev/tty1".into(),
                ..SoundConfig::default()
            }
        );
        assert_eq!(read("{}").expect("the default"), SoundConfig::default());
        for wrong in [
            r#"{"output":"loud"}"#,
            r#"{"loudness":3}"#,
            r#"{"quiet":"night"}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_output_that_cannot_be_opened_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        for output in [Output::Bell, Output::Lines] {
            let path = folder.path().join("missing").join("out");
            let error = open(
                &SoundConfig {
                    output,
                    path: path.clone(),
                    ..SoundConfig::default()
                },
                Box::new(|| None),
            )
            .err()
            .expect("no such folder");
            let text = error.to_string();
            assert!(
                text.contains(&*path.to_string_lossy()) && text.contains("Check"),
                "{text}"
            );
        }
        let mut silence = open(&SoundConfig::default(), Box::new(|| None)).expect("silence needs nothing");
        assert!(Cue::ALL.into_iter().all(|cue| silence.sound(cue).is_ok()));
    }

    #[test]
    fn a_value_that_is_none_is_named() {
        let light = |cue: &str, name: &str| SoundConfig {
            lights: [(cue.to_owned(), name.to_owned())].into(),
            ..SoundConfig::default()
        };
        let loud = SoundConfig {
            volume: 101,
            ..SoundConfig::default()
        };
        for (config, wanted) in [
            (loud, "`sound.volume` is 101"),
            (light("fine", "a:green:b"), "there are good, bad"),
            (light("good", "../x"), "`sound.lights.good`"),
        ] {
            let told = config.check().unwrap_err();
            assert!(told.contains(wanted), "{told}");
        }
        assert_eq!(light("good", "a:green:b").check(), Ok(()));
    }

    #[test]
    fn the_words_are_those_of_the_wire() {
        for cue in Cue::ALL {
            assert_eq!(serde_json::to_value(cue).expect("a word"), cue.word());
        }
    }
}
