//! A sighting: what the reads of one RFID tag in one short window of time come to.
//!
//! A portal reads a tag many times a second, and who counts wants to know of each tag once: how often it was read, how
//! strongly, and by which antennas. The reads of a window become one [`Sighting`] where they arrive (the burst of
//! `drivers`); sightings of the same tag can be [added up](Sighting::merge) further, and nothing about them depends on how
//! the reads were cut into windows but the moments between.

use crate::antennas::Antennas;
use crate::epc::{Key96, Pc, decode_96};
use crate::read::Moment;
use crate::tag::{EpcBytes, Tag};
use crate::tag_table::OfTag;

/// The reads of one tag in one window, summed up. Copied without the heap, as [`Tag`]s are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    /// The EPC memory after CRC and PC, padded to whole bytes.
    pub epc: EpcBytes,
    /// The EPC's length in bits, where it is no whole number of bytes.
    pub epc_bits: Option<u16>,
    /// The protocol control word, where a read carried it.
    pub pc: Option<u16>,
    /// How often the tag was read, 1 at least.
    pub reads: u32,
    /// The best and the latest signal, where the reader tells one in dBm.
    pub signal: Option<Strength>,
    /// The best and the latest signal in the reader's own unit, where that is not dBm. Never compared between readers.
    pub signal_raw: Option<RawStrength>,
    /// Which antennas read it, and how well.
    pub antennas: Antennas,
    /// When the first and the last report arrived, on the program's clock.
    pub first: Moment,
    /// When the last report arrived.
    pub last: Moment,
    /// When the reader saw it first and last, on the reader's clock, where it says so.
    pub reader_times: Option<ReaderTimes>,
    /// At least one read carried the tag's own CRC, and it agreed. Reads whose CRC is wrong are not of this tag.
    pub crc_agreed: bool,
}

/// A signal's strength in hundredths of a dBm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strength {
    /// The strongest read.
    pub best_centi_dbm: i16,
    /// The latest read.
    pub latest_centi_dbm: i16,
    /// The sum over the reports that told a strength.
    pub sum_centi_dbm: i32,
    /// How many those were, 1 at least.
    pub reports: u32,
}

/// A signal's strength in a unit of the reader, larger is stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawStrength {
    /// The strongest read.
    pub best: i32,
    /// The latest read.
    pub latest: i32,
}

/// Times on the reader's clock, which may be wrong by years: they serve to compare sightings of one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReaderTimes {
    /// The first sighting, microseconds.
    pub first_us: u64,
    /// The last sighting, microseconds.
    pub last_us: u64,
    /// They count from the reader's start, not from 1970.
    pub uptime: bool,
}

impl OfTag for Sighting {
    fn epc(&self) -> &EpcBytes {
        &self.epc
    }
}

impl Sighting {
    /// The sighting that one read is.
    pub fn of(tag: &Tag, at: Moment) -> Self {
        let mut sighting = Self {
            epc: tag.epc,
            epc_bits: tag.epc_bits,
            pc: tag.pc,
            reads: 0,
            signal: None,
            signal_raw: None,
            antennas: Antennas::default(),
            first: at,
            last: at,
            reader_times: None,
            crc_agreed: false,
        };
        sighting.add(tag, at);
        sighting
    }

    /// Adds a later read of the same tag. The caller has left reads out whose CRC is wrong ([`Tag::crc_agrees`]).
    pub fn add(&mut self, tag: &Tag, at: Moment) {
        let signal = tag.rssi_centi_dbm.map(centi_dbm);
        self.pc = self.pc.or(tag.pc);
        self.reads = self.reads.saturating_add(tag.count.unwrap_or(1).max(1));
        self.signal = both(self.signal, signal.map(Strength::of), Strength::merge);
        self.signal_raw = both(
            self.signal_raw,
            tag.rssi_raw.map(RawStrength::of),
            RawStrength::merge,
        );
        if let Some(antenna) = tag.antenna {
            self.antennas.add(antenna, signal);
        }
        self.last = self.last.max(at);
        self.reader_times = both(self.reader_times, ReaderTimes::of(tag), ReaderTimes::merge);
        self.crc_agreed |= tag.crc.is_some() && tag.pc.is_some();
    }

