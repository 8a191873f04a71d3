//! One piece that is looked for by its signal: how strongly it is heard now, and how often that sounds.

use tallyman_codes::{EpcBytes, Moment, Sighting};
use tallyman_drivers::EpcFilter;
use tallyman_floor::swept::piece_of;

/// Below this a tag is hardly heard, in hundredths of a dBm.
const FAR_CENTI_DBM: i32 = -8_000;

/// At this the reader touches it.
const NEAR_CENTI_DBM: i32 = -3_000;

/// Milliseconds after which a tag that is not heard is not there any more.
const SILENT_MS: u64 = 1_500;

/// Milliseconds between two tones where the signal is full; with none left it is ten times as many.
const TONE_MS_MIN: u64 = 100;

/// A piece that is looked for.
#[derive(Debug)]
pub(super) struct Finding {
    gtins: Vec<String>,
    serial: String,
    heard: Option<(Moment, u8)>,
    /// The least and the most that a reader told in its own unit.
    raw: Option<(i32, i32)>,
    sounded: Moment,
}

impl Finding {
    pub const fn new(gtins: Vec<String>, serial: String, now: Moment) -> Self {
        Self {
            gtins,
            serial,
            heard: None,
            raw: None,
            sounded: now,
        }
    }

    /// Whether it is this piece that is looked for.
    pub fn is_of(&self, gtins: &[String], serial: &str) -> bool {
        self.gtins == gtins && self.serial == serial
    }

    /// Takes what was seen. Answers whether the piece was among it.
    pub fn take(&mut self, at: Moment, sightings: &[Sighting]) -> bool {
        let is_it = |sighting: &&Sighting| {
            let piece = piece_of(&sighting.epc, sighting.epc_bits, sighting.pc);
            piece.is_some_and(|(gtin, serial)| serial == self.serial && self.gtins.contains(&gtin))
        };
        let Some(sighting) = sightings.iter().find(is_it) else {
            return false;
        };
        let percent = match (sighting.signal, sighting.signal_raw) {
            (Some(signal), _) => between(i32::from(signal.latest_centi_dbm), FAR_CENTI_DBM, NEAR_CENTI_DBM),
            // A unit that only the reader knows: between the least and the most of it so far.
            (None, Some(raw)) => {
                let (least, most) = self.raw.unwrap_or((raw.latest, raw.latest));
                let (least, most) = (least.min(raw.latest), most.max(raw.latest));
                self.raw = Some((least, most));
                between(raw.latest, least, most)
            }
            // It is heard, and nobody says how well.
            (None, None) => 50,
        };
        self.heard = Some((at, percent));
        true
    }

    /// How strongly it is heard, of 100; `None` where it is not.
    pub fn signal(&self, now: Moment) -> Option<u8> {
        let (at, percent) = self.heard?;
        (now.since_us(at) < SILENT_MS * 1_000).then_some(percent)
    }

    /// When the next tone is due; `None` while it is not heard.
    pub fn tone_due(&self, now: Moment) -> Option<Moment> {
        let percent = u64::from(self.signal(now)?);
        let pause_ms = TONE_MS_MIN + TONE_MS_MIN * 9 * (100 - percent.min(100)) / 100;
        Some(self.sounded.plus_ms(pause_ms))
    }

    /// It sounded.
    pub const fn sounded(&mut self, now: Moment) {
        self.sounded = now;
    }

    /// When it counts as not heard any more.
    pub fn silent_at(&self) -> Option<Moment> {
        self.heard.map(|(at, _)| at.plus_ms(SILENT_MS))
    }
}

/// Where a value is between two others, 1 to 100.
fn between(value: i32, least: i32, most: i32) -> u8 {
    let span = i64::from(most) - i64::from(least);
    if span <= 0 {
        return 50;
    }
    let part = (i64::from(value) - i64::from(least)) * 100 / span;
    u8::try_from(part.clamp(1, 100)).unwrap_or(100)
}

/// The filter that only the tag of a piece passes, made from another tag of its GTIN: they differ in the serial number alone,
/// the last 38 bits of an SGTIN-96 (EPC Tag Data Standard, section 14.6.1.1). `None` for other tags and for serial numbers
/// that those bits do not hold.
pub(super) fn filter(like: &EpcBytes, serial: &str) -> Option<EpcFilter> {
    const SGTIN_96: u8 = 0x30;
    const SERIAL_BITS: u32 = 38;
    let bytes: [u8; 12] = like.as_slice().try_into().ok()?;
    if bytes.first() != Some(&SGTIN_96) || serial.starts_with('0') && serial.len() > 1 {
        return None;
    }
    let number: u64 = serial.parse().ok()?;
    if number >> SERIAL_BITS != 0 {
        return None;
    }
    let mut padded = [0; 16];
    padded.get_mut(4..)?.copy_from_slice(&bytes);
    let known = u128::from_be_bytes(padded) >> SERIAL_BITS << SERIAL_BITS;
    let whole = (known | u128::from(number)).to_be_bytes();
    EpcFilter::new(whole.get(4..)?, 96)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_a_share_of_what_can_be_heard() {
        for (dbm, percent) in [
            (-9_000, 1),
            (-8_000, 1),
            (-5_500, 50),
            (-3_000, 100),
            (-1_000, 100),
        ] {
            assert_eq!(between(dbm, FAR_CENTI_DBM, NEAR_CENTI_DBM), percent, "{dbm}");
        }
        assert_eq!(between(7, 7, 7), 50);
    }

    #[test]
    fn a_filter_differs_from_a_tag_of_the_kind_in_the_serial_number() {
        let like = EpcBytes::new(&[
            0x30, 0x34, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, 0x00, 0x00, 0x1A, 0x85,
        ])
        .unwrap();
        let same = filter(&like, "6789").unwrap();
        assert_eq!((same.mask(), same.bits()), (like.as_slice(), 96));
        let other = filter(&like, "1").unwrap();
        assert_eq!(other.mask().last(), Some(&1));
        assert_eq!(piece_of(&like, None, None).unwrap().1, "6789");
        assert!(filter(&like, "274877906943").is_some());
        for serial in ["274877906944", "AB", "", "007", "-1"] {
            assert!(filter(&like, serial).is_none(), "{serial:?}");
        }
        assert!(filter(&EpcBytes::new(&[0x36; 26]).unwrap(), "1").is_none());
        assert!(filter(&EpcBytes::new(&[0x31; 12]).unwrap(), "1").is_none());
    }

    #[test]
    fn the_tone_comes_the_oftener_the_stronger_the_signal() {
        let mut finding = Finding::new(
            vec!["80614141123458".to_owned()],
            "6789".to_owned(),
            Moment::default(),
        );
        assert_eq!(finding.tone_due(Moment::default()), None);
        for (percent, ms) in [(100, 100), (50, 550), (1, 991)] {
            finding.heard = Some((Moment::default(), percent));
            assert_eq!(finding.tone_due(Moment::default()), Some(Moment::from_ms(ms)));
        }
        assert_eq!(finding.signal(Moment::from_ms(SILENT_MS)), None);
        assert_eq!(finding.tone_due(Moment::from_ms(SILENT_MS)), None);
    }
}
