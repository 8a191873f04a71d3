//! The audit trail in the store: adding, showing, checking.

use futures_util::{TryStreamExt as _, pin_mut};
use tokio_postgres::Row;

use super::error::Refused;
use super::transaction::Transaction;
use crate::ledger::audit::{AuditFilter, AuditRow, FittedNote, Head, TrailCheck};
use crate::ledger::proof::Proof;

/// Adds a row. The head is locked until the transaction ends: rows come one after the other.
pub(super) async fn append(tx: &Transaction, note: &FittedNote) -> Result<(), Refused> {
    let row = lock(tx).await?;
    let head = row.after(note);
    tx.execute(
        "INSERT INTO audit (number, at_us, actor, source, action, site, subject, outcome, detail, times, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &head.number,
            &note.at_us,
            &note.actor,
            &note.source,
            &note.action,
            &note.site,
            &note.subject,
            &note.outcome,
            &note.detail,
            &i64::from(note.times),
            &head.hash.as_slice(),
        ],
    )
    .await?;
    tx.execute(
        "UPDATE audit_head SET number = $1, hash = $2",
        &[&head.number, &head.hash.as_slice()],
    )
    .await?;
    Ok(())
}

/// Locks the trail's head. What changes people, sessions or keys holds it from its beginning, and what changes a site
/// takes it after the site's row: so no two transactions can wait for each other.
pub(super) async fn lock(tx: &Transaction) -> Result<Head, Refused> {
    let row = tx
        .one("SELECT number, hash FROM audit_head FOR UPDATE", &[])
        .await?;
    Ok(Head::stored(row.try_get(0)?, row.try_get(1)?))
}

const LIST: &str = "
    SELECT number, at_us, actor, source, action, site, subject, outcome, detail, times FROM audit
    WHERE ($1::text IS NULL OR actor = $1)
      AND ($2::text IS NULL OR action = $2 OR (action >= $3 AND action < $4))
      AND ($5::bigint IS NULL OR at_us >= $5) AND ($6::bigint IS NULL OR at_us < $6)
      AND ($7::bigint IS NULL OR number < $7)
    ORDER BY number DESC LIMIT $8";

/// Rows that fit, newest first.
pub(super) async fn list(tx: &Transaction, filter: &AuditFilter) -> Result<Vec<AuditRow>, Refused> {
    let [action, action_from, action_to] = filter.action_bounds();
    let rows = tx
        .query(
            LIST,
            &[
                &super::plain(&filter.actor),
                &action,
                &action_from,
                &action_to,
                &filter.from.map(jiff::Timestamp::as_microsecond),
                &filter.until.map(jiff::Timestamp::as_microsecond),
                &filter.before,
                &i64::try_from(filter.rows_max)?,
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let note = note(row)?;
            Ok(AuditRow {
                number: row.try_get(0)?,
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
        })
        .collect()
}

fn note(row: &Row) -> Result<FittedNote, Refused> {
    Ok(FittedNote {
        at_us: row.try_get(1)?,
        actor: row.try_get(2)?,
        source: row.try_get(3)?,
        action: row.try_get(4)?,
        site: row.try_get(5)?,
        subject: row.try_get(6)?,
        outcome: row.try_get(7)?,
        detail: row.try_get(8)?,
        times: u32::try_from(row.try_get::<_, i64>(9)?)?,
    })
}

/// Walks the whole trail.
pub(super) async fn verify(tx: &Transaction) -> Result<Proof, Refused> {
    let mut check = TrailCheck::new();
    let rows = tx
        .stream(
            "SELECT number, at_us, actor, source, action, site, subject, outcome, detail, times, hash FROM audit
             ORDER BY number",
            &[],
        )
        .await?;
    pin_mut!(rows);
    while let Some(row) = rows.try_next().await? {
        check.row(row.try_get(0)?, row.try_get(10)?, &note(&row)?);
    }
    let head = tx.one("SELECT number, hash FROM audit_head", &[]).await?;
    Ok(check.finish(Head::stored(head.try_get(0)?, head.try_get(1)?)))
}
