//! Deltas: what changed for a device since its cursor, whole tasks and items, in pages.
//!
//! Everything that changed has a number of its own, given in commit order within a site. A page ends at the lowest
//! number that any of its kinds was cut at, so that the next page goes on without a hole. The stores only read rows.
//!
//! People belong to no site: their changes have a count of their own, which stands in the cursor beside the site's number. A
//! cursor without it is from a hub that told devices less: its device starts anew, and hears of everything.

use jiff::Timestamp;
use tallyman_floor::wire::v1::{
    Delta, HoldsBody, ItemBody, LocationBody, Mark, ReasonsBody, SiteRuleBody, TaskBody, WorkerBody,
};

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
    /// The changes of people that the device has seen.
    pub(crate) people: i64,
}

impl Start {
    /// From a device's cursor. It starts anew where it has none, where its cursor is of another life of the hub, and
    /// where it has seen more changes than there are: then the store was set back without beginning another life.
    pub(crate) fn of(cursor: Option<&str>, generation: &str, last: i64) -> Self {
        let seen = cursor.and_then(|cursor| place_of(cursor, generation));
        let seen = seen.filter(|(after, _)| *after <= last);
        let (after, people) = seen.unwrap_or_default();
        Self {
            after,
            anew: seen.is_none(),
            last,
            people,
        }
    }

    /// Whether a list that is told whole, and was changed with this number, is to be told.
    pub(crate) const fn wants(self, changed: i64) -> bool {
        self.anew || changed > self.after
    }

    /// Whether people are to be told, who have changed so often.
    pub(crate) const fn wants_people(self, changes: i64) -> bool {
        self.anew || changes != self.people
    }
}

/// The numbers in a cursor of this generation: of the site, and of people.
fn place_of(cursor: &str, generation: &str) -> Option<(i64, i64)> {
    let numbers = cursor.strip_prefix(generation)?.strip_prefix(':')?;
    let (after, people) = numbers.split_once(':')?;
    let (after, people) = (after.parse().ok()?, people.parse().ok()?);
    Some((after, people)).filter(|_| after > 0 && people >= 0)
}

/// A page as it was read: each kind in the order of its numbers, and at most as many as its limit.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) tasks: Vec<(i64, TaskBody)>,
    /// The number of the first task that did not fit any more.
    pub(crate) tasks_cut_before: Option<i64>,
    pub(crate) items: Vec<(i64, ItemBody)>,
    pub(crate) locations: Vec<(i64, LocationBody)>,
    /// The site's own codes, and the number they were changed with.
    pub(crate) rules: Option<(i64, Vec<SiteRuleBody>)>,
    /// What is on hold, and the number that it was changed with.
    pub(crate) holds: Option<(i64, HoldsBody)>,
    /// The site's own reasons, and the number that they were changed with.
    pub(crate) reasons: Option<(i64, Vec<ReasonsBody>)>,
    /// How often people have changed, and who they are where the device has to be told.
    pub(crate) people: (i64, Option<Vec<WorkerBody>>),
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
        // A list that was changed beyond the end of this page comes with a later one.
        let is_due = |changed: i64| start.anew || (start.wants(changed) && changed <= end.last);
        let (people_changes, workers) = self.people;
        let location_details = self.locations.iter().map(|(_, location)| location);
        let location_details = location_details
            .filter(|location| location.check_digits.is_some() || location.zone.is_some())
            .cloned()
            .collect();
        Delta {
            generation: generation.to_owned(),
            cursor: format!("{generation}:{}:{people_changes}", end.last),
            reset: start.anew,
            more: end.more,
            applied,
            tasks: self.tasks.into_iter().map(|(_, task)| task).collect(),
            removed_tasks: Vec::new(),
            items: self.items.into_iter().map(|(_, item)| item).collect(),
            locations: self
                .locations
                .into_iter()
                .map(|(_, location)| location.id)
                .collect(),
            location_details,
            holds: due(self.holds, is_due),
            workers,
            reasons: due(self.reasons, is_due),
            site_rules: due(self.rules, is_due),
            server_time: now,
        }
    }
}

/// A list that is told whole, where it is due.
fn due<T>(list: Option<(i64, T)>, is_due: impl Fn(i64) -> bool) -> Option<T> {
    list.filter(|(changed, _)| is_due(*changed)).map(|(_, list)| list)
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
        for (cursor, after, people, anew) in [
            (None, 0, 0, true),
            (Some("LIFE:7:0"), 7, 0, false),
            (Some("LIFE:9:12"), 9, 12, false),
            (Some("LIFE:10:0"), 0, 0, true),
            (Some("LIFE:0:0"), 0, 0, true),
            (Some("LIFE:-1:0"), 0, 0, true),
            (Some("LIFE:7:-1"), 0, 0, true),
            (Some("LIFE:7"), 0, 0, true),
            (Some("LIFE"), 0, 0, true),
            (Some("OTHER:7:0"), 0, 0, true),
            (Some("LIFEX:7:0"), 0, 0, true),
            (Some("LIFE:7x:0"), 0, 0, true),
            (Some("LIFE:7:0x"), 0, 0, true),
        ] {
            let last = 9;
            assert_eq!(
                Start::of(cursor, "LIFE", last),
                Start {
                    after,
                    anew,
                    last,
                    people
                },
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
