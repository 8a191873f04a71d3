//! What a confirmation means for stock, tasks and supervisors: a pure function of the fact and of what the hub knows.
//!
//! Nothing is refused here. What is unknown goes to suspense, what does not fit is raised, and goods that moved are
//! posted where they moved. Two acts need the ledger itself and are finished in [`super::posting`]: a reversal takes
//! back the entries that were posted, and the end of a location's count compares with the balances.

use tallyman_floor::wire::v1::{ConfirmationBody, GoodsBody, PlaceBody, TaskBody};
use tallyman_floor::{Act, ExceptionCode, Quantity, StockStatus, Task};

use super::account::{Account, AccountKind, Pair, Stock};
use super::exception::ExceptionKind;
use super::units::whole_unit;

/// A confirmation whose words are all known. Made by [`Fact::read`].
#[derive(Debug)]
pub struct Fact<'a> {
    /// What was done.
    pub act: Act,
    /// What the reversed confirmation said was done.
    pub reversed_act: Option<Act>,
    /// The exception reported.
    pub reported: Option<ExceptionCode>,
    /// The rest.
    pub body: &'a ConfirmationBody,
}

impl<'a> Fact<'a> {
    /// Checks the words and figures of a body.
    ///
    /// # Errors
    /// A sentence about what cannot be understood; the record is then kept as it came.
    pub fn read(body: &'a ConfirmationBody) -> Result<Self, String> {
        let act = act_of(&body.act)?;
        let reversed_act = body
            .reverses
            .as_ref()
            .map(|reverses| act_of(&reverses.act))
            .transpose()?;
        if (act == Act::Reversed) != reversed_act.is_some() {
            return Err("A reversal names what it takes back, and nothing else does.".to_owned());
        }
        let reported = match &body.exception {
            Some(exception) => Some(exception_code_of(&exception.code)?),
            None => None,
        };
        if let Some(goods) = &body.goods {
            check_goods(goods)?;
        }
        if act.moves_goods() && body.goods.is_none() {
            return Err(format!("\"{}\" without goods means nothing.", body.act));
        }
        if act == Act::Loaded && !matches!(body.from, Some(PlaceBody::HandlingUnit(_))) {
            return Err("What was loaded names no handling unit.".to_owned());
        }
        let done = reversed_act.unwrap_or(act);
        if (done == Act::TaskStarted) != body.started.is_some() {
            return Err("Only the begin of a task names a task that begins.".to_owned());
        }
        if let Some(started) = &body.started {
            check_started(body, started)?;
        }
        if done == Act::CodeLinked {
            check_text(
                "code",
                body.goods.as_ref().map(|goods| goods.code.as_str()),
                KEY_BYTES_MAX,
            )?;
            check_text(
                "packaging",
                body.goods.as_ref().map(|goods| goods.unit.as_str()),
                KEY_BYTES_MAX,
            )?;
        }
        if act == Act::LocationCounted && !matches!(body.to, Some(PlaceBody::Location(_))) {
            return Err("The end of a count names no location.".to_owned());
        }
        if body.fence.is_some_and(|fence| i64::try_from(fence).is_err()) {
            return Err("The number of its lease is larger than any hub gives.".to_owned());
        }
        check_texts(body)?;
        Ok(Self {
            act,
            reversed_act,
            reported,
            body,
        })
    }

    /// The act that progress is counted by, and whether it is added or taken off.
    pub fn progress_act(&self) -> (Act, bool) {
        match self.reversed_act {
            Some(act) => (act, false),
            None => (self.act, true),
        }
    }
}

fn act_of(word: &str) -> Result<Act, String> {
    let act = Act::ALL.into_iter().find(|act| act.word() == word);
    act.ok_or_else(|| format!("This hub does not know the act \"{}\".", shown(word)))
}

fn exception_code_of(word: &str) -> Result<ExceptionCode, String> {
    let code = ExceptionCode::of_word(word);
    code.ok_or_else(|| format!("This hub does not know the exception code \"{}\".", shown(word)))
}

