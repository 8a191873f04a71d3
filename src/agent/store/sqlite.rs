//! [`Store`] over one SQLite file: a writer that owns it, and a connection that reads.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use rusqlite::{Connection, Transaction};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{RawScanBody, SiteRuleBody};
use tallyman_floor::{NumberBlock, NumberKind, TaskId};
use tallyman_platform::sqlite::{self, Database, OpenError, WriteError, Writer, WriterOptions};

use crate::seams::store::StoreFigures;
use crate::seams::{
    CacheChange, HeldNumbers, HubStory, Identity, NumberStore, Opened, OutboxSlice, Place, StepCommit, Store,
    StoreError, SyncMarks, TraceRow,
};

use crate::seams::passes::{KeptPass, PassPart, PassStore};
use crate::seams::sweeps::{KeptSweep, SweepPart, SweepStore, SweptPlace};

use super::mark_rows::{self, CacheForm, IdentityForm, MarksForm, Name, SiteRulesForm};
use super::trouble::Trouble;
use super::{
    appending, caching, epochs, numbers, options, passes, pruning, reading, session_row, sweeps, trace_rows,
};

/// What must be free to begin a task, as a part of what must be free to take new tasks in: with the usual 32 MiB it is
/// 8, which are a thousand confirmations.
const TASK_ROOM_PART: u64 = 4;

/// Where the writer works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// On a thread of its own, so that a slow disk holds up no device and no screen.
    Thread,
    /// On the caller's thread, as a simulator with virtual time needs it.
    Inline,
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// The file itself; the message says what to do.
    #[error(transparent)]
    File(OpenError),
    /// SQLite found the file malformed.
    #[error(
        "{} is damaged ({}). Stop the agent and run `tallyman agent --salvage-store`: it keeps the file and makes a new \
         store of what can be read of it.",
        .path.display(),
        .findings.join("; ")
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the check said, in SQLite's words.
        findings: Vec<String>,
    },
    /// The file is sound and a row that everything rests on is not.
    #[error(
        "{}: {cause}. Stop the agent and run `tallyman agent --salvage-store`, which keeps the file and makes a new store \
         of what can be read of it. Where that cannot be done either, set it aside with `tallyman agent \
         --set-store-aside`; the device then enrols anew.",
        .path.display()
    )]
    Row {
        /// The file.
        path: PathBuf,
        /// What cannot be read.
        cause: StoreError,
    },
    /// The writer's thread could not be started.
    #[error("the store's writer cannot be started: {0}")]
    Thread(std::io::Error),
}

impl From<OpenError> for OpenStoreError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Damaged { path, findings } => Self::Damaged { path, findings },
            other => Self::File(other),
        }
    }
}

/// What the writer knows of the journal's end; a copy that fails to commit is forgotten.
#[derive(Debug, Clone)]
pub(super) struct Tail {
    pub(super) identity: Option<Identity>,
    /// Where the next record goes; seq 0 before enrolment.
    pub(super) next: Place,
    pub(super) last_hash: ChainHash,
    pub(super) marks_written: SyncMarks,
    pub(super) trace_next: u64,
    pub(super) trace_bytes: u64,
}

/// The store of one device.
pub struct SqliteStore {
    writer: Writer<Tail>,
    free_bytes_min: u64,
    reader: Mutex<Connection>,
    noted: Mutex<Noted>,
}

/// What can be known without asking the file.
#[derive(Debug)]
struct Noted {
    marks: SyncMarks,
    next: Place,
    trace_next: u64,
    damaged: BTreeSet<Place>,
}

impl SqliteStore {
    /// Opens the file or creates it, proves the part of the journal that waits for the hub, and starts the writer.
    ///
    /// # Errors
    /// [`OpenStoreError`]; its message says what to do. The file is left as it is.
    pub fn open(path: &Path, writing: Writing) -> Result<(Self, Opened), OpenStoreError> {
        Self::open_with(path, writing, &options())
    }

