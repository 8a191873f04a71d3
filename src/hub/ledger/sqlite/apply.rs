//! Taking a batch: one transaction that skips what is known, journals the rest, posts it, and moves the mark.
//!
//! How a record steps aside: its chain hash is compared with what its bytes give. Where they differ the record is
//! kept as it came, marked, and not posted; the hash that the device stated still carries the chain, so that the
//! records behind it are taken as usual. A record before the mark whose hash is another one is a second story (a
//! fork): the epoch takes nothing more, and the device has to ask for a new one.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{Batch, ConfirmationBody, Record};

use super::change::ChangeCounter;
use super::{devices, exceptions, post};
use crate::ledger::exception::ExceptionKind;
use crate::ledger::interpret::Fact;
use crate::ledger::{DeviceIdentity, Taken};

/// Records of second stories that are kept for one device: enough to see what happened, too few to fill a disk.
const FORK_RECORDS_MAX: u64 = 10_000;

/// How carefully a batch is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Straight on: an error of the database takes the whole batch back.
    Plain,
    /// Each record behind a savepoint; one that the database refuses is kept as it came and steps aside.
    EachAlone,
}

/// What stays the same for all records of a batch.
pub(super) struct Desk<'a> {
    pub(super) tx: &'a Connection,
    pub(super) from: &'a DeviceIdentity,
    pub(super) epoch: u32,
    pub(super) now_us: i64,
}

/// A record that has got its place in the journal.
pub(super) struct Placed<'a> {
    pub(super) place: i64,
    pub(super) fact: &'a Fact<'a>,
}

/// The hub's side of one device's journal in one epoch.
struct Marks {
    applied_seq: u64,
    stable_seq: u64,
    last_hash: ChainHash,
    forked: bool,
}

pub(super) fn take_batch(
    tx: &Connection,
    from: &DeviceIdentity,
    batch: &Batch,
    now: Timestamp,
    care: Care,
) -> rusqlite::Result<Taken> {
    let desk = Desk {
        tx,
        from,
        epoch: batch.epoch,
        now_us: now.as_microsecond(),
    };
    let mut marks = marks(&desk)?;
    let mut taken = Taken {
        epoch: batch.epoch,
        ..Taken::default()
    };
    let mut touched = BTreeSet::new();
    if marks.forked {
        keep_second_story(&desk, &batch.records)?;
        taken.fork = true;
        taken.expected_seq = first_different(&desk, &batch.records)?;
    } else {
        take_records(&desk, batch, care, &mut marks, &mut taken, &mut touched)?;
    }
    tx.prepare_cached(
        "UPDATE device_epoch SET applied_seq = ?4, last_hash = ?5, forked = ?6
         WHERE site = ?1 AND device = ?2 AND epoch = ?3",
    )?
    .execute(params![
        from.site,
        from.device,
        batch.epoch,
        marks.applied_seq,
        marks.last_hash.as_bytes(),
        marks.forked
    ])?;
    devices::note_contact(&desk, batch)?;
    ChangeCounter::bump_tasks(tx, &from.site, &touched)?;
    taken.applied_seq = marks.applied_seq;
    taken.stable_seq = marks.stable_seq;
    Ok(taken)
}

fn take_records(
    desk: &Desk<'_>,
    batch: &Batch,
    care: Care,
    marks: &mut Marks,
    taken: &mut Taken,
    touched: &mut BTreeSet<String>,
) -> rusqlite::Result<()> {
    let first = match batch.records.first() {
        Some(first) if first.seq <= marks.applied_seq => first.seq,
        _ => marks.applied_seq + 1,
    };
    for (index, (record, expected)) in batch.records.iter().zip(first..).enumerate() {
        if record.seq != expected {
            taken.expected_seq = Some(marks.applied_seq + 1);
            return Ok(());
        }
        if record.seq <= marks.applied_seq {
            if known_hash(desk, record.seq)? != ChainHash::from_hex(&record.hash) {
                return fork(desk, batch.records.get(index..).unwrap_or_default(), marks, taken);
            }
            taken.outcomes.extend(exceptions::outcomes_of(desk, record.seq)?);
            continue;
        }
        // The first record says what stood before it; the others stand behind each other.
        if index == 0 && ChainHash::from_hex(&batch.previous_hash) != Some(marks.last_hash) {
            return fork(desk, &batch.records, marks, taken);
        }
        marks.last_hash = take_one(desk, record, marks.last_hash, care, touched)?;
        marks.applied_seq = record.seq;
        taken.new_records += 1;
        taken.outcomes.extend(exceptions::outcomes_of(desk, record.seq)?);
    }
    Ok(())
}

