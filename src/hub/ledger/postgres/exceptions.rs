//! Exceptions in the store: showing and resolving.

use jiff::Timestamp;
use tallyman_floor::Quantity;
use tokio_postgres::Row;

use super::error::Refused;
use super::transaction::Transaction;
use super::{devices, excerpt, master, set_aside};
use crate::ledger::account::{Account, AccountKind};
use crate::ledger::exception::{ExceptionKind, Resolution, Resolved};
use crate::ledger::posting::{CountKey, adjustment};
use crate::ledger::views::{EXCEPTIONS_SHOWN_MAX, Exception, ExceptionFilter};
use crate::ledger::{DeviceIdentity, LedgerError};

/// Ends an exception. Not when it is not open, or cannot be ended so; and in part when the rest needs another transaction.
pub(super) async fn resolve(
    tx: &Transaction,
    site: &str,
    exception: i64,
    resolution: Resolution,
    now: Timestamp,
) -> Result<Resolved, Refused> {
    let locked = match devices::lock(tx, site).await {
        Err(Refused::Ledger(LedgerError::UnknownSite(_))) => return Ok(Resolved::No),
        locked => locked?,
    };
    let found = tx
        .find(
            "SELECT kind, location, item, lot, serial, coalesce(found_micro, 0) - coalesce(wanted_micro, 0), device
             FROM exception WHERE site = $1 AND exception = $2 AND state = 'open'",
            &[&site, &exception],
        )
        .await?;
    let Some(found) = found else {
        return Ok(Resolved::No);
    };
    let kind = ExceptionKind::from_word(found.try_get(0)?);
    if kind.is_some_and(ExceptionKind::can_release) {
        let from = DeviceIdentity {
            site: site.to_owned(),
            device: found.try_get(6)?,
        };
        if resolution == Resolution::Release {
            let left = set_aside::release(tx, locked, &from, now.as_microsecond()).await?;
            if left > 0 {
                tx.execute(
                    "UPDATE exception SET found_micro = $3::bigint * 1000000 WHERE site = $1 AND exception = $2",
                    &[&site, &exception, &left],
                )
                .await?;
                return Ok(Resolved::InPart);
            }
        } else {
            set_aside::leave_out(tx, &from).await?;
        }
        end(tx, site, exception, resolution, now, None).await?;
        return Ok(Resolved::Yes);
    }
    let mut document = None;
    if resolution == Resolution::Release {
        return Ok(Resolved::No);
    }
    if resolution == Resolution::AcceptCount {
        if !kind.is_some_and(ExceptionKind::can_accept_count) {
            return Ok(Resolved::No);
        }
        let location: String = found.try_get(1)?;
        let key: CountKey = (found.try_get(2)?, found.try_get(3)?, found.try_get(4)?);
        let holds =
            excerpt::balances(tx, site, &Account::new(AccountKind::Location, location.as_str())).await?;
        let tracked = excerpt::tracked(tx, site, &[key.0.as_str()]).await?;
        let owner = tracked
            .first()
            .map(|(_, tracked)| tracked.owner.as_str())
            .unwrap_or_default();
        let pairs = adjustment(&location, &holds, &key, owner, found.try_get(5)?);
        let reason = format!("count of {location} accepted");
        document = Some(master::post(tx, site, locked, "adjustment", &reason, pairs, now).await?);
    }
    end(tx, site, exception, resolution, now, document).await?;
    Ok(Resolved::Yes)
}

async fn end(
    tx: &Transaction,
    site: &str,
    exception: i64,
    resolution: Resolution,
    now: Timestamp,
    document: Option<i64>,
) -> Result<(), Refused> {
    tx.execute(
        "UPDATE exception SET state = 'resolved', resolution = $3, resolved_us = $4, document = $5
         WHERE site = $1 AND exception = $2",
        &[
            &site,
            &exception,
            &resolution.word(),
            &now.as_microsecond(),
            &document,
        ],
    )
    .await?;
    Ok(())
}

const LIST: &str = "
    SELECT exception, exception.kind, exception.state, raised_us, coalesce(device.name, exception.device),
           exception.worker, exception.task, coalesce(task.reference, ''), line, location, exception.item,
           coalesce(item.name, ''), exception.lot, exception.serial, found_micro, wanted_micro, reason, message, resolution
    FROM exception
    LEFT JOIN device ON device.site = exception.site AND device.device = exception.device
    LEFT JOIN task ON task.site = exception.site AND task.task = exception.task
    LEFT JOIN item ON item.site = exception.site AND item.item = exception.item
    WHERE exception.site = $1 AND ($2::text IS NULL OR exception.state = $2) AND ($3::text IS NULL OR exception.kind = $3)
    ORDER BY exception DESC LIMIT $4";

pub(super) async fn list(
    tx: &Transaction,
    site: &str,
    filter: &ExceptionFilter,
) -> Result<Vec<Exception>, Refused> {
    let shown_max = i64::try_from(EXCEPTIONS_SHOWN_MAX).unwrap_or(i64::MAX);
    let (state, kind) = (super::plain(&filter.state), super::plain(&filter.kind));
    let rows = tx.query(LIST, &[&site, &state, &kind, &shown_max]).await?;
    rows.iter().map(exception).collect()
}

fn exception(row: &Row) -> Result<Exception, Refused> {
    let line: Option<i64> = row.try_get(8)?;
    let figure = |column: usize| -> Result<Option<Quantity>, Refused> {
        Ok(row.try_get::<_, Option<i64>>(column)?.map(Quantity::from_micro))
    };
    Ok(Exception {
        exception: row.try_get(0)?,
        kind: row.try_get(1)?,
        state: row.try_get(2)?,
        raised: super::moment(row.try_get(3)?),
        device: row.try_get(4)?,
        worker: row.try_get(5)?,
        task: row.try_get(6)?,
        reference: row.try_get(7)?,
        line: line.map(u32::try_from).transpose()?,
        location: row.try_get(9)?,
        item: row.try_get(10)?,
        item_name: row.try_get(11)?,
        lot: row.try_get(12)?,
        serial: row.try_get(13)?,
        found: figure(14)?,
        wanted: figure(15)?,
        reason: row.try_get(16)?,
        message: row.try_get(17)?,
        resolution: row.try_get(18)?,
    })
}
