//! Label repair: what a GS1 label that breaks the rules may mean, and rules of the site that settle it.
//!
//! Labels come without separators, so that a lot swallows the date behind it, or with the contents of two fields
//! exchanged by a template. [`readings`] lists all that such a label can mean, most likely first, each with the
//! reason; a person decides. A [`RepairRule`] keeps the decision for a supplier's labels. Nothing is ever
//! repaired by guess alone.

mod rule;
mod search;

pub use rule::{RepairRule, RepairRuleError};

use crate::ai::{self, Ai, Entry};
use crate::date::Century;
use crate::element_string;
use crate::fields::Fields;
use crate::scan::Element;

/// The most readings that are given: a person cannot choose among more.
pub const READINGS_MAX: usize = 5;

/// The longest element string that is repaired: what the largest GS1-128 symbol holds, with room.
pub const REPAIRED_BYTES_MAX: usize = 128;

/// One thing that a broken label may mean: all its fields pass all checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The fields, in the order of the label.
    pub elements: Vec<Element>,
    /// Why it may be so, as a sentence.
    pub reason: String,
}

/// A field on the way to a reading: which AI stands there, and what its value is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    /// The AI as it is printed.
    printed: Ai,
    /// The AI that the value belongs to; another one where two fields are exchanged.
    meant: Ai,
    /// The value's bytes in the message.
    from: usize,
    to: usize,
    /// Another field follows, and no separator parts them though one must.
    glued: bool,
}

/// Everything an element string may mean whose separators were lost, or whose fields were exchanged, most likely
/// first. The reading that needs no repair is not among them. Empty for a message that no reading fits.
pub fn readings(message: &str, century: Century) -> Vec<Reading> {
    let bytes = message.as_bytes();
    let mut fields = Fields::new();
    let plain = element_string::parse(bytes, century, &mut fields)
        .is_ok()
        .then(|| fields.to_elements());
    search::all(bytes, century)
        .into_iter()
        .map(|parts| Reading {
            elements: elements(&parts, message),
            reason: reason(&parts),
        })
        .filter(|reading| plain.as_ref() != Some(&reading.elements))
        .take(READINGS_MAX)
        .collect()
}

/// Whether an element string that passes all checks looks as if a separator was lost: its last field ends in the
/// AI and value of a date.
pub fn is_suspicious(message: &str, century: Century) -> bool {
    let mut fields = Fields::new();
    if element_string::parse(message.as_bytes(), century, &mut fields).is_err() {
        return false;
    }
    let Some(last) = fields
        .iter()
        .last()
        .filter(|last| last.entry().is_some_and(Entry::is_variable))
    else {
        return false;
    };
    let tail = last
        .value
        .len()
        .checked_sub(8)
        .filter(|&start| start > 0)
        .and_then(|start| last.value.get(start..));
    tail.is_some_and(|tail| matches!(tail.split_at(2), (b"11" | b"13" | b"15" | b"17", date) if century.is_yymmdd(date, true)))
}

fn elements(parts: &[Part], message: &str) -> Vec<Element> {
    let element = |part: &Part| Element {
        ai: part.meant.as_str().to_owned(),
        value: message.get(part.from..part.to).unwrap_or_default().to_owned(),
    };
    parts.iter().map(element).collect()
}

fn reason(parts: &[Part]) -> String {
    let name = |ai: Ai| {
        let title = ai::find(ai.as_bytes()).map_or("", |entry| entry.title);
        format!("{title} ({})", ai.as_str())
    };
    let exchanged = parts.iter().find(|part| part.printed != part.meant);
    let mut sentences = Vec::new();
    if let Some(part) = exchanged {
        sentences.push(format!(
            "The values of {} and {} stand in each other's place: so both pass their checks.",
            name(part.printed),
            name(part.meant)
        ));
    }
    for pair in parts.windows(2) {
        if let [before, behind] = pair
            && before.glued
        {
            sentences.push(format!(
                "A separator is missing behind {}: {} follows and passes its checks.",
                name(before.printed),
                name(behind.printed)
            ));
        }
    }
    if sentences.is_empty() {
        sentences.push("The fields pass their checks as they stand.".to_owned());
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bracketed;
    use jiff::civil::date;

    fn century() -> Century {
        Century::of(date(2026, 11, 23))
    }

    fn texts(message: &str) -> Vec<String> {
        readings(message, century())
            .iter()
            .map(|reading| bracketed::build(&reading.elements))
            .collect()
    }

    #[test]
    fn a_date_behind_a_lot_is_found_without_separator() {
        let found = readings("010952123454321310LOT71727123121SER0001AB", century());
        let first = found.first().unwrap();
        assert_eq!(
            bracketed::build(&first.elements),
            "(01)09521234543213(10)LOT7(17)271231(21)SER0001AB"
        );
        assert!(
            first.reason.contains("missing behind BATCH/LOT (10)"),
            "{}",
            first.reason
        );
        assert!(found.len() > 1, "other readings are told too");
    }

    #[test]
    fn a_field_that_is_too_long_is_split() {
        let first = texts("0109521234543213422276310300125010A").into_iter().next();
        assert_eq!(
            first.as_deref(),
            Some("(01)09521234543213(422)276(3103)001250(10)A")
        );
    }

    #[test]
    fn exchanged_values_are_put_back() {
        let found = readings("010952123454321317LOT-A7\u{1d}10271231", century());
        let first = found.first().unwrap();
        assert_eq!(
            bracketed::build(&first.elements),
            "(01)09521234543213(10)LOT-A7(17)271231"
        );
        assert!(first.reason.contains("each other's place"), "{}", first.reason);
    }

    #[test]
    fn what_is_right_or_hopeless_has_no_readings() {
        assert_eq!(texts("0109521234543213"), [""; 0]);
        assert_eq!(texts("010952123454321417271231"), [""; 0]);
        assert_eq!(texts("HELLO"), [""; 0]);
        assert_eq!(texts(""), [""; 0]);
    }

    #[test]
    fn a_swallowed_date_is_suspicious() {
        assert!(is_suspicious("010952123454321310LOT717271231", century()));
        assert!(!is_suspicious("010952123454321310LOT7\u{1d}17271231", century()));
        assert!(!is_suspicious("010952123454321310LOT717271331", century()));
        assert!(!is_suspicious("010952123454321310LOT7", century()));
    }

    #[test]
    fn the_search_ends_on_hostile_input() {
        for message in [
            "10".repeat(64),
            "91".repeat(64),
            "240".repeat(42),
            "0".repeat(128),
            "21A".repeat(42),
        ] {
            let _ = texts(&message);
        }
    }
}
