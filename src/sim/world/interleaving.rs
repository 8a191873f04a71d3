//! The same facts once more, in another order of arrival: a fresh hub is given what lies in another one's journal, each
//! device's facts in their order, the devices mixed by chance.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::proof::{self, Proved};
use tallyman_floor::wire::v1::{
    Batch, Challenge, ChallengeRequest, ClockReading, EnrolRequest, Enrolled, Heartbeat, Receipt, Record,
    TokenGranted, TokenRequest,
};
use tallyman_hub::Opening;
use tallyman_platform::clock::Clock as _;
use tallyman_platform::device_key::DeviceKey;

use super::chance::Chance;
use super::hub::{Answer, Call, Delivery, HubMachine, Import, Proof};
use super::witness::open;

/// Records of one device that arrive together at most.
const TOGETHER: u64 = 6;

/// A fact that arrived.
struct Arrived {
    epoch: u32,
    seq: u64,
    body: String,
}

/// A device at the fresh hub.
struct Sender {
    device: String,
    token: String,
    key: DeviceKey,
    facts: VecDeque<Arrived>,
    /// How far it has sent: the epoch, and the hash of its last record there.
    at: (u32, ChainHash),
}

/// Gives a fresh hub the facts of the store, after these imports. `forgets` leaves one out, which a control must find.
///
/// # Errors
/// What the fresh hub did not take.
pub async fn deliver(
    facts_of: &Path,
    hub: &HubMachine,
    imports: &[Import],
    mut chance: Chance,
    forgets: bool,
) -> Result<(), String> {
    hub.start(Opening::AsBefore).await?;
    for (site, kind, text) in imports {
        hub.import(site, *kind, text).await?;
    }
    let mut facts = facts(facts_of).map_err(|error| error.to_string())?;
    if forgets && let Some(of_one) = facts.values_mut().next_back() {
        // With one fact less behind it nothing is missing in the chain.
        let last_with_goods = of_one.iter().rposition(|fact| fact.body.contains("\"goods\""));
        of_one.truncate(last_with_goods.unwrap_or(0));
    }
    let mut senders = Vec::new();
    for ((site, name), facts) in facts {
        let sender = enrol(hub, &site, &name, &mut chance).await?;
        senders.push(Sender { facts, ..sender });
    }
    loop {
        senders.retain(|sender| !sender.facts.is_empty());
        if senders.is_empty() {
            break;
        }
        let place = usize::try_from(chance.below(senders.len() as u64)).unwrap_or(0);
        let together = chance.between(1, TOGETHER);
        senders[place].send(hub, together).await?;
    }
    hub.stop().await;
    Ok(())
}

/// What each device has sent, by site and identity, in its order.
fn facts(store: &Path) -> rusqlite::Result<BTreeMap<(String, String), VecDeque<Arrived>>> {
    let store = open(store)?;
    let mut rows =
        store.prepare("SELECT site, device, epoch, seq, CAST(body AS TEXT) FROM journal ORDER BY place")?;
    let mut rows = rows.query([])?;
    let mut facts: BTreeMap<(String, String), VecDeque<Arrived>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        facts
            .entry((row.get(0)?, row.get(1)?))
            .or_default()
            .push_back(Arrived {
                epoch: row.get(2)?,
                seq: row.get::<_, i64>(3)?.unsigned_abs(),
                body: row.get(4)?,
            });
    }
    Ok(facts)
}

