//! How often guessing is allowed: enrolment codes and access keys are tried only so many times a minute.

use std::sync::{Mutex, PoisonError};

use tallyman_platform::clock::Boottime;

const MINUTE_US: u64 = 60_000_000;

/// A bucket that holds a minute's tries and fills evenly.
#[derive(Debug)]
pub(crate) struct Limiter {
    per_minute: u64,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// Tries that are left, in parts of a try: a minute's microseconds to one.
    parts: u64,
    filled: Boottime,
}

impl Limiter {
    pub(crate) fn new(per_minute: u32, now: Boottime) -> Self {
        let per_minute = u64::from(per_minute);
        Self {
            per_minute,
            bucket: Mutex::new(Bucket {
                parts: per_minute * MINUTE_US,
                filled: now,
            }),
        }
    }

    /// Takes a try, or says in how many seconds there is one.
    pub(crate) fn take(&self, now: Boottime) -> Result<(), u64> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let passed_us = u64::try_from(now.since(bucket.filled).as_micros()).unwrap_or(u64::MAX);
        let full = self.per_minute * MINUTE_US;
        bucket.parts = bucket
            .parts
            .saturating_add(passed_us.saturating_mul(self.per_minute))
            .min(full);
        bucket.filled = now;
        match bucket.parts.checked_sub(MINUTE_US) {
            Some(rest) => {
                bucket.parts = rest;
                Ok(())
            }
            None => {
                let missing_us = (MINUTE_US - bucket.parts).div_ceil(self.per_minute);
                Err(missing_us.div_ceil(1_000_000))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_holds_so_many_tries() {
        let at = |seconds: u64| Boottime {
            us: seconds * 1_000_000,
        };
        let limiter = Limiter::new(3, at(0));
        for _ in 0..3 {
            limiter.take(at(0)).unwrap();
        }
        assert_eq!(limiter.take(at(0)), Err(20));
        assert_eq!(limiter.take(at(19)), Err(1));
        limiter.take(at(20)).unwrap();
        assert!(limiter.take(at(20)).is_err());
        // A long rest fills no more than a minute's tries.
        for _ in 0..3 {
            limiter.take(at(100_000)).unwrap();
        }
        assert!(limiter.take(at(100_000)).is_err());
    }
}
