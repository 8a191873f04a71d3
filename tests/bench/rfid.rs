//! How many tags per second the LLRP driver makes of a portal's bytes.
//!
//! `cargo bench -p tallyman-drivers --bench rfid` makes a stream of reports from a seed, with 1 to 50 tags each (EPC-96,
//! antenna, signal, channel, first and last seen, count, protocol control word, CRC), in the standard's order and in an
//! order that changes with every tag and has custom parameters in it. It is read by the fast way, by the whole decoder
//! with its queue, and by the tree codec; the yardsticks are the same bytes copied, and each byte of them looked at, in
//! the same run. Then the whole path of a portal: bytes to sightings whose GS1 key is read, with few tags in the field and with
//! many. Figures are published, never asserted.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a bench reads a clock, and prints"
)]

use std::hint::black_box;
use std::time::Duration;

use tallyman_codes::Moment;
use tallyman_codes::tag::gen2_crc;
use tallyman_drivers::llrp::report::ReportReader;
use tallyman_drivers::llrp::tree::Message;
use tallyman_drivers::llrp::wire::HEADER_BYTES;
use tallyman_drivers::{Burst, BurstSettings, Output, Pump};

/// How long each way is measured in one turn, and how many turns there are.
const MEASURED: Duration = Duration::from_millis(300);
const TURNS: usize = 7;
/// Bytes of the stream: more than the second cache holds, as bytes from a socket are.
const STREAM_BYTES: usize = 4 * 1024 * 1024;
const TAGS_MAX: u64 = 50;

fn main() {
    let seed = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(7);
    println!("seed {seed}, medians of {TURNS} turns, time of one core");
    println!("stream                       way                     million tags/s   MB/s   against copying");
    for (name, stream) in [
        ("the standard's order", Stream::make(seed, Order::Standard)),
        ("as one reader mixes it", Stream::make(seed, Order::OneReader)),
        ("mixed anew for every tag", Stream::make(seed, Order::Mixed)),
    ] {
        measure(name, &stream);
    }
    println!(
        "tags in the field   bytes to sightings with their key, million tags/s   a portal of 1,500 reads/s"
    );
    for tags in [300, 1_000, 20_000, 100_000] {
        whole_path(&Stream::of_field(seed, tags));
    }
}

/// Reads a second of a busy stream, and of a large portal with sixteen antennas.
const READS_A_SECOND: u64 = 3_000_000;
const PORTAL_READS_A_SECOND: f64 = 1_500.0;

/// Bytes to sightings with their GS1 key, as a device is pumped: 4 kB a piece, in windows of a quarter of a second.
fn whole_path(stream: &Stream) {
    let mut rates = Vec::new();
    for _ in 0..TURNS {
        let decoder = tallyman_drivers::llrp::DRIVER
            .decoder([])
            .expect("defaults are right");
        let (mut pump, mut burst) = (Pump::new(decoder), Burst::new(BurstSettings::default()));
        let (mut reads, mut keys) = (0_u64, 0_u64);
        let start = cpu_time();
        while cpu_time() - start < MEASURED {
            for piece in black_box(&stream.bytes).chunks(4 * 1_024) {
                let at = Moment::from_us(reads * 1_000_000 / READS_A_SECOND);
                pump.push(piece, at);
                while let Some(output) = pump.take() {
                    if let Output::Tag(tag) = output {
                        burst.fold(&tag, at);
                        reads += 1;
                    }
                }
                while let Some(window) = burst.take_window(at) {
                    keys += window
                        .sightings
                        .iter()
                        .filter(|sighting| black_box(sighting.key()).is_some())
                        .count() as u64;
                }
            }
        }
        assert!(keys > 0, "no key was read");
        rates.push(reads as f64 / (cpu_time() - start).as_secs_f64());
    }
    let rate = median(rates);
    println!(
        "{:>17} {:>50.2} {:>24.3} % of a core",
        stream.field,
        rate / 1e6,
        100.0 * PORTAL_READS_A_SECOND / rate
    );
}

/// What this thread has had of a core: what else the machine does meanwhile counts less so.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

