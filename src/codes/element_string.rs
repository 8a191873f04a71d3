//! GS1 element strings: fields with application identifiers, one after the other.
//!
//! The parser borrows: fields are slices of the message, kept in place for up to
//! [`FIELDS_INLINE`](crate::fields::FIELDS_INLINE) of them, so that an accepted label costs no allocation.

use crate::ai::{self, PREFIXES};
use crate::checks;
use crate::date::Century;
use crate::fault::{Fault, FaultCode};
use crate::fields::{Field, Fields};

/// GS (0x1D): what scanners send for the separator between fields, FNC1.
pub const GS: u8 = 0x1D;

/// Splits a message into fields and checks each of them: character set, length, and what its meaning demands.
/// The message is without symbology identifier; separators are [`GS`].
///
/// # Errors
/// The first fault. The fields found before it stay in `fields`.
pub fn parse<'a>(message: &'a [u8], century: Century, fields: &mut Fields<'a>) -> Result<(), Fault> {
    fields.clear();
    if message.is_empty() {
        return Err(Fault::new(FaultCode::Empty, 0));
    }
    let mut at = 0;
    while at < message.len() {
        at = parse_field(message, at, century, fields)?;
    }
    Ok(())
}

/// Parses the field that begins at `at`, and says where the next one begins.
fn parse_field<'a>(
    message: &'a [u8],
    at: usize,
    century: Century,
    fields: &mut Fields<'a>,
) -> Result<usize, Fault> {
    let rest = message.get(at..).unwrap_or_default();
    let [tens, ones, ..] = rest else {
        return Err(no_field(rest, at));
    };
    let place = usize::from(tens.wrapping_sub(b'0')) * 10 + usize::from(ones.wrapping_sub(b'0'));
    if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
        return Err(no_field(rest, at));
    }
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
    let separator = behind.iter().position(|&byte| byte == GS);
    let length = if prefix.predefined == 0 {
        separator.unwrap_or(behind.len())
    } else {
        usize::from(prefix.predefined)
    };
    if length == 0 || length > separator.unwrap_or(behind.len()) {
        return Err(Fault::of(FaultCode::TooShort, ai, value_at));
    }
    let value = behind.get(..length).unwrap_or_default();
    let tolerated = match entry {
        Some(entry) => checks::value(entry, value, century)
            .map_err(|(code, inner)| Fault::of(code, ai, value_at + inner))?,
        None => false,
    };
    fields.push(Field {
        ai,
        value,
        at: value_at,
        row,
        tolerated,
    })?;
    Ok(value_at + length + usize::from(separator == Some(length)))
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
