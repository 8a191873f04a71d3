//! Marks as they are written, and forgetting what the hub has had safe for a week.
//!
//! The week is counted by the hub's clock alone, from days on which the hub said "everything up to here is in a
//! checked backup". A device's clock may be wrong by years; deciding by it would throw records away.

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::seams::{Place, SyncMarks};

use super::mark_rows::{self, MarksForm, Name};
use super::sqlite::Tail;
use super::trouble::{Trouble, integer, natural};

/// Whole days that records stay after they were in a checked backup of the hub.
const RETENTION_DAYS: i64 = 7;

/// Records forgotten in one transaction: about a tenth of a second on slow flash.
pub(super) const PRUNE_ROWS_MAX: usize = 500;

/// Writes the marks where they changed since they were written last.
pub(super) fn write_marks(
    connection: &Connection,
    tail: &mut Tail,
    marks: &SyncMarks,
) -> Result<(), Trouble> {
    // Marks of another epoch were noted before a new one began.
    let current = tail
        .identity
        .as_ref()
        .is_some_and(|identity| identity.epoch == marks.applied.epoch);
    if !current || *marks == tail.marks_written {
        return Ok(());
    }
    mark_rows::put_form(connection, Name::Marks, &MarksForm::from(marks))?;
    if marks.stable > tail.marks_written.stable {
        note_stable(connection, marks)?;
    } else if marks.stable < tail.marks_written.stable {
        take_back_stable(connection, marks.stable)?;
    }
    tail.marks_written = marks.clone();
    Ok(())
}

fn note_stable(connection: &Connection, marks: &SyncMarks) -> rusqlite::Result<()> {
    let Some(hub_time) = marks.hub_time else {
        return Ok(());
    };
    if marks.stable.seq == 0 {
        // The beginning of an epoch: nothing is said of the epochs before it.
        return Ok(());
    }
    let day = hub_time.to_zoned(TimeZone::UTC).date().to_string();
    connection
        .prepare_cached(
            "INSERT INTO stable_day (day, epoch, seq) VALUES (?1, ?2, ?3)
             ON CONFLICT (day) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq",
        )?
        .execute(params![day, marks.stable.epoch, integer(marks.stable.seq)])
        .map(drop)
}

/// The hub was restored: what earlier days called safe beyond its backup is safe no more, and its week begins anew.
fn take_back_stable(connection: &Connection, stable: Place) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE stable_day SET epoch = ?1, seq = ?2 WHERE (epoch, seq) > (?1, ?2)")?
        .execute(params![stable.epoch, integer(stable.seq)])
        .map(drop)
}

/// Forgets a batch of records that were stable on a day more than the retention ago. The stable record itself
/// stays: its hash begins the chain of what follows.
pub(super) fn prune(connection: &Connection, tail: &mut Tail) -> Result<usize, Trouble> {
    let Some(hub_time) = tail.marks_written.hub_time else {
        return Ok(0);
    };
    let today = hub_time.to_zoned(TimeZone::UTC).date();
    let Ok(last_day) = today.checked_sub((RETENTION_DAYS + 1).days()) else {
        return Ok(0);
    };
    let stable: Option<Place> = connection
        .prepare_cached("SELECT epoch, seq FROM stable_day WHERE day <= ?1 ORDER BY day DESC LIMIT 1")?
        .query_row([last_day.to_string()], |row| {
            Ok(Place {
                epoch: row.get(0)?,
                seq: natural(row.get(1)?),
            })
        })
        .optional()?;
    // A hub that was restored has taken its word back.
    let Some(stable) = stable.map(|stable| stable.min(tail.marks_written.applied)) else {
        return Ok(0);
    };
    // What the hub has only in part is whole nowhere but here.
    let stable = tail
        .marks_written
        .withheld
        .map_or(stable, |withheld| stable.min(withheld));
    let rows = connection
        .prepare_cached(
            "DELETE FROM journal WHERE (epoch, seq) IN
               (SELECT epoch, seq FROM journal WHERE (epoch, seq) < (?1, ?2)
                ORDER BY epoch, seq LIMIT ?3)",
        )?
        .execute(params![stable.epoch, integer(stable.seq), PRUNE_ROWS_MAX as i64])?;
    if rows < PRUNE_ROWS_MAX {
        connection
            .prepare_cached("DELETE FROM stable_day WHERE day < ?1")?
            .execute([last_day.to_string()])?;
        connection
            .prepare_cached("DELETE FROM moved WHERE (epoch, seq) < (?1, ?2)")?
            .execute(params![stable.epoch, integer(stable.seq)])?;
    }
    Ok(rows)
}
