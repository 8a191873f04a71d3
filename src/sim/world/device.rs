//! A device of a world: the real agent over its own store file, started, ended, robbed of its power, and given inputs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tallyman_agent::keys::KeyFile;
use tallyman_agent::seams::{Happening, Sounded};
use tallyman_agent::store::Writing;
use tallyman_agent::{Agent, AgentConfig, Machine, RunningAgent, Seams};
use tallyman_codes::{Barcode, DeviceName, Moment, SymbologyId};
use tallyman_drivers::Output;
use tallyman_drivers::link::Report;
use tallyman_floor::Key;
use tallyman_platform::clock::Clock as _;
use tallyman_platform::config::Secret;
use tokio::sync::broadcast;

use crate::heard::Place;

use super::World;
use super::chance::Chance;
use super::clock::VirtualClock;
use super::disk::{Loss, Node};
use super::trace;
use super::weather::Weather;
use super::wire::{Held, Wire};
use super::witness::{Account, Journal};

/// Seconds after which a program that has ended is started again.
const RESTART_SECONDS: u64 = 2;

/// Seconds that a new device may take until the hub knows it.
const ENROLMENT_SECONDS: u64 = 45;

/// Milliseconds that an answer to a scan may take; in a world without work for the disk it takes none.
const ANSWER_MS: u64 = 1_000;

/// A device.
pub struct Device {
    pub(super) world: Arc<World>,
    pub(super) node: Node,
    pub(super) name: String,
    pub(super) site: String,
    pub(super) chance: Chance,
    pub(super) wire: Arc<Wire>,
    /// Shared with whoever checks while the device works.
    pub account: Arc<Mutex<Account>>,
    pub(super) folder: PathBuf,
    boots: u32,
    clock: Arc<VirtualClock>,
    clock_error: SignedDuration,
    pub(super) agent: Option<RunningAgent>,
    heard: Option<broadcast::Receiver<Happening>>,
    code: String,
    is_enrolled: bool,
    pub(super) copy: Option<PathBuf>,
}

/// What a worker does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Scans a code, as a scanner sends it with its identifier.
    Scan(String),
    /// Presses a key.
    Press(Key),
}

impl Device {
    /// A device that was never switched on.
    pub fn new(world: &Arc<World>, node: Node, site: &str, folder: &Path) -> Self {
        let name = format!("dev-{node}");
        let mut chance = Chance::of(world.seed, &name);
        let weather = Weather {
            permille: *chance.pick(&[30, 120, 300]).unwrap_or(&120),
        };
        world.disk.add(node, folder);
        let clock_error = SignedDuration::from_secs(chance.below(600) as i64 - 300);
        Self {
            wire: Wire::new(world, node, &name, weather),
            account: Arc::new(Mutex::new(Account::new(&name, site))),
            clock: VirtualClock::boot(
                format!("{name}-boot-0"),
                world
                    .true_time()
                    .saturating_add(clock_error)
                    .unwrap_or(Timestamp::MAX),
            ),
            world: Arc::clone(world),
            node,
            name,
            site: site.to_owned(),
            chance,
            folder: folder.to_path_buf(),
            boots: 0,
            clock_error,
            agent: None,
            heard: None,
            code: String::new(),
            is_enrolled: false,
            copy: None,
        }
    }

    /// Its store.
    pub fn store(&self) -> PathBuf {
        self.folder.join("agent.db")
    }

    /// The agent, while it runs.
    pub fn agent(&self) -> Option<&RunningAgent> {
        self.agent.as_ref()
    }

    /// Sets the wall clock to so far from the truth.
    pub fn set_clock_error(&mut self, error: SignedDuration) {
        self.clock_error = error;
        let wall = self
            .world
            .true_time()
            .saturating_add(error)
            .unwrap_or(Timestamp::MAX);
        self.clock.set_wall(wall);
    }

    /// What the store holds.
    pub fn journal(&self) -> Journal {
        Journal::of_device(&self.store()).unwrap_or_default()
    }

