//! The cache of what the hub said: tasks, items, codes, locations, site rules.
//!
//! A reset does not empty the cache at once: rows of the earlier round stay in use until the last part of the new
//! round has come, so that a worker in the middle of a task does not lose it meanwhile.

use rusqlite::{Connection, params};
use tallyman_floor::wire::v1::{Delta, ItemBody, TaskBody};

use crate::seams::CacheChange;

use super::begun;
use super::mark_rows::{self, CacheForm, Name};
use super::trouble::{Trouble, integer};

/// Takes one part of a delta. Answers whether rows of an earlier round were forgotten.
pub(super) fn take(connection: &Connection, change: &CacheChange) -> Result<bool, Trouble> {
    let part = &change.part;
    let before = mark_rows::get_form::<CacheForm>(connection, Name::Cache)
        .unwrap_or(None)
        .unwrap_or_default();
    let mut cache = before.clone();
    if before == CacheForm::default() {
        cache.kept = CacheForm::KEPT;
    }
    if part.reset {
        cache.round += 1;
        cache.sweeping = true;
        cache.cursor = None;
        cache.kept = CacheForm::KEPT;
    }
    put_tasks(connection, part, cache.round)?;
    for id in &part.removed_tasks {
        connection
            .prepare_cached("DELETE FROM task WHERE id = ?1")?
            .execute([id])?;
    }
    for item in &part.items {
        put_item(connection, item, cache.round)?;
    }
    for location in &part.locations {
        connection
            .prepare_cached("INSERT OR REPLACE INTO location (id, round) VALUES (?1, ?2)")?
            .execute(params![location, integer(cache.round)])?;
    }
    for detail in &part.location_details {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO location_detail (id, check_digits, zone, round) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                detail.id,
                detail.check_digits.as_deref().unwrap_or_default(),
                detail.zone.as_deref().unwrap_or_default(),
                integer(cache.round)
            ])?;
    }
    cache.locations_known |= !part.locations.is_empty();
    if let Some(rules) = &part.site_rules {
        mark_rows::put_form(connection, Name::SiteRules, rules)?;
    }
    if let Some(holds) = &part.holds {
        mark_rows::put_form(connection, Name::Holds, holds)?;
    }
    if let Some(workers) = &part.workers {
        mark_rows::put_form(connection, Name::Workers, workers)?;
    }
    if let Some(reasons) = &part.reasons {
        mark_rows::put_form(connection, Name::Reasons, reasons)?;
    }
    let mut swept = false;
    if change.last {
        cache.cursor = Some(part.cursor.clone());
        cache.applied = part.applied;
        if cache.sweeping && !part.more {
            sweep(connection, cache.round)?;
            cache.sweeping = false;
            swept = true;
        }
    }
    if cache != before {
        mark_rows::put_form(connection, Name::Cache, &cache)?;
    }
    Ok(swept)
}

fn put_tasks(connection: &Connection, part: &Delta, round: u64) -> Result<(), Trouble> {
    let mut put = connection.prepare_cached(
        "INSERT INTO task (id, reference, open, priority, base_epoch, base_seq, round, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET reference = excluded.reference, open = excluded.open,
           priority = excluded.priority, base_epoch = excluded.base_epoch, base_seq = excluded.base_seq,
           round = excluded.round, body = excluded.body",
    )?;
    for task in &part.tasks {
        put.execute(params![
            task.id,
            task.reference,
            is_open(task),
            task.priority,
            part.applied.epoch,
            integer(part.applied.seq),
            integer(round),
            text_of(task)?
        ])?;
    }
    Ok(())
}

fn is_open(task: &TaskBody) -> bool {
    task.state == "open"
}

fn put_item(connection: &Connection, item: &ItemBody, round: u64) -> Result<(), Trouble> {
    connection
        .prepare_cached("DELETE FROM item_code WHERE item = ?1")?
        .execute([&item.id])?;
    connection
        .prepare_cached(
            "INSERT INTO item (id, round, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET round = excluded.round, body = excluded.body",
        )?
        .execute(params![item.id, integer(round), text_of(item)?])?;
    let mut put =
        connection.prepare_cached("INSERT OR IGNORE INTO item_code (code, item) VALUES (?1, ?2)")?;
    for code in &item.codes {
        put.execute([&code.code, &item.id])?;
    }
    Ok(())
}

/// Forgets what the finished round did not bring.
fn sweep(connection: &Connection, round: u64) -> rusqlite::Result<()> {
    let round = integer(round);
    connection.execute("DELETE FROM task WHERE round < ?1", [round])?;
    begun::sweep(connection)?;
    connection.execute(
        "DELETE FROM item_code WHERE item IN (SELECT id FROM item WHERE round < ?1)",
        [round],
    )?;
    connection.execute("DELETE FROM item WHERE round < ?1", [round])?;
    connection.execute("DELETE FROM location_detail WHERE round < ?1", [round])?;
    connection
        .execute("DELETE FROM location WHERE round < ?1", [round])
        .map(drop)
}

fn text_of<T: serde::Serialize>(form: &T) -> Result<String, Trouble> {
    serde_json::to_string(form).map_err(|error| Trouble::damaged(error.to_string()))
}
