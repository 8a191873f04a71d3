//! What a virtual LLRP reader says: statuses, capabilities, events, tag reports, as parameters of the protocol.
//!
//! Sources: LLRP 1.0.1, sections 9 (capabilities), 13 (reports and events) and 14 (errors); Impinj Octane LLRP.

use tallyman_drivers::llrp::numbers::parameter as p;
use tallyman_drivers::llrp::tree::{Parameter, Value};

use super::plan::{IMPINJ, LlrpPlan};
use super::spec::{Content, Seen, Wish};
use crate::reader::tag_crc;

/// LLRPStatus codes (LLRP 1.0.1, section 14.2).
pub(super) const DONE: u16 = 0;
pub(super) const PARAMETER_ERROR: u16 = 100;
pub(super) const FIELD_ERROR: u16 = 101;
pub(super) const UNKNOWN_PARAMETER: u16 = 107;
pub(super) const UNSUPPORTED_MESSAGE: u16 = 109;
pub(super) const UNSUPPORTED_VERSION: u16 = 110;
pub(super) const DEVICE_ERROR: u16 = 401;

/// The lowest power in hundredths of a dBm, the step between two, and how many there are: 10 to 31.5 dBm.
const POWER_LEAST: u16 = 1_000;
const POWER_STEP: u16 = 25;
const POWERS: u16 = 87;
/// The channels of Europe's lower band in kHz (ETSI EN 302 208).
const CHANNELS_KHZ: [u32; 4] = [865_700, 866_300, 866_900, 867_500];
/// Impinj's parameters in a tag's report.
const IMPINJ_PHASE: u32 = 56;
const IMPINJ_PEAK_RSSI: u32 = 57;

/// The power of a step, in hundredths of a dBm.
pub(super) fn power_of(step: u16) -> Option<u16> {
    (1..=POWERS)
        .contains(&step)
        .then(|| POWER_LEAST + (step - 1) * POWER_STEP)
}

/// The highest power, which a reader sends with that is told none.
pub(super) const POWER_MOST: u16 = POWER_LEAST + (POWERS - 1) * POWER_STEP;

fn parameter(kind: u16, fields: Vec<Value>, parameters: Vec<Parameter>) -> Parameter {
    Parameter::new(kind, fields, parameters)
}

fn leaf(kind: u16, fields: Vec<Value>) -> Parameter {
    parameter(kind, fields, Vec::new())
}

pub(super) fn flag(on: bool) -> [Value; 2] {
    [Value::Bits(1, u16::from(on)), Value::Bits(7, 0)]
}

/// An LLRPStatus.
pub(super) fn status(code: u16, text: &str) -> Parameter {
    leaf(
        p::LLRP_STATUS,
        vec![Value::U16(code), Value::Utf8(text.as_bytes().to_vec())],
    )
}

/// The time, as the reader tells it.
pub(super) fn timestamp(utc_us: Option<u64>, uptime_us: u64) -> Parameter {
    match utc_us {
        Some(us) => leaf(p::UTC_TIMESTAMP, vec![Value::U64(us)]),
        None => leaf(p::UPTIME, vec![Value::U64(uptime_us)]),
    }
}

/// What it can do; `wanted` is RequestedData, 0 for all.
pub(super) fn capabilities(plan: &LlrpPlan, has_clock: bool, wanted: i64) -> Vec<Parameter> {
    let parts = [
        (1, general(plan, has_clock)),
        (2, limits()),
        (3, regulatory()),
        (4, gen2(plan)),
    ];
    let wanted = parts
        .into_iter()
        .filter(|(number, _)| wanted == 0 || wanted == *number);
    wanted.map(|(_, part)| part).collect()
}

fn general(plan: &LlrpPlan, has_clock: bool) -> Parameter {
    let antennas = u16::from(plan.antennas);
    let mut parts = vec![
        leaf(
            p::RECEIVE_SENSITIVITY_TABLE_ENTRY,
            vec![Value::U16(1), Value::S16(0)],
        ),
        leaf(
            p::GPIO_CAPABILITIES,
            vec![Value::U16(plan.inputs), Value::U16(plan.outputs)],
        ),
    ];
    let gen2 = |antenna| {
        let fields = vec![Value::U16(antenna), Value::U8s(vec![1])];
        leaf(p::PER_ANTENNA_AIR_PROTOCOL, fields)
    };
    parts.extend((1..=antennas).map(gen2));
    let fields = vec![
        Value::U16(antennas),
        Value::Bits(1, 0),
        Value::Bits(1, u16::from(has_clock)),
        Value::Bits(14, 0),
        Value::U32(plan.maker.number()),
        Value::U32(1),
        Value::Utf8(b"virtual 1.0".to_vec()),
    ];
    parameter(p::GENERAL_DEVICE_CAPABILITIES, fields, parts)
}

