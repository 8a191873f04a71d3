//! What the driver asks of a reader: the set-up, a ROSpec made of settings, and the small commands.

use super::capabilities::Capabilities;
use super::layout::IMPINJ;
use super::numbers::{message as m, parameter as p};
use super::schema::CUSTOM;
use super::tree::{Parameter, Value};
use crate::contract::Inventory;

/// Impinj's own messages and parameters (Impinj Octane LLRP).
const IMPINJ_ENABLE_EXTENSIONS: u8 = 21;
const IMPINJ_TAG_REPORT_CONTENT_SELECTOR: u32 = 50;
const IMPINJ_ENABLE_RF_PHASE_ANGLE: u32 = 52;
const IMPINJ_ENABLE_PEAK_RSSI: u32 = 53;

/// Event types (LLRP 1.0.1, section 13.2.6.1).
const GPI_EVENT: u16 = 1;
const RO_SPEC_EVENT: u16 = 2;
const BUFFER_EVENT: u16 = 3;
const EXCEPTION_EVENT: u16 = 4;
const ANTENNA_EVENT: u16 = 8;

/// Where the EPC begins in its memory bank (EPC UHF Gen2 Air Interface, section 6.3.2.1.2).
const EPC_BANK: u16 = 1;
const EPC_FIRST_BIT: u16 = 0x20;

/// A request without its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) kind: u16,
    pub(super) fields: Vec<Value>,
    pub(super) parameters: Vec<Parameter>,
}

impl Request {
    fn new(kind: u16, fields: Vec<Value>, parameters: Vec<Parameter>) -> Self {
        Self {
            kind,
            fields,
            parameters,
        }
    }

    /// All capabilities.
    pub(super) fn capabilities() -> Self {
        Self::new(m::GET_READER_CAPABILITIES, vec![Value::U8(0)], Vec::new())
    }

    /// Impinj's extensions on.
    pub(super) fn extensions() -> Self {
        let fields = vec![
            Value::U32(IMPINJ),
            Value::U8(IMPINJ_ENABLE_EXTENSIONS),
            Value::Rest(vec![0; 4]),
        ];
        Self::new(m::CUSTOM_MESSAGE, fields, Vec::new())
    }

    /// A request that has nothing but the number of a ROSpec or AccessSpec; 0 is all.
    pub(super) fn of_spec(kind: u16, number: u32) -> Self {
        Self::new(kind, vec![Value::U32(number)], Vec::new())
    }

    /// The levels of the general-purpose inputs.
    pub(super) fn inputs() -> Self {
        let (all_antennas, gpi_states) = (Value::U16(0), Value::U8(9));
        let (all_inputs, all_outputs) = (Value::U16(0), Value::U16(0));
        let fields = vec![all_antennas, gpi_states, all_inputs, all_outputs];
        Self::new(m::GET_READER_CONFIG, fields, Vec::new())
    }

    /// Reports and events that were held back come.
    pub(super) fn enable_reports() -> Self {
        Self::new(m::ENABLE_EVENTS_AND_REPORTS, Vec::new(), Vec::new())
    }

    /// A general-purpose output.
    pub(super) fn output(port: u16, high: bool) -> Self {
        let level = vec![
            Value::U16(port),
            Value::Bits(1, u16::from(high)),
            Value::Bits(7, 0),
        ];
        let level = Parameter::new(p::GPO_WRITE_DATA, level, Vec::new());
        Self::new(
            m::SET_READER_CONFIG,
            vec![Value::Bits(1, 0), Value::Bits(7, 0)],
            vec![level],
        )
    }

    /// What the reader tells, and how often it says that it lives. `is_plain` asks for nothing that a reader may not have.
    pub(super) fn configuration(reset: bool, keepalive_ms: u32, inputs: u16, is_plain: bool) -> Self {
        let mut events = vec![RO_SPEC_EVENT, EXCEPTION_EVENT, ANTENNA_EVENT];
        if !is_plain {
            events.push(BUFFER_EVENT);
            if inputs > 0 {
                events.push(GPI_EVENT);
            }
        }
        events.sort_unstable();
        let event = |kind: u16| {
            let fields = vec![Value::U16(kind), Value::Bits(1, 1), Value::Bits(7, 0)];
            Parameter::new(p::EVENT_NOTIFICATION_STATE, fields, Vec::new())
        };
        let events = events.into_iter().map(event).collect();
        let keepalive = vec![Value::U8(u8::from(keepalive_ms > 0)), Value::U32(keepalive_ms)];
        let mut parameters = vec![
            Parameter::new(p::READER_EVENT_NOTIFICATION_SPEC, Vec::new(), events),
            Parameter::new(p::KEEPALIVE_SPEC, keepalive, Vec::new()),
        ];
        if !is_plain {
            parameters.extend((1..=inputs).map(|port| {
                let unknown_level = Value::U8(2);
                let fields = vec![
                    Value::U16(port),
                    Value::Bits(1, 1),
                    Value::Bits(7, 0),
                    unknown_level,
                ];
                Parameter::new(p::GPI_PORT_CURRENT_STATE, fields, Vec::new())
            }));
        }
        let not_held = vec![Value::Bits(1, 0), Value::Bits(7, 0)];
        parameters.push(Parameter::new(p::EVENTS_AND_REPORTS, not_held, Vec::new()));
        let fields = vec![Value::Bits(1, u16::from(reset)), Value::Bits(7, 0)];
        Self::new(m::SET_READER_CONFIG, fields, parameters)
    }

