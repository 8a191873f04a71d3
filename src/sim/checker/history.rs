//! A check of a whole history: what every device has committed and promised, against what lies in the hub's store.
//!
//! It shares no code with agent or hub. Facts are known by what they say, so that it does not matter under which epoch one
//! arrived, how often it was sent, or which life of the hub took it.
//!
//! | | holds |
//! |---|---|
//! | I1 | every fact that was promised is in the hub's journal exactly once |
//! | I2 | the ledger is the sum of the distinct facts, and sums to zero per item and lot |
//! | I3 | seq has no gap per device and epoch, and a device's facts about a task are in its order |
//! | I4 | marks never go back but with another life of the hub |
//! | I5 | the hub has no fact that no device committed |
//! | I6 | what waits arrives when nothing goes wrong any more |
//! | I7 | the same facts give the same ledger, however they arrive |
//!
//! I4 and I6 are watched while the world goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use rusqlite::Connection;

use crate::world::Sabotage;
use crate::world::witness::{Account, FactKey, key_of, open};

use super::{Findings, evidence, ledger};

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which one, as `I1`.
    pub invariant: &'static str,
    /// What was found.
    pub what: String,
}

impl Violation {
    /// One of this invariant.
    pub fn of(invariant: &'static str, what: impl Into<String>) -> Self {
        Self {
            invariant,
            what: what.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.invariant, self.what)
    }
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Facts in the hub's journal.
    pub facts: usize,
    /// What is wrong.
    pub violations: Vec<Violation>,
}

/// A record in the hub's journal.
struct Row {
    number: i64,
    device: String,
    name: String,
    epoch: u32,
    seq: u64,
    key: FactKey,
    aside: String,
}

/// Checks the hub's store against the accounts of all devices.
///
/// # Errors
/// What SQLite says where the store cannot be read.
pub fn check(hub_store: &Path, accounts: &[Account]) -> rusqlite::Result<Checked> {
    let store = open(hub_store)?;
    let rows = rows(&store)?;
    let mut violations: Vec<Violation> = accounts
        .iter()
        .flat_map(|account| account.wrong.iter())
        .map(|what| Violation::of("I1", what.trim_start_matches("I1: ")))
        .collect();
    check_facts(accounts, &rows, &mut violations);
    check_order(accounts, &rows, &mut violations);
    check_ledger(&store, accounts, &mut violations)?;
    Ok(Checked {
        facts: rows.len(),
        violations,
    })
}

fn rows(store: &Connection) -> rusqlite::Result<Vec<Row>> {
    let mut rows = store.prepare(
        "SELECT j.place, j.device, d.name, j.epoch, j.seq, CAST(j.body AS TEXT), j.quarantined
         FROM journal AS j JOIN device AS d ON d.site = j.site AND d.device = j.device ORDER BY j.place",
    )?;
    let rows = rows.query_map([], |row| {
        Ok(Row {
            number: row.get(0)?,
            device: row.get(1)?,
            name: row.get(2)?,
            epoch: row.get(3)?,
            seq: row.get::<_, i64>(4)?.unsigned_abs(),
            key: key_of(&row.get::<_, String>(5)?),
            aside: row.get(6)?,
        })
    })?;
    rows.collect()
}

/// I1 and I5: how often each fact is there.
fn check_facts(accounts: &[Account], rows: &[Row], violations: &mut Vec<Violation>) {
    let mut at_hub: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in rows {
        *at_hub.entry((&row.name, &row.key)).or_default() += 1;
        if !row.aside.is_empty() {
            let what = format!(
                "{} epoch {} seq {} was set aside: {}",
                row.name, row.epoch, row.seq, row.aside
            );
            violations.push(Violation::of("I1", what));
        }
    }
    for account in accounts {
        let mut known = BTreeSet::new();
        for fact in &account.committed {
            if !known.insert(&fact.key) {
                continue;
            }
            let there = at_hub
                .remove(&(account.name.as_str(), fact.key.as_str()))
                .unwrap_or(0);
            let promised = if account.sounded.contains(&fact.key) {
                "sounded"
            } else {
                "committed"
            };
            let place = format!(
                "{} epoch {} seq {} ({promised})",
                account.name, fact.place.epoch, fact.place.seq
            );
            match there {
                1 => {}
                0 if account.excused.contains(&fact.key) => {}
                0 => violations.push(Violation::of("I1", format!("{place} is not at the hub"))),
                more => violations.push(Violation::of("I1", format!("{place} is {more} times at the hub"))),
            }
        }
    }
    for ((name, key), times) in at_hub {
        let what = format!("the hub has {times} times a fact {key} of {name} that no device committed");
        violations.push(Violation::of("I5", what));
    }
}

