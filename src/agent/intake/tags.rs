//! The tags that readers tell, folded until the floor loop takes them.

use std::collections::{BTreeMap, HashMap};

use tallyman_codes::{DeviceName, Moment, Tag};
use tallyman_drivers::burst::{Burst, BurstSettings};
use tokio::sync::watch;

use crate::seams::{Incoming, Input};

/// The readers of this device, each with its fold.
#[derive(Default)]
pub(super) struct Tags {
    readers: BTreeMap<DeviceName, Reader>,
    /// Who wants to know whether a trigger is pulled.
    pub(super) triggers: HashMap<DeviceName, watch::Sender<bool>>,
}

struct Reader {
    burst: Burst,
    /// Trigger pulls so far.
    pulls: u64,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            burst: Burst::new(BurstSettings::default()),
            pulls: 0,
        }
    }
}

impl Tags {
    /// Adds a read.
    pub(super) fn fold(&mut self, device: &DeviceName, tag: &Tag, at: Moment) {
        self.reader(device).burst.fold(tag, at);
    }

    /// A trigger moved: with its release the window ends, and what a reader still has queued is nobody's.
    pub(super) fn trigger(&mut self, device: &DeviceName, pressed: bool) {
        let reader = self.reader(device);
        match pressed {
            true => {
                reader.pulls += 1;
                reader.burst.start();
            }
            false => reader.burst.stop(),
        }
        if let Some(told) = self.triggers.get(device) {
            told.send_replace(pressed);
        }
    }

    /// A reader began to look for tags, or stopped.
    pub(super) fn inventory(&mut self, device: &DeviceName, running: bool) {
        let burst = &mut self.reader(device).burst;
        match running {
            true => burst.start(),
            false => burst.stop(),
        }
    }

    /// When a window ends; `None` while nothing was read.
    pub(super) fn due(&self) -> Option<Moment> {
        self.readers
            .values()
            .filter_map(|reader| reader.burst.deadline())
            .min()
    }

    /// Takes a window that has ended, or the next part of it.
    pub(super) fn take(&mut self, now: Moment) -> Option<Incoming> {
        self.readers.iter_mut().find_map(|(device, reader)| {
            let window = reader.burst.take_window(now)?;
            Some(Incoming {
                at: now,
                input: Input::Tags {
                    device: device.clone(),
                    pull: reader.pulls,
                    window: Box::new(window),
                },
            })
        })
    }

    fn reader(&mut self, device: &DeviceName) -> &mut Reader {
        if !self.readers.contains_key(device) {
            self.readers.insert(device.clone(), Reader::default());
        }
        self.readers.entry(device.clone()).or_default()
    }
}
