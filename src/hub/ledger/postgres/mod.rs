//! The ledger in PostgreSQL, for many sites and several hubs: every hub process opens it, and none of them holds
//! anything that another would miss.
//!
//! Each operation is one transaction. Those that change rows of a site hold the site's row (see `schema.sql`), so that
//! commits of one site come in the order of its numbers and cannot deadlock; sites go side by side. Collisions that
//! PostgreSQL reports all the same are tried again a few times.

mod audit;
mod boots;
mod claims;
mod connect;
mod counts;
mod credentials;
mod decide;
mod delta;
mod devices;
mod error;
mod exceptions;
mod excerpt;
mod inventory;
mod late;
mod life;
mod lists;
mod master;
mod migrate;
mod moved;
mod news;
mod numbers;
mod people;
mod pictures;
mod sessions;
mod set_aside;
mod set_up;
mod show;
mod stable;
mod take;
mod traces;
mod transaction;
mod units;
mod verify;
mod write;

use std::collections::HashMap;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tallyman_floor::wire::v1;
use tallyman_platform::entropy::{Entropy as _, SystemEntropy};

pub use stable::Moment;

use self::connect::{Address, Pools};
use self::error::{Fault, Refused};
use self::life::Life;
use self::news::News;
use self::take::{Care, Job};
use self::transaction::{Mode, Transaction};
#[cfg(test)]
pub(crate) use self::{connect::BY_KEY_ALONE, excerpt::LOOKS, migrate::sql_of_first};
use super::audit::{AuditFilter, AuditNote, AuditRow};
use super::inventory::{CountMade, CountOrder, CountSummary, Cover, Zone};
use super::lists::{HoldSetting, Holds, ReasonSetting};
use super::moments::Done;
use super::numbers::NumberWish;
use super::people::{NewPerson, Person, PersonAnswer, PersonAtDoor, PersonSetting};
use super::posting::ReadBatch;
use super::sessions::{ApiKey, ApiKeyAtDoor, NewApiKey, NewSession, Session, SessionView, Which};
use super::{
    Answer, Bell, Decided, Decision, DeviceIdentity, EnrolledDevice, EnrolmentCode, Imported, KnownDevice,
    Ledger, LedgerError, LedgerSnapshot, LocationSetting, NewDevice, NewToken, OpeningStock, Proof,
    Safekeeping, SiteSetting, Taken, Turns, views,
};
use crate::config::{DatabaseConfig, StablePolicy};
use crate::ledger::counts::CountLimits;
use crate::pictures::ItemPicture;

/// How often an operation is tried again because another transaction was in its way.
const COLLISIONS_MAX: u32 = 5;
/// Before each of these tries it waits up to this, doubled with each.
const COLLISION_WAIT_MS: u64 = 5;
/// The longest of these waits.
const COLLISION_WAIT_MS_MAX: u64 = 100;

/// The oldest server: it has everything that is asked for (`pg_current_xact_id`).
const SERVER_VERSION_MIN: i32 = 130_000;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenPostgresError {
    /// The address cannot be read.
    #[error(
        "[database] url is no address of a PostgreSQL database: {0}. Write it as postgresql://user:password@host/name."
    )]
    Address(#[source] tokio_postgres::Error),
    /// The address names no host.
    #[error(
        "[database] url names no host. Write it as postgresql://user:password@host/name, or for a Unix socket as \
         postgresql:///name?host=/run/postgresql."
    )]
    NoHost,
    /// The file of certificates cannot be used.
    #[error("[database] ca_file {} cannot be used: {cause}", .file.display())]
    Certificates {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// Nothing answers, or it does not let the hub in.
    #[error("the {shown} cannot be opened: {}", told(.source))]
    Unreachable {
        /// Which database.
        shown: String,
        /// What was said.
        source: tokio_postgres::Error,
    },
    /// The server does not keep what the hub promises.
    #[error("the {shown} cannot be used: {why}")]
    Unsuitable {
        /// Which database.
        shown: String,
        /// What to change.
        why: String,
    },
    /// A step of the schema failed; the database is as it was.
    #[error("the database's schema cannot be brought up to date (step \"{step}\"): {}", told(.source))]
    Schema {
        /// The step.
        step: &'static str,
        /// What was said.
        source: tokio_postgres::Error,
    },
    /// A newer program has been here.
    #[error(
        "the database's schema is at step {version}, and this program knows steps up to {newest}. Use the newer program; \
         nothing was changed."
    )]
    Newer {
        /// The schema's step.
        version: i32,
        /// The newest that is known.
        newest: i32,
    },
    /// The schema is behind, and this command changes nothing.
    #[error(
        "the database's schema is at step {version} and this program wants step {newest}. Start the hub once: it brings \
         the schema up to date."
    )]
    Older {
        /// The schema's step.
        version: i32,
        /// The newest that is known.
        newest: i32,
    },
    /// There is nothing of a hub in it.
    #[error("the database holds no store of a hub yet. Start the hub once: it makes one.")]
    NoStore,
    /// The pool of connections could not be made.
    #[error("connections to the database cannot be made: {0}")]
    Pool(String),
}

