//! Reading the layouts of Tag Data Standard 1.x: fixed fields, a company prefix whose length the tag tells.
//!
//! The coding tables are in section 14.6 of the standard, the coding methods of their columns in 14.3 and 14.4.

use super::bits::BitReader;
use super::classic_fields::{
    Set, read_below, read_cage, read_numeric, read_padded, read_text6, read_text7, small,
};
use super::fault::{Fault, Reason, Warning};
use super::identity::{Identity, Kind, Part};
use super::partition::{COMPANY_PREFIX, References, Width};
use super::scheme::{Body, Classic, ReferenceForm, Tail};

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
