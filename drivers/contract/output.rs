//! What a decoder says, and the queue it says it into.

use std::borrow::Cow;
use std::collections::VecDeque;

use tallyman_codes::{Barcode, Tag};

use crate::burst::Window;

/// One thing a decoder found in the bytes, or wants written to the device. In the order of the bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// A printed code.
    Barcode {
        /// The code.
        barcode: Barcode,
        /// The trigger pull it belongs to, counted from 1, where the device reports triggers.
        pull: Option<u64>,
        /// The device says that it sent this before, and on this connection it did not arrive.
        again: bool,
    },
    /// An RFID tag report. A decoder gives these; the program is given [`Output::Sightings`].
    Tag(Tag),
    /// What the tag reports of a window come to. Made where a device is pumped, never by a decoder.
    Sightings(Window),
    /// The reader began to look for tags, or stopped: by our command, by its own trigger, or because it must rest.
    Inventory {
        /// Whether it looks for tags now.
        running: bool,
    },
    /// A general-purpose input changed, as a photo eye at a door.
    Input {
        /// The port, 1-based.
        port: u16,
        /// Whether the line is high now.
        high: bool,
    },
    /// The device's trigger moved.
    Trigger {
        /// Pulled or let go.
        pressed: bool,
    },
    /// Something the device says about itself or its work: no code in view, a heartbeat, low battery.
    Notice {
        /// A stable word for programs, as `no_read`.
        code: Cow<'static, str>,
        /// A sentence for people.
        message: String,
    },
    /// Bytes that belong to no good frame. Neighbours are merged, see [`Outputs`].
    Garbage {
        /// How many bytes.
        bytes: u64,
        /// Why the first of them was not understood.
        reason: GarbageReason,
    },
    /// The device's answer to a command of ours: a setting, a revision, a menu reply.
    Answer {
        /// What it answers, as `revision`.
        name: Cow<'static, str>,
        /// The answer as text.
        text: String,
        /// The answer's bytes.
        bytes: Vec<u8>,
    },
    /// A whole protocol message was taken; its meaning follows.
    Message {
        /// The message type's number on the wire, 0 where the protocol has one kind only.
        kind: u32,
        /// The message type's name in the protocol's manual.
        name: Cow<'static, str>,
        /// The message's own number, where the protocol numbers messages.
        id: Option<u32>,
        /// Its length on the wire.
        bytes: usize,
    },
    /// Bytes to send to the device.
    Write(Vec<u8>),
    /// The line is to be set to so many bits per second, where it is a serial line with a rate: the device does not
    /// answer at the rate that it has.
    Baud(u32),
}

impl Output {
    /// A notice with a code that is known at build time.
    pub fn notice(code: &'static str, message: impl Into<String>) -> Self {
        Self::Notice {
            code: Cow::Borrowed(code),
            message: message.into(),
        }
    }

    /// Whether this is something the device saw.
    pub fn is_read(&self) -> bool {
        matches!(self, Self::Barcode { .. } | Self::Tag(_))
    }
}

/// Why bytes were not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GarbageReason {
    /// No frame begins here.
    Noise,
    /// A frame whose checksum is wrong.
    Checksum,
    /// A frame whose length field cannot be.
    Length,
    /// A frame whose parts contradict each other.
    Malformed,
    /// More bytes than the longest code has, without an end.
    TooLong,
    /// A frame that stalled in the middle for longer than the protocol allows.
    Gap,
    /// A frame cut off by the end of the input or the loss of the link.
    Incomplete,
}

impl GarbageReason {
    /// The stable word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Noise => "noise",
            Self::Checksum => "checksum",
            Self::Length => "length",
            Self::Malformed => "malformed",
            Self::TooLong => "too_long",
            Self::Gap => "gap",
            Self::Incomplete => "incomplete",
        }
    }
}

/// Outputs that an empty queue keeps room for: more than one read of a busy link gives.
const ROOM_KEPT: usize = 1_024;

