//! Places, people, and what is on hold.

use jiff::Timestamp;

use crate::ids::{ItemId, LocationId, WorkerId};
use crate::site::{Hold, Holds, Location, Worker};
use crate::wire::v1::{HoldBody, HoldsBody, LocationBody, WorkerBody};
use crate::words::Language;

impl From<&Location> for LocationBody {
    fn from(location: &Location) -> Self {
        Self {
            id: location.id.to_string(),
            check_digits: location.check_digits.clone(),
            zone: location.zone.clone(),
        }
    }
}

impl From<LocationBody> for Location {
    fn from(body: LocationBody) -> Self {
        Self {
            id: LocationId::new(body.id),
            check_digits: body.check_digits.filter(|digits| !digits.is_empty()),
            zone: body.zone.filter(|zone| !zone.is_empty()),
        }
    }
}

impl From<WorkerBody> for Worker {
    /// A language that this program does not speak is none: the device's own is shown.
    fn from(body: WorkerBody) -> Self {
        Self {
            id: WorkerId::new(body.id),
            name: body.name,
            language: body.language.as_deref().and_then(Language::of_code),
            has_pin: body.pin_hash.is_some(),
        }
    }
}

impl HoldsBody {
    /// The list, with when the hub last said that it is the list.
    pub fn into_holds(self, heard: Option<Timestamp>) -> Holds {
        Holds {
            version: self.version,
            heard,
            entries: self.entries.into_iter().map(Hold::from).collect(),
        }
    }
}

impl From<HoldBody> for Hold {
    fn from(body: HoldBody) -> Self {
        Self {
            item: ItemId::new(body.item),
            lot: body.lot,
            reason: body.reason,
        }
    }
}

impl From<&Hold> for HoldBody {
    fn from(hold: &Hold) -> Self {
        Self {
            item: hold.item.to_string(),
            lot: hold.lot.clone(),
            reason: hold.reason.clone(),
        }
    }
}
