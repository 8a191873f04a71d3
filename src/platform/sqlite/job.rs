//! One job on its way: what it does, what came of it, and who waits for the answer.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Transaction, ffi};
use tokio::sync::oneshot;

use super::error::code_of;
use super::{Death, WriteError};

/// What the engine decided about a job, once it is certain.
#[derive(Debug, Clone)]
pub(super) enum Fate {
    /// It is on disk.
    Committed,
    /// The job returned an error, and what it had read is true.
    Refused,
    Full(PathBuf),
    Busy(PathBuf),
    Aborted(String),
    Panicked(String),
    Dead(Arc<Death>),
}

impl Fate {
    /// What the loss of a transaction through one job means for the other jobs in it.
    pub(super) fn for_the_others(&self) -> Fate {
        match self {
            Fate::Full(_) | Fate::Busy(_) | Fate::Dead(_) => self.clone(),
            Fate::Committed | Fate::Refused | Fate::Aborted(_) | Fate::Panicked(_) => {
                Fate::Aborted("another job in the same commit brought it down".to_owned())
            }
        }
    }
}

/// A job whose result type the engine need not know.
pub(super) trait Job<C>: Send {
    /// Runs the job. An error carries SQLite's code where there is one behind it.
    fn work(&mut self, transaction: &Transaction<'_>, context: &mut C) -> Result<(), Option<ffi::Error>>;

    /// Tells whoever waits.
    fn answer(self: Box<Self>, fate: Fate);
}

/// A job with the place for its result.
pub(super) struct Task<F, T, E> {
    job: Option<F>,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, WriteError<E>>>,
}

impl<F, T, E> Task<F, T, E> {
    /// A job, and where its answer will come.
    pub(super) fn new(job: F) -> (Box<Self>, oneshot::Receiver<Result<T, WriteError<E>>>) {
        let (reply, answer) = oneshot::channel();
        (
            Box::new(Task {
                job: Some(job),
                result: None,
                reply,
            }),
            answer,
        )
    }
}

impl<C, F, T, E> Job<C> for Task<F, T, E>
where
    F: FnOnce(&Transaction<'_>, &mut C) -> Result<T, E> + Send,
    T: Send,
    E: Error + Send + 'static,
{
    fn work(&mut self, transaction: &Transaction<'_>, context: &mut C) -> Result<(), Option<ffi::Error>> {
        let Some(job) = self.job.take() else {
            return Err(None);
        };
        let result = job(transaction, context);
        let outcome = match &result {
            Ok(_) => Ok(()),
            Err(error) => Err(code_of(error)),
        };
        self.result = Some(result);
        outcome
    }

    fn answer(self: Box<Self>, fate: Fate) {
        let answer = match (fate, self.result) {
            (Fate::Committed, Some(Ok(value))) => Ok(value),
            (Fate::Refused, Some(Err(error))) => Err(WriteError::Job(error)),
            (Fate::Full(path), _) => Err(WriteError::Full { path }),
            (Fate::Busy(path), _) => Err(WriteError::Busy { path }),
            (Fate::Aborted(cause), _) => Err(WriteError::Aborted { cause }),
            (Fate::Panicked(message), _) => Err(WriteError::Panicked { message }),
            (Fate::Dead(death), _) => Err(WriteError::Dead(death)),
            (Fate::Committed | Fate::Refused, _) => unreachable!("a job's fate agrees with its result"),
        };
        // Whoever asked may have gone; what was committed stays committed.
        let _ = self.reply.send(answer);
    }
}
