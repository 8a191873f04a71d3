//! The ledger in one SQLite file: one writer with group commit, readers beside it.

mod apply;
mod audit;
mod backup;
mod boots;
mod change;
mod claims;
mod counts;
mod credentials;
mod decide;
mod delta;
mod devices;
mod exceptions;
mod excerpt;
mod inventory;
mod late;
mod lists;
mod master;
mod moved;
mod numbers;
mod people;
mod pictures;
mod sessions;
mod set_aside;
mod set_up;
mod show;
mod traces;
mod units;
mod verify;
mod write;

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::Connection;
use tallyman_floor::wire::v1;
#[cfg(test)]
use tallyman_platform::sqlite::migrate_to;
use tallyman_platform::sqlite::{
    Database, FileKind, Migration, OpenError, Options, WriteError, Writer, WriterOptions, open_reader,
};

use super::audit::{AuditFilter, AuditNote, AuditRow};
use super::inventory::{CountMade, CountOrder, CountSummary, Cover, Zone};
use super::lists::{HoldSetting, Holds, ReasonSetting};
use super::moments::Done;
use super::numbers::NumberWish;
use super::people::{NewPerson, Person, PersonAnswer, PersonAtDoor, PersonSetting};
use super::posting::ReadBatch;
use super::sessions::{ApiKey, ApiKeyAtDoor, NewApiKey, NewSession, Session, SessionView, Which};
use super::{
    Answer, Decided, Decision, DeviceIdentity, EnrolledDevice, EnrolmentCode, Imported, KnownDevice, Ledger,
    LedgerError, LedgerSnapshot, LocationSetting, NewDevice, NewToken, OpeningStock, Proof, Safekeeping,
    SiteSetting, Taken, Turns, views,
};
use crate::ledger::counts::CountLimits;
use crate::pictures::ItemPicture;

/// The steps of the schema.
const SCHEMA: &[Migration] = &[
    Migration {
        version: 1,
        name: "the hub's store",
        sql: include_str!("schema.sql"),
    },
    Migration {
        version: 2,
        name: "keys of devices",
        sql: include_str!("device_keys.sql"),
    },
    Migration {
        version: 3,
        name: "people, sessions, API keys, audit trail",
        sql: include_str!("people.sql"),
    },
    Migration {
        version: 4,
        name: "claims and decisions",
        sql: include_str!("claims.sql"),
    },
    Migration {
        version: 5,
        name: "boots of devices",
        sql: include_str!("boots.sql"),
    },
    Migration {
        version: 6,
        name: "details of tasks, lines, items and locations",
        sql: include_str!("details.sql"),
    },
    Migration {
        version: 7,
        name: "age of traces",
        sql: include_str!("traces.sql"),
    },
    Migration {
        version: 8,
        name: "leases of numbers",
        sql: include_str!("numbers.sql"),
    },
    Migration {
        version: 9,
        name: "codes that the floor linked",
        sql: include_str!("linked_codes.sql"),
    },
    Migration {
        version: 10,
        name: "counts",
        sql: include_str!("counts.sql"),
    },
    Migration {
        version: 11,
        name: "where handling units stand",
        sql: include_str!("units.sql"),
    },
    Migration {
        version: 12,
        name: "set-up codes for groups, screens of devices",
        sql: include_str!("set_up.sql"),
    },
    Migration {
        version: 13,
        name: "pictures of items",
        sql: include_str!("pictures.sql"),
    },
    Migration {
        version: 14,
        name: "facts of passes through portals",
        sql: include_str!("passes.sql"),
    },
];

/// Bytes of page cache for each connection: the hot part of a large site.
const CACHE_BYTES: u32 = 32 << 20;

/// Readers kept open; more than that at once open one for themselves.
const READERS_KEPT_MAX: usize = 4;

/// How the store does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// A writer thread with group commit; readers on the runtime's blocking threads.
    Own,
    /// Everything on the caller's thread, in its order: for a simulator.
    None,
}

/// The ledger in one SQLite file.
#[derive(Debug)]
pub struct SqliteLedger {
    writer: Writer,
    readers: Arc<Readers>,
    generation: String,
    threads: Threads,
    /// Where backups are off, applied counts as stable.
    applied_is_stable: bool,
}

/// An error inside a transaction: the database's, or a refusal of ours.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// What SQLite said.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// What the operation said.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<Refused> for LedgerError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Ledger(error) => error,
            Refused::Sqlite(error) => Self::Broken(format!("the store answered: {error}")),
        }
    }
}

