//! The end of a location's count: what was counted is compared with the book, and each difference is raised.
//!
//! A line that names an item is about that item alone; the others in the place are neither counted nor compared.
//!
//! The comparison is per item, lot and serial number; status and owner are the book's affair. The memo of the count is
//! cleared, so that the next count starts at nothing. Nothing is posted to stock before a supervisor accepts it.

use std::collections::BTreeMap;

use tallyman_floor::Quantity;
use tallyman_floor::wire::v1::ConfirmationBody;

use super::adjustment::{CountKey, signed};
use super::excerpt::Excerpt;
use super::rows::ExceptionRow;
use crate::ledger::account::{Account, AccountKind, Pair, Stock};
use crate::ledger::exception::ExceptionKind;
use crate::ledger::interpret::location_of;

/// What the end of a count comes to.
pub(super) struct Ended {
    /// Takes what was counted out of the memo account, as pairs of this fact.
    pub(super) pairs: Vec<Pair>,
    /// The differences.
    pub(super) exceptions: Vec<ExceptionRow>,
    /// The item that alone was counted, where this is the count that holds; empty for all that lies there.
    pub(super) counted: Option<String>,
}

pub(super) fn end(excerpt: &Excerpt, device: &str, body: &ConfirmationBody, counted_before: bool) -> Ended {
    let location = location_of(body).unwrap_or_default();
    let memo = Account::counted(body.task.as_deref().unwrap_or_default(), location);
    let control = Account::new(AccountKind::CountControl, "");
    let only = item_counted(excerpt, body);
    let is_counted = |stock: &Stock| only.is_empty() || stock.item == only;
    let mut both: BTreeMap<CountKey, (i64, i64)> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (stock, micro) in excerpt
        .whole(&memo)
        .into_iter()
        .filter(|(stock, _)| is_counted(stock))
    {
        let counted = both.entry(key_of(&stock)).or_default();
        counted.0 = counted.0.saturating_add(micro);
        pairs.extend(signed(&memo, &control, stock, micro));
    }
    if counted_before {
        let exceptions = vec![ExceptionRow::about(ExceptionKind::CountedTwice, device, body)];
        return Ended {
            pairs,
            exceptions,
            counted: None,
        };
    }
    let book = excerpt.whole(&Account::new(AccountKind::Location, location));
    for (stock, micro) in book.into_iter().filter(|(stock, _)| is_counted(stock)) {
        let book = both.entry(key_of(&stock)).or_default();
        book.1 = book.1.saturating_add(micro);
    }
    known_by_serial(&mut both);
    let differing = both.into_iter().filter(|((item, _, _), (counted, book))| {
        // An item that is in no list is in suspense, and compared with nothing.
        counted != book && excerpt.items.contains_key(item)
    });
    let exceptions = differing.map(|((item, lot, serial), (counted, book))| ExceptionRow {
        item,
        lot,
        serial,
        found: Some(Quantity::from_micro(counted)),
        wanted: Some(Quantity::from_micro(book)),
        ..ExceptionRow::about(ExceptionKind::CountVariance, device, body)
    });
    Ended {
        exceptions: exceptions.collect(),
        pairs,
        counted: Some(only.to_owned()),
    }
}

/// A tag tells the serial number of a piece and no lot: it is the piece that the book has, under whatever lot.
fn known_by_serial(both: &mut BTreeMap<CountKey, (i64, i64)>) {
    let uncounted = both
        .iter()
        .filter(|(_, (counted, book))| *counted == 0 && *book > 0);
    let lots: BTreeMap<(String, String), String> = uncounted
        .filter(|((_, lot, serial), _)| !lot.is_empty() && !serial.is_empty())
        .map(|((item, lot, serial), _)| ((item.clone(), serial.clone()), lot.clone()))
        .collect();
    for ((item, serial), lot) in lots {
        let told = (item.clone(), String::new(), serial.clone());
        if let Some(&(counted, 0)) = both.get(&told)
            && let Some(known) = both.get_mut(&(item, lot, serial))
        {
            known.0 = counted;
            both.remove(&told);
        }
    }
}

/// The item that the line is about; empty where the whole place is counted.
fn item_counted<'a>(excerpt: &'a Excerpt, body: &ConfirmationBody) -> &'a str {
    let line = body.task.clone().zip(body.line);
    let line = line.and_then(|line| excerpt.lines.get(&line));
    line.map_or("", |line| line.item.as_str())
}

fn key_of(stock: &Stock) -> CountKey {
    (stock.item.clone(), stock.lot.clone(), stock.serial.clone())
}
