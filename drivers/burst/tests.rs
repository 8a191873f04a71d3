//! What a burst promises: nothing is lost between reads and sightings, and nothing grows.

use proptest::prelude::*;
use std::collections::HashMap;
use tallyman_codes::{EpcBytes, gen2_crc};

use super::*;

fn tag(serial: u32, count: u32) -> Tag {
    let mut epc = [0x30; 12];
    epc[8..].copy_from_slice(&serial.to_be_bytes());
    Tag {
        epc: EpcBytes::new(&epc).unwrap(),
        antenna: Some(1 + (serial % 4) as u16),
        rssi_centi_dbm: Some(-5_000 - (serial % 100) as i32),
        count: Some(count),
        ..Tag::default()
    }
}

fn ms(ms: u64) -> Moment {
    Moment::from_ms(ms)
}

fn burst(tags_max: usize) -> Burst {
    Burst::new(BurstSettings {
        window_ms: 250,
        tags_max,
    })
}

#[test]
fn a_window_is_a_quarter_of_a_second_from_its_first_read() {
    let mut burst = burst(100);
    assert_eq!((burst.deadline(), burst.take_window(ms(9_999))), (None, None));
    burst.fold(&tag(1, 1), ms(1_000));
    burst.fold(&tag(2, 1), ms(1_100));
    burst.fold(&tag(1, 3), ms(1_200));
    assert_eq!(burst.deadline(), Some(ms(1_250)));
    assert_eq!(burst.take_window(ms(1_249)), None);
    let window = burst.take_window(ms(1_260)).unwrap();
    assert_eq!(
        (window.from, window.to, window.goes_on),
        (ms(1_000), ms(1_260), false)
    );
    let told: Vec<_> = window
        .sightings
        .iter()
        .map(|sighting| (sighting.epc, sighting.reads, sighting.first, sighting.last))
        .collect();
    assert_eq!(
        told,
        [
            (tag(1, 0).epc, 4, ms(1_000), ms(1_200)),
            (tag(2, 0).epc, 1, ms(1_100), ms(1_100))
        ]
    );
    assert_eq!((burst.deadline(), burst.waiting()), (None, 0));
}

#[test]
fn after_the_stop_nothing_is_taken_whatever_is_queued() {
    let mut burst = burst(100);
    burst.fold(&tag(1, 1), ms(0));
    burst.stop();
    for n in 0..50 {
        burst.fold(&tag(n, 2), ms(1));
    }
    // What was read before is due at once, not when its window would have ended.
    let window = burst.take_window(ms(1)).unwrap();
    assert_eq!(window.sightings.len(), 1);
    assert_eq!(window.sightings[0].reads, 1);
    let counts = burst.counts();
    assert_eq!((counts.taken, counts.after_stop), (1, 100));
    burst.start();
    burst.fold(&tag(7, 1), ms(2));
    assert_eq!(burst.waiting(), 1);
}

#[test]
fn tags_beyond_the_bound_are_counted_and_the_known_ones_go_on() {
    let mut burst = burst(10);
    for serial in 0..15 {
        burst.fold(&tag(serial, 1), ms(0));
    }
    burst.fold(&tag(3, 1), ms(1));
    let counts = burst.counts();
    assert_eq!((counts.taken, counts.not_kept), (11, 5));
    let window = burst.take_window(ms(300)).unwrap();
    assert_eq!(window.sightings.len(), 10);
    assert_eq!(window.sightings[3].reads, 2);
    // The next window has room again.
    burst.fold(&tag(12, 1), ms(301));
    assert_eq!(burst.waiting(), 1);
}

#[test]
fn a_read_whose_crc_is_wrong_is_nobodys() {
    let mut burst = burst(10);
    let crc = gen2_crc(0x3000, &tag(1, 1).epc);
    for crc in [crc, crc ^ 1, crc] {
        burst.fold(
            &Tag {
                pc: Some(0x3000),
                crc: Some(crc),
                ..tag(1, 1)
            },
            ms(0),
        );
    }
    assert_eq!((burst.counts().taken, burst.counts().crc_wrong), (2, 1));
    let window = burst.take_rest(ms(0)).unwrap();
    assert!(window.sightings[0].crc_agreed);
}

#[test]
fn a_large_window_is_taken_in_parts_while_reads_go_on() {
    let mut burst = burst(10_000);
    for serial in 0..600 {
        burst.fold(&tag(serial, 1), ms(0));
    }
    let first = burst.take_window(ms(250)).unwrap();
    assert_eq!((first.sightings.len(), first.goes_on), (SIGHTINGS_MAX, true));
    // Tag 0 was handed out, tag 599 was not.
    burst.fold(&tag(0, 1), ms(251));
    burst.fold(&tag(599, 1), ms(251));
    let parts: Vec<Window> = std::iter::from_fn(|| burst.take_window(ms(252))).collect();
    let sightings: Vec<_> = parts.iter().flat_map(|part| &part.sightings).collect();
    assert_eq!(sightings.len(), 600 - SIGHTINGS_MAX + 1);
    let reads = |serial| {
        sightings
            .iter()
            .filter(|sighting| sighting.epc == tag(serial, 0).epc)
            .map(|sighting| sighting.reads)
            .collect::<Vec<_>>()
    };
    assert_eq!((reads(0), reads(599), reads(300)), (vec![1], vec![2], vec![1]));
}

proptest! {
    /// Whenever windows are taken, the sightings of a tag add up to its reads.
    #[test]
    fn nothing_is_lost_between_reads_and_sightings(
        steps in prop::collection::vec((0u32..800, 1u32..4, 0u64..30, 0u8..40), 1..3_000),
    ) {
        let mut burst = burst(500);
        let (mut read, mut told, mut now) = (HashMap::new(), HashMap::new(), 0);
        let count = |window: Window, told: &mut HashMap<EpcBytes, u32>| {
            for sighting in window.sightings {
                *told.entry(sighting.epc).or_default() += sighting.reads;
            }
        };
        for (serial, reads, wait_ms, chance) in steps {
            now += wait_ms;
            let taken = burst.counts().taken;
            burst.fold(&tag(serial, reads), ms(now));
            if burst.counts().taken > taken {
                *read.entry(tag(serial, 0).epc).or_default() += reads;
            }
            match chance {
                0 => burst.take_rest(ms(now)).into_iter().for_each(|window| count(window, &mut told)),
                1..10 => burst.take_window(ms(now)).into_iter().for_each(|window| count(window, &mut told)),
                _ => {}
            }
        }
        while let Some(window) = burst.take_rest(ms(now)) {
            count(window, &mut told);
        }
        prop_assert_eq!(read, told);
    }
}
