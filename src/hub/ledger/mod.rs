//! The ledger: the journal of facts, the stock they make, the tasks they serve, and the devices they come from.
//!
//! [`Ledger`] is the store as the hub uses it: operations that mean something, each of them one transaction. What a
//! fact means is decided in [`interpret`], and what is written because of it in [`posting`], both apart from any
//! database; [`sqlite`] is the store in one file, [`postgres`] the one for many sites and several hubs.

pub mod account;
pub mod audit;
mod check;
pub mod claims;
pub mod counts;
mod decide;
mod delta;
pub(crate) mod details;
pub(crate) mod enrolment;
pub mod exception;
pub mod interpret;
pub mod inventory;
mod late;
pub mod lists;
pub mod moments;
mod moved;
pub mod numbers;
mod overlap;
pub mod people;
mod plan;
pub mod postgres;
pub mod posting;
pub mod proof;
pub mod resolution;
pub mod sessions;
pub mod sqlite;
mod text;
pub mod units;
pub mod views;

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tallyman_floor::wire::v1;

use crate::pictures::ItemPicture;
pub use account::{Account, AccountKind, Pair, Stock};
pub use exception::ExceptionKind;
use posting::ReadBatch;
pub use proof::{BalanceRow, LedgerSnapshot, Proof};
pub use resolution::{Decided, Decision, Resolution};

/// Trace entries kept of one device: a shift of steps.
pub(crate) const TRACE_ENTRIES_MAX: u64 = 20_000;

/// Bytes of trace entries kept of one device.
pub(crate) const TRACE_BYTES_MAX: i64 = 32 << 20;

/// Days that a trace entry is kept.
pub(crate) const TRACE_DAYS: i64 = 30;

/// From which moment on trace entries are kept, in microseconds.
pub(crate) fn traces_kept_since_us(now: Timestamp) -> i64 {
    now.as_microsecond() - TRACE_DAYS * 24 * 60 * 60 * 1_000_000
}

/// Whether the bytes of a device's entries are added up with these: that is a pass over all of them, so it is done once
/// in a thousand.
pub(crate) fn is_time_to_weigh(entries: &[v1::TraceEntry]) -> bool {
    const ENTRIES: u64 = 1_000;
    let crosses = |first: &v1::TraceEntry, last: &v1::TraceEntry| {
        first.number.saturating_sub(1) / ENTRIES != last.number / ENTRIES
    };
    matches!((entries.first(), entries.last()), (Some(first), Some(last)) if crosses(first, last))
}

/// Pictures that a site keeps at most, each of 48 KiB or less: half a gigabyte in every backup.
pub const PICTURES_MAX: usize = 10_000;

/// The first epoch of a device.
pub(crate) const EPOCH_FIRST: u32 = 1;

/// What every operation gives back: a value, later.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, LedgerError>>;

/// Rings for a site that has changed.
pub type Bell = std::sync::Arc<dyn Fn(&str) + Send + Sync>;

