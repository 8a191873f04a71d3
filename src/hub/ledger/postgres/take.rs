//! Taking batches of one site: one transaction that skips what is known, journals the rest, posts it, and moves the
//! marks, in three turns with the server however many records there are.
//!
//! 1. `BEGIN`, the lock of the site's row, and everything that the records name.
//! 2. The balances that their pairs touch.
//! 3. All rows, and `COMMIT`.
//!
//! The statements of a turn are sent together and answered together. The lock comes first: PostgreSQL takes a new
//! snapshot for each statement that follows, and so each of them sees what the transaction before this one committed.
//!
//! Group commit: several devices' batches share a transaction, where they waited for the same site. That is measured in
//! docs/benchmarks.md: commits of one site come one after the other, so PostgreSQL's own group commit works between
//! sites and cannot work within one.

use std::collections::HashMap;
use std::ops::Range;

use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::Outcome;
use tokio_postgres::Row;

use super::error::{Fault, Refused};
use super::excerpt::{self, PlanStatements};
use super::transaction::Transaction;
use super::write::{self, Contact};
use crate::ledger::Taken;
use crate::ledger::posting::{
    Aside, Earlier, Excerpt, ForkRow, Hold, Marks, Numbers, Posting, Prepared, ReadBatch, Rows, Sifted,
    Standing, Wanted, outcome,
};

/// How carefully batches are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Straight on: an error of the database takes the whole transaction back.
    Plain,
    /// Each record behind a savepoint; one that the database refuses is kept as it came and steps aside.
    EachAlone,
}

/// The site's row, locked.
pub(super) struct Site {
    pub(super) change_seq: i64,
    pub(super) numbers: Numbers,
    pub(super) document_last: i64,
    pub(super) generation: String,
}

/// Locks a site's row. `FOR NO KEY UPDATE`: rows that only refer to the site need not wait.
pub(super) const LOCK: &str = "
    SELECT change_seq, journal_last, entry_last, exception_last, document_last, (SELECT generation FROM hub)
    FROM site WHERE site = $1 FOR NO KEY UPDATE";

impl Site {
    pub(super) fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            change_seq: row.try_get(0)?,
            numbers: Numbers {
                journal: row.try_get(1)?,
                entry: row.try_get(2)?,
                exception: row.try_get(3)?,
            },
            document_last: row.try_get(4)?,
            generation: row.try_get(5)?,
        })
    }

    /// Locks the row of a site that there is.
    pub(super) async fn lock(tx: &Transaction, site: &str) -> Result<Option<Self>, Refused> {
        let row = tx.find(LOCK, &[&site]).await?;
        Ok(row.map(|row| Self::of(&row)).transpose()?)
    }
}

/// What a transaction works on.
pub(super) struct Job<'a> {
    pub(super) site: &'a str,
    pub(super) batches: &'a [ReadBatch],
    pub(super) now_us: i64,
    /// Whether what is applied counts as stable at once.
    pub(super) applied_is_stable: bool,
}

/// A batch with what is to be done about it.
struct Desk<'a> {
    batch: &'a ReadBatch,
    standing: Standing,
    sifted: Sifted,
    marks: Marks,
    outcomes: Vec<Outcome>,
}

/// Takes batches of different devices of one site, and commits.
pub(super) async fn take(mut tx: Transaction, job: &Job<'_>, care: Care) -> Result<Vec<Taken>, Refused> {
    let done = match care {
        Care::Plain => take_together(&tx, job).await,
        Care::EachAlone => take_each_alone(&tx, job).await,
    };
    match done {
        Ok(taken) => {
            tx.ended();
            Ok(taken)
        }
        Err(refused) => {
            tx.roll_back().await;
            Err(refused)
        }
    }
}

async fn take_together(tx: &Transaction, job: &Job<'_>) -> Result<Vec<Taken>, Refused> {
    let mut wanted = Wanted::default();
    for batch in job.batches {
        for body in batch.facts(0..batch.records.len()) {
            wanted.add(&batch.from.device, body);
        }
    }
    let (site, marks, mut excerpt) = first_turn(tx, job, &wanted).await?;
    let mut desks = desks(tx, job, marks).await?;
    let mut prepared: Vec<Prepared<'_>> = Vec::new();
    for desk in &desks {
        prepared.extend(prepare(&mut excerpt, desk.batch, desk.sifted.new.clone()));
    }
    excerpt::read_more(tx, job.site, &prepared, &mut excerpt).await?;
    let mut posting = Posting::begin(excerpt, site.numbers);
    let mut prepared = prepared.into_iter();
    for desk in &mut desks {
        keep_second_story(tx, desk, &mut posting).await?;
        let new = prepared.by_ref().take(desk.sifted.new.len());
        match desk.standing.hold {
            Hold::None => {
                for prepared in new {
                    desk.outcomes.extend(posting.take(prepared));
                }
            }
            hold => {
                let told = posting.set_aside(&desk.batch.from.device, hold, new);
                desk.outcomes.extend(told);
            }
        }
        desk.advance();
    }
    let rows = posting.finish();
    finish(tx, job, &site, site.change_seq, &rows, &desks).await?;
    Ok(taken(desks, &site.generation, job))
}

