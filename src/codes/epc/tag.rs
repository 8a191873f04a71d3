//! One tag's EPC, read: the entry for bits, and the answers about them.

use super::classic::{self, ClassicEpc};
use super::fault::{Fault, Reason, Warning};
use super::identity::Identity;
use super::memory::Memory;
use super::pc::Pc;
use super::plus::{self, PlusEpc};
use super::scheme::{self, Layout, Scheme};
use super::{filter, uri};
use crate::digital_link;
use crate::scan::Element;
use crate::understand::Refusal;

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
    let mut warnings = Vec::new();
    let memory =
        Memory::new(epc, bits, pc.map(Pc), &mut warnings).map_err(|fault| fault.refuse(Vec::new()))?;
    let mut elements = Vec::new();
    match read_content(&memory, &mut elements, &mut warnings) {
        Ok(content) => Ok(Epc {
            memory,
            content,
            elements,
            warnings,
        }),
        Err(fault) => Err(fault.refuse(elements)),
    }
}

/// The raw URI of a tag, whatever its bits mean: also for one that [`decode`] refuses. `None` for no bits at all
/// or more than a tag can hold.
///
/// ```
/// use tallyman_codes::epc::raw_uri;
///
/// assert_eq!(raw_uri(&[0xA5; 4], None, None).as_deref(), Some("urn:epc:raw:32.xA5A5A5A5"));
/// assert_eq!(raw_uri(&[0xA5; 4], None, Some(0x11A1)).as_deref(), Some("urn:epc:raw:32.xA1.xA5A5A5A5"));
/// ```
pub fn raw_uri(epc: &[u8], bits: Option<usize>, pc: Option<u16>) -> Option<String> {
    Memory::new(epc, bits, pc.map(Pc), &mut Vec::new())
        .ok()
        .map(|memory| memory.raw_uri())
}

/// One tag's EPC, as [`decode`] gives it.
#[derive(Debug, Clone)]
pub struct Epc {
    memory: Memory,
    content: Content,
    /// What a tag of the second generation carries; the elements of others are made when asked for.
    elements: Vec<Element>,
    warnings: Vec<Warning>,
}

#[derive(Debug, Clone)]
enum Content {
    /// No EPC by the PC word, or a header that no scheme has.
    Opaque,
    /// A layout of the first generation.
    Classic(&'static Scheme, ClassicEpc),
    /// A layout of the second generation.
    Plus(&'static Scheme, PlusEpc),
}

fn read_content(
    memory: &Memory,
    elements: &mut Vec<Element>,
    warnings: &mut Vec<Warning>,
) -> Result<Content, Fault> {
    if memory.pc.and_then(Pc::afi).is_some() {
        return Ok(Content::Opaque);
    }
    let mut bits = memory.reader();
    let header = bits.read(8)? as u8;
    let Some(scheme) = scheme::by_header(header) else {
        match header {
            0x00 => warnings.push(Warning::Unprogrammed),
            0xE2 => warnings.push(Warning::Tid),
            _ => {}
        }
        return Ok(Content::Opaque);
    };
    Ok(match scheme.layout {
        Layout::Classic(layout) => Content::Classic(scheme, classic::read(layout, &mut bits, warnings)?),
        Layout::Plus(layout) => Content::Plus(scheme, plus::read(layout, &mut bits, elements, warnings)?),
    })
}

/// Makes the tag of bits that were just written; without a PC word it gets the plain one for its length.
pub(super) fn from_bits(bytes: &[u8], bits: usize, pc: Option<Pc>) -> Result<Epc, Fault> {
    let pc = match pc {
        Some(pc) => pc,
        None => Pc::for_bits(bits).ok_or(Fault::at(bits, Reason::TooLong))?,
    };
    let (mut elements, mut warnings) = (Vec::new(), Vec::new());
    let memory = Memory::new(bytes, Some(bits), Some(pc), &mut warnings)?;
    let content = read_content(&memory, &mut elements, &mut warnings)?;
    Ok(Epc {
        memory,
        content,
        elements,
        warnings,
    })
}

impl Epc {
    /// The scheme's name, as `sgtin-96` or `sgtin+`; `None` for a header that no scheme has and for tags without
    /// EPC.
    pub fn scheme(&self) -> Option<&'static str> {
        self.row().map(|scheme| scheme.name)
    }

    /// The filter value, where the scheme has one: a hint for selecting tags, never a packaging level.
    pub fn filter(&self) -> Option<u8> {
        match &self.content {
            Content::Opaque => None,
            Content::Classic(_, epc) => epc.filter,
            Content::Plus(_, epc) => Some(epc.filter),
        }
    }

    /// What the filter value means, in plain English; `None` for a reserved value.
    pub fn filter_meaning(&self) -> Option<&'static str> {
        filter::meaning(self.row()?.layout.kind(), self.filter()?)
    }

    /// The partition value, where the scheme has one.
    pub fn partition(&self) -> Option<u8> {
        match &self.content {
            Content::Classic(_, epc) => epc.partition,
            Content::Opaque | Content::Plus(..) => None,
        }
    }

