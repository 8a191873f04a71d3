//! Frames as the scanner writes and reads them.
//!
//! Source: Zebra Simple Serial Interface (SSI) Programmer's Guide, chapters 2 to 4: a length that counts itself up to
//! the last byte of data, opcode, source, status, data, and two bytes that make the sum of all a multiple of 65,536.

use tallyman_codes::Moment;

/// Bytes of data in one frame at most: the length byte ends at 255 and counts four bytes before the data.
pub const DATA_BYTES_MAX: usize = 251;

/// The longest pause inside a frame (parameter 239, as it leaves the factory).
const PAUSE_MS_MAX: u64 = 200;

/// The source byte of each side.
const SCANNER: u8 = 0;
const HOST: u8 = 4;

/// Status: this frame goes out again.
pub const AGAIN: u8 = 1;
/// Status: more frames of this message follow.
pub const MORE: u8 = 2;
/// Status of a parameter write: keep it when the power goes.
pub const KEEP: u8 = 8;

/// Opcodes, chapter 3 of the guide.
#[allow(missing_docs, reason = "the names are the guide's")]
pub mod code {
    pub const REQUEST_REVISION: u8 = 0xA3;
    pub const REPLY_REVISION: u8 = 0xA4;
    pub const ILLUMINATION_OFF: u8 = 0xC0;
    pub const ILLUMINATION_ON: u8 = 0xC1;
    pub const AIM_OFF: u8 = 0xC4;
    pub const AIM_ON: u8 = 0xC5;
    pub const PARAM_SEND: u8 = 0xC6;
    pub const PARAM_REQUEST: u8 = 0xC7;
    pub const PARAM_DEFAULTS: u8 = 0xC8;
    pub const CHANGE_ALL_CODE_TYPES: u8 = 0xC9;
    pub const CMD_ACK: u8 = 0xD0;
    pub const CMD_NAK: u8 = 0xD1;
    pub const FLUSH_QUEUE: u8 = 0xD2;
    pub const CAPABILITIES_REQUEST: u8 = 0xD3;
    pub const CAPABILITIES_REPLY: u8 = 0xD4;
    pub const START_SESSION: u8 = 0xE4;
    pub const STOP_SESSION: u8 = 0xE5;
    pub const BEEP: u8 = 0xE6;
    pub const LED_ON: u8 = 0xE7;
    pub const LED_OFF: u8 = 0xE8;
    pub const SCAN_ENABLE: u8 = 0xE9;
    pub const SCAN_DISABLE: u8 = 0xEA;
    pub const SLEEP: u8 = 0xEB;
    pub const DECODE_DATA: u8 = 0xF3;
    pub const EVENT: u8 = 0xF6;
    pub const IMAGER_MODE: u8 = 0xF7;
}

/// Why something is refused.
pub mod cause {
    /// The checksum was wrong: send it again.
    pub const RESEND: u8 = 1;
    /// Not known, or not now.
    pub const BAD_CONTEXT: u8 = 2;
    /// Not allowed.
    pub const DENIED: u8 = 6;
}

/// Writes a frame of the scanner. `data` has at most [`DATA_BYTES_MAX`] bytes; the rest is cut off.
pub fn frame(opcode: u8, status: u8, data: &[u8]) -> Vec<u8> {
    let data = data.get(..DATA_BYTES_MAX).unwrap_or(data);
    let length = u8::try_from(data.len() + 4).unwrap_or(u8::MAX);
    let mut bytes = vec![length, opcode, SCANNER, status];
    bytes.extend_from_slice(data);
    let sum: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
    let missing = 0x1_0000 - sum % 0x1_0000;
    bytes.push((missing >> 8 & 0xFF) as u8);
    bytes.push((missing & 0xFF) as u8);
    bytes
}

/// What the scanner makes of the host's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A frame.
    Frame {
        /// What it is.
        opcode: u8,
        /// Its flags.
        status: u8,
        /// Its data.
        data: Vec<u8>,
    },
    /// A frame whose sum is wrong.
    Damaged,
}

