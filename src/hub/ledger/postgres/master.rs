//! What the site is told: sites, items, locations, tasks, opening stock. Each file is taken whole or not at all, with
//! one statement for each table and thousand rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use tallyman_floor::wire::v1::{ItemBody, LineBody, TaskBody};

use super::error::Refused;
use super::take::Site;
use super::transaction::Transaction;
use super::{delta, devices, excerpt, write};
use crate::ledger::account::{Account, AccountKind, Pair};
use crate::ledger::details::{self, KindColumns};
use crate::ledger::plan::{same_item, same_task};
use crate::ledger::posting::{LinkedCode, post_documents};
use crate::ledger::{Imported, LedgerError, LocationSetting, OpeningStock, SiteSetting};

/// Rows in one statement: large enough that turns with the server do not count, small enough for its memory.
const ROWS_AT_ONCE: usize = 1_000;

pub(super) async fn set_sites(tx: &Transaction, sites: &[SiteSetting]) -> Result<(), Refused> {
    // In the order of their names: hubs that start together wait for each other and never in a circle.
    let mut sites: Vec<&SiteSetting> = sites.iter().collect();
    sites.sort_by(|one, other| one.site.cmp(&other.site));
    for site in sites {
        tx.execute(
            "INSERT INTO site (site, name) VALUES ($1, $2) ON CONFLICT (site) DO NOTHING",
            &[&site.site, &site.name],
        )
        .await?;
        let locked = devices::lock(tx, &site.site).await?;
        tx.execute(
            "UPDATE site SET name = $2 WHERE site = $1 AND name <> $2",
            &[&site.site, &site.name],
        )
        .await?;
        if delta::rules(tx, &site.site).await? == site.rules {
            continue;
        }
        put_rules(tx, site, locked.change_seq.saturating_add(1)).await?;
    }
    Ok(())
}

async fn put_rules(tx: &Transaction, site: &SiteSetting, change_seq: i64) -> Result<(), Refused> {
    tx.execute("DELETE FROM site_rule WHERE site = $1", &[&site.site])
        .await?;
    let numbers: Vec<i32> = (0..).take(site.rules.len()).collect();
    let patterns: Vec<&str> = site.rules.iter().map(|rule| rule.pattern.as_str()).collect();
    let kinds: Vec<&str> = site.rules.iter().map(|rule| rule.kind.as_str()).collect();
    tx.execute(
        "INSERT INTO site_rule (site, number, pattern, kind)
         SELECT $1, number, pattern, kind
         FROM unnest($2::integer[], $3::text[], $4::text[]) AS row (number, pattern, kind)",
        &[&site.site, &numbers, &patterns, &kinds],
    )
    .await?;
    tx.execute(
        "UPDATE site SET change_seq = $2, rules_change_seq = $2 WHERE site = $1",
        &[&site.site, &change_seq],
    )
    .await?;
    Ok(())
}

/// That a site exists, for those who only read.
pub(super) async fn check_site(tx: &Transaction, site: &str) -> Result<(), Refused> {
    let found = tx.find("SELECT 1 FROM site WHERE site = $1", &[&site]).await?;
    match found {
        Some(_) => Ok(()),
        None => Err(LedgerError::UnknownSite(site.to_owned()).into()),
    }
}

/// The change numbers of one import; the site's row is locked meanwhile.
pub(super) struct Numbers<'a> {
    site: &'a str,
    last: i64,
    first: i64,
}

impl<'a> Numbers<'a> {
    pub(super) async fn open(tx: &Transaction, site: &'a str) -> Result<Self, Refused> {
        let locked = devices::lock(tx, site).await?;
        Ok(Self {
            site,
            last: locked.change_seq,
            first: locked.change_seq,
        })
    }