/// The store of the hub. Every operation is one transaction, is scoped by site, and has happened on disk when its
/// answer comes.
pub trait Ledger: Send + Sync + 'static {
    /// The hub's life, as far as this process knows: another one after a restore. Answers to devices carry the life
    /// that their own transaction saw.
    fn generation(&self) -> String;

    /// Where the store is, for people; without any secret.
    fn shown(&self) -> String;

    /// Whether the store still takes writes, without trying one: after a disk has failed it takes none until the program
    /// is started again.
    fn check_writing(&self) -> Result<(), LedgerError>;

    /// Answers when the writer of this process has come to it, and stores nothing: one that hangs never answers. A
    /// database has no writer here, and one that is away is no reason to start a hub again.
    fn ping(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Who makes the copies that devices rely on.
    fn safekeeping(&self) -> Safekeeping;

    /// How batches are best given to the store.
    fn turns(&self) -> Turns;

    /// Says that this process has changed something of a site, for other processes on the same store. Never waits.
    fn tell(&self, _site: &str) {}

    /// Rings for changes that other processes make, and does what else has to be done now and then, until it is
    /// dropped.
    fn follow(&self, _ring: Bell) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    /// Makes sure that these sites exist; the rules of a site are replaced where they differ.
    fn set_sites(&self, sites: Vec<SiteSetting>) -> Answer<'_, ()>;

    /// Keeps a one-time code for a new device.
    fn keep_enrolment_code(&self, code: EnrolmentCode) -> Answer<'_, ()>;

    /// Whether the device with this key enrolled with this code and waits for approval.
    fn is_awaiting(&self, code_hash: [u8; 32], public_key: [u8; 32]) -> Answer<'_, bool>;

    /// The codes of a site that still work.
    fn enrolment_codes(&self, site: String, now: Timestamp) -> Answer<'_, Vec<views::SetUp>>;

    /// Ends a code. False where it works no more, or is of another site.
    fn end_enrolment_code(&self, site: String, code_hash: [u8; 32], now: Timestamp) -> Answer<'_, bool>;

    /// Lets a device in that waits for it, or was refused. False where it does neither.
    fn approve_device(&self, device: DeviceIdentity) -> Answer<'_, bool>;

    /// Turns a device away that waits to be let in: its key is refused with the code that it showed. False where it does not
    /// wait.
    fn refuse_device(&self, device: DeviceIdentity, now: Timestamp) -> Answer<'_, bool>;

    /// Asks for a picture of a device's screen; what was asked for before is forgotten. False for a device that is not of
    /// the site.
    fn ask_for_screen(&self, device: DeviceIdentity, now: Timestamp) -> Answer<'_, bool>;

    /// Whether a picture of its screen is wanted of a device.
    fn is_screen_wanted(&self, device: DeviceIdentity) -> Answer<'_, bool>;

    /// Keeps the picture that was asked for. False where none was.
    fn keep_screen(&self, device: DeviceIdentity, picture: Vec<u8>, now: Timestamp) -> Answer<'_, bool>;

    /// Gives the picture out, once.
    fn take_screen(&self, device: DeviceIdentity) -> Answer<'_, Option<Vec<u8>>>;

    /// Turns a one-time code into a device, or gives the device it is for another key. A code works once, for one key, or for
    /// as many as it was made for; a wrong, used or expired one is [`LedgerError::CodeRefused`].
    fn enrol(&self, request: NewDevice) -> Answer<'_, EnrolledDevice>;

    /// What proves a device, and until when the token with this hash works; `None` for a device that is not known.
    fn find_device(&self, device: String, token_hash: [u8; 32]) -> Answer<'_, Option<KnownDevice>>;

    /// Takes batches of one site, each with journal, entries, balances, progress, marks and the device's state together
    /// or not at all. They may share a transaction, and each has an answer of its own, in their order.
    fn take_batches(
        &self,
        site: String,
        batches: Vec<ReadBatch>,
        now: Timestamp,
    ) -> Answer<'_, Vec<Result<Taken, LedgerError>>>;

    /// Where the hub stands with a device.
    fn device_cursor(&self, device: DeviceIdentity) -> Answer<'_, v1::DeviceCursor>;

    /// Gives a device a new epoch.
    fn grant_epoch(&self, device: DeviceIdentity, request: v1::EpochRequest) -> Answer<'_, v1::EpochGranted>;

    /// Keeps trace entries of a device; the oldest go, by age and where there are too many.
    fn keep_traces(
        &self,
        device: DeviceIdentity,
        entries: Vec<v1::TraceEntry>,
        now: Timestamp,
    ) -> Answer<'_, ()>;

    /// The trace entries of a device that are kept, by their numbers.
    fn traces(&self, device: DeviceIdentity) -> Answer<'_, Vec<(u64, String)>>;

    /// The epoch and the body of a record of a device's journal, of its newest epoch that has one where none is given.
    fn record(
        &self,
        device: DeviceIdentity,
        epoch: Option<u32>,
        seq: u64,
    ) -> Answer<'_, Option<(u32, Vec<u8>)>>;

    /// The device, epoch and seq of the record behind an exception.
    fn record_of_exception(
        &self,
        site: String,
        exception: i64,
    ) -> Answer<'_, Option<(DeviceIdentity, u32, u64)>>;

    /// What changed for a device since a cursor.
    fn delta(&self, device: DeviceIdentity, cursor: Option<String>, now: Timestamp) -> Answer<'_, v1::Delta>;

    /// Takes over items by their number: all or none.
    fn import_items(&self, site: String, items: Vec<v1::ItemBody>) -> Answer<'_, Imported>;

    /// Gives an item a picture. The one it had goes, unless another item has it too; an item that is not known is
    /// [`LedgerError::UnknownItem`].
    fn set_picture(&self, site: String, item: String, picture: ItemPicture) -> Answer<'_, Imported>;

    /// Takes an item's picture away. False where it has none.
    fn remove_picture(&self, site: String, item: String) -> Answer<'_, bool>;

    /// A picture of a site by its name.
    fn picture(&self, site: String, picture: String) -> Answer<'_, Option<Vec<u8>>>;

    /// The item with this number, else the one with the first of these codes that an item has.
    fn item_named(&self, site: String, name: String, codes: Vec<String>) -> Answer<'_, Option<String>>;

    /// An item, whole.
    fn item(&self, site: String, item: String) -> Answer<'_, Option<v1::ItemBody>>;

    /// Items by number; those alone that have the text in their number or name.
    fn items(&self, site: String, text: String) -> Answer<'_, views::ItemPage>;

    /// Takes over locations by their address: all or none.
    fn import_locations(&self, site: String, locations: Vec<LocationSetting>) -> Answer<'_, Imported>;

    /// Takes over tasks by their number: all or none. A task that was there gets the next revision; lines it had
    /// and has no more are kept when something was confirmed on them.
    fn import_tasks(&self, site: String, tasks: Vec<v1::TaskBody>, now: Timestamp) -> Answer<'_, Imported>;

    /// Posts opening stock.
    fn import_stock(
        &self,
        site: String,
        stock: Vec<OpeningStock>,
        reason: String,
        now: Timestamp,
    ) -> Answer<'_, Imported>;

    /// The holds of a site.
    fn holds(&self, site: String) -> Answer<'_, lists::Holds>;

    /// Replaces the holds of a site by these: what is not among them is released.
    fn import_holds(
        &self,
        site: String,
        holds: Vec<lists::HoldSetting>,
        now: Timestamp,
    ) -> Answer<'_, Imported>;

    /// Puts goods on hold, or gives a hold another reason. False where it is so already.
    fn set_hold(&self, site: String, hold: lists::HoldSetting, now: Timestamp) -> Answer<'_, bool>;

    /// Releases a hold. False where there is none.
    fn release_hold(&self, site: String, item: String, lot: String) -> Answer<'_, bool>;

    /// Replaces the reasons of a site by these, which are in the order of codes and numbers.
    fn import_reasons(&self, site: String, reasons: Vec<lists::ReasonSetting>) -> Answer<'_, Imported>;

    /// What imports check names against.
    fn names(&self, site: String) -> Answer<'_, views::Names>;

    /// The sites.
    fn sites(&self) -> Answer<'_, Vec<views::Site>>;

    /// What the overview shows.
    fn overview(&self, site: String) -> Answer<'_, views::Overview>;

    /// Tasks with their progress.
    fn tasks(&self, site: String, filter: views::TaskFilter) -> Answer<'_, Vec<views::TaskSummary>>;

    /// One task with its lines; `None` when the site has no such task.
    fn task(&self, site: String, task: String) -> Answer<'_, Option<views::TaskDetail>>;

    /// Stock, by location or by item.
    fn stock(&self, site: String, query: views::StockQuery) -> Answer<'_, views::StockPage>;

    /// The devices of a site.
    fn devices(&self, site: String) -> Answer<'_, Vec<views::Device>>;

    /// When the facts behind these exceptions were done, as well as it can be known. Those without a fact that can be read
    /// are left out.
    fn done(&self, site: String, exceptions: Vec<i64>) -> Answer<'_, HashMap<i64, moments::Done>>;

    /// Exceptions, newest first.
    fn exceptions(&self, site: String, filter: views::ExceptionFilter) -> Answer<'_, Vec<views::Exception>>;

    /// Cancels a task that is open. False when it is not.
    fn cancel_task(&self, site: String, task: String, now: Timestamp) -> Answer<'_, bool>;

    /// Recomputes chain, entries, balances and progress from the journal.
    fn verify(&self) -> Answer<'_, Proof>;

    /// All balances and marks at one moment.
    fn snapshot(&self) -> Answer<'_, LedgerSnapshot>;

    /// Makes a checked copy of the store in this folder, and moves the stable marks to what is in it.
    fn back_up(&self, folder: std::path::PathBuf, keep: usize, now: Timestamp) -> Answer<'_, views::Backup>;

    /// Does what follows from counts by itself: recounts, looks at places that were found empty, and differences that wait
    /// for a device. False where nothing did.
    fn tend_counts(&self, site: String, limits: counts::CountLimits, now: Timestamp) -> Answer<'_, bool>;

    /// Makes the tasks of a count, in one transaction.
    fn make_count(
        &self,
        site: String,
        order: inventory::CountOrder,
        now: Timestamp,
    ) -> Answer<'_, inventory::CountMade>;

    /// Counts that were made, the newest first.
    fn counts_made(&self, site: String) -> Answer<'_, Vec<inventory::CountSummary>>;

    /// How far a count is covered; `None` where there is no such count.
    fn cover(&self, site: String, number: i64) -> Answer<'_, Option<inventory::Cover>>;

    /// The zones of a site.
    fn zones(&self, site: String) -> Answer<'_, Vec<inventory::Zone>>;

    /// Stock as a device is told it.
    fn stock_told(&self, site: String, asked: views::StockAsked) -> Answer<'_, views::ToldStock>;

    // How devices prove themselves.

    /// The key that marks challenges: the one that is kept, else `fresh`, which is kept from now on.
    fn challenge_key(&self, fresh: [u8; 32]) -> Answer<'_, [u8; 32]>;

    /// Revokes a device, or lets it work again. While it is revoked its facts are set aside, and afterwards until a
    /// supervisor has decided about those that were. False where it was so before.
    fn set_revoked(&self, device: DeviceIdentity, revoked: bool, now: Timestamp) -> Answer<'_, bool>;

    /// Keeps the hash of a token, in place of the device's oldest where it has [`TOKENS_MAX`].
    fn keep_token(&self, token: NewToken) -> Answer<'_, ()>;

    // People, their sessions, the keys of programs, and the audit trail.

    /// Adds a person.
    fn add_person(&self, person: people::NewPerson) -> Answer<'_, people::PersonAnswer>;

    /// Changes what an administrator says about a person. Their sessions end where they may do something else than
    /// before.
    fn change_person(&self, setting: people::PersonSetting) -> Answer<'_, people::PersonAnswer>;

    /// Gives a person another password, as a PHC string, and ends their sessions but the one with this hash.
    fn set_password(
        &self,
        login: String,
        password: String,
        kept: Option<[u8; 32]>,
    ) -> Answer<'_, people::PersonAnswer>;

    /// Gives a person another PIN, as a PHC string; empty for none.
    fn set_pin(&self, login: String, pin: String) -> Answer<'_, people::PersonAnswer>;

    /// Whether there is anybody. Nobody is ever removed.
    fn people_exist(&self) -> Answer<'_, bool>;

    /// Everybody, by name; who is disabled comes last.
    fn people(&self) -> Answer<'_, Vec<people::Person>>;

    /// What people are called, by their badge.
    fn badge_names(&self) -> Answer<'_, Vec<(String, String)>>;

    /// A person with their password's hash.
    fn person_at_door(&self, login: String) -> Answer<'_, Option<people::PersonAtDoor>>;

    /// Begins a session. False where the password that was found right is no longer the person's, or they are disabled.
    fn begin_session(&self, session: sessions::NewSession) -> Answer<'_, bool>;

    /// A session of a person who is not disabled.
    fn find_session(&self, token_hash: [u8; 32]) -> Answer<'_, Option<sessions::Session>>;

    /// Notes that a session is used.
    fn touch_session(&self, token_hash: [u8; 32], now: Timestamp) -> Answer<'_, ()>;

    /// The sessions of a person, the newest used first.
    fn sessions(&self, login: String) -> Answer<'_, Vec<sessions::SessionView>>;

    /// Ends sessions of a person. False where there was none.
    fn end_sessions(&self, login: String, which: sessions::Which) -> Answer<'_, bool>;

    /// Keeps an API key. False where its owner has [`sessions::API_KEYS_MAX`].
    fn make_api_key(&self, key: sessions::NewApiKey) -> Answer<'_, bool>;

    /// API keys, of one owner or of all.
    fn api_keys(&self, owner: Option<String>) -> Answer<'_, Vec<sessions::ApiKey>>;

    /// An API key that works.
    fn find_api_key(&self, key: String) -> Answer<'_, Option<sessions::ApiKeyAtDoor>>;

    /// Notes that an API key is used.
    fn note_api_key_use(&self, key: String, source: String, now: Timestamp) -> Answer<'_, ()>;

    /// Ends an API key, of this owner if one is given. False where there is none that works.
    fn end_api_key(&self, key: String, owner: Option<String>, now: Timestamp) -> Answer<'_, bool>;

    /// Adds rows to the audit trail.
    fn append_audit(&self, notes: Vec<audit::AuditNote>) -> Answer<'_, ()>;

    /// Rows of the audit trail, newest first.
    fn audit(&self, filter: audit::AuditFilter) -> Answer<'_, Vec<audit::AuditRow>>;

    // Claims, and decisions about exceptions.

    /// Gives a device leases on tasks, each by a statement of its own that says whether it may be; and work to take
    /// along.
    fn claim(
        &self,
        device: DeviceIdentity,
        request: v1::ClaimRequest,
        now: Timestamp,
    ) -> Answer<'_, v1::Claims>;

    /// Takes leases back that a device gives back. One that is not the newest of its task is passed over.
    fn release(&self, device: DeviceIdentity, leases: Vec<v1::LeaseBody>, now: Timestamp) -> Answer<'_, ()>;

    /// Takes a task from whoever holds it, because a supervisor says so. False where nobody does.
    fn free_claim(&self, site: String, task: String, now: Timestamp) -> Answer<'_, bool>;

    /// Leases numbers to a device, each number once. `None` where the device's journal is behind what is here of it.
    fn lease_numbers(
        &self,
        device: DeviceIdentity,
        wish: numbers::NumberWish,
        now: Timestamp,
    ) -> Answer<'_, Option<v1::Numbers>>;

    /// Notes that a device has handed in all it had: what it may have done is in doubt no more. False where nothing was.
    fn end_doubts(&self, device: DeviceIdentity) -> Answer<'_, bool>;

    /// Decides about an exception without more words. False where it was ended before, or cannot be ended so.
    fn resolve(
        &self,
        site: String,
        exception: i64,
        resolution: Resolution,
        now: Timestamp,
    ) -> Answer<'_, bool> {
        Box::pin(async move {
            let decided = self.decide(site, exception, Decision::plain(resolution), now);
            Ok(decided.await? == Decided::Done)
        })
    }

    /// Decides about an exception: posts and makes what follows, and ends it.
    fn decide(&self, site: String, exception: i64, decision: Decision, now: Timestamp)
    -> Answer<'_, Decided>;
}

