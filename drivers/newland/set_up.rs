//! The set-up by commands: read what is set, change what differs, read it back. Temporary storage (`#`), so that the
//! scanner finds its own settings after power-up.
//!
//! The tags differ between families and are from memory, so they are settings. A tag that the scanner does not know is
//! said once and left alone.

use tallyman_codes::Moment;

use super::wire::{self, Part, Status, TAG_BYTES};
use crate::contract::{Conversation, Output, Outputs, OwnBeep, SettingError, Settings, Silence};

/// How long an answer may take. The manual names no time; other makers' guides allow a second a command.
const ANSWER_MS_MAX: u64 = 2_000;
/// How often a question is sent in all.
const ATTEMPTS_MAX: u32 = 3;

/// The driver's setting that names the command which switches the good-read beep off.
pub const BEEP_COMMAND: &str = "beep_command";

/// A setting that the driver wants of the scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Tag, subtag and value, as `GRBENA0`.
    command: String,
    /// What it is, for messages.
    what: &'static str,
    /// The driver's setting that names the command.
    key: &'static str,
}

impl Wanted {
    /// The command in the driver's setting `key`; `None` where it is empty: leave the scanner alone.
    ///
    /// # Errors
    /// [`SettingError`] for text that can be no command.
    pub fn of(
        settings: &Settings,
        key: &'static str,
        what: &'static str,
    ) -> Result<Option<Self>, SettingError> {
        let bytes = settings.bytes(key);
        if bytes.is_empty() {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        let is_command = bytes.len() > TAG_BYTES
            && bytes.iter().take(TAG_BYTES).all(u8::is_ascii_alphanumeric)
            && bytes.iter().all(|byte| byte.is_ascii_graphic() && *byte != b';');
        if !is_command {
            return Err(SettingError::Value {
                key: key.to_owned(),
                value: text,
                allowed: "three letters of a tag, three of a subtag and a value, as GRBENA0; or nothing"
                    .to_owned(),
            });
        }
        Ok(Some(Self {
            command: text,
            what,
            key,
        }))
    }

    fn tag(&self) -> &str {
        self.command.get(..TAG_BYTES).unwrap_or(&self.command)
    }

    fn value(&self) -> &str {
        self.command.get(TAG_BYTES..).unwrap_or("")
    }

    /// What a reply says of this setting.
    fn part<'a>(&self, parts: &'a [Part]) -> Option<&'a Part> {
        parts.iter().find(|part| part.value_of(self.tag()).is_some())
    }

    /// Whether a reply says that it is set as wanted.
    fn is_set(&self, parts: &[Part]) -> bool {
        self.part(parts).is_some_and(|part| {
            part.status == Status::Taken && part.value_of(self.tag()) == Some(self.value())
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Station {
    Idle,
    Reading,
    Changing,
    Checking,
}

/// The conversation of the set-up.
#[derive(Debug)]
pub struct SetUp {
    wanted: Vec<Wanted>,
    station: Station,
    /// What the open question is about.
    open: Vec<Wanted>,
    conversation: Conversation,
    own_beep: OwnBeep,
}

impl SetUp {
    /// A set-up that wants this; with nothing to want the scanner is left alone.
    pub fn new(wanted: Vec<Wanted>) -> Self {
        Self {
            wanted,
            station: Station::Idle,
            open: Vec::new(),
            conversation: Conversation::new(ANSWER_MS_MAX, ATTEMPTS_MAX),
            own_beep: OwnBeep::Unknown,
        }
    }

    /// What the scanner said of its own good-read beep.
    pub const fn own_beep(&self) -> OwnBeep {
        self.own_beep
    }

    /// The link is lost.
    pub fn reset(&mut self) {
        self.end();
        self.conversation.reset();
        self.own_beep = OwnBeep::Unknown;
    }

    /// The link is open.
    pub fn begin(&mut self, at: Moment, out: &mut Outputs) {
        if !self.wanted.is_empty() {
            self.open = self.wanted.clone();
            self.read(Station::Reading, at, out);
        }
    }

    /// When [`SetUp::idle`] has something to do.
    pub fn deadline(&self) -> Option<Moment> {
        self.conversation.deadline()
    }

    /// The scanner did not answer.
    pub fn idle(&mut self, at: Moment, out: &mut Outputs) {
        if self.conversation.idle(at, out) != Silence::GivenUp {
            return;
        }
        let outcome = match self.station {
            Station::Reading | Station::Idle => "Its settings are as they were",
            Station::Changing | Station::Checking => "Its settings may be changed or not",
        };
        let commands: Vec<&str> = self.open.iter().map(|wanted| wanted.tag()).collect();
        out.push(Output::notice(
            "no_answer",
            format!(
                "The scanner did not answer `{}` in {ATTEMPTS_MAX} attempts. {outcome}. If its firmware has no such \
                 commands, scan its set-up sheet and write `setup=off`.",
                commands.join(";")
            ),
        ));
        self.end();
    }

    /// A reply came. Returns whether it answers the question that is open.
    pub fn answered(&mut self, parts: &[Part], at: Moment, out: &mut Outputs) -> bool {
        let is_answer = self.open.iter().any(|wanted| wanted.part(parts).is_some());
        if !is_answer || !self.conversation.answered() {
            return false;
        }
        // The answer to a change repeats what was asked for; only what was read counts.
        if matches!(self.station, Station::Reading | Station::Checking)
            && let Some(beep) = self.open.iter().find(|wanted| wanted.key == BEEP_COMMAND)
            && beep.part(parts).is_some_and(|part| part.status == Status::Taken)
        {
            self.own_beep = if beep.is_set(parts) {
                OwnBeep::Off
            } else {
                OwnBeep::On
            };
        }
        match self.station {
            Station::Reading => self.was_read(parts, at, out),
            Station::Changing => self.read(Station::Checking, at, out),
            Station::Checking => self.was_checked(parts, out),
            Station::Idle => {}
        }
        true
    }

    /// What differs is changed; what the scanner does not know cannot be wanted of it.
    fn was_read(&mut self, parts: &[Part], at: Moment, out: &mut Outputs) {
        let (known, unknown): (Vec<Wanted>, Vec<Wanted>) =
            std::mem::take(&mut self.open).into_iter().partition(|wanted| {
                wanted
                    .part(parts)
                    .is_some_and(|part| part.status == Status::Taken)
            });
        for wanted in unknown {
            out.push(Output::notice(
                "settings_refused",
                format!(
                    "The scanner has no command `{}`, so {} cannot be set by the program. If its guide has another \
                     command, write it in the setting `{}`; else scan its set-up sheet.",
                    wanted.tag(),
                    wanted.what,
                    wanted.key
                ),
            ));
        }
        let is_set = |wanted: &Wanted| wanted.is_set(parts);
        self.open = known.into_iter().filter(|wanted| !is_set(wanted)).collect();
        if self.open.is_empty() {
            return self.end();
        }
        self.station = Station::Changing;
        let commands: Vec<&str> = self.open.iter().map(|wanted| wanted.command.as_str()).collect();
        self.conversation.ask(wire::request(&commands), at, out);
    }

    fn was_checked(&mut self, parts: &[Part], out: &mut Outputs) {
        let (changed, refused): (Vec<Wanted>, Vec<Wanted>) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|wanted| wanted.is_set(parts));
        if !changed.is_empty() {
            let commands: Vec<&str> = changed.iter().map(|wanted| wanted.command.as_str()).collect();
            out.push(Output::notice(
                "settings_changed",
                format!("Set until power-down: {}.", commands.join(", ")),
            ));
        }
        if !refused.is_empty() {
            let what: Vec<&str> = refused.iter().map(|wanted| wanted.what).collect();
            out.push(Output::notice(
                "settings_refused",
                format!("The scanner would not change {}.", what.join(" and ")),
            ));
        }
        self.end();
    }

    /// Asks for what is set.
    fn read(&mut self, station: Station, at: Moment, out: &mut Outputs) {
        self.station = station;
        let questions: Vec<String> = self
            .open
            .iter()
            .map(|wanted| format!("{}*", wanted.tag()))
            .collect();
        self.conversation.ask(wire::request(&questions), at, out);
    }

    fn end(&mut self) {
        self.station = Station::Idle;
        self.open.clear();
    }
}
