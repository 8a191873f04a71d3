//! The form that people read under a bar code: `(01)09521234543213(10)AB`.
//!
//! A `(` that belongs to a value is written `\(`, and `\` itself stands for itself elsewhere: it is of no field's
//! character set.

use crate::date::Century;
use crate::fault::{Fault, FaultCode};
use crate::fields::Fields;
use crate::pieces::{self, Piece};
use crate::refusal::Refusal;
use crate::scan::Element;

/// Splits bracketed text and checks each field; its faults count bytes of the text.
pub(crate) fn split(text: &str) -> Result<Vec<Piece<'_>>, Fault> {
    if text.is_empty() {
        return Err(Fault::new(FaultCode::Empty, 0));
    }
    let (bytes, mut pieces, mut at) = (text.as_bytes(), Vec::new(), 0);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let close = rest
            .iter()
            .position(|&byte| byte == b')')
            .filter(|_| rest.first() == Some(&b'('));
        let Some(ai) = close.and_then(|close| rest.get(1..close)) else {
            return Err(Fault::new(FaultCode::Bracket, at));
        };
        if !(2..=4).contains(&ai.len()) || !ai.iter().all(u8::is_ascii_digit) {
            return Err(Fault::new(FaultCode::Bracket, at + 1));
        }
        let value_at = at + ai.len() + 2;
        let (mut value, mut end) = (Vec::new(), value_at);
        while let Some(behind) = bytes
            .get(end..)
            .filter(|behind| !matches!(behind, [] | [b'(', ..]))
        {
            let width = width(behind);
            value.extend(behind.get(width - 1));
            end += width;
        }
        pieces.push(Piece {
            ai,
            value,
            ai_at: at + 1,
            at: value_at,
        });
        at = end;
    }
    Ok(pieces)
}

/// `\(` takes two bytes.
fn width(text: &[u8]) -> usize {
    if text.starts_with(b"\\(") { 2 } else { 1 }
}

/// Splits and checks bracketed text. The elements keep the order of the text.
///
/// # Errors
/// A [`Refusal`] whose position counts characters of the text.
pub fn parse(text: &str, century: Century) -> Result<Vec<Element>, Refusal> {
    let mut fields = Fields::new();
    let pieces = split(text).map_err(|fault| Refusal::of(&fault, text))?;
    match check(&pieces, text, century, &mut fields) {
        Ok(()) => Ok(fields.to_elements()),
        Err(fault) => Err(Refusal::after(&fault, text, &fields)),
    }
}

pub(crate) fn check<'p>(
    pieces: &'p [Piece<'p>],
    text: &str,
    century: Century,
    fields: &mut Fields<'p>,
) -> Result<(), Fault> {
    pieces::check(pieces, text, width, century, fields)
}

/// Writes fields as bracketed text, in the order given.
pub fn build(elements: &[Element]) -> String {
    let mut text = String::new();
    for Element { ai, value } in elements {
        text.push('(');
        text.push_str(ai);
        text.push(')');
        text.push_str(&value.replace('(', "\\("));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn parsed(text: &str) -> Result<Vec<Element>, Refusal> {
        parse(text, Century::of(date(2026, 11, 23)))
    }

    #[test]
    fn brackets_part_the_fields() {
        let text = "(01)09521234543213(10)A\\(1)B(3103)001250";
        let elements = parsed(text).unwrap();
        let values: Vec<&str> = elements.iter().map(|element| element.value.as_str()).collect();
        assert_eq!(values, ["09521234543213", "A(1)B", "001250"]);
        assert_eq!(build(&elements), text);
    }

    #[test]
    fn faults_count_characters_of_the_text() {
        let at = |text: &str| {
            let refusal = parsed(text).unwrap_err();
            (refusal.code, refusal.at)
        };
        assert_eq!(at("(01)09521234543214"), ("check_digit", 4));
        assert_eq!(at("(10)A\\(B é"), ("charset", 8));
        assert_eq!(at("(01)09521234543213(05)1"), ("unknown_ai", 19));
        assert_eq!(at("(999)1"), ("unknown_ai", 1));
        assert_eq!(at(""), ("empty", 0));
        assert_eq!(at("01)1"), ("bracket", 0));
        assert_eq!(at("(01"), ("bracket", 0));
        assert_eq!(at("(1)1"), ("bracket", 1));
        assert_eq!(at("(10)"), ("too_short", 4));
        assert_eq!(at("(10)A(10)B"), ("repeated", 9));
        assert!(parsed("(3109)001250(10)A(10)A").is_ok_and(|elements| elements.len() == 2));
    }
}
