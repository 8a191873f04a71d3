//! Writes a capture's text: the header first, then one chunk after another as they come.

use std::fmt::Write as _;

use super::{BYTES_PER_LINE, Chunk, Direction, Header, MAGIC, Starts};

/// Appends the header and the blank line that ends it.
pub fn write_header(text: &mut String, header: &Header) {
    let _ = writeln!(text, "{MAGIC}");
    for (key, value) in [
        ("driver", header.driver.as_str()),
        ("device", &header.device),
        ("firmware", &header.firmware),
        ("who", &header.who),
        ("when", &header.when),
        ("licence", &header.licence),
        ("origin", header.origin.as_str()),
    ] {
        let _ = writeln!(text, "{key}: {}", one_line(value));
    }
    if header.starts == Starts::Opened {
        let _ = writeln!(text, "starts: opened");
    }
    if !header.settings.is_empty() {
        let settings: Vec<String> = header
            .settings
            .iter()
            .map(|(key, value)| format!("{key}={}", value.replace(' ', r"\x20")))
            .collect();
        let _ = writeln!(text, "settings: {}", settings.join(" "));
    }
    for note in header.notes.lines() {
        let _ = writeln!(text, "notes: {note}");
    }
    text.push('\n');
}

/// Appends one chunk, [`BYTES_PER_LINE`] bytes a line.
pub fn write_chunk(text: &mut String, chunk: &Chunk) {
    let sign = match chunk.direction {
        Direction::FromDevice => '<',
        Direction::ToDevice => '>',
    };
    for piece in chunk.bytes.chunks(BYTES_PER_LINE) {
        let _ = write!(text, "{sign} {:>9} ", chunk.at.us);
        for byte in piece {
            let _ = write!(text, " {byte:02X}");
        }
        for _ in piece.len()..BYTES_PER_LINE {
            text.push_str("   ");
        }
        text.push_str("  |");
        text.extend(piece.iter().map(|&byte| match byte {
            0x20..=0x7E => char::from(byte),
            _ => '.',
        }));
        text.push_str("|\n");
    }
}

/// A header value may not end the header or begin another.
fn one_line(value: &str) -> String {
    value
        .split(['\r', '\n'])
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
}
