//! What is plugged in: device nodes with their identity, and USB devices themselves, from sysfs.
//!
//! A device is known by its USB ids, its serial number and the port it is plugged into, never by its node's name:
//! `ttyACM0` is whoever came first.

use std::fs;
use std::path::{Path, PathBuf};

use super::usb_bulk_interface::UsbDevice;
use crate::contract::devices::Subsystem;
use crate::hid_pos::descriptor;

/// Where the kernel shows its devices.
pub const SYSFS: &str = "/sys";
/// Nodes looked at in one class; a machine with more has other troubles.
const NODES_MAX: usize = 1_024;
/// How far above a node its USB device may be.
const PARENTS_MAX: usize = 16;
/// Longest report descriptor the kernel takes (HID_MAX_DESCRIPTOR_SIZE).
const DESCRIPTOR_BYTES_MAX: usize = 4_096;

/// A device node that may be a scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Which class it is of.
    pub subsystem: Subsystem,
    /// The node, as `/dev/ttyACM0`.
    pub path: PathBuf,
    /// Its USB identity, or that of another bus with ids.
    pub usb: Option<UsbIdentity>,
    /// What it calls itself.
    pub product: String,
    /// The HID report descriptor, for hidraw.
    pub descriptor: Vec<u8>,
    /// It has letter keys, for input nodes.
    pub types_text: bool,
    /// Its interfaces, for a USB device itself.
    pub usb_device: Option<UsbDevice>,
}

/// Who a USB device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbIdentity {
    /// Vendor id, four lower-case hexadecimal digits.
    pub vendor: String,
    /// Product id, the same.
    pub product: String,
    /// The serial number, where it has one.
    pub serial_number: Option<String>,
    /// The port it is plugged into, as `1-1.2`.
    pub port: Option<String>,
}

impl Node {
    /// Whether it is a bar code scanner by its own descriptor.
    pub fn is_hid_scanner(&self) -> bool {
        descriptor::is_scanner(&self.descriptor)
    }
}

/// All nodes of the classes in which scanners appear, then all USB devices but hubs, below `sysfs` (usually
/// [`SYSFS`]), each sorted by name.
pub fn nodes(sysfs: &Path) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (class, subsystem) in [
        ("tty", Subsystem::Tty),
        ("hidraw", Subsystem::Hidraw),
        ("input", Subsystem::Input),
    ] {
        let entries = entries(&sysfs.join("class").join(class));
        nodes.extend(entries.iter().filter_map(|path| node(path, subsystem)));
    }
    let devices = entries(&sysfs.join("bus/usb/devices"));
    nodes.extend(devices.iter().filter_map(|path| usb_device(path)));
    nodes
}

/// The input nodes below `sysfs`, whatever they are, as `/dev/input/event0`.
pub fn input_nodes(sysfs: &Path) -> Vec<PathBuf> {
    let entries = entries(&sysfs.join("class/input"));
    let names = entries.iter().filter_map(|path| path.file_name()?.to_str());
    names
        .filter(|name| name.starts_with("event"))
        .map(|name| Path::new("/dev/input").join(name))
        .collect()
}

/// What is in a folder of sysfs, sorted; nothing where there is no such folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .take(NODES_MAX)
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

/// A USB device itself. `None` for its interfaces, which stand in the same folder, and for hubs.
fn usb_device(entry: &Path) -> Option<Node> {
    let folder = fs::canonicalize(entry).ok()?;
    let device = UsbDevice::read(&folder)?;
    Some(Node {
        subsystem: Subsystem::Usb,
        path: device.path(),
        usb: identity(&folder),
        product: text(&folder.join("product")).unwrap_or_default(),
        descriptor: Vec::new(),
        types_text: false,
        usb_device: Some(device),
    })
}

/// The report descriptor of a hidraw node, links to it followed; empty where the kernel shows none.
pub fn descriptor_of(path: &Path) -> Vec<u8> {
    let resolved = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let Some(name) = resolved.file_name() else {
        return Vec::new();
    };
    let file = Path::new(SYSFS)
        .join("class/hidraw")
        .join(name)
        .join("device/report_descriptor");
    fs::read(file)
        .unwrap_or_default()
        .into_iter()
        .take(DESCRIPTOR_BYTES_MAX)
        .collect()
}

