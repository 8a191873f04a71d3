//! A day of one device, recorded: counting and picking online and offline, marks, a backup of the hub, a week that
//! passes and rows that are forgotten, a full disk, a pulled battery, a hub that was restored from too old a backup,
//! and an orderly end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OpenFlags};
use tallyman_hub::import::{ImportFile, ImportKind};
use tallyman_hub::{Hub, HubConfig, Seams};
use tallyman_platform::clock::{Boottime, Clock, SystemClock};
use tallyman_sim::heard::{Heard, Screen};
use tallyman_sim::network::Network;
use tallyman_sim::scanner::ScannerKind;
use tallyman_sim::station::{Station, StationPlan};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::agent::AgentStore;
use super::explorer::Subject as _;
use super::program::{Recorder, assert_complete, folder, recorded_program};
use super::trace::{self, Record};

const ITEMS: &str = "item,name,unit,code,code_unit,pack\nBOLT,Hex bolt M8,each,9521101530001,each,1\n\
                     NUT,Hex nut M8,each,9521101530018,each,1\n";
const LOCATIONS: &str = "location,zone\nA-01,Aisle A\nA-02,Aisle A\n";
const TASKS: &str = "task,kind,reference,dock,line,item,quantity,location\nP-1,pick,SO-1,,1,BOLT,20,A-01\n";
const BOLT: &str = "]E09521101530001";
const NUT: &str = "]E09521101530018";

/// The hub's clock, which can be put forward by days.
struct MovedClock {
    real: SystemClock,
    days: AtomicI64,
}

impl Clock for MovedClock {
    fn now(&self) -> Boottime {
        self.real.now()
    }

    fn wall(&self) -> Timestamp {
        let moved = SignedDuration::from_hours(24 * self.days.load(Ordering::Relaxed));
        self.real.wall().saturating_add(moved).expect("a date")
    }

    fn boot_id(&self) -> &str {
        self.real.boot_id()
    }
}

/// A hub that can lose its disk and start from a backup, at the same address.
struct RestorableHub {
    folder: PathBuf,
    address: SocketAddr,
    clock: Arc<MovedClock>,
    running: Option<(
        Hub,
        CancellationToken,
        tokio::task::JoinHandle<std::io::Result<()>>,
    )>,
}

impl RestorableHub {
    async fn open(folder: PathBuf, counts: u64) -> Self {
        std::fs::create_dir(&folder).expect("a folder");
        let clock = MovedClock {
            real: SystemClock::new().expect("a clock"),
            days: AtomicI64::new(0),
        };
        let mut hub = Self {
            folder,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            clock: Arc::new(clock),
            running: None,
        };
        hub.start().await;
        let counts = (1..=counts).map(|number| format!("C-{number},count,CS-{number},,1,,,A-01\n"));
        let tasks = format!("{TASKS}{}", counts.collect::<String>());
        for (kind, text) in [
            (ImportKind::Items, ITEMS),
            (ImportKind::Locations, LOCATIONS),
            (ImportKind::Tasks, &tasks),
        ] {
            let file = ImportFile::named("day.csv", text.as_bytes());
            hub.hub().import("main", kind, &file).await.expect("imported");
        }
        hub
    }

    async fn start(&mut self) {
        let seams = Seams {
            clock: Arc::<MovedClock>::clone(&self.clock),
            ..Seams::real().expect("seams")
        };
        let hub = Hub::open(HubConfig::default(), &self.folder.join("hub.db"), seams)
            .await
            .expect("a hub");
        let listener = TcpListener::bind(self.address).await.expect("the address");
        self.address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let serving = tokio::spawn({
            let (hub, stop) = (hub.clone(), stop.clone());
            async move { hub.serve(listener, stop).await }
        });
        self.running = Some((hub, stop, serving));
    }

    fn hub(&self) -> &Hub {
        &self.running.as_ref().expect("a hub").0
    }