/// Tokens of one device that work side by side: the one in use, and those of renewals whose answer was lost.
pub const TOKENS_MAX: u32 = 4;

/// Who makes the copies of the store that stable marks rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safekeeping {
    /// The hub itself, checked, in a folder.
    Backups,
    /// The database's own tools; a command says when a copy is good.
    Command,
    /// Replicas of the database, which the hub watches.
    Replicas,
    /// Nobody that the hub knows of: applied counts as stable.
    Applied,
}

/// How batches are best given to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turns {
    /// So many calls of [`Ledger::take_batches`] at a time.
    pub running_max: usize,
    /// So many batches in one.
    pub batches_max: usize,
    /// Whether two of one site would only wait for each other.
    pub one_per_site: bool,
}

impl Turns {
    /// Batches in one transaction: beyond that the sync is no longer what costs.
    pub const BATCHES_MAX: usize = 64;
}

/// A site as the configuration names it.
#[derive(Debug, Clone)]
pub struct SiteSetting {
    /// The site.
    pub site: String,
    /// Its name for people.
    pub name: String,
    /// Its own codes.
    pub rules: Vec<v1::SiteRuleBody>,
}

/// A one-time code, hashed.
#[derive(Debug, Clone)]
pub struct EnrolmentCode {
    /// BLAKE3 of the code.
    pub code_hash: [u8; 32],
    /// The site the device will work in.
    pub site: String,
    /// What the device will be called; empty to take the name it gives itself.
    pub name: String,
    /// The device that it enrols again; empty for a new one.
    pub device: String,
    /// Until when it works.
    pub expires: Timestamp,
    /// So many devices may enrol with it.
    pub uses_max: u32,
    /// Whether an administrator has to say yes to each.
    pub approval: bool,
    /// The profile they get; empty for none.
    pub profile: String,
}

