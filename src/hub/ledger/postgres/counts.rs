//! What follows from counts, in the store.

use std::collections::HashSet;

use jiff::Timestamp;

use super::error::Refused;
use super::transaction::Transaction;
use super::{boots, decide, delta, devices, late, write};
use crate::ledger::counts::{CountLimits, LOOKED_AT_MAX, Step, Waiting, follower, steps};
use crate::ledger::exception::ExceptionKind;
use crate::ledger::posting::Rows;
use crate::ledger::resolution::Resolution;

/// What follows from the open exceptions of a site now.
pub(super) async fn look(tx: &Transaction, site: &str, limits: CountLimits) -> Result<Vec<Step>, Refused> {
    let mut steps = steps(&waiting(tx, site).await?, limits);
    steps.extend(late::look(tx, site).await?);
    Ok(steps)
}

/// Does what follows. Answers whether something did.
pub(super) async fn tend(
    tx: &Transaction,
    site: &str,
    limits: CountLimits,
    now: Timestamp,
) -> Result<bool, Refused> {
    devices::lock(tx, site).await?;
    let steps = look(tx, site, limits).await?;
    apply(tx, site, &steps, now).await?;
    Ok(!steps.is_empty())
}

/// Does these steps.
pub(super) async fn apply(
    tx: &Transaction,
    site: &str,
    steps: &[Step],
    now: Timestamp,
) -> Result<(), Refused> {
    let locked = devices::lock(tx, site).await?;
    let (mut tasks, mut late) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Make(task) => tasks.push(task.as_ref().clone()),
            Step::Turn {
                exception,
                kind,
                message,
            } => {
                tx.execute(
                    "UPDATE exception SET kind = $3, message = $4 WHERE site = $1 AND exception = $2",
                    &[&site, exception, &kind.word(), message],
                )
                .await?;
            }
            Step::Raise(row) => late.push(row.as_ref().clone()),
            Step::More { exception, movements } => {
                tx.execute(
                    "UPDATE exception SET found_micro = found_micro + $3::bigint * 1000000
                     WHERE site = $1 AND exception = $2",
                    &[&site, exception, movements],
                )
                .await?;
            }
            Step::Seen(entry) => {
                tx.execute("UPDATE site SET late_entry = $2 WHERE site = $1", &[&site, entry])
                    .await?;
            }
            Step::Recounted(exception) => {
                tx.execute(
                    "UPDATE exception SET state = 'resolved', resolution = $3, resolved_us = $4
                     WHERE site = $1 AND exception = $2",
                    &[
                        &site,
                        exception,
                        &Resolution::Recounted.word(),
                        &now.as_microsecond(),
                    ],
                )
                .await?;
            }
        }
    }
    if !late.is_empty() {
        let rows = Rows {
            before: locked.numbers,
            exceptions: late,
            ..Rows::default()
        };
        let mut statements = write::rows(tx, site, now.as_microsecond(), locked.change_seq, &rows).await?;
        statements.extend(write::site(tx, site, &locked, &rows, locked.change_seq).await?);
        write::run_all(tx, statements, false).await?;
    }
    decide::make_tasks(tx, site, &tasks, now).await
}

