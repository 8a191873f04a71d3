//! Frames of R2000 readers: A0, length, address, command, data, and a check that makes the sum of all bytes 0.
//!
//! ```text
//! > A0 06 01 8B 01 00 01 CC
//!   |  |  |  |  |  |  |  +- check: the sum of the whole frame is 0, low 8 bits
//!   |  |  |  |  |  |  +- how many rounds
//!   |  |  |  |  |  +- target A
//!   |  |  |  |  +- session 1
//!   |  |  |  +- command
//!   |  |  +- address, FF for whoever is there
//!   |  +- how many bytes follow, the check included
//!   +- mark
//! < A0 13 01 89 29 30 00 30 34 25 7B F7 19 4E 40 00 00 1A 85 48 E1
//!               |  |     |                                   +- signal: 72 - 129 = -57 dBm
//!               |  |     +- EPC, as long as the protocol control word says
//!               |  +- protocol control word
//!               +- bits 0 and 1 the antenna, the others the channel
//! < A0 0A 01 89 00 00 0C 00 00 00 02 BE
//!               |  |     +- tags in this round
//!               |  +- tags a second
//!               +- antenna
//! < A0 04 01 89 22 B0                               refused: no antenna
//! ```
//!
//! Source: serial protocol of UHF readers with the Impinj R2000 (Rodinbell, Invelion, CF-RU), version 3.

use crate::contract::{GarbageReason, Parsed};
use crate::uhf::Backscatter;
use crate::uhf::backscatter::{epc_bytes, last_word, word};

/// What a frame begins with.
const MARK: u8 = 0xA0;
/// Bytes before what the length counts.
const BEFORE: usize = 2;
/// The shortest length: address, command, check.
const LENGTH_MIN: usize = 3;

/// Commands.
pub mod cmd {
    /// Set the temporary power, which the reader does not store.
    pub const SET_TEMPORARY_POWER: u8 = 0x66;
    /// Ask for the firmware.
    pub const FIRMWARE: u8 = 0x72;
    /// Set the antenna of the next rounds.
    pub const SET_ANTENNA: u8 = 0x74;
    /// Set the power, which the reader stores.
    pub const SET_POWER: u8 = 0x76;
    /// Ask for the power.
    pub const GET_POWER: u8 = 0x77;
    /// Set the region, which the reader stores.
    pub const SET_REGION: u8 = 0x78;
    /// Ask for the region.
    pub const GET_REGION: u8 = 0x79;
    /// Set the beeper, which the reader stores.
    pub const SET_BEEPER: u8 = 0x7A;
    /// Rounds into the reader's own buffer.
    pub const BUFFERED: u8 = 0x80;
    /// Rounds, each tag told at once.
    pub const REAL_TIME: u8 = 0x89;
    /// The same over several antennas.
    pub const FAST_SWITCH: u8 = 0x8A;
    /// The same in a session.
    pub const SESSION: u8 = 0x8B;
    /// The same with the tag's own identity.
    pub const FAST_TID: u8 = 0x8D;
    /// Ask for the buffer.
    pub const GET_BUFFER: u8 = 0x90;
    /// Ask for the buffer and empty it.
    pub const TAKE_BUFFER: u8 = 0x91;
}

/// Whether two bytes of phase stand behind the signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// As the lengths say.
    Auto,
    /// Yes, where there is room for them.
    On,
    /// No.
    Off,
}

/// A good frame, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The reader's address.
    pub address: u8,
    /// See [`cmd`].
    pub cmd: u8,
    /// What stands behind the command.
    pub data: &'a [u8],
}

/// A tag of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The antenna, 1-based.
    pub antenna: u8,
    /// The channel's index in the table of the manual.
    pub channel: u8,
    /// What the tag sent.
    pub told: Backscatter<'a>,
    /// Signal in dBm.
    pub rssi_dbm: i16,
    /// Phase, as the reader counts.
    pub phase: Option<u16>,
    /// How often the tag was seen, in records of the buffer.
    pub count: Option<u8>,
}

/// What a frame of a round says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round<'a> {
    /// A tag.
    Tag(Seen<'a>),
    /// The round is over.
    End,
    /// The round is over, or was not begun.
    Refused(u8),
    /// One antenna of several is not as it should be; the round goes on.
    Antenna(u8, u8),
}

