//! UHF readers with the Impinj R2000 and the "A0" protocol: Rodinbell, Invelion, CF-RU and their kin.

pub mod decode;
pub mod dialogue;
#[cfg(test)]
mod tests;
pub mod wire;

use dialogue::R2000;
use wire::Phase;

use crate::contract::{Driver, LinkKind, SettingForm, SettingSpec};
use crate::uhf::{UhfDecoder, settings};

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "uhf_r2000",
    summary: "UHF readers with the Impinj R2000 and frames that begin with A0",
    settings: SETTINGS,
    links: &[LinkKind::Serial, LinkKind::TcpClient],
    // Every report of a tag counts: how often it was seen says how near it is.
    filters_repeats: true,
    beeps_on_command: false,
    checksummed: true,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| {
        let phase = match settings.word(PHASE.key) {
            "on" => Phase::On,
            "off" => Phase::Off,
            _ => Phase::Auto,
        };
        let address = u8::try_from(settings.number(settings::ADDRESS.key)).unwrap_or(u8::MAX);
        let region = decode::region(settings.word(REGION.key));
        let plan = settings::plan(settings, SETTINGS)?;
        let silences_beeper = settings.word(settings::BEEP.key) == "off";
        let reader = R2000::new(phase, address, region, silences_beeper);
        Ok(Box::new(UhfDecoder::new(reader, plan)))
    },
};

const PHASE: SettingSpec = SettingSpec {
    key: "phase",
    form: SettingForm::OneOf(&["auto", "on", "off"]),
    default: "auto",
    about: "Whether two bytes of phase stand behind the signal; `auto` goes by the lengths.",
};

const REGION: SettingSpec = settings::region(decode::REGIONS);

const SETTINGS: &[SettingSpec] = &[
    PHASE,
    settings::ADDRESS,
    REGION,
    settings::POWER_DBM,
    settings::SESSION,
    settings::ANTENNAS,
    settings::BEEP,
    settings::START,
];
