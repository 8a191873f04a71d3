//! What posting comes to: the rows that a store writes.

use std::collections::{BTreeMap, BTreeSet};

use tallyman_floor::Quantity;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{ConfirmationBody, Outcome, TaskBody};

use super::batch::ReadRecord;
use super::excerpt::{BalanceKey, Progress};
use super::units::{UnitRow, contents_of};
use crate::ledger::DeviceIdentity;
use crate::ledger::account::{Account, Pair};
use crate::ledger::exception::ExceptionKind;
use crate::ledger::interpret::{item_for_people, location_for_people, location_of};

/// Where entries come from: a fact of the journal, or a document of the hub's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The fact at this place of the journal.
    Journal(i64),
    /// The document with this number.
    Document(i64),
}

/// The last numbers that are given away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    /// Places in the journal.
    pub journal: i64,
    /// Entries.
    pub entry: i64,
    /// Exceptions.
    pub exception: i64,
}

/// Rows to write. Those of the journal, the entries and the exceptions have the numbers after [`Numbers`], in their
/// order here.
#[derive(Debug, Default)]
pub struct Rows<'a> {
    /// The numbers given away before.
    pub before: Numbers,
    /// Facts, in the order in which they were taken.
    pub journal: Vec<JournalRow<'a>>,
    /// Pairs; each becomes two entries, what leaves first.
    pub pairs: Vec<PostedPair>,
    /// What is added to balances, each once, in millionths. Zero where as much came as went. Wider than a balance: one
    /// that goes from the least to the most that fits changes by twice that.
    pub balances: BTreeMap<BalanceKey, i128>,
    /// What the progress of lines is now.
    pub progress: BTreeMap<(String, u32), Progress>,
    /// Tasks that were worked on, with their new state where it has changed.
    pub tasks: BTreeMap<String, Option<&'static str>>,
    /// Places of facts that were taken back, and of those that did.
    pub reversals: Vec<(i64, i64)>,
    /// Exceptions raised.
    pub exceptions: Vec<ExceptionRow>,
    /// Places of facts whose open exceptions, raised by earlier transactions, are to be withdrawn.
    pub withdrawn: Vec<i64>,
    /// Records of second stories.
    pub forks: Vec<ForkRow<'a>>,
    /// Devices with the records that were set aside, beside those that an open exception counts already.
    pub set_aside: Vec<(&'a str, i64)>,
    /// Lines that waited for another device's records, which have come.
    pub arrived: Vec<(String, u32)>,
    /// Tasks that the floor began, in their order. They are among [`Self::tasks`], too.
    pub started: Vec<TaskBody>,
    /// Codes that the floor linked to items, with the place of the fact.
    pub linked: Vec<LinkedCode>,
    /// Codes whose link was taken back.
    pub unlinked: Vec<LinkedCode>,
    /// Counts of locations that ended, in their order.
    pub counted: Vec<CountRow>,
    /// Those that were taken back.
    pub uncounted: Vec<CountRow>,
    /// Numbers of leases that devices have and this hub has not given: it was restored, and goes on after them.
    pub fences: BTreeMap<String, u64>,
    /// Handling units of which something was said.
    pub units: Vec<UnitRow>,
    /// Handling units of which it is known by now what is in them: nobody has to find out.
    pub known_units: BTreeSet<String>,
}

/// A code that the floor linked to an item.
#[derive(Debug, Clone)]
pub struct LinkedCode {
    /// The code.
    pub code: String,
    /// The item.
    pub item: String,
    /// The packaging.
    pub unit: String,
    /// Millionths of the base unit in one of it.
    pub pack_micro: i64,
    /// The fact's place in the journal.
    pub journal: i64,
}

impl LinkedCode {
    /// The code that a fact at this place of the journal links, or a reversal takes back.
    pub fn of(place: i64, body: &ConfirmationBody) -> Option<Self> {
        let goods = body.goods.as_ref()?;
        Some(Self {
            code: goods.code.clone(),
            item: goods.item.clone()?,
            unit: goods.unit.clone(),
            pack_micro: goods.pack_micro,
            journal: place,
        })
    }
}