type Way = fn(&Stream) -> u64;

fn measure(name: &str, stream: &Stream) {
    let ways: [(&str, Way); 5] = [
        ("copied", copied),
        ("each byte looked at", looked_at),
        ("reports to tags", tags),
        ("the driver, by its queue", driver),
        ("tree codec", trees),
    ];
    let mut rates = vec![Vec::new(); ways.len()];
    for _ in 0..TURNS {
        for ((_, way), rates) in ways.iter().zip(&mut rates) {
            let (start, mut passes) = (cpu_time(), 0_u64);
            while cpu_time() - start < MEASURED {
                let seen = way(black_box(stream));
                assert!(seen == 0 || seen == stream.tags, "{seen} of {} tags", stream.tags);
                passes += 1;
            }
            rates.push(passes as f64 * stream.tags as f64 / (cpu_time() - start).as_secs_f64());
        }
    }
    let medians: Vec<f64> = rates.into_iter().map(median).collect();
    let bytes_each = stream.bytes.len() as f64 / stream.tags as f64;
    for ((way, _), rate) in ways.iter().zip(&medians) {
        println!(
            "{name:<28} {way:<23} {:>14.2} {:>6.0} {:>17.3}",
            rate / 1e6,
            rate * bytes_each / 1e6,
            rate / medians[0],
        );
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn copied(stream: &Stream) -> u64 {
    black_box(stream.bytes.clone());
    0
}

fn looked_at(stream: &Stream) -> u64 {
    black_box(stream.bytes.iter().filter(|byte| **byte == 0x8D).count());
    0
}

/// The bodies of the messages of a stream, by their lengths.
fn bodies(mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(rest.get(2..6)?.try_into().ok()?) as usize;
        let (message, after) = rest.split_at_checked(length)?;
        rest = after;
        Some((message, message.get(HEADER_BYTES..)?))
    })
}

fn tags(stream: &Stream) -> u64 {
    let mut reader = ReportReader::new(true);
    let mut seen = 0;
    for (_, body) in bodies(&stream.bytes) {
        let mut reports = reader.reports(body);
        while let Some(report) = reports.next_report() {
            if let Ok(tag) = report.and_then(|report| report.tag()) {
                black_box(&tag);
                seen += 1;
            }
        }
    }
    seen
}

/// The decoder as the program has it: 4 kB a piece, as a link reads, through its queue.
fn driver(stream: &Stream) -> u64 {
    let decoder = tallyman_drivers::llrp::DRIVER
        .decoder([])
        .expect("defaults are right");
    let (mut pump, mut seen) = (Pump::new(decoder), 0);
    for piece in stream.bytes.chunks(4 * 1_024) {
        pump.push(piece, Moment::default());
        while let Some(output) = pump.take() {
            seen += u64::from(black_box(&output).is_read());
        }
    }
    seen
}

fn trees(stream: &Stream) -> u64 {
    let messages = bodies(&stream.bytes);
    let read = messages.filter_map(|(message, _)| Message::decode_leniently(message).ok());
    read.map(|message| black_box(message).parameters.len() as u64)
        .sum()
}

#[derive(Clone, Copy, PartialEq)]
enum Order {
    /// That of the standard, nothing else in it.
    Standard,
    /// Another, the same for every tag, with custom parameters.
    OneReader,
    /// Another for every tag, with custom parameters.
    Mixed,
}

struct Stream {
    bytes: Vec<u8>,
    tags: u64,
    /// How many different tags there are; 0 where all are.
    field: u64,
}

impl Stream {
    fn make(seed: u64, order: Order) -> Self {
        let mut chance = Chance(seed);
        let mut stream = Self {
            bytes: Vec::with_capacity(STREAM_BYTES + 8_192),
            tags: 0,
            field: 0,
        };
        let mut places: Vec<usize> = (0..12).collect();
        shuffle(&mut chance, &mut places);
        while stream.bytes.len() < STREAM_BYTES {
            let start = stream.bytes.len();
            stream.bytes.extend([0x04, 0x3D, 0, 0, 0, 0, 0, 0, 0, 1]);
            let count = 1 + chance.next() % TAGS_MAX;
            for _ in 0..count {
                match order {
                    Order::Standard => places = (0..9).collect(),
                    Order::OneReader => {}
                    Order::Mixed => shuffle(&mut chance, &mut places),
                }
                let mut epc = [0; 12];
                epc.iter_mut().for_each(|byte| *byte = chance.next() as u8);
                report(&mut chance, &places, &epc, &mut stream.bytes);
            }
            stream.end_message(start, count);
        }
        stream
    }

