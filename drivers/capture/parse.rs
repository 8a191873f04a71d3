//! Reads a capture's text.

use tallyman_codes::Moment;

use super::{Capture, Chunk, Direction, Header, MAGIC, Origin, Starts};

/// A text that is no capture; the line counts from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct CaptureError {
    /// The line at fault.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a capture.
///
/// # Errors
/// [`CaptureError`] names the line and what is wrong with it.
pub fn parse(text: &str) -> Result<Capture, CaptureError> {
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    if lines.next().is_none_or(|(_, first)| first.trim_end() != MAGIC) {
        return Err(fault(1, format!("the first line of a capture is `{MAGIC}`")));
    }
    let mut header = Header::default();
    let mut header_line = 1;
    for (line, text) in lines.by_ref() {
        header_line = line;
        if text.trim().is_empty() {
            break;
        }
        if !text.starts_with('#') {
            header_member(&mut header, line, text)?;
        }
    }
    complete(&header, header_line)?;

    let mut chunks: Vec<Chunk> = Vec::new();
    for (line, text) in lines {
        if text.trim().is_empty() || text.starts_with('#') {
            continue;
        }
        let chunk = chunk(line, text)?;
        match chunks.last_mut() {
            Some(last) if chunk.at < last.at => {
                return Err(fault(line, "time runs backwards".to_owned()));
            }
            Some(last) if last.direction == chunk.direction && last.at == chunk.at => {
                last.bytes.extend_from_slice(&chunk.bytes);
            }
            _ => chunks.push(chunk),
        }
    }
    Ok(Capture { header, chunks })
}

fn fault(line: usize, reason: String) -> CaptureError {
    CaptureError { line, reason }
}

fn header_member(header: &mut Header, line: usize, text: &str) -> Result<(), CaptureError> {
    let Some((key, value)) = text.split_once(':') else {
        return Err(fault(
            line,
            "a header line is `key: value`, and a blank line ends the header".to_owned(),
        ));
    };
    let value = value.trim();
    let text_member = match key {
        "driver" => &mut header.driver,
        "device" => &mut header.device,
        "firmware" => &mut header.firmware,
        "who" => &mut header.who,
        "when" => &mut header.when,
        "licence" => &mut header.licence,
        "notes" => {
            if !header.notes.is_empty() {
                header.notes.push('\n');
            }
            header.notes.push_str(value);
            return Ok(());
        }
        "origin" => {
            header.origin = [Origin::Recorded, Origin::ManualExample, Origin::Composed]
                .into_iter()
                .find(|origin| origin.as_str() == value)
                .ok_or_else(|| {
                    fault(
                        line,
                        "`origin` is `recorded`, `manual example` or `composed`".to_owned(),
                    )
                })?;
            return Ok(());
        }
        "starts" => {
            header.starts = match value {
                "running" => Starts::Running,
                "opened" => Starts::Opened,
                _ => return Err(fault(line, "`starts` is `running` or `opened`".to_owned())),
            };
            return Ok(());
        }
        "settings" => {
            for setting in value.split_whitespace() {
                let Some((key, value)) = setting.split_once('=') else {
                    return Err(fault(line, format!("the setting `{setting}` is not `KEY=VALUE`")));
                };
                header.settings.push((key.to_owned(), value.to_owned()));
            }
            return Ok(());
        }
        _ => return Err(fault(line, format!("`{key}` is no header of a capture"))),
    };
    value.clone_into(text_member);
    Ok(())
}

/// Provenance is not optional: a capture nobody can place is no evidence.
fn complete(header: &Header, line: usize) -> Result<(), CaptureError> {
    for (key, value) in [
        ("driver", &header.driver),
        ("device", &header.device),
        ("firmware", &header.firmware),
        ("who", &header.who),
        ("when", &header.when),
        ("licence", &header.licence),
    ] {
        if value.is_empty() {
            return Err(fault(
                line,
                format!("the header `{key}` is missing; write `unknown` if it is"),
            ));
        }
    }
    Ok(())
}

fn chunk(line: usize, text: &str) -> Result<Chunk, CaptureError> {
    let hex_part = text.split_once('|').map_or(text, |(before, _)| before);
    let mut words = hex_part.split_whitespace();
    let direction = match words.next() {
        Some("<") => Direction::FromDevice,
        Some(">") => Direction::ToDevice,
        _ => {
            return Err(fault(
                line,
                "a line of bytes begins with `<` or `>` and a space".to_owned(),
            ));
        }
    };
    let at = words
        .next()
        .and_then(|word| word.parse().ok())
        .map(Moment::from_us)
        .ok_or_else(|| {
            fault(
                line,
                "microseconds since the first line stand before the bytes".to_owned(),
            )
        })?;
    let bytes = words
        .map(|word| {
            u8::from_str_radix(word, 16)
                .ok()
                .filter(|_| word.len() == 2)
                .ok_or_else(|| fault(line, format!("`{word}` is no byte; two hexadecimal digits are")))
        })
        .collect::<Result<Vec<u8>, _>>()?;
    if bytes.is_empty() {
        return Err(fault(line, "there are no bytes on this line".to_owned()));
    }
    Ok(Chunk { direction, at, bytes })
}

#[cfg(test)]
mod tests {
    use super::super::{write_chunk, write_header};
    use super::*;

    const SAMPLE: &str = "tallyman-capture 1\ndriver: plain_text\ndevice: d\nfirmware: f\nwho: w\n\
        when: 2026-11-23\nlicence: CC0-1.0\norigin: manual example\nsettings: suffix=cr idle_ms=9\n\
        starts: opened\nnotes: one\nnotes: two\n\n# a remark\n<        0  34 30                    |40|\n\
        >       10  7C 0D                    ||.|\n";

    #[test]
    fn what_is_written_is_read_back() {
        let capture = parse(SAMPLE).unwrap();
        assert_eq!(capture.header.notes, "one\ntwo");
        assert_eq!(capture.header.settings[1], ("idle_ms".to_owned(), "9".to_owned()));
        assert_eq!(capture.chunks[1].bytes, [0x7C, 0x0D]);
        let mut text = String::new();
        write_header(&mut text, &capture.header);
        for chunk in &capture.chunks {
            write_chunk(&mut text, chunk);
        }
        assert_eq!(parse(&text).unwrap(), capture);
    }

    #[test]
    fn a_fault_names_its_line() {
        for (find, put, message) in [
            (
                "tallyman-capture 1",
                "capture",
                "line 1: the first line of a capture is `tallyman-capture 1`",
            ),
            (
                "licence: CC0-1.0\n",
                "",
                "line 12: the header `licence` is missing; write `unknown` if it is",
            ),
            (
                "origin: manual",
                "origin: a manual",
                "line 8: `origin` is `recorded`, `manual example` or `composed`",
            ),
            ("device:", "divice:", "line 3: `divice` is no header of a capture"),
            (
                "34 30",
                "34 3G",
                "line 15: `3G` is no byte; two hexadecimal digits are",
            ),
            ("0  34 30", "20  34 30", "line 16: time runs backwards"),
            (
                ">  ",
                "=  ",
                "line 16: a line of bytes begins with `<` or `>` and a space",
            ),
        ] {
            let broken = SAMPLE.replacen(find, put, 1);
            assert_ne!(broken, SAMPLE);
            assert_eq!(parse(&broken).unwrap_err().to_string(), message);
        }
    }
}
