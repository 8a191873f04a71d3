//! The store's rows for a delta.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tallyman_floor::wire::v1::{Delta, ItemBody, ItemCodeBody, LineBody, LocationBody, TaskBody};

use super::{claims, devices, lists, master, people};
use crate::ledger::DeviceIdentity;
use crate::ledger::delta::{ITEMS_MAX, LOCATIONS_MAX, Page, Start, TASKS_MAX};
use crate::ledger::details::{self, UnreadableDetails};
use crate::ledger::lists::reasons_body;
use crate::ledger::plan::some;

pub(super) fn delta(
    tx: &Connection,
    to: &DeviceIdentity,
    cursor: Option<&str>,
    generation: &str,
    now: Timestamp,
) -> rusqlite::Result<Delta> {
    let site = to.site.as_str();
    let (last, rules_changed, holds_changed, reasons_changed, people_changes): (i64, i64, i64, i64, i64) = tx
        .prepare_cached(
            "SELECT change_seq, rules_change_seq, holds_change_seq, reasons_change_seq, (SELECT people_change FROM hub)
             FROM site WHERE site = ?1",
        )?
        .query_row([site], |row| row.try_into())?;
    let start = Start::of(cursor, generation, last);
    let after = start.after;
    let mut page = Page {
        items: items(
            tx,
            site,
            "AND change_seq > ?2 ORDER BY change_seq LIMIT ?3",
            after,
            ITEMS_MAX,
        )?,
        locations: locations(tx, site, after)?,
        people: (people_changes, None),
        ..Page::default()
    };
    if start.wants(rules_changed) {
        page.rules = Some((rules_changed, master::rules(tx, site)?));
    }
    if start.wants(holds_changed) {
        page.holds = Some((holds_changed, lists::holds(tx, site)?.into_body()));
    }
    if start.wants(reasons_changed) {
        page.reasons = Some((reasons_changed, reasons_body(lists::reasons(tx, site)?)));
    }
    if start.wants_people(people_changes) {
        page.people.1 = Some(people::workers(tx, site)?);
    }
    read_tasks(tx, to, start, &mut page)?;
    Ok(page.into_delta(start, generation, devices::newest_fact(tx, to)?, now))
}

