//! The independent check: chain, entries, balances and progress computed again from the journal.
//!
//! It shares no code with posting: sums are made here in memory, in 128 bits, and what a fact moves is read from its
//! bytes. A store only hands it rows, in the order of the functions of [`Check`].

use std::collections::{BTreeMap, HashMap, HashSet};

use tallyman_floor::Act;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::ConfirmationBody;

use super::proof::{BalanceRow, DeviceMark, Proof};

mod units;

pub(crate) use units::{UnitContentRow, UnitPlaceRow, UnitStepRow};
use units::{UnitSaid, UnitsChecked};

/// A check under way.
#[derive(Debug, Default)]
pub(crate) struct Check {
    proof: Proof,
    facts: Vec<FactSeen>,
    walks: HashMap<(String, String, u32), Walk>,
    reversing: HashSet<Placed>,
    of_facts: HashMap<Placed, Posted>,
    of_documents: HashMap<Placed, Posted>,
    balances: HashMap<BalanceRow, i128>,
    per_lot: HashMap<(String, String, String), i128>,
    progress: Option<ProgressByLine>,
    units: UnitsChecked,
}

/// Something with a number within a site.
type Placed = (String, i64);

/// Confirmed quantity and whether ended, per site, task and line.
type ProgressByLine = BTreeMap<(String, String, u32), (i128, bool)>;

/// A row of the journal.
#[derive(Debug)]
pub(crate) struct RecordRow<'a> {
    pub(crate) place: i64,
    pub(crate) site: String,
    pub(crate) device: String,
    pub(crate) epoch: u32,
    pub(crate) seq: u64,
    pub(crate) hash: &'a [u8],
    pub(crate) body: &'a [u8],
    pub(crate) quarantined: String,
}

/// An entry of the ledger, and what it comes from.
#[derive(Debug)]
pub(crate) struct EntryRow {
    pub(crate) journal: Option<i64>,
    pub(crate) document: Option<i64>,
    /// The handling unit that it names.
    pub(crate) unit: String,
    /// The account and the goods, with the quantity that is added.
    pub(crate) balance: BalanceRow,
}

/// The progress that is kept of a line.
#[derive(Debug)]
pub(crate) struct ProgressRow {
    pub(crate) site: String,
    pub(crate) task: String,
    pub(crate) number: u32,
    pub(crate) quantity_micro: i64,
    pub(crate) closed: bool,
}

/// One fact, as far as the later checks need it.
#[derive(Debug)]
struct FactSeen {
    placed: Placed,
    /// Whether its body was posted and can be read.
    readable: bool,
    is_reversal: bool,
    /// What it moves, in millionths; `None` for facts without goods.
    quantity_micro: Option<i64>,
    /// Whether it names a handling unit: then more may have gone along with that.
    names_unit: bool,
    /// What it does to the progress of a line.
    folds: Option<(String, u32, Fold)>,
    /// What it says of the place of a handling unit.
    said: Option<UnitSaid>,
}

/// What a fact does to the progress of a line.
#[derive(Debug, Clone, Copy)]
enum Fold {
    Add(i64),
    Close(bool),
}

/// The journal of one device in one epoch, while it is walked.
#[derive(Debug, Default)]
struct Walk {
    seq: u64,
    hash: Option<ChainHash>,
}

/// What was posted because of one fact or document.
#[derive(Debug, Default)]
struct Posted {
    sum: i128,
    moved: i128,
}

impl Check {
    /// A record. They come by site, device, epoch and seq.
    pub(crate) fn record(&mut self, row: RecordRow<'_>) {
        self.proof.records += 1;
        let RecordRow { epoch, seq, .. } = row;
        let key = (row.site.clone(), row.device.clone(), epoch);
        let walk = self.walks.entry(key).or_default();
        let device = &row.device;
        if seq != walk.seq.saturating_add(1) {
            self.proof.gaps += 1;
            self.proof.find(format!(
                "The journal of {device} in epoch {epoch} goes from {} to {seq}.",
                walk.seq
            ));
        }
        let previous = walk.hash.unwrap_or(ChainHash::START);
        let computed = ChainHash::of_record(previous, device, epoch, seq, row.body);
        let stored = ChainHash::from_slice(row.hash);
        if (stored == Some(computed)) == (row.quarantined == "hash") {
            self.proof.find(format!(
                "Record {seq} of {device} in epoch {epoch} does not fit the chain."
            ));
        }
        *walk = Walk {
            seq,
            hash: stored.or(Some(computed)),
        };
        self.proof.quarantined += u64::from(!row.quarantined.is_empty());
        let fact = self.fact_seen(row);
        self.facts.push(fact);
    }

