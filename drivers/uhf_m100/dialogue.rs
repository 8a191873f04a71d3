//! The conversation with a module: stop what it may be at, ask who it is and what is set, set what differs, poll.
//!
//! Nothing is stored in the module (commands 09 and 0A): after power-up it has its own settings. Many rounds are asked for at
//! once and asked for again when the module falls silent, because no frame tells their end.

use std::borrow::Cow;

use super::decode::{self, error};
use super::wire::{self, Frame, Mark, cmd, kind};
use crate::contract::{EpcFilter, Parsed};
use crate::uhf::backscatter::word;
use crate::uhf::reports::dbm;
use crate::uhf::{Can, Goal, Knob, Meaning, Patience, Protocol, Reports, Stream, Unanswered};

/// How long an answer may take. The module answers in a few milliseconds; behind tags in its buffer in some more.
const ANSWER_MS_MAX: u64 = 300;
/// How often a command is sent in all.
const ATTEMPTS_MAX: u32 = 3;
/// How long a module that polls may say nothing: an empty round is told too, and takes less than 100 ms.
const SILENCE_MS: u64 = 500;
/// The pause after polling was refused, so that a module that cannot transmit is not asked a thousand times a second.
const REFUSED_MS: u64 = 1_000;
/// How many rounds are asked for: the most there are. What 0 means is not documented.
const ROUNDS: [u8; 2] = [0xFF, 0xFF];
/// The reserved byte before the number of rounds.
const RESERVED: u8 = 0x22;
/// Kinds of information: hardware, software, manufacturer.
const INFOS: u8 = 3;
/// How tags are queried where the module does not say: DR 8, M 1, with pilot tone, session 0, target A, Q 4 (manual,
/// command 0E).
const QUERY: u16 = 0x1020;
/// In a query: which tags answer by their SL flag; 3 those that were selected.
const QUERY_SELECTED: u16 = 0x0C00;
/// In a query: the session's place.
const QUERY_SESSION: u32 = 8;
/// Select: the SL flag of tags that match is set and of the others taken away (target 4, action 0), in the EPC bank.
const SELECT_SL_IN_EPC: u8 = 0x81;
/// Where the EPC begins in its bank, in bits.
const EPC_BIT: u32 = 0x20;

/// What is asked of the module.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "each is the command of its name")]
pub enum Step {
    Stop,
    Info(u8),
    GetRegion,
    SetRegion(u8),
    GetPower,
    SetPower(u16),
    GetQuery,
    SetSelect(EpcFilter),
    SelectMode(bool),
    SetQuery(u16),
    Start,
}

impl Step {
    const fn cmd(self) -> u8 {
        match self {
            Self::Stop => cmd::STOP,
            Self::Info(_) => cmd::INFO,
            Self::GetRegion => cmd::GET_REGION,
            Self::SetRegion(_) => cmd::SET_REGION,
            Self::GetPower => cmd::GET_POWER,
            Self::SetPower(_) => cmd::SET_POWER,
            Self::GetQuery => cmd::GET_QUERY,
            Self::SetSelect(_) => cmd::SET_SELECT,
            Self::SelectMode(_) => cmd::SELECT_MODE,
            Self::SetQuery(_) => cmd::SET_QUERY,
            Self::Start => cmd::POLL_MANY,
        }
    }

    /// What it is about, for people.
    fn what(self) -> Cow<'static, str> {
        match self {
            Self::SetRegion(number) => {
                format!("the region `{}`", decode::region_word(number).unwrap_or("?")).into()
            }
            Self::SetPower(power) => format!("the power {}", dbm(i32::from(power))).into(),
            Self::SetSelect(_) | Self::SelectMode(_) => "the filter".into(),
            Self::SetQuery(_) => "the session".into(),
            Self::Start => "to look for tags".into(),
            Self::Stop => "to stop".into(),
            Self::Info(_) | Self::GetRegion | Self::GetPower | Self::GetQuery => "to say what is set".into(),
        }
    }
}

