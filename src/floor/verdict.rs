//! The answer to a scan, key or entry: a normal value, whatever the worker did.

use crate::ids::{ItemId, LineNumber, LocationId, TaskId};
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Less than expected: why? Answered by one of the site's reasons.
    ShortReason {
        /// How much is missing, in base units.
        missing: Quantity,
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
        /// What is wrong with it, in a sentence.
        message: String,
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
    /// This place is counted already.
    PlaceCounted {
        /// The place.
        location: LocationId,
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
    /// The last step, which counted no goods, was taken back.
    Back,
}