/// A device that asks for an identity.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// BLAKE3 of the code it shows.
    pub code_hash: [u8; 32],
    /// The name it gives itself.
    pub name: String,
    /// Its program's version.
    pub version: String,
    /// Its public key.
    pub public_key: [u8; 32],
    /// The identity it has already.
    pub device: Option<String>,
    /// Something random, to make its identity unique.
    pub salt: u32,
    /// Now.
    pub now: Timestamp,
}

/// What a device became.
#[derive(Debug, Clone)]
pub struct EnrolledDevice {
    /// The hub's life.
    pub generation: String,
    /// Its identity.
    pub device: String,
    /// Its site.
    pub site: String,
    /// The epoch its journal starts with.
    pub epoch: u32,
    /// The profile of its code; empty for none.
    pub profile: String,
    /// An administrator has to say yes first: it is kept with its key, and told nothing.
    pub awaits: bool,
}

/// What proves a device.
#[derive(Debug, Clone)]
pub struct KnownDevice {
    /// The site it works in.
    pub site: String,
    /// Its public key; empty where it has none.
    pub public_key: Vec<u8>,
    /// Whether its facts are set aside and it is told nothing.
    pub revoked: bool,
    /// Until when the token that was asked for works; `None` where there is none.
    pub token_expires: Option<Timestamp>,
}

