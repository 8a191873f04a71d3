//! The house of a story: a real hub, and devices that are real processes with virtual scanners, on loopback.
//!
//! A story says what is scanned and pressed and what must be answered, and looks at the ledger at the end. Every house
//! is checked when it closes: nothing lost, nothing doubled, everything balanced.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tallyman_floor::Quantity;
use tallyman_hub::import::{ImportFile, ImportFormat};
use tallyman_hub::ledger::views::{ExceptionFilter, TaskFilter};
use tallyman_hub::{Hub, HubConfig, ImportKind, Seams};
use tallyman_sim::checker::{self, Witness};
use tallyman_sim::heard::{Heard, Screen, Sound};
use tallyman_sim::network::Network;
use tallyman_sim::plugged::ScannerState;
use tallyman_sim::scanner::ScannerKind;
use tallyman_sim::station::{SCANNER, Station, StationPlan};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The site of every story: the one of the shipped configuration.
pub const SITE: &str = "main";

/// What the stories' warehouse stocks. GS1 keeps the prefix 952 for examples.
const ITEMS: &str = "item,name,unit,code,code_unit,pack,lot,expiry
BOLT,Hex bolt M8,each,9521101530001,each,1,,
BOLT,,,19521101530008,case,12,,
NUT,Hex nut M8,each,9521101530018,each,1,,
MILK,Whole milk 1 l,each,9521101530025,each,1,yes,yes
";
const LOCATIONS: &str = "location,zone\nA-01,Aisle A\nA-02,Aisle A\nA-03,Aisle A\nDOCK-1,Docks\n";
const STOCK: &str = "location,item,quantity\nA-01,BOLT,20\nA-02,NUT,20\n";
const TASKS: &str = "task,kind,reference,dock,line,item,quantity,location
R-1,receive,PO-1,DOCK-1,1,BOLT,13,
R-1,,,,2,MILK,2,
P-1,pick,SO-1,,1,BOLT,2,A-01
P-1,,,,2,NUT,3,A-02
C-1,count,CS-1,,1,,,A-01
C-1,,,,2,,,A-02
";

/// Labels, as the scanner sends them.
pub const BOLT: &str = "]E09521101530001";
pub const BOLT_CASE: &str = "]C10119521101530008";
pub const NUT: &str = "]E09521101530018";
pub const MILK: &str = "]E09521101530025";
pub const MILK_WITH_LOT: &str = "]C1010952110153002517291231\u{1d}10L42";

/// A hub with its network and its devices.
pub struct House {
    hub: Hub,
    folder: TempDir,
    network: Network,
    _serving: DropGuard,
}

impl House {
    /// Opens a hub with the stories' items, places, stock and tasks.
    pub async fn open() -> Self {
        Self::open_with(HubConfig::default()).await
    }

