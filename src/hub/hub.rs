//! The hub as a thing to hold: opened from a configuration, it serves requests, takes imports and makes backups.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tallyman_floor::PictureId;
use tallyman_floor::wire::set_up::{ALPHABET, in_groups, plain_code};
use tallyman_floor::wire::v1::Batch;
use tallyman_platform::clock::{Clock, SystemClock};
use tallyman_platform::entropy::{Entropy, SystemEntropy};
use tallyman_platform::tls::Pin;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::access::Refusals;
use crate::access::limits::SignInLimits;
use crate::access::password::Hashing;
use crate::backup_time;
use crate::changes::Changes;
use crate::config::{HubConfig, ProfileConfig, SettingError};
use crate::guards::Guards;
use crate::import::{self, ImportError, ImportFile, ImportKind};
use crate::ledger::audit::AuditNote;
use crate::ledger::postgres::{OpenPostgresError, PostgresLedger};
use crate::ledger::posting::ReadBatch;
use crate::ledger::sqlite::{OpenLedgerError, SqliteLedger, Threads};
use crate::ledger::{
    Bell, DeviceIdentity, EnrolmentCode, Imported, Ledger, LedgerError, LedgerSnapshot, Proof, Safekeeping,
    Taken, views,
};
use crate::limiter::NamedLimiter;
use crate::neighbours::Neighbours;
use crate::pictures::{self, PictureError, PictureMaker, PictureRefused};
use crate::queue::BatchQueue;
use crate::source::Peer;
use crate::tls::{Identity, TlsError, TlsListener};
use crate::{api, pages};

/// Characters of a one-time code: 80 bits, and short enough to type once.
const CODE_CHARACTERS: usize = 16;

/// How often it is looked whether the minute of counted refusals is over.
const REFUSALS_LOOKED_AT_EVERY: Duration = Duration::from_secs(20);

/// Time between two looks at whether the store still takes writes.
const STORE_LOOK: Duration = Duration::from_secs(2);

/// What the hub takes from outside, so that tests and simulations can give their own.
pub struct Seams {
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub entropy: Box<dyn Entropy>,
    /// Where the store works.
    pub threads: Threads,
}

impl Seams {
    /// The machine's own clock and chance, and threads for the store.
    ///
    /// # Errors
    /// If the kernel does not say which boot this is.
    pub fn real() -> std::io::Result<Self> {
        Ok(Self {
            clock: Arc::new(SystemClock::new()?),
            entropy: Box::new(SystemEntropy),
            threads: Threads::Own,
        })
    }
}

/// What an administrator says about the past of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// It is what it was when the hub stopped.
    AsBefore,
    /// It was put back from a copy in a way that the hub cannot notice: another life begins, and devices are asked
    /// again for what it lacks.
    Restored,
}

/// Why a hub could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenHubError {
    /// The configuration cannot be used.
    #[error("the hub's configuration cannot be used: {0}")]
    Setting(#[from] SettingError),
    /// TLS cannot be had.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] OpenLedgerError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenPostgresError),
    /// The sites could not be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// A running hub. Clones share it; the store is closed when the last one is dropped.
#[derive(Clone)]
pub struct Hub {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: HubConfig,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) changes: Arc<Changes>,
    pub(crate) neighbours: Neighbours,
    pub(crate) queue: BatchQueue,
    /// What the hub shows for itself, where it speaks TLS.
    identity: Option<Arc<Identity>>,
    pub(crate) guards: Guards,
    /// Requests of each device.
    pub(crate) of_devices: NamedLimiter,
    pub(crate) sign_in_limits: SignInLimits,
    pub(crate) hashing: Hashing,
    pub(crate) refusals: Refusals,
    picture_maker: PictureMaker,
    /// Whether there are people: nobody is ever removed, so once is for good.
    people_exist: AtomicBool,
    /// Ends waiting requests and open streams when the hub stops.
    pub(crate) stopping: CancellationToken,
    entropy: Mutex<Box<dyn Entropy>>,
    backup_folder: Option<PathBuf>,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Hub")
            .field("listen", &self.inner.config.listen)
            .finish_non_exhaustive()
    }
}

