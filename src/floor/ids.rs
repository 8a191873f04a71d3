//! Identities: one type each, so that a task is never taken for a line and a worker never for a device.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the identity as text, unchanged.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The identity as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({})", stringify!($name), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::new)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

text_id!(
    /// A warehouse. Every row of the hub carries its site.
    SiteId
);
text_id!(
    /// A handheld or dock reader, as the hub named it at enrolment.
    DeviceId
);
text_id!(
    /// An article the site stocks.
    ItemId
);
text_id!(
    /// A unit of work from the hub.
    TaskId
);
text_id!(
    /// Any place with an address: bin, dock door, staging lane, tote position.
    LocationId
);
text_id!(
    /// A carton, tote or pallet with an identity (SSCC or LPN).
    HandlingUnitId
);
text_id!(
    /// The person who does the work, by badge.
    WorkerId
);
text_id!(
    /// Whose goods they are, where a site keeps stock for several owners.
    OwnerId
);

/// A picture of an item: what it is called is what is in it, the first 16 bytes of BLAKE3 of its PNG in 32 lower-case
/// hexadecimal digits. So one that was fetched can be checked, and one that is here never changes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PictureId(Arc<str>);

impl PictureId {
    /// The picture with this digest.
    pub fn new(digest: [u8; 16]) -> Self {
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(Arc::from(digits))
    }

    /// The picture with this name; `None` for a text that names none.
    pub fn named(text: &str) -> Option<Self> {
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_name = text.len() == Self::DIGITS && text.as_bytes().iter().all(is_digit);
        is_name.then(|| Self(Arc::from(text)))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    const DIGITS: usize = 32;
}

impl fmt::Display for PictureId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for PictureId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PictureId({})", self.0)
    }
}

/// A line's number within its task, from 1. It never changes meaning over the revisions of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LineNumber(pub u32);

impl fmt::Display for LineNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// The identity of a confirmation: which device, which life of its store, and its place in that journal.
///
/// `seq` starts at 1 in every epoch and has no gaps. Confirmations of one device are ordered by
/// `(epoch, seq)`, never by a clock.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConfirmationId {
    /// The device that wrote it.
    pub device: DeviceId,
    /// The life of the device's store, given by the hub.
    pub epoch: u32,
    /// The place in the journal of that epoch.
    pub seq: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_a_name_of_one_form() {
        let id = PictureId::new([0x0f; 16]);
        assert_eq!(id.as_str(), "0f".repeat(16));
        assert_eq!(PictureId::named(id.as_str()), Some(id));
        let good = "0123456789abcdef0123456789abcdef";
        assert!(PictureId::named(good).is_some());
        for bad in [
            "",
            "0123",
            &good.to_uppercase(),
            &good.replace('0', "/"),
            &format!("{good}0"),
            &"é".repeat(16),
        ] {
            assert_eq!(PictureId::named(bad), None, "{bad}");
        }
    }
}
