//! What a sweep keeps of one tag.

use tallyman_codes::{EpcBytes, OfTag, Sighting};

/// No strength was told.
pub(super) const NO_SIGNAL: i16 = i16::MIN;

/// What is weaker adds nothing to a tag's area: the far end of what a sweep hears.
const AREA_FLOOR_CENTI_DBM: i16 = -6_500;

/// A window that had no tag counts so much in the mean of the strongest.
const NO_WINDOW_CENTI_DBM: i32 = -7_000;

/// So many of the strongest windows are kept: one lucky echo is not enough to be strong.
pub const TOP_WINDOWS: usize = 4;

/// A window in which a tag was strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopWindow {
    /// How strong it was in the mean, in hundredths of a dBm; `i16::MIN` where there were not so many windows.
    pub mean_centi_dbm: i16,
    /// The number of the window. All that come after four hours of reading are one.
    pub window: u16,
}

impl TopWindow {
    /// There was none.
    pub(super) const NONE: Self = Self {
        mean_centi_dbm: NO_SIGNAL,
        window: 0,
    };
}

/// What was heard of one tag in a sweep: some 100 bytes, whatever the sweep's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepEvidence {
    /// The tag.
    pub epc: EpcBytes,
    /// The protocol control word, 0 where no read carried it.
    pub pc: u16,
    /// How often it was read.
    pub reads: u32,
    /// In how many windows.
    pub windows: u16,
    /// In how many of them it was near: little below the level of its window.
    pub near_windows: u16,
    /// The antennas, bit 0 for antenna 1.
    pub antennas: u16,
    /// The strongest read, in hundredths of a dBm; `i16::MIN` where the reader tells no strength.
    pub best_centi_dbm: i16,
    /// The latest read, the same.
    pub latest_centi_dbm: i16,
    /// The least it was ever below the level of its window, in hundredths of a dB; negative above it.
    pub least_gap: i16,
    /// How much was heard of it over the whole sweep: the sum over its sightings of how much their mean was above
    /// -65 dBm, in tenths of a dB.
    pub area: u32,
    /// The windows in which it was strongest, the strongest first.
    pub top: [TopWindow; TOP_WINDOWS],
    /// When it was heard first, in milliseconds of the sweep.
    pub first_ms: u32,
    /// When it was heard last.
    pub last_ms: u32,
    /// When it was strongest.
    pub best_ms: u32,
}

impl OfTag for SweepEvidence {
    fn epc(&self) -> &EpcBytes {
        &self.epc
    }
}

impl SweepEvidence {
    /// Nothing heard yet.
    pub(super) fn new(epc: EpcBytes, at_ms: u32) -> Self {
        Self {
            epc,
            pc: 0,
            reads: 0,
            windows: 0,
            near_windows: 0,
            antennas: 0,
            best_centi_dbm: NO_SIGNAL,
            latest_centi_dbm: NO_SIGNAL,
            least_gap: i16::MAX,
            area: 0,
            top: [TopWindow::NONE; TOP_WINDOWS],
            first_ms: at_ms,
            last_ms: at_ms,
            best_ms: at_ms,
        }
    }

    /// Adds a sighting of a window with this level.
    pub(super) fn add(&mut self, sighting: &Sighting, heard: Heard) {
        if self.windows == 0 || heard.window_of(self.last_ms) != heard.window_of(heard.at_ms) {
            self.windows = self.windows.saturating_add(1);
            self.near_windows = self
                .near_windows
                .saturating_add(u16::from(heard.is_near(sighting)));
        }
        self.pc = sighting.pc.unwrap_or(self.pc);
        self.reads = self.reads.saturating_add(sighting.reads);
        self.antennas |= sighting.antennas.bits();
        self.last_ms = heard.at_ms;
        if let Some(signal) = sighting.signal {
            self.latest_centi_dbm = signal.latest_centi_dbm;
            if signal.best_centi_dbm > self.best_centi_dbm {
                self.best_centi_dbm = signal.best_centi_dbm;
                self.best_ms = heard.at_ms;
            }
            let mean = signal.mean_centi_dbm();
            let above = mean.saturating_sub(AREA_FLOOR_CENTI_DBM).max(0);
            self.area = self.area.saturating_add(u32::from(above.unsigned_abs()) / 10);
            self.add_top(TopWindow {
                mean_centi_dbm: mean,
                window: u16::try_from(heard.window_of(heard.at_ms)).unwrap_or(u16::MAX),
            });
            self.least_gap = self.least_gap.min(heard.gap(signal.best_centi_dbm));
        }
    }

    fn add_top(&mut self, window: TopWindow) {
        let mut next = window;
        for kept in &mut self.top {
            if next.mean_centi_dbm > kept.mean_centi_dbm {
                std::mem::swap(kept, &mut next);
            }
        }
    }

    /// The mean of the strongest windows, in hundredths of a dBm.
    pub fn top_mean(&self) -> i32 {
        let told = self.top.iter().map(|kept| match kept.mean_centi_dbm {
            NO_SIGNAL => NO_WINDOW_CENTI_DBM,
            mean => i32::from(mean),
        });
        told.sum::<i32>() / TOP_WINDOWS as i32
    }

    /// The numbers of the strongest windows.
    pub(super) fn top_windows(&self) -> impl Iterator<Item = u16> + '_ {
        let told = self.top.iter().filter(|kept| kept.mean_centi_dbm != NO_SIGNAL);
        told.map(|kept| kept.window)
    }

    /// The strongest read, where the reader tells strengths.
    pub fn best(&self) -> Option<i16> {
        (self.best_centi_dbm != NO_SIGNAL).then_some(self.best_centi_dbm)
    }
}

/// What a sighting is compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard {
    /// The time of the sweep.
    pub(super) at_ms: u32,
    pub(super) window_ms: u32,
    /// The level of its window.
    pub(super) level_centi_dbm: i16,
    /// How far below it is still near.
    pub(super) near_gap: i32,
}

impl Heard {
    fn window_of(&self, ms: u32) -> u32 {
        ms / self.window_ms.max(1)
    }

    fn gap(&self, centi_dbm: i16) -> i16 {
        self.level_centi_dbm.saturating_sub(centi_dbm)
    }

    fn is_near(&self, sighting: &Sighting) -> bool {
        let signal = sighting.signal;
        signal.is_some_and(|signal| i32::from(self.gap(signal.best_centi_dbm)) <= self.near_gap)
    }
}
