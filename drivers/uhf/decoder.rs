//! The decoder of a UHF reader: bytes to frames, frames to the one reader that is followed.

use tallyman_codes::Moment;

use super::protocol::Protocol;
use super::reader::{Plan, Reader};
use crate::contract::{Command, Decoder, FrameBuffer, GarbageReason, Outputs, Parsed};

/// Longest silence inside a frame. A frame of 256 bytes takes 45 ms at 57,600 baud; adapters hold bytes back for 16 ms.
const GAP_MS: u64 = 200;
/// Bytes taken into the buffer at a time, so that a long piece does not stay in memory whole.
const PIECE_BYTES: usize = 4_096;

/// The decoder for one reader.
#[derive(Debug)]
pub struct UhfDecoder<P: Protocol> {
    buffer: FrameBuffer,
    last_byte_at: Moment,
    reader: Reader<P>,
}

impl<P: Protocol> UhfDecoder<P> {
    /// A decoder for a reader that is to be so.
    pub fn new(protocol: P, plan: Plan) -> Self {
        Self {
            buffer: FrameBuffer::default(),
            last_byte_at: Moment::default(),
            reader: Reader::new(protocol, plan),
        }
    }

    fn frames(&mut self, at: Moment, out: &mut Outputs) {
        while !self.buffer.is_empty() {
            let rest = self.buffer.rest();
            match self.reader.protocol().parse(rest) {
                Parsed::Incomplete => return,
                Parsed::Frame(length) => {
                    self.reader.frame(rest.get(..length).unwrap_or(rest), at, out);
                    self.buffer.skip(length);
                }
                Parsed::Garbage(count, reason) => out.garbage(self.buffer.skip(count), reason),
            }
        }
    }

    /// No more bytes come: what is left begins no frame, but one may stand in it.
    fn rest(&mut self, reason: GarbageReason, at: Moment, out: &mut Outputs) {
        while let Some(frame) =
            self.buffer
                .next_at_end(|bytes| self.reader.protocol().parse(bytes), reason, out)
        {
            self.reader.frame(&frame, at, out);
        }
    }

    fn frame_deadline(&self) -> Option<Moment> {
        (!self.buffer.is_empty()).then(|| self.last_byte_at.plus_ms(GAP_MS))
    }
}

impl<P: Protocol> Decoder for UhfDecoder<P> {
    fn opened(&mut self, at: Moment, out: &mut Outputs) {
        self.reader.opened(at, out);
    }

    fn push(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        self.last_byte_at = at;
        for piece in bytes.chunks(PIECE_BYTES) {
            self.buffer.push(piece);
            self.frames(at, out);
        }
    }

    fn deadline(&self) -> Option<Moment> {
        [self.frame_deadline(), self.reader.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    fn idle(&mut self, at: Moment, out: &mut Outputs) {
        if self.frame_deadline().is_some_and(|deadline| deadline <= at) {
            self.rest(GarbageReason::Gap, at, out);
        }
        if self.reader.deadline().is_some_and(|deadline| deadline <= at) {
            self.reader.idle(at, out);
        }
    }

    fn finish(&mut self, out: &mut Outputs) {
        self.rest(GarbageReason::Incomplete, self.last_byte_at, out);
    }

    fn reset(&mut self, out: &mut Outputs) {
        self.finish(out);
        self.reader.reset(out);
        self.last_byte_at = Moment::default();
    }

    fn command(&mut self, command: Command, at: Moment, out: &mut Outputs) -> bool {
        match command {
            Command::StartInventory(inventory) => self.reader.start(inventory, at, out),
            Command::StopInventory => self.reader.stop(at, out),
            _ => return false,
        }
        true
    }
}
