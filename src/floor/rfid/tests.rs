//! What is promised of sweeps and passes, apart from how well they judge: that is scored in simulated air.

use tallyman_codes::{EpcBytes, Moment, Sighting, Tag};

use super::*;

fn sighting(serial: u8, antenna: u16, rssi_centi_dbm: i32, at: Moment) -> Sighting {
    let tag = Tag {
        epc: EpcBytes::new(&[0x30, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, serial]).unwrap(),
        antenna: Some(antenna),
        rssi_centi_dbm: Some(rssi_centi_dbm),
        ..Tag::default()
    };
    Sighting::of(&tag, at)
}

/// Windows of a quarter of a second, each with the tags it heard: serial, antenna, strength in dBm.
fn windows(heard: &[&[(u8, u16, i32)]]) -> Vec<(Moment, Vec<Sighting>)> {
    let window = |(n, tags): (usize, &&[(u8, u16, i32)])| {
        let at = Moment::from_ms(10_000 + 250 * n as u64);
        let sightings = tags
            .iter()
            .map(|&(serial, antenna, dbm)| sighting(serial, antenna, dbm * 100, at))
            .collect();
        (at, sightings)
    };
    heard.iter().enumerate().map(window).collect()
}

const SWEPT: &[&[(u8, u16, i32)]] = &[
    &[(1, 1, -50), (2, 1, -60)],
    &[(1, 1, -42), (2, 1, -44), (9, 1, -70)],
    &[(1, 1, -40), (2, 1, -43)],
    &[(2, 1, -41), (3, 1, -75)],
];

#[test]
fn a_sweep_is_taken_up_where_it_was_kept() {
    let mut kept = std::collections::HashMap::new();
    let mut whole = Sweep::new(Rules::default());
    let mut head = Vec::new();
    for (at, sightings) in windows(SWEPT) {
        whole.take(at, &sightings);
        let (now, changed) = whole.take_changed(usize::MAX);
        head = now;
        kept.extend(changed.into_iter().map(|tag| (tag.epc, tag.packed)));
        assert_eq!(whole.changed(), 0);
    }
    let rows = kept
        .iter()
        .map(|(epc, packed)| (epc.as_slice(), packed.as_slice()));
    let restored = Sweep::restore(Rules::default(), &head, rows).unwrap();
    assert_eq!(
        restored.judge(|_| Known::Nothing),
        whole.judge(|_| Known::Nothing)
    );
    assert_eq!(
        (restored.reads(), restored.unique(), restored.time_ms()),
        (whole.reads(), whole.unique(), whole.time_ms())
    );
    let tags = |sweep: &Sweep| {
        let mut tags: Vec<SweepEvidence> = sweep.tags().copied().collect();
        tags.sort_by_key(|tag| tag.epc);
        tags
    };
    assert_eq!(tags(&restored), tags(&whole));
}

#[test]
fn what_is_damaged_or_of_another_version_is_refused() {
    let mut sweep = Sweep::new(Rules::default());
    for (at, sightings) in windows(SWEPT) {
        sweep.take(at, &sightings);
    }
    let (head, tags) = sweep.take_changed(1);
    let restore = |head: &[u8], epc: &[u8], packed: &[u8]| {
        Sweep::restore(Rules::default(), head, [(epc, packed)]).map(|sweep| sweep.unique())
    };
    let (epc, packed) = (tags[0].epc, tags[0].packed.clone());
    assert_eq!(restore(&head, &epc, &packed), Ok(1));
    assert_eq!(restore(&[], &epc, &packed), Err(NotKept::Length));
    assert_eq!(restore(&[9], &epc, &packed), Err(NotKept::Version(9)));
    assert_eq!(restore(&head, &[0; 63], &packed), Err(NotKept::Epc));
    for length in 1..packed.len() {
        assert_eq!(
            restore(&head, &epc, &packed[..length]),
            Err(NotKept::Length),
            "{length} bytes"
        );
    }
}

