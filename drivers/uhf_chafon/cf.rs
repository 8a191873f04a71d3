//! The conversation with a CF reader: stop what it may be at, read all its parameters, write those that differ, start.
//!
//! Its parameters are one block of 25 bytes, which the reader stores. They are written only when they differ.

use std::borrow::Cow;

use super::decode::{self, status};
use super::wire::{self, Frame, cf_cmd};
use crate::contract::Parsed;
use crate::uhf::reports::{dbm, shown};
use crate::uhf::{Can, Goal, Knob, Meaning, Patience, Protocol, Reports, Stream, Unanswered};

/// How long an answer may take. Storing takes longest.
const ANSWER_MS_MAX: u64 = 800;
/// How often a command is sent in all.
const ATTEMPTS_MAX: u32 = 3;
/// The pause after a start was refused.
const REFUSED_MS: u64 = 1_000;
/// The highest power there is, in dBm.
const POWER_DBM_MAX: u16 = 33;

/// Bytes of all parameters.
const PARAMETERS: usize = 25;
/// Places of parameters: antennas, channels, power, session, buzzer.
mod place {
    pub(super) const ANTENNAS: usize = 6;
    pub(super) const CHANNELS: std::ops::Range<usize> = 7..15;
    pub(super) const POWER: usize = 15;
    pub(super) const SESSION: usize = 18;
    pub(super) const BUZZER: usize = 23;
}

type Parameters = [u8; PARAMETERS];

/// What is asked of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the command of its name")]
pub enum Step {
    Stop,
    Info,
    GetParameters,
    SetParameters(Parameters),
    Start,
}

impl Step {
    const fn cmd(self) -> u16 {
        match self {
            Self::Stop => cf_cmd::STOP,
            Self::Info => cf_cmd::INFO,
            Self::GetParameters => cf_cmd::GET_PARAMETERS,
            Self::SetParameters(_) => cf_cmd::SET_PARAMETERS,
            Self::Start => cf_cmd::START,
        }
    }
}

/// What is known of one reader.
#[derive(Debug)]
pub struct Cf {
    address: u8,
    silences_beeper: bool,
    stream: Stream,
    is_known: bool,
    parameters: Knob<Parameters>,
}

impl Cf {
    /// A reader of which nothing is known yet.
    pub fn new(address: u8, silences_beeper: bool) -> Self {
        Self {
            address,
            silences_beeper,
            stream: Stream::Unknown,
            is_known: false,
            parameters: Knob::default(),
        }
    }

    fn change(&self, goal: &Goal) -> Option<Step> {
        let mut wanted = self.parameters.own()?;
        let mut put = |place: usize, value: Option<u8>| {
            if let (Some(parameter), Some(value)) = (wanted.get_mut(place), value) {
                *parameter = value;
            }
        };
        let power = goal.settings.power_centi_dbm;
        let power = power.map(|centi_dbm| (centi_dbm / 100).min(POWER_DBM_MAX) as u8);
        put(place::POWER, power);
        put(place::SESSION, goal.settings.session);
        let antennas = (goal.settings.antennas & self.can().antennas) as u8;
        put(place::ANTENNAS, (antennas != 0).then_some(antennas));
        put(place::BUZZER, self.silences_beeper.then_some(0));
        self.parameters.lacks(Some(wanted)).map(Step::SetParameters)
    }

    fn answered(&mut self, step: Step, frame: &Frame<'_>, reports: &mut Reports<'_>) {
        if frame.status != status::OK && step != Step::Stop {
            return self.refused(step, Some(frame.status), reports);
        }
        match step {
            Step::Stop => self.stream = Stream::Still,
            Step::Info => {
                self.is_known = true;
                reports.answer("info", shown(frame.data), frame.data);
            }
            Step::GetParameters => self.parameters_came(frame.data, reports),
            Step::SetParameters(parameters) => self.parameters.took(parameters),
            Step::Start => self.stream = Stream::Looking,
        }
    }

    fn parameters_came(&mut self, data: &[u8], reports: &mut Reports<'_>) {
        let Ok(parameters) = Parameters::try_from(data) else {
            self.parameters.untold();
            reports.answer("parameters", "", data);
            return reports.once("settings_refused", 0, || {
                format!(
                    "The reader tells {} bytes of parameters and not {PARAMETERS}; power, session and antennas stay as they \
                     are.",
                    data.len()
                )
            });
        };
        self.parameters.told(parameters);
        let part = |place: usize| parameters.get(place).copied().unwrap_or_default();
        reports.answer("parameters", "", &parameters);
        reports.answer(
            "power",
            dbm(i32::from(part(place::POWER)) * 100),
            &[part(place::POWER)],
        );
        reports.answer("region", "", parameters.get(place::CHANNELS).unwrap_or(&[]));
    }

