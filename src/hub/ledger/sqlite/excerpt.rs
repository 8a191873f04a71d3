//! Reading the part of the ledger that some batches touch: each row once, however many records name it.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tallyman_floor::Quantity;

use crate::ledger::account::{Account, AccountKind, Pair, Stock};
use crate::ledger::details::kind_of;
use crate::ledger::interpret::Tracked;
use crate::ledger::posting::{
    BalanceKey, Excerpt, Original, PlannedLine, PlannedTask, Prepared, Progress, ReadBatch, Wanted,
};

/// Reads what these records of some batches touch, and prepares them in their order.
pub(super) fn read<'a>(
    tx: &Connection,
    site: &str,
    records: impl Iterator<Item = (&'a ReadBatch, Range<usize>)> + Clone,
) -> rusqlite::Result<(Excerpt, Vec<Prepared<'a>>)> {
    let mut wanted = Wanted::default();
    for (batch, range) in records.clone() {
        for body in batch.facts(range) {
            wanted.add(&batch.from.device, body);
        }
    }
    let mut excerpt = Excerpt::with_whole(&wanted);
    read_plan(tx, site, &wanted, &mut excerpt)?;
    read_originals(tx, site, &wanted, &mut excerpt)?;
    for account in &wanted.accounts {
        for (stock, micro) in balances(tx, site, account)? {
            excerpt.keep_balance(BalanceKey::new(account, &stock), micro);
        }
    }
    super::units::read(tx, site, &wanted, &mut excerpt)?;
    for serial in &wanted.serials {
        read_serial(tx, site, serial, &mut excerpt)?;
    }
    let mut prepared = Vec::new();
    for (batch, range) in records {
        let records = batch.records.get(range).unwrap_or_default();
        prepared.extend(
            records
                .iter()
                .map(|record| excerpt.prepare(&batch.from, batch.epoch, record)),
        );
    }
    read_more(tx, site, &prepared, &mut excerpt)?;
    Ok((excerpt, prepared))
}

pub(super) fn read_plan(
    tx: &Connection,
    site: &str,
    wanted: &Wanted<'_>,
    excerpt: &mut Excerpt,
) -> rusqlite::Result<()> {
    let mut statement = tx.prepare_cached(ITEM)?;
    for item in &wanted.items {
        let found = statement.query_row(params![site, item], tracked_of).optional()?;
        excerpt
            .items
            .extend(found.map(|found| ((*item).to_owned(), found)));
    }
    if !wanted.locations.is_empty() {
        excerpt.lists_locations = tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM location WHERE site = ?1)")?
            .query_row([site], |row| row.get(0))?;
    }
    let mut statement = tx.prepare_cached("SELECT 1 FROM location WHERE site = ?1 AND location = ?2")?;
    for location in wanted.locations.iter().filter(|_| excerpt.lists_locations) {
        if statement.exists(params![site, location])? {
            excerpt.locations.insert((*location).to_owned());
        }
    }
    let mut statement = tx.prepare_cached(
        "SELECT state, revision, details, coalesce(fence, 0), coalesce(device, '')
         FROM task LEFT JOIN claim USING (site, task) WHERE site = ?1 AND task = ?2",
    )?;
    for task in &wanted.tasks {
        let found = statement.query_row(params![site, task], |row| {
            Ok(PlannedTask {
                state: row.get(0)?,
                revision: row.get(1)?,
                kind: kind_of(row.get_ref(2)?.as_str()?).ok(),
                fence: row.get(3)?,
                holder: row.get(4)?,
            })
        });
        let found = found.optional()?;
        excerpt
            .tasks
            .extend(found.map(|found| ((*task).to_owned(), found)));
    }
    read_lines(tx, site, wanted, excerpt)
}

fn read_lines(
    tx: &Connection,
    site: &str,
    wanted: &Wanted<'_>,
    excerpt: &mut Excerpt,
) -> rusqlite::Result<()> {
    let mut plan = tx.prepare_cached(
        "SELECT item, expected_micro FROM line WHERE site = ?1 AND task = ?2 AND number = ?3",
    )?;
    let mut done = tx.prepare_cached(
        "SELECT quantity_micro, closed, last_device, shared, late_micro, awaited FROM line_progress
         WHERE site = ?1 AND task = ?2 AND number = ?3",
    )?;
    for (task, number) in &wanted.lines {
        let planned = plan.query_row(params![site, task, number], |row| {
            Ok(PlannedLine {
                item: row.get(0)?,
                expected: row.get::<_, Option<i64>>(1)?.map(Quantity::from_micro),
            })
        });
        let progress = done.query_row(params![site, task, number], |row| {
            Ok(Progress {
                quantity_micro: row.get(0)?,
                closed: row.get(1)?,
                last_device: row.get(2)?,
                shared: row.get(3)?,
                late_micro: row.get(4)?,
                awaited: row.get(5)?,
                arrived: false,
            })
        });
        let key = || ((*task).to_owned(), *number);
        excerpt
            .lines
            .extend(planned.optional()?.map(|planned| (key(), planned)));
        excerpt
            .progress
            .extend(progress.optional()?.map(|progress| (key(), progress)));
    }
    Ok(())
}

const ITEM: &str = "SELECT lot, serial, owner FROM item WHERE site = ?1 AND item = ?2";

fn tracked_of(row: &Row<'_>) -> rusqlite::Result<Tracked> {
    Ok(Tracked {
        lot: row.get(0)?,
        serial: row.get(1)?,
        owner: row.get(2)?,
    })
}

