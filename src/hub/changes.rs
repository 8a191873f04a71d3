//! Who waits for changes of a site: devices that ask for tasks, and open pages.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// Two bells for each site, one for devices and one for pages. Ringing wakes everyone who waits; nobody who rings ever
/// waits.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    bells: Mutex<HashMap<String, Bells>>,
}

/// The bells of a site.
#[derive(Debug)]
struct Bells {
    devices: watch::Sender<u64>,
    pages: watch::Sender<u64>,
}

impl Changes {
    /// Says that something of a site changed.
    pub(crate) fn ring(&self, site: &str) {
        self.with(site, |bells| {
            again(&bells.devices);
            again(&bells.pages);
        });
    }

    /// Says that something of a site changed which only people look at. Each device that waits would look into the store
    /// for nothing: where a hundred of them say once a minute that they are there, that is most of what a hub does.
    pub(crate) fn ring_pages(&self, site: &str) {
        self.with(site, |bells| again(&bells.pages));
    }

    /// Hears of changes that concern devices, from now on.
    pub(crate) fn listen(&self, site: &str) -> watch::Receiver<u64> {
        self.with(site, |bells| bells.devices.subscribe())
    }

    /// Hears of all changes, from now on.
    pub(crate) fn listen_for_pages(&self, site: &str) -> watch::Receiver<u64> {
        self.with(site, |bells| bells.pages.subscribe())
    }

    fn with<T>(&self, site: &str, act: impl FnOnce(&Bells) -> T) -> T {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Bells {
            devices: watch::Sender::new(0),
            pages: watch::Sender::new(0),
        };
        act(bells.entry(site.to_owned()).or_insert_with(new))
    }
}

fn again(bell: &watch::Sender<u64>) {
    bell.send_modify(|rung| *rung = rung.wrapping_add(1));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_hear_what_concerns_them_and_pages_hear_everything() {
        let changes = Changes::default();
        let (mut devices, mut pages) = (changes.listen("main"), changes.listen_for_pages("main"));
        let mut heard = || {
            let heard = (devices.has_changed().unwrap(), pages.has_changed().unwrap());
            devices.mark_unchanged();
            pages.mark_unchanged();
            heard
        };
        assert_eq!(heard(), (false, false));
        changes.ring_pages("main");
        assert_eq!(heard(), (false, true));
        changes.ring("main");
        assert_eq!(heard(), (true, true));
        changes.ring("north");
        assert_eq!(heard(), (false, false));
    }
}
