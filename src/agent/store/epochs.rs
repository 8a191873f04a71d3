//! Enrolment, and beginning an epoch.
//!
//! An epoch is one life of the journal. The hub gives a new one when the two stories differ: the store lost its tail,
//! a copy of it was put back, or a record is missing. What the hub does not have is then written again, in its order,
//! at the start of the new epoch; the old rows stay where they are, with a note.

use rusqlite::{Connection, params};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::ConfirmationBody;

use crate::seams::{HubMark, Identity, Place, StoreError, SyncMarks};

use super::mark_rows::{self, CacheForm, IdentityForm, Name};
use super::sqlite::Tail;
use super::trouble::{Trouble, integer};
use super::{appending, facts, reading};

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
                begin(connection, tail, epoch, applied, &[]).map(drop)
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

/// Begins an epoch and writes again what the hub lacks: what comes after `after`, unless its marks say otherwise. Answers
/// how many records were moved.
pub(super) fn begin(
    connection: &Connection,
    tail: &mut Tail,
    epoch: u32,
    after: Place,
    marks: &[HubMark],
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
    let rows = lacking(connection, &identity.device, after, marks)?;
    let device = identity.device.clone();
    let next = Identity { epoch, ..identity };
    put_identity(connection, tail, next)?;
    tail.next = Place { epoch, seq: 1 };
    tail.last_hash = ChainHash::START;
    tail.marks_written.applied = Place { epoch, seq: 0 };
    tail.marks_written.stable = tail.marks_written.applied;
    tracing::warn!(device, epoch, moved = rows.len(), "a new epoch begins");
    for (old, body) in &rows {
        let place = appending::append_body(connection, tail, &redirect(connection, body)?)?;
        note_move(connection, *old, place)?;
    }
    Ok(rows.len() as u64)
}

/// The records that the hub lacks, in their order, with where they lie.
fn lacking(
    connection: &Connection,
    device: &str,
    after: Place,
    marks: &[HubMark],
) -> Result<Vec<(Place, String)>, Trouble> {
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
            // Under a new hash a damaged body would pass for a true one; as a mere text it cannot.
            let body = if is_sound {
                row.body.clone()
            } else {
                serde_json::Value::from(row.body.as_str()).to_string()
            };
            rows.extend((!moved.contains(&place)).then_some((place, body)));
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

/// A reversal of a record that has moved follows it. Everything else stays byte for byte.
fn redirect(connection: &Connection, text: &str) -> Result<String, Trouble> {
    let Ok(mut body) = serde_json::from_str::<ConfirmationBody>(text) else {
        return Ok(text.to_owned());
    };
    let Some(reversed) = &mut body.reverses else {
        return Ok(text.to_owned());
    };
    let place = Place {
        epoch: reversed.epoch,
        seq: reversed.seq,
    };
    let moved = appending::new_place(connection, place)?;
    if moved == place {
        return Ok(text.to_owned());
    }
    reversed.epoch = moved.epoch;
    reversed.seq = moved.seq;
    serde_json::to_string(&body).map_err(|error| Trouble::damaged(error.to_string()))
}

fn note_move(connection: &Connection, old: Place, new: Place) -> Result<(), Trouble> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO moved (epoch, seq, epoch_new, seq_new) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![old.epoch, integer(old.seq), new.epoch, integer(new.seq)])?;
    Ok(())
}
