//! `tallyman support-bundle`: what somebody who helps has to see, in one file, without secrets and without people.

mod redact;

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde_json::json;
use tallyman_agent::AgentConfig;
use tallyman_agent::checks;
use tallyman_agent::control::ControlClient;
use tallyman_platform::paths::Paths;

use redact::Redacted;

/// Collects configuration without secrets, versions, status, findings, the last log lines and figures of the stores.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  sudo tallyman support-bundle
  tallyman support-bundle --config agent.toml --out bundle.tar.gz
  tar tzf tallyman-support-*.tar.gz

What is in it is listed in docs/doctor.md. Codes, keys, passwords and who is logged in are left out; goods, orders and
confirmations are not collected. Look at it before you send it: it is yours.")]
pub struct Arguments {
    /// The configuration file of the agent. Default: agent.toml in the configuration folder.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The configuration file of the hub. Default: hub.toml in the configuration folder.
    #[arg(long, value_name = "FILE")]
    hub_config: Option<PathBuf>,
    /// The file to write. Default: tallyman-support-TIME.tar.gz in this folder.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How many of the last lines of the journal are taken.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    log_lines: u32,
}

/// How long a device or the hub may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where the header of an SQLite file says what it is (<https://www.sqlite.org/fileformat.html#the_database_header>).
const SQLITE_HEADER_BYTES: usize = 100;

/// What is collected: names in the archive, with their texts.
type Collected = Vec<(&'static str, String)>;

/// Collects and writes.
///
/// # Errors
/// The file cannot be written. What cannot be collected is said in the bundle.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let now = Timestamp::now();
    let usual = Paths::of_this_process().config;
    let agent_file = arguments.config.unwrap_or_else(|| usual.join("agent.toml"));
    let hub_file = arguments.hub_config.unwrap_or_else(|| usual.join("hub.toml"));
    let out = arguments
        .out
        .unwrap_or_else(|| format!("tallyman-support-{}.tar.gz", now.strftime("%Y%m%dT%H%M%SZ")).into());
    let (agent, hub) = (redact::file(&agent_file), redact::file(&hub_file));
    let mut collected: Collected = vec![
        ("about.json", about(now)),
        ("agent.toml", told(&agent)),
        ("hub.toml", told(&hub)),
        ("stores.json", stores(&agent, &hub)),
        ("log.txt", log(arguments.log_lines)),
    ];
    collected.extend(of_agent(&agent_file)?);
    let secrets: Vec<String> = [agent, hub]
        .into_iter()
        .filter_map(Result::ok)
        .flat_map(|redacted| redacted.secrets)
        .chain(redact::of_environment(std::env::vars_os()))
        .collect();
    for (_, text) in &mut collected {
        redact::scrub(text, &secrets);
    }
    fs::write(&out, archive(&collected, now)?)
        .with_context(|| format!("{} cannot be written", out.display()))?;
    println!("{}", out.display());
    Ok(ExitCode::SUCCESS)
}

fn told(redacted: &Result<Redacted, String>) -> String {
    match redacted {
        Ok(redacted) => redacted.text.clone(),
        Err(why) => format!("# {why}\n"),
    }
}

/// The program and the machine.
fn about(now: Timestamp) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let variables: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("TALLYMAN_"))
        .collect();
    let about = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "architecture": std::env::consts::ARCH,
        "has_hub": cfg!(feature = "hub"),
        "time": now,
        "kernel": read("/proc/sys/kernel/osrelease"),
        "system": read("/etc/os-release"),
        "uptime": read("/proc/uptime"),
        "load": read("/proc/loadavg"),
        "memory": read("/proc/meminfo").lines().take(3).collect::<Vec<_>>(),
        // Their names alone.
        "variables_set": variables,
    });
    pretty(&about)
}

