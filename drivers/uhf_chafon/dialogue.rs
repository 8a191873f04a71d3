//! The conversation with a UHFReader18 or 288: ask who it is, set what differs, and ask for round after round.
//!
//! There is no command to stop: a round ends after the time that it was asked for. A reader in active mode sends tags by itself
//! and is not asked for rounds; then a stop only shuts the ears.

use std::borrow::Cow;

use super::decode::{self, status};
use super::wire::{self, Frame, cmd};
use crate::contract::{EpcFilter, GarbageReason, Parsed};
use crate::uhf::reports::dbm;
use crate::uhf::settings::numbers;
use crate::uhf::{Can, Goal, Knob, Meaning, Patience, Protocol, Reports, Stream, Unanswered};

/// How long an answer to a question may take.
const ANSWER_MS_MAX: u64 = 500;
/// How much longer than it was asked for a round may take.
const ROUND_MORE_MS: u64 = 700;
/// How often a command is sent in all.
const ATTEMPTS_MAX: u32 = 3;
/// The pause after a round was refused.
const REFUSED_MS: u64 = 1_000;
/// How long a reader in active mode that tells that it is there may say nothing. It tells every 30 seconds or more often.
const HEARTBEAT_MS_MAX: u64 = 90_000;
/// The unit of scan times.
const SCAN_UNIT_MS: u64 = 100;
/// The highest power there is, in dBm.
const POWER_DBM_MAX: u16 = 33;
/// The first antenna, in a command of a 288.
const FIRST_ANTENNA: u8 = 0x80;
/// Masks are in the EPC bank.
const EPC_BANK: u8 = 1;
/// Where the EPC begins in its bank, in bits.
const EPC_BIT: u16 = 0x20;

/// Which of the readers without a mark it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// UHFReader18: tags are EPCs and nothing else.
    Reader18,
    /// UHFReader288, 86 and later ones: with antenna and signal.
    Reader288,
}

/// What a reader is told at every round, and how it works.
#[derive(Debug, Clone, Copy)]
pub struct Ways {
    /// Which reader it is.
    pub model: Model,
    /// Its address, 255 for whoever is there.
    pub address: u8,
    /// The Gen2 Q that a round begins with.
    pub q: u8,
    /// How long a round takes, in 100 ms.
    pub scan: u8,
    /// It sends tags by itself.
    pub is_active: bool,
    /// Its beeper is silenced.
    pub silences_beeper: bool,
    /// The channels it is to have.
    pub region: Option<[u8; 2]>,
}

/// What is asked of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the command of its name")]
pub enum Step {
    Info,
    BeeperOff,
    SetRegion([u8; 2]),
    SetPower(u8),
    /// On this antenna, from 0.
    Round(u8),
}

/// What is known of one reader.
#[derive(Debug)]
pub struct Chafon {
    ways: Ways,
    stream: Stream,
    is_known: bool,
    beeper_is_done: bool,
    region: Knob<[u8; 2]>,
    power: Knob<u8>,
    /// How long it looks by itself, in 100 ms.
    own_scan: u8,
    /// It refused a mask.
    has_no_mask: bool,
    last_antenna: Option<u8>,
    tells_heartbeats: bool,
}

impl Chafon {
    /// A reader of which nothing is known yet.
    pub fn new(ways: Ways) -> Self {
        Self {
            ways,
            stream: Stream::Unknown,
            is_known: false,
            beeper_is_done: false,
            region: Knob::default(),
            power: Knob::default(),
            own_scan: 10,
            has_no_mask: false,
            last_antenna: None,
            tells_heartbeats: false,
        }
    }

    fn change(&self, goal: &Goal) -> Option<Step> {
        let power = goal.settings.power_centi_dbm.map(|centi_dbm| {
            let dbm = (centi_dbm / 100).min(POWER_DBM_MAX);
            u8::try_from(dbm).unwrap_or(u8::MAX)
        });
        let has_beeper = self.ways.model == Model::Reader288;
        let beeper = has_beeper && self.ways.silences_beeper && !self.beeper_is_done;
        beeper
            .then_some(Step::BeeperOff)
            .or_else(|| self.region.lacks(self.ways.region).map(Step::SetRegion))
            .or_else(|| self.power.lacks(power).map(Step::SetPower))
    }

