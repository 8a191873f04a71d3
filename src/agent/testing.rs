//! What the room's tests share: a clock on the runtime's time, and a hub that can be made to fail.

mod portal_desk;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::picture::id_of;
use tallyman_floor::wire::set_up::SetUpCode;
use tallyman_floor::wire::v1::{
    Batch, Challenge, ChallengeRequest, ClaimRequest, Claims, ConfirmationBody, Delta, DeviceCursor,
    EnrolRequest, Enrolled, EpochGranted, EpochMark, EpochRequest, GrantedBody, Mark, MovedRecord,
    NeighbourAnswers, NeighbourQuestions, NeighbourReply, NeighbourRequest, NumberBlockBody, Numbers,
    NumbersRequest, PortalWatch, ProfileBody, Receipt, ReleaseRequest, StockAnswer, StockRowBody,
    TokenGranted, TokenRequest, TraceUpload,
};
use tallyman_floor::{Inquiry, NumberBlock, NumberForm, PictureId};
use tallyman_platform::clock::{Boottime, Clock};
use tallyman_platform::device_key::DeviceKey;
use tallyman_platform::entropy::SeededEntropy;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::seams::{
    Credential, Fault, KeyError, Keys, PictureStore, SetUp, SetUpNews, SetUpRefusal, Token, Transport,
};

pub(crate) use portal_desk::PortalDesk;

/// A clock that follows the runtime's, so that a paused runtime moves it.
pub(crate) struct RuntimeClock {
    start: Instant,
}

impl RuntimeClock {
    pub(crate) fn start() -> Arc<dyn Clock> {
        Arc::new(Self {
            start: Instant::now(),
        })
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Boottime {
        Boottime {
            us: 1_000_000 + u64::try_from(self.start.elapsed().as_micros()).unwrap(),
        }
    }

    fn wall(&self) -> Timestamp {
        let start: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        start + SignedDuration::try_from(self.start.elapsed()).unwrap()
    }

    fn boot_id(&self) -> &str {
        "boot-1"
    }
}

/// What happens to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// It does not arrive.
    Lost,
    /// It is done, and the answer does not arrive.
    Swallowed,
    /// The answer is this instead.
    Refused(Fault),
    /// It does not arrive, and somebody else answers a batch with these.
    Lied {
        /// The epoch.
        epoch: u32,
        /// What is said to be there.
        applied_seq: u64,
    },
    /// It does not arrive, and somebody else answers a batch that the stories differ, and not where.
    Forked,
}

/// A hub in memory that keeps the rules of the wire: it skips what it has, stops at a gap, knows a fork.
#[derive(Default)]
pub(crate) struct FakeHub {
    inner: Mutex<Inner>,
    /// Rings when a record was taken or a delta put in.
    pub(crate) changed: Notify,
    /// Questions between portals.
    pub(crate) portals: PortalDesk,
}

#[derive(Default)]
struct Inner {
    generation: u32,
    epochs: BTreeMap<u32, Vec<(ChainHash, String)>>,
    mishaps: VecDeque<Mishap>,
    deltas: VecDeque<Delta>,
    requests: Vec<String>,
    traces: u64,
    indigestible: Option<String>,
    /// The key it knows; the first that it meets.
    key: Option<String>,
    /// Tokens it gave; the newest works, unless they were forgotten.
    tokens: u64,
    revoked: bool,
    claims: Vec<String>,
    claim_faults: VecDeque<Fault>,
    /// How many numbers there are, and which were leased for which request.
    numbers_max: u64,
    leased: Vec<(String, NumberBlock)>,
    number_faults: VecDeque<Option<Fault>>,
    pictures: BTreeMap<String, Vec<u8>>,
    picture_mishaps: VecDeque<PictureMishap>,
    shelf: Option<Arc<dyn PictureStore>>,
}

/// What happens to a request for a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PictureMishap {
    /// The answer is this instead.
    Refused(Fault),
    /// The bytes are others.
    Damaged,
}

impl FakeHub {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// What happens to the next requests that change something at the hub, in this order.
    pub(crate) fn mishaps(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        self.lock().mishaps.extend(mishaps);
    }

    /// A picture that it has. Answers what it is called.
    pub(crate) fn put_picture(&self, png: &[u8]) -> PictureId {
        let id = id_of(png);
        self.lock().pictures.insert(id.to_string(), png.to_vec());
        id
    }

    /// What happens to the next requests for pictures.
    pub(crate) fn picture_mishaps(&self, mishaps: impl IntoIterator<Item = PictureMishap>) {
        self.lock().picture_mishaps.extend(mishaps);
    }

