//! Trace entries in the store, and the records that they are about.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::v1::TraceEntry;

use crate::ledger::{
    DeviceIdentity, TRACE_BYTES_MAX, TRACE_ENTRIES_MAX, is_time_to_weigh, traces_kept_since_us,
};

/// Keeps entries. One that has the number of another replaces it: a device with a new store counts from 1 again.
pub(super) fn keep(
    tx: &Connection,
    from: &DeviceIdentity,
    entries: &[TraceEntry],
    now: Timestamp,
) -> rusqlite::Result<()> {
    for entry in entries {
        tx.prepare_cached(
            "INSERT INTO trace (site, device, number, input, came_us) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (site, device, number) DO UPDATE SET input = excluded.input, came_us = excluded.came_us",
        )?
        .execute(params![
            from.site,
            from.device,
            entry.number,
            entry.input.get().as_bytes(),
            now.as_microsecond()
        ])?;
    }
    let newest = entries.iter().map(|entry| entry.number).max().unwrap_or(0);
    tx.prepare_cached(
        "DELETE FROM trace WHERE site = ?1 AND device = ?2 AND (number <= ?3 OR came_us < ?4)",
    )?
    .execute(params![
        from.site,
        from.device,
        newest.saturating_sub(TRACE_ENTRIES_MAX),
        traces_kept_since_us(now)
    ])?;
    if !is_time_to_weigh(entries) {
        return Ok(());
    }
    tx.prepare_cached(
        "DELETE FROM trace WHERE site = ?1 AND device = ?2 AND number <= (
             SELECT coalesce(max(number), 0) FROM (
                 SELECT number, sum(length(input)) OVER (ORDER BY number DESC) AS kept
                 FROM trace WHERE site = ?1 AND device = ?2) WHERE kept > ?3)",
    )?
    .execute(params![from.site, from.device, TRACE_BYTES_MAX])?;
    Ok(())
}

/// The entries of a device, by their numbers.
pub(super) fn of_device(tx: &Connection, of: &DeviceIdentity) -> rusqlite::Result<Vec<(u64, String)>> {
    tx.prepare_cached("SELECT number, input FROM trace WHERE site = ?1 AND device = ?2 ORDER BY number")?
        .query_map(params![of.site, of.device], |row| {
            let input: Vec<u8> = row.get(1)?;
            Ok((row.get(0)?, String::from_utf8_lossy(&input).into_owned()))
        })?
        .collect()
}

/// The epoch and the body of a record.
pub(super) fn record(
    tx: &Connection,
    of: &DeviceIdentity,
    epoch: Option<u32>,
    seq: u64,
) -> rusqlite::Result<Option<(u32, Vec<u8>)>> {
    tx.prepare_cached(
        "SELECT epoch, body FROM journal WHERE site = ?1 AND device = ?2 AND (?3 IS NULL OR epoch = ?3) AND seq = ?4
         ORDER BY epoch DESC LIMIT 1",
    )?
    .query_row(params![of.site, of.device, epoch, seq], |row| Ok((row.get(0)?, row.get(1)?)))
    .optional()
}

/// The record behind an exception.
pub(super) fn of_exception(
    tx: &Connection,
    site: &str,
    exception: i64,
) -> rusqlite::Result<Option<(DeviceIdentity, u32, u64)>> {
    tx.prepare_cached(
        "SELECT journal.device, journal.epoch, journal.seq FROM exception
         JOIN journal ON journal.place = exception.journal WHERE exception.site = ?1 AND exception.exception = ?2",
    )?
    .query_row(params![site, exception], |row| {
        let device = DeviceIdentity {
            site: site.to_owned(),
            device: row.get(0)?,
        };
        Ok((device, row.get(1)?, row.get(2)?))
    })
    .optional()
}
