//! Decisions about exceptions in the store: what has to be known is read, what follows is written, in one transaction.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::v1::{ConfirmationBody, TaskBody};

use super::boots::{Boots, done_at};
use super::change::ChangeCounter;
use super::{Refused, boots, counts, delta, excerpt, late, master, set_aside, write};
use crate::ledger::DeviceIdentity;
use crate::ledger::account::{Account, AccountKind, Stock};
use crate::ledger::decide::{CANNOT, Case, plan};
use crate::ledger::exception::ExceptionKind;
use crate::ledger::overlap::{self, Seen};
use crate::ledger::posting::{Excerpt, Rows, Wanted, post_documents};
use crate::ledger::resolution::{Decided, Decision, Resolution};

/// Decides; `None` where a part is done, and the rest needs another transaction.
pub(super) fn decide(
    tx: &Connection,
    site: &str,
    exception: i64,
    decision: &Decision,
    now: Timestamp,
) -> Result<Option<Decided>, Refused> {
    let Some(case) = read_case(tx, site, exception)? else {
        return Ok(Some(Decided::Ended));
    };
    if case.kind() == Some(ExceptionKind::Revoked) {
        return Ok(decide_about_set_aside(tx, site, &case, decision, now)?);
    }
    decide_case(tx, site, case, decision, now).map(Some)
}

/// Posts records that were set aside, or leaves them out.
fn decide_about_set_aside(
    tx: &Connection,
    site: &str,
    case: &Case,
    decision: &Decision,
    now: Timestamp,
) -> rusqlite::Result<Option<Decided>> {
    let from = DeviceIdentity {
        site: site.to_owned(),
        device: case.device.clone(),
    };
    match decision.resolution {
        Resolution::Release => {
            let left = set_aside::release(tx, &from, now.as_microsecond())?;
            if left > 0 {
                tx.execute(
                    "UPDATE exception SET found_micro = ?3 * 1000000 WHERE site = ?1 AND exception = ?2",
                    params![site, case.exception, left],
                )?;
                return Ok(None);
            }
        }
        Resolution::Noted => set_aside::leave_out(tx, &from)?,
        _ => return Ok(Some(Decided::Refused(CANNOT.to_owned()))),
    }
    end(tx, site, case.exception, decision, now, None)?;
    Ok(Some(Decided::Done))
}

fn decide_case(
    tx: &Connection,
    site: &str,
    mut case: Case,
    decision: &Decision,
    now: Timestamp,
) -> Result<Decided, Refused> {
    let exception = case.exception;
    if decision.resolution == Resolution::AcceptCount {
        case.overlap = overlapping(tx, site, &case)?;
        case.missing = missing(tx, site, &case)?;
    }
    if let (Resolution::CorrectCount, Some(place)) = (decision.resolution, case.journal) {
        case.counted_since = late::counted_since(tx, site, &case.location, &case.item, place)?;
    }
    let mut known = Excerpt::default();
    if let Some(body) = case.fact_as(decision) {
        let mut wanted = Wanted::default();
        wanted.add("", &body);
        excerpt::read_plan(tx, site, &wanted, &mut known)?;
    }
    let plan = match plan(&case, decision, &known) {
        Ok(plan) => plan,
        Err(sentence) => return Ok(Decided::Refused(sentence)),
    };
    if let Some(kind) = plan.turns_into {
        tx.prepare_cached("UPDATE exception SET kind = ?3, message = ?4 WHERE site = ?1 AND exception = ?2")?
            .execute(params![site, exception, kind.word(), plan.reason])?;
        return Ok(Decided::Refused(plan.reason));
    }
    let now_us = now.as_microsecond();
    let mut document = None;
    if !plan.pairs.is_empty() {
        let number = tx
            .prepare_cached(
                "INSERT INTO document (site, kind, reason, posted_us) VALUES (?1, 'adjustment', ?2, ?3)",
            )?
            .insert(params![site, plan.reason, now_us])?;
        let rows = post_documents(write::numbers(tx)?, number, plan.pairs);
        write::write(tx, site, now_us, &rows)?;
        document = Some(number);
    }
    make_tasks(tx, site, &plan.tasks, now)?;
    if let Some(code) = plan.removed_code {
        let rows = Rows {
            before: write::numbers(tx)?,
            unlinked: vec![code],
            ..Rows::default()
        };
        write::write(tx, site, now_us, &rows)?;
    }
    end(tx, site, exception, decision, now, document)?;
    Ok(Decided::Done)
}

