//! A pass: goods go through a portal once, and each tag is judged by the course of its strength and by the order of the
//! sides that heard it.
//!
//! What goes through comes, is strong, and goes, when the other goods of the pass do. What is staged beside the door is heard
//! evenly, more weakly, and before and after.

use tallyman_codes::{ANTENNAS_MAX, EpcBytes, Moment, Sighting, TagTable};

use super::class::{Class, Known, Tally};
use super::packed::{Changed, KeptTag, NotKept, Reader, Writer};
use super::pass_evidence::{COURSE_PIECES, PassEvidence, Side};
use super::pass_judge::Judge;
use super::rules::Rules;
use super::sweep_evidence::NO_SIGNAL;
use super::time::ReadingTime;

/// The most tags of one pass: a lorry of tagged pieces has fewer. They take some 4 MB.
pub const PASS_TAGS_MAX: usize = 20_000;

/// How long a piece of a course is at first, in milliseconds. It doubles when a pass becomes longer than its pieces.
const PIECE_MS: u32 = 128;

/// The version of the kept form of a pass.
pub(super) const PASS_VERSION: u8 = 1;

/// Where each antenna of a portal looks, antenna 1 first.
pub type Sides = [Side; ANTENNAS_MAX];

/// The evidence of one pass.
#[derive(Debug, Clone)]
pub struct Pass {
    rules: Rules,
    sides: Sides,
    tags: TagTable<PassEvidence>,
    changed: Changed,
    time: ReadingTime,
    piece_ms: u32,
    reads: u64,
    not_kept: u64,
}

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From outside to inside.
    In,
    /// From inside to outside.
    Out,
}

impl Direction {
    /// The stable word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }

    /// The direction with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::In, Self::Out].into_iter().find(|way| way.word() == word)
    }
}

/// What is said of one tag of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassSays {
    /// Whether it went through.
    pub class: Class,
    /// Which way, where the sides tell.
    pub direction: Option<Direction>,
}

/// What a pass comes to, over all its tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassSummary {
    /// How many tags of each class.
    pub tally: Tally,
    /// Which way the goods went; `None` where the portal cannot tell, or they went both ways.
    pub direction: Option<Direction>,
    /// Something went through, and every tag is sure or stray: it closes by itself.
    pub is_sure_throughout: bool,
    /// The strength that tags are compared with.
    pub level_centi_dbm: Option<i16>,
}

/// What a pass comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassJudged {
    /// The whole.
    pub summary: PassSummary,
    /// What is said of each tag, as [`Pass::tags`] gives them.
    pub tags: Vec<PassSays>,
}

impl Pass {
    /// A pass that has heard nothing, of a portal whose antennas look as `sides` say.
    pub fn new(rules: Rules, sides: Sides) -> Self {
        Self {
            rules,
            sides,
            tags: TagTable::new(PASS_TAGS_MAX),
            changed: Changed::default(),
            time: ReadingTime::default(),
            piece_ms: PIECE_MS,
            reads: 0,
            not_kept: 0,
        }
    }

    /// Says that a tag was heard before the pass, while nothing went through, and how strongly at best.
    pub fn resident(&mut self, epc: &EpcBytes, best_centi_dbm: i16) {
        let number = match self.tags.find(epc) {
            Some(number) => Some(number),
            None => self
                .tags
                .push(PassEvidence::new(*epc, self.time.ms(), best_centi_dbm)),
        };
        let Some(number) = number else { return };
        if let Some(tag) = self.tags.get_mut(number) {
            tag.resident_centi_dbm = tag.resident_centi_dbm.max(best_centi_dbm);
        }
        self.changed.add(number);
    }

    /// Lets time begin or pass without sightings: a photo eye opened the pass.
    pub fn advance(&mut self, at: Moment) {
        self.time.advance(at);
    }

    /// Adds the sightings of a window, or of a part of one, that ended at `at`. Returns how many tags are new.
    pub fn take(&mut self, at: Moment, sightings: &[Sighting]) -> usize {
        let at_ms = self.time.advance(at);
        while (at_ms / self.piece_ms) as usize >= COURSE_PIECES {
            self.piece_ms = self.piece_ms.saturating_mul(2);
            self.tags.iter_mut().for_each(PassEvidence::halve);
        }
        let piece = (at_ms / self.piece_ms) as usize;
        let before = self.tags.len();
        for sighting in sightings {
            self.add(sighting, at_ms, piece);
        }
        self.tags.len() - before
    }

