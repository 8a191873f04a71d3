//! The RFID readers of a shift: a portal in the dock's door, and a module in the stocktaker's hand.

use crate::house::{House, HouseError, Seat};
use crate::rfid_config::{self, MODULE, PortalPace};
use crate::scripted::{Pallet, ScriptedDoor, ScriptedShelf};
use crate::warehouse::{TaggedZone, Warehouse};

/// The seats that have a reader.
const AT_THE_DOOR: &str = "dock";
const AT_THE_SHELF: &str = "stocktaker";

/// A pass ends soon after the last eye is clear, and its light burns until another one does: virtual operators are faster than people,
/// and look at it when they come to it.
const PACE: PortalPace = PortalPace {
    after_ms: 300,
    lamps_s: 600,
};

/// The readers, and what the devices' configurations say of them.
#[derive(Debug)]
pub(super) struct Radio {
    pub door: ScriptedDoor,
    pub shelf: ScriptedShelf,
    portal: String,
    module: String,
}

impl Radio {
    /// Hangs the portal into the door, and plugs the module in.
    pub async fn open(house: &House, warehouse: &Warehouse) -> Result<Self, HouseError> {
        let failed = |what| move |cause| HouseError::System { what, cause };
        let zone = warehouse.tagged.as_ref();
        let door = match zone {
            Some(zone) => ScriptedDoor::listen(pallets(zone), staged(zone)).await,
            None => ScriptedDoor::listen(Vec::new(), Vec::new()).await,
        };
        let door = door.map_err(failed("a port on loopback"))?;
        let dock = zone.map(|zone| zone.delivery.dock.as_str()).unwrap_or_default();
        let portal = rfid_config::portal(door.reader().address(), dock, PACE);
        let folder = house.folder_of(AT_THE_SHELF)?;
        let shelf = ScriptedShelf::plug_in(&folder.join(MODULE));
        Ok(Self {
            door,
            shelf: shelf.map_err(failed("a port for the RFID reader"))?,
            portal,
            module: rfid_config::module(&folder),
        })
    }

    /// The seat with its reader, where it has one.
    pub fn with(&self, seat: Seat) -> Seat {
        let more = match seat.name {
            AT_THE_DOOR => self.portal.clone(),
            AT_THE_SHELF => self.module.clone(),
            _ => seat.more,
        };
        Seat { more, ..seat }
    }
}

fn pallets(zone: &TaggedZone) -> Vec<Pallet> {
    let loads = zone.delivery.loads();
    let pallet = |serials: &Vec<u64>| {
        let tags = |one_sided: bool| {
            let of_kind = serials
                .iter()
                .filter(move |serial| (**serial == loads.one_sided) == one_sided);
            of_kind.map(|serial| zone.tag(*serial)).collect()
        };
        Pallet {
            through: tags(false),
            one_sided: tags(true),
        }
    };
    loads.pallets.iter().map(pallet).collect()
}

fn staged(zone: &TaggedZone) -> Vec<tallyman_codes::EpcBytes> {
    let staged = zone.delivery.loads().staged;
    staged.into_iter().map(|serial| zone.tag(serial)).collect()
}
