//! Bytes as letters and digits, five bits each, most significant first; what is left of the last character is zero.

/// Without 0, 1, I and O, which people take for each other.
pub(super) const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

pub(super) fn write(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(character(held >> bits));
        }
    }
    if bits > 0 {
        text.push(character(held << (5 - bits)));
    }
    text
}

/// `None` where a character is none of these, or the last one holds what no byte wrote.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == character)?;
        held = (held << 5 | u32::try_from(value).ok()?) & 0xFFF;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).ok()?);
        }
    }
    let rest = held & ((1 << bits) - 1);
    (bits < 5 && rest == 0).then_some(bytes)
}

fn character(value: u32) -> char {
    char::from(ALPHABET[(value & 31) as usize])
}
