//! Every capture gives the outputs that stand beside it. `UPDATE=1 cargo test` writes them anew.

use std::path::Path;

use tallyman_drivers::capture::Direction;
use tallyman_drivers::contract::ReportLine;
use tallyman_drivers::contract::report::hex;
use tallyman_drivers::{CATALOGUE, Output, OwnBeep};

use crate::support::{files, golden, lines, outputs, room, samples, samples_of};

#[test]
fn every_capture_gives_what_stands_beside_it() {
    for sample in samples() {
        let mut pump = sample.pump();
        sample.capture.play(&mut pump);
        let mut text = lines(&outputs(&mut pump)).join("\n");
        text.push('\n');
        golden(&sample.reads_path(), &text);
    }
}

#[test]
fn what_a_capture_says_was_sent_is_what_the_driver_sends() {
    for sample in samples() {
        let chunks = sample.capture.chunks.iter();
        let sent: Vec<u8> = chunks
            .filter(|chunk| chunk.direction == Direction::ToDevice)
            .flat_map(|chunk| chunk.bytes.clone())
            .collect();
        if sent.is_empty() {
            continue;
        }
        let mut pump = sample.pump();
        sample.capture.play(&mut pump);
        let written: Vec<u8> = outputs(&mut pump)
            .into_iter()
            .filter_map(|output| match output {
                Output::Write(bytes) => Some(bytes),
                _ => None,
            })
            .flatten()
            .collect();
        assert_eq!(hex(&written), hex(&sent), "{}", sample.path.display());
    }
}

#[test]
fn a_scanners_own_beep_counts_as_off_only_when_it_was_read_back_so() {
    let table = [
        ("zebra_ssi", "set_up", OwnBeep::Off),
        ("zebra_ssi", "set_up_refused", OwnBeep::On),
        ("zebra_ssi", "set_up_silent", OwnBeep::Unknown),
        ("honeywell", "set_up", OwnBeep::Off),
        ("honeywell", "metadata", OwnBeep::Unknown),
        ("newland", "set_up_as_wanted", OwnBeep::Off),
        ("newland", "set_up_changed", OwnBeep::Off),
        ("newland", "set_up_refused", OwnBeep::On),
        ("newland", "set_up_silent", OwnBeep::Unknown),
    ];
    for driver in CATALOGUE {
        let is_set_up = driver.settings.iter().any(|setting| setting.key == "setup");
        let is_shown = table
            .iter()
            .any(|(name, _, beep)| *name == driver.name && *beep == OwnBeep::Off);
        assert_eq!(is_set_up, is_shown, "{}", driver.name);
    }
    for (driver, capture, own_beep) in table {
        let samples = samples_of(tallyman_drivers::driver(driver).unwrap());
        let sample = samples
            .iter()
            .find(|sample| sample.path.file_stem().unwrap() == capture);
        let sample = sample.unwrap_or_else(|| panic!("{driver} has no capture {capture}"));
        let mut pump = sample.pump();
        sample.capture.play(&mut pump);
        assert_eq!(pump.own_beep(), own_beep, "{driver} after {capture}");
        pump.reset();
        assert_eq!(
            pump.own_beep(),
            OwnBeep::Unknown,
            "{driver}: another connection, another scanner"
        );
    }
}

#[test]
fn every_driver_has_captures_of_its_own_and_no_reads_are_left_over() {
    for driver in CATALOGUE {
        let samples = samples_of(driver);
        assert!(
            !samples.is_empty(),
            "{} has no capture: what cannot be tested is not supported",
            driver.name
        );
        for sample in &samples {
            assert_eq!(
                sample.capture.header.driver,
                driver.name,
                "{}",
                sample.path.display()
            );
        }
        for reads in files(&room().join(driver.name).join("captures"), "reads") {
            assert!(
                reads.with_extension("capture").exists(),
                "{} has no capture",
                reads.display()
            );
        }
    }
}

#[test]
fn every_capture_yields_something_to_look_at() {
    for sample in samples() {
        let mut pump = sample.pump();
        sample.capture.play(&mut pump);
        assert!(!outputs(&mut pump).is_empty(), "{}", sample.path.display());
    }
}

#[test]
fn output_lines_have_the_documented_shape() {
    let line = ReportLine::Summary {
        bytes: 1,
        messages: 2,
        reads: 3,
        garbage_bytes: 4,
    };
    assert_eq!(
        serde_json::to_string(&line).unwrap(),
        r#"{"summary":{"bytes":1,"messages":2,"reads":3,"garbage_bytes":4}}"#
    );
    let message = ReportLine::Message {
        r#type: 61,
        name: "RO_ACCESS_REPORT".to_owned(),
        id: Some(100),
        bytes: 62,
    };
    assert_eq!(
        serde_json::to_string(&message).unwrap(),
        r#"{"message":{"type":61,"name":"RO_ACCESS_REPORT","id":100,"bytes":62}}"#
    );
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("plain_text").is_dir());
}
