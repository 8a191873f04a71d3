//! The conversation with a module, played by scripts.

use super::DRIVER;
use crate::contract::{EpcFilter, Inventory};
use crate::uhf::testing::Event::{Lost, Open, Quiet, Says, Start, Stop};
use crate::uhf::testing::{Event, bytes, play, play_after, power};

/// An answer or notice of the module, its sum reckoned here.
fn said(kind: u8, cmd: u8, parameters: &str) -> Event {
    let parameters = bytes(parameters);
    let mut body = vec![kind, cmd, 0, parameters.len() as u8];
    body.extend(&parameters);
    let sum = body.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    Says([vec![0xBB], body, vec![(sum & 0xFF) as u8, 0x7E]].concat())
}

fn ok(cmd: u8) -> Event {
    said(1, cmd, "00")
}

/// The manual's tag.
fn tag() -> Event {
    said(2, 0x22, "C9 3400 30751FEB705C5904E3D50D70 3A76")
}

const TAG: &str = "30751FEB705C5904E3D50D70";
const NO_TAG: &str = "15";

const STOP: &str = "> BB00280000287E";
const START: &str = "> BB0027000322FFFF4A7E";

/// The set-up of a module that has region EU, 26 dBm and the usual query, from its opening at 0 ms to 7 ms.
fn set_up() -> Vec<(u64, Event)> {
    vec![
        (0, Open),
        (1, ok(0x28)),
        (2, said(1, 0x03, "00 4D313030")),
        (3, said(1, 0x03, "01 56322E33")),
        (4, said(1, 0x03, "02 4D61676963")),
        (5, said(1, 0x08, "03")),
        (6, said(1, 0xB7, "0A28")),
        (7, said(1, 0x0D, "1020")),
    ]
}

/// What [`set_up`] makes the driver do.
const SET_UP: [&str; 13] = [
    "0 > BB00280000287E",
    "1 > BB0003000100047E",
    "2 = hardware M100",
    "2 > BB0003000101057E",
    "3 = software V2.3",
    "3 > BB0003000102067E",
    "4 = manufacturer Magic",
    "4 > BB00080000087E",
    "5 = region eu",
    "5 > BB00B70000B77E",
    "6 = power 26.00 dBm",
    "6 > BB000D00000D7E",
    "7 = session 0",
];

/// Plays the set-up and then these events; tells what follows the set-up.
fn after_set_up(settings: &[(&str, &str)], events: Vec<(u64, Event)>) -> Vec<String> {
    play_after(&DRIVER, settings, (set_up(), &SET_UP), events)
}

#[test]
fn a_module_is_asked_started_and_stopped() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(Inventory::default())),
            (120, tag()),
            (140, said(1, 0xFF, NO_TAG)),
            (160, said(1, 0xFF, NO_TAG)),
            (180, tag()),
            (200, Stop),
            // What was on the way when the stop was sent.
            (201, tag()),
            (202, ok(0x28)),
            (5_000, Quiet),
        ],
    );
    assert_eq!(
        lines,
        [
            &format!("100 {START}"),
            &format!("120 tag {TAG}"),
            "120 running",
            "140 ! no_tag",
            &format!("180 tag {TAG}"),
            &format!("200 {STOP}"),
            "202 still",
        ]
    );
}

