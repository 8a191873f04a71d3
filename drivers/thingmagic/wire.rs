//! Frames of ThingMagic modules: FF, length, operation, status in answers, data, CRC.
//!
//! ```text
//! > FF 10 2F 00 00 01 22 00 00 05 07 22 10 00 1B 03 E8 01 FF DD 2B
//!   |  |  |  |     |  |  |     |  |  |  |  |     |     |     +- CRC over length to last byte of data
//!   |  |  |  |     |  |  |     |  |  |  |  |     |     +- metadata wanted: all
//!   |  |  |  |     |  |  |     |  |  |  |  |     +- time-out, 1000 ms
//!   |  |  |  |     |  |  |     |  |  |  |  +- search: configured antennas, streaming, many tags
//!   |  |  |  |     |  |  |     |  |  |  +- metadata present
//!   |  |  |  |     |  |  |     |  |  +- read multiple
//!   |  |  |  |     |  |  |     |  +- bytes of it
//!   |  |  |  |     |  |  |     +- protocol: Gen2
//!   |  |  |  |     |  |  +- time-out
//!   |  |  |  |     |  +- read multiple
//!   |  |  |  |     +- start; 02 stops
//!   |  |  |  +- time-out
//!   |  |  +- operation: search with several protocols
//!   |  +- bytes of data
//!   +- mark
//! < FF 28 22 00 00 10 00 1B 01 FF 01 01 C7 11 0E 16 40 00 00 01 27 00 5A 05 00 00 0F 00 80 30 00 … EE 2C 35 47
//!         |  |     |  |     |     |  |  |  |  |        |           |     |  |     |  |     |       +- the tag's CRC
//!         |  |     |  |     |     |  |  |  |  |        |           |     |  |     |  |     +- PC, EPC behind it
//!         |  |     |  |     |     |  |  |  |  |        |           |     |  |     |  +- bits of PC, EPC and CRC
//!         |  |     |  |     |     |  |  |  |  |        |           |     |  |     +- GPIO
//!         |  |     |  |     |     |  |  |  |  |        |           |     |  +- bits of memory read: none
//!         |  |     |  |     |     |  |  |  |  |        |           |     +- protocol
//!         |  |     |  |     |     |  |  |  |  |        |           +- phase, 90 degrees
//!         |  |     |  |     |     |  |  |  |  |        +- 295 ms
//!         |  |     |  |     |     |  |  |  |  +- 923,200 kHz
//!         |  |     |  |     |     |  |  |  +- antenna, to send and to receive
//!         |  |     |  |     |     |  |  +- signal: -57 dBm
//!         |  |     |  |     |     |  +- how often
//!         |  |     |  |     |     +- a tag
//!         |  |     |  |     +- metadata present
//!         |  |     |  +- search
//!         |  |     +- metadata present
//!         |  +- status 0000: done
//!         +- operation: read multiple
//! ```
//!
//! Source: ThingMagic's serial protocol as MercuryAPI speaks it; SparkFun's library for the M6e Nano.

use tallyman_codes::Tag;

use crate::contract::{GarbageReason, Parsed};
use crate::uhf::Backscatter;
use crate::uhf::backscatter::{last_word, word};

/// What a frame begins with.
const MARK: u8 = 0xFF;
/// The most bytes of data.
const DATA_MAX: usize = 0xF8;
/// Bytes around the data of an answer: mark, length, operation, status, CRC.
const AROUND: usize = 7;