    fn fact_seen(&mut self, row: RecordRow<'_>) -> FactSeen {
        let posted = row.quarantined.is_empty();
        let body: Option<ConfirmationBody> = if posted {
            serde_json::from_slice(row.body).ok()
        } else {
            None
        };
        if posted && body.is_none() {
            let place = row.place;
            self.proof.find(format!(
                "The fact at place {place} was posted and cannot be read."
            ));
        }
        let body = body.as_ref();
        let goods = body
            .filter(|body| moves(body))
            .and_then(|body| body.goods.as_ref());
        FactSeen {
            placed: (row.site, row.place),
            readable: body.is_some(),
            is_reversal: body.is_some_and(|body| body.act == Act::Reversed.word()),
            // A unit moves with whatever is in it.
            quantity_micro: goods
                .zip(body)
                .filter(|(goods, body)| !units::is_whole(body, goods))
                .map(|(goods, body)| posted_micro(goods.quantity_micro, body)),
            names_unit: goods.is_some_and(|goods| goods.handling_unit.is_some()),
            folds: body.and_then(folds),
            said: body.and_then(UnitSaid::of),
        }
    }

    /// A device's marks. They come after the journal.
    pub(crate) fn mark(&mut self, mark: DeviceMark) {
        let key = (mark.site, mark.device, mark.epoch);
        let last = self.walks.get(&key).map_or(0, |walk| walk.seq);
        if last != mark.applied_seq || mark.stable_seq > mark.applied_seq {
            self.proof.find(format!(
                "{} in epoch {} has the marks applied {} and stable {}, and its journal ends at {last}.",
                key.1, key.2, mark.applied_seq, mark.stable_seq
            ));
        }
    }

    /// The place of a fact that takes something back.
    pub(crate) fn reversal(&mut self, site: &str, place: i64) {
        self.reversing.insert((site.to_owned(), place));
    }

    /// An entry.
    pub(crate) fn entry(&mut self, row: EntryRow) {
        self.proof.entries += 1;
        let EntryRow {
            journal,
            document,
            unit,
            balance,
        } = row;
        self.units.entry(&unit, &balance);
        let micro = i128::from(balance.quantity_micro);
        let site = || balance.site.clone();
        let posted = match (journal, document) {
            (Some(place), _) => self.of_facts.entry((site(), place)).or_default(),
            (None, number) => self
                .of_documents
                .entry((site(), number.unwrap_or_default()))
                .or_default(),
        };
        posted.sum += micro;
        posted.moved += micro.max(0);
        let lot = (balance.site.clone(), balance.item.clone(), balance.lot.clone());
        *self.per_lot.entry(lot).or_default() += micro;
        *self.balances.entry(without_quantity(balance)).or_default() += micro;
    }

    /// A balance that is kept and is not nothing. They come after the entries.
    pub(crate) fn balance(&mut self, kept: BalanceRow) {
        self.proof.balances += 1;
        let micro = i128::from(kept.quantity_micro);
        let key = without_quantity(kept);
        if self.balances.remove(&key).unwrap_or(0) != micro {
            self.proof.find(format!(
                "The balance of {} in {} {} is kept as {micro} millionths, and the entries say something else.",
                key.item, key.account, key.place
            ));
        }
    }

    /// The progress that is kept of a line. They come after the journal and the reversals.
    pub(crate) fn progress(&mut self, kept: ProgressRow) {
        let computed = match &mut self.progress {
            Some(computed) => computed,
            empty => empty.insert(fold_all(&mut self.facts, &self.reversing)),
        };
        let key = (kept.site, kept.task, kept.number);
        let wanted = (i128::from(kept.quantity_micro), kept.closed);
        if computed.remove(&key).unwrap_or_default() != wanted {
            self.proof.find(format!(
                "The progress of line {} of task {} is not what the journal says.",
                key.2, key.1
            ));
        }
    }

    /// What is kept of the place of a handling unit. They come after the reversals.
    pub(crate) fn unit_step(&mut self, kept: UnitStepRow) {
        self.units.step(kept);
    }

    /// Where a handling unit is kept to stand.
    pub(crate) fn unit_place(&mut self, kept: UnitPlaceRow) {
        self.units.place(kept);
    }

    /// What is kept of what lies of a handling unit somewhere, and is not nothing.
    pub(crate) fn unit_content(&mut self, kept: UnitContentRow) {
        self.units.content(kept);
    }

