//! The entries: one balanced pair for each fact with goods, cleared memos at the end of a count, and sums of zero over
//! all accounts.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::Findings;
use super::evidence::{Goods, HubRow, Loaded};

/// Accounts that hold what was seen in a count, and no stock: their kinds, with what parts them from the place.
const MEMO_ACCOUNTS: [&str; 2] = ["counted ", "count_control "];

/// The account of what came in beyond what may be taken without asking: of a receipt that goes over, a part goes there.
const HELD_ACCOUNT: &str = "over_receipt ";

/// The account that goods pass through when their status changes.
const STATUS_ACCOUNT: &str = "status_change ";

/// One entry, as far as the check looks at it.
struct Entry {
    account: String,
    item: String,
    lot: String,
    serial: String,
    owner: String,
    quantity_micro: i64,
}

/// Each fact with goods has exactly one balanced pair that says what the fact says; others have none, but for the end of
/// a count.
pub(super) fn check_entries(
    store: &Connection,
    device: &str,
    at_hub: &[HubRow],
    findings: &mut Findings,
) -> rusqlite::Result<()> {
    let mut of_record = store.prepare(
        "SELECT account || ' ' || place, item, lot, serial, owner, quantity_micro FROM entry
         WHERE journal = ?1 ORDER BY entry",
    )?;
    for row in at_hub {
        let entries = of_record.query_map([row.number], |row| {
            Ok(Entry {
                account: row.get(0)?,
                item: row.get(1)?,
                lot: row.get(2)?,
                serial: row.get(3)?,
                owner: row.get(4)?,
                quantity_micro: row.get(5)?,
            })
        })?;
        let entries: Vec<Entry> = entries.collect::<rusqlite::Result<_>>()?;
        let place = Some(row.place);
        if let Some(loaded) = &row.loaded {
            if !is_loaded(&entries, loaded) || left_behind(store, row.number, loaded)? {
                findings.unbalanced += 1;
                findings.note(
                    device,
                    place,
                    "what was in the unit did not change places as a whole",
                );
            }
            continue;
        }
        match (&row.goods, entries.as_slice()) {
            (None, []) => {}
            (None, cleared) if row.ends_count => {
                if !is_cleared(cleared) {
                    findings.unbalanced += 1;
                    findings.note(
                        device,
                        place,
                        "what was counted is not cleared by balanced entries",
                    );
                }
            }
            (None, _) => {
                findings.doubled += 1;
                findings.note(device, place, "it names no goods, and has entries in the ledger");
            }
            (Some(goods), []) if goods.is_whole_unit => {}
            (Some(_), []) if is_taken_back_again(store, at_hub, row)? => {}
            (Some(_), []) => {
                findings.lost += 1;
                findings.note(device, place, "it is not in the ledger");
            }
            (Some(goods), [from, to]) => {
                let is_right = [from, to].iter().all(|entry| {
                    entry.item == goods.item && entry.quantity_micro.abs() == goods.quantity_micro
                });
                if !is_pair(from, to) || !is_right {
                    findings.unbalanced += 1;
                    findings.note(device, place, "its two entries are no balanced pair of its goods");
                }
            }
            (Some(goods), [one, other, third, fourth])
                if is_over_receipt(goods, [one, other], [third, fourth]) => {}
            // Out of the place with one status, and in again with another one; what is inspected may come back as it was.
            // Taken back, both pairs are turned round.
            (Some(goods), [from, out, back, to])
                if ["status_changed", "inspected"].contains(&goods.act.as_str())
                    && is_pair(from, out)
                    && is_pair(back, to)
                    && from.account == to.account
                    && back.account == out.account
                    && if goods.moved_micro < 0 { from } else { out }
                        .account
                        .starts_with(STATUS_ACCOUNT)
                    && [from, to].iter().all(|entry| {
                        entry.item == goods.item && entry.quantity_micro.abs() == goods.quantity_micro
                    }) => {}
            // Pieces with serial numbers: a pair for each of them.
            (Some(goods), entries) if is_pair_for_each(entries, goods) => {}
            // With a unit goes whatever is in it.
            (Some(goods), entries) if goods.names_unit && is_with_unit(entries, goods) => {}
            (Some(_), [_]) => {
                findings.unbalanced += 1;
                findings.note(device, place, "it has one entry instead of a pair");
            }
            (Some(goods), more) => {
                findings.doubled += 1;
                let told: Vec<String> = more
                    .iter()
                    .map(|entry| format!("{} {}", entry.account, entry.quantity_micro))
                    .collect();
                let what = format!(
                    "it ({}, {}) has {} entries instead of one pair: {}",
                    goods.act,
                    goods.quantity_micro,
                    more.len(),
                    told.join(", ")
                );
                findings.note(device, place, what);
            }
        }
    }
    Ok(())
}

fn is_pair(from: &Entry, to: &Entry) -> bool {
    from.quantity_micro + to.quantity_micro == 0
        && from.account != to.account
        && (&from.item, &from.lot, &from.serial, &from.owner) == (&to.item, &to.lot, &to.serial, &to.owner)
}