fn check_goods(goods: &GoodsBody) -> Result<(), String> {
    let quantity = Quantity::from_micro(goods.quantity_micro);
    if !quantity.is_positive() || quantity > Quantity::MAX {
        return Err(format!(
            "The quantity {quantity} is not between 0 and {}.",
            Quantity::MAX
        ));
    }
    if !matches!(goods.status.as_str(), "available" | "hold" | "damaged") {
        return Err(format!(
            "This hub does not know the stock status \"{}\".",
            shown(&goods.status)
        ));
    }
    Ok(())
}

/// Lines of a task that the floor began: a worker looks at a place or two, and plans nothing.
const STARTED_LINES_MAX: usize = 100;

/// A task that the floor began is one that a hub could have given out.
fn check_started(body: &ConfirmationBody, started: &TaskBody) -> Result<(), String> {
    if body.task.as_ref() != Some(&started.id) || body.site != started.site || started.state != "open" {
        return Err("The task that begins is another one than the record's, or is not open.".to_owned());
    }
    if started.lines.len() > STARTED_LINES_MAX {
        return Err(format!(
            "The task that begins has more than {STARTED_LINES_MAX} lines."
        ));
    }
    let lines = started.lines.iter().flat_map(|line| {
        [
            &line.item,
            &line.location,
            &line.to,
            &line.why,
            &line.lot,
            &line.handling_unit,
            &line.into,
            &line.owner,
        ]
    });
    for text in lines.chain([&started.assigned_to]) {
        check_text("text of the task that begins", text.as_deref(), KEY_BYTES_MAX)?;
    }
    check_text(
        "document of the task that begins",
        Some(started.reference.as_str()),
        KEY_BYTES_MAX,
    )?;
    let details = serde_json::to_string(&started.kind).unwrap_or_default();
    check_text(
        "plan of the task that begins",
        Some(details.as_str()),
        REMARK_BYTES_MAX,
    )?;
    Task::try_from(started.clone()).map_or_else(|error| Err(error.to_string()), |_| Ok(()))
}

/// Bytes of a text that rows are found by. What hubs hand out and labels carry is far shorter (GS1 element strings end
/// at 90 characters, imported identities at 60); several of them have to fit into one key of an index.
const KEY_BYTES_MAX: usize = 256;

/// Bytes of a text that is only shown.
const REMARK_BYTES_MAX: usize = 2_000;

/// Every store can hold the texts: those that rows are found by are short, and none has a NUL character, which no
/// label or keyboard gives and not every database takes.
fn check_texts(body: &ConfirmationBody) -> Result<(), String> {
    let goods = body.goods.as_ref();
    let keys = [
        ("task", body.task.as_deref()),
        ("place", text_of(body.from.as_ref())),
        ("place", text_of(body.to.as_ref())),
        ("item", goods.and_then(|goods| goods.item.as_deref())),
        ("lot", goods.and_then(|goods| goods.lot.as_deref())),
        (
            "handling unit",
            goods.and_then(|goods| goods.handling_unit.as_deref()),
        ),
        ("owner", goods.and_then(|goods| goods.owner.as_deref())),
    ];
    let serials = goods.map_or(&[][..], |goods| &goods.serials).iter();
    let serials = serials.map(|serial| ("serial number", Some(serial.as_str())));
    for (name, text) in keys.into_iter().chain(serials) {
        check_text(name, text, KEY_BYTES_MAX)?;
    }
    check_text("worker", body.worker.as_deref(), KEY_BYTES_MAX)?;
    check_text("code", goods.map(|goods| goods.code.as_str()), usize::MAX)?;
    let reason = body
        .exception
        .as_ref()
        .and_then(|exception| exception.reason.as_deref());
    check_text("reason", reason, REMARK_BYTES_MAX)
}

fn text_of(place: Option<&PlaceBody>) -> Option<&str> {
    match place {
        Some(PlaceBody::Location(text) | PlaceBody::HandlingUnit(text) | PlaceBody::Vehicle(text)) => {
            Some(text)
        }
        _ => None,
    }
}

