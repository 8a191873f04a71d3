//! The application identifiers (AIs) of GS1: which there are, what their values look like, and which may or must
//! stand together.
//!
//! The rows are written in [`rows`] as a person reads them. The compiler turns them into entries with bit sets
//! and into an index, so that a lookup is one load and an association is a few bit operations.

mod row;
mod rows;

use std::fmt;

pub use row::{Check, Part};

use rows::{ROWS, ROWS_LEN};

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
const INDEX: [u8; 10_000] = index();

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

const fn compile() -> [Entry; ROWS_LEN] {
    let blank = Requirement {
        any: RowSet::EMPTY,
        all: [[NONE; 3]; 4],
        written: "",
    };
    let mut entries = [Entry {
        title: "",
        ais: "",
        parts: &[],
        predefined: 0,
        min: 0,
        max: 0,
        in_query: false,
        is_key: false,
        decimals: false,
        is_signature: false,
        alone: false,
        excludes: RowSet::EMPTY,
        requires: [blank; 2],
        qualifiers: [[NONE; 3]; 2],
        first: 0,
        last: 0,
        digits: 0,
    }; ROWS_LEN];
    let mut place = 0;
    while place < ROWS_LEN {
        let row = &ROWS[place];
        let entry = &mut entries[place];
        let (first, last, digits) = range(row.ais);
        (entry.first, entry.last, entry.digits) = (first, last, digits);
        (entry.title, entry.ais, entry.parts, entry.in_query) = (row.title, row.ais, row.parts, row.in_query);
        (entry.min, entry.max) = lengths(row.parts);
        entry.predefined = if row.predefined { entry.max } else { 0 };
        entry.is_signature = first == 8030;
        entry.decimals = last > first && first / 1000 == 3;
        let excluded = members(row.never_with);
        entry.alone = excluded.has(place as u8);
        entry.excludes = without(excluded, place as u8);
        entry.requires = [requirement(row.one_of[0]), requirement(row.one_of[1])];
        if let Some(written) = row.key {
            entry.is_key = true;
            entry.qualifiers = qualifiers(written);
        }
        place += 1;
    }
    entries
}

const fn lengths(parts: &[Part]) -> (u8, u8) {
    let (mut min, mut max, mut place) = (0, 0, 0);
    while place < parts.len() {
        min += if parts[place].optional {
            0
        } else {
            parts[place].min
        };
        max += parts[place].max;
        place += 1;
    }
    (min, max)
}

/// First AI, last AI and number of digits of `01` or `3100-3105`.
const fn range(ais: &str) -> (u16, u16, u8) {
    let bytes = ais.as_bytes();
    let (mut number, mut digits, mut place, mut first) = (0u16, 0u8, 0, None);
    while place < bytes.len() {
        if bytes[place] == b'-' {
            first = Some(number);
            (number, digits) = (0, 0);
        } else {
            number = number * 10 + (bytes[place] - b'0') as u16;
            digits += 1;
        }
        place += 1;
    }
    match first {
        Some(first) => (first, number, digits),
        None => (number, number, digits),
    }
}

const fn index() -> [u8; 10_000] {
    let mut table = [NONE; 10_000];
    let mut place = 0;
    while place < ROWS_LEN {
        let (first, last, digits) = range(ROWS[place].ais);
        let step = match digits {
            2 => 100,
            3 => 10,
            _ => 1,
        };
        let mut number = first;
        while number <= last {
            table[number as usize * step] = place as u8;
            number += 1;
        }
        place += 1;
    }
    table
}

const fn prefixes() -> [Prefix; 100] {
    let mut table = [Prefix {
        digits: 0,
        predefined: 0,
    }; 100];
    let mut place = 0;
    while place < ROWS_LEN {
        let (first, last, digits) = range(ROWS[place].ais);
        let by = match digits {
            2 => 1,
            3 => 10,
            _ => 100,
        };
        let mut number = first;
        while number <= last {
            table[(number / by) as usize].digits = digits;
            number += 1;
        }
        place += 1;
    }
    // The predefined lengths hold for whole prefixes, those without an AI of today included.
    table[0] = Prefix {
        digits: 2,
        predefined: 18,
    };
    let mut prefix = 1;
    while prefix < 100 {
        let (digits, predefined) = match prefix {
            1..=3 => (2, 14),
            4 => (2, 16),
            11..=19 => (2, 6),
            20 => (2, 2),
            31..=36 => (4, 6),
            41 => (3, 13),
            _ => (table[prefix].digits, 0),
        };
        table[prefix] = Prefix { digits, predefined };
        prefix += 1;
    }
    table
}

/// The rows that a list of patterns names, as `01 31nn`.
const fn members(patterns: &str) -> RowSet {
    let bytes = patterns.as_bytes();
    let (mut set, mut place) = (RowSet::EMPTY, 0);
    while place < bytes.len() {
        let (low, high, next) = pattern(bytes, place);
        let mut slot = low;
        while slot <= high {
            set = set.with(INDEX[slot]);
            slot += 1;
        }
        place = next + 1;
    }
    set
}

/// The slots that one pattern covers, and where it ends.
const fn pattern(bytes: &[u8], start: usize) -> (usize, usize, usize) {
    let (mut low, mut high, mut place) = (0, 0, start);
    while place < bytes.len() && bytes[place] != b' ' && bytes[place] != b'+' {
        let byte = bytes[place];
        low = low * 10 + if byte == b'n' { 0 } else { (byte - b'0') as usize };
        high = high * 10 + if byte == b'n' { 9 } else { (byte - b'0') as usize };
        place += 1;
    }
    let scale = match place - start {
        2 => 100,
        3 => 10,
        _ => 1,
    };
    (low * scale, high * scale, place)
}

const fn without(set: RowSet, row: u8) -> RowSet {
    let mut rest = set;
    rest.0[(row >> 6) as usize] &= !(1 << (row & 63));
    rest
}

/// `01+10 8006`: single AIs become `any`, joined ones `all`.
const fn requirement(written: &'static str) -> Requirement {
    let bytes = written.as_bytes();
    let mut found = Requirement {
        any: RowSet::EMPTY,
        all: [[NONE; 3]; 4],
        written,
    };
    let (mut place, mut joins) = (0, 0);
    while place < bytes.len() {
        let (mut low, high, mut next) = pattern(bytes, place);
        if next < bytes.len() && bytes[next] == b'+' {
            let mut member = 0;
            found.all[joins][0] = INDEX[low];
            while next < bytes.len() && bytes[next] == b'+' {
                (low, _, next) = pattern(bytes, next + 1);
                member += 1;
                found.all[joins][member] = INDEX[low];
            }
            joins += 1;
        } else {
            while low <= high {
                found.any = found.any.with(INDEX[low]);
                low += 1;
            }
        }
        place = next + 1;
    }
    found
}

/// `22 10 21 | 235`: the lists of qualifiers, each in path order.
const fn qualifiers(written: &str) -> [[u8; 3]; 2] {
    let bytes = written.as_bytes();
    let mut lists = [[NONE; 3]; 2];
    let (mut list, mut member, mut place) = (0, 0, 0);
    while place < bytes.len() {
        if bytes[place] == b'|' {
            (list, member) = (list + 1, 0);
            place += 2;
            continue;
        }
        let (slot, _, next) = pattern(bytes, place);
        lists[list][member] = INDEX[slot];
        member += 1;
        place = next + 1;
    }
    lists
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
