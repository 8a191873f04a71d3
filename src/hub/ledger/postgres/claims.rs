//! Claims in the store: each given by one statement that says by itself whether it may be.

use std::collections::HashMap;

use jiff::Timestamp;
use tallyman_floor::wire::v1::{
    AheadBody, CLAIMS_MAX, ClaimRequest, Claims, DoubtBody, GrantedBody, LeaseBody, RefusedBody, TaskBody,
};
use tokio_postgres::Row;

use super::error::Refused;
use super::master::Numbers;
use super::transaction::Transaction;
use super::write::{Pending, pending, values};
use crate::ledger::DeviceIdentity;
use crate::ledger::claims::{
    ClaimTimes, DOUBTFUL_LINES_MAX, HeldClaim, LEASE_US, SILENCE_US, ahead_until_us, doubt, lines_text,
};
use crate::ledger::posting::Rows;
use crate::ledger::text::cut;

/// Gives the lease where nobody has one that lasts, or the worker takes it over from a device that is silent.
const CLAIM: &str = "
    INSERT INTO claim (site, task, fence, device, worker, since_us, until_us, ahead)
    VALUES ($1, $2, 1, $3, $4, $5, $6, $7)
    ON CONFLICT (site, task) DO UPDATE SET
        fence = claim.fence + CASE WHEN claim.device = excluded.device THEN 0 ELSE 1 END,
        since_us = CASE WHEN claim.device = excluded.device THEN claim.since_us ELSE excluded.since_us END,
        until_us = CASE WHEN claim.device = excluded.device THEN greatest(claim.until_us, excluded.until_us)
                        ELSE excluded.until_us END,
        ahead = excluded.ahead OR (claim.device = excluded.device AND claim.ahead),
        device = excluded.device, worker = excluded.worker
    WHERE claim.device IN ('', excluded.device)
       OR (claim.until_us <= $5 AND $8 >=
               (SELECT contact_us FROM device WHERE device.site = claim.site AND device.device = claim.device))
       OR ($10 AND NOT claim.ahead AND $9 >=
               (SELECT contact_us FROM device WHERE device.site = claim.site AND device.device = claim.device))
    RETURNING fence, ahead";

/// What a claim for one task comes to.
struct Wish<'a> {
    task: &'a str,
    until_us: i64,
    ahead: bool,
}

pub(super) async fn claim(
    tx: &Transaction,
    from: &DeviceIdentity,
    request: &ClaimRequest,
    now: Timestamp,
) -> Result<Claims, Refused> {
    let now_us = now.as_microsecond();
    let mut numbers = Numbers::open(tx, &from.site).await?;
    let generation = tx.one("SELECT generation FROM hub", &[]).await?.try_get(0)?;
    let mut claims = Claims {
        generation,
        granted: Vec::new(),
        refused: Vec::new(),
        server_time: now,
    };
    let package = match &request.ahead {
        Some(ahead) => package(tx, from, request.worker.as_deref(), ahead, now_us).await?,
        None => Vec::new(),
    };
    let asked = request.tasks.iter().take(CLAIMS_MAX).map(|task| Wish {
        task,
        until_us: now_us.saturating_add(LEASE_US),
        ahead: false,
    });
    let minutes = request.ahead.as_ref().map_or(0, |ahead| ahead.minutes);
    let ahead = package.iter().map(|task| Wish {
        task,
        until_us: ahead_until_us(now_us, minutes),
        ahead: true,
    });
    let wishes: Vec<Wish<'_>> = asked.chain(ahead).collect();
    for wish in &wishes {
        claim_one(tx, from, request, wish, now_us, &mut numbers, &mut claims).await?;
    }
    numbers.close(tx).await?;
    Ok(claims)
}

