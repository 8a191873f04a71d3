//! What the pages and imports ask the ledger for, as plain rows.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use tallyman_floor::wire::v1::DoubtBody;
use tallyman_floor::{Act, Quantity};

use super::claims::HeldClaim;

/// A site.
#[derive(Debug, Clone)]
pub struct Site {
    /// The site.
    pub site: String,
    /// Its name for people.
    pub name: String,
}

/// What imports check names against.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Items, with what they track and their owner.
    pub items: HashMap<String, super::interpret::Tracked>,
    /// Locations; empty where the site keeps no list.
    pub locations: HashSet<String>,
}

impl Names {
    /// Whether a location is one of the site's; a site that keeps no list knows them all.
    pub fn knows_location(&self, location: &str) -> bool {
        self.locations.is_empty() || self.locations.contains(location)
    }
}

/// What the overview shows.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Per kind of work: open tasks, lines in them, lines finished.
    pub work: Vec<WorkSummary>,
    /// Open exceptions per kind, most first.
    pub exceptions: Vec<(String, u64)>,
    /// Devices in all.
    pub devices: u64,
    /// Confirmations that wait on devices, as they last said.
    pub waiting: u64,
    /// Confirmations in the journal.
    pub confirmations: u64,
    /// The newest facts.
    pub recent: Vec<Happening>,
    /// Items in the list.
    pub items: u64,
    /// The last checked backup.
    pub backup: Option<Timestamp>,
}

/// The open work of one kind.
#[derive(Debug, Clone)]
pub struct WorkSummary {
    /// `receive`, `pick` or `count`.
    pub kind: String,
    /// Open tasks.
    pub tasks_open: u64,
    /// Finished tasks.
    pub tasks_done: u64,
    /// Lines of both.
    pub lines: u64,
    /// Lines that are complete or ended.
    pub lines_done: u64,
}

/// One fact, in words.
#[derive(Debug, Clone)]
pub struct Happening {
    /// When the hub took it.
    pub received: Timestamp,
    /// The device.
    pub device: String,
    /// Its name.
    pub device_name: String,
    /// The fact; `None` when it could not be understood.
    pub body: Option<Box<tallyman_floor::wire::v1::ConfirmationBody>>,
    /// The epoch of the device's journal.
    pub epoch: u32,
    /// Its place in that journal.
    pub seq: u64,
    /// Whether it was taken back.
    pub reversed: bool,
}

/// Which tasks are wanted.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// A kind; all where `None`.
    pub kind: Option<String>,
    /// A state; all where `None`.
    pub state: Option<String>,
    /// Text in the reference or the task's number, without regard to case.
    pub text: Option<String>,
}

/// Tasks shown at once at most: more than a person reads.
pub const TASKS_SHOWN_MAX: usize = 300;

/// A task with its progress.
#[derive(Debug, Clone)]
pub struct TaskSummary {
    /// The task.
    pub task: String,
    /// `receive`, `pick` or `count`.
    pub kind: String,
    /// `open`, `done` or `cancelled`.
    pub state: String,
    /// The document.
    pub reference: String,
    /// The urgency.
    pub priority: i32,
    /// Who it is meant for; empty for anyone.
    pub assigned_to: String,
    /// The revision.
    pub revision: u32,
    /// The dock of a receipt or the tote of a pick.
    pub place: String,
    /// Lines.
    pub lines: u64,
    /// Lines that are complete or ended.
    pub lines_done: u64,
    /// Open exceptions that name it.
    pub exceptions: u64,
    /// Devices that have it open.
    pub devices: Vec<String>,
    /// Who holds it.
    pub claim: Option<HeldClaim>,
}

/// A task with its lines and its facts.
#[derive(Debug, Clone)]
pub struct TaskDetail {
    /// The task.
    pub summary: TaskSummary,
    /// Its lines.
    pub lines: Vec<LineView>,
    /// The newest facts about it.
    pub recent: Vec<Happening>,
    /// The passes through portals that it was worked by, in the order in which their first facts came.
    pub passes: Vec<PassView>,
    /// What devices that held it before may have done without the hub knowing.
    pub doubts: Vec<DoubtBody>,
}

