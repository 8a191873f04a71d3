//! The conversation with a reader: ask who it is and what is set, set what differs, and ask for round after round.
//!
//! There is no command to stop: a round ends by itself and is not asked for again. The power is set by command 66, which the
//! reader does not store, so that its memory does not wear out with the work; command 76 is for readers that do not know it.

use std::borrow::Cow;

use super::decode::{self, NO_ANTENNA, NO_TAG, OK, RESTARTED};
use super::wire::{self, Frame, Phase, Round, cmd};
use crate::contract::Parsed;
use crate::uhf::reports::dbm;
use crate::uhf::settings::numbers;
use crate::uhf::{Can, Goal, Knob, Meaning, Patience, Protocol, Reports, Stream, Unanswered};

/// How long an answer to a question may take.
const ANSWER_MS_MAX: u64 = 500;
/// How long a round may say nothing: an empty one takes less than 200 ms, and tags are told at once.
const ROUND_MS_MAX: u64 = 1_500;
/// How often a command is sent in all.
const ATTEMPTS_MAX: u32 = 3;
/// The pause after every antenna was refused.
const REFUSED_MS: u64 = 1_000;
/// The highest power there is, in dBm (manual, command 76).
const POWER_DBM_MAX: u16 = 33;
/// The most ports a reader has.
const PORTS_MAX: usize = 8;
/// The antennas that one fast-switch round goes over.
const FAST_ANTENNAS: u32 = 0b1111;
/// An antenna number that leaves a place of a fast-switch round out.
const NO_PLACE: u8 = 0xFF;

/// The power of each port in dBm, or of all in the first place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Powers {
    dbm: [u8; PORTS_MAX],
    ports: usize,
}

impl Powers {
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut dbm = [0; PORTS_MAX];
        dbm.get_mut(..bytes.len())?.copy_from_slice(bytes);
        (!bytes.is_empty()).then_some(Self {
            dbm,
            ports: bytes.len(),
        })
    }

    /// The same for each port.
    fn all(power: u8, ports: usize) -> Self {
        let mut dbm = [0; PORTS_MAX];
        dbm.iter_mut().take(ports).for_each(|port| *port = power);
        Self { dbm, ports }
    }

    /// As the reader is told: one number where all are the same.
    fn bytes(&self) -> &[u8] {
        let each = self.dbm.get(..self.ports).unwrap_or(&self.dbm);
        match each {
            [first, rest @ ..] if rest.iter().all(|power| power == first) => std::slice::from_ref(first),
            _ => each,
        }
    }
}

/// What is asked of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the command of its name")]
pub enum Step {
    Firmware,
    BeeperOff,
    GetRegion,
    SetRegion([u8; 3]),
    GetPower,
    SetPower(Powers),
    GetAntenna,
    SetAntenna(u8),
    RealTime,
    Session(u8),
    /// The antennas, bit 0 for the first.
    FastSwitch(u8),
}

/// What is known of one reader.
#[derive(Debug)]
pub struct R2000 {
    phase: Phase,
    address: u8,
    wanted_region: Option<[u8; 3]>,
    silences_beeper: bool,
    stream: Stream,
    is_known: bool,
    beeper_is_done: bool,
    region: Knob<[u8; 3]>,
    power: Knob<Powers>,
    /// It does not know the temporary power.
    stores_power: bool,
    antenna: Knob<u8>,
    /// Antennas that it would not choose, bit 0 for the first.
    refused_antennas: u32,
    /// It does not know rounds in a session.
    has_no_session: bool,
    /// Of several antennas the one of the last round, from 0; its round was asked for already.
    last_round_on: Option<u8>,
    /// Rounds in a row that were refused.
    refusals: u32,
}

impl R2000 {
    /// A reader of which nothing is known yet.
    pub fn new(phase: Phase, address: u8, region: Option<[u8; 3]>, silences_beeper: bool) -> Self {
        Self {
            phase,
            address,
            wanted_region: region,
            silences_beeper,
            stream: Stream::Unknown,
            is_known: false,
            beeper_is_done: false,
            region: Knob::default(),
            power: Knob::default(),
            stores_power: false,
            antenna: Knob::default(),
            refused_antennas: 0,
            has_no_session: false,
            last_round_on: None,
            refusals: 0,
        }
    }

