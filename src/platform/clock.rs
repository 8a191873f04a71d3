//! Time as a device has it: a clock that never jumps for durations, and the wall clock for people.
//!
//! The boot clock goes on while the device sleeps and starts again at zero with each boot, so a moment of it
//! only means something together with the boot it belongs to. Neither clock ever orders or deduplicates
//! facts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A moment since the device booted, in microseconds, sleep included (`CLOCK_BOOTTIME`, clock_gettime(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Boottime {
    /// Microseconds since boot.
    pub us: u64,
}

impl Boottime {
    /// The moment `after` this one; the end of time where there is none.
    #[must_use]
    pub fn plus(self, after: Duration) -> Boottime {
        Boottime {
            us: self
                .us
                .saturating_add(u64::try_from(after.as_micros()).unwrap_or(u64::MAX)),
        }
    }

    /// How long before this moment `earlier` was; zero where it was later.
    #[must_use]
    pub fn since(self, earlier: Boottime) -> Duration {
        Duration::from_micros(self.us.saturating_sub(earlier.us))
    }
}

/// Where the time comes from. Everything that needs a time is given one of these, so that tests and the
/// simulator can give their own.
pub trait Clock: Send + Sync {
    /// The moment now. Never runs backwards within a boot.
    fn now(&self) -> Boottime;

    /// The date and time that people read. May be wrong, and may jump in either direction.
    fn wall(&self) -> Timestamp;

    /// Which boot the moments belong to: on Linux a random UUID.
    fn boot_id(&self) -> &str;
}

/// The clocks of this machine.
#[derive(Debug, Clone)]
pub struct SystemClock {
    boot_id: String,
}

/// For how long this machine has slept since it booted: what `CLOCK_BOOTTIME` counts and `CLOCK_MONOTONIC` does not
/// (clock_gettime(2)).
pub fn slept() -> Duration {
    let read = |clock| {
        let time = rustix::time::clock_gettime(clock);
        let seconds = Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0));
        seconds + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
    };
    // The one that stands still first, so that the time between the two readings is no negative sleep.
    let awake = read(rustix::time::ClockId::Monotonic);
    read(rustix::time::ClockId::Boottime).saturating_sub(awake)
}

/// Where Linux tells which boot this is (random(4)).
const BOOT_ID_FILE: &str = "/proc/sys/kernel/random/boot_id";

impl SystemClock {
    /// The clocks of this machine.
    ///
    /// # Errors
    ///
    /// If the kernel does not say which boot this is: `/proc` is not mounted.
    pub fn new() -> std::io::Result<SystemClock> {
        Ok(SystemClock {
            boot_id: std::fs::read_to_string(BOOT_ID_FILE)?.trim().to_owned(),
        })
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Boottime {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        // The kernel counts both up from zero at boot.
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or(0);
        Boottime {
            us: seconds
                .saturating_mul(1_000_000)
                .saturating_add(nanoseconds / 1_000),
        }
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn boot_id(&self) -> &str {
        &self.boot_id
    }
}

/// A clock that stands still until it is moved. Clones share one time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    hands: Arc<Mutex<Hands>>,
    boot_id: Arc<str>,
}

#[derive(Debug)]
struct Hands {
    now: Boottime,
    wall: Timestamp,
}

impl ManualClock {
    /// A device that has just booted, at this wall time.
    pub fn new(wall: Timestamp, boot_id: &str) -> ManualClock {
        ManualClock {
            hands: Arc::new(Mutex::new(Hands {
                now: Boottime::default(),
                wall,
            })),
            boot_id: boot_id.into(),
        }
    }

    /// Lets time pass on both clocks. The wall clock stops at the last time that can be written.
    pub fn advance(&self, passed: Duration) {
        let mut hands = self.hands();
        hands.now = hands.now.plus(passed);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        hands.wall = hands.wall.saturating_add(passed).unwrap_or(Timestamp::MAX);
    }

    /// Sets the wall clock, as a person or a time server does. The boot clock does not notice.
    pub fn set_wall(&self, wall: Timestamp) {
        self.hands().wall = wall;
    }

    /// The clock after a reboot: the boot clock starts again at zero, the wall clock goes on. This one is
    /// left behind.
    #[must_use]
    pub fn rebooted(&self, boot_id: &str) -> ManualClock {
        ManualClock::new(self.wall(), boot_id)
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Boottime {
        self.hands().now
    }

    fn wall(&self) -> Timestamp {
        self.hands().wall
    }

    fn boot_id(&self) -> &str {
        &self.boot_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_never_runs_backwards_and_knows_its_boot() {
        let clock = SystemClock::new().unwrap();
        let first = clock.now();
        assert!(first.us > 0);
        assert!((0..1000).map(|_| clock.now()).is_sorted());
        assert_eq!(clock.boot_id().len(), 36);
        assert_eq!(clock.boot_id(), SystemClock::new().unwrap().boot_id());
        assert!(clock.wall() > "2024-01-01T00:00:00Z".parse().unwrap());
    }

    #[test]
    fn what_a_machine_has_slept_never_grows_shorter_by_more_than_a_moment() {
        let (first, second) = (slept(), slept());
        assert!(
            second + Duration::from_millis(100) >= first,
            "{first:?} {second:?}"
        );
        let since_boot = Duration::from_micros(SystemClock::new().unwrap().now().us);
        assert!(second <= since_boot);
    }

    #[test]
    fn a_manual_clock_moves_when_moved_and_its_clones_with_it() {
        let clock = ManualClock::new("2026-11-23T08:00:00Z".parse().unwrap(), "boot-1");
        let shared = clock.clone();
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(shared.now(), Boottime { us: 1_500_000 });
        assert_eq!(shared.wall(), "2026-11-23T08:00:01.5Z".parse().unwrap());
        shared.set_wall("1970-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now(), Boottime { us: 1_500_000 });
        assert_eq!(clock.wall(), Timestamp::UNIX_EPOCH);
        let after = clock.rebooted("boot-2");
        assert_eq!(
            (after.now(), after.wall(), after.boot_id()),
            (Boottime::default(), Timestamp::UNIX_EPOCH, "boot-2")
        );
    }

    #[test]
    fn moments_stop_at_the_ends_of_time() {
        let end = Boottime { us: u64::MAX };
        assert_eq!(end.plus(Duration::MAX), end);
        assert_eq!(Boottime::default().since(end), Duration::ZERO);
        assert_eq!(end.since(Boottime { us: u64::MAX - 7 }), Duration::from_micros(7));
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH, "boot");
        clock.advance(Duration::MAX);
        assert_eq!((clock.now(), clock.wall()), (end, Timestamp::MAX));
    }
}
