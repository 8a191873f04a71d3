//! Handling units in the store: where they stand, what of them lies where, and stock as devices are told it.

use rusqlite::{Connection, Row, params};

use super::{counts, write};
use crate::ledger::account::{Account, AccountKind};
use crate::ledger::check::{Check, UnitContentRow, UnitPlaceRow, UnitStepRow};
use crate::ledger::posting::{BalanceKey, Excerpt, Rows, Wanted};
use crate::ledger::units::{InUnit, Step, StepKind, Told, in_units};
use crate::ledger::views::{StockAsked, StockTold, TOLD_PIECES_MAX, TOLD_ROWS_MAX, ToldStock};

/// Reads the units that facts name.
pub(super) fn read(
    tx: &Connection,
    site: &str,
    wanted: &Wanted<'_>,
    excerpt: &mut Excerpt,
) -> rusqlite::Result<()> {
    let mut steps = tx.prepare_cached(
        "SELECT kind, task, from_place, account, place, facts, whole, journal FROM unit_step
         WHERE site = ?1 AND unit = ?2",
    )?;
    let mut contents = tx.prepare_cached(
        "SELECT account, place, item, lot, serial, status, owner, quantity_micro FROM unit_content
         WHERE site = ?1 AND unit = ?2 AND quantity_micro <> 0",
    )?;
    for unit in &wanted.units {
        let mut rows = steps.query(params![site, unit])?;
        while let Some(row) = rows.next()? {
            let (step, told) = step_of(row, 0)?;
            excerpt.units.keep_step(unit, step, told);
        }
        let mut rows = contents.query(params![site, unit])?;
        while let Some(row) = rows.next()? {
            let key = BalanceKey {
                account: account_of(row, 0)?,
                item: row.get(2)?,
                lot: row.get(3)?,
                serial: row.get(4)?,
                status: row.get(5)?,
                owner: row.get(6)?,
            };
            excerpt.units.keep_content(unit, key, row.get(7)?);
        }
    }
    Ok(())
}

fn step_of(row: &Row<'_>, column: usize) -> rusqlite::Result<(Step, Told)> {
    let kind: String = row.get(column)?;
    let step = Step {
        kind: StepKind::from_word(&kind).unwrap_or(StepKind::Seen),
        task: row.get(column + 1)?,
        from: row.get(column + 2)?,
        to: account_of(row, column + 3)?,
    };
    let told = Told {
        facts: row.get(column + 5)?,
        whole: row.get(column + 6)?,
        journal: row.get(column + 7)?,
    };
    Ok((step, told))
}

fn account_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Account> {
    let kind: String = row.get(column)?;
    let kind = AccountKind::from_word(&kind).unwrap_or(AccountKind::Suspense);
    Ok(Account::new(kind, row.get::<_, String>(column + 1)?))
}

/// Writes what was said of units, and what lies of them where.
pub(super) fn write(tx: &Connection, site: &str, now_us: i64, rows: &Rows<'_>) -> rusqlite::Result<()> {
    write_steps(tx, site, rows)?;
    let mut add = tx.prepare_cached(
        "INSERT INTO unit_content (site, unit, account, place, item, lot, serial, status, owner, quantity_micro)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT DO UPDATE SET quantity_micro = quantity_micro + excluded.quantity_micro",
    )?;
    for ((unit, key), sum) in rows.contents() {
        let micro = write::stored_micro(sum)?;
        add.execute(params![
            site,
            unit,
            key.account.kind.word(),
            key.account.place,
            key.item,
            key.lot,
            key.serial,
            key.status,
            key.owner,
            micro
        ])?;
    }
    for unit in &rows.known_units {
        tx.prepare_cached(
            "UPDATE exception SET state = 'withdrawn', resolved_us = ?3
             WHERE site = ?1 AND state = 'open' AND kind IN ('unit_found', 'unknown_unit') AND item = '?' || ?2",
        )?
        .execute(params![site, unit, now_us])?;
    }
    Ok(())
}