    const fn cmd(&self, step: Step) -> u8 {
        match step {
            Step::Firmware => cmd::FIRMWARE,
            Step::BeeperOff => cmd::SET_BEEPER,
            Step::GetRegion => cmd::GET_REGION,
            Step::SetRegion(_) => cmd::SET_REGION,
            Step::GetPower => cmd::GET_POWER,
            Step::SetPower(_) if self.stores_power => cmd::SET_POWER,
            Step::SetPower(_) => cmd::SET_TEMPORARY_POWER,
            Step::GetAntenna => 0x75,
            Step::SetAntenna(_) => cmd::SET_ANTENNA,
            Step::RealTime => cmd::REAL_TIME,
            Step::Session(_) => cmd::SESSION,
            Step::FastSwitch(_) => cmd::FAST_SWITCH,
        }
    }

    fn question(&self) -> Option<Step> {
        [
            (self.is_known, Step::Firmware),
            (self.beeper_is_done || !self.silences_beeper, Step::BeeperOff),
            (self.region.is_asked(), Step::GetRegion),
            (self.power.is_asked(), Step::GetPower),
            (self.antenna.is_asked(), Step::GetAntenna),
        ]
        .into_iter()
        .find_map(|(is_done, step)| (!is_done).then_some(step))
    }

    fn change(&self, goal: &Goal) -> Option<Step> {
        let ports = self.power.own().map_or(1, |own| own.ports);
        let power = goal.settings.power_centi_dbm.map(|centi_dbm| {
            let dbm = (centi_dbm / 100).min(POWER_DBM_MAX);
            Powers::all(u8::try_from(dbm).unwrap_or(u8::MAX), ports)
        });
        self.region
            .lacks(self.wanted_region)
            .map(Step::SetRegion)
            .or_else(|| self.power.lacks(power).map(Step::SetPower))
            .or_else(|| {
                // Several are gone through round by round; the reader's own holds again afterwards.
                let is_one = goal.settings.antennas.count_ones() <= 1;
                let wanted = numbers(goal.settings.antennas).next().map(|number| number - 1);
                let antenna = if is_one { self.antenna.lacks(wanted) } else { None };
                antenna.map(Step::SetAntenna)
            })
    }

    /// The round that comes next, or the antenna that must be chosen for it.
    fn round(&self, goal: &Goal) -> Step {
        let antennas = goal.settings.antennas & !self.refused_antennas;
        let round = match goal.settings.session {
            Some(session) if !self.has_no_session => Step::Session(session & 3),
            _ => Step::RealTime,
        };
        if antennas.count_ones() <= 1 {
            return round;
        }
        if round == Step::RealTime && antennas & !FAST_ANTENNAS == 0 {
            return Step::FastSwitch((antennas & FAST_ANTENNAS) as u8);
        }
        let has = self.antenna.has();
        if has.is_some_and(|has| antennas & 1 << has != 0) && has != self.last_round_on {
            return round;
        }
        let all = || numbers(antennas).map(|number| number - 1);
        let next = all().find(|antenna| self.last_round_on.is_some_and(|last| *antenna > last));
        next.or_else(|| all().next()).map_or(round, Step::SetAntenna)
    }

    fn answered(&mut self, step: Step, frame: &Frame<'_>, reports: &mut Reports<'_>) {
        match (step, frame.data) {
            (Step::Firmware, _) => {
                self.is_known = true;
                self.stream = Stream::Still;
            }
            (Step::GetRegion, [number, first, last]) => self.region.told([*number, *first, *last]),
            (Step::GetRegion, _) => self.region.untold(),
            (Step::GetPower, powers) => match Powers::of(powers) {
                Some(powers) => self.power.told(powers),
                None => self.power.untold(),
            },
            (Step::GetAntenna, [antenna]) if usize::from(*antenna) < PORTS_MAX => self.antenna.told(*antenna),
            (Step::GetAntenna, _) => self.antenna.untold(),
            (_, [OK]) => self.took(step),
            (_, data) => return self.refused(step, data.first().copied(), reports),
        }
        if matches!(step, Step::Firmware | Step::GetRegion | Step::GetPower) {
            let (name, text) = decode::answer(frame);
            reports.answer(name, text, frame.data);
        }
    }

    fn took(&mut self, step: Step) {
        match step {
            Step::BeeperOff => self.beeper_is_done = true,
            Step::SetRegion(region) => self.region.took(region),
            Step::SetPower(powers) => self.power.took(powers),
            Step::SetAntenna(antenna) => {
                self.antenna.took(antenna);
                self.last_round_on = None;
            }
            _ => {}
        }
    }

