//! The fast way from an RO_ACCESS_REPORT to tags: no tree, no heap, in any order of parameters.
//!
//! ```text
//! < 04 3D 00 00 00 3E 00 00 00 64                  RO_ACCESS_REPORT of 62 bytes
//!     00 F0 00 34                                  TagReportData of 52 bytes
//!       8D 30 34 25 7B F7 19 4E 40 00 00 1A 85     EPC-96
//!       81 00 01                                   antenna 1
//!       86 C7                                      peak signal -57 dBm
//!       87 00 03                                   channel 3
//!       82 00 06 0A 24 18 20 22 40                 first seen, microseconds since 1970
//!       84 00 06 0A 24 18 20 22 40                 last seen
//!       88 00 01                                   seen once
//!       8C 30 00                                   protocol control word
//!       8B EE 2C                                   the tag's CRC over that and the EPC
//! ```
//!
//! Sources: LLRP 1.0.1, section 13.2.3 and section 16.2.7.3; Impinj Octane LLRP for the custom parameters.

use tallyman_codes::{EpcBytes, Tag};

use super::layout::{
    CUSTOM_HEADER_BYTES, Layout, PEAK_RSSI, RF_PHASE_ANGLE, SERIALIZED_TID, TLV_HEADER_BYTES,
};
use super::numbers::parameter as p;
use crate::contract::GarbageReason;

/// The most reports that are walked before one is learned anew.
const PATIENCE_MAX: u16 = 255;

/// The bit of the protocol control word that says that further words follow it (EPC UHF Gen2 Air Interface, section
/// 6.3.2.1.2.2).
const PC_EXTENDED: u16 = 0x0200;

/// Full circle of Impinj's phase.
const PHASE_STEPS: i32 = 4_096;
const CENTI_DEGREES: i32 = 36_000;

/// How tag reports are read: with which extensions, and what the last ones looked like.
#[derive(Debug, Default)]
pub struct ReportReader {
    impinj: bool,
    layout: Layout,
    /// Reports that were walked since one was learned, and how many are before the next is. A reader that changes its order
    /// with every report would have each learned for nothing, so each time in vain doubles it.
    walks: u16,
    patience: u16,
}

/// A part of a report that is no tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportFault {
    /// Its bytes.
    pub bytes: usize,
    /// What is wrong with it.
    pub reason: GarbageReason,
}

/// The parts of a report: call [`Reports::next_report`] until it gives none.
pub struct Reports<'a, 'r> {
    reader: &'r mut ReportReader,
    rest: &'a [u8],
}

/// One tag's report; what was not reported is `None`.
#[derive(Clone, Copy)]
pub struct TagReport<'a> {
    bytes: &'a [u8],
    layout: &'a Layout,
}

impl ReportReader {
    /// A reader of reports. `impinj` says whether Impinj's own parameters are understood; others never are.
    pub fn new(impinj: bool) -> Self {
        Self {
            impinj,
            ..Self::default()
        }
    }

    /// The parts of a report's body, which is what stands behind the header.
    #[inline]
    pub fn reports<'a, 'r>(&'r mut self, body: &'a [u8]) -> Reports<'a, 'r> {
        Reports {
            reader: self,
            rest: body,
        }
    }

    /// Whether it is known where the parts of a report stand; `bytes` go on behind it to the end of the message.
    #[inline]
    fn knows(&mut self, report: &[u8], bytes: &[u8]) -> bool {
        if self.layout.fits(report) {
            (self.walks, self.patience) = (0, 0);
            return true;
        }
        self.walk(report, bytes)
    }

    fn walk(&mut self, report: &[u8], bytes: &[u8]) -> bool {
        if !self.layout.walk(bytes, report.len(), self.impinj) {
            return false;
        }
        self.walks += 1;
        if self.walks > self.patience {
            (self.walks, self.patience) = (0, (2 * self.patience + 1).min(PATIENCE_MAX));
            self.layout.learn(report);
        }
        true
    }
}