    pub(super) const fn next(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    pub(super) async fn close(self, tx: &Transaction) -> Result<(), Refused> {
        if self.last != self.first {
            tx.execute(
                "UPDATE site SET change_seq = $2 WHERE site = $1",
                &[&self.site, &self.last],
            )
            .await?;
        }
        Ok(())
    }
}

pub(super) async fn import_items(
    tx: &Transaction,
    site: &str,
    items: &[ItemBody],
) -> Result<Imported, Refused> {
    let mut numbers = Numbers::open(tx, site).await?;
    let mut imported = Imported::default();
    let mut differing: Vec<(i64, &ItemBody)> = Vec::new();
    for some in items.chunks(ROWS_AT_ONCE) {
        let names: Vec<&str> = some.iter().map(|item| item.id.as_str()).collect();
        let before: HashMap<String, ItemBody> = delta::items(tx, site, &names)
            .await?
            .into_iter()
            .map(|item| (item.id.clone(), item))
            .collect();
        for item in some {
            match before.get(&item.id) {
                Some(before) if same_item(before, item) => {
                    imported.unchanged += 1;
                    continue;
                }
                Some(_) => imported.changed += 1,
                None => imported.added += 1,
            }
            differing.push((numbers.next(), item));
        }
    }
    for some in differing.chunks(ROWS_AT_ONCE) {
        put_items(tx, site, some).await?;
    }
    // Codes come after all items have let go of theirs, so that a code may move from one to another.
    let codes = differing.iter().flat_map(|(_, item)| {
        let codes = item.codes.iter();
        codes.map(|code| (item.id.as_str(), code))
    });
    put_codes(tx, site, &codes.collect::<Vec<_>>()).await?;
    numbers.close(tx).await?;
    Ok(imported)
}

async fn put_items(tx: &Transaction, site: &str, items: &[(i64, &ItemBody)]) -> Result<(), Refused> {
    let texts = |of: fn(&ItemBody) -> &str| -> Vec<&str> { items.iter().map(|(_, item)| of(item)).collect() };
    let flags = |of: fn(&ItemBody) -> bool| -> Vec<bool> { items.iter().map(|(_, item)| of(item)).collect() };
    let numbers: Vec<i64> = items.iter().map(|(number, _)| *number).collect();
    let names = texts(|item| &item.id);
    let details: Vec<String> = items.iter().map(|(_, item)| details::of_item(item)).collect();
    tx.execute(
        "INSERT INTO item (site, item, name, unit, lot, serial, expiry, owner, change_seq, details)
         SELECT $1, item, name, unit, lot, serial, expiry, owner, change_seq, details
         FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::boolean[], $8::text[],
                     $9::bigint[], $10::text[])
              AS row (item, name, unit, lot, serial, expiry, owner, change_seq, details)
         ON CONFLICT (site, item) DO UPDATE SET name = excluded.name, unit = excluded.unit, lot = excluded.lot,
             serial = excluded.serial, expiry = excluded.expiry, owner = excluded.owner,
             change_seq = excluded.change_seq, details = excluded.details",
        &[
            &site,
            &names,
            &texts(|item| &item.name),
            &texts(|item| &item.unit),
            &flags(|item| item.lot),
            &flags(|item| item.serial),
            &flags(|item| item.expiry),
            &texts(|item| item.owner.as_deref().unwrap_or_default()),
            &numbers,
            &details,
        ],
    )
    .await?;
    tx.execute(
        "DELETE FROM item_code WHERE site = $1 AND item = ANY ($2)",
        &[&site, &names],
    )
    .await?;
    Ok(())
}

type Code<'a> = (&'a str, &'a tallyman_floor::wire::v1::ItemCodeBody);

