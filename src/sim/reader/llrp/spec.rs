//! ROSpecs and AccessSpecs as a reader keeps them: read once when they are added, and what becomes of one while it runs.
//!
//! Sources: LLRP 1.0.1, sections 10.2 (ROSpec), 11.2 (AccessSpec) and 13.2 (reports).

use tallyman_codes::{EpcBytes, Moment};
use tallyman_drivers::llrp::numbers::parameter as p;
use tallyman_drivers::llrp::tree::{Parameter, Value};

use super::plan::IMPINJ;

/// Impinj's selector of what is reported, and those of its parts that are known here (Impinj Octane LLRP).
const IMPINJ_CONTENT_SELECTOR: u32 = 50;
const IMPINJ_PHASE: u32 = 52;
const IMPINJ_PEAK_RSSI: u32 = 53;
/// Where the EPC begins in its bank, and the number of that bank (EPC UHF Gen2 Air Interface, section 6.3.2.1.2).
const EPC_BANK: i64 = 1;
const EPC_FIRST_BIT: i64 = 0x20;

/// What starts a ROSpec, beside a client that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Nothing.
    Null,
    /// That it is enabled.
    Immediate,
    /// Time: so long after it was enabled, and so often after that (0: once), in milliseconds.
    Periodic { offset_ms: u64, period_ms: u64 },
    /// An input that goes to this level.
    Input { port: u16, high: bool },
}

/// What ends a ROSpec or an AISpec, beside a client that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Null,
    /// So many milliseconds.
    Duration(u64),
    /// An input that goes to this level, or so many milliseconds (0: never).
    Input {
        port: u16,
        high: bool,
        timeout_ms: u64,
    },
}

impl Stop {
    /// Milliseconds after which it is over.
    pub(super) const fn after_ms(self) -> Option<u64> {
        match self {
            Self::Duration(ms) if ms > 0 => Some(ms),
            Self::Input { timeout_ms, .. } if timeout_ms > 0 => Some(timeout_ms),
            _ => None,
        }
    }

    pub(super) fn is_input(self, wanted: (u16, bool)) -> bool {
        matches!(self, Self::Input { port, high, .. } if (port, high) == wanted)
    }
}

/// One AISpec: over which antennas, how strongly, and which tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AiSpec {
    /// The antennas by number; never none.
    pub(super) antennas: Vec<u8>,
    pub(super) stop: Stop,
    /// The step of the table of powers; `None` is the reader's own.
    pub(super) power: Option<u16>,
    /// The EPC begins with so many bits of this.
    pub(super) filter: Option<(Vec<u8>, usize)>,
}

/// When tags are reported, and what of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wish {
    /// ROReportTrigger: 0 only when asked; 1 and 2 after N tags; 3 and 4 after N seconds, 5 and 6 after N milliseconds; at the end of
    /// an AISpec (odd) or of the ROSpec (even) in any case. (LLRP 1.0.1, section 13.2.1; the times are of 1.1, section 14.2.1.)
    trigger: u8,
    n: u16,
    /// The ten switches of TagReportContentSelector, the first one highest.
    content: u16,
    pub(super) crc: bool,
    pub(super) pc: bool,
    pub(super) phase: bool,
    pub(super) fine_rssi: bool,
}

/// The switches of TagReportContentSelector, by their place in it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    RoSpecId = 0,
    SpecIndex = 1,
    InventoryParameterSpecId = 2,
    AntennaId = 3,
    ChannelIndex = 4,
    PeakRssi = 5,
    FirstSeen = 6,
    LastSeen = 7,
    TagSeenCount = 8,
    AccessSpecId = 9,
}

impl Wish {
    pub(super) const fn has(&self, content: Content) -> bool {
        self.content >> (9 - content as u16) & 1 == 1
    }

    /// Whether so many tags are a report.
    pub(super) const fn is_full(&self, tags: usize) -> bool {
        matches!(self.trigger, 1 | 2) && self.n > 0 && tags >= self.n as usize
    }

