//! A Honeywell scanner on a serial line: codes as text or with their metadata, and a menu of commands.
//!
//! ```text
//! > 16 4D 0D BEPBEP?;DECHDR?.             SYN M CR and a question
//! < BEPBEP1<06>;DECHDR0<06>.              its answer: a status byte before each mark
//! > 16 4D 0D BEPBEP0;DECHDR1!             until power-down; with a full stop it is kept
//! < BEPBEP0<06>;DECHDR1<06>!
//! < 16 FE 1C 00 00 00 0D MSGGET 0014 d E 0 1D 4006381333931 0D
//! ```
//!
//! Codes are acknowledged by nobody: what is lost on the way is lost, and the scanner does not know.
//!
//! Source: Honeywell Xenon and Granit user's guides, chapters "Serial Programming Commands" and "Data Format". Unsure,
//! and chosen here: how long half a command waits for its rest (1 s), and how long a triggered session lasts (TRGSTO as
//! it leaves the factory, 30 s).

pub mod menu;
pub mod message;
pub mod settings;

use tallyman_codes::Moment;

use super::Scanner;
use super::face::{Beep, Face, Tones};
use super::label::Label;
use super::manners::{Manner, Manners, Travel};
use super::mouth::Mouth;
use super::tally::Tally;
use menu::{Menu, Outcome};

/// Begins everything that the host sends.
const SYN: u8 = 0x16;

/// How long half a command waits for its rest.
const PAUSE_MS_MAX: u64 = 1_000;

/// Longest menu command: far more than a set-up code has.
const COMMAND_BYTES_MAX: usize = 2_048;

/// The beep that the host orders: one short tone.
const BEEP: Tones = Tones::Row {
    count: 1,
    is_long: false,
    is_high: true,
};

/// A Honeywell scanner.
#[derive(Debug)]
pub struct HoneywellScanner {
    manners: Manners,
    menu: Menu,
    mouth: Mouth,
    face: Face,
    tally: Tally,
    heard: Vec<u8>,
    heard_at: Moment,
    before: Option<Label>,
    session_until: Option<Moment>,
    is_on: bool,
}

/// One thing that the host wants.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Menu(Vec<u8>),
    TriggerOn,
    TriggerOff,
    Beep,
}

impl HoneywellScanner {
    /// One as it comes from the factory, switched on.
    pub fn new(manners: Manners) -> Self {
        Self {
            manners,
            menu: Menu::default(),
            mouth: Mouth::default(),
            face: Face::default(),
            tally: Tally::default(),
            heard: Vec::new(),
            heard_at: Moment::default(),
            before: None,
            session_until: None,
            is_on: true,
        }
    }

    /// The same scanner with a setting that it will not change.
    #[must_use]
    pub fn holding_on_to(mut self, tag: &str) -> Self {
        self.menu.hold_on_to(tag);
        self
    }

    /// The same scanner without a setting, as an older one that does not know it.
    #[must_use]
    pub fn without(mut self, tag: &str) -> Self {
        self.menu.forget(tag);
        self
    }

    /// What is set now.
    pub const fn menu(&self) -> &Menu {
        &self.menu
    }

    /// The next whole command in what was heard.
    fn next_wanted(&mut self) -> Option<Wanted> {
        while !self.heard.is_empty() {
            match find(&self.heard) {
                Found::Half => return None,
                Found::Noise(count) => drop(self.heard.drain(..count)),
                Found::Command(length, wanted) => {
                    self.heard.drain(..length);
                    return Some(wanted);
                }
            }
        }
        None
    }

    fn carry_out(&mut self, wanted: &Wanted, at: Moment) {
        match wanted {
            Wanted::Menu(body) => self.ask_menu(body, at),
            Wanted::Beep => self.face.beep(Beep::Ordered(BEEP), at),
            Wanted::TriggerOn => match self.before.clone() {
                Some(label) => self.decode(&label, at),
                None => {
                    let timeout_ms = self.menu.number("TRGSTO");
                    self.session_until = Some(at.plus_ms(timeout_ms));
                }
            },
            Wanted::TriggerOff => {
                if self.session_until.take().is_some() {
                    self.tally.misses += 1;
                }
            }
        }
    }

    fn ask_menu(&mut self, body: &[u8], at: Moment) {
        let manner = self.manners.next_answer();
        let outcome = match manner {
            Manner::Refuse => self.menu.refuse(body),
            _ => self.menu.command(body),
        };
        let Outcome::Answer(mut answer) = outcome else {
            return;
        };
        let due = match manner {
            Manner::Never => return,
            Manner::Late(ms) => at.plus_ms(ms),
            _ => at,
        };
        let whole = answer.clone();
        if manner == Manner::Damaged {
            self.manners.damage(&mut answer);
        }
        self.mouth.answer(answer, due, at);
        if manner == Manner::Twice {
            self.mouth.answer(whole, due, at);
        }
    }

