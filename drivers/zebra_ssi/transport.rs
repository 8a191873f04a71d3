//! What frames are wrapped in: nothing on a serial line, a length in front over Bluetooth LE attributes.

use super::wire;
use crate::contract::{GarbageReason, Parsed};

/// Bytes of the length in front of a frame.
const PREFIX_BYTES: usize = 2;

/// The wrapping of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Frames follow each other.
    Serial,
    /// Each frame has its length before it, two bytes, low byte first.
    Attribute,
}

impl Transport {
    /// Looks for a wrapped frame at the first byte.
    pub fn parse(self, bytes: &[u8]) -> Parsed {
        if self == Self::Serial {
            return wire::parse(bytes);
        }
        let [low, high, length, ..] = bytes else {
            return Parsed::Incomplete;
        };
        let told = usize::from(u16::from_le_bytes([*low, *high]));
        let frame = usize::from(*length) + wire::CHECKSUM_BYTES;
        // Some firmware counts the length itself.
        if told != frame && told != frame + PREFIX_BYTES {
            return Parsed::Garbage(1, GarbageReason::Noise);
        }
        match wire::parse(bytes.get(PREFIX_BYTES..).unwrap_or(&[])) {
            Parsed::Frame(count) => Parsed::Frame(count + PREFIX_BYTES),
            Parsed::Garbage(_, reason) => Parsed::Garbage(1, reason),
            Parsed::Incomplete => Parsed::Incomplete,
        }
    }

    /// The frame in what [`Transport::parse`] found.
    pub fn unwrap(self, bytes: &[u8]) -> &[u8] {
        match self {
            Self::Serial => bytes,
            Self::Attribute => bytes.get(PREFIX_BYTES..).unwrap_or(&[]),
        }
    }

    /// Wraps a frame of the host.
    pub fn wrap(self, frame: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Serial => frame,
            Self::Attribute => {
                let length = u16::try_from(frame.len()).unwrap_or(u16::MAX);
                let mut wrapped = length.to_le_bytes().to_vec();
                wrapped.extend(frame);
                wrapped
            }
        }
    }
}
