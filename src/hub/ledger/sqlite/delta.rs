//! Deltas: what changed for a device since its cursor, whole tasks and items, in pages.
//!
//! Everything that changed has a number of its own (see `change`). A page ends at the lowest number that any of its
//! kinds was cut at, so that the next page goes on without a hole.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::v1::{Delta, ItemBody, ItemCodeBody, LineBody, TaskBody, TaskKindBody};

use super::{devices, master};
use crate::ledger::DeviceIdentity;

/// Tasks in one page at most.
const TASKS_MAX: usize = 100;
/// Lines in one page at most, the last task's rest included: about a megabyte before compression.
const LINES_MAX: usize = 5_000;
/// Items in one page at most.
const ITEMS_MAX: usize = 2_000;
/// Locations in one page at most.
const LOCATIONS_MAX: usize = 10_000;

pub(super) fn delta(
    tx: &Connection,
    to: &DeviceIdentity,
    cursor: Option<&str>,
    generation: &str,
    now: Timestamp,
) -> rusqlite::Result<Delta> {
    let site = to.site.as_str();
    let since = cursor.and_then(|cursor| place_of(cursor, generation));
    let after = since.unwrap_or(0);
    // A device that starts anew is not told of work that is over.
    let (last, rules_changed): (i64, i64) = tx
        .prepare_cached("SELECT change_seq, rules_change_seq FROM site WHERE site = ?1")?
        .query_row([site], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut cut = Cut { last, more: false };
    let mut tasks = tasks(tx, site, after, since.is_none(), &mut cut)?;
    let mut items = items(
        tx,
        site,
        "AND change_seq > ?2 ORDER BY change_seq LIMIT ?3",
        after,
        ITEMS_MAX,
    )?;
    cut.at_full(&items, ITEMS_MAX);
    let mut locations = locations(tx, site, after)?;
    cut.at_full(&locations, LOCATIONS_MAX);
    tasks.retain(|(number, _)| *number <= cut.last);
    items.retain(|(number, _)| *number <= cut.last);
    locations.retain(|(number, _)| *number <= cut.last);
    Ok(Delta {
        generation: generation.to_owned(),
        cursor: format!("{generation}:{}", cut.last),
        reset: since.is_none(),
        more: cut.more,
        applied: devices::newest_fact(tx, to)?,
        tasks: tasks.into_iter().map(|(_, task)| task).collect(),
        removed_tasks: Vec::new(),
        items: items.into_iter().map(|(_, item)| item).collect(),
        locations: locations.into_iter().map(|(_, location)| location).collect(),
        site_rules: if since.is_none() || (rules_changed > after && rules_changed <= cut.last) {
            Some(master::rules(tx, site)?)
        } else {
            None
        },
        server_time: now,
    })
}

/// The number in a cursor of this generation; `None` for any other text: the device then starts anew.
fn place_of(cursor: &str, generation: &str) -> Option<i64> {
    let number = cursor.strip_prefix(generation)?.strip_prefix(':')?;
    number.parse().ok().filter(|number| *number > 0)
}

/// Where a page ends.
struct Cut {
    last: i64,
    more: bool,
}

impl Cut {
    fn at(&mut self, number: i64) {
        self.more = true;
        self.last = self.last.min(number);
    }

    /// A kind that filled its share may have more: the page ends with its last row.
    fn at_full<T>(&mut self, rows: &[(i64, T)], rows_max: usize) {
        if let Some((number, _)) = rows.last().filter(|_| rows.len() >= rows_max) {
            self.at(*number);
        }
    }
}

fn tasks(
    tx: &Connection,
    site: &str,
    after: i64,
    only_open: bool,
    cut: &mut Cut,
) -> rusqlite::Result<Vec<(i64, TaskBody)>> {
    let numbers: Vec<(i64, String)> = tx
        .prepare_cached(
            "SELECT change_seq, task FROM task
             WHERE site = ?1 AND change_seq > ?2 AND (state = 'open' OR NOT ?3) ORDER BY change_seq LIMIT ?4",
        )?
        .query_map(params![site, after, only_open, TASKS_MAX], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    cut.at_full(&numbers, TASKS_MAX);
    let mut found = Vec::with_capacity(numbers.len());
    let mut lines = 0;
    for (number, id) in numbers {
        if lines >= LINES_MAX {
            if let Some((before, _)) = found.last() {
                cut.at(*before);
            }
            break;
        }
        if let Some(task) = task(tx, site, &id)? {
            lines += task.lines.len();
            found.push((number, task));
        }
    }
    Ok(found)
}

/// One task, whole, with its progress.
pub(super) fn task(tx: &Connection, site: &str, id: &str) -> rusqlite::Result<Option<TaskBody>> {
    let task = tx
        .prepare_cached(
            "SELECT kind, revision, state, reference, priority, assigned_to, quantity_entry, dock,
                    over_tolerance_percent, into_unit
             FROM task WHERE site = ?1 AND task = ?2",
        )?
        .query_row(params![site, id], |row| {
            let kind: String = row.get(0)?;
            Ok(TaskBody {
                id: id.to_owned(),
                site: site.to_owned(),
                kind: match kind.as_str() {
                    "receive" => TaskKindBody::Receive {
                        dock: row.get(7)?,
                        over_tolerance_percent: row.get(8)?,
                    },
                    "pick" => TaskKindBody::Pick {
                        into: some(row.get(9)?),
                    },
                    _ => TaskKindBody::Count {},
                },
                revision: row.get(1)?,
                state: row.get(2)?,
                reference: row.get(3)?,
                priority: row.get(4)?,
                assigned_to: some(row.get(5)?),
                quantity_entry: row.get(6)?,
                lines: Vec::new(),
            })
        })
        .optional()?;
    let Some(mut task) = task else { return Ok(None) };
    task.lines = lines(tx, site, id)?;
    Ok(Some(task))
}

fn lines(tx: &Connection, site: &str, task: &str) -> rusqlite::Result<Vec<LineBody>> {
    tx.prepare_cached(
        "SELECT line.number, line.item, line.expected_micro, line.location, line.lot, line.expiry_min, line.owner,
                coalesce(done.quantity_micro, 0), coalesce(done.closed, 0)
         FROM line LEFT JOIN line_progress AS done USING (site, task, number)
         WHERE line.site = ?1 AND line.task = ?2 ORDER BY line.number",
    )?
    .query_map(params![site, task], |row| {
        let expiry_min: String = row.get(5)?;
        Ok(LineBody {
            number: row.get(0)?,
            item: some(row.get(1)?),
            expected_micro: row.get(2)?,
            location: some(row.get(3)?),
            lot: some(row.get(4)?),
            expiry_min: expiry_min.parse().ok(),
            owner: some(row.get(6)?),
            confirmed_micro: row.get(7)?,
            closed: row.get(8)?,
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
        "SELECT change_seq, item, name, unit, lot, serial, expiry, owner FROM item WHERE site = ?1 {tail}"
    );
    let mut items: Vec<(i64, ItemBody)> = tx
        .prepare_cached(&sql)?
        .query_map(params![site, second, third], |row| {
            let item = ItemBody {
                id: row.get(1)?,
                name: row.get(2)?,
                unit: row.get(3)?,
                codes: Vec::new(),
                lot: row.get(4)?,
                serial: row.get(5)?,
                expiry: row.get(6)?,
                owner: some(row.get(7)?),
            };
            Ok((row.get(0)?, item))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut codes = tx.prepare_cached(
        "SELECT code, unit, pack_micro FROM item_code WHERE site = ?1 AND item = ?2 ORDER BY pack_micro, code",
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

fn locations(tx: &Connection, site: &str, after: i64) -> rusqlite::Result<Vec<(i64, String)>> {
    tx.prepare_cached(
        "SELECT change_seq, location FROM location WHERE site = ?1 AND change_seq > ?2 ORDER BY change_seq LIMIT ?3",
    )?
    .query_map(params![site, after, LOCATIONS_MAX], |row| Ok((row.get(0)?, row.get(1)?)))?
    .collect()
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
