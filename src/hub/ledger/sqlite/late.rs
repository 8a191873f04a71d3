//! Late facts in the store: entries that came after a count's end, and whether they belong before it.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::boots::{Boots, done_at};
use crate::ledger::account::Account;
use crate::ledger::counts::Step;
use crate::ledger::late::{
    CountEnd, ENTRIES_MAX, Late, Moved, Settled, concerns, is_settled, reopened, seen, taken_back,
};
use crate::ledger::moments::Span;
use crate::ledger::overlap::PLACES_MAX;

/// What follows from entries that nobody looked at yet.
pub(super) fn look(tx: &Connection, site: &str) -> rusqlite::Result<Vec<Step>> {
    let before: i64 = tx
        .prepare_cached("SELECT late_entry FROM site WHERE site = ?1")?
        .query_row([site], |row| row.get(0))
        .optional()?
        .unwrap_or(i64::MAX);
    let last: i64 = tx
        .prepare_cached("SELECT coalesce(max(entry), 0) FROM entry")?
        .query_row([], |row| row.get(0))?;
    let last = last.min(before.saturating_add(ENTRIES_MAX));
    let mut boots = Boots::default();
    let mut raised = Vec::new();
    for moved in moved(tx, site, before, last)? {
        let late = late(tx, site, moved, &mut boots)?;
        raised.extend(late.as_ref().and_then(reopened));
    }
    let seen = seen(before, last, !raised.is_empty()).map(Step::Seen);
    let raised = raised.into_iter().map(|row| Step::Raise(Box::new(row)));
    Ok(raised.chain(seen).collect())
}

/// Whether a location, or an item there, was counted after a place in the journal.
pub(super) fn counted_since(
    tx: &Connection,
    site: &str,
    location: &str,
    item: &str,
    place: i64,
) -> rusqlite::Result<bool> {
    tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM location_count
                        WHERE site = ?1 AND location = ?2 AND journal > ?3 AND item IN ('', ?4))",
    )?
    .query_row(params![site, location, place, item], |row| row.get(0))
}

/// What facts moved at locations that were ever counted, behind one entry and up to another.
fn moved(tx: &Connection, site: &str, before: i64, last: i64) -> rusqlite::Result<Vec<Moved>> {
    tx.prepare_cached(
        "SELECT max(entry), journal, place, item, lot, serial, sum(quantity_micro) FROM entry
         WHERE entry > ?2 AND entry <= ?3 AND site = ?1 AND account = 'location' AND journal IS NOT NULL
             AND EXISTS (SELECT 1 FROM location_count
                         WHERE location_count.site = ?1 AND location_count.location = entry.place)
         GROUP BY journal, place, item, lot, serial HAVING sum(quantity_micro) <> 0 ORDER BY 1",
    )?
    .query_map(params![site, before, last], |row| {
        Ok(Moved {
            entry: row.get(0)?,
            journal: row.get(1)?,
            location: row.get(2)?,
            key: (row.get(3)?, row.get(4)?, row.get(5)?),
            micro: row.get(6)?,
        })
    })?
    .collect()
}

/// A movement that may belong before the last count of its location, which is settled.
fn late(tx: &Connection, site: &str, moved: Moved, boots: &mut Boots) -> rusqlite::Result<Option<Late>> {
    let Some(count) = last_count(tx, site, &moved)? else {
        return Ok(None);
    };
    let mut fact = tx.prepare_cached(
        "SELECT journal.device, coalesce(nullif(name, ''), journal.device), body, received_us
         FROM journal LEFT JOIN device USING (site, device) WHERE site = ?1 AND place = ?2",
    )?;
    let mut rows = fact.query(params![site, moved.journal])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let device: String = row.get(0)?;
    if !concerns(&count, &moved, &device) || !is_settled(settled(tx, site, &count, &moved)?.as_ref(), &moved)
    {
        return Ok(None);
    }
    let body = row.get_ref(2)?.as_bytes()?;
    let done = boots.done(tx, site, &device, body, row.get(3)?)?;
    let (Some(done), Ok(body)) = (done, serde_json::from_slice(body)) else {
        return Ok(None);
    };
    let counted = counted(tx, site, &count, &moved.location)?;
    let late = Late {
        device_name: row.get(1)?,
        done: done.span(),
        counted: counted.unwrap_or_else(|| done.span()),
        moved,
        device,
        body,
    };
    Ok((!is_undone(tx, site, &late, &count)?).then_some(late))
}