/// What is known of one module.
#[derive(Debug)]
pub struct M100 {
    mark: Mark,
    /// The mark it speaks with, once it did.
    heard_mark: Option<Mark>,
    /// The region it is to have.
    wanted_region: Option<u8>,
    stream: Stream,
    infos: u8,
    region: Knob<u8>,
    power: Knob<u16>,
    query: Knob<u16>,
    select: Knob<EpcFilter>,
    select_mode: Knob<bool>,
}

impl M100 {
    /// A module of which nothing is known yet.
    pub fn new(mark: Mark, region: Option<u8>) -> Self {
        Self {
            mark,
            heard_mark: None,
            wanted_region: region,
            stream: Stream::Unknown,
            infos: 0,
            region: Knob::default(),
            power: Knob::default(),
            query: Knob::default(),
            select: Knob::default(),
            select_mode: Knob::default(),
        }
    }

    /// What must be asked before anything is set.
    fn question(&self) -> Option<Step> {
        if self.infos < INFOS {
            return Some(Step::Info(self.infos));
        }
        [
            (self.region.is_asked(), Step::GetRegion),
            (self.power.is_asked(), Step::GetPower),
            (self.query.is_asked(), Step::GetQuery),
        ]
        .into_iter()
        .find_map(|(is_asked, step)| (!is_asked).then_some(step))
    }

    /// What must be set before it looks for tags.
    fn change(&self, goal: &Goal) -> Option<Step> {
        let filter = goal.settings.filter;
        let is_selected = filter.is_some_and(|filter| self.select.has() == Some(filter));
        // The module that never had a filter is left alone.
        let mode = match self.select_mode.has() {
            _ if is_selected => Some(true),
            Some(true) if filter.is_none() => Some(false),
            _ => None,
        };
        self.region
            .lacks(self.wanted_region)
            .map(Step::SetRegion)
            .or_else(|| {
                self.power
                    .lacks(goal.settings.power_centi_dbm)
                    .map(Step::SetPower)
            })
            .or_else(|| filter.and_then(|filter| self.select.lacks(Some(filter)).map(Step::SetSelect)))
            .or_else(|| self.select_mode.lacks(mode).map(Step::SelectMode))
            .or_else(|| self.query.lacks(self.wanted_query(goal)).map(Step::SetQuery))
    }

    /// How tags are to be queried; `None` as the module does by itself.
    fn wanted_query(&self, goal: &Goal) -> Option<u16> {
        let filter = goal.settings.filter;
        let is_filtered = filter.is_some_and(|filter| self.select.has() == Some(filter))
            && self.select_mode.has() == Some(true);
        let own = self.query.own().unwrap_or(QUERY);
        match (goal.settings.session, is_filtered) {
            (None, false) => None,
            (session, is_filtered) => {
                let selected = if is_filtered { QUERY_SELECTED } else { 0 };
                let session = session.map_or(own >> QUERY_SESSION & 3, |session| u16::from(session & 3));
                let others = own & !(QUERY_SELECTED | 3 << QUERY_SESSION);
                Some(others | selected | session << QUERY_SESSION)
            }
        }
    }

    /// The module answered this step: what it has now.
    fn answered(&mut self, step: Step, frame: &Frame<'_>, reports: &mut Reports<'_>) {
        let number = word(frame.parameters).map(|(number, _)| number);
        match (step, frame.parameters) {
            (Step::Stop, _) => self.stream = Stream::Still,
            (Step::Info(info), _) => self.infos = info + 1,
            (Step::GetRegion, [number]) => self.region.told(*number),
            (Step::GetRegion, _) => self.region.untold(),
            (Step::GetPower, _) => match number {
                Some(power) => self.power.told(power),
                None => self.power.untold(),
            },
            (Step::GetQuery, _) => match number {
                Some(query) => self.query.told(query),
                None => self.query.untold(),
            },
            (_, [0]) => self.took(step),
            (_, _) => self.refused(step, None, reports),
        }
        if matches!(
            step,
            Step::Info(_) | Step::GetRegion | Step::GetPower | Step::GetQuery
        ) {
            let (name, text) = decode::answer(frame);
            reports.answer(name, text, frame.parameters);
        }
    }

