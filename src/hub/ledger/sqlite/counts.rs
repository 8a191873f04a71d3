//! The end of a location's count: what was counted is compared with the book, and each difference is raised.
//!
//! The comparison is per item, lot and serial number; status and owner are the book's affair. The memo of the count is
//! cleared, so that the next count starts at nothing. Nothing is posted to stock before a supervisor accepts it.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use tallyman_floor::Quantity;

use super::apply::{Desk, Placed};
use super::exceptions::{self, Raise};
use super::known;
use super::post::{Cause, post_pair};
use crate::ledger::account::{Account, AccountKind, Pair, Stock};
use crate::ledger::exception::ExceptionKind;
use crate::ledger::interpret::location_of;

/// Item, lot and serial number: what a count tells apart.
type Key = (String, String, String);

pub(super) fn end_location(
    desk: &Desk<'_>,
    placed: &Placed<'_>,
    counted_before: bool,
) -> rusqlite::Result<()> {
    let body = placed.fact.body;
    let location = location_of(body).unwrap_or_default();
    let memo = Account::counted(body.task.as_deref().unwrap_or_default(), location);
    let counted = clear_memo(desk, placed, &memo)?;
    if counted_before {
        return exceptions::raise(
            desk,
            Some(placed.place),
            &Raise::about(ExceptionKind::CountedTwice, body),
        );
    }
    let mut both: BTreeMap<Key, (i64, i64)> = BTreeMap::new();
    for (key, micro) in counted {
        both.entry(key).or_default().0 += micro;
    }
    for (stock, micro) in balances(
        desk.tx,
        &desk.from.site,
        &Account::new(AccountKind::Location, location),
    )? {
        both.entry((stock.item, stock.lot, stock.serial)).or_default().1 += micro;
    }
    for ((item, lot, serial), (counted, book)) in both {
        if counted == book || known::tracked(desk.tx, &desk.from.site, &item)?.is_none() {
            continue;
        }
        let mut raise = Raise::about(ExceptionKind::CountVariance, body);
        (raise.item, raise.lot, raise.serial) = (item, &lot, &serial);
        raise.found = Some(Quantity::from_micro(counted));
        raise.wanted = Some(Quantity::from_micro(book));
        exceptions::raise(desk, Some(placed.place), &raise)?;
    }
    Ok(())
}

/// Takes what was counted out of the memo account, as pairs of this fact.
fn clear_memo(desk: &Desk<'_>, placed: &Placed<'_>, memo: &Account) -> rusqlite::Result<Vec<(Key, i64)>> {
    let mut counted = Vec::new();
    for (stock, micro) in balances(desk.tx, &desk.from.site, memo)? {
        counted.push((
            (stock.item.clone(), stock.lot.clone(), stock.serial.clone()),
            micro,
        ));
        let control = Account::new(AccountKind::CountControl, "");
        post_signed(
            desk.tx,
            &desk.from.site,
            Cause::Journal(placed.place),
            memo,
            &control,
            stock,
            micro,
        )?;
    }
    Ok(counted)
}

/// Posts what a supervisor accepted: the location gets the difference from the variance account.
pub(super) fn adjust(
    tx: &Connection,
    site: &str,
    document: i64,
    location: &str,
    key: &Key,
    difference_micro: i64,
) -> rusqlite::Result<()> {
    let at = Account::new(AccountKind::Location, location);
    let variance = Account::new(AccountKind::Variance, "");
    let owner = known::tracked(tx, site, &key.0)?
        .map(|tracked| tracked.owner)
        .unwrap_or_default();
    let plain = Stock {
        item: key.0.clone(),
        lot: key.1.clone(),
        serial: key.2.clone(),
        status: "available".to_owned(),
        owner,
        ..Stock::default()
    };
    let mut rest = difference_micro;
    if rest < 0 {
        // What is missing is taken from what is there by the book, usable goods first.
        for (stock, micro) in balances(tx, site, &at)? {
            let is_same = (&stock.item, &stock.lot, &stock.serial) == (&key.0, &key.1, &key.2);
            if !is_same || micro <= 0 || rest == 0 {
                continue;
            }
            let part = micro.min(-rest);
            post_signed(tx, site, Cause::Document(document), &at, &variance, stock, part)?;
            rest += part;
        }
    }
    post_signed(tx, site, Cause::Document(document), &variance, &at, plain, rest)
}

/// Posts a pair in the direction that the sign says; nothing for zero.
fn post_signed(
    tx: &Connection,
    site: &str,
    cause: Cause,
    from: &Account,
    to: &Account,
    stock: Stock,
    micro: i64,
) -> rusqlite::Result<()> {
    if micro == 0 {
        return Ok(());
    }
    let pair = Pair {
        from: from.clone(),
        to: to.clone(),
        stock,
        quantity: Quantity::from_micro(micro.saturating_abs()),
    };
    let pair = if micro < 0 { pair.reversed() } else { pair };
    post_pair(tx, site, cause, &pair).map(drop)
}

/// What an account holds, in the order of the key (so `available` comes before `damaged` and `hold`).
fn balances(tx: &Connection, site: &str, account: &Account) -> rusqlite::Result<Vec<(Stock, i64)>> {
    let mut statement = tx.prepare_cached(
        "SELECT item, lot, serial, status, owner, quantity_micro FROM balance
         WHERE site = ?1 AND account = ?2 AND place = ?3 AND quantity_micro <> 0
         ORDER BY item, lot, serial, status, owner",
    )?;
    let rows = statement.query_map(params![site, account.kind.word(), account.place], |row| {
        let stock = Stock {
            item: row.get(0)?,
            lot: row.get(1)?,
            serial: row.get(2)?,
            status: row.get(3)?,
            owner: row.get(4)?,
            ..Stock::default()
        };
        Ok((stock, row.get(5)?))
    })?;
    rows.collect()
}