#[test]
fn power_session_and_filter_follow_the_work_and_go_back() {
    let inventory = Inventory {
        session: Some(1),
        antennas: 0b11,
        filter: EpcFilter::new(&[0x30, 0x75], 16),
        ..power(2_000)
    };
    let lines = after_set_up(
        &[("power_dbm", "24.5")],
        vec![
            (8, ok(0xB6)),
            (100, Start(inventory)),
            (101, ok(0xB6)),
            (102, ok(0x0C)),
            (103, ok(0x12)),
            (104, ok(0x0E)),
            (105, tag()),
            // It does not begin with the filter's bits, whatever the module was told.
            (106, said(2, 0x22, "C9 1000 E2001122 B68B")),
            (107, Stop),
            (108, ok(0x28)),
            (109, ok(0xB6)),
            (110, ok(0x12)),
            (111, ok(0x0E)),
            (900, Quiet),
        ],
    );
    assert_eq!(
        lines,
        [
            "7 > BB00B600020992537E",
            "100 ! not_supported",
            "100 > BB00B6000207D08F7E",
            "101 > BB000C00098100000020100030756B7E",
            "102 > BB0012000100137E",
            "103 > BB000E00021D204D7E",
            &format!("104 {START}"),
            &format!("105 tag {TAG}"),
            "105 running",
            &format!("107 {STOP}"),
            "108 still",
            "108 > BB00B600020992537E",
            "109 > BB0012000101147E",
            "110 > BB000E00021020407E",
        ]
    );
}

#[test]
fn changed_settings_stop_and_start_a_module_that_looks_already() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(Inventory::default())),
            (110, tag()),
            (120, Start(power(2_000))),
            (121, tag()),
            (122, ok(0x28)),
            (123, ok(0xB6)),
            (124, tag()),
        ],
    );
    assert_eq!(
        lines,
        [
            &format!("100 {START}"),
            &format!("110 tag {TAG}"),
            "110 running",
            &format!("120 {STOP}"),
            // Tags are wanted all the while.
            &format!("121 tag {TAG}"),
            "122 still",
            "122 > BB00B6000207D08F7E",
            &format!("123 {START}"),
            &format!("124 tag {TAG}"),
            "124 running",
        ]
    );
}

#[test]
fn a_stop_does_not_wait_for_an_answer() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(power(2_000))),
            (101, Stop),
            (150, Start(power(2_000))),
            // The power was asked for and the stop overtook nothing: no polling had begun.
            (160, ok(0xB6)),
            (161, Stop),
            (162, said(1, 0xFF, NO_TAG)),
            (163, ok(0x28)),
            (164, ok(0xB6)),
            (900, Quiet),
        ],
    );
    assert_eq!(
        lines,
        [
            "100 > BB00B6000207D08F7E",
            &format!("160 {START}"),
            &format!("161 {STOP}"),
            "162 running",
            "163 still",
            "163 > BB00B600020A28EA7E",
        ]
    );
}

#[test]
fn a_module_left_polling_is_stopped_before_it_is_asked() {
    let lines = play(
        &DRIVER,
        &[],
        &[
            (0, Open),
            (1, tag()),
            (2, tag()),
            (3, ok(0x28)),
            (4, said(1, 0x03, "00 4D313030")),
        ],
    );
    assert_eq!(
        lines,
        [
            &format!("0 {STOP}"),
            "1 running",
            "3 still",
            "3 > BB0003000100047E",
            "4 = hardware M100",
            "4 > BB0003000101057E",
        ]
    );
}

#[test]
fn a_region_is_set_only_where_it_is_wanted_and_a_refusal_is_told() {
    let lines = after_set_up(&[], vec![(2_000, Quiet)]);
    assert_eq!(lines, [] as [&str; 0], "the module's own region stays");
    let lines = after_set_up(&[("region", "eu")], vec![(2_000, Quiet)]);
    assert_eq!(lines, [] as [&str; 0], "it has it already");
    let lines = after_set_up(
        &[("region", "us"), ("start", "open")],
        vec![(8, said(1, 0xFF, "0E")), (9, tag())],
    );
    let start = format!("8 {START}");
    assert_eq!(
        lines,
        [
            "7 > BB00070001020A7E",
            "8 ! settings_refused",
            &start,
            &format!("9 tag {TAG}"),
            "9 running",
        ]
    );
}

