//! Where a worker stands in the work: a plain value, copied before each step so that the step can be taken back.

use jiff::civil::Date;

use crate::confirmation::{Draft, ExceptionCode, RawScan};
use crate::ids::{HandlingUnitId, ItemId, LineNumber, LocationId, OwnerId, TaskId};
use crate::quantity::Quantity;
use crate::verdict::Question;

/// Where a worker stands. All kinds of work share it; each says what it makes of the members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Stage {
    /// The task that is open.
    pub task: Option<TaskId>,
    /// The line in hand.
    pub line: Option<LineNumber>,
    /// The place that was confirmed.
    pub location: Option<LocationId>,
    /// The tote the goods go into, or the pallet they are on.
    pub unit: Option<HandlingUnitId>,
    /// What was counted in this place so far, in this session.
    pub tally: Tally,
    /// What was accepted just now, where more of the same may be typed.
    pub last: Option<Piece>,
    /// The open question.
    pub open: Option<Open>,
    /// The keys typed so far.
    pub typed: String,
    /// Whether a label is being typed.
    pub typing: bool,
    /// Lines that another device may have done, and of which the worker said that they are still to do.
    pub settled: Vec<LineNumber>,
    /// Whether the worker was told who holds the task, and works on it all the same.
    pub take_over: bool,
}

impl Stage {
    /// The same place in the work with nothing half done: no question, nothing typed, nothing in hand.
    pub fn at_rest(&self) -> Self {
        Self {
            last: None,
            open: None,
            typed: String::new(),
            typing: false,
            ..self.clone()
        }
    }

    /// Asks about a piece, or about the work where there is none.
    pub fn ask(&mut self, question: Question, piece: Option<Piece>) {
        self.open = Some(Open { question, piece });
        self.typed.clear();
        self.typing = false;
    }

    /// Drops the open question and what was typed.
    pub fn drop_question(&mut self) {
        self.open = None;
        self.typed.clear();
        self.typing = false;
    }
}

/// An open question, and the piece it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    /// The question.
    pub question: Question,
    /// The piece in hand, as far as it is known.
    pub piece: Option<Piece>,
}

/// Goods in hand, as far as label and worker have told. Once enough is known they become a fact.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Piece {
    /// The item; `None` for a code that no item has.
    pub item: Option<ItemId>,
    /// The code as it was looked up.
    pub code: String,
    /// The packaging scanned.
    pub unit: String,
    /// Base units in one of it.
    pub pack: Quantity,
    /// How many of them the label says there are (AI 30, 37).
    pub times: Option<i64>,
    /// The lot.
    pub lot: Option<String>,
    /// The serial number.
    pub serial: Option<String>,
    /// The expiry date.
    pub expiry: Option<Date>,
    /// The handling unit that the label names.
    pub unit_on_label: Option<HandlingUnitId>,
    /// Whose the item is, where the site keeps stock for several owners.
    pub owner: Option<OwnerId>,
    /// The line it is for, once that is found.
    pub line: Option<LineNumber>,
    /// How much, in base units, once that is known.
    pub quantity: Option<Quantity>,
    /// What the worker agreed to record.
    pub agreed: Option<ExceptionCode>,
    /// The read that led to it.
    pub raw: Option<RawScan>,
}

impl Piece {
    /// What to call it in questions and answers: the item, or the code where no item has it.
    pub fn called(&self) -> ItemId {
        self.item
            .clone()
            .unwrap_or_else(|| ItemId::from(self.code.as_str()))
    }

    /// More of the same: what is known of every piece of the kind, without what belongs to the one.
    pub fn more_of_the_same(&self) -> Self {
        Self {
            times: None,
            serial: None,
            quantity: None,
            agreed: None,
            ..self.clone()
        }
    }
}

/// What was counted in one place in this session, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    /// Each item, or code that no item has, and how much of it.
    pub counted: Vec<(ItemId, Quantity)>,
    /// Whether the item counted last is one of them; not beyond [`TALLY_ITEMS_MAX`].
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

/// Steps that can be taken back: a worker notices a slip at once or a few scans later, and every one of them is
/// stored with each step. With six, the stored session fits a page of the store.
pub(crate) const UNDO_STEPS_MAX: usize = 6;