/// One entry of a class. `None`: no device stands behind it, as behind virtual terminals.
fn node(entry: &Path, subsystem: Subsystem) -> Option<Node> {
    let name = entry.file_name()?.to_str()?;
    if subsystem == Subsystem::Input && !name.starts_with("event") {
        return None;
    }
    let device = fs::canonicalize(entry.join("device")).ok()?;
    let usb = identity(&device);
    // UARTs that are not there have a device too, the platform's; they have no type.
    if usb.is_none()
        && subsystem == Subsystem::Tty
        && text(&entry.join("type")).is_none_or(|kind| kind == "0")
    {
        return None;
    }
    let descriptor = match subsystem {
        Subsystem::Hidraw => fs::read(device.join("report_descriptor")).unwrap_or_default(),
        _ => Vec::new(),
    };
    let product = product(&device);
    let folder = if subsystem == Subsystem::Input {
        "/dev/input"
    } else {
        "/dev"
    };
    Some(Node {
        subsystem,
        path: Path::new(folder).join(name),
        usb,
        product,
        descriptor: descriptor.into_iter().take(DESCRIPTOR_BYTES_MAX).collect(),
        types_text: subsystem == Subsystem::Input && has_letter_keys(&device),
        usb_device: None,
    })
}

/// Walks up to the USB device; a HID device without one (Bluetooth, user space) has its ids in `uevent`.
fn identity(device: &Path) -> Option<UsbIdentity> {
    let mut hid = None;
    for folder in device.ancestors().take(PARENTS_MAX) {
        if let (Some(vendor), Some(product)) =
            (text(&folder.join("idVendor")), text(&folder.join("idProduct")))
        {
            return Some(UsbIdentity {
                vendor,
                product,
                serial_number: text(&folder.join("serial")),
                port: folder
                    .file_name()
                    .and_then(|name| name.to_str())
                    .map(str::to_owned),
            });
        }
        hid = hid.or_else(|| hid_identity(&text(&folder.join("uevent"))?));
    }
    hid
}

/// `HID_ID=0003:000005E0:00001300`: bus, vendor, product.
fn hid_identity(uevent: &str) -> Option<UsbIdentity> {
    let member = |key: &str| {
        uevent
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
    };
    let mut ids = member("HID_ID")?.split(':').skip(1);
    let mut id = || {
        Some(
            ids.next()?
                .to_ascii_lowercase()
                .trim_start_matches('0')
                .to_owned(),
        )
    };
    let (vendor, product) = (id()?, id()?);
    Some(UsbIdentity {
        vendor: format!("{vendor:0>4}"),
        product: format!("{product:0>4}"),
        serial_number: member("HID_UNIQ")
            .filter(|serial| !serial.is_empty())
            .map(str::to_owned),
        port: None,
    })
}

fn product(device: &Path) -> String {
    let own = text(&device.join("name"));
    // Of the USB device alone: the hub above it has a name too.
    let above = || {
        let mut folders = device.ancestors().take(PARENTS_MAX);
        let folder = folders.find(|folder| folder.join("idVendor").exists())?;
        text(&folder.join("product"))
    };
    let hid = || {
        let uevent = text(&device.join("uevent"))?;
        uevent
            .lines()
            .find_map(|line| line.strip_prefix("HID_NAME=").map(str::to_owned))
    };
    own.or_else(above).or_else(hid).unwrap_or_default()
}

/// Whether the key bitmap has the keys Q to P: words of 64 bits in hexadecimal, the lowest last.
fn has_letter_keys(device: &Path) -> bool {
    let Some(keys) = text(&device.join("capabilities").join("key")) else {
        return false;
    };
    let lowest = keys
        .split_whitespace()
        .next_back()
        .and_then(|word| u64::from_str_radix(word, 16).ok());
    let letters: u64 = (16..=25).map(|key| 1_u64 << key).sum();
    lowest.is_some_and(|lowest| lowest & letters == letters)
}

pub(super) fn text(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
