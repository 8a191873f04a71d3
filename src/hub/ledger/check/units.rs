//! Handling units in the independent check: what was said of the place of each, where each stands, and what lies of it
//! where, computed again from the journal and the entries.

use std::collections::{BTreeMap, HashMap};

use tallyman_floor::Act;
use tallyman_floor::wire::v1::{ConfirmationBody, GoodsBody, PlaceBody};

use crate::ledger::account::{Account, AccountKind};
use crate::ledger::proof::BalanceRow;
use crate::ledger::units::{Step, StepKind, Told};

/// A step of a unit, as it is kept.
#[derive(Debug)]
pub(crate) struct UnitStepRow {
    pub(crate) site: String,
    pub(crate) unit: String,
    pub(crate) step: Step,
    pub(crate) told: Told,
}

/// Where a unit is kept to stand.
#[derive(Debug)]
pub(crate) struct UnitPlaceRow {
    pub(crate) site: String,
    pub(crate) unit: String,
    pub(crate) account: String,
    pub(crate) place: String,
}

/// What is kept of what lies of a unit somewhere.
#[derive(Debug)]
pub(crate) struct UnitContentRow {
    pub(crate) unit: String,
    pub(crate) balance: BalanceRow,
}

/// What a fact says of the place of a unit: the unit, the step, whether it is moved as a whole, and once more or less.
#[derive(Debug, Clone)]
pub(super) struct UnitSaid {
    unit: String,
    step: Step,
    whole: bool,
    facts: i64,
}

/// Whether a fact moves a unit with whatever is in it.
pub(super) fn is_whole(body: &ConfirmationBody, goods: &GoodsBody) -> bool {
    matches!(super::act_of(body), "moved" | "picked")
        && goods.item.is_none()
        && goods.handling_unit.as_deref() == Some(goods.code.as_str())
}

impl UnitSaid {
    pub(super) fn of(body: &ConfirmationBody) -> Option<Self> {
        let named = body.goods.as_ref().and_then(|goods| goods.handling_unit.clone());
        let whole = body.goods.as_ref().is_some_and(|goods| is_whole(body, goods));
        let unit_of = |place: &Option<PlaceBody>| match place {
            Some(PlaceBody::HandlingUnit(unit)) => Some(unit.clone()),
            _ => None,
        };
        let location_of = |place: &Option<PlaceBody>| match place {
            Some(PlaceBody::Location(location)) => Some(location.clone()),
            _ => None,
        };
        let (from, into) = (unit_of(&body.from), unit_of(&body.to));
        let to = location_of(&body.to).map(|to| Account::new(AccountKind::Location, to));
        let hand = into
            .clone()
            .map(|unit| Account::new(AccountKind::HandlingUnit, unit));
        let (kind, unit, to) = match Act::of_word(super::act_of(body))? {
            Act::Received | Act::Returned | Act::Moved => (StepKind::Carried, named?, to?),
            Act::Picked if named.is_some() && named == into => (StepKind::Carried, named?, hand?),
            Act::Picked | Act::Packed => (StepKind::Seen, into?, hand?),
            Act::HandedOver | Act::Reported => (StepKind::Seen, from?, to?),
            Act::Loaded => match &body.to {
                Some(PlaceBody::Vehicle(vehicle)) => {
                    let to = Account::new(AccountKind::Vehicle, vehicle.as_str());
                    (StepKind::Loaded, from?, to)
                }
                _ => return None,
            },
            _ => return None,
        };
        let is_carried = kind == StepKind::Carried;
        let from = location_of(&body.from).filter(|_| is_carried).unwrap_or_default();
        let task = body
            .task
            .clone()
            .filter(|_| kind != StepKind::Seen)
            .unwrap_or_default();
        Some(Self {
            unit,
            step: Step { kind, task, from, to },
            whole: whole || kind == StepKind::Loaded,
            facts: if body.reverses.is_some() { -1 } else { 1 },
        })
    }
}

/// A unit of a site.
type UnitOfSite = (String, String);

