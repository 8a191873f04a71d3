//! `tallyman import`: a file into a running hub.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// The largest file that is sent, as the hub's own default limit has it.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// Imports items, locations, opening stock, tasks, holds or reasons from a file into a running hub, or pictures of items from a
/// folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman import items config/samples/items.csv
  tallyman import tasks tasks.json --hub https://hub.example.net --site main --api-key-file /etc/tallyman/api-key
  tallyman import pictures photos/

A file is taken whole or not at all; mistakes are told with line, column and value, and the exit code is then 1. Pictures are PNG
files of a folder, each called as its item or a GTIN of it (MILK-1L.png, 4006381333931.png): each that is refused is named, the
others are taken, and the exit code is then 1.")]
pub struct Arguments {
    /// What the file holds.
    #[arg(value_parser = ["items", "locations", "tasks", "stock", "holds", "reasons", "pictures"])]
    kind: String,
    /// The file, CSV or JSON; of pictures a PNG, or a folder of them.
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
    let way = Way::to_hub(arguments)?;
    if arguments.kind == PICTURES && arguments.file.is_dir() {
        return send_folder(&way, &arguments.file).await;
    }
    let content = read(&arguments.file, FILE_BYTES_MAX)?;
    let (status, text) = way.post(&name_of(&arguments.file), content).await?;
    tell(status, &text)
}

/// The kind that is a picture, or a folder of them.
const PICTURES: &str = "pictures";

/// The largest picture that the hub looks at.
const PICTURE_BYTES_MAX: u64 = 1 << 20;

/// Files of a folder of pictures at most.
const PICTURES_MAX: usize = 20_000;

fn name_of(file: &Path) -> String {
    let name = file.file_name();
    name.map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn read(file: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let shown = file.display();
    let size = std::fs::metadata(file)
        .with_context(|| format!("{shown} cannot be read"))?
        .len();
    if size > bytes_max {
        bail!("{shown} has {size} bytes, and at most {bytes_max} are sent. Split it, or make it smaller.");
    }
    std::fs::read(file).with_context(|| format!("{shown} cannot be read"))
}

/// What became of a folder of pictures.
#[derive(Default)]
struct Sent {
    site: String,
    added: usize,
    changed: usize,
    unchanged: usize,
    refused: usize,
}

/// Sends the pictures of a folder, one after the other. Each that is refused is named, and holds up none; sent again, those that
/// are there already are as before.
async fn send_folder(way: &Way, folder: &Path) -> anyhow::Result<ExitCode> {
    let mut sent = Sent::default();
    for file in pictures_of(folder)? {
        match send_picture(way, &file).await? {
            Ok(done) => {
                sent.site = done.site;
                sent.added += done.added;
                sent.changed += done.changed;
                sent.unchanged += done.unchanged;
            }
            Err(why) => {
                sent.refused += 1;
                eprintln!("{why}");
            }
        }
    }
    let Sent {
        site,
        added,
        changed,
        unchanged,
        refused,
    } = sent;
    let site = match site.as_str() {
        "" => String::new(),
        site => format!("Site {site}: "),
    };
    println!("{site}{added} pictures added, {changed} changed, {unchanged} as before, {refused} refused.");
    Ok(if refused > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Every file of a folder by name; a folder in it is none.
fn pictures_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let shown = folder.display();
    let entries = std::fs::read_dir(folder).with_context(|| format!("{shown} cannot be read"))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("{shown} cannot be read"))?.path();
        let is_hidden = name_of(&path).starts_with('.');
        if path.is_file() && !is_hidden {
            files.push(path);
        }
        if files.len() > PICTURES_MAX {
            bail!("{shown} has more than {PICTURES_MAX} files. Split it.");
        }
    }
    if files.is_empty() {
        bail!("{shown} has no files");
    }
    files.sort();
    Ok(files)
}

/// Sends one picture. Inside, why it was refused, with its name.
///
/// # Errors
/// What keeps the others from being sent as well.
async fn send_picture(way: &Way, file: &Path) -> anyhow::Result<Result<Done, String>> {
    let content = match read(file, PICTURE_BYTES_MAX) {
        Ok(content) => content,
        Err(error) => return Ok(Err(format!("{error:#}"))),
    };
    let name = name_of(file);
    let (status, text) = way
        .post(&name, content)
        .await
        .with_context(|| format!("{name} and those after it were not sent"))?;
    if status.is_success() {
        let done = serde_json::from_str(&text).context(NO_HUB)?;
        return Ok(Ok(done));
    }
    let message = message_of(status, &text);
    if status == reqwest::StatusCode::UNPROCESSABLE_ENTITY
        || status == reqwest::StatusCode::SERVICE_UNAVAILABLE
    {
        let is_named = message.starts_with(&name);
        return Ok(Err(if is_named {
            message
        } else {
            format!("{name}: {message}")
        }));
    }
    bail!("{message}")
}

/// The way to a hub's import.
struct Way {
    client: reqwest::Client,
    base: String,
    hub: String,
    site: Option<String>,
    key: Option<String>,
}

impl Way {
    fn to_hub(arguments: &Arguments) -> anyhow::Result<Self> {
        let hub = arguments.hub.trim_end_matches('/').to_owned();
        // Where the system has no CA certificates a client can be made without them, which is enough for http.
        let without_certificates = || reqwest::Client::builder().tls_certs_only([]).build();
        let client = reqwest::Client::builder()
            .build()
            .or_else(|error| {
                if hub.starts_with("http://") {
                    without_certificates()
                } else {
                    Err(error)
                }
            })
            .context("TLS cannot be set up; are the system's CA certificates installed?")?;
        let file = arguments
            .api_key_file
            .as_ref()
            .or(arguments.access_key_file.as_ref());
        let key = file
            .map(|file| {
                std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
            })
            .transpose()?;
        Ok(Self {
            client,
            base: format!("{hub}/v1/import/{}", arguments.kind),
            hub,
            site: arguments.site.clone(),
            key: key.map(|key| key.trim().to_owned()),
        })
    }

    async fn post(&self, name: &str, content: Vec<u8>) -> anyhow::Result<(reqwest::StatusCode, String)> {
        let mut query = vec![("name", name)];
        query.extend(self.site.as_deref().map(|site| ("site", site)));
        let address = reqwest::Url::parse_with_params(&self.base, query)
            .with_context(|| format!("{} is no address of a hub", self.hub))?;
        let mut request = self
            .client
            .post(address)
            .header("content-type", "application/octet-stream");
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let response = request.body(content).send().await.with_context(|| {
            format!(
                "the hub at {} cannot be reached. Start it, or say where it is with --hub",
                self.hub
            )
        })?;
        let status = response.status();
        let text = response
            .text()
            .await
            .context("the hub's answer broke off; the import may have happened")?;
        Ok((status, text))
    }
}

const NO_HUB: &str = "what answered is no Tallyman hub, or one of another version: its answer cannot be understood. Say with \
                      --hub where the hub is";

fn message_of(status: reqwest::StatusCode, text: &str) -> String {
    match serde_json::from_str::<Problem>(text) {
        Ok(problem) => problem.message,
        Err(_) => format!("the hub answered {status}. Is this the address of a Tallyman hub?"),
    }
}

fn tell(status: reqwest::StatusCode, text: &str) -> anyhow::Result<ExitCode> {
    if status.is_success() {
        let done: Done = serde_json::from_str(text).context(NO_HUB)?;
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
    let message = message_of(status, text);
    if status == reqwest::StatusCode::UNPROCESSABLE_ENTITY {
        eprintln!("{message}");
        return Ok(ExitCode::FAILURE);
    }
    bail!("{message}")
}
