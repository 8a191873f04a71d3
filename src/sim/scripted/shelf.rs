//! A bay that is swept: what is near the reader, and what is far, is as somebody says.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tallyman_codes::{EpcBytes, Moment};

use super::heard;
use crate::plugged_reader::PluggedReader;
use crate::reader::{Air, Heard, M100Module};

/// Goods of the bay, in hundredths of a dBm.
const NEAR_CENTI_DBM: i32 = -3_200;
/// Goods that are glimpsed: so strong that they are no strays in the longest sweep, and seldom.
const GLIMPSED_CENTI_DBM: i32 = -1_200;
/// Goods of the next bay: weaker than a sweep adds anything for.
const FAR_CENTI_DBM: i32 = -6_600;

/// A tag that is glimpsed answers in so many rounds, and so in fewer windows than a sure one needs
/// ([`tallyman_floor::rfid::Rules::sweep_sure_windows`]), however long the sweep is.
const GLIMPSED_ROUNDS: u32 = 2;

/// A UHF module in the hand of a worker whose script is led by hand. It goes when it is dropped.
#[derive(Debug)]
pub struct ScriptedShelf {
    reader: PluggedReader,
    script: Arc<Mutex<Script>>,
}

/// What is before the reader.
#[derive(Debug, Default)]
pub(super) struct Script {
    near: Vec<EpcBytes>,
    far: Vec<EpcBytes>,
    glimpsed: Vec<EpcBytes>,
    glimpses_left: u32,
}

impl ScriptedShelf {
    /// A module that is plugged in under a path, with nothing before it.
    ///
    /// # Errors
    /// As [`PluggedReader::plug_in`].
    pub fn plug_in(path: &Path) -> io::Result<Self> {
        let script = Arc::default();
        let air = BeforeTheShelf(Arc::clone(&script));
        Ok(Self {
            reader: PluggedReader::plug_in(path, M100Module::default(), air)?,
            script,
        })
    }

    /// The worker goes to another bay: of its neighbours a little is heard, and of its own goods nothing yet.
    pub fn go_before(&self, far: Vec<EpcBytes>) {
        *self.script() = Script {
            far,
            ..Script::default()
        };
    }

    /// The reader comes to more of the bay's goods.
    pub fn reach(&self, more: &[EpcBytes]) {
        self.script().reach(more);
    }

    /// Something answers in two rounds, and then no more.
    pub fn glimpse(&self, tags: &[EpcBytes]) {
        self.script().glimpse(tags);
    }

    /// The device was started anew: nothing of the old line is left.
    ///
    /// # Errors
    /// As [`PluggedReader::another_line`].
    pub fn another_line(&self) -> io::Result<()> {
        self.reader.another_line()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Script {
    fn reach(&mut self, more: &[EpcBytes]) {
        self.near.extend_from_slice(more);
    }

    fn glimpse(&mut self, tags: &[EpcBytes]) {
        self.glimpsed = tags.to_vec();
        self.glimpses_left = GLIMPSED_ROUNDS;
    }
}

/// What the module hears.
pub(super) struct BeforeTheShelf(Arc<Mutex<Script>>);

impl Air for BeforeTheShelf {
    fn round(&mut self, _antenna: u8, _power_centi_dbm: u16, _at: Moment, told: &mut Vec<Heard>) {
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let glimpsed = match script.glimpses_left.checked_sub(1) {
            Some(left) => {
                script.glimpses_left = left;
                script.glimpsed.as_slice()
            }
            None => &[],
        };
        let glimpsed = glimpsed.iter().map(|epc| (epc, GLIMPSED_CENTI_DBM));
        let near = script.near.iter().map(|epc| (epc, NEAR_CENTI_DBM));
        let far = script.far.iter().map(|epc| (epc, FAR_CENTI_DBM));
        told.extend(
            near.chain(glimpsed)
                .chain(far)
                .map(|(epc, centi_dbm)| heard(*epc, centi_dbm)),
        );
    }
}

/// The script alone, to be led without a module.
#[cfg(test)]
pub(super) struct Led(Arc<Mutex<Script>>);

#[cfg(test)]
impl Led {
    pub(super) fn reach(&self, more: &[EpcBytes]) {
        self.0.lock().unwrap().reach(more);
    }

    pub(super) fn glimpse(&self, tags: &[EpcBytes]) {
        self.0.lock().unwrap().glimpse(tags);
    }
}

#[cfg(test)]
impl BeforeTheShelf {
    /// The air alone, with the hand that leads it.
    pub(super) fn of(far: Vec<EpcBytes>) -> (Self, Led) {
        let script = Arc::new(Mutex::new(Script {
            far,
            ..Script::default()
        }));
        (Self(Arc::clone(&script)), Led(script))
    }
}
