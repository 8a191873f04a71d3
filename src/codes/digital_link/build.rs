//! Writing Digital Links, in the order of the standard.

use crate::ai::{self, Entry, NONE};
use crate::fault::{Fault, FaultCode};
use crate::refusal::Refusal;
use crate::scan::Element;

/// Writes fields as a Digital Link under a stem such as [`CANONICAL_STEM`](super::CANONICAL_STEM): the first primary key among them with
/// its qualifiers in order, then the others as query, those of predefined length first.
///
/// # Errors
/// A [`Refusal`] where no field is a primary key, or one may stand neither in the path nor in the query.
pub fn build(elements: &[Element], stem: &str) -> Result<String, Refusal> {
    let refuse = |code, ai: &str| Err(Refusal::of(&Fault::of(code, ai.as_bytes(), 0), ""));
    let entry_of = |element: &Element| ai::find(element.ai.as_bytes());
    let Some((key, entry)) = elements
        .iter()
        .find_map(|element| Some((element, entry_of(element).filter(|entry| entry.is_key)?)))
    else {
        return refuse(FaultCode::DigitalLink, "");
    };
    let mut path = format!(
        "{}/{}/{}",
        stem.trim_end_matches('/'),
        key.ai,
        encoded(&key.value)
    );
    let named = |row: u8| {
        elements
            .iter()
            .find(|element| row != NONE && ai::row_of(element.ai.as_bytes()) == row)
    };
    let filled = |list: &&[u8; 3]| list.iter().filter(|&&row| named(row).is_some()).count();
    let list = entry.qualifiers.iter().rev().max_by_key(filled);
    for qualifier in list.into_iter().flatten().filter_map(|&row| named(row)) {
        path.push_str(&format!("/{}/{}", qualifier.ai, encoded(&qualifier.value)));
    }
    let is_qualifier = |element: &Element| {
        list.is_some_and(|list| list.contains(&ai::row_of(element.ai.as_bytes())))
            && entry_of(element).is_some()
    };
    let mut others: Vec<&Element> = elements
        .iter()
        .filter(|element| element.ai != key.ai && !is_qualifier(element))
        .collect();
    others.sort_by_key(|element| entry_of(element).is_none_or(|entry| entry.predefined == 0));
    for (place, element) in others.into_iter().enumerate() {
        let of_key = |entry: &&Entry| entry.in_query;
        let also_qualifies = entry
            .qualifiers
            .iter()
            .flatten()
            .any(|&row| row != NONE && row == ai::row_of(element.ai.as_bytes()));
        if entry_of(element).filter(of_key).is_none() || also_qualifies {
            return refuse(FaultCode::Place, &element.ai);
        }
        path.push_str(&format!(
            "{}{}={}",
            if place == 0 { '?' } else { '&' },
            element.ai,
            encoded(&element.value)
        ));
    }
    Ok(path)
}

/// A value with everything but unreserved characters as `%HH`.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
