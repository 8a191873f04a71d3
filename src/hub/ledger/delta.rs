//! Deltas: what changed for a device since its cursor, whole tasks and items, in pages.
//!
//! Everything that changed has a number of its own, given in commit order within a site. A page ends at the lowest
//! number that any of its kinds was cut at, so that the next page goes on without a hole. The stores only read rows.

use jiff::Timestamp;
use tallyman_floor::wire::v1::{Delta, ItemBody, Mark, SiteRuleBody, TaskBody};

/// Tasks in one page at most.
pub(crate) const TASKS_MAX: usize = 100;
/// Lines in one page at most, the last task's rest included: about a megabyte before compression.
pub(crate) const LINES_MAX: usize = 5_000;
/// Items in one page at most.
pub(crate) const ITEMS_MAX: usize = 2_000;
/// Locations in one page at most.
pub(crate) const LOCATIONS_MAX: usize = 10_000;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    /// Changes with higher numbers are wanted.
    pub(crate) after: i64,
    /// The device starts anew: it is not told of work that is over.
    pub(crate) anew: bool,
    /// The last number of the site.
    pub(crate) last: i64,
}

impl Start {
    /// From a device's cursor. It starts anew where it has none, where its cursor is of another life of the hub, and
    /// where it has seen more changes than there are: then the store was set back without beginning another life.
    pub(crate) fn of(cursor: Option<&str>, generation: &str, last: i64) -> Self {
        let seen = cursor.and_then(|cursor| place_of(cursor, generation));
        let seen = seen.filter(|seen| *seen <= last);
        Self {
            after: seen.unwrap_or(0),
            anew: seen.is_none(),
            last,
        }
    }
}

/// The number in a cursor of this generation.
fn place_of(cursor: &str, generation: &str) -> Option<i64> {
    let number = cursor.strip_prefix(generation)?.strip_prefix(':')?;
    number.parse().ok().filter(|number| *number > 0)
}

/// A page as it was read: each kind in the order of its numbers, and at most as many as its limit.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) tasks: Vec<(i64, TaskBody)>,
    /// The number of the first task that did not fit any more.
    pub(crate) tasks_cut_before: Option<i64>,
    pub(crate) items: Vec<(i64, ItemBody)>,
    pub(crate) locations: Vec<(i64, String)>,
    /// The site's own codes, and the number they were changed with.
    pub(crate) rules: Option<(i64, Vec<SiteRuleBody>)>,
}

impl Page {
    /// Which of the tasks that have changed fit into the page, by the number of their lines.
    pub(crate) fn tasks_that_fit(lines: impl IntoIterator<Item = usize>) -> usize {
        let mut sum = 0;
        lines
            .into_iter()
            .take_while(|lines| {
                let fits = sum < LINES_MAX;
                sum += lines;
                fits
            })
            .count()
    }

    /// The message: everything up to the lowest number at which a kind was cut. `applied` is the asking device's mark:
    /// its newest epoch that has facts.
    pub(crate) fn into_delta(
        mut self,
        start: Start,
        generation: &str,
        applied: Mark,
        now: Timestamp,
    ) -> Delta {
        let mut end = End {
            last: start.last,
            more: false,
        };
        end.at_full(&self.tasks, TASKS_MAX);
        end.at_full(&self.items, ITEMS_MAX);
        end.at_full(&self.locations, LOCATIONS_MAX);
        if let Some(number) = self.tasks_cut_before {
            end.at(number.saturating_sub(1));
        }
        self.tasks.retain(|(number, _)| *number <= end.last);
        self.items.retain(|(number, _)| *number <= end.last);
        self.locations.retain(|(number, _)| *number <= end.last);
        let rules = self
            .rules
            .filter(|(changed, _)| start.anew || (*changed > start.after && *changed <= end.last));
        Delta {
            generation: generation.to_owned(),
            cursor: format!("{generation}:{}", end.last),
            reset: start.anew,
            more: end.more,
            applied,
            tasks: self.tasks.into_iter().map(|(_, task)| task).collect(),
            removed_tasks: Vec::new(),
            items: self.items.into_iter().map(|(_, item)| item).collect(),
            locations: self.locations.into_iter().map(|(_, location)| location).collect(),
            site_rules: rules.map(|(_, rules)| rules),
            server_time: now,
            ..Delta::default()
        }
    }
}

/// Where a page ends.
struct End {
    last: i64,
    more: bool,
}

impl End {
    fn at(&mut self, number: i64) {
        self.more = true;
        self.last = self.last.min(number);
    }

    /// A kind that filled its share may have more: the page ends with its last row.
    fn at_full<T>(&mut self, rows: &[(i64, T)], rows_max: usize) {
        if let Some((number, _)) = rows.last().filter(|_| rows.len() >= rows_max) {
            self.at(*number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_goes_on_only_in_the_life_and_the_past_it_is_from() {
        for (cursor, after, anew) in [
            (None, 0, true),
            (Some("LIFE:7"), 7, false),
            (Some("LIFE:9"), 9, false),
            (Some("LIFE:10"), 0, true),
            (Some("LIFE:0"), 0, true),
            (Some("LIFE:-1"), 0, true),
            (Some("LIFE"), 0, true),
            (Some("OTHER:7"), 0, true),
            (Some("LIFEX:7"), 0, true),
            (Some("LIFE:7x"), 0, true),
        ] {
            let last = 9;
            assert_eq!(
                Start::of(cursor, "LIFE", last),
                Start { after, anew, last },
                "{cursor:?}"
            );
        }
    }

    #[test]
    fn a_page_takes_tasks_until_their_lines_fill_it() {
        assert_eq!(Page::tasks_that_fit([1, 2, 3]), 3);
        assert_eq!(Page::tasks_that_fit([LINES_MAX - 1, 5_000, 1]), 2);
        assert_eq!(Page::tasks_that_fit([LINES_MAX, 1]), 1);
        assert_eq!(Page::tasks_that_fit([]), 0);
    }
}
