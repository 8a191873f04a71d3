//! What a step of the rules costs, from scan to verdict and effects, as more and more is cached on the device.
//!
//! A picker's scans (a place, then a piece, in turns) are judged in tasks that are half done, spread over everything that is
//! cached: once with the catalogue in memory, once with the agent's own over its store; on tasks of 1,000 lines, and on one
//! task that holds every line. The sizes take turns within one run, so that what else the machine does falls on all of them; of each
//! block the fastest pass counts. Beside the time stand the bytes that a step allocates: where they grow with the cache,
//! the bench fails. Times are published, never asserted.
//!
//! ```text
//! cargo bench -p tallyman-agent --bench step
//! ```

#![allow(
    unsafe_code,
    reason = "a global allocator that counts can be written no other way"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use tallyman_agent::seams::store::{CacheChange, Identity, Store as _};
use tallyman_agent::store::{SqliteStore, StoreCatalogue, Writing};
use tallyman_codes::{Rules, SiteCodeKind, SiteRule, SiteRules, check_digit, understand_text};
use tallyman_floor::trace::{Noted, Recorder, Recording};
use tallyman_floor::wire::v1::{Delta, ItemBody, TaskBody};
use tallyman_floor::words::Language;
use tallyman_floor::{
    Catalogue, Effect, Event, HubTime, Item, ItemCode, ItemId, Line, LineNumber, LineProgress, LocationId,
    MapCatalogue, Now, PickPlan, Progress, Quantity, QuantityEntry, Scanning, Session, SiteId, Task, TaskId,
    TaskKind, TaskState, Times, Tracking,
};

/// Lines that are cached.
const SIZES: [u32; 3] = [1_000, 10_000, 100_000];
/// Lines of one task, where there are many tasks.
const LINES_PER_TASK: u32 = 1_000;
/// Items of the site; each line is of one of them.
const ITEMS: u32 = 5_000;
/// Pieces of each line.
const PIECES: Quantity = Quantity::from_micro(5_000_000);
/// Tasks on whose next lines steps are taken, spread over all.
const TASKS_MAX: u32 = 20;
/// Passes over all steps of one size before the next size has its turn.
const PASSES: usize = 20;
/// How long all of it takes.
const MEASURED: Duration = Duration::from_secs(6);
/// A step may allocate so many bytes more with the largest cache than with the smallest: numbers have more digits.
const GROWTH_BYTES_MAX: u64 = 64;

const TODAY: Date = jiff::civil::date(2026, 11, 23);

/// Counts what is allocated; everything else is the system's.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

// SAFETY: each call is handed on unchanged to the system's allocator, which keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let folder = tempfile::tempdir().expect("a folder for the bench");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut grows = false;
    for (shape, per_task) in [
        ("tasks of 1,000 lines", LINES_PER_TASK),
        ("one task of all lines", u32::MAX),
    ] {
        let in_memory: Vec<_> = SIZES
            .iter()
            .map(|&lines| Work::of(in_memory(lines, per_task), lines, per_task))
            .collect();
        grows |= measure(&format!("in memory, {shape}"), &in_memory);
        drop(in_memory);
        let stored = SIZES.iter().map(|&lines| {
            let path = folder.path().join(format!("{shape}-{lines}.db"));
            Work::of(runtime.block_on(stored(&path, lines, per_task)), lines, per_task)
        });
        let stored: Vec<_> = stored.collect();
        grows |= measure(&format!("over the device's store, {shape}"), &stored);
    }
    if grows {
        eprintln!("what a step allocates grows with the cache");
        std::process::exit(1);
    }
}

/// Prints a row for each size; answers whether allocations grow with it.
fn measure<C: Catalogue>(what: &str, sizes: &[Work<C>]) -> bool {
    let mut best = vec![vec![f64::MAX; TASKS_MAX as usize]; sizes.len()];
    let mut traced = vec![f64::MAX; sizes.len()];
    let start = Instant::now();
    while start.elapsed() < MEASURED {
        for ((work, best), traced) in sizes.iter().zip(&mut best).zip(&mut traced) {
            for _ in 0..PASSES {
                work.pass(best);
            }
            *traced = traced.min(work.traced_pass());
        }
    }
    println!("{what}");
    let micros = |work: &Work<C>, best: &[f64]| {
        let seconds: f64 = best.iter().take(work.steps.len()).sum();
        seconds / work.count() as f64 * 1e6
    };
    let least = micros(&sizes[0], &best[0]);
    let mut bytes_of_sizes = Vec::new();
    for ((work, best), traced) in sizes.iter().zip(&best).zip(&traced) {
        let (allocations, bytes) = work.allocated();
        bytes_of_sizes.push(bytes);
        println!(
            "  {:>7} lines: {:.2} µs a step, {:.2} times that of {}; {allocations} allocations, {bytes} bytes; {:.1} µs with its trace",
            work.lines,
            micros(work, best),
            micros(work, best) / least,
            sizes[0].lines,
            traced / work.count() as f64 * 1e6,
        );
    }
    let most = bytes_of_sizes.iter().max().copied().unwrap_or(0);
    most > bytes_of_sizes[0] + GROWTH_BYTES_MAX
}