fn limits() -> Parameter {
    let mut fields = vec![
        Value::Bits(1, 0),
        Value::Bits(1, 1),
        Value::Bits(1, 0),
        Value::Bits(1, 0),
        Value::Bits(1, 1),
        Value::Bits(3, 0),
        Value::U8(1),
        Value::U16(0),
    ];
    let most = [super::SPECS_MAX as u32, 8, 1, super::SPECS_MAX as u32, 8];
    fields.extend(most.map(Value::U32));
    leaf(p::LLRP_CAPABILITIES, fields)
}

fn regulatory() -> Parameter {
    let powers = (1..=POWERS).filter_map(|step| {
        let power = i16::try_from(power_of(step)?).ok()?;
        let fields = vec![Value::U16(step), Value::S16(power)];
        Some(leaf(p::TRANSMIT_POWER_LEVEL_TABLE_ENTRY, fields))
    });
    let channels = leaf(p::FIXED_FREQUENCY_TABLE, vec![Value::U32s(CHANNELS_KHZ.to_vec())]);
    let hopping = flag(false).to_vec();
    let mut band: Vec<Parameter> = powers.collect();
    band.push(parameter(p::FREQUENCY_INFORMATION, hopping, vec![channels]));
    band.push(parameter(p::C1G2_UHF_RF_MODE_TABLE, Vec::new(), vec![mode()]));
    let (germany, etsi) = (Value::U16(276), Value::U16(2));
    let band = parameter(p::UHF_BAND_CAPABILITIES, Vec::new(), band);
    parameter(p::REGULATORY_CAPABILITIES, vec![germany, etsi], vec![band])
}

/// One mode of the radio link: Miller 4 at 250 kHz.
fn mode() -> Parameter {
    let fields = vec![
        Value::U32(2),
        Value::Bits(1, 1),
        Value::Bits(1, 1),
        Value::Bits(6, 0),
        Value::U8(2),
        Value::U8(0),
        Value::U8(2),
        Value::U32(250_000),
        Value::U32(1_500),
        Value::U32(20_000),
        Value::U32(20_000),
        Value::U32(0),
    ];
    leaf(p::C1G2_UHF_RF_MODE_TABLE_ENTRY, fields)
}

fn gen2(plan: &LlrpPlan) -> Parameter {
    let mut fields = vec![Value::Bits(1, 0); 6];
    fields.push(Value::Bits(2, 0));
    fields.push(Value::U16(plan.filters));
    leaf(p::C1G2_LLRP_CAPABILITIES, fields)
}

/// An input's state, and whether it is reported.
pub(super) fn input(port: u16, is_on: bool, high: bool) -> Parameter {
    let [on, reserved] = flag(is_on);
    let level = Value::U8(u8::from(high));
    leaf(
        p::GPI_PORT_CURRENT_STATE,
        vec![Value::U16(port), on, reserved, level],
    )
}

/// An output's level.
pub(super) fn output(port: u16, high: bool) -> Parameter {
    let [level, reserved] = flag(high);
    leaf(p::GPO_WRITE_DATA, vec![Value::U16(port), level, reserved])
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    Connection(u16),
    Closes,
    Input(u16, bool),
    RoSpecStarted(u32),
    RoSpecEnded(u32),
    AiSpecEnded(u32, u16),
    BufferOverflow,
    Exception(String),
    Antenna(u8, bool),
}

impl Event {
    /// Its number in EventNotificationState; what concerns the connection is told in any case.
    pub(super) const fn switch(&self) -> Option<u16> {
        match self {
            Self::Connection(_) | Self::Closes => None,
            Self::Input(..) => Some(1),
            Self::RoSpecStarted(_) | Self::RoSpecEnded(_) => Some(2),
            Self::BufferOverflow => Some(3),
            Self::Exception(_) => Some(4),
            Self::AiSpecEnded(..) => Some(6),
            Self::Antenna(..) => Some(8),
        }
    }

