//! How bytes are cut into reads never changes what is read.

use tallyman_codes::Moment;

use crate::support::{Chance, Sample, lines, outputs, play, samples};

/// Seeds of random cuts for each capture.
const SEEDS: u64 = 64;

#[test]
fn any_chunking_of_any_capture_gives_the_same_outputs() {
    for sample in samples() {
        let whole = lines(&play(&sample, |bytes| vec![bytes.to_vec()]));
        for size in [1, 2, 3, 7, 62, 64] {
            let cut = lines(&play(&sample, |bytes| {
                bytes.chunks(size).map(<[u8]>::to_vec).collect()
            }));
            assert_eq!(cut, whole, "{} in pieces of {size}", sample.path.display());
        }
        for seed in 0..SEEDS {
            let mut chance = Chance::new(seed);
            let cut = lines(&play(&sample, |bytes| chance.cut(bytes, 20)));
            assert_eq!(cut, whole, "{} with seed {seed}", sample.path.display());
        }
    }
}

#[test]
fn raw_bytes_without_moments_may_be_cut_anywhere_too() {
    for sample in samples() {
        let bytes = sample.capture.device_bytes();
        let whole = raw(&sample, [bytes.clone()]);
        assert_eq!(
            raw(&sample, bytes.chunks(1).map(<[u8]>::to_vec)),
            whole,
            "{}",
            sample.path.display()
        );
        for seed in 0..SEEDS {
            let cut = Chance::new(seed).cut(&bytes, 20);
            assert_eq!(
                raw(&sample, cut),
                whole,
                "{} with seed {seed}",
                sample.path.display()
            );
        }
    }
}

fn raw(sample: &Sample, pieces: impl IntoIterator<Item = Vec<u8>>) -> Vec<String> {
    let mut pump = sample.pump();
    for piece in pieces {
        pump.push(&piece, Moment::default());
    }
    pump.finish();
    lines(&outputs(&mut pump))
}
