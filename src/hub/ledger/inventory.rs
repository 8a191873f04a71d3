//! Counts that somebody makes: which locations, in which tasks, and how far they are covered.
//!
//! A task holds what one person counts in one go: locations of one zone, of one aisle where that fits, in the order of
//! their addresses with figures read as numbers, which is the way along the racks.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;
use tallyman_floor::wire::v1::{CountBody, LineBody, TaskBody, TaskKindBody};

use super::decide::empty_task;

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
    if let CountScope::Locations(names) = &order.scope {
        if let Some(unknown) = names
            .iter()
            .find(|name| !all.iter().any(|place| fits(name, place)))
        {
            return Err(format!("There is no location {unknown} in the list."));
        }
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

/// Locations in the bundles that people count in one go.
fn bundles(mut places: Vec<CountPlace>, max: usize) -> Vec<Vec<CountPlace>> {
    places.sort_by(along);
    let mut bundles: Vec<Vec<CountPlace>> = Vec::new();
    for aisle in places.chunk_by(|one, other| one.zone == other.zone && aisle(one) == aisle(other)) {
        let fits = bundles.last().is_some_and(|bundle: &Vec<CountPlace>| {
            let is_same_zone = bundle.last().map(|last| &last.zone) == aisle.first().map(|first| &first.zone);
            is_same_zone && bundle.len() + aisle.len() <= max
        });
        match bundles.last_mut() {
            Some(bundle) if fits => bundle.extend_from_slice(aisle),
            _ => {
                // Parts of one aisle, as even as can be.
                let parts = aisle.len().div_ceil(max).max(1);
                let even = aisle.len().div_ceil(parts).max(1);
                bundles.extend(aisle.chunks(even).map(<[CountPlace]>::to_vec));
            }
        }
    }
    bundles
}

/// What stands before the first sign that is neither letter nor digit; where there is none, the letters it begins with.
fn aisle(place: &CountPlace) -> &str {
    let address = place.location.as_str();
    let end = address
        .find(|sign: char| !sign.is_alphanumeric())
        .or_else(|| address.find(|sign: char| !sign.is_alphabetic()));
    address.get(..end.unwrap_or(address.len())).unwrap_or(address)
}

/// The way along the racks: zone by zone, and addresses with their figures read as numbers.
pub(crate) fn along(one: &CountPlace, other: &CountPlace) -> Ordering {
    let zones = by_figures(&one.zone, &other.zone);
    zones.then_with(|| by_figures(&one.location, &other.location))
}

fn by_figures(one: &str, other: &str) -> Ordering {
    let (mut rest, mut other_rest) = (one, other);
    loop {
        let (Some(first), Some(other_first)) = (rest.chars().next(), other_rest.chars().next()) else {
            // Addresses that read alike are told apart by their bytes.
            return rest.len().cmp(&other_rest.len()).then_with(|| one.cmp(other));
        };
        if first.is_ascii_digit() && other_first.is_ascii_digit() {
            let (figures, behind) = leading_figures(rest);
            let (other_figures, other_behind) = leading_figures(other_rest);
            let by_value = figures
                .len()
                .cmp(&other_figures.len())
                .then_with(|| figures.cmp(other_figures));
            if by_value != Ordering::Equal {
                return by_value;
            }
            (rest, other_rest) = (behind, other_behind);
        } else if first == other_first {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            other_rest = other_rest.get(first.len_utf8()..).unwrap_or_default();
        } else {
            return first.cmp(&other_first);
        }
    }
}

/// The figures a text begins with, without leading zeros, and what is behind them.
fn leading_figures(text: &str) -> (&str, &str) {
    let end = text
        .find(|sign: char| !sign.is_ascii_digit())
        .unwrap_or(text.len());
    let (figures, behind) = text.split_at(end);
    (figures.trim_start_matches('0'), behind)
}

/// A count that was made, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountSummary {
    /// Its number.
    pub number: i64,
    /// What its tasks are called by.
    pub name: String,
    /// Whether it is a physical inventory.
    pub is_inventory: bool,
    /// What is counted, in words.
    pub what: String,
    /// The moment the book is to be true for.
    pub cut_off: Timestamp,
    /// When it was made.
    pub made: Timestamp,
    /// By whom; empty for nobody that is known.
    pub made_by: String,
    /// Its locations.
    pub locations: u64,
    /// Those whose line was ended: counted, or said to be out of reach.
    pub ended: u64,
}

/// How it stands with a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CoverState {
    /// Nobody was there.
    Open,
    /// Something was counted, and the location is not done.
    Begun,
    /// It could not be reached.
    NotReached,
    /// Its task was ended without it.
    LeftOut,
    /// It is counted, and a difference waits for a decision.
    Differs,
    /// It is counted.
    Counted,
}

