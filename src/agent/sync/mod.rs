//! The way to the hub and back: confirmations out, one batch at a time and in order; tasks in, by a cursor.
//!
//! The engines ([`upload`], [`download`]) are pure: given the moment and what came back they say what to do next. The
//! lanes do it over a [`crate::seams::Transport`]. A lost answer is "unknown": the batch goes out again, and the hub
//! skips what it has.

mod access;
pub mod batch_size;
pub mod claims;
mod claims_lane;
pub mod download;
mod download_lane;
pub mod http;
mod inquiry_lane;
pub mod link;
mod neighbours_lane;
mod no_hub;
pub mod numbers;
mod numbers_lane;
mod pictures_lane;
pub mod retry;
mod stand_in;
pub mod upload;
mod upload_lane;

use std::sync::Arc;

use tallyman_codes::Moment;
use tallyman_floor::Inquiry;
use tallyman_floor::wire::v1::{AheadBody, ClockReading, Heartbeat};
use tallyman_platform::clock::Clock;
use tallyman_platform::entropy::Entropy;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::seams::pictures::PictureStore;
use crate::seams::{AtWork, Done, FromHub, Identity, NumberStore, SetUp, Store, StoreError, Transport};

pub(crate) use access::Access;
pub use http::{HttpTransport, HubAddressError};
pub(crate) use link::Link;
pub use link::{LinkState, LinkStatus};
pub(crate) use neighbours_lane::NeighbourSeat;
pub(crate) use no_hub::NoHub;
pub use numbers::NumberOptions;

/// What a heartbeat says besides the outbox.
pub trait Reporter: Send + Sync {
    /// How the device is now, with so many confirmations waiting.
    fn heartbeat(&self, waiting: u64) -> Heartbeat;

    /// What the screen shows, as PNG; empty where there is none.
    fn screen(&self) -> Vec<u8> {
        Vec::new()
    }
}

/// How sync paces itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncOptions {
    /// What the device calls itself.
    pub name: String,
    /// The one-time code, where there is one.
    pub enrolment_code: Option<String>,
    /// Milliseconds between heartbeats.
    pub heartbeat_ms: u64,
    /// Milliseconds the hub is asked to hold a request for changes.
    pub wait_ms: u64,
    /// Milliseconds between requests for changes where the hub does not hold them.
    pub poll_ms: u64,
    /// Work that is taken along at log-in.
    pub ahead: Option<AheadBody>,
    /// How it keeps itself in numbers; `None` for a device that gives none.
    pub numbers: Option<NumberOptions>,
}

/// What both lanes share.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) options: SyncOptions,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) numbers: Arc<dyn NumberStore>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) access: Access,
    pub(crate) set_up: Arc<dyn SetUp>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) reporter: Arc<dyn Reporter>,
    pub(crate) floor: mpsc::Sender<FromHub>,
    pub(crate) identity: watch::Receiver<Option<Identity>>,
    pub(crate) link: Link,
    pub(crate) cancel: CancellationToken,
    /// Something was committed.
    pub(crate) committed: Arc<Notify>,
    /// The other lane heard from the hub.
    pub(crate) upload_wake: Arc<Notify>,
    /// See `upload_wake`.
    pub(crate) download_wake: Arc<Notify>,
    /// See `upload_wake`.
    pub(crate) claims_wake: Arc<Notify>,
    /// See `upload_wake`.
    pub(crate) numbers_wake: Arc<Notify>,
    /// See `upload_wake`.
    pub(crate) neighbours_wake: Arc<Notify>,
    /// Confirmations were taken, or another lane heard from the hub.
    pub(crate) pictures_wake: Arc<Notify>,
    /// How often the hub has told all that changed.
    pub(crate) rounds: watch::Sender<u64>,
    /// Pictures of items; `None` for a device that shows none.
    pub(crate) pictures: Option<Arc<dyn PictureStore>>,
    /// Portals with neighbours on other devices; `None` where there are none.
    pub(crate) neighbours: Option<NeighbourSeat>,
    /// Who works on what.
    pub(crate) work: watch::Receiver<AtWork>,
    /// What somebody wants to know about stock, the newest.
    pub(crate) inquiries: watch::Receiver<Option<Inquiry>>,
}

