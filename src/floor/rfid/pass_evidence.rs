//! What a pass keeps of one tag: which side of the portal heard it when, and the course of its strength.

use tallyman_codes::{EpcBytes, OfTag, Sighting};

use super::packed::{KeptTag, NotKept, Reader, Writer};
use super::sweep_evidence::NO_SIGNAL;

/// Pieces of a course.
pub(super) const COURSE_PIECES: usize = 32;

/// Nothing was heard in a piece.
const SILENT: i8 = i8::MIN;

/// Strengths below this weigh least in a mean of times: no reader hears less.
const WEIGHS_LEAST_CENTI_DBM: i32 = -9_000;

/// Half as strong a field (6 dB) weighs half as much.
const HALF_CENTI_DB: i32 = 600;

/// Where an antenna of a portal looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// Away from the house.
    Outside,
    /// Across the door.
    #[default]
    Door,
    /// Into the house.
    Inside,
}

impl Side {
    const ALL: [Self; 3] = [Self::Outside, Self::Door, Self::Inside];

    const fn index(self) -> usize {
        match self {
            Self::Outside => 0,
            Self::Door => 1,
            Self::Inside => 2,
        }
    }
}

/// What one side heard of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SideEvidence {
    /// In how many windows.
    pub windows: u16,
    /// The strongest read; `i16::MIN` where no strength was told.
    pub best_centi_dbm: i16,
    /// The sum of weights, and of weights times milliseconds: their quotient is when the tag was at this side.
    weight: u64,
    moment: u64,
}

impl SideEvidence {
    const NOTHING: Self = Self {
        windows: 0,
        best_centi_dbm: NO_SIGNAL,
        weight: 0,
        moment: 0,
    };

    /// When the tag was at this side: the mean of the times it was heard, strong ones weighing more. `None` where it was not
    /// heard.
    pub fn mean_ms(&self) -> Option<u32> {
        let mean = self.moment.checked_div(self.weight)?;
        u32::try_from(mean).ok()
    }

    fn add(&mut self, best_centi_dbm: Option<i16>, at_ms: u32) {
        self.windows = self.windows.saturating_add(1);
        let best = best_centi_dbm.unwrap_or(NO_SIGNAL);
        self.best_centi_dbm = self.best_centi_dbm.max(best);
        let halves = (i32::from(best) - WEIGHS_LEAST_CENTI_DBM) / HALF_CENTI_DB;
        let weight = 1u64 << halves.clamp(0, 15);
        self.weight = self.weight.saturating_add(weight);
        self.moment = self
            .moment
            .saturating_add(weight.saturating_mul(u64::from(at_ms)));
    }
}

/// What was heard of one tag in a pass: some 200 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassEvidence {
    /// The tag.
    pub epc: EpcBytes,
    /// The protocol control word, 0 where no read carried it.
    pub pc: u16,
    /// How often it was read.
    pub reads: u32,
    /// In how many sightings.
    pub windows: u16,
    /// The antennas, bit 0 for antenna 1.
    pub antennas: u16,
    /// The strongest read, in hundredths of a dBm; `i16::MIN` where the reader tells no strength.
    pub best_centi_dbm: i16,
    /// When it was strongest, in milliseconds of the pass.
    pub best_ms: u32,
    /// When it was heard first.
    pub first_ms: u32,
    /// When it was heard last.
    pub last_ms: u32,
    /// How strongly it was heard before the pass, while nothing went through; `i16::MIN` where it was not.
    pub resident_centi_dbm: i16,
    /// What each side heard: outside, door, inside.
    sides: [SideEvidence; 3],
    /// The strongest read of each piece of the pass, in whole dBm.
    course: [i8; COURSE_PIECES],
}

impl OfTag for PassEvidence {
    fn epc(&self) -> &EpcBytes {
        &self.epc
    }
}

impl PassEvidence {
    pub(super) fn new(epc: EpcBytes, at_ms: u32, resident_centi_dbm: i16) -> Self {
        Self {
            epc,
            pc: 0,
            reads: 0,
            windows: 0,
            antennas: 0,
            best_centi_dbm: NO_SIGNAL,
            best_ms: at_ms,
            first_ms: at_ms,
            last_ms: at_ms,
            resident_centi_dbm,
            sides: [SideEvidence::NOTHING; 3],
            course: [SILENT; COURSE_PIECES],
        }
    }