impl<'a> Frame<'a> {
    /// The parts of bytes that [`parse`] found to be a frame.
    #[inline]
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let [_, _, address, cmd, data @ .., _] = bytes else {
            return None;
        };
        Some(Self {
            address: *address,
            cmd: *cmd,
            data,
        })
    }

    /// Whether this belongs to a round whose tags are told at once.
    #[inline]
    pub const fn is_of_a_round(&self) -> bool {
        matches!(
            self.cmd,
            cmd::REAL_TIME | cmd::FAST_SWITCH | cmd::SESSION | cmd::FAST_TID
        )
    }

    /// What a frame of a round says; `None` where its lengths contradict each other.
    #[inline]
    pub fn round(&self, phase: Phase) -> Option<Round<'a>> {
        match self.data {
            [code] => Some(Round::Refused(*code)),
            [antenna, code] => Some(Round::Antenna(*antenna, *code)),
            // A tag has an even number of bytes.
            [_, _, _, _, _, _, _] => Some(Round::End),
            [place, rest @ ..] => tag(*place, rest, phase).map(Round::Tag),
            [] => None,
        }
    }

    /// A record of the buffer: how many there are, PC, EPC and CRC, signal, antenna and channel, count.
    pub fn record(&self) -> Option<Seen<'a>> {
        let [_, _, length, rest @ ..] = self.data else {
            return None;
        };
        let (told, [rssi, place, count]) = rest.split_at_checked(usize::from(*length))? else {
            return None;
        };
        let (pc, rest) = word(told)?;
        let (body, crc) = last_word(rest)?;
        let told = Backscatter {
            pc,
            body,
            crc: Some(crc),
        };
        told.epc()?;
        Some(seen(*place, told, *rssi, None, Some(*count)))
    }

    /// Whether this is an answer with a record of the buffer.
    pub fn is_record(&self) -> bool {
        matches!(self.cmd, cmd::GET_BUFFER | cmd::TAKE_BUFFER) && self.data.len() > 1
    }

    /// Whether its parts agree with each other.
    fn soundness(&self, phase: Phase) -> Result<(), GarbageReason> {
        if self.is_of_a_round() {
            return self.round(phase).map(|_| ()).ok_or(GarbageReason::Malformed);
        }
        if self.is_record() {
            return match self.record() {
                Some(seen) if seen.told.is_sound() => Ok(()),
                Some(_) => Err(GarbageReason::Checksum),
                None => Err(GarbageReason::Malformed),
            };
        }
        // A reader sends nothing but answers, so that what no command has is no frame.
        match answer_bytes_max(self.cmd) {
            Some(most) if self.data.len() <= most => Ok(()),
            _ => Err(GarbageReason::Malformed),
        }
    }
}

/// The most bytes that the answer to a command has; `None` where there is no such command.
const fn answer_bytes_max(cmd: u8) -> Option<usize> {
    match cmd {
        // Tags' memory.
        0x81..=0x86 | 0x8C | 0x8E | 0xB0..=0xB4 | cmd::GET_BUFFER | cmd::TAKE_BUFFER => Some(usize::MAX),
        // Settings of eight ports, and a serial number of twelve bytes.
        0x60..=0x80 | 0x92 | 0x93 => Some(12),
        _ => None,
    }
}

/// A tag: protocol control word, EPC, signal, phase. What is longer than the control word says is phase, or XPC words before
/// the EPC where the word announces them.
#[inline]
fn tag(place: u8, rest: &[u8], phase: Phase) -> Option<Seen<'_>> {
    let (pc, rest) = word(rest)?;
    let without = |rest| {
        let (body, rssi): (&[u8], u8) = split_last(rest)?;
        let told = Backscatter { pc, body, crc: None };
        told.epc().map(|_| (told, rssi, None))
    };
    let with = |rest| {
        let (rest, phase) = last_word(rest)?;
        let (told, rssi, _) = without(rest)?;
        Some((told, rssi, Some(phase)))
    };
    // No reader sends fewer bytes than its EPC has.
    if rest.len() < epc_bytes(pc) + 1 {
        return None;
    }
    let (told, rssi, phase) = match phase {
        Phase::Auto => without(rest).or_else(|| with(rest)),
        Phase::On => with(rest).or_else(|| without(rest)),
        Phase::Off => without(rest),
    }?;
    Some(seen(place, told, rssi, phase, None))
}

fn split_last(bytes: &[u8]) -> Option<(&[u8], u8)> {
    bytes.split_last().map(|(last, rest)| (rest, *last))
}

