//! Frames of Chafon readers: those without a mark, of UHFReader18 and 288, and those that begin with CF.
//!
//! ```text
//! > 0D FF 01 04 00 01 00 00 00 00 80 03 33 F7
//!   |  |  |  |  |  |  |     |  |  |  |  +- CRC, low byte first
//!   |  |  |  |  |  |  |     |  |  |  +- how long to look, in 100 ms
//!   |  |  |  |  |  |  |     |  |  +- antenna, 80 the first
//!   |  |  |  |  |  |  |     |  +- target A
//!   |  |  |  |  |  |  |     +- bits of mask; the mask would follow
//!   |  |  |  |  |  |  +- where the mask begins, in bits
//!   |  |  |  |  |  +- mask in the EPC bank
//!   |  |  |  |  +- session
//!   |  |  |  +- Q
//!   |  |  +- command: look for tags
//!   |  +- address, FF for whoever is there
//!   +- how many bytes follow
//! < 15 00 01 01 01 01 0C 30 34 25 7B F7 19 4E 40 00 00 1A 85 48 BA BA
//!      |  |  |  |  |  |  |                                   +- signal, in the reader's own unit
//!      |  |  |  |  |  |  +- EPC
//!      |  |  |  |  |  +- bytes of EPC
//!      |  |  |  |  +- how many tags
//!      |  |  |  +- antenna, a bit each
//!      |  |  +- status: 01 the last frame of the round
//!      |  +- command
//!      +- address
//!
//! > CF FF 00 01 00 CD 09                  look for tags; the CRC has its high byte first here
//! < CF 00 00 01 01 00 71 8E               status 00: done
//! ```
//!
//! The CRC is CRC-16/MCRF4XX over everything before it: polynomial 1021h reflected, begun with FFFFh.
//!
//! Source: UHFReader18 and UHFReader288 user manuals; the protocol of Chafon's CF readers.

use crate::contract::{GarbageReason, Parsed};

/// Bytes of the CRC.
const CRC: usize = 2;
/// The shortest answer without a mark: address, command, status, CRC.
const LENGTH_MIN: usize = 5;
/// What frames of CF readers begin with.
const MARK: u8 = 0xCF;
/// Bytes of a CF frame before its data: mark, address, command, length.
const CF_HEAD: usize = 5;

/// Commands of frames without a mark.
pub mod cmd {
    /// Look for tags.
    pub const INVENTORY: u8 = 0x01;
    /// Who the reader is and what is set.
    pub const INFO: u8 = 0x21;
    /// Set the channels.
    pub const SET_REGION: u8 = 0x22;
    /// Set the power.
    pub const SET_POWER: u8 = 0x2F;
    /// Set the beeper.
    pub const SET_BEEPER: u8 = 0x40;
    /// A reader in active mode tells a tag, or that it is there.
    pub const ACTIVE: u8 = 0xEE;
}

/// Commands of CF frames.
pub mod cf_cmd {
    /// Look for tags; also the number of every tag's report.
    pub const START: u16 = 0x0001;
    /// No more.
    pub const STOP: u16 = 0x0002;
    /// Who the reader is.
    pub const INFO: u16 = 0x0070;
    /// Set all parameters.
    pub const SET_PARAMETERS: u16 = 0x0071;
    /// Ask for all parameters.
    pub const GET_PARAMETERS: u16 = 0x0072;
}

/// A good answer, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The reader's address.
    pub address: u8,
    /// The command it answers: [`cmd`] or [`cf_cmd`].
    pub cmd: u16,
    /// How it went.
    pub status: u8,
    /// What stands behind the status.
    pub data: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The parts of bytes that [`parse`] found to be a frame.
    #[inline]
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let [_, address, cmd, status, data @ .., _, _] = bytes else {
            return None;
        };
        Some(Self {
            address: *address,
            cmd: u16::from(*cmd),
            status: *status,
            data,
        })
    }

    /// The parts of bytes that [`parse_cf`] found to be a frame.
    #[inline]
    pub fn of_cf(bytes: &'a [u8]) -> Option<Self> {
        let [_, address, high, low, _, status, data @ .., _, _] = bytes else {
            return None;
        };
        Some(Self {
            address: *address,
            cmd: u16::from_be_bytes([*high, *low]),
            status: *status,
            data,
        })
    }
}

/// CRC-16/MCRF4XX.
#[inline]
pub fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        let index = usize::from((crc as u8) ^ byte);
        (crc >> 8) ^ TABLE.get(index).copied().unwrap_or(0)
    })
}

