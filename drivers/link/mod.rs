//! What carries a device's bytes, and the one life all devices lead: open, pump, lost, back-off, open.
//!
//! A link reads and writes bytes and knows nothing of their meaning. A read of 0 bytes means that the device is
//! gone, for every link; a serial port whose other end hung up returns 0 for ever.

pub mod backoff;
pub mod claims;
mod deliver;
pub mod hotplug;
pub mod node;
pub mod nodes;
pub mod replay;
pub mod serial;
pub mod state;
pub mod supervisor;
pub mod tcp_client;
pub mod tcp_server;
pub mod tls_client;
pub mod usb;
mod usb_bulk;
mod usb_bulk_device;
pub mod usb_bulk_interface;

pub use backoff::Backoff;
pub use state::{DeviceState, Noticed, Phase};
pub use supervisor::{DeviceHandle, Report, Surroundings, supervise, supervise_with};

use futures_util::future::BoxFuture;
use tallyman_codes::Moment;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::config::{DeviceConfig, DeviceConfigError, LinkConfig};
use crate::contract::Driver;

/// How many reports of devices may wait for the program. When it is full no device is read: a worker makes a scan
/// a second, a dock tunnel ten, so a second's worth of a busy site is on its way at most.
pub const REPORTS_MAX: usize = 64;

/// An open link: something tokio can read and write, perhaps at a rate.
pub trait Link: AsyncRead + AsyncWrite + Send + Unpin {
    /// Sets the rate of a serial line, in bits per second, until the link is opened anew. A link without a rate has
    /// nothing to do.
    ///
    /// # Errors
    /// The line cannot have the rate.
    fn set_baud(&mut self, _baud: u32) -> std::io::Result<()> {
        Ok(())
    }
}

impl Link for tokio::net::TcpStream {}
impl Link for tokio::io::DuplexStream {}
impl Link for tokio_rustls::client::TlsStream<tokio::net::TcpStream> {}

/// Opens a link, again and again. Dropping the future gives the attempt up.
pub trait Opener: Send {
    /// Opens the link, or waits until the device comes.
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>>;

    /// The node that was opened last, as `/dev/ttyACM0`; `None` where there is none.
    fn node(&self) -> Option<String> {
        None
    }