    /// The reader refused this step, or would not answer it: it keeps what it has.
    fn refused(&mut self, step: Step, code: Option<u8>, reports: &mut Reports<'_>) {
        let reason = code.map_or("it does not answer to it", decode::reason);
        match step {
            Step::Stop => self.stream = Stream::Still,
            Step::Info => self.is_known = true,
            Step::GetParameters => self.parameters.untold(),
            Step::SetParameters(parameters) => {
                self.parameters.refused(parameters);
                reports.once("settings_refused", 1, || {
                    format!("The reader refused power, session, antennas or buzzer: {reason}.")
                });
            }
            Step::Start => {
                reports.once("refused", u32::from(code.unwrap_or_default()), || {
                    format!("The reader refused to look for tags: {reason}.")
                });
                reports.rest(REFUSED_MS);
            }
        }
    }

    /// A tag, the end of the reader's rounds, or the answer to a start.
    fn round_frame(&mut self, frame: &Frame<'_>, open: Option<Step>, reports: &mut Reports<'_>) -> Meaning {
        let is_start = open == Some(Step::Start);
        match (frame.status, frame.data) {
            (status::OK, []) if is_start => self.stream = Stream::Looking,
            (status::OK, []) => reports.answer(wire::name_cf(frame.cmd), "done", &[]),
            (status::OK, data) => {
                let Some(tag) = decode::cf_tag(data) else {
                    return Meaning::Malformed;
                };
                reports.tag(tag);
                self.stream = Stream::Looking;
            }
            (status::CF_ENDED, _) => {
                self.stream = Stream::Still;
                // The end of a round that was begun before is no answer to a start.
                return Meaning::Other;
            }
            (code, _) if is_start => self.refused(Step::Start, Some(code), reports),
            (code, data) => reports.answer(wire::name_cf(frame.cmd), decode::reason(code), data),
        }
        if is_start {
            Meaning::Answered
        } else {
            Meaning::Other
        }
    }
}

impl Protocol for Cf {
    type Step = Step;

    #[inline]
    fn parse(&self, bytes: &[u8]) -> Parsed {
        wire::parse_cf(bytes)
    }

    fn kind(&self, frame: &[u8]) -> (u32, Cow<'static, str>) {
        let cmd = Frame::of_cf(frame).map_or(0, |frame| frame.cmd);
        (u32::from(cmd), wire::name_cf(cmd).into())
    }

    fn take(&mut self, frame: &[u8], open: Option<Step>, _goal: &Goal, reports: &mut Reports<'_>) -> Meaning {
        let Some(frame) = Frame::of_cf(frame) else {
            return Meaning::Malformed;
        };
        if frame.cmd == cf_cmd::START {
            return self.round_frame(&frame, open, reports);
        }
        match open.filter(|step| step.cmd() == frame.cmd) {
            Some(step) => {
                self.answered(step, &frame, reports);
                Meaning::Answered
            }
            None => {
                let text = match frame.status {
                    status::OK => "done",
                    status => decode::reason(status),
                };
                reports.answer(wire::name_cf(frame.cmd), text, frame.data);
                Meaning::Other
            }
        }
    }

    fn next(&self, goal: &Goal) -> Option<Step> {
        let question = || {
            (!self.is_known)
                .then_some(Step::Info)
                .or_else(|| (!self.parameters.is_asked()).then_some(Step::GetParameters))
                .or_else(|| self.change(goal))
        };
        match self.stream {
            Stream::Unknown => Some(Step::Stop),
            Stream::Looking => (!goal.looking || question().is_some()).then_some(Step::Stop),
            Stream::Still => question().or(goal.looking.then_some(Step::Start)),
        }
    }

    fn encode(&self, step: Step, _goal: &Goal) -> Vec<u8> {
        let data = match &step {
            Step::SetParameters(parameters) => &parameters[..],
            _ => &[],
        };
        wire::command_cf(self.address, step.cmd(), data)
    }

    fn patience(&self, _step: Step) -> Patience {
        Patience {
            answer_ms: ANSWER_MS_MAX,
            attempts: ATTEMPTS_MAX,
        }
    }

    fn unanswered(&mut self, step: Step, reports: &mut Reports<'_>) -> Unanswered {
        match step {
            Step::Info | Step::Start => Unanswered::Mute,
            _ => {
                self.refused(step, None, reports);
                Unanswered::GoOn
            }
        }
    }

    fn overtaken(&mut self, step: Step) {
        if matches!(step, Step::SetParameters(_)) {
            self.parameters.unsure();
        }
    }

    fn stop(&self, open: Option<Step>) -> Option<Step> {
        (self.stream == Stream::Looking || open == Some(Step::Start)).then_some(Step::Stop)
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
        self.parameters.forget();
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