#[test]
fn a_module_that_falls_silent_is_set_up_and_started_anew() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(power(2_000))),
            (101, ok(0xB6)),
            (110, tag()),
            // Its power failed for a moment: it has its own settings again, and polls no more.
            (620, ok(0x28)),
            (621, said(1, 0x03, "00 4D313030")),
            (622, said(1, 0x03, "01 56322E33")),
            (623, said(1, 0x03, "02 4D61676963")),
            (624, said(1, 0x08, "03")),
            (625, said(1, 0xB7, "0A28")),
            (626, said(1, 0x0D, "1020")),
            (627, ok(0xB6)),
            (628, tag()),
        ],
    );
    let end = [
        "626 = session 0",
        "626 > BB00B6000207D08F7E",
        &format!("627 {START}"),
        &format!("628 tag {TAG}"),
        "628 running",
    ];
    assert_eq!(
        lines[..7],
        [
            "100 > BB00B6000207D08F7E",
            &format!("101 {START}"),
            &format!("110 tag {TAG}"),
            "110 running",
            "610 ! reader_silent",
            "610 still",
            &format!("610 {STOP}"),
        ]
    );
    assert_eq!(lines[lines.len() - end.len()..], end);
}

#[test]
fn a_lost_answer_is_asked_for_again_and_a_mute_module_from_time_to_time() {
    let lines = play(
        &DRIVER,
        &[],
        &[
            (0, Open),
            (300, Quiet),
            (301, ok(0x28)),
            (1_300, Quiet),
            (3_300, Quiet),
            (3_301, ok(0x28)),
            (3_302, said(1, 0x03, "00 4D")),
        ],
    );
    assert_eq!(
        lines,
        [
            "0 > BB00280000287E",
            "300 > BB00280000287E",
            "301 > BB0003000100047E",
            "601 > BB0003000100047E",
            "901 > BB0003000100047E",
            "1201 ! no_answer",
            // Perhaps it speaks the other dialect.
            "3201 > AA0028000028DD",
            "3301 ! answers_again",
            "3301 > BB0003000100047E",
            "3302 = hardware M",
            "3302 > BB0003000101057E",
        ]
    );
}

#[test]
fn the_other_dialect_is_answered_in_kind() {
    for (settings, first) in [(&[][..], "BB00280000287E"), (&[("mark", "aa")], "AA0028000028DD")] {
        let stopped = Says(bytes("AA 01 28 00 01 00 2A DD"));
        let lines = play(&DRIVER, settings, &[(0, Open), (1, stopped)]);
        assert_eq!(lines, [format!("0 > {first}"), "1 > AA000300010004DD".to_owned()]);
    }
}

#[test]
fn a_module_that_may_not_transmit_is_not_asked_in_a_rush() {
    let lines = after_set_up(
        &[("start", "open")],
        vec![(8, said(1, 0xFF, "17")), (1_007, Quiet), (1_008, Quiet)],
    );
    assert_eq!(
        lines,
        [&format!("7 {START}"), "8 ! refused", &format!("1008 {START}")]
    );
}

#[test]
fn a_burst_of_800_tags_is_read_to_the_last() {
    let Says(one) = tag() else { unreachable!() };
    let burst = one.repeat(800);
    let mut events = vec![(100, Start(Inventory::default()))];
    events.extend(
        (0..)
            .zip(burst.chunks(1_000))
            .map(|(ms, piece)| (110 + ms, Says(piece.to_vec()))),
    );
    let lines = after_set_up(&[], events);
    assert_eq!(lines.iter().filter(|line| line.ends_with(TAG)).count(), 800);
    assert_eq!(lines.len(), 800 + 2);
}

#[test]
fn a_lost_link_ends_the_work() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(Inventory::default())),
            (110, tag()),
            (120, Lost),
            (9_000, Quiet),
        ],
    );
    assert_eq!(
        lines,
        [
            &format!("100 {START}"),
            &format!("110 tag {TAG}"),
            "110 running",
            "120 still"
        ]
    );
}
