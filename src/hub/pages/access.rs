//! Who may see the pages: whoever knows the access key, or anyone on loopback where none is set.

use crate::Hub;

/// Whether a key is asked for.
pub(crate) fn is_needed(hub: &Hub) -> bool {
    !hub.config().access_key.is_empty()
}

/// Whether this is the key. The comparison takes the same time wherever they differ.
pub(crate) fn is_key(hub: &Hub, shown: &str) -> bool {
    let digest =
        |text: &str| blake3::Hash::from(blake3::derive_key("tallyman access key v1", text.as_bytes()));
    is_needed(hub) && digest(shown) == digest(hub.config().access_key.expose())
}
