//! Devices and their operators: each scans as fast as it is answered, pulls batteries, and keeps its own account of what
//! it heard.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tallyman_platform::entropy::{Entropy as _, SeededEntropy};
use tallyman_sim::checker::Witness;
use tallyman_sim::heard::{Heard, Screen, Sound};
use tallyman_sim::network::Network;
use tallyman_sim::scanner::ScannerKind;
use tallyman_sim::station::{Station, StationPlan};
use tokio::sync::{broadcast, watch};

use super::clock::{JUMPS, JumpingClock};
use super::disk::SmallDisk;
use super::work::Work;

/// One scan in so many is the last one before the battery is pulled.
const PULL_ONE_IN: u64 = 60;
/// The battery holds at most so long after a trigger pull.
const BATTERY_US_MAX: u64 = 6_000;
/// After one scan in so many the last step is taken back.
const UNDO_ONE_IN: u64 = 40;
/// One device in so many has a clock that jumps, and one a disk that fills up.
const ODD_ONE_IN: usize = 4;
/// So long nothing may be accepted while nothing is in the way.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long devices may take to be rid of what waits: retries back off up to a minute.
const DRAIN: Duration = Duration::from_secs(300);
/// Time between two looks, and between two tries of what cannot be done yet.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What all operators and whoever troubles them share.
#[derive(Debug, Clone)]
pub struct Floor {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    wanted: u64,
    sounded: watch::Sender<u64>,
    is_over: watch::Sender<bool>,
    disks_are_full: watch::Sender<bool>,
    /// Scans that were refused because a disk was full.
    refused: watch::Sender<u64>,
    disks: Mutex<Vec<Arc<SmallDisk>>>,
    clocks: Mutex<Vec<Arc<JumpingClock>>>,
}

impl Floor {
    /// A floor on which so many facts have to be made at least.
    pub fn new(wanted: u64) -> Self {
        let inner = Inner {
            wanted,
            sounded: watch::Sender::new(0),
            is_over: watch::Sender::new(false),
            disks_are_full: watch::Sender::new(false),
            refused: watch::Sender::new(0),
            disks: Mutex::default(),
            clocks: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Waits until so many thousandths of the wanted facts were sounded, and half of `more` since now: what comes late does
    /// not come all at once.
    pub async fn reached(&self, permille: u64, more: u64) {
        let share = |permille: u64| self.inner.wanted * permille / 1_000;
        let least = *self.inner.sounded.borrow() + share(more) / 2;
        let wanted = share(permille).max(least);
        let mut sounded = self.inner.sounded.subscribe();
        let _ = sounded.wait_for(|sounded| *sounded >= wanted).await;
    }

    /// The operators go home.
    pub fn end(&self) {
        self.inner.is_over.send_replace(true);
    }

    /// Fills the small disks, or frees them.
    pub fn set_disks_full(&self, full: bool) {
        for disk in self
            .inner
            .disks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            if full {
                disk.fill();
            } else {
                disk.free();
            }
        }
        self.inner.disks_are_full.send_replace(full);
    }

    /// Waits until another scan is refused because a disk is full: a log that has room in its file goes on for a while.
    pub async fn scan_refused(&self) {
        let mut refused = self.inner.refused.subscribe();
        refused.borrow_and_update();
        let _ = refused.changed().await;
    }

    /// Sets the clocks that can jump, each by chance.
    pub fn jump_clocks(&self, chance: &mut SeededEntropy) {
        for clock in self
            .inner
            .clocks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            clock.jump_to(JUMPS[chance.below(JUMPS.len() as u64) as usize]);
        }
    }

    fn heard(&self, facts: usize) {
        if facts > 0 {
            self.inner.sounded.send_modify(|sounded| *sounded += facts as u64);
        }
    }
}