    /// The same with other options, for tests that need a small quota.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_with(
        path: &Path,
        writing: Writing,
        options: &sqlite::Options,
    ) -> Result<(Self, Opened), OpenStoreError> {
        keep_private(path);
        let database = Database::open(path, options)?;
        let row = |cause: Trouble| OpenStoreError::Row {
            path: path.to_path_buf(),
            cause: cause.into(),
        };
        let (tail, opened, damaged) = take_up(database.connection(), database.was_created()).map_err(row)?;
        let noted = Noted {
            marks: tail.marks_written.clone(),
            next: tail.next,
            trace_next: tail.trace_next,
            damaged,
        };
        let reader = sqlite::open_reader(database.path(), options)?;
        let writer = match writing {
            Writing::Inline => Writer::inline(database, tail).map_err(|error| row(error.into()))?,
            Writing::Thread => Writer::spawn(database, tail, &WriterOptions::one_by_one("store"))
                .map_err(OpenStoreError::Thread)?,
        };
        let store = Self {
            writer,
            free_bytes_min: 0,
            reader: Mutex::new(reader),
            noted: Mutex::new(noted),
        };
        Ok((store, opened))
    }

    /// Keeps so many bytes of the disk for confirmations: with less free no more is taken into the cache.
    #[must_use]
    pub fn keeping_free(self, bytes: u64) -> Self {
        Self {
            free_bytes_min: bytes,
            ..self
        }
    }

    fn has_room_for_cache(&self) -> Result<(), StoreError> {
        self.has_free(self.free_bytes_min, "no new tasks are taken in")
    }

    fn has_free(&self, wanted_bytes: u64, or_else: &str) -> Result<(), StoreError> {
        let free_bytes =
            tallyman_platform::disk::space(self.path()).map_or(u64::MAX, |space| space.free_bytes);
        if free_bytes >= wanted_bytes {
            return Ok(());
        }
        Err(StoreError::Full(format!(
            "{} MiB are free and {} are kept for confirmations, so {or_else}",
            free_bytes >> 20,
            wanted_bytes >> 20
        )))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.writer.path()
    }

    /// The site's own codes, as the hub sent them last.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where they cannot be read.
    pub fn site_rules(&self) -> Result<Vec<SiteRuleBody>, StoreError> {
        let rules = mark_rows::get_form::<SiteRulesForm>(&self.reader(), Name::SiteRules)?;
        Ok(rules.unwrap_or_default())
    }

    /// The last confirmed scan of each scanner that has one among the newest records.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where they cannot be read.
    pub fn last_scans(&self) -> Result<Vec<RawScanBody>, StoreError> {
        let scans = reading::last_scans(&self.reader()).map_err(Trouble::from)?;
        Ok(scans)
    }

    /// The body of the first record that waits for the hub, to say how old it is.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where it cannot be read.
    pub fn oldest_waiting(&self) -> Result<Option<String>, StoreError> {
        let applied = self.marks().applied;
        let body = reading::body_after(&self.reader(), applied).map_err(Trouble::from)?;
        Ok(body)
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        // A panic while reading leaves a connection that reads as well as before.
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a job that may change the journal's end, and notes where it is then.
    async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>, &mut Tail) -> Result<T, Trouble> + Send + 'static,
    {
        let (answer, next, trace_next) = self
            .writer
            .run_with(move |transaction, tail| {
                let answer = job(transaction, tail)?;
                Ok((answer, tail.next, tail.trace_next))
            })
            .await
            .map_err(explain)?;
        let mut noted = self.noted();
        // Answers may be taken up in another order than their commits; the journal itself only grows.
        noted.next = noted.next.max(next);
        noted.trace_next = noted.trace_next.max(trace_next);
        Ok(answer)
    }
}