/// What is kept of units, and the sums of their entries.
#[derive(Debug, Default)]
pub(super) struct UnitsChecked {
    kept: BTreeMap<UnitOfSite, BTreeMap<Step, Told>>,
    places: HashMap<UnitOfSite, (String, String)>,
    contents: HashMap<(String, BalanceRow), i128>,
}

impl UnitsChecked {
    pub(super) fn entry(&mut self, unit: &str, balance: &BalanceRow) {
        if !unit.is_empty() && matches!(balance.account.as_str(), "location" | "handling_unit" | "vehicle") {
            self.add(unit, balance, i128::from(balance.quantity_micro));
        }
    }

    pub(super) fn content(&mut self, kept: UnitContentRow) {
        let micro = i128::from(kept.balance.quantity_micro);
        self.add(&kept.unit, &kept.balance, -micro);
    }

    fn add(&mut self, unit: &str, balance: &BalanceRow, micro: i128) {
        let key = (unit.to_owned(), super::without_quantity(balance.clone()));
        *self.contents.entry(key).or_default() += micro;
    }

    pub(super) fn step(&mut self, row: UnitStepRow) {
        let steps = self.kept.entry((row.site, row.unit)).or_default();
        steps.insert(row.step, row.told);
    }

    pub(super) fn place(&mut self, row: UnitPlaceRow) {
        self.places.insert((row.site, row.unit), (row.account, row.place));
    }

    /// What does not agree.
    pub(super) fn findings<'f>(
        mut self,
        said: impl Iterator<Item = (&'f (String, i64), &'f UnitSaid)>,
    ) -> Vec<String> {
        let mut computed: BTreeMap<UnitOfSite, BTreeMap<Step, (i64, i64)>> = BTreeMap::new();
        for ((site, _), said) in said {
            let steps = computed.entry((site.clone(), said.unit.clone())).or_default();
            let told = steps.entry(said.step.clone()).or_default();
            told.0 += said.facts;
            told.1 += if said.whole { said.facts } else { 0 };
        }
        let mut findings = Vec::new();
        for (unit, mut steps) in computed {
            steps.retain(|_, told| told.0 != 0);
            let kept = self.kept.remove(&unit).unwrap_or_default();
            let as_kept = kept
                .iter()
                .map(|(step, told)| (step.clone(), (told.facts, told.whole)));
            if !as_kept.eq(steps) {
                findings.push(format!(
                    "What was said of the place of {} is not what the journal says.",
                    unit.1
                ));
            }
            let place = self.places.remove(&unit);
            if place != stands_at(&unit.1, &kept) {
                findings.push(format!("{} does not stand where it is kept to stand.", unit.1));
            }
        }
        for (_, unit) in self.kept.keys().chain(self.places.keys()) {
            findings.push(format!("Nobody has said of {unit} what is kept of its place."));
        }
        for ((unit, key), _) in self.contents.iter().filter(|(_, micro)| **micro != 0) {
            findings.push(format!(
                "What lies of {} of {unit} in {} {} is not the sum of its entries.",
                key.item, key.account, key.place
            ));
        }
        findings
    }
}

/// Where a unit stands by the steps that are kept: the newest one whose place it has not left again.
fn stands_at(unit: &str, steps: &BTreeMap<Step, Told>) -> Option<(String, String)> {
    let is_sscc = unit.len() == 18 && unit.bytes().all(|byte| byte.is_ascii_digit());
    let is_left = |step: &Step| {
        let carried = || steps.keys().filter(|other| other.kind == StepKind::Carried);
        let came = carried().filter(|other| other.to == step.to).count();
        let went = carried().filter(|other| other.from == step.to.place).count();
        step.kind == StepKind::Carried && step.to.kind == AccountKind::Location && came <= went
    };
    let standing = steps.iter().filter(|(step, _)| !is_left(step));
    let (step, _) =
        standing.max_by_key(|(step, told)| (is_sscc && step.kind == StepKind::Loaded, told.journal))?;
    let is_in_hand = step.to.kind == AccountKind::HandlingUnit;
    (!is_in_hand).then(|| (step.to.kind.word().to_owned(), step.to.place.clone()))
}
