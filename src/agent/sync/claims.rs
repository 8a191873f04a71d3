//! Which leases a device wants and which it gives back: the pure half of the claims lane.
//!
//! A device claims the task that is open, and at log-in the work to take along where it is set up for that. It gives a
//! lease back when its worker has left the task or logged out, and not before everything it did has reached the hub: what
//! came after that would count as late.

use std::collections::BTreeMap;

use tallyman_codes::Moment;
use tallyman_floor::wire::v1::{AheadBody, CLAIMS_MAX, ClaimRequest, Claims, LeaseBody};
use tallyman_platform::entropy::Entropy;

use crate::seams::{AtWork, Fault};

use super::retry::Retry;

/// A task that somebody else has is asked for again after so long, while it stays open here.
const REFUSED_MS: u64 = 60_000;

/// How often it is looked whether the outbox is empty, so that a lease can be given back.
const DRAIN_MS: u64 = 1_000;

/// A lease that this device has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    fence: u64,
    ahead: bool,
}

/// What is to be asked of the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing, until something changes or this moment comes.
    Rest(Option<Moment>),
    /// Leases.
    Claim(ClaimRequest),
    /// To give leases back.
    Release(Vec<LeaseBody>),
}

/// The memory of the claims lane.
#[derive(Debug, Default)]
pub struct LeaseKeeper {
    ahead: Option<AheadBody>,
    held: BTreeMap<String, Held>,
    /// For whom work was taken along.
    packed_for: Option<String>,
    /// The task that was refused.
    refused: Option<String>,
    not_before: Moment,
    retry: Retry,
}

impl LeaseKeeper {
    /// A device that takes this work along at log-in, if any.
    pub fn new(ahead: Option<AheadBody>) -> Self {
        Self {
            ahead,
            ..Self::default()
        }
    }

    /// What is wanted now. `is_drained` says whether the hub has everything that this device did.
    pub fn wish(&self, now: Moment, work: &AtWork, is_drained: bool) -> Wish {
        let worker = work.worker.as_ref().map(ToString::to_string);
        let task = work.task.as_ref().map(ToString::to_string);
        let claim = self.claim(work, worker.clone(), task.clone());
        let back: Vec<LeaseBody> = self.unwanted(worker.as_deref(), task.as_deref());
        let is_refused = task.is_some() && task == self.refused;
        if now < self.not_before && (is_refused || claim.is_some() || !back.is_empty()) {
            return Wish::Rest(Some(self.not_before));
        }
        if let Some(request) = claim {
            return Wish::Claim(request);
        }
        match (back.is_empty(), is_drained) {
            (true, _) => Wish::Rest(None),
            (false, false) => Wish::Rest(Some(now.plus_ms(DRAIN_MS))),
            (false, true) => Wish::Release(back),
        }
    }

    fn claim(&self, work: &AtWork, worker: Option<String>, task: Option<String>) -> Option<ClaimRequest> {
        let is_new = |task: &String| !self.held.contains_key(task);
        let tasks: Vec<String> = task.into_iter().filter(is_new).collect();
        let ahead = self
            .ahead
            .clone()
            .filter(|_| worker.is_some() && worker != self.packed_for);
        (!tasks.is_empty() || ahead.is_some()).then_some(ClaimRequest {
            tasks,
            worker,
            take_over: work.take_over,
            ahead,
        })
    }

    /// The leases nobody here works under any more.
    fn unwanted(&self, worker: Option<&str>, task: Option<&str>) -> Vec<LeaseBody> {
        let stays_along = worker.is_some() && worker == self.packed_for.as_deref();
        let is_unwanted =
            |(of, held): &(&String, &Held)| task != Some(of.as_str()) && !(held.ahead && stays_along);
        let unwanted = self.held.iter().filter(is_unwanted).take(CLAIMS_MAX);
        unwanted
            .map(|(task, held)| LeaseBody {
                task: task.clone(),
                fence: held.fence,
            })
            .collect()
    }