    /// Where its devices keep pictures.
    pub(crate) fn with_shelf(&self, shelf: Arc<dyn PictureStore>) {
        self.lock().shelf = Some(shelf);
    }

    pub(crate) fn shelf(&self) -> Option<Arc<dyn PictureStore>> {
        self.lock().shelf.clone()
    }

    /// Whether all mishaps have happened.
    pub(crate) fn is_calm(&self) -> bool {
        self.lock().mishaps.is_empty()
    }

    pub(crate) fn put_delta(&self, delta: Delta) {
        self.lock().deltas.push_back(delta);
        self.changed.notify_waiters();
    }

    /// The bodies of an epoch, in order.
    pub(crate) fn journal(&self, epoch: u32) -> Vec<String> {
        self.lock()
            .epochs
            .get(&epoch)
            .into_iter()
            .flatten()
            .map(|(_, body)| body.clone())
            .collect()
    }

    /// The hub is restored from a backup in which this epoch had so many records.
    pub(crate) fn restore(&self, epoch: u32, records: usize) {
        let mut inner = self.lock();
        inner.generation += 1;
        inner.epochs.entry(epoch).or_default().truncate(records);
    }

    /// Records that another copy of the device has sent.
    pub(crate) fn pretend(&self, epoch: u32, records: Vec<(ChainHash, String)>) {
        self.lock().epochs.entry(epoch).or_default().extend(records);
    }

    /// Forgets all tokens, as when they have ended.
    pub(crate) fn end_tokens(&self) {
        self.lock().tokens += 1;
    }

    /// Forgets the device's key, as a hub that was restored from before its enrolment.
    pub(crate) fn forget_key(&self) {
        let mut inner = self.lock();
        inner.key = Some(String::new());
        inner.tokens += 1;
    }

    /// An administrator blocks the device, or lets it work again.
    pub(crate) fn revoke(&self, revoked: bool) {
        self.lock().revoked = revoked;
        self.changed.notify_waiters();
    }

    /// Tokens given so far.
    pub(crate) fn tokens(&self) -> u64 {
        self.lock().tokens
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.lock().requests.clone()
    }

    /// What happens to the next requests about claims.
    pub(crate) fn claim_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().claim_faults.extend(faults);
    }

    /// What was claimed and given back.
    pub(crate) fn claims(&self) -> Vec<String> {
        self.lock().claims.clone()
    }

    /// Does something about claims, unless it is to fail.
    fn about_claims<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> Result<T, Fault> {
        let mut inner = self.lock();
        let answer = match inner.claim_faults.pop_front() {
            Some(fault) => Err(fault),
            None => Ok(act(&mut inner)),
        };
        drop(inner);
        self.changed.notify_waiters();
        answer
    }

    /// There are so many numbers for devices.
    pub(crate) fn leases_numbers(&self, count: u64) {
        self.lock().numbers_max = count;
    }

    pub(crate) fn has_numbers(&self) -> bool {
        self.lock().numbers_max > 0
    }

    /// How many were leased.
    pub(crate) fn numbers_leased(&self) -> u64 {
        self.lock().leased.iter().map(|(_, block)| block.len()).sum()
    }

    /// What happens to the next requests for numbers; `None` for one that is done and whose answer is lost.
    pub(crate) fn number_faults(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.lock().number_faults.extend(faults);
    }

    pub(crate) fn traces(&self) -> u64 {
        self.lock().traces
    }

    /// From now on batches with a record that has this in its body are refused, unless it comes as a text.
    pub(crate) fn chokes_on(&self, text: &str) {
        self.lock().indigestible = Some(text.to_owned());
    }

    /// Waits until a condition of the hub holds.
    pub(crate) async fn until(&self, mut holds: impl FnMut(&Self) -> bool) {
        loop {
            let changed = self.changed.notified();
            if holds(self) {
                return;
            }
            changed.await;
        }
    }

    /// What somebody else says in the hub's place, where that comes next.
    fn lie(&self) -> Option<Receipt> {
        let mut inner = self.lock();
        let lie = match inner.mishaps.front()? {
            Mishap::Lied { epoch, applied_seq } => Receipt {
                epoch: *epoch,
                applied_seq: *applied_seq,
                ..inner.receipt(*epoch)
            },
            Mishap::Forked => Receipt {
                fork: true,
                ..inner.receipt(1)
            },
            _ => return None,
        };
        inner.mishaps.pop_front();
        Some(lie)
    }

    fn answer<T>(&self, name: &str, act: impl FnOnce(&mut Inner) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut inner = self.lock();
        inner.requests.push(name.to_owned());
        let answer = match inner.mishaps.pop_front() {
            // Where there is no receipt to lie in, whoever is there makes no sense.
            Some(Mishap::Lied { .. } | Mishap::Forked) => Err(Fault::Nonsense("it is no receipt".to_owned())),
            Some(Mishap::Lost) => Err(Fault::Unreachable("cut".to_owned())),
            Some(Mishap::Refused(fault)) => Err(fault),
            Some(Mishap::Swallowed) => act(&mut inner).and(Err(Fault::Timeout(30_000))),
            None => act(&mut inner),
        };
        drop(inner);
        self.changed.notify_waiters();
        answer
    }
}

