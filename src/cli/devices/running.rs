//! What a running agent knows of its devices: who has which node, what was changed in a scanner, whose beep counts.

use std::path::Path;

use serde::Serialize;
use tallyman_agent::AgentConfig;
use tallyman_agent::control::ControlClient;
use tallyman_agent::status::DeviceReport;

/// The devices of the running agent; `None` where none runs, or it may not be asked.
pub(super) fn devices(config: Option<&Path>) -> anyhow::Result<Option<Vec<DeviceReport>>> {
    let config = match AgentConfig::load(config, &|name| std::env::var_os(name)) {
        Ok(config) => config,
        // Without a named configuration this command is about the machine; `doctor` is about the configuration.
        Err(_) if config.is_none() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let status = ControlClient::connect(&config.socket_path()).and_then(|mut agent| agent.status());
    Ok(status.ok().map(|status| status.devices))
}

/// The agent's word on a device, in JSON.
#[derive(Debug, Serialize)]
pub(super) struct AgentLine<'a> {
    name: &'a str,
    driver: &'a str,
    phase: &'a str,
    beep: &'static str,
    set_up: Vec<&'a str>,
    answers: Vec<(&'a str, &'a str)>,
    last_error: Option<&'a str>,
}

impl<'a> AgentLine<'a> {
    pub(super) fn of(device: &'a DeviceReport) -> Self {
        Self {
            name: &device.name,
            driver: &device.driver,
            phase: &device.phase,
            beep: beep(device),
            set_up: device.set_up().collect(),
            answers: device
                .answers
                .iter()
                .map(|answer| (answer.name.as_str(), answer.text.as_str()))
                .collect(),
            last_error: device.last_error.as_deref(),
        }
    }
}

/// Whether the scanner's own beep is off, and whether it beeps as the verdict says then.
fn beep(device: &DeviceReport) -> &'static str {
    let on_command = tallyman_drivers::driver(&device.driver).is_some_and(|driver| driver.beeps_on_command);
    match (device.beep_not_trusted, on_command) {
        (true, _) => "not trusted",
        (false, true) => "follows the verdict",
        (false, false) => "off",
    }
}

/// The agent's word on a device, in lines for people.
pub(super) fn lines(device: &DeviceReport) -> Vec<String> {
    let line = AgentLine::of(device);
    let mut lines = vec![format!(
        "the agent has it as `{}` with driver {}: {}; its beep {}",
        line.name,
        line.driver,
        line.phase,
        match line.beep {
            "off" => "is off",
            "follows the verdict" => "is off and follows the verdict",
            _ => "is not trusted: it says \"decoded\", not \"stored\"",
        }
    )];
    lines.extend(line.set_up.iter().map(|sentence| (*sentence).to_owned()));
    let known: Vec<String> = line
        .answers
        .iter()
        .filter(|(name, text)| {
            matches!(*name, "revision" | "model" | "serial_number" | "REVINF") && !text.is_empty()
        })
        .map(|(name, text)| format!("{name}: {}", text.lines().next().unwrap_or_default()))
        .collect();
    if !known.is_empty() {
        lines.push(known.join(", "));
    }
    if let Some(error) = line.last_error {
        lines.push(error.to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyman_agent::status::{DeviceAnswer, DeviceNotice};

    #[test]
    fn what_was_changed_and_what_was_refused_is_said() {
        let notice = |code: &str, message: &str| DeviceNotice {
            code: code.to_owned(),
            message: message.to_owned(),
            seconds_ago: 1,
            count: 1,
        };
        let device = DeviceReport {
            name: "ring".to_owned(),
            driver: "zebra_ssi".to_owned(),
            phase: "open".to_owned(),
            last_error: None,
            reads: 0,
            garbage_bytes: 0,
            repetitions_dropped: 0,
            beep_not_trusted: true,
            node: Some("/dev/ttyACM0".to_owned()),
            waiting: 0,
            oldest_waiting_us: None,
            worst_wait_us: 0,
            answers: vec![DeviceAnswer {
                name: "revision".to_owned(),
                text: "PAAABS00".to_owned(),
            }],
            notices: vec![
                notice("no_read", "nothing"),
                notice("settings_changed", "Set until power-down: a."),
                notice("settings_refused", "The scanner would not change b."),
            ],
        };
        assert_eq!(
            lines(&device),
            [
                "the agent has it as `ring` with driver zebra_ssi: open; its beep is not trusted: it says \"decoded\", not \"stored\"",
                "Set until power-down: a.",
                "The scanner would not change b.",
                "revision: PAAABS00",
            ]
        );
    }
}
