//! `tallyman import`: a file into a running hub.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// The largest file that is sent, as the hub's own default limit has it.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// Imports items, locations, opening stock, tasks, holds or reasons from a file into a running hub.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman import items config/samples/items.csv
  tallyman import tasks tasks.json --hub https://hub.example.net --site main --api-key-file /etc/tallyman/api-key

A file is taken whole or not at all; mistakes are told with line, column and value, and the exit code is then 1.")]
pub struct Arguments {
    /// What the file holds.
    #[arg(value_parser = ["items", "locations", "tasks", "stock", "holds", "reasons"])]
    kind: String,
    /// The file, CSV or JSON.
    file: PathBuf,
    /// The hub's address.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7070")]
    hub: String,
    /// The site; may be left out where the hub has only one.
    #[arg(long, value_name = "ID")]
    site: Option<String>,
    /// A file that holds an API key, which the hub's page API keys makes.
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// The same for the hub's access key, which works as long as the hub has no people.
    #[arg(long, value_name = "FILE", conflicts_with = "api_key_file", hide = true)]
    access_key_file: Option<PathBuf>,
}

/// What became of the file.
#[derive(Deserialize)]
struct Done {
    site: String,
    added: usize,
    changed: usize,
    unchanged: usize,
    /// Hubs from before do not say it.
    #[serde(default)]
    removed: usize,
}

/// Why it was not taken.
#[derive(Deserialize)]
struct Problem {
    message: String,
}

/// Sends the file. The exit code is 1 where the hub finds mistakes in it.
///
/// # Errors
/// A file that cannot be read, or a hub that cannot be reached.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    tallyman_platform::tls::install_crypto_provider();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(send(&arguments))
}

async fn send(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let shown = arguments.file.display();
    let size = std::fs::metadata(&arguments.file)
        .with_context(|| format!("{shown} cannot be read"))?
        .len();
    if size > FILE_BYTES_MAX {
        bail!("{shown} has {size} bytes, and at most {FILE_BYTES_MAX} are sent. Split it.");
    }
    let content = std::fs::read(&arguments.file).with_context(|| format!("{shown} cannot be read"))?;
    let name = arguments
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut query = vec![("name", name)];
    if let Some(site) = &arguments.site {
        query.push(("site", site.clone()));
    }
    let base = format!(
        "{}/v1/import/{}",
        arguments.hub.trim_end_matches('/'),
        arguments.kind
    );
    let address = reqwest::Url::parse_with_params(&base, query)
        .with_context(|| format!("{} is no address of a hub", arguments.hub))?;
    // Where the system has no CA certificates a client can be made without them, which is enough for http.
    let without_certificates = || reqwest::Client::builder().tls_certs_only([]).build();
    let client = reqwest::Client::builder()
        .build()
        .or_else(|error| {
            if address.scheme() == "http" {
                without_certificates()
            } else {
                Err(error)
            }
        })
        .context("TLS cannot be set up; are the system's CA certificates installed?")?;
    let mut request = client
        .post(address)
        .header("content-type", "application/octet-stream");
    if let Some(file) = arguments
        .api_key_file
        .as_ref()
        .or(arguments.access_key_file.as_ref())
    {
        let key =
            std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        request = request.bearer_auth(key.trim());
    }
    let response = request.body(content).send().await.with_context(|| {
        format!(
            "the hub at {} cannot be reached. Start it, or say where it is with --hub",
            arguments.hub
        )
    })?;
    let status = response.status();
    let text = response
        .text()
        .await
        .context("the hub's answer broke off; the import may have happened")?;
    tell(status, &text)
}

fn tell(status: reqwest::StatusCode, text: &str) -> anyhow::Result<ExitCode> {
    if status.is_success() {
        let done: Done = serde_json::from_str(text).context(
            "what answered is no Tallyman hub, or one of another version: its answer cannot be understood. Say with --hub where \
             the hub is",
        )?;
        let Done {
            site,
            added,
            changed,
            unchanged,
            removed,
        } = done;
        let gone = if removed > 0 {
            format!(", {removed} removed")
        } else {
            String::new()
        };
        println!("Site {site}: {added} added, {changed} changed, {unchanged} as before{gone}.");
        return Ok(ExitCode::SUCCESS);
    }
    let message = match serde_json::from_str::<Problem>(text) {
        Ok(problem) => problem.message,
        Err(_) => format!("the hub answered {status}. Is this the address of a Tallyman hub?"),
    };
    if status == reqwest::StatusCode::UNPROCESSABLE_ENTITY {
        eprintln!("{message}");
        return Ok(ExitCode::FAILURE);
    }
    bail!("{message}")
}
