//! A bounded table of tags, found by their EPC: for what reads a hundred thousand of them and may not grow beyond.
//!
//! Entries lie in blocks that never move, so that growing copies nothing and needs no second room of the same size; an
//! index of four bytes a place finds them (open addressing, at most half full). A collection of the standard library
//! would be keyed by a copy of the EPC and twice as large while it grows.

use crate::tag::EpcBytes;

/// What is kept of one tag, and says of which.
pub trait OfTag {
    /// The tag's EPC.
    fn epc(&self) -> &EpcBytes;
}

/// Entries of one block. A small window of a portal fits one or two.
const BLOCK_ENTRIES: usize = 256;

/// The smallest index.
const INDEX_PLACES_MIN: usize = 512;

/// Bits of a place that are the entry's number; those above are bits of the hash, so that other tags are seldom looked at.
const NUMBER_BITS: u32 = 20;
const NUMBER_MASK: u32 = (1 << NUMBER_BITS) - 1;

/// The most tags a table can be made for.
pub const TAGS_MAX: usize = NUMBER_MASK as usize - 1;

/// Tags, each with its entry, numbered from 0 in the order they came.
#[derive(Debug, Clone)]
pub struct TagTable<T> {
    blocks: Vec<Vec<T>>,
    len: usize,
    len_max: usize,
    /// 0 is free; else the entry's number plus 1 and bits of its hash above.
    index: Vec<u32>,
    /// Places of the index that are not free. Never below the tags that can be found.
    used: usize,
}

impl<T: OfTag> TagTable<T> {
    /// An empty table for this many entries at most, [`TAGS_MAX`] at most. It takes room as it needs it.
    pub fn new(len_max: usize) -> Self {
        Self {
            blocks: Vec::new(),
            len: 0,
            len_max: len_max.min(TAGS_MAX),
            index: Vec::new(),
            used: 0,
        }
    }

    /// How many entries there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many there may be.
    pub const fn len_max(&self) -> usize {
        self.len_max
    }

    /// The entry of this number.
    #[inline]
    pub fn get(&self, number: usize) -> Option<&T> {
        self.blocks
            .get(number / BLOCK_ENTRIES)?
            .get(number % BLOCK_ENTRIES)
    }

