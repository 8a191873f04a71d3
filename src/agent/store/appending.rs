//! Appending to the journal: a place, a hash, one row; and where a reversal takes back a record that moved.

use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::ConfirmationBody;
use tallyman_floor::{Draft, Reverses};

use crate::seams::{Place, StoreError};

use super::begun;
use super::sqlite::Tail;
use super::trouble::{Trouble, integer, natural};

/// Appends the drafts of one step at the journal's end and answers their places.
pub(super) fn append(
    connection: &Connection,
    tail: &mut Tail,
    drafts: &[Draft],
) -> Result<Vec<Place>, Trouble> {
    let mut places = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let mut body = ConfirmationBody::from(draft);
        if let Some(reverses) = draft.reverses {
            let place = new_place(connection, place_of(reverses))?;
            if let Some(reversed) = &mut body.reverses {
                reversed.epoch = place.epoch;
                reversed.seq = place.seq;
            }
        }
        let text = serde_json::to_string(&body).map_err(|error| Trouble::damaged(error.to_string()))?;
        let place = append_body(connection, tail, &text)?;
        begun::follow(connection, place, &body)?;
        places.push(place);
    }
    Ok(places)
}

/// Appends one body as it is.
pub(super) fn append_body(connection: &Connection, tail: &mut Tail, body: &str) -> Result<Place, Trouble> {
    let Some(identity) = &tail.identity else {
        return Err(StoreError::NotEnrolled.into());
    };
    let place = tail.next;
    let hash = ChainHash::of_record(
        tail.last_hash,
        &identity.device,
        place.epoch,
        place.seq,
        body.as_bytes(),
    );
    connection
        .prepare_cached("INSERT INTO journal (epoch, seq, hash, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![place.epoch, integer(place.seq), hash.as_bytes(), body])?;
    tail.last_hash = hash;
    tail.next.seq += 1;
    Ok(place)
}

/// Where a record lies now: where it was written, or where a later epoch has it.
pub(super) fn new_place(connection: &Connection, mut place: Place) -> rusqlite::Result<Place> {
    // A record may have moved more than once; each move leads to a later epoch, so this ends.
    while let Some(moved) = moved_to(connection, place)?.filter(|moved| *moved > place) {
        place = moved;
    }
    Ok(place)
}

fn moved_to(connection: &Connection, place: Place) -> rusqlite::Result<Option<Place>> {
    connection
        .prepare_cached("SELECT epoch_new, seq_new FROM moved WHERE epoch = ?1 AND seq = ?2")?
        .query_row((place.epoch, integer(place.seq)), |row| {
            Ok(Place {
                epoch: row.get(0)?,
                seq: natural(row.get(1)?),
            })
        })
        .optional()
}

fn place_of(reverses: Reverses) -> Place {
    Place {
        epoch: reverses.epoch,
        seq: reverses.seq,
    }
}
