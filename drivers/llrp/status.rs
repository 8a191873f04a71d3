//! What a reader answers when it could not: in words, with what to do.

use super::enumerations::STATUS_CODE;
use super::numbers::parameter as p;
use super::parameter_name;
use super::tree::{Message, Parameter};

/// Characters of a reader's own text that are passed on.
const TEXT_MAX: usize = 200;

/// What a response says of its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Status {
    /// It was done.
    Done,
    /// It was not; a sentence or two says why and what to do.
    Refused(String),
}

impl Status {
    /// The status in a response. One that has none was not understood, and counts as done.
    pub(super) fn of(message: &Message) -> Self {
        match message.child(p::LLRP_STATUS) {
            Some(status) if status.number("StatusCode") != Some(0) => Self::Refused(explained(status)),
            _ => Self::Done,
        }
    }
}

/// The whole of an LLRPStatus: the code, the reader's own text, where the fault is, and what to do.
pub(super) fn explained(status: &Parameter) -> String {
    let code = status.number("StatusCode").unwrap_or_default();
    let mut text = word(code);
    let own: String = status
        .text("ErrorDescription")
        .unwrap_or_default()
        .chars()
        .filter(|character| !character.is_control())
        .take(TEXT_MAX)
        .collect();
    if !own.trim().is_empty() {
        text.push_str(&format!(", \"{}\"", own.trim()));
    }
    for place in places(status) {
        text.push_str(&format!(", {place}"));
    }
    format!("{text}. {}", advice(code))
}

fn word(code: i64) -> String {
    let known = u16::try_from(code).ok().and_then(|code| STATUS_CODE.word(code));
    known.map_or_else(|| format!("status {code}"), |word| format!("{word} ({code})"))
}

/// The parameters and fields that are at fault, the outer first.
fn places(status: &Parameter) -> Vec<String> {
    let mut places = Vec::new();
    let mut at = Some(status);
    // A list of errors within errors is as deep as a tree may be.
    while let Some(outer) = at {
        if let Some(field) = outer.child(p::FIELD_ERROR) {
            let number = field.number("FieldNum").unwrap_or_default();
            let code = field.number("ErrorCode").unwrap_or_default();
            places.push(format!("field {number}: {}", word(code)));
        }
        at = outer.child(p::PARAMETER_ERROR);
        if let Some(inner) = at {
            let kind = inner.number("ParameterType").unwrap_or_default();
            let code = inner.number("ErrorCode").unwrap_or_default();
            let name = u16::try_from(kind).map_or("Unknown", parameter_name);
            places.push(format!("{name}: {}", word(code)));
        }
    }
    places
}

fn advice(code: i64) -> &'static str {
    match code {
        109..=112 => "The reader does not know this request: update its firmware, or use another reader.",
        401 => "The reader's own hardware is at fault: look at its antennas and cables, and start it anew.",
        100..=399 => {
            "A setting does not fit this reader: compare `antennas`, `power_centi_dbm`, `session` and `mode` with what it \
             can do."
        }
        _ => "Start the reader anew; if it says so again, ask its maker what this status means.",
    }
}
