//! `tallyman explain`: why something was accepted or refused, from the trace of its device and judged again.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use jiff::Timestamp;
use serde::Serialize;
use tallyman_agent::store::Look;
use tallyman_floor::trace::{Explained, RecordSays, Wanted, find, trace_of_record};
use tallyman_floor::wire::v1::ConfirmationBody;

/// Steps that are told at once.
const STEPS_MAX: usize = 20;

/// Tells why a scan was accepted or refused: finds the step in the trace of its device, judges it again by the rules of
/// this program, and says whether the verdict is the same.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman explain --device picker-3 --seq 1207
  tallyman explain --config hub.toml --device picker-3 --scan 4006381333931 --json
  tallyman explain --device picker-3 --time 2026-11-23T09:14:00Z
  tallyman explain --store /var/lib/tallyman/agent.db --seq 1207

Nothing is changed, and hub and agent may be running. A scan that was refused made no confirmation: find it by --scan or --time,
within a minute by the device's clock; the newest 20 are told. The hub keeps the steps of a month, at most 20,000 of a device.
The exit code is 0 where the verdict is the same, 1 where it is another one, cannot be found out, or nothing was found.")]
pub struct Arguments {
    /// The hub's configuration file. Default: hub.toml in the configuration folder, where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A hub's store file, or a device's, instead of the configured store or database.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// The device, by its number or name. A device's own store needs none.
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
    /// The confirmation, by its place in the device's journal.
    #[arg(long, value_name = "N", conflicts_with_all = ["scan", "time"])]
    seq: Option<u64>,
    /// The epoch of that journal. Default: the newest that has the confirmation.
    #[arg(long, value_name = "N", requires = "seq")]
    epoch: Option<u32>,
    /// Steps at which a code with this text was scanned.
    #[arg(long, value_name = "TEXT")]
    scan: Option<String>,
    /// Scans within a minute of this time.
    #[arg(long, value_name = "TIME")]
    time: Option<Timestamp>,
    /// Print one JSON object a step.
    #[arg(long)]
    json: bool,
}

/// What a store says of a device.
struct Told {
    device: String,
    entries: Vec<(u64, String)>,
    record: Option<(u32, Vec<u8>)>,
}

/// A step for programs.
#[derive(Serialize)]
struct Line<'a> {
    device: &'a str,
    number: Option<u64>,
    epoch: Option<u32>,
    seq: Option<u64>,
    confirmation: Option<&'a ConfirmationBody>,
    same_confirmation: Option<bool>,
    step: Option<&'a Explained>,
}

