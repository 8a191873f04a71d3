//! A busy hour of a hub, recorded: files imported, devices that send at the same time, batches that come twice, damage,
//! a fork, another epoch, backups while all that goes on, a hub that is killed in a commit, and an orderly end.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{
    Batch, ClockReading, Enrolled, EpochGranted, Heartbeat, Receipt, Record as Sent,
};
use tallyman_platform::entropy::{Entropy as _, SeededEntropy};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::explorer::Subject as _;
use super::hub::HubStore;
use super::program::{Recorder, assert_complete, folder, recorded_program};
use super::trace::{self, Record};

const ITEMS: &str = "item,name,unit,code,code_unit,pack,lot\nBOLT,Hex bolt M8,each,BOLT,each,1,\nCREAM,Cream,each,CREAM,,,yes\n";
const LOCATIONS: &str = "location,zone\nDOCK-1,Dock\nA-01,Aisle A\n";
const STOCK: &str = "location,item,quantity,lot\nA-01,BOLT,20,\nA-01,CREAM,5,L1\n";
const TASKS: &str = "task,kind,reference,dock,line,item,quantity,location\nR-1,receive,PO-1,DOCK-1,1,BOLT,500,\n\
                     R-1,,,,2,CREAM,10,\nP-1,pick,SO-1,,1,BOLT,60,A-01\nC-1,count,CS-1,,1,,,A-01\n";

/// Records in one batch at most.
const BATCH_RECORDS_MAX: u64 = 8;

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

    async fn ask(&self, path: &str, token: &str, kind: &str, body: &str) -> String {
        ask(self.address, path, token, kind, body)
            .await
            .unwrap_or_else(|told| panic!("{path}: {told}"))
    }

    async fn ask_json(&self, path: &str, token: &str, body: &Value) -> String {
        self.ask(path, token, "application/json", &body.to_string()).await
    }
}

/// One request on a connection of its own. The body of the answer, or what came instead of a good one.
async fn ask(hub: SocketAddr, path: &str, token: &str, kind: &str, body: &str) -> Result<String, String> {
    let exchange = async {
        let mut stream = TcpStream::connect(hub).await?;
        let request = format!(
            "POST {path} HTTP/1.0\r\nHost: {hub}\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = exchange.await.map_err(|error| error.to_string())?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.lines().next().is_some_and(|line| line.contains(" 20")) => {
            Ok(body.to_owned())
        }
        _ => Err(answer),
    }
}

/// A device that keeps a journal as an agent does.
#[derive(Clone)]
struct Device {
    enrolled: Enrolled,
    /// Hash and body of each record; the first stands before all.
    journal: Vec<(ChainHash, String)>,
    applied: u64,
}

impl Device {
    async fn enrol(hub: &Hub, name: &str) -> Self {
        let form = format!("name={name}");
        let kind = "application/x-www-form-urlencoded";
        let page = hub.ask("/site/main/devices", "", kind, &form).await;
        let code = page.split_once("class=\"one-time\">").expect("a code").1;
        let code = code.split_once('<').expect("its end").0;
        let wish = json!({ "code": code, "name": name, "version": "0" });
        let enrolled = hub.ask_json("/v1/enrol", "", &wish).await;
        Self {
            enrolled: serde_json::from_str(&enrolled).expect("an identity"),
            journal: vec![(ChainHash::START, String::new())],
            applied: 0,
        }
    }

    fn last(&self) -> u64 {
        self.journal.len() as u64 - 1
    }

    /// Writes a fact down. What the body does not say is filled in.
    fn write(&mut self, body: &Value) {
        let mut whole = json!({
            "v": 1, "site": "main", "worker": "ANNA", "revision": 1, "boot": "b", "boottime_us": 1,
            "wall": "2026-11-23T08:00:00Z"
        });
        whole
            .as_object_mut()
            .expect("an object")
            .extend(body.as_object().expect("an object").clone());
        let text = whole.to_string();
        let (previous, seq) = (self.journal.last().expect("a start").0, self.last() + 1);
        let (device, epoch) = (&self.enrolled.device, self.enrolled.epoch);
        let hash = ChainHash::of_record(previous, device, epoch, seq, text.as_bytes());
        self.journal.push((hash, text));
    }

