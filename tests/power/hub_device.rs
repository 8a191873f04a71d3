//! A device that sends facts to a recorded hub: it keeps a journal as an agent does, and works by chance.

use std::net::SocketAddr;

use serde_json::value::RawValue;
use serde_json::{Value, json};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::proof::SIGNATURE_HEADER;
use tallyman_floor::wire::v1::{Batch, ClockReading, Enrolled, Heartbeat, Receipt, Record};
use tallyman_platform::entropy::{Entropy as _, SeededEntropy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::signer::{self, Signer};

/// Records in one batch at most.
const BATCH_RECORDS_MAX: u64 = 8;

/// A device that keeps a journal as an agent does.
#[derive(Clone)]
pub struct Device {
    /// Who it is, and in which epoch.
    pub enrolled: Enrolled,
    /// What proves it.
    pub signer: Signer,
    /// Hash and body of each record; the first stands before all.
    pub journal: Vec<(ChainHash, String)>,
    /// How far the hub is with it.
    pub applied: u64,
}

impl Device {
    /// A new device.
    pub async fn enrol(hub: SocketAddr, name: &str) -> Self {
        let form = format!("name={name}");
        let kind = "application/x-www-form-urlencoded";
        let page = ask(hub, "/site/main/devices", &Signer::new(0), kind, &form)
            .await
            .expect("a page");
        let code = page.split_once("class=\"one-time\">").expect("a code").1;
        let code = code.split_once('<').expect("its end").0;
        // Another key for each name.
        let seed = name
            .bytes()
            .fold(0, |seed: u64, byte| seed << 5 ^ u64::from(byte));
        let mut signer = Signer::new(seed);
        let enrolled = ask_json(hub, "/v1/enrol", &signer, &signer.enrol_body(code, name)).await;
        let enrolled: Enrolled = serde_json::from_str(&enrolled).expect("an identity");
        signer.device.clone_from(&enrolled.device);
        let challenge = ask_json(hub, signer::CHALLENGE, &signer, &signer.challenge_body()).await;
        let granted = ask_json(hub, signer::TOKEN, &signer, &signer.token_body(&challenge)).await;
        signer.take_token(&granted);
        Self {
            enrolled,
            signer,
            journal: vec![(ChainHash::START, String::new())],
            applied: 0,
        }
    }

    /// The number of its last record.
    pub fn last(&self) -> u64 {
        self.journal.len() as u64 - 1
    }

    /// Writes a fact down. What the body does not say is filled in.
    pub fn write(&mut self, body: &Value) {
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

    /// Writes down something that was done, and now and then takes it back.
    pub fn write_any(&mut self, chance: &mut SeededEntropy) {
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

    /// A batch of these records; none make it a heartbeat.
    pub fn batch(&self, first: u64, last: u64) -> Batch {
        let at = |seq: u64| &self.journal[usize::try_from(seq).expect("a small number")];
        let record = |seq: u64| Record {
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
                ..Heartbeat::default()
            },
        }
    }

    /// Sends the records from `first` on, as many as fit.
    pub async fn send(&mut self, hub: SocketAddr, first: u64) -> Result<Receipt, String> {
        let last = self.last().min(first + BATCH_RECORDS_MAX - 1);
        let batch = serde_json::to_string(&self.batch(first, last)).expect("a batch");
        let answer = ask(hub, "/v1/confirmations", &self.signer, "application/json", &batch).await?;
        let receipt: Receipt = serde_json::from_str(&answer).expect("a receipt");
        self.applied = receipt.applied_seq;
        Ok(receipt)
    }

    /// Works and sends: some batches twice, as after a lost answer, and some too far ahead.
    pub async fn work(mut self, hub: SocketAddr, batches: u64, mut chance: SeededEntropy) -> Self {
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

    /// Sends until the hub has everything.
    pub async fn catch_up(&mut self, hub: SocketAddr) {
        while self.applied < self.last() {
            self.send(hub, self.applied + 1).await.expect("a receipt");
        }
    }
}

/// A request that has to be answered well.
pub async fn ask_json(hub: SocketAddr, path: &str, by: &Signer, body: &Value) -> String {
    let answer = ask(hub, path, by, "application/json", &body.to_string()).await;
    answer.unwrap_or_else(|told| panic!("{path}: {told}"))
}

/// One request on a connection of its own, signed where such requests are. The body of the answer, or what came instead of
/// a good one.
pub async fn ask(hub: SocketAddr, path: &str, by: &Signer, kind: &str, body: &str) -> Result<String, String> {
    let token = &by.token;
    let signed = by
        .signature(path, body)
        .map(|signature| format!("{SIGNATURE_HEADER}: {signature}\r\n"))
        .unwrap_or_default();
    let exchange = async {
        let mut stream = TcpStream::connect(hub).await?;
        let request = format!(
            "POST {path} HTTP/1.0\r\nHost: {hub}\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\n\
             {signed}Content-Length: {}\r\n\r\n{body}",
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