/// Enrols a device with a key of its own, and gets it a token that works for long enough.
async fn enrol(hub: &HubMachine, site: &str, name: &str, chance: &mut Chance) -> Result<Sender, String> {
    let running = hub.hub().ok_or("the fresh hub is gone")?;
    let code = running
        .create_enrolment_code(site, name)
        .await
        .map_err(|error| error.to_string())?;
    let seed = DeviceKey::draw(&mut chance.entropy());
    let key = DeviceKey::from_hex(&seed).ok_or("no key")?;
    let request = EnrolRequest {
        code,
        name: name.to_owned(),
        version: "1".to_owned(),
        public_key: key.public_hex(),
        device: None,
    };
    let enrolled: Enrolled = post(hub, "/v1/enrol", None, Some((&key, "")), &request).await?;
    let device = enrolled.device;
    let asked = ChallengeRequest {
        device: device.clone(),
    };
    let challenge = written(&asked)?;
    let challenge: Challenge = ask(hub, "/v1/device/challenge", Proof::default(), challenge).await?;
    let request = TokenRequest {
        device: device.clone(),
        challenge: challenge.challenge,
    };
    let granted: TokenGranted = post(hub, "/v1/device/token", None, Some((&key, &device)), &request).await?;
    Ok(Sender {
        device,
        token: granted.token,
        key,
        facts: VecDeque::new(),
        at: (0, ChainHash::START),
    })
}

impl Sender {
    async fn send(&mut self, hub: &HubMachine, together: u64) -> Result<(), String> {
        let Some(epoch) = self.facts.front().map(|fact| fact.epoch) else {
            return Ok(());
        };
        if self.at.0 != epoch {
            self.at = (epoch, ChainHash::START);
        }
        let previous = self.at.1;
        let mut records = Vec::new();
        while records.len() as u64 != together && self.facts.front().is_some_and(|fact| fact.epoch == epoch) {
            let Some(fact) = self.facts.pop_front() else { break };
            let device = &self.device;
            let hash = ChainHash::of_record(self.at.1, device, epoch, fact.seq, fact.body.as_bytes());
            self.at.1 = hash;
            records.push(Record {
                seq: fact.seq,
                hash: hash.to_string(),
                body: RawValue::from_string(fact.body).map_err(|error| error.to_string())?,
            });
        }
        let last = records.last().map_or(0, |record| record.seq);
        let batch = Batch {
            device: self.device.clone(),
            epoch,
            previous_hash: previous.to_string(),
            records,
            clock: ClockReading {
                boot: "again".to_owned(),
                boottime_us: 1,
                wall: hub.clock().wall(),
            },
            heartbeat: Heartbeat {
                version: "1".to_owned(),
                waiting: 1,
                worker: None,
                task: None,
                scanners: Vec::new(),
                ..Heartbeat::default()
            },
        };
        let signer = Some((&self.key, self.device.as_str()));
        let receipt: Receipt = post(hub, "/v1/confirmations", Some(&self.token), signer, &batch).await?;
        if receipt.applied_seq == last {
            return Ok(());
        }
        Err(format!("epoch {epoch} up to {last} was not taken: {receipt:?}"))
    }
}

async fn post<B: Serialize + Proved, A: DeserializeOwned>(
    hub: &HubMachine,
    path: &str,
    token: Option<&str>,
    signer: Option<(&DeviceKey, &str)>,
    body: &B,
) -> Result<A, String> {
    let bytes = written(body)?;
    let proof = Proof {
        token: token.map(|token| format!("Bearer {token}")),
        signature: signer.map(|(key, device)| key.sign(&proof::message(body, device, &bytes))),
    };
    ask(hub, path, proof, bytes).await
}

async fn ask<A: DeserializeOwned>(
    hub: &HubMachine,
    path: &str,
    proof: Proof,
    body: Vec<u8>,
) -> Result<A, String> {
    let call = Call {
        method: "POST",
        path: path.to_owned(),
        proof,
        is_compressed: false,
        body,
    };
    let Answer { status, body, .. } = hub
        .take(&call, Delivery::Whole)
        .await
        .ok_or("the fresh hub is gone")?;
    if status != 200 {
        return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&body)));
    }
    serde_json::from_slice(&body).map_err(|error| error.to_string())
}

fn written<B: Serialize>(body: &B) -> Result<Vec<u8>, String> {
    serde_json::to_vec(body).map_err(|error| error.to_string())
}
