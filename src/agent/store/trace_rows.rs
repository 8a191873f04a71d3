//! The trace: the newest step inputs, written with the commit that follows them.
//!
//! It answers "why was this accepted" at the hub. It is bounded, and what falls out before it was uploaded is lost
//! without harm.

use rusqlite::{Connection, params};

use crate::seams::TraceRow;

use super::sqlite::Tail;
use super::trouble::{integer, natural};

/// Entries kept: more than a shift of scans with their rejects, at about 400 bytes each.
pub(super) const TRACE_ENTRIES_MAX: u64 = 5_000;

/// The oldest entries are deleted when so many are too many, so that a step seldom touches their pages.
const DELETE_ENTRIES: u64 = 64;

/// Adds entries, and forgets the oldest where there are too many.
pub(super) fn append(connection: &Connection, tail: &mut Tail, inputs: &[String]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT INTO trace (number, input) VALUES (?1, ?2)")?;
    for input in inputs {
        let number = tail.trace_next;
        insert.execute(params![integer(number), input])?;
        if number.is_multiple_of(DELETE_ENTRIES) {
            connection
                .prepare_cached("DELETE FROM trace WHERE number <= ?1")?
                .execute([integer(number.saturating_sub(TRACE_ENTRIES_MAX))])?;
        }
        tail.trace_next += 1;
    }
    Ok(())
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