/// Journals one record and posts it. Gives the hash that the next one builds on.
fn take_one(
    desk: &Desk<'_>,
    record: &Record,
    previous: ChainHash,
    care: Care,
    touched: &mut BTreeSet<String>,
) -> rusqlite::Result<ChainHash> {
    let body = record.body.get().as_bytes();
    let computed = ChainHash::of_record(previous, &desk.from.device, desk.epoch, record.seq, body);
    let Some(stated) = ChainHash::from_hex(&record.hash) else {
        set_aside(desk, record, computed, "form", "It comes with no hash.")?;
        return Ok(computed);
    };
    if stated != computed {
        let sentence = "Its hash does not fit its content: it was changed after it was written.";
        set_aside(desk, record, stated, "hash", sentence)?;
        return Ok(stated);
    }
    match serde_json::from_slice::<ConfirmationBody>(body) {
        Err(error) => set_aside(
            desk,
            record,
            stated,
            "form",
            &format!("It is no confirmation: {error}."),
        )?,
        Ok(body) if body.site != desk.from.site => {
            set_aside(
                desk,
                record,
                stated,
                "site",
                "It was written for another site than the device belongs to.",
            )?;
        }
        Ok(body) => match Fact::read(&body) {
            Err(sentence) => set_aside(desk, record, stated, "form", &sentence)?,
            Ok(fact) => take_fact(desk, record, stated, &fact, care, touched)?,
        },
    }
    Ok(stated)
}