    /// The reader refused this step, or would not answer it: it keeps what it has.
    fn refused(&mut self, step: Step, code: Option<u8>, reports: &mut Reports<'_>) {
        let what: Cow<'static, str> = match step {
            Step::Firmware => return self.is_known = true,
            Step::GetRegion => return self.region.untold(),
            Step::GetPower => return self.power.untold(),
            Step::GetAntenna => return self.antenna.untold(),
            // Older firmware has only the power that it stores.
            Step::SetPower(_) if !self.stores_power => return self.stores_power = true,
            Step::SetPower(powers) => {
                self.power.refused(powers);
                let power = powers.bytes().first().copied().unwrap_or_default();
                format!("the power {}", dbm(i32::from(power) * 100)).into()
            }
            Step::BeeperOff => {
                self.beeper_is_done = true;
                "to silence its beeper".into()
            }
            Step::SetRegion(region) => {
                self.region.refused(region);
                format!("the region {}", decode::region_text(&region)).into()
            }
            Step::SetAntenna(antenna) => {
                self.antenna.refused(antenna);
                self.refused_antennas |= 1 << antenna;
                format!("the antenna {}", antenna + 1).into()
            }
            Step::RealTime | Step::Session(_) | Step::FastSwitch(_) => "to look for tags".into(),
        };
        let reason = code.map_or("it does not answer to it", decode::reason);
        let about = u32::from(self.cmd(step)) << 8 | u32::from(code.unwrap_or_default());
        reports.once("settings_refused", about, || {
            format!("The reader refused {what}: {reason}.")
        });
    }

    /// A frame of a round: tags, its end, or why there is none.
    fn round_frame(
        &mut self,
        frame: &Frame<'_>,
        open: Option<Step>,
        goal: &Goal,
        reports: &mut Reports<'_>,
    ) -> Meaning {
        let is_open = open.is_some_and(|step| self.is_round(step) && self.cmd(step) == frame.cmd);
        match frame.round(self.phase) {
            None => return Meaning::Malformed,
            Some(Round::Tag(seen)) => {
                let Some(tag) = decode::tag(&seen) else {
                    return Meaning::Malformed;
                };
                reports.tag(tag);
                self.looks(is_open);
                return if is_open {
                    Meaning::Progress
                } else {
                    Meaning::Other
                };
            }
            Some(Round::Antenna(antenna, code)) => {
                self.looks(is_open);
                self.antenna_refused(Some(antenna), code, reports);
                return if is_open {
                    Meaning::Progress
                } else {
                    Meaning::Other
                };
            }
            Some(Round::Refused(RESTARTED)) => {
                reports.notice("restarted", "The reader started anew; it is set up again.");
                self.forget();
            }
            Some(Round::Refused(code)) => self.round_refused(code, open, goal, reports),
            Some(Round::End) => {
                self.looks(is_open);
                self.refusals = 0;
                // Tags of the round: three bytes of a fast-switch round, the last four of the others.
                let total = match frame.cmd {
                    cmd::FAST_SWITCH => frame.data.get(..3),
                    _ => frame.data.get(3..),
                };
                if total.is_some_and(|total| total.iter().all(|byte| *byte == 0)) {
                    reports.no_tag();
                }
            }
        }
        if !is_open {
            return Meaning::Other;
        }
        self.last_round_on = self.antenna.has();
        if !goal.looking {
            self.stream = Stream::Still;
        }
        Meaning::Answered
    }

    fn looks(&mut self, is_open: bool) {
        if is_open {
            self.stream = Stream::Looking;
        }
    }

    fn round_refused(&mut self, code: u8, open: Option<Step>, goal: &Goal, reports: &mut Reports<'_>) {
        match (code, open) {
            (NO_TAG, _) => {
                self.looks(open.is_some());
                return reports.no_tag();
            }
            (NO_ANTENNA | 0xEE, _) => {
                self.antenna_refused(self.antenna.has(), code, reports);
            }
            (_, Some(Step::Session(_))) if self.refusals == 0 && !self.has_no_session => {
                // It may be the session that it does not know.
                self.has_no_session = true;
                reports.once("settings_refused", u32::from(cmd::SESSION), || {
                    "The reader refused rounds in a session; it looks for tags without.".to_owned()
                });
                return;
            }
            _ => reports.once("refused", u32::from(code), || {
                format!("The reader refused to look for tags: {}.", decode::reason(code))
            }),
        }
        self.refusals += 1;
        let several = goal.settings.antennas.count_ones().max(1);
        if self.refusals >= several {
            self.refusals = 0;
            reports.rest(REFUSED_MS);
        }
    }

    fn antenna_refused(&self, antenna: Option<u8>, code: u8, reports: &mut Reports<'_>) {
        let about = u32::from(antenna.unwrap_or(u8::MAX)) << 8 | u32::from(code);
        reports.once("antenna_fault", about, || {
            let which = antenna.map_or("An antenna".to_owned(), |antenna| {
                format!("Antenna {}", u16::from(antenna) + 1)
            });
            format!("{which} is not used: {}.", decode::reason(code))
        });
    }
}