/// The server's own words, else the library's with their cause. Neither holds a password.
fn told(error: &tokio_postgres::Error) -> String {
    if let Some(answer) = error.as_db_error() {
        return answer.message().to_owned();
    }
    let said = error.to_string();
    match std::error::Error::source(error).map(ToString::to_string) {
        Some(cause) if !said.contains(&cause) => format!("{said}: {cause}"),
        _ => said,
    }
}

/// The ledger in a PostgreSQL database.
pub struct PostgresLedger {
    address: Address,
    pools: Pools,
    life: Option<Arc<Life>>,
    news: News,
    stable: StablePolicy,
    replicas_min: u32,
    look_every: Duration,
    writers: usize,
}

impl std::fmt::Debug for PostgresLedger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = self.address.shown();
        formatter
            .debug_struct("PostgresLedger")
            .field("address", &shown)
            .finish_non_exhaustive()
    }
}

impl PostgresLedger {
    /// Opens the ledger, bringing the schema up to date. A new store gets `generation` as the name of its life;
    /// `restored` says that the database was put back from a copy, which begins another.
    ///
    /// # Errors
    /// What is wrong with the address, the server or the schema, and what to do.
    pub async fn open(
        database: &DatabaseConfig,
        generation: &str,
        now: Timestamp,
        restored: bool,
    ) -> Result<Self, OpenPostgresError> {
        let address = Address::of(database, true)?;
        let mut client = address.connect().await?;
        check_server(&client, &address).await?;
        migrate::migrate(&mut client).await?;
        let unreachable = |source| OpenPostgresError::Unreachable {
            shown: address.shown(),
            source,
        };
        let life = Life::open(&client, generation, now.as_microsecond(), restored)
            .await
            .map_err(unreachable)?;
        let ledger = Self::on(database, address, Some(Arc::new(life)))?;
        if ledger.stable == StablePolicy::Applied {
            client
                .execute(
                    "UPDATE device_epoch SET stable_seq = applied_seq WHERE stable_seq < applied_seq",
                    &[],
                )
                .await
                .map_err(|source| OpenPostgresError::Schema {
                    step: "stable marks",
                    source,
                })?;
        }
        Ok(ledger)
    }

    /// Opens the ledger to read it, on a standby too, and changes nothing.
    ///
    /// # Errors
    /// As [`Self::open`], and where there is no store or the schema is another one.
    pub async fn open_to_read(database: &DatabaseConfig) -> Result<Self, OpenPostgresError> {
        Self::attach(database, false).await
    }

    /// Opens the ledger beside its hubs, to move stable marks.
    ///
    /// # Errors
    /// As [`Self::open_to_read`].
    pub async fn open_to_mark(database: &DatabaseConfig) -> Result<Self, OpenPostgresError> {
        Self::attach(database, true).await
    }

    async fn attach(database: &DatabaseConfig, writes: bool) -> Result<Self, OpenPostgresError> {
        let address = Address::of(database, writes)?;
        let client = address.connect().await?;
        migrate::check(&client).await?;
        Self::on(database, address, None)
    }

    fn on(
        database: &DatabaseConfig,
        address: Address,
        life: Option<Arc<Life>>,
    ) -> Result<Self, OpenPostgresError> {
        let connections_max = database.connections_max;
        Ok(Self {
            pools: Pools::open(&address, connections_max, life.as_ref())?,
            writers: connect::writers(connections_max),
            address,
            life,
            news: News::default(),
            stable: database.stable,
            replicas_min: database.replicas_min,
            look_every: Duration::from_secs(database.look_every_seconds.into()),
        })
    }

    /// Checks one site, or all: chain, entries, balances and progress computed again from the journal.
    ///
    /// # Errors
    /// Why the database cannot be read, or that there is no such site.
    pub async fn verify_sites(&self, only: Option<&str>) -> Result<Proof, LedgerError> {
        let tx = self.pools.begin(Mode::Read).await?;
        let proof = verify::verify(&tx, only).await;
        tx.roll_back().await;
        Ok(proof?)
    }

