//! The way from one device to the hub: the agent's [`Transport`] over requests that are handed to the hub's router, with
//! whatever a network does to them in between.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tallyman_agent::seams::{Credential, Fault, Token, Transport};
use tallyman_floor::Inquiry;
use tallyman_floor::wire::proof::{self, Proved};
use tallyman_floor::wire::v1::{
    Batch, Challenge, ChallengeRequest, ClaimRequest, Claims, Delta, DeviceCursor, EnrolRequest, Enrolled,
    EpochGranted, EpochRequest, Numbers, NumbersRequest, Receipt, ReleaseRequest, StockAnswer, TokenGranted,
    TokenRequest, TraceUpload,
};
use tallyman_platform::device_key::DeviceKey;
use tokio::sync::oneshot;

use super::chance::Chance;
use super::courier::Courier;
use super::disk::Node;
use super::hub::{Answer, Call, Proof};
use super::weather::{Fate, Weather};
use super::{Sabotage, World};

/// Milliseconds that an agent waits for an answer, besides what the hub was asked to hold it.
pub(super) const ANSWER_MS: u64 = 30_000;

/// From this length on a body is compressed.
const COMPRESSED_BYTES_MIN: usize = 1 << 10;

/// Milliseconds that a message travels when nothing happens to it.
const TRAVEL_MS: (u64, u64) = (2, 60);

/// A device sends over lanes which know nothing of each other.
const UPLOAD: usize = 0;
/// See [`UPLOAD`].
const DOWNLOAD: usize = 1;
/// See [`UPLOAD`].
const CLAIMS: usize = 2;

/// How many lanes there are.
pub(super) const LANES: u8 = 3;

/// How they are called in a trace.
const LANE_WORDS: [&str; LANES as usize] = ["up", "down", "claims"];

/// The way of one device. It outlives the lives of the agent.
pub struct Wire {
    pub(super) world: Arc<World>,
    pub(super) node: Node,
    pub(super) name: String,
    lanes: [Mutex<Lane>; LANES as usize],
    /// Somebody on the way refused a compressed body.
    is_plain: AtomicBool,
    sky: Mutex<Sky>,
}

/// What a lane draws from, and how many messages it has sent.
struct Lane {
    chance: Chance,
    sent: u64,
}

/// The network as the device has it now.
#[derive(Debug, Clone, Copy)]
struct Sky {
    weather: Weather,
    is_out: bool,
}

/// What comes back to the agent.
pub(super) enum Heard {
    Answer(Answer),
    Broken(&'static str),
}

impl Wire {
    /// The way of a device, in this weather.
    pub fn new(world: &Arc<World>, node: Node, name: &str, weather: Weather) -> Arc<Self> {
        let lane = |which: &str| {
            Mutex::new(Lane {
                chance: Chance::of(world.seed, &format!("{name} {which}")),
                sent: 0,
            })
        };
        Arc::new(Self {
            world: Arc::clone(world),
            node,
            name: name.to_owned(),
            lanes: [lane("upload"), lane("download"), lane("claims")],
            is_plain: AtomicBool::new(world.sabotage == Some(Sabotage::ChangedRecord)),
            sky: Mutex::new(Sky {
                weather,
                is_out: false,
            }),
        })
    }

    /// The device loses its network, or finds it again.
    pub fn out(&self, is_out: bool) {
        self.sky.lock().unwrap_or_else(PoisonError::into_inner).is_out = is_out;
    }

    fn fate(&self, lane: usize) -> (u64, Fate, [u64; 2]) {
        let sky = *self.sky.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lane = self.lanes[lane].lock().unwrap_or_else(PoisonError::into_inner);
        lane.sent += 1;
        let travel_ms = [0; 2].map(|_| lane.chance.between(TRAVEL_MS.0, TRAVEL_MS.1));
        let is_silent = lane.chance.below(2) == 0;
        let drawn = sky.weather.draw(&mut lane.chance);
        let fate = match (sky.is_out, is_silent) {
            (true, true) => Fate::Silent,
            (true, false) => Fate::Refused,
            (false, _) if !self.world.has_troubles() => Fate::Plain,
            (false, _) => drawn,
        };
        (lane.sent, fate, travel_ms)
    }

