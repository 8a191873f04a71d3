//! The conversation with a reader, played by scripts.

use super::DRIVER;
use crate::contract::{EpcFilter, Inventory};
use crate::uhf::testing::Event::{Open, Quiet, Says, Start, Stop};
use crate::uhf::testing::{Event, bytes, play, play_after, power};

/// A frame of reader 1, its check reckoned here.
fn frame(cmd: u8, data: &str) -> Vec<u8> {
    let data = bytes(data);
    let mut frame = vec![0xA0, data.len() as u8 + 3, 1, cmd];
    frame.extend(data);
    let sum: u32 = frame.iter().map(|byte| u32::from(*byte)).sum();
    frame.push((256 - sum % 256) as u8);
    frame
}

fn said(cmd: u8, data: &str) -> Event {
    Says(frame(cmd, data))
}

fn tag(cmd: u8) -> Event {
    said(cmd, &format!("29 3000 {TAG} 48"))
}

/// The end of a round with this many tags.
fn end(cmd: u8, tags: u8) -> Event {
    said(cmd, &format!("00 000C 000000{tags:02X}"))
}

const TAG: &str = "3034257BF7194E4000001A85";
const REAL_TIME: &str = "> A004FF8901D3";

fn set_up() -> Vec<(u64, Event)> {
    vec![
        (0, Open),
        (1, said(0x72, "0109")),
        (2, said(0x7A, "10")),
        (3, said(0x79, "01073B")),
        (4, said(0x77, "1E")),
        (5, said(0x75, "00")),
    ]
}

/// What [`set_up`] makes the driver do.
const SET_UP: [&str; 8] = [
    "0 > A003FF72EC",
    "1 = firmware 1.9",
    "1 > A004FF7A00E3",
    "2 > A003FF79E5",
    "3 = region us, channels 7 to 59",
    "3 > A003FF77E7",
    "4 = power 30.00 dBm",
    "4 > A003FF75E9",
];

fn after_set_up(settings: &[(&str, &str)], events: Vec<(u64, Event)>) -> Vec<String> {
    play_after(&DRIVER, settings, (set_up(), &SET_UP), events)
}

#[test]
fn rounds_are_asked_for_one_after_the_other_until_the_work_has_enough() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(Inventory::default())),
            (110, tag(0x89)),
            (120, end(0x89, 1)),
            (130, end(0x89, 0)),
            (140, end(0x89, 0)),
            (145, tag(0x89)),
            (146, Stop),
            (147, tag(0x89)),
            (148, end(0x89, 2)),
            (9_000, Quiet),
        ],
    );
    assert_eq!(
        lines,
        [
            &format!("100 {REAL_TIME}"),
            &format!("110 tag {TAG}"),
            "110 running",
            &format!("120 {REAL_TIME}"),
            "130 ! no_tag",
            &format!("130 {REAL_TIME}"),
            &format!("140 {REAL_TIME}"),
            &format!("145 tag {TAG}"),
            "148 still",
        ]
    );
}

#[test]
fn power_session_and_antennas_follow_the_work_and_go_back() {
    let inventory = Inventory {
        session: Some(1),
        antennas: 0b10,
        filter: EpcFilter::new(&[0x30, 0x34], 16),
        ..power(2_650)
    };
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(inventory)),
            (101, said(0x66, "10")),
            (102, said(0x74, "10")),
            (103, said(0x8B, &format!("01 3000 {TAG} 48"))),
            (104, said(0x8B, "01 1000 E2001122 48")),
            (105, Stop),
            (106, end(0x8B, 2)),
            (107, said(0x66, "10")),
            (108, said(0x74, "10")),
            (9_000, Quiet),
        ],
    );
    assert_eq!(
        lines,
        [
            "100 ! not_supported",
            "100 > A004FF661ADD",
            "101 > A004FF7401E8",
            "102 > A006FF8B010001CE",
            &format!("103 tag {TAG}"),
            "103 running",
            "106 still",
            "106 > A004FF661ED9",
            "107 > A004FF7400E9",
        ]
    );
}

#[test]
fn several_antennas_are_one_fast_round_or_take_turns_in_a_session() {
    let fast = Inventory {
        antennas: 0b1101,
        ..Inventory::default()
    };
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(fast)),
            (110, tag(0x8A)),
            (111, said(0x8A, "02 22")),
            (120, said(0x8A, "000001 00000040")),
        ],
    );
    let round = "> A00DFF8A0001FF000201030100 01"
        .replace(' ', "")
        .replace('>', "> ");
    let round = format!("{round}C2");
    assert_eq!(
        lines,
        [
            &format!("100 {round}"),
            &format!("110 tag {TAG}"),
            "110 running",
            "111 ! antenna_fault",
            &format!("120 {round}"),
        ]
    );
    let turns = Inventory {
        antennas: 0b1_0001,
        session: Some(2),
        ..Inventory::default()
    };
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(turns)),
            (110, end(0x8B, 1)),
            (111, said(0x74, "10")),
            (120, end(0x8B, 1)),
            (121, said(0x74, "10")),
            (122, Stop),
            (130, end(0x8B, 1)),
        ],
    );
    let round = "> A006FF8B020001CD";
    assert_eq!(
        lines,
        [
            &format!("100 {round}"),
            "110 running",
            "110 > A004FF7404E5",
            &format!("111 {round}"),
            "120 > A004FF7400E9",
            &format!("121 {round}"),
            "130 still",
        ]
    );
}