impl Inner {
    /// Whether this is the newest token.
    fn check(&mut self, by: &Credential) -> Result<(), Fault> {
        let newest = format!("token {}", self.tokens);
        if by.token.secret() == newest {
            Ok(())
        } else {
            self.requests.push("token that has ended".to_owned());
            Err(unauthorised("token_expired"))
        }
    }

    fn lease(&mut self, request: &NumbersRequest) -> Numbers {
        let known = self.leased.iter().find(|(key, _)| *key == request.key);
        let mut blocks: Vec<NumberBlock> = known.map(|(_, block)| block.clone()).into_iter().collect();
        let first = self.leased.iter().map(|(_, block)| block.len()).sum::<u64>();
        let last = (first + request.count).min(self.numbers_max);
        if blocks.is_empty() && request.kind == "sscc" && last > first {
            let form = NumberForm::sscc(0, "4012345").unwrap();
            let block = NumberBlock::new(form, first, last - 1).unwrap();
            self.leased.push((request.key.clone(), block.clone()));
            blocks.push(block);
        }
        Numbers {
            generation: format!("g{}", self.generation),
            blocks: blocks.iter().map(NumberBlockBody::from).collect(),
            left: self.numbers_max - last,
            server_time: "2026-11-24T08:00:00Z".parse().unwrap(),
        }
    }

    fn receipt(&self, epoch: u32) -> Receipt {
        let applied_seq = self.epochs.get(&epoch).map_or(0, Vec::len) as u64;
        Receipt {
            generation: format!("g{}", self.generation),
            epoch,
            applied_seq,
            stable_seq: applied_seq,
            expected_seq: None,
            fork: false,
            outcomes: Vec::new(),
            pace_ms: 0,
            records_max: 1_000,
            screen_wanted: false,
            server_time: "2026-11-24T08:00:00Z".parse().unwrap(),
        }
    }

    /// Records under later places than their first.
    fn moved(&self) -> Vec<MovedRecord> {
        let records = self.epochs.iter().flat_map(|(epoch, records)| {
            let numbered = (1..).zip(records);
            numbered.map(move |(seq, (_, body))| (*epoch, seq, body))
        });
        let moved = records.filter_map(|(epoch, seq, body)| {
            let body: ConfirmationBody = serde_json::from_str(body).ok()?;
            let first = body.first?.hash;
            Some(MovedRecord { first, epoch, seq })
        });
        moved.collect()
    }

    fn choke(&self, batch: &Batch) -> Option<Fault> {
        let text = self.indigestible.as_ref()?;
        let chokes = |body: &str| body.starts_with('{') && body.contains(text);
        let fault = Fault::Refused {
            status: 422,
            code: None,
            message: "not understood".to_owned(),
        };
        batch
            .records
            .iter()
            .any(|record| chokes(record.body.get()))
            .then_some(fault)
    }

    fn take(&mut self, batch: &Batch) -> Receipt {
        let journal = self.epochs.entry(batch.epoch).or_default();
        let mut expected_seq = None;
        let mut fork = false;
        let mut previous = ChainHash::from_hex(&batch.previous_hash).unwrap();
        for record in &batch.records {
            let hash = ChainHash::from_hex(&record.hash).unwrap();
            let body = record.body.get().to_owned();
            let index = usize::try_from(record.seq - 1).unwrap();
            let proof =
                ChainHash::of_record(previous, &batch.device, batch.epoch, record.seq, body.as_bytes());
            let is_stand_in = body.starts_with('"');
            assert!(
                is_stand_in || hash == proof,
                "record {} of epoch {}",
                record.seq,
                batch.epoch
            );
            previous = hash;
            match journal.get(index) {
                Some((known, _)) if *known == hash => {}
                Some(_) => (fork, expected_seq) = (true, Some(record.seq)),
                None if index == journal.len() => journal.push((hash, body)),
                None => expected_seq = Some(journal.len() as u64 + 1),
            }
            if expected_seq.is_some() {
                break;
            }
        }
        Receipt {
            expected_seq,
            fork,
            ..self.receipt(batch.epoch)
        }
    }
}

