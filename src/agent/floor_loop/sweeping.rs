//! The sweep of the place in hand: sightings are added to its evidence, what changed is kept once a second, and a step
//! is told how it stands.
//!
//! It lies beside the session, which is stored whole with every step. Nothing of it is a fact before the place is closed,
//! so no good sound is made of it, and a pulled battery costs what came since the last checkpoint.

use std::sync::Arc;

use tallyman_codes::{Moment, Sighting};
use tallyman_floor::rfid::{Class, GrowthSays, Rules, Sweep};
use tallyman_floor::swept::piece_of;
use tallyman_floor::{SweepFigures, SweepWish, Swept, SweptTag};

use super::beside::Beside;
use crate::seams::{StoreError, SweepPart, SweepStore, SweptPlace};

/// Milliseconds between checkpoints while tags come.
pub(super) const CHECKPOINT_MS: u64 = 1_000;

/// Changed tags after which a checkpoint does not wait for its time.
const CHECKPOINT_TAGS: usize = 200;

/// Tags of one checkpoint at most: a few milliseconds of writing, so that no scan waits for it.
const CHECKPOINT_TAGS_MAX: usize = 2_000;

/// The sweep of one place.
pub(super) struct PlaceSweep {
    pub place: SweptPlace,
    /// The GTINs that are counted there; empty for all.
    gtins: Vec<String>,
    sweep: Sweep,
    /// Tags that a pulled battery would not take.
    kept: u32,
    /// What was to be kept and could not be.
    waiting: Option<SweepPart>,
    /// What was kept before cannot be read: the next checkpoint replaces it.
    is_anew: bool,
    /// When a checkpoint was made last, or tried.
    checked: Moment,
    /// What the next step is told, where nothing came since.
    told: Option<Arc<Swept>>,
}

impl PlaceSweep {
    /// The sweep of a place as far as it was kept. One that cannot be read begins anew: the shelf is still there.
    pub fn take_up(wish: &SweepWish, rules: Rules, store: &dyn SweepStore, now: Moment) -> Self {
        let place = place_of(wish);
        let kept = store.kept_sweep(&place).unwrap_or_else(|error| {
            tracing::error!(%error, "what was swept before cannot be read: the place is swept anew");
            None
        });
        let mut is_anew = false;
        let (sweep, kept) = match kept {
            None => (Sweep::new(rules), 0),
            Some(kept) => {
                let tags = kept
                    .tags
                    .iter()
                    .map(|(epc, tag)| (epc.as_slice(), tag.as_slice()));
                match Sweep::restore(rules, &kept.head, tags) {
                    Ok(sweep) => (sweep, u32::try_from(kept.tags.len()).unwrap_or(u32::MAX)),
                    Err(error) => {
                        tracing::error!(%error, "the place is swept anew");
                        is_anew = true;
                        (Sweep::new(rules), 0)
                    }
                }
            }
        };
        Self {
            place,
            gtins: wish.gtins.clone(),
            sweep,
            kept,
            waiting: None,
            is_anew,
            checked: now,
            told: None,
        }
    }

    /// Whether it is the sweep that is wanted.
    pub fn is_of(&self, wish: &SweepWish) -> bool {
        self.place.task == wish.task && self.place.location == wish.location && self.gtins == wish.gtins
    }

    /// Whether no tag was heard so far.
    pub fn is_empty(&self) -> bool {
        self.sweep.unique() == 0
    }

    /// Adds sightings. Answers how many tags are new.
    pub fn take(&mut self, at: Moment, sightings: &[Sighting]) -> usize {
        self.told = None;
        if self.gtins.is_empty() {
            return self.sweep.take(at, sightings);
        }
        let is_counted = |sighting: &&Sighting| {
            let piece = piece_of(&sighting.epc, sighting.epc_bits, sighting.pc);
            piece.is_some_and(|(gtin, _)| self.gtins.contains(&gtin))
        };
        let counted: Vec<Sighting> = sightings.iter().filter(is_counted).copied().collect();
        self.sweep.take(at, &counted)
    }

    /// When the next checkpoint is due; `None` while all is kept.
    pub fn due(&self) -> Option<Moment> {
        let is_waiting = self.waiting.is_some() || self.sweep.changed() > 0;
        let is_much = self.waiting.is_none() && self.sweep.changed() >= CHECKPOINT_TAGS;
        is_waiting.then(|| match is_much {
            true => self.checked,
            false => self.checked.plus_ms(CHECKPOINT_MS),
        })
    }

    /// Keeps what changed. What could not be kept is tried again with the next checkpoint.
    ///
    /// # Errors
    /// [`StoreError`] where nothing of it was kept.
    pub async fn keep(&mut self, store: &dyn SweepStore, now: Moment) -> Result<(), StoreError> {
        self.checked = now;
        let part = self.waiting.take().unwrap_or_else(|| {
            let (head, tags) = self.sweep.take_changed(CHECKPOINT_TAGS_MAX);
            SweepPart {
                place: self.place.clone(),
                anew: std::mem::take(&mut self.is_anew),
                head,
                tags,
            }
        });
        match store.keep_sweep(part.clone()).await {
            Ok(kept) => {
                self.kept = kept;
                self.told = None;
                Ok(())
            }
            Err(error) => {
                self.waiting = Some(part);
                Err(error)
            }
        }
    }

    /// How it stands, judged anew where something came since. In a blind count nobody knows what is expected here; what was counted
    /// in other places is known.
    pub fn stands(&mut self, beside: &Beside) -> Arc<Swept> {
        if let Some(told) = &self.told {
            return Arc::clone(told);
        }
        let judged = self.sweep.judge(|epc| beside.known(&self.place, epc));
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let figures = SweepFigures {
            sure: count(judged.tally.sure),
            maybe: count(judged.tally.maybe),
            stray: count(judged.tally.stray),
            kept: self.kept,
            is_done: judged.growth.says == GrowthSays::Done,
        };
        let tags = self.sweep.tags().zip(&judged.classes);
        let tags = tags.map(|(tag, class)| SweptTag {
            epc: tag.epc,
            epc_bits: None,
            pc: Some(tag.pc).filter(|pc| *pc != 0),
            class: *class,
        });
        let swept = Arc::new(Swept {
            figures,
            tags: tags.collect(),
        });
        self.told = Some(Arc::clone(&swept));
        swept
    }

    /// The tags that are sure.
    pub fn sure(&mut self, beside: &Beside) -> Vec<tallyman_codes::EpcBytes> {
        let swept = self.stands(beside);
        let sure = swept.tags.iter().filter(|tag| tag.class == Class::Sure);
        sure.map(|tag| tag.epc).collect()
    }

    /// A tag of each GTIN that was heard, to look for others of the kind.
    pub fn known(&self) -> impl Iterator<Item = (String, tallyman_codes::EpcBytes)> + '_ {
        self.sweep.tags().filter_map(|tag| {
            let (gtin, _) = piece_of(&tag.epc, None, Some(tag.pc).filter(|pc| *pc != 0))?;
            Some((gtin, tag.epc))
        })
    }
}

/// The place that a wish is about.
pub(super) fn place_of(wish: &SweepWish) -> SweptPlace {
    SweptPlace {
        task: wish.task.clone(),
        location: wish.location.clone(),
    }
}
