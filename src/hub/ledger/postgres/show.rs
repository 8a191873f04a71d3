//! What the pages show, read at one moment.

use std::collections::{HashMap, HashSet};

use tallyman_floor::Quantity;
use tokio_postgres::Row;

use super::error::Refused;
use super::transaction::Transaction;
use super::{claims, counts};
use crate::ledger::details::{self, shown_place};
use crate::ledger::interpret::Tracked;
use crate::ledger::text::sought;
use crate::ledger::views::{
    self, Happening, LineView, Names, Overview, PASS_FACTS_MAX, PassView, STOCK_SHOWN_MAX, Site, StockPage,
    StockQuery, StockRow, TASKS_SHOWN_MAX, TaskDetail, TaskFilter, TaskSummary, WorkSummary,
};

pub(super) async fn sites(tx: &Transaction) -> Result<Vec<Site>, Refused> {
    let rows = tx
        .query("SELECT site, name FROM site ORDER BY name, site", &[])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Site {
                site: row.try_get(0)?,
                name: row.try_get(1)?,
            })
        })
        .collect()
}

pub(super) async fn names(tx: &Transaction, site: &str) -> Result<Names, Refused> {
    let mut items = HashMap::new();
    for row in tx
        .query(
            "SELECT item, lot, serial, owner FROM item WHERE site = $1",
            &[&site],
        )
        .await?
    {
        let tracked = Tracked {
            lot: row.try_get(1)?,
            serial: row.try_get(2)?,
            owner: row.try_get(3)?,
        };
        items.insert(row.try_get(0)?, tracked);
    }
    let mut locations = HashSet::new();
    for row in tx
        .query("SELECT location FROM location WHERE site = $1", &[&site])
        .await?
    {
        locations.insert(row.try_get(0)?);
    }
    Ok(Names { items, locations })
}

const COUNTS: &str = "
    SELECT (SELECT count(*) FROM device WHERE site = $1),
           (SELECT coalesce(sum(waiting), 0)::bigint FROM device WHERE site = $1),
           (SELECT coalesce(sum(applied_seq), 0)::bigint FROM device_epoch WHERE site = $1),
           (SELECT count(*) FROM item WHERE site = $1),
           (SELECT backup_us FROM hub)";

pub(super) async fn overview(tx: &Transaction, site: &str) -> Result<Overview, Refused> {
    let counts = tx.one(COUNTS, &[&site]).await?;
    let count =
        |column: usize| -> Result<u64, Refused> { Ok(u64::try_from(counts.try_get::<_, i64>(column)?)?) };
    let mut exceptions = Vec::new();
    for row in tx
        .query(
            "SELECT kind, count(*) FROM exception WHERE site = $1 AND state = 'open' GROUP BY kind ORDER BY 2 DESC, 1",
            &[&site],
        )
        .await?
    {
        exceptions.push((row.try_get(0)?, u64::try_from(row.try_get::<_, i64>(1)?)?));
    }
    Ok(Overview {
        work: work(tx, site).await?,
        exceptions,
        devices: count(0)?,
        waiting: count(1)?,
        confirmations: count(2)?,
        recent: recent(tx, site, None).await?,
        items: count(3)?,
        backup: counts.try_get::<_, Option<i64>>(4)?.map(super::moment),
    })
}

/// Lines with their progress, summed for each task; `done` counts those where nothing is left to do.
const WORK: &str = "
    SELECT kind, count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'done'),
           coalesce(sum(summed.lines), 0)::bigint,
           coalesce(sum(CASE WHEN state = 'done' THEN summed.lines ELSE summed.done END), 0)::bigint
    FROM task LEFT JOIN (
        SELECT line.task, count(*) AS lines,
               count(*) FILTER (WHERE progress.closed OR progress.quantity_micro >= line.expected_micro) AS done
        FROM line LEFT JOIN line_progress AS progress USING (site, task, number)
        WHERE line.site = $1 GROUP BY line.task
    ) AS summed USING (task)
    WHERE task.site = $1 AND state <> 'cancelled' GROUP BY kind ORDER BY kind DESC";

