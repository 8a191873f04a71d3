//! The trace: the newest steps, written with the commit that follows them.
//!
//! It answers "why was this accepted" at the hub. It is bounded, and what falls out before it was uploaded is lost
//! without harm.

use rusqlite::{Connection, params};

use crate::seams::TraceRow;

use super::sqlite::Tail;
use super::trouble::{integer, natural};

/// Entries kept: more than a shift of scans with their rejects, at about 500 bytes each.
pub(super) const TRACE_ENTRIES_MAX: u64 = 5_000;

/// Bytes kept: tasks with many lines make some entries large.
const TRACE_BYTES_MAX: u64 = 16 << 20;

/// The oldest entries are deleted when so many are too many, so that a step seldom touches their pages.
const DELETE_ENTRIES: u64 = 64;

/// Adds entries, and forgets the oldest where there are too many.
pub(super) fn append(connection: &Connection, tail: &mut Tail, inputs: &[String]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT INTO trace (number, input) VALUES (?1, ?2)")?;
    for input in inputs {
        let number = tail.trace_next;
        insert.execute(params![integer(number), input])?;
        tail.trace_bytes += input.len() as u64;
        if number.is_multiple_of(DELETE_ENTRIES) {
            delete(connection, number.saturating_sub(TRACE_ENTRIES_MAX))?;
        }
        if tail.trace_bytes > TRACE_BYTES_MAX {
            delete(connection, last_too_many(connection)?)?;
            tail.trace_bytes = bytes(connection)?;
        }
        tail.trace_next += 1;
    }
    Ok(())
}

fn delete(connection: &Connection, last: u64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM trace WHERE number <= ?1")?
        .execute([integer(last)])?;
    Ok(())
}

/// The newest entry that goes where half of the bytes are to stay, so that this is seldom done.
fn last_too_many(connection: &Connection) -> rusqlite::Result<u64> {
    const LAST: &str = "SELECT coalesce(max(number), 0) FROM
         (SELECT number, sum(length(input)) OVER (ORDER BY number DESC) AS kept FROM trace) WHERE kept > ?1";
    let last: i64 = connection.query_row(LAST, [integer(TRACE_BYTES_MAX / 2)], |row| row.get(0))?;
    Ok(natural(last))
}

/// Bytes that all entries have together, nearly: counted anew with each start and each time that there were too many.
pub(super) fn bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let bytes: i64 =
        connection.query_row("SELECT coalesce(sum(length(input)), 0) FROM trace", [], |row| {
            row.get(0)
        })?;
    Ok(natural(bytes))
}

/// The number the next entry gets.
pub(super) fn next_number(connection: &Connection) -> rusqlite::Result<u64> {
    let last: Option<i64> = connection.query_row("SELECT max(number) FROM trace", [], |row| row.get(0))?;
    Ok(last.map_or(1, |last| natural(last) + 1))
}

/// Entries after a number, oldest first.
pub(super) fn after(
    connection: &Connection,
    after: u64,
    entries_max: usize,
) -> rusqlite::Result<Vec<TraceRow>> {
    connection
        .prepare_cached("SELECT number, input FROM trace WHERE number > ?1 ORDER BY number LIMIT ?2")?
        .query_map(
            (integer(after), i64::try_from(entries_max).unwrap_or(i64::MAX)),
            |row| {
                Ok(TraceRow {
                    number: natural(row.get(0)?),
                    input: row.get(1)?,
                })
            },
        )?
        .collect()
}