impl CoverState {
    /// Every state, what is left first.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Begun,
        Self::NotReached,
        Self::LeftOut,
        Self::Differs,
        Self::Counted,
    ];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Begun => "begun",
            Self::NotReached => "not_reached",
            Self::LeftOut => "left_out",
            Self::Differs => "differs",
            Self::Counted => "counted",
        }
    }

    /// Whether somebody has to go there.
    pub const fn is_left(self) -> bool {
        !matches!(self, Self::Differs | Self::Counted)
    }
}

/// What is known about a line of a count.
#[derive(Debug, Clone, Default)]
pub(crate) struct LineSeen {
    pub(crate) task_is_open: bool,
    pub(crate) is_begun: bool,
    pub(crate) is_closed: bool,
    pub(crate) is_not_reachable: bool,
    pub(crate) is_counted: bool,
    pub(crate) differences_open: u64,
}

impl LineSeen {
    pub(crate) const fn state(&self) -> CoverState {
        if self.is_counted {
            return if self.differences_open > 0 {
                CoverState::Differs
            } else {
                CoverState::Counted
            };
        }
        match (
            self.is_not_reachable,
            self.is_closed || !self.task_is_open,
            self.is_begun,
        ) {
            (true, ..) => CoverState::NotReached,
            (false, true, _) => CoverState::LeftOut,
            (false, false, true) => CoverState::Begun,
            (false, false, false) => CoverState::Open,
        }
    }
}

/// A location of a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverRow {
    /// Where.
    pub place: CountPlace,
    /// The item that alone is counted; empty for all that lies there.
    pub item: String,
    /// The task.
    pub task: String,
    /// How it stands.
    pub state: CoverState,
    /// Who counted it last; empty for nobody that is known.
    pub worker: String,
    /// With which device; empty where it is not counted.
    pub device: String,
    /// When, as well as it is known.
    pub counted: Option<Timestamp>,
    /// Differences that were found, decided or not.
    pub differences: u64,
}

/// How far a count is covered, location by location in the order of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// The count.
    pub count: CountSummary,
    /// Its locations.
    pub rows: Vec<CoverRow>,
}

impl Cover {
    /// How many locations stand how, zone by zone in their order.
    pub fn zones(&self) -> Vec<(&str, HashMap<CoverState, u64>)> {
        let mut zones: Vec<(&str, HashMap<CoverState, u64>)> = Vec::new();
        for row in &self.rows {
            let zone = row.place.zone.as_str();
            if zones.last().is_none_or(|(last, _)| *last != zone) {
                zones.push((zone, HashMap::new()));
            }
            if let Some((_, states)) = zones.last_mut() {
                *states.entry(row.state).or_default() += 1;
            }
        }
        zones
    }
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
    fn small_aisles_of_a_zone_share_a_task() {
        let places = ["A-1", "A-2", "B-1", "C-1", "C-2"].map(|location| place(location, ""));
        let sizes: Vec<usize> = bundles(places.to_vec(), 4).iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 2]);
    }

    #[test]
    fn addresses_are_read_by_their_figures() {
        for (one, other, expected) in [
            ("A-2", "A-10", Ordering::Less),
            ("A-02", "A-10", Ordering::Less),
            ("A-02-1", "A-2-1", Ordering::Less),
            ("A", "A-1", Ordering::Less),
            ("B-1", "A-9", Ordering::Greater),
            ("A-1", "A-1", Ordering::Equal),
        ] {
            assert_eq!(by_figures(one, other), expected, "{one} and {other}");
        }
        for (address, expected) in [
            ("A-01-3", "A"),
            ("AB12", "AB"),
            ("12.3", "12"),
            ("Dock", "Dock"),
            ("", ""),
        ] {
            assert_eq!(aisle(&place(address, "")), expected);
        }
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

    #[test]
    fn a_location_stands_as_what_was_said_of_it_last() {
        let open = LineSeen {
            task_is_open: true,
            ..LineSeen::default()
        };
        let counted = LineSeen {
            is_counted: true,
            is_closed: true,
            ..open.clone()
        };
        let begun = LineSeen {
            is_begun: true,
            ..open.clone()
        };
        let unreached = LineSeen {
            is_not_reachable: true,
            is_closed: true,
            ..open.clone()
        };
        let differs = LineSeen {
            differences_open: 1,
            ..counted.clone()
        };
        for (seen, expected) in [
            (open, CoverState::Open),
            (begun, CoverState::Begun),
            (LineSeen::default(), CoverState::LeftOut),
            (unreached.clone(), CoverState::NotReached),
            (
                LineSeen {
                    is_counted: true,
                    ..unreached
                },
                CoverState::Counted,
            ),
            (differs, CoverState::Differs),
            (counted, CoverState::Counted),
        ] {
            assert_eq!(seen.state(), expected, "{seen:?}");
        }
    }
}