    /// Adds a sighting; `side_of` says where an antenna looks, `piece` is where in its course the pass is.
    pub(super) fn add(
        &mut self,
        sighting: &Sighting,
        at_ms: u32,
        piece: usize,
        side_of: impl Fn(u16) -> Side,
    ) {
        self.pc = sighting.pc.unwrap_or(self.pc);
        self.reads = self.reads.saturating_add(sighting.reads);
        self.windows = self.windows.saturating_add(1);
        self.antennas |= sighting.antennas.bits();
        self.last_ms = at_ms;
        let mut sides: [Option<Option<i16>>; 3] = [None; 3];
        for (antenna, best) in sighting.antennas.iter() {
            if let Some(side) = sides.get_mut(side_of(antenna).index()) {
                *side = Some(side.flatten().max(best));
            }
        }
        for (kept, heard) in self.sides.iter_mut().zip(sides) {
            if let Some(best) = heard {
                kept.add(best, at_ms);
            }
        }
        let Some(signal) = sighting.signal else { return };
        if signal.best_centi_dbm > self.best_centi_dbm {
            self.best_centi_dbm = signal.best_centi_dbm;
            self.best_ms = at_ms;
        }
        let whole_dbm = (signal.best_centi_dbm.div_euclid(100)).clamp(i16::from(SILENT) + 1, 127) as i8;
        if let Some(kept) = self.course.get_mut(piece) {
            *kept = (*kept).max(whole_dbm);
        }
    }

    /// Two pieces of the course become one.
    pub(super) fn halve(&mut self) {
        let mut halved = [SILENT; COURSE_PIECES];
        for (kept, pair) in halved.iter_mut().zip(self.course.chunks(2)) {
            *kept = pair.iter().copied().max().unwrap_or(SILENT);
        }
        self.course = halved;
    }

    /// The strongest read, where the reader tells strengths.
    pub fn best(&self) -> Option<i16> {
        (self.best_centi_dbm != NO_SIGNAL).then_some(self.best_centi_dbm)
    }

    /// How strongly it was heard before the pass, while nothing went through.
    pub fn resident(&self) -> Option<i16> {
        (self.resident_centi_dbm != NO_SIGNAL).then_some(self.resident_centi_dbm)
    }

    /// What a side heard of it.
    pub fn side(&self, side: Side) -> &SideEvidence {
        let [outside, door, inside] = &self.sides;
        match side {
            Side::Outside => outside,
            Side::Door => door,
            Side::Inside => inside,
        }
    }

    /// The strongest read of each piece of the pass, in whole dBm; `None` where it was not heard.
    pub fn course(&self) -> impl Iterator<Item = Option<i8>> + '_ {
        self.course.iter().map(|&dbm| (dbm != SILENT).then_some(dbm))
    }

    /// The sides that heard it, each with when, in the order from outside to inside.
    pub fn sides(&self) -> impl Iterator<Item = (Side, u32)> + '_ {
        Side::ALL
            .into_iter()
            .filter_map(|side| Some((side, self.side(side).mean_ms()?)))
    }

    pub(super) fn kept(&self) -> KeptTag {
        let mut packed = Writer::new(super::pass::PASS_VERSION);
        packed.u16(self.pc);
        packed.u32(self.reads);
        packed.u16(self.windows);
        packed.u16(self.antennas);
        packed.i16(self.best_centi_dbm);
        packed.u32(self.best_ms);
        packed.u32(self.first_ms);
        packed.u32(self.last_ms);
        packed.i16(self.resident_centi_dbm);
        for side in &self.sides {
            packed.u16(side.windows);
            packed.i16(side.best_centi_dbm);
            packed.u64(side.weight);
            packed.u64(side.moment);
        }
        packed.bytes(&self.course.map(i8::cast_unsigned));
        KeptTag {
            epc: self.epc,
            packed: packed.done(),
        }
    }

    pub(super) fn restore(epc: &[u8], packed: &[u8]) -> Result<Self, NotKept> {
        let epc = EpcBytes::new(epc).ok_or(NotKept::Epc)?;
        let mut reader = Reader::new(packed, super::pass::PASS_VERSION)?;
        let mut tag = Self::new(epc, 0, NO_SIGNAL);
        tag.pc = reader.u16()?;
        tag.reads = reader.u32()?;
        tag.windows = reader.u16()?;
        tag.antennas = reader.u16()?;
        tag.best_centi_dbm = reader.i16()?;
        tag.best_ms = reader.u32()?;
        tag.first_ms = reader.u32()?;
        tag.last_ms = reader.u32()?;
        tag.resident_centi_dbm = reader.i16()?;
        for side in &mut tag.sides {
            side.windows = reader.u16()?;
            side.best_centi_dbm = reader.i16()?;
            side.weight = reader.u64()?;
            side.moment = reader.u64()?;
        }
        tag.course = reader.array()?.map(u8::cast_signed);
        reader.end()?;
        Ok(tag)
    }
}
