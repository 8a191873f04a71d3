//! What the tests of drivers share: the captures on disk, ways to cut bytes, and outputs as lines.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use tallyman_codes::Moment;
use tallyman_drivers::capture::{self, Capture, Starts};
use tallyman_drivers::contract::ReportLine;
use tallyman_drivers::{CATALOGUE, Driver, Output, Pump};

/// The room's folder.
pub fn room() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A capture of a driver.
pub struct Sample {
    pub driver: &'static Driver,
    pub path: PathBuf,
    pub capture: Capture,
}

impl Sample {
    pub fn pump(&self) -> Pump {
        let decoder = self.driver.decoder(self.capture.settings());
        Pump::new(decoder.unwrap_or_else(|error| panic!("{}: {error}", self.path.display())))
    }

    pub fn reads_path(&self) -> PathBuf {
        self.path.with_extension("reads")
    }
}

/// All captures of all drivers, in the order of the catalogue and of their names.
pub fn samples() -> Vec<Sample> {
    CATALOGUE.iter().flat_map(samples_of).collect()
}

/// The captures of one driver.
pub fn samples_of(driver: &'static Driver) -> Vec<Sample> {
    files(&room().join(driver.name).join("captures"), "capture")
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let capture = capture::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            Sample {
                driver,
                path,
                capture,
            }
        })
        .collect()
}

/// The files of a folder with this extension, sorted.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    paths
}

/// Takes all outputs, without the protocol messages.
pub fn outputs(pump: &mut Pump) -> Vec<Output> {
    std::iter::from_fn(|| pump.take())
        .filter(|output| !matches!(output, Output::Message { .. }))
        .collect()
}

/// Outputs as JSON Lines.
pub fn lines(outputs: &[Output]) -> Vec<String> {
    outputs
        .iter()
        .map(|output| serde_json::to_string(&ReportLine::from(output)).unwrap())
        .collect()
}

/// Plays a capture as it happened, its pieces cut by `cut`.
pub fn play(sample: &Sample, mut cut: impl FnMut(&[u8]) -> Vec<Vec<u8>>) -> Vec<Output> {
    let mut pump = sample.pump();
    if sample.capture.header.starts == Starts::Opened {
        pump.opened(Moment::default());
    }
    for (bytes, at) in sample.capture.from_device() {
        for piece in cut(bytes) {
            pump.push(&piece, at);
        }
    }
    pump.finish();
    outputs(&mut pump)
}

/// What the worker's side sees: everything but garbage and what is written.
pub fn seen(outputs: &[Output]) -> Vec<Output> {
    let is_seen = |output: &&Output| !matches!(output, Output::Garbage { .. } | Output::Write(_));
    outputs.iter().filter(is_seen).cloned().collect()
}

/// A small generator of chance with a seed, xorshift64*.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 32) as u8).collect()
    }

    /// Cuts bytes into pieces of 1 to `longest`.
    pub fn cut(&mut self, bytes: &[u8], longest: usize) -> Vec<Vec<u8>> {
        let mut pieces = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at((1 + self.below(longest)).min(rest.len()));
            pieces.push(piece.to_vec());
            rest = after;
        }
        pieces
    }
}

/// Compares a generated text with its file, or writes it when `UPDATE=1` is set.
pub fn golden(path: &Path, text: &str) {
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        fs::write(path, text).unwrap();
        return;
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        kept,
        text,
        "{} is not what the drivers say now; look at the difference, and if it is right run UPDATE=1 cargo test \
         -p tallyman-drivers",
        path.display()
    );
}
