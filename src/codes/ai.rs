//! The application identifiers (AIs) of GS1: which there are, what their values look like, and which may or must
//! stand together.
//!
//! The rows are written in [`rows`] as a person reads them. The compiler turns them into entries with bit sets
//! and into an index, so that a lookup is one load and an association is a few bit operations.

mod compile;
mod row;
mod rows;

use std::fmt;

pub use row::{Check, Part};

use compile::{INDEX, compile, prefixes};
use rows::ROWS_LEN;

/// The most digits an AI has.
pub const AI_DIGITS_MAX: usize = 4;

/// The slot or row that stands for none.
pub(crate) const NONE: u8 = u8::MAX;

/// An application identifier: 2 to 4 digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ai {
    digits: [u8; AI_DIGITS_MAX],
    len: u8,
}

impl Ai {
    /// The identifier with these digits; `None` unless they are 2 to 4 digits.
    pub fn new(digits: &[u8]) -> Option<Self> {
        if !(2..=AI_DIGITS_MAX).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut ai = Self {
            digits: [0; AI_DIGITS_MAX],
            len: digits.len() as u8,
        };
        for (place, digit) in ai.digits.iter_mut().zip(digits) {
            *place = *digit;
        }
        Some(ai)
    }

    /// Its digits.
    pub fn as_bytes(&self) -> &[u8] {
        self.digits.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Its digits as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Debug for Ai {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "({})", self.as_str())
    }
}

/// What is known of an AI, or of a range of AIs that differ in their last digit only.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// How GS1 names the field on a label.
    pub title: &'static str,
    /// The AIs as the table writes them: `01`, or `3100-3105`.
    pub ais: &'static str,
    /// The parts a value is made of, in order.
    pub parts: &'static [Part],
    /// The value's predefined length, behind which no separator stands; 0 where the value runs to a separator.
    pub predefined: u8,
    /// The fewest characters a value has.
    pub min: u8,
    /// The most characters a value has.
    pub max: u8,
    /// The AI may stand in the query of a Digital Link.
    pub in_query: bool,
    /// The AI is a primary key of Digital Links.
    pub is_key: bool,
    /// The last digit of the AI is the number of decimals of its last part.
    pub decimals: bool,
    /// The AI is the digital signature, which demands serial parts of the keys it covers.
    pub(crate) is_signature: bool,
    /// Another AI of the same range may not stand on the item.
    pub(crate) alone: bool,
    pub(crate) excludes: RowSet,
    pub(crate) requires: [Requirement; 2],
    pub(crate) qualifiers: [[u8; 3]; 2],
    first: u16,
    last: u16,
    digits: u8,
}

impl Entry {
    /// All AIs of the entry, each 2 to 4 digits.
    pub fn each_ai(&self) -> impl Iterator<Item = String> + use<> {
        let digits = usize::from(self.digits);
        (self.first..=self.last).map(move |number| format!("{number:0digits$}"))
    }

    /// Whether a value's length varies.
    pub fn is_variable(&self) -> bool {
        self.min != self.max
    }
}

/// One condition of an entry: one of `any`, or all of one of `all`, must stand on the item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requirement {
    pub(crate) any: RowSet,
    pub(crate) all: [[u8; 3]; 4],
    /// The condition as the table writes it; empty for none.
    pub(crate) written: &'static str,
}

/// A set of rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RowSet([u64; 4]);

impl RowSet {
    pub(crate) const EMPTY: Self = Self([0; 4]);

    /// The set with this row added; a row that stands for none is ignored.
    pub(crate) const fn with(mut self, row: u8) -> Self {
        if row != NONE {
            self.0[(row >> 6) as usize] |= 1 << (row & 63);
        }
        self
    }

    pub(crate) const fn has(&self, row: u8) -> bool {
        self.0[(row >> 6) as usize] & (1 << (row & 63)) != 0
    }

    pub(crate) const fn meets(&self, other: &Self) -> bool {
        (self.0[0] & other.0[0])
            | (self.0[1] & other.0[1])
            | (self.0[2] & other.0[2])
            | (self.0[3] & other.0[3])
            != 0
    }
}