async fn claim_one(
    tx: &Transaction,
    from: &DeviceIdentity,
    request: &ClaimRequest,
    wish: &Wish<'_>,
    now_us: i64,
    numbers: &mut Numbers<'_>,
    claims: &mut Claims,
) -> Result<(), Refused> {
    let refused = |code: &str, holder: Option<HeldClaim>| RefusedBody {
        task: wish.task.to_owned(),
        code: code.to_owned(),
        holder: holder.map(|held| held.body()),
    };
    let state = tx
        .find(
            "SELECT state FROM task WHERE site = $1 AND task = $2",
            &[&from.site, &wish.task],
        )
        .await?;
    let state = state.map(|row| row.try_get::<_, String>(0)).transpose()?;
    if state.as_deref() != Some("open") {
        let code = state.map_or("unknown", |_| "closed");
        claims.refused.push(refused(code, None));
        return Ok(());
    }
    let before = held(tx, &from.site, Some(wish.task)).await?.remove(wish.task);
    let worker = cut(request.worker.as_deref().unwrap_or_default());
    let granted = tx
        .find(
            CLAIM,
            &[
                &from.site,
                &wish.task,
                &from.device,
                &worker,
                &now_us,
                &wish.until_us,
                &wish.ahead,
                &now_us.saturating_sub(LEASE_US),
                &now_us.saturating_sub(SILENCE_US),
                &request.take_over,
            ],
        )
        .await?;
    let Some(granted) = granted else {
        claims.refused.push(refused("held", before));
        return Ok(());
    };
    tx.execute(
        "DELETE FROM doubt WHERE site = $1 AND task = $2 AND device = $3",
        &[&from.site, &wish.task, &from.device],
    )
    .await?;
    let ahead: bool = granted.try_get(1)?;
    let is_same = before
        .as_ref()
        .is_some_and(|before| before.device == from.device && before.ahead == ahead);
    if let Some(before) = before.filter(|before| before.device != from.device) {
        leave_in_doubt(tx, &from.site, wish.task, &before, now_us).await?;
    }
    if !is_same {
        tell(tx, &from.site, wish.task, numbers).await?;
    }
    claims.granted.push(GrantedBody {
        task: wish.task.to_owned(),
        fence: u64::try_from(granted.try_get::<_, i64>(0)?)?,
        lease_ms: u64::try_from(wish.until_us.saturating_sub(now_us) / 1_000).unwrap_or(0),
    });
    Ok(())
}

