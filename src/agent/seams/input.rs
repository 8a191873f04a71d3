//! What workers do, on its way to the floor loop.

use std::sync::Arc;

use tallyman_codes::{DeviceName, Moment};
use tallyman_drivers::burst::Window;
use tallyman_floor::{Key, Scanning};
use tokio::sync::Notify;

use super::printer::PrinterNotice;

/// Inputs that may wait for the floor loop. A worker makes one a second and a step takes milliseconds; when so many
/// wait something is wrong, and devices are held off.
pub const INPUTS_MAX: usize = 64;

/// One input with the moment it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// When its last byte arrived, or the key was pressed.
    pub at: Moment,
    /// What it is.
    pub input: Input,
}

/// What a worker did, or has to know.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A code was read.
    Scan {
        /// The scanner.
        device: DeviceName,
        /// The trigger pull, where the scanner reports them.
        pull: Option<u64>,
        /// The code.
        scanning: Box<Scanning>,
    },
    /// Tags were seen.
    Tags {
        /// The reader.
        device: DeviceName,
        /// Its trigger pulls so far: tags that are still in view count anew with the next.
        pull: u64,
        /// What was seen in a window, or a part of it.
        window: Box<Window>,
    },
    /// A general-purpose input of a reader changed, as a photo eye.
    Line {
        /// The reader.
        device: DeviceName,
        /// The port, from 1.
        port: u16,
        /// Whether the line is high now.
        high: bool,
    },
    /// A reader of a portal was connected, or lost.
    Reader {
        /// The reader.
        device: DeviceName,
        /// Whether it is connected.
        is_open: bool,
    },
    /// A mechanical repetition was dropped.
    Repeated {
        /// The scanner.
        device: DeviceName,
    },
    /// A key was pressed.
    Key(Key),
    /// The battery will soon be empty, or no longer.
    BatteryLow(bool),
    /// Something is to be told about labels.
    Printer(PrinterNotice),
    /// Somebody asks whether inputs are still taken.
    Ping(Ping),
}

/// A question whether what a scan passes still goes round: the channel, the floor loop, the store's writer.
#[derive(Debug, Clone, Default)]
pub struct Ping(Arc<Notify>);

impl Ping {
    /// Says that it does.
    pub fn answer(&self) {
        self.0.notify_one();
    }

    /// Waits for the answer.
    pub async fn answered(&self) {
        self.0.notified().await;
    }
}

impl PartialEq for Ping {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