impl Store for SqliteStore {
    fn commit(&self, step: StepCommit) -> BoxFuture<'_, Result<Vec<Place>, StoreError>> {
        let marks = self.marks();
        Box::pin(self.write(move |transaction, tail| {
            if step.expected != tail.next {
                return Err(StoreError::Elsewhere(tail.next).into());
            }
            let places = appending::append(transaction, tail, &step.drafts)?;
            numbers::spend(transaction, &step.drafts)?;
            sweeps::end(transaction, &step.drafts)?;
            passes::end(transaction, &step.drafts)?;
            session_row::put(transaction, &step.session)?;
            trace_rows::append(transaction, tail, &step.trace)?;
            pruning::write_marks(transaction, tail, &marks)?;
            Ok(places)
        }))
    }

    fn enrol(&self, identity: Identity) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let (marks, next) = self
                .write(move |transaction, tail| {
                    epochs::enrol(transaction, tail, identity)?;
                    Ok((tail.marks_written.clone(), tail.next))
                })
                .await?;
            let mut noted = self.noted();
            noted.marks = marks;
            // Another identity may begin in an earlier epoch.
            noted.next = next;
            Ok(())
        })
    }

    fn ping(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // A refusal is an answer too: a full disk is no reason to start anew.
            let _ = self.write(|_, _| Ok(())).await;
        })
    }

    fn begin_epoch(
        &self,
        epoch: u32,
        after: Place,
        story: HubStory,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let moved = self
                .write(move |transaction, tail| epochs::begin(transaction, tail, epoch, after, &story))
                .await?;
            let mut noted = self.noted();
            noted.marks.applied = Place { epoch, seq: 0 };
            noted.marks.stable = noted.marks.applied;
            Ok(moved)
        })
    }

    fn has_earlier_epochs(&self) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let epoch = self.next_place().epoch;
            let found = reading::has_earlier_epochs(&self.reader(), epoch).map_err(Trouble::from)?;
            Ok(found)
        })
    }

    fn cache(&self, change: CacheChange) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            self.has_room_for_cache()?;
            self.write(move |transaction, _| caching::take(transaction, &change))
                .await
        })
    }

    fn outbox(&self, after: u64, records_max: usize) -> BoxFuture<'_, Result<OutboxSlice, StoreError>> {
        Box::pin(async move {
            let next = self.next_place();
            let reader = self.reader();
            let device = reading::device(&reader)?.ok_or(StoreError::NotEnrolled)?;
            let after = Place {
                epoch: next.epoch,
                seq: after,
            };
            let slice = reading::slice(&reader, &device, after, next.seq, records_max)?;
            let damaged = slice.damaged.iter().map(|seq| Place { seq: *seq, ..after });
            self.noted().damaged.extend(damaged);
            Ok(slice)
        })
    }

    fn traces(&self, after: u64, entries_max: usize) -> BoxFuture<'_, Result<Vec<TraceRow>, StoreError>> {
        Box::pin(async move {
            let rows = trace_rows::after(&self.reader(), after, entries_max).map_err(Trouble::from)?;
            Ok(rows)
        })
    }

    fn note(&self, marks: SyncMarks) {
        self.noted().marks = marks;
    }

    fn marks(&self) -> SyncMarks {
        self.noted().marks.clone()
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let marks = self.marks();
        Box::pin(self.write(move |transaction, tail| pruning::write_marks(transaction, tail, &marks)))
    }

    fn prune(&self) -> BoxFuture<'_, Result<usize, StoreError>> {
        Box::pin(self.write(|transaction, tail| pruning::prune(transaction, tail)))
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let done = self.writer.checkpoint_truncate().await;
            done.map(drop).map_err(|error| match error {
                WriteError::Full { path } => StoreError::Full(path.display().to_string()),
                WriteError::Dead(death) => StoreError::Dead(death.to_string()),
                other => StoreError::Busy(other.to_string()),
            })
        })
    }

    fn check_room(&self) -> Result<(), StoreError> {
        self.has_free(self.free_bytes_min / TASK_ROOM_PART, "no task is begun")
    }

    fn next_place(&self) -> Place {
        self.noted().next
    }

    fn figures(&self) -> StoreFigures {
        let status = self.writer.status();
        let noted = self.noted();
        StoreFigures {
            commits: status.commits,
            last_commit_us: u64::try_from(status.last_commit.as_micros()).unwrap_or(u64::MAX),
            trace_last: noted.trace_next.saturating_sub(1),
            damaged: noted.damaged.len() as u64,
            dead: status.dead.is_some(),
        }
    }
}

impl NumberStore for SqliteStore {
    fn numbers(&self) -> Result<HeldNumbers, StoreError> {
        let held = numbers::read(&self.reader())?;
        Ok(held)
    }