impl<'a> Reports<'a, '_> {
    /// The next tag's report, or what is wrong with the bytes that should be one. What is no tag's report, as a survey's,
    /// is passed over.
    #[inline]
    pub fn next_report(&mut self) -> Option<Result<TagReport<'_>, ReportFault>> {
        loop {
            let Some(&[high, low, l0, l1]) = self.rest.first_chunk() else {
                return self.all_is_lost();
            };
            let length = usize::from(u16::from_be_bytes([l0, l1]));
            let Some((report, rest)) = self
                .rest
                .split_at_checked(length)
                .filter(|_| length >= TLV_HEADER_BYTES)
            else {
                return self.all_is_lost();
            };
            if high & 0x80 != 0 {
                return self.all_is_lost();
            }
            let bytes = std::mem::replace(&mut self.rest, rest);
            if u16::from_be_bytes([high & 0x03, low]) != p::TAG_REPORT_DATA {
                continue;
            }
            let malformed = ReportFault {
                bytes: length,
                reason: GarbageReason::Malformed,
            };
            if !self.reader.knows(report, bytes) {
                return Some(Err(malformed));
            }
            let report = TagReport {
                bytes: report,
                layout: &self.reader.layout,
            };
            return Some(if report.epc().is_some() {
                Ok(report)
            } else {
                Err(malformed)
            });
        }
    }

    /// What stands here has no end that can be known.
    #[cold]
    fn all_is_lost(&mut self) -> Option<Result<TagReport<'_>, ReportFault>> {
        let bytes = std::mem::take(&mut self.rest).len();
        (bytes > 0).then_some(Err(ReportFault {
            bytes,
            reason: GarbageReason::Malformed,
        }))
    }
}

impl<'a> TagReport<'a> {
    /// The report's bytes, its header included.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    #[inline]
    fn at<const N: usize>(&self, place: usize) -> Option<[u8; N]> {
        if place == 0 {
            return None;
        }
        self.bytes.get(place..place + N)?.try_into().ok()
    }

    #[inline]
    fn tv<const N: usize>(&self, kind: u16) -> Option<[u8; N]> {
        let place = self.layout.tv(kind);
        if place == 0 {
            return None;
        }
        self.at(place + 1)
    }

    #[inline]
    fn u16(&self, kind: u16) -> Option<u16> {
        self.tv(kind).map(u16::from_be_bytes)
    }

    /// The EPC: its bytes, and its length in bits.
    #[inline]
    fn epc(&self) -> Option<(&'a [u8], usize)> {
        let place = self.layout.tv(p::EPC_96);
        if place != 0 {
            return Some((self.bytes.get(place + 1..place + 13)?, 96));
        }
        let data = self.within(self.layout.epc_data(), TLV_HEADER_BYTES)?;
        let (bits, epc) = data.split_first_chunk()?;
        let bits = usize::from(u16::from_be_bytes(*bits));
        // The count may lie.
        (epc.len() == bits.div_ceil(8)).then_some((epc, bits))
    }

