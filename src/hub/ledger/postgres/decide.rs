//! Decisions about exceptions in the store: what has to be known is read, what follows is written, in one transaction.

use jiff::Timestamp;
use tallyman_floor::wire::v1::{ConfirmationBody, TaskBody};
use tokio_postgres::Row;

use super::error::Refused;
use super::excerpt::{self, PlanStatements};
use super::master::Numbers;
use super::take::Site;
use super::transaction::Transaction;
use super::{boots, counts, delta, devices, late, master, set_aside};
use crate::ledger::account::{Account, AccountKind, Stock};
use crate::ledger::decide::{CANNOT, Case, plan};
use crate::ledger::exception::ExceptionKind;
use crate::ledger::overlap::{self, Seen};
use crate::ledger::posting::{Excerpt, Wanted};
use crate::ledger::resolution::{Decided, Decision, Resolution};
use crate::ledger::{DeviceIdentity, LedgerError};

/// Decides; `None` where a part is done, and the rest needs another transaction.
pub(super) async fn decide(
    tx: &Transaction,
    site: &str,
    exception: i64,
    decision: &Decision,
    now: Timestamp,
) -> Result<Option<Decided>, Refused> {
    let locked = match devices::lock(tx, site).await {
        Err(Refused::Ledger(LedgerError::UnknownSite(_))) => return Ok(Some(Decided::Ended)),
        locked => locked?,
    };
    let Some(case) = read_case(tx, site, exception).await? else {
        return Ok(Some(Decided::Ended));
    };
    if case.kind() == Some(ExceptionKind::Revoked) {
        return decide_about_set_aside(tx, site, locked, &case, decision, now).await;
    }
    decide_case(tx, site, locked, case, decision, now).await.map(Some)
}

/// Posts records that were set aside, or leaves them out.
async fn decide_about_set_aside(
    tx: &Transaction,
    site: &str,
    locked: Site,
    case: &Case,
    decision: &Decision,
    now: Timestamp,
) -> Result<Option<Decided>, Refused> {
    let from = DeviceIdentity {
        site: site.to_owned(),
        device: case.device.clone(),
    };
    match decision.resolution {
        Resolution::Release => {
            let left = set_aside::release(tx, locked, &from, now.as_microsecond()).await?;
            if left > 0 {
                tx.execute(
                    "UPDATE exception SET found_micro = $3::bigint * 1000000 WHERE site = $1 AND exception = $2",
                    &[&site, &case.exception, &left],
                )
                .await?;
                return Ok(None);
            }
        }
        Resolution::Noted => set_aside::leave_out(tx, &from).await?,
        _ => return Ok(Some(Decided::Refused(CANNOT.to_owned()))),
    }
    end(tx, site, case.exception, decision, now, None).await?;
    Ok(Some(Decided::Done))
}

async fn decide_case(
    tx: &Transaction,
    site: &str,
    locked: Site,
    mut case: Case,
    decision: &Decision,
    now: Timestamp,
) -> Result<Decided, Refused> {
    let exception = case.exception;
    if decision.resolution == Resolution::AcceptCount {
        case.overlap = overlapping(tx, site, &case).await?;
        case.missing = missing(tx, site, &case).await?;
    }
    if let (Resolution::CorrectCount, Some(place)) = (decision.resolution, case.journal) {
        case.counted_since = late::counted_since(tx, site, &case.location, &case.item, place).await?;
    }
    let known = match case.fact_as(decision) {
        Some(body) => {
            let mut wanted = Wanted::default();
            wanted.add("", &body);
            let statements = PlanStatements::prepare(tx).await?;
            excerpt::read(tx, &statements, site, &wanted).await?
        }
        None => Excerpt::default(),
    };
    let plan = match plan(&case, decision, &known) {
        Ok(plan) => plan,
        Err(sentence) => return Ok(Decided::Refused(sentence)),
    };
    if let Some(kind) = plan.turns_into {
        tx.execute(
            "UPDATE exception SET kind = $3, message = $4 WHERE site = $1 AND exception = $2",
            &[&site, &exception, &kind.word(), &plan.reason],
        )
        .await?;
        return Ok(Decided::Refused(plan.reason));
    }
    let mut document = None;
    if !plan.pairs.is_empty() {
        let posted = master::post(tx, site, locked, "adjustment", &plan.reason, plan.pairs, now);
        document = Some(posted.await?);
    }
    make_tasks(tx, site, &plan.tasks, now).await?;
    if let Some(code) = plan.removed_code {
        master::remove_code(tx, site, &code).await?;
    }
    end(tx, site, exception, decision, now, document).await?;
    Ok(Decided::Done)
}

