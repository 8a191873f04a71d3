//! The battery: what the kernel tells of it, and how long it will last at this pace.
//!
//! Source: Linux, `Documentation/ABI/testing/sysfs-class-power`: capacity in percent; charge and energy in µAh and µWh;
//! voltages in µV; temperature in tenths of a degree. Drivers leave out what they do not know, and some tell a percentage that
//! never changes.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tallyman_codes::Moment;

/// Where the kernel shows batteries and chargers.
pub const SUPPLIES: &str = "/sys/class/power_supply";

/// Supplies looked at; a device with more has other troubles.
const SUPPLIES_MAX: usize = 32;

/// The battery of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerConfig {
    /// The folder of supplies, or of one battery.
    pub path: PathBuf,
    /// With fewer minutes left than these a swap is asked for at the next break; 0 for never.
    pub swap_below_min: u32,
    /// The voltage of the empty battery, in millivolts; 0 for what the kernel says.
    pub empty_mv: u32,
}

impl Default for PowerConfig {
    fn default() -> Self {
        Self {
            path: PathBuf::from(SUPPLIES),
            swap_below_min: 15,
            empty_mv: 0,
        }
    }
}

/// What a battery tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// How full it is, in percent.
    pub percent: Option<u8>,
    /// Whether it is being charged, or is full and at the charger.
    pub charging: bool,
    /// In tenths of a degree Celsius.
    pub temperature_tenths: Option<i32>,
    /// In millivolts.
    pub voltage_mv: Option<u32>,
    /// The voltage at which it is empty by its make, in millivolts.
    pub empty_mv: Option<u32>,
}

/// The device's battery in a folder of supplies, or the folder itself where it is one. Batteries of other devices
/// (scanners, mice) are none.
pub fn find(folder: &Path) -> Option<PathBuf> {
    if is_own_battery(folder) {
        return Some(folder.to_path_buf());
    }
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .take(SUPPLIES_MAX)
        .flatten()
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    folders.into_iter().find(|folder| is_own_battery(folder))
}

fn is_own_battery(folder: &Path) -> bool {
    text(folder, "type").as_deref() == Some("Battery")
        && text(folder, "scope").as_deref() != Some("Device")
        && text(folder, "present").as_deref() != Some("0")
}

/// Reads a battery.
pub fn read(folder: &Path) -> Reading {
    let number = |file: &str| text(folder, file)?.parse::<i64>().ok();
    let share = |now: &str, full: &str| {
        let (now, full) = (number(now)?, number(full)?);
        (full > 0).then(|| (now.max(0) * 100 / full).min(100))
    };
    let percent = number("capacity")
        .filter(|percent| (0..=100).contains(percent))
        .or_else(|| share("charge_now", "charge_full"))
        .or_else(|| share("energy_now", "energy_full"));
    let millivolts = |file: &str| {
        let microvolts = number(file).filter(|microvolts| *microvolts > 0)?;
        u32::try_from(microvolts / 1_000).ok()
    };
    let status = text(folder, "status").unwrap_or_default();
    Reading {
        percent: percent.and_then(|percent| u8::try_from(percent).ok()),
        // "Not charging" is a battery at the charger that takes nothing.
        charging: matches!(status.as_str(), "Charging" | "Full" | "Not charging"),
        temperature_tenths: number("temp").and_then(|temperature| i32::try_from(temperature).ok()),
        voltage_mv: millivolts("voltage_now").or_else(|| millivolts("voltage_avg")),
        empty_mv: millivolts("voltage_min_design"),
    }
}

fn text(folder: &Path, file: &str) -> Option<String> {
    let text = fs::read_to_string(folder.join(file)).ok()?;
    Some(text.trim().to_owned())
}

/// For how long readings count, in microseconds: work changes, and so does the pace.
const WINDOW_US: u64 = 60 * 60 * 1_000_000;

/// The least time that says something about the pace, in microseconds.
const SPAN_US_MIN: u64 = 10 * 60 * 1_000_000;

/// The least fall in percent that does.
const FALL_PERCENT_MIN: f64 = 2.0;

/// The least fall in millivolts that does; less is what load and warmth do.
const FALL_MV_MIN: f64 = 25.0;

/// A percentage that did not change while the voltage fell by so many millivolts is wrong.
const WRONG_AFTER_MV: f64 = 100.0;

/// Most readings that are kept: one each half minute of the window.
const SAMPLES_MAX: usize = 128;

