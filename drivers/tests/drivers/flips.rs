//! A flipped byte never yields a wrong read, and costs the reads of one frame at most: tried for every byte of every capture of
//! the checksummed drivers.

use tallyman_drivers::Output;
use tallyman_drivers::capture::Starts;

use crate::support::{Sample, outputs, samples};

/// Flips that give a read that was not sent, each with the reason why the checksum cannot see it.
/// Capture, chunk, byte in the chunk, and what the byte is changed by.
const SURVIVORS: &[(&str, usize, usize, u8, &str)] = &[
    ("noise", 2, 5, 4, TWO_ERRORS),
    ("noise", 2, 11, 4, TWO_ERRORS),
    ("noise", 2, 15, 4, TWO_ERRORS),
    ("noise", 2, 16, 4, TWO_ERRORS),
    ("noise", 2, 17, 4, TWO_ERRORS),
];

const TWO_ERRORS: &str = "The capture's frame is damaged already, 4 too much; 4 less in another byte makes the sum right. \
    A sum sees every single error and not every pair.";

#[test]
fn every_single_byte_flip_is_seen_by_the_checksum_and_costs_one_frame_at_most() {
    let mut wrong = Vec::new();
    for sample in samples() {
        if !sample.driver.checksummed || sample.capture.header.starts == Starts::Opened {
            continue;
        }
        let name = sample.path.file_stem().unwrap().to_str().unwrap().to_owned();
        let sent = reads(&sample, None);
        let of_a_frame = reads_of_a_frame(&sample);
        let sizes: Vec<usize> = sample
            .capture
            .from_device()
            .map(|(bytes, _)| bytes.len())
            .collect();
        for (chunk, size) in sizes.into_iter().enumerate() {
            for byte in 0..size {
                for flip in (0..8).map(|bit| 1 << bit).chain([0xFF]) {
                    let got = reads(&sample, Some((chunk, byte, flip)));
                    if !is_part(&got, &sent) {
                        wrong.push((name.clone(), chunk, byte, flip));
                    }
                    assert!(
                        got.len() + of_a_frame >= sent.len(),
                        "{name}: byte {byte} of chunk {chunk} changed by {flip:02X} costs more than one frame"
                    );
                }
            }
        }
    }
    let listed: Vec<(String, usize, usize, u8)> = SURVIVORS
        .iter()
        .map(|(name, chunk, byte, flip, _)| ((*name).to_owned(), *chunk, *byte, *flip))
        .collect();
    assert_eq!(
        wrong, listed,
        "flips that give a wrong read; list those that no checksum can see, with the reason"
    );
}

/// The most reads that one frame of a capture gives: readers of tags tell several at once.
fn reads_of_a_frame(sample: &Sample) -> usize {
    let mut pump = sample.pump();
    sample.capture.play(&mut pump);
    let (mut most, mut of_this) = (1, 0);
    while let Some(output) = pump.take() {
        match output {
            Output::Message { .. } => of_this = 0,
            output => of_this += usize::from(output.is_read()),
        }
        most = most.max(of_this);
    }
    most
}

fn reads(sample: &Sample, change: Option<(usize, usize, u8)>) -> Vec<Output> {
    let mut pump = sample.pump();
    for (index, (bytes, at)) in sample.capture.from_device().enumerate() {
        let mut bytes = bytes.to_vec();
        if let Some((chunk, byte, flip)) = change
            && chunk == index
        {
            bytes[byte] ^= flip;
        }
        pump.push(&bytes, at);
    }
    pump.finish();
    let read = |output| match output {
        // Where the first transmission is damaged the second one is the code, and says that it was sent before.
        Output::Barcode { barcode, pull, .. } => Output::Barcode {
            barcode,
            pull,
            again: false,
        },
        other => other,
    };
    outputs(&mut pump)
        .into_iter()
        .filter(Output::is_read)
        .map(read)
        .collect()
}

/// Whether `part` is `whole` with some left out.
fn is_part(part: &[Output], whole: &[Output]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|output| rest.any(|other| other == output))
}
