//! The kinds of field that layouts of Tag Data Standard 1.x have (section 14.4 of the standard).

use super::bits::BitReader;
use super::fault::{Fault, Reason};
use super::identity::Part;
use super::partition::Width;
use super::text::{ShortText, from_six_bits};
use crate::charset::CharSet;

/// A CAGE code of five characters behind a space, or a DoDAAC of six.
pub(super) fn read_cage(bits: &mut BitReader<'_>, width: usize) -> Result<Part, Fault> {
    let mut text = ShortText::EMPTY;
    for place in 0..6 {
        let at = bits.at();
        let code = small(bits, width)?;
        if place == 0 && code == b' ' {
            continue;
        }
        let byte = if width == 6 {
            from_six_bits(code)
        } else {
            Some(code)
        };
        match byte {
            Some(byte) if is_cage(byte) => push(&mut text, byte, at, "CAGE code")?,
            _ => return Err(Fault::at(at, Reason::Charset("CAGE code"))),
        }
    }
    Ok(Part::Text(text))
}

/// Whether a character may stand in a CAGE code or DoDAAC.
pub(super) fn is_cage(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// An integer that stands for exactly `width.digits` digits.
pub(super) fn read_padded(
    bits: &mut BitReader<'_>,
    width: Width,
    field: &'static str,
) -> Result<Part, Fault> {
    Ok(Part::Digits {
        value: read_below(bits, width, field)?,
        width: width.digits,
    })
}

/// An integer of at most `width.digits` digits.
pub(super) fn read_below(bits: &mut BitReader<'_>, width: Width, field: &'static str) -> Result<u64, Fault> {
    let at = bits.at();
    let value = bits.read(usize::from(width.bits))?;
    if value >= 10u64.pow(u32::from(width.digits)) {
        return Err(Fault::at(at, Reason::Range(field)));
    }
    Ok(value)
}

/// 7-bit characters up to a zero character or the end of the field; what follows must be zero.
pub(super) fn read_text7(
    bits: &mut BitReader<'_>,
    width: Width,
    field: &'static str,
) -> Result<ShortText, Fault> {
    let start = bits.at();
    let end = start + usize::from(width.bits);
    let mut text = ShortText::EMPTY;
    while end - bits.at() >= 7 {
        let at = bits.at();
        let byte = small(bits, 7)?;
        if byte == 0 {
            break;
        }
        if !CharSet::Set82.has(byte) {
            return Err(Fault::at(at, Reason::Charset(field)));
        }
        if text.as_str().len() == usize::from(width.digits) {
            return Err(Fault::at(at, Reason::TextTooLong(field)));
        }
        push(&mut text, byte, at, field)?;
    }
    if text.is_empty() {
        return Err(Fault::at(start, Reason::NoText(field)));
    }
    let at = bits.at();
    if !bits.skip_zeros(end - at)? {
        return Err(Fault::at(at, Reason::BehindText(field)));
    }
    Ok(text)
}

/// Which characters a 6-bit text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// All of them.
    Any,
    /// All but `#`; the text may be empty.
    AdiPart,
    /// `#` at the front alone.
    AdiSerial,
}

impl Set {
    /// Whether `byte` may stand at this place (counted from 0).
    pub(super) fn allows(self, byte: u8, place: usize) -> bool {
        byte != b'#' || self == Self::Any || (self == Self::AdiSerial && place == 0)
    }
}

/// 6-bit characters up to a zero character.
pub(super) fn read_text6(
    bits: &mut BitReader<'_>,
    length_max: usize,
    set: Set,
    field: &'static str,
) -> Result<ShortText, Fault> {
    let start = bits.at();
    let mut text = ShortText::EMPTY;
    loop {
        let at = bits.at();
        let code = small(bits, 6)?;
        if code == 0 {
            break;
        }
        let place = text.as_str().len();
        let byte = from_six_bits(code).filter(|&byte| set.allows(byte, place));
        let byte = byte.ok_or(Fault::at(at, Reason::Charset(field)))?;
        if place == length_max {
            return Err(Fault::at(at, Reason::TextTooLong(field)));
        }
        push(&mut text, byte, at, field)?;
    }
    if text.is_empty() && set != Set::AdiPart {
        return Err(Fault::at(start, Reason::NoText(field)));
    }
    Ok(text)
}

/// A number whose leading zeros count: the integer of `1` and the digits.
pub(super) fn read_numeric(bits: &mut BitReader<'_>, width: usize) -> Result<Part, Fault> {
    let at = bits.at();
    let (value, width) = numeric_digits(bits.read(width)?).ok_or(Fault::at(at, Reason::NumericMark))?;
    Ok(Part::Digits { value, width })
}

/// Takes the leading 1 off; gives the rest and how many digits it has, at least one.
pub(super) fn numeric_digits(marked: u64) -> Option<(u64, u8)> {
    let digits = marked.checked_ilog10().filter(|&digits| digits > 0)?;
    let rest = marked.checked_sub(10u64.pow(digits))?;
    if rest >= 10u64.pow(digits) {
        return None;
    }
    Some((rest, u8::try_from(digits).ok()?))
}

pub(super) fn small(bits: &mut BitReader<'_>, width: usize) -> Result<u8, Fault> {
    debug_assert!(width <= 8, "wider fields do not fit a byte");
    Ok(bits.read(width)? as u8)
}

fn push(text: &mut ShortText, byte: u8, at: usize, field: &'static str) -> Result<(), Fault> {
    text.push(byte)
        .map_err(|_| Fault::at(at, Reason::TextTooLong(field)))
}
