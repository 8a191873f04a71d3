//! Where batches wait for their turn in the ledger: bounded, the living before the backlogs, and each device alike.
//!
//! A device that comes back from a day without a network sends thousands of confirmations, batch after batch; one that
//! scans now sends a few, and a person looks at it. So batches wait in two lanes. The live one goes first, yet after
//! some turns in a row a backlog gets one, so that it drains whatever happens. Of each device one batch is under way at
//! a time, which makes every lane a round in which each device has one place.
//!
//! A turn is one transaction: batches of one site that wait share it. Who is told to come later is told before anything
//! of the batch was done.

use std::collections::{HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use tallyman_platform::clock::Clock;
use tokio::sync::oneshot;

use crate::ledger::posting::ReadBatch;
use crate::ledger::{Ledger, LedgerError, Taken, Turns};

/// Batches that may wait: some seconds of work, so that who waits is answered before its patience ends.
const BATCHES_MAX: usize = 1_024;

/// Bytes of records that may wait: what a hub can spare beside its database.
const BYTES_MAX: usize = 64 << 20;

/// Of both, backlogs leave a quarter to the living.
const BACKLOG_SHARE_PERCENT: usize = 75;

/// A batch with so few records, from a device with no more than that waiting, is a person at work.
const LIVE_RECORDS_MAX: usize = 32;

/// So many live turns in a row, then a backlog that waits gets one.
const LIVE_TURNS_MAX: u32 = 4;

/// Records in one turn; a turn that has reached it takes no further batch. As many as the largest batch and some more: a
/// longer transaction makes those behind it wait, and gains nothing.
const TURN_RECORDS_MAX: usize = 2_000;

/// The queue. Clones share it.
#[derive(Clone)]
pub(crate) struct BatchQueue {
    inner: Arc<Inner>,
}

struct Inner {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    turns: Turns,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    live: VecDeque<Waiting>,
    backlog: VecDeque<Waiting>,
    bytes: usize,
    running: usize,
    devices_running: HashSet<String>,
    sites_running: HashSet<String>,
    live_turns: u32,
}

struct Waiting {
    batch: ReadBatch,
    bytes: usize,
    answer: oneshot::Sender<Result<Taken, LedgerError>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Live,
    Backlog,
}

impl BatchQueue {
    pub(crate) fn new(ledger: Arc<dyn Ledger>, clock: Arc<dyn Clock>) -> Self {
        let inner = Inner {
            turns: ledger.turns(),
            ledger,
            clock,
            state: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Takes a batch when its turn comes. What has begun is finished, whether somebody waits for the answer or not.
    ///
    /// # Errors
    /// The ledger's, and [`LedgerError::Unavailable`] where the queue is full or has a batch of this device already.
    pub(crate) async fn take(&self, batch: ReadBatch) -> Result<Taken, LedgerError> {
        let (answer, answered) = oneshot::channel();
        self.inner.state().admit(batch, answer)?;
        self.inner.clone().begin_turns();
        match answered.await {
            Ok(taken) => taken,
            Err(_) => Err(LedgerError::Broken(
                "the hub stopped in the middle of a batch".to_owned(),
            )),
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins as many turns as may run side by side.
    fn begin_turns(self: Arc<Self>) {
        loop {
            let Some(turn) = self.state().next_turn(&self.turns) else {
                return;
            };
            tokio::spawn(self.clone().run(turn));
        }
    }

    async fn run(self: Arc<Self>, turn: Turn) {
        let Turn {
            site,
            batches,
            answers,
            devices,
        } = turn;
        let taking = self.ledger.take_batches(site.clone(), batches, self.clock.wall());
        // A bug in one batch must not take the queue with it.
        let taken = match AssertUnwindSafe(taking).catch_unwind().await {
            Ok(Ok(taken)) => taken,
            Ok(Err(error)) => answers.iter().map(|_| Err(error.clone())).collect(),
            Err(_) => {
                let error = LedgerError::Broken("a batch could not be posted: this is a bug".to_owned());
                answers.iter().map(|_| Err(error.clone())).collect()
            }
        };
        self.state().end_turn(&site, &devices);
        for (answer, taken) in answers.into_iter().zip(taken) {
            // Whoever asked may have gone; what was committed stays committed.
            let _ = answer.send(taken);
        }
        self.begin_turns();
    }
}

/// Batches of one site on their way into the ledger.
struct Turn {
    site: String,
    batches: Vec<ReadBatch>,
    answers: Vec<oneshot::Sender<Result<Taken, LedgerError>>>,
    devices: Vec<String>,
}

impl State {
    fn admit(
        &mut self,
        batch: ReadBatch,
        answer: oneshot::Sender<Result<Taken, LedgerError>>,
    ) -> Result<(), LedgerError> {
        let bytes = batch.records.iter().map(|record| record.body_bytes().len()).sum();
        let lane = lane_of(&batch);
        // A device that asks again while its first try waits has given that one up.
        self.drop_abandoned(&batch.from.device);
        if self
            .waiting()
            .any(|waiting| waiting.batch.from.device == batch.from.device)
        {
            let message = "another batch of this device waits for its turn. Send one at a time.";
            return Err(LedgerError::Unavailable(message.to_owned()));
        }
        let share = match lane {
            Lane::Live => 100,
            Lane::Backlog => BACKLOG_SHARE_PERCENT,
        };
        let waiting = self.live.len() + self.backlog.len();
        if waiting >= BATCHES_MAX * share / 100 || self.bytes + bytes > BYTES_MAX / 100 * share {
            return Err(LedgerError::Unavailable(format!(
                "the hub is busy: {waiting} batches wait for their turn. Nothing of this one was stored; send it again later."
            )));
        }
        self.bytes += bytes;
        self.lane(lane).push_back(Waiting { batch, bytes, answer });
        Ok(())
    }

    fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.live.iter().chain(&self.backlog)
    }

    fn lane(&mut self, lane: Lane) -> &mut VecDeque<Waiting> {
        match lane {
            Lane::Live => &mut self.live,
            Lane::Backlog => &mut self.backlog,
        }
    }

    fn drop_abandoned(&mut self, device: &str) {
        let Self {
            live, backlog, bytes, ..
        } = self;
        for lane in [live, backlog] {
            lane.retain(|waiting| {
                let keep = waiting.batch.from.device != device || !waiting.answer.is_closed();
                if !keep {
                    *bytes -= waiting.bytes;
                }
                keep
            });
        }
    }

    /// The batches whose turn it is; `None` where none may run now.
    fn next_turn(&mut self, turns: &Turns) -> Option<Turn> {
        if self.running >= turns.running_max {
            return None;
        }
        let live = self.first_ready(Lane::Live, turns);
        let backlog = self.first_ready(Lane::Backlog, turns);
        let backlog_is_due = self.live_turns >= LIVE_TURNS_MAX;
        let site = match (live, backlog) {
            (Some(site), None) => site,
            (Some(site), Some(_)) if !backlog_is_due => {
                self.live_turns += 1;
                site
            }
            (_, Some(site)) => {
                self.live_turns = 0;
                return Some(self.gather(site, Lane::Backlog, turns));
            }
            (None, None) => return None,
        };
        Some(self.gather(site, Lane::Live, turns))
    }

    /// The site of the first batch of a lane that may run now.
    fn first_ready(&mut self, lane: Lane, turns: &Turns) -> Option<String> {
        let Self {
            live,
            backlog,
            bytes,
            devices_running,
            sites_running,
            ..
        } = self;
        let queue = match lane {
            Lane::Live => live,
            Lane::Backlog => backlog,
        };
        queue.retain(|waiting| {
            let keep = !waiting.answer.is_closed();
            if !keep {
                *bytes -= waiting.bytes;
            }
            keep
        });
        let busy = |waiting: &Waiting| {
            let from = &waiting.batch.from;
            devices_running.contains(&from.device)
                || (turns.one_per_site && sites_running.contains(&from.site))
        };
        queue
            .iter()
            .find(|waiting| !busy(waiting))
            .map(|waiting| waiting.batch.from.site.clone())
    }

    /// Takes what waits of a site, `first` lane first; a backlog's turn takes the living along.
    fn gather(&mut self, site: String, first: Lane, turns: &Turns) -> Turn {
        let mut turn = Turn {
            site,
            batches: Vec::new(),
            answers: Vec::new(),
            devices: Vec::new(),
        };
        let mut records = 0;
        self.gather_from(first, turns, &mut turn, &mut records);
        if first == Lane::Backlog {
            self.gather_from(Lane::Live, turns, &mut turn, &mut records);
        }
        self.running += 1;
        self.sites_running.insert(turn.site.clone());
        self.devices_running.extend(turn.devices.iter().cloned());
        turn
    }

    fn gather_from(&mut self, lane: Lane, turns: &Turns, turn: &mut Turn, records: &mut usize) {
        let queue = std::mem::take(self.lane(lane));
        let mut kept = VecDeque::with_capacity(queue.len());
        for waiting in queue {
            let from = &waiting.batch.from;
            let fits = turn.batches.len() < turns.batches_max && *records < TURN_RECORDS_MAX;
            if !fits || from.site != turn.site || self.devices_running.contains(&from.device) {
                kept.push_back(waiting);
                continue;
            }
            *records += waiting.batch.records.len();
            self.bytes -= waiting.bytes;
            turn.devices.push(from.device.clone());
            turn.batches.push(waiting.batch);
            turn.answers.push(waiting.answer);
        }
        *self.lane(lane) = kept;
    }

    fn end_turn(&mut self, site: &str, devices: &[String]) {
        self.running -= 1;
        self.sites_running.remove(site);
        for device in devices {
            self.devices_running.remove(device);
        }
    }
}

fn lane_of(batch: &ReadBatch) -> Lane {
    let is_short = batch.records.len() <= LIVE_RECORDS_MAX;
    let waiting = usize::try_from(batch.heartbeat.waiting).unwrap_or(usize::MAX);
    if is_short && waiting <= LIVE_RECORDS_MAX {
        Lane::Live
    } else {
        Lane::Backlog
    }
}
