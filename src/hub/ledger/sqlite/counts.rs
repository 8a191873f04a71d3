//! What follows from counts, in the store.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Refused, boots, decide, delta, late, write};
use crate::ledger::counts::{CountLimits, LOOKED_AT_MAX, Step, Waiting, follower, steps};
use crate::ledger::exception::ExceptionKind;
use crate::ledger::posting::Rows;
use crate::ledger::resolution::Resolution;

/// What follows from the open exceptions of a site now.
pub(super) fn look(tx: &Connection, site: &str, limits: CountLimits) -> Result<Vec<Step>, Refused> {
    let mut steps = steps(&waiting(tx, site)?, limits);
    steps.extend(late::look(tx, site)?);
    Ok(steps)
}

/// Does what follows. Answers whether something did.
pub(super) fn tend(
    tx: &Connection,
    site: &str,
    limits: CountLimits,
    now: Timestamp,
) -> Result<bool, Refused> {
    let steps = look(tx, site, limits)?;
    apply(tx, site, &steps, now)?;
    Ok(!steps.is_empty())
}

/// Does these steps.
pub(super) fn apply(tx: &Connection, site: &str, steps: &[Step], now: Timestamp) -> Result<(), Refused> {
    let (mut tasks, mut late) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Make(task) => tasks.push(task.as_ref().clone()),
            Step::Turn {
                exception,
                kind,
                message,
            } => {
                tx.prepare_cached(
                    "UPDATE exception SET kind = ?3, message = ?4 WHERE site = ?1 AND exception = ?2",
                )?
                .execute(params![site, exception, kind.word(), message])?;
            }
            Step::Raise(row) => late.push(row.as_ref().clone()),
            Step::More { exception, movements } => {
                tx.prepare_cached(
                    "UPDATE exception SET found_micro = found_micro + ?3 * 1000000 WHERE site = ?1 AND exception = ?2",
                )?
                .execute(params![site, exception, movements])?;
            }
            Step::Seen(entry) => {
                tx.prepare_cached("UPDATE site SET late_entry = ?2 WHERE site = ?1")?
                    .execute(params![site, entry])?;
            }
            Step::Recounted(exception) => {
                tx.prepare_cached(
                    "UPDATE exception SET state = 'resolved', resolution = ?3, resolved_us = ?4
                     WHERE site = ?1 AND exception = ?2",
                )?
                .execute(params![
                    site,
                    exception,
                    Resolution::Recounted.word(),
                    now.as_microsecond()
                ])?;
            }
        }
    }
    let rows = Rows {
        before: write::numbers(tx)?,
        exceptions: late,
        ..Rows::default()
    };
    write::write(tx, site, now.as_microsecond(), &rows)?;
    decide::make_tasks(tx, site, &tasks, now)
}

fn waiting(tx: &Connection, site: &str) -> Result<Vec<Waiting>, Refused> {
    let mut statement = tx.prepare_cached(
        "SELECT exception, kind, message, journal, worker, line, location, coalesce(found_micro, 0),
                coalesce(wanted_micro, 0), task, device, raised_us, item
         FROM exception
         WHERE site = ?1 AND state = 'open' AND location <> '' AND journal IS NOT NULL
             AND (kind IN ('count_variance', 'count_waits', 'count_overlap', 'count_reopened') OR (kind = 'short' AND reason = 'empty'))
         ORDER BY exception LIMIT ?2",
    )?;
    let rows = statement.query_map(params![site, LOOKED_AT_MAX], |row| {
        let waiting = Waiting {
            exception: row.get(0)?,
            kind: row.get(1)?,
            message: row.get(2)?,
            journal: row.get(3)?,
            worker: row.get(4)?,
            line: row.get(5)?,
            location: row.get(6)?,
            found_micro: row.get(7)?,
            wanted_micro: row.get(8)?,
            ..Waiting::default()
        };
        let seen: (String, String, i64, String) = (row.get(9)?, row.get(10)?, row.get(11)?, row.get(12)?);
        Ok((waiting, seen))
    })?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let numbers: Vec<i64> = rows.iter().map(|(each, _)| each.exception).collect();
    let done = boots::done(tx, site, &numbers)?;
    let mut all = Vec::with_capacity(rows.len());
    for (mut each, (task, device, raised_us, item)) in rows {
        if each.kind == ExceptionKind::CountReopened.word() {
            let since = late::counted_since(tx, site, &each.location, &item, each.journal)?;
            each.follower = since.then_some(true);
            all.push(each);
            continue;
        }
        let id = follower(&each.kind, each.exception, each.journal);
        each.follower = is_counted(tx, site, &id)?;
        each.is_to_be_counted = decide::open_count(tx, site, &each.location)?.is_some();
        if each.kind != ExceptionKind::Short.word() {
            each.task = delta::task(tx, site, &task)?;
            let counted = done.get(&each.exception);
            let counted_us = counted.map_or(raised_us, |done| done.latest().as_microsecond());
            each.missing = missing(tx, site, &each.location, &device, counted_us)?;
        }
        all.push(each);
    }
    Ok(all)
}

