//! `tallyman agent`: the daemon on a handheld or dock reader.

use std::path::PathBuf;
use std::process::ExitCode;

use tallyman_agent::AgentConfig;
use tallyman_agent::daemon::{DaemonError, run_until_signal};
use tallyman_agent::store::Salvaged;
use tallyman_platform::logs::{self, LogOptions};

/// Runs the daemon on a handheld or dock reader.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman agent --config /etc/tallyman/agent.toml
  TALLYMAN_HUB_URL=http://192.168.1.10:7070 TALLYMAN_ENROLMENT_CODE=K7QM-2XRP tallyman agent

`tallyman doctor` checks a configuration before. SIGTERM and Ctrl-C end the agent; what was sounded is on disk.

A store that cannot be opened is never replaced by itself. `tallyman agent --salvage-store` makes a new one of what can
be read of it and keeps the damaged file; the device stays enrolled. `tallyman agent --set-store-aside` only renames it
and lets the next start begin with an empty one; what had not reached the hub is then in the renamed file only.")]
pub struct Arguments {
    /// The configuration file. Default: agent.toml in the configuration folder, where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Renames the store and ends; the next start begins with an empty one.
    #[arg(long, conflicts_with = "salvage_store")]
    set_store_aside: bool,
    /// Keeps a damaged store under another name, makes a new one of what can be read of it, and ends.
    #[arg(long)]
    salvage_store: bool,
}

/// Runs the agent until it is told to stop.
///
/// # Errors
/// A configuration, store, device or socket that cannot be used; each says what to do.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = AgentConfig::load(arguments.config.as_deref(), &|name| std::env::var_os(name))?;
    if arguments.set_store_aside {
        let aside = tallyman_agent::store::set_aside(&config.store_path(), jiff::Timestamp::now())?;
        println!(
            "The store is kept as {}. The next start begins with an empty one.",
            aside.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.salvage_store {
        let salvaged = tallyman_agent::store::salvage(&config.store_path(), jiff::Timestamp::now())?;
        return Ok(told(&salvaged));
    }
    logs::start(&LogOptions {
        level: &config.log.level,
        form: config.log.form,
        identifier: "tallyman-agent",
    })?;
    // One thread is enough for a worker and a few devices, and wakes one core of a handheld instead of all.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match runtime.block_on(run_until_signal(config)) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        // Nothing is wrong with arguments or configuration: whoever supervises the agent starts it again.
        Err(failed @ DaemonError::Store(_)) => {
            eprintln!("tallyman: {failed}");
            Ok(ExitCode::FAILURE)
        }
        Err(other) => Err(other.into()),
    }
}

/// Says what was saved. Exits 1 where records are known to be lost.
fn told(salvaged: &Salvaged) -> ExitCode {
    println!(
        "{} records of device {} are in the new store. The damaged file is kept as {}.",
        salvaged.records,
        salvaged.device,
        salvaged.aside.display()
    );
    if !salvaged.session {
        println!("Where the worker was could not be read: the badge and the task have to be scanned again.");
    }
    if salvaged.damaged > 0 {
        println!(
            "{} of the records are damaged; the hub will keep them aside for a supervisor.",
            salvaged.damaged
        );
    }
    if salvaged.lost.is_empty() {
        println!("No record that the hub lacks is known to be missing. Start the agent; sync finds what is.");
        return ExitCode::SUCCESS;
    }
    let ranges: Vec<String> = salvaged
        .lost
        .iter()
        .map(|range| format!("{} to {}", range.start(), range.end()))
        .collect();
    println!(
        "MISSING: confirmations {}. They were sounded and cannot be read; count what this device worked on again.",
        ranges.join(", ")
    );
    ExitCode::from(1)
}
