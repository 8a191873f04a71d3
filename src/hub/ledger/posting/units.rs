//! Handling units in an excerpt: what was said of the place of each, and what lies in it there; and what is moved so that
//! goods are where their unit is.

use std::collections::{BTreeMap, BTreeSet};

use tallyman_floor::Quantity;

use super::excerpt::BalanceKey;
use crate::ledger::account::{Account, AccountKind, Pair};
use crate::ledger::units::{Statement, Step, Steps, Told, home, stands_at, tell};

/// The units that some facts are about.
#[derive(Debug, Default)]
pub struct Units {
    all: BTreeMap<String, Unit>,
}

/// One of them.
#[derive(Debug, Default)]
struct Unit {
    steps: Steps,
    /// Steps that these facts are about; those that are no more are to be deleted.
    touched: BTreeSet<Step>,
    /// What lies where by entries that name the unit.
    contents: BTreeMap<BalanceKey, i64>,
}

/// A unit as it is to be written.
#[derive(Debug)]
pub struct UnitRow {
    /// The unit.
    pub unit: String,
    /// Steps with how often they were told; none where nobody says so any more.
    pub steps: Vec<(Step, Option<Told>)>,
    /// Where it stands.
    pub stands_at: Option<Account>,
}

/// Whether it is kept what of a unit lies in an account.
pub const fn keeps_contents(kind: AccountKind) -> bool {
    matches!(
        kind,
        AccountKind::Location | AccountKind::HandlingUnit | AccountKind::Vehicle
    )
}

/// The sums of pairs that name a handling unit, by unit.
pub fn contents_of<'p>(pairs: impl Iterator<Item = &'p Pair>) -> BTreeMap<(String, BalanceKey), i128> {
    let mut sums: BTreeMap<_, i128> = BTreeMap::new();
    for pair in pairs.filter(|pair| !pair.stock.handling_unit.is_empty()) {
        let micro = i128::from(pair.quantity.micro());
        for (account, micro) in [(&pair.from, -micro), (&pair.to, micro)] {
            if keeps_contents(account.kind) {
                let key = (
                    pair.stock.handling_unit.clone(),
                    BalanceKey::new(account, &pair.stock),
                );
                *sums.entry(key).or_default() += micro;
            }
        }
    }
    sums
}

