//! Taking a fact back: its entries are posted the other way round, its progress is taken off, and what waited for a
//! supervisor because of it waits no more. The journal keeps both.

use rusqlite::{OptionalExtension as _, params};
use tallyman_floor::Act;
use tallyman_floor::wire::v1::{ConfirmationBody, ReversesBody};

use super::apply::{Desk, Placed};
use super::exceptions::{self, Raise};
use super::post::{Cause, add_progress, post_pair};
use crate::ledger::account::{Account, AccountKind, Pair, Stock};
use crate::ledger::exception::ExceptionKind;

pub(super) fn take_back(desk: &Desk<'_>, placed: &Placed<'_>) -> rusqlite::Result<()> {
    let body = placed.fact.body;
    let original = match &body.reverses {
        Some(reverses) => find(desk, reverses)?,
        None => None,
    };
    let Some((place, _)) = original.filter(|(_, original)| repeats(body, original)) else {
        return exceptions::raise(
            desk,
            Some(placed.place),
            &Raise::about(ExceptionKind::NothingToReverse, body),
        );
    };
    desk.tx
        .prepare_cached("INSERT INTO reversal (original, reversal) VALUES (?1, ?2)")?
        .execute(params![place, placed.place])?;
    for pair in pairs_of(desk, place)? {
        post_pair(
            desk.tx,
            &desk.from.site,
            Cause::Journal(placed.place),
            &pair.reversed(),
        )?;
    }
    if exceptions::withdraw(desk, place)? {
        let raise = Raise::about(ExceptionKind::ReversedAfterAdjustment, body);
        exceptions::raise(desk, Some(placed.place), &raise)?;
    }
    let (act, forward) = placed.fact.progress_act();
    add_progress(desk, body, act, forward)
}

/// The fact to take back: posted, not a reversal itself, and not taken back before.
fn find(desk: &Desk<'_>, reverses: &ReversesBody) -> rusqlite::Result<Option<(i64, ConfirmationBody)>> {
    let found: Option<(i64, Vec<u8>)> = desk
        .tx
        .prepare_cached(
            "SELECT place, body FROM journal
             WHERE site = ?1 AND device = ?2 AND epoch = ?3 AND seq = ?4 AND quarantined = ''
               AND NOT EXISTS (SELECT 1 FROM reversal WHERE original = journal.place)",
        )?
        .query_row(
            params![desk.from.site, desk.from.device, reverses.epoch, reverses.seq],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    Ok(found.and_then(|(place, bytes)| Some((place, serde_json::from_slice(&bytes).ok()?))))
}

/// A reversal repeats what it takes back. One that says something else takes nothing back: ledger and progress would
/// part.
fn repeats(reversal: &ConfirmationBody, original: &ConfirmationBody) -> bool {
    let stated = reversal.reverses.as_ref().map(|reverses| reverses.act.as_str());
    let quantity = |body: &ConfirmationBody| body.goods.as_ref().map(|goods| goods.quantity_micro);
    original.act != Act::Reversed.word()
        && stated == Some(original.act.as_str())
        && reversal.task == original.task
        && reversal.line == original.line
        && quantity(reversal) == quantity(original)
}

/// The pairs a fact was posted as. Entries are written in pairs, what leaves first.
fn pairs_of(desk: &Desk<'_>, place: i64) -> rusqlite::Result<Vec<Pair>> {
    let mut statement = desk.tx.prepare_cached(
        "SELECT account, place, item, lot, serial, expiry, handling_unit, status, owner, quantity_micro
         FROM entry WHERE journal = ?1 ORDER BY entry",
    )?;
    let mut rows = statement.query([place])?;
    let mut pairs = Vec::new();
    let mut from = None;
    while let Some(row) = rows.next()? {
        let kind: String = row.get(0)?;
        let kind = AccountKind::from_word(&kind).unwrap_or(AccountKind::Suspense);
        let account = Account::new(kind, row.get::<_, String>(1)?);
        let Some(leaves) = from.take() else {
            from = Some(account);
            continue;
        };
        let stock = Stock {
            item: row.get(2)?,
            lot: row.get(3)?,
            serial: row.get(4)?,
            expiry: row.get(5)?,
            handling_unit: row.get(6)?,
            status: row.get(7)?,
            owner: row.get(8)?,
        };
        let quantity = tallyman_floor::Quantity::from_micro(row.get(9)?);
        pairs.push(Pair {
            from: leaves,
            to: account,
            stock,
            quantity,
        });
    }
    Ok(pairs)
}