impl Hub {
    /// Opens the ledger and makes the configured sites: the configured database, or where there is none the store at
    /// `store`. `config.store` is not looked at: where an empty path leads is the caller's affair.
    ///
    /// # Errors
    /// What is wrong with the configuration, the store or the database, and what to do.
    pub async fn open(config: HubConfig, store: &Path, seams: Seams) -> Result<Self, OpenHubError> {
        Self::open_as(config, store, seams, Opening::AsBefore).await
    }

    /// The same, with what an administrator says about the past of the store.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_as(
        config: HubConfig,
        store: &Path,
        seams: Seams,
        opening: Opening,
    ) -> Result<Self, OpenHubError> {
        config.check()?;
        let identity = Identity::open(&config.tls)?;
        let Seams {
            clock,
            mut entropy,
            threads,
        } = seams;
        let backup_folder = config
            .backup_folder(store)
            .filter(|_| config.database.url.is_empty());
        let generation = random_text(entropy.as_mut(), 12);
        // Chance of this run, whether the store takes it for its life or has one.
        let neighbours = Neighbours::new(generation.clone());
        let ledger = open_ledger(&config, store, generation, clock.wall(), threads, opening).await?;
        let people_exist = ledger.people_exist().await?;
        config.check_guarded(people_exist)?;
        ledger.set_sites(config.site_settings()).await?;
        let inner = Inner {
            identity,
            guards: Guards::new(&config.limits, clock.now()),
            of_devices: NamedLimiter::new(config.limits.device_requests_per_minute),
            sign_in_limits: SignInLimits::new(clock.now()),
            hashing: Hashing::new(),
            refusals: Refusals::default(),
            picture_maker: PictureMaker::default(),
            people_exist: AtomicBool::new(people_exist),
            queue: BatchQueue::new(Arc::clone(&ledger), Arc::clone(&clock)),
            ledger,
            clock,
            changes: Arc::new(Changes::default()),
            neighbours,
            stopping: CancellationToken::new(),
            entropy: Mutex::new(entropy),
            backup_folder,
            config,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Everything the hub answers: `/v1` for devices and programs, the pages for people.
    pub fn router(&self) -> Router {
        api::routes(self).merge(pages::routes(self))
    }

    /// Serves until the token is cancelled, and makes backups meanwhile.
    ///
    /// # Errors
    /// What the system says when the listener fails; and why the store takes nothing any more, after which the program
    /// should end and be started again.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
        let stopping = self.inner.stopping.clone();
        let _end_streams = self.inner.stopping.clone().drop_guard();
        let until = {
            let stop = stop.clone();
            async move {
                stop.cancelled().await;
                stopping.cancel();
            }
        };
        let service = self.router().into_make_service_with_connect_info::<Peer>();
        let serving: BoxFuture<'static, std::io::Result<()>> = match &self.inner.identity {
            Some(identity) => {
                let listener = TlsListener::new(listener, identity)?;
                let serving = axum::serve(listener, service).with_graceful_shutdown(until);
                Box::pin(serving.into_future())
            }
            None => {
                let serving = axum::serve(listener, service).with_graceful_shutdown(until);
                Box::pin(serving.into_future())
            }
        };
        let served = tokio::select! {
            served = serving => served,
            reason = self.store_failed() => Err(std::io::Error::other(reason)),
            // These end only with the hub; serving goes on until requests are answered.
            () = self.back_up_regularly() => Ok(()),
            () = self.inner.ledger.follow(self.bell()) => Ok(()),
            () = self.follow_certificate() => Ok(()),
            () = self.write_refusals_regularly() => Ok(()),
        };
        self.write_audit(self.inner.refusals.due(self.now(), true)).await;
        served
    }

    /// Adds a row to the audit trail that belongs to no change of the ledger: those are written with their change, see
    /// [`crate::ledger::audit`].
    ///
    /// # Errors
    /// Why the store did not take it.
    pub async fn audit(&self, note: AuditNote) -> Result<(), LedgerError> {
        self.ledger().append_audit(vec![note]).await
    }

    /// Adds rows, or says in the log that they are missing.
    pub(crate) async fn write_audit(&self, notes: Vec<AuditNote>) {
        if notes.is_empty() {
            return;
        }
        if let Err(error) = self.ledger().append_audit(notes).await {
            tracing::error!(%error, "rows of the audit trail could not be written");
        }
    }

    async fn write_refusals_regularly(&self) {
        loop {
            tokio::time::sleep(REFUSALS_LOOKED_AT_EVERY).await;
            self.write_audit(self.inner.refusals.due(self.now(), false)).await;
        }
    }

    /// Whether there are people. Until there are, the store is asked each time: another hub may make the first.
    pub(crate) async fn people_exist(&self) -> Result<bool, LedgerError> {
        if self.inner.people_exist.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let exist = self.ledger().people_exist().await?;
        if exist {
            self.inner.people_exist.store(true, Ordering::Relaxed);
        }
        Ok(exist)
    }

    /// Whether the hub is open to whoever reaches it: on loopback, with neither key nor people.
    pub(crate) async fn is_open(&self) -> Result<bool, LedgerError> {
        Ok(self.inner.config.is_open_without_people() && !self.people_exist().await?)
    }

    /// Chance that people can read and type.
    pub(crate) fn random_text(&self, characters: usize) -> String {
        let mut entropy = self.inner.entropy.lock().unwrap_or_else(PoisonError::into_inner);
        random_text(entropy.as_mut(), characters)
    }

    /// Waits until the store takes nothing any more, and says why: the process should end and be started again, so that
    /// its next start can check what is stored. A database that is away comes back by itself and ends nothing.
    pub async fn store_failed(&self) -> String {
        loop {
            if let Err(error) = self.inner.ledger.check_writing() {
                return error.to_string();
            }
            tokio::time::sleep(STORE_LOOK).await;
        }
    }

    /// Answers when the store's writer has come to it; where it hangs it never answers.
    pub async fn goes_round(&self) {
        self.inner.ledger.ping().await;
    }

    /// The store behind the hub.
    pub fn ledger(&self) -> &dyn Ledger {
        self.inner.ledger.as_ref()
    }

    /// The configuration.
    pub fn config(&self) -> &HubConfig {
        &self.inner.config
    }

    /// Whether a device is blocked now.
    pub(crate) async fn is_revoked(&self, device: &DeviceIdentity) -> Result<bool, LedgerError> {
        let known = self.ledger().find_device(device.device.clone(), [0; 32]).await?;
        Ok(known.is_none_or(|known| known.revoked))
    }

    /// The hub's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.wall()
    }

    /// Wakes who waits for changes of a site: here, and at other hubs on the same store.
    pub(crate) fn changed(&self, site: &str) {
        self.inner.changes.ring(site);
        self.inner.ledger.tell(site);
    }

    /// Wakes who waits for changes of any site: devices of all may have to hear of a change of people.
    pub(crate) async fn people_changed(&self) -> Result<(), LedgerError> {
        for site in self.ledger().sites().await? {
            self.changed(&site.site);
        }
        Ok(())
    }

    fn bell(&self) -> Bell {
        let changes = Arc::clone(&self.inner.changes);
        Arc::new(move |site| changes.ring(site))
    }

    /// Imports a file into a site: all of it or nothing.
    ///
    /// # Errors
    /// What is wrong with the file, line by line, or why the store did not take it.
    pub async fn import(
        &self,
        site: &str,
        kind: ImportKind,
        file: &ImportFile<'_>,
    ) -> Result<Imported, ImportError> {
        let imported = import::import(self.ledger(), site, kind, file, self.now()).await?;
        self.changed(site);
        Ok(imported)
    }

    /// Gives an item the picture of a file.
    ///
    /// # Errors
    /// Why it has none of it now.
    pub async fn set_picture(
        &self,
        site: &str,
        item: &str,
        file: Vec<u8>,
    ) -> Result<Imported, PictureRefused> {
        let picture = self.inner.picture_maker.make(file).await?;
        let set = self
            .ledger()
            .set_picture(site.to_owned(), item.to_owned(), picture);
        let imported = set.await?;
        self.changed(site);
        Ok(imported)
    }

    /// Gives a picture to the item that its file is called after: the article number, or a code of it, with `.png`.
    ///
    /// # Errors
    /// Why no item has it now. The message names the file.
    pub async fn import_picture(
        &self,
        site: &str,
        name: &str,
        file: Vec<u8>,
    ) -> Result<Imported, PictureRefused> {
        let refused = |sentence: String| PictureRefused::Upload(format!("{name}: {sentence}"));
        let called = pictures::name_of(name).filter(|called| !called.contains('\0'));
        let called = called.ok_or_else(|| {
            refused("a picture is called as its item or a code of it, with .png at the end.".to_owned())
        })?;
        let codes = pictures::gtin_of(called).into_iter().chain([called.to_owned()]);
        let codes = codes.collect();
        let item = self
            .ledger()
            .item_named(site.to_owned(), called.to_owned(), codes);
        let item = item.await?.ok_or_else(|| {
            refused(format!(
                "no item of this site has the number or the code {called}."
            ))
        })?;
        match self.set_picture(site, &item, file).await {
            Err(PictureRefused::Picture(error @ PictureError::Image(_))) => Err(refused(error.to_string())),
            other => other,
        }
    }

    /// A picture of a site by its name; nothing for a name of another form.
    pub(crate) async fn picture(&self, site: &str, picture: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        match PictureId::named(picture) {
            Some(_) => self.ledger().picture(site.to_owned(), picture.to_owned()).await,
            None => Ok(None),
        }
    }

    /// A one-time code with which a device becomes part of a site. An empty name means the one the device gives itself.
    ///
    /// # Errors
    /// An unknown site, or why the store did not take it.
    pub async fn create_enrolment_code(&self, site: &str, name: &str) -> Result<String, LedgerError> {
        self.create_code(site, CodeOrder::for_one(name, "")).await
    }

    /// A code with which several devices become part of a site.
    ///
    /// # Errors
    /// An unknown site, or why the store did not take it.
    pub async fn create_group_code(&self, site: &str, group: GroupOrder) -> Result<String, LedgerError> {
        let order = CodeOrder {
            minutes: Some(group.minutes),
            uses_max: group.devices_max,
            approval: group.approval,
            profile: group.profile,
            ..CodeOrder::for_one(&group.name, "")
        };
        self.create_code(site, order).await
    }

    /// A profile of the configuration.
    pub(crate) fn profile(&self, name: &str) -> Option<&ProfileConfig> {
        self.inner
            .config
            .profiles
            .iter()
            .find(|profile| profile.name == name)
    }

    /// What devices pin where they reach this hub by itself: its key, where no authority stands behind it.
    pub(crate) fn own_pin(&self) -> Option<Pin> {
        self.inner.identity.as_ref()?.own_pin()
    }

    /// A one-time code with which a device that is known gets another key and works again.
    ///
    /// # Errors
    /// Why the store did not take it.
    pub async fn create_code_to_enrol_again(&self, site: &str, device: &str) -> Result<String, LedgerError> {
        self.create_code(site, CodeOrder::for_one("", device)).await
    }

    async fn create_code(&self, site: &str, order: CodeOrder) -> Result<String, LedgerError> {
        let code = {
            let mut entropy = self.inner.entropy.lock().unwrap_or_else(PoisonError::into_inner);
            random_text(entropy.as_mut(), CODE_CHARACTERS)
        };
        let minutes = order
            .minutes
            .unwrap_or(self.inner.config.limits.enrolment_code_minutes);
        let valid = SignedDuration::from_mins(minutes.into());
        let kept = EnrolmentCode {
            code_hash: hash_of_code(&code),
            site: site.to_owned(),
            name: order.name.trim().to_owned(),
            device: order.device,
            expires: self.now().saturating_add(valid).unwrap_or(Timestamp::MAX),
            uses_max: order.uses_max,
            approval: order.approval,
            profile: order.profile,
        };
        self.ledger().keep_enrolment_code(kept).await?;
        Ok(in_groups(&code))
    }

    /// Takes a batch of a device that has proved itself: what `POST /v1/confirmations` does once it knows who asks.
    ///
    /// # Errors
    /// Why nothing of it was stored.
    pub async fn take(&self, from: DeviceIdentity, batch: Batch) -> Result<Taken, LedgerError> {
        let site = from.site.clone();
        let taken = self.inner.queue.take(ReadBatch::read(from, batch)).await?;
        if taken.new_records == 0 && !taken.fork {
            // A heartbeat changes the devices page, and nothing else.
            self.inner.changes.ring_pages(&site);
        } else {
            self.tend_counts(&site).await;
            self.changed(&site);
        }
        Ok(taken)
    }

    /// Does what follows from counts by itself. Where it cannot be done now, the next look does it: the facts are taken.
    pub(crate) async fn tend_counts(&self, site: &str) {
        let config = self.inner.config.sites.iter().find(|each| each.id == site);
        let limits = config.map(|site| site.counts).unwrap_or_default().limits();
        let tended = self
            .ledger()
            .tend_counts(site.to_owned(), limits, self.now())
            .await;
        match tended {
            Ok(true) => self.changed(site),
            Ok(false) => {}
            Err(error) => tracing::warn!(site, %error, "what follows from counts waits for the next look"),
        }
    }

    /// Recomputes chain, entries, balances and progress from the journal.
    ///
    /// # Errors
    /// Why the store cannot be read.
    pub async fn verify(&self) -> Result<Proof, LedgerError> {
        self.ledger().verify().await
    }

    /// All balances and marks at one moment.
    ///
    /// # Errors
    /// Why the store cannot be read.
    pub async fn ledger_snapshot(&self) -> Result<LedgerSnapshot, LedgerError> {
        self.ledger().snapshot().await
    }

    /// Makes a checked backup now, and moves the stable marks. `None` where backups are off.
    ///
    /// # Errors
    /// Why there is no backup; the marks are then where they were.
    pub async fn back_up(&self) -> Result<Option<views::Backup>, LedgerError> {
        let Some(folder) = self.inner.backup_folder.clone() else {
            return Ok(None);
        };
        let keep = self.inner.config.backups.keep;
        self.ledger().back_up(folder, keep, self.now()).await.map(Some)
    }

    /// When the last backup was made. A ledger that cannot say so is asked as if there were none.
    async fn last_backup(&self) -> Option<Timestamp> {
        let site = self.inner.config.sites.first()?.id.clone();
        self.ledger().overview(site).await.ok()?.backup
    }

    /// Random bytes for tokens and identities.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let mut entropy = self.inner.entropy.lock().unwrap_or_else(PoisonError::into_inner);
        entropy.fill(&mut bytes);
        bytes
    }

    /// Reads the hub's certificate and key again, as after they were renewed. Where they cannot be used, those before stay.
    pub fn read_certificate_again(&self) {
        if let Some(identity) = &self.inner.identity {
            identity.read_again();
        }
    }

    /// When the certificate that the hub shows ends; `None` without TLS.
    pub(crate) fn certificate_ends(&self) -> Option<Timestamp> {
        self.inner.identity.as_ref()?.ends()
    }

    async fn follow_certificate(&self) {
        match &self.inner.identity {
            Some(identity) => identity.follow_files().await,
            None => std::future::pending().await,
        }
    }

    async fn back_up_regularly(&self) {
        match self.inner.ledger.safekeeping() {
            Safekeeping::Backups => {}
            Safekeeping::Applied => {
                tracing::warn!("backups are off: devices may drop what this hub has applied");
                return std::future::pending().await;
            }
            Safekeeping::Command | Safekeeping::Replicas => return std::future::pending().await,
        }
        let interval = Duration::from_secs(60 * u64::from(self.inner.config.backups.interval_minutes));
        let mut wait = backup_time::wait(self.last_backup().await, self.now(), interval);
        loop {
            tokio::time::sleep(wait).await;
            wait = interval;
            match self.back_up().await {
                Ok(Some(backup)) => {
                    tracing::info!(file = %backup.file.display(), bytes = backup.bytes, "a backup was made and checked");
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "there is no new backup"),
            }
        }
    }
}

