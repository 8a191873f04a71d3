//! `tallyman verify`: chain, ledger and projections of a hub's store, computed again.

use std::path::PathBuf;
use std::process::ExitCode;

use tallyman_hub::ledger::sqlite::SqliteLedger;
use tallyman_platform::paths::Paths;

use crate::hub;

/// Checks a hub's store or a backup of it: the hash chains, that every fact is posted once and balanced, balances and
/// progress against the journal.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman verify
  tallyman verify --store /var/lib/tallyman/backups/hub-20261123T080000Z.db --json

Nothing is changed, and the hub may be running. The exit code is 1 where something does not hold.")]
pub struct Arguments {
    /// The hub's configuration file. Default: hub.toml in the configuration folder, where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The store or backup, instead of the configured one.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Checks the store. The exit code is 1 where something does not hold.
///
/// # Errors
/// A configuration or store that cannot be read.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let store = match arguments.store {
        Some(store) => store,
        None => {
            let paths = Paths::of_this_process();
            hub::usual_store(&hub::load(arguments.config.as_deref(), &paths)?, &paths)
        }
    };
    let proof = SqliteLedger::verify_file(&store)?;
    if arguments.json {
        println!("{}", serde_json::to_string(&proof)?);
    } else {
        println!(
            "{} records, {} of them set aside; {} entries; {} balances; ledger sum {}.",
            proof.records, proof.quarantined, proof.entries, proof.balances, proof.ledger_sum
        );
        for finding in &proof.findings {
            println!("  {finding}");
        }
        println!(
            "{}",
            if proof.holds() {
                "Everything holds."
            } else {
                "It does not hold."
            }
        );
    }
    Ok(if proof.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