    /// The same with a hub that is configured otherwise.
    pub async fn open_with(config: HubConfig) -> Self {
        let folder = tempfile::Builder::new().prefix("tm").tempdir().expect("a folder");
        let seams = Seams::real().expect("clock and chance");
        let store = folder.path().join("hub.db");
        let hub = Hub::open(config, &store, seams).await.expect("a hub");
        for (kind, text) in [
            (ImportKind::Items, ITEMS),
            (ImportKind::Locations, LOCATIONS),
            (ImportKind::Stock, STOCK),
            (ImportKind::Tasks, TASKS),
        ] {
            import(&hub, kind, text).await;
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let serving = hub.clone();
        let stopped = stop.clone();
        tokio::spawn(async move { serving.serve(listener, stopped).await });
        let network = Network::open(address).await.expect("a network");
        Self {
            hub,
            folder,
            network,
            _serving: stop.drop_guard(),
        }
    }

    /// Imports more tasks, or other revisions of known ones.
    pub async fn plan(&self, tasks: &str) {
        import(&self.hub, ImportKind::Tasks, tasks).await;
    }

    /// Imports another file, as stock or reasons.
    pub async fn import(&self, kind: ImportKind, text: &str) {
        import(&self.hub, kind, text).await;
    }

    /// The network between hub and devices.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// The hub itself.
    pub const fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The hub's store.
    pub fn store_path(&self) -> PathBuf {
        self.folder.path().join("hub.db")
    }

    /// A new device, enrolled and with the tasks on it.
    pub async fn device(&self, name: &str) -> Worker {
        self.device_with(name, program()).await
    }

    /// The same with another program, for stories that look over the agent's shoulder.
    pub async fn device_with(&self, name: &str, program: PathBuf) -> Worker {
        self.device_at(name, program, self.network.address()).await
    }

    /// The same with a hub at another address, for stories in which somebody else answers in its place.
    pub async fn device_at(&self, name: &str, program: PathBuf, hub: SocketAddr) -> Worker {
        self.start(name, program, hub, ScannerKind::Text, "").await
    }

    /// A new device with more in its configuration, as an RFID reader; `{folder}` in it stands for the device's folder.
    pub async fn device_with_more(&self, name: &str, more: &str) -> Worker {
        let (program, hub) = (program(), self.network.address());
        self.start(name, program, hub, ScannerKind::Text, more).await
    }

    /// The folder of a device.
    pub fn folder_of(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    /// A device that knows no hub yet, on its first screen.
    pub async fn bare_device(&self, name: &str) -> Worker {
        let plan = StationPlan {
            program: program(),
            folder: self.folder.path().join(name),
            name: name.to_owned(),
            hub_url: String::new(),
            enrolment_code: String::new(),
            screen: (480, 800),
            duplicate_ms: 0,
            scanner: ScannerKind::Text,
            more: String::new(),
        };
        let station = Station::start(plan).await.expect("an agent");
        let is_first = |screen: &Screen| screen.as_text().contains("Scan the set-up code");
        let first = station.screen_that("the first screen", is_first).await;
        first.expect("a first screen");
        Worker {
            heard: station.listen(),
            station,
        }
    }

    /// A new device with a scanner that must be set up. It is when this returns.
    pub async fn device_with_scanner(&self, name: &str, scanner: ScannerKind) -> Worker {
        let worker = self
            .start(name, program(), self.network.address(), scanner, "")
            .await;
        let is_set_up = |scanner: &ScannerState| scanner.is_set_up;
        let waited = worker.station.scanner_that("the set-up", is_set_up).await;
        waited.expect("a scanner that is set up");
        worker
    }

    async fn start(
        &self,
        name: &str,
        program: PathBuf,
        hub: SocketAddr,
        scanner: ScannerKind,
        more: &str,
    ) -> Worker {
        let folder = self.folder.path().join(name);
        let more = more.replace("{folder}", &folder.to_string_lossy());
        let code = self.hub.create_enrolment_code(SITE, name).await.expect("a code");
        let plan = StationPlan {
            program,
            folder,
            name: name.to_owned(),
            hub_url: format!("http://{hub}"),
            enrolment_code: code,
            screen: (480, 800),
            // Stories pull the trigger faster than people do.
            duplicate_ms: 0,
            scanner,
            more,
        };
        let station = Station::start(plan).await.expect("an agent");
        let has_tasks = |screen: &Screen| lists(screen, "SO-1");
        station
            .screen_that("the task list", has_tasks)
            .await
            .expect("tasks");
        Worker {
            heard: station.listen(),
            station,
        }
    }

    /// Waits until nothing waits on these devices any more.
    pub async fn synced(&self, workers: &[&Worker]) {
        for worker in workers {
            while worker.station.waiting().await.expect("a status") > 0 {
                tokio::task::yield_now().await;
            }
        }
    }

    /// What the ledger says lies in a place, in pieces by item; nothing is left out and nothing is nought.
    pub async fn stock(&self, account: &str, place: &str) -> BTreeMap<String, Quantity> {
        let snapshot = self.hub.ledger_snapshot().await.expect("a snapshot");
        let mut found = BTreeMap::new();
        for row in snapshot.balances {
            if row.account == account && row.place == place && row.quantity_micro != 0 {
                *found.entry(row.item).or_insert(Quantity::ZERO) += Quantity::from_micro(row.quantity_micro);
            }
        }
        found
    }

    /// What lies in the places of the site with this stock status, in pieces by item.
    pub async fn stock_of_status(&self, status: &str) -> BTreeMap<String, Quantity> {
        let snapshot = self.hub.ledger_snapshot().await.expect("a snapshot");
        let mut found = BTreeMap::new();
        for row in snapshot.balances {
            if row.account == "location" && row.status == status && row.quantity_micro != 0 {
                *found.entry(row.item).or_insert(Quantity::ZERO) += Quantity::from_micro(row.quantity_micro);
            }
        }
        found
    }

    /// How a task stands at the hub: `open`, `done` or `cancelled`.
    pub async fn task_state(&self, task: &str) -> String {
        let found = self.hub.ledger().task(SITE.to_owned(), task.to_owned()).await;
        let found = found.expect("a ledger").expect("the task");
        found.summary.state
    }

    /// Kind and state of the tasks that were begun on the floor.
    pub async fn begun_tasks(&self) -> Vec<(String, String)> {
        let tasks = self
            .hub
            .ledger()
            .tasks(SITE.to_owned(), TaskFilter::default())
            .await;
        let planned = |task: &str| task.split('-').count() == 2;
        let begun = tasks
            .expect("tasks")
            .into_iter()
            .filter(|task| !planned(&task.task));
        begun.map(|task| (task.kind, task.state)).collect()
    }

    /// The kinds of the open exceptions, in alphabetical order.
    pub async fn open_exceptions(&self) -> Vec<String> {
        let filter = ExceptionFilter {
            state: Some("open".to_owned()),
            kind: None,
        };
        let found = self
            .hub
            .ledger()
            .exceptions(SITE.to_owned(), filter)
            .await
            .expect("exceptions");
        let mut kinds: Vec<String> = found.into_iter().map(|exception| exception.kind).collect();
        kinds.sort();
        kinds
    }

    /// Closes the house: the devices' outboxes are empty, and the independent check and the hub's own hold.
    pub async fn close(self, workers: Vec<Worker>) {
        self.synced(&workers.iter().collect::<Vec<_>>()).await;
        let proof = self.hub.verify().await.expect("a proof");
        assert!(proof.holds(), "the hub's own check: {:?}", proof.findings);
        let mut witnesses = Vec::new();
        for mut worker in workers {
            worker.station.stop().await.expect("an orderly end");
            witnesses.push(Witness {
                name: worker.station.name().to_owned(),
                store: worker.station.store_path(),
                sounded: worker.station.sounded(),
                ..Witness::default()
            });
        }
        let findings = checker::check(&self.folder.path().join("hub.db"), &witnesses).expect("checked");
        assert!(findings.hold(), "the independent check: {findings:#?}");
    }
}

/// Whether the list of tasks on the screen offers this document.
pub fn lists(screen: &Screen, reference: &str) -> bool {
    let offered = screen.question.iter().flat_map(|question| &question.choices);
    offered.into_iter().any(|choice| choice.label.contains(reference))
}

/// The program under test.
pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_tallyman"))
}

/// The program with a library of tests/stories preloaded, which is told things by environment variables.
pub fn preloaded_program(folder: &Path, library: &str, variables: &[(&str, &Path)]) -> PathBuf {
    let built = folder.join(library).with_extension("so");
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stories")).join(library);
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"])
        .args([built.as_os_str(), source.as_ref(), "-ldl".as_ref()])
        .status()
        .expect("a C compiler");
    assert!(status.success(), "{library} does not build");
    let mut text = format!("#!/bin/sh\nexport LD_PRELOAD='{}'\n", built.display());
    for (name, value) in variables {
        text.push_str(&format!("export {name}='{}'\n", value.display()));
    }
    text.push_str(&format!("exec '{}' \"$@\"\n", program().display()));
    let script = built.with_extension("sh");
    std::fs::write(&script, text).expect("a script");
    let runnable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, runnable).expect("a runnable script");
    script
}

