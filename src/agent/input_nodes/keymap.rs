//! Which key of a keypad means what: data, one file a keypad, in `config/keymaps`.
//!
//! ```toml
//! [keys]
//! KEY_F1 = "undo"
//! 704 = "enter"
//! ```
//!
//! On the left the kernel's name of the key or its number (Linux, `include/uapi/linux/input-event-codes.h`), on the right
//! the agent's key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use evdev::KeyCode;
use serde::Deserialize;
use tallyman_floor::Key;

use crate::seams::key_names::key_of;

/// The keymaps that are part of the program, with their files.
pub const SHIPPED: &[(&str, &str)] = &[
    (
        "numeric_keypad",
        include_str!("../../../config/keymaps/numeric_keypad.toml"),
    ),
    (
        "function_keys",
        include_str!("../../../config/keymaps/function_keys.toml"),
    ),
    ("letters", include_str!("../../../config/keymaps/letters.toml")),
];

/// Largest file that may be a keymap, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Largest key code (`KEY_MAX`).
const CODE_MAX: u16 = 0x2FF;

/// Which key means what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keymap {
    keys: BTreeMap<u16, Key>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: BTreeMap<String, String>,
}

/// Why a keymap cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// There is no such file.
    #[error("the keymap {} cannot be read: {cause}. Correct `keys.map`; shipped are {}", .path.display(), shipped())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// It is no TOML of this form.
    #[error("the keymap {map} cannot be used: {cause}")]
    Form {
        /// Its name.
        map: String,
        /// What is wrong, with its line.
        cause: String,
    },
    /// A row says nothing.
    #[error("the keymap {map} has the row `{code} = \"{key}\"`: {wrong}")]
    Row {
        /// Its name.
        map: String,
        /// The left side.
        code: String,
        /// The right side.
        key: String,
        /// What is wrong with it.
        wrong: &'static str,
    },
}

fn shipped() -> String {
    SHIPPED
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join(", ")
}

impl Keymap {
    /// The keymap of this name, or in this file.
    ///
    /// # Errors
    /// [`KeymapError`] says which row is wrong.
    pub fn load(name: &str) -> Result<Self, KeymapError> {
        if let Some((_, text)) = SHIPPED.iter().find(|(known, _)| *known == name) {
            return Self::parse(name, text);
        }
        let path = Path::new(name);
        let failed = |cause: String| KeymapError::File {
            path: path.to_path_buf(),
            cause,
        };
        let length = std::fs::metadata(path)
            .map_err(|cause| failed(cause.to_string()))?
            .len();
        if length > FILE_BYTES_MAX {
            return Err(failed(format!("it has more than {FILE_BYTES_MAX} bytes")));
        }
        let text = std::fs::read_to_string(path).map_err(|cause| failed(cause.to_string()))?;
        Self::parse(name, &text)
    }

    /// Reads a keymap.
    ///
    /// # Errors
    /// [`KeymapError`] says which row is wrong.
    pub fn parse(map: &str, text: &str) -> Result<Self, KeymapError> {
        let file: File = toml::from_str(text).map_err(|cause| KeymapError::Form {
            map: map.to_owned(),
            cause: cause.to_string(),
        })?;
        let mut keys = BTreeMap::new();
        for (code, key) in &file.keys {
            let wrong = |wrong| KeymapError::Row {
                map: map.to_owned(),
                code: code.clone(),
                key: key.clone(),
                wrong,
            };
            let number = code_of(code).ok_or_else(|| wrong("there is no key of this name or number"))?;
            let meant = key_of(key).ok_or_else(|| {
                wrong("the agent has no such key; there are digits, characters, and the names that `tallyman keys` lists")
            })?;
            if keys.insert(number, meant).is_some() {
                return Err(wrong("the key has another row, by its name or its number"));
            }
        }
        Ok(Self { keys })
    }

    /// What a key means.
    pub fn key(&self, code: u16) -> Option<Key> {
        self.keys.get(&code).copied()
    }

    /// All rows, by code.
    pub fn rows(&self) -> impl Iterator<Item = (u16, Key)> + '_ {
        self.keys.iter().map(|(code, key)| (*code, *key))
    }
}

fn code_of(text: &str) -> Option<u16> {
    if let Ok(code) = text.parse::<u16>() {
        return (1..=CODE_MAX).contains(&code).then_some(code);
    }
    text.parse::<KeyCode>().ok().map(KeyCode::code)
}

/// The kernel's name of a key, or its number where it has none; [`Keymap::parse`] reads both.
pub fn code_name(code: u16) -> String {
    let name = format!("{:?}", KeyCode::new(code));
    match name.parse::<KeyCode>() {
        Ok(_) => name,
        Err(_) => code.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seams::key_names::name_of;

    #[test]
    fn every_shipped_keymap_can_be_used_and_has_what_work_needs() {
        for (name, _) in SHIPPED {
            let map = Keymap::load(name).unwrap();
            let has = |key: Key| map.rows().any(|(_, known)| known == key);
            let needed = (0..=9).map(Key::Digit).chain([
                Key::Enter,
                Key::Escape,
                Key::Backspace,
                Key::Undo,
                Key::Menu,
            ]);
            for key in needed {
                assert!(has(key), "{name} has no {}", name_of(key));
            }
        }
        let map = Keymap::load("function_keys").unwrap();
        let of = |code: KeyCode| map.key(code.code());
        assert_eq!(
            (of(KeyCode::KEY_F1), of(KeyCode::KEY_F24)),
            (Some(Key::Undo), None)
        );
    }

    #[test]
    fn a_row_has_the_name_or_the_number_of_a_key() {
        let map = Keymap::parse(
            "x",
            "[keys]\nKEY_F1 = \"undo\"\n704 = \"enter\"\nBTN_TRIGGER = \"7\"\nKEY_A = \"Ä\"",
        )
        .unwrap();
        let rows: Vec<_> = map.rows().collect();
        assert_eq!(
            rows,
            [
                (30, Key::Character('Ä')),
                (59, Key::Undo),
                (288, Key::Digit(7)),
                (704, Key::Enter)
            ]
        );
    }

    #[test]
    fn a_mistake_is_told_with_its_row() {
        for (text, wanted) in [
            ("KEY_F1 = \"undo\"", "unknown field"),
            ("[keys]\nKEY_F1 = 3", "KEY_F1"),
            (
                "[keys]\nKEY_F99 = \"undo\"",
                "`KEY_F99 = \"undo\"`: there is no key",
            ),
            ("[keys]\n0 = \"undo\"", "there is no key"),
            ("[keys]\n768 = \"undo\"", "there is no key"),
            ("[keys]\nKEY_F1 = \"undoo\"", "the agent has no such key"),
            ("[keys]\nKEY_F1 = \"undo\"\n59 = \"enter\"", "has another row"),
        ] {
            let told = Keymap::parse("x", text).unwrap_err().to_string();
            assert!(told.contains(wanted), "{text}\n{told}");
        }
        let told = Keymap::load("/nowhere/map.toml").unwrap_err().to_string();
        assert!(
            told.contains("`keys.map`") && told.contains("numeric_keypad"),
            "{told}"
        );
    }

    #[test]
    fn each_code_has_a_name_that_is_read_back() {
        for code in 1..=CODE_MAX {
            assert_eq!(code_of(&code_name(code)), Some(code), "{code}");
        }
    }
}
