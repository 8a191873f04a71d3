//! Keyboard layouts: which key writes what. Data, one file a layout.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A layout: for each key what it writes alone, with Shift, with AltGr, and with AltGr and Shift.
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
    ("uk", include_str!("layouts/uk.toml")),
    ("it", include_str!("layouts/it.toml")),
    ("es", include_str!("layouts/es.toml")),
];

/// The words of the `layout` setting.
pub const WORDS: &[&str] = &["us", "de", "fr", "uk", "it", "es"];

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

    /// What a key writes. Caps Lock turns letters only. Shift with AltGr is AltGr where the key has no fourth character.
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
            return writes.get(2 + usize::from(shift)).or(writes.get(2)).copied();
        }
        // A key with two small letters, as è and é in Italian, is none that Caps Lock turns.
        let is_letter = writes
            .get(1)
            .is_some_and(|upper| plain.to_uppercase().eq([*upper]) && *upper != plain);
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
            let held = [(false, false), (true, false), (false, true), (true, true)];
            for wanted in (b' '..=b'~').map(char::from) {
                // The keypad is the same everywhere and would hide a sign that the layout lacks.
                let found = layout.keys.keys().any(|code| {
                    held.iter().any(|(shift, alt_gr)| {
                        layout.character(*code, *shift, *alt_gr, false) == Some(wanted)
                    })
                });
                assert!(found, "{name} has no key for {wanted:?}");
            }
        }
    }

    #[test]
    fn layouts_differ_where_countries_do() {
        let (none, shift, alt_gr, both) = ((false, false), (true, false), (false, true), (true, true));
        for (name, code, (is_shift, is_alt_gr), wanted) in [
            ("us", 3, shift, '@'),
            ("uk", 3, shift, '"'),
            ("uk", 40, shift, '@'),
            ("uk", 43, none, '#'),
            ("uk", 4, shift, '£'),
            ("de", 21, none, 'z'),
            ("de", 16, alt_gr, '@'),
            ("fr", 2, shift, '1'),
            ("fr", 30, none, 'q'),
            ("it", 26, alt_gr, '['),
            ("it", 26, both, '{'),
            ("it", 39, alt_gr, '@'),
            ("es", 3, alt_gr, '@'),
            ("es", 3, both, '@'),
            ("es", 39, shift, 'Ñ'),
            ("es", 53, none, '-'),
        ] {
            let written = Layout::named(name)
                .unwrap()
                .character(code, is_shift, is_alt_gr, false);
            assert_eq!(written, Some(wanted), "{name}, key {code}");
        }
    }

    #[test]
    fn caps_lock_turns_letters_only() {
        let layout = Layout::named("us").unwrap();
        assert_eq!(layout.character(30, false, false, true), Some('A'));
        assert_eq!(layout.character(30, true, false, true), Some('a'));
        assert_eq!(layout.character(2, false, false, true), Some('1'));
        let layout = Layout::named("it").unwrap();
        assert_eq!(layout.character(26, false, false, true), Some('è'));
        let layout = Layout::named("de").unwrap();
        assert_eq!(layout.character(39, false, false, true), Some('Ö'));
        assert_eq!(layout.character(12, false, false, true), Some('ß'));
    }
}
