//! What reading and writing the value of an application identifier share: its rules, and the widths and marks of
//! the forms of the second generation.

use jiff::civil::date;

use super::fault::Reason;
use crate::ai::{self, Ai};
use crate::checks;
use crate::date::Century;

/// Holds a value against its identifier's rules.
pub(super) fn check(ai: Ai, value: &str) -> Result<(), Reason> {
    // The century decides about the 29th of February alone, and every fourth year from 1976 to 2075 has one.
    let century = Century::of(date(2026, 1, 1));
    let entry = ai::find(ai.as_bytes()).ok_or(Reason::UnknownAi)?;
    checks::value(entry, value.as_bytes(), century)
        .map(|_| ())
        .map_err(|(code, _)| Reason::Field(code))
}

/// Widths of year, month and day.
pub(super) const DATE: [usize; 3] = [7, 4, 5];

/// Widths of the hour, minute and second that follow a date, by the two bits before it.
pub(super) fn time_widths(extent: usize) -> &'static [usize] {
    match extent {
        0b00 => &[5],
        0b01 => &[5, 6],
        0b10 => &[5, 6, 6],
        _ => &[],
    }
}

/// The two bits that tell how much of hour, minute and second a value of so many digits has.
pub(super) fn time_extent(digits: usize) -> usize {
    match digits {
        6 => 0b11,
        8 => 0b00,
        10 => 0b01,
        _ => 0b10,
    }
}

/// The nibble that ends the digits of a delimited value.
pub(super) const END: u64 = 0xF;

/// The nibble that ends the digits of a delimited value where a text follows.
pub(super) const TEXT_FOLLOWS: u64 = 0xE;
