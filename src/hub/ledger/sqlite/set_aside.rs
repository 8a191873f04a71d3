//! Devices that are revoked, and what becomes of their records.

use rusqlite::{Connection, params};
use tallyman_floor::wire::chain::ChainHash;

use super::apply::{self, is_own_fault};
use crate::ledger::DeviceIdentity;
use crate::ledger::posting::{LEFT_OUT, ReadBatch};

/// Records that are posted in one transaction: no batch waits longer for it than for another batch.
const RECORDS_MAX: u32 = 500;

/// Revokes a device, or lets it work again. False where it was so before.
pub(super) fn set_revoked(
    tx: &Connection,
    from: &DeviceIdentity,
    revoked: bool,
    now_us: i64,
) -> rusqlite::Result<bool> {
    let changed = tx.execute(
        "UPDATE device SET revoked_us = ?3 WHERE site = ?1 AND device = ?2 AND (revoked_us IS NULL) = ?4",
        params![from.site, from.device, revoked.then_some(now_us), revoked],
    )?;
    Ok(changed > 0)
}

/// Posts the next records that were set aside, in their order. Each takes a new place in the journal: it counts from now
/// on. Answers how many are left.
pub(super) fn release(tx: &Connection, from: &DeviceIdentity, now_us: i64) -> rusqlite::Result<u64> {
    let Some((batch, received)) = take_out(tx, from)? else {
        return Ok(0);
    };
    tx.execute_batch("SAVEPOINT release")?;
    match apply::post(tx, &batch, 0..batch.records.len(), now_us) {
        Ok(_) => tx.execute_batch("RELEASE release")?,
        Err(error) if is_own_fault(&error) => {
            tx.execute_batch("ROLLBACK TO release; RELEASE release")?;
            apply::post_each_alone(tx, &batch, 0..batch.records.len(), now_us)?;
        }
        Err(error) => return Err(error),
    }
    for (seq, received_us) in received {
        tx.prepare_cached(
            "UPDATE journal SET received_us = ?5 WHERE site = ?1 AND device = ?2 AND epoch = ?3 AND seq = ?4",
        )?
        .execute(params![from.site, from.device, batch.epoch, seq, received_us])?;
    }
    let left = tx.query_row(
        "SELECT count(*) FROM journal WHERE site = ?1 AND device = ?2 AND quarantined = 'revoked'",
        params![from.site, from.device],
        |row| row.get(0),
    )?;
    Ok(left)
}

/// Records of one epoch, and when each came.
type TakenOut = (ReadBatch, Vec<(u64, i64)>);

/// The next records, which are no longer in the journal then. Nothing points to their places.
fn take_out(tx: &Connection, from: &DeviceIdentity) -> rusqlite::Result<Option<TakenOut>> {
    let mut select = tx.prepare_cached(
        "SELECT place, epoch, seq, hash, body, received_us FROM journal
         WHERE site = ?1 AND device = ?2 AND quarantined = 'revoked' ORDER BY place LIMIT ?3",
    )?;
    let mut rows = select.query(params![from.site, from.device, RECORDS_MAX])?;
    let (mut records, mut received, mut places) = (Vec::new(), Vec::new(), Vec::new());
    let mut epoch = None;
    while let Some(row) = rows.next()? {
        let of: u32 = row.get(1)?;
        if *epoch.get_or_insert(of) != of {
            break;
        }
        let (seq, hash): (u64, Vec<u8>) = (row.get(2)?, row.get(3)?);
        let body = String::from_utf8_lossy(row.get_ref(4)?.as_blob()?).into_owned();
        places.push(row.get::<_, i64>(0)?);
        received.push((seq, row.get(5)?));
        records.push((
            seq,
            ChainHash::from_slice(&hash).unwrap_or(ChainHash::START),
            body,
        ));
    }
    drop(rows);
    for place in places {
        tx.prepare_cached("DELETE FROM journal WHERE place = ?1")?
            .execute([place])?;
    }
    Ok(epoch.map(|epoch| (ReadBatch::of_journal(from.clone(), epoch, records), received)))
}

/// Leaves the records out for good: they stay in the journal as they came.
pub(super) fn leave_out(tx: &Connection, from: &DeviceIdentity) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE journal SET quarantined = ?3 WHERE site = ?1 AND device = ?2 AND quarantined = 'revoked'",
        params![from.site, from.device, LEFT_OUT],
    )?;
    Ok(())
}
