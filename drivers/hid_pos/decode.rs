//! The decoder: reports to codes, long codes put together from several.

use tallyman_codes::{Barcode, Moment};

use super::layout::{Layout, Report};
use crate::contract::{Command, Decoder, FrameBuffer, GarbageReason, Output, Outputs, Parsed};
use crate::plain_text::decode::LINE_BYTES_MAX;
use crate::plain_text::rules::restore_gs;

/// Longest wait for the next report of a code; scanners send them a few milliseconds apart.
const GAP_MS: u64 = 500;
/// Bytes taken into the buffer at a time.
const PIECE_BYTES: usize = 4_096;
/// Honeywell's code id of an answer to a menu command.
const ANSWER_ID: char = '?';

/// What is written to a scanner for a command, or `None` where it takes none.
pub type CommandBytes = fn(Command) -> Option<Vec<u8>>;

/// The decoder of scanned-data reports.
#[derive(Debug)]
pub struct HidPosDecoder {
    layouts: Vec<Layout>,
    gs_alias: Vec<u8>,
    commands: CommandBytes,
    /// What is written when the link opens.
    greeting: Vec<u8>,
    buffer: FrameBuffer,
    /// A code whose next report is awaited, and the bytes of its reports so far.
    open: Option<(Report, usize)>,
    last_byte_at: Moment,
}

impl HidPosDecoder {
    /// A decoder for reports of these layouts, the likeliest first.
    pub fn new(layouts: Vec<Layout>, gs_alias: Vec<u8>) -> Self {
        Self {
            layouts,
            gs_alias,
            commands: |_| None,
            greeting: Vec::new(),
            buffer: FrameBuffer::default(),
            open: None,
            last_byte_at: Moment::default(),
        }
    }

    /// The same for a scanner that takes commands, and a report that it must have before it sends.
    pub fn with_commands(mut self, commands: CommandBytes, greeting: Vec<u8>) -> Self {
        self.commands = commands;
        self.greeting = greeting;
        self
    }

    fn parse(layouts: &[Layout], bytes: &[u8]) -> Parsed {
        let Some(&first) = bytes.first() else {
            return Parsed::Incomplete;
        };
        let mut longest = 0;
        for layout in layouts.iter().filter(|layout| layout.may_begin(first)) {
            if layout.read(bytes).is_some() {
                return Parsed::Frame(layout.report_bytes);
            }
            longest = longest.max(layout.report_bytes);
        }
        match longest {
            0 => Parsed::Garbage(1, GarbageReason::Noise),
            longest if bytes.len() < longest => Parsed::Incomplete,
            _ => Parsed::Garbage(1, GarbageReason::Malformed),
        }
    }

    fn report(&mut self, bytes: &[u8], out: &mut Outputs) {
        let Some(report) = self.layouts.iter().find_map(|layout| layout.read(bytes)) else {
            return;
        };
        out.push(Output::Message {
            kind: u32::from(bytes.first().copied().unwrap_or(0)),
            name: "SCANNED_DATA".into(),
            id: None,
            bytes: bytes.len(),
        });
        let (mut code, mut wire_bytes) = match self.open.take() {
            // Another symbol begins: the rest of the one before never came.
            Some((open, wire_bytes)) if open.symbology != report.symbology && report.symbology.is_some() => {
                out.garbage(wire_bytes as u64, GarbageReason::Malformed);
                (
                    Report {
                        text: Vec::new(),
                        ..report.clone()
                    },
                    0,
                )
            }
            Some(open) => open,
            None => (
                Report {
                    text: Vec::new(),
                    ..report.clone()
                },
                0,
            ),
        };
        code.text.extend_from_slice(&report.text);
        wire_bytes += bytes.len();
        if code.text.len() > LINE_BYTES_MAX {
            out.garbage(wire_bytes as u64, GarbageReason::TooLong);
        } else if report.more {
            self.open = Some((code, wire_bytes));
        } else {
            self.give(code, out);
        }
    }

    fn give(&self, code: Report, out: &mut Outputs) {
        let speaks_itself = code.symbology.is_some_and(|symbology| symbology.code == b'Z');
        if speaks_itself || code.code_id == Some(ANSWER_ID) {
            let text = code.text.iter().map(|&byte| char::from(byte)).collect();
            out.push(Output::Answer {
                name: "menu".into(),
                text,
                bytes: code.text,
            });
        } else if code.text.is_empty() {
            out.push(Output::notice(
                "no_read",
                "The scanner sent a report without a code.",
            ));
        } else {
            let barcode = Barcode {
                bytes: restore_gs(&code.text, &self.gs_alias),
                symbology: code.symbology,
                code_id: code.code_id.map(String::from),
            };
            out.push(Output::Barcode {
                barcode,
                pull: None,
                again: false,
            });
        }
    }

    fn drop_open(&mut self, reason: GarbageReason, out: &mut Outputs) {
        let wire_bytes = self.open.take().map_or(0, |(_, wire_bytes)| wire_bytes);
        out.garbage(wire_bytes as u64, reason);
    }

    fn rest(&mut self, reason: GarbageReason, out: &mut Outputs) {
        let layouts = self.layouts.clone();
        while let Some(bytes) = self
            .buffer
            .next_at_end(|bytes| Self::parse(&layouts, bytes), reason, out)
        {
            self.report(&bytes, out);
        }
        self.drop_open(reason, out);
    }
}

impl Decoder for HidPosDecoder {
    fn opened(&mut self, _at: Moment, out: &mut Outputs) {
        if !self.greeting.is_empty() {
            out.push(Output::Write(self.greeting.clone()));
        }
    }

    fn push(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        self.last_byte_at = at;
        let layouts = self.layouts.clone();
        for piece in bytes.chunks(PIECE_BYTES) {
            self.buffer.push(piece);
            while let Some(report) = self.buffer.next(|bytes| Self::parse(&layouts, bytes), out) {
                self.report(&report, out);
            }
        }
    }

    fn deadline(&self) -> Option<Moment> {
        (!self.buffer.is_empty() || self.open.is_some()).then(|| self.last_byte_at.plus_ms(GAP_MS))
    }

    fn idle(&mut self, _at: Moment, out: &mut Outputs) {
        self.rest(GarbageReason::Gap, out);
    }

    fn finish(&mut self, out: &mut Outputs) {
        self.rest(GarbageReason::Incomplete, out);
    }

    fn reset(&mut self, out: &mut Outputs) {
        self.finish(out);
    }

    fn command(&mut self, command: Command, _at: Moment, out: &mut Outputs) -> bool {
        match (self.commands)(command) {
            Some(bytes) => {
                out.push(Output::Write(bytes));
                true
            }
            None => false,
        }
    }
}