    fn write_any(&mut self, chance: &mut SeededEntropy) {
        let quantity = 1 + chance.below(3);
        let goods = |item: &str| {
            json!({
                "item": item, "code": item, "quantity_micro": quantity * 1_000_000, "unit": "each",
                "pack_micro": 1_000_000, "status": "available"
            })
        };
        let received = |line: u64, item: &str| {
            json!({
                "act": "received", "task": "R-1", "line": line, "goods": goods(item), "from": "supplier",
                "to": { "location": "DOCK-1" }
            })
        };
        let body = match chance.below(6) {
            0 | 1 => received(1, "BOLT"),
            2 => received(2, "CREAM"),
            3 => json!({
                "act": "picked", "task": "P-1", "line": 1, "goods": goods("BOLT"), "from": { "location": "A-01" },
                "to": { "handling_unit": "TOTE-1" }
            }),
            4 => json!({
                "act": "counted", "task": "C-1", "line": 1, "goods": goods("BOLT"), "to": { "location": "A-01" }
            }),
            _ => received(1, "GHOST"),
        };
        self.write(&body);
        if chance.below(8) == 0 {
            let mut reversal = body.clone();
            let (epoch, seq) = (self.enrolled.epoch, self.last());
            reversal["reverses"] = json!({ "epoch": epoch, "seq": seq, "act": body["act"] });
            reversal["act"] = json!("reversed");
            self.write(&reversal);
        }
    }

    fn batch(&self, first: u64, last: u64) -> Batch {
        let at = |seq: u64| &self.journal[usize::try_from(seq).expect("a small number")];
        let record = |seq: u64| Sent {
            seq,
            hash: at(seq).0.to_string(),
            body: RawValue::from_string(at(seq).1.clone()).expect("JSON"),
        };
        Batch {
            device: self.enrolled.device.clone(),
            epoch: self.enrolled.epoch,
            previous_hash: at(first - 1).0.to_string(),
            records: (first..=last).map(record).collect(),
            clock: ClockReading {
                boot: "b".to_owned(),
                boottime_us: 2,
                wall: jiff::Timestamp::UNIX_EPOCH,
            },
            heartbeat: Heartbeat {
                version: "0".to_owned(),
                waiting: last + 1 - first,
                worker: None,
                task: None,
                scanners: Vec::new(),
            },
        }
    }

    /// Sends the records from `first` on, as many as fit.
    async fn send(&mut self, hub: SocketAddr, first: u64) -> Result<Receipt, String> {
        let last = self.last().min(first + BATCH_RECORDS_MAX - 1);
        let batch = serde_json::to_string(&self.batch(first, last)).expect("a batch");
        let token = &self.enrolled.token;
        let answer = ask(hub, "/v1/confirmations", token, "application/json", &batch).await?;
        let receipt: Receipt = serde_json::from_str(&answer).expect("a receipt");
        self.applied = receipt.applied_seq;
        Ok(receipt)
    }

    /// Works and sends: some batches twice, as after a lost answer, and some too far ahead.
    async fn work(mut self, hub: SocketAddr, batches: u64, mut chance: SeededEntropy) -> Self {
        for _ in 0..batches {
            for _ in 0..=chance.below(BATCH_RECORDS_MAX) {
                self.write_any(&mut chance);
            }
            let before = self.applied;
            let receipt = self.send(hub, before + 1).await.expect("a receipt");
            assert!(!receipt.fork, "{receipt:?}");
            match chance.below(6) {
                0 => drop(self.send(hub, before + 1).await.expect("a receipt")),
                1 if self.last() > self.applied + 1 => {
                    let receipt = self.send(hub, self.applied + 2).await.expect("a receipt");
                    assert_eq!(receipt.expected_seq, Some(receipt.applied_seq + 1));
                }
                _ => {}
            }
        }
        self.catch_up(hub).await;
        self
    }

    async fn catch_up(&mut self, hub: SocketAddr) {
        while self.applied < self.last() {
            self.send(hub, self.applied + 1).await.expect("a receipt");
        }
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
        hub.ask(&format!("/v1/import/{kind}?site=main"), "", "text/csv", text)
            .await;
    }
    let mut devices = Vec::new();
    for name in ["dock", "picker", "counter"] {
        devices.push(Device::enrol(&hub, name).await);
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
    let granted = hub
        .ask_json("/v1/device/epoch", &device.enrolled.token, &wish)
        .await;
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
            let token = &device.enrolled.token;
            let answer = hub
                .ask("/v1/confirmations", token, "application/json", &batch)
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
