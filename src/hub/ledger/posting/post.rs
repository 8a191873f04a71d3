//! Posting facts on an excerpt of the ledger, one after the other, each on what those before it left.

use std::collections::HashMap;

use tallyman_floor::wire::v1::{ConfirmationBody, Outcome, TaskBody};
use tallyman_floor::{Act, ExceptionCode, Quantity};

use super::batch::{Aside, Content, Hold};
use super::excerpt::{Excerpt, Original, Prepared, Progress};
use super::rows::{
    Cause, CountRow, ExceptionRow, ForkRow, JournalRow, LinkedCode, Numbers, PostedPair, Rows, outcome,
};
use super::{count, load, reversal};
use crate::ledger::account::{Account, AccountKind, Pair};
use crate::ledger::exception::ExceptionKind;
use crate::ledger::interpret::{Fact, Lease, Movement, excess, raised, unit_seen};
use crate::ledger::units::{Statement, StepKind};

/// How far a device's number of a lease may be ahead of the hub's, which was restored from an older copy: beyond it the
/// number is nobody's.
const FENCES_AHEAD_MAX: u64 = 1_000;

/// Why a fact of a revoked device is not in the ledger: the word in the journal.
pub const SET_ASIDE: &str = "revoked";

/// Why a fact is not in the ledger that a supervisor left out: the word in the journal.
pub const LEFT_OUT: &str = "left_out";

/// What a revoked device is told about each fact.
const TOLD_DEVICE: &str = "The device is blocked: the record is kept for a supervisor.";

/// Who a fact comes from, and its place in the journal of the site.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    device: &'a str,
    place: i64,
}

/// A fact that was posted in this transaction.
#[derive(Debug)]
struct Here<'a> {
    place: i64,
    body: &'a ConfirmationBody,
    /// Which of the rows are its pairs.
    pairs: std::ops::Range<usize>,
}

/// A transaction's worth of facts on their way into the ledger.
#[derive(Debug)]
pub struct Posting<'a> {
    excerpt: Excerpt,
    rows: Rows<'a>,
    /// Facts that were posted here and may be taken back by one behind them.
    here: HashMap<(&'a str, u32, u64), Here<'a>>,
    /// What the fact that is being posted has said of a handling unit, and how often more.
    said: Option<(Statement, i64)>,
}

/// What a fact does to the progress of its line or task.
enum Step {
    Nothing,
    Line((String, u32), Progress),
    Task(String, &'static str),
}

/// How many rows there were before a fact, to go back to.
struct Before {
    pairs: usize,
    exceptions: usize,
}

impl<'a> Posting<'a> {
    /// Starts on an excerpt, with the numbers that are given away.
    pub fn begin(excerpt: Excerpt, numbers: Numbers) -> Self {
        let rows = Rows {
            before: numbers,
            ..Rows::default()
        };
        Self {
            excerpt,
            rows,
            here: HashMap::new(),
            said: None,
        }
    }

    /// Journals a record and posts it, or keeps it as it came. Gives what its sender is told, where it did not go
    /// plainly.
    pub fn take(&mut self, prepared: Prepared<'a>) -> Option<Outcome> {
        let told = self.rows.exceptions.len();
        let aside = match (&prepared.fact, &prepared.record.content) {
            (Some(fact), _) => self.post(&prepared, fact).err(),
            (None, Content::Aside(aside)) => Some(aside.clone()),
            (None, Content::Fact(_)) => Some(Aside::new("form", "It cannot be understood.")),
        };
        self.journal(&prepared, aside, told)
    }

    /// Journals a record that the database refused when it was posted.
    pub fn take_aside(&mut self, prepared: &Prepared<'a>, aside: Aside) -> Option<Outcome> {
        let told = self.rows.exceptions.len();
        self.journal(prepared, Some(aside), told)
    }

