//! What a device knows of its site beside items and tasks: places, people, and what is on hold.

use jiff::Timestamp;

use crate::confirmation::ExceptionCode;
use crate::ids::{ItemId, LocationId, WorkerId};
use crate::words::Language;

/// A place with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Its address, as its label says.
    pub id: LocationId,
    /// The digits painted beside the label: whoever types them stands in front of it.
    pub check_digits: Option<String>,
    /// The zone it belongs to.
    pub zone: Option<String>,
}

/// A person who works with devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// As the badge says.
    pub id: WorkerId,
    /// What people call them.
    pub name: String,
    /// What they read; the device's language where `None`.
    pub language: Option<Language>,
    /// Whether the badge alone is not enough.
    pub has_pin: bool,
}

/// What may not be used, as the hub said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds {
    /// Counts the changes of the list, from 1.
    pub version: u64,
    /// When the hub last said that this is the list, by its clock; `None` where it was not heard of since the start.
    pub heard: Option<Timestamp>,
    /// What is on hold.
    pub entries: Vec<Hold>,
}

impl Holds {
    /// The hold that goods fall under, if any.
    pub fn of(&self, item: &ItemId, lot: Option<&str>) -> Option<&Hold> {
        let matches = |hold: &&Hold| {
            hold.item == *item && hold.lot.as_deref().is_none_or(|on_hold| lot == Some(on_hold))
        };
        self.entries.iter().find(matches)
    }
}

/// Goods that may not be used until somebody releases them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The item.
    pub item: ItemId,
    /// The lot; every lot where `None`.
    pub lot: Option<String>,
    /// Why, for the worker: `recall 2026-14`.
    pub reason: String,
}

/// The reasons that a site lets its workers choose from for an exception code: words of its configuration. These are
/// used where it has none of its own.
pub fn usual_reasons(code: ExceptionCode) -> Vec<String> {
    let words: &[&str] = match code {
        ExceptionCode::Short => &["empty", "damaged", "not_found"],
        ExceptionCode::Damaged => &["broken", "wet", "dirty", "packaging"],
        ExceptionCode::OtherPlace => &["full", "blocked", "does_not_fit", "better_place"],
        ExceptionCode::LocationFull => &["full", "blocked"],
        ExceptionCode::NotReachable => &["blocked", "too_high", "locked"],
        ExceptionCode::WrongGoods => &["other_item", "other_lot", "mixed"],
        _ => &[],
    };
    words.iter().map(|&word| word.to_owned()).collect()
}
