//! What an operator sees and hears of a device, read from its control socket.
//!
//! The operator stands outside: these types read the documented lines of the socket and are not the agent's own.
//! What was sounded is kept here, in the operator's process, so that a killed agent takes no evidence with it.

use serde::{Deserialize, Serialize};

/// One line that a watched device sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// The screen shows this now.
    View(Box<Screen>),
    /// This sounded.
    Sound(Sound),
    /// So many lines were missed: the watcher was too slow.
    Missed(u64),
}

/// A sound, and the facts that it promises to be safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sound {
    /// `good`, `bad`, `ask` or `calm`.
    pub tone: String,
    /// The verdict: `accept`, `ask`, `reject`, `go`, `quiet`, `repeated` or `failed`.
    pub verdict: String,
    /// The scanner that was answered; `None` for a key.
    #[serde(default)]
    pub device: Option<String>,
    /// The facts that were on disk before it sounded.
    #[serde(default)]
    pub confirmed: Vec<Place>,
}

/// The place of a fact in a device's journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The life of the device's store.
    pub epoch: u32,
    /// The place in the journal of that epoch, from 1.
    pub seq: u64,
}

/// What a screen shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Screen {
    /// What is being done.
    pub title: String,
    /// Lines done, of how many.
    pub done_of: Option<(usize, usize)>,
    /// What is wanted next.
    pub instruction: String,
    /// The one big thing.
    pub big: Option<Big>,
    /// What the work is about.
    pub lines: Vec<Labelled>,
    /// The answer to what was done last.
    pub message: Option<Message>,
    /// An open question.
    pub question: Option<Question>,
    /// What comes after this.
    pub next: Option<String>,
    /// The keys that mean something now.
    pub keys: Vec<KeyLabel>,
}

/// The one big thing on a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Big {
    /// What to read from afar.
    pub text: String,
    /// What it means.
    pub caption: String,
}

/// A labelled line of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelled {
    /// What it is.
    pub label: String,
    /// What it says.
    pub text: String,
}

/// The answer to what was done last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `good`, `bad`, `ask` or `calm`.
    pub tone: String,
    /// Up to three sentences.
    pub sentences: Vec<String>,
}

/// An open question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked.
    pub prompt: String,
    /// What was typed so far, where it is answered by typing.
    #[serde(default)]
    pub typed: Option<String>,
    /// The answers to choose from.
    #[serde(default)]
    pub choices: Vec<KeyLabel>,
}

/// A key and what it does now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLabel {
    /// The key's name, as the control socket takes it.
    pub key: String,
    /// What it does.
    pub label: String,
}

impl Screen {
    /// Whether a text stands anywhere on the screen as a word of its own.
    pub fn names(&self, text: &str) -> bool {
        let fields = self.big.iter().map(|big| big.text.as_str());
        let fields = fields.chain(self.lines.iter().map(|line| line.text.as_str()));
        fields
            .chain([self.instruction.as_str()])
            .any(|field| holds_word(field, text))
    }

    /// Everything on it as lines of text, for reports of what went wrong.
    pub fn as_text(&self) -> String {
        let mut lines = vec![self.title.clone(), self.instruction.clone()];
        lines.extend(self.big.iter().map(|big| format!("{} {}", big.text, big.caption)));
        lines.extend(
            self.lines
                .iter()
                .map(|line| format!("{}: {}", line.label, line.text)),
        );
        lines.extend(self.question.iter().map(|question| question.prompt.clone()));
        lines.extend(self.message.iter().flat_map(|message| message.sentences.clone()));
        lines.retain(|line| !line.is_empty());
        lines.join(" | ")
    }
}

/// Whether `word` stands in `text` with nothing of its own kind (letters, digits, dashes) around it.
fn holds_word(text: &str, word: &str) -> bool {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '-';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_the_socket_are_read() {
        let sound = r#"{"sound":{"tone":"good","verdict":"accept","device":"scanner","confirmed":[{"epoch":1,"seq":7}]}}"#;
        let heard: Heard = serde_json::from_str(sound).expect("a sound");
        let Heard::Sound(sound) = heard else {
            panic!("no sound: {heard:?}")
        };
        assert_eq!(sound.confirmed, [Place { epoch: 1, seq: 7 }]);
        let view = r#"{"view":{"title":"Pick SO-1","done_of":[1,4],"instruction":"Go to","big":{"text":"A-01-02",
            "caption":"aisle A"},"lines":[],"message":null,"question":null,"next":null,"keys":[]}}"#;
        let Ok(Heard::View(screen)) = serde_json::from_str(view) else {
            panic!("no view")
        };
        assert_eq!(screen.done_of, Some((1, 4)));
        assert!(screen.names("A-01-02") && !screen.names("A-01"));
        assert_eq!(
            serde_json::from_str::<Heard>(r#"{"missed":3}"#).expect("missed"),
            Heard::Missed(3)
        );
    }

    #[test]
    fn a_word_stands_alone() {
        for (text, word, holds) in [
            ("Go to A-01-02.", "A-01-02", true),
            ("Go to A-01-021", "A-01-02", false),
            ("XA-01-02, then A-01-02", "A-01-02", true),
            ("A-01-02-X", "A-01-02", false),
            ("", "A", false),
            ("A", "", false),
        ] {
            assert_eq!(holds_word(text, word), holds, "{word:?} in {text:?}");
        }
    }
}
