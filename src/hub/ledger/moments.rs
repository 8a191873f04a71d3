//! When something was done, as well as it can be known. A device's wall clock may be wrong by years, so it is believed only
//! where nothing better is there.
//!
//! A device says with every batch which boot it is in and how long ago that began. The clock behind that is not set by
//! anybody and goes on while the device sleeps, so one contact in a boot places everything done in it by the hub's clock. A
//! device that was started anew before it reached the hub leaves facts of a boot that nobody has heard of: those lie between
//! the last contact before and the start of the boot in which they came.
//!
//! Moments are for people. Nothing is ordered or told apart by them.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tallyman_floor::wire::v1::ClockReading;

use super::text::cut;

/// Boots of one device that are kept: those it was in last.
pub(super) const BOOTS_MAX: i64 = 100;

/// What a contact says about the boot a device is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    /// Its name.
    pub(super) boot: String,
    /// When it began, by the hub's clock, in microseconds since 1970.
    pub(super) began_us: i64,
}

impl Heard {
    /// From the clocks in a batch; `None` where they are none that a device can have.
    pub(super) fn of(clock: &ClockReading, now_us: i64) -> Option<Self> {
        let since_us = Self::since_us(clock)?;
        let began_us = now_us.checked_sub(since_us).filter(|began| *began >= 0)?;
        let boot = cut(&clock.boot);
        (!boot.is_empty()).then_some(Self { boot, began_us })
    }

    /// Microseconds since the boot began; `None` where that is longer than a store can hold.
    pub(super) fn since_us(clock: &ClockReading) -> Option<i64> {
        // Beyond the time since 1970 it is nonsense, and must not overflow where it is added.
        i64::try_from(clock.boottime_us)
            .ok()
            .filter(|since| *since < i64::MAX / 4)
    }
}

/// A boot of a device, by the hub's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boot {
    /// Its name.
    pub boot: String,
    /// When it began. Each contact says it a little late, by the way of the request; the earliest is the best.
    pub began: Timestamp,
    /// The last contact in it.
    pub last: Timestamp,
}

/// The clocks of a fact, and when it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks<'a> {
    /// The boot it was done in.
    pub boot: &'a str,
    /// Microseconds since that began.
    pub boottime_us: u64,
    /// The device's wall clock.
    pub wall: Timestamp,
    /// When the hub took it.
    pub received: Timestamp,
}

/// When something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Then, to the length of a request.
    At(Timestamp),
    /// Between the two; the device's wall clock says when, where that lies between them.
    Between {
        /// Not before.
        earliest: Timestamp,
        /// Not after.
        latest: Timestamp,
        /// What the wall clock said, if that is possible.
        likely: Option<Timestamp>,
    },
    /// Before the hub heard of it; the wall clock says when, where that is not later.
    Before {
        /// Not after.
        latest: Timestamp,
        /// What the wall clock said, if that is possible.
        likely: Option<Timestamp>,
    },
}

/// How far a moment of a boot that was heard of may be off: the way of a request.
const REQUEST: SignedDuration = SignedDuration::from_secs(5);

/// How far the wall clocks of two devices may differ, where nothing better is known.
const WALLS_APART: SignedDuration = SignedDuration::from_secs(120);

/// Between which two moments something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Not before.
    pub earliest: Timestamp,
    /// Not after.
    pub latest: Timestamp,
}

impl Span {
    /// Around a moment, inside these bounds.
    fn around(at: Timestamp, by: SignedDuration, earliest: Timestamp, latest: Timestamp) -> Self {
        let since = at.saturating_sub(by).unwrap_or(Timestamp::MIN);
        let until = at.saturating_add(by).unwrap_or(Timestamp::MAX);
        Self {
            earliest: since.max(earliest),
            latest: until.min(latest),
        }
    }

    /// From the begin of this one to the end of another.
    pub fn until(self, end: Self) -> Self {
        Self {
            earliest: self.earliest.min(end.earliest),
            latest: end.latest.max(self.latest),
        }
    }

    /// Whether all of it lies before all of the other.
    pub fn is_before(self, other: Self) -> bool {
        self.latest < other.earliest
    }
}

impl Done {
    /// Between which two moments that was: by the hub's clock where it is known, and by the device's wall clock only where
    /// nothing better is there.
    pub fn span(self) -> Span {
        match self {
            Self::At(at) => Span::around(at, REQUEST, Timestamp::MIN, Timestamp::MAX),
            Self::Between {
                earliest,
                latest,
                likely: Some(at),
            } => Span::around(at, WALLS_APART, earliest, latest),
            Self::Between { earliest, latest, .. } => Span { earliest, latest },
            Self::Before {
                latest,
                likely: Some(at),
            } => Span::around(at, WALLS_APART, Timestamp::MIN, latest),
            Self::Before { latest, .. } => Span {
                earliest: Timestamp::MIN,
                latest,
            },
        }
    }