async fn put_codes(tx: &Transaction, site: &str, codes: &[Code<'_>]) -> Result<(), Refused> {
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for (item, code) in codes {
        if let Some(owner) = owners.insert(&code.code, item) {
            return Err(taken(&code.code, owner, item));
        }
    }
    for some in codes.chunks(ROWS_AT_ONCE) {
        let names: Vec<&str> = some.iter().map(|(_, code)| code.code.as_str()).collect();
        let row = tx
            .find(
                "SELECT asked.code, max(item) FROM unnest($2::text[]) AS asked (code)
                 LEFT JOIN item_code ON item_code.site = $1 AND item_code.code = asked.code
                 GROUP BY asked.code ORDER BY max(item) NULLS LAST LIMIT 1",
                &[&site, &names],
            )
            .await?;
        if let Some(row) =
            row.filter(|row| row.try_get::<_, Option<&str>>(1).is_ok_and(|item| item.is_some()))
        {
            let (code, owner): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
            return Err(taken(code, owner, owners.get(code).copied().unwrap_or_default()));
        }
        let items: Vec<&str> = some.iter().map(|(item, _)| *item).collect();
        let units: Vec<&str> = some.iter().map(|(_, code)| code.unit.as_str()).collect();
        let packs: Vec<i64> = some.iter().map(|(_, code)| code.pack_micro).collect();
        tx.execute(
            "INSERT INTO item_code (site, code, item, unit, pack_micro)
             SELECT $1, code, item, unit, pack_micro
             FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS row (code, item, unit, pack_micro)",
            &[&site, &names, &items, &units, &packs],
        )
        .await?;
    }
    Ok(())
}

fn taken(code: &str, owner: &str, item: &str) -> Refused {
    LedgerError::CodeTaken {
        code: code.to_owned(),
        owner: owner.to_owned(),
        item: item.to_owned(),
    }
    .into()
}

pub(super) async fn import_locations(
    tx: &Transaction,
    site: &str,
    locations: &[LocationSetting],
) -> Result<Imported, Refused> {
    let mut numbers = Numbers::open(tx, site).await?;
    let mut imported = Imported::default();
    // A file may name a location twice: the last line is what it is.
    let mut seen: HashMap<&str, &LocationSetting> = HashMap::new();
    for some in locations.chunks(ROWS_AT_ONCE) {
        let names: Vec<&str> = some.iter().map(|location| location.location.as_str()).collect();
        let rows = tx
            .query(
                "SELECT asked.location, zone, check_digits FROM unnest($2::text[]) AS asked (location)
                 LEFT JOIN location ON location.site = $1 AND location.location = asked.location",
                &[&site, &names],
            )
            .await?;
        let mut before: HashMap<String, LocationSetting> = HashMap::with_capacity(rows.len());
        for row in rows {
            if let Some(zone) = row.try_get(1)? {
                let (location, check_digits): (String, _) = (row.try_get(0)?, row.try_get(2)?);
                let known = LocationSetting {
                    location: location.clone(),
                    zone,
                    check_digits,
                };
                before.insert(location, known);
            }
        }
        let mut differing: BTreeMap<&str, (&LocationSetting, i64)> = BTreeMap::new();
        for location in some {
            let name = location.location.as_str();
            let known = seen.get(name).copied().or_else(|| before.get(name));
            match known {
                Some(known) if known == location => {
                    imported.unchanged += 1;
                    continue;
                }
                Some(_) => imported.changed += 1,
                None => imported.added += 1,
            }
            seen.insert(name, location);
            differing.insert(name, (location, numbers.next()));
        }
        put_locations(tx, site, &differing).await?;
    }
    numbers.close(tx).await?;
    Ok(imported)
}

async fn put_locations(
    tx: &Transaction,
    site: &str,
    locations: &BTreeMap<&str, (&LocationSetting, i64)>,
) -> Result<(), Refused> {
    let names: Vec<&str> = locations.keys().copied().collect();
    let (settings, numbers): (Vec<&LocationSetting>, Vec<i64>) = locations.values().copied().unzip();
    let zones: Vec<&str> = settings.iter().map(|setting| setting.zone.as_str()).collect();
    let digits: Vec<&str> = settings
        .iter()
        .map(|setting| setting.check_digits.as_str())
        .collect();
    tx.execute(
        "INSERT INTO location (site, location, zone, check_digits, change_seq)
         SELECT $1, location, zone, check_digits, change_seq
         FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS row (location, zone, check_digits, change_seq)
         ON CONFLICT (site, location) DO UPDATE SET zone = excluded.zone, check_digits = excluded.check_digits,
             change_seq = excluded.change_seq",
        &[&site, &names, &zones, &digits, &numbers],
    )
    .await?;
    Ok(())
}

/// Tasks whose lines are read and written together: a task may have thousands.
const TASKS_AT_ONCE: usize = 100;

pub(super) async fn import_tasks(
    tx: &Transaction,
    site: &str,
    tasks: &[TaskBody],
    now: Timestamp,
) -> Result<Imported, Refused> {
    let mut numbers = Numbers::open(tx, site).await?;
    let mut imported = Imported::default();
    for some in tasks.chunks(TASKS_AT_ONCE) {
        let names: Vec<&str> = some.iter().map(|task| task.id.as_str()).collect();
        let before: HashMap<String, TaskBody> = delta::tasks(tx, site, &names)
            .await?
            .into_iter()
            .map(|task| (task.id.clone(), task))
            .collect();
        let mut differing: Vec<(&TaskBody, u32, i64)> = Vec::new();
        for task in some {
            let revision = match before.get(&task.id) {
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
            differing.push((task, revision, numbers.next()));
        }
        put_tasks(tx, site, &differing, now).await?;
    }
    numbers.close(tx).await?;
    Ok(imported)
}

pub(super) async fn put_tasks(
    tx: &Transaction,
    site: &str,
    tasks: &[(&TaskBody, u32, i64)],
    now: Timestamp,
) -> Result<(), Refused> {
    if tasks.is_empty() {
        return Ok(());
    }
    let texts =
        |of: fn(&TaskBody) -> &str| -> Vec<&str> { tasks.iter().map(|(task, ..)| of(task)).collect() };
    let columns: Vec<KindColumns> = tasks
        .iter()
        .map(|(task, ..)| KindColumns::of(&task.kind))
        .collect();
    let names = texts(|task| &task.id);
    tx.execute(
        "INSERT INTO task (site, task, kind, revision, state, reference, priority, assigned_to, quantity_entry, details,
                           created_us, changed_us, change_seq)
         SELECT $1, task, kind, revision, state, reference, priority, assigned_to, quantity_entry, details, $2, $2,
                change_seq
         FROM unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::integer[], $9::text[],
                     $10::text[], $11::text[], $12::bigint[])
              AS row (task, kind, revision, state, reference, priority, assigned_to, quantity_entry, details,
                      change_seq)
         ON CONFLICT (site, task) DO UPDATE SET kind = excluded.kind, revision = excluded.revision,
             state = excluded.state, reference = excluded.reference, priority = excluded.priority,
             assigned_to = excluded.assigned_to, quantity_entry = excluded.quantity_entry, details = excluded.details,
             changed_us = excluded.changed_us, change_seq = excluded.change_seq",
        &[
            &site,
            &now.as_microsecond(),
            &names,
            &columns.iter().map(|columns| columns.kind.as_str()).collect::<Vec<_>>(),
            &tasks
                .iter()
                .map(|(_, revision, _)| i64::from(*revision))
                .collect::<Vec<_>>(),
            &texts(|task| &task.state),
            &texts(|task| &task.reference),
            &tasks.iter().map(|(task, ..)| task.priority).collect::<Vec<i32>>(),
            &texts(|task| task.assigned_to.as_deref().unwrap_or_default()),
            &texts(|task| &task.quantity_entry),
            &columns
                .iter()
                .map(|columns| columns.details.as_str())
                .collect::<Vec<_>>(),
            &tasks.iter().map(|(.., number)| *number).collect::<Vec<_>>(),
        ],
    )
    .await?;
    // A line that something was confirmed on stays, so that its number never changes meaning.
    tx.execute(
        "DELETE FROM line WHERE site = $1 AND task = ANY ($2) AND NOT EXISTS
             (SELECT 1 FROM line_progress AS done
              WHERE done.site = line.site AND done.task = line.task AND done.number = line.number)",
        &[&site, &names],
    )
    .await?;
    let lines: Vec<(&str, &LineBody)> = tasks
        .iter()
        .flat_map(|(task, ..)| task.lines.iter().map(|line| (task.id.as_str(), line)))
        .collect();
    for some in lines.chunks(ROWS_AT_ONCE) {
        put_lines(tx, site, some).await?;
    }
    Ok(())
}

