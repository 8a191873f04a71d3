//! When the next backup is due: counted from the last one and not from the start of the program, or a hub that is started
//! more often than that would never make one.

use std::time::Duration;

use jiff::Timestamp;

/// A hub that has no backup yet makes its first one so soon, and in its interval at the latest.
const FIRST: Duration = Duration::from_secs(60);

/// How long to wait for the next backup. The clock may have been set back or far ahead meanwhile: no wait is longer than the
/// interval.
pub(crate) fn wait(last: Option<Timestamp>, now: Timestamp, interval: Duration) -> Duration {
    match last {
        None => FIRST.min(interval),
        Some(last) => {
            let age = Duration::try_from(now.duration_since(last)).unwrap_or_default();
            interval.saturating_sub(age)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_due_an_interval_after_the_last_one_whenever_the_hub_was_started() {
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        for (last, seconds) in [
            (None, 60),
            (Some("2026-11-23T08:00:00Z"), 3_600),
            (Some("2026-11-23T07:10:00Z"), 600),
            (Some("2026-11-23T07:00:00Z"), 0),
            (Some("2025-01-01T00:00:00Z"), 0),
            // The clock was set back.
            (Some("2027-01-01T00:00:00Z"), 3_600),
        ] {
            let last = last.map(|text| text.parse().unwrap());
            let waited = wait(last, now, Duration::from_secs(3_600));
            assert_eq!(waited.as_secs(), seconds, "{last:?}");
        }
        assert_eq!(wait(None, now, Duration::from_secs(5)).as_secs(), 5);
    }
}
