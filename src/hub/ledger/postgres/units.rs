//! Handling units in the store: where they stand, what of them lies where, and stock as devices are told it.

use tokio_postgres::Row;

use super::counts;
use super::error::Refused;
use super::transaction::Transaction;
use super::write::{Pending, pending, values};
use crate::ledger::account::{Account, AccountKind};
use crate::ledger::check::{Check, UnitContentRow, UnitPlaceRow, UnitStepRow};
use crate::ledger::posting::{BalanceKey, Excerpt, Rows};
use crate::ledger::proof::BalanceRow;
use crate::ledger::units::{InUnit, Step, StepKind, Told, in_units};
use crate::ledger::views::{StockAsked, StockTold, TOLD_PIECES_MAX, TOLD_ROWS_MAX, ToldStock};

/// What was said of units, by their keys.
pub(super) const STEPS: &str = "
    SELECT asked.unit, told.kind, told.task, told.from_place, told.account, told.place, told.facts, told.whole, told.journal
    FROM unnest($2::text[]) AS asked (unit)
    LEFT JOIN LATERAL (SELECT * FROM unit_step AS row WHERE row.site = $1 AND row.unit = asked.unit OFFSET 0) AS told ON true";

/// What lies of units where, by their keys.
pub(super) const CONTENTS: &str = "
    SELECT asked.unit, held.account, held.place, held.item, held.lot, held.serial, held.status, held.owner,
           held.quantity_micro
    FROM unnest($2::text[]) AS asked (unit)
    LEFT JOIN LATERAL (SELECT * FROM unit_content AS row WHERE row.site = $1 AND row.unit = asked.unit
                                                           AND row.quantity_micro <> 0 OFFSET 0) AS held ON true";

/// Keeps what was read of units.
pub(super) fn keep(steps: &[Row], contents: &[Row], excerpt: &mut Excerpt) -> Result<(), Refused> {
    for row in steps {
        if row.try_get::<_, Option<&str>>(1)?.is_some() {
            let (step, told) = step_of(row, 1)?;
            excerpt.units.keep_step(row.try_get(0)?, step, told);
        }
    }
    for row in contents {
        let Some(micro) = row.try_get::<_, Option<i64>>(8)? else {
            continue;
        };
        let key = BalanceKey {
            account: account_of(row, 1)?,
            item: row.try_get(3)?,
            lot: row.try_get(4)?,
            serial: row.try_get(5)?,
            status: row.try_get(6)?,
            owner: row.try_get(7)?,
        };
        excerpt.units.keep_content(row.try_get(0)?, key, micro);
    }
    Ok(())
}

fn step_of(row: &Row, column: usize) -> Result<(Step, Told), Refused> {
    let step = Step {
        kind: StepKind::from_word(row.try_get(column)?).unwrap_or(StepKind::Seen),
        task: row.try_get(column + 1)?,
        from: row.try_get(column + 2)?,
        to: account_of(row, column + 3)?,
    };
    let told = Told {
        facts: row.try_get(column + 5)?,
        whole: row.try_get(column + 6)?,
        journal: row.try_get(column + 7)?,
    };
    Ok((step, told))
}

fn account_of(row: &Row, column: usize) -> Result<Account, Refused> {
    let kind = AccountKind::from_word(row.try_get(column)?).unwrap_or(AccountKind::Suspense);
    Ok(Account::new(kind, row.try_get::<_, String>(column + 1)?))
}

const FORGET: &str = "
    DELETE FROM unit_step WHERE site = $1 AND unit = $2 AND kind = $3 AND task = $4 AND from_place = $5 AND account = $6
        AND place = $7";

const STEP: &str = "
    INSERT INTO unit_step (site, unit, kind, task, from_place, account, place, facts, whole, journal)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (site, unit, kind, task, from_place, account, place)
    DO UPDATE SET facts = excluded.facts, whole = excluded.whole, journal = excluded.journal";

const PLACE: &str = "
    INSERT INTO unit_place (site, unit, account, place) VALUES ($1, $2, $3, $4)
    ON CONFLICT (site, unit) DO UPDATE SET account = excluded.account, place = excluded.place";

const NOWHERE: &str = "DELETE FROM unit_place WHERE site = $1 AND unit = $2";

const CONTENT: &str = "
    INSERT INTO unit_content (site, unit, account, place, item, lot, serial, status, owner, quantity_micro)
    SELECT $1, unit, account, place, item, lot, serial, status, owner, quantity_micro
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::bigint[])
         AS row (unit, account, place, item, lot, serial, status, owner, quantity_micro)
    ON CONFLICT (site, unit, account, place, item, lot, serial, status, owner)
    DO UPDATE SET quantity_micro = unit_content.quantity_micro + excluded.quantity_micro";

const KNOWN: &str = "
    UPDATE exception SET state = 'withdrawn', resolved_us = $3
    WHERE site = $1 AND state = 'open' AND kind IN ('unit_found', 'unknown_unit') AND item = ANY ($2)";

