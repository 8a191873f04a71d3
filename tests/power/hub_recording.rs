//! A busy hour of a hub, recorded: files imported, devices that send at the same time, batches that come twice, damage,
//! a fork, another epoch, backups while all that goes on, a hub that is killed in a commit, and an orderly end.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tallyman_floor::wire::v1::{EpochGranted, Receipt};
use tallyman_platform::entropy::{Entropy as _, SeededEntropy};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::explorer::Subject as _;
use super::hub::HubStore;
use super::hub_device::{Device, ask};
use super::program::{Recorder, assert_complete, folder, recorded_program};
use super::signer::Signer;
use super::trace::{self, Record};

const ITEMS: &str = "item,name,unit,code,code_unit,pack,lot\nBOLT,Hex bolt M8,each,BOLT,each,1,\nCREAM,Cream,each,CREAM,,,yes\n";
const LOCATIONS: &str = "location,zone\nDOCK-1,Dock\nA-01,Aisle A\n";
const STOCK: &str = "location,item,quantity,lot\nA-01,BOLT,20,\nA-01,CREAM,5,L1\n";
const TASKS: &str = "task,kind,reference,dock,line,item,quantity,location\nR-1,receive,PO-1,DOCK-1,1,BOLT,500,\n\
                     R-1,,,,2,CREAM,10,\nP-1,pick,SO-1,,1,BOLT,60,A-01\nC-1,count,CS-1,,1,,,A-01\n";

/// The hub as a process.
struct Hub {
    child: Child,
    address: SocketAddr,
}

impl Hub {
    async fn start(program: &Path, config: &Path) -> Self {
        let mut child = Command::new(program)
            .arg("hub")
            .arg("--config")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a hub");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let mut said = Vec::new();
        let address = loop {
            let line = lines.next_line().await.expect("its log");
            let line = line.unwrap_or_else(|| panic!("the hub ended while it started: {said:#?}"));
            if let Some((_, rest)) = line.split_once("ready: http://") {
                break rest.trim_end_matches('/').parse().expect("an address");
            }
            said.push(line);
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, address }
    }

    async fn stop(mut self) {
        let id = self.child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        kill_process(id.expect("it runs"), Signal::TERM).expect("told to end");
        let status = self.child.wait().await.expect("an end");
        assert!(status.success(), "the hub ended with {status}");
    }

    async fn ask(&self, path: &str, by: &Signer, kind: &str, body: &str) -> String {
        ask(self.address, path, by, kind, body)
            .await
            .unwrap_or_else(|told| panic!("{path}: {told}"))
    }

    async fn ask_json(&self, path: &str, by: &Signer, body: &Value) -> String {
        self.ask(path, by, "application/json", &body.to_string()).await
    }
}

/// Records so many rounds: about 100 facts each.
pub async fn record(rounds: u64) -> Vec<Record> {
    let place = folder();
    let (tools, recorded) = (place.path().join("t"), place.path().join("h"));
    std::fs::create_dir(&tools).expect("a folder");
    std::fs::create_dir(&recorded).expect("a folder");
    let (record, kill) = (place.path().join("record"), tools.join("kill"));
    let state = recorded.join("state");
    let program = recorded_program(&Recorder {
        tools: &tools,
        recorded: &recorded,
        record: &record,
        // The minute between two backups is half a second.
        haste: 120,
        libraries: &[],
        variables: &[("STATE_DIRECTORY", &state), ("TALLYMAN_POWER_KILL", &kill)],
    });
    let config = tools.join("hub.toml");
    let text =
        "listen = \"127.0.0.1:0\"\n[backups]\ninterval_minutes = 1\n[limits]\ntries_per_minute = 10000\n";
    std::fs::write(&config, text).expect("a configuration");
    let hub = Hub::start(&program, &config).await;
    for (kind, text) in [
        ("items", ITEMS),
        ("locations", LOCATIONS),
        ("stock", STOCK),
        ("tasks", TASKS),
    ] {
        hub.ask(
            &format!("/v1/import/{kind}?site=main"),
            &Signer::new(0),
            "text/csv",
            text,
        )
        .await;
    }
    let mut devices = Vec::new();
    for name in ["dock", "picker", "counter"] {
        devices.push(Device::enrol(hub.address, name).await);
    }
    let mut seeds = SeededEntropy::new(7);
    let mut hub = hub;
    for _ in 0..rounds {
        devices = work(&hub, devices, &mut seeds).await;
        tell_two_stories(&hub, &mut devices[0]).await;
        all_backed_up(&hub, &mut devices, &state.join("backups")).await;
        // Killed in the middle of a commit; what was under way goes out again.
        devices[1].write_any(&mut seeds);
        std::fs::write(&kill, "").expect("the order to kill");
        let first = devices[1].applied + 1;
        let unanswered = devices[1].send(hub.address, first).await;
        assert!(unanswered.is_err(), "it was to be killed before it answers");
        assert!(!hub.child.wait().await.expect("an end").success());
        hub = Hub::start(&program, &config).await;
        devices[1].catch_up(hub.address).await;
    }
    let _devices = work(&hub, devices, &mut seeds).await;
    hub.stop().await;
    let records = trace::load(&record);
    assert_complete(&records, &recorded, HubStore::is_followed);
    records
}

