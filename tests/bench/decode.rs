//! How many scans and tags one core understands in a second.
//!
//! `cargo bench -p tallyman-codes --bench decode` prints strings per second for parse plus all checks with AI and
//! value handed out as slices, allocations per accepted string, and EPC-96 per second. The corpus is a file named
//! by `TALLYMAN_DECODE_CORPUS`, one scan a line, or 200,000 generated ones of which 3 % are damaged. Figures are
//! published, never asserted; only that an accepted element string of up to eight fields allocates nothing is.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a bench reads a clock, an environment variable and a file, and prints"
)]
#![allow(
    unsafe_code,
    reason = "a global allocator that counts can be written no other way"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tallyman_codes::date::Century;
use tallyman_codes::fields::{FIELDS_INLINE, Fields};
use tallyman_codes::gtin::Gtin;
use tallyman_codes::{SymbologyId, associations, check_digit, element_string, epc};

/// Scans of the generated corpus.
const CORPUS_LEN: usize = 200_000;
/// One of so many generated scans is damaged in one character.
const DAMAGED_ONE_OF: u64 = 33;
/// Items that are timed at once: about a millisecond, less than a time slice.
const BLOCK_LEN: usize = 5_000;
/// How long each figure is measured; long enough for some dozen passes.
const MEASURED: Duration = Duration::from_secs(3);
/// The seed of the generated corpus.
const SEED: u64 = 0x7A11_73A4;

/// Counts allocations; everything else is the system's.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: each call is handed on unchanged to the system's allocator, which keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
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
    let corpus = corpus();
    let lines: Vec<&[u8]> = corpus
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    let century = Century::of(jiff::civil::date(2026, 11, 23));
    let accepted = lines
        .iter()
        .filter(|line| understand(line, century, &mut Fields::new()).is_some())
        .count();
    println!(
        "corpus: {} strings, {} accepted, {} bytes",
        lines.len(),
        accepted,
        corpus.len()
    );

    let best = fastest(&lines, |block| {
        let mut fields = Fields::new();
        for line in block {
            black_box(understand(line, century, &mut fields));
        }
    });
    println!(
        "strings per second: {:.2} million",
        lines.len() as f64 / best / 1e6
    );
    println!(
        "allocations per accepted string of up to {FIELDS_INLINE} fields: {}",
        allocations(&lines, century)
    );

    let tags = tags();
    let best = fastest(&tags, |block| {
        for tag in block {
            let _ = black_box(epc::decode_96(tag));
        }
    });
    println!("EPC-96 per second: {:.2} million", tags.len() as f64 / best / 1e6);
}

/// Parse, all checks, and every pair handed out; `None` for a refused scan.
fn understand<'a>(line: &'a [u8], century: Century, fields: &mut Fields<'a>) -> Option<usize> {
    let (id, message) = match SymbologyId::split(line) {
        Some((id, message)) => (Some(id), message),
        None => (None, line),
    };
    if id.is_some_and(|id| id.code == b'E') {
        return Gtin::new(message).map(|gtin| black_box(gtin).as_bytes().len());
    }
    element_string::parse(message, century, fields).ok()?;
    let warned = !associations::are_kept(fields);
    let mut handed_out = usize::from(warned);
    for field in fields.iter() {
        handed_out += black_box(field.ai).len() + black_box(field.value).len();
    }
    Some(handed_out)
}

/// The seconds for all items: of each block its fastest pass, so that what else the machine does is left out.
fn fastest<T>(items: &[T], mut pass: impl FnMut(&[T])) -> f64 {
    let blocks: Vec<&[T]> = items.chunks(BLOCK_LEN).collect();
    let mut best = vec![f64::MAX; blocks.len()];
    let start = Instant::now();
    while start.elapsed() < MEASURED {
        for (block, best) in blocks.iter().zip(&mut best) {
            let begin = Instant::now();
            pass(block);
            *best = best.min(begin.elapsed().as_secs_f64());
        }
    }
    best.iter().sum()
}

