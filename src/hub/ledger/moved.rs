//! Records that a device wrote again in a later epoch, as the hub has them: a copy of the device's store from before that
//! move must not write them once more.
//!
//! They stand at the beginning of an epoch, before everything that was done in it, and name the record they were first.
//! So they are found by reading each epoch from its start to the first record that is none of them.

use serde::Deserialize;
use serde::de::IgnoredAny;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{FirstBody, MovedRecord};

/// Records told at most: what is beyond would be years of broken stores.
pub(super) const MOVED_MAX: usize = 100_000;

/// What a body says about where it comes from.
pub(super) enum Origin {
    /// It is another record, written again.
    Moved(MovedRecord),
    /// It moved, and which record it was first is damaged.
    Unknown,
    /// It was made in this epoch.
    Here,
}

/// The members that a record has which moved.
#[derive(Deserialize)]
struct Members {
    first: Option<FirstBody>,
    damaged: Option<IgnoredAny>,
}

/// What the body of a record says about its origin.
pub(super) fn origin(epoch: u32, seq: u64, body: &[u8]) -> Origin {
    match serde_json::from_slice::<Members>(body) {
        Ok(Members {
            first: Some(first), ..
        }) if ChainHash::from_hex(&first.hash).is_some() => Origin::Moved(MovedRecord {
            first: first.hash,
            epoch,
            seq,
        }),
        Ok(Members {
            first: None,
            damaged: None,
        })
        | Err(_) => Origin::Here,
        Ok(_) => Origin::Unknown,
    }
}