/// Syncs until cancelled. `cursor` is where the cache of tasks stands.
pub(crate) async fn run(
    surroundings: Surroundings,
    cursor: Option<String>,
    entropy: impl FnMut() -> Box<dyn Entropy>,
) {
    let mut entropy = entropy;
    let claims = claims_lane::ClaimsLane::new(surroundings.clone(), entropy());
    let inquiry = inquiry_lane::InquiryLane::new(surroundings.clone());
    let upload = upload_lane::UploadLane::new(surroundings.clone(), entropy());
    // Chance is only drawn where there is such a lane, so that it changes nothing elsewhere.
    let numbers = surroundings
        .options
        .numbers
        .map(|options| numbers_lane::NumbersLane::new(surroundings.clone(), options, entropy()));
    let numbers = async {
        if let Some(lane) = numbers {
            lane.run().await;
        }
    };
    let pictures = surroundings
        .pictures
        .clone()
        .map(|store| pictures_lane::PicturesLane::new(surroundings.clone(), store, entropy()));
    let pictures = async {
        if let Some(lane) = pictures {
            lane.run().await;
        }
    };
    let neighbours = surroundings
        .neighbours
        .clone()
        .map(|seat| neighbours_lane::NeighboursLane::new(surroundings.clone(), seat, entropy()));
    let neighbours = async {
        if let Some(lane) = neighbours {
            lane.run().await;
        }
    };
    let download = download_lane::DownloadLane::new(surroundings, cursor, entropy());
    tokio::join!(
        upload.run(),
        download.run(),
        claims.run(),
        inquiry.run(),
        numbers,
        pictures,
        neighbours
    );
}

impl Surroundings {
    fn now(&self) -> Moment {
        Moment::from_us(self.clock.now().us)
    }

    fn clock_reading(&self) -> ClockReading {
        ClockReading {
            boot: self.clock.boot_id().to_owned(),
            boottime_us: self.clock.now().us,
            wall: self.clock.wall(),
        }
    }

    /// Hands something to the floor loop and waits until it is stored.
    async fn through_floor(&self, make: impl FnOnce(Done) -> FromHub) -> Result<(), StoreError> {
        let gone = || StoreError::Dead("the floor loop has ended".to_owned());
        let (done, answer) = oneshot::channel();
        self.floor.send(make(done)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Sleeps until a moment of the device's clock, or until something is committed, the other lane hears from the
    /// hub, or the device's identity changes.
    async fn rest(&mut self, until: Option<Moment>, committed: Option<&Notify>, hub_seen: &Notify) -> Woken {
        let wait = until.map(|until| std::time::Duration::from_micros(until.since_us(self.now())));
        // In a fixed order, so that a simulation of the same seed goes the same way.
        tokio::select! {
            biased;
            () = async { tokio::time::sleep(wait.unwrap_or_default()).await }, if wait.is_some() => Woken::InTime,
            () = async { if let Some(notify) = committed { notify.notified().await } }, if committed.is_some() => {
                Woken::Early
            }
            () = hub_seen.notified() => Woken::HubIsBack,
            changed = self.identity.changed() => {
                if changed.is_err() {
                    std::future::pending::<()>().await;
                }
                Woken::Early
            }
        }
    }

    /// The hub answered: a lane that waits for it to come back need not wait longer.
    fn reached(&self) {
        if self.link.reached(self.now()) {
            self.upload_wake.notify_one();
            self.download_wake.notify_one();
            self.claims_wake.notify_one();
            self.numbers_wake.notify_one();
            self.neighbours_wake.notify_one();
            self.pictures_wake.notify_one();
        }
    }
}

/// Why a rest ended.
enum Woken {
    InTime,
    Early,
    HubIsBack,
}

#[cfg(test)]
mod tests;
