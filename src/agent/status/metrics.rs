//! The status of an agent as figures for Prometheus. docs/metrics.md lists them. Labels name scanners and states, never the
//! worker or the task.

use tallyman_platform::metrics::{Exposition, Kind};

use super::{BatteryReport, DeviceReport, PrinterReport, Status};

/// The states of the link, as [`super::LinkReport`] says them.
const LINK_STATES: [&str; 6] = [
    "unknown",
    "not_enrolled",
    "online",
    "offline",
    "refused",
    "blocked",
];

/// Figures for a status; for none where no agent answers, which is a figure too.
pub fn exposition(status: Option<&Status>) -> String {
    let mut text = Exposition::default();
    text.figure(
        "tallyman_agent_up",
        Kind::Gauge,
        "1 while the agent answers.",
        u8::from(status.is_some()),
    );
    if let Some(status) = status {
        let version = [("version", status.version.as_str())];
        text.family(
            "tallyman_agent_info",
            Kind::Gauge,
            "The version, as a label; always 1.",
            [(&version[..], 1)],
        );
        of_outbox(&mut text, status);
        of_link(&mut text, status);
        of_scanners(&mut text, &status.devices);
        of_store(&mut text, status);
        if let Some(printer) = &status.printer {
            of_printer(&mut text, printer);
        }
        if let Some(battery) = &status.battery {
            of_battery(&mut text, battery);
        }
    }
    text.into_text()
}

fn of_outbox(text: &mut Exposition, status: &Status) {
    let outbox = &status.outbox;
    for (name, help, value) in [
        (
            "tallyman_agent_confirmations_waiting",
            "Confirmations that the hub has not yet.",
            outbox.waiting,
        ),
        (
            "tallyman_agent_oldest_waiting_seconds",
            "How long the oldest of them has been waiting.",
            outbox.oldest_seconds.unwrap_or(0),
        ),
        (
            "tallyman_agent_store_safe",
            "1 while new confirmations can be kept.",
            u64::from(outbox.safe),
        ),
        (
            "tallyman_agent_epoch",
            "The epoch of the journal.",
            u64::from(status.epoch),
        ),
        (
            "tallyman_agent_seq",
            "The last confirmation's place in the epoch.",
            outbox.last_seq,
        ),
        (
            "tallyman_agent_applied_seq",
            "Up to here the hub has everything.",
            outbox.applied_seq,
        ),
        (
            "tallyman_agent_stable_seq",
            "Up to here everything is in a checked backup of the hub.",
            outbox.stable_seq,
        ),
    ] {
        text.figure(name, Kind::Gauge, help, value);
    }
}

fn of_link(text: &mut Exposition, status: &Status) {
    let link = &status.link;
    let states = LINK_STATES.map(|state| [("state", state)]);
    text.family(
        "tallyman_agent_link_state",
        Kind::Gauge,
        "1 for the state that the link to the hub is in.",
        states
            .iter()
            .map(|labels| (&labels[..], u8::from(labels[0].1 == link.state))),
    );
    if let Some(seconds) = link.answered_seconds {
        text.figure(
            "tallyman_agent_hub_answered_seconds",
            Kind::Gauge,
            "How long ago the hub answered last.",
            seconds,
        );
    }
    text.figure(
        "tallyman_agent_exceptions_total",
        Kind::Counter,
        "Confirmations that the hub told a supervisor about.",
        link.exceptions,
    );
    text.figure(
        "tallyman_agent_quarantined_total",
        Kind::Counter,
        "Confirmations that the hub keeps until they are understood.",
        link.quarantined,
    );
}

