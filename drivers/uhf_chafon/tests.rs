//! The conversations with readers of all three kinds, played by scripts.

use super::DRIVER;
use crate::contract::{EpcFilter, Inventory};
use crate::uhf::testing::Event::{Open, Quiet, Says, Start, Stop};
use crate::uhf::testing::{Event, bytes, play, play_after, power};

/// CRC-16/MCRF4XX, bit by bit.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 0 {
                crc >> 1
            } else {
                (crc >> 1) ^ 0x8408
            }
        })
    })
}

/// An answer of reader 0.
fn frame(cmd: u8, status: u8, data: &str) -> Vec<u8> {
    let data = bytes(data);
    let mut frame = vec![data.len() as u8 + 5, 0, cmd, status];
    frame.extend(data);
    let crc = crc(&frame);
    frame.extend(crc.to_le_bytes());
    frame
}

fn said(cmd: u8, status: u8, data: &str) -> Event {
    Says(frame(cmd, status, data))
}

/// An answer of CF reader 0.
fn cf(cmd: u8, status: u8, data: &str) -> Event {
    let data = bytes(data);
    let mut frame = vec![0xCF, 0, 0, cmd, data.len() as u8 + 1, status];
    frame.extend(data);
    let crc = crc(&frame);
    frame.extend(crc.to_be_bytes());
    Says(frame)
}

const TAG: &str = "3034257BF7194E4000001A85";
const NO_TAG: u8 = 0xFB;
const INFO_288: &str = "0305 0C 02 4E 00 1E 0A";

/// One tag of a 288.
fn one() -> String {
    format!("01 01 0C {TAG} 48")
}

/// The frame of a round of a 288 by its arguments, with its CRC.
fn round(arguments: &str) -> String {
    let arguments = bytes(arguments);
    let mut frame = vec![arguments.len() as u8 + 4, 0xFF, 1];
    frame.extend(arguments);
    let crc = crc(&frame);
    frame.extend(crc.to_le_bytes());
    format!("> {}", crate::contract::report::hex(&frame))
}

fn set_up() -> Vec<(u64, Event)> {
    vec![(0, Open), (1, said(0x21, 0, INFO_288)), (2, said(0x40, 0, ""))]
}

const SET_UP: [&str; 6] = [
    "0 > 04FF211995",
    "1 = firmware 3.5",
    "1 = model UHFReader288M",
    "1 = region eu, channels 0 to 14",
    "1 = power 30.00 dBm",
    "1 > 05FF4000E3ED",
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
            (110, said(1, 3, &one())),
            (120, said(1, 1, &one())),
            (130, said(1, NO_TAG, "")),
            (140, said(1, 2, "")),
            (150, said(1, 3, &one())),
            (151, Stop),
            (152, said(1, 1, &one())),
            (9_000, Quiet),
        ],
    );
    let round = round("04 00 01 0000 00 00 80 03");
    assert_eq!(
        lines,
        [
            &format!("100 {round}"),
            &format!("110 tag {TAG}"),
            "110 running",
            &format!("120 tag {TAG}"),
            &format!("120 {round}"),
            "130 ! no_tag",
            &format!("130 {round}"),
            &format!("140 {round}"),
            &format!("150 tag {TAG}"),
            "152 still",
        ]
    );
}

#[test]
fn power_session_antennas_and_filter_follow_the_work_and_go_back() {
    let inventory = Inventory {
        session: Some(2),
        antennas: 0b101,
        filter: EpcFilter::new(&[0x30, 0x34], 14),
        ..power(2_450)
    };
    let lines = after_set_up(
        &[("q", "6"), ("scan_ms", "500")],
        vec![
            (100, Start(inventory)),
            (101, said(0x2F, 0, "")),
            (110, said(1, 1, &format!("01 02 0C {TAG} 48 04 E2001122 50"))),
            (120, said(1, NO_TAG, "")),
            (121, Stop),
            (130, said(1, NO_TAG, "")),
            (131, said(0x2F, 0, "")),
            (9_000, Quiet),
        ],
    );
    let on = |antenna: &str| round(&format!("06 02 01 0020 0E 3034 00 {antenna} 05"));
    assert_eq!(lines.len(), 9, "{lines:#?}");
    assert!(lines[0].starts_with("100 > 05FF2F18"), "{}", lines[0]);
    assert_eq!(
        lines[1..7],
        [
            format!("101 {}", on("80")),
            format!("110 tag {TAG}"),
            "110 running".to_owned(),
            format!("110 {}", on("82")),
            "120 ! no_tag".to_owned(),
            format!("120 {}", on("80")),
        ]
    );
    // The tag of the filter came once, the other one was left out; afterwards the power is the reader's own.
    assert_eq!(lines[7], "130 still");
    assert!(lines[8].starts_with("130 > 05FF2F1E"), "{}", lines[8]);
}

