//! The answer to a scan, key or entry: a normal value, whatever the worker did.

use serde::{Deserialize, Serialize};

use crate::confirmation::ExceptionCode;
use crate::ids::{HandlingUnitId, ItemId, LineNumber, LocationId, TaskId, WorkerId};
use crate::label_fault::LabelFault;
use crate::plan::Check;
use crate::quantity::Quantity;

/// The answer of a session to one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It counts: confirmations are written. The end of a line or task and a reversal are facts, too.
    Accept,
    /// Something must be answered first; nothing counts yet.
    Ask(Question),
    /// It does not count, and why.
    Reject(Reason),
    /// It moves the work on without counting goods: a place confirmed, a task opened, a tote taken.
    Go(Where),
    /// It changes nothing that needs an answer: a digit typed, a message read.
    Quiet,
}

/// What a session asks before it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// How many? With the number proposed, unless the count is blind.
    Quantity {
        /// The item in hand; the code itself where no item has it.
        item: ItemId,
        /// The number proposed, in the packaging scanned.
        proposed: Option<Quantity>,
    },
    /// Which lot?
    Lot {
        /// The item in hand.
        item: ItemId,
    },
    /// Which expiry date?
    Expiry {
        /// The item in hand.
        item: ItemId,
    },
    /// Which serial number?
    Serial {
        /// The item in hand.
        item: ItemId,
    },
    /// More than expected: is that so?
    Over {
        /// The item in hand.
        item: ItemId,
        /// By how much the line would be exceeded, in base units.
        by: Quantity,
    },
    /// What is not as it should be? Answered by one of the exception codes that mean something here.
    Exception {
        /// The codes to choose from.
        codes: Vec<ExceptionCode>,
    },
    /// Why? Answered by one of the site's reasons for an exception code.
    Reason {
        /// What was reported.
        code: ExceptionCode,
        /// The reasons to choose from.
        reasons: Vec<String>,
        /// How much is concerned, in base units, where that is known: what is missing in a short pick.
        quantity: Option<Quantity>,
    },
    /// How much of it is concerned by what was reported?
    HowMuch {
        /// The item.
        item: ItemId,
        /// What was reported.
        code: ExceptionCode,
        /// Why, where that was asked.
        reason: Option<String>,
    },
    /// What does it weigh, in kilograms?
    Weight {
        /// The item in hand.
        item: ItemId,
    },
    /// What was looked at or measured?
    Observe {
        /// What is to be looked at.
        check: Check,
        /// The handling unit it is about, where it is about one.
        unit: Option<HandlingUnitId>,
    },
    /// Another item in the place of the one that is wanted?
    Substitute {
        /// The item in hand.
        item: ItemId,
        /// The item that is wanted.
        wanted: ItemId,
    },
    /// It expires sooner than the site wants: take it all the same?
    ShelfLife {
        /// The item in hand.
        item: ItemId,
        /// Its expiry date.
        expiry: jiff::civil::Date,
    },
    /// In which condition is it? Answered by one of the task's conditions.
    Condition {
        /// The item in hand.
        item: ItemId,
        /// The conditions to choose from.
        conditions: Vec<String>,
    },
    /// What came of looking at it? Answered by a stock status, in the order of [`StockStatus::ALL`](crate::confirmation::StockStatus::ALL).
    State {
        /// The item in hand.
        item: ItemId,
    },
    /// The list of what may not be used is old: load all the same?
    StaleHolds {
        /// For how many minutes the hub has not confirmed it; `None` where this device cannot tell.
        minutes: Option<u32>,
    },
    /// A code that no item has: which item is it? Answered by a code or number of the item.
    LinkItem {
        /// The code.
        code: String,
    },
    /// How many base units does one of it hold?
    LinkPack {
        /// The code.
        code: String,
        /// The item.
        item: ItemId,
    },
    /// What is to be done? Answered by an entry of the menu.
    Menu {
        /// The entries to choose from.
        entries: Vec<MenuEntry>,
    },
    /// Which PIN?
    Pin {
        /// Whose.
        worker: WorkerId,
    },
    /// Something more urgent waits: change to it?
    Interrupt {
        /// The task.
        task: TaskId,
    },
    /// Nothing was counted here: is the place empty?
    Empty {
        /// The place.
        location: LocationId,
    },
    /// The count of this place is complete?
    CountComplete {
        /// The place.
        location: LocationId,
    },
    /// Not all lines are done: end the task all the same?
    EndTask {
        /// Lines still open.
        open_lines: usize,
    },
    /// An article that is not on this task's list: record it as found?
    Found {
        /// The code that was scanned.
        code: String,
    },
    /// Goods whose pieces carry a tag, and the tag of this one was not heard: is it missing?
    TagMissing {
        /// The item in hand.
        item: ItemId,
    },
    /// Tags were heard that may lie in the next bay: close the place without them? A label that is scanned counts its
    /// piece.
    Unsure {
        /// The place.
        location: LocationId,
        /// How many tags.
        tags: u32,
        /// The items they name with how many of each, the most first; not all where they are many.
        items: Vec<(ItemId, u32)>,
    },
    /// Which of the pieces that the book has in a place, and nobody counted, is to be looked for?
    Missing {
        /// The place.
        location: LocationId,
        /// The pieces to choose from; none before the hub has told.
        pieces: Vec<MissingPiece>,
        /// How many more there are.
        more: u32,
    },
    /// A piece is looked for by its signal: is it found?
    Locate {
        /// The piece.
        piece: MissingPiece,
    },
    /// Another device holds the task: take it over?
    TakeOver {
        /// The task.
        task: TaskId,
        /// The device that holds it, as people call it.
        holder: String,
        /// For how many minutes the hub has not heard of it; `None` where this device cannot tell.
        silent_minutes: Option<u32>,
    },
    /// Another device, which held the task before, may have done this line: is it still to do?
    MaybeDone {
        /// The line.
        line: LineNumber,
        /// The device, as people call it.
        holder: String,
    },
    /// Two different codes of one kind were in view: aim at one.
    TwoInView {
        /// What was seen, as text.
        seen: Vec<String>,
    },
    /// Which goods does the report concern? Answered by a code or number of the item.
    WhichItem {
        /// What was reported.
        code: ExceptionCode,
    },
    /// Begin a new pallet, with a number and a label of this device?
    NewUnit,
    /// The floor itself begins a task: with which place or handling unit? Answered by its label.
    Begin {
        /// What is begun.
        entry: MenuEntry,
    },
    /// What is to be looked up in stock? Answered by an item, a place, or a handling unit.
    LookUp,
    /// The open task was handed over: the code by which another device goes on with it. It is only shown.
    HandOver {
        /// The code.
        code: String,
    },
    /// The worker's own figures. They are only shown.
    Figures,
}

