//! The hub's store and its backups after a power cut, opened by the hub's own code.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use serde_json::value::RawValue;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{Batch, ClockReading, Heartbeat, Receipt, Record};
use tallyman_hub::Threads;
use tallyman_hub::ledger::posting::ReadBatch;
use tallyman_hub::ledger::sqlite::SqliteLedger;
use tallyman_hub::ledger::{DeviceIdentity, Ledger as _};

use super::explorer::{Subject, at_once};
use super::found::{Chain, Found, Promise, Stream, digest_of, structure_findings};
use super::talk::{Connection as Socket, Message};

/// One fact more, from a device that goes on after the power is back.
const NEXT_FACT: &str = r#"{"v":1,"site":"main","act":"received","goods":{"item":"BOLT","code":"BOLT","quantity_micro":1000000,
    "unit":"each","pack_micro":1000000,"status":"available"},"from":"supplier","to":{"location":"DOCK-1"},
    "boot":"b","boottime_us":1,"wall":"2026-11-23T08:00:00Z"}"#;

/// How far each stream is in a backup, or what is wrong with it.
type BackupMarks = Result<BTreeMap<Stream, u64>, String>;

/// A hub's store with its backups.
#[derive(Default)]
pub struct HubStore {
    /// The last request on each connection, which the next answer belongs to.
    asked: HashMap<Socket, Message>,
    /// What the hub's own check found, by all rows of the store: it looks at nothing else.
    proved: Mutex<HashMap<blake3::Hash, Vec<String>>>,
    /// What is known of backups, by their bytes.
    backups: Mutex<HashMap<blake3::Hash, BackupMarks>>,
}

impl Subject for HubStore {
    const INDEX: &'static str = "state/hub.db-shm";

    fn is_followed(place: &str) -> bool {
        place.starts_with("state") && !place.ends_with("-shm")
    }

    fn promises(&mut self, message: &Message) -> Vec<Promise> {
        if !message.said {
            self.asked.insert(message.connection, message.clone());
            return Vec::new();
        }
        let is_good = [" 200 ", " 204 ", " 303 "]
            .iter()
            .any(|status| message.head.contains(status));
        match self.asked.remove(&message.connection) {
            Some(request) if is_good && request.head.starts_with("POST ") => {
                let mut promises = vec![Promise::Done];
                if request.head.starts_with("POST /v1/confirmations ") {
                    promises.extend(promises_of_receipt(&request.body, &message.body));
                }
                promises
            }
            _ => Vec::new(),
        }
    }

    fn open(&self, folder: &Path) -> Result<Found, String> {
        let state = folder.join("state");
        std::fs::create_dir_all(&state).map_err(|error| error.to_string())?;
        let path = state.join("hub.db");
        let now = Timestamp::UNIX_EPOCH;
        let ledger = SqliteLedger::open(&path, "IMAGE", now, Threads::None, false);
        let ledger = ledger.map_err(|error| error.to_string())?;
        let mut found = read(&path).map_err(|error| error.to_string())?;
        let proved = self.proved().get(&found.digest).cloned();
        let proved = match proved {
            Some(findings) => findings,
            None => {
                let proof = at_once(ledger.verify()).map_err(|error| error.to_string())?;
                let went_on = go_on(&ledger, &found);
                let findings: Vec<String> = proof.findings.into_iter().chain(went_on.err()).collect();
                self.proved().insert(found.digest, findings.clone());
                findings
            }
        };
        found.findings.extend(proved);
        for backup in backups_in(&state.join("backups")) {
            match self.backup(&backup) {
                Ok(marks) => {
                    for (stream, seq) in marks {
                        let mark = found.backed_up.entry(stream).or_default();
                        *mark = seq.max(*mark);
                    }
                }
                Err(damage) => found.findings.push(damage),
            }
        }
        Ok(found)
    }
}

impl HubStore {
    fn proved(&self) -> std::sync::MutexGuard<'_, HashMap<blake3::Hash, Vec<String>>> {
        self.proved.lock().expect("nobody panicked")
    }

    /// How far each stream is in a file that a person would take for a backup.
    fn backup(&self, file: &Path) -> BackupMarks {
        let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
        let digest = blake3::hash(&bytes);
        let known = self
            .backups
            .lock()
            .expect("nobody panicked")
            .get(&digest)
            .cloned();
        known.unwrap_or_else(|| {
            let marks = marks_of_backup(file);
            self.backups
                .lock()
                .expect("nobody panicked")
                .insert(digest, marks.clone());
            marks
        })
    }
}