impl Protocol for R2000 {
    type Step = Step;

    #[inline]
    fn parse(&self, bytes: &[u8]) -> Parsed {
        wire::parse(self.phase, bytes)
    }

    fn kind(&self, frame: &[u8]) -> (u32, Cow<'static, str>) {
        let cmd = frame.get(3).copied().unwrap_or_default();
        (u32::from(cmd), wire::name(cmd).into())
    }

    fn take(&mut self, frame: &[u8], open: Option<Step>, goal: &Goal, reports: &mut Reports<'_>) -> Meaning {
        let Some(frame) = Frame::of(frame) else {
            return Meaning::Malformed;
        };
        if frame.is_of_a_round() {
            return self.round_frame(&frame, open, goal, reports);
        }
        if frame.is_record() {
            let Some(tag) = frame.record().and_then(|seen| decode::tag(&seen)) else {
                return Meaning::Malformed;
            };
            reports.tag(tag);
            return Meaning::Other;
        }
        match open.filter(|step| self.cmd(*step) == frame.cmd) {
            Some(step) => {
                self.answered(step, &frame, reports);
                Meaning::Answered
            }
            None => {
                let (name, text) = decode::answer(&frame);
                reports.answer(name, text, frame.data);
                Meaning::Other
            }
        }
    }

    fn next(&self, goal: &Goal) -> Option<Step> {
        self.question()
            .or_else(|| self.change(goal))
            .or_else(|| goal.looking.then(|| self.round(goal)))
    }

    fn encode(&self, step: Step, _goal: &Goal) -> Vec<u8> {
        let data = match step {
            Step::Firmware | Step::GetRegion | Step::GetPower | Step::GetAntenna => vec![],
            Step::BeeperOff => vec![0],
            Step::SetRegion(region) => region.to_vec(),
            Step::SetPower(powers) => powers.bytes().to_vec(),
            Step::SetAntenna(antenna) => vec![antenna],
            Step::RealTime => vec![1],
            Step::Session(session) => vec![session, 0, 1],
            Step::FastSwitch(antennas) => {
                let place = |antenna: u8| match antennas & 1 << antenna {
                    0 => [NO_PLACE, 0],
                    _ => [antenna, 1],
                };
                let places = (0..4).flat_map(place);
                places.chain([0, 1]).collect()
            }
        };
        wire::command(self.address, self.cmd(step), &data)
    }

    fn patience(&self, step: Step) -> Patience {
        Patience {
            answer_ms: if self.is_round(step) {
                ROUND_MS_MAX
            } else {
                ANSWER_MS_MAX
            },
            attempts: ATTEMPTS_MAX,
        }
    }

    fn unanswered(&mut self, step: Step, reports: &mut Reports<'_>) -> Unanswered {
        match step {
            Step::Firmware | Step::RealTime | Step::Session(_) | Step::FastSwitch(_) => Unanswered::Mute,
            _ => {
                self.refused(step, None, reports);
                Unanswered::GoOn
            }
        }
    }

    fn is_round(&self, step: Step) -> bool {
        matches!(step, Step::RealTime | Step::Session(_) | Step::FastSwitch(_))
    }

    fn was_silent(&mut self) {
        // The temporary power and the antenna are gone with a restart.
        self.power.unsure();
        self.antenna.unsure();
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
        None
    }

    fn forget(&mut self) {
        self.stream = Stream::Unknown;
        self.is_known = false;
        self.beeper_is_done = false;
        self.region.forget();
        self.power.forget();
        self.antenna.forget();
        self.refused_antennas = 0;
        self.has_no_session = false;
        self.last_round_on = None;
        self.refusals = 0;
    }

    fn can(&self) -> Can {
        Can {
            power: true,
            session: true,
            antennas: 0xFF,
            filter: false,
        }
    }
}
