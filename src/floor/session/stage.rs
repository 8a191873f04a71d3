//! Where a worker stands in the work: a plain value, copied before each step so that the step can be taken back.

use jiff::civil::Date;

use serde::{Deserialize, Serialize};

use crate::confirmation::{Draft, ExceptionCode, PassReference, RawScan, StockStatus};
use crate::ids::{HandlingUnitId, ItemId, LineNumber, LocationId, OwnerId, TaskId};
use crate::label::{Inquiry, StockRow};
use crate::plan::Check;
use crate::quantity::Quantity;
use crate::verdict::Question;

use super::hand::Hand;

/// Where a worker stands. All kinds of work share it; each says what it makes of the members.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Stage {
    /// The task that is open.
    #[serde(skip_serializing_if = "is_default")]
    pub task: Option<TaskId>,
    /// The line in hand.
    #[serde(skip_serializing_if = "is_default")]
    pub line: Option<LineNumber>,
    /// The place that was confirmed.
    #[serde(skip_serializing_if = "is_default")]
    pub location: Option<LocationId>,
    /// The tote the goods go into, or the pallet they are on.
    #[serde(skip_serializing_if = "is_default")]
    pub unit: Option<HandlingUnitId>,
    /// What was counted in this place so far, in this session.
    #[serde(skip_serializing_if = "is_default")]
    pub tally: Tally,
    /// What was accepted just now, where more of the same may be typed.
    #[serde(skip_serializing_if = "is_default")]
    pub last: Option<Piece>,
    /// The open question.
    #[serde(skip_serializing_if = "is_default")]
    pub open: Option<Open>,
    /// The keys typed so far.
    #[serde(skip_serializing_if = "is_default")]
    pub typed: String,
    /// Whether a label is being typed.
    #[serde(skip_serializing_if = "is_default")]
    pub typing: bool,
    /// Whether the digits painted beside a place are being typed.
    #[serde(skip_serializing_if = "is_default")]
    pub digits: bool,
    /// Lines that another device may have done, and of which the worker said that they are still to do.
    #[serde(skip_serializing_if = "is_default")]
    pub settled: Vec<LineNumber>,
    /// Lines that the worker left for later, in this order.
    #[serde(skip_serializing_if = "is_default")]
    pub skipped: Vec<LineNumber>,
    /// Where goods go that are in hand: the place that was confirmed for them.
    #[serde(skip_serializing_if = "is_default")]
    pub to: Option<LocationId>,
    /// The carton that is packed into, or another second handling unit.
    #[serde(skip_serializing_if = "is_default")]
    pub into: Option<HandlingUnitId>,
    /// Whether the truck of the task was confirmed.
    #[serde(skip_serializing_if = "is_default")]
    pub vehicle_confirmed: bool,
    /// What was looked at and measured already.
    #[serde(skip_serializing_if = "is_default")]
    pub observed: Vec<Check>,
    /// Whether the worker was told who holds the task, and works on it all the same.
    #[serde(skip_serializing_if = "is_default")]
    pub take_over: bool,
    /// A piece whose code no item has, refused just now: the worker may say what it is.
    #[serde(skip_serializing_if = "is_default")]
    pub unknown: Option<Piece>,
    /// Whether the next handling unit is opened and taken piece by piece, though all of it is known.
    #[serde(skip_serializing_if = "is_default")]
    pub opens_unit: bool,
    /// What is on the way from one place to another.
    #[serde(skip_serializing_if = "is_default")]
    pub hand: Hand,
    /// The proposed place that was reported to take no more.
    #[serde(skip_serializing_if = "is_default")]
    pub full: Option<Full>,
    /// Where the worker stood in another task, which goes on when this one ends.
    #[serde(skip_serializing_if = "is_default")]
    pub kept: Option<Box<Self>>,
    /// Goods in hand that are recorded once the tote they go into is scanned.
    #[serde(skip_serializing_if = "is_default")]
    pub in_hand: Option<Piece>,
    /// Totes and cartons that were closed in this task, each with the one that took its place, once that was scanned.
    #[serde(skip_serializing_if = "is_default")]
    pub closed: Vec<(HandlingUnitId, Option<HandlingUnitId>)>,
    /// The substitute that was agreed to, and its line.
    #[serde(skip_serializing_if = "is_default")]
    pub substitute: Option<(LineNumber, ItemId)>,
    /// What was told of the checks so far, where all of them are recorded together.
    #[serde(skip_serializing_if = "is_default")]
    pub told: Vec<(Check, String)>,
    /// What was told of the goods that are scanned next: that they are damaged, and how.
    #[serde(skip_serializing_if = "is_default")]
    pub marked: Option<Piece>,
    /// What was looked up in stock, while that is on the screen.
    #[serde(skip_serializing_if = "is_default")]
    pub look_up: Option<LookUp>,
    /// The place of a count that was closed last, where it was swept: what the book has there and nobody counted can be
    /// looked for.
    #[serde(skip_serializing_if = "is_default")]
    pub closed_place: Option<LocationId>,
    /// Whether this device itself began the task: no hub plans it, and nobody else has it.
    #[serde(skip_serializing_if = "is_default")]
    pub begun_here: bool,
    /// What passes through a portal have left to look at.
    #[serde(skip_serializing_if = "is_default")]
    pub portal: AtPortal,
    /// The question that was open when a PIN was asked for, which goes on after it.
    #[serde(skip_serializing_if = "is_default")]
    pub under: Option<Box<Open>>,
}

