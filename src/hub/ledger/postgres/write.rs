//! Writing what posting came to: one statement for each table, whose parameters are columns; all sent together.

use futures_util::future::{BoxFuture, try_join_all};
use jiff::Timestamp;
use tallyman_floor::Quantity;
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::boots;
use super::error::Refused;
use super::excerpt::BalanceColumns;
use super::take::{Job, Site};
use super::transaction::Transaction;
use crate::ledger::moments::{BOOTS_MAX, Heard};
use crate::ledger::posting::{Cause, Content, Marks, ReadBatch, Rows};
use crate::ledger::text;

/// A statement that is ready to be sent.
pub(super) struct Pending<'a> {
    statement: Statement,
    values: Vec<Box<dyn ToSql + Sync + Send + 'a>>,
}

pub(super) async fn pending<'a>(
    tx: &Transaction,
    sql: &'static str,
    values: Vec<Box<dyn ToSql + Sync + Send + 'a>>,
) -> Result<Pending<'a>, Refused> {
    let statement = tx.prepare(sql).await?;
    Ok(Pending { statement, values })
}

/// Boxes the parameters of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(Box::new($value) as Box<dyn tokio_postgres::types::ToSql + Sync + Send>),*] };
}
pub(super) use values;

/// Sends statements together, `COMMIT` with them where asked for, and waits for all answers. An error of one of them
/// makes the commit a roll-back (PostgreSQL documentation, "COMMIT": in an aborted transaction it has that effect).
pub(super) async fn run_all(
    tx: &Transaction,
    statements: Vec<Pending<'_>>,
    commit: bool,
) -> Result<(), Refused> {
    let mut running: Vec<BoxFuture<'_, Result<(), Refused>>> = Vec::with_capacity(statements.len() + 1);
    for Pending { statement, values } in &statements {
        running.push(Box::pin(async move {
            let values: Vec<&(dyn ToSql + Sync)> = values
                .iter()
                .map(|value| &**value as &(dyn ToSql + Sync))
                .collect();
            tx.run(statement, &values).await?;
            Ok(())
        }));
    }
    if commit {
        running.push(Box::pin(async { Ok(tx.command("COMMIT").await?) }));
    }
    try_join_all(running).await.map(drop)
}

/// What an open exception counts grows.
const SET_ASIDE: &str = "
    UPDATE exception SET found_micro = found_micro + $3::bigint * 1000000
    WHERE site = $1 AND device = $2 AND kind = 'revoked' AND state = 'open'";

const JOURNAL: &str = "
    INSERT INTO journal (site, place, device, epoch, seq, hash, body, received_us, quarantined, task)
    SELECT $1, place, device, epoch, seq, hash, body, $2, quarantined, task
    FROM unnest($3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[], $9::text[], $10::text[])
         AS row (place, device, epoch, seq, hash, body, quarantined, task)";

const FORK: &str = "
    INSERT INTO fork (site, device, epoch, seq, hash, body, received_us)
    SELECT $1, device, epoch, seq, hash, body, $2
    FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bytea[]) AS row (device, epoch, seq, hash, body)
    ON CONFLICT DO NOTHING";

const ENTRY: &str = "
    INSERT INTO entry (site, entry, journal, document, account, place, item, lot, serial, expiry, handling_unit, status,
                       owner, quantity_micro)
    SELECT $1, entry, journal, document, account, place, item, lot, serial, expiry, handling_unit, status, owner,
           quantity_micro
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[])
         AS row (entry, journal, document, account, place, item, lot, serial, expiry, handling_unit, status, owner,
                 quantity_micro)";

const BALANCE: &str = "
    INSERT INTO balance (site, account, place, item, lot, serial, status, owner, quantity_micro)
    SELECT $1, account, place, item, lot, serial, status, owner, quantity_micro
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[])
         AS row (account, place, item, lot, serial, status, owner, quantity_micro)
    ON CONFLICT (site, account, place, item, lot, serial, status, owner)
    DO UPDATE SET quantity_micro = balance.quantity_micro + excluded.quantity_micro";

const PROGRESS: &str = "
    INSERT INTO line_progress (site, task, number, quantity_micro, closed, last_device, shared, late_micro, awaited)
    SELECT $1, task, number, quantity_micro, closed, last_device, shared, late_micro, awaited
    FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::boolean[], $6::text[], $7::boolean[], $8::bigint[],
                $9::boolean[])
         AS row (task, number, quantity_micro, closed, last_device, shared, late_micro, awaited)
    ON CONFLICT (site, task, number)
    DO UPDATE SET quantity_micro = excluded.quantity_micro, closed = excluded.closed,
                  last_device = excluded.last_device, shared = excluded.shared, late_micro = excluded.late_micro,
                  awaited = excluded.awaited";