/// The end of a location's count.
#[derive(Debug, Clone)]
pub struct CountRow {
    /// The task; empty for none.
    pub task: String,
    /// The line; 0 for none.
    pub line: u32,
    /// The location.
    pub location: String,
    /// The item that alone was counted; empty for all that lies there.
    pub item: String,
    /// The place of the fact in the journal.
    pub journal: i64,
    /// The device.
    pub device: String,
    /// Who did it; empty for nobody.
    pub worker: String,
}

impl CountRow {
    /// Of a fact that a device did, at this place of the journal.
    pub fn of(journal: i64, device: &str, body: &ConfirmationBody, item: &str) -> Self {
        Self {
            task: body.task.clone().unwrap_or_default(),
            line: body.line.unwrap_or(0),
            location: location_of(body).unwrap_or_default().to_owned(),
            item: item.to_owned(),
            journal,
            device: device.to_owned(),
            worker: body.worker.clone().unwrap_or_default(),
        }
    }
}

/// A fact in the journal.
#[derive(Debug)]
pub struct JournalRow<'a> {
    /// The device.
    pub from: &'a DeviceIdentity,
    /// The epoch.
    pub epoch: u32,
    /// The record.
    pub record: &'a ReadRecord,
    /// Why it is not in the ledger; empty when it is.
    pub quarantined: &'static str,
}

/// A record of a second story.
#[derive(Debug)]
pub struct ForkRow<'a> {
    /// The device.
    pub from: &'a DeviceIdentity,
    /// The epoch.
    pub epoch: u32,
    /// The record.
    pub record: &'a ReadRecord,
}

/// A pair with where it comes from.
#[derive(Debug)]
pub struct PostedPair {
    /// Where it comes from.
    pub cause: Cause,
    /// The pair.
    pub pair: Pair,
}

/// One entry of a pair.
#[derive(Debug)]
pub struct EntryRow<'a> {
    /// Its number.
    pub number: i64,
    /// Where it comes from.
    pub cause: Cause,
    /// The account.
    pub account: &'a Account,
    /// The pair it belongs to.
    pub pair: &'a Pair,
    /// Millionths of the base unit; less than none where goods leave.
    pub quantity_micro: i64,
}

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionRow {
    /// The kind.
    pub kind: ExceptionKind,
    /// Whether what raised it was taken back in the same transaction.
    pub withdrawn: bool,
    /// The place of the fact that raised it; `None` for a fork, whose records have none.
    pub journal: Option<i64>,
    /// The device.
    pub device: String,
    /// Who did it; empty for nobody.
    pub worker: String,
    /// The task; empty for none.
    pub task: String,
    /// The line.
    pub line: Option<u32>,
    /// Where.
    pub location: String,
    /// The item.
    pub item: String,
    /// The lot.
    pub lot: String,
    /// The serial number.
    pub serial: String,
    /// How much was found.
    pub found: Option<Quantity>,
    /// How much was wanted or in the book.
    pub wanted: Option<Quantity>,
    /// The reason the worker gave.
    pub reason: String,
    /// What is said about it.
    pub message: String,
}

impl ExceptionRow {
    /// About nothing that is understood.
    pub fn new(kind: ExceptionKind, device: &str) -> Self {
        Self {
            kind,
            withdrawn: false,
            journal: None,
            device: device.to_owned(),
            worker: String::new(),
            task: String::new(),
            line: None,
            location: String::new(),
            item: String::new(),
            lot: String::new(),
            serial: String::new(),
            found: None,
            wanted: None,
            reason: String::new(),
            message: String::new(),
        }
    }

    /// About a fact.
    pub fn about(kind: ExceptionKind, device: &str, body: &ConfirmationBody) -> Self {
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let goods = body.goods.as_ref();
        let reported = body.exception.as_ref();
        Self {
            worker: text(body.worker.as_ref()),
            task: text(body.task.as_ref()),
            line: body.line,
            location: location_for_people(body).to_owned(),
            item: item_for_people(body),
            lot: text(goods.and_then(|goods| goods.lot.as_ref())),
            reason: text(reported.and_then(|reported| reported.reason.as_ref())),
            ..Self::new(kind, device)
        }
    }

