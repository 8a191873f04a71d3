//! What a USB device offers beside the nodes that the kernel made of it: its interfaces with their endpoints, from
//! sysfs, and which of them would be read directly.
//!
//! An interface that a driver of the kernel holds is left to it, unless the configuration says otherwise.

use std::fs;
use std::path::{Path, PathBuf};

use super::nodes::text;
use crate::config::UsbConfig;

/// Interfaces looked at in one device (`bNumInterfaces` is a byte, devices have a handful).
const INTERFACES_MAX: usize = 32;
/// Largest packet of any endpoint (USB 3.2, section 9.6.6: 1024 bytes for bulk and interrupt endpoints).
const PACKET_BYTES_MAX: usize = 1_024;

/// Interface classes (USB-IF, Defined Class Codes).
const COMMUNICATIONS: u8 = 0x02;
const COMMUNICATIONS_DATA: u8 = 0x0A;
const HUB: u8 = 0x09;
const VENDOR: u8 = 0xFF;
/// Subclass of a communications interface that sets a serial line (USB CDC 1.2, table 4).
const ABSTRACT_CONTROL_MODEL: u8 = 0x02;
/// What the kernel calls the driver of an interface that a program has.
const PROGRAM: &str = "usbfs";

/// A USB device on its bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbDevice {
    /// The number of its bus.
    pub bus: u8,
    /// Its address there; another one after each plugging in.
    pub address: u8,
    /// How long it has been plugged in, in milliseconds, where the kernel tells.
    pub connected_ms: Option<u64>,
    /// Its interfaces, by number.
    pub interfaces: Vec<Interface>,
}

/// One interface of a device, in the setting it has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// `bInterfaceNumber`.
    pub number: u8,
    /// `bInterfaceClass`.
    pub class: u8,
    /// `bInterfaceSubClass`.
    pub subclass: u8,
    /// The kernel's driver that holds it.
    pub driver: Option<String>,
    /// Where bytes come from: a bulk endpoint, else an interrupt endpoint.
    pub input: Option<Endpoint>,
    /// Where bytes go to, the same.
    pub output: Option<Endpoint>,
}

/// One end of a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// `bEndpointAddress`, the direction in its highest bit.
    pub address: u8,
    /// An interrupt endpoint; else a bulk endpoint.
    pub is_interrupt: bool,
    /// Bytes of its largest packet.
    pub packet_bytes: usize,
}

/// What is taken of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The interface.
    pub interface: u8,
    /// Where bytes come from.
    pub input: Endpoint,
    /// Where bytes go to; none where the device only sends.
    pub output: Option<Endpoint>,
    /// The interface that sets the serial line of a communications device.
    pub line: Option<u8>,
    /// The interface is taken from the kernel's driver.
    pub detach: bool,
}

/// Why nothing is taken of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoChoice {
    /// A driver of the kernel holds what could be taken.
    Held {
        /// The interface.
        interface: u8,
        /// The kernel's driver.
        driver: String,
    },
    /// It has nothing that sends bytes, or not the interface that is configured.
    Nothing,
}

