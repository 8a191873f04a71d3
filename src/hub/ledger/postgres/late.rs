//! Late facts in the store: entries that came after a count's end, and whether they belong before it.

use std::collections::HashMap;

use tallyman_floor::wire::v1::ConfirmationBody;

use super::error::Refused;
use super::transaction::Transaction;
use super::{boots, moment};
use crate::ledger::account::Account;
use crate::ledger::counts::Step;
use crate::ledger::late::{
    CountEnd, Crossing, CutOff, ENTRIES_MAX, LOOK_BACK_MAX, Late, Meaning, Moved, Settled, concerns, crossed,
    crosses, follows, meaning, seen, taken_back,
};
use crate::ledger::moments::Span;
use crate::ledger::overlap::PLACES_MAX;

/// What follows from entries that nobody looked at yet.
pub(super) async fn look(tx: &Transaction, site: &str) -> Result<Vec<Step>, Refused> {
    let row = tx
        .find(
            "SELECT late_entry, entry_last FROM site WHERE site = $1",
            &[&site],
        )
        .await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    let (before, last): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let last = last.min(before.saturating_add(ENTRIES_MAX));
    let (mut steps, mut crossings) = (Vec::new(), Vec::new());
    for moved in moved(tx, site, before, last).await? {
        let count = last_count(tx, site, &moved).await?;
        crossings.extend(crossing(tx, site, &moved, count.as_ref()).await?);
        if let Some(count) = count {
            let late = late(tx, site, moved, &count).await?;
            steps.extend(late.as_ref().and_then(follows));
        }
    }
    if !crossings.is_empty() {
        let open = open_crossings(tx, site).await?;
        steps.extend(crossed(crossings, |location| open.get(location).copied()));
    }
    let seen = seen(before, last, !steps.is_empty()).map(Step::Seen);
    steps.extend(seen);
    Ok(steps)
}

/// What follows from entries that were looked at before an inventory was made, and lie behind its cut-off.
pub(super) async fn look_back(tx: &Transaction, site: &str, inventory: &str) -> Result<Vec<Step>, Refused> {
    let row = tx
        .one("SELECT late_entry FROM site WHERE site = $1", &[&site])
        .await?;
    let last: i64 = row.try_get(0)?;
    let mut crossings = Vec::new();
    for moved in moved(tx, site, last.saturating_sub(LOOK_BACK_MAX), last).await? {
        let count = last_count(tx, site, &moved).await?;
        let crossing = crossing(tx, site, &moved, count.as_ref()).await?;
        crossings.extend(crossing.filter(|crossing| crossing.inventory == inventory));
    }
    let open = open_crossings(tx, site).await?;
    Ok(crossed(crossings, |location| open.get(location).copied()))
}

/// Whether a location, or an item there, was counted after a place in the journal.
pub(super) async fn counted_since(
    tx: &Transaction,
    site: &str,
    location: &str,
    item: &str,
    place: i64,
) -> Result<bool, Refused> {
    let row = tx
        .one(
            "SELECT EXISTS (SELECT 1 FROM location_count
                            WHERE site = $1 AND location = $2 AND journal > $3 AND item IN ('', $4))",
            &[&site, &location, &place, &item],
        )
        .await?;
    Ok(row.try_get(0)?)
}

