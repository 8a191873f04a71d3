//! What the module says in words: models, regions, and statuses.

/// Statuses.
pub mod status {
    /// Done.
    pub const OK: u16 = 0x0000;
    /// No tag; also once a second while the module searches.
    pub const NO_TAG: u16 = 0x0400;
    /// The channel is taken by somebody else; the module tries the next.
    pub const CHANNEL_OCCUPIED: u16 = 0x0501;
    /// No antenna is connected.
    pub const NO_ANTENNA: u16 = 0x0503;
    /// The module is too hot and rests.
    pub const TOO_HOT: u16 = 0x0504;
    /// The antenna sends back too much.
    pub const RETURN_LOSS: u16 = 0x0505;
}

/// The words of the setting `region`, and their numbers.
pub const REGIONS: &[&str] = &[
    "keep", "na", "eu", "kr", "in", "jp", "prc", "eu2", "eu3", "kr2", "au", "nz", "na2", "na3", "open",
];
const NUMBERS: [u8; 14] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0B, 0x0C, 0x0D, 0x0E, 0xFF];

/// The number of a region's word; `None` for `keep`.
pub fn region(word: &str) -> Option<u8> {
    let place = REGIONS.iter().position(|known| *known == word)?.checked_sub(1)?;
    NUMBERS.get(place).copied()
}

/// A region for people.
pub fn region_text(number: u8) -> String {
    let place = NUMBERS.iter().position(|known| *known == number);
    let word = place.and_then(|place| REGIONS.get(place + 1));
    match (number, word) {
        (0, _) => "none".to_owned(),
        (_, Some(word)) => (*word).to_owned(),
        (number, None) => format!("{number:02X}"),
    }
}

/// A model by the first byte of its hardware number.
pub fn model_text(hardware: &[u8]) -> String {
    let known = match hardware.first() {
        Some(0x18) => "M6e",
        Some(0x20) => "M6e Micro",
        Some(0x30) => "M6e Nano",
        _ => "unknown model",
    };
    format!("{known}, hardware {}", dotted(hardware))
}

/// Bytes as `01.02.03.04`.
pub fn dotted(bytes: &[u8]) -> String {
    let each: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    each.join(".")
}

/// What a status means, as the end of a sentence.
pub const fn reason(status: u16) -> &'static str {
    match status {
        0x0100 => "the command's length is wrong",
        0x0101 | 0x0102 => "it does not know the command",
        0x0103 => "the power is too high",
        0x0104 | 0x0500 => "the frequency is not allowed",
        0x0105 => "a parameter is not allowed",
        0x0106 => "the power is too low",
        0x010A => "the rate is not possible",
        0x010B => "it does not have the region, or none is set",
        status::NO_TAG => "no tag answered",
        0x0401 => "no tag protocol is set",
        0x0402..=0x04FF => "the tag refused",
        status::CHANNEL_OCCUPIED => "the channel is occupied",
        0x0502 => "it transmits already",
        status::NO_ANTENNA => "no antenna is connected",
        status::TOO_HOT => "it is too hot",
        status::RETURN_LOSS => "the antenna's return loss is too high",
        0x0600..=0x0603 => "its buffer is full",
        0x7F00.. => "its firmware failed",
        _ => "it gives no known reason",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_numbers_and_words() {
        for (word, number) in [("na", 1), ("eu3", 8), ("au", 0x0B), ("na2", 0x0D), ("open", 0xFF)] {
            assert_eq!(region(word), Some(number));
            assert_eq!(region_text(number), word);
        }
        assert_eq!(
            (region("keep"), region_text(0), region_text(0x2A)),
            (None, "none".to_owned(), "2A".to_owned())
        );
    }
}
