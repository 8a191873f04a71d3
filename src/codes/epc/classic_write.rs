//! Writing the layouts of Tag Data Standard 1.x: an identity into the bits of a scheme that can carry it.

use super::bits::BitWriter;
use super::build::parse_integer;
use super::fault::{Fault, Reason};
use super::filter;
use super::identity::{Identity, Part};
use super::partition::{self, COMPANY_PREFIX, References, Width};
use super::scheme::{self, Body, Classic, Layout, ReferenceForm, Tail};
use super::tag::{Epc, from_bits};
use super::text::{ShortText, to_six_bits};
use crate::understand::Refusal;

impl Identity {
    /// Writes the identity into a scheme, as `sgtin-96`, with a filter value.
    ///
    /// ```
    /// use tallyman_codes::epc::Identity;
    ///
    /// let identity: Identity = "urn:epc:id:sgtin:5901234.123457.98765".parse().unwrap();
    /// assert_eq!(identity.encode("sgtin-96", 1).unwrap().to_hex(), "3035682EC8789040000181CD");
    /// ```
    ///
    /// # Errors
    /// A [`Refusal`] for a scheme that is unknown or of another kind, a reserved filter value, and a serial or
    /// reference that the scheme's fields cannot hold: letters and leading zeros need the longer schemes.
    pub fn encode(&self, scheme: &str, filter: u8) -> Result<Epc, Refusal> {
        self.encode_checked(scheme, filter)
            .map_err(|reason| Fault::at(0, reason).refuse(Vec::new()))
    }

    fn encode_checked(&self, scheme: &str, filter: u8) -> Result<Epc, Reason> {
        let row = scheme::by_name(scheme).ok_or(Reason::Scheme)?;
        let Layout::Classic(layout) = row.layout else {
            return Err(Reason::Scheme);
        };
        if layout.body != Body::Gid && !filter::is_defined(layout.kind, filter) {
            return Err(Reason::Filter);
        }
        let bits = write(row.header, layout, filter, self)?;
        let length = bits.bits();
        from_bits(&bits.into_bytes(), length, None).map_err(|fault| fault.reason)
    }
}

/// The greatest value of a layout's filter field.
pub(super) fn filter_max(layout: Classic) -> u8 {
    match layout.body {
        Body::Partitioned { .. } => 7,
        Body::Gid => 0,
        Body::Usdod => 15,
        Body::Adi => 63,
    }
}

/// Writes header and fields.
pub(super) fn write(
    header: u8,
    layout: Classic,
    filter: u8,
    identity: &Identity,
) -> Result<BitWriter, Reason> {
    if layout.kind != identity.kind {
        return Err(Reason::Scheme);
    }
    if filter > filter_max(layout) {
        return Err(Reason::Filter);
    }
    let mut bits = BitWriter::default();
    bits.write(u64::from(header), 8);
    let issuer = identity.issuer.text();
    let reference = identity.reference.map_or(ShortText::EMPTY, |part| part.text());
    let serial = identity.serial.map_or(ShortText::EMPTY, |part| part.text());
    match layout.body {
        Body::Partitioned {
            references,
            form,
            tail,
        } => {
            bits.write(u64::from(filter), 3);
            write_prefix_and_reference(identity, references, form, &mut bits)?;
            write_tail(identity, serial.as_str(), tail, &mut bits)?;
        }
        Body::Gid => {
            write_integer(issuer.as_str(), 28, &mut bits)?;
            write_integer(reference.as_str(), 24, &mut bits)?;
            write_integer(serial.as_str(), 36, &mut bits)?;
        }
        Body::Usdod => {
            bits.write(u64::from(filter), 4);
            write_cage(issuer.as_str(), 8, &mut bits);
            write_integer(serial.as_str(), 36, &mut bits)?;
        }
        Body::Adi => {
            bits.write(u64::from(filter), 6);
            write_cage(issuer.as_str(), 6, &mut bits);
            write_text6(reference.as_str(), &mut bits)?;
            write_text6(serial.as_str(), &mut bits)?;
        }
    }
    Ok(bits)
}

