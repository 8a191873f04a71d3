//! Splits a stream of text into codes: by suffix, by prefix, and by silence.
//!
//! Other drivers whose scanners also know a plain mode embed this decoder.

use tallyman_codes::{Barcode, Moment, SymbologyId};

use super::ending::starts_multi_line;
use super::rules::TextRules;
use crate::contract::{Decoder, GarbageReason, Output, Outputs};

/// Longest line. The largest symbol, a QR code, holds 7,089 digits (ISO/IEC 18004); the rest is prefix,
/// identifier and suffix.
pub const LINE_BYTES_MAX: usize = 8 * 1024;

/// The decoder of a scanner that sends text.
#[derive(Debug)]
pub struct TextDecoder {
    rules: TextRules,
    /// What came since the last code ended. May hold suffixes while a 2D code is open.
    line: Vec<u8>,
    /// Where the text after the newest suffix in `line` begins.
    segment_start: usize,
    /// Where the text before the newest suffix in `line` ends, if there is a suffix in it.
    text_end: Option<usize>,
    /// The line outgrew [`LINE_BYTES_MAX`]: everything is garbage until it ends.
    overlong: bool,
    /// The last byte was a CR that ended something; a LF after it belongs to it.
    after_cr: bool,
    previous: u8,
    last_byte_at: Moment,
    /// Triggers whose result came, where lines are results.
    pulls: u64,
}

impl TextDecoder {
    /// A decoder by these rules.
    pub fn new(rules: TextRules) -> Self {
        Self {
            rules,
            line: Vec::new(),
            segment_start: 0,
            text_end: None,
            overlong: false,
            after_cr: false,
            previous: 0,
            last_byte_at: Moment::default(),
            pulls: 0,
        }
    }

    /// Takes the line under way out of the stream, for a driver that knows it to be something else. A 2D code
    /// before it that waited for silence is given.
    pub fn take_line(&mut self, out: &mut Outputs) -> Vec<u8> {
        let line = self.line.split_off(self.segment_start.min(self.line.len()));
        if let Some(end) = self.text_end {
            self.line.truncate(end);
            self.give(out);
        }
        self.clear();
        line
    }

    fn byte(&mut self, byte: u8, out: &mut Outputs) {
        if std::mem::take(&mut self.after_cr) && byte == b'\n' && self.rules.ending.merges_crlf() {
            if self.text_end.is_some() {
                self.line.push(byte);
                self.segment_start = self.line.len();
            }
            return;
        }
        if self.overlong {
            out.garbage(1, GarbageReason::TooLong);
        } else {
            self.restart_at_prefix(byte, out);
            self.line.push(byte);
            self.split_before_identifier(out);
        }
        let previous = std::mem::replace(&mut self.previous, byte);
        if self.rules.ending.is_complete(previous, byte) {
            self.after_cr = byte == b'\r';
            self.suffix(out);
        } else if self.line.len() > LINE_BYTES_MAX {
            out.garbage(self.line.len() as u64, GarbageReason::TooLong);
            self.clear();
            self.overlong = true;
        }
    }

    /// A prefix of control characters can only be a prefix: what came before it lost its end.
    fn restart_at_prefix(&mut self, byte: u8, out: &mut Outputs) {
        let prefix = &self.rules.prefix;
        if prefix.len() == 1 && prefix[0] == byte && byte < 0x20 && !self.line.is_empty() {
            if self.segment_start == self.line.len() {
                self.close(out);
            } else {
                out.garbage(self.line.len() as u64, GarbageReason::Noise);
            }
            self.clear();
        }
    }

    /// While a 2D code waits for silence after a suffix, an identifier right there begins the next code.
    fn split_before_identifier(&mut self, out: &mut Outputs) {
        let Some(end) = self.text_end else { return };
        let segment = &self.line[self.segment_start..];
        let after_prefix = segment.strip_prefix(self.rules.prefix.as_slice());
        if after_prefix.is_some_and(|text| text.len() == 3 && SymbologyId::split(text).is_some()) {
            let next = self.line.split_off(self.segment_start);
            self.line.truncate(end);
            self.give(out);
            self.line = next;
            self.segment_start = 0;
            self.text_end = None;
        }
    }