/// I3: seq without gaps per device and epoch, and the device's order per task.
fn check_order(accounts: &[Account], rows: &[Row], violations: &mut Vec<Violation>) {
    let mut last: BTreeMap<(&str, u32), u64> = BTreeMap::new();
    for row in rows {
        let before = last.insert((&row.device, row.epoch), row.seq).unwrap_or(0);
        if row.seq != before + 1 {
            let what = format!(
                "{} epoch {}: seq {} came after {before}",
                row.device, row.epoch, row.seq
            );
            violations.push(Violation::of("I3", what));
        }
    }
    let arrived: BTreeMap<(&str, &str), i64> = rows
        .iter()
        .map(|row| ((row.name.as_str(), row.key.as_str()), row.number))
        .collect();
    for account in accounts {
        let mut newest: BTreeMap<(u32, &str), i64> = BTreeMap::new();
        for fact in &account.committed {
            let Some(number) = arrived.get(&(account.name.as_str(), fact.key.as_str())) else {
                continue;
            };
            let before = newest.insert((fact.store, &fact.task), *number);
            if before.is_some_and(|before| before > *number) {
                let what = format!(
                    "{} epoch {} seq {}: it arrived before an earlier fact about task {:?}",
                    account.name, fact.place.epoch, fact.place.seq, fact.task
                );
                violations.push(Violation::of("I3", what));
            }
        }
    }
}

/// I2: one balanced pair for each fact with goods, and the balances are their sums.
fn check_ledger(
    store: &Connection,
    accounts: &[Account],
    violations: &mut Vec<Violation>,
) -> rusqlite::Result<()> {
    let mut findings = Findings::default();
    for account in accounts {
        let rows = evidence::of_hub(store, &account.name)?;
        ledger::check_entries(store, &account.name, &rows, &mut findings)?;
    }
    ledger::check_sums(store, &mut findings)?;
    violations.extend(
        findings
            .findings
            .iter()
            .map(|finding| Violation::of("I2", finding.to_string())),
    );
    let mut wrong = store.prepare(
        "SELECT site, account, place, item, lot, sum(micro) FROM (
             SELECT site, account, place, item, lot, quantity_micro AS micro FROM entry
             UNION ALL
             SELECT site, account, place, item, lot, -quantity_micro FROM balance
         ) GROUP BY site, account, place, item, lot HAVING sum(micro) <> 0",
    )?;
    let mut wrong = wrong.query([])?;
    while let Some(row) = wrong.next()? {
        let account: String = row.get(1)?;
        let (place, item): (String, String) = (row.get(2)?, row.get(3)?);
        let what = format!("the balance of {item} at {account} {place} is not the sum of its entries");
        violations.push(Violation::of("I2", what));
    }
    Ok(())
}

/// The figures of the ledger that do not depend on who came first: by site, account, place, item and lot. What was seen
/// in counts is a memo that whoever ends the count clears, and not among them. Goods beyond a line's tolerance are held
/// apart, and which piece of a line is the one too many is up to the order: they count as lying where they were received.
///
/// # Errors
/// What SQLite says.
pub fn totals(hub_store: &Path) -> rusqlite::Result<BTreeMap<String, i64>> {
    let store = open(hub_store)?;
    let mut rows = store.prepare(
        "SELECT site || '|' || replace(account, 'over_receipt', 'location') || '|' || place || '|' || item || '|' || lot, sum(quantity_micro) FROM entry
         WHERE account NOT IN ('counted', 'count_control') GROUP BY 1 HAVING sum(quantity_micro) <> 0",
    )?;
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Breaks the hub's store as a hub with a mistake would; for controls. Sabotage that is done elsewhere changes nothing
/// here.
///
/// # Errors
/// What SQLite says.
pub fn sabotage(hub_store: &Path, sabotage: Sabotage) -> rusqlite::Result<()> {
    let store = Connection::open(hub_store)?;
    let sql = match sabotage {
        Sabotage::AppliedTwice => {
            "INSERT INTO journal (site, device, epoch, seq, hash, body, received_us, quarantined)
             SELECT site, device, epoch + 100, 1, hash, body, received_us, quarantined FROM journal
             WHERE place = (SELECT min(journal) FROM entry);
             INSERT INTO entry (site, journal, account, place, item, lot, serial, expiry, handling_unit, status, owner,
                                quantity_micro)
             SELECT site, (SELECT max(place) FROM journal), account, place, item, lot, serial, expiry, handling_unit,
                    status, owner, quantity_micro FROM entry WHERE journal = (SELECT min(journal) FROM entry);"
        }
        Sabotage::LostEntry => {
            "DELETE FROM entry WHERE entry = (SELECT max(entry) FROM entry WHERE journal IS NOT NULL);"
        }
        Sabotage::Swapped => {
            "PRAGMA foreign_keys = OFF;
             CREATE TEMP TABLE pair AS
             SELECT a.place AS one, b.place AS other FROM journal AS a JOIN journal AS b
             ON a.site = b.site AND a.device = b.device AND a.epoch = b.epoch AND b.seq = a.seq + 1 LIMIT 1;
             UPDATE journal SET place = -1 WHERE place = (SELECT one FROM pair);
             UPDATE journal SET place = (SELECT one FROM pair) WHERE place = (SELECT other FROM pair);
             UPDATE journal SET place = (SELECT other FROM pair) WHERE place = -1;"
        }
        Sabotage::Invented => {
            "INSERT INTO journal (site, device, epoch, seq, hash, body, received_us, quarantined)
             SELECT site, device, epoch + 100, 1, hash, CAST('{\"act\":\"task_closed\"}' AS BLOB), received_us, ''
             FROM journal WHERE place = 1;"
        }
        Sabotage::ChangedRecord
        | Sabotage::MarkGoesBack
        | Sabotage::NeverAnswered
        | Sabotage::LyingDisk
        | Sabotage::LeftOut => return Ok(()),
    };
    store.execute_batch(sql)
}
