//! A world on virtual time: several real agents and a real hub on one thread, with workers, and everything that breaks.
//!
//! Nothing in it waits for real time, opens a socket or starts a thread: stores write inline, clocks follow the runtime's
//! paused time, messages travel through [`post`], and chance comes from the seed, from a stream of its own for everything
//! that draws. So a seed gives the same trace, byte for byte. What a disk does wrong is up to whoever runs the world, see
//! [`disk::Disk`].
//!
//! A world has three parts: troubles and work; then quiet, in which everything that waits must arrive; then the check,
//! [`crate::checker::history`].

pub mod chance;
pub mod clock;
pub mod device;
pub mod disk;
pub mod hub;
mod interleaving;
mod lead;
pub mod post;
pub mod trace;
pub mod weather;
pub mod wire;
pub mod witness;
mod work;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use tallyman_floor::wire::v1::Receipt;
use tallyman_hub::config::SiteConfig;
use tallyman_hub::{HubConfig, ImportKind, Opening};

use crate::checker::history::{self, Violation};
use crate::warehouse::{Size, Warehouse};

use chance::{Chance, seed_of};
use clock::VirtualClock;
use device::Device;
use disk::Disk;
use hub::{HUB, HubMachine};
use lead::Lead;
use post::Post;
use trace::{Trace, Traced};
use witness::Account;
use work::Job;

/// The work of a site: little of every kind, so that much happens around each fact.
const SIZE: Size = Size {
    receipts: (2, 3),
    orders: (3, 3),
    counts: (1, 2),
    shared_lines: 2,
};

/// Minutes of work and troubles.
const WORK_MINUTES: (u64, u64) = (12, 40);

/// Minutes in which everything that waits must arrive when nothing goes wrong any more. Waits between tries are a minute
/// at most, and an answer may be waited for for half of one.
const QUIET_MINUTES: u64 = 10;

/// In one seed of so many the same facts are given to a second hub, in another order.
const INTERLEAVED_ONE_IN: u64 = 4;

/// Seconds between two looks at how much waits.
const LOOK_SECONDS: u64 = 5;

/// Seconds in which every device has heard from the hub: one that has nothing to say does so every minute, and only then
/// learns that the hub was put back.
const HEARD_SECONDS: u64 = 150;

/// Devices of a world.
const DEVICES: (u64, u64) = (2, 4);

/// The moment at which every world begins.
const BEGINS: &str = "2026-11-25T06:00:00Z";

/// What a world is made from.
#[derive(Clone)]
pub struct Options {
    /// The seed of everything.
    pub seed: u64,
    /// The disks.
    pub disk: Arc<dyn Disk>,
    /// Something that breaks a promise, which the check must find.
    pub sabotage: Option<Sabotage>,
    /// Whether the whole trace is kept.
    pub whole_trace: bool,
}

/// A part that is broken on purpose: a control of the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// The network changes what a record says.
    ChangedRecord,
    /// The hub tells an older mark than before, in the same life.
    MarkGoesBack,
    /// A device's batches are never answered, not even in the end.
    NeverAnswered,
    /// A device's disk answers syncs that it does not do.
    LyingDisk,
    /// The hub has applied a fact twice.
    AppliedTwice,
    /// The hub has lost one of the two entries of a fact.
    LostEntry,
    /// The hub took two facts of a device in another order.
    Swapped,
    /// The hub has a fact that nobody made.
    Invented,
    /// A fact is left out where the same ones arrive in another order.
    LeftOut,
}

impl Sabotage {
    /// Every one, with the invariants of which at least one must be reported.
    pub const ALL: [(Self, &'static [&'static str]); 9] = [
        (Self::ChangedRecord, &["I1", "I5"]),
        (Self::MarkGoesBack, &["I4"]),
        (Self::NeverAnswered, &["I6"]),
        (Self::LyingDisk, &["I1"]),
        (Self::AppliedTwice, &["I1"]),
        (Self::LostEntry, &["I2"]),
        (Self::Swapped, &["I3"]),
        (Self::Invented, &["I5"]),
        (Self::LeftOut, &["I7"]),
    ];
}