fn end(
    tx: &Connection,
    site: &str,
    exception: i64,
    decision: &Decision,
    now: Timestamp,
    document: Option<i64>,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "UPDATE exception SET state = 'resolved', resolution = ?3, resolved_us = ?4, document = ?5, resolved_by = ?6,
                              resolved_as = ?7
         WHERE site = ?1 AND exception = ?2",
    )?
    .execute(params![
        site,
        exception,
        decision.resolution.word(),
        now.as_microsecond(),
        document,
        decision.by,
        decision.name
    ])?;
    Ok(())
}

pub(super) fn make_tasks(
    tx: &Connection,
    site: &str,
    tasks: &[TaskBody],
    now: Timestamp,
) -> Result<(), Refused> {
    let mut counter = ChangeCounter::open(tx, site)?;
    for task in tasks {
        let revision = delta::task(tx, site, &task.id)?.map_or(1, |before| before.revision + 1);
        master::put_task(tx, site, task, revision, now, counter.next())?;
    }
    Ok(counter.close()?)
}

fn read_case(tx: &Connection, site: &str, exception: i64) -> rusqlite::Result<Option<Case>> {
    let found = tx
        .prepare_cached(
            "SELECT kind, task, line, location, item, lot, serial, found_micro, wanted_micro, journal, device
             FROM exception WHERE site = ?1 AND exception = ?2 AND state = 'open'",
        )?
        .query_row(params![site, exception], |row| {
            let task: String = row.get(1)?;
            Ok((
                task,
                Case {
                    exception,
                    kind: row.get(0)?,
                    line: row.get(2)?,
                    location: row.get(3)?,
                    item: row.get(4)?,
                    lot: row.get(5)?,
                    serial: row.get(6)?,
                    found_micro: row.get(7)?,
                    wanted_micro: row.get(8)?,
                    journal: row.get(9)?,
                    device: row.get(10)?,
                    ..Case::default()
                },
            ))
        })
        .optional()?;
    let Some((task, mut case)) = found else {
        return Ok(None);
    };
    case.task = delta::task(tx, site, &task)?;
    if let Some(place) = case.journal {
        case.fact = fact(tx, place)?;
        case.effect = effect(tx, site, place)?;
        case.replaced = replaced(tx, site, place)?;
    }
    let item = case.item().to_owned();
    case.stock = stock(tx, site, &item)?;
    case.owner = excerpt::tracked(tx, site, &item)?.map_or_else(String::new, |tracked| tracked.owner);
    case.open_count = open_count(tx, site, &case.location)?;
    Ok(Some(case))
}

fn fact(tx: &Connection, place: i64) -> rusqlite::Result<Option<ConfirmationBody>> {
    let bytes: Option<Vec<u8>> = tx
        .prepare_cached("SELECT body FROM journal WHERE place = ?1 AND quarantined = ''")?
        .query_row([place], |row| row.get(0))
        .optional()?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// What a fact comes to by now: its own entries and those of the documents that were posted because of it. What corrected
/// a count is none of them: the goods were moved all the same.
fn effect(tx: &Connection, site: &str, place: i64) -> rusqlite::Result<Vec<(Account, Stock, i64)>> {
    tx.prepare_cached(
        "SELECT account, place, item, lot, serial, status, owner, sum(quantity_micro) FROM (
             SELECT * FROM entry WHERE journal = ?2
             UNION ALL
             SELECT * FROM entry WHERE document IN
                 (SELECT document FROM exception WHERE journal = ?2 AND document IS NOT NULL AND kind <> 'count_reopened'))
         WHERE site = ?1 GROUP BY account, place, item, lot, serial, status, owner HAVING sum(quantity_micro) <> 0
         ORDER BY account, place, item, lot, serial, status, owner",
    )?
    .query_map(params![site, place], |row| {
        let kind: String = row.get(0)?;
        let kind = AccountKind::from_word(&kind).unwrap_or(AccountKind::Suspense);
        let stock = Stock {
            item: row.get(2)?,
            lot: row.get(3)?,
            serial: row.get(4)?,
            status: row.get(5)?,
            owner: row.get(6)?,
            ..Stock::default()
        };
        Ok((
            Account::new(kind, row.get::<_, String>(1)?),
            stock,
            row.get(7)?,
        ))
    })?
    .collect()
}

