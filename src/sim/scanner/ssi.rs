//! A Zebra scanner that speaks SSI on a serial line: packets that are acknowledged, sent again, and given up.
//!
//! ```text
//! > 07 C6 04 00 FF EE 01 FD 41            PARAM_SEND: codes in packets, until power-down
//! < 04 D0 00 00 FF 2C                     CMD_ACK
//! < 12 F3 00 00 0B 34 30 ...              DECODE_DATA, then up to 2 s for the host's CMD_ACK
//! < 12 F3 00 01 0B 34 30 ...              the same again, marked so; twice at most, then four low beeps
//! ```
//!
//! Source: Zebra Simple Serial Interface (SSI) Programmer's Guide. What the guide leaves open is chosen here and said
//! so: a command that is marked as sent again and equals the last one is answered again and not done twice; a reply
//! with data waits behind a code that is not acknowledged yet; START_SESSION outside host trigger mode is denied.

mod commands;
pub mod frame;
pub mod parameters;
mod sending;
pub mod symbols;

use std::collections::VecDeque;

use tallyman_codes::Moment;

use super::Scanner;
use super::face::{Beep, Face, Lights};
use super::label::Label;
use super::manners::{Manners, Travel};
use super::mouth::Mouth;
use super::tally::Tally;
use frame::{DATA_BYTES_MAX, Ear, Heard, cause, code};
use parameters::{Parameters, Stubborn};
use sending::{Message, Sending, What};

/// Codes that wait at most while one is not acknowledged. After that the trigger does nothing: a worker who hears
/// nothing stops pulling it.
const WAITING_MAX: usize = 16;

/// With reduced power: it sleeps after so long without work (the guide: a woken scanner stays awake for 1 s).
const SLEEPS_AFTER_MS: u64 = 1_000;

/// What ends a code that is sent as text.
const TEXT_SUFFIX: u8 = b'\r';

/// An SSI scanner.
#[derive(Debug)]
pub struct SsiScanner {
    manners: Manners,
    parameters: Parameters,
    ear: Ear,
    mouth: Mouth,
    face: Face,
    tally: Tally,
    waiting: VecDeque<Message>,
    sending: Option<Sending>,
    /// The answer to the last command, to be sent again where it arrived damaged.
    last_answer: Option<Vec<u8>>,
    /// Whether the last frame that was sent is that answer, and no packet.
    answered_last: bool,
    last_command: Option<(u8, Vec<u8>)>,
    before: Option<Label>,
    session_until: Option<Moment>,
    is_on: bool,
    is_enabled: bool,
    reads_codes: bool,
    active_at: Moment,
    sent_to_sleep: bool,
}

impl SsiScanner {
    /// One as it comes from the factory, switched on.
    pub fn new(manners: Manners) -> Self {
        Self {
            manners,
            parameters: Parameters::default(),
            ear: Ear::default(),
            mouth: Mouth::default(),
            face: Face::default(),
            tally: Tally::default(),
            waiting: VecDeque::new(),
            sending: None,
            last_answer: None,
            answered_last: false,
            last_command: None,
            before: None,
            session_until: None,
            is_on: true,
            is_enabled: true,
            reads_codes: true,
            active_at: Moment::default(),
            sent_to_sleep: false,
        }
    }

    /// The same scanner with a parameter that it will not change.
    #[must_use]
    pub fn holding_on_to(mut self, number: u16, how: Stubborn) -> Self {
        self.parameters.hold_on_to(number, how);
        self
    }

    /// The same scanner with a parameter that a programming code has set for good.
    #[must_use]
    pub fn programmed(mut self, number: u16, value: u8) -> Self {
        self.parameters.program(number, value);
        self
    }

    /// What is set now.
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Whether it sleeps: the next byte of the host only wakes it.
    pub fn sleeps(&self, at: Moment) -> bool {
        let is_idle = self.sending.is_none() && self.session_until.is_none();
        let is_long = at.since_us(self.active_at) >= SLEEPS_AFTER_MS * 1_000;
        self.sent_to_sleep || (self.parameters.is_on(parameters::POWER_MODE) && is_idle && is_long)
    }

    fn is_awake_now(&mut self, at: Moment) {
        self.active_at = at;
        self.sent_to_sleep = false;
    }

    fn frame_heard(&mut self, opcode: u8, status: u8, data: &[u8], at: Moment) {
        let is_answer = matches!(opcode, code::CMD_ACK | code::CMD_NAK);
        let travel = match is_answer {
            true => self.manners.next_acknowledgement(),
            false => self.manners.next_command(),
        };
        let times = match travel {
            Travel::Whole => 1,
            Travel::Lost => 0,
            Travel::Doubled => 2,
            Travel::Damaged => {
                self.answer(frame::frame(code::CMD_NAK, 0, &[cause::RESEND]), at, at);
                0
            }
        };
        for _ in 0..times {
            match opcode {
                code::CMD_ACK => self.acknowledged(at),
                code::CMD_NAK => self.refused(data.first().copied(), at),
                _ => self.command(opcode, status, data, at),
            }
        }
    }