    /// A suffix just came in.
    fn suffix(&mut self, out: &mut Outputs) {
        if std::mem::take(&mut self.overlong) {
            self.clear();
            return;
        }
        let text = self.rules.ending.strip(&self.line);
        if self.text_end.is_some() {
            // Inside a 2D code. A text of the device's own on a line of its own ends it, nothing else does.
            let segment = text.get(self.segment_start..).unwrap_or(&[]);
            if let Some(notice) = self.rules.notice(segment) {
                self.line.truncate(self.text_end.unwrap_or(0));
                self.give(out);
                out.push(notice);
                self.clear();
                return;
            }
        }
        let end = text.len();
        if self.text_end.is_some() || self.waits_for_silence(end) {
            self.text_end = Some(end);
            self.segment_start = self.line.len();
        } else {
            self.line.truncate(end);
            self.give(out);
            self.clear();
        }
    }

    fn waits_for_silence(&self, end: usize) -> bool {
        let text = &self.line[..end];
        self.rules.multi_line
            && text
                .strip_prefix(self.rules.prefix.as_slice())
                .and_then(SymbologyId::split)
                .is_some_and(|(symbology, _)| starts_multi_line(symbology))
    }

    /// Ends what is open: at the newest suffix if nothing follows it, else where the bytes end.
    fn close(&mut self, out: &mut Outputs) {
        if self.segment_start == self.line.len()
            && let Some(end) = self.text_end
        {
            self.line.truncate(end);
        }
        self.give(out);
        self.clear();
    }

    /// Gives `line` as a code, or as the notice it is.
    fn give(&mut self, out: &mut Outputs) {
        if self.line.is_empty() {
            return;
        }
        let prefix = self.rules.prefix.as_slice();
        let Some(start) = find(&self.line, prefix) else {
            match self.rules.notice(&self.line) {
                Some(notice) => out.push(notice),
                None => out.garbage(self.line.len() as u64, GarbageReason::Noise),
            }
            return;
        };
        out.garbage(start as u64, GarbageReason::Noise);
        let text = &self.line[start + prefix.len()..];
        if text.is_empty() {
            return;
        }
        let bytes = self.line.len() - start;
        if let Some(notice) = self.rules.notice(text) {
            out.push(Output::Message {
                kind: 0,
                name: "NOTICE".into(),
                id: None,
                bytes,
            });
            out.push(notice);
        } else {
            let codes = self.rules.codes(text).into_iter();
            let barcodes: Vec<Barcode> = codes.filter_map(|code| self.rules.barcode(code)).collect();
            self.give_codes(barcodes, bytes, out);
        }
    }

    /// Gives the codes of one line, which belong together where there are several or the line is a trigger's result.
    fn give_codes(&mut self, barcodes: Vec<Barcode>, bytes: usize, out: &mut Outputs) {
        if barcodes.is_empty() {
            return out.garbage(bytes as u64, GarbageReason::Malformed);
        }
        out.push(Output::Message {
            kind: 0,
            name: "CODE".into(),
            id: None,
            bytes,
        });
        let pull = (self.rules.line_is_trigger || barcodes.len() > 1).then(|| {
            self.pulls += 1;
            self.pulls
        });
        for barcode in barcodes {
            out.push(Output::Barcode {
                barcode,
                pull,
                again: false,
            });
        }
    }

    fn clear(&mut self) {
        self.line.clear();
        self.segment_start = 0;
        self.text_end = None;
    }
}

impl Decoder for TextDecoder {
    fn push(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        if bytes.is_empty() {
            return;
        }
        self.last_byte_at = at;
        for &byte in bytes {
            self.byte(byte, out);
        }
    }