    fn took(&mut self, step: Step) {
        match step {
            Step::SetRegion(number) => self.region.took(number),
            Step::SetPower(power) => self.power.took(power),
            Step::SetSelect(filter) => self.select.took(filter),
            Step::SelectMode(on) => self.select_mode.took(on),
            Step::SetQuery(query) => self.query.took(query),
            _ => {}
        }
    }

    /// The module refused this step, or would not answer it: it keeps what it has.
    fn refused(&mut self, step: Step, code: Option<u8>, reports: &mut Reports<'_>) {
        match step {
            Step::Stop => self.stream = Stream::Still,
            Step::Info(info) => self.infos = info + 1,
            Step::GetRegion => self.region.untold(),
            Step::GetPower => self.power.untold(),
            Step::GetQuery => self.query.untold(),
            Step::SetRegion(number) => self.region.refused(number),
            Step::SetPower(power) => self.power.refused(power),
            Step::SetSelect(filter) => self.select.refused(filter),
            Step::SelectMode(on) => self.select_mode.refused(on),
            Step::SetQuery(query) => self.query.refused(query),
            Step::Start => reports.rest(REFUSED_MS),
        }
        let is_told = !matches!(step, Step::Stop | Step::Info(_));
        let reason = code.map_or("it does not answer to it", decode::reason);
        if is_told {
            let code = match step {
                Step::Start => "refused",
                _ => "settings_refused",
            };
            reports.once(code, about(step), || {
                format!("The reader refused {}: {reason}.", step.what())
            });
        }
    }

    fn error(&mut self, code: u8, open: Option<Step>, reports: &mut Reports<'_>) -> Meaning {
        if code == error::NO_TAG {
            reports.no_tag();
            return self.streams(open);
        }
        if code == error::HOPPING && open.is_none_or(|step| step == Step::Start) {
            reports.once("channel_occupied", 0, || {
                "The reader found no free channel to transmit on; it tries again.".to_owned()
            });
            return self.streams(open);
        }
        match open {
            Some(step) => {
                self.refused(step, Some(code), reports);
                Meaning::Answered
            }
            None => {
                reports.notice(
                    "refused",
                    format!(
                        "The reader reports the error {code:02X}: {}.",
                        decode::reason(code)
                    ),
                );
                Meaning::Other
            }
        }
    }

    /// A frame of a round came: it looks for tags, whatever it was told.
    fn streams(&mut self, open: Option<Step>) -> Meaning {
        self.stream = Stream::Looking;
        match open {
            Some(Step::Start) => Meaning::Answered,
            _ => Meaning::Other,
        }
    }
}

/// A number that tells refusals of different things apart.
fn about(step: Step) -> u32 {
    let value = match step {
        Step::SetPower(value) | Step::SetQuery(value) => u32::from(value),
        Step::SetRegion(value) => u32::from(value),
        _ => 0,
    };
    u32::from(step.cmd()) << 16 | value
}

impl Protocol for M100 {
    type Step = Step;

    #[inline]
    fn parse(&self, bytes: &[u8]) -> Parsed {
        wire::parse(self.mark, bytes)
    }

    fn kind(&self, frame: &[u8]) -> (u32, Cow<'static, str>) {
        let cmd = frame.get(2).copied().unwrap_or_default();
        (u32::from(cmd), wire::name(cmd).into())
    }

    fn take(&mut self, frame: &[u8], open: Option<Step>, _goal: &Goal, reports: &mut Reports<'_>) -> Meaning {
        let Some(frame) = Frame::of(frame) else {
            return Meaning::Malformed;
        };
        self.heard_mark = Some(if frame.mark == 0xAA { Mark::Aa } else { Mark::Bb });
        match (frame.kind, frame.cmd) {
            (kind::NOTICE, cmd::POLL) => {
                let Some(tag) = decode::tag(&frame) else {
                    return Meaning::Malformed;
                };
                reports.tag(tag);
                self.streams(open)
            }
            (kind::ANSWER, cmd::ERROR) => {
                let code = frame.parameters.first().copied().unwrap_or_default();
                self.error(code, open, reports)
            }
            (kind::ANSWER, cmd) => match open.filter(|step| step.cmd() == cmd) {
                Some(step) => {
                    self.answered(step, &frame, reports);
                    Meaning::Answered
                }
                None => {
                    let (name, text) = decode::answer(&frame);
                    reports.answer(name, text, frame.parameters);
                    Meaning::Other
                }
            },
            (kind::COMMAND, _) => Meaning::Other,
            (_, cmd) => {
                reports.notice(
                    "unknown_message",
                    format!("The reader sent a notice of the unknown kind {cmd:02X}; it was set aside."),
                );
                Meaning::Other
            }
        }
    }