/// A hub that does not take a device's word.
pub(crate) fn unauthorised(code: &str) -> Fault {
    let status = if matches!(code, "device_revoked" | "code_refused") {
        403
    } else {
        401
    };
    Fault::Unauthorised {
        status,
        code: Some(code.to_owned()),
        message: "Who is this?".to_owned(),
    }
}

/// What proves a device to a hub that believes everybody.
pub(crate) fn credential() -> Credential {
    Credential {
        device: "dev-7".to_owned(),
        token: Token::new("secret"),
        key: key(1),
    }
}

fn key(seed: u64) -> DeviceKey {
    DeviceKey::from_hex(&DeviceKey::draw(&mut SeededEntropy::new(seed))).unwrap()
}

/// Keys in memory: each is another one.
pub(crate) struct MemoryKeys {
    /// The number of the key that is enrolled; 0 for none.
    enrolled: Mutex<u64>,
}

impl MemoryKeys {
    pub(crate) fn new(has_key: bool) -> Self {
        Self {
            enrolled: Mutex::new(u64::from(has_key)),
        }
    }
}

impl Keys for MemoryKeys {
    fn enrolled(&self) -> Result<DeviceKey, KeyError> {
        match *self.enrolled.lock().unwrap() {
            0 => Err(KeyError::Missing("agent.db.key".to_owned())),
            number => Ok(key(number)),
        }
    }

    fn next(&self) -> Result<DeviceKey, KeyError> {
        Ok(key(*self.enrolled.lock().unwrap() + 1))
    }

    fn keep_next(&self) -> Result<(), KeyError> {
        *self.enrolled.lock().unwrap() += 1;
        Ok(())
    }
}