/// The tasks that a worker takes along: all that are assigned to him, and so many of the next that are anybody's and
/// that nobody holds.
async fn package(
    tx: &Transaction,
    from: &DeviceIdentity,
    worker: Option<&str>,
    ahead: &AheadBody,
    now_us: i64,
) -> Result<Vec<String>, Refused> {
    let limit = |tasks: usize| i64::try_from(tasks).unwrap_or(i64::MAX);
    let worker = worker.unwrap_or_default();
    let assigned = tx
        .query(
            "SELECT task FROM task WHERE site = $1 AND state = 'open' AND ($2::text IS NULL OR kind = $2)
                 AND assigned_to = $3 AND assigned_to <> ''
             ORDER BY priority DESC, reference, task LIMIT $4",
            &[&from.site, &ahead.kind, &worker, &limit(CLAIMS_MAX)],
        )
        .await?;
    let room = CLAIMS_MAX.saturating_sub(assigned.len());
    let wanted = room.min(usize::try_from(ahead.tasks_max).unwrap_or(usize::MAX));
    let next = tx
        .query(
            "SELECT task.task FROM task
             LEFT JOIN claim USING (site, task)
             LEFT JOIN device ON device.site = task.site AND device.device = claim.device
             WHERE task.site = $1 AND state = 'open' AND ($2::text IS NULL OR kind = $2) AND assigned_to = ''
                 AND (claim.device IS NULL OR claim.device IN ('', $3)
                      OR (claim.until_us <= $4 AND device.contact_us <= $5))
             ORDER BY priority DESC, reference, task.task LIMIT $6",
            &[
                &from.site,
                &ahead.kind,
                &from.device,
                &now_us,
                &now_us.saturating_sub(LEASE_US),
                &limit(wanted),
            ],
        )
        .await?;
    let rows = assigned.iter().chain(&next);
    Ok(rows.map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Notes which lines a device may have done without the hub knowing.
async fn leave_in_doubt(
    tx: &Transaction,
    site: &str,
    task: &str,
    held: &HeldClaim,
    now_us: i64,
) -> Result<(), Refused> {
    let lines_max = i64::try_from(DOUBTFUL_LINES_MAX).unwrap_or(i64::MAX);
    let rows = tx
        .query(
            "SELECT line.number FROM line LEFT JOIN line_progress AS done USING (site, task, number)
             WHERE line.site = $1 AND line.task = $2 AND NOT coalesce(done.closed, false)
                 AND coalesce(done.quantity_micro < line.expected_micro, true)
             ORDER BY line.number LIMIT $3",
            &[&site, &task, &lines_max],
        )
        .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(u32::try_from(row.try_get::<_, i64>(0)?)?);
    }
    tx.execute(
        "INSERT INTO doubt (site, task, device, worker, lines, since_us) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (site, task, device) DO UPDATE SET worker = excluded.worker, lines = excluded.lines,
                                                        since_us = excluded.since_us",
        &[
            &site,
            &task,
            &held.device,
            &held.worker,
            &lines_text(&lines),
            &now_us,
        ],
    )
    .await?;
    Ok(())
}

/// Gives the task a new number, so that devices hear of it.
async fn tell(tx: &Transaction, site: &str, task: &str, numbers: &mut Numbers<'_>) -> Result<(), Refused> {
    tx.execute(
        "UPDATE task SET change_seq = $3 WHERE site = $1 AND task = $2",
        &[&site, &task, &numbers.next()],
    )
    .await?;
    Ok(())
}

pub(super) async fn release(
    tx: &Transaction,
    from: &DeviceIdentity,
    leases: &[LeaseBody],
    now: Timestamp,
) -> Result<(), Refused> {
    let mut numbers = Numbers::open(tx, &from.site).await?;
    for lease in leases.iter().take(CLAIMS_MAX) {
        let released = tx
            .execute(
                "UPDATE claim SET device = '', until_us = $5, ahead = false
                 WHERE site = $1 AND task = $2 AND fence = $3 AND device = $4",
                &[
                    &from.site,
                    &lease.task,
                    &i64::try_from(lease.fence).unwrap_or(i64::MAX),
                    &from.device,
                    &now.as_microsecond(),
                ],
            )
            .await?;
        if released > 0 {
            tell(tx, &from.site, &lease.task, &mut numbers).await?;
        }
    }
    numbers.close(tx).await
}

/// Takes a task from whoever holds it.
pub(super) async fn free(tx: &Transaction, site: &str, task: &str, now: Timestamp) -> Result<bool, Refused> {
    let mut numbers = Numbers::open(tx, site).await?;
    let Some(held) = held(tx, site, Some(task)).await?.remove(task) else {
        return Ok(false);
    };
    let now_us = now.as_microsecond();
    leave_in_doubt(tx, site, task, &held, now_us).await?;
    tx.execute(
        "UPDATE claim SET device = '', until_us = $3, ahead = false WHERE site = $1 AND task = $2",
        &[&site, &task, &now_us],
    )
    .await?;
    tell(tx, site, task, &mut numbers).await?;
    numbers.close(tx).await?;
    Ok(true)
}

pub(super) async fn is_doubted(tx: &Transaction, from: &DeviceIdentity) -> Result<bool, Refused> {
    let row = tx
        .one(
            "SELECT EXISTS (SELECT 1 FROM doubt WHERE site = $1 AND device = $2)",
            &[&from.site, &from.device],
        )
        .await?;
    Ok(row.try_get(0)?)
}

/// The device has handed in all it had: nothing of it is in doubt any more.
pub(super) async fn end_doubts(tx: &Transaction, from: &DeviceIdentity) -> Result<bool, Refused> {
    let mut numbers = Numbers::open(tx, &from.site).await?;
    let rows = tx
        .query(
            "DELETE FROM doubt WHERE site = $1 AND device = $2 RETURNING task",
            &[&from.site, &from.device],
        )
        .await?;
    for row in &rows {
        tell(tx, &from.site, row.try_get(0)?, &mut numbers).await?;
    }
    numbers.close(tx).await?;
    Ok(!rows.is_empty())
}

const FENCES: &str = "
    INSERT INTO claim (site, task, fence, device, worker, since_us, until_us, ahead)
    SELECT $1, task, fence, '', '', $2, $2, false FROM unnest($3::text[], $4::bigint[]) AS row (task, fence)
    ON CONFLICT (site, task) DO UPDATE SET fence = greatest(claim.fence, excluded.fence)";

const ARRIVED: &str = "
    UPDATE exception SET state = 'resolved', resolution = 'arrived', resolved_us = $2
    WHERE site = $1 AND state = 'open' AND kind = 'waits_for_device'
        AND (task, line) IN (SELECT task, line FROM unnest($3::text[], $4::bigint[]) AS row (task, line))";

/// What posting says about claims, as statements.
pub(super) async fn rows<'a>(
    tx: &Transaction,
    site: &'a str,
    now_us: i64,
    rows: &'a Rows<'_>,
) -> Result<Vec<Pending<'a>>, Refused> {
    let mut statements = Vec::new();
    if !rows.fences.is_empty() {
        let tasks: Vec<&str> = rows.fences.keys().map(String::as_str).collect();
        let fences = rows.fences.values().map(|fence| i64::try_from(*fence));
        let fences = fences.collect::<Result<Vec<i64>, _>>()?;
        statements.push(pending(tx, FENCES, values![site, now_us, tasks, fences]).await?);
    }
    if !rows.arrived.is_empty() {
        let (tasks, lines): (Vec<&str>, Vec<i64>) = rows
            .arrived
            .iter()
            .map(|(task, line)| (task.as_str(), i64::from(*line)))
            .unzip();
        statements.push(pending(tx, ARRIVED, values![site, now_us, tasks, lines]).await?);
    }
    Ok(statements)
}