/// A place that takes no more, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Full {
    /// The place.
    pub place: LocationId,
    /// The reason, where the site asks for one.
    pub reason: Option<String>,
}

impl Stage {
    /// Leaves the task: back to the one that was kept meanwhile, or to none. Answers the place in the task that was
    /// left.
    pub fn leave(&mut self) -> Self {
        let kept = self.kept.take().map_or_else(Self::default, |kept| *kept);
        std::mem::replace(self, kept)
    }

    /// The same place in the work with nothing half done: no question, nothing typed, nothing in hand.
    pub fn at_rest(&self) -> Self {
        Self {
            last: None,
            unknown: None,
            open: None,
            under: None,
            typed: String::new(),
            typing: false,
            digits: false,
            hand: self.hand.at_rest(),
            marked: None,
            look_up: None,
            ..self.clone()
        }
    }

    /// Asks about a piece, or about the work where there is none.
    pub fn ask(&mut self, question: Question, piece: Option<Piece>) {
        self.open = Some(Open { question, piece });
        self.typed.clear();
        self.typing = false;
        self.digits = false;
    }

    /// Whether nothing is in hand.
    pub const fn has_free_hands(&self) -> bool {
        self.hand.is_empty() && self.in_hand.is_none()
    }

    /// How many tasks are kept below this one.
    pub fn depth(&self) -> usize {
        let kept = std::iter::successors(self.kept.as_deref(), |stage| stage.kept.as_deref());
        kept.count()
    }

    /// Drops the open question and what was typed. The question that a PIN was asked over is open again.
    pub fn drop_question(&mut self) {
        self.look_up = None;
        self.open = self.under.take().map(|open| *open);
        self.typed.clear();
        self.typing = false;
        self.digits = false;
    }
}

/// What was asked about stock, and what the hub said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LookUp {
    /// What was asked.
    pub inquiry: Inquiry,
    /// What the hub said, and whether it said anything so far.
    #[serde(default, skip_serializing_if = "is_default")]
    pub answer: Option<Told>,
}

/// What came of an inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// The hub cannot be reached.
    Unreachable,
    /// The hub has not heard yet that the place is counted.
    TooEarly,
    /// What the ledger has.
    Rows(Vec<StockRow>),
}

/// Whether a member says nothing and is left out: the session is stored with every step.
pub(crate) fn is_default<T: Default + PartialEq>(member: &T) -> bool {
    *member == T::default()
}

/// An open question, and the piece it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Open {
    /// The question.
    pub question: Question,
    /// The piece in hand, as far as it is known.
    #[serde(default, skip_serializing_if = "is_default")]
    pub piece: Option<Piece>,
}

