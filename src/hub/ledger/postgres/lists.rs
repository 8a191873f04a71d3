//! Holds and reasons in the store. Each change of a list gives it another change number of its site, so that devices hear.

use jiff::Timestamp;

use super::devices;
use super::error::Refused;
use super::transaction::Transaction;
use crate::ledger::lists::{
    HOLDS_MAX, Hold, HoldSetting, Holds, ReasonSetting, hold_row, reason_row, replaced,
};
use crate::ledger::{Imported, LedgerError};

pub(super) async fn holds(tx: &Transaction, site: &str) -> Result<Holds, Refused> {
    let row = tx
        .find("SELECT holds_version FROM site WHERE site = $1", &[&site])
        .await?;
    let row = row.ok_or_else(|| LedgerError::UnknownSite(site.to_owned()))?;
    let version = u64::try_from(row.try_get::<_, i64>(0)?)?;
    let rows = tx
        .query(
            "SELECT hold.item, hold.lot, reason, created_us, coalesce(item.name, '')
             FROM hold LEFT JOIN item USING (site, item) WHERE hold.site = $1 ORDER BY hold.item, hold.lot",
            &[&site],
        )
        .await?;
    let holds = rows.iter().map(|row| {
        Ok(Hold {
            setting: HoldSetting {
                item: row.try_get(0)?,
                lot: row.try_get(1)?,
                reason: row.try_get(2)?,
            },
            created: super::moment(row.try_get(3)?),
            item_name: row.try_get(4)?,
        })
    });
    Ok(Holds {
        version,
        holds: holds.collect::<Result<_, Refused>>()?,
    })
}

/// Replaces the list; what stays keeps its moment.
pub(super) async fn import_holds(
    tx: &Transaction,
    site: &str,
    holds: &[HoldSetting],
    now: Timestamp,
) -> Result<Imported, Refused> {
    devices::lock(tx, site).await?;
    let before = self::holds(tx, site).await?.holds;
    let imported = replaced(
        before.iter().map(|hold| hold_row(&hold.setting)),
        holds.iter().map(hold_row),
    );
    if !imported.is_change() {
        return Ok(imported);
    }
    let (items, lots): (Vec<&str>, Vec<&str>) = holds.iter().map(|hold| hold_row(hold).0).unzip();
    tx.execute(
        "DELETE FROM hold WHERE site = $1 AND NOT EXISTS
             (SELECT 1 FROM unnest($2::text[], $3::text[]) AS kept (item, lot)
              WHERE kept.item = hold.item AND kept.lot = hold.lot)",
        &[&site, &items, &lots],
    )
    .await?;
    put(tx, site, holds, now).await?;
    count_change_of_holds(tx, site).await?;
    Ok(imported)
}

/// Puts goods on hold, or gives a hold another reason. False where it is so already.
pub(super) async fn set_hold(
    tx: &Transaction,
    site: &str,
    hold: &HoldSetting,
    now: Timestamp,
) -> Result<bool, Refused> {
    devices::lock(tx, site).await?;
    let before = holds(tx, site).await?.holds;
    let known = before
        .iter()
        .find(|known| hold_row(&known.setting).0 == hold_row(hold).0);
    if known.is_some_and(|known| known.setting == *hold) {
        return Ok(false);
    }
    if known.is_none() && before.len() >= HOLDS_MAX {
        return Err(LedgerError::TooManyHolds.into());
    }
    put(tx, site, std::slice::from_ref(hold), now).await?;
    count_change_of_holds(tx, site).await?;
    Ok(true)
}

/// Releases a hold. False where there is none.
pub(super) async fn release_hold(
    tx: &Transaction,
    site: &str,
    item: &str,
    lot: &str,
) -> Result<bool, Refused> {
    devices::lock(tx, site).await?;
    let removed = tx
        .execute(
            "DELETE FROM hold WHERE site = $1 AND item = $2 AND lot = $3",
            &[&site, &item, &lot],
        )
        .await?;
    if removed > 0 {
        count_change_of_holds(tx, site).await?;
    }
    Ok(removed > 0)
}

async fn put(tx: &Transaction, site: &str, holds: &[HoldSetting], now: Timestamp) -> Result<(), Refused> {
    let texts = |of: fn(&HoldSetting) -> &str| -> Vec<&str> { holds.iter().map(of).collect() };
    tx.execute(
        "INSERT INTO hold (site, item, lot, reason, created_us)
         SELECT $1, item, lot, reason, $2
         FROM unnest($3::text[], $4::text[], $5::text[]) AS row (item, lot, reason)
         ON CONFLICT (site, item, lot) DO UPDATE SET reason = excluded.reason",
        &[
            &site,
            &now.as_microsecond(),
            &texts(|hold| &hold.item),
            &texts(|hold| &hold.lot),
            &texts(|hold| &hold.reason),
        ],
    )
    .await?;
    Ok(())
}

/// Of a site whose row is locked.
async fn count_change_of_holds(tx: &Transaction, site: &str) -> Result<(), Refused> {
    tx.execute(
        "UPDATE site SET change_seq = change_seq + 1, holds_change_seq = change_seq + 1,
                holds_version = holds_version + 1
         WHERE site = $1",
        &[&site],
    )
    .await?;
    Ok(())
}

pub(super) async fn reasons(tx: &Transaction, site: &str) -> Result<Vec<ReasonSetting>, Refused> {
    let rows = tx
        .query(
            "SELECT code, number, word FROM reason WHERE site = $1 ORDER BY code, number",
            &[&site],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ReasonSetting {
                code: row.try_get(0)?,
                number: u32::try_from(row.try_get::<_, i64>(1)?)?,
                word: row.try_get(2)?,
            })
        })
        .collect()
}

/// Replaces the list.
pub(super) async fn import_reasons(
    tx: &Transaction,
    site: &str,
    reasons: &[ReasonSetting],
) -> Result<Imported, Refused> {
    devices::lock(tx, site).await?;
    let before = self::reasons(tx, site).await?;
    let imported = replaced(before.iter().map(reason_row), reasons.iter().map(reason_row));
    if !imported.is_change() {
        return Ok(imported);
    }
    tx.execute("DELETE FROM reason WHERE site = $1", &[&site]).await?;
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.as_str()).collect();
    let numbers: Vec<i64> = reasons.iter().map(|reason| i64::from(reason.number)).collect();
    let words: Vec<&str> = reasons.iter().map(|reason| reason.word.as_str()).collect();
    tx.execute(
        "INSERT INTO reason (site, code, number, word)
         SELECT $1, code, number, word
         FROM unnest($2::text[], $3::bigint[], $4::text[]) AS row (code, number, word)",
        &[&site, &codes, &numbers, &words],
    )
    .await?;
    tx.execute(
        "UPDATE site SET change_seq = change_seq + 1, reasons_change_seq = change_seq + 1 WHERE site = $1",
        &[&site],
    )
    .await?;
    Ok(imported)
}
