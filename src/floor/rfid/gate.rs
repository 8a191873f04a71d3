//! A gate: when a pass through a portal begins and ends, and what stood beside it before.
//!
//! Photo eyes say it where there are some: a pass begins when the first is interrupted and ends a while after the last was
//! clear. Without them a tag that was not there before begins it, and it ends when no such tag is heard any more. What is
//! heard between passes and goes on being heard is resident: goods staged beside the door.

use std::collections::HashMap;

use tallyman_codes::{EpcBytes, Moment, Sighting};

use super::pass::{Pass, Sides};
use super::rules::Rules;
use super::sweep_evidence::NO_SIGNAL;

/// The most photo eyes of a portal.
pub const EYES_MAX: usize = 16;

/// Residents that are remembered. What is beyond them is judged by its course alone.
pub const RESIDENTS_MAX: usize = 4_096;

/// A tag that was heard for so long, in milliseconds, while nothing went through, was there before: goods on their way to the
/// door are not.
const RESIDENT_MS: u64 = 3_000;

/// A tag that was silent for so long, in milliseconds, is gone, and has come anew when it is heard again.
const GONE_MS: u64 = 10_000;

/// Tags that were heard within this time of the end of a pass, in milliseconds, are still there.
const STILL_THERE_MS: u32 = 1_000;

/// When a pass begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateTiming {
    /// Whether photo eyes say it.
    pub by_eyes: bool,
    /// How long after the last eye was clear, or the last new tag was heard, a pass ends, in milliseconds.
    pub after_ms: u32,
    /// How long a pass lasts at most, in milliseconds: somebody stands in the door, or goods were put down beside it.
    pub pass_ms_max: u32,
}

/// A pass that is over.
#[derive(Debug, Clone)]
pub struct EndedPass {
    /// What was heard.
    pub pass: Pass,
    /// When it began; of a pass that went on after a restart, when that was.
    pub began: Moment,
    /// When it ended.
    pub ended: Moment,
}

/// A tag that is heard between passes.
#[derive(Debug, Clone, Copy)]
struct Resident {
    first: Moment,
    last: Moment,
    best_centi_dbm: i16,
}

/// A pass that goes on.
#[derive(Debug, Clone)]
struct OpenPass {
    pass: Pass,
    began: Moment,
    /// When the last eye was clear, or the last new tag was heard.
    quiet_since: Moment,
}

/// The gate of one portal.
#[derive(Debug, Clone)]
pub struct Gate {
    rules: Rules,
    sides: Sides,
    timing: GateTiming,
    open: Option<OpenPass>,
    /// The eyes that are interrupted, bit 0 for the first.
    interrupted: u32,
    /// A pass ended though an eye was interrupted: none begins before all are clear.
    is_blocked: bool,
    /// Nobody knows what the eyes see, or what the antennas hear: their reader is not connected.
    is_blind: bool,
    residents: HashMap<EpcBytes, Resident>,
}

impl Gate {
    /// A gate that nothing has gone through, of a portal whose antennas look as `sides` say.
    pub fn new(rules: Rules, sides: Sides, timing: GateTiming) -> Self {
        Self {
            rules,
            sides,
            timing,
            open: None,
            interrupted: 0,
            is_blocked: false,
            is_blind: false,
            residents: HashMap::new(),
        }
    }

    /// An empty pass of this gate, to be restored into.
    pub const fn sides(&self) -> Sides {
        self.sides
    }

    /// Goes on with a pass that was kept when the program ended.
    pub fn take_up(&mut self, pass: Pass, at: Moment) {
        self.open = Some(OpenPass {
            pass,
            began: at,
            quiet_since: at,
        });
    }

    /// What says that goods pass is not connected, or is again. A pass that goes on does not end because nothing is heard of it: it
    /// is over when that is known, or when it lasted as long as one can.
    pub const fn blind(&mut self, is_blind: bool, at: Moment) {
        if let Some(open) = &mut self.open
            && self.is_blind
            && !is_blind
        {
            open.quiet_since = at;
        }
        self.is_blind = is_blind;
    }