    /// Makes sure that the agent runs, whatever happened to it: as a supervisor of services does.
    pub async fn ensure_it_runs(&mut self) {
        if self.world.disk.is_cut(self.node) {
            self.lose_power(Loss::None).await;
        }
        if self.is_dead() {
            self.world.trace.happened(&self.name, "device: the store failed");
            self.end().await;
            if !self.world.disk.is_cut(self.node) {
                self.rest(RESTART_SECONDS).await;
            }
        }
        for _ in 0..200 {
            if self.world.disk.is_cut(self.node) {
                self.lose_power(Loss::None).await;
            }
            if self.agent.is_some() {
                return;
            }
            if let Err(why) = self.start().await {
                self.world.trace.count("device: could not start");
                let why = trace::of_every_run(&why, &self.folder);
                if why.contains("damaged") {
                    self.account()
                        .wrong
                        .push(format!("I1: {} finds its store damaged: {why}", self.name));
                }
                self.world
                    .trace
                    .note(&self.name, format_args!("does not start: {why}"));
                self.rest(RESTART_SECONDS).await;
            }
        }
    }

    async fn start(&mut self) -> Result<(), String> {
        let mut config = AgentConfig {
            name: self.name.clone(),
            ..AgentConfig::default()
        };
        config.hub.enrolment_code = Secret::new(self.code.as_str());
        config.store.path = self.store();
        config.store.free_mib_min = 0;
        // Virtual workers scan one code several times at once, and mean it.
        config.intake.duplicate_ms = 0;
        let seams = Seams {
            clock: Arc::<VirtualClock>::clone(&self.clock),
            entropy: Box::new(self.chance.entropy()),
            transport: Some(Arc::new(Held(Arc::clone(&self.wire)))),
            keys: Some(Arc::new(KeyFile::beside(
                &self.store(),
                Box::new(self.chance.entropy()),
            ))),
            sounder: Some(Box::new(tallyman_agent::sound::Silence)),
            panel: None,
            writing: Writing::Inline,
            zone: TimeZone::UTC,
            machine: Machine::StoreOnly,
        };
        let agent = Agent::start(config, seams)
            .await
            .map_err(|error| error.to_string())?;
        self.heard = Some(agent.watch());
        self.agent = Some(agent);
        self.world.trace.happened(&self.name, "device: started");
        // The session is taken up a moment later.
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok(())
    }

    /// Ends the program in order. Without power it ends as well, and can change nothing.
    pub async fn end(&mut self) {
        self.heard = None;
        if let Some(agent) = self.agent.take() {
            agent.shutdown().await;
        }
    }

    /// The battery is out, and back after some time; the machine boots anew.
    pub async fn lose_power(&mut self, loss: Loss) {
        self.world.disk.cut(self.node, loss);
        self.world.trace.happened(&self.name, "device: power lost");
        self.heard = None;
        if let Some(agent) = self.agent.take() {
            agent.shutdown().await;
        }
        let _ = std::fs::remove_file(self.folder.join("agent.db-shm"));
        self.world.disk.mend(self.node);
        let journal = self.journal();
        self.account().check_power_cut(&journal);
        let off_seconds = self.chance.between(1, 90);
        self.rest(off_seconds).await;
        self.boots += 1;
        let wall = match self.chance.below(4) {
            0 => {
                self.world.trace.count("clock: booted in 1970");
                Timestamp::UNIX_EPOCH
            }
            _ => self
                .world
                .true_time()
                .saturating_add(self.clock_error)
                .unwrap_or(Timestamp::MAX),
        };
        self.clock = VirtualClock::boot(format!("{}-boot-{}", self.name, self.boots), wall);
    }

    /// Whether the hub knows the device, as it believes.
    pub fn knows_itself(&self) -> bool {
        self.agent
            .as_ref()
            .is_some_and(|agent| agent.status().device.is_some())
    }

