//! How a device stands in the agent's configuration.
//!
//! ```toml
//! [[device]]
//! name = "dock-scanner"
//! driver = "plain_text"
//! link = { serial = { path = "/dev/ttyUSB0", baud = 9600 } }
//! settings = { suffix = "cr" }
//! ```

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::contract::{Decoder, Driver, LinkKind, Packets, SettingError};

/// One device.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceConfig {
    /// The name in `status`, logs and facts; unique on this machine.
    pub name: String,
    /// The driver's name in the catalogue.
    pub driver: String,
    /// How it is reached.
    pub link: LinkConfig,
    /// The driver's settings, as in its README.
    #[serde(default)]
    pub settings: BTreeMap<String, SettingValue>,
    /// Milliseconds in which the same code is a mechanical repetition of this device; absent for what holds for all.
    #[serde(default)]
    pub duplicate_ms: Option<u64>,
}

/// How a device is reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LinkConfig {
    /// A serial port.
    Serial(SerialConfig),
    /// The program connects to the device.
    TcpClient(TcpClientConfig),
    /// The program connects to the device with TLS.
    TlsClient(TlsClientConfig),
    /// The device connects to the program.
    TcpServer(TcpServerConfig),
    /// A USB device, known by its ids: whichever node it has now.
    Usb(UsbConfig),
    /// A hidraw node.
    Hidraw(NodeConfig),
    /// An input event node, grabbed for the program alone.
    Evdev(NodeConfig),
    /// A capture is played, for demonstrations and tests.
    Replay(ReplayConfig),
}

impl LinkConfig {
    /// Whether the device is plugged into this machine, so that the kernel says when it comes.
    pub fn is_plugged_in(&self) -> bool {
        matches!(
            self,
            Self::Serial(_) | Self::Usb(_) | Self::Hidraw(_) | Self::Evdev(_)
        )
    }
}

/// A serial port and its line settings. For USB devices that are no real serial line they are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SerialConfig {
    /// The device node; prefer the stable names in `/dev/serial/by-id`.
    pub path: String,
    /// Bits per second.
    #[serde(default = "default_baud")]
    pub baud: u32,
    /// Data bits: 7 or 8.
    #[serde(default = "default_data_bits")]
    pub data_bits: u8,
    /// The parity bit.
    #[serde(default)]
    pub parity: Parity,
    /// Stop bits: 1 or 2.
    #[serde(default = "default_stop_bits")]
    pub stop_bits: u8,
    /// Who holds whom off, and how.
    #[serde(default)]
    pub flow_control: FlowControl,
    /// The level of DTR after opening. Several USB scanners send nothing until it is set.
    #[serde(default = "default_line")]
    pub dtr: Line,
    /// The level of RTS after opening.
    #[serde(default = "default_line")]
    pub rts: Line,
}

fn default_baud() -> u32 {
    9_600
}

fn default_data_bits() -> u8 {
    8
}

fn default_stop_bits() -> u8 {
    1
}

fn default_line() -> Line {
    Line::On
}

impl SerialConfig {
    /// A port with the most common line settings: 9600 8N1, no flow control, DTR and RTS on.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            baud: default_baud(),
            data_bits: default_data_bits(),
            parity: Parity::None,
            stop_bits: default_stop_bits(),
            flow_control: FlowControl::None,
            dtr: Line::On,
            rts: Line::On,
        }
    }
}

/// The parity bit of a serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// No parity bit.
    #[default]
    None,
    /// Even.
    Even,
    /// Odd.
    Odd,
}

/// How a serial line holds its sender off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowControl {
    /// Not at all.
    #[default]
    None,
    /// By the RTS and CTS lines.
    RtsCts,
    /// By the bytes XON and XOFF; not for binary protocols, which use these bytes.
    XonXoff,
}

/// What to do with a control line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// Set it.
    On,
    /// Clear it.
    Off,
    /// Leave it as the kernel's driver has it.
    Keep,
}

