//! Answers of the attribute commands (SSI_MGMT): who the scanner is and how its battery does.
//!
//! Source: Zebra SSI Programmer's Guide, "RSM commands"; attribute numbers from Zebra's attribute data
//! dictionary.

use crate::contract::{Output, Outputs};

/// Get the longest packet the scanner takes.
const GET_BUFFER_SIZE: u8 = 0x20;
/// Get attributes.
const GET_ATTRIBUTES: u8 = 0x02;
/// Ends a list of attributes.
const END: u16 = 0xFFFF;

/// Tells what an SSI_MGMT body answers: length (2), operation, status, then what was asked.
pub fn tell(body: &[u8], out: &mut Outputs) {
    let [_, _, operation, _status, rest @ ..] = body else {
        return;
    };
    match *operation {
        GET_BUFFER_SIZE => {
            if let [high, low, ..] = rest {
                let size = u16::from_be_bytes([*high, *low]);
                push("buffer_size".to_owned(), size.to_string(), rest, out);
            }
        }
        GET_ATTRIBUTES => {
            let mut rest = rest;
            while let Some(after) = attribute(rest, out) {
                rest = after;
            }
        }
        _ => push("management".to_owned(), String::new(), body, out),
    }
}

/// Number (2), type, flags, value. `None` at the end or at what cannot be read.
fn attribute<'a>(bytes: &'a [u8], out: &mut Outputs) -> Option<&'a [u8]> {
    let [high, low, kind, _flags, rest @ ..] = bytes else {
        return None;
    };
    let number = u16::from_be_bytes([*high, *low]);
    if number == END {
        return None;
    }
    let word = |at: usize| Some(u16::from_be_bytes([*rest.get(at)?, *rest.get(at + 1)?]));
    let (text, length) = match kind {
        b'B' => (rest.first()?.to_string(), 1),
        b'W' => (word(0)?.to_string(), 2),
        b'S' => {
            let length = usize::from(word(0)?);
            let text = rest.get(4..4 + length)?;
            let text = text
                .iter()
                .filter(|byte| **byte != 0)
                .map(|&byte| char::from(byte))
                .collect();
            (text, 4 + length)
        }
        b'A' => (String::new(), 5 + usize::from(word(1)?)),
        _ => return None,
    };
    push(name(number), text, rest.get(..length)?, out);
    rest.get(length..)
}

fn name(number: u16) -> String {
    match number {
        533 => "model".to_owned(),
        534 => "serial_number".to_owned(),
        541 => "bluetooth_address".to_owned(),
        30_012 => "battery_percent".to_owned(),
        30_013 => "battery_health".to_owned(),
        other => format!("attribute_{other}"),
    }
}

fn push(name: String, text: String, bytes: &[u8], out: &mut Outputs) {
    out.push(Output::Answer {
        name: name.into(),
        text,
        bytes: bytes.to_vec(),
    });
}