/// A device whose store was put back may take back what it had taken back before: the hub tells that, and posts nothing.
fn is_taken_back_again(store: &Connection, at_hub: &[HubRow], row: &HubRow) -> rusqlite::Result<bool> {
    let mut before = at_hub.iter().take_while(|earlier| earlier.number < row.number);
    let is_again = row.takes_back.is_some() && before.any(|earlier| earlier.takes_back == row.takes_back);
    let mut told =
        store.prepare_cached("SELECT 1 FROM exception WHERE journal = ?1 AND kind = 'nothing_to_reverse'")?;
    Ok(is_again && told.exists([row.number])?)
}

/// Of a receipt that goes over, a part is held: two pairs, both from the supplier, of all the goods together. Taken back,
/// they go the other way.
fn is_over_receipt(goods: &Goods, taken: [&Entry; 2], held: [&Entry; 2]) -> bool {
    let all = || taken.iter().chain(&held);
    let is_right = is_pair(taken[0], taken[1])
        && is_pair(held[0], held[1])
        && all().all(|entry| entry.item == goods.item)
        && all().any(|entry| entry.account.starts_with(HELD_ACCOUNT));
    let Some(from) = taken
        .iter()
        .map(|entry| &entry.account)
        .find(|account| held.iter().any(|entry| entry.account == **account))
    else {
        return false;
    };
    let arrived = all().filter(|entry| entry.account != *from);
    is_right && arrived.map(|entry| entry.quantity_micro).sum::<i64>() == goods.moved_micro
}

/// What was counted in a place is a memo between two accounts that hold no stock. The end of the count clears it, kind
/// by kind.
fn is_cleared(entries: &[Entry]) -> bool {
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    for entry in entries {
        *sums
            .entry((&entry.item, &entry.lot, &entry.serial, &entry.owner))
            .or_default() += entry.quantity_micro;
    }
    let is_memo = |entry: &Entry| MEMO_ACCOUNTS.iter().any(|kind| entry.account.starts_with(kind));
    sums.values().all(|sum| *sum == 0) && entries.iter().all(is_memo)
}

/// Whether pieces with serial numbers moved one by one: a pair for each, between the same two accounts, and together as many as the
/// fact says.
fn is_pair_for_each(entries: &[Entry], goods: &Goods) -> bool {
    let (Some(first), Some(second)) = (entries.first(), entries.get(1)) else {
        return false;
    };
    let is_alike = |pair: &[Entry]| {
        matches!(pair, [one, other] if is_pair(one, other)
        && one.account == first.account && other.account == second.account && one.item == goods.item)
    };
    let moved: i64 = entries
        .iter()
        .step_by(2)
        .map(|entry| entry.quantity_micro.abs())
        .sum();
    entries.len().is_multiple_of(2) && entries.chunks(2).all(is_alike) && moved == goods.quantity_micro
}

/// Pair by pair, goods went somewhere; where the fact says what they are, the first pair says so too.
fn is_with_unit(entries: &[Entry], goods: &Goods) -> bool {
    let is_first_right =
        |first: &Entry| first.item == goods.item && first.quantity_micro.abs() == goods.quantity_micro;
    (goods.is_whole_unit || entries.first().is_some_and(is_first_right))
        && entries
            .chunks(2)
            .all(|pair| matches!(pair, [from, to] if is_pair(from, to)))
}

/// Pair by pair, everything went from the unit, or from where it stood, onto the truck, or back.
fn is_loaded(entries: &[Entry], loaded: &Loaded) -> bool {
    let unit = format!("handling_unit {}", loaded.unit);
    let vehicle = format!("vehicle {}", loaded.vehicle);
    let sign = if loaded.taken_back { -1 } else { 1 };
    let is_right = |pair: &[Entry]| match pair {
        [one, other] => {
            let is_between = |from: &Entry, to: &Entry| {
                (from.account == unit || from.account.starts_with("location "))
                    && to.account == vehicle
                    && to.quantity_micro * sign > 0
            };
            is_pair(one, other) && (is_between(one, other) || is_between(other, one))
        }
        _ => false,
    };
    entries.chunks(2).all(is_right)
}

/// Whether anything was in the unit by the book when it had been loaded.
fn left_behind(store: &Connection, journal: i64, loaded: &Loaded) -> rusqlite::Result<bool> {
    if loaded.taken_back {
        return Ok(false);
    }
    let mut left = store.prepare(
        "SELECT 1 FROM entry WHERE account = 'handling_unit' AND place = ?1 AND journal <= ?2
         GROUP BY site, item, lot, serial, status, owner HAVING sum(quantity_micro) > 0",
    )?;
    left.exists((&loaded.unit, journal))
}

/// Over all accounts, the entries of each item and lot of a site sum to zero.
pub(super) fn check_sums(store: &Connection, findings: &mut Findings) -> rusqlite::Result<()> {
    let mut sums = store.prepare(
        "SELECT site, item, lot, sum(quantity_micro) FROM entry
         GROUP BY site, item, lot HAVING sum(quantity_micro) <> 0",
    )?;
    let mut sums = sums.query([])?;
    while let Some(row) = sums.next()? {
        let (site, item, lot): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let sum: i64 = row.get(3)?;
        findings.ledger_sum = findings.ledger_sum.saturating_add(sum.saturating_abs());
        findings.note(
            "the ledger",
            None,
            format!("{item}, lot {lot:?}, at {site} sums to {sum} millionths and not to zero"),
        );
    }
    Ok(())
}
