//! JSON as rows: each object of the array is one, and each object of its inner list is one more with the outer cells.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::table::{Row, Table, find_column, unknown_column};
use super::{ImportKind, Mistake, Mistakes, ROWS_MAX};

/// An inner list: the member that holds it, and its members with the columns they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nested {
    pub(super) member: &'static str,
    pub(super) columns: &'static [(&'static str, &'static str)],
}

type Members<'a> = BTreeMap<String, &'a RawValue>;

pub(super) fn read(kind: ImportKind, text: &str, mistakes: &mut Mistakes) -> Table {
    let mut table = Table::default();
    let objects: Vec<&RawValue> = match serde_json::from_str(text) {
        Ok(objects) => objects,
        Err(error) => {
            mistakes.add(unreadable(error.line() as u64, &error));
            return table;
        }
    };
    for object in objects {
        if table.rows.len() >= ROWS_MAX {
            let message = format!("The file has more than {ROWS_MAX} rows. Split it.");
            mistakes.add(mistake(line_of(text, object), "", "", message));
            return table;
        }
        read_object(kind, text, object, &mut table, mistakes);
    }
    table
}

fn read_object(kind: ImportKind, text: &str, object: &RawValue, table: &mut Table, mistakes: &mut Mistakes) {
    let line = line_of(text, object);
    let members: Members<'_> = match serde_json::from_str(object.get()) {
        Ok(members) => members,
        Err(error) => return mistakes.add(unreadable(line, &error)),
    };
    let nested = kind.nested();
    let mut outer = Row {
        line,
        ..Row::default()
    };
    let mut inner: Option<&RawValue> = None;
    for (name, value) in &members {
        if nested.is_some_and(|nested| nested.member == name) {
            inner = Some(value);
            continue;
        }
        match find_column(kind, name) {
            Some(column) => put(&mut outer, column, value, mistakes),
            None => mistakes.add(unknown_column(kind, line, name)),
        }
    }
    let (Some(nested), Some(inner)) = (nested, inner) else {
        table.rows.push(outer);
        return;
    };
    let line_of_list = line_of(text, inner);
    let inner: Vec<&RawValue> = match serde_json::from_str(inner.get()) {
        Ok(inner) => inner,
        Err(_) => {
            let message = "is no list of objects.".to_owned();
            return mistakes.add(mistake(line_of_list, nested.member, "", message));
        }
    };
    if inner.is_empty() {
        table.rows.push(outer.clone());
    }
    for value in inner {
        let line = line_of(text, value);
        let members: Members<'_> = match serde_json::from_str(value.get()) {
            Ok(members) => members,
            Err(error) => {
                mistakes.add(unreadable(line, &error));
                continue;
            }
        };
        let mut row = Row {
            line,
            ..outer.clone()
        };
        for (name, value) in &members {
            match nested.columns.iter().find(|(member, _)| member == name) {
                Some((_, column)) => put(&mut row, column, value, mistakes),
                None => {
                    let known: Vec<&str> = nested.columns.iter().map(|(member, _)| *member).collect();
                    let message = format!("There is no such member. Known are {}.", known.join(", "));
                    mistakes.add(mistake(line, &format!("{}.{name}", nested.member), "", message));
                }
            }
        }
        table.rows.push(row);
    }
}

/// Texts, numbers and booleans are cells; null is an empty one.
fn put(row: &mut Row, column: &'static str, value: &RawValue, mistakes: &mut Mistakes) {
    let text = match serde_json::from_str::<serde_json::Value>(value.get()) {
        Ok(serde_json::Value::Null) => return,
        Ok(serde_json::Value::String(text)) => text.trim().to_owned(),
        // As it was written: a number must not pass through floating point.
        Ok(serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => value.get().to_owned(),
        _ => {
            let message = "is neither text, number, true, false nor null.".to_owned();
            return mistakes.add(mistake(row.line, column, "", message));
        }
    };
    if !text.is_empty() {
        row.cells.insert(column, text);
    }
}

/// The line a value begins on. It is a part of the text, so that its address tells.
fn line_of(text: &str, value: &RawValue) -> u64 {
    let start = value.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
    let before = text.as_bytes().get(..start).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count() as u64
}

fn unreadable(line: u64, error: &serde_json::Error) -> Mistake {
    mistake(
        line,
        "",
        "",
        format!("A JSON array of objects is wanted: {error}."),
    )
}

fn mistake(line: u64, column: &str, value: &str, message: String) -> Mistake {
    Mistake {
        line,
        column: column.to_owned(),
        value: value.to_owned(),
        message,
    }
}
