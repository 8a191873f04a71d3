//! The four character sets of GS1 element strings, as one table of bits.
//!
//! Source: GS1 General Specifications, section 7.11 (figures 7.11-1 to 7.11-3) and the base64url alphabet of
//! RFC 4648 section 5.

/// A character set a field's part is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharSet {
    /// Digits only.
    Numeric,
    /// GS1 character set 82, the invariant part of ISO/IEC 646.
    Set82,
    /// GS1 character set 39: digits, capitals, `#`, `-` and `/`.
    Set39,
    /// GS1 character set 64: base64url, with up to two `=` at the end.
    Set64,
}

/// The 82 characters in the order that check characters count them in.
pub(crate) const SET_82: &[u8; 82] =
    b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// For each byte, one bit for each set it belongs to.
pub(crate) static CLASS: [u8; 256] = classes();

impl CharSet {
    /// The bit of this set in the class table.
    pub(crate) const fn bit(self) -> u8 {
        match self {
            CharSet::Numeric => 1,
            CharSet::Set82 => 2,
            CharSet::Set39 => 4,
            CharSet::Set64 => 8,
        }
    }

    /// Whether the set has this character.
    pub const fn has(self, byte: u8) -> bool {
        CLASS[byte as usize] & self.bit() != 0
    }

    /// Whether the set has all of these characters.
    pub fn has_all(self, bytes: &[u8]) -> bool {
        bytes
            .iter()
            .fold(self.bit(), |bits, &byte| bits & CLASS[byte as usize])
            != 0
    }
}

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < SET_82.len() {
        let byte = SET_82[index];
        table[byte as usize] |= CharSet::Set82.bit();
        if byte.is_ascii_digit() {
            table[byte as usize] |= CharSet::Numeric.bit();
        }
        if byte.is_ascii_digit() || byte.is_ascii_uppercase() {
            table[byte as usize] |= CharSet::Set39.bit();
        }
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte == b'=' {
            table[byte as usize] |= CharSet::Set64.bit();
        }
        index += 1;
    }
    table[b'#' as usize] |= CharSet::Set39.bit();
    table[b'-' as usize] |= CharSet::Set39.bit();
    table[b'/' as usize] |= CharSet::Set39.bit();
    table
}
