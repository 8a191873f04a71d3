//! What a protocol says of its reader: tags that are wanted, notices, answers.

use std::borrow::Cow;

use tallyman_codes::Tag;

use crate::contract::{EpcFilter, Output, Outputs};

/// How many different things are told once. Each is a kind of setting or a kind of fault of one reader.
const TOLD_MAX: usize = 64;

/// What was told already, on this connection.
#[derive(Debug, Default)]
pub struct Told {
    once: Vec<(&'static str, u32)>,
    no_tag: bool,
}

/// Where a protocol puts what it found.
pub struct Reports<'a> {
    pub(super) out: &'a mut Outputs,
    pub(super) told: &'a mut Told,
    /// Tags are not wanted: the reader was told to stop.
    pub(super) deaf: bool,
    pub(super) filter: Option<EpcFilter>,
    /// The next step waits for so long.
    pub(super) rest_ms: u64,
}

impl Reports<'_> {
    /// A tag, if it is wanted.
    #[inline]
    pub fn tag(&mut self, tag: Tag) {
        self.told.no_tag = false;
        if !self.deaf && self.filter.is_none_or(|filter| filter.takes(&tag.epc)) {
            self.out.push(Output::Tag(tag));
        }
    }

    /// A round without a tag. Told when it is new: a reader before an empty shelf says it fifty times a second.
    pub fn no_tag(&mut self) {
        if !self.deaf && !std::mem::replace(&mut self.told.no_tag, true) {
            self.notice("no_tag", "The reader sees no tag.");
        }
    }

    /// Something the reader says about itself.
    pub fn notice(&mut self, code: &'static str, message: impl Into<String>) {
        self.out.push(Output::notice(code, message));
    }

    /// The same, the first time on this connection. `about` tells things with one code apart.
    pub fn once(&mut self, code: &'static str, about: u32, message: impl FnOnce() -> String) {
        if !self.told.once.contains(&(code, about)) && self.told.once.len() < TOLD_MAX {
            self.told.once.push((code, about));
            self.out.push(Output::notice(code, message()));
        }
    }

    /// An answer to a question of ours.
    pub fn answer(&mut self, name: impl Into<Cow<'static, str>>, text: impl Into<String>, bytes: &[u8]) {
        self.out.push(Output::Answer {
            name: name.into(),
            text: text.into(),
            bytes: bytes.to_vec(),
        });
    }

    /// The reader needs so long before it takes the next step.
    pub fn rest(&mut self, ms: u64) {
        self.rest_ms = self.rest_ms.max(ms);
    }
}

/// A power in hundredths of a dBm, for people: `27.50 dBm`.
pub fn dbm(centi_dbm: i32) -> String {
    let sign = if centi_dbm < 0 { "-" } else { "" };
    let magnitude = centi_dbm.unsigned_abs();
    format!("{sign}{}.{:02} dBm", magnitude / 100, magnitude % 100)
}

/// Bytes as text, what cannot be shown left out.
pub fn shown(bytes: &[u8]) -> String {
    bytes
        .iter()
        .filter(|byte| byte.is_ascii_graphic() || **byte == b' ')
        .map(|&byte| char::from(byte))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_told_with_two_digits() {
        for (centi, text) in [(2_705, "27.05 dBm"), (-50, "-0.50 dBm"), (0, "0.00 dBm")] {
            assert_eq!(dbm(centi), text);
        }
    }
}
