//! Reading and writing fields of any width, most significant bit first, as tag memory is counted.

use super::fault::{Fault, Reason};

/// A place in an EPC, moving from bit 0 (the first of the header) to the end.
#[derive(Debug, Clone)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> BitReader<'a> {
    /// Starts at bit 0 of `bytes`; `end` is cut to what `bytes` holds.
    pub(super) fn new(bytes: &'a [u8], end: usize) -> Self {
        Self {
            bytes,
            at: 0,
            end: end.min(bytes.len().saturating_mul(8)),
        }
    }

    /// The bit that is read next.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// How many bits are left.
    pub(super) fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// The next `width` bits (64 at most) as an unsigned integer.
    pub(super) fn read(&mut self, width: usize) -> Result<u64, Fault> {
        debug_assert!(width <= 64, "a field of more than 64 bits is read in parts");
        if self.left() < width {
            return Err(Fault::at(self.end, Reason::TooShort));
        }
        let mut value = 0u64;
        let mut wanted = width;
        while wanted > 0 {
            let byte = self.bytes.get(self.at / 8).copied().unwrap_or(0);
            let used = self.at % 8;
            let take = wanted.min(8 - used);
            let part = (byte << used) >> (8 - take);
            value = (value << take) | u64::from(part);
            self.at += take;
            wanted -= take;
        }
        Ok(value)
    }

    /// Passes over `width` bits and says whether all of them were 0.
    pub(super) fn skip_zeros(&mut self, width: usize) -> Result<bool, Fault> {
        let mut zeros = true;
        let mut left = width;
        while left > 0 {
            let take = left.min(64);
            zeros &= self.read(take)? == 0;
            left -= take;
        }
        Ok(zeros)
    }

    /// Whether everything that is left is 0, without moving.
    pub(super) fn only_zeros_left(&self) -> bool {
        let mut ahead = self.clone();
        let left = ahead.left();
        ahead.skip_zeros(left).unwrap_or(false)
    }
}

/// Bits put one behind the other.
#[derive(Debug, Clone, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    bits: usize,
}

impl BitWriter {
    /// How many bits were written.
    pub(super) fn bits(&self) -> usize {
        self.bits
    }

    /// Appends the `width` low bits of `value` (64 at most).
    pub(super) fn write(&mut self, value: u64, width: usize) {
        debug_assert!(width <= 64, "a field of more than 64 bits is written in parts");
        debug_assert!(
            width == 64 || value >> width == 0,
            "{value} does not fit {width} bits"
        );
        for place in (0..width).rev() {
            let bit = (value >> place & 1) as u8;
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << (7 - self.bits % 8);
            }
            self.bits += 1;
        }
    }

    /// Appends `width` zero bits.
    pub(super) fn zeros(&mut self, width: usize) {
        for _ in 0..width {
            self.write(0, 1);
        }
    }

    /// The bytes, the last one filled up with zero bits.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_any_width_come_back() {
        let mut writer = BitWriter::default();
        let fields = [
            (5, 3),
            (0, 1),
            (0x1234_5678_9ABC_DEF0, 64),
            (1, 1),
            (0x3F_FFFF_FFFF, 38),
            (0, 7),
        ];
        for (value, width) in fields {
            writer.write(value, width);
        }
        let bits = writer.bits();
        assert_eq!(bits, 114);
        let bytes = writer.into_bytes();
        let mut reader = BitReader::new(&bytes, bits);
        for (value, width) in fields {
            assert_eq!(reader.read(width).unwrap(), value);
        }
        assert_eq!(reader.left(), 0);
        assert_eq!(reader.read(1).unwrap_err().at, 114);
    }

    #[test]
    fn zeros_are_told_from_ones() {
        let bytes = [0u8, 0, 1];
        assert!(BitReader::new(&bytes, 23).only_zeros_left());
        assert!(!BitReader::new(&bytes, 24).only_zeros_left());
    }
}
