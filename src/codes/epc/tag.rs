//! One tag's EPC bank, read: the entry for bits, and the answers about them.

use super::bits::BitReader;
use super::classic::{self, ClassicEpc};
use super::fault::{Fault, Reason, Warning};
use super::identity::Identity;
use super::pc::{ControlFields, Pc};
use super::scheme::{self, Layout, Scheme};
use super::uri;
use crate::scan::Element;
use crate::understand::Refusal;

/// The most bits an EPC can have: the length field of the PC word counts to 31 words.
pub const EPC_BITS_MAX: usize = Pc::WORDS_MAX as usize * 16;

const EPC_BYTES_MAX: usize = EPC_BITS_MAX / 8;

/// Reads an EPC.
///
/// `epc` is the EPC memory behind CRC and PC, padded to whole bytes; `bits` its length where that is no whole
/// number of bytes; `pc` the protocol control word where the reader gave it. A tag whose PC word says that it
/// carries no EPC (AFI), and a header that no scheme has, are no faults: their scheme is `None`.
///
/// ```
/// use tallyman_codes::epc;
///
/// let bytes = [0x30, 0x35, 0x68, 0x2E, 0xC8, 0x78, 0x90, 0x40, 0x00, 0x01, 0x81, 0xCD];
/// let epc = epc::decode(&bytes, None, Some(0x3000)).unwrap();
/// assert_eq!(epc.scheme(), Some("sgtin-96"));
/// assert_eq!(epc.uri().as_deref(), Some("urn:epc:id:sgtin:5901234.123457.98765"));
/// assert_eq!(epc.elements()[0].value, "15901234234570");
/// ```
///
/// # Errors
/// A [`Refusal`] when the header names a scheme and the bits break its rules, and for no bits at all or more
/// than a tag can hold; `at` counts bits.
pub fn decode(epc: &[u8], bits: Option<usize>, pc: Option<u16>) -> Result<Epc, Refusal> {
    decode_memory(epc, bits, pc.map(Pc)).map_err(|fault| fault.refuse(Vec::new()))
}

/// One tag's EPC, as [`decode`] gives it.
#[derive(Debug, Clone)]
pub struct Epc {
    bytes: [u8; EPC_BYTES_MAX],
    bit_length: usize,
    pc: Option<Pc>,
    xpc: Option<u16>,
    content: Content,
    warnings: Vec<Warning>,
}

#[derive(Debug, Clone)]
enum Content {
    /// No EPC by the PC word, or a header that no scheme has.
    Opaque,
    Classic(&'static Scheme, ClassicEpc),
}

impl Epc {
    /// The scheme's name, as `sgtin-96`; `None` for a header that no scheme has and for tags without EPC.
    pub fn scheme(&self) -> Option<&'static str> {
        match &self.content {
            Content::Opaque => None,
            Content::Classic(scheme, _) => Some(scheme.name),
        }
    }

    /// The filter value, where the scheme has one: a hint for selecting tags, never a packaging level.
    pub fn filter(&self) -> Option<u8> {
        match &self.content {
            Content::Opaque => None,
            Content::Classic(_, epc) => epc.filter,
        }
    }

    /// The partition value, where the scheme has one.
    pub fn partition(&self) -> Option<u8> {
        match &self.content {
            Content::Opaque => None,
            Content::Classic(_, epc) => epc.partition,
        }
    }

    /// The GS1 Company Prefix, where the tag tells its length.
    pub fn company_prefix(&self) -> Option<String> {
        self.identity().and_then(|identity| identity.company_prefix())
    }

    /// What the tag names, where that has a pure identity URI.
    pub fn identity(&self) -> Option<Identity> {
        match &self.content {
            Content::Opaque => None,
            Content::Classic(_, epc) => Some(epc.identity),
        }
    }

    /// The pure identity URI, as `urn:epc:id:sgtin:0614141.812345.6789`.
    pub fn uri(&self) -> Option<String> {
        self.identity().map(|identity| identity.to_string())
    }