/// The first turn with the server.
async fn first_turn(
    tx: &Transaction,
    job: &Job<'_>,
    wanted: &Wanted<'_>,
) -> Result<(Site, MarksOfEpochs, Excerpt), Refused> {
    let lock = tx.prepare(LOCK).await?;
    let read_marks = tx.prepare(MARKS).await?;
    let plan = PlanStatements::prepare(tx).await?;
    let devices: Vec<&str> = job
        .batches
        .iter()
        .map(|batch| batch.from.device.as_str())
        .collect();
    let epochs: Vec<i64> = job.batches.iter().map(|batch| batch.epoch.into()).collect();
    // In the order of the arguments: nothing is read before the lock is held.
    let ((), site, marks, excerpt) = tokio::try_join!(
        biased;
        async { Ok::<_, Refused>(tx.command("BEGIN ISOLATION LEVEL READ COMMITTED").await?) },
        async { Ok(tx.run(&lock, &[&job.site]).await?) },
        async { Ok(tx.run(&read_marks, &[&job.site, &devices, &epochs]).await?) },
        excerpt::read(tx, &plan, job.site, wanted),
    )?;
    let site = site
        .first()
        .map(Site::of)
        .transpose()?
        .ok_or_else(|| crate::ledger::LedgerError::UnknownSite(job.site.to_owned()))?;
    let marks = marks.iter().map(marks_of).collect::<Result<_, Refused>>()?;
    Ok((site, marks, excerpt))
}

const MARKS: &str = "
    SELECT asked.device, asked.epoch, marks.applied_seq, marks.stable_seq, marks.last_hash, marks.forked,
           coalesce((SELECT revoked_us IS NOT NULL FROM device
                     WHERE device.site = $1 AND device.device = asked.device), false),
           EXISTS (SELECT 1 FROM exception
                   WHERE exception.site = $1 AND exception.device = asked.device AND kind = 'revoked' AND state = 'open')
    FROM unnest($2::text[], $3::bigint[]) AS asked (device, epoch)
    LEFT JOIN device_epoch AS marks
         ON marks.site = $1 AND marks.device = asked.device AND marks.epoch = asked.epoch";

/// Marks of devices in epochs, and whether the facts of each are set aside.
type MarksOfEpochs = HashMap<EpochOfDevice, (Marks, Hold)>;

/// A device and an epoch of it.
type EpochOfDevice = (String, u32);

/// The marks of a device's epoch. One that the hub does not know starts at nothing: a hub that was restored is refilled
/// by its devices.
fn marks_of(row: &Row) -> Result<(EpochOfDevice, (Marks, Hold)), Refused> {
    let marks = match row.try_get::<_, Option<i64>>(2)? {
        None => Marks::START,
        Some(applied_seq) => {
            let hash: &[u8] = row.try_get(4)?;
            Marks {
                applied_seq: u64::try_from(applied_seq)?,
                stable_seq: u64::try_from(row.try_get::<_, i64>(3)?)?,
                last_hash: ChainHash::from_slice(hash).unwrap_or(ChainHash::START),
                forked: row.try_get(5)?,
            }
        }
    };
    let hold = Hold::of(row.try_get(6)?, row.try_get(7)?);
    let epoch = u32::try_from(row.try_get::<_, i64>(1)?)?;
    Ok(((row.try_get(0)?, epoch), (marks, hold)))
}

/// What is to be done about each batch.
async fn desks<'a>(
    tx: &Transaction,
    job: &Job<'a>,
    mut marks: MarksOfEpochs,
) -> Result<Vec<Desk<'a>>, Refused> {
    let mut desks = Vec::with_capacity(job.batches.len());
    for batch in job.batches {
        let key = (batch.from.device.clone(), batch.epoch);
        let (marks, hold) = marks.remove(&key).unwrap_or((Marks::START, Hold::None));
        let repeats = batch.records.iter().any(|record| record.seq <= marks.applied_seq);
        let earlier = if repeats {
            read_earlier(tx, batch, marks.applied_seq).await?
        } else {
            HashMap::new()
        };
        let standing = Standing { marks, earlier, hold };
        let mut sifted = standing.sift(batch);
        desks.push(Desk {
            batch,
            marks: standing.marks.clone(),
            outcomes: std::mem::take(&mut sifted.repeated),
            sifted,
            standing,
        });
    }
    Ok(desks)
}

