//! Who works on a task alone, as the hub said last, and what somebody else may have done of it.

use jiff::{SignedDuration, Timestamp};

use crate::event::HubTime;
use crate::ids::LineNumber;

/// Minutes before its end from which on a lease is worth a warning.
const WARNING_MINUTES: i64 = 5;

/// A claim on a task as this device knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// This device's own lease; `None` where it has none.
    pub own: Option<Lease>,
    /// The other device that holds the task.
    pub holder: Option<Holder>,
    /// What other devices may have done of it without the hub knowing.
    pub doubts: Vec<Doubt>,
}

/// A lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Its number.
    pub fence: u64,
    /// When it ends at the earliest, by the hub's clock.
    pub until: Timestamp,
    /// How long it lasts after the hub has heard of its device, in milliseconds.
    pub renewed_ms: u64,
}

/// Another device that holds a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What people call the device, and who works with it where that is known.
    pub name: String,
    /// When the hub had last heard of it, by the hub's clock.
    pub heard: Timestamp,
    /// Its lease.
    pub lease: Lease,
}

/// Lines that another device may have done before its task was taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What people call the device.
    pub name: String,
    /// The lines.
    pub lines: Vec<LineNumber>,
}

impl Claim {
    /// The number under which facts are written.
    pub fn fence(&self) -> Option<u64> {
        self.own.map(|lease| lease.fence)
    }

    /// Who may have done a line already.
    pub fn in_doubt(&self, line: LineNumber) -> Option<&str> {
        let doubt = self.doubts.iter().find(|doubt| doubt.lines.contains(&line))?;
        Some(&doubt.name)
    }
}

impl Lease {
    /// How many minutes are left to a device that was heard of at this time, where there are so few that its worker
    /// should know; 0 when it has ended.
    pub fn minutes_left(&self, hub: HubTime) -> Option<u32> {
        let renewed = SignedDuration::from_millis(i64::try_from(self.renewed_ms).unwrap_or(i64::MAX));
        let end = hub.heard.saturating_add(renewed).unwrap_or(Timestamp::MAX);
        let left = end.max(self.until).duration_since(hub.now).as_mins();
        (left < WARNING_MINUTES).then(|| u32::try_from(left.max(0)).unwrap_or(0))
    }
}

impl Holder {
    /// For how many minutes the hub has not heard of it, as far as this device can tell.
    pub fn silent_minutes(&self, hub: Option<HubTime>) -> Option<u32> {
        let silent = hub?.now.duration_since(self.heard).as_mins();
        Some(u32::try_from(silent.max(0)).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_warns_before_its_end_and_contact_puts_that_off() {
        let at = |minute: i64| Timestamp::from_second(1_795_000_000 + minute * 60).unwrap();
        let lease = Lease {
            fence: 1,
            until: at(15),
            renewed_ms: 15 * 60_000,
        };
        for (now, heard, expected) in [
            (5, 0, None),
            (10, 0, None),
            (11, 0, Some(4)),
            (15, 0, Some(0)),
            (60, 0, Some(0)),
            (60, 50, None),
            (62, 50, Some(3)),
        ] {
            let hub = HubTime {
                now: at(now),
                heard: at(heard),
            };
            assert_eq!(lease.minutes_left(hub), expected, "{now} {heard}");
        }
    }
}
