//! What the site is told: sites, items, locations, tasks, opening stock. Each file is taken whole or not at all.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::v1::{ItemBody, LineBody, SiteRuleBody, TaskBody};

use super::change::ChangeCounter;
use super::{Refused, excerpt, write};
use crate::ledger::account::{Account, AccountKind, Pair};
use crate::ledger::details::{self, KindColumns};
use crate::ledger::plan::{same_item, same_task};
use crate::ledger::posting::post_documents;
use crate::ledger::{Imported, LedgerError, LocationSetting, OpeningStock, SiteSetting};

pub(super) fn set_sites(tx: &Connection, sites: &[SiteSetting]) -> rusqlite::Result<()> {
    for site in sites {
        tx.execute(
            // Entries of other sites are nothing to look through for late facts.
            "INSERT INTO site (site, name, late_entry) VALUES (?1, ?2, (SELECT coalesce(max(entry), 0) FROM entry))
             ON CONFLICT DO UPDATE SET name = excluded.name",
            params![site.site, site.name],
        )?;
        if rules(tx, &site.site)? == site.rules {
            continue;
        }
        tx.execute("DELETE FROM site_rule WHERE site = ?1", [&site.site])?;
        for (number, rule) in site.rules.iter().enumerate() {
            tx.execute(
                "INSERT INTO site_rule VALUES (?1, ?2, ?3, ?4)",
                params![site.site, number, rule.pattern, rule.kind],
            )?;
        }
        let mut counter = ChangeCounter::open(tx, &site.site)?;
        let number = counter.next();
        counter.close()?;
        tx.execute(
            "UPDATE site SET rules_change_seq = ?2 WHERE site = ?1",
            params![site.site, number],
        )?;
    }
    Ok(())
}

pub(super) fn rules(tx: &Connection, site: &str) -> rusqlite::Result<Vec<SiteRuleBody>> {
    let mut statement =
        tx.prepare_cached("SELECT pattern, kind FROM site_rule WHERE site = ?1 ORDER BY number")?;
    let rows = statement.query_map([site], |row| {
        Ok(SiteRuleBody {
            pattern: row.get(0)?,
            kind: row.get(1)?,
        })
    })?;
    rows.collect()
}

/// That a site exists, before anything is written for it.
pub(super) fn check_site(tx: &Connection, site: &str) -> Result<(), Refused> {
    let there: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM site WHERE site = ?1)")?
        .query_row([site], |row| row.get(0))?;
    if there {
        Ok(())
    } else {
        Err(LedgerError::UnknownSite(site.to_owned()).into())
    }
}

pub(super) fn import_items(tx: &Connection, site: &str, items: &[ItemBody]) -> Result<Imported, Refused> {
    check_site(tx, site)?;
    let mut imported = Imported::default();
    let mut counter = ChangeCounter::open(tx, site)?;
    let mut differing = Vec::new();
    for item in items {
        let before = find_item(tx, site, &item.id)?;
        match &before {
            Some(before) if same_item(before, item) => {
                imported.unchanged += 1;
                continue;
            }
            Some(_) => imported.changed += 1,
            None => imported.added += 1,
        }
        put_item(tx, site, item, counter.next())?;
        differing.push(item);
    }
    // Codes come after all items have let go of theirs, so that a code may move from one to another.
    differing
        .into_iter()
        .try_for_each(|item| put_codes(tx, site, item))?;
    counter.close()?;
    Ok(imported)
}

fn put_item(tx: &Connection, site: &str, item: &ItemBody, change_seq: i64) -> Result<(), Refused> {
    tx.prepare_cached(
        "INSERT INTO item (site, item, name, unit, lot, serial, expiry, owner, change_seq, details)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT DO UPDATE SET name = excluded.name, unit = excluded.unit, lot = excluded.lot,
             serial = excluded.serial, expiry = excluded.expiry, owner = excluded.owner,
             change_seq = excluded.change_seq, details = excluded.details",
    )?
    .execute(params![
        site,
        item.id,
        item.name,
        item.unit,
        item.lot,
        item.serial,
        item.expiry,
        item.owner.as_deref().unwrap_or_default(),
        change_seq,
        details::of_item(item)
    ])?;
    tx.prepare_cached("DELETE FROM item_code WHERE site = ?1 AND item = ?2")?
        .execute(params![site, item.id])?;
    Ok(())
}