    /// Adds up with a later sighting of the same tag.
    pub fn merge(&mut self, later: &Self) {
        self.pc = self.pc.or(later.pc);
        self.reads = self.reads.saturating_add(later.reads);
        self.signal = both(self.signal, later.signal, Strength::merge);
        self.signal_raw = both(self.signal_raw, later.signal_raw, RawStrength::merge);
        self.antennas.merge(&later.antennas);
        self.first = self.first.min(later.first);
        self.last = self.last.max(later.last);
        self.reader_times = both(self.reader_times, later.reader_times, ReaderTimes::merge);
        self.crc_agreed |= later.crc_agreed;
    }

    /// The report that these reads are, taken as one: for what judges a tag as it judges a barcode.
    pub fn to_tag(&self) -> Tag {
        Tag {
            epc: self.epc,
            epc_bits: self.epc_bits,
            pc: self.pc,
            antenna: self.antennas.best().map(|(antenna, _)| antenna),
            rssi_centi_dbm: self.signal.map(|signal| i32::from(signal.best_centi_dbm)),
            rssi_raw: self.signal_raw.map(|signal| signal.best),
            count: Some(self.reads),
            first_seen_us: self.reader_times.map(|times| times.first_us),
            last_seen_us: self.reader_times.map(|times| times.last_us),
            uptime: self.reader_times.is_some_and(|times| times.uptime),
            ..Tag::default()
        }
    }

    /// The GS1 key in the EPC, where the tag has 96 bits and one. A tag whose PC word says that it carries no EPC (an AFI,
    /// toggle 1) has none. Reading it costs less than keeping it would: some 30 ns against 80 bytes a tag.
    pub fn key(&self) -> Option<Key96> {
        if self.pc.and_then(|pc| Pc(pc).afi()).is_some() {
            return None;
        }
        decode_96(self.epc.as_slice().try_into().ok()?).ok()
    }
}

/// A strength as it is kept: what no radio can be is cut off.
fn centi_dbm(value: i32) -> i16 {
    value.clamp(i32::from(i16::MIN) + 1, i32::from(i16::MAX)) as i16
}

fn both<T: Copy>(before: Option<T>, later: Option<T>, merge: impl FnOnce(T, T) -> T) -> Option<T> {
    match (before, later) {
        (Some(before), Some(later)) => Some(merge(before, later)),
        (one, other) => one.or(other),
    }
}

impl Strength {
    const fn of(centi_dbm: i16) -> Self {
        Self {
            best_centi_dbm: centi_dbm,
            latest_centi_dbm: centi_dbm,
            sum_centi_dbm: centi_dbm as i32,
            reports: 1,
        }
    }

    /// The mean of the reports, rounded towards zero. One lucky echo moves it less than it moves the best.
    pub fn mean_centi_dbm(&self) -> i16 {
        let mean = i64::from(self.sum_centi_dbm) / i64::from(self.reports.max(1));
        mean.clamp(i64::from(i16::MIN) + 1, i64::from(i16::MAX)) as i16
    }

    fn merge(self, later: Self) -> Self {
        Self {
            best_centi_dbm: self.best_centi_dbm.max(later.best_centi_dbm),
            latest_centi_dbm: later.latest_centi_dbm,
            sum_centi_dbm: self.sum_centi_dbm.saturating_add(later.sum_centi_dbm),
            reports: self.reports.saturating_add(later.reports),
        }
    }
}

impl RawStrength {
    const fn of(raw: i32) -> Self {
        Self {
            best: raw,
            latest: raw,
        }
    }

    fn merge(self, later: Self) -> Self {
        Self {
            best: self.best.max(later.best),
            latest: later.latest,
        }
    }
}

impl ReaderTimes {
    fn of(tag: &Tag) -> Option<Self> {
        let last_us = tag.last_seen_us.or(tag.first_seen_us)?;
        Some(Self {
            first_us: tag.first_seen_us.unwrap_or(last_us),
            last_us,
            uptime: tag.uptime,
        })
    }