const EARLIER: &str = "
    SELECT asked.seq, journal.hash, raised.kind, raised.message
    FROM unnest($4::bigint[]) AS asked (seq)
    LEFT JOIN journal ON journal.site = $1 AND journal.device = $2 AND journal.epoch = $3 AND journal.seq = asked.seq
    LEFT JOIN LATERAL (
        SELECT kind, message FROM exception
        WHERE exception.site = $1 AND exception.journal = journal.place ORDER BY exception LIMIT 1
    ) AS raised ON true";

/// What the journal has under the batch's numbers, and what their sender was told: the first exception that each raised.
async fn read_earlier(
    tx: &Transaction,
    batch: &ReadBatch,
    applied_seq: u64,
) -> Result<HashMap<u64, Earlier>, Refused> {
    let from = &batch.from;
    let seqs: Vec<i64> = batch
        .records
        .iter()
        .filter(|record| record.seq <= applied_seq)
        .filter_map(|record| i64::try_from(record.seq).ok())
        .collect();
    let rows = tx
        .query(
            EARLIER,
            &[&from.site, &from.device, &i64::from(batch.epoch), &seqs],
        )
        .await?;
    let mut earlier = HashMap::with_capacity(rows.len());
    for row in rows {
        let seq = u64::try_from(row.try_get::<_, i64>(0)?)?;
        let hash: Option<&[u8]> = row.try_get(1)?;
        let Some(hash) = hash.and_then(ChainHash::from_slice) else {
            continue;
        };
        let kind: Option<&str> = row.try_get(2)?;
        let message: Option<&str> = row.try_get(3)?;
        let outcome = kind.map(|kind| outcome(seq, kind, message.unwrap_or_default()));
        earlier.insert(seq, Earlier { hash, outcome });
    }
    Ok(earlier)
}

fn prepare<'a>(excerpt: &mut Excerpt, batch: &'a ReadBatch, new: Range<usize>) -> Vec<Prepared<'a>> {
    let records = batch.records.get(new).unwrap_or_default();
    records
        .iter()
        .map(|record| excerpt.prepare(&batch.from, batch.epoch, record))
        .collect()
}

/// The device's journal is not the one the hub has: keep what it says now, and take nothing more in this epoch.
async fn keep_second_story<'a>(
    tx: &Transaction,
    desk: &mut Desk<'a>,
    posting: &mut Posting<'a>,
) -> Result<(), Refused> {
    let Some(first) = desk.sifted.second_story else {
        return Ok(());
    };
    let batch = desk.batch;
    let from = &batch.from;
    let row = tx
        .one(
            "SELECT count(*) FROM fork WHERE site = $1 AND device = $2",
            &[&from.site, &from.device],
        )
        .await?;
    let kept = u64::try_from(row.try_get::<_, i64>(0)?)?;
    let records = desk.standing.to_keep(batch, first, kept).map(|record| ForkRow {
        from,
        epoch: batch.epoch,
        record,
    });
    posting.fork(&from.device, records, !desk.standing.marks.forked);
    desk.marks.forked = true;
    Ok(())
}

impl Desk<'_> {
    /// Moves the mark behind what was taken.
    fn advance(&mut self) {
        let new = self.batch.records.get(self.sifted.new.clone());
        if let Some(last) = new.and_then(<[_]>::last) {
            self.marks.applied_seq = last.seq;
            self.marks.last_hash = last.hash;
        }
    }
}

/// The last turn: all rows, and the commit.
async fn finish(
    tx: &Transaction,
    job: &Job<'_>,
    site: &Site,
    change_seq: i64,
    rows: &Rows<'_>,
    desks: &[Desk<'_>],
) -> Result<(), Refused> {
    let contacts: Vec<Contact<'_>> = desks
        .iter()
        .map(|desk| Contact {
            batch: desk.batch,
            marks: &desk.marks,
        })
        .collect();
    let mut statements = write::rows(tx, job.site, job.now_us, change_seq, rows).await?;
    statements.extend(write::contacts(tx, job, &contacts).await?);
    statements.extend(write::site(tx, job.site, site, rows, change_seq).await?);
    write::run_all(tx, statements, true).await
}

fn taken(desks: Vec<Desk<'_>>, generation: &str, job: &Job<'_>) -> Vec<Taken> {
    let one = |desk: Desk<'_>| Taken {
        generation: generation.to_owned(),
        epoch: desk.batch.epoch,
        applied_seq: desk.marks.applied_seq,
        stable_seq: if job.applied_is_stable {
            desk.marks.applied_seq
        } else {
            desk.marks.stable_seq
        },
        expected_seq: desk.sifted.expected_seq,
        fork: desk.sifted.second_story.is_some(),
        outcomes: desk.outcomes,
        new_records: desk.sifted.new.len(),
    };
    desks.into_iter().map(one).collect()
}

