//! `tallyman verify`: chain, ledger and projections of a hub's store, computed again, in a file or in a database.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use tallyman_hub::HubConfig;
use tallyman_hub::ledger::Proof;
use tallyman_hub::ledger::postgres::PostgresLedger;
use tallyman_hub::ledger::sqlite::SqliteLedger;
use tallyman_platform::paths::Paths;

use crate::hub;

/// Checks a hub's store or a backup of it: the hash chains, that every fact is posted once and balanced, balances and
/// progress against the journal; and that the audit trail is whole.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman verify
  tallyman verify --store /var/lib/tallyman/backups/hub-20261123T080000Z.db --json
  TALLYMAN_HUB_DATABASE=postgresql://auditor:…@replica.example.net/tallyman tallyman verify --site main

Nothing is changed, and the hub may be running. A database is read at one moment, on a replica too; a role that may only
read is enough. The exit code is 1 where something does not hold.")]
pub struct Arguments {
    /// The hub's configuration file. Default: hub.toml in the configuration folder, where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The store file or backup, instead of the configured store or database.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Only this site of a database.
    #[arg(long, value_name = "ID")]
    site: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Checks the store. The exit code is 1 where something does not hold.
///
/// # Errors
/// A configuration or store that cannot be read.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let proof = match &arguments.store {
        Some(store) => verify_file(store, arguments.site.as_deref())?,
        None => {
            let paths = Paths::of_this_process();
            let config = hub::load(arguments.config.as_deref(), &paths)?;
            if hub::uses_database(&config) {
                verify_database(&config, arguments.site.as_deref())?
            } else {
                verify_file(&hub::usual_store(&config, &paths), arguments.site.as_deref())?
            }
        }
    };
    if arguments.json {
        println!("{}", serde_json::to_string(&proof)?);
    } else {
        println!(
            "{} records, {} of them set aside; {} entries; {} balances; ledger sum {}; {} rows of the audit trail.",
            proof.records,
            proof.quarantined,
            proof.entries,
            proof.balances,
            proof.ledger_sum,
            proof.audit_rows
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

fn verify_file(store: &Path, site: Option<&str>) -> anyhow::Result<Proof> {
    if site.is_some() {
        bail!("--site is for a database; a store file is always checked whole");
    }
    Ok(SqliteLedger::verify_file(store)?)
}

fn verify_database(config: &HubConfig, site: Option<&str>) -> anyhow::Result<Proof> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let ledger = PostgresLedger::open_to_read(&config.database).await?;
        Ok(ledger.verify_sites(site).await?)
    })
}