fn check_text(name: &str, text: Option<&str>, bytes_max: usize) -> Result<(), String> {
    let text = text.unwrap_or_default();
    if text.len() > bytes_max {
        return Err(format!(
            "The {name} is longer than {bytes_max} bytes: \"{}…\".",
            shown(text)
        ));
    }
    if text.contains('\0') {
        return Err(format!("The {name} holds a NUL character."));
    }
    Ok(())
}

/// At most this much of a foreign word is repeated in a message.
const SHOWN_CHARACTERS_MAX: usize = 40;

fn shown(word: &str) -> String {
    word.chars().take(SHOWN_CHARACTERS_MAX).collect()
}

/// What the hub knows of the things one confirmation names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The item's tracking; `None` when the item is not in the list.
    pub item: Option<&'a Tracked>,
    /// Whether the place the goods came from is known; true for places that are not locations.
    pub from: bool,
    /// Whether the place they went to is known.
    pub to: bool,
    /// The task; `None` when the hub has no such task.
    pub task: Option<KnownTask<'a>>,
}

/// What of an item is kept apart in balances.
#[derive(Debug, Clone, Default)]
pub struct Tracked {
    /// Lots.
    pub lot: bool,
    /// Serial numbers.
    pub serial: bool,
    /// Whose it is where the confirmation does not say; empty where the site keeps stock for one owner.
    pub owner: String,
}

impl Tracked {
    /// Of an item that is in no list: everything is kept apart.
    const fn everything() -> Self {
        Self {
            lot: true,
            serial: true,
            owner: String::new(),
        }
    }
}

/// A task as it stands before the confirmation.
#[derive(Debug, Clone, Copy)]
pub struct KnownTask<'a> {
    /// `open`, `done` or `cancelled`.
    pub state: &'a str,
    /// Its revision.
    pub revision: u32,
    /// How much more than expected is received without a question.
    pub over_tolerance_percent: u32,
    /// What the goods of an inspection are before it.
    pub status_before: StockStatus,
    /// The number of its newest lease; 0 where it never had one.
    pub fence: u64,
    /// Who holds it; empty for nobody.
    pub holder: &'a str,
    /// The line; `None` when the task has no such line.
    pub line: Option<KnownLine<'a>>,
}

/// Under what a confirmation was made, as the hub judges it when it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// No lease, and nobody else had one.
    Free,
    /// The newest lease of the task, whether it has run out meanwhile or not.
    Newest,
    /// A lease that was taken over, or none while somebody else had one.
    Late,
}

impl Lease {
    /// Of a confirmation of `device`.
    pub fn of(fence: Option<u64>, device: &str, task: Option<&KnownTask<'_>>) -> Self {
        let Some(task) = task.filter(|task| task.fence > 0) else {
            return if fence.is_some() { Self::Newest } else { Self::Free };
        };
        match fence {
            // A number that this hub has not given is of a life in which it had given more.
            Some(fence) if fence >= task.fence => Self::Newest,
            Some(_) => Self::Late,
            None if task.holder.is_empty() => Self::Free,
            None if task.holder == device => Self::Newest,
            None => Self::Late,
        }
    }
}

/// A line as it stands before the confirmation.
#[derive(Debug, Clone, Copy, Default)]
pub struct KnownLine<'a> {
    /// The item it asks for; empty in a count.
    pub item: &'a str,
    /// How much it asks for.
    pub expected: Option<Quantity>,
    /// How much of it is confirmed.
    pub confirmed: Quantity,
    /// Whether it was ended.
    pub closed: bool,
    /// Who confirmed last; empty before the first.
    pub last_device: &'a str,
    /// Whether more than one device has worked on it.
    pub shared: bool,
    /// How much of it was confirmed under a lease that was not the newest any more.
    pub late: Quantity,
    /// Whether it was left to another device's records.
    pub awaited: bool,
}

/// The pairs a confirmation is posted as. Reversals have none of their own: they turn round what was posted.
#[derive(Debug, Default)]
pub struct Movement {
    /// The pairs.
    pub pairs: Vec<Pair>,
    /// More serial numbers than pieces: the quantity is posted without them.
    pub serials_exceed: bool,
}

