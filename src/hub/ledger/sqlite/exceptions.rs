//! Exceptions in the store, as they are shown.

use rusqlite::{Connection, params};
use tallyman_floor::Quantity;

use crate::ledger::views::{EXCEPTIONS_SHOWN_MAX, Exception, ExceptionFilter};

pub(super) fn list(
    tx: &Connection,
    site: &str,
    filter: &ExceptionFilter,
) -> rusqlite::Result<Vec<Exception>> {
    let mut statement = tx.prepare_cached(
        "SELECT exception, exception.kind, exception.state, raised_us, coalesce(device.name, exception.device),
                exception.worker, exception.task, coalesce(task.reference, ''), line, location, exception.item,
                coalesce(item.name, ''), exception.lot, exception.serial, found_micro, wanted_micro, reason, message,
                resolution, resolved_by, resolved_as, exception.journal IS NOT NULL
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
                resolved_by: row.get(19)?,
                resolved_as: row.get(20)?,
                has_record: row.get(21)?,
            })
        },
    )?;
    rows.collect()
}
