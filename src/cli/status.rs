//! `tallyman status`: what the running agent is doing.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use tallyman_agent::AgentConfig;
use tallyman_agent::control::ControlClient;
use tallyman_agent::status::{DeviceReport, Status, metrics, span};
use tallyman_platform::files;

/// Shows what the running agent is doing: devices, task, waiting confirmations, link.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman status
  tallyman status --json | jq .outbox.waiting
  tallyman status --metrics /run/tallyman-metrics/agent.prom

Exits 1 where the agent runs and cannot keep confirmations, or where a scanner is not open.")]
pub struct Arguments {
    /// The configuration file of the agent, for its socket.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One JSON object instead of lines for people.
    #[arg(long)]
    json: bool,
    /// Write figures for Prometheus' node exporter into this file, whole or not at all; `-` is standard output. Exits 0 where
    /// no agent answers: that is a figure too.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    metrics: Option<PathBuf>,
}

/// Asks the running agent.
///
/// # Errors
/// No agent answers, or it is of another version.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = AgentConfig::load(arguments.config.as_deref(), &|name| std::env::var_os(name))?;
    let asked = ControlClient::connect(&config.socket_path()).and_then(|mut client| client.status());
    if let Some(file) = &arguments.metrics {
        return write_metrics(file, asked.as_ref().ok());
    }
    let status = asked?;
    if arguments.json {
        println!("{}", serde_json::to_string(&status)?);
    } else {
        lines(&status)
            .iter()
            .for_each(|(label, text)| println!("{label:<9}{text}"));
    }
    let is_well = status.outbox.safe && status.devices.iter().all(|device| device.phase == "open");
    Ok(if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// A collector that reads while this writes finds the old figures or the new.
fn write_metrics(file: &Path, status: Option<&Status>) -> anyhow::Result<ExitCode> {
    let text = metrics::exposition(status);
    if file == Path::new("-") {
        print!("{text}");
    } else {
        files::replace(file, text.as_bytes(), 0o644)
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The status for people, a label and a text each.
fn lines(status: &Status) -> Vec<(String, String)> {
    let line = |label: &str, text: String| (label.to_owned(), text);
    let or_none = |text: &Option<String>, none: &str| text.clone().unwrap_or_else(|| none.to_owned());
    let mut lines = vec![
        line(
            "agent",
            format!(
                "{} {}, device {}, site {}",
                status.name,
                status.version,
                or_none(&status.device, "not enrolled"),
                or_none(&status.site, "unknown")
            ),
        ),
        line(
            "work",
            format!(
                "worker {}, task {}",
                or_none(&status.worker, "none"),
                or_none(&status.task, "none")
            ),
        ),
        line("outbox", status.outbox.sentence.clone()),
        line("hub", link(status)),
    ];
    lines.extend(
        status
            .devices
            .iter()
            .map(|device| line("scanner", scanner(device))),
    );
    if let Some(printer) = &status.printer {
        lines.push(line("printer", printer.to_string()));
    }
    if let Some(pictures) = &status.pictures {
        let text = format!("{} kept, {} kB", pictures.count, pictures.bytes / 1_000);
        lines.push(line("pictures", text));
    }
    if !status.silent_neighbours.is_empty() {
        let silent = status.silent_neighbours.join(", ");
        let told = format!("{silent} DO NOT ANSWER: what passes is checked by label");
        lines.push(line("portals", told));
    }
    if let Some(panel) = &status.panel {
        lines.push(line("panel", panel.to_string()));
    }
    lines.extend(
        status
            .input_nodes
            .iter()
            .map(|node| line("input", node.to_string())),
    );
    if let Some(battery) = &status.battery {
        lines.push(line("battery", battery.to_string()));
    }
    lines.push(line("queue", queue(status)));
    lines.push(line(
        "store",
        format!(
            "{}: {}, {} commits, the last in {} µs",
            status.store.path, status.store.health, status.store.commits, status.store.last_commit_us
        ),
    ));
    if status.store.damaged > 0 {
        lines.push(line(
            "",
            format!(
                "{} damaged records; the hub keeps them aside",
                status.store.damaged
            ),
        ));
    }
    lines
}

fn scanner(device: &DeviceReport) -> String {
    let mut text = format!(
        "{} ({}): {}, {} reads",
        device.name, device.driver, device.phase, device.reads
    );
    if device.repetitions_dropped > 0 {
        text.push_str(&format!(", {} repetitions dropped", device.repetitions_dropped));
    }
    for notice in device.notices.iter().filter(|notice| notice.code == "no_read") {
        text.push_str(&format!(", {} without a code", notice.count));
    }
    if device.beep_not_trusted {
        text.push_str(", beep not trusted");
    }
    if let Some(waiting_us) = device.oldest_waiting_us {
        text.push_str(&format!(
            ", held off: {} wait, the oldest {}",
            device.waiting,
            milliseconds(waiting_us)
        ));
    }
    if let Some(error) = &device.last_error {
        text.push_str(&format!("; {error}"));
    }
    text
}

/// Reads and keys on their way to the rules, and the longest that one has waited.
fn queue(status: &Status) -> String {
    let inputs = &status.inputs;
    let worst_us = status.devices.iter().map(|device| device.worst_wait_us).max();
    format!(
        "{} of {} waiting, the worst waited {}",
        inputs.waiting,
        inputs.waiting_max,
        milliseconds(worst_us.unwrap_or(0).max(inputs.worst_wait_us))
    )
}

fn milliseconds(us: u64) -> String {
    format!("{}.{} ms", us / 1_000, us % 1_000 / 100)
}

fn link(status: &Status) -> String {
    let link = &status.link;
    let mut text = format!("{} for {}", link.state, span(link.for_seconds));
    if link.state != "online"
        && let Some(fault) = &link.last_fault
    {
        text.push_str(&format!("; {fault}"));
    }
    if link.exceptions > 0 {
        text.push_str(&format!(
            "; {} confirmations were told to a supervisor",
            link.exceptions
        ));
    }
    text
}