/// All devices at the same time.
async fn work(hub: &Hub, devices: Vec<Device>, seeds: &mut SeededEntropy) -> Vec<Device> {
    let mut working = Vec::new();
    for device in devices {
        let chance = SeededEntropy::new(seeds.u64());
        working.push(tokio::spawn(device.work(hub.address, 8, chance)));
    }
    let mut worked = Vec::new();
    for device in working {
        worked.push(device.await.expect("a device at its end"));
    }
    worked
}

/// A copy of a device's store sends another fact under a number that is taken, and both go on in epochs of their own.
/// Before that, a record whose bytes have changed is set aside.
async fn tell_two_stories(hub: &Hub, device: &mut Device) {
    let mut damaged = device.clone();
    damaged.write(&json!({ "act": "task_closed", "task": "R-1" }));
    let body = &mut damaged.journal.last_mut().expect("a record").1;
    *body = body.replace("R-1", "R-2");
    let receipt = damaged
        .send(hub.address, device.last() + 1)
        .await
        .expect("a receipt");
    assert_eq!(receipt.outcomes.len(), 1, "{receipt:?}");
    let mut copy = device.clone();
    copy.write(&json!({ "act": "task_closed", "task": "C-1" }));
    let receipt = copy.send(hub.address, copy.last()).await.expect("a receipt");
    assert!(receipt.fork, "{receipt:?}");
    let wish = json!({ "epoch": device.enrolled.epoch, "last_seq": copy.last(), "reason": "fork" });
    let granted = hub.ask_json("/v1/device/epoch", &device.signer, &wish).await;
    let granted: EpochGranted = serde_json::from_str(&granted).expect("an epoch");
    device.enrolled.epoch = granted.epoch;
    device.journal.truncate(1);
    device.applied = 0;
}

/// Waits until the hub says that everything is in a backup.
async fn all_backed_up(hub: &Hub, devices: &mut [Device], backups: &Path) {
    for device in devices.iter_mut() {
        if device.last() == 0 {
            device.write(&json!({ "act": "task_closed", "task": "C-1" }));
        }
        device.catch_up(hub.address).await;
    }
    let made = || std::fs::read_dir(backups).map_or(0, Iterator::count);
    for device in devices {
        loop {
            // A heartbeat: nothing is sent, and the marks are answered.
            let batch = serde_json::to_string(&device.batch(1, 0)).expect("a batch");
            let answer = hub
                .ask("/v1/confirmations", &device.signer, "application/json", &batch)
                .await;
            let receipt: Receipt = serde_json::from_str(&answer).expect("a receipt");
            if receipt.stable_seq == device.last() {
                break;
            }
            let before = made();
            while made() == before {
                tokio::task::yield_now().await;
            }
        }
    }
}
