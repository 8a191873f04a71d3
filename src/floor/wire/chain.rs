//! The hash chain over a journal: each record's hash covers its place, its body and the hash before it.
//!
//! It detects a reused seq, a cut tail and a changed record at the price of no extra sync. The hash is BLAKE3 cut
//! to 16 bytes: enough that nobody meets an accident, short enough to carry with every record.

use std::fmt;

/// A link of the chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; Self::BYTES]);

impl ChainHash {
    /// Length in bytes.
    pub const BYTES: usize = 16;

    /// What stands before the first record of an epoch.
    pub const START: Self = Self([0; Self::BYTES]);

    /// The hash of a record: `body` is the exact bytes that are stored and sent.
    pub fn of_record(previous: Self, device: &str, epoch: u32, seq: u64, body: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("tallyman journal record v1");
        hasher.update(&previous.0);
        // The length keeps the device's text apart from what follows it.
        hasher.update(&(device.len() as u64).to_le_bytes());
        hasher.update(device.as_bytes());
        hasher.update(&epoch.to_le_bytes());
        hasher.update(&seq.to_le_bytes());
        hasher.update(body);
        let mut bytes = [0; Self::BYTES];
        hasher.finalize_xof().fill(&mut bytes);
        Self(bytes)
    }

    /// The bytes, as they are stored.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// From stored bytes; `None` unless there are exactly [`Self::BYTES`] of them.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// From the hexadecimal form of the wire; `None` unless it is one.
    pub fn from_hex(hex: &str) -> Option<Self> {
        if hex.len() != 2 * Self::BYTES || !hex.is_ascii() {
            return None;
        }
        let mut bytes = [0; Self::BYTES];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hex.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ChainHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page by which others write clients.
    const PROTOCOL: &str = include_str!("../../../docs/protocol.md");

    #[test]
    fn the_records_of_the_protocol_page_have_the_hashes_it_says() {
        let rows = PROTOCOL.lines().filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            let seq: u64 = cells.next()?.parse().ok()?;
            let body = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
            let hash = cells.next()?.strip_prefix('`')?.strip_suffix("` |")?;
            Some((seq, body, hash))
        });
        let (mut previous, mut count) = (ChainHash::START, 0);
        for (seq, body, hash) in rows {
            count += 1;
            assert_eq!(seq, count);
            previous = ChainHash::of_record(previous, "dev-7", 1, seq, body.as_bytes());
            assert_eq!(previous.to_string(), hash, "record {seq}");
            assert_eq!(ChainHash::from_hex(hash), Some(previous));
        }
        assert_eq!(count, 2, "the page has two records");
    }
}
