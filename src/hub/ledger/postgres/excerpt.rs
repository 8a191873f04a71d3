//! Reading the part of the ledger that some batches touch: one statement for each kind of thing, all sent together.

use tallyman_floor::Quantity;
use tokio_postgres::{Row, Statement};

use super::error::Refused;
use super::transaction::Transaction;
use crate::ledger::account::{Account, AccountKind, Pair, Stock};
use crate::ledger::details::kind_of;
use crate::ledger::interpret::Tracked;
use crate::ledger::posting::{
    BalanceKey, Excerpt, Original, PlannedLine, PlannedTask, Prepared, Progress, Wanted,
};

// Each statement asks for rows by their keys, as a left join from what is asked. `LATERAL … OFFSET 0` keeps the planner from
// any other way than one look into an index for each key: while it believes that a table has a handful of rows, it would
// rather read a site's rows once and compare all of them with each key, and keeps that plan when there are thousands. Rows
// of nothing found are passed over.

const ITEMS: &str = "
    SELECT asked.item, item.lot, item.serial, item.owner
    FROM unnest($2::text[]) AS asked (item)
    LEFT JOIN LATERAL (SELECT * FROM item AS row WHERE row.site = $1 AND row.item = asked.item OFFSET 0) AS item ON true";

const LOCATIONS: &str = "
    SELECT EXISTS (SELECT 1 FROM location WHERE site = $1),
           ARRAY (SELECT asked.location FROM unnest($2::text[]) AS asked (location)
                  WHERE EXISTS (SELECT 1 FROM location WHERE site = $1 AND location.location = asked.location OFFSET 0))";

const TASKS: &str = "
    SELECT asked.task, task.state, task.revision, task.details, coalesce(claim.fence, 0),
           coalesce(claim.device, '')
    FROM unnest($2::text[]) AS asked (task)
    LEFT JOIN LATERAL (SELECT * FROM task AS row WHERE row.site = $1 AND row.task = asked.task OFFSET 0) AS task ON true
    LEFT JOIN LATERAL (SELECT * FROM claim AS row WHERE row.site = $1 AND row.task = asked.task OFFSET 0) AS claim ON true";

const LINES: &str = "
    SELECT asked.task, asked.number, line.item, line.expected_micro, done.quantity_micro, done.closed, done.last_device,
           done.shared, done.late_micro, done.awaited
    FROM unnest($2::text[], $3::bigint[]) AS asked (task, number)
    LEFT JOIN LATERAL (SELECT * FROM line AS row WHERE row.site = $1 AND row.task = asked.task
                                                   AND row.number = asked.number OFFSET 0) AS line ON true
    LEFT JOIN LATERAL (SELECT * FROM line_progress AS row WHERE row.site = $1 AND row.task = asked.task
                                                            AND row.number = asked.number OFFSET 0) AS done ON true";

const ORIGINALS: &str = "
    SELECT asked.device, asked.epoch, asked.seq, journal.place, journal.body,
           EXISTS (SELECT 1 FROM exception WHERE exception.site = $1 AND exception.journal = journal.place
                   AND exception.document IS NOT NULL),
           journal.quarantined <> ''
               OR EXISTS (SELECT 1 FROM reversal WHERE reversal.site = $1 AND reversal.original = journal.place)
    FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS asked (device, epoch, seq)
    LEFT JOIN LATERAL (SELECT * FROM journal AS row WHERE row.site = $1 AND row.device = asked.device
                                                      AND row.epoch = asked.epoch AND row.seq = asked.seq
                       OFFSET 0) AS journal ON true";

/// Entries are written in pairs, what leaves first.
const PAIRS: &str = "
    SELECT asked.journal, account, place, item, lot, serial, expiry, handling_unit, status, owner, quantity_micro
    FROM unnest($2::bigint[]) AS asked (journal)
    LEFT JOIN LATERAL (SELECT * FROM entry AS row WHERE row.site = $1 AND row.journal = asked.journal
                       OFFSET 0) AS entry ON true
    ORDER BY asked.journal, entry";

