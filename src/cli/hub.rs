//! `tallyman hub`: the central server.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use tallyman_hub::config::{HubConfig, LogForm as Form};
use tallyman_hub::{Hub, Opening, Seams};
use tallyman_platform::config::File;
use tallyman_platform::logs::{self, LogForm, LogOptions};
use tallyman_platform::paths::{self, Paths};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Runs the central server: tasks, the stock ledger, pages.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman hub
  tallyman hub --config /etc/tallyman/hub.toml
  TALLYMAN_HUB_ACCESS_KEY=… TALLYMAN_HUB_LISTEN=0.0.0.0:7070 tallyman hub
  TALLYMAN_HUB_DATABASE=postgresql://hub:…@db.example.net/tallyman tallyman hub

Without a configuration the hub listens on 127.0.0.1:7070, asks for no key, and keeps its store in one file. config/hub.toml
lists every setting. Several hubs may be started on one database.
SIGTERM and Ctrl-C end it; requests that are under way are answered first.")]
pub struct Arguments {
    /// The configuration file. Default: hub.toml in the configuration folder, where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The store file, instead of the configured one.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// The store was put back from a copy that no hub made, as a snapshot of its disk: devices are asked again for what it
    /// lacks. Said once, at the first start after it.
    #[arg(long)]
    restored: bool,
}

/// Runs the hub until it is told to stop.
///
/// # Errors
/// A configuration or store that cannot be used, an address that is taken, or a disk that fails.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let paths = Paths::of_this_process();
    let config = load(arguments.config.as_deref(), &paths)?;
    let form = match config.log.form {
        Form::Auto => LogForm::Auto,
        Form::Human => LogForm::Human,
        Form::Json => LogForm::Json,
    };
    logs::start(&LogOptions {
        level: &config.log.level,
        form,
        identifier: "tallyman-hub",
    })?;
    let store = match arguments.store {
        Some(_) if uses_database(&config) => bail!(
            "--store names a file, and the configuration a database ([database] url or TALLYMAN_HUB_DATABASE). Leave one out"
        ),
        Some(store) => store,
        None if uses_database(&config) => PathBuf::new(),
        None => store_of(&config, &paths)?,
    };
    let opening = if arguments.restored {
        Opening::Restored
    } else {
        Opening::AsBefore
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(config, store, opening))
}

async fn serve(config: HubConfig, store: PathBuf, opening: Opening) -> anyhow::Result<ExitCode> {
    let listen = config.listen;
    let hub = Hub::open_as(config, &store, Seams::real()?, opening).await?;
    let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| {
        format!("the hub cannot listen on {listen}. Stop what uses it, or set another address")
    })?;
    let address = listener.local_addr()?;
    tracing::info!(%address, ledger = hub.ledger().shown(), "the hub is ready");
    eprintln!("The hub is ready: http://{address}/");
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let told = {
        let stop = stop.clone();
        async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            stop.cancel();
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = hub.serve(listener, stop) => served.context("the hub ended")?,
        () = told => {}
    }
    tracing::info!("the hub has stopped");
    Ok(ExitCode::SUCCESS)
}

/// The configuration from a named file, or from the usual place where there is one.
pub(crate) fn load(named: Option<&std::path::Path>, paths: &Paths) -> anyhow::Result<HubConfig> {
    let usual = paths.config.join("hub.toml");
    let file = named.map_or(File::IfPresent(&usual), File::Required);
    let config = HubConfig::load(file, &|name| std::env::var_os(name))?;
    config.check()?;
    Ok(config)
}

/// Whether the ledger is in a database and not in a file.
pub(crate) fn uses_database(config: &HubConfig) -> bool {
    !config.database.url.is_empty()
}

/// The configured store, or the usual one, whose folder is made.
fn store_of(config: &HubConfig, paths: &Paths) -> anyhow::Result<PathBuf> {
    if !config.store.as_os_str().is_empty() {
        return Ok(config.store.clone());
    }
    paths::create_private(&paths.state)
        .with_context(|| format!("the folder {} cannot be used", paths.state.display()))?;
    Ok(usual_store(config, paths))
}

/// Where the store of a configuration lies.
pub(crate) fn usual_store(config: &HubConfig, paths: &Paths) -> PathBuf {
    if config.store.as_os_str().is_empty() {
        paths.state.join("hub.db")
    } else {
        config.store.clone()
    }
}