fn of_scanners(text: &mut Exposition, devices: &[DeviceReport]) {
    let labels: Vec<_> = devices
        .iter()
        .map(|device| {
            [
                ("scanner", device.name.as_str()),
                ("driver", device.driver.as_str()),
            ]
        })
        .collect();
    let mut family = |name: &str, kind, help: &str, figure: &dyn Fn(&DeviceReport) -> u64| {
        let figures = labels
            .iter()
            .zip(devices)
            .map(|(labels, device)| (&labels[..], figure(device)));
        text.family(name, kind, help, figures);
    };
    family(
        "tallyman_agent_scanner_open",
        Kind::Gauge,
        "1 while the scanner is open.",
        &|device| u64::from(device.phase == "open"),
    );
    family(
        "tallyman_agent_scanner_reads_total",
        Kind::Counter,
        "Codes and tags.",
        &|device| device.reads,
    );
    family(
        "tallyman_agent_scanner_repetitions_dropped_total",
        Kind::Counter,
        "Mechanical repetitions that were dropped.",
        &|device| device.repetitions_dropped,
    );
    family(
        "tallyman_agent_scanner_garbage_bytes_total",
        Kind::Counter,
        "Bytes that belonged to no good frame.",
        &|device| device.garbage_bytes,
    );
    family(
        "tallyman_agent_scanner_worst_wait_microseconds",
        Kind::Gauge,
        "The longest that a report has waited since the start.",
        &|device| device.worst_wait_us,
    );
}

fn of_store(text: &mut Exposition, status: &Status) {
    let store = &status.store;
    text.figure(
        "tallyman_agent_store_commits_total",
        Kind::Counter,
        "Commits of the store.",
        store.commits,
    );
    text.figure(
        "tallyman_agent_store_last_commit_microseconds",
        Kind::Gauge,
        "How long the last commit took, its sync included.",
        store.last_commit_us,
    );
    text.figure(
        "tallyman_agent_store_damaged_records",
        Kind::Gauge,
        "Records that were found damaged since the start.",
        store.damaged,
    );
    if let Some(free) = store.free_bytes {
        text.figure(
            "tallyman_agent_store_free_bytes",
            Kind::Gauge,
            "What can still be written on the store's disk.",
            free,
        );
    }
    text.figure(
        "tallyman_agent_inputs_waiting",
        Kind::Gauge,
        "Scans and keys on their way to the rules.",
        status.inputs.waiting,
    );
}

fn of_battery(text: &mut Exposition, battery: &BatteryReport) {
    let mut figure = |name: &str, help: &str, value: Option<f64>| {
        if let Some(value) = value {
            text.figure(name, Kind::Gauge, help, value);
        }
    };
    figure(
        "tallyman_agent_battery_percent",
        "How full the battery is.",
        battery.percent.map(f64::from),
    );
    figure(
        "tallyman_agent_battery_charging",
        "1 while it is charged, or full and at the charger.",
        Some(f64::from(u8::from(battery.charging))),
    );
    figure(
        "tallyman_agent_battery_minutes_left",
        "For how many minutes it lasts as the device is used now.",
        battery.minutes_left.map(f64::from),
    );
    figure(
        "tallyman_agent_battery_celsius",
        "Its temperature.",
        battery.temperature_tenths.map(|tenths| f64::from(tenths) / 10.0),
    );
    figure(
        "tallyman_agent_battery_volts",
        "Its voltage.",
        battery
            .voltage_mv
            .map(|millivolts| f64::from(millivolts) / 1_000.0),
    );
    figure(
        "tallyman_agent_battery_swap_wanted",
        "1 while the worker is asked to change it at the next break.",
        Some(f64::from(u8::from(battery.swap_soon))),
    );
}

