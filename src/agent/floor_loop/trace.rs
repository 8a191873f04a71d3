//! The inputs of steps, kept to answer "why was this accepted": bounded, written with the next commit.

use serde::Serialize;
use tallyman_floor::{Event, Key, Now, Scanning, Verdict};

/// Inputs kept between two commits. A worker who is refused so often in a row has other problems.
const INPUTS_MAX: usize = 256;

/// Characters of one raw code in the trace; the longest symbol, a QR code of digits, holds 7,089.
const RAW_CHARACTERS_MAX: usize = 7_089;

/// The inputs since the last commit.
#[derive(Debug, Default)]
pub(super) struct Trace {
    inputs: Vec<String>,
}

impl Trace {
    /// Notes the input of a step and what it was answered.
    pub(super) fn note(&mut self, event: &Event, now: &Now, verdict: &Verdict) {
        let entry = Entry {
            v: 1,
            boot: &now.times.boot,
            boottime_us: now.times.boottime_us,
            wall: now.times.wall,
            today: now.today,
            program: env!("CARGO_PKG_VERSION"),
            event: match event {
                // It repeats what is known.
                Event::Refresh | Event::Told(_) => return,
                Event::Scans(scans) => Input::Scans(scans.iter().map(Read::of).collect()),
                Event::Key(key) => Input::Key(key_word(*key)),
                Event::TaskChanged(task) => Input::TaskChanged(task.as_str()),
            },
            verdict: super::word_of(verdict),
        };
        if self.inputs.len() >= INPUTS_MAX {
            self.inputs.remove(0);
        }
        self.inputs.extend(serde_json::to_string(&entry));
    }

    /// What the next commit writes.
    pub(super) fn inputs(&self) -> Vec<String> {
        self.inputs.clone()
    }

    /// The commit is through.
    pub(super) fn written(&mut self) {
        self.inputs.clear();
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    v: u32,
    boot: &'a str,
    boottime_us: u64,
    wall: jiff::Timestamp,
    today: jiff::civil::Date,
    program: &'static str,
    event: Input<'a>,
    verdict: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Input<'a> {
    Scans(Vec<Read<'a>>),
    Key(String),
    TaskChanged(&'a str),
}

#[derive(Serialize)]
struct Read<'a> {
    scanner: &'a str,
    raw: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbology: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'static str>,
}

impl<'a> Read<'a> {
    fn of(scanning: &'a Scanning) -> Self {
        let end = scanning
            .raw
            .char_indices()
            .nth(RAW_CHARACTERS_MAX)
            .map_or(scanning.raw.len(), |(end, _)| end);
        Self {
            scanner: &scanning.scanner,
            raw: scanning.raw.get(..end).unwrap_or_default(),
            symbology: scanning.symbology.as_deref(),
            refused: scanning.scan.as_ref().err().map(|refusal| refusal.code),
        }
    }
}

/// Digits of an entry are kept; who reads the trace needs them as much as the codes.
fn key_word(key: Key) -> String {
    match key {
        Key::Digit(digit) => digit.to_string(),
        Key::Character(character) => character.to_string(),
        other => format!("{other:?}").to_lowercase(),
    }
}
