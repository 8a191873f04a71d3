//! Pictures of items in the store, and items as people look them up. An item whose picture changed gets another change
//! number, so that devices hear.

use tallyman_floor::wire::v1::ItemBody;

use super::error::Refused;
use super::master::Numbers;
use super::transaction::Transaction;
use super::{delta, devices, master};
use crate::ledger::views::{ITEMS_SHOWN_MAX, ItemPage, ItemRow};
use crate::ledger::{Imported, LedgerError, PICTURES_MAX};
use crate::pictures::ItemPicture;

/// Gives an item a picture. What it had before goes, unless another item has it too.
pub(super) async fn set(
    tx: &Transaction,
    site: &str,
    item: &str,
    picture: &ItemPicture,
) -> Result<Imported, Refused> {
    devices::lock(tx, site).await?;
    let before = of_item(tx, site, item).await?;
    let before = before.ok_or_else(|| LedgerError::UnknownItem(item.to_owned()))?;
    let mut imported = Imported::default();
    if before == picture.id.as_str() {
        imported.unchanged = 1;
        return Ok(imported);
    }
    let row = tx
        .one(
            "SELECT EXISTS (SELECT 1 FROM picture WHERE site = $1 AND picture = $2),
                    (SELECT count(*) FROM picture WHERE site = $1)",
            &[&site, &picture.id.as_str()],
        )
        .await?;
    let (is_kept, kept): (bool, i64) = (row.try_get(0)?, row.try_get(1)?);
    if !is_kept {
        if usize::try_from(kept)? >= PICTURES_MAX {
            return Err(LedgerError::TooManyPictures.into());
        }
        tx.execute(
            "INSERT INTO picture (site, picture, png) VALUES ($1, $2, $3)",
            &[&site, &picture.id.as_str(), &picture.png],
        )
        .await?;
    }
    put(tx, site, item, picture.id.as_str(), &before).await?;
    match before.is_empty() {
        true => imported.added = 1,
        false => imported.changed = 1,
    }
    Ok(imported)
}

/// Takes an item's picture away. False where it has none.
pub(super) async fn remove(tx: &Transaction, site: &str, item: &str) -> Result<bool, Refused> {
    devices::lock(tx, site).await?;
    let before = of_item(tx, site, item).await?.filter(|before| !before.is_empty());
    let Some(before) = before else { return Ok(false) };
    put(tx, site, item, "", &before).await?;
    Ok(true)
}

async fn of_item(tx: &Transaction, site: &str, item: &str) -> Result<Option<String>, Refused> {
    let row = tx
        .find(
            "SELECT picture FROM item WHERE site = $1 AND item = $2",
            &[&site, &item],
        )
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Notes an item's picture, and forgets the one before where no item has it any more.
async fn put(tx: &Transaction, site: &str, item: &str, picture: &str, before: &str) -> Result<(), Refused> {
    let mut numbers = Numbers::open(tx, site).await?;
    tx.execute(
        "UPDATE item SET picture = $3, change_seq = $4 WHERE site = $1 AND item = $2",
        &[&site, &item, &picture, &numbers.next()],
    )
    .await?;
    numbers.close(tx).await?;
    tx.execute(
        "DELETE FROM picture WHERE site = $1 AND picture = $2 AND NOT EXISTS
             (SELECT 1 FROM item WHERE site = $1 AND picture = $2 AND picture <> '')",
        &[&site, &before],
    )
    .await?;
    Ok(())
}

pub(super) async fn png(tx: &Transaction, site: &str, picture: &str) -> Result<Option<Vec<u8>>, Refused> {
    let row = tx
        .find(
            "SELECT png FROM picture WHERE site = $1 AND picture = $2",
            &[&site, &picture],
        )
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// The item with this number, else the one with the first of these codes that anybody has.
pub(super) async fn item_named(
    tx: &Transaction,
    site: &str,
    name: &str,
    codes: &[String],
) -> Result<Option<String>, Refused> {
    master::check_site(tx, site).await?;
    let by_number = "SELECT item FROM item WHERE site = $1 AND item = $2";
    let by_code = "SELECT item FROM item_code WHERE site = $1 AND code = $2
                   UNION ALL SELECT item FROM linked_code WHERE site = $1 AND code = $2 LIMIT 1";
    let mut found = tx.find(by_number, &[&site, &name]).await?;
    for code in codes {
        if found.is_none() {
            found = tx.find(by_code, &[&site, code]).await?;
        }
    }
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn item(tx: &Transaction, site: &str, item: &str) -> Result<Option<ItemBody>, Refused> {
    Ok(delta::items(tx, site, &[item]).await?.pop())
}

/// Items by number, those alone whose number or name has the text in it.
pub(super) async fn items(tx: &Transaction, site: &str, text: &str) -> Result<ItemPage, Refused> {
    let rows = tx
        .query(
            "SELECT item, name, unit, picture FROM item
             WHERE site = $1 AND strpos(lower(item || ' ' || name), lower($2 COLLATE \"C\")) > 0 ORDER BY item LIMIT $3",
            &[&site, &text, &i64::try_from(ITEMS_SHOWN_MAX + 1)?],
        )
        .await?;
    let more = rows.len() > ITEMS_SHOWN_MAX;
    let row = |row: &tokio_postgres::Row| {
        Ok(ItemRow {
            item: row.try_get(0)?,
            name: row.try_get(1)?,
            unit: row.try_get(2)?,
            picture: row.try_get(3)?,
        })
    };
    let shown = rows.iter().take(ITEMS_SHOWN_MAX).map(row);
    Ok(ItemPage {
        rows: shown.collect::<Result<_, Refused>>()?,
        more,
    })
}
