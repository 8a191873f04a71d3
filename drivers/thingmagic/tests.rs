//! The conversation with a module, played by scripts.

use super::DRIVER;
use crate::contract::{EpcFilter, Inventory};
use crate::uhf::testing::Event::{Open, Quiet, Says, Start, Stop};
use crate::uhf::testing::{Event, bytes, play, play_after, power};

/// The module's CRC, bit by bit.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).rev().fold(crc, |crc: u16, bit| {
            let shifted = crc << 1 | u16::from(byte >> bit & 1);
            if crc & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}

fn frame(op: u8, status: u16, data: &str) -> Vec<u8> {
    let data = bytes(data);
    let mut body = vec![data.len() as u8, op];
    body.extend(status.to_be_bytes());
    body.extend(data);
    let crc = crc(&body);
    [&[0xFF], &body[..], &crc.to_be_bytes()].concat()
}

fn said(op: u8, status: u16, data: &str) -> Event {
    Says(frame(op, status, data))
}

/// A streamed tag, with signal and antenna.
fn tag_frame() -> Vec<u8> {
    frame(0x22, 0, &format!("10 001B 0006 01 C7 11 0080 3000 {TAG} EE2C"))
}

fn tag() -> Event {
    Says(tag_frame())
}

const TAG: &str = "3034257BF7194E4000001A85";
const STOP: &str = "> FF032F0000025E86";
const START: &str = "> FF102F00000122000005072210001B03E801FFDD2B";
const VERSION: &str = "> FF00031D0C";
const VERSION_DATA: &str = "12110500 30000001 20181207 01090000 00000030";

/// The set-up of a Nano that runs its application, from its opening at 0 ms to 9 ms.
fn set_up() -> Vec<(u64, Event)> {
    vec![
        (0, Open),
        (1, said(0x2F, 0, "")),
        (2, said(0x03, 0, VERSION_DATA)),
        (3, said(0x0C, 0, "12")),
        (4, said(0x67, 0, "08")),
        (5, said(0x93, 0, "")),
        (6, said(0x9A, 0, "")),
        (7, said(0x62, 0, "01 0A8C 0A8C 0000")),
        (8, said(0x6B, 0, "05 00 00")),
    ]
}

const SET_UP: [&str; 13] = [
    "0 > FF032F0000025E86",
    "1 > FF00031D0C",
    "2 = hardware M6e Nano, hardware 30.00.00.01",
    "2 = firmware 01.09.00.00",
    "2 > FF000C1D03",
    "3 > FF00671D68",
    "4 = region eu3",
    "4 > FF02930005517D",
    "5 > FF039A010C00A35D",
    "6 > FF016201BEBC",
    "7 = power 27.00 dBm, at most 27.00 dBm",
    "7 > FF026B05003A6F",
    "8 = session 0",
];

fn after_set_up(settings: &[(&str, &str)], events: Vec<(u64, Event)>) -> Vec<String> {
    play_after(&DRIVER, settings, (set_up(), &SET_UP), events)
}

#[test]
fn a_module_searches_until_it_is_stopped_and_is_drained() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(Inventory::default())),
            (101, said(0x91, 0, "")),
            (102, said(0x2F, 0, "")),
            (110, tag()),
            // Every second, tags or not.
            (1_100, said(0x22, 0x0400, "")),
            (2_100, said(0x22, 0x0400, "")),
            (3_100, said(0x22, 0x0400, "")),
            (3_200, tag()),
            (3_300, Stop),
            (3_301, tag()),
            (3_302, said(0x2F, 0, "02")),
            (9_000, Quiet),
        ],
    );
    assert_eq!(
        lines,
        [
            "100 > FF02910101703B",
            &format!("101 {START}"),
            "102 running",
            &format!("110 tag {TAG}"),
            "2100 ! no_tag",
            &format!("3200 tag {TAG}"),
            &format!("3300 {STOP}"),
            "3302 still",
        ]
    );
}