const WHOLE: &str = "
    SELECT asked.account, asked.place, item, lot, serial, status, owner, quantity_micro
    FROM unnest($2::text[], $3::text[]) AS asked (account, place)
    LEFT JOIN LATERAL (SELECT item, lot, serial, status, owner, quantity_micro FROM balance
                       WHERE balance.site = $1 AND balance.account = asked.account AND balance.place = asked.place
                         AND quantity_micro <> 0 OFFSET 0) AS held ON true";

const SERIALS: &str = "
    SELECT account, place, item, lot, asked.serial, status, owner, quantity_micro
    FROM unnest($2::text[]) AS asked (serial)
    LEFT JOIN LATERAL (SELECT account, place, item, lot, status, owner, quantity_micro FROM balance
                       WHERE balance.site = $1 AND balance.serial = asked.serial AND balance.serial <> ''
                         AND account IN ('location', 'handling_unit') OFFSET 0) AS held ON true";

const BALANCES: &str = "
    SELECT asked.*, held.quantity_micro
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
         AS asked (account, place, item, lot, serial, status, owner)
    LEFT JOIN LATERAL (SELECT quantity_micro FROM balance
                       WHERE site = $1 AND balance.account = asked.account AND balance.place = asked.place
                         AND balance.item = asked.item AND balance.lot = asked.lot AND balance.serial = asked.serial
                         AND balance.status = asked.status AND balance.owner = asked.owner OFFSET 0) AS held ON true";

const BINS: &str = "
    SELECT asked.location, asked.item, asked.lot, exception.journal
    FROM unnest($2::text[], $3::text[], $4::text[]) AS asked (location, item, lot)
    LEFT JOIN LATERAL (SELECT * FROM exception AS row
                       WHERE row.site = $1 AND row.location = asked.location AND row.item = asked.item
                         AND row.lot = asked.lot AND state = 'open' AND kind = 'negative_bin' OFFSET 0) AS exception ON true";

/// Every look by keys, with what a test may ask it for.
#[cfg(test)]
pub(crate) const LOOKS: [(&str, &str); 11] = [
    (ITEMS, "'main', '{MILK,OATS}'"),
    (TASKS, "'main', '{P-1,P-2}'"),
    (LINES, "'main', '{P-1,P-2}', '{1,2}'"),
    (ORIGINALS, "'main', '{one,two}', '{1,1}', '{1,2}'"),
    (PAIRS, "'main', '{1,2}'"),
    (super::units::STEPS, "'main', '{T-1,T-2}'"),
    (super::units::CONTENTS, "'main', '{T-1,T-2}'"),
    (WHOLE, "'main', '{location,location}', '{A-01,A-02}'"),
    (SERIALS, "'main', '{S1,S2}'"),
    (
        BALANCES,
        "'main', '{location}', '{A-01}', '{MILK}', '{\"\"}', '{\"\"}', '{available}', '{\"\"}'",
    ),
    (BINS, "'main', '{A-01}', '{MILK}', '{\"\"}'"),
];

/// The statements that nearly every batch needs, prepared before the first of them is sent: their order matters.
pub(super) struct PlanStatements {
    items: Statement,
    locations: Statement,
    tasks: Statement,
    lines: Statement,
    originals: Statement,
    whole: Statement,
    serials: Statement,
    steps: Statement,
    contents: Statement,
}

impl PlanStatements {
    pub(super) async fn prepare(tx: &Transaction) -> Result<Self, Refused> {
        Ok(Self {
            items: tx.prepare(ITEMS).await?,
            locations: tx.prepare(LOCATIONS).await?,
            tasks: tx.prepare(TASKS).await?,
            lines: tx.prepare(LINES).await?,
            originals: tx.prepare(ORIGINALS).await?,
            whole: tx.prepare(WHOLE).await?,
            serials: tx.prepare(SERIALS).await?,
            steps: tx.prepare(super::units::STEPS).await?,
            contents: tx.prepare(super::units::CONTENTS).await?,
        })
    }
}