    /// Milliseconds after which what was seen is reported.
    pub(super) fn after_ms(&self) -> Option<u64> {
        match self.trigger {
            3 | 4 => Some(u64::from(self.n) * 1_000),
            5 | 6 => Some(u64::from(self.n)),
            _ => None,
        }
        .filter(|ms| *ms > 0)
    }

    pub(super) const fn is_at_end_of_ai_spec(&self) -> bool {
        self.trigger % 2 == 1
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.trigger > 0
    }

    fn of(spec: &Parameter) -> Option<Self> {
        let selector = spec.child(p::TAG_REPORT_CONTENT_SELECTOR)?;
        let bits = selector.fields.iter().take(10);
        let content = bits.fold(0, |bits, bit| bits << 1 | bit.number().unwrap_or(0) as u16);
        let memory = selector.child(p::C1G2_EPC_MEMORY_SELECTOR);
        let memory = |place: usize| {
            let field = memory.and_then(|memory| memory.fields.get(place));
            field.and_then(Value::number) == Some(1)
        };
        let impinj: Vec<u32> = spec.children(p::CUSTOM).flat_map(impinj_switches).collect();
        Some(Self {
            trigger: number(spec, "ROReportTrigger")?,
            n: number(spec, "N")?,
            content,
            crc: memory(0),
            pc: memory(1),
            phase: impinj.contains(&IMPINJ_PHASE),
            fine_rssi: impinj.contains(&IMPINJ_PEAK_RSSI),
        })
    }
}

/// Whether a parameter, or one within it, is a maker's own.
pub(super) fn has_custom(parameter: &Parameter) -> bool {
    parameter.kind == p::CUSTOM || parameter.parameters.iter().any(has_custom)
}

/// The subtypes that are switched on in Impinj's selector. What stands in a maker's parameter is bytes to the standard.
fn impinj_switches(custom: &Parameter) -> Vec<u32> {
    let is_selector = custom.number("VendorIdentifier") == Some(i64::from(IMPINJ))
        && custom.number("ParameterSubtype") == Some(i64::from(IMPINJ_CONTENT_SELECTOR));
    let Some(Value::Rest(mut rest)) = custom.fields.last().filter(|_| is_selector).cloned() else {
        return Vec::new();
    };
    let mut on = Vec::new();
    while let Some(length) = rest
        .get(2..4)
        .map(|length| usize::from(length[0]) << 8 | usize::from(length[1]))
    {
        if length < 14 || length > rest.len() {
            break;
        }
        let after = rest.split_off(length);
        if rest[12..14] == [0, 1] {
            on.push(u32::from_be_bytes([rest[8], rest[9], rest[10], rest[11]]));
        }
        rest = after;
    }
    on
}

/// A tag that waits to be reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) epc: EpcBytes,
    pub(super) pc: u16,
    pub(super) antenna: u8,
    pub(super) rssi_centi_dbm: i32,
    pub(super) phase_centi_deg: i32,
    pub(super) channel: u8,
    pub(super) first: Moment,
    pub(super) last: Moment,
    pub(super) count: u16,
}

/// A ROSpec while it is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) began: Moment,
    /// The AISpec, and since when.
    pub(super) ai: usize,
    pub(super) ai_began: Moment,
    /// The next antenna's place in the list.
    pub(super) turn: usize,
    /// When its next round is due.
    pub(super) round_at: Moment,
    pub(super) pending: Vec<Seen>,
    pub(super) reported_at: Moment,
}

/// Disabled, inactive or active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Disabled,
    /// Enabled; started by its trigger at this moment, where that is time.
    Inactive(Option<Moment>),
    Active(Run),
}

/// A ROSpec in a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RoSpec {
    pub(super) id: u32,
    pub(super) state: State,
    pub(super) start: Start,
    pub(super) stop: Stop,
    pub(super) ai_specs: Vec<AiSpec>,
    pub(super) wish: Wish,
    /// As it was added, for those who ask.
    given: Parameter,
}

