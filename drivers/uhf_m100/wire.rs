//! Frames of M100 modules: a mark, type, command, length, parameters, a sum, and an end byte that ends nothing.
//!
//! ```text
//! > BB 00 27 00 03 22 FF FF 4A 7E
//!   |  |  |  |     |        |  +- end; DD after the mark AA. It occurs in parameters too
//!   |  |  |  |     |        +- sum of the bytes from the type to the last parameter, low 8 bits
//!   |  |  |  |     +- parameters: a reserved byte and how many rounds
//!   |  |  |  +- how many bytes of parameters, high byte first
//!   |  |  +- command: poll several times
//!   |  +- 00 command, 01 answer, 02 notice
//!   +- mark; AA with some R200 modules
//! < BB 02 22 00 11 C9 34 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 3A 76 EF 7E
//!                  |  |     |                                   +- the tag's own CRC
//!                  |  |     +- EPC, as long as the protocol control word says
//!                  |  +- protocol control word
//!                  +- signal: -55 dBm
//! ```
//!
//! Source: MagicRF M100 and QM100 firmware manual, R200 user protocol V2.3.3.

use crate::contract::{GarbageReason, Parsed};
use crate::uhf::Backscatter;
use crate::uhf::backscatter::{last_word, word};

/// Longest parameters: an answer to a read of 255 words with the tag's PC and EPC before it, and room to spare.
pub const PARAMETERS_MAX: usize = 640;
/// Bytes before the parameters.
const HEAD: usize = 5;
/// Bytes around the parameters.
const AROUND: usize = HEAD + 2;

/// Types of frames.
pub mod kind {
    /// To the module.
    pub const COMMAND: u8 = 0x00;
    /// The answer to a command.
    pub const ANSWER: u8 = 0x01;
    /// Told unasked: a tag.
    pub const NOTICE: u8 = 0x02;
}

/// Commands.
pub mod cmd {
    /// Who the module is.
    pub const INFO: u8 = 0x03;
    /// Set the region.
    pub const SET_REGION: u8 = 0x07;
    /// Ask for the region.
    pub const GET_REGION: u8 = 0x08;
    /// Set what a tag must have to answer.
    pub const SET_SELECT: u8 = 0x0C;
    /// Ask how tags are queried.
    pub const GET_QUERY: u8 = 0x0D;
    /// Set how tags are queried.
    pub const SET_QUERY: u8 = 0x0E;
    /// Set whether the select is sent before each round.
    pub const SELECT_MODE: u8 = 0x12;
    /// One round; also the number of every tag's notice.
    pub const POLL: u8 = 0x22;
    /// Many rounds.
    pub const POLL_MANY: u8 = 0x27;
    /// No more rounds.
    pub const STOP: u8 = 0x28;
    /// Set the transmit power.
    pub const SET_POWER: u8 = 0xB6;
    /// Ask for the transmit power.
    pub const GET_POWER: u8 = 0xB7;
    /// An answer that refuses.
    pub const ERROR: u8 = 0xFF;
}

/// Which marks frames have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Both are taken; the module is spoken to with BB.
    Auto,
    /// BB and 7E.
    Bb,
    /// AA and DD.
    Aa,
}

impl Mark {
    /// The end byte that belongs to a mark.
    const fn end(self, mark: u8) -> Option<u8> {
        match (self, mark) {
            (Self::Auto | Self::Bb, 0xBB) => Some(0x7E),
            (Self::Auto | Self::Aa, 0xAA) => Some(0xDD),
            _ => None,
        }
    }

    /// Mark and end byte of what is sent.
    const fn sent(self) -> (u8, u8) {
        match self {
            Self::Auto | Self::Bb => (0xBB, 0x7E),
            Self::Aa => (0xAA, 0xDD),
        }
    }
}