fn replaced(tx: &Connection, site: &str, place: i64) -> rusqlite::Result<Vec<(String, String)>> {
    tx.prepare_cached(
        "SELECT kind, resolved_as FROM exception
         WHERE site = ?1 AND journal = ?2 AND resolution = 'post_as' ORDER BY exception",
    )?
    .query_map(params![site, place], |row| Ok((row.get(0)?, row.get(1)?)))?
    .collect()
}

fn stock(tx: &Connection, site: &str, item: &str) -> rusqlite::Result<Vec<(Account, Stock, i64)>> {
    tx.prepare_cached(
        "SELECT account, place, lot, serial, status, owner, quantity_micro FROM balance
         WHERE site = ?1 AND item = ?2 AND account IN ('location', 'handling_unit') AND quantity_micro <> 0
         ORDER BY lot, serial, status, owner, account DESC, place",
    )?
    .query_map(params![site, item], |row| {
        let kind: String = row.get(0)?;
        let kind = AccountKind::from_word(&kind).unwrap_or(AccountKind::Suspense);
        let stock = Stock {
            item: item.to_owned(),
            lot: row.get(2)?,
            serial: row.get(3)?,
            status: row.get(4)?,
            owner: row.get(5)?,
            ..Stock::default()
        };
        Ok((Account::new(kind, row.get::<_, String>(1)?), stock, row.get(6)?))
    })?
    .collect()
}

pub(super) fn open_count(tx: &Connection, site: &str, location: &str) -> rusqlite::Result<Option<String>> {
    tx.prepare_cached(
        "SELECT line.task FROM task JOIN line USING (site, task)
         LEFT JOIN line_progress AS done USING (site, task, number)
         WHERE task.site = ?1 AND state = 'open' AND kind = 'count' AND line.location = ?2
             AND NOT coalesce(done.closed, 0)
         ORDER BY line.task LIMIT 1",
    )?
    .query_row(params![site, location], |row| row.get(0))
    .optional()
}

/// Devices that a count waits for.
fn missing(tx: &Connection, site: &str, case: &Case) -> rusqlite::Result<Vec<String>> {
    if case.kind() != Some(ExceptionKind::CountVariance) {
        return Ok(Vec::new());
    }
    let done = boots::done(tx, site, &[case.exception])?;
    let Some(counted) = done.get(&case.exception) else {
        return Ok(Vec::new());
    };
    let counted_us = counted.latest().as_microsecond();
    counts::missing(tx, site, &case.location, &case.device, counted_us)
}

/// Another device that moved goods at the location while it was counted, or before and was heard of after it.
fn overlapping(tx: &Connection, site: &str, case: &Case) -> rusqlite::Result<Option<String>> {
    let (Some(end), Some(fact)) = (case.journal, &case.fact) else {
        return Ok(None);
    };
    if !matches!(
        case.kind(),
        Some(ExceptionKind::CountVariance | ExceptionKind::CountWaits)
    ) {
        return Ok(None);
    }
    let counter: String = tx
        .prepare_cached("SELECT device FROM journal WHERE place = ?1")?
        .query_row([end], |row| row.get(0))?;
    let mut statement = tx.prepare_cached(
        "SELECT DISTINCT journal.place, journal.device, coalesce(device.name, journal.device), body, received_us
         FROM entry JOIN journal ON journal.place = entry.journal
         LEFT JOIN device ON device.site = journal.site AND device.device = journal.device
         WHERE entry.journal > ?2 AND entry.site = ?1
             AND ((entry.account = 'location' AND entry.place = ?3 AND entry.item = ?4)
                  OR (entry.account = 'counted' AND entry.place = ?5))
         ORDER BY journal.place",
    )?;
    let memo = Account::counted(fact.task.as_deref().unwrap_or_default(), &case.location);
    let after = end.saturating_sub(overlap::PLACES_MAX);
    let mut rows = statement.query(params![site, after, case.location, case.item, memo.place])?;
    let mut boots = Boots::default();
    let mut seen = Vec::new();
    while let Some(row) = rows.next()? {
        let device: String = row.get(1)?;
        let body = row.get_ref(3)?.as_bytes()?;
        seen.push(Seen {
            place: row.get(0)?,
            done: boots.done(tx, site, &device, body, row.get(4)?)?,
            device,
            device_name: row.get(2)?,
            body: serde_json::from_slice(body).ok(),
        });
    }
    let ended = done_at(tx, site, end)?;
    Ok(ended.and_then(|ended| overlap::find(&counter, (end, ended), fact.task.as_deref(), &seen)))
}
