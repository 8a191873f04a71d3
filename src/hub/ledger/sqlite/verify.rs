//! The store's rows for the independent check, and the ledger at one moment.

use rusqlite::{Connection, Row};

use crate::ledger::check::{Check, EntryRow, ProgressRow, RecordRow};
use crate::ledger::proof::{BalanceRow, DeviceMark, LedgerSnapshot, Proof};

pub(super) fn verify(tx: &Connection) -> rusqlite::Result<Proof> {
    let mut check = Check::default();
    each(
        tx,
        "SELECT place, site, device, epoch, seq, hash, body, quarantined FROM journal ORDER BY site, device, epoch, seq",
        |row| {
            check.record(RecordRow {
                place: row.get(0)?,
                site: row.get(1)?,
                device: row.get(2)?,
                epoch: row.get(3)?,
                seq: row.get(4)?,
                hash: row.get_ref(5)?.as_blob()?,
                body: row.get_ref(6)?.as_blob()?,
                quarantined: row.get(7)?,
            });
            Ok(())
        },
    )?;
    marks(tx)?.into_iter().for_each(|mark| check.mark(mark));
    each(
        tx,
        "SELECT journal.site, reversal FROM reversal JOIN journal ON journal.place = reversal",
        |row| {
            check.reversal(&row.get::<_, String>(0)?, row.get(1)?);
            Ok(())
        },
    )?;
    each(
        tx,
        "SELECT site, account, place, item, lot, serial, status, owner, quantity_micro, journal, document, handling_unit FROM entry",
        |row| {
            check.entry(EntryRow {
                balance: balance_row(row)?,
                journal: row.get(9)?,
                document: row.get(10)?,
                unit: row.get(11)?,
            });
            Ok(())
        },
    )?;
    balances(tx)?.into_iter().for_each(|row| check.balance(row));
    each(
        tx,
        "SELECT site, task, number, quantity_micro, closed FROM line_progress",
        |row| {
            check.progress(ProgressRow {
                site: row.get(0)?,
                task: row.get(1)?,
                number: row.get(2)?,
                quantity_micro: row.get(3)?,
                closed: row.get(4)?,
            });
            Ok(())
        },
    )?;
    super::units::verify(tx, &mut check)?;
    let mut proof = check.finish();
    proof.add(super::audit::verify(tx)?);
    Ok(proof)
}

fn each(
    tx: &Connection,
    sql: &str,
    mut see: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = tx.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        see(row)?;
    }
    Ok(())
}

pub(super) fn snapshot(tx: &Connection) -> rusqlite::Result<LedgerSnapshot> {
    Ok(LedgerSnapshot {
        balances: balances(tx)?,
        marks: marks(tx)?,
        exceptions_open: tx
            .prepare("SELECT site, kind, count(*) FROM exception WHERE state = 'open' GROUP BY site, kind ORDER BY 1, 2")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?,
        exceptions_total: tx.query_row("SELECT count(*) FROM exception", [], |row| row.get(0))?,
        records: tx.query_row("SELECT count(*) FROM journal", [], |row| row.get(0))?,
    })
}

fn balances(tx: &Connection) -> rusqlite::Result<Vec<BalanceRow>> {
    tx.prepare(
        "SELECT site, account, place, item, lot, serial, status, owner, quantity_micro FROM balance
         WHERE quantity_micro <> 0 ORDER BY site, account, place, item, lot, serial, status, owner",
    )?
    .query_map([], balance_row)?
    .collect()
}

fn balance_row(row: &Row<'_>) -> rusqlite::Result<BalanceRow> {
    Ok(BalanceRow {
        site: row.get(0)?,
        account: row.get(1)?,
        place: row.get(2)?,
        item: row.get(3)?,
        lot: row.get(4)?,
        serial: row.get(5)?,
        status: row.get(6)?,
        owner: row.get(7)?,
        quantity_micro: row.get(8)?,
    })
}

pub(super) fn marks(tx: &Connection) -> rusqlite::Result<Vec<DeviceMark>> {
    tx.prepare("SELECT site, device, epoch, applied_seq, stable_seq FROM device_epoch ORDER BY 1, 2, 3")?
        .query_map([], |row| {
            Ok(DeviceMark {
                site: row.get(0)?,
                device: row.get(1)?,
                epoch: row.get(2)?,
                applied_seq: row.get(3)?,
                stable_seq: row.get(4)?,
            })
        })?
        .collect()
}
