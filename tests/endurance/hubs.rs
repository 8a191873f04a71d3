//! Hubs as real processes: one on a file, or two on one database. They are killed, started again, and put back from a
//! backup.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tallyman_hub::import::{ImportFile, ImportFormat};
use tallyman_hub::{Hub, HubConfig, ImportKind, Seams};
use tallyman_platform::config::Secret;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::database::Database;
use super::work::{self, Work};

/// How long a hub may take to be ready, with its database being restarted meanwhile.
const PATIENCE: Duration = Duration::from_secs(120);

/// Time between two starts of a hub that cannot start, as whoever supervises it would wait.
const START_AGAIN: Duration = Duration::from_millis(50);

/// The site of the shipped configuration.
const SITE: &str = "main";

/// The configuration: everything else is as shipped. Virtual operators are quicker than people, and all devices have one
/// address.
const CONFIG: &str = "\
listen = \"127.0.0.1:0\"
store = \"hub.db\"
[backups]
interval_minutes = 1
[limits]
tries_per_minute = 10000
challenges_per_minute = 100000
device_requests_per_minute = 100000
[log]
level = \"warn\"
";

/// Where the ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ledger {
    /// In a file, with one hub.
    File,
    /// In a database, with two hubs.
    Database,
}

/// The hubs of one run.
pub struct Hubs {
    folder: PathBuf,
    database: Option<Database>,
    running: Vec<HubProcess>,
    /// The copy that a restore puts back.
    backup: Option<PathBuf>,
}

/// One hub.
struct HubProcess {
    child: Child,
    address: SocketAddr,
}

impl Hubs {
    /// Fills the ledger and starts the hubs. Gives a one-time code for each device.
    pub async fn open(ledger: Ledger, folder: &Path, plan: &[Work]) -> (Self, Vec<String>) {
        std::fs::create_dir(folder).expect("a folder");
        std::fs::write(folder.join("hub.toml"), CONFIG).expect("a configuration");
        let database = (ledger == Ledger::Database).then(Database::new);
        let codes = fill(folder, database.as_ref(), plan).await;
        let mut hubs = Self {
            folder: folder.to_path_buf(),
            database,
            running: Vec::new(),
            backup: None,
        };
        hubs.start_all().await;
        (hubs, codes)
    }

    /// Starts the hubs, at first or after [`Hubs::stop`].
    pub async fn start_all(&mut self) {
        for _ in 0..self.processes() {
            let hub = self.start(false).await;
            self.running.push(hub);
        }
    }

    fn processes(&self) -> usize {
        if self.database.is_some() { 2 } else { 1 }
    }

