//! The header of a message, and where in a stream one can begin.
//!
//! ```text
//! < 04 3E 00 00 00 0A 00 00 00 0C     KEEPALIVE
//!   |  |  |           +- number, by which an answer is found
//!   |  |  +- length, these ten bytes included
//!   +--+- three reserved bits, three of version (1 is 1.0.1, 2 is 1.1), ten of type
//! > 04 48 00 00 00 0A 00 00 00 0C     KEEPALIVE_ACK
//! ```
//!
//! Source: LLRP 1.0.1, section 16.1.

use super::message_spec;
use super::schema::MessageSpec;

/// Bytes of a message's header.
pub const HEADER_BYTES: usize = 10;
/// The longest message that is taken: a report of 4 MB is one that a reader gives which was left alone for a while, and
/// twice that leaves room.
pub const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A message's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The reserved bits before the version, 0 to 7.
    pub reserved: u8,
    /// The version of the protocol: 1 is 1.0.1, 2 is 1.1.
    pub version: u8,
    /// The message type.
    pub kind: u16,
    /// The length in bytes, the header included.
    pub length: u32,
    /// The number by which an answer is found.
    pub id: u32,
}

impl Header {
    /// The header that the bytes begin with; `None` where they are too few.
    #[inline]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let [first, second, l0, l1, l2, l3, i0, i1, i2, i3] = *bytes.first_chunk()?;
        Some(Self {
            reserved: first >> 5,
            version: first >> 2 & 0x07,
            kind: u16::from_be_bytes([first & 0x03, second]),
            length: u32::from_be_bytes([l0, l1, l2, l3]),
            id: u32::from_be_bytes([i0, i1, i2, i3]),
        })
    }
}

/// What stands at a place in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// More bytes are needed to know.
    Unknown,
    /// A message of this many bytes.
    Message(usize),
    /// A header whose length cannot be.
    Length,
    /// No header.
    Noise,
}

/// What the bytes begin with. Where the stream was lost (`is_lost`) only message types of the standard are believed;
/// otherwise a type that is not known is taken by its length.
pub fn begin(bytes: &[u8], is_lost: bool) -> Begin {
    let Some(&first) = bytes.first() else {
        return Begin::Unknown;
    };
    // Reserved bits are 0 in every version there is; another version would have to be agreed on first.
    if !matches!(first >> 2, 1 | 2) {
        return Begin::Noise;
    }
    let Some(&second) = bytes.get(1) else {
        return Begin::Unknown;
    };
    let spec = message_spec(u16::from_be_bytes([first & 0x03, second]));
    if spec.is_none() && is_lost {
        return Begin::Noise;
    }
    let Some(length) = bytes.get(2..6).and_then(|length| length.try_into().ok()) else {
        return Begin::Unknown;
    };
    match usize::try_from(u32::from_be_bytes(length)) {
        Ok(length) if length_fits(length, spec) => Begin::Message(length),
        _ => Begin::Length,
    }
}

/// Whether a message can have this length. One without lists and parameters has only one.
fn length_fits(length: usize, spec: Option<&MessageSpec>) -> bool {
    let Some(spec) = spec else {
        return (HEADER_BYTES..=MESSAGE_BYTES_MAX).contains(&length);
    };
    let fixed: Option<usize> = spec.fields.iter().map(|field| field.form.fixed_bits()).sum();
    match fixed {
        Some(bits) if spec.children.is_empty() => length == HEADER_BYTES + bits / 8,
        bits => (HEADER_BYTES + bits.unwrap_or(0) / 8..=MESSAGE_BYTES_MAX).contains(&length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_believed_when_its_length_can_be() {
        let table: &[(&str, bool, Begin)] = &[
            ("", false, Begin::Unknown),
            ("04", false, Begin::Unknown),
            ("043E0000", false, Begin::Unknown),
            ("043E0000000A", false, Begin::Message(10)),
            ("043E0000000B", false, Begin::Length),
            ("043D00000009", false, Begin::Length),
            ("043D0000000A", false, Begin::Message(10)),
            ("083D00800000", false, Begin::Message(MESSAGE_BYTES_MAX)),
            ("083D00800001", false, Begin::Length),
            ("04010000000B", false, Begin::Message(11)),
            ("04010000000A", false, Begin::Length),
            ("07FF0000000F", false, Begin::Message(15)),
            ("047F0000000A", false, Begin::Message(10)),
            ("047F0000000A", true, Begin::Noise),
            ("00", false, Begin::Noise),
            ("0C", false, Begin::Noise),
            ("24", false, Begin::Noise),
        ];
        for (digits, is_lost, expected) in table {
            let bytes = super::super::tests::bytes(digits);
            assert_eq!(begin(&bytes, *is_lost), *expected, "{digits}");
        }
    }
}
