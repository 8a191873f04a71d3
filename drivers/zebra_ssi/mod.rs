//! Zebra and Symbol scanners that speak SSI: packets with checksums, acknowledged, on serial lines, USB-CDC and
//! Bluetooth.

pub mod attributes;
pub mod decode;
pub mod dialogue;
pub mod message;
pub mod parameters;
pub mod repetition;
pub mod transport;
pub mod types;
pub mod wire;

use decode::{SsiDecoder, SsiRules};
use message::Layout;
use transport::Transport;

use crate::contract::{Driver, LinkKind, SettingForm, SettingSpec, Settings};
use crate::plain_text::{TextDecoder, TextRules, rules};

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "zebra_ssi",
    summary: "Zebra and Symbol scanners with the Simple Serial Interface",
    settings: SETTINGS,
    links: &[LinkKind::Serial, LinkKind::TcpClient, LinkKind::Usb],
    filters_repeats: true,
    beeps_on_command: true,
    checksummed: true,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| {
        Ok(match settings.word("decode") {
            "raw" => Box::new(TextDecoder::new(TextRules::of(settings))),
            _ => Box::new(SsiDecoder::new(ssi_rules(settings))),
        })
    },
};

const DECODE: SettingSpec = SettingSpec {
    key: "decode",
    form: SettingForm::OneOf(&["auto", "classic", "extended", "raw"]),
    default: "auto",
    about: "How codes are laid out: `auto` tells classic and extended packets apart, `raw` is text without packets.",
};

const TRANSPORT: SettingSpec = SettingSpec {
    key: "transport",
    form: SettingForm::OneOf(&["serial", "att"]),
    default: "serial",
    about: "`att` has a length of two bytes before each frame, as over Bluetooth LE attributes.",
};

const SETUP: SettingSpec = SettingSpec {
    key: "setup",
    form: SettingForm::OneOf(&["on", "off"]),
    default: "on",
    about: "`on` asks the scanner for its settings when the link opens and changes those that differ; `off` leaves it alone.",
};

const PACKET_NO_READ: SettingSpec = SettingSpec {
    key: "packet_no_read",
    form: SettingForm::OneOf(&["notice", "read"]),
    default: "notice",
    about: "Whether a Code 39 packet `NR` is the scanner's no-read, or a code of yours.",
};

const SETTINGS: &[SettingSpec] = &[
    DECODE,
    TRANSPORT,
    SETUP,
    PACKET_NO_READ,
    rules::PREFIX,
    rules::SUFFIX,
    rules::IDLE_MS,
    rules::SETTLE_MS,
    rules::MULTI_LINE,
    rules::CODE_ID,
    rules::GS_ALIAS,
    rules::NO_READ,
    rules::HEARTBEAT,
    rules::TRIGGER,
    rules::SEPARATOR,
];

fn ssi_rules(settings: &Settings) -> SsiRules {
    SsiRules {
        layout: match settings.word("decode") {
            "classic" => Layout::Classic,
            "extended" => Layout::Extended,
            _ => Layout::Auto,
        },
        transport: match settings.word("transport") {
            "att" => Transport::Attribute,
            _ => Transport::Serial,
        },
        set_up: settings.word("setup") == "on",
        aim: settings.word("code_id") == "aim",
        no_read: settings.word("packet_no_read") == "notice",
        gs_alias: settings.bytes("gs_alias").to_vec(),
    }
}
