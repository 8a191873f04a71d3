//! What crosses the control socket, as JSON.

use serde::{Deserialize, Serialize};
use tallyman_floor::{KeyHint, Tone, View};

use crate::screen::{ScannerState, Sheet, StatusBar, Target, Touch};
use crate::seams::{Place, Sounded};

pub use crate::seams::key_names::{key_of, name_of};

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// What is asked: `status`, `view`, `bar`, `fields`, `shot` or `watch`.
    Ask(String),
    /// A key is pressed, by the name that [`key_of`] knows.
    Key(String),
    /// A label is printed: `test`.
    Print(String),
}

/// A screen as plain data; see [`View`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each member is the field of the same name")]
pub struct ViewForm {
    pub title: String,
    pub done_of: Option<(usize, usize)>,
    pub instruction: String,
    pub big: Option<BigForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub lines: Vec<LineForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    pub message: Option<MessageForm>,
    pub question: Option<QuestionForm>,
    pub next: Option<String>,
    pub keys: Vec<KeyForm>,
}

/// See [`tallyman_floor::Big`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each member is the field of the same name")]
pub struct BigForm {
    pub text: String,
    pub caption: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bar: Option<u8>,
}

/// See [`tallyman_floor::ViewLine`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each member is the field of the same name")]
pub struct LineForm {
    pub label: String,
    pub text: String,
}

/// See [`tallyman_floor::Message`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each member is the field of the same name")]
pub struct MessageForm {
    pub tone: String,
    pub sentences: Vec<String>,
}

/// See [`tallyman_floor::QuestionView`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each member is the field of the same name")]
pub struct QuestionForm {
    pub prompt: String,
    pub typed: Option<String>,
    pub choices: Vec<KeyForm>,
}

/// A key that means something now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each member is the field of the same name")]
pub struct KeyForm {
    pub key: String,
    pub label: String,
}

/// A sound and what it stands for; see [`Sounded`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundForm {
    /// `good`, `bad`, `ask` or `calm`.
    pub tone: String,
    /// The verdict it told.
    pub verdict: String,
    /// The scanner that was answered.
    pub device: Option<String>,
    /// The confirmations that were on disk before it sounded.
    pub confirmed: Vec<Place>,
}

/// What the bar above the view says, in the words that a panel with room enough shows; see [`StatusBar`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarForm {
    /// The link, what waits, how long, and whether it is safe.
    pub hub: String,
    /// Whether somebody should do something about the device.
    pub alarms: bool,
    /// Who works with the device; empty where nobody is logged in.
    pub worker: String,
    /// `ready`, `lost` or `none`.
    pub scanner: String,
    /// How full the battery is, and how long it lasts; missing where the device has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery: Option<String>,
    /// What was done in this shift; missing where nobody counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<String>,
    /// The time of day; empty where the clock is not to be believed.
    pub clock: String,
}

impl From<&StatusBar> for BarForm {
    fn from(bar: &StatusBar) -> Self {
        let longest = |sentences: Vec<String>| sentences.into_iter().next();
        let scanner = match bar.scanner {
            ScannerState::Ready => "ready",
            ScannerState::Lost => "lost",
            ScannerState::None => "none",
        };
        Self {
            hub: longest(bar.sentences()).unwrap_or_default(),
            alarms: bar.alarms(),
            worker: bar.worker.clone(),
            scanner: scanner.to_owned(),
            battery: longest(bar.battery_sentences()),
            shift: longest(bar.shift_sentences()),
            clock: bar.clock.clone(),
        }
    }
}

/// A field of the screen that a finger can touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldForm {
    /// What a touch does: a key by its name, or `sheet:` and what comes over the view: `plain` (the view itself again), `keys`,
    /// `digits` or `letters`.
    pub touch: String,
    /// Its left edge, in pixels of the picture.
    pub x: i32,
    /// Its upper edge, in pixels of the picture.
    pub y: i32,
    /// How many pixels it is wide.
    pub width: u32,
    /// How many pixels it is high.
    pub height: u32,
}

impl From<&Target> for FieldForm {
    fn from(target: &Target) -> Self {
        let touch = match target.touch {
            Touch::Key(key) => name_of(key),
            Touch::Sheet(Sheet::Plain) => "sheet:plain".to_owned(),
            Touch::Sheet(Sheet::Keys) => "sheet:keys".to_owned(),
            Touch::Sheet(Sheet::Digits) => "sheet:digits".to_owned(),
            Touch::Sheet(Sheet::Letters { .. }) => "sheet:letters".to_owned(),
        };
        Self {
            touch,
            x: target.area.top_left.x,
            y: target.area.top_left.y,
            width: target.area.size.width,
            height: target.area.size.height,
        }
    }
}

/// The word for a tone.
pub const fn tone_word(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Ask => "ask",
        Tone::Calm => "calm",
    }
}

impl From<&Sounded> for SoundForm {
    fn from(sounded: &Sounded) -> Self {
        Self {
            tone: tone_word(sounded.tone).to_owned(),
            verdict: sounded.verdict.to_owned(),
            device: sounded.device.as_ref().map(|device| device.as_str().to_owned()),
            confirmed: sounded.confirmed.clone(),
        }
    }
}

impl From<&View> for ViewForm {
    fn from(view: &View) -> Self {
        Self {
            title: view.title.clone(),
            done_of: view.done_of,
            instruction: view.instruction.clone(),
            big: view.big.as_ref().map(|big| BigForm {
                text: big.text.clone(),
                caption: big.caption.clone(),
                bar: big.bar,
            }),
            code: view.code.clone(),
            lines: view
                .lines
                .iter()
                .map(|line| LineForm {
                    label: line.label.clone(),
                    text: line.text.clone(),
                })
                .collect(),
            picture: view.picture.as_ref().map(ToString::to_string),
            message: view.message.as_ref().map(|message| MessageForm {
                tone: tone_word(message.tone).to_owned(),
                sentences: message.sentences.clone(),
            }),
            question: view.question.as_ref().map(|question| QuestionForm {
                prompt: question.prompt.clone(),
                typed: question.typed.clone(),
                choices: question.choices.iter().map(KeyForm::from).collect(),
            }),
            next: view.next.clone(),
            keys: view.keys.iter().map(KeyForm::from).collect(),
        }
    }
}

impl From<&KeyHint> for KeyForm {
    fn from(hint: &KeyHint) -> Self {
        Self {
            key: name_of(hint.key),
            label: hint.label.clone(),
        }
    }
}
