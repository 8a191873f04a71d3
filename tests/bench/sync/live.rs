//! The device that scans while the others drain: a real process, worked from a thread of its own. Measured is the time
//! from the sound, which follows the commit, to the hub's receipt.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tallyman_sim::checker::Witness;
use tallyman_sim::scanner::ScannerKind;
use tallyman_sim::station::{Station, StationPlan};
use tokio::sync::broadcast;

use super::work::Work;

/// A worker who is quick about it.
const PAUSE: Duration = Duration::from_millis(25);

/// Time between two looks at the outbox.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// What whoever measures may want.
#[derive(Default)]
struct Wishes {
    switch_on: AtomicBool,
    begin: AtomicBool,
    end: AtomicBool,
}

/// The device and its worker.
pub struct Live {
    wishes: Arc<Wishes>,
    worker: JoinHandle<(Vec<Duration>, Witness)>,
}

impl Live {
    /// Enrols the device and opens its work, and switches it off.
    pub fn start(work: Work, code: String, folder: &Path, hub: SocketAddr) -> Self {
        let wishes = Arc::new(Wishes::default());
        let plan = StationPlan {
            program: PathBuf::from(env!("CARGO_BIN_EXE_tallyman")),
            folder: folder.join("live"),
            name: "live".to_owned(),
            hub_url: format!("http://{hub}"),
            enrolment_code: code,
            screen: (240, 320),
            duplicate_ms: 0,
            scanner: ScannerKind::Text,
            more: String::new(),
        };
        let (ready, is_ready) = std::sync::mpsc::channel();
        let wanted = Arc::clone(&wishes);
        let worker = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(scan(work, plan, &wanted, ready))
        });
        is_ready.recv().expect("the device is ready");
        Self { wishes, worker }
    }

    /// Switches the device on, so that it does not wait for a hub that it has missed for a while.
    pub fn switch_on(&self) {
        self.wishes.switch_on.store(true, Ordering::Relaxed);
    }

    /// The worker begins.
    pub fn begin(&self) {
        self.wishes.begin.store(true, Ordering::Relaxed);
    }

    /// The worker ends with the scan that is under way. What each scan took, from the least on, and what is known of the device.
    pub async fn end(self) -> (Vec<Duration>, Witness) {
        self.wishes.end.store(true, Ordering::Relaxed);
        let worker = self.worker;
        let ended = tokio::task::spawn_blocking(move || worker.join()).await;
        let (mut latencies, witness) = ended.expect("joined").expect("the worker's account");
        latencies.sort();
        (latencies, witness)
    }
}

async fn scan(
    work: Work,
    plan: StationPlan,
    wishes: &Wishes,
    ready: std::sync::mpsc::Sender<()>,
) -> (Vec<Duration>, Witness) {
    let mut station = Station::start(plan).await.expect("an agent");
    let mut heard = station.listen();
    while answer(&mut station, &mut heard, &work.codes[0]).await.is_none() {
        for code in &work.opening {
            answer(&mut station, &mut heard, code).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
    station.stop().await.expect("an orderly end");
    ready.send(()).expect("somebody waits for it");
    while !wishes.switch_on.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    station.restart().await.expect("an agent");
    while !wishes.begin.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let mut latencies = Vec::new();
    while !wishes.end.load(Ordering::Relaxed) {
        let seq = answer(&mut station, &mut heard, &work.codes[0]).await;
        let seq = seq.expect("it is accepted");
        let begun = Instant::now();
        while applied(&station).await < seq {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        latencies.push(begun.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    station.stop().await.expect("an orderly end");
    let witness = Witness {
        name: "live".to_owned(),
        store: station.store_path(),
        sounded: station.sounded(),
        ..Witness::default()
    };
    (latencies, witness)
}

/// Scans. The place of the fact, where one was made.
async fn answer(
    station: &mut Station,
    heard: &mut broadcast::Receiver<tallyman_sim::heard::Heard>,
    code: &str,
) -> Option<u64> {
    station.scan(code).expect("scanned");
    loop {
        let sound = station.next_sound(heard).await.expect("an answer");
        if sound.device.is_some() {
            return sound.confirmed.last().map(|place| place.seq);
        }
    }
}

async fn applied(station: &Station) -> u64 {
    let status = station.status().await.expect("a status");
    status["outbox"]["applied_seq"].as_u64().expect("a number")
}