    fn decode(&mut self, label: &Label, at: Moment) {
        self.tally.decoded += 1;
        if self.menu.is_on("BEPBEP") {
            self.face.beep(Beep::Decoded, at);
        }
        let sent = match self.menu.is_on("DECHDR") {
            true => message::framed(label, &self.menu.suffix()),
            false => message::text(label, &self.menu.suffix()),
        };
        self.tally.delivered += 1;
        let travel = self.manners.next_code();
        for arrived in self.manners.arrivals(sent, travel) {
            self.mouth.say(arrived);
        }
    }
}

/// What stands at the front of the host's bytes.
enum Found {
    /// A command may begin here; its rest is missing.
    Half,
    /// So many bytes are none.
    Noise(usize),
    /// A command of so many bytes.
    Command(usize, Wanted),
}

fn find(bytes: &[u8]) -> Found {
    match bytes {
        [SYN, b'T', b'\r', ..] => Found::Command(3, Wanted::TriggerOn),
        [SYN, b'U', b'\r', ..] => Found::Command(3, Wanted::TriggerOff),
        [SYN, 0x07, b'\r', ..] => Found::Command(3, Wanted::Beep),
        [SYN, b'M', b'\r', body @ ..] => match body.iter().position(|byte| matches!(byte, b'.' | b'!')) {
            Some(end) => Found::Command(3 + end + 1, Wanted::Menu(body[..=end].to_vec())),
            None if body.len() < COMMAND_BYTES_MAX => Found::Half,
            None => Found::Noise(bytes.len()),
        },
        [SYN] | [SYN, b'M' | b'T' | b'U' | 0x07] => Found::Half,
        _ => {
            let next = bytes.iter().skip(1).position(|byte| *byte == SYN);
            Found::Noise(next.map_or(bytes.len(), |place| place + 1))
        }
    }
}

impl Scanner for HoneywellScanner {
    fn hear(&mut self, bytes: &[u8], at: Moment) {
        if !self.is_on {
            return;
        }
        self.heard.extend_from_slice(bytes);
        self.heard_at = at;
        while let Some(wanted) = self.next_wanted() {
            let times = match self.manners.next_command() {
                Travel::Whole => 1,
                Travel::Doubled => 2,
                // Without a checksum a damaged command is one that the scanner makes nothing of.
                Travel::Lost | Travel::Damaged => 0,
            };
            for _ in 0..times {
                self.carry_out(&wanted, at);
            }
        }
    }

    fn deadline(&self) -> Option<Moment> {
        let half = (!self.heard.is_empty()).then(|| self.heard_at.plus_ms(PAUSE_MS_MAX));
        [half, self.mouth.deadline(), self.session_until]
            .into_iter()
            .flatten()
            .min()
    }

    fn idle(&mut self, at: Moment) {
        if self.heard_at.plus_ms(PAUSE_MS_MAX) <= at {
            self.heard.clear();
        }
        if self.session_until.is_some_and(|until| until <= at) {
            self.session_until = None;
            self.tally.misses += 1;
        }
    }

    fn said(&mut self, at: Moment) -> Option<Vec<u8>> {
        self.mouth.take(at)
    }

    fn pull(&mut self, label: Option<&Label>, at: Moment) {
        match label {
            _ if !self.is_on => self.tally.ignored += 1,
            Some(label) => self.decode(label, at),
            None => self.tally.misses += 1,
        }
    }

    fn lay_before(&mut self, label: Option<Label>, at: Moment) {
        if let Some(label) = label.as_ref().filter(|_| self.session_until.take().is_some()) {
            self.decode(label, at);
        }
        self.before = label;
    }

    fn behave(&mut self, manners: Manners) {
        self.manners = manners;
    }

    fn power_off(&mut self, _at: Moment) {
        self.is_on = false;
        self.menu.power_down();
        self.mouth.silence();
        self.heard.clear();
        self.session_until = None;
    }

    fn power_on(&mut self, _at: Moment) {
        self.is_on = true;
    }

    fn face(&self) -> &Face {
        &self.face
    }

    fn tally(&self) -> &Tally {
        &self.tally
    }

    fn holds(&self) -> usize {
        0
    }

    fn is_set_up(&self) -> bool {
        self.is_on && self.menu.is_on("DECHDR")
    }
}
