//! Honeywell's framing: the metadata header, menu commands and their answers.
//!
//! ```text
//! < 16 FE 1C 00 00 00 0D 4D 53 47 47 45 54 30 30 31 34 64 45 30 1D 34 30 30 36 33 38 31 33 33 33 39 33 31 0D
//!   |     |           |  M  S  G  G  E  T  |           |  E  0  |  +- data, its suffix CR included
//!   |     |           |                    |           |  |     +- GS
//!   |     |           |                    |           |  +- AIM letter and modifier
//!   |     |           |                    |           +- Honeywell code id
//!   |     |           |                    +- length of the data, 4 digits
//!   |     |           +- CR
//!   |     +- length of what follows the header, 4 bytes, low byte first
//!   +- SYN FE
//! > 16 4D 0D 52 45 56 49 4E 46 2E                     SYN M CR REVINF .
//! < ... R E V I N F 06 .                              the answer ends with the tag, a status byte, and the mark
//! ```
//!
//! Source: Honeywell Xenon and Granit user's guides, chapters "Serial Programming Commands" and "Data Format".

use tallyman_codes::{Barcode, SymbologyId};

use crate::contract::{GarbageReason, Parsed};
use crate::plain_text::decode::LINE_BYTES_MAX;

/// SYN FE begins a message with metadata.
const HEADER: [u8; 2] = [0x16, 0xFE];
/// SYN FE, length, CR.
const HEADER_BYTES: usize = 7;
/// The word at the front of the payload.
const WORD: &[u8; 6] = b"MSGGET";
/// Word, length digits, code id, AIM letter and modifier, GS.
const META_BYTES: usize = 14;
/// GS closes the metadata.
const GS: u8 = 0x1D;

/// Longest answer to a menu command: a revision text or all settings of one group.
pub const ANSWER_BYTES_MAX: usize = 4 * 1024;

/// Status bytes of an answer, and the marks that follow them.
pub const ACK: u8 = 0x06;
/// The tag is unknown.
pub const ENQ: u8 = 0x05;
/// The value is not allowed.
pub const NAK: u8 = 0x15;

/// Starts a menu command; the body follows.
pub const MENU: [u8; 3] = [0x16, b'M', 0x0D];
/// Pulls the trigger.
pub const TRIGGER_ON: [u8; 3] = [0x16, b'T', 0x0D];
/// Lets the trigger go.
pub const TRIGGER_OFF: [u8; 3] = [0x16, b'U', 0x0D];
/// Beeps once.
pub const BEEP: [u8; 3] = [0x16, 0x07, 0x0D];

/// Whether a metadata header may begin here.
pub fn may_begin(bytes: &[u8]) -> bool {
    HEADER.iter().zip(bytes).all(|(expected, byte)| expected == byte)
}

/// Looks for a message with metadata at the first byte.
pub fn parse(bytes: &[u8]) -> Parsed {
    if !may_begin(bytes) {
        return Parsed::Garbage(1, GarbageReason::Noise);
    }
    let Some([_, _, length @ .., cr]) = bytes.first_chunk::<HEADER_BYTES>() else {
        return Parsed::Incomplete;
    };
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if *cr != b'\r' || !(META_BYTES + 1..=META_BYTES + LINE_BYTES_MAX).contains(&length) {
        return Parsed::Garbage(1, GarbageReason::Length);
    }
    let payload = bytes.get(HEADER_BYTES..).unwrap_or(&[]);
    let meta_fits = meta_fits(payload, length - META_BYTES);
    match (meta_fits, payload.len() >= length) {
        (false, _) => Parsed::Garbage(1, GarbageReason::Malformed),
        (true, true) => Parsed::Frame(HEADER_BYTES + length),
        (true, false) => Parsed::Incomplete,
    }
}