/// What an operator did and heard.
#[derive(Debug, Clone, Copy, Default)]
pub struct Record {
    /// Facts that good sounds have promised.
    pub confirmed: usize,
    /// Scans and keys after which the battery was out before any answer: facts or not.
    pub unanswered: usize,
    /// Batteries pulled.
    pub pulled: usize,
    /// Scans that were answered "the storage is full".
    pub failed: usize,
    /// Scans that did not count: the work was not open.
    pub others: usize,
    /// Starts that the device refused on its full disk.
    pub refused_starts: usize,
}

/// A worker with a device.
pub struct Operator {
    station: Station,
    heard: broadcast::Receiver<Heard>,
    work: Work,
    floor: Floor,
    chance: SeededEntropy,
    has_small_disk: bool,
    last_good: Instant,
    /// What was done.
    pub record: Record,
    // A disk is there for as long as the device.
    _disk: Option<Arc<SmallDisk>>,
}

impl Operator {
    /// A new device in a folder of its own, enrolled by a one-time code.
    pub async fn start(
        work: Work,
        code: String,
        folder: &Path,
        network: &Network,
        floor: &Floor,
        chance: &mut SeededEntropy,
    ) -> Self {
        let mut program = PathBuf::from(env!("CARGO_BIN_EXE_tallyman"));
        std::fs::create_dir(folder).expect("a folder");
        let mut small_disk = None;
        match work.number % ODD_ONE_IN {
            1 => {
                let clock = Arc::new(JumpingClock::new(folder, &program));
                program = clock.program().to_path_buf();
                floor
                    .inner
                    .clocks
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(clock);
            }
            2 => {
                let disk = Arc::new(SmallDisk::under(folder, &program));
                program = disk.program().unwrap_or(&program).to_path_buf();
                floor
                    .inner
                    .disks
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(Arc::clone(&disk));
                small_disk = Some(disk);
            }
            _ => {}
        }
        let plan = StationPlan {
            program,
            folder: folder.to_path_buf(),
            name: work.name.clone(),
            hub_url: format!("http://{}", network.address()),
            enrolment_code: code,
            screen: (240, 320),
            duplicate_ms: 0,
            scanner: ScannerKind::Text,
            more: String::new(),
        };
        let station = Station::start(plan).await.expect("an agent");
        let has_tasks = |screen: &Screen| {
            let question = screen.question.as_ref();
            question.is_some_and(|question| !question.choices.is_empty())
        };
        station.screen_that("its tasks", has_tasks).await.expect("tasks");
        Self {
            heard: station.listen(),
            station,
            work,
            floor: floor.clone(),
            chance: SeededEntropy::new(chance.u64()),
            has_small_disk: small_disk.is_some(),
            last_good: Instant::now(),
            record: Record::default(),
            _disk: small_disk,
        }
    }

    /// What the device is called.
    pub fn name(&self) -> &str {
        self.station.name()
    }

    /// Works until everybody goes home.
    pub async fn work(mut self) -> Self {
        self.open().await;
        while !*self.floor.inner.is_over.borrow() {
            let code = self.any_code();
            if self.chance.below(PULL_ONE_IN) == 0 {
                self.pull_battery(&code).await;
                continue;
            }
            match self.scan(&code).await.as_str() {
                "accept" => self.last_good = Instant::now(),
                "failed" => self.wait_for_room().await,
                _ => self.find_the_way_back().await,
            }
            if self.chance.below(UNDO_ONE_IN) == 0 {
                // Its sound is heard with those that come later.
                self.station.press("undo").await.expect("the key arrives");
            }
        }
        self
    }

    fn any_code(&mut self) -> String {
        let place = self.chance.below(self.work.codes.len() as u64) as usize;
        self.work.codes[place].clone()
    }

    /// Scans, and gives the verdict's word.
    async fn scan(&mut self, code: &str) -> String {
        self.station.scan(code).expect("the scanner is plugged in");
        loop {
            let sound = self.station.next_sound(&mut self.heard).await;
            let sound = sound.unwrap_or_else(|error| panic!("{error}\n{}", self.station.log_tail()));
            self.note(&sound);
            if sound.device.is_some() {
                return sound.verdict;
            }
        }
    }

