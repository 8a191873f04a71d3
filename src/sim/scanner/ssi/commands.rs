//! What the scanner does for the host, and what it answers.

use tallyman_codes::Moment;

use super::SsiScanner;
use super::frame::{self, AGAIN, KEEP, cause, code};
use super::parameters::{self, Refused};
use super::sending::{Message, What};
use crate::scanner::Manner;
use crate::scanner::face::{Beep, Tones};

/// What it says when it is asked who it is: fields apart by blanks, as the guide wants.
const REVISION: &[u8] = b"VIRTUAL-SSI-01 DECODER-01 ENGINE-01";

/// Baud rates, serial options and the packets it can send, then its commands (the guide, CAPABILITIES_REPLY; the bits
/// are unsure).
const CAPABILITIES: [u8; 4] = [0x00, 0x7F, 0x01, 0x01];

/// Host trigger mode.
const HOST_TRIGGER: u8 = 8;

/// The beep byte of a PARAM_SEND that means none.
const NO_BEEP: u8 = 0xFF;

/// What a command comes to.
enum Done {
    /// It is done.
    Acknowledge,
    /// It is not.
    Refuse(u8),
    /// It asks for something.
    Reply(u8, Vec<u8>),
}

impl SsiScanner {
    /// Does a command and answers it, as its manners are.
    pub(super) fn command(&mut self, opcode: u8, status: u8, data: &[u8], at: Moment) {
        let manner = self.manners.next_answer();
        let is_again = status & AGAIN != 0
            && self
                .last_command
                .as_ref()
                .is_some_and(|(before, body)| *before == opcode && body == data);
        let done = match manner {
            Manner::Refuse => Done::Refuse(cause::DENIED),
            _ if is_again && !asks(opcode) => Done::Acknowledge,
            _ => self.carry_out(opcode, status, data, at),
        };
        if manner != Manner::Refuse {
            self.last_command = Some((opcode, data.to_vec()));
        }
        let due = match manner {
            Manner::Never => return,
            Manner::Late(ms) => at.plus_ms(ms),
            _ => at,
        };
        let (answer, status_frame) = match done {
            Done::Reply(opcode, data) => {
                let what = What::Reply(manner);
                return self.post(Message::new(what, opcode, vec![data], due), at);
            }
            Done::Acknowledge => (code::CMD_ACK, Vec::new()),
            Done::Refuse(why) => (code::CMD_NAK, vec![why]),
        };
        let whole = frame::frame(answer, 0, &status_frame);
        self.last_answer = Some(whole.clone());
        let mut sent = whole.clone();
        if manner == Manner::Damaged {
            self.manners.damage(&mut sent);
        }
        self.answer(sent, due, at);
        if manner == Manner::Twice {
            self.answer(whole, due, at);
        }
    }

    /// Sends an answer when it is due.
    pub(super) fn answer(&mut self, bytes: Vec<u8>, due: Moment, at: Moment) {
        self.answered_last = true;
        self.mouth.answer(bytes, due, at);
    }

    fn carry_out(&mut self, opcode: u8, status: u8, data: &[u8], at: Moment) -> Done {
        match opcode {
            code::REQUEST_REVISION => return Done::Reply(code::REPLY_REVISION, REVISION.to_vec()),
            code::CAPABILITIES_REQUEST => {
                let known = [&CAPABILITIES[..], &KNOWN].concat();
                return Done::Reply(code::CAPABILITIES_REPLY, known);
            }
            code::PARAM_REQUEST => {
                let told = self.parameters.read(data);
                return match told.is_empty() {
                    true => Done::Refuse(cause::BAD_CONTEXT),
                    false => Done::Reply(code::PARAM_SEND, [&[NO_BEEP], told.as_slice()].concat()),
                };
            }
            code::PARAM_SEND => return self.write_parameters(status, data, at),
            code::PARAM_DEFAULTS => self.parameters.set_defaults(),
            code::BEEP | code::LED_ON | code::LED_OFF | code::IMAGER_MODE => {
                return self.with_a_byte(opcode, data, at);
            }
            code::START_SESSION => return self.start_session(at),
            code::STOP_SESSION => {
                if self.session_until.take().is_some() {
                    self.miss(at);
                }
            }
            code::SCAN_ENABLE => self.is_enabled = true,
            code::SCAN_DISABLE => {
                self.is_enabled = false;
                self.session_until = None;
            }
            code::FLUSH_QUEUE => self.flush(at),
            code::SLEEP => self.sent_to_sleep = true,
            code::CHANGE_ALL_CODE_TYPES => match data {
                [all @ (0 | 1)] => self.reads_codes = *all == 1,
                _ => return Done::Refuse(cause::BAD_CONTEXT),
            },
            code::ILLUMINATION_OFF | code::ILLUMINATION_ON | code::AIM_OFF | code::AIM_ON => {}
            _ => return Done::Refuse(cause::BAD_CONTEXT),
        }
        Done::Acknowledge
    }