/// A device that listens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpClientConfig {
    /// Host and port, as `192.168.1.40:51236`.
    pub address: String,
}

/// A device that listens with TLS. Whom to believe must be said: one of `certificate_sha256` and `ca_file`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsClientConfig {
    /// Host and port, as `192.168.1.40:5085`.
    pub address: String,
    /// The SHA-256 of the device's certificate in hexadecimal digits, with or without colons, as
    /// `openssl x509 -fingerprint -sha256` prints it. It goes before `ca_file`.
    #[serde(default)]
    pub certificate_sha256: Option<String>,
    /// A file with the certificates of authorities (PEM), one of which made the device's.
    #[serde(default)]
    pub ca_file: Option<String>,
    /// The name in the device's certificate, where it is not the host of `address`.
    #[serde(default)]
    pub server_name: Option<String>,
}

impl TlsClientConfig {
    /// What is wrong with it, as a sentence.
    fn fault(&self) -> Option<&'static str> {
        let is_digest = |text: &String| {
            let digits = text.chars().filter(|character| !matches!(character, ':' | ' '));
            text.is_ascii()
                && digits.clone().count() == 64
                && digits.clone().all(|digit| digit.is_ascii_hexdigit())
        };
        if !self.address.contains(':') {
            return Some("`address` is a host and a port, as 192.168.1.40:5085.");
        }
        match (&self.certificate_sha256, &self.ca_file) {
            (Some(digest), _) if !is_digest(digest) => {
                Some("`certificate_sha256` has 64 hexadecimal digits.")
            }
            (None, None) => Some("whom to believe is said with `certificate_sha256` or `ca_file`."),
            _ => None,
        }
    }
}

/// A device that connects to us.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpServerConfig {
    /// The address to listen at, as `0.0.0.0:9100`. One device is served at a time; a new connection takes the
    /// place of the old one, which a scanner that lost power never closed.
    pub listen: String,
}

/// A USB device by who it is. `tallyman devices` shows these values.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsbConfig {
    /// Vendor and product id, as `05e0:1701`.
    pub id: String,
    /// The serial number, where several of a kind are plugged in.
    #[serde(default)]
    pub serial_number: Option<String>,
    /// The port, as `1-1.2`, where several of a kind have no serial number.
    #[serde(default)]
    pub port: Option<String>,
    /// Bits per second, for adapters with a real serial line behind them.
    #[serde(default = "default_baud")]
    pub baud: u32,
    /// The interface to read directly, past the nodes that the kernel made of the device. Without it the nodes
    /// come first, and of a device without nodes an interface is chosen.
    #[serde(default)]
    pub interface: Option<u8>,
    /// Takes the interface from the kernel's driver, past its nodes, and gives it back when the link closes.
    #[serde(default)]
    pub detach: bool,
    /// How bytes stand in the packets of an interface that is read directly; without it as the device list says,
    /// else `plain`.
    #[serde(default)]
    pub packets: Option<Packets>,
}

impl UsbConfig {
    /// A device by vendor and product id, as `05e0:1701`, with everything else as it is by default.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            serial_number: None,
            port: None,
            baud: default_baud(),
            interface: None,
            detach: false,
            packets: None,
        }
    }

    /// Whether the configuration asks for the interface itself and not for a node.
    pub fn is_direct(&self) -> bool {
        self.interface.is_some() || self.detach
    }
}

impl fmt::Display for UsbConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "USB device {}", self.id)?;
        if let Some(serial_number) = &self.serial_number {
            write!(formatter, " with serial number {serial_number}")?;
        }
        if let Some(port) = &self.port {
            write!(formatter, " at port {port}")?;
        }
        Ok(())
    }
}

/// A device node.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// The node; prefer the stable names in `/dev/input/by-id`.
    pub path: String,
}

/// A capture to play instead of a device.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayConfig {
    /// The capture file.
    pub capture: String,
    /// What happens when it is over.
    #[serde(default)]
    pub at_end: ReplayEnd,
}