/// The doctor's findings, and the status of the running agent without who works there.
fn of_agent(file: &Path) -> anyhow::Result<Collected> {
    let named = file.is_file().then_some(file);
    let config = match AgentConfig::load(named, &|name| std::env::var_os(name)) {
        Ok(config) => config,
        // Its text may quote the line that is wrong, and a secret in it.
        Err(_) => {
            let text = "the agent's configuration cannot be used; `tallyman doctor` says why\n".to_owned();
            return Ok(vec![("doctor.jsonl", text)]);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let findings = runtime.block_on(checks::all(&config, PATIENCE));
    let findings: Vec<String> = findings
        .iter()
        .map(|finding| serde_json::to_string(finding).unwrap_or_default())
        .collect();
    let asked = ControlClient::connect(&config.socket_path()).and_then(|mut client| client.status());
    let status = match asked {
        Ok(mut status) => {
            status.worker = status.worker.map(|_| redact::REMOVED.to_owned());
            serde_json::to_value(&status)?
        }
        Err(error) => json!({ "error": error.to_string() }),
    };
    Ok(vec![
        ("doctor.jsonl", findings.join("\n") + "\n"),
        ("status.json", pretty(&status)),
    ])
}

/// The files of the stores: their sizes, and what their headers say.
fn stores(agent: &Result<Redacted, String>, hub: &Result<Redacted, String>) -> String {
    let state = Paths::of_this_process().state;
    let named = |redacted: &Result<Redacted, String>, keys: &[&str], usual: &str| {
        let named = redacted.as_ref().ok().and_then(|of| of.path(keys));
        named.unwrap_or_else(|| state.join(usual))
    };
    let files = [
        named(agent, &["store", "path"], "agent.db"),
        named(hub, &["store"], "hub.db"),
    ];
    pretty(&files.iter().map(|file| store(file)).collect::<Vec<_>>().into())
}

fn store(file: &Path) -> serde_json::Value {
    let bytes_of = |suffix: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        fs::metadata(name).map(|metadata| metadata.len()).ok()
    };
    let mut header = [0; SQLITE_HEADER_BYTES];
    let read = fs::File::open(file).and_then(|mut open| open.read_exact(&mut header));
    let word = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let page = u32::from(u16::from_be_bytes([header[16], header[17]]));
    json!({
        "file": file,
        "error": read.err().map(|error| error.to_string()),
        "bytes": bytes_of(""),
        "log_bytes": bytes_of("-wal"),
        "page_bytes": page,
        "pages": word(28),
        "free_pages": word(36),
        "schema": word(60),
        "free_disk_bytes": file.parent().and_then(|folder| tallyman_platform::disk::space(folder).ok()).map(|space| space.free_bytes),
    })
}

/// The last lines that agent and hub have logged, where there is a journal.
fn log(lines: u32) -> String {
    let lines = lines.to_string();
    let arguments = ["--no-pager", "--output=short-iso", "--lines", &lines];
    let asked = Command::new("journalctl")
        .args(arguments)
        .args(["--unit=tallyman-agent", "--unit=tallyman-hub"])
        .output();
    match asked {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => format!(
            "the journal cannot be read: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => format!("there is no journal here: {error}\n"),
    }
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn archive(collected: &Collected, now: Timestamp) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (name, text) in collected {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(now.as_second()).unwrap_or(0));
        let path = Path::new(OsStr::new("tallyman-support")).join(name);
        archive.append_data(&mut header, path, text.as_bytes())?;
    }
    archive.into_inner()?.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: [&str; 5] = [
        "K7QM-2XRP",
        "correct-horse",
        "hunter2hunter2",
        "in-a-comment-9Z",
        "in-a-typo-8Y",
    ];

    fn unpacked(file: &Path) -> Vec<(String, String)> {
        let open = fs::File::open(file).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(open));
        archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let name = entry.path().unwrap().display().to_string();
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                (name, text)
            })
            .collect()
    }

    fn bundle(folder: &Path, agent: &str, hub: &str) -> Vec<(String, String)> {
        let (agent_file, hub_file) = (folder.join("agent.toml"), folder.join("hub.toml"));
        fs::write(&agent_file, agent).unwrap();
        fs::write(&hub_file, hub).unwrap();
        let out = folder.join("bundle.tar.gz");
        let arguments = Arguments {
            config: Some(agent_file),
            hub_config: Some(hub_file),
            out: Some(out.clone()),
            log_lines: 10,
        };
        assert_eq!(run(arguments).unwrap(), ExitCode::SUCCESS);
        unpacked(&out)
    }

    #[test]
    fn no_secret_of_a_configuration_is_in_the_bundle() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display();
        let agent = format!(
            "# the old code was in-a-comment-9Z\nname = \"ring-7\"\n[hub]\nurl = \"http://anna:hunter2hunter2@127.0.0.1:9\"\n\
             enrolment_code = \"K7QM-2XRP\"\n[store]\npath = \"{place}/agent.db\"\n[control]\nsocket = \"{place}/agent.sock\"\n"
        );
        let hub = format!(
            "store = \"{place}/correct-horse/hub.db\"\naccess_key = \"correct-horse\"\n[database]\n\
             url = \"postgresql://hub:hunter2hunter2@db.example.net/tallyman\"\n"
        );
        let files = bundle(folder.path(), &agent, &hub);
        let names: Vec<&str> = files
            .iter()
            .filter_map(|(name, _)| name.strip_prefix("tallyman-support/"))
            .collect();
        assert_eq!(
            names,
            [
                "about.json",
                "agent.toml",
                "hub.toml",
                "stores.json",
                "log.txt",
                "doctor.jsonl",
                "status.json"
            ]
        );
        for (name, text) in &files {
            for secret in SECRETS {
                assert!(!text.contains(secret), "{secret} in {name}:\n{text}");
            }
        }
        let text_of = |wanted: &str| &files.iter().find(|(name, _)| name.ends_with(wanted)).unwrap().1;
        assert!(text_of("agent.toml").contains("name = \"ring-7\""));
        assert!(text_of("doctor.jsonl").contains("\"what\":\"clock\""));
    }

    /// What is wrong in a file is where somebody typed, and may be a secret.
    #[test]
    fn a_configuration_that_is_wrong_is_not_quoted() {
        for agent in [
            "[hub]\nenrolment_code = K7QM-2XRP\n",
            "[hub]\nenrollment_cod = \"in-a-typo-8Y\"\n",
            "[hub]\nname = { deep = [\"in-a-typo-8Y\"] }\nurl = \"x\"\n",
        ] {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in bundle(folder.path(), agent, "access_key = correct-horse") {
                for secret in SECRETS {
                    assert!(!text.contains(secret), "{secret} in {name}:\n{text}");
                }
            }
        }
    }
}
