//! Where the parts of a tag's report stand: found once by walking it, and known again in the next report at a glance.
//!
//! A reader writes every report of an inventory in the same order. So the walk over one report's parameters is kept as a
//! mask over the bytes that say what stands where, and a report whose bytes under the mask are the same has its parts in
//! the same places. One that differs is walked, at the cost of a table look-up for each parameter.

use std::hint::select_unpredictable;

use super::numbers::parameter as p;
use super::schema::CUSTOM;

/// Bytes of a parameter's header: type and length.
pub(super) const TLV_HEADER_BYTES: usize = 4;
/// The vendor number of Impinj (IANA private enterprise numbers).
pub const IMPINJ: u32 = 25_882;
/// Custom parameters of Impinj in a tag's report (Impinj Octane LLRP, tag report parameters).
pub(super) const SERIALIZED_TID: u32 = 55;
pub(super) const RF_PHASE_ANGLE: u32 = 56;
pub(super) const PEAK_RSSI: u32 = 57;
/// Type, length, vendor and subtype of a custom parameter.
pub(super) const CUSTOM_HEADER_BYTES: usize = 12;

/// Where the place of a part is kept: parameters without length by their type, then these.
const SLOTS: usize = 64;
const TV_SLOTS: usize = 32;
const EPC_DATA_SLOT: usize = TV_SLOTS;
/// Three for Impinj's, from [`SERIALIZED_TID`] on.
const IMPINJ_SLOT: usize = TV_SLOTS + 1;
/// What is of no interest.
const OTHER_SLOT: usize = SLOTS - 1;

/// The longest report whose layout is known again: 96 bits with everything, and four custom parameters.
const KNOWN_BYTES_MAX: usize = 128;
const WORD: usize = 8;

/// Bytes of each parameter without length, its type included; 0 for those that nobody knows.
static TV_BYTES: [u8; 128] = {
    let mut bytes = [0; 128];
    let mut row = 0;
    while row < super::parameters::PARAMETERS.len() {
        let spec = &super::parameters::PARAMETERS[row];
        if spec.number < super::schema::TV_END {
            let mut bits = 8;
            let mut field = 0;
            while field < spec.fields.len() {
                if let Some(fixed) = spec.fields[field].form.fixed_bits() {
                    bits += fixed;
                }
                field += 1;
            }
            bytes[spec.number as usize] = (bits / 8) as u8;
        }
        row += 1;
    }
    bytes
};

/// Where the parts of one report stand, counted from its first byte; 0 for what is not there.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Bytes of the report.
    length: usize,
    places: [u16; SLOTS],
    /// The bytes that say what stands where, and what they say; words of the report from its begin, the last one from
    /// its end. None where the report is too short or too long for that.
    words: usize,
    mask: [[u8; WORD]; KNOWN_BYTES_MAX / WORD],
    want: [u64; KNOWN_BYTES_MAX / WORD],
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            length: 0,
            places: [0; SLOTS],
            words: 0,
            mask: [[0; WORD]; KNOWN_BYTES_MAX / WORD],
            want: [0; KNOWN_BYTES_MAX / WORD],
        }
    }
}

impl Layout {
    /// Where a parameter without length begins.
    #[inline]
    pub(super) fn tv(&self, kind: u16) -> usize {
        usize::from(self.places[usize::from(kind) % TV_SLOTS])
    }

    /// Where EPCData begins.
    #[inline]
    pub(super) fn epc_data(&self) -> usize {
        usize::from(self.places[EPC_DATA_SLOT])
    }

    /// Where a custom parameter of Impinj begins.
    #[inline]
    pub(super) fn impinj(&self, subtype: u32) -> usize {
        let slot = IMPINJ_SLOT + subtype.wrapping_sub(SERIALIZED_TID) as usize;
        usize::from(self.places[slot % SLOTS])
    }

    /// Whether the parts of this report stand in the same places.
    #[inline]
    pub(super) fn fits(&self, report: &[u8]) -> bool {
        if report.len() != self.length || self.words == 0 {
            return false;
        }
        let mut differs = 0;
        let mut words = report.chunks_exact(WORD);
        let masks = self.mask.iter().zip(&self.want);
        for ((mask, want), word) in masks.zip(words.by_ref()) {
            differs |= number(word) & u64::from_ne_bytes(*mask) ^ want;
        }
        if words.remainder().is_empty() {
            return differs == 0;
        }
        let (Some(last), Some(mask), Some(want)) = (
            report.last_chunk::<WORD>(),
            self.mask.get(self.words - 1),
            self.want.get(self.words - 1),
        ) else {
            return false;
        };
        differs |= u64::from_ne_bytes(*last) & u64::from_ne_bytes(*mask) ^ want;
        differs == 0
    }

    /// Walks the report that `bytes` begin with, its header included and so many bytes long; what follows it in the message is not
    /// looked at, only its room is used. `false`: it is malformed, and nothing is known of it.
    ///
    /// Where parts come in an order of chance every guess of the processor would be wrong half the time. So nothing here is guessed:
    /// both forms of a parameter are read at once, and one is chosen.
    pub(super) fn walk(&mut self, bytes: &[u8], length: usize, impinj: bool) -> bool {
        self.length = length;
        self.words = 0;
        self.places = [0; SLOTS];
        let mut place = TLV_HEADER_BYTES;
        while place < length {
            let Some(head) = bytes.get(place..).and_then(<[u8]>::first_chunk) else {
                return self.walk_end(bytes.get(..length).unwrap_or(bytes), place, impinj);
            };
            let taken = self.take(head, place, impinj);
            if taken == 0 {
                return false;
            }
            place += taken;
        }
        place == length
    }

