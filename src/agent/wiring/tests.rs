//! The whole agent in one process: a pseudo terminal as scanner, the real driver, a hub in memory.

use std::io::Write as _;

use rustix::pty::OpenptFlags;
use tallyman_drivers::config::{DeviceConfig, LinkConfig, SerialConfig};
use tallyman_floor::wire::v1::{Delta, Mark, ReceiveBody, TaskBody, TaskKindBody};
use tallyman_floor::{Key, Tone, View};
use tokio::sync::broadcast;

use crate::control::ControlClient;
use crate::control::client::Line;
use crate::control::forms::FieldForm;
use crate::seams::Store as _;
use crate::store::tests::cache;
use crate::testing::FakeHub;

use super::*;
use crate::seams::{Happening, Place, Sounded};

const BOLT: &str = "4006381333931";
const NUT: &str = "4012345678901";

/// The far end of a serial line.
struct Scanner {
    port: std::fs::File,
    path: String,
}

impl Scanner {
    fn plug_in() -> Self {
        let port = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&port).unwrap();
        rustix::pty::unlockpt(&port).unwrap();
        let path = rustix::pty::ptsname(&port, Vec::new())
            .unwrap()
            .into_string()
            .unwrap();
        Self {
            port: port.into(),
            path,
        }
    }

    fn scan(&mut self, text: &str) {
        self.port.write_all(text.as_bytes()).unwrap();
    }
}

fn config(folder: &Path, scanner: &Scanner) -> AgentConfig {
    let mut config = AgentConfig {
        name: "test".to_owned(),
        ..AgentConfig::default()
    };
    config.hub.enrolment_code = tallyman_platform::config::Secret::new("K7");
    config.store.path = folder.join("agent.db");
    config.store.free_mib_min = 0;
    config.control.socket = folder.join("agent.sock");
    config.devices = vec![DeviceConfig {
        name: "dock".to_owned(),
        driver: "plain_text".to_owned(),
        link: LinkConfig::Serial(SerialConfig::new(scanner.path.as_str())),
        settings: std::collections::BTreeMap::new(),
        duplicate_ms: None,
    }];
    config
}

fn seams(hub: &Arc<FakeHub>) -> Seams {
    Seams {
        transport: Some(Arc::<FakeHub>::clone(hub)),
        entropy: Box::new(SeededEntropy::new(7)),
        zone: TimeZone::UTC,
        ..Seams::of_this_machine().unwrap()
    }
}

fn receipt() -> Delta {
    let mut task = TaskBody {
        kind: TaskKindBody::Receive(ReceiveBody {
            dock: "DOCK-1".to_owned(),
            over_tolerance_percent: 0,
            ..ReceiveBody::default()
        }),
        ..cache::task("R", "ASN-1", 0, 2)
    };
    for (line, item) in task.lines.iter_mut().zip(["BOLT", "NUT"]) {
        line.item = Some(item.to_owned());
        line.location = None;
    }
    Delta {
        generation: "g0".to_owned(),
        tasks: vec![task],
        items: vec![
            cache::item("BOLT", &format!("0{BOLT}")),
            cache::item("NUT", &format!("0{NUT}")),
        ],
        ..cache::delta("c1", Mark { epoch: 1, seq: 0 })
    }
}

async fn next_sound(watch: &mut broadcast::Receiver<Happening>) -> Sounded {
    loop {
        if let Happening::Sound(sounded) = watch.recv().await.unwrap() {
            return sounded;
        }
    }
}

async fn until_view(agent: &RunningAgent, holds: impl FnMut(&Arc<View>) -> bool) {
    agent.views().wait_for(holds).await.unwrap();
}

