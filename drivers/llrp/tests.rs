//! The tree codec against the tables: every type, every error, and the examples of the standard's users.

use proptest::prelude::*;

use super::numbers::{message as m, parameter as p};
use super::schema::{CUSTOM, Child, Count, Field, Form, Of};
use super::tree::{Message, NESTING_MAX, Parameter, TreeError, Value};
use super::{MESSAGES, PARAMETERS, message_spec, parameter_spec};

/// Bytes of hexadecimal digits, blanks between them as one likes.
pub(super) fn bytes(digits: &str) -> Vec<u8> {
    let digits: Vec<u32> = digits
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|digit| digit.to_digit(16).unwrap())
        .collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] * 16 + pair[1]) as u8)
        .collect()
}

/// A source of chance, splitmix64.
pub(super) struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn list(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}

fn value(chance: &mut Chance, form: Form) -> Value {
    let length = chance.below(6);
    match form {
        Form::Bits(count) | Form::Reserved(count) => {
            Value::Bits(count, (chance.next() as u32 & ((1 << count) - 1)) as u16)
        }
        Form::U8 => Value::U8(chance.next() as u8),
        Form::U16 => Value::U16(chance.next() as u16),
        Form::U32 => Value::U32(chance.next() as u32),
        Form::U64 => Value::U64(chance.next()),
        Form::S8 => Value::S8(chance.next() as i8),
        Form::S16 => Value::S16(chance.next() as i16),
        Form::U96 => Value::U96(std::array::from_fn(|_| chance.next() as u8)),
        Form::Utf8 => Value::Utf8(chance.list(length)),
        Form::U8s => Value::U8s(chance.list(length)),
        Form::U16s => Value::U16s((0..length).map(|_| chance.next() as u16).collect()),
        Form::U32s => Value::U32s((0..length).map(|_| chance.next() as u32).collect()),
        Form::BitString => {
            let bits = chance.below(130);
            Value::BitString(bits as u16, chance.list(bits.div_ceil(8)))
        }
        Form::Rest => Value::Rest(chance.list(length)),
    }
}

fn values(chance: &mut Chance, fields: &[Field]) -> Vec<Value> {
    fields.iter().map(|field| value(chance, field.form)).collect()
}

fn children(chance: &mut Chance, places: &[Child], depth: usize) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for place in places {
        let count = match place.count {
            Count::One => 1,
            Count::Optional if depth > 0 => chance.below(2),
            Count::Any if depth > 0 => chance.below(3),
            Count::Many => 1 + chance.below(2),
            Count::Optional | Count::Any => 0,
        };
        for _ in 0..count {
            let kind = match place.of {
                Of::Parameter(kind) => kind,
                Of::Choice(choice) => choice.of[chance.below(choice.of.len())],
            };
            parameters.push(parameter(chance, kind, depth.saturating_sub(1)));
        }
    }
    // What nobody knows may stand everywhere, and is kept.
    if depth > 0 && chance.below(4) == 0 {
        let (vendor, subtype, length) = (chance.next() as u32, chance.next() as u32, chance.below(9));
        parameters.push(Parameter::custom(vendor, subtype, chance.list(length)));
    }
    if depth > 0 && chance.below(4) == 0 {
        let length = chance.below(9);
        let unknown = [130, 136, 400, 1022][chance.below(4)];
        parameters.push(Parameter::new(
            unknown,
            vec![Value::Rest(chance.list(length))],
            Vec::new(),
        ));
    }
    parameters
}

fn parameter(chance: &mut Chance, kind: u16, depth: usize) -> Parameter {
    let spec = parameter_spec(kind).unwrap();
    let has_length = kind >= super::schema::TV_END;
    // What a custom parameter holds is its own affair.
    let is_closed = !has_length || kind == CUSTOM;
    Parameter {
        reserved: if has_length { chance.next() as u8 & 0x1F } else { 0 },
        kind,
        fields: values(chance, spec.fields),
        parameters: if is_closed {
            Vec::new()
        } else {
            children(chance, spec.children, depth)
        },
    }
}

fn message(chance: &mut Chance, kind: u16) -> Message {
    let spec = message_spec(kind).unwrap();
    let parameters = if spec.children.is_empty() {
        Vec::new()
    } else {
        children(chance, spec.children, 6)
    };
    Message {
        reserved: chance.next() as u8 & 7,
        version: 1 + chance.below(2) as u8,
        kind,
        id: chance.next() as u32,
        fields: values(chance, spec.fields),
        parameters,
    }
}

/// The parameter alone in a message that says nothing about what it holds.
fn alone(parameter: Parameter) -> Message {
    Message::new(m::RO_ACCESS_REPORT, 1, Vec::new(), vec![parameter])
}