fn put_codes(tx: &Connection, site: &str, item: &ItemBody) -> Result<(), Refused> {
    for code in &item.codes {
        let owner: Option<String> = tx
            .prepare_cached("SELECT item FROM item_code WHERE site = ?1 AND code = ?2")?
            .query_row(params![site, code.code], |row| row.get(0))
            .optional()?;
        if let Some(owner) = owner {
            return Err(LedgerError::CodeTaken {
                code: code.code.clone(),
                owner,
                item: item.id.clone(),
            }
            .into());
        }
        tx.prepare_cached("INSERT INTO item_code VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![site, code.code, item.id, code.unit, code.pack_micro])?;
    }
    Ok(())
}

fn find_item(tx: &Connection, site: &str, id: &str) -> rusqlite::Result<Option<ItemBody>> {
    let mut items = super::delta::items(tx, site, "AND item = ?2 AND ?3 = ?3", id, 1)?;
    Ok(items.pop().map(|(_, item)| item))
}

pub(super) fn import_locations(
    tx: &Connection,
    site: &str,
    locations: &[LocationSetting],
) -> Result<Imported, Refused> {
    check_site(tx, site)?;
    let mut imported = Imported::default();
    let mut counter = ChangeCounter::open(tx, site)?;
    for location in locations {
        let before: Option<(String, String)> = tx
            .prepare_cached("SELECT zone, check_digits FROM location WHERE site = ?1 AND location = ?2")?
            .query_row(params![site, location.location], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        match before {
            Some((zone, digits)) if zone == location.zone && digits == location.check_digits => {
                imported.unchanged += 1;
                continue;
            }
            Some(_) => imported.changed += 1,
            None => imported.added += 1,
        }
        tx.prepare_cached(
            "INSERT INTO location (site, location, zone, check_digits, change_seq) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET zone = excluded.zone, check_digits = excluded.check_digits,
                 change_seq = excluded.change_seq",
        )?
        .execute(params![
            site,
            location.location,
            location.zone,
            location.check_digits,
            counter.next()
        ])?;
    }
    counter.close()?;
    Ok(imported)
}

pub(super) fn import_tasks(
    tx: &Connection,
    site: &str,
    tasks: &[TaskBody],
    now: Timestamp,
) -> Result<Imported, Refused> {
    check_site(tx, site)?;
    let mut imported = Imported::default();
    let mut counter = ChangeCounter::open(tx, site)?;
    for task in tasks {
        let before = super::delta::task(tx, site, &task.id)?;
        let revision = match &before {
            Some(before) if same_task(before, task) => {
                imported.unchanged += 1;
                continue;
            }
            Some(before) => {
                imported.changed += 1;
                before.revision.saturating_add(1)
            }
            None => {
                imported.added += 1;
                1
            }
        };
        put_task(tx, site, task, revision, now, counter.next())?;
    }
    counter.close()?;
    Ok(imported)
}

pub(super) fn put_task(
    tx: &Connection,
    site: &str,
    task: &TaskBody,
    revision: u32,
    now: Timestamp,
    change_seq: i64,
) -> Result<(), Refused> {
    put_head(tx, site, task, revision, now, change_seq)?;
    // A line that something was confirmed on stays, so that its number never changes meaning.
    tx.prepare_cached(
        "DELETE FROM line WHERE site = ?1 AND task = ?2 AND number NOT IN
             (SELECT number FROM line_progress WHERE site = ?1 AND task = ?2)",
    )?
    .execute(params![site, task.id])?;
    for line in &task.lines {
        put_line(tx, site, &task.id, line)?;
    }
    Ok(())
}

/// A task that nobody had before, as the floor began it. Its number of change is given afterwards.
pub(super) fn put_new_task(
    tx: &Connection,
    site: &str,
    task: &TaskBody,
    now: Timestamp,
) -> rusqlite::Result<()> {
    put_head(tx, site, task, 1, now, 0)?;
    task.lines
        .iter()
        .try_for_each(|line| put_line(tx, site, &task.id, line))
}

fn put_head(
    tx: &Connection,
    site: &str,
    task: &TaskBody,
    revision: u32,
    now: Timestamp,
    change_seq: i64,
) -> rusqlite::Result<()> {
    let columns = KindColumns::of(&task.kind);
    tx.prepare_cached(
        "INSERT INTO task (site, task, kind, revision, state, reference, priority, assigned_to, quantity_entry,
                           details, created_us, changed_us, change_seq)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12)
         ON CONFLICT DO UPDATE SET kind = excluded.kind, revision = excluded.revision, state = excluded.state,
             reference = excluded.reference, priority = excluded.priority, assigned_to = excluded.assigned_to,
             quantity_entry = excluded.quantity_entry, details = excluded.details, changed_us = excluded.changed_us, change_seq = excluded.change_seq",
    )?
    .execute(params![
        site,
        task.id,
        columns.kind,
        revision,
        task.state,
        task.reference,
        task.priority,
        task.assigned_to.as_deref().unwrap_or_default(),
        task.quantity_entry,
        columns.details,
        now.as_microsecond(),
        change_seq
    ])
    .map(drop)
}

