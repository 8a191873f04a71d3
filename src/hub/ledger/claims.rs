//! Claims: who works on a task alone, for how long, and what is in doubt when somebody else takes it over.
//!
//! A claim is a lease with a number that only grows for its task (a fence). The hub's clock alone says when it ends: at a
//! moment of its own, or so long after the last contact of the device, whichever is later; so every heartbeat renews it
//! and nothing has to be written for that. A lease that has ended stays with its device until somebody else claims the
//! task, and its number stays the newest: nothing was contradicted. What is confirmed under a number that is not the
//! newest any more is posted like everything else; see [`super::interpret::Lease`].

use jiff::Timestamp;
use tallyman_floor::wire::v1::{ClaimBody, DoubtBody};

/// How long a lease lasts after the last contact of its device: a walk through a hall without a network.
pub(crate) const LEASE_US: i64 = 15 * MINUTE_US;

/// A worker may take a task over from a device that was not heard of for so long: three heartbeats.
pub(crate) const SILENCE_US: i64 = 3 * MINUTE_US;

/// The longest lease ahead: a shift.
pub(crate) const AHEAD_MINUTES_MAX: u32 = 12 * 60;

/// Lines that are noted as doubtful in one task; beyond it a worker sees by himself that the task was begun.
pub(crate) const DOUBTFUL_LINES_MAX: usize = 5_000;

const MINUTE_US: i64 = 60_000_000;

/// Until when a lease for work ahead lasts.
pub(crate) fn ahead_until_us(now_us: i64, minutes: u32) -> i64 {
    now_us.saturating_add(i64::from(minutes.min(AHEAD_MINUTES_MAX)) * MINUTE_US)
}

/// A claim as a store has it, with what is known of its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldClaim {
    /// The device.
    pub device: String,
    /// What people call it.
    pub device_name: String,
    /// Who works with it; empty for nobody.
    pub worker: String,
    /// The number of the lease.
    pub fence: u64,
    /// Since when the device holds the task.
    pub since: Timestamp,
    /// When the hub last heard of the device.
    pub heard: Timestamp,
    /// When the lease ends, unless the hub hears of the device before.
    pub until: Timestamp,
    /// Whether it was leased ahead.
    pub ahead: bool,
}

/// The columns of a claim that are moments or flags, as a store has them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClaimTimes {
    pub(crate) since_us: i64,
    pub(crate) until_us: i64,
    pub(crate) contact_us: i64,
}

impl ClaimTimes {
    /// When the lease ends.
    pub(crate) fn ends_us(self) -> i64 {
        self.until_us.max(self.contact_us.saturating_add(LEASE_US))
    }
}

impl HeldClaim {
    /// As devices are told.
    pub(crate) fn body(&self) -> ClaimBody {
        ClaimBody {
            device: self.device.clone(),
            device_name: self.device_name.clone(),
            worker: super::plan::some(self.worker.clone()),
            fence: self.fence,
            until: self.until,
            heard: self.heard,
            ahead: self.ahead,
            lease_ms: LEASE_US.unsigned_abs() / 1_000,
        }
    }

    /// Whether the lease lasts at this moment.
    pub fn lasts(&self, now: Timestamp) -> bool {
        self.until > now
    }
}

/// A row about doubtful lines.
pub(crate) fn doubt(device: String, device_name: String, worker: String, lines: &str) -> DoubtBody {
    DoubtBody {
        device,
        device_name,
        worker: super::plan::some(worker),
        lines: serde_json::from_str(lines).unwrap_or_default(),
    }
}

/// The lines of a row about doubtful lines, as they are stored.
pub(crate) fn lines_text(lines: &[u32]) -> String {
    let lines = lines.get(..DOUBTFUL_LINES_MAX).unwrap_or(lines);
    serde_json::to_string(lines).unwrap_or_default()
}
