//! Parameters: their numbers on the wire, their names, and the ones this driver wants.
//!
//! Source: Zebra SSI Programmer's Guide, PARAM_SEND and PARAM_REQUEST; numbers and defaults from the parameter
//! tables of the DS4308, DS8108, DS9808 and DS457 product reference guides.

/// A parameter's number and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The number, as the guides print it in decimal.
    pub number: u16,
    /// The value's bytes: one for most, two for a word.
    pub value: Vec<u8>,
}

/// What the driver wants of a scanner, in the order it asks. `aim` says whether codes shall come with their AIM
/// identifier, which tells a GS1 Data Matrix or QR code from a plain one where the packet's type does not.
pub fn wanted(aim: bool) -> Vec<(u16, u8)> {
    let mut wanted = vec![
        (DECODE_DATA_PACKET_FORMAT, 1),
        (SOFTWARE_HANDSHAKING, 1),
        (BEEP_AFTER_GOOD_DECODE, 0),
        (TRANSMIT_NO_READ, 1),
        (PARAMETER_SCANNING, 0),
    ];
    if aim {
        wanted.push((TRANSMIT_CODE_ID, 1));
    }
    wanted
}

/// Codes come in packets with their type, not as bare text.
pub const DECODE_DATA_PACKET_FORMAT: u16 = 238;
/// Each packet is acknowledged, which is what holds the scanner off while the program is busy.
pub const SOFTWARE_HANDSHAKING: u16 = 159;
/// The scanner's own beep; the verdict's is sent by the program.
pub const BEEP_AFTER_GOOD_DECODE: u16 = 56;
/// A trigger that found nothing says so.
pub const TRANSMIT_NO_READ: u16 = 94;
/// Programming codes do not change the scanner at work.
pub const PARAMETER_SCANNING: u16 = 236;
/// What stands before each code: 0 nothing, 1 the AIM identifier, 2 Symbol's own characters.
pub const TRANSMIT_CODE_ID: u16 = 45;

/// The guide's name of a parameter, for logs and `devices`.
pub fn name(number: u16) -> String {
    match number {
        DECODE_DATA_PACKET_FORMAT => "decode_data_packet_format".to_owned(),
        SOFTWARE_HANDSHAKING => "software_handshaking".to_owned(),
        BEEP_AFTER_GOOD_DECODE => "beep_after_good_decode".to_owned(),
        TRANSMIT_NO_READ => "transmit_no_read".to_owned(),
        PARAMETER_SCANNING => "parameter_scanning".to_owned(),
        TRANSMIT_CODE_ID => "transmit_code_id".to_owned(),
        other => format!("parameter_{other}"),
    }
}

/// A number as it goes over the wire.
pub fn encode_number(number: u16) -> Vec<u8> {
    let low = number.to_be_bytes()[1];
    match number {
        0..0xF0 => vec![low],
        256..512 => vec![0xF0, low],
        512..768 => vec![0xF1, low],
        768..1024 => vec![0xF2, low],
        _ => {
            let [high, low] = number.to_be_bytes();
            vec![0xF8, high, low]
        }
    }
}

/// The parameters in the body of a PARAM_SEND: a beep byte, then numbers with values. What cannot be read ends
/// the list.
pub fn decode(body: &[u8]) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    let mut rest = body.get(1..).unwrap_or(&[]);
    while let Some((parameter, after)) = decode_one(rest) {
        parameters.push(parameter);
        rest = after;
    }
    parameters
}

fn decode_one(bytes: &[u8]) -> Option<(Parameter, &[u8])> {
    let (&first, after) = bytes.split_first()?;
    let (kind, numbered) = match first {
        0xF3 | 0xF4 | 0xF6 => (first, after),
        _ => (0, bytes),
    };
    let (number, rest) = decode_number(numbered)?;
    let (length, rest) = match kind {
        0xF3 | 0xF6 => {
            let (&length, rest) = rest.split_first()?;
            (usize::from(length), rest)
        }
        0xF4 => (2, rest),
        _ => (1, rest),
    };
    let value = rest.get(..length)?.to_vec();
    Some((Parameter { number, value }, rest.get(length..)?))
}

/// The number at the front of these bytes, and what follows it.
pub fn decode_number(bytes: &[u8]) -> Option<(u16, &[u8])> {
    match bytes {
        [0xF0, low, rest @ ..] => Some((256 + u16::from(*low), rest)),
        [0xF1, low, rest @ ..] => Some((512 + u16::from(*low), rest)),
        [0xF2, low, rest @ ..] => Some((768 + u16::from(*low), rest)),
        [0xF8, high, low, rest @ ..] => Some((u16::from_be_bytes([*high, *low]), rest)),
        [direct @ 0..0xF0, rest @ ..] => Some((u16::from(*direct), rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_encoded_and_read_back() {
        for number in [0, 0x8A, 0xEE, 256, 334, 402, 533, 767, 768, 1023, 1024, 20_004] {
            let wire = encode_number(number);
            assert_eq!(decode_number(&wire), Some((number, &[][..])), "{number}");
        }
        assert_eq!(encode_number(334), [0xF0, 0x4E]);
    }

    #[test]
    fn values_of_all_lengths_are_read() {
        let body = [
            0xFF, 0xEE, 1, 0xF4, 0xF0, 0x4E, 1, 2, 0xF3, 0x45, 2, b'A', b'B', 0x9F,
        ];
        let found = decode(&body);
        let numbers: Vec<u16> = found.iter().map(|parameter| parameter.number).collect();
        assert_eq!(numbers, [238, 334, 69]);
        assert_eq!(found[2].value, b"AB");
    }
}