/// One thing a supervisor has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The kind.
    pub kind: ExceptionKind,
    /// How much was found, where the kind has a figure.
    pub found: Option<Quantity>,
    /// How much was wanted.
    pub wanted: Option<Quantity>,
}

impl Raised {
    /// Without figures.
    pub const fn plain(kind: ExceptionKind) -> Self {
        Self {
            kind,
            found: None,
            wanted: None,
        }
    }
}

/// Says what a supervisor has to know of a confirmation of `device`, each kind once. Reversals and the ends of counts
/// get only what does not need the ledger.
pub fn raised(fact: &Fact<'_>, device: &str, known: &Known<'_>, movement: &Movement) -> Vec<Raised> {
    let mut raised = Vec::new();
    if fact.act == Act::Reversed {
        return raised;
    }
    unknown_things(fact, known, &mut raised);
    if movement.serials_exceed {
        raised.push(Raised::plain(ExceptionKind::SerialsExceedQuantity));
    }
    unfitting_work(fact, device, known, &mut raised);
    reported(fact, &mut raised);
    let mut seen = Vec::new();
    raised.retain(|raised| {
        let new = !seen.contains(&raised.kind);
        seen.push(raised.kind);
        new
    });
    raised
}

fn unknown_things(fact: &Fact<'_>, known: &Known<'_>, raised: &mut Vec<Raised>) {
    let mut raise = |kind| raised.push(Raised::plain(kind));
    if fact.body.goods.is_some() && known.item.is_none() && whole_unit(fact.body).is_none() {
        raise(ExceptionKind::UnknownItem);
    }
    if !known.from || !known.to {
        raise(ExceptionKind::UnknownLocation);
    }
    match (&fact.body.task, &known.task) {
        (None, _) => raise(ExceptionKind::UnplannedWork),
        (Some(_), None) => raise(ExceptionKind::UnknownTask),
        (Some(_), Some(task)) if task.line.is_none() && fact.body.line.is_some() => {
            raise(ExceptionKind::UnknownLine);
        }
        _ => {}
    }
}

/// The handling unit that was seen standing in a location.
pub fn unit_seen(body: &ConfirmationBody) -> Option<&str> {
    match (&body.from, &body.to) {
        (Some(PlaceBody::HandlingUnit(unit)), Some(PlaceBody::Location(_))) => Some(unit),
        _ => None,
    }
}

/// Whether goods were found that are no part of what is counted in the place: they are told, and compared with nothing.
fn is_beside_the_count(body: &ConfirmationBody) -> bool {
    let reversed = body.reverses.as_ref().map(|reverses| reverses.act.as_str());
    let act = reversed.unwrap_or(body.act.as_str());
    act == Act::Counted.word() && body.task.is_some() && body.line.is_none()
}

/// The pairs of a movement or a count. What is unknown goes to suspense: an unknown place at its own end, goods
/// of an unknown item at both ends inside the house, goods for an unknown task where they arrive.
pub fn movement(fact: &Fact<'_>, known: &Known<'_>) -> Movement {
    match fact.act {
        Act::StatusChanged => return status_change(fact, known, StockStatus::Available),
        Act::Inspected => {
            let before = known.task.map(|task| task.status_before);
            return status_change(fact, known, before.unwrap_or_default());
        }
        _ => {}
    }
    let mut movement = Movement::default();
    // A unit with whatever is in it: what that is, is looked up when it is posted.
    if is_beside_the_count(fact.body) || whole_unit(fact.body).is_some() {
        return movement;
    }
    let (Some(goods), Some((mut from, mut to))) = (&fact.body.goods, accounts(fact)) else {
        return movement;
    };
    if !known.from || known.item.is_none() {
        from = from.suspended();
    }
    let task_unknown = fact.body.task.is_some() && known.task.is_none();
    if !known.to || known.item.is_none() || task_unknown {
        to = to.suspended();
    }
    let everything = Tracked::everything();
    let tracked = known.item.unwrap_or(&everything);
    let stock = stock_of(goods, tracked);
    movement.add(goods, tracked, &stock, &from, &to);
    movement
}

