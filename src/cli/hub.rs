//! `tallyman hub`: the central server.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use tallyman_hub::config::{HubConfig, LogForm as Form};
use tallyman_hub::{Hub, Opening, Seams};
use tallyman_platform::config::File;
use tallyman_platform::logs::{self, LogForm, LogOptions};
use tallyman_platform::paths::{self, Paths};
use tallyman_platform::service::Supervisor;
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
  tallyman hub --make-certificate /etc/tallyman --name hub.example.net

Without a configuration the hub listens on 127.0.0.1:7070, is open to everybody on this machine until somebody is added, and keeps
its store in one file. config/hub.toml lists every setting. Several hubs may be started on one database.
SIGHUP reads the certificate again. SIGTERM and Ctrl-C end it; requests that are under way are answered first.")]
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
    /// Say whether the configuration can be used, its certificate too, and end. The store is not touched.
    #[arg(long, conflicts_with_all = ["restored", "make_certificate"])]
    check: bool,
    /// Make a certificate of the hub's own in this folder, hub.pem and hub.key, print its pin for devices, and end.
    #[arg(long, value_name = "FOLDER")]
    make_certificate: Option<PathBuf>,
    /// A host name or address that the certificate is for; may be given several times. Default: the configured host_names,
    /// else the name of this machine.
    #[arg(long, value_name = "NAME", requires = "make_certificate")]
    name: Vec<String>,
}

/// Runs the hub until it is told to stop.
///
/// # Errors
/// A configuration or store that cannot be used, an address that is taken, or a disk that fails.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let paths = Paths::of_this_process();
    if let Some(folder) = &arguments.make_certificate {
        return make_certificate(folder, arguments.name, arguments.config.as_deref(), &paths);
    }
    let config = load(arguments.config.as_deref(), &paths)?;
    if arguments.check {
        config.check_certificate()?;
        println!(
            "The configuration can be used. The hub will listen on {}.",
            config.listen
        );
        return Ok(ExitCode::SUCCESS);
    }
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
    let scheme = if hub.config().tls.is_on() { "https" } else { "http" };
    eprintln!("The hub is ready: {scheme}://{address}/");
    let supervisor = Supervisor::of_this_process();
    supervisor.is_ready();
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    let renewed = async {
        while hang_up.recv().await.is_some() {
            hub.read_certificate_again();
        }
        std::future::pending::<()>().await;
    };
    let told = {
        let (stop, supervisor) = (stop.clone(), &supervisor);
        async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            supervisor.is_stopping();
            stop.cancel();
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = hub.serve(listener, stop) => served.context("the hub ended")?,
        () = told => {}
        // Silent as soon as the store's writer hangs.
        () = supervisor.keep_alive(|| hub.goes_round()) => {}
        () = renewed => {}
    }
    tracing::info!("the hub has stopped");
    Ok(ExitCode::SUCCESS)
}

/// Makes a certificate of the hub's own. Files that are there stay: devices may have pinned them.
fn make_certificate(
    folder: &std::path::Path,
    names: Vec<String>,
    config: Option<&std::path::Path>,
    paths: &Paths,
) -> anyhow::Result<ExitCode> {
    let names = if names.is_empty() {
        own_names(config, paths)?
    } else {
        names
    };
    let (certificate_file, key_file) = (folder.join("hub.pem"), folder.join("hub.key"));
    for file in [&certificate_file, &key_file] {
        if file.exists() {
            bail!(
                "{} is there already, and devices may have pinned it. Move it away, or name another folder",
                file.display()
            );
        }
    }
    let made = tallyman_hub::make_certificate(&names, jiff::Timestamp::now())
        .map_err(|cause| anyhow::anyhow!("no certificate can be made for {names:?}: {cause}"))?;
    let write = |file: &std::path::Path, text: &str, mode| {
        tallyman_platform::files::replace(file, text.as_bytes(), mode)
            .with_context(|| format!("{} cannot be written", file.display()))
    };
    write(&key_file, &made.key, 0o600)?;
    write(&certificate_file, &made.certificate, 0o644)?;
    println!(
        "A certificate for {} was made. In the hub's configuration:\n\n[tls]\ncertificate_file = \"{}\"\nkey_file = \"{}\"\n\n\
         In the configuration of each agent:\n\n[hub]\ncertificate_pin = \"{}\"",
        names.join(", "),
        certificate_file.display(),
        key_file.display(),
        made.pin
    );
    Ok(ExitCode::SUCCESS)
}

/// The names by which the hub is known.
fn own_names(config: Option<&std::path::Path>, paths: &Paths) -> anyhow::Result<Vec<String>> {
    let usual = paths.config.join("hub.toml");
    let file = config.map_or(File::IfPresent(&usual), File::Required);
    // Not checked: what is missing in it may be the certificate.
    let mut names = HubConfig::load(file, &|name| std::env::var_os(name))?.host_names;
    if names.is_empty() {
        let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let machine = machine.trim();
        names.extend((!machine.is_empty()).then(|| machine.to_owned()));
        names.push("localhost".to_owned());
    }
    Ok(names)
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
pub(crate) fn store_of(config: &HubConfig, paths: &Paths) -> anyhow::Result<PathBuf> {
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