impl Transport for FakeHub {
    fn enrol<'a>(
        &'a self,
        key: &'a DeviceKey,
        request: &'a EnrolRequest,
    ) -> BoxFuture<'a, Result<Enrolled, Fault>> {
        assert_eq!(key.public_hex(), request.public_key);
        let answer = self.answer("enrol", |inner| {
            if request.code != "K7" {
                let message = "The code is not known.".to_owned();
                return Err(Fault::Refused {
                    status: 404,
                    code: Some("code".to_owned()),
                    message,
                });
            }
            inner.epochs.entry(1).or_default();
            inner.key = Some(request.public_key.clone());
            Ok(Enrolled {
                device: "dev-7".to_owned(),
                site: "north".to_owned(),
                epoch: 1,
                generation: format!("g{}", inner.generation),
                profile: None,
            })
        });
        Box::pin(std::future::ready(answer))
    }

    fn challenge<'a>(&'a self, request: &'a ChallengeRequest) -> BoxFuture<'a, Result<Challenge, Fault>> {
        Box::pin(std::future::ready(Ok(Challenge {
            challenge: format!("sign this, {}", request.device),
            expires_seconds: 120,
        })))
    }

    fn token<'a>(
        &'a self,
        key: &'a DeviceKey,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<TokenGranted, Fault>> {
        assert_eq!(request.challenge, format!("sign this, {}", request.device));
        let mut inner = self.lock();
        let known = inner.key.get_or_insert_with(|| key.public_hex());
        let answer = if *known == key.public_hex() {
            inner.tokens += 1;
            Ok(TokenGranted {
                token: format!("token {}", inner.tokens),
                expires_seconds: 3_600,
                generation: format!("g{}", inner.generation),
                server_time: "2026-11-24T08:00:00Z".parse().unwrap(),
            })
        } else {
            Err(unauthorised("key_unknown"))
        };
        Box::pin(std::future::ready(answer))
    }

    fn confirmations<'a>(
        &'a self,
        by: &'a Credential,
        batch: &'a Batch,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        assert_eq!(by.device, batch.device);
        if let Err(fault) = self.lock().check(by) {
            return Box::pin(std::future::ready(Err(fault)));
        }
        let name = format!("batch of {}", batch.records.len());
        if let Some(receipt) = self.lie() {
            return Box::pin(std::future::ready(Ok(receipt)));
        }
        Box::pin(std::future::ready(self.answer(
            &name,
            |inner| match inner.choke(batch) {
                Some(fault) => Err(fault),
                None => Ok(inner.take(batch)),
            },
        )))
    }

    fn tasks<'a>(
        &'a self,
        by: &'a Credential,
        cursor: Option<&'a str>,
        wait_ms: u64,
    ) -> BoxFuture<'a, Result<Delta, Fault>> {
        Box::pin(async move {
            self.lock().check(by)?;
            if self.lock().revoked {
                return Err(unauthorised("device_revoked"));
            }
            let wait = tokio::time::sleep(std::time::Duration::from_millis(wait_ms));
            tokio::pin!(wait);
            loop {
                let changed = self.changed.notified();
                let (next, generation) = {
                    let mut inner = self.lock();
                    (inner.deltas.pop_front(), format!("g{}", inner.generation))
                };
                if let Some(delta) = next {
                    return Ok(delta);
                }
                tokio::select! {
                    () = changed => {}
                    () = &mut wait => return Ok(Delta {
                        generation,
                        cursor: cursor.unwrap_or("start").to_owned(),
                        reset: false,
                        more: false,
                        applied: Mark::default(),
                        tasks: Vec::new(),
                        removed_tasks: Vec::new(),
                        items: Vec::new(),
                        locations: Vec::new(),
                        site_rules: None,
                        server_time: "2026-11-24T08:00:00Z".parse().unwrap(),
                        ..Delta::default()
                    }),
                }
            }
        })
    }

    fn cursor<'a>(&'a self, _: &'a Credential) -> BoxFuture<'a, Result<DeviceCursor, Fault>> {
        Box::pin(std::future::ready(Err(Fault::Timeout(1))))
    }

    fn epoch<'a>(
        &'a self,
        _: &'a Credential,
        request: &'a EpochRequest,
    ) -> BoxFuture<'a, Result<EpochGranted, Fault>> {
        let name = format!("epoch because {}", request.reason);
        let answer = self.answer(&name, |inner| {
            let newest = inner.epochs.keys().max().copied().unwrap_or(0);
            let epoch = newest.max(request.epoch) + 1;
            inner.epochs.entry(epoch).or_default();
            let applied = inner.epochs.get(&request.epoch).map_or(0, Vec::len);
            let marks = inner.epochs.iter().filter(|(known, _)| **known < epoch);
            let marks = marks.map(|(epoch, records)| EpochMark {
                epoch: *epoch,
                applied_seq: records.len() as u64,
                last_hash: records
                    .last()
                    .map_or(ChainHash::START, |(hash, _)| *hash)
                    .to_string(),
            });
            Ok(EpochGranted {
                epoch,
                applied_seq: Some(applied as u64),
                marks: marks.collect(),
                moved: inner.moved(),
            })
        });
        Box::pin(std::future::ready(answer))
    }

    fn traces<'a>(&'a self, _: &'a Credential, upload: &'a TraceUpload) -> BoxFuture<'a, Result<(), Fault>> {
        let answer = self.answer("traces", |inner| {
            inner.traces = upload.entries.last().map_or(inner.traces, |entry| entry.number);
            Ok(())
        });
        Box::pin(std::future::ready(answer))
    }

    fn claim<'a>(
        &'a self,
        _: &'a Credential,
        request: &'a ClaimRequest,
    ) -> BoxFuture<'a, Result<Claims, Fault>> {
        let answer = self.about_claims(|inner| {
            let worker = request.worker.as_deref().unwrap_or("nobody");
            let told = format!("claim {} by {worker}", request.tasks.join(" "));
            inner.claims.push(told);
            let granted = request.tasks.iter().map(|task| GrantedBody {
                task: task.clone(),
                fence: 1,
                lease_ms: 900_000,
            });
            Claims {
                generation: format!("g{}", inner.generation),
                granted: granted.collect(),
                refused: Vec::new(),
                server_time: "2026-11-24T08:00:00Z".parse().unwrap(),
            }
        });
        Box::pin(std::future::ready(answer))
    }

    fn neighbours<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a NeighbourRequest,
    ) -> BoxFuture<'a, Result<NeighbourAnswers, Fault>> {
        Box::pin(async move {
            self.lock().check(by)?;
            self.portals.neighbours(request).await
        })
    }

    fn portal_questions<'a>(
        &'a self,
        by: &'a Credential,
        watch: &'a PortalWatch,
    ) -> BoxFuture<'a, Result<NeighbourQuestions, Fault>> {
        Box::pin(async move {
            self.lock().check(by)?;
            self.portals.questions(watch).await
        })
    }

    fn portal_answer<'a>(
        &'a self,
        by: &'a Credential,
        reply: &'a NeighbourReply,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            self.lock().check(by)?;
            self.portals.reply(reply)
        })
    }

    fn picture<'a>(
        &'a self,
        by: &'a Credential,
        picture: &'a PictureId,
    ) -> BoxFuture<'a, Result<Vec<u8>, Fault>> {
        let mut inner = self.lock();
        let answer = inner.check(by).and_then(|()| {
            inner.requests.push(format!("picture {picture}"));
            let missing = || Fault::Refused {
                status: 404,
                code: Some("unknown_picture".to_owned()),
                message: String::new(),
            };
            match inner.picture_mishaps.pop_front() {
                Some(PictureMishap::Refused(fault)) => Err(fault),
                Some(PictureMishap::Damaged) => Ok(b"something else".to_vec()),
                None => inner.pictures.get(picture.as_str()).cloned().ok_or_else(missing),
            }
        });
        drop(inner);
        self.changed.notify_waiters();
        Box::pin(std::future::ready(answer))
    }

    fn stock<'a>(
        &'a self,
        by: &'a Credential,
        inquiry: &'a Inquiry,
    ) -> BoxFuture<'a, Result<StockAnswer, Fault>> {
        if let Err(fault) = self.lock().check(by) {
            return Box::pin(std::future::ready(Err(fault)));
        }
        let name = inquiry.query().first().map_or("", |(_, name)| *name).to_owned();
        let answer = self.answer("stock", |_| {
            let row = StockRowBody {
                item: name,
                place: "A-01".to_owned(),
                lot: None,
                quantity_micro: Some(7_000_000),
                handling_unit: None,
                location: None,
                serial: None,
            };
            Ok(StockAnswer {
                rows: vec![row],
                stands_at: None,
                being_counted: false,
            })
        });
        Box::pin(std::future::ready(answer))
    }

    fn release<'a>(
        &'a self,
        _: &'a Credential,
        request: &'a ReleaseRequest,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        let answer = self.about_claims(|inner| {
            let records: usize = inner.epochs.values().map(Vec::len).sum();
            for lease in &request.leases {
                let told = format!("release {} {}, {records} records there", lease.task, lease.fence);
                inner.claims.push(told);
            }
        });
        Box::pin(std::future::ready(answer))
    }

    fn numbers<'a>(
        &'a self,
        _: &'a Credential,
        request: &'a NumbersRequest,
    ) -> BoxFuture<'a, Result<Numbers, Fault>> {
        let mut inner = self.lock();
        let fault = inner.number_faults.pop_front();
        let answer = match fault {
            Some(Some(fault)) => Err(fault),
            fault => {
                let numbers = inner.lease(request);
                if fault.is_some() {
                    Err(Fault::Timeout(30_000))
                } else {
                    Ok(numbers)
                }
            }
        };
        drop(inner);
        self.changed.notify_waiters();
        Box::pin(std::future::ready(answer))
    }
}

