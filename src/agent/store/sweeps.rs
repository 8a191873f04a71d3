//! Sweeps of places: the evidence of each tag, packed, under its EPC. They are checkpoints, no facts: a pulled battery
//! costs the tags since the last one, and closing the place forgets them with the same commit that counts them.

use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::{Act, Draft, ExceptionCode, Place};

use crate::seams::sweeps::{KeptSweep, SweepPart, SweptPlace};

use super::checkpoints;
use super::trouble::Trouble;

/// Sweeps that are kept at most: places that were begun and left. Beyond it the one that was begun first is forgotten, and
/// its place is swept anew.
const SWEEPS_MAX: i64 = 64;

/// Keeps what changed, and answers how many tags of the sweep are kept now.
pub(super) fn keep(connection: &Connection, part: &SweepPart) -> Result<u32, Trouble> {
    if part.anew {
        forget_place(connection, part.place.task.as_str(), part.place.location.as_str())?;
    }
    let sweep = begin(connection, &part.place)?;
    let mut known = connection
        .prepare_cached("UPDATE swept_tag SET evidence = ?3 WHERE sweep = ?1 AND epc = ?2 RETURNING 1")?;
    let mut fresh =
        connection.prepare_cached("INSERT INTO swept_tag (sweep, epc, evidence) VALUES (?1, ?2, ?3)")?;
    let mut more = 0_u32;
    for tag in &part.tags {
        let row = params![sweep, tag.epc.as_slice(), tag.packed];
        if !known.exists(row)? {
            fresh.execute(row)?;
            more += 1;
        }
    }
    let kept = connection
        .prepare_cached("UPDATE sweep SET head = ?2, tags = tags + ?3 WHERE sweep = ?1 RETURNING tags")?
        .query_row(params![sweep, part.head, more], |row| row.get(0))?;
    Ok(kept)
}

fn begin(connection: &Connection, place: &SweptPlace) -> Result<i64, Trouble> {
    if let Some(sweep) = number(connection, place)? {
        return Ok(sweep);
    }
    connection
        .prepare_cached("INSERT INTO sweep (task, location, head, tags) VALUES (?1, ?2, x'', 0)")?
        .execute([place.task.as_str(), place.location.as_str()])?;
    let sweep = connection.last_insert_rowid();
    forget_where(
        connection,
        "sweep <= (SELECT sweep FROM sweep ORDER BY sweep DESC LIMIT 1 OFFSET ?1)",
        params![SWEEPS_MAX],
    )?;
    Ok(sweep)
}

/// The sweep of a place as it was kept.
pub(super) fn get(connection: &Connection, place: &SweptPlace) -> Result<Option<KeptSweep>, Trouble> {
    let Some(sweep) = number(connection, place)? else {
        return Ok(None);
    };
    let head = connection
        .prepare_cached("SELECT head FROM sweep WHERE sweep = ?1")?
        .query_row([sweep], |row| row.get(0))?;
    let tags = connection
        .prepare_cached("SELECT epc, evidence FROM swept_tag WHERE sweep = ?1 ORDER BY epc")?
        .query_map([sweep], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(Some(KeptSweep { head, tags }))
}

fn number(connection: &Connection, place: &SweptPlace) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT sweep FROM sweep WHERE task = ?1 AND location = ?2")?
        .query_row([place.task.as_str(), place.location.as_str()], |row| row.get(0))
        .optional()
}

/// Forgets the sweeps that the facts of a step end: the place is counted, or left as it cannot be reached; or the task is
/// over.
pub(super) fn end(connection: &Connection, drafts: &[Draft]) -> rusqlite::Result<()> {
    for draft in drafts {
        let Some(work) = &draft.work else { continue };
        let task = work.task.as_str();
        let is_unreachable = || {
            let report = draft.exception.as_ref();
            report.is_some_and(|report| report.code == ExceptionCode::NotReachable)
        };
        match (draft.act, &draft.to, &draft.from) {
            (Act::TaskClosed, _, _) => forget_where(connection, "task = ?1", [task])?,
            (Act::LocationCounted, Some(Place::Location(location)), _) => {
                forget_place(connection, task, location.as_str())?;
            }
            (Act::LineClosed, _, Some(Place::Location(location))) if is_unreachable() => {
                forget_place(connection, task, location.as_str())?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn forget_place(connection: &Connection, task: &str, location: &str) -> rusqlite::Result<()> {
    forget_where(connection, "task = ?1 AND location = ?2", [task, location])
}

fn forget_where(
    connection: &Connection,
    condition: &str,
    parameters: impl rusqlite::Params + Clone,
) -> rusqlite::Result<()> {
    checkpoints::forget_where(connection, "sweep", "swept_tag", condition, parameters)
}
