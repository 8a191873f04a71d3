//! Stable marks: telling devices what they may drop one day, because the database and a copy of it hold it.
//!
//! A mark may only say what a copy holds. So the marks are read first, and moved to what was read when it is known that
//! a copy made after that moment is good: by a command that made or checked one, or by replicas that have flushed the
//! write-ahead log up to where it stood.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::error::Refused;
use super::transaction::{Mode, Transaction};
use super::{PostgresLedger, devices, verify};
use crate::ledger::LedgerError;
use crate::ledger::proof::DeviceMark;

/// Marks as they stood at one moment, to be called stable once a copy holds that moment.
#[derive(Debug, Clone)]
pub struct Moment {
    /// The life they belong to: another one has forgotten some of it.
    pub generation: String,
    /// The marks that are ahead of what is stable.
    marks: Vec<DeviceMark>,
    /// Where the write-ahead log stood after they were read, in bytes.
    log_bytes: i64,
}

impl Moment {
    /// Devices whose marks would move.
    pub fn devices(&self) -> usize {
        self.marks.len()
    }
}

const AHEAD: &str = "
    SELECT site, device, epoch, applied_seq, stable_seq FROM device_epoch WHERE applied_seq > stable_seq
    ORDER BY site, device, epoch";

/// Logical subscribers hold rows of theirs, no copy of this database.
const REPLICAS: &str = "
    SELECT count(*) FILTER (WHERE (flush_lsn - '0/0'::pg_lsn)::bigint >= $1), count(*) FILTER (WHERE flush_lsn IS NULL)
    FROM pg_stat_replication
    WHERE state = 'streaming'
      AND pid NOT IN (SELECT active_pid FROM pg_replication_slots WHERE slot_type = 'logical' AND active_pid IS NOT NULL)";

const MOVE: &str = "
    UPDATE device_epoch SET stable_seq = row.seq
    FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS row (device, epoch, seq)
    WHERE device_epoch.site = $1 AND device_epoch.device = row.device AND device_epoch.epoch = row.epoch
      AND stable_seq < row.seq AND row.seq <= applied_seq";

/// What replicas have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Replicas {
    /// So many have flushed the log up to the moment.
    pub(super) hold: i64,
    /// Of so many this role may not see how far they are.
    pub(super) hidden: i64,
}

impl PostgresLedger {
    /// The marks as they stand now.
    ///
    /// # Errors
    /// Why the database does not answer.
    pub async fn moment(&self) -> Result<Moment, LedgerError> {
        let tx = self.pools.begin(Mode::Read).await?;
        let read = read_moment(&tx).await;
        tx.roll_back().await;
        Ok(read?)
    }

    /// Moves the stable marks to a moment that a copy holds, and notes the copy. Gives how many have moved.
    ///
    /// # Errors
    /// Why the database does not take it, or that another life has begun since the moment.
    pub async fn mark_stable(&self, moment: &Moment, copy: &str, now: Timestamp) -> Result<u64, LedgerError> {
        let mut by_site: BTreeMap<&str, Vec<&DeviceMark>> = BTreeMap::new();
        for mark in &moment.marks {
            by_site.entry(&mark.site).or_default().push(mark);
        }
        let mut moved = 0;
        for (site, marks) in by_site {
            let tx = self.pools.begin(Mode::Write).await?;
            match move_site(&tx, site, &marks, &moment.generation).await {
                Ok(count) => {
                    tx.commit().await?;
                    moved += count;
                }
                Err(refused) => {
                    tx.roll_back().await;
                    return Err(refused.into());
                }
            }
        }
        let tx = self.pools.begin(Mode::Write).await?;
        tx.execute(
            "UPDATE hub SET backup_us = $1, backup_file = $2",
            &[&now.as_microsecond(), &copy],
        )
        .await
        .map_err(Refused::from)?;
        tx.commit().await?;
        Ok(moved)
    }

    /// How many replicas hold a moment.
    pub(super) async fn replicas(&self, moment: &Moment) -> Result<Replicas, LedgerError> {
        let tx = self.pools.begin(Mode::Read).await?;
        let row = tx.one(REPLICAS, &[&moment.log_bytes]).await;
        tx.roll_back().await;
        let row = row.map_err(Refused::from)?;
        let count = |column: usize| row.try_get(column).map_err(Refused::from);
        Ok(Replicas {
            hold: count(0)?,
            hidden: count(1)?,
        })
    }
}

async fn read_moment(tx: &Transaction) -> Result<Moment, Refused> {
    let rows = tx.query(AHEAD, &[]).await?;
    let marks = rows.iter().map(verify::mark).collect::<Result<_, Refused>>()?;
    // After the marks: whatever they saw was in the log before it stood here.
    let row = tx
        .one(
            "SELECT generation, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint FROM hub",
            &[],
        )
        .await?;
    Ok(Moment {
        generation: row.try_get(0)?,
        log_bytes: row.try_get(1)?,
        marks,
    })
}

async fn move_site(
    tx: &Transaction,
    site: &str,
    marks: &[&DeviceMark],
    generation: &str,
) -> Result<u64, Refused> {
    let locked = devices::lock(tx, site).await?;
    if locked.generation != generation {
        return Err(LedgerError::Backup {
            file: "made".to_owned(),
            cause: "another life of the database has begun meanwhile".to_owned(),
        }
        .into());
    }
    let devices: Vec<&str> = marks.iter().map(|mark| mark.device.as_str()).collect();
    let epochs: Vec<i64> = marks.iter().map(|mark| i64::from(mark.epoch)).collect();
    let seqs = marks
        .iter()
        .map(|mark| i64::try_from(mark.applied_seq))
        .collect::<Result<Vec<i64>, _>>()?;
    Ok(tx.execute(MOVE, &[&site, &devices, &epochs, &seqs]).await?)
}