    /// The last parts of a message: they are read as if zeros followed them.
    #[cold]
    fn walk_end(&mut self, report: &[u8], mut place: usize, impinj: bool) -> bool {
        while let Some(rest) = report.get(place..).filter(|rest| !rest.is_empty()) {
            let mut head = [0; CUSTOM_HEADER_BYTES];
            for (kept, byte) in head.iter_mut().zip(rest) {
                *kept = *byte;
            }
            let is_cut = rest.first().is_some_and(|first| first & 0x80 == 0) && rest.len() < TLV_HEADER_BYTES;
            let taken = if is_cut {
                0
            } else {
                self.take(&head, place, impinj)
            };
            if taken == 0 {
                return false;
            }
            place += taken;
        }
        place == report.len()
    }

    /// Keeps the place of the parameter that begins with these bytes, and says how long it is; 0 for one that cannot be.
    #[inline]
    fn take(&mut self, head: &[u8; CUSTOM_HEADER_BYTES], place: usize, impinj: bool) -> usize {
        let [t0, t1, l0, l1, v0, v1, v2, v3, s0, s1, s2, s3] = *head;
        let has_length = t0 & 0x80 == 0;
        // Without length: a type of seven bits.
        let tv_kind = usize::from(t0 & 0x7F);
        let tv_bytes = usize::from(TV_BYTES[tv_kind]);
        // With length.
        let kind = u16::from_be_bytes([t0 & 0x03, t1]);
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let subtype = u32::from_be_bytes([s0, s1, s2, s3]).wrapping_sub(SERIALIZED_TID);
        let is_used = impinj
            & (kind == CUSTOM)
            & (u32::from_be_bytes([v0, v1, v2, v3]) == IMPINJ)
            & (subtype <= PEAK_RSSI - SERIALIZED_TID)
            & (length >= CUSTOM_HEADER_BYTES);
        let other = select_unpredictable(kind == p::EPC_DATA, EPC_DATA_SLOT, OTHER_SLOT);
        let slot = select_unpredictable(is_used, IMPINJ_SLOT.wrapping_add(subtype as usize), other);
        let slot = select_unpredictable(has_length, slot, tv_kind % TV_SLOTS);
        self.places[slot % SLOTS] = place as u16;
        let with_length = select_unpredictable(length < TLV_HEADER_BYTES, 0, length);
        select_unpredictable(has_length, with_length, tv_bytes)
    }

    /// Keeps what says where the parts of the report that was just walked stand, so that the next one may fit.
    pub(super) fn learn(&mut self, report: &[u8]) {
        let words = report.len().div_ceil(WORD);
        if report.len() < WORD || words > self.mask.len() {
            return;
        }
        self.mask = [[0; WORD]; KNOWN_BYTES_MAX / WORD];
        let mut place = TLV_HEADER_BYTES;
        while let Some(&first) = report.get(place) {
            let (marks, bytes) = marks(report, place, first);
            for mark in place..(place + marks).min(report.len()) {
                self.mark(mark, report.len());
            }
            place += bytes.max(1);
        }
        let mut whole = report.chunks_exact(WORD);
        for ((word, mask), want) in whole.by_ref().zip(&self.mask).zip(&mut self.want) {
            *want = number(word) & u64::from_ne_bytes(*mask);
        }
        if let (false, Some(last), Some(mask), Some(want)) = (
            whole.remainder().is_empty(),
            report.last_chunk::<WORD>(),
            self.mask.get(words - 1),
            self.want.get_mut(words - 1),
        ) {
            *want = u64::from_ne_bytes(*last) & u64::from_ne_bytes(*mask);
        }
        self.words = words;
    }

    fn mark(&mut self, place: usize, length: usize) {
        let whole = length - length % WORD;
        let (word, byte) = if place < whole {
            (place / WORD, place % WORD)
        } else {
            (length / WORD, place + WORD - length)
        };
        if let Some(byte) = self.mask.get_mut(word).and_then(|mask| mask.get_mut(byte)) {
            *byte = u8::MAX;
        }
    }
}

/// How many bytes from a parameter's begin say what it is and where its parts stand, and how many it has in all.
fn marks(report: &[u8], place: usize, first: u8) -> (usize, usize) {
    if first & 0x80 != 0 {
        return (1, usize::from(TV_BYTES[usize::from(first & 0x7F)]));
    }
    let Some(&[high, low, l0, l1]) = report.get(place..).and_then(<[u8]>::first_chunk) else {
        return (1, 1);
    };
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    let marks = match u16::from_be_bytes([high & 0x03, low]) {
        CUSTOM => CUSTOM_HEADER_BYTES.min(length),
        // The count of bits too.
        p::EPC_DATA => (TLV_HEADER_BYTES + 2).min(length),
        _ => TLV_HEADER_BYTES,
    };
    (marks, length)
}

#[inline]
fn number(word: &[u8]) -> u64 {
    word.try_into().map(u64::from_ne_bytes).unwrap_or_default()
}
