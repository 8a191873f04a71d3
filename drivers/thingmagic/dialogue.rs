//! The conversation with a module: find its rate, stop what it may be at, start its application, set it, search.
//!
//! Nothing is stored in the module. A module that was left searching answers every command with tags, so it is stopped first;
//! after a stop what is still on the way is drained until the stop is answered.

use std::borrow::Cow;

use super::decode::{self, status};
use super::wire::{self, Frame, Streamed, op};
use crate::contract::Parsed;
use crate::uhf::backscatter::word;
use crate::uhf::reports::dbm;
use crate::uhf::settings::numbers;
use crate::uhf::{Can, Goal, Knob, Meaning, Patience, Protocol, Reports, Stream, Unanswered};

/// How long an answer may take, from a module that was heard.
const ANSWER_MS_MAX: u64 = 1_000;
/// The same while its rate is looked for.
const PROBE_MS_MAX: u64 = 100;
/// How often a command is sent in all.
const ATTEMPTS_MAX: u32 = 2;
/// How long the application needs to start.
const BOOT_MS: u64 = 1_000;
/// How long a module that searches may say nothing: it says every second that it is there.
const SILENCE_MS: u64 = 3_000;
/// The pause after a search was refused or broke off.
const REFUSED_MS: u64 = 1_000;
/// The rates that modules have, the usual one first.
const RATES: [u32; 8] = [115_200, 9_600, 921_600, 230_400, 460_800, 57_600, 38_400, 19_200];
/// The tag protocol Gen2.
const GEN2: u8 = 5;
/// The parameter of Gen2 that is the session. From memory.
const SESSION: u8 = 0;
/// Answers of the operation 0C.
const BOOT_LOADER: u8 = 1;
const APPLICATION: u8 = 2;

/// What is asked of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the operation of its name")]
pub enum Step {
    Stop,
    Version,
    Program,
    Boot,
    GetRegion,
    SetRegion(u8),
    SetGen2,
    FilterOff,
    /// With the lowest and the highest there are.
    GetLimits,
    GetPower,
    SetPower(u16),
    GetSession,
    SetSession(u8),
    /// The antennas, bit 0 for the first.
    SetAntennas(u8),
    Start,
}

const fn operation(step: Step) -> u8 {
    match step {
        Step::Stop | Step::Start => op::SEARCH,
        Step::Version => op::VERSION,
        Step::Program => op::PROGRAM,
        Step::Boot => op::BOOT,
        Step::GetRegion => op::GET_REGION,
        Step::SetRegion(_) => op::SET_REGION,
        Step::SetGen2 => op::SET_PROTOCOL,
        Step::FilterOff => op::SET_OPTION,
        Step::GetLimits | Step::GetPower => op::GET_POWER,
        Step::SetPower(_) => op::SET_POWER,
        Step::GetSession => op::GET_PROTOCOL_PARAMETER,
        Step::SetSession(_) => op::SET_PROTOCOL_PARAMETER,
        Step::SetAntennas(_) => op::SET_ANTENNAS,
    }
}

/// What is known of one module.
#[derive(Debug)]
pub struct ThingMagic {
    wanted_region: Option<u8>,
    tries_rates: bool,
    /// The place in [`RATES`] of the rate that is tried next.
    rate: usize,
    /// It was heard at this rate.
    is_heard: bool,
    stream: Stream,
    has_version: bool,
    program: Option<u8>,
    was_booted: bool,
    is_gen2: bool,
    filter_is_off: bool,
    region: Knob<u8>,
    power: Knob<u16>,
    has_no_limits: bool,
    /// The lowest and the highest power.
    limits: Option<(u16, u16)>,
    session: Knob<u8>,
    antennas: Knob<u8>,
    /// Tags came since the module said last that it is there.
    saw_tags: bool,
}

impl ThingMagic {
    /// A module of which nothing is known yet.
    pub fn new(region: Option<u8>, tries_rates: bool) -> Self {
        Self {
            wanted_region: region,
            tries_rates,
            rate: 0,
            is_heard: false,
            stream: Stream::Unknown,
            has_version: false,
            program: None,
            was_booted: false,
            is_gen2: false,
            filter_is_off: false,
            region: Knob::default(),
            power: Knob::default(),
            has_no_limits: false,
            limits: None,
            session: Knob::default(),
            antennas: Knob::default(),
            saw_tags: false,
        }
    }