async fn put_lines(tx: &Transaction, site: &str, lines: &[(&str, &LineBody)]) -> Result<(), Refused> {
    let texts = |of: fn(&LineBody) -> &Option<String>| -> Vec<&str> {
        let texts = lines.iter().map(|(_, line)| of(line).as_deref());
        texts.map(Option::unwrap_or_default).collect()
    };
    let expiries: Vec<String> = lines
        .iter()
        .map(|(_, line)| line.expiry_min.map(|date| date.to_string()).unwrap_or_default())
        .collect();
    tx.execute(
        "INSERT INTO line (site, task, number, item, expected_micro, location, lot, expiry_min, owner, details)
         SELECT $1, task, number, item, expected_micro, location, lot, expiry_min, owner, details
         FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[],
                     $10::text[]) AS row (task, number, item, expected_micro, location, lot, expiry_min, owner, details)
         ON CONFLICT (site, task, number) DO UPDATE SET item = excluded.item,
             expected_micro = excluded.expected_micro, location = excluded.location, lot = excluded.lot,
             expiry_min = excluded.expiry_min, owner = excluded.owner, details = excluded.details",
        &[
            &site,
            &lines.iter().map(|(task, _)| *task).collect::<Vec<_>>(),
            &lines
                .iter()
                .map(|(_, line)| i64::from(line.number))
                .collect::<Vec<_>>(),
            &texts(|line| &line.item),
            &lines
                .iter()
                .map(|(_, line)| line.expected_micro)
                .collect::<Vec<Option<i64>>>(),
            &texts(|line| &line.location),
            &texts(|line| &line.lot),
            &expiries,
            &texts(|line| &line.owner),
            &lines
                .iter()
                .map(|(_, line)| details::of_line(line))
                .collect::<Vec<_>>(),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn cancel_task(
    tx: &Transaction,
    site: &str,
    task: &str,
    now: Timestamp,
) -> Result<bool, Refused> {
    let mut numbers = Numbers::open(tx, site).await?;
    let changed = tx
        .execute(
            "UPDATE task SET state = 'cancelled', revision = revision + 1, changed_us = $3, change_seq = $4
             WHERE site = $1 AND task = $2 AND state = 'open'",
            &[&site, &task, &now.as_microsecond(), &numbers.next()],
        )
        .await?;
    numbers.close(tx).await?;
    Ok(changed > 0)
}

pub(super) async fn import_stock(
    tx: &Transaction,
    site: &str,
    stock: &[OpeningStock],
    reason: &str,
    now: Timestamp,
) -> Result<Imported, Refused> {
    let locked = devices::lock(tx, site).await?;
    let names: HashSet<&str> = stock.iter().map(|row| row.stock.item.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let tracked: HashMap<_, _> = excerpt::tracked(tx, site, &names).await?.into_iter().collect();
    let pairs = stock.iter().map(|row| {
        let mut goods = row.stock.clone();
        if let Some(tracked) = tracked.get(&goods.item).filter(|_| goods.owner.is_empty()) {
            goods.owner.clone_from(&tracked.owner);
        }
        Pair {
            from: Account::new(AccountKind::Opening, ""),
            to: Account::new(AccountKind::Location, row.location.as_str()),
            stock: goods,
            quantity: row.quantity,
        }
    });
    post(tx, site, locked, "opening", reason, pairs.collect(), now).await?;
    Ok(Imported {
        added: stock.len(),
        ..Imported::default()
    })
}

/// Takes a code away that the floor had linked; its item is told to devices anew.
pub(super) async fn remove_code(tx: &Transaction, site: &str, link: &LinkedCode) -> Result<(), Refused> {
    tx.execute(
        "DELETE FROM linked_code WHERE site = $1 AND code = $2 AND journal = $3",
        &[&site, &link.code, &link.journal],
    )
    .await?;
    let mut numbers = Numbers::open(tx, site).await?;
    tx.execute(
        "UPDATE item SET change_seq = $3 WHERE site = $1 AND item = $2",
        &[&site, &link.item, &numbers.next()],
    )
    .await?;
    numbers.close(tx).await
}

/// Posts pairs under a document of the hub's own, and gives its number.
pub(super) async fn post(
    tx: &Transaction,
    site: &str,
    mut locked: Site,
    kind: &'static str,
    reason: &str,
    pairs: Vec<Pair>,
    now: Timestamp,
) -> Result<i64, Refused> {
    let document = locked.document_last.saturating_add(1);
    let now_us = now.as_microsecond();
    tx.execute(
        "INSERT INTO document (site, document, kind, reason, posted_us) VALUES ($1, $2, $3, $4, $5)",
        &[&site, &document, &kind, &reason, &now_us],
    )
    .await?;
    locked.document_last = document;
    let rows = post_documents(locked.numbers, document, pairs);
    let mut statements = write::rows(tx, site, now_us, locked.change_seq, &rows).await?;
    statements.extend(write::site(tx, site, &locked, &rows, locked.change_seq).await?);
    write::run_all(tx, statements, false).await?;
    Ok(document)
}
