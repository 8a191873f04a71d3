//! GS1 element strings: fields with application identifiers, one after the other.
//!
//! The parser borrows: fields are slices of the message, kept in place for up to
//! [`FIELDS_INLINE`](crate::fields::FIELDS_INLINE) of them, so that an accepted label costs no allocation.

use crate::ai::{self, PREFIXES};
use crate::checks;
use crate::date::Century;
use crate::fault::{Fault, FaultCode};
use crate::fields::{Field, Fields};
use crate::refusal::Refusal;
use crate::scan::Element;

/// GS (0x1D): what scanners send for the separator between fields, FNC1.
pub const GS: u8 = 0x1D;

/// Splits a message into fields and checks each of them: character set, length, and what its meaning demands.
/// The message is without symbology identifier; separators are [`GS`].
///
/// # Errors
/// The first fault. The fields found before it stay in `fields`.
pub fn parse<'a>(message: &'a [u8], century: Century, fields: &mut Fields<'a>) -> Result<(), Fault> {
    fields.clear();
    parse_onto(message, 0, century, fields)
}

/// Parses a message that begins at byte `base` of its text, and adds its fields to those found before.
pub(crate) fn parse_onto<'a>(
    message: &'a [u8],
    base: usize,
    century: Century,
    fields: &mut Fields<'a>,
) -> Result<(), Fault> {
    if message.is_empty() {
        return Err(Fault::new(FaultCode::Empty, base));
    }
    let (mut rest, mut at) = (message, base);
    while !rest.is_empty() {
        let length = parse_field(rest, at, century, fields)?;
        (rest, at) = (rest.get(length..).unwrap_or_default(), at + length);
    }
    Ok(())
}

/// Parses the field that a rest begins with, and says how long it is, separator included.
fn parse_field<'a>(
    rest: &'a [u8],
    at: usize,
    century: Century,
    fields: &mut Fields<'a>,
) -> Result<usize, Fault> {
    let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] = rest else {
        return Err(no_field(rest, at));
    };
    let place = usize::from(tens - b'0') * 10 + usize::from(ones - b'0');
    let prefix = PREFIXES.get(place).copied().unwrap_or(ai::NO_PREFIX);
    let Some((ai, behind)) = rest
        .split_at_checked(usize::from(prefix.digits))
        .filter(|(ai, _)| !ai.is_empty())
    else {
        return Err(Fault::of(
            FaultCode::UnknownAi,
            rest.get(..2).unwrap_or_default(),
            at,
        ));
    };
    let row = ai::row_of(ai);
    let entry = ai::ENTRIES.get(usize::from(row));
    let value_at = at + ai.len();
    if entry.is_none() && (prefix.predefined == 0 || !ai.iter().all(u8::is_ascii_digit)) {
        return Err(Fault::of(FaultCode::UnknownAi, ai, at));
    }
    let value = match usize::from(prefix.predefined) {
        0 => behind
            .split(|&byte| byte == GS)
            .next()
            .filter(|value| !value.is_empty()),
        predefined => behind.get(..predefined),
    };
    let value = value.ok_or(Fault::of(FaultCode::TooShort, ai, value_at))?;
    let tolerated = match entry {
        Some(entry) => checks::value(entry, value, century)
            .map_err(|(code, inner)| broken(ai, value, value_at, code, inner))?,
        None if value.contains(&GS) => return Err(Fault::of(FaultCode::TooShort, ai, value_at)),
        None => false,
    };
    fields.push(Field {
        ai,
        value,
        at: value_at,
        row,
        tolerated,
    })?;
    let separated = behind.get(value.len()) == Some(&GS);
    Ok(ai.len() + value.len() + usize::from(separated))
}

/// Writes fields as an element string: those of predefined length first, a separator behind each of the others
/// but the last. Otherwise the order is kept.
///
/// # Errors
/// A [`Refusal`] for the first field that is not in the table or whose value breaks its rules; the position
/// counts characters of what would have been written.
pub fn build(elements: &[Element], century: Century) -> Result<String, Refusal> {
    let predefined =
        |element: &&Element| ai::find(element.ai.as_bytes()).is_some_and(|entry| entry.predefined > 0);
    let (first, last): (Vec<_>, Vec<_>) = elements.iter().partition(predefined);
    let mut text = String::new();
    for Element { ai, value } in first.into_iter().chain(last) {
        let refuse = |code, inner| {
            Err(Refusal::of(
                &Fault::of(code, ai.as_bytes(), text.len() + inner),
                &text,
            ))
        };
        let Some(entry) = ai::find(ai.as_bytes()) else {
            return refuse(FaultCode::UnknownAi, 0);
        };
        if let Err((code, inner)) = checks::value(entry, value.as_bytes(), century) {
            return refuse(code, ai.len() + inner);
        }
        text.push_str(ai);
        text.push_str(value);
        if entry.predefined == 0 {
            text.push(char::from(GS));
        }
    }
    text.truncate(text.trim_end_matches(char::from(GS)).len());
    Ok(text)
}

/// The fault of a broken value. A separator within a predefined length means that the value ends too early.
#[cold]
fn broken(ai: &[u8], value: &[u8], value_at: usize, code: FaultCode, inner: usize) -> Fault {
    if value.contains(&GS) {
        return Fault::of(FaultCode::TooShort, ai, value_at);
    }
    Fault::of(code, ai, value_at + inner)
}

/// The fault of a message that has no AI where a field must begin.
fn no_field(rest: &[u8], at: usize) -> Fault {
    let code = if rest.first() == Some(&GS) {
        FaultCode::Separator
    } else {
        FaultCode::UnknownAi
    };
    Fault::new(code, at)
}