/// Opens the ledger of a configuration, without serving anything: the configured database, or where there is none the
/// store at `store`, which no hub may have open. A new one gets `generation` as the name of its life.
///
/// # Errors
/// What is wrong with the store or the database, and what to do.
pub async fn open_ledger(
    config: &HubConfig,
    store: &Path,
    generation: String,
    now: Timestamp,
    threads: Threads,
    opening: Opening,
) -> Result<Arc<dyn Ledger>, OpenHubError> {
    let restored = opening == Opening::Restored;
    if !config.database.url.is_empty() {
        let ledger = PostgresLedger::open(&config.database, &generation, now, restored).await?;
        return Ok(Arc::new(ledger));
    }
    let applied_is_stable = config.backup_folder(store).is_none();
    let ledger = SqliteLedger::open(store, &generation, now, threads, applied_is_stable)?;
    Ok(Arc::new(if restored {
        ledger.in_another_life(generation).await?
    } else {
        ledger
    }))
}

/// A code for a group of devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupOrder {
    /// What each device will be called, with a number of its own; empty for the name that it gives itself.
    pub name: String,
    /// So many devices may enrol with it.
    pub devices_max: u32,
    /// For so many minutes.
    pub minutes: u32,
    /// Whether an administrator has to say yes to each.
    pub approval: bool,
    /// The profile they get; empty for none.
    pub profile: String,
}

