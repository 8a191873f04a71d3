//! Finding frames in a stream: what every framed protocol shares.

use super::output::{GarbageReason, Outputs};

/// What a protocol's parser says of the bytes at hand. It sees them from the first byte that is not used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parsed {
    /// A frame may begin here; more bytes are needed to know.
    Incomplete,
    /// A good frame of this many bytes.
    Frame(usize),
    /// No frame begins here: so many bytes are not understood. At least 1.
    Garbage(usize, GarbageReason),
}

/// Bytes that wait for their frame to be complete.
///
/// The parser bounds it: it must not answer [`Parsed::Incomplete`] to more bytes than its longest frame has.
#[derive(Debug, Default)]
pub struct FrameBuffer {
    bytes: Vec<u8>,
    start: usize,
}

impl FrameBuffer {
    /// Adds what came.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// What is not used up.
    pub fn rest(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or(&[])
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    /// Takes the next frame, garbage before it told to `out`. `None`: more bytes are needed.
    pub fn next(&mut self, parse: impl Fn(&[u8]) -> Parsed, out: &mut Outputs) -> Option<Vec<u8>> {
        while !self.is_empty() {
            match parse(self.rest()) {
                Parsed::Incomplete => return None,
                Parsed::Frame(length) => return Some(self.take(length)),
                Parsed::Garbage(count, reason) => {
                    out.garbage(self.skip(count.max(1)), reason);
                }
            }
        }
        None
    }

    /// Takes the next frame when no more bytes come: what seemed to begin a frame did not, and a whole frame
    /// may stand behind it. With `None` everything is used up.
    pub fn next_at_end(
        &mut self,
        parse: impl Fn(&[u8]) -> Parsed,
        reason: GarbageReason,
        out: &mut Outputs,
    ) -> Option<Vec<u8>> {
        let mut cut_off = 0;
        loop {
            match parse(self.rest()) {
                _ if self.is_empty() => {
                    out.garbage(cut_off, reason);
                    return None;
                }
                Parsed::Frame(length) => {
                    out.garbage(cut_off, GarbageReason::Noise);
                    return Some(self.take(length));
                }
                Parsed::Garbage(count, why) if cut_off == 0 => {
                    out.garbage(self.skip(count.max(1)), why);
                }
                Parsed::Garbage(..) | Parsed::Incomplete => cut_off += self.skip(1),
            }
        }
    }

    /// Uses up so many bytes without looking at them, or all there are. Returns how many.
    pub fn skip(&mut self, count: usize) -> u64 {
        let count = count.min(self.rest().len());
        self.start += count;
        count as u64
    }

    /// Takes so many bytes, or all there are.
    pub fn take(&mut self, count: usize) -> Vec<u8> {
        let taken = self.rest().get(..count).unwrap_or(self.rest()).to_vec();
        self.start += taken.len();
        taken
    }
}
