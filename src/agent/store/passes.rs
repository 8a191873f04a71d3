//! Passes through portals: the evidence of each tag, packed, under its EPC. They are checkpoints, no facts: a pulled battery
//! costs the tags since the last one, and the commit that records a pass forgets it.

use rusqlite::{Connection, params};
use tallyman_floor::{Act, Draft, TaskId};

use crate::seams::passes::{KeptPass, PassPart};

use super::checkpoints;
use super::trouble::{Trouble, integer, natural};

/// Passes that are kept at most: those that were not recorded because their receipt was left. Beyond it the oldest is
/// forgotten.
const PASSES_MAX: i64 = 16;

/// Keeps what changed, and answers the number of the pass.
pub(super) fn keep(connection: &Connection, part: &PassPart) -> Result<u64, Trouble> {
    let number = match part.number {
        Some(number) => {
            connection
                .prepare_cached("UPDATE pass SET head = ?2 WHERE pass = ?1")?
                .execute(params![integer(number), part.head])?;
            number
        }
        None => begin(connection, part)?,
    };
    let mut kept = connection.prepare_cached(
        "INSERT INTO passed_tag (pass, epc, evidence) VALUES (?1, ?2, ?3)
         ON CONFLICT (pass, epc) DO UPDATE SET evidence = excluded.evidence",
    )?;
    for tag in &part.tags {
        kept.execute(params![integer(number), tag.epc.as_slice(), tag.packed])?;
    }
    Ok(number)
}

fn begin(connection: &Connection, part: &PassPart) -> Result<u64, Trouble> {
    connection
        .prepare_cached("INSERT INTO pass (portal, task, head) VALUES (?1, ?2, ?3)")?
        .execute(params![part.portal, part.task.as_str(), part.head])?;
    let number = connection.last_insert_rowid();
    forget_where(
        connection,
        "pass <= (SELECT pass FROM pass ORDER BY pass DESC LIMIT 1 OFFSET ?1)",
        params![PASSES_MAX],
    )?;
    Ok(natural(number))
}

/// The passes of a receipt as they were kept.
pub(super) fn get(connection: &Connection, task: &TaskId) -> Result<Vec<KeptPass>, Trouble> {
    let heads: Vec<(i64, String, Vec<u8>)> = connection
        .prepare_cached("SELECT pass, portal, head FROM pass WHERE task = ?1 ORDER BY pass")?
        .query_map([task.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut passes = Vec::with_capacity(heads.len());
    for (number, portal, head) in heads {
        let tags = connection
            .prepare_cached("SELECT epc, evidence FROM passed_tag WHERE pass = ?1 ORDER BY epc")?
            .query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        passes.push(KeptPass {
            number: natural(number),
            portal,
            head,
            tags,
        });
    }
    Ok(passes)
}

/// Forgets a pass.
pub(super) fn forget(connection: &Connection, number: u64) -> rusqlite::Result<()> {
    forget_where(connection, "pass = ?1", params![integer(number)])
}

/// Forgets the passes that the facts of a step record, and those of a receipt that is over.
pub(super) fn end(connection: &Connection, drafts: &[Draft]) -> rusqlite::Result<()> {
    let mut before = None;
    for draft in drafts {
        match (draft.act, &draft.pass, &draft.work) {
            (Act::Received, Some(pass), _) if before != Some(pass.number) => {
                before = Some(pass.number);
                forget(connection, pass.number)?;
            }
            (Act::TaskClosed, _, Some(work)) => {
                forget_where(connection, "task = ?1", params![work.task.as_str()])?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn forget_where(
    connection: &Connection,
    condition: &str,
    parameters: impl rusqlite::Params + Clone,
) -> rusqlite::Result<()> {
    checkpoints::forget_where(connection, "pass", "passed_tag", condition, parameters)
}
