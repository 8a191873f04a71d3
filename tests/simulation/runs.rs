//! Seeds are run in processes of their own, with disks that can fail preloaded; what they found comes back as lines.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use tallyman_sim::world::{self, How, Options, Sabotage, Sweep};

use crate::disk::{PreloadedDisk, build};

/// Which seeds a process runs, as `first..end`.
const SEEDS: &str = "TALLYMAN_SIMULATION_RANGE";
/// A part that is broken on purpose, by its place among all.
const SABOTAGE: &str = "TALLYMAN_SIMULATION_SABOTAGE";
/// Set where the whole trace is wanted.
const TRACE: &str = "TALLYMAN_SIMULATION_TRACE";
/// Set where operations of disks go wrong one after the other: how far apart they are.
const SWEEP: &str = "TALLYMAN_SIMULATION_SWEEP_STEP";
/// The one world in which operations go wrong one after the other.
const SWEEP_SEED: u64 = 2;
/// What a line with a result begins with.
const RESULT: &str = "RESULT ";

/// Panics of any task, which a runtime only reports.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// What one seed came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// The seed.
    pub seed: u64,
    /// The hash of its trace.
    pub hash: String,
    /// Lines of its trace.
    pub lines: u64,
    /// Facts at the hub.
    pub facts: u64,
    /// What was broken.
    pub violations: Vec<String>,
    /// The end of the trace, or all of it.
    pub tail: Vec<String>,
    /// How often each thing happened.
    pub tally: BTreeMap<String, u64>,
}

/// What the seeds are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Worlds in which things go wrong by chance.
    Worlds,
    /// The same with something that is broken on purpose.
    Control(Sabotage),
    /// Numbers of operations that go wrong, so far apart, on both disks and in every way.
    Sweep(u64),
}

/// Runs these seeds, on as many processes as given.
pub fn run(seeds: std::ops::Range<u64>, processes: u64, kind: Kind) -> Vec<Run> {
    let folder = tempfile::tempdir().expect("a folder");
    let library = build(folder.path());
    let count = seeds.end - seeds.start;
    let share = count.div_ceil(processes.max(1));
    let parts = (0..processes).map(|part| {
        let first = seeds.start + part * share;
        first..(first + share).min(seeds.end)
    });
    let children: Vec<Child> = parts
        .filter(|part| !part.is_empty())
        .map(|part| begin(&part, &library, kind))
        .collect();
    let mut runs: Vec<Run> = children.into_iter().flat_map(end).collect();
    runs.sort_by_key(|run| run.seed);
    assert_eq!(runs.len() as u64, count, "every seed comes to a result");
    runs
}

fn begin(seeds: &std::ops::Range<u64>, library: &Path, kind: Kind) -> Child {
    let (sabotage, step) = match kind {
        Kind::Worlds => (None, 0),
        Kind::Control(sabotage) => (Some(sabotage), 0),
        Kind::Sweep(step) => (None, step),
    };
    let place = sabotage.and_then(|sabotage| Sabotage::ALL.iter().position(|(known, _)| *known == sabotage));
    Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "runs_seeds_for_another_test",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("LD_PRELOAD", library)
        .env(SEEDS, format!("{}..{}", seeds.start, seeds.end))
        .env(
            SABOTAGE,
            place.map_or_else(String::new, |place| place.to_string()),
        )
        .env(SWEEP, step.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process for the seeds")
}

fn end(child: Child) -> Vec<Run> {
    let output = child.wait_with_output().expect("what the process said");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let runs = text
        .lines()
        .filter_map(|line| line.split_once(RESULT))
        .map(|(_, line)| read(line))
        .collect();
    assert!(output.status.success(), "a process for seeds ended badly: {text}");
    runs
}

/// Runs the seeds that the environment names, and writes what came of each.
pub fn run_here() {
    assert!(
        PreloadedDisk::is_there(),
        "this is run by other tests, with a library preloaded"
    );
    let range = std::env::var(SEEDS).expect("seeds");
    let (first, end) = range.split_once("..").expect("a range");
    let sabotage = std::env::var(SABOTAGE)
        .ok()
        .and_then(|place| place.parse::<usize>().ok());
    let sabotage = sabotage.map(|place| Sabotage::ALL[place].0);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        usual(panic);
    }));
    for seed in first.parse::<u64>().expect("a seed")..end.parse().expect("a seed") {
        println!("{RESULT}{}", write(&run_one(seed, sabotage)));
    }
}

