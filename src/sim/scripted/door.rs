//! A dock door with a portal: a pallet is before it, in it, or gone when somebody says so.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tallyman_codes::{EpcBytes, Moment};

use super::heard;
use crate::doorway::{EYES, INSIDE, OUTSIDE};
use crate::reader::llrp::NetworkReader;
use crate::reader::{Air, Heard};
use crate::rfid_config::portal_reader;

/// Goods in the door, in hundredths of a dBm.
const DRIVEN_CENTI_DBM: i32 = -3_800;
/// Goods that are staged beside it: so much weaker that nothing else about them matters.
const STAGED_CENTI_DBM: i32 = -8_000;

/// What is driven through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pallet {
    /// Tags that the antennas outside hear, and then those inside: they went through.
    pub through: Vec<EpcBytes>,
    /// Tags that those outside alone hear, as behind metal: strong, and nobody knows which way they went.
    pub one_sided: Vec<EpcBytes>,
}

/// Where the pallet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    Away,
    /// Before the antennas that look outside.
    Outside(usize),
    /// Before those that look inside.
    Inside(usize),
}

/// A door on loopback whose script is led by hand. It goes when it is dropped.
#[derive(Debug)]
pub struct ScriptedDoor {
    reader: NetworkReader,
    place: Arc<Mutex<Place>>,
}

impl ScriptedDoor {
    /// A door with these goods beside it, and these pallets to be driven through.
    ///
    /// # Errors
    /// What the system says when there is no port.
    pub async fn listen(pallets: Vec<Pallet>, staged: Vec<EpcBytes>) -> io::Result<Self> {
        let place = Arc::default();
        let air = BeforeTheDoor {
            pallets,
            staged,
            place: Arc::clone(&place),
        };
        Ok(Self {
            reader: NetworkReader::listen(portal_reader(), air).await?,
            place,
        })
    }

    /// The reader.
    pub const fn reader(&self) -> &NetworkReader {
        &self.reader
    }

    /// A pallet comes: the outer photo eye sees it, then the antennas outside hear it.
    pub fn comes(&self, pallet: usize) {
        self.reader.set_input(EYES[0], true);
        *self.place() = Place::Outside(pallet);
    }

    /// It is inside: the inner eye sees it, then the outer one no longer, and the antennas inside hear it.
    pub fn goes_in(&self) {
        self.reader.set_input(EYES[1], true);
        self.reader.set_input(EYES[0], false);
        let mut place = self.place();
        if let Place::Outside(pallet) = *place {
            *place = Place::Inside(pallet);
        }
    }

    /// It is gone: nothing hears or sees it.
    pub fn is_gone(&self) {
        *self.place() = Place::Away;
        self.reader.set_input(EYES[1], false);
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the antennas hear.
pub(super) struct BeforeTheDoor {
    pallets: Vec<Pallet>,
    staged: Vec<EpcBytes>,
    place: Arc<Mutex<Place>>,
}

impl Air for BeforeTheDoor {
    fn round(&mut self, antenna: u8, _power_centi_dbm: u16, _at: Moment, told: &mut Vec<Heard>) {
        let place = *self.place.lock().unwrap_or_else(PoisonError::into_inner);
        told.extend(self.staged.iter().map(|epc| heard(*epc, STAGED_CENTI_DBM)));
        let antenna = u16::from(antenna);
        let (pallet, looks_there, is_outside) = match place {
            Place::Away => return,
            Place::Outside(pallet) => (pallet, OUTSIDE.contains(&antenna), true),
            Place::Inside(pallet) => (pallet, INSIDE.contains(&antenna), false),
        };
        let Some(pallet) = self.pallets.get(pallet).filter(|_| looks_there) else {
            return;
        };
        let one_sided = pallet.one_sided.iter().filter(|_| is_outside);
        let driven = pallet.through.iter().chain(one_sided);
        told.extend(driven.map(|epc| heard(*epc, DRIVEN_CENTI_DBM)));
    }
}

#[cfg(test)]
impl BeforeTheDoor {
    /// The air alone, with the hand that leads it.
    pub(super) fn of(pallet: Pallet, staged: Vec<EpcBytes>) -> (Self, impl Fn(Option<bool>)) {
        let place: Arc<Mutex<Place>> = Arc::default();
        let air = Self {
            pallets: vec![pallet],
            staged,
            place: Arc::clone(&place),
        };
        let lead = move |is_inside: Option<bool>| {
            *place.lock().unwrap() = match is_inside {
                None => Place::Away,
                Some(false) => Place::Outside(0),
                Some(true) => Place::Inside(0),
            };
        };
        (air, lead)
    }
}
