//! Enrolment, and beginning an epoch.
//!
//! An epoch is one life of the journal. The hub gives a new one when the two stories differ: the store lost its tail,
//! a copy of it was put back, or a record is missing. What the hub does not have is then written again, in its order,
//! at the start of the new epoch; the old rows stay where they are, with a note.

use rusqlite::{Connection, params};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::ConfirmationBody;

use crate::seams::{Identity, Place, StoreError, SyncMarks};

use super::mark_rows::{self, CacheForm, IdentityForm, Name};
use super::sqlite::Tail;
use super::trouble::{Trouble, integer};
use super::{appending, reading};

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
                begin(connection, tail, epoch, applied).map(drop)
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

/// Begins an epoch and writes again what comes after `after`. Answers how many records were moved.
pub(super) fn begin(
    connection: &Connection,
    tail: &mut Tail,
    epoch: u32,
    after: Place,
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
    let mut rows = Vec::new();
    reading::walk(connection, &identity.device, after, |row, is_sound| {
        // Under a new hash a damaged body would pass for a true one; as a mere text it cannot.
        let body = if is_sound {
            row.body.clone()
        } else {
            serde_json::Value::from(row.body.as_str()).to_string()
        };
        rows.push((row.seq, body));
        Ok(())
    })?;
    let device = identity.device.clone();
    let next = Identity { epoch, ..identity };
    put_identity(connection, tail, next)?;
    tail.next = Place { epoch, seq: 1 };
    tail.last_hash = ChainHash::START;
    tail.marks_written.applied = Place { epoch, seq: 0 };
    tail.marks_written.stable = tail.marks_written.applied;
    tracing::warn!(device, epoch, moved = rows.len(), "a new epoch begins");
    for (seq, body) in &rows {
        let place = appending::append_body(connection, tail, &redirect(connection, body)?)?;
        note_move(connection, Place { seq: *seq, ..after }, place)?;
    }
    Ok(rows.len() as u64)
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
