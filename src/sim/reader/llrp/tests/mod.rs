//! The virtual LLRP reader: its conversation by itself, and the driver's link against it with everything that goes wrong.

mod faults;
mod sockets;
mod talk;

use tallyman_codes::{EpcBytes, Moment};

use crate::reader::{Air, Heard};

/// Tags that all answer in every round on their antenna: number n on antenna n modulo four.
#[derive(Debug, Clone, Copy)]
struct Tags(u32);

impl Tags {
    fn epc(number: u32) -> EpcBytes {
        let [a, b, c, d] = number.to_be_bytes();
        let epc = [0x30, 0x34, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, a, b, c, d];
        EpcBytes::new(&epc).unwrap()
    }
}

impl Air for Tags {
    fn round(&mut self, antenna: u8, power_centi_dbm: u16, _at: Moment, heard: &mut Vec<Heard>) {
        for number in (0..self.0).filter(|number| number % 4 + 1 == u32::from(antenna)) {
            heard.push(Heard {
                epc: Self::epc(number),
                pc: 0x3000,
                rssi_centi_dbm: -5_050 + i32::from(power_centi_dbm) / 10 - number as i32,
                phase_centi_deg: number as i32 * 100 % 36_000,
                channel: 2,
            });
        }
    }
}