fn take_fact(
    desk: &Desk<'_>,
    record: &Record,
    hash: ChainHash,
    fact: &Fact<'_>,
    care: Care,
    touched: &mut BTreeSet<String>,
) -> rusqlite::Result<()> {
    let attempt = || -> rusqlite::Result<()> {
        let place = journal(desk, record, hash, "")?;
        post::post(desk, &Placed { place, fact })
    };
    if care == Care::Plain {
        attempt()?;
    } else {
        desk.tx.execute_batch("SAVEPOINT record")?;
        match attempt() {
            Ok(()) => desk.tx.execute_batch("RELEASE record")?,
            Err(error) if is_own_fault(&error) => {
                desk.tx.execute_batch("ROLLBACK TO record; RELEASE record")?;
                set_aside(
                    desk,
                    record,
                    hash,
                    "ledger",
                    &format!("The ledger cannot hold it: {error}."),
                )?;
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
    touched.extend(fact.body.task.clone());
    Ok(())
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

fn journal(desk: &Desk<'_>, record: &Record, hash: ChainHash, quarantined: &str) -> rusqlite::Result<i64> {
    desk.tx
        .prepare_cached(
            "INSERT INTO journal (site, device, epoch, seq, hash, body, received_us, quarantined)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .insert(params![
            desk.from.site,
            desk.from.device,
            desk.epoch,
            record.seq,
            hash.as_bytes(),
            record.body.get().as_bytes(),
            desk.now_us,
            quarantined
        ])
}

fn set_aside(
    desk: &Desk<'_>,
    record: &Record,
    hash: ChainHash,
    why: &str,
    sentence: &str,
) -> rusqlite::Result<()> {
    let place = journal(desk, record, hash, why)?;
    let mut raise = exceptions::Raise::new(ExceptionKind::Quarantined);
    raise.message = sentence;
    exceptions::raise(desk, Some(place), &raise)
}

/// The device's journal is not the one the hub has: keep what it says now, and take nothing more in this epoch.
fn fork(desk: &Desk<'_>, records: &[Record], marks: &mut Marks, taken: &mut Taken) -> rusqlite::Result<()> {
    keep_second_story(desk, records)?;
    marks.forked = true;
    taken.fork = true;
    taken.expected_seq = first_different(desk, records)?;
    exceptions::raise(desk, None, &exceptions::Raise::new(ExceptionKind::Fork))
}

/// The first of these records that is not the one the hub has under its number; the number after the last where all
/// are. What stands before it the device need not write again in its next epoch.
fn first_different(desk: &Desk<'_>, records: &[Record]) -> rusqlite::Result<Option<u64>> {
    for record in records {
        if known_hash(desk, record.seq)?.is_none_or(|known| Some(known) != ChainHash::from_hex(&record.hash))
        {
            return Ok(Some(record.seq));
        }
    }
    Ok(records.last().map(|record| record.seq.saturating_add(1)))
}

fn keep_second_story(desk: &Desk<'_>, records: &[Record]) -> rusqlite::Result<()> {
    let site = &desk.from.site;
    let device = &desk.from.device;
    let kept: u64 = desk
        .tx
        .prepare_cached("SELECT count(*) FROM fork WHERE site = ?1 AND device = ?2")?
        .query_row(params![site, device], |row| row.get(0))?;
    let room = usize::try_from(FORK_RECORDS_MAX.saturating_sub(kept)).unwrap_or(0);
    for record in records.iter().take(room) {
        if known_hash(desk, record.seq)?.is_some_and(|known| Some(known) == ChainHash::from_hex(&record.hash))
        {
            continue;
        }
        desk.tx
            .prepare_cached("INSERT OR IGNORE INTO fork VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![
                site,
                device,
                desk.epoch,
                record.seq,
                record.hash.as_bytes(),
                record.body.get().as_bytes(),
                desk.now_us
            ])?;
    }
    Ok(())
}

fn known_hash(desk: &Desk<'_>, seq: u64) -> rusqlite::Result<Option<ChainHash>> {
    let bytes: Option<Vec<u8>> = desk
        .tx
        .prepare_cached(
            "SELECT hash FROM journal WHERE site = ?1 AND device = ?2 AND epoch = ?3 AND seq = ?4",
        )?
        .query_row(
            params![desk.from.site, desk.from.device, desk.epoch, seq],
            |row| row.get(0),
        )
        .optional()?;
    Ok(bytes.and_then(|bytes| ChainHash::from_slice(&bytes)))
}

/// The marks of the batch's epoch. One the hub does not know starts at nothing: a hub that was restored is refilled by
/// its devices.
fn marks(desk: &Desk<'_>) -> rusqlite::Result<Marks> {
    let read = || {
        desk.tx
            .prepare_cached(
                "SELECT applied_seq, stable_seq, last_hash, forked FROM device_epoch
                 WHERE site = ?1 AND device = ?2 AND epoch = ?3",
            )?
            .query_row(params![desk.from.site, desk.from.device, desk.epoch], |row| {
                let hash: Vec<u8> = row.get(2)?;
                Ok(Marks {
                    applied_seq: row.get(0)?,
                    stable_seq: row.get(1)?,
                    last_hash: ChainHash::from_slice(&hash).unwrap_or(ChainHash::START),
                    forked: row.get(3)?,
                })
            })
            .optional()
    };
    if let Some(marks) = read()? {
        return Ok(marks);
    }
    devices::open_epoch(desk.tx, desk.from, desk.epoch)?;
    Ok(read()?.unwrap_or(Marks {
        applied_seq: 0,
        stable_seq: 0,
        last_hash: ChainHash::START,
        forked: false,
    }))
}
