//! The part of the ledger that some facts touch, in memory: read before they are posted, and kept current while they
//! are.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use tallyman_floor::wire::v1::{ConfirmationBody, PlaceBody, TaskBody, TaskKindBody};
use tallyman_floor::{Act, Quantity, StockStatus};

use super::batch::{Content, ReadRecord};
use super::units::{UnitRow, Units};
use crate::ledger::DeviceIdentity;
use crate::ledger::account::{Account, AccountKind, Pair, Stock};
use crate::ledger::interpret::{Fact, Known, KnownLine, KnownTask, Movement, Tracked, location_of, movement};
use crate::ledger::plan::{over_tolerance_percent, status_before};
use crate::ledger::units::{Statement, whole_unit};

/// A record's place in the journals of all devices of a site: device, epoch, seq.
pub type RecordKey = (String, u32, u64);

/// A balance: which account, and of what. Expiry date and handling unit are no part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BalanceKey {
    /// The account.
    pub account: Account,
    /// The item.
    pub item: String,
    /// The lot.
    pub lot: String,
    /// The serial number.
    pub serial: String,
    /// The stock status.
    pub status: String,
    /// The owner.
    pub owner: String,
}

impl BalanceKey {
    /// Of this stock in this account.
    pub fn new(account: &Account, stock: &Stock) -> Self {
        Self {
            account: account.clone(),
            item: stock.item.clone(),
            lot: stock.lot.clone(),
            serial: stock.serial.clone(),
            status: stock.status.clone(),
            owner: stock.owner.clone(),
        }
    }

    /// What is in the account.
    pub fn stock(&self) -> Stock {
        Stock {
            item: self.item.clone(),
            lot: self.lot.clone(),
            serial: self.serial.clone(),
            status: self.status.clone(),
            owner: self.owner.clone(),
            ..Stock::default()
        }
    }
}

/// A place that may hold less than nothing: location, item and lot.
pub type BinKey = (String, String, String);

