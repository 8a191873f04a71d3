//! Blocks of numbers that the hub leases to devices, as they travel.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Numbers asked for in one request at most.
pub const NUMBERS_MAX: u64 = 100_000;

/// Blocks that a device names as its own in one request at most.
pub const NUMBER_BLOCKS_MAX: usize = 64;

/// Characters of a request's key at most.
pub const NUMBERS_KEY_MAX: usize = 64;

/// Asks for numbers to give to handling units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumbersRequest {
    /// `sscc` or `lpn`.
    pub kind: String,
    /// How many, at most [`NUMBERS_MAX`].
    pub count: u64,
    /// What tells this request from every other of the device. Asked again with the same key, the hub gives the same
    /// answer: one that was lost costs no numbers.
    pub key: String,
    /// The epoch of the device's journal.
    pub epoch: u32,
    /// The last seq its journal holds, 0 when none. A journal that is behind what the hub has of it is an older copy,
    /// and gets no numbers.
    pub last_seq: u64,
    /// The blocks that the device was leased, used up or not, the newest of each form at least: a hub that was restored
    /// learns from it what it leased before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<NumberBlockBody>,
}

/// See [`crate::NumberBlock`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberBlockBody {
    /// `sscc` or `lpn`.
    pub kind: String,
    /// Of an SSCC, the extension digit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<u8>,
    /// Of an SSCC, the GS1 company prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_prefix: Option<String>,
    /// Of an LPN, the text before the digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Of an LPN, how many digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digits: Option<u8>,
    /// The first number.
    pub first: u64,
    /// The last one.
    pub last: u64,
}

/// Numbers that the device may use, and nobody else ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// The hub's life.
    pub generation: String,
    /// The numbers; fewer than were asked for, or none, where the site's ranges end.
    pub blocks: Vec<NumberBlockBody>,
    /// How many of the kind the site has left.
    pub left: u64,
    /// The hub's clock.
    pub server_time: Timestamp,
}
