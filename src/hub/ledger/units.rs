//! Where handling units stand: what a fact says about the place of one, and what follows from all that was said.
//!
//! Nothing here goes by clocks, and little by who came first. A unit leaves one place and reaches another, so that what
//! was said adds up: it stands where it was brought more often than it was taken from. A receipt that arrives after the
//! putaway does not bring the pallet back to the dock. Only where nothing adds up (a tote that is handed over in one zone
//! after the other) the newest word counts.

use std::collections::{BTreeMap, BTreeSet};

use tallyman_floor::Act;
use tallyman_floor::wire::v1::{ConfirmationBody, PlaceBody};

use super::account::{Account, AccountKind};
use super::views::StockTold;

/// How something about the place of a unit is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepKind {
    /// It came from somewhere, or was brought from one place to another.
    Carried,
    /// It was seen or put down somewhere; where it was before, nobody said. Or it is being filled, and with a worker.
    Seen,
    /// It went onto a truck.
    Loaded,
}

impl StepKind {
    /// The word in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Carried => "carried",
            Self::Seen => "seen",
            Self::Loaded => "loaded",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Carried, Self::Seen, Self::Loaded]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// A step of a handling unit. All lines that one task moves with it from one place to another are one step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Step {
    /// How it is known.
    pub kind: StepKind,
    /// The task; empty where it was done for none, and where a unit was only seen.
    pub task: String,
    /// The location it left; empty where nobody said.
    pub from: String,
    /// Where it is then: a location, a truck, or the unit itself, which is with a worker.
    pub to: Account,
}

/// How often a step was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// Facts that say so and were not taken back.
    pub facts: i64,
    /// Those of them that moved the unit with whatever is in it.
    pub whole: i64,
    /// The place in the journal of the newest one.
    pub journal: i64,
}

/// What one fact says about the place of a handling unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The unit.
    pub unit: String,
    /// The step.
    pub step: Step,
    /// Whether the fact moves the unit with whatever is in it, as nobody says what that is.
    pub whole: bool,
}

/// What a fact did; for a reversal, what is taken back.
fn act_of(body: &ConfirmationBody) -> Option<Act> {
    let reversed = body.reverses.as_ref().map(|reverses| reverses.act.as_str());
    Act::of_word(reversed.unwrap_or(body.act.as_str()))
}

/// The handling unit that a fact, or the one it takes back, moves as a whole without saying what is in it: goods without
/// an item, whose code is the unit.
pub fn whole_unit(body: &ConfirmationBody) -> Option<&str> {
    let goods = body.goods.as_ref().filter(|goods| goods.item.is_none())?;
    let unit = goods
        .handling_unit
        .as_deref()
        .filter(|unit| *unit == goods.code)?;
    matches!(act_of(body)?, Act::Moved | Act::Picked).then_some(unit)
}

impl Statement {
    /// What a fact, or the one it takes back, says about the place of a handling unit.
    pub fn of(body: &ConfirmationBody) -> Option<Self> {
        let act = act_of(body)?;
        let named = body
            .goods
            .as_ref()
            .and_then(|goods| goods.handling_unit.as_deref());
        let (kind, unit, to) = match (act, named, &body.from, &body.to) {
            (
                Act::Received | Act::Returned | Act::Moved,
                Some(unit),
                _,
                Some(to @ PlaceBody::Location(_)),
            ) => (StepKind::Carried, unit, Account::of_place(to)),
            (Act::Picked, Some(unit), _, Some(PlaceBody::HandlingUnit(into))) if unit == into => {
                (StepKind::Carried, unit, in_hand(unit))
            }
            (Act::Picked | Act::Packed, _, _, Some(PlaceBody::HandlingUnit(into))) => {
                (StepKind::Seen, into.as_str(), in_hand(into))
            }
            (
                Act::HandedOver | Act::Reported,
                _,
                Some(PlaceBody::HandlingUnit(unit)),
                Some(to @ PlaceBody::Location(_)),
            ) => (StepKind::Seen, unit.as_str(), Account::of_place(to)),
            (Act::Loaded, _, Some(PlaceBody::HandlingUnit(unit)), Some(to @ PlaceBody::Vehicle(_))) => {
                (StepKind::Loaded, unit.as_str(), Account::of_place(to))
            }
            _ => return None,
        };
        let from = match (&body.from, kind) {
            (Some(PlaceBody::Location(from)), StepKind::Carried) => from.clone(),
            _ => String::new(),
        };
        let task = match kind {
            StepKind::Seen => String::new(),
            StepKind::Carried | StepKind::Loaded => body.task.clone().unwrap_or_default(),
        };
        Some(Self {
            unit: unit.to_owned(),
            step: Step { kind, task, from, to },
            whole: whole_unit(body).is_some() || kind == StepKind::Loaded,
        })
    }

    /// The location that the unit left.
    pub fn left(&self) -> Option<Account> {
        let from = self.step.from.as_str();
        (!from.is_empty()).then(|| Account::new(AccountKind::Location, from))
    }
}

/// A unit that is with a worker: what is in it is in it, wherever that is.
fn in_hand(unit: &str) -> Account {
    Account::new(AccountKind::HandlingUnit, unit)
}

