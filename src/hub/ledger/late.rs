//! Late facts: goods that were moved before a place was counted, and of which the hub hears when the count is settled: its
//! difference accepted, or none found. The book is off by them from then on, and a supervisor is told.
//!
//! A count says what lay there, whoever had moved it; so what comes in later and was done before it moves goods in the book
//! that the count has moved already. Taking it off again is one click. When things were done is known as well as
//! [`super::moments`] says; where it cannot be told, the place is better counted again.
//!
//! While the difference is open, a movement that may belong before the count makes it one that cannot be compared. And what
//! is moved in a place of a physical inventory after its cut-off, or told after it, is told while the place is not counted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tallyman_floor::wire::v1::ConfirmationBody;
use tallyman_floor::{Act, Quantity};

use super::counts::Step;
use super::exception::ExceptionKind;
use super::moments::Span;
use super::posting::{CountKey, ExceptionRow};
use super::resolution::Resolution;

/// Entries that are looked at in one go; the next look takes up the rest.
pub(crate) const ENTRIES_MAX: i64 = 5_000;

/// Entries that are looked back through where a cut-off lies before its inventory was made.
pub(crate) const LOOK_BACK_MAX: i64 = 50_000;

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
    pub(crate) exception: i64,
    pub(crate) kind: String,
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
    /// The difference of the count that is open; `None` where the count is settled.
    pub(crate) open: Option<i64>,
}

/// A physical inventory that counts a place.
#[derive(Debug)]
pub(crate) struct CutOff {
    /// What the inventory is called.
    pub(crate) name: String,
    pub(crate) at: Timestamp,
    /// The last place of the journal when it was made.
    pub(crate) journal: i64,
}

/// A movement at a place of an inventory around its cut-off.
#[derive(Debug)]
pub(crate) struct Crossing {
    pub(crate) inventory: String,
    pub(crate) location: String,
    pub(crate) device: String,
    pub(crate) device_name: String,
    pub(crate) body: ConfirmationBody,
    /// Whether it was surely done before the cut-off.
    pub(crate) is_before: bool,
}

/// Whether a movement has to be told because of a cut-off: it came in after that, and before the place was counted.
pub(crate) fn crosses(
    cut_off: &CutOff,
    count: Option<&CountEnd>,
    moved: &Moved,
    received: Timestamp,
) -> bool {
    let is_counted =
        count.is_some_and(|count| count.journal > cut_off.journal && count.journal < moved.journal);
    !is_counted && received > cut_off.at
}

/// What follows from movements around a cut-off: one exception for each place, which counts them. `open` gives the one that
/// is there already.
pub(crate) fn crossed(crossings: Vec<Crossing>, open: impl Fn(&str) -> Option<i64>) -> Vec<Step> {
    let mut of_place: BTreeMap<String, (Crossing, i64)> = BTreeMap::new();
    for crossing in crossings {
        let location = crossing.location.clone();
        let (_, movements) = of_place.entry(location).or_insert((crossing, 0));
        *movements += 1;
    }
    let steps = of_place.into_iter().map(|(location, (first, movements))| {
        if let Some(exception) = open(&location) {
            return Step::More {
                exception,
                movements,
            };
        }
        let Crossing {
            inventory,
            device_name,
            ..
        } = &first;
        let message = if first.is_before {
            format!("{device_name} handed in after the cut-off of {inventory} what it had moved at {location} before it.")
        } else {
            format!("Goods were moved at {location} between the cut-off of {inventory} and its count, first with {device_name}.")
        };
        Step::Raise(Box::new(ExceptionRow {
            location,
            item: String::new(),
            lot: String::new(),
            found: Quantity::whole(movements),
            message,
            ..ExceptionRow::about(ExceptionKind::CutOffCrossed, &first.device, &first.body)
        }))
    });
    steps.collect()
}

/// Whether a movement that the hub took after a count's end may change what the count came to.
pub(crate) fn concerns(count: &CountEnd, moved: &Moved, device: &str) -> bool {
    // The counter's own facts come in the order in which they were done.
    moved.journal > count.journal
        && device != count.device
        && (count.item.is_empty() || count.item == moved.key.0)
}