/// Options for opening a hub's store.
pub fn options() -> Options {
    let mut options = Options::new(FileKind::HUB_STORE, SCHEMA);
    options.cache_bytes = CACHE_BYTES;
    options.statements_cached_max = 128;
    options
}

/// Makes a store as a program with so many steps of the schema left it, with these rows. Nobody owns it: a lock could be held
/// a moment longer by a process that another test starts.
#[cfg(test)]
pub(crate) fn make_older(path: &Path, steps: u32, rows: &str) {
    let mut connection = Connection::open(path).unwrap();
    migrate_to(&mut connection, FileKind::HUB_STORE, SCHEMA, steps).unwrap();
    connection.execute_batch(rows).unwrap();
}

/// How a hub's store is written.
pub fn writer_options() -> WriterOptions {
    WriterOptions::grouped("hub-writer")
}

impl SqliteLedger {
    /// Opens the store, creating it where there is none. A new store gets `generation` as the name of its life, and so
    /// does a backup that a hub starts from.
    ///
    /// # Errors
    /// Why the file cannot be used, with what to do.
    pub fn open(
        path: &Path,
        generation: &str,
        now: Timestamp,
        threads: Threads,
        applied_is_stable: bool,
    ) -> Result<Self, OpenLedgerError> {
        let database = Database::open(path, &options())?;
        let path = database.path().to_path_buf();
        let generation = begin_life(database.connection(), generation, now, applied_is_stable)
            .map_err(|source| OpenError::while_reading(&path, source))?;
        let writer = match threads {
            Threads::Own => Writer::spawn(database, (), &writer_options())?,
            Threads::None => {
                Writer::inline(database, ()).map_err(|source| OpenError::while_reading(&path, source))?
            }
        };
        let readers = Arc::new(Readers {
            path,
            idle: Mutex::new(Vec::new()),
        });
        Ok(Self {
            writer,
            readers,
            generation,
            threads,
            applied_is_stable,
        })
    }

    /// Begins another life: for a store that was put back from a copy which was not made by a hub, whose copies have
    /// lives of their own.
    ///
    /// # Errors
    /// Why the store does not take it.
    pub async fn in_another_life(mut self, generation: String) -> Result<Self, LedgerError> {
        let name = generation.clone();
        self.write(move |tx| Ok(tx.execute("UPDATE hub SET generation = ?1", [name])?))
            .await?;
        self.generation = generation;
        Ok(self)
    }

    /// Opens a store only to check it: nothing is changed, and its hub may be running. Damage to the file is a finding
    /// like any other.
    ///
    /// # Errors
    /// Why the file cannot be read, as one that is no hub's store.
    pub fn verify_file(path: &Path) -> Result<Proof, OpenLedgerError> {
        match verify_whole(path) {
            Err(damage @ OpenError::Damaged { .. }) => {
                let mut proof = Proof::default();
                proof.find(damage.to_string());
                Ok(proof)
            }
            verified => Ok(verified?),
        }
    }

    /// Everybody in a store, without changing anything: its hub may be running.
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub fn people_of_file(path: &Path) -> Result<Vec<Person>, OpenLedgerError> {
        let reader = open_reader(path, &options())?;
        Ok(people::list(&reader).map_err(|source| OpenError::while_reading(path, source))?)
    }

    /// The devices of a store by identity or name, without changing anything: its hub may be running.
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub fn devices_of_file(path: &Path, named: &str) -> Result<Vec<DeviceIdentity>, OpenLedgerError> {
        let reader = open_reader(path, &options())?;
        Ok(devices::named(&reader, named).map_err(|source| OpenError::while_reading(path, source))?)
    }

    /// The trace entries of a device in a store, by their numbers.
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub fn traces_of_file(
        path: &Path,
        device: &DeviceIdentity,
    ) -> Result<Vec<(u64, String)>, OpenLedgerError> {
        let reader = open_reader(path, &options())?;
        Ok(traces::of_device(&reader, device).map_err(|source| OpenError::while_reading(path, source))?)
    }

    /// The epoch and the body of a record in a store, of the newest epoch that has one where none is given.
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub fn record_of_file(
        path: &Path,
        device: &DeviceIdentity,
        epoch: Option<u32>,
        seq: u64,
    ) -> Result<Option<(u32, Vec<u8>)>, OpenLedgerError> {
        let reader = open_reader(path, &options())?;
        let record = traces::record(&reader, device, epoch, seq);
        Ok(record.map_err(|source| OpenError::while_reading(path, source))?)
    }

