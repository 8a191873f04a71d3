//! The burst: a reader's reads become one sighting a tag and window.
//!
//! A reader tells every tag many times a second; what comes behind it wants each tag once. [`Burst`] folds reads as they
//! come and hands out what changed. It queues nothing: while nobody takes sightings the window only becomes longer, and
//! its room is bounded by the number of tags. Reads that do not fit are counted and told.
//!
//! After [`Burst::stop`] nothing is taken until [`Burst::start`]: what a reader or a socket still has queued when the
//! worker lets the trigger go is dropped and counted, however much it is.
//!
//! Pure: it reads no clock and does no I/O; [`crate::link`] asks it where a device is pumped.

use tallyman_codes::{Moment, Sighting, Tag, TagTable};

/// The most sightings that are handed out at once: some 40 kB.
pub const SIGHTINGS_MAX: usize = 256;

/// How a burst is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BurstSettings {
    /// How long the reads of a tag make one sighting, in milliseconds.
    pub window_ms: u32,
    /// The most tags of one window. With 100,000 of them a burst takes some 18 MB.
    pub tags_max: usize,
}

impl Default for BurstSettings {
    fn default() -> Self {
        Self {
            window_ms: 250,
            tags_max: 100_000,
        }
    }
}

/// What became of all reads of a burst, since it was made. A report that tells several reads counts as often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BurstCounts {
    /// Reads that are in sightings, or will be.
    pub taken: u64,
    /// Reads whose CRC was not that of their EPC: nobody's reads.
    pub crc_wrong: u64,
    /// Reads that came after the stop.
    pub after_stop: u64,
    /// Reads of tags that the window had no room for.
    pub not_kept: u64,
}

/// Sightings of one window, or the next part of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// When the window began, with its first read.
    pub from: Moment,
    /// When it ended, or this part of it was taken.
    pub to: Moment,
    /// One for each tag, in the order they were first read; [`SIGHTINGS_MAX`] at most.
    pub sightings: Vec<Sighting>,
    /// More of the same window follow.
    pub goes_on: bool,
    /// What became of all reads so far.
    pub counts: BurstCounts,
}

/// Folds reads into sightings.
#[derive(Debug, Clone)]
pub struct Burst {
    settings: BurstSettings,
    tags: TagTable<Sighting>,
    /// Entries before this one were handed out. A tag among them that is read again gets a new entry.
    handed_out: usize,
    from: Moment,
    stopped: bool,
    counts: BurstCounts,
}

impl Burst {
    /// A burst that takes reads.
    pub fn new(settings: BurstSettings) -> Self {
        Self {
            settings,
            tags: TagTable::new(settings.tags_max),
            handed_out: 0,
            from: Moment::default(),
            stopped: false,
            counts: BurstCounts::default(),
        }
    }

    /// Takes reads again after a stop.
    pub fn start(&mut self) {
        self.stopped = false;
    }

    /// Takes no more reads. What was read before is still handed out, at once: the window ends here.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether reads are dropped.
    pub const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Adds one report of a tag.
    #[inline]
    pub fn fold(&mut self, tag: &Tag, at: Moment) {
        let reads = u64::from(tag.count.unwrap_or(1).max(1));
        if self.stopped {
            self.counts.after_stop += reads;
            return;
        }
        if tag.crc_agrees() == Some(false) {
            self.counts.crc_wrong += reads;
            return;
        }
        let open = self
            .tags
            .find(&tag.epc)
            .filter(|&number| number >= self.handed_out);
        if let Some(sighting) = open.and_then(|number| self.tags.get_mut(number)) {
            sighting.add(tag, at);
            self.counts.taken += reads;
            return;
        }
        if self.tags.is_empty() {
            self.from = at;
        }
        match self.tags.push(Sighting::of(tag, at)) {
            Some(_) => self.counts.taken += reads,
            None => self.counts.not_kept += reads,
        }
    }

    /// When the window ends; `None` while nothing was read. After a stop, and while a window is taken in parts, that is at once.
    pub fn deadline(&self) -> Option<Moment> {
        let is_due = self.stopped || self.handed_out > 0;
        let wait_ms = if is_due { 0 } else { self.settings.window_ms };
        (!self.tags.is_empty()).then(|| self.from.plus_ms(u64::from(wait_ms)))
    }

    /// Takes what the window has, where it has ended at `at`: the next [`SIGHTINGS_MAX`] sightings. Called until it says
    /// `None`; who has no room for more comes later, and what is read meanwhile is added up.
    pub fn take_window(&mut self, at: Moment) -> Option<Window> {
        let is_over = self.deadline().is_some_and(|deadline| deadline <= at);
        is_over.then(|| self.take(at))
    }

    /// Takes what there is, whether the window has ended or not.
    pub fn take_rest(&mut self, at: Moment) -> Option<Window> {
        (!self.tags.is_empty()).then(|| self.take(at))
    }

    fn take(&mut self, at: Moment) -> Window {
        let end = self.tags.len().min(self.handed_out + SIGHTINGS_MAX);
        let sightings = (self.handed_out..end)
            .filter_map(|number| self.tags.get(number).copied())
            .collect();
        let goes_on = end < self.tags.len();
        if goes_on {
            self.handed_out = end;
        } else {
            self.tags.clear();
            self.handed_out = 0;
        }
        Window {
            from: self.from,
            to: at,
            sightings,
            goes_on,
            counts: self.counts,
        }
    }

    /// How many sightings wait to be taken.
    pub fn waiting(&self) -> usize {
        self.tags.len() - self.handed_out
    }

    /// What became of the reads so far.
    pub const fn counts(&self) -> BurstCounts {
        self.counts
    }
}

#[cfg(test)]
mod tests;
