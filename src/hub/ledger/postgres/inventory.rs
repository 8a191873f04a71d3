//! Counts that somebody makes, in the store.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use tokio_postgres::Row;

use super::error::Refused;
use super::transaction::Transaction;
use super::{boots, counts, decide, devices, late, moment};
use crate::ledger::inventory::{
    COUNTS_SHOWN_MAX, CountMade, CountOrder, CountPlace, CountScope, CountSummary, Cover, CoverRow, LineSeen,
    Zone, along, meant, tasks,
};

/// Tasks whose lines are written together.
const TASKS_AT_ONCE: usize = 100;

/// Makes the tasks of a count.
pub(super) async fn make(
    tx: &Transaction,
    site: &str,
    order: &CountOrder,
    now: Timestamp,
) -> Result<CountMade, Refused> {
    let locked = devices::lock(tx, site).await?;
    let open = counts::open_locations(tx, site).await?;
    let all = places(tx, site, order).await?;
    let places = match meant(order, all, |location| open.contains(location)) {
        Ok(places) => places,
        Err(sentence) => return Ok(CountMade::Refused(sentence)),
    };
    let locations = places.len();
    let number = free_number(tx, site, order).await?;
    let name = order.name(number);
    let tasks = tasks(&name, order, places);
    tx.execute(
        "INSERT INTO inventory (site, number, name, scope, what, cut_off_us, journal, made_us, made_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &site,
            &number,
            &name,
            &order.scope_word(),
            &order.scope.in_words(),
            &order.cut_off.as_microsecond(),
            &locked.numbers.journal,
            &now.as_microsecond(),
            &order.by,
        ],
    )
    .await?;
    for some in tasks.chunks(TASKS_AT_ONCE) {
        decide::make_tasks(tx, site, some, now).await?;
    }
    let names: Vec<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
    tx.execute(
        "INSERT INTO inventory_task (site, task, number) SELECT $1, task, $3 FROM unnest($2::text[]) AS made (task)",
        &[&site, &names, &number],
    )
    .await?;
    let follows = late::look_back(tx, site, &name).await?;
    counts::apply(tx, site, &follows, now).await?;
    Ok(CountMade::Made {
        number,
        tasks: tasks.len(),
        locations,
    })
}

/// All locations of the list; of an item those where it lies by the book.
async fn places(tx: &Transaction, site: &str, order: &CountOrder) -> Result<Vec<CountPlace>, Refused> {
    let rows = match &order.scope {
        CountScope::Item(item) => {
            tx.query(
                "SELECT balance.place, coalesce(max(zone), '') FROM balance
                 LEFT JOIN location ON location.site = balance.site AND location.location = balance.place
                 WHERE balance.site = $1 AND item = $2 AND account = 'location'
                 GROUP BY balance.place HAVING bool_or(quantity_micro <> 0)",
                &[&site, item],
            )
            .await?
        }
        _ => {
            tx.query("SELECT location, zone FROM location WHERE site = $1", &[&site])
                .await?
        }
    };
    let place = |row: &Row| {
        Ok(CountPlace {
            location: row.try_get(0)?,
            zone: row.try_get(1)?,
        })
    };
    rows.iter().map(place).collect()
}

/// The next number whose tasks nobody has made yet.
async fn free_number(tx: &Transaction, site: &str, order: &CountOrder) -> Result<i64, Refused> {
    let row = tx
        .one(
            "SELECT coalesce(max(number), 0) + 1 FROM inventory WHERE site = $1",
            &[&site],
        )
        .await?;
    let mut number: i64 = row.try_get(0)?;
    loop {
        let name = order.name(number);
        let (from, until) = (format!("{name}-"), format!("{name}."));
        let row = tx
            .one(
                "SELECT EXISTS (SELECT 1 FROM task WHERE site = $1 AND task >= $2 AND task < $3)",
                &[&site, &from, &until],
            )
            .await?;
        if !row.try_get::<_, bool>(0)? {
            return Ok(number);
        }
        number = number.saturating_add(1);
    }
}

const SUMMARY: &str = "
    SELECT inventory.number, name, scope, what, cut_off_us, made_us, made_by, count(line.number),
           count(*) FILTER (WHERE done.closed), inventory.journal
    FROM inventory JOIN inventory_task USING (site, number)
    JOIN line ON line.site = inventory_task.site AND line.task = inventory_task.task
    LEFT JOIN line_progress AS done
        ON done.site = line.site AND done.task = line.task AND done.number = line.number
    WHERE inventory.site = $1 AND ($2::bigint IS NULL OR inventory.number = $2)
    GROUP BY inventory.site, inventory.number ORDER BY inventory.number DESC LIMIT $3";

fn summary(row: &Row) -> Result<CountSummary, Refused> {
    Ok(CountSummary {
        number: row.try_get(0)?,
        name: row.try_get(1)?,
        is_inventory: row.try_get::<_, &str>(2)? == "physical_inventory",
        what: row.try_get(3)?,
        cut_off: moment(row.try_get(4)?),
        made: moment(row.try_get(5)?),
        made_by: row.try_get(6)?,
        locations: u64::try_from(row.try_get::<_, i64>(7)?)?,
        ended: u64::try_from(row.try_get::<_, i64>(8)?)?,
    })
}

/// Counts that were made, the newest first.
pub(super) async fn made(tx: &Transaction, site: &str) -> Result<Vec<CountSummary>, Refused> {
    let rows = tx
        .query(SUMMARY, &[&site, &None::<i64>, &COUNTS_SHOWN_MAX])
        .await?;
    rows.iter().map(summary).collect()
}

