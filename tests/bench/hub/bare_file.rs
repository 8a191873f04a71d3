//! The yardstick on SQLite: the rows of the hub's transactions, written by the same writer with prepared statements, and
//! nothing read or thought.

use std::path::Path;

use rusqlite::{Connection, params};
use tallyman_hub::ledger::sqlite;
use tallyman_platform::sqlite::{Database, Writer};

use super::turns::{EntryRow, JournalRow, SUMS, Sums, Turn};

/// A copy of the hub's store, as it was before the first round.
pub struct BareFile {
    writer: Writer,
}

impl BareFile {
    pub fn open(path: &Path) -> Self {
        let database = Database::open(path, &sqlite::options()).expect("the copied store");
        let writer = Writer::spawn(database, (), &sqlite::writer_options()).expect("a writer");
        Self { writer }
    }

    /// Writes these transactions, one commit for each.
    pub async fn write(&self, site: &str, turns: Vec<Turn>) {
        for turn in turns {
            let site = site.to_owned();
            let written = self.writer.run(move |tx| write(tx, &site, &turn));
            written.await.expect("written");
        }
    }
}

fn write(tx: &Connection, site: &str, turn: &Turn) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO journal (place, site, device, epoch, seq, hash, body, received_us, quarantined)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for row in &turn.journal {
        insert.execute(params![
            row.place,
            site,
            row.device,
            row.epoch,
            row.seq,
            row.hash,
            row.body,
            row.received_us,
            ""
        ])?;
    }
    write_entries(tx, site, turn)?;
    write_sums(tx, site, turn)?;
    write_devices(tx, site, turn)
}

fn write_entries(tx: &Connection, site: &str, turn: &Turn) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO entry (entry, site, journal, document, account, place, item, lot, serial, expiry, handling_unit,
                            status, owner, quantity_micro)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    for row in &turn.entries {
        let [account, place, item, lot, serial, status, owner] = &row.key;
        insert.execute(params![
            row.entry,
            site,
            row.journal,
            None::<i64>,
            account,
            place,
            item,
            lot,
            serial,
            row.expiry,
            row.handling_unit,
            status,
            owner,
            row.quantity_micro
        ])?;
    }
    Ok(())
}

fn write_sums(tx: &Connection, site: &str, turn: &Turn) -> rusqlite::Result<()> {
    let mut add = tx.prepare_cached(
        "INSERT INTO balance (site, account, place, item, lot, serial, status, owner, quantity_micro)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT DO UPDATE SET quantity_micro = quantity_micro + excluded.quantity_micro",
    )?;
    for ([account, place, item, lot, serial, status, owner], micro) in &turn.balances {
        add.execute(params![
            site, account, place, item, lot, serial, status, owner, micro
        ])?;
    }
    let mut put = tx.prepare_cached(
        "INSERT INTO line_progress (site, task, number, quantity_micro, closed, last_device, shared)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET quantity_micro = excluded.quantity_micro, closed = excluded.closed,
                                   last_device = excluded.last_device, shared = excluded.shared",
    )?;
    for ((task, line), progress) in &turn.progress {
        put.execute(params![
            site,
            task,
            line,
            progress.quantity_micro,
            false,
            progress.device,
            false
        ])?;
    }
    let mut reverse = tx.prepare_cached("INSERT INTO reversal (original, reversal) VALUES (?1, ?2)")?;
    for (original, reversal) in &turn.reversals {
        reverse.execute([original, reversal])?;
    }
    Ok(())
}

fn write_devices(tx: &Connection, site: &str, turn: &Turn) -> rusqlite::Result<()> {
    let mut change = tx.prepare_cached(
        "UPDATE task SET change_seq = ?3, state = coalesce(?4, state),
                         changed_us = CASE WHEN ?4 IS NULL THEN changed_us ELSE ?5 END
         WHERE site = ?1 AND task = ?2",
    )?;
    // Any number that was not there serves; the hub's own would have to be read.
    for (number, (task, closed)) in (turn.journal[0].place + (1 << 40)..).zip(&turn.tasks) {
        change.execute(params![site, task, number, closed.then_some("done"), turn.now_us])?;
    }
    tx.prepare_cached("UPDATE site SET change_seq = ?2 WHERE site = ?1")?
        .execute(params![site, turn.journal[0].place + (1 << 41)])?;
    let mut mark = tx.prepare_cached(
        "UPDATE device_epoch SET applied_seq = ?4, last_hash = ?5, forked = ?6
         WHERE site = ?1 AND device = ?2 AND epoch = ?3",
    )?;
    let mut note = tx.prepare_cached(
        "UPDATE device SET contact_us = ?3, version = ?4, waiting = ?5, worker = ?6, open_task = ?7, scanners = ?8,
                           wall_us = ?9
         WHERE site = ?1 AND device = ?2",
    )?;
    for contact in &turn.contacts {
        mark.execute(params![
            site,
            contact.device,
            contact.epoch,
            contact.seq,
            contact.hash,
            false
        ])?;
        note.execute(params![
            site,
            contact.device,
            turn.now_us,
            "0.1.0",
            1,
            "ANNA",
            "P-000-00000",
            "[\"zebra_ssi on /dev/ttyACM0: ready\"]",
            turn.now_us
        ])?;
    }
    Ok(())
}

/// What the hub wrote after these numbers.
pub fn read(path: &Path, journal: i64, entry: i64) -> (Vec<JournalRow>, Vec<EntryRow>) {
    let connection = Connection::open(path).expect("the hub's store");
    let journal = connection
        .prepare("SELECT place, device, epoch, seq, hash, body, received_us FROM journal WHERE place > ?1 ORDER BY place")
        .expect("a statement")
        .query_map([journal], |row| {
            Ok(JournalRow {
                place: row.get(0)?,
                device: row.get(1)?,
                epoch: row.get(2)?,
                seq: row.get(3)?,
                hash: row.get(4)?,
                body: row.get(5)?,
                received_us: row.get(6)?,
            })
        })
        .expect("rows")
        .collect::<rusqlite::Result<_>>()
        .expect("rows");
    let entries = connection
        .prepare(
            "SELECT entry, journal, account, place, item, lot, serial, status, owner, expiry, handling_unit, quantity_micro
             FROM entry WHERE entry > ?1 AND journal IS NOT NULL ORDER BY entry",
        )
        .expect("a statement")
        .query_map([entry], |row| {
            let mut key: [String; 7] = Default::default();
            for (index, text) in key.iter_mut().enumerate() {
                *text = row.get(index + 2)?;
            }
            Ok(EntryRow {
                entry: row.get(0)?,
                journal: row.get(1)?,
                key,
                expiry: row.get(9)?,
                handling_unit: row.get(10)?,
                quantity_micro: row.get(11)?,
            })
        })
        .expect("rows")
        .collect::<rusqlite::Result<_>>()
        .expect("rows");
    (journal, entries)
}

/// What a store comes to, to compare.
pub fn sums(path: &Path) -> Sums {
    let connection = Connection::open(path).expect("a store");
    let sum = |(table, sql): &(&str, &str)| {
        let figures: (i64, Option<i64>) = connection
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("sums");
        ((*table).to_owned(), format!("{figures:?}"))
    };
    SUMS.iter().map(sum).collect()
}

/// Bytes of each table with its indexes, by SQLite's own count.
pub fn sizes(path: &Path) -> Vec<(String, i64)> {
    let connection = Connection::open(path).expect("a store");
    let mut statement = connection
        .prepare("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 1")
        .expect("SQLite counts its pages");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.expect("sizes")
        .collect::<rusqlite::Result<_>>()
        .expect("sizes")
}
