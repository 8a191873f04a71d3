//! udev rules, made from the device data: who may open a scanner, and that nobody else talks to it first.

use std::collections::BTreeSet;

use super::devices::{Device, Subsystem};

/// The group that the agent runs in.
pub const GROUP: &str = "tallyman";

/// The rules file for these devices.
pub fn rules<'a>(devices: impl IntoIterator<Item = &'a Device>) -> String {
    let lines: BTreeSet<String> = devices
        .into_iter()
        .filter_map(|device| {
            let vendor = device.usb_vendor.as_deref()?;
            Some(rule(device.subsystem, vendor, device.usb_product.as_deref()))
        })
        .flatten()
        .collect();
    let mut text = format!(
        "# Scanners that the agent may open, for the group `{GROUP}`. Generated from drivers/*/devices.toml: change \
         those\n# and run UPDATE=1 cargo test -p tallyman-drivers.\n\
         # Serial ports are also kept from ModemManager, which would send AT commands to a scanner.\n"
    );
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The line that lets the group open a port that has no USB id, as `ttyS1` of a built-in scan engine.
pub fn port_rule(name: &str) -> String {
    format!(
        "SUBSYSTEM==\"tty\", KERNEL==\"{name}\", GROUP=\"{GROUP}\", MODE=\"0660\", \
         ENV{{ID_MM_DEVICE_IGNORE}}=\"1\""
    )
}

/// The line that lets the group open one device, and those that go with it. Network devices need none.
pub fn rule(subsystem: Subsystem, vendor: &str, product: Option<&str>) -> Vec<String> {
    let ids = match product {
        Some(product) => format!("ATTRS{{idVendor}}==\"{vendor}\", ATTRS{{idProduct}}==\"{product}\""),
        None => format!("ATTRS{{idVendor}}==\"{vendor}\""),
    };
    let open = format!("GROUP=\"{GROUP}\", MODE=\"0660\"");
    match subsystem {
        Subsystem::Tty => vec![format!(
            "SUBSYSTEM==\"tty\", {ids}, {open}, ENV{{ID_MM_DEVICE_IGNORE}}=\"1\""
        )],
        Subsystem::Hidraw => vec![format!("SUBSYSTEM==\"hidraw\", {ids}, {open}")],
        Subsystem::Input => vec![format!("SUBSYSTEM==\"input\", KERNEL==\"event*\", {ids}, {open}")],
        Subsystem::Usb => vec![format!(
            "SUBSYSTEM==\"usb\", ENV{{DEVTYPE}}==\"usb_device\", {ids}, {open}"
        )],
        Subsystem::Net => Vec::new(),
    }
}