/// What a replayed device does after its last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayEnd {
    /// Nothing more, as a scanner nobody uses.
    #[default]
    Silence,
    /// It is unplugged; it comes back and plays again.
    HangUp,
}

/// A setting as TOML has it: text, a number, or true and false.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum SettingValue {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` is the word `on`, `false` is `off`.
    Switch(bool),
}

impl fmt::Display for SettingValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => formatter.write_str(text),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Switch(on) => formatter.write_str(if *on { "on" } else { "off" }),
        }
    }
}

/// A device that cannot be as configured. The messages name the device and the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceConfigError {
    /// The driver's name is in no row of the catalogue.
    #[error("device `{device}`: there is no driver `{driver}`; there are {known}")]
    UnknownDriver {
        /// The device's name.
        device: String,
        /// The driver as written.
        driver: String,
        /// The drivers there are.
        known: String,
    },
    /// A setting is wrong.
    #[error("device `{device}`: {cause}")]
    Setting {
        /// The device's name.
        device: String,
        /// What is wrong.
        cause: SettingError,
    },
    /// The link is wrong.
    #[error("device `{device}`: {reason}")]
    Link {
        /// The device's name.
        device: String,
        /// What is wrong, as a sentence.
        reason: String,
    },
}

impl DeviceConfig {
    /// The device with its own settings left as they are: its driver asks and changes nothing when the link opens,
    /// unless the device's stanza says `setup` itself.
    #[must_use]
    pub fn left_alone(mut self) -> Self {
        let is_set_up = |driver: &Driver| driver.settings.iter().any(|setting| setting.key == "setup");
        if self.driver().is_ok_and(is_set_up) {
            self.settings
                .entry("setup".to_owned())
                .or_insert(SettingValue::Switch(false));
        }
        self
    }