/// Goods in hand, as far as label and worker have told. Once enough is known they become a fact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Piece {
    /// The item; `None` for a code that no item has.
    #[serde(skip_serializing_if = "is_default")]
    pub item: Option<ItemId>,
    /// The code as it was looked up.
    #[serde(skip_serializing_if = "is_default")]
    pub code: String,
    /// The packaging scanned.
    #[serde(skip_serializing_if = "is_default")]
    pub unit: String,
    /// Base units in one of it.
    #[serde(skip_serializing_if = "is_default")]
    pub pack: Quantity,
    /// How many of them the label says there are (AI 30, 37).
    #[serde(skip_serializing_if = "is_default")]
    pub times: Option<i64>,
    /// The lot.
    #[serde(skip_serializing_if = "is_default")]
    pub lot: Option<String>,
    /// The serial number.
    #[serde(skip_serializing_if = "is_default")]
    pub serial: Option<String>,
    /// The expiry date.
    #[serde(skip_serializing_if = "is_default")]
    pub expiry: Option<Date>,
    /// The handling unit that the label names.
    #[serde(skip_serializing_if = "is_default")]
    pub unit_on_label: Option<HandlingUnitId>,
    /// Whose the item is, where the site keeps stock for several owners.
    #[serde(skip_serializing_if = "is_default")]
    pub owner: Option<OwnerId>,
    /// The line it is for, once that is found.
    #[serde(skip_serializing_if = "is_default")]
    pub line: Option<LineNumber>,
    /// The net weight in kilograms, as the label or the worker says.
    #[serde(skip_serializing_if = "is_default")]
    pub weight: Option<Quantity>,
    /// Whether the goods may be used.
    #[serde(skip_serializing_if = "is_default")]
    pub status: StockStatus,
    /// What came of looking at it, once that was told.
    #[serde(skip_serializing_if = "is_default")]
    pub state: Option<StockStatus>,
    /// Where the goods go, where the piece has a place of its own.
    #[serde(skip_serializing_if = "is_default")]
    pub to: Option<LocationId>,
    /// Why it is not as planned, where that was asked.
    #[serde(skip_serializing_if = "is_default")]
    pub reason: Option<String>,
    /// How much, in base units, once that is known.
    #[serde(skip_serializing_if = "is_default")]
    pub quantity: Option<Quantity>,
    /// What the worker agreed to record.
    #[serde(skip_serializing_if = "is_default")]
    pub agreed: Option<ExceptionCode>,
    /// What the worker agreed to before that.
    #[serde(skip_serializing_if = "is_default")]
    pub agreed_before: Vec<ExceptionCode>,
    /// What the worker reported of these goods by the exception key.
    #[serde(skip_serializing_if = "is_default")]
    pub reported: Option<ExceptionCode>,
    /// The condition it came back in.
    #[serde(skip_serializing_if = "is_default")]
    pub condition: Option<String>,
    /// Whether its code was linked to its item just now: that is recorded with it.
    #[serde(skip_serializing_if = "is_default")]
    pub is_linked: bool,
    /// The read that led to it.
    #[serde(skip_serializing_if = "is_default")]
    pub raw: Option<RawScan>,
}

impl Piece {
    /// What to call it in questions and answers: the item, or the code where no item has it.
    pub fn called(&self) -> ItemId {
        self.item
            .clone()
            .unwrap_or_else(|| ItemId::from(self.code.as_str()))
    }

    /// The same piece, and the worker agreed to one thing more.
    pub fn agreeing(mut self, code: ExceptionCode) -> Self {
        self.agreed_before.extend(self.agreed.replace(code));
        self
    }

    /// Whether the worker agreed to this.
    pub fn has_agreed(&self, code: ExceptionCode) -> bool {
        self.agreed == Some(code) || self.agreed_before.contains(&code)
    }

    /// More of the same: what is known of every piece of the kind, without what belongs to the one.
    pub fn more_of_the_same(&self) -> Self {
        Self {
            times: None,
            serial: None,
            weight: None,
            quantity: None,
            agreed: None,
            agreed_before: Vec::new(),
            reported: None,
            is_linked: false,
            status: StockStatus::default(),
            state: None,
            reason: None,
            ..self.clone()
        }
    }
}

