//! The one writer of a store file: jobs go in, and each answer comes after its commit.
//!
//! A writer has a thread of its own ([`Writer::spawn`]), or none ([`Writer::inline`]): then each job runs at
//! once on the caller's thread, in the caller's order, which is what a simulator needs. Both behave alike in
//! everything else.

use std::cell::Cell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Transaction;
use tokio::sync::{mpsc, oneshot};

use super::engine::{Engine, Shared};
use super::job::{Fate, Job, Task};
use super::{Database, Death, WriteError};

/// Most jobs that may share a commit: beyond about a hundred the sync is no longer what costs, and each job
/// more only makes the others wait.
pub const BATCH_JOBS_MAX: usize = 1_000;

/// How a writer with a thread works.
#[derive(Debug, Clone)]
pub struct WriterOptions {
    /// The thread's name, at most 15 bytes for `top` and `gdb` to show it whole.
    pub thread_name: String,
    /// Jobs that may wait; whoever comes later waits for a place.
    pub queue_jobs_max: usize,
    /// Jobs that may share one commit, 1 to [`BATCH_JOBS_MAX`]. With 1 each has its own. The writer never
    /// waits for a batch to fill: it takes what is there.
    pub batch_jobs_max: usize,
    /// The log is copied into the file when so many pages are waiting, after the answers have gone out.
    pub checkpoint_pages: u32,
}

impl WriterOptions {
    /// One commit for each job, a queue of 64, a checkpoint every 1000 pages: for a device with one worker.
    pub fn one_by_one(thread_name: &str) -> WriterOptions {
        WriterOptions {
            thread_name: thread_name.to_owned(),
            queue_jobs_max: 64,
            batch_jobs_max: 1,
            checkpoint_pages: CHECKPOINT_PAGES,
        }
    }

    /// Up to 64 jobs share a commit, a queue of 256: for a hub with many devices.
    pub fn grouped(thread_name: &str) -> WriterOptions {
        WriterOptions {
            queue_jobs_max: 256,
            batch_jobs_max: 64,
            ..WriterOptions::one_by_one(thread_name)
        }
    }
}

/// Pages between checkpoints: SQLite's default, 4 MB of log at 4096 bytes a page.
const CHECKPOINT_PAGES: u32 = 1000;

/// What a writer has done so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterStatus {
    /// Commits since the writer started.
    pub commits: u64,
    /// Jobs in those commits.
    pub jobs: u64,
    /// How long the last commit took, its sync included.
    pub last_commit: Duration,
    /// Pages in the write-ahead log.
    pub wal_pages: u64,
    /// Jobs that wait for their turn.
    pub queued: usize,
    /// Why nothing is stored any more, if so.
    pub dead: Option<Arc<Death>>,
}

/// What a checkpoint found and did, in pages of the write-ahead log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Everything in the log is in the file too.
    pub complete: bool,
    /// Pages in the log.
    pub log_pages: u32,
    /// Pages of it that are in the file.
    pub copied_pages: u32,
}

/// A handle on the one writer of a store file. Clones share it; when the last one is dropped, the jobs
/// already queued are done, the file is closed and its ownership given up before `drop` returns.
///
/// `C` is what the writer remembers between jobs, such as the last sequence number: [`Writer::run_with`]
/// gives it to a job as a copy, and the copy is kept only if the job's commit succeeds. So memory and file
/// never disagree.
pub struct Writer<C = ()> {
    inner: Arc<Inner<C>>,
}

impl<C> Clone for Writer<C> {
    fn clone(&self) -> Self {
        Writer {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<C> std::fmt::Debug for Writer<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.inner.shared.path)
            .finish_non_exhaustive()
    }
}

struct Inner<C> {
    shared: Arc<Shared>,
    seat: Seat<C>,
}

/// Where the engine runs.
enum Seat<C> {
    Inline(Box<Mutex<Engine<C>>>),
    // Both are taken when the last handle goes.
    Thread {
        queue: Option<mpsc::Sender<Request<C>>>,
        thread: Option<JoinHandle<()>>,
    },
}

enum Request<C> {
    Job(Box<dyn Job<C>>),
    Checkpoint(oneshot::Sender<Result<Checkpoint, Fate>>),
}

thread_local! {
    /// The file whose writer runs a job on this thread, as the address of its shared state.
    static WORKING_FOR: Cell<usize> = const { Cell::new(0) };
}

