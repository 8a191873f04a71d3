//! `tallyman backup`: a checked copy of the hub's store.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use tallyman_hub::ledger::sqlite::SqliteLedger;
use tallyman_platform::paths::Paths;

use crate::hub;

/// Makes a copy of the hub's store, and checks the copy whole before it gets its name.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman backup --to /mnt/backups
  tallyman backup --store /var/lib/tallyman/hub.db --to .

The hub may be running. It also makes such copies by itself; only those tell devices what they may drop.")]
pub struct Arguments {
    /// The folder for the copy.
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// The hub's configuration file. Default: hub.toml in the configuration folder, where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The store, instead of the configured one.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

/// Makes the copy.
///
/// # Errors
/// A configuration or store that cannot be read, or a copy that could not be written or does not hold.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let store = match arguments.store {
        Some(store) => store,
        None => {
            let paths = Paths::of_this_process();
            hub::usual_store(&hub::load(arguments.config.as_deref(), &paths)?, &paths)
        }
    };
    let backup = SqliteLedger::back_up_file(&store, &arguments.to, Timestamp::now())?;
    println!(
        "{} ({} bytes, {} records, checked)",
        backup.file.display(),
        backup.bytes,
        backup.proof.records
    );
    Ok(ExitCode::SUCCESS)
}
