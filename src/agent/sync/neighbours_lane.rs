//! What portals of several devices tell each other, as it runs: asks the hub what neighbours heard of each pass that is over,
//! and answers what they ask.
//!
//! Times go as "so many milliseconds ago" and are counted on the clock that runs since boot. What is lost on the way is
//! asked again while there is time; then the pass is told without an answer, and its goods are checked by label.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tallyman_codes::Moment;
use tallyman_floor::wire::v1::{
    HeardTagBody, NEIGHBOUR_TAGS_MAX, NeighbourHeard, NeighbourQuestion, NeighbourQuestions, NeighbourReply,
    NeighbourRequest, PortalWatch,
};
use tallyman_platform::entropy::Entropy;
use tokio::sync::{oneshot, watch};

use super::Surroundings;
use super::retry::Retry;
use crate::seams::neighbours::{Heard, NeighbourAsks, NeighbourInquiry};
use crate::seams::{Fault, FromHub};

/// Milliseconds that the hub is asked to hold a request for questions.
const HELD_MS: u64 = 25_000;

/// A hub that knows nothing of portals, or another device that has a portal of this name, is asked again after so long.
const REFUSED_MS: u64 = 60_000;

/// Between two tries of something that a pass waits for.
const AGAIN_MS: u64 = 250;

/// Of the time that is left the part that is kept for the way back.
const WAY_BACK: u64 = 8;

/// The device's portals that have neighbours on other devices.
#[derive(Clone)]
pub(crate) struct NeighbourSeat {
    /// Their names.
    pub(crate) portals: Vec<String>,
    /// Passes that wait for what neighbours heard.
    pub(crate) inquiries: watch::Receiver<Vec<NeighbourInquiry>>,
}

pub(super) struct NeighboursLane {
    around: Arc<Surroundings>,
    seat: NeighbourSeat,
    entropy: Box<dyn Entropy>,
}

impl NeighboursLane {
    pub(super) fn new(around: Surroundings, seat: NeighbourSeat, entropy: Box<dyn Entropy>) -> Self {
        Self {
            around: Arc::new(around),
            seat,
            entropy,
        }
    }

    pub(super) async fn run(self) {
        let cancel = self.around.cancel.clone();
        let asks = ask_for_passes(Arc::clone(&self.around), self.seat.inquiries);
        let answers = answer_questions(Arc::clone(&self.around), self.seat.portals, self.entropy);
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = asks => {}
            () = answers => {}
        }
    }
}

/// Asks for each pass that waits, until it does no longer.
async fn ask_for_passes(around: Arc<Surroundings>, mut inquiries: watch::Receiver<Vec<NeighbourInquiry>>) {
    let mut asked: HashSet<u64> = HashSet::new();
    let mut under_way: FuturesUnordered<BoxFuture<'static, ()>> = FuturesUnordered::new();
    loop {
        let waiting = inquiries.borrow_and_update().clone();
        asked.retain(|pass| waiting.iter().any(|inquiry| inquiry.pass == *pass));
        for inquiry in waiting {
            if asked.insert(inquiry.pass) {
                under_way.push(Box::pin(ask(Arc::clone(&around), inquiry)));
            }
        }
        tokio::select! {
            biased;
            changed = inquiries.changed() => if changed.is_err() {
                return std::future::pending().await;
            },
            Some(()) = under_way.next() => {}
        }
    }
}

/// Asks for one pass until somebody answers or the time is up.
async fn ask(around: Arc<Surroundings>, inquiry: NeighbourInquiry) {
    loop {
        let now = around.now();
        let left_ms = ms_between(now, inquiry.by);
        if left_ms == 0 {
            return;
        }
        let request = NeighbourRequest {
            portal: inquiry.portal.clone(),
            pass: inquiry.pass,
            neighbours: inquiry.neighbours.clone(),
            began_ms_ago: ms_between(inquiry.began, now),
            ended_ms_ago: ms_between(inquiry.ended, now),
            wait_ms: left_ms - left_ms / WAY_BACK,
        };
        let Some(device) = device(&around) else { return };
        match around.access.neighbours(&device, &request).await {
            Ok(answers) => {
                around.reached();
                for silent in &answers.silent {
                    let portal = silent.portal.as_str();
                    match silent.seen_ms_ago {
                        None => tracing::warn!(
                            portal,
                            "no device of this site has a portal of this name: is it on, and is the name right?"
                        ),
                        Some(seen_ms_ago) => {
                            tracing::warn!(portal, seen_ms_ago, "a neighbouring portal does not answer")
                        }
                    }
                }
                let heard = answers.answers.into_iter().map(heard_of).collect();
                let news = FromHub::NeighboursHeard(inquiry.pass, heard);
                // The floor loop ends last; where it has ended, so will this.
                let _ = around.floor.send(news).await;
                return;
            }
            Err(fault) => {
                tracing::warn!(%fault, portal = inquiry.portal, "neighbouring portals cannot be asked")
            }
        }
        tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
    }
}