/// Takes the batches record by record, each behind a savepoint: what the database refuses steps aside. Slow, and for
/// batches alone of which it has refused something.
async fn take_each_alone(tx: &Transaction, job: &Job<'_>) -> Result<Vec<Taken>, Refused> {
    let (mut site, marks, _) = first_turn(tx, job, &Wanted::default()).await?;
    let mut desks = desks(tx, job, marks).await?;
    for desk in &mut desks {
        let mut posting = Posting::begin(Excerpt::default(), site.numbers);
        keep_second_story(tx, desk, &mut posting).await?;
        if desk.standing.hold != Hold::None {
            let new = prepare(&mut Excerpt::default(), desk.batch, desk.sifted.new.clone());
            let told = posting.set_aside(&desk.batch.from.device, desk.standing.hold, new.into_iter());
            desk.outcomes.extend(told);
            site.write(tx, job, &posting.finish()).await?;
            desk.advance();
            continue;
        }
        site.write(tx, job, &posting.finish()).await?;
        for index in desk.sifted.new.clone() {
            let told = take_one(tx, job, &mut site, desk.batch, index).await?;
            desk.outcomes.extend(told);
        }
        desk.advance();
    }
    let nothing = Rows {
        before: site.numbers,
        ..Rows::default()
    };
    finish(tx, job, &site, site.change_seq, &nothing, &desks).await?;
    Ok(taken(desks, &site.generation, job))
}

pub(super) async fn take_one(
    tx: &Transaction,
    job: &Job<'_>,
    site: &mut Site,
    batch: &ReadBatch,
    index: usize,
) -> Result<Vec<Outcome>, Refused> {
    tx.command("SAVEPOINT record").await?;
    match post_one(tx, job, site, batch, index).await {
        Ok(told) => {
            tx.command("RELEASE record").await?;
            Ok(told)
        }
        Err(refused) if refused.fault() == Fault::Own => {
            tx.command("ROLLBACK TO record; RELEASE record").await?;
            let Some(record) = batch.records.get(index) else {
                return Ok(Vec::new());
            };
            let mut posting = Posting::begin(Excerpt::default(), site.numbers);
            let prepared = Prepared::plain(&batch.from, batch.epoch, record);
            let told = posting.take_aside(&prepared, Aside::ledger(refused));
            site.write(tx, job, &posting.finish()).await?;
            Ok(told.into_iter().collect())
        }
        Err(refused) => Err(refused),
    }
}

async fn post_one(
    tx: &Transaction,
    job: &Job<'_>,
    site: &mut Site,
    batch: &ReadBatch,
    index: usize,
) -> Result<Vec<Outcome>, Refused> {
    let mut wanted = Wanted::default();
    for body in batch.facts(index..index + 1) {
        wanted.add(&batch.from.device, body);
    }
    let plan = PlanStatements::prepare(tx).await?;
    let mut excerpt = excerpt::read(tx, &plan, job.site, &wanted).await?;
    let prepared = prepare(&mut excerpt, batch, index..index + 1);
    excerpt::read_more(tx, job.site, &prepared, &mut excerpt).await?;
    let mut posting = Posting::begin(excerpt, site.numbers);
    let told = prepared
        .into_iter()
        .filter_map(|prepared| posting.take(prepared))
        .collect();
    site.write(tx, job, &posting.finish()).await?;
    Ok(told)
}

impl Site {
    /// Keeps the numbers that were given away.
    pub(super) async fn keep_numbers(&self, tx: &Transaction, name: &str) -> Result<(), Refused> {
        let nothing = Rows {
            before: self.numbers,
            ..Rows::default()
        };
        let statement = write::site(tx, name, self, &nothing, self.change_seq).await?;
        write::run_all(tx, statement.into_iter().collect(), false).await
    }

    /// Writes rows within the transaction, and goes on from their numbers.
    async fn write(&mut self, tx: &Transaction, job: &Job<'_>, rows: &Rows<'_>) -> Result<(), Refused> {
        let statements = write::rows(tx, job.site, job.now_us, self.change_seq, rows).await?;
        write::run_all(tx, statements, false).await?;
        self.change_seq += write::changes(rows);
        self.numbers = rows.after();
        Ok(())
    }
}
