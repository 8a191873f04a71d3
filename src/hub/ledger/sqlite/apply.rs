//! Taking a batch: one transaction that skips what is known, journals the rest, posts it, and moves the mark.

use std::collections::HashMap;
use std::ops::Range;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::Outcome;

use super::{devices, excerpt, write};
use crate::ledger::posting::{
    Aside, Earlier, Excerpt, ForkRow, Hold, Marks, Posting, Prepared, ReadBatch, Rows, Sifted, Standing,
    outcome,
};
use crate::ledger::{DeviceIdentity, Taken};

/// How carefully a batch is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Straight on: an error of the database takes the whole batch back.
    Plain,
    /// Each record behind a savepoint; one that the database refuses is kept as it came and steps aside.
    EachAlone,
}

pub(super) fn take_batch(
    tx: &Connection,
    batch: &ReadBatch,
    now: Timestamp,
    care: Care,
) -> rusqlite::Result<Taken> {
    let from = &batch.from;
    let now_us = now.as_microsecond();
    let standing = standing(tx, batch)?;
    let sifted = standing.sift(batch);
    let mut marks = standing.marks.clone();
    let mut outcomes = sifted.repeated.clone();
    if let Some(first) = sifted.second_story {
        write::write(
            tx,
            &from.site,
            now_us,
            &second_story(tx, batch, &standing, first)?,
        )?;
        marks.forked = true;
    }
    if let Some(last) = batch.records.get(sifted.new.clone()).and_then(<[_]>::last) {
        outcomes.extend(match care {
            _ if standing.hold != Hold::None => {
                set_all_aside(tx, batch, sifted.new.clone(), standing.hold, now_us)?
            }
            Care::Plain => post(tx, batch, sifted.new.clone(), now_us)?,
            Care::EachAlone => post_each_alone(tx, batch, sifted.new.clone(), now_us)?,
        });
        marks.applied_seq = last.seq;
        marks.last_hash = last.hash;
    }
    write::marks(tx, from, batch.epoch, &marks)?;
    devices::note_contact(tx, batch, now_us)?;
    Ok(taken(batch, &marks, &sifted, outcomes))
}

fn taken(batch: &ReadBatch, marks: &Marks, sifted: &Sifted, outcomes: Vec<Outcome>) -> Taken {
    Taken {
        generation: String::new(),
        epoch: batch.epoch,
        applied_seq: marks.applied_seq,
        stable_seq: marks.stable_seq,
        expected_seq: sifted.expected_seq,
        fork: sifted.second_story.is_some(),
        outcomes,
        new_records: sifted.new.len(),
    }
}

/// Posts the new records in one go.
pub(super) fn post(
    tx: &Connection,
    batch: &ReadBatch,
    new: Range<usize>,
    now_us: i64,
) -> rusqlite::Result<Vec<Outcome>> {
    let (excerpt, prepared) = excerpt::read(tx, batch, new)?;
    let mut posting = Posting::begin(excerpt, write::numbers(tx)?);
    let outcomes = prepared
        .into_iter()
        .filter_map(|prepared| posting.take(prepared))
        .collect();
    write::write(tx, &batch.from.site, now_us, &posting.finish())?;
    Ok(outcomes)
}

/// Journals the new records of a device that is revoked.
fn set_all_aside(
    tx: &Connection,
    batch: &ReadBatch,
    new: Range<usize>,
    hold: Hold,
    now_us: i64,
) -> rusqlite::Result<Vec<Outcome>> {
    let from = &batch.from;
    let mut posting = Posting::begin(Excerpt::default(), write::numbers(tx)?);
    let records = batch.records.get(new).unwrap_or_default().iter();
    let records = records.map(|record| Prepared::plain(from, batch.epoch, record));
    let outcomes = posting.set_aside(&from.device, hold, records);
    write::write(tx, &from.site, now_us, &posting.finish())?;
    Ok(outcomes)
}

