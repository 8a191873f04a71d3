//! Keyboard layouts: which key writes what. Data, one file a layout.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A layout: for each key what it writes alone, with Shift, and with AltGr.
#[derive(Debug, Clone)]
pub struct Layout {
    keys: BTreeMap<u16, Vec<char>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: BTreeMap<String, String>,
}

/// The layouts there are, with their files.
pub const LAYOUTS: &[(&str, &str)] = &[
    ("us", include_str!("layouts/us.toml")),
    ("de", include_str!("layouts/de.toml")),
    ("fr", include_str!("layouts/fr.toml")),
];

/// The words of the `layout` setting.
pub const WORDS: &[&str] = &["us", "de", "fr"];

/// Keypad keys: digits by their value, which also write Alt codes, and signs. The same in every layout.
const KEYPAD_DIGITS: [u16; 10] = [82, 79, 80, 81, 75, 76, 77, 71, 72, 73];
const KEYPAD_SIGNS: [(u16, char); 6] = [(83, '.'), (55, '*'), (74, '-'), (78, '+'), (98, '/'), (117, '=')];

/// The digit of a keypad key.
pub fn keypad_digit(code: u16) -> Option<u32> {
    KEYPAD_DIGITS
        .iter()
        .position(|key| *key == code)
        .and_then(|digit| u32::try_from(digit).ok())
}

impl Layout {
    /// The layout of this name. `None`: there is no such file, or it is no layout; a test keeps that from being.
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = LAYOUTS.iter().find(|(known, _)| *known == name)?;
        let file: File = toml::from_str(text).ok()?;
        let keys = file
            .keys
            .iter()
            .map(|(code, writes)| Some((code.parse().ok()?, writes.chars().collect())))
            .collect::<Option<BTreeMap<u16, Vec<char>>>>()?;
        Some(Self { keys })
    }

    /// What a key writes. Caps Lock turns letters only.
    pub fn character(&self, code: u16, shift: bool, alt_gr: bool, caps_lock: bool) -> Option<char> {
        if let Some(digit) = keypad_digit(code) {
            return char::from_digit(digit, 10);
        }
        if let Some((_, sign)) = KEYPAD_SIGNS.iter().find(|(key, _)| *key == code) {
            return Some(*sign);
        }
        let writes = self.keys.get(&code)?;
        let plain = *writes.first()?;
        if alt_gr {
            return writes.get(2).copied();
        }
        let is_letter = plain.is_alphabetic() && writes.get(1).is_some_and(|upper| upper.is_alphabetic());
        let shifted = shift != (caps_lock && is_letter);
        writes.get(usize::from(shifted)).copied()
    }

    /// The base character of a key, for control characters: Ctrl and the key that writes `]` is GS.
    pub fn base(&self, code: u16) -> Option<char> {
        self.keys.get(&code)?.first().copied()
    }
}

/// The byte of a character in ISO/IEC 8859-1, in which codes are text; others are UTF-8.
pub fn push_character(character: char, bytes: &mut Vec<u8>) {
    match u8::try_from(u32::from(character)) {
        Ok(byte) => bytes.push(byte),
        Err(_) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_writes_every_printable_ascii_character() {
        assert_eq!(LAYOUTS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), WORDS);
        for (name, _) in LAYOUTS {
            let layout = Layout::named(name).unwrap();
            for wanted in (b' '..=b'~').map(char::from) {
                let found = (0..128).any(|code| {
                    [(false, false), (true, false), (false, true)]
                        .into_iter()
                        .any(|(shift, alt_gr)| layout.character(code, shift, alt_gr, false) == Some(wanted))
                });
                assert!(found, "{name} has no key for {wanted:?}");
            }
        }
    }

    #[test]
    fn caps_lock_turns_letters_only() {
        let layout = Layout::named("us").unwrap();
        assert_eq!(layout.character(30, false, false, true), Some('A'));
        assert_eq!(layout.character(30, true, false, true), Some('a'));
        assert_eq!(layout.character(2, false, false, true), Some('1'));
    }
}
