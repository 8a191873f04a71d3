//! Claims as they run: does what [`super::claims`] wishes, one request at a time. Nothing waits for it: without an answer
//! work goes on, without a lease.

use std::sync::Arc;
use std::time::Duration;

use tallyman_codes::Moment;
use tallyman_floor::wire::v1::ReleaseRequest;
use tallyman_platform::entropy::Entropy;

use super::Surroundings;
use super::claims::{LeaseKeeper, Wish};

pub(super) struct ClaimsLane {
    around: Surroundings,
    keeper: LeaseKeeper,
    entropy: Box<dyn Entropy>,
    /// Of which device and which life of the hub the leases are.
    of: (Option<String>, Option<String>),
}

impl ClaimsLane {
    pub(super) fn new(around: Surroundings, entropy: Box<dyn Entropy>) -> Self {
        Self {
            keeper: LeaseKeeper::new(around.options.ahead.clone()),
            around,
            entropy,
            of: (None, None),
        }
    }

    pub(super) async fn run(mut self) {
        let cancel = self.around.cancel.clone();
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = self.go_on() => {}
        }
    }

    async fn go_on(&mut self) {
        loop {
            let identity = self.around.identity.borrow_and_update().clone();
            let Some(identity) = identity else {
                self.rest(None).await;
                continue;
            };
            let of = (
                Some(identity.device.clone()),
                self.around.store.marks().generation,
            );
            if self.of != of {
                // A life that is heard of for the first time is no other one.
                if self.of.0.is_some() && self.of.1.is_some() {
                    self.keeper.forget();
                }
                self.of = of;
            }
            let work = self.around.work.borrow_and_update().clone();
            let wish = self.keeper.wish(self.around.now(), &work, self.is_drained());
            match wish {
                Wish::Rest(until) => self.rest(until).await,
                wish => self.fulfil(&identity.device, wish).await,
            }
        }
    }

    fn is_drained(&self) -> bool {
        let (applied, next) = (self.around.store.marks().applied, self.around.store.next_place());
        next.seq <= 1 || (applied.epoch == next.epoch && applied.seq + 1 >= next.seq)
    }

    async fn fulfil(&mut self, device: &str, wish: Wish) {
        let access = self.around.access.clone();
        let done = match &wish {
            Wish::Claim(request) => match access.claim(device, request).await {
                Ok(claims) => {
                    self.keeper.claimed(self.around.now(), request, &claims);
                    Ok(())
                }
                Err(fault) => Err(fault),
            },
            Wish::Release(leases) => {
                let request = ReleaseRequest {
                    leases: leases.clone(),
                };
                let released = access.release(device, &request).await;
                released.map(|()| self.keeper.released(leases))
            }
            Wish::Rest(_) => return,
        };
        match done {
            Ok(()) => self.around.reached(),
            Err(fault) => {
                tracing::debug!(%fault, "the hub says nothing about claims");
                self.keeper
                    .failed(self.around.now(), &fault, self.entropy.as_mut());
            }
        }
    }

    async fn rest(&mut self, until: Option<Moment>) {
        let wait = until.map(|until| Duration::from_micros(until.since_us(self.around.now())));
        let hub_seen = Arc::clone(&self.around.claims_wake);
        tokio::select! {
            biased;
            () = async { tokio::time::sleep(wait.unwrap_or_default()).await }, if wait.is_some() => {}
            () = hub_seen.notified() => self.keeper.hub_is_back(),
            changed = self.around.work.changed() => match changed {
                Ok(()) => self.keeper.work_changed(),
                Err(_) => std::future::pending().await,
            },
            changed = self.around.identity.changed() => {
                if changed.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}
