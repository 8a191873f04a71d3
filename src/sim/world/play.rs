//! The course of a world: it is made from its seed, there is work and trouble, then quiet, then the check.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use tallyman_hub::config::SiteConfig;
use tallyman_hub::{HubConfig, ImportKind, Opening};

use crate::checker::history::{self, Violation};
use crate::warehouse::{Size, Warehouse};

use super::chance::{Chance, seed_of};
use super::clock::VirtualClock;
use super::device::Device;
use super::hub::{HUB, HubMachine};
use super::interleaving;
use super::lead::Lead;
use super::post::Post;
use super::trace::Trace;
use super::witness::Account;
use super::work::Job;
use super::{Options, Outcome, Sabotage, World};

/// The work of a site: little of every kind, so that much happens around each fact.
const SIZE: Size = Size {
    receipts: (2, 3),
    orders: (3, 3),
    counts: (1, 2),
    shared_lines: 2,
    rounds: false,
    tagged_bays: 0,
};

/// Minutes of work and troubles.
const WORK_MINUTES: (u64, u64) = (12, 40);

/// Minutes in which everything that waits must arrive when nothing goes wrong any more. Waits between tries are a minute
/// at most, and an answer may be waited for for half of one.
const QUIET_MINUTES: u64 = 10;

/// In one seed of so many the same facts are given to a second hub, in another order.
const INTERLEAVED_ONE_IN: u64 = 4;

/// Minutes of work in which one operation of a disk goes wrong.
const SWEEP_MINUTES: u64 = 3;

/// The day on which every world begins.
const DAY: Date = Date::constant(2026, 11, 25);

/// Seconds between two looks at how much waits.
const LOOK_SECONDS: u64 = 5;

/// Seconds in which every device has heard from the hub: one that has nothing to say does so every minute, and only then
/// learns that the hub was put back.
const HEARD_SECONDS: u64 = 150;

/// Devices of a world.
const DEVICES: (u64, u64) = (2, 4);

/// The moment at which every world begins.
const BEGINS: &str = "2026-11-25T06:00:00Z";

/// Runs a world to its end. Its files are below `folder`, which is empty. The runtime must be of one thread, with paused
/// time.
///
/// # Errors
/// Why the world could not even begin.
pub async fn run(options: Options, folder: &Path) -> Result<Outcome, String> {
    let mut chance = Chance::of(options.seed, "world");
    let sites: &[&str] = match chance.below(3) {
        0 if options.sweep.is_none() => &["main", "annex"],
        _ => &["main"],
    };
    let world = begin(&options, folder, sites)?;
    tokio::spawn(Arc::clone(&world.post).sort());
    world.hub.start(Opening::AsBefore).await?;
    let warehouses = stock(&world, sites).await?;
    let count = match options.sweep {
        Some(_) => 1,
        None => chance.between(DEVICES.0, DEVICES.1),
    };
    let devices = switch_on(&world, folder, sites, count)?;
    let plan_of = |(site, warehouse): (&&str, &Warehouse)| {
        let tasks = warehouse.files().tasks;
        ((*site).to_owned(), tasks.lines().map(str::to_owned).collect())
    };
    let lead = tokio::spawn(Lead::new(&world, warehouses.iter().map(plan_of).collect()).lead());
    let working: Vec<_> = devices
        .into_iter()
        .map(|mut device| {
            let warehouse = warehouses[device.site.as_str()].clone();
            tokio::spawn(async move {
                device.work(&warehouse, &jobs_of(&warehouse)).await;
                device
            })
        })
        .collect();
    let minutes = match options.sweep {
        Some(_) => SWEEP_MINUTES,
        None => chance.between(WORK_MINUTES.0, WORK_MINUTES.1),
    };
    tokio::time::sleep(Duration::from_secs(60 * minutes)).await;
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
    let is_tried =
        options.seed.is_multiple_of(INTERLEAVED_ONE_IN) || options.sabotage == Some(Sabotage::LeftOut);
    if is_tried && outcome.violations.is_empty() {
        outcome
            .violations
            .extend(interleave(&world, &options, folder, sites).await);
        outcome.traced = world.trace.finish();
    }
    Ok(outcome)
}

/// Imports goods, places and tasks of every site.
async fn stock<'a>(world: &World, sites: &[&'a str]) -> Result<BTreeMap<&'a str, Warehouse>, String> {
    let mut warehouses = BTreeMap::new();
    for site in sites {
        let warehouse = Warehouse::on(DAY, seed_of(world.seed, site), SIZE);
        let files = warehouse.files();
        for (kind, text) in [
            (ImportKind::Items, &files.items),
            (ImportKind::Locations, &files.locations),
            (ImportKind::Stock, &files.stock),
            (ImportKind::Tasks, &files.tasks),
        ] {
            world.hub.import(site, kind, text).await?;
        }
        warehouses.insert(*site, warehouse);
    }
    Ok(warehouses)
}

/// The devices, shared out among the sites.
fn switch_on(world: &Arc<World>, folder: &Path, sites: &[&str], count: u64) -> Result<Vec<Device>, String> {
    let mut devices = Vec::new();
    for node in 1..=usize::try_from(count).unwrap_or(1) {
        let own = folder.join(format!("dev-{node}"));
        std::fs::create_dir(&own).map_err(|error| error.to_string())?;
        let device = Device::new(world, node, sites[node % sites.len()], &own);
        if world.sabotage == Some(Sabotage::LyingDisk) {
            world.disk.lie(node);
        }
        world
            .accounts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&device.account));
        devices.push(device);
    }
    Ok(devices)
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
        sweep: options.sweep,
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
        counts: Default::default(),
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