/// The queue between a decoder and its caller.
///
/// Adjacent garbage becomes one output with the first one's reason, so that what is said does not depend on how
/// the bytes were cut into chunks. For that the newest garbage is held back until something else follows it, or
/// until [`Outputs::flush`]. A frame cut off by the end stays an output of its own.
#[derive(Debug, Default)]
pub struct Outputs {
    queue: VecDeque<Output>,
    held_bytes: u64,
    held_reason: Option<GarbageReason>,
}

impl Outputs {
    /// An empty queue.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an output that is no garbage; for that there is [`Outputs::garbage`].
    pub fn push(&mut self, output: Output) {
        match output {
            Output::Garbage { bytes, reason } => return self.garbage(bytes, reason),
            // What is sent says nothing about what came: garbage around a "send again" is one piece.
            Output::Write(_) => {}
            _ => self.flush(),
        }
        self.queue.push_back(output);
    }

    /// Adds a report of a tag: the same as [`Outputs::push`], and quicker, for portals.
    #[inline]
    pub fn tag(&mut self, tag: Tag) {
        if self.held_reason.is_some() {
            self.flush();
        }
        self.queue.push_back(Output::Tag(tag));
    }

    /// Says that `bytes` more bytes were not understood.
    pub fn garbage(&mut self, bytes: u64, reason: GarbageReason) {
        if bytes == 0 {
            return;
        }
        let is_cut_off = |reason: GarbageReason| reason == GarbageReason::Incomplete;
        if self
            .held_reason
            .is_some_and(|held| is_cut_off(held) != is_cut_off(reason))
        {
            self.flush();
        }
        self.held_bytes = self.held_bytes.saturating_add(bytes);
        self.held_reason.get_or_insert(reason);
    }

    /// Releases held-back garbage.
    pub fn flush(&mut self) {
        if let Some(reason) = self.held_reason.take() {
            self.queue.push_back(Output::Garbage {
                bytes: self.held_bytes,
                reason,
            });
            self.held_bytes = 0;
        }
    }

    /// Takes the oldest output that is not held back.
    pub fn take(&mut self) -> Option<Output> {
        let taken = self.queue.pop_front();
        if taken.is_none() && self.queue.capacity() > ROOM_KEPT {
            // A report of megabytes made it long once.
            self.queue.shrink_to(ROOM_KEPT);
        }
        taken
    }

    /// How many outputs wait to be taken.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether [`Outputs::take`] would give nothing.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// How many bytes of garbage are held back.
    pub fn held_bytes(&self) -> u64 {
        self.held_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(outputs: &mut Outputs) -> Vec<Output> {
        std::iter::from_fn(|| outputs.take()).collect()
    }

    #[test]
    fn adjacent_garbage_is_one_output_with_the_first_reason() {
        let mut outputs = Outputs::new();
        outputs.garbage(3, GarbageReason::Checksum);
        outputs.garbage(4, GarbageReason::Noise);
        assert!(outputs.is_empty(), "garbage is held back until something follows");
        outputs.push(Output::Trigger { pressed: true });
        assert_eq!(
            taken(&mut outputs),
            [
                Output::Garbage {
                    bytes: 7,
                    reason: GarbageReason::Checksum
                },
                Output::Trigger { pressed: true }
            ]
        );
    }

    #[test]
    fn what_the_end_cut_off_stays_apart() {
        let mut outputs = Outputs::new();
        outputs.garbage(3, GarbageReason::Noise);
        outputs.garbage(1, GarbageReason::Incomplete);
        outputs.garbage(1, GarbageReason::Incomplete);
        outputs.flush();
        assert_eq!(
            taken(&mut outputs),
            [
                Output::Garbage {
                    bytes: 3,
                    reason: GarbageReason::Noise
                },
                Output::Garbage {
                    bytes: 2,
                    reason: GarbageReason::Incomplete
                }
            ]
        );
    }
}
