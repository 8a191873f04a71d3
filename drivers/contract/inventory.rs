//! How a reader looks for tags: settings that follow the work, beside those it was set up with.

/// How to look for tags. Members that are `None` are as the reader was set up; a driver leaves out what its protocol
/// cannot do, and says so in a notice once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inventory {
    /// Transmit power in hundredths of a dBm. A driver takes the nearest its reader has that is not above.
    pub power_centi_dbm: Option<u16>,
    /// The Gen2 session, 0 to 3 (EPC UHF Gen2 Air Interface, section 6.3.2.2): how long a tag that was read stays silent.
    pub session: Option<u8>,
    /// Which antennas, bit 0 for antenna 1; 0 for all that the reader was set up with.
    pub antennas: u32,
    /// Only tags whose EPC begins with these bits.
    pub filter: Option<EpcFilter>,
}

/// The longest mask of an [`EpcFilter`], in bytes.
pub const FILTER_BYTES_MAX: usize = 31;

/// The first bits of an EPC: a Gen2 select mask on bank 1 from bit 20h on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpcFilter {
    mask: [u8; FILTER_BYTES_MAX],
    bits: u8,
}

impl EpcFilter {
    /// Tags whose EPC begins with the first `bits` of `mask`. `None` where there are none, more than the mask has, or more
    /// than [`FILTER_BYTES_MAX`] bytes hold.
    pub fn new(mask: &[u8], bits: usize) -> Option<Self> {
        let bytes = bits.div_ceil(8);
        let given = mask.get(..bytes)?;
        let mut kept = [0; FILTER_BYTES_MAX];
        kept.get_mut(..bytes)?.copy_from_slice(given);
        if bits == 0 {
            return None;
        }
        if !bits.is_multiple_of(8)
            && let Some(last) = kept.get_mut(bytes - 1)
        {
            *last &= 0xFF << (8 - bits % 8);
        }
        Some(Self {
            mask: kept,
            bits: u8::try_from(bits).ok()?,
        })
    }

    /// The mask, the bits behind its end 0.
    pub fn mask(&self) -> &[u8] {
        self.mask
            .get(..usize::from(self.bits).div_ceil(8))
            .unwrap_or(&self.mask)
    }

    /// How many bits of the mask count, 1 to 248.
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// Whether an EPC begins with these bits. For readers whose protocol has no mask, and for the virtual ones.
    pub fn takes(&self, epc: &[u8]) -> bool {
        let whole = usize::from(self.bits / 8);
        let rest = self.bits % 8;
        let begins = self.mask.get(..whole).is_some_and(|mask| epc.starts_with(mask));
        begins
            && (rest == 0
                || epc
                    .get(whole)
                    .zip(self.mask.get(whole))
                    .is_some_and(|(byte, mask)| (byte ^ mask) >> (8 - rest) == 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_takes_what_begins_with_its_bits() {
        let filter = EpcFilter::new(&[0x30, 0x3F], 12).unwrap();
        assert_eq!((filter.mask(), filter.bits()), (&[0x30, 0x30][..], 12));
        for (epc, taken) in [
            (&[0x30, 0x34][..], true),
            (&[0x30, 0x3F, 0xFF], true),
            (&[0x30, 0x44], false),
            (&[0x31, 0x34], false),
            (&[0x30], false),
            (&[], false),
        ] {
            assert_eq!(filter.takes(epc), taken, "{epc:02X?}");
        }
        let whole = EpcFilter::new(&[0x30], 8).unwrap();
        assert!(whole.takes(&[0x30]) && !whole.takes(&[0x31]));
    }

    #[test]
    fn a_filter_without_bits_or_beyond_its_mask_is_none() {
        for (mask, bits) in [(&[0x30][..], 0), (&[0x30], 9), (&[0; 32], 249), (&[], 0)] {
            assert_eq!(
                EpcFilter::new(mask, bits),
                None,
                "{} bytes, {bits} bits",
                mask.len()
            );
        }
        assert!(EpcFilter::new(&[0; 31], 248).is_some());
    }
}