    /// The driver's row.
    ///
    /// # Errors
    /// [`DeviceConfigError::UnknownDriver`] names those there are.
    pub fn driver(&self) -> Result<&'static Driver, DeviceConfigError> {
        crate::driver(&self.driver).ok_or_else(|| DeviceConfigError::UnknownDriver {
            device: self.name.clone(),
            driver: self.driver.clone(),
            known: crate::driver_names(),
        })
    }

    /// Makes a decoder with this device's settings.
    ///
    /// # Errors
    /// [`DeviceConfigError`] for a driver or a setting that does not exist.
    pub fn decoder(&self) -> Result<Box<dyn Decoder>, DeviceConfigError> {
        self.decoder_with(&[])
    }

    /// The same, with settings that the link found out at the device. The configuration's own go before them,
    /// and those the driver does not have are left out.
    ///
    /// # Errors
    /// [`DeviceConfigError`] for a driver or a setting that does not exist.
    pub fn decoder_with(
        &self,
        discovered: &[(&'static str, String)],
    ) -> Result<Box<dyn Decoder>, DeviceConfigError> {
        let driver = self.driver()?;
        let has = |key: &str| driver.settings.iter().any(|setting| setting.key == key);
        let found = discovered
            .iter()
            .filter(|(key, _)| has(key))
            .map(|(key, value)| (*key, value.clone()));
        let own = self
            .settings
            .iter()
            .map(|(key, value)| (key.as_str(), value.to_string()));
        let given: Vec<(&str, String)> = found.chain(own).collect();
        driver
            .decoder(given.iter().map(|(key, value)| (*key, value.as_str())))
            .map_err(|cause| DeviceConfigError::Setting {
                device: self.name.clone(),
                cause,
            })
    }

    /// Checks everything that can be checked without the device.
    ///
    /// # Errors
    /// [`DeviceConfigError`] names what is wrong.
    pub fn check(&self) -> Result<(), DeviceConfigError> {
        self.decoder()?;
        let reason = match &self.link {
            LinkConfig::Serial(serial) if !matches!(serial.data_bits, 7 | 8) => "`data_bits` is 7 or 8.",
            LinkConfig::Serial(serial) if !matches!(serial.stop_bits, 1 | 2) => "`stop_bits` is 1 or 2.",
            LinkConfig::Serial(serial) if serial.baud == 0 => "`baud` is at least 1.",
            LinkConfig::TcpServer(server) if server.listen.parse::<std::net::SocketAddr>().is_err() => {
                "`listen` is an address and a port, as 0.0.0.0:9100."
            }
            LinkConfig::TcpClient(client) if !client.address.contains(':') => {
                "`address` is a host and a port, as 192.168.1.40:51236."
            }
            LinkConfig::TlsClient(client) => match client.fault() {
                Some(reason) => reason,
                None => return Ok(()),
            },
            LinkConfig::Usb(usb) if !is_usb_id(&usb.id) => {
                "`id` is a vendor and a product id in lower-case hexadecimal digits, as 05e0:1701."
            }
            LinkConfig::Usb(usb) if usb.is_direct() && !self.driver()?.links.contains(&LinkKind::Usb) => {
                "this driver reads no USB interface directly; leave `interface` and `detach` out."
            }
            _ => return Ok(()),
        };
        Err(DeviceConfigError::Link {
            device: self.name.clone(),
            reason: reason.to_owned(),
        })
    }
}

/// Four digits, a colon, four digits.
fn is_usb_id(text: &str) -> bool {
    let is_id =
        |id: &str| id.len() == 4 && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    text.split_once(':')
        .is_some_and(|(vendor, product)| is_id(vendor) && is_id(product))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(text: &str) -> Result<DeviceConfig, String> {
        let config: DeviceConfig = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        config.check().map_err(|error| error.to_string())?;
        Ok(config)
    }

    #[test]
    fn a_device_needs_a_name_a_driver_and_a_link() {
        let config = device(
            "name = \"dock\"\ndriver = \"plain_text\"\nlink = { serial = { path = \"/dev/ttyS0\" } }\n\
             settings = { suffix = \"cr\", idle_ms = 50 }",
        );
        assert_eq!(
            config.unwrap().link,
            LinkConfig::Serial(SerialConfig::new("/dev/ttyS0"))
        );
    }

    #[test]
    fn a_mistake_is_named() {
        let serial = "link = { serial = { path = \"/dev/ttyS0\" } }";
        for (text, message) in [
            (
                format!("driver = \"plain\"\n{serial}"),
                "device `dock`: there is no driver `plain`; there are ".to_owned() + &crate::driver_names(),
            ),
            (
                format!("driver = \"plain_text\"\n{serial}\nsettings = {{ idle_ms = \"long\" }}"),
                "device `dock`: `idle_ms` cannot be `long`; allowed: a whole number from 0 to 10000"
                    .to_owned(),
            ),
            (
                "driver = \"plain_text\"\nlink = { serial = { path = \"p\", data_bits = 9 } }".to_owned(),
                "device `dock`: `data_bits` is 7 or 8.".to_owned(),
            ),
            (
                "driver = \"llrp\"\nlink = { tls_client = { address = \"10.0.0.7:5085\" } }".to_owned(),
                "device `dock`: whom to believe is said with `certificate_sha256` or `ca_file`.".to_owned(),
            ),
            (
                "driver = \"llrp\"\nlink = { tls_client = { address = \"10.0.0.7:5085\", certificate_sha256 = \"00\" } }"
                    .to_owned(),
                "device `dock`: `certificate_sha256` has 64 hexadecimal digits.".to_owned(),
            ),
            (
                "driver = \"plain_text\"\nlink = { tcp_server = { listen = \"9100\" } }".to_owned(),
                "device `dock`: `listen` is an address and a port, as 0.0.0.0:9100.".to_owned(),
            ),
        ] {
            assert_eq!(device(&format!("name = \"dock\"\n{text}")).unwrap_err(), message);
        }
        let typo = device(&format!(
            "name = \"dock\"\ndriver = \"plain_text\"\n{serial}\nsetings = {{}}"
        ));
        assert!(typo.unwrap_err().contains("unknown field `setings`"));
    }
}