const REVERSAL: &str = "
    INSERT INTO reversal (site, original, reversal)
    SELECT $1, original, reversal FROM unnest($2::bigint[], $3::bigint[]) AS row (original, reversal)";

const WITHDRAW: &str = "
    UPDATE exception SET state = 'withdrawn', resolved_us = $2
    WHERE site = $1 AND journal = ANY ($3) AND state = 'open'";

const EXCEPTION: &str = "
    INSERT INTO exception (site, exception, kind, state, raised_us, journal, device, worker, task, line, location, item,
                           lot, serial, found_micro, wanted_micro, reason, message, resolution, resolved_us)
    SELECT $1, exception, kind, CASE WHEN withdrawn THEN 'withdrawn' ELSE 'open' END, $2, journal, device, worker, task,
           line, location, item, lot, serial, found_micro, wanted_micro, reason, message, '',
           CASE WHEN withdrawn THEN $2::bigint END
    FROM unnest($3::bigint[], $4::text[], $5::boolean[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::bigint[],
                $11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::bigint[], $17::text[], $18::text[])
         AS row (exception, kind, withdrawn, journal, device, worker, task, line, location, item, lot, serial, found_micro,
                 wanted_micro, reason, message)";

/// Each task that was worked on takes a new number, so that devices hear of it. One statement for each, by its key, all sent
/// together: as a join this is planned as a walk over all tasks of the site while the planner believes that there are few.
const TASK: &str = "
    UPDATE task SET change_seq = $3, state = coalesce($4::text, state),
                    changed_us = CASE WHEN $4::text IS NULL THEN changed_us ELSE $5::bigint END
    WHERE site = $1 AND task = $2";

/// The first link of a code holds until a supervisor says otherwise.
const LINK: &str = "
    INSERT INTO linked_code (site, code, item, unit, pack_micro, journal) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING";

const UNLINK: &str = "DELETE FROM linked_code WHERE site = $1 AND code = $2 AND journal = $3";

const COUNTED: &str = "
    INSERT INTO location_count (site, task, number, location, item, journal, device, worker)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (site, task, number, location)
    DO UPDATE SET item = excluded.item, journal = excluded.journal, device = excluded.device, worker = excluded.worker";

const UNCOUNTED: &str = "
    DELETE FROM location_count WHERE site = $1 AND task = $2 AND number = $3 AND location = $4 AND journal = $5";

const ITEM: &str = "UPDATE item SET change_seq = $3 WHERE site = $1 AND item = $2";

const SITE: &str = "
    UPDATE site SET change_seq = $2, journal_last = $3, entry_last = $4, exception_last = $5, document_last = $6
    WHERE site = $1";

const EPOCH: &str = "
    INSERT INTO device_epoch (site, device, epoch, applied_seq, stable_seq, last_hash, forked)
    SELECT $1, device, epoch, applied_seq, CASE WHEN $2 THEN applied_seq ELSE 0 END, last_hash, forked
    FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::bytea[], $7::boolean[])
         AS row (device, epoch, applied_seq, last_hash, forked)
    ON CONFLICT (site, device, epoch)
    DO UPDATE SET applied_seq = excluded.applied_seq, last_hash = excluded.last_hash, forked = excluded.forked,
                  stable_seq = CASE WHEN $2 THEN excluded.applied_seq ELSE device_epoch.stable_seq END";

const CONTACT: &str = "
    UPDATE device SET contact_us = $3, version = $4, waiting = $5, worker = $6, open_task = $7, scanners = $8,
                      wall_us = $9, epoch = greatest(epoch, $10::bigint), battery_percent = $14, oldest_seconds = $15,
                      drained_us = CASE WHEN $11 AND epoch <= $10::bigint THEN greatest(drained_us, least($3, coalesce((
                          SELECT began_us FROM device_boot
                          WHERE device_boot.site = $1 AND device_boot.device = $2 AND boot = $12
                      ) + $13::bigint, $3))) ELSE drained_us END
    WHERE site = $1 AND device = $2";

/// How many change numbers the rows take.
pub(super) fn changes(rows: &Rows<'_>) -> i64 {
    let changed = rows.tasks.len() + rows.linked.len() + rows.unlinked.len();
    i64::try_from(changed).unwrap_or(i64::MAX)
}

