//! A virtual M100 module: frames from BB to 7E, one antenna, rounds until their number is done or it is told to stop.

use tallyman_codes::Moment;

use super::mouth::{Mouth, Spoken};
use super::{ANSWER_MS, Air, Heard, ROUND_MS, begins_with, tag_at, tag_crc};

/// The module's own power, region (EU) and query, after power-up.
const OWN_POWER: u16 = 2_600;
const OWN_REGION: u8 = 3;
const OWN_QUERY: u16 = 0x1020;
/// A command is no longer than this.
const COMMAND_MAX: usize = 64;

/// A module without hardware.
#[derive(Debug)]
pub struct M100Module {
    heard: Vec<u8>,
    mouth: Mouth,
    region: u8,
    power: u16,
    query: u16,
    /// Mask of the select, its length in bits, and whether it is sent.
    select: (Vec<u8>, usize),
    selects: bool,
    rounds_left: u32,
    round_at: Option<Moment>,
}

impl Default for M100Module {
    fn default() -> Self {
        Self {
            heard: vec![],
            mouth: Mouth::default(),
            region: OWN_REGION,
            power: OWN_POWER,
            query: OWN_QUERY,
            select: (vec![], 0),
            selects: false,
            rounds_left: 0,
            round_at: None,
        }
    }
}

impl M100Module {
    /// Transmit power in hundredths of a dBm.
    pub const fn power_centi_dbm(&self) -> u16 {
        self.power
    }

    /// Whether it looks for tags.
    pub const fn is_looking(&self) -> bool {
        self.rounds_left > 0
    }

    /// Its power fails and comes back: it has its own settings, and looks for nothing.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    /// Takes bytes of the host.
    pub fn hear(&mut self, bytes: &[u8], at: Moment) {
        self.heard.extend_from_slice(bytes);
        while let Some(first) = self.heard.first() {
            let length = self
                .heard
                .get(3..5)
                .map(|length| usize::from(length[0]) << 8 | usize::from(length[1]));
            match length {
                _ if *first != 0xBB => drop(self.heard.remove(0)),
                None => return,
                Some(length) if length > COMMAND_MAX => drop(self.heard.remove(0)),
                Some(length) if self.heard.len() < length + 7 => return,
                Some(length) => {
                    let frame: Vec<u8> = self.heard[..length + 7].to_vec();
                    let sum: u32 = frame[1..length + 5].iter().map(|byte| u32::from(*byte)).sum();
                    if frame[length + 5] == sum as u8 && frame[length + 6] == 0x7E {
                        self.heard.drain(..frame.len());
                        self.command(frame[2], &frame[5..length + 5], at);
                    } else {
                        self.heard.remove(0);
                    }
                }
            }
        }
    }

    /// When [`M100Module::work`] or [`M100Module::said`] has something to do.
    pub fn deadline(&self) -> Option<Moment> {
        self.round_at.into_iter().chain(self.mouth.due()).min()
    }

    /// The next round, if it is due.
    pub fn work(&mut self, at: Moment, air: &mut dyn Air) {
        let Some(round_at) = self.round_at.filter(|round_at| *round_at <= at) else {
            return;
        };
        let mut heard = vec![];
        air.round(1, self.power, round_at, &mut heard);
        if self.selects && self.query >> 10 & 3 == 3 {
            let (mask, bits) = &self.select;
            heard.retain(|heard| begins_with(&heard.epc, mask, *bits));
        }
        for (number, heard) in heard.iter().enumerate() {
            self.mouth
                .tell(tag_at(round_at, number), notice(heard), vec![heard.epc]);
        }
        let end = tag_at(round_at, heard.len()).plus_ms(ROUND_MS);
        if heard.is_empty() {
            self.mouth.say(end, frame(1, 0xFF, &[0x15]));
        }
        self.rounds_left -= 1;
        self.round_at = (self.rounds_left > 0).then_some(end);
    }

    /// The next frame that is due.
    pub fn said(&mut self, at: Moment) -> Option<Spoken> {
        self.mouth.take(at)
    }

    fn command(&mut self, cmd: u8, parameters: &[u8], at: Moment) {
        let word = |place: usize| {
            let word = parameters.get(place..place + 2)?;
            Some(u16::from_be_bytes(word.try_into().ok()?))
        };
        let answer = match (cmd, parameters) {
            (0x03, [kind]) => Some([&[*kind], &b"virtual"[..]].concat()),
            (0x07, [region @ 1..=6]) => {
                self.region = *region;
                Some(vec![0])
            }
            (0x08, []) => Some(vec![self.region]),
            (0xB7, []) => Some(self.power.to_be_bytes().to_vec()),
            (0xB6, _) => word(0).filter(|power| *power <= OWN_POWER).map(|power| {
                self.power = power;
                vec![0]
            }),
            (0x0D, []) => Some(self.query.to_be_bytes().to_vec()),
            (0x0E, _) => word(0).map(|query| {
                self.query = query;
                vec![0]
            }),
            (0x0C, [0x81, 0, 0, 0, 0x20, bits, 0, mask @ ..]) => {
                self.select = (mask.to_vec(), usize::from(*bits));
                Some(vec![0])
            }
            (0x12, [mode @ 0..=2]) => {
                self.selects = *mode == 0;
                Some(vec![0])
            }
            (0x27, [0x22, ..]) => {
                self.rounds_left = u32::from(word(1).unwrap_or(0));
                self.round_at = (self.rounds_left > 0).then(|| at.plus_ms(ANSWER_MS));
                return;
            }
            (0x28, []) => {
                self.rounds_left = 0;
                self.round_at = None;
                self.mouth.forget_tags();
                Some(vec![0])
            }
            _ => None,
        };
        let bytes = match answer {
            Some(answer) => frame(1, cmd, &answer),
            None => frame(1, 0xFF, &[0x0E]),
        };
        self.mouth.say(at.plus_ms(ANSWER_MS), bytes);
    }
}

fn notice(heard: &Heard) -> Vec<u8> {
    let rssi = (heard.rssi_centi_dbm / 100).clamp(-128, 127) as i8;
    let mut parameters = vec![rssi as u8];
    parameters.extend(heard.pc.to_be_bytes());
    parameters.extend(heard.epc.iter());
    parameters.extend(tag_crc(heard.pc, &heard.epc).to_be_bytes());
    frame(2, 0x22, &parameters)
}

fn frame(kind: u8, cmd: u8, parameters: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xBB, kind, cmd];
    bytes.extend((parameters.len() as u16).to_be_bytes());
    bytes.extend(parameters);
    let sum: u32 = bytes[1..].iter().map(|byte| u32::from(*byte)).sum();
    bytes.extend([sum as u8, 0x7E]);
    bytes
}