    /// A photo eye was interrupted, or is clear again. Answers whether a pass began.
    pub fn eye(&mut self, eye: usize, is_interrupted: bool, at: Moment) -> bool {
        if !self.timing.by_eyes || eye >= EYES_MAX {
            return false;
        }
        let before = self.interrupted;
        match is_interrupted {
            true => self.interrupted |= 1 << eye,
            false => self.interrupted &= !(1 << eye),
        }
        if self.interrupted == 0 {
            self.is_blocked = false;
        }
        if let Some(open) = &mut self.open
            && before != self.interrupted
        {
            open.quiet_since = at;
        }
        if self.open.is_none() && self.interrupted != 0 && !self.is_blocked {
            self.begin(at);
            return true;
        }
        false
    }

    /// Takes the sightings of a window that ended at `at`. Answers whether a pass began with them.
    pub fn take(&mut self, at: Moment, sightings: &[Sighting]) -> bool {
        let is_news = !self.timing.by_eyes
            && sightings
                .iter()
                .any(|sighting| !self.is_resident(&sighting.epc, at));
        let begins = self.open.is_none() && is_news;
        if begins {
            self.begin(at);
        }
        let is_open = self.open.is_some();
        for sighting in sightings {
            self.meet(sighting, at, is_open);
        }
        if let Some(open) = &mut self.open {
            open.pass.take(at, sightings);
            if is_news {
                open.quiet_since = at;
            }
        }
        begins
    }

    /// A tag is heard. While goods pass, only those that were there before stay known.
    fn meet(&mut self, sighting: &Sighting, at: Moment, is_open: bool) {
        let best = sighting.signal.map_or(NO_SIGNAL, |signal| signal.best_centi_dbm);
        if let Some(known) = self.residents.get_mut(&sighting.epc) {
            if at.since_us(known.last) >= GONE_MS * 1_000 {
                known.first = at;
                known.best_centi_dbm = NO_SIGNAL;
            }
            known.last = at;
            if !is_open {
                known.best_centi_dbm = known.best_centi_dbm.max(best);
            }
        } else if !is_open {
            self.remember(sighting.epc, at, at, best);
        }
    }

    fn remember(&mut self, epc: EpcBytes, first: Moment, last: Moment, best_centi_dbm: i16) {
        if self.residents.len() >= RESIDENTS_MAX {
            self.residents
                .retain(|_, known| last.since_us(known.last) < GONE_MS * 1_000);
        }
        if self.residents.len() < RESIDENTS_MAX {
            self.residents.insert(
                epc,
                Resident {
                    first,
                    last,
                    best_centi_dbm,
                },
            );
        }
    }

    fn is_resident(&self, epc: &EpcBytes, at: Moment) -> bool {
        self.residents.get(epc).is_some_and(|known| is_there(known, at))
    }

    fn begin(&mut self, at: Moment) {
        let mut pass = Pass::new(self.rules, self.sides);
        self.residents
            .retain(|_, known| at.since_us(known.last) < GONE_MS * 1_000);
        let mut there: Vec<(&EpcBytes, &Resident)> = self
            .residents
            .iter()
            .filter(|(_, known)| is_there(known, at))
            .collect();
        // The order in a map means nothing, and what is kept of a pass is the same for the same sightings.
        there.sort_unstable_by_key(|(epc, _)| **epc);
        for (epc, known) in there {
            pass.resident(epc, known.best_centi_dbm);
        }
        pass.advance(at);
        self.open = Some(OpenPass {
            pass,
            began: at,
            quiet_since: at,
        });
    }

    /// When the pass ends if nothing more comes: while an eye is interrupted or the gate is blind, when it has lasted as long as
    /// one can; `None` while none goes on.
    pub fn due(&self) -> Option<Moment> {
        let open = self.open.as_ref()?;
        let latest = open.began.plus_ms(u64::from(self.timing.pass_ms_max));
        let quiet = open.quiet_since.plus_ms(u64::from(self.timing.after_ms));
        Some(match self.interrupted {
            0 if !self.is_blind => quiet.min(latest),
            _ => latest,
        })
    }

    /// The pass, where it is over at `at`.
    pub fn end(&mut self, at: Moment) -> Option<EndedPass> {
        match self.due() {
            Some(due) if due <= at => self.end_at_once(at),
            _ => None,
        }
    }

