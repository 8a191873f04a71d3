//! The stocktaker's RFID reader: a virtual UHF module that sweeps the bay the worker stands before.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::heard::Screen;
use crate::house::HouseError;
use crate::plugged_reader::PluggedReader;
use crate::reader::{Again, M100Module};
use crate::rfid_config::MODULE;
use crate::warehouse::TaggedZone;

/// The reader in the stocktaker's hand.
#[derive(Debug)]
pub(super) struct Sled {
    reader: PluggedReader,
    zone: TaggedZone,
    /// The bay that it is before.
    bay: Mutex<usize>,
}

impl Sled {
    /// Plugs it in, in the device's folder. The worker stands before the first bay.
    pub fn plug_in(folder: &Path, zone: TaggedZone) -> Result<Self, HouseError> {
        let air = before(&zone, 0);
        let reader = PluggedReader::plug_in(&folder.join(MODULE), M100Module::default(), air);
        let reader = reader.map_err(|cause| HouseError::System {
            what: "a port for the RFID reader",
            cause,
        })?;
        Ok(Self {
            reader,
            zone,
            bay: Mutex::new(0),
        })
    }

    /// The worker goes where the screen says.
    pub fn follow(&self, screen: &Screen) {
        let text = screen.as_text();
        let Some(named) = self.zone.bays.iter().position(|bay| text.contains(&bay.location)) else {
            return;
        };
        let mut bay = self.bay.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *bay, named) != named {
            self.reader.turn_to(before(&self.zone, named));
        }
    }

    /// The bay that the worker stands before.
    pub fn bay(&self) -> usize {
        *self.bay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The device was started anew: nothing of the old line is left.
    pub fn another_line(&self) {
        // A line that cannot be had again is one that the agent reports.
        let _ = self.reader.another_line();
    }
}

/// The air before a bay, with the worker's hand.
fn before(zone: &TaggedZone, bay: usize) -> Again {
    let scene = zone.scene(bay).or_else(|| zone.scene(0));
    let (air, seconds) = scene.map_or_else(
        || (crate::air::Air::new(crate::air::Region::Europe, 0, 0), 1.0),
        |scene| (scene.air, scene.seconds),
    );
    Again::new(air, seconds)
}