    pub(super) fn parameter(&self) -> Parameter {
        match self {
            Self::Connection(status) => leaf(p::CONNECTION_ATTEMPT_EVENT, vec![Value::U16(*status)]),
            Self::Closes => leaf(p::CONNECTION_CLOSE_EVENT, Vec::new()),
            Self::Input(port, high) => {
                let [level, reserved] = flag(*high);
                leaf(p::GPI_EVENT, vec![Value::U16(*port), level, reserved])
            }
            Self::RoSpecStarted(id) => ro_spec_event(0, *id),
            Self::RoSpecEnded(id) => ro_spec_event(1, *id),
            Self::AiSpecEnded(id, index) => leaf(
                p::AI_SPEC_EVENT,
                vec![Value::U8(0), Value::U32(*id), Value::U16(*index)],
            ),
            Self::BufferOverflow => leaf(p::REPORT_BUFFER_OVERFLOW_ERROR_EVENT, Vec::new()),
            Self::Exception(text) => {
                let text = text.as_bytes().to_vec();
                leaf(p::READER_EXCEPTION_EVENT, vec![Value::Utf8(text)])
            }
            Self::Antenna(antenna, is_connected) => {
                let kind = Value::U8(u8::from(*is_connected));
                leaf(p::ANTENNA_EVENT, vec![kind, Value::U16(u16::from(*antenna))])
            }
        }
    }
}

fn ro_spec_event(kind: u8, id: u32) -> Parameter {
    let nothing_preempts = Value::U32(0);
    leaf(
        p::RO_SPEC_EVENT,
        vec![Value::U8(kind), Value::U32(id), nothing_preempts],
    )
}

/// Where a tag was seen: which ROSpec and AISpec, and whether the reader's times are of a clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) ro_spec: u32,
    pub(super) ai_spec: u16,
    /// What is added to a moment, in microseconds, and whether that is UTC.
    pub(super) clock_us: u64,
    pub(super) is_utc: bool,
}

/// One tag's report, in the standard's order: the EPC first.
pub(super) fn tag(seen: &Seen, place: &Place, wish: &Wish, with_length: bool) -> Vec<Parameter> {
    let mut parts = vec![epc(seen, with_length)];
    let mut add = |is_wished: bool, kind: u16, value: Value| {
        if is_wished {
            parts.push(leaf(kind, vec![value]));
        }
    };
    let (first, last) = if place.is_utc {
        (p::FIRST_SEEN_TIMESTAMP_UTC, p::LAST_SEEN_TIMESTAMP_UTC)
    } else {
        (p::FIRST_SEEN_TIMESTAMP_UPTIME, p::LAST_SEEN_TIMESTAMP_UPTIME)
    };
    let time = |us: u64| Value::U64(us.wrapping_add(place.clock_us));
    let whole_dbm = (seen.rssi_centi_dbm / 100).clamp(-128, 127) as i8;
    let has = |content| wish.has(content);
    add(has(Content::RoSpecId), p::RO_SPEC_ID, Value::U32(place.ro_spec));
    add(has(Content::SpecIndex), p::SPEC_INDEX, Value::U16(place.ai_spec));
    add(
        has(Content::InventoryParameterSpecId),
        p::INVENTORY_PARAMETER_SPEC_ID,
        Value::U16(1),
    );
    add(
        has(Content::AntennaId),
        p::ANTENNA_ID,
        Value::U16(seen.antenna.into()),
    );
    add(has(Content::PeakRssi), p::PEAK_RSSI, Value::S8(whole_dbm));
    add(
        has(Content::ChannelIndex),
        p::CHANNEL_INDEX,
        Value::U16(u16::from(seen.channel) + 1),
    );
    add(has(Content::FirstSeen), first, time(seen.first.us));
    add(has(Content::LastSeen), last, time(seen.last.us));
    add(
        has(Content::TagSeenCount),
        p::TAG_SEEN_COUNT,
        Value::U16(seen.count),
    );
    add(wish.pc, p::C1G2_PC, Value::U16(seen.pc));
    add(wish.crc, p::C1G2_CRC, Value::U16(tag_crc(seen.pc, &seen.epc)));
    add(has(Content::AccessSpecId), p::ACCESS_SPEC_ID, Value::U32(0));
    if wish.phase {
        // A full turn is 4,096 steps (Impinj Octane LLRP, ImpinjRFPhaseAngle).
        let steps = (seen.phase_centi_deg.rem_euclid(36_000) * 4_096 / 36_000) as u16;
        parts.push(Parameter::custom(
            IMPINJ,
            IMPINJ_PHASE,
            steps.to_be_bytes().to_vec(),
        ));
    }
    if wish.fine_rssi {
        let fine = seen.rssi_centi_dbm.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        parts.push(Parameter::custom(
            IMPINJ,
            IMPINJ_PEAK_RSSI,
            fine.to_be_bytes().to_vec(),
        ));
    }
    parts
}

fn epc(seen: &Seen, with_length: bool) -> Parameter {
    match <[u8; 12]>::try_from(seen.epc.as_slice()) {
        Ok(epc) if !with_length => leaf(p::EPC_96, vec![Value::U96(epc)]),
        _ => {
            let bits = Value::BitString(seen.epc.len() as u16 * 8, seen.epc.to_vec());
            leaf(p::EPC_DATA, vec![bits])
        }
    }
}