proptest! {
    #[test]
    fn every_message_survives_writing_and_reading(seed in any::<u64>()) {
        for spec in MESSAGES {
            let sent = message(&mut Chance(seed), spec.number);
            prop_assert_eq!(sent.check(), Ok(()), "{}", spec.name);
            let wire = sent.encode().unwrap();
            prop_assert_eq!(&Message::decode(&wire), &Ok(sent.clone()), "{}", spec.name);
            let read = Message::decode_leniently(&wire).unwrap();
            prop_assert_eq!(read.encode().unwrap(), wire, "{}", spec.name);
        }
    }

    #[test]
    fn every_parameter_survives_writing_and_reading(seed in any::<u64>()) {
        for spec in PARAMETERS {
            let sent = alone(parameter(&mut Chance(seed), spec.number, 4));
            let wire = sent.encode().unwrap();
            let read = Message::decode_leniently(&wire).unwrap();
            prop_assert_eq!(&read, &sent, "{}", spec.name);
            prop_assert_eq!(read.encode().unwrap(), wire, "{}", spec.name);
        }
    }

    #[test]
    fn a_damaged_message_is_an_error_or_comes_back_as_it_was(seed in any::<u64>()) {
        let mut chance = Chance(seed);
        let kind = MESSAGES[chance.below(MESSAGES.len())].number;
        let mut wire = message(&mut chance, kind).encode().unwrap();
        for _ in 0..1 + chance.below(3) {
            let place = chance.below(wire.len());
            match chance.below(3) {
                0 => wire[place] ^= 1 << chance.below(8),
                1 => wire.truncate(place),
                _ => wire[place] = chance.next() as u8,
            }
            if wire.is_empty() {
                break;
            }
        }
        // A length that lies is one error among many: beside it, what is within is looked at too.
        if chance.below(2) == 0 && wire.len() >= 6 {
            let length = (wire.len() as u32).to_be_bytes();
            wire[2..6].copy_from_slice(&length);
        }
        for read in [Message::decode(&wire), Message::decode_leniently(&wire)].into_iter().flatten() {
            prop_assert_eq!(&read.encode().unwrap(), &wire);
        }
    }
}

