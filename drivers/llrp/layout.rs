//! Where the parts of a tag's report stand: found once by walking it, and known again in the next report at a glance.
//!
//! A reader writes every report of an inventory in the same order. So the walk over one report's parameters is kept as a
//! mask over the bytes that say what stands where, and a report whose bytes under the mask are the same has its parts in
//! the same places. One that differs is walked, at the cost of a table look-up for each parameter.

use super::numbers::parameter as p;
use super::schema::CUSTOM;

/// Bytes of a parameter's header: type and length.
pub(super) const TLV_HEADER_BYTES: usize = 4;
/// The vendor number of Impinj (IANA private enterprise numbers).
pub const IMPINJ: u32 = 25_882;
/// Custom parameters of Impinj in a tag's report (Impinj Octane LLRP, tag report parameters).
const SERIALIZED_TID: u32 = 55;
const RF_PHASE_ANGLE: u32 = 56;
const PEAK_RSSI: u32 = 57;
/// Type, length, vendor and subtype of a custom parameter.
const CUSTOM_HEADER_BYTES: usize = 12;

/// The types of parameters without length, by which their places are kept.
const TV_KINDS: usize = 32;
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
    /// Of each parameter without length, the place of its type.
    tv: [u16; TV_KINDS],
    /// Of EPCData, the place of its count of bits.
    pub(super) epc_data: u16,
    /// Of Impinj's parameters, the place of their data.
    pub(super) impinj_rssi: u16,
    pub(super) impinj_phase: u16,
    pub(super) impinj_tid: u16,
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
            tv: [0; TV_KINDS],
            epc_data: 0,
            impinj_rssi: 0,
            impinj_phase: 0,
            impinj_tid: 0,
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
        usize::from(self.tv[usize::from(kind) % TV_KINDS])
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

    /// Walks a report, its header included. `false`: it is malformed, and nothing is known of it.
    pub(super) fn walk(&mut self, report: &[u8], impinj: bool) -> bool {
        self.length = report.len();
        self.words = 0;
        self.tv = [0; TV_KINDS];
        (
            self.epc_data,
            self.impinj_rssi,
            self.impinj_phase,
            self.impinj_tid,
        ) = (0, 0, 0, 0);
        let mut place = TLV_HEADER_BYTES;
        while let Some(&first) = report.get(place) {
            if first & 0x80 != 0 {
                let kind = usize::from(first & 0x7F);
                self.tv[kind % TV_KINDS] = place as u16;
                match TV_BYTES[kind] {
                    0 => return false,
                    bytes => place += usize::from(bytes),
                }
                continue;
            }
            let Some(&[high, low, l0, l1]) = report.get(place..).and_then(<[u8]>::first_chunk) else {
                return false;
            };
            let length = usize::from(u16::from_be_bytes([l0, l1]));
            if length < TLV_HEADER_BYTES {
                return false;
            }
            match u16::from_be_bytes([high & 0x03, low]) {
                p::EPC_DATA => self.epc_data = (place + TLV_HEADER_BYTES) as u16,
                CUSTOM if impinj => self.custom(report, place),
                _ => {}
            }
            place += length;
        }
        place == report.len()
    }

    fn custom(&mut self, report: &[u8], place: usize) {
        let Some(&[_, _, _, _, v0, v1, v2, v3, s0, s1, s2, s3]) =
            report.get(place..).and_then(<[u8]>::first_chunk)
        else {
            return;
        };
        if u32::from_be_bytes([v0, v1, v2, v3]) != IMPINJ {
            return;
        }
        let data = (place + CUSTOM_HEADER_BYTES) as u16;
        match u32::from_be_bytes([s0, s1, s2, s3]) {
            SERIALIZED_TID => self.impinj_tid = data,
            RF_PHASE_ANGLE => self.impinj_phase = data,
            PEAK_RSSI => self.impinj_rssi = data,
            _ => {}
        }
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
