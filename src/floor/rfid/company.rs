//! The company of a tag: the tags that were strongest in the same windows of a sweep.
//!
//! The goods of a bin are strongest while the reader stands before them, and so together. What lies beside the bin is strongest when
//! the reader is nearest to it, at the edges, together with what lies farther still. So a tag that is near by its own strength, and
//! whose company is far, is hardly of the bin; and a weak one in the middle of it is. No strength says that: it is a matter of time.

use super::sweep_evidence::SweepEvidence;

/// How near the tags were that were strongest in each window.
pub(super) struct Company {
    /// By the number of the window: how near they were together, in thousandths of a tag, and how many they were.
    windows: Vec<(u64, u64)>,
}

impl Company {
    /// Of tags, each with how near it is by itself: 0 for far to 1,000 for near.
    pub(super) fn of<'a>(tags: impl Iterator<Item = (&'a SweepEvidence, u32)>) -> Self {
        let mut windows: Vec<(u64, u64)> = Vec::new();
        for (tag, near) in tags {
            for window in tag.top_windows() {
                let window = usize::from(window);
                if windows.len() <= window {
                    windows.resize(window + 1, (0, 0));
                }
                if let Some((sum, count)) = windows.get_mut(window) {
                    *sum += u64::from(near);
                    *count += 1;
                }
            }
        }
        Self { windows }
    }

    /// How near the others were that were strongest together with a tag of it, in thousandths. The tag counts once, so that one that
    /// is alone is as near as it is by itself.
    pub(super) fn of_tag(&self, tag: &SweepEvidence, near: u32) -> i64 {
        let (mut sum, mut count) = (u64::from(near), 1);
        for window in tag.top_windows() {
            if let Some((near_there, tags)) = self.windows.get(usize::from(window)) {
                sum += near_there.saturating_sub(u64::from(near));
                count += tags.saturating_sub(1);
            }
        }
        i64::try_from(sum / count).unwrap_or(i64::MAX)
    }
}
