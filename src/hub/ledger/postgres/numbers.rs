//! Leases of numbers in the store.

use jiff::Timestamp;
use tallyman_floor::wire::v1::Numbers;
use tallyman_floor::{NumberBlock, NumberForm};

use super::devices;
use super::error::Refused;
use super::transaction::Transaction;
use crate::ledger::numbers::{Lives, NumberWish, Plan, Top, answer};
use crate::ledger::{DeviceIdentity, LedgerError};

pub(super) async fn lease(
    tx: &Transaction,
    from: &DeviceIdentity,
    wish: &NumberWish,
    now: Timestamp,
) -> Result<Option<Numbers>, Refused> {
    // One lease at a time, whatever hub gives it: whoever comes second sees the rows of the first.
    let origin = tx
        .find("SELECT generation FROM number_origin FOR UPDATE", &[])
        .await?;
    let origin = origin.map(|row| row.try_get::<_, String>(0)).transpose()?;
    let cursor = devices::cursor(tx, from).await?;
    if (wish.epoch, wish.last_seq) < (cursor.epoch, cursor.applied_seq) {
        return Ok(None);
    }
    let lives = Lives {
        now: cursor.generation,
        origin: origin.unwrap_or_default(),
    };
    let before = asked_before(tx, from, &wish.key).await?;
    let tops = tops(tx, &wish.ranges).await?;
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
    for (block, why) in &plan.rows {
        tx.execute(
            "INSERT INTO number_lease (form, first, last, site, device, request, why, generation, made_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                &block.form.key(),
                &i64::try_from(block.first)?,
                &i64::try_from(block.last)?,
                &from.site,
                &from.device,
                &why.request(&wish.key),
                &why.word(),
                &lives.now,
                &now.as_microsecond(),
            ],
        )
        .await?;
    }
    Ok(Some(answer(lives.now, &plan.leased(), plan.left, now)))
}

/// What the same request was answered before.
async fn asked_before(
    tx: &Transaction,
    from: &DeviceIdentity,
    key: &str,
) -> Result<Vec<NumberBlock>, Refused> {
    let rows = tx
        .query(
            "SELECT form, first, last FROM number_lease
             WHERE site = $1 AND device = $2 AND request = $3 AND request <> '' ORDER BY form, first",
            &[&from.site, &from.device, &key],
        )
        .await?;
    let blocks = rows.iter().map(|row| {
        let key: &str = row.try_get(0)?;
        let form = NumberForm::of_key(key);
        let form = form.ok_or_else(|| LedgerError::Broken(format!("no numbers have the form {key:?}")))?;
        Ok(NumberBlock {
            form,
            first: u64::try_from(row.try_get::<_, i64>(1)?)?,
            last: u64::try_from(row.try_get::<_, i64>(2)?)?,
        })
    });
    blocks.collect()
}

/// The highest rows of ranges.
async fn tops(tx: &Transaction, ranges: &[NumberBlock]) -> Result<Vec<Option<Top>>, Refused> {
    let mut tops = Vec::with_capacity(ranges.len());
    for range in ranges {
        let row = tx
            .find(
                "SELECT last, generation FROM number_lease WHERE form = $1 AND first <= $2 ORDER BY first DESC LIMIT 1",
                &[&range.form.key(), &i64::try_from(range.last)?],
            )
            .await?;
        let top = match row {
            Some(row) => Some(Top {
                last: u64::try_from(row.try_get::<_, i64>(0)?)?,
                generation: row.try_get(1)?,
            }),
            None => None,
        };
        tops.push(top);
    }
    Ok(tops)
}
