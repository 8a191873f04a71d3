//! The devices a driver is known to speak with: data in `devices.toml`, from which the device table and the
//! udev rules are made.

use serde::Deserialize;

use super::driver::Driver;

/// One device, or one family that is told apart by nothing a host can see.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// The maker.
    pub vendor: String,
    /// The model or family.
    pub model: String,
    /// USB vendor id, four hexadecimal digits, where it is on USB.
    #[serde(default)]
    pub usb_vendor: Option<String>,
    /// USB product id, four hexadecimal digits; absent means every product of the vendor.
    #[serde(default)]
    pub usb_product: Option<String>,
    /// The kernel's subsystem that carries it.
    pub subsystem: Subsystem,
    /// How bytes stand in its USB packets, for the subsystem `usb`.
    #[serde(default)]
    pub packets: Packets,
    /// Bytes that its OUT endpoint must be given before it sends anything, for the subsystem `usb`.
    #[serde(default)]
    pub open_with: Vec<u8>,
    /// Bytes that its OUT endpoint is given in the end, for the subsystem `usb`.
    #[serde(default)]
    pub close_with: Vec<u8>,
    /// Settings of the driver this device needs, as `suffix=cr`.
    #[serde(default)]
    pub settings: Vec<String>,
    /// Where the fact is from.
    pub source: String,
    /// What else must be known.
    #[serde(default)]
    pub notes: String,
}

impl Device {
    /// Whether it is a device with these ids, each four lower-case hexadecimal digits.
    pub fn has_usb_ids(&self, vendor: &str, product: &str) -> bool {
        self.usb_vendor.as_deref() == Some(vendor)
            && self.usb_product.as_deref().is_none_or(|known| known == product)
    }
}

/// Where a device appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subsystem {
    /// A serial port: a UART, a USB serial adapter, a CDC-ACM device.
    Tty,
    /// A raw HID node.
    Hidraw,
    /// An input event node.
    Input,
    /// No kernel driver claims it; reached through USB directly.
    Usb,
    /// On the network.
    Net,
}

/// How bytes stand in the packets of a USB interface that is read directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packets {
    /// A packet is bytes of the wire and nothing else.
    #[default]
    Plain,
    /// The first byte of a packet says how many of the bytes behind it count (Linux,
    /// drivers/usb/serial/symbolserial.c).
    Counted,
}

impl Packets {
    /// The bytes of the wire in a packet. A count that is larger than the packet means all of it.
    pub fn content(self, packet: &[u8]) -> &[u8] {
        match (self, packet) {
            (Self::Plain, _) => packet,
            (Self::Counted, []) => &[],
            (Self::Counted, [count, bytes @ ..]) => bytes.get(..usize::from(*count)).unwrap_or(bytes),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    device: Vec<Device>,
}

/// A `devices.toml` that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the device list of driver {driver} cannot be read: {cause}")]
pub struct DevicesError {
    driver: &'static str,
    cause: toml::de::Error,
}

/// The devices of a driver.
///
/// # Errors
/// [`DevicesError`] when the driver's `devices.toml` is no such list; a test keeps that from being shipped.
pub fn devices(driver: &Driver) -> Result<Vec<Device>, DevicesError> {
    toml::from_str::<File>(driver.devices_toml)
        .map(|file| file.device)
        .map_err(|cause| DevicesError {
            driver: driver.name,
            cause,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_packet_is_what_its_first_byte_says() {
        let packets: [(&[u8], &[u8]); 5] = [
            (&[3, b'a', b'b', b'c'], b"abc"),
            (&[2, b'a', b'b', 0, 0], b"ab"),
            (&[9, b'a'], b"a"),
            (&[0, b'a'], b""),
            (&[], b""),
        ];
        for (packet, bytes) in packets {
            assert_eq!(Packets::Counted.content(packet), bytes);
            assert_eq!(Packets::Plain.content(packet), packet);
        }
    }
}
