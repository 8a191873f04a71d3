//! The store's rows for the independent check, and the ledger at one moment.

use futures_util::{TryStreamExt as _, pin_mut};
use tokio_postgres::Row;

use super::error::Refused;
use super::transaction::{Transaction, Values};
use crate::ledger::LedgerError;
use crate::ledger::check::{Check, EntryRow, ProgressRow, RecordRow};
use crate::ledger::proof::{BalanceRow, DeviceMark, LedgerSnapshot, Proof};

const JOURNAL: &str = "
    SELECT place, site, device, epoch, seq, hash, body, quarantined FROM journal
    WHERE site = $1 ORDER BY device, epoch, seq";

const ENTRIES: &str = "
    SELECT site, account, place, item, lot, serial, status, owner, quantity_micro, journal, document, handling_unit
    FROM entry WHERE site = $1";

const BALANCES: &str = "
    SELECT site, account, place, item, lot, serial, status, owner, quantity_micro FROM balance
    WHERE site = $1 AND quantity_micro <> 0";

const PROGRESS: &str = "SELECT site, task, number, quantity_micro, closed FROM line_progress WHERE site = $1";

const MARKS: &str = "SELECT site, device, epoch, applied_seq, stable_seq FROM device_epoch WHERE site = $1";

/// Checks one site after the other, all at one moment: what is in memory is one site's.
pub(super) async fn verify(tx: &Transaction, only: Option<&str>) -> Result<Proof, Refused> {
    // It takes as long as it takes.
    tx.command("SET LOCAL statement_timeout = 0").await?;
    let mut proof = Proof::default();
    let mut found = false;
    for row in tx.query("SELECT site FROM site ORDER BY site", &[]).await? {
        let site: &str = row.try_get(0)?;
        if only.is_none_or(|only| only == site) {
            found = true;
            proof.add(verify_site(tx, site).await?);
        }
    }
    match only {
        Some(only) if !found => Err(LedgerError::UnknownSite(only.to_owned()).into()),
        Some(_) => Ok(proof),
        None => {
            proof.add(super::audit::verify(tx).await?);
            Ok(proof)
        }
    }
}

async fn verify_site(tx: &Transaction, site: &str) -> Result<Proof, Refused> {
    let mut check = Check::default();
    each(tx, JOURNAL, &[&site], |row| {
        check.record(RecordRow {
            place: row.try_get(0)?,
            site: row.try_get(1)?,
            device: row.try_get(2)?,
            epoch: u32::try_from(row.try_get::<_, i64>(3)?)?,
            seq: u64::try_from(row.try_get::<_, i64>(4)?)?,
            hash: row.try_get(5)?,
            body: row.try_get(6)?,
            quarantined: row.try_get(7)?,
        });
        Ok(())
    })
    .await?;
    each(tx, MARKS, &[&site], |row| {
        check.mark(mark(row)?);
        Ok(())
    })
    .await?;
    each(
        tx,
        "SELECT reversal FROM reversal WHERE site = $1",
        &[&site],
        |row| {
            check.reversal(site, row.try_get(0)?);
            Ok(())
        },
    )
    .await?;
    each(tx, ENTRIES, &[&site], |row| {
        check.entry(EntryRow {
            balance: balance_row(row)?,
            journal: row.try_get(9)?,
            document: row.try_get(10)?,
            unit: row.try_get(11)?,
        });
        Ok(())
    })
    .await?;
    each(tx, BALANCES, &[&site], |row| {
        check.balance(balance_row(row)?);
        Ok(())
    })
    .await?;
    each(tx, PROGRESS, &[&site], |row| {
        check.progress(ProgressRow {
            site: row.try_get(0)?,
            task: row.try_get(1)?,
            number: u32::try_from(row.try_get::<_, i64>(2)?)?,
            quantity_micro: row.try_get(3)?,
            closed: row.try_get(4)?,
        });
        Ok(())
    })
    .await?;
    super::units::verify(tx, site, &mut check).await?;
    Ok(check.finish())
}

/// Shows each row to `see`, without having them all in memory.
async fn each(
    tx: &Transaction,
    sql: &'static str,
    values: Values<'_>,
    mut see: impl FnMut(&Row) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let rows = tx.stream(sql, values).await?;
    pin_mut!(rows);
    while let Some(row) = rows.try_next().await? {
        see(&row)?;
    }
    Ok(())
}

pub(super) async fn snapshot(tx: &Transaction) -> Result<LedgerSnapshot, Refused> {
    let mut snapshot = LedgerSnapshot::default();
    for row in tx
        .query(
            "SELECT site, account, place, item, lot, serial, status, owner, quantity_micro FROM balance
             WHERE quantity_micro <> 0 ORDER BY site, account, place, item, lot, serial, status, owner",
            &[],
        )
        .await?
    {
        snapshot.balances.push(balance_row(&row)?);
    }
    snapshot.marks = marks(tx).await?;
    for row in tx
        .query(
            "SELECT site, kind, count(*) FROM exception WHERE state = 'open' GROUP BY site, kind ORDER BY 1, 2",
            &[],
        )
        .await?
    {
        let count = u64::try_from(row.try_get::<_, i64>(2)?)?;
        snapshot
            .exceptions_open
            .push((row.try_get(0)?, row.try_get(1)?, count));
    }
    let row = tx
        .one(
            "SELECT (SELECT count(*) FROM exception), (SELECT count(*) FROM journal)",
            &[],
        )
        .await?;
    snapshot.exceptions_total = u64::try_from(row.try_get::<_, i64>(0)?)?;
    snapshot.records = u64::try_from(row.try_get::<_, i64>(1)?)?;
    Ok(snapshot)
}

fn balance_row(row: &Row) -> Result<BalanceRow, Refused> {
    Ok(BalanceRow {
        site: row.try_get(0)?,
        account: row.try_get(1)?,
        place: row.try_get(2)?,
        item: row.try_get(3)?,
        lot: row.try_get(4)?,
        serial: row.try_get(5)?,
        status: row.try_get(6)?,
        owner: row.try_get(7)?,
        quantity_micro: row.try_get(8)?,
    })
}

/// Every device's marks.
pub(super) async fn marks(tx: &Transaction) -> Result<Vec<DeviceMark>, Refused> {
    let rows = tx
        .query(
            "SELECT site, device, epoch, applied_seq, stable_seq FROM device_epoch ORDER BY 1, 2, 3",
            &[],
        )
        .await?;
    rows.iter().map(mark).collect()
}

pub(super) fn mark(row: &Row) -> Result<DeviceMark, Refused> {
    Ok(DeviceMark {
        site: row.try_get(0)?,
        device: row.try_get(1)?,
        epoch: u32::try_from(row.try_get::<_, i64>(2)?)?,
        applied_seq: u64::try_from(row.try_get::<_, i64>(3)?)?,
        stable_seq: u64::try_from(row.try_get::<_, i64>(4)?)?,
    })
}
