//! Scanners that send codes as text: every vendor's factory setting on a serial line, and dock scanners on TCP.

pub mod decode;
pub mod ending;
pub mod rules;

pub use decode::TextDecoder;
pub use rules::TextRules;

use crate::contract::{Driver, LinkKind};

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "plain_text",
    summary: "Codes as text with a suffix: any scanner's factory setting",
    settings: rules::SETTINGS,
    links: &[
        LinkKind::Serial,
        LinkKind::TcpClient,
        LinkKind::TcpServer,
        LinkKind::Usb,
    ],
    filters_repeats: false,
    beeps_on_command: false,
    checksummed: false,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| Ok(Box::new(TextDecoder::new(TextRules::of(settings)))),
};
