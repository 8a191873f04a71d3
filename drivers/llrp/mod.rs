//! Fixed and handheld RFID readers that speak the Low Level Reader Protocol (LLRP), over TCP and TLS.

pub mod capabilities;
pub mod choices;
pub mod decode;
pub mod enumerations;
mod events;
mod inventory;
pub mod layout;
pub mod messages;
pub mod numbers;
pub mod parameters;
pub mod read;
pub mod report;
mod requests;
pub mod schema;
mod session;
mod status;
pub mod tree;
pub mod wire;
pub mod write;

use decode::LlrpDecoder;
use messages::MESSAGES;
use parameters::PARAMETERS;
use schema::{MessageSpec, ParameterSpec};

use crate::contract::{Driver, LinkKind, SettingError, SettingForm, SettingSpec, Settings};

/// General-purpose inputs that are switched on; readers have four to eight.
const PORTS_MAX: u16 = 32;
/// The highest antenna that can be chosen: [`crate::Inventory`] has a bit for each.
const ANTENNAS_MAX: u32 = 32;

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "llrp",
    summary: "Fixed and handheld RFID readers with the Low Level Reader Protocol",
    settings: SETTINGS,
    links: &[LinkKind::TcpClient, LinkKind::TlsClient, LinkKind::TcpServer],
    filters_repeats: true,
    beeps_on_command: false,
    checksummed: false,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| Ok(Box::new(LlrpDecoder::new(LlrpRules::of(settings)?))),
};

const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        key: "impinj",
        form: SettingForm::OneOf(&["auto", "off"]),
        default: "auto",
        about: "`auto` uses Impinj's extensions where the reader is one (signal in hundredths of a dBm, phase); `off` never does.",
    },
    SettingSpec {
        key: "power_centi_dbm",
        form: SettingForm::Number { min: 0, max: 4_000 },
        default: "0",
        about: "Transmit power in hundredths of a dBm; the nearest step that is not above is taken. 0 leaves the reader's own.",
    },
    SettingSpec {
        key: "session",
        form: SettingForm::Number { min: 0, max: 3 },
        default: "1",
        about: "The Gen2 session: how long a tag that was read stays silent.",
    },
    SettingSpec {
        key: "population",
        form: SettingForm::Number { min: 1, max: 65_535 },
        default: "32",
        about: "About how many tags are in view at once.",
    },
    SettingSpec {
        key: "antennas",
        form: SettingForm::Text { bytes_max: 100 },
        default: "",
        about: "The antennas that are used, as `1,2,4`; empty is all.",
    },
    SettingSpec {
        key: "mode",
        form: SettingForm::Text { bytes_max: 5 },
        default: "auto",
        about: "The reader's mode of the radio link, by its number in the capabilities; `auto` leaves the reader's own.",
    },
    SettingSpec {
        key: "report_tags",
        form: SettingForm::Number { min: 1, max: 1_000 },
        default: "1",
        about: "How many tags the reader gathers before it reports. With more than 1 the last ones wait.",
    },
    SettingSpec {
        key: "keepalive_ms",
        form: SettingForm::Number { min: 0, max: 600_000 },
        default: "5000",
        about: "How often the reader says that it lives; after three times as long without a word it is connected to anew. 0 is \
                never.",
    },
    SettingSpec {
        key: "reset",
        form: SettingForm::OneOf(&["on", "off"]),
        default: "on",
        about: "`on` sets the reader's LLRP configuration to the factory's when the link opens, so that nothing of an earlier \
                program holds.",
    },
    SettingSpec {
        key: "autostart",
        form: SettingForm::OneOf(&["on", "off"]),
        default: "off",
        about: "`on` looks for tags from the moment that the reader is ready, as a portal does that always reads.",
    },
];

/// Settings of the decoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlrpRules {
    /// Use Impinj's extensions where the reader is one.
    pub impinj: bool,
    /// Transmit power in hundredths of a dBm; `None` is the reader's own.
    pub power_centi_dbm: Option<u16>,
    /// The Gen2 session, 0 to 3.
    pub session: u8,
    /// About how many tags are in view at once.
    pub population: u16,
    /// The antennas, bit 0 for antenna 1; 0 is all.
    pub antennas: u32,
    /// The mode of the radio link; `None` is the reader's own.
    pub mode: Option<u16>,
    /// How many tags are gathered before they are reported.
    pub report_tags: u16,
    /// How often the reader says that it lives, in milliseconds; 0 is never.
    pub keepalive_ms: u32,
    /// Set the reader to its factory's configuration first.
    pub reset: bool,
    /// Look for tags as soon as the reader is ready.
    pub autostart: bool,
}

impl LlrpRules {
    fn of(settings: &Settings) -> Result<Self, SettingError> {
        let number = |key| u16::try_from(settings.number(key)).unwrap_or(u16::MAX);
        Ok(Self {
            impinj: settings.word("impinj") == "auto",
            power_centi_dbm: Some(number("power_centi_dbm")).filter(|power| *power > 0),
            session: u8::try_from(number("session")).unwrap_or(0),
            population: number("population"),
            antennas: antennas(settings)?,
            mode: mode(settings)?,
            report_tags: number("report_tags"),
            keepalive_ms: u32::try_from(settings.number("keepalive_ms")).unwrap_or(u32::MAX),
            reset: settings.word("reset") == "on",
            autostart: settings.word("autostart") == "on",
        })
    }
}

fn text(settings: &Settings, key: &str) -> String {
    String::from_utf8_lossy(settings.bytes(key)).into_owned()
}

fn antennas(settings: &Settings) -> Result<u32, SettingError> {
    let list = text(settings, "antennas");
    let mut mask = 0;
    for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let number = word
            .parse()
            .ok()
            .filter(|number| (1..=ANTENNAS_MAX).contains(number));
        mask |= 1
            << number
                .map(|number| number - 1)
                .ok_or_else(|| SettingError::Value {
                    key: "antennas".to_owned(),
                    value: list.clone(),
                    allowed: format!("numbers from 1 to {ANTENNAS_MAX} with commas, as 1,2,4"),
                })?;
    }
    Ok(mask)
}

fn mode(settings: &Settings) -> Result<Option<u16>, SettingError> {
    let word = text(settings, "mode");
    if word == "auto" {
        return Ok(None);
    }
    word.parse().map(Some).map_err(|_| SettingError::Value {
        key: "mode".to_owned(),
        value: word,
        allowed: "auto, or a number from 0 to 65535".to_owned(),
    })
}

/// The table's row of a message type.
pub fn message_spec(number: u16) -> Option<&'static MessageSpec> {
    let place = MESSAGES.binary_search_by_key(&number, |spec| spec.number).ok()?;
    MESSAGES.get(place)
}

/// The table's row of a parameter type.
pub fn parameter_spec(number: u16) -> Option<&'static ParameterSpec> {
    let place = PARAMETERS
        .binary_search_by_key(&number, |spec| spec.number)
        .ok()?;
    PARAMETERS.get(place)
}

/// The standard's name of a message type, or `UNKNOWN`.
pub fn message_name(number: u16) -> &'static str {
    message_spec(number).map_or("UNKNOWN", |spec| spec.name)
}

/// The standard's name of a parameter type, or `Unknown`.
pub fn parameter_name(number: u16) -> &'static str {
    parameter_spec(number).map_or("Unknown", |spec| spec.name)
}

#[cfg(test)]
mod report_tests;
#[cfg(test)]
mod tests;
