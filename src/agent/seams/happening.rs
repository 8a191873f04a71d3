//! What a device shows and sounds, as it happens.

use std::sync::Arc;

use tallyman_codes::DeviceName;
use tallyman_floor::{Tone, View};

use super::store::Place;

/// Happenings a slow watcher may be behind before it misses some, which it is told.
pub const HAPPENINGS_MAX: usize = 1_024;

/// One thing that a worker could see or hear.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// The screen shows this now.
    View(Arc<View>),
    /// This sounded. Everything it promises is on disk.
    Sound(Sounded),
}

/// A sound and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sounded {
    /// Which sound.
    pub tone: Tone,
    /// The verdict it told: `accept`, `ask`, `reject`, `go`, `quiet`; `repeated` for a dropped repetition,
    /// `failed` where nothing could be stored.
    pub verdict: &'static str,
    /// The scanner that was answered; `None` for a key.
    pub device: Option<DeviceName>,
    /// The confirmations that were committed before it.
    pub confirmed: Vec<Place>,
}