impl RoSpec {
    /// Reads one; `antennas` is how many the reader has. `None`: something in it cannot be.
    pub(super) fn of(spec: &Parameter, antennas: u8, usual: Wish) -> Option<Self> {
        let boundary = spec.child(p::RO_BOUNDARY_SPEC)?;
        let ai_specs = spec
            .children(p::AI_SPEC)
            .map(|ai| AiSpec::of(ai, antennas))
            .collect::<Option<Vec<_>>>()?;
        let wish = match spec.child(p::RO_REPORT_SPEC) {
            Some(wish) => Wish::of(wish)?,
            None => usual,
        };
        Some(Self {
            id: number(spec, "ROSpecID").filter(|id| *id > 0)?,
            state: State::Disabled,
            start: start_of(boundary.child(p::RO_SPEC_START_TRIGGER)?)?,
            stop: stop_of(
                boundary.child(p::RO_SPEC_STOP_TRIGGER)?,
                "ROSpecStopTriggerType",
                "DurationTriggerValue",
            )?,
            ai_specs,
            wish,
            given: spec.clone(),
        })
    }

    /// As it was added, with the state that it has.
    pub(super) fn told(&self) -> Parameter {
        let mut told = self.given.clone();
        if let Some(state) = told.fields.get_mut(2) {
            *state = Value::U8(match self.state {
                State::Disabled => 0,
                State::Inactive(_) => 1,
                State::Active(_) => 2,
            });
        }
        told
    }

    pub(super) const fn run(&self) -> Option<&Run> {
        match &self.state {
            State::Active(run) => Some(run),
            State::Disabled | State::Inactive(_) => None,
        }
    }

    /// When it ends by itself.
    pub(super) fn ends_at(&self) -> Option<Moment> {
        let run = self.run()?;
        self.stop.after_ms().map(|ms| run.began.plus_ms(ms))
    }

    /// When its AISpec ends by itself.
    pub(super) fn ai_ends_at(&self) -> Option<Moment> {
        let run = self.run()?;
        let stop = self.ai_specs.get(run.ai)?.stop;
        stop.after_ms().map(|ms| run.ai_began.plus_ms(ms))
    }

    /// When what it saw is reported because of time.
    pub(super) fn reports_at(&self) -> Option<Moment> {
        let run = self.run().filter(|run| !run.pending.is_empty())?;
        self.wish.after_ms().map(|ms| run.reported_at.plus_ms(ms))
    }
}

impl AiSpec {
    fn of(spec: &Parameter, antennas: u8) -> Option<Self> {
        let Some(Value::U16s(list)) = spec.field("AntennaIDs") else {
            return None;
        };
        let numbers: Vec<u8> = if list.contains(&0) {
            (1..=antennas).collect()
        } else {
            list.iter()
                .map(|number| u8::try_from(*number).ok().filter(|number| *number <= antennas))
                .collect::<Option<_>>()?
        };
        let inventory = spec.child(p::INVENTORY_PARAMETER_SPEC)?;
        let configuration = inventory.child(p::ANTENNA_CONFIGURATION);
        let transmitter = configuration.and_then(|spec| spec.child(p::RF_TRANSMITTER));
        let command = configuration.and_then(|spec| spec.child(p::C1G2_INVENTORY_COMMAND));
        let filter = command.and_then(|command| command.child(p::C1G2_FILTER));
        Some(Self {
            antennas: Some(numbers).filter(|numbers| !numbers.is_empty())?,
            stop: stop_of(
                spec.child(p::AI_SPEC_STOP_TRIGGER)?,
                "AISpecStopTriggerType",
                "DurationTrigger",
            )?,
            power: transmitter.and_then(|transmitter| number(transmitter, "TransmitPower")),
            filter: match filter {
                Some(filter) => Some(mask_of(filter)?),
                None => None,
            },
        })
    }
}

