//! Captures: what went over a device's wire, as a text file a person can read and a decoder can be fed with.
//!
//! ```text
//! tallyman-capture 1
//! driver: plain_text
//! device: Example 1D scanner, RS-232, 9600 8N1
//! firmware: unknown
//! who: the project
//! when: 2026-11-23
//! licence: CC0-1.0
//! origin: composed
//! settings: suffix=cr
//! notes: One code in two pieces.
//!
//! <        0  34 30 30 36 33 38 31                             |4006381|
//! <     4200  33 33 33 39 33 31 0D                             |333931.|
//! ```
//!
//! `<` is what the device sent and `>` what the host sent; the number is microseconds since the first line.
//! Lines that begin with `#` are remarks. What a decoder must make of it stands beside it in a `.reads` file.
//! The parser does no I/O.

mod parse;
mod write;

pub use parse::{CaptureError, parse};
pub use write::{write_chunk, write_header};

use tallyman_codes::Moment;

use crate::contract::Pump;

/// First line of every capture: the format's name and version.
pub const MAGIC: &str = "tallyman-capture 1";

/// Hex bytes on one line.
pub const BYTES_PER_LINE: usize = 16;

/// A whole capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// What is known about it.
    pub header: Header,
    /// The pieces in the order they travelled.
    pub chunks: Vec<Chunk>,
}

/// What is known about a capture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The driver it is for.
    pub driver: String,
    /// Maker, model and interface of the device.
    pub device: String,
    /// The device's firmware, or `unknown`.
    pub firmware: String,
    /// Who made the capture.
    pub who: String,
    /// The day it was made, as 2026-11-23.
    pub when: String,
    /// The licence it may be used under, as an SPDX identifier.
    pub licence: String,
    /// How the bytes came to be.
    pub origin: Origin,
    /// Settings of the driver it needs, as `suffix=cr`.
    pub settings: Vec<(String, String)>,
    /// Whether it begins with the opening of the link, set-up dialogue included, or in the middle of work.
    pub starts: Starts,
    /// What else must be known.
    pub notes: String,
}

/// How the bytes of a capture came to be; the grade of a driver follows from its best capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Origin {
    /// Composed by an encoder that is not the driver's.
    #[default]
    Composed,
    /// Printed in a manual or a specification.
    ManualExample,
    /// Recorded from a device.
    Recorded,
}

impl Origin {
    /// The word in the header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Composed => "composed",
            Self::ManualExample => "manual example",
            Self::Recorded => "recorded",
        }
    }
}

/// Where in a device's life a capture begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Starts {
    /// The device was at work already; nothing is asked of it first.
    #[default]
    Running,
    /// The link was just opened: the driver sets the device up.
    Opened,
}

/// Bytes that travelled together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Who sent them.
    pub direction: Direction,
    /// Microseconds since the capture began.
    pub at: Moment,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Who sent bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The device, to the host: `<`.
    FromDevice,
    /// The host, to the device: `>`.
    ToDevice,
}

impl Capture {
    /// The settings as `Driver::decoder` takes them.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.header
            .settings
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// What the device sent, with its moments.
    pub fn from_device(&self) -> impl Iterator<Item = (&[u8], Moment)> {
        self.chunks
            .iter()
            .filter(|chunk| chunk.direction == Direction::FromDevice)
            .map(|chunk| (chunk.bytes.as_slice(), chunk.at))
    }

    /// All bytes the device sent, without their moments.
    pub fn device_bytes(&self) -> Vec<u8> {
        self.from_device()
            .flat_map(|(bytes, _)| bytes.iter().copied())
            .collect()
    }

    /// Feeds the capture to a pump as it happened, to its end.
    pub fn play(&self, pump: &mut Pump) {
        if self.header.starts == Starts::Opened {
            pump.opened(Moment::default());
        }
        for (bytes, at) in self.from_device() {
            pump.push(bytes, at);
        }
        pump.finish();
    }
}