/// Reads what the facts name.
pub(super) async fn read(
    tx: &Transaction,
    plan: &PlanStatements,
    site: &str,
    wanted: &Wanted<'_>,
) -> Result<Excerpt, Refused> {
    let mut excerpt = Excerpt::with_whole(wanted);
    // What nothing is wanted of is not asked for.
    let (items, locations, tasks, lines, originals, whole, serials, steps, contents) = tokio::try_join!(
        biased;
        read_items(tx, &plan.items, site, wanted),
        read_locations(tx, &plan.locations, site, wanted),
        read_tasks(tx, &plan.tasks, site, wanted),
        read_lines(tx, &plan.lines, site, wanted),
        read_originals(tx, &plan.originals, site, wanted),
        read_whole(tx, &plan.whole, site, wanted),
        read_serials(tx, &plan.serials, site, wanted),
        read_units(tx, &plan.steps, site, wanted),
        read_units(tx, &plan.contents, site, wanted),
    )?;
    keep_items(&items, &mut excerpt)?;
    if let Some(row) = locations.first() {
        excerpt.lists_locations = row.try_get(0)?;
        excerpt.locations = row.try_get::<_, Vec<String>>(1)?.into_iter().collect();
    }
    for row in tasks {
        let Some(state) = row.try_get(1)? else { continue };
        let task = PlannedTask {
            state,
            revision: u32::try_from(row.try_get::<_, i64>(2)?)?,
            kind: kind_of(row.try_get(3)?).ok(),
            fence: u64::try_from(row.try_get::<_, i64>(4)?)?,
            holder: row.try_get(5)?,
        };
        excerpt.tasks.insert(row.try_get(0)?, task);
    }
    for row in lines {
        keep_line(&row, &mut excerpt)?;
    }
    for row in whole.iter().chain(&serials) {
        if let Some((key, micro)) = balance_of(row)? {
            excerpt.keep_balance(key, micro);
        }
    }
    super::units::keep(&steps, &contents, &mut excerpt)?;
    keep_originals(tx, site, &originals, &mut excerpt).await?;
    Ok(excerpt)
}

type Rows = Result<Vec<Row>, Refused>;

async fn read_items(tx: &Transaction, statement: &Statement, site: &str, wanted: &Wanted<'_>) -> Rows {
    let items: Vec<&str> = wanted.items.iter().copied().collect();
    ask(tx, statement, items.is_empty(), &[&site, &items]).await
}

async fn read_locations(tx: &Transaction, statement: &Statement, site: &str, wanted: &Wanted<'_>) -> Rows {
    let locations: Vec<&str> = wanted.locations.iter().copied().collect();
    ask(tx, statement, locations.is_empty(), &[&site, &locations]).await
}

async fn read_tasks(tx: &Transaction, statement: &Statement, site: &str, wanted: &Wanted<'_>) -> Rows {
    let tasks: Vec<&str> = wanted.tasks.iter().copied().collect();
    ask(tx, statement, tasks.is_empty(), &[&site, &tasks]).await
}

async fn read_lines(tx: &Transaction, statement: &Statement, site: &str, wanted: &Wanted<'_>) -> Rows {
    let (tasks, numbers): (Vec<&str>, Vec<i64>) = wanted
        .lines
        .iter()
        .map(|(task, number)| (*task, i64::from(*number)))
        .unzip();
    ask(tx, statement, tasks.is_empty(), &[&site, &tasks, &numbers]).await
}

async fn read_originals(tx: &Transaction, statement: &Statement, site: &str, wanted: &Wanted<'_>) -> Rows {
    let mut columns: (Vec<&str>, Vec<i64>, Vec<i64>) = Default::default();
    for (device, epoch, seq) in &wanted.originals {
        // A number that no journal can reach is the number of nothing.
        if let Ok(seq) = i64::try_from(*seq) {
            columns.0.push(device);
            columns.1.push(i64::from(*epoch));
            columns.2.push(seq);
        }
    }
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [&site, &columns.0, &columns.1, &columns.2];
    ask(tx, statement, columns.0.is_empty(), &values).await
}

async fn read_whole(tx: &Transaction, statement: &Statement, site: &str, wanted: &Wanted<'_>) -> Rows {
    let (kinds, places): (Vec<&str>, Vec<&str>) = wanted
        .accounts
        .iter()
        .map(|account| (account.kind.word(), account.place.as_str()))
        .unzip();
    ask(tx, statement, kinds.is_empty(), &[&site, &kinds, &places]).await
}

