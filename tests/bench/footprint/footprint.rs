//! What a handheld spends on the agent: memory, the time until it is ready, the processor at rest, and the time from a
//! scan to changed pixels; with 100,000 cached lines, and with 1,000 beside it.
//!
//! The agents are real processes of the program that a handheld has (no hub and no simulator in it), each with a store,
//! a pseudo terminal as scanner, and the shipped settings; no hub answers them. What they spend is read from `/proc`. The agent with a panel is this program started again: its panel is memory, and tells the moment in which
//! its pixels have changed.
//!
//! Absolute figures are published, never asserted. The bench fails where the agent with 100,000 lines needs more than its
//! share of what the one with 1,000 needs in the same run: what is cached has to stay on the disk.
//!
//! ```text
//! cargo build --release --no-default-features
//! cargo bench -p tallyman-agent --bench footprint
//! ```

mod device;
mod panel;
mod process;
mod scanner;
mod site;

use std::process::ExitCode;
use std::time::Duration;

use device::Device;
use process::{Effort, Memory};

/// Lines on the two devices, in tasks of 1,000.
const LINES: [usize; 2] = [1_000, 100_000];
/// Starts of each sort, in turns; the median counts.
const STARTS: usize = 15;
/// Scans of a worker before memory is read, and for the pixels.
const SCANS: usize = 500;
/// How long the agents are left alone.
const REST: Duration = Duration::from_secs(60);

/// The agent with all lines may need so many times what the one with a hundredth of them needs.
const MEMORY_RATIO_MAX: f64 = 1.25;
/// See [`MEMORY_RATIO_MAX`].
const START_RATIO_MAX: f64 = 1.5;

fn main() -> ExitCode {
    if let Some(role) = device::role() {
        return role.run();
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(bench())
}

async fn bench() -> ExitCode {
    let folder = tempfile::Builder::new().prefix("tm").tempdir().expect("a folder");
    let mut devices = Vec::new();
    for lines in LINES {
        let device = Device::with(&folder.path().join(format!("d{lines}")), lines).await;
        println!(
            "{lines} lines: the store has {:.1} MB",
            device.store_bytes() as f64 / 1e6
        );
        devices.push(device);
    }
    let [few, many] = devices.try_into().ok().expect("two devices");
    let mut devices = [few, many];
    let mut fails = print_starts(&mut devices).await;

    let mut at_work = Vec::new();
    for device in &mut devices {
        device.start(device::Kind::Program).await;
        let idle = device.memory();
        device.work(SCANS).await;
        at_work.push((idle, device.memory()));
    }
    fails |= print_memory(&at_work);
    print_rest(&devices).await;
    for device in &mut devices {
        device.stop().await;
    }
    let [_, mut many] = devices;
    print_pixels(&mut many).await;
    if fails {
        eprintln!("what the agent needs grows with what is cached");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Prints how long starts take; answers whether that grows with the cache.
async fn print_starts(devices: &mut [Device; 2]) -> bool {
    let sorts = [
        (device::Kind::OpensStore, "a program that only opens the store"),
        (device::Kind::Program, "the agent, hub by http"),
        (
            device::Kind::ProgramTls,
            "the agent, hub by https, the system's authorities",
        ),
    ];
    let mut times = vec![Vec::new(); sorts.len() * devices.len()];
    for _ in 0..STARTS {
        for (sort, (kind, _)) in sorts.iter().enumerate() {
            for (size, device) in devices.iter_mut().enumerate() {
                times[sort * 2 + size].push(device.start(*kind).await);
                device.stop().await;
            }
        }
    }
    println!("\nfrom exec to ready, {STARTS} starts, in ms: median (least, most)");
    let mut fails = false;
    for (sort, (kind, name)) in sorts.iter().enumerate() {
        let mut medians = [0.0; 2];
        for (size, lines) in LINES.iter().enumerate() {
            let times = &mut times[sort * 2 + size];
            times.sort();
            let ms = |index: usize| times[index].as_secs_f64() * 1e3;
            medians[size] = ms(times.len() / 2);
            println!(
                "  {name:<52} {lines:>7} lines  {:>6.1} ({:.1}, {:.1})",
                medians[size],
                ms(0),
                ms(times.len() - 1)
            );
        }
        fails |= *kind == device::Kind::Program && medians[1] > medians[0] * START_RATIO_MAX;
    }
    fails
}

/// Prints what is resident; answers whether it grows with the cache.
fn print_memory(devices: &[(Memory, Memory)]) -> bool {
    println!("\nresident, in MB: all of it; of that the program's own; pages of files (the program's code)");
    for (lines, (idle, at_work)) in LINES.iter().zip(devices) {
        for (when, memory) in [("ready", idle), ("after 500 scans", at_work)] {
            println!("  {lines:>7} lines, {when:<16} {memory}");
        }
    }
    let own = |index: usize| devices[index].1.own_kib as f64;
    println!(
        "  the program's own with {} lines, of that with {}: {:.2}",
        LINES[1],
        LINES[0],
        own(1) / own(0)
    );
    own(1) > own(0) * MEMORY_RATIO_MAX
}

/// Prints what the agents spend while nobody does anything.
async fn print_rest(devices: &[Device; 2]) {
    // What was under way when the last scan was answered.
    tokio::time::sleep(REST / 6).await;
    println!("\nat rest for {} s", REST.as_secs());
    let before = [Effort::of(devices[0].process()), Effort::of(devices[1].process())];
    tokio::time::sleep(REST).await;
    for ((device, before), lines) in devices.iter().zip(&before).zip(LINES) {
        let spent = Effort::of(device.process()).since(before);
        println!(
            "  {lines:>7} lines: {:.4} % of a core, {:.2} wake-ups a second",
            100.0 * spent.running.as_secs_f64() / REST.as_secs_f64(),
            spent.total() as f64 / REST.as_secs_f64(),
        );
        for (thread, wakes) in &spent.wakes {
            println!("      {thread:<16} {:.2}", *wakes as f64 / REST.as_secs_f64());
        }
    }
}

/// Prints the time from the last byte of a scan to changed pixels.
async fn print_pixels(device: &mut Device) {
    device.start(device::Kind::WithPanel).await;
    let seen = device.watch_pixels(SCANS).await;
    println!(
        "\na panel of {}x{}, {SCANS} scans, in ms",
        panel::WIDTH,
        panel::HEIGHT
    );
    let pixels: Vec<Duration> = seen.iter().map(|seen| seen.total).collect();
    let commits: Vec<Duration> = seen.iter().map(|seen| seen.commit).collect();
    let rest = pixels
        .iter()
        .zip(&commits)
        .map(|(total, commit)| total.saturating_sub(*commit));
    let rest: Vec<Duration> = rest.collect();
    for (what, mut times) in [
        ("last byte to changed pixels", pixels),
        ("of it the commit, sync included", commits),
        ("everything else: line, driver, rules, painting", rest),
    ] {
        times.sort();
        let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
        println!(
            "  {what:<48} median {:>6.2}  p99 {:>6.2}  longest {:>6.2}",
            at(50),
            at(99),
            at(100)
        );
    }
    println!("  resident with the panel: {}", device.memory());
    device.stop().await;
}