/// A piece that the book has in a place, and that was not counted there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingPiece {
    /// The item.
    pub item: ItemId,
    /// Its serial number.
    pub serial: String,
    /// The lot the book has it under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
}

/// What the menu key offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MenuEntry {
    /// What is this, where else is it, what is in here?
    Inquiry,
    /// Goods are brought from one place to another without a plan.
    Move,
    /// A handling unit was found that no list has.
    FoundUnit,
    /// A place is counted without a plan.
    Count,
    /// Another task, while this one is kept.
    OtherTask,
    /// Somebody else goes on with this task on another device.
    HandOver,
    /// The worker's own figures.
    Figures,
    /// A label is printed once more.
    PrintLabel,
}

impl MenuEntry {
    /// Every entry, for tables and tests.
    pub const ALL: [Self; 8] = [
        Self::Move,
        Self::FoundUnit,
        Self::Count,
        Self::OtherTask,
        Self::HandOver,
        Self::Figures,
        Self::PrintLabel,
        Self::Inquiry,
    ];

    /// The word of stored sessions.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::Move => "move",
            Self::FoundUnit => "found_unit",
            Self::Count => "count",
            Self::OtherTask => "other_task",
            Self::HandOver => "hand_over",
            Self::Figures => "figures",
            Self::PrintLabel => "print_label",
        }
    }

    /// The entry with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entry| entry.word() == word)
    }
}