    /// How far it has the device's journal, in the epoch it expects.
    async fn applied(&self) -> u64 {
        let devices = self
            .hub()
            .ledger()
            .devices("main".to_owned())
            .await
            .expect("devices");
        devices.first().map_or(0, |device| device.applied_seq)
    }

    /// Until it expects another epoch than the first.
    async fn expects_another_epoch(&self) {
        let epoch = async || {
            let devices = self
                .hub()
                .ledger()
                .devices("main".to_owned())
                .await
                .expect("devices");
            devices.first().map_or(0, |device| device.epoch)
        };
        while epoch().await < 2 {
            tokio::task::yield_now().await;
        }
    }

    async fn back_up(&self) -> PathBuf {
        let backup = self.hub().back_up().await.expect("a backup");
        backup.expect("backups are on").file
    }

    async fn lose_disk_and_restore(&mut self, backup: &Path) {
        let (hub, stop, serving) = self.running.take().expect("a hub");
        stop.cancel();
        serving.await.expect("an end").expect("an orderly end");
        drop(hub);
        for name in ["hub.db", "hub.db-wal", "hub.db-shm"] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
        std::fs::copy(backup, self.folder.join("hub.db")).expect("restored");
        self.start().await;
    }
}

/// The device and who holds it.
struct Holder {
    station: Station,
    heard: broadcast::Receiver<Heard>,
}

impl Holder {
    async fn answer(&mut self, wanted: &str, asked: &str, to_scan: bool) {
        loop {
            let sound = self.station.next_sound(&mut self.heard).await.expect("an answer");
            if sound.device.is_some() == to_scan {
                assert_eq!(
                    sound.verdict,
                    wanted,
                    "{asked}: {}",
                    self.station.screen().as_text()
                );
                return;
            }
        }
    }

    async fn scans(&mut self, code: &str, times: usize, verdict: &str) {
        for _ in 0..times {
            self.station.scan(code).expect("the scanner is plugged in");
            self.answer(verdict, code, true).await;
        }
    }

    async fn presses(&mut self, key: &str, verdict: &str) {
        self.station.press(key).await.expect("pressed");
        self.answer(verdict, key, false).await;
    }

    /// Until the hub has everything. The hub is asked and not the device, whose answers would fill the recording.
    async fn synced(&self, hub: &RestorableHub) {
        let last = self.station.last_seq().await.expect("a status");
        while hub.applied().await < last {
            tokio::task::yield_now().await;
        }
    }

    /// Until so many rows of the journal's beginning are forgotten.
    async fn forgot_more_than(&self, seq: u64) {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        loop {
            let store = Connection::open_with_flags(self.station.store_path(), flags).expect("the store");
            let first: u64 = store
                .query_row("SELECT min(seq) FROM journal", [], |row| row.get(0))
                .expect("a journal");
            if first > seq {
                return;
            }
            drop(store);
            tokio::task::yield_now().await;
        }
    }
}