/// Answers what neighbours ask, for as long as the agent runs.
async fn answer_questions(around: Arc<Surroundings>, portals: Vec<String>, mut entropy: Box<dyn Entropy>) {
    let mut around_again = Surroundings::clone(&around);
    let mut watch = PortalWatch {
        portals,
        run: None,
        after: 0,
        wait_ms: HELD_MS,
    };
    let mut retry = Retry::default();
    let mut under_way: FuturesUnordered<BoxFuture<'static, ()>> = FuturesUnordered::new();
    loop {
        let told = beside(&mut under_way, questions(&around, &watch)).await;
        let pause_ms = match told {
            Ok(told) => {
                around.reached();
                retry.succeeded();
                if watch.run.as_deref() != Some(told.run.as_str()) {
                    watch.run = Some(told.run.clone());
                    watch.after = 0;
                }
                for question in told.questions {
                    watch.after = watch.after.max(question.number);
                    under_way.push(Box::pin(answer(Arc::clone(&around), told.run.clone(), question)));
                }
                continue;
            }
            Err(None) => None,
            Err(Some(fault)) => Some(pause_after(&fault, &mut retry, entropy.as_mut())),
        };
        let until = pause_ms.map(|pause_ms| around.now().plus_ms(pause_ms));
        let hub_seen = Arc::clone(&around.neighbours_wake);
        // What was asked before the hub was lost is answered all the same.
        beside(&mut under_way, around_again.rest(until, None, &hub_seen)).await;
    }
}

/// Asks the hub for questions; `Err(None)` where the device has no identity yet.
async fn questions(around: &Surroundings, watch: &PortalWatch) -> Result<NeighbourQuestions, Option<Fault>> {
    let device = device(around).ok_or(None)?;
    let told = around.access.portal_questions(&device, watch).await;
    told.map_err(Some)
}

/// Waits for something while what is under way goes on.
async fn beside<T>(
    under_way: &mut FuturesUnordered<BoxFuture<'static, ()>>,
    wait: impl Future<Output = T>,
) -> T {
    let mut wait = std::pin::pin!(wait);
    loop {
        tokio::select! {
            biased;
            ended = &mut wait => return ended,
            Some(()) = under_way.next() => {}
        }
    }
}

/// How long to wait after a request for questions failed, in milliseconds.
fn pause_after(fault: &Fault, retry: &mut Retry, entropy: &mut dyn Entropy) -> u64 {
    match fault {
        Fault::Refused {
            status: 409, message, ..
        } => {
            tracing::error!(message, "neighbouring portals cannot be told from each other");
            REFUSED_MS
        }
        Fault::Refused { .. } => {
            tracing::warn!(%fault, "the hub passes nothing on between portals");
            REFUSED_MS
        }
        Fault::Busy { retry_after_ms } => retry.failed(entropy, *retry_after_ms),
        _ => {
            tracing::debug!(%fault, "questions of neighbouring portals do not come");
            retry.failed(entropy, None)
        }
    }
}

/// Answers one question.
async fn answer(around: Arc<Surroundings>, run: String, question: NeighbourQuestion) {
    let now = around.now();
    let before = |ms_ago: u64| Moment::from_us(now.us.saturating_sub(ms_ago.saturating_mul(1_000)));
    let until = now.plus_ms(question.wait_ms);
    let (told, heard) = oneshot::channel();
    let asks = NeighbourAsks {
        portal: question.portal.clone(),
        began: before(question.began_ms_ago),
        ended: before(question.ended_ms_ago),
        by: now.plus_ms(question.wait_ms - question.wait_ms / WAY_BACK),
        answer: told,
    };
    if around.floor.send(FromHub::NeighbourAsks(asks)).await.is_err() {
        return;
    }
    let Ok(heard) = heard.await else { return };
    let reply = NeighbourReply {
        run,
        number: question.number,
        heard: body_of(&heard),
    };
    while around.now() < until {
        let Some(device) = device(&around) else { return };
        match around.access.portal_answer(&device, &reply).await {
            Ok(()) => return around.reached(),
            // Nobody waits any more.
            Err(Fault::Refused { .. }) => return,
            Err(fault) => tracing::warn!(%fault, "a neighbouring portal is not answered yet"),
        }
        tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
    }
}

fn device(around: &Surroundings) -> Option<String> {
    around
        .identity
        .borrow()
        .as_ref()
        .map(|identity| identity.device.clone())
}

fn heard_of(body: NeighbourHeard) -> Heard {
    let tags: Option<Vec<_>> = body.tags.iter().map(HeardTagBody::to_heard).collect();
    Heard {
        portal: body.portal,
        // A tag that cannot be read is one that is not known.
        knows_all: body.knows_all && tags.is_some(),
        tags: tags.unwrap_or_default(),
    }
}

fn body_of(heard: &Heard) -> NeighbourHeard {
    NeighbourHeard {
        portal: heard.portal.clone(),
        knows_all: heard.knows_all && heard.tags.len() <= NEIGHBOUR_TAGS_MAX,
        tags: heard
            .tags
            .iter()
            .take(NEIGHBOUR_TAGS_MAX)
            .map(HeardTagBody::from)
            .collect(),
    }
}

fn ms_between(earlier: Moment, later: Moment) -> u64 {
    later.since_us(earlier) / 1_000
}