    /// A ROSpec, disabled, that starts and stops when it is told.
    pub(super) fn ro_spec(look: &Look<'_>, effort: Effort) -> Self {
        let null_trigger = Parameter::new(p::RO_SPEC_START_TRIGGER, vec![Value::U8(0)], Vec::new());
        let null_stop = || vec![Value::U8(0), Value::U32(0)];
        let stop_trigger = Parameter::new(p::RO_SPEC_STOP_TRIGGER, null_stop(), Vec::new());
        let boundary = Parameter::new(p::RO_BOUNDARY_SPEC, Vec::new(), vec![null_trigger, stop_trigger]);
        let settings = if effort >= Effort::NoSettings {
            Vec::new()
        } else {
            look.antenna_configuration().into_iter().collect()
        };
        let gen2 = Value::U8(1);
        let inventory = Parameter::new(p::INVENTORY_PARAMETER_SPEC, vec![Value::U16(1), gen2], settings);
        let antenna_spec = Parameter::new(
            p::AI_SPEC,
            vec![Value::U16s(look.antennas())],
            vec![
                Parameter::new(p::AI_SPEC_STOP_TRIGGER, null_stop(), Vec::new()),
                inventory,
            ],
        );
        let (priority, disabled) = (Value::U8(0), Value::U8(0));
        let spec = Parameter::new(
            p::RO_SPEC,
            vec![Value::U32(look.ro_spec), priority, disabled],
            vec![boundary, antenna_spec, look.report_spec(effort)],
        );
        Self::new(m::ADD_ROSPEC, Vec::new(), vec![spec])
    }
}

/// How much of what is wished a ROSpec asks for. When a reader refuses it, less is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effort {
    /// Everything.
    Full,
    /// Nothing of the maker's own.
    NoExtensions,
    /// No power, session, filter and mode either.
    NoSettings,
    /// Not even the tag's CRC and control word.
    Minimal,
}

impl Effort {
    /// The next lower one.
    pub(super) const fn less(self) -> Option<Self> {
        match self {
            Self::Full => Some(Self::NoExtensions),
            Self::NoExtensions => Some(Self::NoSettings),
            Self::NoSettings => Some(Self::Minimal),
            Self::Minimal => None,
        }
    }

    /// What is left out, for people.
    pub(super) const fn left_out(self) -> &'static str {
        match self {
            Self::Full => "nothing",
            Self::NoExtensions => "the maker's own finer signal and phase",
            Self::NoSettings => "power, session, filter and mode, which stay as the reader has them",
            Self::Minimal => "also the tag's own check sum",
        }
    }
}

/// How a ROSpec is to look for tags.
#[derive(Debug, Clone)]
pub(super) struct Look<'a> {
    pub(super) ro_spec: u32,
    pub(super) inventory: &'a Inventory,
    pub(super) rules: &'a super::LlrpRules,
    pub(super) reader: &'a Capabilities,
    /// Whether the reader takes Impinj's extensions.
    pub(super) impinj: bool,
}

