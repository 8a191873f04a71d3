//! The decoder: frames to reads, acknowledgements back, and the conversation with the scanner.

use tallyman_codes::{Barcode, Moment, SymbologyId};

use super::dialogue::Dialogue;
use super::message::{Assembly, Decoded, Layout, Step};
use super::repetition::{Fit, Memory, is_marked};
use super::transport::Transport;
use super::wire::{self, Frame, STATUS_CONTINUED, nak, op};
use super::{parameters, types};
use crate::contract::{
    Command, Decoder, FrameBuffer, GarbageReason, Output, Outputs, OwnBeep, Parsed, Signal,
};
use crate::plain_text::rules::restore_gs;

/// Longest silence inside a frame (parameter 239, host character time-out, factory value).
const GAP_MS: u64 = 200;
/// Longest wait for the next packet of a message, which is lost and sent again once: the scanner's 2 s, and time to
/// send it. After more it could be a packet of another code whose first packet was lost.
const MESSAGE_MS_MAX: u64 = 3_000;
/// How long the verdict's light burns.
const LIGHT_MS: u64 = 600;
/// Bytes taken into the buffer at a time, so that a long piece does not stay in memory whole.
const PIECE_BYTES: usize = 4_096;
const GREEN: u8 = 1;
const RED: u8 = 2;

/// Settings of the decoder.
#[derive(Debug, Clone)]
pub struct SsiRules {
    /// How packets are laid out.
    pub layout: Layout,
    /// What frames are wrapped in.
    pub transport: Transport,
    /// Ask and change settings when the link opens.
    pub set_up: bool,
    /// Take an AIM identifier off that stands before the code in a packet.
    pub aim: bool,
    /// Take Code 39 `NR` for the guide's no-read.
    pub no_read: bool,
    /// What stands for GS; empty is off.
    pub gs_alias: Vec<u8>,
}

/// The decoder of packets.
#[derive(Debug)]
pub struct SsiDecoder {
    rules: SsiRules,
    buffer: FrameBuffer,
    assembly: Assembly,
    dialogue: Dialogue,
    last_byte_at: Moment,
    memory: Memory,
    /// A cordless base answered: it wants HOST_ACK.
    cordless: bool,
    /// Since the last good frame the scanner was asked to send again.
    asked_again: bool,
    light_off: Option<(Moment, u8)>,
}

impl SsiDecoder {
    /// A decoder by these rules.
    pub fn new(rules: SsiRules) -> Self {
        Self {
            dialogue: Dialogue::new(rules.transport, rules.aim),
            rules,
            buffer: FrameBuffer::default(),
            assembly: Assembly::default(),
            last_byte_at: Moment::default(),
            memory: Memory::default(),
            cordless: false,
            asked_again: false,
            light_off: None,
        }
    }

    fn frames(&mut self, at: Moment, out: &mut Outputs) {
        while !self.buffer.is_empty() {
            match self.rules.transport.parse(self.buffer.rest()) {
                Parsed::Incomplete => return,
                Parsed::Frame(length) => {
                    let bytes = self.buffer.take(length);
                    self.wrapped(&bytes, at, out);
                }
                Parsed::Garbage(count, reason) => {
                    out.garbage(self.buffer.skip(count), reason);
                    if reason == GarbageReason::Checksum {
                        self.memory.note_damage(at);
                        if !std::mem::replace(&mut self.asked_again, true) {
                            self.write(op::CMD_NAK, &[nak::RESEND], out);
                        }
                    }
                }
            }
        }
    }

    /// No more bytes come: what is left begins no frame, but one may stand in it.
    fn rest(&mut self, reason: GarbageReason, at: Moment, out: &mut Outputs) {
        let transport = self.rules.transport;
        while let Some(bytes) = self
            .buffer
            .next_at_end(|bytes| transport.parse(bytes), reason, out)
        {
            self.wrapped(&bytes, at, out);
        }
    }

