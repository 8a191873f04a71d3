//! Which driver would take a node, and whether it may be opened: what `tallyman devices` shows.

use rustix::fs::Access;

use super::nodes::Node;
use crate::config::UsbConfig;
use crate::contract::devices::{Device, Subsystem};
use crate::contract::{devices, udev};
use crate::{CATALOGUE, Driver, LinkKind};

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

/// Looks at all nodes. A USB device itself is among them where it has no node that a driver takes, and could be
/// read directly.
pub fn claims(nodes: Vec<Node>) -> Vec<Claim> {
    let all: Vec<Claim> = nodes.into_iter().map(claim).collect();
    let taken_ports: Vec<String> = all
        .iter()
        .filter(|claim| claim.node.subsystem != Subsystem::Usb && !claim.drivers.is_empty())
        .filter_map(|claim| port(&claim.node).map(str::to_owned))
        .collect();
    let is_shown = |claim: &Claim| {
        claim.node.subsystem != Subsystem::Usb
            || !claim.drivers.is_empty()
                && port(&claim.node).is_none_or(|port| !taken_ports.iter().any(|taken| taken == port))
    };
    all.into_iter().filter(is_shown).collect()
}

/// The name of a serial port, as the kernel has it.
fn port_name(node: &Node) -> Option<&str> {
    let name = node.path.file_name()?.to_str()?;
    (node.subsystem == Subsystem::Tty).then_some(name)
}

fn port(node: &Node) -> Option<&str> {
    node.usb.as_ref()?.port.as_deref()
}

/// Looks at one node.
pub fn claim(node: Node) -> Claim {
    let drivers = drivers_for(&node);
    let may_open = rustix::fs::access(&node.path, Access::READ_OK | Access::WRITE_OK).is_ok();
    let allow_with = match &node.usb {
        _ if may_open => Vec::new(),
        Some(usb) => udev::rule(node.subsystem, &usb.vendor, Some(&usb.product)),
        None => port_name(&node).map(udev::port_rule).into_iter().collect(),
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
        if known.iter().any(|device| is_known(driver, device, node)) {
            drivers.push(driver.name);
        }
    }
    let by_kind = match node.subsystem {
        Subsystem::Tty => Some("plain_text"),
        Subsystem::Hidraw if node.is_hid_scanner() => Some("hid_pos"),
        Subsystem::Usb if is_of_a_scanner_maker(node) && is_readable(node, false) => Some("plain_text"),
        _ => None,
    };
    drivers.extend(by_kind.filter(|name| !drivers.contains(name)));
    drivers
}

/// Whether a line of a driver's device list is about this node. A device that is listed with a serial port is known
/// without one too, where the driver reads USB directly.
fn is_known(driver: &Driver, device: &Device, node: &Node) -> bool {
    let has_ids = node
        .usb
        .as_ref()
        .is_some_and(|usb| device.has_usb_ids(&usb.vendor, &usb.product));
    let is_here = match (node.subsystem, device.subsystem) {
        (Subsystem::Usb, Subsystem::Usb) => is_readable(node, true),
        (Subsystem::Usb, Subsystem::Tty) => driver.links.contains(&LinkKind::Usb) && is_readable(node, false),
        (here, listed) => here == listed,
    };
    has_ids && is_here
}

/// Whether the device has an interface that can be read directly and that nobody holds.
fn is_readable(node: &Node, is_listed: bool) -> bool {
    let (Some(usb), Some(device)) = (&node.usb, &node.usb_device) else {
        return false;
    };
    let config = UsbConfig::new(format!("{}:{}", usb.vendor, usb.product));
    device.choose(&config, is_listed).is_ok()
}

/// Whether its vendor makes scanners with a serial line. The ids of keyboards are left out: some are those of chips
/// that are in anything.
fn is_of_a_scanner_maker(node: &Node) -> bool {
    let makes_it = |device: &Device| {
        matches!(device.subsystem, Subsystem::Tty | Subsystem::Usb)
            && node
                .usb
                .as_ref()
                .is_some_and(|usb| device.usb_vendor.as_ref() == Some(&usb.vendor))
    };
    CATALOGUE
        .iter()
        .any(|driver| devices(driver).unwrap_or_default().iter().any(makes_it))
}

fn advice(node: &Node, drivers: &[&str]) -> Option<&'static str> {
    match node.subsystem {
        Subsystem::Usb if !drivers.is_empty() => Some(
            "No driver of the kernel makes a port of it. It is read through USB directly, as \
             link = { usb = { id = \"…\" } }; if nothing is read, set the scanner to a serial mode.",
        ),
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
