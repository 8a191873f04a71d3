//! What `decode` is asked: a line of JSON, or a text from the command line.

use serde::Deserialize;
use tallyman_codes::{
    Barcode, SymbologyId, epc, understand_bracketed, understand_element_string, understand_text,
    understand_uri,
};

use super::Reader;
use super::answer::Answer;

/// What is wrong with a line that is no request.
pub(super) const TOO_LONG: &str = "The line is longer than 64 KiB: give one code a line.";
const NO_OBJECT: &str =
    "The line is no object with one of scan, scan_hex, element_string, bracketed, uri or epc.";
const NO_HEX: &str = "The digits are not hexadecimal: give two digits 0 to F for each byte.";
const NO_PC: &str = "The PC word is not four hexadecimal digits, as 3000.";
const NO_BITS: &str = "There are more bits than the digits hold: leave bits out, or give all digits.";

/// One code, and the form in which it is given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// What a scanner sent, identifier first if it has one.
    Scan(String),
    /// An element string without identifier.
    ElementString(String),
    Bracketed(String),
    Uri(String),
    Epc {
        bytes: Vec<u8>,
        bits: Option<usize>,
        pc: Option<u16>,
    },
}

/// A line as it is written.
#[derive(Deserialize)]
struct Line {
    scan: Option<String>,
    scan_hex: Option<String>,
    element_string: Option<String>,
    bracketed: Option<String>,
    uri: Option<String>,
    epc: Option<String>,
    bits: Option<usize>,
    pc: Option<String>,
}

impl Request {
    /// Reads a line of input; a sentence where it is no request.
    pub(super) fn read(line: &[u8]) -> Result<Self, &'static str> {
        let line: Line = serde_json::from_slice(line).map_err(|_| NO_OBJECT)?;
        let given = [
            &line.scan,
            &line.scan_hex,
            &line.element_string,
            &line.bracketed,
            &line.uri,
            &line.epc,
        ];
        if given.iter().filter(|member| member.is_some()).count() != 1 {
            return Err(NO_OBJECT);
        }
        let (bits, pc) = (line.bits, line.pc);
        let scan_hex = line.scan_hex.map(|digits| Self::of_bytes(&digits));
        let epc = line.epc.map(|digits| Self::of_epc(&digits, bits, pc.as_deref()));
        let plain = (line.scan.map(Self::Scan))
            .or(line.element_string.map(Self::ElementString))
            .or(line.bracketed.map(Self::Bracketed))
            .or(line.uri.map(Self::Uri));
        plain.map(Ok).or(scan_hex).or(epc).unwrap_or(Err(NO_OBJECT))
    }

    /// What a text from the command line is: a tag behind `epc:`, bracketed text by its first character, else
    /// what a scanner sent.
    pub(super) fn of_text(text: &str) -> Result<Self, &'static str> {
        if let Some(digits) = text.strip_prefix("epc:") {
            return Self::of_epc(digits, None, None);
        }
        let text = text.to_owned();
        Ok(if text.starts_with('(') {
            Self::Bracketed(text)
        } else {
            Self::Scan(text)
        })
    }

    /// The bytes of a scan become text as those of a scanner do.
    fn of_bytes(digits: &str) -> Result<Self, &'static str> {
        let bytes = bytes_of(digits).ok_or(NO_HEX)?;
        let (symbology, message) = match SymbologyId::split(&bytes) {
            Some((id, message)) => (Some(id), message),
            None => (None, bytes.as_slice()),
        };
        let text = Barcode {
            symbology,
            ..Barcode::plain(message)
        }
        .text();
        Ok(Self::Scan(
            symbology.map(|id| id.to_string()).unwrap_or_default() + &text,
        ))
    }

    fn of_epc(digits: &str, bits: Option<usize>, pc: Option<&str>) -> Result<Self, &'static str> {
        let odd = digits.len() % 2 == 1;
        let padded = if odd {
            format!("{digits}0")
        } else {
            digits.to_owned()
        };
        let bytes = bytes_of(&padded).ok_or(NO_HEX)?;
        let bits = bits.or(odd.then_some(digits.len() * 4));
        if bits.is_some_and(|bits| bits > bytes.len() * 8) {
            return Err(NO_BITS);
        }
        let pc = pc.map(|digits| {
            bytes_of(digits)
                .and_then(|bytes| <[u8; 2]>::try_from(bytes).ok())
                .ok_or(NO_PC)
        });
        Ok(Self::Epc {
            bytes,
            bits,
            pc: pc.transpose()?.map(u16::from_be_bytes),
        })
    }

    /// Answers the request.
    pub(super) fn answer(&self, reader: &Reader) -> Answer {
        let rules = &reader.rules;
        let separated =
            |text: &str| String::from_utf8_lossy(&reader.gs_alias.apply(text.as_bytes())).into_owned();
        match self {
            Self::Scan(text) => {
                let text = separated(text);
                let message = SymbologyId::split(text.as_bytes()).map_or(0, |_| 3);
                let answer = Answer::of(understand_text(&text, rules), rules);
                answer.with_repairs(text.get(message..).unwrap_or_default(), rules)
            }
            Self::ElementString(text) => {
                let text = separated(text);
                Answer::of(understand_element_string(&text, rules), rules).with_repairs(&text, rules)
            }
            Self::Bracketed(text) => Answer::of(understand_bracketed(text, rules), rules),
            Self::Uri(text) => Answer::of(understand_uri(text, rules), rules),
            Self::Epc { bytes, bits, pc } => Answer::of_epc(epc::decode(bytes, *bits, *pc), rules),
        }
    }
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let value = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    pairs
        .iter()
        .map(|[high, low]| Some(value(*high)? << 4 | value(*low)?))
        .collect()
}
