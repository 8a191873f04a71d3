//! A sweep: a reader is moved over a bin or a zone, and each tag is judged by how it was heard.

use tallyman_codes::{EpcBytes, Moment, Sighting, TagTable};

use super::class::{Class, Known, Tally};
use super::growth::Growth;
use super::level::Levels;
use super::packed::{Changed, KeptTag, NotKept, Reader, Writer};
use super::rules::Rules;
use super::sweep_evidence::{Heard, SweepEvidence, TOP_WINDOWS, TopWindow};
use super::sweep_judge::Judge;
use super::time::ReadingTime;

/// The most tags of one sweep. They take some 12 MB; those beyond are counted and told.
pub const SWEEP_TAGS_MAX: usize = 100_000;

/// The evidence of one sweep. Cheap to add to; judged as often as a screen wants it.
#[derive(Debug, Clone)]
pub struct Sweep {
    rules: Rules,
    tags: TagTable<SweepEvidence>,
    changed: Changed,
    time: ReadingTime,
    windows: u32,
    latest_window: Option<u32>,
    reads: u64,
    not_kept: u64,
}

/// What a sweep comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// How many of each class.
    pub tally: Tally,
    /// The class of each tag, as [`Sweep::tags`] gives them.
    pub classes: Vec<Class>,
    /// Whether to go on.
    pub growth: Growth,
    /// How much this bin and what lies beside it run into each other, in thousandths: beyond [`Rules::sweep_overlap_usual`] a tag needs more to be sure.
    pub overlap: i64,
    /// The strength that tags are compared with; `None` where the reader tells no strengths, and then nothing is sure.
    pub level_centi_dbm: Option<i16>,
}

impl Sweep {
    /// A sweep that has heard nothing.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            tags: TagTable::new(SWEEP_TAGS_MAX),
            changed: Changed::default(),
            time: ReadingTime::default(),
            windows: 0,
            latest_window: None,
            reads: 0,
            not_kept: 0,
        }
    }

    /// Adds the sightings of a window, or of a part of one, that ended at `at`. A pause before it does not count as time.
    /// Returns how many tags are new.
    pub fn take(&mut self, at: Moment, sightings: &[Sighting]) -> usize {
        let at_ms = self.time.advance(at);
        let window_ms = self.rules.window_ms.unsigned_abs().max(1);
        let window = at_ms / window_ms;
        if self.latest_window != Some(window) && !sightings.is_empty() {
            self.latest_window = Some(window);
            self.windows = self.windows.saturating_add(1);
        }
        let strengths = sightings
            .iter()
            .filter_map(|sighting| sighting.signal.map(|signal| signal.best_centi_dbm));
        let level = Levels::of(strengths).strongest(self.rules.level_per_mille.unsigned_abs());
        let heard = Heard {
            at_ms,
            window_ms,
            level_centi_dbm: level.unwrap_or(0),
            near_gap: self.rules.near_gap,
        };
        let before = self.tags.len();
        for sighting in sightings {
            self.add(sighting, heard);
        }
        self.tags.len() - before
    }

    fn add(&mut self, sighting: &Sighting, heard: Heard) {
        let found = self.tags.find(&sighting.epc);
        let number = found.or_else(|| self.tags.push(SweepEvidence::new(sighting.epc, heard.at_ms)));
        let Some(number) = number else {
            self.not_kept = self.not_kept.saturating_add(u64::from(sighting.reads));
            return;
        };
        if let Some(evidence) = self.tags.get_mut(number) {
            evidence.add(sighting, heard);
        }
        self.changed.add(number);
        self.reads = self.reads.saturating_add(u64::from(sighting.reads));
    }

    /// Every tag that was heard, in the order they were first heard.
    pub fn tags(&self) -> impl Iterator<Item = &SweepEvidence> + Clone {
        self.tags.iter()
    }

    /// What was heard of one tag.
    pub fn tag(&self, epc: &EpcBytes) -> Option<&SweepEvidence> {
        self.tags.get(self.tags.find(epc)?)
    }

    /// How many tags were heard, of any class.
    pub fn unique(&self) -> usize {
        self.tags.len()
    }

    /// How many reads they had.
    pub fn reads(&self) -> u64 {
        self.reads
    }

    /// Reads of tags beyond [`SWEEP_TAGS_MAX`]. Where there are any, the sweep must be cut into smaller ones.
    pub fn not_kept(&self) -> u64 {
        self.not_kept
    }

    /// How long was read, in milliseconds, without the pauses.
    pub fn time_ms(&self) -> u32 {
        self.time.ms()
    }

    /// Judges every tag by what was heard so far. `known` says what the device knows of a tag beside the radio.
    pub fn judge(&self, known: impl Fn(&EpcBytes) -> Known) -> Judged {
        let judge = Judge::of(self);
        let classes = match &judge {
            Some(judge) => judge.classes(|tag| known(&tag.epc)),
            None => vec![Class::Maybe; self.tags.len()],
        };
        let mut tally = Tally::default();
        classes.iter().for_each(|&class| tally.add(class));
        let counted = self.tags().zip(&classes);
        let counted = counted.filter_map(|(tag, class)| (*class != Class::Stray).then_some(tag));
        Judged {
            tally,
            growth: Growth::of(counted, self.time.ms(), self.windows, &self.rules),
            level_centi_dbm: judge.as_ref().map(|judge| judge.level_centi_dbm),
            overlap: judge.as_ref().map_or(0, |judge| judge.overlap),
            classes,
        }
    }

    pub(super) const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The windows in which anything was heard.
    pub(super) const fn windows(&self) -> u32 {
        self.windows
    }

    /// Takes what changed since the last time, to be kept: the head and up to `most` tags. Called once a second, or when
    /// [`Sweep::changed`] says 200.
    pub fn take_changed(&mut self, most: usize) -> (Vec<u8>, Vec<KeptTag>) {
        let numbers = self.changed.take(most);
        let tags = numbers
            .into_iter()
            .filter_map(|number| self.tags.get(number))
            .map(SweepEvidence::kept)
            .collect();
        let mut head = Writer::new(SWEEP_VERSION);
        head.u32(self.time.ms());
        head.u32(self.windows);
        head.u64(self.reads);
        head.u64(self.not_kept);
        (head.done(), tags)
    }

    /// How many tags changed since they were last taken to be kept.
    pub fn changed(&self) -> usize {
        self.changed.len()
    }

    /// The sweep that was kept: the latest head, and the latest of each tag, in any order.
    ///
    /// # Errors
    /// [`NotKept`] where something is damaged or of another version. The caller goes on with what it can read.
    pub fn restore<'a>(
        rules: Rules,
        head: &[u8],
        tags: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<Self, NotKept> {
        let mut sweep = Self::new(rules);
        let mut reader = Reader::new(head, SWEEP_VERSION)?;
        sweep.time = ReadingTime::kept(reader.u32()?);
        sweep.windows = reader.u32()?;
        sweep.reads = reader.u64()?;
        sweep.not_kept = reader.u64()?;
        reader.end()?;
        let mut restored = tags
            .into_iter()
            .map(|(epc, packed)| SweepEvidence::restore(epc, packed))
            .collect::<Result<Vec<_>, _>>()?;
        restored.sort_by_key(|tag| (tag.first_ms, tag.epc));
        for tag in restored {
            let _ = sweep.tags.push(tag);
        }
        Ok(sweep)
    }
}

