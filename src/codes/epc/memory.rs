//! The bits of a tag as they came: EPC, length and control words, before anyone asks what they mean.

use std::fmt::Write;

use super::bits::{BitReader, BitWriter};
use super::fault::{Fault, Reason, Warning};
use super::pc::{ControlFields, Pc};

/// The most bits an EPC can have: the length field of the PC word counts to 31 words.
pub const EPC_BITS_MAX: usize = Pc::WORDS_MAX as usize * 16;

const EPC_BYTES_MAX: usize = EPC_BITS_MAX / 8;

/// The EPC bank of one tag without its CRC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// The EPC from its first bit on; zero behind its end.
    bytes: [u8; EPC_BYTES_MAX],
    /// The length of the EPC.
    pub(super) bits: usize,
    /// The protocol control word, where it is known.
    pub(super) pc: Option<Pc>,
    /// The first extended protocol control word, where it is known.
    pub(super) xpc: Option<u16>,
}

impl Memory {
    /// Takes what a reader reports. Where the PC word tells fewer words, only those are the EPC.
    pub(super) fn new(
        epc: &[u8],
        bits: Option<usize>,
        pc: Option<Pc>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Fault> {
        let available = epc.len().saturating_mul(8);
        let mut bits = bits.unwrap_or(available);
        if bits == 0 {
            return Err(Fault::at(0, Reason::Empty));
        }
        if bits > available {
            return Err(Fault::at(available, Reason::TooShort));
        }
        if bits > EPC_BITS_MAX {
            return Err(Fault::at(EPC_BITS_MAX, Reason::TooLong));
        }
        if let Some(told) = pc
            .map(Pc::length_bits)
            .filter(|&told| told != bits.next_multiple_of(16))
        {
            warnings.push(Warning::PcLength);
            if (1..bits).contains(&told) {
                bits = told;
            }
        }
        let mut bytes = [0u8; EPC_BYTES_MAX];
        for (to, from) in bytes.iter_mut().zip(epc).take(bits.div_ceil(8)) {
            *to = *from;
        }
        if !bits.is_multiple_of(8)
            && let Some(last) = bytes.get_mut(bits / 8)
        {
            *last &= 0xFF << (8 - bits % 8);
        }
        Ok(Self {
            bytes,
            bits,
            pc,
            xpc: None,
        })
    }

    /// The EPC from its first bit on.
    pub(super) fn reader(&self) -> BitReader<'_> {
        BitReader::new(&self.bytes, self.bits)
    }

    /// The bytes of the EPC, the last one filled up with zero bits.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.bits.div_ceil(8)).unwrap_or_default()
    }

    /// The bytes of the EPC in whole 16-bit words, as they stand in a tag.
    pub(super) fn words(&self) -> &[u8] {
        self.bytes.get(..self.bits.div_ceil(16) * 2).unwrap_or_default()
    }

    /// The control fields of a URI of this tag.
    pub(super) fn control_fields(&self) -> ControlFields {
        ControlFields {
            pc: self.pc,
            xpc: self.xpc,
        }
    }

    /// The raw URI (EPC Tag Data Standard, section 12): the bits as one hexadecimal number.
    pub(super) fn raw_uri(&self) -> String {
        let whole = self.bits.next_multiple_of(16);
        let bits = if self.pc.map(Pc::length_bits) == Some(whole) {
            whole
        } else {
            self.bits
        };
        let mut uri = format!("urn:epc:raw:{}{bits}.", self.control_fields());
        if let Some(afi) = self.pc.and_then(Pc::afi) {
            // Writing to a string cannot fail.
            let _ = write!(uri, "x{afi:02X}.");
        }
        uri.push('x');
        let mut reader = BitReader::new(&self.bytes, bits);
        let mut width = if bits.is_multiple_of(4) { 4 } else { bits % 4 };
        while let Ok(digit) = reader.read(width) {
            let _ = write!(uri, "{digit:X}");
            width = 4;
        }
        uri
    }
}

/// The bits that a hexadecimal number of exactly so many digits stands for; `None` for other text or a number
/// that does not fit.
pub(super) fn bytes_of_hex(digits: &str, bits: usize) -> Option<Vec<u8>> {
    if digits.len() != bits.div_ceil(4) {
        return None;
    }
    let mut writer = BitWriter::default();
    let mut width = if bits.is_multiple_of(4) { 4 } else { bits % 4 };
    for digit in digits.chars() {
        let digit = digit.to_digit(16).filter(|digit| digit >> width == 0)?;
        writer.write(u64::from(digit), width);
        width = 4;
    }
    Some(writer.into_bytes())
}
