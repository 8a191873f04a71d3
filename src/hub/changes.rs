//! Who waits for changes of a site: devices that ask for tasks, and open pages.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// One bell for each site. Ringing it wakes everyone who waits; nobody who rings ever waits.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    bells: Mutex<HashMap<String, watch::Sender<u64>>>,
}

impl Changes {
    /// Says that something of a site changed.
    pub(crate) fn ring(&self, site: &str) {
        self.with(site, |bell| bell.send_modify(|rung| *rung = rung.wrapping_add(1)));
    }

    /// Hears of changes from now on.
    pub(crate) fn listen(&self, site: &str) -> watch::Receiver<u64> {
        self.with(site, watch::Sender::subscribe)
    }

    fn with<T>(&self, site: &str, act: impl FnOnce(&watch::Sender<u64>) -> T) -> T {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        act(bells
            .entry(site.to_owned())
            .or_insert_with(|| watch::Sender::new(0)))
    }
}
