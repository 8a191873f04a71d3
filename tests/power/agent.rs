//! The agent's store after a power cut, opened by the agent's own code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tallyman_agent::seams::{Place, StepCommit, Store};
use tallyman_agent::store::{SqliteStore, Writing};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{Batch, ConfirmationBody, Receipt};
use tallyman_floor::{Draft, Session};
use tallyman_sim::heard::Heard;

use super::explorer::{Subject, at_once};
use super::found::{Chain, Found, Promise, Stream, digest_of, structure_findings};
use super::talk::Message;

/// A fact that a device writes after the power is back.
const NEXT_FACT: &str = r#"{"v":1,"site":"main","act":"counted","goods":{"code":"09521101530001","quantity_micro":1000000,
    "unit":"each","pack_micro":1000000,"status":"available"},"boot":"b","boottime_us":1,"wall":"2026-11-23T08:00:00Z"}"#;

/// A device's store.
pub struct AgentStore;

impl Subject for AgentStore {
    const INDEX: &'static str = "agent.db-shm";

    fn is_followed(place: &str) -> bool {
        // The reserve is a file of noise whose only purpose is its size; whoever opens the store does not look at it.
        place.starts_with("agent.db") && !place.ends_with("-shm") && !place.ends_with(".reserve")
    }

    fn promises(&mut self, message: &Message) -> Vec<Promise> {
        let stream = |epoch| (String::new(), epoch);
        match (message.said, message.head.as_str()) {
            (true, "") => promises_of_line(&message.body),
            (true, head) if head.starts_with("POST /v1/confirmations ") => {
                // What has left the device is the hub's for ever: it may never be another fact.
                let batch: Batch = serde_json::from_slice(&message.body).expect("a batch");
                let fact = |record: &tallyman_floor::wire::v1::Record| {
                    Promise::Fact(stream(batch.epoch), record.seq, ChainHash::from_hex(&record.hash))
                };
                batch.records.iter().map(fact).collect()
            }
            (false, head) if head.starts_with("HTTP/1.1 200") => {
                match serde_json::from_slice::<Receipt>(&message.body) {
                    Ok(receipt) => vec![Promise::MayForget(stream(receipt.epoch), receipt.stable_seq)],
                    Err(_) => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    fn open(&self, folder: &Path) -> Result<Found, String> {
        let path = store_in(folder)?;
        let (store, opened) = SqliteStore::open(&path, Writing::Inline).map_err(|error| error.to_string())?;
        let mut found = read(&path).map_err(|error| error.to_string())?;
        let epoch = opened.identity.as_ref().map_or(0, |identity| identity.epoch);
        let last = found.chains.get(&(String::new(), epoch)).map_or(0, Chain::last);
        let wanted = Place {
            epoch,
            seq: if opened.identity.is_some() { last + 1 } else { 0 },
        };
        let mut finding = |is_wrong: bool, what: String| found.findings.extend(is_wrong.then_some(what));
        let next = store.next_place();
        finding(
            next != wanted,
            format!("the next fact would get {next:?} and not {wanted:?}"),
        );
        finding(opened.session_damaged, "the session is damaged".to_owned());
        finding(
            opened.damaged > 0,
            format!("{} facts are damaged", opened.damaged),
        );
        let session = opened.session.as_deref().map(Session::from_saved);
        if let Some(Err(error)) = session {
            finding(true, format!("the session cannot be taken up: {error}"));
        }
        if opened.identity.is_some() {
            let went_on = go_on(&store, next);
            finding(went_on.is_err(), went_on.err().unwrap_or_default());
        }
        Ok(found)
    }
}

/// The store: where a person has set it aside, the file it was renamed to, after the next start of the agent.
fn store_in(folder: &Path) -> Result<PathBuf, String> {
    let path = folder.join("agent.db");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_aside = |path: &PathBuf| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        name.starts_with("agent.db.aside-") && !name.ends_with("-wal")
    };
    match entries.map(|entry| entry.path()).find(is_aside) {
        Some(aside) if !path.exists() => {
            SqliteStore::open(&path, Writing::Inline).map_err(|error| error.to_string())?;
            Ok(aside)
        }
        _ => Ok(path),
    }
}

/// What the agent told whoever holds it, on its control socket.
fn promises_of_line(line: &[u8]) -> Vec<Promise> {
    let fact = |epoch, seq| Promise::Fact((String::new(), epoch), seq, None);
    match serde_json::from_slice::<Heard>(line) {
        Ok(Heard::Sound(sound)) if sound.tone == "good" => {
            let facts = sound.confirmed.iter().map(|place| fact(place.epoch, place.seq));
            std::iter::once(Promise::Done).chain(facts).collect()
        }
        Ok(_) => Vec::new(),
        Err(_) => {
            // "37 waiting, all safe" is a promise as well.
            let answer: Value = serde_json::from_slice(line).unwrap_or_default();
            let status = &answer["status"];
            let outbox = &status["outbox"];
            match (
                status["epoch"].as_u64(),
                outbox["last_seq"].as_u64(),
                outbox["safe"].as_bool(),
            ) {
                (Some(epoch), Some(seq), Some(true)) if seq > 0 => {
                    vec![fact(u32::try_from(epoch).expect("an epoch"), seq)]
                }
                _ => Vec::new(),
            }
        }
    }
}

/// The store as it lies there, read without the code under test, except for the hash of a record.
fn read(path: &Path) -> rusqlite::Result<Found> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let store = Connection::open_with_flags(path, flags)?;
    let mut findings = structure_findings(&store)?;
    let device: Option<String> = match store.query_row(
        "SELECT body ->> 'device' FROM state WHERE name = 'identity'",
        [],
        |row| row.get(0),
    ) {
        Err(rusqlite::Error::QueryReturnedNoRows) => None,
        device => Some(device?),
    };
    let device = device.unwrap_or_default();
    let mut chains: BTreeMap<Stream, Chain> = BTreeMap::new();
    let mut journal = store.prepare("SELECT epoch, seq, hash, body FROM journal ORDER BY epoch, seq")?;
    let mut rows = journal.query([])?;
    while let Some(row) = rows.next()? {
        let (epoch, seq): (u32, u64) = (row.get(0)?, row.get(1)?);
        let (hash, body): (Vec<u8>, String) = (row.get(2)?, row.get(3)?);
        let hash = ChainHash::from_slice(&hash).unwrap_or(ChainHash::START);
        let chain = chains.entry((String::new(), epoch)).or_insert(Chain {
            first: seq,
            hashes: Vec::new(),
        });
        let next = chain.first + chain.hashes.len() as u64;
        if seq != next {
            findings.push(format!(
                "the journal of epoch {epoch} goes from {} to {seq}",
                next - 1
            ));
        }
        // Before the first is forgotten, its hash cannot be computed again.
        let previous = match chain.hashes.last() {
            None if seq > 1 => None,
            previous => Some(previous.copied().unwrap_or(ChainHash::START)),
        };
        let is_linked = previous.is_none_or(|previous| {
            ChainHash::of_record(previous, &device, epoch, seq, body.as_bytes()) == hash
        });
        if !is_linked {
            findings.push(format!("{seq} of epoch {epoch} does not fit the chain"));
        }
        chain.hashes.push(hash);
    }
    Ok(Found {
        digest: digest_of(&store)?,
        chains,
        backed_up: BTreeMap::new(),
        findings,
    })
}

/// The device goes on working: the next scan is stored under the next number, and the log can be copied into the file.
fn go_on(store: &SqliteStore, next: Place) -> Result<(), String> {
    let body: ConfirmationBody = serde_json::from_str(NEXT_FACT).expect("a body");
    let step = StepCommit {
        expected: next,
        drafts: vec![Draft::try_from(body).expect("a fact")],
        session: Session::new().to_saved(),
        trace: Vec::new(),
    };
    let places =
        at_once(store.commit(step)).map_err(|error| format!("the next scan is not stored: {error}"))?;
    if places != [next] {
        return Err(format!("the next scan got {places:?} and not {next:?}"));
    }
    let slice = at_once(store.outbox(next.seq - 1, 1)).map_err(|error| error.to_string())?;
    if slice.records.len() != 1 || !slice.damaged.is_empty() {
        return Err(format!("the next scan cannot be sent: {slice:?}"));
    }
    at_once(store.checkpoint()).map_err(|error| format!("the log cannot be copied: {error}"))
}