    /// The antenna of the next round: all take turns.
    fn antenna(&self, goal: &Goal) -> u8 {
        let antennas = goal.settings.antennas & self.can().antennas;
        let all = || numbers(antennas).map(|number| number - 1);
        let next = all().find(|antenna| self.last_antenna.is_some_and(|last| *antenna > last));
        next.or_else(|| all().next()).unwrap_or(0)
    }

    fn answered(&mut self, step: Step, frame: &Frame<'_>, reports: &mut Reports<'_>) {
        if frame.status != status::OK {
            return self.refused(step, Some(frame.status), reports);
        }
        match step {
            Step::Info => self.info(frame.data, reports),
            Step::BeeperOff => self.beeper_is_done = true,
            Step::SetRegion(region) => self.region.took(region),
            Step::SetPower(power) => self.power.took(power),
            Step::Round(_) => {}
        }
    }

    /// Whether a frame answers a command that there is, with lengths that agree.
    fn is_sound(&self, bytes: &[u8]) -> bool {
        let Some(frame) = Frame::of(bytes) else {
            return false;
        };
        match (frame.cmd as u8, frame.status) {
            (cmd::INVENTORY, status::LAST..=status::FULL) => {
                frame.data.is_empty() || decode::is_filled(self.ways.model, frame.data)
            }
            (cmd::INVENTORY, _) => frame.data.is_empty(),
            (0, status) => status == status::UNKNOWN && frame.data.is_empty(),
            (cmd, _) => wire::name(u16::from(cmd)) != "UNKNOWN",
        }
    }

    /// Firmware (2), type, protocols, highest and lowest channel, power, scan time.
    fn info(&mut self, data: &[u8], reports: &mut Reports<'_>) {
        self.is_known = true;
        self.stream = Stream::Still;
        let [major, minor, number, _, highest, lowest, power, scan, ..] = data else {
            return reports.answer("info", "", data);
        };
        self.region.told([*highest, *lowest]);
        self.power.told(*power);
        self.own_scan = *scan;
        reports.answer("firmware", format!("{major}.{minor}"), &[*major, *minor]);
        reports.answer("model", decode::model_text(*number), &[*number]);
        let region = [*highest, *lowest];
        reports.answer("region", decode::region_text(region), &region);
        reports.answer("power", dbm(i32::from(*power) * 100), &[*power]);
    }

    /// The reader refused this step, or would not answer it: it keeps what it has.
    fn refused(&mut self, step: Step, code: Option<u8>, reports: &mut Reports<'_>) {
        let what = match step {
            Step::Info => return self.is_known = true,
            Step::Round(_) => return,
            Step::BeeperOff => {
                self.beeper_is_done = true;
                "to silence its beeper".to_owned()
            }
            Step::SetRegion(region) => {
                self.region.refused(region);
                format!("the region {}", decode::region_text(region))
            }
            Step::SetPower(power) => {
                self.power.refused(power);
                format!("the power {}", dbm(i32::from(power) * 100))
            }
        };
        let reason = code.map_or("it does not answer to it", decode::reason);
        let about = u32::from(encoded(step)) << 8 | u32::from(code.unwrap_or_default());
        reports.once("settings_refused", about, || {
            format!("The reader refused {what}: {reason}.")
        });
    }

    fn round_frame(
        &mut self,
        frame: &Frame<'_>,
        open: Option<Step>,
        goal: &Goal,
        reports: &mut Reports<'_>,
    ) -> Meaning {
        let antenna = match open {
            Some(Step::Round(antenna)) => Some(antenna),
            _ => None,
        };
        match frame.status {
            status::LAST | status::TIME_OVER | status::MORE | status::FULL => {
                // The time may be over without a tag.
                let tags = match frame.data {
                    [] => vec![],
                    data => match decode::tags(self.ways.model, data) {
                        Some(tags) => tags,
                        None => return Meaning::Malformed,
                    },
                };
                let is_end = frame.status != status::MORE;
                if tags.is_empty() && is_end {
                    reports.no_tag();
                }
                tags.into_iter().for_each(|tag| reports.tag(tag));
                if frame.status == status::FULL {
                    reports.once("memory_full", 0, || {
                        "The reader's memory was full before the end of a round; a shorter round or more filter helps."
                            .to_owned()
                    });
                }
                if antenna.is_some() {
                    self.stream = Stream::Looking;
                }
                if !is_end {
                    return antenna.map_or(Meaning::Other, |_| Meaning::Progress);
                }
            }
            status::NO_TAG => {
                reports.no_tag();
                if antenna.is_some() {
                    self.stream = Stream::Looking;
                }
            }
            _ => self.round_refused(frame.status, antenna, goal, reports),
        }
        if antenna.is_none() {
            return Meaning::Other;
        }
        self.last_antenna = antenna;
        if !goal.looking {
            self.stream = Stream::Still;
        }
        Meaning::Answered
    }

