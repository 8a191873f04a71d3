//! From the last byte of a scan to its sound, over everything between: pseudo terminal, driver, rules, journal, control
//! socket; the real program with 100,000 lines on the device.
//!
//! The clock runs in this process, outside the agent: it starts before the code is written to the line and stops when
//! the sound has been heard on the control socket. The agent's own figure for the commit, sync included, is read
//! after each scan, and the disk alone (the same bytes appended and synced) is measured in between, so that what the
//! program adds can be told from what the disk takes.
//!
//! ```text
//! cargo bench --bench scan
//! ```

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tallyman_hub::import::{ImportFile, ImportFormat};
use tallyman_hub::{Hub, HubConfig, ImportKind, Seams};
use tallyman_sim::station::{Station, StationPlan};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const SITE: &str = "main";
const ITEMS: usize = 5_000;
const TASKS: usize = 100;
const LINES_PER_TASK: usize = 1_000;
/// Scans that are measured, after a tenth of them to warm up.
const SCANS: usize = 3_000;
/// Scans between two looks at the disk alone, and syncs in one look.
const SCANS_PER_LOOK: usize = 100;
/// What one commit adds to the log, as `cargo bench --bench durable` shows it.
const COMMIT_BYTES: usize = 4_096;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(bench());
}

async fn bench() {
    let base = std::env::var_os("TALLYMAN_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::Builder::new()
        .prefix("tm")
        .tempdir_in(base)
        .expect("a folder");
    let hub_stops = CancellationToken::new();
    let mut station = loaded_station(&folder, hub_stops.clone()).await;
    // From here on the device is offline: the hub would take turns with the clock on this thread.
    hub_stops.cancel();
    let mut heard = station.listen();
    station.scan("]C0LAST").expect("scanned");
    station.next_sound(&mut heard).await.expect("the task opens");

    let mut raw = File::create(folder.path().join("raw")).expect("a file");
    let (mut totals, mut commits, mut syncs) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..SCANS + SCANS / 10 {
        let code = format!("]E0{}", gtin(number * 7 % LINES_PER_TASK));
        let start = Instant::now();
        station.scan(&code).expect("scanned");
        let sound = station.next_sound(&mut heard).await.expect("an answer");
        let total = start.elapsed();
        assert_eq!(sound.verdict, "accept", "{}", station.screen().as_text());
        if number < SCANS / 10 {
            continue;
        }
        totals.push(total);
        let status = station.status().await.expect("a status");
        let commit_us = status["store"]["last_commit_us"].as_u64().expect("a figure");
        commits.push(Duration::from_micros(commit_us));
        if number % SCANS_PER_LOOK == 0 {
            look_at_the_disk(&mut raw, &mut syncs);
        }
    }
    let mut without: Vec<Duration> = totals
        .iter()
        .zip(&commits)
        .map(|(total, commit)| total.saturating_sub(*commit))
        .collect();
    println!("{} lines on the device, {SCANS} scans", TASKS * LINES_PER_TASK);
    print_row("last byte to sound", &mut totals);
    print_row("of it the commit, sync included", &mut commits);
    print_row("of it everything else", &mut without);
    print_row("the disk alone: 4 KiB and sync", &mut syncs);
    station.stop().await.expect("an orderly end");
}

/// A device with all lines on it.
async fn loaded_station(folder: &tempfile::TempDir, hub_stops: CancellationToken) -> Station {
    let hub = Hub::open(
        HubConfig::default(),
        &folder.path().join("hub.db"),
        Seams::real().expect("seams"),
    )
    .await
    .expect("a hub");
    for (kind, text) in [(ImportKind::Items, items()), (ImportKind::Tasks, tasks())] {
        let file = ImportFile {
            name: "bench.csv",
            format: ImportFormat::Csv,
            content: text.as_bytes(),
        };
        hub.import(SITE, kind, &file).await.expect("imported");
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let hub_url = format!("http://{}", listener.local_addr().expect("an address"));
    let enrolment_code = hub.create_enrolment_code(SITE, "bench").await.expect("a code");
    tokio::spawn(async move { hub.serve(listener, hub_stops).await });
    let station = Station::start(StationPlan {
        program: PathBuf::from(env!("CARGO_BIN_EXE_tallyman")),
        folder: folder.path().join("d"),
        name: "bench".to_owned(),
        hub_url,
        enrolment_code,
        screen: (480, 800),
        duplicate_ms: 0,
        scanner: tallyman_sim::scanner::ScannerKind::Text,
        more: String::new(),
    })
    .await
    .expect("an agent");
    // The last task comes last and is the most urgent: when it is listed, everything is there.
    let is_loaded = |screen: &tallyman_sim::heard::Screen| {
        let offered = screen.question.iter().flat_map(|question| &question.choices);
        offered.into_iter().any(|choice| choice.label.contains("LAST"))
    };
    station
        .screen_that("the last task", is_loaded)
        .await
        .expect("the tasks arrive");
    station
}

/// GTIN-13 of an item, from the prefix that GS1 keeps for examples.
fn gtin(item: usize) -> String {
    let digits = format!("9521101{item:05}");
    let check = tallyman_codes::check_digit::of(digits.as_bytes()).map_or('0', char::from);
    format!("{digits}{check}")
}

fn items() -> String {
    let mut text = String::from("item,name,unit,code\n");
    for item in 0..ITEMS {
        writeln!(text, "ITEM-{item},Article number {item},each,{}", gtin(item)).expect("written");
    }
    text
}

fn tasks() -> String {
    let mut text = String::from("task,kind,reference,priority,dock,line,item,quantity\n");
    for task in 0..TASKS {
        let is_last = task + 1 == TASKS;
        let reference = if is_last {
            "LAST".to_owned()
        } else {
            format!("PO-{task}")
        };
        for line in 0..LINES_PER_TASK {
            // The task that is worked on has the first items, so that a scan can be any of its lines.
            let item = if is_last {
                line
            } else {
                (task * 37 + line * 3) % ITEMS
            };
            let priority = u8::from(is_last);
            writeln!(
                text,
                "T-{task},receive,{reference},{priority},DOCK-1,{},ITEM-{item},1000",
                line + 1
            )
            .expect("written");
        }
    }
    text
}

fn look_at_the_disk(raw: &mut File, syncs: &mut Vec<Duration>) {
    let block = [0x5a_u8; COMMIT_BYTES];
    for _ in 0..SCANS_PER_LOOK / 10 {
        let start = Instant::now();
        raw.write_all(&block).expect("written");
        raw.sync_data().expect("synced");
        syncs.push(start.elapsed());
    }
}

fn print_row(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
    println!("{what:<34} median {:>7.3} ms   p99 {:>7.3} ms", at(50), at(99));
}
