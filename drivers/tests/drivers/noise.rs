//! Noise: it never panics, and codes after it are read.

use tallyman_codes::Moment;
use tallyman_drivers::capture::Starts;
use tallyman_drivers::{CATALOGUE, Output, Pump};

use crate::support::{Chance, outputs, play, samples, samples_of, seen};

/// Silence that ends any half frame of any protocol.
const QUIET_MS: u64 = 20_000;

#[test]
fn noise_before_a_capture_does_not_stop_its_reads() {
    for sample in samples() {
        if sample.capture.header.starts == Starts::Opened {
            continue;
        }
        let expected = seen(&play(&sample, |bytes| vec![bytes.to_vec()]));
        for seed in 0..64 {
            let mut chance = Chance::new(seed);
            let mut pump = sample.pump();
            let length = 1 + chance.below(600);
            pump.push(&chance.bytes(length), Moment::from_ms(1));
            pump.advance(Moment::from_ms(QUIET_MS - 1));
            let _noise = outputs(&mut pump);
            for (bytes, at) in sample.capture.from_device() {
                pump.push(bytes, Moment::from_us(at.us + QUIET_MS * 1_000));
            }
            pump.finish();
            let after = seen(&outputs(&mut pump));
            assert_eq!(
                after,
                expected,
                "{} after noise of seed {seed}",
                sample.path.display()
            );
        }
    }
}

#[test]
fn random_bytes_never_panic_and_every_byte_is_accounted_for() {
    for driver in CATALOGUE {
        let samples = samples_of(driver);
        for seed in 0..200 {
            let mut chance = Chance::new(seed);
            let sample = &samples[chance.below(samples.len())];
            let mut pump = sample.pump();
            let mut at = Moment::default();
            let source = sample.capture.device_bytes();
            let mut sent = 0;
            for _ in 0..20 {
                let bytes = damaged(&mut chance, &source);
                sent += bytes.len() as u64;
                pump.push(&bytes, at);
                at = at.plus_ms(chance.next() % 300);
            }
            match seed % 3 {
                0 => pump.reset(),
                _ => pump.finish(),
            }
            assert!(
                garbage(&mut pump) <= sent,
                "{} counts more garbage than bytes, seed {seed}",
                driver.name
            );
        }
    }
}

/// Bytes that look like the protocol for a while: pieces of captures with bits flipped, bytes lost and added.
fn damaged(chance: &mut Chance, source: &[u8]) -> Vec<u8> {
    if chance.below(4) == 0 {
        let length = chance.below(400);
        return chance.bytes(length);
    }
    let start = chance.below(source.len());
    let end = start + chance.below(source.len() - start);
    let mut bytes = source[start..end].to_vec();
    for _ in 0..chance.below(4) {
        if bytes.is_empty() {
            break;
        }
        let place = chance.below(bytes.len());
        match chance.below(3) {
            0 => bytes[place] ^= 1 << chance.below(8),
            1 => {
                bytes.remove(place);
            }
            _ => bytes.insert(place, (chance.next() >> 40) as u8),
        }
    }
    bytes
}

fn garbage(pump: &mut Pump) -> u64 {
    outputs(pump)
        .iter()
        .map(|output| match output {
            Output::Garbage { bytes, .. } => *bytes,
            _ => 0,
        })
        .sum()
}

#[test]
fn a_lost_link_drops_the_half_code() {
    for sample in samples() {
        let bytes = sample.capture.device_bytes();
        let whole = seen(&play_raw(&sample.capture.device_bytes(), &mut sample.pump()));
        for cut in 0..bytes.len() {
            let mut pump = sample.pump();
            pump.push(&bytes[..cut], Moment::default());
            pump.reset();
            let before = seen(&outputs(&mut pump));
            assert!(
                before
                    .iter()
                    .filter(|output| output.is_read())
                    .all(|read| whole.contains(read)),
                "{} cut at byte {cut} yields a read that was never sent",
                sample.path.display()
            );
        }
    }
}

fn play_raw(bytes: &[u8], pump: &mut Pump) -> Vec<Output> {
    pump.push(bytes, Moment::default());
    pump.finish();
    outputs(pump)
}
