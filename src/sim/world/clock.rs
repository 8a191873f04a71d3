//! Clocks on virtual time: they move when the runtime's paused time does, each with an error of its own.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tallyman_platform::clock::{Boottime, Clock};
use tokio::time::Instant;

/// Microseconds that a machine has been up when its program starts.
const STARTED_US: u64 = 1_000_000;

/// The clocks of one boot of a machine.
#[derive(Debug)]
pub struct VirtualClock {
    boot_id: String,
    booted: Instant,
    /// What the wall clock would have said at boot, as it is set now.
    wall_at_boot: Mutex<Timestamp>,
}

impl VirtualClock {
    /// A machine that boots now, with this on its wall clock.
    pub fn boot(boot_id: impl Into<String>, wall: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            boot_id: boot_id.into(),
            booted: Instant::now(),
            wall_at_boot: Mutex::new(wall),
        })
    }

    /// Sets the wall clock, as a person or a time server does.
    pub fn set_wall(&self, wall: Timestamp) {
        *self.wall_at_boot.lock().unwrap_or_else(PoisonError::into_inner) =
            wall.saturating_sub(self.up()).unwrap_or(Timestamp::MIN);
    }

    fn up(&self) -> SignedDuration {
        SignedDuration::try_from(self.booted.elapsed()).unwrap_or(SignedDuration::MAX)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Boottime {
        let up_us = u64::try_from(self.booted.elapsed().as_micros()).unwrap_or(u64::MAX);
        Boottime {
            us: STARTED_US.saturating_add(up_us),
        }
    }

    fn wall(&self) -> Timestamp {
        let at_boot = *self.wall_at_boot.lock().unwrap_or_else(PoisonError::into_inner);
        at_boot.saturating_add(self.up()).unwrap_or(Timestamp::MAX)
    }

    fn boot_id(&self) -> &str {
        &self.boot_id
    }
}