async fn work(tx: &Transaction, site: &str) -> Result<Vec<WorkSummary>, Refused> {
    let rows = tx.query(WORK, &[&site]).await?;
    rows.iter()
        .map(|row| {
            let count = |column: usize| -> Result<u64, Refused> {
                Ok(u64::try_from(row.try_get::<_, i64>(column)?)?)
            };
            Ok(WorkSummary {
                kind: row.try_get(0)?,
                tasks_open: count(1)?,
                tasks_done: count(2)?,
                lines: count(3)?,
                lines_done: count(4)?,
            })
        })
        .collect()
}

const RECENT: &str = "
    SELECT received_us, journal.device, coalesce(device.name, journal.device), body, seq, quarantined = '',
           EXISTS (SELECT 1 FROM reversal WHERE reversal.site = journal.site AND original = journal.place),
           journal.epoch
    FROM journal LEFT JOIN device USING (site, device)
    WHERE journal.site = $1 ORDER BY place DESC LIMIT 15";

const RECENT_OF_TASK: &str = "
    SELECT received_us, journal.device, coalesce(device.name, journal.device), body, seq, quarantined = '',
           EXISTS (SELECT 1 FROM reversal WHERE reversal.site = journal.site AND original = journal.place),
           journal.epoch
    FROM journal LEFT JOIN device USING (site, device)
    WHERE journal.site = $1 AND journal.task = $2 AND journal.task <> '' ORDER BY place DESC LIMIT 15";

/// The newest facts of a site, or of one of its tasks.
async fn recent(tx: &Transaction, site: &str, task: Option<&str>) -> Result<Vec<Happening>, Refused> {
    let rows = match task {
        None => tx.query(RECENT, &[&site]).await?,
        Some(task) => tx.query(RECENT_OF_TASK, &[&site, &task]).await?,
    };
    happenings(&rows)
}

const PASSES: &str = "
    SELECT received_us, journal.device, coalesce(device.name, journal.device), body, seq, quarantined = '',
           EXISTS (SELECT 1 FROM reversal WHERE reversal.site = journal.site AND original = journal.place),
           journal.epoch
    FROM journal LEFT JOIN device USING (site, device)
    WHERE journal.site = $1 AND journal.task = $2 AND journal.task <> '' AND position('\"pass\":'::bytea IN body) > 0
    ORDER BY place LIMIT $3";

/// The passes through portals that a receipt was worked by.
async fn passes(tx: &Transaction, site: &str, task: &str) -> Result<Vec<PassView>, Refused> {
    let most = i64::try_from(PASS_FACTS_MAX).unwrap_or(i64::MAX);
    let rows = tx.query(PASSES, &[&site, &task, &most]).await?;
    Ok(views::passes(happenings(&rows)?))
}

fn happenings(rows: &[Row]) -> Result<Vec<Happening>, Refused> {
    rows.iter()
        .map(|row| {
            let posted: bool = row.try_get(5)?;
            let bytes: &[u8] = row.try_get(3)?;
            Ok(Happening {
                received: super::moment(row.try_get(0)?),
                device: row.try_get(1)?,
                device_name: row.try_get(2)?,
                body: if posted {
                    serde_json::from_slice(bytes).ok()
                } else {
                    None
                },
                seq: u64::try_from(row.try_get::<_, i64>(4)?)?,
                reversed: row.try_get(6)?,
                epoch: u32::try_from(row.try_get::<_, i64>(7)?)?,
            })
        })
        .collect()
}

