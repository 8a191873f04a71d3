//! The work of the bench: a site's items, bins and tasks, and devices that confirm them line by line.

use std::fmt::Write as _;

use serde_json::json;
use serde_json::value::RawValue;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{Batch, ClockReading, Enrolled, Heartbeat, Record};
use tallyman_hub::ledger::DeviceIdentity;
use tallyman_hub::{Hub, ImportFile, ImportKind};

use super::http::{Connection, Post};
use super::signer::{self, Signer};

const ITEMS: usize = 5_000;
const LOCATIONS: usize = 2_000;
/// Lines of a task, each confirmed by two scans.
const LINES: usize = 50;
/// Each task ends with its closing, and one scan in it is taken back and made again.
const CONFIRMATIONS: usize = 2 * LINES + 3;
/// One task in so many is a receipt, the others are picks.
const RECEIPT_EVERY: usize = 4;

fn item(number: usize) -> String {
    format!("ART-{:05}", number % ITEMS)
}

fn location(number: usize) -> String {
    format!("{:02}-{:03}-{:02}", number % 40, number / 40 % 50, number % 7)
}

/// Imports a site's items, bins with stock, and its dock.
pub async fn furnish(hub: &Hub, site: &str) {
    let mut items = String::from("item,name,unit,code\n");
    for number in 0..ITEMS {
        let _ = writeln!(items, "{},Article {number},each,SUP{number:010}", item(number));
    }
    let mut locations = String::from("location,zone\nDOCK-1,Dock\n");
    let mut stock = String::from("location,item,quantity\n");
    for number in 0..LOCATIONS {
        let _ = writeln!(locations, "{},Aisle {}", location(number), number % 40);
    }
    for number in 0..ITEMS {
        let _ = writeln!(stock, "{},{},1000000", location(number % LOCATIONS), item(number));
    }
    for (kind, text) in [
        (ImportKind::Items, items),
        (ImportKind::Locations, locations),
        (ImportKind::Stock, stock),
    ] {
        import(hub, site, kind, &text).await;
    }
}

/// Imports what is there already.
pub async fn touch(hub: &Hub, site: &str) {
    import(hub, site, ImportKind::Locations, "location,zone\nDOCK-1,Dock\n").await;
}

async fn import(hub: &Hub, site: &str, kind: ImportKind, text: &str) {
    let file = ImportFile::named("bench.csv", text.as_bytes());
    let imported = hub.import(site, kind, &file).await;
    imported.unwrap_or_else(|error| panic!("{error}"));
}

/// A device with its tasks and its place in them.
pub struct Device {
    pub enrolled: Enrolled,
    pub signer: Signer,
    number: usize,
    /// Confirmations made so far.
    made: usize,
    previous: ChainHash,
    /// The one that the next may take back.
    last: serde_json::Value,
}

impl Device {
    /// Enrols a device, and gives it tasks for so many confirmations.
    pub async fn new(hub: &Hub, connection: &mut Connection, site: &str, number: usize, work: usize) -> Self {
        let name = format!("handheld {number}");
        let code = hub.create_enrolment_code(site, &name).await.expect("a code");
        let mut signer = Signer::new(number as u64);
        let body = signer.enrol_body(&code, &name).to_string().into_bytes();
        let answer = connection.post(&Post::new(&signer, "/v1/enrol", body)).await;
        let enrolled: Enrolled = serde_json::from_slice(&answer).expect("an identity");
        signer.device.clone_from(&enrolled.device);
        let body = signer.challenge_body().to_string().into_bytes();
        let answer = connection
            .post(&Post::new(&signer, signer::CHALLENGE, body))
            .await;
        let challenge = String::from_utf8(answer).expect("JSON");
        let body = signer.token_body(&challenge).to_string().into_bytes();
        let answer = connection.post(&Post::new(&signer, signer::TOKEN, body)).await;
        signer.take_token(&String::from_utf8(answer).expect("JSON"));
        let device = Self {
            enrolled,
            signer,
            number,
            made: 0,
            previous: ChainHash::START,
            last: serde_json::Value::Null,
        };
        let tasks: String = (0..=work / CONFIRMATIONS).map(|task| device.task(task)).collect();
        let header = "task,kind,reference,dock,line,item,quantity,location\n";
        import(hub, site, ImportKind::Tasks, &format!("{header}{tasks}")).await;
        device
    }

    fn is_receipt(task: usize) -> bool {
        task.is_multiple_of(RECEIPT_EVERY)
    }

    fn task_name(&self, task: usize) -> String {
        let kind = if Self::is_receipt(task) { 'R' } else { 'P' };
        format!("{kind}-{:03}-{task:05}", self.number)
    }