/// What an item tracks; `None` when it is in no list.
pub(super) fn tracked(tx: &Connection, site: &str, item: &str) -> rusqlite::Result<Option<Tracked>> {
    tx.prepare_cached(ITEM)?
        .query_row(params![site, item], tracked_of)
        .optional()
}

fn read_originals(
    tx: &Connection,
    site: &str,
    wanted: &Wanted<'_>,
    excerpt: &mut Excerpt,
) -> rusqlite::Result<()> {
    for (device, epoch, seq) in &wanted.originals {
        let found: Option<(i64, Vec<u8>)> = tx
            .prepare_cached(
                "SELECT place, body FROM journal
                 WHERE site = ?1 AND device = ?2 AND epoch = ?3 AND seq = ?4 AND quarantined = ''
                   AND NOT EXISTS (SELECT 1 FROM reversal WHERE original = journal.place)",
            )?
            .query_row(params![site, device, epoch, seq], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((place, bytes)) = found else { continue };
        let adjusted = tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM exception WHERE journal = ?1 AND document IS NOT NULL)",
            )?
            .query_row([place], |row| row.get(0))?;
        let original = Original {
            place,
            body: serde_json::from_slice(&bytes).ok(),
            pairs: pairs_of(tx, place)?,
            adjusted,
        };
        excerpt
            .originals
            .insert(((*device).to_owned(), *epoch, *seq), original);
    }
    Ok(())
}

/// The pairs a fact was posted as. Entries are written in pairs, what leaves first.
fn pairs_of(tx: &Connection, place: i64) -> rusqlite::Result<Vec<Pair>> {
    let mut statement = tx.prepare_cached(
        "SELECT account, place, item, lot, serial, expiry, handling_unit, status, owner, quantity_micro
         FROM entry WHERE journal = ?1 ORDER BY entry",
    )?;
    let mut rows = statement.query([place])?;
    let mut pairs = Vec::new();
    let mut from = None;
    while let Some(row) = rows.next()? {
        let account = account_of(row, 0)?;
        let Some(leaves) = from.take() else {
            from = Some(account);
            continue;
        };
        pairs.push(Pair {
            from: leaves,
            to: account,
            stock: Stock {
                item: row.get(2)?,
                lot: row.get(3)?,
                serial: row.get(4)?,
                expiry: row.get(5)?,
                handling_unit: row.get(6)?,
                status: row.get(7)?,
                owner: row.get(8)?,
            },
            quantity: Quantity::from_micro(row.get(9)?),
        });
    }
    Ok(pairs)
}

/// An account in two columns, its kind and its place.
fn account_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Account> {
    let kind: String = row.get(column)?;
    let kind = AccountKind::from_word(&kind).unwrap_or(AccountKind::Suspense);
    Ok(Account::new(kind, row.get::<_, String>(column + 1)?))
}

/// What an account holds, in the order of the key (so `available` comes before `damaged` and `hold`).
pub(super) fn balances(
    tx: &Connection,
    site: &str,
    account: &Account,
) -> rusqlite::Result<Vec<(Stock, i64)>> {
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

/// Where goods with a serial number lie by the book.
fn read_serial(tx: &Connection, site: &str, serial: &str, excerpt: &mut Excerpt) -> rusqlite::Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT account, place, item, lot, status, owner, quantity_micro FROM balance
         WHERE site = ?1 AND serial = ?2 AND serial <> '' AND account IN ('location', 'handling_unit')",
    )?;
    let mut rows = statement.query(params![site, serial])?;
    while let Some(row) = rows.next()? {
        let key = BalanceKey {
            account: account_of(row, 0)?,
            item: row.get(2)?,
            lot: row.get(3)?,
            serial: serial.to_owned(),
            status: row.get(4)?,
            owner: row.get(5)?,
        };
        excerpt.keep_balance(key, row.get(6)?);
    }
    Ok(())
}

/// Reads what only the records' pairs tell.
fn read_more(
    tx: &Connection,
    site: &str,
    prepared: &[Prepared<'_>],
    excerpt: &mut Excerpt,
) -> rusqlite::Result<()> {
    let more = excerpt.more(prepared);
    for item in more.items {
        if let Some(found) = tracked(tx, site, &item)? {
            excerpt.items.insert(item, found);
        }
    }
    let mut statement = tx.prepare_cached(
        "SELECT quantity_micro FROM balance
         WHERE site = ?1 AND account = ?2 AND place = ?3 AND item = ?4 AND lot = ?5 AND serial = ?6 AND status = ?7
           AND owner = ?8",
    )?;
    for key in more.balances {
        let values = params![
            site,
            key.account.kind.word(),
            key.account.place,
            key.item,
            key.lot,
            key.serial,
            key.status,
            key.owner
        ];
        // What is not there is nothing.
        let micro = statement.query_row(values, |row| row.get(0)).optional()?;
        excerpt.keep_balance(key, micro.unwrap_or(0));
    }
    for (location, item, lot) in excerpt.bins_at_risk(prepared) {
        let raised: Vec<i64> = tx
            .prepare_cached(
                "SELECT journal FROM exception WHERE site = ?1 AND state = 'open' AND kind = 'negative_bin'
                 AND location = ?2 AND item = ?3 AND lot = ?4 AND journal IS NOT NULL",
            )?
            .query_map(params![site, location, item, lot], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        excerpt.negative_bins.insert((location, item, lot), raised);
    }
    Ok(())
}
