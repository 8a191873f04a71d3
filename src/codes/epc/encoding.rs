//! The ways to write characters in a tag of the second generation, told by an encoding indicator (EPC Tag Data
//! Standard 2.3, section 14.5.6).

use super::bits::{BitReader, BitWriter};
use super::decimal::{bits_for_digits, read_digits, write_digits};
use super::fault::{Fault, Reason};
use crate::charset::CharSet;

/// One way to write characters; the number is the encoding indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// One integer for all digits.
    Number = 0,
    /// Four bits a character, `0-9 A-F`.
    UpperHex = 1,
    /// Four bits a character, `0-9 a-f`.
    LowerHex = 2,
    /// Six bits a character, `A-Z a-z 0-9 - _` (RFC 4648, section 5).
    Base64Url = 3,
    /// Seven bits a character.
    Ascii = 4,
    /// Sixteen bits for three characters of `A-Z 0-9 - . :`.
    Code40 = 5,
}

const ALL: [Encoding; 6] = [
    Encoding::Number,
    Encoding::UpperHex,
    Encoding::LowerHex,
    Encoding::Base64Url,
    Encoding::Ascii,
    Encoding::Code40,
];

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CODE40: &[u8; 40] = b"\0ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789";

impl Encoding {
    /// The encoding of an indicator, 0 to 5.
    pub(super) fn of_indicator(indicator: u64) -> Option<Self> {
        ALL.into_iter().find(|encoding| *encoding as u64 == indicator)
    }

    /// The encoding that takes the fewest bits; `None` where a character is outside GS1's sets.
    pub(super) fn shortest(text: &str) -> Option<Self> {
        ALL.into_iter()
            .filter(|encoding| encoding.can_write(text))
            .min_by_key(|encoding| encoding.bits(text.len()))
    }

    fn can_write(self, text: &str) -> bool {
        text.bytes().all(|byte| match self {
            Self::Number => byte.is_ascii_digit(),
            Self::UpperHex => byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte),
            Self::LowerHex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            Self::Base64Url => BASE64URL.contains(&byte),
            Self::Ascii => is_plain(byte),
            Self::Code40 => code40_of(byte).is_some(),
        })
    }

    /// The bits that so many characters take.
    pub(super) fn bits(self, characters: usize) -> usize {
        match self {
            Self::Number => bits_for_digits(characters),
            Self::UpperHex | Self::LowerHex => 4 * characters,
            Self::Base64Url => 6 * characters,
            Self::Ascii => 7 * characters,
            Self::Code40 => 16 * characters.div_ceil(3),
        }
    }

    /// Reads so many characters and appends them to `out`.
    pub(super) fn read(
        self,
        bits: &mut BitReader<'_>,
        characters: usize,
        out: &mut String,
    ) -> Result<(), Fault> {
        match self {
            Self::Number => return read_digits(bits, characters, out),
            Self::Code40 => return read_code40(bits, characters, out),
            _ => {}
        }
        for _ in 0..characters {
            let at = bits.at();
            let byte = match self {
                Self::UpperHex => b"0123456789ABCDEF".get(bits.read(4)? as usize).copied(),
                Self::LowerHex => b"0123456789abcdef".get(bits.read(4)? as usize).copied(),
                Self::Base64Url => BASE64URL.get(bits.read(6)? as usize).copied(),
                _ => Some(bits.read(7)? as u8).filter(|&byte| is_plain(byte)),
            };
            out.push(char::from(byte.ok_or(Fault::at(at, Reason::Charset("text")))?));
        }
        Ok(())
    }

    /// Writes a text that this encoding can write.
    pub(super) fn write(self, text: &str, bits: &mut BitWriter) {
        let place = |set: &[u8], byte: u8| set.iter().position(|&other| other == byte).unwrap_or(0) as u64;
        match self {
            Self::Number => write_digits(text, bits_for_digits(text.len()), bits),
            Self::Code40 => write_code40(text, bits),
            Self::UpperHex => text
                .bytes()
                .for_each(|byte| bits.write(place(b"0123456789ABCDEF", byte), 4)),
            Self::LowerHex => text
                .bytes()
                .for_each(|byte| bits.write(place(b"0123456789abcdef", byte), 4)),
            Self::Base64Url => text
                .bytes()
                .for_each(|byte| bits.write(place(BASE64URL, byte), 6)),
            Self::Ascii => text
                .bytes()
                .for_each(|byte| bits.write(u64::from(byte & 0x7F), 7)),
        }
    }
}

