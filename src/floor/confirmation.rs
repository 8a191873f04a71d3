//! Confirmations: immutable facts about what was done on the floor.
//!
//! The session writes a [`Draft`]; the device's journal gives it its place and hash and makes it a
//! [`Confirmation`] in the same transaction. Members that cannot be added later without breaking the chain are
//! here from the start, used or not.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use serde::{Deserialize, Serialize};

use crate::ids::{
    ConfirmationId, HandlingUnitId, ItemId, LineNumber, LocationId, OwnerId, SiteId, TaskId, WorkerId,
};
use crate::plan::Check;
use crate::quantity::Quantity;
use crate::task::Task;

/// A fact as the session states it, before the journal has given it its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The warehouse.
    pub site: SiteId,
    /// Who did it, where someone is logged in.
    pub worker: Option<WorkerId>,
    /// The line it was done for; `None` for work nobody planned.
    pub work: Option<WorkReference>,
    /// What was done.
    pub act: Act,
    /// With which goods; `None` for acts without goods, as the end of a task.
    pub goods: Option<Goods>,
    /// Where the goods came from.
    pub from: Option<Place>,
    /// Where they went; in a count, where they lie.
    pub to: Option<Place>,
    /// What was looked at or measured.
    pub observed: Option<Observation>,
    /// The task that the floor itself began with this fact.
    pub started: Option<Arc<Task>>,
    /// What did not go to plan, as the worker reported it.
    pub exception: Option<ExceptionReport>,
    /// The confirmation of the same device that this one takes back. A reversal repeats its work, goods and
    /// places, so that it can be understood without it.
    pub reverses: Option<Reverses>,
    /// The read that led to it, as it came.
    pub raw: Option<RawScan>,
    /// The pass through a portal that it came of, or that a label was looked at for.
    pub pass: Option<PassReference>,
    /// When, by the device's clocks. For people and for bounds; never for order.
    pub times: Times,
}

impl Draft {
    /// The act that progress is counted by, and whether it is added or, by a reversal, taken off.
    pub fn progress_act(&self) -> (Act, bool) {
        match self.reverses {
            Some(reverses) => (reverses.act, false),
            None => (self.act, true),
        }
    }
}

/// A fact with its place in a device's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Its identity.
    pub id: ConfirmationId,
    /// What it says.
    pub draft: Draft,
}

/// Which confirmation of the same device a reversal takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reverses {
    /// Its epoch.
    pub epoch: u32,
    /// Its place in the journal of that epoch.
    pub seq: u64,
    /// What it said was done.
    pub act: Act,
}

/// The planned work a fact belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WorkReference {
    /// The task.
    pub task: TaskId,
    /// The revision the device had seen.
    pub revision: u32,
    /// The line; `None` where the act concerns the whole task.
    pub line: Option<LineNumber>,
    /// The number of the lease it was done under; `None` without one.
    pub fence: Option<u64>,
}

/// A pass through a portal: goods went through a dock door and their tags were read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct PassReference {
    /// The portal, by its name in the device's configuration.
    pub portal: String,
    /// The pass. The device counts its passes and gives no number twice.
    pub number: u64,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Goods were taken in: supplier to dock.
    Received,
    /// Goods were taken from a place into a handling unit.
    Picked,
    /// Goods were brought from one place to another: put away, replenished, or moved.
    Moved,
    /// Goods were put from a tote into a carton.
    Packed,
    /// A handling unit went onto a truck, with whatever is in it.
    Loaded,
    /// Goods came back: customer to a place.
    Returned,
    /// Goods were seen lying in a place and counted.
    Counted,
    /// Goods were given another stock status where they lie.
    StatusChanged,
    /// Goods were looked at where they lie: released, or blocked.
    Inspected,
    /// A place was counted to the end; what was not counted there is not there.
    LocationCounted,
    /// A handling unit is full or closed: what follows goes into another one.
    UnitClosed,
    /// A handling unit was put down for somebody else to go on with.
    HandedOver,
    /// Something was looked at or measured: a seal, a temperature, a weight.
    Observed,
    /// Something was reported that moves nothing: wrong goods in a bin, a place that is full.
    Reported,
    /// A code that no item had was linked to one.
    CodeLinked,
    /// The floor itself began a task.
    TaskStarted,
    /// A line ends with less than expected, for the reason reported.
    LineClosed,
    /// The worker ended the task.
    TaskClosed,
    /// An earlier confirmation of this device is taken back.
    Reversed,
}

