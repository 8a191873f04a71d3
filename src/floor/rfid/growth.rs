//! The growth curve of a sweep: whether every tag has been heard, or the worker should go on.
//!
//! Two questions, and both must be answered yes. Has no new tag come for a while? And how many are likely still unheard: of
//! a sweep in which many tags were heard in one window only, more are to come (the estimate of A. Chao, "Nonparametric
//! estimation of the number of classes in a population", 1984, in the form that needs no tags heard twice). Windows
//! are counted and not reads: ten reads in a quarter of a second are one look.

use super::rules::Rules;
use super::sweep_evidence::SweepEvidence;

/// How a sweep is getting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// Tags that are not stray.
    pub heard: u32,
    /// How many more there are likely to be.
    pub unheard: u32,
    /// Tags that came within the last [`Rules::growth_quiet_ms`].
    pub lately: u32,
    /// What to tell the worker.
    pub says: GrowthSays,
}

/// What to tell the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrowthSays {
    /// More tags are to be expected.
    KeepGoing,
    /// What can be heard has been heard.
    Done,
}

impl Growth {
    /// The growth of tags that are not stray, at a time of the sweep.
    pub(super) fn of<'a>(
        tags: impl Iterator<Item = &'a SweepEvidence>,
        at_ms: u32,
        windows: u32,
        rules: &Rules,
    ) -> Self {
        let quiet_ms = rules.growth_quiet_ms.unsigned_abs();
        let (mut heard, mut once, mut twice, mut lately) = (0u32, 0u64, 0u64, 0u32);
        for tag in tags {
            heard += 1;
            once += u64::from(tag.windows == 1);
            twice += u64::from(tag.windows == 2);
            lately += u32::from(at_ms.saturating_sub(tag.first_ms) < quiet_ms);
        }
        let unheard = (once * once.saturating_sub(1)).div_ceil(2 * (twice + 1));
        let unheard = u32::try_from(unheard).unwrap_or(u32::MAX);
        let share = u64::from(unheard) * 1_000;
        let may_be_unheard = u64::from(heard.saturating_add(unheard)) * rules.growth_unseen_per_mille as u64;
        let is_done = lately == 0
            && i64::from(windows) >= i64::from(rules.growth_windows_min)
            && share <= may_be_unheard;
        Self {
            heard,
            unheard,
            lately,
            says: if is_done {
                GrowthSays::Done
            } else {
                GrowthSays::KeepGoing
            },
        }
    }
}
