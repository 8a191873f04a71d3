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

use jiff::civil::Date;
use tallyman_agent::seams::store::{Identity, StepCommit, Store};
use tallyman_agent::store::{SqliteStore, Writing};
use tallyman_codes::{Rules, SiteCodeKind, SiteRule, SiteRules, check_digit, understand_text};
use tallyman_floor::trace::{Noted, Recorder, Recording};
use tallyman_floor::{
    Catalogue as _, Draft, Effect, Event, HubTime, Item, ItemCode, ItemId, Line, LineNumber, LocationId,
    MapCatalogue, Now, PickPlan, Quantity, QuantityEntry, Scanning, Session, SiteId, Task, TaskId, TaskKind,
    TaskState, Times, Tracking,
};

/// One slice of either side.
const SLICE: Duration = Duration::from_millis(300);
/// Rounds of slices.
const ROUNDS: usize = 15;
/// Commits from which the bytes of one are taken.
const SIZING_COMMITS: u32 = 50;
/// Commits from which its bytes in all are taken.
const MEAN_COMMITS: u32 = 5_000;

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
    let mut shift = Shift::new();
    let bytes = bytes_of_a_commit(&store, &path, &mut shift).await;
    let in_all = bytes_in_all(&store, &mut shift).await;
    let mut appended = RawLog::create(&folder.join("appended"), None);
    let mut in_place = RawLog::create(&folder.join("in-place"), Some(ROUND_BYTES));
    let mut rates = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        rates[0].push(appended.slice(bytes));
        rates[1].push(in_place.slice(bytes));
        rates[2].push(commit_slice(&store, &mut shift).await);
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
        "{writing:?}: {bytes} bytes a commit to the log, {in_all} in all, {:.0} commits/s",
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

/// How many bytes one commit writes in all, with its share of the checkpoints.
async fn bytes_in_all(store: &SqliteStore, shift: &mut Shift) -> u64 {
    let before = written();
    for _ in 0..MEAN_COMMITS {
        commit(store, shift).await;
    }
    (written() - before) / u64::from(MEAN_COMMITS)
}

/// How many bytes one commit adds to the log, as the mean of a few hundred.
async fn bytes_of_a_commit(store: &SqliteStore, path: &Path, shift: &mut Shift) -> usize {
    store.checkpoint().await.expect("a checkpoint");
    let log = || {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        std::fs::metadata(log).map_or(0, |metadata| metadata.len())
    };
    let before = log();
    for _ in 0..SIZING_COMMITS {
        commit(store, shift).await;
    }
    let added = log().saturating_sub(before);
    usize::try_from(added / u64::from(SIZING_COMMITS))
        .expect("a small number")
        .max(1)
}

