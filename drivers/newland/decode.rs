//! The decoder: text lines, and the framed replies of the command set between them.

use tallyman_codes::Moment;

use super::set_up::SetUp;
use super::wire::{self, Part, REPLY, REPLY_BYTES_MAX, Status, TAG_BYTES};
use crate::contract::{Command, Decoder, GarbageReason, Output, Outputs, OwnBeep};
use crate::plain_text::{TextDecoder, TextRules};

/// Silence that ends a reply.
const GAP_MS: u64 = 500;

/// The decoder of a scanner that sends text and takes commands.
#[derive(Debug)]
pub struct NewlandDecoder {
    text: TextDecoder,
    /// What may be a reply, from its first byte.
    reply: Vec<u8>,
    set_up: SetUp,
    /// The tag that pulls the trigger with 1 and lets it go with 0, where one is known.
    trigger_tag: Option<String>,
    last_byte_at: Moment,
}

impl NewlandDecoder {
    /// A decoder; `set_up` asks and changes the scanner when the link opens.
    pub fn new(rules: TextRules, set_up: SetUp, trigger_tag: Option<String>) -> Self {
        Self {
            text: TextDecoder::new(rules),
            reply: Vec::new(),
            set_up,
            trigger_tag,
            last_byte_at: Moment::default(),
        }
    }

    fn byte(&mut self, byte: u8, at: Moment, out: &mut Outputs) {
        self.reply.push(byte);
        if !wire::may_be_reply(&self.reply) {
            // It was text; the last byte may begin a reply itself.
            let last = self.reply.pop();
            let text = std::mem::take(&mut self.reply);
            self.text.push(&text, at, out);
            match last {
                Some(byte) if byte == REPLY[0] => self.reply.push(byte),
                Some(byte) => self.text.push(&[byte], at, out),
                None => {}
            }
        } else if wire::is_whole(&self.reply) {
            let reply = std::mem::take(&mut self.reply);
            self.answer(&reply, at, out);
        } else if self.reply.len() > REPLY_BYTES_MAX {
            out.garbage(self.reply.len() as u64, GarbageReason::TooLong);
            self.reply.clear();
        }
    }

    fn answer(&mut self, reply: &[u8], at: Moment, out: &mut Outputs) {
        out.push(Output::Message {
            kind: u32::from(REPLY[0]),
            name: "REPLY".into(),
            id: None,
            bytes: reply.len(),
        });
        let parts = wire::parts(reply);
        for part in parts.iter().filter(|part| part.status == Status::Taken) {
            let name = part.text.get(..TAG_BYTES).unwrap_or(&part.text).to_owned();
            out.push(Output::Answer {
                name: name.into(),
                text: part.text.clone(),
                bytes: part.bytes.clone(),
            });
        }
        if !self.set_up.answered(&parts, at, out) {
            parts
                .iter()
                .filter_map(refusal)
                .for_each(|notice| out.push(notice));
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

/// A command that was not the set-up's, and was not taken.
fn refusal(part: &Part) -> Option<Output> {
    let why = match part.status {
        Status::Taken => return None,
        Status::Unknown => "it has no such command",
        Status::NotAllowed => "it does not allow the value",
    };
    Some(Output::notice(
        "refused",
        format!("The scanner refused `{}`: {why}.", part.text),
    ))
}

impl Decoder for NewlandDecoder {
    fn opened(&mut self, at: Moment, out: &mut Outputs) {
        self.set_up.begin(at, out);
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
        [
            self.reply_deadline(),
            self.text.deadline(),
            self.set_up.deadline(),
        ]
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
        self.set_up.idle(at, out);
    }

    fn finish(&mut self, out: &mut Outputs) {
        self.drop_reply(GarbageReason::Incomplete, self.last_byte_at, out);
        self.text.finish(out);
    }

    fn reset(&mut self, out: &mut Outputs) {
        self.drop_reply(GarbageReason::Incomplete, self.last_byte_at, out);
        self.text.reset(out);
        self.set_up.reset();
    }

    fn command(&mut self, command: Command, _at: Moment, out: &mut Outputs) -> bool {
        let value = match command {
            Command::TriggerOn => '1',
            Command::TriggerOff => '0',
            Command::Enable
            | Command::Disable
            | Command::Signal(_)
            | Command::StartInventory(_)
            | Command::StopInventory
            | Command::SetOutput { .. } => return false,
        };
        let Some(tag) = &self.trigger_tag else {
            return false;
        };
        out.push(Output::Write(wire::request(&[format!("{tag}{value}")])));
        true
    }

    fn own_beep(&self) -> OwnBeep {
        self.set_up.own_beep()
    }
}