    /// The pass that goes on, whatever is heard: it is over.
    pub fn end_at_once(&mut self, at: Moment) -> Option<EndedPass> {
        let mut open = self.open.take()?;
        open.pass.advance(at);
        self.is_blocked = self.interrupted != 0;
        let end_ms = open.pass.time_ms();
        let still_there: Vec<_> = open
            .pass
            .tags()
            .filter(|tag| tag.reads > 0 && end_ms.saturating_sub(tag.last_ms) <= STILL_THERE_MS)
            .map(|tag| (tag.epc, tag.best_centi_dbm))
            .collect();
        for (epc, best) in still_there {
            if !self.residents.contains_key(&epc) {
                self.remember(epc, open.began, at, best);
            }
        }
        Some(EndedPass {
            pass: open.pass,
            began: open.began,
            ended: at,
        })
    }

    /// The pass that goes on.
    pub fn pass(&self) -> Option<&Pass> {
        self.open.as_ref().map(|open| &open.pass)
    }

    /// The same, to be kept.
    pub fn pass_mut(&mut self) -> Option<&mut Pass> {
        self.open.as_mut().map(|open| &mut open.pass)
    }

    /// When the pass that goes on began.
    pub fn began(&self) -> Option<Moment> {
        self.open.as_ref().map(|open| open.began)
    }

    /// Nobody wants passes any more: the one that goes on is dropped, and what stood beside it forgotten. The eyes are as
    /// they are.
    pub fn rest(&mut self) {
        self.open = None;
        self.residents.clear();
        self.is_blocked = self.interrupted != 0;
    }
}

/// Whether a tag is among the goods beside the door: it was heard for a while, and is still.
fn is_there(known: &Resident, at: Moment) -> bool {
    known.last.since_us(known.first) >= RESIDENT_MS * 1_000 && at.since_us(known.last) < GONE_MS * 1_000
}

#[cfg(test)]
mod tests {
    use tallyman_codes::Tag;

    use super::*;
    use crate::rfid::{Class, Side};

    const TIMING: GateTiming = GateTiming {
        by_eyes: false,
        after_ms: 2_000,
        pass_ms_max: 20_000,
    };

    fn gate(by_eyes: bool) -> Gate {
        let sides = [Side::Door; tallyman_codes::ANTENNAS_MAX];
        Gate::new(Rules::default(), sides, GateTiming { by_eyes, ..TIMING })
    }

    fn sighting(number: u8, centi_dbm: i32) -> Sighting {
        let tag = Tag {
            epc: EpcBytes::new(&[number; 12]).unwrap(),
            rssi_centi_dbm: Some(centi_dbm),
            antenna: Some(1),
            ..Tag::default()
        };
        Sighting::of(&tag, Moment::default())
    }

    fn at(ms: u64) -> Moment {
        Moment::from_ms(ms)
    }

    /// A tag is heard four times a second, from one time to another.
    fn hear(gate: &mut Gate, number: u8, from_ms: u64, to_ms: u64) -> bool {
        let mut began = false;
        for ms in (from_ms..to_ms).step_by(250) {
            began |= gate.take(at(ms), &[sighting(number, -4_000)]);
        }
        began
    }

    #[test]
    fn eyes_begin_a_pass_and_end_it_a_while_after_the_last_was_clear() {
        let mut gate = gate(true);
        assert!(!hear(&mut gate, 1, 0, 5_000), "tags alone begin nothing");
        assert_eq!(gate.due(), None);
        assert!(gate.eye(0, true, at(5_000)));
        assert!(!gate.eye(1, true, at(6_000)), "it goes on");
        gate.eye(0, false, at(7_000));
        assert_eq!(gate.due(), Some(at(25_000)), "an eye is interrupted");
        gate.eye(1, false, at(8_000));
        assert_eq!(gate.due(), Some(at(10_000)));
        // A fork-lift with a gap: it goes on.
        assert!(!gate.eye(1, true, at(9_000)));
        gate.eye(1, false, at(9_500));
        assert!(gate.end(at(11_000)).is_none());
        let ended = gate.end(at(11_500)).unwrap();
        assert_eq!((ended.began, ended.ended), (at(5_000), at(11_500)));
        let tag = ended.pass.tags().next().unwrap();
        assert!(tag.resident().is_some(), "it stood there before");
        assert_eq!(gate.due(), None);
    }

