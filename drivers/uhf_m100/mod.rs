//! UHF modules with the M100 chip and its relatives: M100, QM100, YRM100, R200, JRD-4035.

pub mod decode;
pub mod dialogue;
#[cfg(test)]
mod tests;
pub mod wire;

use dialogue::M100;
use wire::Mark;

use crate::contract::{Driver, LinkKind, SettingForm, SettingSpec};
use crate::uhf::{UhfDecoder, settings};

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "uhf_m100",
    summary: "UHF modules M100, QM100, YRM100, R200 and JRD-4035",
    settings: SETTINGS,
    links: &[LinkKind::Serial, LinkKind::TcpClient],
    // Every report of a tag counts: how often it was seen says how near it is.
    filters_repeats: true,
    beeps_on_command: false,
    checksummed: true,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| {
        let mark = match settings.word(MARK.key) {
            "bb" => Mark::Bb,
            "aa" => Mark::Aa,
            _ => Mark::Auto,
        };
        let region = decode::region_number(settings.word(REGION.key));
        let plan = settings::plan(settings, SETTINGS)?;
        Ok(Box::new(UhfDecoder::new(M100::new(mark, region), plan)))
    },
};

const MARK: SettingSpec = SettingSpec {
    key: "mark",
    form: SettingForm::OneOf(&["auto", "bb", "aa"]),
    default: "auto",
    about: "What frames begin with: `bb`, or `aa` as some R200 modules; `auto` takes both and answers as it is spoken to.",
};

const REGION: SettingSpec = settings::region(decode::REGIONS);

const SETTINGS: &[SettingSpec] = &[
    MARK,
    REGION,
    settings::POWER_DBM,
    settings::SESSION,
    settings::START,
];
