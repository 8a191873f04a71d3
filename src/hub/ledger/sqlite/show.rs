//! What the pages show, read in one go.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tallyman_floor::Quantity;

use super::delta::parsed;
use super::{claims, counts};
use crate::ledger::details::{self, shown_place};
use crate::ledger::interpret::Tracked;
use crate::ledger::text::sought;
use crate::ledger::views::{
    self, Happening, LineView, Names, Overview, PASS_FACTS_MAX, PassView, STOCK_SHOWN_MAX, Site, StockPage,
    StockQuery, StockRow, TASKS_SHOWN_MAX, TaskDetail, TaskFilter, TaskSummary, WorkSummary,
};

/// Facts shown on a page.
const RECENT_MAX: usize = 15;

pub(super) fn sites(tx: &Connection) -> rusqlite::Result<Vec<Site>> {
    tx.prepare_cached("SELECT site, name FROM site ORDER BY name, site")?
        .query_map([], |row| {
            Ok(Site {
                site: row.get(0)?,
                name: row.get(1)?,
            })
        })?
        .collect()
}

pub(super) fn names(tx: &Connection, site: &str) -> rusqlite::Result<Names> {
    let items = tx
        .prepare_cached("SELECT item, lot, serial, owner FROM item WHERE site = ?1")?
        .query_map([site], |row| {
            Ok((
                row.get(0)?,
                Tracked {
                    lot: row.get(1)?,
                    serial: row.get(2)?,
                    owner: row.get(3)?,
                },
            ))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let locations = tx
        .prepare_cached("SELECT location FROM location WHERE site = ?1")?
        .query_map([site], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Names { items, locations })
}

pub(super) fn overview(tx: &Connection, site: &str) -> rusqlite::Result<Overview> {
    let count = |sql: &str| {
        tx.prepare_cached(sql)?
            .query_row([site], |row| row.get::<_, u64>(0))
    };
    let exceptions = tx
        .prepare_cached(
            "SELECT kind, count(*) FROM exception WHERE site = ?1 AND state = 'open' GROUP BY kind ORDER BY 2 DESC, 1",
        )?
        .query_map([site], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let backup: Option<i64> = tx.query_row("SELECT backup_us FROM hub", [], |row| row.get(0))?;
    Ok(Overview {
        work: work(tx, site)?,
        exceptions,
        devices: count("SELECT count(*) FROM device WHERE site = ?1")?,
        waiting: count("SELECT coalesce(sum(waiting), 0) FROM device WHERE site = ?1")?,
        confirmations: count("SELECT coalesce(sum(applied_seq), 0) FROM device_epoch WHERE site = ?1")?,
        recent: recent(tx, site, None)?,
        items: count("SELECT count(*) FROM item WHERE site = ?1")?,
        backup: backup.map(super::moment),
    })
}

/// Lines with their progress, one row for each; `done` is 1 where nothing is left to do.
const LINES_DONE: &str = "
    SELECT line.site, line.task, count(*) AS lines,
           sum(coalesce(progress.closed, 0) OR coalesce(progress.quantity_micro >= line.expected_micro, 0)) AS done
    FROM line LEFT JOIN line_progress AS progress USING (site, task, number)
    WHERE line.site = ?1 GROUP BY line.site, line.task";

fn work(tx: &Connection, site: &str) -> rusqlite::Result<Vec<WorkSummary>> {
    let sql = format!(
        "SELECT kind, sum(state = 'open'), sum(state = 'done'), coalesce(sum(summed.lines), 0),
                coalesce(sum(CASE WHEN state = 'done' THEN summed.lines ELSE summed.done END), 0)
         FROM task LEFT JOIN ({LINES_DONE}) AS summed USING (site, task)
         WHERE task.site = ?1 AND state <> 'cancelled' GROUP BY kind ORDER BY kind DESC"
    );
    tx.prepare_cached(&sql)?
        .query_map([site], |row| {
            Ok(WorkSummary {
                kind: row.get(0)?,
                tasks_open: row.get(1)?,
                tasks_done: row.get(2)?,
                lines: row.get(3)?,
                lines_done: row.get(4)?,
            })
        })?
        .collect()
}

/// The newest facts of a site, or of one of its tasks.
fn recent(tx: &Connection, site: &str, task: Option<&str>) -> rusqlite::Result<Vec<Happening>> {
    let sql = format!(
        "SELECT received_us, journal.device, coalesce(device.name, journal.device), body, seq, quarantined = '',
                EXISTS (SELECT 1 FROM reversal WHERE original = journal.place), journal.epoch
         FROM journal LEFT JOIN device USING (site, device)
         WHERE journal.site = ?1 {} ORDER BY place DESC LIMIT {RECENT_MAX}",
        // Bodies that are no confirmation are valid JSON all the same.
        if task.is_some() { "AND json_extract(CAST(body AS TEXT), '$.task') = ?2" } else { "AND ?2 IS NULL" }
    );
    happenings(tx, &sql, params![site, task])
}

/// The passes through portals that a receipt was worked by.
fn passes(tx: &Connection, site: &str, task: &str) -> rusqlite::Result<Vec<PassView>> {
    let sql = format!(
        "SELECT received_us, journal.device, coalesce(device.name, journal.device), body, seq, quarantined = '',
                EXISTS (SELECT 1 FROM reversal WHERE original = journal.place), journal.epoch
         FROM journal LEFT JOIN device USING (site, device)
         WHERE journal.site = ?1 AND json_extract(CAST(body AS TEXT), '$.task') = ?2
           AND instr(body, CAST('\"pass\":' AS BLOB)) > 0
         ORDER BY place LIMIT {PASS_FACTS_MAX}"
    );
    Ok(views::passes(happenings(tx, &sql, params![site, task])?))
}

/// Facts as a statement finds them.
fn happenings(tx: &Connection, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<Vec<Happening>> {
    tx.prepare_cached(sql)?
        .query_map(params, |row| {
            let bytes: Vec<u8> = row.get(3)?;
            let posted: bool = row.get(5)?;
            Ok(Happening {
                received: super::moment(row.get(0)?),
                device: row.get(1)?,
                device_name: row.get(2)?,
                body: if posted {
                    serde_json::from_slice(&bytes).ok()
                } else {
                    None
                },
                seq: row.get(4)?,
                reversed: row.get(6)?,
                epoch: row.get(7)?,
            })
        })?
        .collect()
}

fn summary_sql(condition: &str) -> String {
    format!(
        "SELECT task.task, task.kind, task.state, reference, priority, assigned_to, revision,
                task.details, coalesce(summed.lines, 0), coalesce(summed.done, 0),
                (SELECT count(*) FROM exception
                 WHERE exception.site = task.site AND exception.state = 'open' AND exception.task = task.task)
         FROM task LEFT JOIN ({LINES_DONE}) AS summed USING (site, task)
         WHERE task.site = ?1 {condition}"
    )
}

fn summary(row: &Row<'_>) -> rusqlite::Result<TaskSummary> {
    Ok(TaskSummary {
        task: row.get(0)?,
        kind: row.get(1)?,
        state: row.get(2)?,
        reference: row.get(3)?,
        priority: row.get(4)?,
        assigned_to: row.get(5)?,
        revision: row.get(6)?,
        place: shown_place(row.get_ref(7)?.as_str()?),
        lines: row.get(8)?,
        lines_done: row.get(9)?,
        exceptions: row.get(10)?,
        devices: Vec::new(),
        claim: None,
    })
}

pub(super) fn tasks(tx: &Connection, site: &str, filter: &TaskFilter) -> rusqlite::Result<Vec<TaskSummary>> {
    let sql = summary_sql(
        "AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR state = ?3)
         AND (?4 IS NULL OR instr(lower(reference || ' ' || task.task), lower(?4)) > 0)
         ORDER BY state = 'open' DESC, priority DESC, changed_us DESC, reference, task.task LIMIT ?5",
    );
    let mut tasks: Vec<TaskSummary> = tx
        .prepare_cached(&sql)?
        .query_map(
            params![
                site,
                filter.kind,
                filter.state,
                sought(filter.text.as_ref()),
                TASKS_SHOWN_MAX
            ],
            summary,
        )?
        .collect::<rusqlite::Result<_>>()?;
    let mut working = working(tx, site)?;
    let mut held = claims::held(tx, site, None)?;
    for task in &mut tasks {
        task.devices = working.remove(&task.task).unwrap_or_default();
        task.claim = held.remove(&task.task);
    }
    Ok(tasks)
}

/// Which devices said that they have a task open.
fn working(tx: &Connection, site: &str) -> rusqlite::Result<HashMap<String, Vec<String>>> {
    let mut statement = tx.prepare_cached(
        "SELECT open_task, name FROM device WHERE site = ?1 AND open_task <> '' ORDER BY name",
    )?;
    let mut rows = statement.query([site])?;
    let mut working: HashMap<String, Vec<String>> = HashMap::new();
    while let Some(row) = rows.next()? {
        working.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(working)
}

pub(super) fn task(tx: &Connection, site: &str, id: &str) -> rusqlite::Result<Option<TaskDetail>> {
    let sql = summary_sql("AND task.task = ?2");
    let found = tx
        .prepare_cached(&sql)?
        .query_row(params![site, id], summary)
        .optional()?;
    let Some(mut summary) = found else { return Ok(None) };
    summary.devices = working(tx, site)?.remove(id).unwrap_or_default();
    summary.claim = claims::held(tx, site, Some(id))?.remove(id);
    Ok(Some(TaskDetail {
        summary,
        lines: lines(tx, site, id)?,
        recent: recent(tx, site, Some(id))?,
        passes: passes(tx, site, id)?,
        doubts: claims::doubts(tx, site, id)?,
    }))
}

fn lines(tx: &Connection, site: &str, task: &str) -> rusqlite::Result<Vec<LineView>> {
    tx.prepare_cached(
        "SELECT line.number, line.item, coalesce(item.name, ''), coalesce(item.unit, ''), line.location, line.lot,
                line.expected_micro, coalesce(progress.quantity_micro, 0), coalesce(progress.closed, 0), line.details
         FROM line LEFT JOIN line_progress AS progress USING (site, task, number)
         LEFT JOIN item ON item.site = line.site AND item.item = line.item
         WHERE line.site = ?1 AND line.task = ?2 ORDER BY line.number",
    )?
    .query_map(params![site, task], |row| {
        let number = row.get(0)?;
        let more = parsed(row, 9, |details| details::line(number, details))?;
        Ok(LineView {
            number,
            serial: more.serial.unwrap_or_default(),
            handling_unit: more.handling_unit.unwrap_or_default(),
            item: row.get(1)?,
            item_name: row.get(2)?,
            unit: row.get(3)?,
            location: row.get(4)?,
            lot: row.get(5)?,
            expected: row.get::<_, Option<i64>>(6)?.map(Quantity::from_micro),
            confirmed: Quantity::from_micro(row.get(7)?),
            closed: row.get(8)?,
        })
    })?
    .collect()
}

pub(super) fn stock(tx: &Connection, site: &str, query: &StockQuery) -> rusqlite::Result<StockPage> {
    let order = if query.by_item {
        "balance.item, balance.account, balance.place"
    } else {
        "balance.account DESC, balance.place, balance.item"
    };
    let sql = format!(
        "SELECT balance.account, balance.place, balance.item, coalesce(item.name, ''), coalesce(item.unit, ''),
                balance.lot, balance.serial, status, balance.owner, quantity_micro, coalesce(stands.place, '')
         FROM balance LEFT JOIN item USING (site, item)
         LEFT JOIN unit_place AS stands
             ON stands.site = balance.site AND balance.account = 'handling_unit' AND stands.unit = balance.place
         WHERE balance.site = ?1 AND balance.account IN ('location', 'handling_unit', 'suspense', 'over_receipt') AND quantity_micro <> 0
           AND (?2 IS NULL OR instr(lower(balance.place || ' ' || coalesce(stands.place, '') || ' ' || balance.item || ' ' || coalesce(item.name, '')), lower(?2)) > 0)
         ORDER BY {order}, balance.lot, balance.serial, status LIMIT ?3"
    );
    let mut rows: Vec<StockRow> = tx
        .prepare_cached(&sql)?
        .query_map(
            params![site, sought(query.text.as_ref()), STOCK_SHOWN_MAX + 1],
            |row| {
                Ok(StockRow {
                    account: row.get(0)?,
                    place: row.get(1)?,
                    item: row.get(2)?,
                    item_name: row.get(3)?,
                    unit: row.get(4)?,
                    lot: row.get(5)?,
                    serial: row.get(6)?,
                    status: row.get(7)?,
                    owner: row.get(8)?,
                    quantity: Quantity::from_micro(row.get(9)?),
                    stands_at: row.get(10)?,
                })
            },
        )?
        .collect::<rusqlite::Result<_>>()?;
    let more = rows.len() > STOCK_SHOWN_MAX;
    rows.truncate(STOCK_SHOWN_MAX);
    let counted = counts::open_locations(tx, site)?;
    Ok(StockPage { rows, more, counted })
}