/// A movement around the cut-off of the last inventory of its place.
async fn crossing(
    tx: &Transaction,
    site: &str,
    moved: &Moved,
    count: Option<&CountEnd>,
) -> Result<Option<Crossing>, Refused> {
    let row = tx
        .find(
            "SELECT inventory.name, cut_off_us, inventory.journal
             FROM line JOIN inventory_task ON inventory_task.site = line.site AND inventory_task.task = line.task
             JOIN inventory ON inventory.site = line.site AND inventory.number = inventory_task.number
             WHERE line.site = $1 AND line.location = $2 AND scope = 'physical_inventory'
             ORDER BY inventory.number DESC LIMIT 1",
            &[&site, &moved.location],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let cut_off = CutOff {
        name: row.try_get(0)?,
        at: moment(row.try_get(1)?),
        journal: row.try_get(2)?,
    };
    let Some(fact) = tx.find(FACT, &[&site, &moved.journal]).await? else {
        return Ok(None);
    };
    if !crosses(&cut_off, count, moved, moment(fact.try_get(3)?)) {
        return Ok(None);
    }
    let Ok(body) = serde_json::from_slice(fact.try_get(2)?) else {
        return Ok(None);
    };
    let done = boots::done_at(tx, site, &[moved.journal]).await?;
    let done = done.get(&moved.journal);
    Ok(Some(Crossing {
        is_before: done.is_some_and(|done| done.span().latest <= cut_off.at),
        inventory: cut_off.name,
        location: moved.location.clone(),
        device: fact.try_get(0)?,
        device_name: fact.try_get(1)?,
        body,
    }))
}

/// The open exceptions about cut-offs, by their place.
async fn open_crossings(tx: &Transaction, site: &str) -> Result<HashMap<String, i64>, Refused> {
    let rows = tx
        .query(
            "SELECT location, exception FROM exception
             WHERE site = $1 AND state = 'open' AND kind = 'cut_off_crossed'",
            &[&site],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

/// A fact, and the device that it comes from.
const FACT: &str = "
    SELECT journal.device, coalesce(nullif(name, ''), journal.device), body, received_us
    FROM journal LEFT JOIN device USING (site, device) WHERE site = $1 AND place = $2";

/// What facts moved at locations that were ever counted, or are in an inventory, behind one entry and up to another.
async fn moved(tx: &Transaction, site: &str, before: i64, last: i64) -> Result<Vec<Moved>, Refused> {
    let rows = tx
        .query(
            "SELECT max(entry), journal, place, item, lot, serial, sum(quantity_micro)::bigint FROM entry
             WHERE site = $1 AND entry > $2 AND entry <= $3 AND account = 'location' AND journal IS NOT NULL
                 AND (EXISTS (SELECT 1 FROM location_count
                              WHERE location_count.site = $1 AND location_count.location = entry.place)
                      OR EXISTS (SELECT 1 FROM line
                                 JOIN inventory_task
                                     ON inventory_task.site = line.site AND inventory_task.task = line.task
                                 WHERE line.site = $1 AND line.location = entry.place))
             GROUP BY journal, place, item, lot, serial HAVING sum(quantity_micro) <> 0 ORDER BY 1",
            &[&site, &before, &last],
        )
        .await?;
    let mut moved = Vec::with_capacity(rows.len());
    for row in &rows {
        moved.push(Moved {
            entry: row.try_get(0)?,
            journal: row.try_get(1)?,
            location: row.try_get(2)?,
            key: (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?),
            micro: row.try_get(6)?,
        });
    }
    Ok(moved)
}

/// A movement that may belong before the last count of its location.
async fn late(tx: &Transaction, site: &str, moved: Moved, count: &CountEnd) -> Result<Option<Late>, Refused> {
    let Some(fact) = tx.find(FACT, &[&site, &moved.journal]).await? else {
        return Ok(None);
    };
    let device: String = fact.try_get(0)?;
    if !concerns(count, &moved, &device) {
        return Ok(None);
    }
    let open = match meaning(settled(tx, site, count, &moved).await?.as_ref(), &moved) {
        Meaning::Nothing => return Ok(None),
        Meaning::Reopens => None,
        Meaning::Overlaps(exception) => Some(exception),
    };
    let done = boots::done_at(tx, site, &[moved.journal]).await?;
    let done = done.get(&moved.journal).map(|done| done.span());
    let body: Option<ConfirmationBody> = serde_json::from_slice(fact.try_get(2)?).ok();
    let (Some(done), Some(body)) = (done, body) else {
        return Ok(None);
    };
    let counted = counted(tx, site, count, &moved.location).await?;
    let late = Late {
        device_name: fact.try_get(1)?,
        done,
        counted: counted.unwrap_or(done),
        moved,
        device,
        body,
        open,
    };
    Ok((!is_undone(tx, site, &late, count).await?).then_some(late))
}

/// The last count of what was moved, whoever made it.
async fn last_count(tx: &Transaction, site: &str, moved: &Moved) -> Result<Option<CountEnd>, Refused> {
    let row = tx
        .find(
            "SELECT journal, task, item, device FROM location_count
             WHERE site = $1 AND location = $2 AND item IN ('', $3) ORDER BY journal DESC LIMIT 1",
            &[&site, &moved.location, &moved.key.0],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(CountEnd {
        journal: row.try_get(0)?,
        task: row.try_get(1)?,
        item: row.try_get(2)?,
        device: row.try_get(3)?,
    }))
}

/// What became of the difference that a count had raised about the goods.
async fn settled(
    tx: &Transaction,
    site: &str,
    count: &CountEnd,
    moved: &Moved,
) -> Result<Option<Settled>, Refused> {
    let (item, lot, serial) = &moved.key;
    let row = tx
        .find(
            "SELECT exception, kind, state, resolution, coalesce((
                 SELECT max(entry) FROM entry WHERE entry.site = $1 AND entry.document = exception.document), 0)
             FROM exception
             WHERE site = $1 AND journal = $2 AND item = $3 AND lot = $4 AND serial = $5
                 AND kind IN ('count_variance', 'count_waits', 'count_overlap')
             ORDER BY exception DESC LIMIT 1",
            &[&site, &count.journal, item, lot, serial],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Settled {
        exception: row.try_get(0)?,
        kind: row.try_get(1)?,
        state: row.try_get(2)?,
        resolution: row.try_get(3)?,
        posted: row.try_get(4)?,
    }))
}

