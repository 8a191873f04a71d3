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
use tallyman_floor::wire::v1::BATCH_RECORDS_MAX;
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

/// Records in one turn; a turn that has reached it takes no further batch. Whoever comes meanwhile waits for its end, and a
/// commit costs little against so many.
const TURN_RECORDS_MAX: usize = 500;

/// Records that a device should send at once while others wait: as few, so that neither turns nor the reading of batches keep a
/// person waiting who scans meanwhile.
const SHARED_RECORDS_MAX: usize = 250;

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

    /// How many records a device should send at once now.
    pub(crate) fn records_max(&self) -> usize {
        self.inner.state().records_max()
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

    fn records_max(&self) -> usize {
        let others = self.live.len() + self.backlog.len() + self.devices_running.len();
        if others > 0 {
            SHARED_RECORDS_MAX
        } else {
            BATCH_RECORDS_MAX
        }
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
            // However full it is: those are few records.
            records = 0;
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

#[cfg(test)]
mod tests {
    use tallyman_floor::wire::chain::ChainHash;
    use tallyman_floor::wire::v1::{Batch, ClockReading, Heartbeat, Record};

    use super::*;
    use crate::ledger::DeviceIdentity;

    const ONE_AT_A_TIME: Turns = Turns {
        running_max: 1,
        batches_max: 64,
        one_per_site: true,
    };

    type Answered = oneshot::Receiver<Result<Taken, LedgerError>>;

    /// A batch with so many records, from a device that has so many waiting.
    fn batch(site: &str, device: &str, records: usize, waiting: u64) -> ReadBatch {
        let from = DeviceIdentity {
            site: site.to_owned(),
            device: device.to_owned(),
        };
        let record = |seq| Record {
            seq,
            hash: ChainHash::START.to_string(),
            body: serde_json::value::RawValue::from_string("{}".to_owned()).unwrap(),
        };
        let batch = Batch {
            device: device.to_owned(),
            epoch: 1,
            previous_hash: ChainHash::START.to_string(),
            records: (1..).take(records).map(record).collect(),
            clock: ClockReading {
                boot: String::new(),
                boottime_us: 0,
                wall: jiff::Timestamp::UNIX_EPOCH,
            },
            heartbeat: Heartbeat {
                version: String::new(),
                waiting,
                worker: None,
                task: None,
                scanners: Vec::new(),
                ..Heartbeat::default()
            },
        };
        ReadBatch::read(from, batch)
    }

    fn admit(state: &mut State, batch: ReadBatch) -> Result<Answered, LedgerError> {
        let (answer, answered) = oneshot::channel();
        state.admit(batch, answer).map(|()| answered)
    }

    fn devices(turn: &Turn) -> Vec<&str> {
        turn.devices.iter().map(String::as_str).collect()
    }

    #[test]
    fn the_living_go_before_backlogs_and_backlogs_get_their_turn() {
        let mut state = State::default();
        let mut answers = Vec::new();
        // Each turn of the living is filled again before it ends, as on a floor that never rests.
        answers.push(admit(&mut state, batch("main", "backlog", 500, 9_000)).unwrap());
        let mut order = Vec::new();
        for round in 0..12 {
            let name = format!("live-{round}");
            answers.push(admit(&mut state, batch("main", &name, 1, 1)).unwrap());
            let turn = state.next_turn(&ONE_AT_A_TIME).unwrap();
            assert!(state.next_turn(&ONE_AT_A_TIME).is_none(), "one turn at a time");
            order.push(devices(&turn).join("+"));
            let had_backlog = turn.devices.contains(&"backlog".to_owned());
            state.end_turn(&turn.site, &turn.devices);
            if had_backlog {
                answers.push(admit(&mut state, batch("main", "backlog", 500, 8_000)).unwrap());
            }
        }
        assert_eq!(
            order,
            [
                "live-0",
                "live-1",
                "live-2",
                "live-3",
                "backlog+live-4",
                "live-5",
                "live-6",
                "live-7",
                "live-8",
                "backlog+live-9",
                "live-10",
                "live-11"
            ]
        );
    }

    #[test]
    fn every_device_has_one_place_and_sites_wait_for_nobody_else() {
        let turns = Turns {
            running_max: 2,
            ..ONE_AT_A_TIME
        };
        let mut state = State::default();
        let mut answers = Vec::new();
        for (site, device) in [("main", "a"), ("main", "b"), ("north", "c"), ("south", "d")] {
            answers.push(admit(&mut state, batch(site, device, 200, 5_000)).unwrap());
        }
        let main = state.next_turn(&turns).unwrap();
        assert_eq!((main.site.as_str(), devices(&main)), ("main", vec!["a", "b"]));
        // The next batch of a running device may wait, and no third.
        answers.push(admit(&mut state, batch("main", "a", 500, 4_500)).unwrap());
        assert!(admit(&mut state, batch("main", "a", 500, 4_500)).is_err());
        let north = state.next_turn(&turns).unwrap();
        assert_eq!(north.site, "north", "main is at work");
        assert!(state.next_turn(&turns).is_none(), "two at a time");
        state.end_turn("main", &main.devices);
        assert_eq!(
            state.next_turn(&turns).unwrap().site,
            "south",
            "it waited longest"
        );
    }

    #[test]
    fn a_turn_ends_with_enough_records_and_a_full_queue_says_so() {
        let mut state = State::default();
        let mut answers = Vec::new();
        for number in 0..6 {
            answers.push(admit(&mut state, batch("main", &format!("d-{number}"), 1_000, 9_000)).unwrap());
        }
        let turn = state.next_turn(&ONE_AT_A_TIME).unwrap();
        assert_eq!(devices(&turn), ["d-0"]);
        state.end_turn("main", &turn.devices);
        for number in 0..2 {
            answers.push(admit(&mut state, batch("main", &format!("s-{number}"), 250, 9_000)).unwrap());
        }
        for wanted in [
            &["d-1"][..],
            &["d-2"],
            &["d-3"],
            &["d-4"],
            &["d-5"],
            &["s-0", "s-1"],
        ] {
            let turn = state.next_turn(&ONE_AT_A_TIME).unwrap();
            assert_eq!(devices(&turn), wanted);
            state.end_turn("main", &turn.devices);
        }

        let mut refused = 0;
        for number in 0..BATCHES_MAX {
            match admit(&mut state, batch("main", &format!("e-{number}"), 40, 9_000)) {
                Ok(answered) => answers.push(answered),
                Err(LedgerError::Unavailable(said)) => {
                    assert!(said.contains("busy"), "{said}");
                    refused += 1;
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(refused, BATCHES_MAX / 4, "a quarter is kept for the living");
        answers.push(admit(&mut state, batch("main", "live", 1, 1)).unwrap());
        assert_eq!(devices(&state.next_turn(&ONE_AT_A_TIME).unwrap()), ["live"]);
    }

    #[test]
    fn a_device_alone_sends_much_at_once_and_one_among_others_little() {
        let mut state = State::default();
        assert_eq!(state.records_max(), BATCH_RECORDS_MAX);
        let _waits = admit(&mut state, batch("main", "a", 500, 9_000)).unwrap();
        assert_eq!(state.records_max(), SHARED_RECORDS_MAX);
        let turn = state.next_turn(&ONE_AT_A_TIME).unwrap();
        assert_eq!(state.records_max(), SHARED_RECORDS_MAX, "it is at work");
        state.end_turn("main", &turn.devices);
        assert_eq!(state.records_max(), BATCH_RECORDS_MAX);
    }

    #[test]
    fn who_has_given_up_is_passed_over_and_makes_room() {
        let mut state = State::default();
        let given_up = admit(&mut state, batch("main", "a", 1, 1)).unwrap();
        let _stays = admit(&mut state, batch("main", "b", 1, 1)).unwrap();
        drop(given_up);
        let again = admit(&mut state, batch("main", "a", 2, 2)).unwrap();
        let turn = state.next_turn(&ONE_AT_A_TIME).unwrap();
        assert_eq!(devices(&turn), ["b", "a"]);
        assert_eq!(turn.batches[1].records.len(), 2);
        state.end_turn("main", &turn.devices);
        drop(again);
        drop(admit(&mut state, batch("main", "c", 1, 1)).unwrap());
        assert!(state.next_turn(&ONE_AT_A_TIME).is_none());
        assert_eq!(state.bytes, 0);
    }
}
