//! Locations: one row for each address.
//!
//! ```csv
//! location,zone,check_digits
//! A-01-01,Aisle A,47
//! ```

use std::collections::HashMap;

use super::table::{Column, Table, needed, optional};
use super::{Mistakes, cell};
use crate::ledger::LocationSetting;

pub(super) const COLUMNS: &[Column] = &[
    needed(
        "location",
        "the address, as the label says it after the site's own prefix",
    ),
    optional("zone", "the part of the house"),
    optional(
        "check_digits",
        "2 to 6 digits painted beside the label, which a worker types where it cannot be scanned",
    ),
];

pub(super) fn read(table: &Table, mistakes: &mut Mistakes) -> Vec<LocationSetting> {
    let mut lines: HashMap<String, u64> = HashMap::new();
    let mut locations = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let location = cell::identity(row, "location", mistakes);
        if let Some(line) = lines.insert(location.clone(), row.line) {
            mistakes.add(row.mistake(
                "location",
                format!("is there twice; the other is on line {line}."),
            ));
        }
        locations.push(LocationSetting {
            location,
            zone: row.text("zone").to_owned(),
            check_digits: cell::digits(row, "check_digits", 2..=6, mistakes),
        });
    }
    locations
}