    /// Journals the new records of a device that is revoked. What is no fact steps aside as ever; facts are set aside, and
    /// told together: by an exception that is open already, or by one that begins.
    pub fn set_aside(
        &mut self,
        device: &'a str,
        hold: Hold,
        records: impl Iterator<Item = Prepared<'a>>,
    ) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let mut count = 0;
        for prepared in records {
            if let Content::Aside(aside) = &prepared.record.content {
                outcomes.extend(self.take_aside(&prepared, aside.clone()));
                continue;
            }
            count += 1;
            self.rows.journal.push(JournalRow {
                from: prepared.from,
                epoch: prepared.epoch,
                record: prepared.record,
                quarantined: SET_ASIDE,
            });
            let seq = prepared.record.seq;
            outcomes.push(outcome(seq, ExceptionKind::Revoked.word(), TOLD_DEVICE));
        }
        match hold {
            _ if count == 0 => {}
            Hold::Begins => self.rows.exceptions.push(ExceptionRow {
                found: Quantity::whole(count),
                ..ExceptionRow::new(ExceptionKind::Revoked, device)
            }),
            Hold::None | Hold::GoesOn => self.rows.set_aside.push((device, count)),
        }
        outcomes
    }

    /// Keeps records of a second story, and raises it once: where `raise` says so.
    pub fn fork(&mut self, device: &str, records: impl Iterator<Item = ForkRow<'a>>, raise: bool) {
        self.rows.forks.extend(records);
        if raise {
            self.rows
                .exceptions
                .push(ExceptionRow::new(ExceptionKind::Fork, device));
        }
    }

