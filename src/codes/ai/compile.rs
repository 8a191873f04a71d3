//! The compiler's work on the table: rows become entries with bit sets, and an index by the AI's digits.
//!
//! All of it runs while the program is built. A row that is not written in the table's form stops the build.

use super::row::Part;
use super::rows::{ROWS, ROWS_LEN};
use super::{Entry, NONE, Prefix, Requirement, RowSet};

/// The row of each AI, counted by its digits padded with zeros on the right to four.
pub(super) const INDEX: [u8; 10_000] = index();

/// The entries, in the order of the rows.
pub(super) const fn compile() -> [Entry; ROWS_LEN] {
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

/// What the first two digits of a message say.
pub(super) const fn prefixes() -> [Prefix; 100] {
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