    fn with_a_byte(&mut self, opcode: u8, data: &[u8], at: Moment) -> Done {
        let [byte] = data else {
            return Done::Refuse(cause::BAD_CONTEXT);
        };
        match opcode {
            code::BEEP => match tones(*byte) {
                Some(tones) => self.face.beep(Beep::Ordered(tones), at),
                None => return Done::Refuse(cause::DENIED),
            },
            code::LED_ON => self.light(*byte, true, at),
            code::LED_OFF => self.light(*byte, false, at),
            // Pictures and video it has none.
            _ if *byte != 0 => return Done::Refuse(cause::DENIED),
            _ => {}
        }
        Done::Acknowledge
    }

    fn write_parameters(&mut self, status: u8, data: &[u8], at: Moment) -> Done {
        let Some((beep, list)) = data.split_first() else {
            return Done::Refuse(cause::BAD_CONTEXT);
        };
        match self.parameters.write(list, status & KEEP != 0) {
            Ok(()) => {
                if let Some(tones) = tones(*beep) {
                    self.face.beep(Beep::Ordered(tones), at);
                }
                Done::Acknowledge
            }
            Err(Refused::Unknown) => Done::Refuse(cause::BAD_CONTEXT),
            Err(Refused::Denied) => Done::Refuse(cause::DENIED),
        }
    }

    /// The host pulls the trigger.
    fn start_session(&mut self, at: Moment) -> Done {
        if self.parameters.get(parameters::TRIGGER_MODE) != HOST_TRIGGER || !self.is_enabled {
            return Done::Refuse(cause::DENIED);
        }
        match self.before.clone() {
            Some(label) if self.reads_codes => self.decode(&label, at),
            _ => {
                let tenths = self.parameters.get(parameters::SESSION_TIMEOUT);
                self.session_until = Some(at.plus_ms(u64::from(tenths) * 100));
            }
        }
        Done::Acknowledge
    }
}

/// Questions are answered as often as they are asked.
const fn asks(opcode: u8) -> bool {
    matches!(
        opcode,
        code::REQUEST_REVISION | code::CAPABILITIES_REQUEST | code::PARAM_REQUEST
    )
}

/// The commands it lists among its capabilities.
const KNOWN: [u8; 17] = [
    code::REQUEST_REVISION,
    code::PARAM_SEND,
    code::PARAM_REQUEST,
    code::PARAM_DEFAULTS,
    code::CHANGE_ALL_CODE_TYPES,
    code::FLUSH_QUEUE,
    code::CAPABILITIES_REQUEST,
    code::START_SESSION,
    code::STOP_SESSION,
    code::BEEP,
    code::LED_ON,
    code::LED_OFF,
    code::SCAN_ENABLE,
    code::SCAN_DISABLE,
    code::SLEEP,
    code::AIM_OFF,
    code::AIM_ON,
];

/// The tones of a beep code: five of each kind up to 13, tunes up to 1A (the guide, table "Beep codes").
fn tones(beep: u8) -> Option<Tones> {
    match beep {
        0..=0x13 => Some(Tones::Row {
            count: beep % 5 + 1,
            is_long: beep >= 0x0A,
            is_high: (beep / 5).is_multiple_of(2),
        }),
        0x14..=0x1A => Some(Tones::Tune(beep)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beep_codes_are_rows_of_five() {
        for (beep, told) in [
            (0x00, "one short high"),
            (0x01, "two short high"),
            (0x05, "one short low"),
            (0x0E, "five long high"),
            (0x12, "four long low"),
            (0x14, "tune 20"),
        ] {
            assert_eq!(tones(beep).map(|tones| tones.to_string()).as_deref(), Some(told));
        }
        assert_eq!((tones(0x1B), tones(NO_BEEP)), (None, None));
    }
}
