//! What an agent needs, checked piece by piece; each finding says what to do.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tallyman_drivers::config::DeviceConfig;
use tallyman_drivers::link;
use tallyman_floor::wire::v1::ChallengeRequest;
use tallyman_platform::{clock::Clock as _, clock::SystemClock, disk, sqlite};

use crate::calendar::Calendar;
use crate::config::AgentConfig;
use crate::control::{ControlClient, ControlError};
use crate::input_nodes::device::InputNode;
use crate::keys;
use crate::panel::{self, OutputKind};
use crate::seams::{Fault, KeyError, Transport as _};
use crate::status::{InputNodeReport, Status};
use crate::store;
use crate::wiring::http_transport;

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked, as `hub` or `device dock`.
    pub what: String,
    /// How it is.
    pub grade: Grade,
    /// A sentence, with what to do where something is to be done.
    pub text: String,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// As it should be.
    Good,
    /// The agent works; somebody should know.
    Warning,
    /// The agent does not work, or not with this.
    Wrong,
}

impl Finding {
    fn new(what: impl Into<String>, grade: Grade, text: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            grade,
            text: text.into(),
        }
    }
}

/// Checks everything. `patience` is how long a device or the hub may take.
pub async fn all(config: &AgentConfig, patience: Duration) -> Vec<Finding> {
    let mut findings = vec![configuration(config)];
    let running = running(config);
    findings.push(running.as_ref().map_or_else(Clone::clone, |status| {
        Finding::new(
            "agent",
            Grade::Good,
            format!("is running, version {}", status.version),
        )
    }));
    for device in &config.devices {
        findings.push(check_device(device, running.as_ref().ok(), patience).await);
    }
    findings.extend(check_input_nodes(config, running.as_ref().ok()));
    findings.extend(check_sound(config));
    findings.extend(check_panel(config, running.as_ref().ok()));
    findings.extend(check_store(config));
    findings.push(check_clock());
    findings.extend(check_key(config));
    findings.push(check_hub(config, patience).await);
    findings
}

fn configuration(config: &AgentConfig) -> Finding {
    let what = "configuration";
    if config.hub.url.is_empty() {
        let text = "`hub.url` is empty; set it to the address of your hub, as https://hub.example";
        return Finding::new(what, Grade::Wrong, text);
    }
    if config.devices.is_empty() {
        return Finding::new(
            what,
            Grade::Warning,
            "there is no [[device]]; only keys can be used",
        );
    }
    if is_open_to_others(&config.hub.url) {
        let text = format!(
            "{} is without TLS: everybody on the way can read along, and stand in for the hub. Use https, see docs/security.md",
            config.hub.url
        );
        return Finding::new(what, Grade::Warning, text);
    }
    Finding::new(
        what,
        Grade::Good,
        format!("{} device(s), hub {}", config.devices.len(), config.hub.url),
    )
}

/// Whether what is said to a hub at this address passes others in the clear.
fn is_open_to_others(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("http://").filter(|(before, _)| before.is_empty()) else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(six) => six.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    let is_loopback = |address: std::net::IpAddr| address.is_loopback();
    host != "localhost" && !host.parse().is_ok_and(is_loopback)
}

/// The running agent's status, or the finding that there is none.
fn running(config: &AgentConfig) -> Result<Status, Finding> {
    let asked = ControlClient::connect(&config.socket_path()).and_then(|mut client| client.status());
    asked.map_err(|error| {
        let grade = match &error {
            ControlError::NotRunning { .. } => Grade::Warning,
            _ => Grade::Wrong,
        };
        Finding::new("agent", grade, error.to_string())
    })
}

async fn check_device(device: &DeviceConfig, running: Option<&Status>, patience: Duration) -> Finding {
    let what = format!("device {}", device.name);
    // A device that the agent has open cannot be opened a second time.
    let known = running.and_then(|status| status.devices.iter().find(|known| known.name == device.name));
    if let Some(known) = known {
        return match &known.last_error {
            Some(error) => Finding::new(what, Grade::Wrong, format!("is {}: {error}", known.phase)),
            None => Finding::new(
                what,
                Grade::Good,
                format!("is {}, {} reads", known.phase, known.reads),
            ),
        };
    }
    let mut opener = match link::opener_for(device) {
        Ok(opener) => opener,
        Err(error) => return Finding::new(what, Grade::Wrong, error.to_string()),
    };
    match tokio::time::timeout(patience, opener.open()).await {
        Ok(Ok(_)) => Finding::new(what, Grade::Good, "can be opened"),
        Ok(Err(error)) => Finding::new(what, Grade::Wrong, error.to_string()),
        // A listener waits for its device; that it can listen is what can be checked.
        Err(_) => Finding::new(
            what,
            Grade::Warning,
            "nothing has connected yet; switch the device on",
        ),
    }
}

