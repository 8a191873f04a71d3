//! Fields of a form that tells AIs and values apart by itself: bracketed text and Digital Links.

use crate::ai::{self, PREFIXES, Prefix};
use crate::charset::CharSet;
use crate::checks;
use crate::date::Century;
use crate::fault::{Fault, FaultCode};
use crate::fields::{Field, Fields};

/// The longest value of an AI that no table knows: the longest that any AI has.
const UNKNOWN_VALUE_MAX: usize = 90;

/// One field before it is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    /// The AI's digits.
    pub(crate) ai: &'a [u8],
    /// The value, escapes resolved.
    pub(crate) value: Vec<u8>,
    /// The byte of the text where the AI begins.
    pub(crate) ai_at: usize,
    /// The byte of the text where the value begins.
    pub(crate) at: usize,
}

/// How many bytes of the text the character that begins here takes.
pub(crate) type Width = fn(text: &[u8]) -> usize;

/// Checks each piece as an element string's field is checked, and keeps it.
pub(crate) fn check<'p>(
    pieces: &'p [Piece<'p>],
    text: &str,
    width: Width,
    century: Century,
    fields: &mut Fields<'p>,
) -> Result<(), Fault> {
    for piece in pieces {
        let row = ai::row_of(piece.ai);
        let tolerated = match ai::ENTRIES.get(usize::from(row)) {
            Some(entry) => checks::value(entry, &piece.value, century).map_err(|(code, inner)| {
                Fault::of(code, piece.ai, place(text.as_bytes(), piece.at, inner, width))
            })?,
            None => check_unknown(piece)?,
        };
        fields.push(Field {
            ai: piece.ai,
            value: &piece.value,
            at: piece.at,
            row,
            tolerated,
        })?;
    }
    Ok(())
}

/// An AI that the table does not have passes where one may begin so, as its value's end is known here.
fn check_unknown(piece: &Piece<'_>) -> Result<bool, Fault> {
    let prefix = match piece.ai {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => PREFIXES
            .get(usize::from(tens - b'0') * 10 + usize::from(ones - b'0'))
            .copied(),
        _ => None,
    };
    let prefix = prefix.unwrap_or(ai::NO_PREFIX);
    let fits = |Prefix { digits, predefined }| {
        usize::from(digits) == piece.ai.len()
            && (predefined == 0 || usize::from(predefined) == piece.value.len())
            && piece.ai.iter().all(u8::is_ascii_digit)
    };
    if !fits(prefix) {
        return Err(Fault::of(FaultCode::UnknownAi, piece.ai, piece.ai_at));
    }
    if piece.value.is_empty()
        || piece.value.len() > UNKNOWN_VALUE_MAX
        || !CharSet::Set82.has_all(&piece.value)
    {
        return Err(Fault::of(FaultCode::Charset, piece.ai, piece.at));
    }
    Ok(false)
}

/// Where the character of a value that has `inner` before it begins in the text.
fn place(text: &[u8], at: usize, inner: usize, width: Width) -> usize {
    (0..inner).fold(at, |at, _| at + width(text.get(at..).unwrap_or_default()).max(1))
}