/// The two pairs of goods that are given another stock status: out of the place as they were, and in again as they are.
/// What was said of them before is that they may be used, or what the task of an inspection says. An inspection has both
/// pairs also where nothing has changed: that the goods were looked at is in the ledger.
fn status_change(fact: &Fact<'_>, known: &Known<'_>, before: StockStatus) -> Movement {
    let mut movement = Movement::default();
    let place = fact.body.from.as_ref().or(fact.body.to.as_ref());
    let (Some(goods), Some(place)) = (&fact.body.goods, place) else {
        return movement;
    };
    let mut account = Account::of_place(place);
    if !known.from || known.item.is_none() {
        account = account.suspended();
    }
    let everything = Tracked::everything();
    let tracked = known.item.unwrap_or(&everything);
    let through = Account::new(AccountKind::StatusChange, "");
    let after = stock_of(goods, tracked);
    let before = Stock {
        status: before.word().to_owned(),
        ..after.clone()
    };
    if before != after || fact.act == Act::Inspected {
        movement.add(goods, tracked, &before, &account, &through);
        movement.add(goods, tracked, &after, &through, &account);
    }
    movement
}

impl Movement {
    /// Adds the pairs of goods that go from one account to another: one for each serial number, and one for the rest.
    fn add(&mut self, goods: &GoodsBody, tracked: &Tracked, stock: &Stock, from: &Account, to: &Account) {
        let quantity = Quantity::from_micro(goods.quantity_micro);
        let serials: &[String] = if tracked.serial { &goods.serials } else { &[] };
        let pieces = i64::try_from(serials.len()).ok().and_then(Quantity::whole);
        let pair = |serial: &str, quantity| Pair {
            from: from.clone(),
            to: to.clone(),
            stock: Stock {
                serial: serial.to_owned(),
                ..stock.clone()
            },
            quantity,
        };
        match pieces {
            Some(pieces) if pieces <= quantity => {
                self.pairs
                    .extend(serials.iter().map(|serial| pair(serial, Quantity::ONE)));
                let rest = quantity - pieces;
                if rest.is_positive() {
                    self.pairs.push(pair("", rest));
                }
            }
            _ => {
                self.serials_exceed = true;
                self.pairs.push(pair("", quantity));
            }
        }
    }
}

fn accounts(fact: &Fact<'_>) -> Option<(Account, Account)> {
    let place = |place: &Option<PlaceBody>, otherwise: AccountKind| {
        place
            .as_ref()
            .map_or_else(|| Account::new(otherwise, ""), Account::of_place)
    };
    let body = fact.body;
    match fact.act {
        Act::Received => Some((
            place(&body.from, AccountKind::Supplier),
            place(&body.to, AccountKind::Suspense),
        )),
        Act::Picked | Act::Moved | Act::Packed => Some((
            place(&body.from, AccountKind::Suspense),
            place(&body.to, AccountKind::Suspense),
        )),
        Act::Returned => Some((
            place(&body.from, AccountKind::Customer),
            place(&body.to, AccountKind::Suspense),
        )),
        Act::Counted => {
            let location = location_of(body).unwrap_or_default();
            let task = body.task.as_deref().unwrap_or_default();
            Some((
                Account::new(AccountKind::CountControl, ""),
                Account::counted(task, location),
            ))
        }
        // What is loaded is whatever the ledger has in the unit, and a status changes where the goods lie: both are
        // finished in the posting.
        Act::Loaded | Act::StatusChanged | Act::Inspected => None,
        Act::LocationCounted
        | Act::UnitClosed
        | Act::HandedOver
        | Act::Observed
        | Act::Reported
        | Act::CodeLinked
        | Act::TaskStarted
        | Act::LineClosed
        | Act::TaskClosed
        | Act::Reversed => None,
    }
}

/// The location a fact is about: where the goods lie or went, else where they came from.
pub fn location_of(body: &ConfirmationBody) -> Option<&str> {
    [&body.to, &body.from].into_iter().find_map(|place| match place {
        Some(PlaceBody::Location(address)) => Some(address.as_str()),
        _ => None,
    })
}