/// What a code is to be for.
struct CodeOrder {
    name: String,
    device: String,
    minutes: Option<u32>,
    uses_max: u32,
    approval: bool,
    profile: String,
}

impl CodeOrder {
    fn for_one(name: &str, device: &str) -> Self {
        Self {
            name: name.to_owned(),
            device: device.to_owned(),
            minutes: None,
            uses_max: 1,
            approval: false,
            profile: String::new(),
        }
    }
}

/// The hash under which a one-time code is kept. People type codes: case, spaces and dashes do not matter.
pub(crate) fn hash_of_code(code: &str) -> [u8; 32] {
    blake3::derive_key("tallyman enrolment code v1", plain_code(code).as_bytes())
}

/// The hash under which the secret of a device's token is kept.
pub(crate) fn hash_of_secret(secret: &str) -> [u8; 32] {
    blake3::derive_key("tallyman device token v1", secret.as_bytes())
}

/// The hash under which the secret part of an API key is kept.
pub(crate) fn hash_of_api_key(secret: &str) -> [u8; 32] {
    blake3::derive_key("tallyman api key v1", secret.as_bytes())
}

pub(crate) fn random_text(entropy: &mut dyn Entropy, characters: usize) -> String {
    let mut bytes = vec![0; characters];
    entropy.fill(&mut bytes);
    // 32 characters divide 256 evenly: each is equally likely.
    bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}
