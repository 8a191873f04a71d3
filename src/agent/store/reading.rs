//! Reading the journal: every record is proved by its hash before it is used.
//!
//! A flipped bit in the file passes SQLite's own checks in six cases of seven, so the chain is what counts. Where a
//! record does not match its hash, the record after it tells which of the two is damaged: it was chained to the true
//! hash. A damaged hash is repaired on the way out. A damaged body goes to the hub as it lies, under the hash it was
//! written with: the hub sees that they differ, keeps it aside for people, and takes the records behind it.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Row};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{ConfirmationBody, RawScanBody};

use crate::seams::{Identity, OutboxRecord, OutboxSlice, Place};

use super::mark_rows::{self, IdentityForm, Name};
use super::trouble::{Trouble, integer, natural};

/// A row of the journal as it lies there, not yet proved.
#[derive(Clone)]
pub(super) struct JournalRow {
    pub(super) seq: u64,
    pub(super) hash: Option<ChainHash>,
    pub(super) body: String,
}

impl JournalRow {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: natural(row.get(0)?),
            hash: ChainHash::from_slice(&row.get::<_, Vec<u8>>(1)?),
            // A flipped bit may leave bytes that are no text; they do not match their hash either.
            body: String::from_utf8_lossy(row.get_ref(2)?.as_bytes_or_null()?.unwrap_or_default())
                .into_owned(),
        })
    }

    /// Whether the body is the one that was written: its proof is the hash it was stored with, or the one that the
    /// next record was chained to.
    fn is_sound(&self, proof: ChainHash, next: Option<&Self>, device: &str, epoch: u32) -> bool {
        self.hash == Some(proof)
            || next.is_some_and(|next| next.hash == Some(next.proof(proof, device, epoch)))
    }

    /// A damaged body for the hub's quarantine: as it is where it is still JSON, else as one JSON text.
    pub(super) fn body_as_it_lies(&self) -> String {
        if self.is_json() {
            self.body.clone()
        } else {
            serde_json::Value::from(self.body.as_str()).to_string()
        }
    }

    /// Every body was JSON when it was written.
    fn is_json(&self) -> bool {
        serde_json::from_str::<serde::de::IgnoredAny>(&self.body).is_ok()
    }

    /// What the hash must be.
    fn proof(&self, previous: ChainHash, device: &str, epoch: u32) -> ChainHash {
        ChainHash::of_record(previous, device, epoch, self.seq, self.body.as_bytes())
    }
}

/// The device's name, as its records are chained with.
pub(super) fn device(connection: &Connection) -> Result<Option<String>, Trouble> {
    let identity = mark_rows::get_form::<IdentityForm>(connection, Name::Identity)?;
    Ok(identity.map(|form| Identity::from(form).device))
}

/// Seq and hash of the last record of an epoch; 0 and the chain's start where there is none.
pub(super) fn last(connection: &Connection, epoch: u32) -> Result<(u64, ChainHash), Trouble> {
    let last: Option<(i64, Vec<u8>)> = connection
        .prepare_cached("SELECT seq, hash FROM journal WHERE epoch = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([epoch], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match last {
        None => Ok((0, ChainHash::START)),
        Some((seq, hash)) => {
            let hash = ChainHash::from_slice(&hash)
                .ok_or_else(|| Trouble::damaged("the hash of the journal's last record is damaged"))?;
            Ok((natural(seq), hash))
        }
    }
}

/// The records of an epoch after a seq, in order, unproved.
pub(super) fn rows_after(
    connection: &Connection,
    after: Place,
    rows_max: usize,
) -> rusqlite::Result<Vec<JournalRow>> {
    connection
        .prepare_cached(
            "SELECT seq, hash, body FROM journal WHERE epoch = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        )?
        .query_map(
            (
                after.epoch,
                integer(after.seq),
                i64::try_from(rows_max).unwrap_or(i64::MAX),
            ),
            JournalRow::of,
        )?
        .collect()
}

/// The records after `after` and before `next_seq`, up to the first that is not there.
pub(super) fn slice(
    connection: &Connection,
    device: &str,
    after: Place,
    next_seq: u64,
    records_max: usize,
) -> Result<OutboxSlice, Trouble> {
    // One row more: it tells a damaged hash from a damaged body in the last one.
    let rows = rows_after(connection, after, records_max.saturating_add(1))?;
    let Some(start) = hash_of(connection, after)? else {
        return Ok(OutboxSlice {
            missing: true,
            ..OutboxSlice::empty()
        });
    };
    let mut slice = OutboxSlice {
        previous: start,
        ..OutboxSlice::empty()
    };
    let mut previous = start;
    let mut wanted = after.seq + 1;
    for (index, row) in rows.iter().enumerate().take(records_max) {
        if row.seq != wanted {
            slice.missing = true;
            return Ok(slice);
        }
        let proof = row.proof(previous, device, after.epoch);
        let is_sound = row.is_sound(proof, rows.get(index + 1), device, after.epoch);
        let hash = if is_sound {
            proof
        } else {
            row.hash.unwrap_or(proof)
        };
        let body = if is_sound {
            row.body.clone()
        } else {
            row.body_as_it_lies()
        };
        slice.damaged.extend((!is_sound).then_some(row.seq));
        slice.records.push(OutboxRecord {
            seq: row.seq,
            hash,
            body,
        });
        previous = hash;
        wanted += 1;
    }
    slice.missing = rows.len() <= records_max && wanted < next_seq;
    Ok(slice)
}

/// The epochs that records lie here of, up to one and without it.
pub(super) fn epochs_before(connection: &Connection, epoch: u32) -> rusqlite::Result<Vec<u32>> {
    connection
        .prepare_cached("SELECT DISTINCT epoch FROM journal WHERE epoch < ?1 ORDER BY epoch")?
        .query_map([epoch], |row| row.get(0))?
        .collect()
}

/// Whether records of epochs before this one lie here that no later epoch has.
pub(super) fn has_earlier_epochs(connection: &Connection, epoch: u32) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM journal AS j WHERE epoch < ?1 AND NOT EXISTS
               (SELECT 1 FROM moved AS m WHERE m.epoch = j.epoch AND m.seq = j.seq))",
        )?
        .query_row([epoch], |row| row.get(0))
}