/// Whether the metadata at hand, which may be cut short, agrees with the header's length.
fn meta_fits(payload: &[u8], length: usize) -> bool {
    let digits = format!("{length:04}");
    let expected = WORD
        .iter()
        .chain(digits.as_bytes())
        .map(|byte| Some(*byte))
        .chain([None, None, None, Some(GS)]);
    payload
        .iter()
        .zip(expected)
        .all(|(byte, expected)| expected.is_none_or(|expected| expected == *byte))
}

/// What a good message holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Honeywell's code id.
    pub code_id: char,
    /// The AIM identifier.
    pub symbology: SymbologyId,
    /// The data, one line end taken off.
    pub text: Vec<u8>,
}

impl Message {
    /// The parts of what [`parse`] called a frame.
    pub fn of(frame: &[u8]) -> Option<Self> {
        let payload = frame.get(HEADER_BYTES..)?;
        let [code_id, letter, modifier, _gs, text @ ..] = payload.get(WORD.len() + 4..)? else {
            return None;
        };
        Some(Self {
            code_id: char::from(*code_id),
            symbology: SymbologyId::new(*letter, *modifier),
            text: without_line_end(text).to_vec(),
        })
    }

    /// The code, unless there is nothing in it.
    pub fn barcode(self) -> Option<Barcode> {
        (!self.text.is_empty()).then(|| Barcode {
            bytes: self.text,
            symbology: Some(self.symbology),
            code_id: Some(self.code_id.to_string()),
        })
    }
}

/// Takes off one suffix: CR LF, CR or LF.
pub fn without_line_end(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\r\n")
        .or_else(|| text.strip_suffix(b"\r"))
        .or_else(|| text.strip_suffix(b"\n"))
        .unwrap_or(text)
}

/// Whether an answer to a menu command ends with these two bytes: a status byte, and the mark that stores.
pub fn ends_answer(previous: u8, byte: u8) -> bool {
    matches!(previous, ACK | ENQ | NAK) && matches!(byte, b'.' | b'!')
}

/// One tag of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagAnswer {
    /// Tag and subtag with its value, as `BEPBEP1`.
    pub text: String,
    /// Whether it was taken.
    pub status: u8,
}

/// The tags of an answer with their status, and what free text stands before the first.
pub fn tags(answer: &[u8]) -> (String, Vec<TagAnswer>) {
    let mut tags = Vec::new();
    let mut free = String::new();
    for part in answer.split_inclusive(|byte| matches!(byte, b',' | b';' | b'.' | b'!')) {
        let latin = |bytes: &[u8]| bytes.iter().map(|&byte| char::from(byte)).collect::<String>();
        match part {
            [text @ .., status @ (ACK | ENQ | NAK), _mark] => {
                // Free text of several lines stands before the tag it answers.
                let begin = text
                    .iter()
                    .rposition(|byte| matches!(byte, b'\r' | b'\n'))
                    .map_or(0, |at| at + 1);
                let (before, tag) = text.split_at(begin);
                free.push_str(&latin(before));
                tags.push(TagAnswer {
                    text: latin(tag),
                    status: *status,
                });
            }
            text => free.push_str(&latin(text)),
        }
    }
    (free.trim().to_owned(), tags)
}

/// A menu command with this body.
pub fn menu(body: &str) -> Vec<u8> {
    [MENU.as_slice(), body.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let (free, found) = tags(b"CBRENA1\x06,SSX0\x06,CK20\x05,DFT\x15.");
        assert_eq!(free, "");
        let texts: Vec<(&str, u8)> = found.iter().map(|tag| (tag.text.as_str(), tag.status)).collect();
        assert_eq!(
            texts,
            [("CBRENA1", ACK), ("SSX0", ACK), ("CK20", ENQ), ("DFT", NAK)]
        );
        let (free, found) = tags(b"Product Name: Xenon\r\nSoftware: 1.2.3\r\nREVINF\x06.");
        assert_eq!(free, "Product Name: Xenon\r\nSoftware: 1.2.3");
        assert_eq!(found.len(), 1);
    }
}
