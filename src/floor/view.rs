//! A screen as plain data: what a worker has to know, without colours, fonts or pixels.
//!
//! Painters hold no rules; snapshots read as text; a screen looked at from afar is the same value.

/// What a screen shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    /// What is being done, as `Pick SO-1001`.
    pub title: String,
    /// How far the task is, as done and of how many lines.
    pub done_of: Option<(usize, usize)>,
    /// What is wanted next, as an instruction: `Go to A-01-02`, `Scan the item`.
    pub instruction: String,
    /// The one big thing: a location, a number.
    pub big: Option<Big>,
    /// What another device scans off this screen. Screens show it as a symbol (a QR code), beside the text to type it by.
    pub code: Option<String>,
    /// What the work is about: item, lot, what the code stands for.
    pub lines: Vec<ViewLine>,
    /// The picture of the one item that the view is about. Screens that have it, and room for it, show it beside the text.
    pub picture: Option<crate::ids::PictureId>,
    /// The answer to what was just done; it stays until the next event.
    pub message: Option<Message>,
    /// An open question.
    pub question: Option<QuestionView>,
    /// What comes after this.
    pub next: Option<String>,
    /// The keys that mean something now, in the order to show them.
    pub keys: Vec<KeyHint>,
}

/// The one big thing on a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Big {
    /// What to read from two metres away.
    pub text: String,
    /// What it means, small: `of 12 each`.
    pub caption: String,
    /// A bar below it, of 100: how near a piece is that is looked for.
    pub bar: Option<u8>,
}

impl Big {
    /// Something to read from two metres away, and what it means.
    pub fn new(text: impl Into<String>, caption: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            caption: caption.into(),
            bar: None,
        }
    }
}

/// A labelled line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewLine {
    /// What it is, as `Item`.
    pub label: String,
    /// What it says.
    pub text: String,
}

/// The answer to what was just done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How to take it.
    pub tone: Tone,
    /// Up to three sentences: what was scanned, what was wanted, what to press.
    pub sentences: Vec<String>,
}

/// An open question and how it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionView {
    /// The question.
    pub prompt: String,
    /// What was typed so far, where it is answered by typing; may be empty.
    pub typed: Option<String>,
    /// The answers to choose from, each with its key.
    pub choices: Vec<KeyHint>,
}

/// A key and what it does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHint {
    /// The key.
    pub key: crate::event::Key,
    /// What it does, in a word or two.
    pub label: String,
}

/// How to take an answer. Screens, sounds and lights each have one form for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// It is done and safe.
    Good,
    /// It does not count.
    Bad,
    /// An answer is wanted.
    Ask,
    /// For information.
    Calm,
}