    async fn exchange(self: &Arc<Self>, lane: usize, call: Call, patience_ms: u64) -> Result<Vec<u8>, Fault> {
        if self.world.disk.is_cut(self.node) {
            // A machine without power sends nothing; its program is about to be ended.
            return std::future::pending().await;
        }
        let (number, fate, travel_ms) = self.fate(lane);
        self.world.trace.count(fate.word());
        self.world.trace.note(
            &self.name,
            format_args!("{}.{number} {} {fate:?}", LANE_WORDS[lane], call.told()),
        );
        let (tell, told) = oneshot::channel();
        let courier = Courier {
            wire: Arc::clone(self),
            lane: u8::try_from(lane).unwrap_or(0),
            number,
            travel_ms,
        };
        tokio::spawn(courier.carry(call, fate, tell));
        let heard = tokio::time::timeout(Duration::from_millis(patience_ms), told).await;
        let answer = match heard {
            Err(_) => {
                self.world.trace.count("answer: none in time");
                Err(Fault::Timeout(patience_ms))
            }
            Ok(Err(_)) => Err(Fault::Unreachable("the connection broke".to_owned())),
            Ok(Ok(Heard::Broken(why))) => Err(Fault::Unreachable(why.to_owned())),
            Ok(Ok(Heard::Answer(answer))) => self.interpret(answer),
        };
        if let Err(fault) = &answer {
            let why = self.world.hub.without_folder(&fault.to_string());
            self.world
                .trace
                .note(&self.name, format_args!("{number} failed: {why}"));
        }
        answer
    }

    /// As the agent's own transport does.
    fn interpret(&self, answer: Answer) -> Result<Vec<u8>, Fault> {
        let Answer {
            status,
            retry_after_ms,
            body,
        } = answer;
        self.world.trace.count(status_word(status));
        if (200..300).contains(&status) {
            return Ok(body);
        }
        if status == 415 {
            self.is_plain.store(true, Ordering::Relaxed);
        }
        Err(Fault::of_status(
            status,
            &status.to_string(),
            retry_after_ms,
            &body,
        ))
    }

    /// Posts a message that proves nothing.
    async fn post<B: Serialize>(self: &Arc<Self>, path: &str, body: &B) -> Result<Vec<u8>, Fault> {
        let proof = Proof::default();
        self.post_bytes(UPLOAD, path, proof, written(body)?).await
    }

    /// Posts a message that is signed with this key for this device.
    async fn post_signed<B: Serialize + Proved>(
        self: &Arc<Self>,
        lane: usize,
        path: &str,
        token: Option<&Token>,
        signer: (&DeviceKey, &str),
        body: &B,
    ) -> Result<Vec<u8>, Fault> {
        let bytes = written(body)?;
        let (key, device) = signer;
        let proof = Proof {
            token: token.map(bearer),
            signature: Some(key.sign(&proof::message(body, device, &bytes))),
        };
        self.post_bytes(lane, path, proof, bytes).await
    }

    async fn post_bytes(
        self: &Arc<Self>,
        lane: usize,
        path: &str,
        proof: Proof,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Fault> {
        let is_compressed = body.len() >= COMPRESSED_BYTES_MIN && !self.is_plain.load(Ordering::Relaxed);
        let call = Call {
            method: "POST",
            path: path.to_owned(),
            proof,
            is_compressed,
            body: if is_compressed { gzip(&body) } else { body },
        };
        self.exchange(lane, call, ANSWER_MS).await
    }

    async fn get(
        self: &Arc<Self>,
        lane: usize,
        path: String,
        token: &Token,
        wait_ms: u64,
    ) -> Result<Vec<u8>, Fault> {
        let call = Call {
            method: "GET",
            path,
            proof: Proof {
                token: Some(bearer(token)),
                signature: None,
            },
            is_compressed: false,
            body: Vec::new(),
        };
        self.exchange(lane, call, ANSWER_MS + wait_ms).await
    }
}

fn bearer(token: &Token) -> String {
    format!("Bearer {}", token.secret())
}

fn written<B: Serialize>(body: &B) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(body).map_err(|error| Fault::Nonsense(error.to_string()))
}

/// Answers of the protocol are counted by their status.
const fn status_word(status: u16) -> &'static str {
    match status {
        200 => "answer: 200",
        204 => "answer: 204",
        400 => "answer: 400",
        401 => "answer: 401",
        403 => "answer: 403",
        413 => "answer: 413",
        415 => "answer: 415",
        422 => "answer: 422",
        429 => "answer: 429",
        500 => "answer: 500",
        502 => "answer: 502",
        503 => "answer: 503",
        _ => "answer: another",
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

fn parse<A: DeserializeOwned>(body: &[u8]) -> Result<A, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::Nonsense(error.to_string()))
}

/// The path with its cursor, which may hold any character.
fn tasks_path(cursor: Option<&str>, wait_ms: u64) -> String {
    let mut path = format!("/v1/tasks?wait_ms={wait_ms}");
    if let Some(cursor) = cursor {
        path.push_str("&cursor=");
        add_escaped(&mut path, cursor);
    }
    path
}

fn add_escaped(path: &mut String, value: &str) {
    for byte in value.bytes() {
        // Writing to a text does not fail.
        let _ = match byte.is_ascii_alphanumeric() {
            true => write!(path, "{}", char::from(byte)),
            false => write!(path, "%{byte:02X}"),
        };
    }
}

/// The path of a question about stock, whose name may hold any character.
fn stock_path(inquiry: &Inquiry) -> String {
    let mut path = "/v1/stock".to_owned();
    for (place, (member, name)) in inquiry.query().into_iter().enumerate() {
        path.push(if place == 0 { '?' } else { '&' });
        path.push_str(member);
        path.push('=');
        add_escaped(&mut path, name);
    }
    path
}

