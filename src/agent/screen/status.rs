//! The status bar: link, waiting confirmations, worker, battery, scanner, clock; and how the shift goes.

use tallyman_floor::Language;

use super::status_words::texts;

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
    /// What was done in this shift; `None` where nobody is logged in, or nobody counts.
    pub shift: Option<Shift>,
    /// The language of whoever works.
    pub language: Language,
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

/// A battery below this has to be changed or charged soon, in percent.
const BATTERY_LOW_PERCENT: u8 = 15;

/// A battery that lasts no longer than this has to be changed or charged soon, in minutes.
const BATTERY_LOW_MINUTES: u32 = 30;

/// What whoever works has done since log-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shift {
    /// Lines that are done.
    pub lines: u32,
    /// Lines that are expected of the shift, where somebody planned it.
    pub of: Option<u32>,
    /// Lines in an hour; `None` as long as that says nothing.
    pub lines_per_hour: Option<u32>,
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
        let texts = texts(self.language);
        let counted = |forms: &[&str]| {
            let form = |form: &&str| form.replace("{n}", &self.waiting.to_string());
            forms.iter().map(form).collect::<Vec<_>>()
        };
        match (self.store, self.link) {
            (StoreState::Full, _) => counted(&texts.full),
            (StoreState::Failing, _) => counted(&texts.failing),
            (StoreState::Safe, Link::Refused) if self.waiting > 0 => counted(&texts.refused_waiting),
            (StoreState::Safe, Link::Revoked) => counted(&texts.blocked),
            (StoreState::Safe, _) if self.waiting > 0 => {
                let minutes = self.oldest_waiting_minutes.filter(|&minutes| minutes > 0);
                let since = |minutes| {
                    let age = age(minutes, texts.ages);
                    counted(
                        &texts
                            .waiting_since
                            .map(|form| form.replace("{age}", &age))
                            .each_ref()
                            .map(String::as_str),
                    )
                };
                let mut sentences = minutes.map_or_else(Vec::new, since);
                sentences.extend(counted(&texts.waiting));
                sentences
            }
            (StoreState::Safe, Link::Online) => counted(&texts.online),
            (StoreState::Safe, Link::Offline) => counted(&texts.offline),
            (StoreState::Safe, Link::Unenrolled) => counted(&[texts.unenrolled]),
            (StoreState::Safe, Link::Refused) => counted(&texts.refused),
        }
    }

    /// What it says about the battery, the longest form first.
    pub fn battery_sentences(&self) -> Vec<String> {
        let Some(battery) = self.battery else {
            return Vec::new();
        };
        let percent = format!("{} %", battery.percent.min(100));
        let minutes = battery.minutes_left.filter(|_| !battery.charging);
        let left =
            minutes.map(|minutes| format!("{percent} · {}", age(minutes.into(), texts(self.language).ages)));
        left.into_iter().chain([percent]).collect()
    }

    /// What it says about the shift, the longest form first.
    pub fn shift_sentences(&self) -> Vec<String> {
        let Some(shift) = self.shift else {
            return Vec::new();
        };
        let texts = texts(self.language);
        let lines = |form: &str| form.replace("{n}", &shift.lines.to_string());
        let rate = |rate: u32| lines(texts.shift[0]).replace("{rate}", &rate.to_string());
        let of = |of: u32| lines(texts.shift_of).replace("{of}", &of.to_string());
        match shift.of {
            Some(expected) => vec![of(expected)],
            None => shift
                .lines_per_hour
                .map(rate)
                .into_iter()
                .chain([lines(texts.shift[1])])
                .collect(),
        }
    }
}

impl Battery {
    /// Whether it has to be changed or charged soon.
    pub fn is_low(&self) -> bool {
        let ends_soon = self
            .minutes_left
            .is_some_and(|minutes| minutes <= BATTERY_LOW_MINUTES);
        !self.charging && (self.percent < BATTERY_LOW_PERCENT || ends_soon)
    }
}

/// A span in the unit that people would use.
fn age(minutes: u64, [min, hours, days]: [&str; 3]) -> String {
    match minutes {
        0..120 => format!("{minutes} {min}"),
        120..2880 => format!("{} {hours}", minutes / 60),
        _ => format!("{} {days}", minutes / 1440),
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
        for (language, waiting) in Language::ALL
            .into_iter()
            .flat_map(|language| [(language, 0), (language, 37)])
        {
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
                    language,
                    ..StatusBar::default()
                };
                assert!(
                    bar.sentences()
                        .is_sorted_by_key(|text| std::cmp::Reverse(text.chars().count())),
                    "{bar:?}"
                );
            }
        }
    }

    #[test]
    fn no_placeholder_is_left_and_no_language_speaks_english() {
        let said = |language| {
            let mut said = Vec::new();
            for (store, link) in [
                (StoreState::Safe, Link::Online),
                (StoreState::Safe, Link::Offline),
                (StoreState::Safe, Link::Unenrolled),
                (StoreState::Safe, Link::Refused),
                (StoreState::Safe, Link::Revoked),
                (StoreState::Full, Link::Online),
                (StoreState::Failing, Link::Online),
            ] {
                for waiting in [0, 5] {
                    let bar = StatusBar {
                        store,
                        link,
                        waiting,
                        oldest_waiting_minutes: Some(3000),
                        battery: Some(Battery {
                            percent: 40,
                            minutes_left: Some(190),
                            charging: false,
                        }),
                        shift: Some(Shift {
                            lines: 87,
                            of: None,
                            lines_per_hour: Some(112),
                        }),
                        language,
                        ..StatusBar::default()
                    };
                    said.extend(bar.sentences());
                    said.extend(bar.shift_sentences());
                    said.extend(bar.battery_sentences().into_iter().take(1));
                }
            }
            said
        };
        let english = said(Language::English);
        for language in Language::ALL {
            for (text, in_english) in said(language).iter().zip(&english) {
                assert!(!text.contains(['{', '}']), "{text}");
                let is_shared = ["Online", "Offline", "40 % · 3 h"].contains(&text.as_str());
                assert!(
                    language == Language::English || text != in_english || is_shared,
                    "{language:?}: {text}"
                );
            }
        }
    }

    #[test]
    fn a_battery_is_low_by_percent_or_by_minutes_and_not_while_it_is_charged() {
        let battery = |percent, minutes_left, charging| Battery {
            percent,
            minutes_left,
            charging,
        };
        for (battery, is_low) in [
            (battery(62, None, false), false),
            (battery(14, None, false), true),
            (battery(62, Some(30), false), true),
            (battery(14, Some(200), false), true),
            (battery(5, Some(10), true), false),
        ] {
            assert_eq!(battery.is_low(), is_low, "{battery:?}");
        }
    }
}
