//! A hub in memory that keeps the rules of the wire, and fails when it is told to.

mod transport;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::picture::id_of;
use tallyman_floor::wire::v1::{
    Batch, ConfirmationBody, Delta, MovedRecord, NumberBlockBody, Numbers, NumbersRequest, Receipt,
};
use tallyman_floor::{NumberBlock, NumberForm, PictureId};
use tokio::sync::Notify;

use crate::seams::{Credential, Fault, PictureStore};
use crate::testing::PortalDesk;

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
