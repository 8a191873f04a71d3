//! Who may do what: every request passes the door (`door.rs`), which knows the table of routes and what each of them
//! needs (`table.rs`).
//!
//! A route without a row in the table is shut. The door finds out who asks, whether they may, whether a form is the
//! hub's own, and opens the row of the audit trail that the change will store with itself.

pub mod command;
mod door;
pub(crate) mod limits;
pub mod password;
pub mod pin;
mod refusals;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod source;
pub(crate) mod table;
pub(crate) mod visitor;

pub(crate) use door::{API_KEY_MARK, door};
pub(crate) use refusals::Refusals;

use crate::Hub;

/// Whether this is the access key. The comparison takes the same time wherever they differ.
pub(crate) fn is_access_key(hub: &Hub, shown: &str) -> bool {
    let digest =
        |text: &str| blake3::Hash::from(blake3::derive_key("tallyman access key v1", text.as_bytes()));
    let key = &hub.config().access_key;
    !key.is_empty() && digest(shown) == digest(key.expose())
}