/// Whether a character may be written as its ASCII code: those of GS1 character set 82, and `#` of set 39. The
/// identifier's own rules decide which of them it takes.
pub(super) fn is_plain(byte: u8) -> bool {
    CharSet::Set82.has(byte) || CharSet::Set39.has(byte)
}

/// The code of a character in URN Code 40.
pub(super) fn code40_of(byte: u8) -> Option<u64> {
    (byte != 0)
        .then(|| CODE40.iter().position(|&other| other == byte))
        .flatten()
        .map(|code| code as u64)
}

/// URN Code 40: three characters as 1600 a + 40 b + c + 1 in sixteen bits; behind the last only pads.
pub(super) fn read_code40(
    bits: &mut BitReader<'_>,
    characters: usize,
    out: &mut String,
) -> Result<(), Fault> {
    let mut left = characters;
    while left > 0 {
        let fault = Fault::at(bits.at(), Reason::Charset("text"));
        let number = bits.read(16)?.checked_sub(1).ok_or(fault)?;
        for code in [number / 1600, number / 40 % 40, number % 40] {
            let byte = CODE40.get(code as usize).copied().ok_or(fault)?;
            if (byte == 0) != (left == 0) {
                return Err(fault);
            }
            if byte != 0 {
                out.push(char::from(byte));
                left -= 1;
            }
        }
    }
    Ok(())
}

/// Writes characters of URN Code 40, the last three filled up with pads.
pub(super) fn write_code40(text: &str, bits: &mut BitWriter) {
    for three in text.as_bytes().chunks(3) {
        let code = |place: usize| three.get(place).and_then(|&byte| code40_of(byte)).unwrap_or(0);
        bits.write(1600 * code(0) + 40 * code(1) + code(2) + 1, 16);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_encoding_is_taken() {
        let cases = [
            ("77", Encoding::Number),
            ("AB12CD", Encoding::UpperHex),
            ("ab12cd", Encoding::LowerHex),
            ("LOT7", Encoding::Base64Url),
            ("LOT7AX", Encoding::Code40),
            ("A/b", Encoding::Ascii),
        ];
        for (text, encoding) in cases {
            assert_eq!(Encoding::shortest(text), Some(encoding), "{text}");
        }
        assert_eq!(Encoding::shortest("a b"), None);
    }

    #[test]
    fn every_encoding_gives_back_what_it_took() {
        let texts = [
            "",
            "7",
            "007",
            "1234567890123456789012345",
            "AB",
            "ab",
            "A-B_c",
            "x.y/z",
            "ABC",
            "AB:C.9-Z",
        ];
        for text in texts {
            for encoding in ALL.into_iter().filter(|encoding| encoding.can_write(text)) {
                let mut writer = BitWriter::default();
                encoding.write(text, &mut writer);
                assert_eq!(writer.bits(), encoding.bits(text.len()), "{encoding:?} {text}");
                let (width, bytes) = (writer.bits(), writer.into_bytes());
                let mut back = String::new();
                encoding
                    .read(&mut BitReader::new(&bytes, width), text.len(), &mut back)
                    .unwrap();
                assert_eq!(back, text, "{encoding:?}");
            }
        }
    }

    #[test]
    fn code40_refuses_what_no_encoder_writes() {
        let read = |number: u16, characters| {
            let bytes = number.to_be_bytes();
            read_code40(&mut BitReader::new(&bytes, 16), characters, &mut String::new())
        };
        assert!(read(1600 + 40 * 2 + 3 + 1, 3).is_ok());
        assert!(read(0, 3).is_err());
        assert!(read(64_001, 3).is_err());
        // A character behind the told end, and a pad before it.
        assert!(read(1600 + 40 * 2 + 3 + 1, 2).is_err());
        assert!(read(1600 + 40 * 2 + 1, 3).is_err());
    }
}