/// The last count of what was moved, whoever made it.
fn last_count(tx: &Connection, site: &str, moved: &Moved) -> rusqlite::Result<Option<CountEnd>> {
    tx.prepare_cached(
        "SELECT journal, task, item, device FROM location_count
         WHERE site = ?1 AND location = ?2 AND item IN ('', ?3) ORDER BY journal DESC LIMIT 1",
    )?
    .query_row(params![site, moved.location, moved.key.0], |row| {
        Ok(CountEnd {
            journal: row.get(0)?,
            task: row.get(1)?,
            item: row.get(2)?,
            device: row.get(3)?,
        })
    })
    .optional()
}

/// What became of the difference that a count had raised about the goods.
fn settled(
    tx: &Connection,
    site: &str,
    count: &CountEnd,
    moved: &Moved,
) -> rusqlite::Result<Option<Settled>> {
    let (item, lot, serial) = &moved.key;
    tx.prepare_cached(
        "SELECT state, resolution, coalesce((SELECT max(entry) FROM entry WHERE entry.document = exception.document), 0)
         FROM exception
         WHERE journal = ?2 AND site = ?1 AND item = ?3 AND lot = ?4 AND serial = ?5
             AND kind IN ('count_variance', 'count_waits', 'count_overlap')
         ORDER BY exception DESC LIMIT 1",
    )?
    .query_row(params![site, count.journal, item, lot, serial], |row| {
        Ok(Settled {
            state: row.get(0)?,
            resolution: row.get(1)?,
            posted: row.get(2)?,
        })
    })
    .optional()
}

/// Between which moments a location was counted: from the first thing that was counted there to the end.
fn counted(tx: &Connection, site: &str, count: &CountEnd, location: &str) -> rusqlite::Result<Option<Span>> {
    let memo = Account::counted(&count.task, location);
    let first: Option<i64> = tx
        .prepare_cached(
            "SELECT min(entry.journal) FROM entry JOIN journal ON journal.place = entry.journal
             WHERE entry.journal > ?2 AND entry.journal <= ?3 AND entry.site = ?1 AND entry.account = 'counted'
                 AND entry.place = ?4 AND journal.device = ?5",
        )?
        .query_row(
            params![
                site,
                count.journal.saturating_sub(PLACES_MAX),
                count.journal,
                memo.place,
                count.device
            ],
            |row| row.get(0),
        )?;
    let Some(ended) = done_at(tx, site, count.journal)? else {
        return Ok(None);
    };
    let begun = done_at(tx, site, first.unwrap_or(count.journal))?;
    Ok(Some(begun.unwrap_or(ended).span().until(ended.span())))
}

/// Whether the fact was taken back, or takes back one that the count did not know either.
fn is_undone(tx: &Connection, site: &str, late: &Late, count: &CountEnd) -> rusqlite::Result<bool> {
    let is_reversed: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM reversal WHERE original = ?1)")?
        .query_row([late.moved.journal], |row| row.get(0))?;
    let Some((epoch, seq)) = taken_back(&late.body) else {
        return Ok(is_reversed);
    };
    let original: Option<i64> = tx
        .prepare_cached(
            "SELECT place FROM journal WHERE site = ?1 AND device = ?2 AND epoch = ?3 AND seq = ?4",
        )?
        .query_row(params![site, late.device, epoch, seq], |row| row.get(0))
        .optional()?;
    Ok(is_reversed || original.is_some_and(|original| original > count.journal))
}
