//! UHF readers of Chafon: UHFReader18, 288 and 86, and the CF readers with frames of their own.

pub mod cf;
pub mod decode;
pub mod dialogue;
#[cfg(test)]
mod tests;
pub mod wire;

use cf::Cf;
use dialogue::{Chafon, Model, Ways};

use crate::contract::{Decoder, Driver, LinkKind, SettingError, SettingForm, SettingSpec, Settings};
use crate::uhf::{UhfDecoder, settings};

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "uhf_chafon",
    summary: "UHF readers of Chafon: UHFReader18, 288 and 86, and CF readers",
    settings: SETTINGS,
    links: &[LinkKind::Serial, LinkKind::TcpClient],
    // Every report of a tag counts: how often it was seen says how near it is.
    filters_repeats: true,
    beeps_on_command: false,
    checksummed: true,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make,
};

const MODEL: SettingSpec = SettingSpec {
    key: "model",
    form: SettingForm::OneOf(&["18", "288", "cf"]),
    default: "288",
    about: "`18` tells EPCs alone, `288` (also 86 and later) with antenna and signal, `cf` has frames that begin with CF.",
};

const WORK_MODE: SettingSpec = SettingSpec {
    key: "work_mode",
    form: SettingForm::OneOf(&["answer", "active"]),
    default: "answer",
    about: "`answer` asks for round after round; `active` listens to a reader that sends tags by itself.",
};

const REGION: SettingSpec = settings::region(decode::REGIONS);

const Q: SettingSpec = SettingSpec {
    key: "q",
    form: SettingForm::Number { min: 0, max: 15 },
    default: "4",
    about: "The Gen2 Q that a round of a 288 begins with: 2 to the power of it are its slots.",
};

const SCAN_MS: SettingSpec = SettingSpec {
    key: "scan_ms",
    form: SettingForm::Number {
        min: 300,
        max: 25_500,
    },
    default: "300",
    about: "How long a round of a 288 takes, in whole 100 ms. A stop waits for its end.",
};

const SETTINGS: &[SettingSpec] = &[
    MODEL,
    WORK_MODE,
    settings::ADDRESS,
    REGION,
    settings::POWER_DBM,
    settings::SESSION,
    settings::ANTENNAS,
    Q,
    SCAN_MS,
    settings::BEEP,
    settings::START,
];

fn make(settings: &Settings) -> Result<Box<dyn Decoder>, SettingError> {
    let plan = settings::plan(settings, SETTINGS)?;
    let address = number(settings, settings::ADDRESS.key, 1);
    let silences_beeper = settings.word(settings::BEEP.key) == "off";
    let region = decode::region(settings.word(REGION.key));
    let model = match settings.word(MODEL.key) {
        "18" => Model::Reader18,
        "288" => Model::Reader288,
        _ => {
            for (key, is_set) in [
                (REGION.key, region.is_some()),
                (WORK_MODE.key, settings.word(WORK_MODE.key) == "active"),
            ] {
                if is_set {
                    return Err(SettingError::Conflict {
                        key: key.to_owned(),
                        reason: "with `model=cf` it is set by the maker's tool".to_owned(),
                    });
                }
            }
            return Ok(Box::new(UhfDecoder::new(Cf::new(address, silences_beeper), plan)));
        }
    };
    let ways = Ways {
        model,
        address,
        q: number(settings, Q.key, 1),
        scan: number(settings, SCAN_MS.key, 100),
        is_active: settings.word(WORK_MODE.key) == "active",
        silences_beeper,
        region,
    };
    Ok(Box::new(UhfDecoder::new(Chafon::new(ways), plan)))
}

/// A number in units of `unit`, which the setting's range keeps within a byte.
fn number(settings: &Settings, key: &str, unit: u64) -> u8 {
    u8::try_from(settings.number(key) / unit).unwrap_or(u8::MAX)
}