impl Act {
    /// Every act, for tables and tests.
    pub const ALL: [Self; 19] = [
        Self::Received,
        Self::Picked,
        Self::Moved,
        Self::Packed,
        Self::Loaded,
        Self::Returned,
        Self::Counted,
        Self::StatusChanged,
        Self::Inspected,
        Self::LocationCounted,
        Self::UnitClosed,
        Self::HandedOver,
        Self::Observed,
        Self::Reported,
        Self::CodeLinked,
        Self::TaskStarted,
        Self::LineClosed,
        Self::TaskClosed,
        Self::Reversed,
    ];

    /// The word that tables and the wire use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Picked => "picked",
            Self::Moved => "moved",
            Self::Packed => "packed",
            Self::Loaded => "loaded",
            Self::Returned => "returned",
            Self::Counted => "counted",
            Self::StatusChanged => "status_changed",
            Self::Inspected => "inspected",
            Self::LocationCounted => "location_counted",
            Self::UnitClosed => "unit_closed",
            Self::HandedOver => "handed_over",
            Self::Observed => "observed",
            Self::Reported => "reported",
            Self::CodeLinked => "code_linked",
            Self::TaskStarted => "task_started",
            Self::LineClosed => "line_closed",
            Self::TaskClosed => "task_closed",
            Self::Reversed => "reversed",
        }
    }

    /// The act with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }

    /// Whether it means nothing without goods.
    pub const fn moves_goods(self) -> bool {
        match self {
            Self::Received
            | Self::Picked
            | Self::Moved
            | Self::Packed
            | Self::Returned
            | Self::Counted
            | Self::StatusChanged
            | Self::Inspected
            | Self::CodeLinked => true,
            Self::Loaded
            | Self::LocationCounted
            | Self::UnitClosed
            | Self::HandedOver
            | Self::Observed
            | Self::Reported
            | Self::TaskStarted
            | Self::LineClosed
            | Self::TaskClosed
            | Self::Reversed => false,
        }
    }

    /// What it does to the progress of its line.
    const fn progress(self) -> OfLine {
        match self {
            Self::Received
            | Self::Picked
            | Self::Moved
            | Self::Packed
            | Self::Returned
            | Self::Counted
            | Self::Inspected => OfLine::Counts,
            Self::LineClosed | Self::LocationCounted | Self::Loaded => OfLine::Ends,
            Self::StatusChanged
            | Self::UnitClosed
            | Self::HandedOver
            | Self::Observed
            | Self::Reported
            | Self::CodeLinked
            | Self::TaskStarted
            | Self::TaskClosed
            | Self::Reversed => OfLine::Nothing,
        }
    }

    /// Whether its quantity is progress of its line.
    pub const fn counts_as_progress(self) -> bool {
        matches!(self.progress(), OfLine::Counts)
    }

    /// Whether it ends its line, whatever was confirmed of it before.
    pub const fn ends_line(self) -> bool {
        matches!(self.progress(), OfLine::Ends)
    }
}

/// What an act does to the progress of its line.
enum OfLine {
    /// Its quantity is added.
    Counts,
    /// The line is over.
    Ends,
    /// Nothing.
    Nothing,
}

/// Goods of one kind, as one confirmation moves or counts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goods {
    /// The item; `None` when the code is known to nobody yet (goods found in a count).
    pub item: Option<ItemId>,
    /// The code that was scanned or typed, as it was looked up.
    pub code: String,
    /// How much, in base units. Always more than none; a reversal repeats the quantity it takes back.
    pub quantity: Quantity,
    /// The packaging as scanned, as `case`.
    pub unit: String,
    /// Base units in one of that packaging.
    pub pack: Quantity,
    /// The batch or lot.
    pub lot: Option<String>,
    /// The serial numbers, where they are recorded.
    pub serials: Vec<String>,
    /// The expiry date.
    pub expiry: Option<Date>,
    /// The net weight of all of it in kilograms, where no two pieces weigh the same.
    pub weight: Option<Quantity>,
    /// The handling unit the goods are in.
    pub handling_unit: Option<HandlingUnitId>,
    /// Whether they may be used.
    pub status: StockStatus,
    /// Whose they are.
    pub owner: Option<OwnerId>,
}

impl Goods {
    /// What to call them: the item, or the code where no item has it.
    pub fn called(&self) -> ItemId {
        let item = self.item.clone();
        item.unwrap_or_else(|| ItemId::from(self.code.as_str()))
    }
}

/// Whether goods may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockStatus {
    /// They may.
    #[default]
    Available,
    /// Not before somebody has released them.
    Hold,
    /// They are broken.
    Damaged,
}

impl StockStatus {
    /// Every stock status, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Available, Self::Hold, Self::Damaged];