    fn next(&self, goal: &Goal) -> Option<Step> {
        match self.stream {
            Stream::Unknown => Some(Step::Stop),
            Stream::Looking => {
                let is_as_wanted = goal.looking && self.question().is_none() && self.change(goal).is_none();
                (!is_as_wanted).then_some(Step::Stop)
            }
            Stream::Still => self
                .question()
                .or_else(|| self.change(goal))
                .or(goal.looking.then_some(Step::Start)),
        }
    }

    fn encode(&self, step: Step, _goal: &Goal) -> Vec<u8> {
        let parameters = match step {
            Step::Stop | Step::GetRegion | Step::GetPower | Step::GetQuery => vec![],
            Step::Info(number) | Step::SetRegion(number) => vec![number],
            Step::SetPower(number) | Step::SetQuery(number) => number.to_be_bytes().to_vec(),
            Step::SetSelect(filter) => {
                let pointer = EPC_BIT.to_be_bytes();
                let head = [&[SELECT_SL_IN_EPC], &pointer[..], &[filter.bits(), 0]].concat();
                [&head, filter.mask()].concat()
            }
            // 0 sends the select before every operation, 1 never.
            Step::SelectMode(on) => vec![u8::from(!on)],
            Step::Start => [&[RESERVED], &ROUNDS[..]].concat(),
        };
        let mark = match self.mark {
            Mark::Auto => self.heard_mark.unwrap_or(Mark::Auto),
            mark => mark,
        };
        wire::command(mark, step.cmd(), &parameters)
    }

    fn patience(&self, _step: Step) -> Patience {
        Patience {
            answer_ms: ANSWER_MS_MAX,
            attempts: ATTEMPTS_MAX,
        }
    }

    fn unanswered(&mut self, step: Step, reports: &mut Reports<'_>) -> Unanswered {
        match step {
            // A module that polls in the middle of a burst may miss the stop, one that is asleep the first command.
            Step::Stop => {
                self.stream = Stream::Still;
                Unanswered::GoOn
            }
            Step::Info(0) | Step::Start => {
                // Where nobody answers the usual mark, the other one is tried in turn.
                if self.mark == Mark::Auto && step == Step::Info(0) {
                    self.heard_mark = match self.heard_mark {
                        Some(Mark::Aa) => Some(Mark::Bb),
                        _ => Some(Mark::Aa),
                    };
                }
                Unanswered::Mute
            }
            _ => {
                self.refused(step, None, reports);
                Unanswered::GoOn
            }
        }
    }

    fn overtaken(&mut self, step: Step) {
        match step {
            Step::SetRegion(_) => self.region.unsure(),
            Step::SetPower(_) => self.power.unsure(),
            Step::SetSelect(_) => self.select.unsure(),
            Step::SelectMode(_) => self.select_mode.unsure(),
            Step::SetQuery(_) => self.query.unsure(),
            _ => {}
        }
    }

    fn stop(&self, open: Option<Step>) -> Option<Step> {
        (self.stream == Stream::Looking || open == Some(Step::Start)).then_some(Step::Stop)
    }

    fn stream(&self) -> Stream {
        self.stream
    }

    fn silence_ms(&self) -> Option<u64> {
        Some(SILENCE_MS)
    }

    fn forget(&mut self) {
        self.stream = Stream::Unknown;
        self.infos = 0;
        self.region.forget();
        self.power.forget();
        self.query.forget();
        self.select.forget();
        self.select_mode.forget();
    }

    fn can(&self) -> Can {
        Can {
            power: true,
            session: true,
            antennas: 1,
            filter: true,
        }
    }
}