fn mask_of(filter: &Parameter) -> Option<(Vec<u8>, usize)> {
    let mask = filter.child(p::C1G2_TAG_INVENTORY_MASK)?;
    let is_epc = mask.number("MB") == Some(EPC_BANK) && mask.number("Pointer") == Some(EPC_FIRST_BIT);
    match mask.field("TagMask").filter(|_| is_epc)? {
        Value::BitString(bits, bytes) => Some((bytes.clone(), usize::from(*bits))),
        _ => None,
    }
}

fn start_of(trigger: &Parameter) -> Option<Start> {
    Some(match trigger.number("ROSpecStartTriggerType")? {
        0 => Start::Null,
        1 => Start::Immediate,
        2 => {
            let times = trigger.child(p::PERIODIC_TRIGGER_VALUE)?;
            Start::Periodic {
                offset_ms: number(times, "Offset")?,
                period_ms: number(times, "Period")?,
            }
        }
        3 => {
            let input = trigger.child(p::GPI_TRIGGER_VALUE)?;
            Start::Input {
                port: number(input, "GPIPortNum")?,
                high: input.number("GPIEvent") == Some(1),
            }
        }
        _ => return None,
    })
}

/// Tag observation is no stop that is known here: such a ROSpec is refused.
fn stop_of(trigger: &Parameter, kind: &str, duration: &str) -> Option<Stop> {
    Some(match trigger.number(kind)? {
        0 => Stop::Null,
        1 => Stop::Duration(number(trigger, duration)?),
        2 => {
            let input = trigger.child(p::GPI_TRIGGER_VALUE)?;
            Stop::Input {
                port: number(input, "GPIPortNum")?,
                high: input.number("GPIEvent") == Some(1),
                timeout_ms: number(input, "Timeout")?,
            }
        }
        _ => return None,
    })
}

pub(super) fn number<T: TryFrom<i64>>(parameter: &Parameter, name: &str) -> Option<T> {
    parameter.number(name).and_then(|number| T::try_from(number).ok())
}

/// An AccessSpec: it is kept, enabled and deleted. What it would do to tags' memory the air does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AccessSpec {
    pub(super) id: u32,
    pub(super) is_enabled: bool,
    pub(super) given: Parameter,
}

impl AccessSpec {
    pub(super) fn of(spec: &Parameter) -> Option<Self> {
        Some(Self {
            id: number(spec, "AccessSpecID").filter(|id| *id > 0)?,
            is_enabled: false,
            given: spec.clone(),
        })
    }

    pub(super) fn told(&self) -> Parameter {
        let mut told = self.given.clone();
        if let Some(state) = told.fields.get_mut(3) {
            *state = Value::Bits(1, u16::from(self.is_enabled));
        }
        told
    }
}

/// A ROSpec as simple clients write it: every antenna, every tag, until somebody stops it.
pub(super) fn of_an_earlier_client(id: u32) -> Parameter {
    let leaf = |kind, fields| Parameter::new(kind, fields, Vec::new());
    let never = || vec![Value::U8(0), Value::U32(0)];
    let boundary = vec![
        leaf(p::RO_SPEC_START_TRIGGER, vec![Value::U8(0)]),
        leaf(p::RO_SPEC_STOP_TRIGGER, never()),
    ];
    let inventory = vec![
        leaf(p::AI_SPEC_STOP_TRIGGER, never()),
        leaf(p::INVENTORY_PARAMETER_SPEC, vec![Value::U16(1), Value::U8(1)]),
    ];
    let mut switches = vec![Value::Bits(1, 1); 10];
    switches.push(Value::Bits(6, 0));
    let selector = leaf(p::TAG_REPORT_CONTENT_SELECTOR, switches);
    let each_tag = vec![Value::U8(1), Value::U16(1)];
    let parts = vec![
        Parameter::new(p::RO_BOUNDARY_SPEC, Vec::new(), boundary),
        Parameter::new(p::AI_SPEC, vec![Value::U16s(vec![0])], inventory),
        Parameter::new(p::RO_REPORT_SPEC, each_tag, vec![selector]),
    ];
    Parameter::new(
        p::RO_SPEC,
        vec![Value::U32(id), Value::U8(0), Value::U8(0)],
        parts,
    )
}
