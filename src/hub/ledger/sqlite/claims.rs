//! Claims in the store: each given by one statement that says by itself whether it may be.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use tallyman_floor::wire::v1::{
    AheadBody, CLAIMS_MAX, ClaimRequest, Claims, DoubtBody, GrantedBody, LeaseBody, RefusedBody, TaskBody,
};

use super::change::ChangeCounter;
use crate::ledger::DeviceIdentity;
use crate::ledger::claims::{
    ClaimTimes, DOUBTFUL_LINES_MAX, HeldClaim, LEASE_US, SILENCE_US, ahead_until_us, doubt, lines_text,
};
use crate::ledger::posting::Rows;
use crate::ledger::text::cut;

/// Gives the lease where nobody has one that lasts, or the worker takes it over from a device that is silent.
const CLAIM: &str = "
    INSERT INTO claim (site, task, fence, device, worker, since_us, until_us, ahead)
    VALUES (:site, :task, 1, :device, :worker, :now, :until, :ahead)
    ON CONFLICT DO UPDATE SET
        fence = claim.fence + (claim.device <> excluded.device),
        since_us = CASE WHEN claim.device = excluded.device THEN claim.since_us ELSE excluded.since_us END,
        until_us = CASE WHEN claim.device = excluded.device THEN max(claim.until_us, excluded.until_us)
                        ELSE excluded.until_us END,
        ahead = excluded.ahead OR (claim.device = excluded.device AND claim.ahead),
        device = excluded.device, worker = excluded.worker
    WHERE claim.device IN ('', excluded.device)
       OR (claim.until_us <= :now AND :heard_by_lease >=
               (SELECT contact_us FROM device WHERE device.site = claim.site AND device.device = claim.device))
       OR (:take_over AND NOT claim.ahead AND :heard_by_silence >=
               (SELECT contact_us FROM device WHERE device.site = claim.site AND device.device = claim.device))
    RETURNING fence, ahead";

/// What a claim for one task comes to.
struct Wish<'a> {
    task: &'a str,
    until_us: i64,
    ahead: bool,
}

