//! The model of the air before the antennas of a virtual module: a module sweeps a shelf, and its driver reads what it hears.

use tallyman_codes::Moment;

use super::{Air, Heard};
use crate::air;

/// A scene that begins when it is heard first, and is played again and again: a worker who sweeps a bay from its top to its bottom
/// and begins anew.
#[derive(Debug, Clone)]
pub struct Again {
    /// As it begins.
    scene: air::Air,
    played: air::Air,
    /// When it began this time.
    began: Option<Moment>,
    length_us: u64,
}

impl Again {
    /// A scene of so many seconds.
    pub fn new(scene: air::Air, seconds: f64) -> Self {
        Self {
            played: scene.clone(),
            scene,
            began: None,
            length_us: ((seconds * 1e6) as u64).max(1),
        }
    }
}

impl Air for Again {
    fn round(&mut self, antenna: u8, power_centi_dbm: u16, at: Moment, heard: &mut Vec<Heard>) {
        let began = *self.began.get_or_insert(at);
        let mut passed_us = at.since_us(began);
        if passed_us >= self.length_us {
            // What the tags were silent for is over.
            self.played = self.scene.clone();
            self.began = Some(at);
            passed_us = 0;
        }
        let mut told = Vec::new();
        Air::round(
            &mut self.played,
            antenna,
            power_centi_dbm,
            Moment::from_us(passed_us),
            &mut told,
        );
        heard.append(&mut told);
    }
}

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