/// What facts name, before anything is known of it.
#[derive(Debug, Default)]
pub struct Wanted<'a> {
    /// Items.
    pub items: BTreeSet<&'a str>,
    /// Locations.
    pub locations: BTreeSet<&'a str>,
    /// Tasks.
    pub tasks: BTreeSet<&'a str>,
    /// Lines of tasks, of which both the plan and the progress are wanted.
    pub lines: BTreeSet<(&'a str, u32)>,
    /// Records that are taken back: device, epoch, seq.
    pub originals: BTreeSet<(&'a str, u32, u64)>,
    /// Serial numbers, of which all places are wanted where goods lie by the book.
    pub serials: BTreeSet<&'a str>,
    /// Accounts of which everything is wanted: where a count ends.
    pub accounts: BTreeSet<Account>,
    /// Handling units of which is wanted where they stand and what is in them.
    pub units: BTreeSet<String>,
}

impl<'a> Wanted<'a> {
    /// Adds what a fact of a device names.
    pub fn add(&mut self, device: &'a str, body: &'a ConfirmationBody) {
        if let Some(goods) = &body.goods {
            self.items.extend(goods.item.as_deref());
            self.serials.extend(
                goods
                    .serials
                    .iter()
                    .map(String::as_str)
                    .filter(|serial| !serial.is_empty()),
            );
        }
        for place in [&body.from, &body.to].into_iter().flatten() {
            if let PlaceBody::Location(address) = place {
                self.locations.insert(address);
            }
        }
        if let Some(task) = &body.task {
            self.tasks.insert(task);
            self.lines.extend(body.line.map(|number| (task.as_str(), number)));
        }
        if let Some(reverses) = &body.reverses {
            self.originals.insert((device, reverses.epoch, reverses.seq));
        }
        let named = body.goods.as_ref().and_then(|goods| goods.handling_unit.clone());
        let told = Statement::of(body).map(|statement| statement.unit);
        self.units.extend(named.into_iter().chain(told));
        if let Some(unit) = whole_unit(body) {
            self.accounts
                .insert(Account::new(AccountKind::HandlingUnit, unit));
        }
        let looks_into = [Act::Loaded.word(), Act::Reported.word()].contains(&body.act.as_str());
        if let (true, Some(PlaceBody::HandlingUnit(unit))) = (looks_into, &body.from) {
            self.accounts
                .insert(Account::new(AccountKind::HandlingUnit, unit.as_str()));
        }
        if body.act == Act::LocationCounted.word() {
            let location = location_of(body).unwrap_or_default();
            self.accounts.insert(Account::counted(
                body.task.as_deref().unwrap_or_default(),
                location,
            ));
            self.accounts
                .insert(Account::new(AccountKind::Location, location));
        }
    }
}

/// What turns out to be wanted once the facts' pairs are known.
#[derive(Debug, Default)]
pub struct More {
    /// Balances.
    pub balances: BTreeSet<BalanceKey>,
    /// Items that lie where a count ends.
    pub items: BTreeSet<String>,
}

/// A task as the plan has it.
#[derive(Debug, Clone)]
pub struct PlannedTask {
    /// `open`, `done` or `cancelled`.
    pub state: String,
    /// Its revision.
    pub revision: u32,
    /// What is to be done; `None` where this program does not know such work.
    pub kind: Option<TaskKindBody>,
    /// The number of its newest lease; 0 where it never had one.
    pub fence: u64,
    /// Who holds it; empty for nobody.
    pub holder: String,
}

/// A line as the plan has it.
#[derive(Debug, Clone)]
pub struct PlannedLine {
    /// The item it asks for; empty in a count.
    pub item: String,
    /// How much it asks for.
    pub expected: Option<Quantity>,
}

/// What is confirmed on a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Millionths of the base unit.
    pub quantity_micro: i64,
    /// Whether it was ended.
    pub closed: bool,
    /// Who confirmed last.
    pub last_device: String,
    /// Whether more than one device has worked on it.
    pub shared: bool,
    /// Millionths of the base unit that were confirmed under a lease which was not the newest any more.
    pub late_micro: i64,
    /// Whether it was left to another device's records.
    pub awaited: bool,
    /// Whether these have come with the facts that are posted now.
    pub arrived: bool,
}

/// A record that is to be taken back: posted, and not taken back before.
#[derive(Debug, Clone)]
pub struct Original {
    /// Its place in the journal.
    pub place: i64,
    /// What it says; `None` where that cannot be read any more.
    pub body: Option<ConfirmationBody>,
    /// The pairs it was posted as.
    pub pairs: Vec<Pair>,
    /// Whether a supervisor has let the hub post something because of it.
    pub adjusted: bool,
}

/// The excerpt.
#[derive(Debug, Default)]
pub struct Excerpt {
    /// The items asked for that are in the list.
    pub items: HashMap<String, Tracked>,
    /// The locations asked for that are in the list.
    pub locations: HashSet<String>,
    /// Whether the site keeps a list of locations at all; without one it knows them all.
    pub lists_locations: bool,
    /// The tasks asked for that there are.
    pub tasks: HashMap<String, PlannedTask>,
    /// The lines asked for that their tasks have.
    pub lines: HashMap<(String, u32), PlannedLine>,
    /// What is confirmed on the lines asked for, whether a task has them or not.
    pub progress: HashMap<(String, u32), Progress>,
    /// The records asked for that can be taken back.
    pub originals: HashMap<RecordKey, Original>,
    /// Open exceptions about places that hold less than nothing, with the journal's place that raised each.
    pub negative_bins: HashMap<BinKey, Vec<i64>>,
    /// The handling units asked for.
    pub units: Units,
    /// Tasks that records which are prepared begin: those behind them are planned, though the store has no such task.
    begun: HashSet<String>,
    balances: HashMap<BalanceKey, Held>,
    /// The balances of accounts that were read whole.
    of_accounts: BTreeMap<Account, BTreeSet<BalanceKey>>,
    /// The balances of serial numbers where goods lie, by item and serial number.
    of_serials: HashMap<(String, String), BTreeSet<BalanceKey>>,
}