async fn commit_slice(store: &SqliteStore, shift: &mut Shift) -> f64 {
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < SLICE {
        commit(store, shift).await;
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

async fn commit(store: &SqliteStore, shift: &mut Shift) {
    let place = shift.next % shift.steps.len();
    shift.next += 1;
    let (draft, session, trace) = shift.steps[place].clone();
    let step = StepCommit {
        expected: store.next_place(),
        drafts: vec![draft],
        session,
        trace,
    };
    store.commit(step).await.expect("committed");
}

/// A picker's work, as the agent stores it: each confirmation with the session after it and the trace of the steps since the one
/// before.
struct Shift {
    steps: Vec<(Draft, String, Vec<String>)>,
    next: usize,
}

/// Lines of the task, each of an item and a place of its own.
const LINES: u32 = 40;
/// Pieces of each line.
const PIECES: i64 = 5;

impl Shift {
    fn new() -> Self {
        let mut catalogue = catalogue();
        let mut recorder = Recorder::new(env!("CARGO_PKG_VERSION"));
        let (mut session, mut steps, mut trace) = (Session::new(), Vec::new(), Vec::new());
        let mut codes = vec!["SO-2001".to_owned(), "TOTE-12".to_owned()];
        for line in 1..=LINES {
            codes.push(format!("A-01-{line:02}"));
            let label = format!("01{:014}10LOT-42", gtin(line));
            codes.extend(std::iter::repeat_n(label, PIECES as usize));
        }
        for code in codes {
            let event = scan(&code, &catalogue);
            let (now, before) = (now(steps.len()), session.clone());
            let seq = steps.len() as u64 + 1;
            catalogue.put_next_confirmation(1, seq);
            let recording = Recording::of(&catalogue);
            let step = session.step(event.clone(), &now, &recording);
            let noted = Noted {
                before: &before,
                event: &event,
                now: &now,
                after: &session,
                step: &step,
            };
            trace.push(recorder.note(recording.asked(), &catalogue, noted).text);
            for effect in &step.effects {
                if let Effect::Persist(draft) = effect {
                    let task = TaskId::from("P-2001");
                    let mut progress = catalogue.progress(&task).as_ref().clone();
                    progress.apply(draft);
                    catalogue.put_progress(task, progress);
                    steps.push((draft.clone(), session.to_saved(), std::mem::take(&mut trace)));
                }
            }
        }
        assert_eq!(
            steps.len(),
            LINES as usize * PIECES as usize,
            "every piece is taken"
        );
        Self { steps, next: 0 }
    }
}

/// A GTIN of the range that GS1 keeps for examples.
fn gtin(line: u32) -> u64 {
    let digits = format!("952123450{:03}", line);
    let check = check_digit::of(digits.as_bytes()).expect("digits");
    format!("{digits}{}", char::from(check))
        .parse()
        .expect("a number")
}

fn catalogue() -> MapCatalogue {
    let mut catalogue = MapCatalogue::new(SiteId::from("MAIN"));
    let rule = |pattern: &str, kind| SiteRule {
        pattern: pattern.to_owned(),
        kind,
    };
    let site = SiteRules::new(vec![
        rule("[A-Z]-[0-9]{2}-[0-9]{2}", SiteCodeKind::Location),
        rule("TOTE-[0-9]+", SiteCodeKind::HandlingUnit),
    ]);
    catalogue.put_rules(Rules {
        site: site.expect("rules"),
        ..Rules::new(TODAY)
    });
    let mut lines = Vec::new();
    for number in 1..=LINES {
        let id = ItemId::from(format!("100-47{number:02}").as_str());
        catalogue.put_item(Item {
            id: id.clone(),
            name: format!("Hex bolt M8 x {number}, zinc plated"),
            unit: "each".to_owned(),
            codes: vec![ItemCode {
                code: format!("{:014}", gtin(number)),
                unit: "each".to_owned(),
                pack: Quantity::ONE,
            }],
            tracking: Tracking {
                lot: true,
                ..Tracking::default()
            },
            shelf_life_min_days: None,
            substitutes: Vec::new(),
            owner: None,
            picture: None,
        });
        lines.push(Line {
            item: Some(id),
            expected: Quantity::whole(PIECES),
            location: Some(LocationId::from(format!("A-01-{number:02}").as_str())),
            ..Line::new(LineNumber(number))
        });
    }
    catalogue.put_task(Task {
        id: TaskId::from("P-2001"),
        site: SiteId::from("MAIN"),
        kind: TaskKind::Pick(PickPlan::default()),
        revision: 3,
        state: TaskState::Open,
        reference: "SO-2001".to_owned(),
        priority: 0,
        assigned_to: None,
        quantity_entry: QuantityEntry::EachScan,
        lines,
    });
    catalogue
}

fn scan(code: &str, catalogue: &MapCatalogue) -> Event {
    let symbology = if code.starts_with("01") { "]C1" } else { "]C0" };
    Event::Scans(vec![Scanning {
        scanner: "trigger".to_owned(),
        raw: code.to_owned(),
        symbology: Some(symbology.to_owned()),
        scan: understand_text(&format!("{symbology}{code}"), catalogue.rules()),
        rfid: false,
    }])
}

const TODAY: Date = jiff::civil::date(2026, 11, 23);

fn now(step: usize) -> Now {
    let wall = jiff::Timestamp::from_microsecond(1_795_000_000_123_456 + 3_000_000 * step as i64);
    let wall = wall.expect("a time");
    Now {
        times: Times {
            boot: "0d6c3b0e-2f2a-4a55-9a53-6a6f4b8b7c11".to_owned(),
            boottime_us: 36_123_456_789 + 3_000_000 * step as u64,
            wall,
        },
        today: TODAY,
        hub: Some(HubTime {
            now: wall,
            heard: wall,
        }),
        waited_us: 0,
    }
}

/// Bytes that this program has written so far, by the kernel's count.
fn written() -> u64 {
    let counts = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let count = counts.lines().find_map(|line| line.strip_prefix("wchar: "));
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
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