    /// When that was, as well as one moment can say it.
    pub const fn likely(self) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Between {
                likely: Some(likely), ..
            }
            | Self::Before {
                likely: Some(likely), ..
            } => likely,
            Self::Between { latest, .. } | Self::Before { latest, .. } => latest,
        }
    }

    /// Not later than this, which is never after it was heard of.
    pub fn latest(self) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Between { latest, .. } | Self::Before { latest, .. } => latest,
        }
    }
}

/// Places a fact, given all boots of its device that the hub has heard of, in any order.
pub fn done(clocks: Clocks<'_>, boots: &[Boot]) -> Done {
    if let Some(boot) = boots.iter().find(|boot| boot.boot == clocks.boot) {
        let since = SignedDuration::from_micros(i64::try_from(clocks.boottime_us).unwrap_or(i64::MAX));
        let at = boot.began.saturating_add(since).unwrap_or(Timestamp::MAX);
        return Done::At(at.min(clocks.received));
    }
    // The boot in which it came: the newest that had begun by then.
    let carrier = boots
        .iter()
        .filter(|boot| boot.began <= clocks.received)
        .max_by_key(|boot| boot.began);
    let latest = carrier.map_or(clocks.received, |boot| boot.began.min(clocks.received));
    let before = boots
        .iter()
        .filter(|boot| boot.began < latest)
        .map(|boot| boot.last);
    let earliest = before.filter(|last| *last <= latest).max();
    let possible = |from: Timestamp| (from..=latest).contains(&clocks.wall).then_some(clocks.wall);
    match earliest {
        Some(earliest) => Done::Between {
            earliest,
            latest,
            likely: possible(earliest),
        },
        None => Done::Before {
            latest,
            likely: possible(Timestamp::MIN),
        },
    }
}

/// The clocks in a record's body.
#[derive(Deserialize)]
struct BodyClocks {
    boot: String,
    boottime_us: u64,
    wall: Timestamp,
}

/// Places the fact in a record's body; `None` where that cannot be read.
pub(super) fn done_of(body: &[u8], received: Timestamp, boots: &[Boot]) -> Option<Done> {
    let body: BodyClocks = serde_json::from_slice(body).ok()?;
    let clocks = Clocks {
        boot: &cut(&body.boot),
        boottime_us: body.boottime_us,
        wall: body.wall,
        received,
    };
    Some(done(clocks, boots))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-29T{time}:00Z").parse().unwrap()
    }

    fn boot(name: &str, began: &str, last: &str) -> Boot {
        Boot {
            boot: name.to_owned(),
            began: at(began),
            last: at(last),
        }
    }

    fn fact<'a>(boot: &'a str, minutes: u64, wall: &str, received: &str) -> Clocks<'a> {
        Clocks {
            boot,
            boottime_us: minutes * 60_000_000,
            wall: wall.parse().unwrap(),
            received: at(received),
        }
    }

    #[test]
    fn a_fact_is_placed_as_well_as_its_boot_is_known() {
        let night = boot("night", "05:00", "06:30");
        let noon = boot("noon", "12:00", "15:00");
        let wrong = "1970-01-01T00:00:09Z";
        let between = |likely: Option<&str>| Done::Between {
            earliest: at("06:30"),
            latest: at("12:00"),
            likely: likely.map(at),
        };
        let before = |likely: Option<&str>| Done::Before {
            latest: at("05:00"),
            likely: likely.map(at),
        };
        for (what, clocks, boots, then) in [
            (
                "a boot that was heard of, whatever the wall clock says",
                fact("night", 90, wrong, "12:10"),
                vec![noon.clone(), night.clone()],
                Done::At(at("06:30")),
            ),
            (
                "never later than it came",
                fact("noon", 500, wrong, "12:10"),
                vec![noon.clone()],
                Done::At(at("12:10")),
            ),
            (
                "a boot nobody heard of, with a wall clock that may be right",
                fact("morning", 10, "2026-11-29T08:15:00Z", "12:10"),
                vec![noon.clone(), night.clone()],
                between(Some("08:15")),
            ),
            (
                "a wall clock that cannot be right",
                fact("morning", 10, wrong, "12:10"),
                vec![night.clone(), noon.clone()],
                between(None),
            ),
            (
                "ten years ahead",
                fact("morning", 10, "2036-11-29T08:15:00Z", "12:10"),
                vec![night.clone(), noon],
                between(None),
            ),
            (
                "nothing was heard before",
                fact("first", 10, "2026-11-29T04:00:00Z", "05:10"),
                vec![night],
                before(Some("04:00")),
            ),
            (
                "nothing at all",
                fact("first", 10, "2036-11-29T04:00:00Z", "05:00"),
                Vec::new(),
                before(None),
            ),
        ] {
            assert_eq!(done(clocks, &boots), then, "{what}");
        }
    }
}