#[test]
fn power_session_and_antennas_follow_the_work_and_go_back() {
    let work = Inventory {
        session: Some(1),
        antennas: 0b110,
        filter: EpcFilter::new(&[0x31], 8),
        ..power(3_000)
    };
    let lines = after_set_up(
        &[("power_dbm", "20"), ("antennas", "1")],
        vec![
            (9, said(0x92, 0, "")),
            (10, said(0x91, 0, "")),
            (100, Start(work)),
            (101, said(0x92, 0, "")),
            (102, said(0x9B, 0, "")),
            (103, said(0x91, 0, "")),
            (104, said(0x2F, 0, "")),
            (105, tag()),
            (106, Stop),
            (107, said(0x2F, 0, "")),
            (108, said(0x92, 0, "")),
            (109, said(0x9B, 0, "")),
            (110, said(0x91, 0, "")),
            (9_000, Quiet),
        ],
    );
    let sent: Vec<&str> = lines.iter().map(|line| &line[..line.len() - 4]).collect();
    assert_eq!(
        sent,
        [
            "8 > FF029207D0",
            "9 > FF02910101",
            "100 ! not_suppo",
            // 30 dBm are asked for; the module has 27.
            "100 > FF02920A8C",
            "101 > FF039B050001",
            "102 > FF05910202020303",
            &START[..START.len() - 4].replace("> ", "103 > "),
            "104 run",
            "106 > FF032F000002",
            "107 s",
            "107 > FF029207D0",
            "108 > FF039B050000",
            "109 > FF02910101",
        ]
    );
}

#[test]
fn a_module_left_searching_is_stopped_first() {
    let lines = play(
        &DRIVER,
        &[],
        &[
            (0, Open),
            (1, tag()),
            (90, tag()),
            // It was heard, so that it is given its time.
            (900, tag()),
            (901, said(0x2F, 0, "02")),
            (902, said(0x03, 0, VERSION_DATA)),
        ],
    );
    assert_eq!(
        lines[..4],
        [
            format!("0 {STOP}"),
            "1 running".to_owned(),
            "901 still".to_owned(),
            format!("901 {VERSION}")
        ]
    );
    assert!(lines.iter().all(|line| !line.contains("tag ")), "{lines:?}");
}

#[test]
fn rates_are_tried_until_somebody_answers() {
    let lines = play(
        &DRIVER,
        &[],
        &[
            (0, Open),
            (600, Quiet),
            (601, said(0x2F, 0, "")),
            (602, said(0x03, 0, VERSION_DATA)),
        ],
    );
    assert_eq!(
        lines[..10],
        [
            format!("0 {STOP}"),
            format!("100 {STOP}"),
            format!("200 {VERSION}"),
            format!("300 {VERSION}"),
            "400 115200 baud".to_owned(),
            format!("400 {STOP}"),
            format!("500 {STOP}"),
            format!("600 {VERSION}"),
            // The answer to the stop came late.
            "601 = MULTI_PROTOCOL_SEARCH done".to_owned(),
            "602 = hardware M6e Nano, hardware 30.00.00.01".to_owned(),
        ]
    );
    // Nobody at any rate: all are tried, then again after a while.
    let lines = play(&DRIVER, &[], &[(0, Open), (8_000, Quiet)]);
    let rates: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.strip_suffix(" baud"))
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    assert_eq!(
        rates[..9],
        [
            "115200", "9600", "921600", "230400", "460800", "57600", "38400", "19200", "115200"
        ]
    );
    assert_eq!(lines.iter().filter(|line| line.ends_with("no_answer")).count(), 1);
    let lines = play(&DRIVER, &[("probe", "off")], &[(0, Open), (400, Quiet)]);
    assert_eq!(lines.last().unwrap(), "400 ! no_answer");
}

#[test]
fn a_boot_loader_is_left_for_the_application() {
    let lines = play(
        &DRIVER,
        &[],
        &[
            (0, Open),
            (1, said(0x2F, 0x0101, "")),
            (2, said(0x03, 0, VERSION_DATA)),
            (3, said(0x0C, 0, "11")),
            (4, said(0x04, 0, "")),
            (1_003, Quiet),
            (1_004, Quiet),
            (1_005, said(0x0C, 0, "12")),
        ],
    );
    assert_eq!(
        lines[4..],
        [
            "2 > FF000C1D03",
            "3 > FF00041D0B",
            "1004 > FF000C1D03",
            "1005 > FF00671D68"
        ]
    );
}