    fn decode(&mut self, label: &Label, at: Moment) {
        if self.waiting_codes() >= WAITING_MAX {
            self.tally.ignored += 1;
            return;
        }
        self.tally.decoded += 1;
        if self.parameters.is_on(parameters::BEEP_AFTER_GOOD_DECODE) {
            self.face.beep(Beep::Decoded, at);
        }
        if self.parameters.is_on(parameters::DECODE_EVENT) {
            self.post(Message::new(What::Event, code::EVENT, vec![vec![0x01]], at), at);
        }
        if self.parameters.is_on(parameters::DECODE_DATA_PACKET_FORMAT) {
            let packets = self.packets(label);
            self.post(
                Message::new(What::Code(label.clone()), code::DECODE_DATA, packets, at),
                at,
            );
        } else {
            self.send_text(label);
        }
    }

    /// Text is acknowledged by nobody.
    fn send_text(&mut self, label: &Label) {
        let mut text = self.identifier(label);
        text.extend_from_slice(&label.data);
        text.push(TEXT_SUFFIX);
        let travel = self.manners.next_code();
        for arrived in self.manners.arrivals(text, travel) {
            self.mouth.say(arrived);
        }
        self.tally.delivered += 1;
    }

    /// The data of each packet: the type, and as much as fits.
    fn packets(&self, label: &Label) -> Vec<Vec<u8>> {
        let (kind, data) = symbols::typed(label);
        let mut text = self.identifier(label);
        text.extend_from_slice(data);
        text.chunks(DATA_BYTES_MAX - 1)
            .map(|part| [&[kind], part].concat())
            .collect()
    }

    fn identifier(&self, label: &Label) -> Vec<u8> {
        match self.parameters.is_on(parameters::TRANSMIT_CODE_ID) {
            true => vec![b']', label.aim[0], label.aim[1]],
            false => Vec::new(),
        }
    }

    /// The trigger found nothing.
    fn miss(&mut self, at: Moment) {
        self.tally.misses += 1;
        let tells = self.parameters.is_on(parameters::TRANSMIT_NO_READ)
            && self.parameters.is_on(parameters::DECODE_DATA_PACKET_FORMAT);
        if tells {
            let data = [&[symbols::CODE_39][..], b"NR"].concat();
            self.post(Message::new(What::NoRead, code::DECODE_DATA, vec![data], at), at);
        }
    }

    fn light(&mut self, mask: u8, is_on: bool, at: Moment) {
        let Lights { mut green, mut red } = self.face.lights();
        if mask & 1 != 0 {
            green = is_on;
        }
        if mask & 2 != 0 {
            red = is_on;
        }
        self.face.light(Lights { green, red }, at);
    }
}

impl Scanner for SsiScanner {
    fn hear(&mut self, bytes: &[u8], at: Moment) {
        if !self.is_on {
            return;
        }
        let bytes = match self.sleeps(at) {
            true => bytes.get(1..).unwrap_or(&[]),
            false => bytes,
        };
        self.is_awake_now(at);
        self.ear.push(bytes, at);
        while let Some(heard) = self.ear.next_frame() {
            match heard {
                Heard::Frame { opcode, status, data } => self.frame_heard(opcode, status, &data, at),
                Heard::Damaged => self.answer(frame::frame(code::CMD_NAK, 0, &[cause::RESEND]), at, at),
            }
        }
    }

    fn deadline(&self) -> Option<Moment> {
        [
            self.ear.deadline(),
            self.mouth.deadline(),
            self.transmission_deadline(),
            self.session_until,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn idle(&mut self, at: Moment) {
        if self.ear.deadline().is_some_and(|deadline| deadline <= at) {
            self.ear.clear();
        }
        if self.session_until.is_some_and(|until| until <= at) {
            self.session_until = None;
            self.miss(at);
        }
        self.time_passed(at);
    }

    fn said(&mut self, at: Moment) -> Option<Vec<u8>> {
        self.mouth.take(at)
    }

    fn pull(&mut self, label: Option<&Label>, at: Moment) {
        if !self.is_on || !self.is_enabled || !self.reads_codes {
            self.tally.ignored += 1;
            return;
        }
        self.is_awake_now(at);
        match label {
            Some(label) => self.decode(label, at),
            None => self.miss(at),
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

    fn power_off(&mut self, at: Moment) {
        for message in self
            .sending
            .take()
            .map(|sending| sending.message)
            .into_iter()
            .chain(self.waiting.drain(..))
        {
            if let What::Code(label) = message.what {
                self.tally.gave_up(label);
            }
        }
        let fresh = Self::new(self.manners.clone());
        self.parameters.power_down();
        self.face.light(Lights::default(), at);
        *self = Self {
            manners: std::mem::take(&mut self.manners),
            parameters: std::mem::take(&mut self.parameters),
            face: std::mem::take(&mut self.face),
            tally: std::mem::take(&mut self.tally),
            before: self.before.take(),
            is_on: false,
            ..fresh
        };
    }

    fn power_on(&mut self, at: Moment) {
        self.is_on = true;
        self.is_awake_now(at);
        if self.parameters.is_on(parameters::BOOT_EVENT) {
            self.post(Message::new(What::Event, code::EVENT, vec![vec![0x03]], at), at);
        }
    }

    fn face(&self) -> &Face {
        &self.face
    }

    fn tally(&self) -> &Tally {
        &self.tally
    }

    fn holds(&self) -> usize {
        self.waiting_codes()
    }

    fn is_set_up(&self) -> bool {
        self.is_on && self.parameters.is_on(parameters::DECODE_DATA_PACKET_FORMAT)
    }
}
