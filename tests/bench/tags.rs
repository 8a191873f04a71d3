//! What a hundred thousand different tags take of a device's memory: a burst's window, the sweep of a place, and both at once, as
//! where a zone is swept; and how long it takes to judge them all.
//!
//! `cargo bench -p tallyman-agent --bench tags`. Memory is the same in every build; times are of this one. Figures are published,
//! never asserted.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a bench reads a clock and prints"
)]

use std::hint::black_box;
use std::time::Instant;

use peak_alloc::PeakAlloc;
use tallyman_codes::{EpcBytes, Moment, Tag, gen2_crc};
use tallyman_drivers::{Burst, BurstSettings};
use tallyman_floor::rfid::{Known, Rules, Sweep};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Different tags.
const TAGS: u32 = 100_000;
/// Windows in which each of them is heard.
const WINDOWS: u64 = 4;

fn tag(serial: u32) -> Tag {
    let mut epc = [0x30, 0x34, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, 0, 0, 0, 0];
    epc[8..].copy_from_slice(&serial.to_be_bytes());
    Tag {
        epc: EpcBytes::new(&epc).unwrap_or_default(),
        pc: Some(0x3000),
        crc: Some(gen2_crc(0x3000, &epc)),
        antenna: Some(1),
        rssi_centi_dbm: Some(-4_000 - (serial % 2_000) as i32),
        ..Tag::default()
    }
}

fn main() {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let mut burst = Burst::new(BurstSettings::default());
    let mut sweep = Sweep::new(Rules::default());
    let mut most_in_burst = 0;
    for window in 0..WINDOWS {
        let at = Moment::from_ms(250 * window);
        (0..TAGS).for_each(|serial| burst.fold(&tag(serial), at));
        most_in_burst = burst.waiting().max(most_in_burst);
        while let Some(part) = burst.take_rest(at) {
            sweep.take(at, &part.sightings);
        }
    }
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    let both = ALLOCATOR.peak_usage().saturating_sub(before);
    drop(burst);
    let kept = ALLOCATOR.current_usage().saturating_sub(before);
    println!(
        "{most_in_burst} tags in a window, {} in the sweep",
        sweep.unique()
    );
    println!("burst and sweep at once: {:.1} MB at most", megabytes(both));
    println!("the sweep alone: {:.1} MB", megabytes(kept));
    let start = Instant::now();
    let judged = black_box(sweep.judge(|_| Known::Nothing));
    println!(
        "judged: {} tags in {:.1} ms",
        judged.tally.all(),
        start.elapsed().as_secs_f64() * 1e3
    );
}