async fn waiting(tx: &Transaction, site: &str) -> Result<Vec<Waiting>, Refused> {
    let rows = tx
        .query(
            "SELECT exception, kind, message, journal, worker, line, location, coalesce(found_micro, 0),
                    coalesce(wanted_micro, 0), task, device, raised_us, item
             FROM exception
             WHERE site = $1 AND state = 'open' AND location <> '' AND journal IS NOT NULL
                 AND (kind IN ('count_variance', 'count_waits', 'count_overlap', 'count_reopened') OR (kind = 'short' AND reason = 'empty'))
             ORDER BY exception LIMIT $2",
            &[&site, &LOOKED_AT_MAX],
        )
        .await?;
    let numbers: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let done = boots::done(tx, site, &numbers).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let line: Option<i64> = row.try_get(5)?;
        let mut each = Waiting {
            exception: row.try_get(0)?,
            kind: row.try_get(1)?,
            message: row.try_get(2)?,
            journal: row.try_get(3)?,
            worker: row.try_get(4)?,
            line: line.map(u32::try_from).transpose()?,
            location: row.try_get(6)?,
            found_micro: row.try_get(7)?,
            wanted_micro: row.try_get(8)?,
            ..Waiting::default()
        };
        if each.kind == ExceptionKind::CountReopened.word() {
            let item: &str = row.try_get(12)?;
            let since = late::counted_since(tx, site, &each.location, item, each.journal).await?;
            each.follower = since.then_some(true);
            all.push(each);
            continue;
        }
        let id = follower(&each.kind, each.exception, each.journal);
        each.follower = is_counted(tx, site, &id).await?;
        each.is_to_be_counted = decide::open_count(tx, site, &each.location).await?.is_some();
        if each.kind != ExceptionKind::Short.word() {
            each.task = delta::tasks(tx, site, &[row.try_get(9)?]).await?.pop();
            let (device, raised_us): (&str, i64) = (row.try_get(10)?, row.try_get(11)?);
            let counted = done.get(&each.exception);
            let counted_us = counted.map_or(raised_us, |done| done.latest().as_microsecond());
            each.missing = missing(tx, site, &each.location, device, counted_us).await?;
        }
        all.push(each);
    }
    Ok(all)
}

/// Whether the place of a task is counted by now; `None` where there is no such task.
async fn is_counted(tx: &Transaction, site: &str, task: &str) -> Result<Option<bool>, Refused> {
    let row = tx
        .find(
            "SELECT NOT EXISTS (
                        SELECT 1 FROM line LEFT JOIN line_progress AS done USING (site, task, number)
                        WHERE line.site = task.site AND line.task = task.task AND NOT coalesce(done.closed, false))
                    AND NOT EXISTS (
                        SELECT 1 FROM exception
                        WHERE exception.site = task.site AND exception.task = task.task
                            AND kind IN ('place_not_reachable', 'waits_for_device')
                            AND exception.state <> 'withdrawn')
             FROM task WHERE task.site = $1 AND task.task = $2",
            &[&site, &task],
        )
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Devices that have, or had, work in a location and have not handed in all that they did until it was counted.
pub(super) async fn missing(
    tx: &Transaction,
    site: &str,
    location: &str,
    counter: &str,
    counted_us: i64,
) -> Result<Vec<String>, Refused> {
    let rows = tx
        .query(
            "SELECT coalesce(nullif(name, ''), device) FROM device
             WHERE site = $1 AND device <> $2 AND revoked_us IS NULL
                 AND (drained_us < $3
                      OR EXISTS (SELECT 1 FROM exception AS aside
                                 WHERE aside.site = $1 AND aside.state = 'open' AND aside.kind = 'revoked'
                                     AND aside.device = device.device))
                 AND EXISTS (
                     SELECT 1 FROM (
                         SELECT task FROM claim
                         WHERE claim.site = $1 AND claim.device = device.device AND claim.device <> ''
                         UNION SELECT task FROM doubt WHERE doubt.site = $1 AND doubt.device = device.device
                         UNION SELECT device.open_task
                     ) AS work
                     JOIN line ON line.site = $1 AND line.task = work.task
                     WHERE line.location = $4
                         OR (CASE WHEN line.details <> '' THEN line.details::jsonb ->> 'to' END) = $4)
             ORDER BY 1 LIMIT 5",
            &[&site, &counter, &counted_us, &location],
        )
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Locations that are in open counts and not counted yet.
pub(super) async fn open_locations(tx: &Transaction, site: &str) -> Result<HashSet<String>, Refused> {
    let rows = tx
        .query(
            "SELECT DISTINCT line.location FROM task JOIN line USING (site, task)
             LEFT JOIN line_progress AS done USING (site, task, number)
             WHERE task.site = $1 AND state = 'open' AND kind = 'count' AND line.location IS NOT NULL
                 AND NOT coalesce(done.closed, false)",
            &[&site],
        )
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
