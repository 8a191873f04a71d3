//! Pictures of items on the device: which are wanted, and a folder of those that were fetched.
//!
//! The folder is a cache and nothing else. It lies beside the store and not in it, nothing in it is synced, and each file
//! is named by the digest of what is in it: one that a power cut left half written is not what its name says, is removed, and is
//! fetched again. Losing all of it costs as many requests, and a screen without pictures until then.

mod keeper;
mod shelf;

pub use keeper::PictureKeeper;
pub use shelf::{Shelf, ShelfFigures};
