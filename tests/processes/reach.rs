//! How devices reach a hub over TLS: whom they believe, with which clock, and what is said where they do not.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use tallyman_agent::seams::{Fault, Transport as _};
use tallyman_agent::sync::HttpTransport;
use tallyman_floor::wire::v1::ChallengeRequest;
use tallyman_hub::config::HubConfig;
use tallyman_hub::{Hub, OwnCertificate, Seams, make_certificate};
use tallyman_platform::tls::{KnownTime, ServerTrust, Time};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const NOW: &str = "2026-11-29T12:00:00Z";

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// A device's clock. One of 1970 knows no more than when its program was made.
fn clock(now: &str, clock_is_behind: bool) -> Time {
    let now = moment(now);
    Arc::new(move || KnownTime { now, clock_is_behind })
}

fn put(folder: &Path, made: &OwnCertificate) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("hub.pem"), folder.join("hub.key"));
    std::fs::write(&certificate, &made.certificate).expect("written");
    std::fs::write(&key, &made.key).expect("written");
    (certificate, key)
}

/// A hub in this process, with this certificate; its port.
async fn serve(folder: &Path, made: &OwnCertificate, stop: &CancellationToken) -> u16 {
    let mut config = HubConfig::default();
    (config.tls.certificate_file, config.tls.key_file) = put(folder, made);
    config.backups.enabled = false;
    let seams = Seams::real().expect("clocks");
    let hub = Hub::open(config, &folder.join("hub.db"), seams)
        .await
        .expect("a hub");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let stop = stop.clone();
    tokio::spawn(async move { hub.serve(listener, stop).await });
    port
}