    fn deadline(&self) -> Option<Moment> {
        if self.line.is_empty() && !self.overlong {
            return None;
        }
        let settled = self.text_end.is_some() && self.segment_start == self.line.len();
        let wait_ms = match (settled, self.rules.idle_ms) {
            (true, _) => self.rules.settle_ms,
            (false, 0) => return None,
            (false, idle_ms) => idle_ms,
        };
        Some(self.last_byte_at.plus_ms(wait_ms))
    }

    fn idle(&mut self, _at: Moment, out: &mut Outputs) {
        self.overlong = false;
        self.close(out);
    }

    fn finish(&mut self, out: &mut Outputs) {
        self.overlong = false;
        self.close(out);
    }

    fn reset(&mut self, out: &mut Outputs) {
        // Also a 2D code whose suffix came: it may have been a line end inside the code.
        out.garbage(self.line.len() as u64, GarbageReason::Incomplete);
        self.clear();
        self.overlong = false;
        self.after_cr = false;
        self.previous = 0;
    }
}

/// Where `needle` begins in `text`; an empty one begins at 0.
fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    text.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Pump, ReportLine};

    /// Feeds text at one moment to a decoder with these settings and tells what comes out, a word for each.
    fn told(settings: &[(&str, &str)], bytes: &[u8]) -> Vec<String> {
        let mut pump = Pump::new(super::super::DRIVER.decoder(settings.iter().copied()).unwrap());
        pump.push(bytes, Moment::from_ms(1));
        pump.finish();
        std::iter::from_fn(|| pump.take())
            .filter_map(|output| match ReportLine::from(&output) {
                ReportLine::Barcode(code) => Some(format!(
                    "{}{}{}",
                    code.code_id.map(|id| format!("{id}:")).unwrap_or_default(),
                    code.symbology.unwrap_or_default(),
                    code.text
                )),
                ReportLine::Notice { code, .. } => Some(format!("!{code}")),
                ReportLine::Garbage { bytes, reason } => Some(format!("-{bytes} {reason}")),
                _ => None,
            })
            .collect()
    }

    /// Settings, what the scanner sends, and what is told.
    type Row = (
        &'static [(&'static str, &'static str)],
        &'static str,
        &'static [&'static str],
    );

    #[test]
    fn lines_are_told_apart_by_their_settings() {
        let rows: &[Row] = &[
            (&[], "A\rB\nC\r\nD\r\r\n\nE", &["A", "B", "C", "D", "E"]),
            (&[("suffix", "cr")], "A\nB\rC\r\nD\r", &["A\nB", "C", "D"]),
            (&[("suffix", "lf")], "A\rB\nC\r\nD", &["A\rB", "C", "D"]),
            (&[("suffix", "crlf")], "A\rB\nC\r\nD", &["A\rB\nC", "D"]),
            (&[("suffix", "tab")], "A\rB\tC\t", &["A\rB", "C"]),
            (&[("suffix", "none")], "A\rB\n", &["A\rB\n"]),
            (&[("code_id", "none")], "]E0123\r", &["]E0123"]),
            (&[], "]E0\r]e0X\r", &["-3 malformed", "]e0X"]),
            (
                &[("code_id", "zebra")],
                "P0G01\rK10AB\rA4006381333931\r",
                &["P0G:]d201", "K:]C110AB", "A:]E04006381333931"],
            ),
            (
                &[("code_id", "honeywell")],
                "d4006381333931\rwXY\r",
                &["d:]E04006381333931", "w:XY"],
            ),
            (&[("code_id", "datalogic")], "FF96385074\r", &["FF:]E496385074"]),
            (
                &[("code_id", "datalogic_eu")],
                "B4006381333931\r",
                &["B:]E04006381333931"],
            ),
            (&[("gs_alias", "{GS}")], "10A{GS}21B{G\r", &["10A\u{1D}21B{G"]),
            (
                &[("prefix", "<")],
                "noise<A\rB\r<C<D\r",
                &["-5 noise", "A", "-1 noise", "C<D"],
            ),
            (&[("multi_line", "off")], "]Q1A\rB\r", &["]Q1A", "B"]),
            (&[], "]Q3A\r]Q1B\rC\r", &["]Q3A", "]Q1B\rC"]),
        ];
        for (settings, text, expected) in rows {
            assert_eq!(
                told(settings, text.as_bytes()),
                *expected,
                "{text:?} with {settings:?}"
            );
        }
    }

    #[test]
    fn codes_of_one_trigger_share_its_number_and_equal_lines_are_two() {
        /// Settings, what the scanner sends, and the codes with the trigger they belong to.
        type Case = (
            &'static [(&'static str, &'static str)],
            &'static str,
            &'static [(&'static str, Option<u64>)],
        );
        let rows: &[Case] = &[
            (&[], "A\rA\r", &[("A", None), ("A", None)]),
            (
                &[("trigger", "line")],
                "A\rA\rB\r",
                &[("A", Some(1)), ("A", Some(2)), ("B", Some(3))],
            ),
            (
                &[("separator", ";")],
                "]C0A;]E04006381333931;\rB\r;;\r;C\r",
                &[
                    ("A", Some(1)),
                    ("4006381333931", Some(1)),
                    ("B", None),
                    ("C", None),
                ],
            ),
            (
                &[("separator", "||"), ("trigger", "line")],
                "A||B|C||\rA\r",
                &[("A", Some(1)), ("B|C", Some(1)), ("A", Some(2))],
            ),
            (
                &[("trigger", "line"), ("no_read", "NOREAD")],
                "NOREAD\rA\r",
                &[("A", Some(1))],
            ),
        ];
        for (settings, text, expected) in rows {
            let mut pump = Pump::new(super::super::DRIVER.decoder(settings.iter().copied()).unwrap());
            pump.push(text.as_bytes(), Moment::from_ms(1));
            pump.finish();
            let got: Vec<(String, Option<u64>)> = std::iter::from_fn(|| pump.take())
                .filter_map(|output| match output {
                    Output::Barcode { barcode, pull, .. } => Some((barcode.text(), pull)),
                    _ => None,
                })
                .collect();
            let expected: Vec<(String, Option<u64>)> = expected
                .iter()
                .map(|(text, pull)| ((*text).to_owned(), *pull))
                .collect();
            assert_eq!(got, expected, "{text:?} with {settings:?}");
        }
    }

    #[test]
    fn a_line_without_end_is_garbage_up_to_its_end_and_the_next_is_read() {
        let mut bytes = vec![b'A'; LINE_BYTES_MAX];
        bytes.extend_from_slice(b"\rB\r");
        let told_whole = told(&[], &bytes);
        assert_eq!(told_whole.len(), 2, "a line of the longest length is a code");
        bytes.insert(0, b'A');
        assert_eq!(told(&[], &bytes), ["-8194 too_long", "B"]);
    }

    #[test]
    fn silence_ends_a_code_and_a_2d_code_waits_for_it() {
        let mut pump = Pump::new(super::super::DRIVER.decoder([("idle_ms", "50")]).unwrap());
        let reads = |pump: &mut Pump| std::iter::from_fn(|| pump.take()).filter(Output::is_read).count();
        pump.push(b"HALF", Moment::from_ms(0));
        assert_eq!(pump.deadline(), Some(Moment::from_ms(50)));
        pump.push(b"+HALF", Moment::from_ms(49));
        assert_eq!(reads(&mut pump), 0);
        pump.advance(Moment::from_ms(99));
        assert_eq!((reads(&mut pump), pump.deadline()), (1, None));
        pump.push(b"]Q1LINE\r", Moment::from_ms(200));
        assert_eq!(
            (reads(&mut pump), pump.deadline()),
            (0, Some(Moment::from_ms(230)))
        );
        pump.push(b"]C1LINE\r", Moment::from_ms(300));
        assert_eq!((reads(&mut pump), pump.deadline()), (2, None));
    }
}
