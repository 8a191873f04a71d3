//! The decoder: text lines, and the framed replies of the command set between them.

use tallyman_codes::Moment;

use crate::contract::{Command, Decoder, GarbageReason, Output, Outputs};
use crate::honeywell::wire::{ACK, ENQ, NAK};
use crate::plain_text::{TextDecoder, TextRules};

/// Begins a reply: STX, SOH, and the device address.
const REPLY: [u8; 6] = [0x02, 0x01, b'0', b'0', b'0', b'0'];
/// Begins a request.
const REQUEST: [u8; 6] = [0x7E, 0x01, b'0', b'0', b'0', b'0'];
/// Ends a request and a reply.
const END: [u8; 2] = [b';', 0x03];
/// Temporary storage: the setting ends with power-down.
const TEMPORARY: u8 = b'#';
/// Longest reply: several settings or a firmware text.
const REPLY_BYTES_MAX: usize = 2_048;
/// Silence that ends a reply.
const GAP_MS: u64 = 500;

/// The decoder of a scanner that sends text and takes commands.
#[derive(Debug)]
pub struct NewlandDecoder {
    text: TextDecoder,
    /// What may be a reply, from its first byte.
    reply: Vec<u8>,
    set_up: bool,
    last_byte_at: Moment,
}

impl NewlandDecoder {
    /// A decoder; `set_up` switches the good-read beep off when the link opens.
    pub fn new(rules: TextRules, set_up: bool) -> Self {
        Self {
            text: TextDecoder::new(rules),
            reply: Vec::new(),
            set_up,
            last_byte_at: Moment::default(),
        }
    }

    fn byte(&mut self, byte: u8, at: Moment, out: &mut Outputs) {
        self.reply.push(byte);
        let begins = REPLY
            .iter()
            .zip(&self.reply)
            .all(|(expected, byte)| expected == byte);
        if !begins {
            // It was text; the last byte may begin a reply itself.
            let last = self.reply.pop();
            let text = std::mem::take(&mut self.reply);
            self.text.push(&text, at, out);
            match last {
                Some(byte) if byte == REPLY[0] => self.reply.push(byte),
                Some(byte) => self.text.push(&[byte], at, out),
                None => {}
            }
        } else if self.reply.len() > REPLY.len() && self.reply.ends_with(&END) {
            let reply = std::mem::take(&mut self.reply);
            answer(&reply, out);
        } else if self.reply.len() > REPLY_BYTES_MAX {
            out.garbage(self.reply.len() as u64, GarbageReason::TooLong);
            self.reply.clear();
        }
    }

    fn reply_deadline(&self) -> Option<Moment> {
        (!self.reply.is_empty()).then(|| self.last_byte_at.plus_ms(GAP_MS))
    }

    /// A reply that does not go on is none; fewer bytes than its beginning are text.
    fn drop_reply(&mut self, reason: GarbageReason, at: Moment, out: &mut Outputs) {
        let reply = std::mem::take(&mut self.reply);
        if reply.len() < REPLY.len() {
            self.text.push(&reply, at, out);
        } else {
            out.garbage(reply.len() as u64, reason);
        }
    }
}

/// Storage, then settings with a status byte before each `;`.
fn answer(reply: &[u8], out: &mut Outputs) {
    out.push(Output::Message {
        kind: u32::from(REPLY[0]),
        name: "REPLY".into(),
        id: None,
        bytes: reply.len(),
    });
    let body = reply.get(REPLY.len() + 1..reply.len() - 1).unwrap_or(&[]);
    for part in body.split(|byte| *byte == b';').filter(|part| !part.is_empty()) {
        let (text, status) = match part {
            [text @ .., status @ (ACK | ENQ | NAK)] => (text, *status),
            text => (text, ACK),
        };
        let text: String = text.iter().map(|&byte| char::from(byte)).collect();
        let name = text.get(..6).unwrap_or(&text).to_owned();
        if status == ACK {
            out.push(Output::Answer {
                name: name.into(),
                text,
                bytes: part.to_vec(),
            });
        } else {
            let why = if status == ENQ {
                "it has no such command"
            } else {
                "it does not allow the value"
            };
            out.push(Output::notice(
                "refused",
                format!("The scanner refused `{text}`: {why}."),
            ));
        }
    }
}

/// A request that holds until power-down.
fn request(body: &str) -> Vec<u8> {
    [&REQUEST, [TEMPORARY].as_slice(), body.as_bytes(), &END].concat()
}

impl Decoder for NewlandDecoder {
    fn opened(&mut self, _at: Moment, out: &mut Outputs) {
        if self.set_up {
            // GRBENA is the good-read beep; the query tells in `devices` what came of it.
            out.push(Output::Write(request("GRBENA0")));
            out.push(Output::Write(request("GRBENA*")));
        }
    }

    fn push(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        self.last_byte_at = at;
        for &byte in bytes {
            if self.reply.is_empty() && byte != REPLY[0] {
                self.text.push(&[byte], at, out);
            } else {
                self.byte(byte, at, out);
            }
        }
    }

    fn deadline(&self) -> Option<Moment> {
        [self.reply_deadline(), self.text.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    fn idle(&mut self, at: Moment, out: &mut Outputs) {
        if self.reply_deadline().is_some_and(|deadline| deadline <= at) {
            self.drop_reply(GarbageReason::Gap, at, out);
        }
        if self.text.deadline().is_some_and(|deadline| deadline <= at) {
            self.text.idle(at, out);
        }
    }

    fn finish(&mut self, out: &mut Outputs) {
        self.drop_reply(GarbageReason::Incomplete, self.last_byte_at, out);
        self.text.finish(out);
    }

    fn reset(&mut self, out: &mut Outputs) {
        self.drop_reply(GarbageReason::Incomplete, self.last_byte_at, out);
        self.text.reset(out);
    }

    fn command(&mut self, command: Command, _at: Moment, out: &mut Outputs) -> bool {
        // SCNTRG pulls and lets go the trigger.
        let body = match command {
            Command::TriggerOn => "SCNTRG1",
            Command::TriggerOff => "SCNTRG0",
            Command::Enable | Command::Disable | Command::Signal(_) => return false,
        };
        out.push(Output::Write(request(body)));
        true
    }
}