/// What a device hears that asks for something to sign; empty where it gets it.
async fn ask(url: &str, trust: &ServerTrust, time: Time) -> String {
    let transport = HttpTransport::new(url, trust, time).expect("a way");
    let request = ChallengeRequest {
        device: "dev-7".to_owned(),
    };
    match transport.challenge(&request).await {
        Ok(_) => String::new(),
        Err(fault @ Fault::Unreachable(_)) => fault.to_string(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_device_believes_the_hub_and_nobody_in_between() {
    let stop = CancellationToken::new();
    let (ours, theirs, ended) = (tempdir(), tempdir(), tempdir());
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = |when: &str| make_certificate(&names, moment(when)).expect("a certificate");
    let (own, foreign, old) = (
        made("2027-06-01T00:00:00Z"),
        made(NOW),
        made("2000-01-01T00:00:00Z"),
    );
    let hub = serve(ours.path(), &own, &stop).await;
    let in_between = serve(theirs.path(), &foreign, &stop).await;
    let expired = serve(ended.path(), &old, &stop).await;
    let pin = |made: &OwnCertificate| ServerTrust {
        pin: Some(made.pin),
        ca_file: None,
    };
    let vouched = |folder: &Path| ServerTrust {
        pin: None,
        ca_file: Some(folder.join("hub.pem")),
    };
    let (at_1970, today, later) = (
        clock(NOW, true),
        clock(NOW, false),
        clock("2030-01-01T00:00:00Z", false),
    );
    // Where, whom it believes, its clock: what it says.
    for (port, trust, time, wanted) in [
        (hub, pin(&own), &today, ""),
        (hub, pin(&own), &later, ""),
        // The certificate is newer than the program, and the clock says 1970.
        (hub, pin(&own), &at_1970, ""),
        (hub, vouched(ours.path()), &later, ""),
        (hub, vouched(ours.path()), &at_1970, ""),
        (hub, vouched(ours.path()), &today, "valid"),
        // Somebody in between has a key of their own.
        (in_between, pin(&own), &later, "somebody is in between"),
        (
            in_between,
            vouched(ours.path()),
            &later,
            "invalid peer certificate",
        ),
        (hub, pin(&foreign), &later, "somebody is in between"),
        // A certificate that ended, with the right key.
        (expired, pin(&old), &later, "ended on 2020-01-01"),
        (expired, pin(&old), &at_1970, "ended on 2020-01-01"),
        (expired, vouched(ended.path()), &at_1970, "expired"),
    ] {
        let told = ask(&format!("https://localhost:{port}"), &trust, Arc::clone(time)).await;
        assert!(
            told.contains(wanted) && told.is_empty() == wanted.is_empty(),
            "{trust:?} wants {wanted:?}: {told}"
        );
    }
    // Whoever speaks no TLS to it is answered with none, and it goes on.
    let plain = ask(
        &format!("http://localhost:{hub}"),
        &ServerTrust::default(),
        clock(NOW, false),
    )
    .await;
    assert!(!plain.is_empty());
    assert_eq!(
        ask(&format!("https://127.0.0.1:{hub}"), &pin(&own), later).await,
        ""
    );
    stop.cancel();
}

fn tempdir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A hub as a process of its own.
struct HubProcess {
    child: Child,
    address: String,
}

impl HubProcess {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tallyman"))
            .args(["hub", "--config", "hub.toml"])
            .current_dir(folder)
            .env("XDG_STATE_HOME", folder)
            .env("STATE_DIRECTORY", folder)
            .stderr(Stdio::piped())
            .spawn()
            .expect("a hub");
        let mut lines = BufReader::new(child.stderr.take().expect("its standard error")).lines();
        let mut said = Vec::new();
        let address = loop {
            let line = lines
                .next()
                .unwrap_or_else(|| panic!("the hub ended: {said:?}"))
                .expect("a line");
            if let Some((_, address)) = line.split_once("The hub is ready: ") {
                break address.to_owned();
            }
            said.push(line);
        };
        // Whoever reads nothing would stop it at last.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    fn hang_up(&self) {
        let id = Pid::from_raw(self.child.id().try_into().expect("an id")).expect("an id");
        kill_process(id, Signal::HUP).expect("told");
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a certificate in a folder with the command; what it says for hub.toml, and for the agents.
fn make(folder: &Path) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tallyman"))
        .args(["hub", "--make-certificate", ".", "--name", "localhost"])
        .current_dir(folder)
        .env("XDG_CONFIG_HOME", folder)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (_, stanza) = said.split_once("[tls]").expect("a stanza");
    let (stanza, _) = stanza.split_once("\n\n").expect("its end");
    let (_, pin) = said.split_once("certificate_pin = \"").expect("a pin");
    let (pin, _) = pin.split_once('"').expect("its end");
    (format!("[tls]{stanza}\n"), pin.to_owned())
}

#[tokio::test]
async fn a_certificate_made_by_the_command_is_served_and_changed_by_a_signal() {
    let folder = tempdir();
    let folder = folder.path();
    let (stanza, pin) = make(folder);
    let again = Command::new(env!("CARGO_BIN_EXE_tallyman"))
        .args(["hub", "--make-certificate", "."])
        .current_dir(folder)
        .output()
        .expect("it runs");
    assert!(!again.status.success(), "devices may have pinned it");
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    std::fs::write(
        folder.join("hub.toml"),
        format!("listen = \"127.0.0.1:0\"\nstore = \"hub.db\"\n{stanza}"),
    )
    .expect("written");
    let hub = HubProcess::start(folder);
    assert!(hub.address.starts_with("https://"), "{}", hub.address);
    let trust = |pin: &str| ServerTrust {
        pin: Some(pin.parse().expect("a pin")),
        ca_file: None,
    };
    let now = || clock(&Timestamp::now().to_string(), false);
    assert_eq!(ask(&hub.address, &trust(&pin), now()).await, "");
    for file in ["hub.pem", "hub.key"] {
        std::fs::remove_file(folder.join(file)).expect("removed");
    }
    let (_, other_pin) = make(folder);
    assert_ne!(pin, other_pin);
    hub.hang_up();
    // The signal is taken a moment later.
    while !ask(&hub.address, &trust(&other_pin), now()).await.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(
        ask(&hub.address, &trust(&pin), now())
            .await
            .contains("in between")
    );
    // A half-written pair changes nothing.
    std::fs::write(folder.join("hub.key"), "half").expect("written");
    hub.hang_up();
    assert_eq!(ask(&hub.address, &trust(&other_pin), now()).await, "");
}
