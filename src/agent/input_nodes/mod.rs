//! Keys and touch: the input nodes of the device, and what they mean to the agent.
//!
//! What a press or a finger means is pure ([`keypad`], [`touch`]) and data ([`keymap`]); [`device`] finds and opens nodes,
//! [`life`] keeps each one open.

pub mod device;
pub mod keymap;
pub mod keypad;
pub mod life;
pub mod touch;

use serde::Deserialize;
use tallyman_floor::Key;

use crate::seams::key_names::key_of;
use keymap::{Keymap, KeymapError};
use keypad::KeypadOptions;
use life::Use;

/// Keypads, trigger and side keys.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// The input devices with keys: a path, USB ids, or a name each.
    pub device: Vec<String>,
    /// What their keys mean: the name of a shipped keymap, or a file.
    pub map: String,
    /// Milliseconds after the release of a key in which it bounces; 0 for none.
    pub debounce_ms: u64,
    /// The keys that go on while they are held.
    pub repeat: Vec<String>,
    /// Seconds after which a key that is down is told as stuck.
    pub stuck_s: u64,
}

/// The touch panel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TouchConfig {
    /// The input device: a path, USB ids, or a name; empty for none.
    pub device: String,
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self {
            device: Vec::new(),
            map: "numeric_keypad".to_owned(),
            debounce_ms: 30,
            repeat: vec!["backspace".to_owned()],
            stuck_s: 30,
        }
    }
}

/// Why keys cannot be used as configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysConfigError {
    /// The keymap.
    #[error(transparent)]
    Map(#[from] KeymapError),
    /// A key that repeats.
    #[error("`keys.repeat` has {0:?}, and the agent has no such key")]
    Repeat(String),
}

impl KeysConfig {
    /// What its devices are used for.
    ///
    /// # Errors
    /// [`KeysConfigError`] names what is wrong.
    pub fn used_for(&self) -> Result<Use, KeysConfigError> {
        let repeat: Result<Vec<Key>, _> = self
            .repeat
            .iter()
            .map(|name| key_of(name).ok_or_else(|| KeysConfigError::Repeat(name.clone())))
            .collect();
        let options = KeypadOptions {
            debounce_us: self.debounce_ms * 1_000,
            stuck_us: self.stuck_s * 1_000_000,
            repeat: repeat?,
        };
        Ok(Use::Keys(Keymap::load(&self.map)?, options))
    }
}