/// Whether the place of a task is counted by now; `None` where there is no such task.
fn is_counted(tx: &Connection, site: &str, task: &str) -> rusqlite::Result<Option<bool>> {
    tx.prepare_cached(
        "SELECT NOT EXISTS (
                    SELECT 1 FROM line LEFT JOIN line_progress AS done USING (site, task, number)
                    WHERE line.site = task.site AND line.task = task.task AND NOT coalesce(done.closed, 0))
                AND NOT EXISTS (
                    SELECT 1 FROM exception
                    WHERE exception.site = task.site AND exception.task = task.task
                        AND kind IN ('place_not_reachable', 'waits_for_device') AND exception.state <> 'withdrawn')
         FROM task WHERE site = ?1 AND task = ?2",
    )?
    .query_row(params![site, task], |row| row.get(0))
    .optional()
}

/// Devices that have, or had, work in a location and have not handed in all that they did until it was counted.
pub(super) fn missing(
    tx: &Connection,
    site: &str,
    location: &str,
    counter: &str,
    counted_us: i64,
) -> rusqlite::Result<Vec<String>> {
    tx.prepare_cached(
        "SELECT coalesce(nullif(name, ''), device) FROM device
         WHERE site = ?1 AND device <> ?2 AND revoked_us IS NULL
             AND (drained_us < ?3
                  OR EXISTS (SELECT 1 FROM exception AS aside
                             WHERE aside.site = ?1 AND aside.state = 'open' AND aside.kind = 'revoked'
                                 AND aside.device = device.device))
             AND EXISTS (
                 SELECT 1 FROM (
                     SELECT task FROM claim
                     WHERE claim.site = ?1 AND claim.device = device.device AND claim.device <> ''
                     UNION SELECT task FROM doubt WHERE doubt.site = ?1 AND doubt.device = device.device
                     UNION SELECT device.open_task
                 ) AS work
                 JOIN line ON line.site = ?1 AND line.task = work.task
                 WHERE line.location = ?4
                     OR (line.details <> '' AND json_extract(line.details, '$.to') = ?4))
         ORDER BY 1 LIMIT 5",
    )?
    .query_map(params![site, counter, counted_us, location], |row| row.get(0))?
    .collect()
}

/// Locations that are in open counts and not counted yet.
pub(super) fn open_locations(tx: &Connection, site: &str) -> rusqlite::Result<HashSet<String>> {
    tx.prepare_cached(
        "SELECT DISTINCT line.location FROM task JOIN line USING (site, task)
         LEFT JOIN line_progress AS done USING (site, task, number)
         WHERE task.site = ?1 AND state = 'open' AND kind = 'count' AND line.location IS NOT NULL
             AND NOT coalesce(done.closed, 0)",
    )?
    .query_map([site], |row| row.get(0))?
    .collect()
}