    fn wrapped(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        let inner = self.rules.transport.unwrap(bytes);
        if let Some(frame) = Frame::of(inner) {
            self.asked_again = false;
            self.dialogue.heard(at);
            out.push(Output::Message {
                kind: u32::from(frame.opcode),
                name: wire::name(frame.opcode).into(),
                id: None,
                bytes: bytes.len(),
            });
            self.frame(frame, at, out);
        }
    }

    fn frame(&mut self, frame: Frame<'_>, at: Moment, out: &mut Outputs) {
        if is_answer(frame.opcode) && self.memory.is_answer_again(frame) {
            return self.acknowledge(out);
        }
        match frame.opcode {
            op::DECODE_DATA | op::MULTIPACKET_SEGMENT => self.decode_data(frame, at, out),
            op::CMD_ACK => {
                self.dialogue.acknowledged(at, out);
            }
            op::CMD_NAK => self.refused(frame, at, out),
            op::EVENT => {
                self.acknowledge(out);
                self.event(frame, at, out);
            }
            op::PARAM_SEND => {
                self.acknowledge(out);
                let found = parameters::decode(frame.body);
                for parameter in &found {
                    let name = parameters::name(parameter.number);
                    answer(name, number_text(&parameter.value), &parameter.value, out);
                }
                let more = frame.status & STATUS_CONTINUED != 0;
                self.dialogue.parameters(found, more, at, out);
            }
            op::REPLY_REVISION => {
                self.acknowledge(out);
                answer("revision".to_owned(), latin(frame.body), frame.body, out);
                self.dialogue.answered(op::REQUEST_REVISION, at, out);
            }
            op::CAPABILITIES_REPLY => {
                self.acknowledge(out);
                answer("capabilities".to_owned(), String::new(), frame.body, out);
                self.dialogue.answered(op::CAPABILITIES_REQUEST, at, out);
            }
            op::SSI_MGMT => {
                self.acknowledge(out);
                super::attributes::tell(frame.body, out);
            }
            op::SCANNER_INIT_REPLY => {
                self.cordless = true;
                answer("scanner_init".to_owned(), String::new(), frame.body, out);
            }
            other => {
                self.write(op::CMD_NAK, &[nak::BAD_CONTEXT], out);
                out.push(Output::notice(
                    "unknown_message",
                    format!("The scanner sent a message of the unknown kind {other:02X}; it was set aside."),
                ));
            }
        }
    }

    fn decode_data(&mut self, frame: Frame<'_>, at: Moment, out: &mut Outputs) {
        let is_segment = frame.opcode == op::MULTIPACKET_SEGMENT;
        let is_under_way = self.assembly.wire_bytes() > 0;
        if !self.memory.is_packet_again(frame, is_under_way) {
            if !is_segment && self.is_half_a_code(frame, at, out) {
                // The scanner tells the worker that the code was not taken.
                out.garbage(frame.bytes.len() as u64, GarbageReason::Malformed);
                return self.write(op::CMD_NAK, &[nak::BAD_CONTEXT], out);
            }
            let wire_bytes = frame.bytes.len();
            let step = if is_segment {
                self.assembly
                    .segment(frame.body, frame.bytes.first() != Some(&u8::MAX), wire_bytes)
            } else {
                let continued = frame.status & STATUS_CONTINUED != 0;
                self.assembly
                    .packet(frame.body, continued, self.rules.layout, wire_bytes)
            };
            self.step(step, is_marked(frame), out);
        }
        self.memory.note_packet(frame, at);
        // After the read, so that the scanner is held off while the program is busy.
        if is_segment && self.assembly.wire_bytes() > 0 {
            self.write(op::MULTIPACKET_ACK, &[], out);
        } else {
            self.acknowledge(out);
        }
    }

    /// Whether a packet may be the rest of a code whose beginning was dropped, and no code by itself.
    fn is_half_a_code(&mut self, frame: Frame<'_>, at: Moment, out: &mut Outputs) -> bool {
        if self.assembly.wire_bytes() > 0 {
            let dropped = match self.memory.fit(frame, at) {
                Fit::Next => 0,
                Fit::Another => self.assembly.drop_all(),
                Fit::Unsure => self.assembly.give_up(),
            };
            if dropped > 0 {
                self.memory.forget_packet();
                out.garbage(dropped as u64, GarbageReason::Gap);
            }
        }
        self.assembly.may_be_a_rest(frame.body, is_marked(frame))
    }

