//! One device: its folder, its scanner, and the process that runs on it.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tallyman_agent::control::ControlClient;
use tallyman_agent::store::{SqliteStore, Writing};
use tallyman_agent::{Agent, AgentConfig, Seams};
use tallyman_platform::service::Supervisor;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::UnixDatagram;
use tokio::process::{Child, ChildStdout, Command};

use crate::panel::{self, TellingPanel};
use crate::process::Memory;
use crate::scanner::ScannerLine;
use crate::site::{self, LAST, scanned};

/// Where the program is, if not beside this one.
const PROGRAM: &str = "TALLYMAN_BENCH_PROGRAM";
/// Tells this program, started again, what it is.
const ROLE: &str = "TALLYMAN_BENCH_ROLE";
/// How long anything may take before the bench gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// What runs on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The program itself.
    Program,
    /// The program, with a hub that one of the system's authorities has to vouch for.
    ProgramTls,
    /// A program that opens the store and does nothing else: the yardstick.
    OpensStore,
    /// An agent with a panel of memory.
    WithPanel,
}

/// What this program is to be instead of the bench.
pub enum Role {
    /// [`Kind::OpensStore`].
    OpensStore(PathBuf),
    /// [`Kind::WithPanel`].
    WithPanel(PathBuf),
}

/// The role this process was started in, if any.
pub fn role() -> Option<Role> {
    let role = std::env::var(ROLE).ok()?;
    let (role, path) = role.split_once(' ')?;
    Some(match role {
        "store" => Role::OpensStore(PathBuf::from(path)),
        _ => Role::WithPanel(PathBuf::from(path)),
    })
}

impl Role {
    /// Does it.
    pub fn run(self) -> ExitCode {
        let supervisor = Supervisor::of_this_process();
        let path = match self {
            Self::OpensStore(path) => {
                let _store = SqliteStore::open(&path, Writing::Thread).expect("the store");
                supervisor.is_ready();
                return ExitCode::SUCCESS;
            }
            Self::WithPanel(path) => path,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let config = AgentConfig::load(Some(&path), &|_| None).expect("a configuration");
            let seams = Seams {
                panel: Some(Box::new(|| Ok(Box::new(TellingPanel::new()) as _))),
                ..Seams::of_this_machine().expect("a clock")
            };
            let _agent = Agent::start(config, seams).await.expect("an agent");
            supervisor.is_ready();
            std::future::pending::<()>().await;
        });
        ExitCode::SUCCESS
    }
}

/// One scan that was seen.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// From before its bytes were written to the line until the pixels had changed.
    pub total: Duration,
    /// The commit, as the agent timed it.
    pub commit: Duration,
}

/// A device.
pub struct Device {
    folder: PathBuf,
    /// Where nobody answers.
    hub: String,
    line: ScannerLine,
    running: Option<Child>,
    pixels: Option<Lines<BufReader<ChildStdout>>>,
}

