//! A virtual ThingMagic module: searches until it is told to stop, and says every second that it is there.

use tallyman_codes::Moment;

use super::mouth::{Mouth, Spoken};
use super::{ANSWER_MS, Air, Heard, ROUND_MS, tag_at, tag_crc};

/// The module's power after power-up and the most it has, in hundredths of a dBm.
const OWN_POWER: u16 = 2_000;
const MOST_POWER: u16 = 2_700;
/// How often a module that searches says that it is there.
const THERE_MS: u64 = 1_000;

/// A module without hardware.
#[derive(Debug)]
pub struct ThingMagicModule {
    heard: Vec<u8>,
    mouth: Mouth,
    is_in_boot_loader: bool,
    region: u8,
    power: u16,
    session: u8,
    antennas: Vec<u8>,
    next_antenna: usize,
    round_at: Option<Moment>,
    there_at: Moment,
}

impl ThingMagicModule {
    /// A module that was just switched on: in its boot loader, or in its application.
    pub fn new(is_in_boot_loader: bool) -> Self {
        Self {
            heard: vec![],
            mouth: Mouth::default(),
            is_in_boot_loader,
            region: 8,
            power: OWN_POWER,
            session: 0,
            antennas: vec![],
            next_antenna: 0,
            round_at: None,
            there_at: Moment::default(),
        }
    }

    /// Transmit power in hundredths of a dBm.
    pub const fn power_centi_dbm(&self) -> u16 {
        self.power
    }

    /// Whether it searches.
    pub const fn is_looking(&self) -> bool {
        self.round_at.is_some()
    }

    /// Its power fails and comes back: it has its own settings, and is in its boot loader.
    pub fn restart(&mut self) {
        *self = Self::new(true);
    }

    /// Takes bytes of the host.
    pub fn hear(&mut self, bytes: &[u8], at: Moment) {
        self.heard.extend_from_slice(bytes);
        while let [first, rest @ ..] = self.heard.as_slice() {
            match (first, rest.first()) {
                (0xFF, None) => return,
                (0xFF, Some(length)) if *length < 64 => {
                    let whole = usize::from(*length) + 5;
                    let Some(frame) = self.heard.get(..whole) else {
                        return;
                    };
                    if crc(&frame[1..whole - 2]).to_be_bytes() == frame[whole - 2..] {
                        let (op, data) = (frame[2], frame[3..whole - 2].to_vec());
                        self.heard.drain(..whole);
                        self.command(op, &data, at);
                    } else {
                        self.heard.remove(0);
                    }
                }
                _ => drop(self.heard.remove(0)),
            }
        }
    }

    /// When [`ThingMagicModule::work`] or [`ThingMagicModule::said`] has something to do.
    pub fn deadline(&self) -> Option<Moment> {
        self.round_at.into_iter().chain(self.mouth.due()).min()
    }

    /// The next round, if it is due.
    pub fn work(&mut self, at: Moment, air: &mut dyn Air) {
        let Some(round_at) = self.round_at.filter(|round_at| *round_at <= at) else {
            return;
        };
        let place = self.next_antenna % self.antennas.len().max(1);
        let antenna = self.antennas.get(place).copied().unwrap_or(1);
        self.next_antenna = place + 1;
        let mut heard = vec![];
        air.round(antenna, self.power, round_at, &mut heard);
        for (number, heard) in heard.iter().enumerate() {
            let at = tag_at(round_at, number);
            self.tell_that_it_is_there(at);
            let frame = self.tag(antenna, heard, at);
            self.mouth.tell(at, frame, vec![heard.epc]);
        }
        let end = tag_at(round_at, heard.len()).plus_ms(ROUND_MS);
        self.tell_that_it_is_there(end);
        self.round_at = Some(end);
    }

    /// The next frame that is due.
    pub fn said(&mut self, at: Moment) -> Option<Spoken> {
        self.mouth.take(at)
    }

    fn tell_that_it_is_there(&mut self, at: Moment) {
        if at.since_us(self.there_at) >= THERE_MS * 1_000 {
            self.there_at = at;
            self.mouth.say(at, frame(0x22, 0x0400, &[]));
        }
    }

