//! The decoder: messages with metadata, plain text, and the answers of the menu.

use tallyman_codes::Moment;

use super::set_up::SetUp;
use super::wire::{self, ANSWER_BYTES_MAX, Message};
use crate::contract::{
    Command, Decoder, FrameBuffer, GarbageReason, Output, Outputs, OwnBeep, Parsed, Signal,
};
use crate::hid_pos::HidPosDecoder;
use crate::hid_pos::layout::KNOWN;
use crate::plain_text::rules::restore_gs;
use crate::plain_text::{TextDecoder, TextRules};

/// Silence that ends a message or an answer: Bluetooth may pause between its packets.
const GAP_MS: u64 = 500;
/// Bytes taken into the buffer at a time.
const PIECE_BYTES: usize = 4_096;

/// How codes come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Text until the first header is seen, messages with metadata from then on.
    Auto,
    /// Messages with metadata only.
    Metadata,
    /// Text only.
    Text,
    /// Reports: the first bytes were those of one.
    Hid,
}

/// The decoder of a scanner on a serial link.
#[derive(Debug)]
pub struct HoneywellDecoder {
    framing: Framing,
    /// What holds now: `Auto` becomes `Metadata`.
    current: Framing,
    buffer: FrameBuffer,
    hid: HidPosDecoder,
    text: TextDecoder,
    gs_alias: Vec<u8>,
    set_up: SetUp,
    last_byte_at: Moment,
    /// Nothing was taken yet: the first bytes may be those of a report.
    untouched: bool,
    /// The text byte before.
    previous: u8,
}

impl HoneywellDecoder {
    /// A decoder; `set_up` tells whether the scanner is asked and changed when the link opens.
    pub fn new(framing: Framing, rules: TextRules, set_up: bool) -> Self {
        Self {
            framing,
            current: framing,
            buffer: FrameBuffer::default(),
            hid: HidPosDecoder::new(KNOWN.to_vec(), rules.gs_alias.clone()),
            untouched: true,
            gs_alias: rules.gs_alias.clone(),
            text: TextDecoder::new(rules),
            set_up: SetUp::new(set_up, framing != Framing::Text),
            last_byte_at: Moment::default(),
            previous: 0,
        }
    }

    fn take(&mut self, at: Moment, out: &mut Outputs) {
        while let Some(&first) = self.buffer.rest().first() {
            if self.current == Framing::Hid {
                let bytes = self.buffer.take(usize::MAX);
                return self.hid.push(&bytes, at, out);
            }
            if self.untouched && self.current == Framing::Auto {
                match begins_report(self.buffer.rest()) {
                    None => return,
                    Some(true) => self.current = Framing::Hid,
                    Some(false) => self.untouched = false,
                }
                continue;
            }
            let parsed = match self.current {
                Framing::Metadata => metadata(self.buffer.rest()),
                Framing::Auto if wire::may_begin(self.buffer.rest()) => wire::parse(self.buffer.rest()),
                _ => {
                    self.buffer.skip(1);
                    self.text_byte(first, at, out);
                    continue;
                }
            };
            match parsed {
                Parsed::Incomplete => return,
                Parsed::Garbage(count, reason) => self.garbage(count, reason, out),
                Parsed::Frame(length) => {
                    let bytes = self.buffer.take(length);
                    self.whole(&bytes, at, out);
                }
            }
        }
    }

    /// A good message with metadata, or the scanner said that they come: from now on nothing else is a code, and what
    /// stood before it is none.
    fn framed(&mut self, out: &mut Outputs) {
        if self.current == Framing::Auto {
            self.current = Framing::Metadata;
            let before = self.text.take_line(out).len();
            out.garbage(before as u64, GarbageReason::Noise);
        }
    }

    fn garbage(&mut self, count: usize, reason: GarbageReason, out: &mut Outputs) {
        out.garbage(self.buffer.skip(count), reason);
    }

