//! Tags in answers, and what the reader says in words: models, bands, statuses.

use tallyman_codes::{EpcBytes, Tag};

use super::dialogue::Model;

/// Statuses.
pub mod status {
    /// Done.
    pub const OK: u8 = 0x00;
    /// The last frame of a round.
    pub const LAST: u8 = 0x01;
    /// The round's time is over.
    pub const TIME_OVER: u8 = 0x02;
    /// More frames of the round follow.
    pub const MORE: u8 = 0x03;
    /// The reader's memory was full before the round's end.
    pub const FULL: u8 = 0x04;
    /// A reader in active mode says that it is there.
    pub const HEARTBEAT: u8 = 0x28;
    /// An antenna is missing or broken.
    pub const ANTENNA: u8 = 0xF8;
    /// No tag answered.
    pub const NO_TAG: u8 = 0xFB;
    /// The reader does not know the command, or it arrived damaged.
    pub const UNKNOWN: u8 = 0xFE;
    /// A CF reader has ended its round. From memory.
    pub const CF_ENDED: u8 = 0x12;
}

/// The words of the setting `region`.
pub const REGIONS: &[&str] = &[
    "keep", "cn_900", "us", "kr", "eu", "ua", "pe", "cn_800", "eu_3", "tw", "us_3",
];
/// Band number and highest channel of each word but the first. The numbers of channels are from memory.
const BANDS: [(u8, u8); 10] = [
    (1, 19),
    (2, 49),
    (3, 31),
    (4, 14),
    (6, 6),
    (7, 10),
    (8, 19),
    (9, 3),
    (10, 11),
    (12, 52),
];

/// The two bytes of command 22 for a region's word, highest and lowest channel; `None` for `keep`. The band's number is in the
/// two highest bits of both.
pub fn region(word: &str) -> Option<[u8; 2]> {
    let place = REGIONS.iter().position(|known| *known == word)?.checked_sub(1)?;
    let (band, highest) = BANDS.get(place)?;
    Some([(band & 0x0C) << 4 | highest, (band & 0x03) << 6])
}

/// A region for people.
pub fn region_text([highest, lowest]: [u8; 2]) -> String {
    let band = (highest & 0xC0) >> 4 | (lowest & 0xC0) >> 6;
    let place = BANDS.iter().position(|(number, _)| *number == band);
    let word = place.and_then(|place| REGIONS.get(place + 1));
    format!(
        "{}, channels {} to {}",
        word.map_or_else(|| format!("band {band}"), |word| (*word).to_owned()),
        lowest & 0x3F,
        highest & 0x3F
    )
}

/// The model of a type number. New numbers come up in the field; they are no fault.
pub fn model_text(number: u8) -> String {
    let known = match number {
        0x03 | 0x08 => "CF-RU5102",
        0x09 => "UHFReader18",
        0x0C => "UHFReader288M",
        0x0F | 0x10 => "CF-MU903 or CF-MU904",
        0x16 => "CF-MU902",
        0x20 => "CF-MU804",
        0x8B => "CF-RU6401",
        _ => return format!("type {number:02X}"),
    };
    known.to_owned()
}

/// A tag without protocol control word.
#[inline]
fn tag(epc: &[u8]) -> Option<Tag> {
    Some(Tag {
        epc: EpcBytes::new(epc).filter(|epc| !epc.is_empty())?,
        ..Tag::default()
    })
}

/// The antenna of a bit.
fn antenna(bits: u8) -> Option<u16> {
    (bits.count_ones() == 1).then(|| bits.trailing_zeros() as u16 + 1)
}

/// The tags of a frame of a round. `None` where its lengths contradict each other.
pub fn tags(model: Model, data: &[u8]) -> Option<Vec<Tag>> {
    let (antenna, data) = match model {
        Model::Reader18 => (None, data),
        Model::Reader288 => {
            let (bits, data) = data.split_first()?;
            (antenna(*bits), data)
        }
    };
    let (count, mut rest) = data.split_first()?;
    let mut found = Vec::new();
    for _ in 0..*count {
        let (length, after) = rest.split_first()?;
        let (epc, after) = after.split_at_checked(usize::from(*length))?;
        let mut seen = tag(epc)?;
        seen.antenna = antenna;
        rest = after;
        if model == Model::Reader288 {
            let (signal, after) = rest.split_first()?;
            seen.rssi_raw = Some(i32::from(*signal));
            rest = after;
        }
        found.push(seen);
    }
    rest.is_empty().then_some(found)
}

