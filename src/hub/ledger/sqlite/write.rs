//! Writing what posting came to.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::Quantity;

use super::change::ChangeCounter;
use super::devices;
use crate::ledger::posting::{Cause, ExceptionRow, Marks, Numbers, ReadBatch, Rows};

/// The last numbers that are given away. SQLite keeps them for tables whose key is AUTOINCREMENT.
pub(super) fn numbers(tx: &Connection) -> rusqlite::Result<Numbers> {
    let last = |table: &str| -> rusqlite::Result<i64> {
        let number = tx
            .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = ?1")?
            .query_row([table], |row| row.get(0))
            .optional()?;
        Ok(number.unwrap_or(0))
    };
    Ok(Numbers {
        journal: last("journal")?,
        entry: last("entry")?,
        exception: last("exception")?,
    })
}

/// Writes rows of one site.
pub(super) fn write(tx: &Connection, site: &str, now_us: i64, rows: &Rows<'_>) -> rusqlite::Result<()> {
    write_journal(tx, site, now_us, rows)?;
    write_entries(tx, site, rows)?;
    write_balances(tx, site, rows)?;
    super::units::write(tx, site, now_us, rows)?;
    write_progress(tx, site, rows)?;
    for (original, reversal) in &rows.reversals {
        tx.prepare_cached("INSERT INTO reversal (original, reversal) VALUES (?1, ?2)")?
            .execute(params![original, reversal])?;
    }
    for place in &rows.withdrawn {
        tx.prepare_cached(
            "UPDATE exception SET state = 'withdrawn', resolved_us = ?2 WHERE journal = ?1 AND state = 'open'",
        )?
        .execute(params![place, now_us])?;
    }
    for (device, count) in &rows.set_aside {
        tx.prepare_cached(
            "UPDATE exception SET found_micro = found_micro + ?3 * 1000000
             WHERE site = ?1 AND device = ?2 AND kind = 'revoked' AND state = 'open'",
        )?
        .execute(params![site, device, count])?;
    }
    for (number, row) in rows.exceptions() {
        write_exception(tx, site, now_us, number, row)?;
    }
    super::claims::write(tx, site, now_us, rows)?;
    write_started(tx, site, now_us, rows)?;
    write_tasks(tx, site, now_us, rows)?;
    write_counts(tx, site, rows)?;
    write_links(tx, site, rows)
}

/// Counts of locations that ended, or were taken back.
fn write_counts(tx: &Connection, site: &str, rows: &Rows<'_>) -> rusqlite::Result<()> {
    for row in &rows.counted {
        tx.prepare_cached(
            "INSERT OR REPLACE INTO location_count (site, task, number, location, item, journal, device, worker)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            site,
            row.task,
            row.line,
            row.location,
            row.item,
            row.journal,
            row.device,
            row.worker
        ])?;
    }
    for row in &rows.uncounted {
        tx.prepare_cached(
            "DELETE FROM location_count
             WHERE site = ?1 AND task = ?2 AND number = ?3 AND location = ?4 AND journal = ?5",
        )?
        .execute(params![site, row.task, row.line, row.location, row.journal])?;
    }
    Ok(())
}

/// Tasks that the floor began. Their numbers of change come with [`write_tasks`].
fn write_started(tx: &Connection, site: &str, now_us: i64, rows: &Rows<'_>) -> rusqlite::Result<()> {
    let now = Timestamp::from_microsecond(now_us).unwrap_or_default();
    for task in &rows.started {
        super::master::put_new_task(tx, site, task, now)?;
    }
    Ok(())
}

/// Codes that the floor linked, or whose link it took back. Their items are told to devices anew.
fn write_links(tx: &Connection, site: &str, rows: &Rows<'_>) -> rusqlite::Result<()> {
    if rows.linked.is_empty() && rows.unlinked.is_empty() {
        return Ok(());
    }
    let mut counter = ChangeCounter::open(tx, site)?;
    for link in &rows.linked {
        // The first link of a code holds until a supervisor says otherwise.
        tx.prepare_cached(
            "INSERT INTO linked_code (site, code, item, unit, pack_micro, journal) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            site,
            link.code,
            link.item,
            link.unit,
            link.pack_micro,
            link.journal
        ])?;
    }
    for link in &rows.unlinked {
        tx.prepare_cached("DELETE FROM linked_code WHERE site = ?1 AND code = ?2 AND journal = ?3")?
            .execute(params![site, link.code, link.journal])?;
    }
    for link in rows.linked.iter().chain(&rows.unlinked) {
        tx.prepare_cached("UPDATE item SET change_seq = ?3 WHERE site = ?1 AND item = ?2")?
            .execute(params![site, link.item, counter.next()])?;
    }
    counter.close()
}

fn write_journal(tx: &Connection, site: &str, now_us: i64, rows: &Rows<'_>) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO journal (place, site, device, epoch, seq, hash, body, received_us, quarantined)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (place, row) in rows.places() {
        insert.execute(params![
            place,
            site,
            row.from.device,
            row.epoch,
            row.record.seq,
            row.record.hash_bytes(),
            row.record.body_bytes(),
            now_us,
            row.quarantined
        ])?;
    }
    for fork in &rows.forks {
        tx.prepare_cached("INSERT OR IGNORE INTO fork VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![
                site,
                fork.from.device,
                fork.epoch,
                fork.record.seq,
                fork.record.hash_text.as_bytes(),
                fork.record.body_bytes(),
                now_us
            ])?;
    }
    Ok(())
}

