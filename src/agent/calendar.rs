//! Which day it is, on a device whose clock may be wrong by years.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use tallyman_floor::{HubTime, Now, confirmation::Times};
use tallyman_platform::clock::{Boottime, Clock};
use tallyman_platform::tls::KnownTime;

/// The day this version was made, in seconds since 1970: no device runs it earlier.
const RELEASED: i64 = 1_795_392_000;

/// How far a device's clock may be behind the hub's and still be believed.
const SLACK_SECONDS: i64 = 120;

/// The device's clocks with what is known besides them. Clones share what the hub said.
#[derive(Clone)]
pub struct Calendar {
    clock: Arc<dyn Clock>,
    hub_seconds: Arc<AtomicI64>,
    /// What the hub's clock said last, and this device's clock then.
    heard: Arc<Mutex<Option<(Timestamp, Boottime)>>>,
    zone: TimeZone,
}

impl Calendar {
    /// A calendar for this clock, in the system's time zone.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::in_zone(clock, TimeZone::system())
    }

    /// A calendar in a time zone.
    pub fn in_zone(clock: Arc<dyn Clock>, zone: TimeZone) -> Self {
        Self {
            clock,
            hub_seconds: Arc::new(AtomicI64::new(i64::MIN)),
            heard: Arc::default(),
            zone,
        }
    }

    /// The hub told the time. It never goes back.
    pub fn hub_said(&self, time: Timestamp) {
        self.hub_seconds.fetch_max(time.as_second(), Ordering::Relaxed);
    }

    /// The hub tells the time now.
    pub fn hub_says(&self, time: Timestamp) {
        self.hub_said(time);
        *self.heard() = Some((time, self.clock.now()));
    }

    /// The hub's clock, by what it said last and this device's clock since; `None` before it said anything.
    pub fn hub(&self) -> Option<HubTime> {
        let (heard, then) = (*self.heard())?;
        let since_us = self.clock.now().us.saturating_sub(then.us);
        let since = SignedDuration::from_micros(i64::try_from(since_us).unwrap_or(i64::MAX));
        let now = heard.saturating_add(since).unwrap_or(Timestamp::MAX);
        Some(HubTime { now, heard })
    }

    fn heard(&self) -> MutexGuard<'_, Option<(Timestamp, Boottime)>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The local day: by the latest of the device's clock, this program's release and the hub's last word. A clock
    /// that fell back to 1970 so takes no expired goods.
    pub fn today(&self) -> Date {
        let known = self.hub_seconds.load(Ordering::Relaxed).max(RELEASED);
        let known = Timestamp::from_second(known).unwrap_or(Timestamp::UNIX_EPOCH);
        self.clock.wall().max(known).to_zoned(self.zone.clone()).date()
    }

    /// The local time, where the device's clock is to be believed: not before this program or the hub's last word.
    pub fn local(&self) -> Option<Zoned> {
        let wall = self.clock.wall();
        let known = self.hub_seconds.load(Ordering::Relaxed).max(RELEASED);
        // A hub's clock and a device's differ by a little.
        (wall.as_second() + SLACK_SECONDS >= known).then(|| wall.to_zoned(self.zone.clone()))
    }

    /// The time as far as it is known: what the clock says, and not before the release and the hub's last word.
    pub fn known_time(&self) -> KnownTime {
        let wall = self.clock.wall();
        let known = self.hub_seconds.load(Ordering::Relaxed).max(RELEASED);
        let known = Timestamp::from_second(known).unwrap_or(Timestamp::UNIX_EPOCH);
        KnownTime {
            now: wall.max(known),
            clock_is_behind: wall < known,
        }
    }

    /// The times of a step.
    pub fn now(&self) -> Now {
        Now {
            times: Times {
                boot: self.clock.boot_id().to_owned(),
                boottime_us: self.clock.now().us,
                wall: self.clock.wall(),
            },
            today: self.today(),
            hub: self.hub(),
            waited_us: 0,
        }
    }

    /// The device's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use tallyman_platform::clock::ManualClock;

    #[test]
    fn the_latest_of_clock_release_and_hub_is_today() {
        let clock = ManualClock::new("1970-01-01T00:00:00Z".parse().unwrap(), "boot");
        let calendar = Calendar::in_zone(Arc::new(clock.clone()), TimeZone::UTC);
        assert_eq!(calendar.today(), date(2026, 11, 23), "the release");
        calendar.hub_said("2027-03-01T10:00:00Z".parse().unwrap());
        calendar.hub_said("2027-02-01T10:00:00Z".parse().unwrap());
        assert_eq!(calendar.today(), date(2027, 3, 1), "the hub's latest word");
        clock.set_wall("2028-02-29T23:59:59Z".parse().unwrap());
        assert_eq!(calendar.today(), date(2028, 2, 29), "the clock");
        assert_eq!(
            calendar.now().times.wall,
            clock.wall(),
            "facts carry what the clock says, right or wrong"
        );
    }

    #[test]
    fn the_hubs_clock_goes_on_by_the_devices_own() {
        let clock = ManualClock::new("1970-01-01T00:00:00Z".parse().unwrap(), "boot");
        let calendar = Calendar::in_zone(Arc::new(clock.clone()), TimeZone::UTC);
        calendar.hub_said("2027-03-01T09:00:00Z".parse().unwrap());
        assert_eq!(calendar.hub(), None, "when it said that nobody knows");
        let heard: Timestamp = "2027-03-01T10:00:00Z".parse().unwrap();
        calendar.hub_says(heard);
        clock.advance(std::time::Duration::from_secs(90));
        clock.set_wall("2031-01-01T00:00:00Z".parse().unwrap());
        let hub = calendar.hub().unwrap();
        assert_eq!(hub.heard, heard);
        assert_eq!(hub.now.duration_since(heard).as_secs(), 90);
    }
}
