//! No stream of bytes grows a decoder's memory without bound.

#[path = "support.rs"]
mod support;

use peak_alloc::PeakAlloc;
use support::{Chance, Sample, samples_of};
use tallyman_codes::Moment;
use tallyman_drivers::CATALOGUE;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What a decoder may hold: its longest frame, a message put together from frames, and some lists.
const HELD_BYTES_MAX: usize = 128 * 1024;

/// Bytes of each stream: enough to be seen if they were all kept.
const STREAM_BYTES: usize = 2 * HELD_BYTES_MAX;

#[test]
fn no_stream_grows_a_decoder_without_bound() {
    for driver in CATALOGUE {
        let samples = samples_of(driver);
        let mut streams: Vec<(String, Vec<u8>)> = vec![
            ("zeros".to_owned(), vec![0; 4096]),
            ("letters".to_owned(), vec![b'A'; 4096]),
            ("chance".to_owned(), Chance::new(7).bytes(65_536)),
        ];
        for sample in &samples {
            let bytes = sample.capture.device_bytes();
            for share in [1, 3, 7] {
                let part = bytes[..(bytes.len() * share / 8).max(1)].to_vec();
                streams.push((format!("{share}/8 of {}", sample.path.display()), part));
            }
            streams.push((sample.path.display().to_string(), bytes));
        }
        for (name, stream) in streams {
            for sample in each_setting(&samples) {
                let mut pump = sample.pump();
                let before = ALLOCATOR.current_usage();
                for _ in 0..1 + STREAM_BYTES / stream.len() {
                    for piece in stream.chunks(4 * 1024) {
                        pump.push(piece, Moment::default());
                        while pump.take().is_some() {}
                    }
                    let held = ALLOCATOR.current_usage().saturating_sub(before);
                    assert!(
                        held < HELD_BYTES_MAX,
                        "{} holds {held} bytes of {name}",
                        driver.name
                    );
                }
            }
        }
    }
}

/// One sample of each group with the same settings: the others would make the same decoder.
fn each_setting(samples: &[Sample]) -> Vec<&Sample> {
    let mut chosen: Vec<&Sample> = Vec::new();
    for sample in samples {
        if chosen
            .iter()
            .all(|other| other.capture.header.settings != sample.capture.header.settings)
        {
            chosen.push(sample);
        }
    }
    chosen
}