/// The hash of one record; the chain's start before the first. `None` where the record is gone.
pub(super) fn hash_of(connection: &Connection, place: Place) -> Result<Option<ChainHash>, Trouble> {
    if place.seq == 0 {
        return Ok(Some(ChainHash::START));
    }
    let hash: Option<Vec<u8>> = connection
        .prepare_cached("SELECT hash FROM journal WHERE epoch = ?1 AND seq = ?2")?
        .query_row((place.epoch, integer(place.seq)), |row| row.get(0))
        .optional()?;
    Ok(hash.and_then(|bytes| ChainHash::from_slice(&bytes)))
}

/// Goes through the records after `after`, giving each to `visit` with whether it is sound.
pub(super) fn walk(
    connection: &Connection,
    device: &str,
    after: Place,
    mut visit: impl FnMut(&JournalRow, bool) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    /// Rows held in memory at once.
    const ROWS_MAX: usize = 500;
    let mut at = after;
    let mut previous = hash_of(connection, after)?;
    loop {
        let rows = rows_after(connection, at, ROWS_MAX + 1)?;
        for (index, row) in rows.iter().enumerate().take(ROWS_MAX) {
            // Where the record before it is forgotten or lost, only its successors can be proved.
            let previous_hash = previous.filter(|_| row.seq == at.seq + 1);
            let proof = previous_hash.map(|previous| row.proof(previous, device, at.epoch));
            let is_sound = match proof {
                Some(proof) => row.is_sound(proof, rows.get(index + 1), device, at.epoch),
                None => row.hash.is_some() && row.is_json(),
            };
            visit(row, is_sound)?;
            // What comes after a damaged record is chained to the hash that was written, which may well be sound.
            previous = if is_sound { proof.or(row.hash) } else { row.hash };
            at.seq = row.seq;
        }
        if rows.len() <= ROWS_MAX {
            return Ok(());
        }
    }
}

/// The records after `after` that are damaged.
pub(super) fn damaged(
    connection: &Connection,
    device: &str,
    after: Place,
) -> Result<BTreeSet<Place>, Trouble> {
    let mut damaged = BTreeSet::new();
    walk(connection, device, after, |row, is_sound| {
        damaged.extend((!is_sound).then_some(Place {
            seq: row.seq,
            ..after
        }));
        Ok(())
    })?;
    Ok(damaged)
}

/// Records among which the last scan of a scanner is looked for. A scanner sends a code again for seconds; so many
/// records are the work of minutes.
const LAST_SCANS_RECORDS_MAX: u32 = 64;

/// The last scan of each scanner among the newest records. What cannot be read is passed over.
pub(super) fn last_scans(connection: &Connection) -> rusqlite::Result<Vec<RawScanBody>> {
    let mut found: Vec<RawScanBody> = Vec::new();
    let mut newest =
        connection.prepare_cached("SELECT body FROM journal ORDER BY epoch DESC, seq DESC LIMIT ?1")?;
    let mut rows = newest.query([LAST_SCANS_RECORDS_MAX])?;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_bytes_or_null()?.unwrap_or_default();
        let raw = serde_json::from_slice::<ConfirmationBody>(body)
            .ok()
            .and_then(|body| body.raw);
        if let Some(raw) = raw.filter(|raw| found.iter().all(|newer| newer.scanner != raw.scanner)) {
            found.push(raw);
        }
    }
    Ok(found)
}

/// The body of the first record after a place of its epoch.
pub(super) fn body_after(connection: &Connection, after: Place) -> rusqlite::Result<Option<String>> {
    Ok(rows_after(connection, after, 1)?.pop().map(|row| row.body))
}