    /// Runs a job that changes something. It is run again where another transaction was in its way.
    fn write<'a, T, F>(&'a self, job: F) -> Answer<'a, T>
    where
        F: for<'t> Fn(&'t Transaction) -> BoxFuture<'t, Result<T, Refused>> + Send + Sync + 'a,
        T: Send + 'static,
    {
        // Whoever asked for this may have opened a row of the audit trail: it is stored with the change, or neither is.
        let note = super::audit::taken();
        Box::pin(async move {
            let mut collisions = 0;
            loop {
                let tx = self.pools.begin(Mode::Write).await?;
                let mut done = job(&tx).await;
                if let (Ok(value), Some(note)) = (&done, &note)
                    && let Err(refused) = audit::append(&tx, &note.row(value)).await
                {
                    done = Err(refused);
                }
                let refused = match done {
                    Ok(value) => match self.commit(tx).await? {
                        None => {
                            if let Some(note) = &note {
                                note.written();
                            }
                            return Ok(value);
                        }
                        Some(refused) => refused,
                    },
                    Err(refused) => {
                        tx.roll_back().await;
                        refused
                    }
                };
                if refused.fault() != Fault::Collision || collisions == COLLISIONS_MAX {
                    return Err(refused.into());
                }
                rest_after_collision(collisions).await;
                collisions += 1;
            }
        })
    }

    /// Commits; gives the reason where nothing was stored. A connection that broke in the middle says nothing: then the
    /// database is asked what became of the transaction, because people cannot send an import twice as devices can
    /// send a batch.
    async fn commit(&self, tx: Transaction) -> Result<Option<Refused>, LedgerError> {
        let row = tx
            .one("SELECT coalesce(pg_current_xact_id_if_assigned()::text, '')", &[])
            .await
            .map_err(Refused::from)?;
        let transaction: String = row.try_get(0).map_err(Refused::from)?;
        let generation = self.generation();
        match tx.commit().await {
            Ok(()) => Ok(None),
            Err(refused) if refused.fault() == Fault::Away && !transaction.is_empty() => {
                match self.outcome_of(&transaction, &generation).await {
                    Some(true) => Ok(None),
                    Some(false) => Ok(Some(refused)),
                    None => Err(LedgerError::Unknown),
                }
            }
            Err(refused) => Ok(Some(refused)),
        }
    }

    /// Whether a transaction was committed; `None` where that cannot be told.
    async fn outcome_of(&self, transaction: &str, generation: &str) -> Option<bool> {
        for attempt in 0..OUTCOME_TRIES_MAX {
            let wait_ms = SystemEntropy.full_jitter(200, attempt, 2_000);
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            let Ok(tx) = self.pools.begin(Mode::Read).await else {
                continue;
            };
            let row = tx
                .find("SELECT pg_xact_status($1::text::xid8)", &[&transaction])
                .await;
            tx.roll_back().await;
            // In another life the number may be another transaction's.
            if self.generation() != generation {
                return None;
            }
            match row
                .ok()
                .flatten()
                .and_then(|row| row.try_get::<_, Option<String>>(0).ok()?)
            {
                Some(status) if status == "committed" => return Some(true),
                Some(status) if status == "aborted" => return Some(false),
                _ => {}
            }
        }
        None
    }

    /// Runs a job that only reads, at one moment of the database.
    fn read<'a, T, F>(&'a self, job: F) -> Answer<'a, T>
    where
        F: for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, Refused>> + Send + 'a,
        T: Send + 'a,
    {
        Box::pin(async move {
            let tx = self.pools.begin(Mode::Read).await?;
            let answer = job(&tx).await;
            tx.roll_back().await;
            Ok(answer?)
        })
    }

    /// Takes batches of different devices of one site in one transaction; where one of them has something that the
    /// database refuses, each by itself.
    async fn take_group(
        &self,
        site: &str,
        batches: &[ReadBatch],
        now: Timestamp,
    ) -> Vec<Result<Taken, LedgerError>> {
        match self.take(site, batches, now, Care::Plain).await {
            Ok(taken) => return taken.into_iter().map(Ok).collect(),
            Err(refused) if refused.fault() != Fault::Own => {
                let error = LedgerError::from(refused);
                return batches.iter().map(|_| Err(error.clone())).collect();
            }
            Err(_) => {}
        }
        let mut answers = Vec::with_capacity(batches.len());
        for batch in batches {
            let alone = std::slice::from_ref(batch);
            let plain = match self.take(site, alone, now, Care::Plain).await {
                // A record that the database refuses must not block those behind it.
                Err(refused) if refused.fault() == Fault::Own => {
                    self.take(site, alone, now, Care::EachAlone).await
                }
                plain => plain,
            };
            let only = |mut taken: Vec<Taken>| {
                let taken = taken.pop();
                taken.ok_or_else(|| LedgerError::Broken("a batch has no answer".to_owned()))
            };
            answers.push(plain.map_err(LedgerError::from).and_then(only));
        }
        answers
    }

    async fn take(
        &self,
        site: &str,
        batches: &[ReadBatch],
        now: Timestamp,
        care: Care,
    ) -> Result<Vec<Taken>, Refused> {
        let job = Job {
            site,
            batches,
            now_us: now.as_microsecond(),
            applied_is_stable: self.stable == StablePolicy::Applied,
        };
        let mut collisions = 0;
        loop {
            let tx = Transaction::on(self.pools.connection(Mode::Write).await?);
            match take::take(tx, &job, care).await {
                Err(refused) if refused.fault() == Fault::Collision && collisions < COLLISIONS_MAX => {
                    rest_after_collision(collisions).await;
                    collisions += 1;
                }
                done => return done,
            }
        }
    }

    /// Moves the stable marks as replicas follow, if that is the policy.
    async fn follow_replicas(&self) {
        if self.stable != StablePolicy::Replicas {
            return std::future::pending().await;
        }
        let mut waiting: Option<Moment> = None;
        let mut told_hidden = false;
        loop {
            tokio::time::sleep(self.look_every).await;
            let moment = match waiting.take() {
                Some(moment) => Ok(moment),
                None => self.moment().await,
            };
            let moved = match moment {
                Ok(moment) if moment.devices() == 0 => continue,
                Ok(moment) => self.move_if_held(moment, &mut told_hidden).await,
                Err(error) => Err(error),
            };
            match moved {
                Ok(still_waiting) => waiting = still_waiting,
                Err(error) => tracing::debug!(%error, "stable marks wait"),
            }
        }
    }

    /// Moves the marks to a moment that enough replicas hold; gives it back where they do not yet.
    async fn move_if_held(
        &self,
        moment: Moment,
        told_hidden: &mut bool,
    ) -> Result<Option<Moment>, LedgerError> {
        let replicas = self.replicas(&moment).await?;
        if replicas.hidden > 0 && !*told_hidden {
            tracing::warn!(
                "this role may not see how far replicas are, so nothing becomes stable: GRANT pg_monitor TO it"
            );
            *told_hidden = true;
        }
        if replicas.hold < i64::from(self.replicas_min) {
            return Ok(Some(moment));
        }
        let copy = format!("{} replicas", replicas.hold);
        self.mark_stable(&moment, &copy, Timestamp::now()).await?;
        Ok(None)
    }
}

