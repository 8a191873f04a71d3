//! What a module has to say, and when.

use std::collections::VecDeque;

use tallyman_codes::{EpcBytes, Moment};

/// One frame, and the tags that it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The frame.
    pub bytes: Vec<u8>,
    /// The tags in it.
    pub tags: Vec<EpcBytes>,
}

/// Frames that wait for their moment, in its order.
#[derive(Debug, Default)]
pub(super) struct Mouth {
    waiting: VecDeque<(Moment, Spoken)>,
}

impl Mouth {
    /// Says a frame at this moment, or after what was said before.
    pub(super) fn say(&mut self, at: Moment, bytes: Vec<u8>) {
        self.tell(at, bytes, vec![]);
    }

    /// The same, with tags in it.
    pub(super) fn tell(&mut self, at: Moment, bytes: Vec<u8>, tags: Vec<EpcBytes>) {
        let at = self.waiting.back().map_or(at, |(last, _)| at.max(*last));
        self.waiting.push_back((at, Spoken { bytes, tags }));
    }

    /// When the next frame is due.
    pub(super) fn due(&self) -> Option<Moment> {
        self.waiting.front().map(|(at, _)| *at)
    }

    /// The next frame, if it is due.
    pub(super) fn take(&mut self, at: Moment) -> Option<Spoken> {
        self.due().filter(|due| *due <= at)?;
        self.waiting.pop_front().map(|(_, spoken)| spoken)
    }

    /// What tells of tags is not said any more.
    pub(super) fn forget_tags(&mut self) {
        self.waiting.retain(|(_, spoken)| spoken.tags.is_empty());
    }

    /// Nothing is said any more: the power is gone.
    pub(super) fn hush(&mut self) {
        self.waiting.clear();
    }
}