async fn read_serials(tx: &Transaction, statement: &Statement, site: &str, wanted: &Wanted<'_>) -> Rows {
    let serials: Vec<&str> = wanted.serials.iter().copied().collect();
    ask(tx, statement, serials.is_empty(), &[&site, &serials]).await
}

async fn read_units(tx: &Transaction, statement: &Statement, site: &str, wanted: &Wanted<'_>) -> Rows {
    let units: Vec<&str> = wanted.units.iter().map(String::as_str).collect();
    ask(tx, statement, units.is_empty(), &[&site, &units]).await
}

async fn ask(
    tx: &Transaction,
    statement: &Statement,
    nothing: bool,
    values: super::transaction::Values<'_>,
) -> Rows {
    if nothing {
        return Ok(Vec::new());
    }
    Ok(tx.run(statement, values).await?)
}

/// Lot, serial and owner in the columns after the item; `None` where it is in no list.
fn tracked_of(row: &Row) -> Result<Option<Tracked>, Refused> {
    let Some(lot) = row.try_get(1)? else {
        return Ok(None);
    };
    Ok(Some(Tracked {
        lot,
        serial: row.try_get(2)?,
        owner: row.try_get(3)?,
    }))
}

fn keep_items(rows: &[Row], excerpt: &mut Excerpt) -> Result<(), Refused> {
    for row in rows {
        if let Some(tracked) = tracked_of(row)? {
            excerpt.items.insert(row.try_get(0)?, tracked);
        }
    }
    Ok(())
}

fn keep_line(row: &Row, excerpt: &mut Excerpt) -> Result<(), Refused> {
    let key: (String, u32) = (row.try_get(0)?, u32::try_from(row.try_get::<_, i64>(1)?)?);
    if let Some(item) = row.try_get::<_, Option<String>>(2)? {
        let expected: Option<i64> = row.try_get(3)?;
        let line = PlannedLine {
            item,
            expected: expected.map(Quantity::from_micro),
        };
        excerpt.lines.insert(key.clone(), line);
    }
    if let Some(quantity_micro) = row.try_get::<_, Option<i64>>(4)? {
        let progress = Progress {
            quantity_micro,
            closed: row.try_get(5)?,
            last_device: row.try_get(6)?,
            shared: row.try_get(7)?,
            late_micro: row.try_get(8)?,
            awaited: row.try_get(9)?,
            arrived: false,
        };
        excerpt.progress.insert(key, progress);
    }
    Ok(())
}

async fn keep_originals(
    tx: &Transaction,
    site: &str,
    rows: &[Row],
    excerpt: &mut Excerpt,
) -> Result<(), Refused> {
    let mut places = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(place) = row.try_get::<_, Option<i64>>(3)? else {
            continue;
        };
        // Not posted, or taken back already.
        if row.try_get(6)? {
            continue;
        }
        let original = Original {
            place,
            body: serde_json::from_slice(row.try_get(4)?).ok(),
            pairs: Vec::new(),
            adjusted: row.try_get(5)?,
        };
        let (epoch, seq) = (row.try_get::<_, i64>(1)?, row.try_get::<_, i64>(2)?);
        let key = (row.try_get(0)?, u32::try_from(epoch)?, u64::try_from(seq)?);
        excerpt.originals.insert(key, original);
        places.push(place);
    }
    if places.is_empty() {
        return Ok(());
    }
    let mut entries = tx.query(PAIRS, &[&site, &places]).await?;
    // A fact without goods has none.
    entries.retain(|row| {
        row.try_get::<_, Option<&str>>(1)
            .is_ok_and(|account| account.is_some())
    });
    let mut pairs: std::collections::HashMap<i64, Vec<Pair>> = Default::default();
    for [leaves, arrives] in entries.as_chunks::<2>().0 {
        let pair = Pair {
            from: account_of(leaves, 1)?,
            to: account_of(arrives, 1)?,
            stock: Stock {
                item: arrives.try_get(3)?,
                lot: arrives.try_get(4)?,
                serial: arrives.try_get(5)?,
                expiry: arrives.try_get(6)?,
                handling_unit: arrives.try_get(7)?,
                status: arrives.try_get(8)?,
                owner: arrives.try_get(9)?,
            },
            quantity: Quantity::from_micro(arrives.try_get(10)?),
        };
        pairs.entry(arrives.try_get(0)?).or_default().push(pair);
    }
    for original in excerpt.originals.values_mut() {
        original.pairs = pairs.remove(&original.place).unwrap_or_default();
    }
    Ok(())
}