/// Why something does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nobody is logged in, and the site wants to know who works.
    NoWorker,
    /// No task is open.
    NoTask,
    /// The code names nothing this device knows.
    UnknownCode {
        /// The code, as it was looked up.
        code: String,
    },
    /// The label breaks the rules of its own form.
    BadLabel {
        /// What is wrong with it.
        fault: LabelFault,
    },
    /// A place was wanted and something else was scanned, or the reverse.
    NotWanted {
        /// What was scanned.
        scanned: Scanned,
        /// What was wanted.
        wanted: Wanted,
    },
    /// Another place was wanted.
    WrongLocation {
        /// The place that was scanned.
        scanned: LocationId,
        /// The place that was wanted.
        wanted: LocationId,
    },
    /// Another item was wanted.
    WrongItem {
        /// The item that was scanned.
        scanned: ItemId,
        /// The item that was wanted.
        wanted: ItemId,
    },
    /// The item is not on this task's list.
    NotOnList {
        /// The item that was scanned.
        scanned: ItemId,
    },
    /// Another lot was wanted.
    WrongLot {
        /// The lot on the label.
        scanned: String,
        /// The lot that was wanted.
        wanted: String,
    },
    /// The goods have expired, or expire too soon.
    Expired {
        /// The date on the label.
        expiry: jiff::civil::Date,
    },
    /// The line has all it needs.
    LineFull {
        /// The item.
        item: ItemId,
    },
    /// It is more than the line still wants: a pack too large, or too high a number.
    TooMany {
        /// The item.
        item: ItemId,
        /// How much it would be, in base units.
        quantity: Quantity,
        /// How much the line still wants, in base units.
        open: Quantity,
    },
    /// The goods are on hold or recalled.
    Blocked {
        /// The item.
        item: ItemId,
        /// The lot, where the hold is on one.
        lot: Option<String>,
        /// Why, as the hub said.
        reason: String,
    },
    /// The goods are on hold or recalled, and whoever looked at them would release them.
    MayNotRelease {
        /// The item.
        item: ItemId,
        /// The lot, where the hold is on one.
        lot: Option<String>,
        /// Why, as the hub said.
        reason: String,
    },
    /// Another handling unit was wanted.
    WrongUnit {
        /// The handling unit that was scanned.
        scanned: HandlingUnitId,
        /// The handling unit that was wanted.
        wanted: HandlingUnitId,
    },
    /// The handling unit is not on this task's list.
    UnitNotOnList {
        /// The handling unit that was scanned.
        unit: HandlingUnitId,
    },
    /// The handling unit is done already: received, moved or loaded.
    UnitDone {
        /// The handling unit.
        unit: HandlingUnitId,
    },
    /// Another truck was wanted.
    WrongVehicle {
        /// What was scanned.
        scanned: String,
        /// The truck of this task.
        wanted: String,
    },
    /// The digits are not those painted beside the place.
    WrongCheckDigits {
        /// The place that was wanted.
        location: LocationId,
    },
    /// The PIN is not the one of this badge.
    WrongPin,
    /// This worker counted it before: somebody else has to count it again.
    CountedBefore {
        /// The task.
        task: TaskId,
    },
    /// No number is left for a new carton or pallet.
    NoHandlingUnitNumber,
    /// The code means an item already.
    CodeKnown {
        /// The code.
        code: String,
        /// The item.
        item: ItemId,
    },
    /// The hub cannot be asked now.
    HubUnreachable,
    /// This place is counted already.
    PlaceCounted {
        /// The place.
        location: LocationId,
    },
    /// The piece is counted by its tag.
    CountedByTag {
        /// The serial number.
        serial: String,
    },
    /// This serial number was counted already.
    SerialRepeated {
        /// The serial number.
        serial: String,
    },
    /// What was typed is no number, date or code of the kind that was asked for.
    BadEntry {
        /// What was typed.
        typed: String,
        /// What was asked for.
        wanted: Wanted,
    },
    /// There is nothing to take back.
    NothingToUndo,
    /// The key means nothing here.
    KeyUnused,
    /// The task was withdrawn by the hub.
    TaskWithdrawn {
        /// The task.
        task: TaskId,
    },
    /// The task was finished, here or on another device.
    TaskDone {
        /// The task.
        task: TaskId,
    },
    /// The code names nothing this device knows, and the worker may say what it is.
    LinkableCode {
        /// The code, as it was looked up.
        code: String,
    },
    /// A physical inventory ends when every place was counted, or reported as one that cannot be reached.
    PlacesOpen {
        /// Lines still open.
        open_lines: usize,
    },
    /// The PIN was wrong too often: the badge has to be scanned again.
    PinRefused,
    /// Goods went out through the portal where they are to come in.
    WrongWay,
    /// The code of a hand-over was not read whole.
    HandOverUnreadable,
    /// The task that is handed over is not open on this device.
    HandOverUnknown,
}