    fn question(&self) -> Option<Step> {
        if !self.has_version {
            return Some(Step::Version);
        }
        match self.program {
            None => return Some(Step::Program),
            Some(BOOT_LOADER) => return Some(Step::Boot),
            Some(_) => {}
        }
        let power = if self.has_no_limits {
            Step::GetPower
        } else {
            Step::GetLimits
        };
        [
            (self.region.is_asked(), Step::GetRegion),
            (self.is_gen2, Step::SetGen2),
            (self.filter_is_off, Step::FilterOff),
            (self.power.is_asked(), power),
            (self.session.is_asked(), Step::GetSession),
        ]
        .into_iter()
        .find_map(|(is_done, step)| (!is_done).then_some(step))
    }

    fn change(&self, goal: &Goal) -> Option<Step> {
        // The search goes over the antennas that were set, so that some must be.
        let antennas = match (goal.settings.antennas & self.can().antennas) as u8 {
            0 => 1,
            antennas => antennas,
        };
        let needs_antennas = goal.looking || goal.settings.antennas != 0;
        let antennas = self.antennas.lacks(Some(antennas)).filter(|_| needs_antennas);
        self.region
            .lacks(self.wanted_region)
            .map(Step::SetRegion)
            .or_else(|| self.power.lacks(self.wanted_power(goal)).map(Step::SetPower))
            .or_else(|| self.session.lacks(goal.settings.session).map(Step::SetSession))
            .or_else(|| antennas.map(Step::SetAntennas))
    }

    /// The power that is wanted, within what the module has.
    fn wanted_power(&self, goal: &Goal) -> Option<u16> {
        let wanted = goal.settings.power_centi_dbm?;
        Some(match self.limits {
            Some((lowest, highest)) => wanted.min(highest).max(lowest),
            None => wanted,
        })
    }

    fn answered(&mut self, step: Step, frame: &Frame<'_>, reports: &mut Reports<'_>) {
        if frame.status != status::OK && step != Step::Stop {
            return self.refused(step, Some(frame.status), reports);
        }
        match (step, frame.data) {
            (Step::Stop, _) => self.stream = Stream::Still,
            (Step::Version, data) => self.version(data, reports),
            (Step::Program, data) => self.program_is(data.first().copied(), reports),
            (Step::Boot, _) => {
                self.program = None;
                self.was_booted = true;
                reports.rest(BOOT_MS);
            }
            (Step::GetRegion, [.., number]) => {
                self.region.told(*number);
                reports.answer("region", decode::region_text(*number), frame.data);
                if *number == 0 && self.wanted_region.is_none() {
                    reports.once("region_unset", 0, || {
                        "The reader has no region and cannot transmit. Write `region` into the settings."
                            .to_owned()
                    });
                }
            }
            (Step::GetRegion, _) => self.region.untold(),
            (Step::GetLimits | Step::GetPower, data) => self.power_came(data, reports),
            (Step::GetSession, [.., session]) => {
                self.session.told(*session);
                reports.answer("session", session.to_string(), frame.data);
            }
            (Step::GetSession, _) => self.session.untold(),
            (Step::SetRegion(number), _) => self.region.took(number),
            (Step::SetGen2, _) => self.is_gen2 = true,
            (Step::FilterOff, _) => self.filter_is_off = true,
            (Step::SetPower(power), _) => self.power.took(power),
            (Step::SetSession(session), _) => self.session.took(session),
            (Step::SetAntennas(antennas), _) => self.antennas.took(antennas),
            (Step::Start, _) => self.stream = Stream::Looking,
        }
    }

    /// Boot loader, hardware, date of the firmware, firmware, protocols: four bytes each.
    fn version(&mut self, data: &[u8], reports: &mut Reports<'_>) {
        self.has_version = true;
        let part = |from: usize| data.get(from..from + 4).unwrap_or(&[]);
        reports.answer("hardware", decode::model_text(part(4)), part(4));
        reports.answer("firmware", decode::dotted(part(12)), part(12));
    }

    fn program_is(&mut self, program: Option<u8>, reports: &mut Reports<'_>) {
        let program = program.map_or(APPLICATION, |program| program & 3);
        self.program = Some(program);
        if program == BOOT_LOADER && self.was_booted {
            reports.once("boot_loader", 0, || {
                "The reader stays in its boot loader: its firmware is missing or broken.".to_owned()
            });
            reports.rest(BOOT_MS);
        }
    }

