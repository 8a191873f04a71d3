//! Newland scanners: text with a suffix, and the command set of their engines and handhelds.

pub mod decode;

use decode::NewlandDecoder;

use crate::contract::{Driver, LinkKind, SettingForm, SettingSpec};
use crate::plain_text::{TextRules, rules};

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "newland",
    summary: "Newland scanners and engines with their command set",
    settings: &[
        SETUP,
        rules::PREFIX,
        rules::SUFFIX,
        rules::IDLE_MS,
        rules::SETTLE_MS,
        rules::MULTI_LINE,
        rules::CODE_ID,
        rules::GS_ALIAS,
        rules::NO_READ,
        rules::HEARTBEAT,
    ],
    links: &[LinkKind::Serial],
    filters_repeats: false,
    beeps_on_command: false,
    checksummed: false,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| {
        Ok(Box::new(NewlandDecoder::new(
            TextRules::of(settings),
            settings.word("setup") == "on",
        )))
    },
};

const SETUP: SettingSpec = SettingSpec {
    key: "setup",
    form: SettingForm::OneOf(&["on", "off"]),
    default: "on",
    about: "`on` switches the good-read beep off until power-down when the link opens; `off` leaves the scanner alone.",
};