/// Operations.
pub mod op {
    /// Who the module is.
    pub const VERSION: u8 = 0x03;
    /// Start the application.
    pub const BOOT: u8 = 0x04;
    /// Which program runs.
    pub const PROGRAM: u8 = 0x0C;
    /// Read multiple; the number of every tag's frame.
    pub const READ_MULTIPLE: u8 = 0x22;
    /// Search, continuously.
    pub const SEARCH: u8 = 0x2F;
    /// Ask for the power.
    pub const GET_POWER: u8 = 0x62;
    /// Ask for the region.
    pub const GET_REGION: u8 = 0x67;
    /// Ask for a parameter of the tag protocol.
    pub const GET_PROTOCOL_PARAMETER: u8 = 0x6B;
    /// Set the antennas.
    pub const SET_ANTENNAS: u8 = 0x91;
    /// Set the power.
    pub const SET_POWER: u8 = 0x92;
    /// Set the tag protocol.
    pub const SET_PROTOCOL: u8 = 0x93;
    /// Set the region.
    pub const SET_REGION: u8 = 0x97;
    /// Set an option of the module.
    pub const SET_OPTION: u8 = 0x9A;
    /// Set a parameter of the tag protocol.
    pub const SET_PROTOCOL_PARAMETER: u8 = 0x9B;
}

/// A good answer, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// See [`op`].
    pub op: u8,
    /// 0 for done, or why not.
    pub status: u16,
    /// What stands behind the status.
    pub data: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The parts of bytes that [`parse`] found to be a frame.
    #[inline]
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let [_, _, op, high, low, data @ .., _, _] = bytes else {
            return None;
        };
        Some(Self {
            op: *op,
            status: u16::from_be_bytes([*high, *low]),
            data,
        })
    }

    /// What a frame of the search says; `None` where it is no such frame.
    #[inline]
    pub fn streamed(&self) -> Option<Streamed<'a>> {
        let [option, _, _, high, low, kind, rest @ ..] = self.data else {
            return None;
        };
        if self.op != op::READ_MULTIPLE || option & METADATA_PRESENT == 0 {
            return None;
        }
        Some(match kind {
            0 => Streamed::End,
            1 => Streamed::Tag(u16::from_be_bytes([*high, *low]), rest),
            2 => Streamed::Status(rest),
            other => Streamed::Unknown(*other),
        })
    }
}

/// In the option of a search: metadata flags follow.
const METADATA_PRESENT: u8 = 0x10;

/// What a frame of the search says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streamed<'a> {
    /// The search is over.
    End,
    /// A tag: which metadata there are, and they, and what the tag sent.
    Tag(u16, &'a [u8]),
    /// A report about the module itself.
    Status(&'a [u8]),
    /// Something else.
    Unknown(u8),
}

/// Bytes of the metadata of each flag, lowest bit first. Those behind the ninth are from memory.
const METADATA: [usize; 13] = [1, 1, 1, 3, 4, 2, 1, DATA, 1, 1, 1, 1, 2];
/// In [`METADATA`]: as many as its own length says.
const DATA: usize = usize::MAX;

/// A tag and whether its own CRC is right. `None` where the lengths contradict each other.
#[inline]
pub fn tag(metadata: u16, mut rest: &[u8]) -> Option<(Tag, bool)> {
    // A flag that nobody knows has a length that nobody knows.
    if metadata >> METADATA.len() != 0 {
        return None;
    }
    let mut tag = Tag::default();
    for (bit, bytes) in METADATA.into_iter().enumerate() {
        if metadata & 1 << bit == 0 {
            continue;
        }
        let bytes = match bytes {
            DATA => {
                let (bits, _) = word(rest)?;
                2 + usize::from(bits & 0x7FFF).div_ceil(8)
            }
            bytes => bytes,
        };
        let (field, after) = rest.split_at_checked(bytes)?;
        rest = after;
        put(&mut tag, bit, field);
    }
    let (bits, rest) = word(rest)?;
    if usize::from(bits) != rest.len() * 8 {
        return None;
    }
    let (pc, rest) = word(rest)?;
    let (body, crc) = last_word(rest)?;
    let crc = Some(crc);
    let told = Backscatter { pc, body, crc };
    let said = told.tag()?;
    tag.epc = said.epc;
    (tag.pc, tag.crc) = (said.pc, said.crc);
    Some((tag, told.is_sound()))
}

/// Puts the metadata of a flag where they belong.
#[inline]
fn put(tag: &mut Tag, bit: usize, field: &[u8]) {
    let number = field
        .iter()
        .take(4)
        .fold(0u32, |number, byte| number << 8 | u32::from(*byte));
    match bit {
        0 => tag.count = Some(number),
        1 => {
            tag.rssi_centi_dbm = field
                .first()
                .map(|byte| i32::from(i8::from_be_bytes([*byte])) * 100)
        }
        2 => tag.antenna = Some((number >> 4) as u16).filter(|antenna| *antenna > 0),
        // The module names frequencies and not channels: units of 100 kHz tell all of them apart.
        3 => tag.channel = u16::try_from(number / 100).ok(),
        4 => {
            let us = u64::from(number) * 1_000;
            tag.first_seen_us = Some(us);
            tag.last_seen_us = Some(us);
            tag.uptime = true;
        }
        5 => tag.phase_centi_deg = i32::try_from(number).ok().map(|degrees| degrees * 100),
        _ => {}
    }
}

/// The module's CRC: polynomial 1021h, begun with FFFFh, the message shifted in from below, without zeros behind it.
#[inline]
pub fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc: u16, byte| {
        let index = usize::from(crc >> 8);
        (crc << 8 | u16::from(*byte)) ^ TABLE.get(index).copied().unwrap_or(0)
    })
}

