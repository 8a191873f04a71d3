//! What a durable confirmation costs: the agent's own store against the disk itself, in alternating slices of one run.
//!
//! The yardstick is the least any program can do: write as many bytes as one commit adds to the log, and `fdatasync`.
//! It is taken in two ways: appended to a file that grows, and written round and round into blocks that the file
//! has already, as a log does after its first checkpoint. On most file systems the second is faster, for the file's
//! size need not be made durable too. Slices of all three alternate, because a disk's speed drifts; each round gives
//! a ratio, and the medians of the ratios are the figures. Commits that are faster than the faster yardstick would
//! not be synced: that fails.
//!
//! `TALLYMAN_BENCH_DIR` chooses the disk, `TALLYMAN_BENCH_SYNC_US` adds a constant to every sync by a preloaded
//! library, which makes a steady model of slow flash:
//!
//! ```text
//! cargo bench --bench durable
//! TALLYMAN_BENCH_DIR=/dev/shm TALLYMAN_BENCH_SYNC_US=2000 cargo bench --bench durable
//! ```

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tallyman_agent::seams::store::{Identity, StepCommit, Store};
use tallyman_agent::store::{SqliteStore, Writing};
use tallyman_floor::{
    Act, Draft, Goods, ItemId, LineNumber, LocationId, Place, Quantity, RawScan, SiteId, Source, StockStatus,
    TaskId, Times, WorkReference, WorkerId,
};

/// One slice of either side.
const SLICE: Duration = Duration::from_millis(300);
/// Rounds of slices.
const ROUNDS: usize = 15;
/// Commits from which the bytes of one are taken.
const SIZING_COMMITS: u32 = 200;

fn main() {
    if let Some(code) = with_slow_sync() {
        std::process::exit(code);
    }
    let base = std::env::var_os("TALLYMAN_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(base).expect("a folder for the bench");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let ratios =
        [Writing::Thread, Writing::Inline].map(|writing| runtime.block_on(compare(folder.path(), writing)));
    if ratios.iter().any(|ratio| *ratio > 1.0) {
        eprintln!(
            "commits are faster than the disk: they are not synced, or the machine was too busy to measure"
        );
        std::process::exit(1);
    }
}

/// Measures one way of writing; gives the median ratio to the faster yardstick.
async fn compare(folder: &Path, writing: Writing) -> f64 {
    let path = folder.join(format!("{writing:?}.db"));
    let store = enrolled(&path, writing).await;
    let bytes = bytes_of_a_commit(&store, &path).await;
    let mut appended = RawLog::create(&folder.join("appended"), None);
    let mut in_place = RawLog::create(&folder.join("in-place"), Some(ROUND_BYTES));
    let mut rates = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        rates[0].push(appended.slice(bytes));
        rates[1].push(in_place.slice(bytes));
        rates[2].push(commit_slice(&store).await);
    }
    let ratios_to = |yardstick: usize| -> Vec<f64> {
        rates[2]
            .iter()
            .zip(&rates[yardstick])
            .map(|(commits, raw)| commits / raw)
            .collect()
    };
    let (mut to_appended, mut to_in_place) = (ratios_to(0), ratios_to(1));
    println!(
        "{writing:?}: {bytes} bytes a commit, {:.0} commits/s",
        median(&mut rates[2])
    );
    print_row("appended", median(&mut rates[0]), &mut to_appended);
    print_row("in place", median(&mut rates[1]), &mut to_in_place);
    median(&mut to_in_place)
}

fn print_row(yardstick: &str, rate: f64, ratios: &mut [f64]) {
    let middle = median(ratios);
    let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
    println!("  raw {yardstick:<9} {rate:>8.0}/s   ratio {middle:.3} (min {least:.3}, max {most:.3})");
}

async fn enrolled(path: &Path, writing: Writing) -> SqliteStore {
    let (store, _) = SqliteStore::open(path, writing).expect("a store");
    let identity = Identity {
        device: "HANDHELD-01".to_owned(),
        site: "MAIN".to_owned(),
        epoch: 1,
    };
    store.enrol(identity).await.expect("enrolled");
    store
}

/// How many bytes one commit adds to the log, as the mean of a few hundred.
async fn bytes_of_a_commit(store: &SqliteStore, path: &Path) -> usize {
    store.checkpoint().await.expect("a checkpoint");
    let log = || {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        std::fs::metadata(log).map_or(0, |metadata| metadata.len())
    };
    let before = log();
    for _ in 0..SIZING_COMMITS {
        commit(store).await;
    }
    let added = log().saturating_sub(before);
    usize::try_from(added / u64::from(SIZING_COMMITS))
        .expect("a small number")
        .max(1)
}

