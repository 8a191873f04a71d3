//! Exceptions in the store: showing and resolving.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::Quantity;

use super::{excerpt, set_aside, write};
use crate::ledger::DeviceIdentity;
use crate::ledger::account::{Account, AccountKind};
use crate::ledger::exception::{ExceptionKind, Resolution, Resolved};
use crate::ledger::posting::{CountKey, adjustment, post_documents};
use crate::ledger::views::{EXCEPTIONS_SHOWN_MAX, Exception, ExceptionFilter};

/// Ends an exception. Not when it is not open, or cannot be ended so; and in part when the rest needs another transaction.
pub(super) fn resolve(
    tx: &Connection,
    site: &str,
    exception: i64,
    resolution: Resolution,
    now: Timestamp,
) -> rusqlite::Result<Resolved> {
    let found = tx
        .prepare_cached(
            "SELECT kind, location, item, lot, serial, coalesce(found_micro, 0) - coalesce(wanted_micro, 0)
             FROM exception WHERE site = ?1 AND exception = ?2 AND state = 'open'",
        )?
        .query_row(params![site, exception], |row| {
            let key: CountKey = (row.get(2)?, row.get(3)?, row.get(4)?);
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                key,
                row.get::<_, i64>(5)?,
            ))
        })
        .optional()?;
    let Some((kind, location, key, difference_micro)) = found else {
        return Ok(Resolved::No);
    };
    if ExceptionKind::from_word(&kind).is_some_and(ExceptionKind::can_release) {
        let left = decide_about_set_aside(tx, site, exception, resolution, now.as_microsecond())?;
        if left > 0 {
            tx.execute(
                "UPDATE exception SET found_micro = ?3 * 1000000 WHERE site = ?1 AND exception = ?2",
                params![site, exception, left],
            )?;
            return Ok(Resolved::InPart);
        }
    } else if resolution == Resolution::Release {
        return Ok(Resolved::No);
    }
    let mut document = None;
    if resolution == Resolution::AcceptCount {
        if !ExceptionKind::from_word(&kind).is_some_and(ExceptionKind::can_accept_count) {
            return Ok(Resolved::No);
        }
        let number = tx
            .prepare_cached(
                "INSERT INTO document (site, kind, reason, posted_us) VALUES (?1, 'adjustment', ?2, ?3)",
            )?
            .insert(params![
                site,
                format!("count of {location} accepted"),
                now.as_microsecond()
            ])?;
        let holds = excerpt::balances(tx, site, &Account::new(AccountKind::Location, location.as_str()))?;
        let owner = excerpt::tracked(tx, site, &key.0)?.map(|tracked| tracked.owner);
        let pairs = adjustment(
            &location,
            &holds,
            &key,
            &owner.unwrap_or_default(),
            difference_micro,
        );
        let rows = post_documents(write::numbers(tx)?, number, pairs);
        write::write(tx, site, now.as_microsecond(), &rows)?;
        document = Some(number);
    }
    tx.prepare_cached(
        "UPDATE exception SET state = 'resolved', resolution = ?3, resolved_us = ?4, document = ?5
         WHERE site = ?1 AND exception = ?2",
    )?
    .execute(params![
        site,
        exception,
        resolution.word(),
        now.as_microsecond(),
        document
    ])?;
    Ok(Resolved::Yes)
}

/// Posts records that were set aside, or leaves them out. Answers how many are left to post.
fn decide_about_set_aside(
    tx: &Connection,
    site: &str,
    exception: i64,
    resolution: Resolution,
    now_us: i64,
) -> rusqlite::Result<u64> {
    let device = tx.query_row(
        "SELECT device FROM exception WHERE site = ?1 AND exception = ?2",
        params![site, exception],
        |row| row.get(0),
    )?;
    let from = DeviceIdentity {
        site: site.to_owned(),
        device,
    };
    if resolution == Resolution::Release {
        return set_aside::release(tx, &from, now_us);
    }
    set_aside::leave_out(tx, &from)?;
    Ok(0)
}

pub(super) fn list(
    tx: &Connection,
    site: &str,
    filter: &ExceptionFilter,
) -> rusqlite::Result<Vec<Exception>> {
    let mut statement = tx.prepare_cached(
        "SELECT exception, exception.kind, exception.state, raised_us, coalesce(device.name, exception.device),
                exception.worker, exception.task, coalesce(task.reference, ''), line, location, exception.item,
                coalesce(item.name, ''), exception.lot, exception.serial, found_micro, wanted_micro, reason, message,
                resolution
         FROM exception
         LEFT JOIN device ON device.site = exception.site AND device.device = exception.device
         LEFT JOIN task ON task.site = exception.site AND task.task = exception.task
         LEFT JOIN item ON item.site = exception.site AND item.item = exception.item
         WHERE exception.site = ?1 AND (?2 IS NULL OR exception.state = ?2) AND (?3 IS NULL OR exception.kind = ?3)
         ORDER BY exception DESC LIMIT ?4",
    )?;
    let rows = statement.query_map(
        params![site, filter.state, filter.kind, EXCEPTIONS_SHOWN_MAX],
        |row| {
            Ok(Exception {
                exception: row.get(0)?,
                kind: row.get(1)?,
                state: row.get(2)?,
                raised: super::moment(row.get(3)?),
                device: row.get(4)?,
                worker: row.get(5)?,
                task: row.get(6)?,
                reference: row.get(7)?,
                line: row.get(8)?,
                location: row.get(9)?,
                item: row.get(10)?,
                item_name: row.get(11)?,
                lot: row.get(12)?,
                serial: row.get(13)?,
                found: row.get::<_, Option<i64>>(14)?.map(Quantity::from_micro),
                wanted: row.get::<_, Option<i64>>(15)?.map(Quantity::from_micro),
                reason: row.get(16)?,
                message: row.get(17)?,
                resolution: row.get(18)?,
            })
        },
    )?;
    rows.collect()
}