/// Keypads and the touch panel: as the running agent says, or whether they can be opened.
fn check_input_nodes(config: &AgentConfig, running: Option<&Status>) -> Vec<Finding> {
    if let Some(status) = running {
        let of = |node: &InputNodeReport| {
            let is_well = node.phase == "open" && node.stuck.is_empty();
            let grade = if is_well { Grade::Good } else { Grade::Wrong };
            Finding::new(format!("input {}", node.name), grade, node.to_string())
        };
        return status.input_nodes.iter().map(of).collect();
    }
    let touch = Some(&config.touch.device).filter(|name| !name.is_empty());
    let names = config.keys.device.iter().chain(touch);
    names
        .map(|name| {
            let what = format!("input {name}");
            match InputNode::open(name) {
                Ok(node) => Finding::new(
                    what,
                    Grade::Good,
                    format!("{} can be opened", node.path().display()),
                ),
                Err(error) => Finding::new(what, Grade::Wrong, error.to_string()),
            }
        })
        .collect()
}

/// Beeper, vibrator and lights: whether they can be opened.
fn check_sound(config: &AgentConfig) -> Vec<Finding> {
    let voices = config.sound.voices();
    voices
        .into_iter()
        .map(|(name, mut open)| match open() {
            Ok(_) => Finding::new(name, Grade::Good, "can be opened"),
            Err(error) => {
                let text =
                    format!("{error}. Check `sound` in the configuration, and who may write to the device");
                Finding::new(name, Grade::Wrong, text)
            }
        })
        .collect()
}

/// The panel: as the running agent says, or whether it is there. It is not opened, because that would show.
fn check_panel(config: &AgentConfig, running: Option<&Status>) -> Option<Finding> {
    let what = "panel";
    if config.screen.output == OutputKind::None {
        return None;
    }
    if let Some(panel) = running.and_then(|status| status.panel.as_ref()) {
        let grade = match (panel.state.as_str(), &panel.last_error) {
            ("open" | "dark", None) => Grade::Good,
            ("open" | "dark", Some(_)) => Grade::Warning,
            _ => Grade::Wrong,
        };
        return Some(Finding::new(what, grade, panel.to_string()));
    }
    let nodes = panel::output::nodes(&config.screen);
    Some(match nodes.iter().find(|node| node.exists()) {
        Some(node) => Finding::new(what, Grade::Good, format!("{} is there", node.display())),
        None => {
            let nodes: Vec<_> = nodes.iter().map(|node| node.display().to_string()).collect();
            let text = format!(
                "there is no {}: correct `screen.path`, or load its driver",
                nodes.join(" and no ")
            );
            Finding::new(what, Grade::Wrong, text)
        }
    })
}

fn check_store(config: &AgentConfig) -> Vec<Finding> {
    let path = config.store_path();
    let mut findings = Vec::new();
    match sqlite::open_reader(&path, &store::options()).and_then(|reader| sqlite::quick_check(&reader)) {
        Ok(()) => {
            findings.push(Finding::new(
                "store",
                Grade::Good,
                format!("{} is sound", path.display()),
            ));
        }
        Err(sqlite::OpenError::Missing { .. }) => {
            let text = format!("{} is made at the first start", path.display());
            findings.push(Finding::new("store", Grade::Good, text));
        }
        Err(error) => findings.push(Finding::new("store", Grade::Wrong, error.to_string())),
    }
    let folder = path.parent().filter(|folder| folder.is_dir());
    if let Some(space) = folder.and_then(|folder| disk::space(folder).ok()) {
        let (free, wanted) = (space.free_bytes >> 20, config.store.free_mib_min);
        findings.push(if free >= wanted {
            Finding::new("disk", Grade::Good, format!("{free} MiB free"))
        } else {
            let text = format!("{free} MiB free, and {wanted} are wanted for confirmations; free some space");
            Finding::new("disk", Grade::Wrong, text)
        });
    }
    findings
}