/// Records so many days: about 120 scans each.
pub async fn record(rounds: u64) -> Vec<Record> {
    let place = folder();
    let (tools, device) = (place.path().join("t"), place.path().join("d"));
    std::fs::create_dir(&tools).expect("a folder");
    std::fs::create_dir(&device).expect("a folder");
    let record = place.path().join("record");
    let disk = tools.join("disk");
    let program = recorded_program(&Recorder {
        tools: &tools,
        recorded: &device,
        record: &record,
        // A quiet half minute, in which the store is tidied, is a second.
        haste: 30,
        libraries: &["tests/stories/bad_disk.c"],
        variables: &[("TALLYMAN_BAD_DISK", &disk)],
    });
    let mut hub = RestorableHub::open(place.path().join("h"), rounds).await;
    let network = Network::open(hub.address).await.expect("a network");
    let code = hub
        .hub()
        .create_enrolment_code("main", "handheld")
        .await
        .expect("a code");
    let plan = StationPlan {
        program: program.clone(),
        folder: device.clone(),
        name: "handheld".to_owned(),
        hub_url: format!("http://{}", network.address()),
        enrolment_code: code,
        screen: (480, 800),
        duplicate_ms: 0,
        scanner: ScannerKind::Text,
        more: String::new(),
    };
    let station = Station::start(plan).await.expect("an agent");
    let are_there = |screen: &Screen| {
        let mut offered = screen.question.iter().flat_map(|question| &question.choices);
        offered.any(|choice| choice.label.contains("SO-1"))
    };
    station.screen_that("the tasks", are_there).await.expect("tasks");
    let mut holder = Holder {
        heard: station.listen(),
        station,
    };
    let first_backup = hub.back_up().await;
    for round in 1..=rounds {
        holder.scans(&format!("]C0CS-{round}"), 1, "go").await;
        work(&mut holder, &network, &hub, &disk).await;
    }
    restore(&mut holder, &mut hub, &first_backup).await;
    holder.station.stop().await.expect("an orderly end");
    // Once more with a log that is not copied into the file, which is then set aside.
    holder.station.restart().await.expect("started again");
    holder.scans(BOLT, 3, "accept").await;
    holder.station.kill().await.expect("killed");
    let set_aside = tokio::process::Command::new(&program)
        .args(["agent", "--set-store-aside", "--config"])
        .arg(device.join("agent.toml"))
        .output();
    let set_aside = set_aside.await.expect("a process");
    assert!(set_aside.status.success(), "{set_aside:?}");
    let records = trace::load(&record);
    assert_complete(&records, &device, AgentStore::is_followed);
    records
}

async fn work(holder: &mut Holder, network: &Network, hub: &RestorableHub, disk: &Path) {
    holder.scans("]C0LOC-A-01", 1, "go").await;
    holder.scans(BOLT, 40, "accept").await;
    holder.synced(hub).await;
    hub.back_up().await;
    // Offline, with things taken back.
    network.cut();
    holder.scans(NUT, 30, "accept").await;
    holder.presses("undo", "accept").await;
    holder.scans(BOLT, 10, "accept").await;
    network.mend();
    holder.synced(hub).await;
    // A disk that is full counts nothing, and has room again.
    let last = holder.station.last_seq().await.expect("a status");
    std::fs::write(disk.with_extension("full"), "").expect("full");
    holder.scans(BOLT, 3, "failed").await;
    std::fs::remove_file(disk.with_extension("full")).expect("room");
    holder.scans(BOLT, 10, "accept").await;
    holder.synced(hub).await;
    // The battery is pulled in the middle, and the work goes on.
    holder.station.kill().await.expect("killed");
    holder.station.restart().await.expect("started again");
    holder.scans(BOLT, 10, "accept").await;
    holder.synced(hub).await;
    // A week passes: what was in a backup then is forgotten in a quiet minute.
    hub.clock.days.fetch_add(9, Ordering::Relaxed);
    holder.scans(NUT, 5, "accept").await;
    holder.synced(hub).await;
    holder.scans(NUT, 5, "accept").await;
    holder.forgot_more_than(last - 45).await;
    holder.presses("done", "ask").await;
    holder.presses("enter", "accept").await;
    holder.presses("done", "accept").await;
}

/// The hub starts from a backup that is older than what it called safe: the device has forgotten facts that the hub
/// does not have, and begins another epoch with the rest.
async fn restore(holder: &mut Holder, hub: &mut RestorableHub, backup: &Path) {
    holder.synced(hub).await;
    hub.lose_disk_and_restore(backup).await;
    hub.expects_another_epoch().await;
    holder.scans("]C0SO-1", 1, "go").await;
    holder.scans("]C0TOTE-17", 1, "go").await;
    holder.scans("]C0LOC-A-01", 1, "go").await;
    holder.scans(BOLT, 15, "accept").await;
    holder.synced(hub).await;
}