    /// The hub answered a claim.
    pub fn claimed(&mut self, now: Moment, request: &ClaimRequest, claims: &Claims) {
        self.retry.succeeded();
        self.refused = None;
        if request.ahead.is_some() {
            self.packed_for = request.worker.clone();
        }
        for granted in &claims.granted {
            let ahead = !request.tasks.contains(&granted.task);
            let known = self.held.get(&granted.task).is_some_and(|held| held.ahead);
            let held = Held {
                fence: granted.fence,
                ahead: ahead || known,
            };
            self.held.insert(granted.task.clone(), held);
        }
        let mut refused = claims.refused.iter().map(|refused| &refused.task);
        if let Some(task) = refused.find(|task| request.tasks.contains(task)) {
            self.refused = Some(task.clone());
            self.not_before = now.plus_ms(REFUSED_MS);
        }
    }

    /// The hub took leases back.
    pub fn released(&mut self, leases: &[LeaseBody]) {
        self.retry.succeeded();
        for lease in leases {
            self.held.remove(&lease.task);
        }
        if !self.held.values().any(|held| held.ahead) {
            self.packed_for = None;
        }
    }

    /// There is no answer to go by. What became of the request does not matter: it is made again.
    pub fn failed(&mut self, now: Moment, fault: &Fault, entropy: &mut dyn Entropy) {
        let asked_ms = match fault {
            Fault::Busy { retry_after_ms } => *retry_after_ms,
            // A hub that knows no claims, or not this device: not asked again soon.
            Fault::Refused { .. } | Fault::Unauthorised { .. } => Some(REFUSED_MS),
            _ => None,
        };
        self.not_before = now.plus_ms(self.retry.failed(entropy, asked_ms));
    }

    /// Other work than before: what was refused is another matter.
    pub fn work_changed(&mut self) {
        self.not_before = Moment::default();
        self.refused = None;
    }

    /// The hub answered somebody else here.
    pub fn hub_is_back(&mut self) {
        if self.refused.is_none() {
            self.not_before = Moment::default();
        }
    }

