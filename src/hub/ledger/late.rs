//! Late facts: goods that were moved before a place was counted, and of which the hub hears when the count is settled: its
//! difference accepted, or none found. The book is off by them from then on, and a supervisor is told.
//!
//! A count says what lay there, whoever had moved it; so what comes in later and was done before it moves goods in the book
//! that the count has moved already. Taking it off again is one click. When things were done is known as well as
//! [`super::moments`] says; where it cannot be told, the place is better counted again.

use tallyman_floor::wire::v1::ConfirmationBody;
use tallyman_floor::{Act, Quantity};

use super::exception::ExceptionKind;
use super::moments::Span;
use super::posting::{CountKey, ExceptionRow};
use super::resolution::Resolution;

/// Entries that are looked at in one go; the next look takes up the rest.
pub(crate) const ENTRIES_MAX: i64 = 5_000;

/// So many entries are looked at again rather than written down as seen.
const ENTRIES_UNSEEN_MAX: i64 = 1_000;

/// The end of a location's count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CountEnd {
    /// The place of its fact in the journal.
    pub(crate) journal: i64,
    pub(crate) task: String,
    /// The item that alone was counted; empty for all that lies there.
    pub(crate) item: String,
    pub(crate) device: String,
}

/// What an entry of a location says: goods that a fact moved there or from there.
#[derive(Debug)]
pub(crate) struct Moved {
    pub(crate) entry: i64,
    /// The place of the fact in the journal.
    pub(crate) journal: i64,
    pub(crate) location: String,
    pub(crate) key: CountKey,
    /// Less than none where they left.
    pub(crate) micro: i64,
}

/// The exception that a count had raised about an item, as it is now.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) state: String,
    pub(crate) resolution: String,
    /// The last entry of what was posted when it was decided; 0 for nothing.
    pub(crate) posted: i64,
}

/// A movement that may belong before a count.
#[derive(Debug)]
pub(crate) struct Late {
    pub(crate) moved: Moved,
    /// The device that made it, and what people call it.
    pub(crate) device: String,
    pub(crate) device_name: String,
    pub(crate) body: ConfirmationBody,
    /// Between which moments it was done, and the count.
    pub(crate) done: Span,
    pub(crate) counted: Span,
}

/// Whether a movement that the hub took after a count's end may change what the count came to.
pub(crate) fn concerns(count: &CountEnd, moved: &Moved, device: &str) -> bool {
    // The counter's own facts come in the order in which they were done.
    moved.journal > count.journal
        && device != count.device
        && (count.item.is_empty() || count.item == moved.key.0)
}

/// Whether the count is settled and knew nothing of the movement. While its difference is open, that is looked at when it
/// is decided; where the book was left as it was, or the place is to be counted again, the count changed nothing.
pub(crate) fn is_settled(settled: Option<&Settled>, moved: &Moved) -> bool {
    match settled {
        // It agreed with the book.
        None => true,
        Some(settled) => {
            settled.state == "resolved"
                && settled.resolution == Resolution::AcceptCount.word()
                && moved.entry > settled.posted
        }
    }
}

/// The exception that a late movement is.
pub(crate) fn reopened(late: &Late) -> Option<ExceptionRow> {
    if late.counted.is_before(late.done) {
        return None;
    }
    let Moved {
        journal,
        location,
        key: (item, lot, serial),
        micro,
        ..
    } = &late.moved;
    let quantity = Quantity::from_micro(micro.saturating_abs());
    let way = if *micro < 0 { "left" } else { "came to" };
    let when = if late.done.is_before(late.counted) {
        "that was before the count, which knew it already. Take it off the book again."
    } else {
        "whether that was before or after the count cannot be told. Have it counted again if in doubt."
    };
    Some(ExceptionRow {
        journal: Some(*journal),
        location: location.clone(),
        item: item.clone(),
        lot: lot.clone(),
        serial: serial.clone(),
        found: Some(Quantity::from_micro(*micro)),
        message: format!(
            "{} handed in after the count was settled that {quantity} {way} {location}: {when}",
            late.device_name
        ),
        ..ExceptionRow::about(ExceptionKind::CountReopened, &late.device, &late.body)
    })
}

/// The epoch and the seq of the fact that this one takes back.
pub(crate) fn taken_back(body: &ConfirmationBody) -> Option<(u32, u64)> {
    let reverses = body.reverses.as_ref()?;
    (body.act == Act::Reversed.word()).then_some((reverses.epoch, reverses.seq))
}

/// The last entry that is looked at by now, where that has to be written down.
pub(crate) fn seen(before: i64, last: i64, raises: bool) -> Option<i64> {
    let is_far = last.saturating_sub(before) >= ENTRIES_UNSEEN_MAX;
    (last > before && (raises || is_far)).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(entry: i64, journal: i64, item: &str) -> Moved {
        Moved {
            entry,
            journal,
            location: "A-01".to_owned(),
            key: (item.to_owned(), String::new(), String::new()),
            micro: -2_000_000,
        }
    }

    #[test]
    fn what_came_after_a_count_from_somebody_else_concerns_it() {
        let count = |item: &str| CountEnd {
            journal: 10,
            item: item.to_owned(),
            device: "H1".to_owned(),
            ..CountEnd::default()
        };
        for (what, item, journal, device, expected) in [
            ("later", "", 11, "H2", true),
            ("known to the count", "", 9, "H2", false),
            ("the counter's own", "", 11, "H1", false),
            ("of the item", "MILK", 11, "H2", true),
            ("of another item", "CREAM", 11, "H2", false),
        ] {
            let found = concerns(&count(item), &moved(1, journal, "MILK"), device);
            assert_eq!(found, expected, "{what}");
        }
    }

    #[test]
    fn a_count_is_settled_by_agreeing_or_by_being_accepted() {
        let settled = |state: &str, resolution: &str| Settled {
            state: state.to_owned(),
            resolution: resolution.to_owned(),
            posted: 20,
        };
        for (what, settled, entry, expected) in [
            ("agreed", None, 5, true),
            ("open", Some(settled("open", "")), 25, false),
            ("accepted", Some(settled("resolved", "accept_count")), 25, true),
            (
                "known when it was accepted",
                Some(settled("resolved", "accept_count")),
                15,
                false,
            ),
            ("the book was left", Some(settled("resolved", "noted")), 25, false),
            (
                "counted again",
                Some(settled("resolved", "count_again")),
                25,
                false,
            ),
            ("taken back", Some(settled("withdrawn", "")), 25, false),
        ] {
            let found = is_settled(settled.as_ref(), &moved(entry, 11, "MILK"));
            assert_eq!(found, expected, "{what}");
        }
    }

    #[test]
    fn what_was_looked_at_is_written_down_now_and_then() {
        for (before, last, raises, expected) in [
            (5, 5, false, None),
            (5, 6, false, None),
            (5, 6, true, Some(6)),
            (5, 5, true, None),
            (5, 1_005, false, Some(1_005)),
        ] {
            assert_eq!(seen(before, last, raises), expected, "{before} to {last}");
        }
    }
}
