//! The devices: one folder per protocol, and what carries their bytes.
//!
//! A driver is a folder with a decoder (bytes in, reads out, no I/O), its captures with expected reads, its
//! device ids as data and its README, and one row in [`CATALOGUE`]. Everything else about a device's life (ports,
//! sockets, reconnecting, back-pressure) is in [`link`], behind the feature `links`, and the same for all.

pub mod burst;
pub mod capture;
pub mod config;
pub mod contract;
pub mod datalogic;
pub mod hid_pos;
pub mod honeywell;
pub mod keyboard_wedge;
#[cfg(feature = "links")]
pub mod link;
pub mod newland;
pub mod plain_text;
pub mod programming;
pub mod zebra_ssi;

pub use burst::{Burst, BurstCounts, BurstSettings, Window};
pub use contract::{
    Command, Decoder, Driver, EpcFilter, GarbageReason, Inventory, LinkKind, Output, Outputs, OwnBeep, Pump,
    SettingError, SettingSpec, Settings, Signal,
};

/// Every driver. Adding one is adding its folder and its row.
pub static CATALOGUE: &[Driver] = &[
    plain_text::DRIVER,
    zebra_ssi::DRIVER,
    honeywell::DRIVER,
    datalogic::DRIVER,
    newland::DRIVER,
    hid_pos::DRIVER,
    keyboard_wedge::DRIVER,
];

/// The driver of this name.
pub fn driver(name: &str) -> Option<&'static Driver> {
    CATALOGUE.iter().find(|driver| driver.name == name)
}

/// The names of all drivers, for messages: `plain_text, zebra_ssi`.
pub fn driver_names() -> String {
    CATALOGUE
        .iter()
        .map(|driver| driver.name)
        .collect::<Vec<_>>()
        .join(", ")
}