/// The tasks that a condition leaves, each with sums over its lines.
macro_rules! summaries {
    ($condition:literal) => {
        concat!(
            "SELECT task.task, task.kind, task.state, reference, priority, assigned_to, revision,
                    task.details, summed.lines, summed.done,
                    (SELECT count(*) FROM exception
                     WHERE exception.site = task.site AND exception.state = 'open' AND exception.task = task.task)
             FROM (SELECT * FROM task WHERE site = $1 ",
            $condition,
            ") AS task CROSS JOIN LATERAL (
                 SELECT count(*) AS lines,
                        count(*) FILTER (WHERE progress.closed OR progress.quantity_micro >= line.expected_micro) AS done
                 FROM line LEFT JOIN line_progress AS progress USING (site, task, number)
                 WHERE line.site = task.site AND line.task = task.task
             ) AS summed
             ORDER BY task.state = 'open' DESC, priority DESC, changed_us DESC, reference, task.task"
        )
    };
}

fn summary(row: &Row) -> Result<TaskSummary, Refused> {
    let count =
        |column: usize| -> Result<u64, Refused> { Ok(u64::try_from(row.try_get::<_, i64>(column)?)?) };
    Ok(TaskSummary {
        task: row.try_get(0)?,
        kind: row.try_get(1)?,
        state: row.try_get(2)?,
        reference: row.try_get(3)?,
        priority: row.try_get(4)?,
        assigned_to: row.try_get(5)?,
        revision: u32::try_from(row.try_get::<_, i64>(6)?)?,
        place: shown_place(row.try_get(7)?),
        lines: count(8)?,
        lines_done: count(9)?,
        exceptions: count(10)?,
        devices: Vec::new(),
        claim: None,
    })
}