/// What passes through a portal have left to look at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AtPortal {
    /// What is to be looked at, the next one first.
    #[serde(skip_serializing_if = "is_default")]
    pub checks: Vec<PassCheck>,
    /// What is to be looked at beyond what is kept.
    #[serde(skip_serializing_if = "is_default")]
    pub more: u32,
    /// Tags that the last pass heard from elsewhere.
    #[serde(skip_serializing_if = "is_default")]
    pub stray: u32,
    /// Whether the worker agreed to end the receipt without looking at them.
    #[serde(skip_serializing_if = "is_default")]
    pub are_left: bool,
}

/// A receipt that was left while something of its passes was still to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeftChecks {
    /// The receipt.
    pub task: TaskId,
    /// What is to be looked at when it is opened again.
    pub portal: AtPortal,
}

/// A tag of a pass whose label somebody has to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PassCheck {
    /// The GTIN in 14 digits; of a handling unit the SSCC.
    pub code: String,
    /// The serial number of a piece.
    #[serde(default, skip_serializing_if = "is_default")]
    pub serial: Option<String>,
    /// Why.
    pub why: CheckWhy,
    /// The pass.
    pub pass: PassReference,
}

impl PassCheck {
    /// Whether it is about this piece or unit.
    pub fn is_of(&self, code: &str, serial: Option<&str>) -> bool {
        self.code == code && self.serial.as_deref() == serial
    }
}

/// Why a tag of a pass is not recorded by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckWhy {
    /// It may not have gone through.
    Maybe,
    /// It went through, and nobody announced it, or not so many.
    Surplus,
    /// It went through, and something has to be known of it that no tag says.
    Details,
}

impl CheckWhy {
    /// The word of exception reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Maybe => "maybe",
            Self::Surplus => "surplus",
            Self::Details => "details",
        }
    }
}

/// What was counted in one place in this session, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Tally {
    /// Each item, or code that no item has, and how much of it.
    #[serde(skip_serializing_if = "is_default")]
    pub counted: Vec<(ItemId, Quantity)>,
    /// Whether the item counted last is one of them; not beyond [`TALLY_ITEMS_MAX`].
    #[serde(skip_serializing_if = "is_default")]
    pub has_newest: bool,
}

/// Different items of one place whose figures are kept: more than a screen shows, and little to store with each
/// step. Beyond it further items are recorded as ever, and their running figure is left out.
pub(crate) const TALLY_ITEMS_MAX: usize = 12;

impl Tally {
    /// Whether nothing was counted yet.
    pub const fn is_empty(&self) -> bool {
        self.counted.is_empty()
    }

    /// Whether something is among what was counted here.
    pub fn has(&self, item: &ItemId) -> bool {
        self.counted.iter().any(|(known, _)| known == item)
    }

    /// The item counted last, and how much of it.
    pub fn newest(&self) -> Option<&(ItemId, Quantity)> {
        self.counted.first().filter(|_| self.has_newest)
    }

    /// Adds goods, and puts them first.
    pub fn add(&mut self, item: &ItemId, quantity: Quantity) {
        self.has_newest = true;
        let found = self.counted.iter().position(|(known, _)| known == item);
        match found {
            Some(place) => {
                let (item, before) = self.counted.remove(place);
                self.counted.insert(0, (item, before + quantity));
            }
            None if self.counted.len() < TALLY_ITEMS_MAX => self.counted.insert(0, (item.clone(), quantity)),
            None => self.has_newest = false,
        }
    }
}

/// A step that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undo {
    /// Where the worker stood before it.
    pub before: Stage,
    /// The facts that take its own back, in the order in which they are to be written.
    pub reversals: Vec<Draft>,
}

/// Serial numbers in the facts of a step that can be taken back after the next one. A step with more of them (a place that
/// was closed with its sweep) can be taken back only for as long as nothing else was done: what would take it back is
/// stored with every step.
pub(crate) const UNDO_SERIALS_MAX: usize = 200;

/// Steps that can be taken back: a worker notices a slip at once or a few scans later, and every one of them is
/// stored with each step. With six, the stored session fits a page of the store.
pub(crate) const UNDO_STEPS_MAX: usize = 6;