impl Device {
    /// A device with so many cached lines, and out of reach of its hub.
    pub async fn with(folder: &Path, lines: usize) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        // A port that was free a moment ago: whoever asks there is refused at once.
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let hub = listener.local_addr().expect("an address").to_string();
        let device = Self {
            folder: folder.to_owned(),
            hub,
            line: ScannerLine::plug_in().expect("a scanner"),
            running: None,
            pixels: None,
        };
        site::fill(&device.store(), lines).await;
        device
    }

    /// Starts what is wanted, and says how long it took until it was ready.
    pub async fn start(&mut self, kind: Kind) -> Duration {
        self.configure(match kind {
            Kind::ProgramTls => "https",
            _ => "http",
        });
        let told_at = self.folder.join("notify");
        let _ = std::fs::remove_file(&told_at);
        let supervisor = UnixDatagram::bind(&told_at).expect("a socket");
        let itself = std::env::current_exe().expect("this program");
        let mut command = match kind {
            Kind::Program | Kind::ProgramTls => {
                let mut command = Command::new(program());
                command.arg("agent").arg("--config").arg(self.config());
                command
            }
            Kind::OpensStore | Kind::WithPanel => Command::new(itself),
        };
        match kind {
            Kind::OpensStore => command.env(ROLE, format!("store {}", self.store().display())),
            Kind::WithPanel => command.env(ROLE, format!("panel {}", self.config().display())),
            Kind::Program | Kind::ProgramTls => &mut command,
        };
        let log = std::fs::File::create(self.folder.join("log")).expect("a log");
        let stdout = if kind == Kind::WithPanel {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        command
            .env("NOTIFY_SOCKET", &told_at)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(log)
            .kill_on_drop(true);
        let begin = Instant::now();
        let mut child = command.spawn().expect("a process");
        let mut told = [0; 64];
        let ready = tokio::time::timeout(PATIENCE, supervisor.recv(&mut told)).await;
        let length = ready.expect("ready in time").expect("told");
        let took = begin.elapsed();
        assert_eq!(&told[..length], b"READY=1");
        self.pixels = child.stdout.take().map(|out| BufReader::new(out).lines());
        self.running = Some(child);
        took
    }

    /// Ends what runs.
    pub async fn stop(&mut self) {
        let Some(mut child) = self.running.take() else {
            return;
        };
        let id = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(id) = id {
            // One that has ended by itself needs no signal.
            let _ = kill_process(id, Signal::TERM);
        }
        tokio::time::timeout(PATIENCE, child.wait())
            .await
            .expect("it ends in time")
            .expect("it ends");
    }

    /// Opens the task, unless that is done, and scans so many pieces.
    pub async fn work(&mut self, scans: usize) {
        self.open_task().await;
        for number in 0..scans {
            let last = self.last_seq();
            self.line.send(scanned(number).as_bytes()).expect("scanned");
            self.until("the scan counts", |client| seq_of(client) > last)
                .await;
        }
    }

    /// Opens the task and scans; says when the pixels of each scan had changed.
    pub async fn watch_pixels(&mut self, scans: usize) -> Vec<Seen> {
        self.open_task().await;
        let mut seen = Vec::with_capacity(scans);
        for number in 0..scans {
            // What was under way: the answer before, and the bar.
            while self.next_pixels(Duration::from_millis(20)).await.is_some() {}
            let begin = panel::now();
            self.line.send(scanned(number).as_bytes()).expect("scanned");
            let changed = self.next_pixels(PATIENCE).await.expect("pixels change");
            let commit_us = self.client().status().expect("a status").store.last_commit_us;
            seen.push(Seen {
                total: changed.saturating_sub(begin),
                commit: Duration::from_micros(commit_us),
            });
        }
        seen
    }

    async fn next_pixels(&mut self, patience: Duration) -> Option<Duration> {
        let lines = self.pixels.as_mut().expect("a panel");
        let line = tokio::time::timeout(patience, lines.next_line()).await.ok()?;
        let line = line.expect("readable").expect("it still runs");
        let (ns, _pixels) = line.split_once(' ').expect("two numbers");
        Some(Duration::from_nanos(ns.parse().expect("nanoseconds")))
    }

    async fn open_task(&mut self) {
        self.until("a screen", |client| {
            !client.view().expect("a view").title.is_empty()
        })
        .await;
        let open = |client: &mut ControlClient| client.status().expect("a status").task.is_some();
        if !open(&mut self.client()) {
            self.line
                .send(format!("]C0{LAST}\r").as_bytes())
                .expect("scanned");
            self.until("the task opens", open).await;
        }
    }

    fn last_seq(&self) -> u64 {
        seq_of(&mut self.client())
    }

    /// Looks again and again until it holds.
    async fn until(&self, what: &str, mut holds: impl FnMut(&mut ControlClient) -> bool) {
        let begin = Instant::now();
        let mut client = self.client();
        while !holds(&mut client) {
            assert!(begin.elapsed() < PATIENCE, "{what}");
            tokio::task::yield_now().await;
        }
    }

    fn client(&self) -> ControlClient {
        ControlClient::connect(&self.folder.join("agent.sock")).expect("the agent listens")
    }

    /// The process that runs.
    pub fn process(&self) -> u32 {
        let running = self.running.as_ref().expect("it runs");
        running.id().expect("it has not ended")
    }

    /// What it has in memory.
    pub fn memory(&self) -> Memory {
        Memory::of(self.process())
    }

    /// Bytes of its store.
    pub fn store_bytes(&self) -> u64 {
        self.store().metadata().expect("a store").len()
    }

    fn store(&self) -> PathBuf {
        self.folder.join("agent.db")
    }

    fn config(&self) -> PathBuf {
        self.folder.join("agent.toml")
    }

    /// Writes the configuration: only what differs from the shipped one.
    fn configure(&self, scheme: &str) {
        let quoted = |path: &Path| json!(path.to_string_lossy()).to_string();
        // JSON strings are TOML strings.
        let text = format!(
            "name = \"bench\"\n\
             [hub]\nurl = {}\n\
             [store]\npath = {}\nfree_mib_min = 0\n\
             [control]\nsocket = {}\n\
             [screen]\nwidth = {}\nheight = {}\n\
             [intake]\nduplicate_ms = 0\n\
             [[device]]\nname = \"scanner\"\ndriver = \"plain_text\"\n\
             link = {{ serial = {{ path = {} }} }}\nsettings = {{ suffix = \"cr\" }}\n",
            json!(format!("{scheme}://{}", self.hub)),
            quoted(&self.store()),
            quoted(&self.folder.join("agent.sock")),
            panel::WIDTH,
            panel::HEIGHT,
            quoted(self.line.path()),
        );
        std::fs::write(self.config(), text).expect("a configuration");
    }
}

fn seq_of(client: &mut ControlClient) -> u64 {
    client.status().expect("a status").outbox.last_seq
}

/// The program of a handheld: `cargo build --release --no-default-features` puts it two folders above the benches.
fn program() -> PathBuf {
    let beside = || {
        let itself = std::env::current_exe().expect("this program");
        let folder = itself.ancestors().nth(2).expect("a folder");
        folder.join("tallyman")
    };
    std::env::var_os(PROGRAM).map_or_else(beside, PathBuf::from)
}
