//! The store's rows for a delta.

use std::collections::HashMap;

use jiff::Timestamp;
use tallyman_floor::wire::v1::{
    Delta, ItemBody, ItemCodeBody, LineBody, LocationBody, SiteRuleBody, TaskBody,
};
use tokio_postgres::Row;

use super::error::Refused;
use super::transaction::Transaction;
use super::{claims, devices, lists, people};
use crate::ledger::delta::{ITEMS_MAX, LOCATIONS_MAX, Page, Start, TASKS_MAX};
use crate::ledger::details;
use crate::ledger::lists::reasons_body;
use crate::ledger::plan::some;
use crate::ledger::{DeviceIdentity, LedgerError};

const CHANGED_TASKS: &str = "
    SELECT change_seq, task, (SELECT count(*) FROM line WHERE line.site = task.site AND line.task = task.task)
    FROM task WHERE site = $1 AND change_seq > $2 AND (state = 'open' OR NOT $3) ORDER BY change_seq LIMIT $4";

const CHANGED_ITEMS: &str = "
    SELECT change_seq, item, name, unit, lot, serial, expiry, owner, details, picture FROM item
    WHERE site = $1 AND change_seq > $2 ORDER BY change_seq LIMIT $3";

// Left joins from what is asked, as in `excerpt`.

const NAMED_ITEMS: &str = "
    SELECT item.change_seq, item.item, item.name, item.unit, item.lot, item.serial, item.expiry, item.owner,
           item.details, item.picture
    FROM unnest($2::text[]) AS asked (item) LEFT JOIN item ON item.site = $1 AND item.item = asked.item";

const CODES: &str = "
    SELECT asked.item, code, unit, pack_micro
    FROM unnest($2::text[]) AS asked (item) LEFT JOIN LATERAL (
        SELECT code, unit, pack_micro FROM item_code WHERE site = $1 AND item = asked.item
        UNION ALL
        SELECT code, unit, pack_micro FROM linked_code WHERE site = $1 AND item = asked.item AND NOT EXISTS
            (SELECT 1 FROM item_code AS listed WHERE listed.site = $1 AND listed.code = linked_code.code)
    ) AS codes ON true
    ORDER BY asked.item, pack_micro, code";

const TASKS: &str = "
    SELECT task.task, task.details, revision, state, reference, priority, assigned_to, quantity_entry
    FROM unnest($2::text[]) AS asked (task) LEFT JOIN task ON task.site = $1 AND task.task = asked.task";

const LINES: &str = "
    SELECT asked.task, line.number, line.item, line.expected_micro, line.location, line.lot, line.expiry_min, line.owner,
           coalesce(done.quantity_micro, 0), coalesce(done.closed, false), line.details
    FROM unnest($2::text[]) AS asked (task)
    LEFT JOIN line ON line.site = $1 AND line.task = asked.task
    LEFT JOIN line_progress AS done ON done.site = $1 AND done.task = line.task AND done.number = line.number
    ORDER BY asked.task, line.number";

pub(super) async fn delta(
    tx: &Transaction,
    to: &DeviceIdentity,
    cursor: Option<&str>,
    now: Timestamp,
) -> Result<Delta, Refused> {
    let site = to.site.as_str();
    let (generation, applied) = devices::newest_fact(tx, to).await?;
    let row = tx
        .find(
            "SELECT change_seq, (SELECT people_change FROM hub), rules_change_seq, holds_change_seq, reasons_change_seq
             FROM site WHERE site = $1",
            &[&site],
        )
        .await?;
    let row = row.ok_or_else(|| LedgerError::UnknownSite(site.to_owned()))?;
    let (last, people_changes): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let start = Start::of(cursor, &generation, last);
    let mut page = Page {
        people: (people_changes, None),
        ..Page::default()
    };
    if start.wants_people(people_changes) {
        page.people.1 = Some(people::workers(tx, site).await?);
    }
    if !start.anew && start.after == last {
        // Nothing has changed, which is what most requests that wait are told.
        return Ok(page.into_delta(start, &generation, applied, now));
    }
    let items = tx
        .query(CHANGED_ITEMS, &[&site, &start.after, &limit(ITEMS_MAX)])
        .await?;
    page.items = with_codes(tx, site, items).await?;
    let locations = tx
        .query(
            "SELECT change_seq, location, check_digits, zone FROM location
             WHERE site = $1 AND change_seq > $2 ORDER BY change_seq LIMIT $3",
            &[&site, &start.after, &limit(LOCATIONS_MAX)],
        )
        .await?;
    for row in locations {
        let location = LocationBody {
            id: row.try_get(1)?,
            check_digits: some(row.try_get(2)?),
            zone: some(row.try_get(3)?),
        };
        page.locations.push((row.try_get(0)?, location));
    }
    read_lists(tx, site, start, &row, &mut page).await?;
    read_tasks(tx, to, start, &mut page).await?;
    Ok(page.into_delta(start, &generation, applied, now))
}

/// Reads the lists that are told whole, by the numbers that the site's row says they were changed with.
async fn read_lists(
    tx: &Transaction,
    site: &str,
    start: Start,
    row: &Row,
    page: &mut Page,
) -> Result<(), Refused> {
    let (rules_changed, holds_changed, reasons_changed) = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
    if start.wants(rules_changed) {
        page.rules = Some((rules_changed, rules(tx, site).await?));
    }
    if start.wants(holds_changed) {
        let holds = lists::holds(tx, site).await?;
        page.holds = Some((holds_changed, holds.into_body()));
    }
    if start.wants(reasons_changed) {
        let reasons = lists::reasons(tx, site).await?;
        page.reasons = Some((reasons_changed, reasons_body(reasons)));
    }
    Ok(())
}

