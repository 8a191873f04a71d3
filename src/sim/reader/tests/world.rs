//! A driver's decoder and a virtual module, joined by a bad line.

use tallyman_codes::{EpcBytes, Moment};
use tallyman_drivers::contract::report::hex;
use tallyman_drivers::{Command, EpcFilter, Output, Pump, driver};

use crate::reader::{Air, Heard, Module, Spoken};

/// Tags on a shelf, all of which answer in each round, with signals that differ.
pub struct Shelf {
    tags: Vec<EpcBytes>,
}

impl Shelf {
    pub fn new(tags: u32) -> Self {
        let epc = |number: u32| EpcBytes::new(&Self::epc(number)).unwrap();
        Self {
            tags: (0..tags).map(epc).collect(),
        }
    }

    fn epc(number: u32) -> [u8; 12] {
        let [a, b, c, d] = number.to_be_bytes();
        [0x30, 0x34, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, a, b, c, d]
    }

    /// The first `count` tags, a power of two.
    pub fn filter_of_first(count: u32) -> EpcFilter {
        EpcFilter::new(&Self::epc(0), 96 - count.trailing_zeros() as usize).unwrap()
    }
}

impl Air for Shelf {
    fn round(&mut self, antenna: u8, power_centi_dbm: u16, at: Moment, heard: &mut Vec<Heard>) {
        for (number, epc) in (0i32..).zip(&self.tags) {
            heard.push(Heard {
                epc: *epc,
                pc: 0x3000,
                rssi_centi_dbm: -4_000 - number % 30 * 100 + i32::from(power_centi_dbm) / 10,
                phase_centi_deg: number * 97 % 36_000,
                channel: ((at.us / 400_000) % 4) as u8 + antenna % 2,
            });
        }
    }
}

/// What a line does to what the module sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    None,
    /// One bit of a frame.
    Flips,
    /// A bit, the end of a frame, noise before it.
    Any,
}

/// How many of a thousand frames are damaged, and how many commands are lost.
const DAMAGED_PER_MILLE: u64 = 40;
const LOST_PER_MILLE: u64 = 20;

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Driver, line and module.
pub struct World {
    pub device: Box<dyn Module>,
    air: Box<dyn Air>,
    pump: Pump,
    now: Moment,
    damage: Damage,
    chance: Chance,
    /// How many frames were damaged.
    pub damaged: usize,
    /// The tags in frames that the line left whole, in order.
    pub whole: Vec<EpcBytes>,
    /// The tags that the driver gave, in order.
    pub read: Vec<EpcBytes>,
    /// What the driver said last of the reader.
    pub told_running: Option<bool>,
    /// Everything on the line, and everything that the driver said.
    pub trace: Vec<String>,
}

impl World {
    pub fn new(
        name: &str,
        settings: &[(&str, &str)],
        device: Box<dyn Module>,
        air: impl Air + 'static,
        damage: Damage,
        seed: u64,
    ) -> Self {
        let decoder = driver(name).unwrap().decoder(settings.iter().copied()).unwrap();
        Self {
            device,
            air: Box::new(air),
            pump: Pump::new(decoder),
            now: Moment::default(),
            damage,
            chance: Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            damaged: 0,
            whole: vec![],
            read: vec![],
            told_running: None,
            trace: vec![],
        }
    }

    pub fn open(&mut self) {
        self.pump.opened(self.now);
        self.deliver();
    }

    pub fn command(&mut self, command: Command) {
        assert!(self.pump.command(command, self.now));
        self.deliver();
    }

    /// No more bytes come.
    pub fn finish(&mut self) {
        self.pump.finish();
        self.deliver();
    }

    /// Lets time pass up to this moment.
    pub fn run_until(&mut self, end: Moment) {
        loop {
            let due = self
                .pump
                .deadline()
                .into_iter()
                .chain(self.device.deadline())
                .min();
            let Some(due) = due.filter(|due| *due <= end) else {
                break;
            };
            self.now = self.now.max(due);
            self.device.work(self.now, self.air.as_mut());
            while let Some(spoken) = self.device.said(self.now) {
                self.carry(spoken);
            }
            self.pump.advance(self.now);
            self.deliver();
        }
        self.now = end;
    }

    /// From the module to the driver, in pieces.
    fn carry(&mut self, spoken: Spoken) {
        let mut bytes = spoken.bytes;
        let is_damaged = self.damage != Damage::None && self.chance.below(1_000) < DAMAGED_PER_MILLE;
        if is_damaged {
            self.damaged += 1;
        }
        let kinds = if self.damage == Damage::Any { 3 } else { 1 };
        match self.chance.below(kinds) {
            _ if !is_damaged => self.whole.extend(spoken.tags),
            0 => {
                let place = self.chance.below(bytes.len() as u64) as usize;
                bytes[place] ^= 1 << self.chance.below(8);
            }
            1 => bytes.truncate(self.chance.below(bytes.len() as u64) as usize),
            _ => {
                // The frame behind the noise is whole.
                self.whole.extend(spoken.tags);
                let noise = 1 + self.chance.below(6);
                let noise: Vec<u8> = (0..noise).map(|_| self.chance.below(256) as u8).collect();
                bytes = [noise, bytes].concat();
            }
        }
        self.trace.push(format!("{} < {}", self.now.us, hex(&bytes)));
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(1 + self.chance.below(rest.len() as u64) as usize);
            self.pump.push(piece, self.now);
            rest = after;
        }
        self.deliver();
    }

    /// What the driver said: to the module, or to be looked at.
    fn deliver(&mut self) {
        while let Some(output) = self.pump.take() {
            match output {
                Output::Write(bytes) => {
                    let is_lost = self.damage != Damage::None && self.chance.below(1_000) < LOST_PER_MILLE;
                    self.trace
                        .push(format!("{} > {} {is_lost}", self.now.us, hex(&bytes)));
                    if !is_lost {
                        self.device.hear(&bytes, self.now);
                    }
                }
                Output::Tag(tag) => self.read.push(tag.epc),
                Output::Message { .. } => {}
                Output::Inventory { running } => self.told_running = Some(running),
                other => self.trace.push(format!("{} {other:?}", self.now.us)),
            }
        }
    }
}
