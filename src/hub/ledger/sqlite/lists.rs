//! Holds and reasons in the store. Each change of a list gives it another change number of its site, so that devices hear.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::change::ChangeCounter;
use super::{Refused, master};
use crate::ledger::lists::{
    HOLDS_MAX, Hold, HoldSetting, Holds, ReasonSetting, hold_row, reason_row, replaced,
};
use crate::ledger::{Imported, LedgerError};

pub(super) fn holds(tx: &Connection, site: &str) -> rusqlite::Result<Holds> {
    let version = tx
        .prepare_cached("SELECT holds_version FROM site WHERE site = ?1")?
        .query_row([site], |row| row.get(0))?;
    let holds = tx
        .prepare_cached(
            "SELECT hold.item, hold.lot, reason, created_us, coalesce(item.name, '')
             FROM hold LEFT JOIN item USING (site, item) WHERE hold.site = ?1 ORDER BY hold.item, hold.lot",
        )?
        .query_map([site], |row| {
            Ok(Hold {
                setting: HoldSetting {
                    item: row.get(0)?,
                    lot: row.get(1)?,
                    reason: row.get(2)?,
                },
                created: super::moment(row.get(3)?),
                item_name: row.get(4)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Holds { version, holds })
}

/// Replaces the list; what stays keeps its moment.
pub(super) fn import_holds(
    tx: &Connection,
    site: &str,
    holds: &[HoldSetting],
    now: Timestamp,
) -> Result<Imported, Refused> {
    master::check_site(tx, site)?;
    let before = self::holds(tx, site)?.holds;
    let imported = replaced(
        before.iter().map(|hold| hold_row(&hold.setting)),
        holds.iter().map(hold_row),
    );
    if !imported.is_change() {
        return Ok(imported);
    }
    let kept: HashSet<_> = holds.iter().map(|hold| hold_row(hold).0).collect();
    for Hold { setting, .. } in before
        .iter()
        .filter(|hold| !kept.contains(&hold_row(&hold.setting).0))
    {
        remove(tx, site, &setting.item, &setting.lot)?;
    }
    for hold in holds {
        put(tx, site, hold, now)?;
    }
    count_change_of_holds(tx, site)?;
    Ok(imported)
}

/// Puts goods on hold, or gives a hold another reason. False where it is so already.
pub(super) fn set_hold(
    tx: &Connection,
    site: &str,
    hold: &HoldSetting,
    now: Timestamp,
) -> Result<bool, Refused> {
    master::check_site(tx, site)?;
    let before = holds(tx, site)?.holds;
    let known = before
        .iter()
        .find(|known| hold_row(&known.setting).0 == hold_row(hold).0);
    if known.is_some_and(|known| known.setting == *hold) {
        return Ok(false);
    }
    if known.is_none() && before.len() >= HOLDS_MAX {
        return Err(LedgerError::TooManyHolds.into());
    }
    put(tx, site, hold, now)?;
    count_change_of_holds(tx, site)?;
    Ok(true)
}

/// Releases a hold. False where there is none.
pub(super) fn release_hold(tx: &Connection, site: &str, item: &str, lot: &str) -> Result<bool, Refused> {
    master::check_site(tx, site)?;
    let released = remove(tx, site, item, lot)?;
    if released {
        count_change_of_holds(tx, site)?;
    }
    Ok(released)
}

fn put(tx: &Connection, site: &str, hold: &HoldSetting, now: Timestamp) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO hold (site, item, lot, reason, created_us) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET reason = excluded.reason",
    )?
    .execute(params![
        site,
        hold.item,
        hold.lot,
        hold.reason,
        now.as_microsecond()
    ])?;
    Ok(())
}

fn remove(tx: &Connection, site: &str, item: &str, lot: &str) -> rusqlite::Result<bool> {
    let removed = tx
        .prepare_cached("DELETE FROM hold WHERE site = ?1 AND item = ?2 AND lot = ?3")?
        .execute([site, item, lot])?;
    Ok(removed > 0)
}

fn count_change_of_holds(tx: &Connection, site: &str) -> rusqlite::Result<()> {
    let number = next_number(tx, site)?;
    tx.prepare_cached(
        "UPDATE site SET holds_version = holds_version + 1, holds_change_seq = ?2 WHERE site = ?1",
    )?
    .execute(params![site, number])?;
    Ok(())
}

fn next_number(tx: &Connection, site: &str) -> rusqlite::Result<i64> {
    let mut counter = ChangeCounter::open(tx, site)?;
    let number = counter.next();
    counter.close()?;
    Ok(number)
}

pub(super) fn reasons(tx: &Connection, site: &str) -> rusqlite::Result<Vec<ReasonSetting>> {
    tx.prepare_cached("SELECT code, number, word FROM reason WHERE site = ?1 ORDER BY code, number")?
        .query_map([site], |row| {
            Ok(ReasonSetting {
                code: row.get(0)?,
                number: row.get(1)?,
                word: row.get(2)?,
            })
        })?
        .collect()
}

/// Replaces the list.
pub(super) fn import_reasons(
    tx: &Connection,
    site: &str,
    reasons: &[ReasonSetting],
) -> Result<Imported, Refused> {
    master::check_site(tx, site)?;
    let before = self::reasons(tx, site)?;
    let imported = replaced(before.iter().map(reason_row), reasons.iter().map(reason_row));
    if !imported.is_change() {
        return Ok(imported);
    }
    tx.execute("DELETE FROM reason WHERE site = ?1", [site])?;
    let mut insert =
        tx.prepare_cached("INSERT INTO reason (site, code, number, word) VALUES (?1, ?2, ?3, ?4)")?;
    for reason in reasons {
        insert.execute(params![site, reason.code, reason.number, reason.word])?;
    }
    let number = next_number(tx, site)?;
    tx.execute(
        "UPDATE site SET reasons_change_seq = ?2 WHERE site = ?1",
        params![site, number],
    )?;
    Ok(imported)
}
