//! What follows from a supervisor's decision: the pairs that are posted and the tasks that are made, apart from any
//! database.
//!
//! A decision never changes the journal. What it moves is a document of the hub's own, and what its fact comes to by now
//! is the sum of the fact's entries and of the documents that were posted because of it ([`Case::effect`]): so a second
//! decision about the same fact goes on from what the first one left.

mod tasks;

use std::collections::BTreeMap;

use tallyman_floor::wire::v1::{ConfirmationBody, LineBody, PlaceBody, TaskBody};
use tallyman_floor::{Act, Quantity};

use super::account::{Account, AccountKind, Pair, Stock};
use super::counts::waits_for;
use super::exception::ExceptionKind;
use super::interpret::{Fact, movement};
use super::late::moved_meanwhile;
use super::posting::{CountKey, Excerpt, LinkedCode, adjustment};
use super::resolution::{Decision, Resolution, choices};
pub(super) use tasks::{count_of, empty_task};
use tasks::{count_task, pick_elsewhere};

/// Why a decision is none about this kind of exception.
pub(crate) const CANNOT: &str = "That cannot be decided about this exception.";

/// An open exception with what a decision about it has to know.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) exception: i64,
    /// The word of its kind.
    pub(crate) kind: String,
    /// The device.
    pub(crate) device: String,
    pub(crate) line: Option<u32>,
    pub(crate) location: String,
    pub(crate) item: String,
    pub(crate) lot: String,
    pub(crate) serial: String,
    pub(crate) found_micro: Option<i64>,
    pub(crate) wanted_micro: Option<i64>,
    /// The place in the journal of the fact that raised it.
    pub(crate) journal: Option<i64>,
    /// That fact; `None` where there is none that was posted.
    pub(crate) fact: Option<ConfirmationBody>,
    /// What the fact comes to by now: sums per account and stock, none of them zero.
    pub(crate) effect: Vec<(Account, Stock, i64)>,
    /// What of the fact was replaced by earlier decisions: the kind of the exception, and the name.
    pub(crate) replaced: Vec<(String, String)>,
    /// The task it names.
    pub(crate) task: Option<TaskBody>,
    /// Where the item lies by the book, usable goods first.
    pub(crate) stock: Vec<(Account, Stock, i64)>,
    /// Whose goods of the item are where nobody says.
    pub(crate) owner: String,
    /// A count task for the location that is open already.
    pub(crate) open_count: Option<String>,
    /// Another device whose movements overlap with the count, as far as that was looked for.
    pub(crate) overlap: Option<String>,
    /// Whether the place was counted anew since the fact came, as far as that was looked for.
    pub(crate) counted_since: bool,
    /// Devices that the count waits for, as far as that was looked for.
    pub(crate) missing: Vec<String>,
}

/// What follows.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Why, for the document.
    pub(crate) reason: String,
    /// What is posted.
    pub(crate) pairs: Vec<Pair>,
    /// Tasks that are made.
    pub(crate) tasks: Vec<TaskBody>,
    /// The code that means its item no more.
    pub(crate) removed_code: Option<LinkedCode>,
    /// What the exception turns out to be: then it stays open as that, and nothing else happens.
    pub(crate) turns_into: Option<ExceptionKind>,
}

impl Case {
    pub(crate) fn kind(&self) -> Option<ExceptionKind> {
        ExceptionKind::from_word(&self.kind)
    }

    /// The item it is about: that of the fact, else that of the line.
    pub(crate) fn item(&self) -> &str {
        match self.planned_line().and_then(|line| line.item.as_deref()) {
            Some(item) if self.item.is_empty() => item,
            _ => &self.item,
        }
    }

    fn planned_line(&self) -> Option<&LineBody> {
        let number = self.line?;
        let lines = &self.task.as_ref()?.lines;
        lines.iter().find(|line| line.number == number)
    }

    /// The fact with what earlier decisions and this one put in place of what nobody knew.
    pub(crate) fn fact_as(&self, decision: &Decision) -> Option<ConfirmationBody> {
        let mut body = self.fact.clone()?;
        let earlier = self
            .replaced
            .iter()
            .map(|(kind, name)| (kind.as_str(), name.as_str()));
        let now = (self.kind.as_str(), decision.name.as_str());
        for (kind, name) in earlier.chain([now]) {
            self.replace(&mut body, kind, name);
        }
        Some(body)
    }