/// The key that proves the device. Before enrolment there is none.
fn check_key(config: &AgentConfig) -> Option<Finding> {
    let is_made_here = config.hub.key_credential.is_empty();
    match keys::configured(config).enrolled() {
        Ok(key) => {
            let text = format!("is there; its public half is {}", key.public_hex());
            Some(Finding::new("key", Grade::Good, text))
        }
        Err(KeyError::Missing(_)) if is_made_here && !config.store_path().exists() => None,
        // It may not be enrolled yet; and systemd hands credentials over to the daemon alone.
        Err(error @ (KeyError::Missing(_) | KeyError::NoCredential(_))) => {
            Some(Finding::new("key", Grade::Warning, error.to_string()))
        }
        Err(error) => Some(Finding::new("key", Grade::Wrong, error.to_string())),
    }
}

fn check_clock() -> Finding {
    let Ok(clock) = SystemClock::new() else {
        return Finding::new(
            "clock",
            Grade::Wrong,
            "the system gives no boot clock; mount /proc",
        );
    };
    let wall = clock.wall();
    let calendar = Calendar::new(Arc::new(clock));
    match calendar.local() {
        Some(now) => Finding::new(
            "clock",
            Grade::Good,
            format!("it is {}", now.strftime("%Y-%m-%d %H:%M %Z")),
        ),
        None => {
            let text = format!(
                "the clock says {wall}, which is before this program was made; set it, or let it be set by a time server"
            );
            Finding::new("clock", Grade::Wrong, text)
        }
    }
}

/// Asks the hub for something to sign, for nobody: a hub that answers is there.
async fn check_hub(config: &AgentConfig, patience: Duration) -> Finding {
    let what = "hub";
    let clock = match SystemClock::new() {
        Ok(clock) => clock,
        Err(error) => return Finding::new(what, Grade::Wrong, error.to_string()),
    };
    let transport = match http_transport(config, &Calendar::new(Arc::new(clock))) {
        Ok(transport) => transport,
        Err(error) => return Finding::new(what, Grade::Wrong, error.to_string()),
    };
    let nobody = ChallengeRequest {
        device: "nobody".to_owned(),
    };
    let patience_ms = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
    let asked = tokio::time::timeout(patience, transport.challenge(&nobody)).await;
    match asked.unwrap_or(Err(Fault::Timeout(patience_ms))) {
        Err(Fault::Busy { .. }) | Ok(_) => {
            Finding::new(what, Grade::Good, format!("{} answers", config.hub.url))
        }
        Err(fault) => Finding::new(what, Grade::Wrong, fault.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyman_drivers::config::{LinkConfig, SerialConfig};

    #[test]
    fn plain_http_is_for_loopback() {
        for (url, is_open) in [
            ("https://hub.example", false),
            ("http://hub.example", true),
            ("http://192.168.1.10:8080/site", true),
            ("http://127.0.0.1:7070", false),
            ("http://localhost", false),
            ("http://[::1]:7070", false),
            ("http://[fe80::1]:7070", true),
        ] {
            assert_eq!(is_open_to_others(url), is_open, "{url}");
        }
    }

    #[tokio::test]
    async fn every_finding_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = AgentConfig::default();
        config.store.path = folder.path().join("agent.db");
        config.control.socket = folder.path().join("agent.sock");
        config.sound.beeper = "Beeper".to_owned();
        config.keys.device = vec!["Keypad".to_owned()];
        config.screen.output = OutputKind::Drm;
        config.screen.path = folder.path().join("card0");
        config.devices = vec![DeviceConfig {
            name: "dock".to_owned(),
            driver: "plain_text".to_owned(),
            link: LinkConfig::Serial(SerialConfig::new(folder.path().join("no-tty").to_string_lossy())),
            settings: Default::default(),
            duplicate_ms: None,
        }];
        std::fs::write(&config.store.path, "this is no store").unwrap();
        let findings = all(&config, Duration::from_secs(3)).await;
        let of = |what: &str| findings.iter().find(|finding| finding.what == what).unwrap();
        for (what, grade, wanted) in [
            ("configuration", Grade::Wrong, "set it to the address of your hub"),
            ("agent", Grade::Warning, "Start it with `tallyman agent`"),
            ("device dock", Grade::Wrong, "plug the device in"),
            ("panel", Grade::Wrong, "correct `screen.path`"),
            ("beeper", Grade::Wrong, "who may write to the device"),
            ("input Keypad", Grade::Wrong, "plug it in"),
            ("store", Grade::Wrong, "Move it aside and keep it"),
            ("key", Grade::Warning, "Enrol this device again"),
            ("hub", Grade::Wrong, "write it as https://hub.example"),
        ] {
            assert_eq!(of(what).grade, grade, "{:?}", of(what));
            assert!(of(what).text.contains(wanted), "{:?}", of(what));
        }
        assert_eq!(of("clock").grade, Grade::Good);
    }
}