impl Units {
    /// Units of which everything is read: [`Self::keep_step`] and [`Self::keep_content`] are told.
    pub fn with<'u>(units: impl IntoIterator<Item = &'u str>) -> Self {
        let all = units.into_iter().map(|unit| (unit.to_owned(), Unit::default()));
        Self { all: all.collect() }
    }

    /// Notes a step as the store has it.
    pub fn keep_step(&mut self, unit: &str, step: Step, told: Told) {
        if let Some(unit) = self.all.get_mut(unit) {
            unit.steps.insert(step, told);
        }
    }

    /// Notes what of a unit lies somewhere as the store has it.
    pub fn keep_content(&mut self, unit: &str, key: BalanceKey, micro: i64) {
        if let Some(unit) = self.all.get_mut(unit) {
            unit.contents.insert(key, micro);
        }
    }

    /// A fact says something of a unit, or is taken back.
    pub(super) fn tell(&mut self, statement: &Statement, facts: i64, journal: i64) {
        if let Some(unit) = self.all.get_mut(&statement.unit) {
            tell(&mut unit.steps, statement, facts, journal);
            unit.touched.insert(statement.step.clone());
        }
    }

    /// Goods that name their unit moved.
    pub(super) fn shift(&mut self, pair: &Pair) {
        let Some(unit) = self.all.get_mut(&pair.stock.handling_unit) else {
            return;
        };
        let micro = pair.quantity.micro();
        for (account, micro) in [(&pair.from, micro.saturating_neg()), (&pair.to, micro)] {
            if keeps_contents(account.kind) {
                let held = unit
                    .contents
                    .entry(BalanceKey::new(account, &pair.stock))
                    .or_default();
                *held = held.saturating_add(micro);
            }
        }
    }

    /// Whether there is something in a unit by entries that name it.
    pub(super) fn holds(&self, unit: &str) -> bool {
        let unit = self.all.get(unit);
        unit.is_some_and(|unit| unit.contents.values().any(|micro| *micro > 0))
    }

    /// Where a unit stands.
    pub(super) fn stands_at(&self, unit: &str) -> Option<Account> {
        stands_at(unit, &self.all.get(unit)?.steps).cloned()
    }

    /// What has to be moved so that goods are where their unit is, as far as they lie where they are to leave by the book:
    /// what was taken off it before, without a word of the unit, is not there any more. `balance` tells what a balance is.
    pub(super) fn settled(&self, unit: &str, balance: impl Fn(&BalanceKey) -> i64) -> Vec<Pair> {
        let Some(known) = self.all.get(unit) else {
            return Vec::new();
        };
        let Some(home) = home(unit, &known.steps) else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        let mut at_home: BTreeMap<BalanceKey, i64> = BTreeMap::new();
        let elsewhere = || known.contents.iter().filter(|(key, _)| key.account != home);
        for (key, micro) in elsewhere().filter(|(_, micro)| **micro > 0) {
            let micro = (*micro).min(balance(key));
            if let Some(pair) = pair(unit, key, &key.account, &home, micro) {
                *at_home.entry(at(key, &home)).or_default() += micro;
                pairs.push(pair);
            }
        }
        // What was carried on before it is known to have come.
        for (key, micro) in elsewhere().filter(|(_, micro)| **micro < 0) {
            let there = at(key, &home);
            let held = known.contents.get(&there).copied().unwrap_or_default();
            let rest = at_home.entry(there).or_default();
            let micro = micro.saturating_neg().min(held.saturating_add(*rest));
            if let Some(pair) = pair(unit, key, &home, &key.account, micro) {
                *rest = rest.saturating_sub(micro);
                pairs.push(pair);
            }
        }
        pairs
    }

    /// What goes along with a unit from one place to another, where it is not known to be elsewhere: what lies there of it.
    pub(super) fn along(
        &self,
        unit: &str,
        from: &Account,
        to: &Account,
        balance: impl Fn(&BalanceKey) -> i64,
    ) -> Vec<Pair> {
        let contents = self.all.get(unit).into_iter().flat_map(|unit| &unit.contents);
        let there = contents.filter(|(key, micro)| key.account == *from && **micro > 0);
        there
            .filter_map(|(key, micro)| pair(unit, key, from, to, (*micro).min(balance(key))))
            .collect()
    }

    /// Whether all goods of a unit have one place to be.
    pub(super) fn has_home(&self, unit: &str) -> bool {
        let known = self.all.get(unit);
        known.is_some_and(|known| home(unit, &known.steps).is_some())
    }

    /// Every balance that these facts may change because goods go with their unit: what lies in it, and `arriving`, at each
    /// place that was said of it.
    pub(super) fn balances(&self, arriving: &[&Pair], told: &[Statement]) -> BTreeSet<BalanceKey> {
        let mut keys = BTreeSet::new();
        for (name, unit) in &self.all {
            let said = told.iter().filter(|statement| statement.unit == *name);
            let steps = unit.steps.keys().chain(said.map(|statement| &statement.step));
            let mut places: BTreeSet<Account> =
                BTreeSet::from([Account::new(AccountKind::HandlingUnit, name)]);
            for step in steps {
                places.insert(step.to.clone());
                places.insert(Account::new(AccountKind::Location, step.from.as_str()));
            }
            let mut stocks: BTreeSet<BalanceKey> = unit.contents.keys().cloned().collect();
            for pair in arriving.iter().filter(|pair| pair.stock.handling_unit == *name) {
                stocks.extend([&pair.from, &pair.to].map(|account| BalanceKey::new(account, &pair.stock)));
            }
            places.extend(stocks.iter().map(|key| key.account.clone()));
            places.retain(|place| keeps_contents(place.kind));
            keys.extend(
                stocks
                    .iter()
                    .flat_map(|key| places.iter().map(|place| at(key, place))),
            );
        }
        keys
    }

    /// The units that something was said of, as they are now.
    pub(super) fn into_rows(self) -> Vec<UnitRow> {
        let touched = self.all.into_iter().filter(|(_, unit)| !unit.touched.is_empty());
        let row = |(name, unit): (String, Unit)| UnitRow {
            stands_at: stands_at(&name, &unit.steps).cloned(),
            steps: unit
                .touched
                .into_iter()
                .map(|step| {
                    let told = unit.steps.get(&step).copied();
                    (step, told)
                })
                .collect(),
            unit: name,
        };
        touched.map(row).collect()
    }
}

fn at(key: &BalanceKey, account: &Account) -> BalanceKey {
    BalanceKey {
        account: account.clone(),
        ..key.clone()
    }
}

/// Goods of a unit go along with it; none where there are none.
fn pair(unit: &str, key: &BalanceKey, from: &Account, to: &Account, micro: i64) -> Option<Pair> {
    let mut stock = key.stock();
    unit.clone_into(&mut stock.handling_unit);
    (micro > 0 && from != to).then(|| Pair {
        from: from.clone(),
        to: to.clone(),
        stock,
        quantity: Quantity::from_micro(micro),
    })
}