    fn round_refused(&mut self, code: u8, antenna: Option<u8>, goal: &Goal, reports: &mut Reports<'_>) {
        if code == status::ANTENNA {
            let which = antenna.map_or("An antenna".to_owned(), |antenna| {
                format!("Antenna {}", antenna + 1)
            });
            reports.once("antenna_fault", u32::from(antenna.unwrap_or(u8::MAX)), || {
                format!("{which} is not used: {}.", decode::reason(code))
            });
            // Where there are others, they take their turns.
            if goal.settings.antennas.count_ones() > 1 {
                return;
            }
        } else if goal.settings.filter.is_some() && !self.has_no_mask {
            self.has_no_mask = true;
            return reports.once("settings_refused", u32::from(cmd::INVENTORY) << 8, || {
                "The reader refused the filter; the program leaves out the tags that are not asked for."
                    .to_owned()
            });
        } else {
            reports.once("refused", u32::from(code), || {
                format!("The reader refused to look for tags: {}.", decode::reason(code))
            });
        }
        reports.rest(REFUSED_MS);
    }

    fn active(&mut self, frame: &Frame<'_>, reports: &mut Reports<'_>) -> Meaning {
        if frame.status == status::HEARTBEAT {
            self.tells_heartbeats = true;
            reports.notice("heartbeat", "The reader is there.");
        } else {
            let Some(tag) = decode::active_tag(self.ways.model, frame.data) else {
                return Meaning::Malformed;
            };
            reports.tag(tag);
        }
        if self.ways.is_active {
            self.stream = Stream::Looking;
        } else {
            reports.once("active_mode", 0, || {
                "The reader sends tags by itself. Set `work_mode=active`, or set the reader to answer mode.".to_owned()
            });
        }
        Meaning::Other
    }

    fn round(&self, antenna: u8, goal: &Goal) -> Vec<u8> {
        let filter = goal.settings.filter.filter(|_| !self.has_no_mask);
        let [high, low] = EPC_BIT.to_be_bytes();
        let mut data = vec![self.ways.q, goal.settings.session.unwrap_or(0) & 3, EPC_BANK];
        match filter {
            Some(filter) => data.extend([high, low, filter.bits()]),
            None => data.extend([0, 0, 0]),
        }
        data.extend_from_slice(filter.as_ref().map_or(&[], EpcFilter::mask));
        data.extend([0, FIRST_ANTENNA | antenna, self.ways.scan]);
        data
    }
}

const fn encoded(step: Step) -> u8 {
    match step {
        Step::Info => cmd::INFO,
        Step::BeeperOff => cmd::SET_BEEPER,
        Step::SetRegion(_) => cmd::SET_REGION,
        Step::SetPower(_) => cmd::SET_POWER,
        Step::Round(_) => cmd::INVENTORY,
    }
}

impl Protocol for Chafon {
    type Step = Step;

    /// Without a mark, each damaged frame is a hundred places at which a right CRC may stand by chance: what no command is
    /// answered by is no frame, so that the whole ones inside it are found.
    #[inline]
    fn parse(&self, bytes: &[u8]) -> Parsed {
        match wire::parse(bytes) {
            Parsed::Frame(length) if !self.is_sound(bytes.get(..length).unwrap_or(bytes)) => {
                Parsed::Garbage(1, GarbageReason::Malformed)
            }
            parsed => parsed,
        }
    }

