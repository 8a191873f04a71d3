//! A small model of the air between readers and tags: distance, where antennas look, echoes, goods in the way, collisions,
//! movement. Seeded, so that every pass and every sweep can be played again.
//!
//! It is there to say how well tags are told apart, so it must not be kinder than the world: fields fade, tags stick badly, goods
//! swallow, workers turn their hands, the reader tells whole dBm. What it leaves out is in `docs/rfid.md`. Floating point is
//! as good as any here: nothing of it is a quantity.

pub mod chance;
pub mod door;
pub mod field;
mod gen2;
pub mod motion;
pub mod play;
pub mod score;
pub mod shelf;
pub mod space;

use tallyman_codes::{EpcBytes, Moment, Tag, gen2_crc};

use chance::Chance;
use field::{Antenna, Dipole, Echo, Obstacle, Surroundings, one_way_db};
use gen2::Answer;
use motion::Motion;
use space::Vector;

/// What a tag gives back of what it gets, in dB.
const BACKSCATTER_DB: f64 = -6.0;
/// The weakest answer a reader understands, in dBm.
const READER_DBM: f64 = -82.0;
/// How much a told strength is off, in dB.
const TOLD_DB: f64 = 0.7;
/// The longest a reader stays with one antenna, in microseconds.
const ROUND_US_MAX: u64 = 80_000;
/// How long a tag stays silent after it was read in session 1, in seconds (Gen2 air interface, table 6.20: 0.5 to 5).
const SESSION_1_SECONDS: (f64, f64) = (0.7, 3.0);
/// The same in sessions 2 and 3, after it lost power: more than 2.
const SESSION_2_SECONDS: (f64, f64) = (2.5, 15.0);

/// A tag on something.
#[derive(Debug, Clone, PartialEq)]
pub struct AirTag {
    /// Its EPC.
    pub epc: EpcBytes,
    /// The body it is on.
    pub body: usize,
    /// Where on it, and how.
    pub dipole: Dipole,
    /// The power it needs, in dBm.
    pub needs_dbm: f64,
}

/// Something that stands or moves, with goods that weaken what goes through them.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// Where its origin is.
    pub motion: Motion,
    /// Goods and machines, as seen from its origin.
    pub obstacles: Vec<Obstacle>,
}

/// An antenna that may be carried about.
#[derive(Debug, Clone)]
pub struct Carried {
    /// What it is; position and direction come from the motions.
    pub antenna: Antenna,
    /// Where it is.
    pub motion: Motion,
    /// Where it looks.
    pub looks: Motion,
}

impl Carried {
    /// One that is screwed to a wall.
    pub fn fixed(antenna: Antenna) -> Self {
        Self {
            antenna,
            motion: Motion::standing(antenna.position),
            looks: Motion::standing(antenna.looks),
        }
    }

    fn at(&self, seconds: f64) -> Antenna {
        Antenna {
            position: self.motion.at(seconds),
            looks: self.looks.at(seconds).unit(),
            ..self.antenna
        }
    }
}

/// The channels a reader may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// Four channels around 867 MHz, one for up to four seconds (ETSI EN 302 208).
    Europe,
    /// Fifty channels from 902 to 928 MHz, one for up to 0.4 s (FCC 15.247).
    America,
}

impl Region {
    fn channel(self, seconds: f64, seed: u64) -> (u16, f64) {
        let (hop_seconds, channels) = match self {
            Self::Europe => (4.0, 4),
            Self::America => (0.2, 50),
        };
        let hop = (seconds / hop_seconds) as u64;
        let channel = Chance::new(seed ^ hop.wrapping_mul(0x9E37_79B9)).below(channels);
        let hertz = match self {
            Self::Europe => 865.7e6 + 0.6e6 * channel as f64,
            Self::America => 902.75e6 + 0.5e6 * channel as f64,
        };
        (channel as u16 + 1, hertz)
    }
}

/// How the air differs from the one that rules were found in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trouble {
    /// More or less power than the reader says, in dB.
    pub power_db: f64,
    /// How much stronger echoes are.
    pub echoes: f64,
    /// How far each antenna is turned from where it should look, in degrees, to a side by chance.
    pub turned_degrees: f64,
}

impl Trouble {
    /// None.
    pub const NONE: Self = Self {
        power_db: 0.0,
        echoes: 1.0,
        turned_degrees: 0.0,
    };
}

/// One tag, read once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// Its EPC.
    pub epc: EpcBytes,
    /// Its protocol control word.
    pub pc: u16,
    /// The antenna, 1-based.
    pub antenna: u16,
    /// How strongly, as the reader tells it: whole dBm.
    pub rssi_centi_dbm: i32,
    /// The channel.
    pub channel: u16,
    /// When.
    pub at: Moment,
}

impl Heard {
    /// The report a reader makes of it.
    pub fn to_tag(&self) -> Tag {
        Tag {
            epc: self.epc,
            pc: Some(self.pc),
            crc: Some(gen2_crc(self.pc, &self.epc)),
            antenna: Some(self.antenna),
            rssi_centi_dbm: Some(self.rssi_centi_dbm),
            channel: Some(self.channel),
            count: Some(1),
            first_seen_us: Some(self.at.us),
            last_seen_us: Some(self.at.us),
            ..Tag::default()
        }
    }
}