    /// Settings of the driver that opening found out at the device, as the report descriptor.
    fn discovered(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// The node behind a stable name such as `/dev/serial/by-id/…`, as far as links can be followed.
fn node_behind(path: &std::path::Path) -> String {
    let resolved = std::fs::canonicalize(path);
    resolved.as_deref().unwrap_or(path).display().to_string()
}

/// Scanners on the network stand at a conveyor or a dock: each line is what one photo-eye trigger gave. The
/// configuration may say otherwise.
fn one_line_a_trigger() -> Vec<(&'static str, String)> {
    vec![("trigger", "line".to_owned())]
}

/// A monotonic clock. Two devices of one program share one, so that their moments can be compared.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
}

/// The runtime's clock, which tests can hold still.
#[derive(Debug, Clone, Copy)]
pub struct TokioClock {
    start: tokio::time::Instant,
}

impl TokioClock {
    /// A clock that starts at 0 now.
    pub fn start() -> Self {
        Self {
            start: tokio::time::Instant::now(),
        }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Moment {
        Moment::from_us(u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX))
    }
}

/// Where chance comes from. The program gives a seeded one in tests and in the simulator.
pub trait Entropy: Send {
    /// The next 64 bits.
    fn next_u64(&mut self) -> u64;
}

impl<F: FnMut() -> u64 + Send> Entropy for F {
    fn next_u64(&mut self) -> u64 {
        self()
    }
}

/// Why a link could not be opened. The messages say what to do.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// No such device node.
    #[error("there is no {path}: plug the device in, or correct the path")]
    Missing {
        /// The node.
        path: String,
    },
    /// The node is there and may not be opened.
    #[error(
        "{path} may not be opened: install the udev rules of the package, or add the user to the node's group"
    )]
    Denied {
        /// The node.
        path: String,
    },
    /// Somebody else has it.
    #[error("{path} is in use by another program: end it, or wait if ModemManager probes a fresh port")]
    Busy {
        /// The node.
        path: String,
    },
    /// Nobody answers at the address.
    #[error("no device answers at {address}: {cause}")]
    Unreachable {
        /// Host and port.
        address: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Somebody answers, and it is not who it should be, or no TLS.
    #[error("no secure connection to {address}: {cause}")]
    Tls {
        /// Host and port.
        address: String,
        /// What is wrong and what to do.
        cause: String,
    },
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {cause}")]
    Listen {
        /// Address and port.
        address: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Nothing plugged in is the device.
    #[error("no {what} is plugged in")]
    Absent {
        /// Its identity.
        what: String,
    },
    /// Several nodes could be the device.
    #[error("several devices are {what} ({nodes}): add `serial_number` or `port`, see `tallyman devices`")]
    Ambiguous {
        /// The identity.
        what: String,
        /// The nodes.
        nodes: String,
    },
    /// It is plugged in, and the kernel's driver has it.
    #[error(
        "interface {interface} of {what} is held by the kernel's driver {driver}: use a driver that takes its node, \
         see `tallyman devices`, or set `detach = true`"
    )]
    Held {
        /// The identity.
        what: String,
        /// The interface.
        interface: u8,
        /// The kernel's driver.
        driver: String,
    },
    /// It is plugged in, and there is nothing to read from.
    #[error(
        "{what} has no interface that sends bytes: set the scanner to a serial mode, or name the `interface`"
    )]
    NoInterface {
        /// The identity.
        what: String,
    },
    /// The capture cannot be read.
    #[error("the capture {path} cannot be played: {reason}")]
    Capture {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Anything else the system says.
    #[error("{what} cannot be opened: {cause}")]
    System {
        /// The device.
        what: String,
        /// What the system says.
        cause: std::io::Error,
    },
}

impl LinkError {
    /// Sorts the system's answer to opening a node.
    pub(crate) fn of_node(path: &str, cause: std::io::Error) -> Self {
        let path = path.to_owned();
        match cause.kind() {
            std::io::ErrorKind::NotFound => Self::Missing { path },
            std::io::ErrorKind::PermissionDenied => Self::Denied { path },
            std::io::ErrorKind::ResourceBusy => Self::Busy { path },
            _ => match cause.raw_os_error() {
                // ENODEV and ENXIO: the node is there, its device went.
                Some(6 | 19) => Self::Missing { path },
                _ => Self::System { what: path, cause },
            },
        }
    }
}

/// The opener a configured device asks for.
///
/// # Errors
/// [`DeviceConfigError`] when its driver does not exist.
pub fn opener_for(device: &DeviceConfig) -> Result<Box<dyn Opener>, DeviceConfigError> {
    Ok(opener(&device.link, device.driver()?))
}

/// The opener a link asks for, as the driver reaches its devices.
pub fn opener(config: &LinkConfig, driver: &Driver) -> Box<dyn Opener> {
    match config {
        LinkConfig::Usb(usb) => Box::new(usb::UsbOpener::new(usb.clone(), driver)),
        LinkConfig::Hidraw(hidraw) => Box::new(node::HidrawOpener::new(&hidraw.path)),
        LinkConfig::Evdev(evdev) => Box::new(node::EvdevOpener::new(&evdev.path)),
        LinkConfig::Serial(serial) => Box::new(serial::SerialOpener::new(serial.clone())),
        LinkConfig::TcpClient(client) => Box::new(tcp_client::TcpClientOpener::new(client.address.clone())),
        LinkConfig::TlsClient(client) => Box::new(tls_client::TlsClientOpener::new(client.clone())),
        LinkConfig::TcpServer(server) => Box::new(tcp_server::TcpServerOpener::new(server.listen.clone())),
        LinkConfig::Replay(replay) => Box::new(replay::ReplayOpener::new(replay.clone())),
    }
}