    /// The tag URI, as `urn:epc:tag:sgtin-96:3.0614141.812345.6789`, with the control fields that the PC word
    /// sets.
    pub fn tag_uri(&self) -> Option<String> {
        let Content::Classic(scheme, epc) = &self.content else {
            return None;
        };
        let mut text = format!("urn:epc:tag:{}{}:", self.control_fields(), scheme.name);
        if let Some(filter) = epc.filter {
            text.push_str(&format!("{filter}."));
        }
        // Writing to a string cannot fail.
        let _ = uri::write_parts(&mut text, &epc.identity);
        Some(text)
    }

    /// The application identifiers and values the tag carries: its GS1 key with check digit, and the rest.
    pub fn elements(&self) -> Vec<Element> {
        match &self.content {
            Content::Opaque => Vec::new(),
            Content::Classic(_, epc) => epc.identity.elements(),
        }
    }

    /// The application family identifier of a tag that carries no EPC.
    pub fn afi(&self) -> Option<u8> {
        self.pc.and_then(Pc::afi)
    }

    /// The EPC memory, its last byte filled up with zero bits.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.bit_length.div_ceil(8)).unwrap_or_default()
    }

    /// The length of the EPC memory in bits.
    pub fn bit_length(&self) -> usize {
        self.bit_length
    }

    /// What is odd about the tag, though it was read.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn control_fields(&self) -> ControlFields {
        ControlFields {
            pc: self.pc,
            xpc: self.xpc,
        }
    }
}

fn decode_memory(epc: &[u8], bits: Option<usize>, pc: Option<Pc>) -> Result<Epc, Fault> {
    let available = epc.len().saturating_mul(8);
    let mut bit_length = bits.unwrap_or(available);
    if bit_length == 0 {
        return Err(Fault::at(0, Reason::Empty));
    }
    if bit_length > available {
        return Err(Fault::at(available, Reason::TooShort));
    }
    if bit_length > EPC_BITS_MAX {
        return Err(Fault::at(EPC_BITS_MAX, Reason::TooLong));
    }
    let mut warnings = Vec::new();
    if let Some(told) = pc
        .map(Pc::length_bits)
        .filter(|&told| told != bit_length.next_multiple_of(16))
    {
        warnings.push(Warning::PcLength);
        if (1..bit_length).contains(&told) {
            bit_length = told;
        }
    }
    let bytes = copy_bits(epc, bit_length);
    let mut tag = Epc {
        bytes,
        bit_length,
        pc,
        xpc: None,
        content: Content::Opaque,
        warnings,
    };
    if pc.and_then(Pc::afi).is_none() {
        tag.read_content()?;
    }
    Ok(tag)
}

impl Epc {
    fn read_content(&mut self) -> Result<(), Fault> {
        let mut bits = BitReader::new(&self.bytes, self.bit_length);
        let header = bits.read(8)? as u8;
        let Some(scheme) = scheme::by_header(header) else {
            match header {
                0x00 => self.warnings.push(Warning::Unprogrammed),
                0xE2 => self.warnings.push(Warning::Tid),
                _ => {}
            }
            return Ok(());
        };
        self.content = match scheme.layout {
            Layout::Classic(layout) => {
                Content::Classic(scheme, classic::read(layout, &mut bits, &mut self.warnings)?)
            }
            Layout::Plus(_) => Content::Opaque,
        };
        Ok(())
    }
}

/// The first `bits` bits of `epc`, all behind them zero.
fn copy_bits(epc: &[u8], bits: usize) -> [u8; EPC_BYTES_MAX] {
    let mut bytes = [0u8; EPC_BYTES_MAX];
    for (to, from) in bytes.iter_mut().zip(epc).take(bits.div_ceil(8)) {
        *to = *from;
    }
    if !bits.is_multiple_of(8)
        && let Some(last) = bytes.get_mut(bits / 8)
    {
        *last &= 0xFF << (8 - bits % 8);
    }
    bytes
}
