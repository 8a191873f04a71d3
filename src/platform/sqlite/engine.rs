//! The writer's transactions: jobs in, one commit, answers out. It runs on whatever thread owns it.
//!
//! Several jobs may share one commit, each inside a savepoint of its own, so that one that fails does not
//! spoil the others. No answer leaves before the commit has returned, refusals included: a job may have been
//! refused because of what another job of the same commit had written, and that is not true before it is on
//! disk.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, ffi};

use super::error::code_of;
use super::job::{Fate, Job};
use super::{Checkpoint, Database, Death};

/// What everyone may read while the engine works.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) path: PathBuf,
    pub(super) commits: AtomicU64,
    pub(super) jobs: AtomicU64,
    pub(super) last_commit_us: AtomicU64,
    pub(super) wal_pages: AtomicU64,
    pub(super) dead: OnceLock<Arc<Death>>,
}

pub(super) struct Engine<C> {
    database: Database,
    context: C,
    checkpoint_pages: u32,
    shared: Arc<Shared>,
}

/// What became of one job inside the open transaction.
enum Step {
    /// It is part of the transaction.
    Kept,
    /// It was taken back alone.
    Undone(Fate),
    /// The whole transaction is gone, and so are the jobs before it.
    Lost(Fate),
}

impl<C: Clone> Engine<C> {
    /// Takes the file over, checkpoints included.
    pub(super) fn new(database: Database, context: C, checkpoint_pages: u32) -> rusqlite::Result<Engine<C>> {
        // SQLite's own checkpoints run inside COMMIT, where they delay the answer, and their errors are
        // dropped (sqlite3WalDefaultHook). Here they run after the answers, and their errors count.
        set_autocheckpoint_off(database.connection())?;
        let shared = Shared {
            path: database.path().to_path_buf(),
            commits: AtomicU64::new(0),
            jobs: AtomicU64::new(0),
            last_commit_us: AtomicU64::new(0),
            wal_pages: AtomicU64::new(0),
            dead: OnceLock::new(),
        };
        Ok(Engine {
            database,
            context,
            checkpoint_pages,
            shared: Arc::new(shared),
        })
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Runs these jobs in as few commits as their failures allow, and answers each.
    pub(super) fn process(&mut self, mut jobs: VecDeque<Box<dyn Job<C>>>) {
        while !jobs.is_empty() {
            if let Some(death) = self.shared.dead.get() {
                let fate = Fate::Dead(Arc::clone(death));
                answer_all(jobs.drain(..), &fate);
                return;
            }
            jobs = self.commit_together(jobs);
            self.settle();
        }
        self.checkpoint_where_due();
    }

    /// One transaction for these jobs. Gives back those whose turn did not come because the transaction was
    /// lost.
    fn commit_together(&mut self, mut jobs: VecDeque<Box<dyn Job<C>>>) -> VecDeque<Box<dyn Job<C>>> {
        let Engine {
            database,
            context,
            shared,
            ..
        } = self;
        let grouped = jobs.len() > 1;
        let transaction = match database
            .connection_mut()
            .transaction_with_behavior(TransactionBehavior::Immediate)
        {
            Ok(transaction) => transaction,
            Err(error) => {
                let fate = judge(&error, shared);
                answer_all(jobs.drain(..), &fate);
                return jobs;
            }
        };
        let mut draft = context.clone();
        let mut kept = Vec::with_capacity(jobs.len());
        let mut undone = Vec::new();
        while let Some(mut job) = jobs.pop_front() {
            match step(&transaction, job.as_mut(), &mut draft, grouped, shared) {
                Step::Kept => kept.push(job),
                Step::Undone(fate) => undone.push((job, fate)),
                Step::Lost(fate) => {
                    drop(transaction);
                    let others = kept.into_iter().chain(undone.into_iter().map(|(job, _)| job));
                    answer_all(others, &fate.for_the_others());
                    job.answer(fate);
                    return jobs;
                }
            }
        }
        if kept.is_empty() {
            drop(transaction);
            undone.into_iter().for_each(|(job, fate)| job.answer(fate));
            return jobs;
        }
        match commit(transaction, kept.len(), shared) {
            Ok(()) => {
                *context = draft;
                answer_all(kept, &Fate::Committed);
                undone.into_iter().for_each(|(job, fate)| job.answer(fate));
            }
            Err(fate) => answer_all(
                kept.into_iter().chain(undone.into_iter().map(|(job, _)| job)),
                &fate,
            ),
        }
        jobs
    }

    /// Copies the log into the file and cuts it to nothing, as far as readers allow. For idle moments: a
    /// short log is little to lose when a bit of it flips.
    pub(super) fn checkpoint_truncate(&mut self) -> Result<Checkpoint, Fate> {
        if let Some(death) = self.shared.dead.get() {
            return Err(Fate::Dead(Arc::clone(death)));
        }
        self.checkpoint("TRUNCATE")
    }

    fn checkpoint_where_due(&mut self) {
        if self.shared.dead.get().is_some() {
            return;
        }
        let due = match checkpoint_pragma(self.database.connection(), "NOOP") {
            Ok(now) => {
                self.shared
                    .wal_pages
                    .store(u64::from(now.log_pages), Ordering::Relaxed);
                now.log_pages.saturating_sub(now.copied_pages) >= self.checkpoint_pages
            }
            Err(_) => false,
        };
        if due {
            // A full disk or a busy reader: the log keeps everything, and the next commit tries again.
            // Anything worse has killed the writer.
            let _ = self.checkpoint("PASSIVE");
        }
    }

    fn checkpoint(&mut self, mode: &str) -> Result<Checkpoint, Fate> {
        let connection = self.database.connection();
        let patience_ms = u64::from(self.database.options().busy_timeout_ms);
        // A long reader must not hold up the next commit: copy what can be copied now.
        let outcome = connection
            .busy_timeout(Duration::ZERO)
            .and_then(|()| checkpoint_pragma(connection, mode))
            .and_then(|done| {
                connection
                    .busy_timeout(Duration::from_millis(patience_ms))
                    .map(|()| done)
            });
        match outcome {
            Ok(done) => {
                self.shared
                    .wal_pages
                    .store(u64::from(done.log_pages), Ordering::Relaxed);
                Ok(done)
            }
            Err(error) => {
                let fate = judge(&error, &self.shared);
                self.settle();
                Err(fate)
            }
        }
    }

    /// Makes sure that no transaction stays open, whatever happened.
    fn settle(&mut self) {
        if !self.database.connection().is_autocommit() {
            die(
                "a failed transaction could not be taken back".to_owned(),
                &self.shared,
            );
        }
        if self.shared.dead.get().is_some() {
            self.database.abandon_log();
        }
    }
}

fn step<C: Clone>(
    transaction: &Transaction<'_>,
    job: &mut dyn Job<C>,
    draft: &mut C,
    grouped: bool,
    shared: &Shared,
) -> Step {
    let savepoint = |sql: &str| {
        if grouped {
            transaction
                .prepare_cached(sql)
                .and_then(|mut sql| sql.execute([]))
                .map(drop)
        } else {
            Ok(())
        }
    };
    if let Err(error) = savepoint("SAVEPOINT job") {
        return Step::Lost(judge(&error, shared));
    }
    let mut own = draft.clone();
    let outcome = catch_unwind(AssertUnwindSafe(|| job.work(transaction, &mut own)));
    let fate = match outcome {
        Ok(Ok(())) if !transaction.is_autocommit() => {
            return match savepoint("RELEASE job") {
                Ok(()) => {
                    *draft = own;
                    Step::Kept
                }
                Err(error) => Step::Lost(judge(&error, shared)),
            };
        }
        Ok(Ok(())) => Fate::Aborted("the job's transaction ended before the job did".to_owned()),
        Ok(Err(code)) => judge_job(code, shared),
        Err(panic) => Fate::Panicked(panic_message(panic.as_ref())),
    };
    // After running out of disk or memory, or an input-output error, SQLite takes the whole transaction back
    // by itself (https://www.sqlite.org/lang_transaction.html, section 2.2).
    if transaction.is_autocommit() {
        let fate = if matches!(fate, Fate::Refused) {
            Fate::Aborted("SQLite gave no reason".to_owned())
        } else {
            fate
        };
        return Step::Lost(fate);
    }
    if let Fate::Dead(_) = fate {
        return Step::Lost(fate);
    }
    match savepoint("ROLLBACK TO job").and_then(|()| savepoint("RELEASE job")) {
        Ok(()) => Step::Undone(fate),
        Err(error) => Step::Lost(judge(&error, shared)),
    }
}

fn commit(transaction: Transaction<'_>, jobs: usize, shared: &Shared) -> Result<(), Fate> {
    let started = Instant::now();
    let done = transaction.commit();
    let took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    match done {
        Ok(()) => {
            shared.commits.fetch_add(1, Ordering::Relaxed);
            shared.jobs.fetch_add(jobs as u64, Ordering::Relaxed);
            shared.last_commit_us.store(took_us, Ordering::Relaxed);
            Ok(())
        }
        Err(error) => Err(judge(&error, shared)),
    }
}

/// What an error of the writer's own statements means. Whatever is not known to be harmless is the end.
fn judge(error: &rusqlite::Error, shared: &Shared) -> Fate {
    match code_of(error).map(|error| error.code) {
        Some(ErrorCode::DiskFull) => Fate::Full(shared.path.clone()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fate::Busy(shared.path.clone()),
        // A deferred foreign key that points nowhere shows at COMMIT only.
        Some(ErrorCode::OutOfMemory | ErrorCode::OperationInterrupted | ErrorCode::ConstraintViolation) => {
            Fate::Aborted(error.to_string())
        }
        _ => Fate::Dead(die(error.to_string(), shared)),
    }
}

/// What an error of a job means: its own business, unless the disk is behind it.
fn judge_job(code: Option<ffi::Error>, shared: &Shared) -> Fate {
    match code {
        Some(error) if error.code == ErrorCode::SystemIoFailure => Fate::Dead(die(error.to_string(), shared)),
        Some(error) if error.code == ErrorCode::DiskFull => Fate::Full(shared.path.clone()),
        Some(error)
            if matches!(
                error.code,
                ErrorCode::OutOfMemory | ErrorCode::OperationInterrupted
            ) =>
        {
            Fate::Aborted(error.to_string())
        }
        _ => Fate::Refused,
    }
}

fn die(cause: String, shared: &Shared) -> Arc<Death> {
    let death = shared.dead.get_or_init(|| {
        tracing::error!(path = %shared.path.display(), cause, "the store takes no more writes");
        Arc::new(Death {
            path: shared.path.clone(),
            cause,
        })
    });
    Arc::clone(death)
}

fn answer_all<C>(jobs: impl IntoIterator<Item = Box<dyn Job<C>>>, fate: &Fate) {
    jobs.into_iter().for_each(|job| job.answer(fate.clone()));
}

fn set_autocheckpoint_off(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))
}

fn checkpoint_pragma(connection: &Connection, mode: &str) -> rusqlite::Result<Checkpoint> {
    let pages = |row: &rusqlite::Row<'_>, column| -> rusqlite::Result<u32> {
        // -1 where there is no log yet.
        row.get::<_, i64>(column)
            .map(|pages| u32::try_from(pages).unwrap_or(0))
    };
    connection
        .prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?
        .query_row([], |row| {
            Ok(Checkpoint {
                complete: row.get::<_, i64>(0)? == 0 && pages(row, 1)? == pages(row, 2)?,
                log_pages: pages(row, 1)?,
                copied_pages: pages(row, 2)?,
            })
        })
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}
