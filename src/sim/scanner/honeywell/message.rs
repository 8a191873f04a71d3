//! How a Honeywell scanner sends a code.
//!
//! Source: Honeywell user's guides, "Data Format" and "Symbology Charts".

use crate::scanner::Label;

/// A code as text.
pub fn text(label: &Label, suffix: &[u8]) -> Vec<u8> {
    [&label.data, suffix].concat()
}

/// A code with its metadata: SYN FE, the length of what follows the CR, CR, `MSGGET`, the length of the data in four
/// digits, the code id, the AIM identifier without its bracket, GS, and the data with its suffix.
pub fn framed(label: &Label, suffix: &[u8]) -> Vec<u8> {
    let data = text(label, suffix);
    let [aim_code, aim_modifier] = label.aim;
    let mut payload = format!("MSGGET{:04}", data.len()).into_bytes();
    payload.extend([code_id(label), aim_code, aim_modifier, 0x1D]);
    payload.extend(data);
    let mut sent = vec![0x16, 0xFE];
    sent.extend(u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes());
    sent.push(b'\r');
    sent.extend(payload);
    sent
}

/// Honeywell's own letter for a symbol.
fn code_id(label: &Label) -> u8 {
    match label.aim {
        [b'E', b'0' | b'3'] => b'd',
        [b'E', _] => b'D',
        [b'C', b'1'] => b'I',
        [b'A', _] => b'b',
        [b'F', _] => b'a',
        [b'G', _] => b'i',
        [b'H', _] => b'h',
        [b'I', _] => b'e',
        [b'S' | b'R', _] => b'f',
        [b'M', _] => b'g',
        [b'L', b'3'..=b'5'] => b'R',
        [b'L', _] => b'r',
        [b'K', _] => b'o',
        [b'T', _] => b'l',
        [b'B', _] => b't',
        [b'd', _] => b'w',
        [b'Q', _] => b's',
        [b'U', _] => b'x',
        [b'z', _] => b'z',
        [b'e', _] if label.data.len() == 16 => b'y',
        [b'e', _] => b'}',
        [b'h', _] => b'H',
        [b'J', _] => b'.',
        _ => b'j',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_framed_as_in_the_guide() {
        let label = Label::of("]E04006381333931");
        let expected: Vec<u8> = [
            &[0x16, 0xFE, 0x1C, 0, 0, 0, 0x0D][..],
            b"MSGGET0014dE0\x1d4006381333931\r",
        ]
        .concat();
        assert_eq!(framed(&label, b"\r"), expected);
        assert_eq!(text(&label, b"\r\n"), b"4006381333931\r\n");
    }

    #[test]
    fn symbols_have_honeywells_letters() {
        for (text, letter) in [
            ("]C10109521101530001", 'I'),
            ("]C0LOC-A-01", 'j'),
            ("]E496385074", 'D'),
            ("]d20109521101530001", 'w'),
            ("]Q1X", 's'),
            ("]e00109521101530001", 'y'),
            ("]e0010952110153000110L1", '}'),
        ] {
            assert_eq!(char::from(code_id(&Label::of(text))), letter, "{text}");
        }
    }
}
