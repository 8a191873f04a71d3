//! Noise: it never panics, and codes after it are read.

use std::collections::BTreeMap;

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

/// Garbage in a gap of the capture, wherever the decoder holds nothing open, and silence after it: every read of the
/// capture comes, in order, and nothing that was not sent.
#[test]
fn noise_between_frames_neither_stops_later_reads_nor_makes_one() {
    let mut gaps_by_driver = BTreeMap::new();
    for sample in samples() {
        if sample.capture.header.starts == Starts::Opened {
            continue;
        }
        let pieces: Vec<(&[u8], Moment)> = sample.capture.from_device().collect();
        let expected = reads(&play(&sample, |bytes| vec![bytes.to_vec()]));
        let mut gaps = 0_usize;
        for place in 1..pieces.len() {
            for seed in 0..16 {
                let mut chance = Chance::new(seed);
                let mut pump = sample.pump();
                for (bytes, at) in &pieces[..place] {
                    pump.push(bytes, *at);
                }
                pump.advance(pieces[place].1);
                if pump.deadline().is_some() || pump.held_garbage_bytes() > 0 {
                    continue;
                }
                gaps += 1;
                let mut got = reads(&outputs(&mut pump));
                let (_, before) = pieces[place - 1];
                let length = 1 + chance.below(40);
                pump.push(&unprintable(&mut chance, length), before.plus_ms(QUIET_MS));
                pump.advance(before.plus_ms(2 * QUIET_MS));
                let noise = reads(&outputs(&mut pump));
                if sample.driver.checksummed {
                    assert_eq!(
                        noise,
                        [],
                        "{}: noise of seed {seed} is a code",
                        sample.path.display()
                    );
                }
                for (bytes, at) in &pieces[place..] {
                    pump.push(bytes, at.plus_ms(3 * QUIET_MS));
                }
                pump.finish();
                got.extend(reads(&outputs(&mut pump)));
                assert_eq!(
                    got,
                    expected,
                    "{}: noise of seed {seed} before piece {place}",
                    sample.path.display()
                );
            }
        }
        *gaps_by_driver.entry(sample.driver.name).or_insert(0) += gaps;
    }
    for driver in CATALOGUE {
        let gaps = gaps_by_driver.get(driver.name).copied().unwrap_or(0);
        assert!(
            gaps > 0,
            "no capture of {} has a gap to put noise into",
            driver.name
        );
    }
}

/// Bytes of chance as a glitch on a line makes them; no letters and digits, which a text line cannot tell from a code.
fn unprintable(chance: &mut Chance, length: usize) -> Vec<u8> {
    let bytes = chance.bytes(length);
    bytes.into_iter().map(|byte| byte | 0x80).collect()
}

fn reads(outputs: &[Output]) -> Vec<Output> {
    outputs
        .iter()
        .filter(|output| output.is_read())
        .cloned()
        .collect()
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