/// What each byte adds to the CRC.
static TABLE: [u16; 256] = {
    let mut table = [0u16; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 0 {
                crc >> 1
            } else {
                (crc >> 1) ^ 0x8408
            };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

/// Finds a frame without a mark at the beginning of these bytes. Any byte may be a length, so only the CRC says.
#[inline]
pub fn parse(bytes: &[u8]) -> Parsed {
    let Some(length) = bytes.first().map(|length| usize::from(*length)) else {
        return Parsed::Incomplete;
    };
    if length < LENGTH_MIN {
        return Parsed::Garbage(1, GarbageReason::Noise);
    }
    let Some(frame) = bytes.get(..=length) else {
        return Parsed::Incomplete;
    };
    match frame.split_last_chunk::<CRC>() {
        Some((body, sent)) if crc(body) == u16::from_le_bytes(*sent) => Parsed::Frame(frame.len()),
        _ => Parsed::Garbage(1, GarbageReason::Checksum),
    }
}

/// Finds a CF frame at the beginning of these bytes.
#[inline]
pub fn parse_cf(bytes: &[u8]) -> Parsed {
    if bytes.first() != Some(&MARK) {
        let noise = bytes.iter().take_while(|byte| **byte != MARK).count();
        return Parsed::Garbage(noise.max(1), GarbageReason::Noise);
    }
    let Some(length) = bytes.get(CF_HEAD - 1).map(|length| usize::from(*length)) else {
        return Parsed::Incomplete;
    };
    // An answer has a status at least.
    if length == 0 {
        return Parsed::Garbage(1, GarbageReason::Length);
    }
    let Some(frame) = bytes.get(..CF_HEAD + length + CRC) else {
        return Parsed::Incomplete;
    };
    match frame.split_last_chunk::<CRC>() {
        Some((body, sent)) if crc(body) == u16::from_be_bytes(*sent) => Parsed::Frame(frame.len()),
        _ => Parsed::Garbage(1, GarbageReason::Checksum),
    }
}

/// A command without a mark, as it is sent.
pub fn command(address: u8, cmd: u8, data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len() + 2 + CRC).unwrap_or(u8::MAX);
    let mut bytes = vec![length, address, cmd];
    bytes.extend_from_slice(data);
    let crc = crc(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes
}

/// A CF command as it is sent.
pub fn command_cf(address: u8, cmd: u16, data: &[u8]) -> Vec<u8> {
    let [high, low] = cmd.to_be_bytes();
    let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
    let mut bytes = vec![MARK, address, high, low, length];
    bytes.extend_from_slice(data);
    let crc = crc(&bytes);
    bytes.extend_from_slice(&crc.to_be_bytes());
    bytes
}

/// The name of a command without a mark.
pub const fn name(cmd: u16) -> &'static str {
    match cmd {
        0x01 => "INVENTORY",
        0x02 => "READ",
        0x03 => "WRITE",
        0x04 => "WRITE_EPC",
        0x05 => "KILL",
        0x06 => "LOCK",
        0x07..=0x0D | 0x10..=0x1B => "TAG_ACCESS",
        0x0F => "INVENTORY_SINGLE",
        0x21 => "INFO",
        0x22 => "SET_REGION",
        0x24 => "SET_ADDRESS",
        0x25 => "SET_SCAN_TIME",
        0x28 => "SET_BAUD",
        0x2F => "SET_POWER",
        0x33 => "SIGNAL",
        0x35 | 0x76 => "SET_WORK_MODE",
        0x40 => "SET_BEEPER",
        0xEE => "ACTIVE",
        _ => "UNKNOWN",
    }
}

/// The name of a CF command.
pub const fn name_cf(cmd: u16) -> &'static str {
    match cmd {
        cf_cmd::START => "INVENTORY",
        cf_cmd::STOP => "STOP",
        0x0050 => "INITIALISE",
        0x0052 => "REBOOT",
        0x0053 => "SET_POWER",
        0x0059 => "SET_PROTOCOL",
        0x0064 => "NETWORK",
        cf_cmd::INFO => "INFO",
        cf_cmd::SET_PARAMETERS => "SET_PARAMETERS",
        cf_cmd::GET_PARAMETERS => "GET_PARAMETERS",
        _ => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uhf::testing::bytes;

    #[test]
    fn commands_are_those_of_the_manuals() {
        assert_eq!(crc(b"123456789"), 0x6F91);
        for (address, cmd, data, expected) in [
            (0x00, 0x21, &[][..], "04 00 21 D9 6A"),
            (0xFF, 0x21, &[], "04 FF 21 19 95"),
            (0x00, 0x01, &[], "04 00 01 DB 4B"),
            (0x00, 0x2F, &[30], "05 00 2F 1E 72 34"),
            (0x00, 0x22, &[0x3E, 0x00], "06 00 22 3E 00 21 91"),
            (
                0xFF,
                0x01,
                &[0x0F, 0, 1, 0, 0, 0, 0, 0x80, 0x14],
                "0D FF 01 0F 00 01 00 00 00 00 80 14 C0 3A",
            ),
        ] {
            assert_eq!(command(address, cmd, data), bytes(expected), "{cmd:02X}");
        }
        assert_eq!(command_cf(0xFF, 0x0001, &[]), bytes("CF FF 00 01 00 CD 09"));
        assert_eq!(command_cf(0xFF, 0x0070, &[]), bytes("CF FF 00 70 00 24 15"));
    }

    #[test]
    fn answers_are_as_long_as_they_say() {
        type Row = (fn(&[u8]) -> Parsed, &'static str);
        let parsers: [Row; 3] = [
            (parse, "05 00 01 FB F2 3D"),
            (
                parse,
                "15 00 01 01 01 01 0C 30 34 25 7B F7 19 4E 40 00 00 1A 85 48 BA BA",
            ),
            (parse_cf, "CF 00 00 01 01 00 71 8E"),
        ];
        for (parse, text) in parsers {
            let frame = bytes(text);
            assert_eq!(parse(&frame), Parsed::Frame(frame.len()), "{text}");
            for length in 1..frame.len() {
                assert_eq!(
                    parse(&frame[..length]),
                    Parsed::Incomplete,
                    "{length} bytes of {text}"
                );
            }
            let mut wrong = frame.clone();
            wrong[frame.len() - 3] ^= 1;
            assert_eq!(
                parse(&wrong),
                Parsed::Garbage(1, GarbageReason::Checksum),
                "{text}"
            );
        }
        assert_eq!(parse(&[4, 0, 0x21]), Parsed::Garbage(1, GarbageReason::Noise));
        assert_eq!(parse_cf(&[1, 2, 0xCF]), Parsed::Garbage(2, GarbageReason::Noise));
        assert_eq!(
            parse_cf(&[0xCF, 0, 0, 1, 0]),
            Parsed::Garbage(1, GarbageReason::Length)
        );
    }
}