/// The signal's highest bit is the third bit of the antenna with readers of eight ports: as a signal it would be more than 0 dBm.
fn seen(place: u8, told: Backscatter<'_>, rssi: u8, phase: Option<u16>, count: Option<u8>) -> Seen<'_> {
    Seen {
        antenna: 1 + (place & 3) + (rssi >> 7) * 4,
        channel: place >> 2,
        told,
        rssi_dbm: i16::from(rssi & 0x7F) - 129,
        phase,
        count,
    }
}

#[inline]
fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// Finds a frame at the beginning of these bytes. A tag is a frame only if its lengths agree: a sum of 8 bits lets one of 256
/// wrong beginnings through.
#[inline]
pub fn parse(phase: Phase, bytes: &[u8]) -> Parsed {
    if bytes.first() != Some(&MARK) {
        let noise = bytes.iter().take_while(|byte| **byte != MARK).count();
        return Parsed::Garbage(noise.max(1), GarbageReason::Noise);
    }
    let Some(length) = bytes.get(1).map(|length| usize::from(*length)) else {
        return Parsed::Incomplete;
    };
    if length < LENGTH_MIN {
        return Parsed::Garbage(1, GarbageReason::Length);
    }
    let Some(frame) = bytes.get(..length + BEFORE) else {
        return Parsed::Incomplete;
    };
    if sum(frame) != 0 {
        return Parsed::Garbage(1, GarbageReason::Checksum);
    }
    match Frame::of(frame).map(|frame| frame.soundness(phase)) {
        Some(Ok(())) => Parsed::Frame(frame.len()),
        Some(Err(reason)) => Parsed::Garbage(1, reason),
        None => Parsed::Garbage(1, GarbageReason::Malformed),
    }
}

/// A command as it is sent.
pub fn command(address: u8, cmd: u8, data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len() + LENGTH_MIN).unwrap_or(u8::MAX);
    let mut bytes = vec![MARK, length, address, cmd];
    bytes.extend_from_slice(data);
    bytes.push(sum(&bytes).wrapping_neg());
    bytes
}

