//! Looks at the battery, and tells who wants to know: status, the bar of the screen, and the worker at a break.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tallyman_codes::Moment;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::power::{self, Pace, PowerConfig, Reading};
use crate::running::Shared;
use crate::seams::{Incoming, Input};
use crate::status::BatteryReport;

/// How often it is looked at: a percent takes minutes.
const EVERY: Duration = Duration::from_secs(30);

/// Looks at the battery until cancelled.
pub(super) async fn run(
    shared: Arc<Shared>,
    report: watch::Sender<Option<BatteryReport>>,
    cancel: CancellationToken,
) {
    let config = shared.config.power.clone();
    let mut pace = Pace::default();
    let mut every = tokio::time::interval(EVERY);
    let mut was_low = false;
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = every.tick() => {}
        }
        let path = config.path.clone();
        // Some batteries are asked over a slow bus.
        let Ok(read) = tokio::task::spawn_blocking(move || look(&path)).await else {
            return;
        };
        let now = Moment::from_us(shared.calendar.clock().now().us);
        let told = read.map(|(name, reading)| {
            pace.add(now, reading);
            told(&config, name, reading, &pace)
        });
        let is_low = told.as_ref().is_some_and(|told| told.swap_soon);
        report.send_replace(told);
        if is_low != was_low {
            was_low = is_low;
            let incoming = Incoming {
                at: now,
                input: Input::BatteryLow(is_low),
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                // An error means that the agent ends.
                _ = shared.inputs.send(incoming) => {}
            }
        }
    }
}

/// The battery's name, and what it tells; `None` where there is none.
fn look(path: &Path) -> Option<(String, Reading)> {
    let battery = power::find(path)?;
    let name = battery
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Some((name, power::read(&battery)))
}

fn told(config: &PowerConfig, name: String, reading: Reading, pace: &Pace) -> BatteryReport {
    let empty_mv = Some(config.empty_mv).filter(|millivolts| *millivolts > 0);
    let minutes_left = pace.minutes_left(empty_mv);
    BatteryReport {
        name,
        percent: reading.percent,
        charging: reading.charging,
        minutes_left,
        temperature_tenths: reading.temperature_tenths,
        voltage_mv: reading.voltage_mv,
        swap_soon: minutes_left.is_some_and(|minutes| minutes < config.swap_below_min),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_is_due_below_the_configured_minutes() {
        let mut pace = Pace::default();
        let mut newest = Reading::default();
        for minute in 0..=30 {
            newest.percent = Some(50 - minute);
            pace.add(Moment::from_us(u64::from(minute) * 60_000_000), newest);
        }
        for (below, wanted) in [(0, false), (20, false), (21, true)] {
            let config = PowerConfig {
                swap_below_min: below,
                ..PowerConfig::default()
            };
            let told = told(&config, "battery".to_owned(), newest, &pace);
            assert_eq!((told.minutes_left, told.swap_soon), (Some(20), wanted), "{below}");
        }
    }
}