/// What became of a world.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What was broken.
    pub violations: Vec<Violation>,
    /// What happened.
    pub traced: Traced,
    /// Facts in the hub's journal.
    pub facts: usize,
}

/// What all parts of a world share.
pub struct World {
    /// The seed of everything.
    pub seed: u64,
    /// What happens.
    pub trace: Arc<Trace>,
    /// The disks.
    pub disk: Arc<dyn Disk>,
    /// The order of messages.
    pub post: Arc<Post>,
    /// The hub.
    pub hub: HubMachine,
    pub(crate) sabotage: Option<Sabotage>,
    truth: Arc<VirtualClock>,
    calm: AtomicBool,
    accounts: Mutex<Vec<Arc<Mutex<Account>>>>,
    told: Mutex<Told>,
}

/// What receipts have said: the marks by life of the hub, device and epoch, and where they went back.
#[derive(Default)]
struct Told {
    marks: BTreeMap<(String, String, u32), (u64, u64)>,
    wrong: Vec<Violation>,
}

impl World {
    /// Whether nothing goes wrong any more.
    pub fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// The time as it really is.
    pub fn true_time(&self) -> Timestamp {
        use tallyman_platform::clock::Clock as _;
        self.truth.wall()
    }

    fn accounts(&self) -> Vec<Arc<Mutex<Account>>> {
        self.accounts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A receipt leaves the hub: its marks never go back within one life.
    fn marks(&self, device: &str, body: &[u8]) {
        let Ok(receipt) = serde_json::from_slice::<Receipt>(body) else {
            return;
        };
        let mut told = self.told();
        let key = (receipt.generation.clone(), device.to_owned(), receipt.epoch);
        let now = (receipt.applied_seq, receipt.stable_seq);
        let before = told.marks.insert(key, now).unwrap_or_default();
        if now.0 < before.0 || now.1 < before.1 || now.1 > now.0 {
            let what = format!(
                "{device}, epoch {}: the marks went from {before:?} to {now:?}",
                receipt.epoch
            );
            told.wrong.push(Violation::of("I4", what));
        }
        if now.1 > before.1 {
            self.trace.count("hub: stable mark moved");
        }
    }
}

/// Runs a world to its end. Its files are below `folder`, which is empty. The runtime must be of one thread, with paused
/// time.
///
/// # Errors
/// Why the world could not even begin.
pub async fn run(options: Options, folder: &Path) -> Result<Outcome, String> {
    let mut chance = Chance::of(options.seed, "world");
    let sites: &[&str] = if chance.below(3) == 0 {
        &["main", "annex"]
    } else {
        &["main"]
    };
    let world = begin(&options, folder, sites)?;
    tokio::spawn(Arc::clone(&world.post).sort());
    world.hub.start(Opening::AsBefore).await?;
    let day = Date::constant(2026, 11, 25);
    let mut plans = Vec::new();
    let mut warehouses = BTreeMap::new();
    for site in sites {
        let warehouse = Warehouse::on(day, seed_of(options.seed, site), SIZE);
        let files = warehouse.files();
        for (kind, text) in [
            (ImportKind::Items, &files.items),
            (ImportKind::Locations, &files.locations),
            (ImportKind::Stock, &files.stock),
            (ImportKind::Tasks, &files.tasks),
        ] {
            world.hub.import(site, kind, text).await?;
        }
        plans.push((
            (*site).to_owned(),
            files.tasks.lines().map(str::to_owned).collect(),
        ));
        warehouses.insert(*site, warehouse);
    }
    let mut devices = Vec::new();
    let count = chance.between(DEVICES.0, DEVICES.1);
    for number in 1..=count {
        let node = usize::try_from(number).unwrap_or(1);
        let site = sites[node % sites.len()];
        let own = folder.join(format!("dev-{node}"));
        std::fs::create_dir(&own).map_err(|error| error.to_string())?;
        let device = Device::new(&world, node, site, &own);
        if options.sabotage == Some(Sabotage::LyingDisk) {
            world.disk.lie(node);
        }
        let account = Arc::clone(&device.account);
        world
            .accounts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(account);
        devices.push(device);
    }
    let lead = tokio::spawn(Lead::new(&world, plans).lead());
    let working = devices.into_iter().map(|mut device| {
        let warehouse = warehouses[device.site.as_str()].clone();
        let world = Arc::clone(&world);
        async move {
            device.work(&warehouse, &jobs_of(&warehouse)).await;
            world.trace.note(&device.name, "the work is over");
            device
        }
    });
    let working: Vec<_> = working.map(tokio::spawn).collect();
    tokio::time::sleep(Duration::from_secs(
        60 * chance.between(WORK_MINUTES.0, WORK_MINUTES.1),
    ))
    .await;
    calm(&world, count);
    let mut devices = Vec::new();
    for task in working {
        devices.push(task.await.map_err(|error| format!("a worker ended: {error}"))?);
    }
    let drained = drain(&world, &mut devices).await;
    world.hub.back_up().await;
    lead.abort();
    for device in &mut devices {
        device.end().await;
        let journal = device.journal();
        device.account().look(&journal);
    }
    world.hub.stop().await;
    let mut outcome = judge(&world, &options, drained, count);
    let is_tried = options.seed % INTERLEAVED_ONE_IN == 0 || options.sabotage == Some(Sabotage::LeftOut);
    if is_tried && outcome.violations.is_empty() {
        outcome
            .violations
            .extend(interleave(&world, &options, folder, sites).await);
        outcome.traced = world.trace.finish();
    }
    Ok(outcome)
}

/// Gives the same facts to a fresh hub in another order, and compares the ledgers.
async fn interleave(world: &World, options: &Options, folder: &Path, sites: &[&str]) -> Option<Violation> {
    let own = folder.join("again");
    let chance = Chance::of(options.seed, "another order");
    let begun = std::fs::create_dir(&own).map_err(|error| error.to_string());
    let hub = begun.and_then(|()| hub_of(options, &own, sites, &world.trace));
    let imports = world.hub.imports()?;
    world.trace.count("facts: delivered again in another order");
    let compared = async {
        let hub = hub?;
        let forgets = options.sabotage == Some(Sabotage::LeftOut);
        interleaving::deliver(&world.hub.store(), &hub, &imports, chance, forgets).await?;
        let totals = |store: &Path| history::totals(store).map_err(|error| error.to_string());
        let (once, again) = (totals(&world.hub.store())?, totals(&hub.store())?);
        let differs = |key: &&String| once.get(*key) != again.get(*key);
        let wrong = once.keys().chain(again.keys()).find(differs);
        wrong.map_or(Ok(()), |key| {
            let (once, again) = (once.get(key), again.get(key));
            Err(format!(
                "{key} is {once:?}, and {again:?} in another order of arrival"
            ))
        })
    };
    compared.await.err().map(|what: String| Violation::of("I7", what))
}

fn begin(options: &Options, folder: &Path, sites: &[&str]) -> Result<Arc<World>, String> {
    let begins = begins()?;
    let trace = Arc::new(Trace::begin(options.whole_trace));
    let own = folder.join("hub");
    std::fs::create_dir(&own).map_err(|error| error.to_string())?;
    let hub = hub_of(options, &own, sites, &trace)?;
    Ok(Arc::new(World {
        seed: options.seed,
        trace,
        disk: Arc::clone(&options.disk),
        post: Post::open(),
        hub,
        sabotage: options.sabotage,
        truth: VirtualClock::boot("truth", begins),
        calm: AtomicBool::new(false),
        accounts: Mutex::default(),
        told: Mutex::default(),
    }))
}

fn begins() -> Result<Timestamp, String> {
    BEGINS.parse().map_err(|error| format!("{error}"))
}

/// A hub with an empty store in this folder.
fn hub_of(
    options: &Options,
    folder: &Path,
    sites: &[&str],
    trace: &Arc<Trace>,
) -> Result<HubMachine, String> {
    let usual = HubConfig::default();
    let codes = usual
        .sites
        .first()
        .map(|site| site.codes.clone())
        .unwrap_or_default();
    let site = |id: &&str| SiteConfig {
        id: (*id).to_owned(),
        name: (*id).to_owned(),
        codes: codes.clone(),
    };
    let config = HubConfig {
        sites: sites.iter().map(site).collect(),
        ..usual
    };
    Ok(HubMachine::new(
        folder,
        config,
        Arc::clone(&options.disk),
        Arc::clone(trace),
        VirtualClock::boot("hub-boot", begins()?),
        Chance::of(options.seed, "hub"),
    ))
}

/// Every task of a site, for every worker: two devices often work on one.
fn jobs_of(warehouse: &Warehouse) -> Vec<Job> {
    let receipts = warehouse.receipts.iter().cloned().map(Job::Receive);
    let orders = warehouse.orders.iter().cloned().map(Job::Pick);
    let counts = warehouse.counts.iter().cloned().map(Job::Count);
    receipts.chain(orders).chain(counts).collect()
}

/// From now on nothing goes wrong any more, but for what has been broken already.
fn calm(world: &World, devices: u64) {
    world.calm.store(true, Ordering::Relaxed);
    world.trace.note("world", "nothing goes wrong any more");
    for node in 0..=usize::try_from(devices).unwrap_or(0) {
        if !world.disk.is_cut(node) {
            world.disk.mend(node);
        }
    }
}

/// Waits until nothing waits any more. Answers which devices are still not rid of something.
async fn drain(world: &World, devices: &mut [Device]) -> Vec<String> {
    for device in devices.iter_mut() {
        device.ensure_it_is_enrolled().await;
    }
    let mut waiting = Vec::new();
    for look in 1..=QUIET_MINUTES * 60 / LOOK_SECONDS {
        tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)).await;
        waiting.clear();
        for device in devices.iter_mut() {
            device.wire.out(false);
            device.ensure_it_is_enrolled().await;
            waiting.extend(left(device));
        }
        if waiting.is_empty() && look * LOOK_SECONDS >= HEARD_SECONDS {
            break;
        }
    }
    for told in &waiting {
        world.trace.note("world", told);
    }
    waiting
}