/// An account in two columns, its kind and its place.
fn account_of(row: &Row, column: usize) -> Result<Account, Refused> {
    let kind = AccountKind::from_word(row.try_get(column)?).unwrap_or(AccountKind::Suspense);
    Ok(Account::new(kind, row.try_get::<_, String>(column + 1)?))
}

/// A balance in the columns account, place, item, lot, serial, status, owner, quantity; `None` where there is none.
fn balance_of(row: &Row) -> Result<Option<(BalanceKey, i64)>, Refused> {
    let Some(quantity_micro) = row.try_get(7)? else {
        return Ok(None);
    };
    let key = BalanceKey {
        account: account_of(row, 0)?,
        item: row.try_get(2)?,
        lot: row.try_get(3)?,
        serial: row.try_get(4)?,
        status: row.try_get(5)?,
        owner: row.try_get(6)?,
    };
    Ok(Some((key, quantity_micro)))
}

/// Reads what only the records' pairs tell.
pub(super) async fn read_more(
    tx: &Transaction,
    site: &str,
    prepared: &[Prepared<'_>],
    excerpt: &mut Excerpt,
) -> Result<(), Refused> {
    let more = excerpt.more(prepared);
    if !more.items.is_empty() {
        let items: Vec<&str> = more.items.iter().map(String::as_str).collect();
        keep_items(&tx.query(ITEMS, &[&site, &items]).await?, excerpt)?;
    }
    if !more.balances.is_empty() {
        let columns = BalanceColumns::of(more.balances.iter());
        for row in tx.query(BALANCES, &columns.values(&site)).await? {
            if let Some((key, micro)) = balance_of(&row)? {
                excerpt.keep_balance(key, micro);
            }
        }
        drop(columns);
        excerpt.settle(more.balances);
    }
    let at_risk = excerpt.bins_at_risk(prepared);
    if !at_risk.is_empty() {
        let mut columns: [Vec<&str>; 3] = Default::default();
        for (location, item, lot) in &at_risk {
            columns[0].push(location);
            columns[1].push(item);
            columns[2].push(lot);
        }
        let [locations, items, lots] = &columns;
        for row in tx.query(BINS, &[&site, locations, items, lots]).await? {
            let bin = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let raised: Option<i64> = row.try_get(3)?;
            excerpt.negative_bins.entry(bin).or_default().extend(raised);
        }
    }
    Ok(())
}

/// The keys of balances as columns, for `unnest`.
#[derive(Default)]
pub(super) struct BalanceColumns<'a> {
    columns: [Vec<&'a str>; 7],
}

impl<'a> BalanceColumns<'a> {
    pub(super) fn of(keys: impl Iterator<Item = &'a BalanceKey>) -> Self {
        let mut found = Self::default();
        for key in keys {
            let texts = [
                key.account.kind.word(),
                &key.account.place,
                &key.item,
                &key.lot,
                &key.serial,
                &key.status,
                &key.owner,
            ];
            for (column, text) in found.columns.iter_mut().zip(texts) {
                column.push(text);
            }
        }
        found
    }

    /// As the parameters 2 to 8, after the site.
    fn values<'v>(&'v self, site: &'v &str) -> [&'v (dyn tokio_postgres::types::ToSql + Sync); 8] {
        let [account, place, item, lot, serial, status, owner] = &self.columns;
        [site, account, place, item, lot, serial, status, owner]
    }

    /// The columns, in the order of the key.
    pub(super) fn into_columns(self) -> [Vec<&'a str>; 7] {
        self.columns
    }
}

/// What items track; those that are in no list are left out.
pub(super) async fn tracked(
    tx: &Transaction,
    site: &str,
    items: &[&str],
) -> Result<Vec<(String, Tracked)>, Refused> {
    let mut excerpt = Excerpt::default();
    keep_items(&tx.query(ITEMS, &[&site, &items]).await?, &mut excerpt)?;
    Ok(excerpt.items.into_iter().collect())
}