    fn note(&mut self, sound: &Sound) {
        if sound.tone == "good" {
            self.record.confirmed += sound.confirmed.len();
            self.floor.heard(sound.confirmed.len());
        }
    }

    /// The battery is out in the middle of a scan, and in again.
    async fn pull_battery(&mut self, code: &str) {
        self.station.scan(code).expect("the scanner is plugged in");
        let holds = Duration::from_micros(self.chance.below(BATTERY_US_MAX));
        tokio::time::sleep(holds).await;
        self.station.kill().await.expect("killed");
        self.record.pulled += 1;
        let mut answered = false;
        while let Ok(heard) = self.heard.try_recv() {
            if let Heard::Sound(sound) = heard {
                self.note(&sound);
                answered |= sound.device.is_some();
            }
        }
        // A key that was pressed before may be answered by nothing as well.
        self.record.unanswered += 1 + usize::from(!answered);
        self.start_again().await;
    }

    async fn start_again(&mut self) {
        loop {
            match self.station.restart().await {
                Ok(()) => return,
                Err(error) => {
                    assert!(self.disk_is_full(), "{error}\n{}", self.station.log_tail());
                    self.record.refused_starts += 1;
                    self.wait_for_room().await;
                }
            }
        }
    }

    fn disk_is_full(&self) -> bool {
        self.has_small_disk && *self.floor.inner.disks_are_full.borrow()
    }

    /// A device that says its storage is full is put down until somebody has made room.
    async fn wait_for_room(&mut self) {
        assert!(self.has_small_disk, "{}", self.station.screen().as_text());
        self.record.failed += 1;
        self.floor.inner.refused.send_modify(|refused| *refused += 1);
        // One that says so for a while after it was freed is not let off.
        assert!(
            self.disk_is_full() || self.last_good.elapsed() < PATIENCE,
            "it stays full"
        );
        tokio::time::sleep(LOOK_AGAIN).await;
        if self.disk_is_full() {
            self.last_good = Instant::now();
        }
    }

    /// Opens the work, as often as it takes: its task may not have arrived yet.
    async fn open(&mut self) {
        for code in self.work.opening.clone() {
            self.scan(&code).await;
        }
    }

    /// A scan was not accepted: the work is not where the operator thought.
    async fn find_the_way_back(&mut self) {
        self.record.others += 1;
        assert!(
            self.last_good.elapsed() < PATIENCE,
            "{}: nothing is accepted any more. The screen shows: {}",
            self.name(),
            self.station.screen().as_text()
        );
        tokio::time::sleep(LOOK_AGAIN).await;
        self.station.press("escape").await.expect("the key arrives");
        self.open().await;
    }

    /// Waits until nothing of it waits for the hub any more.
    pub async fn wait_until_sent(&self) {
        let sent = async {
            while self.station.waiting().await.expect("a status") > 0 {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        let sent = tokio::time::timeout(DRAIN, sent).await;
        if sent.is_err() {
            let status = self.station.status().await.expect("a status");
            panic!(
                "{}: the outbox stays full: {status}\n{}",
                self.name(),
                self.station.log_tail()
            );
        }
    }

    /// Switches the device off in an orderly way.
    pub async fn stop(&mut self) {
        let status = self.station.stop().await.expect("an end");
        assert!(status.success(), "{status}\n{}", self.station.log_tail());
        while let Ok(heard) = self.heard.try_recv() {
            if let Heard::Sound(sound) = heard {
                self.note(&sound);
            }
        }
    }

    /// What is known of the device from outside.
    pub fn witness(&self) -> Witness {
        Witness {
            name: self.name().to_owned(),
            store: self.station.store_path(),
            sounded: self.station.sounded(),
            ..Witness::default()
        }
    }
}
