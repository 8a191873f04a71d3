//! The devices of the backlog: agents in this process, each with a store, a journal and lanes of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tallyman_agent::seams::store::{StepCommit, Store as _};
use tallyman_agent::store::{SqliteStore, Writing};
use tallyman_agent::{Agent, AgentConfig, RunningAgent, Seams};
use tallyman_floor::{
    Act, Draft, Goods, ItemId, LineNumber, LocationId, Place, Quantity, RawScan, Session, SiteId, Source,
    StockStatus, TaskId, Times, WorkReference, WorkerId,
};
use tallyman_sim::checker::Witness;

use super::work::Work;

/// Confirmations in one transaction of the filling.
const STEP: usize = 50;

/// Time between two looks at a device.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A device that is switched on or off.
struct Device {
    work: Work,
    config: PathBuf,
    store: PathBuf,
    running: Option<RunningAgent>,
}

/// All of them.
pub struct Fleet {
    devices: Vec<Device>,
}

impl Fleet {
    /// Switches each device on for as long as it takes to enrol and to get its tasks.
    pub async fn enrol(plan: &[Work], codes: &[String], folder: &Path, hub: SocketAddr) -> Self {
        let mut devices = Vec::new();
        for (work, code) in plan.iter().zip(codes) {
            let place = folder.join(&work.name);
            std::fs::create_dir(&place).expect("a folder");
            let config = place.join("agent.toml");
            let store = place.join("agent.db");
            let text = format!(
                "name = \"{}\"\n[hub]\nurl = \"http://{hub}\"\nenrolment_code = \"{code}\"\n[store]\npath = \"{}\"\n\
                 [control]\nsocket = \"{}\"\n",
                work.name,
                store.display(),
                place.join("agent.sock").display()
            );
            std::fs::write(&config, text).expect("a configuration");
            let mut device = Device {
                work: work.clone(),
                config,
                store,
                running: None,
            };
            device.switch_on().await;
            devices.push(device);
        }
        let fleet = Self { devices };
        for device in &fleet.devices {
            device.has_its_tasks().await;
        }
        let mut fleet = fleet;
        fleet.switch_off().await;
        fleet
    }

    /// Fills the outboxes with so many confirmations in all.
    pub async fn fill(&mut self, backlog: usize) {
        let devices = self.devices.len();
        for (number, device) in self.devices.iter().enumerate() {
            let share = backlog / devices + usize::from(number < backlog % devices);
            device.fill(share).await;
        }
    }

    /// Switches all on.
    pub async fn switch_on(&mut self) {
        for device in &mut self.devices {
            device.switch_on().await;
        }
    }

    /// Switches all off, in an orderly way.
    pub async fn switch_off(&mut self) {
        for device in &mut self.devices {
            device.switch_off().await;
        }
    }

    /// Every tenth device is off for a moment.
    pub async fn restart_every_tenth(&mut self) {
        for device in self.devices.iter_mut().step_by(10) {
            device.switch_off().await;
            device.switch_on().await;
        }
    }

    /// Waits until every outbox is empty.
    pub async fn wait_until_sent(&self) {
        for device in &self.devices {
            let running = device.running.as_ref().expect("it is on");
            while running.status().outbox.waiting > 0 {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }

    /// What the independent check has to know.
    pub fn witnesses(&self) -> Vec<Witness> {
        let witness = |device: &Device| Witness {
            name: device.work.name.clone(),
            store: device.store.clone(),
            ..Witness::default()
        };
        self.devices.iter().map(witness).collect()
    }
}

impl Device {
    async fn switch_on(&mut self) {
        let config = AgentConfig::load(Some(&self.config), &|_| None).expect("a configuration");
        let seams = Seams::of_this_machine().expect("clocks");
        self.running = Some(Agent::start(config, seams).await.expect("an agent"));
    }

    async fn switch_off(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }

    async fn has_its_tasks(&self) {
        let running = self.running.as_ref().expect("it is on");
        let mut views = running.views();
        let listed = views.wait_for(|view| {
            view.question
                .as_ref()
                .is_some_and(|question| !question.choices.is_empty())
        });
        tokio::time::timeout(Duration::from_secs(60), listed)
            .await
            .expect("tasks come")
            .expect("it runs");
    }

    async fn fill(&self, confirmations: usize) {
        let (store, _) = SqliteStore::open(&self.store, Writing::Inline).expect("a store");
        let session = Session::new().to_saved();
        let mut left = confirmations;
        while left > 0 {
            let step = left.min(STEP);
            let commit = StepCommit {
                expected: store.next_place(),
                drafts: (0..step).map(|place| self.draft(left - place)).collect(),
                session: session.clone(),
                trace: Vec::new(),
            };
            store.commit(commit).await.expect("committed");
            left -= step;
        }
    }

    /// A piece of this device's work, as its rules would state it.
    fn draft(&self, nth: usize) -> Draft {
        let number = self.work.number;
        let (act, task, line, item) = match number % 3 {
            0 => (Act::Received, format!("R-{number}"), nth % 20, nth % 20),
            1 => (Act::Picked, format!("P-{number}"), 0, number % 20),
            _ => (Act::Counted, format!("C-{number}"), 0, number % 20),
        };
        let shelf = || Some(Place::Location(LocationId::from(format!("A-{number}").as_str())));
        let (from, to) = match act {
            Act::Received => (
                Some(Place::Supplier),
                Some(Place::Location(LocationId::from("DOCK-1"))),
            ),
            Act::Picked => (
                shelf(),
                Some(Place::HandlingUnit(format!("{number}").as_str().into())),
            ),
            _ => (None, shelf()),
        };
        let label = self.work.codes[item % self.work.codes.len()]
            .trim_start_matches("]E0")
            .to_owned();
        Draft {
            site: SiteId::from("main"),
            worker: Some(WorkerId::from("ANNA")),
            work: Some(WorkReference {
                task: TaskId::from(task.as_str()),
                revision: 1,
                line: Some(LineNumber(line as u32 + 1)),
                fence: None,
            }),
            act,
            goods: Some(Goods {
                item: Some(ItemId::from(format!("ITEM-{item}").as_str())),
                code: label.clone(),
                quantity: Quantity::ONE,
                unit: "each".to_owned(),
                pack: Quantity::ONE,
                lot: None,
                serials: Vec::new(),
                expiry: None,
                weight: None,
                handling_unit: None,
                status: StockStatus::Available,
                owner: None,
            }),
            from,
            to,
            observed: None,
            started: None,
            exception: None,
            reverses: None,
            raw: Some(RawScan {
                scanner: "scanner".to_owned(),
                text: label,
                symbology: Some("]E0".to_owned()),
                source: Source::Scan,
            }),
            pass: None,
            times: Times {
                boot: "0d6c3b0e-2f2a-4a55-9a53-6a6f4b8b7c11".to_owned(),
                boottime_us: 123_456_789 + nth as u64,
                wall: Timestamp::now(),
            },
        }
    }
}