/// Whether a number is an SSCC (GS1 General Specifications, section 2.2.1): 18 digits. It is one pallet's for all its
/// life; any other number may be on a tote that is used again and again.
pub fn is_sscc(unit: &str) -> bool {
    unit.len() == 18 && unit.bytes().all(|byte| byte.is_ascii_digit())
}

/// What was said of a unit.
pub type Steps = BTreeMap<Step, Told>;

/// Adds a fact that says so, or takes one off: `facts` is 1 or -1. `journal` is the place of the one that is added.
pub fn tell(steps: &mut Steps, statement: &Statement, facts: i64, journal: i64) {
    let told = steps.entry(statement.step.clone()).or_default();
    told.facts = told.facts.saturating_add(facts);
    if statement.whole {
        told.whole = told.whole.saturating_add(facts);
    }
    if facts > 0 {
        told.journal = told.journal.max(journal);
    }
    if told.facts <= 0 {
        steps.remove(&statement.step);
    }
}

/// How often more it was brought to each location than taken from it.
fn sums(steps: &Steps) -> BTreeMap<&str, i64> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for step in steps.keys().filter(|step| step.kind == StepKind::Carried) {
        if step.to.kind == AccountKind::Location {
            *sums.entry(step.to.place.as_str()).or_default() += 1;
        }
        if !step.from.is_empty() {
            *sums.entry(step.from.as_str()).or_default() -= 1;
        }
    }
    sums
}

/// Where a unit stands: a location or a truck; `None` where nobody said, and while it is with a worker.
pub fn stands_at<'a>(unit: &str, steps: &'a Steps) -> Option<&'a Account> {
    let sums = sums(steps);
    let counts = |step: &Step| match (step.kind, step.to.kind) {
        (StepKind::Carried, AccountKind::Location) => {
            sums.get(step.to.place.as_str()).is_some_and(|sum| *sum > 0)
        }
        _ => true,
    };
    // Whatever arrives late about a pallet that is on the truck was done before.
    let newest =
        |(step, told): &(&Step, &Told)| (is_sscc(unit) && step.kind == StepKind::Loaded, told.journal);
    let (step, _) = steps.iter().filter(|(step, _)| counts(step)).max_by_key(newest)?;
    (step.to.kind != AccountKind::HandlingUnit).then_some(&step.to)
}

/// Where all goods of a unit are to be by what was said of it: `None` where it was never moved with contents that nobody
/// named, and where what was said does not add up to one place. It does not depend on the order in which it was said.
pub fn home(unit: &str, steps: &Steps) -> Option<Account> {
    if !steps.values().any(|told| told.whole > 0) {
        return None;
    }
    let reached = |kind: AccountKind| {
        steps
            .keys()
            .map(|step| &step.to)
            .filter(move |to| to.kind == kind)
    };
    let vehicles: BTreeSet<&Account> = reached(AccountKind::Vehicle).collect();
    let picked = steps
        .keys()
        .any(|step| step.kind == StepKind::Carried && step.to.kind == AccountKind::HandlingUnit);
    if picked || !vehicles.is_empty() {
        // What was picked as a whole stays in the unit until that is loaded.
        let last = vehicles
            .first()
            .map_or_else(|| in_hand(unit), |vehicle| (*vehicle).clone());
        return (is_sscc(unit) && vehicles.len() <= 1).then_some(last);
    }
    let sums = sums(steps);
    let mut reached = sums.into_iter().filter(|(_, sum)| *sum > 0);
    match (reached.next(), reached.next()) {
        (Some((place, _)), None) => Some(Account::new(AccountKind::Location, place)),
        _ => None,
    }
}

/// What came in with a handling unit and lies where that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUnit {
    /// The unit.
    pub unit: String,
    /// The location.
    pub place: String,
    /// The item.
    pub item: String,
    /// The lot.
    pub lot: String,
    /// How much by the facts that name the unit.
    pub quantity_micro: i64,
}

/// Tells what of some stock is in handling units, and what lies beside them. What was taken off a unit without a word of
/// it is no longer in it: no more is in units than there is.
pub fn in_units(rows: Vec<StockTold>, in_them: &[InUnit]) -> Vec<StockTold> {
    let mut told = Vec::with_capacity(rows.len() + in_them.len());
    for row in rows {
        let mut left = row.quantity_micro.unwrap_or_default();
        let is_here = |each: &&InUnit| {
            row.handling_unit.is_empty()
                && (&each.place, &each.item, &each.lot) == (&row.place, &row.item, &row.lot)
        };
        let mut parts = Vec::new();
        for each in in_them.iter().filter(is_here) {
            let micro = each.quantity_micro.min(left);
            if micro > 0 {
                left = left.saturating_sub(micro);
                parts.push(StockTold {
                    quantity_micro: Some(micro),
                    handling_unit: each.unit.clone(),
                    ..row.clone()
                });
            }
        }
        if left != 0 {
            told.push(StockTold {
                quantity_micro: Some(left),
                ..row
            });
        }
        told.extend(parts);
    }
    told
}
