//! What the module says in words: regions, refusals, and texts of answers.

use tallyman_codes::Tag;

use super::wire::{Frame, cmd};
use crate::uhf::backscatter::word;
use crate::uhf::reports::{dbm, shown};

/// The words of the setting `region`. The number of a region is its place (manual, command 07).
pub const REGIONS: &[&str] = &["keep", "cn_900", "us", "eu", "cn_800", "jp", "kr"];

/// The number of a region's word; `None` for `keep`.
pub fn region_number(word: &str) -> Option<u8> {
    let place = REGIONS.iter().position(|known| *known == word)?;
    u8::try_from(place).ok().filter(|number| *number > 0)
}

/// The word of a region's number.
pub fn region_word(number: u8) -> Option<&'static str> {
    REGIONS.get(usize::from(number)).filter(|_| number > 0).copied()
}

/// The tag of a notice.
#[inline]
pub fn tag(frame: &Frame<'_>) -> Option<Tag> {
    let (rssi, told) = frame.tag()?;
    Some(Tag {
        rssi_centi_dbm: Some(i32::from(rssi) * 100),
        ..told.tag()?
    })
}

/// The name and the text of an answer.
pub fn answer(frame: &Frame<'_>) -> (&'static str, String) {
    match (frame.cmd, frame.parameters) {
        (cmd::INFO, [0, text @ ..]) => ("hardware", shown(text)),
        (cmd::INFO, [1, text @ ..]) => ("software", shown(text)),
        (cmd::INFO, [2, text @ ..]) => ("manufacturer", shown(text)),
        (cmd::GET_REGION, [number]) => (
            "region",
            region_word(*number).map_or_else(|| number.to_string(), str::to_owned),
        ),
        (cmd::GET_POWER, parameters) => (
            "power",
            word(parameters).map_or_else(String::new, |(power, _)| dbm(i32::from(power))),
        ),
        (cmd::GET_QUERY, parameters) => (
            "session",
            word(parameters).map_or_else(String::new, |(query, _)| (query >> 8 & 3).to_string()),
        ),
        (cmd, _) => (super::wire::name(cmd), String::new()),
    }
}

/// An error of command FF.
pub mod error {
    /// No tag answered in this round.
    pub const NO_TAG: u8 = 0x15;
    /// The channels could not be hopped over.
    pub const HOPPING: u8 = 0x20;
}

/// Why a command was refused, as the end of a sentence.
pub const fn reason(code: u8) -> &'static str {
    match code {
        0x09 => "the tag could not be read",
        0x0E => "a parameter is not allowed",
        0x10 => "the tag could not be written",
        0x12 => "the tag could not be killed",
        0x13 => "the tag could not be locked",
        0x14 => "the tag could not be locked for good",
        error::NO_TAG => "no tag answered",
        0x16 => "the tag's password is another",
        0x17 => "it does not know the command",
        error::HOPPING => "it found no channel to transmit on",
        0xA0..=0xEF => "the tag refused",
        _ => "it gives no known reason",
    }
}
