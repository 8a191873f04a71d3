//! The status bar: link, waiting confirmations, worker, scanner, clock.

/// What the status bar says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusBar {
    /// How the device stands with the hub.
    pub link: Link,
    /// Confirmations that are on disk here and not yet at the hub.
    pub waiting: u64,
    /// How long the oldest of them has been waiting, in minutes.
    pub oldest_waiting_minutes: Option<u64>,
    /// Whether confirmations can be kept.
    pub store: StoreState,
    /// Who works with the device, as the screen should say it; empty where nobody is logged in.
    pub worker: String,
    /// How the scanner is.
    pub scanner: ScannerState,
    /// How full the battery is; `None` where the device has none, or does not tell.
    pub battery: Option<Battery>,
    /// The time of day, as `14:05`; empty where the clock is not to be believed.
    pub clock: String,
}

/// How full the battery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Battery {
    /// In percent of what it holds.
    pub percent: u8,
    /// How long it will last as the device is used now, in minutes; `None` where that is not known.
    pub minutes_left: Option<u32>,
    /// Whether it is being charged.
    pub charging: bool,
}

/// How the device stands with the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Link {
    /// Confirmations go out as they are made.
    Online,
    /// No hub in reach; work goes on.
    #[default]
    Offline,
    /// The device belongs to no hub yet.
    Unenrolled,
    /// The hub is in reach and does not let this device in.
    Refused,
    /// An administrator has blocked the device: what it sends is kept, and it gets no work.
    Revoked,
}

/// Whether confirmations can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StoreState {
    /// They can.
    #[default]
    Safe,
    /// The disk is full: nothing more counts until there is room.
    Full,
    /// The disk does not take writes.
    Failing,
}

/// How the scanner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ScannerState {
    /// It reads.
    Ready,
    /// It was lost, and is being looked for.
    Lost,
    /// None is configured.
    #[default]
    None,
}

impl StatusBar {
    /// Whether somebody should do something about the device.
    pub fn alarms(&self) -> bool {
        self.store != StoreState::Safe
            || matches!(self.link, Link::Unenrolled | Link::Refused | Link::Revoked)
    }

    /// What it says about the link and the waiting confirmations, the longest form first; a narrow panel takes the
    /// first that fits.
    pub fn sentences(&self) -> Vec<String> {
        let fixed = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        match (self.store, self.link) {
            (StoreState::Full, _) => fixed(&["Storage full: nothing more counts", "Storage full"]),
            (StoreState::Failing, _) => fixed(&["Storage failing: nothing more counts", "Storage failing"]),
            (StoreState::Safe, Link::Refused) if self.waiting > 0 => vec![
                format!("Hub refuses this device, {} waiting", self.waiting),
                format!("Refused, {} waiting", self.waiting),
            ],
            (StoreState::Safe, Link::Revoked) => {
                fixed(&["Device blocked, ask your supervisor", "Device blocked"])
            }
            (StoreState::Safe, _) if self.waiting > 0 => self.waiting_sentences(),
            (StoreState::Safe, Link::Online) => fixed(&["Online, all sent", "Online"]),
            (StoreState::Safe, Link::Offline) => fixed(&["Offline, all sent", "Offline"]),
            (StoreState::Safe, Link::Unenrolled) => fixed(&["Not enrolled"]),
            (StoreState::Safe, Link::Refused) => fixed(&["Hub refuses this device", "Refused"]),
        }
    }

    fn waiting_sentences(&self) -> Vec<String> {
        let waiting = self.waiting;
        let mut sentences = match self.oldest_waiting_minutes {
            Some(minutes) if minutes > 0 => {
                let age = age(minutes);
                vec![
                    format!("{waiting} waiting, oldest {age}, all safe"),
                    format!("{waiting} waiting, {age}, all safe"),
                ]
            }
            _ => Vec::new(),
        };
        sentences.extend([
            format!("{waiting} waiting, all safe"),
            format!("{waiting} waiting"),
        ]);
        sentences
    }
}

/// A span in the unit that people would use.
fn age(minutes: u64) -> String {
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picker_reads_how_much_waits_and_that_it_is_safe() {
        let bar = StatusBar {
            waiting: 37,
            oldest_waiting_minutes: Some(12),
            ..StatusBar::default()
        };
        assert_eq!(bar.sentences()[0], "37 waiting, oldest 12 min, all safe");
        let fresh = StatusBar {
            waiting: 1,
            oldest_waiting_minutes: Some(0),
            ..StatusBar::default()
        };
        assert_eq!(fresh.sentences()[0], "1 waiting, all safe");
    }

    #[test]
    fn nothing_is_called_safe_on_a_store_that_is_not() {
        for store in [StoreState::Full, StoreState::Failing] {
            let bar = StatusBar {
                waiting: 37,
                oldest_waiting_minutes: Some(12),
                store,
                ..StatusBar::default()
            };
            assert!(bar.alarms());
            assert!(
                bar.sentences().iter().all(|text| !text.contains("safe")),
                "{:?}",
                bar.sentences()
            );
        }
    }

    #[test]
    fn shorter_forms_come_later() {
        for waiting in [0, 37] {
            for link in [
                Link::Online,
                Link::Offline,
                Link::Unenrolled,
                Link::Refused,
                Link::Revoked,
            ] {
                let bar = StatusBar {
                    link,
                    waiting,
                    oldest_waiting_minutes: Some(190),
                    ..StatusBar::default()
                };
                assert!(
                    bar.sentences()
                        .is_sorted_by_key(|text| std::cmp::Reverse(text.len())),
                    "{bar:?}"
                );
            }
        }
    }
}