/// Puts the host's bytes together.
#[derive(Debug, Default)]
pub struct Ear {
    bytes: Vec<u8>,
    last_at: Moment,
}

impl Ear {
    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8], at: Moment) {
        self.bytes.extend_from_slice(bytes);
        self.last_at = at;
    }

    /// The next frame. After a damaged one everything is dropped until the line is idle.
    pub fn next_frame(&mut self) -> Option<Heard> {
        // A length below four is no length: the wake-up byte, or noise.
        let noise = self.bytes.iter().take_while(|byte| **byte < 4).count();
        self.bytes.drain(..noise);
        let length = usize::from(*self.bytes.first()?);
        let whole = self.bytes.get(..length + 2)?;
        let (summed, sent) = whole.split_at(length);
        let sum: u32 = summed.iter().map(|byte| u32::from(*byte)).sum();
        let sent = sent.iter().fold(0, |value, byte| value << 8 | u32::from(*byte));
        let heard = match summed {
            [_, opcode, HOST, status, data @ ..] if (sum + sent).is_multiple_of(0x1_0000) => Heard::Frame {
                opcode: *opcode,
                status: *status,
                data: data.to_vec(),
            },
            _ => {
                self.bytes.clear();
                return Some(Heard::Damaged);
            }
        };
        self.bytes.drain(..length + 2);
        Some(heard)
    }

    /// When half a frame is given up.
    pub fn deadline(&self) -> Option<Moment> {
        (!self.bytes.is_empty()).then(|| self.last_at.plus_ms(PAUSE_MS_MAX))
    }

    /// Drops what is half.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        text.split(' ')
            .map(|pair| u8::from_str_radix(pair, 16).expect("two digits"))
            .collect()
    }

    #[test]
    fn frames_are_those_of_the_guide() {
        for (opcode, status, data, expected) in [
            (code::CMD_ACK, 0, "", "04 D0 00 00 FF 2C"),
            (code::EVENT, 0, "01", "05 F6 00 00 01 FF 04"),
            (
                code::DECODE_DATA,
                0,
                "0B 34 30 30 36 33 38 31 33 33 33 39 33 31",
                "12 F3 00 00 0B 34 30 30 36 33 38 31 33 33 33 39 33 31 FC 54",
            ),
            (
                code::DECODE_DATA,
                AGAIN,
                "0B 34 30 30 36 33 38 31 33 33 33 39 33 31",
                "12 F3 00 01 0B 34 30 30 36 33 38 31 33 33 33 39 33 31 FC 53",
            ),
        ] {
            let data = if data.is_empty() { Vec::new() } else { hex(data) };
            assert_eq!(frame(opcode, status, &data), hex(expected));
        }
        let long = frame(code::DECODE_DATA, MORE, &[&[0x1C][..], &[b'A'; 250]].concat());
        assert_eq!(long[..5], hex("FF F3 00 02 1C"));
        assert_eq!(long[255..], hex("BE 76"));
    }

    #[test]
    fn frames_of_the_host_are_read_over_noise_and_damage() {
        let mut ear = Ear::default();
        ear.push(&hex("00 00 04 D0 04 00 FF 28 05 E6 04 00 00"), Moment::default());
        let frame = |opcode, data: &[u8]| Heard::Frame {
            opcode,
            status: 0,
            data: data.to_vec(),
        };
        assert_eq!(ear.next_frame(), Some(frame(code::CMD_ACK, &[])));
        assert_eq!(ear.next_frame(), None);
        assert!(ear.deadline().is_some());
        ear.push(
            &hex("FF 11 04 E9 04 00 FF 0E 04 E9 04 00 FF 0F"),
            Moment::default(),
        );
        assert_eq!(ear.next_frame(), Some(frame(code::BEEP, &[0])));
        assert_eq!(ear.next_frame(), Some(Heard::Damaged));
        assert_eq!(
            (ear.next_frame(), ear.deadline()),
            (None, None),
            "flushed until idle"
        );
    }
}