/// Between which moments a location was counted: from the first thing that was counted there to the end.
async fn counted(
    tx: &Transaction,
    site: &str,
    count: &CountEnd,
    location: &str,
) -> Result<Option<Span>, Refused> {
    let memo = Account::counted(&count.task, location);
    let after = count.journal.saturating_sub(PLACES_MAX);
    let row = tx
        .one(
            "SELECT min(entry.journal)
             FROM entry JOIN journal ON journal.site = entry.site AND journal.place = entry.journal
             WHERE entry.site = $1 AND entry.journal > $2 AND entry.journal <= $3 AND entry.account = 'counted'
                 AND entry.place = $4 AND journal.device = $5",
            &[&site, &after, &count.journal, &memo.place, &count.device],
        )
        .await?;
    let first: i64 = row.try_get::<_, Option<i64>>(0)?.unwrap_or(count.journal);
    let done = boots::done_at(tx, site, &[first, count.journal]).await?;
    let span = |place: &i64| done.get(place).map(|done| done.span());
    let Some(ended) = span(&count.journal) else {
        return Ok(None);
    };
    Ok(Some(span(&first).unwrap_or(ended).until(ended)))
}

/// Whether the fact was taken back, or takes back one that the count did not know either.
async fn is_undone(tx: &Transaction, site: &str, late: &Late, count: &CountEnd) -> Result<bool, Refused> {
    let row = tx
        .one(
            "SELECT EXISTS (SELECT 1 FROM reversal WHERE site = $1 AND original = $2)",
            &[&site, &late.moved.journal],
        )
        .await?;
    let is_reversed: bool = row.try_get(0)?;
    let Some((epoch, seq)) = taken_back(&late.body) else {
        return Ok(is_reversed);
    };
    let (epoch, seq) = (i64::from(epoch), i64::try_from(seq)?);
    let original = tx
        .find(
            "SELECT place FROM journal WHERE site = $1 AND device = $2 AND epoch = $3 AND seq = $4",
            &[&site, &late.device, &epoch, &seq],
        )
        .await?;
    let original: Option<i64> = original.map(|row| row.try_get(0)).transpose()?;
    Ok(is_reversed || original.is_some_and(|original| original > count.journal))
}
