//! How many reads a second become sightings, what a hundred thousand tags take, and what a busy portal costs.
//!
//! `cargo bench -p tallyman-drivers --bench sightings` folds a seeded stream of reports (EPC-96, PC and CRC that agree, 16 antennas) in
//! windows of a quarter of a second of the stream's time, and reads the GS1 key of each sighting. What decoding the reader's bytes
//! costs is the drivers' bench. Figures are published, never asserted.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a bench reads a clock and prints"
)]

use std::hint::black_box;
use std::time::Duration;

use peak_alloc::PeakAlloc;
use rustix::time::{ClockId, clock_gettime};
use tallyman_codes::{EpcBytes, Moment, Tag, gen2_crc};
use tallyman_drivers::{Burst, BurstSettings};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// How long each figure is measured.
const MEASURED: Duration = Duration::from_secs(2);
/// Reports of a stream, played over and over.
const REPORTS: usize = 200_000;
/// A large portal: sixteen antennas together.
const PORTAL_READS_A_SECOND: u64 = 1_500;

fn main() {
    println!("tags        reads a second a second    key read   million reads/s");
    for (tags, rate) in [
        (300, PORTAL_READS_A_SECOND),
        (1_000, 3_000_000),
        (20_000, 3_000_000),
        (100_000, 3_000_000),
    ] {
        let stream = stream(tags);
        let seconds_a_read = fold(&stream, rate);
        println!(
            "{tags:>7} {rate:>26} {:>11} {:>17.2}",
            "yes",
            1e-6 / seconds_a_read
        );
        if rate == PORTAL_READS_A_SECOND {
            let share = seconds_a_read * PORTAL_READS_A_SECOND as f64;
            println!(
                "        a portal of {PORTAL_READS_A_SECOND} reads a second takes {:.4} % of a core",
                100.0 * share
            );
        }
    }
    println!(
        "100,000 tags in one window: {:.1} MB at most",
        memory() as f64 / 1e6
    );
}

/// Seconds for each read, windows and keys included.
fn fold(stream: &[Tag], reads_a_second: u64) -> f64 {
    let mut burst = Burst::new(BurstSettings::default());
    let (mut reads, mut now_ns) = (0u64, 0u64);
    let step_ns = 1_000_000_000 / reads_a_second;
    let start = cpu();
    while cpu() - start < MEASURED {
        for tag in stream {
            now_ns += step_ns;
            let at = Moment::from_us(now_ns / 1_000);
            burst.fold(tag, at);
            while let Some(window) = burst.take_window(at) {
                for sighting in &window.sightings {
                    black_box(sighting.key());
                }
            }
            reads += 1;
        }
    }
    (cpu() - start).as_secs_f64() / reads as f64
}

/// The processor's time of this thread: what else the machine does is left out.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// The most that a burst with 100,000 tags holds, its windows taken as they come.
fn memory() -> usize {
    let stream = stream(100_000);
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let mut burst = Burst::new(BurstSettings::default());
    for tag in &stream {
        burst.fold(tag, Moment::default());
    }
    while let Some(window) = burst.take_rest(Moment::default()) {
        black_box(window);
    }
    ALLOCATOR.peak_usage().saturating_sub(before)
}

/// Reports of this many tags in an order of chance (xorshift64*); each tag comes at least once where there is room.
fn stream(tags: usize) -> Vec<Tag> {
    let mut state = 0x7A11_73A4_u64;
    let mut next = move || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    };
    let reports = 0..REPORTS.max(tags);
    let tag = |n: usize| {
        let serial = if n < tags {
            n
        } else {
            (next() >> 33) as usize % tags
        };
        let mut epc = [0x30, 0x34, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, 0, 0, 0, 0];
        epc[8..].copy_from_slice(&(serial as u32).to_be_bytes());
        Tag {
            epc: EpcBytes::new(&epc).unwrap_or_default(),
            pc: Some(0x3000),
            crc: Some(gen2_crc(0x3000, &epc)),
            antenna: Some(1 + (next() >> 60) as u16),
            rssi_centi_dbm: Some(-4_000 - (next() >> 53) as i32),
            first_seen_us: Some(n as u64),
            ..Tag::default()
        }
    };
    reports.map(tag).collect()
}