/// A balance: as the store has it, and as it is by now.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    before_micro: i64,
    micro: i64,
    /// Whether something was posted that touches it, even where as much came as went.
    touched: bool,
}

impl Held {
    const fn read(micro: i64) -> Self {
        Self {
            before_micro: micro,
            micro,
            touched: false,
        }
    }
}

/// A record with its fact and its pairs, ready to be posted.
#[derive(Debug)]
pub struct Prepared<'a> {
    /// The device.
    pub from: &'a DeviceIdentity,
    /// The epoch.
    pub epoch: u32,
    /// The record.
    pub record: &'a ReadRecord,
    /// What it says, where it is a fact.
    pub fact: Option<Fact<'a>>,
    /// The pairs it is posted as.
    pub movement: Movement,
}

impl<'a> Prepared<'a> {
    /// A record that is only to be journalled.
    pub fn plain(from: &'a DeviceIdentity, epoch: u32, record: &'a ReadRecord) -> Self {
        Self {
            from,
            epoch,
            record,
            fact: None,
            movement: Movement::default(),
        }
    }
}

impl Excerpt {
    /// An excerpt in which accounts and handling units are read whole as wanted: [`Self::keep_balance`] and
    /// [`Units::keep_step`] are told everything in them.
    pub fn with_whole(wanted: &Wanted<'_>) -> Self {
        let accounts = wanted.accounts.iter().cloned();
        Self {
            of_accounts: accounts.map(|account| (account, BTreeSet::new())).collect(),
            units: Units::with(wanted.units.iter().map(String::as_str)),
            ..Self::default()
        }
    }

    /// Notes a balance as the store has it.
    pub fn keep_balance(&mut self, key: BalanceKey, quantity_micro: i64) {
        self.index(&key);
        self.balances.insert(key, Held::read(quantity_micro));
    }

    fn index(&mut self, key: &BalanceKey) {
        if let Some(keys) = self.of_accounts.get_mut(&key.account) {
            keys.insert(key.clone());
        }
        if !key.serial.is_empty() && holds_goods(&key.account) {
            let serial = (key.item.clone(), key.serial.clone());
            self.of_serials.entry(serial).or_default().insert(key.clone());
        }
    }