fn allocations(lines: &[&[u8]], century: Century) -> f64 {
    let mut fields = Fields::new();
    let (mut strings, mut counted) = (0u64, 0u64);
    for line in lines {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let accepted = understand(line, century, &mut fields).is_some();
        let made = ALLOCATIONS.load(Ordering::Relaxed) - before;
        if accepted && fields.len() <= FIELDS_INLINE {
            strings += 1;
            counted += made;
        }
    }
    assert_eq!(counted, 0, "an accepted element string allocated");
    counted as f64 / strings.max(1) as f64
}

fn corpus() -> Vec<u8> {
    match std::env::var("TALLYMAN_DECODE_CORPUS") {
        Ok(path) => {
            std::fs::read(&path).unwrap_or_else(|error| panic!("TALLYMAN_DECODE_CORPUS={path}: {error}"))
        }
        Err(_) => generated(),
    }
}

/// A small generator: the corpus is the same everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from(b'0' + self.below(10) as u8))
            .collect()
    }

    fn text(&mut self, most: u64) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-./";
        let count = 3 + self.below(most - 3);
        (0..count)
            .map(|_| char::from(ALPHABET[self.below(ALPHABET.len() as u64) as usize]))
            .collect()
    }

    fn checked(&mut self, first: &str, count: usize) -> String {
        let body = format!("{first}{}", self.digits(count - 1 - first.len()));
        let check = check_digit::of(body.as_bytes()).expect("digits");
        format!("{body}{}", char::from(check))
    }

    fn date(&mut self) -> String {
        format!(
            "{:02}{:02}{:02}",
            24 + self.below(8),
            1 + self.below(12),
            self.below(29)
        )
    }
}

fn generated() -> Vec<u8> {
    let mut chance = Chance(SEED);
    let mut corpus = Vec::new();
    for _ in 0..CORPUS_LEN {
        let mut scan = one_scan(&mut chance).into_bytes();
        if chance.below(DAMAGED_ONE_OF) == 0 {
            let at = 3 + chance.below(scan.len() as u64 - 3) as usize;
            scan[at] = b"0123456789Ab\x1d#"[chance.below(14) as usize];
        }
        corpus.extend_from_slice(&scan);
        corpus.push(b'\n');
    }
    corpus
}

/// A scan of one of the forms that labels in trade have.
fn one_scan(chance: &mut Chance) -> String {
    let gtin = chance.checked("0952", 14);
    let (lot, serial) = (chance.text(12), chance.text(16));
    let (date, other_date) = (chance.date(), chance.date());
    match chance.below(10) {
        0 => format!("]C100{}", chance.checked("395", 18)),
        1 => format!("]E0{}", chance.checked("952", 13)),
        2 => format!(
            "]C102{gtin}37{}\x1d00{}",
            1 + chance.below(99),
            chance.checked("395", 18)
        ),
        3 => format!("]d201{gtin}17{date}10{lot}\x1d21{serial}"),
        4 => format!("]C101{gtin}15{date}10{lot}"),
        5 => format!("]e001{gtin}3103{:06}", chance.below(30_000)),
        6 => format!(
            "]C101{gtin}3103{:06}11{other_date}17{date}10{lot}",
            chance.below(30_000)
        ),
        7 => format!("]d201{gtin}21{serial}\x1d10{lot}\x1d17{date}\x1d7003{date}1200\x1d240{lot}"),
        8 => format!("]Q3414{}254{serial}", chance.checked("952", 13)),
        _ => format!("]C101{gtin}10{lot}\x1d422276\x1d30{}", 1 + chance.below(999)),
    }
}

/// SGTIN-96 and SSCC-96, random within their schemes.
fn tags() -> Vec<[u8; 12]> {
    let mut chance = Chance(SEED);
    let mut tags = Vec::with_capacity(CORPUS_LEN);
    while tags.len() < CORPUS_LEN {
        let mut tag = [0; 12];
        tag[..8].copy_from_slice(&chance.next().to_be_bytes());
        tag[4..].copy_from_slice(&chance.next().to_be_bytes());
        tag[0] = [0x30, 0x31][tags.len() % 2];
        if epc::decode_96(&tag).is_ok() {
            tags.push(tag);
        }
    }
    tags
}
