//! The catalogue's rows and folders are complete and agree with each other.

use std::collections::BTreeSet;
use std::fs;

use tallyman_drivers::contract::{Settings, devices};
use tallyman_drivers::{CATALOGUE, SettingSpec};

use crate::support::room;

/// The headings of every driver's README, in order.
const HEADINGS: [&str; 7] = [
    "Introduction",
    "Devices",
    "Wire format",
    "Settings",
    "Set-up",
    "Quirks",
    "Sources",
];

#[test]
fn names_are_unique_and_are_the_folders_names() {
    let mut names = BTreeSet::new();
    for driver in CATALOGUE {
        assert!(
            names.insert(driver.name),
            "two drivers are called {}",
            driver.name
        );
        assert!(
            room().join(driver.name).is_dir(),
            "{} has no folder of its name",
            driver.name
        );
        assert!(
            !driver.summary.is_empty() && !driver.links.is_empty(),
            "{} tells too little",
            driver.name
        );
    }
}

#[test]
fn readmes_have_the_fixed_headings_and_explain_every_setting() {
    for driver in CATALOGUE {
        let readme = fs::read_to_string(room().join(driver.name).join("README.md"))
            .unwrap_or_else(|error| panic!("{} has no README.md: {error}", driver.name));
        let found: Vec<&str> = readme
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        assert_eq!(found, HEADINGS, "the headings of {}/README.md", driver.name);
        for setting in driver.settings {
            assert!(
                readme.contains(&format!("`{}`", setting.key)),
                "{}/README.md does not explain `{}`",
                driver.name,
                setting.key
            );
        }
    }
}

#[test]
fn settings_are_well_formed_and_their_defaults_make_a_decoder() {
    for driver in CATALOGUE {
        let keys: BTreeSet<&str> = driver.settings.iter().map(|setting| setting.key).collect();
        assert_eq!(
            keys.len(),
            driver.settings.len(),
            "{} has a setting twice",
            driver.name
        );
        for SettingSpec { key, about, .. } in driver.settings {
            assert!(
                about.ends_with('.'),
                "{}: what `{key}` does is told in sentences",
                driver.name
            );
        }
        assert!(
            driver.decoder([]).is_ok(),
            "the defaults of {} make no decoder",
            driver.name
        );
        let error = driver.decoder([("no_such_key", "1")]).err().unwrap().to_string();
        assert!(error.contains("no_such_key"), "{error}");
    }
}

#[test]
fn device_lists_can_be_read_and_their_settings_exist() {
    for driver in CATALOGUE {
        let devices = devices(driver).unwrap_or_else(|error| panic!("{error}"));
        assert!(!devices.is_empty(), "{} names no device", driver.name);
        for device in devices {
            let name = format!("{}: {} {}", driver.name, device.vendor, device.model);
            for id in [&device.usb_vendor, &device.usb_product].into_iter().flatten() {
                assert!(
                    id.len() == 4 && u16::from_str_radix(id, 16).is_ok(),
                    "{name}: `{id}` is no USB id"
                );
            }
            assert!(
                device.usb_vendor.is_some() || device.usb_product.is_none(),
                "{name}: a product of nobody"
            );
            let pairs = device
                .settings
                .iter()
                .map(|setting| setting.split_once('=').unwrap_or((setting, "")));
            if let Err(error) = Settings::check(driver.settings, pairs) {
                panic!("{name}: {error}");
            }
        }
    }
}

#[test]
fn every_driver_is_a_fuzz_target() {
    let targets = room().join("../tests/fuzz/fuzz_targets");
    for driver in CATALOGUE {
        assert!(
            targets.join(driver.name).with_extension("rs").is_file(),
            "{} is fed by no fuzz target; add it in tests/fuzz",
            driver.name
        );
    }
}