fn write_steps(tx: &Connection, site: &str, rows: &Rows<'_>) -> rusqlite::Result<()> {
    for row in &rows.units {
        for (step, told) in &row.steps {
            let to = (step.to.kind.word(), &step.to.place);
            let key = params![site, row.unit, step.kind.word(), step.task, step.from, to.0, to.1];
            tx.prepare_cached(
                "DELETE FROM unit_step WHERE site = ?1 AND unit = ?2 AND kind = ?3 AND task = ?4 AND from_place = ?5
                     AND account = ?6 AND place = ?7",
            )?
            .execute(key)?;
            let Some(told) = told else { continue };
            tx.prepare_cached("INSERT INTO unit_step VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?
                .execute(params![
                    site,
                    row.unit,
                    step.kind.word(),
                    step.task,
                    step.from,
                    to.0,
                    to.1,
                    told.facts,
                    told.whole,
                    told.journal
                ])?;
        }
        match &row.stands_at {
            Some(place) => tx
                .prepare_cached(
                    "INSERT INTO unit_place (site, unit, account, place) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET account = excluded.account, place = excluded.place",
                )?
                .execute(params![site, row.unit, place.kind.word(), place.place])?,
            None => tx
                .prepare_cached("DELETE FROM unit_place WHERE site = ?1 AND unit = ?2")?
                .execute(params![site, row.unit])?,
        };
    }
    Ok(())
}

/// The rows for the independent check.
pub(super) fn verify(tx: &Connection, check: &mut Check) -> rusqlite::Result<()> {
    let mut rows = tx.prepare(
        "SELECT kind, task, from_place, account, place, facts, whole, journal, site, unit FROM unit_step",
    )?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (step, told) = step_of(row, 0)?;
        check.unit_step(UnitStepRow {
            site: row.get(8)?,
            unit: row.get(9)?,
            step,
            told,
        });
    }
    let mut rows = tx.prepare("SELECT site, unit, account, place FROM unit_place")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        check.unit_place(UnitPlaceRow {
            site: row.get(0)?,
            unit: row.get(1)?,
            account: row.get(2)?,
            place: row.get(3)?,
        });
    }
    let mut rows = tx.prepare(
        "SELECT site, unit, account, place, item, lot, serial, status, owner, quantity_micro FROM unit_content
         WHERE quantity_micro <> 0",
    )?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        check.unit_content(UnitContentRow {
            unit: row.get(1)?,
            balance: crate::ledger::proof::BalanceRow {
                site: row.get(0)?,
                account: row.get(2)?,
                place: row.get(3)?,
                item: row.get(4)?,
                lot: row.get(5)?,
                serial: row.get(6)?,
                status: row.get(7)?,
                owner: row.get(8)?,
                quantity_micro: row.get(9)?,
            },
        });
    }
    Ok(())
}

/// Stock as a device is told it: nothing of a place that is being counted.
pub(super) fn told(tx: &Connection, site: &str, asked: &StockAsked) -> rusqlite::Result<ToldStock> {
    if let StockAsked::Missing { task, location } = asked {
        return missing(tx, site, task, location);
    }
    let stands_at = match asked {
        StockAsked::HandlingUnit(unit) => place_of(tx, site, unit)?,
        _ => None,
    };
    let mut rows = lying(tx, site, asked)?;
    // What came in with a unit lies in its location, by the book.
    if let (StockAsked::HandlingUnit(unit), Some(at)) = (asked, &stands_at)
        && at.kind == AccountKind::Location
    {
        let there = lying(tx, site, &StockAsked::Location(at.place.clone()))?;
        rows.extend(
            there
                .into_iter()
                .filter(|row| row.place != *unit && row.handling_unit == *unit),
        );
    }
    rows.truncate(usize::try_from(TOLD_ROWS_MAX).unwrap_or(usize::MAX));
    let counted = counts::open_locations(tx, site)?;
    for row in rows.iter_mut().filter(|row| counted.contains(&row.location)) {
        row.quantity_micro = None;
    }
    Ok(ToldStock {
        rows,
        stands_at,
        being_counted: false,
    })
}

