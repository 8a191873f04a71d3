//! The rows of both journals, as they lie in the files.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::Value;

use crate::heard::Place;

/// A record in a device's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeviceRow {
    pub place: Place,
    pub hash: Vec<u8>,
    pub body: Vec<u8>,
}

/// A record in the hub's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HubRow {
    /// Its number in the hub's journal, which entries name.
    pub number: i64,
    pub place: Place,
    pub hash: Vec<u8>,
    pub body: Vec<u8>,
    /// The goods it names, where it names some.
    pub goods: Option<Goods>,
    /// Whether it ends the count of a place, or takes such an end back.
    pub ends_count: bool,
    /// The unit that it takes onto a truck, or off again.
    pub loaded: Option<Loaded>,
    /// The record that it takes back.
    pub takes_back: Option<Place>,
}

/// A unit that goes onto a truck with whatever the ledger has in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loaded {
    pub unit: String,
    pub vehicle: String,
    /// Whether it is taken off again.
    pub taken_back: bool,
}

/// Acts whose goods are entries of the ledger. Other acts may name goods, as what they are about.
pub(super) const ACTS_OF_GOODS: [&str; 8] = [
    "received",
    "picked",
    "moved",
    "packed",
    "returned",
    "counted",
    "status_changed",
    "inspected",
];

/// Goods as a body states them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Goods {
    /// What was done with them; for a reversal, what is taken back.
    pub act: String,
    pub item: String,
    pub quantity_micro: i64,
    /// The same, less than none where it was taken back.
    pub moved_micro: i64,
    /// Whether they name a handling unit that they are in.
    pub names_unit: bool,
    /// Whether they are a handling unit with whatever is in it.
    pub is_whole_unit: bool,
}

/// One number.
pub(super) fn count(store: &Connection, sql: &str) -> rusqlite::Result<usize> {
    let count: i64 = store.query_row(sql, [], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// A device's journal, in its own order. Records that were moved to a new epoch are there under their new place.
pub(super) fn of_device(store: &Connection) -> rusqlite::Result<Vec<DeviceRow>> {
    let mut rows = store.prepare(
        "SELECT epoch, seq, hash, CAST(body AS BLOB) FROM journal AS j
         WHERE NOT EXISTS (SELECT 1 FROM moved AS m WHERE m.epoch = j.epoch AND m.seq = j.seq)
         ORDER BY epoch, seq",
    )?;
    let rows = rows.query_map([], |row| {
        Ok(DeviceRow {
            place: Place {
                epoch: row.get(0)?,
                seq: row.get::<_, i64>(1)?.unsigned_abs(),
            },
            hash: row.get(2)?,
            body: row.get(3)?,
        })
    })?;
    rows.collect()
}

/// Where the records that were moved to a new epoch are now.
pub(super) fn moved(store: &Connection) -> rusqlite::Result<BTreeMap<Place, Place>> {
    let mut rows = store.prepare("SELECT epoch, seq, epoch_new, seq_new FROM moved")?;
    let rows = rows.query_map([], |row| {
        let place = |epoch, seq: i64| Place {
            epoch,
            seq: seq.unsigned_abs(),
        };
        Ok((place(row.get(0)?, row.get(1)?), place(row.get(2)?, row.get(3)?)))
    })?;
    rows.collect()
}

/// What the hub took from a device, in the order in which it took it.
pub(super) fn of_hub(store: &Connection, name: &str) -> rusqlite::Result<Vec<HubRow>> {
    let mut rows = store.prepare(
        "SELECT j.place, j.epoch, j.seq, j.hash, CAST(j.body AS BLOB) FROM journal AS j
         JOIN device AS d ON d.site = j.site AND d.device = j.device
         WHERE d.name = ?1 ORDER BY j.place",
    )?;
    let rows = rows.query_map([name], |row| {
        let body: Vec<u8> = row.get(4)?;
        let stated: Value = serde_json::from_slice(&body).unwrap_or_default();
        Ok(HubRow {
            number: row.get(0)?,
            place: Place {
                epoch: row.get(1)?,
                seq: row.get::<_, i64>(2)?.unsigned_abs(),
            },
            hash: row.get(3)?,
            goods: goods_of(&stated),
            ends_count: act_of(&stated) == Some("location_counted"),
            loaded: loaded_of(&stated),
            takes_back: taken_back_by(&stated),
            body,
        })
    })?;
    rows.collect()
}

/// What a body says was done; for a reversal, what is taken back.
fn act_of(body: &Value) -> Option<&str> {
    let taken_back = body.get("reverses").and_then(|reverses| reverses.get("act"));
    taken_back.or_else(|| body.get("act"))?.as_str()
}

/// Where the record is that a body takes back.
fn taken_back_by(body: &Value) -> Option<Place> {
    let reverses = body.get("reverses")?;
    Some(Place {
        epoch: u32::try_from(reverses.get("epoch")?.as_u64()?).ok()?,
        seq: reverses.get("seq")?.as_u64()?,
    })
}

/// The unit that a body loads; `None` where it loads none.
fn loaded_of(body: &Value) -> Option<Loaded> {
    let text = |end: &str, kind: &str| Some(body.get(end)?.get(kind)?.as_str()?.to_owned());
    act_of(body).filter(|act| *act == "loaded")?;
    Some(Loaded {
        unit: text("from", "handling_unit")?,
        vehicle: text("to", "vehicle")?,
        taken_back: body.get("reverses").is_some_and(Value::is_object),
    })
}

/// The goods that a body moves or counts; `None` where it does neither, or is no JSON.
fn goods_of(body: &Value) -> Option<Goods> {
    act_of(body).filter(|act| ACTS_OF_GOODS.contains(act))?;
    let goods = body.get("goods").filter(|goods| goods.is_object())?;
    let quantity_micro = goods.get("quantity_micro")?.as_i64()?;
    let item = goods.get("item").and_then(Value::as_str).map(str::to_owned);
    let code = goods.get("code").and_then(Value::as_str).unwrap_or_default();
    let unit = goods.get("handling_unit").and_then(Value::as_str);
    let is_moved = matches!(act_of(body), Some("moved" | "picked"));
    let is_whole_unit = is_moved && item.is_none() && unit == Some(code);
    let sign = if body.get("reverses").is_some() { -1 } else { 1 };
    Some(Goods {
        act: act_of(body)?.to_owned(),
        item: item.unwrap_or_else(|| format!("?{code}")),
        quantity_micro,
        moved_micro: sign * quantity_micro,
        names_unit: unit.is_some(),
        is_whole_unit,
    })
}
