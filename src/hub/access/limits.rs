//! How often signing in may be tried: by name, by address, and in all.
//!
//! A name's limit would let anybody lock its owner out. So who comes from the address of the last sign-in under a name
//! is not held to the name's limit, nor to that of all: they have their address's own.

use tallyman_platform::clock::Boottime;

use crate::limiter::{Limiter, NamedLimiter};

/// Tries in a minute under one name.
pub(crate) const TRIES_PER_NAME: u32 = 5;
/// Tries in a minute from one address.
pub(crate) const TRIES_PER_SOURCE: u32 = 10;
/// Tries in a minute from all sides together: what hashing can bear.
pub(crate) const TRIES_IN_ALL: u32 = 120;

/// The limits of signing in.
#[derive(Debug)]
pub(crate) struct SignInLimits {
    names: NamedLimiter,
    sources: NamedLimiter,
    all: Limiter,
}

impl SignInLimits {
    pub(crate) fn new(now: Boottime) -> Self {
        Self {
            names: NamedLimiter::new(TRIES_PER_NAME),
            sources: NamedLimiter::new(TRIES_PER_SOURCE),
            all: Limiter::new(TRIES_IN_ALL, now),
        }
    }

    /// A try from an address, whatever the name; or the seconds until there is one.
    pub(crate) fn try_source(&self, source: &str, now: Boottime) -> Result<(), u64> {
        self.sources.take(source, now)
    }

    /// A try under a name from an address that this name has not signed in from.
    pub(crate) fn try_name(&self, name: &str, now: Boottime) -> Result<(), u64> {
        self.names.take(name, now)?;
        self.all.take(now)
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
    fn each_name_and_each_address_has_its_own_limit() {
        let limits = SignInLimits::new(at(0));
        for _ in 0..TRIES_PER_NAME {
            limits.try_name("anna", at(0)).unwrap();
        }
        assert!(limits.try_name("anna", at(0)).is_err());
        limits.try_name("bo", at(0)).unwrap();
        for _ in 0..TRIES_PER_SOURCE {
            limits.try_source("10.0.0.1", at(0)).unwrap();
        }
        assert!(limits.try_source("10.0.0.1", at(0)).is_err());
        limits.try_source("10.0.0.2", at(0)).unwrap();
        // It is not for good.
        limits
            .try_name("anna", at(60 / u64::from(TRIES_PER_NAME)))
            .unwrap();
    }

    #[test]
    fn all_together_have_a_ceiling() {
        let limits = SignInLimits::new(at(0));
        let taken = (0..1_000).filter(|number| limits.try_name(&number.to_string(), at(0)).is_ok());
        assert_eq!(taken.count(), TRIES_IN_ALL as usize);
    }
}