/// The pieces that the book has in a place and its count has not: the differences that wait. Of a place that is not
/// counted yet by what the hub has heard, nothing is told.
fn missing(tx: &Connection, site: &str, task: &str, location: &str) -> rusqlite::Result<ToldStock> {
    let is_counted: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM line JOIN line_progress USING (site, task, number)
                            WHERE site = ?1 AND task = ?2 AND location = ?3 AND closed <> 0)",
        )?
        .query_row([site, task, location], |row| row.get(0))?;
    if !is_counted {
        return Ok(ToldStock {
            being_counted: true,
            ..ToldStock::default()
        });
    }
    let rows = tx
        .prepare_cached(
            "SELECT item, lot, serial, wanted_micro FROM exception
             WHERE site = ?1 AND state = 'open' AND kind IN ('count_variance', 'count_overlap', 'count_waits')
                 AND task = ?2 AND location = ?3 AND serial <> '' AND found_micro = 0 AND wanted_micro > 0
             ORDER BY item, serial, exception LIMIT ?4",
        )?
        .query_map(params![site, task, location, TOLD_PIECES_MAX], |row| {
            Ok(StockTold::missing(
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                location,
            ))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(ToldStock {
        rows,
        ..ToldStock::default()
    })
}

fn place_of(tx: &Connection, site: &str, unit: &str) -> rusqlite::Result<Option<Account>> {
    let mut statement =
        tx.prepare_cached("SELECT account, place FROM unit_place WHERE site = ?1 AND unit = ?2")?;
    let mut rows = statement.query(params![site, unit])?;
    rows.next()?.map(|row| account_of(row, 0)).transpose()
}

fn lying(tx: &Connection, site: &str, asked: &StockAsked) -> rusqlite::Result<Vec<StockTold>> {
    let (of_balances, of_units) = conditions(asked);
    let name = asked.name();
    let sql = format!(
        "SELECT balance.item, balance.place, balance.lot, sum(quantity_micro), balance.account, coalesce(stands.place, '')
         FROM balance LEFT JOIN unit_place AS stands
             ON stands.site = balance.site AND balance.account = 'handling_unit' AND stands.unit = balance.place
                 AND stands.account = 'location'
         WHERE balance.site = ?1 AND quantity_micro <> 0 AND {of_balances}
         GROUP BY balance.item, balance.account, balance.place, balance.lot HAVING sum(quantity_micro) <> 0
         ORDER BY balance.account DESC, balance.place, balance.item, balance.lot LIMIT ?3"
    );
    let rows = tx
        .prepare_cached(&sql)?
        .query_map(params![site, name, TOLD_ROWS_MAX], |row| {
            let account: String = row.get(4)?;
            Ok(StockTold::of(
                row.get(0)?,
                &account,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(5)?,
            ))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let sql = format!(
        "SELECT content.unit, content.place, content.item, content.lot, sum(quantity_micro)
         FROM unit_content AS content JOIN unit_place AS stands USING (site, unit, account, place)
         WHERE content.site = ?1 AND content.account = 'location' AND {of_units}
         GROUP BY content.unit, content.place, content.item, content.lot HAVING sum(quantity_micro) > 0
         ORDER BY content.unit, content.item, content.lot"
    );
    let in_them = tx
        .prepare_cached(&sql)?
        .query_map(params![site, name], |row| {
            Ok(InUnit {
                unit: row.get(0)?,
                place: row.get(1)?,
                item: row.get(2)?,
                lot: row.get(3)?,
                quantity_micro: row.get(4)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(in_units(rows, &in_them))
}

/// What of the balances is looked at, and what of the contents of handling units.
const fn conditions(asked: &StockAsked) -> (&'static str, &'static str) {
    match asked {
        StockAsked::Item(_) => (
            "balance.account IN ('location', 'handling_unit') AND balance.item = ?2",
            "content.item = ?2 AND stands.place IN (
                  SELECT held.place FROM balance AS held
                  WHERE held.site = ?1 AND held.item = ?2 AND held.account = 'location' AND held.quantity_micro <> 0)",
        ),
        StockAsked::Location(_) => (
            "(balance.account = 'location' AND balance.place = ?2
              OR balance.account = 'handling_unit' AND balance.place IN (
                  SELECT unit FROM unit_place WHERE site = ?1 AND account = 'location' AND place = ?2))",
            "content.place = ?2",
        ),
        StockAsked::HandlingUnit(_) => (
            "balance.account = 'handling_unit' AND balance.place = ?2",
            "content.unit = ?2",
        ),
        // Asked of the differences, and not of the balances.
        StockAsked::Missing { .. } => ("false", "false"),
    }
}