impl UsbDevice {
    /// The device of a folder of `bus/usb/devices`; `None` for hubs, and for what is going away.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        if hexadecimal(&folder.join("bDeviceClass"))? == u16::from(HUB) {
            return None;
        }
        let decimal = |name: &str| text(&folder.join(name))?.parse().ok();
        let mut folders: Vec<PathBuf> = fs::read_dir(folder)
            .ok()?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.join("bInterfaceNumber").exists())
            .take(INTERFACES_MAX)
            .collect();
        folders.sort();
        let mut interfaces: Vec<Interface> = folders
            .iter()
            .filter_map(|folder| Interface::read(folder))
            .collect();
        interfaces.sort_by_key(|interface| interface.number);
        Some(Self {
            bus: decimal("busnum")?,
            address: decimal("devnum")?,
            connected_ms: text(&folder.join("power/connected_duration")).and_then(|text| text.parse().ok()),
            interfaces,
        })
    }

    /// The node through which a program talks to it.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!("/dev/bus/usb/{:03}/{:03}", self.bus, self.address))
    }

    /// What would be taken of it. `is_listed`: the device list says that it is read directly, so that the class of
    /// its interface does not matter.
    ///
    /// # Errors
    /// [`NoChoice`] where nothing may be taken.
    pub fn choose(&self, config: &UsbConfig, is_listed: bool) -> Result<Choice, NoChoice> {
        let wanted =
            |interface: &&Interface| config.interface.is_none_or(|number| number == interface.number);
        let mut ranked: Vec<(u8, &Interface, Endpoint)> = self
            .interfaces
            .iter()
            .filter(wanted)
            .filter_map(|interface| {
                let input = interface.input?;
                let rank = match interface.rank(input) {
                    Some(rank) => rank,
                    None if is_listed || config.interface.is_some() => u8::MAX,
                    None => return None,
                };
                Some((rank, interface, input))
            })
            .collect();
        ranked.sort_by_key(|(rank, interface, _)| (*rank, interface.holder().is_some(), interface.number));
        let free = ranked
            .iter()
            .find(|(_, interface, _)| config.detach || interface.holder().is_none());
        match (free, ranked.first()) {
            (Some((_, interface, input)), _) => Ok(Choice {
                interface: interface.number,
                input: *input,
                output: interface.output,
                line: self.line_of(interface),
                detach: config.detach,
            }),
            (None, Some((_, interface, _))) => Err(NoChoice::Held {
                interface: interface.number,
                driver: interface.holder().unwrap_or_default().to_owned(),
            }),
            (None, None) => Err(NoChoice::Nothing),
        }
    }

    /// The communications interface before a data interface.
    fn line_of(&self, data: &Interface) -> Option<u8> {
        self.interfaces
            .iter()
            .filter(|_| data.class == COMMUNICATIONS_DATA)
            .filter(|line| line.class == COMMUNICATIONS && line.subclass == ABSTRACT_CONTROL_MODEL)
            .map(|line| line.number)
            .rfind(|number| *number < data.number)
    }
}

impl Interface {
    fn read(folder: &Path) -> Option<Self> {
        let byte = |name: &str| u8::try_from(hexadecimal(&folder.join(name))?).ok();
        let mut endpoints: Vec<Endpoint> = fs::read_dir(folder)
            .ok()?
            .flatten()
            .filter_map(|entry| Endpoint::read(&entry.path()))
            .collect();
        endpoints.sort_by_key(|endpoint| (endpoint.is_interrupt, endpoint.address));
        let first = |is_input: bool| {
            endpoints
                .iter()
                .find(|endpoint| (endpoint.address & 0x80 != 0) == is_input)
                .copied()
        };
        let driver = fs::canonicalize(folder.join("driver")).ok();
        Some(Self {
            number: byte("bInterfaceNumber")?,
            class: byte("bInterfaceClass")?,
            subclass: byte("bInterfaceSubClass")?,
            driver: driver
                .as_deref()
                .and_then(Path::file_name)
                .map(|name| name.to_string_lossy().into_owned()),
            input: first(true),
            output: first(false),
        })
    }

    /// The kernel's driver, where it is one: another program's hold shows when the interface is claimed.
    fn holder(&self) -> Option<&str> {
        self.driver.as_deref().filter(|driver| *driver != PROGRAM)
    }

    /// How well it looks like a stream of bytes; less is better. `None`: it is something else, a keyboard or a
    /// disk.
    fn rank(&self, input: Endpoint) -> Option<u8> {
        match (self.class, input.is_interrupt) {
            (VENDOR, false) => Some(0),
            (COMMUNICATIONS_DATA, false) => Some(1),
            (VENDOR, true) => Some(2),
            _ => None,
        }
    }
}

impl Endpoint {
    /// The bulk or interrupt endpoint of a folder, as `ep_81`.
    fn read(folder: &Path) -> Option<Self> {
        let is_interrupt = match text(&folder.join("type"))?.as_str() {
            "Bulk" => false,
            "Interrupt" => true,
            _ => return None,
        };
        // The bits above are transactions in a microframe (USB 2.0, table 9-13).
        let packet_bytes = usize::from(hexadecimal(&folder.join("wMaxPacketSize"))? & 0x07FF);
        Some(Self {
            address: u8::try_from(hexadecimal(&folder.join("bEndpointAddress"))?).ok()?,
            is_interrupt,
            packet_bytes: packet_bytes.clamp(1, PACKET_BYTES_MAX),
        })
    }
}