#[tokio::test]
async fn from_a_serial_line_to_the_hub_and_through_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut scanner = Scanner::plug_in();
    let hub = FakeHub::new();
    hub.put_delta(receipt());
    let agent = Agent::start(config(folder.path(), &scanner), seams(&hub))
        .await
        .unwrap();
    let mut watch = agent.watch();
    let mut status = ControlClient::connect(&folder.path().join("agent.sock")).unwrap();
    agent.shared.devices[0]
        .handle
        .state
        .clone()
        .wait_for(|state| state.opened > 0)
        .await
        .unwrap();
    until_view(&agent, |view| view.question.is_some()).await;

    scanner.scan("ASN-1\r");
    let sounded = next_sound(&mut watch).await;
    assert_eq!((sounded.verdict, sounded.tone), ("go", Tone::Good));
    scanner.scan(&format!("{BOLT}\r"));
    let sounded = next_sound(&mut watch).await;
    assert_eq!(
        (sounded.verdict, sounded.confirmed.as_slice()),
        ("accept", [Place { epoch: 1, seq: 1 }].as_slice())
    );
    // A laser that saw one label twice in one moment.
    scanner.scan(&format!("{NUT}\r{NUT}\r"));
    assert_eq!(next_sound(&mut watch).await.verdict, "accept");
    assert_eq!(next_sound(&mut watch).await.verdict, "repeated");
    hub.until(|hub| hub.journal(1).len() == 2).await;

    let told = tokio::task::spawn_blocking(move || {
        let told = status.status().unwrap();
        let png = status.shot().unwrap();
        assert_eq!(&png[..4], b"\x89PNG");
        // What can be done by keys can be done by touch: what is not shown at once is on a sheet.
        let touches = |field: &FieldForm| field.touch == "undo" || field.touch == "sheet:keys";
        assert!(status.fields().unwrap().iter().any(touches));
        let bar = status.bar().unwrap();
        assert_eq!((bar.scanner.as_str(), bar.alarms), ("ready", false), "{bar:?}");
        assert!(!bar.hub.is_empty() && bar.clock.contains(':'), "{bar:?}");
        status.press("undo").unwrap();
        assert!(
            status
                .press("Undo")
                .unwrap_err()
                .to_string()
                .contains("`key` is one character")
        );
        (told, status.view().unwrap())
    });
    let (told, _) = told.await.unwrap();
    assert_eq!(next_sound(&mut watch).await.verdict, "accept");
    assert_eq!(
        (told.device.as_deref(), told.task.as_deref()),
        (Some("dev-7"), Some("R"))
    );
    assert_eq!(
        (told.devices[0].reads, told.devices[0].repetitions_dropped),
        (4, 1)
    );
    assert!(told.outbox.safe && told.devices[0].beep_not_trusted);
    let shown = agent.view();
    agent.shutdown().await;

    // Again, without the code and without the hub: the same step, the same promise.
    let mut config = config(folder.path(), &scanner);
    config.hub.enrolment_code = tallyman_platform::config::Secret::new("");
    let hub = FakeHub::new();
    hub.mishaps(vec![crate::testing::Mishap::Lost; 100]);
    let agent = Agent::start(config, seams(&hub)).await.unwrap();
    let mut watch = agent.watch();
    until_view(&agent, |view| {
        view.title == shown.title && view.done_of == shown.done_of
    })
    .await;
    assert!(agent.press(Key::Undo).await);
    assert_eq!(
        next_sound(&mut watch).await.confirmed,
        [Place { epoch: 1, seq: 4 }]
    );
    assert!(agent.status().outbox.waiting >= 1);
    agent.shutdown().await;
    assert!(!folder.path().join("agent.sock").exists());
}

#[tokio::test]
async fn a_watcher_hears_over_the_socket_what_happens() {
    let folder = tempfile::tempdir().unwrap();
    let mut scanner = Scanner::plug_in();
    let hub = FakeHub::new();
    hub.put_delta(receipt());
    let agent = Agent::start(config(folder.path(), &scanner), seams(&hub))
        .await
        .unwrap();
    agent.shared.devices[0]
        .handle
        .state
        .clone()
        .wait_for(|state| state.opened > 0)
        .await
        .unwrap();
    until_view(&agent, |view| view.question.is_some()).await;
    let socket = folder.path().join("agent.sock");
    let (watching, ready) = tokio::sync::oneshot::channel();
    let heard = tokio::task::spawn_blocking(move || {
        let mut client = ControlClient::connect(&socket).unwrap();
        client.watch().unwrap();
        assert!(
            matches!(client.receive().unwrap(), Line::View(_)),
            "what is shown now comes first"
        );
        watching.send(()).unwrap();
        let mut before_sound = 0;
        loop {
            match client.receive().unwrap() {
                Line::View(_) => before_sound += 1,
                Line::Sound(sound) => return (before_sound, sound),
                other => panic!("{other:?}"),
            }
        }
    });
    ready.await.unwrap();
    scanner.scan("ASN-1\r");
    let (views, sound) = heard.await.unwrap();
    assert!(views >= 1, "it is shown before it sounds");
    assert_eq!(
        (
            sound.tone.as_str(),
            sound.verdict.as_str(),
            sound.device.as_deref()
        ),
        ("good", "go", Some("dock"))
    );
    agent.shutdown().await;
}

#[tokio::test]
async fn two_agents_do_not_share_a_store_or_a_socket() {
    let folder = tempfile::tempdir().unwrap();
    let scanner = Scanner::plug_in();
    let hub = FakeHub::new();
    let agent = Agent::start(config(folder.path(), &scanner), seams(&hub))
        .await
        .unwrap();
    let message = Agent::start(config(folder.path(), &scanner), seams(&hub))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(message.contains("is in use"), "{message}");
    let mut other = config(folder.path(), &scanner);
    other.store.path = folder.path().join("other.db");
    let message = Agent::start(other, seams(&hub)).await.err().unwrap().to_string();
    assert!(message.contains("in use by another agent"), "{message}");
    agent.shutdown().await;
}

