//! Reading which records of a device moved to a later epoch.

use rusqlite::{Connection, params};
use tallyman_floor::wire::v1::MovedRecord;

use crate::ledger::DeviceIdentity;
use crate::ledger::moved::{MOVED_MAX, Origin, origin};

/// The records of a device that were written again in a later epoch.
pub(super) fn records(tx: &Connection, from: &DeviceIdentity) -> rusqlite::Result<Vec<MovedRecord>> {
    let epochs: Vec<u32> = tx
        .prepare_cached(
            "SELECT epoch FROM device_epoch WHERE site = ?1 AND device = ?2 AND applied_seq > 0 ORDER BY epoch",
        )?
        .query_map(params![from.site, from.device], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut moved = Vec::new();
    for epoch in epochs {
        let mut of_epoch = tx.prepare_cached(
            "SELECT seq, body FROM journal WHERE site = ?1 AND device = ?2 AND epoch = ?3 ORDER BY seq",
        )?;
        let mut rows = of_epoch.query(params![from.site, from.device, epoch])?;
        while let Some(row) = rows.next()? {
            match origin(epoch, row.get(0)?, row.get_ref(1)?.as_bytes()?) {
                Origin::Moved(record) if moved.len() < MOVED_MAX => moved.push(record),
                Origin::Moved(_) | Origin::Here => break,
                Origin::Unknown => {}
            }
        }
    }
    Ok(moved)
}