fn hexadecimal(path: &Path) -> Option<u16> {
    u16::from_str_radix(&text(path)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(number: u8, class: u8, is_interrupt: bool, driver: Option<&str>) -> Interface {
        let endpoint = |address| Endpoint {
            address,
            is_interrupt,
            packet_bytes: 64,
        };
        Interface {
            number,
            class,
            subclass: ABSTRACT_CONTROL_MODEL,
            driver: driver.map(str::to_owned),
            input: Some(endpoint(0x81 + number)),
            output: Some(endpoint(0x01 + number)),
        }
    }

    fn device(interfaces: Vec<Interface>) -> UsbDevice {
        UsbDevice {
            bus: 1,
            address: 7,
            connected_ms: None,
            interfaces,
        }
    }

    fn chosen(device: &UsbDevice, config: &UsbConfig, is_listed: bool) -> Result<u8, NoChoice> {
        device.choose(config, is_listed).map(|choice| choice.interface)
    }

    #[test]
    fn a_vendor_interface_with_bulk_pipes_comes_first_and_a_disk_is_no_scanner() {
        let config = UsbConfig::new("05e0:0600");
        let all = device(vec![
            interface(0, 0x08, false, None),
            interface(1, VENDOR, true, None),
            interface(2, COMMUNICATIONS_DATA, false, None),
            interface(3, VENDOR, false, None),
        ]);
        assert_eq!(chosen(&all, &config, false), Ok(3));
        assert_eq!(
            chosen(&device(all.interfaces[..3].to_vec()), &config, false),
            Ok(2)
        );
        assert_eq!(
            chosen(&device(all.interfaces[..2].to_vec()), &config, false),
            Ok(1)
        );
        let disk = device(all.interfaces[..1].to_vec());
        assert_eq!(chosen(&disk, &config, false), Err(NoChoice::Nothing));
        assert_eq!(chosen(&disk, &config, true), Ok(0), "the list knows better");
        let named = UsbConfig {
            interface: Some(0),
            ..config.clone()
        };
        assert_eq!(chosen(&all, &named, false), Ok(0));
        let other = UsbConfig {
            interface: Some(9),
            ..config
        };
        assert_eq!(chosen(&all, &other, true), Err(NoChoice::Nothing));
    }

    #[test]
    fn what_the_kernel_holds_is_left_to_it_unless_configured() {
        let config = UsbConfig::new("05e0:1701");
        let held = device(vec![
            interface(0, VENDOR, false, Some("usb_serial_simple")),
            interface(1, VENDOR, true, None),
        ]);
        assert_eq!(chosen(&held, &config, false), Ok(1));
        let only = device(held.interfaces[..1].to_vec());
        assert_eq!(
            chosen(&only, &config, true),
            Err(NoChoice::Held {
                interface: 0,
                driver: "usb_serial_simple".to_owned()
            })
        );
        let detach = UsbConfig {
            detach: true,
            ..config.clone()
        };
        assert!(only.choose(&detach, false).unwrap().detach);
        let program = device(vec![interface(0, VENDOR, false, Some(PROGRAM))]);
        assert_eq!(
            chosen(&program, &config, false),
            Ok(0),
            "claiming it says who has it"
        );
    }

    #[test]
    fn the_line_of_a_communications_device_is_set_through_the_interface_before_its_data() {
        let config = UsbConfig::new("05e0:1701");
        let two = device(vec![
            interface(0, COMMUNICATIONS, true, None),
            interface(1, COMMUNICATIONS_DATA, false, None),
        ]);
        let choice = two.choose(&config, false).unwrap();
        assert_eq!((choice.interface, choice.line), (1, Some(0)));
        let vendor = device(vec![
            interface(0, COMMUNICATIONS, true, None),
            interface(1, VENDOR, false, None),
        ]);
        assert_eq!(vendor.choose(&config, false).unwrap().line, None);
    }
}