/// Steps of a picker, each on a session that is ready for it.
struct Work<C> {
    catalogue: C,
    lines: u32,
    now: Now,
    steps: Vec<[(Session, Event); 2]>,
}

impl<C: Catalogue> Work<C> {
    /// Opens tasks and goes to their next line until a session stands before each scan that is measured.
    fn of(catalogue: C, lines: u32, per_task: u32) -> Self {
        let now = now();
        let per_task = per_task.min(lines);
        let tasks = lines / per_task;
        let measured = (0..tasks).step_by((tasks / TASKS_MAX).max(1) as usize);
        let steps = measured.map(|task| {
            let line = task * per_task + done_of(per_task) + 1;
            let mut session = Session::new();
            for code in [document(line, per_task), "TOTE-12".to_owned()] {
                let _ = session.step(scan(&code, &catalogue), &now, &catalogue);
            }
            let at_place = scan(&location(line), &catalogue);
            let before_place = session.clone();
            let _ = session.step(at_place.clone(), &now, &catalogue);
            let piece = scan(&format!("01{}10LOT-42", gtin(line % ITEMS)), &catalogue);
            let accepted = session.clone().step(piece.clone(), &now, &catalogue);
            assert!(
                accepted
                    .effects
                    .iter()
                    .any(|effect| matches!(effect, Effect::Persist(_))),
                "a piece of line {line} is taken: {:?}",
                accepted.verdict
            );
            [(before_place, at_place), (session, piece)]
        });
        let steps = steps.collect();
        Self {
            catalogue,
            lines,
            now,
            steps,
        }
    }

    /// How many steps there are.
    fn count(&self) -> u64 {
        2 * self.steps.len() as u64
    }

    /// Takes every step once; keeps of each place the fastest pass. As the agent does, a clone of the session is stepped.
    fn pass(&self, best: &mut [f64]) {
        for (steps, best) in self.steps.iter().zip(best) {
            let begin = Instant::now();
            for (session, event) in steps {
                let mut session = session.clone();
                black_box(session.step(event.clone(), &self.now, &self.catalogue));
            }
            *best = best.min(begin.elapsed().as_secs_f64());
        }
    }

    /// The seconds for all steps with what the agent writes down of each, where its run has said before what they ask for.
    fn traced_pass(&self) -> f64 {
        let mut recorder = Recorder::new(env!("CARGO_PKG_VERSION"));
        self.traced(&mut recorder);
        let begin = Instant::now();
        self.traced(&mut recorder);
        begin.elapsed().as_secs_f64()
    }

    fn traced(&self, recorder: &mut Recorder) {
        for (before, event) in self.steps.iter().flatten() {
            let mut session = before.clone();
            let recording = Recording::of(&self.catalogue);
            let step = session.step(event.clone(), &self.now, &recording);
            let noted = Noted {
                before,
                event,
                now: &self.now,
                after: &session,
                step: &step,
            };
            black_box(recorder.note(recording.asked(), &self.catalogue, noted));
        }
    }

    /// Allocations and bytes of a step, as the mean of all.
    fn allocated(&self) -> (u64, u64) {
        let count = self.count();
        let before = (ALLOCATIONS.load(Ordering::Relaxed), BYTES.load(Ordering::Relaxed));
        self.pass(&mut [0.0; TASKS_MAX as usize]);
        let after = (ALLOCATIONS.load(Ordering::Relaxed), BYTES.load(Ordering::Relaxed));
        ((after.0 - before.0) / count, (after.1 - before.1) / count)
    }
}

/// Everything in memory, as the hub has it when it judges a scan again.
fn in_memory(lines: u32, per_task: u32) -> MapCatalogue {
    let mut catalogue = MapCatalogue::new(SiteId::from("MAIN"));
    catalogue.put_rules(rules());
    for number in 0..ITEMS {
        catalogue.put_item(item(number));
    }
    for (task, progress) in tasks(lines, per_task) {
        catalogue.put_progress(task.id.clone(), progress);
        catalogue.put_task(task);
    }
    catalogue
}