/// The statements that write rows of a site; `change_seq` is the last number given away before them.
pub(super) async fn rows<'a>(
    tx: &Transaction,
    site: &'a str,
    now_us: i64,
    change_seq: i64,
    rows: &'a Rows<'_>,
) -> Result<Vec<Pending<'a>>, Refused> {
    let mut statements = Vec::new();
    if !rows.journal.is_empty() {
        statements.push(pending(tx, JOURNAL, journal(site, now_us, rows)?).await?);
    }
    if !rows.forks.is_empty() {
        statements.push(pending(tx, FORK, forks(site, now_us, rows)?).await?);
    }
    if !rows.pairs.is_empty() {
        statements.push(pending(tx, ENTRY, entries(site, rows)).await?);
        statements.push(pending(tx, BALANCE, balances(site, rows)?).await?);
    }
    statements.extend(super::units::rows(tx, site, now_us, rows).await?);
    if !rows.progress.is_empty() {
        statements.push(pending(tx, PROGRESS, progress(site, rows)).await?);
    }
    if !rows.reversals.is_empty() {
        let (originals, reversals): (Vec<i64>, Vec<i64>) = rows.reversals.iter().copied().unzip();
        statements.push(pending(tx, REVERSAL, values![site, originals, reversals]).await?);
    }
    if !rows.withdrawn.is_empty() {
        statements.push(pending(tx, WITHDRAW, values![site, now_us, &rows.withdrawn]).await?);
    }
    for (device, count) in &rows.set_aside {
        statements.push(pending(tx, SET_ASIDE, values![site, *device, *count]).await?);
    }
    if !rows.exceptions.is_empty() {
        statements.push(pending(tx, EXCEPTION, exceptions(site, now_us, rows)).await?);
    }
    statements.extend(super::claims::rows(tx, site, now_us, rows).await?);
    // Their numbers of change come with the statements below.
    let started: Vec<_> = rows.started.iter().map(|task| (task, 1, 0)).collect();
    super::master::put_tasks(
        tx,
        site,
        &started,
        Timestamp::from_microsecond(now_us).unwrap_or_default(),
    )
    .await?;
    let mut numbers = change_seq.saturating_add(1)..;
    for ((task, state), number) in rows.tasks.iter().zip(&mut numbers) {
        let task = values![site, task.as_str(), number, *state, now_us];
        statements.push(pending(tx, TASK, task).await?);
    }
    for row in &rows.counted {
        let (task, location, item) = (row.task.as_str(), row.location.as_str(), row.item.as_str());
        let (device, worker) = (row.device.as_str(), row.worker.as_str());
        let line = i64::from(row.line);
        let counted = values![site, task, line, location, item, row.journal, device, worker];
        statements.push(pending(tx, COUNTED, counted).await?);
    }
    for row in &rows.uncounted {
        let (task, location) = (row.task.as_str(), row.location.as_str());
        let uncounted = values![site, task, i64::from(row.line), location, row.journal];
        statements.push(pending(tx, UNCOUNTED, uncounted).await?);
    }
    for link in &rows.linked {
        let (code, item, unit) = (link.code.as_str(), link.item.as_str(), link.unit.as_str());
        let link = values![site, code, item, unit, link.pack_micro, link.journal];
        statements.push(pending(tx, LINK, link).await?);
    }
    for link in &rows.unlinked {
        statements.push(pending(tx, UNLINK, values![site, link.code.as_str(), link.journal]).await?);
    }
    for (link, number) in rows.linked.iter().chain(&rows.unlinked).zip(&mut numbers) {
        statements.push(pending(tx, ITEM, values![site, link.item.as_str(), number]).await?);
    }
    Ok(statements)
}

type Values<'a> = Vec<Box<dyn ToSql + Sync + Send + 'a>>;

fn journal<'a>(site: &'a str, now_us: i64, rows: &'a Rows<'_>) -> Result<Values<'a>, Refused> {
    let mut places = Vec::with_capacity(rows.journal.len());
    let mut seqs = Vec::with_capacity(rows.journal.len());
    for (place, row) in rows.places() {
        places.push(place);
        seqs.push(i64::try_from(row.record.seq)?);
    }
    let column = |of: fn(&crate::ledger::posting::JournalRow<'a>) -> &'a str| -> Vec<&'a str> {
        rows.journal.iter().map(of).collect()
    };
    let epochs: Vec<i64> = rows.journal.iter().map(|row| row.epoch.into()).collect();
    let hashes: Vec<&[u8]> = rows
        .journal
        .iter()
        .map(|row| row.record.hash_bytes().as_slice())
        .collect();
    let bodies: Vec<&[u8]> = rows.journal.iter().map(|row| row.record.body_bytes()).collect();
    let devices = column(|row| &row.from.device);
    let quarantined = column(|row| row.quarantined);
    let tasks = column(|row| match &row.record.content {
        Content::Fact(body) => body.task.as_deref().unwrap_or_default(),
        Content::Aside(_) => "",
    });
    Ok(values![
        site,
        now_us,
        places,
        devices,
        epochs,
        seqs,
        hashes,
        bodies,
        quarantined,
        tasks
    ])
}

