//! Counts that somebody makes: which locations, in which tasks, and how far they are covered.
//!
//! A task holds what one person counts in one go: locations of one zone, of one aisle where that fits, in the order of
//! their addresses with figures read as numbers, which is the way along the racks.

mod cover;
mod way;

use jiff::Timestamp;
use tallyman_floor::wire::v1::{CountBody, LineBody, TaskBody, TaskKindBody};

pub(crate) use cover::LineSeen;
pub use cover::{CountSummary, Cover, CoverRow, CoverState};
pub(crate) use way::along;

use super::decide::empty_task;
use way::bundles;

/// Locations of one count: beyond that it is better made zone by zone.
pub const PLACES_MAX: usize = 20_000;

/// Locations in a task where nobody says otherwise: an hour's work or so.
pub const PLACES_PER_TASK: usize = 40;

/// Counts that a page lists.
pub const COUNTS_SHOWN_MAX: i64 = 50;

/// What is to be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CountScope {
    /// These locations; one that ends in `*` means all that begin so.
    Locations(Vec<String>),
    /// All locations of a zone.
    Zone(String),
    /// An item, wherever it lies by the book.
    Item(String),
    /// Every location of the site.
    Site,
}

impl CountScope {
    /// In words, for people.
    pub fn in_words(&self) -> String {
        match self {
            Self::Locations(names) if names.len() == 1 => names.concat(),
            Self::Locations(names) => format!("{} locations", names.len()),
            Self::Zone(zone) => format!("zone {zone}"),
            Self::Item(item) => format!("item {item}"),
            Self::Site => "every location".to_owned(),
        }
    }
}

/// A count that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountOrder {
    /// What is to be counted.
    pub scope: CountScope,
    /// Whether it is a physical inventory, which ends when every location is covered.
    pub is_inventory: bool,
    /// The moment the book is to be true for.
    pub cut_off: Timestamp,
    /// Locations in a task at most.
    pub per_task: usize,
    /// Who wants it, as far as the page knows.
    pub by: String,
}

impl CountOrder {
    /// The word of its scope, as devices know it.
    pub const fn scope_word(&self) -> &'static str {
        if self.is_inventory {
            "physical_inventory"
        } else {
            "cycle"
        }
    }

    /// What it is called with this number.
    pub fn name(&self, number: i64) -> String {
        let letters = if self.is_inventory { "PI" } else { "CC" };
        format!("{letters}-{number}")
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CountMade {
    /// The tasks are made.
    Made {
        /// The number of the count.
        number: i64,
        /// How many tasks.
        tasks: usize,
        /// How many locations.
        locations: usize,
    },
    /// Nothing was made, and why.
    Refused(String),
}

/// A location with its zone; the zone is empty where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CountPlace {
    /// The address.
    pub location: String,
    /// The zone.
    pub zone: String,
}

/// A zone and how many locations it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its name; empty for the locations without one.
    pub zone: String,
    /// Its locations.
    pub locations: u64,
}

/// Which locations are meant, of all there are and those where the item lies; those that are open in another count are left
/// out of a cycle count.
///
/// # Errors
/// A sentence about what is wrong.
pub(crate) fn meant(
    order: &CountOrder,
    all: Vec<CountPlace>,
    is_open: impl Fn(&str) -> bool,
) -> Result<Vec<CountPlace>, String> {
    let fits = |name: &String, place: &CountPlace| match name.strip_suffix('*') {
        Some(begin) => place.location.starts_with(begin),
        None => place.location == *name,
    };
    let is_unknown = |name: &&String| !all.iter().any(|place| fits(name, place));
    if let CountScope::Locations(names) = &order.scope
        && let Some(unknown) = names.iter().find(is_unknown)
    {
        return Err(format!("There is no location {unknown} in the list."));
    }
    let mut places = all;
    match &order.scope {
        CountScope::Locations(names) => {
            places.retain(|place| names.iter().any(|name| fits(name, place)));
        }
        CountScope::Zone(zone) => places.retain(|place| place.zone == *zone),
        CountScope::Item(_) | CountScope::Site => {}
    }
    if places.is_empty() {
        return Err(match &order.scope {
            CountScope::Item(item) => format!("By the book {item} lies in no location."),
            CountScope::Zone(zone) => format!("The zone {zone} has no locations."),
            _ => "The site has no locations. Import them first.".to_owned(),
        });
    }
    if !order.is_inventory {
        places.retain(|place| !is_open(&place.location));
        if places.is_empty() {
            return Err("All of that is in open counts already.".to_owned());
        }
    }
    if places.len() > PLACES_MAX {
        return Err(format!(
            "These are {} locations, and a count takes {PLACES_MAX}. Make one for each zone.",
            places.len()
        ));
    }
    Ok(places)
}