#[tokio::test]
async fn what_keeps_an_agent_from_starting_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let scanner = Scanner::plug_in();
    let without_hub = Seams {
        transport: None,
        ..seams(&FakeHub::new())
    };
    // Where a device is enrolled its hub has to be known; before, a set-up code names one.
    let elsewhere = tempfile::tempdir().unwrap();
    let enrolled = config(elsewhere.path(), &scanner);
    let (store, _) = SqliteStore::open(&enrolled.store.path, Writing::Inline).unwrap();
    store.enrol(crate::store::tests::identity()).await.unwrap();
    drop(store);
    let message = Agent::start(enrolled, without_hub)
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(message.contains("`hub.url` is empty"), "{message}");
    let mut broken = config(folder.path(), &scanner);
    std::fs::write(&broken.store.path, "no store").unwrap();
    let message = Agent::start(broken.clone(), seams(&FakeHub::new()))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(message.contains("agent store"), "{message}");
    broken.store.path = folder.path().join("missing/agent.db");
    let message = Agent::start(broken, seams(&FakeHub::new()))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(message.contains("does not exist"), "{message}");
}

/// What an SSI scanner of the driver gets from the agent before the acknowledgement of its first code.
async fn written_before_the_first_acknowledgement(set_up: bool) -> Vec<u8> {
    const HELLO: &[u8] = b"\x0A\xF3\x00\x00\x03HELLO\xFD\x8C";
    const ACKNOWLEDGEMENT: &[u8] = b"\x04\xD0\x04\x00\xFF\x28";
    let folder = tempfile::tempdir().unwrap();
    let mut scanner = Scanner::plug_in();
    let mut config = config(folder.path(), &scanner);
    config.devices[0].driver = "zebra_ssi".to_owned();
    config.scanners.set_up = set_up;
    let agent = Agent::start(config, seams(&FakeHub::new())).await.unwrap();
    let mut state = agent.shared.devices[0].handle.state.clone();
    state.wait_for(|state| state.opened > 0).await.unwrap();
    scanner.port.write_all(HELLO).unwrap();
    state.wait_for(|state| state.reads == 1).await.unwrap();
    let mut port = scanner.port.try_clone().unwrap();
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        while !bytes.ends_with(ACKNOWLEDGEMENT) {
            let mut byte = [0];
            std::io::Read::read_exact(&mut port, &mut byte).unwrap();
            bytes.push(byte[0]);
        }
        bytes.truncate(bytes.len() - ACKNOWLEDGEMENT.len());
        bytes
    });
    let bytes = read.await.unwrap();
    let device = &agent.status().devices[0];
    assert!(device.beep_not_trusted, "its own beep was not read back as off");
    assert_eq!(device.node.as_deref(), Some(scanner.path.as_str()));
    agent.shutdown().await;
    bytes
}

#[tokio::test]
async fn scanners_are_asked_for_their_settings_unless_the_configuration_leaves_them_alone() {
    // The first thing an SSI scanner gets is the byte that wakes it.
    assert_eq!(
        written_before_the_first_acknowledgement(true).await.first(),
        Some(&0)
    );
    assert_eq!(written_before_the_first_acknowledgement(false).await, b"");
}

#[tokio::test]
async fn a_unit_in_its_cradle_hands_in_what_it_has_without_a_badge() {
    let folder = tempfile::tempdir().unwrap();
    let mut scanner = Scanner::plug_in();
    let hub = FakeHub::new();
    hub.put_delta(receipt());
    let agent = Agent::start(config(folder.path(), &scanner), seams(&hub))
        .await
        .unwrap();
    let mut watch = agent.watch();
    agent.shared.devices[0]
        .handle
        .state
        .clone()
        .wait_for(|state| state.opened > 0)
        .await
        .unwrap();
    until_view(&agent, |view| view.question.is_some()).await;
    // From now on nothing arrives any more.
    hub.mishaps(vec![crate::testing::Mishap::Lost; 10_000]);
    for code in ["ASN-1", BOLT, NUT] {
        scanner.scan(&format!("{code}\r"));
        next_sound(&mut watch).await;
    }
    agent.shutdown().await;
    assert_eq!(hub.journal(1), [""; 0]);

    // It is put into its cradle: it starts, nobody logs in and nothing is scanned.
    let mut config = config(folder.path(), &scanner);
    config.hub.enrolment_code = tallyman_platform::config::Secret::new("");
    let hub = FakeHub::new();
    let agent = Agent::start(config, seams(&hub)).await.unwrap();
    hub.until(|hub| hub.journal(1).len() == 2).await;
    assert_eq!(agent.status().worker, None);
    // What it had open it claims again, so that nobody takes it for free.
    hub.until(|hub| hub.claims() == ["claim R by nobody"]).await;
    agent.shutdown().await;
}