#[test]
fn the_readers_own_power_comes_back_after_the_work() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(power(2_000))),
            (101, said(0x2F, 0, "")),
            (110, said(1, NO_TAG, "")),
            (111, Stop),
            (120, said(1, NO_TAG, "")),
            (121, said(0x2F, 0, "")),
            (9_000, Quiet),
        ],
    );
    let powers: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.split_once("> 05FF2F"))
        .map(|(_, rest)| &rest[..2])
        .collect();
    assert_eq!(powers, ["14", "1E"], "{lines:#?}");
}

#[test]
fn an_18_tells_epcs_alone_and_takes_its_own_time() {
    let events = vec![
        (0, Open),
        (1, said(0x21, 0, "0110 09 02 4E 00 1E 14")),
        (
            100,
            Start(Inventory {
                session: Some(1),
                ..Inventory::default()
            }),
        ),
        (110, said(1, 3, &format!("02 0C {TAG} 04 E2001122"))),
        (120, said(1, 1, &format!("01 0C {TAG}"))),
        // 2 s of its own and some more.
        (2_819, Quiet),
        (2_820, Quiet),
    ];
    let lines = play(&DRIVER, &[("model", "18")], &events);
    let asked = "> 04FF011BB4";
    assert_eq!(
        lines[5..],
        [
            "100 ! not_supported",
            &format!("100 {asked}"),
            &format!("110 tag {TAG}"),
            "110 tag E2001122",
            "110 running",
            &format!("120 tag {TAG}"),
            &format!("120 {asked}"),
            &format!("2820 {asked}"),
        ]
    );
}

#[test]
fn what_is_refused_is_told_and_does_without() {
    let filter = EpcFilter::new(&[0x30], 8);
    let lines = after_set_up(
        &[("region", "us"), ("power_dbm", "33"), ("antennas", "1,2")],
        vec![
            // Refused under the number 0, as a command that it does not know.
            (3, said(0x00, 0xFE, "")),
            (4, said(0x2F, 0x14, "")),
            (
                100,
                Start(Inventory {
                    filter,
                    ..Inventory::default()
                }),
            ),
            (110, said(1, 0xFF, "")),
            (111, said(1, 0xF8, "")),
            (112, said(1, 1, &one())),
            (113, said(1, 0xF9, "")),
            (1_113, Quiet),
        ],
    );
    let on = |antenna: &str| round(&format!("04 00 01 0000 00 00 {antenna} 03"));
    assert_eq!(lines[1..2], ["3 ! settings_refused"], "the region, {lines:#?}");
    assert_eq!(lines[3..4], ["4 ! settings_refused"], "the power");
    assert_eq!(
        lines[5..],
        [
            "110 ! settings_refused",
            &format!("110 {}", on("81")),
            "111 ! antenna_fault",
            &format!("111 {}", on("80")),
            &format!("112 tag {TAG}"),
            "112 running",
            &format!("112 {}", on("81")),
            "113 ! refused",
            &format!("1113 {}", on("80")),
        ]
    );
}

#[test]
fn an_active_reader_is_listened_to_and_not_asked() {
    let settings = [("work_mode", "active"), ("beep", "keep")];
    let tag = || said(0xEE, 0, &format!("01 0C {TAG} 48"));
    let lines = play(
        &DRIVER,
        &settings,
        &[
            (0, Open),
            (1, said(0x21, 0, INFO_288)),
            (100, tag()),
            (200, Stop),
            (210, tag()),
            (300, Start(Inventory::default())),
            (310, tag()),
            (1_000, said(0xEE, 0x28, "")),
            // Nothing for 90 s although it tells that it is there: it is asked, and mute.
            (91_000, Quiet),
            (92_500, Quiet),
        ],
    );
    assert_eq!(
        lines[5..],
        [
            &format!("100 tag {TAG}"),
            "100 running",
            "200 still",
            "300 running",
            &format!("310 tag {TAG}"),
            "1000 ! heartbeat",
            "91000 ! reader_silent",
            "91000 still",
            "91000 > 04FF211995",
            "91500 > 04FF211995",
            "92000 > 04FF211995",
            "92500 ! no_answer",
        ]
    );
    // One that takes no commands in this mode is listened to all the same.
    let lines = play(&DRIVER, &settings, &[(0, Open), (2_000, tag())]);
    assert_eq!(lines[3..], [format!("2000 tag {TAG}"), "2000 running".to_owned()]);
    // One that is asked for rounds and sends by itself says so once.
    let lines = after_set_up(&[], vec![(100, tag()), (110, tag())]);
    assert_eq!(lines, ["100 ! active_mode"]);
}

