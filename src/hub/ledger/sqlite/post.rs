//! Posting one fact: entries, balances, progress, and what a supervisor has to know.

use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::v1::{ConfirmationBody, PlaceBody};
use tallyman_floor::{Act, Quantity};

use super::apply::{Desk, Placed};
use super::exceptions::{self, Raise};
use super::{counts, known, reversals};
use crate::ledger::account::{Account, AccountKind, Pair};
use crate::ledger::exception::ExceptionKind;
use crate::ledger::interpret::{Meaning, interpret, item_of, location_of};

/// Where entries come from: a fact of the journal, or a document of the hub's own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cause {
    Journal(i64),
    Document(i64),
}

pub(super) fn post(desk: &Desk<'_>, placed: &Placed<'_>) -> rusqlite::Result<()> {
    let fact = placed.fact;
    if fact.act == Act::Reversed {
        return reversals::take_back(desk, placed);
    }
    let known = known::known(desk.tx, &desk.from.site, fact)?;
    let meaning = interpret(fact, &desk.from.device, &known);
    for raised in &meaning.raised {
        let mut raise = Raise::about(raised.kind, fact.body);
        (raise.found, raise.wanted) = (raised.found, raised.wanted);
        exceptions::raise(desk, Some(placed.place), &raise)?;
    }
    post_pairs(desk, placed, &meaning)?;
    if fact.act == Act::LocationCounted {
        let counted_before = known
            .task
            .and_then(|task| task.line)
            .is_some_and(|line| line.closed);
        counts::end_location(desk, placed, counted_before)?;
    }
    add_progress(desk, fact.body, fact.act, true)
}

fn post_pairs(desk: &Desk<'_>, placed: &Placed<'_>, meaning: &Meaning) -> rusqlite::Result<()> {
    let site = &desk.from.site;
    let unknown = meaning
        .raised
        .iter()
        .any(|raised| raised.kind == ExceptionKind::UnknownItem);
    for pair in &meaning.pairs {
        let left = post_pair(desk.tx, site, Cause::Journal(placed.place), pair)?;
        if pair.from.kind == AccountKind::Location && left < 0 && !unknown {
            raise_negative(desk, placed, pair, left)?;
        }
        if !pair.stock.serial.is_empty() && pair.to.kind != AccountKind::Counted {
            raise_serial_twice(desk, placed, pair)?;
        }
    }
    Ok(())
}

/// Writes both entries of a pair and moves both balances. Gives the balance that is left where the goods came from.
pub(super) fn post_pair(tx: &Connection, site: &str, cause: Cause, pair: &Pair) -> rusqlite::Result<i64> {
    let micro = pair.quantity.micro();
    let left = post_entry(tx, site, cause, &pair.from, pair, -micro)?;
    post_entry(tx, site, cause, &pair.to, pair, micro)?;
    Ok(left)
}

fn post_entry(
    tx: &Connection,
    site: &str,
    cause: Cause,
    account: &Account,
    pair: &Pair,
    micro: i64,
) -> rusqlite::Result<i64> {
    let (journal, document) = match cause {
        Cause::Journal(place) => (Some(place), None),
        Cause::Document(document) => (None, Some(document)),
    };
    let stock = &pair.stock;
    let kind = account.kind.word();
    tx.prepare_cached(
        "INSERT INTO entry (site, journal, document, account, place, item, lot, serial, expiry, handling_unit, status,
                            owner, quantity_micro)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        site,
        journal,
        document,
        kind,
        account.place,
        stock.item,
        stock.lot,
        stock.serial,
        stock.expiry,
        stock.handling_unit,
        stock.status,
        stock.owner,
        micro
    ])?;
    tx.prepare_cached(
        "INSERT INTO balance (site, account, place, item, lot, serial, status, owner, quantity_micro)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT DO UPDATE SET quantity_micro = quantity_micro + excluded.quantity_micro
         RETURNING quantity_micro",
    )?
    .query_row(
        params![
            site,
            kind,
            account.place,
            stock.item,
            stock.lot,
            stock.serial,
            stock.status,
            stock.owner,
            micro
        ],
        |row| row.get(0),
    )
}