impl<C: Clone + Send + 'static> Writer<C> {
    /// A writer with a thread of its own.
    ///
    /// # Errors
    ///
    /// What the system says where the thread cannot be started.
    pub fn spawn(database: Database, context: C, options: &WriterOptions) -> io::Result<Writer<C>> {
        let mut engine =
            Engine::new(database, context, options.checkpoint_pages).map_err(io::Error::other)?;
        let shared = engine.shared();
        let (queue, mut requests) = mpsc::channel(options.queue_jobs_max.max(1));
        let batch_jobs_max = options.batch_jobs_max.clamp(1, BATCH_JOBS_MAX);
        let address = address_of(&shared);
        let thread = std::thread::Builder::new()
            .name(options.thread_name.clone())
            .spawn(move || {
                WORKING_FOR.set(address);
                work(&mut engine, &mut requests, batch_jobs_max);
            })?;
        Ok(Writer {
            inner: Arc::new(Inner {
                shared,
                seat: Seat::Thread {
                    queue: Some(queue),
                    thread: Some(thread),
                },
            }),
        })
    }

    /// A writer without a thread: each job is done, committed and answered on the caller's thread before
    /// `run` is first pending, one commit for each.
    ///
    /// # Errors
    ///
    /// What SQLite says where the file cannot be taken over.
    pub fn inline(database: Database, context: C) -> rusqlite::Result<Writer<C>> {
        let engine = Engine::new(database, context, CHECKPOINT_PAGES)?;
        Ok(Writer {
            inner: Arc::new(Inner {
                shared: engine.shared(),
                seat: Seat::Inline(Box::new(Mutex::new(engine))),
            }),
        })
    }

    /// Runs a job in a transaction (`BEGIN IMMEDIATE`), and answers when its commit is on disk. An error from
    /// the job takes back what it wrote. A future that is dropped once the job is queued does not stop the
    /// job.
    ///
    /// A job sees what was committed before it, and in a shared commit also what the jobs before it wrote. It
    /// never begins or ends a transaction itself, and never waits for anything.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; nothing of the job is stored then, or nobody knows yet ([`WriteError::Dead`]).
    ///
    /// # Panics
    ///
    /// If a job runs another job of its own writer: it would wait for itself.
    pub async fn run<T, E, F>(&self, job: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Error + Send + 'static,
    {
        self.run_with(move |transaction, _| job(transaction)).await
    }

    /// As [`Writer::run`], for a job that also uses what the writer remembers.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; what the job changed in `C` is forgotten then.
    ///
    /// # Panics
    ///
    /// As [`Writer::run`].
    pub async fn run_with<T, E, F>(&self, job: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&Transaction<'_>, &mut C) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Error + Send + 'static,
    {
        self.assert_not_inside_a_job();
        let (task, answer) = Task::new(job);
        match &self.inner.seat {
            Seat::Inline(engine) => self.run_inline(engine, task),
            Seat::Thread { queue, .. } => {
                let queue = queue.as_ref().ok_or(WriteError::Closed)?;
                queue
                    .send(Request::Job(task))
                    .await
                    .map_err(|_| WriteError::Closed)?;
            }
        }
        answer.await.unwrap_or(Err(WriteError::Closed))
    }

    /// As [`Writer::run`], for a caller outside the asynchronous runtime: it blocks the thread.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; nothing of the job is stored then, or nobody knows yet ([`WriteError::Dead`]).
    ///
    /// # Panics
    ///
    /// As [`Writer::run`]; and with a threaded writer inside an asynchronous runtime, which it would block.
    pub fn run_blocking<T, E, F>(&self, job: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Error + Send + 'static,
    {
        self.run_blocking_with(move |transaction, _| job(transaction))
    }

    /// As [`Writer::run_blocking`], for a job that also uses what the writer remembers.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; what the job changed in `C` is forgotten then.
    ///
    /// # Panics
    ///
    /// As [`Writer::run_blocking`].
    pub fn run_blocking_with<T, E, F>(&self, job: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&Transaction<'_>, &mut C) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Error + Send + 'static,
    {
        self.assert_not_inside_a_job();
        let (task, mut answer) = Task::new(job);
        match &self.inner.seat {
            Seat::Inline(engine) => {
                self.run_inline(engine, task);
                answer.try_recv().unwrap_or(Err(WriteError::Closed))
            }
            Seat::Thread { queue, .. } => {
                let queue = queue.as_ref().ok_or(WriteError::Closed)?;
                queue
                    .blocking_send(Request::Job(task))
                    .map_err(|_| WriteError::Closed)?;
                answer.blocking_recv().unwrap_or(Err(WriteError::Closed))
            }
        }
    }

    /// Copies the whole log into the file and cuts it to nothing, where no reader is in the way. For idle
    /// moments; the writer otherwise does what is needed by itself.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; a full disk or a busy file costs nothing that is stored.
    ///
    /// # Panics
    ///
    /// As [`Writer::run`].
    pub async fn checkpoint_truncate(&self) -> Result<Checkpoint, WriteError<Infallible>> {
        self.assert_not_inside_a_job();
        let outcome = match &self.inner.seat {
            Seat::Inline(engine) => lock(engine).checkpoint_truncate(),
            Seat::Thread { queue, .. } => {
                let (reply, answer) = oneshot::channel();
                let queue = queue.as_ref().ok_or(WriteError::Closed)?;
                queue
                    .send(Request::Checkpoint(reply))
                    .await
                    .map_err(|_| WriteError::Closed)?;
                answer.await.map_err(|_| WriteError::Closed)?
            }
        };
        outcome.map_err(|fate| match fate {
            Fate::Full(path) => WriteError::Full { path },
            Fate::Busy(path) => WriteError::Busy { path },
            Fate::Dead(death) => WriteError::Dead(death),
            other => WriteError::Aborted {
                cause: format!("{other:?}"),
            },
        })
    }

    fn run_inline(&self, engine: &Mutex<Engine<C>>, task: Box<dyn Job<C>>) {
        let mut engine = lock(engine);
        let before = WORKING_FOR.replace(address_of(&self.inner.shared));
        engine.process(VecDeque::from([task]));
        WORKING_FOR.set(before);
    }

    fn assert_not_inside_a_job(&self) {
        assert!(
            WORKING_FOR.get() != address_of(&self.inner.shared),
            "a job must not run another job of its own writer"
        );
    }
}

impl<C> Writer<C> {
    /// What the writer has done so far. Never waits.
    pub fn status(&self) -> WriterStatus {
        let shared = &self.inner.shared;
        let queued = match &self.inner.seat {
            Seat::Thread {
                queue: Some(queue), ..
            } => queue.max_capacity() - queue.capacity(),
            _ => 0,
        };
        WriterStatus {
            commits: shared.commits.load(Ordering::Relaxed),
            jobs: shared.jobs.load(Ordering::Relaxed),
            last_commit: Duration::from_micros(shared.last_commit_us.load(Ordering::Relaxed)),
            wal_pages: shared.wal_pages.load(Ordering::Relaxed),
            queued,
            dead: shared.dead.get().map(Arc::clone),
        }
    }

    /// The store file, for readers.
    pub fn path(&self) -> &Path {
        &self.inner.shared.path
    }
}

impl<C> Drop for Inner<C> {
    fn drop(&mut self) {
        let Seat::Thread { queue, thread } = &mut self.seat else {
            return;
        };
        drop(queue.take());
        // The last handle may sit inside a job, and a thread cannot wait for itself: then it ends after that
        // job.
        if let Some(thread) = thread
            .take()
            .filter(|thread| thread.thread().id() != std::thread::current().id())
        {
            // An engine that panicked has said so; there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

/// The writer's thread: waits for a request, takes what else is there, and does it.
fn work<C: Clone>(engine: &mut Engine<C>, requests: &mut mpsc::Receiver<Request<C>>, batch_jobs_max: usize) {
    let mut next = requests.blocking_recv();
    while let Some(request) = next.take() {
        match request {
            Request::Checkpoint(reply) => {
                let _ = reply.send(engine.checkpoint_truncate());
            }
            Request::Job(job) => {
                let mut batch = VecDeque::from([job]);
                while batch.len() < batch_jobs_max {
                    match requests.try_recv() {
                        Ok(Request::Job(job)) => batch.push_back(job),
                        Ok(other) => {
                            next = Some(other);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                engine.process(batch);
            }
        }
        if next.is_none() {
            next = requests.blocking_recv();
        }
    }
}

fn lock<C>(engine: &Mutex<Engine<C>>) -> std::sync::MutexGuard<'_, Engine<C>> {
    // Jobs are caught when they panic, so a poisoned lock means a panic between transactions: the engine is
    // whole.
    engine.lock().unwrap_or_else(PoisonError::into_inner)
}

fn address_of(shared: &Arc<Shared>) -> usize {
    Arc::as_ptr(shared).addr()
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
