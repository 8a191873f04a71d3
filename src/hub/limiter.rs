//! How often something is allowed: tries at codes and keys, and requests of each device.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tallyman_platform::clock::Boottime;

const MINUTE_US: u64 = 60_000_000;

/// Names that are counted apart. Beyond them the fullest buckets are forgotten, which lets those callers try anew: what
/// all of them do together is limited besides.
const NAMES_MAX: usize = 16_384;

/// A bucket that holds a minute's tries and fills evenly.
#[derive(Debug)]
pub(crate) struct Limiter {
    per_minute: u64,
    bucket: Mutex<Bucket>,
}

/// A bucket for each name.
#[derive(Debug)]
pub(crate) struct NamedLimiter {
    per_minute: u64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// Tries that are left, in parts of a try: a minute's microseconds to one.
    parts: u64,
    filled: Boottime,
}

impl Bucket {
    fn full(per_minute: u64, now: Boottime) -> Self {
        Self {
            parts: per_minute.saturating_mul(MINUTE_US),
            filled: now,
        }
    }

    fn fill(&mut self, per_minute: u64, now: Boottime) {
        let passed_us = u64::try_from(now.since(self.filled).as_micros()).unwrap_or(u64::MAX);
        self.parts = self
            .parts
            .saturating_add(passed_us.saturating_mul(per_minute))
            .min(per_minute.saturating_mul(MINUTE_US));
        self.filled = now;
    }

    /// Takes a try, or says in how many seconds there is one.
    fn take(&mut self, per_minute: u64, now: Boottime) -> Result<(), u64> {
        self.fill(per_minute, now);
        match self.parts.checked_sub(MINUTE_US) {
            Some(rest) => {
                self.parts = rest;
                Ok(())
            }
            None => {
                let missing_us = (MINUTE_US - self.parts).div_ceil(per_minute.max(1));
                Err(missing_us.div_ceil(1_000_000))
            }
        }
    }
}

impl Limiter {
    pub(crate) fn new(per_minute: u32, now: Boottime) -> Self {
        let per_minute = u64::from(per_minute);
        Self {
            per_minute,
            bucket: Mutex::new(Bucket::full(per_minute, now)),
        }
    }

    /// Takes a try, or says in how many seconds there is one.
    pub(crate) fn take(&self, now: Boottime) -> Result<(), u64> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(self.per_minute, now)
    }
}

impl NamedLimiter {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute: per_minute.into(),
            buckets: Mutex::default(),
        }
    }

    /// Takes a try of this name, or says in how many seconds it has one.
    pub(crate) fn take(&self, name: &str, now: Boottime) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(name) {
            return bucket.take(self.per_minute, now);
        }
        if buckets.len() >= NAMES_MAX {
            self.make_room(&mut buckets, now);
        }
        let mut bucket = Bucket::full(self.per_minute, now);
        let taken = bucket.take(self.per_minute, now);
        buckets.insert(name.to_owned(), bucket);
        taken
    }

    /// Forgets those whose bucket is full again, which loses nothing, and where that is not enough the fuller half.
    fn make_room(&self, buckets: &mut HashMap<String, Bucket>, now: Boottime) {
        for bucket in buckets.values_mut() {
            bucket.fill(self.per_minute, now);
        }
        let full = self.per_minute.saturating_mul(MINUTE_US);
        buckets.retain(|_, bucket| bucket.parts < full);
        if buckets.len() >= NAMES_MAX {
            let mut parts: Vec<u64> = buckets.values().map(|bucket| bucket.parts).collect();
            parts.sort_unstable();
            let middle = parts.get(parts.len() / 2).copied().unwrap_or(full);
            buckets.retain(|_, bucket| bucket.parts < middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Boottime {
        Boottime {
            us: seconds * 1_000_000,
        }
    }

    #[test]
    fn a_minute_holds_so_many_tries() {
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

    #[test]
    fn each_name_has_tries_of_its_own_and_memory_is_bounded() {
        let limiter = NamedLimiter::new(2);
        for _ in 0..2 {
            limiter.take("one", at(0)).unwrap();
        }
        assert_eq!(limiter.take("one", at(0)), Err(30));
        limiter.take("other", at(0)).unwrap();
        for name in 0..3 * NAMES_MAX {
            limiter.take(&name.to_string(), at(0)).unwrap();
            assert!(limiter.buckets.lock().unwrap().len() <= NAMES_MAX);
        }
        // Whoever has used up its tries is not forgotten for those who try once.
        assert!(limiter.take("one", at(0)).is_err());
        // Full buckets are forgotten first.
        for name in 0..NAMES_MAX {
            limiter.take(&format!("late {name}"), at(1_000)).unwrap();
        }
        limiter.take("late", at(1_000)).unwrap();
        assert!(limiter.buckets.lock().unwrap().len() <= NAMES_MAX);
    }
}
