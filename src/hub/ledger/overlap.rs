//! Whether goods moved at a location while it was counted, as far as that can be told.
//!
//! The book that a count is compared with is the one at the moment its end came to the hub. A movement that another
//! device made before or during the count and handed in later, or that came in between, is in one of the two figures and
//! not in the other. The clocks of devices give bounds for that and nothing else: what may overlap is counted again.

use jiff::{SignedDuration, Timestamp};
use tallyman_floor::wire::v1::ConfirmationBody;

/// How far back in the journal a count is looked for: what a site confirms in an hour or two.
pub(crate) const PLACES_MAX: i64 = 20_000;

/// How far the clocks of two devices may differ.
const SLACK: SignedDuration = SignedDuration::from_secs(120);

/// A fact about the location: a movement of the item, or a part of the count.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) place: i64,
    pub(crate) device: String,
    pub(crate) device_name: String,
    pub(crate) body: Option<ConfirmationBody>,
}

/// The name of another device whose movement overlaps with the count that `counter` ended at `end` in the journal.
pub(crate) fn find(counter: &str, end: i64, ended: &ConfirmationBody, seen: Vec<Seen>) -> Option<String> {
    let is_part = |fact: &&Seen| {
        let body = fact.body.as_ref();
        fact.device == counter
            && fact.place <= end
            && body.is_some_and(|body| body.act == "counted" && body.task == ended.task)
    };
    let parts: Vec<&Seen> = seen.iter().filter(is_part).collect();
    let first = parts.first().map_or(end, |part| part.place);
    let walls = parts
        .iter()
        .filter_map(|part| part.body.as_ref().map(|body| body.wall));
    let begun = walls.chain([ended.wall]).min().unwrap_or(ended.wall);
    let moved = seen.iter().find(|fact| {
        let Some(body) = &fact.body else { return false };
        fact.device != counter
            && !body.act.contains("count")
            && overlaps(fact.place, body.wall, (first, end), (begun, ended.wall))
    });
    moved.map(|fact| fact.device_name.clone())
}

/// Whether a movement, at its place in the journal and by its device's clock, is on the wrong side of the count.
fn overlaps(
    place: i64,
    wall: Timestamp,
    (first, end): (i64, i64),
    (begun, ended): (Timestamp, Timestamp),
) -> bool {
    let since = begun.saturating_sub(SLACK).unwrap_or(Timestamp::MIN);
    let until = ended.saturating_add(SLACK).unwrap_or(Timestamp::MAX);
    if place > end {
        // It came after the count: it must have happened after it.
        return wall <= until;
    }
    // It came before the end: it must not have happened during the count, nor have come during it.
    place > first || wall >= since
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_movement_is_on_the_right_side_or_overlaps() {
        let at = |minute: i64| Timestamp::from_second(1_795_000_000 + minute * 60).unwrap();
        // The count goes from minute 30 to 40, and its parts lie at 100 to 110 of the journal.
        for (place, minute, expected) in [
            (50, 10, false),
            (50, 35, true),
            (105, 10, true),
            (120, 60, false),
            (120, 35, true),
            (120, 10, true),
            (120, 41, true),
        ] {
            let found = overlaps(place, at(minute), (100, 110), (at(30), at(40)));
            assert_eq!(found, expected, "at {place}, minute {minute}");
        }
    }
}