/// Tells what was asked for. The exit code is 1 where a verdict is not the same.
///
/// # Errors
/// Wrong arguments, or a configuration or store that cannot be read.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if arguments.seq.is_none() && arguments.scan.is_none() && arguments.time.is_none() {
        bail!("say which step: --seq N, or --scan TEXT, or --time TIME");
    }
    let told = told(&arguments)?;
    let holds = match arguments.seq {
        Some(seq) => tell_confirmation(&arguments, &told, seq)?,
        None => tell_scans(&arguments, &told)?,
    };
    Ok(if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell_confirmation(arguments: &Arguments, told: &Told, seq: u64) -> anyhow::Result<bool> {
    let Some((epoch, record)) = &told.record else {
        eprintln!("The journal of {} has no confirmation {seq}.", told.device);
        return Ok(false);
    };
    let traced = trace_of_record(&told.entries, record, *epoch, seq);
    let says = match traced.says {
        RecordSays::Same => Some(true),
        RecordSays::Another => Some(false),
        RecordSays::Unknown => None,
    };
    if arguments.json {
        print(&Line {
            device: &told.device,
            number: traced.found.as_ref().map(|found| found.number),
            epoch: Some(*epoch),
            seq: Some(seq),
            confirmation: traced.record.as_ref(),
            same_confirmation: says,
            step: traced.found.as_ref().map(|found| &found.explained),
        })?;
    } else {
        println!("Confirmation {seq} of epoch {epoch}, device {}", told.device);
        match &traced.found {
            Some(found) => tell(&found.explained),
            None => println!("  The step that made it is not in the trace that is kept."),
        }
        match says {
            Some(true) => println!("  The confirmation in the journal is the one that these rules make."),
            Some(false) => {
                println!("  The confirmation in the journal is ANOTHER one than these rules make.")
            }
            None => {}
        }
    }
    Ok(traced.holds())
}

fn tell_scans(arguments: &Arguments, told: &Told) -> anyhow::Result<bool> {
    let wanted = Wanted::Scanned {
        text: arguments.scan.clone().unwrap_or_default(),
        at: arguments.time,
    };
    let found = find(&told.entries, &wanted, STEPS_MAX);
    for step in &found {
        if arguments.json {
            print(&Line {
                device: &told.device,
                number: Some(step.number),
                epoch: None,
                seq: None,
                confirmation: None,
                same_confirmation: None,
                step: Some(&step.explained),
            })?;
        } else {
            println!("Step {} of device {}", step.number, told.device);
            tell(&step.explained);
        }
    }
    if found.is_empty() {
        eprintln!("The trace of {} that is kept has no such scan.", told.device);
    }
    Ok(!found.is_empty() && found.iter().all(|step| step.explained.is_same()))
}

fn print(line: &Line<'_>) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(line)?);
    Ok(())
}

fn tell(explained: &Explained) {
    for (what, text) in explained.lines() {
        println!("  {what:<8} {text}");
    }
}

/// Reads what is needed from the store of a device or of a hub.
fn told(arguments: &Arguments) -> anyhow::Result<Told> {
    if let Some(path) = &arguments.store {
        match Look::into(path) {
            Ok(look) => return told_by_device(&look, arguments),
            Err(error) => {
                return told_by_hub(arguments, Some(path)).map_err(|hub| match path.exists() {
                    true => hub,
                    false => anyhow::Error::new(error),
                });
            }
        }
    }
    told_by_hub(arguments, None)
}

fn told_by_device(look: &Look, arguments: &Arguments) -> anyhow::Result<Told> {
    let device = look
        .identity()?
        .map_or_else(|| "not enrolled".to_owned(), |identity| identity.device);
    if let Some(wanted) = arguments.device.as_ref().filter(|wanted| **wanted != device) {
        bail!("this is the store of device {device:?}, not of {wanted:?}: leave --device out");
    }
    let record = match arguments.seq {
        Some(seq) => look.record(arguments.epoch, seq)?,
        None => None,
    };
    Ok(Told {
        device,
        entries: look.traces()?,
        record: record.map(|(epoch, body)| (epoch, body.into_bytes())),
    })
}

#[cfg(feature = "hub")]
fn told_by_hub(arguments: &Arguments, store: Option<&Path>) -> anyhow::Result<Told> {
    use crate::hub;
    use anyhow::Context as _;
    use tallyman_hub::explain::TraceDesk;
    use tallyman_platform::paths::Paths;

    let named = arguments
        .device
        .as_deref()
        .context("say which device: --device NAME")?;
    let paths = Paths::of_this_process();
    let mut config = hub::load(arguments.config.as_deref(), &paths)?;
    if store.is_some() {
        // A file that is named outweighs the configured database.
        config.database.url = tallyman_platform::config::Secret::new("");
    }
    let usual = hub::usual_store(&config, &paths);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let desk = TraceDesk::open(&config, store.unwrap_or(&usual)).await?;
        let devices = desk.devices(named).await?;
        let device = match devices.as_slice() {
            [] => bail!("the hub has no device {named:?}"),
            [device, ..] if device.device == named || devices.len() == 1 => device,
            several => {
                let numbers: Vec<&str> = several.iter().map(|device| device.device.as_str()).collect();
                bail!(
                    "several devices are called {named:?}: say which by its number, {}",
                    numbers.join(", ")
                )
            }
        };
        let record = match arguments.seq {
            Some(seq) => desk.record(device, arguments.epoch, seq).await?,
            None => None,
        };
        Ok(Told {
            device: device.device.clone(),
            entries: desk.traces(device).await?,
            record,
        })
    })
}

#[cfg(not(feature = "hub"))]
fn told_by_hub(_: &Arguments, store: Option<&Path>) -> anyhow::Result<Told> {
    match store {
        Some(store) => bail!("{} is no store of an agent", store.display()),
        None => bail!("this program has no hub in it: name the store of a device with --store"),
    }
}