/// What came of one pass through a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassView {
    /// The portal.
    pub portal: String,
    /// The pass, as its device counts them.
    pub number: u64,
    /// The device.
    pub device: String,
    /// Its name.
    pub device_name: String,
    /// When the hub took its first fact.
    pub received: Timestamp,
    /// Tags that were recorded by themselves, those taken back left out.
    pub tags: u64,
    /// Tags that nobody looked at before the receipt ended.
    pub unsure: u64,
}

/// Facts of passes that one receipt's page looks at, at most.
pub const PASS_FACTS_MAX: usize = 2_000;

/// Folds facts, the oldest first, to the passes that they came of.
pub(crate) fn passes(facts: impl IntoIterator<Item = Happening>) -> Vec<PassView> {
    let mut passes: Vec<(PassView, BTreeSet<String>)> = Vec::new();
    for fact in facts {
        let Some(body) = fact.body.filter(|body| body.reverses.is_none()) else {
            continue;
        };
        let Some(pass) = &body.pass else { continue };
        let is_it = |(known, _): &(PassView, BTreeSet<String>)| {
            known.device == fact.device && known.number == pass.number && known.portal == pass.portal
        };
        let place = passes.iter().position(is_it).unwrap_or_else(|| {
            let view = PassView {
                portal: pass.portal.clone(),
                number: pass.number,
                device: fact.device.clone(),
                device_name: fact.device_name.clone(),
                received: fact.received,
                tags: 0,
                unsure: 0,
            };
            passes.push((view, BTreeSet::new()));
            passes.len() - 1
        });
        let Some((view, tags)) = passes.get_mut(place) else {
            continue;
        };
        match &body.raw {
            _ if fact.reversed => {}
            // A pallet is one tag, however many lines it stands for.
            Some(raw) if body.act == Act::Received.word() => {
                tags.extend(raw.text.split(' ').map(str::to_owned));
                view.tags = tags.len() as u64;
            }
            _ => view.unsure += 1,
        }
    }
    passes.into_iter().map(|(view, _)| view).collect()
}

/// A line with its progress.
#[derive(Debug, Clone)]
pub struct LineView {
    /// Its number.
    pub number: u32,
    /// The item; empty in a count.
    pub item: String,
    /// Its name.
    pub item_name: String,
    /// Its base unit.
    pub unit: String,
    /// Where.
    pub location: String,
    /// The lot wanted.
    pub lot: String,
    /// The serial number wanted.
    pub serial: String,
    /// The handling unit that the goods are announced on, or are in.
    pub handling_unit: String,
    /// How much is wanted.
    pub expected: Option<Quantity>,
    /// How much is confirmed.
    pub confirmed: Quantity,
    /// Whether it was ended.
    pub closed: bool,
}

impl LineView {
    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.closed || self.expected.is_some_and(|expected| self.confirmed >= expected)
    }
}

/// Which stock is wanted.
#[derive(Debug, Clone, Default)]
pub struct StockQuery {
    /// Grouped by item instead of by place.
    pub by_item: bool,
    /// Text in a place, an item's number or its name, without regard to case.
    pub text: Option<String>,
}

/// Stock rows shown at once at most.
pub const STOCK_SHOWN_MAX: usize = 500;

/// Items shown at once at most.
pub const ITEMS_SHOWN_MAX: usize = 200;

/// Items, as far as they are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemPage {
    /// The items, by number.
    pub rows: Vec<ItemRow>,
    /// There are more than these.
    pub more: bool,
}

/// An item of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemRow {
    /// Its number.
    pub item: String,
    /// Its name.
    pub name: String,
    /// Its base unit.
    pub unit: String,
    /// Its picture; empty for none.
    pub picture: String,
}

/// Stock, as far as it is shown.
#[derive(Debug, Clone, Default)]
pub struct StockPage {
    /// The rows.
    pub rows: Vec<StockRow>,
    /// Whether there are more.
    pub more: bool,
    /// Locations that are being counted: how much lies there is for those alone who decide about counts.
    pub counted: HashSet<String>,
}

