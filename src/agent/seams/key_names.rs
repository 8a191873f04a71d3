//! The names of keys, as the control socket, keymaps and people write them.

use tallyman_floor::Key;

/// The names of the keys that are no characters.
const KEYS: [(&str, Key); 10] = [
    ("backspace", Key::Backspace),
    ("enter", Key::Enter),
    ("escape", Key::Escape),
    ("undo", Key::Undo),
    ("done", Key::Done),
    ("short", Key::Short),
    ("type", Key::Type),
    ("exception", Key::Exception),
    ("skip", Key::Skip),
    ("menu", Key::Menu),
];

/// The key of a name: a digit, a point or another character stands for itself; the others have names.
pub fn key_of(name: &str) -> Option<Key> {
    if let Some((_, key)) = KEYS.iter().find(|(known, _)| *known == name) {
        return Some(*key);
    }
    let mut characters = name.chars();
    let (first, rest) = (characters.next()?, characters.next());
    if rest.is_some() || first.is_control() {
        return None;
    }
    Some(
        match first.to_digit(10).and_then(|digit| u8::try_from(digit).ok()) {
            Some(digit) => Key::Digit(digit),
            None if first == '.' => Key::Point,
            None => Key::Character(first),
        },
    )
}

/// The name of a key, which [`key_of`] reads.
pub fn name_of(key: Key) -> String {
    match key {
        Key::Digit(digit) => digit.to_string(),
        Key::Character(character) => character.to_string(),
        Key::Point => ".".to_owned(),
        other => KEYS
            .iter()
            .find(|(_, known)| *known == other)
            .map(|(name, _)| (*name).to_owned())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_name_that_is_read_back() {
        let keys = KEYS.map(|(_, key)| key);
        let others = [
            Key::Digit(0),
            Key::Digit(9),
            Key::Point,
            Key::Character('A'),
            Key::Character('é'),
        ];
        for key in keys.into_iter().chain(others) {
            assert_eq!(key_of(&name_of(key)), Some(key), "{key:?}");
        }
        for none in ["", "ab", "Enter", "\n", "undo "] {
            assert_eq!(key_of(none), None, "{none:?}");
        }
    }
}