pub(super) async fn tasks(
    tx: &Transaction,
    site: &str,
    filter: &TaskFilter,
) -> Result<Vec<TaskSummary>, Refused> {
    let (kind, state) = (super::plain(&filter.kind), super::plain(&filter.state));
    let text = sought(filter.text.as_ref());
    let shown_max = i64::try_from(TASKS_SHOWN_MAX).unwrap_or(i64::MAX);
    let rows = tx
        .query(
            summaries!(
                "AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR state = $3)
                 AND ($4::text IS NULL OR strpos(lower(reference || ' ' || task), lower($4 COLLATE \"C\")) > 0)
                 ORDER BY state = 'open' DESC, priority DESC, changed_us DESC, reference, task LIMIT $5"
            ),
            &[&site, &kind, &state, &text, &shown_max],
        )
        .await?;
    let mut tasks = rows.iter().map(summary).collect::<Result<Vec<_>, Refused>>()?;
    let mut working = working(tx, site).await?;
    let mut held = claims::held(tx, site, None).await?;
    for task in &mut tasks {
        task.devices = working.remove(&task.task).unwrap_or_default();
        task.claim = held.remove(&task.task);
    }
    Ok(tasks)
}

/// The names of the devices that have a task open.
async fn working(tx: &Transaction, site: &str) -> Result<HashMap<String, Vec<String>>, Refused> {
    let rows = tx
        .query(
            "SELECT open_task, name FROM device WHERE site = $1 AND open_task <> '' ORDER BY name",
            &[&site],
        )
        .await?;
    let mut working: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows {
        working.entry(row.try_get(0)?).or_default().push(row.try_get(1)?);
    }
    Ok(working)
}

pub(super) async fn task(tx: &Transaction, site: &str, id: &str) -> Result<Option<TaskDetail>, Refused> {
    if id.contains('\0') {
        return Ok(None);
    }
    let found = tx.find(summaries!("AND task = $2"), &[&site, &id]).await?;
    let Some(found) = found else { return Ok(None) };
    let mut summary = summary(&found)?;
    summary.devices = working(tx, site).await?.remove(id).unwrap_or_default();
    summary.claim = claims::held(tx, site, Some(id)).await?.remove(id);
    let mut doubts = claims::doubts(tx, site, &[id]).await?;
    Ok(Some(TaskDetail {
        summary,
        lines: lines(tx, site, id).await?,
        recent: recent(tx, site, Some(id)).await?,
        passes: passes(tx, site, id).await?,
        doubts: doubts.remove(id).unwrap_or_default(),
    }))
}

const LINES: &str = "
    SELECT line.number, line.item, coalesce(item.name, ''), coalesce(item.unit, ''), line.location, line.lot,
           line.expected_micro, coalesce(progress.quantity_micro, 0), coalesce(progress.closed, false), line.details
    FROM line LEFT JOIN line_progress AS progress USING (site, task, number)
    LEFT JOIN item ON item.site = line.site AND item.item = line.item
    WHERE line.site = $1 AND line.task = $2 ORDER BY line.number";

async fn lines(tx: &Transaction, site: &str, task: &str) -> Result<Vec<LineView>, Refused> {
    let rows = tx.query(LINES, &[&site, &task]).await?;
    rows.iter()
        .map(|row| {
            let expected: Option<i64> = row.try_get(6)?;
            let number = u32::try_from(row.try_get::<_, i64>(0)?)?;
            let more = details::line(number, row.try_get(9)?)?;
            Ok(LineView {
                number,
                serial: more.serial.unwrap_or_default(),
                handling_unit: more.handling_unit.unwrap_or_default(),
                item: row.try_get(1)?,
                item_name: row.try_get(2)?,
                unit: row.try_get(3)?,
                location: row.try_get(4)?,
                lot: row.try_get(5)?,
                expected: expected.map(Quantity::from_micro),
                confirmed: Quantity::from_micro(row.try_get(7)?),
                closed: row.try_get(8)?,
            })
        })
        .collect()
}

/// Stock in an order.
macro_rules! stock {
    ($order:literal) => {
        concat!(
            "SELECT balance.account, balance.place, balance.item, coalesce(item.name, ''), coalesce(item.unit, ''),
                    balance.lot, balance.serial, status, balance.owner, quantity_micro, coalesce(stands.place, '')
             FROM balance LEFT JOIN item USING (site, item)
             LEFT JOIN unit_place AS stands
                 ON stands.site = balance.site AND balance.account = 'handling_unit' AND stands.unit = balance.place
             WHERE balance.site = $1 AND balance.account IN ('location', 'handling_unit', 'suspense', 'over_receipt') AND quantity_micro <> 0
               AND ($2::text IS NULL
                    OR strpos(lower(balance.place || ' ' || coalesce(stands.place, '') || ' ' || balance.item || ' ' || coalesce(item.name, '')),
                              lower($2 COLLATE \"C\")) > 0)
             ORDER BY ",
            $order,
            ", balance.lot, balance.serial, status LIMIT $3"
        )
    };
}

pub(super) async fn stock(tx: &Transaction, site: &str, query: &StockQuery) -> Result<StockPage, Refused> {
    let sql = if query.by_item {
        stock!("balance.item, balance.account, balance.place")
    } else {
        stock!("balance.account DESC, balance.place, balance.item")
    };
    let shown_max = i64::try_from(STOCK_SHOWN_MAX + 1).unwrap_or(i64::MAX);
    let rows = tx
        .query(sql, &[&site, &sought(query.text.as_ref()), &shown_max])
        .await?;
    let mut rows = rows.iter().map(stock_row).collect::<Result<Vec<_>, Refused>>()?;
    let more = rows.len() > STOCK_SHOWN_MAX;
    rows.truncate(STOCK_SHOWN_MAX);
    let counted = counts::open_locations(tx, site).await?;
    Ok(StockPage { rows, more, counted })
}

fn stock_row(row: &Row) -> Result<StockRow, Refused> {
    Ok(StockRow {
        account: row.try_get(0)?,
        place: row.try_get(1)?,
        item: row.try_get(2)?,
        item_name: row.try_get(3)?,
        unit: row.try_get(4)?,
        lot: row.try_get(5)?,
        serial: row.try_get(6)?,
        status: row.try_get(7)?,
        owner: row.try_get(8)?,
        quantity: Quantity::from_micro(row.try_get(9)?),
        stands_at: row.try_get(10)?,
    })
}
