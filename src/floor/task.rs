//! The work: tasks from the hub, and the lines in them.

use jiff::civil::Date;

use crate::ids::{HandlingUnitId, ItemId, LineNumber, LocationId, OwnerId, SiteId, TaskId, WorkerId};
use crate::plan::{CountPlan, InspectPlan, LoadPlan, PackPlan, PickPlan, ReceivePlan, ReturnPlan};
use crate::quantity::Quantity;

/// A unit of work from the hub. Devices never change one: they post confirmations against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The task's identity, unique at the hub.
    pub id: TaskId,
    /// The warehouse it belongs to.
    pub site: SiteId,
    /// What is to be done, with what only that kind of work needs.
    pub kind: TaskKind,
    /// Counts the hub's changes to the task, from 1.
    pub revision: u32,
    /// Whether it may be worked on.
    pub state: TaskState,
    /// The document people know it by: ASN, purchase order, order, count sheet. Scanning it opens the task.
    pub reference: String,
    /// Higher is more urgent; equal ones go by reference.
    pub priority: i32,
    /// Who it is meant for; anyone at the site where `None`.
    pub assigned_to: Option<WorkerId>,
    /// How a worker says how many.
    pub quantity_entry: QuantityEntry,
    /// What is to be done, in the order the hub planned it.
    pub lines: Vec<Line>,
}

/// The kinds of work. Each has one file in `kinds/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskKind {
    /// Goods come in.
    Receive(ReceivePlan),
    /// Goods that came in are put into their places.
    Putaway,
    /// Places that goods are picked from are filled up.
    Replenish,
    /// Goods go from place to place.
    Move,
    /// Goods are taken from their places into totes.
    Pick(PickPlan),
    /// Picked goods are put into cartons.
    Pack(PackPlan),
    /// Handling units go onto a truck.
    Load(LoadPlan),
    /// What lies in a place is counted. Lines name locations only: the expected quantity stays at the hub.
    Count(CountPlan),
    /// Goods come back from customers.
    Return(ReturnPlan),
    /// Goods are looked at where they lie, and released or blocked.
    Inspect(InspectPlan),
}

impl TaskKind {
    /// The words of all kinds, for tables, help texts and tests.
    pub const WORDS: [&str; 10] = [
        "receive",
        "putaway",
        "replenish",
        "move",
        "pick",
        "pack",
        "load",
        "count",
        "return",
        "inspect",
    ];

    /// The word that tables, files and the wire use.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Receive(_) => "receive",
            Self::Putaway => "putaway",
            Self::Replenish => "replenish",
            Self::Move => "move",
            Self::Pick(_) => "pick",
            Self::Pack(_) => "pack",
            Self::Load(_) => "load",
            Self::Count(_) => "count",
            Self::Return(_) => "return",
            Self::Inspect(_) => "inspect",
        }
    }
}

/// Whether a task may be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// It may.
    Open,
    /// It was finished.
    Done,
    /// The hub withdrew it. What was done all the same is still taken.
    Cancelled,
}

impl TaskState {
    /// Every state, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Open, Self::Done, Self::Cancelled];

    /// The word that tables, files and the wire use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// How a worker says how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum QuantityEntry {
    /// Each scan counts one of what the code stands for.
    #[default]
    EachScan,
    /// One scan, then the number is typed; the open quantity is proposed (nothing is, in a blind count).
    ScanThenEnter,
}

impl QuantityEntry {
    /// Every way, for tables and tests.
    pub const ALL: [Self; 2] = [Self::EachScan, Self::ScanThenEnter];

    /// The word that tables, files and the wire use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::EachScan => "each_scan",
            Self::ScanThenEnter => "scan_then_enter",
        }
    }

    /// The way with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entry| entry.word() == word)
    }
}

/// One thing to do in a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the task.
    pub number: LineNumber,
    /// The item; `None` in a count, where whatever is found is counted, and where a whole handling unit is meant.
    pub item: Option<ItemId>,
    /// How much is expected, in base units; `None` where the device must not know (a blind count).
    pub expected: Option<Quantity>,
    /// Where from: the bin to pick from, to count, to inspect, or to move out of; `None` for a receipt.
    pub location: Option<LocationId>,
    /// Where to: the place proposed for a putaway, or wanted by a move.
    pub to: Option<LocationId>,
    /// Why that place, in words for the worker: `same item there`, `fits the height`.
    pub why: Option<String>,
    /// The lot that is wanted, where it matters.
    pub lot: Option<String>,
    /// The serial number of the one piece that is meant, where the list names pieces.
    pub serial: Option<String>,
    /// The earliest expiry that may be picked, where it matters.
    pub expiry_min: Option<Date>,
    /// The handling unit that the goods are in, or that is meant as a whole. Scanning it stands for all lines that name
    /// it.
    pub handling_unit: Option<HandlingUnitId>,
    /// The tote of a cart, or the carton, that these goods go into; the task's where `None`.
    pub into: Option<HandlingUnitId>,
    /// Whose goods, where the site keeps stock for several owners.
    pub owner: Option<OwnerId>,
}

impl Line {
    /// A line that names nothing so far.
    pub const fn new(number: LineNumber) -> Self {
        Self {
            number,
            item: None,
            expected: None,
            location: None,
            to: None,
            why: None,
            lot: None,
            serial: None,
            expiry_min: None,
            handling_unit: None,
            into: None,
            owner: None,
        }
    }
}

impl Task {
    /// Whether it may be worked on.
    pub fn is_open(&self) -> bool {
        self.state == TaskState::Open
    }

    /// The line with this number.
    pub fn line(&self, number: LineNumber) -> Option<&Line> {
        self.lines.get(self.position(number)?)
    }

    /// The place in the list of the line with this number.
    pub fn position(&self, number: LineNumber) -> Option<usize> {
        // Lines are nearly always numbered 1, 2, 3 in order: look there first.
        let place = usize::try_from(number.0).ok()?.checked_sub(1)?;
        match self.lines.get(place) {
            Some(line) if line.number == number => Some(place),
            _ => self.lines.iter().position(|line| line.number == number),
        }
    }

    /// The order in which tasks are offered: most urgent first, then by reference and identity.
    pub fn order_of_urgency(&self, other: &Self) -> std::cmp::Ordering {
        let by_urgency = other.priority.cmp(&self.priority);
        by_urgency
            .then_with(|| self.reference.cmp(&other.reference))
            .then_with(|| self.id.cmp(&other.id))
    }
}
