//! `tallyman devices`: what is plugged in, which driver takes it, what is in the way, and what the running agent made
//! of it.

mod running;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use running::AgentLine;
use serde::Serialize;
use tallyman_agent::status::DeviceReport;
use tallyman_drivers::contract::devices::Subsystem;
use tallyman_drivers::driver;
use tallyman_drivers::link::claims::{Claim, claims};
use tallyman_drivers::link::nodes::{SYSFS, nodes};

/// Lists what is plugged in that may be a scanner, which driver takes it, and the udev line that would allow it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tallyman devices
  tallyman devices --jsonl | jq 'select(.may_open == false)'

Where an agent runs, its word on each device is added: what was changed in the scanner, and whether its beep counts.")]
pub struct Arguments {
    /// One JSON object a line instead of text.
    #[arg(long)]
    jsonl: bool,
    /// Also show input nodes and ports that no driver takes.
    #[arg(long)]
    all: bool,
    /// The configuration file of the agent, for the socket of the one that runs.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When standard output cannot be written, or a configuration that was named cannot be read.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let claims: Vec<Claim> = claims(nodes(Path::new(SYSFS)))
        .into_iter()
        .filter(|claim| arguments.all || !claim.drivers.is_empty() || claim.advice.is_some())
        .collect();
    let running = running::devices(arguments.config.as_deref())?;
    let agents = running.as_deref().unwrap_or_default();
    let has = |claim: &Claim| agents.iter().find(|device| is_at(device, claim));
    let elsewhere = agents
        .iter()
        .filter(|device| !claims.iter().any(|claim| is_at(device, claim)));
    let mut out = io::stdout().lock();
    if arguments.jsonl {
        for claim in &claims {
            writeln!(out, "{}", serde_json::to_string(&Line::of(claim, has(claim)))?)?;
        }
        for device in elsewhere {
            let line = serde_json::json!({ "path": device.node, "agent": AgentLine::of(device) });
            writeln!(out, "{line}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if claims.is_empty() {
        writeln!(
            out,
            "Nothing that may be a scanner is plugged in. Network scanners are configured by address."
        )?;
    }
    for claim in &claims {
        show(claim, has(claim), &mut out)?;
    }
    for device in elsewhere {
        writeln!(out, "{}", device.node.as_deref().unwrap_or(&device.name))?;
        show_running(device, &mut out)?;
    }
    if running.is_none() && !claims.is_empty() {
        writeln!(
            out,
            "No agent runs that can be asked: what it changed in these scanners is not known."
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn is_at(device: &DeviceReport, claim: &Claim) -> bool {
    device.node.as_deref().map(Path::new) == Some(&claim.node.path)
}

fn show_running(device: &DeviceReport, out: &mut impl Write) -> io::Result<()> {
    running::lines(device)
        .iter()
        .try_for_each(|line| writeln!(out, "  {line}"))
}

/// A device in JSON. Members are `null` where the kernel does not tell.
#[derive(Serialize)]
struct Line<'a> {
    path: String,
    kind: &'static str,
    usb: Option<String>,
    serial_number: Option<&'a str>,
    port: Option<&'a str>,
    product: &'a str,
    drivers: &'a [&'static str],
    beep: Option<&'static str>,
    may_open: bool,
    allow_with: &'a [String],
    advice: Option<&'static str>,
    agent: Option<AgentLine<'a>>,
}

impl<'a> Line<'a> {
    fn of(claim: &'a Claim, device: Option<&'a DeviceReport>) -> Self {
        let usb = claim.node.usb.as_ref();
        Self {
            path: claim.node.path.display().to_string(),
            kind: kind(claim.node.subsystem),
            usb: usb.map(|usb| format!("{}:{}", usb.vendor, usb.product)),
            serial_number: usb.and_then(|usb| usb.serial_number.as_deref()),
            port: usb.and_then(|usb| usb.port.as_deref()),
            product: &claim.node.product,
            drivers: &claim.drivers,
            beep: claim.drivers.first().and_then(|name| beep(name)),
            may_open: claim.may_open,
            allow_with: &claim.allow_with,
            advice: claim.advice,
            agent: device.map(AgentLine::of),
        }
    }
}

fn kind(subsystem: Subsystem) -> &'static str {
    match subsystem {
        Subsystem::Tty => "serial",
        Subsystem::Hidraw => "hidraw",
        Subsystem::Input => "input",
        Subsystem::Usb => "usb",
        Subsystem::Net => "network",
    }
}

/// Whether the scanner's own beep can be believed with this driver.
fn beep(name: &str) -> Option<&'static str> {
    let follows = driver(name)?.beeps_on_command;
    Some(if follows {
        "follows the verdict"
    } else {
        "not trusted"
    })
}

fn show(claim: &Claim, device: Option<&DeviceReport>, out: &mut impl Write) -> io::Result<()> {
    let line = Line::of(claim, device);
    writeln!(out, "{}  {}", line.path, line.product)?;
    if let Some(usb) = &line.usb {
        let more = |name: &str, value: Option<&str>| {
            value.map(|value| format!(", {name} {value}")).unwrap_or_default()
        };
        let serial_number = more("serial number", line.serial_number);
        writeln!(out, "  USB {usb}{serial_number}{}", more("port", line.port))?;
    }
    match line.drivers {
        [] => writeln!(out, "  no driver takes it")?,
        [first, rest @ ..] => {
            writeln!(out, "  driver {first}; its beep {}", beep_text(line.beep))?;
            if !rest.is_empty() {
                writeln!(out, "  also possible: {}", rest.join(", "))?;
            }
        }
    }
    if !line.may_open {
        writeln!(out, "  may not be opened by this user")?;
        for rule in line.allow_with {
            writeln!(
                out,
                "  allowed by this line in /etc/udev/rules.d/60-tallyman.rules:\n    {rule}"
            )?;
        }
    }
    if let Some(advice) = line.advice {
        writeln!(out, "  {advice}")?;
    }
    if let Some(device) = device {
        show_running(device, out)?;
    }
    if let Some(sheet) = sheet(claim, device) {
        writeln!(out, "  Its programming codes on paper: {sheet}")?;
    }
    Ok(())
}

/// The command that prints the codes for a scanner that is a keyboard, or whose beep is not trusted.
fn sheet(claim: &Claim, device: Option<&DeviceReport>) -> Option<String> {
    let driver = claim.drivers.first()?;
    let is_keyboard = claim.node.subsystem == Subsystem::Input;
    let is_trusted = match device {
        Some(device) => !device.beep_not_trusted,
        None => beep(driver) == Some("follows the verdict"),
    };
    if is_trusted && !is_keyboard {
        return None;
    }
    let of = match &claim.node.usb {
        Some(usb) => format!("--device {}:{}", usb.vendor, usb.product),
        None => (*driver).to_owned(),
    };
    Some(format!("`tallyman set-up-sheet {of} --out sheet.html`"))
}

fn beep_text(beep: Option<&str>) -> &'static str {
    match beep {
        Some("follows the verdict") => "follows the verdict",
        _ => "is not trusted: it says \"decoded\", not \"stored\"",
    }
}