async fn end(
    tx: &Transaction,
    site: &str,
    exception: i64,
    decision: &Decision,
    now: Timestamp,
    document: Option<i64>,
) -> Result<(), Refused> {
    tx.execute(
        "UPDATE exception SET state = 'resolved', resolution = $3, resolved_us = $4, document = $5, resolved_by = $6,
                              resolved_as = $7
         WHERE site = $1 AND exception = $2",
        &[
            &site,
            &exception,
            &decision.resolution.word(),
            &now.as_microsecond(),
            &document,
            &decision.by,
            &decision.name,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn make_tasks(
    tx: &Transaction,
    site: &str,
    tasks: &[TaskBody],
    now: Timestamp,
) -> Result<(), Refused> {
    if tasks.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
    let before = delta::tasks(tx, site, &names).await?;
    let mut numbers = Numbers::open(tx, site).await?;
    let mut made = Vec::with_capacity(tasks.len());
    for task in tasks {
        let known = before.iter().find(|known| known.id == task.id);
        made.push((task, known.map_or(1, |known| known.revision + 1), numbers.next()));
    }
    master::put_tasks(tx, site, &made, now).await?;
    numbers.close(tx).await
}

async fn read_case(tx: &Transaction, site: &str, exception: i64) -> Result<Option<Case>, Refused> {
    let row = tx
        .find(
            "SELECT kind, task, line, location, item, lot, serial, found_micro, wanted_micro, journal, device
             FROM exception WHERE site = $1 AND exception = $2 AND state = 'open'",
            &[&site, &exception],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let line: Option<i64> = row.try_get(2)?;
    let mut case = Case {
        exception,
        kind: row.try_get(0)?,
        line: line.map(u32::try_from).transpose()?,
        location: row.try_get(3)?,
        item: row.try_get(4)?,
        lot: row.try_get(5)?,
        serial: row.try_get(6)?,
        found_micro: row.try_get(7)?,
        wanted_micro: row.try_get(8)?,
        journal: row.try_get(9)?,
        device: row.try_get(10)?,
        ..Case::default()
    };
    case.task = delta::tasks(tx, site, &[row.try_get(1)?]).await?.pop();
    if let Some(place) = case.journal {
        case.fact = fact(tx, site, place).await?;
        case.effect = effect(tx, site, place).await?;
        case.replaced = replaced(tx, site, place).await?;
    }
    let item = case.item().to_owned();
    case.stock = stock(tx, site, &item).await?;
    let tracked = excerpt::tracked(tx, site, &[item.as_str()]).await?;
    case.owner = tracked
        .into_iter()
        .next()
        .map_or_else(String::new, |(_, tracked)| tracked.owner);
    case.open_count = open_count(tx, site, &case.location).await?;
    Ok(Some(case))
}

async fn fact(tx: &Transaction, site: &str, place: i64) -> Result<Option<ConfirmationBody>, Refused> {
    let row = tx
        .find(
            "SELECT body FROM journal WHERE site = $1 AND place = $2 AND quarantined = ''",
            &[&site, &place],
        )
        .await?;
    let bytes = row.map(|row| row.try_get::<_, Vec<u8>>(0)).transpose()?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

fn account_of(row: &Row) -> Result<Account, Refused> {
    let kind = AccountKind::from_word(row.try_get(0)?).unwrap_or(AccountKind::Suspense);
    Ok(Account::new(kind, row.try_get::<_, String>(1)?))
}

/// What a fact comes to by now: its own entries and those of the documents that were posted because of it. What corrected
/// a count is none of them: the goods were moved all the same.
async fn effect(tx: &Transaction, site: &str, place: i64) -> Result<Vec<(Account, Stock, i64)>, Refused> {
    let rows = tx
        .query(
            "SELECT account, place, item, lot, serial, status, owner, sum(quantity_micro)::bigint FROM (
                 SELECT * FROM entry WHERE site = $1 AND journal = $2
                 UNION ALL
                 SELECT * FROM entry WHERE site = $1 AND document IN
                     (SELECT document FROM exception
                      WHERE site = $1 AND journal = $2 AND document IS NOT NULL AND kind <> 'count_reopened')
             ) AS posted
             GROUP BY account, place, item, lot, serial, status, owner HAVING sum(quantity_micro) <> 0
             ORDER BY account, place, item, lot, serial, status, owner",
            &[&site, &place],
        )
        .await?;
    let sum = |row: &Row| -> Result<(Account, Stock, i64), Refused> {
        let stock = Stock {
            item: row.try_get(2)?,
            lot: row.try_get(3)?,
            serial: row.try_get(4)?,
            status: row.try_get(5)?,
            owner: row.try_get(6)?,
            ..Stock::default()
        };
        Ok((account_of(row)?, stock, row.try_get(7)?))
    };
    rows.iter().map(sum).collect()
}

async fn replaced(tx: &Transaction, site: &str, place: i64) -> Result<Vec<(String, String)>, Refused> {
    let rows = tx
        .query(
            "SELECT kind, resolved_as FROM exception
             WHERE site = $1 AND journal = $2 AND resolution = 'post_as' ORDER BY exception",
            &[&site, &place],
        )
        .await?;
    let pairs = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    pairs.collect()
}

async fn stock(tx: &Transaction, site: &str, item: &str) -> Result<Vec<(Account, Stock, i64)>, Refused> {
    let rows = tx
        .query(
            "SELECT account, place, lot, serial, status, owner, quantity_micro FROM balance
             WHERE site = $1 AND item = $2 AND account IN ('location', 'handling_unit') AND quantity_micro <> 0
             ORDER BY lot, serial, status, owner, account DESC, place",
            &[&site, &item],
        )
        .await?;
    let kept = |row: &Row| -> Result<(Account, Stock, i64), Refused> {
        let stock = Stock {
            item: item.to_owned(),
            lot: row.try_get(2)?,
            serial: row.try_get(3)?,
            status: row.try_get(4)?,
            owner: row.try_get(5)?,
            ..Stock::default()
        };
        Ok((account_of(row)?, stock, row.try_get(6)?))
    };
    rows.iter().map(kept).collect()
}

pub(super) async fn open_count(
    tx: &Transaction,
    site: &str,
    location: &str,
) -> Result<Option<String>, Refused> {
    let row = tx
        .find(
            "SELECT line.task FROM task JOIN line USING (site, task)
             LEFT JOIN line_progress AS done USING (site, task, number)
             WHERE task.site = $1 AND state = 'open' AND kind = 'count' AND line.location = $2
                 AND NOT coalesce(done.closed, false)
             ORDER BY line.task LIMIT 1",
            &[&site, &location],
        )
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Devices that a count waits for.
async fn missing(tx: &Transaction, site: &str, case: &Case) -> Result<Vec<String>, Refused> {
    if case.kind() != Some(ExceptionKind::CountVariance) {
        return Ok(Vec::new());
    }
    let done = boots::done(tx, site, &[case.exception]).await?;
    let Some(counted) = done.get(&case.exception) else {
        return Ok(Vec::new());
    };
    let counted_us = counted.latest().as_microsecond();
    counts::missing(tx, site, &case.location, &case.device, counted_us).await
}

/// Another device that moved goods at the location while it was counted, or before and was heard of after it.
async fn overlapping(tx: &Transaction, site: &str, case: &Case) -> Result<Option<String>, Refused> {
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
        .one(
            "SELECT device FROM journal WHERE site = $1 AND place = $2",
            &[&site, &end],
        )
        .await?
        .try_get(0)?;
    let memo = Account::counted(fact.task.as_deref().unwrap_or_default(), &case.location);
    let after = end.saturating_sub(overlap::PLACES_MAX);
    let rows = tx
        .query(
            "SELECT DISTINCT journal.place, journal.device, coalesce(device.name, journal.device), body
             FROM entry JOIN journal ON journal.site = entry.site AND journal.place = entry.journal
             LEFT JOIN device ON device.site = journal.site AND device.device = journal.device
             WHERE entry.site = $1 AND entry.journal > $2
                 AND ((entry.account = 'location' AND entry.place = $3 AND entry.item = $4)
                      OR (entry.account = 'counted' AND entry.place = $5))
             ORDER BY journal.place",
            &[&site, &after, &case.location, &case.item, &memo.place],
        )
        .await?;
    let mut places: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    places.push(end);
    let done = boots::done_at(tx, site, &places).await?;
    let mut seen = Vec::with_capacity(rows.len());
    for row in &rows {
        let place = row.try_get(0)?;
        seen.push(Seen {
            place,
            done: done.get(&place).copied(),
            device: row.try_get(1)?,
            device_name: row.try_get(2)?,
            body: serde_json::from_slice(row.try_get(3)?).ok(),
        });
    }
    let ended = done.get(&end).copied();
    Ok(ended.and_then(|ended| overlap::find(&counter, (end, ended), fact.task.as_deref(), &seen)))
}
