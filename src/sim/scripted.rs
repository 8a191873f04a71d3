//! Tags that are heard by the steps of a script, and not by time and chance: what is judged of each of them is the same in every
//! run, however quick or slow the machine is.
//!
//! The model of [`crate::air`] shows how well tags are told apart; this is for runs whose counts must match.

mod door;
mod shelf;
#[cfg(test)]
mod tests;

pub use door::{Pallet, ScriptedDoor};
pub use shelf::ScriptedShelf;

use tallyman_codes::EpcBytes;

use crate::reader::Heard;

/// A tag is heard so strongly.
fn heard(epc: EpcBytes, rssi_centi_dbm: i32) -> Heard {
    Heard {
        epc,
        // Six words of EPC memory: 96 bits.
        pc: 0x3000,
        rssi_centi_dbm,
        phase_centi_deg: 0,
        channel: 0,
    }
}