    /// Copies a store and checks the copy, without moving any mark: its hub may be running.
    ///
    /// # Errors
    /// Why there is no backup.
    pub fn back_up_file(path: &Path, folder: &Path, now: Timestamp) -> Result<views::Backup, LedgerError> {
        backup::copy(path, &options(), folder, now).map(|copied| copied.backup)
    }

    /// Takes batches of different devices of one site in one transaction; where one of them has something that the
    /// database refuses, each by itself.
    async fn take_group(
        &self,
        site: String,
        batches: Vec<ReadBatch>,
        now: Timestamp,
    ) -> Result<Vec<Result<Taken, LedgerError>>, LedgerError> {
        let (site, batches): (Arc<str>, Arc<[ReadBatch]>) = (site.into(), batches.into());
        let own_fault = |error: &WriteError<Refused>| match error {
            WriteError::Job(Refused::Sqlite(error)) => apply::is_own_fault(error),
            _ => false,
        };
        let take = |range, care| self.take(Arc::clone(&site), Arc::clone(&batches), range, now, care);
        match take(0..batches.len(), apply::Care::Plain).await {
            Ok(taken) => return Ok(taken.into_iter().map(Ok).collect()),
            Err(error) if !own_fault(&error) => return Err(failed(error)),
            Err(_) => {}
        }
        let mut answers = Vec::with_capacity(batches.len());
        for index in 0..batches.len() {
            let alone = match take(index..index + 1, apply::Care::Plain).await {
                // A record that the database refuses must not block those behind it.
                Err(error) if own_fault(&error) => take(index..index + 1, apply::Care::EachAlone).await,
                plain => plain,
            };
            let only = |mut taken: Vec<Taken>| {
                let taken = taken.pop();
                taken.ok_or_else(|| LedgerError::Broken("a batch has no answer".to_owned()))
            };
            answers.push(alone.map_err(failed).and_then(only));
        }
        Ok(answers)
    }

    async fn take(
        &self,
        site: Arc<str>,
        batches: Arc<[ReadBatch]>,
        range: Range<usize>,
        now: Timestamp,
        care: apply::Care,
    ) -> Result<Vec<Taken>, WriteError<Refused>> {
        let (applied_is_stable, generation) = (self.applied_is_stable, self.generation.clone());
        let running = self.writer.run(move |tx| -> Result<_, Refused> {
            let job = apply::Job {
                site: &site,
                batches: batches.get(range).unwrap_or_default(),
                now,
                applied_is_stable,
            };
            let mut taken = apply::take_batches(tx, job, care)?;
            for taken in &mut taken {
                taken.generation.clone_from(&generation);
            }
            Ok(taken)
        });
        running.await
    }

    fn write<T, F>(&self, job: F) -> Answer<'_, T>
    where
        F: FnOnce(&Connection) -> Result<T, Refused> + Send + 'static,
        T: Send + 'static,
    {
        // Whoever asked for this may have opened a row of the audit trail: it is stored with the change, or neither is.
        let note = super::audit::taken();
        let kept = note.clone();
        let running = self.writer.run(move |transaction| {
            let value = job(transaction)?;
            if let Some(note) = &note {
                audit::append(transaction, &note.row(&value))?;
            }
            Ok(value)
        });
        Box::pin(async move {
            let value = running.await.map_err(failed)?;
            if let Some(note) = kept {
                note.written();
            }
            Ok(value)
        })
    }

    fn read<T, F>(&self, job: F) -> Answer<'_, T>
    where
        F: FnOnce(&Connection) -> Result<T, Refused> + Send + 'static,
        T: Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        let work = move || readers.with(job);
        Box::pin(async move {
            match self.threads {
                Threads::None => work(),
                Threads::Own => match tokio::task::spawn_blocking(work).await {
                    Ok(answer) => answer,
                    Err(error) => Err(LedgerError::Broken(format!("reading the store failed: {error}"))),
                },
            }
        })
    }
}

