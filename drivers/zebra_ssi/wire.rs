//! SSI frames: opcodes, checksum, and the numbers of the Simple Serial Interface.
//!
//! ```text
//! < 12 F3 00 00 0B 34 30 30 36 33 38 31 33 33 33 39 33 31 FC 54     DECODE_DATA, EAN-13
//!   |  |  |  |  |  +- the code                              +---- two's complement of the sum, high byte first
//!   |  |  |  |  +- type: 0B is EAN-13
//!   |  |  |  +- status: bit 0 sent again, bit 1 more packets follow, bit 3 store for good
//!   |  |  +- source: 0 scanner, 4 host
//!   |  +- opcode
//!   +- bytes from here to the last one before the checksum
//! > 04 D0 04 00 FF 28                                               CMD_ACK
//! ```
//!
//! Source: Zebra Simple Serial Interface (SSI) Programmer's Guide, chapters 2 to 4.

use crate::contract::{GarbageReason, Parsed};

/// Shortest value of the length byte: length, opcode, source, status.
pub const LENGTH_MIN: usize = 4;
/// Bytes of the checksum, which the length byte does not count.
pub const CHECKSUM_BYTES: usize = 2;
/// Source byte of the host.
pub const HOST: u8 = 4;

/// Status bit: this is a repetition.
pub const STATUS_AGAIN: u8 = 0x01;
/// Status bit: another packet of this message follows.
pub const STATUS_CONTINUED: u8 = 0x02;

/// The byte that wakes a sleeping scanner; it is no frame.
pub const WAKE_UP: u8 = 0x00;

/// Opcodes of the guide, chapter 3. Those above `E0` without a name here are not used by this driver.
#[allow(missing_docs, reason = "the names are the guide's")]
pub mod op {
    pub const MULTIPACKET_SEGMENT: u8 = 0x73;
    pub const MULTIPACKET_ACK: u8 = 0x74;
    pub const SSI_MGMT: u8 = 0x80;
    pub const SCANNER_INIT_REPLY: u8 = 0x91;
    pub const HOST_ACK: u8 = 0x96;
    pub const REQUEST_REVISION: u8 = 0xA3;
    pub const REPLY_REVISION: u8 = 0xA4;
    pub const PARAM_SEND: u8 = 0xC6;
    pub const PARAM_REQUEST: u8 = 0xC7;
    pub const CMD_ACK: u8 = 0xD0;
    pub const CMD_NAK: u8 = 0xD1;
    pub const CAPABILITIES_REQUEST: u8 = 0xD3;
    pub const CAPABILITIES_REPLY: u8 = 0xD4;
    pub const START_SESSION: u8 = 0xE4;
    pub const STOP_SESSION: u8 = 0xE5;
    pub const BEEP: u8 = 0xE6;
    pub const LED_ON: u8 = 0xE7;
    pub const LED_OFF: u8 = 0xE8;
    pub const SCAN_ENABLE: u8 = 0xE9;
    pub const SCAN_DISABLE: u8 = 0xEA;
    pub const DECODE_DATA: u8 = 0xF3;
    pub const EVENT: u8 = 0xF6;
}

/// Causes of a CMD_NAK.
pub mod nak {
    /// Send it again: the checksum was wrong.
    pub const RESEND: u8 = 1;
    /// Not understood, or not now.
    pub const BAD_CONTEXT: u8 = 2;
    /// Not allowed.
    pub const DENIED: u8 = 6;
}

/// A good frame, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// What it is.
    pub opcode: u8,
    /// Flags; unknown bits are ignored.
    pub status: u8,
    /// Between status and checksum.
    pub body: &'a [u8],
    /// The whole frame.
    pub bytes: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The parts of bytes that [`parse`] called a frame.
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let body_end = bytes.len().checked_sub(CHECKSUM_BYTES)?;
        Some(Self {
            opcode: *bytes.get(1)?,
            status: *bytes.get(3)?,
            body: bytes.get(LENGTH_MIN..body_end)?,
            bytes,
        })
    }
}

