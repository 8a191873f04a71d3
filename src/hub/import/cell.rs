//! Reading cells: each function notes what is wrong and gives something harmless, so that a file's mistakes are all
//! told at once.

use jiff::civil::Date;
use tallyman_codes::gtin::Gtin;
use tallyman_floor::Quantity;

use super::Mistakes;
use super::table::Row;

/// Characters of an identity: what fits on a label and a screen.
const IDENTITY_CHARACTERS_MAX: usize = 60;

/// An identity that must be there.
pub(super) fn identity(row: &Row, column: &'static str, mistakes: &mut Mistakes) -> String {
    let text = row.text(column);
    if text.is_empty() {
        mistakes.add(row.mistake(column, "is empty and must not be."));
    } else if text.chars().count() > IDENTITY_CHARACTERS_MAX {
        mistakes.add(row.mistake(
            column,
            format!("is longer than {IDENTITY_CHARACTERS_MAX} characters."),
        ));
    }
    text.to_owned()
}

/// Text that may be missing.
pub(super) fn optional(row: &Row, column: &'static str) -> Option<String> {
    Some(row.text(column))
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// A quantity of more than none.
pub(super) fn quantity(row: &Row, column: &'static str, mistakes: &mut Mistakes) -> Option<Quantity> {
    let text = row.text(column);
    if text.is_empty() {
        return None;
    }
    let quantity =
        Quantity::parse(text).filter(|quantity| quantity.is_positive() && *quantity <= Quantity::MAX);
    if quantity.is_none() {
        let message = format!(
            "is no quantity. Allowed is a number above 0 up to {} with at most six decimals, without a sign or \
             thousands separators.",
            Quantity::MAX
        );
        mistakes.add(row.mistake(column, message));
    }
    quantity
}

/// A quantity of more than none that must be there.
pub(super) fn needed_quantity(row: &Row, column: &'static str, mistakes: &mut Mistakes) -> Quantity {
    if row.text(column).is_empty() {
        mistakes.add(row.mistake(column, "is empty. A number above 0 is wanted."));
    }
    quantity(row, column, mistakes).unwrap_or_default()
}

/// A whole number within bounds.
pub(super) fn number(
    row: &Row,
    column: &'static str,
    bounds: std::ops::RangeInclusive<i64>,
    mistakes: &mut Mistakes,
) -> Option<i64> {
    let text = row.text(column);
    if text.is_empty() {
        return None;
    }
    let number = text.parse().ok().filter(|number| bounds.contains(number));
    if number.is_none() {
        let message = format!("is no whole number from {} to {}.", bounds.start(), bounds.end());
        mistakes.add(row.mistake(column, message));
    }
    number
}

/// Yes or no; empty is no.
pub(super) fn flag(row: &Row, column: &'static str, mistakes: &mut Mistakes) -> bool {
    match row.text(column).to_ascii_lowercase().as_str() {
        "" | "no" | "false" | "0" => false,
        "yes" | "true" | "1" => true,
        _ => {
            mistakes.add(row.mistake(column, "is neither yes nor no."));
            false
        }
    }
}

/// So many digits, or none at all. They are a text: a 0 in front counts.
pub(super) fn digits(
    row: &Row,
    column: &'static str,
    count: std::ops::RangeInclusive<usize>,
    mistakes: &mut Mistakes,
) -> String {
    let text = row.text(column);
    let fits = count.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !fits && !text.is_empty() {
        let message = format!("is not {} to {} digits.", count.start(), count.end());
        mistakes.add(row.mistake(column, message));
    }
    text.to_owned()
}

/// A date.
pub(super) fn date(row: &Row, column: &'static str, mistakes: &mut Mistakes) -> Option<Date> {
    let text = row.text(column);
    if text.is_empty() {
        return None;
    }
    let date = text.parse().ok();
    if date.is_none() {
        mistakes.add(row.mistake(column, "is no date. Write year, month and day as 2027-12-31."));
    }
    date
}

/// One of some words; the first where the cell is empty.
pub(super) fn word<'a>(
    row: &Row,
    column: &'static str,
    words: &[&'a str],
    mistakes: &mut Mistakes,
) -> &'a str {
    let text = row.text(column);
    let first = words.first().copied().unwrap_or_default();
    if text.is_empty() {
        return first;
    }
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    if found.is_none() {
        mistakes.add(row.mistake(column, format!("is not known. Allowed are {}.", words.join(", "))));
    }
    found.copied().unwrap_or(first)
}

/// A code on goods as devices look it up: a GTIN in 14 digits, or any other text. Digits of a GTIN's length must be one;
/// a leading `=` says that they are a number of the site's own.
pub(super) fn item_code(row: &Row, column: &'static str, mistakes: &mut Mistakes) -> Option<String> {
    let text = row.text(column);
    if let Some(own) = text.strip_prefix('=') {
        if own.is_empty() {
            mistakes.add(row.mistake(column, "is no code: after = the code itself is wanted."));
        }
        return Some(own.to_owned());
    }
    let is_gtin_like =
        matches!(text.len(), 8 | 12 | 13 | 14) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_gtin_like {
        return optional(row, column);
    }
    match Gtin::new(text.as_bytes()) {
        Some(gtin) => Some(gtin.as_str().to_owned()),
        None => {
            let message = "has the length of a GTIN and a wrong check digit. Correct it, or write =CODE for a number of \
                           your own.";
            mistakes.add(row.mistake(column, message));
            None
        }
    }
}