/// How far a count is covered.
pub(super) async fn cover(tx: &Transaction, site: &str, number: i64) -> Result<Option<Cover>, Refused> {
    let row = tx.find(SUMMARY, &[&site, &Some(number), &1_i64]).await?;
    let Some(row) = row else { return Ok(None) };
    let count = summary(&row)?;
    let mut rows = lines(tx, site, number, row.try_get(9)?).await?;
    rows.sort_by(|one, other| along(&one.place, &other.place));
    Ok(Some(Cover { count, rows }))
}

/// Who ended a count of a location, with what and when.
struct Ending {
    worker: String,
    device: String,
    counted: Option<Timestamp>,
}

async fn lines(tx: &Transaction, site: &str, number: i64, since: i64) -> Result<Vec<CoverRow>, Refused> {
    let unreached = unreached(tx, site, number).await?;
    let differences = differences(tx, site, since).await?;
    let endings = endings(tx, site, since).await?;
    let rows = tx
        .query(
            "SELECT line.location, coalesce(zone, ''), line.item, line.task, line.number, task.state,
                    coalesce(done.closed, false), coalesce(done.quantity_micro, 0),
                    (SELECT max(journal) FROM location_count AS ended
                     WHERE ended.site = $1 AND ended.location = line.location AND ended.journal > $3
                         AND ended.item IN ('', line.item))
             FROM inventory_task
             JOIN line ON line.site = inventory_task.site AND line.task = inventory_task.task
             JOIN task ON task.site = line.site AND task.task = line.task
             LEFT JOIN line_progress AS done
                 ON done.site = line.site AND done.task = line.task AND done.number = line.number
             LEFT JOIN location ON location.site = line.site AND location.location = line.location
             WHERE inventory_task.site = $1 AND inventory_task.number = $2",
            &[&site, &number, &since],
        )
        .await?;
    let mut cover = Vec::with_capacity(rows.len());
    for row in &rows {
        let (task, line): (String, i64) = (row.try_get(3)?, row.try_get(4)?);
        let journal: Option<i64> = row.try_get(8)?;
        let found = journal.and_then(|journal| differences.get(&journal));
        let (all, open) = found.copied().unwrap_or_default();
        let ending = journal.and_then(|journal| endings.get(&journal));
        let seen = LineSeen {
            task_is_open: row.try_get::<_, &str>(5)? == "open",
            is_closed: row.try_get(6)?,
            is_begun: row.try_get::<_, i64>(7)? != 0,
            is_not_reachable: unreached.contains(&(task.clone(), line)),
            is_counted: journal.is_some(),
            differences_open: open,
        };
        cover.push(CoverRow {
            place: CountPlace {
                location: row.try_get(0)?,
                zone: row.try_get(1)?,
            },
            item: row.try_get(2)?,
            task,
            state: seen.state(),
            worker: ending.map(|ending| ending.worker.clone()).unwrap_or_default(),
            device: ending.map(|ending| ending.device.clone()).unwrap_or_default(),
            counted: ending.and_then(|ending| ending.counted),
            differences: all,
        });
    }
    Ok(cover)
}

/// Lines that could not be reached.
async fn unreached(tx: &Transaction, site: &str, number: i64) -> Result<HashSet<(String, i64)>, Refused> {
    let rows = tx
        .query(
            "SELECT task, line FROM exception
             WHERE site = $1 AND kind = 'place_not_reachable' AND state <> 'withdrawn' AND line IS NOT NULL
                 AND task IN (SELECT task FROM inventory_task WHERE site = $1 AND number = $2)",
            &[&site, &number],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

/// Differences by the end of the count that found them: all, and those that wait for a decision.
async fn differences(tx: &Transaction, site: &str, since: i64) -> Result<HashMap<i64, (u64, u64)>, Refused> {
    let rows = tx
        .query(
            "SELECT journal, count(*), count(*) FILTER (WHERE state = 'open') FROM exception
             WHERE site = $1 AND journal > $2 AND state <> 'withdrawn'
                 AND kind IN ('count_variance', 'count_waits', 'count_overlap')
             GROUP BY journal",
            &[&site, &since],
        )
        .await?;
    let mut differences = HashMap::with_capacity(rows.len());
    for row in &rows {
        let (all, open): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
        differences.insert(row.try_get(0)?, (u64::try_from(all)?, u64::try_from(open)?));
    }
    Ok(differences)
}

/// The ends of counts behind a place in the journal.
async fn endings(tx: &Transaction, site: &str, since: i64) -> Result<HashMap<i64, Ending>, Refused> {
    let rows = tx
        .query(
            "SELECT journal, coalesce(nullif(name, ''), location_count.device), location_count.worker
             FROM location_count LEFT JOIN device USING (site, device)
             WHERE site = $1 AND journal > $2",
            &[&site, &since],
        )
        .await?;
    let places: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let done = boots::done_at(tx, site, &places).await?;
    let mut endings = HashMap::with_capacity(rows.len());
    for row in &rows {
        let place: i64 = row.try_get(0)?;
        let ending = Ending {
            device: row.try_get(1)?,
            worker: row.try_get(2)?,
            counted: done.get(&place).map(|done| done.likely()),
        };
        endings.insert(place, ending);
    }
    Ok(endings)
}

/// The zones of a site.
pub(super) async fn zones(tx: &Transaction, site: &str) -> Result<Vec<Zone>, Refused> {
    let rows = tx
        .query(
            "SELECT zone, count(*) FROM location WHERE site = $1 GROUP BY zone ORDER BY zone",
            &[&site],
        )
        .await?;
    let zone = |row: &Row| {
        Ok(Zone {
            zone: row.try_get(0)?,
            locations: u64::try_from(row.try_get::<_, i64>(1)?)?,
        })
    };
    rows.iter().map(zone).collect()
}
