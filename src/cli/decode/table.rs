//! The answer as a person reads it: a line a field, with its name and what its value means.

use std::fmt::Write;

use tallyman_codes::amount::Amount;
use tallyman_codes::date::resolve_yymmdd;
use tallyman_codes::{Rules, SymbologyId, ai};

use super::answer::{Accepted, Answer, Element};

/// Whether the lines are for eyes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Bold and colours.
    Terminal,
    /// Characters only.
    Plain,
}

impl Style {
    fn heading(self, text: &str) -> String {
        match self {
            Style::Terminal => format!("\x1b[1m{text}\x1b[0m"),
            Style::Plain => text.to_owned(),
        }
    }
}

/// The whole table, each line with its end.
pub(super) fn of(answer: &Answer, rules: &Rules, style: Style) -> String {
    let mut text = String::new();
    if let Some(accepted) = &answer.accepted {
        write_accepted(&mut text, accepted, rules, style);
    }
    if let Some(error) = &answer.error {
        line(
            &mut text,
            &style.heading("refused"),
            &format!("{} ({})", error.message, error.code),
        );
        line(&mut text, "at", &format!("character {}", error.at));
    }
    for element in answer.found.iter().flatten() {
        write_field(&mut text, element, rules);
    }
    for reading in &answer.repair {
        line(&mut text, &style.heading("perhaps"), &reading.reason);
        for element in &reading.elements {
            write_field(&mut text, element, rules);
        }
    }
    text
}

fn write_accepted(text: &mut String, accepted: &Accepted, rules: &Rules, style: Style) {
    let id = accepted
        .symbology
        .as_ref()
        .and_then(|id| SymbologyId::split(id.as_bytes()));
    let carrier = id
        .map(|(id, _)| format!(", {} ({id})", id.symbology().name()))
        .unwrap_or_default();
    line(
        text,
        &style.heading("code"),
        &format!("{}{carrier}", accepted.kind.replace('_', " ")),
    );
    for element in &accepted.elements {
        write_field(text, element, rules);
    }
    if let Some(add_on) = &accepted.add_on {
        line(text, "add-on", add_on);
    }
    if let Some(usage) = accepted.usage {
        line(
            text,
            "number",
            &format!("{}, no global item number", usage.replace('_', " ")),
        );
    }
    if let Some(epc) = &accepted.epc {
        line(text, "scheme", epc.scheme.unwrap_or("none that is known"));
        for uri in [&epc.uri, &epc.tag_uri].into_iter().flatten() {
            line(text, "URI", uri);
        }
    }
    if let Some(plain) = &accepted.text {
        line(text, "text", &shown(plain));
    }
    if accepted.confidence == Some("inferred") {
        line(
            text,
            "note",
            "The scanner sent no identifier: the form was found by its checks.",
        );
    }
    for warning in &accepted.warnings {
        line(
            text,
            &style.heading("warning"),
            &format!("{} ({})", warning.message, warning.code),
        );
    }
}

/// One field: AI, name, value, and what the value means.
fn write_field(text: &mut String, Element { ai, value }: &Element, rules: &Rules) {
    let title = ai::find(ai.as_bytes()).map_or("", |entry| entry.title);
    let date = matches!(ai.as_str(), "11" | "12" | "13" | "15" | "16" | "17")
        .then(|| resolve_yymmdd(value, rules.today))
        .flatten()
        .map(|date| date.to_string());
    let amount = Amount::of(ai, value).map(|amount| amount.to_string());
    let meaning = date
        .or(amount)
        .map(|meaning| format!("  = {meaning}"))
        .unwrap_or_default();
    line(
        text,
        &format!("({ai})"),
        &format!("{title:<24} {}{meaning}", shown(value)),
    );
}

fn line(text: &mut String, name: &str, rest: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{name:<9} {rest}");
}

/// A text whose control characters cannot move a terminal's cursor.
fn shown(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                '\u{b7}'
            } else {
                character
            }
        })
        .collect()
}