/// Gives a new store the name of its life, and one that is a backup until now; answers the name it has.
fn begin_life(
    connection: &Connection,
    generation: &str,
    now: Timestamp,
    applied_is_stable: bool,
) -> rusqlite::Result<String> {
    connection.execute(
        "INSERT OR IGNORE INTO hub (id, generation, created_us) VALUES (1, ?1, ?2)",
        rusqlite::params![generation, now.as_microsecond()],
    )?;
    connection.execute(
        "INSERT OR IGNORE INTO number_origin (id, generation) SELECT 1, generation FROM hub",
        [],
    )?;
    connection.execute(
        "UPDATE hub SET generation = ?1 WHERE generation = ''",
        [generation],
    )?;
    if applied_is_stable {
        connection.execute("UPDATE device_epoch SET stable_seq = applied_seq", [])?;
    }
    connection.query_row("SELECT generation FROM hub", [], |row| row.get(0))
}

fn verify_whole(path: &Path) -> Result<Proof, OpenError> {
    let reader = open_reader(path, &options())?;
    tallyman_platform::sqlite::quick_check(&reader)?;
    // One transaction: a hub that writes meanwhile does not matter.
    let transaction = reader.unchecked_transaction();
    transaction
        .and_then(|transaction| verify::verify(&transaction))
        .map_err(|source| OpenError::while_reading(path, source))
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenLedgerError {
    /// The file cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The writer could not be started.
    #[error("the hub's writer cannot be started: {0}")]
    Writer(#[from] std::io::Error),
}

fn failed(error: WriteError<Refused>) -> LedgerError {
    match error {
        WriteError::Job(refused) => refused.into(),
        WriteError::Full { .. } | WriteError::Busy { .. } | WriteError::Aborted { .. } => {
            LedgerError::Unavailable(error.to_string())
        }
        other => LedgerError::Broken(other.to_string()),
    }
}

/// Read-only connections that wait for work.
#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Runs a job on one snapshot of the store.
    fn with<T>(&self, job: impl FnOnce(&Connection) -> Result<T, Refused>) -> Result<T, LedgerError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let connection = match kept {
            Some(connection) => connection,
            None => open_reader(&self.path, &options())
                .map_err(|error| LedgerError::Unavailable(error.to_string()))?,
        };
        let answer = connection
            .unchecked_transaction()
            .map_err(Refused::from)
            .and_then(|transaction| job(&transaction))
            .map_err(LedgerError::from);
        let mut idle = idle();
        if idle.len() < READERS_KEPT_MAX {
            idle.push(connection);
        }
        answer
    }
}

/// A stored moment; the beginning of time for one that no calendar has.
fn moment(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or_default()
}

impl Ledger for SqliteLedger {
    fn generation(&self) -> String {
        self.generation.clone()
    }

    fn shown(&self) -> String {
        format!("store {}", self.readers.path.display())
    }

    fn check_writing(&self) -> Result<(), LedgerError> {
        let dead = self.writer.status().dead;
        dead.map_or(Ok(()), |death| Err(LedgerError::Broken(death.to_string())))
    }

