//! The dock's door: a portal with a virtual LLRP reader, photo eyes and a light stack, and a pallet that is driven through when
//! somebody clicks.

use std::sync::Arc;

use tallyman_floor::Light;

use crate::doorway::Doorway;
use crate::house::HouseError;
use crate::reader::llrp::ReaderState;
use crate::rfid_config::{self, PortalPace, portal_reader};
use crate::warehouse::TaggedDelivery;

/// As shipped, with lamps that can be read at leisure.
const PACE: PortalPace = PortalPace {
    after_ms: 2_000,
    lamps_s: 10,
};

/// Hangs the portal into the door.
pub(super) async fn open(delivery: &TaggedDelivery) -> Result<Arc<Doorway>, HouseError> {
    let doorway = Doorway::listen(portal_reader(), vec![delivery.scene()]).await;
    doorway.map(Arc::new).map_err(|cause| HouseError::System {
        what: "a port on loopback",
        cause,
    })
}

/// What the dock's configuration says of it.
pub(super) fn config(doorway: &Doorway, dock: &str) -> String {
    rfid_config::portal(doorway.address(), dock, PACE)
}

/// The door, as the pages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AtDoor {
    /// What its light stack shows.
    pub light: Light,
    /// A pallet is on its way.
    pub is_driven: bool,
}

impl AtDoor {
    pub fn of(reader: &ReaderState, is_driven: bool) -> Self {
        Self {
            light: rfid_config::light(reader).unwrap_or_default(),
            is_driven,
        }
    }

    /// What the light means, in a sentence's part.
    pub const fn says(self) -> &'static str {
        match self.light {
            Light::Off => "dark: no delivery is open here",
            Light::Ready => "white: goods can come",
            Light::Reading => "blue: goods pass",
            Light::Good => "green: all of the pass is recorded",
            Light::Doubt => "amber: labels are to be looked at",
            Light::Stop => "red: nothing was recorded",
        }
    }
}