impl Look<'_> {
    /// The antennas by number; 0 is all.
    fn antennas(&self) -> Vec<u16> {
        let mask = match self.inventory.antennas {
            0 => self.rules.antennas,
            antennas => antennas,
        };
        if mask == 0 {
            return vec![0];
        }
        (0..32)
            .filter(|bit| mask >> bit & 1 == 1)
            .map(|bit| bit + 1)
            .collect()
    }

    fn antenna_configuration(&self) -> Option<Parameter> {
        let mut parameters = Vec::new();
        let power = self.inventory.power_centi_dbm.or(self.rules.power_centi_dbm);
        if let Some((index, _)) = power.and_then(|power| self.reader.power(power)) {
            // Where the reader hops the channel is its own; the table must be one it has.
            let (table, channel) = match self.reader.hop_table {
                Some(table) if self.reader.hops => (table, 0),
                _ => (0, 1),
            };
            let fields = vec![Value::U16(table), Value::U16(channel), Value::U16(index)];
            parameters.push(Parameter::new(p::RF_TRANSMITTER, fields, Vec::new()));
        }
        parameters.push(self.inventory_command());
        let all_antennas = Value::U16(0);
        Some(Parameter::new(
            p::ANTENNA_CONFIGURATION,
            vec![all_antennas],
            parameters,
        ))
    }

    fn inventory_command(&self) -> Parameter {
        let mut parameters = Vec::new();
        if self.reader.filters_max != Some(0)
            && let Some(filter) = &self.inventory.filter
        {
            let mask = vec![
                Value::Bits(2, EPC_BANK),
                Value::Bits(6, 0),
                Value::U16(EPC_FIRST_BIT),
                Value::BitString(u16::from(filter.bits()), filter.mask().to_vec()),
            ];
            let select_unselect = Value::U8(0);
            let action = Parameter::new(
                p::C1G2_TAG_INVENTORY_STATE_UNAWARE_FILTER_ACTION,
                vec![select_unselect],
                Vec::new(),
            );
            let do_not_truncate = Value::Bits(2, 1);
            parameters.push(Parameter::new(
                p::C1G2_FILTER,
                vec![do_not_truncate, Value::Bits(6, 0)],
                vec![
                    Parameter::new(p::C1G2_TAG_INVENTORY_MASK, mask, Vec::new()),
                    action,
                ],
            ));
        }
        if let Some(mode) = self.rules.mode {
            let own_tari = Value::U16(0);
            parameters.push(Parameter::new(
                p::C1G2_RF_CONTROL,
                vec![Value::U16(mode), own_tari],
                Vec::new(),
            ));
        }
        let session = self.inventory.session.unwrap_or(self.rules.session) & 3;
        parameters.push(Parameter::new(
            p::C1G2_SINGULATION_CONTROL,
            vec![
                Value::Bits(2, u16::from(session)),
                Value::Bits(6, 0),
                Value::U16(self.rules.population),
                Value::U32(0),
            ],
            Vec::new(),
        ));
        let fields = vec![Value::Bits(1, 0), Value::Bits(7, 0)];
        Parameter::new(p::C1G2_INVENTORY_COMMAND, fields, parameters)
    }

    fn report_spec(&self, effort: Effort) -> Parameter {
        // ROSpec, antenna, channel, signal, first and last seen, count; not the numbers of spec and access.
        let wanted = [1, 0, 0, 1, 1, 1, 1, 1, 1, 0];
        let mut fields: Vec<Value> = wanted.into_iter().map(|bit| Value::Bits(1, bit)).collect();
        fields.push(Value::Bits(6, 0));
        let crc_and_pc = [1, 1, 0].into_iter().map(|bit| Value::Bits(1, bit));
        let crc_and_pc = crc_and_pc.chain([Value::Bits(5, 0)]).collect();
        let memory = Parameter::new(p::C1G2_EPC_MEMORY_SELECTOR, crc_and_pc, Vec::new());
        let memory = (effort < Effort::Minimal).then_some(memory);
        let selector = Parameter::new(
            p::TAG_REPORT_CONTENT_SELECTOR,
            fields,
            memory.into_iter().collect(),
        );
        let upon_tags_or_end = Value::U8(1);
        let mut parameters = vec![selector];
        if self.impinj && effort == Effort::Full {
            parameters.push(impinj_selector());
        }
        Parameter::new(
            p::RO_REPORT_SPEC,
            vec![upon_tags_or_end, Value::U16(self.rules.report_tags)],
            parameters,
        )
    }
}

fn impinj_selector() -> Parameter {
    let on = |subtype: u32| {
        Parameter::new(
            CUSTOM,
            vec![Value::U32(IMPINJ), Value::U32(subtype), Value::Rest(vec![0, 1])],
            Vec::new(),
        )
    };
    Parameter::new(
        CUSTOM,
        vec![
            Value::U32(IMPINJ),
            Value::U32(IMPINJ_TAG_REPORT_CONTENT_SELECTOR),
            Value::Rest(Vec::new()),
        ],
        vec![on(IMPINJ_ENABLE_RF_PHASE_ANGLE), on(IMPINJ_ENABLE_PEAK_RSSI)],
    )
}