impl StockPage {
    /// Whether the place of a row, or the one that its handling unit stands in, is being counted.
    pub fn is_counted(&self, row: &StockRow) -> bool {
        match row.account.as_str() {
            "location" => self.counted.contains(&row.place),
            "handling_unit" => self.counted.contains(&row.stands_at),
            _ => false,
        }
    }
}

/// Goods of one kind in one place.
#[derive(Debug, Clone)]
pub struct StockRow {
    /// The account's kind: a location, a handling unit or suspense.
    pub account: String,
    /// The place.
    pub place: String,
    /// The item.
    pub item: String,
    /// Its name.
    pub item_name: String,
    /// Its base unit.
    pub unit: String,
    /// The lot.
    pub lot: String,
    /// The serial number.
    pub serial: String,
    /// The stock status.
    pub status: String,
    /// The owner.
    pub owner: String,
    /// How much.
    pub quantity: Quantity,
    /// Where the handling unit stands that it is in; empty for other places, and where nobody knows.
    pub stands_at: String,
}

/// A device.
#[derive(Debug, Clone)]
pub struct Device {
    /// The device.
    pub device: String,
    /// Its name.
    pub name: String,
    /// Its program's version.
    pub version: String,
    /// Confirmations that wait on it, as it last said.
    pub waiting: u64,
    /// Who is logged in; empty for nobody.
    pub worker: String,
    /// The task that is open; empty for none.
    pub task: String,
    /// Its scanners, a line each.
    pub scanners: Vec<String>,
    /// When it was last heard.
    pub contact: Timestamp,
    /// What its clock said then.
    pub wall: Timestamp,
    /// Its epoch.
    pub epoch: u32,
    /// Applied up to here.
    pub applied_seq: u64,
    /// Stable up to here.
    pub stable_seq: u64,
    /// Whether its journal has forked.
    pub forked: bool,
    /// Since when it is revoked.
    pub revoked: Option<Timestamp>,
    /// Whether it has a key.
    pub has_key: bool,
    /// Since when it waits for approval.
    pub awaits: Option<Timestamp>,
    /// The profile that it was set up with; empty for none.
    pub profile: String,
    /// How full its battery is, as it last said.
    pub battery_percent: Option<u8>,
    /// For how long its oldest confirmation had waited then, in seconds.
    pub oldest_seconds: Option<u64>,
    /// What became of the newest wish to see its screen.
    pub screen: ScreenState,
}

/// What became of a wish to see a device's screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScreenState {
    /// There was none.
    None,
    /// The device has not answered yet.
    Wanted(Timestamp),
    /// There is a picture of this moment, which nobody has seen.
    Taken(Timestamp),
    /// Somebody saw it.
    Seen(Timestamp),
}

impl ScreenState {
    /// From the columns of a row, in microseconds.
    pub(crate) fn of(asked: Option<Timestamp>, taken: Option<Timestamp>, has_picture: bool) -> Self {
        match (asked, taken) {
            (None, _) => Self::None,
            (Some(asked), None) => Self::Wanted(asked),
            (_, Some(taken)) if has_picture => Self::Taken(taken),
            (_, Some(taken)) => Self::Seen(taken),
        }
    }
}

/// A code that still works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUp {
    /// BLAKE3 of the code: its name on the page.
    pub code_hash: [u8; 32],
    /// What it was called, or the name of its device.
    pub name: String,
    /// The device that it enrols again; empty for new ones.
    pub device: String,
    /// Until when it works.
    pub expires: Timestamp,
    /// So many devices enrolled with it.
    pub uses: u32,
    /// So many may.
    pub uses_max: u32,
    /// Whether an administrator has to say yes to each.
    pub approval: bool,
    /// The profile they get.
    pub profile: String,
}

/// Which exceptions are wanted.
#[derive(Debug, Clone, Default)]
pub struct ExceptionFilter {
    /// `open`, `resolved` or `withdrawn`; all where `None`.
    pub state: Option<String>,
    /// A kind; all where `None`.
    pub kind: Option<String>,
}