    /// The power, behind an option byte perhaps, and behind it perhaps the highest and the lowest there are.
    fn power_came(&mut self, data: &[u8], reports: &mut Reports<'_>) {
        let numbers = match data.len() % 2 {
            0 => data,
            _ => data.get(1..).unwrap_or(&[]),
        };
        let Some((power, rest)) = word(numbers) else {
            return self.power.untold();
        };
        self.power.told(power);
        self.limits = word(rest).and_then(|(highest, rest)| {
            let (lowest, _) = word(rest)?;
            // Signed: the lowest may be below 0 dBm.
            Some((if lowest > 0x7FFF { 0 } else { lowest }, highest))
        });
        let text = match self.limits {
            Some((_, highest)) => format!("{}, at most {}", dbm(i32::from(power)), dbm(i32::from(highest))),
            None => dbm(i32::from(power)),
        };
        reports.answer("power", text, data);
    }

    /// The module refused this step, or would not answer it: it keeps what it has.
    fn refused(&mut self, step: Step, code: Option<u16>, reports: &mut Reports<'_>) {
        let what: Cow<'static, str> = match step {
            Step::Stop => return self.stream = Stream::Still,
            Step::Version => return self.has_version = true,
            Step::Program => return self.program = Some(APPLICATION),
            Step::GetRegion => return self.region.untold(),
            // Some firmware wants no option byte here.
            Step::GetLimits => return self.has_no_limits = true,
            Step::GetPower => return self.power.untold(),
            Step::GetSession => return self.session.untold(),
            // Where there is no filter none is on.
            Step::FilterOff => return self.filter_is_off = true,
            Step::Boot => {
                self.program = None;
                self.was_booted = true;
                reports.rest(BOOT_MS);
                "to start its application".into()
            }
            Step::SetRegion(number) => {
                self.region.refused(number);
                format!("the region `{}`", decode::region_text(number)).into()
            }
            Step::SetGen2 => {
                self.is_gen2 = true;
                "the tag protocol Gen2".into()
            }
            Step::SetPower(power) => {
                self.power.refused(power);
                format!("the power {}", dbm(i32::from(power))).into()
            }
            Step::SetSession(session) => {
                self.session.refused(session);
                format!("the session {session}").into()
            }
            Step::SetAntennas(antennas) => {
                self.antennas.refused(antennas);
                "the antennas".into()
            }
            Step::Start => {
                reports.rest(REFUSED_MS);
                "to look for tags".into()
            }
        };
        let reason = code.map_or("it does not answer to it", decode::reason);
        let kind = match step {
            Step::Start => "refused",
            _ => "settings_refused",
        };
        let about = u32::from(operation(step)) << 16 | u32::from(code.unwrap_or_default());
        reports.once(kind, about, || format!("The reader refused {what}: {reason}."));
    }

    /// A frame of the search.
    fn search_frame(&mut self, frame: &Frame<'_>, reports: &mut Reports<'_>) -> Meaning {
        match (frame.status, frame.streamed()) {
            (status::OK, Some(Streamed::Tag(metadata, rest))) => match wire::tag(metadata, rest) {
                None => return Meaning::Malformed,
                Some((_, false)) => return Meaning::Damaged,
                Some((tag, true)) => {
                    self.saw_tags = true;
                    self.stream = Stream::Looking;
                    reports.tag(tag);
                }
            },
            (status::OK, Some(Streamed::End)) => self.stream = Stream::Still,
            (status::OK, Some(Streamed::Status(data))) => reports.answer("status", "", data),
            (status::OK, Some(Streamed::Unknown(kind))) => reports.notice(
                "unknown_message",
                format!("The reader sent a report of the unknown kind {kind:02X}; it was set aside."),
            ),
            (status::OK, None) => reports.answer(wire::name(frame.op), "done", frame.data),
            // Told every second while the module searches, tags or not.
            (status::NO_TAG, _) => {
                if !std::mem::take(&mut self.saw_tags) {
                    reports.no_tag();
                }
            }
            (code, _) => self.trouble(code, reports),
        }
        Meaning::Other
    }

    /// Something is wrong with a search. What passes by itself is told; the rest is begun anew after a pause.
    fn trouble(&mut self, code: u16, reports: &mut Reports<'_>) {
        let kind = match code {
            status::CHANNEL_OCCUPIED => "channel_occupied",
            status::TOO_HOT => "too_hot",
            status::RETURN_LOSS | status::NO_ANTENNA => "antenna_fault",
            _ => "refused",
        };
        reports.once(kind, u32::from(code), || {
            format!(
                "The reader has trouble with looking for tags: {}.",
                decode::reason(code)
            )
        });
        let passes = matches!(
            code,
            status::CHANNEL_OCCUPIED | status::TOO_HOT | status::RETURN_LOSS
        );
        if !passes && self.stream == Stream::Looking {
            self.stream = Stream::Unknown;
            reports.rest(REFUSED_MS);
        }
    }
}