/// The row of each AI, counted by its digits padded with zeros on the right to four.
static ROW_OF: [u8; 10_000] = INDEX;

/// The entries, in the order of the rows.
pub static ENTRIES: [Entry; ROWS_LEN] = compile();

/// What the first two digits of a message say: how long the AI is, and how long its value if that is predefined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// Digits of the AI; 0 where no AI begins so.
    pub(crate) digits: u8,
    /// Characters of the value; 0 where it runs to a separator.
    pub(crate) predefined: u8,
}

/// No AI begins so.
pub(crate) const NO_PREFIX: Prefix = Prefix {
    digits: 0,
    predefined: 0,
};

/// GS1 General Specifications, figures 7.8.4-2 and 7.8.5-2, by the first two digits.
pub(crate) static PREFIXES: [Prefix; 100] = prefixes();

/// The entry of an AI written in digits; `None` for one that the table does not have.
pub fn find(ai: &[u8]) -> Option<&'static Entry> {
    ENTRIES.get(usize::from(row_of(ai)))
}

/// The row of an AI written in digits, [`NONE`] for one that the table does not have.
pub(crate) fn row_of(ai: &[u8]) -> u8 {
    let slot = match ai {
        [a, b] => digit(*a) * 1000 + digit(*b) * 100,
        [a, b, c] => digit(*a) * 1000 + digit(*b) * 100 + digit(*c) * 10,
        [a, b, c, d] => digit(*a) * 1000 + digit(*b) * 100 + digit(*c) * 10 + digit(*d),
        _ => return NONE,
    };
    let row = ROW_OF.get(slot).copied().unwrap_or(NONE);
    match ENTRIES.get(usize::from(row)) {
        Some(entry) if usize::from(entry.digits) == ai.len() => row,
        _ => NONE,
    }
}

/// The digit's value, or a number too large for every table.
const fn digit(byte: u8) -> usize {
    let digit = byte.wrapping_sub(b'0');
    if digit > 9 { 1_000_000 } else { digit as usize }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_application_identifiers_are_found_by_their_digits() {
        let mut count = 0;
        for (place, entry) in ENTRIES.iter().enumerate() {
            for ai in entry.each_ai() {
                assert_eq!(usize::from(row_of(ai.as_bytes())), place, "AI {ai}");
                count += 1;
            }
        }
        assert_eq!(count, 541);
        for unknown in [
            "", "0", "05", "3106", "999", "1000", "100", "9", "0a", "31000", "ab",
        ] {
            assert!(find(unknown.as_bytes()).is_none(), "{unknown}");
        }
    }

    #[test]
    fn predefined_lengths_are_those_of_the_prefix() {
        for entry in &ENTRIES {
            for ai in entry.each_ai() {
                let prefix: usize = ai[..2].parse().unwrap();
                assert_eq!(PREFIXES[prefix].digits as usize, ai.len(), "AI {ai}");
                assert_eq!(PREFIXES[prefix].predefined, entry.predefined, "AI {ai}");
            }
        }
    }

    #[test]
    fn only_the_last_parts_vary_and_checks_find_their_lengths() {
        for entry in &ENTRIES {
            let (_, before) = entry.parts.split_last().unwrap();
            assert!(before.iter().all(|part| part.min == part.max), "{}", entry.ais);
            let mut optional = false;
            for part in entry.parts {
                assert!(
                    part.optional || !optional,
                    "{}: a part must follow an optional one",
                    entry.ais
                );
                optional = part.optional;
            }
            assert!(usize::from(entry.max) <= 90);
        }
    }

    #[test]
    fn associations_name_rows() {
        let gtin = find(b"01").unwrap();
        assert!(gtin.excludes.has(row_of(b"37")) && gtin.excludes.has(row_of(b"255")));
        assert!(find(b"3102").unwrap().alone && !gtin.alone);
        assert_eq!(
            find(b"7004").unwrap().requires[0].all[0],
            [row_of(b"01"), row_of(b"10"), NONE]
        );
        assert_eq!(
            gtin.qualifiers,
            [
                [row_of(b"22"), row_of(b"10"), row_of(b"21")],
                [row_of(b"235"), NONE, NONE]
            ]
        );
    }
}
