//! A virtual R2000 reader: frames that begin with A0, four antennas, a round for each command.

use tallyman_codes::Moment;

use super::mouth::{Mouth, Spoken};
use super::{ANSWER_MS, Air, Heard, ROUND_MS, tag_at};

/// The power that the reader has stored, in dBm.
const OWN_POWER: u8 = 30;
const PORTS: u8 = 4;

/// A reader without hardware.
#[derive(Debug)]
pub struct R2000Reader {
    heard: Vec<u8>,
    mouth: Mouth,
    region: [u8; 3],
    stored_power: u8,
    power: u8,
    antenna: u8,
    beeps: bool,
    /// Rounds that were asked for: the command, and the antennas.
    rounds: Vec<(u8, Vec<u8>)>,
    round_at: Option<Moment>,
    /// It appends the phase to each tag.
    tells_phase: bool,
}

impl R2000Reader {
    /// A reader; `tells_phase` is that of its firmware.
    pub fn new(tells_phase: bool) -> Self {
        Self {
            heard: vec![],
            mouth: Mouth::default(),
            region: [1, 7, 59],
            stored_power: OWN_POWER,
            power: OWN_POWER,
            antenna: 0,
            beeps: true,
            rounds: vec![],
            round_at: None,
            tells_phase,
        }
    }

    /// Transmit power in hundredths of a dBm.
    pub const fn power_centi_dbm(&self) -> u16 {
        self.power as u16 * 100
    }

    /// Whether a round is under way.
    pub const fn is_looking(&self) -> bool {
        self.round_at.is_some()
    }

    /// Whether its beeper is on.
    pub const fn beeps(&self) -> bool {
        self.beeps
    }

    /// Its power fails and comes back: what it stored is there, the temporary power is not.
    pub fn restart(&mut self) {
        self.heard.clear();
        self.mouth.hush();
        self.rounds.clear();
        self.round_at = None;
        self.power = self.stored_power;
    }

    /// Takes bytes of the host.
    pub fn hear(&mut self, bytes: &[u8], at: Moment) {
        self.heard.extend_from_slice(bytes);
        while let [first, rest @ ..] = self.heard.as_slice() {
            match (first, rest.first()) {
                (0xA0, None) => return,
                (0xA0, Some(length)) if *length >= 3 && *length < 32 => {
                    let whole = usize::from(*length) + 2;
                    let Some(frame) = self.heard.get(..whole) else {
                        return;
                    };
                    let sum: u32 = frame.iter().map(|byte| u32::from(*byte)).sum();
                    if sum.is_multiple_of(256) {
                        let (cmd, data) = (frame[3], frame[4..whole - 1].to_vec());
                        self.heard.drain(..whole);
                        self.command(cmd, &data, at);
                    } else {
                        self.heard.remove(0);
                    }
                }
                _ => drop(self.heard.remove(0)),
            }
        }
    }

    /// When [`R2000Reader::work`] or [`R2000Reader::said`] has something to do.
    pub fn deadline(&self) -> Option<Moment> {
        self.round_at.into_iter().chain(self.mouth.due()).min()
    }

    /// The next round, if it is due.
    pub fn work(&mut self, at: Moment, air: &mut dyn Air) {
        let Some(round_at) = self.round_at.take_if(|round_at| *round_at <= at) else {
            return;
        };
        if self.rounds.is_empty() {
            return;
        }
        let (cmd, antennas) = self.rounds.remove(0);
        let (mut begun, mut total) = (round_at, 0u32);
        for antenna in &antennas {
            let mut heard = vec![];
            air.round(antenna + 1, self.power_centi_dbm(), begun, &mut heard);
            for (number, heard) in heard.iter().enumerate() {
                let frame = self.tag(cmd, *antenna, heard);
                self.mouth.tell(tag_at(begun, number), frame, vec![heard.epc]);
            }
            total += heard.len() as u32;
            begun = tag_at(begun, heard.len()).plus_ms(ROUND_MS);
        }
        let total = total.to_be_bytes();
        let end = match cmd {
            0x8A => [&total[1..], &[0, 0, 0, 20]].concat(),
            _ => [&[*antennas.first().unwrap_or(&0), 0, 12], &total[..]].concat(),
        };
        self.mouth.say(begun, frame(cmd, &end));
        // The next round that was asked for comes after this one.
        self.round_at = (!self.rounds.is_empty()).then_some(begun);
    }

    /// The next frame that is due.
    pub fn said(&mut self, at: Moment) -> Option<Spoken> {
        self.mouth.take(at)
    }

    fn tag(&self, cmd: u8, antenna: u8, heard: &Heard) -> Vec<u8> {
        let mut data = vec![heard.channel << 2 | antenna & 3];
        data.extend(heard.pc.to_be_bytes());
        data.extend(heard.epc.iter());
        data.push((heard.rssi_centi_dbm / 100 + 129).clamp(0, 127) as u8);
        if self.tells_phase {
            let phase = heard.phase_centi_deg.rem_euclid(36_000) * 4_096 / 36_000;
            data.extend((phase as u16).to_be_bytes());
        }
        frame(cmd, &data)
    }

    fn command(&mut self, cmd: u8, data: &[u8], at: Moment) {
        const OK: &[u8] = &[0x10];
        let answer = match (cmd, data) {
            (0x72, []) => vec![1, 9],
            (0x79, []) => self.region.to_vec(),
            (0x78, [number @ 1..=3, first, last]) => {
                self.region = [*number, *first, *last];
                OK.to_vec()
            }
            (0x77, []) => vec![self.power],
            (0x66, [power @ 0..=33]) => {
                self.power = *power;
                OK.to_vec()
            }
            (0x76, [power @ 0..=33]) => {
                (self.power, self.stored_power) = (*power, *power);
                OK.to_vec()
            }
            (0x75, []) => vec![self.antenna],
            (0x74, [antenna]) if *antenna < PORTS => {
                self.antenna = *antenna;
                OK.to_vec()
            }
            (0x7A, [beeper]) => {
                self.beeps = *beeper != 0;
                OK.to_vec()
            }
            (0x89, [1]) | (0x8B, [0..=3, 0, 1]) => return self.round(cmd, vec![self.antenna], at),
            (0x8A, [places @ .., _, 1]) => {
                let antennas = places.chunks(2).map(|place| place[0]);
                return self.round(cmd, antennas.filter(|antenna| *antenna < PORTS).collect(), at);
            }
            _ => vec![0x41],
        };
        self.mouth.say(at.plus_ms(ANSWER_MS), frame(cmd, &answer));
    }

    fn round(&mut self, cmd: u8, antennas: Vec<u8>, at: Moment) {
        self.rounds.push((cmd, antennas));
        // Not before what it has to say of the round that is under way.
        self.round_at.get_or_insert(at.plus_ms(ANSWER_MS));
    }
}

fn frame(cmd: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xA0, data.len() as u8 + 3, 1, cmd];
    bytes.extend(data);
    let sum: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
    bytes.push((256 - sum % 256) as u8);
    bytes
}
