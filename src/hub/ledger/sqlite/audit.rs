//! The audit trail in the store: adding, showing, checking.

use rusqlite::{Connection, Row, params};

use crate::ledger::audit::{AuditFilter, AuditRow, FittedNote, Head, TrailCheck};
use crate::ledger::proof::Proof;
use crate::ledger::text::sought;

/// Adds a row.
pub(super) fn append(tx: &Connection, note: &FittedNote) -> rusqlite::Result<()> {
    let head = head(tx)?.after(note);
    tx.prepare_cached(
        "INSERT INTO audit (number, at_us, actor, source, action, site, subject, outcome, detail, times, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        head.number,
        note.at_us,
        note.actor,
        note.source,
        note.action,
        note.site,
        note.subject,
        note.outcome,
        note.detail,
        note.times,
        head.hash
    ])?;
    tx.prepare_cached("UPDATE audit_head SET number = ?1, hash = ?2")?
        .execute(params![head.number, head.hash])?;
    Ok(())
}

fn head(tx: &Connection) -> rusqlite::Result<Head> {
    tx.prepare_cached("SELECT number, hash FROM audit_head")?
        .query_row([], |row| {
            Ok(Head::stored(row.get(0)?, row.get_ref(1)?.as_blob()?))
        })
}

/// Rows that fit, newest first.
pub(super) fn list(tx: &Connection, filter: &AuditFilter) -> rusqlite::Result<Vec<AuditRow>> {
    let [action, action_from, action_to] = filter.action_bounds();
    let mut statement = tx.prepare_cached(
        "SELECT number, at_us, actor, source, action, site, subject, outcome, detail, times FROM audit
         WHERE (?1 IS NULL OR actor = ?1)
           AND (?2 IS NULL OR action = ?2 OR (action >= ?3 AND action < ?4))
           AND (?5 IS NULL OR at_us >= ?5) AND (?6 IS NULL OR at_us < ?6) AND (?7 IS NULL OR number < ?7)
         ORDER BY number DESC LIMIT ?8",
    )?;
    let rows = statement.query_map(
        params![
            sought(filter.actor.as_ref()),
            action,
            action_from,
            action_to,
            filter.from.map(jiff::Timestamp::as_microsecond),
            filter.until.map(jiff::Timestamp::as_microsecond),
            filter.before,
            filter.rows_max,
        ],
        |row| {
            let note = note(row)?;
            Ok(AuditRow {
                number: row.get(0)?,
                at: super::moment(note.at_us),
                actor: note.actor,
                source: note.source,
                action: note.action,
                site: note.site,
                subject: note.subject,
                outcome: note.outcome,
                detail: note.detail,
                times: note.times,
            })
        },
    )?;
    rows.collect()
}

fn note(row: &Row<'_>) -> rusqlite::Result<FittedNote> {
    Ok(FittedNote {
        at_us: row.get(1)?,
        actor: row.get(2)?,
        source: row.get(3)?,
        action: row.get(4)?,
        site: row.get(5)?,
        subject: row.get(6)?,
        outcome: row.get(7)?,
        detail: row.get(8)?,
        times: row.get(9)?,
    })
}

/// Walks the whole trail.
pub(super) fn verify(tx: &Connection) -> rusqlite::Result<Proof> {
    let mut check = TrailCheck::new();
    let mut statement = tx.prepare(
        "SELECT number, at_us, actor, source, action, site, subject, outcome, detail, times, hash FROM audit
         ORDER BY number",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        check.row(row.get(0)?, row.get_ref(10)?.as_blob()?, &note(row)?);
    }
    Ok(check.finish(head(tx)?))
}