/// Everything in the device's store.
async fn stored(path: &Path, lines: u32, per_task: u32) -> StoreCatalogue {
    let (store, _) = SqliteStore::open(path, Writing::Inline).expect("a store");
    let identity = Identity {
        device: "HANDHELD-01".to_owned(),
        site: "MAIN".to_owned(),
        epoch: 1,
    };
    store.enrol(identity).await.expect("enrolled");
    let part = Delta {
        generation: "g1".to_owned(),
        cursor: "1".to_owned(),
        tasks: tasks(lines, per_task)
            .iter()
            .map(|(task, progress)| TaskBody::new(task, progress))
            .collect(),
        items: (0..ITEMS).map(|number| ItemBody::from(&item(number))).collect(),
        ..Delta::default()
    };
    store
        .cache(CacheChange { part, last: true })
        .await
        .expect("cached");
    let next = store.next_place();
    let site = SiteId::from("MAIN");
    StoreCatalogue::open(path, site, Language::English, Arc::new(rules()), next).expect("a catalogue")
}

fn rules() -> Rules {
    let rule = |pattern: &str, kind| SiteRule {
        pattern: pattern.to_owned(),
        kind,
    };
    let site = SiteRules::new(vec![
        rule("A-[0-9]{6}", SiteCodeKind::Location),
        rule("TOTE-[0-9]+", SiteCodeKind::HandlingUnit),
    ]);
    Rules {
        site: site.expect("rules"),
        ..Rules::new(TODAY)
    }
}

/// The pick tasks of the site, each half done; every line is of a place of its own.
fn tasks(lines: u32, per_task: u32) -> Vec<(Task, Progress)> {
    let numbers: Vec<u32> = (1..=lines).collect();
    let per_task = per_task.min(lines);
    let of_task = |numbers: &[u32]| {
        let id = document(numbers[0], per_task);
        let task = Task {
            id: TaskId::from(id.as_str()),
            site: SiteId::from("MAIN"),
            kind: TaskKind::Pick(PickPlan::default()),
            revision: 3,
            state: TaskState::Open,
            reference: id,
            priority: 0,
            assigned_to: None,
            quantity_entry: QuantityEntry::EachScan,
            lines: numbers.iter().map(|&number| line(number)).collect(),
        };
        let done = numbers.iter().take(done_of(per_task) as usize).map(|&number| {
            let line = LineProgress {
                quantity: PIECES,
                closed: false,
            };
            (LineNumber(number), line)
        });
        (task, Progress::from_lines(done))
    };
    numbers.chunks(per_task as usize).map(of_task).collect()
}

/// Lines of a task that are done.
const fn done_of(per_task: u32) -> u32 {
    per_task / 2
}

fn line(number: u32) -> Line {
    Line {
        item: Some(item_id(number % ITEMS)),
        expected: Some(PIECES),
        location: Some(LocationId::from(location(number).as_str())),
        ..Line::new(LineNumber(number))
    }
}

/// The document whose task has this line.
fn document(line: u32, per_task: u32) -> String {
    format!("SO-{:06}", (line - 1) / per_task)
}

fn location(line: u32) -> String {
    format!("A-{line:06}")
}

fn item_id(number: u32) -> ItemId {
    ItemId::from(format!("ITEM-{number:05}").as_str())
}

fn item(number: u32) -> Item {
    Item {
        id: item_id(number),
        name: format!("Hex bolt M8 x {number:05}, zinc plated"),
        unit: "each".to_owned(),
        codes: vec![ItemCode {
            code: gtin(number),
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
    }
}

/// A GTIN-14 of the range that GS1 keeps for examples.
fn gtin(item: u32) -> String {
    let digits = format!("09521101{item:05}");
    let check = check_digit::of(digits.as_bytes()).expect("digits");
    format!("{digits}{}", char::from(check))
}

fn scan(code: &str, catalogue: &impl Catalogue) -> Event {
    let symbology = if code.starts_with("01") { "]C1" } else { "]C0" };
    Event::Scans(vec![Scanning {
        scanner: "trigger".to_owned(),
        raw: code.to_owned(),
        symbology: Some(symbology.to_owned()),
        scan: understand_text(&format!("{symbology}{code}"), catalogue.rules()),
        rfid: false,
    }])
}

fn now() -> Now {
    let wall = jiff::Timestamp::from_microsecond(1_795_000_000_123_456).expect("a time");
    Now {
        times: Times {
            boot: "0d6c3b0e-2f2a-4a55-9a53-6a6f4b8b7c11".to_owned(),
            boottime_us: 36_123_456_789,
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
