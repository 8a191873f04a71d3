//! Counts that somebody makes, in the store.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::boots::Boots;
use super::{Refused, counts, decide, late, moment, write};
use crate::ledger::inventory::{
    COUNTS_SHOWN_MAX, CountMade, CountOrder, CountPlace, CountScope, CountSummary, Cover, CoverRow, LineSeen,
    Zone, along, meant, tasks,
};

/// Makes the tasks of a count.
pub(super) fn make(
    tx: &Connection,
    site: &str,
    order: &CountOrder,
    now: Timestamp,
) -> Result<CountMade, Refused> {
    let open = counts::open_locations(tx, site)?;
    let places = match meant(order, places(tx, site, order)?, |location| {
        open.contains(location)
    }) {
        Ok(places) => places,
        Err(sentence) => return Ok(CountMade::Refused(sentence)),
    };
    let locations = places.len();
    let number = free_number(tx, site, order)?;
    let name = order.name(number);
    let tasks = tasks(&name, order, places);
    tx.prepare_cached("INSERT INTO inventory VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?
        .execute(params![
            site,
            number,
            name,
            order.scope_word(),
            order.scope.in_words(),
            order.cut_off.as_microsecond(),
            write::numbers(tx)?.journal,
            now.as_microsecond(),
            order.by
        ])?;
    decide::make_tasks(tx, site, &tasks, now)?;
    let mut link =
        tx.prepare_cached("INSERT INTO inventory_task (site, task, number) VALUES (?1, ?2, ?3)")?;
    for task in &tasks {
        link.execute(params![site, task.id, number])?;
    }
    let follows = late::look_back(tx, site, &name)?;
    counts::apply(tx, site, &follows, now)?;
    Ok(CountMade::Made {
        number,
        tasks: tasks.len(),
        locations,
    })
}

/// All locations of the list; of an item those where it lies by the book.
fn places(tx: &Connection, site: &str, order: &CountOrder) -> rusqlite::Result<Vec<CountPlace>> {
    let place = |row: &Row<'_>| {
        Ok(CountPlace {
            location: row.get(0)?,
            zone: row.get(1)?,
        })
    };
    if let CountScope::Item(item) = &order.scope {
        return tx
            .prepare_cached(
                "SELECT balance.place, coalesce(zone, '') FROM balance
                 LEFT JOIN location ON location.site = balance.site AND location.location = balance.place
                 WHERE balance.site = ?1 AND item = ?2 AND account = 'location'
                 GROUP BY balance.place HAVING sum(quantity_micro <> 0) > 0",
            )?
            .query_map(params![site, item], place)?
            .collect();
    }
    tx.prepare_cached("SELECT location, zone FROM location WHERE site = ?1")?
        .query_map([site], place)?
        .collect()
}

/// The next number whose tasks nobody has made yet.
fn free_number(tx: &Connection, site: &str, order: &CountOrder) -> rusqlite::Result<i64> {
    let mut number: i64 = tx
        .prepare_cached("SELECT coalesce(max(number), 0) + 1 FROM inventory WHERE site = ?1")?
        .query_row([site], |row| row.get(0))?;
    loop {
        let name = order.name(number);
        let is_taken: bool = tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM task WHERE site = ?1 AND task >= ?2 || '-' AND task < ?2 || '.')",
            )?
            .query_row(params![site, name], |row| row.get(0))?;
        if !is_taken {
            return Ok(number);
        }
        number = number.saturating_add(1);
    }
}

const SUMMARY: &str = "
    SELECT inventory.number, name, scope, what, cut_off_us, made_us, made_by, count(line.number),
           coalesce(sum(coalesce(done.closed, 0)), 0), inventory.journal
    FROM inventory JOIN inventory_task USING (site, number)
    JOIN line ON line.site = inventory_task.site AND line.task = inventory_task.task
    LEFT JOIN line_progress AS done
        ON done.site = line.site AND done.task = line.task AND done.number = line.number
    WHERE inventory.site = ?1 AND (?2 IS NULL OR inventory.number = ?2)
    GROUP BY inventory.number ORDER BY inventory.number DESC LIMIT ?3";

fn summary(row: &Row<'_>) -> rusqlite::Result<CountSummary> {
    Ok(CountSummary {
        number: row.get(0)?,
        name: row.get(1)?,
        is_inventory: row.get::<_, String>(2)? == "physical_inventory",
        what: row.get(3)?,
        cut_off: moment(row.get(4)?),
        made: moment(row.get(5)?),
        made_by: row.get(6)?,
        locations: row.get(7)?,
        ended: row.get(8)?,
    })
}

/// Counts that were made, the newest first.
pub(super) fn made(tx: &Connection, site: &str) -> rusqlite::Result<Vec<CountSummary>> {
    tx.prepare_cached(SUMMARY)?
        .query_map(params![site, None::<i64>, COUNTS_SHOWN_MAX], summary)?
        .collect()
}

/// How far a count is covered.
pub(super) fn cover(tx: &Connection, site: &str, number: i64) -> rusqlite::Result<Option<Cover>> {
    let found = tx
        .prepare_cached(SUMMARY)?
        .query_row(params![site, number, 1], |row| Ok((summary(row)?, row.get(9)?)))
        .optional()?;
    let Some((count, since)) = found else {
        return Ok(None);
    };
    let mut rows = lines(tx, site, number, since)?;
    rows.sort_by(|one, other| along(&one.place, &other.place));
    Ok(Some(Cover { count, rows }))
}