    #[test]
    fn somebody_in_the_door_ends_a_pass_and_begins_no_other() {
        let mut gate = gate(true);
        assert!(gate.eye(0, true, at(0)));
        assert!(gate.end(at(19_999)).is_none());
        assert!(gate.end(at(20_000)).is_some());
        assert!(!gate.eye(1, true, at(21_000)), "the first eye is not clear");
        gate.eye(0, false, at(22_000));
        gate.eye(1, false, at(22_000));
        assert!(gate.eye(0, true, at(23_000)));
    }

    #[test]
    fn without_eyes_the_first_tag_begins_a_pass_and_the_last_ends_it() {
        let mut gate = gate(false);
        assert!(hear(&mut gate, 1, 0, 3_000));
        assert_eq!(gate.due(), Some(at(4_750)));
        assert!(gate.end(at(4_500)).is_none());
        let ended = gate.end(at(4_750)).unwrap();
        assert_eq!(ended.pass.tags().count(), 1);
        // Much later it comes again, and that is another pass.
        assert!(hear(&mut gate, 1, 60_000, 60_500));
    }

    #[test]
    fn goods_put_down_beside_the_door_are_a_long_pass_and_then_residents() {
        let mut gate = gate(false);
        assert!(hear(&mut gate, 1, 0, 20_000));
        let ended = gate.end(at(20_000)).unwrap();
        // Nothing else went through to be told from: never sure, at most a label to look at.
        let judged = ended.pass.judge(|_| crate::rfid::Known::Nothing);
        assert_ne!(judged.tags[0].class, Class::Sure);
        assert!(!hear(&mut gate, 1, 20_000, 60_000), "it begins nothing any more");
        // Goods that do pass are told from it.
        assert!(gate.take(at(60_000), &[sighting(1, -6_000), sighting(2, -4_000)]));
        hear(&mut gate, 1, 60_250, 63_000);
        assert_eq!(gate.due(), Some(at(62_000)), "residents do not hold it open");
        let ended = gate.end(at(63_000)).unwrap();
        let residents: Vec<bool> = ended.pass.tags().map(|tag| tag.resident().is_some()).collect();
        assert_eq!(residents, [true, false]);
    }

    #[test]
    fn goods_on_their_way_to_the_door_are_no_residents() {
        let mut gate = gate(true);
        hear(&mut gate, 1, 0, 2_500);
        gate.eye(0, true, at(2_500));
        assert_eq!(gate.pass().unwrap().tags().count(), 0);
    }

    #[test]
    fn residents_are_bounded() {
        let mut gate = gate(true);
        for number in 0..RESIDENTS_MAX as u32 + 100 {
            let mut epc = [0; 12];
            epc[..4].copy_from_slice(&number.to_be_bytes());
            let tag = Tag {
                epc: EpcBytes::new(&epc).unwrap(),
                ..Tag::default()
            };
            gate.take(at(0), &[Sighting::of(&tag, at(0))]);
        }
        assert_eq!(gate.residents.len(), RESIDENTS_MAX);
        // Those that are gone make room.
        gate.take(at(60_000), &[sighting(1, -4_000)]);
        assert_eq!(gate.residents.len(), 1);
    }

    #[test]
    fn a_pass_that_was_kept_goes_on_and_ends() {
        let mut first = gate(true);
        first.eye(0, true, at(0));
        hear(&mut first, 1, 0, 2_000);
        let (head, tags) = first.pass_mut().unwrap().take_changed(100);
        let tags: Vec<_> = tags
            .iter()
            .map(|tag| (tag.epc.as_slice(), tag.packed.as_slice()))
            .collect();
        let pass = Pass::restore(Rules::default(), first.sides(), &head, tags).unwrap();
        let mut second = gate(true);
        second.take_up(pass, at(500));
        hear(&mut second, 2, 500, 1_500);
        let ended = second.end(at(2_500)).unwrap();
        assert_eq!(ended.pass.tags().count(), 2);
    }

    #[test]
    fn at_rest_nothing_is_remembered() {
        let mut gate = gate(true);
        hear(&mut gate, 1, 0, 5_000);
        gate.eye(0, true, at(5_000));
        gate.rest();
        assert_eq!((gate.due(), gate.residents.len()), (None, 0));
        gate.eye(0, false, at(6_000));
        assert!(gate.eye(0, true, at(7_000)));
        assert_eq!(gate.pass().unwrap().tags().count(), 0);
    }
}