/// What the byte that is shifted out takes away.
static TABLE: [u16; 256] = {
    let mut table = [0u16; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = (index as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 {
                crc << 1
            } else {
                (crc << 1) ^ 0x1021
            };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

/// Finds a frame at the beginning of these bytes.
#[inline]
pub fn parse(bytes: &[u8]) -> Parsed {
    if bytes.first() != Some(&MARK) {
        let noise = bytes.iter().take_while(|byte| **byte != MARK).count();
        return Parsed::Garbage(noise.max(1), GarbageReason::Noise);
    }
    let Some(length) = bytes.get(1).map(|length| usize::from(*length)) else {
        return Parsed::Incomplete;
    };
    if length > DATA_MAX {
        return Parsed::Garbage(1, GarbageReason::Length);
    }
    let Some(frame) = bytes.get(..length + AROUND) else {
        return Parsed::Incomplete;
    };
    match last_word(frame) {
        Some(([_, body @ ..], sent)) if crc(body) == sent => Parsed::Frame(frame.len()),
        _ => Parsed::Garbage(1, GarbageReason::Checksum),
    }
}

/// A command as it is sent.
pub fn command(op: u8, data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
    let mut bytes = vec![MARK, length, op];
    bytes.extend_from_slice(data);
    let crc = crc(bytes.get(1..).unwrap_or(&[]));
    bytes.extend_from_slice(&crc.to_be_bytes());
    bytes
}

/// The name of an operation.
pub const fn name(op: u8) -> &'static str {
    match op {
        op::VERSION => "VERSION",
        op::BOOT => "BOOT_FIRMWARE",
        0x06 => "SET_BAUD",
        0x09 => "BOOT_BOOTLOADER",
        op::PROGRAM => "GET_CURRENT_PROGRAM",
        0x21 => "READ_TAG_SINGLE",
        op::READ_MULTIPLE => "READ_TAG_MULTIPLE",
        0x24 => "WRITE_TAG_ID",
        0x28 => "READ_TAG_DATA",
        0x29 => "GET_TAG_BUFFER",
        0x2A => "CLEAR_TAG_BUFFER",
        op::SEARCH => "MULTI_PROTOCOL_SEARCH",
        0x61 => "GET_ANTENNAS",
        op::GET_POWER => "GET_POWER",
        0x63 => "GET_PROTOCOL",
        op::GET_REGION => "GET_REGION",
        op::GET_PROTOCOL_PARAMETER => "GET_PROTOCOL_PARAMETER",
        0x72 => "GET_TEMPERATURE",
        op::SET_ANTENNAS => "SET_ANTENNAS",
        op::SET_POWER => "SET_POWER",
        op::SET_PROTOCOL => "SET_PROTOCOL",
        op::SET_REGION => "SET_REGION",
        op::SET_OPTION => "SET_OPTION",
        op::SET_PROTOCOL_PARAMETER => "SET_PROTOCOL_PARAMETER",
        _ => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uhf::testing::bytes;

    const TAG: &str = "FF 28 22 00 00 10 00 1B 01 FF 01 01 C7 11 0E 16 40 00 00 01 27 00 5A 05 00 00 0F 00 80 30 00 \
        30 34 25 7B F7 19 4E 40 00 00 1A 85 EE 2C 35 47";

    #[test]
    fn commands_are_those_of_the_examples() {
        assert_eq!(crc(b"123456789"), 0xA69D);
        for (op, data, expected) in [
            (0x03, &[][..], "FF 00 03 1D 0C"),
            (0x04, &[], "FF 00 04 1D 0B"),
            (0x97, &[0x08], "FF 01 97 08 4B B5"),
            (0x92, &[0x0A, 0x8C], "FF 02 92 0A 8C 4B D5"),
            (0x91, &[1, 1], "FF 02 91 01 01 70 3B"),
            (0x9A, &[1, 0x0C, 0], "FF 03 9A 01 0C 00 A3 5D"),
            (0x2F, &[0, 0, 2], "FF 03 2F 00 00 02 5E 86"),
        ] {
            assert_eq!(command(op, data), bytes(expected), "{op:02X}");
        }
    }

    #[test]
    fn a_streamed_tag_is_taken_apart() {
        let frame = bytes(TAG);
        assert_eq!(parse(&frame), Parsed::Frame(frame.len()));
        let Some(Streamed::Tag(flags, rest)) = Frame::of(&frame).unwrap().streamed() else {
            panic!("no tag")
        };
        let (tag, is_sound) = tag(flags, rest).unwrap();
        assert!(is_sound);
        assert_eq!(tag.epc.to_string(), "3034257BF7194E4000001A85");
        assert_eq!(
            (tag.pc, tag.crc, tag.count),
            (Some(0x3000), Some(0xEE2C), Some(1))
        );
        assert_eq!((tag.rssi_centi_dbm, tag.antenna), (Some(-5_700), Some(1)));
        assert_eq!((tag.channel, tag.phase_centi_deg), (Some(9_232), Some(9_000)));
        assert_eq!((tag.last_seen_us, tag.uptime), (Some(295_000), true));
    }

    #[test]
    fn metadata_that_are_not_there_are_not_told_and_memory_is_skipped() {
        let said = "0080 3000 3034257BF7194E4000001A85 EE2C";
        for (flags, fields, is_tag) in [
            (0x0000, "", true),
            (0x0002, "C7", true),
            (0x0080, "0020 DEADBEEF", true),
            // The memory could not be read: the top bit, and a code.
            (0x0080, "8010 0423", true),
            (0x0080, "0040 DEADBEEF", false),
            (0x1E00, "04 00 01 0002", true),
            (0x2000, "00", false),
            (0x0001, "", false),
        ] {
            let rest = bytes(&format!("{fields} {said}"));
            assert_eq!(tag(flags, &rest).is_some(), is_tag, "{flags:04X} {fields}");
        }
    }

    #[test]
    fn what_is_no_frame_is_told_by_its_reason() {
        let mut wrong = bytes(TAG);
        wrong[20] ^= 1;
        assert_eq!(parse(&wrong), Parsed::Garbage(1, GarbageReason::Checksum));
        assert_eq!(
            parse(&[0xFF, 0xFF, 0x03]),
            Parsed::Garbage(1, GarbageReason::Length)
        );
        assert_eq!(parse(&[1, 2, 0xFF]), Parsed::Garbage(2, GarbageReason::Noise));
        assert_eq!(parse(&bytes(TAG)[..20]), Parsed::Incomplete);
    }
}
