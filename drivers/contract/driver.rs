//! A driver's row in the catalogue: who it is, what it can be told, and how its decoder is made.

use super::decoder::Decoder;
use super::setting::{SettingError, SettingSpec, Settings};

/// One device protocol. Everything about it that is no code is here or in its folder.
#[derive(Debug, Clone, Copy)]
pub struct Driver {
    /// The name in the configuration and on the command line; also the name of its folder.
    pub name: &'static str,
    /// One line on what it speaks with.
    pub summary: &'static str,
    /// What may be set.
    pub settings: &'static [SettingSpec],
    /// The ways a device of this protocol is reached, the usual one first.
    pub links: &'static [LinkKind],
    /// Whether the device reports trigger pulls or keeps mechanical repetitions back by itself. Where it does,
    /// the program's own duplicate filter is off: two equal reads are two pieces.
    pub filters_repeats: bool,
    /// Whether the scanner's own decode beep can be switched off and its beeper be told the verdict. Where it
    /// cannot, the device is shown as "beep not trusted".
    pub beeps_on_command: bool,
    /// Whether frames carry a checksum. For these a test tries every single-byte flip of every capture.
    pub checksummed: bool,
    /// The devices it is known to speak with: the text of `devices.toml` in its folder.
    pub devices_toml: &'static str,
    /// What has to be scanned from paper before the driver can do its work: the text of `programming.toml` in its
    /// folder.
    pub programming_toml: &'static str,
    /// Makes a decoder for one device.
    pub make: fn(&Settings) -> Result<Box<dyn Decoder>, SettingError>,
}

impl Driver {
    /// Checks the settings and makes a decoder.
    ///
    /// # Errors
    /// [`SettingError`] names the key and the allowed values.
    pub fn decoder<'a>(
        &self,
        settings: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Box<dyn Decoder>, SettingError> {
        (self.make)(&Settings::check(self.settings, settings)?)
    }
}

/// How bytes travel between a device and the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// A serial port or USB serial adapter.
    Serial,
    /// The program connects to the device over TCP.
    TcpClient,
    /// The program connects to the device over TCP with TLS.
    TlsClient,
    /// The device connects to the program over TCP.
    TcpServer,
    /// USB HID reports through hidraw.
    Hidraw,
    /// Key events through evdev, grabbed for the program alone.
    Evdev,
    /// The pipes of a USB interface, where no kernel driver makes a node of it.
    Usb,
}

impl LinkKind {
    /// The word for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::TcpClient => "TCP client",
            Self::TlsClient => "TLS client",
            Self::TcpServer => "TCP server",
            Self::Hidraw => "hidraw",
            Self::Evdev => "evdev",
            Self::Usb => "USB",
        }
    }
}