fn forks<'a>(site: &'a str, now_us: i64, rows: &'a Rows<'_>) -> Result<Values<'a>, Refused> {
    let seqs = rows.forks.iter().map(|row| i64::try_from(row.record.seq));
    let seqs = seqs.collect::<Result<Vec<i64>, _>>()?;
    let devices: Vec<&str> = rows.forks.iter().map(|row| row.from.device.as_str()).collect();
    let epochs: Vec<i64> = rows.forks.iter().map(|row| row.epoch.into()).collect();
    let hashes: Vec<&[u8]> = rows
        .forks
        .iter()
        .map(|row| row.record.hash_text.as_bytes())
        .collect();
    let bodies: Vec<&[u8]> = rows.forks.iter().map(|row| row.record.body_bytes()).collect();
    Ok(values![site, now_us, devices, epochs, seqs, hashes, bodies])
}

fn entries<'a>(site: &'a str, rows: &'a Rows<'_>) -> Values<'a> {
    let count = 2 * rows.pairs.len();
    let mut numbers: Vec<i64> = Vec::with_capacity(count);
    let (mut journals, mut documents) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut texts: [Vec<&str>; 9] = std::array::from_fn(|_| Vec::with_capacity(count));
    let mut quantities: Vec<i64> = Vec::with_capacity(count);
    for entry in rows.entries() {
        numbers.push(entry.number);
        let (journal, document) = match entry.cause {
            Cause::Journal(place) => (Some(place), None),
            Cause::Document(document) => (None, Some(document)),
        };
        journals.push(journal);
        documents.push(document);
        let stock = &entry.pair.stock;
        let row = [
            entry.account.kind.word(),
            &entry.account.place,
            &stock.item,
            &stock.lot,
            &stock.serial,
            &stock.expiry,
            &stock.handling_unit,
            &stock.status,
            &stock.owner,
        ];
        for (column, text) in texts.iter_mut().zip(row) {
            column.push(text);
        }
        quantities.push(entry.quantity_micro);
    }
    let mut values: Values<'a> = values![site, numbers, journals, documents];
    values.extend(
        texts
            .into_iter()
            .map(|column| Box::new(column) as Box<dyn ToSql + Sync + Send>),
    );
    values.push(Box::new(quantities));
    values
}

fn balances<'a>(site: &'a str, rows: &'a Rows<'_>) -> Result<Values<'a>, Refused> {
    let sums = rows
        .balances
        .values()
        .map(|sum| i64::try_from(*sum))
        .collect::<Result<Vec<i64>, _>>()?;
    let mut values: Values<'a> = values![site];
    let columns = BalanceColumns::of(rows.balances.keys()).into_columns();
    values.extend(
        columns
            .into_iter()
            .map(|column| Box::new(column) as Box<dyn ToSql + Sync + Send>),
    );
    values.push(Box::new(sums));
    Ok(values)
}

fn progress<'a>(site: &'a str, rows: &'a Rows<'_>) -> Values<'a> {
    let (tasks, numbers): (Vec<&str>, Vec<i64>) = rows
        .progress
        .keys()
        .map(|(task, number)| (task.as_str(), i64::from(*number)))
        .unzip();
    let kept = || rows.progress.values();
    let quantities: Vec<i64> = kept().map(|progress| progress.quantity_micro).collect();
    let closed: Vec<bool> = kept().map(|progress| progress.closed).collect();
    let devices: Vec<&str> = kept().map(|progress| progress.last_device.as_str()).collect();
    let shared: Vec<bool> = kept().map(|progress| progress.shared).collect();
    let late: Vec<i64> = kept().map(|progress| progress.late_micro).collect();
    let awaited: Vec<bool> = kept().map(|progress| progress.awaited).collect();
    values![
        site, tasks, numbers, quantities, closed, devices, shared, late, awaited
    ]
}