#[test]
fn the_examples_are_read_strictly_and_written_as_they_were() {
    let table = [
        (
            "hello",
            "043F0000002000000000 00F6001600 80000C00060A24181E4000 0100000600 00",
        ),
        (
            "refusal",
            "043F0000002000000000 00F60016 0081000C00000000004C4B40 010000060002",
        ),
        ("capabilities", "04010000000B0000000100"),
        ("configuration", "04020000001100000002 00000000000000"),
        ("extensions", "07FF000000130000000E 0000651A1500000000"),
        (
            "set",
            "04030000003200000003 80 00F40019 00F50007000280 00F50007000480 00F50007000880 00DC0009 0100002710 00E2000500",
        ),
        (
            "minimal ROSpec",
            "04140000005000000006 00B10046 000000010000 00B20012 00B3000500 00B600090000000000 00B70018 00010000 \
             00B800090000000000 00BA0007000101 00ED0012 010001 00EE000B 1F80 015C0005C0",
        ),
        (
            "ROSpec with antenna",
            "04140000007800000006 00B1006E 000000010000 00B20012 00B3000500 00B600090000000000 00B70040 00010000 \
             00B800090000000000 00BA002F 000101 00DE0028 0000 00E0000A000100000001 014A0018 00 014F000800000000 \
             0150000B40002000000000 00ED0012 010001 00EE000B 1F80 015C0005C0",
        ),
        (
            "error",
            "041E00000022 00000006 011F0018 00650000 01210010 00B100C9 01200008 0000012D",
        ),
        (
            "report",
            "043D0000003E00000064 00F00034 8D3034257BF7194E4000001A85 810001 86C7 870003 8200060A2418202240 \
             8400060A2418202240 880001 8C3000 8BEE2C",
        ),
        (
            "128 bits",
            "043D0000002900000065 00F0001F 00F10016 0080 00112233445566778899AABBCCDDEEFF 810001 86C1",
        ),
        (
            "vendor's report",
            "043D0000003700000066 00F0002D 8D3034257BF7194E4000001A85 03FF000E 0000651A 00000038 0800 03FF000E \
             0000651A 00000039 E9EE",
        ),
        ("version probe", "082E0000000A00000001"),
    ];
    for (name, digits) in table {
        let wire = bytes(digits);
        let message = Message::decode(&wire).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(message.encode().unwrap(), wire, "{name}");
    }
    let refusal = Message::decode(&bytes(table[1].1)).unwrap();
    let data = refusal.child(p::READER_EVENT_NOTIFICATION_DATA).unwrap();
    assert_eq!(
        data.child(p::CONNECTION_ATTEMPT_EVENT).unwrap().number("Status"),
        Some(2)
    );
    assert_eq!(
        data.child(p::UPTIME).unwrap().number("Microseconds"),
        Some(5_000_000)
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let table: &[(&str, TreeError)] = &[
        ("043E", TreeError::Header),
        (
            "043E0000000B00000001",
            TreeError::MessageLength { said: 11, found: 10 },
        ),
        (
            "043E0000000B0000000100",
            TreeError::Left {
                within: "KEEPALIVE",
                left: 1,
            },
        ),
        (
            "04150000000C000000010000",
            TreeError::Short {
                within: "DELETE_ROSPEC",
                field: "ROSpecID",
            },
        ),
        (
            "04040000000E00000001 011F0009",
            TreeError::ParameterLength {
                within: "CLOSE_CONNECTION_RESPONSE",
                kind: 287,
                length: 9,
                left: 4,
            },
        ),
        (
            "04040000000E00000001 011F0003",
            TreeError::ParameterLength {
                within: "CLOSE_CONNECTION_RESPONSE",
                kind: 287,
                length: 3,
                left: 4,
            },
        ),
        (
            "04040000000C00000001 011F",
            TreeError::Left {
                within: "CLOSE_CONNECTION_RESPONSE",
                left: 2,
            },
        ),
        (
            "04040000000A00000001",
            TreeError::Missing {
                within: "CLOSE_CONNECTION_RESPONSE",
                what: "LLRPStatus",
            },
        ),
        (
            "04040000001A00000001 011F000800000000 011F000800000000",
            TreeError::Extra {
                within: "CLOSE_CONNECTION_RESPONSE",
                what: "LLRPStatus",
            },
        ),
        (
            "04040000001500000001 011F000800000000 810001",
            TreeError::Extra {
                within: "CLOSE_CONNECTION_RESPONSE",
                what: "AntennaID",
            },
        ),
        (
            "043D0000000B00000001 9E",
            TreeError::UnknownTv {
                within: "RO_ACCESS_REPORT",
                kind: 30,
            },
        ),
        (
            "043D0000001000000001 000D0006 0000",
            TreeError::TvWithLength {
                within: "RO_ACCESS_REPORT",
                kind: 13,
            },
        ),
        (
            "043D0000000E00000001 00F00004",
            TreeError::Missing {
                within: "TagReportData",
                what: "EPCParameter",
            },
        ),
    ];
    for (digits, error) in table {
        assert_eq!(Message::decode(&bytes(digits)), Err(*error), "{digits}");
    }
    assert_eq!(
        Message::decode(&bytes("043D0000000E00000001 00F00004"))
            .unwrap_err()
            .to_string(),
        "TagReportData has no EPCParameter"
    );
}

#[test]
fn what_stands_too_deep_or_is_too_long_is_an_error() {
    let nest = |levels: usize| {
        let error = || {
            Parameter::new(
                p::PARAMETER_ERROR,
                vec![Value::U16(1), Value::U16(100)],
                Vec::new(),
            )
        };
        let mut inner = error();
        for _ in 1..levels {
            inner = Parameter {
                parameters: vec![inner],
                ..error()
            };
        }
        alone(inner)
    };
    assert_eq!(nest(NESTING_MAX + 1).encode(), Err(TreeError::Deep));
    let good = nest(NESTING_MAX).encode().unwrap();
    assert!(Message::decode_leniently(&good).is_ok());
    // The same, wrapped once more by hand.
    let inner = &good[10..];
    let mut deep = good[..10].to_vec();
    deep.extend([0x01, 0x21]);
    deep.extend(((inner.len() + 8) as u16).to_be_bytes());
    deep.extend([0, 1, 0, 100]);
    deep.extend(inner);
    let length = (deep.len() as u32).to_be_bytes();
    deep[2..6].copy_from_slice(&length);
    assert_eq!(Message::decode_leniently(&deep), Err(TreeError::Deep));

    let long = alone(Parameter::custom(1, 1, vec![0; 65_536]));
    assert_eq!(long.encode(), Err(TreeError::TooLong { within: "Custom" }));
}

#[test]
fn a_reader_with_ideas_of_its_own_is_read_leniently_and_kept() {
    // An unknown parameter without length, and one that is cut off within its field.
    for digits in [
        "043D0000000D00000001 9E 0102",
        "043D0000001000000001 00D9 0006 0000",
        "0404 0000000A 00000001",
        "047F0000000C00000001 ABCD",
    ] {
        let wire = bytes(digits);
        let message = Message::decode_leniently(&wire).unwrap();
        assert_eq!(message.encode().unwrap(), wire, "{digits}");
    }
}
