//! A thousand scans on bad lines, by chance: nothing is lost or doubled that the protocol can keep, and the same seed
//! makes the same trace.

use tallyman_drivers::Signal;
use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

use super::world::World;
use crate::scanner::{Beep, HoneywellScanner, Manner, Manners, Scanner as _, SsiScanner, Travel};

const SCANS: usize = 1_000;
const SEEDS: [u64; 4] = [1, 2, 3, 42];

/// So many of a hundred go wrong.
const PERCENT: u64 = 15;

/// A scanner that was set up before the line went bad.
fn ssi(manners: Manners) -> SsiScanner {
    [(238, 1), (56, 0), (94, 1), (236, 0)]
        .into_iter()
        .fold(SsiScanner::new(manners), |scanner, (number, value)| {
            scanner.programmed(number, value)
        })
}

/// One after the other, each answered by a verdict.
fn one_by_one(seed: u64) -> World<SsiScanner> {
    let mut world = World::set_up("zebra_ssi", ssi(Manners::by_chance(seed, PERCENT)));
    world.verdict = Some((Signal::Good, 3));
    for number in 0..SCANS {
        world.scan(&format!("]C0{number:04}"));
        world.run_ms(12_000);
        assert_eq!(
            world.scanner.holds(),
            0,
            "seed {seed}: three transmissions take 6 s"
        );
    }
    world
}

#[test]
fn ssi_loses_and_doubles_nothing_one_by_one() {
    for seed in SEEDS {
        println!("seed {seed}");
        let world = one_by_one(seed);
        world.assert_once_or_given_up(&format!("seed {seed}"));
        let tally = world.scanner.tally();
        assert_eq!(tally.delivered + tally.undelivered, SCANS as u64, "seed {seed}");
        let gave_up = world
            .scanner
            .face()
            .beeps()
            .filter(|beeped| beeped.beep == Beep::GaveUp);
        assert!(
            gave_up.count() as u64 >= tally.undelivered,
            "seed {seed}: it says so each time"
        );
        assert_eq!(world.scanner.face().own_beeps(), 0, "seed {seed}");
        let again = world
            .trace
            .iter()
            .filter(|line| line.contains("< 0CF30001"))
            .count();
        assert!(
            again > SCANS / 20,
            "seed {seed}: {again} repetitions; nothing was tried"
        );
        assert!(world.reads.len() > SCANS * 9 / 10, "seed {seed}");
    }
}

#[test]
fn ssi_loses_and_doubles_nothing_in_bursts_and_long_codes() {
    for seed in SEEDS {
        println!("seed {seed}");
        let mut chance = SeededEntropy::new(seed);
        // A packet that is sent twice is acknowledged twice, and with a queue the second acknowledgement is taken for
        // that of the next packet: what is lost then SSI cannot keep. So no packet is sent twice here, and no answer is
        // damaged, because the scanner would take the "send again" for the packet that it sent after the answer.
        let manners = Manners::by_chance(seed, PERCENT)
            .codes_by_chance(PERCENT, &[Travel::Lost, Travel::Damaged])
            .answers_by_chance(
                PERCENT,
                &[Manner::Late(2_500), Manner::Never, Manner::Twice, Manner::Refuse],
            );
        let mut world = World::set_up("zebra_ssi", ssi(manners));
        world.verdict = Some((Signal::Bad, 3));
        let mut number = 0;
        while number < SCANS {
            for _ in 0..=chance.below(4) {
                let rest = "+".repeat(usize::try_from(chance.below(3) * 250).unwrap_or(0));
                world.scan(&format!("]Q1{number:04}{rest}"));
                number += 1;
            }
            world.run_ms(chance.below(3_000));
            if chance.below(4) == 0 {
                world.run_ms(100_000);
                assert_eq!(world.scanner.holds(), 0, "seed {seed}");
            }
        }
        world.run_ms(200_000);
        world.assert_once_or_given_up(&format!("seed {seed}"));
        let tally = world.scanner.tally();
        assert_eq!(tally.delivered + tally.undelivered, tally.decoded, "seed {seed}");
        assert!(
            world.reads.len() > SCANS / 2,
            "seed {seed}: {} arrived",
            world.reads.len()
        );
    }
}

#[test]
fn honeywell_gives_what_is_on_the_line_and_damage_stays_with_its_code() {
    for seed in SEEDS {
        println!("seed {seed}");
        let manners =
            Manners::good().codes_by_chance(PERCENT, &[Travel::Lost, Travel::Doubled, Travel::Damaged]);
        let mut world = World::set_up("honeywell", HoneywellScanner::new(manners));
        world.verdict = Some((Signal::Good, 3));
        let mut wanted = Vec::new();
        for number in 0..SCANS {
            let text = format!("]C0{number:04}");
            let (before, whole) = (world.sent.len(), framed(&text));
            world.scan(&text);
            let arrivals = &world.sent[before..];
            wanted.extend(
                arrivals
                    .iter()
                    .filter(|frame| **frame == whole)
                    .map(|_| text.clone()),
            );
            world.run_ms(1_000);
        }
        // What was damaged may have become another code or none: there is no checksum. The others are untouched.
        let mut rest = world.texts().into_iter();
        for text in &wanted {
            assert!(rest.any(|read| read == *text), "seed {seed}: {text} is missing");
        }
        let damaged = world
            .sent
            .iter()
            .filter(|frame| frame.starts_with(&[0x16]))
            .count()
            - wanted.len();
        let extra = world.reads.len() - wanted.len();
        assert!(extra <= damaged, "seed {seed}: {extra} reads that nobody sent");
        assert!(wanted.len() > SCANS * 8 / 10, "seed {seed}");
    }
}

/// A frame written down once more, so that what is sent is compared with something.
fn framed(text: &str) -> Vec<u8> {
    let data = &text[3..];
    let length = data.len() + 1;
    let mut frame = vec![
        0x16,
        0xFE,
        u8::try_from(length + 14).expect("short"),
        0,
        0,
        0,
        0x0D,
    ];
    frame.extend(format!("MSGGET{length:04}jC0\u{1d}{data}\r").bytes());
    frame
}

#[test]
fn the_same_seed_makes_the_same_trace() {
    let first = one_by_one(7).trace;
    assert_eq!(first, one_by_one(7).trace);
    assert_ne!(first, one_by_one(8).trace);
}
