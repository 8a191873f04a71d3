//! The independent check: chain, entries, balances and progress computed again from the journal.
//!
//! It shares no code with posting: sums are made here in memory, in 128 bits, and what a fact moves is read from its
//! bytes.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::{Connection, Row};
use tallyman_floor::Act;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::ConfirmationBody;

use crate::ledger::proof::{BalanceRow, DeviceMark, LedgerSnapshot, Proof};

/// Confirmed quantity and whether ended, per site, task and line.
type ProgressByLine = BTreeMap<(String, String, u32), (i128, bool)>;

pub(super) fn verify(tx: &Connection) -> rusqlite::Result<Proof> {
    let mut proof = Proof::default();
    let facts = check_journal(tx, &mut proof)?;
    check_entries(tx, &facts, &mut proof)?;
    check_balances(tx, &mut proof)?;
    check_progress(tx, &facts, &mut proof)?;
    Ok(proof)
}

/// One fact, as far as the later checks need it.
struct FactSeen {
    place: i64,
    site: String,
    act: String,
    /// What a posted fact moves, in millionths; `None` for facts without goods.
    quantity_micro: Option<i64>,
    body: Option<ConfirmationBody>,
}

/// The journal of one device in one epoch, while it is walked.
#[derive(Default)]
struct Walk {
    seq: u64,
    hash: Option<ChainHash>,
}

fn check_journal(tx: &Connection, proof: &mut Proof) -> rusqlite::Result<Vec<FactSeen>> {
    let mut facts = Vec::new();
    let mut walks: HashMap<(String, String, u32), Walk> = HashMap::new();
    let mut statement = tx.prepare(
        "SELECT place, site, device, epoch, seq, hash, body, quarantined FROM journal ORDER BY site, device, epoch, seq",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        proof.records += 1;
        let device: String = row.get(2)?;
        let (epoch, seq): (u32, u64) = (row.get(3)?, row.get(4)?);
        let bytes: Vec<u8> = row.get(6)?;
        let quarantined: String = row.get(7)?;
        let stored = ChainHash::from_slice(&row.get::<_, Vec<u8>>(5)?);
        let walk = walks.entry((row.get(1)?, device.clone(), epoch)).or_default();
        if seq != walk.seq + 1 {
            proof.gaps += 1;
            proof.find(format!(
                "The journal of {device} in epoch {epoch} goes from {} to {seq}.",
                walk.seq
            ));
        }
        let previous = walk.hash.unwrap_or(ChainHash::START);
        let computed = ChainHash::of_record(previous, &device, epoch, seq, &bytes);
        if (stored == Some(computed)) == (quarantined == "hash") {
            proof.find(format!(
                "Record {seq} of {device} in epoch {epoch} does not fit the chain."
            ));
        }
        *walk = Walk {
            seq,
            hash: stored.or(Some(computed)),
        };
        proof.quarantined += u64::from(!quarantined.is_empty());
        facts.push(fact_seen(row, &bytes, quarantined.is_empty(), proof)?);
    }
    drop(rows);
    check_marks(tx, &walks, proof)?;
    facts.sort_by_key(|fact| fact.place);
    Ok(facts)
}

fn fact_seen(row: &Row<'_>, bytes: &[u8], posted: bool, proof: &mut Proof) -> rusqlite::Result<FactSeen> {
    let place: i64 = row.get(0)?;
    let body: Option<ConfirmationBody> = if posted {
        serde_json::from_slice(bytes).ok()
    } else {
        None
    };
    if posted && body.is_none() {
        proof.find(format!(
            "The fact at place {place} was posted and cannot be read."
        ));
    }
    let moves = |body: &ConfirmationBody| {
        let act = body
            .reverses
            .as_ref()
            .map_or(body.act.as_str(), |reverses| reverses.act.as_str());
        [Act::Received, Act::Picked, Act::Counted]
            .iter()
            .any(|moving| moving.word() == act)
    };
    let goods = body
        .as_ref()
        .filter(|body| moves(body))
        .and_then(|body| body.goods.as_ref());
    Ok(FactSeen {
        place,
        site: row.get(1)?,
        act: body.as_ref().map(|body| body.act.clone()).unwrap_or_default(),
        quantity_micro: goods.map(|goods| goods.quantity_micro),
        body,
    })
}