    /// What stands in a parameter with a length, behind its header. The walk saw that it ends within the report.
    #[inline]
    fn within(&self, place: usize, header: usize) -> Option<&'a [u8]> {
        let [_, _, high, low] = self.at(place)?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        self.bytes.get(place + header..place + length)
    }

    /// The number in a parameter of Impinj.
    #[inline]
    fn impinj(&self, subtype: u32) -> Option<[u8; 2]> {
        let place = self.layout.impinj(subtype);
        if place == 0 {
            return None;
        }
        self.within(place, CUSTOM_HEADER_BYTES)?.try_into().ok()
    }

    /// The ROSpec that the tag was seen by.
    #[inline]
    pub fn ro_spec(&self) -> Option<u32> {
        self.tv(p::RO_SPEC_ID).map(u32::from_be_bytes)
    }

    /// The antenna, 1-based.
    #[inline]
    pub fn antenna(&self) -> Option<u16> {
        self.u16(p::ANTENNA_ID)
    }

    /// The peak signal in hundredths of a dBm; of an Impinj reader its own, finer one.
    #[inline]
    pub fn rssi_centi_dbm(&self) -> Option<i32> {
        let fine = self.impinj(PEAK_RSSI).map(i16::from_be_bytes);
        let whole = || self.tv(p::PEAK_RSSI).map(|[value]| i32::from(value as i8) * 100);
        fine.map(i32::from).or_else(whole)
    }

    /// When the tag was seen first and last, in microseconds, and whether they count from the reader's start.
    #[inline]
    pub fn seen_us(&self) -> (Option<u64>, Option<u64>, bool) {
        let time = |kind| self.tv(kind).map(u64::from_be_bytes);
        let utc = (
            time(p::FIRST_SEEN_TIMESTAMP_UTC),
            time(p::LAST_SEEN_TIMESTAMP_UTC),
        );
        if utc.0.is_some() || utc.1.is_some() {
            return (utc.0, utc.1, false);
        }
        let first = time(p::FIRST_SEEN_TIMESTAMP_UPTIME);
        let last = time(p::LAST_SEEN_TIMESTAMP_UPTIME);
        (first, last, first.is_some() || last.is_some())
    }

    /// The identity of the tag's chip, where an Impinj reader read it.
    fn tid(&self) -> Option<Box<[u8]>> {
        let data = self.within(self.layout.impinj(SERIALIZED_TID), CUSTOM_HEADER_BYTES)?;
        let (words, tid) = data.split_first_chunk()?;
        (tid.len() == 2 * usize::from(u16::from_be_bytes(*words))).then(|| tid.into())
    }

    /// The report as a tag.
    ///
    /// # Errors
    /// [`ReportFault`] where the EPC is longer than a tag can hold, or where the tag's own CRC says that it is another.
    #[inline]
    pub fn tag(&self) -> Result<Tag, ReportFault> {
        let fault = |reason| ReportFault {
            bytes: self.bytes.len(),
            reason,
        };
        let (epc, bits) = self.epc().ok_or(fault(GarbageReason::Malformed))?;
        let bytes = match <&[u8; 12]>::try_from(epc) {
            Ok(epc) => EpcBytes::new(epc),
            Err(_) => EpcBytes::new(epc),
        };
        let (pc, crc) = (self.u16(p::C1G2_PC), self.u16(p::C1G2_CRC));
        let (first_seen_us, last_seen_us, uptime) = self.seen_us();
        let tag = Tag {
            epc: bytes.ok_or(fault(GarbageReason::Malformed))?,
            epc_bits: if bits % 8 == 0 {
                None
            } else {
                u16::try_from(bits).ok()
            },
            pc,
            crc,
            antenna: self.antenna(),
            rssi_centi_dbm: self.rssi_centi_dbm(),
            rssi_raw: None,
            phase_centi_deg: self.phase_centi_deg(),
            channel: self.u16(p::CHANNEL_INDEX),
            count: self.u16(p::TAG_SEEN_COUNT).map(u32::from),
            first_seen_us,
            last_seen_us,
            uptime,
            tid: self.tid(),
        };
        // Where words follow the control word the CRC is over them too, and they need not be reported.
        if pc.is_some_and(|pc| pc & PC_EXTENDED != 0) || tag.crc_agrees() != Some(false) {
            Ok(tag)
        } else {
            Err(fault(GarbageReason::Checksum))
        }
    }

    #[inline]
    fn phase_centi_deg(&self) -> Option<i32> {
        Some(centi_degrees(u16::from_be_bytes(self.impinj(RF_PHASE_ANGLE)?)))
    }
}

/// A phase in hundredths of a degree. A reader may tell more than a full turn, and any number arrives from a bad line.
#[inline]
fn centi_degrees(steps: u16) -> i32 {
    let (turn, steps) = (i64::from(PHASE_STEPS), i64::from(steps));
    ((steps * i64::from(CENTI_DEGREES) + turn / 2) / turn) as i32
}

#[cfg(test)]
mod tests {
    use super::centi_degrees;

    #[test]
    fn any_phase_is_a_number_of_degrees() {
        for (steps, wanted) in [
            (0, 0),
            (1_024, 9_000),
            (4_095, 35_991),
            (4_096, 36_000),
            (u16::MAX, 575_991),
        ] {
            assert_eq!(centi_degrees(steps), wanted, "{steps} steps");
        }
    }
}
