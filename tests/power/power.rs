//! Power cuts: what a program wrote is recorded call by call, and the power is cut after every one of them, in every
//! way that a disk allows. What is left is opened by the real code, and must hold what was promised.
//!
//! [`trace`] is a recording, [`disk`] what is certain of it, [`image`] what a power cut may leave, and [`explorer`]
//! walks through all of that. `docs/durability.md` says what it proves, and on which assumptions.

mod agent;
mod agent_recording;
mod disk;
mod explorer;
mod found;
mod history;
mod hub;
mod hub_device;
mod hub_recording;
mod image;
mod program;
#[path = "../client/signer.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod signer;
mod talk;
mod tally;
mod trace;

use std::future::Future;
use std::path::Path;
use std::sync::OnceLock;

use agent::AgentStore;
use disk::Honesty;
use explorer::{Plan, Subject, explore};
use found::Promise;
use history::History;
use hub::HubStore;
use image::Bytes;
use tally::Tally;
use trace::Record;

/// Images of one store in one run; `TALLYMAN_POWER_IMAGES` sets another number.
const IMAGES: u64 = 1_500;
/// Images of a control, which finds something in every third.
const IMAGES_OF_CONTROL: u64 = 100;
/// The seed of the cuts; `TALLYMAN_SEED` sets another one.
const SEED: u64 = 7;
/// With more images than this for each recorded day, longer recordings find more.
const IMAGES_OF_DAY: u64 = 20_000;
/// Days in a recording at most.
const DAYS_MAX: u64 = 4;

fn number(variable: &str, default: u64) -> u64 {
    let set = std::env::var(variable).ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn images() -> u64 {
    number("TALLYMAN_POWER_IMAGES", IMAGES)
}

fn days() -> u64 {
    (images() / IMAGES_OF_DAY).clamp(1, DAYS_MAX)
}

/// A recording with the one who opens its images.
struct Recorded<S> {
    subject: S,
    history: History,
}

fn recorded<S: Subject>(mut subject: S, recording: impl Future<Output = Vec<Record>>) -> Recorded<S> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let records = runtime.expect("a runtime").block_on(recording);
    let work = program::folder();
    let history = History::of(&mut subject, records, &work.path().join("image"));
    Recorded { subject, history }
}

fn agent() -> &'static Recorded<AgentStore> {
    static AGENT: OnceLock<Recorded<AgentStore>> = OnceLock::new();
    AGENT.get_or_init(|| recorded(AgentStore, agent_recording::record(days())))
}

fn hub() -> &'static Recorded<HubStore> {
    static HUB: OnceLock<Recorded<HubStore>> = OnceLock::new();
    HUB.get_or_init(|| recorded(HubStore::default(), hub_recording::record(days())))
}

fn explored<S: Subject>(name: &str, recorded: &Recorded<S>, plan: &Plan) -> Tally {
    let work = program::folder();
    let tally = explore(
        &recorded.subject,
        &recorded.history,
        plan,
        &work.path().join("image"),
    );
    println!("{name}, {plan:?}:\n{tally}");
    tally
}

fn plan(honesty: Honesty, images: u64) -> Plan {
    Plan {
        honesty,
        only: None,
        images,
        seed: number("TALLYMAN_SEED", SEED),
        keep: None,
    }
}

fn assert_holds<S: Subject>(name: &str, recorded: &Recorded<S>) {
    let keep = Path::new(env!("CARGO_TARGET_TMPDIR")).join("power").join(name);
    let plan = Plan {
        keep: Some(keep),
        ..plan(Honesty::Honest, images())
    };
    let tally = explored(name, recorded, &plan);
    assert!(tally.all().hold(), "{name}, seed {}:\n{tally}", plan.seed);
    assert!(
        tally.all().images >= images() && tally.distinct > tally.all().images / 2,
        "{name}: too little was tried:\n{tally}"
    );
}

/// Both stores on a disk or with a setting that must lose facts.
fn controls(change: impl Fn(&mut Plan)) -> [Tally; 2] {
    let mut plan = plan(
        Honesty::Honest,
        number("TALLYMAN_POWER_IMAGES", IMAGES_OF_CONTROL).min(10_000),
    );
    change(&mut plan);
    [explored("agent", agent(), &plan), explored("hub", hub(), &plan)]
}

#[test]
fn what_an_agent_promised_survives_every_power_cut() {
    let history = &agent().history;
    assert!(
        history.facts_promised() > 150,
        "{} facts",
        history.facts_promised()
    );
    let chains = || history.states().flat_map(|state| &state.chains);
    assert!(chains().any(|((_, epoch), _)| *epoch == 2), "no epoch began");
    assert!(
        chains().any(|(_, chain)| chain.first > 1),
        "nothing was forgotten"
    );
    assert_holds("agent", agent());
}

#[test]
fn what_a_hub_promised_survives_every_power_cut() {
    let history = &hub().history;
    assert!(
        history.facts_promised() > 150,
        "{} facts",
        history.facts_promised()
    );
    let mut stable = history.promises().filter_map(|promise| match promise {
        Promise::BackedUp((_, epoch), seq) => Some((*epoch, *seq)),
        _ => None,
    });
    assert!(
        stable.any(|(epoch, seq)| epoch > 1 && seq > 0),
        "no backup was told of"
    );
    assert_holds("hub", hub());
}

#[test]
fn a_log_that_is_synced_at_checkpoints_only_loses_what_was_promised() {
    for tally in controls(|plan| plan.honesty = Honesty::LogSyncedAtCheckpoints) {
        let all = tally.all();
        assert!(all.lost > all.images / 4, "{tally}");
        // What SQLite says of synchronous=NORMAL: the newest commits may go, and nothing is damaged.
        assert_eq!((all.unopenable, all.altered, all.torn), (0, 0, 0), "{tally}");
    }
}

#[test]
fn a_disk_that_ignores_syncs_loses_what_was_promised_and_damages_the_rest() {
    for tally in controls(|plan| plan.honesty = Honesty::IgnoresSyncs) {
        let all = tally.all();
        assert!(all.lost > all.images / 4 && all.unopenable > 0, "{tally}");
    }
}

#[test]
fn a_disk_that_spoils_the_rest_of_a_sector_loses_what_was_promised() {
    for tally in controls(|plan| plan.only = Some(Bytes::SpoilsNeighbours)) {
        let spoilt = tally.by_bytes[&Bytes::SpoilsNeighbours];
        assert!(spoilt.lost > spoilt.images / 10, "{tally}");
    }
}
