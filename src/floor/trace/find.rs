//! Finding a step among the entries of a device, and playing it with those before it in its run.

use jiff::Timestamp;
use serde::Serialize;

use crate::wire::v1::{ConfirmationBody, ReversesBody};

use super::{CannotReplay, Explained, Glimpse, Replay, ReplaySays, explain};

/// Which step is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The one that made a confirmation: its epoch and seq.
    Made(u32, u64),
    /// Steps at which a code with this text was scanned, and at this time where one is given.
    Scanned {
        /// The text; any where it is empty.
        text: String,
        /// The time, by the device's clock.
        at: Option<Timestamp>,
    },
}

/// A step that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The number of its entry.
    pub number: u64,
    /// The step.
    pub explained: Explained,
    /// The place of the wanted confirmation among those that it makes.
    pub place: usize,
}

/// How the record in a journal compares with what the step makes of it by these rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordSays {
    /// It is the same fact.
    Same,
    /// It is another one, or none is made.
    Another,
    /// The step cannot be replayed.
    Unknown,
}

/// A confirmation, and the step that made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Traced {
    /// What the journal says; `None` where it cannot be read.
    pub record: Option<ConfirmationBody>,
    /// The step; `None` where no entry that is kept made it.
    pub found: Option<Found>,
    /// Whether the step makes it.
    pub says: RecordSays,
}

impl Traced {
    /// Whether the step was judged again, to the same verdict and the same fact.
    pub fn holds(&self) -> bool {
        let is_same = |found: &Found| found.explained.replay == ReplaySays::Same;
        self.says == RecordSays::Same && self.found.as_ref().is_some_and(is_same)
    }
}

/// Finds the step that made a record of the journal, and judges it again.
pub fn trace_of_record(entries: &[(u64, String)], record: &[u8], epoch: u32, seq: u64) -> Traced {
    let record: Option<ConfirmationBody> = serde_json::from_slice(record).ok();
    // A record that was written again in a later epoch was made under its first place.
    let first = record.as_ref().and_then(|record| record.first.as_ref());
    let (epoch, seq) = first.map_or((epoch, seq), |first| (first.epoch, first.seq));
    let found = find(entries, &Wanted::Made(epoch, seq), 1).pop();
    let says = match (&found, &record) {
        (Some(found), Some(record)) if !found.explained.is_without_replay() => {
            let made = found.explained.confirmations.get(found.place);
            if made.is_some_and(|made| plain(made) == plain(record)) {
                RecordSays::Same
            } else {
                RecordSays::Another
            }
        }
        _ => RecordSays::Unknown,
    };
    Traced { record, found, says }
}

/// A fact without what depends on the place of a record in the journal.
fn plain(body: &ConfirmationBody) -> ConfirmationBody {
    ConfirmationBody {
        first: None,
        reverses: body.reverses.as_ref().map(|reverses| ReversesBody {
            epoch: 0,
            seq: 0,
            act: reverses.act.clone(),
        }),
        ..body.clone()
    }
}

/// Seconds around a time within which a step counts as done then.
const AROUND_SECONDS: u64 = 60;

impl Wanted {
    fn is(&self, glimpse: &Glimpse) -> bool {
        match self {
            Self::Made(epoch, seq) => glimpse.has_made(*epoch, *seq),
            Self::Scanned { text, at } => {
                let is_then = at.is_none_or(|at| {
                    let apart = glimpse
                        .wall
                        .map(|wall| wall.duration_since(at).unsigned_abs().as_secs());
                    apart.is_some_and(|seconds| seconds <= AROUND_SECONDS)
                });
                let is_scan = text.is_empty() || glimpse.has_scanned(text);
                is_then && is_scan && !(text.is_empty() && glimpse.scans().is_empty())
            }
        }
    }

    fn place(&self, glimpse: &Glimpse) -> usize {
        match (self, glimpse.makes()) {
            (Self::Made(_, seq), Some((_, first, _))) => {
                usize::try_from(seq.saturating_sub(first)).unwrap_or(usize::MAX)
            }
            _ => 0,
        }
    }
}

/// The newest steps that are wanted, the newest first, at most so many. `entries` are those of one device, numbered, in
/// the order of their numbers.
pub fn find(entries: &[(u64, String)], wanted: &Wanted, steps_max: usize) -> Vec<Found> {
    let glimpsed = entries.iter().enumerate().rev();
    let of = |(place, (_, text)): (usize, &(u64, String))| Some((place, Glimpse::of(text)?));
    let found = glimpsed.filter_map(of).filter(|(_, glimpse)| wanted.is(glimpse));
    found
        .take(steps_max)
        .filter_map(|(place, glimpse)| {
            let (number, text) = entries.get(place)?;
            let replayed = played(entries, place, &glimpse);
            Some(Found {
                number: *number,
                explained: explain(text, &replayed),
                place: wanted.place(&glimpse),
            })
        })
        .collect()
}

/// Plays a run up to an entry.
fn played(
    entries: &[(u64, String)],
    place: usize,
    glimpse: &Glimpse,
) -> Result<super::Replayed, CannotReplay> {
    let mut replay = Replay::default();
    let begun = usize::try_from(glimpse.at)
        .ok()
        .and_then(|at| place.checked_sub(at));
    // Where entries are missing the first that is there says so.
    for (_, text) in entries.get(begun.unwrap_or(place)..place).unwrap_or_default() {
        let _ = replay.play(text);
    }
    entries
        .get(place)
        .map_or(Err(CannotReplay::Incomplete), |(_, text)| replay.play(text))
}