    /// Where they listen.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.running.iter().map(|hub| hub.address).collect()
    }

    /// The database; `None` where the ledger is in a file.
    pub const fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// The file of the ledger.
    pub fn store(&self) -> PathBuf {
        self.folder.join("hub.db")
    }

    /// Kills the first of the hubs without a warning, and starts it again.
    pub async fn kill_one(&mut self) {
        self.all_live();
        let mut killed = self.running.remove(0);
        killed.child.kill().await.expect("killed");
        let hub = self.start(false).await;
        self.running.insert(0, hub);
    }

    /// A hub only ends when it is told to.
    fn all_live(&mut self) {
        for hub in &mut self.running {
            let ended = hub.child.try_wait().expect("a state");
            assert!(
                ended.is_none(),
                "a hub ended by itself: {ended:?}\n{}",
                log(&self.folder)
            );
        }
    }

    /// Makes a backup beside the running hubs, by the means that the documents name.
    pub async fn back_up(&mut self) {
        let backup = match &self.database {
            Some(database) => database.back_up().await,
            None => {
                let copies = self.folder.join("copies");
                std::fs::create_dir_all(&copies).expect("a folder");
                let to = copies.to_string_lossy().into_owned();
                let output = self.run(&["backup", "--store", "hub.db", "--to", &to]).await;
                assert!(output.status.success(), "{}", said(&output));
                let found = std::fs::read_dir(&copies).expect("a folder").flatten();
                found
                    .map(|entry| entry.path())
                    .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
                    .max()
                    .expect("a copy")
            }
        };
        self.backup = Some(backup);
    }

    /// The machine of the ledger is lost: the hubs are killed, and everything is put back from the last backup.
    pub async fn restore(&mut self) {
        self.all_live();
        for mut hub in self.running.drain(..) {
            hub.child.kill().await.expect("killed");
        }
        let backup = self.backup.clone().expect("a backup was made before");
        match &self.database {
            Some(database) => database.put_back(&backup).await,
            None => {
                for name in ["hub.db", "hub.db-wal", "hub.db-shm"] {
                    let _ = std::fs::remove_file(self.folder.join(name));
                }
                std::fs::copy(&backup, self.store()).expect("put back");
            }
        }
        for number in 0..self.processes() {
            // A copy that a hub made says so by itself; a copy of a database's files has to be told of, once.
            let hub = self.start(self.database.is_some() && number == 0).await;
            self.running.push(hub);
        }
    }

    /// Ends the hubs in an orderly way.
    pub async fn stop(&mut self) {
        self.all_live();
        for mut hub in self.running.drain(..) {
            let id = hub.child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
            kill_process(id.expect("it runs"), Signal::TERM).expect("told to end");
            let ended = tokio::time::timeout(PATIENCE, hub.child.wait()).await;
            let status = ended.expect("the hub ends").expect("a status");
            assert!(status.success(), "{status}\n{}", log(&self.folder));
        }
    }

    /// The hub's own check of its ledger.
    pub fn verify(&self) {
        let mut command = self.command().into_std();
        let output = command
            .args(["verify", "--config", "hub.toml"])
            .output()
            .expect("it runs");
        println!("{}", String::from_utf8_lossy(&output.stdout).trim_end());
        assert!(output.status.success(), "{}", said(&output));
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tallyman"));
        command
            .current_dir(&self.folder)
            .env("XDG_STATE_HOME", &self.folder)
            .env("XDG_RUNTIME_DIR", &self.folder)
            .kill_on_drop(true);
        if let Some(database) = &self.database {
            command.env("TALLYMAN_HUB_DATABASE", database.url());
        }
        command
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().await.expect("it runs")
    }

    /// Starts a hub, again and again while its database is away.
    async fn start(&self, restored: bool) -> HubProcess {
        let starting = async {
            loop {
                if let Some(hub) = self.try_start(restored).await {
                    return hub;
                }
                tokio::time::sleep(START_AGAIN).await;
            }
        };
        let started = tokio::time::timeout(PATIENCE, starting).await;
        started.unwrap_or_else(|_| panic!("no hub starts. It said:\n{}", log(&self.folder)))
    }

    async fn try_start(&self, restored: bool) -> Option<HubProcess> {
        let mut child = self
            .command()
            .args(["hub", "--config", "hub.toml"])
            .args(restored.then_some("--restored"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a hub");
        let mut lines = BufReader::new(child.stderr.take().expect("its standard error")).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some((_, rest)) = line.split_once("The hub is ready: http://") {
                let address = rest.trim_end_matches('/').parse().expect("an address");
                let folder = self.folder.clone();
                // Whoever reads nothing would stop it at last.
                tokio::spawn(async move {
                    while let Ok(Some(line)) = lines.next_line().await {
                        note(&folder, &line);
                    }
                });
                return Some(HubProcess { child, address });
            }
            note(&self.folder, &line);
        }
        assert!(self.database.is_some(), "the hub ended:\n{}", log(&self.folder));
        None
    }
}

/// Imports what there is to do, and makes the codes, without a process.
async fn fill(folder: &Path, database: Option<&Database>, plan: &[Work]) -> Vec<String> {
    let mut config = HubConfig::default();
    config.limits.enrolment_code_minutes = 600;
    if let Some(database) = database {
        config.database.url = Secret::new(database.url());
    }
    let seams = Seams::real().expect("clock and chance");
    let hub = Hub::open(config, &folder.join("hub.db"), seams)
        .await
        .expect("a hub");
    for (kind, text) in [
        (ImportKind::Items, work::items()),
        (ImportKind::Locations, work::locations(plan)),
        (ImportKind::Stock, work::stock(plan)),
        (ImportKind::Tasks, work::tasks(plan)),
    ] {
        let file = ImportFile {
            name: "endurance.csv",
            format: ImportFormat::Csv,
            content: text.as_bytes(),
        };
        hub.import(SITE, kind, &file).await.expect("imported");
    }
    let mut codes = Vec::new();
    for work in plan {
        codes.push(hub.create_enrolment_code(SITE, &work.name).await.expect("a code"));
    }
    codes
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn note(folder: &Path, line: &str) {
    use std::io::Write as _;
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("hub.log"));
    if let Ok(mut log) = log {
        let _ = writeln!(log, "{line}");
    }
}

/// The end of what hubs said.
fn log(folder: &Path) -> String {
    let log = std::fs::read_to_string(folder.join("hub.log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().rev().take(20).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