    fn kind(&self, frame: &[u8]) -> (u32, Cow<'static, str>) {
        let cmd = frame.get(2).copied().unwrap_or_default();
        (u32::from(cmd), wire::name(u16::from(cmd)).into())
    }

    fn take(&mut self, frame: &[u8], open: Option<Step>, goal: &Goal, reports: &mut Reports<'_>) -> Meaning {
        let Some(frame) = Frame::of(frame) else {
            return Meaning::Malformed;
        };
        match frame.cmd as u8 {
            cmd::INVENTORY => return self.round_frame(&frame, open, goal, reports),
            cmd::ACTIVE => return self.active(&frame, reports),
            _ => {}
        }
        // A command that it does not know is answered under the number 0 by some.
        let is_unknown = frame.cmd == 0 && frame.status == status::UNKNOWN;
        match open.filter(|step| u16::from(encoded(*step)) == frame.cmd || is_unknown) {
            Some(step) => {
                self.answered(step, &frame, reports);
                Meaning::Answered
            }
            None if frame.cmd == u16::from(cmd::INFO) && frame.status == status::OK => {
                self.info(frame.data, reports);
                Meaning::Other
            }
            None => {
                let text = match frame.status {
                    status::OK => "done",
                    status => decode::reason(status),
                };
                reports.answer(wire::name(frame.cmd), text, frame.data);
                Meaning::Other
            }
        }
    }

    fn next(&self, goal: &Goal) -> Option<Step> {
        if !self.is_known {
            return Some(Step::Info);
        }
        let is_to_ask = goal.looking && !self.ways.is_active;
        self.change(goal)
            .or_else(|| is_to_ask.then(|| Step::Round(self.antenna(goal))))
    }

    fn encode(&self, step: Step, goal: &Goal) -> Vec<u8> {
        let data = match step {
            Step::Info => vec![],
            Step::BeeperOff => vec![0],
            Step::SetRegion(region) => region.to_vec(),
            Step::SetPower(power) => vec![power],
            Step::Round(antenna) => match self.ways.model {
                Model::Reader18 => vec![],
                Model::Reader288 => self.round(antenna, goal),
            },
        };
        wire::command(self.ways.address, encoded(step), &data)
    }

    fn patience(&self, step: Step) -> Patience {
        let scan = match self.ways.model {
            Model::Reader18 => self.own_scan,
            Model::Reader288 => self.ways.scan,
        };
        let answer_ms = match step {
            Step::Round(_) => u64::from(scan) * SCAN_UNIT_MS + ROUND_MORE_MS,
            _ => ANSWER_MS_MAX,
        };
        Patience {
            answer_ms,
            attempts: ATTEMPTS_MAX,
        }
    }

    fn unanswered(&mut self, step: Step, reports: &mut Reports<'_>) -> Unanswered {
        match step {
            // In active mode some readers take no commands.
            Step::Info if self.ways.is_active && !self.tells_heartbeats => {
                self.is_known = true;
                Unanswered::GoOn
            }
            Step::Info | Step::Round(_) => Unanswered::Mute,
            _ => {
                self.refused(step, None, reports);
                Unanswered::GoOn
            }
        }
    }

    fn is_round(&self, step: Step) -> bool {
        matches!(step, Step::Round(_))
    }

    fn overtaken(&mut self, step: Step) {
        if self.is_round(step) {
            self.stream = Stream::Still;
        }
    }

    fn stop(&self, _open: Option<Step>) -> Option<Step> {
        None
    }

    fn stream(&self) -> Stream {
        self.stream
    }

    fn silence_ms(&self) -> Option<u64> {
        (self.ways.is_active && self.tells_heartbeats).then_some(HEARTBEAT_MS_MAX)
    }

    fn forget(&mut self) {
        self.stream = Stream::Unknown;
        self.is_known = false;
        self.beeper_is_done = false;
        self.region.forget();
        self.power.forget();
        self.has_no_mask = false;
        self.last_antenna = None;
    }

    fn can(&self) -> Can {
        let is_288 = self.ways.model == Model::Reader288;
        Can {
            power: true,
            session: is_288,
            antennas: if is_288 { 0b1111 } else { 1 },
            filter: is_288,
        }
    }

    fn sends_unasked(&self) -> bool {
        self.ways.is_active
    }
}
