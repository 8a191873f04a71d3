//! ThingMagic (JADAK) modules and readers with the serial protocol of MercuryAPI: M6e, Nano, Micro, M7e.

pub mod decode;
pub mod dialogue;
#[cfg(test)]
mod tests;
pub mod wire;

use dialogue::ThingMagic;

use crate::contract::{Driver, LinkKind, SettingForm, SettingSpec};
use crate::uhf::{UhfDecoder, settings};

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "thingmagic",
    summary: "ThingMagic and JADAK UHF modules: M6e, Nano, Micro, M7e",
    settings: SETTINGS,
    links: &[LinkKind::Serial, LinkKind::TcpClient],
    // Every report of a tag counts: how often it was seen says how near it is.
    filters_repeats: true,
    beeps_on_command: false,
    checksummed: true,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| {
        let region = decode::region(settings.word(REGION.key));
        let plan = settings::plan(settings, SETTINGS)?;
        let tries_rates = settings.word(PROBE.key) == "on";
        Ok(Box::new(UhfDecoder::new(
            ThingMagic::new(region, tries_rates),
            plan,
        )))
    },
};

const REGION: SettingSpec = settings::region(decode::REGIONS);

const PROBE: SettingSpec = SettingSpec {
    key: "probe",
    form: SettingForm::OneOf(&["on", "off"]),
    default: "on",
    about: "`on` tries the other rates of a serial line where nobody answers at the configured one.",
};

const SETTINGS: &[SettingSpec] = &[
    REGION,
    settings::POWER_DBM,
    settings::SESSION,
    settings::ANTENNAS,
    PROBE,
    settings::START,
];
