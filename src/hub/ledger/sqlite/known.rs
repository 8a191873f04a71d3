//! What the hub knows of the things one fact names.

use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::Quantity;
use tallyman_floor::wire::v1::PlaceBody;

use crate::ledger::interpret::{Fact, Known, KnownLine, KnownTask, Tracked};

pub(super) fn known(tx: &Connection, site: &str, fact: &Fact<'_>) -> rusqlite::Result<Known> {
    let body = fact.body;
    let item = match body.goods.as_ref().and_then(|goods| goods.item.as_deref()) {
        Some(item) => tracked(tx, site, item)?,
        None => None,
    };
    Ok(Known {
        item,
        from: place_is_known(tx, site, body.from.as_ref())?,
        to: place_is_known(tx, site, body.to.as_ref())?,
        task: match &body.task {
            Some(id) => task(tx, site, id, body.line)?,
            None => None,
        },
    })
}

/// What an item tracks; `None` when it is in no list.
pub(super) fn tracked(tx: &Connection, site: &str, item: &str) -> rusqlite::Result<Option<Tracked>> {
    tx.prepare_cached("SELECT lot, serial, owner FROM item WHERE site = ?1 AND item = ?2")?
        .query_row(params![site, item], |row| {
            Ok(Tracked {
                lot: row.get(0)?,
                serial: row.get(1)?,
                owner: row.get(2)?,
            })
        })
        .optional()
}

/// A site without a list of locations knows them all.
fn place_is_known(tx: &Connection, site: &str, place: Option<&PlaceBody>) -> rusqlite::Result<bool> {
    let Some(PlaceBody::Location(address)) = place else {
        return Ok(true);
    };
    tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM location WHERE site = ?1 AND location = ?2)
             OR NOT EXISTS (SELECT 1 FROM location WHERE site = ?1)",
    )?
    .query_row(params![site, address], |row| row.get(0))
}

fn task(tx: &Connection, site: &str, id: &str, line: Option<u32>) -> rusqlite::Result<Option<KnownTask>> {
    let task = tx
        .prepare_cached(
            "SELECT kind, state, revision, over_tolerance_percent FROM task WHERE site = ?1 AND task = ?2",
        )?
        .query_row(params![site, id], |row| {
            Ok(KnownTask {
                kind: row.get(0)?,
                state: row.get(1)?,
                revision: row.get(2)?,
                over_tolerance_percent: row.get(3)?,
                line: None,
            })
        })
        .optional()?;
    let Some(mut task) = task else { return Ok(None) };
    if let Some(number) = line {
        task.line = tx
            .prepare_cached(
                "SELECT line.item, line.expected_micro, coalesce(done.quantity_micro, 0), coalesce(done.closed, 0),
                        coalesce(done.last_device, ''), coalesce(done.shared, 0)
                 FROM line LEFT JOIN line_progress AS done USING (site, task, number)
                 WHERE line.site = ?1 AND line.task = ?2 AND line.number = ?3",
            )?
            .query_row(params![site, id, number], |row| {
                Ok(KnownLine {
                    item: row.get(0)?,
                    expected: row.get::<_, Option<i64>>(1)?.map(Quantity::from_micro),
                    confirmed: Quantity::from_micro(row.get(2)?),
                    closed: row.get(3)?,
                    last_device: row.get(4)?,
                    shared: row.get(5)?,
                })
            })
            .optional()?;
    }
    Ok(Some(task))
}