pub(super) fn claim(
    tx: &Connection,
    from: &DeviceIdentity,
    request: &ClaimRequest,
    generation: String,
    now: Timestamp,
) -> rusqlite::Result<Claims> {
    let now_us = now.as_microsecond();
    let mut claims = Claims {
        generation,
        granted: Vec::new(),
        refused: Vec::new(),
        server_time: now,
    };
    let mut counter = ChangeCounter::open(tx, &from.site)?;
    let package = match &request.ahead {
        Some(ahead) => package(tx, from, request.worker.as_deref(), ahead, now_us)?,
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
    for wish in asked.chain(ahead) {
        claim_one(tx, from, request, &wish, now_us, &mut counter, &mut claims)?;
    }
    counter.close()?;
    Ok(claims)
}

fn claim_one(
    tx: &Connection,
    from: &DeviceIdentity,
    request: &ClaimRequest,
    wish: &Wish<'_>,
    now_us: i64,
    counter: &mut ChangeCounter<'_>,
    claims: &mut Claims,
) -> rusqlite::Result<()> {
    let refused = |code: &str, holder: Option<HeldClaim>| RefusedBody {
        task: wish.task.to_owned(),
        code: code.to_owned(),
        holder: holder.map(|held| held.body()),
    };
    let state: Option<String> = tx
        .prepare_cached("SELECT state FROM task WHERE site = ?1 AND task = ?2")?
        .query_row(params![from.site, wish.task], |row| row.get(0))
        .optional()?;
    if state.as_deref() != Some("open") {
        let code = state.map_or("unknown", |_| "closed");
        claims.refused.push(refused(code, None));
        return Ok(());
    }
    let before = held(tx, &from.site, Some(wish.task))?.remove(wish.task);
    let granted = tx
        .prepare_cached(CLAIM)?
        .query_row(
            named_params! {
                ":site": from.site, ":task": wish.task, ":device": from.device,
                ":worker": cut(request.worker.as_deref().unwrap_or_default()),
                ":now": now_us, ":until": wish.until_us, ":ahead": wish.ahead,
                ":heard_by_lease": now_us.saturating_sub(LEASE_US),
                ":heard_by_silence": now_us.saturating_sub(SILENCE_US),
                ":take_over": request.take_over,
            },
            |row| Ok((row.get::<_, u64>(0)?, row.get::<_, bool>(1)?)),
        )
        .optional()?;
    let Some((fence, ahead)) = granted else {
        claims.refused.push(refused("held", before));
        return Ok(());
    };
    tx.prepare_cached("DELETE FROM doubt WHERE site = ?1 AND task = ?2 AND device = ?3")?
        .execute(params![from.site, wish.task, from.device])?;
    let is_same = before
        .as_ref()
        .is_some_and(|before| before.device == from.device && before.ahead == ahead);
    if let Some(before) = before.filter(|before| before.device != from.device) {
        leave_in_doubt(tx, &from.site, wish.task, &before, now_us)?;
    }
    if !is_same {
        tell(tx, &from.site, wish.task, counter)?;
    }
    claims.granted.push(GrantedBody {
        task: wish.task.to_owned(),
        fence,
        lease_ms: u64::try_from(wish.until_us.saturating_sub(now_us) / 1_000).unwrap_or(0),
    });
    Ok(())
}

/// The tasks that a worker takes along: all that are assigned to him, and so many of the next that are anybody's and
/// that nobody holds.
fn package(
    tx: &Connection,
    from: &DeviceIdentity,
    worker: Option<&str>,
    ahead: &AheadBody,
    now_us: i64,
) -> rusqlite::Result<Vec<String>> {
    let mut assigned = tx.prepare_cached(
        "SELECT task FROM task WHERE site = ?1 AND state = 'open' AND (?2 IS NULL OR kind = ?2)
             AND assigned_to = ?3 AND assigned_to <> ''
         ORDER BY priority DESC, reference, task LIMIT ?4",
    )?;
    let mut tasks: Vec<String> = assigned
        .query_map(
            params![from.site, ahead.kind, worker.unwrap_or_default(), CLAIMS_MAX],
            |row| row.get(0),
        )?
        .collect::<rusqlite::Result<_>>()?;
    let room = CLAIMS_MAX.saturating_sub(tasks.len());
    let mut next = tx.prepare_cached(
        "SELECT task.task FROM task
         LEFT JOIN claim USING (site, task) LEFT JOIN device ON device.site = task.site AND device.device = claim.device
         WHERE task.site = ?1 AND state = 'open' AND (?2 IS NULL OR kind = ?2) AND assigned_to = ''
             AND (claim.device IS NULL OR claim.device IN ('', ?3)
                  OR (claim.until_us <= ?4 AND device.contact_us <= ?5))
         ORDER BY priority DESC, reference, task.task LIMIT ?6",
    )?;
    let next = next.query_map(
        params![
            from.site,
            ahead.kind,
            from.device,
            now_us,
            now_us.saturating_sub(LEASE_US),
            room.min(usize::try_from(ahead.tasks_max).unwrap_or(usize::MAX))
        ],
        |row| row.get(0),
    )?;
    tasks.extend(next.collect::<rusqlite::Result<Vec<String>>>()?);
    Ok(tasks)
}

/// Notes which lines a device may have done without the hub knowing.
fn leave_in_doubt(
    tx: &Connection,
    site: &str,
    task: &str,
    held: &HeldClaim,
    now_us: i64,
) -> rusqlite::Result<()> {
    let lines: Vec<u32> = tx
        .prepare_cached(
            "SELECT line.number FROM line LEFT JOIN line_progress AS done USING (site, task, number)
             WHERE line.site = ?1 AND line.task = ?2 AND NOT coalesce(done.closed, 0)
                 AND coalesce(done.quantity_micro < line.expected_micro, 1)
             ORDER BY line.number LIMIT ?3",
        )?
        .query_map(params![site, task, DOUBTFUL_LINES_MAX], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    tx.prepare_cached("INSERT OR REPLACE INTO doubt VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            site,
            task,
            held.device,
            held.worker,
            lines_text(&lines),
            now_us
        ])?;
    Ok(())
}

/// Gives the task a new number, so that devices hear of it.
fn tell(tx: &Connection, site: &str, task: &str, counter: &mut ChangeCounter<'_>) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE task SET change_seq = ?3 WHERE site = ?1 AND task = ?2")?
        .execute(params![site, task, counter.next()])?;
    Ok(())
}

pub(super) fn release(
    tx: &Connection,
    from: &DeviceIdentity,
    leases: &[LeaseBody],
    now: Timestamp,
) -> rusqlite::Result<()> {
    let mut counter = ChangeCounter::open(tx, &from.site)?;
    for lease in leases.iter().take(CLAIMS_MAX) {
        let released = tx
            .prepare_cached(
                "UPDATE claim SET device = '', until_us = ?5, ahead = 0
                 WHERE site = ?1 AND task = ?2 AND fence = ?3 AND device = ?4",
            )?
            .execute(params![
                from.site,
                lease.task,
                i64::try_from(lease.fence).unwrap_or(i64::MAX),
                from.device,
                now.as_microsecond()
            ])?;
        if released > 0 {
            tell(tx, &from.site, &lease.task, &mut counter)?;
        }
    }
    counter.close()
}

/// Takes a task from whoever holds it.
pub(super) fn free(tx: &Connection, site: &str, task: &str, now: Timestamp) -> rusqlite::Result<bool> {
    let Some(held) = held(tx, site, Some(task))?.remove(task) else {
        return Ok(false);
    };
    let now_us = now.as_microsecond();
    leave_in_doubt(tx, site, task, &held, now_us)?;
    tx.prepare_cached(
        "UPDATE claim SET device = '', until_us = ?3, ahead = 0 WHERE site = ?1 AND task = ?2",
    )?
    .execute(params![site, task, now_us])?;
    let mut counter = ChangeCounter::open(tx, site)?;
    tell(tx, site, task, &mut counter)?;
    counter.close()?;
    Ok(true)
}

pub(super) fn is_doubted(tx: &Connection, from: &DeviceIdentity) -> rusqlite::Result<bool> {
    tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM doubt WHERE site = ?1 AND device = ?2)")?
        .query_row(params![from.site, from.device], |row| row.get(0))
}

