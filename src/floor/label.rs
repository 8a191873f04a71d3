//! Labels that the floor orders from a printer, and questions about stock: what goes out of a session beside facts.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{HandlingUnitId, ItemId, LocationId, TaskId};
use crate::quantity::Quantity;

/// A label to be printed by the printer of this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelOrder {
    /// Of a handling unit: its number as a barcode, an SSCC as GS1-128.
    HandlingUnit {
        /// The number.
        unit: HandlingUnitId,
        /// What it is for, for people: the document, the destination.
        text: String,
    },
    /// Of goods that came without a readable one.
    Goods {
        /// The item.
        item: ItemId,
        /// What people call it.
        name: String,
        /// The code to print, a GTIN in 14 digits or any other text.
        code: String,
        /// The lot.
        lot: Option<String>,
        /// The expiry date.
        expiry: Option<Date>,
    },
}

/// What a worker wants to know about stock.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inquiry {
    /// Where is this item?
    Item(ItemId),
    /// What is in this place?
    Location(LocationId),
    /// What is in this handling unit?
    HandlingUnit(HandlingUnitId),
    /// Which pieces does the book have in a place that a count, which is over there, has not found?
    Missing {
        /// The count.
        task: TaskId,
        /// The place.
        location: LocationId,
    },
}

impl Inquiry {
    /// As the hub is asked: the members of the request, and their values.
    pub fn query(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Item(item) => vec![("item", item.as_str())],
            Self::Location(location) => vec![("location", location.as_str())],
            Self::HandlingUnit(unit) => vec![("handling_unit", unit.as_str())],
            Self::Missing { task, location } => {
                vec![("missing", location.as_str()), ("task", task.as_str())]
            }
        }
    }
}

/// The answer to an inquiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InquiryAnswer {
    /// What was asked.
    pub inquiry: Inquiry,
    /// What the hub said; `None` where it cannot be reached.
    pub rows: Option<Vec<StockRow>>,
    /// The hub has not heard yet that the place is counted, and tells nothing of it before.
    pub is_being_counted: bool,
}

/// Goods in a place, as the hub's ledger has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    /// The item.
    pub item: ItemId,
    /// Where: a location or a handling unit, as people read it.
    pub place: String,
    /// The lot.
    pub lot: Option<String>,
    /// How much, in base units; `None` where the place is being counted and nobody is told.
    pub quantity: Option<Quantity>,
    /// The handling unit it is in, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handling_unit: Option<String>,
    /// The location it is in, or that the handling unit stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The serial number, where single pieces were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
}