/// The tasks of a count with this name.
pub(crate) fn tasks(name: &str, order: &CountOrder, places: Vec<CountPlace>) -> Vec<TaskBody> {
    let bundles = bundles(places, order.per_task.max(1));
    let width = bundles.len().to_string().len().max(2);
    let item = match &order.scope {
        CountScope::Item(item) => Some(item.clone()),
        _ => None,
    };
    let task = |(number, places): (usize, Vec<CountPlace>)| {
        let id = format!("{name}-{number:0width$}");
        let zone = places.first().map_or("", |place| place.zone.as_str());
        let lines = (1..).zip(&places).map(|(number, place)| LineBody {
            number,
            location: Some(place.location.clone()),
            item: item.clone(),
            ..LineBody::default()
        });
        let plan = CountBody {
            scope: order.scope_word().to_owned(),
            ..CountBody::default()
        };
        TaskBody {
            reference: format!("{id} {zone}").trim_end().to_owned(),
            id,
            lines: lines.collect(),
            ..empty_task(TaskKindBody::Count(plan))
        }
    };
    (1..).zip(bundles).map(task).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(location: &str, zone: &str) -> CountPlace {
        CountPlace {
            location: location.to_owned(),
            zone: zone.to_owned(),
        }
    }

    fn order(scope: CountScope, is_inventory: bool, per_task: usize) -> CountOrder {
        CountOrder {
            scope,
            is_inventory,
            cut_off: Timestamp::UNIX_EPOCH,
            per_task,
            by: String::new(),
        }
    }

    #[test]
    fn tasks_follow_zones_and_aisles_in_the_order_of_the_way() {
        let places = [
            "A-10", "A-2", "A-1", "B-1", "B-2", "C-1", "C-2", "C-3", "C-4", "C-5",
        ];
        let mut places: Vec<CountPlace> = places.iter().map(|location| place(location, "Hall 1")).collect();
        places.push(place("A-1x", "Cold"));
        let order = order(CountScope::Site, true, 4);
        let tasks = tasks("PI-3", &order, places);
        let lines: Vec<(&str, Vec<&str>)> = tasks
            .iter()
            .map(|task| {
                let lines = task.lines.iter();
                (
                    task.id.as_str(),
                    lines.filter_map(|line| line.location.as_deref()).collect(),
                )
            })
            .collect();
        assert_eq!(
            lines,
            [
                ("PI-3-01", vec!["A-1x"]),
                ("PI-3-02", vec!["A-1", "A-2", "A-10"]),
                ("PI-3-03", vec!["B-1", "B-2"]),
                ("PI-3-04", vec!["C-1", "C-2", "C-3"]),
                ("PI-3-05", vec!["C-4", "C-5"]),
            ]
        );
        assert_eq!(tasks[0].reference, "PI-3-01 Cold");
        let blind = tasks.iter().flat_map(|task| &task.lines);
        assert!(blind.into_iter().all(|line| line.expected_micro.is_none()));
    }

    #[test]
    fn what_is_meant_is_found_or_said_to_be_missing() {
        let all = || vec![place("A-1", "Hall"), place("A-2", "Hall"), place("B-1", "Cold")];
        let named =
            |names: &[&str]| CountScope::Locations(names.iter().map(|&name| name.to_owned()).collect());
        for (scope, is_inventory, expected) in [
            (named(&["A-1"]), false, Ok(1)),
            (named(&["A*", "A-1"]), false, Ok(1)),
            (named(&["A-1", "X"]), false, Err("no location X")),
            (named(&["A-2"]), false, Err("open counts already")),
            (CountScope::Zone("Hall".to_owned()), true, Ok(2)),
            (CountScope::Zone("Hall".to_owned()), false, Ok(1)),
            (CountScope::Zone("Roof".to_owned()), true, Err("no locations")),
            (CountScope::Site, true, Ok(3)),
        ] {
            // A-2 is in an open count.
            let order = order(scope, is_inventory, 40);
            let found = meant(&order, all(), |location| location == "A-2");
            match (found, expected) {
                (Ok(places), Ok(number)) => assert_eq!(places.len(), number, "{order:?}"),
                (Err(sentence), Err(part)) => assert!(sentence.contains(part), "{sentence}"),
                (found, _) => panic!("{order:?}: {found:?}"),
            }
        }
        let nowhere = meant(
            &order(CountScope::Item("TEA".to_owned()), false, 40),
            Vec::new(),
            |_| false,
        );
        assert!(nowhere.is_err_and(|sentence| sentence.contains("lies in no location")));
    }
}
