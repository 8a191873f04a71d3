//! A report of an RFID tag: what a reader says of one tag, and the tag's own check of it.

use std::fmt;
use std::ops::Deref;

/// The longest EPC a Gen2 tag has, in bytes: the protocol control word counts up to 31 words of 16 bits
/// (EPC UHF Gen2 Air Interface, section 6.3.2.1.2.2).
pub const EPC_BYTES_MAX: usize = 62;

/// The bytes of an EPC, at most [`EPC_BYTES_MAX`]. Copied without the heap: a portal reads thousands a second.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EpcBytes {
    bytes: [u8; EPC_BYTES_MAX],
    length: u8,
}

impl EpcBytes {
    /// These bytes, or `None` where they are more than a tag can hold.
    #[inline]
    pub fn new(epc: &[u8]) -> Option<Self> {
        let mut bytes = [0; EPC_BYTES_MAX];
        bytes.get_mut(..epc.len())?.copy_from_slice(epc);
        Some(Self {
            bytes,
            length: epc.len() as u8,
        })
    }

    /// The bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }
}

impl Default for EpcBytes {
    fn default() -> Self {
        Self {
            bytes: [0; EPC_BYTES_MAX],
            length: 0,
        }
    }
}

impl Deref for EpcBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl fmt::Display for EpcBytes {
    /// Upper-case hexadecimal digits.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| write!(formatter, "{byte:02X}"))
    }
}

impl fmt::Debug for EpcBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EpcBytes({self})")
    }
}

/// One report of an RFID tag. Members a protocol does not carry, or a report left out, are `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tag {
    /// The EPC memory after CRC and PC, padded to whole bytes.
    pub epc: EpcBytes,
    /// The EPC's length in bits, where it is no whole number of bytes.
    pub epc_bits: Option<u16>,
    /// The protocol control word (Gen2, EPC bank 10h to 1Fh).
    pub pc: Option<u16>,
    /// The CRC-16 the tag backscattered.
    pub crc: Option<u16>,
    /// The antenna, 1-based.
    pub antenna: Option<u16>,
    /// Signal strength in hundredths of a dBm.
    pub rssi_centi_dbm: Option<i32>,
    /// Signal strength in the reader's own unit, where that is not dBm.
    pub rssi_raw: Option<i32>,
    /// Phase in hundredths of a degree.
    pub phase_centi_deg: Option<i32>,
    /// Channel index or number, as the reader counts.
    pub channel: Option<u16>,
    /// How often the reader saw the tag in this report.
    pub count: Option<u32>,
    /// First and last sighting, microseconds on the reader's clock.
    pub first_seen_us: Option<u64>,
    /// Last sighting, microseconds on the reader's clock.
    pub last_seen_us: Option<u64>,
    /// The reader's times count from its start, not from 1970.
    pub uptime: bool,
    /// The tag's own identity (TID bank), where it was read.
    pub tid: Option<Box<[u8]>>,
}

impl Tag {
    /// Whether the tag's CRC-16 agrees with its PC and EPC; `None` where the report has not both. It catches frames that
    /// were taken up again on the wrong byte, which a frame's own sum of 8 bits lets through once in 256 times.
    #[inline]
    pub fn crc_agrees(&self) -> Option<bool> {
        let (pc, crc) = (self.pc?, self.crc?);
        Some(gen2_crc(pc, &self.epc) == crc)
    }
}

/// The CRC-16 that a Gen2 tag backscatters behind its PC and EPC: polynomial 1021h, begun with FFFFh, inverted
/// (EPC UHF Gen2 Air Interface, section 6.3.2.1.2.1 and annex F; also known as CRC-16/GENIBUS).
#[inline]
pub fn gen2_crc(pc: u16, epc: &[u8]) -> u16 {
    // What is in the register and the next two bytes are one word; six more bytes are taken with it, each by its own
    // table, so that eight look-ups wait for nothing but each other's sum.
    let (mut word, mut rest) = (pc ^ 0xFFFF, epc);
    loop {
        let [high, low] = word.to_be_bytes();
        let Some((bytes, after)) = rest.split_first_chunk::<6>() else {
            break;
        };
        let [a, b, c, d, e, f] = *bytes;
        let crc = added(7, high)
            ^ added(6, low)
            ^ added(5, a)
            ^ added(4, b)
            ^ added(3, c)
            ^ added(2, d)
            ^ added(1, e)
            ^ added(0, f);
        let Some((next, after)) = after.split_first_chunk::<2>() else {
            return !after.iter().copied().fold(crc, gen2_crc_step);
        };
        (word, rest) = (crc ^ u16::from_be_bytes(*next), after);
    }
    if let Some(bytes) = rest.first_chunk::<4>() {
        // Of an EPC of 96 bits four are left.
        let [high, low] = word.to_be_bytes();
        let [a, b, c, d] = *bytes;
        let crc = added(5, high) ^ added(4, low) ^ added(3, a) ^ added(2, b) ^ added(1, c) ^ added(0, d);
        return !rest.iter().skip(4).copied().fold(crc, gen2_crc_step);
    }
    let [high, low] = word.to_be_bytes();
    !rest
        .iter()
        .copied()
        .fold(added(1, high) ^ added(0, low), gen2_crc_step)
}