fn check_marks(
    tx: &Connection,
    walks: &HashMap<(String, String, u32), Walk>,
    proof: &mut Proof,
) -> rusqlite::Result<()> {
    for mark in marks(tx)? {
        let key = (mark.site.clone(), mark.device.clone(), mark.epoch);
        let last = walks.get(&key).map_or(0, |walk| walk.seq);
        if last != mark.applied_seq || mark.stable_seq > mark.applied_seq {
            proof.find(format!(
                "{} in epoch {} has the marks applied {} and stable {}, and its journal ends at {last}.",
                mark.device, mark.epoch, mark.applied_seq, mark.stable_seq
            ));
        }
    }
    Ok(())
}

/// What was posted because of one fact or document.
#[derive(Default)]
struct Posted {
    sum: i128,
    moved: i128,
}

fn check_entries(tx: &Connection, facts: &[FactSeen], proof: &mut Proof) -> rusqlite::Result<()> {
    let mut of_facts: HashMap<i64, Posted> = HashMap::new();
    let mut of_documents: HashMap<i64, Posted> = HashMap::new();
    let mut statement = tx.prepare("SELECT journal, document, quantity_micro FROM entry")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        proof.entries += 1;
        let micro = i128::from(row.get::<_, i64>(2)?);
        let posted = match row.get::<_, Option<i64>>(0)? {
            Some(place) => of_facts.entry(place).or_default(),
            None => of_documents.entry(row.get(1)?).or_default(),
        };
        posted.sum += micro;
        posted.moved += micro.max(0);
    }
    let reversed_or_reversing = reversals(tx)?;
    for fact in facts {
        let posted = of_facts.remove(&fact.place).unwrap_or_default();
        let is_idle_reversal =
            fact.act == Act::Reversed.word() && !reversed_or_reversing.contains(&fact.place);
        let wanted = if is_idle_reversal {
            Some(0)
        } else {
            fact.quantity_micro.map(i128::from)
        };
        if posted.sum != 0 {
            proof.find(format!(
                "The entries of the fact at place {} do not balance.",
                fact.place
            ));
        }
        if wanted.is_some_and(|wanted| wanted != posted.moved) || (fact.body.is_none() && posted.moved != 0) {
            proof.find(format!(
                "The fact at place {} says {} millionths, and {} were posted.",
                fact.place,
                wanted.unwrap_or(0),
                posted.moved
            ));
        }
    }
    for place in of_facts.keys() {
        proof.find(format!(
            "There are entries for place {place} of the journal, which does not exist."
        ));
    }
    for (document, posted) in of_documents.iter().filter(|(_, posted)| posted.sum != 0) {
        proof.find(format!(
            "The entries of document {document} do not balance: {}.",
            posted.sum
        ));
    }
    Ok(())
}