    fn replace(&self, body: &mut ConfirmationBody, kind: &str, name: &str) {
        match ExceptionKind::from_word(kind) {
            Some(ExceptionKind::UnknownItem) => {
                if let Some(goods) = &mut body.goods {
                    goods.item = Some(name.to_owned());
                }
            }
            Some(ExceptionKind::UnknownTask) => body.task = Some(name.to_owned()),
            Some(ExceptionKind::UnknownLocation) => {
                for place in [&mut body.from, &mut body.to].into_iter().flatten() {
                    let unknown = match place {
                        PlaceBody::Location(address) => self.is_suspended(address),
                        _ => false,
                    };
                    if unknown {
                        *place = PlaceBody::Location(name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }

    fn is_suspended(&self, place: &str) -> bool {
        let suspended = Account::new(AccountKind::Suspense, place);
        self.effect.iter().any(|(account, ..)| *account == suspended)
    }
}

/// Works a decision out.
///
/// # Errors
/// A sentence about why it cannot be done.
pub(crate) fn plan(case: &Case, decision: &Decision, known: &Excerpt) -> Result<Plan, String> {
    let kind = case
        .kind()
        .ok_or("This hub does not know this kind of exception.")?;
    if !choices(kind, !case.location.is_empty()).contains(&decision.resolution) {
        return Err(CANNOT.to_owned());
    }
    let moves = matches!(
        decision.resolution,
        Resolution::PutBack | Resolution::Shipped | Resolution::PostAs
    );
    let is_of = |act: Act| case.fact.as_ref().is_some_and(|fact| fact.act == act.word());
    if moves && is_of(Act::Counted) {
        return Err("It was counted and not moved. Have the location counted again.".to_owned());
    }
    if moves && is_of(Act::Inspected) && decision.resolution != Resolution::PostAs {
        return Err("It was inspected and not moved. Have it inspected again.".to_owned());
    }
    let posted = |what: &str, pairs: Vec<Pair>| {
        Ok(Plan {
            reason: reason(case, kind, what),
            pairs,
            ..Plan::default()
        })
    };
    match decision.resolution {
        Resolution::Noted | Resolution::Arrived | Resolution::Recounted | Resolution::Release => {
            Ok(Plan::default())
        }
        Resolution::RemoveCode => Ok(Plan {
            removed_code: case
                .journal
                .zip(case.fact.as_ref())
                .and_then(|(place, fact)| LinkedCode::of(place, fact)),
            ..Plan::default()
        }),
        Resolution::AcceptCount => accept_count(case, kind),
        Resolution::CorrectCount => correct_count(case),
        Resolution::CountAgain => Ok(Plan {
            tasks: count_task(case).into_iter().collect(),
            ..Plan::default()
        }),
        Resolution::PickElsewhere => pick_elsewhere(case, kind),
        Resolution::PutBack => {
            let pairs = put_back(case, kind);
            if pairs.is_empty() {
                return Err("Nothing of it is there any more that could be put back.".to_owned());
            }
            posted("put back", pairs)
        }
        Resolution::Shipped => posted("shipped", shipped(case)),
        Resolution::AcceptExcess => posted(
            "taken into stock",
            held(case, |place| Account::new(AccountKind::Location, place)),
        ),
        Resolution::ReturnToSupplier => {
            let pairs = held(case, |_| Account::new(AccountKind::Supplier, ""));
            if pairs.is_empty() {
                return Err("Nothing of it is held apart.".to_owned());
            }
            posted("back to the supplier", pairs)
        }
        Resolution::PostAs => posted(
            &format!("posted as {}", decision.name),
            post_as(case, decision, known)?,
        ),
        Resolution::FirstIsRight => posted("the first piece is it", first_is_right(case)),
        Resolution::SecondIsRight => posted("the second piece is it", second_is_right(case)),
    }
}

fn reason(case: &Case, kind: ExceptionKind, what: &str) -> String {
    format!("{} (exception {}): {what}", kind.title(), case.exception)
}

/// The pairs that make a sum of entries: goods leave where less was, and reach where more was.
fn pairs_of(effect: &[(Account, Stock, i64)]) -> Vec<Pair> {
    type Side = Vec<(Account, i64)>;
    let mut of_stock: BTreeMap<Vec<&str>, (Stock, Side, Side)> = BTreeMap::new();
    for (account, stock, micro) in effect {
        let key = [
            &stock.item,
            &stock.lot,
            &stock.serial,
            &stock.status,
            &stock.owner,
        ];
        let key = key.map(String::as_str).to_vec();
        let (_, from, to) = of_stock
            .entry(key)
            .or_insert_with(|| (stock.clone(), Vec::new(), Vec::new()));
        let side = if *micro < 0 { from } else { to };
        side.push((account.clone(), micro.saturating_abs()));
    }
    let mut pairs = Vec::new();
    for (stock, mut from, mut to) in of_stock.into_values() {
        while let (Some((leaves, out)), Some((arrives, into))) = (from.last_mut(), to.last_mut()) {
            let micro = (*out).min(*into);
            pairs.push(Pair {
                from: leaves.clone(),
                to: arrives.clone(),
                stock: stock.clone(),
                quantity: Quantity::from_micro(micro),
            });
            (*out, *into) = (*out - micro, *into - micro);
            if from.last().is_some_and(|(_, rest)| *rest == 0) {
                from.pop();
            }
            if to.last().is_some_and(|(_, rest)| *rest == 0) {
                to.pop();
            }
        }
    }
    pairs
}

/// The movement back, as far as it was too much.
fn put_back(case: &Case, kind: ExceptionKind) -> Vec<Pair> {
    let is_surplus = matches!(kind, ExceptionKind::OverPick | ExceptionKind::DoublePick);
    let figures = (case.found_micro, case.wanted_micro);
    let mut rest = match figures {
        (Some(found), Some(wanted)) if is_surplus => found.saturating_sub(wanted),
        (Some(reported), None) if is_surplus => reported,
        _ => i64::MAX,
    };
    let mut back = Vec::new();
    for pair in pairs_of(&case.effect).into_iter().rev() {
        let micro = pair.quantity.micro().min(rest);
        if micro > 0 {
            rest = rest.saturating_sub(micro);
            let quantity = Quantity::from_micro(micro);
            back.push(Pair { quantity, ..pair }.reversed());
        }
    }
    back
}

fn shipped(case: &Case) -> Vec<Pair> {
    let customer = Account::new(AccountKind::Customer, "");
    let inside = |pair: &Pair| matches!(pair.to.kind, AccountKind::Location | AccountKind::HandlingUnit);
    let pairs = pairs_of(&case.effect).into_iter().filter(inside);
    let out = pairs.map(|pair| Pair {
        from: pair.to,
        to: customer.clone(),
        stock: pair.stock,
        quantity: pair.quantity,
    });
    out.collect()
}

/// What of the fact is held apart, to where it goes.
fn held(case: &Case, to: impl Fn(&str) -> Account) -> Vec<Pair> {
    let held = case
        .effect
        .iter()
        .filter(|(account, _, micro)| account.kind == AccountKind::OverReceipt && *micro > 0);
    held.map(|(account, stock, micro)| Pair {
        from: account.clone(),
        to: to(&account.place),
        stock: stock.clone(),
        quantity: Quantity::from_micro(*micro),
    })
    .collect()
}

fn accept_count(case: &Case, kind: ExceptionKind) -> Result<Plan, String> {
    // The page may have shown it as a plain difference: what holds is what the store says in this transaction.
    if kind == ExceptionKind::CountVariance && !case.missing.is_empty() {
        return Ok(Plan {
            reason: waits_for(&case.missing),
            turns_into: Some(ExceptionKind::CountWaits),
            ..Plan::default()
        });
    }
    if let Some(device) = case
        .overlap
        .as_ref()
        .filter(|_| matches!(kind, ExceptionKind::CountVariance | ExceptionKind::CountWaits))
    {
        return Ok(Plan {
            reason: moved_meanwhile(&case.location, device),
            turns_into: Some(ExceptionKind::CountOverlap),
            ..Plan::default()
        });
    }
    let difference = case
        .found_micro
        .unwrap_or(0)
        .saturating_sub(case.wanted_micro.unwrap_or(0));
    Ok(Plan {
        reason: format!("count of {} accepted", case.location),
        pairs: adjust(case, difference),
        ..Plan::default()
    })
}

/// A count stands: what a fact moved that it knew already is taken off the book again.
fn correct_count(case: &Case) -> Result<Plan, String> {
    if case.counted_since {
        return Err(format!(
            "{} was counted anew since. That count knows of it.",
            case.location
        ));
    }
    let moved = case.found_micro.unwrap_or(0);
    Ok(Plan {
        reason: format!("count of {} stands (exception {})", case.location, case.exception),
        pairs: adjust(case, moved.saturating_neg()),
        ..Plan::default()
    })
}

/// The pairs that add a difference to the location of the case.
fn adjust(case: &Case, difference_micro: i64) -> Vec<Pair> {
    let at = Account::new(AccountKind::Location, case.location.as_str());
    let here = case.stock.iter().filter(|(account, ..)| *account == at);
    let holds: Vec<(Stock, i64)> = here.map(|(_, stock, micro)| (stock.clone(), *micro)).collect();
    let key: CountKey = (case.item.clone(), case.lot.clone(), case.serial.clone());
    adjustment(&case.location, &holds, &key, &case.owner, difference_micro)
}

/// What the fact is posted as now, back; and what it means with the name that was given.
fn post_as(case: &Case, decision: &Decision, known: &Excerpt) -> Result<Vec<Pair>, String> {
    let name = decision.name.trim();
    if name.is_empty() {
        return Err("Say what it is: its number in the list.".to_owned());
    }
    let body = case
        .fact_as(decision)
        .ok_or("The record behind it is not there any more.")?;
    if case.kind() == Some(ExceptionKind::UnknownLocation) && body.from == body.to {
        return Err(
            "Neither of its two places is known, or the item is not: decide about the item first.".to_owned(),
        );
    }
    let fact = Fact::read(&body)?;
    let what = known.known(&fact);
    let missing = match case.kind() {
        Some(ExceptionKind::UnknownItem) if what.item.is_none() => "item",
        Some(ExceptionKind::UnknownTask) if what.task.is_none() => "task",
        Some(ExceptionKind::UnknownLocation) if !what.from || !what.to => "location",
        _ => "",
    };
    if !missing.is_empty() {
        return Err(format!(
            "There is no {missing} {name}. Import it first, or choose another one."
        ));
    }
    let back = pairs_of(&case.effect).into_iter().map(Pair::reversed);
    Ok(back.chain(movement(&fact, &what).pairs).collect())
}

/// The second piece goes back to where it was said to come from.
fn first_is_right(case: &Case) -> Vec<Pair> {
    second_piece(case).map(Pair::reversed).collect()
}

/// The first piece was another one: it leaves by the variance account, and the second gets its place.
fn second_is_right(case: &Case) -> Vec<Pair> {
    let variance = Account::new(AccountKind::Variance, "");
    let mut pairs = Vec::new();
    let of_piece = |stock: &Stock| stock.serial == case.serial && !stock.serial.is_empty();
    for (account, stock, micro) in case.stock.iter().filter(|(_, stock, _)| of_piece(stock)) {
        // Where it is not, it was taken from without having been there.
        let (from, to) = if *micro > 0 {
            (account, &variance)
        } else {
            (&variance, account)
        };
        pairs.push(Pair {
            from: from.clone(),
            to: to.clone(),
            stock: stock.clone(),
            quantity: Quantity::from_micro(micro.saturating_abs()),
        });
    }
    let place = case.fact.as_ref().and_then(|fact| fact.to.as_ref());
    if let Some(place) = place.map(Account::of_place) {
        pairs.extend(second_piece(case).map(|pair| Pair {
            from: pair.to,
            to: place.clone(),
            stock: pair.stock,
            quantity: pair.quantity,
        }));
    }
    pairs
}

/// What brought the second piece, into suspense.
fn second_piece(case: &Case) -> impl Iterator<Item = Pair> {
    let pairs = pairs_of(&case.effect).into_iter();
    pairs.filter(|pair| pair.to.kind == AccountKind::Suspense && pair.stock.serial == case.serial)
}
