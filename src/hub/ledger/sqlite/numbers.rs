//! Leases of numbers in the store.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::v1::Numbers;
use tallyman_floor::{NumberBlock, NumberForm};

use super::{Refused, devices};
use crate::ledger::numbers::{Lives, NumberWish, Plan, Top, answer};
use crate::ledger::{DeviceIdentity, LedgerError};

pub(super) fn lease(
    tx: &Connection,
    from: &DeviceIdentity,
    wish: &NumberWish,
    generation: String,
    now: Timestamp,
) -> Result<Option<Numbers>, Refused> {
    let cursor = devices::cursor(tx, from, &generation)?;
    if (wish.epoch, wish.last_seq) < (cursor.epoch, cursor.applied_seq) {
        return Ok(None);
    }
    let origin: Option<String> = tx
        .query_row("SELECT generation FROM number_origin", [], |row| row.get(0))
        .optional()?;
    let lives = Lives {
        now: generation,
        origin: origin.unwrap_or_default(),
    };
    let before = asked_before(tx, from, &wish.key)?;
    let tops = tops(tx, &wish.ranges)?;
    if !before.is_empty() {
        let left = Plan::of(
            &NumberWish {
                count: 0,
                ..wish.clone()
            },
            &tops,
            &lives,
        )
        .left;
        return Ok(Some(answer(lives.now, &before, left, now)));
    }
    let plan = Plan::of(wish, &tops, &lives);
    let mut insert = tx.prepare_cached(
        "INSERT INTO number_lease (form, first, last, site, device, request, why, generation, made_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (block, why) in &plan.rows {
        insert.execute(params![
            block.form.key(),
            block.first,
            block.last,
            from.site,
            from.device,
            why.request(&wish.key),
            why.word(),
            lives.now,
            now.as_microsecond(),
        ])?;
    }
    Ok(Some(answer(lives.now, &plan.leased(), plan.left, now)))
}

/// What the same request was answered before.
fn asked_before(tx: &Connection, from: &DeviceIdentity, key: &str) -> Result<Vec<NumberBlock>, Refused> {
    let mut select = tx.prepare_cached(
        "SELECT form, first, last FROM number_lease
         WHERE site = ?1 AND device = ?2 AND request = ?3 AND request <> '' ORDER BY form, first",
    )?;
    let rows = select.query_map(params![from.site, from.device, key], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
    })?;
    let blocks = rows.map(|row| {
        let (key, first, last) = row?;
        let form = NumberForm::of_key(&key);
        let form = form.ok_or_else(|| LedgerError::Broken(format!("no numbers have the form {key:?}")))?;
        Ok(NumberBlock { form, first, last })
    });
    blocks.collect()
}

/// The highest rows of ranges.
fn tops(tx: &Connection, ranges: &[NumberBlock]) -> rusqlite::Result<Vec<Option<Top>>> {
    let mut select = tx.prepare_cached(
        "SELECT last, generation FROM number_lease WHERE form = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1",
    )?;
    let tops = ranges.iter().map(|range| {
        let top = select.query_row(params![range.form.key(), range.last], |row| {
            Ok(Top {
                last: row.get(0)?,
                generation: row.get(1)?,
            })
        });
        top.optional()
    });
    tops.collect()
}
