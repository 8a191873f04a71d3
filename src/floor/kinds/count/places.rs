//! Which place comes next, and which line of a place goods are counted for.

use crate::ids::{ItemId, LineNumber, LocationId};
use crate::session::stage::Tally;
use crate::session::work::Work;
use crate::task::Line;

/// Places put off that are kept: the session is stored with every step. Beyond it, the one put off first comes again.
const SKIPPED_MAX: usize = 16;

/// The lines of a place.
pub(super) fn lines_at<'w>(work: &'w Work<'_>, location: &LocationId) -> impl Iterator<Item = &'w Line> {
    let lines = work.task.lines.iter();
    lines.filter(move |line| line.location.as_ref() == Some(location))
}

/// The lines of a place that are not ended.
pub(super) fn open_at<'w>(work: &'w Work<'_>, location: &LocationId) -> impl Iterator<Item = &'w Line> {
    lines_at(work, location).filter(|line| !work.standing.is_done(line))
}

/// The line of a place that an item is counted for: the one that names it, else the one of the whole place. `None`
/// where only other items are counted there.
pub(super) fn line_for<'w>(
    work: &'w Work<'_>,
    location: &LocationId,
    item: Option<&ItemId>,
) -> Option<&'w Line> {
    let best = |line: &&Line| {
        let is_named = line.item.is_some();
        (!is_named, work.standing.is_done(line))
    };
    let fits = |line: &&Line| line.item.is_none() || line.item.as_ref() == item;
    lines_at(work, location).filter(fits).min_by_key(best)
}

/// Whether something was counted in a place already, in this session or before.
pub(super) fn is_begun(work: &Work<'_>, location: &LocationId) -> bool {
    let is_counted = |line: &Line| work.standing.line(line.number).quantity.is_positive();
    let in_hand = work.stage.location.as_ref() == Some(location) && !work.stage.tally.is_empty();
    in_hand || lines_at(work, location).any(is_counted)
}

/// The line whose place is shown next: the first open one that was not put off, from the one in hand on.
pub(super) fn next_line<'w>(work: &'w Work<'_>) -> Option<&'w Line> {
    let first = work.line_wanted()?;
    let is_put_off = |line: &Line| work.stage.skipped.contains(&line.number);
    if !is_put_off(first) {
        return Some(first);
    }
    let lines = &work.task.lines;
    let start = work.task.position(first.number).unwrap_or(0);
    let (before, after) = lines.split_at_checked(start)?;
    let mut in_order = after.iter().chain(before);
    let is_next = |line: &&Line| !work.standing.is_done(line) && !is_put_off(line);
    in_order.find(is_next).or_else(|| {
        let put_off = work
            .stage
            .skipped
            .iter()
            .filter_map(|number| work.task.line(*number));
        put_off.into_iter().find(|line| !work.standing.is_done(line))
    })
}

/// Puts a place off: the others come first.
pub(super) fn put_off(work: &mut Work<'_>, location: &LocationId) {
    let numbers: Vec<LineNumber> = open_at(work, location).map(|line| line.number).collect();
    let skipped = &mut work.stage.skipped;
    skipped.retain(|number| !numbers.contains(number));
    skipped.extend(numbers);
    let too_many = skipped.len().saturating_sub(SKIPPED_MAX);
    skipped.drain(..too_many);
}

/// Leaves the place in hand.
pub(super) fn leave(work: &mut Work<'_>) {
    work.stage.location = None;
    work.stage.tally = Tally::default();
    work.stage.marked = None;
}