/// The guide's name of an opcode.
pub fn name(opcode: u8) -> &'static str {
    match opcode {
        op::MULTIPACKET_SEGMENT => "MULTIPACKET_SEGMENT",
        op::SSI_MGMT => "SSI_MGMT",
        op::SCANNER_INIT_REPLY => "SCANNER_INIT_REPLY",
        op::REPLY_REVISION => "REPLY_REVISION",
        op::PARAM_SEND => "PARAM_SEND",
        op::CMD_ACK => "CMD_ACK",
        op::CMD_NAK => "CMD_NAK",
        op::CAPABILITIES_REPLY => "CAPABILITIES_REPLY",
        op::DECODE_DATA => "DECODE_DATA",
        op::EVENT => "EVENT",
        _ => "UNKNOWN",
    }
}

/// Looks for a frame of the scanner at the first byte.
pub fn parse(bytes: &[u8]) -> Parsed {
    let Some(&length) = bytes.first() else {
        return Parsed::Incomplete;
    };
    let length = usize::from(length);
    if length < LENGTH_MIN {
        // Zero is a filler that wakes the other side; nothing else is that short.
        return Parsed::Garbage(1, GarbageReason::Noise);
    }
    if let (Some(opcode), Some(source)) = (bytes.get(1), bytes.get(2))
        && !source_fits(*opcode, *source)
    {
        return Parsed::Garbage(1, GarbageReason::Noise);
    }
    let whole = length + CHECKSUM_BYTES;
    let Some(frame) = bytes.get(..whole) else {
        return Parsed::Incomplete;
    };
    match frame.split_at(length) {
        (summed, sent) if checksum(summed) == sent => Parsed::Frame(whole),
        _ => Parsed::Garbage(1, GarbageReason::Checksum),
    }
}

/// A scanner's source byte is 0; the first segment of a cordless scanner's long message has 2 there.
fn source_fits(opcode: u8, source: u8) -> bool {
    source == 0 || (opcode == op::MULTIPACKET_SEGMENT && source == 2)
}

/// The two bytes that make the frame's sum zero.
pub fn checksum(summed: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let sum = summed
        .iter()
        .fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    sum.wrapping_neg().to_be_bytes()
}

/// A frame from the host. `body` has at most 251 bytes; the host never sends more.
pub fn host_frame(opcode: u8, status: u8, body: &[u8]) -> Vec<u8> {
    let body = body.get(..251).unwrap_or(body);
    let mut frame = Vec::with_capacity(LENGTH_MIN + body.len() + CHECKSUM_BYTES);
    frame.push(u8::try_from(LENGTH_MIN + body.len()).unwrap_or(u8::MAX));
    frame.extend([opcode, HOST, status]);
    frame.extend_from_slice(body);
    let sum = checksum(&frame);
    frame.extend(sum);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_those_of_the_guide() {
        for (opcode, status, body, expected) in [
            (op::CMD_ACK, 0, &[][..], "04D00400FF28"),
            (op::CMD_NAK, 0, &[nak::RESEND], "05D1040001FF25"),
            (op::CMD_NAK, 0, &[nak::BAD_CONTEXT], "05D1040002FF24"),
            (op::START_SESSION, 0, &[], "04E40400FF14"),
            (op::SCAN_ENABLE, 0, &[], "04E90400FF0F"),
            (op::BEEP, 0, &[0], "05E6040000FF11"),
            (op::LED_ON, 0, &[1], "05E7040001FF0F"),
            (op::REQUEST_REVISION, 0, &[], "04A30400FF55"),
            (op::PARAM_REQUEST, 0, &[0xEE], "05C70400EEFE42"),
            (op::PARAM_SEND, 0, &[0xFF, 0xEE, 1], "07C60400FFEE01FD41"),
            (op::PARAM_SEND, 8, &[0xFF, 0xEE, 1], "07C60408FFEE01FD39"),
        ] {
            assert_eq!(
                crate::contract::report::hex(&host_frame(opcode, status, body)),
                expected
            );
        }
    }
}
