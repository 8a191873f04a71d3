//! Reading which records of a device moved to a later epoch.

use tallyman_floor::wire::v1::MovedRecord;

use super::error::Refused;
use super::transaction::Transaction;
use crate::ledger::DeviceIdentity;
use crate::ledger::moved::{MOVED_MAX, Origin, origin};

/// Records read in one go.
const ROWS_MAX: i64 = 500;

/// The records of a device that were written again in a later epoch.
pub(super) async fn records(tx: &Transaction, from: &DeviceIdentity) -> Result<Vec<MovedRecord>, Refused> {
    let epochs = tx
        .query(
            "SELECT epoch FROM device_epoch WHERE site = $1 AND device = $2 AND applied_seq > 0 ORDER BY epoch",
            &[&from.site, &from.device],
        )
        .await?;
    let mut moved = Vec::new();
    for row in epochs {
        of_epoch(tx, from, row.try_get(0)?, &mut moved).await?;
    }
    Ok(moved)
}

async fn of_epoch(
    tx: &Transaction,
    from: &DeviceIdentity,
    epoch: i64,
    moved: &mut Vec<MovedRecord>,
) -> Result<(), Refused> {
    let mut after: i64 = 0;
    loop {
        let rows = tx
            .query(
                "SELECT seq, body FROM journal WHERE site = $1 AND device = $2 AND epoch = $3 AND seq > $4
                 ORDER BY seq LIMIT $5",
                &[&from.site, &from.device, &epoch, &after, &ROWS_MAX],
            )
            .await?;
        for row in &rows {
            after = row.try_get(0)?;
            match origin(u32::try_from(epoch)?, u64::try_from(after)?, row.try_get(1)?) {
                Origin::Moved(record) if moved.len() < MOVED_MAX => moved.push(record),
                Origin::Moved(_) | Origin::Here => return Ok(()),
                Origin::Unknown => {}
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}
