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
    /// Settings of the driver this device needs, as `suffix=cr`.
    #[serde(default)]
    pub settings: Vec<String>,
    /// Where the fact is from.
    pub source: String,
    /// What else must be known.
    #[serde(default)]
    pub notes: String,
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