/// A token, hashed.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The device.
    pub device: String,
    /// BLAKE3 of its secret.
    pub token_hash: [u8; 32],
    /// Until when it works.
    pub expires: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// A device that has proved itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceIdentity {
    /// The site it works in.
    pub site: String,
    /// The device.
    pub device: String,
}

/// What became of a batch.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// The hub's life.
    pub generation: String,
    /// The epoch of the marks.
    pub epoch: u32,
    /// Applied up to here.
    pub applied_seq: u64,
    /// Stable up to here.
    pub stable_seq: u64,
    /// Wanted next, where the batch could not be taken whole.
    pub expected_seq: Option<u64>,
    /// Whether the journals differ.
    pub fork: bool,
    /// What did not go plainly.
    pub outcomes: Vec<v1::Outcome>,
    /// Records that were new.
    pub new_records: usize,
}

/// A location as an import names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationSetting {
    /// The address.
    pub location: String,
    /// The zone; empty for none.
    pub zone: String,
    /// The digits painted beside its label; empty for none.
    pub check_digits: String,
}

/// Goods that were there before the hub.
#[derive(Debug, Clone)]
pub struct OpeningStock {
    /// Where.
    pub location: String,
    /// What.
    pub stock: Stock,
    /// How much.
    pub quantity: tallyman_floor::Quantity,
}