#[test]
fn what_is_refused_is_told_and_does_without() {
    let lines = after_set_up(
        &[
            ("region", "eu"),
            ("power_dbm", "36"),
            ("session", "1"),
            ("start", "open"),
        ],
        vec![
            (6, said(0x78, "49")),
            // It knows neither the temporary power, nor so much of it, nor rounds in a session.
            (7, said(0x66, "11")),
            (8, said(0x76, "48")),
            (9, said(0x8B, "11")),
            (10, said(0x89, "22")),
            (1_009, Quiet),
            (1_010, Quiet),
            (1_020, end(0x89, 0)),
        ],
    );
    assert_eq!(
        lines,
        [
            "5 > A006FF78020006DB",
            "6 ! settings_refused",
            "6 > A004FF6621D6",
            "7 > A004FF7621C6",
            "8 ! settings_refused",
            "8 > A006FF8B010001CE",
            "9 ! settings_refused",
            &format!("9 {REAL_TIME}"),
            "10 ! antenna_fault",
            &format!("1010 {REAL_TIME}"),
            "1020 ! no_tag",
            "1020 running",
            &format!("1020 {REAL_TIME}"),
        ]
    );
}

#[test]
fn an_antenna_that_cannot_be_chosen_is_left_out_of_the_turns() {
    let turns = Inventory {
        antennas: 0b1_0000_0001,
        session: Some(2),
        ..Inventory::default()
    };
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(turns)),
            (110, end(0x8B, 1)),
            (111, said(0x74, "47")),
            (120, end(0x8B, 1)),
        ],
    );
    let round = "> A006FF8B020001CD";
    assert_eq!(
        lines,
        [
            "100 ! not_supported",
            &format!("100 {round}"),
            "110 running",
            "110 > A004FF7408E1",
            "111 ! settings_refused",
            &format!("111 {round}"),
            &format!("120 {round}"),
        ]
    );
}

#[test]
fn a_reader_that_starts_anew_is_set_up_again() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(power(2_000))),
            (101, said(0x66, "10")),
            (110, tag(0x89)),
            (111, said(0x89, "20")),
            (112, said(0x72, "0109")),
            (113, said(0x7A, "10")),
            (114, said(0x79, "01073B")),
            (115, said(0x77, "1E")),
            (116, said(0x75, "00")),
            (117, said(0x66, "10")),
        ],
    );
    assert_eq!(lines[4..7], ["111 ! restarted", "111 still", "111 > A003FF72EC"]);
    assert_eq!(
        lines[lines.len() - 2..],
        ["116 > A004FF6614E3", &format!("117 {REAL_TIME}")]
    );
}

#[test]
fn a_round_that_nobody_ends_is_asked_for_again_and_not_after_the_stop() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(Inventory::default())),
            (110, tag(0x89)),
            (1_610, Quiet),
            (1_611, tag(0x89)),
            (1_620, Stop),
            (3_112, said(0x66, "10")),
            (3_113, said(0x74, "10")),
            (9_000, Quiet),
        ],
    );
    assert_eq!(
        lines,
        [
            &format!("100 {REAL_TIME}"),
            &format!("110 tag {TAG}"),
            "110 running",
            &format!("1610 {REAL_TIME}"),
            &format!("1611 tag {TAG}"),
            "3111 still",
            // It may have been switched off and on: what it does not store is set again.
            "3111 > A004FF661ED9",
            "3112 > A004FF7400E9",
        ]
    );
}

#[test]
fn a_mute_reader_is_told_once_and_asked_from_time_to_time() {
    let lines = play(
        &DRIVER,
        &[],
        &[(0, Open), (7_000, Quiet), (7_001, said(0x72, "0109"))],
    );
    let asked = "> A003FF72EC";
    let expected = [0, 500, 1_000].map(|ms| format!("{ms} {asked}"));
    assert_eq!(lines[..3], expected);
    assert_eq!(lines[3], "1500 ! no_answer");
    assert_eq!(lines[4], format!("3500 {asked}"));
    let told = lines.iter().filter(|line| line.ends_with("no_answer")).count();
    assert_eq!(told, 1);
    assert_eq!(lines[lines.len() - 3], "7001 = firmware 1.9");
    assert_eq!(lines[lines.len() - 2], "7001 ! answers_again");
}

#[test]
fn a_burst_of_800_tags_is_read_to_the_last() {
    let one = frame(0x89, &format!("29 3000 {TAG} 48"));
    let burst = one.repeat(800);
    let mut events = vec![(100, Start(Inventory::default()))];
    events.extend(
        (110..)
            .zip(burst.chunks(1_000))
            .map(|(ms, piece)| (ms, Says(piece.to_vec()))),
    );
    events.push((200, end(0x89, 0xFF)));
    let lines = after_set_up(&[], events);
    assert_eq!(lines.iter().filter(|line| line.ends_with(TAG)).count(), 800);
    assert_eq!(lines.len(), 800 + 3);
}