    /// The GS1 Company Prefix, where the tag tells its length: tags of the second generation do not.
    pub fn company_prefix(&self) -> Option<String> {
        self.identity().and_then(|identity| identity.company_prefix())
    }

    /// What the tag names, where that has a pure identity URI: not for tags of the second generation, as they
    /// do not tell the length of the company prefix. [`Identity::from_elements`] names those where it is known.
    pub fn identity(&self) -> Option<Identity> {
        match &self.content {
            Content::Classic(_, epc) => Some(epc.identity),
            Content::Opaque | Content::Plus(..) => None,
        }
    }

    /// The pure identity URI, as `urn:epc:id:sgtin:0614141.812345.6789`.
    pub fn uri(&self) -> Option<String> {
        self.identity().map(|identity| identity.to_string())
    }

    /// The tag URI, as `urn:epc:tag:sgtin-96:3.0614141.812345.6789`, with the control fields that the PC word
    /// sets; tags of the second generation have none.
    pub fn tag_uri(&self) -> Option<String> {
        match &self.content {
            Content::Classic(scheme, epc) => {
                Some(uri::tag_uri(scheme.name, self.memory.control_fields(), epc))
            }
            Content::Opaque | Content::Plus(..) => None,
        }
    }

    /// The raw URI, as `urn:epc:raw:96.x…`: the bits themselves, which every tag has.
    pub fn raw_uri(&self) -> String {
        self.memory.raw_uri()
    }

    /// The Digital Link without host, as `/01/80614141123458/21/6789`, where the tag carries a GS1 key: data
    /// behind the key stands in path and query, unless a part of it may stand in neither; then the key is alone.
    pub fn digital_link(&self) -> Option<String> {
        let mut elements = self.elements();
        digital_link::build(&elements, "")
            .or_else(|_| {
                elements.truncate(self.own_elements());
                digital_link::build(&elements, "")
            })
            .ok()
    }

    /// The host name for the Digital Link, where the tag carries one (`++` schemes).
    pub fn hostname(&self) -> Option<&str> {
        match &self.content {
            Content::Plus(_, epc) => epc.hostname.as_deref(),
            Content::Opaque | Content::Classic(..) => None,
        }
    }

    /// The application identifiers and values the tag carries, in its order: the GS1 key with check digit, and
    /// the data behind it.
    pub fn elements(&self) -> Vec<Element> {
        match &self.content {
            Content::Opaque => Vec::new(),
            Content::Classic(_, epc) => epc.identity.elements(),
            Content::Plus(..) => self.elements.clone(),
        }
    }

    /// Whether both tags name the same object.
    ///
    /// Filter values, the length of the encoding and data behind the EPC do not count. Two tags of the first
    /// generation are the same EPC when their pure identity URIs are (EPC Tag Data Standard, section 6); where
    /// one of them has none, their GS1 keys decide. Tags without a known scheme name nothing.
    pub fn names_same_object(&self, other: &Epc) -> bool {
        if let (Some(one), Some(other)) = (self.identity(), other.identity()) {
            return one == other;
        }
        let (one, other) = (self.key_elements(), other.key_elements());
        !one.is_empty() && one == other
    }

    /// The elements that make the EPC, without its date.
    fn key_elements(&self) -> Vec<Element> {
        let mut elements = self.elements();
        elements.truncate(self.own_elements());
        elements.retain(|element| !plus::DATE_TYPES.contains(&element.ai.as_str()));
        elements
    }

    /// How many of the elements are the EPC itself.
    fn own_elements(&self) -> usize {
        match &self.content {
            Content::Plus(_, epc) => epc.own,
            Content::Opaque | Content::Classic(..) => usize::MAX,
        }
    }

    /// The application family identifier of a tag that carries no EPC: its bytes are told as they are.
    pub fn afi(&self) -> Option<u8> {
        self.memory.pc.and_then(Pc::afi)
    }

    /// The protocol control word, where the reader gave it; for a tag made here the word to write.
    pub fn pc(&self) -> Option<Pc> {
        self.memory.pc
    }

    /// The first extended protocol control word, where it is known.
    pub fn xpc(&self) -> Option<u16> {
        self.memory.xpc
    }

    /// The same tag with its first extended protocol control word, which readers report apart.
    pub fn with_xpc(mut self, xpc: Option<u16>) -> Self {
        self.memory.xpc = xpc;
        self
    }

    /// The EPC memory, its last byte filled up with zero bits.
    pub fn bytes(&self) -> &[u8] {
        self.memory.bytes()
    }

    /// The length of the EPC memory in bits.
    pub fn bit_length(&self) -> usize {
        self.memory.bits
    }

    /// The EPC memory in hexadecimal, in whole 16-bit words as a tag is written.
    pub fn to_hex(&self) -> String {
        self.memory
            .words()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect()
    }

    /// What is odd about the tag, though it was read.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn row(&self) -> Option<&'static Scheme> {
        match &self.content {
            Content::Opaque => None,
            Content::Classic(scheme, _) | Content::Plus(scheme, _) => Some(scheme),
        }
    }
}