    fn ask_numbers(&self, kind: NumberKind, fresh: String) -> BoxFuture<'_, Result<String, StoreError>> {
        Box::pin(self.write(move |transaction, _| numbers::ask(transaction, kind, fresh)))
    }

    fn keep_numbers(&self, key: String, blocks: Vec<NumberBlock>) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.write(move |transaction, _| numbers::keep(transaction, &key, blocks)))
    }
}

impl SweepStore for SqliteStore {
    fn keep_sweep(&self, part: SweepPart) -> BoxFuture<'_, Result<u32, StoreError>> {
        Box::pin(self.write(move |transaction, _| sweeps::keep(transaction, &part)))
    }

    fn kept_sweep(&self, place: &SweptPlace) -> Result<Option<KeptSweep>, StoreError> {
        Ok(sweeps::get(&self.reader(), place)?)
    }
}

impl PassStore for SqliteStore {
    fn keep_pass(&self, part: PassPart) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.write(move |transaction, _| passes::keep(transaction, &part)))
    }

    fn kept_passes(&self, task: &TaskId) -> Result<Vec<KeptPass>, StoreError> {
        Ok(passes::get(&self.reader(), task)?)
    }

    fn forget_pass(&self, number: u64) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.write(move |transaction, _| Ok(passes::forget(transaction, number)?)))
    }
}

/// Reads everything that is known before the first step.
fn take_up(connection: &Connection, created: bool) -> Result<(Tail, Opened, BTreeSet<Place>), Trouble> {
    let identity = mark_rows::get_form::<IdentityForm>(connection, Name::Identity)?.map(Identity::from);
    // Marks and cursor can be learned again from the hub, so a damaged row of theirs is no reason to stop.
    let marks = mark_rows::get_form::<MarksForm>(connection, Name::Marks).unwrap_or(None);
    let cache = mark_rows::get_form::<CacheForm>(connection, Name::Cache).unwrap_or(None);
    let session = session_row::get(connection)?;
    let epoch = identity.as_ref().map_or(0, |identity| identity.epoch);
    let (last_seq, last_hash) = reading::last(connection, epoch)?;
    let next = Place {
        epoch,
        seq: if identity.is_some() { last_seq + 1 } else { 0 },
    };
    let mut marks = marks.map(SyncMarks::from).unwrap_or_default();
    if marks.applied.epoch != epoch || marks.applied.seq > last_seq {
        // What the hub has is learned from its next answer; records it has already are skipped there.
        marks.applied = Place { epoch, seq: 0 };
    }
    let damaged = match &identity {
        Some(identity) => reading::damaged(connection, &identity.device, marks.applied)?,
        None => BTreeSet::new(),
    };
    let opened = Opened {
        session_damaged: session == Some(None),
        session: session.flatten(),
        cursor: cache.and_then(CacheForm::cursor_to_go_on_from),
        damaged: damaged.len() as u64,
        created,
        identity: identity.clone(),
    };
    let trace_next = trace_rows::next_number(connection)?;
    let trace_bytes = trace_rows::bytes(connection)?;
    Ok((
        Tail {
            identity,
            next,
            last_hash,
            marks_written: marks,
            trace_next,
            trace_bytes,
        },
        opened,
        damaged,
    ))
}

/// The file holds a secret. SQLite gives its log the mode of the file, so the file has it before SQLite sees it; an
/// empty file is a new store to SQLite. What fails here fails again when the file is opened, with a better message.
fn keep_private(path: &Path) {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let created = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    if created.is_err() {
        let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
    }
}

fn explain(error: WriteError<Trouble>) -> StoreError {
    match error {
        WriteError::Job(cause) => cause.into(),
        WriteError::Full { path } => StoreError::Full(path.display().to_string()),
        WriteError::Dead(death) => StoreError::Dead(death.to_string()),
        WriteError::Closed => StoreError::Dead("the store is closed".to_owned()),
        other @ (WriteError::Busy { .. } | WriteError::Aborted { .. } | WriteError::Panicked { .. }) => {
            StoreError::Busy(other.to_string())
        }
    }
}