/// Who ended a count of a location, with what and when.
struct Ending {
    worker: String,
    device: String,
    counted: Option<Timestamp>,
}

fn lines(tx: &Connection, site: &str, number: i64, since: i64) -> rusqlite::Result<Vec<CoverRow>> {
    let unreached = unreached(tx, site, number)?;
    let differences = differences(tx, site, since)?;
    let endings = endings(tx, site, since)?;
    let mut statement = tx.prepare_cached(
        "SELECT line.location, coalesce(zone, ''), line.item, line.task, line.number, task.state,
                coalesce(done.closed, 0), coalesce(done.quantity_micro, 0),
                (SELECT max(journal) FROM location_count AS ended
                 WHERE ended.site = ?1 AND ended.location = line.location AND ended.journal > ?3
                     AND ended.item IN ('', line.item))
         FROM inventory_task JOIN line USING (site, task) JOIN task USING (site, task)
         LEFT JOIN line_progress AS done
             ON done.site = line.site AND done.task = line.task AND done.number = line.number
         LEFT JOIN location ON location.site = line.site AND location.location = line.location
         WHERE inventory_task.site = ?1 AND inventory_task.number = ?2",
    )?;
    let rows = statement.query_map(params![site, number, since], |row| {
        let (task, line): (String, u32) = (row.get(3)?, row.get(4)?);
        let journal: Option<i64> = row.get(8)?;
        let (all, open) = journal
            .and_then(|journal| differences.get(&journal))
            .copied()
            .unwrap_or_default();
        let ending = journal.and_then(|journal| endings.get(&journal));
        let seen = LineSeen {
            task_is_open: row.get::<_, String>(5)? == "open",
            is_closed: row.get(6)?,
            is_begun: row.get::<_, i64>(7)? != 0,
            is_not_reachable: unreached.contains(&(task.clone(), line)),
            is_counted: journal.is_some(),
            differences_open: open,
        };
        Ok(CoverRow {
            place: CountPlace {
                location: row.get(0)?,
                zone: row.get(1)?,
            },
            item: row.get(2)?,
            task,
            state: seen.state(),
            worker: ending.map(|ending| ending.worker.clone()).unwrap_or_default(),
            device: ending.map(|ending| ending.device.clone()).unwrap_or_default(),
            counted: ending.and_then(|ending| ending.counted),
            differences: all,
        })
    })?;
    rows.collect()
}

/// Lines that could not be reached.
fn unreached(tx: &Connection, site: &str, number: i64) -> rusqlite::Result<HashSet<(String, u32)>> {
    tx.prepare_cached(
        "SELECT task, line FROM exception
         WHERE site = ?1 AND kind = 'place_not_reachable' AND state <> 'withdrawn' AND line IS NOT NULL
             AND task IN (SELECT task FROM inventory_task WHERE site = ?1 AND number = ?2)",
    )?
    .query_map(params![site, number], |row| Ok((row.get(0)?, row.get(1)?)))?
    .collect()
}

/// Differences by the end of the count that found them: all, and those that wait for a decision.
fn differences(tx: &Connection, site: &str, since: i64) -> rusqlite::Result<HashMap<i64, (u64, u64)>> {
    tx.prepare_cached(
        "SELECT journal, count(*), sum(state = 'open') FROM exception
         WHERE site = ?1 AND journal > ?2 AND state <> 'withdrawn'
             AND kind IN ('count_variance', 'count_waits', 'count_overlap')
         GROUP BY journal",
    )?
    .query_map(params![site, since], |row| {
        Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
    })?
    .collect()
}

/// The ends of counts behind a place in the journal.
fn endings(tx: &Connection, site: &str, since: i64) -> rusqlite::Result<HashMap<i64, Ending>> {
    let mut statement = tx.prepare_cached(
        "SELECT location_count.journal, location_count.device,
                coalesce(nullif(name, ''), location_count.device), location_count.worker, body, received_us
         FROM location_count JOIN journal ON journal.place = location_count.journal
         LEFT JOIN device ON device.site = location_count.site AND device.device = location_count.device
         WHERE location_count.site = ?1 AND location_count.journal > ?2",
    )?;
    let mut rows = statement.query(params![site, since])?;
    let mut boots = Boots::default();
    let mut endings = HashMap::new();
    while let Some(row) = rows.next()? {
        let device: String = row.get(1)?;
        let done = boots.done(tx, site, &device, row.get_ref(4)?.as_bytes()?, row.get(5)?)?;
        let ending = Ending {
            worker: row.get(3)?,
            device: row.get(2)?,
            counted: done.map(crate::ledger::moments::Done::likely),
        };
        endings.insert(row.get(0)?, ending);
    }
    Ok(endings)
}

/// The zones of a site.
pub(super) fn zones(tx: &Connection, site: &str) -> rusqlite::Result<Vec<Zone>> {
    tx.prepare_cached("SELECT zone, count(*) FROM location WHERE site = ?1 GROUP BY zone ORDER BY zone")?
        .query_map([site], |row| {
            Ok(Zone {
                zone: row.get(0)?,
                locations: row.get(1)?,
            })
        })?
        .collect()
}