/// Posts each new record by itself: what the database refuses steps aside.
pub(super) fn post_each_alone(
    tx: &Connection,
    batch: &ReadBatch,
    new: Range<usize>,
    now_us: i64,
) -> rusqlite::Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for index in new {
        tx.execute_batch("SAVEPOINT record")?;
        match post(tx, batch, index..index + 1, now_us) {
            Ok(told) => {
                tx.execute_batch("RELEASE record")?;
                outcomes.extend(told);
            }
            Err(error) if is_own_fault(&error) => {
                tx.execute_batch("ROLLBACK TO record; RELEASE record")?;
                outcomes.extend(set_aside(tx, batch, index, now_us, &Aside::ledger(error))?);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(outcomes)
}

fn set_aside(
    tx: &Connection,
    batch: &ReadBatch,
    index: usize,
    now_us: i64,
    aside: &Aside,
) -> rusqlite::Result<Option<Outcome>> {
    let Some(record) = batch.records.get(index) else {
        return Ok(None);
    };
    let mut posting = Posting::begin(Excerpt::default(), write::numbers(tx)?);
    let prepared = Prepared::plain(&batch.from, batch.epoch, record);
    let told = posting.take_aside(&prepared, aside.clone());
    write::write(tx, &batch.from.site, now_us, &posting.finish())?;
    Ok(told)
}

/// Whether an error lies in what was to be stored, and not in the disk or the database.
pub(super) fn is_own_fault(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{ConstraintViolation, TooBig, TypeMismatch};
    match error.sqlite_error_code() {
        Some(code) => matches!(code, ConstraintViolation | TypeMismatch | TooBig),
        // rusqlite's own refusals to convert a value.
        None => true,
    }
}

/// The device's journal is not the one the hub has: keep what it says now, and take nothing more in this epoch.
fn second_story<'a>(
    tx: &Connection,
    batch: &'a ReadBatch,
    standing: &Standing,
    first: usize,
) -> rusqlite::Result<Rows<'a>> {
    let from = &batch.from;
    let kept: u64 = tx
        .prepare_cached("SELECT count(*) FROM fork WHERE site = ?1 AND device = ?2")?
        .query_row(params![from.site, from.device], |row| row.get(0))?;
    let records = standing.to_keep(batch, first, kept).map(|record| ForkRow {
        from,
        epoch: batch.epoch,
        record,
    });
    let mut posting = Posting::begin(Excerpt::default(), write::numbers(tx)?);
    posting.fork(&from.device, records, !standing.marks.forked);
    Ok(posting.finish())
}

/// Where the hub stands with the sender. An epoch the hub does not know starts at nothing: a hub that was restored is
/// refilled by its devices.
fn standing(tx: &Connection, batch: &ReadBatch) -> rusqlite::Result<Standing> {
    let marks = match read_marks(tx, &batch.from, batch.epoch)? {
        Some(marks) => marks,
        None => {
            devices::open_epoch(tx, &batch.from, batch.epoch)?;
            Marks::START
        }
    };
    let hold = read_hold(tx, &batch.from)?;
    let mut earlier = HashMap::new();
    for record in batch
        .records
        .iter()
        .filter(|record| record.seq <= marks.applied_seq)
    {
        if let Some(found) = read_earlier(tx, batch, record.seq)? {
            earlier.insert(record.seq, found);
        }
    }
    Ok(Standing { marks, earlier, hold })
}

fn read_hold(tx: &Connection, from: &DeviceIdentity) -> rusqlite::Result<Hold> {
    let found = tx
        .prepare_cached(
            "SELECT revoked_us IS NOT NULL, EXISTS (
                 SELECT 1 FROM exception
                 WHERE site = ?1 AND device = ?2 AND kind = 'revoked' AND state = 'open')
             FROM device WHERE site = ?1 AND device = ?2",
        )?
        .query_row(params![from.site, from.device], |row| {
            Ok(Hold::of(row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn read_marks(tx: &Connection, from: &DeviceIdentity, epoch: u32) -> rusqlite::Result<Option<Marks>> {
    tx.prepare_cached(
        "SELECT applied_seq, stable_seq, last_hash, forked FROM device_epoch
         WHERE site = ?1 AND device = ?2 AND epoch = ?3",
    )?
    .query_row(params![from.site, from.device, epoch], |row| {
        let hash: Vec<u8> = row.get(2)?;
        Ok(Marks {
            applied_seq: row.get(0)?,
            stable_seq: row.get(1)?,
            last_hash: ChainHash::from_slice(&hash).unwrap_or(ChainHash::START),
            forked: row.get(3)?,
        })
    })
    .optional()
}

/// What the journal has under a number, and what its sender was told: the first exception that it raised.
fn read_earlier(tx: &Connection, batch: &ReadBatch, seq: u64) -> rusqlite::Result<Option<Earlier>> {
    let from = &batch.from;
    let found: Option<(i64, Vec<u8>)> = tx
        .prepare_cached(
            "SELECT place, hash FROM journal WHERE site = ?1 AND device = ?2 AND epoch = ?3 AND seq = ?4",
        )?
        .query_row(params![from.site, from.device, batch.epoch, seq], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((place, hash)) = found else {
        return Ok(None);
    };
    let raised: Option<(String, String)> = tx
        .prepare_cached("SELECT kind, message FROM exception WHERE journal = ?1 ORDER BY exception LIMIT 1")?
        .query_row([place], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let outcome = raised.map(|(code, message)| outcome(seq, &code, &message));
    Ok(ChainHash::from_slice(&hash).map(|hash| Earlier { hash, outcome }))
}