    fn ping(&self) -> futures_util::future::BoxFuture<'_, ()> {
        Box::pin(async move {
            // A refusal is an answer too: a full disk is no reason to start again.
            let _ = self.write(|_| Ok(())).await;
        })
    }

    fn safekeeping(&self) -> Safekeeping {
        if self.applied_is_stable {
            Safekeeping::Applied
        } else {
            Safekeeping::Backups
        }
    }

    fn turns(&self) -> Turns {
        // One is being committed, and one waits behind it so that the writer never does.
        Turns {
            running_max: 2,
            batches_max: Turns::BATCHES_MAX,
            one_per_site: false,
        }
    }

    fn set_sites(&self, sites: Vec<SiteSetting>) -> Answer<'_, ()> {
        self.write(move |tx| Ok(master::set_sites(tx, &sites)?))
    }

    fn keep_enrolment_code(&self, code: EnrolmentCode) -> Answer<'_, ()> {
        self.write(move |tx| {
            master::check_site(tx, &code.site)?;
            Ok(credentials::keep_code(tx, &code)?)
        })
    }

    fn is_awaiting(&self, code_hash: [u8; 32], public_key: [u8; 32]) -> Answer<'_, bool> {
        self.read(move |tx| Ok(set_up::is_awaiting(tx, &code_hash, &public_key)?))
    }

    fn enrolment_codes(&self, site: String, now: Timestamp) -> Answer<'_, Vec<views::SetUp>> {
        self.read(move |tx| Ok(set_up::codes(tx, &site, now.as_microsecond())?))
    }

    fn end_enrolment_code(&self, site: String, code_hash: [u8; 32], now: Timestamp) -> Answer<'_, bool> {
        self.write(move |tx| Ok(set_up::end_code(tx, &site, &code_hash, now.as_microsecond())?))
    }

    fn approve_device(&self, device: DeviceIdentity) -> Answer<'_, bool> {
        self.write(move |tx| Ok(set_up::approve(tx, &device)?))
    }

    fn refuse_device(&self, device: DeviceIdentity, now: Timestamp) -> Answer<'_, bool> {
        self.write(move |tx| Ok(set_up::refuse(tx, &device, now.as_microsecond())?))
    }

    fn ask_for_screen(&self, device: DeviceIdentity, now: Timestamp) -> Answer<'_, bool> {
        self.write(move |tx| Ok(set_up::ask_for_screen(tx, &device, now.as_microsecond())?))
    }

    fn is_screen_wanted(&self, device: DeviceIdentity) -> Answer<'_, bool> {
        self.read(move |tx| Ok(set_up::is_screen_wanted(tx, &device)?))
    }

    fn keep_screen(&self, device: DeviceIdentity, picture: Vec<u8>, now: Timestamp) -> Answer<'_, bool> {
        self.write(move |tx| Ok(set_up::keep_screen(tx, &device, &picture, now.as_microsecond())?))
    }

    fn take_screen(&self, device: DeviceIdentity) -> Answer<'_, Option<Vec<u8>>> {
        self.write(move |tx| Ok(set_up::take_screen(tx, &device)?))
    }

    fn enrol(&self, request: NewDevice) -> Answer<'_, EnrolledDevice> {
        let generation = self.generation.clone();
        self.write(move |tx| credentials::enrol(tx, &request, generation))
    }

    fn find_device(&self, device: String, token_hash: [u8; 32]) -> Answer<'_, Option<KnownDevice>> {
        self.read(move |tx| Ok(credentials::find(tx, &device, &token_hash)?))
    }

    fn take_batches(
        &self,
        site: String,
        batches: Vec<ReadBatch>,
        now: Timestamp,
    ) -> Answer<'_, Vec<Result<Taken, LedgerError>>> {
        Box::pin(self.take_group(site, batches, now))
    }

    fn device_cursor(&self, device: DeviceIdentity) -> Answer<'_, v1::DeviceCursor> {
        let generation = self.generation.clone();
        self.read(move |tx| Ok(devices::cursor(tx, &device, &generation)?))
    }

    fn grant_epoch(&self, device: DeviceIdentity, request: v1::EpochRequest) -> Answer<'_, v1::EpochGranted> {
        self.write(move |tx| Ok(devices::grant_epoch(tx, &device, &request)?))
    }

    fn keep_traces(
        &self,
        device: DeviceIdentity,
        entries: Vec<v1::TraceEntry>,
        now: Timestamp,
    ) -> Answer<'_, ()> {
        self.write(move |tx| Ok(traces::keep(tx, &device, &entries, now)?))
    }

    fn traces(&self, device: DeviceIdentity) -> Answer<'_, Vec<(u64, String)>> {
        self.read(move |tx| Ok(traces::of_device(tx, &device)?))
    }

    fn record(
        &self,
        device: DeviceIdentity,
        epoch: Option<u32>,
        seq: u64,
    ) -> Answer<'_, Option<(u32, Vec<u8>)>> {
        self.read(move |tx| Ok(traces::record(tx, &device, epoch, seq)?))
    }

    fn record_of_exception(
        &self,
        site: String,
        exception: i64,
    ) -> Answer<'_, Option<(DeviceIdentity, u32, u64)>> {
        self.read(move |tx| Ok(traces::of_exception(tx, &site, exception)?))
    }

    fn delta(&self, device: DeviceIdentity, cursor: Option<String>, now: Timestamp) -> Answer<'_, v1::Delta> {
        let generation = self.generation.clone();
        self.read(move |tx| Ok(delta::delta(tx, &device, cursor.as_deref(), &generation, now)?))
    }

    fn import_items(&self, site: String, items: Vec<v1::ItemBody>) -> Answer<'_, Imported> {
        self.write(move |tx| master::import_items(tx, &site, &items))
    }

    fn set_picture(&self, site: String, item: String, picture: ItemPicture) -> Answer<'_, Imported> {
        self.write(move |tx| pictures::set(tx, &site, &item, &picture))
    }

    fn remove_picture(&self, site: String, item: String) -> Answer<'_, bool> {
        self.write(move |tx| pictures::remove(tx, &site, &item))
    }

    fn picture(&self, site: String, picture: String) -> Answer<'_, Option<Vec<u8>>> {
        self.read(move |tx| Ok(pictures::png(tx, &site, &picture)?))
    }

    fn item_named(&self, site: String, name: String, codes: Vec<String>) -> Answer<'_, Option<String>> {
        self.read(move |tx| {
            master::check_site(tx, &site)?;
            Ok(pictures::item_named(tx, &site, &name, &codes)?)
        })
    }

    fn item(&self, site: String, item: String) -> Answer<'_, Option<v1::ItemBody>> {
        self.read(move |tx| Ok(pictures::item(tx, &site, &item)?))
    }

    fn items(&self, site: String, text: String) -> Answer<'_, views::ItemPage> {
        self.read(move |tx| Ok(pictures::items(tx, &site, &text)?))
    }

    fn import_locations(&self, site: String, locations: Vec<LocationSetting>) -> Answer<'_, Imported> {
        self.write(move |tx| master::import_locations(tx, &site, &locations))
    }

    fn import_tasks(&self, site: String, tasks: Vec<v1::TaskBody>, now: Timestamp) -> Answer<'_, Imported> {
        self.write(move |tx| master::import_tasks(tx, &site, &tasks, now))
    }

    fn import_stock(
        &self,
        site: String,
        stock: Vec<OpeningStock>,
        reason: String,
        now: Timestamp,
    ) -> Answer<'_, Imported> {
        self.write(move |tx| master::import_stock(tx, &site, &stock, &reason, now))
    }

    fn holds(&self, site: String) -> Answer<'_, Holds> {
        self.read(move |tx| {
            master::check_site(tx, &site)?;
            Ok(lists::holds(tx, &site)?)
        })
    }

    fn import_holds(&self, site: String, holds: Vec<HoldSetting>, now: Timestamp) -> Answer<'_, Imported> {
        self.write(move |tx| lists::import_holds(tx, &site, &holds, now))
    }

    fn set_hold(&self, site: String, hold: HoldSetting, now: Timestamp) -> Answer<'_, bool> {
        self.write(move |tx| lists::set_hold(tx, &site, &hold, now))
    }

    fn release_hold(&self, site: String, item: String, lot: String) -> Answer<'_, bool> {
        self.write(move |tx| lists::release_hold(tx, &site, &item, &lot))
    }

    fn import_reasons(&self, site: String, reasons: Vec<ReasonSetting>) -> Answer<'_, Imported> {
        self.write(move |tx| lists::import_reasons(tx, &site, &reasons))
    }

    fn names(&self, site: String) -> Answer<'_, views::Names> {
        self.read(move |tx| {
            master::check_site(tx, &site)?;
            Ok(show::names(tx, &site)?)
        })
    }

    fn sites(&self) -> Answer<'_, Vec<views::Site>> {
        self.read(|tx| Ok(show::sites(tx)?))
    }

    fn overview(&self, site: String) -> Answer<'_, views::Overview> {
        self.read(move |tx| Ok(show::overview(tx, &site)?))
    }

    fn tasks(&self, site: String, filter: views::TaskFilter) -> Answer<'_, Vec<views::TaskSummary>> {
        self.read(move |tx| Ok(show::tasks(tx, &site, &filter)?))
    }

    fn task(&self, site: String, task: String) -> Answer<'_, Option<views::TaskDetail>> {
        self.read(move |tx| Ok(show::task(tx, &site, &task)?))
    }

    fn stock(&self, site: String, query: views::StockQuery) -> Answer<'_, views::StockPage> {
        self.read(move |tx| Ok(show::stock(tx, &site, &query)?))
    }

    fn tend_counts(&self, site: String, limits: CountLimits, now: Timestamp) -> Answer<'_, bool> {
        Box::pin(async move {
            let looked = site.clone();
            let follows = self.read(move |tx| Ok(!counts::look(tx, &looked, limits)?.is_empty()));
            if !follows.await? {
                return Ok(false);
            }
            self.write(move |tx| counts::tend(tx, &site, limits, now)).await
        })
    }

    fn make_count(&self, site: String, order: CountOrder, now: Timestamp) -> Answer<'_, CountMade> {
        self.write(move |tx| inventory::make(tx, &site, &order, now))
    }

    fn counts_made(&self, site: String) -> Answer<'_, Vec<CountSummary>> {
        self.read(move |tx| Ok(inventory::made(tx, &site)?))
    }

    fn cover(&self, site: String, number: i64) -> Answer<'_, Option<Cover>> {
        self.read(move |tx| Ok(inventory::cover(tx, &site, number)?))
    }

    fn zones(&self, site: String) -> Answer<'_, Vec<Zone>> {
        self.read(move |tx| Ok(inventory::zones(tx, &site)?))
    }

    fn stock_told(&self, site: String, asked: views::StockAsked) -> Answer<'_, views::ToldStock> {
        self.read(move |tx| Ok(units::told(tx, &site, &asked)?))
    }

    fn devices(&self, site: String) -> Answer<'_, Vec<views::Device>> {
        self.read(move |tx| Ok(devices::list(tx, &site)?))
    }

    fn done(&self, site: String, exceptions: Vec<i64>) -> Answer<'_, HashMap<i64, Done>> {
        self.read(move |tx| Ok(boots::done(tx, &site, &exceptions)?))
    }

    fn exceptions(&self, site: String, filter: views::ExceptionFilter) -> Answer<'_, Vec<views::Exception>> {
        self.read(move |tx| Ok(exceptions::list(tx, &site, &filter)?))
    }

    fn cancel_task(&self, site: String, task: String, now: Timestamp) -> Answer<'_, bool> {
        self.write(move |tx| Ok(master::cancel_task(tx, &site, &task, now)?))
    }

    fn verify(&self) -> Answer<'_, Proof> {
        self.read(|tx| Ok(verify::verify(tx)?))
    }

    fn snapshot(&self) -> Answer<'_, LedgerSnapshot> {
        self.read(|tx| Ok(verify::snapshot(tx)?))
    }

    fn back_up(&self, folder: PathBuf, keep: usize, now: Timestamp) -> Answer<'_, views::Backup> {
        let store = self.readers.path.clone();
        let work = move || backup::copy(&store, &options(), &folder, now).map(|copied| (copied, folder));
        Box::pin(async move {
            let (copied, folder) = match self.threads {
                Threads::None => work()?,
                Threads::Own => tokio::task::spawn_blocking(work)
                    .await
                    .map_err(|error| LedgerError::Broken(format!("the backup failed: {error}")))??,
            };
            let backup::Copied { backup, marks } = copied;
            let noted = backup.clone();
            self.write(move |tx| Ok(backup::note(tx, &noted, &marks, now)?))
                .await?;
            backup::prune(&folder, &backup.file, keep, now);
            Ok(backup)
        })
    }

    fn challenge_key(&self, fresh: [u8; 32]) -> Answer<'_, [u8; 32]> {
        Box::pin(async move {
            let kept = self.read(|tx| Ok(credentials::challenge_key(tx)?)).await?;
            match kept {
                Some(key) => Ok(key),
                None => {
                    self.write(move |tx| Ok(credentials::keep_challenge_key(tx, &fresh)?))
                        .await
                }
            }
        })
    }

    fn set_revoked(&self, device: DeviceIdentity, revoked: bool, now: Timestamp) -> Answer<'_, bool> {
        self.write(move |tx| {
            Ok(set_aside::set_revoked(
                tx,
                &device,
                revoked,
                now.as_microsecond(),
            )?)
        })
    }

    fn keep_token(&self, token: NewToken) -> Answer<'_, ()> {
        self.write(move |tx| Ok(credentials::keep_token(tx, &token)?))
    }

    // People, their sessions, the keys of programs, and the audit trail.

    fn add_person(&self, person: NewPerson) -> Answer<'_, PersonAnswer> {
        self.write(move |tx| Ok(people::add(tx, &person)?))
    }

    fn change_person(&self, setting: PersonSetting) -> Answer<'_, PersonAnswer> {
        self.write(move |tx| Ok(people::change(tx, &setting)?))
    }

    fn set_password(
        &self,
        login: String,
        password: String,
        kept: Option<[u8; 32]>,
    ) -> Answer<'_, PersonAnswer> {
        self.write(move |tx| Ok(people::set_password(tx, &login, &password, kept)?))
    }

    fn set_pin(&self, login: String, pin: String) -> Answer<'_, PersonAnswer> {
        self.write(move |tx| Ok(people::set_pin(tx, &login, &pin)?))
    }

    fn people_exist(&self) -> Answer<'_, bool> {
        self.read(|tx| Ok(people::exist(tx)?))
    }

    fn people(&self) -> Answer<'_, Vec<Person>> {
        self.read(|tx| Ok(people::list(tx)?))
    }

    fn badge_names(&self) -> Answer<'_, Vec<(String, String)>> {
        self.read(|tx| Ok(people::names(tx)?))
    }

    fn person_at_door(&self, login: String) -> Answer<'_, Option<PersonAtDoor>> {
        self.read(move |tx| Ok(people::at_door(tx, &login)?))
    }

    fn begin_session(&self, session: NewSession) -> Answer<'_, bool> {
        self.write(move |tx| Ok(sessions::begin(tx, &session)?))
    }

    fn find_session(&self, token_hash: [u8; 32]) -> Answer<'_, Option<Session>> {
        self.read(move |tx| Ok(sessions::find(tx, &token_hash)?))
    }

    fn touch_session(&self, token_hash: [u8; 32], now: Timestamp) -> Answer<'_, ()> {
        self.write(move |tx| Ok(sessions::touch(tx, &token_hash, now)?))
    }

    fn sessions(&self, login: String) -> Answer<'_, Vec<SessionView>> {
        self.read(move |tx| Ok(sessions::list(tx, &login)?))
    }

    fn end_sessions(&self, login: String, which: Which) -> Answer<'_, bool> {
        self.write(move |tx| Ok(sessions::end(tx, &login, which)?))
    }

    fn make_api_key(&self, key: NewApiKey) -> Answer<'_, bool> {
        self.write(move |tx| Ok(sessions::make_key(tx, &key)?))
    }

    fn api_keys(&self, owner: Option<String>) -> Answer<'_, Vec<ApiKey>> {
        self.read(move |tx| Ok(sessions::keys(tx, owner.as_deref())?))
    }

    fn find_api_key(&self, key: String) -> Answer<'_, Option<ApiKeyAtDoor>> {
        self.read(move |tx| Ok(sessions::find_key(tx, &key)?))
    }

    fn note_api_key_use(&self, key: String, source: String, now: Timestamp) -> Answer<'_, ()> {
        self.write(move |tx| Ok(sessions::note_key_use(tx, &key, &source, now)?))
    }

    fn end_api_key(&self, key: String, owner: Option<String>, now: Timestamp) -> Answer<'_, bool> {
        self.write(move |tx| Ok(sessions::end_key(tx, &key, owner.as_deref(), now)?))
    }

    fn append_audit(&self, notes: Vec<AuditNote>) -> Answer<'_, ()> {
        self.write(move |tx| {
            for note in &notes {
                audit::append(tx, &note.fitted())?;
            }
            Ok(())
        })
    }

    fn audit(&self, filter: AuditFilter) -> Answer<'_, Vec<AuditRow>> {
        self.read(move |tx| Ok(audit::list(tx, &filter)?))
    }

    // Claims, and decisions about exceptions.

    fn claim(
        &self,
        device: DeviceIdentity,
        request: v1::ClaimRequest,
        now: Timestamp,
    ) -> Answer<'_, v1::Claims> {
        let generation = self.generation.clone();
        self.write(move |tx| Ok(claims::claim(tx, &device, &request, generation, now)?))
    }

    fn release(&self, device: DeviceIdentity, leases: Vec<v1::LeaseBody>, now: Timestamp) -> Answer<'_, ()> {
        self.write(move |tx| Ok(claims::release(tx, &device, &leases, now)?))
    }

    fn free_claim(&self, site: String, task: String, now: Timestamp) -> Answer<'_, bool> {
        self.write(move |tx| Ok(claims::free(tx, &site, &task, now)?))
    }

    fn lease_numbers(
        &self,
        device: DeviceIdentity,
        wish: NumberWish,
        now: Timestamp,
    ) -> Answer<'_, Option<v1::Numbers>> {
        let generation = self.generation.clone();
        self.write(move |tx| numbers::lease(tx, &device, &wish, generation, now))
    }

    fn end_doubts(&self, device: DeviceIdentity) -> Answer<'_, bool> {
        Box::pin(async move {
            let asked = device.clone();
            // Nearly always there is none, and then nothing is written.
            if !self.read(move |tx| Ok(claims::is_doubted(tx, &asked)?)).await? {
                return Ok(false);
            }
            self.write(move |tx| Ok(claims::end_doubts(tx, &device)?)).await
        })
    }

    fn decide(
        &self,
        site: String,
        exception: i64,
        decision: Decision,
        now: Timestamp,
    ) -> Answer<'_, Decided> {
        Box::pin(async move {
            loop {
                let (site, decision) = (site.clone(), decision.clone());
                let decided = self.write(move |tx| decide::decide(tx, &site, exception, &decision, now));
                if let Some(decided) = decided.await? {
                    return Ok(decided);
                }
            }
        })
    }
}
