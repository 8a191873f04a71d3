//! What a durable confirmation costs: the agent's own store against the disk itself, in alternating slices of one run.
//!
//! The yardstick is the least any program can do: append as many bytes as one commit adds to the log, and
//! `fdatasync`. Slices of both alternate, because a disk's speed drifts; each pair gives a ratio, and the median of
//! the ratios is the figure. `TALLYMAN_BENCH_DIR` chooses the disk, `TALLYMAN_BENCH_SYNC_US` adds a constant to every
//! sync by a preloaded library, which makes a steady model of slow flash:
//!
//! ```text
//! cargo bench --bench durable
//! TALLYMAN_BENCH_DIR=/dev/shm TALLYMAN_BENCH_SYNC_US=2000 cargo bench --bench durable
//! ```

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tallyman_agent::seams::store::{Identity, StepCommit, Store};
use tallyman_agent::seams::transport::Token;
use tallyman_agent::store::{SqliteStore, Writing};
use tallyman_floor::{
    Act, Draft, Goods, ItemId, LineNumber, LocationId, Place, Quantity, RawScan, SiteId, Source, StockStatus,
    TaskId, Times, WorkReference, WorkerId,
};

/// One slice of either side.
const SLICE: Duration = Duration::from_millis(300);
/// Pairs of slices.
const PAIRS: usize = 15;
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
    for writing in [Writing::Thread, Writing::Inline] {
        runtime.block_on(compare(folder.path(), writing));
    }
}

async fn compare(folder: &Path, writing: Writing) {
    let path = folder.join(format!("{writing:?}.db"));
    let store = enrolled(&path, writing).await;
    let bytes = bytes_of_a_commit(&store, &path).await;
    let mut raw = File::create(folder.join("raw")).expect("a file");
    let mut ratios = Vec::new();
    let (mut commit_rates, mut raw_rates) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let raw_rate = raw_slice(&mut raw, bytes);
        let commit_rate = commit_slice(&store).await;
        ratios.push(commit_rate / raw_rate);
        commit_rates.push(commit_rate);
        raw_rates.push(raw_rate);
    }
    println!(
        "{:<8} {bytes:>6} bytes/commit   raw {:>7.0}/s   commits {:>7.0}/s   ratio {:.3} (min {:.3}, max {:.3})",
        format!("{writing:?}").to_lowercase(),
        median(&mut raw_rates),
        median(&mut commit_rates),
        median(&mut ratios.clone()),
        ratios.iter().copied().fold(f64::INFINITY, f64::min),
        ratios.iter().copied().fold(0.0, f64::max),
    );
}

async fn enrolled(path: &Path, writing: Writing) -> SqliteStore {
    let (store, _) = SqliteStore::open(path, writing).expect("a store");
    let identity = Identity {
        device: "HANDHELD-01".to_owned(),
        site: "MAIN".to_owned(),
        epoch: 1,
        token: Token::new("not a secret"),
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

fn raw_slice(file: &mut File, bytes: usize) -> f64 {
    let block = vec![0x5a; bytes];
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < SLICE {
        file.write_all(&block).expect("written");
        file.sync_data().expect("synced");
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
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
            handling_unit: None,
            status: StockStatus::Available,
            owner: None,
        }),
        from: Some(Place::Location(LocationId::from("A-01-02"))),
        to: Some(Place::HandlingUnit("TOTE-12".into())),
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
