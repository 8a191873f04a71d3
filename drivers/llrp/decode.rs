//! The decoder: bytes to messages, messages to reads and to the conversation with the reader.

use tallyman_codes::Moment;

use super::LlrpRules;
use super::inventory::NotCounted;
use super::message_name;
use super::numbers::message as m;
use super::report::ReportReader;
use super::session::Session;
use super::tree::Message;
use super::wire::{Begin, HEADER_BYTES, Header, begin};
use crate::contract::{Command, Decoder, GarbageReason, Output, Outputs};

/// Silence within a message that ends it. The network's own repetitions take a second or two.
const GAP_MS: u64 = 10_000;
/// The longest message that is read as a tree: capabilities with every table have some 20 kB. Reports are no trees.
const TREE_BYTES_MAX: usize = 512 * 1024;
/// Room that is kept for messages cut in pieces; what a long one needed is given back.
const HELD_BYTES_KEPT: usize = 64 * 1024;

/// The decoder of LLRP.
#[derive(Debug)]
pub struct LlrpDecoder {
    rules: LlrpRules,
    session: Session,
    reports: ReportReader,
    /// The begin of a message whose end has not come; at most [`super::wire::MESSAGE_BYTES_MAX`].
    held: Vec<u8>,
    /// What came was no message, and the next one is looked for.
    is_lost: bool,
    last_byte_at: Moment,
}

impl LlrpDecoder {
    /// A decoder by these rules.
    pub fn new(rules: LlrpRules) -> Self {
        Self {
            session: Session::new(rules.clone()),
            reports: ReportReader::new(rules.impinj),
            held: Vec::new(),
            is_lost: false,
            last_byte_at: Moment::default(),
            rules,
        }
    }

    /// Takes every whole message. What may begin one is held.
    fn take(&mut self, mut bytes: &[u8], at: Moment, out: &mut Outputs) {
        while !bytes.is_empty() {
            let reason = match begin(bytes, self.is_lost) {
                Begin::Message(length) => match bytes.split_at_checked(length) {
                    Some((message, rest)) => {
                        self.is_lost = false;
                        self.message(message, at, out);
                        bytes = rest;
                        continue;
                    }
                    None => return self.held.extend_from_slice(bytes),
                },
                Begin::Unknown => return self.held.extend_from_slice(bytes),
                Begin::Length => GarbageReason::Length,
                Begin::Noise => GarbageReason::Noise,
            };
            out.garbage(1, reason);
            if !std::mem::replace(&mut self.is_lost, true) {
                self.session.end("what it sends is no LLRP.", out);
            }
            bytes = bytes.get(1..).unwrap_or(&[]);
        }
    }

    /// No more bytes come: what is held begins no message, but one may stand in it.
    fn rest(&mut self, reason: GarbageReason, at: Moment, out: &mut Outputs) {
        let held = std::mem::take(&mut self.held);
        let (mut bytes, mut cut_off) = (held.as_slice(), 0);
        while !bytes.is_empty() {
            let whole = match begin(bytes, self.is_lost) {
                Begin::Message(length) => bytes.split_at_checked(length),
                Begin::Unknown | Begin::Length | Begin::Noise => None,
            };
            let Some((message, rest)) = whole else {
                self.is_lost = true;
                cut_off += 1;
                bytes = bytes.get(1..).unwrap_or(&[]);
                continue;
            };
            out.garbage(std::mem::take(&mut cut_off), GarbageReason::Noise);
            self.is_lost = false;
            self.message(message, at, out);
            bytes = rest;
        }
        out.garbage(cut_off, reason);
    }