    /// Reads a record's fact, and works out its pairs. Records are prepared in the order in which they are posted.
    pub fn prepare<'a>(
        &mut self,
        from: &'a DeviceIdentity,
        epoch: u32,
        record: &'a ReadRecord,
    ) -> Prepared<'a> {
        let fact = match &record.content {
            Content::Fact(body) => Fact::read(body).ok(),
            Content::Aside(_) => None,
        };
        let started = fact.as_ref().filter(|fact| fact.act == Act::TaskStarted);
        self.begun.extend(started.and_then(|fact| fact.body.task.clone()));
        let movement = fact
            .as_ref()
            .map(|fact| movement(fact, &self.known_by_then(fact)))
            .unwrap_or_default();
        Prepared {
            from,
            epoch,
            record,
            fact,
            movement,
        }
    }

    /// What has to be read before the prepared records can be posted.
    pub fn more(&self, prepared: &[Prepared<'_>]) -> More {
        let mut more = More::default();
        let originals = self.originals.values().flat_map(|original| &original.pairs);
        let moved = prepared.iter().flat_map(|prepared| &prepared.movement.pairs);
        for pair in moved.chain(originals) {
            for account in [&pair.from, &pair.to] {
                more.balances.insert(BalanceKey::new(account, &pair.stock));
            }
        }
        more.balances.extend(self.detours(prepared));
        more.balances.extend(self.on_trucks(prepared));
        more.balances.extend(self.with_units(prepared));
        let control = Account::new(AccountKind::CountControl, "");
        for (account, keys) in &self.of_accounts {
            for key in keys {
                more.items.insert(key.item.clone());
                if account.kind == AccountKind::Counted {
                    // The end of the count moves it back to where it came from.
                    more.balances.insert(BalanceKey::new(&control, &key.stock()));
                }
            }
        }
        // What these records put where a count ends is compared there, also where nothing of it lies there yet.
        let arriving = more.balances.iter();
        let arriving = arriving.filter(|key| self.of_accounts.contains_key(&key.account));
        more.items.extend(arriving.map(|key| key.item.clone()));
        more.balances.retain(|key| !self.balances.contains_key(key));
        more.items.retain(|item| !self.items.contains_key(item));
        more
    }

    /// Where goods may go along with their units.
    fn with_units(&self, prepared: &[Prepared<'_>]) -> BTreeSet<BalanceKey> {
        let originals = self.originals.values().flat_map(|original| &original.pairs);
        let moved = prepared.iter().flat_map(|prepared| &prepared.movement.pairs);
        let pairs: Vec<&Pair> = moved.chain(originals).collect();
        let facts = prepared.iter().filter_map(|prepared| prepared.fact.as_ref());
        let told: Vec<_> = facts.filter_map(|fact| Statement::of(fact.body)).collect();
        self.units.balances(&pairs, &told)
    }

    /// Where the contents of loaded handling units arrive: what is in them already, and what these records put there.
    fn on_trucks(&self, prepared: &[Prepared<'_>]) -> Vec<BalanceKey> {
        let loads = prepared.iter().filter_map(|prepared| {
            let fact = prepared.fact.as_ref().filter(|fact| fact.act == Act::Loaded)?;
            let place = |place: &Option<PlaceBody>| place.as_ref().map(Account::of_place);
            Some((place(&fact.body.from)?, place(&fact.body.to)?))
        });
        let mut keys = Vec::new();
        for (unit, truck) in loads {
            let there = self.of_accounts.get(&unit).into_iter().flatten();
            keys.extend(there.map(|key| BalanceKey::new(&truck, &key.stock())));
            let pairs = prepared.iter().flat_map(|prepared| &prepared.movement.pairs);
            let arriving = pairs.filter(|pair| pair.to == unit);
            keys.extend(arriving.map(|pair| BalanceKey::new(&truck, &pair.stock)));
        }
        keys
    }

    /// Where goods go instead, if it turns out that there are too many of them, or that they are somewhere else already.
    fn detours(&self, prepared: &[Prepared<'_>]) -> Vec<BalanceKey> {
        let mut received: HashMap<(&str, u32), i64> = HashMap::new();
        let mut detours = Vec::new();
        for each in prepared {
            let body = each.fact.as_ref().filter(|fact| fact.act == Act::Received);
            let line = body.and_then(|fact| Some((fact.body.task.as_deref()?, fact.body.line?)));
            let mut may_be_too_much = false;
            if let Some(known) = line.and_then(|(task, number)| self.known_line(task, number)) {
                let sum = received.entry(line.unwrap_or_default()).or_default();
                let moved = each.movement.pairs.iter().map(|pair| pair.quantity.micro());
                *sum = moved.fold(*sum, i64::saturating_add);
                let after = known.confirmed.micro().saturating_add(*sum);
                may_be_too_much = known.expected.is_some_and(|expected| after > expected.micro());
            }
            for pair in &each.movement.pairs {
                if may_be_too_much && pair.to.kind == AccountKind::Location {
                    let held = Account::new(AccountKind::OverReceipt, pair.to.place.as_str());
                    detours.push(BalanceKey::new(&held, &pair.stock));
                }
                if !pair.stock.serial.is_empty() && holds_goods(&pair.to) {
                    detours.push(BalanceKey::new(&pair.to.clone().suspended(), &pair.stock));
                }
            }
        }
        detours
    }

    /// Notes that these balances were asked for: those that the store does not have are nothing.
    pub fn settle(&mut self, balances: BTreeSet<BalanceKey>) {
        for key in balances {
            self.balances.entry(key).or_default();
        }
    }

    /// The places that these records may leave with less than nothing, where that is not known to wait for somebody.
    pub fn bins_at_risk(&self, prepared: &[Prepared<'_>]) -> BTreeSet<BinKey> {
        let mut leaving: HashMap<BalanceKey, i64> = HashMap::new();
        for pair in prepared.iter().flat_map(|prepared| &prepared.movement.pairs) {
            if pair.from.kind == AccountKind::Location {
                let micro = leaving
                    .entry(BalanceKey::new(&pair.from, &pair.stock))
                    .or_default();
                *micro = micro.saturating_add(pair.quantity.micro());
            }
        }
        // What a record of the same batch takes back out of a place it had put it into counts too.
        let reversed = prepared.iter().any(|prepared| {
            let reversed = prepared.fact.as_ref().and_then(|fact| fact.reversed_act);
            reversed.is_some()
        });
        let at_risk = |(key, micro): &(BalanceKey, i64)| {
            let held = self.balances.get(key).map_or(0, |held| held.micro);
            reversed || held.saturating_sub(*micro) < 0
        };
        leaving
            .into_iter()
            .filter(at_risk)
            .map(|(key, _)| (key.account.place, key.item, key.lot))
            .collect()
    }

    /// Adds a task that the floor began. False where there is one with this number already.
    pub(super) fn begin_task(&mut self, task: &TaskBody) -> bool {
        if self.tasks.contains_key(&task.id) {
            return false;
        }
        let planned = PlannedTask {
            state: "open".to_owned(),
            revision: task.revision,
            kind: Some(task.kind.clone()),
            fence: 0,
            holder: String::new(),
        };
        self.tasks.insert(task.id.clone(), planned);
        for line in &task.lines {
            let planned = PlannedLine {
                item: line.item.clone().unwrap_or_default(),
                expected: line.expected_micro.map(Quantity::from_micro),
            };
            self.lines.insert((task.id.clone(), line.number), planned);
        }
        true
    }

    /// What the hub knows of the things a fact names when the facts before it are posted.
    fn known_by_then<'a>(&'a self, fact: &'a Fact<'_>) -> Known<'a> {
        let known = self.known(fact);
        let task = fact.body.task.as_ref();
        let begun = task.filter(|task| known.task.is_none() && self.begun.contains(*task));
        Known {
            task: known.task.or(begun.map(|_| KnownTask {
                state: "open",
                revision: fact.body.revision,
                over_tolerance_percent: 0,
                status_before: StockStatus::default(),
                fence: 0,
                holder: "",
                line: None,
            })),
            ..known
        }
    }

    /// What the hub knows of the things a fact names.
    pub fn known<'a>(&'a self, fact: &Fact<'_>) -> Known<'a> {
        let body = fact.body;
        let item = body.goods.as_ref().and_then(|goods| goods.item.as_deref());
        Known {
            item: item.and_then(|item| self.items.get(item)),
            from: self.knows_place(body.from.as_ref()),
            to: self.knows_place(body.to.as_ref()),
            task: body
                .task
                .as_deref()
                .and_then(|task| self.known_task(task, body.line)),
        }
    }

    fn knows_place(&self, place: Option<&PlaceBody>) -> bool {
        match place {
            Some(PlaceBody::Location(address)) => !self.lists_locations || self.locations.contains(address),
            _ => true,
        }
    }

    pub(super) fn known_task(&self, id: &str, line: Option<u32>) -> Option<KnownTask<'_>> {
        let task = self.tasks.get(id)?;
        Some(KnownTask {
            state: &task.state,
            revision: task.revision,
            over_tolerance_percent: task.kind.as_ref().map_or(0, over_tolerance_percent),
            status_before: task.kind.as_ref().map(status_before).unwrap_or_default(),
            fence: task.fence,
            holder: &task.holder,
            line: line.and_then(|number| self.known_line(id, number)),
        })
    }

    fn known_line(&self, task: &str, number: u32) -> Option<KnownLine<'_>> {
        let key = (task.to_owned(), number);
        let line = self.lines.get(&key)?;
        let known = KnownLine {
            item: &line.item,
            expected: line.expected,
            ..KnownLine::default()
        };
        Some(match self.progress.get(&key) {
            None => known,
            Some(progress) => KnownLine {
                confirmed: Quantity::from_micro(progress.quantity_micro),
                closed: progress.closed,
                last_device: &progress.last_device,
                shared: progress.shared,
                late: Quantity::from_micro(progress.late_micro),
                awaited: progress.awaited,
                ..known
            },
        })
    }

    /// Moves goods between two balances; gives what is left where they came from, or `None` where a figure does not
    /// fit, and nothing has moved then.
    pub(super) fn shift(&mut self, pair: &Pair) -> Option<i64> {
        let micro = pair.quantity.micro();
        let from = BalanceKey::new(&pair.from, &pair.stock);
        let to = BalanceKey::new(&pair.to, &pair.stock);
        let left = self.balance(&from).checked_sub(micro)?;
        if from == to {
            self.held(&from).touched = true;
            return Some(left);
        }
        let there = self.balance(&to).checked_add(micro)?;
        self.units.shift(pair);
        for (key, micro) in [(&from, left), (&to, there)] {
            self.index(key);
            let held = self.held(key);
            held.micro = micro;
            held.touched = true;
        }
        Some(left)
    }

    pub(super) fn balance(&self, key: &BalanceKey) -> i64 {
        let known = self.balances.get(key).map(|held| held.micro);
        known.unwrap_or_else(|| unreachable!("the balance {key:?} was not read before posting"))
    }

    fn held(&mut self, key: &BalanceKey) -> &mut Held {
        let known = self.balances.get_mut(key);
        known.unwrap_or_else(|| unreachable!("the balance {key:?} was not read before posting"))
    }

    /// What was added to each balance that something touched, and the handling units of which something was said.
    pub(super) fn into_changes(self) -> (BTreeMap<BalanceKey, i128>, Vec<UnitRow>) {
        let touched = self.balances.into_iter().filter(|(_, held)| held.touched);
        let changes =
            touched.map(|(key, held)| (key, i128::from(held.micro) - i128::from(held.before_micro)));
        (changes.collect(), self.units.into_rows())
    }

    /// What an account that was read whole holds, in the order of the key (so `available` comes before `damaged` and
    /// `hold`).
    pub(super) fn whole(&self, account: &Account) -> Vec<(Stock, i64)> {
        let keys = self.of_accounts.get(account).into_iter().flatten();
        keys.map(|key| (key.stock(), self.balance(key)))
            .filter(|(_, micro)| *micro != 0)
            .collect()
    }

    /// Whether a serial number would be in two places once this pair is posted: it is somewhere by the book where the
    /// pair does not take it from.
    pub(super) fn would_be_twice(&self, pair: &Pair) -> bool {
        let stock = &pair.stock;
        if stock.serial.is_empty() || !holds_goods(&pair.to) {
            return false;
        }
        let keys = self.of_serials.get(&(stock.item.clone(), stock.serial.clone()));
        let mut holding = keys.into_iter().flatten().filter(|key| self.balance(key) > 0);
        holding.any(|key| key.account != pair.from)
    }
}

/// Whether goods that are in this account are in the house.
fn holds_goods(account: &Account) -> bool {
    matches!(account.kind, AccountKind::Location | AccountKind::HandlingUnit)
}