    /// Makes sure that the hub knows it: an administrator makes a code where there is none that works.
    pub async fn ensure_it_is_enrolled(&mut self) {
        for _ in 0..50 {
            self.ensure_it_runs().await;
            if self.knows_itself() {
                if !self.is_enrolled {
                    self.is_enrolled = true;
                    // A hub that is put back to before would not know the device.
                    self.world.hub.forget_backups();
                    self.world.trace.happened(&self.name, "device: enrolled");
                }
                return;
            }
            self.is_enrolled = false;
            let Some(hub) = self.world.hub.hub() else {
                self.rest(2).await;
                continue;
            };
            match hub.create_enrolment_code(&self.site, &self.name).await {
                Ok(code) => self.code = code,
                Err(error) => {
                    let why = self.world.hub.without_folder(&error.to_string());
                    self.world.trace.note(&self.name, format_args!("no code: {why}"));
                    self.rest(2).await;
                    continue;
                }
            }
            drop(hub);
            self.end().await;
            self.ensure_it_runs().await;
            for _ in 0..ENROLMENT_SECONDS {
                if self.knows_itself() {
                    break;
                }
                self.rest(1).await;
            }
        }
    }

    /// Gives the agent an input and waits for its answer; `None` where there is none.
    pub async fn act(&mut self, deed: &Deed) -> Option<Sounded> {
        self.ensure_it_runs().await;
        self.world.trace.count("worker: deed");
        while self.heard.as_mut()?.try_recv().is_ok() {}
        let agent = self.agent.as_ref()?;
        let is_sent = match deed {
            Deed::Press(key) => agent.press(*key).await,
            Deed::Scan(code) => agent.report(self.report(code)).await,
        };
        if !is_sent {
            return None;
        }
        let patience = tokio::time::sleep(Duration::from_millis(ANSWER_MS));
        tokio::pin!(patience);
        let sounded = loop {
            let heard = self.heard.as_mut()?;
            let happening = tokio::select! {
                biased;
                happening = heard.recv() => happening.ok()?,
                () = &mut patience => {
                    self.world.trace.note(&self.name, format_args!("{deed:?} is not answered"));
                    return None;
                }
            };
            if let Happening::Sound(sounded) = happening {
                break sounded;
            }
        };
        if self.world.disk.is_cut(self.node) {
            // Nobody hears a machine whose power went before.
            return None;
        }
        self.world.trace.count(verdict_word(sounded.verdict));
        self.world.trace.note(
            &self.name,
            format_args!("{deed:?} {} {:?}", sounded.verdict, sounded.confirmed),
        );
        if !sounded.confirmed.is_empty() {
            self.world
                .trace
                .count_many("facts: sounded", sounded.confirmed.len() as u64);
            let places: Vec<Place> = sounded
                .confirmed
                .iter()
                .map(|place| Place {
                    epoch: place.epoch,
                    seq: place.seq,
                })
                .collect();
            let journal = self.journal();
            self.account().heard(&places, &journal);
        }
        Some(sounded)
    }

    fn report(&self, code: &str) -> Report {
        let (symbology, bytes) = match SymbologyId::split(code.as_bytes()) {
            Some((symbology, rest)) => (Some(symbology), rest.to_vec()),
            None => (None, code.as_bytes().to_vec()),
        };
        let barcode = Barcode {
            symbology,
            ..Barcode::plain(bytes)
        };
        Report {
            device: DeviceName::new("scanner"),
            at: Moment::from_us(self.clock.now().us),
            output: Output::Barcode {
                barcode,
                pull: None,
                again: false,
            },
        }
    }

    fn is_dead(&self) -> bool {
        use futures_util::FutureExt as _;
        self.agent
            .as_ref()
            .is_some_and(|agent| agent.store_failed().now_or_never().is_some())
    }

    pub(super) async fn rest(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    pub(super) fn account(&self) -> std::sync::MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn verdict_word(verdict: &str) -> &'static str {
    match verdict {
        "accept" => "verdict: accept",
        "go" => "verdict: go",
        "ask" => "verdict: ask",
        "reject" => "verdict: reject",
        "failed" => "verdict: failed",
        "quiet" => "verdict: quiet",
        _ => "verdict: another",
    }
}