fn top_of(reader: &mut Reader<'_>) -> Result<[TopWindow; TOP_WINDOWS], NotKept> {
    let mut top = [TopWindow::NONE; TOP_WINDOWS];
    for kept in &mut top {
        *kept = TopWindow {
            mean_centi_dbm: reader.i16()?,
            window: reader.u16()?,
        };
    }
    Ok(top)
}

/// The version of the kept form of a sweep. Before 2 nothing said which windows were a tag's strongest.
const SWEEP_VERSION: u8 = 2;

impl SweepEvidence {
    fn kept(&self) -> KeptTag {
        let mut packed = Writer::new(SWEEP_VERSION);
        packed.u16(self.pc);
        packed.u32(self.reads);
        packed.u16(self.windows);
        packed.u16(self.near_windows);
        packed.u16(self.antennas);
        packed.i16(self.best_centi_dbm);
        packed.i16(self.latest_centi_dbm);
        packed.i16(self.least_gap);
        packed.u32(self.area);
        for kept in &self.top {
            packed.i16(kept.mean_centi_dbm);
            packed.u16(kept.window);
        }
        packed.u32(self.first_ms);
        packed.u32(self.last_ms);
        packed.u32(self.best_ms);
        KeptTag {
            epc: self.epc,
            packed: packed.done(),
        }
    }

    fn restore(epc: &[u8], packed: &[u8]) -> Result<Self, NotKept> {
        let epc = EpcBytes::new(epc).ok_or(NotKept::Epc)?;
        let mut reader = Reader::new(packed, SWEEP_VERSION)?;
        let tag = Self {
            epc,
            pc: reader.u16()?,
            reads: reader.u32()?,
            windows: reader.u16()?,
            near_windows: reader.u16()?,
            antennas: reader.u16()?,
            best_centi_dbm: reader.i16()?,
            latest_centi_dbm: reader.i16()?,
            least_gap: reader.i16()?,
            area: reader.u32()?,
            top: top_of(&mut reader)?,
            first_ms: reader.u32()?,
            last_ms: reader.u32()?,
            best_ms: reader.u32()?,
        };
        reader.end()?;
        Ok(tag)
    }
}