/// What an import changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Imported {
    /// New rows.
    pub added: usize,
    /// Rows that were there and are different now.
    pub changed: usize,
    /// Rows that were there and are the same.
    pub unchanged: usize,
    /// Rows that were there and are no more, where a file replaces a list as a whole.
    pub removed: usize,
}

impl Imported {
    /// Whether anything is different.
    pub(crate) const fn is_change(&self) -> bool {
        self.added + self.changed + self.removed > 0
    }
}

/// Why an operation of the store did not happen. Nothing of it is stored then.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LedgerError {
    /// The store cannot take it at the moment: the disk is full, or somebody locks the file.
    #[error("{0}")]
    Unavailable(String),
    /// The connection broke while it was being committed, and it cannot be told whether it was.
    #[error(
        "the connection to the database broke in the middle, and it cannot be told whether this was stored. Look whether it \
         is there before you try again."
    )]
    Unknown,
    /// The store is broken or the program is: what was tried will fail again.
    #[error("{0}")]
    Broken(String),
    /// The one-time code is wrong, used or expired.
    #[error(
        "this enrolment code is wrong, was used before or has expired. Ask for a new one on the hub's devices page."
    )]
    CodeRefused,
    /// The one-time code is for a new device, and this one has an identity.
    #[error(
        "this enrolment code is for a new device, and this one is {0} already. Ask for a code with \"Enrol this device \
         again\" on its card of the hub's devices page, or set the store aside to begin as another device. Nothing is lost."
    )]
    CodeForNewDevice(String),
    /// The one-time code enrols another device again.
    #[error(
        "this enrolment code is for a device that is known and has lost its key, and not for this one. Ask for a code of \
         its own on the hub's devices page. Nothing is lost."
    )]
    CodeForOtherDevice,
    /// Another device has this key.
    #[error(
        "another device of this hub has the same key: the disk of one was copied to the other, or one key is given to both. \
         Give each a key of its own (move the files agent.db.key and agent.db.key.next away) and enrol this one again. Nothing \
         is lost."
    )]
    KeyTaken,
    /// There is no such site.
    #[error("this hub has no site \"{0}\". Sites are listed in the hub's configuration under [[sites]].")]
    UnknownSite(String),
    /// A code belongs to another item already.
    #[error(
        "the code {code} belongs to item {owner} already and cannot also mean item {item}. Nothing was imported."
    )]
    CodeTaken {
        /// The code.
        code: String,
        /// The item it belongs to.
        owner: String,
        /// The item that claims it.
        item: String,
    },
    /// There is no such item.
    #[error("there is no item {0} in the item list. Import it first, or look for its article number.")]
    UnknownItem(String),
    /// Each picture is in each backup.
    #[error("this site has {PICTURES_MAX} pictures already, and no more fit. Remove some of them.")]
    TooManyPictures,
    /// Each hold goes to each device.
    #[error(
        "this site has {} holds already, and no more fit. Release some of them, or hold every lot of an item.",
        lists::HOLDS_MAX
    )]
    TooManyHolds,
    /// A backup could not be written or did not pass its check.
    #[error(
        "the backup {file} failed: {cause}. The stable marks stay where they are; the devices keep their records."
    )]
    Backup {
        /// The file.
        file: String,
        /// What went wrong.
        cause: String,
    },
}
