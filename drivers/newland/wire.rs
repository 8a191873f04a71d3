//! Newland's frames: requests, and replies that repeat them with a status before each mark.
//!
//! ```text
//! > 7E 01 30 30 30 30 23 41 49 44 45 4E 41 2A 3B 47 52 42 45 4E 41 2A 3B 03
//!   ~  |  0  0  0  0  #  A  I  D  E  N  A  *  ;  G  R  B  E  N  A  *  ;  ETX
//!   |  SOH |          |  |                 |  +- ends each command
//!   |      |          |  |                 +- asks for the value
//!   |      |          |  +- tag and subtag, three characters each; a value would follow
//!   |      |          +- # until power-down, @ for good
//!   |      +- address
//!   +- begins a request
//! < 02 01 30 30 30 30 23 41 49 44 45 4E 41 30 06 3B 47 52 42 45 4E 41 31 06 3B 03
//!   STX                  A  I  D  E  N  A  0  |  ;
//!                                          |  +- 06 taken, 05 no such command, 15 no such value
//!                                          +- the value
//! ```
//!
//! Source: Newland serial programming command manual (unified command set). There is no checksum.

use crate::honeywell::wire::{ACK, ENQ, NAK};

/// Begins a reply: STX, SOH, and the device address.
pub const REPLY: [u8; 6] = [0x02, 0x01, b'0', b'0', b'0', b'0'];
/// Begins a request.
const REQUEST: [u8; 6] = [0x7E, 0x01, b'0', b'0', b'0', b'0'];
/// Ends a request and a reply.
const END: [u8; 2] = [b';', 0x03];
/// Temporary storage: the setting ends with power-down.
const TEMPORARY: u8 = b'#';
/// Longest reply: several settings or a firmware text.
pub const REPLY_BYTES_MAX: usize = 2_048;
/// Length of a tag with its subtag.
pub const TAG_BYTES: usize = 6;

/// A request that holds until power-down; `commands` are joined.
pub fn request<S: AsRef<str>>(commands: &[S]) -> Vec<u8> {
    let mut bytes = [REQUEST.as_slice(), &[TEMPORARY]].concat();
    for (place, command) in commands.iter().enumerate() {
        if place > 0 {
            bytes.push(b';');
        }
        bytes.extend_from_slice(command.as_ref().as_bytes());
    }
    bytes.extend_from_slice(&END);
    bytes
}

/// Whether these bytes may be the beginning of a reply.
pub fn may_be_reply(bytes: &[u8]) -> bool {
    REPLY.iter().zip(bytes).all(|(expected, byte)| expected == byte)
}

/// Whether these bytes, which begin a reply, are a whole one.
pub fn is_whole(bytes: &[u8]) -> bool {
    bytes.len() > REPLY.len() && bytes.ends_with(&END)
}

/// What a reply says of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Tag, subtag and value, as `GRBENA1`.
    pub text: String,
    /// The bytes, status included.
    pub bytes: Vec<u8>,
    /// Whether it was taken.
    pub status: Status,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Taken, or answered.
    Taken,
    /// The scanner has no such command.
    Unknown,
    /// The scanner does not allow the value.
    NotAllowed,
}

impl Part {
    /// The value, if this is about `tag`.
    pub fn value_of(&self, tag: &str) -> Option<&str> {
        self.text.strip_prefix(tag)
    }
}

/// The parts of a whole reply.
pub fn parts(reply: &[u8]) -> Vec<Part> {
    let body = reply.get(REPLY.len() + 1..reply.len() - 1).unwrap_or(&[]);
    body.split(|byte| *byte == b';')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (text, status) = match part {
                [text @ .., ENQ] => (text, Status::Unknown),
                [text @ .., NAK] => (text, Status::NotAllowed),
                [text @ .., ACK] => (text, Status::Taken),
                text => (text, Status::Taken),
            };
            Part {
                text: text.iter().map(|&byte| char::from(byte)).collect(),
                bytes: part.to_vec(),
                status,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_taken_apart() {
        let found = parts(b"\x02\x010000#AIDENA0\x06;GRBENA\x05;TSUSETFF\x15;\x03");
        let told: Vec<(&str, Status)> = found
            .iter()
            .map(|part| (part.text.as_str(), part.status))
            .collect();
        assert_eq!(
            told,
            [
                ("AIDENA0", Status::Taken),
                ("GRBENA", Status::Unknown),
                ("TSUSETFF", Status::NotAllowed)
            ]
        );
        assert_eq!(
            (found[0].value_of("AIDENA"), found[0].value_of("GRBENA")),
            (Some("0"), None)
        );
        assert!(parts(b"\x02\x010000;\x03").is_empty());
    }

    #[test]
    fn commands_are_joined_in_one_request() {
        assert_eq!(
            request(&["AIDENA*", "GRBENA*"]),
            b"\x7E\x010000#AIDENA*;GRBENA*;\x03"
        );
    }
}
