//! Taking batches of one site: one transaction that skips what is known, journals the rest, posts it, and moves the
//! marks. However many records name a row, it is read once and written once.

use std::collections::HashMap;
use std::ops::Range;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::Outcome;

use super::{devices, excerpt, write};
use crate::ledger::posting::{
    Aside, Earlier, Excerpt, ForkRow, Hold, Marks, Posting, Prepared, ReadBatch, ReadRecord, Sifted,
    Standing, outcome,
};
use crate::ledger::{DeviceIdentity, Taken};

/// How carefully batches are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Straight on: an error of the database takes all of them back.
    Plain,
    /// Each record behind a savepoint; one that the database refuses is kept as it came and steps aside.
    EachAlone,
}

/// A batch with what is to be done about it.
struct Desk<'a> {
    batch: &'a ReadBatch,
    standing: Standing,
    sifted: Sifted,
    marks: Marks,
    outcomes: Vec<Outcome>,
}

/// What a transaction works on.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) site: &'a str,
    /// Batches of different devices of the site.
    pub(super) batches: &'a [ReadBatch],
    pub(super) now: Timestamp,
    /// Whether what is applied counts as stable at once.
    pub(super) applied_is_stable: bool,
}

/// Takes batches together: what they touch is read once and written once.
pub(super) fn take_batches(tx: &Connection, job: Job<'_>, care: Care) -> rusqlite::Result<Vec<Taken>> {
    let mut desks = Vec::with_capacity(job.batches.len());
    for batch in job.batches {
        desks.push(Desk::open(tx, batch)?);
    }
    match care {
        Care::Plain => post_together(tx, job, &mut desks)?,
        Care::EachAlone => {
            for desk in &mut desks {
                take_each_alone(tx, job, desk)?;
            }
        }
    }
    for desk in &mut desks {
        desk.advance(job.applied_is_stable);
    }
    let moved = desks.iter().map(|desk| (desk.batch, &desk.marks));
    write::contacts(tx, job.now.as_microsecond(), moved)?;
    Ok(desks.into_iter().map(Desk::taken).collect())
}

impl<'a> Desk<'a> {
    fn open(tx: &Connection, batch: &'a ReadBatch) -> rusqlite::Result<Self> {
        let standing = standing(tx, batch)?;
        let mut sifted = standing.sift(batch);
        Ok(Self {
            batch,
            marks: standing.marks.clone(),
            outcomes: std::mem::take(&mut sifted.repeated),
            sifted,
            standing,
        })
    }

    /// Moves the mark behind what was taken.
    fn advance(&mut self, applied_is_stable: bool) {
        let new = self.batch.records.get(self.sifted.new.clone());
        if let Some(last) = new.and_then(<[_]>::last) {
            self.marks.applied_seq = last.seq;
            self.marks.last_hash = last.hash;
        }
        self.marks.forked |= self.sifted.second_story.is_some();
        if applied_is_stable {
            self.marks.stable_seq = self.marks.applied_seq;
        }
    }

    fn taken(self) -> Taken {
        Taken {
            generation: String::new(),
            epoch: self.batch.epoch,
            applied_seq: self.marks.applied_seq,
            stable_seq: self.marks.stable_seq,
            expected_seq: self.sifted.expected_seq,
            fork: self.sifted.second_story.is_some(),
            outcomes: self.outcomes,
            new_records: self.sifted.new.len(),
        }
    }
}

/// Posts the new records of all batches in one go.
fn post_together(tx: &Connection, job: Job<'_>, desks: &mut [Desk<'_>]) -> rusqlite::Result<()> {
    let new = desks.iter().map(|desk| (desk.batch, desk.sifted.new.clone()));
    let (excerpt, prepared) = excerpt::read(tx, job.site, new)?;
    let mut posting = Posting::begin(excerpt, write::numbers(tx)?);
    let mut prepared = prepared.into_iter();
    for desk in desks {
        keep_second_story(tx, desk, &mut posting)?;
        let new = prepared.by_ref().take(desk.sifted.new.len());
        desk.outcomes.extend(match desk.standing.hold {
            Hold::None => new.filter_map(|prepared| posting.take(prepared)).collect(),
            hold => posting.set_aside(&desk.batch.from.device, hold, new),
        });
    }
    write::write(tx, job.site, job.now.as_microsecond(), &posting.finish())
}

/// Takes a batch record by record.
fn take_each_alone(tx: &Connection, job: Job<'_>, desk: &mut Desk<'_>) -> rusqlite::Result<()> {
    let (batch, new, now_us) = (desk.batch, desk.sifted.new.clone(), job.now.as_microsecond());
    let mut posting = Posting::begin(Excerpt::default(), write::numbers(tx)?);
    keep_second_story(tx, desk, &mut posting)?;
    if desk.standing.hold != Hold::None {
        let records = batch.records.get(new.clone()).unwrap_or_default().iter();
        let records = records.map(|record| Prepared::plain(&batch.from, batch.epoch, record));
        let told = posting.set_aside(&batch.from.device, desk.standing.hold, records);
        desk.outcomes.extend(told);
    }
    write::write(tx, job.site, now_us, &posting.finish())?;
    if desk.standing.hold == Hold::None {
        desk.outcomes.extend(post_each_alone(tx, batch, new, now_us)?);
    }
    Ok(())
}

/// Posts records of a batch in one go.
pub(super) fn post(
    tx: &Connection,
    batch: &ReadBatch,
    new: Range<usize>,
    now_us: i64,
) -> rusqlite::Result<Vec<Outcome>> {
    let site = &batch.from.site;
    let (excerpt, prepared) = excerpt::read(tx, site, std::iter::once((batch, new)))?;
    let mut posting = Posting::begin(excerpt, write::numbers(tx)?);
    let outcomes = prepared
        .into_iter()
        .filter_map(|prepared| posting.take(prepared))
        .collect();
    write::write(tx, site, now_us, &posting.finish())?;
    Ok(outcomes)
}

/// Posts each record by itself: what the database refuses steps aside.
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
fn keep_second_story<'a>(
    tx: &Connection,
    desk: &Desk<'a>,
    posting: &mut Posting<'a>,
) -> rusqlite::Result<()> {
    let Some(first) = desk.sifted.second_story else {
        return Ok(());
    };
    let batch = desk.batch;
    let from = &batch.from;
    let kept: u64 = tx
        .prepare_cached("SELECT count(*) FROM fork WHERE site = ?1 AND device = ?2")?
        .query_row(params![from.site, from.device], |row| row.get(0))?;
    let records = desk.standing.to_keep(batch, first, kept).map(|record| ForkRow {
        from,
        epoch: batch.epoch,
        record,
    });
    posting.fork(&from.device, records, !desk.standing.marks.forked);
    Ok(())
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
    let known = |record: &&ReadRecord| record.seq <= marks.applied_seq;
    for record in batch.records.iter().filter(known) {
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