    /// What a line of a task is about: the same place of the site for nobody else.
    fn article(&self, task: usize, line: usize) -> usize {
        self.number * 613 + task * 127 + line * 31
    }

    fn task(&self, task: usize) -> String {
        let mut rows = String::new();
        let name = self.task_name(task);
        for line in 1..=LINES {
            let article = self.article(task, line);
            let _ = if Self::is_receipt(task) {
                writeln!(
                    rows,
                    "{name},receive,PO-{task},DOCK-1,{line},{},24,",
                    item(article)
                )
            } else {
                let bin = location(article % ITEMS % LOCATIONS);
                writeln!(rows, "{name},pick,ORDER-{task},,{line},{},2,{bin}", item(article))
            };
        }
        rows
    }

    pub fn identity(&self) -> DeviceIdentity {
        DeviceIdentity {
            site: self.enrolled.site.clone(),
            device: self.enrolled.device.clone(),
        }
    }

    /// The next so many confirmations, as they are sent.
    pub fn batch(&mut self, records: usize) -> Batch {
        let previous_hash = self.previous.to_string();
        let records: Vec<Record> = (0..records).map(|_| self.confirm()).collect();
        Batch {
            device: self.enrolled.device.clone(),
            epoch: self.enrolled.epoch,
            previous_hash,
            clock: ClockReading {
                boot: "3f0c6c1e-8f39-4d56-9f0e-6d1c1a9f2b11".to_owned(),
                boottime_us: self.boottime_us(),
                wall: jiff::Timestamp::now(),
            },
            heartbeat: Heartbeat {
                version: "0.1.0".to_owned(),
                waiting: records.len() as u64,
                worker: Some("ANNA".to_owned()),
                task: Some(self.task_name(self.made / CONFIRMATIONS)),
                scanners: vec!["zebra_ssi on /dev/ttyACM0: ready".to_owned()],
                ..Heartbeat::default()
            },
            records,
        }
    }

    fn boottime_us(&self) -> u64 {
        4_000_000_000 + 3_000_000 * self.made as u64
    }

    fn confirm(&mut self) -> Record {
        let seq = self.made as u64 + 1;
        let body = self.body(seq).to_string();
        self.previous = ChainHash::of_record(
            self.previous,
            &self.enrolled.device,
            self.enrolled.epoch,
            seq,
            body.as_bytes(),
        );
        self.made += 1;
        Record {
            seq,
            hash: self.previous.to_string(),
            body: RawValue::from_string(body).expect("JSON"),
        }
    }

    fn body(&mut self, seq: u64) -> serde_json::Value {
        let (task, step) = (self.made / CONFIRMATIONS, self.made % CONFIRMATIONS);
        let mut body = json!({
            "v": 1, "site": self.enrolled.site, "worker": "ANNA", "task": self.task_name(task), "revision": 1,
            "boot": "3f0c6c1e-8f39-4d56-9f0e-6d1c1a9f2b11", "boottime_us": self.boottime_us(),
            "wall": "2026-11-29T08:00:00.123456Z",
        });
        if step + 1 == CONFIRMATIONS {
            body["act"] = json!("task_closed");
            return body;
        }
        // The scan in the middle is taken back, and made again.
        let middle = LINES;
        if step == middle {
            let mut reversal = self.last.clone();
            reversal["reverses"] =
                json!({ "epoch": self.enrolled.epoch, "seq": seq - 1, "act": self.last["act"] });
            reversal["act"] = json!("reversed");
            return reversal;
        }
        let scan = if step > middle { step - 2 } else { step };
        let line = (scan.min(2 * LINES - 1)) / 2 + 1;
        let article = self.article(task, line);
        let code = format!("SUP{:010}", article % ITEMS);
        let quantity = if Self::is_receipt(task) { 12 } else { 1 };
        body["line"] = json!(line);
        body["goods"] = json!({
            "item": item(article), "code": code, "quantity_micro": quantity * 1_000_000, "unit": "each",
            "pack_micro": 1_000_000, "status": "available"
        });
        body["raw"] = json!({
            "scanner": "zebra_ssi-1", "text": code, "symbology": "]C0", "source": "scan"
        });
        if Self::is_receipt(task) {
            body["act"] = json!("received");
            body["from"] = json!("supplier");
            body["to"] = json!({ "location": "DOCK-1" });
        } else {
            body["act"] = json!("picked");
            body["from"] = json!({ "location": location(article % ITEMS % LOCATIONS) });
            body["to"] = json!({ "handling_unit": format!("TOTE-{:03}-{task:05}", self.number) });
        }
        self.last = body.clone();
        body
    }
}