#[test]
fn a_pass_is_taken_up_where_it_was_kept() {
    let mut sides = [Side::Door; tallyman_codes::ANTENNAS_MAX];
    (sides[0], sides[1]) = (Side::Outside, Side::Inside);
    let mut whole = Pass::new(Rules::default(), sides);
    let mut kept = std::collections::HashMap::new();
    let mut head = Vec::new();
    whole.resident(&sighting(7, 1, 0, Moment::default()).epc, -6_500);
    for (at, sightings) in windows(&[
        &[(1, 1, -65), (7, 1, -66)],
        &[(1, 1, -50), (2, 1, -52)],
        &[(1, 2, -51), (2, 2, -47), (7, 2, -67)],
        &[(1, 2, -70)],
    ]) {
        whole.take(at, &sightings);
        let (now, changed) = whole.take_changed(usize::MAX);
        head = now;
        kept.extend(changed.into_iter().map(|tag| (tag.epc, tag.packed)));
    }
    let rows = kept
        .iter()
        .map(|(epc, packed)| (epc.as_slice(), packed.as_slice()));
    let restored = Pass::restore(Rules::default(), sides, &head, rows).unwrap();
    let tags = |pass: &Pass| {
        let mut tags: Vec<PassEvidence> = pass.tags().copied().collect();
        tags.sort_by_key(|tag| tag.epc);
        tags
    };
    assert_eq!(tags(&restored), tags(&whole));
    assert_eq!(
        restored.judge(|_| Known::Nothing).summary,
        whole.judge(|_| Known::Nothing).summary
    );
}

#[test]
fn rules_are_changed_by_name_within_their_range() {
    let mut rules = Rules::default();
    for row in Rules::TABLE {
        assert_eq!(rules.get(row.name), Some(row.default), "{}", row.name);
        assert!(
            row.least <= row.default && row.default <= row.most,
            "{}",
            row.name
        );
        rules.set(row.name, row.most).unwrap();
        assert_eq!(rules.get(row.name), Some(row.most));
        let refused = rules.set(row.name, row.most + 1);
        assert!(matches!(refused, Err(RuleFault::Range { .. })), "{}", row.name);
    }
    assert!(matches!(rules.set("loudness", 1), Err(RuleFault::Unknown { .. })));
}

/// Tags that all lie equally near, heard for two and a half seconds.
fn alike(serials: std::ops::RangeInclusive<u8>) -> Sweep {
    let tags: Vec<(u8, u16, i32)> = serials.map(|serial| (serial, 1, -30)).collect();
    let mut sweep = Sweep::new(Rules::default());
    for (at, sightings) in windows(&[tags.as_slice(); 10]) {
        sweep.take(at, &sightings);
    }
    sweep
}

fn sure(sweep: &Sweep, elsewhere: &[u8], here: &[u8]) -> Vec<u8> {
    let serial = |epc: &EpcBytes| epc[11];
    let judged = sweep.judge(|epc| match serial(epc) {
        serial if elsewhere.contains(&serial) => Known::Elsewhere,
        serial if here.contains(&serial) => Known::Here,
        _ => Known::Nothing,
    });
    let tags = sweep.tags().zip(&judged.classes);
    let sure = tags.filter(|(_, class)| **class == Class::Sure);
    sure.map(|(tag, _)| serial(&tag.epc)).collect()
}

#[test]
fn where_tags_of_other_bins_would_be_sure_nothing_is_that_is_not_expected() {
    let sweep = alike(1..=6);
    assert_eq!(sure(&sweep, &[], &[]), [1, 2, 3, 4, 5, 6], "nothing is known");
    assert_eq!(
        sure(&sweep, &[5, 6], &[]),
        Vec::<u8>::new(),
        "two of another bin are as near"
    );
    assert_eq!(sure(&sweep, &[5, 6], &[1, 3]), [1, 3], "what is expected here is");
}