#[inline]
fn gen2_crc_step(crc: u16, byte: u8) -> u16 {
    (crc << 8) ^ added(0, (crc >> 8) as u8 ^ byte)
}

/// What a byte adds to the CRC with so many bytes behind it, at most seven.
#[inline]
fn added(behind: usize, byte: u8) -> u16 {
    GEN2_CRC_TABLES[behind & 7][usize::from(byte)]
}

static GEN2_CRC_TABLES: [[u16; 256]; 8] = {
    let mut tables = [[0u16; 256]; 8];
    let mut index = 0;
    while index < 256 {
        let mut crc = (index as u16) << 8;
        let mut behind = 0;
        while behind < 8 {
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 0x8000 == 0 {
                    crc << 1
                } else {
                    (crc << 1) ^ 0x1021
                };
                bit += 1;
            }
            tables[behind][index] = crc;
            behind += 1;
        }
        index += 1;
    }
    tables
};

#[cfg(test)]
mod tests {
    use super::*;

    const EPC_96: [u8; 12] = [
        0x30, 0x34, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, 0x00, 0x00, 0x1A, 0x85,
    ];

    #[test]
    fn a_tags_crc_is_over_pc_and_epc() {
        // The catalogue's check value of the algorithm, and the same EPC under two control words.
        assert_eq!(gen2_crc(0x3132, b"3456789"), 0xD64E);
        for (pc, crc) in [(0x3000, 0xEE2C), (0x3400, 0x1389)] {
            assert_eq!(gen2_crc(pc, &EPC_96), crc, "under {pc:04X}");
            let tag = |crc| Tag {
                epc: EpcBytes::new(&EPC_96).unwrap(),
                pc: Some(pc),
                crc,
                ..Tag::default()
            };
            assert_eq!(tag(Some(crc)).crc_agrees(), Some(true));
            assert_eq!(tag(Some(crc ^ 1)).crc_agrees(), Some(false));
            assert_eq!(tag(None).crc_agrees(), None);
        }
    }

    #[test]
    fn a_crc_of_any_length_is_that_of_the_standard_bit_by_bit() {
        let bytes: Vec<u8> = (0..EPC_BYTES_MAX as u32)
            .map(|index| (index * 151 + 7) as u8)
            .collect();
        for length in 0..=EPC_BYTES_MAX {
            let epc = &bytes[..length];
            let whole = 0x3000_u16.to_be_bytes().into_iter().chain(epc.iter().copied());
            let crc = whole.fold(0xFFFF_u16, |crc, byte| {
                (0..8).rev().fold(crc, |crc, bit| {
                    let out = crc >> 15 ^ u16::from(byte) >> bit & 1;
                    crc << 1 ^ if out == 1 { 0x1021 } else { 0 }
                })
            });
            assert_eq!(gen2_crc(0x3000, epc), !crc, "{length} bytes");
        }
    }

    #[test]
    fn an_epc_holds_what_a_tag_can_and_no_more() {
        assert_eq!(&*EpcBytes::new(&[7; EPC_BYTES_MAX]).unwrap(), [7; EPC_BYTES_MAX]);
        assert_eq!(EpcBytes::new(&[7; EPC_BYTES_MAX + 1]), None);
        assert_eq!(
            EpcBytes::new(&EPC_96).unwrap().to_string(),
            "3034257BF7194E4000001A85"
        );
        assert!(EpcBytes::default().is_empty());
    }
}
