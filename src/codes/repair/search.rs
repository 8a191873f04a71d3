//! The search for readings: best first, by how likely each field is, and bounded.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Part, READINGS_MAX, REPAIRED_BYTES_MAX};
use crate::ai::{self, Ai, Check, Entry, NONE, PREFIXES, RowSet};
use crate::checks;
use crate::date::Century;
use crate::element_string::GS;

/// The most steps of one search: labels of trade need some hundreds, and a person waits for the answer.
const STEPS_MAX: usize = 5_000;

/// The most fields of a reading: labels have fewer.
const PARTS_MAX: usize = 10;

/// What a label most often carries. Other AIs count as less likely.
const COMMON: [&str; 20] = [
    "00", "01", "02", "10", "11", "13", "15", "16", "17", "20", "21", "30", "37", "240", "241", "250", "400",
    "410", "414", "422",
];

/// The fields whose contents templates exchange.
const EXCHANGED: [&str; 10] = ["01", "10", "11", "13", "15", "17", "21", "30", "37", "240"];

/// How unlikely something is; a reading is the sum of its fields.
type Cost = u32;

const UNCOMMON: Cost = 8;
const EXCHANGE: Cost = 6;
const ASSOCIATION_BROKEN: Cost = 4;
const TEXT: Cost = 4;
const NUMBER: Cost = 3;
const DATE: Cost = 1;
const CHECKED: Cost = 0;

/// A reading of the message's beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Beginning {
    parts: Vec<Part>,
    present: RowSet,
    /// Two fields exchanged: the one that was printed first, and the one that must come.
    exchange: Option<(Ai, Ai)>,
    /// The exchange is complete.
    exchanged: bool,
}

/// All readings of the message that pass all checks, most likely first, as many as [`READINGS_MAX`] and one.
pub(super) fn all(message: &[u8], century: Century) -> Vec<Vec<Part>> {
    if message.len() > REPAIRED_BYTES_MAX {
        return Vec::new();
    }
    let start = Beginning {
        parts: Vec::new(),
        present: RowSet::EMPTY,
        exchange: None,
        exchanged: false,
    };
    let mut beginnings = vec![Some(start)];
    // Ordered by cost, then by how far the reading came; the number keeps equals in the order they were found.
    let mut queue = BinaryHeap::from([Reverse((0, Reverse(0), 0))]);
    let (mut found, mut steps) = (Vec::new(), 0);
    while let Some(Reverse((cost, Reverse(at), number))) = queue.pop() {
        let Some(beginning) = beginnings.get_mut(number).and_then(Option::take) else {
            continue;
        };
        steps += 1;
        if at >= message.len() {
            if !beginning.parts.is_empty() && (beginning.exchange.is_none() || beginning.exchanged) {
                found.push(beginning.parts);
            }
            if found.len() > READINGS_MAX {
                break;
            }
            continue;
        }
        if steps > STEPS_MAX {
            break;
        }
        for (next, next_at, next_cost) in continuations(&beginning, message, at, century) {
            let mut total: Cost = cost + next_cost;
            if next_at >= message.len() {
                total += broken_associations(&next) * ASSOCIATION_BROKEN;
            }
            queue.push(Reverse((total, Reverse(next_at), beginnings.len())));
            beginnings.push(Some(next));
        }
    }
    found
}

/// Each way to read one field more.
fn continuations(
    beginning: &Beginning,
    message: &[u8],
    at: usize,
    century: Century,
) -> Vec<(Beginning, usize, Cost)> {
    let mut ways = Vec::new();
    let Some((printed, entry)) = ai_at(message, at) else {
        return ways;
    };
    let row = ai::row_of(printed.as_bytes());
    if beginning.present.has(row) || beginning.parts.len() >= PARTS_MAX {
        return ways;
    }
    let owed = beginning
        .exchange
        .filter(|(_, second)| !beginning.exchanged && *second == printed);
    match owed {
        Some((first, _)) => read_as(beginning, message, at, printed, first, century, &mut ways),
        None => {
            read_as(beginning, message, at, printed, printed, century, &mut ways);
            if beginning.exchange.is_none() && EXCHANGED.contains(&printed.as_str()) {
                for other in EXCHANGED.iter().filter_map(|other| Ai::new(other.as_bytes())) {
                    let fits = other != printed && !beginning.present.has(ai::row_of(other.as_bytes()));
                    if fits && contains(message, other) {
                        read_as(beginning, message, at, printed, other, century, &mut ways);
                    }
                }
            }
        }
    }
    let unlikely = if COMMON.contains(&printed.as_str()) || entry.decimals {
        0
    } else {
        UNCOMMON
    };
    for (.., cost) in &mut ways {
        *cost += unlikely;
    }
    ways
}

