//! Short texts kept in place, and the character sets that EPCs are written in.

use std::fmt;

use crate::charset::CharSet;

/// The most characters a field of a classic EPC can have: a part number of scheme ADI.
pub(super) const TEXT_MAX: usize = 32;

/// ASCII text of at most [`TEXT_MAX`] characters, without an allocation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ShortText {
    bytes: [u8; TEXT_MAX],
    length: u8,
}

impl ShortText {
    /// The empty text.
    pub(super) const EMPTY: Self = Self {
        bytes: [0; TEXT_MAX],
        length: 0,
    };

    /// Takes a text; `None` when it is too long or has characters beyond ASCII.
    pub(super) fn new(text: &str) -> Option<Self> {
        let mut short = Self::EMPTY;
        text.bytes()
            .try_for_each(|byte| {
                if byte.is_ascii() {
                    short.push(byte)
                } else {
                    Err(Full)
                }
            })
            .ok()?;
        Some(short)
    }

    /// Writes `value` in decimal, filled up with leading zeros to `width` digits.
    pub(super) fn decimal(value: u64, width: u8) -> Self {
        let mut digits = [b'0'; 20];
        let mut rest = value;
        let mut first = digits.len();
        for place in (0..digits.len()).rev() {
            if rest == 0 {
                break;
            }
            if let Some(digit) = digits.get_mut(place) {
                *digit = b'0' + (rest % 10) as u8;
            }
            rest /= 10;
            first = place;
        }
        let from = first.min(digits.len().saturating_sub(usize::from(width)));
        let mut text = Self::EMPTY;
        for &digit in digits.get(from..).unwrap_or_default() {
            // Twenty digits always fit.
            let _ = text.push(digit);
        }
        text
    }

    /// Appends one ASCII character.
    pub(super) fn push(&mut self, byte: u8) -> Result<(), Full> {
        *self.bytes.get_mut(usize::from(self.length)).ok_or(Full)? = byte;
        self.length += 1;
        Ok(())
    }

    /// The text.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(self.bytes.get(..usize::from(self.length)).unwrap_or_default())
            .unwrap_or_default()
    }

    /// Whether there are no characters.
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl fmt::Debug for ShortText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

/// A [`ShortText`] has no room for another character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

/// The character of a 6-bit code (EPC Tag Data Standard, appendix G): the low six bits of its ASCII code.
pub(super) fn from_six_bits(code: u8) -> Option<u8> {
    let byte = if code < 0x20 { code | 0x40 } else { code };
    CharSet::Set39.has(byte).then_some(byte)
}

/// The 6-bit code of a character, `None` for one that has none.
pub(super) fn to_six_bits(byte: u8) -> Option<u8> {
    CharSet::Set39.has(byte).then_some(byte & 0x3F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_filled_up_to_their_width() {
        let text = |value, width| ShortText::decimal(value, width).as_str().to_owned();
        assert_eq!(text(0, 0), "");
        assert_eq!(text(0, 1), "0");
        assert_eq!(text(42, 1), "42");
        assert_eq!(text(42, 5), "00042");
        assert_eq!(text(u64::MAX, 1), "18446744073709551615");
    }

    #[test]
    fn six_bits_are_the_characters_of_set_39() {
        let codes: Vec<u8> = (0..64).filter(|&code| from_six_bits(code).is_some()).collect();
        assert_eq!(codes.len(), 39);
        for code in codes {
            assert_eq!(from_six_bits(code).and_then(to_six_bits), Some(code));
        }
        assert_eq!(from_six_bits(0x01), Some(b'A'));
        assert_eq!(from_six_bits(0x23), Some(b'#'));
    }

    #[test]
    fn a_text_too_long_is_not_taken() {
        assert!(ShortText::new(&"A".repeat(TEXT_MAX)).is_some());
        assert!(ShortText::new(&"A".repeat(TEXT_MAX + 1)).is_none());
        assert!(ShortText::new("Ä").is_none());
    }
}
