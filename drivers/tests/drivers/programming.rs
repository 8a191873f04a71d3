//! Every driver has a set-up sheet, and what it says can be done.

use std::collections::BTreeSet;
use std::fs;

use tallyman_drivers::CATALOGUE;
use tallyman_drivers::config::DeviceConfig;
use tallyman_drivers::programming::{Certainty, Sheet, Stage, sheet, sheet_with};

use crate::support::room;

/// All sheets, with their drivers' names.
fn sheets() -> impl Iterator<Item = Sheet> {
    CATALOGUE
        .iter()
        .map(|driver| sheet(driver).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn every_driver_has_a_sheet_that_is_told_in_sentences() {
    for sheet in sheets() {
        let name = sheet.driver;
        let is_sentence = |text: &str| text.ends_with('.') && text.starts_with(char::is_uppercase);
        let sentences = sheet.notes.iter().chain([&sheet.why]);
        let then = sheet.hosts.iter().map(|host| &host.then);
        let steps = sheet.steps.iter().flat_map(|step| [&step.does, &step.why]);
        for text in sentences.chain(steps) {
            assert!(is_sentence(text), "{name}: {text:?} is no sentence");
        }
        for text in then {
            // It may begin with a command.
            assert!(text.ends_with('.'), "{name}: {text:?} is no sentence");
        }
        for step in &sheet.steps {
            // They stand behind a word and a colon, or complete a sentence.
            let phrases = [
                Some(&step.setting),
                Some(&step.chapter),
                Some(&step.source),
                step.only_if.as_ref(),
            ];
            for phrase in phrases.into_iter().flatten() {
                assert!(!phrase.ends_with('.'), "{name}, step {}: {phrase:?}", step.key);
            }
            let is_word = step
                .key
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            assert!(is_word, "{name}: `{}` is no key", step.key);
            assert_ne!(
                step.certainty,
                Certainty::Seen,
                "{name}: nobody has tried step {} on a device",
                step.key
            );
        }
    }
}

#[test]
fn every_way_of_connecting_switches_the_beep_off_and_ends_what_it_begins() {
    for sheet in sheets() {
        for host in &sheet.hosts {
            let stages: BTreeSet<Stage> = sheet.steps_for(host).map(|step| step.stage).collect();
            let place = format!("{} by {}", sheet.driver, host.word);
            assert!(
                stages.contains(&Stage::Beep),
                "{place}: the scanner's beep is left on"
            );
            assert_eq!(
                stages.contains(&Stage::Enter),
                stages.contains(&Stage::Exit),
                "{place}: a set-up mode is entered and never left, or the reverse"
            );
        }
    }
}

#[test]
fn the_configuration_on_a_sheet_is_one_that_the_agent_takes() {
    for sheet in sheets() {
        for host in &sheet.hosts {
            let place = format!("{} by {}", sheet.driver, host.word);
            let text = format!("name = \"scanner\"\n{}\n", host.configuration);
            let device: DeviceConfig =
                toml::from_str(&text).unwrap_or_else(|error| panic!("{place}: {error}"));
            assert!(
                device.decoder().is_ok(),
                "{place}: no driver makes a decoder of it"
            );
        }
    }
}

#[test]
fn makers_are_known_by_ids_of_their_own() {
    let mut seen = BTreeSet::new();
    for sheet in sheets() {
        for vendor in &sheet.usb_vendors {
            assert!(
                vendor.len() == 4 && u16::from_str_radix(vendor, 16).is_ok(),
                "`{vendor}` is no USB id"
            );
            assert!(seen.insert(vendor.clone()), "{vendor} has two sheets");
        }
    }
}

#[test]
fn readmes_point_at_the_sheet() {
    for driver in CATALOGUE {
        let readme = fs::read_to_string(room().join(driver.name).join("README.md")).unwrap();
        let command = format!("tallyman set-up-sheet {}", driver.name);
        assert!(
            readme.contains(&command),
            "{}/README.md does not say `{command}`",
            driver.name
        );
    }
}

#[test]
fn the_example_in_the_documents_is_one_that_works() {
    let page = fs::read_to_string(room().join("../docs/set-up-sheets.md")).unwrap();
    let example = page
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let honeywell = CATALOGUE
        .iter()
        .find(|driver| driver.name == "honeywell")
        .unwrap();
    let sheet = sheet_with(honeywell, example.expect("an example"), "docs/set-up-sheets.md").unwrap();
    let has = |key: &str| sheet.steps.iter().any(|step| step.key == key);
    assert!(has("low_volume") && !has("defaults"));
}
