//! How many megabytes and codes per second each decoder takes, and what share of a core its fastest wire needs.
//!
//! `cargo bench -p tallyman-drivers --bench drivers` plays each driver's captures over and over, in the chunks they
//! were recorded in and with their silences, and prints one row a driver. Figures are published, never asserted.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a bench reads a clock and files, and prints"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use tallyman_codes::Moment;
use tallyman_drivers::capture::{self, Capture};
use tallyman_drivers::{CATALOGUE, Driver, LinkKind, Pump};

/// How long each driver is measured.
const MEASURED: Duration = Duration::from_secs(2);
/// Silence between two passes over a capture: longer than any gap of any protocol.
const PASS_MS: u64 = 20_000;

fn main() {
    println!("driver           MB/s     codes/s   fastest wire                    share of a core");
    for driver in CATALOGUE {
        let captures = captures(driver);
        let (bytes, codes, seconds) = measure(driver, &captures);
        let bytes_per_second = bytes as f64 / seconds;
        let (wire, rate) = fastest_wire(driver);
        println!(
            "{:<15} {:>6.1} {:>11.0}   {:<30} {:>8.3} %",
            driver.name,
            bytes_per_second / 1e6,
            codes as f64 / seconds,
            wire,
            100.0 * rate / bytes_per_second,
        );
    }
}

/// The fastest rate in bytes per second that scanners of the protocol use: a serial line of 921,600 baud with ten
/// bits a byte, a full-speed HID report or a keyboard report (five events) each millisecond.
fn fastest_wire(driver: &Driver) -> (&'static str, f64) {
    match driver.links.first() {
        Some(LinkKind::Hidraw) => ("64-byte report each ms", 64_000.0),
        Some(LinkKind::Evdev) => ("5 events of 24 bytes each ms", 120_000.0),
        _ => ("921,600 baud", 92_160.0),
    }
}

fn captures(driver: &Driver) -> Vec<Capture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(driver.name)
        .join("captures");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("captures")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "capture"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("a capture");
        capture::parse(&text).expect("a capture")
    };
    paths.iter().map(read).collect()
}

/// Bytes, codes and seconds. One decoder a capture, as one connection lasts.
fn measure(driver: &Driver, captures: &[Capture]) -> (u64, u64, f64) {
    let mut pumps: Vec<Pump> = captures
        .iter()
        .map(|capture| {
            Pump::new(
                driver
                    .decoder(capture.settings())
                    .expect("a capture's settings are right"),
            )
        })
        .collect();
    let (mut bytes, mut codes, mut pass_ms) = (0, 0, 0);
    let start = Instant::now();
    while start.elapsed() < MEASURED {
        for (pump, capture) in pumps.iter_mut().zip(captures) {
            for (chunk, at) in capture.from_device() {
                bytes += chunk.len() as u64;
                pump.push(black_box(chunk), Moment::from_us(at.us).plus_ms(pass_ms));
                while let Some(output) = pump.take() {
                    codes += u64::from(black_box(output).is_read());
                }
            }
        }
        pass_ms += PASS_MS;
    }
    (bytes, codes, start.elapsed().as_secs_f64())
}
