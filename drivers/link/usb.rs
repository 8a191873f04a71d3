//! Devices named by who they are: found among the nodes by USB ids, serial number and port each time they are
//! opened, so that a device that returns as another node is the same device.

use std::path::PathBuf;

use futures_util::future::BoxFuture;

use super::nodes::{self, Node, SYSFS};
use super::{Link, LinkError, Opener, node, serial};
use crate::config::{SerialConfig, UsbConfig};
use crate::contract::devices::Subsystem;
use crate::contract::{Driver, LinkKind};

/// Finds and opens the node of a device.
#[derive(Debug)]
pub struct UsbOpener {
    config: UsbConfig,
    /// In which classes to look, the preferred first.
    subsystems: Vec<Subsystem>,
    sysfs: PathBuf,
    descriptor: Vec<u8>,
    /// What was opened last.
    node: Option<String>,
}

impl UsbOpener {
    /// An opener for this device as the driver reaches it.
    pub fn new(config: UsbConfig, driver: &Driver) -> Self {
        let subsystems = driver
            .links
            .iter()
            .filter_map(|link| match link {
                LinkKind::Serial => Some(Subsystem::Tty),
                LinkKind::Hidraw => Some(Subsystem::Hidraw),
                LinkKind::Evdev => Some(Subsystem::Input),
                LinkKind::TcpClient | LinkKind::TcpServer => None,
            })
            .collect();
        Self {
            config,
            subsystems,
            sysfs: PathBuf::from(SYSFS),
            descriptor: Vec::new(),
            node: None,
        }
    }

    fn find(&self) -> Result<Node, LinkError> {
        let fits = matching(nodes::nodes(&self.sysfs), &self.config, &self.subsystems);
        let what = self.config.to_string();
        match fits.as_slice() {
            [] => Err(LinkError::Absent { what }),
            [one] => Ok(one.clone()),
            several => {
                let nodes: Vec<String> = several
                    .iter()
                    .map(|node| node.path.display().to_string())
                    .collect();
                Err(LinkError::Ambiguous {
                    what,
                    nodes: nodes.join(", "),
                })
            }
        }
    }
}

impl Opener for UsbOpener {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async {
            let node = self.find()?;
            self.descriptor = node.descriptor.clone();
            self.node = Some(node.path.display().to_string());
            match node.subsystem {
                Subsystem::Hidraw => node::open_hidraw(&node.path),
                Subsystem::Input => node::open_evdev(&node.path),
                _ => {
                    let config = SerialConfig {
                        baud: self.config.baud,
                        ..SerialConfig::new(node.path.to_string_lossy())
                    };
                    serial::open(&config).map(|port| Box::new(port) as Box<dyn Link>)
                }
            }
        })
    }

    fn node(&self) -> Option<String> {
        self.node.clone()
    }

    fn discovered(&self) -> Vec<(&'static str, String)> {
        node::discovered(&self.descriptor)
    }
}

/// The nodes that are this device. Of a device with several interfaces those of the first fitting class count,
/// and of hidraw nodes those that are scanners by their descriptor, where any is.
pub fn matching(nodes: Vec<Node>, config: &UsbConfig, subsystems: &[Subsystem]) -> Vec<Node> {
    let is_it = |node: &Node| {
        node.usb.as_ref().is_some_and(|usb| {
            config.id == format!("{}:{}", usb.vendor, usb.product)
                && config
                    .serial_number
                    .as_ref()
                    .is_none_or(|wanted| usb.serial_number.as_ref() == Some(wanted))
                && config
                    .port
                    .as_ref()
                    .is_none_or(|wanted| usb.port.as_ref() == Some(wanted))
        })
    };
    let of_device: Vec<Node> = nodes.into_iter().filter(is_it).collect();
    let first = subsystems
        .iter()
        .find(|wanted| of_device.iter().any(|node| node.subsystem == **wanted));
    let of_class: Vec<Node> = of_device
        .into_iter()
        .filter(|node| Some(&node.subsystem) == first)
        .collect();
    let preferred = |node: &&Node| node.is_hid_scanner() || node.types_text;
    if of_class.iter().filter(preferred).count() > 0 {
        return of_class.into_iter().filter(|node| preferred(&node)).collect();
    }
    of_class
}
