//! Devices named by who they are: found among the nodes by USB ids, serial number and port each time they are
//! opened, so that a device that returns as another node is the same device. A device without a node is read
//! through USB directly, where its driver does that.

use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::nodes::{self, Node, SYSFS};
use super::usb_bulk_device::{self, Manners};
use super::usb_bulk_interface::{Choice, NoChoice, UsbDevice};
use super::{Link, LinkError, Opener, node, serial};
use crate::config::{SerialConfig, UsbConfig};
use crate::contract::devices::{Device, Subsystem, devices};
use crate::contract::{Driver, LinkKind};

/// How long a device must have been plugged in before it counts as one without a node, in milliseconds: the kernel
/// announces a device before its driver, which may first have to be loaded, makes the node.
const SETTLED_MS: u64 = 1_500;
/// How often it is looked at until then, in milliseconds.
const LOOK_MS: u64 = 100;

/// Finds and opens the node of a device.
#[derive(Debug)]
pub struct UsbOpener {
    config: UsbConfig,
    /// In which classes to look, the preferred first.
    subsystems: Vec<Subsystem>,
    /// What the driver's list says about the device as one that is read directly.
    listed: Option<Device>,
    sysfs: PathBuf,
    descriptor: Vec<u8>,
    /// What was opened last.
    node: Option<String>,
}

impl UsbOpener {
    /// An opener for this device as the driver reaches it.
    pub fn new(config: UsbConfig, driver: &Driver) -> Self {
        let of_link = |link: &LinkKind| match link {
            LinkKind::Serial => Some(Subsystem::Tty),
            LinkKind::Hidraw => Some(Subsystem::Hidraw),
            LinkKind::Evdev => Some(Subsystem::Input),
            LinkKind::Usb => Some(Subsystem::Usb),
            LinkKind::TcpClient | LinkKind::TlsClient | LinkKind::TcpServer => None,
        };
        let mut subsystems: Vec<Subsystem> = driver.links.iter().filter_map(of_link).collect();
        // Every device on USB is there as itself too: last, or alone where the configuration asks for it.
        subsystems.sort_by_key(|subsystem| *subsystem == Subsystem::Usb);
        if config.is_direct() {
            subsystems.retain(|subsystem| *subsystem == Subsystem::Usb);
        }
        let (vendor, product) = config.id.split_once(':').unwrap_or_default();
        let listed = devices(driver)
            .unwrap_or_default()
            .into_iter()
            .find(|device| device.subsystem == Subsystem::Usb && device.has_usb_ids(vendor, product));
        Self {
            config,
            subsystems,
            listed,
            sysfs: PathBuf::from(SYSFS),
            descriptor: Vec::new(),
            node: None,
        }
    }

    /// The same below another folder than [`SYSFS`], for tests.
    #[must_use]
    pub fn below(mut self, sysfs: impl Into<PathBuf>) -> Self {
        self.sysfs = sysfs.into();
        self
    }

    /// The node that is the device now.
    ///
    /// # Errors
    /// [`LinkError::Absent`] and [`LinkError::Ambiguous`].
    pub fn find(&self) -> Result<Node, LinkError> {
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

    /// The same; a USB device that has no node yet is given the time to get one.
    async fn find_settled(&self) -> Result<Node, LinkError> {
        let mut waited_ms = 0;
        loop {
            let node = self.find()?;
            let is_settled = node.usb_device.as_ref().is_none_or(|device| {
                self.config.is_direct() || device.connected_ms.unwrap_or(0).max(waited_ms) >= SETTLED_MS
            });
            if is_settled {
                return Ok(node);
            }
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
            waited_ms += LOOK_MS;
        }
    }

    /// What would be taken of a device that is read directly.
    ///
    /// # Errors
    /// [`LinkError::Held`] and [`LinkError::NoInterface`].
    pub fn choose(&self, device: &UsbDevice) -> Result<Choice, LinkError> {
        let what = self.config.to_string();
        device
            .choose(&self.config, self.listed.is_some())
            .map_err(|none| match none {
                NoChoice::Held { interface, driver } => LinkError::Held {
                    what,
                    interface,
                    driver,
                },
                NoChoice::Nothing => LinkError::NoInterface { what },
            })
    }

    /// Opens a device directly, on a thread that may block.
    async fn open_device(&self, device: UsbDevice) -> Result<Box<dyn Link>, LinkError> {
        let choice = self.choose(&device)?;
        let listed = self.listed.as_ref();
        let manners = Manners {
            packets: self
                .config
                .packets
                .or(listed.map(|listed| listed.packets))
                .unwrap_or_default(),
            open_with: listed.map(|listed| listed.open_with.clone()).unwrap_or_default(),
            close_with: listed.map(|listed| listed.close_with.clone()).unwrap_or_default(),
            baud: self.config.baud,
        };
        let path = device.path();
        let opening = tokio::task::spawn_blocking(move || usb_bulk_device::open(&device, &choice, &manners));
        opening.await.unwrap_or_else(|error| {
            Err(LinkError::System {
                what: path.to_string_lossy().into_owned(),
                cause: std::io::Error::other(error),
            })
        })
    }
}

impl Opener for UsbOpener {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async {
            let node = self.find_settled().await?;
            self.descriptor = node.descriptor.clone();
            self.node = Some(node.path.display().to_string());
            match (node.subsystem, node.usb_device) {
                (_, Some(device)) => self.open_device(device).await,
                (Subsystem::Hidraw, _) => node::open_hidraw(&node.path),
                (Subsystem::Input, _) => node::open_evdev(&node.path),
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
