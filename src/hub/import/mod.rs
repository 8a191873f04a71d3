//! Master data, tasks and opening stock from files: CSV or JSON, all of a file or nothing of it.
//!
//! Both forms become the same [`table`] of cells, so that every rule and every message exists once. The formats are
//! described in each kind's file, with samples in `config/samples/`. A mistake names the line, the column, the value
//! and what is allowed.

mod cell;
mod holds;
mod items;
mod json;
mod kinds;
mod locations;
mod quotes;
mod reasons;
mod stock;
mod table;
mod tasks;

use std::fmt;

use jiff::Timestamp;

use crate::ledger::{Imported, Ledger, LedgerError};
use table::{Column, Table};

/// Mistakes that are told at once; the rest is counted.
const MISTAKES_MAX: usize = 50;

/// Rows in one file: more than any site sends in one go, and what fits into memory easily.
const ROWS_MAX: usize = 500_000;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// Items and their codes.
    Items,
    /// Locations.
    Locations,
    /// Tasks and their lines.
    Tasks,
    /// Opening stock.
    Stock,
    /// What is on hold: the whole list.
    Holds,
    /// Reasons for exception codes: the whole list.
    Reasons,
}

impl ImportKind {
    /// Every kind, in the order in which a new site imports them.
    pub const ALL: [Self; 6] = [
        Self::Items,
        Self::Locations,
        Self::Stock,
        Self::Tasks,
        Self::Holds,
        Self::Reasons,
    ];

    /// The word in addresses, commands and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Locations => "locations",
            Self::Tasks => "tasks",
            Self::Stock => "stock",
            Self::Holds => "holds",
            Self::Reasons => "reasons",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The columns of the kind.
    pub(crate) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Items => items::COLUMNS,
            Self::Locations => locations::COLUMNS,
            Self::Tasks => tasks::COLUMNS,
            Self::Stock => stock::COLUMNS,
            Self::Holds => holds::COLUMNS,
            Self::Reasons => reasons::COLUMNS,
        }
    }

    /// The member of a JSON object that holds a list of rows of their own, and how its members are called as columns.
    const fn nested(self) -> Option<json::Nested> {
        match self {
            Self::Items => Some(items::NESTED),
            Self::Tasks => Some(tasks::NESTED),
            Self::Locations | Self::Stock | Self::Holds | Self::Reasons => None,
        }
    }

    /// Whether a file is the whole list, so that what is not in it goes, and one without rows empties the list.
    const fn replaces(self) -> bool {
        matches!(self, Self::Holds | Self::Reasons)
    }
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// Comma- or semicolon-separated values with a header line, in UTF-8.
    Csv,
    /// A JSON array of objects.
    Json,
}

impl ImportFormat {
    /// By the end of a file's name.
    pub fn of_name(name: &str) -> Self {
        if name.to_ascii_lowercase().ends_with(".json") {
            Self::Json
        } else {
            Self::Csv
        }
    }
}

/// A file to import.
#[derive(Debug, Clone, Copy)]
pub struct ImportFile<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// Its form.
    pub format: ImportFormat,
    /// Its bytes.
    pub content: &'a [u8],
}

impl<'a> ImportFile<'a> {
    /// A file whose form its name tells.
    pub fn named(name: &'a str, content: &'a [u8]) -> Self {
        Self {
            name,
            format: ImportFormat::of_name(name),
            content,
        }
    }
}

/// One thing that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1; 0 where the whole file is meant.
    pub line: u64,
    /// The column's name; empty where the whole line is meant.
    pub column: String,
    /// The value; empty where none is meant.
    pub value: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(formatter, "line {}", self.line)?;
            if !self.column.is_empty() {
                write!(formatter, ", column {}", self.column)?;
            }
            formatter.write_str(": ")?;
        }
        if self.value.is_empty() {
            return formatter.write_str(&self.message);
        }
        write!(formatter, "{:?}: {}", self.value, self.message)
    }
}

/// Why a file was not imported. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file has mistakes.
    #[error("{}", told(.name, .mistakes, *.more))]
    Mistakes {
        /// The file's name.
        name: String,
        /// The first mistakes.
        mistakes: Vec<Mistake>,
        /// How many more there are.
        more: usize,
    },
    /// The store did not take it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

fn told(name: &str, mistakes: &[Mistake], more: usize) -> String {
    let mut text = format!("{name} was not imported; nothing of it was.");
    for mistake in mistakes {
        text.push_str(&format!("\n{name}: {mistake}"));
    }
    if more > 0 {
        text.push_str(&format!("\n{name}: and {more} more."));
    }
    text
}

/// The mistakes of one file, as they are found.
#[derive(Debug, Default)]
struct Mistakes {
    kept: Vec<Mistake>,
    more: usize,
}

impl Mistakes {
    fn add(&mut self, mistake: Mistake) {
        if self.kept.len() < MISTAKES_MAX {
            self.kept.push(mistake);
        } else {
            self.more += 1;
        }
    }

    /// The value, unless there were mistakes.
    fn unless_any<T>(self, name: &str, value: T) -> Result<T, ImportError> {
        if self.kept.is_empty() {
            return Ok(value);
        }
        Err(ImportError::Mistakes {
            name: name.to_owned(),
            mistakes: self.kept,
            more: self.more,
        })
    }
}

pub(crate) async fn import(
    ledger: &dyn Ledger,
    site: &str,
    kind: ImportKind,
    file: &ImportFile<'_>,
    now: Timestamp,
) -> Result<Imported, ImportError> {
    let names = ledger.names(site.to_owned()).await?;
    let mut mistakes = Mistakes::default();
    let table = Table::read(kind, file, &mut mistakes);
    let site = site.to_owned();
    let imported = match kind {
        ImportKind::Items => {
            let items = items::read(&table, &mut mistakes);
            ledger.import_items(site, mistakes.unless_any(file.name, items)?)
        }
        ImportKind::Locations => {
            let locations = locations::read(&table, &mut mistakes);
            ledger.import_locations(site, mistakes.unless_any(file.name, locations)?)
        }
        ImportKind::Tasks => {
            let tasks = tasks::read(&table, &site, &names, &mut mistakes);
            ledger.import_tasks(site, mistakes.unless_any(file.name, tasks)?, now)
        }
        ImportKind::Stock => {
            let stock = stock::read(&table, &names, &mut mistakes);
            ledger.import_stock(
                site,
                mistakes.unless_any(file.name, stock)?,
                file.name.to_owned(),
                now,
            )
        }
        ImportKind::Holds => {
            let holds = holds::read(&table, &names, &mut mistakes);
            ledger.import_holds(site, mistakes.unless_any(file.name, holds)?, now)
        }
        ImportKind::Reasons => {
            let reasons = reasons::read(&table, &mut mistakes);
            ledger.import_reasons(site, mistakes.unless_any(file.name, reasons)?)
        }
    };
    Ok(imported.await?)
}

#[cfg(test)]
mod tests;
