//! How often strangers may try something: each address by itself, and all of them together.

use tallyman_platform::clock::Boottime;

use crate::config::LimitConfig;
use crate::limiter::{Limiter, NamedLimiter};

/// All addresses together may try so many times what one may: no swarm of them guesses much faster.
const TOGETHER: u32 = 10;

/// What strangers may try.
#[derive(Debug)]
pub(crate) struct Guards {
    /// One-time codes of devices.
    pub(crate) codes: Guard,
    /// Something to sign, and tokens for it.
    pub(crate) challenges: Guard,
}

/// How often one thing may be tried.
#[derive(Debug)]
pub(crate) struct Guard {
    each: NamedLimiter,
    together: Limiter,
}

impl Guards {
    pub(crate) fn new(limits: &LimitConfig, now: Boottime) -> Self {
        Self {
            codes: Guard::new(limits.tries_per_minute, now),
            // A token takes two requests.
            challenges: Guard::new(limits.challenges_per_minute.saturating_mul(2), now),
        }
    }
}

impl Guard {
    fn new(per_minute: u32, now: Boottime) -> Self {
        Self {
            each: NamedLimiter::new(per_minute),
            together: Limiter::new(per_minute.saturating_mul(TOGETHER), now),
        }
    }

    /// Takes a try of an address, or says in how many seconds there is one. An address that has none left takes nothing
    /// from the others.
    pub(crate) fn take(&self, address: &str, now: Boottime) -> Result<(), u64> {
        self.each.take(address, now)?;
        self.together.take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_use_up_the_tries_of_all() {
        let at = Boottime { us: 0 };
        let guard = Guard::new(3, at);
        let mut taken = 0;
        for _ in 0..100 {
            taken += u32::from(guard.take("one", at).is_ok());
        }
        assert_eq!(taken, 3);
        for address in 0..100 {
            taken += u32::from(guard.take(&format!("other {address}"), at).is_ok());
        }
        assert_eq!(taken, 3 * TOGETHER);
    }
}