#[test]
fn one_tag_of_another_bin_is_no_proof_and_raises_the_bar() {
    let sweep = alike(1..=6);
    assert_eq!(
        sure(&sweep, &[6], &[]),
        Vec::<u8>::new(),
        "they are as near as it is"
    );
    let is_far = [(1, 1, -20), (2, 1, -21), (3, 1, -22), (6, 1, -48)];
    let mut sweep = Sweep::new(Rules::default());
    for (at, sightings) in windows(&[&is_far[..]; 10]) {
        sweep.take(at, &sightings);
    }
    assert_eq!(sure(&sweep, &[], &[]), [1, 2, 3, 6]);
    assert_eq!(sure(&sweep, &[6], &[]), [1, 2, 3], "those that are much nearer");
}

/// A sweep of windows that are heard with these rules.
fn swept(rules: Rules, heard: &[&[(u8, u16, i32)]]) -> Sweep {
    let mut sweep = Sweep::new(rules);
    for (at, sightings) in windows(heard) {
        sweep.take(at, &sightings);
    }
    sweep
}

#[test]
fn a_few_tags_with_nothing_beside_them_are_sure() {
    for tags in 1..=5 {
        let sweep = alike(1..=tags);
        assert_eq!(sure(&sweep, &[], &[]), Vec::from_iter(1..=tags), "{tags} tags");
        assert_eq!(sweep.judge(|_| Known::Nothing).overlap, 0, "{tags} tags");
    }
}

#[test]
fn a_tag_is_judged_by_the_company_in_which_it_is_strongest() {
    let goods: Vec<(u8, u16, i32)> = (1..=10).map(|serial| (serial, 1, -34)).collect();
    let next_bay: Vec<(u8, u16, i32)> = (101..=120).map(|serial| (serial, 1, -62)).collect();
    let with = |tags: &[(u8, u16, i32)]| [tags, &[(50, 1, -38)]].concat();
    let class = |first: &[(u8, u16, i32)], then: &[(u8, u16, i32)]| {
        let sweep = swept(Rules::default(), &[[first; 6], [then; 6]].concat());
        let judged = sweep.judge(|_| Known::Nothing);
        let mut tags = sweep.tags().zip(judged.classes);
        tags.find_map(|(tag, class)| (tag.epc.as_slice()[11] == 50).then_some(class))
    };
    assert_eq!(
        class(&with(&goods), &next_bay),
        Some(Class::Sure),
        "among the goods"
    );
    assert_eq!(class(&goods, &with(&next_bay)), Some(Class::Maybe), "beside them");
}

/// Twenty tags of a bin and what lies beside them, heard for three seconds: `beside` are tags, the weaker the farther.
fn beside(rules: Rules, beside: &[(u8, u16, i32)]) -> Sweep {
    let goods: Vec<(u8, u16, i32)> = (1..=20)
        .map(|serial| (serial, 1, -30 - i32::from(serial % 5)))
        .collect();
    swept(rules, &[&[&goods, beside].concat()[..]; 12])
}

#[test]
fn where_tags_grow_weaker_without_a_gap_nothing_is_sure() {
    let unchecked = Rules {
        sweep_overlap_points: 0,
        ..Rules::default()
    };
    let goods = Vec::from_iter(1..=20);
    let far: Vec<(u8, u16, i32)> = (101..=140).map(|serial| (serial, 1, -70)).collect();
    let apart = beside(Rules::default(), &far);
    assert_eq!(sure(&apart, &[], &[]), goods, "a gap is between them");

    let on_and_on: Vec<(u8, u16, i32)> = (101..=140)
        .map(|serial| (serial, 1, -35 - (i32::from(serial) - 100)))
        .collect();
    let without = sure(&beside(unchecked, &on_and_on), &[], &[]);
    assert!(
        without.iter().any(|serial| *serial > 100),
        "unchecked, what lies beside them is sure: {without:?}"
    );
    let sweep = beside(Rules::default(), &on_and_on);
    assert_eq!(
        sure(&sweep, &[], &[]),
        Vec::<u8>::new(),
        "they run into each other"
    );
    assert_eq!(sure(&sweep, &[], &[1, 2]), [1, 2], "what is expected here is");
}
