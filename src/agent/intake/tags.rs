//! The tags that readers tell, with the trigger pulls that they belong to. They come folded, a window at a time, from where
//! each reader is pumped.

use std::collections::HashMap;

use tallyman_codes::{DeviceName, Moment};
use tallyman_drivers::burst::Window;
use tokio::sync::watch;

use crate::seams::{Incoming, Input};

/// The readers of this device.
#[derive(Default)]
pub(super) struct Tags {
    /// Trigger pulls of each reader so far.
    pulls: HashMap<DeviceName, u64>,
    /// Who wants to know whether a trigger is pulled.
    pub(super) triggers: HashMap<DeviceName, watch::Sender<bool>>,
}

impl Tags {
    /// A trigger moved.
    pub(super) fn trigger(&mut self, device: DeviceName, pressed: bool) {
        if let Some(told) = self.triggers.get(&device) {
            told.send_replace(pressed);
        }
        if pressed {
            *self.pulls.entry(device).or_default() += 1;
        }
    }

    /// What the tags of a window are to the floor loop.
    pub(super) fn window(&self, device: DeviceName, window: Window, at: Moment) -> Incoming {
        let pull = self.pulls.get(&device).copied().unwrap_or(0);
        let window = Box::new(window);
        Incoming {
            at,
            input: Input::Tags { device, pull, window },
        }
    }
}