/// Most minutes that are told: beyond four days it says nothing about work.
const MINUTES_MAX: f64 = 5_760.0;

/// How fast a battery runs down.
#[derive(Debug, Default)]
pub struct Pace {
    samples: VecDeque<(Moment, Reading)>,
}

impl Pace {
    /// Takes a reading. A battery that is charged, or changed for a fuller one, begins anew.
    pub fn add(&mut self, at: Moment, reading: Reading) {
        let before = self.samples.back().map(|(_, before)| *before);
        let is_fuller = before.is_some_and(|before| {
            let more = |before: Option<u8>, now: Option<u8>| before.zip(now).is_some_and(|(b, n)| n > b + 5);
            more(before.percent, reading.percent) || before.charging
        });
        if reading.charging || is_fuller {
            self.samples.clear();
        }
        self.samples.push_back((at, reading));
        while self.samples.len() > SAMPLES_MAX
            || self
                .samples
                .front()
                .is_some_and(|(first, _)| at.since_us(*first) > WINDOW_US)
        {
            self.samples.pop_front();
        }
    }

    /// How many minutes are left at this pace. `empty_mv` is the voltage of the empty battery, where somebody said it.
    /// `None` while it is charged, or while too little is known.
    pub fn minutes_left(&self, empty_mv: Option<u32>) -> Option<u32> {
        let (_, newest) = self.samples.back()?;
        if newest.charging {
            return None;
        }
        let percents = self.series(|reading| reading.percent.map(f64::from));
        let voltages = self.series(|reading| reading.voltage_mv.map(f64::from));
        let is_percent_wrong = fall(&percents) == 0.0 && fall(&voltages) >= WRONG_AFTER_MV;
        let by_percent = || minutes(&percents, 0.0, FALL_PERCENT_MIN);
        let by_voltage = || minutes(&voltages, f64::from(empty_mv.or(newest.empty_mv)?), FALL_MV_MIN);
        if percents.is_empty() || is_percent_wrong {
            by_voltage()
        } else {
            by_percent()
        }
    }

    /// Minutes since the first reading, and the value, of those that have one.
    fn series(&self, value: impl Fn(&Reading) -> Option<f64>) -> Vec<(f64, f64)> {
        let Some((first, _)) = self.samples.front() else {
            return Vec::new();
        };
        self.samples
            .iter()
            .filter_map(|(at, reading)| Some((at.since_us(*first) as f64 / 60_000_000.0, value(reading)?)))
            .collect()
    }
}

/// How far a series has fallen.
fn fall(series: &[(f64, f64)]) -> f64 {
    let (Some((_, first)), Some((_, last))) = (series.first(), series.last()) else {
        return 0.0;
    };
    first - last
}