/// How often it is asked what became of a transaction whose commit was not answered: about ten seconds.
const OUTCOME_TRIES_MAX: u32 = 10;

async fn rest_after_collision(collisions: u32) {
    let wait_ms = SystemEntropy.full_jitter(COLLISION_WAIT_MS, collisions, COLLISION_WAIT_MS_MAX);
    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
}

/// That the server keeps what the hub promises.
async fn check_server(client: &tokio_postgres::Client, address: &Address) -> Result<(), OpenPostgresError> {
    let shown = || address.shown();
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'),
                    current_setting('fsync')",
            &[],
        )
        .await
        .map_err(|source| OpenPostgresError::Unreachable {
            shown: shown(),
            source,
        })?;
    let (version, encoding, fsync): (i32, String, String) = (row.get(0), row.get(1), row.get(2));
    let why = if version < SERVER_VERSION_MIN {
        "the server is older than PostgreSQL 13"
    } else if encoding != "UTF8" {
        "its encoding is not UTF8. Create it anew with ENCODING 'UTF8'"
    } else if fsync != "on" {
        "the server runs with fsync = off, and what devices are told is on disk would not be. Switch it on"
    } else {
        return Ok(());
    };
    Err(OpenPostgresError::Unsuitable {
        shown: shown(),
        why: why.to_owned(),
    })
}

/// A stored moment; the beginning of time for one that no calendar has.
fn moment(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or_default()
}

/// A word to compare with, without what no stored text can hold.
fn plain(word: &Option<String>) -> Option<String> {
    super::text::sought(word.as_ref())
}

/// A job for [`PostgresLedger::write`] or `read`: an async block over the transaction and what it was given.
macro_rules! job {
    ($tx:ident, [$($given:ident),*], $body:expr) => {
        move |$tx| {
            $(let $given = $given.clone();)*
            Box::pin(async move { $body })
        }
    };
}

impl PostgresLedger {
    /// The devices that have this identity or this name.
    ///
    /// # Errors
    /// Why the database cannot be read.
    pub async fn devices_named(&self, named: &str) -> Result<Vec<DeviceIdentity>, LedgerError> {
        let named = named.to_owned();
        self.read(job!(tx, [named], devices::named(tx, &named).await))
            .await
    }
}

impl Ledger for PostgresLedger {
    fn generation(&self) -> String {
        self.life
            .as_ref()
            .map(|life| life.generation())
            .unwrap_or_default()
    }

    fn shown(&self) -> String {
        self.address.shown()
    }

    fn check_writing(&self) -> Result<(), LedgerError> {
        // A database that cannot be written to is not connected to; see `Address::of`.
        Ok(())
    }

    fn safekeeping(&self) -> Safekeeping {
        match self.stable {
            StablePolicy::Backup => Safekeeping::Command,
            StablePolicy::Replicas => Safekeeping::Replicas,
            StablePolicy::Applied => Safekeeping::Applied,
        }
    }

    fn turns(&self) -> Turns {
        Turns {
            // One connection is left to imports, enrolments and the like.
            running_max: self.writers.saturating_sub(1).max(1),
            batches_max: Turns::BATCHES_MAX,
            one_per_site: true,
        }
    }

    fn tell(&self, site: &str) {
        self.news.tell(site);
    }