async fn import(hub: &Hub, kind: ImportKind, text: &str) {
    let file = ImportFile {
        name: "story.csv",
        format: ImportFormat::Csv,
        content: text.as_bytes(),
    };
    if let Err(error) = hub.import(SITE, kind, &file).await {
        panic!("{}: {error}", kind.word());
    }
}

/// A worker with a device in the hand.
pub struct Worker {
    pub station: Station,
    heard: broadcast::Receiver<Heard>,
}

impl Worker {
    /// Scans, and gives the verdict's word: `accept`, `go`, `ask`, `reject`.
    pub async fn scan(&mut self, code: &str) -> String {
        self.station.scan(code).expect("the scanner is plugged in");
        self.next_sound(true).await.verdict
    }

    /// Scans, and waits so long for the answer.
    pub async fn scan_within(&mut self, code: &str, patience: Duration) -> Option<String> {
        self.station.scan(code).expect("the scanner is plugged in");
        let sound = tokio::time::timeout(patience, self.next_sound(true)).await;
        sound.ok().map(|sound| sound.verdict)
    }

    /// The answer to a code that the scanner sends by itself.
    pub async fn next_verdict(&mut self) -> String {
        self.next_sound(true).await.verdict
    }

    /// The answers that were heard and not waited for: the battery was out first.
    pub fn heard_meanwhile(&mut self) -> Vec<String> {
        let heard = std::iter::from_fn(|| self.heard.try_recv().ok());
        heard
            .filter_map(|heard| match heard {
                Heard::Sound(sound) => Some(sound.verdict),
                _ => None,
            })
            .collect()
    }

