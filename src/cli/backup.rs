//! `tallyman backup`: a checked copy of the hub's store file; for a database, noting that a copy is good.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use tallyman_hub::HubConfig;
use tallyman_hub::ledger::postgres::PostgresLedger;
use tallyman_hub::ledger::{Ledger as _, sqlite::SqliteLedger};
use tallyman_platform::paths::Paths;

use crate::hub;

/// Makes a copy of the hub's store file, and checks the copy whole before it gets its name; or tells a hub's database that
/// its own backup is good.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman backup --to /mnt/backups
  tallyman backup --store /var/lib/tallyman/hub.db --to .
  tallyman backup --confirmed-by 'pgbackrest --stanza=tallyman backup'
  tallyman backup --confirmed-by 'pgbackrest --stanza=tallyman check'

A store file: the hub may be running. It also makes such copies by itself; only those tell devices what they may drop.

A database ([database] url or TALLYMAN_HUB_DATABASE) is backed up by its own tools. With --confirmed-by this command notes how
far every device is, runs the command, and if that ends well tells devices that what was noted is safe. So the command must
end well only when a copy holds everything that was in the database when it began: a base backup that was verified, or a
check that the write-ahead log up to now is archived.")]
pub struct Arguments {
    /// The folder for the copy of a store file.
    #[arg(long, value_name = "FOLDER", required_unless_present = "confirmed_by")]
    to: Option<PathBuf>,
    /// The shell command that backs a database up, or checks its backup.
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["to", "store"])]
    confirmed_by: Option<String>,
    /// The hub's configuration file. Default: hub.toml in the configuration folder, where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The store file, instead of the configured one.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

/// Makes the copy, or runs the command. The exit code is 1 where the command fails.
///
/// # Errors
/// A configuration, store or database that cannot be read, or a copy that could not be written or does not hold.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let paths = Paths::of_this_process();
    if let (Some(store), Some(to)) = (&arguments.store, &arguments.to) {
        return copy(store, to);
    }
    let config = hub::load(arguments.config.as_deref(), &paths)?;
    match (arguments.to, arguments.confirmed_by, hub::uses_database(&config)) {
        (Some(to), None, false) => copy(&hub::usual_store(&config, &paths), &to),
        (None, Some(command), true) => confirm(&config, &command),
        (_, Some(_), false) => bail!(
            "this hub keeps its store in a file, which it backs up by itself. --confirmed-by is for a database; use --to"
        ),
        _ => bail!(
            "this hub's ledger is in PostgreSQL, which is backed up by its own tools, as pg_basebackup or pgBackRest. Run them \
             with --confirmed-by, so that devices hear of it"
        ),
    }
}

fn copy(store: &Path, to: &Path) -> anyhow::Result<ExitCode> {
    let backup = SqliteLedger::back_up_file(store, to, Timestamp::now())?;
    println!(
        "{} ({} bytes, {} records, checked)",
        backup.file.display(),
        backup.bytes,
        backup.proof.records
    );
    Ok(ExitCode::SUCCESS)
}

fn confirm(config: &HubConfig, command: &str) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let ledger = PostgresLedger::open_to_mark(&config.database).await?;
        // Before the command begins: what is confirmed while it runs may be missing in the copy.
        let moment = ledger.moment().await?;
        let status = Command::new("sh")
            .args(["-c", command])
            .status()
            .context("the command cannot be run")?;
        if !status.success() {
            eprintln!("The command failed ({status}). No device was told anything; they keep their records.");
            return Ok(ExitCode::FAILURE);
        }
        // The program's name alone is kept: what follows it may hold a secret.
        let program = command.split_whitespace().next().unwrap_or("command");
        let moved = ledger.mark_stable(&moment, program, Timestamp::now()).await?;
        println!(
            "{moved} devices may rely on the {} as it was before.",
            ledger.shown()
        );
        Ok(ExitCode::SUCCESS)
    })
}
