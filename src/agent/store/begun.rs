//! Tasks that this device began itself, in the cache beside those of the hub.
//!
//! Such a task is in the fact that begins it, and is written into the cache with it, in one transaction: it is known
//! after a restart, and still after the fact itself was forgotten. The hub's own word for it, once that comes, takes its
//! place as with any other task.

use rusqlite::{Connection, params};
use tallyman_floor::Act;
use tallyman_floor::wire::v1::{ConfirmationBody, TaskBody};

use crate::seams::Place;

use super::trouble::{Trouble, integer};

/// The round of what the hub has not brought yet: no round of the hub's forgets it.
const OWN_ROUND: i64 = i64::MAX;

/// Follows a fact that was written at this place: a task begins with it, or is over.
pub(super) fn follow(connection: &Connection, place: Place, body: &ConfirmationBody) -> Result<(), Trouble> {
    let Some(task) = &body.task else {
        return Ok(());
    };
    let (word, forward) = match &body.reverses {
        Some(reverses) => (reverses.act.as_str(), false),
        None => (body.act.as_str(), true),
    };
    match (Act::of_word(word), forward) {
        (Some(Act::TaskStarted), true) => match &body.started {
            Some(begun) => put(connection, place, begun),
            None => Ok(()),
        },
        (Some(Act::TaskStarted), false) => offer(connection, task, false),
        (Some(Act::TaskClosed), forward) => offer(connection, task, !forward),
        _ => Ok(()),
    }
}

/// The same for a record of any form; what cannot be read begins nothing.
pub(super) fn follow_text(connection: &Connection, place: Place, body: &str) -> Result<(), Trouble> {
    match serde_json::from_str::<ConfirmationBody>(body) {
        Ok(body) => follow(connection, place, &body),
        Err(_) => Ok(()),
    }
}

fn put(connection: &Connection, place: Place, begun: &TaskBody) -> Result<(), Trouble> {
    let text = serde_json::to_string(begun).map_err(|error| Trouble::damaged(error.to_string()))?;
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO task (id, reference, open, priority, base_epoch, base_seq, round, body)
             VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            begun.id,
            begun.reference,
            begun.priority,
            place.epoch,
            integer(place.seq),
            OWN_ROUND,
            text
        ])?;
    Ok(())
}

/// Whether a task of this device is offered to be worked on. What the hub says of its tasks stays as it is.
fn offer(connection: &Connection, task: &str, open: bool) -> Result<(), Trouble> {
    connection
        .prepare_cached("UPDATE task SET open = ?2 WHERE id = ?1 AND round = ?3")?
        .execute(params![task, open, OWN_ROUND])?;
    Ok(())
}

/// Forgets those that are over and that the hub did not bring.
pub(super) fn sweep(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute("DELETE FROM task WHERE round = ?1 AND open = 0", [OWN_ROUND])
        .map(drop)
}

/// Forgets all of them: the store is another device's now.
pub(super) fn forget(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute("DELETE FROM task WHERE round = ?1", [OWN_ROUND])
        .map(drop)
}
