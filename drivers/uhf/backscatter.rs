//! What a tag sent back, as readers report it: protocol control word, EPC, and the tag's own CRC.

use tallyman_codes::{EpcBytes, Tag, gen2_crc};

/// The bit of a protocol control word that says: XPC words stand before the EPC (EPC UHF Gen2 Air Interface,
/// section 6.3.2.1.2.2).
const XPC_FOLLOWS: u16 = 0x0200;
/// The bit of the first XPC word that says: a second one follows.
const SECOND_XPC_FOLLOWS: u8 = 0x80;
/// Bytes of a word of EPC memory.
const WORD: usize = 2;

/// The length of the EPC that a protocol control word states, in bytes.
pub const fn epc_bytes(pc: u16) -> usize {
    (pc >> 11) as usize * WORD
}

/// PC, EPC and CRC of one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backscatter<'a> {
    /// The protocol control word.
    pub pc: u16,
    /// What stands behind it: the EPC, before it XPC words where the reader hands them on.
    pub body: &'a [u8],
    /// The tag's CRC, where the reader reports it.
    pub crc: Option<u16>,
}

impl<'a> Backscatter<'a> {
    /// Whether the tag's CRC is right, or not reported. It covers the XPC words too.
    #[inline]
    pub fn is_sound(&self) -> bool {
        self.crc.is_none_or(|crc| gen2_crc(self.pc, self.body) == crc)
    }

    /// How many bytes of XPC words may stand in a body that is `more` bytes longer than the EPC: 0, 2 or 4.
    fn xpc_bytes(&self, more: usize) -> Option<usize> {
        let has_two = self.body.first()? & SECOND_XPC_FOLLOWS != 0;
        let announced = if has_two { 2 * WORD } else { WORD };
        (self.pc & XPC_FOLLOWS != 0 && more == announced).then_some(more)
    }

    /// The EPC alone. `None` where the control word states another length than the reader reported.
    #[inline]
    pub fn epc(&self) -> Option<&'a [u8]> {
        match self.body.len().checked_sub(epc_bytes(self.pc))? {
            0 => Some(self.body),
            more => self.body.get(self.xpc_bytes(more)?..),
        }
    }

    /// A report with these members. The CRC is left out where XPC words were taken off: it covers them, and nobody could
    /// check it without them.
    #[inline]
    pub fn tag(&self) -> Option<Tag> {
        let epc = self.epc()?;
        Some(Tag {
            epc: EpcBytes::new(epc)?,
            pc: Some(self.pc),
            crc: self.crc.filter(|_| epc.len() == self.body.len()),
            ..Tag::default()
        })
    }
}

/// The big-endian word at the beginning of these bytes, and what is behind it.
#[inline]
pub fn word(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<WORD>()?;
    Some((u16::from_be_bytes(*word), rest))
}

/// The big-endian word at the end of these bytes, and what is before it.
#[inline]
pub fn last_word(bytes: &[u8]) -> Option<(&[u8], u16)> {
    let (rest, word) = bytes.split_last_chunk::<WORD>()?;
    Some((rest, u16::from_be_bytes(*word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epc_is_as_long_as_its_control_word_says_and_xpc_words_are_taken_off() {
        let eight = [1, 2, 3, 4, 5, 6, 7, 8];
        let two_words = [0x80, 2, 3, 4, 5, 6, 7, 8];
        for (pc, body, epc) in [
            (0x2000, &eight[..], Some(&eight[..])),
            (0x1000, &eight[..4], Some(&eight[..4])),
            (0x0000, &[], Some(&[])),
            // One byte, or a word, too many or too few.
            (0x2000, &eight[..7], None),
            (0x2000, &eight[..6], None),
            (0x1800, &eight[..], None),
            // XI is set: one XPC word, or two where the first says so.
            (0x1A00, &eight[..], Some(&eight[2..])),
            (0x1200, &two_words[..], Some(&two_words[4..])),
            (0x1200, &eight[..], None),
            (0x1A00, &two_words[..], None),
            // The reader took them off by itself.
            (0x2200, &eight[..], Some(&eight[..])),
        ] {
            let told = Backscatter { pc, body, crc: None };
            assert_eq!(told.epc(), epc, "{pc:04X} {body:02X?}");
        }
    }

    #[test]
    fn a_crc_covers_xpc_words_and_is_left_out_with_them() {
        let body = [0x00, 0x21, 0x30, 0x34];
        let crc = gen2_crc(0x0A00, &body);
        let told = Backscatter {
            pc: 0x0A00,
            body: &body,
            crc: Some(crc),
        };
        assert!(told.is_sound());
        let tag = told.tag().unwrap();
        assert_eq!((&*tag.epc, tag.crc, tag.crc_agrees()), (&body[2..], None, None));
        let wrong = Backscatter {
            crc: Some(crc ^ 1),
            ..told
        };
        assert!(!wrong.is_sound());
    }
}