async fn commit_slice(store: &SqliteStore) -> f64 {
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < SLICE {
        commit(store).await;
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// Bytes in a round: what the store's log is cut back to.
const ROUND_BYTES: u64 = 1 << 20;

/// A file that is written and synced without any logic.
struct RawLog {
    file: File,
    /// Where the file is begun anew; `None` for a file that grows.
    round_bytes: Option<u64>,
    end: u64,
}

impl RawLog {
    fn create(path: &Path, round_bytes: Option<u64>) -> Self {
        let mut file = File::create(path).expect("a file");
        for _ in 0..round_bytes.map_or(0, |bytes| 2 * bytes / 4096) {
            file.write_all(&[0; 4096]).expect("written");
        }
        file.seek(SeekFrom::Start(0)).expect("at the start");
        file.sync_all().expect("synced");
        Self {
            file,
            round_bytes,
            end: 0,
        }
    }

    /// Writes and syncs for one slice; gives how often in a second.
    fn slice(&mut self, bytes: usize) -> f64 {
        let block = vec![0x5a; bytes];
        let start = Instant::now();
        let mut count = 0_u32;
        while start.elapsed() < SLICE {
            if self.round_bytes.is_some_and(|round| self.end > round) {
                self.end = self.file.seek(SeekFrom::Start(0)).expect("at the start");
            }
            self.file.write_all(&block).expect("written");
            self.file.sync_data().expect("synced");
            self.end += bytes as u64;
            count += 1;
        }
        f64::from(count) / start.elapsed().as_secs_f64()
    }
}

async fn commit(store: &SqliteStore) {
    let step = StepCommit {
        expected: store.next_place(),
        drafts: vec![draft()],
        session: SESSION.to_owned(),
        trace: vec![TRACE.to_owned()],
    };
    store.commit(step).await.expect("committed");
}

/// A session and a step's input of the size they have in the middle of a pick.
const SESSION: &str = r#"{"v":1,"worker":"W-17","task":"P-2001","step":{"item":{"line":3,"location":"A-01-02"}},"tote":"TOTE-12","undo":[{"epoch":1,"seq":12,"line":3},{"epoch":1,"seq":11,"line":2},{"epoch":1,"seq":10,"line":2}]}"#;
const TRACE: &str = r#"{"scan":{"scanner":"trigger","raw":"010952123454321310LOT-42","symbology":"]C1"},"at":123456789,"rules":3}"#;

fn draft() -> Draft {
    Draft {
        site: SiteId::from("MAIN"),
        worker: Some(WorkerId::from("W-17")),
        work: Some(WorkReference {
            task: TaskId::from("P-2001"),
            revision: 3,
            line: Some(LineNumber(3)),
            fence: None,
        }),
        act: Act::Picked,
        goods: Some(Goods {
            item: Some(ItemId::from("100-4711")),
            code: "09521234543213".to_owned(),
            quantity: Quantity::ONE,
            unit: "each".to_owned(),
            pack: Quantity::ONE,
            lot: Some("LOT-42".to_owned()),
            serials: Vec::new(),
            expiry: None,
            weight: None,
            handling_unit: None,
            status: StockStatus::Available,
            owner: None,
        }),
        from: Some(Place::Location(LocationId::from("A-01-02"))),
        to: Some(Place::HandlingUnit("TOTE-12".into())),
        observed: None,
        started: None,
        exception: None,
        reverses: None,
        raw: Some(RawScan {
            scanner: "trigger".to_owned(),
            text: "010952123454321310LOT-42".to_owned(),
            symbology: Some("]C1".to_owned()),
            source: Source::Scan,
        }),
        times: Times {
            boot: "0d6c3b0e-2f2a-4a55-9a53-6a6f4b8b7c11".to_owned(),
            boottime_us: 123_456_789,
            wall: jiff::Timestamp::UNIX_EPOCH,
        },
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs this program again with every sync delayed, where that is asked for. `None`: run as it is.
fn with_slow_sync() -> Option<i32> {
    let delay_us = std::env::var("TALLYMAN_BENCH_SYNC_US").ok()?;
    if std::env::var_os("LD_PRELOAD").is_some() {
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("slow_sync.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/slow_sync.c");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-o"])
        .args([library.as_os_str(), source.as_ref(), "-ldl".as_ref()])
        .status()
        .expect("a C compiler");
    assert!(built.success(), "slow_sync.c does not build");
    println!("every sync takes {delay_us} microseconds longer");
    let again = Command::new(std::env::current_exe().expect("this program"))
        .env("LD_PRELOAD", &library)
        .status()
        .expect("the bench runs");
    Some(again.code().unwrap_or(1))
}