    /// A reader whose clock was set meanwhile: only the later times can be believed.
    fn merge(self, later: Self) -> Self {
        if self.uptime != later.uptime {
            return later;
        }
        Self {
            first_us: self.first_us.min(later.first_us),
            last_us: self.last_us.max(later.last_us),
            uptime: self.uptime,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPC: [u8; 12] = [
        0x30, 0x34, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, 0x00, 0x00, 0x1A, 0x85,
    ];

    fn tag(antenna: u16, rssi_centi_dbm: Option<i32>, seen_us: u64) -> Tag {
        Tag {
            epc: EpcBytes::new(&EPC).unwrap(),
            pc: Some(0x3000),
            crc: Some(0xEE2C),
            antenna: Some(antenna),
            rssi_centi_dbm,
            first_seen_us: Some(seen_us),
            count: Some(2),
            ..Tag::default()
        }
    }

    fn moment(ms: u64) -> Moment {
        Moment::from_ms(ms)
    }

    #[test]
    fn reads_add_up() {
        let mut sighting = Sighting::of(&tag(3, Some(-6_100), 70), moment(5));
        sighting.add(&tag(1, Some(-4_950), 75), moment(6));
        sighting.add(&tag(1, None, 80), moment(7));
        sighting.add(&tag(3, Some(-7_000), 60), moment(8));
        assert_eq!(sighting.reads, 8);
        assert_eq!(
            sighting.signal,
            Some(Strength {
                best_centi_dbm: -4_950,
                latest_centi_dbm: -7_000,
                sum_centi_dbm: -18_050,
                reports: 3,
            })
        );
        assert_eq!(sighting.signal.unwrap().mean_centi_dbm(), -6_016);
        assert_eq!(
            sighting.antennas.iter().collect::<Vec<_>>(),
            [(1, Some(-4_950)), (3, Some(-6_100))]
        );
        assert_eq!(sighting.antennas.best(), Some((1, Some(-4_950))));
        assert_eq!((sighting.first, sighting.last), (moment(5), moment(8)));
        let times = sighting.reader_times.unwrap();
        assert_eq!((times.first_us, times.last_us), (60, 80));
        assert!(sighting.crc_agreed);
        assert_eq!(sighting.key().unwrap().key(), "80614141123458");
        let back = sighting.to_tag();
        assert_eq!(
            (back.antenna, back.rssi_centi_dbm, back.count),
            (Some(1), Some(-4_950), Some(8))
        );
    }

    #[test]
    fn it_does_not_matter_where_a_window_ended() {
        let tags: Vec<Tag> = (0..6)
            .map(|n| tag(1 + n % 3, Some(-6_000 + 137 * i32::from(n) % 500), u64::from(n)))
            .collect();
        let fold = |tags: &[Tag], from: u64| {
            let mut sighting = Sighting::of(&tags[0], moment(from));
            for (tag, ms) in tags[1..].iter().zip(from + 1..) {
                sighting.add(tag, moment(ms));
            }
            sighting
        };
        let whole = fold(&tags, 0);
        for cut in 1..tags.len() {
            let mut parts = fold(&tags[..cut], 0);
            parts.merge(&fold(&tags[cut..], cut as u64));
            assert_eq!(parts, whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_tag_that_carries_no_epc_has_no_key() {
        let afi = Tag {
            pc: Some(0x31A1),
            ..tag(1, None, 0)
        };
        assert_eq!(Sighting::of(&afi, moment(0)).key(), None);
    }

    #[test]
    fn what_no_radio_can_be_is_cut_off() {
        for (told, kept) in [(i32::MIN, -32_767), (i32::MAX, 32_767), (-5_550, -5_550)] {
            let sighting = Sighting::of(&tag(1, Some(told), 0), moment(0));
            assert_eq!(sighting.signal.unwrap().best_centi_dbm, kept);
        }
    }

    #[test]
    fn a_reader_whose_clock_is_set_meanwhile_is_believed_from_then_on() {
        let mut sighting = Sighting::of(
            &Tag {
                uptime: true,
                ..tag(1, None, 900)
            },
            moment(0),
        );
        sighting.add(&tag(1, None, 1_700_000_000_000_000), moment(1));
        assert_eq!(
            sighting.reader_times,
            Some(ReaderTimes {
                first_us: 1_700_000_000_000_000,
                last_us: 1_700_000_000_000_000,
                uptime: false
            })
        );
    }
}