/// A good frame, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The mark it came with.
    pub mark: u8,
    /// See [`kind`].
    pub kind: u8,
    /// See [`cmd`].
    pub cmd: u8,
    /// The parameters.
    pub parameters: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The parts of bytes that [`parse`] found to be a frame.
    #[inline]
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let [mark, kind, cmd, _, _, parameters @ .., _, _] = bytes else {
            return None;
        };
        Some(Self {
            mark: *mark,
            kind: *kind,
            cmd: *cmd,
            parameters,
        })
    }

    /// Signal in dBm, and what the tag sent, if this tells of a tag.
    #[inline]
    pub fn tag(&self) -> Option<(i8, Backscatter<'a>)> {
        let is_tag = self.kind == kind::NOTICE && self.cmd == cmd::POLL;
        let (rssi, rest) = self.parameters.split_first().filter(|_| is_tag)?;
        let (pc, rest) = word(rest)?;
        let (body, crc) = last_word(rest)?;
        let crc = Some(crc);
        Some((i8::from_be_bytes([*rssi]), Backscatter { pc, body, crc }))
    }
}

/// The sum that stands behind the parameters.
#[inline]
fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// Finds a frame at the beginning of these bytes. A tag's notice is a frame only if the tag's own CRC and length are right: a
/// sum of 8 bits lets one of 256 wrong beginnings through.
#[inline]
pub fn parse(mark: Mark, bytes: &[u8]) -> Parsed {
    let Some(end) = bytes.first().and_then(|first| mark.end(*first)) else {
        let noise = bytes.iter().take_while(|byte| mark.end(**byte).is_none()).count();
        return Parsed::Garbage(noise.max(1), GarbageReason::Noise);
    };
    if bytes.get(1).is_some_and(|kind| *kind > kind::NOTICE) {
        return Parsed::Garbage(1, GarbageReason::Noise);
    }
    let Some([high, low]) = bytes.get(3..HEAD) else {
        return Parsed::Incomplete;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    if length > PARAMETERS_MAX {
        return Parsed::Garbage(1, GarbageReason::Length);
    }
    let Some(frame) = bytes.get(..length + AROUND) else {
        return Parsed::Incomplete;
    };
    let ([_, body @ .., check, last], Some(taken)) = (frame, Frame::of(frame)) else {
        return Parsed::Garbage(1, GarbageReason::Length);
    };
    if sum(body) != *check {
        return Parsed::Garbage(1, GarbageReason::Checksum);
    }
    if *last != end {
        return Parsed::Garbage(1, GarbageReason::Malformed);
    }
    if taken.kind == kind::NOTICE && taken.cmd == cmd::POLL {
        match taken.tag() {
            Some((_, told)) if !told.is_sound() => return Parsed::Garbage(1, GarbageReason::Checksum),
            Some((_, told)) if told.epc().is_some() => {}
            _ => return Parsed::Garbage(1, GarbageReason::Malformed),
        }
    }
    Parsed::Frame(frame.len())
}

/// A command as it is sent.
pub fn command(mark: Mark, cmd: u8, parameters: &[u8]) -> Vec<u8> {
    let (mark, end) = mark.sent();
    let length = u16::try_from(parameters.len()).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    let mut bytes = vec![mark, kind::COMMAND, cmd, high, low];
    bytes.extend_from_slice(parameters);
    bytes.push(sum(bytes.get(1..).unwrap_or(&[])));
    bytes.push(end);
    bytes
}

/// The name of a command in the manual.
pub const fn name(cmd: u8) -> &'static str {
    match cmd {
        cmd::INFO => "INFO",
        cmd::SET_REGION => "SET_REGION",
        cmd::GET_REGION => "GET_REGION",
        0x0B => "GET_SELECT",
        cmd::SET_SELECT => "SET_SELECT",
        cmd::GET_QUERY => "GET_QUERY",
        cmd::SET_QUERY => "SET_QUERY",
        cmd::SELECT_MODE => "SELECT_MODE",
        0x17 => "SLEEP",
        0x1A => "IO",
        cmd::POLL => "POLL",
        cmd::POLL_MANY => "POLL_MANY",
        cmd::STOP => "STOP",
        0x39 => "READ",
        0x49 => "WRITE",
        0x82 => "LOCK",
        0x65 => "KILL",
        0xAA => "GET_CHANNEL",
        0xAB => "SET_CHANNEL",
        0xAD => "HOPPING",
        cmd::SET_POWER => "SET_POWER",
        cmd::GET_POWER => "GET_POWER",
        0xF0 => "SET_DEMODULATOR",
        0xF1 => "GET_DEMODULATOR",
        0xF2 => "JAMMER",
        0xF3 => "CHANNEL_RSSI",
        cmd::ERROR => "ERROR",
        _ => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANUAL: [u8; 24] = [
        0xBB, 0x02, 0x22, 0x00, 0x11, 0xC9, 0x34, 0x00, 0x30, 0x75, 0x1F, 0xEB, 0x70, 0x5C, 0x59, 0x04, 0xE3,
        0xD5, 0x0D, 0x70, 0x3A, 0x76, 0xEF, 0x7E,
    ];

    #[test]
    fn commands_are_those_of_the_manual() {
        for (cmd, parameters, expected) in [
            (0x03, &[0x00][..], &[0xBB, 0, 0x03, 0, 1, 0, 0x04, 0x7E][..]),
            (
                0x27,
                &[0x22, 0x27, 0x10],
                &[0xBB, 0, 0x27, 0, 3, 0x22, 0x27, 0x10, 0x83, 0x7E],
            ),
            (0x28, &[], &[0xBB, 0, 0x28, 0, 0, 0x28, 0x7E]),
            (0x07, &[0x03], &[0xBB, 0, 0x07, 0, 1, 3, 0x0B, 0x7E]),
            (
                0xB6,
                &[0x07, 0xD0],
                &[0xBB, 0, 0xB6, 0, 2, 0x07, 0xD0, 0x8F, 0x7E],
            ),
            (
                0x0E,
                &[0x10, 0x20],
                &[0xBB, 0, 0x0E, 0, 2, 0x10, 0x20, 0x40, 0x7E],
            ),
        ] {
            assert_eq!(command(Mark::Auto, cmd, parameters), expected);
        }
        assert_eq!(command(Mark::Aa, 0x28, &[]), [0xAA, 0, 0x28, 0, 0, 0x28, 0xDD]);
    }

    #[test]
    fn a_frame_is_as_long_as_it_says() {
        assert_eq!(parse(Mark::Auto, &MANUAL), Parsed::Frame(MANUAL.len()));
        for length in 1..MANUAL.len() {
            assert_eq!(
                parse(Mark::Auto, &MANUAL[..length]),
                Parsed::Incomplete,
                "{length} bytes"
            );
        }
        let (rssi, told) = Frame::of(&MANUAL).unwrap().tag().unwrap();
        assert_eq!((rssi, told.pc, told.crc), (-55, 0x3400, Some(0x3A76)));
    }

    #[test]
    fn what_is_no_frame_is_told_by_its_reason() {
        let changed = |place: usize, byte: u8| {
            let mut bytes = MANUAL;
            bytes[place] = byte;
            bytes
        };
        let noise = Parsed::Garbage(1, GarbageReason::Noise);
        for (mark, bytes, expected) in [
            (
                Mark::Aa,
                MANUAL,
                Parsed::Garbage(MANUAL.len(), GarbageReason::Noise),
            ),
            (Mark::Auto, changed(1, 3), noise),
            (
                Mark::Auto,
                changed(3, 3),
                Parsed::Garbage(1, GarbageReason::Length),
            ),
            (
                Mark::Auto,
                changed(22, 0xEE),
                Parsed::Garbage(1, GarbageReason::Checksum),
            ),
            (
                Mark::Auto,
                changed(23, 0xDD),
                Parsed::Garbage(1, GarbageReason::Malformed),
            ),
        ] {
            assert_eq!(parse(mark, &bytes), expected, "{mark:?} {bytes:02X?}");
        }
        // The sum is right and the tag's CRC is not: two bytes were changed.
        let mut both = MANUAL;
        both[8] += 1;
        both[9] -= 1;
        assert_eq!(
            parse(Mark::Auto, &both),
            Parsed::Garbage(1, GarbageReason::Checksum)
        );
    }
}