impl Protocol for ThingMagic {
    type Step = Step;

    #[inline]
    fn parse(&self, bytes: &[u8]) -> Parsed {
        wire::parse(bytes)
    }

    fn kind(&self, frame: &[u8]) -> (u32, Cow<'static, str>) {
        let op = frame.get(2).copied().unwrap_or_default();
        (u32::from(op), wire::name(op).into())
    }

    fn take(&mut self, frame: &[u8], open: Option<Step>, goal: &Goal, reports: &mut Reports<'_>) -> Meaning {
        let Some(frame) = Frame::of(frame) else {
            return Meaning::Malformed;
        };
        self.is_heard = true;
        if frame.op == op::READ_MULTIPLE {
            return self.search_frame(&frame, reports);
        }
        match open.filter(|step| operation(*step) == frame.op) {
            Some(step) => {
                self.answered(step, &frame, reports);
                if matches!(step, Step::GetLimits) && self.wanted_power(goal) != goal.settings.power_centi_dbm
                {
                    reports.once("power_limited", 0, || {
                        "The reader does not have the power that is asked for; the nearest that it has is used.".to_owned()
                    });
                }
                Meaning::Answered
            }
            None => {
                let text = match frame.status {
                    status::OK => "done",
                    code => decode::reason(code),
                };
                reports.answer(wire::name(frame.op), text, frame.data);
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
        let data = match step {
            Step::Version | Step::Program | Step::Boot | Step::GetRegion | Step::GetPower => vec![],
            Step::Stop => vec![0, 0, 2],
            Step::SetRegion(number) => vec![number],
            Step::SetGen2 => vec![0, GEN2],
            // Else each tag is told once and never again.
            Step::FilterOff => vec![1, 0x0C, 0],
            Step::GetLimits => vec![1],
            Step::SetPower(power) => power.to_be_bytes().to_vec(),
            Step::GetSession => vec![GEN2, SESSION],
            Step::SetSession(session) => vec![GEN2, SESSION, session & 3],
            Step::SetAntennas(antennas) => {
                // To send and to receive, one pair; or a list of pairs.
                let pairs = numbers(u32::from(antennas)).flat_map(|number| [number, number]);
                match antennas.count_ones() {
                    1 => pairs.collect(),
                    _ => std::iter::once(2).chain(pairs).collect(),
                }
            }
            Step::Start => vec![
                0, 0, 1, 0x22, 0, 0, GEN2, 7, 0x22, 0x10, 0x00, 0x1B, 0x03, 0xE8, 0x01, 0xFF,
            ],
        };
        wire::command(operation(step), &data)
    }

    fn patience(&self, _step: Step) -> Patience {
        Patience {
            answer_ms: if self.is_heard {
                ANSWER_MS_MAX
            } else {
                PROBE_MS_MAX
            },
            attempts: ATTEMPTS_MAX,
        }
    }

    fn unanswered(&mut self, step: Step, reports: &mut Reports<'_>) -> Unanswered {
        match step {
            // An idle module may not answer to it.
            Step::Stop => {
                self.stream = Stream::Still;
                Unanswered::GoOn
            }
            Step::Version | Step::Start => {
                let rate = RATES
                    .get(self.rate)
                    .filter(|_| self.tries_rates && !self.is_heard);
                match rate {
                    Some(rate) => {
                        self.rate += 1;
                        Unanswered::Rate(*rate)
                    }
                    None => {
                        self.rate = 0;
                        Unanswered::Mute
                    }
                }
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
            Step::SetSession(_) => self.session.unsure(),
            Step::SetAntennas(_) => self.antennas.unsure(),
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
        self.is_heard = false;
        self.stream = Stream::Unknown;
        self.has_version = false;
        self.program = None;
        self.was_booted = false;
        self.is_gen2 = false;
        self.filter_is_off = false;
        self.has_no_limits = false;
        self.saw_tags = false;
        self.region.forget();
        self.power.forget();
        self.session.forget();
        self.antennas.forget();
    }

    fn can(&self) -> Can {
        Can {
            power: true,
            session: true,
            antennas: 0b1111,
            filter: false,
        }
    }
}
