//! Trace entries in the store, and the records that they are about.

use jiff::Timestamp;
use tallyman_floor::wire::v1::TraceEntry;

use super::error::Refused;
use super::transaction::Transaction;
use crate::ledger::{
    DeviceIdentity, TRACE_BYTES_MAX, TRACE_ENTRIES_MAX, is_time_to_weigh, traces_kept_since_us,
};

/// Keeps entries. One that has the number of another replaces it: a device with a new store counts from 1 again.
pub(super) async fn keep(
    tx: &Transaction,
    from: &DeviceIdentity,
    entries: &[TraceEntry],
    now: Timestamp,
) -> Result<(), Refused> {
    // The last of a number counts, and a statement may touch a row only once.
    let mut of_numbers = std::collections::BTreeMap::new();
    for entry in entries {
        of_numbers.insert(i64::try_from(entry.number)?, entry.input.get().as_bytes());
    }
    let numbers: Vec<i64> = of_numbers.keys().copied().collect();
    let inputs: Vec<&[u8]> = of_numbers.values().copied().collect();
    tx.execute(
        "INSERT INTO trace (site, device, number, input, came_us)
         SELECT $1, $2, number, input, $5 FROM unnest($3::bigint[], $4::bytea[]) AS row (number, input)
         ORDER BY number
         ON CONFLICT (site, device, number) DO UPDATE SET input = excluded.input, came_us = excluded.came_us",
        &[&from.site, &from.device, &numbers, &inputs, &now.as_microsecond()],
    )
    .await?;
    let newest = entries.iter().map(|entry| entry.number).max().unwrap_or(0);
    let last_to_go = i64::try_from(newest.saturating_sub(TRACE_ENTRIES_MAX))?;
    tx.execute(
        "DELETE FROM trace WHERE site = $1 AND device = $2 AND (number <= $3 OR came_us < $4)",
        &[&from.site, &from.device, &last_to_go, &traces_kept_since_us(now)],
    )
    .await?;
    if !is_time_to_weigh(entries) {
        return Ok(());
    }
    tx.execute(
        "DELETE FROM trace WHERE site = $1 AND device = $2 AND number <= (
             SELECT coalesce(max(number), 0) FROM (
                 SELECT number, sum(length(input)) OVER (ORDER BY number DESC) AS kept
                 FROM trace WHERE site = $1 AND device = $2) AS summed WHERE kept > $3)",
        &[&from.site, &from.device, &TRACE_BYTES_MAX],
    )
    .await?;
    Ok(())
}

/// The entries of a device, by their numbers.
pub(super) async fn of_device(tx: &Transaction, of: &DeviceIdentity) -> Result<Vec<(u64, String)>, Refused> {
    let rows = tx
        .query(
            "SELECT number, input FROM trace WHERE site = $1 AND device = $2 ORDER BY number",
            &[&of.site, &of.device],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let input: &[u8] = row.try_get(1)?;
            let number = u64::try_from(row.try_get::<_, i64>(0)?)?;
            Ok((number, String::from_utf8_lossy(input).into_owned()))
        })
        .collect()
}

/// The epoch and the body of a record.
pub(super) async fn record(
    tx: &Transaction,
    of: &DeviceIdentity,
    epoch: Option<u32>,
    seq: u64,
) -> Result<Option<(u32, Vec<u8>)>, Refused> {
    let rows = tx
        .query(
            "SELECT epoch, body FROM journal
             WHERE site = $1 AND device = $2 AND ($3::bigint IS NULL OR epoch = $3) AND seq = $4
             ORDER BY epoch DESC LIMIT 1",
            &[&of.site, &of.device, &epoch.map(i64::from), &i64::try_from(seq)?],
        )
        .await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some((u32::try_from(row.try_get::<_, i64>(0)?)?, row.try_get(1)?)))
}

/// The record behind an exception.
pub(super) async fn of_exception(
    tx: &Transaction,
    site: &str,
    exception: i64,
) -> Result<Option<(DeviceIdentity, u32, u64)>, Refused> {
    let rows = tx
        .query(
            "SELECT journal.device, journal.epoch, journal.seq FROM exception
             JOIN journal ON journal.site = exception.site AND journal.place = exception.journal
             WHERE exception.site = $1 AND exception.exception = $2",
            &[&site, &exception],
        )
        .await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let device = DeviceIdentity {
        site: site.to_owned(),
        device: row.try_get(0)?,
    };
    let epoch = u32::try_from(row.try_get::<_, i64>(1)?)?;
    Ok(Some((device, epoch, u64::try_from(row.try_get::<_, i64>(2)?)?)))
}
