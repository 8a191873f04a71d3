//! Reading the layouts of Tag Data Standard 1.x: fixed fields, a company prefix whose length the tag tells.
//!
//! The coding tables are in section 14.6 of the standard, the coding methods of their columns in 14.3 and 14.4.

use super::bits::BitReader;
use super::fault::{Fault, Reason, Warning};
use super::identity::{Identity, Kind, Part};
use super::partition::{COMPANY_PREFIX, References, Width};
use super::scheme::{Body, Classic, ReferenceForm, Tail};
use super::text::{ShortText, from_six_bits};
use crate::charset::CharSet;

/// What a classic EPC says.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClassicEpc {
    /// The filter value, where the scheme has one.
    pub(super) filter: Option<u8>,
    /// The partition value, where the scheme has one.
    pub(super) partition: Option<u8>,
    /// What it names.
    pub(super) identity: Identity,
}

/// The most characters of a part number and of a serial in scheme ADI (section 6.3.13).
pub(super) const ADI_PART_MAX: usize = 32;
pub(super) const ADI_SERIAL_MAX: usize = 30;

/// The most digits of a component's serial, AI 8011.
const CPI_SERIAL_DIGITS: u8 = 12;

/// Reads what follows the header, which `bits` has passed already.
pub(super) fn read(
    classic: Classic,
    bits: &mut BitReader<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<ClassicEpc, Fault> {
    if let Some(length) = classic.bits {
        let (length, end) = (usize::from(length), bits.at() + bits.left());
        if end < length {
            return Err(Fault::at(end, Reason::TooShort));
        }
    }
    let epc = match classic.body {
        Body::Partitioned {
            references,
            form,
            tail,
        } => read_partitioned(classic.kind, references, form, tail, bits, warnings)?,
        Body::Gid => read_gid(bits)?,
        Body::Usdod => read_usdod(bits)?,
        Body::Adi => read_adi(bits)?,
    };
    if !bits.only_zeros_left() {
        warnings.push(Warning::Padding);
    }
    Ok(epc)
}

fn read_partitioned(
    kind: Kind,
    references: &References,
    form: ReferenceForm,
    tail: Tail,
    bits: &mut BitReader<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<ClassicEpc, Fault> {
    let filter = small(bits, 3)?;
    let at = bits.at();
    let partition = small(bits, 3)?;
    let row = usize::from(partition);
    let (Some(prefix), Some(reference)) = (COMPANY_PREFIX.get(row), references.get(row)) else {
        return Err(Fault::at(at, Reason::Partition));
    };
    let issuer = read_padded(bits, *prefix, "company prefix")?;
    let reference = match form {
        ReferenceForm::Padded if reference.digits == 0 => {
            if bits.read(usize::from(reference.bits))? != 0 {
                warnings.push(Warning::Padding);
            }
            Part::Digits { value: 0, width: 0 }
        }
        ReferenceForm::Padded => read_padded(bits, *reference, "reference")?,
        ReferenceForm::Integer => Part::Integer(read_below(bits, *reference, "reference")?),
        ReferenceForm::Text7 => Part::Text(read_text7(bits, *reference, "reference")?),
        ReferenceForm::Text6 => Part::Text(read_text6(
            bits,
            usize::from(reference.digits),
            Set::Any,
            "reference",
        )?),
    };
    let pieces = match tail {
        Tail::PiecesInteger(_) | Tail::PiecesText7(_) => Some(read_pieces(bits, warnings)?),
        _ => None,
    };
    let serial = read_serial(kind, tail, bits, warnings)?;
    let identity = Identity {
        kind,
        issuer,
        reference: Some(reference),
        pieces,
        serial,
    };
    Ok(ClassicEpc {
        filter: Some(filter),
        partition: Some(partition),
        identity,
    })
}

fn read_serial(
    kind: Kind,
    tail: Tail,
    bits: &mut BitReader<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Part>, Fault> {
    Ok(match tail {
        Tail::None => None,
        Tail::Zeros(width) => {
            if bits.read(usize::from(width))? != 0 {
                warnings.push(Warning::Padding);
            }
            None
        }
        Tail::Integer(width) | Tail::PiecesInteger(width) if kind == Kind::Cpi => {
            let width = Width {
                bits: width,
                digits: CPI_SERIAL_DIGITS,
            };
            Some(Part::Integer(read_below(bits, width, "serial")?))
        }
        Tail::Integer(width) | Tail::PiecesInteger(width) => {
            Some(Part::Integer(bits.read(usize::from(width))?))
        }
        Tail::Numeric(width) => Some(read_numeric(bits, usize::from(width))?),
        Tail::Text7(width) | Tail::PiecesText7(width) => {
            let width = Width {
                bits: width,
                digits: width / 7,
            };
            Some(Part::Text(read_text7(bits, width, "serial")?))
        }
    })
}

fn read_pieces(bits: &mut BitReader<'_>, warnings: &mut Vec<Warning>) -> Result<(u8, u8), Fault> {
    let mut numbers = [0u8; 2];
    for number in &mut numbers {
        let at = bits.at();
        *number = small(bits, 7)?;
        if *number > 99 {
            return Err(Fault::at(at, Reason::Range("piece number")));
        }
    }
    let [piece, total] = numbers;
    if piece == 0 || piece > total {
        warnings.push(Warning::Pieces);
    }
    Ok((piece, total))
}

fn read_gid(bits: &mut BitReader<'_>) -> Result<ClassicEpc, Fault> {
    let issuer = Part::Integer(bits.read(28)?);
    let reference = Some(Part::Integer(bits.read(24)?));
    let serial = Some(Part::Integer(bits.read(36)?));
    let identity = Identity {
        kind: Kind::Gid,
        issuer,
        reference,
        pieces: None,
        serial,
    };
    Ok(ClassicEpc {
        filter: None,
        partition: None,
        identity,
    })
}

fn read_usdod(bits: &mut BitReader<'_>) -> Result<ClassicEpc, Fault> {
    let filter = small(bits, 4)?;
    let issuer = read_cage(bits, 8)?;
    let serial = Some(Part::Integer(bits.read(36)?));
    let identity = Identity {
        kind: Kind::Usdod,
        issuer,
        reference: None,
        pieces: None,
        serial,
    };
    Ok(ClassicEpc {
        filter: Some(filter),
        partition: None,
        identity,
    })
}

fn read_adi(bits: &mut BitReader<'_>) -> Result<ClassicEpc, Fault> {
    let filter = small(bits, 6)?;
    let issuer = read_cage(bits, 6)?;
    let reference = Some(Part::Text(read_text6(
        bits,
        ADI_PART_MAX,
        Set::AdiPart,
        "part number",
    )?));
    let serial = Some(Part::Text(read_text6(
        bits,
        ADI_SERIAL_MAX,
        Set::AdiSerial,
        "serial",
    )?));
    let identity = Identity {
        kind: Kind::Adi,
        issuer,
        reference,
        pieces: None,
        serial,
    };
    Ok(ClassicEpc {
        filter: Some(filter),
        partition: None,
        identity,
    })
}

/// A CAGE code of five characters behind a space, or a DoDAAC of six.
fn read_cage(bits: &mut BitReader<'_>, width: usize) -> Result<Part, Fault> {
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
fn read_padded(bits: &mut BitReader<'_>, width: Width, field: &'static str) -> Result<Part, Fault> {
    Ok(Part::Digits {
        value: read_below(bits, width, field)?,
        width: width.digits,
    })
}

/// An integer of at most `width.digits` digits.
fn read_below(bits: &mut BitReader<'_>, width: Width, field: &'static str) -> Result<u64, Fault> {
    let at = bits.at();
    let value = bits.read(usize::from(width.bits))?;
    if value >= 10u64.pow(u32::from(width.digits)) {
        return Err(Fault::at(at, Reason::Range(field)));
    }
    Ok(value)
}

/// 7-bit characters up to a zero character or the end of the field; what follows must be zero.
fn read_text7(bits: &mut BitReader<'_>, width: Width, field: &'static str) -> Result<ShortText, Fault> {
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
fn read_text6(
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
fn read_numeric(bits: &mut BitReader<'_>, width: usize) -> Result<Part, Fault> {
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

fn small(bits: &mut BitReader<'_>, width: usize) -> Result<u8, Fault> {
    debug_assert!(width <= 8, "wider fields do not fit a byte");
    Ok(bits.read(width)? as u8)
}

fn push(text: &mut ShortText, byte: u8, at: usize, field: &'static str) -> Result<(), Fault> {
    text.push(byte)
        .map_err(|_| Fault::at(at, Reason::TextTooLong(field)))
}
