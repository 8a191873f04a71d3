//! A virtual Chafon reader: frames without a mark, UHFReader18 and 288, a round of one or several frames for each command.

use tallyman_codes::Moment;

use super::mouth::{Mouth, Spoken};
use super::{ANSWER_MS, Air, Heard, ROUND_MS, begins_with, tag_at};

/// The power that the reader has stored, in dBm.
const OWN_POWER: u8 = 30;
/// How many tags one frame tells at most.
const TAGS_A_FRAME: usize = 8;

/// A round that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Round {
    antenna: u8,
    mask: Vec<u8>,
    bits: usize,
}

/// A reader without hardware.
#[derive(Debug)]
pub struct ChafonReader {
    is_288: bool,
    heard: Vec<u8>,
    mouth: Mouth,
    region: [u8; 2],
    power: u8,
    beeps: bool,
    rounds: Vec<Round>,
    round_at: Option<Moment>,
}

impl ChafonReader {
    /// A reader: a 288, or an 18.
    pub fn new(is_288: bool) -> Self {
        Self {
            is_288,
            heard: vec![],
            mouth: Mouth::default(),
            region: [0x4E, 0x00],
            power: OWN_POWER,
            beeps: true,
            rounds: vec![],
            round_at: None,
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

    /// Its power fails and comes back: it has stored all it was told.
    pub fn restart(&mut self) {
        self.heard.clear();
        self.mouth.hush();
        self.rounds.clear();
        self.round_at = None;
    }

    /// Takes bytes of the host.
    pub fn hear(&mut self, bytes: &[u8], at: Moment) {
        self.heard.extend_from_slice(bytes);
        while let Some(length) = self.heard.first().map(|length| usize::from(*length)) {
            if !(4..64).contains(&length) {
                self.heard.remove(0);
                continue;
            }
            let Some(frame) = self.heard.get(..=length) else {
                return;
            };
            let (body, sent) = frame.split_at(length - 1);
            if crc(body).to_le_bytes() == sent {
                let (cmd, data) = (frame[2], frame[3..length - 1].to_vec());
                self.heard.drain(..=length);
                self.command(cmd, &data, at);
            } else {
                self.heard.remove(0);
            }
        }
    }

    /// The line was silent: half a command is dropped.
    pub fn silence(&mut self) {
        self.heard.clear();
    }

    /// When [`ChafonReader::work`] or [`ChafonReader::said`] has something to do.
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
        let round = self.rounds.remove(0);
        let mut heard = vec![];
        air.round(round.antenna + 1, self.power_centi_dbm(), round_at, &mut heard);
        heard.retain(|heard| begins_with(&heard.epc, &round.mask, round.bits));
        let end = tag_at(round_at, heard.len()).plus_ms(ROUND_MS);
        if heard.is_empty() {
            self.mouth.say(end, frame(1, 0xFB, &[]));
        }
        let frames = heard.len().div_ceil(TAGS_A_FRAME);
        for (number, tags) in heard.chunks(TAGS_A_FRAME).enumerate() {
            let is_last = number + 1 == frames;
            let bytes = frame(1, if is_last { 1 } else { 3 }, &self.tags(&round, tags));
            let moment = match is_last {
                true => end,
                false => tag_at(round_at, (number + 1) * TAGS_A_FRAME),
            };
            self.mouth
                .tell(moment, bytes, tags.iter().map(|heard| heard.epc).collect());
        }
        self.round_at = (!self.rounds.is_empty()).then_some(end);
    }

    /// The next frame that is due.
    pub fn said(&mut self, at: Moment) -> Option<Spoken> {
        self.mouth.take(at)
    }

    fn tags(&self, round: &Round, tags: &[Heard]) -> Vec<u8> {
        let mut data = vec![];
        if self.is_288 {
            data.push(1 << round.antenna);
        }
        data.push(tags.len() as u8);
        for heard in tags {
            data.push(heard.epc.len() as u8);
            data.extend(heard.epc.iter());
            if self.is_288 {
                data.push((heard.rssi_centi_dbm / 100 + 129).clamp(0, 255) as u8);
            }
        }
        data
    }

    fn command(&mut self, cmd: u8, data: &[u8], at: Moment) {
        let (status, answer) = match (cmd, data) {
            (0x21, []) => {
                let kind = if self.is_288 { 0x0C } else { 0x09 };
                let [highest, lowest] = self.region;
                (0, vec![3, 5, kind, 2, highest, lowest, self.power, 10])
            }
            (0x22, [highest, lowest]) => {
                self.region = [*highest, *lowest];
                (0, vec![])
            }
            (0x2F, [power @ 0..=30]) => {
                self.power = *power;
                (0, vec![])
            }
            (0x2F, _) => (0x14, vec![]),
            (0x40, [beeper]) if self.is_288 => {
                self.beeps = *beeper != 0;
                (0, vec![])
            }
            (0x01, []) if !self.is_288 => {
                return self.round(
                    Round {
                        antenna: 0,
                        mask: vec![],
                        bits: 0,
                    },
                    at,
                );
            }
            (0x01, [_, 0..=3, 1, _, _, bits, rest @ ..]) if self.is_288 => {
                let bits = usize::from(*bits);
                match rest.split_at_checked(bits.div_ceil(8)) {
                    Some((mask, [_, antenna @ 0x80..=0x83, _])) => {
                        let (antenna, mask) = (antenna & 3, mask.to_vec());
                        return self.round(Round { antenna, mask, bits }, at);
                    }
                    _ => (0xFF, vec![]),
                }
            }
            _ => (0xFE, vec![]),
        };
        self.mouth.say(at.plus_ms(ANSWER_MS), frame(cmd, status, &answer));
    }

    fn round(&mut self, round: Round, at: Moment) {
        self.rounds.push(round);
        self.round_at.get_or_insert(at.plus_ms(ANSWER_MS));
    }
}

fn frame(cmd: u8, status: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![data.len() as u8 + 5, 0, cmd, status];
    bytes.extend(data);
    let crc = crc(&bytes);
    bytes.extend(crc.to_le_bytes());
    bytes
}

/// CRC-16/MCRF4XX, bit by bit.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 0 {
                crc >> 1
            } else {
                (crc >> 1) ^ 0x8408
            }
        })
    })
}