/// What a movement that the count may have known means for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Nothing: the count changed nothing, or was decided by who knew of the movement.
    Nothing,
    /// The count is settled, and the book is off.
    Reopens,
    /// Its difference is open, and cannot be compared.
    Overlaps(i64),
}

/// What a movement means for a count, by what became of its difference. Where the book was left as it was, or the place is to
/// be counted again, the count changed nothing.
pub(crate) fn meaning(settled: Option<&Settled>, moved: &Moved) -> Meaning {
    let Some(settled) = settled else {
        // It agreed with the book.
        return Meaning::Reopens;
    };
    let is_accepted = settled.state == "resolved" && settled.resolution == Resolution::AcceptCount.word();
    let is_told = settled.kind == ExceptionKind::CountOverlap.word();
    match settled.state.as_str() {
        "open" if !is_told => Meaning::Overlaps(settled.exception),
        _ if is_accepted && moved.entry > settled.posted => Meaning::Reopens,
        _ => Meaning::Nothing,
    }
}

/// What follows from a late movement.
pub(crate) fn follows(late: &Late) -> Option<Step> {
    if late.counted.is_before(late.done) {
        return None;
    }
    Some(match late.open {
        Some(exception) => Step::Turn {
            exception,
            kind: ExceptionKind::CountOverlap,
            message: moved_meanwhile(&late.moved.location, &late.device_name),
        },
        None => Step::Raise(Box::new(reopened(late))),
    })
}

/// What is said of a count that cannot be compared with the book.
pub(crate) fn moved_meanwhile(location: &str, device_name: &str) -> String {
    format!("Goods were moved at {location} with {device_name} while it was counted. Have it counted again.")
}

/// The exception that a late movement is.
fn reopened(late: &Late) -> ExceptionRow {
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
    ExceptionRow {
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
    }
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
    fn what_a_movement_means_is_said_by_what_became_of_the_count() {
        let settled = |state: &str, resolution: &str| Settled {
            exception: 7,
            kind: "count_variance".to_owned(),
            state: state.to_owned(),
            resolution: resolution.to_owned(),
            posted: 20,
        };
        let told = Settled {
            kind: "count_overlap".to_owned(),
            ..settled("open", "")
        };
        for (what, settled, entry, expected) in [
            ("agreed", None, 5, Meaning::Reopens),
            ("open", Some(settled("open", "")), 25, Meaning::Overlaps(7)),
            ("told already", Some(told), 25, Meaning::Nothing),
            (
                "accepted",
                Some(settled("resolved", "accept_count")),
                25,
                Meaning::Reopens,
            ),
            (
                "known when it was accepted",
                Some(settled("resolved", "accept_count")),
                15,
                Meaning::Nothing,
            ),
            (
                "the book was left",
                Some(settled("resolved", "noted")),
                25,
                Meaning::Nothing,
            ),
            (
                "counted again",
                Some(settled("resolved", "count_again")),
                25,
                Meaning::Nothing,
            ),
            ("taken back", Some(settled("withdrawn", "")), 25, Meaning::Nothing),
        ] {
            let found = meaning(settled.as_ref(), &moved(entry, 11, "MILK"));
            assert_eq!(found, expected, "{what}");
        }
    }

    #[test]
    fn what_comes_after_the_cut_off_is_told_until_the_place_is_counted() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let cut_off = CutOff {
            name: "PI-1".to_owned(),
            at: at(100),
            journal: 5,
        };
        let count = |journal| CountEnd {
            journal,
            ..CountEnd::default()
        };
        for (what, count, received, expected) in [
            ("not counted", None, 101, true),
            ("before the cut-off", None, 100, false),
            ("counted", Some(count(10)), 101, false),
            ("counted for something before", Some(count(4)), 101, true),
            ("counted afterwards", Some(count(12)), 101, true),
        ] {
            let found = crosses(&cut_off, count.as_ref(), &moved(20, 11, "MILK"), at(received));
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