/// Whether the lengths in a frame of a round agree with each other.
#[inline]
pub fn is_filled(model: Model, data: &[u8]) -> bool {
    let (head, signal) = match model {
        Model::Reader18 => (0, 0),
        Model::Reader288 => (1, 1),
    };
    let Some((count, mut rest)) = data.get(head..).and_then(<[u8]>::split_first) else {
        return false;
    };
    for _ in 0..*count {
        let after = match rest.split_first() {
            Some((length, after)) if *length > 0 => after.get(usize::from(*length) + signal..),
            _ => None,
        };
        match after {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

/// The tag that a reader in active mode tells. The layout is from memory.
pub fn active_tag(model: Model, data: &[u8]) -> Option<Tag> {
    match (model, data) {
        (Model::Reader18, epc) => tag(epc),
        (Model::Reader288, [bits, length, rest @ ..]) => {
            let (epc, [signal]) = rest.split_at_checked(usize::from(*length))? else {
                return None;
            };
            Some(Tag {
                antenna: antenna(*bits),
                rssi_raw: Some(i32::from(*signal)),
                ..tag(epc)?
            })
        }
        _ => None,
    }
}

/// The tag that a CF reader tells: signal (2), antenna, channel, length, EPC. The layout is from memory.
pub fn cf_tag(data: &[u8]) -> Option<Tag> {
    let [high, low, antenna, channel, length, epc @ ..] = data else {
        return None;
    };
    if usize::from(*length) != epc.len() {
        return None;
    }
    Some(Tag {
        antenna: Some(u16::from(*antenna)),
        channel: Some(u16::from(*channel)),
        rssi_raw: Some(i32::from(i16::from_be_bytes([*high, *low]))),
        ..tag(epc)?
    })
}

/// What a status means, as the end of a sentence.
pub const fn reason(status: u8) -> &'static str {
    match status {
        0x05 => "the tag's password is another",
        0x0B..=0x0E | status::UNKNOWN => "it does not know the command",
        0x10 | 0x11 => "the tag refused",
        0x13 => "it could not store it",
        0x14 => "the power is not possible",
        status::ANTENNA => "an antenna is missing or broken",
        0xF9 => "it could not do it",
        0xFA => "the tag answered badly",
        status::NO_TAG => "no tag answered",
        0xFC => "the tag refused",
        0xFD => "the command's length is wrong",
        0xFF => "a parameter is not allowed",
        _ => "it gives no known reason",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_in_the_highest_bits() {
        for (word, bytes) in [
            ("us", [0x31, 0x80]),
            ("eu", [0x4E, 0x00]),
            ("kr", [0x1F, 0xC0]),
            ("cn_900", [0x13, 0x40]),
            ("us_3", [0xF4, 0x00]),
        ] {
            assert_eq!(region(word), Some(bytes), "{word}");
            assert!(region_text(bytes).starts_with(&format!("{word}, channels 0 to ")));
        }
        assert_eq!(region("keep"), None);
        assert_eq!(region_text([0x3E, 0x00]), "band 0, channels 0 to 62");
    }

    #[test]
    fn a_frames_tags_must_fill_it() {
        let two = [2, 2, 0xE2, 0x01, 2, 0xE2, 0x02];
        assert_eq!(tags(Model::Reader18, &two).unwrap().len(), 2);
        assert!(is_filled(Model::Reader18, &two));
        for (model, data) in [
            (Model::Reader18, &two[..6]),
            (Model::Reader18, &[1, 2, 0xE2, 0x01, 0x00]),
            (Model::Reader18, &[1, 0]),
            (Model::Reader288, &two),
            (Model::Reader288, &[]),
        ] {
            assert_eq!(tags(model, data), None, "{data:02X?}");
            assert!(!is_filled(model, data), "{data:02X?}");
        }
    }
}
