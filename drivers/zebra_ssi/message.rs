//! A read's way out of packets: one packet, several of them, or the segments of a cordless scanner.

use super::types;

/// Longest message put together from packets: a QR code's 7,089 digits and the room of a structured one.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// How the body of DECODE_DATA is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Told from the body: extended if its length field agrees.
    Auto,
    /// Type, then the code.
    Classic,
    /// Type, flag, length of two bytes, then the code: cordless scanners.
    Extended,
}

/// A code with its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The barcode type of the guide.
    pub kind: u8,
    /// The code.
    pub text: Vec<u8>,
}

/// What became of a packet.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Bytes of frames that are lost, because the rest of their message did not come or cannot be.
    pub lost_bytes: usize,
    /// The message, if it is whole now.
    pub whole: Option<Decoded>,
}

/// A message under way.
#[derive(Debug, Default)]
pub struct Assembly {
    kind: u8,
    text: Vec<u8>,
    /// Bytes of frames that wait in here.
    wire_bytes: usize,
    /// The whole length a segmented message announced, and the next segment's index.
    announced: Option<(usize, u8)>,
    /// The type of a message that was given up before it was whole.
    given_up: Option<u8>,
}

impl Assembly {
    /// Bytes of frames that wait for the rest of their message.
    pub fn wire_bytes(&self) -> usize {
        self.wire_bytes
    }

    /// Drops what is under way and says how many bytes of frames that were.
    pub fn drop_all(&mut self) -> usize {
        std::mem::take(self).wire_bytes
    }

    /// Drops what is under way because its rest does not come, and says how many bytes of frames that were.
    pub fn give_up(&mut self) -> usize {
        let given_up = (self.wire_bytes > 0).then_some(self.kind);
        let dropped = self.drop_all();
        self.given_up = given_up;
        dropped
    }

    /// Whether a packet may be the rest of a message that was given up: alone it would be half a code. `is_again` tells
    /// that it is marked as sent again.
    pub fn may_be_a_rest(&mut self, body: &[u8], is_again: bool) -> bool {
        if !is_again {
            self.given_up = None;
        }
        self.given_up.is_some() && self.given_up == body.first().copied()
    }

    /// Takes the body of a DECODE_DATA packet.
    pub fn packet(&mut self, body: &[u8], continued: bool, layout: Layout, wire_bytes: usize) -> Step {
        let Some(part) = unpack(body, layout) else {
            return self.lost(wire_bytes);
        };
        let mut lost_bytes = 0;
        if self.announced.is_some() || (self.wire_bytes > 0 && part.kind != self.kind) {
            // Another message begins: the rest of the one before never came.
            lost_bytes = self.drop_all();
        }
        if self.text.len() + part.text.len() > MESSAGE_BYTES_MAX {
            return self.lost(lost_bytes + wire_bytes);
        }
        self.kind = part.kind;
        self.text.extend_from_slice(&part.text);
        self.wire_bytes += wire_bytes;
        Step {
            lost_bytes,
            whole: (!continued).then(|| self.whole()),
        }
    }

    /// Takes the body of a MULTIPACKET_SEGMENT. `last` tells that the frame was shorter than the longest.
    pub fn segment(&mut self, body: &[u8], last: bool, wire_bytes: usize) -> Step {
        let lost_bytes = if body.first() == Some(&0) {
            self.drop_all()
        } else {
            0
        };
        let Some(length) = self.take_segment(body) else {
            return self.lost(lost_bytes + wire_bytes);
        };
        self.wire_bytes += wire_bytes;
        if self.text.len() == length {
            return Step {
                lost_bytes,
                whole: Some(self.whole()),
            };
        }
        if self.text.len() > length || last {
            return self.lost(lost_bytes);
        }
        Step {
            lost_bytes,
            whole: None,
        }
    }

    /// Adds a segment's part of the text; the length the whole announced. `None`: it does not fit.
    fn take_segment(&mut self, body: &[u8]) -> Option<usize> {
        let (&index, part) = body.split_first()?;
        if index == 0 {
            // Wrapped DECODE_DATA: opcode, source, status, length (2), type, flag, length (2), code.
            let [_opcode, _source, _status, _, _, kind, _flag, high, low, text @ ..] = part else {
                return None;
            };
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            if length == 0 || length > MESSAGE_BYTES_MAX {
                return None;
            }
            self.kind = *kind;
            self.announced = Some((length, 1));
            self.text.extend_from_slice(text);
            return Some(length);
        }
        let (length, next) = self.announced.filter(|(_, next)| *next == index)?;
        self.announced = Some((length, next.wrapping_add(1)));
        self.text.extend_from_slice(part);
        Some(length)
    }

    fn whole(&mut self) -> Decoded {
        let done = std::mem::take(self);
        Decoded {
            kind: done.kind,
            text: done.text,
        }
    }

    fn lost(&mut self, more_bytes: usize) -> Step {
        Step {
            lost_bytes: self.drop_all() + more_bytes,
            whole: None,
        }
    }
}

fn unpack(body: &[u8], layout: Layout) -> Option<Decoded> {
    let (&kind, text) = body.split_first()?;
    let extended = match text {
        [1, high, low, code @ ..] if usize::from(u16::from_be_bytes([*high, *low])) == code.len() => {
            Some(code)
        }
        _ => None,
    };
    let text = match layout {
        Layout::Classic => text,
        Layout::Extended => extended?,
        Layout::Auto => extended.unwrap_or(text),
    };
    (!text.is_empty()).then(|| Decoded {
        kind,
        text: text.to_vec(),
    })
}

impl Decoded {
    /// Whether it is the guide's "no read".
    pub fn is_no_read(&self) -> bool {
        self.kind == types::CODE_39 && self.text == b"NR"
    }
}
