//! Whether goods moved at a location while it was counted, as far as that can be told.
//!
//! The book that a count is compared with is the one at the moment its end came to the hub. A movement that another
//! device made before or during the count and handed in later, or that came in between, is in one of the two figures and
//! not in the other. When things were done is known as well as [`super::moments`] says: what may overlap is counted again.

use tallyman_floor::wire::v1::ConfirmationBody;

use super::moments::{Done, Span};

/// How far back in the journal a count is looked for: what a site confirms in an hour or two.
pub(crate) const PLACES_MAX: i64 = 20_000;

/// A fact about the location: a movement of the item, or a part of the count.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) place: i64,
    pub(crate) device: String,
    pub(crate) device_name: String,
    pub(crate) body: Option<ConfirmationBody>,
    /// When it was done; `None` where it cannot be read.
    pub(crate) done: Option<Done>,
}

/// The name of another device whose movement overlaps with the count of `task` that `counter` ended at this place in the
/// journal.
pub(crate) fn find(
    counter: &str,
    (end, ended): (i64, Done),
    task: Option<&str>,
    seen: &[Seen],
) -> Option<String> {
    let is_part = |fact: &&Seen| {
        let body = fact.body.as_ref();
        fact.device == counter
            && fact.place <= end
            && body.is_some_and(|body| body.act == "counted" && body.task.as_deref() == task)
    };
    let parts: Vec<&Seen> = seen.iter().filter(is_part).collect();
    let first = parts.first().map_or(end, |part| part.place);
    let spans = parts.iter().filter_map(|part| part.done).map(Done::span);
    let count = spans.fold(ended.span(), |count, part| part.until(count));
    let moved = seen.iter().find(|fact| {
        let (Some(body), Some(done)) = (&fact.body, fact.done) else {
            return false;
        };
        fact.device != counter
            && !body.act.contains("count")
            && overlaps(fact.place, done.span(), (first, end), count)
    });
    moved.map(|fact| fact.device_name.clone())
}

/// Whether a movement, at its place in the journal, is on the wrong side of the count.
fn overlaps(place: i64, moved: Span, (first, end): (i64, i64), count: Span) -> bool {
    if place > end {
        // It came after the count: it must have happened after it.
        return !count.is_before(moved);
    }
    // It came before the end: it must not have happened during the count, nor have come during it.
    place > first || !moved.is_before(count)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_movement_is_on_the_right_side_or_overlaps() {
        let at = |minute: i64| Timestamp::from_second(1_795_000_000 + minute * 60).unwrap();
        let count = Done::At(at(30)).span().until(Done::At(at(40)).span());
        let unknown = Done::Between {
            earliest: at(10),
            latest: at(60),
            likely: None,
        };
        let likely = |minute: i64| Done::Between {
            earliest: at(0),
            latest: at(90),
            likely: Some(at(minute)),
        };
        // The count goes from minute 30 to 40, and its parts lie at 100 to 110 of the journal.
        for (place, done, expected) in [
            (50, Done::At(at(10)), false),
            (50, Done::At(at(35)), true),
            (105, Done::At(at(10)), true),
            (120, Done::At(at(60)), false),
            (120, Done::At(at(35)), true),
            (120, Done::At(at(10)), true),
            (120, Done::At(at(41)), false),
            // A wall clock may be wrong by more.
            (120, likely(41), true),
            (120, likely(60), false),
            (120, unknown, true),
            (50, unknown, true),
        ] {
            let found = overlaps(place, done.span(), (100, 110), count);
            assert_eq!(found, expected, "at {place}, {done:?}");
        }
    }
}
