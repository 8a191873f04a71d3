//! The set-up by menu commands: read what is set, change what differs, read it back. RAM only (`!`), so that the
//! scanner finds its own settings after power-up.

use tallyman_codes::Moment;

use super::wire::{self, TagAnswer};
use crate::contract::{Output, Outputs, OwnBeep};

/// How long an answer may take (user's guides: one second a command; several are asked at once).
const ANSWER_MS_MAX: u64 = 2_000;
/// How often a question is sent in all.
const ATTEMPTS_MAX: u32 = 3;

/// The tag of the good-read beep.
const BEEP: &str = "BEPBEP";
/// The tag of the metadata before each code.
const METADATA: &str = "DECHDR";

/// What the driver wants: tag with subtag, value, and what it is.
const WANTED: &[(&str, &str, &str)] = &[
    (BEEP, "0", "the good-read beep"),
    (METADATA, "1", "the metadata before each code"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Station {
    Idle,
    Reading,
    Changing,
    Checking,
    Revision,
}

/// The conversation of the set-up.
#[derive(Debug)]
pub struct SetUp {
    enabled: bool,
    metadata: bool,
    /// The scanner said that codes come with metadata.
    metadata_is_on: bool,
    station: Station,
    asked: Option<(String, u32, Moment)>,
    changed: Vec<String>,
    own_beep: OwnBeep,
}

impl SetUp {
    /// `metadata` tells whether messages with metadata are wanted.
    pub fn new(enabled: bool, metadata: bool) -> Self {
        Self {
            enabled,
            metadata,
            metadata_is_on: false,
            station: Station::Idle,
            asked: None,
            changed: Vec::new(),
            own_beep: OwnBeep::Unknown,
        }
    }

    /// What the scanner said of its own good-read beep.
    pub const fn own_beep(&self) -> OwnBeep {
        self.own_beep
    }

    /// The link is lost.
    pub fn reset(&mut self) {
        *self = Self::new(self.enabled, self.metadata);
    }

    /// Whether the scanner said that codes come with metadata, so that nothing else on the line is a code.
    pub fn metadata_is_on(&self) -> bool {
        self.metadata_is_on
    }

    /// The link is open.
    pub fn begin(&mut self, at: Moment, out: &mut Outputs) {
        if self.enabled {
            self.station = Station::Reading;
            let body = self.question();
            self.ask(body, at, out);
        }
    }

    /// When [`SetUp::idle`] has something to do.
    pub fn deadline(&self) -> Option<Moment> {
        self.asked
            .as_ref()
            .map(|(_, _, sent_at)| sent_at.plus_ms(ANSWER_MS_MAX))
    }

    /// The scanner did not answer.
    pub fn idle(&mut self, at: Moment, out: &mut Outputs) {
        if self.deadline().is_none_or(|deadline| at < deadline) {
            return;
        }
        let Some((body, attempts, _)) = self.asked.take() else {
            return;
        };
        if attempts < ATTEMPTS_MAX {
            out.push(Output::Write(wire::menu(&body)));
            self.asked = Some((body, attempts + 1, at));
            return;
        }
        self.station = Station::Idle;
        out.push(Output::notice(
            "no_answer",
            format!("The scanner did not answer `{body}` in {ATTEMPTS_MAX} attempts; its settings are as they were."),
        ));
    }

    /// An answer came: the set-up goes on.
    pub fn answered(&mut self, tags: &[TagAnswer], at: Moment, out: &mut Outputs) {
        if self.asked.take().is_none() {
            return;
        }
        // The answer to a change repeats what was asked for; only what was read counts.
        if matches!(self.station, Station::Reading | Station::Checking) {
            self.metadata_is_on = value_of(tags, METADATA) == Some("1");
            if let Some(beep) = value_of(tags, BEEP) {
                self.own_beep = if beep == "0" { OwnBeep::Off } else { OwnBeep::On };
            }
        }
        match self.station {
            Station::Reading => {
                let differing = self.differing(tags);
                if differing.is_empty() {
                    return self.revision(at, out);
                }
                self.changed = differing
                    .iter()
                    .map(|(tag, value, _)| format!("{tag}{value}"))
                    .collect();
                self.station = Station::Changing;
                self.ask(format!("{}!", self.changed.join(";")), at, out);
            }
            Station::Changing => {
                self.station = Station::Checking;
                let body = self.question();
                self.ask(body, at, out);
            }
            Station::Checking => {
                self.tell(tags, out);
                self.revision(at, out);
            }
            Station::Revision | Station::Idle => self.station = Station::Idle,
        }
    }

    /// What was changed, and what the scanner would not change.
    fn tell(&self, tags: &[TagAnswer], out: &mut Outputs) {
        let refused = self.differing(tags);
        let changed: Vec<&str> = self
            .changed
            .iter()
            .map(String::as_str)
            .filter(|change| !refused.iter().any(|(tag, ..)| change.starts_with(tag)))
            .collect();
        if !changed.is_empty() {
            out.push(Output::notice(
                "settings_changed",
                format!("Set until power-down: {}.", changed.join(", ")),
            ));
        }
        if !refused.is_empty() {
            let what: Vec<&str> = refused.iter().map(|(_, _, what)| *what).collect();
            out.push(Output::notice(
                "settings_refused",
                format!("The scanner would not change {}.", what.join(", ")),
            ));
        }
    }

    /// The revision is text of several lines. On a line without metadata it could not be told from codes, so it is
    /// asked for only where the scanner said that codes have metadata.
    fn revision(&mut self, at: Moment, out: &mut Outputs) {
        if self.metadata_is_on {
            self.station = Station::Revision;
            self.ask("REVINF.".to_owned(), at, out);
        } else {
            self.station = Station::Idle;
        }
    }

    fn wanted(&self) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> + use<> {
        let metadata = self.metadata;
        WANTED
            .iter()
            .filter(move |(tag, ..)| metadata || *tag != METADATA)
    }

    fn question(&self) -> String {
        let tags: Vec<String> = self.wanted().map(|(tag, ..)| format!("{tag}?")).collect();
        format!("{}.", tags.join(";"))
    }

    /// What is not as wanted. What the scanner does not know cannot be wanted of it.
    fn differing(&self, tags: &[TagAnswer]) -> Vec<&'static (&'static str, &'static str, &'static str)> {
        self.wanted()
            .filter(|(tag, value, _)| value_of(tags, tag).is_some_and(|set| set != *value))
            .collect()
    }

    fn ask(&mut self, body: String, at: Moment, out: &mut Outputs) {
        out.push(Output::Write(wire::menu(&body)));
        self.asked = Some((body, 1, at));
    }
}

/// What the scanner says is set. `None` where it does not know the tag.
fn value_of<'a>(tags: &'a [TagAnswer], tag: &str) -> Option<&'a str> {
    tags.iter()
        .filter(|answer| answer.status == wire::ACK)
        .find_map(|answer| answer.text.strip_prefix(tag))
}
