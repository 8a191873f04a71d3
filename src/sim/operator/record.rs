//! What an operator did and heard: the account that the checker holds against journals and ledger.

use std::collections::{BTreeMap, BTreeSet};

use crate::checker::Piece;
use crate::heard::Sound;

/// What was done with goods, as the journal calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Taken in.
    Received,
    /// Taken out.
    Picked,
    /// Seen lying there.
    Counted,
    /// Brought from one place to another.
    Moved,
    /// Put into a carton.
    Packed,
    /// Taken back.
    Returned,
    /// Looked at where they lie.
    Inspected,
}

impl Act {
    /// The word in journals.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Picked => "picked",
            Self::Counted => "counted",
            Self::Moved => "moved",
            Self::Packed => "packed",
            Self::Returned => "returned",
            Self::Inspected => "inspected",
        }
    }
}

/// The operator's own account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Scans that were accepted, or moved the work on.
    pub accepted: usize,
    /// Scans that were rejected.
    pub rejected: usize,
    /// Scans that were answered by a question.
    pub asked: usize,
    /// Mechanical repetitions that were dropped.
    pub repeated: usize,
    /// Codes that the scanner sent again to a device that had started anew.
    pub repeated_by_scanner: usize,
    /// Scans that got no answer because the battery fell out.
    pub unanswered: usize,
    /// Keys that were answered by a sound.
    pub keys: usize,
    /// Sounds that answered neither: news of the hub.
    pub news: usize,
    /// Facts that must be in the device's journal: those a sound promised, and those found after a restart.
    pub facts: usize,
    /// Goods that were really moved, in pieces, after everything that was taken back.
    pub moved: BTreeMap<(Act, &'static str), i64>,
    /// Mistakes that were made on purpose.
    pub mistakes: BTreeMap<super::Mistake, usize>,
    /// Lines that were worked.
    pub lines: usize,
    /// Pallets that were driven through the door, each as often as it was.
    pub passes: usize,
    /// Places that were swept with an RFID reader.
    pub sweeps: usize,
    /// Pieces that the device told as recorded by their tags alone.
    pub sure: usize,
    /// Tags that the device asked about: it was not sure, or nobody had announced them.
    pub maybe: usize,
    /// Every piece with a tag that was told as recorded, by its tag or its label.
    pub pieces: BTreeSet<Piece>,
}

impl Record {
    /// Scans that were answered.
    pub const fn scans(&self) -> usize {
        self.accepted + self.rejected + self.asked
    }

    /// Notes the answer to a scan.
    pub(super) fn scanned(&mut self, sound: &Sound) {
        match sound.verdict.as_str() {
            "accept" | "go" => self.accepted += 1,
            "ask" => self.asked += 1,
            "repeated" => self.repeated += 1,
            _ => self.rejected += 1,
        }
        self.facts += sound.confirmed.len();
    }

    /// Notes the answer to a key.
    pub(super) fn pressed(&mut self, sound: &Sound) {
        self.keys += 1;
        self.facts += sound.confirmed.len();
    }

    /// Notes the sound of a pass.
    pub(super) fn passed(&mut self, sound: &Sound) {
        self.facts += sound.confirmed.len();
    }

    /// Notes a piece with a tag that was told as recorded.
    pub(super) fn piece(&mut self, act: Act, article: &'static str, serial: u64, place: &str) {
        self.pieces.insert(Piece {
            act: act.word().to_owned(),
            item: article.to_owned(),
            serial: serial.to_string(),
            place: place.to_owned(),
        });
        self.moved(act, article, 1);
    }

    /// Notes pieces that were moved; fewer than none for what was taken back.
    pub(super) fn moved(&mut self, act: Act, article: &'static str, pieces: i64) {
        *self.moved.entry((act, article)).or_default() += pieces;
    }
}
