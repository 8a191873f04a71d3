//! Which driver would take a node, and whether it may be opened: what `tallyman devices` shows.

use rustix::fs::Access;

use super::nodes::Node;
use crate::CATALOGUE;
use crate::contract::devices::Subsystem;
use crate::contract::{devices, udev};

/// A node with what is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The node.
    pub node: Node,
    /// The drivers that would take it, the best first.
    pub drivers: Vec<&'static str>,
    /// Whether this user may read and write it.
    pub may_open: bool,
    /// The udev lines that would allow it, where it may not be opened and they can be told.
    pub allow_with: Vec<String>,
    /// What else the user should know.
    pub advice: Option<&'static str>,
}

/// Looks at one node.
pub fn claim(node: Node) -> Claim {
    let drivers = drivers_for(&node);
    let may_open = rustix::fs::access(&node.path, Access::READ_OK | Access::WRITE_OK).is_ok();
    let allow_with = match &node.usb {
        Some(usb) if !may_open => udev::rule(node.subsystem, &usb.vendor, Some(&usb.product)),
        _ => Vec::new(),
    };
    let advice = advice(&node, &drivers);
    Claim {
        node,
        drivers,
        may_open,
        allow_with,
        advice,
    }
}

/// By ids first, then by what the node is: a scanner by its descriptor, any serial port.
fn drivers_for(node: &Node) -> Vec<&'static str> {
    let mut drivers: Vec<&'static str> = Vec::new();
    for driver in CATALOGUE {
        let known = devices(driver).unwrap_or_default();
        let is_known = known.iter().any(|device| {
            device.subsystem == node.subsystem
                && node.usb.as_ref().is_some_and(|usb| {
                    device.usb_vendor.as_ref() == Some(&usb.vendor)
                        && device
                            .usb_product
                            .as_ref()
                            .is_none_or(|product| *product == usb.product)
                })
        });
        if is_known {
            drivers.push(driver.name);
        }
    }
    let by_kind = match node.subsystem {
        Subsystem::Tty => Some("plain_text"),
        Subsystem::Hidraw if node.is_hid_scanner() => Some("hid_pos"),
        _ => None,
    };
    drivers.extend(by_kind.filter(|name| !drivers.contains(name)));
    drivers
}

fn advice(node: &Node, drivers: &[&str]) -> Option<&'static str> {
    match node.subsystem {
        Subsystem::Input if node.types_text && !drivers.is_empty() => Some(
            "This scanner is in keyboard mode. It can be grabbed, but serial or HID-POS mode is better: scan the \
             programming code from its guide.",
        ),
        Subsystem::Input if node.types_text => Some(
            "A keyboard, or a scanner in keyboard mode: configure keyboard_wedge with its USB id only if it is one.",
        ),
        Subsystem::Hidraw if !drivers.is_empty() && !node.is_hid_scanner() => {
            Some("Not the scanner's interface, or the scanner is not in HID-POS mode.")
        }
        _ => None,
    }
}