    fn add(&mut self, sighting: &Sighting, at_ms: u32, piece: usize) {
        let found = self.tags.find(&sighting.epc);
        let number = found.or_else(|| self.tags.push(PassEvidence::new(sighting.epc, at_ms, NO_SIGNAL)));
        let Some(number) = number else {
            self.not_kept = self.not_kept.saturating_add(u64::from(sighting.reads));
            return;
        };
        let sides = self.sides;
        let side_of = |antenna: u16| {
            let index = usize::from(antenna).wrapping_sub(1);
            sides.get(index).copied().unwrap_or_default()
        };
        if let Some(tag) = self.tags.get_mut(number) {
            tag.add(sighting, at_ms, piece, side_of);
        }
        self.changed.add(number);
        self.reads = self.reads.saturating_add(u64::from(sighting.reads));
    }

    /// Every tag that was heard, or was resident, in the order they came.
    pub fn tags(&self) -> impl Iterator<Item = &PassEvidence> + Clone {
        self.tags.iter()
    }

    /// What was heard of one tag.
    pub fn tag(&self, epc: &EpcBytes) -> Option<&PassEvidence> {
        self.tags.get(self.tags.find(epc)?)
    }

    /// How many reads there were.
    pub fn reads(&self) -> u64 {
        self.reads
    }

    /// Reads of tags beyond [`PASS_TAGS_MAX`]. Where there are any, the pass is not sure throughout.
    pub fn not_kept(&self) -> u64 {
        self.not_kept
    }

    /// How long the pass lasts, in milliseconds.
    pub fn time_ms(&self) -> u32 {
        self.time.ms()
    }

    /// Judges every tag by what was heard so far.
    pub fn judge(&self, known: impl Fn(&EpcBytes) -> Known) -> PassJudged {
        let judge = Judge::of(self);
        let tags: Vec<PassSays> = self.tags().map(|tag| judge.says(tag, known(&tag.epc))).collect();
        let mut tally = Tally::default();
        tags.iter().for_each(|says| tally.add(says.class));
        PassJudged {
            summary: PassSummary {
                tally,
                direction: judge.direction.filter(|_| tally.sure > 0),
                is_sure_throughout: tally.sure > 0 && tally.maybe == 0 && self.not_kept == 0,
                level_centi_dbm: judge.level_centi_dbm,
            },
            tags,
        }
    }

    pub(super) const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// How many pieces of a course the pass has so far.
    pub(super) fn pieces(&self) -> usize {
        (self.time.ms() / self.piece_ms) as usize + 1
    }

    /// Whether the portal's antennas look to several sides.
    pub(super) fn tells_directions(&self) -> bool {
        let [first, rest @ ..] = &self.sides;
        rest.iter().any(|side| side != first)
    }

    /// Takes what changed since the last time, to be kept: the head and up to `most` tags.
    pub fn take_changed(&mut self, most: usize) -> (Vec<u8>, Vec<KeptTag>) {
        let numbers = self.changed.take(most);
        let tags = numbers
            .into_iter()
            .filter_map(|number| self.tags.get(number))
            .map(PassEvidence::kept)
            .collect();
        let mut head = Writer::new(PASS_VERSION);
        head.u32(self.time.ms());
        head.u32(self.piece_ms);
        head.u64(self.reads);
        head.u64(self.not_kept);
        (head.done(), tags)
    }

    /// How many tags changed since they were last taken to be kept.
    pub fn changed(&self) -> usize {
        self.changed.len()
    }

    /// The pass that was kept: the latest head, and the latest of each tag, in any order.
    ///
    /// # Errors
    /// [`NotKept`] where something is damaged or of another version.
    pub fn restore<'a>(
        rules: Rules,
        sides: Sides,
        head: &[u8],
        tags: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<Self, NotKept> {
        let mut pass = Self::new(rules, sides);
        let mut reader = Reader::new(head, PASS_VERSION)?;
        pass.time = ReadingTime::kept(reader.u32()?);
        pass.piece_ms = reader.u32()?.max(1);
        pass.reads = reader.u64()?;
        pass.not_kept = reader.u64()?;
        reader.end()?;
        let mut restored = tags
            .into_iter()
            .map(|(epc, packed)| PassEvidence::restore(epc, packed))
            .collect::<Result<Vec<_>, _>>()?;
        restored.sort_by_key(|tag| (tag.first_ms, tag.epc));
        for tag in restored {
            let _ = pass.tags.push(tag);
        }
        Ok(pass)
    }
}
