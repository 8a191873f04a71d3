//! Devices that are revoked, and what becomes of their records.

use tallyman_floor::wire::chain::ChainHash;

use super::devices;
use super::error::Refused;
use super::take::{Job, Site, take_one};
use super::transaction::Transaction;
use crate::ledger::DeviceIdentity;
use crate::ledger::posting::{LEFT_OUT, ReadBatch};

/// Records that are posted in one transaction. Each is posted by itself, so that one that the database refuses steps
/// aside; more of them would make the batches of the site wait.
const RECORDS_MAX: i64 = 100;

/// Revokes a device, or lets it work again. False where it was so before. Holding the site's row, it comes before a batch
/// or after it.
pub(super) async fn set_revoked(
    tx: &Transaction,
    from: &DeviceIdentity,
    revoked: bool,
    now_us: i64,
) -> Result<bool, Refused> {
    devices::lock(tx, &from.site).await?;
    let changed = tx
        .execute(
            "UPDATE device SET revoked_us = $3 WHERE site = $1 AND device = $2 AND (revoked_us IS NULL) = $4",
            &[&from.site, &from.device, &revoked.then_some(now_us), &revoked],
        )
        .await?;
    Ok(changed > 0)
}

/// Posts the next records that were set aside, in their order; the site's row is held. Each takes a new place in the
/// journal: it counts from now on. Answers how many are left.
pub(super) async fn release(
    tx: &Transaction,
    mut site: Site,
    from: &DeviceIdentity,
    now_us: i64,
) -> Result<i64, Refused> {
    if let Some((batch, received)) = take_out(tx, from).await? {
        let job = Job {
            site: &from.site,
            batches: &[],
            now_us,
            applied_is_stable: false,
        };
        for index in 0..batch.records.len() {
            take_one(tx, &job, &mut site, &batch, index).await?;
        }
        site.keep_numbers(tx, &from.site).await?;
        let (seqs, moments): (Vec<i64>, Vec<i64>) = received.into_iter().unzip();
        tx.execute(
            "UPDATE journal SET received_us = came.received_us
             FROM unnest($4::bigint[], $5::bigint[]) AS came (seq, received_us)
             WHERE site = $1 AND device = $2 AND epoch = $3 AND journal.seq = came.seq",
            &[&from.site, &from.device, &i64::from(batch.epoch), &seqs, &moments],
        )
        .await?;
    }
    let row = tx
        .one(
            "SELECT count(*) FROM journal WHERE site = $1 AND device = $2 AND quarantined = 'revoked'",
            &[&from.site, &from.device],
        )
        .await?;
    Ok(row.try_get(0)?)
}

/// Records of one epoch, and when each came.
type TakenOut = (ReadBatch, Vec<(i64, i64)>);

/// The next records, which are no longer in the journal then. Nothing points to their places.
async fn take_out(tx: &Transaction, from: &DeviceIdentity) -> Result<Option<TakenOut>, Refused> {
    let rows = tx
        .query(
            "SELECT place, epoch, seq, hash, body, received_us FROM journal
             WHERE site = $1 AND device = $2 AND quarantined = 'revoked' ORDER BY place LIMIT $3",
            &[&from.site, &from.device, &RECORDS_MAX],
        )
        .await?;
    let (mut records, mut received, mut places) = (Vec::new(), Vec::new(), Vec::new());
    let mut epoch = None;
    for row in rows {
        let of = u32::try_from(row.try_get::<_, i64>(1)?)?;
        if *epoch.get_or_insert(of) != of {
            break;
        }
        let seq: i64 = row.try_get(2)?;
        let (hash, body): (&[u8], &[u8]) = (row.try_get(3)?, row.try_get(4)?);
        places.push(row.try_get::<_, i64>(0)?);
        received.push((seq, row.try_get(5)?));
        records.push((
            u64::try_from(seq)?,
            ChainHash::from_slice(hash).unwrap_or(ChainHash::START),
            String::from_utf8_lossy(body).into_owned(),
        ));
    }
    tx.execute(
        "DELETE FROM journal WHERE site = $1 AND place = ANY ($2)",
        &[&from.site, &places],
    )
    .await?;
    Ok(epoch.map(|epoch| (ReadBatch::of_journal(from.clone(), epoch, records), received)))
}

/// Leaves the records out for good: they stay in the journal as they came.
pub(super) async fn leave_out(tx: &Transaction, from: &DeviceIdentity) -> Result<(), Refused> {
    tx.execute(
        "UPDATE journal SET quarantined = $3 WHERE site = $1 AND device = $2 AND quarantined = 'revoked'",
        &[&from.site, &from.device, &LEFT_OUT],
    )
    .await?;
    Ok(())
}