fn write_entries(tx: &Connection, site: &str, rows: &Rows<'_>) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO entry (entry, site, journal, document, account, place, item, lot, serial, expiry, handling_unit,
                            status, owner, quantity_micro)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    for entry in rows.entries() {
        let (journal, document) = match entry.cause {
            Cause::Journal(place) => (Some(place), None),
            Cause::Document(document) => (None, Some(document)),
        };
        let stock = &entry.pair.stock;
        insert.execute(params![
            entry.number,
            site,
            journal,
            document,
            entry.account.kind.word(),
            entry.account.place,
            stock.item,
            stock.lot,
            stock.serial,
            stock.expiry,
            stock.handling_unit,
            stock.status,
            stock.owner,
            entry.quantity_micro
        ])?;
    }
    Ok(())
}

fn write_balances(tx: &Connection, site: &str, rows: &Rows<'_>) -> rusqlite::Result<()> {
    let mut add = tx.prepare_cached(
        "INSERT INTO balance (site, account, place, item, lot, serial, status, owner, quantity_micro)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT DO UPDATE SET quantity_micro = quantity_micro + excluded.quantity_micro",
    )?;
    for (key, sum) in &rows.balances {
        let micro = stored_micro(*sum)?;
        add.execute(params![
            site,
            key.account.kind.word(),
            key.account.place,
            key.item,
            key.lot,
            key.serial,
            key.status,
            key.owner,
            micro
        ])?;
    }
    Ok(())
}

/// A sum as it is stored; an error where it is beyond what a column holds.
pub(super) fn stored_micro(sum: i128) -> rusqlite::Result<i64> {
    i64::try_from(sum).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn write_progress(tx: &Connection, site: &str, rows: &Rows<'_>) -> rusqlite::Result<()> {
    let mut put = tx.prepare_cached(
        "INSERT INTO line_progress (site, task, number, quantity_micro, closed, last_device, shared, late_micro,
                                    awaited)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT DO UPDATE SET quantity_micro = excluded.quantity_micro, closed = excluded.closed,
                                   last_device = excluded.last_device, shared = excluded.shared,
                                   late_micro = excluded.late_micro, awaited = excluded.awaited",
    )?;
    for ((task, number), progress) in &rows.progress {
        put.execute(params![
            site,
            task,
            number,
            progress.quantity_micro,
            progress.closed,
            progress.last_device,
            progress.shared,
            progress.late_micro,
            progress.awaited
        ])?;
    }
    Ok(())
}

/// Gives each task that was worked on a new number, so that devices hear of it.
fn write_tasks(tx: &Connection, site: &str, now_us: i64, rows: &Rows<'_>) -> rusqlite::Result<()> {
    if rows.tasks.is_empty() {
        return Ok(());
    }
    let mut counter = ChangeCounter::open(tx, site)?;
    for (task, state) in &rows.tasks {
        tx.prepare_cached(
            "UPDATE task SET change_seq = ?3, state = coalesce(?4, state),
                             changed_us = CASE WHEN ?4 IS NULL THEN changed_us ELSE ?5 END
             WHERE site = ?1 AND task = ?2",
        )?
        .execute(params![site, task, counter.next(), state, now_us])?;
    }
    counter.close()
}

fn write_exception(
    tx: &Connection,
    site: &str,
    now_us: i64,
    number: i64,
    row: &ExceptionRow,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO exception (exception, site, kind, state, raised_us, journal, device, worker, task, line, location,
                                item, lot, serial, found_micro, wanted_micro, reason, message, resolution, resolved_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, '', ?19)",
    )?
    .execute(params![
        number,
        site,
        row.kind.word(),
        row.state(),
        now_us,
        row.journal,
        row.device,
        row.worker,
        row.task,
        row.line,
        row.location,
        row.item,
        row.lot,
        row.serial,
        row.found.map(Quantity::micro),
        row.wanted.map(Quantity::micro),
        row.reason,
        row.message,
        row.withdrawn.then_some(now_us)
    ])?;
    Ok(())
}

/// Writes the marks of devices, and what they said about themselves with their batches.
pub(super) fn contacts<'a>(
    tx: &Connection,
    now_us: i64,
    moved: impl Iterator<Item = (&'a ReadBatch, &'a Marks)>,
) -> rusqlite::Result<()> {
    let mut update = tx.prepare_cached(
        "UPDATE device_epoch SET applied_seq = ?4, stable_seq = ?5, last_hash = ?6, forked = ?7
         WHERE site = ?1 AND device = ?2 AND epoch = ?3",
    )?;
    for (batch, marks) in moved {
        update.execute(params![
            batch.from.site,
            batch.from.device,
            batch.epoch,
            marks.applied_seq,
            marks.stable_seq,
            marks.last_hash.as_bytes(),
            marks.forked
        ])?;
        devices::note_contact(tx, batch, marks, now_us)?;
    }
    Ok(())
}