/// The location a fact is about, for the exceptions page: where goods are picked from, else where they are.
pub fn location_for_people(body: &ConfirmationBody) -> &str {
    if let ("picked" | "moved" | "reported", Some(PlaceBody::Location(from))) =
        (body.act.as_str(), &body.from)
    {
        return from;
    }
    location_of(body).unwrap_or_default()
}

/// Bytes of a code that stand in an item's place: longer ones are cut, and told apart by a hash.
const CODE_BYTES_MAX: usize = 120;

/// How entries name the item of some goods: where no item is known, by `?` and the code that was scanned.
pub fn item_of(goods: &GoodsBody) -> String {
    if let Some(item) = &goods.item {
        return item.clone();
    }
    let code = goods.code.as_str();
    if code.len() <= CODE_BYTES_MAX {
        return format!("?{code}");
    }
    let end = (0..=CODE_BYTES_MAX).rev().find(|end| code.is_char_boundary(*end));
    let start = code.get(..end.unwrap_or(0)).unwrap_or_default();
    let digest = blake3::derive_key("tallyman long code v1", code.as_bytes());
    let [a, b, c, d, ..] = digest;
    format!("?{start}…{a:02x}{b:02x}{c:02x}{d:02x}")
}

/// The item a fact is about, as entries name it; empty without goods.
pub fn item_for_people(body: &ConfirmationBody) -> String {
    body.goods.as_ref().map(item_of).unwrap_or_default()
}

fn stock_of(goods: &GoodsBody, tracked: &Tracked) -> Stock {
    Stock {
        item: item_of(goods),
        lot: goods.lot.clone().filter(|_| tracked.lot).unwrap_or_default(),
        serial: String::new(),
        expiry: goods.expiry.map(|date| date.to_string()).unwrap_or_default(),
        handling_unit: goods.handling_unit.clone().unwrap_or_default(),
        status: goods.status.clone(),
        owner: goods.owner.clone().unwrap_or_else(|| tracked.owner.clone()),
    }
}

/// What does not fit the task as it stands.
fn unfitting_work(fact: &Fact<'_>, device: &str, known: &Known<'_>, raised: &mut Vec<Raised>) {
    let Some(task) = &known.task else { return };
    let moves = fact.act.counts_as_progress() && fact.act != Act::Counted;
    if task.state == "cancelled" && (moves || fact.act == Act::Counted) {
        raised.push(Raised::plain(ExceptionKind::TaskCancelled));
    }
    let Some(goods) = fact.body.goods.as_ref().filter(|_| moves) else {
        return;
    };
    let Some(line) = &task.line else {
        if task.state == "done" {
            raised.push(Raised::plain(ExceptionKind::TaskDone));
        }
        return;
    };
    let after = line.confirmed + Quantity::from_micro(goods.quantity_micro);
    let allowed = line.expected.map(|expected| match fact.act {
        Act::Received => tolerated(expected, task.over_tolerance_percent),
        _ => expected,
    });
    let is_too_much = allowed.is_some_and(|allowed| after > allowed);
    if is_too_much {
        let lease = Lease::of(fact.body.fence, device, Some(task));
        let fits_without_late = allowed.is_some_and(|allowed| after - line.late <= allowed);
        let is_late = lease == Lease::Late || (line.late.is_positive() && fits_without_late);
        let is_shared = line.shared || (!line.last_device.is_empty() && line.last_device != device);
        let kind = if matches!(fact.act, Act::Received | Act::Returned) {
            ExceptionKind::OverReceipt
        } else if fact.act == Act::Inspected {
            ExceptionKind::FoundGoods
        } else if matches!(fact.act, Act::Moved | Act::Packed) {
            ExceptionKind::MovedTooMuch
        } else if is_late || is_shared {
            ExceptionKind::DoublePick
        } else {
            ExceptionKind::OverPick
        };
        raised.push(Raised {
            kind,
            found: Some(after),
            wanted: line.expected,
        });
    } else if line.closed && !line.awaited {
        raised.push(Raised::plain(ExceptionKind::LineClosed));
    } else if task.state == "done" && !line.awaited {
        raised.push(Raised::plain(ExceptionKind::TaskDone));
    }
    let stated = goods.item.as_deref().unwrap_or_default();
    if fact.body.revision < task.revision
        && known.item.is_some()
        && !line.item.is_empty()
        && line.item != stated
    {
        raised.push(Raised::plain(ExceptionKind::StaleTask));
    }
}