/// What a device has not got rid of.
fn left(device: &Device) -> Option<String> {
    let Some(agent) = device.agent() else {
        return Some(format!("{} does not run", device.name));
    };
    let status = agent.status();
    let left = status.outbox.waiting;
    (left > 0).then(|| {
        let fault = status.link.last_fault;
        format!(
            "{} still has {left} facts after {QUIET_MINUTES} quiet minutes; it says {fault:?}",
            device.name
        )
    })
}

fn judge(world: &World, options: &Options, drained: Vec<String>, devices: u64) -> Outcome {
    let mut violations: Vec<Violation> = drained
        .into_iter()
        .map(|what| Violation::of("I6", what))
        .collect();
    violations.append(&mut world.told().wrong);
    let accounts: Vec<Account> = world
        .accounts()
        .iter()
        .map(|account| account.lock().unwrap_or_else(PoisonError::into_inner).clone())
        .collect();
    let store = world.hub.store();
    if let Some(sabotage) = options.sabotage
        && let Err(error) = history::sabotage(&store, sabotage)
    {
        violations.push(Violation::of(
            "control",
            format!("{sabotage:?} could not be done: {error}"),
        ));
    }
    let mut facts = 0;
    match history::check(&store, &accounts) {
        Ok(checked) => {
            facts = checked.facts;
            violations.extend(checked.violations);
        }
        Err(error) => violations.push(Violation::of(
            "I2",
            format!("the hub's store cannot be read: {error}"),
        )),
    }
    for node in HUB..=usize::try_from(devices).unwrap_or(0) {
        let tally = world.disk.tally(node);
        let (cut, failed, full) = if node == HUB {
            (
                "hub: power cut in an operation",
                "hub: operation failed",
                "hub: no room for an operation",
            )
        } else {
            (
                "disk: power cut in an operation",
                "disk: operation failed",
                "disk: no room for an operation",
            )
        };
        world.trace.count_many(cut, tally.cuts);
        world.trace.count_many(failed, tally.failures);
        world.trace.count_many(full, tally.full);
        world.trace.count_many("disk: unsynced writes lost", tally.lost);
    }
    world
        .trace
        .count_many("facts: at the hub", u64::try_from(facts).unwrap_or(0));
    Outcome {
        violations,
        traced: world.trace.finish(),
        facts,
    }
}
