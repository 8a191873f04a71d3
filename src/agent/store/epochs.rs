//! Enrolment, and beginning an epoch.
//!
//! An epoch is one life of the journal. The hub gives a new one when the two stories differ: the store lost its tail,
//! a copy of it was put back, or a record is missing. What the hub does not have is then written again, in its order,
//! at the start of the new epoch; the old rows stay where they are, with a note.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use tallyman_floor::wire::chain::ChainHash;

use crate::seams::{HubMark, HubStory, Identity, Place, StoreError, SyncMarks};

use super::mark_rows::{self, CacheForm, IdentityForm, Name};
use super::moving::Moving;
use super::reading::JournalRow;
use super::sqlite::Tail;
use super::trouble::{Trouble, integer};
use super::{appending, begun, facts, numbers, reading};

/// Stores the identity. A device that is enrolled again under the same name goes on where its journal ends, in a new
/// epoch where the hub gives one.
pub(super) fn enrol(connection: &Connection, tail: &mut Tail, identity: Identity) -> Result<(), Trouble> {
    if let Some(known) = tail.identity.clone() {
        let applied = tail.marks_written.applied;
        if known.device == identity.device {
            let epoch = identity.epoch;
            put_identity(
                connection,
                tail,
                Identity {
                    epoch: known.epoch,
                    ..identity
                },
            )?;
            return if epoch > known.epoch {
                begin(connection, tail, epoch, applied, &HubStory::default()).map(drop)
            } else {
                Ok(())
            };
        }
        if tail.next.seq > applied.seq + 1 {
            return Err(Trouble::damaged(format!(
                "records of device {} wait in this store and the hub now calls it {}; upload them first, or set the \
                 store aside",
                known.device, identity.device
            )));
        }
    }
    let begins = Place {
        epoch: identity.epoch,
        seq: 0,
    };
    let (last_seq, last_hash) = reading::last(connection, identity.epoch)?;
    mark_rows::put_form(connection, Name::Cache, &CacheForm::default())?;
    numbers::forget(connection)?;
    begun::forget(connection)?;
    put_identity(connection, tail, identity)?;
    tail.next = Place {
        seq: last_seq + 1,
        ..begins
    };
    tail.last_hash = last_hash;
    tail.marks_written = SyncMarks {
        applied: begins,
        stable: begins,
        ..SyncMarks::default()
    };
    Ok(())
}

fn put_identity(connection: &Connection, tail: &mut Tail, identity: Identity) -> Result<(), Trouble> {
    mark_rows::put_form(connection, Name::Identity, &IdentityForm::from(&identity))?;
    tail.identity = Some(identity);
    Ok(())
}

/// Begins an epoch and writes again what the hub lacks: what comes after `after`, unless the hub's own story says
/// otherwise. Answers how many records were written again.
pub(super) fn begin(
    connection: &Connection,
    tail: &mut Tail,
    epoch: u32,
    after: Place,
    story: &HubStory,
) -> Result<u64, Trouble> {
    let Some(identity) = tail.identity.clone() else {
        return Err(StoreError::NotEnrolled.into());
    };
    if epoch <= identity.epoch {
        return Err(Trouble::damaged(format!(
            "the hub gave epoch {epoch}, and this journal is in epoch {} already",
            identity.epoch
        )));
    }
    let device = identity.device.clone();
    let rows = lacking(connection, &device, after, &story.marks)?;
    let elsewhere: HashMap<ChainHash, Place> = story
        .moved
        .iter()
        .map(|moved| (moved.first, moved.place))
        .collect();
    put_identity(connection, tail, Identity { epoch, ..identity })?;
    // The copy that went on may have given the numbers that are held here.
    numbers::burn(connection)?;
    tail.next = Place { epoch, seq: 1 };
    tail.last_hash = ChainHash::START;
    tail.marks_written.applied = Place { epoch, seq: 0 };
    tail.marks_written.stable = tail.marks_written.applied;
    let mut again = 0;
    for (old, row, is_sound) in &rows {
        let moving = Moving::of(connection, old.epoch, row, *is_sound)?;
        // A copy of this store that went on may have moved it already.
        let known = moving.first.and_then(|first| elsewhere.get(&first).copied());
        let place = match known {
            Some(place) => place,
            None => {
                again += 1;
                appending::append_body(connection, tail, &moving.body)?
            }
        };
        note_move(connection, *old, place)?;
    }
    tracing::warn!(device, epoch, again, "a new epoch begins");
    Ok(again)
}

/// The records that the hub lacks by its marks, in their order: where they lie, and whether they are sound.
fn lacking(
    connection: &Connection,
    device: &str,
    after: Place,
    marks: &[HubMark],
) -> Result<Vec<(Place, JournalRow, bool)>, Trouble> {
    let mut begins = Vec::new();
    if !marks.is_empty() {
        // A hub that was restored may have lost facts of epochs that are sent no more.
        for epoch in reading::epochs_before(connection, after.epoch)? {
            let mark = marks.iter().find(|mark| mark.place.epoch == epoch);
            begins.push(mark.map_or(Place { epoch, seq: 0 }, |mark| mark.place));
        }
    }
    begins.push(hub_has(connection, after, marks)?);
    let moved = facts::moved(connection)?;
    let mut rows = Vec::new();
    for begin in begins {
        reading::walk(connection, device, begin, |row, is_sound| {
            let place = Place {
                seq: row.seq,
                ..begin
            };
            rows.extend((!moved.contains(&place)).then(|| (place, row.clone(), is_sound)));
            Ok(())
        })?;
    }
    Ok(rows)
}

/// What the hub has of the current epoch. Its own word counts where its last record is the one that lies here; where it
/// is another one, or none, only what was compared with it counts.
fn hub_has(connection: &Connection, after: Place, marks: &[HubMark]) -> Result<Place, Trouble> {
    if marks.is_empty() {
        return Ok(after);
    }
    let Some(mark) = marks.iter().find(|mark| mark.place.epoch == after.epoch) else {
        return Ok(Place { seq: 0, ..after });
    };
    if reading::hash_of(connection, mark.place)? == Some(mark.last_hash) {
        return Ok(mark.place);
    }
    Ok(after.min(mark.place))
}

fn note_move(connection: &Connection, old: Place, new: Place) -> Result<(), Trouble> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO moved (epoch, seq, epoch_new, seq_new) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![old.epoch, integer(old.seq), new.epoch, integer(new.seq)])?;
    Ok(())
}