    /// One byte of a text line. An answer nobody framed is told by its last two bytes.
    fn text_byte(&mut self, byte: u8, at: Moment, out: &mut Outputs) {
        let previous = std::mem::replace(&mut self.previous, byte);
        if self.framing == Framing::Auto && !may_be_text(byte) {
            let dropped = self.text.take_line(out).len() + 1;
            out.garbage(dropped as u64, GarbageReason::Noise);
        } else if wire::ends_answer(previous, byte) {
            let mut answer = self.text.take_line(out);
            answer.push(byte);
            self.answer(&answer, at, out);
        } else {
            self.text.push(&[byte], at, out);
        }
    }

    fn message(&mut self, frame: &[u8], out: &mut Outputs) {
        out.push(Output::Message {
            kind: 0xFE,
            name: "MSGGET".into(),
            id: None,
            bytes: frame.len(),
        });
        let barcode = Message::of(frame).and_then(Message::barcode);
        match barcode {
            // Z is no symbology: the scanner speaks itself.
            Some(barcode) if barcode.symbology.is_some_and(|symbology| symbology.code == b'Z') => {
                let text = barcode.text();
                out.push(Output::Answer {
                    name: "menu".into(),
                    text,
                    bytes: barcode.bytes,
                });
            }
            Some(mut barcode) => {
                barcode.bytes = restore_gs(&barcode.bytes, &self.gs_alias);
                out.push(Output::Barcode {
                    barcode,
                    pull: None,
                    again: false,
                });
            }
            None => out.push(Output::notice(
                "no_read",
                "The scanner sent a message without a code.",
            )),
        }
    }

    fn answer(&mut self, answer: &[u8], at: Moment, out: &mut Outputs) {
        out.push(Output::Message {
            kind: u32::from(b'M'),
            name: "MENU".into(),
            id: None,
            bytes: answer.len(),
        });
        let (free, tags) = wire::tags(answer);
        let name = tags
            .first()
            .map_or("menu", |tag| tag.text.get(..6).unwrap_or(&tag.text))
            .to_owned();
        let values: Vec<&str> = tags.iter().map(|tag| tag.text.as_str()).collect();
        let text = if free.is_empty() { values.join(" ") } else { free };
        out.push(Output::Answer {
            name: name.into(),
            text,
            bytes: answer.to_vec(),
        });
        for tag in tags.iter().filter(|tag| tag.status != wire::ACK) {
            let why = if tag.status == wire::ENQ {
                "it has no such command"
            } else {
                "it does not allow the value"
            };
            out.push(Output::notice(
                "refused",
                format!("The scanner refused `{}`: {why}.", tag.text),
            ));
        }
        self.set_up.answered(&tags, at, out);
        if self.set_up.metadata_is_on() {
            self.framed(out);
        }
    }

    /// Ends what is open in a message or an answer because no more bytes come.
    fn close(&mut self, reason: GarbageReason, at: Moment, out: &mut Outputs) {
        let parse = if self.current == Framing::Metadata {
            metadata
        } else {
            wire::parse
        };
        while let Some(bytes) = self.buffer.next_at_end(parse, reason, out) {
            self.whole(&bytes, at, out);
        }
    }

    /// A whole message or answer.
    fn whole(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        if wire::may_begin(bytes) {
            self.framed(out);
            self.message(bytes, out);
        } else {
            self.answer(bytes, at, out);
        }
    }

    fn message_deadline(&self) -> Option<Moment> {
        (!self.buffer.is_empty()).then(|| self.last_byte_at.plus_ms(GAP_MS))
    }
}

impl Decoder for HoneywellDecoder {
    fn opened(&mut self, at: Moment, out: &mut Outputs) {
        self.set_up.begin(at, out);
    }

    fn push(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        self.last_byte_at = at;
        for piece in bytes.chunks(PIECE_BYTES) {
            self.buffer.push(piece);
            self.take(at, out);
        }
    }

