//! What a device saw, before anyone asks what it means.
//!
//! A [`Read`] is made by a driver's decoder and stamped by the agent with the device it came from. It keeps
//! the bytes as they came: everything that is derived from them is derived by [`crate::understand()`] and can be
//! derived again, on the device or on the hub.

use std::fmt;
use std::sync::Arc;

use crate::eci;
use crate::symbology::SymbologyId;
use crate::tag::Tag;

/// The name a device has in the agent's configuration, as `dock-scanner`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceName(Arc<str>);

impl DeviceName {
    /// Takes any text; the configuration checks that names are unique and not empty.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A moment on a monotonic clock: microseconds since an unspecified start, never a time of day.
///
/// Moments of one process can be compared with each other and with nothing else. They serve framing gaps and
/// the mechanical duplicate filter; facts are never ordered by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Moment {
    /// Microseconds since the clock's start.
    pub us: u64,
}

impl Moment {
    /// The moment `us` microseconds after the clock's start.
    pub const fn from_us(us: u64) -> Self {
        Self { us }
    }

    /// The moment `ms` milliseconds after the clock's start.
    pub const fn from_ms(ms: u64) -> Self {
        Self {
            us: ms.saturating_mul(1_000),
        }
    }

    /// This moment plus `ms` milliseconds; saturates at the end of the clock.
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self {
            us: self.us.saturating_add(ms.saturating_mul(1_000)),
        }
    }

    /// Microseconds from `earlier` to this moment, 0 if `earlier` is later.
    pub const fn since_us(self, earlier: Moment) -> u64 {
        self.us.saturating_sub(earlier.us)
    }
}

/// One sighting by one device: a barcode or an RFID tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The device that saw it.
    pub device: DeviceName,
    /// When its last byte arrived.
    pub at: Moment,
    /// The trigger pull it belongs to, counted by the driver from 1, where the device reports triggers.
    /// Reads of one pull are judged as one event.
    pub pull: Option<u64>,
    /// The device says that it sent this before and got no acknowledgement. It may have been taken all the same: by a
    /// connection, or by a life of the program, that ended before the acknowledgement arrived.
    pub again: bool,
    /// What was seen.
    pub seen: Seen,
}

/// What a device saw.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// A printed code.
    Barcode(Barcode),
    /// An RFID tag.
    Tag(Tag),
}

/// A printed code as the scanner sent it, with framing, prefix, suffix and identifier taken off.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Barcode {
    /// The message bytes. GS (0x1D) separates GS1 fields; a device's substitute for it was replaced already.
    pub bytes: Vec<u8>,
    /// The AIM symbology identifier (ISO/IEC 15424), where the scanner sent one or its vendor Code ID means one.
    pub symbology: Option<SymbologyId>,
    /// The vendor's own code id as it was sent, where the device is configured to send one.
    pub code_id: Option<String>,
}

impl Barcode {
    /// A code without identifier.
    pub fn plain(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            symbology: None,
            code_id: None,
        }
    }

    /// The message as text: each byte one character (ISO/IEC 8859-1, the default ECI 000003), unless the bytes
    /// above 7F form valid UTF-8, or the identifier says that the message names its character sets itself.
    pub fn text(&self) -> String {
        if self.symbology.is_some_and(SymbologyId::has_extended_channel) {
            return eci::text(&self.bytes);
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => self.bytes.iter().map(|&byte| char::from(byte)).collect(),
        }
    }
}