    /// The hub has another life, or this device another identity: no lease is known to be there.
    pub fn forget(&mut self) {
        self.held.clear();
        self.packed_for = None;
        self.refused = None;
        self.not_before = Moment::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyman_floor::wire::v1::{GrantedBody, RefusedBody};
    use tallyman_floor::{TaskId, WorkerId};
    use tallyman_platform::entropy::SeededEntropy;

    const NOW: Moment = Moment::from_ms(1_000_000);

    fn at_work(worker: &str, task: &str) -> AtWork {
        AtWork {
            worker: (!worker.is_empty()).then(|| WorkerId::from(worker)),
            task: (!task.is_empty()).then(|| TaskId::from(task)),
            take_over: false,
        }
    }

    fn claims(granted: &[&str], refused: &[&str]) -> Claims {
        Claims {
            generation: "g0".to_owned(),
            granted: granted
                .iter()
                .map(|task| GrantedBody {
                    task: (*task).to_owned(),
                    fence: 3,
                    lease_ms: 1,
                })
                .collect(),
            refused: refused
                .iter()
                .map(|task| RefusedBody {
                    task: (*task).to_owned(),
                    code: "held".to_owned(),
                    holder: None,
                })
                .collect(),
            server_time: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn asked(keeper: &LeaseKeeper, work: &AtWork) -> ClaimRequest {
        match keeper.wish(NOW, work, true) {
            Wish::Claim(request) => request,
            other => panic!("{other:?}"),
        }
    }

    fn given_back(keeper: &LeaseKeeper, work: &AtWork) -> Vec<String> {
        match keeper.wish(NOW, work, true) {
            Wish::Release(leases) => leases.into_iter().map(|lease| lease.task).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_open_task_is_claimed_and_given_back_when_all_of_it_is_at_the_hub() {
        let mut keeper = LeaseKeeper::new(None);
        assert_eq!(keeper.wish(NOW, &at_work("ANNA", ""), true), Wish::Rest(None));
        let work = at_work("ANNA", "P-1");
        let request = asked(&keeper, &work);
        assert_eq!(
            (request.tasks.clone(), request.worker.as_deref()),
            (vec!["P-1".to_owned()], Some("ANNA"))
        );
        keeper.claimed(NOW, &request, &claims(&["P-1"], &[]));
        assert_eq!(keeper.wish(NOW, &work, false), Wish::Rest(None));
        let left = at_work("ANNA", "");
        assert!(matches!(keeper.wish(NOW, &left, false), Wish::Rest(Some(_))));
        assert_eq!(given_back(&keeper, &left), ["P-1"]);
        keeper.released(&[LeaseBody {
            task: "P-1".to_owned(),
            fence: 3,
        }]);
        assert_eq!(keeper.wish(NOW, &left, true), Wish::Rest(None));
    }

    #[test]
    fn a_refused_task_is_asked_for_again_later_and_another_one_at_once() {
        let mut keeper = LeaseKeeper::new(None);
        let work = at_work("", "P-1");
        let request = asked(&keeper, &work);
        keeper.claimed(NOW, &request, &claims(&[], &["P-1"]));
        keeper.hub_is_back();
        let later = NOW.plus_ms(REFUSED_MS);
        assert_eq!(keeper.wish(NOW, &work, true), Wish::Rest(Some(later)));
        assert!(matches!(keeper.wish(later, &work, true), Wish::Claim(_)));
        keeper.work_changed();
        assert_eq!(asked(&keeper, &at_work("", "P-2")).tasks, ["P-2"]);
    }

    #[test]
    fn work_is_taken_along_once_and_given_back_at_log_out() {
        let ahead = AheadBody {
            kind: None,
            tasks_max: 2,
            minutes: 480,
        };
        let mut keeper = LeaseKeeper::new(Some(ahead.clone()));
        assert_eq!(keeper.wish(NOW, &at_work("", ""), true), Wish::Rest(None));
        let request = asked(&keeper, &at_work("ANNA", ""));
        assert_eq!(request.ahead, Some(ahead));
        keeper.claimed(NOW, &request, &claims(&["P-1", "P-2"], &[]));
        for task in ["", "P-1", "P-2", ""] {
            assert_eq!(keeper.wish(NOW, &at_work("ANNA", task), true), Wish::Rest(None));
        }
        let request = asked(&keeper, &at_work("ANNA", "P-3"));
        assert_eq!(request.ahead, None, "it was packed already");
        keeper.claimed(NOW, &request, &claims(&["P-3"], &[]));
        assert_eq!(
            given_back(&keeper, &at_work("ANNA", "")),
            ["P-3"],
            "what was taken along stays"
        );
        assert_eq!(given_back(&keeper, &at_work("", "")), ["P-1", "P-2", "P-3"]);
    }

    #[test]
    fn failures_wait_and_another_life_of_the_hub_forgets_all_leases() {
        let mut entropy = SeededEntropy::new(7);
        let mut keeper = LeaseKeeper::new(None);
        let work = at_work("", "P-1");
        let busy = Fault::Busy {
            retry_after_ms: Some(9_000),
        };
        keeper.failed(NOW, &busy, &mut entropy);
        let Wish::Rest(Some(until)) = keeper.wish(NOW, &work, true) else {
            panic!("it waits");
        };
        assert!(until.since_us(NOW) >= 9_000_000);
        keeper.hub_is_back();
        let request = asked(&keeper, &work);
        keeper.claimed(NOW, &request, &claims(&["P-1"], &[]));
        assert_eq!(keeper.wish(NOW, &work, true), Wish::Rest(None));
        keeper.forget();
        assert_eq!(asked(&keeper, &work).tasks, ["P-1"]);
    }
}