    fn tag(&self, antenna: u8, heard: &Heard, at: Moment) -> Vec<u8> {
        let mut data = vec![0x10, 0x00, 0x1B, 0x01, 0xFF, 0x01, 1];
        data.push((heard.rssi_centi_dbm / 100).clamp(-128, 127) as i8 as u8);
        data.push(antenna << 4 | antenna);
        data.extend(&(865_700 + 600 * u32::from(heard.channel)).to_be_bytes()[1..]);
        data.extend(((at.since_us(self.there_at) / 1_000) as u32).to_be_bytes());
        data.extend((heard.phase_centi_deg / 100 % 180).to_be_bytes()[2..].iter());
        data.extend([5, 0, 0, 0x0F]);
        data.extend(((heard.epc.len() as u16 + 4) * 8).to_be_bytes());
        data.extend(heard.pc.to_be_bytes());
        data.extend(heard.epc.iter());
        data.extend(tag_crc(heard.pc, &heard.epc).to_be_bytes());
        frame(0x22, 0, &data)
    }

    fn command(&mut self, op: u8, data: &[u8], at: Moment) {
        let (status, answer) = match (op, data) {
            (0x03, []) => (
                0,
                [
                    [0x12, 0x11, 5, 0],
                    [0x30, 0, 0, 1],
                    [0x20, 0x18, 0x12, 7],
                    [1, 9, 0, 0],
                ]
                .concat(),
            ),
            (0x0C, []) => (0, vec![if self.is_in_boot_loader { 0x11 } else { 0x12 }]),
            (0x04, []) => {
                self.is_in_boot_loader = false;
                (0, vec![])
            }
            _ if self.is_in_boot_loader => (0x0101, vec![]),
            (0x2F, [0, 0, 2]) => {
                self.round_at = None;
                self.mouth.forget_tags();
                (0, vec![2])
            }
            (0x2F, [0, 0, 1, ..]) if self.antennas.is_empty() => (0x0105, vec![]),
            (0x2F, [0, 0, 1, ..]) => {
                self.there_at = at;
                self.round_at = Some(at.plus_ms(ANSWER_MS));
                (0, vec![])
            }
            (0x67, []) => (0, vec![self.region]),
            (0x97, [region @ (1..=14 | 0xFF)]) => {
                self.region = *region;
                (0, vec![])
            }
            (0x93, [0, 5]) | (0x9A, [1, 0x0C, 0]) => (0, vec![]),
            (0x62, [1]) => {
                let words = [self.power, MOST_POWER, 0];
                let words = words.into_iter().flat_map(u16::to_be_bytes);
                (0, std::iter::once(1).chain(words).collect())
            }
            (0x92, [high, low]) => match u16::from_be_bytes([*high, *low]) {
                power if power <= MOST_POWER => {
                    self.power = power;
                    (0, vec![])
                }
                _ => (0x0103, vec![]),
            },
            (0x6B, [5, 0]) => (0, vec![5, 0, self.session]),
            (0x9B, [5, 0, session @ 0..=3]) => {
                self.session = *session;
                (0, vec![])
            }
            (0x91, [antenna, _]) => {
                self.antennas = vec![*antenna];
                (0, vec![])
            }
            (0x91, [2, pairs @ ..]) => {
                self.antennas = pairs.chunks(2).map(|pair| pair[0]).collect();
                (0, vec![])
            }
            _ => (0x0101, vec![]),
        };
        self.mouth.say(at.plus_ms(ANSWER_MS), frame(op, status, &answer));
    }
}

fn frame(op: u8, status: u16, data: &[u8]) -> Vec<u8> {
    let mut body = vec![data.len() as u8, op];
    body.extend(status.to_be_bytes());
    body.extend(data);
    let crc = crc(&body);
    [&[0xFF], &body[..], &crc.to_be_bytes()].concat()
}

/// The module's CRC, bit by bit.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).rev().fold(crc, |crc: u16, bit| {
            let shifted = crc << 1 | u16::from(byte >> bit & 1);
            if crc & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}