/// Reads the value behind `printed` as one of `meant`, with every end that passes the checks.
fn read_as(
    beginning: &Beginning,
    message: &[u8],
    at: usize,
    printed: Ai,
    meant: Ai,
    century: Century,
    ways: &mut Vec<(Beginning, usize, Cost)>,
) {
    let from = at + printed.as_bytes().len();
    let Some(entry) = ai::find(meant.as_bytes()) else {
        return;
    };
    let rest = message.get(from..).unwrap_or_default();
    let most = rest.iter().position(|&byte| byte == GS).unwrap_or(rest.len());
    for length in usize::from(entry.min)..=usize::from(entry.max).min(most) {
        let Some(value) = rest.get(..length) else { break };
        let (to, closed) = (from + length, length == most);
        if checks::value(entry, value, century).is_err() || (!closed && ai_at(message, to).is_none()) {
            continue;
        }
        let own = ai::find(printed.as_bytes());
        let glued = !closed && own.is_some_and(|own| own.predefined == 0);
        let part = Part {
            printed,
            meant,
            from,
            to,
            glued,
        };
        let Some(next) = beginning.with(part, message, century) else {
            continue;
        };
        let cost = likelihood(entry, length) + if printed == meant { 0 } else { EXCHANGE };
        ways.push((next, to + usize::from(closed && to < message.len()), cost));
    }
}

impl Beginning {
    /// This beginning with one part more; `None` for an exchange without need, where both values would pass as
    /// they stand.
    fn with(&self, part: Part, message: &[u8], century: Century) -> Option<Self> {
        let mut next = self.clone();
        next.present = next.present.with(ai::row_of(part.printed.as_bytes()));
        if part.printed != part.meant {
            if let Some((first, _)) = self.exchange {
                let before = self.parts.iter().find(|before| before.printed == first)?;
                let passes = |part: &Part| {
                    let value = message.get(part.from..part.to).unwrap_or_default();
                    ai::find(part.printed.as_bytes())
                        .is_some_and(|entry| checks::value(entry, value, century).is_ok())
                };
                if passes(before) && passes(&part) {
                    return None;
                }
                next.exchanged = true;
            } else {
                next.exchange = Some((part.printed, part.meant));
            }
        }
        next.parts.push(part);
        Some(next)
    }
}

/// The known AI that the message has at this place.
fn ai_at(message: &[u8], at: usize) -> Option<(Ai, &'static Entry)> {
    let rest = message.get(at..)?;
    let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] = rest else {
        return None;
    };
    let prefix = PREFIXES.get(usize::from(tens - b'0') * 10 + usize::from(ones - b'0'))?;
    let ai = Ai::new(rest.get(..usize::from(prefix.digits))?)?;
    Some((ai, ai::find(ai.as_bytes())?))
}

fn contains(message: &[u8], ai: Ai) -> bool {
    message
        .windows(ai.as_bytes().len())
        .any(|window| window == ai.as_bytes())
}

/// A value that a check has proved costs nothing; a free text the more, the longer it is.
fn likelihood(entry: &Entry, length: usize) -> Cost {
    let has = |wanted: fn(&Check) -> bool| entry.parts.iter().flat_map(|part| part.checks).any(wanted);
    if has(|check| matches!(check, Check::CheckDigit | Check::CheckPair | Check::Iban)) {
        CHECKED
    } else if has(|check| matches!(check, Check::Day | Check::DayOrMonth | Check::LongDay)) {
        DATE
    } else if entry.predefined > 0 {
        NUMBER
    } else {
        // One or two characters are rarely a whole lot or serial.
        let short = if length < 3 { 3 - length as Cost } else { 0 };
        TEXT + length as Cost + short
    }
}

/// How many conditions on fields that stand together the reading breaks.
fn broken_associations(beginning: &Beginning) -> Cost {
    let present = beginning.parts.iter().fold(RowSet::EMPTY, |set, part| {
        set.with(ai::row_of(part.meant.as_bytes()))
    });
    let broken = |part: &Part| {
        let Some(entry) = ai::find(part.meant.as_bytes()) else {
            return 0;
        };
        let missing = entry.requires.iter().filter(|requirement| {
            let met = requirement.any.meets(&present)
                || requirement.all.iter().any(|all| {
                    all.first() != Some(&NONE) && all.iter().all(|&row| row == NONE || present.has(row))
                });
            !requirement.written.is_empty() && !met
        });
        missing.count() as Cost + Cost::from(entry.excludes.meets(&present))
    };
    beginning.parts.iter().map(broken).sum()
}