/// The name of a command in the manual.
pub const fn name(cmd: u8) -> &'static str {
    match cmd {
        cmd::SET_TEMPORARY_POWER => "SET_TEMPORARY_POWER",
        0x69 => "SET_PROFILE",
        0x6A => "GET_PROFILE",
        0x70 => "RESET",
        0x71 => "SET_BAUD",
        cmd::FIRMWARE => "FIRMWARE",
        cmd::SET_ANTENNA => "SET_ANTENNA",
        0x75 => "GET_ANTENNA",
        cmd::SET_POWER => "SET_POWER",
        cmd::GET_POWER => "GET_POWER",
        cmd::SET_REGION => "SET_REGION",
        cmd::GET_REGION => "GET_REGION",
        cmd::SET_BEEPER => "SET_BEEPER",
        0x7B => "TEMPERATURE",
        0x7E => "RETURN_LOSS",
        cmd::BUFFERED => "BUFFERED_INVENTORY",
        0x81 => "READ",
        0x82 => "WRITE",
        0x83 => "LOCK",
        0x84 => "KILL",
        cmd::REAL_TIME => "REAL_TIME_INVENTORY",
        cmd::FAST_SWITCH => "FAST_SWITCH_INVENTORY",
        cmd::SESSION => "SESSION_INVENTORY",
        cmd::FAST_TID => "FAST_TID",
        cmd::GET_BUFFER => "GET_BUFFER",
        cmd::TAKE_BUFFER => "TAKE_BUFFER",
        0x92 => "BUFFER_COUNT",
        0x93 => "RESET_BUFFER",
        _ => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uhf::testing::bytes;

    #[test]
    fn commands_are_those_of_the_manual() {
        for (cmd, data, expected) in [
            (0x72, &[][..], "A0 03 01 72 EA"),
            (0x74, &[0], "A0 04 01 74 00 E7"),
            (0x76, &[30], "A0 04 01 76 1E C7"),
            (0x78, &[1, 7, 0x3B], "A0 06 01 78 01 07 3B 9E"),
            (0x8B, &[1, 0, 1], "A0 06 01 8B 01 00 01 CC"),
            (
                0x8A,
                &[0, 1, 1, 1, 2, 1, 3, 1, 0, 1],
                "A0 0D 01 8A 00 01 01 01 02 01 03 01 00 01 BD",
            ),
        ] {
            assert_eq!(command(1, cmd, data), bytes(expected), "{cmd:02X}");
        }
    }

    /// Setting, protocol control word, bytes behind it; bytes of XPC, EPC and phase that are found.
    type Row = (Phase, u16, usize, Option<(usize, usize, bool)>);

    #[test]
    fn phase_and_xpc_words_are_told_apart_by_the_lengths() {
        use Phase::{Auto, Off, On};
        let one = 0x00;
        let two = 0x80;
        let rows: [(u8, Row); 14] = [
            (one, (Auto, 0x3000, 13, Some((0, 12, false)))),
            (one, (Auto, 0x3000, 15, Some((0, 12, true)))),
            (one, (Off, 0x3000, 15, None)),
            (one, (On, 0x3000, 15, Some((0, 12, true)))),
            (one, (On, 0x3000, 13, Some((0, 12, false)))),
            (one, (Auto, 0x3000, 17, None)),
            (one, (Auto, 0x3000, 11, None)),
            // An XPC word, or a phase: only the setting can say.
            (one, (Auto, 0x3200, 15, Some((2, 12, false)))),
            (one, (On, 0x3200, 15, Some((0, 12, true)))),
            (one, (Auto, 0x3200, 17, Some((2, 12, true)))),
            (two, (Auto, 0x3200, 17, Some((4, 12, false)))),
            (two, (Auto, 0x3200, 19, Some((4, 12, true)))),
            (two, (Off, 0x3200, 19, None)),
            (one, (Auto, 0x3200, 13, Some((0, 12, false)))),
        ];
        for (first, (phase, pc, length, expected)) in rows {
            let mut rest = pc.to_be_bytes().to_vec();
            rest.push(first);
            rest.resize(2 + length, 0x11);
            let found = tag(0, &rest, phase).map(|seen| {
                let epc = seen.told.epc().unwrap().len();
                (seen.told.body.len() - epc, epc, seen.phase.is_some())
            });
            assert_eq!(
                found, expected,
                "{phase:?} {pc:04X} {length} bytes, first {first:02X}"
            );
        }
    }

    #[test]
    fn antenna_channel_and_signal_are_those_of_the_example() {
        let frame = bytes("A0 13 01 89 29 30 00 30 34 25 7B F7 19 4E 40 00 00 1A 85 48 E1");
        assert_eq!(parse(Phase::Auto, &frame), Parsed::Frame(frame.len()));
        let Some(Round::Tag(seen)) = Frame::of(&frame).unwrap().round(Phase::Auto) else {
            panic!("no tag")
        };
        assert_eq!(
            (seen.antenna, seen.channel, seen.rssi_dbm, seen.phase),
            (2, 10, -57, None)
        );
        // The same signal at the second four of eight antennas.
        let Some(Round::Tag(seen)) = (Frame {
            address: 1,
            cmd: 0x89,
            data: &[0x29, 0, 0, 0xC8, 0, 0],
        })
        .round(Phase::Auto) else {
            panic!("no tag")
        };
        assert_eq!((seen.antenna, seen.rssi_dbm), (6, -57));
    }

    #[test]
    fn what_is_no_frame_is_told_by_its_reason() {
        for (text, reason) in [
            ("A0 02 01 5D", GarbageReason::Length),
            ("A0 03 01 72 EB", GarbageReason::Checksum),
            // A right sum under a command that there is not, and over more bytes than an answer to one has.
            ("A0 04 01 C7 10 84", GarbageReason::Malformed),
            (
                "A0 10 01 72 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 00",
                GarbageReason::Malformed,
            ),
            // A right sum over a tag whose length is not that of its control word.
            ("A0 08 01 89 29 30 00 30 34 41", GarbageReason::Malformed),
            // A record of the buffer whose tag has another CRC.
            (
                "A0 0F 01 90 00 01 08 10 00 E2 00 11 22 12 34 48 29 01 DB",
                GarbageReason::Checksum,
            ),
        ] {
            let mut frame = bytes(text);
            if reason != GarbageReason::Checksum || frame.len() > 5 {
                let last = frame.len() - 1;
                frame[last] = sum(&frame[..last]).wrapping_neg();
            }
            assert_eq!(parse(Phase::Auto, &frame), Parsed::Garbage(1, reason), "{text}");
        }
    }
}
