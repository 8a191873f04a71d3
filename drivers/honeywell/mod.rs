//! Honeywell scanners: text or metadata framing on serial lines and Bluetooth, HID reports, and the menu.

pub mod decode;
pub mod hid;
pub mod set_up;
pub mod wire;

use decode::{Framing, HoneywellDecoder};

use crate::contract::{Driver, LinkKind, SettingForm, SettingSpec};
use crate::plain_text::{TextRules, rules};

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "honeywell",
    summary: "Honeywell scanners with menu commands, and their HID reports",
    settings: &[
        FRAMING,
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
        rules::TRIGGER,
        rules::SEPARATOR,
    ],
    links: &[LinkKind::Serial, LinkKind::Hidraw, LinkKind::Usb],
    filters_repeats: false,
    beeps_on_command: true,
    checksummed: false,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| {
        let framing = match settings.word("framing") {
            "hid" => return Ok(Box::new(hid::decoder(settings))),
            "msgget" => Framing::Metadata,
            "text" => Framing::Text,
            _ => Framing::Auto,
        };
        let set_up = settings.word("setup") == "on";
        Ok(Box::new(HoneywellDecoder::new(
            framing,
            TextRules::of(settings),
            set_up,
        )))
    },
};

const FRAMING: SettingSpec = SettingSpec {
    key: "framing",
    form: SettingForm::OneOf(&["auto", "msgget", "text", "hid"]),
    default: "auto",
    about: "How codes come: `msgget` with metadata, `text` with a suffix, `hid` in reports; `auto` is text until metadata is seen.",
};

const SETUP: SettingSpec = SettingSpec {
    key: "setup",
    form: SettingForm::OneOf(&["on", "off"]),
    default: "on",
    about: "`on` asks the scanner for its settings when the link opens and changes those that differ; `off` leaves it alone.",
};
