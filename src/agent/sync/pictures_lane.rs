//! Pictures as they are fetched: one at a time, and only while nothing else is to be done. Tasks come first, and so do
//! confirmations: a picture waits until the hub has all of them. Nothing waits for a picture.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tallyman_codes::Moment;
use tallyman_floor::PictureId;
use tallyman_floor::wire::picture::{PICTURE_BYTES_MAX, id_of};
use tallyman_platform::entropy::Entropy;

use super::Surroundings;
use super::retry::Retry;
use crate::seams::Fault;
use crate::seams::pictures::PictureStore;

/// Where a picture could not be kept, none is fetched for so long, unless another one comes on the screen.
const UNKEPT_MS: u64 = 600_000;

/// Between two requests, so that pictures use up a quarter of what a hub takes of a device in a minute, and leave the rest to
/// its confirmations.
const PACE_MS: u64 = 200;

/// What is wanted is looked at anew after so long, whatever happens.
const LOOK_MS: u64 = 60_000;

/// Tasks that change all the time are looked through no more often than this.
const TASKS_MS: u64 = 2_000;

/// Pictures that the hub does not have, remembered so that they are not asked for again.
const UNKNOWN_MAX: usize = 1_000;

pub(super) struct PicturesLane {
    around: Surroundings,
    store: Arc<dyn PictureStore>,
    entropy: Box<dyn Entropy>,
    retry: Retry,
    not_before: Moment,
    unknown: HashSet<PictureId>,
    /// The tasks have changed since they were looked through.
    are_tasks_new: bool,
    tasks_not_before: Moment,
    /// What is wanted was looked at in the last turn: news of it end the rest. Otherwise they would end each rest at once.
    has_looked: bool,
}

impl PicturesLane {
    pub(super) fn new(around: Surroundings, store: Arc<dyn PictureStore>, entropy: Box<dyn Entropy>) -> Self {
        Self {
            around,
            store,
            entropy,
            retry: Retry::default(),
            not_before: Moment::default(),
            unknown: HashSet::new(),
            are_tasks_new: false,
            tasks_not_before: Moment::default(),
            has_looked: false,
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
        let mut rounds = self.around.rounds.subscribe();
        // What the tasks of an earlier run want is not fetched before the hub has said what they are now.
        if rounds.wait_for(|rounds| *rounds > 0).await.is_err() {
            return std::future::pending().await;
        }
        loop {
            let until = self.turn().await;
            self.rest(until, &mut rounds).await;
        }
    }

    /// Does what there is to do now, and says when to look again where nothing happens before.
    async fn turn(&mut self) -> Moment {
        self.has_looked = false;
        let now = self.around.now();
        let mut later = now.plus_ms(LOOK_MS);
        if self.are_tasks_new && now >= self.tasks_not_before {
            self.are_tasks_new = false;
            self.tasks_not_before = now.plus_ms(TASKS_MS);
            self.unknown.clear();
            self.store.tasks_changed();
        } else if self.are_tasks_new {
            later = self.tasks_not_before;
        }
        let identity = self.around.identity.borrow_and_update().clone();
        let Some(identity) = identity.filter(|_| !self.is_busy()) else {
            return later;
        };
        if now < self.not_before {
            return self.not_before;
        }
        let missing = self.store.missing().await;
        let wanted = missing
            .into_iter()
            .find(|picture| !self.unknown.contains(picture));
        match wanted {
            Some(picture) => self.fetch(&identity.device, picture).await,
            None => {
                self.has_looked = true;
                later
            }
        }
    }

    /// Whether confirmations wait.
    fn is_busy(&self) -> bool {
        let (next, applied) = (self.around.store.next_place(), self.around.store.marks().applied);
        next.seq > 1 && (applied.epoch != next.epoch || applied.seq + 1 < next.seq)
    }

    async fn fetch(&mut self, device: &str, picture: PictureId) -> Moment {
        let access = self.around.access.clone();
        let fault = match access.picture(device, &picture).await {
            Ok(png) if png.len() <= PICTURE_BYTES_MAX && id_of(&png) == picture => {
                return self.keep(picture, png).await;
            }
            Ok(_) => Fault::Nonsense(format!("the picture {picture} is not what its name says")),
            Err(fault) => fault,
        };
        tracing::debug!(%fault, %picture, "a picture does not come");
        if matches!(
            fault,
            Fault::Refused {
                status: 404 | 405 | 410,
                ..
            }
        ) {
            // It has another one by now, or is of a time before there were any. The tasks will say so.
            if self.unknown.len() >= UNKNOWN_MAX {
                self.unknown.clear();
            }
            self.unknown.insert(picture);
            return self.wait(PACE_MS);
        }
        let asked_ms = match fault {
            Fault::Busy { retry_after_ms } => retry_after_ms,
            _ => None,
        };
        let wait_ms = self.retry.failed(self.entropy.as_mut(), asked_ms);
        self.wait(wait_ms)
    }

    async fn keep(&mut self, picture: PictureId, png: Vec<u8>) -> Moment {
        self.around.reached();
        self.retry.succeeded();
        match self.store.keep(picture, png).await {
            Ok(()) => self.wait(PACE_MS),
            Err(error) => {
                tracing::warn!(%error, "a picture is not kept; the work goes on without");
                self.wait(UNKEPT_MS)
            }
        }
    }

    fn wait(&mut self, wait_ms: u64) -> Moment {
        self.not_before = self.around.now().plus_ms(wait_ms);
        self.not_before
    }

    async fn rest(&mut self, until: Moment, rounds: &mut tokio::sync::watch::Receiver<u64>) {
        let wait = Duration::from_micros(until.since_us(self.around.now()));
        let hub_seen = Arc::clone(&self.around.pictures_wake);
        tokio::select! {
            biased;
            () = tokio::time::sleep(wait) => {}
            () = hub_seen.notified() => if self.retry.failures() > 0 { self.hub_is_back() },
            changed = rounds.changed() => {
                if changed.is_err() {
                    std::future::pending::<()>().await;
                }
                self.are_tasks_new = true;
            }
            () = self.store.changed(), if self.has_looked => {}
            changed = self.around.identity.changed() => match changed {
                Ok(()) => self.hub_is_back(),
                Err(_) => std::future::pending().await,
            },
        }
    }

    fn hub_is_back(&mut self) {
        self.not_before = Moment::default();
    }
}