/// The way as the agent holds it.
#[derive(Clone)]
pub struct Held(pub Arc<Wire>);

impl Transport for Held {
    fn enrol<'a>(
        &'a self,
        key: &'a DeviceKey,
        request: &'a EnrolRequest,
    ) -> BoxFuture<'a, Result<Enrolled, Fault>> {
        let device = request.device.as_deref().unwrap_or_default();
        Box::pin(async move {
            parse(
                &self
                    .0
                    .post_signed(UPLOAD, "/v1/enrol", None, (key, device), request)
                    .await?,
            )
        })
    }

    fn challenge<'a>(&'a self, request: &'a ChallengeRequest) -> BoxFuture<'a, Result<Challenge, Fault>> {
        Box::pin(async move { parse(&self.0.post("/v1/device/challenge", request).await?) })
    }

    fn token<'a>(
        &'a self,
        key: &'a DeviceKey,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<TokenGranted, Fault>> {
        Box::pin(async move {
            let signer = (key, request.device.as_str());
            let granted = parse(
                &self
                    .0
                    .post_signed(UPLOAD, "/v1/device/token", None, signer, request)
                    .await?,
            )?;
            self.0.world.trace.count("answer: token granted");
            Ok(granted)
        })
    }

    fn confirmations<'a>(
        &'a self,
        by: &'a Credential,
        batch: &'a Batch,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        Box::pin(async move {
            let receipt: Receipt = parse(&self.signed(by, "/v1/confirmations", batch).await?)?;
            if receipt.fork {
                self.0.world.trace.count("answer: fork");
            } else if receipt.expected_seq.is_some() {
                self.0.world.trace.count("answer: expected seq");
            }
            Ok(receipt)
        })
    }

    fn tasks<'a>(
        &'a self,
        by: &'a Credential,
        cursor: Option<&'a str>,
        wait_ms: u64,
    ) -> BoxFuture<'a, Result<Delta, Fault>> {
        Box::pin(async move {
            let path = tasks_path(cursor, wait_ms);
            parse(&self.0.get(DOWNLOAD, path, &by.token, wait_ms).await?)
        })
    }

    fn cursor<'a>(&'a self, by: &'a Credential) -> BoxFuture<'a, Result<DeviceCursor, Fault>> {
        Box::pin(async move {
            let path = "/v1/device/cursor".to_owned();
            parse(&self.0.get(UPLOAD, path, &by.token, 0).await?)
        })
    }

    fn epoch<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a EpochRequest,
    ) -> BoxFuture<'a, Result<EpochGranted, Fault>> {
        Box::pin(async move {
            let granted = parse(&self.signed(by, "/v1/device/epoch", request).await?)?;
            self.0.world.trace.count("answer: epoch granted");
            Ok(granted)
        })
    }

    fn traces<'a>(&'a self, by: &'a Credential, upload: &'a TraceUpload) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move { self.signed(by, "/v1/traces", upload).await.map(drop) })
    }

    fn claim<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a ClaimRequest,
    ) -> BoxFuture<'a, Result<Claims, Fault>> {
        Box::pin(async move {
            let claims = parse(&self.on_claims(by, "/v1/claims", request).await?)?;
            self.0.world.trace.count("answer: claims");
            Ok(claims)
        })
    }

    fn stock<'a>(
        &'a self,
        by: &'a Credential,
        inquiry: &'a Inquiry,
    ) -> BoxFuture<'a, Result<StockAnswer, Fault>> {
        Box::pin(async move { parse(&self.0.get(CLAIMS, stock_path(inquiry), &by.token, 0).await?) })
    }

    fn release<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a ReleaseRequest,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let sent = self.on_claims(by, "/v1/claims/release", request).await;
            sent.map(drop)
        })
    }

    fn numbers<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a NumbersRequest,
    ) -> BoxFuture<'a, Result<Numbers, Fault>> {
        Box::pin(async move { parse(&self.on_claims(by, "/v1/numbers", request).await?) })
    }
}

impl Held {
    async fn signed<B: Serialize + Proved>(
        &self,
        by: &Credential,
        path: &str,
        body: &B,
    ) -> Result<Vec<u8>, Fault> {
        self.on_lane(UPLOAD, by, path, body).await
    }

    async fn on_claims<B: Serialize + Proved>(
        &self,
        by: &Credential,
        path: &str,
        body: &B,
    ) -> Result<Vec<u8>, Fault> {
        self.on_lane(CLAIMS, by, path, body).await
    }

    async fn on_lane<B: Serialize + Proved>(
        &self,
        lane: usize,
        by: &Credential,
        path: &str,
        body: &B,
    ) -> Result<Vec<u8>, Fault> {
        let signer = (&by.key, by.device.as_str());
        self.0
            .post_signed(lane, path, Some(&by.token), signer, body)
            .await
    }
}
