//! What is wrong with a key, in a sentence: serde's message, the whole key, and the nearest key that is
//! known.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Variable;
use super::layer::sentence;

/// A problem that serde reported.
pub(super) struct Problem<'a> {
    pub(super) message: &'a str,
    pub(super) span: Option<Range<usize>>,
    pub(super) tree: &'a DeTable<'a>,
    /// The variables that could have set a key.
    pub(super) variables: &'a [Variable],
}

impl Problem<'_> {
    /// True where a key is missing, so that the span is that of the table around it.
    pub(super) fn is_missing(&self) -> bool {
        self.message.starts_with("missing field")
    }
}

/// Says what is wrong in words for the one who wrote the file.
pub(super) fn explain(problem: &Problem<'_>) -> String {
    let key = problem.span.as_ref().and_then(|span| key_at(problem.tree, span));
    // serde's wording is fixed: serde::de::Error::unknown_field, unknown_variant and missing_field.
    let mut quoted = problem.message.split('`').skip(1).step_by(2);
    if problem.message.starts_with("unknown field") {
        let unknown = quoted.next().unwrap_or_default();
        let whole = key.unwrap_or_else(|| unknown.to_owned());
        let parent = whole.strip_suffix(unknown).unwrap_or_default();
        return format!(
            "unknown key `{whole}`{}",
            suggestion(unknown, parent, &quoted.collect::<Vec<_>>())
        );
    }
    if problem.is_missing() {
        let missing = quoted.next().unwrap_or_default();
        let whole = key.map_or_else(|| missing.to_owned(), |parent| format!("{parent}.{missing}"));
        let variable = problem.variables.iter().find(|variable| variable.key == whole);
        let or = variable.map_or(String::new(), |variable| {
            format!(", or set the variable {}", variable.name)
        });
        return format!("the key `{whole}` is missing and has no default. Add it to the file{or}.");
    }
    let Some(key) = key else {
        return sentence(problem.message);
    };
    if problem.message.starts_with("unknown variant") {
        let unknown = quoted.next().unwrap_or_default();
        return format!(
            "`{key}` cannot be `{unknown}`{}",
            suggestion(unknown, "", &quoted.collect::<Vec<_>>())
        );
    }
    format!(
        "the value of `{key}` does not fit: {}.",
        problem.message.trim_end_matches('.')
    )
}

/// ", did you mean `port`?" where one is near, and what is known.
fn suggestion(unknown: &str, parent: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(unknown, known), *known))
        .filter(|(distance, known)| *distance <= (known.chars().count() / 3).max(1))
        .min();
    match (nearest, known) {
        (Some((_, near)), _) => format!(", did you mean `{parent}{near}`?"),
        (None, []) => "; no key may stand here.".to_owned(),
        (None, known) => {
            format!(
                "; known are {}.",
                known
                    .iter()
                    .map(|known| format!("`{known}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
    }
}

/// The whole key, with dots between and `[n]` for the n-th of a list (from 1), whose key or value has this
/// span.
fn key_at(table: &DeTable<'_>, span: &Range<usize>) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let name = key.get_ref();
        if key.span() == *span {
            return Some(name.to_string());
        }
        below(value, span).map(|rest| format!("{name}{rest}"))
    })
}

/// The rest of the key below a value; empty where the value itself is meant. The deepest match is meant: a
/// table and its only value may have the same span.
fn below(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<String> {
    let inner = match value.get_ref() {
        DeValue::Table(table) => key_at(table, span).map(|rest| format!(".{rest}")),
        DeValue::Array(array) => array
            .iter()
            .zip(1..)
            .find_map(|(item, number)| below(item, span).map(|rest| format!("[{number}]{rest}"))),
        _ => None,
    };
    inner.or_else(|| (value.span() == *span).then(String::new))
}