fn read_tasks(tx: &Connection, to: &DeviceIdentity, start: Start, page: &mut Page) -> rusqlite::Result<()> {
    let site = to.site.as_str();
    let numbers: Vec<(i64, String, usize)> = tx
        .prepare_cached(
            "SELECT change_seq, task,
                    (SELECT count(*) FROM line WHERE line.site = task.site AND line.task = task.task)
             FROM task
             WHERE site = ?1 AND change_seq > ?2 AND (state = 'open' OR NOT ?3) ORDER BY change_seq LIMIT ?4",
        )?
        .query_map(params![site, start.after, start.anew, TASKS_MAX], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let fitting = Page::tasks_that_fit(numbers.iter().map(|(_, _, lines)| *lines));
    page.tasks_cut_before = numbers.get(fitting).map(|(number, _, _)| *number);
    for (number, id, _) in numbers.into_iter().take(fitting) {
        if let Some(mut task) = task(tx, site, &id)? {
            claims::add_to(tx, to, &mut task)?;
            page.tasks.push((number, task));
        }
    }
    Ok(())
}

/// One task, whole, with its progress.
pub(super) fn task(tx: &Connection, site: &str, id: &str) -> rusqlite::Result<Option<TaskBody>> {
    let task = tx
        .prepare_cached(
            "SELECT details, revision, state, reference, priority, assigned_to, quantity_entry
             FROM task WHERE site = ?1 AND task = ?2",
        )?
        .query_row(params![site, id], |row| {
            Ok(TaskBody {
                id: id.to_owned(),
                site: site.to_owned(),
                kind: parsed(row, 0, details::kind_of)?,
                revision: row.get(1)?,
                state: row.get(2)?,
                reference: row.get(3)?,
                priority: row.get(4)?,
                assigned_to: some(row.get(5)?),
                quantity_entry: row.get(6)?,
                claim: None,
                doubts: Vec::new(),
                lines: Vec::new(),
            })
        })
        .optional()?;
    let Some(mut task) = task else { return Ok(None) };
    task.lines = lines(tx, site, id)?;
    Ok(Some(task))
}

/// What the details in a column say.
pub(super) fn parsed<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl FnOnce(&str) -> Result<T, UnreadableDetails>,
) -> rusqlite::Result<T> {
    parse(row.get_ref(column)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn lines(tx: &Connection, site: &str, task: &str) -> rusqlite::Result<Vec<LineBody>> {
    tx.prepare_cached(
        "SELECT line.number, line.item, line.expected_micro, line.location, line.lot, line.expiry_min, line.owner,
                coalesce(done.quantity_micro, 0), coalesce(done.closed, 0), line.details
         FROM line LEFT JOIN line_progress AS done USING (site, task, number)
         WHERE line.site = ?1 AND line.task = ?2 ORDER BY line.number",
    )?
    .query_map(params![site, task], |row| {
        let expiry_min: String = row.get(5)?;
        let number = row.get(0)?;
        Ok(LineBody {
            item: some(row.get(1)?),
            expected_micro: row.get(2)?,
            location: some(row.get(3)?),
            lot: some(row.get(4)?),
            expiry_min: expiry_min.parse().ok(),
            owner: some(row.get(6)?),
            confirmed_micro: row.get(7)?,
            closed: row.get(8)?,
            ..parsed(row, 9, |details| details::line(number, details))?
        })
    })?
    .collect()
}

/// Items with their change numbers; `tail` is the rest of the condition, with `?2` and `?3`.
pub(super) fn items(
    tx: &Connection,
    site: &str,
    tail: &str,
    second: impl rusqlite::ToSql,
    third: usize,
) -> rusqlite::Result<Vec<(i64, ItemBody)>> {
    let sql = format!(
        "SELECT change_seq, item, name, unit, lot, serial, expiry, owner, details, picture FROM item WHERE site = ?1 {tail}"
    );
    let mut items: Vec<(i64, ItemBody)> = tx
        .prepare_cached(&sql)?
        .query_map(params![site, second, third], |row| {
            let item = ItemBody {
                id: row.get(1)?,
                name: row.get(2)?,
                unit: row.get(3)?,
                lot: row.get(4)?,
                serial: row.get(5)?,
                expiry: row.get(6)?,
                owner: some(row.get(7)?),
                picture: some(row.get(9)?),
                ..parsed(row, 8, details::item)?
            };
            Ok((row.get(0)?, item))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut codes = tx.prepare_cached(
        "SELECT code, unit, pack_micro FROM item_code WHERE site = ?1 AND item = ?2
         UNION ALL
         SELECT code, unit, pack_micro FROM linked_code WHERE site = ?1 AND item = ?2 AND NOT EXISTS
             (SELECT 1 FROM item_code AS listed WHERE listed.site = ?1 AND listed.code = linked_code.code)
         ORDER BY 3, 1",
    )?;
    for (_, item) in &mut items {
        item.codes = codes
            .query_map(params![site, item.id], |row| {
                Ok(ItemCodeBody {
                    code: row.get(0)?,
                    unit: row.get(1)?,
                    pack_micro: row.get(2)?,
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
    }
    Ok(items)
}

fn locations(tx: &Connection, site: &str, after: i64) -> rusqlite::Result<Vec<(i64, LocationBody)>> {
    tx.prepare_cached(
        "SELECT change_seq, location, check_digits, zone FROM location
         WHERE site = ?1 AND change_seq > ?2 ORDER BY change_seq LIMIT ?3",
    )?
    .query_map(params![site, after, LOCATIONS_MAX], |row| {
        let location = LocationBody {
            id: row.get(1)?,
            check_digits: some(row.get(2)?),
            zone: some(row.get(3)?),
        };
        Ok((row.get(0)?, location))
    })?
    .collect()
}
