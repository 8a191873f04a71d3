//! Pictures of items in the store, and items as people look them up. An item whose picture changed gets another change
//! number, so that devices hear.

use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::v1::ItemBody;

use super::change::ChangeCounter;
use super::{Refused, delta, master};
use crate::ledger::views::{ITEMS_SHOWN_MAX, ItemPage, ItemRow};
use crate::ledger::{Imported, LedgerError, PICTURES_MAX};
use crate::pictures::ItemPicture;

/// Gives an item a picture. What it had before goes, unless another item has it too.
pub(super) fn set(
    tx: &Connection,
    site: &str,
    item: &str,
    picture: &ItemPicture,
) -> Result<Imported, Refused> {
    master::check_site(tx, site)?;
    let before = of_item(tx, site, item)?.ok_or_else(|| LedgerError::UnknownItem(item.to_owned()))?;
    let mut imported = Imported::default();
    if before == picture.id.as_str() {
        imported.unchanged = 1;
        return Ok(imported);
    }
    let is_kept: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM picture WHERE site = ?1 AND picture = ?2)")?
        .query_row([site, picture.id.as_str()], |row| row.get(0))?;
    if !is_kept {
        let kept: usize = tx
            .prepare_cached("SELECT count(*) FROM picture WHERE site = ?1")?
            .query_row([site], |row| row.get(0))?;
        if kept >= PICTURES_MAX {
            return Err(LedgerError::TooManyPictures.into());
        }
        tx.prepare_cached("INSERT INTO picture (site, picture, png) VALUES (?1, ?2, ?3)")?
            .execute(params![site, picture.id.as_str(), picture.png])?;
    }
    put(tx, site, item, picture.id.as_str(), &before)?;
    match before.is_empty() {
        true => imported.added = 1,
        false => imported.changed = 1,
    }
    Ok(imported)
}

/// Takes an item's picture away. False where it has none.
pub(super) fn remove(tx: &Connection, site: &str, item: &str) -> Result<bool, Refused> {
    master::check_site(tx, site)?;
    let before = of_item(tx, site, item)?.filter(|before| !before.is_empty());
    let Some(before) = before else { return Ok(false) };
    put(tx, site, item, "", &before)?;
    Ok(true)
}

fn of_item(tx: &Connection, site: &str, item: &str) -> rusqlite::Result<Option<String>> {
    tx.prepare_cached("SELECT picture FROM item WHERE site = ?1 AND item = ?2")?
        .query_row([site, item], |row| row.get(0))
        .optional()
}

/// Notes an item's picture, and forgets the one before where no item has it any more.
fn put(tx: &Connection, site: &str, item: &str, picture: &str, before: &str) -> Result<(), Refused> {
    let mut counter = ChangeCounter::open(tx, site)?;
    tx.prepare_cached("UPDATE item SET picture = ?3, change_seq = ?4 WHERE site = ?1 AND item = ?2")?
        .execute(params![site, item, picture, counter.next()])?;
    counter.close()?;
    tx.prepare_cached(
        "DELETE FROM picture WHERE site = ?1 AND picture = ?2 AND NOT EXISTS
             (SELECT 1 FROM item WHERE site = ?1 AND picture = ?2 AND picture <> '')",
    )?
    .execute([site, before])?;
    Ok(())
}

pub(super) fn png(tx: &Connection, site: &str, picture: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    tx.prepare_cached("SELECT png FROM picture WHERE site = ?1 AND picture = ?2")?
        .query_row([site, picture], |row| row.get(0))
        .optional()
}

/// The item with this number, else the one with the first of these codes that anybody has.
pub(super) fn item_named(
    tx: &Connection,
    site: &str,
    name: &str,
    codes: &[String],
) -> rusqlite::Result<Option<String>> {
    let mut by_number = tx.prepare_cached("SELECT item FROM item WHERE site = ?1 AND item = ?2")?;
    let mut by_code = tx.prepare_cached(
        "SELECT item FROM item_code WHERE site = ?1 AND code = ?2
         UNION ALL SELECT item FROM linked_code WHERE site = ?1 AND code = ?2 LIMIT 1",
    )?;
    let mut found = by_number.query_row([site, name], |row| row.get(0)).optional()?;
    for code in codes {
        if found.is_none() {
            found = by_code.query_row([site, code], |row| row.get(0)).optional()?;
        }
    }
    Ok(found)
}

pub(super) fn item(tx: &Connection, site: &str, item: &str) -> rusqlite::Result<Option<ItemBody>> {
    let mut items = delta::items(tx, site, "AND item = ?2 AND ?3 = ?3", item, 1)?;
    Ok(items.pop().map(|(_, item)| item))
}

/// Items by number, those alone whose number or name has the text in it.
pub(super) fn items(tx: &Connection, site: &str, text: &str) -> rusqlite::Result<ItemPage> {
    let mut rows: Vec<ItemRow> = tx
        .prepare_cached(
            "SELECT item, name, unit, picture FROM item
             WHERE site = ?1 AND instr(lower(item || ' ' || name), lower(?2)) > 0 ORDER BY item LIMIT ?3",
        )?
        .query_map(params![site, text, ITEMS_SHOWN_MAX + 1], |row| {
            Ok(ItemRow {
                item: row.get(0)?,
                name: row.get(1)?,
                unit: row.get(2)?,
                picture: row.get(3)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let more = rows.len() > ITEMS_SHOWN_MAX;
    rows.truncate(ITEMS_SHOWN_MAX);
    Ok(ItemPage { rows, more })
}
