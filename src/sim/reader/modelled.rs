//! The model of the air before the antennas of a virtual module: a module sweeps a shelf, and its driver reads what it hears.

use tallyman_codes::Moment;

use super::{Air, Heard};
use crate::air;

impl Air for air::Air {
    /// One round of the model. It tells no phase: 0 stands for it.
    fn round(&mut self, antenna: u8, power_centi_dbm: u16, at: Moment, heard: &mut Vec<Heard>) {
        let mut read = Vec::new();
        // The module's own time for each tag stands, not the model's.
        let _ = Self::round(self, antenna.into(), power_centi_dbm.into(), at, &mut read);
        heard.extend(read.into_iter().map(|heard| Heard {
            epc: heard.epc,
            pc: heard.pc,
            rssi_centi_dbm: heard.rssi_centi_dbm,
            phase_centi_deg: 0,
            channel: u8::try_from(heard.channel).unwrap_or(u8::MAX),
        }));
    }
}