#[test]
fn a_region_is_never_guessed() {
    let mut events = set_up();
    events[4] = (4, said(0x67, 0, "00"));
    let lines = play(&DRIVER, &[], &events);
    assert!(lines.contains(&"4 ! region_unset".to_owned()), "{lines:?}");
    let lines = after_set_up(
        &[("region", "na2")],
        vec![(9, said(0x97, 0x010B, "")), (900, Quiet)],
    );
    assert_eq!(lines, ["8 > FF01970D4BB0", "9 ! settings_refused"]);
}

#[test]
fn trouble_that_passes_stops_nothing_and_the_rest_is_begun_anew_after_a_pause() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(Inventory::default())),
            (101, said(0x91, 0, "")),
            (102, said(0x2F, 0, "")),
            (110, said(0x22, 0x0504, "")),
            (111, said(0x22, 0x0505, "")),
            (112, said(0x22, 0x0501, "")),
            (113, said(0x22, 0x0501, "")),
            (120, tag()),
            (130, said(0x22, 0x0503, "")),
            (1_130, Quiet),
            (1_131, said(0x2F, 0, "")),
            (1_132, said(0x2F, 0x010B, "")),
            (2_132, Quiet),
        ],
    );
    assert_eq!(
        lines[2..],
        [
            "102 running",
            "110 ! too_hot",
            "111 ! antenna_fault",
            "112 ! channel_occupied",
            &format!("120 tag {TAG}"),
            "130 ! antenna_fault",
            "130 still",
            &format!("1130 {STOP}"),
            &format!("1131 {START}"),
            "1132 ! refused",
            &format!("2132 {START}"),
        ]
    );
}

#[test]
fn a_module_that_says_no_more_that_it_is_there_is_set_up_anew() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(Inventory::default())),
            (101, said(0x91, 0, "")),
            (102, said(0x2F, 0, "")),
            (1_102, said(0x22, 0x0400, "")),
            (4_102, Quiet),
            (4_103, said(0x2F, 0, "")),
            (4_104, said(0x03, 0, VERSION_DATA)),
        ],
    );
    assert_eq!(
        lines[3..8],
        [
            "1102 ! no_tag",
            "4102 ! reader_silent",
            "4102 still",
            &format!("4102 {STOP}"),
            &format!("4103 {VERSION}"),
        ]
    );
}

#[test]
fn a_stop_overtakes_a_start_and_a_search_that_goes_on_is_stopped_again() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(Inventory::default())),
            (101, said(0x91, 0, "")),
            (102, Stop),
            // The answer to the start, which looks like one to the stop.
            (103, said(0x2F, 0, "")),
            (104, tag()),
            (105, said(0x2F, 0, "")),
            (106, said(0x2F, 0, "")),
            (9_000, Quiet),
        ],
    );
    assert_eq!(
        lines,
        [
            "100 > FF02910101703B",
            &format!("101 {START}"),
            &format!("102 {STOP}"),
            "104 running",
            &format!("104 {STOP}"),
            "105 still",
            "106 = MULTI_PROTOCOL_SEARCH done",
        ]
    );
}

#[test]
fn a_tag_whose_own_crc_is_wrong_is_garbage() {
    let wrong = said(0x22, 0, &format!("10 001B 0006 01 C7 11 0080 3000 {TAG} EE2D"));
    let other = said(0x22, 0, &format!("10 001B 0006 01 C7 11 0080 3400 {TAG} 1389"));
    let lies = said(0x22, 0, &format!("10 001B 0006 01 C7 11 0070 3000 {TAG} EE2C"));
    let lines = play(&DRIVER, &[], &[(0, wrong), (1, lies), (2, other)]);
    assert_eq!(
        lines,
        ["1 ? 33 checksum", "2 ? 33 malformed", &format!("2 tag {TAG}")]
    );
}

#[test]
fn a_burst_of_800_tags_is_read_to_the_last() {
    let burst = tag_frame().repeat(800);
    let mut events = vec![
        (100, Start(Inventory::default())),
        (101, said(0x91, 0, "")),
        (102, said(0x2F, 0, "")),
    ];
    events.extend(
        (110..)
            .zip(burst.chunks(1_000))
            .map(|(ms, piece)| (ms, Says(piece.to_vec()))),
    );
    let lines = after_set_up(&[], events);
    assert_eq!(lines.iter().filter(|line| line.ends_with(TAG)).count(), 800);
    assert_eq!(lines.len(), 800 + 3);
}
