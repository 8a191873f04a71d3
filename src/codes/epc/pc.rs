//! The protocol control word that stands before the EPC in a tag's memory, and the control fields of tag URIs
//! (Gen2 air interface, section 6.3.2.1.2; EPC Tag Data Standard, sections 9 and 12.4).

use std::fmt;

/// The protocol control word: bits 10h to 1Fh of the EPC bank.
///
/// ```
/// use tallyman_codes::epc::Pc;
///
/// let pc = Pc(0x3400);
/// assert_eq!(pc.length_bits(), 96);
/// assert!(pc.has_user_memory());
/// assert_eq!(pc.afi(), None);
/// assert_eq!(Pc(0x31A1).afi(), Some(0xA1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pc(pub u16);

impl Pc {
    /// The most words that the length field can tell.
    pub const WORDS_MAX: u16 = 31;

    /// The word for an EPC of so many bits: the length, everything else 0. `None` for more than 496 bits.
    pub fn for_bits(bits: usize) -> Option<Self> {
        let words = u16::try_from(bits.div_ceil(16))
            .ok()
            .filter(|&words| words <= Self::WORDS_MAX)?;
        Some(Self(words << 11))
    }

    /// The length of the EPC in bits, always whole 16-bit words.
    pub fn length_bits(self) -> usize {
        usize::from(self.0 >> 11) * 16
    }

    /// Whether the tag says that its user memory has content (UMI).
    pub fn has_user_memory(self) -> bool {
        self.0 & 0x0400 != 0
    }

    /// Whether an extended protocol control word exists (XI).
    pub fn has_xpc(self) -> bool {
        self.0 & 0x0200 != 0
    }

    /// The application family identifier of a tag that carries no EPC (toggle bit 17h set).
    pub fn afi(self) -> Option<u8> {
        (self.0 & 0x0100 != 0).then_some(self.0 as u8)
    }

    /// The attribute bits of a tag that carries an EPC; 01h is hazardous goods. 0 for tags without EPC.
    pub fn attributes(self) -> u8 {
        if self.afi().is_some() { 0 } else { self.0 as u8 }
    }
}

/// The control fields of a tag URI or raw URI, with the colon behind them; nothing where all are zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct ControlFields {
    /// The protocol control word, where it is known.
    pub(super) pc: Option<Pc>,
    /// The first extended protocol control word, where it is known.
    pub(super) xpc: Option<u16>,
}

impl fmt::Display for ControlFields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes = self.pc.map_or(0, Pc::attributes);
        let user_memory = self.pc.is_some_and(Pc::has_user_memory);
        let xpc = self.xpc.unwrap_or(0);
        if attributes != 0 {
            write!(formatter, "[att=x{attributes:02X}]")?;
        }
        if user_memory {
            formatter.write_str("[umi=1]")?;
        }
        if xpc != 0 {
            write!(formatter, "[xpc=x{xpc:04X}]")?;
        }
        if attributes != 0 || user_memory || xpc != 0 {
            formatter.write_str(":")
        } else {
            Ok(())
        }
    }
}