/// How much of what a fact receives is more than may be taken without asking: it is held apart until the buyer decides.
pub fn excess(fact: &Fact<'_>, known: &Known<'_>) -> Quantity {
    let goods = fact.body.goods.as_ref().filter(|_| fact.act == Act::Received);
    let (Some(goods), Some(task)) = (goods, &known.task) else {
        return Quantity::ZERO;
    };
    let Some((line, expected)) = task.line.and_then(|line| Some((line, line.expected?))) else {
        return Quantity::ZERO;
    };
    let quantity = Quantity::from_micro(goods.quantity_micro);
    let over = line.confirmed + quantity - tolerated(expected, task.over_tolerance_percent);
    if over.is_positive() {
        over.min(quantity)
    } else {
        Quantity::ZERO
    }
}

/// The expected quantity with so many percent more.
fn tolerated(expected: Quantity, percent: u32) -> Quantity {
    let more = i128::from(expected.micro()) * i128::from(percent) / 100;
    let micro = i128::from(expected.micro()) + more;
    Quantity::from_micro(i64::try_from(micro).unwrap_or(i64::MAX))
}

fn reported(fact: &Fact<'_>, raised: &mut Vec<Raised>) {
    let Some(code) = fact.reported else { return };
    let kind = match (code, fact.act) {
        (ExceptionCode::Short, _) => ExceptionKind::Short,
        (ExceptionCode::Over, Act::Picked) => {
            // Whether it was too much is known better here than there.
            if raised
                .iter()
                .any(|raised| raised.kind == ExceptionKind::DoublePick)
            {
                return;
            }
            ExceptionKind::OverPick
        }
        (ExceptionCode::Over, Act::Moved | Act::Packed) => ExceptionKind::MovedTooMuch,
        (ExceptionCode::Over, Act::Inspected) => ExceptionKind::FoundGoods,
        (ExceptionCode::Over, _) => ExceptionKind::OverReceipt,
        (ExceptionCode::Damaged, _) => ExceptionKind::Damaged,
        // A unit that was seen: what the book has in it is looked at when it is posted.
        (ExceptionCode::Found, Act::Reported) if unit_seen(fact.body).is_some() => return,
        (ExceptionCode::Found, _) => ExceptionKind::FoundGoods,
        (ExceptionCode::NotReachable, _) => ExceptionKind::PlaceNotReachable,
        (ExceptionCode::Elsewhere, _) => ExceptionKind::WaitsForDevice,
        (ExceptionCode::WrongGoods, _) => ExceptionKind::WrongGoods,
        (ExceptionCode::Expired, _) => ExceptionKind::Expired,
        (ExceptionCode::Blocked, _) => ExceptionKind::Blocked,
        (ExceptionCode::LocationFull, _) => ExceptionKind::LocationFull,
        (ExceptionCode::LocationEmpty, _) => ExceptionKind::LocationEmpty,
        (ExceptionCode::Substitute, _) => ExceptionKind::Substituted,
        (ExceptionCode::Unreadable, _) => ExceptionKind::UnreadableLabel,
        (ExceptionCode::TagMissing, _) => ExceptionKind::TagMissing,
        (ExceptionCode::Unsure, _) => ExceptionKind::UnsureTag,
        // The reason is in the journal; nobody has to decide anything.
        (ExceptionCode::OtherPlace | ExceptionCode::UnitFull, _) => return,
    };
    let quantity = fact
        .body
        .exception
        .as_ref()
        .and_then(|exception| exception.quantity_micro);
    raised.push(Raised {
        kind,
        found: quantity.map(Quantity::from_micro),
        wanted: None,
    });
}