    /// What the check comes to.
    pub(crate) fn finish(mut self) -> Proof {
        let said = self.facts.iter().filter_map(|fact| {
            let idle = fact.is_reversal && !self.reversing.contains(&fact.placed);
            let said = fact.said.as_ref().filter(|_| !idle)?;
            Some((&fact.placed, said))
        });
        let findings = std::mem::take(&mut self.units).findings(said);
        findings.into_iter().for_each(|finding| self.proof.find(finding));
        self.check_postings();
        self.proof.ledger_sum = self.per_lot.values().map(|sum| sum.abs()).sum();
        if self.proof.ledger_sum != 0 {
            self.proof.find(format!(
                "The ledger does not sum to zero: {} millionths are over or missing.",
                self.proof.ledger_sum
            ));
        }
        for (key, micro) in self.balances.iter().filter(|(_, micro)| **micro != 0) {
            self.proof.find(format!(
                "The balance of {} in {} {} is missing: {micro}.",
                key.item, key.account, key.place
            ));
        }
        let computed = self
            .progress
            .unwrap_or_else(|| fold_all(&mut self.facts, &self.reversing));
        for (key, _) in computed.iter().filter(|(_, progress)| **progress != (0, false)) {
            self.proof.find(format!(
                "The progress of line {} of task {} is missing.",
                key.2, key.1
            ));
        }
        self.proof
    }

    fn check_postings(&mut self) {
        for fact in &self.facts {
            let posted = self.of_facts.remove(&fact.placed).unwrap_or_default();
            let place = fact.placed.1;
            let is_idle_reversal = fact.is_reversal && !self.reversing.contains(&fact.placed);
            let wanted = if is_idle_reversal {
                Some(0)
            } else {
                fact.quantity_micro.map(i128::from)
            };
            if posted.sum != 0 {
                self.proof.find(format!(
                    "The entries of the fact at place {place} do not balance."
                ));
            }
            let differs = |wanted: i128| match fact.names_unit && !is_idle_reversal {
                true => posted.moved < wanted,
                false => posted.moved != wanted,
            };
            if wanted.is_some_and(differs) || (!fact.readable && posted.moved != 0) {
                self.proof.find(format!(
                    "The fact at place {place} says {} millionths, and {} were posted.",
                    wanted.unwrap_or(0),
                    posted.moved
                ));
            }
        }
        for (_, place) in self.of_facts.keys() {
            self.proof.find(format!(
                "There are entries for place {place} of the journal, which does not exist."
            ));
        }
        for ((_, document), posted) in self.of_documents.iter().filter(|(_, posted)| posted.sum != 0) {
            self.proof.find(format!(
                "The entries of document {document} do not balance: {}.",
                posted.sum
            ));
        }
    }
}

fn without_quantity(row: BalanceRow) -> BalanceRow {
    BalanceRow {
        quantity_micro: 0,
        ..row
    }
}

/// What a fact did; for a reversal, what is taken back.
fn act_of(body: &ConfirmationBody) -> &str {
    let reversed = body.reverses.as_ref().map(|reverses| reverses.act.as_str());
    reversed.unwrap_or(body.act.as_str())
}

fn moves(body: &ConfirmationBody) -> bool {
    let Some(act) = Act::of_word(act_of(body)) else {
        return false;
    };
    // Goods beside what is counted in a place are told, and posted nowhere.
    let is_beside = act == Act::Counted && body.task.is_some() && body.line.is_none();
    act.counts_as_progress() && !is_beside
}

/// How much is posted of so many goods: what is inspected goes out of its place and in again.
fn posted_micro(micro: i64, body: &ConfirmationBody) -> i64 {
    match Act::of_word(act_of(body)) {
        Some(Act::Inspected) => micro.saturating_mul(2),
        _ => micro,
    }
}

fn folds(body: &ConfirmationBody) -> Option<(String, u32, Fold)> {
    let (task, number) = (body.task.clone()?, body.line?);
    let (act, forward) = (Act::of_word(act_of(body))?, body.reverses.is_none());
    let fold = if act.ends_line() {
        Fold::Close(forward)
    } else if act.counts_as_progress() {
        let micro = body.goods.as_ref().map_or(0, |goods| goods.quantity_micro);
        Fold::Add(if forward { micro } else { micro.saturating_neg() })
    } else {
        return None;
    };
    Some((task, number, fold))
}

/// The facts folded over the lines, in the order in which the hub took them.
fn fold_all(facts: &mut [FactSeen], reversing: &HashSet<Placed>) -> ProgressByLine {
    facts.sort_by(|one, other| one.placed.cmp(&other.placed));
    let mut computed = ProgressByLine::new();
    for fact in facts.iter() {
        let idle = fact.is_reversal && !reversing.contains(&fact.placed);
        let Some((task, number, fold)) = fact.folds.as_ref().filter(|_| !idle) else {
            continue;
        };
        let line = computed
            .entry((fact.placed.0.clone(), task.clone(), *number))
            .or_default();
        match fold {
            Fold::Add(micro) => line.0 += i128::from(*micro),
            Fold::Close(closed) => line.1 = *closed,
        }
    }
    computed
}