    /// The word that tables and the wire use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Hold => "hold",
            Self::Damaged => "damaged",
        }
    }

    /// The stock status with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// One end of a movement, as the floor knows it. The hub maps it to an account of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// A place with an address.
    Location(LocationId),
    /// A tote, carton or pallet.
    HandlingUnit(HandlingUnitId),
    /// A truck, trailer or container at a door.
    Vehicle(String),
    /// Outside, before the goods came in.
    Supplier,
    /// Outside, after the goods went out.
    Customer,
}

/// Something that was looked at or measured, as the worker told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What.
    pub check: Check,
    /// What it is: a number in the check's unit, or text.
    pub value: String,
}

/// What a worker reports when work does not go to plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExceptionReport {
    /// The exception code.
    pub code: ExceptionCode,
    /// The reason the worker chose, as `empty` or `damaged`; free words of the site's configuration.
    pub reason: Option<String>,
    /// How much is concerned, in base units, where that is known (what is missing in a short pick).
    pub quantity: Option<Quantity>,
}

/// What can go wrong at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionCode {
    /// Less is there than expected.
    Short,
    /// More was there than expected.
    Over,
    /// Goods are broken.
    Damaged,
    /// Goods nobody expected were found.
    Found,
    /// Other goods lie in the place than should.
    WrongGoods,
    /// Goods have expired, or expire too soon.
    Expired,
    /// Goods are on hold or recalled.
    Blocked,
    /// The place takes no more.
    LocationFull,
    /// The place is empty.
    LocationEmpty,
    /// Goods were put somewhere else than proposed.
    OtherPlace,
    /// The tote or carton takes no more.
    UnitFull,
    /// A label cannot be read; what it says was typed.
    Unreadable,
    /// Another item was given in the place of the one that was wanted.
    Substitute,
    /// Another device, which held the task before, has done it; its records have not come yet.
    Elsewhere,
    /// The place cannot be reached.
    NotReachable,
    /// Goods that carry an RFID tag were counted by their label: the tag is missing, or says nothing.
    TagMissing,
    /// A tag was heard that may lie elsewhere, and nobody looked at its label; or one that names no goods.
    Unsure,
}

impl ExceptionCode {
    /// Every exception code, for tables and tests.
    pub const ALL: [Self; 17] = [
        Self::Short,
        Self::Over,
        Self::Damaged,
        Self::Found,
        Self::WrongGoods,
        Self::Expired,
        Self::Blocked,
        Self::LocationFull,
        Self::LocationEmpty,
        Self::OtherPlace,
        Self::UnitFull,
        Self::Unreadable,
        Self::Substitute,
        Self::Elsewhere,
        Self::NotReachable,
        Self::TagMissing,
        Self::Unsure,
    ];

    /// The word that tables and the wire use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Over => "over",
            Self::Damaged => "damaged",
            Self::Found => "found",
            Self::WrongGoods => "wrong_goods",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
            Self::LocationFull => "location_full",
            Self::LocationEmpty => "location_empty",
            Self::OtherPlace => "other_place",
            Self::UnitFull => "unit_full",
            Self::Unreadable => "unreadable",
            Self::Substitute => "substitute",
            Self::Elsewhere => "elsewhere",
            Self::NotReachable => "not_reachable",
            Self::TagMissing => "tag_missing",
            Self::Unsure => "unsure",
        }
    }

    /// The exception code with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.word() == word)
    }
}

/// The read behind a fact, kept so that anybody can judge it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawScan {
    /// The scanner, by its name in the device's configuration.
    pub scanner: String,
    /// The message as it came; bytes above 7F as ISO/IEC 8859-1 unless they are UTF-8.
    pub text: String,
    /// The symbology identifier, as `]C1`.
    pub symbology: Option<String>,
    /// Whether a scanner read it or a person typed it.
    pub source: Source,
}

/// Where a fact's code came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A barcode scanner.
    Scan,
    /// An RFID reader.
    Rfid,
    /// Keys: less to be trusted, and marked as such for good.
    Typed,
}

impl Source {
    /// Every source, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Scan, Self::Rfid, Self::Typed];

    /// The word that tables and the wire use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Rfid => "rfid",
            Self::Typed => "typed",
        }
    }

    /// The source with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.word() == word)
    }
}

/// When something happened, by the device's clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// The system start the monotonic time belongs to (`/proc/sys/kernel/random/boot_id`).
    pub boot: String,
    /// Microseconds since that start, suspend included (CLOCK_BOOTTIME).
    pub boottime_us: u64,
    /// What the device's clock said. It may be wrong by years.
    pub wall: Timestamp,
}