/// Exceptions shown at once at most.
pub const EXCEPTIONS_SHOWN_MAX: usize = 200;

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Its number.
    pub exception: i64,
    /// Whether a confirmation is behind it.
    pub has_record: bool,
    /// The word of its kind.
    pub kind: String,
    /// `open`, `resolved` or `withdrawn`.
    pub state: String,
    /// When it was raised.
    pub raised: Timestamp,
    /// The device's name.
    pub device: String,
    /// Who did it; empty for nobody.
    pub worker: String,
    /// The task; empty for none.
    pub task: String,
    /// The task's document; empty for none.
    pub reference: String,
    /// The line.
    pub line: Option<u32>,
    /// Where.
    pub location: String,
    /// The item.
    pub item: String,
    /// Its name.
    pub item_name: String,
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
    /// What was said about it.
    pub message: String,
    /// What a supervisor decided; empty while open.
    pub resolution: String,
    /// Who decided, where the page knew.
    pub resolved_by: String,
    /// What was put in place of what nobody knew.
    pub resolved_as: String,
}

/// A checked backup.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The file.
    pub file: std::path::PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// What the check of the copy found: it holds, or there would be no backup.
    pub proof: super::Proof,
}

/// What a device wants to know about stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StockAsked {
    /// Where is this item?
    Item(String),
    /// What is in this location?
    Location(String),
    /// What is in this handling unit?
    HandlingUnit(String),
    /// Which pieces has the count of a place not found that the book has there?
    Missing {
        /// The count.
        task: String,
        /// The place.
        location: String,
    },
}

impl StockAsked {
    /// The name that is looked for.
    pub fn name(&self) -> &str {
        match self {
            Self::Item(name) | Self::Location(name) | Self::HandlingUnit(name) => name,
            Self::Missing { location, .. } => location,
        }
    }
}

/// Rows that a device is told at most: more than its screen shows.
pub const TOLD_ROWS_MAX: i64 = 50;

/// Pieces that a count has not found and a device is told at most: it looks for one after the other, and asks again.
pub const TOLD_PIECES_MAX: i64 = 200;

/// Stock in a place, as a device is told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockTold {
    /// The item.
    pub item: String,
    /// The location or handling unit.
    pub place: String,
    /// The lot; empty for none.
    pub lot: String,
    /// How much; `None` where the place is being counted.
    pub quantity_micro: Option<i64>,
    /// The handling unit it is in, where that is known; else empty.
    pub handling_unit: String,
    /// The location it is in, or the handling unit stands in; empty where nobody knows.
    pub location: String,
    /// The serial number, where single pieces are told; else empty.
    pub serial: String,
}

impl StockTold {
    /// A balance of a location or a handling unit, which stands at `stands_at`.
    pub(crate) fn of(
        item: String,
        account: &str,
        place: String,
        lot: String,
        micro: i64,
        stands_at: String,
    ) -> Self {
        let (handling_unit, location) = match account {
            "handling_unit" => (place.clone(), stands_at),
            _ => (String::new(), place.clone()),
        };
        Self {
            item,
            place,
            lot,
            quantity_micro: Some(micro),
            handling_unit,
            location,
            serial: String::new(),
        }
    }

    /// A piece that the count of a place has not found.
    pub(crate) fn missing(item: String, lot: String, serial: String, micro: i64, location: &str) -> Self {
        Self {
            item,
            place: location.to_owned(),
            lot,
            quantity_micro: Some(micro),
            handling_unit: String::new(),
            location: location.to_owned(),
            serial,
        }
    }
}

/// What a device is told about stock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToldStock {
    /// The goods.
    pub rows: Vec<StockTold>,
    /// Where the handling unit stands that was asked for: a location or a truck.
    pub stands_at: Option<super::account::Account>,
    /// The place is not counted yet by what the hub has heard: what a count has not found is told to nobody before.
    pub being_counted: bool,
}