fn exceptions<'a>(site: &'a str, now_us: i64, rows: &'a Rows<'_>) -> Values<'a> {
    let numbers: Vec<i64> = rows.exceptions().map(|(number, _)| number).collect();
    let all = || rows.exceptions.iter();
    let figure = |quantity: Option<Quantity>| quantity.map(Quantity::micro);
    let texts = |of: fn(&crate::ledger::posting::ExceptionRow) -> &str| -> Vec<&'a str> {
        rows.exceptions.iter().map(of).collect()
    };
    values![
        site,
        now_us,
        numbers,
        texts(|row| row.kind.word()),
        all().map(|row| row.withdrawn).collect::<Vec<bool>>(),
        all().map(|row| row.journal).collect::<Vec<Option<i64>>>(),
        texts(|row| &row.device),
        texts(|row| &row.worker),
        texts(|row| &row.task),
        all()
            .map(|row| row.line.map(i64::from))
            .collect::<Vec<Option<i64>>>(),
        texts(|row| &row.location),
        texts(|row| &row.item),
        texts(|row| &row.lot),
        texts(|row| &row.serial),
        all().map(|row| figure(row.found)).collect::<Vec<Option<i64>>>(),
        all().map(|row| figure(row.wanted)).collect::<Vec<Option<i64>>>(),
        texts(|row| &row.reason),
        texts(|row| &row.message),
    ]
}

/// The statement that gives the site's numbers away.
pub(super) async fn site<'a>(
    tx: &Transaction,
    name: &'a str,
    before: &Site,
    rows: &Rows<'_>,
    change_seq: i64,
) -> Result<Option<Pending<'a>>, Refused> {
    let after = rows.after();
    let change_seq = change_seq.saturating_add(changes(rows));
    let statement = pending(
        tx,
        SITE,
        values![
            name,
            change_seq,
            after.journal,
            after.entry,
            after.exception,
            before.document_last
        ],
    );
    Ok(Some(statement.await?))
}

/// What a device said with a batch, and its new marks.
pub(super) struct Contact<'a> {
    pub(super) batch: &'a ReadBatch,
    pub(super) marks: &'a Marks,
}

/// The statements that move marks, and note what devices said about themselves.
pub(super) async fn contacts<'a>(
    tx: &Transaction,
    job: &Job<'a>,
    contacts: &[Contact<'a>],
) -> Result<Vec<Pending<'a>>, Refused> {
    let (site, now_us) = (job.site, job.now_us);
    let mut statements = Vec::with_capacity(contacts.len() + 1);
    let mut seqs = Vec::with_capacity(contacts.len());
    for Contact { batch, marks } in contacts {
        seqs.push(i64::try_from(marks.applied_seq)?);
        let beat = &batch.heartbeat;
        let contact = values![
            site,
            batch.from.device.as_str(),
            now_us,
            text::cut(&beat.version),
            i64::try_from(beat.waiting).unwrap_or(i64::MAX),
            text::cut(beat.worker.as_deref().unwrap_or_default()),
            text::cut(beat.task.as_deref().unwrap_or_default()),
            text::scanners(&beat.scanners).join("\n"),
            batch.clock.wall.as_microsecond(),
            i64::from(batch.epoch),
            batch.drains(marks),
            text::cut(&batch.clock.boot),
            Heard::since_us(&batch.clock),
            beat.battery_percent.map(i64::from),
            beat.oldest_seconds
                .map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX))
        ];
        // The boot first: it says when the device had nothing left.
        if let Some(heard) = Heard::of(&batch.clock, now_us) {
            let device = batch.from.device.as_str();
            let boot = values![site, device, heard.boot, heard.began_us, now_us, BOOTS_MAX];
            statements.push(pending(tx, boots::NOTE, boot).await?);
        }
        statements.push(pending(tx, CONTACT, contact).await?);
    }
    let devices: Vec<&str> = contacts
        .iter()
        .map(|contact| contact.batch.from.device.as_str())
        .collect();
    let epochs: Vec<i64> = contacts
        .iter()
        .map(|contact| contact.batch.epoch.into())
        .collect();
    let hashes: Vec<&[u8]> = contacts
        .iter()
        .map(|contact| contact.marks.last_hash.as_bytes().as_slice())
        .collect();
    let forked: Vec<bool> = contacts.iter().map(|contact| contact.marks.forked).collect();
    let epoch = values![site, job.applied_is_stable, devices, epochs, seqs, hashes, forked];
    statements.push(pending(tx, EPOCH, epoch).await?);
    Ok(statements)
}