/// The statements that write what was said of units, and what lies of them where.
pub(super) async fn rows<'a>(
    tx: &Transaction,
    site: &'a str,
    now_us: i64,
    rows: &'a Rows<'_>,
) -> Result<Vec<Pending<'a>>, Refused> {
    let mut statements = Vec::new();
    for row in &rows.units {
        let unit = row.unit.as_str();
        for (step, told) in &row.steps {
            let (kind, task, from) = (step.kind.word(), step.task.as_str(), step.from.as_str());
            let (account, place) = (step.to.kind.word(), step.to.place.as_str());
            statements.push(match told {
                Some(told) => {
                    let (facts, whole, journal) = (told.facts, told.whole, told.journal);
                    let step = values![
                        site, unit, kind, task, from, account, place, facts, whole, journal
                    ];
                    pending(tx, STEP, step).await?
                }
                None => pending(tx, FORGET, values![site, unit, kind, task, from, account, place]).await?,
            });
        }
        statements.push(match &row.stands_at {
            Some(at) => pending(tx, PLACE, values![site, unit, at.kind.word(), at.place.as_str()]).await?,
            None => pending(tx, NOWHERE, values![site, unit]).await?,
        });
    }
    let contents = rows.contents();
    if !contents.is_empty() {
        let column = |of: fn(&(String, BalanceKey)) -> &str| -> Vec<String> {
            contents.keys().map(|key| of(key).to_owned()).collect()
        };
        let sums = contents.values().map(|sum| i64::try_from(*sum));
        let sums = sums.collect::<Result<Vec<i64>, _>>()?;
        let values = values![
            site,
            column(|(unit, _)| unit),
            column(|(_, key)| key.account.kind.word()),
            column(|(_, key)| &key.account.place),
            column(|(_, key)| &key.item),
            column(|(_, key)| &key.lot),
            column(|(_, key)| &key.serial),
            column(|(_, key)| &key.status),
            column(|(_, key)| &key.owner),
            sums,
        ];
        statements.push(pending(tx, CONTENT, values).await?);
    }
    if !rows.known_units.is_empty() {
        let items: Vec<String> = rows.known_units.iter().map(|unit| format!("?{unit}")).collect();
        statements.push(pending(tx, KNOWN, values![site, items, now_us]).await?);
    }
    Ok(statements)
}

/// The rows of a site for the independent check.
pub(super) async fn verify(tx: &Transaction, site: &str, check: &mut Check) -> Result<(), Refused> {
    let steps = tx
        .query(
            "SELECT kind, task, from_place, account, place, facts, whole, journal, unit FROM unit_step WHERE site = $1",
            &[&site],
        )
        .await?;
    for row in &steps {
        let (step, told) = step_of(row, 0)?;
        check.unit_step(UnitStepRow {
            site: site.to_owned(),
            unit: row.try_get(8)?,
            step,
            told,
        });
    }
    let places = tx
        .query(
            "SELECT unit, account, place FROM unit_place WHERE site = $1",
            &[&site],
        )
        .await?;
    for row in &places {
        check.unit_place(UnitPlaceRow {
            site: site.to_owned(),
            unit: row.try_get(0)?,
            account: row.try_get(1)?,
            place: row.try_get(2)?,
        });
    }
    let contents = tx
        .query(
            "SELECT unit, account, place, item, lot, serial, status, owner, quantity_micro FROM unit_content
             WHERE site = $1 AND quantity_micro <> 0",
            &[&site],
        )
        .await?;
    for row in &contents {
        check.unit_content(UnitContentRow {
            unit: row.try_get(0)?,
            balance: BalanceRow {
                site: site.to_owned(),
                account: row.try_get(1)?,
                place: row.try_get(2)?,
                item: row.try_get(3)?,
                lot: row.try_get(4)?,
                serial: row.try_get(5)?,
                status: row.try_get(6)?,
                owner: row.try_get(7)?,
                quantity_micro: row.try_get(8)?,
            },
        });
    }
    Ok(())
}

macro_rules! lying {
    ($condition:literal) => {
        concat!(
            "SELECT balance.item, balance.place, balance.lot, sum(quantity_micro)::bigint, balance.account,
                    coalesce(stands.place, '')
             FROM balance LEFT JOIN unit_place AS stands
                 ON stands.site = balance.site AND balance.account = 'handling_unit' AND stands.unit = balance.place
                     AND stands.account = 'location'
             WHERE balance.site = $1 AND quantity_micro <> 0 AND ",
            $condition,
            " GROUP BY balance.item, balance.account, balance.place, balance.lot, stands.place
              HAVING sum(quantity_micro) <> 0
              ORDER BY balance.account DESC, balance.place, balance.item, balance.lot LIMIT $3"
        )
    };
}