fn limit(rows_max: usize) -> i64 {
    i64::try_from(rows_max).unwrap_or(i64::MAX)
}

async fn read_tasks(
    tx: &Transaction,
    to: &DeviceIdentity,
    start: Start,
    page: &mut Page,
) -> Result<(), Refused> {
    let site = to.site.as_str();
    let rows = tx
        .query(
            CHANGED_TASKS,
            &[&site, &start.after, &start.anew, &limit(TASKS_MAX)],
        )
        .await?;
    let mut numbers: Vec<(i64, String)> = Vec::with_capacity(rows.len());
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        numbers.push((row.try_get(0)?, row.try_get(1)?));
        lines.push(usize::try_from(row.try_get::<_, i64>(2)?)?);
    }
    let fitting = Page::tasks_that_fit(lines);
    page.tasks_cut_before = numbers.get(fitting).map(|(number, _)| *number);
    numbers.truncate(fitting);
    let names: Vec<&str> = numbers.iter().map(|(_, task)| task.as_str()).collect();
    let mut found: HashMap<String, TaskBody> = tasks(tx, site, &names)
        .await?
        .into_iter()
        .map(|task| (task.id.clone(), task))
        .collect();
    claims::add_to(tx, to, &mut found).await?;
    for (number, name) in numbers {
        page.tasks.extend(found.remove(&name).map(|task| (number, task)));
    }
    Ok(())
}

/// Tasks, whole, with their progress.
pub(super) async fn tasks(tx: &Transaction, site: &str, names: &[&str]) -> Result<Vec<TaskBody>, Refused> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines: HashMap<String, Vec<LineBody>> = HashMap::new();
    for row in tx.query(LINES, &[&site, &names]).await? {
        if row.try_get::<_, Option<i64>>(1)?.is_some() {
            lines.entry(row.try_get(0)?).or_default().push(line(&row)?);
        }
    }
    let rows = tx.query(TASKS, &[&site, &names]).await?;
    let found = rows.iter().filter(|row| is_there(row, 0));
    found
        .map(|row| {
            let id: String = row.try_get(0)?;
            Ok(TaskBody {
                site: site.to_owned(),
                kind: details::kind_of(row.try_get(1)?)?,
                revision: u32::try_from(row.try_get::<_, i64>(2)?)?,
                state: row.try_get(3)?,
                reference: row.try_get(4)?,
                priority: row.try_get(5)?,
                assigned_to: some(row.try_get(6)?),
                quantity_entry: row.try_get(7)?,
                claim: None,
                doubts: Vec::new(),
                lines: lines.remove(&id).unwrap_or_default(),
                id,
            })
        })
        .collect()
}

/// Whether a left join has found a row; this column of it is never nothing.
fn is_there(row: &Row, column: usize) -> bool {
    row.try_get::<_, Option<&str>>(column)
        .is_ok_and(|text| text.is_some())
}

fn line(row: &Row) -> Result<LineBody, Refused> {
    let expiry_min: &str = row.try_get(6)?;
    let number = u32::try_from(row.try_get::<_, i64>(1)?)?;
    Ok(LineBody {
        item: some(row.try_get(2)?),
        expected_micro: row.try_get(3)?,
        location: some(row.try_get(4)?),
        lot: some(row.try_get(5)?),
        expiry_min: expiry_min.parse().ok(),
        owner: some(row.try_get(7)?),
        confirmed_micro: row.try_get(8)?,
        closed: row.try_get(9)?,
        ..details::line(number, row.try_get(10)?)?
    })
}

/// Items by their numbers, with their codes.
pub(super) async fn items(tx: &Transaction, site: &str, names: &[&str]) -> Result<Vec<ItemBody>, Refused> {
    let rows = tx.query(NAMED_ITEMS, &[&site, &names]).await?;
    let items = with_codes(tx, site, rows).await?;
    Ok(items.into_iter().map(|(_, item)| item).collect())
}

async fn with_codes(tx: &Transaction, site: &str, rows: Vec<Row>) -> Result<Vec<(i64, ItemBody)>, Refused> {
    let mut items = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| is_there(row, 1)) {
        let item = ItemBody {
            id: row.try_get(1)?,
            name: row.try_get(2)?,
            unit: row.try_get(3)?,
            lot: row.try_get(4)?,
            serial: row.try_get(5)?,
            expiry: row.try_get(6)?,
            owner: some(row.try_get(7)?),
            picture: some(row.try_get(9)?),
            ..details::item(row.try_get(8)?)?
        };
        items.push((row.try_get(0)?, item));
    }
    if items.is_empty() {
        return Ok(items);
    }
    let names: Vec<&str> = items.iter().map(|(_, item)| item.id.as_str()).collect();
    let mut codes: HashMap<String, Vec<ItemCodeBody>> = HashMap::new();
    let rows = tx.query(CODES, &[&site, &names]).await?;
    for row in rows.iter().filter(|row| is_there(row, 1)) {
        codes.entry(row.try_get(0)?).or_default().push(ItemCodeBody {
            code: row.try_get(1)?,
            unit: row.try_get(2)?,
            pack_micro: row.try_get(3)?,
        });
    }
    for (_, item) in &mut items {
        item.codes = codes.remove(&item.id).unwrap_or_default();
    }
    Ok(items)
}

/// The site's own codes.
pub(super) async fn rules(tx: &Transaction, site: &str) -> Result<Vec<SiteRuleBody>, Refused> {
    let rows = tx
        .query(
            "SELECT pattern, kind FROM site_rule WHERE site = $1 ORDER BY number",
            &[&site],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(SiteRuleBody {
                pattern: row.try_get(0)?,
                kind: row.try_get(1)?,
            })
        })
        .collect()
}
