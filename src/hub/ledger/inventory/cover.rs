//! How far a count is covered.

use std::collections::HashMap;

use jiff::Timestamp;

use super::CountPlace;

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