    fn step(&mut self, step: Step, again: bool, out: &mut Outputs) {
        out.garbage(step.lost_bytes as u64, GarbageReason::Malformed);
        let Some(decoded) = step.whole else { return };
        if self.rules.no_read && decoded.is_no_read() {
            out.push(Output::notice(
                "no_read",
                "The trigger was pulled and no code was found.",
            ));
        } else if decoded.kind == types::PARAMETER {
            out.push(Output::notice(
                "parameter_code",
                "A programming code was scanned.",
            ));
        } else {
            let barcode = self.barcode(decoded);
            out.push(Output::Barcode {
                barcode,
                pull: None,
                again,
            });
        }
    }

    fn barcode(&self, decoded: Decoded) -> Barcode {
        let by_type = types::symbology(decoded.kind);
        let mut text = decoded.text.as_slice();
        let mut symbology = by_type;
        if self.rules.aim
            && let Some((sent, rest)) = SymbologyId::split(text)
            && by_type.is_none_or(|known| known.code == sent.code)
            && !rest.is_empty()
        {
            (symbology, text) = (Some(sent), rest);
        }
        let mut bytes = restore_gs(text, &self.rules.gs_alias);
        if decoded.kind == types::UPC_A && bytes.len() == 12 {
            // The identifier ]E0 stands for 13 digits (ISO/IEC 15424, table for EAN/UPC).
            bytes.insert(0, b'0');
        }
        Barcode {
            bytes,
            symbology,
            code_id: None,
        }
    }

    fn event(&mut self, frame: Frame<'_>, at: Moment, out: &mut Outputs) {
        let (code, message) = match frame.body.first() {
            Some(0x01) => ("decoded", "The scanner decoded a code."),
            Some(0x03) => ("booted", "The scanner started."),
            Some(0x07) => ("parameter_error", "A programming code was wrong."),
            Some(0x08) => ("parameter_stored", "A programming code was stored."),
            Some(0x0A) => ("defaults_set", "The scanner was set to its defaults."),
            Some(0x0F) => (
                "number_expected",
                "The scanner waits for a number of a programming code.",
            ),
            _ => (
                "unknown_event",
                "The scanner reports something this driver does not know.",
            ),
        };
        out.push(Output::notice(code, message));
        if self.rules.set_up && matches!(frame.body.first(), Some(0x03 | 0x0A)) {
            self.dialogue.begin(at, out);
        }
    }

    fn refused(&mut self, frame: Frame<'_>, at: Moment, out: &mut Outputs) {
        let cause = frame.body.first().copied();
        let asked_again = cause == Some(nak::RESEND);
        let Some(opcode) = self.dialogue.refused(asked_again, at, out) else {
            return;
        };
        let reason = match cause {
            Some(nak::RESEND) => "the frame arrived damaged",
            Some(nak::BAD_CONTEXT) => "it does not know the command or cannot do it now",
            Some(nak::DENIED) => "it is not allowed",
            _ => "it gives no known reason",
        };
        out.push(Output::notice(
            "refused",
            format!("The scanner refused the command {opcode:02X}: {reason}."),
        ));
    }

    fn acknowledge(&mut self, out: &mut Outputs) {
        let opcode = if self.cordless { op::HOST_ACK } else { op::CMD_ACK };
        self.write(opcode, &[], out);
    }

    fn write(&mut self, opcode: u8, body: &[u8], out: &mut Outputs) {
        out.push(Output::Write(
            self.rules.transport.wrap(wire::host_frame(opcode, 0, body)),
        ));
    }

