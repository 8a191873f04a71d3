//! Virtual modules: the reader's side of the UHF protocols, for tests, demo and bench.
//!
//! Each is a plain state machine: bytes of the host with their moment, what is due, bytes to send. It encodes and reads frames
//! by itself and shares nothing with the drivers, so that each checks the other ([`llrp`] alone, whose frames are trees, has the
//! driver's codec). What its antennas hear it asks the [`Air`].
//!
//! The caller keeps the promises that it keeps to a decoder: moments never go backwards, and `work` is called for a `deadline`
//! that has passed before anything of a later moment is told. After each call what is due is taken with `said`.

pub mod chafon;
pub mod llrp;
pub mod m100;
mod modelled;
mod mouth;
pub mod r2000;
#[cfg(test)]
mod tests;
pub mod thingmagic;

use tallyman_codes::{EpcBytes, Moment};

pub use chafon::ChafonReader;
pub use m100::M100Module;
pub use modelled::Again;
pub use mouth::Spoken;
pub use r2000::R2000Reader;
pub use thingmagic::ThingMagicModule;

/// What stands before the antennas.
pub trait Air {
    /// Which tags answer in one round on this antenna (from 1) at this power: pushed to `heard`.
    fn round(&mut self, antenna: u8, power_centi_dbm: u16, at: Moment, heard: &mut Vec<Heard>);
}

/// A virtual module at a line, whichever protocol it speaks.
pub trait Module: Send {
    /// Takes bytes of the host.
    fn hear(&mut self, bytes: &[u8], at: Moment);
    /// When [`Module::work`] or [`Module::said`] has something to do.
    fn deadline(&self) -> Option<Moment>;
    /// What is due.
    fn work(&mut self, at: Moment, air: &mut dyn Air);
    /// The next frame that is due.
    fn said(&mut self, at: Moment) -> Option<Spoken>;
    /// Whether it looks for tags.
    fn is_looking(&self) -> bool;
    /// Transmit power in hundredths of a dBm.
    fn power_centi_dbm(&self) -> u16;
    /// Its power fails and comes back.
    fn restart(&mut self);
}

macro_rules! modules {
    ($($module:ty),+) => {$(
        impl Module for $module {
            fn hear(&mut self, bytes: &[u8], at: Moment) {
                self.hear(bytes, at);
            }
            fn deadline(&self) -> Option<Moment> {
                self.deadline()
            }
            fn work(&mut self, at: Moment, air: &mut dyn Air) {
                self.work(at, air);
            }
            fn said(&mut self, at: Moment) -> Option<Spoken> {
                self.said(at)
            }
            fn is_looking(&self) -> bool {
                self.is_looking()
            }
            fn power_centi_dbm(&self) -> u16 {
                self.power_centi_dbm()
            }
            fn restart(&mut self) {
                self.restart();
            }
        }
    )+};
}

modules!(M100Module, R2000Reader, ChafonReader, ThingMagicModule);

/// One tag's answer, as the reader's radio receives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// The EPC.
    pub epc: EpcBytes,
    /// The protocol control word.
    pub pc: u16,
    /// Signal in hundredths of a dBm.
    pub rssi_centi_dbm: i32,
    /// Phase in hundredths of a degree, 0 to 35,999.
    pub phase_centi_deg: i32,
    /// The channel that the round was on, from 0.
    pub channel: u8,
}

/// How long the singulation of one tag takes: 500 tags a second, as good modules reach.
const TAG_US: u64 = 2_000;
/// How long a module takes to answer a command.
const ANSWER_MS: u64 = 5;
/// How long a round takes beside its tags.
const ROUND_MS: u64 = 20;

/// The moment of the tag with this number in a round.
const fn tag_at(round: Moment, number: usize) -> Moment {
    Moment::from_us(round.us + TAG_US * (number as u64 + 1))
}

/// Whether an EPC begins with the first `bits` of `mask`.
fn begins_with(epc: &[u8], mask: &[u8], bits: usize) -> bool {
    (0..bits).all(|bit| {
        let at = |bytes: &[u8]| bytes.get(bit / 8).map(|byte| byte >> (7 - bit % 8) & 1);
        at(epc).is_some() && at(epc) == at(mask)
    })
}

/// The CRC that a tag backscatters, bit by bit.
fn tag_crc(pc: u16, epc: &[u8]) -> u16 {
    let bytes = pc.to_be_bytes().into_iter().chain(epc.iter().copied());
    !bytes.fold(0xFFFF, |crc: u16, byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| {
            if crc & 0x8000 == 0 {
                crc << 1
            } else {
                (crc << 1) ^ 0x1021
            }
        })
    })
}