    /// What is to be written.
    pub fn finish(self) -> Rows<'a> {
        let (balances, units) = self.excerpt.into_changes();
        Rows {
            balances,
            units,
            ..self.rows
        }
    }

    fn next_place(&self) -> i64 {
        self.rows.after().journal.saturating_add(1)
    }

    fn journal(&mut self, prepared: &Prepared<'a>, aside: Option<Aside>, told: usize) -> Option<Outcome> {
        let place = self.next_place();
        let quarantined = aside.as_ref().map_or("", |aside| aside.why);
        if let Some(aside) = aside {
            self.rows.exceptions.push(ExceptionRow {
                journal: Some(place),
                message: aside.sentence,
                ..ExceptionRow::new(ExceptionKind::Quarantined, &prepared.from.device)
            });
        }
        self.rows.journal.push(JournalRow {
            from: prepared.from,
            epoch: prepared.epoch,
            record: prepared.record,
            quarantined,
        });
        let first = self.rows.exceptions.get(told)?;
        Some(outcome(prepared.record.seq, first.kind.word(), &first.message))
    }

    /// Posts a fact, or says why the ledger cannot hold it: then nothing of it is posted.
    fn post(&mut self, prepared: &Prepared<'a>, fact: &Fact<'a>) -> Result<(), Aside> {
        let before = Before {
            pairs: self.rows.pairs.len(),
            exceptions: self.rows.exceptions.len(),
        };
        let source = Source {
            device: &prepared.from.device,
            place: self.next_place(),
        };
        self.said = None;
        let posted = if fact.act == Act::Reversed {
            self.take_back(source, fact)
        } else {
            self.post_forward(source, fact, &prepared.movement)
        };
        if let Err(aside) = posted {
            self.go_back(source, &before);
            return Err(aside);
        }
        if let Some(task) = fact
            .body
            .task
            .as_ref()
            .filter(|task| self.excerpt.tasks.contains_key(*task))
        {
            self.rows.tasks.entry(task.clone()).or_insert(None);
        }
        let here = Here {
            place: source.place,
            body: fact.body,
            pairs: before.pairs..self.rows.pairs.len(),
        };
        let key = (prepared.from.device.as_str(), prepared.epoch, prepared.record.seq);
        self.here.insert(key, here);
        Ok(())
    }

    fn go_back(&mut self, source: Source<'_>, before: &Before) {
        for posted in self
            .rows
            .pairs
            .get(before.pairs..)
            .unwrap_or_default()
            .iter()
            .rev()
        {
            let shifted = self.excerpt.shift(&posted.pair.clone().reversed());
            debug_assert!(shifted.is_some(), "what was moved can be moved back");
        }
        self.rows.pairs.truncate(before.pairs);
        self.rows.exceptions.truncate(before.exceptions);
        if let Some((statement, facts)) = self.said.take() {
            self.excerpt.units.tell(&statement, -facts, source.place);
        }
        self.forget_bins(source.place);
    }

    fn post_forward(
        &mut self,
        source: Source<'_>,
        fact: &Fact<'_>,
        movement: &Movement,
    ) -> Result<(), Aside> {
        if let (Act::TaskStarted, Some(task)) = (fact.act, &fact.body.started) {
            self.start(task);
        }
        let step = self.step(source, fact.body, fact.act, true)?;
        let known = self.excerpt.known(fact);
        let line = known.task.and_then(|task| task.line);
        let counted_before = line.is_some_and(|line| line.closed);
        let excess = excess(fact, &known);
        if let (Some(fence), Some(task)) = (fact.body.fence, &known.task)
            && fence > task.fence
        {
            let fence = fence.min(task.fence.saturating_add(FENCES_AHEAD_MAX));
            self.rows
                .fences
                .insert(fact.body.task.clone().unwrap_or_default(), fence);
        }
        for raised in raised(fact, source.device, &known, movement) {
            self.rows.exceptions.push(ExceptionRow {
                journal: Some(source.place),
                found: raised.found,
                wanted: raised.wanted,
                ..ExceptionRow::about(raised.kind, source.device, fact.body)
            });
        }
        let stood = self.say(source, fact.body, 1);
        for pair in held_apart(&movement.pairs, excess) {
            let pair = self.in_one_place(source, fact, pair);
            let left = self.post_pair(source.place, pair.clone())?;
            self.look_at(source, fact, &pair, left);
        }
        if fact.act == Act::Loaded {
            self.load(source, fact, stood)?;
        }
        self.follow(source, fact)?;
        if let (Act::CodeLinked, Some(linked)) = (fact.act, LinkedCode::of(source.place, fact.body)) {
            self.link(source, fact, linked);
        }
        if fact.act == Act::Reported
            && let Some(unit) = unit_seen(fact.body)
            && self
                .excerpt
                .whole(&Account::new(AccountKind::HandlingUnit, unit))
                .is_empty()
        {
            self.rows.exceptions.push(ExceptionRow {
                journal: Some(source.place),
                message: format!(
                    "{unit} stands there, and the ledger has nothing in it. Find out what is in it."
                ),
                ..ExceptionRow::about(ExceptionKind::UnitFound, source.device, fact.body)
            });
        }
        if fact.act == Act::LocationCounted {
            let ended = count::end(&self.excerpt, source.device, fact.body, counted_before);
            for pair in ended.pairs {
                self.post_pair(source.place, pair)?;
            }
            self.rows
                .exceptions
                .extend(ended.exceptions.into_iter().map(|row| ExceptionRow {
                    journal: Some(source.place),
                    ..row
                }));
            let counted = ended
                .counted
                .map(|item| CountRow::of(source.place, source.device, fact.body, &item));
            self.rows.counted.extend(counted);
        }
        self.keep(step);
        Ok(())
    }

    /// A task that the floor began exists from now on; one that exists already is the same, told again.
    fn start(&mut self, task: &TaskBody) {
        if self.excerpt.begin_task(task) {
            self.rows.started.push(task.clone());
        }
    }

    /// A task that the floor began, and took back, is none any more.
    fn cancel(&mut self, id: &str) {
        if let Some(task) = self.excerpt.tasks.get_mut(id) {
            task.state = "cancelled".to_owned();
            self.rows.tasks.insert(id.to_owned(), Some("cancelled"));
        }
    }

    /// A code means an item from now on, and a supervisor is told. Of an item that nobody knows only the latter.
    fn link(&mut self, source: Source<'_>, fact: &Fact<'_>, linked: LinkedCode) {
        self.rows.exceptions.push(ExceptionRow {
            journal: Some(source.place),
            message: format!(
                "{} means {} of {} from now on.",
                linked.code,
                Quantity::from_micro(linked.pack_micro),
                linked.item
            ),
            ..ExceptionRow::about(ExceptionKind::CodeLinked, source.device, fact.body)
        });
        if self.excerpt.items.contains_key(&linked.item) {
            self.rows.linked.push(linked);
        }
    }

    /// Everything that is in a handling unit by the book goes onto the truck: what was put into it, and else what came in
    /// with it and lies where it stood.
    fn load(&mut self, source: Source<'_>, fact: &Fact<'_>, stood: Option<Account>) -> Result<(), Aside> {
        let first = self.rows.pairs.len();
        for pair in load::contents(&self.excerpt, fact.body) {
            self.post_pair(source.place, pair)?;
        }
        let Some((statement, _)) = self.said.clone() else {
            return Ok(());
        };
        let is_empty = self.rows.pairs.len() == first;
        if let Some(from) = stood.filter(|_| is_empty && !self.excerpt.units.has_home(&statement.unit)) {
            self.take_along(source.place, &statement.unit, &from, &statement.step.to)?;
        }
        self.settle(source.place, &statement.unit)?;
        let loaded = self.rows.pairs.get(first..).unwrap_or_default();
        let raised = load::raised(loaded.iter().map(|posted| &posted.pair));
        self.rows.exceptions.extend(raised.map(|kind| ExceptionRow {
            journal: Some(source.place),
            item: format!("?{}", statement.unit),
            ..ExceptionRow::about(kind, source.device, fact.body)
        }));
        Ok(())
    }

    /// Notes what a fact says of the place of a handling unit, or no longer says. Gives where it stood before.
    fn say(&mut self, source: Source<'_>, body: &ConfirmationBody, facts: i64) -> Option<Account> {
        let statement = Statement::of(body)?;
        let stood = self.excerpt.units.stands_at(&statement.unit);
        self.excerpt.units.tell(&statement, facts, source.place);
        self.said = Some((statement, facts));
        stood
    }

    /// What lies of a unit in the place that it leaves goes along with it.
    fn take_along(&mut self, place: i64, unit: &str, from: &Account, to: &Account) -> Result<(), Aside> {
        let excerpt = &self.excerpt;
        let pairs = excerpt.units.along(unit, from, to, |key| excerpt.balance(key));
        for pair in pairs {
            self.post_pair(place, pair)?;
        }
        Ok(())
    }

    /// A unit did not go where it was said to go: what followed it there lies where it is.
    fn bring_back(&mut self, place: i64, statement: &Statement) -> Result<(), Aside> {
        let units = &self.excerpt.units;
        if statement.whole && !units.has_home(&statement.unit) {
            let stands = units.stands_at(&statement.unit);
            if let Some(back) = statement.left().or(stands) {
                self.take_along(place, &statement.unit, &statement.step.to, &back)?;
            }
        }
        self.settle(place, &statement.unit)
    }

    /// Moves goods of a unit to where it is.
    fn settle(&mut self, place: i64, unit: &str) -> Result<(), Aside> {
        let excerpt = &self.excerpt;
        let pairs = excerpt.units.settled(unit, |key| excerpt.balance(key));
        for pair in pairs {
            self.post_pair(place, pair)?;
        }
        Ok(())
    }

    /// Goods go where their unit goes: what lies in a unit that was moved as a whole, and what turns out to have been in
    /// it. Whoever moves a unit of which nobody knows what is in it makes somebody find out.
    fn follow(&mut self, source: Source<'_>, fact: &Fact<'_>) -> Result<(), Aside> {
        let named = fact
            .body
            .goods
            .as_ref()
            .and_then(|goods| goods.handling_unit.clone());
        let said = self.said.as_ref().map(|(statement, _)| statement.clone());
        let Some(unit) = said.as_ref().map(|said| said.unit.clone()).or(named) else {
            return Ok(());
        };
        let moved = said.filter(|said| said.whole && said.step.kind == StepKind::Carried);
        let from = moved.as_ref().and_then(|moved| moved.left());
        if let (Some(moved), Some(from)) = (&moved, from)
            && !self.excerpt.units.has_home(&unit)
        {
            self.take_along(source.place, &unit, &from, &moved.step.to)?;
        }
        self.settle(source.place, &unit)?;
        let is_known = self.excerpt.units.holds(&unit);
        if is_known && self.excerpt.units.has_home(&unit) {
            self.know(&unit);
        }
        let inside = Account::new(AccountKind::HandlingUnit, unit.as_str());
        if moved.is_some() && !is_known && self.excerpt.whole(&inside).is_empty() {
            self.rows.exceptions.push(ExceptionRow {
                journal: Some(source.place),
                message: format!(
                    "{unit} was moved, and the ledger has nothing in it. Find out what is in it."
                ),
                ..ExceptionRow::about(ExceptionKind::UnitFound, source.device, fact.body)
            });
        }
        Ok(())
    }

    /// It is known what is in a handling unit: whoever was to find out need not any more.
    fn know(&mut self, unit: &str) {
        let item = format!("?{unit}");
        let asks = |row: &&mut ExceptionRow| {
            matches!(row.kind, ExceptionKind::UnitFound | ExceptionKind::UnknownUnit) && row.item == item
        };
        for row in self.rows.exceptions.iter_mut().filter(asks) {
            row.withdrawn = true;
        }
        self.rows.known_units.insert(unit.to_owned());
    }

    fn take_back(&mut self, source: Source<'a>, fact: &Fact<'_>) -> Result<(), Aside> {
        let body = fact.body;
        let about = |kind| ExceptionRow {
            journal: Some(source.place),
            ..ExceptionRow::about(kind, source.device, body)
        };
        let Some(original) = self.original(source, body) else {
            self.rows.exceptions.push(about(ExceptionKind::NothingToReverse));
            return Ok(());
        };
        let (act, forward) = fact.progress_act();
        let step = self.step(source, body, act, forward)?;
        self.say(source, body, -1);
        for pair in original.pairs {
            self.post_pair(source.place, pair.reversed())?;
        }
        if let Some((statement, _)) = self.said.clone() {
            self.bring_back(source.place, &statement)?;
        }
        self.rows.reversals.push((original.place, source.place));
        self.forget(source, body);
        self.withdraw(original.place);
        match act {
            Act::TaskStarted => self.cancel(body.task.as_deref().unwrap_or_default()),
            Act::LocationCounted => self.uncount(original.place, body),
            Act::CodeLinked => self.rows.unlinked.extend(LinkedCode::of(original.place, body)),
            _ => {}
        }
        if original.adjusted {
            self.rows
                .exceptions
                .push(about(ExceptionKind::ReversedAfterAdjustment));
        }
        self.keep(step);
        Ok(())
    }

    /// A location is not counted any more.
    fn uncount(&mut self, place: i64, body: &ConfirmationBody) {
        self.rows.counted.retain(|row| row.journal != place);
        self.rows.uncounted.push(CountRow::of(place, "", body, ""));
    }

    /// The fact to take back: posted, not a reversal itself, and not taken back before.
    fn original(&self, source: Source<'a>, body: &ConfirmationBody) -> Option<Original> {
        let reverses = body.reverses.as_ref()?;
        let original = match self.here.get(&(source.device, reverses.epoch, reverses.seq)) {
            Some(here) => self.original_here(here),
            None => {
                let key = (source.device.to_owned(), reverses.epoch, reverses.seq);
                self.excerpt.originals.get(&key)?.clone()
            }
        };
        let repeats = |original: &ConfirmationBody| reversal::repeats(body, original);
        original.body.as_ref().is_some_and(repeats).then_some(original)
    }

    fn original_here(&self, here: &Here<'_>) -> Original {
        let pairs = self.rows.pairs.get(here.pairs.clone()).unwrap_or_default();
        Original {
            place: here.place,
            body: Some(here.body.clone()),
            pairs: pairs.iter().map(|posted| posted.pair.clone()).collect(),
            adjusted: false,
        }
    }

    /// What was taken back cannot be taken back again.
    fn forget(&mut self, source: Source<'a>, body: &ConfirmationBody) {
        let Some(reverses) = &body.reverses else { return };
        self.here.remove(&(source.device, reverses.epoch, reverses.seq));
        let key = (source.device.to_owned(), reverses.epoch, reverses.seq);
        self.excerpt.originals.remove(&key);
    }

    fn withdraw(&mut self, place: i64) {
        if place <= self.rows.before.journal {
            self.rows.withdrawn.push(place);
        }
        for row in self
            .rows
            .exceptions
            .iter_mut()
            .filter(|row| row.journal == Some(place))
        {
            row.withdrawn = true;
        }
        self.forget_bins(place);
    }

    /// What this fact had raised about places with less than nothing waits for nobody any more.
    fn forget_bins(&mut self, place: i64) {
        for raised in self.excerpt.negative_bins.values_mut() {
            raised.retain(|by| *by != place);
        }
    }

    /// Posts a pair, and gives what is left where the goods came from.
    fn post_pair(&mut self, place: i64, pair: Pair) -> Result<i64, Aside> {
        let left = self.excerpt.shift(&pair).ok_or_else(|| {
            let stock = &pair.stock;
            Aside::ledger(format!(
                "the quantity of {} would pass what a figure can hold",
                stock.item
            ))
        })?;
        let cause = Cause::Journal(place);
        self.rows.pairs.push(PostedPair { cause, pair });
        Ok(left)
    }

    /// The pair, into suspense where its serial number is somewhere else already, which is raised.
    fn in_one_place(&mut self, source: Source<'_>, fact: &Fact<'_>, pair: Pair) -> Pair {
        if !self.excerpt.would_be_twice(&pair) {
            return pair;
        }
        self.rows.exceptions.push(ExceptionRow {
            journal: Some(source.place),
            serial: pair.stock.serial.clone(),
            ..ExceptionRow::about(ExceptionKind::SerialTwice, source.device, fact.body)
        });
        Pair {
            to: pair.to.suspended(),
            ..pair
        }
    }

    /// Raises a place that holds less than nothing.
    fn look_at(&mut self, source: Source<'_>, fact: &Fact<'_>, pair: &Pair, left: i64) {
        let about = |kind| ExceptionRow {
            journal: Some(source.place),
            ..ExceptionRow::about(kind, source.device, fact.body)
        };
        let stock = &pair.stock;
        let stated = fact.body.goods.as_ref().and_then(|goods| goods.item.as_ref());
        let known = stated.is_some_and(|item| self.excerpt.items.contains_key(item));
        if pair.from.kind == AccountKind::Location && left < 0 && known {
            let bin = (pair.from.place.clone(), stock.item.clone(), stock.lot.clone());
            let waits = self.excerpt.negative_bins.entry(bin).or_default();
            // Where the place is known to be wrong, one exception is enough.
            if waits.is_empty() {
                waits.push(source.place);
                self.rows.exceptions.push(ExceptionRow {
                    location: pair.from.place.clone(),
                    lot: stock.lot.clone(),
                    found: Some(Quantity::from_micro(left)),
                    ..about(ExceptionKind::NegativeBin)
                });
            }
        }
    }

    /// What is added to or taken off the progress of the line or task that a fact names.
    fn step(
        &self,
        source: Source<'_>,
        body: &ConfirmationBody,
        act: Act,
        forward: bool,
    ) -> Result<Step, Aside> {
        let Some(task) = &body.task else {
            return Ok(Step::Nothing);
        };
        if act == Act::TaskClosed {
            let (before, after) = if forward {
                ("open", "done")
            } else {
                ("done", "open")
            };
            let changes = self
                .excerpt
                .tasks
                .get(task)
                .is_some_and(|task| task.state == before);
            return Ok(if changes {
                Step::Task(task.clone(), after)
            } else {
                Step::Nothing
            });
        }
        let Some(number) = body.line else {
            return Ok(Step::Nothing);
        };
        let key = (task.clone(), number);
        let kept = self.excerpt.progress.get(&key);
        let mut progress = kept.cloned().unwrap_or_default();
        if act.ends_line() {
            progress.closed = forward;
            let code = body.exception.as_ref().map(|exception| exception.code.as_str());
            progress.awaited = forward && code == Some(ExceptionCode::Elsewhere.word());
        } else if !act.counts_as_progress() {
            return Ok(Step::Nothing);
        } else {
            let micro = body.goods.as_ref().map_or(0, |goods| goods.quantity_micro);
            let sum = if forward {
                progress.quantity_micro.checked_add(micro)
            } else {
                progress.quantity_micro.checked_sub(micro)
            };
            progress.quantity_micro = sum.ok_or_else(|| {
                Aside::ledger(format!(
                    "line {number} of task {task} would pass what a figure can hold"
                ))
            })?;
        }
        self.count_late(source, body, forward, &mut progress);
        progress.shared |= kept.is_some_and(|kept| kept.last_device != source.device);
        progress.last_device = source.device.to_owned();
        Ok(Step::Line(key, progress))
    }

    /// Counts what was confirmed under a lease that is not the newest any more; and ends the wait for another device's
    /// records where they have come.
    fn count_late(
        &self,
        source: Source<'_>,
        body: &ConfirmationBody,
        forward: bool,
        progress: &mut Progress,
    ) {
        let (Some(task), Some(number), Some(goods)) = (&body.task, body.line, &body.goods) else {
            return;
        };
        let known = self.excerpt.known_task(task, Some(number));
        if Lease::of(body.fence, source.device, known.as_ref()) == Lease::Late {
            let micro = if forward {
                goods.quantity_micro
            } else {
                goods.quantity_micro.saturating_neg()
            };
            progress.late_micro = progress.late_micro.saturating_add(micro).max(0);
        }
        let expected = known.and_then(|task| task.line?.expected);
        if progress.awaited && expected.is_some_and(|expected| progress.quantity_micro >= expected.micro()) {
            progress.awaited = false;
            progress.arrived = true;
        }
    }

    fn keep(&mut self, step: Step) {
        match step {
            Step::Nothing => {}
            Step::Line(key, mut progress) => {
                if std::mem::take(&mut progress.arrived) {
                    self.rows.arrived.push(key.clone());
                }
                self.excerpt.progress.insert(key.clone(), progress.clone());
                self.rows.progress.insert(key, progress);
            }
            Step::Task(id, state) => {
                if let Some(task) = self.excerpt.tasks.get_mut(&id) {
                    task.state = state.to_owned();
                }
                self.rows.tasks.insert(id, Some(state));
            }
        }
    }
}

/// The pairs of a receipt, of which so much is held apart from the rest: the last ones.
fn held_apart(pairs: &[Pair], excess: Quantity) -> Vec<Pair> {
    let whole: Quantity = pairs.iter().map(|pair| pair.quantity).sum();
    let mut room = whole - excess;
    let mut parts = Vec::with_capacity(pairs.len() + 1);
    for pair in pairs {
        let is_piece = !pair.stock.serial.is_empty();
        let fits = if is_piece && room < pair.quantity {
            Quantity::ZERO
        } else {
            room.min(pair.quantity)
        };
        room -= fits;
        let rest = pair.quantity - fits;
        if fits.is_positive() {
            parts.push(Pair {
                quantity: fits,
                ..pair.clone()
            });
        }
        if rest.is_positive() {
            let to = match pair.to.kind {
                AccountKind::Location => Account::new(AccountKind::OverReceipt, pair.to.place.as_str()),
                _ => pair.to.clone(),
            };
            parts.push(Pair {
                to,
                quantity: rest,
                ..pair.clone()
            });
        }
    }
    parts
}
