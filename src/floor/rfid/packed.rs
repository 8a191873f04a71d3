//! The kept form of evidence: a few dozen bytes a tag, so that a checkpoint of each second costs little, with a version
//! before it. Numbers are big-endian.

use std::collections::VecDeque;

use tallyman_codes::EpcBytes;

/// One tag's evidence, to be kept under its EPC; a later one replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTag {
    /// The tag.
    pub epc: EpcBytes,
    /// Its evidence, packed.
    pub packed: Vec<u8>,
}

/// Why what was kept cannot be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// Another version wrote it.
    #[error("what was kept of the reading is of version {0}, which this program does not know: read again.")]
    Version(u8),
    /// Bytes are missing, or there are too many.
    #[error("what was kept of the reading is damaged: read again.")]
    Length,
    /// An EPC that no tag can have.
    #[error("what was kept of the reading names a tag that cannot be: read again.")]
    Epc,
}

/// Writes numbers behind a version.
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new(version: u8) -> Self {
        Self(vec![version])
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn i16(&mut self, value: i16) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }
}

/// Reads them back.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(packed: &'a [u8], version: u8) -> Result<Self, NotKept> {
        match packed.split_first() {
            Some((&found, rest)) if found == version => Ok(Self(rest)),
            Some((&found, _)) => Err(NotKept::Version(found)),
            None => Err(NotKept::Length),
        }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], NotKept> {
        let (array, rest) = self.0.split_first_chunk::<N>().ok_or(NotKept::Length)?;
        self.0 = rest;
        Ok(*array)
    }

    pub(super) fn u16(&mut self) -> Result<u16, NotKept> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn i16(&mut self) -> Result<i16, NotKept> {
        self.array().map(i16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, NotKept> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, NotKept> {
        self.array().map(u64::from_be_bytes)
    }

    pub(super) fn end(self) -> Result<(), NotKept> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(NotKept::Length)
        }
    }
}

/// Which tags changed since they were last kept: each once, the longest waiting first.
#[derive(Debug, Clone, Default)]
pub(super) struct Changed {
    waiting: VecDeque<u32>,
    is_waiting: Vec<u64>,
}

impl Changed {
    pub(super) fn add(&mut self, number: usize) {
        let (word, bit) = (number / 64, number % 64);
        if word >= self.is_waiting.len() {
            self.is_waiting.resize(word + 1, 0);
        }
        if let Some(bits) = self.is_waiting.get_mut(word)
            && *bits >> bit & 1 == 0
        {
            *bits |= 1 << bit;
            self.waiting.push_back(number as u32);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn take(&mut self, most: usize) -> Vec<usize> {
        let count = most.min(self.waiting.len());
        let taken: Vec<usize> = self
            .waiting
            .drain(..count)
            .map(|number| number as usize)
            .collect();
        for number in &taken {
            if let Some(bits) = self.is_waiting.get_mut(number / 64) {
                *bits &= !(1 << (number % 64));
            }
        }
        taken
    }
}