/// Tags, bodies and antennas, and what is between them.
#[derive(Debug, Clone)]
pub struct Air {
    /// The tags.
    pub tags: Vec<AirTag>,
    /// What they are on; 0 stands for what has no other.
    pub bodies: Vec<Body>,
    /// The antennas, antenna 1 first.
    pub antennas: Vec<Carried>,
    /// Things that throw waves back.
    pub echoes: Vec<Echo>,
    /// How much of the field the floor mirrors.
    pub floor_share: f64,
    /// The reader's channels.
    pub region: Region,
    /// The Gen2 session, 0 to 3.
    pub session: u8,
    silent_until: Vec<f64>,
    chance: Chance,
    seed: u64,
}

impl Air {
    /// Air that begins with nothing in it.
    pub fn new(region: Region, session: u8, seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        Self {
            tags: Vec::new(),
            bodies: vec![Body {
                motion: Motion::standing(Vector::default()),
                obstacles: Vec::new(),
            }],
            antennas: Vec::new(),
            echoes: Vec::new(),
            floor_share: 0.35,
            region,
            session,
            silent_until: Vec::new(),
            chance: chance.branch(),
            seed,
        }
    }

    /// Changes it as a trouble says. `power_db` is the reader's: who asks for a round adds it.
    pub fn disturb(&mut self, trouble: &Trouble) {
        let mut chance = Chance::new(self.seed ^ 0x7_0B1E);
        for echo in &mut self.echoes {
            echo.share *= trouble.echoes;
        }
        self.floor_share = (self.floor_share * trouble.echoes).min(0.9);
        for carried in &mut self.antennas {
            let side = if chance.is(0.5) { 1.0 } else { -1.0 };
            let radians = (trouble.turned_degrees * side).to_radians();
            carried.looks = carried.looks.mapped(|looks| looks.turned(radians));
        }
    }

    /// One inventory round with an antenna, 1-based: what was read is added to `heard`, with the moment of each. Returns how long
    /// the round took, in microseconds.
    pub fn round(&mut self, antenna: u16, power_centi_dbm: i32, at: Moment, heard: &mut Vec<Heard>) -> u64 {
        let seconds = at.us as f64 / 1e6;
        let Some(carried) = self.antennas.get(usize::from(antenna).wrapping_sub(1)) else {
            return 0;
        };
        let (channel, hertz) = self.region.channel(seconds, self.seed);
        let power_dbm = f64::from(power_centi_dbm) / 100.0;
        let answers = self.answers(&carried.at(seconds), power_dbm, seconds, hertz);
        let mut read = Vec::new();
        let took_us = gen2::round(answers, ROUND_US_MAX, &mut self.chance, &mut read);
        for read in read {
            let told_dbm = (read.answer.dbm + self.chance.around(TOLD_DB)).round();
            self.silence(read.answer.tag, seconds);
            let Some(tag) = self.tags.get(read.answer.tag) else {
                continue;
            };
            heard.push(Heard {
                epc: tag.epc,
                pc: (tag.epc.len() as u16 / 2) << 11,
                antenna,
                rssi_centi_dbm: told_dbm as i32 * 100,
                channel,
                at: Moment::from_us(at.us + read.at_us),
            });
        }
        took_us
    }

    /// The tags that get enough power to answer, and may.
    fn answers(&mut self, antenna: &Antenna, power_dbm: f64, seconds: f64, hertz: f64) -> Vec<Answer> {
        self.silent_until.resize(self.tags.len(), f64::MIN);
        let origins: Vec<Vector> = self.bodies.iter().map(|body| body.motion.at(seconds)).collect();
        let around = self.surroundings(&origins);
        let mut answers = Vec::new();
        for (number, tag) in self.tags.iter().enumerate() {
            let origin = origins.get(tag.body).copied().unwrap_or_default();
            let dipole = Dipole {
                position: tag.dipole.position + origin,
                ..tag.dipole
            };
            let one_way = one_way_db(antenna, &dipole, &around, hertz);
            let margin = power_dbm + one_way - tag.needs_dbm;
            if margin < 0.0 {
                continue;
            }
            let Some(silent_until) = self.silent_until.get_mut(number) else {
                continue;
            };
            if *silent_until > seconds {
                // In sessions 2 and 3 a tag with power stays silent for as long as it has it.
                if self.session >= 2 {
                    *silent_until = silent_until.max(seconds + SESSION_2_SECONDS.0);
                }
                continue;
            }
            let dbm = power_dbm + 2.0 * one_way + BACKSCATTER_DB;
            if dbm >= READER_DBM {
                answers.push(Answer {
                    tag: number,
                    dbm,
                    // At the edge of its power a tag answers and is not always understood.
                    probability: (0.5 + margin / 3.0).min(0.97),
                });
            }
        }
        answers
    }

    fn surroundings(&self, origins: &[Vector]) -> Surroundings {
        let obstacles = self.bodies.iter().zip(origins).flat_map(|(body, origin)| {
            body.obstacles.iter().map(|obstacle| Obstacle {
                space: obstacle.space.moved(*origin),
                ..*obstacle
            })
        });
        Surroundings {
            obstacles: obstacles.collect(),
            echoes: self.echoes.clone(),
            floor_share: self.floor_share,
        }
    }

    fn silence(&mut self, tag: usize, seconds: f64) {
        let (least, most) = match self.session {
            0 => return,
            1 => SESSION_1_SECONDS,
            _ => SESSION_2_SECONDS,
        };
        let for_seconds = self.chance.between(least, most);
        if let Some(silent_until) = self.silent_until.get_mut(tag) {
            *silent_until = seconds + for_seconds;
        }
    }
}