    /// Presses a key that is answered, and gives the verdict's word.
    pub async fn press(&mut self, key: &str) -> String {
        self.station.press(key).await.expect("the key arrives");
        self.next_sound(false).await.verdict
    }

    /// Presses keys that make no sound, as digits.
    pub async fn types(&mut self, keys: &str) {
        for key in keys.chars() {
            self.station
                .press(&key.to_string())
                .await
                .expect("the key arrives");
        }
    }

    /// Scans code after code, each of which must be answered by this verdict.
    pub async fn scans(&mut self, codes: &[&str], verdict: &str) {
        for code in codes {
            assert_eq!(
                self.scan(code).await,
                verdict,
                "{code}; {}",
                self.station.screen().as_text()
            );
        }
    }

    /// Listens again to an agent that has started anew by itself.
    pub async fn listen_again(&mut self) {
        self.station.listen_again().await.expect("an agent");
        self.heard = self.station.listen();
    }

    /// Saves what the screen shows in the folder that `TALLYMAN_PICTURES` names, for the documents; without it nothing.
    pub async fn picture(&self, name: &str) {
        if let Some(folder) = std::env::var_os("TALLYMAN_PICTURES") {
            let png = self.station.shot().await.expect("a picture");
            std::fs::write(PathBuf::from(folder).join(format!("{name}.png")), png).expect("saved");
        }
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        self.station.screen().as_text()
    }

    /// The next answer to a scan or to a key. Sounds that answer neither, as news of the hub and the clicks of an RFID reader, are
    /// passed over.
    async fn next_sound(&mut self, to_scan: bool) -> Sound {
        loop {
            let sound = self.station.next_sound(&mut self.heard).await.expect("an answer");
            let wanted = to_scan.then_some(SCANNER);
            if sound.device.as_deref() == wanted && sound.verdict != "tag" {
                return sound;
            }
        }
    }
}

/// Whole pieces by item, to compare stock with.
pub fn pieces(expected: &[(&str, i64)]) -> BTreeMap<String, Quantity> {
    let quantity = |count| Quantity::whole(count).expect("a small number");
    expected
        .iter()
        .map(|(item, count)| ((*item).to_owned(), quantity(*count)))
        .collect()
}
