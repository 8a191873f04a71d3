//! Opening stock: what lies where before the hub knows of any movement. It is posted, so that a file imported twice
//! counts twice.
//!
//! ```csv
//! location,item,quantity,lot,serial,expiry,status,owner
//! A-01-01,MILK-1L,48,L2211,,2026-12-20,available,
//! ```

use tallyman_floor::Quantity;

use super::table::{Column, Row, Table, needed, optional};
use super::{Mistakes, cell};
use crate::ledger::views::Names;
use crate::ledger::{OpeningStock, Stock};

pub(super) const COLUMNS: &[Column] = &[
    needed("location", "where it lies"),
    needed("item", "the article number"),
    needed("quantity", "how much, in base units"),
    optional("lot", "the lot"),
    optional("serial", "the serial number; the quantity is then 1"),
    optional("expiry", "the expiry date, as 2027-12-31"),
    optional("status", "available, hold or damaged; available where empty"),
    optional("owner", "whose goods; the item's owner where empty"),
];

pub(super) fn read(table: &Table, names: &Names, mistakes: &mut Mistakes) -> Vec<OpeningStock> {
    table
        .rows
        .iter()
        .map(|row| read_row(row, names, mistakes))
        .collect()
}

fn read_row(row: &Row, names: &Names, mistakes: &mut Mistakes) -> OpeningStock {
    let location = cell::identity(row, "location", mistakes);
    known_location(row, "location", names, mistakes);
    let item = cell::identity(row, "item", mistakes);
    let tracked = known_item(row, names, mistakes);
    let quantity = cell::needed_quantity(row, "quantity", mistakes);
    if tracked.is_some_and(|tracked| tracked.lot) && row.text("lot").is_empty() {
        mistakes.add(row.mistake("lot", "is empty, and lots of this item are recorded."));
    }
    let serial = row.text("serial").to_owned();
    if !serial.is_empty() && quantity != Quantity::ONE {
        mistakes.add(row.mistake("quantity", "is not 1, and one serial number names one piece."));
    }
    let expiry = cell::date(row, "expiry", mistakes).map(|date| date.to_string());
    let stock = Stock {
        item,
        lot: if tracked.is_some_and(|tracked| tracked.lot) {
            row.text("lot").to_owned()
        } else {
            String::new()
        },
        serial: if tracked.is_some_and(|tracked| tracked.serial) {
            serial
        } else {
            String::new()
        },
        expiry: expiry.unwrap_or_default(),
        handling_unit: String::new(),
        status: cell::word(row, "status", &["available", "hold", "damaged"], mistakes).to_owned(),
        owner: row.text("owner").to_owned(),
    };
    OpeningStock {
        location,
        stock,
        quantity,
    }
}

/// That a location is in the site's list, where the site keeps one.
pub(super) fn known_location(row: &Row, column: &'static str, names: &Names, mistakes: &mut Mistakes) {
    let location = row.text(column);
    if !location.is_empty() && !names.knows_location(location) {
        mistakes.add(row.mistake(
            column,
            "is not in the location list. Import the location first, or correct it.",
        ));
    }
}

/// That an item is in the site's list.
pub(super) fn known_item<'a>(
    row: &Row,
    names: &'a Names,
    mistakes: &mut Mistakes,
) -> Option<&'a crate::ledger::interpret::Tracked> {
    let item = row.text("item");
    let tracked = names.items.get(item);
    if tracked.is_none() && !item.is_empty() {
        mistakes.add(row.mistake(
            "item",
            "is not in the item list. Import the item first, or correct it.",
        ));
    }
    tracked
}