    fn deadline(&self) -> Option<Moment> {
        [
            self.message_deadline(),
            self.text.deadline(),
            self.hid.deadline(),
            self.set_up.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn idle(&mut self, at: Moment, out: &mut Outputs) {
        if self.message_deadline().is_some_and(|deadline| deadline <= at) {
            self.close(GarbageReason::Gap, at, out);
        }
        if self.text.deadline().is_some_and(|deadline| deadline <= at) {
            self.text.idle(at, out);
        }
        if self.hid.deadline().is_some_and(|deadline| deadline <= at) {
            self.hid.idle(at, out);
        }
        self.set_up.idle(at, out);
    }

    fn finish(&mut self, out: &mut Outputs) {
        self.close(GarbageReason::Incomplete, self.last_byte_at, out);
        self.hid.finish(out);
        self.text.finish(out);
    }

    fn reset(&mut self, out: &mut Outputs) {
        self.close(GarbageReason::Incomplete, self.last_byte_at, out);
        self.hid.finish(out);
        self.text.reset(out);
        self.set_up.reset();
        self.untouched = true;
        self.current = self.framing;
        self.previous = 0;
    }

    fn command(&mut self, command: Command, _at: Moment, out: &mut Outputs) -> bool {
        match command_bytes(command) {
            Some(bytes) => {
                out.push(Output::Write(bytes));
                true
            }
            None => false,
        }
    }

    fn own_beep(&self) -> OwnBeep {
        self.set_up.own_beep()
    }
}

/// What is written for a command. Scanning is not switched off and on: the trigger is.
pub fn command_bytes(command: Command) -> Option<Vec<u8>> {
    let beeps = |count: usize| wire::BEEP.repeat(count);
    Some(match command {
        Command::TriggerOn => wire::TRIGGER_ON.to_vec(),
        Command::TriggerOff => wire::TRIGGER_OFF.to_vec(),
        Command::Signal(Signal::Good) => beeps(1),
        Command::Signal(Signal::Ask | Signal::NotCounted) => beeps(2),
        Command::Signal(Signal::Bad) => beeps(3),
        Command::Enable
        | Command::Disable
        | Command::StartInventory(_)
        | Command::StopInventory
        | Command::SetOutput { .. } => return None,
    })
}

/// Whether a stream begins with a report: id 2, a length, and the identifier. `None`: more bytes are needed.
fn begins_report(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [2] | [2, 0..=56] => None,
        [2, 0..=56, third, ..] => Some(*third == b']'),
        _ => Some(false),
    }
}

/// With metadata: a message, or what may stand between messages.
fn metadata(bytes: &[u8]) -> Parsed {
    if wire::may_begin(bytes) {
        wire::parse(bytes)
    } else {
        between_messages(bytes)
    }
}

/// Between messages with metadata only answers may stand. They hold printable text, line ends and status bytes.
fn between_messages(bytes: &[u8]) -> Parsed {
    let fits = |byte: &u8| {
        matches!(
            *byte,
            0x20..=0x7E | b'\r' | b'\n' | b'\t' | wire::ACK | wire::ENQ | wire::NAK
        )
    };
    if !bytes.first().is_some_and(fits) {
        return Parsed::Garbage(1, GarbageReason::Noise);
    }
    let mut previous = 0;
    for (at, byte) in bytes.iter().enumerate().take(ANSWER_BYTES_MAX) {
        if wire::ends_answer(previous, *byte) {
            return Parsed::Frame(at + 1);
        }
        if !fits(byte) {
            return Parsed::Garbage(at, GarbageReason::Noise);
        }
        previous = *byte;
    }
    if bytes.len() >= ANSWER_BYTES_MAX {
        Parsed::Garbage(ANSWER_BYTES_MAX, GarbageReason::TooLong)
    } else {
        Parsed::Incomplete
    }
}

/// What a code on a text line may hold: printable bytes, the separators of GS1 and ISO/IEC 15434, prefixes and
/// suffixes, and the status bytes of an answer.
fn may_be_text(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7E | 0x80..=0xFF | 0x1C..=0x1F | b'\t' | b'\r' | b'\n' | 0x02..=0x06 | wire::NAK)
}
