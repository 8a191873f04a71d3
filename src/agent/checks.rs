//! What an agent needs, checked piece by piece; each finding says what to do. docs/doctor.md lists them.

mod storage;
mod way;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tallyman_drivers::config::DeviceConfig;
use tallyman_drivers::link;
use tallyman_platform::clock::{Clock as _, SystemClock};

use crate::calendar::Calendar;
use crate::config::AgentConfig;
use crate::control::{ControlClient, ControlError};
use crate::input_nodes::device::InputNode;
use crate::keys;
use crate::panel::{self, OutputKind};
use crate::seams::KeyError;
use crate::status::{DeviceReport, InputNodeReport, Status};

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
    findings.extend(storage::check(config, running.is_ok()));
    findings.push(check_clock());
    findings.extend(check_key(config));
    findings.extend(way::check(config, patience).await);
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
        return open_device(what, known);
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

/// A device that the running agent has open. One that is silent may be as broken as one that is gone.
fn open_device(what: String, known: &DeviceReport) -> Finding {
    if let Some(error) = &known.last_error {
        return Finding::new(what, Grade::Wrong, format!("is {}: {error}", known.phase));
    }
    if known.reads > 0 || known.phase != "open" {
        let text = format!("is {}, {} reads", known.phase, known.reads);
        return Finding::new(what, Grade::Good, text);
    }
    let text = if known.garbage_bytes > 0 {
        format!(
            "is open and has sent {} bytes that driver `{}` cannot read: correct driver, baud rate or suffix, or print \
             `tallyman set-up-sheet` and scan it",
            known.garbage_bytes, known.driver
        )
    } else {
        "is open and has sent nothing yet. Scan something: where it stays mute, its interface is another one (`tallyman \
         set-up-sheet` sets it), its cable or charge is bad, or the port is not its own"
            .to_owned()
    };
    Finding::new(what, Grade::Warning, text)
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

    #[test]
    fn a_mute_scanner_is_told() {
        let report = |phase: &str, reads, garbage_bytes, last_error: Option<&str>| DeviceReport {
            name: "dock".to_owned(),
            driver: "plain_text".to_owned(),
            phase: phase.to_owned(),
            last_error: last_error.map(str::to_owned),
            reads,
            garbage_bytes,
            repetitions_dropped: 0,
            beep_not_trusted: false,
            node: None,
            waiting: 0,
            oldest_waiting_us: None,
            worst_wait_us: 0,
            answers: Vec::new(),
            notices: Vec::new(),
        };
        for (device, grade, wanted) in [
            (report("open", 3, 0, None), Grade::Good, "3 reads"),
            (report("open", 0, 0, None), Grade::Warning, "Scan something"),
            (report("open", 0, 7, None), Grade::Warning, "baud rate"),
            (
                report("waiting", 0, 0, Some("there is no /dev/x")),
                Grade::Wrong,
                "no /dev/x",
            ),
            (report("opening", 0, 0, None), Grade::Good, "is opening"),
        ] {
            let finding = open_device("device dock".to_owned(), &device);
            assert_eq!(finding.grade, grade, "{finding:?}");
            assert!(finding.text.contains(wanted), "{finding:?}");
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