#[test]
fn a_round_that_nobody_ends_is_asked_for_again_and_not_after_the_stop() {
    let lines = after_set_up(
        &[],
        vec![
            (100, Start(Inventory::default())),
            (1_100, Quiet),
            (1_101, said(1, 3, &one())),
            (1_110, Stop),
            (9_000, Quiet),
        ],
    );
    let round = round("04 00 01 0000 00 00 80 03");
    assert_eq!(
        lines,
        [
            &format!("100 {round}"),
            &format!("1100 {round}"),
            &format!("1101 tag {TAG}"),
            "1101 running",
            "2101 still",
        ]
    );
}

/// The parameters of a CF reader with this power, session, antennas and buzzer.
fn parameters(power: u8, session: u8, antennas: u8, buzzer: u8) -> String {
    format!(
        "00 00 00 80 04 00 {antennas:02X} 0001020304050607 {power:02X} 01 04 {session:02X} 00 00 00 00 {buzzer:02X} 00"
    )
}

fn cf_write(power: u8, session: u8, antennas: u8) -> String {
    let mut frame = vec![0xCF, 0xFF, 0, 0x71, 25];
    frame.extend(bytes(&parameters(power, session, antennas, 0)));
    let crc = crc(&frame);
    frame.extend(crc.to_be_bytes());
    format!("> {}", crate::contract::report::hex(&frame))
}

#[test]
fn a_cf_reader_is_stopped_set_and_started() {
    let work = Inventory {
        session: Some(1),
        antennas: 0b11,
        ..power(2_600)
    };
    let tag = || cf(1, 0, &format!("FDB3 02 0D 0C {TAG}"));
    let lines = play(
        &DRIVER,
        &[("model", "cf")],
        &[
            (0, Open),
            // It was left looking.
            (1, tag()),
            (2, cf(2, 0, "")),
            (3, cf(0x70, 0, "4346363030")),
            (4, cf(0x72, 0, &parameters(30, 0, 1, 1))),
            (5, cf(0x71, 0, "")),
            (100, Start(work)),
            (101, cf(0x71, 0, "")),
            (102, cf(1, 0, "")),
            (103, tag()),
            // The reader ends its rounds by itself: they are asked for again.
            (104, cf(1, 0x12, "")),
            (105, tag()),
            (106, Stop),
            (107, tag()),
            (108, cf(2, 0, "")),
            (109, cf(0x71, 0, "")),
            (9_000, Quiet),
        ],
    );
    let start = "> CFFF000100CD09";
    assert!(lines[0].starts_with("0 > CFFF000200"));
    assert_eq!(lines[1..3], ["1 running", "2 still"]);
    assert_eq!(lines[4], "3 = info CF600");
    assert_eq!(
        lines[9],
        format!("4 {}", cf_write(30, 0, 1)),
        "the buzzer is silenced"
    );
    assert_eq!(
        lines[10..],
        [
            format!("100 {}", cf_write(26, 1, 3)),
            format!("101 {start}"),
            "102 running".to_owned(),
            format!("103 tag {TAG}"),
            "104 still".to_owned(),
            format!("104 {start}"),
            format!("105 tag {TAG}"),
            "105 running".to_owned(),
            format!("106 {}", &lines[0][2..]),
            "108 still".to_owned(),
            format!("108 {}", cf_write(30, 0, 1)),
        ]
    );
}

#[test]
fn what_a_cf_reader_cannot_be_told_is_refused_with_the_key() {
    for (key, value) in [("region", "eu"), ("work_mode", "active")] {
        let error = DRIVER
            .decoder([("model", "cf"), (key, value)])
            .err()
            .unwrap()
            .to_string();
        assert!(error.starts_with(&format!("`{key}` does not go")), "{error}");
    }
}

#[test]
fn a_burst_of_800_tags_in_frames_of_16_is_read_to_the_last() {
    let many = format!("01 10 {}", format!("0C {TAG} 48 ").repeat(16));
    let burst = frame(1, 3, &many).repeat(50);
    let mut events = vec![(100, Start(Inventory::default()))];
    events.extend(
        (110..)
            .zip(burst.chunks(1_000))
            .map(|(ms, piece)| (ms, Says(piece.to_vec()))),
    );
    events.push((300, said(1, NO_TAG, "")));
    let lines = after_set_up(&[], events);
    assert_eq!(lines.iter().filter(|line| line.ends_with(TAG)).count(), 800);
}

#[test]
fn a_right_crc_under_no_command_does_not_swallow_the_frame_inside() {
    let inside: Vec<u8> = frame(1, 1, &one());
    let around = frame(0x77, 0, &crate::contract::report::hex(&inside));
    // The second byte of what is no frame may begin a long one: silence settles it.
    let lines = play(&DRIVER, &[], &[(0, Says(around)), (500, said(1, NO_TAG, ""))]);
    assert_eq!(
        lines,
        [
            "200 ? 4 malformed".to_owned(),
            format!("200 tag {TAG}"),
            "500 ? 2 gap".to_owned(),
            "500 ! no_tag".to_owned()
        ]
    );
}