macro_rules! in_them {
    ($condition:literal) => {
        concat!(
            "SELECT content.unit, content.place, content.item, content.lot, sum(quantity_micro)::bigint
             FROM unit_content AS content JOIN unit_place AS stands
                 ON stands.site = content.site AND stands.unit = content.unit AND stands.account = content.account
                     AND stands.place = content.place
             WHERE content.site = $1 AND content.account = 'location' AND ",
            $condition,
            " GROUP BY content.unit, content.place, content.item, content.lot HAVING sum(quantity_micro) > 0
              ORDER BY content.unit, content.item, content.lot"
        )
    };
}

/// Stock as a device is told it: nothing of a place that is being counted.
pub(super) async fn told(tx: &Transaction, site: &str, asked: &StockAsked) -> Result<ToldStock, Refused> {
    if let StockAsked::Missing { task, location } = asked {
        return missing(tx, site, task, location).await;
    }
    let stands_at = match asked {
        StockAsked::HandlingUnit(unit) => tx
            .find(
                "SELECT account, place FROM unit_place WHERE site = $1 AND unit = $2",
                &[&site, unit],
            )
            .await?
            .map(|row| account_of(&row, 0))
            .transpose()?,
        _ => None,
    };
    let mut rows = lying(tx, site, asked).await?;
    // What came in with a unit lies in its location, by the book.
    if let (StockAsked::HandlingUnit(unit), Some(at)) = (asked, &stands_at)
        && at.kind == AccountKind::Location
    {
        let there = lying(tx, site, &StockAsked::Location(at.place.clone())).await?;
        rows.extend(
            there
                .into_iter()
                .filter(|row| row.place != *unit && row.handling_unit == *unit),
        );
    }
    rows.truncate(usize::try_from(TOLD_ROWS_MAX).unwrap_or(usize::MAX));
    let counted = counts::open_locations(tx, site).await?;
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
async fn missing(tx: &Transaction, site: &str, task: &str, location: &str) -> Result<ToldStock, Refused> {
    const IS_COUNTED: &str = "SELECT 1 FROM line JOIN line_progress AS done
             ON done.site = line.site AND done.task = line.task AND done.number = line.number
         WHERE line.site = $1 AND line.task = $2 AND line.location = $3 AND done.closed LIMIT 1";
    if tx.find(IS_COUNTED, &[&site, &task, &location]).await?.is_none() {
        return Ok(ToldStock {
            being_counted: true,
            ..ToldStock::default()
        });
    }
    const DIFFERING: &str = "SELECT item, lot, serial, wanted_micro FROM exception
         WHERE site = $1 AND state = 'open' AND kind IN ('count_variance', 'count_overlap', 'count_waits')
             AND task = $2 AND location = $3 AND serial <> '' AND found_micro = 0 AND wanted_micro > 0
         ORDER BY item, serial, exception LIMIT $4";
    let mut rows = Vec::new();
    for row in tx
        .query(DIFFERING, &[&site, &task, &location, &TOLD_PIECES_MAX])
        .await?
    {
        rows.push(StockTold::missing(
            row.try_get(0)?,
            row.try_get(1)?,
            row.try_get(2)?,
            row.try_get(3)?,
            location,
        ));
    }
    Ok(ToldStock {
        rows,
        ..ToldStock::default()
    })
}

async fn lying(tx: &Transaction, site: &str, asked: &StockAsked) -> Result<Vec<StockTold>, Refused> {
    let (of_balances, of_units) = match asked {
        StockAsked::Item(_) => (
            lying!("balance.account IN ('location', 'handling_unit') AND balance.item = $2"),
            in_them!("content.item = $2 AND stands.place IN (
                  SELECT held.place FROM balance AS held
                  WHERE held.site = $1 AND held.item = $2 AND held.account = 'location' AND held.quantity_micro <> 0)"),
        ),
        StockAsked::Location(_) => (
            lying!(
                "(balance.account = 'location' AND balance.place = $2
                  OR balance.account = 'handling_unit' AND balance.place IN (
                      SELECT here.unit FROM unit_place AS here
                      WHERE here.site = $1 AND here.account = 'location' AND here.place = $2))"
            ),
            in_them!("content.place = $2"),
        ),
        StockAsked::HandlingUnit(_) => (
            lying!("balance.account = 'handling_unit' AND balance.place = $2"),
            in_them!("content.unit = $2"),
        ),
        // Asked of the differences, and not of the balances.
        StockAsked::Missing { .. } => return Ok(Vec::new()),
    };
    let name = asked.name();
    let mut rows = Vec::new();
    for row in tx.query(of_balances, &[&site, &name, &TOLD_ROWS_MAX]).await? {
        rows.push(StockTold::of(
            row.try_get(0)?,
            row.try_get(4)?,
            row.try_get(1)?,
            row.try_get(2)?,
            row.try_get(3)?,
            row.try_get(5)?,
        ));
    }
    let mut in_them = Vec::new();
    for row in tx.query(of_units, &[&site, &name]).await? {
        in_them.push(InUnit {
            unit: row.try_get(0)?,
            place: row.try_get(1)?,
            item: row.try_get(2)?,
            lot: row.try_get(3)?,
            quantity_micro: row.try_get(4)?,
        });
    }
    Ok(in_units(rows, &in_them))
}
