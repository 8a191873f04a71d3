//! The fast way to tags against the tree codec, and against itself without what it knows of earlier reports.

use proptest::prelude::*;
use tallyman_codes::{Tag, gen2_crc};

use super::layout::IMPINJ;
use super::numbers::{message as m, parameter as p};
use super::report::{ReportFault, ReportReader};
use super::tests::Chance;
use super::tree::{Message, Parameter, Value};
use crate::contract::GarbageReason;

/// A tag's report with everything, its parts in the order that these places say.
fn report(chance: &mut Chance, places: &[usize]) -> Parameter {
    let tv = |kind: u16, value: Value| Parameter::new(kind, vec![value], Vec::new());
    let epc: [u8; 12] = std::array::from_fn(|_| chance.next() as u8);
    let word = chance.next() as u16;
    let times = (chance.next() >> 12, chance.next() >> 12);
    let (rssi, fine, phase) = (
        chance.next() as i8,
        chance.next() as i16,
        chance.next() as u16 & 0x0FFF,
    );
    let part = |place: &usize| match place {
        0 => tv(p::EPC_96, Value::U96(epc)),
        1 => tv(p::RO_SPEC_ID, Value::U32(u32::from(word))),
        2 => tv(p::ANTENNA_ID, Value::U16(word & 7)),
        3 => tv(p::PEAK_RSSI, Value::S8(rssi)),
        4 => tv(p::CHANNEL_INDEX, Value::U16(word)),
        5 => tv(p::FIRST_SEEN_TIMESTAMP_UTC, Value::U64(times.0)),
        6 => tv(p::LAST_SEEN_TIMESTAMP_UTC, Value::U64(times.1)),
        7 => tv(p::TAG_SEEN_COUNT, Value::U16(word)),
        8 => tv(p::C1G2_PC, Value::U16(0x3000)),
        9 => tv(p::C1G2_CRC, Value::U16(gen2_crc(0x3000, &epc))),
        10 => Parameter::custom(IMPINJ, 57, fine.to_be_bytes().to_vec()),
        11 => Parameter::custom(IMPINJ, 56, phase.to_be_bytes().to_vec()),
        12 => Parameter::custom(161, 57, vec![1, 2]),
        _ => Parameter::new(390, vec![Value::Rest(vec![7; 3])], Vec::new()),
    };
    Parameter::new(p::TAG_REPORT_DATA, Vec::new(), places.iter().map(part).collect())
}

fn body(reports: Vec<Parameter>) -> Vec<u8> {
    let message = Message::new(m::RO_ACCESS_REPORT, 1, Vec::new(), reports);
    message.encode().unwrap().split_off(super::wire::HEADER_BYTES)
}

fn tags(reader: &mut ReportReader, body: &[u8]) -> Vec<Result<Tag, ReportFault>> {
    let mut tags = Vec::new();
    let mut reports = reader.reports(body);
    while let Some(report) = reports.next_report() {
        tags.push(report.and_then(|report| report.tag()));
    }
    tags
}

/// What the tree says of a tag, as far as a report has it.
fn by_tree(report: &Parameter) -> Tag {
    let number = |kind: u16| {
        report
            .child(kind)
            .and_then(|part| part.fields.first())
            .and_then(Value::number)
    };
    let word = |kind| number(kind).map(|number| number as u16);
    let custom = |subtype: u32| {
        let part = report
            .parameters
            .iter()
            .find(|part| part.fields[..].starts_with(&[Value::U32(IMPINJ), Value::U32(subtype)]))?;
        match part.fields.last()? {
            Value::Rest(data) => Some([data[0], data[1]]),
            _ => None,
        }
    };
    let Some(Value::U96(epc)) = report.child(p::EPC_96).and_then(|part| part.fields.first()) else {
        panic!("no EPC")
    };
    let whole = number(p::PEAK_RSSI).map(|dbm| dbm as i32 * 100);
    Tag {
        epc: tallyman_codes::EpcBytes::new(epc).unwrap(),
        pc: word(p::C1G2_PC),
        crc: word(p::C1G2_CRC),
        antenna: word(p::ANTENNA_ID),
        rssi_centi_dbm: custom(57)
            .map(|data| i32::from(i16::from_be_bytes(data)))
            .or(whole),
        phase_centi_deg: custom(56)
            .map(|data| (i32::from(u16::from_be_bytes(data)) * 36_000 + 2_048) / 4_096),
        channel: word(p::CHANNEL_INDEX),
        count: number(p::TAG_SEEN_COUNT).map(|count| count as u32),
        first_seen_us: number(p::FIRST_SEEN_TIMESTAMP_UTC).map(|micros| micros as u64),
        last_seen_us: number(p::LAST_SEEN_TIMESTAMP_UTC).map(|micros| micros as u64),
        ..Tag::default()
    }
}

/// Some parts in some order; the EPC is always among them.
fn order(chance: &mut Chance) -> Vec<usize> {
    let mut places: Vec<usize> = (0..14)
        .filter(|place| *place == 0 || chance.below(5) > 0)
        .collect();
    for place in (1..places.len()).rev() {
        places.swap(place, chance.below(place + 1));
    }
    places
}

proptest! {
    #[test]
    fn a_tag_is_what_the_tree_says_whatever_the_order(seed in any::<u64>()) {
        let mut chance = Chance(seed);
        let mut reader = ReportReader::new(true);
        let mut places = order(&mut chance);
        for _ in 0..20 {
            // Long runs of one order, and orders that change with every tag.
            let is_steady = chance.below(2) == 0;
            let mut reports = Vec::new();
            for _ in 0..1 + chance.below(6) {
                if !is_steady {
                    places = order(&mut chance);
                }
                reports.push(report(&mut chance, &places));
            }
            let expected: Vec<Result<Tag, ReportFault>> = reports.iter().map(by_tree).map(Ok).collect();
            prop_assert_eq!(tags(&mut reader, &body(reports)), expected);
        }
    }

    #[test]
    fn what_is_known_of_earlier_reports_changes_nothing(seed in any::<u64>()) {
        let mut chance = Chance(seed);
        let mut reader = ReportReader::new(true);
        let places = order(&mut chance);
        for _ in 0..30 {
            let mut wire = body(vec![report(&mut chance, &places)]);
            for _ in 0..chance.below(3) {
                let place = chance.below(wire.len());
                wire[place] ^= 1 << chance.below(8);
            }
            prop_assert_eq!(tags(&mut reader, &wire), tags(&mut ReportReader::new(true), &wire));
        }
    }
}

#[test]
fn a_changed_byte_of_epc_control_word_or_crc_is_no_read() {
    let mut chance = Chance(7);
    let wire = body(vec![report(&mut chance, &[0, 8, 9])]);
    // Behind the header of the report: 13 bytes of EPC, 3 of control word, 3 of CRC; the first of each is its type.
    let values = (5..17).chain(18..20).chain(21..23);
    for place in values {
        for bit in 0..8 {
            let mut changed = wire.clone();
            changed[place] ^= 1 << bit;
            // The bit that says that more words follow leaves nothing to check with.
            if place == 18 && bit == 1 {
                continue;
            }
            let fault = ReportFault {
                bytes: wire.len(),
                reason: GarbageReason::Checksum,
            };
            assert_eq!(
                tags(&mut ReportReader::new(true), &changed),
                [Err(fault)],
                "byte {place}, bit {bit}"
            );
        }
    }
}