/// Adds to or takes off the progress of the line or task that a fact names.
pub(super) fn add_progress(
    desk: &Desk<'_>,
    body: &ConfirmationBody,
    act: Act,
    forward: bool,
) -> rusqlite::Result<()> {
    let Some(task) = &body.task else { return Ok(()) };
    let site = &desk.from.site;
    if act == Act::TaskClosed {
        let (before, after) = if forward {
            ("open", "done")
        } else {
            ("done", "open")
        };
        desk.tx
            .prepare_cached(
                "UPDATE task SET state = ?4, changed_us = ?5 WHERE site = ?1 AND task = ?2 AND state = ?3",
            )?
            .execute(params![site, task, before, after, desk.now_us])?;
        return Ok(());
    }
    let Some(number) = body.line else { return Ok(()) };
    let sql = match act {
        Act::LineClosed | Act::LocationCounted => {
            "INSERT INTO line_progress (site, task, number, quantity_micro, closed, last_device)
             VALUES (?1, ?2, ?3, 0, ?4, ?5)
             ON CONFLICT DO UPDATE SET closed = excluded.closed,
                                       shared = shared OR last_device <> excluded.last_device,
                                       last_device = excluded.last_device"
        }
        _ => {
            "INSERT INTO line_progress (site, task, number, quantity_micro, closed, last_device)
             VALUES (?1, ?2, ?3, ?4, 0, ?5)
             ON CONFLICT DO UPDATE SET quantity_micro = quantity_micro + excluded.quantity_micro,
                                       shared = shared OR last_device <> excluded.last_device,
                                       last_device = excluded.last_device"
        }
    };
    let amount = match act {
        Act::LineClosed | Act::LocationCounted => i64::from(forward),
        _ => {
            let micro = body.goods.as_ref().map_or(0, |goods| goods.quantity_micro);
            if forward { micro } else { -micro }
        }
    };
    desk.tx
        .prepare_cached(sql)?
        .execute(params![site, task, number, amount, desk.from.device])?;
    Ok(())
}

fn raise_negative(desk: &Desk<'_>, placed: &Placed<'_>, pair: &Pair, left: i64) -> rusqlite::Result<()> {
    let waits: Option<i64> = desk
        .tx
        .prepare_cached(
            "SELECT exception FROM exception WHERE site = ?1 AND state = 'open' AND kind = ?2 AND location = ?3
             AND item = ?4 AND lot = ?5 LIMIT 1",
        )?
        .query_row(
            params![
                desk.from.site,
                ExceptionKind::NegativeBin.word(),
                pair.from.place,
                pair.stock.item,
                pair.stock.lot
            ],
            |row| row.get(0),
        )
        .optional()?;
    if waits.is_some() {
        // The place is known to be wrong; one entry on the page is enough.
        return Ok(());
    }
    let mut raise = Raise::about(ExceptionKind::NegativeBin, placed.fact.body);
    raise.location = &pair.from.place;
    raise.lot = &pair.stock.lot;
    raise.found = Some(Quantity::from_micro(left));
    exceptions::raise(desk, Some(placed.place), &raise)
}

fn raise_serial_twice(desk: &Desk<'_>, placed: &Placed<'_>, pair: &Pair) -> rusqlite::Result<()> {
    let places: i64 = desk
        .tx
        .prepare_cached(
            "SELECT count(*) FROM balance WHERE site = ?1 AND serial = ?2 AND serial <> '' AND item = ?3
             AND account IN ('location', 'handling_unit') AND quantity_micro > 0",
        )?
        .query_row(
            params![desk.from.site, pair.stock.serial, pair.stock.item],
            |row| row.get(0),
        )?;
    if places < 2 {
        return Ok(());
    }
    let mut raise = Raise::about(ExceptionKind::SerialTwice, placed.fact.body);
    raise.serial = &pair.stock.serial;
    exceptions::raise(desk, Some(placed.place), &raise)
}

/// The location a fact is about, for the exceptions page: where goods are picked from, else where they are.
pub(super) fn place_for_people(body: &ConfirmationBody) -> &str {
    if let (Some("picked"), Some(PlaceBody::Location(from))) = (Some(body.act.as_str()), &body.from) {
        return from;
    }
    location_of(body).unwrap_or_default()
}

/// The item a fact is about, as entries name it; empty without goods.
pub(super) fn item_for_people(body: &ConfirmationBody) -> String {
    body.goods.as_ref().map(item_of).unwrap_or_default()
}