const HELD: &str = "
    SELECT claim.task, claim.device, coalesce(device.name, claim.device), claim.worker, fence, since_us, until_us,
           coalesce(contact_us, 0), ahead
    FROM claim JOIN task USING (site, task)
    LEFT JOIN device ON device.site = claim.site AND device.device = claim.device
    WHERE claim.site = $1 AND claim.device <> '' AND task.state = 'open'";

const HELD_OF_TASKS: &str = "
    SELECT claim.task, claim.device, coalesce(device.name, claim.device), claim.worker, fence, since_us, until_us,
           coalesce(contact_us, 0), ahead
    FROM unnest($2::text[]) AS asked (task)
    JOIN claim ON claim.site = $1 AND claim.task = asked.task
    JOIN task ON task.site = claim.site AND task.task = claim.task
    LEFT JOIN device ON device.site = claim.site AND device.device = claim.device
    WHERE claim.device <> '' AND task.state = 'open'";

fn held_claim(row: &Row) -> Result<(String, HeldClaim), Refused> {
    let times = ClaimTimes {
        since_us: row.try_get(5)?,
        until_us: row.try_get(6)?,
        contact_us: row.try_get(7)?,
    };
    let held = HeldClaim {
        device: row.try_get(1)?,
        device_name: row.try_get(2)?,
        worker: row.try_get(3)?,
        fence: u64::try_from(row.try_get::<_, i64>(4)?)?,
        since: super::moment(times.since_us),
        heard: super::moment(times.contact_us.max(times.since_us)),
        until: super::moment(times.ends_us()),
        ahead: row.try_get(8)?,
    };
    Ok((row.try_get(0)?, held))
}

/// Who holds a task, or each task that is open.
pub(super) async fn held(
    tx: &Transaction,
    site: &str,
    task: Option<&str>,
) -> Result<HashMap<String, HeldClaim>, Refused> {
    let rows = match task {
        Some(task) => tx.query(HELD_OF_TASKS, &[&site, &[task].as_slice()]).await?,
        None => tx.query(HELD, &[&site]).await?,
    };
    rows.iter().map(held_claim).collect()
}

const DOUBTS: &str = "
    SELECT doubt.task, doubt.device, coalesce(device.name, doubt.device), doubt.worker, lines
    FROM unnest($2::text[]) AS asked (task)
    JOIN doubt ON doubt.site = $1 AND doubt.task = asked.task
    LEFT JOIN device ON device.site = doubt.site AND device.device = doubt.device
    ORDER BY since_us, doubt.device";

/// What is in doubt about tasks.
pub(super) async fn doubts(
    tx: &Transaction,
    site: &str,
    tasks: &[&str],
) -> Result<HashMap<String, Vec<DoubtBody>>, Refused> {
    let mut doubts: HashMap<String, Vec<DoubtBody>> = HashMap::new();
    for row in tx.query(DOUBTS, &[&site, &tasks]).await? {
        let found = doubt(row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
        doubts.entry(row.try_get(0)?).or_default().push(found);
    }
    Ok(doubts)
}

/// Adds to tasks who holds them and what is in doubt, as a device is told.
pub(super) async fn add_to(
    tx: &Transaction,
    to: &DeviceIdentity,
    tasks: &mut HashMap<String, TaskBody>,
) -> Result<(), Refused> {
    if tasks.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = tasks.keys().cloned().collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows = tx.query(HELD_OF_TASKS, &[&to.site, &names]).await?;
    for row in &rows {
        let (task, held) = held_claim(row)?;
        if let Some(task) = tasks.get_mut(&task) {
            task.claim = Some(held.body());
        }
    }
    for (task, found) in doubts(tx, &to.site, &names).await? {
        if let Some(task) = tasks.get_mut(&task) {
            task.doubts = found;
            task.doubts.retain(|doubt| doubt.device != to.device);
        }
    }
    Ok(())
}
