//! Progress: what is confirmed of a task so far, always the fold of confirmations, never stored by hand.

use std::collections::{HashMap, HashSet};

use crate::confirmation::{Act, Draft};
use crate::ids::{ItemId, LineNumber};
use crate::quantity::Quantity;

/// What is confirmed of one task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    lines: HashMap<LineNumber, LineProgress>,
    serials: HashSet<(ItemId, String)>,
    task_closed: bool,
    /// What [`Self::digest`] answers of lines and serial numbers, carried on with each change.
    digest: u64,
}

/// What is confirmed of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineProgress {
    /// Confirmed so far, in base units, reversals taken off.
    pub quantity: Quantity,
    /// Whether the line was ended before its quantity was reached (a short line, a location counted).
    pub closed: bool,
}

impl Progress {
    /// The progress the hub told: what all devices confirmed, this one included, up to its mark.
    pub fn from_lines(lines: impl IntoIterator<Item = (LineNumber, LineProgress)>) -> Self {
        let mut progress = Self::default();
        for (number, line) in lines {
            progress.set(number, line);
        }
        progress
    }

    /// Lines of which nothing is confirmed are not kept, so that equal progress is equal.
    pub(crate) fn set(&mut self, number: LineNumber, line: LineProgress) {
        let before = if line == LineProgress::default() {
            self.lines.remove(&number)
        } else {
            self.lines.insert(number, line)
        };
        let before = before.unwrap_or_default();
        self.digest = self.digest.wrapping_sub(before.digest(number));
        self.digest = self.digest.wrapping_add(line.digest(number));
    }

    /// A number that is the same for equal progress, and nearly surely another one for other progress. It costs nothing
    /// to ask, however long the task is.
    pub const fn digest(&self) -> u64 {
        self.digest ^ self.task_closed as u64
    }

    /// The lines of which something is confirmed, in no order.
    pub(crate) fn lines(&self) -> impl ExactSizeIterator<Item = (LineNumber, LineProgress)> {
        self.lines.iter().map(|(number, line)| (*number, *line))
    }

    /// The pieces confirmed by their serial numbers, in no order.
    pub(crate) fn serials(&self) -> impl Iterator<Item = &(ItemId, String)> {
        self.serials.iter()
    }

    /// Says whether a worker ended the task.
    pub(crate) const fn set_task_closed(&mut self, closed: bool) {
        self.task_closed = closed;
    }

    /// What is confirmed of a line.
    pub fn line(&self, number: LineNumber) -> LineProgress {
        self.lines.get(&number).copied().unwrap_or_default()
    }

    /// Whether a worker ended the task.
    pub const fn task_closed(&self) -> bool {
        self.task_closed
    }

    /// Whether the piece with this serial number is confirmed by this device.
    pub fn has_serial(&self, item: &ItemId, serial: &str) -> bool {
        // Nearly all tasks have none: no key is made for them.
        !self.serials.is_empty() && self.serials.contains(&(item.clone(), serial.to_owned()))
    }

    /// Whether any piece of an item is confirmed by this device with its serial number.
    pub fn has_serials_of(&self, item: &ItemId) -> bool {
        self.serials.iter().any(|(known, _)| known == item)
    }

    /// Adds one fact of this task; a reversal takes off what it reverses.
    pub fn apply(&mut self, draft: &Draft) {
        let Some(work) = &draft.work else { return };
        let (act, forward) = draft.progress_act();
        let goods = draft.goods.as_ref();
        let quantity = goods.map_or(Quantity::ZERO, |goods| goods.quantity);
        self.count(work.line, act, quantity, forward);
        // What only reports of a piece does not confirm it: taking that back leaves the piece confirmed.
        let goods = goods.filter(|_| act.counts_as_progress());
        if let Some(goods) = goods.filter(|goods| !goods.serials.is_empty()) {
            let called = goods.called();
            for serial in &goods.serials {
                self.count_serial(&called, serial, forward);
            }
        }
    }

    /// Adds the part of a fact that progress is made of, or takes it off where `forward` is false. A device with
    /// thousands of confirmations on the way keeps no more of each than this, and the serial numbers for
    /// [`Self::count_serial`].
    pub fn count(&mut self, line: Option<LineNumber>, act: Act, quantity: Quantity, forward: bool) {
        if act == Act::TaskClosed {
            self.task_closed = forward;
        } else if act == Act::TaskStarted {
            // A task that was never begun after all is over.
            self.task_closed = !forward;
        } else if let Some(number) = line {
            let mut progress = self.line(number);
            progress.count(act, quantity, forward);
            self.set(number, progress);
        }
    }

    /// Adds the serial number of a confirmed piece, or takes it off where `forward` is false.
    pub fn count_serial(&mut self, item: &ItemId, serial: &str, forward: bool) {
        let key = (item.clone(), serial.to_owned());
        let digest = serial_digest(item, serial);
        if forward {
            if self.serials.insert(key) {
                self.digest = self.digest.wrapping_add(digest);
            }
        } else if self.serials.remove(&key) {
            self.digest = self.digest.wrapping_sub(digest);
        }
    }
}

impl LineProgress {
    /// Its part of [`Progress::digest`]; none where nothing is confirmed.
    fn digest(&self, number: LineNumber) -> u64 {
        if *self == Self::default() {
            return 0;
        }
        let line = mixed(u64::from(number.0) << 1 | u64::from(self.closed));
        mixed(line ^ self.quantity.micro().cast_unsigned())
    }

    /// Adds the part of a fact that concerns the line, or takes it off where `forward` is false.
    pub(crate) fn count(&mut self, act: Act, quantity: Quantity, forward: bool) {
        if act.ends_line() {
            self.closed = forward;
        } else if act.counts_as_progress() {
            self.quantity += if forward { quantity } else { -quantity };
        }
    }
}

/// The part of [`Progress::digest`] that a serial number has.
fn serial_digest(item: &ItemId, serial: &str) -> u64 {
    let bytes = item.as_str().bytes().chain([0xff]).chain(serial.bytes());
    bytes.fold(1, |digest, byte| mixed(digest ^ u64::from(byte)))
}

/// A number whose every bit depends on every bit of this one (SplitMix64).
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