    /// `open` or `withdrawn`.
    pub const fn state(&self) -> &'static str {
        if self.withdrawn { "withdrawn" } else { "open" }
    }
}

impl<'a> Rows<'a> {
    /// The entries of the pairs, with their numbers.
    pub fn entries(&self) -> impl Iterator<Item = EntryRow<'_>> {
        let numbers = (self.before.entry.saturating_add(1)..).step_by(2);
        self.pairs.iter().zip(numbers).flat_map(|(posted, number)| {
            let PostedPair { cause, pair } = posted;
            let micro = pair.quantity.micro();
            let entry = |number, account, quantity_micro| EntryRow {
                number,
                cause: *cause,
                account,
                pair,
                quantity_micro,
            };
            [
                entry(number, &pair.from, -micro),
                entry(number.saturating_add(1), &pair.to, micro),
            ]
        })
    }

    /// What was added to what lies of each handling unit somewhere, each once, in millionths.
    pub fn contents(&self) -> BTreeMap<(String, BalanceKey), i128> {
        contents_of(self.pairs.iter().map(|posted| &posted.pair))
    }

    /// The facts with their places.
    pub fn places(&self) -> impl Iterator<Item = (i64, &JournalRow<'a>)> {
        (self.before.journal.saturating_add(1)..).zip(&self.journal)
    }

    /// The exceptions with their numbers.
    pub fn exceptions(&self) -> impl Iterator<Item = (i64, &ExceptionRow)> {
        (self.before.exception.saturating_add(1)..).zip(&self.exceptions)
    }

    /// The last numbers that are given away once the rows are written.
    pub fn after(&self) -> Numbers {
        let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
        Numbers {
            journal: self.before.journal.saturating_add(count(self.journal.len())),
            entry: self
                .before
                .entry
                .saturating_add(count(self.pairs.len()).saturating_mul(2)),
            exception: self.before.exception.saturating_add(count(self.exceptions.len())),
        }
    }

    /// Notes a pair: its entries, and what it adds to balances.
    fn post(&mut self, cause: Cause, pair: Pair) {
        self.add(&pair.from, &pair, pair.quantity.micro().saturating_neg());
        self.add(&pair.to, &pair, pair.quantity.micro());
        self.pairs.push(PostedPair { cause, pair });
    }

    fn add(&mut self, account: &Account, pair: &Pair, micro: i64) {
        let key = BalanceKey::new(account, &pair.stock);
        *self.balances.entry(key).or_default() += i128::from(micro);
    }
}

/// The rows of pairs that a document of the hub's own posts.
pub fn post_documents(
    before: Numbers,
    document: i64,
    pairs: impl IntoIterator<Item = Pair>,
) -> Rows<'static> {
    let mut rows = Rows {
        before,
        ..Rows::default()
    };
    for pair in pairs {
        rows.post(Cause::Document(document), pair);
    }
    rows
}

/// What the sender of a record is told of an exception that the record raised.
pub fn outcome(seq: u64, code: &str, message: &str) -> Outcome {
    let kind = ExceptionKind::from_word(code);
    let is_kept_aside = matches!(kind, Some(ExceptionKind::Quarantined | ExceptionKind::Revoked));
    let word = if is_kept_aside { "quarantined" } else { "exception" };
    let sentence = match message {
        "" => kind.map_or("", ExceptionKind::sentence),
        said => said,
    };
    Outcome {
        seq,
        kind: word.to_owned(),
        code: code.to_owned(),
        message: sentence.to_owned(),
    }
}

impl ReadRecord {
    /// Its hash as bytes.
    pub const fn hash_bytes(&self) -> &[u8; ChainHash::BYTES] {
        self.hash.as_bytes()
    }

    /// Its body as bytes.
    pub fn body_bytes(&self) -> &[u8] {
        self.body.get().as_bytes()
    }
}
