//! Which packets were here before, and which belong to the code before. SSI numbers no packets; it marks those that are
//! sent again, and the rest is told by what they say and when they come.

use tallyman_codes::Moment;

use super::wire::{Frame, STATUS_AGAIN, op};

/// The next packet of a code follows the acknowledgement of the one before, and is sent in less than this at 9,600 baud.
/// One that comes later and is not marked as sent again begins another code: the scanner gave the one before up.
const PACKET_MS_MAX: u64 = 1_000;

/// How a packet goes with a code that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It is the next part.
    Next,
    /// It begins another code.
    Another,
    /// It may be either.
    Unsure,
}

/// What is remembered of the frames that came.
#[derive(Debug, Default)]
pub struct Memory {
    /// The packet that was acknowledged last.
    packet: Option<(u8, Vec<u8>)>,
    /// The answer or event that was acknowledged last. They may come between two packets.
    answer: Option<(u8, Vec<u8>)>,
    packet_at: Moment,
    damaged_at: Moment,
}

impl Memory {
    /// When a packet came last.
    pub fn packet_at(&self) -> Moment {
        self.packet_at
    }

    /// A damaged frame came.
    pub fn note_damage(&mut self, at: Moment) {
        self.damaged_at = at;
    }

    /// A packet came, whether it was here before or not.
    pub fn note_packet(&mut self, frame: Frame<'_>, at: Moment) {
        self.packet = Some((frame.opcode, frame.body.to_vec()));
        self.packet_at = at;
    }

    /// What the last packet said is not kept any more, so that its repetition is none.
    pub fn forget_packet(&mut self) {
        self.packet = None;
    }

    /// The scanner says that it sends a packet again, and it is the one that was acknowledged last: only the
    /// acknowledgement was lost. Segments carry no such mark; while some are under way (`among_segments`) their index
    /// tells.
    pub fn is_packet_again(&self, frame: Frame<'_>, among_segments: bool) -> bool {
        let by_index = frame.opcode == op::MULTIPACKET_SEGMENT && among_segments;
        is_same(self.packet.as_ref(), frame) && (is_marked(frame) || by_index)
    }

    /// The same for an answer or an event; others are remembered. The question that it answers may have been asked anew
    /// since, and this is not the answer to that one.
    pub fn is_answer_again(&mut self, frame: Frame<'_>) -> bool {
        let again = is_same(self.answer.as_ref(), frame) && is_marked(frame);
        if !again {
            self.answer = Some((frame.opcode, frame.body.to_vec()));
        }
        again
    }

    /// How a packet goes with a code that is under way.
    pub fn fit(&self, frame: Frame<'_>, at: Moment) -> Fit {
        let is_late = |at: Moment| at.since_us(self.packet_at) >= PACKET_MS_MAX * 1_000;
        match is_marked(frame) {
            false if is_late(at) => Fit::Another,
            // The first packet of another code may have been damaged, and this is its repetition.
            _ if is_late(self.damaged_at) => Fit::Unsure,
            _ => Fit::Next,
        }
    }
}

/// Whether the scanner says that it sent this before.
pub fn is_marked(frame: Frame<'_>) -> bool {
    frame.status & STATUS_AGAIN != 0
}

fn is_same(before: Option<&(u8, Vec<u8>)>, frame: Frame<'_>) -> bool {
    before.is_some_and(|(opcode, body)| *opcode == frame.opcode && body.as_slice() == frame.body)
}
