//! The layers of a configuration, laid over each other without forgetting where each value stood.
//!
//! The TOML parser gives every key and value its span in its text. Here all texts count as one long text, one
//! behind the other, and the spans are moved accordingly: so a span alone tells layer, line and column,
//! whatever was laid over what.

use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::explain::{Problem, explain};
use super::{ConfigError, Variable, VariableValue};

/// The span of the whole configuration, which is nowhere in particular.
const EVERYTHING: Range<usize> = usize::MAX..usize::MAX;

/// Texts in the order in which they are laid over each other.
pub(super) struct Layers {
    layers: Vec<Layer>,
    /// There is one text only, and no defaults below it.
    alone: bool,
}

struct Layer {
    name: String,
    /// Whether line and column mean anything to the reader.
    has_lines: bool,
    text: String,
    /// Where the text begins in the long text.
    start: usize,
}

impl Layers {
    /// A single text.
    pub(super) fn alone(name: &str, text: String) -> Layers {
        let mut layers = Layers {
            layers: Vec::new(),
            alone: true,
        };
        layers.push(name.to_owned(), true, text);
        layers
    }

    /// The defaults, to lay the others over.
    pub(super) fn over_defaults(text: String) -> Layers {
        let mut layers = Layers {
            layers: Vec::new(),
            alone: false,
        };
        layers.push("the shipped configuration".to_owned(), true, text);
        layers
    }

    pub(super) fn add_file(&mut self, path: &Path, text: String) {
        self.push(path.display().to_string(), true, text);
    }

    pub(super) fn add_variable(&mut self, name: &str, text: String) {
        self.push(format!("the environment variable {name}"), false, text);
    }

    fn push(&mut self, name: String, has_lines: bool, text: String) {
        // One byte between, so that the end of one text is not the start of the next.
        let start = self
            .layers
            .last()
            .map_or(0, |last| last.start + last.text.len() + 1);
        self.layers.push(Layer {
            name,
            has_lines,
            text,
            start,
        });
    }

    /// Parses every layer, lays them over each other and fills the type.
    pub(super) fn fill<T: DeserializeOwned>(&self, variables: &[Variable]) -> Result<T, ConfigError> {
        let mut merged = DeTable::new();
        for layer in &self.layers {
            let parsed = DeTable::parse(&layer.text).map_err(|error| {
                let span = error.span().map(|span| moved(&span, layer.start));
                ConfigError::Invalid {
                    place: self.place(span.as_ref()),
                    message: sentence(error.message()),
                }
            })?;
            lay_over(&mut merged, move_table(parsed.into_inner(), layer.start));
        }
        let deserializer = Deserializer::from(Spanned::new(EVERYTHING, merged.clone()));
        T::deserialize(deserializer).map_err(|error| {
            let span = error.span().filter(|span| *span != EVERYTHING);
            let problem = Problem {
                message: error.message(),
                span: span.clone(),
                tree: &merged,
                variables,
            };
            let place = match span {
                // What is missing has no place of its own, and a variable that sets its neighbour is not to
                // blame.
                Some(span)
                    if problem.is_missing() && !self.layer_at(&span).is_some_and(|layer| layer.has_lines) =>
                {
                    self.place(None)
                }
                span => self.place(span.as_ref()),
            };
            ConfigError::Invalid {
                place,
                message: explain(&problem),
            }
        })
    }

    fn layer_at(&self, span: &Range<usize>) -> Option<&Layer> {
        self.layers.iter().rev().find(|layer| layer.start <= span.start)
    }

    /// `FILE:LINE:COLUMN` for a span of the long text; the file, or else the whole configuration, where there
    /// is none.
    fn place(&self, span: Option<&Range<usize>>) -> String {
        let Some((span, layer)) = span.and_then(|span| Some((span, self.layer_at(span)?))) else {
            // The first layer is what was shipped; nobody is sent there to add a key.
            let file = self.layers.iter().skip(1).find(|layer| layer.has_lines);
            let only = self
                .layers
                .first()
                .filter(|_| self.layers.len() == 1 && self.alone);
            return file
                .or(only)
                .map_or("the configuration".to_owned(), |layer| layer.name.clone());
        };
        if !layer.has_lines {
            return layer.name.clone();
        }
        let before = layer
            .text
            .get(..span.start.saturating_sub(layer.start))
            .unwrap_or(&layer.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{line}:{column}", layer.name)
    }
}

/// The text of a layer that sets the key of a variable and nothing else.
pub(super) fn of_variable(variable: &Variable, value: OsString) -> Result<String, ConfigError> {
    let invalid = |message: &str| ConfigError::Invalid {
        place: format!("the environment variable {}", variable.name),
        message: message.to_owned(),
    };
    let value = value
        .into_string()
        .map_err(|_| invalid("the text is not UTF-8."))?;
    match variable.value {
        VariableValue::Text => Ok(format!("{} = {}", variable.key, toml::Value::String(value))),
        VariableValue::Toml if value.contains('\n') => Err(invalid("the value must be one line.")),
        VariableValue::Toml => Ok(format!("{} = {value}", variable.key)),
    }
}

/// Tables are joined key by key; anything else is replaced, with the place of its key.
fn lay_over<'i>(below: &mut DeTable<'i>, above: DeTable<'i>) {
    for (key, value) in above {
        match (
            below.remove(key.get_ref().as_ref()).map(Spanned::into_inner),
            value,
        ) {
            (Some(DeValue::Table(mut lower)), value) if value.get_ref().is_table() => {
                let span = value.span();
                if let DeValue::Table(upper) = value.into_inner() {
                    lay_over(&mut lower, upper);
                }
                below.insert(key, Spanned::new(span, DeValue::Table(lower)));
            }
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

fn move_table(table: DeTable<'_>, by: usize) -> DeTable<'_> {
    table
        .into_iter()
        .map(|(key, value)| {
            (
                Spanned::new(moved(&key.span(), by), key.into_inner()),
                move_value(value, by),
            )
        })
        .collect()
}

fn move_value(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    let span = moved(&value.span(), by);
    let value = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(move_table(table, by)),
        DeValue::Array(array) => {
            let mut moved = toml::de::DeArray::new();
            array
                .into_iter()
                .for_each(|item| moved.push(move_value(item, by)));
            DeValue::Array(moved)
        }
        plain => plain,
    };
    Spanned::new(span, value)
}

fn moved(span: &Range<usize>, by: usize) -> Range<usize> {
    span.start + by..span.end + by
}

/// A parser's message on one line, ended as a sentence is: "unclosed table, expected `]`."
pub(super) fn sentence(message: &str) -> String {
    format!("{}.", message.trim_end_matches('.').replace('\n', ", "))
}