    /// So many tags of one article, read in an order of chance; each of them comes.
    fn of_field(seed: u64, field: u64) -> Self {
        let mut chance = Chance(seed);
        let mut stream = Self {
            bytes: Vec::new(),
            tags: 0,
            field,
        };
        let places: Vec<usize> = (0..9).collect();
        while stream.bytes.len() < STREAM_BYTES || stream.tags < field {
            let start = stream.bytes.len();
            stream.bytes.extend([0x04, 0x3D, 0, 0, 0, 0, 0, 0, 0, 1]);
            let count = 1 + chance.next() % TAGS_MAX;
            for number in stream.tags..stream.tags + count {
                let serial = if number < field {
                    number
                } else {
                    chance.next() % field
                };
                let mut epc = [0x30, 0x34, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, 0, 0, 0, 0];
                epc[8..].copy_from_slice(&(serial as u32).to_be_bytes());
                report(&mut chance, &places, &epc, &mut stream.bytes);
            }
            stream.end_message(start, count);
        }
        stream
    }

    fn end_message(&mut self, start: usize, tags: u64) {
        self.tags += tags;
        let length = (self.bytes.len() - start) as u32;
        self.bytes[start + 2..start + 6].copy_from_slice(&length.to_be_bytes());
    }
}

fn report(chance: &mut Chance, places: &[usize], epc: &[u8; 12], bytes: &mut Vec<u8>) {
    let start = bytes.len();
    let seen_us = 1_700_000_000_000_000 + chance.next() % 1_000_000;
    bytes.extend([0x00, 0xF0, 0, 0]);
    let custom = |vendor: u32, subtype: u32, data: [u8; 2], bytes: &mut Vec<u8>| {
        bytes.extend([0x03, 0xFF, 0x00, 0x0E]);
        bytes.extend(vendor.to_be_bytes());
        bytes.extend(subtype.to_be_bytes());
        bytes.extend(data);
    };
    for place in places {
        match place {
            0 => {
                bytes.push(0x8D);
                bytes.extend(epc);
            }
            1 => bytes.extend([0x81, 0, 1 + (chance.next() % 16) as u8]),
            2 => bytes.extend([0x86, 0xC0 | chance.next() as u8 & 0x0F]),
            3 => bytes.extend([0x87, 0, (chance.next() % 50) as u8]),
            4 => {
                bytes.push(0x82);
                bytes.extend(seen_us.to_be_bytes());
            }
            5 => {
                bytes.push(0x84);
                bytes.extend((seen_us + 40_000).to_be_bytes());
            }
            6 => bytes.extend([0x88, 0, 1 + (chance.next() % 9) as u8]),
            7 => bytes.extend([0x8C, 0x30, 0x00]),
            8 => {
                bytes.push(0x8B);
                bytes.extend(gen2_crc(0x3000, epc).to_be_bytes());
            }
            9 => custom(25_882, 57, (chance.next() as u16 | 0xE000).to_be_bytes(), bytes),
            10 => custom(25_882, 56, (chance.next() as u16 & 0x0FFF).to_be_bytes(), bytes),
            _ => custom(161, 57, [0x12, 0x34], bytes),
        }
    }
    let length = (bytes.len() - start) as u16;
    bytes[start + 2..start + 4].copy_from_slice(&length.to_be_bytes());
}

fn shuffle(chance: &mut Chance, places: &mut [usize]) {
    for place in (1..places.len()).rev() {
        places.swap(place, (chance.next() % (place as u64 + 1)) as usize);
    }
}

/// splitmix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }
}