fn write_prefix_and_reference(
    identity: &Identity,
    references: &References,
    form: ReferenceForm,
    bits: &mut BitWriter,
) -> Result<(), Reason> {
    let Part::Digits {
        value: prefix,
        width: digits,
    } = identity.issuer
    else {
        return Err(Reason::Value);
    };
    let partition = partition::for_prefix_digits(digits).ok_or(Reason::Partition)?;
    let row = usize::from(partition);
    let (Some(prefix_width), Some(width)) = (COMPANY_PREFIX.get(row), references.get(row)) else {
        return Err(Reason::Partition);
    };
    bits.write(u64::from(partition), 3);
    bits.write(prefix, usize::from(prefix_width.bits));
    let text = identity.reference.map_or(ShortText::EMPTY, |part| part.text());
    match (form, identity.reference) {
        (ReferenceForm::Padded, Some(Part::Digits { value, width: digits })) if digits == width.digits => {
            bits.write(value, usize::from(width.bits));
            Ok(())
        }
        (ReferenceForm::Padded, _) => Err(Reason::Value),
        (ReferenceForm::Integer, _) => write_reference_number(text.as_str(), *width, bits),
        (ReferenceForm::Text7, _) => write_text7(text.as_str(), *width, bits),
        (ReferenceForm::Text6, _) if text.as_str().len() > usize::from(width.digits) => {
            Err(Reason::TextTooLong("reference"))
        }
        (ReferenceForm::Text6, _) => write_text6(text.as_str(), bits),
    }
}

fn write_reference_number(text: &str, width: Width, bits: &mut BitWriter) -> Result<(), Reason> {
    if text.len() > usize::from(width.digits) {
        return Err(Reason::Range("reference"));
    }
    write_integer(text, usize::from(width.bits), bits)
}

fn write_tail(identity: &Identity, serial: &str, tail: Tail, bits: &mut BitWriter) -> Result<(), Reason> {
    if let Tail::PiecesInteger(_) | Tail::PiecesText7(_) = tail {
        let (piece, total) = identity.pieces.ok_or(Reason::Missing)?;
        bits.write(u64::from(piece), 7);
        bits.write(u64::from(total), 7);
    }
    match tail {
        Tail::None => Ok(()),
        Tail::Zeros(width) => {
            bits.zeros(usize::from(width));
            Ok(())
        }
        Tail::Integer(width) | Tail::PiecesInteger(width) => write_integer(serial, usize::from(width), bits),
        Tail::Numeric(width) => {
            if serial.is_empty() || !serial.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Reason::Charset("serial"));
            }
            write_integer(&format!("1{serial}"), usize::from(width), bits)
        }
        Tail::Text7(width) | Tail::PiecesText7(width) => write_text7(
            serial,
            Width {
                bits: width,
                digits: width / 7,
            },
            bits,
        ),
    }
}

/// A number without leading zeros that fits its field.
fn write_integer(text: &str, width: usize, bits: &mut BitWriter) -> Result<(), Reason> {
    let value = parse_integer(text).ok_or(Reason::Value)?;
    if value >> width != 0 {
        return Err(Reason::Value);
    }
    bits.write(value, width);
    Ok(())
}

fn write_text7(text: &str, width: Width, bits: &mut BitWriter) -> Result<(), Reason> {
    if text.is_empty() {
        return Err(Reason::NoText("text"));
    }
    if text.len() > usize::from(width.digits) {
        return Err(Reason::TextTooLong("text"));
    }
    text.bytes()
        .for_each(|byte| bits.write(u64::from(byte & 0x7F), 7));
    bits.zeros(usize::from(width.bits) - 7 * text.len());
    Ok(())
}

fn write_text6(text: &str, bits: &mut BitWriter) -> Result<(), Reason> {
    for byte in text.bytes() {
        bits.write(u64::from(to_six_bits(byte).ok_or(Reason::Charset("text"))?), 6);
    }
    bits.zeros(6);
    Ok(())
}

/// A CAGE code of five characters gets a space before it.
fn write_cage(text: &str, width: usize, bits: &mut BitWriter) {
    if text.len() == 5 {
        bits.write(u64::from(b' '), width);
    }
    let mask = if width == 6 { 0x3F } else { 0xFF };
    text.bytes()
        .for_each(|byte| bits.write(u64::from(byte & mask), width));
}
