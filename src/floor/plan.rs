//! What a kind of work needs beside its lines: where, on what terms, and what is checked on the way.

use serde::{Deserialize, Serialize};

use crate::confirmation::StockStatus;
use crate::ids::{HandlingUnitId, LocationId, TaskId, WorkerId};

/// How goods are received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivePlan {
    /// Where they are put down: the dock door or staging lane.
    pub dock: LocationId,
    /// What says what is to come.
    pub against: Against,
    /// How much more than expected is taken without a question, in percent of a line.
    pub over_tolerance_percent: u32,
    /// How much less than expected ends a line without a question, in percent of a line.
    pub under_tolerance_percent: u32,
    /// What the carrier's profile wants checked before the goods are taken.
    pub checks: Vec<Check>,
}

impl ReceivePlan {
    /// A receipt at a dock against an ASN, without tolerance and checks.
    pub const fn at(dock: LocationId) -> Self {
        Self {
            dock,
            against: Against::Asn,
            over_tolerance_percent: 0,
            under_tolerance_percent: 0,
            checks: Vec::new(),
        }
    }
}

/// What a receipt is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Against {
    /// An advance shipping notice: its handling units and their contents are known.
    #[default]
    Asn,
    /// A purchase order: items and quantities are known.
    PurchaseOrder,
    /// Nothing: whatever comes is recorded.
    Blind,
}

impl Against {
    /// Every one, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Asn, Self::PurchaseOrder, Self::Blind];

    /// The word that tables, files and the wire use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asn => "asn",
            Self::PurchaseOrder => "purchase_order",
            Self::Blind => "blind",
        }
    }

    /// The one with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|against| against.word() == word)
    }
}

/// Something that is looked at or measured, and recorded as it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The number of the seal on a truck or container.
    Seal,
    /// The temperature of the goods, in degrees Celsius.
    Temperature,
    /// The gross weight of a handling unit, in kilograms.
    Weight,
    /// Who hands over or takes over: the name, or a badge.
    Signature,
    /// The condition of returned goods, in a word of the task.
    Condition,
}

impl Check {
    /// Every check, for tables and tests.
    pub const ALL: [Self; 5] = [
        Self::Seal,
        Self::Temperature,
        Self::Weight,
        Self::Signature,
        Self::Condition,
    ];

    /// The word that tables, files and the wire use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Temperature => "temperature",
            Self::Weight => "weight",
            Self::Signature => "signature",
            Self::Condition => "condition",
        }
    }

    /// The check with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.word() == word)
    }
}

/// How goods are picked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PickPlan {
    /// The tote, where the hub chose one for the whole task; else the worker scans one first. Lines of a cluster name
    /// theirs themselves.
    pub into: Option<HandlingUnitId>,
    /// Where the tote is put down when the lines of this zone are done, and the next zone goes on.
    pub hand_over: Option<LocationId>,
}

/// How goods are packed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackPlan {
    /// What they are packed from: the tote of the pick, where the hub knows it.
    pub from: Option<HandlingUnitId>,
    /// Whether every carton is weighed when it is closed.
    pub weigh: bool,
}

/// How handling units are loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadPlan {
    /// The dock door the truck stands at.
    pub door: LocationId,
    /// The truck, trailer or container, as its label or plate says.
    pub vehicle: String,
    /// What the carrier's profile wants checked before the doors close.
    pub checks: Vec<Check>,
}

/// How places are counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CountPlan {
    /// Whether every place of the site is to be covered, with movements stopped.
    pub scope: CountScope,
    /// The task whose result is counted again here.
    pub recount_of: Option<TaskId>,
    /// Who counted before and may not count again.
    pub not_by: Vec<WorkerId>,
}

/// What a count is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CountScope {
    /// Some places, while work goes on elsewhere.
    #[default]
    Cycle,
    /// A part of the physical inventory: every place is covered, and an empty one is a count.
    PhysicalInventory,
    /// A look at a place that should be empty after a short pick.
    ZeroStock,
}

impl CountScope {
    /// Every scope, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Cycle, Self::PhysicalInventory, Self::ZeroStock];

    /// The word that tables, files and the wire use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cycle => "cycle",
            Self::PhysicalInventory => "physical_inventory",
            Self::ZeroStock => "zero_stock",
        }
    }

    /// The scope with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// How goods are inspected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InspectPlan {
    /// What the goods are before anybody has looked at them: on hold where they came in and wait for their release,
    /// available where stock is looked over.
    pub status: StockStatus,
}

/// How returned goods are taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPlan {
    /// Where they are looked at.
    pub dock: LocationId,
    /// What may be wrong with them, and what follows from it.
    pub dispositions: Vec<Disposition>,
}

/// What follows from the condition of returned goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// The condition, in a word or two of the site: `as new`, `opened`, `broken`.
    pub condition: String,
    /// Whether such goods may be used.
    pub status: StockStatus,
    /// Where they go.
    pub to: LocationId,
}