fn put_line(tx: &Connection, site: &str, task: &str, line: &LineBody) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO line (site, task, number, item, expected_micro, location, lot, expiry_min, owner, details)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT DO UPDATE SET item = excluded.item, expected_micro = excluded.expected_micro,
             location = excluded.location, lot = excluded.lot, expiry_min = excluded.expiry_min, owner = excluded.owner,
             details = excluded.details",
    )?
    .execute(params![
        site,
        task,
        line.number,
        line.item.as_deref().unwrap_or_default(),
        line.expected_micro,
        line.location.as_deref().unwrap_or_default(),
        line.lot.as_deref().unwrap_or_default(),
        line.expiry_min.map(|date| date.to_string()).unwrap_or_default(),
        line.owner.as_deref().unwrap_or_default(),
        details::of_line(line),
    ])?;
    Ok(())
}

pub(super) fn cancel_task(tx: &Connection, site: &str, task: &str, now: Timestamp) -> rusqlite::Result<bool> {
    let mut counter = ChangeCounter::open(tx, site)?;
    let changed = tx
        .prepare_cached(
            "UPDATE task SET state = 'cancelled', revision = revision + 1, changed_us = ?3, change_seq = ?4
             WHERE site = ?1 AND task = ?2 AND state = 'open'",
        )?
        .execute(params![site, task, now.as_microsecond(), counter.next()])?;
    counter.close()?;
    Ok(changed > 0)
}

pub(super) fn import_stock(
    tx: &Connection,
    site: &str,
    stock: &[OpeningStock],
    reason: &str,
    now: Timestamp,
) -> Result<Imported, Refused> {
    check_site(tx, site)?;
    let document = tx
        .prepare_cached(
            "INSERT INTO document (site, kind, reason, posted_us) VALUES (?1, 'opening', ?2, ?3)",
        )?
        .insert(params![site, reason, now.as_microsecond()])?;
    let mut pairs = Vec::with_capacity(stock.len());
    for row in stock {
        let mut goods = row.stock.clone();
        if goods.owner.is_empty() {
            let tracked = excerpt::tracked(tx, site, &goods.item)?;
            goods.owner = tracked.map(|tracked| tracked.owner).unwrap_or_default();
        }
        pairs.push(Pair {
            from: Account::new(AccountKind::Opening, ""),
            to: Account::new(AccountKind::Location, row.location.as_str()),
            stock: goods,
            quantity: row.quantity,
        });
    }
    let rows = post_documents(write::numbers(tx)?, document, pairs);
    write::write(tx, site, now.as_microsecond(), &rows)?;
    Ok(Imported {
        added: stock.len(),
        ..Imported::default()
    })
}