/// In how many minutes a series is at its end, by the line that fits it best.
fn minutes(series: &[(f64, f64)], end: f64, least_fall: f64) -> Option<u32> {
    let (first, last) = (series.first()?, series.last()?);
    if (last.0 - first.0) * 60_000_000.0 < SPAN_US_MIN as f64 || fall(series) < least_fall {
        return None;
    }
    let count = series.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| series.iter().map(value).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = series.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let slope: f64 = series
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum::<f64>()
        / spread;
    let now = mean_y + slope * (last.0 - mean_x);
    let left = (now - end).max(0.0) / -slope;
    (slope < 0.0 && left <= MINUTES_MAX).then_some(left as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(folder: &Path, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let supply = folder.join(name);
        fs::create_dir(&supply).unwrap();
        for (file, text) in files {
            fs::write(supply.join(file), format!("{text}\n")).unwrap();
        }
        supply
    }

    #[test]
    fn the_devices_own_battery_is_found() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find(folder.path()), None);
        assert_eq!(find(&folder.path().join("missing")), None);
        supply(folder.path(), "a_charger", &[("type", "Mains")]);
        supply(
            folder.path(),
            "b_scanner",
            &[("type", "Battery"), ("scope", "Device")],
        );
        supply(
            folder.path(),
            "c_second",
            &[("type", "Battery"), ("present", "0")],
        );
        assert_eq!(find(folder.path()), None);
        let own = supply(folder.path(), "d_own", &[("type", "Battery"), ("present", "1")]);
        assert_eq!(find(folder.path()), Some(own.clone()));
        assert_eq!(find(&own), Some(own));
    }

    #[test]
    fn what_a_driver_leaves_out_is_reckoned_or_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let all = Reading {
            percent: Some(62),
            charging: false,
            temperature_tenths: Some(-35),
            voltage_mv: Some(3_812),
            empty_mv: Some(3_300),
        };
        type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], Reading);
        let table: [Row<'_>; 5] = [
            (
                "all",
                &[
                    ("capacity", "62"),
                    ("status", "Discharging"),
                    ("temp", "-35"),
                    ("voltage_now", "3812345"),
                    ("voltage_min_design", "3300000"),
                ],
                all,
            ),
            (
                "charge",
                &[
                    ("charge_now", "1500000"),
                    ("charge_full", "2000000"),
                    ("status", "Full"),
                ],
                Reading {
                    percent: Some(75),
                    charging: true,
                    ..Reading::default()
                },
            ),
            (
                "energy beyond what was full once",
                &[
                    ("capacity", "-1"),
                    ("energy_now", "2100000"),
                    ("energy_full", "2000000"),
                ],
                Reading {
                    percent: Some(100),
                    ..Reading::default()
                },
            ),
            (
                "nonsense",
                &[
                    ("capacity", "many"),
                    ("charge_now", "5"),
                    ("charge_full", "0"),
                    ("voltage_now", "-3"),
                ],
                Reading::default(),
            ),
            ("nothing", &[], Reading::default()),
        ];
        for (name, files, wanted) in table {
            assert_eq!(read(&supply(folder.path(), name, files)), wanted, "{name}");
        }
    }

    const fn minute(minute: u64) -> Moment {
        Moment::from_us(minute * 60_000_000)
    }

    fn reading(percent: Option<u8>, voltage_mv: u32) -> Reading {
        Reading {
            percent,
            voltage_mv: Some(voltage_mv),
            ..Reading::default()
        }
    }

    /// Readings each minute.
    fn pace(minutes: std::ops::Range<u64>, of: impl Fn(u64) -> Reading) -> Pace {
        let mut pace = Pace::default();
        minutes.for_each(|at| pace.add(minute(at), of(at)));
        pace
    }

    #[test]
    fn minutes_are_left_as_the_percentage_falls() {
        // A percent in three minutes.
        let falling = |at: u64| reading(Some((90 - at / 3) as u8), 3_900);
        assert_eq!(pace(0..9, falling).minutes_left(None), None, "too soon");
        let left = pace(0..31, falling).minutes_left(None).unwrap();
        assert!((235..=245).contains(&left), "{left}");
        let stands = |_| reading(Some(90), 3_900);
        assert_eq!(pace(0..31, stands).minutes_left(None), None, "it does not fall");
    }

    #[test]
    fn where_the_percentage_is_missing_or_wrong_the_voltage_tells() {
        // 10 mV a minute.
        let voltage = |at: u64| 3_900 - at as u32 * 10;
        for (what, percent) in [("missing", None), ("wrong", Some(50))] {
            let pace = pace(0..31, |at| reading(percent, voltage(at)));
            assert_eq!(pace.minutes_left(Some(3_300)), Some(30), "{what}");
            assert_eq!(
                pace.minutes_left(None),
                None,
                "{what}, and nobody says when it is empty"
            );
        }
        let own = |at: u64| Reading {
            empty_mv: Some(3_400),
            ..reading(None, voltage(at))
        };
        assert_eq!(pace(0..31, own).minutes_left(None), Some(20));
    }

    #[test]
    fn a_charger_and_a_fresh_battery_begin_anew() {
        let falling = |at: u64| reading(Some((90 - at) as u8), 3_900);
        let mut worn = pace(0..31, falling);
        assert!(worn.minutes_left(None).is_some());
        worn.add(
            minute(31),
            Reading {
                charging: true,
                ..falling(30)
            },
        );
        assert_eq!(worn.minutes_left(None), None, "at the charger");
        worn.add(minute(32), falling(32));
        assert_eq!(worn.minutes_left(None), None, "just taken from it");
        let mut swapped = pace(0..31, falling);
        swapped.add(minute(31), reading(Some(98), 4_150));
        assert_eq!(swapped.minutes_left(None), None, "another battery");
    }

    #[test]
    fn only_the_last_hour_counts_and_memory_is_bounded() {
        // Standing for a long time, then at work.
        let of = |at: u64| reading(Some(if at < 300 { 95 } else { (95 - (at - 300)) as u8 }), 3_900);
        let pace = pace(0..361, of);
        let left = pace.minutes_left(None).unwrap();
        assert!((33..=37).contains(&left), "{left}");
        assert!(pace.samples.len() <= SAMPLES_MAX);
    }
}
