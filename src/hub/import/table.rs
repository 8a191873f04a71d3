//! A file as rows of named cells, whatever its form was.

use std::collections::HashMap;

use super::{ImportFile, ImportFormat, ImportKind, Mistake, Mistakes, ROWS_MAX, json, quotes};

/// A column that a kind of file may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its name in the header, or the member's in JSON.
    pub(crate) name: &'static str,
    /// Whether a file without it makes no sense.
    pub(crate) needed: bool,
    /// What belongs there, for messages and the import page.
    pub(crate) about: &'static str,
}

/// A column that must be there.
pub(super) const fn needed(name: &'static str, about: &'static str) -> Column {
    Column {
        name,
        needed: true,
        about,
    }
}

/// A column that may be there.
pub(super) const fn optional(name: &'static str, about: &'static str) -> Column {
    Column {
        name,
        needed: false,
        about,
    }
}

/// The rows of a file.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
}

/// One row: the cells that are not empty, without space around them.
#[derive(Debug, Default, Clone)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: HashMap<&'static str, String>,
}

impl Row {
    /// A cell's text; empty where there is none.
    pub(super) fn text(&self, column: &'static str) -> &str {
        self.cells.get(column).map(String::as_str).unwrap_or_default()
    }

    /// A mistake in a cell.
    pub(super) fn mistake(&self, column: &'static str, message: impl Into<String>) -> Mistake {
        let value = self.text(column).chars().take(VALUE_CHARACTERS_MAX).collect();
        Mistake {
            line: self.line,
            column: column.to_owned(),
            value,
            message: message.into(),
        }
    }
}

/// At most this much of a wrong value is repeated in a message.
const VALUE_CHARACTERS_MAX: usize = 60;

/// Characters in a cell: more is no name, number or code.
const CELL_CHARACTERS_MAX: usize = 200;

impl Table {
    pub(super) fn read(kind: ImportKind, file: &ImportFile<'_>, mistakes: &mut Mistakes) -> Self {
        let whole = |message: String| Mistake {
            line: 0,
            column: String::new(),
            value: String::new(),
            message,
        };
        let text = match std::str::from_utf8(file.content) {
            Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
            Err(error) => {
                let before = file.content.get(..error.valid_up_to()).unwrap_or_default();
                let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
                let message = "The file is not UTF-8 from here on. Save it as \"CSV UTF-8\".".to_owned();
                mistakes.add(Mistake {
                    line,
                    ..whole(message)
                });
                return Self::default();
            }
        };
        let table = match file.format {
            ImportFormat::Csv => read_csv(kind, text, mistakes),
            ImportFormat::Json => json::read(kind, text, mistakes),
        };
        // A list may become empty, but not by a file that says nothing at all.
        let may_be_empty = kind.replaces() && !text.trim().is_empty();
        if table.rows.is_empty() && mistakes.kept.is_empty() && !may_be_empty {
            mistakes.add(whole("The file has no rows.".to_owned()));
        }
        for row in &table.rows {
            for (column, text) in &row.cells {
                if text.chars().count() > CELL_CHARACTERS_MAX {
                    mistakes.add(row.mistake(
                        column,
                        format!("is longer than {CELL_CHARACTERS_MAX} characters."),
                    ));
                } else if text.chars().any(char::is_control) {
                    mistakes
                        .add(row.mistake(column, "has a control character in it, as a tab or a line break."));
                }
            }
        }
        table
    }
}

fn read_csv(kind: ImportKind, text: &str, mistakes: &mut Mistakes) -> Table {
    let delimiter = delimiter(text);
    if let Some((line, message)) = quotes::mistake(text, delimiter) {
        mistakes.add(Mistake {
            line,
            column: String::new(),
            value: String::new(),
            message: message.to_owned(),
        });
        return Table::default();
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut table = Table::default();
    let mut header: Option<Vec<Option<&'static str>>> = None;
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                let message = format!("The line cannot be read: {error}.");
                mistakes.add(Mistake {
                    line,
                    column: String::new(),
                    value: String::new(),
                    message,
                });
                return table;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let Some(columns) = &header else {
            header = Some(read_header(kind, line, &record, mistakes));
            continue;
        };
        if record.len() != columns.len() {
            let message = format!(
                "The line has {} cells and the header {}.",
                record.len(),
                columns.len()
            );
            mistakes.add(Mistake {
                line,
                column: String::new(),
                value: String::new(),
                message,
            });
            continue;
        }
        if table.rows.len() >= ROWS_MAX {
            let message = format!("The file has more than {ROWS_MAX} rows. Split it.");
            mistakes.add(Mistake {
                line,
                column: String::new(),
                value: String::new(),
                message,
            });
            return table;
        }
        let cells = columns.iter().zip(&record).filter(|(_, text)| !text.is_empty());
        let cells = cells.filter_map(|(column, text)| Some(((*column)?, text.to_owned())));
        table.rows.push(Row {
            line,
            cells: cells.collect(),
        });
    }
    table
}

/// Spreadsheets in half of the world write semicolons: the header tells.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    if header.contains(';') && !header.contains(',') {
        b';'
    } else {
        b','
    }
}

fn read_header(
    kind: ImportKind,
    line: u64,
    record: &csv::StringRecord,
    mistakes: &mut Mistakes,
) -> Vec<Option<&'static str>> {
    let mut header: Vec<Option<&'static str>> = Vec::with_capacity(record.len());
    for name in record {
        let name = name.to_ascii_lowercase();
        let known = find_column(kind, &name);
        if known.is_none() {
            mistakes.add(unknown_column(kind, line, &name));
        } else if header.contains(&known) {
            let message = "The column is there twice.".to_owned();
            mistakes.add(Mistake {
                line,
                column: name,
                value: String::new(),
                message,
            });
        }
        header.push(known);
    }
    for column in kind
        .columns()
        .iter()
        .filter(|column| column.needed && !header.contains(&Some(column.name)))
    {
        let message = format!("The column is missing. It says: {}.", column.about);
        mistakes.add(Mistake {
            line,
            column: column.name.to_owned(),
            value: String::new(),
            message,
        });
    }
    header
}

pub(super) fn find_column(kind: ImportKind, name: &str) -> Option<&'static str> {
    kind.columns()
        .iter()
        .find(|column| column.name == name)
        .map(|column| column.name)
}

pub(super) fn unknown_column(kind: ImportKind, line: u64, name: &str) -> Mistake {
    let known: Vec<&str> = kind.columns().iter().map(|column| column.name).collect();
    let message = format!("There is no such column. Known are {}.", known.join(", "));
    Mistake {
        line,
        column: name.chars().take(VALUE_CHARACTERS_MAX).collect(),
        value: String::new(),
        message,
    }
}