/// The device has handed in all it had: nothing of it is in doubt any more.
pub(super) fn end_doubts(tx: &Connection, from: &DeviceIdentity) -> rusqlite::Result<bool> {
    let tasks: Vec<String> = tx
        .prepare_cached("DELETE FROM doubt WHERE site = ?1 AND device = ?2 RETURNING task")?
        .query_map(params![from.site, from.device], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut counter = ChangeCounter::open(tx, &from.site)?;
    for task in &tasks {
        tell(tx, &from.site, task, &mut counter)?;
    }
    counter.close()?;
    Ok(!tasks.is_empty())
}

/// What posting says about claims.
pub(super) fn write(tx: &Connection, site: &str, now_us: i64, rows: &Rows<'_>) -> rusqlite::Result<()> {
    for (task, fence) in &rows.fences {
        tx.prepare_cached(
            "INSERT INTO claim VALUES (?1, ?2, ?3, '', '', ?4, ?4, 0)
             ON CONFLICT DO UPDATE SET fence = max(fence, excluded.fence)",
        )?
        .execute(params![site, task, fence, now_us])?;
    }
    for (task, number) in &rows.arrived {
        tx.prepare_cached(
            "UPDATE exception SET state = 'resolved', resolution = 'arrived', resolved_us = ?4
             WHERE site = ?1 AND state = 'open' AND kind = 'waits_for_device' AND task = ?2 AND line = ?3",
        )?
        .execute(params![site, task, number, now_us])?;
    }
    Ok(())
}

const HELD: &str = "
    SELECT claim.task, claim.device, coalesce(device.name, claim.device), claim.worker, fence, since_us, until_us,
           coalesce(contact_us, 0), ahead
    FROM claim JOIN task USING (site, task)
    LEFT JOIN device ON device.site = claim.site AND device.device = claim.device
    WHERE claim.site = ?1 AND claim.device <> '' AND task.state = 'open' AND (?2 IS NULL OR claim.task = ?2)";

fn held_claim(row: &Row<'_>) -> rusqlite::Result<(String, HeldClaim)> {
    let times = ClaimTimes {
        since_us: row.get(5)?,
        until_us: row.get(6)?,
        contact_us: row.get(7)?,
    };
    let held = HeldClaim {
        device: row.get(1)?,
        device_name: row.get(2)?,
        worker: row.get(3)?,
        fence: row.get(4)?,
        since: super::moment(times.since_us),
        heard: super::moment(times.contact_us.max(times.since_us)),
        until: super::moment(times.ends_us()),
        ahead: row.get(8)?,
    };
    Ok((row.get(0)?, held))
}

/// Who holds a task, or each task that is open.
pub(super) fn held(
    tx: &Connection,
    site: &str,
    task: Option<&str>,
) -> rusqlite::Result<HashMap<String, HeldClaim>> {
    let held = match task {
        // By its key, not by a walk over all that are held.
        Some(_) => HELD.replace("(?2 IS NULL OR claim.task = ?2)", "claim.task = ?2"),
        None => HELD.to_owned(),
    };
    tx.prepare_cached(&held)?
        .query_map(params![site, task], held_claim)?
        .collect()
}

/// What is in doubt about a task.
pub(super) fn doubts(tx: &Connection, site: &str, task: &str) -> rusqlite::Result<Vec<DoubtBody>> {
    tx.prepare_cached(
        "SELECT doubt.device, coalesce(device.name, doubt.device), doubt.worker, lines
         FROM doubt LEFT JOIN device USING (site, device) WHERE doubt.site = ?1 AND doubt.task = ?2
         ORDER BY since_us, doubt.device",
    )?
    .query_map(params![site, task], |row| {
        let lines: String = row.get(3)?;
        Ok(doubt(row.get(0)?, row.get(1)?, row.get(2)?, &lines))
    })?
    .collect()
}

/// Adds to a task who holds it and what is in doubt, as a device is told.
pub(super) fn add_to(tx: &Connection, to: &DeviceIdentity, task: &mut TaskBody) -> rusqlite::Result<()> {
    let held = held(tx, &to.site, Some(&task.id))?.remove(&task.id);
    task.claim = held.map(|held| held.body());
    task.doubts = doubts(tx, &to.site, &task.id)?;
    task.doubts.retain(|doubt| doubt.device != to.device);
    Ok(())
}