fn of_printer(text: &mut Exposition, printer: &PrinterReport) {
    text.figure(
        "tallyman_agent_printer_ready",
        Kind::Gauge,
        "1 while the label printer was ready when it was needed last.",
        u8::from(printer.state == "ready"),
    );
    text.figure(
        "tallyman_agent_labels_waiting",
        Kind::Gauge,
        "Labels that wait for the printer.",
        printer.waiting,
    );
    text.figure(
        "tallyman_agent_labels_printed_total",
        Kind::Counter,
        "Labels that the printer took.",
        printer.printed,
    );
    text.figure(
        "tallyman_agent_labels_dropped_total",
        Kind::Counter,
        "Labels that were not printed.",
        printer.dropped,
    );
    text.family(
        "tallyman_agent_numbers_left",
        Kind::Gauge,
        "Numbers for handling units that are left on the device.",
        [
            (&[("kind", "sscc")][..], printer.sscc_left),
            (&[("kind", "lpn")][..], printer.lpn_left),
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::super::{InputReport, LinkReport, OutboxStatus, StoreReport};
    use super::*;

    fn status() -> Status {
        Status {
            version: "1.2.3".to_owned(),
            name: "ring-7".to_owned(),
            device: Some("D7".to_owned()),
            site: Some("main".to_owned()),
            epoch: 2,
            worker: Some("B1042".to_owned()),
            task: Some("P-1".to_owned()),
            outbox: OutboxStatus {
                waiting: 37,
                oldest_seconds: Some(720),
                safe: true,
                last_seq: 140,
                applied_seq: 103,
                stable_seq: 90,
                sentence: String::new(),
            },
            link: LinkReport {
                state: "offline".to_owned(),
                for_seconds: 9,
                answered_seconds: Some(10),
                last_fault: None,
                exceptions: 1,
                quarantined: 0,
            },
            devices: vec![DeviceReport {
                name: "dock".to_owned(),
                driver: "zebra_ssi".to_owned(),
                phase: "open".to_owned(),
                last_error: None,
                reads: 611,
                garbage_bytes: 7,
                repetitions_dropped: 2,
                beep_not_trusted: false,
                node: None,
                waiting: 0,
                oldest_waiting_us: None,
                worst_wait_us: 9,
                answers: Vec::new(),
                notices: Vec::new(),
            }],
            inputs: InputReport {
                waiting: 0,
                waiting_max: 64,
                worst_wait_us: 9,
                late_reads: 0,
            },
            store: StoreReport {
                path: String::new(),
                health: "good".to_owned(),
                commits: 140,
                last_commit_us: 2_100,
                damaged: 0,
                free_bytes: Some(1 << 30),
            },
            printer: None,
            pictures: None,
            silent_neighbours: Vec::new(),
            panel: None,
            input_nodes: Vec::new(),
            battery: Some(BatteryReport {
                name: "bq27".to_owned(),
                percent: Some(41),
                charging: false,
                minutes_left: Some(190),
                temperature_tenths: Some(253),
                voltage_mv: Some(3_712),
                swap_soon: false,
            }),
        }
    }

    #[test]
    fn a_battery_tells_what_it_knows() {
        let mut status = status();
        status.battery = Some(BatteryReport {
            percent: None,
            minutes_left: None,
            temperature_tenths: None,
            voltage_mv: None,
            ..status.battery.unwrap()
        });
        let text = exposition(Some(&status));
        let told: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("tallyman_agent_battery"))
            .collect();
        assert_eq!(
            told,
            [
                "tallyman_agent_battery_charging 0",
                "tallyman_agent_battery_swap_wanted 0"
            ]
        );
        status.battery = None;
        assert!(!exposition(Some(&status)).contains("battery"));
    }

    #[test]
    fn a_status_is_told_in_figures_and_nobody_is_named() {
        let text = exposition(Some(&status()));
        for line in [
            "tallyman_agent_up 1",
            "tallyman_agent_confirmations_waiting 37",
            "tallyman_agent_oldest_waiting_seconds 720",
            "tallyman_agent_link_state{state=\"offline\"} 1",
            "tallyman_agent_link_state{state=\"online\"} 0",
            "tallyman_agent_scanner_reads_total{scanner=\"dock\",driver=\"zebra_ssi\"} 611",
            "tallyman_agent_store_last_commit_microseconds 2100",
            "tallyman_agent_battery_percent 41",
            "tallyman_agent_battery_celsius 25.3",
            "tallyman_agent_battery_volts 3.712",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        for name in ["B1042", "P-1"] {
            assert!(!text.contains(name), "{name}\n{text}");
        }
    }

    #[test]
    fn an_agent_that_does_not_answer_is_told() {
        assert!(exposition(None).ends_with("tallyman_agent_up 0\n"));
    }

    #[test]
    fn every_figure_is_in_the_guide() {
        let guide = include_str!("../../../docs/metrics.md");
        let mut with_printer = status();
        with_printer.printer = Some(PrinterReport {
            state: "ready".to_owned(),
            waiting: 0,
            printed: 1,
            dropped: 0,
            last_fault: None,
            sscc_left: 5,
            lpn_left: 6,
        });
        for line in exposition(Some(&with_printer)).lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let name = rest.split(' ').next().unwrap_or_default();
                assert!(
                    guide.contains(&format!("`{name}`")),
                    "docs/metrics.md lacks {name}"
                );
            }
        }
    }
}