/// A set-up that is noted and refused or taken as told.
#[derive(Debug, Default)]
pub(crate) struct NotedSetUp {
    /// What was asked of it, in words.
    pub(crate) asked: Mutex<Vec<String>>,
    /// What it answers to a code.
    pub(crate) refusal: Mutex<Option<SetUpRefusal>>,
    /// What it has to tell.
    pub(crate) news: Mutex<Option<SetUpNews>>,
}

impl NotedSetUp {
    fn answer(&self, asked: String) -> Result<(), SetUpRefusal> {
        self.asked.lock().unwrap().push(asked);
        self.refusal.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

impl SetUp for NotedSetUp {
    fn take(&self, code: &SetUpCode) -> Result<(), SetUpRefusal> {
        self.answer(format!("take {} at {}", code.code, code.address))
    }

    fn take_one_time_code(&self, code: &str) -> Result<(), SetUpRefusal> {
        self.answer(format!("take {code}"))
    }

    fn keep(&self, site: &str, profile: Option<&ProfileBody>) -> Result<(), SetUpRefusal> {
        self.answer(format!(
            "keep {site} {}",
            profile.map_or("", |profile| &profile.name)
        ))
    }

    fn done(&self) {
        self.asked.lock().unwrap().push("done".to_owned());
    }

    fn take_news(&self) -> Option<SetUpNews> {
        self.news.lock().unwrap().take()
    }
}
