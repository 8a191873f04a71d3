//! Exceptions in the store, as they are shown.

use tallyman_floor::Quantity;
use tokio_postgres::Row;

use super::error::Refused;
use super::transaction::Transaction;
use crate::ledger::views::{EXCEPTIONS_SHOWN_MAX, Exception, ExceptionFilter};

const LIST: &str = "
    SELECT exception, exception.kind, exception.state, raised_us, coalesce(device.name, exception.device),
           exception.worker, exception.task, coalesce(task.reference, ''), line, location, exception.item,
           coalesce(item.name, ''), exception.lot, exception.serial, found_micro, wanted_micro, reason, message, resolution,
           resolved_by, resolved_as, exception.journal IS NOT NULL
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
        resolved_by: row.try_get(19)?,
        resolved_as: row.try_get(20)?,
        has_record: row.try_get(21)?,
    })
}
