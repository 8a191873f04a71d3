//! What the reader says in words: regions, refusals, and texts of answers.

use tallyman_codes::Tag;

use super::wire::{Frame, Seen, cmd};
use crate::uhf::reports::dbm;

/// The words of the setting `region`, with the region's number and the first and the last of its channels (manual, command 78:
/// FCC, ETSI and CHN).
pub const REGIONS: &[&str] = &["keep", "us", "eu", "cn"];
const CHANNELS: [[u8; 3]; 3] = [[1, 0x07, 0x3B], [2, 0x00, 0x06], [3, 0x2B, 0x35]];

/// What phase a full turn is. From memory: the reader counts in 4,096ths.
const PHASES_A_TURN: i32 = 4_096;

/// Answers: done.
pub const OK: u8 = 0x10;
/// Refused because no antenna is connected.
pub const NO_ANTENNA: u8 = 0x22;
/// The reader started anew.
pub const RESTARTED: u8 = 0x20;
/// No tag.
pub const NO_TAG: u8 = 0x36;

/// What command 78 sets for a region's word; `None` for `keep`.
pub fn region(word: &str) -> Option<[u8; 3]> {
    let place = REGIONS.iter().position(|known| *known == word)?.checked_sub(1)?;
    CHANNELS.get(place).copied()
}

/// What is known of a region, for people.
pub fn region_text(region: &[u8]) -> String {
    let word = match region.first() {
        Some(number @ 1..=3) => REGIONS.get(usize::from(*number)).copied().unwrap_or("?"),
        _ => "user-defined",
    };
    match region {
        [_, first, last] => format!("{word}, channels {first} to {last}"),
        _ => word.to_owned(),
    }
}

/// The tag of a round or of the buffer.
#[inline]
pub fn tag(seen: &Seen<'_>) -> Option<Tag> {
    let phase = seen
        .phase
        .map(|phase| i32::from(phase) % PHASES_A_TURN * 36_000 / PHASES_A_TURN);
    Some(Tag {
        antenna: Some(u16::from(seen.antenna)),
        channel: Some(u16::from(seen.channel)),
        rssi_centi_dbm: Some(i32::from(seen.rssi_dbm) * 100),
        phase_centi_deg: phase,
        count: seen.count.map(u32::from),
        ..seen.told.tag()?
    })
}

/// The name and the text of an answer.
pub fn answer(frame: &Frame<'_>) -> (&'static str, String) {
    match (frame.cmd, frame.data) {
        (cmd::FIRMWARE, [major, minor]) => ("firmware", format!("{major}.{minor}")),
        (cmd::GET_POWER, powers) if !powers.is_empty() => {
            let each: Vec<String> = powers.iter().map(|power| dbm(i32::from(*power) * 100)).collect();
            ("power", each.join(", "))
        }
        (cmd::GET_REGION, region) => ("region", region_text(region)),
        (0x7B, [sign, degrees]) => (
            "temperature",
            format!("{}{degrees} °C", if *sign == 0 { "-" } else { "" }),
        ),
        (cmd, [code]) => (super::wire::name(cmd), reason(*code).to_owned()),
        (cmd, _) => (super::wire::name(cmd), String::new()),
    }
}

/// What a code means, as the end of a sentence.
pub const fn reason(code: u8) -> &'static str {
    match code {
        OK => "done",
        0x11 => "it failed",
        RESTARTED => "it started anew",
        0x21 => "its carrier could not be switched on",
        NO_ANTENNA => "no antenna is connected",
        0x23 | 0x24 => "its memory cannot be written or read",
        0x25 => "the power could not be set",
        0x31 => "the round failed",
        NO_TAG => "no tag answered",
        0x38 => "its buffer is empty",
        0x41..=0x4F => "a parameter is not allowed",
        0x52 => "its synthesizer does not lock",
        0x53 => "its radio chip does not answer",
        0x54 => "the power is not reached",
        0x56 => "the radio rules do not allow it",
        0x57 => "the power is too low",
        0xEE => "the antenna's return loss is too high",
        _ => "it gives no known reason",
    }
}