    fn signal(&mut self, signal: Signal, at: Moment, out: &mut Outputs) -> bool {
        // Beep codes of the guide: 00 one short high, 01 two short high, 05 one short low, 12 four long low.
        let (beep, light) = match signal {
            Signal::Good => (0x00, GREEN),
            Signal::Ask => (0x01, 0),
            Signal::Bad => (0x12, RED),
            Signal::NotCounted => (0x05, 0),
        };
        let sent = self.dialogue.ask(op::BEEP, &[beep], at, out);
        if light != 0 {
            // One light at a time: the one of the verdict before would say something else.
            if let Some((_, burning)) = self.light_off.take_if(|(_, burning)| *burning != light) {
                self.dialogue.ask(op::LED_OFF, &[burning], at, out);
            }
            if self.dialogue.ask(op::LED_ON, &[light], at, out) {
                self.light_off = Some((at.plus_ms(LIGHT_MS), light));
            }
        }
        sent
    }

    fn frame_deadline(&self) -> Option<Moment> {
        (!self.buffer.is_empty()).then(|| self.last_byte_at.plus_ms(GAP_MS))
    }

    fn message_deadline(&self) -> Option<Moment> {
        (self.assembly.wire_bytes() > 0).then(|| self.memory.packet_at().plus_ms(MESSAGE_MS_MAX))
    }
}

impl Decoder for SsiDecoder {
    fn opened(&mut self, at: Moment, out: &mut Outputs) {
        if self.rules.set_up {
            self.dialogue.begin(at, out);
        }
    }

    fn push(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        self.last_byte_at = at;
        for piece in bytes.chunks(PIECE_BYTES) {
            self.buffer.push(piece);
            self.frames(at, out);
        }
    }

    fn deadline(&self) -> Option<Moment> {
        let light = self.light_off.map(|(at, _)| at);
        [
            self.frame_deadline(),
            self.message_deadline(),
            self.dialogue.deadline(),
            light,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn idle(&mut self, at: Moment, out: &mut Outputs) {
        if self.frame_deadline().is_some_and(|deadline| deadline <= at) {
            self.rest(GarbageReason::Gap, at, out);
        }
        if self.message_deadline().is_some_and(|deadline| deadline <= at) {
            self.memory.forget_packet();
            out.garbage(self.assembly.give_up() as u64, GarbageReason::Gap);
        }
        if let Some((_, light)) = self.light_off.filter(|(off_at, _)| *off_at <= at) {
            self.light_off = None;
            self.dialogue.ask(op::LED_OFF, &[light], at, out);
        }
        self.dialogue.idle(at, out);
    }

    fn finish(&mut self, out: &mut Outputs) {
        self.rest(GarbageReason::Incomplete, self.last_byte_at, out);
        out.garbage(self.assembly.drop_all() as u64, GarbageReason::Incomplete);
    }

    fn reset(&mut self, out: &mut Outputs) {
        self.finish(out);
        *self = Self::new(self.rules.clone());
    }

    fn command(&mut self, command: Command, at: Moment, out: &mut Outputs) -> bool {
        match command {
            Command::Enable => self.dialogue.ask(op::SCAN_ENABLE, &[], at, out),
            Command::Disable => self.dialogue.ask(op::SCAN_DISABLE, &[], at, out),
            Command::TriggerOn => self.dialogue.ask(op::START_SESSION, &[], at, out),
            Command::TriggerOff => self.dialogue.ask(op::STOP_SESSION, &[], at, out),
            Command::Signal(signal) => self.signal(signal, at, out),
            Command::StartInventory(_) | Command::StopInventory | Command::SetOutput { .. } => false,
        }
    }

    fn own_beep(&self) -> OwnBeep {
        self.dialogue.own_beep()
    }
}

/// Whether a message of the scanner answers a question or tells an event, and is acknowledged.
const fn is_answer(opcode: u8) -> bool {
    matches!(
        opcode,
        op::PARAM_SEND | op::REPLY_REVISION | op::CAPABILITIES_REPLY | op::SSI_MGMT | op::EVENT
    )
}

fn answer(name: String, text: String, bytes: &[u8], out: &mut Outputs) {
    out.push(Output::Answer {
        name: name.into(),
        text,
        bytes: bytes.to_vec(),
    });
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// A value of up to two bytes as a number, a longer one as text.
fn number_text(value: &[u8]) -> String {
    match value {
        [byte] => byte.to_string(),
        [high, low] => u16::from_be_bytes([*high, *low]).to_string(),
        _ => latin(value),
    }
}