    /// The entry of this number, to be changed. Its EPC must stay what it is.
    #[inline]
    pub fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        self.blocks
            .get_mut(number / BLOCK_ENTRIES)?
            .get_mut(number % BLOCK_ENTRIES)
    }

    /// Every entry, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        self.blocks.iter().flatten()
    }

    /// Every entry, to be changed but for its EPC.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.blocks.iter_mut().flatten()
    }

    /// The number of the newest entry of this tag.
    #[inline]
    pub fn find(&self, epc: &EpcBytes) -> Option<usize> {
        let hash = hash(epc);
        let place = self.place_of(hash, epc)?;
        number_at(*self.index.get(place)?)
    }

    /// Adds an entry and returns its number, or `None` where the table is full. An older entry of the same tag stays under
    /// its number, and is not found any more.
    pub fn push(&mut self, entry: T) -> Option<usize> {
        if self.len >= self.len_max {
            return None;
        }
        if (self.used + 1) * 2 > self.index.len() {
            self.grow();
        }
        let number = self.len;
        let hash = hash(entry.epc());
        let place = self.place_of(hash, entry.epc())?;
        if let Some(kept) = self.index.get_mut(place) {
            self.used += usize::from(*kept == 0);
            *kept = marked(hash, number);
        }
        if number.is_multiple_of(BLOCK_ENTRIES) {
            self.blocks.push(Vec::with_capacity(BLOCK_ENTRIES));
        }
        self.blocks.last_mut()?.push(entry);
        self.len += 1;
        Some(number)
    }

    /// Empties the table and gives its room back. Of the index what was used now is kept for the next time.
    pub fn clear(&mut self) {
        let places = (self.len * 2).next_power_of_two().max(INDEX_PLACES_MIN);
        if places < self.index.len() / 4 {
            self.index = vec![0; places];
        } else if self.used > 0 {
            self.index.fill(0);
        }
        self.blocks.clear();
        (self.len, self.used) = (0, 0);
    }

    /// Where a tag is in the index, or the free place where it would be. `None` while there is no index.
    #[inline]
    fn place_of(&self, hash: u64, epc: &EpcBytes) -> Option<usize> {
        let mask = self.index.len().checked_sub(1)?;
        let mark = mark_of(hash);
        let mut place = hash as usize & mask;
        // At most half of the places are used, so that a free one is always met.
        loop {
            let kept = *self.index.get(place)?;
            let Some(number) = number_at(kept) else {
                return Some(place);
            };
            if kept & !NUMBER_MASK == mark && self.get(number).is_some_and(|entry| entry.epc() == epc) {
                return Some(place);
            }
            place = (place + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let places = (self.index.len() * 2).max(INDEX_PLACES_MIN);
        let old = std::mem::replace(&mut self.index, vec![0; places]);
        let mask = places - 1;
        for kept in old {
            let Some(entry) = number_at(kept).and_then(|number| self.get(number)) else {
                continue;
            };
            let mut place = hash(entry.epc()) as usize & mask;
            while self.index.get(place).is_some_and(|&kept| kept != 0) {
                place = (place + 1) & mask;
            }
            if let Some(free) = self.index.get_mut(place) {
                *free = kept;
            }
        }
    }
}

fn mark_of(hash: u64) -> u32 {
    (hash >> 32) as u32 & !NUMBER_MASK
}

fn marked(hash: u64, number: usize) -> u32 {
    mark_of(hash) | (number as u32 + 1)
}

fn number_at(kept: u32) -> Option<usize> {
    (kept & NUMBER_MASK).checked_sub(1).map(|number| number as usize)
}

/// A number that depends on every byte: the EPC in pieces of eight, each multiplied to 128 bits and folded. Serials of one
/// article differ in the last bits only, and must not fall together.
#[inline]
fn hash(epc: &EpcBytes) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let fold = |state: u64, piece: u64| {
        let product = u128::from(state ^ piece) * u128::from(ODD);
        product as u64 ^ (product >> 64) as u64
    };
    let mut pieces = epc.chunks_exact(8);
    let mut state = epc.len() as u64 ^ ODD.rotate_left(32);
    for piece in &mut pieces {
        state = fold(state, u64::from_le_bytes(piece.try_into().unwrap_or_default()));
    }
    let rest = pieces
        .remainder()
        .iter()
        .fold(0, |rest, &byte| rest << 8 | u64::from(byte));
    fold(fold(state, rest), ODD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[derive(Debug, Clone, PartialEq)]
    struct Entry(EpcBytes, u32);

    impl OfTag for Entry {
        fn epc(&self) -> &EpcBytes {
            &self.0
        }
    }

    fn epc(serial: u32, length: usize) -> EpcBytes {
        let mut bytes = vec![0x30; length];
        let at = length.saturating_sub(4);
        let tail = &serial.to_be_bytes()[4 - (length - at)..];
        bytes[at..].copy_from_slice(tail);
        EpcBytes::new(&bytes).unwrap()
    }

    #[test]
    fn a_full_table_says_so_and_keeps_what_it_has() {
        let mut table = TagTable::new(1_000);
        for serial in 0..1_000 {
            assert_eq!(table.push(Entry(epc(serial, 12), serial)), Some(serial as usize));
        }
        assert_eq!(table.push(Entry(epc(1_000, 12), 0)), None);
        assert_eq!(table.find(&epc(1_000, 12)), None);
        for serial in 0..1_000 {
            let number = table.find(&epc(serial, 12)).unwrap();
            assert_eq!(table.get(number).unwrap().1, serial);
        }
    }

    #[test]
    fn equal_beginnings_of_another_length_are_other_tags() {
        let mut table = TagTable::new(10);
        for length in [0, 1, 7, 8, 9, 12, 16, 62] {
            let tag = EpcBytes::new(&vec![0; length]).unwrap();
            assert_eq!(table.find(&tag), None, "of {length} bytes");
            table.push(Entry(tag, length as u32)).unwrap();
            assert_eq!(table.get(table.find(&tag).unwrap()).unwrap().1, length as u32);
        }
    }

    #[test]
    fn a_table_made_too_large_has_the_largest_size() {
        assert_eq!(TagTable::<Entry>::new(usize::MAX).len_max(), TAGS_MAX);
    }

    proptest! {
        /// The newest entry of each tag is found, whatever was pushed and cleared before.
        #[test]
        fn it_finds_what_a_map_would(steps in prop::collection::vec((0u32..600, 0usize..200), 1..2_000)) {
            let mut table = TagTable::new(1_500);
            let mut map = HashMap::new();
            for (step, (serial, chance)) in steps.into_iter().enumerate() {
                if chance == 0 {
                    table.clear();
                    map.clear();
                    prop_assert!(table.is_empty());
                }
                let tag = epc(serial, 12);
                prop_assert_eq!(table.find(&tag), map.get(&serial).copied());
                if let Some(number) = table.push(Entry(tag, step as u32)) {
                    prop_assert_eq!(number + 1, table.len());
                    map.insert(serial, number);
                }
                let number = table.find(&tag);
                prop_assert_eq!(number, map.get(&serial).copied());
                if let Some(number) = number {
                    prop_assert_eq!(table.get(number).unwrap().0, tag);
                }
            }
            prop_assert_eq!(table.iter().count(), table.len());
        }
    }
}