    /// Adds to the message that has begun as much as it still needs, and says what is left.
    fn fill<'a>(&mut self, bytes: &'a [u8], at: Moment, out: &mut Outputs) -> &'a [u8] {
        let wanted = match begin(&self.held, self.is_lost) {
            Begin::Message(length) => length.saturating_sub(self.held.len()),
            // The header comes byte by byte, so that nothing behind it is held.
            _ => 1,
        };
        let (more, rest) = bytes.split_at_checked(wanted).unwrap_or((bytes, &[]));
        self.held.extend_from_slice(more);
        if !matches!(begin(&self.held, self.is_lost), Begin::Message(length) if length > self.held.len()) {
            let mut held = std::mem::take(&mut self.held);
            self.take(&held, at, out);
            if self.held.is_empty() && held.capacity() <= HELD_BYTES_KEPT {
                held.clear();
                self.held = held;
            }
        }
        rest
    }

    fn message(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        let (Some(header), Some(body)) = (Header::of(bytes), bytes.get(HEADER_BYTES..)) else {
            return;
        };
        out.push(Output::Message {
            kind: u32::from(header.kind),
            name: message_name(header.kind).into(),
            id: Some(header.id),
            bytes: bytes.len(),
        });
        match header.kind {
            m::RO_ACCESS_REPORT => self.report(body, out),
            m::KEEPALIVE => {
                let answer = Message {
                    version: header.version,
                    ..Message::new(m::KEEPALIVE_ACK, header.id, Vec::new(), Vec::new())
                };
                if let Ok(answer) = answer.encode() {
                    out.push(Output::Write(answer));
                }
            }
            _ if bytes.len() > TREE_BYTES_MAX => out.garbage(bytes.len() as u64, GarbageReason::TooLong),
            _ => match Message::decode_leniently(bytes) {
                Ok(message) => self.session.message(&message, at, out),
                Err(_) => out.garbage(bytes.len() as u64, GarbageReason::Malformed),
            },
        }
    }

    fn report(&mut self, body: &[u8], out: &mut Outputs) {
        let gate = self.session.gate();
        let mut is_untold = self.session.is_untold();
        let mut not_counted = NotCounted::default();
        let mut reports = self.reports.reports(body);
        while let Some(report) = reports.next_report() {
            let report = match report {
                Ok(report) if gate.passes(report.ro_spec()) => report,
                Ok(report) => {
                    not_counted.add(gate, report.ro_spec());
                    continue;
                }
                Err(fault) => {
                    out.garbage(fault.bytes as u64, fault.reason);
                    continue;
                }
            };
            match report.tag() {
                Ok(tag) => {
                    if !gate.takes(&tag.epc) {
                        continue;
                    }
                    if std::mem::take(&mut is_untold) {
                        self.session.tags_come(out);
                    }
                    out.tag(tag);
                }
                Err(fault) => out.garbage(fault.bytes as u64, fault.reason),
            }
        }
        if !not_counted.is_empty() {
            self.session.not_counted(&not_counted, out);
        }
    }

    fn gap(&self) -> Option<Moment> {
        (!self.held.is_empty()).then(|| self.last_byte_at.plus_ms(GAP_MS))
    }
}

impl Decoder for LlrpDecoder {
    fn opened(&mut self, at: Moment, _out: &mut Outputs) {
        self.session.opened(at);
    }

    fn push(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        self.last_byte_at = at;
        self.session.heard(at);
        let mut rest = bytes;
        while !self.held.is_empty() && !rest.is_empty() {
            rest = self.fill(rest, at, out);
        }
        self.take(rest, at, out);
    }

    fn deadline(&self) -> Option<Moment> {
        [self.gap(), self.session.deadline()].into_iter().flatten().min()
    }

    fn idle(&mut self, at: Moment, out: &mut Outputs) {
        if self.gap().is_some_and(|gap| gap <= at) {
            self.rest(GarbageReason::Gap, at, out);
            self.session.end("it stopped in the middle of a message.", out);
        }
        self.session.idle(at, out);
    }

    fn finish(&mut self, out: &mut Outputs) {
        self.rest(GarbageReason::Incomplete, self.last_byte_at, out);
    }

    fn reset(&mut self, out: &mut Outputs) {
        self.finish(out);
        *self = Self::new(self.rules.clone());
    }

    fn command(&mut self, command: Command, at: Moment, out: &mut Outputs) -> bool {
        self.session.command(&command, at, out)
    }

    fn hang_up(&self) -> Option<&str> {
        self.session.hang_up()
    }
}