/// The places of facts that take something back.
fn reversals(tx: &Connection) -> rusqlite::Result<HashSet<i64>> {
    tx.prepare("SELECT reversal FROM reversal")?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn check_balances(tx: &Connection, proof: &mut Proof) -> rusqlite::Result<()> {
    let mut computed: HashMap<BalanceRow, i128> = HashMap::new();
    let mut per_lot: HashMap<(String, String, String), i128> = HashMap::new();
    let mut statement = tx.prepare(
        "SELECT site, account, place, item, lot, serial, status, owner, quantity_micro FROM entry",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key = balance_row(row)?;
        let micro = i128::from(key.quantity_micro);
        *per_lot
            .entry((key.site.clone(), key.item.clone(), key.lot.clone()))
            .or_default() += micro;
        *computed
            .entry(BalanceRow {
                quantity_micro: 0,
                ..key
            })
            .or_default() += micro;
    }
    proof.ledger_sum = per_lot.values().map(|sum| sum.abs()).sum();
    if proof.ledger_sum != 0 {
        proof.find(format!(
            "The ledger does not sum to zero: {} millionths are over or missing.",
            proof.ledger_sum
        ));
    }
    for kept in balances(tx)? {
        proof.balances += 1;
        let micro = i128::from(kept.quantity_micro);
        let key = BalanceRow {
            quantity_micro: 0,
            ..kept
        };
        if computed.remove(&key).unwrap_or(0) != micro {
            proof.find(format!(
                "The balance of {} in {} {} is kept as {micro} millionths, and the entries say something else.",
                key.item, key.account, key.place
            ));
        }
    }
    for (key, micro) in computed.iter().filter(|(_, micro)| **micro != 0) {
        proof.find(format!(
            "The balance of {} in {} {} is missing: {micro}.",
            key.item, key.account, key.place
        ));
    }
    Ok(())
}

fn check_progress(tx: &Connection, facts: &[FactSeen], proof: &mut Proof) -> rusqlite::Result<()> {
    let reversing = reversals(tx)?;
    let mut computed = ProgressByLine::new();
    for fact in facts {
        let idle = fact.act == Act::Reversed.word() && !reversing.contains(&fact.place);
        if let Some(body) = fact.body.as_ref().filter(|_| !idle) {
            fold(&fact.site, body, &mut computed);
        }
    }
    let mut statement = tx.prepare("SELECT site, task, number, quantity_micro, closed FROM line_progress")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key: (String, String, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let kept = (i128::from(row.get::<_, i64>(3)?), row.get(4)?);
        if computed.remove(&key).unwrap_or_default() != kept {
            proof.find(format!(
                "The progress of line {} of task {} is not what the journal says.",
                key.2, key.1
            ));
        }
    }
    for (key, _) in computed.iter().filter(|(_, progress)| **progress != (0, false)) {
        proof.find(format!(
            "The progress of line {} of task {} is missing.",
            key.2, key.1
        ));
    }
    Ok(())
}

fn fold(site: &str, body: &ConfirmationBody, progress: &mut ProgressByLine) {
    let (Some(task), Some(number)) = (&body.task, body.line) else {
        return;
    };
    let reversed = body.reverses.as_ref().map(|reverses| reverses.act.as_str());
    let act = reversed.unwrap_or(body.act.as_str());
    let line = progress
        .entry((site.to_owned(), task.clone(), number))
        .or_default();
    if act == Act::LineClosed.word() || act == Act::LocationCounted.word() {
        line.1 = reversed.is_none();
    } else if act != Act::TaskClosed.word() {
        let micro = body
            .goods
            .as_ref()
            .map_or(0, |goods| i128::from(goods.quantity_micro));
        line.0 += if reversed.is_none() { micro } else { -micro };
    }
}

pub(super) fn snapshot(tx: &Connection) -> rusqlite::Result<LedgerSnapshot> {
    Ok(LedgerSnapshot {
        balances: balances(tx)?,
        marks: marks(tx)?,
        exceptions_open: tx
            .prepare("SELECT site, kind, count(*) FROM exception WHERE state = 'open' GROUP BY site, kind ORDER BY 1, 2")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?,
        exceptions_total: tx.query_row("SELECT count(*) FROM exception", [], |row| row.get(0))?,
        records: tx.query_row("SELECT count(*) FROM journal", [], |row| row.get(0))?,
    })
}

fn balances(tx: &Connection) -> rusqlite::Result<Vec<BalanceRow>> {
    tx.prepare(
        "SELECT site, account, place, item, lot, serial, status, owner, quantity_micro FROM balance
         WHERE quantity_micro <> 0 ORDER BY site, account, place, item, lot, serial, status, owner",
    )?
    .query_map([], balance_row)?
    .collect()
}

fn balance_row(row: &Row<'_>) -> rusqlite::Result<BalanceRow> {
    Ok(BalanceRow {
        site: row.get(0)?,
        account: row.get(1)?,
        place: row.get(2)?,
        item: row.get(3)?,
        lot: row.get(4)?,
        serial: row.get(5)?,
        status: row.get(6)?,
        owner: row.get(7)?,
        quantity_micro: row.get(8)?,
    })
}

pub(super) fn marks(tx: &Connection) -> rusqlite::Result<Vec<DeviceMark>> {
    tx.prepare("SELECT site, device, epoch, applied_seq, stable_seq FROM device_epoch ORDER BY 1, 2, 3")?
        .query_map([], |row| {
            Ok(DeviceMark {
                site: row.get(0)?,
                device: row.get(1)?,
                epoch: row.get(2)?,
                applied_seq: row.get(3)?,
                stable_seq: row.get(4)?,
            })
        })?
        .collect()
}
