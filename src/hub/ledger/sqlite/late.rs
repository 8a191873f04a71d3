//! Late facts in the store: entries that came after a count's end, and whether they belong before it.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::boots::{Boots, done_at};
use super::moment;
use crate::ledger::account::Account;
use crate::ledger::counts::Step;
use crate::ledger::late::{
    CountEnd, Crossing, CutOff, ENTRIES_MAX, LOOK_BACK_MAX, Late, Meaning, Moved, Settled, concerns, crossed,
    crosses, follows, meaning, seen, taken_back,
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
    let (mut steps, mut crossings) = (Vec::new(), Vec::new());
    for moved in moved(tx, site, before, last)? {
        let count = last_count(tx, site, &moved)?;
        crossings.extend(crossing(tx, site, &moved, count.as_ref(), &mut boots)?);
        if let Some(count) = count {
            let late = late(tx, site, moved, &count, &mut boots)?;
            steps.extend(late.as_ref().and_then(follows));
        }
    }
    if !crossings.is_empty() {
        let open = open_crossings(tx, site)?;
        steps.extend(crossed(crossings, |location| open.get(location).copied()));
    }
    let seen = seen(before, last, !steps.is_empty()).map(Step::Seen);
    steps.extend(seen);
    Ok(steps)
}

/// What follows from entries that were looked at before an inventory was made, and lie behind its cut-off.
pub(super) fn look_back(tx: &Connection, site: &str, inventory: &str) -> rusqlite::Result<Vec<Step>> {
    let last: i64 = tx
        .prepare_cached("SELECT late_entry FROM site WHERE site = ?1")?
        .query_row([site], |row| row.get(0))?;
    let mut boots = Boots::default();
    let mut crossings = Vec::new();
    for moved in moved(tx, site, last.saturating_sub(LOOK_BACK_MAX), last)? {
        let count = last_count(tx, site, &moved)?;
        let crossing = crossing(tx, site, &moved, count.as_ref(), &mut boots)?;
        crossings.extend(crossing.filter(|crossing| crossing.inventory == inventory));
    }
    let open = open_crossings(tx, site)?;
    Ok(crossed(crossings, |location| open.get(location).copied()))
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

/// A movement around the cut-off of the last inventory of its place.
fn crossing(
    tx: &Connection,
    site: &str,
    moved: &Moved,
    count: Option<&CountEnd>,
    boots: &mut Boots,
) -> rusqlite::Result<Option<Crossing>> {
    let cut_off = tx
        .prepare_cached(
            "SELECT inventory.name, cut_off_us, inventory.journal
             FROM line JOIN inventory_task USING (site, task)
             JOIN inventory ON inventory.site = line.site AND inventory.number = inventory_task.number
             WHERE line.site = ?1 AND line.location = ?2 AND scope = 'physical_inventory'
             ORDER BY inventory.number DESC LIMIT 1",
        )?
        .query_row(params![site, moved.location], |row| {
            Ok(CutOff {
                name: row.get(0)?,
                at: moment(row.get(1)?),
                journal: row.get(2)?,
            })
        })
        .optional()?;
    let Some(cut_off) = cut_off else {
        return Ok(None);
    };
    let mut fact = tx.prepare_cached(FACT)?;
    let mut rows = fact.query(params![site, moved.journal])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    if !crosses(&cut_off, count, moved, moment(row.get(3)?)) {
        return Ok(None);
    }
    let device: String = row.get(0)?;
    let body = row.get_ref(2)?.as_bytes()?;
    let done = boots.done(tx, site, &device, body, row.get(3)?)?;
    let Ok(body) = serde_json::from_slice(body) else {
        return Ok(None);
    };
    Ok(Some(Crossing {
        is_before: done.is_some_and(|done| done.span().latest <= cut_off.at),
        inventory: cut_off.name,
        location: moved.location.clone(),
        device_name: row.get(1)?,
        device,
        body,
    }))
}

/// The open exceptions about cut-offs, by their place.
fn open_crossings(tx: &Connection, site: &str) -> rusqlite::Result<HashMap<String, i64>> {
    tx.prepare_cached(
        "SELECT location, exception FROM exception
         WHERE site = ?1 AND state = 'open' AND kind = 'cut_off_crossed'",
    )?
    .query_map([site], |row| Ok((row.get(0)?, row.get(1)?)))?
    .collect()
}

/// A fact, and the device that it comes from.
const FACT: &str = "
    SELECT journal.device, coalesce(nullif(name, ''), journal.device), body, received_us
    FROM journal LEFT JOIN device USING (site, device) WHERE site = ?1 AND place = ?2";

/// What facts moved at locations that were ever counted, or are in an inventory, behind one entry and up to another.
fn moved(tx: &Connection, site: &str, before: i64, last: i64) -> rusqlite::Result<Vec<Moved>> {
    tx.prepare_cached(
        "SELECT max(entry), journal, place, item, lot, serial, sum(quantity_micro) FROM entry
         WHERE entry > ?2 AND entry <= ?3 AND site = ?1 AND account = 'location' AND journal IS NOT NULL
             AND (EXISTS (SELECT 1 FROM location_count
                          WHERE location_count.site = ?1 AND location_count.location = entry.place)
                  OR EXISTS (SELECT 1 FROM line JOIN inventory_task USING (site, task)
                             WHERE line.site = ?1 AND line.location = entry.place))
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

/// A movement that may belong before the last count of its location.
fn late(
    tx: &Connection,
    site: &str,
    moved: Moved,
    count: &CountEnd,
    boots: &mut Boots,
) -> rusqlite::Result<Option<Late>> {
    let mut fact = tx.prepare_cached(FACT)?;
    let mut rows = fact.query(params![site, moved.journal])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let device: String = row.get(0)?;
    if !concerns(count, &moved, &device) {
        return Ok(None);
    }
    let open = match meaning(settled(tx, site, count, &moved)?.as_ref(), &moved) {
        Meaning::Nothing => return Ok(None),
        Meaning::Reopens => None,
        Meaning::Overlaps(exception) => Some(exception),
    };
    let body = row.get_ref(2)?.as_bytes()?;
    let done = boots.done(tx, site, &device, body, row.get(3)?)?;
    let (Some(done), Ok(body)) = (done, serde_json::from_slice(body)) else {
        return Ok(None);
    };
    let counted = counted(tx, site, count, &moved.location)?;
    let late = Late {
        device_name: row.get(1)?,
        done: done.span(),
        counted: counted.unwrap_or_else(|| done.span()),
        moved,
        device,
        body,
        open,
    };
    Ok((!is_undone(tx, site, &late, count)?).then_some(late))
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
        "SELECT exception, kind, state, resolution, coalesce((SELECT max(entry) FROM entry WHERE entry.document = exception.document), 0)
         FROM exception
         WHERE journal = ?2 AND site = ?1 AND item = ?3 AND lot = ?4 AND serial = ?5
             AND kind IN ('count_variance', 'count_waits', 'count_overlap')
         ORDER BY exception DESC LIMIT 1",
    )?
    .query_row(params![site, count.journal, item, lot, serial], |row| {
        Ok(Settled {
            exception: row.get(0)?,
            kind: row.get(1)?,
            state: row.get(2)?,
            resolution: row.get(3)?,
            posted: row.get(4)?,
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