    fn follow(&self, ring: Bell) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            tokio::join!(
                self.news.follow(&self.address, &ring, self.look_every),
                self.follow_replicas()
            );
        })
    }

    fn set_sites(&self, sites: Vec<SiteSetting>) -> Answer<'_, ()> {
        let sites = Arc::new(sites);
        self.write(job!(tx, [sites], master::set_sites(tx, &sites).await))
    }

    fn keep_enrolment_code(&self, code: EnrolmentCode) -> Answer<'_, ()> {
        self.write(job!(tx, [code], {
            master::check_site(tx, &code.site).await?;
            credentials::keep_code(tx, &code).await
        }))
    }

    fn is_awaiting(&self, code_hash: [u8; 32], public_key: [u8; 32]) -> Answer<'_, bool> {
        self.read(job!(
            tx,
            [],
            set_up::is_awaiting(tx, &code_hash, &public_key).await
        ))
    }

    fn enrolment_codes(&self, site: String, now: Timestamp) -> Answer<'_, Vec<views::SetUp>> {
        self.read(job!(
            tx,
            [site],
            set_up::codes(tx, &site, now.as_microsecond()).await
        ))
    }

    fn end_enrolment_code(&self, site: String, code_hash: [u8; 32], now: Timestamp) -> Answer<'_, bool> {
        self.write(job!(
            tx,
            [site],
            set_up::end_code(tx, &site, &code_hash, now.as_microsecond()).await
        ))
    }

    fn approve_device(&self, device: DeviceIdentity) -> Answer<'_, bool> {
        self.write(job!(tx, [device], set_up::approve(tx, &device).await))
    }

    fn refuse_device(&self, device: DeviceIdentity, now: Timestamp) -> Answer<'_, bool> {
        self.write(job!(
            tx,
            [device],
            set_up::refuse(tx, &device, now.as_microsecond()).await
        ))
    }

    fn ask_for_screen(&self, device: DeviceIdentity, now: Timestamp) -> Answer<'_, bool> {
        self.write(job!(
            tx,
            [device],
            set_up::ask_for_screen(tx, &device, now.as_microsecond()).await
        ))
    }

    fn is_screen_wanted(&self, device: DeviceIdentity) -> Answer<'_, bool> {
        self.read(job!(tx, [device], set_up::is_screen_wanted(tx, &device).await))
    }

    fn keep_screen(&self, device: DeviceIdentity, picture: Vec<u8>, now: Timestamp) -> Answer<'_, bool> {
        self.write(job!(
            tx,
            [device, picture],
            set_up::keep_screen(tx, &device, &picture, now.as_microsecond()).await
        ))
    }

    fn take_screen(&self, device: DeviceIdentity) -> Answer<'_, Option<Vec<u8>>> {
        self.write(job!(tx, [device], set_up::take_screen(tx, &device).await))
    }

    fn enrol(&self, request: NewDevice) -> Answer<'_, EnrolledDevice> {
        self.write(job!(tx, [request], credentials::enrol(tx, &request).await))
    }

    fn find_device(&self, device: String, token_hash: [u8; 32]) -> Answer<'_, Option<KnownDevice>> {
        // Every request of a device asks this: one statement, and no transaction around it.
        Box::pin(async move {
            let mut tx = Transaction::on(self.pools.connection(Mode::Read).await?);
            let found = credentials::find(&tx, &device, &token_hash).await?;
            tx.ended();
            Ok(found)
        })
    }

    fn take_batches(
        &self,
        site: String,
        batches: Vec<ReadBatch>,
        now: Timestamp,
    ) -> Answer<'_, Vec<Result<Taken, LedgerError>>> {
        Box::pin(async move {
            let devices: HashSet<&str> = batches.iter().map(|batch| batch.from.device.as_str()).collect();
            if devices.len() == batches.len() {
                return Ok(self.take_group(&site, &batches, now).await);
            }
            // Two batches of one device come one after the other.
            let mut answers = Vec::with_capacity(batches.len());
            for batch in &batches {
                answers.extend(self.take_group(&site, std::slice::from_ref(batch), now).await);
            }
            Ok(answers)
        })
    }

    fn device_cursor(&self, device: DeviceIdentity) -> Answer<'_, v1::DeviceCursor> {
        self.read(job!(tx, [device], devices::cursor(tx, &device).await))
    }

    fn grant_epoch(&self, device: DeviceIdentity, request: v1::EpochRequest) -> Answer<'_, v1::EpochGranted> {
        self.write(job!(
            tx,
            [device, request],
            devices::grant_epoch(tx, &device, &request).await
        ))
    }

    fn keep_traces(
        &self,
        device: DeviceIdentity,
        entries: Vec<v1::TraceEntry>,
        now: Timestamp,
    ) -> Answer<'_, ()> {
        let entries = Arc::new(entries);
        self.write(job!(
            tx,
            [device, entries],
            traces::keep(tx, &device, &entries, now).await
        ))
    }

    fn traces(&self, device: DeviceIdentity) -> Answer<'_, Vec<(u64, String)>> {
        self.read(job!(tx, [device], traces::of_device(tx, &device).await))
    }

    fn record(
        &self,
        device: DeviceIdentity,
        epoch: Option<u32>,
        seq: u64,
    ) -> Answer<'_, Option<(u32, Vec<u8>)>> {
        self.read(job!(tx, [device], traces::record(tx, &device, epoch, seq).await))
    }

    fn record_of_exception(
        &self,
        site: String,
        exception: i64,
    ) -> Answer<'_, Option<(DeviceIdentity, u32, u64)>> {
        self.read(job!(tx, [site], traces::of_exception(tx, &site, exception).await))
    }

    fn delta(&self, device: DeviceIdentity, cursor: Option<String>, now: Timestamp) -> Answer<'_, v1::Delta> {
        self.read(job!(
            tx,
            [device, cursor],
            delta::delta(tx, &device, cursor.as_deref(), now).await
        ))
    }

    fn import_items(&self, site: String, items: Vec<v1::ItemBody>) -> Answer<'_, Imported> {
        let items = Arc::new(items);
        self.write(job!(
            tx,
            [site, items],
            master::import_items(tx, &site, &items).await
        ))
    }

    fn set_picture(&self, site: String, item: String, picture: ItemPicture) -> Answer<'_, Imported> {
        let picture = Arc::new(picture);
        self.write(job!(
            tx,
            [site, item, picture],
            pictures::set(tx, &site, &item, &picture).await
        ))
    }

    fn remove_picture(&self, site: String, item: String) -> Answer<'_, bool> {
        self.write(job!(tx, [site, item], pictures::remove(tx, &site, &item).await))
    }

    fn picture(&self, site: String, picture: String) -> Answer<'_, Option<Vec<u8>>> {
        self.read(job!(
            tx,
            [site, picture],
            pictures::png(tx, &site, &picture).await
        ))
    }

    fn item_named(&self, site: String, name: String, codes: Vec<String>) -> Answer<'_, Option<String>> {
        self.read(job!(
            tx,
            [site, name, codes],
            pictures::item_named(tx, &site, &name, &codes).await
        ))
    }

    fn item(&self, site: String, item: String) -> Answer<'_, Option<v1::ItemBody>> {
        self.read(job!(tx, [site, item], pictures::item(tx, &site, &item).await))
    }

    fn items(&self, site: String, text: String) -> Answer<'_, views::ItemPage> {
        self.read(job!(tx, [site, text], pictures::items(tx, &site, &text).await))
    }

    fn import_locations(&self, site: String, locations: Vec<LocationSetting>) -> Answer<'_, Imported> {
        let locations = Arc::new(locations);
        self.write(job!(
            tx,
            [site, locations],
            master::import_locations(tx, &site, &locations).await
        ))
    }

    fn import_tasks(&self, site: String, tasks: Vec<v1::TaskBody>, now: Timestamp) -> Answer<'_, Imported> {
        let tasks = Arc::new(tasks);
        self.write(job!(
            tx,
            [site, tasks],
            master::import_tasks(tx, &site, &tasks, now).await
        ))
    }

    fn import_stock(
        &self,
        site: String,
        stock: Vec<OpeningStock>,
        reason: String,
        now: Timestamp,
    ) -> Answer<'_, Imported> {
        let stock = Arc::new(stock);
        self.write(job!(
            tx,
            [site, stock, reason],
            master::import_stock(tx, &site, &stock, &reason, now).await
        ))
    }

    fn holds(&self, site: String) -> Answer<'_, Holds> {
        self.read(job!(tx, [site], lists::holds(tx, &site).await))
    }

    fn import_holds(&self, site: String, holds: Vec<HoldSetting>, now: Timestamp) -> Answer<'_, Imported> {
        let holds = Arc::new(holds);
        self.write(job!(
            tx,
            [site, holds],
            lists::import_holds(tx, &site, &holds, now).await
        ))
    }

    fn set_hold(&self, site: String, hold: HoldSetting, now: Timestamp) -> Answer<'_, bool> {
        self.write(job!(
            tx,
            [site, hold],
            lists::set_hold(tx, &site, &hold, now).await
        ))
    }

    fn release_hold(&self, site: String, item: String, lot: String) -> Answer<'_, bool> {
        self.write(job!(
            tx,
            [site, item, lot],
            lists::release_hold(tx, &site, &item, &lot).await
        ))
    }

    fn import_reasons(&self, site: String, reasons: Vec<ReasonSetting>) -> Answer<'_, Imported> {
        let reasons = Arc::new(reasons);
        self.write(job!(
            tx,
            [site, reasons],
            lists::import_reasons(tx, &site, &reasons).await
        ))
    }

    fn names(&self, site: String) -> Answer<'_, views::Names> {
        self.read(job!(tx, [site], {
            master::check_site(tx, &site).await?;
            show::names(tx, &site).await
        }))
    }

    fn sites(&self) -> Answer<'_, Vec<views::Site>> {
        self.read(job!(tx, [], show::sites(tx).await))
    }

    fn overview(&self, site: String) -> Answer<'_, views::Overview> {
        self.read(job!(tx, [site], show::overview(tx, &site).await))
    }

    fn tasks(&self, site: String, filter: views::TaskFilter) -> Answer<'_, Vec<views::TaskSummary>> {
        self.read(job!(tx, [site, filter], show::tasks(tx, &site, &filter).await))
    }

    fn task(&self, site: String, task: String) -> Answer<'_, Option<views::TaskDetail>> {
        self.read(job!(tx, [site, task], show::task(tx, &site, &task).await))
    }

    fn stock(&self, site: String, query: views::StockQuery) -> Answer<'_, views::StockPage> {
        self.read(job!(tx, [site, query], show::stock(tx, &site, &query).await))
    }

    fn tend_counts(&self, site: String, limits: CountLimits, now: Timestamp) -> Answer<'_, bool> {
        Box::pin(async move {
            let looked = site.clone();
            let look = self.read(job!(tx, [looked], counts::look(tx, &looked, limits).await));
            if look.await?.is_empty() {
                return Ok(false);
            }
            self.write(job!(tx, [site], counts::tend(tx, &site, limits, now).await))
                .await
        })
    }

    fn make_count(&self, site: String, order: CountOrder, now: Timestamp) -> Answer<'_, CountMade> {
        self.write(job!(
            tx,
            [site, order],
            inventory::make(tx, &site, &order, now).await
        ))
    }

    fn counts_made(&self, site: String) -> Answer<'_, Vec<CountSummary>> {
        self.read(job!(tx, [site], inventory::made(tx, &site).await))
    }

    fn cover(&self, site: String, number: i64) -> Answer<'_, Option<Cover>> {
        self.read(job!(tx, [site], inventory::cover(tx, &site, number).await))
    }

    fn zones(&self, site: String) -> Answer<'_, Vec<Zone>> {
        self.read(job!(tx, [site], inventory::zones(tx, &site).await))
    }

    fn stock_told(&self, site: String, asked: views::StockAsked) -> Answer<'_, views::ToldStock> {
        self.read(job!(tx, [site, asked], units::told(tx, &site, &asked).await))
    }

    fn devices(&self, site: String) -> Answer<'_, Vec<views::Device>> {
        self.read(job!(tx, [site], devices::list(tx, &site).await))
    }

    fn done(&self, site: String, exceptions: Vec<i64>) -> Answer<'_, HashMap<i64, Done>> {
        self.read(job!(
            tx,
            [site, exceptions],
            boots::done(tx, &site, &exceptions).await
        ))
    }

    fn exceptions(&self, site: String, filter: views::ExceptionFilter) -> Answer<'_, Vec<views::Exception>> {
        self.read(job!(
            tx,
            [site, filter],
            exceptions::list(tx, &site, &filter).await
        ))
    }

    fn cancel_task(&self, site: String, task: String, now: Timestamp) -> Answer<'_, bool> {
        self.write(job!(
            tx,
            [site, task],
            master::cancel_task(tx, &site, &task, now).await
        ))
    }

    fn verify(&self) -> Answer<'_, Proof> {
        Box::pin(self.verify_sites(None))
    }

    fn snapshot(&self) -> Answer<'_, LedgerSnapshot> {
        self.read(job!(tx, [], verify::snapshot(tx).await))
    }

    fn back_up(&self, folder: PathBuf, _keep: usize, _now: Timestamp) -> Answer<'_, views::Backup> {
        let error = LedgerError::Backup {
            file: folder.display().to_string(),
            cause:
                "the ledger is in PostgreSQL, which has tools of its own for that; see docs/administration.md"
                    .to_owned(),
        };
        Box::pin(std::future::ready(Err(error)))
    }

    fn challenge_key(&self, fresh: [u8; 32]) -> Answer<'_, [u8; 32]> {
        Box::pin(async move {
            let kept = self
                .read(job!(tx, [], credentials::challenge_key(tx).await))
                .await?;
            match kept {
                Some(key) => Ok(key),
                None => {
                    self.write(job!(
                        tx,
                        [fresh],
                        credentials::keep_challenge_key(tx, &fresh).await
                    ))
                    .await
                }
            }
        })
    }

    fn set_revoked(&self, device: DeviceIdentity, revoked: bool, now: Timestamp) -> Answer<'_, bool> {
        self.write(job!(
            tx,
            [device],
            set_aside::set_revoked(tx, &device, revoked, now.as_microsecond()).await
        ))
    }

    fn keep_token(&self, token: NewToken) -> Answer<'_, ()> {
        self.write(job!(tx, [token], credentials::keep_token(tx, &token).await))
    }

    // People, their sessions, the keys of programs, and the audit trail.

    fn add_person(&self, person: NewPerson) -> Answer<'_, PersonAnswer> {
        self.write(job!(tx, [person], people::add(tx, &person).await))
    }

    fn change_person(&self, setting: PersonSetting) -> Answer<'_, PersonAnswer> {
        self.write(job!(tx, [setting], people::change(tx, &setting).await))
    }

    fn set_password(
        &self,
        login: String,
        password: String,
        kept: Option<[u8; 32]>,
    ) -> Answer<'_, PersonAnswer> {
        self.write(job!(
            tx,
            [login, password],
            people::set_password(tx, &login, &password, kept).await
        ))
    }

    fn set_pin(&self, login: String, pin: String) -> Answer<'_, PersonAnswer> {
        self.write(job!(tx, [login, pin], people::set_pin(tx, &login, &pin).await))
    }

    fn people_exist(&self) -> Answer<'_, bool> {
        self.read(job!(tx, [], people::exist(tx).await))
    }

    fn people(&self) -> Answer<'_, Vec<Person>> {
        self.read(job!(tx, [], people::list(tx).await))
    }

    fn badge_names(&self) -> Answer<'_, Vec<(String, String)>> {
        self.read(job!(tx, [], people::names(tx).await))
    }

    fn person_at_door(&self, login: String) -> Answer<'_, Option<PersonAtDoor>> {
        self.read(job!(tx, [login], people::at_door(tx, &login).await))
    }

    fn begin_session(&self, session: NewSession) -> Answer<'_, bool> {
        self.write(job!(tx, [session], sessions::begin(tx, &session).await))
    }

    fn find_session(&self, token_hash: [u8; 32]) -> Answer<'_, Option<Session>> {
        // Every request of a browser asks this: one statement, and no transaction around it.
        Box::pin(async move {
            let mut tx = Transaction::on(self.pools.connection(Mode::Read).await?);
            let found = sessions::find(&tx, &token_hash).await?;
            tx.ended();
            Ok(found)
        })
    }

    fn touch_session(&self, token_hash: [u8; 32], now: Timestamp) -> Answer<'_, ()> {
        self.write(job!(tx, [], sessions::touch(tx, &token_hash, now).await))
    }

    fn sessions(&self, login: String) -> Answer<'_, Vec<SessionView>> {
        self.read(job!(tx, [login], sessions::list(tx, &login).await))
    }

    fn end_sessions(&self, login: String, which: Which) -> Answer<'_, bool> {
        self.write(job!(tx, [login], sessions::end(tx, &login, which).await))
    }

    fn make_api_key(&self, key: NewApiKey) -> Answer<'_, bool> {
        self.write(job!(tx, [key], sessions::make_key(tx, &key).await))
    }

    fn api_keys(&self, owner: Option<String>) -> Answer<'_, Vec<ApiKey>> {
        self.read(job!(tx, [owner], sessions::keys(tx, owner.as_deref()).await))
    }

    fn find_api_key(&self, key: String) -> Answer<'_, Option<ApiKeyAtDoor>> {
        self.read(job!(tx, [key], sessions::find_key(tx, &key).await))
    }

    fn note_api_key_use(&self, key: String, source: String, now: Timestamp) -> Answer<'_, ()> {
        self.write(job!(
            tx,
            [key, source],
            sessions::note_key_use(tx, &key, &source, now).await
        ))
    }

    fn end_api_key(&self, key: String, owner: Option<String>, now: Timestamp) -> Answer<'_, bool> {
        self.write(job!(
            tx,
            [key, owner],
            sessions::end_key(tx, &key, owner.as_deref(), now).await
        ))
    }

    fn append_audit(&self, notes: Vec<AuditNote>) -> Answer<'_, ()> {
        let notes = Arc::new(notes);
        self.write(job!(tx, [notes], {
            for note in notes.iter() {
                audit::append(tx, &note.fitted()).await?;
            }
            Ok(())
        }))
    }

    fn audit(&self, filter: AuditFilter) -> Answer<'_, Vec<AuditRow>> {
        self.read(job!(tx, [filter], audit::list(tx, &filter).await))
    }

    // Claims, and decisions about exceptions.

    fn claim(
        &self,
        device: DeviceIdentity,
        request: v1::ClaimRequest,
        now: Timestamp,
    ) -> Answer<'_, v1::Claims> {
        self.write(job!(
            tx,
            [device, request],
            claims::claim(tx, &device, &request, now).await
        ))
    }

    fn release(&self, device: DeviceIdentity, leases: Vec<v1::LeaseBody>, now: Timestamp) -> Answer<'_, ()> {
        let leases = Arc::new(leases);
        self.write(job!(
            tx,
            [device, leases],
            claims::release(tx, &device, &leases, now).await
        ))
    }

    fn free_claim(&self, site: String, task: String, now: Timestamp) -> Answer<'_, bool> {
        self.write(job!(tx, [site, task], claims::free(tx, &site, &task, now).await))
    }

    fn lease_numbers(
        &self,
        device: DeviceIdentity,
        wish: NumberWish,
        now: Timestamp,
    ) -> Answer<'_, Option<v1::Numbers>> {
        self.write(job!(
            tx,
            [device, wish],
            numbers::lease(tx, &device, &wish, now).await
        ))
    }

    fn end_doubts(&self, device: DeviceIdentity) -> Answer<'_, bool> {
        Box::pin(async move {
            // Nearly always there is none, and then nothing is locked.
            let asked = device.clone();
            if !self
                .read(job!(tx, [asked], claims::is_doubted(tx, &asked).await))
                .await?
            {
                return Ok(false);
            }
            self.write(job!(tx, [device], claims::end_doubts(tx, &device).await))
                .await
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
                let decided = self.write(job!(
                    tx,
                    [site, decision],
                    decide::decide(tx, &site, exception, &decision, now).await
                ));
                if let Some(decided) = decided.await? {
                    return Ok(decided);
                }
            }
        })
    }
}