/// What was scanned, told by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// A location label.
    Location(LocationId),
    /// An item, by number.
    Item(ItemId),
    /// A tote, carton or pallet.
    HandlingUnit(String),
    /// A badge; who it names is not repeated.
    Badge,
    /// A document number.
    Reference(String),
    /// Anything else, as text.
    Text(String),
}

/// What was wanted, told by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Any location of the task.
    AnyLocation,
    /// This location.
    Location(LocationId),
    /// Any item.
    AnyItem,
    /// This item.
    Item(ItemId),
    /// A tote.
    Tote,
    /// A tote, carton or pallet of the task.
    AnyUnit,
    /// This tote, carton or pallet.
    HandlingUnit(HandlingUnitId),
    /// A carton to pack into.
    Carton,
    /// The place where the goods go.
    Destination,
    /// This truck.
    Vehicle(String),
    /// A weight in kilograms.
    Weight,
    /// What is to be looked at.
    Check(Check),
    /// A PIN.
    Pin,
    /// A badge.
    Badge,
    /// A number.
    Quantity,
    /// A lot.
    Lot,
    /// A date.
    Date,
    /// A serial number.
    Serial,
    /// An answer to the open question.
    Answer,
    /// The key that says it is done: nothing is left to scan here.
    Done,
    /// A place, whichever it is.
    AnyPlace,
}

/// Where the work goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// A worker logged in.
    LoggedIn,
    /// The worker logged out.
    LoggedOut,
    /// A task was opened.
    Task(TaskId),
    /// A task was left, to be taken up later.
    LeftTask(TaskId),
    /// A place was confirmed.
    Location(LocationId),
    /// A tote was taken, or a pallet that the next pieces belong to.
    Tote(String),
    /// A handling unit was confirmed, as a place is.
    Unit(HandlingUnitId),
    /// The truck of the task was confirmed.
    Vehicle(String),
    /// The line in hand was left for later.
    Skipped,
    /// A task was kept for later, and another one can be opened.
    Kept(TaskId),
    /// The last step, which counted no goods, was taken back.
    Back,
    /// The next pallet or carton that is scanned is opened and taken piece by piece.
    Opening,
    /// Goods were taken in hand, to be set down somewhere.
    InHand {
        /// The item.
        item: ItemId,
        /// How much is in hand now, in base units.
        quantity: Quantity,
    },
    /// A whole handling unit was taken in hand.
    UnitInHand(HandlingUnitId),
    /// Goods are in hand, and go into this tote, or into a new one that is scanned first.
    PutInto(Option<HandlingUnitId>),
}