/// The sweep of a number: both machines and every way for each operation.
fn sweep_of(number: u64) -> Option<Sweep> {
    let step: u64 = std::env::var(SWEEP).ok()?.parse().ok()?;
    let ways = How::ALL.len() as u64;
    (step > 0).then(|| Sweep {
        node: (number % 2) as usize,
        operations: number / 2 / ways * step,
        how: How::ALL[(number / 2 % ways) as usize],
    })
}

fn run_one(seed: u64, sabotage: Option<Sabotage>) -> Run {
    let sweep = sweep_of(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let options = Options {
        // In a sweep nothing but the operation differs.
        seed: if sweep.is_some() { SWEEP_SEED } else { seed },
        disk: Arc::new(PreloadedDisk),
        sabotage,
        sweep,
        whole_trace: std::env::var_os(TRACE).is_some(),
    };
    let panics = PANICS.load(Ordering::Relaxed);
    let outcome = runtime.block_on(world::run(options, folder.path()));
    drop(runtime);
    let mut run = match outcome {
        Err(why) => Run {
            seed,
            violations: vec![format!("the world could not be run: {why}")],
            ..Run::default()
        },
        Ok(outcome) => Run {
            seed,
            hash: outcome.traced.hash,
            lines: outcome.traced.lines,
            facts: outcome.facts as u64,
            violations: outcome.violations.iter().map(ToString::to_string).collect(),
            tail: outcome.traced.tail,
            tally: outcome
                .traced
                .tally
                .into_iter()
                .map(|(what, times)| (what.to_owned(), times))
                .collect(),
        },
    };
    let panics = PANICS.load(Ordering::Relaxed) - panics;
    if panics > 0 {
        run.violations.push(format!("{panics} tasks panicked"));
    }
    if std::env::var_os(TRACE).is_some() && !run.violations.is_empty() {
        eprintln!("the stores of seed {seed} are in {}", folder.keep().display());
    }
    run
}

fn write(run: &Run) -> Value {
    json!({
        "seed": run.seed, "hash": run.hash, "lines": run.lines, "facts": run.facts, "violations": run.violations,
        "tail": run.tail, "tally": run.tally,
    })
}

fn read(line: &str) -> Run {
    let value: Value = serde_json::from_str(line).expect("a result");
    let texts = |name: &str| -> Vec<String> {
        let list = value[name].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    Run {
        seed: number(&value["seed"]),
        hash: value["hash"].as_str().unwrap_or_default().to_owned(),
        lines: number(&value["lines"]),
        facts: number(&value["facts"]),
        violations: texts("violations"),
        tail: texts("tail"),
        tally: value["tally"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(what, times)| (what.clone(), number(times)))
            .collect(),
    }
}

/// Runs one of the tests that wait for it, in a process of its own with the disks.
pub fn run_apart(test: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let library = build(folder.path());
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
        .env("LD_PRELOAD", library)
        .output()
        .expect("a process for the test");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("1 passed"), "{test} was not run: {told}");
}

/// What a failure shows: the seed, how to see it again, and the end of its trace.
pub fn report(run: &Run) -> String {
    format!(
        "seed {}:\n  {}\n  again: TALLYMAN_SEED={} TALLYMAN_SIMULATION_SEEDS=1 cargo test --test simulation every_promise\n{}",
        run.seed,
        run.violations.join("\n  "),
        run.seed,
        run.tail.join("\n")
    )
}