fn promises_of_receipt(request: &[u8], answer: &[u8]) -> Vec<Promise> {
    let batch: Batch = serde_json::from_slice(request).expect("a batch");
    let receipt: Receipt = serde_json::from_slice(answer).expect("a receipt");
    let stream = (batch.device.clone(), receipt.epoch);
    let mut promises = Vec::new();
    if receipt.applied_seq > 0 {
        promises.push(Promise::Fact(stream.clone(), receipt.applied_seq, None));
    }
    // A fork says that what was sent is not what the hub has.
    let taken = batch
        .records
        .iter()
        .filter(|record| !receipt.fork && record.seq <= receipt.applied_seq);
    promises.extend(
        taken.map(|record| Promise::Fact(stream.clone(), record.seq, ChainHash::from_hex(&record.hash))),
    );
    promises.push(Promise::BackedUp(stream, receipt.stable_seq));
    promises
}

fn read_only(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

fn read(path: &Path) -> rusqlite::Result<Found> {
    let store = read_only(path)?;
    let mut findings = structure_findings(&store)?;
    let mut chains: BTreeMap<Stream, Chain> = BTreeMap::new();
    let mut journal =
        store.prepare("SELECT device, epoch, seq, hash FROM journal ORDER BY device, epoch, seq")?;
    let mut rows = journal.query([])?;
    while let Some(row) = rows.next()? {
        let (stream, seq): (Stream, u64) = ((row.get(0)?, row.get(1)?), row.get(2)?);
        let hash: Vec<u8> = row.get(3)?;
        let chain = chains.entry(stream).or_insert(Chain {
            first: 1,
            hashes: Vec::new(),
        });
        chain
            .hashes
            .push(ChainHash::from_slice(&hash).unwrap_or(ChainHash::START));
        if chain.last() != seq {
            findings.push(format!("fact {seq} stands where {} belongs", chain.last()));
        }
    }
    Ok(Found {
        digest: digest_of(&store)?,
        chains,
        backed_up: BTreeMap::new(),
        findings,
    })
}

/// The files that anybody would restore.
fn backups_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "db"));
    files.sort();
    files
}

fn marks_of_backup(file: &Path) -> BackupMarks {
    let told = |what: String| format!("the backup {}: {what}", file.display());
    let proof = SqliteLedger::verify_file(file).map_err(|error| told(error.to_string()))?;
    if !proof.holds() {
        return Err(told(proof.findings.join("; ")));
    }
    let marks = || {
        read_only(file)?
            .prepare("SELECT device, epoch, applied_seq FROM device_epoch")?
            .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()
    };
    marks().map_err(|error: rusqlite::Error| told(error.to_string()))
}

/// The hub goes on working: each device that told one story sends its next fact, and it is applied once.
fn go_on(ledger: &SqliteLedger, found: &Found) -> Result<(), String> {
    for ((device, epoch), chain) in &found.chains {
        let previous = chain.hashes.last().copied().unwrap_or(ChainHash::START);
        let seq = chain.last() + 1;
        let body = RawValue::from_string(NEXT_FACT.to_owned()).expect("JSON");
        let hash = ChainHash::of_record(previous, device, *epoch, seq, NEXT_FACT.as_bytes());
        let identity = DeviceIdentity {
            site: "main".to_owned(),
            device: device.clone(),
        };
        for _ in 0..2 {
            let batch = Batch {
                device: device.clone(),
                epoch: *epoch,
                previous_hash: previous.to_string(),
                records: vec![Record {
                    seq,
                    hash: hash.to_string(),
                    body: body.clone(),
                }],
                clock: ClockReading {
                    boot: "b".to_owned(),
                    boottime_us: 2,
                    wall: Timestamp::UNIX_EPOCH,
                },
                heartbeat: Heartbeat {
                    version: "0".to_owned(),
                    waiting: 1,
                    worker: None,
                    task: None,
                    scanners: Vec::new(),
                    ..Heartbeat::default()
                },
            };
            let batch = ReadBatch::read(identity.clone(), batch);
            let site = identity.site.clone();
            let taken = at_once(ledger.take_batches(site, vec![batch], Timestamp::UNIX_EPOCH));
            let taken = taken.and_then(|mut taken| taken.remove(0));
            let taken = taken.map_err(|error| format!("the next batch of {device} is not taken: {error}"))?;
            if !taken.fork && taken.applied_seq != seq {
                return Err(format!(
                    "the next batch of {device} ends at {taken:?}, and {seq} was sent"
                ));
            }
        }
    }
    let proof = at_once(ledger.verify()).map_err(|error| error.to_string())?;
    if proof.holds() {
        Ok(())
    } else {
        Err(format!("after one fact more: {}", proof.findings.join("; ")))
    }
}
